#include "base/log.h"
#include "store/effect.h"
#include "sync/delivery_p.h"

/* Whoever only looks sends nothing, and nothing can be planned over what is half done. */
static enum rc_code refuse_interrupted(struct delivery *d, const struct run *left,
                                       struct rc_error *err) {
    const char *company = arena_str(d->arena, d->company->key.ptr, d->company->key.len);
    return rc_fail_as(err, RC_CONFLICT, "delivery.interrupted",
                      "run %lld was interrupted while it was carried out: `rollcall deliver "
                      "%s/%.*s` goes on with it, `rollcall run reject %s/%lld` ends it",
                      (long long)left->run_id, company, TEXT_ARG(d->p.key), company,
                      (long long)left->run_id);
}

/* What a process that died has left. A plan is thrown away; what was being carried out goes on: what
 * was sent, and is not known of, shows in a fresh complete inventory. */
enum rc_code delivery_recover(struct delivery *d, struct run *ret, struct rc_error *err) {
    static const enum run_state states[] = { RUN_LISTING, RUN_CHECKING, RUN_PASSED };
    struct run left, *mine = d->run;
    enum rc_code rc;
    for (size_t i = 0; i < RC_LEN(states); i++) {
        rc = run_in_state(d->st, d->company->company_id, d->p.destination_id, states[i], d->arena,
                          &left, err);
        if (rc == RC_NOT_FOUND)
            continue;
        if (rc != RC_OK)
            return rc;
        if (states[i] == RUN_PASSED && ret == NULL)
            return refuse_interrupted(d, &left, err);
        log_warn("run=%lld state=%s recovery=%s", (long long)left.run_id,
                 run_state_name(left.state), states[i] == RUN_PASSED ? "resumed" : "thrown-away");
        if (states[i] != RUN_PASSED) {
            if ((rc = delivery_fail_run(d, &left, "the process was interrupted while planning",
                                        err)) != RC_OK)
                return rc;
            continue;
        }
        d->run = &left;
        if ((rc = delivery_ask_caps(d, err)) == RC_OK &&
            (rc = delivery_take_inventory(d, true, err)) == RC_OK &&
            (rc = delivery_begin(d, err)) == RC_OK) {
            rc = effect_note_sent(d->st, left.company_id, left.run_id,
                                  "it was sent when the process was interrupted", err);
            if (rc == RC_OK)
                rc = effect_hand_out(d->st, left.company_id, left.run_id, EFFECT_PASS_NONE, 0, err);
            rc = delivery_ended(d, rc, err);
        }
        if (rc == RC_OK)
            rc = delivery_carry(d, err);
        d->run = mine;
        *ret = left;
        if (rc != RC_OK)
            return rc;
        if ((rc = platform_get(d->st, d->company->company_id, d->p.destination_id, d->key, d->arena,
                               &d->p, err)) != RC_OK ||
            (rc = delivery_open_deciding(d, err)) != RC_OK)
            return rc;
    }
    return RC_OK;
}
