/* A run that waits for a person, and a newer one: it takes the place of the other, or does the same. */
#include <string.h>
#include "sync/delivery_p.h"

static enum rc_code supersede_waiting(struct delivery *d, enum run_state state,
                                      struct rc_error *err) {
    struct run old;
    int64_t n;
    enum rc_code rc;
    /* An undo that waits is somebody's word: it looks at each account once more anyway. */
    while ((rc = run_before(d->st, d->company->company_id, d->p.destination_id, RUN_DELIVERY, state,
                            0, d->run->run_id, d->arena, &old, err)) == RC_OK) {
        old.state = RUN_SUPERSEDED;
        old.ended_us = clock_now_us(d->clock);
        old.other_run_id = d->run->run_id;
        old.reason = text_of("a newer delivery would do something else");
        if (state == RUN_HELD)
            d->run->other_run_id = old.run_id;
        if ((rc = run_save(d->st, &old, err)) != RC_OK ||
            (rc = effect_move(d->st, old.company_id, old.run_id, EFFECT_PLANNED, EFFECT_DROPPED,
                              "superseded by a newer delivery", old.ended_us, &n, err)) != RC_OK)
            return rc;
    }
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc_code delivery_is_held_already(struct delivery *d, bool *ret, struct rc_error *err) {
    struct run held;
    enum rc_code rc = run_in_state(d->st, d->company->company_id, d->p.destination_id, RUN_HELD,
                                   d->arena, &held, err);
    *ret = false;
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    *ret = held.has_stage_digest &&
           memcmp(held.stage_digest, d->run->stage_digest, sizeof held.stage_digest) == 0;
    if (*ret)
        d->run->other_run_id = held.run_id;
    return RC_OK;
}

enum rc_code delivery_end_as_same(struct delivery *d, struct rc_error *err) {
    int64_t n;
    enum rc_code rc = delivery_begin(d, err);
    d->run->state = RUN_SUPERSEDED;
    d->run->ended_us = clock_now_us(d->clock);
    d->run->reason = text_of("it would do the same as the run that is held already, which stays");
    if (rc == RC_OK)
        rc = effect_move(d->st, d->run->company_id, d->run->run_id, EFFECT_PLANNED, EFFECT_DROPPED,
                         "planned by the run that is held", d->run->ended_us, &n, err);
    if (rc == RC_OK)
        rc = run_save(d->st, d->run, err);
    return delivery_ended(d, rc, err);
}

enum rc_code delivery_becomes(struct delivery *d, enum run_state state, struct rc_error *err) {
    enum rc_code rc = delivery_begin(d, err);
    if (rc == RC_OK && state != RUN_PREVIEWED)
        rc = supersede_waiting(d, RUN_HELD, err);
    if (rc == RC_OK)
        rc = supersede_waiting(d, RUN_PREVIEWED, err);
    d->run->state = state;
    if (rc == RC_OK)
        rc = run_save(d->st, d->run, err);
    return delivery_ended(d, rc, err);
}
