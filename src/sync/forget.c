#include <stdio.h>
#include "store/lease.h"
#include "sync/import.h"

enum rc_code import_forget(struct store *st, const struct integration *in,
                           const struct clock_source *clock, struct rc_error *err) {
    char subject[64];
    struct lease lease;
    snprintf(subject, sizeof subject, "%lld/%lld", (long long)in->company_id,
             (long long)in->integration_id);
    enum rc_code rc = lease_take(st, "import", subject, clock_now_us(clock), &lease, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = db_begin(st->db, err)) == RC_OK) {
        if ((rc = lease_hold(st, &lease, clock_now_us(clock), err)) != RC_OK ||
            (rc = integration_remove(st, in->company_id, in->integration_id, err)) != RC_OK)
            db_rollback(st->db);
        else
            rc = db_commit(st->db, err);
    }
    lease_release(st, &lease);
    return rc;
}
