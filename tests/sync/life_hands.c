/* What people do by hand, and what befalls rollcall. */
#include <stdio.h>
#include <string.h>
#include "store/restored.h"
#include "sync/accounts.h"
#include "sync/pause.h"
#include "tests/sync/life_p.h"

#define PICK HISTORY_PICK

static int64_t now_us(struct life *l) {
    return clock_now_us(&l->d->w->clock);
}

int64_t life_user(struct life *l, int n) {
    struct person p;
    struct bed *b = l->d->w->bed;
    return directory_find(b->st, b->company_id, b->in.integration_id, text_of(life_ids[n - 1]),
                          &b->a, &p, NULL) == RC_OK
               ? p.user_id
               : 0;
}

static int number_of(struct life *l, int64_t user_id) {
    for (int n = 1; n <= LIFE_PEOPLE; n++)
        if (life_user(l, n) == user_id)
            return n;
    return 0;
}

/* ---- deliveries ---- */

static bool is_called(const struct rc_error *err, const char *name) {
    return err->name != NULL && strcmp(err->name, name) == 0;
}

static void came(struct life *l, enum rc_code rc, const struct run *r) {
    const struct rc_error *err = &l->d->err;
    LIFE_TELL(l, "    delivery %lld: %s\n", (long long)r->run_id,
              rc != RC_OK      ? err->text
              : r->run_id == 0 ? "nothing to do"
                               : run_state_name(r->state));
    if (rc != RC_OK && is_called(err, "destination.another"))
        l->is_over = true; /* by hand, most of the few accounts have been changed */
    else if (rc != RC_OK && l->fault.code == RC_OK && !l->paused && !l->dies &&
             !is_called(err, "destination.restored"))
        life_broken(l, "error", "%s", err->text);
    if (rc == RC_OK)
        l->unsettled = false;
    if (rc == RC_OK && r->state == RUN_APPLIED && r->run_id != 0 && l->runs_n < LIFE_RUNS)
        l->runs[l->runs_n++] = r->run_id;
    life_judge(l);
}

static enum rc_code run(struct life *l, const struct delivery_options *o, struct run *r) {
    struct delivers *d = l->d;
    struct platform p = delivers_platform(l->d);
    clock_fake_move(&d->w->fake, INT64_C(60000000));
    return delivery_run(d->w->bed->st, d->w->bed->key, &d->w->company, &p, o, &d->w->bed->a, r,
                        &d->err);
}

static enum rc_code approve(struct life *l, int64_t run_id, struct run *r) {
    struct delivers *d = l->d;
    struct delivery_options o = delivers_options(d);
    return delivery_approve(d->w->bed->st, d->w->bed->key, &d->w->company, run_id, "right", &o,
                            &d->w->bed->a, r, &d->err);
}

void life_deliver(struct life *l, bool lists) {
    struct delivery_options o = delivers_options(l->d);
    struct run r = { 0 };
    o.lists = lists;
    enum rc_code rc = run(l, &o, &r);
    if (rc == RC_OK && r.run_id != 0 && r.state == RUN_HELD)
        rc = approve(l, r.run_id, &r);
    came(l, rc, &r);
}

/* What was looked at once is approved later. */
static void preview(struct life *l) {
    struct delivery_options o = delivers_options(l->d);
    struct run r = { 0 };
    o.preview = true;
    if (l->previewed == 0) {
        if (run(l, &o, &r) == RC_OK && r.state == RUN_PREVIEWED)
            l->previewed = r.run_id;
        LIFE_TELL(l, "    previewed: %lld\n", (long long)l->previewed);
        return;
    }
    enum rc_code rc = approve(l, l->previewed, &r);
    LIFE_TELL(l, "    approved: %s\n", rc == RC_OK ? run_state_name(r.state) : l->d->err.text);
    l->previewed = 0;
    if (rc == RC_OK)
        came(l, rc, &r);
    else
        life_judge(l);
}

static void undo(struct life *l, const struct history_op *op) {
    struct run r;
    if (l->runs_n == 0 || undoes_try(l->d, l->runs[op->value % l->runs_n], &r) != RC_OK ||
        r.state != RUN_PREVIEWED)
        return;
    l->undoes = true;
    enum rc_code rc = approve(l, r.run_id, &r);
    came(l, rc, &r);
    l->undoes = false;
}

/* ---- accounts ---- */

static void answer(struct life *l, const struct accounts_context *x, const struct history_op *op) {
    struct bed *b = l->d->w->bed;
    struct account_row *rows;
    size_t n = 0;
    OK(account_list(b->st, b->company_id, l->d->destination_id, ACCOUNT_ASKS, 0, 50, &b->a, &rows,
                    &n, &why));
    if (n == 0)
        return;
    const struct account_row *row = &rows[op->what % n];
    enum accounts_answer says = (enum accounts_answer)(op->value % ACCOUNTS_ANSWERS_N);
    int who = number_of(l, row->is.user_id);
    enum rc_code rc = accounts_resolve(x, row->is.user_id, says, NULL, &why);
    LIFE_TELL(l, "    %d, %s of %.*s: %s: %s\n", who, account_approval_name(row->approval),
              TEXT_ARG(row->approves), accounts_answer_name(says), rc == RC_OK ? "done" : why.text);
    if (rc != RC_OK)
        return;
    size_t i = life_index(l, row->approves);
    bool adopts = i < LIFE_ACCOUNTS && row->approval == ACCOUNT_APPROVAL_ADOPT;
    if (adopts && says == ACCOUNTS_IGNORE) {
        l->there[i].apart = true;
        l->words[who] += l->there[i].guest; /* it was theirs: they get another one */
    } else if (adopts) {
        l->there[i].may = who;
        if (l->there[i].guest) /* it is theirs after all */
            l->there[i].holder = who;
    }
    if (says == ACCOUNTS_IGNORE)
        return;
    for (size_t j = 0; j < l->there_n; j++) /* a yes ends that it is left alone */
        if (j == i || (l->there[j].holder == who && row->approval != ACCOUNT_APPROVAL_INVITE))
            l->there[j].ignored = false;
    l->words[who]++;
    l->deleted[who] = 0;
}

/* It was not theirs: they may get another one, and a mail with it. */
static void lose(struct life *l, struct life_account *t) {
    l->words[t->holder]++;
    l->deleted[t->holder] = 0;
    t->holder = t->may = 0;
}

static void linked(struct life *l, struct life_account *t, int n) {
    for (size_t i = 0; i < l->there_n; i++)
        if (l->there[i].holder == n)
            l->there[i].holder = 0;
    if (t->holder != 0)
        lose(l, t);
    *t = (struct life_account){ .alike = t->alike, .may = n, .holder = n };
    l->deleted[n] = 0;
}

static void account_by_hand(struct life *l, const struct accounts_context *x,
                            const struct history_op *op, int n) {
    struct arena *a = &l->d->w->bed->a;
    size_t i = 1 + op->what % 11, pins = 0;
    int64_t user_id = life_user(l, n), closed = 0;
    struct accounts_tie tie;
    bool is = op->value % 3 != 0;
    enum rc_code rc = RC_OK;
    if (user_id == 0 || i >= l->there_n)
        return;
    struct text id = life_account(l, i)->is.remote_id;
    struct life_account *t = &l->there[i];
    date_days on = (date_days)(now_us(l) / DAY_US) + op->value % 6;
    switch (op->kind) {
    case LIFE_LINK:
        if ((rc = accounts_link(x, id, user_id, is, a, &tie, &why)) == RC_OK)
            linked(l, t, n);
        break;
    case LIFE_UNLINK:
        if ((rc = accounts_unlink(x, id, a, &tie, &why)) == RC_OK) {
            lose(l, t);
            t->ignored = t->apart = true;
        }
        break;
    case LIFE_IGNORE:
        if ((rc = accounts_ignore(x, &id, 1, is, &why)) != RC_OK)
            break;
        t->ignored = is;
        if (!is && t->holder == 0 && !t->apart) /* found by our id, if it has it */
            t->holder = t->may = life_person(life_account(l, i)->is.external_id);
        break;
    case LIFE_CLOSE:
        rc = accounts_close(x, &id, 1, &closed, &why);
        l->requests_n = l->d->there.requests_n; /* somebody has said so */
        break;
    case LIFE_INVITE:
        rc = accounts_invite(x, &user_id, 1, op->value % 2 ? DATE_NONE : on, &why);
        l->words[n] += rc == RC_OK;
        break;
    case LIFE_RELEASE: rc = accounts_release(x, user_id, (struct text){ 0 }, &pins, &why); break;
    default: break;
    }
    LIFE_TELL(l, "    account %.*s, %d: %s\n", TEXT_ARG(id), n, rc == RC_OK ? "done" : why.text);
}

static void pause_or_go_on(struct life *l) {
    struct bed *b = l->d->w->bed;
    const struct company *co = &l->d->w->company;
    struct platform p;
    if (l->paused)
        OK(pause_end(b->st, co, "la", "a test", now_us(l), &b->a, &p, &why));
    else
        OK(pause_platform(b->st, co, "la", "a test", "tried", now_us(l), &b->a, &p, &why));
    l->paused = !l->paused;
    LIFE_TELL(l, "    %s\n", l->paused ? "paused" : "goes on");
}

void life_by_hand(struct life *l, const struct history_op *op, int n) {
    static const char *const policies[] = {
        "{}",
        "{}",
        "{\"invite\":\"on-hire-date\"}",
        "{\"invite\":\"by-hand\"}",
        "{\"invite\":\"by-hand\",\"account-without-mail\":\"no\"}",
        "{\"invite\":\"on-hire-date\",\"ahead-days\":\"6\",\"invite-days\":\"-2\"}",
        "{\"close-status\":\"3\",\"close-end-date\":\"2\"}",
        "{\"ended-but-active-days\":\"2\"}",
        "{\"reactivate\":\"no\"}",
        "{\"undo-deactivated-by-hand\":\"yes\"}",
        "{\"undo-reactivated-by-hand\":\"yes\"}",
        "{\"owner-email\":\"when-empty\"}",
        "{\"owner-email\":\"never\"}",
        "{\"relink\":\"yes\"}",
        "{\"adopt\":\"no\"}",
        "{\"clear\":\"yes\",\"close-not-found\":\"0\"}",
    };
    struct bed *b = l->d->w->bed;
    struct platform p = delivers_platform(l->d);
    struct accounts_context x = { b->st, b->key, &l->d->w->company, &p, &l->d->w->clock, "a test" };
    switch (op->kind) {
    case LIFE_ANSWER: answer(l, &x, op); break;
    case LIFE_POLICY: delivers_policy(l->d, PICK(policies, op->value)); break;
    case LIFE_UNDO: undo(l, op); break;
    case LIFE_PAUSE: pause_or_go_on(l); break;
    case LIFE_PREVIEW: preview(l); break;
    default: account_by_hand(l, &x, op, n); break;
    }
}

/* ---- what befalls rollcall ---- */

static void set_fault(struct life *l, const struct history_op *op) {
    static const enum rc_code codes[] = {
        RC_OK, RC_OK, RC_UNSURE, RC_RETRY, RC_INVALID, RC_UNSURE
    };
    enum rc_code code = PICK(codes, op->value >> 2);
    l->fault = (struct memory_platform_fault){
        .call = (enum memory_platform_call)(MEMORY_PLATFORM_LIST + op->what % 7),
        .nth = op->value % 3,
        .code = code,
        .after = code == RC_UNSURE && (op->value & 128) != 0
    };
    if (l->fault.nth != 0)
        l->fault.nth += l->d->there.calls_n[l->fault.call];
    l->d->there.faults = &l->fault;
    l->d->there.faults_n = code != RC_OK;
}

/* When the row of one account is written: what was asked of the platform has been done. */
static void die(struct life *l, const struct history_op *op) {
    struct bed *b = l->d->w->bed;
    if (!place_is_sqlite())
        return;
    int64_t accounts_n = place_int(b->st->db, "SELECT COUNT(*) FROM account");
    place_exec(b->st->db,
               arena_printf(&b->a,
                            "CREATE TRIGGER dies BEFORE UPDATE ON account WHEN OLD.account_id = "
                            "%lld BEGIN SELECT RAISE(ABORT, 'dies'); END",
                            (long long)(1 + op->what % accounts_n)));
    l->dies = true;
    life_deliver(l, false);
    l->dies = false;
    place_exec(b->st->db, "DROP TRIGGER dies");
}

/* The same HR system: its people are new ones here, and are found by their ids. */
static void remove_and_add(struct life *l) {
    struct bed *b = l->d->w->bed;
    struct platform p;
    OK(db_begin(b->st->db, &why));
    OK(integration_remove(b->st, b->company_id, b->in.integration_id, &why));
    OK(db_commit(b->st->db, &why));
    for (size_t i = 0; i < l->there_n; i++) {
        struct life_account *t = &l->there[i];
        int n = life_person(life_account(l, i)->is.external_id);
        t->apart = false; /* said of people who are others here by now */
        t->loose = n == 0 || !life_account(l, i)->exists || !l->in_hr[n];
        if (t->ignored)
            lose(l, t);
        else if (t->loose)
            l->words[t->holder]++;
        else if (!t->guest)
            t->holder = t->may = n;
    }
    memset(l->deleted, 0, sizeof l->deleted);
    l->unsettled = true;
    b->in = bed_integration(b, b->company_id, "hr");
    world_limits(l->d->w, WORLD_NO_LIMITS);
    p = delivers_platform(l->d);
    p.feeds = &b->in.integration_id;
    p.feeds_n = 1;
    OK(platform_save(b->st, b->key, &p, &why));
    life_import(l);
}

static const char *where_copied(struct life *l) {
    return arena_printf(&l->d->w->bed->a, "%s/copy", l->d->w->bed->place->dir);
}

void life_forget_copy(struct life *l) {
    if (l->copy.is_kept)
        remove(where_copied(l));
}

static void copy(struct life *l, const char *to) {
    struct bed *b = l->d->w->bed;
    place_exec(b->st->db, arena_printf(&b->a, "VACUUM INTO '%s'", to));
    l->copy = (struct life_kept){ .there_n = l->there_n,
                                  .in = b->in,
                                  .is_kept = true,
                                  .paused = l->paused,
                                  .unsettled = l->unsettled };
    memcpy(l->copy.there, l->there, sizeof l->there);
}

/* Whose they are goes back, too. */
static void put_back(struct life *l) {
    for (size_t i = 0; i < l->there_n; i++) {
        struct life_account *t = &l->there[i];
        const struct life_account *was = &l->copy.there[i];
        int n = i < l->copy.there_n && was->holder != 0
                    ? was->holder
                    : life_person(life_account(l, i)->is.external_id);
        bool was_unknown = l->copy.unsettled || i >= l->copy.there_n;
        if (was_unknown && !t->loose &&
            life_person(life_account(l, i)->is.external_id) == 0) { /* nothing shows whose it is */
            l->words[t->holder]++;
            t->loose = true;
        }
        if (t->holder != n && n != 0 && !t->guest) {
            l->words[t->holder]++;
            l->words[n]++;
            t->holder = t->may = n;
            t->loose = true;
        }
        t->ignored = was->ignored;
        t->apart = was->apart;
    }
    for (int n = 1; n <= LIFE_PEOPLE; n++) /* of an account that nobody knows of any more */
        if (l->deleted[n] != 0 && (l->copy.unsettled || l->deleted[n] >= l->copy.there_n)) {
            l->deleted[n] = 0;
            l->words[n]++;
        }
    l->paused = l->copy.paused;
    l->unsettled = true;
    l->previewed = 0;
    l->runs_n = 0;
}

static void copy_or_restore(struct life *l) {
    struct bed *b = l->d->w->bed;
    const char *at = where_copied(l), *here = arena_printf(&b->a, "%s/x", b->place->dir);
    struct restored r;
    if (!place_is_sqlite())
        return;
    LIFE_TELL(l, "    %s\n", l->copy.is_kept ? "restored" : "copied");
    if (!l->copy.is_kept) {
        copy(l, at);
        return;
    }
    world_disconnect(l->d->w);
    remove(arena_printf(&b->a, "%s-wal", here));
    remove(arena_printf(&b->a, "%s-shm", here));
    assert_int_equal(rename(at, here), 0);
    world_connect(l->d->w);
    OK(restored_note(b->st, now_us(l), "a test", &r, &why));
    b->in = l->copy.in;
    put_back(l);
    l->copy.is_kept = false;
}

void life_befall(struct life *l, const struct history_op *op) {
    static const int apart_s[] = { 0, -3 * 3600, 3 * 3600 };
    switch (op->kind) {
    case LIFE_FAULT: set_fault(l, op); break;
    case LIFE_CLOCK: l->d->there.clock_apart_s = PICK(apart_s, op->value); break;
    case LIFE_DEATH: die(l, op); break;
    case LIFE_REMOVED: remove_and_add(l); break;
    case LIFE_RESTORED: copy_or_restore(l); break;
    default: break;
    }
}

void life_calm(struct life *l) {
    l->fault = (struct memory_platform_fault){ 0 };
    l->d->there.faults_n = 0;
    l->d->there.clock_apart_s = 0;
    if (l->paused)
        pause_or_go_on(l);
    delivers_policy(l->d, "{}");
}
