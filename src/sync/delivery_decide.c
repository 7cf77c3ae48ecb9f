/* A person decides about a delivery that waits. */
#include "sync/carry_p.h"
#include "sync/health.h"
#include "sync/import.h"

/* no: also one that is carried out, by nobody any more if its lease can be had. */
static enum rc_code find_waiting(struct store *st, const struct company *company, int64_t run_id,
                                 bool no, struct arena *a, struct run *ret, struct rc_error *err) {
    enum rc_code rc = run_get(st, company->company_id, run_id, a, ret, err);
    if (rc != RC_OK)
        return rc;
    if (ret->destination_id == 0)
        return rc_fail_as(err, RC_NOT_FOUND, "run.unknown", "the company has no delivery %lld",
                          (long long)run_id);
    if (ret->state == RUN_HELD || ret->state == RUN_PREVIEWED || (no && ret->state == RUN_PASSED))
        return RC_OK;
    if (ret->state == RUN_PASSED)
        return rc_fail_as(err, RC_CONFLICT, "run.not-waiting",
                          "run %lld is let through already, and carried out; if that was "
                          "interrupted, `rollcall deliver` goes on with it",
                          (long long)run_id);
    return run_not_waiting(ret, err);
}

/* The import over which it was previewed comes first. */
static enum rc_code approve_import(struct delivery *d, const char *because, bool *ret_applied,
                                   struct rc_error *err) {
    struct run import;
    enum rc_code rc;
    *ret_applied = false;
    if (d->run->state != RUN_PREVIEWED || d->run->kind != RUN_DELIVERY || d->run->other_run_id == 0)
        return RC_OK;
    if ((rc = run_get(d->st, d->company->company_id, d->run->other_run_id, d->arena, &import,
                      err)) != RC_OK)
        return rc;
    if (import.state == RUN_APPLIED)
        return RC_OK;
    rc = import_approve(d->st, d->key, d->company, import.run_id, d->o->who, because, d->clock,
                        d->arena, &import, err);
    *ret_applied = true;
    return rc == RC_OK ? rc : rc_context(err, rc, "the import that belongs to it");
}

static enum rc_code approve_all(struct delivery *d, const char *because, struct rc_error *err) {
    struct run left;
    bool applied = false;
    enum rc_code rc;
    if ((rc = delivery_is_paused(d, err)) != RC_OK ||
        (rc = delivery_open_deciding(d, err)) != RC_OK ||
        (rc = delivery_recover(d, &left, err)) != RC_OK ||
        (rc = approve_import(d, because, &applied, err)) != RC_OK ||
        (rc = delivery_knows_enough(d, err)) != RC_OK ||
        (applied && (rc = delivery_open_deciding(d, err)) != RC_OK) ||
        (rc = delivery_enrol(d, err)) != RC_OK || (rc = delivery_ask_caps(d, err)) != RC_OK)
        return rc;
    /* what an undo sets back is compared with what is there now */
    bool whole = delivery_inventory_is_due(d) || d->run->kind == RUN_UNDO;
    if (whole || delivery_teams_in_doubt(d))
        if ((rc = delivery_take_inventory(d, whole, err)) != RC_OK)
            return rc;
    d->run->state = RUN_PASSED;
    d->run->approved = true;
    d->run->decided_by = text_of(d->o->who);
    d->run->decided_because = text_of(because);
    if ((rc = delivery_save(d, err)) != RC_OK)
        return rc;
    return delivery_carry(d, err);
}

enum rc_code delivery_approve(struct store *st, const struct secret_key *k,
                              const struct company *company, int64_t run_id, const char *because,
                              const struct delivery_options *o, struct arena *a, struct run *ret,
                              struct rc_error *err) {
    struct delivery d = { .run = ret };
    struct rc_error own;
    struct lease lease;
    enum rc_code rc;
    if (err == NULL)
        err = &own;
    if ((rc = find_waiting(st, company, run_id, false, a, ret, err)) != RC_OK ||
        (rc = delivery_prepare(&d, st, k, company, ret->destination_id, o, &lease, a, err)) !=
            RC_OK)
        return rc;
    /* again under the lease: it may have been superseded while we waited for nobody */
    if ((rc = find_waiting(st, company, run_id, false, a, ret, err)) == RC_OK)
        rc = approve_all(&d, because, err);
    delivery_close(&d);
    db_rollback(st->db);
    lease_release(st, &lease);
    delivery_enter(&d, DELIVERY_DONE);
    /* whoever carries it out, so that it is told; an undo that went well says nothing of what a delivery could not do */
    if (rc != RC_OK || ret->kind != RUN_UNDO)
        health_note_delivery(st, o->clock, &d.p, ret, d.progress, rc, err);
    return rc;
}

/* What an undo has pinned, and not handed out, is held no more. */
static enum rc_code unpin_unsent(struct delivery *d, struct rc_error *err) {
    enum { AT_ONCE = 500 };
    struct effect *list;
    struct arena page;
    int64_t after = 0;
    size_t n = 0;
    enum rc_code rc;
    arena_init(&page);
    do {
        arena_reset(&page);
        rc = effect_list(d->st, d->run->company_id, d->run->run_id, after, AT_ONCE, &page, &list,
                         &n, err);
        for (size_t i = 0; i < n && rc == RC_OK; i++) {
            after = list[i].effect_id;
            if (list[i].state == EFFECT_PLANNED && list[i].answer.state != TEXT_SET)
                rc = undo_unpin(d, list[i].user_id != 0 ? list[i].user_id : list[i].team_id, err);
        }
    } while (rc == RC_OK && n == AT_ONCE);
    arena_done(&page);
    return rc;
}

/* Interrupted while it was carried out, and nobody goes on with it. */
static enum rc_code end_interrupted(struct delivery *d, const char *because, struct rc_error *err) {
    struct run *r = d->run;
    struct effect_tally t;
    int64_t now = clock_now_us(d->clock);
    const char *why = arena_printf(d->arena, "interrupted, and ended by %s%s%s", d->o->who,
                                   because != NULL ? ": " : "", because != NULL ? because : "");
    enum rc_code rc = r->kind == RUN_UNDO ? unpin_unsent(d, err) : RC_OK;
    if (rc == RC_OK)
        rc = effect_doubt(d->st, r->company_id, r->run_id,
                          "interrupted: the next inventory shows what became of it", now, err);
    if (rc == RC_OK)
        rc = effect_move(d->st, r->company_id, r->run_id, EFFECT_PLANNED, EFFECT_DROPPED,
                         "not tried: rejected", now, NULL, err);
    if (rc == RC_OK)
        rc = effect_count(d->st, r->company_id, r->run_id, &t, err);
    return rc == RC_OK ? delivery_write_end(d, &t, RC_CONFLICT, why, err) : rc;
}

static enum rc_code end_waiting(struct delivery *d, struct rc_error *err) {
    struct run *r = d->run;
    r->state = RUN_REJECTED;
    r->ended_us = clock_now_us(d->clock);
    enum rc_code rc = effect_move(d->st, r->company_id, r->run_id, EFFECT_PLANNED, EFFECT_DROPPED,
                                  "rejected", r->ended_us, NULL, err);
    return rc == RC_OK ? run_save(d->st, r, err) : rc;
}

enum rc_code delivery_reject(struct store *st, const struct company *company, int64_t run_id,
                             const char *because, const struct delivery_options *o, struct arena *a,
                             struct run *ret, struct rc_error *err) {
    struct delivery d = { .run = ret };
    struct lease lease;
    enum rc_code rc;
    if ((rc = find_waiting(st, company, run_id, true, a, ret, err)) != RC_OK ||
        (rc = delivery_prepare(&d, st, NULL, company, ret->destination_id, o, &lease, a, err)) !=
            RC_OK)
        return rc;
    if ((rc = find_waiting(st, company, run_id, true, a, ret, err)) == RC_OK &&
        (rc = delivery_begin(&d, err)) == RC_OK) {
        ret->decided_by = text_of(o->who);
        ret->decided_because = text_of(because);
        rc = ret->state == RUN_PASSED ? end_interrupted(&d, because, err) : end_waiting(&d, err);
        rc = delivery_ended(&d, rc, err);
    }
    lease_release(st, &lease);
    return rc;
}
