/* What the guard would have said to the runs of the last weeks with other limits, and which limits
 * the company's own rhythm suggests. */
#include <stdlib.h>
#include "cmd/cmd.h"
#include "show/simulation.h"

enum { SHOWN = 20 };

struct simulation {
    struct cmd *c;
    struct company co;
    struct integration in;
    const char *typed; /* limits on the command line; NULL: those that the integration has */
    struct show_simulation is;
};

/* ---- for people ---- */

static void print_reasons(const struct simulation *s, const struct simulate_result *r) {
    struct buf b;
    buf_init(&b, 1000);
    for (size_t k = 0; guard_reason(&r->verdict, &r->input, &s->is.limits, k, &b);
         k++, buf_clear(&b))
        printf("      %s\n", b.ptr);
    buf_done(&b);
}

/* What a person refused stands apart: with these limits nobody had been asked. */
static bool is_of(const struct simulation *s, const struct simulate_result *r,
                  enum simulate_outcome outcome, bool refused) {
    return r->outcome == outcome &&
           (show_simulation_run(&s->is, r)->state == RUN_REJECTED) == refused;
}

static void print_runs(const struct simulation *s, enum simulate_outcome outcome, bool refused,
                       const char *title) {
    size_t shown = 0, n = 0;
    for (size_t i = 0; i < s->is.results_n; i++)
        n += is_of(s, &s->is.results[i], outcome, refused);
    if (n == 0)
        return;
    printf("\n%s (%s)\n", title, cmd_count(s->c, (int64_t)n));
    for (size_t i = 0; i < s->is.results_n && shown < SHOWN; i++) {
        const struct simulate_result *r = &s->is.results[i];
        if (!is_of(s, r, outcome, refused))
            continue;
        shown++;
        const struct run *kept = show_simulation_run(&s->is, r);
        printf("  run %-6lld %s  %s%s\n", (long long)kept->run_id, cmd_when(s->c, kept->started_us),
               run_state_name(kept->state), kept->approved ? ", a person said yes" : "");
        if (outcome == SIMULATE_NOW_HELD)
            print_reasons(s, r);
        else
            printf("      %s\n", cmd_str(s->c, show_simulation_held(&s->is, r, &s->c->words)));
    }
    if (shown < n)
        printf("  ... and %s more: rollcall --json run simulate\n",
               cmd_count(s->c, (int64_t)(n - shown)));
}

static void print_classes(const struct simulation *s) {
    bool any = false;
    for (int k = 0; k < CHANGE_OTHER; k++) {
        if (s->is.was_held[k] + s->is.would_hold[k] == 0)
            continue;
        if (!any)
            puts("\nruns held, by class      were   would be");
        any = true;
        printf("  %-20s %6zu %10zu\n", change_class_name((enum change_class)k), s->is.was_held[k],
               s->is.would_hold[k]);
    }
}

static const char *three(const struct simulation *s, const int64_t n[GUARD_WINDOWS_N]) {
    return arena_printf(&s->c->words, "%lld / %lld / %lld", (long long)n[GUARD_RUN],
                        (long long)n[GUARD_DAY], (long long)n[GUARD_MONTH]);
}

static void print_rhythm(const struct simulation *s) {
    const struct simulate_rhythm *r = &s->is.rhythm;
    bool above = false;
    struct buf b;
    printf(
        "\nThe company's own rhythm: %zu runs in %lld days; people in one run / 24 hours / 30 days\n"
        "  %-12s %-18s %-18s %-18s\n",
        r->runs_n, (long long)r->days, "class", "most so far", "limits now",
        r->is_enough ? "suggested" : "");
    for (int k = 0; k < CHANGE_OTHER; k++) {
        int64_t now[GUARD_WINDOWS_N], suggested[GUARD_WINDOWS_N];
        bool over = false;
        if (!show_simulation_has(r, k))
            continue;
        for (int w = 0; w < GUARD_WINDOWS_N; w++) {
            now[w] = guard_limit_people(s->is.limits.of[k][w], s->is.population);
            suggested[w] = r->limits.of[k][w].people;
            over |= r->above[k][w];
        }
        above |= over;
        printf("  %-12s %-18s %-18s %s%s\n", change_class_name((enum change_class)k),
               three(s, r->most[k]), three(s, now), r->is_enough ? three(s, suggested) : "",
               over && r->is_enough ? "  ABOVE THE USUAL" : "");
    }
    if (!r->is_enough) {
        printf("Too little to suggest anything from: it takes %d runs over %d days.\n",
               SIMULATE_RUNS_LEAST, SIMULATE_DAYS_LEAST);
        return;
    }
    buf_init(&b, 10000);
    show_simulation_suggested(r, &b);
    printf(
        "\nNone of these runs would have been held with the limits suggested: the most so far, half again, and two\n"
        "people more at least. They are numbers for a company of %s people, and %lld days are not a year: whoever takes\n"
        "interns in summer adds room for them.%s\n  rollcall integration set %s/%s --limits '%s'\n",
        cmd_count(s->c, s->is.population), (long long)r->days,
        above
            ? "\nSome are above the usual limits, which have held runs like these: look at those runs first."
            : "",
        cmd_str(s->c, s->co.key), cmd_str(s->c, s->in.key), b.ptr);
    buf_done(&b);
}

static void print_all(const struct simulation *s) {
    size_t were = s->is.count[SIMULATE_HOLDS] + s->is.count[SIMULATE_NOW_PASSES] +
                  s->is.count[SIMULATE_UNKNOWN];
    printf("%s/%s: the runs of the last %lld days, with %s\n\n", cmd_str(s->c, s->co.key),
           cmd_str(s->c, s->in.key), (long long)s->is.days,
           s->typed != NULL ? "the limits given" : "the limits that hold now");
    printf("  runs       %s\n", cmd_count(s->c, (int64_t)s->is.results_n));
    printf("  were held  %s\n", cmd_count(s->c, (int64_t)were));
    printf("  would be   %s%s\n",
           cmd_count(s->c, (int64_t)(s->is.count[SIMULATE_HOLDS] + s->is.count[SIMULATE_NOW_HELD])),
           s->is.count[SIMULATE_UNKNOWN] > 0 ? ", and of some nobody can tell" : "");
    print_runs(s, SIMULATE_NOW_PASSES, true,
               "WOULD HAVE GONE THROUGH, and a person said no when they were held");
    print_runs(s, SIMULATE_UNKNOWN, true,
               "a person said no; now HR would have been asked for the missing people by id, and "
               "nobody can tell");
    print_runs(s, SIMULATE_NOW_HELD, false, "would have been held, and were not");
    print_runs(s, SIMULATE_NOW_PASSES, false, "would have passed, and were held");
    print_runs(s, SIMULATE_UNKNOWN, false,
               "nobody can tell: HR would have been asked for the missing people by id");
    print_classes(s);
    if (s->is.results_n > 0)
        print_rhythm(s);
}

enum cmd_exit cmd_run_simulate(struct cmd *c, int argc, char **argv) {
    struct simulation s = { .c = c };
    const char *ref, *days = NULL;
    int64_t n = SHOW_SIMULATION_DAYS;
    const struct cmd_option options[] = {
        { "limits", "JSON", "as integration set takes them; without: those that hold now",
          .value = &s.typed },
        { "days", "N", "how far back (90)", .value = &days },
        { 0 }
    };
    char *end = NULL;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if (days != NULL &&
        ((n = strtoll(days, &end, 10)) < 1 || n > SHOW_SIMULATION_DAYS_MOST || *end != '\0'))
        return cmd_misused(c, "--days wants a number from 1 to %d", SHOW_SIMULATION_DAYS_MOST);
    if (s.typed != NULL && guard_limits_read(text_of(s.typed), &s.is.limits, &c->err) != RC_OK)
        return cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
    enum rc_code rc = cmd_integration_of(c, ref, false, &s.co, &s.in);
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    const struct show show = cmd_show(c);
    if ((rc = show_simulation_load(&show, &s.in, text_of(s.typed), n, &s.is, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        show_simulation(&show, &j.w, &s.co, &s.in, &s.is);
        cmd_json_end(&j);
    } else
        print_all(&s);
    return CMD_OK;
}
