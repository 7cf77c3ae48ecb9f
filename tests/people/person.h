/* person.h - an employee as a test or docs/mapping.md writes one:
 *
 *     first_name = "Mira", office = 5120 "Bremen", termination_date = "", custom("dynamic_7") = "N-00417"
 *
 * What is not named is missing, "" is empty, a number in front is the id of a group. */
#pragma once
#include "people/mapping.h"

/* Fails the test when it is not written like that. Custom attributes that m does not read are left
 * out; m NULL: there are none. */
struct employee person_read(const char *written, const struct mapping *m, struct arena *a);
/* "Mira", or the words (missing) and (empty); teams with commas between. */
const char *person_shown(struct text t, struct arena *a);
/* A mapping of that text. Fails the test, with its findings, when there are errors. */
const struct mapping *person_mapping(const char *text, struct arena *a);
