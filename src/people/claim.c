#include "people/claim.h"

/* Ten for each rank and one for an account: the owner is whoever alone has the highest score. */
static int score_of(const struct claim_user *u) {
    if (u->is_excluded)
        return 10 + u->has_account;
    switch (u->lifecycle) { /* no default: a new lifecycle without a rank does not compile */
    case LIFECYCLE_ACTIVE:
    case LIFECYCLE_LEAVE:
    case LIFECYCLE_LEAVING: return 50 + u->has_account;
    case LIFECYCLE_EXPECTED: return 40 + u->has_account;
    case LIFECYCLE_ABSENT: return 30 + u->has_account; /* may turn out to be employed */
    case LIFECYCLE_LEFT: return 20 + u->has_account;
    case LIFECYCLES_N: break;
    }
    return 0; /* not a lifecycle: never owns, and spoils no other claim */
}

enum rc_code claim_decide(struct text email, const struct claim_user *users, size_t users_n,
                          struct claim *ret, struct rc_error *err) {
    int best = 0, second = 0;
    int64_t best_id = 0;
    if (email.state != TEXT_SET) /* else all users without an address would compete for it */
        return rc_fail(err, RC_INVALID, "claim: e-mail is %s", text_state_name(email.state));
    for (size_t i = 0; i < users_n; i++) {
        int score = score_of(&users[i]);
        if (score > best) {
            second = best;
            best = score;
            best_id = users[i].user_id;
        } else if (score > second) {
            second = score;
        }
    }
    if (best == second) /* both 0 without users */
        *ret = (struct claim){ 0, best == 0 ? CLAIM_NOBODY : CLAIM_CONFLICT };
    else if (users_n == 1)
        *ret = (struct claim){ best_id, CLAIM_SOLE };
    else
        *ret = (struct claim){ best_id, best / 10 == second / 10 ? CLAIM_LINKED : CLAIM_RANK };
    return RC_OK;
}

const char *claim_reason_name(enum claim_reason reason) {
    static const char *const names[] = {
        [CLAIM_NOBODY] = "nobody", [CLAIM_SOLE] = "sole",         [CLAIM_RANK] = "rank",
        [CLAIM_LINKED] = "linked", [CLAIM_CONFLICT] = "conflict",
    };
    return names[reason];
}
