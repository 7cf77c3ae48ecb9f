/* The first question of a Monday morning: is all well, and if not, who is affected and what is the
 * safe thing to do? */
#include <string.h>
#include "cmd/status.h"
#include "show/status.h"
#include "store/watch.h"

static void print_advice(struct cmd *c, const struct company *co, const struct integration *in,
                         const struct show_state *s) {
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
    } else if (s->health.zone_unknown) {
        printf("  Nothing has been read since %s: %s.\n", cmd_when(c, s->health.trouble.since_us),
               cmd_str(c, s->health.trouble.sentence));
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
                        const struct show_state *s) {
    const char *say = strcmp(s->verdict, "ok") == 0    ? "all is well"
                      : strcmp(s->verdict, "new") == 0 ? "not imported yet"
                                                       : s->verdict;
    printf("%s%s/%s: %s%s\n", cmd_colour() ? "\033[1m" : "", cmd_str(c, co->key),
           cmd_str(c, in->key), say, cmd_colour() ? "\033[0m" : "");
    printf("  people   ");
    bool any = false;
    for (int l = 1; l < LIFECYCLES_N; l++) {
        if (s->counts.people[l] == 0)
            continue;
        printf("%s%s %s", any ? ", " : "", cmd_count(c, s->counts.people[l]),
               lifecycle_name((enum lifecycle)l));
        any = true;
    }
    puts(any ? "" : "nobody");
    if (s->counts.with_problems + s->counts.shared > 0)
        printf("  problems %s people, %s shared addresses (rollcall problems list %s)\n",
               cmd_count(c, s->counts.with_problems), cmd_count(c, s->counts.shared),
               cmd_str(c, co->key));
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
    if (s->has_hook)
        cmd_print_webhook(c, cmd_str(c, co->key), cmd_str(c, in->key), &s->hook);
}

static enum rc_code print_company(struct cmd *c, const struct company *co, bool *ret_held) {
    const struct show show = cmd_show(c);
    struct integration *ins;
    struct show_state s;
    size_t n;
    enum rc_code rc = integration_list(c->store, co->company_id, &c->arena, &ins, &n, &c->err);
    if (co->suspended_us != 0 && !c->json)
        printf("%s: suspended since %s, by %s: nothing is read for it and nothing delivered\n",
               cmd_str(c, co->key), cmd_when(c, co->suspended_us), cmd_str(c, co->suspended_by));
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        if ((rc = show_state_load(&show, co, &ins[i], &s, &c->err)) != RC_OK)
            break;
        *ret_held |= s.health.has_held;
        print_state(c, co, &ins[i], &s);
    }
    if (rc == RC_OK)
        rc = status_there(c, co, ret_held);
    if (rc == RC_OK && n == 0)
        printf("%s: not connected yet: rollcall integration add %s/KEY --source NAME\n",
               cmd_str(c, co->key), cmd_str(c, co->key));
    return rc;
}

static enum rc_code say_json(struct cmd *c, const struct company *all, size_t n, bool *ret_held) {
    const struct show show = cmd_show(c);
    struct cmd_json j;
    cmd_json_begin(&j);
    enum rc_code rc = show_status(&show, &j.w, all, n, ret_held, &c->err);
    cmd_json_finish(&j, rc);
    return rc;
}

enum cmd_exit cmd_status(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *key = NULL;
    struct company *all = NULL;
    size_t n = 0;
    bool held = false;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 0, 1, &key))
        return CMD_MISUSED;
    if ((rc = cmd_companies(c, key, &all, &n)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json)
        rc = say_json(c, all, n, &held);
    else
        for (size_t i = 0; i < n && rc == RC_OK; i++)
            rc = print_company(c, &all[i], &held);
    struct rc_error full = { 0 };
    if (!c->json && watch_room(c->where, &full) !=
                        RC_OK) /* looked at now; what failed may not be written down */
        printf("the disk: %s\n", full.text);
    if (n == 0 && !c->json)
        puts("there is nobody here yet: rollcall company add COMPANY");
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    return held ? CMD_HELD : CMD_OK;
}
