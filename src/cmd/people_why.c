/* Why does this person stand where they stand, and what is waited for? For the administrator who
 * asks why somebody has, or has not, an account. */
#include <string.h>
#include "cmd/people.h"
#include "people/mapping.h"
#include "people/stored.h"
#include "people/why.h"
#include "store/history.h"
#include "store/unsettled.h"
#include "sync/mapped.h"

enum { UNSETTLED_HOURS = 20 }; /* of silence, until a person is absent */

struct wait {
    const char *what;  /* "decision", "look-up", "date" */
    int64_t run_id;    /* 0: none */
    const char *until; /* a day; NULL: nobody knows */
    struct text text;
};
struct answer {
    struct cmd *c;
    const struct people_found *found;
    const struct person *person;
    const struct integration *in; /* NULL: none any more */
    struct show_view view;        /* its texts are kept */
    struct text name, lifecycle;
    const char *team, *manager; /* " (Dock)", to stand behind the key */
    struct mapping_step *steps;
    struct text *problems;
    const char **problem_names;
    struct wait waits[8];
    size_t steps_n, problems_n, waits_n;
};

static struct text kept(struct cmd *c, struct buf *b) {
    struct text t = b->len > 0 ? text_copy(&c->arena, text_from(b->ptr, b->len)) : TEXT_NONE;
    buf_clear(b);
    return t;
}

static void add_wait(struct answer *w, struct wait wait) {
    if (w->waits_n < RC_LEN(w->waits))
        w->waits[w->waits_n++] = wait;
}

/* ---- what is so ---- */

static void explain_lifecycle(struct answer *w, struct show_reader *reader) {
    struct show_view *v = &w->view;
    char day[DATE_TEXT_BYTES];
    struct why_turn t;
    struct buf b;
    buf_init(&b, 4000);
    buf_printf(&b, "%s, because ", lifecycle_name(v->lifecycle));
    why_lifecycle(&v->facts, &v->user, v->rule, &lifecycle_policy_default, &b);
    w->lifecycle = kept(w->c, &b);
    if (why_next(&v->facts, &lifecycle_policy_default, reader->today, &t)) {
        why_turn_write(&t, &v->facts, &lifecycle_policy_default, &b);
        const char *until = date_format(t.on, day);
        add_wait(w, (struct wait){ "date", 0, arena_str(&w->c->arena, until, strlen(until)),
                                   kept(w->c, &b) });
    }
    buf_done(&b);
}

static enum rc_code explain_values(struct answer *w) {
    struct cmd *c = w->c;
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    const struct mapping *m;
    struct employee stored, e;
    struct user u;
    json doc;
    enum rc_code rc;
    if (w->in == NULL)
        return RC_OK;
    if ((rc = mapped_current(c->store, w->in, &c->arena, &m, &c->err)) != RC_OK ||
        (rc = json_parse_copy(reader, w->person->employee.ptr, w->person->employee.len, &doc,
                              &c->err)) != RC_OK ||
        (rc = stored_employee_read(doc, &c->arena, &stored, &c->err)) != RC_OK)
        return rc;
    employee_keep(&stored, &c->arena);
    struct employee_reads reads = mapping_reads(m);
    employee_begin(&e, &reads, &c->arena);
    e.source_id = stored.source_id;
    mapping_keep_known(m, &e, &stored);
    mapping_explain(m, &e, &w->view.user, &c->arena, &u, NULL, &w->steps, &w->steps_n);
    return RC_OK;
}

static void add_problem(struct answer *w, const char *name, struct text t) {
    w->problem_names[w->problems_n] = name;
    w->problems[w->problems_n++] = t;
}

/* Others who state the same address. */
static enum rc_code find_sharers(struct answer *w, struct show_reader *reader) {
    struct cmd *c = w->c;
    struct person *people;
    size_t n;
    struct buf b;
    struct text email = w->view.user.fields[USER_EMAIL];
    if (email.state != TEXT_SET || lifecycle_is_gone(w->view.lifecycle))
        return RC_OK;
    enum rc_code rc = directory_search(c->store, w->found->company.company_id, email, 20, &c->arena,
                                       &people, &n, &c->err);
    buf_init(&b, 8000);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct show_view v;
        const struct integration *in = people_integration(w->found, people[i].integration_id);
        if (people[i].user_id == w->person->user_id)
            continue;
        rc = people_view(c, reader, &people[i], in != NULL ? in->listed_us : 0, &v);
        if (rc == RC_OK && !lifecycle_is_gone(v.lifecycle) &&
            text_equal(v.user.fields[USER_EMAIL], email))
            buf_printf(&b, "%s%s (%s)", b.len > 0 ? ", " : "", cmd_str(c, people_name(c, &v.user)),
                       cmd_str(c, people[i].source_id));
    }
    if (rc == RC_OK && b.len > 0) {
        const char *s = arena_printf(&c->arena, "%s states the address %s too: correct it in HR",
                                     b.ptr, cmd_str(c, email));
        add_problem(w, "shared-email", text_of(s));
    }
    buf_done(&b);
    return rc;
}

static enum rc_code check_manager(struct answer *w) {
    struct cmd *c = w->c;
    struct text id = w->view.user.fields[USER_MANAGER];
    struct person m;
    if (id.state != TEXT_SET || lifecycle_is_gone(w->view.lifecycle))
        return RC_OK;
    enum rc_code rc = directory_find(c->store, w->found->company.company_id,
                                     w->person->integration_id, id, &c->arena, &m, NULL);
    if (rc == RC_NOT_FOUND)
        add_problem(w, "unknown-manager",
                    text_of(arena_printf(&c->arena,
                                         "the supervisor, %s, is nobody we know (deleted in HR, or "
                                         "not visible to us)",
                                         cmd_str(c, id))));
    else if (rc == RC_OK && m.has_left)
        add_problem(
            w, "manager-left",
            text_of(arena_printf(&c->arena, "the supervisor, %s, has left: enter another one in HR",
                                 cmd_str(c, id))));
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc_code find_problems(struct answer *w, struct show_reader *reader) {
    struct buf b;
    w->problems = ARENA_NEW(&w->c->arena, struct text, PROBLEMS_N + 3);
    w->problem_names = ARENA_NEW(&w->c->arena, const char *, PROBLEMS_N + 3);
    buf_init(&b, 8000);
    for (int p = 0; p < PROBLEMS_N; p++)
        if (w->person->problems >> p & 1) {
            why_problem((enum problem)p, &w->view.user, &b);
            add_problem(w, problem_name((enum problem)p), kept(w->c, &b));
        }
    buf_done(&b);
    enum rc_code rc = check_manager(w);
    return rc != RC_OK ? rc : find_sharers(w, reader);
}

/* ---- what is waited for ---- */

/* "email: a -> b (HR states another value); ..." */
static enum rc_code say_changes(struct cmd *c, int64_t company_id, int64_t run_id, int64_t user_id,
                                struct buf *ret) {
    struct history_change *changes;
    size_t n;
    enum rc_code rc =
        history_changes_of(c->store, company_id, run_id, user_id, &c->arena, &changes, &n, &c->err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        if (i > 0)
            buf_str(ret, "; ");
        change_sentence(cmd_str(c, changes[i].field), changes[i].old, changes[i].new,
                        cmd_str(c, changes[i].rule), ret);
    }
    return rc;
}

static enum rc_code wait_for_runs(struct cmd *c, const struct company *co, int64_t user_id,
                                  struct text source_id, struct answer *w, bool *ret_any) {
    struct history_wait *runs;
    struct buf b;
    size_t n;
    enum rc_code rc = history_waiting(c->store, co->company_id, user_id, source_id, &c->arena,
                                      &runs, &n, &c->err);
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        buf_printf(&b, "run %lld %s since %s%s: ", (long long)runs[i].run_id,
                   runs[i].is_held ? "waits for a person's decision" : "is a preview that waits",
                   cmd_when(c, runs[i].started_us),
                   runs[i].is_held ? "" : ", and would do this only if approved");
        rc = say_changes(c, co->company_id, runs[i].run_id, runs[i].user_id, &b);
        add_wait(w, (struct wait){ "decision", runs[i].run_id, NULL, kept(c, &b) });
        w->name = w->name.state == TEXT_SET ? w->name : runs[i].name;
        *ret_any = true;
    }
    buf_done(&b);
    return rc;
}

static enum rc_code wait_for_look_up(struct answer *w) {
    struct cmd *c = w->c;
    int64_t since;
    enum rc_code rc =
        unsettled_since(c->store, w->found->company.company_id, w->person->integration_id,
                        w->person->user_id, &since, &c->err);
    if (rc == RC_OK && since != 0)
        add_wait(w,
                 (struct wait){
                     "look-up", 0, NULL,
                     text_of(arena_printf(
                         &c->arena,
                         "HR's list lacks this person since %s, and asking by id has not settled "
                         "why: everything stays as it is, and each import asks again; silence of "
                         "more than %d hours makes them absent",
                         cmd_when(c, since), UNSETTLED_HOURS)) });
    return rc;
}

/* ---- showing ---- */

static const char *shown(struct cmd *c, struct text t) {
    return t.state == TEXT_SET     ? arena_printf(&c->words, "\"%s\"", cmd_str(c, t))
           : t.state == TEXT_EMPTY ? "(empty)"
                                   : "(never read)";
}

/* Where a rule takes one value of HR's as it is, that is all there is to say. */
static void say_source(struct cmd *c, const struct mapping_step *s, struct buf *ret) {
    bool plain = s->inputs_n == 1 && text_is(s->rule, s->inputs[0].name);
    if (plain && s->result.state == TEXT_SET && text_equal(s->result, s->inputs[0].value)) {
        buf_printf(ret, "HR's %s", s->inputs[0].name);
        return;
    }
    if (!plain)
        buf_printf(ret, "%s, where ", cmd_str(c, s->rule));
    for (size_t k = 0; k < s->inputs_n; k++)
        buf_printf(ret, "%sHR's %s%s is %s", k > 0 ? ", " : "", s->inputs[k].name,
                   plain ? ", which" : "", shown(c, s->inputs[k].value));
    if (s->inputs_n == 0)
        buf_str(ret, "nothing of HR's is read");
    if (s->why != MAPPING_SETS && s->why != MAPPING_CLEARS)
        buf_printf(ret, ": %s", mapping_why_sentence(s->why));
}

static void print_steps(const struct answer *w) {
    struct cmd *c = w->c;
    for (size_t i = 0; i < w->steps_n; i++) {
        const struct mapping_step *s = &w->steps[i];
        struct buf b;
        buf_init(&b, 1 << 16);
        say_source(c, s, &b);
        bool several = strcmp(s->target, "secondary_teams") == 0 && s->result.state == TEXT_SET;
        printf("  %s %s%s  from %s\n", cmd_cell(c, text_of(s->target), 17),
               several ? cmd_str(c, people_teams(c, &w->found->company, w->person, s->result))
                       : shown(c, s->result),
               strcmp(s->target, "primary_team") == 0 ? w->team
               : strcmp(s->target, "manager") == 0    ? w->manager
                                                      : "",
               b.len > 0 ? b.ptr : "");
        buf_done(&b);
    }
}

static void print_waits(const struct answer *w) {
    puts(w->waits_n > 0 ? "\nwhat is waited for" : "\nNothing is waited for.");
    for (size_t i = 0; i < w->waits_n; i++) {
        cmd_wrap(w->c, "  ", w->waits[i].text);
        if (w->waits[i].run_id != 0)
            printf("  Decide:  rollcall run show %s/%lld\n", cmd_str(w->c, w->found->company.key),
                   (long long)w->waits[i].run_id);
    }
}

static enum rc_code print_answer(const struct answer *w) {
    struct cmd *c = w->c;
    printf("%s%s%s (%s%s%s)\n", cmd_colour() ? "\033[1m" : "", cmd_str(c, w->name),
           cmd_colour() ? "\033[0m" : "", cmd_str(c, w->person->source_id),
           w->in != NULL ? " in " : "", w->in != NULL ? cmd_str(c, w->in->key) : "");
    cmd_wrap(c, "  ", w->lifecycle);
    if (w->view.user.fields[USER_EXCLUDED].state == TEXT_SET)
        printf("  left out by a filter of the mapping: %s\n",
               cmd_str(c, w->view.user.fields[USER_EXCLUDED]));
    printf("  as HR stated it in run %lld, read %s\n", (long long)w->person->run_id,
           cmd_when(c, w->person->read_us));
    if (w->problems_n > 0)
        puts("\nproblems");
    for (size_t i = 0; i < w->problems_n; i++)
        printf("  %s: %s\n", w->problem_names[i], cmd_str(c, w->problems[i]));
    print_waits(w);
    enum rc_code rc = people_accounts(c, &w->found->company, w->person->user_id, NULL);
    puts("\nwhere the values come from");
    print_steps(w);
    return rc;
}

static void put_or_null(struct json_writer *w, const char *key, struct text t) {
    json_put_text(w, key, t.state == TEXT_MISSING ? TEXT_NONE : t);
}

static void json_waits(struct json_writer *w, const struct answer *a) {
    json_array(w, "waits");
    for (size_t i = 0; i < a->waits_n; i++) {
        json_object(w, NULL);
        json_put_cstr(w, "for", a->waits[i].what);
        if (a->waits[i].run_id != 0)
            json_put_int(w, "run", a->waits[i].run_id);
        else
            json_put_null(w, "run");
        json_put_cstr(w, "until", a->waits[i].until);
        json_put_text(w, "text", a->waits[i].text);
        json_object_end(w);
    }
    json_array_end(w);
}

static enum rc_code json_answer(struct json_writer *w, const struct answer *a) {
    json_object(w, NULL);
    json_put_text(w, "person", a->person->source_id);
    put_or_null(w, "name", a->name);
    json_put_cstr(w, "integration", a->in != NULL ? cmd_str(a->c, a->in->key) : NULL);
    json_put_cstr(w, "lifecycle", lifecycle_name(a->view.lifecycle));
    json_put_cstr(w, "rule", a->view.rule);
    json_put_text(w, "text", a->lifecycle);
    put_or_null(w, "excluded", a->view.user.fields[USER_EXCLUDED]);
    json_array(w, "problems");
    for (size_t i = 0; i < a->problems_n; i++) {
        json_object(w, NULL);
        json_put_cstr(w, "problem", a->problem_names[i]);
        json_put_text(w, "text", a->problems[i]);
        json_object_end(w);
    }
    json_array_end(w);
    json_waits(w, a);
    enum rc_code rc = people_accounts(a->c, &a->found->company, a->person->user_id, w);
    json_array(w, "values");
    for (size_t i = 0; i < a->steps_n; i++) {
        const struct mapping_step *s = &a->steps[i];
        json_object(w, NULL);
        json_put_cstr(w, "field", s->target);
        put_or_null(w, "value", people_plain(a->c, s->result));
        json_put_text(w, "rule", s->rule);
        json_object(w, "inputs");
        for (size_t k = 0; k < s->inputs_n; k++)
            json_put_text(w, s->inputs[k].name, s->inputs[k].value);
        json_object_end(w);
        json_put_cstr(w, "why", mapping_why_sentence(s->why));
        json_object_end(w);
    }
    json_array_end(w);
    json_object_end(w);
    return rc;
}

/* ---- one person, or somebody who is only staged ---- */

static enum rc_code answer_for(struct answer *w, struct show_reader *reader) {
    struct cmd *c = w->c;
    bool any = false;
    enum rc_code rc =
        people_view(c, reader, w->person, w->in != NULL ? w->in->listed_us : 0, &w->view);
    if (rc != RC_OK)
        return rc;
    user_keep(&w->view.user, &c->arena); /* the next view takes its place */
    w->name = text_copy(&c->arena, people_name(c, &w->view.user));
    const struct text *u = w->view.user.fields;
    w->team = people_team(c, &w->found->company, w->person, u[USER_PRIMARY_TEAM]);
    w->manager = people_manager(c, &w->found->company, w->person, u[USER_MANAGER], reader);
    if ((rc = wait_for_runs(c, &w->found->company, w->person->user_id, TEXT_NONE, w, &any)) !=
            RC_OK ||
        (rc = wait_for_look_up(w)) != RC_OK)
        return rc;
    explain_lifecycle(w, reader);
    if ((rc = find_problems(w, reader)) != RC_OK)
        return rc;
    return explain_values(w);
}

/* Somebody whom HR lists and the directory does not have yet. */
static enum rc_code answer_for_staged(struct cmd *c, const struct people_found *f,
                                      struct cmd_json *j) {
    struct answer w = { .c = c, .found = f };
    bool any = false;
    enum rc_code rc = wait_for_runs(c, &f->company, 0, text_of(f->who), &w, &any);
    if (rc != RC_OK || !any)
        return rc != RC_OK ? rc : people_nobody(c, f->who);
    if (!c->json) {
        printf(
            "%s (%s)\n  not in the directory yet: HR lists this person, and nobody has decided\n",
            cmd_str(c, w.name), f->who);
        print_waits(&w);
        return RC_OK;
    }
    json_object(&j->w, NULL);
    json_put_cstr(&j->w, "person", f->who);
    put_or_null(&j->w, "name", w.name);
    json_put_null(&j->w, "lifecycle");
    json_waits(&j->w, &w);
    json_object_end(&j->w);
    return RC_OK;
}

static enum rc_code answer_all(struct cmd *c, const struct people_found *f, struct cmd_json *j) {
    struct show_reader reader;
    enum rc_code rc = people_reader_open(c, &f->company, &reader);
    for (size_t i = 0; i < f->n && rc == RC_OK; i++) {
        struct answer w = { .c = c,
                            .found = f,
                            .person = &f->people[i],
                            .in = people_integration(f, f->people[i].integration_id) };
        if ((rc = answer_for(&w, &reader)) != RC_OK)
            break;
        if (!c->json && i > 0)
            putchar('\n');
        rc = c->json ? json_answer(&j->w, &w) : print_answer(&w);
    }
    show_reader_close(&reader);
    return rc;
}

enum cmd_exit cmd_people_why(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *ref;
    struct people_found f;
    struct cmd_json j;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    enum rc_code rc = people_find(c, ref, &f);
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        cmd_json_begin(&j);
        json_array(&j.w, "people");
    }
    rc = f.n > 0 ? answer_all(c, &f, &j) : answer_for_staged(c, &f, &j);
    if (c->json) {
        json_array_end(&j.w);
        if (rc == RC_OK)
            cmd_json_end(&j);
        else
            buf_done(&j.buf);
    }
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}
