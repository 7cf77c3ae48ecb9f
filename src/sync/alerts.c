/* alerts.c - what follows from what is true: who is to be told, and of what. */
#include "sync/alerts.h"

#include <stdio.h>
#include "base/log.h"
#include "sync/alerts_p.h"

static const int64_t day_us = INT64_C(86400000000);

/* ---- a company at one moment ---- */

static enum rc_code load(struct alerts_state *s, struct rc_error *err) {
    struct alert *alerts;
    struct alert_mail *mails;
    size_t alerts_n = 0, mails_n = 0;
    int64_t company = s->co->company_id;
    enum rc_code rc = cause_find(s->st, company, s->now_us, s->arena, &s->found, &s->found_n, err);
    if (rc != RC_OK ||
        (rc = alert_list(s->st, company, s->arena, &alerts, &alerts_n, err)) != RC_OK ||
        (rc = alert_mail_list(s->st, company, s->arena, &mails, &mails_n, err)) != RC_OK ||
        (rc = alert_to_list(s->st, company, s->arena, &s->to, &s->to_n, err)) != RC_OK)
        return rc;
    s->rows = ARENA_NEW(s->arena, struct alerts_row, alerts_n + s->found_n + 1);
    for (size_t i = 0; i < alerts_n; i++)
        s->rows[i] = (struct alerts_row){ .is = alerts[i] };
    s->rows_n = alerts_n;
    s->mails_most = mails_n + (alerts_n + s->found_n + 1) * 2 * (ALERT_TO_MOST + 1);
    s->mails = ARENA_NEW(s->arena, struct alerts_mail, s->mails_most);
    for (size_t i = 0; i < mails_n; i++)
        s->mails[i] = (struct alerts_mail){ .is = mails[i] };
    s->mails_n = mails_n;
    return RC_OK;
}

struct alerts_row *alerts_row_of(struct alerts_state *s, int64_t subject_id, struct text cause) {
    for (size_t i = 0; i < s->rows_n; i++)
        if (s->rows[i].is.subject_id == subject_id && text_equal(s->rows[i].is.cause, cause))
            return &s->rows[i];
    return NULL;
}

const struct cause_found *alerts_found(const struct alerts_state *s, const struct alert *al) {
    for (size_t i = 0; i < s->found_n; i++)
        if (s->found[i].subject_id == al->subject_id &&
            text_is(al->cause, cause_code(s->found[i].cause)))
            return &s->found[i];
    return NULL;
}

bool alerts_is_muted(const struct alerts_state *s, const struct alert *al) {
    return al->muted_us > s->now_us;
}

static bool is_of(const struct alerts_mail *m, const struct alert *al, enum alert_mail_kind kind) {
    return m->is.kind == kind && m->is.subject_id == al->subject_id &&
           text_equal(m->is.cause, al->cause);
}

/* ---- whom ---- */

static bool has_addresses(const struct alerts_state *s) {
    return s->to_n > 0;
}

static bool goes_to_operator(const struct alerts_state *s, const struct alert *al) {
    enum cause c = cause_parse(al->cause);
    return s->o->operator_address != NULL &&
           (!has_addresses(s) || (c < CAUSES_N && cause_is_technical(c)));
}

static bool is_recipient(const struct alerts_state *s, struct text address) {
    for (size_t i = 0; i < s->to_n; i++)
        if (text_equal(s->to[i], address))
            return true;
    return s->o->operator_address != NULL && text_is(address, s->o->operator_address);
}

static void make(struct alerts_mail *m, int64_t now_us) {
    m->is.state = ALERT_MAIL_WAITING;
    m->is.made_us = m->is.try_us = now_us;
    m->is.tries = 0;
    m->is.answer = (struct text){ 0 };
    m->changed = true;
}

void alerts_mail_make(struct alerts_state *s, const struct alert *al, struct text recipient,
                      bool to_operator, enum alert_mail_kind kind) {
    struct alerts_mail *m = NULL;
    for (size_t i = 0; i < s->mails_n && m == NULL; i++)
        if (is_of(&s->mails[i], al, kind) && text_equal(s->mails[i].is.recipient, recipient))
            m = &s->mails[i];
    if (m == NULL) {
        if (s->mails_n == s->mails_most)
            rc_die("alerts: more mails than there can be");
        m = &s->mails[s->mails_n++];
        m->is = (struct alert_mail){ .company_id = al->company_id,
                                     .subject_id = al->subject_id,
                                     .cause = al->cause,
                                     .recipient = recipient,
                                     .kind = kind };
    }
    if (kind == ALERT_MAIL_OVER || al->told_n <= 1)
        m->is.arrived = false;
    m->is.to_operator = to_operator;
    make(m, s->now_us);
}

static void tell(struct alerts_state *s, struct alerts_row *r) {
    bool is_both = false;
    if (s->o->server == NULL || (!has_addresses(s) && s->o->operator_address == NULL))
        return; /* told as soon as there is somebody to tell */
    r->is.told_us = s->now_us;
    r->is.told_n++;
    r->changed = true;
    for (size_t i = 0; i < s->to_n; i++) {
        is_both |= s->o->operator_address != NULL && text_is(s->to[i], s->o->operator_address);
        alerts_mail_make(s, &r->is, s->to[i], false, ALERT_MAIL_OPEN);
    }
    if (goes_to_operator(s, &r->is) && !is_both)
        alerts_mail_make(s, &r->is, text_of(s->o->operator_address), true, ALERT_MAIL_OPEN);
}

static void drop(struct alerts_state *s, const struct alert *al, enum alert_mail_kind kind) {
    for (size_t i = 0; i < s->mails_n; i++)
        if (is_of(&s->mails[i], al, kind) && s->mails[i].is.state == ALERT_MAIL_WAITING) {
            s->mails[i].is.state = ALERT_MAIL_DROPPED;
            s->mails[i].changed = true;
        }
}

/* ---- it begins, and goes on ---- */

/* What ended it was a person's word, so that another one is news. */
static bool was_answered(struct alerts_state *s, const struct alert *al) {
    struct run r;
    return al->run_id != 0 &&
           run_get(s->st, al->company_id, al->run_id, s->arena, &r, NULL) == RC_OK &&
           (r.approved || r.state == RUN_REJECTED);
}

static bool was_told_over(const struct alerts_state *s, const struct alert *al) {
    for (size_t i = 0; i < s->mails_n; i++)
        if (is_of(&s->mails[i], al, ALERT_MAIL_OVER) && s->mails[i].is.made_us >= al->over_us &&
            s->mails[i].is.state != ALERT_MAIL_DROPPED)
            return true;
    return false;
}

static struct alerts_row *begin(struct alerts_state *s, const struct cause_found *f,
                                struct text code) {
    struct alerts_row *r = &s->rows[s->rows_n++];
    *r = (struct alerts_row){ .is = { .company_id = s->co->company_id,
                                      .subject_id = f->subject_id,
                                      .cause = code,
                                      .run_id = f->run_id,
                                      .since_us = f->since_us },
                              .changed = true,
                              .said = "opened" };
    return r;
}

/* Whoever has not been told that it was over believes that it has gone on all the time. */
static void begin_again(struct alerts_state *s, struct alerts_row *r, const struct cause_found *f) {
    if (was_answered(s, &r->is))
        r->is.told_us = 0;
    if (r->is.told_us == 0 || was_told_over(s, &r->is))
        r->is.told_n = 0;
    drop(s, &r->is, ALERT_MAIL_OVER);
    r->is.since_us = f->since_us;
    r->is.over_us = 0;
    r->changed = true;
    r->said = "opened";
}

/* A time that has not come yet is out of a clock that went wrong. */
static bool is_due(const struct alerts_state *s, const struct alert *al,
                   const struct cause_found *f) {
    int64_t ago_us = s->now_us - al->told_us;
    return !f->is_quiet && !alerts_is_muted(s, al) &&
           (al->told_us == 0 || ago_us >= cause_repeat_us(f->cause) || ago_us < -day_us);
}

static void go_on(struct alerts_state *s, const struct cause_found *f) {
    struct text code = text_of(cause_code(f->cause));
    struct alerts_row *r = alerts_row_of(s, f->subject_id, code);
    if (r == NULL && f->is_quiet)
        return;
    if (r == NULL)
        r = begin(s, f, code);
    else if (r->is.over_us != 0 && !f->is_quiet)
        begin_again(s, r, f);
    if (r->is.run_id != f->run_id) {
        r->is.run_id = f->run_id;
        r->changed = true;
    }
    if (r->is.over_us == 0 && is_due(s, &r->is, f))
        tell(s, r);
}

/* ---- it ends ---- */

static int group_of(enum cause c) {
    return c == CAUSE_HELD_LEAVERS || c == CAUSE_HELD ? 0
           : c == CAUSE_PAUSED                        ? 1
           : c == CAUSE_WEBHOOK                       ? 3
                                                      : 2;
}

/* It has become another thing, of which people are told: nothing is over. */
static bool has_changed_only(const struct alerts_state *s, const struct alert *al, enum cause c) {
    for (size_t i = 0; i < s->found_n; i++)
        if (s->found[i].subject_id == al->subject_id && group_of(s->found[i].cause) == group_of(c))
            return true;
    return false;
}

static void end(struct alerts_state *s, struct alerts_row *r) {
    enum cause c = cause_parse(r->is.cause);
    size_t mails_n = s->mails_n;
    bool tells = c < CAUSES_N && r->is.told_n > 0 && cause_tells_over(c) &&
                 !has_changed_only(s, &r->is, c) && !alerts_is_muted(s, &r->is);
    r->is.over_us = s->now_us;
    r->changed = true;
    r->said = "over";
    drop(s, &r->is, ALERT_MAIL_OPEN);
    for (size_t i = 0; i < mails_n && tells; i++) {
        const struct alert_mail *m = &s->mails[i].is;
        if (is_of(&s->mails[i], &r->is, ALERT_MAIL_OPEN) && m->arrived)
            alerts_mail_make(s, &r->is, m->recipient, m->to_operator, ALERT_MAIL_OVER);
    }
}

/* Whom nobody tells any more, and what has become old news. */
static void look_through_mails(struct alerts_state *s) {
    for (size_t i = 0; i < s->mails_n; i++) {
        struct alerts_mail *m = &s->mails[i];
        bool old =
            m->is.kind == ALERT_MAIL_OVER && s->now_us - m->is.made_us > ALERTS_OVER_DAYS * day_us;
        if (m->is.state == ALERT_MAIL_WAITING && (old || !is_recipient(s, m->is.recipient))) {
            m->is.state = ALERT_MAIL_DROPPED;
            m->changed = true;
        }
    }
}

static void decide(struct alerts_state *s) {
    for (size_t i = 0; i < s->found_n; i++)
        go_on(s, &s->found[i]);
    for (size_t i = 0; i < s->rows_n; i++)
        if (s->rows[i].is.over_us == 0 && alerts_found(s, &s->rows[i].is) == NULL)
            end(s, &s->rows[i]);
    if (s->o->server != NULL) /* another process may be the one that sends */
        look_through_mails(s);
}

static bool any_change(const struct alerts_state *s) {
    for (size_t i = 0; i < s->rows_n; i++)
        if (s->rows[i].changed)
            return true;
    for (size_t i = 0; i < s->mails_n; i++)
        if (s->mails[i].changed)
            return true;
    return false;
}

/* ---- writing it down ---- */

static void say(const struct alerts_state *s) {
    for (size_t i = 0; i < s->rows_n; i++) {
        const struct alerts_row *r = &s->rows[i];
        if (r->said == NULL)
            continue;
        void (*log)(const char *fmt, ...) = r->is.over_us == 0 ? log_warn : log_info;
        log("company=%.*s alert=%s cause=%.*s subject=%lld run=%lld", TEXT_ARG(s->co->key), r->said,
            TEXT_ARG(r->is.cause), (long long)r->is.subject_id, (long long)r->is.run_id);
    }
}

static enum rc_code write_all(struct alerts_state *s, struct lease *lease, struct rc_error *err) {
    enum rc_code rc = db_begin(s->st->db, err);
    if (rc != RC_OK)
        return rc;
    rc = lease_hold(s->st, lease, s->now_us, err);
    for (size_t i = 0; i < s->rows_n && rc == RC_OK; i++)
        if (s->rows[i].changed)
            rc = alert_save(s->st, &s->rows[i].is, err);
    for (size_t i = 0; i < s->mails_n && rc == RC_OK; i++)
        if (s->mails[i].changed) {
            rc = alert_mail_save(s->st, &s->mails[i].is, err);
            s->mails[i].changed = false;
        }
    if (rc == RC_OK && (rc = db_commit(s->st->db, err)) == RC_OK)
        say(s);
    else
        db_rollback(s->st->db);
    return rc;
}

/* Anew, as somebody else may have been at it until now. */
static enum rc_code keep_held(struct alerts_state *s, struct alerts_server *server,
                              struct lease *lease, struct rc_error *err) {
    enum rc_code rc = load(s, err);
    if (rc != RC_OK)
        return rc;
    decide(s);
    if (any_change(s) && (rc = write_all(s, lease, err)) != RC_OK)
        return rc;
    return alerts_send(s, server, lease, err);
}

enum rc_code alerts_keep(struct store *st, const struct company *co, const struct alerts_options *o,
                         const struct clock_source *clock, struct alerts_server *server,
                         struct rc_error *err) {
    char subject[32];
    struct lease lease;
    struct arena a;
    arena_init(&a);
    struct alerts_state s = {
        .st = st, .co = co, .o = o, .clock = clock, .now_us = clock_now_us(clock), .arena = &a
    };
    enum rc_code rc = load(&s, err);
    if (rc == RC_OK)
        decide(&s);
    if (rc == RC_OK && (any_change(&s) || alerts_any_to_send(&s, server))) {
        snprintf(subject, sizeof subject, "%lld", (long long)co->company_id);
        rc = lease_take(st, "alert", subject, s.now_us, &lease, err);
        if (rc == RC_OK) {
            rc = keep_held(&s, server, &lease, err);
            lease_release(st, &lease);
        } else if (rc == RC_CONFLICT)
            rc = RC_OK; /* somebody else is telling */
    }
    arena_done(&a);
    return rc;
}

static bool is_among(const int64_t *ids, size_t n, int64_t id) {
    size_t from = 0, to = n;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (ids[middle] == id)
            return true;
        if (ids[middle] < id)
            from = middle + 1;
        else
            to = middle;
    }
    return false;
}

enum rc_code alerts_keep_all(struct store *st, const struct alerts_options *o,
                             const struct clock_source *clock, struct alerts_server *server,
                             struct rc_error *err) {
    struct company *list;
    struct arena a;
    int64_t *concerned, turn = server->turn++;
    size_t n = 0, concerned_n = 0;
    enum rc_code first = RC_OK;
    arena_init(&a);
    enum rc_code rc = company_list(st, &a, &list, &n, err);
    if (rc == RC_OK)
        rc = alert_concerned(st, &a, &concerned, &concerned_n, err);
    int64_t turns = (int64_t)(n + ALERTS_OTHERS_AT_ONCE - 1) / ALERTS_OTHERS_AT_ONCE;
    for (size_t i = 0; i < n && rc == RC_OK && !clock_is_ending(clock); i++) {
        struct rc_error why = { 0 };
        if (list[i].suspended_us != 0)
            continue; /* nothing is done for it, and that is meant */
        if (turn > 0 && (int64_t)i % turns != turn % turns &&
            !is_among(concerned, concerned_n, list[i].company_id))
            continue;
        enum rc_code one = alerts_keep(st, &list[i], o, clock, server, &why);
        db_rollback(st->db); /* harmless when nothing is open */
        if (one != RC_OK && first == RC_OK) {
            first = one;
            *err = why;
        }
    }
    arena_done(&a);
    return rc != RC_OK ? rc : first;
}
