/* Carrying a plan out: what is handed to the lanes, and what is written down of what came back. */
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "sync/carry_p.h"
#include "sync/foretell.h"
#include "sync/stopping.h"

struct lane_start {
    struct carrying *c;
    struct destination_lane *lane;
};

/* ---- lanes ---- */

static void *lane_main(void *self) {
    struct lane_start *s = self;
    struct carrying *c = s->c;
    struct destination_lane *lane = s->lane;
    void *item;
    mem_free(s);
    while (queue_pop(c->todo, &item)) {
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
    c->todo = queue_new(c->lanes_n * AHEAD_MOST + 1);
    c->done = queue_new(c->lanes_n * AHEAD_MOST + 1);
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

/* ---- what came back ---- */

/* What the platform shows differently from what it was sent it will show so again: sending it once
 * more would never end. */
void carry_take_shown(struct task *t, struct account *is) {
    const struct account *shows = &t->outcome.shows;
    const struct decision *x = &t->sends;
    if (shows->remote_id.state != TEXT_SET)
        return;
    for (size_t i = 0; i < x->fields_n; i++) {
        const struct decide_field *f = &x->fields[i];
        if (f->does != DECIDE_FIELD_SENDS || f->field >= USER_FIELDS_N ||
            f->field == USER_SECONDARY_TEAMS)
            continue;
        struct text known = shows->fields[f->field].known;
        if (known.state == TEXT_MISSING || carry_same_value(known, f->to))
            continue;
        decide_refused(f, &t->arena, is);
        is->fields[f->field].known = is->fields[f->field].delivered = known;
    }
    for (int f = 0; f < USER_FIELDS_N; f++)
        if (shows->fields[f].known.state != TEXT_MISSING)
            is->fields[f].known = shows->fields[f].known;
    if (shows->role.state == TEXT_SET)
        is->role = shows->role;
    is->external_id = shows->external_id;
    if (t->had_been_done && shows->mail == ACCOUNT_MAIL_SENT) {
        is->mail = ACCOUNT_MAIL_SENT;
        is->invited_on = shows->invited_on;
    } else if (t->was_there) { /* nobody knows of a mail: somebody invites */
        is->mail = ACCOUNT_MAIL_BY_HAND;
        is->invited_on = DATE_NONE;
    }
    if (t->was_there)
        is->status = shows->status;
}

/* A team that was left is not shown any more, whatever the answer before that said. */
static enum rc_code take_left(struct task *t, struct account *is) {
    struct text left = t->sends.leaves_team, id, *known = &is->fields[USER_SECONDARY_TEAMS].known;
    struct account_field *primary = &is->fields[USER_PRIMARY_TEAM];
    size_t n = 0, cursor = 0;
    if (left.state != TEXT_SET)
        return RC_OK;
    if (text_equal(account_shows(primary), left))
        *primary = (struct account_field){ .known = TEXT_NONE };
    if (known->state != TEXT_SET)
        return RC_OK;
    struct text *ids = ARENA_NEW(&t->arena, struct text, known->len + 1);
    while (user_teams_next(*known, &cursor, &id))
        if (!text_equal(id, left))
            ids[n++] = id;
    return user_teams_join(&t->arena, ids, n, known);
}

/* Refused values are written down and left out; the rest counts as carried out. */
void carry_leave_refused_out(struct task *t, struct account *is, bool all) {
    struct decision *x = &t->sends;
    size_t kept = 0, n = x->fields_n;
    for (size_t i = 0; i < n; i++) {
        bool refused = x->fields[i].does == DECIDE_FIELD_SENDS &&
                       (all || (i < 64 && (t->outcome.refused >> i & 1) != 0));
        if (refused)
            decide_refused(&x->fields[i], &t->arena, is);
        else
            x->fields[kept++] = x->fields[i];
    }
    x->fields_n = kept;
}

/* What was not taken, or never sent, is not delivered. What is left in t->sends.fields was sent. */
static void keep_what_went_through(struct task *t, struct account *is) {
    bool made = t->rc == RC_OK && t->sends.verb == DECIDE_CREATE && !t->was_there;
    carry_leave_refused_out(t, is, t->values_refused && t->outcome.refused == 0);
    if (!made && !t->updated)
        t->sends.fields_n = 0;
}

enum rc_code carry_save_row(struct carrying *c, struct account_row *row, struct rc_error *err) {
    row->dirty = true; /* decided about once more at the end */
    deciding_account_written(&c->d->d, row->is.user_id);
    return account_save(c->d->st, c->d->company->company_id, c->d->p.destination_id, row, err);
}

static enum rc_code drop_row(struct carrying *c, int64_t account_id, struct rc_error *err) {
    return account_drop(c->d->st, c->d->company->company_id, c->d->p.destination_id, account_id,
                        err);
}

static enum rc_code write_done(struct carrying *c, struct task *t, struct rc_error *err) {
    struct account_row *row = &t->there;
    struct text remote_id = t->outcome.shows.remote_id;
    bool other = t->there.account_id != t->row.account_id;
    enum rc_code rc;
    keep_what_went_through(t, &row->is);
    carry_note_for_undo(t);
    decide_carried_out(&t->sends, t->row.is.user_id, remote_id, c->d->d.today, &t->arena, &row->is);
    if (t->sends.verb == DECIDE_CREATE || t->sends.verb == DECIDE_ADOPT)
        row->is.external_id = t->answer.person.external_id;
    carry_take_shown(t, &row->is);
    if ((rc = take_left(t, &row->is)) != RC_OK)
        return rc_context(err, rc, "teams of user %lld", (long long)t->row.is.user_id);
    row->is.delivered_run_id = t->answer.person.row.run_id;
    row->is.user_id = t->row.is.user_id;
    row->is.tie = ACCOUNT_LINKED;
    row->gone_on = t->answer.gone_on;
    row->excluded_on = t->answer.excluded_on;
    /* One row a user: the one that stood for the account they did not have goes. */
    if (other && (rc = drop_row(c, t->row.account_id, err)) != RC_OK)
        return rc;
    if ((rc = carry_save_row(c, row, err)) != RC_OK)
        return rc;
    return carry_end_effect(c, &t->effect, EFFECT_DONE,
                            t->had_been_done ? text_of("it had been done, and the answer was lost")
                                             : t->outcome.said,
                            err);
}

/* It did not come to its end, but part of the way. */
static void write_partly(struct carrying *c, struct task *t) {
    struct account *is = &t->there.is;
    keep_what_went_through(t, t->sends.verb == DECIDE_CREATE ? &t->row.is : is);
    if (t->updated) {
        struct decision values = { .verb = DECIDE_UPDATE,
                                   .fields = t->sends.fields,
                                   .fields_n = t->sends.fields_n,
                                   .left_as = is->left_as,
                                   .sticky = is->sticky };
        decide_carried_out(&values, is->user_id, is->remote_id, c->d->d.today, &t->arena, is);
        carry_take_shown(t, is);
    }
    if (t->reactivated)
        is->status = is->left_as = ACCOUNT_ACTIVE;
    if (t->invited)
        is->mail = ACCOUNT_MAIL_SENT;
}

static struct text said_of(const struct task *t) {
    return t->outcome.said.state == TEXT_SET ? t->outcome.said : text_of(t->err.text);
}

/* Somebody has the address whom the inventory did not show; or the account itself has changed. */
static enum rc_code meet_holder(struct carrying *c, struct task *t, struct rc_error *err) {
    struct delivery *d = c->d;
    int64_t fresh, changed;
    if (text_equal(t->holder.remote_id, t->there.is.remote_id)) {
        t->there.is.status = t->holder.status;
        return RC_OK;
    }
    if (t->holder.remote_id.state != TEXT_SET)
        return RC_OK;               /* the next inventory shows it */
    deciding_remember(&d->d, true); /* from here on, and nothing of before */
    return account_show(d->st, d->company->company_id, d->p.destination_id, d->run->run_id,
                        d->p.prefix, &t->holder, 1, NULL, &fresh, &changed, err);
}

static enum rc_code write_failed(struct carrying *c, struct task *t, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    write_partly(c, t);
    switch (t->rc) {
    case RC_INVALID:
        if (t->err.name != NULL && strcmp(t->err.name, "destination.answer") == 0) {
            c->stop = t->rc;
            c->why = t->err;
            break;
        }
        quarantine_refused(c, &t->err);
        break;
    case RC_CONFLICT: rc = meet_holder(c, t, err); break;
    case RC_NOT_FOUND: t->there.is.status = ACCOUNT_DELETED; break;
    case RC_AUTH:
    case RC_FATAL:
        c->stop = t->rc;
        c->why = t->err;
        break;
    case RC_RETRY:
    case RC_LIMITED:
    case RC_UNSURE: quarantine_silent(c, t->rc, &t->err); break;
    case RC_OK: break;
    }
    struct account_row *row = t->sends.verb == DECIDE_CREATE ? &t->row : &t->there;
    if (rc == RC_OK)
        rc = carry_save_row(c, row, err);
    if (rc == RC_OK && row->account_id != t->row.account_id)
        rc = carry_save_row(c, &t->row, err);
    if (rc != RC_OK)
        return rc;
    log_warn("run=%lld effect=%lld user=%lld verb=%s failed=%s", (long long)t->effect.run_id,
             (long long)t->effect.effect_id, (long long)t->effect.user_id,
             decide_verb_name(t->sends.verb), rc_code_name(t->rc));
    return carry_end_effect(c, &t->effect, t->rc == RC_UNSURE ? EFFECT_UNSURE : EFFECT_FAILED,
                            said_of(t), err);
}

static enum rc_code write_what_came(struct carrying *c, struct task *t, struct rc_error *err) {
    /* An account that is open again is open, whatever else could not be given back. */
    bool done = t->rc == RC_OK || (t->undoes && t->reactivated);
    if (!done) {
        enum rc_code rc =
            t->undoes && t->rc != RC_UNSURE ? undo_unpin(c->d, t->effect.user_id, err) : RC_OK;
        return rc != RC_OK ? rc : write_failed(c, t, err);
    }
    quarantine_passed(c);
    return t->undoes ? undo_write_done(c, t, err) : write_done(c, t, err);
}

/* Whoever states the address that the account had may have it now, or is to be told something else.
 * No inventory will say so: it shows what is known already. */
static enum rc_code settle_task(struct carrying *c, struct task *t, struct rc_error *err) {
    const struct account *is = &t->there.is;
    struct text had = account_shows(&is->fields[USER_EMAIL]);
    enum account_status was = is->status;
    told_done(c, &t->effect);
    enum rc_code rc = write_what_came(c, t, err);
    if (rc != RC_OK || had.state != TEXT_SET ||
        (is->status == was && text_equal(account_shows(&is->fields[USER_EMAIL]), had)))
        return rc;
    return account_mark_email(c->d->st, c->d->company->company_id, c->d->p.destination_id, had,
                              err);
}

/* ---- a pass ---- */

/* What is given out at once counts as sent before: who pauses the platform is not to wait long for it.
 * So it follows what comes back. */
static void pace_ahead(struct carrying *c, size_t back_n) {
    const size_t least = c->lanes_n * AHEAD, most = c->lanes_n * AHEAD_MOST;
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
    size_t n = queue_take(c->done, list, most, half < c->outstanding ? half : c->outstanding,
                          LINGER_US, POP_WAIT_US);
    c->outstanding -= n;
    pace_ahead(c, n);
    return n;
}

struct pass {
    enum effect_pass is;
    int64_t after;
    bool ended;
};

/* Some more, as far as the lanes have room. In the current transaction. */
static enum rc_code make_tasks(struct carrying *c, struct pass *p, void **made, size_t most,
                               size_t *ret_n, struct rc_error *err) {
    struct delivery *d = c->d;
    struct effect *list;
    struct arena a;
    size_t n = 0;
    enum rc_code rc;
    *ret_n = 0;
    arena_init(&a);
    rc = effect_planned(d->st, d->company->company_id, d->run->run_id, p->is, p->after, most, &a,
                        &list, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct task *t;
        p->after = list[i].effect_id;
        rc = d->run->kind == RUN_UNDO ? undo_task_make(c, &list[i], &t, err)
                                      : task_make(c, &list[i], &t, err);
        if (rc == RC_OK && t != NULL)
            made[(*ret_n)++] = t;
        else if (rc == RC_OK) /* it came to nothing, and is over too */
            told_done(c, &list[i]);
    }
    if (rc == RC_OK && n < most)
        p->ended = true;
    arena_done(&a);
    return rc;
}

static void free_tasks(void *const *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        task_free(list[i]);
}

/* Somebody may have paused the platform or suspended the company meanwhile: then nothing more goes out.
 * Looked at once a second. */
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

/* What no lane has begun when everything stops was handed out, and never sent: it is dropped with the
 * rest of what is planned. */
static enum rc_code take_back(struct carrying *c, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    void *item;
    while (rc == RC_OK && queue_drain(c->todo, &item)) {
        struct task *t = item;
        c->outstanding--;
        if (t->undoes)
            rc = undo_unpin(c->d, t->effect.user_id, err);
        task_free(t);
    }
    return rc;
}

/* One turn: what has come back is written down, and how far effects are handed out, in one
 * transaction, before any lane sees them. */
static enum rc_code turn(struct carrying *c, struct pass *p, struct rc_error *err) {
    enum { MOST = LANES_MAX * AHEAD_MOST };
    struct delivery *d = c->d;
    void *back[MOST];
    void *out[MOST];
    quarantine_wait(c);
    size_t back_n = collect(c, back, MOST), out_n = 0, room;
    enum rc_code rc = db_begin(d->st->db, err);
    if (rc != RC_OK)
        goto failed;
    rc = lease_hold(d->st, d->lease, clock_now_us(d->clock), err);
    if (rc == RC_OK)
        rc = deciding_recall(&d->d, err);
    for (size_t i = 0; i < back_n && rc == RC_OK; i++)
        rc = settle_task(c, back[i], err);
    if (rc == RC_OK)
        rc = look_for_pause(c, err);
    look_for_end(c);
    room = quarantine_room(c, c->ahead_n > c->outstanding ? c->ahead_n - c->outstanding : 0);
    if (rc == RC_OK && !p->ended && c->stop == RC_OK && room > 0)
        rc = make_tasks(c, p, out, room, &out_n, err);
    if (rc == RC_OK && out_n > 0)
        rc = effect_hand_out(d->st, d->company->company_id, d->run->run_id, p->is, p->after, err);
    if (rc == RC_OK && c->stop != RC_OK)
        rc = take_back(c, err);
    if (c->stop != RC_OK)
        p->ended = true;
    if (rc != RC_OK) {
        db_rollback(d->st->db);
        goto failed;
    }
    if ((rc = db_commit(d->st->db, err)) != RC_OK)
        goto failed;
    free_tasks(back, back_n);
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
    return rc;
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
    if (!set_aside(c, &before))
        return RC_OK;
    enum rc_code rc = carry_pass(c, EFFECT_LEAVERS, err);
    put_back(c, &before);
    return rc;
}

static enum rc_code carry_people(struct carrying *c, struct rc_error *err) {
    static const enum effect_pass people[] = { EFFECT_PEOPLE, EFFECT_REFERENCES };
    struct stopped first = { 0 };
    enum rc_code rc = carry_pass(c, EFFECT_FIRST, err);
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
    enum rc_code rc = start_lanes(&c, err);
    d->progress->sending_since_us = clock_now_us(d->clock);
    look_for_end(&c);
    if (rc == RC_OK)
        rc = carry_people(&c, err);
    if (rc == RC_OK && c.stop == RC_OK)
        rc = prune(&c, err);
    stop_lanes(&c, rc != RC_OK);
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
