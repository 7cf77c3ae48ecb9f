/* The first question of a Monday morning: is all well, and if not, who is affected and what is the
 * safe thing to do? */
#include <string.h>
#include "cmd/people.h"
#include "cmd/status.h"
#include "people/problem.h"
#include "store/unsettled.h"
#include "sync/health.h"

enum { AT_ONCE = 2000 };

struct state {
    struct health health;
    int64_t people[LIFECYCLES_N], with_problems, shared, unsettled;
    const char *verdict; /* health_verdict_name() */
};

static enum rc_code count_people(struct cmd *c, const struct company *co,
                                 const struct integration *in, struct state *s) {
    struct show_reader reader;
    struct person *people;
    struct arena page;
    size_t n = 0;
    int64_t after = 0;
    enum rc_code rc = people_reader_open(c, co, &reader);
    if (rc != RC_OK)
        return rc;
    arena_init(&page);
    do {
        arena_reset(&page);
        rc = directory_list(c->store, co->company_id, in->integration_id, 0, after, AT_ONCE, &page,
                            &people, &n, &c->err);
        for (size_t i = 0; i < n && rc == RC_OK; i++) {
            struct show_view v;
            after = people[i].user_id;
            if ((rc = people_view(c, &reader, &people[i], in->listed_us, &v)) != RC_OK)
                break;
            s->people[v.lifecycle]++;
            s->with_problems += people[i].problems != 0 && !lifecycle_is_gone(v.lifecycle);
        }
    } while (rc == RC_OK && n == AT_ONCE);
    arena_done(&page);
    show_reader_close(&reader);
    return rc;
}

static enum rc_code state_of(struct cmd *c, const struct company *co, const struct integration *in,
                             struct state *s) {
    enum rc_code rc;
    memset(s, 0, sizeof *s);
    if ((rc = health_of_integration(c->store, in, clock_now_us(c->clock), &c->arena, &s->health,
                                    &c->err)) != RC_OK)
        return rc;
    if ((rc = count_people(c, co, in, s)) != RC_OK ||
        (rc = directory_shared_emails(c->store, co->company_id, &s->shared, &c->err)) != RC_OK ||
        (rc = unsettled_count(c->store, co->company_id, in->integration_id, &s->unsettled,
                              &c->err)) != RC_OK)
        return rc;
    s->verdict = health_verdict_name(s->health.verdict);
    return RC_OK;
}

static void json_state(struct json_writer *w, const struct company *co,
                       const struct integration *in, const struct state *s) {
    char at[32];
    json_object(w, NULL);
    json_put_text(w, "company", co->key);
    json_put_text(w, "integration", in->key);
    json_put_cstr(w, "verdict", s->verdict);
    json_put_cstr(w, "listed_at",
                  in->listed_us != 0 ? date_format_instant(in->listed_us, at) : NULL);
    json_object(w, "people");
    for (int l = 1; l < LIFECYCLES_N; l++)
        json_put_int(w, lifecycle_name((enum lifecycle)l), s->people[l]);
    json_object_end(w);
    json_put_int(w, "with_problems", s->with_problems);
    json_put_int(w, "shared_email", s->shared);
    json_put_int(w, "unsettled", s->unsettled);
    if (s->health.has_last)
        show_run(w, "last_run", co, in->key, &s->health.last);
    else
        json_put_null(w, "last_run");
    if (s->health.has_held)
        show_run(w, "held_run", co, in->key, &s->health.held);
    else
        json_put_null(w, "held_run");
    json_object_end(w);
}

static void print_advice(struct cmd *c, const struct company *co, const struct integration *in,
                         const struct state *s) {
    const char *key = cmd_str(c, co->key);
    if (s->health.has_held) {
        printf("  Run %lld waits for a person: %s.\n", (long long)s->health.held.run_id,
               cmd_str(c, s->health.held.reason));
        if (s->health.held.counts.classes[CHANGE_LEAVERS] > 0 && in->listed_us != 0)
            printf("  While it waits, %s who would leave by it keep their access.\n",
                   cmd_people(c, s->health.held.counts.classes[CHANGE_LEAVERS]));
        if (cmd_ask_first(&s->health.held) != NULL)
            printf("  %s\n", cmd_ask_first(&s->health.held));
        printf("  Safe to do:  rollcall run show %s/%lld   (changes nothing)\n", key,
               (long long)s->health.held.run_id);
    } else if (s->health.has_last && s->health.last.state == RUN_FAILED) {
        printf(
            "  The last run failed, and changed nothing: %s.\n  Safe to do:  rollcall integration check %s/%s   (changes nothing)\n"
            "               rollcall import %s/%s   (tries again)\n",
            cmd_str(c, s->health.last.reason), key, cmd_str(c, in->key), key, cmd_str(c, in->key));
    } else if (in->listed_us == 0) {
        printf(
            "  Nobody has been imported yet.\n  Safe to do:  rollcall import %s/%s   (asks before it changes anything)\n",
            key, cmd_str(c, in->key));
    } else if (strcmp(s->verdict, "stale") == 0) {
        printf("  HR was last read %s: long ago.\n  Safe to do:  rollcall import %s/%s\n",
               cmd_when(c, in->listed_us), key, cmd_str(c, in->key));
    }
}

/* It may be at work right now; nobody can tell from here whether its process lives. */
static void print_under_way(struct cmd *c, const struct run *r) {
    if (r->state == RUN_LISTING || r->state == RUN_CHECKING || r->state == RUN_PASSED)
        printf(
            "  run %-4lld %s since %s. If its process has died, nothing is lost: the next import %s\n",
            (long long)r->run_id, run_state_name(r->state), cmd_when(c, r->started_us),
            r->state == RUN_LISTING ? "begins anew" : "goes on from there");
}

static void print_state(struct cmd *c, const struct company *co, const struct integration *in,
                        const struct state *s) {
    const char *say = strcmp(s->verdict, "ok") == 0    ? "all is well"
                      : strcmp(s->verdict, "new") == 0 ? "not imported yet"
                                                       : s->verdict;
    printf("%s%s/%s: %s%s\n", cmd_colour() ? "\033[1m" : "", cmd_str(c, co->key),
           cmd_str(c, in->key), say, cmd_colour() ? "\033[0m" : "");
    printf("  people   ");
    bool any = false;
    for (int l = 1; l < LIFECYCLES_N; l++) {
        if (s->people[l] == 0)
            continue;
        printf("%s%s %s", any ? ", " : "", cmd_count(c, s->people[l]),
               lifecycle_name((enum lifecycle)l));
        any = true;
    }
    puts(any ? "" : "nobody");
    if (s->with_problems + s->shared > 0)
        printf("  problems %s people, %s shared addresses (rollcall problems list %s)\n",
               cmd_count(c, s->with_problems), cmd_count(c, s->shared), cmd_str(c, co->key));
    if (s->unsettled > 0)
        printf(
            "  missing  %s from HR's list, and asking by id has not settled why: they keep their access, and are asked for at each"
            " import\n",
            cmd_people(c, s->unsettled));
    if (in->listed_us != 0)
        printf("  listed   %s\n", cmd_when(c, in->listed_us));
    if (s->health.has_last)
        print_under_way(c, &s->health.last);
    print_advice(c, co, in, s);
}

static enum rc_code company_status(struct cmd *c, const struct company *co, struct cmd_json *j,
                                   bool *ret_held) {
    struct integration *ins;
    struct state s;
    size_t n;
    enum rc_code rc = integration_list(c->store, co->company_id, &c->arena, &ins, &n, &c->err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        if ((rc = state_of(c, co, &ins[i], &s)) != RC_OK)
            break;
        *ret_held |= s.health.has_held;
        c->json ? json_state(&j->w, co, &ins[i], &s) : print_state(c, co, &ins[i], &s);
    }
    if (rc == RC_OK && !c->json)
        rc = status_there(c, co, NULL, ret_held);
    if (rc == RC_OK && n == 0 && !c->json)
        printf("%s: not connected yet: rollcall integration add %s/KEY --source NAME\n",
               cmd_str(c, co->key), cmd_str(c, co->key));
    return rc;
}

enum cmd_exit cmd_status(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *key = NULL;
    struct company one, *all = &one;
    struct cmd_json j;
    size_t n = 1;
    bool held = false;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 0, 1, &key))
        return CMD_MISUSED;
    if ((rc = cmd_open(c)) != RC_OK ||
        (rc = key != NULL ? cmd_company_of(c, key, &one, NULL)
                          : company_list(c->store, &c->arena, &all, &n, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        cmd_json_begin(&j);
        json_array(&j.w, "integrations");
    }
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = company_status(c, &all[i], &j, &held);
    if (c->json) {
        json_array_end(&j.w);
        json_array(&j.w, "destinations");
        for (size_t i = 0; i < n && rc == RC_OK; i++)
            rc = status_there(c, &all[i], &j.w, &held);
        json_array_end(&j.w);
        if (rc == RC_OK)
            cmd_json_end(&j);
        else
            buf_done(&j.buf);
    }
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    return held ? CMD_HELD : CMD_OK;
}
