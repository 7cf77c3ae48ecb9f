/* Whether the platform is the one whose accounts are known here. With another address or key it may be another
 * customer's, whose accounts have the same ids: what was decided about ours would close, rename and mail strangers. */
#include "sync/inventory.h"

enum { LOOKED_AT = 20 };

static bool is_the_same(const struct account_known *known, const struct account *there) {
    if (!text_equal(known->external_id, there->external_id))
        return false;
    return known->external_id.state == TEXT_SET ||
           text_equal(known->email, there->fields[USER_EMAIL].known);
}

/* Who is closed may be hidden where one is asked for by id, and be emptied of all that they could be known by: they are
 * asked about where nobody is open. */
static enum rc_code known_there(const struct inventory *in, struct arena *a,
                                struct account_known **ret, size_t *ret_n, struct rc_error *err) {
    static const enum account_status states[] = { ACCOUNT_ACTIVE, ACCOUNT_DEACTIVATED };
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < RC_LEN(states) && rc == RC_OK && *ret_n == 0; i++)
        rc = account_known(in->st, in->platform->company_id, in->platform->destination_id,
                           states[i], LOOKED_AT, a, ret, ret_n, err);
    return rc;
}

enum rc_code inventory_is_same(const struct inventory *in, struct rc_error *err) {
    const struct platform *p = in->platform;
    struct account_known *known;
    struct arena a;
    size_t n = 0, same = 0;
    if (p->listed_us != 0)
        return RC_OK;
    arena_init(&a);
    enum rc_code rc = known_there(in, &a, &known, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct account there;
        rc = in->lane->destination->ops->find(in->lane, DESTINATION_BY_ID, known[i].remote_id, &a,
                                              &there, err);
        same += rc == RC_OK && is_the_same(&known[i], &there);
        if (rc == RC_NOT_FOUND || destination_is_kept(rc, err)) /* the others tell */
            rc = RC_OK;
    }
    arena_done(&a);
    if (rc == RC_OK && 2 * same < n)
        rc = rc_fail_as(err, RC_INVALID, "destination.another",
                        "%s, and of %zu accounts that are known here %zu are there: it is another "
                        "platform, or another customer's. Nothing is changed on it",
                        p->restored_us != 0 ? "the database was put back from a backup"
                                            : "address or key of the platform have changed",
                        n, same);
    return rc;
}
