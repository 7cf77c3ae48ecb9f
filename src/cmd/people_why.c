/* Why does this person stand where they stand, and what is waited for? For the administrator who
 * asks why somebody has, or has not, an account. */
#include <string.h>
#include "cmd/people.h"

struct answer {
    struct cmd *c;
    const struct people_found *found;
    struct show_why y;
    const char *team, *manager; /* " (Dock)", to stand behind the key */
    struct show_there_of *there;
    size_t there_n;
};

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
    for (size_t i = 0; i < w->y.steps_n; i++) {
        const struct mapping_step *s = &w->y.steps[i];
        struct buf b;
        buf_init(&b, 1 << 16);
        say_source(c, s, &b);
        bool several = strcmp(s->target, "secondary_teams") == 0 && s->result.state == TEXT_SET;
        printf("  %s %s%s  from %s\n", cmd_cell(c, text_of(s->target), 17),
               several ? cmd_str(c, people_teams(c, &w->found->company, w->y.person, s->result))
                       : shown(c, s->result),
               strcmp(s->target, "primary_team") == 0 ? w->team
               : strcmp(s->target, "manager") == 0    ? w->manager
                                                      : "",
               b.len > 0 ? b.ptr : "");
        buf_done(&b);
    }
}

/* In HR and on the platforms: nothing is waited for only where neither waits. */
static void print_waits(const struct answer *w) {
    size_t waits_n = w->y.waits_n;
    for (size_t i = 0; i < w->there_n; i++)
        waits_n += people_waits(w->c, w->y.person, &w->there[i]).state == TEXT_SET;
    puts(waits_n > 0 ? "\nwhat is waited for" : "\nNothing is waited for.");
    for (size_t i = 0; i < w->y.waits_n; i++) {
        cmd_wrap(w->c, "  ", w->y.waits[i].text);
        if (w->y.waits[i].run_id != 0)
            printf("  Decide:  rollcall run show %s/%lld\n", cmd_str(w->c, w->found->company.key),
                   (long long)w->y.waits[i].run_id);
    }
    for (size_t i = 0; i < w->there_n; i++) {
        struct text t = people_waits(w->c, w->y.person, &w->there[i]);
        if (t.state == TEXT_SET)
            cmd_wrap(w->c, "  ",
                     text_of(arena_printf(&w->c->words, "on %.*s/%.*s: %.*s",
                                          TEXT_ARG(w->found->company.key),
                                          TEXT_ARG(w->there[i].platform->key), TEXT_ARG(t))));
    }
}

static void print_answer(const struct answer *w) {
    struct cmd *c = w->c;
    printf("%s%s%s (%s%s%s)\n", cmd_colour() ? "\033[1m" : "", cmd_str(c, w->y.name),
           cmd_colour() ? "\033[0m" : "", cmd_str(c, w->y.person->source_id),
           w->y.in != NULL ? " in " : "", w->y.in != NULL ? cmd_str(c, w->y.in->key) : "");
    cmd_wrap(c, "  ", w->y.lifecycle);
    if (w->y.view.user.fields[USER_EXCLUDED].state == TEXT_SET)
        printf("  left out by a filter of the mapping: %s\n",
               cmd_str(c, w->y.view.user.fields[USER_EXCLUDED]));
    printf("  as HR stated it in run %lld, read %s\n", (long long)w->y.person->run_id,
           cmd_when(c, w->y.person->read_us));
    if (w->y.problems_n > 0)
        puts("\nproblems");
    for (size_t i = 0; i < w->y.problems_n; i++)
        printf("  %s: %s\n", w->y.problems[i].name, cmd_str(c, w->y.problems[i].text));
    print_waits(w);
    people_accounts(c, &w->found->company, w->y.person, w->there, w->there_n);
    puts("\nwhere the values come from");
    print_steps(w);
}

/* ---- one person, or somebody who is only staged ---- */

static enum rc_code answer_for(struct answer *w, const struct show *s,
                               const struct show_subjects *all, const struct person *p,
                               struct show_reader *reader) {
    struct cmd *c = w->c;
    const struct company *co = &w->found->company;
    enum rc_code rc = show_why_load(s, co, all, p, reader, &w->y, &c->err);
    if (rc != RC_OK || c->json)
        return rc;
    const struct text *u = w->y.view.user.fields;
    w->team = people_team(c, co, p, u[USER_PRIMARY_TEAM]);
    w->manager = people_manager(c, co, p, u[USER_MANAGER], reader);
    return people_there(c, co, p, &w->there, &w->there_n);
}

/* Somebody whom HR lists and the directory does not have yet. */
static enum rc_code answer_for_staged(struct cmd *c, const struct people_found *f,
                                      const struct show *s, struct cmd_json *j) {
    struct answer w = { .c = c, .found = f };
    enum rc_code rc = show_why_staged_load(s, &f->company, f->who, &w.y, &c->err);
    if (rc != RC_OK || w.y.waits_n == 0)
        return rc != RC_OK ? rc : people_nobody(c, f->who);
    if (c->json)
        return show_why(s, &j->w, NULL, f->who, &w.y, &c->err);
    printf("%s (%s)\n  not in the directory yet: HR lists this person, and nobody has decided\n",
           cmd_str(c, w.y.name), f->who);
    print_waits(&w);
    return RC_OK;
}

static enum rc_code answer_all(struct cmd *c, const struct people_found *f, const struct show *s,
                               struct cmd_json *j) {
    struct show_subjects all;
    struct show_reader reader;
    enum rc_code rc = show_subjects(s, &f->company, &all, &c->err);
    if (rc != RC_OK || (rc = people_reader_open(c, &f->company, &reader)) != RC_OK)
        return rc;
    for (size_t i = 0; i < f->n && rc == RC_OK; i++) {
        struct answer w = { .c = c, .found = f };
        if ((rc = answer_for(&w, s, &all, &f->people[i], &reader)) != RC_OK)
            break;
        if (!c->json && i > 0)
            putchar('\n');
        if (c->json)
            rc = show_why(s, &j->w, &all, f->who, &w.y, &c->err);
        else
            print_answer(&w);
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
    const struct show s = cmd_show(c);
    if (c->json) {
        cmd_json_begin(&j);
        json_array(&j.w, "people");
    }
    rc = f.n > 0 ? answer_all(c, &f, &s, &j) : answer_for_staged(c, &f, &s, &j);
    if (c->json) {
        json_array_end(&j.w);
        cmd_json_finish(&j, rc);
    }
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}
