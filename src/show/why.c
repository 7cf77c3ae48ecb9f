#include "show/why.h"

#include <string.h>
#include "people/stored.h"
#include "people/why.h"
#include "store/history.h"
#include "store/unsettled.h"
#include "sync/deciding.h"
#include "sync/mapped.h"
#include "sync/plan.h"
#include "sync/policy_text.h"

enum { UNSETTLED_HOURS = 20 }; /* of silence, until a person is absent */

struct answer { /* while it is being found */
    const struct show *s;
    const struct company *co;
    const struct show_subjects *all;
    struct rc_error *err;
    struct show_why *y;
};

static struct text kept(const struct answer *w, struct buf *b) {
    struct text t = b->len > 0 ? text_copy(w->s->arena, text_from(b->ptr, b->len)) : TEXT_NONE;
    buf_clear(b);
    return t;
}

static void add_wait(struct show_why *y, struct show_wait wait) {
    if (y->waits_n < RC_LEN(y->waits))
        y->waits[y->waits_n++] = wait;
}

/* "2026-11-23 09:15 UTC" */
static const char *when(const struct answer *w, int64_t at_us) {
    char s[32];
    date_format_instant(at_us, s);
    return arena_printf(w->s->arena, "%.10s %.5s UTC", s, s + 11);
}

/* ---- what is so ---- */

/* How long HR is believed although an end date has passed: as each platform has it, where its calendar goes by that. */
struct belief {
    struct lifecycle_policy policy;
    struct text there;    /* the platforms: "la, academy" */
    struct text is, turn; /* what they are by it, and become next; turn missing: nothing */
    const char *until;
};

static enum rc_code read_beliefs(struct answer *w, struct belief **ret, size_t *ret_n) {
    struct belief *list = ARENA_NEW(w->s->arena, struct belief, w->all->platforms_n + 1);
    size_t n = 0;
    for (size_t i = 0; i < w->all->platforms_n; i++) {
        const struct platform *p = &w->all->platforms[i];
        struct policy policy;
        size_t k = 0;
        if (!platform_is_fed(p, w->y->person->integration_id))
            continue;
        enum rc_code rc = policy_text_read(p->policy, w->s->arena, &policy, w->err);
        if (rc != RC_OK)
            return rc;
        while (k < n && list[k].policy.grace_days != policy.lifecycle.grace_days)
            k++;
        if (k == n)
            list[n++] = (struct belief){ .policy = policy.lifecycle, .there = p->key };
        else
            list[k].there = text_of(
                arena_printf(w->s->arena, "%.*s, %.*s", TEXT_ARG(list[k].there), TEXT_ARG(p->key)));
    }
    if (n == 0)
        list[n++] = (struct belief){ .policy = lifecycle_policy_default };
    *ret = list;
    *ret_n = n;
    return RC_OK;
}

static void believe(const struct answer *w, date_days today, struct belief *ret) {
    const struct lifecycle_facts *f = &w->y->view.facts;
    char day[DATE_TEXT_BYTES];
    const char *rule;
    struct why_turn t;
    struct buf b;
    buf_init(&b, 4000);
    buf_printf(&b, "%s, because ", lifecycle_name(lifecycle_decide(f, &ret->policy, today, &rule)));
    why_lifecycle(f, &w->y->view.user, rule, &ret->policy, &b);
    ret->is = kept(w, &b);
    if (why_next(f, &ret->policy, today, &t)) {
        why_turn_write(&t, f, &ret->policy, &b);
        ret->turn = kept(w, &b);
        date_format(t.on, day);
        ret->until = arena_str(w->s->arena, day, strlen(day));
    }
    buf_done(&b);
}

static struct text on_platform(const struct answer *w, const struct belief *b, struct text t) {
    return text_of(arena_printf(w->s->arena, "on %.*s: %.*s", TEXT_ARG(b->there), TEXT_ARG(t)));
}

/* Where platforms differ in it, each is told; what stands for all is that of the first. */
static enum rc_code explain_lifecycle(struct answer *w, struct show_reader *reader) {
    struct show_view *v = &w->y->view;
    struct belief *list;
    bool is_alike = true, turns_alike = true;
    size_t n;
    enum rc_code rc = read_beliefs(w, &list, &n);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n; i++) {
        believe(w, reader->today, &list[i]);
        is_alike &= text_equal(list[i].is, list[0].is);
        turns_alike &= text_equal(list[i].turn, list[0].turn);
    }
    v->lifecycle = lifecycle_decide(&v->facts, &list[0].policy, reader->today, &v->rule);
    w->y->lifecycle = is_alike ? list[0].is : on_platform(w, &list[0], list[0].is);
    for (size_t i = 1; i < n && !is_alike; i++)
        w->y->lifecycle = text_of(arena_printf(w->s->arena, "%.*s; %.*s", TEXT_ARG(w->y->lifecycle),
                                               TEXT_ARG(on_platform(w, &list[i], list[i].is))));
    for (size_t i = 0; i < (turns_alike ? 1 : n); i++)
        if (list[i].turn.state == TEXT_SET)
            add_wait(w->y,
                     (struct show_wait){ "date", 0, list[i].until,
                                         turns_alike ? list[i].turn
                                                     : on_platform(w, &list[i], list[i].turn) });
    return RC_OK;
}

static enum rc_code explain_values(struct answer *w) {
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    const struct mapping *m;
    struct employee stored, e;
    struct user u;
    json doc;
    enum rc_code rc;
    if (w->y->in == NULL)
        return RC_OK;
    if ((rc = mapped_current(w->s->st, w->y->in, w->s->arena, &m, w->err)) != RC_OK ||
        (rc = json_parse_copy(reader, w->y->person->employee.ptr, w->y->person->employee.len, &doc,
                              w->err)) != RC_OK ||
        (rc = stored_employee_read(doc, w->s->arena, &stored, w->err)) != RC_OK)
        return rc;
    employee_keep(&stored, w->s->arena);
    struct employee_reads reads = mapping_reads(m);
    employee_begin(&e, &reads, w->s->arena);
    e.source_id = stored.source_id;
    mapping_keep_known(m, &e, &stored);
    mapping_explain(m, &e, &w->y->view.user, w->s->arena, &u, NULL, &w->y->steps, &w->y->steps_n);
    return RC_OK;
}

static void add_problem(struct answer *w, const char *name, struct text t) {
    w->y->problems[w->y->problems_n++] = (struct show_problem){ name, t };
}

/* Others who state the same address. */
static enum rc_code find_sharers(struct answer *w, struct show_reader *reader) {
    struct person *people;
    size_t n;
    struct buf b;
    struct text email = w->y->view.user.fields[USER_EMAIL];
    if (email.state != TEXT_SET || lifecycle_is_gone(w->y->view.lifecycle))
        return RC_OK;
    enum rc_code rc =
        directory_search(w->s->st, w->co->company_id, email, 20, w->s->arena, &people, &n, w->err);
    buf_init(&b, 8000);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct show_view v;
        if (people[i].user_id == w->y->person->user_id)
            continue;
        rc = show_view(reader, &people[i], show_listed_of(w->all, people[i].integration_id),
                       w->s->arena, &v, w->err);
        if (rc == RC_OK && !lifecycle_is_gone(v.lifecycle) &&
            text_equal(v.user.fields[USER_EMAIL], email))
            buf_printf(&b, "%s%.*s (%.*s)", b.len > 0 ? ", " : "",
                       TEXT_ARG(show_name(&v.user, w->s->arena)), TEXT_ARG(people[i].source_id));
    }
    if (rc == RC_OK && b.len > 0) {
        const char *s =
            arena_printf(w->s->arena, "%s states the address %.*s too: correct it in HR", b.ptr,
                         TEXT_ARG(email));
        add_problem(w, "shared-email", text_of(s));
    }
    buf_done(&b);
    return rc;
}

static enum rc_code check_manager(struct answer *w) {
    struct text id = w->y->view.user.fields[USER_MANAGER];
    struct person m;
    if (id.state != TEXT_SET || lifecycle_is_gone(w->y->view.lifecycle))
        return RC_OK;
    enum rc_code rc = directory_find(w->s->st, w->co->company_id, w->y->person->integration_id, id,
                                     w->s->arena, &m, NULL);
    if (rc == RC_NOT_FOUND)
        add_problem(
            w, "unknown-manager",
            text_of(arena_printf(w->s->arena,
                                 "the supervisor, %.*s, is nobody we know (deleted in HR, or "
                                 "not visible to us)",
                                 TEXT_ARG(id))));
    else if (rc == RC_OK && m.has_left)
        add_problem(w, "manager-left",
                    text_of(arena_printf(w->s->arena,
                                         "the supervisor, %.*s, has left: enter another one in HR",
                                         TEXT_ARG(id))));
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc_code find_problems(struct answer *w, struct show_reader *reader) {
    struct buf b;
    w->y->problems = ARENA_NEW(w->s->arena, struct show_problem, PROBLEMS_N + 3);
    buf_init(&b, 8000);
    for (int p = 0; p < PROBLEMS_N; p++)
        if (w->y->person->problems >> p & 1) {
            why_problem((enum problem)p, &w->y->view.user, &b);
            add_problem(w, problem_name((enum problem)p), kept(w, &b));
        }
    buf_done(&b);
    enum rc_code rc = check_manager(w);
    return rc != RC_OK ? rc : find_sharers(w, reader);
}

/* ---- what is waited for ---- */

/* "email: a -> b (HR states another value); ..." */
static enum rc_code say_changes(const struct answer *w, int64_t run_id, int64_t user_id,
                                struct buf *ret) {
    struct history_change *changes;
    struct arena *a = w->s->arena;
    size_t n;
    enum rc_code rc =
        history_changes_of(w->s->st, w->co->company_id, run_id, user_id, a, &changes, &n, w->err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        if (i > 0)
            buf_str(ret, "; ");
        change_sentence(arena_printf(a, "%.*s", TEXT_ARG(changes[i].field)), changes[i].old,
                        changes[i].new, arena_printf(a, "%.*s", TEXT_ARG(changes[i].rule)), ret);
    }
    return rc;
}

static enum rc_code wait_for_runs(struct answer *w, int64_t user_id, struct text source_id) {
    struct history_wait *runs;
    struct buf b;
    size_t n;
    enum rc_code rc = history_waiting(w->s->st, w->co->company_id, user_id, source_id, w->s->arena,
                                      &runs, &n, w->err);
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        buf_printf(&b, "run %lld %s since %s%s: ", (long long)runs[i].run_id,
                   runs[i].is_held ? "waits for a person's decision" : "is a preview that waits",
                   when(w, runs[i].started_us),
                   runs[i].is_held ? "" : ", and would do this only if approved");
        rc = say_changes(w, runs[i].run_id, runs[i].user_id, &b);
        add_wait(w->y, (struct show_wait){ "decision", runs[i].run_id, NULL, kept(w, &b) });
        w->y->name = w->y->name.state == TEXT_SET ? w->y->name : runs[i].name;
    }
    buf_done(&b);
    return rc;
}

static enum rc_code wait_for_look_up(struct answer *w) {
    int64_t since;
    enum rc_code rc = unsettled_since(w->s->st, w->co->company_id, w->y->person->integration_id,
                                      w->y->person->user_id, &since, w->err);
    if (rc == RC_OK && since != 0)
        add_wait(w->y,
                 (struct show_wait){
                     "look-up", 0, NULL,
                     text_of(arena_printf(
                         w->s->arena,
                         "HR's list lacks this person since %s, and asking by id has not settled "
                         "why: everything stays as it is, and each import asks again; silence of "
                         "more than %d hours makes them absent",
                         when(w, since), UNSETTLED_HOURS)) });
    return rc;
}

/* ---- on the platforms ---- */

/* What was decided last may be another answer by now: that somebody has asked for something, or a setting is another. Nothing
 * is written. */
static void decide_now(const struct show *s, const struct company *co, const struct platform *p,
                       struct account_row *row) {
    struct deciding_answer *answer = ARENA_NEW(s->arena, struct deciding_answer, 1);
    struct deciding d;
    enum rc_code rc = deciding_open(&d, s->st, co, p, clock_now_us(s->clock), NULL);
    if (rc == RC_OK)
        rc = deciding_ask(&d, row, s->arena, answer, NULL);
    if (rc == RC_OK)
        (void)plan_note(&d, answer, row);
    row->verb = text_copy(s->arena, row->verb); /* they outlive the answer */
    row->approves = text_copy(s->arena, row->approves);
    deciding_close(&d);
}

enum rc_code show_there_of_load(const struct show *s, const struct company *co,
                                const struct platform *p, int64_t user_id,
                                struct show_there_of *ret, bool *ret_has, struct rc_error *err) {
    enum { EFFECTS_SHOWN = 5 };
    *ret = (struct show_there_of){ .platform = p };
    enum rc_code rc =
        account_of_user(s->st, p->company_id, p->destination_id, user_id, s->arena, &ret->row, err);
    *ret_has = rc == RC_OK;
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    if (ret->row.dirty)
        decide_now(s, co, p, &ret->row);
    return effect_of_user(s->st, p->company_id, p->destination_id, user_id, EFFECTS_SHOWN, s->arena,
                          &ret->effects, &ret->effects_n, err);
}

static void put_call(struct json_writer *w, const struct effect *e) {
    json_object(w, NULL);
    json_put_int(w, "run", e->run_id);
    show_put_when(w, "at", e->at_us);
    json_put_text(w, "verb", e->verb);
    json_put_text(w, "text", e->sentence);
    json_put_cstr(w, "state", effect_state_name(e->state));
    show_put_text(w, "answer", e->answer);
    json_object_end(w);
}

static void put_there_of(struct json_writer *w, const struct show_there_of *t) {
    const struct account_row *row = &t->row;
    bool asks = row->approval != ACCOUNT_APPROVAL_NONE;
    json_object(w, NULL);
    json_put_text(w, "destination", t->platform->key);
    show_put_text(w, "account", row->is.remote_id);
    json_put_cstr(w, "status", account_status_name(row->is.status));
    show_put_text(w, "code", row->code);
    show_put_text(w, "text", row->sentence);
    show_put_text(w, "waits", row->waits);
    show_put_text(w, "remedy", row->remedy);
    show_put_day(w, "due_on", row->due_on);
    json_put_cstr(w, "asks", asks ? account_approval_name(row->approval) : NULL);
    json_array(w, "calls");
    for (size_t i = 0; i < t->effects_n; i++)
        put_call(w, &t->effects[i]);
    json_array_end(w);
    json_object_end(w);
}

static enum rc_code put_accounts(const struct show *s, struct json_writer *w,
                                 const struct company *co, const struct show_subjects *all,
                                 int64_t user_id, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    json_array(w, "accounts");
    for (size_t i = 0; i < all->platforms_n && rc == RC_OK; i++) {
        struct show_there_of t;
        bool has;
        rc = show_there_of_load(s, co, &all->platforms[i], user_id, &t, &has, err);
        if (rc == RC_OK && has)
            put_there_of(w, &t);
    }
    json_array_end(w);
    return rc;
}

/* ---- one person, or somebody who is only staged ---- */

enum rc_code show_why_load(const struct show *s, const struct company *co,
                           const struct show_subjects *all, const struct person *p,
                           struct show_reader *reader, struct show_why *ret, struct rc_error *err) {
    struct answer w = { .s = s, .co = co, .all = all, .err = err, .y = ret };
    *ret = (struct show_why){ .company = co,
                              .person = p,
                              .in = show_integration_of(all, p->integration_id) };
    enum rc_code rc =
        show_view(reader, p, ret->in != NULL ? ret->in->listed_us : 0, s->arena, &ret->view, err);
    if (rc != RC_OK)
        return rc;
    user_keep(&ret->view.user, s->arena); /* the next view takes its place */
    ret->name = show_name(&ret->view.user, s->arena);
    if ((rc = wait_for_runs(&w, p->user_id, TEXT_NONE)) != RC_OK ||
        (rc = wait_for_look_up(&w)) != RC_OK)
        return rc;
    if ((rc = explain_lifecycle(&w, reader)) != RC_OK || (rc = find_problems(&w, reader)) != RC_OK)
        return rc;
    return explain_values(&w);
}

enum rc_code show_why_staged_load(const struct show *s, const struct company *co, const char *who,
                                  struct show_why *ret, struct rc_error *err) {
    struct answer w = { .s = s, .co = co, .err = err, .y = ret };
    *ret = (struct show_why){ 0 };
    return wait_for_runs(&w, 0, text_of(who));
}

/* ---- as JSON ---- */

static void put_waits(struct json_writer *w, const struct show_why *y) {
    json_array(w, "waits");
    for (size_t i = 0; i < y->waits_n; i++) {
        const struct show_wait *one = &y->waits[i];
        json_object(w, NULL);
        json_put_cstr(w, "for", one->what);
        one->run_id != 0 ? json_put_int(w, "run", one->run_id) : json_put_null(w, "run");
        json_put_cstr(w, "until", one->until);
        json_put_text(w, "text", one->text);
        json_object_end(w);
    }
    json_array_end(w);
}

static void put_values(const struct show *s, struct json_writer *w, const struct show_why *y) {
    json_array(w, "values");
    for (size_t i = 0; i < y->steps_n; i++) {
        const struct mapping_step *step = &y->steps[i];
        json_object(w, NULL);
        json_put_cstr(w, "field", step->target);
        show_put_text(w, "value", show_plain(step->result, s->arena));
        json_put_text(w, "rule", step->rule);
        json_object(w, "inputs");
        for (size_t k = 0; k < step->inputs_n; k++)
            json_put_text(w, step->inputs[k].name, step->inputs[k].value);
        json_object_end(w);
        json_put_cstr(w, "why", mapping_why_sentence(step->why));
        json_object_end(w);
    }
    json_array_end(w);
}

static void put_staged(struct json_writer *w, const char *who, const struct show_why *y) {
    json_object(w, NULL);
    json_put_cstr(w, "person", who);
    show_put_text(w, "name", y->name);
    json_put_null(w, "lifecycle");
    put_waits(w, y);
    json_object_end(w);
}

enum rc_code show_why(const struct show *s, struct json_writer *w, const struct show_subjects *all,
                      const char *who, const struct show_why *y, struct rc_error *err) {
    if (y->person == NULL) {
        put_staged(w, who, y);
        return RC_OK;
    }
    json_object(w, NULL);
    json_put_text(w, "person", y->person->source_id);
    show_put_text(w, "name", y->name);
    show_put_text(w, "integration", y->in != NULL ? y->in->key : TEXT_NONE);
    json_put_cstr(w, "lifecycle", lifecycle_name(y->view.lifecycle));
    json_put_cstr(w, "rule", y->view.rule);
    json_put_text(w, "text", y->lifecycle);
    show_put_text(w, "excluded", y->view.user.fields[USER_EXCLUDED]);
    json_array(w, "problems");
    for (size_t i = 0; i < y->problems_n; i++) {
        json_object(w, NULL);
        json_put_cstr(w, "problem", y->problems[i].name);
        json_put_text(w, "text", y->problems[i].text);
        json_object_end(w);
    }
    json_array_end(w);
    put_waits(w, y);
    enum rc_code rc = put_accounts(s, w, y->company, all, y->person->user_id, err);
    put_values(s, w, y);
    json_object_end(w);
    return rc;
}
