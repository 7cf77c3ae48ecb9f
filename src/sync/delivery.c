#include "sync/delivery.h"

#include <stdio.h>
#include <string.h>
#include "store/version.h"
#include "sync/delivery_p.h"
#include "sync/foretell.h"
#include "sync/plan.h"
#include "sync/stopping.h"

const char *delivery_phase_name(enum delivery_phase p) {
    static const char *const names[] = { "starting",           "reading the platform's accounts",
                                         "planning",           "carrying out",
                                         "noting what is due", "done" };
    return names[p];
}

void delivery_enter(struct delivery *d, enum delivery_phase p) {
    d->progress->phase = (int)p;
}

/* ---- the run's row ---- */

enum rc_code delivery_ended(struct delivery *d, enum rc_code rc, struct rc_error *err) {
    if (rc == RC_OK)
        return db_commit(d->st->db, err);
    db_rollback(d->st->db);
    return rc;
}

enum rc_code delivery_begin(struct delivery *d, struct rc_error *err) {
    enum rc_code rc = db_begin(d->st->db, err);
    return rc != RC_OK ? rc : lease_hold(d->st, d->lease, clock_now_us(d->clock), err);
}

enum rc_code delivery_save(struct delivery *d, struct rc_error *err) {
    enum rc_code rc = delivery_begin(d, err);
    if (rc == RC_OK)
        rc = run_save(d->st, d->run, err);
    return delivery_ended(d, rc, err);
}

enum rc_code delivery_add_run(struct delivery *d, enum run_kind kind, struct rc_error *err) {
    struct run *r = d->run;
    enum rc_code rc = RC_OK;
    r->company_id = d->company->company_id;
    r->destination_id = d->p.destination_id;
    r->kind = kind;
    r->state = RUN_LISTING;
    r->preview = d->o->preview;
    r->started_us = clock_now_us(d->clock);
    for (size_t i = 0; i < d->p.feeds_n && rc == RC_OK; i++) {
        int64_t n = 0;
        rc = directory_population(d->st, r->company_id, d->p.feeds[i], &n, err);
        r->population += n;
    }
    if (rc != RC_OK || (rc = delivery_begin(d, err)) != RC_OK)
        return rc;
    return delivery_ended(d, run_add(d->st, r, err), err);
}

/* What cannot go on: nothing of it is carried out. */
enum rc_code delivery_fail_run(struct delivery *d, struct run *r, const char *reason,
                               struct rc_error *err) {
    int64_t n;
    enum rc_code rc = delivery_begin(d, err);
    r->state = RUN_FAILED;
    r->ended_us = clock_now_us(d->clock);
    r->reason = text_of(reason);
    if (rc == RC_OK)
        rc = effect_move(d->st, r->company_id, r->run_id, EFFECT_PLANNED, EFFECT_DROPPED,
                         "the run has failed", r->ended_us, &n, err);
    if (rc == RC_OK)
        rc = run_save(d->st, r, err);
    return delivery_ended(d, rc, err);
}

/* ---- plan and guard ---- */

/* In the current transaction, which is rolled back: the directory as it would be. */
static enum rc_code overlay(struct delivery *d, struct rc_error *err) {
    struct version_applied done;
    struct run import;
    int64_t n;
    enum rc_code rc =
        run_get(d->st, d->company->company_id, d->o->overlay_run_id, d->arena, &import, err);
    if (rc != RC_OK ||
        (rc = version_apply(d->st, import.company_id, import.integration_id, import.run_id, &done,
                            err)) != RC_OK ||
        (rc = account_mark_run(d->st, import.company_id, import.run_id, err)) != RC_OK ||
        (rc = account_enrol(d->st, import.company_id, d->p.destination_id, &n, err)) != RC_OK)
        return rc;
    return delivery_open_deciding(d, err);
}

/* The disk is waited for at the end: nothing is held, said or sent before, and a plan of which a power
 * cut took something is that of a run that had not ended. */
static enum rc_code make_plan_in_bulk(struct delivery *d, struct plan *p, struct rc_error *err) {
    enum rc_code rc = db_set_bulk(d->st->db, true, err);
    if (rc != RC_OK)
        return rc;
    rc = plan_make(p, err);
    enum rc_code off = db_set_bulk(d->st->db, false, rc == RC_OK ? err : NULL);
    return rc != RC_OK ? rc : off;
}

static enum rc_code make_plan(struct delivery *d, struct plan *p, struct rc_error *err) {
    bool overlays = d->o->overlay_run_id != 0;
    enum rc_code rc;
    delivery_enter(d, DELIVERY_PLANNING);
    *p = (struct plan){ .d = &d->d,
                        .key = d->key,
                        .clock = d->clock,
                        .lease = d->lease,
                        .run_id = d->run->run_id,
                        .how = overlays ? PLAN_KEEPS : PLAN_STORES,
                        .notes = !d->o->preview,
                        .keeps = ARENA_NEW(d->arena, struct arena, 1),
                        .progress = &d->progress->looked_at };
    arena_init(p->keeps);
    if (!overlays)
        return make_plan_in_bulk(d, p, err);
    if ((rc = delivery_begin(d, err)) == RC_OK && (rc = overlay(d, err)) == RC_OK)
        rc = plan_make(p, err);
    db_rollback(d->st->db);
    if (rc != RC_OK || (rc = delivery_begin(d, err)) != RC_OK)
        return rc;
    d->run->other_run_id = d->o->overlay_run_id;
    rc = effect_add(d->st, d->company->company_id, p->kept, p->kept_n, err);
    return delivery_ended(d, rc, err);
}

static void plan_close(struct plan *p) {
    plan_done(p);
    if (p->keeps != NULL)
        arena_done(p->keeps);
}

/* ---- carrying out ---- */

/* ret_effects: with those who wait for clocks to agree. */
static enum rc_code look_through(struct delivery *d, bool notes, int64_t *ret_effects,
                                 struct rc_error *err) {
    struct arena keeps;
    struct plan p = { .d = &d->d,
                      .key = d->key,
                      .clock = d->clock,
                      .lease = d->lease,
                      .how = PLAN_DROPS,
                      .notes = notes,
                      .stops = !notes,
                      .keeps = &keeps };
    arena_init(&keeps);
    enum rc_code rc = plan_make(&p, err);
    *ret_effects = p.effects + p.waits_for_clock;
    plan_done(&p);
    arena_done(&keeps);
    return rc;
}

/* What became of whoever was touched, and when the next thing is due. */
static enum rc_code note_what_is_due(struct delivery *d, struct rc_error *err) {
    int64_t effects;
    delivery_enter(d, DELIVERY_SETTLING);
    return look_through(d, true, &effects, err);
}

static bool any_done(const struct effect_tally *t) {
    return t->of[EFFECT_DONE] + t->of[EFFECT_UNSURE] > 0;
}

/* What was done counts in the guard's windows, however the run ended. */
enum rc_code delivery_write_end(struct delivery *d, const struct effect_tally *t,
                                enum rc_code carried, const char *why, struct rc_error *err) {
    struct run *r = d->run;
    int64_t now = clock_now_us(d->clock);
    memcpy(r->counts.classes, t->classes, sizeof t->classes);
    r->counts.left_out = t->of[EFFECT_DROPPED];
    r->state = carried == RC_OK ? RUN_APPLIED : RUN_FAILED;
    r->ended_us = now;
    if (carried == RC_OK || any_done(t))
        r->applied_us = now;
    if (carried != RC_OK)
        r->reason = text_of(why);
    enum rc_code rc = run_save(d->st, r, err);
    if (rc == RC_OK && r->kind == RUN_UNDO)
        rc = undo_recount(d, err);
    /* One that found nothing to do, as before the first import is approved, was not the first. */
    else if (rc == RC_OK && carried == RC_OK && d->p.delivered_us == 0 && any_done(t))
        rc = platform_delivered(d->st, r->company_id, d->p.destination_id, now, err);
    return rc;
}

static enum rc_code end_run(struct delivery *d, enum rc_code carried, const char *why,
                            struct rc_error *err) {
    struct effect_tally t;
    enum rc_code rc = effect_count(d->st, d->run->company_id, d->run->run_id, &t, err);
    if (rc != RC_OK || (rc = delivery_begin(d, err)) != RC_OK)
        return rc;
    rc = delivery_write_end(d, &t, carried, why, err);
    if (rc == RC_OK && carried == RC_OK)
        rc = delivery_is_settled(d, err);
    return delivery_ended(d, rc, err);
}

enum rc_code delivery_carry(struct delivery *d, struct rc_error *err) {
    struct rc_error why = { 0 }, ignored;
    char reason[400];
    int64_t planned = 0;
    struct effect_group *groups = NULL;
    size_t n = 0;
    (void)effect_groups(d->st, d->run->company_id, d->run->run_id, d->arena, &groups, &n, NULL);
    for (size_t i = 0; i < n; i++)
        planned += groups[i].ahead;
    if (d->progress->planned == 0) /* by an earlier command: approved, or gone on with */
        d->progress->planned = planned;
    d->progress->calls = foretell_calls(d->destination->ops, groups, n);
    delivery_enter(d, DELIVERY_SENDING);
    bool interrupted = false;
    enum rc_code carried = carry_out(d, &interrupted, &why);
    if (interrupted) {
        if (err != NULL)
            *err = why;
        return carried; /* as after a crash: the run goes on next time */
    }
    enum rc_code rc = deciding_pins(&d->d, &ignored); /* an undo has added some */
    if (rc == RC_OK)
        rc = note_what_is_due(d, carried == RC_OK ? err : &ignored);
    snprintf(reason, sizeof reason, "%s", why.text);
    enum rc_code saved = end_run(d, carried, arena_str(d->arena, reason, strlen(reason)),
                                 rc == RC_OK && carried == RC_OK ? err : &ignored);
    if (carried != RC_OK) {
        if (err != NULL)
            *err = why;
        return carried;
    }
    return rc != RC_OK ? rc : saved;
}

/* ---- all of it ---- */

static enum rc_code plan_and_go(struct delivery *d, struct rc_error *err) {
    struct plan p = { 0 };
    bool held = false, same = false;
    enum rc_code rc;
    /* what a previewed import brings may be in doubt too */
    if (!d->teams_listed && (delivery_teams_in_doubt(d) || d->o->overlay_run_id != 0) &&
        (rc = delivery_take_inventory(d, false, err)) != RC_OK)
        return rc;
    d->run->state = RUN_CHECKING;
    if ((rc = delivery_save(d, err)) != RC_OK)
        return rc;
    if ((rc = make_plan(d, &p, err)) == RC_OK) {
        delivery_count(d, &p);
        delivery_note_clock(d, &p);
        rc = delivery_judge(d, &p, &held, err);
    }
    plan_close(&p);
    if (rc != RC_OK)
        return rc;
    if (d->run->preview)
        return delivery_becomes(d, RUN_PREVIEWED, err);
    if (!held) {
        if ((rc = stopping_asked(d->clock, err)) != RC_OK ||
            (rc = delivery_becomes(d, RUN_PASSED, err)) != RC_OK)
            return rc;
        return delivery_carry(d, err);
    }
    if ((rc = delivery_is_held_already(d, &same, err)) != RC_OK)
        return rc;
    return same ? delivery_end_as_same(d, err) : delivery_becomes(d, RUN_HELD, err);
}

/* Without the platform, by what it said last that it can do: when nobody has anything to do that is noted, and there
 * is no run. Nothing is noted by a clock of which only the platform could say that it is wrong. */
static enum rc_code anything_to_do(struct delivery *d, bool *ret, struct rc_error *err) {
    int64_t effects = 0;
    *ret = d->o->preview || delivery_inventory_is_due(d) || delivery_teams_in_doubt(d) ||
           d->p.caps.state != TEXT_SET;
    if (*ret)
        return RC_OK;
    d->d.clock_in_doubt = true;
    enum rc_code rc = look_through(d, false, &effects, err);
    d->d.clock_in_doubt = false;
    *ret = effects > 0;
    return rc != RC_OK || *ret ? rc : note_what_is_due(d, err);
}

enum rc_code delivery_enrol(struct delivery *d, struct rc_error *err) {
    int64_t n;
    enum rc_code rc = delivery_begin(d, err);
    if (rc == RC_OK)
        rc = account_enrol(d->st, d->company->company_id, d->p.destination_id, &n, err);
    return delivery_ended(d, rc, err);
}

static enum rc_code run_all(struct delivery *d, struct rc_error *err) {
    struct run left = { 0 };
    bool any = false;
    enum rc_code rc;
    if (!d->o->preview && ((rc = delivery_is_paused(d, err)) != RC_OK ||
                           (rc = delivery_knows_enough(d, err)) != RC_OK))
        return rc;
    if ((rc = delivery_open_deciding(d, err)) != RC_OK ||
        (rc = delivery_recover(d, d->o->preview ? NULL : &left, err)) != RC_OK ||
        (rc = delivery_enrol(d, err)) != RC_OK || (rc = anything_to_do(d, &any, err)) != RC_OK ||
        !any) {
        if (rc == RC_OK || left.state != RUN_APPLIED)
            *d->run = left;
        d->progress->resumed = left.run_id;
        return rc;
    }
    d->progress->resumed = left.run_id;
    if ((rc = delivery_add_run(d, RUN_DELIVERY, err)) != RC_OK)
        return rc;
    if ((rc = delivery_ask_caps(d, err)) == RC_OK && delivery_inventory_is_due(d))
        rc = delivery_take_inventory(d, true, err);
    if (rc == RC_OK)
        rc = plan_and_go(d, err);
    if (rc != RC_OK && (d->run->state == RUN_LISTING || d->run->state == RUN_CHECKING)) {
        char reason[400];
        snprintf(reason, sizeof reason, "%s", err->text);
        delivery_fail_run(d, d->run, arena_str(d->arena, reason, strlen(reason)), NULL);
    }
    return rc;
}

enum rc_code delivery_run(struct store *st, const struct secret_key *k,
                          const struct company *company, const struct platform *p,
                          const struct delivery_options *o, struct arena *a, struct run *ret,
                          struct rc_error *err) {
    struct delivery d = { .run = ret };
    struct rc_error own;
    struct lease lease;
    *ret = (struct run){ 0 };
    if (err == NULL)
        err = &own;
    enum rc_code rc = delivery_prepare(&d, st, k, company, p->destination_id, o, &lease, a, err);
    if (rc != RC_OK)
        return rc;
    rc = run_all(&d, err);
    delivery_close(&d);
    db_rollback(st->db); /* harmless when nothing is open */
    lease_release(st, &lease);
    delivery_enter(&d, DELIVERY_DONE);
    return rc;
}
