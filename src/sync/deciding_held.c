/* What HR said last does not count yet while an import is held; but nobody is closed against it. */
#include "store/run.h"
#include "sync/deciding_p.h"

enum rc_code deciding_held_import(struct deciding *d, int64_t integration_id, struct arena *a,
                                  int64_t *ret_run_id, struct rc_error *err) {
    struct run held;
    enum rc_code rc =
        run_in_state(d->st, d->company->company_id, integration_id, RUN_HELD, a, &held, err);
    *ret_run_id = rc == RC_OK && held.kind != RUN_REMAP ? held.run_id : 0;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc_code deciding_look_at_holds(struct deciding *d, struct arena *a, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < d->feeds_n && rc == RC_OK; i++)
        rc = deciding_held_import(d, d->feeds[i].in.integration_id, a, &d->feeds[i].held_run_id,
                                  err);
    return rc;
}

enum rc_code deciding_held_otherwise(struct deciding *d, const struct deciding_person *p,
                                     struct arena *a, int64_t *ret_run_id, struct rc_error *err) {
    struct deciding_person held = { 0 };
    *ret_run_id = 0;
    if (p->feed->held_run_id == 0)
        return RC_OK;
    enum rc_code rc = directory_staged(d->st, d->company->company_id, p->feed->held_run_id,
                                       p->row.user_id, a, &held.row, err);
    if (rc == RC_OK && (rc = deciding_read_person(d, a, &held, err)) == RC_OK &&
        !lifecycle_is_gone(held.lifecycle) && !deciding_is_excluded(&held))
        *ret_run_id = p->feed->held_run_id;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}
