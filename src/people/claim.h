/* claim.h - which user owns an e-mail address that several users of a company may state.
 *
 * Shape:  pure. Users come grouped by folded e-mail, in any order. A conflict is no error. Whoever
 *         a filter leaves out ranks last, so that a duplicate in HR can be settled by a filter.
 * Memory: nothing is allocated or kept.
 * Errors: RC_INVALID when the address is missing or empty: skip this group, go on with the next.
 * Source: docs/design.md on people/claim.c; docs/scenarios.md, 12. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "base/text.h"
#include "people/lifecycle.h"

enum claim_reason {
    CLAIM_NOBODY,   /* no user states the address */
    CLAIM_SOLE,     /* one user states it */
    CLAIM_RANK,     /* one user ranks before all others */
    CLAIM_LINKED,   /* of the equals in front exactly one has an account, and keeps the address */
    CLAIM_CONFLICT, /* equals in front: nobody is created or moved without a person */
    CLAIM_REASONS_N
};

struct claim_user {
    int64_t user_id; /* from 1 */
    enum lifecycle lifecycle;
    bool has_account; /* in the destination concerned */
    bool is_excluded; /* by a filter */
};

struct claim {
    int64_t owner_id; /* 0: none, with CLAIM_NOBODY and CLAIM_CONFLICT */
    enum claim_reason reason;
};

enum rc_code claim_decide(struct text email, const struct claim_user *users, size_t users_n,
                          struct claim *ret, struct rc_error *err);
const char *claim_reason_name(enum claim_reason reason); /* stored and shown: never renamed */
