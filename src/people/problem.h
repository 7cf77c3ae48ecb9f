/* problem.h - what is missing or wrong in a person's data.
 *
 * Shape:  a set of bits beside the lifecycle. A problem blocks creating, or changing that field; it
 *         never blocks closing.
 * Order:  bits are stored: never renumbered. */
#pragma once
#include <stdint.h>
#include "people/employee.h"
#include "people/mapping.h"
#include "people/user.h"

enum problem {
    PROBLEM_NO_EMAIL = 0,
    PROBLEM_BAD_EMAIL,
    PROBLEM_NO_FIRST_NAME,
    PROBLEM_NO_LAST_NAME,
    PROBLEM_UNKNOWN_STATUS,
    PROBLEM_BAD_DATE,
    PROBLEM_BAD_VALUE,
    PROBLEM_ENDS_BEFORE_START,
    PROBLEM_OWN_MANAGER,
    PROBLEM_FILTER_UNKNOWN,
    PROBLEMS_N
};
const char *problem_name(enum problem p);     /* "no-email" ...: stable */
const char *problem_sentence(enum problem p); /* what is so, and what HR should do */
/* e as HR sent it; u and outcome as the mapping made them. */
uint64_t problem_find(const struct employee *e, const struct user *u,
                      const struct mapping_outcome *outcome);
