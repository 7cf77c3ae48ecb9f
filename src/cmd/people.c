#include "cmd/people.h"

#include <stdlib.h>
#include <string.h>
#include "people/problem.h"
#include "people/stored.h"
#include "store/version.h"

enum { AT_ONCE = 2000 };

enum rc_code people_reader_open(struct cmd *c, const struct company *co, struct show_reader *ret) {
    return show_reader_open(co, clock_now_us(c->clock), ret, &c->err);
}

enum rc_code people_view(struct cmd *c, struct show_reader *r, const struct person *p,
                         int64_t listed_us, struct show_view *ret) {
    return show_view(r, p, listed_us, &c->words, ret, &c->err);
}

struct text people_name(struct cmd *c, const struct user *u) {
    return show_name(u, &c->words);
}

struct filter {
    const char *lifecycle, *problem;
    int64_t most;
};

static bool passes(const struct filter *f, const struct person *p, const struct show_view *v) {
    if (f->lifecycle != NULL && strcmp(f->lifecycle, lifecycle_name(v->lifecycle)) != 0)
        return false;
    return f->problem == NULL || show_has_problem(p, f->problem);
}

static bool filter_is_good(struct cmd *c, const struct filter *f) {
    bool good = f->lifecycle == NULL;
    for (int l = 1; l < LIFECYCLES_N && !good; l++)
        good = strcmp(f->lifecycle, lifecycle_name((enum lifecycle)l)) == 0;
    if (!good) {
        cmd_misused(c, "--lifecycle is one of expected, active, leave, leaving, left, absent");
        return false;
    }
    good = f->problem == NULL || show_is_problem(f->problem);
    if (!good)
        cmd_misused(
            c,
            "--problem is \"any\" or one of no-email, bad-email, no-first-name, no-last-name, unknown-status, bad-date, bad-value,"
            " ends-before-start, own-manager, filter-unknown");
    return good;
}

static int64_t listed_of(const struct integration *list, size_t n, int64_t integration_id) {
    for (size_t i = 0; i < n; i++)
        if (list[i].integration_id == integration_id)
            return list[i].listed_us;
    return 0;
}

static void print_person(struct cmd *c, const struct person *p, const struct show_view *v) {
    struct buf problems;
    buf_init(&problems, 1000);
    for (int i = 0; i < PROBLEMS_N; i++)
        if (p->problems >> i & 1)
            buf_printf(&problems, " %s", problem_name((enum problem)i));
    printf("%-12s %s %s %-9s%s\n", cmd_str(c, p->source_id),
           cmd_cell(c, people_name(c, &v->user), 30), cmd_cell(c, v->user.fields[USER_EMAIL], 36),
           lifecycle_name(v->lifecycle), problems.len > 0 ? problems.ptr : "");
    buf_done(&problems);
}

static enum rc_code list_people(struct cmd *c, const struct company *co, int64_t overlay,
                                const struct filter *f, struct cmd_json *j, int64_t *ret_n) {
    struct show_reader reader;
    struct integration *ins;
    struct person *people;
    size_t ins_n, n = 0;
    int64_t after = 0;
    struct arena page;
    enum rc_code rc = integration_list(c->store, co->company_id, &c->arena, &ins, &ins_n, &c->err);
    if (rc != RC_OK || (rc = people_reader_open(c, co, &reader)) != RC_OK)
        return rc;
    arena_init(&page);
    do {
        arena_reset(&page);
        arena_reset(&c->words);
        if (c->json)
            cmd_json_flush(j);
        rc = directory_list(c->store, co->company_id, 0, overlay, after, AT_ONCE, &page, &people,
                            &n, &c->err);
        for (size_t i = 0; i < n && rc == RC_OK && *ret_n < f->most; i++) {
            struct show_view v;
            after = people[i].user_id;
            if ((rc = people_view(c, &reader, &people[i],
                                  listed_of(ins, ins_n, people[i].integration_id), &v)) != RC_OK ||
                !passes(f, &people[i], &v))
                continue;
            ++*ret_n;
            c->json ? show_person(&j->w, NULL, &people[i], &v) : print_person(c, &people[i], &v);
        }
    } while (rc == RC_OK && n == AT_ONCE && *ret_n < f->most);
    arena_done(&page);
    show_reader_close(&reader);
    return rc;
}

enum cmd_exit cmd_people_list(struct cmd *c, int argc, char **argv) {
    struct filter f = { .most = INT64_MAX };
    const char *ref, *run = NULL, *limit = NULL;
    const struct cmd_option options[] = {
        { "run", "N", "as it would be after this run", .value = &run },
        { "lifecycle", "WORD", "only expected, active, leave, leaving, left or absent",
          .value = &f.lifecycle },
        { "problem", "WORD", "only people with this problem, or any", .value = &f.problem },
        { "limit", "N", "so many at most", .value = &limit },
        { 0 }
    };
    struct company co;
    struct cmd_json j;
    int64_t n = 0;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref) || !filter_is_good(c, &f))
        return CMD_MISUSED;
    if (limit != NULL && (f.most = strtoll(limit, NULL, 10)) <= 0)
        return cmd_misused(c, "--limit wants a number from 1");
    if ((rc = cmd_company_of(c, ref, &co, NULL)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        cmd_json_begin(&j);
        json_array(&j.w, "people");
    }
    rc = list_people(c, &co, run != NULL ? strtoll(run, NULL, 10) : 0, &f, &j, &n);
    if (c->json) {
        json_array_end(&j.w);
        cmd_json_finish(&j, rc);
    } else if (rc == RC_OK) {
        printf("%s people\n", cmd_count(c, n));
    }
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}

/* ---- one person ---- */

const char *people_team(struct cmd *c, const struct company *co, const struct person *p,
                        struct text key) {
    struct version_team *teams;
    size_t n;
    if (key.state != TEXT_SET || team_list(c->store, co->company_id, p->integration_id, &c->arena,
                                           &teams, &n, NULL) != RC_OK)
        return "";
    for (size_t i = 0; i < n; i++)
        if (text_equal(teams[i].key, key))
            return arena_printf(&c->arena, " (%s)", cmd_str(c, teams[i].name));
    return "";
}

struct teams_of {
    struct cmd *c;
    const struct company *co;
    const struct person *p;
};

static struct text team_called(const void *self, struct text key) {
    const struct teams_of *of = self;
    return text_of(arena_printf(&of->c->arena, "%.*s%s", TEXT_ARG(key),
                                people_team(of->c, of->co, of->p, key)));
}

struct text people_teams(struct cmd *c, const struct company *co, const struct person *p,
                         struct text teams) {
    struct teams_of of = { c, co, p };
    return user_teams_named(teams, ", ", team_called, &of, &c->arena);
}

struct text people_plain(struct cmd *c, struct text t) {
    return show_plain(t, &c->words);
}

const char *people_manager(struct cmd *c, const struct company *co, const struct person *p,
                           struct text id, struct show_reader *r) {
    struct person m;
    struct show_view v;
    if (id.state != TEXT_SET)
        return "";
    if (directory_find(c->store, co->company_id, p->integration_id, id, &c->arena, &m, NULL) !=
            RC_OK ||
        people_view(c, r, &m, 0, &v) != RC_OK)
        return " (nobody we know)";
    return arena_printf(&c->arena, " (%s)", cmd_str(c, people_name(c, &v.user)));
}

static const char *shown(struct cmd *c, struct text t) {
    return t.state == TEXT_SET       ? cmd_str(c, t)
           : t.state == TEXT_MISSING ? "(never read)"
                                     : "(empty)";
}

static void print_whole(struct cmd *c, const struct company *co, const struct person *p,
                        int64_t listed_us, struct show_reader *r) {
    struct show_view v;
    if (people_view(c, r, p, listed_us, &v) != RC_OK)
        return;
    struct user u = v.user;
    user_keep(&u, &c->arena); /* the manager takes the place of the view */
    u.fields[USER_SECONDARY_TEAMS] = people_teams(c, co, p, u.fields[USER_SECONDARY_TEAMS]);
    printf("%s%s%s\n", cmd_colour() ? "\033[1m" : "", cmd_str(c, people_name(c, &u)),
           cmd_colour() ? "\033[0m" : "");
    printf("  %-17s %s: %s\n", "lifecycle", lifecycle_name(v.lifecycle),
           lifecycle_rule_sentence(v.rule));
    printf("  %-17s %s\n  %-17s #%lld\n", "HR id", cmd_str(c, p->source_id), "our number",
           (long long)p->user_id);
    for (int f = 0; f < USER_FIELDS_N; f++) {
        const char *more = f == USER_PRIMARY_TEAM ? people_team(c, co, p, u.fields[f])
                           : f == USER_MANAGER    ? people_manager(c, co, p, u.fields[f], r)
                                                  : "";
        if (f >= USER_FIELDS_FIRST_N && u.fields[f].state == TEXT_MISSING)
            continue; /* not filled by every mapping */
        printf("  %-17s %s%s\n", user_field_name((enum user_field)f), shown(c, u.fields[f]), more);
    }
    for (size_t i = 0; i < u.custom_n; i++)
        printf("  %s %s\n", cmd_cell(c, text_of(u.custom[i].name), 17),
               shown(c, u.custom[i].value));
    printf("  %-17s %s, run %lld\n", "read", cmd_when(c, p->read_us), (long long)p->run_id);
    for (int i = 0; i < PROBLEMS_N; i++)
        if (p->problems >> i & 1)
            printf("  %-17s %s: %s\n", "problem", problem_name((enum problem)i),
                   problem_sentence((enum problem)i));
}

enum rc_code people_find(struct cmd *c, const char *ref, struct people_found *ret) {
    enum { MOST = 20 };
    enum rc_code rc = cmd_company_of(c, ref, &ret->company, &ret->who);
    if (rc != RC_OK ||
        (rc = directory_search(c->store, ret->company.company_id, text_of(ret->who), MOST,
                               &c->arena, &ret->people, &ret->n, &c->err)) != RC_OK)
        return rc;
    return integration_list(c->store, ret->company.company_id, &c->arena, &ret->integrations,
                            &ret->integrations_n, &c->err);
}

const struct integration *people_integration(const struct people_found *f, int64_t integration_id) {
    for (size_t i = 0; i < f->integrations_n; i++)
        if (f->integrations[i].integration_id == integration_id)
            return &f->integrations[i];
    return NULL;
}

enum rc_code people_nobody(struct cmd *c, const char *who) {
    return rc_fail_as(&c->err, RC_NOT_FOUND, "person.unknown",
                      "the directory has nobody with the id or e-mail \"%.80s\"", who);
}

enum cmd_exit cmd_people_show(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *ref;
    struct people_found f;
    struct show_reader reader;
    struct cmd_json j;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((rc = people_find(c, ref, &f)) != RC_OK ||
        (f.n == 0 && (rc = people_nobody(c, f.who)) != RC_OK) ||
        (rc = people_reader_open(c, &f.company, &reader)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        cmd_json_begin(&j);
        json_array(&j.w, "people");
    }
    for (size_t i = 0; i < f.n; i++) {
        struct show_view v;
        const struct person *p = &f.people[i];
        int64_t listed = listed_of(f.integrations, f.integrations_n, p->integration_id);
        if (!c->json)
            print_whole(c, &f.company, p, listed, &reader);
        else if (people_view(c, &reader, p, listed, &v) == RC_OK)
            show_person(&j.w, NULL, p, &v);
    }
    if (c->json) {
        json_array_end(&j.w);
        cmd_json_end(&j);
    }
    show_reader_close(&reader);
    return CMD_OK;
}
