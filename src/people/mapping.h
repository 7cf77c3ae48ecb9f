/* mapping.h - from the employee (what HR states) to the user (what the platform should show).
 *
 * Shape:  pure. The default mapping is one row per user field: where it comes from, and what an
 *         empty value means. What a mapping reads is known from it alone, and only that is asked
 *         for and kept (invariant 10). A field that is missing keeps what is known; so does one
 *         whose value cannot be used. An empty one is cleared or kept by its rule: names and the
 *         address are kept (nobody loses a name because HR's form was half filled), the others are
 *         cleared.
 * Memory: texts of the user are borrowed from the employee, the known user and the arena. */
#pragma once
#include "base/arena.h"
#include "people/employee.h"
#include "people/user.h"

struct mapping {
    enum employee_field team_from; /* EMPLOYEE_DEPARTMENT or EMPLOYEE_TEAM */
};
enum mapping_empty { MAPPING_EMPTY_KEEPS, MAPPING_EMPTY_CLEARS };

extern const struct mapping mapping_default;
/* "team" or "department". RC_INVALID for anything else. */
enum rc_code mapping_set_team(struct mapping *m, const char *word, struct rc_error *err);
struct employee_reads mapping_reads(const struct mapping *m);
enum employee_field mapping_source(const struct mapping *m, enum user_field f);
enum mapping_empty mapping_empty_rule(enum user_field f);

/* known: the user as the directory has it, NULL for a joiner. */
void mapping_build(const struct mapping *m, const struct employee *e, const struct user *known,
                   struct arena *a, struct user *ret);
/* Fills what HR did not send, or sent unusably, with what is known (invariant 3). True when
 * anything was filled. */
bool mapping_keep_known(const struct mapping *m, struct employee *e, const struct employee *known);
/* Differs whenever the mapping could give another user for the same employee. */
uint64_t mapping_fingerprint(const struct mapping *m);
