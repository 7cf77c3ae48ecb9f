#include "sync/forget.h"

#include <stdio.h>

static enum rc_code forget_held(struct store *st, const struct integration *in,
                                const struct lease *lease, const struct clock_source *clock,
                                struct rc_error *err) {
    enum rc_code rc = db_begin(st->db, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = lease_hold(st, lease, clock_now_us(clock), err)) == RC_OK &&
        (rc = integration_remove(st, in->company_id, in->integration_id, err)) == RC_OK)
        return db_commit(st->db, err);
    db_rollback(st->db);
    return rc;
}

enum rc_code forget_integration(struct store *st, const struct secret_key *k,
                                const struct integration *in, const struct clock_source *clock,
                                struct arena *a, struct unsubscribed *ret, struct rc_error *err) {
    char subject[64];
    struct lease lease;
    snprintf(subject, sizeof subject, "%lld/%lld", (long long)in->company_id,
             (long long)in->integration_id);
    enum rc_code rc = lease_take(st, "import", subject, clock_now_us(clock), &lease, err);
    if (rc != RC_OK)
        return rc;
    unsubscribe(st, k, in, 1, clock, a, ret);
    rc = forget_held(st, in, &lease, clock, err);
    unsubscribe_end(st, in->company_id, ret, rc == RC_OK, clock_now_us(clock));
    lease_release(st, &lease);
    return rc;
}
