/* Carrying a plan out: what is handed to the lanes, and what is written down of what came back. */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "store/ahead.h"
#include "sync/carry_p.h"
#include "sync/foretell.h"
#include "sync/stopping.h"

struct lane_start {
    struct carrying *c;
    struct destination_lane *lane;
};

/* ---- lanes ---- */

static void note_held(struct carrying *c, int64_t now_us, int64_t mono_us) {
    c->held_us = now_us;
    c->held_mono_us = mono_us;
}

/* Nobody has prolonged the lease for so long, as the process stood still or could not reach its database: somebody else
 * may be at it, and what was decided here may be over. */
static bool is_late(const struct carrying *c) {
    const struct clock_source *clock = c->d->clock;
    const int64_t most_us = LEASE_SECONDS * INT64_C(1000000);
    return clock_now_us(clock) - c->held_us >= most_us ||
           clock_monotonic_us(clock) - c->held_mono_us >= most_us;
}

static void leave_alone(struct task *t) {
    t->err = (struct rc_error){ 0 };
    t->rc =
        rc_fail_as(&t->err, RC_RETRY, "lease-lost",
                   "this process slept too long, and another one may have taken over: not tried");
}

/* Who carries calls takes the CPU from nobody: the one that decides and writes has others waiting for it. */
static void *lane_main(void *self) {
    const struct sched_param batch = { 0 };
    struct lane_start *s = self;
    struct carrying *c = s->c;
    struct destination_lane *lane = s->lane;
    void *item;
    mem_free(s);
    (void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &batch);
    while (queue_pop(c->todo, &item)) {
        if (is_late(c))
            leave_alone(item);
        else
            lane_carry_out(lane, c->d->clock, item);
        if (!queue_push(c->done, item))
            break;
    }
    return NULL;
}

static enum rc_code start_lanes(struct carrying *c, struct rc_error *err) {
    unsigned n = c->d->destination->lanes;
    c->lanes_n = n < 1 ? 1 : n > LANES_MAX ? LANES_MAX : n;
    c->ahead_n = c->lanes_n * AHEAD;
    c->todo = queue_new(OUT_MOST + 1);
    c->done = queue_new(OUT_MOST + 1);
    for (size_t i = 0; i < c->lanes_n; i++) {
        struct lane_start *s = mem_zalloc(sizeof *s);
        *s = (struct lane_start){ c, c->lanes[i] = destination_lane_new(c->d->destination) };
        if (pthread_create(&c->threads[i], NULL, lane_main, s) != 0) {
            mem_free(s);
            return rc_fail(err, RC_FATAL, "no thread for a lane");
        }
        c->started_n++;
    }
    return RC_OK;
}

/* cancels: what no lane has begun is not begun any more; somebody else may be at it. */
static void stop_lanes(struct carrying *c, bool cancels) {
    cancels ? queue_cancel(c->todo) : queue_end(c->todo);
    for (size_t i = 0; i < c->started_n; i++)
        pthread_join(c->threads[i], NULL);
    for (size_t i = 0; i < c->lanes_n; i++)
        destination_lane_free(c->lanes[i]);
    void *left;
    while (queue_drain(c->todo, &left) || queue_drain(c->done, &left))
        task_free(left);
    queue_free(c->todo);
    queue_free(c->done);
}

static void told_done(struct carrying *c, const struct effect *e) {
    c->d->progress->sent++;
    c->d->progress->calls_made += foretell_calls_of(c->d->destination->ops, e);
}

/* ---- a pass ---- */

/* What is given out at once counts as sent before: who pauses the platform is not to wait long for it.
 * So it follows what comes back. */
static void pace_ahead(struct carrying *c, size_t back_n) {
    const size_t least = c->lanes_n * AHEAD, all = c->lanes_n * AHEAD_MOST,
                 most = all < OUT_MOST ? all : OUT_MOST;
    int64_t now_us = clock_monotonic_us(c->d->clock), us = now_us - c->back_since_us;
    c->back_n += back_n;
    if (us < AHEAD_US / 5)
        return;
    size_t n = (size_t)((double)c->back_n * AHEAD_US / (double)us);
    c->ahead_n = n < least ? least : n > most ? most : n;
    c->back_n = 0;
    c->back_since_us = now_us;
}

/* Half of what is out, so that the lanes have the other half meanwhile. */
static size_t collect(struct carrying *c, void **list, size_t most) {
    size_t half = c->ahead_n / 2;
    if (c->outstanding == 0)
        return 0;
    size_t n = queue_take(c->done, list, half < most ? half : most,
                          half < c->outstanding ? half : c->outstanding, LINGER_US, POP_WAIT_US);
    c->outstanding -= n;
    pace_ahead(c, n);
    return n;
}

struct pass {
    enum effect_pass is;
    int64_t after;
    bool ended;
};

/* What tasks about some effects will ask is read for all of them. */
static enum rc_code look_ahead(struct carrying *c, const struct effect *list, size_t n,
                               struct arena *a, struct rc_error *err) {
    int64_t ids[AHEAD_AT_ONCE];
    n = n < AHEAD_AT_ONCE ? n : AHEAD_AT_ONCE;
    for (size_t i = 0; i < n; i++)
        ids[i] = list[i].user_id;
    return deciding_look_ahead(&c->d->d, ids, n, NULL, a, err);
}

/* Some more, as far as the lanes have room. In the current transaction. */
static enum rc_code make_tasks(struct carrying *c, struct pass *p, void **made, size_t most,
                               size_t *ret_n, struct rc_error *err) {
    struct delivery *d = c->d;
    struct task_batch *in = task_batch_new();
    struct effect *list;
    bool undoes = d->run->kind == RUN_UNDO;
    size_t n = 0;
    enum rc_code rc;
    *ret_n = 0;
    rc = effect_planned(d->st, d->company->company_id, d->run->run_id, p->is, p->after, most,
                        &in->arena, &list, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct task *t = NULL;
        p->after = list[i].effect_id;
        if (!undoes && i % AHEAD_AT_ONCE == 0 &&
            (rc = look_ahead(c, list + i, n - i, &in->arena, err)) != RC_OK)
            break;
        rc = undoes ? undo_task_make(c, &list[i], &t, err) : task_make(c, &list[i], in, &t, err);
        if (rc == RC_OK && t != NULL)
            made[(*ret_n)++] = t;
        else if (rc == RC_OK) /* it came to nothing, and is over too */
            told_done(c, &list[i]);
    }
    if (rc == RC_OK && n < most)
        p->ended = true;
    d->d.ahead = NULL;
    task_batch_leave(in);
    return rc;
}

static void free_tasks(void *const *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        task_free(list[i]);
}

/* Somebody may have paused the platform or suspended the company meanwhile: then nothing more goes out. Or an import is
 * held by now, which calls somebody employed who was to be closed. Looked at once a second. */
static enum rc_code look_for_pause(struct carrying *c, struct rc_error *err) {
    struct delivery *d = c->d;
    struct platform now;
    struct arena a;
    int64_t now_us = clock_now_us(d->clock);
    if (c->stop != RC_OK || now_us - c->paused_seen_us < INT64_C(1000000))
        return RC_OK;
    c->paused_seen_us = now_us;
    arena_init(&a);
    enum rc_code rc =
        platform_get(d->st, d->company->company_id, d->p.destination_id, NULL, &a, &now, err);
    if (rc == RC_OK && now.paused_by.state == TEXT_SET)
        c->stop =
            rc_fail_as(&c->why, RC_CONFLICT, "destination.paused",
                       "paused by %.*s meanwhile: nothing more was tried", TEXT_ARG(now.paused_by));
    if (rc == RC_OK)
        rc = deciding_look_at_holds(&d->d, &a, err);
    arena_done(&a);
    if (rc == RC_OK && c->stop == RC_OK &&
        (rc = company_is_open(d->st, d->company->company_id, &c->why)) == RC_CONFLICT) {
        c->stop = rc;
        rc = RC_OK;
    }
    return rc;
}

/* The process is being stopped: what is under way comes to its end, nothing more goes out, and the run
 * stays as it is: the next process goes on with it. */
static void look_for_end(struct carrying *c) {
    if (c->stop == RC_OK)
        c->stop = stopping_asked(c->d->clock, &c->why);
}

/* What no lane has begun when everything stops was handed out, and never sent: it is planned as before.
 * Lanes take them in their order, so it is the last ones. */
static enum rc_code take_back(struct carrying *c, const struct pass *p, struct rc_error *err) {
    const struct run *r = c->d->run;
    enum rc_code rc = RC_OK;
    int64_t first = 0;
    void *item;
    while (rc == RC_OK && queue_drain(c->todo, &item)) {
        struct task *t = item;
        c->outstanding--;
        first = first == 0 || t->effect.effect_id < first ? t->effect.effect_id : first;
        if (t->undoes)
            rc = undo_unpin(c->d, t->effect.user_id, err);
        task_free(t);
    }
    return rc != RC_OK || first == 0
               ? rc
               : effect_hand_out(c->d->st, r->company_id, r->run_id, p->is, first - 1, err);
}

/* Each goes when it is written down, so that there is never more than is out. Who is closed goes in a
 * pass of their own: nobody writes what was known of their reports before. */
static enum rc_code settle(struct carrying *c, void **back, size_t n, struct rc_error *err) {
    int64_t closed[OUT_MOST];
    size_t closed_n = 0;
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct task *t = back[i];
        bool closes =
            t->sends.verb == DECIDE_DEACTIVATE && t->there.is.status != ACCOUNT_DEACTIVATED;
        told_done(c, &t->effect);
        rc = carry_settle(c, t, err);
        if (closes && t->there.is.status == ACCOUNT_DEACTIVATED)
            closed[closed_n++] = t->row.is.user_id;
        task_free(RC_TAKE(back[i]));
    }
    return rc != RC_OK || closed_n == 0
               ? rc
               : account_closed(c->d->st, c->d->company->company_id, c->d->p.destination_id, closed,
                                closed_n, err);
}

/* One turn: what has come back is written down, and how far effects are handed out, in one
 * transaction, before any lane sees them. */
static enum rc_code turn(struct carrying *c, struct pass *p, struct rc_error *err) {
    enum { MOST = OUT_MOST };
    struct delivery *d = c->d;
    void *back[MOST];
    void *out[MOST];
    quarantine_wait(c);
    size_t back_n = collect(c, back, MOST), out_n = 0, room;
    enum rc_code rc = db_begin(d->st->db, err);
    if (rc != RC_OK)
        goto failed;
    int64_t now_us = clock_now_us(d->clock), mono_us = clock_monotonic_us(d->clock);
    rc = lease_hold(d->st, d->lease, now_us, err);
    if (rc == RC_OK)
        rc = deciding_recall(&d->d, err);
    if (rc == RC_OK)
        rc = settle(c, back, back_n, err);
    if (rc == RC_OK)
        rc = look_for_pause(c, err);
    look_for_end(c);
    room = quarantine_room(c, c->ahead_n > c->outstanding ? c->ahead_n - c->outstanding : 0);
    if (rc == RC_OK && !p->ended && c->stop == RC_OK && room > 0)
        rc = make_tasks(c, p, out, room, &out_n, err);
    if (rc == RC_OK && out_n > 0)
        rc = effect_hand_out(d->st, d->company->company_id, d->run->run_id, p->is, p->after, err);
    if (rc == RC_OK && c->stop != RC_OK)
        rc = take_back(c, p, err);
    if (c->stop != RC_OK)
        p->ended = true;
    if (rc != RC_OK) {
        db_rollback(d->st->db);
        goto failed;
    }
    if ((rc = db_commit(d->st->db, err)) != RC_OK)
        goto failed;
    note_held(c, now_us, mono_us);
    for (size_t i = 0; i < out_n; i++) {
        queue_push(c->todo, out[i]);
        c->outstanding++;
    }
    d->progress->waiting_until_us = d->destination->waiting_until_us;
    return RC_OK;
failed:
    free_tasks(back, back_n);
    free_tasks(out, out_n);
    return rc;
}

static enum rc_code carry_pass(struct carrying *c, enum effect_pass is, struct rc_error *err) {
    struct pass p = { .is = is };
    enum rc_code rc = RC_OK;
    deciding_remember(&c->d->d, true);
    while (rc == RC_OK && !(p.ended && c->outstanding == 0))
        rc = turn(c, &p, err);
    quarantine_end(c);
    deciding_remember(&c->d->d, false);
    return rc != RC_OK ? rc : alike_take_back(c, err);
}

/* ---- all of it ---- */

static enum rc_code drop_rest(struct carrying *c, struct rc_error *err) {
    struct delivery *d = c->d;
    const char *answer = arena_printf(d->arena, "not tried: %s", c->why.text);
    int64_t n;
    enum rc_code rc = db_begin(d->st->db, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = lease_hold(d->st, d->lease, clock_now_us(d->clock), err)) != RC_OK ||
        (rc = effect_doubt(d->st, d->company->company_id, d->run->run_id,
                           "it was sent when the process was interrupted: the next inventory shows "
                           "what became of it",
                           clock_now_us(d->clock), err)) != RC_OK ||
        (rc = effect_move(d->st, d->company->company_id, d->run->run_id, EFFECT_PLANNED,
                          EFFECT_DROPPED, answer, clock_now_us(d->clock), &n, err)) != RC_OK) {
        db_rollback(d->st->db);
        return rc;
    }
    return db_commit(d->st->db, err);
}

/* A team that we know to be empty may have got somebody by hand since: they are listed once more. */
static enum rc_code prune(struct carrying *c, struct rc_error *err) {
    struct delivery *d = c->d;
    struct effect *list;
    size_t n = 0;
    enum rc_code rc = effect_planned(d->st, d->company->company_id, d->run->run_id, EFFECT_PRUNED,
                                     0, 1, d->arena, &list, &n, err);
    if (rc != RC_OK || n == 0)
        return rc;
    c->stop = delivery_take_inventory(d, false, &c->why);
    delivery_enter(d, DELIVERY_SENDING);
    return c->stop == RC_OK ? carry_teams(c, EFFECT_PRUNED, err) : RC_OK;
}

/* What keeps people from getting an account (no seats left, a right that the key lacks) says nothing
 * about closing: who is gone does not keep access because others get none. Nor the reverse. */
static bool the_rest_may_work(const struct carrying *c) {
    const char *name = c->why.name != NULL ? c->why.name : "";
    return (c->stop == RC_INVALID && strcmp(name, "delivery.alike") == 0) ||
           (c->stop == RC_AUTH && strcmp(name, "destination.scope") == 0);
}

struct stopped {
    enum rc_code stop;
    struct rc_error why;
};

/* What this pass and those before have left untried is over: later passes move the mark past it. */
static enum rc_code drop_untried(struct carrying *c, enum effect_pass upto, struct rc_error *err) {
    struct delivery *d = c->d;
    const char *answer = arena_printf(d->arena, "not tried: %s", c->why.text);
    enum rc_code rc = delivery_begin(d, err);
    if (rc == RC_OK)
        rc = effect_drop_untried(d->st, d->company->company_id, d->run->run_id, upto, answer,
                                 clock_now_us(d->clock), err);
    return delivery_ended(d, rc, err);
}

/* False: nothing more may be tried. */
static bool set_aside(struct carrying *c, struct stopped *ret) {
    *ret = (struct stopped){ c->stop, c->why };
    if (c->stop != RC_OK && !the_rest_may_work(c))
        return false;
    c->stop = RC_OK;
    c->quarantine = (struct quarantine){ 0 };
    return true;
}

static void put_back(struct carrying *c, const struct stopped *s) {
    if (s->stop == RC_OK)
        return;
    c->stop = s->stop;
    c->why = s->why;
}

static enum rc_code close_leavers(struct carrying *c, struct rc_error *err) {
    struct stopped before;
    enum rc_code rc = RC_OK;
    if (c->stop != RC_OK && the_rest_may_work(c))
        rc = drop_untried(c, EFFECT_REFERENCES, err);
    if (rc != RC_OK || !set_aside(c, &before))
        return rc;
    rc = carry_pass(c, EFFECT_LEAVERS, err);
    put_back(c, &before);
    return rc;
}

static enum rc_code carry_people(struct carrying *c, struct rc_error *err) {
    static const enum effect_pass people[] = { EFFECT_PEOPLE, EFFECT_REFERENCES };
    struct stopped first = { 0 };
    enum rc_code rc = carry_pass(c, EFFECT_FIRST, err);
    if (rc == RC_OK && c->stop != RC_OK && the_rest_may_work(c))
        rc = drop_untried(c, EFFECT_FIRST, err);
    if (rc != RC_OK || !set_aside(c, &first))
        return rc;
    rc = carry_teams(c, EFFECT_TEAMS, err);
    for (size_t i = 0; i < RC_LEN(people) && rc == RC_OK && c->stop == RC_OK; i++)
        rc = carry_pass(c, people[i], err);
    if (rc == RC_OK)
        rc = close_leavers(c, err);
    if (c->stop == RC_OK)
        put_back(c, &first);
    return rc;
}

enum rc_code carry_out(struct delivery *d, bool *ret_interrupted, struct rc_error *err) {
    struct carrying c = { .d = d };
    struct rc_error own;
    if (err == NULL)
        err = &own;
    arena_init(&c.alike_arena);
    enum rc_code rc = start_lanes(&c, err);
    d->progress->sending_since_us = clock_now_us(d->clock);
    look_for_end(&c);
    if (rc == RC_OK)
        rc = carry_people(&c, err);
    if (rc == RC_OK && c.stop == RC_OK)
        rc = prune(&c, err);
    stop_lanes(&c, rc != RC_OK);
    arena_done(&c.alike_arena);
    if (rc == RC_OK && c.stop == RC_OK)
        return RC_OK;
    if (rc == RC_OK && clock_is_ending(d->clock)) {
        *ret_interrupted = true;
        *err = c.why;
        return c.stop;
    }
    *ret_interrupted = rc != RC_OK || (rc = drop_rest(&c, err)) != RC_OK;
    if (*ret_interrupted) /* what is out comes back to nobody: it is looked up next time */
        return rc;
    *err = c.why;
    return c.stop;
}
