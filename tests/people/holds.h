/* holds.h - what holds for every mapping and every person, for random ones and for the fuzzer. Each
 * returns NULL, or what does not hold. */
#pragma once
#include "base/rng.h"
#include "people/mapping.h"

/* Every finding has a place within the text, and errors are told from warnings. */
const char *holds_findings(struct text source, enum rc_code rc, const struct mapping_findings *f);
/* Printing and parsing give an equal mapping; and for so many random people: the same employee
 * gives the same user, nothing is looked at that is not among what is read (it points nowhere), and
 * all of the user is as texts of people are. */
const char *holds_mapping(const struct mapping *m, struct rng *r, unsigned people_n);
