/* What the guard would have said to the runs of the last weeks with other limits, and which limits
 * the company's own rhythm suggests. Computed from what the runs counted; HR is not asked. */
#include <stdlib.h>
#include <string.h>
#include "cmd/cmd.h"
#include "sync/simulate.h"

enum { DAYS_USUAL = 90, DAYS_MOST = 3650, SHOWN = 20 };
static const int64_t day_us = INT64_C(86400000000);

struct simulation {
    struct cmd *c;
    struct company co;
    struct integration in;
    const char *typed; /* limits on the command line; NULL: those that the integration has */
    struct guard_limits limits;
    int64_t days, since_us, population;
    struct simulate_run *runs;
    struct simulate_result *results;
    size_t runs_n, results_n, count[SIMULATE_UNKNOWN + 1];
    size_t was_held[CHANGE_CLASSES_N], would_hold[CHANGE_CLASSES_N];
    struct simulate_rhythm rhythm;
    struct run *kept; /* beside runs */
};

/* A hold that stands in for the same again is one decision, not two; a preview asks nobody. */
static bool is_looked_at(const struct simulation *s, const struct run *r) {
    bool stood_in =
        r->state == RUN_SUPERSEDED && r->other_run_id != 0 && r->other_run_id < r->run_id;
    return r->started_us > s->since_us && r->verdict.state == TEXT_SET && !r->preview && !stood_in;
}

static enum rc_code load(struct simulation *s) {
    struct cmd *c = s->c;
    s->since_us = clock_now_us(c->clock) - s->days * day_us;
    enum rc_code rc =
        run_list_since(c->store, s->co.company_id, s->in.integration_id,
                       s->since_us - GUARD_DAYS * day_us, &c->arena, &s->kept, &s->runs_n, &c->err);
    if (rc != RC_OK || (rc = directory_population(c->store, s->co.company_id, s->in.integration_id,
                                                  &s->population, &c->err)) != RC_OK)
        return rc;
    s->runs = ARENA_NEW(&c->arena, struct simulate_run, s->runs_n + 1);
    for (size_t i = 0; i < s->runs_n; i++) {
        simulate_run_read(&s->kept[i], &s->runs[i]);
        s->runs[i].looked_at = is_looked_at(s, &s->kept[i]);
    }
    return RC_OK;
}

static void compute(struct simulation *s) {
    s->results_n = simulate(s->runs, s->runs_n, &s->limits, &s->c->arena, &s->results);
    for (size_t i = 0; i < s->results_n; i++) {
        const struct simulate_result *r = &s->results[i];
        uint32_t would = 0;
        s->count[r->outcome]++;
        for (size_t f = 0; f < r->verdict.findings_n; f++)
            would |= 1u << r->verdict.findings[f].class;
        for (int k = 0; k < CHANGE_CLASSES_N; k++) {
            s->was_held[k] += r->run->was_held_by >> k & 1;
            s->would_hold[k] += would >> k & 1;
        }
    }
    simulate_suggest(s->runs, s->runs_n, s->population, &s->rhythm);
}

static const struct run *kept_of(const struct simulation *s, const struct simulate_result *r) {
    return &s->kept[r->run - s->runs];
}

/* ---- limits as JSON, as integration set takes them ---- */

static void json_limits(struct json_writer *w, const char *key, const struct guard_limits *l) {
    json_object(w, key);
    for (int k = 0; k < CHANGE_OTHER; k++) {
        json_object(w, change_class_name((enum change_class)k));
        for (int win = 0; win < GUARD_WINDOWS_N; win++) {
            json_array(w, guard_window_name((enum guard_window)win));
            json_put_int(w, NULL, l->of[k][win].people);
            char percent[32];
            int len = snprintf(percent, sizeof percent, "%g", l->of[k][win].percent);
            json_put_raw(w, NULL, percent, (size_t)len);
            json_array_end(w);
        }
        json_object_end(w);
    }
    json_object_end(w);
}

static bool has_rhythm(const struct simulate_rhythm *r, int class) {
    return r->most[class][GUARD_MONTH] > 0;
}

static void write_suggested(const struct simulate_rhythm *r, struct buf *ret) {
    bool any = false;
    buf_str(ret, "{");
    for (int k = 0; k < CHANGE_OTHER; k++) {
        if (!has_rhythm(r, k))
            continue;
        buf_printf(ret, "%s\"%s\":{", any ? "," : "", change_class_name((enum change_class)k));
        for (int w = 0; w < GUARD_WINDOWS_N; w++)
            buf_printf(ret, "%s\"%s\":[%d,0]", w > 0 ? "," : "",
                       guard_window_name((enum guard_window)w), r->limits.of[k][w].people);
        buf_str(ret, "}");
        any = true;
    }
    buf_str(ret, "}");
}

/* Why it was held: as the guard said then, whatever has become of the run since. */
static struct text was_held(const struct simulation *s, const struct simulate_result *r) {
    const struct run *kept = kept_of(s, r);
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    json doc = NULL, key, value;
    struct buf b;
    buf_init(&b, 1 << 16);
    if (json_parse_copy(reader, kept->verdict.ptr, kept->verdict.len, &doc, NULL) != RC_OK)
        doc = NULL;
    for (struct json_iter it = json_iter(json_get(doc, "reasons")); json_next(&it, &key, &value);) {
        const char *text = "";
        size_t len = 0;
        json_str(value, &text, &len);
        buf_printf(&b, "%s%.*s", b.len > 0 ? "; " : "", (int)len, text);
    }
    struct text t = b.len > 0 ? text_copy(&s->c->arena, text_from(b.ptr, b.len)) : kept->reason;
    buf_done(&b);
    return t.state == TEXT_SET ? t : TEXT_NONE;
}

/* ---- JSON ---- */

static void json_runs(const struct simulation *s, struct json_writer *w, const char *key,
                      enum simulate_outcome outcome) {
    char at[32];
    struct buf b;
    buf_init(&b, 1000);
    json_array(w, key);
    for (size_t i = 0; i < s->results_n; i++) {
        const struct simulate_result *r = &s->results[i];
        if (r->outcome != outcome)
            continue;
        const struct run *kept = kept_of(s, r);
        json_object(w, NULL);
        json_put_int(w, "run", kept->run_id);
        json_put_cstr(w, "started_at", date_format_instant(kept->started_us, at));
        json_put_cstr(w, "state", run_state_name(kept->state));
        json_put_bool(w, "approved", kept->approved);
        json_put_text(w, "was", r->run->was_held ? was_held(s, r) : TEXT_NONE);
        json_array(w, "would");
        for (size_t k = 0; guard_reason(&r->verdict, &r->input, &s->limits, k, &b);
             k++, buf_clear(&b))
            json_put_str(w, NULL, b.ptr, b.len);
        json_array_end(w);
        json_object_end(w);
    }
    json_array_end(w);
    buf_done(&b);
}

static void json_suggestion(const struct simulation *s, struct json_writer *w) {
    const struct simulate_rhythm *r = &s->rhythm;
    struct buf b;
    json_object(w, "rhythm");
    json_put_int(w, "runs", (int64_t)r->runs_n);
    json_put_int(w, "days", r->days);
    json_put_bool(w, "enough", r->is_enough);
    json_put_int(w, "population", s->population);
    json_array(w, "classes");
    for (int k = 0; k < CHANGE_OTHER; k++)
        for (int win = 0; win < GUARD_WINDOWS_N && has_rhythm(r, k); win++) {
            json_object(w, NULL);
            json_put_cstr(w, "class", change_class_name((enum change_class)k));
            json_put_cstr(w, "window", guard_window_name((enum guard_window)win));
            json_put_int(w, "most", r->most[k][win]);
            json_put_int(w, "limit", guard_limit_people(s->limits.of[k][win], s->population));
            json_put_int(w, "usual", guard_limit_people(guard_usual.of[k][win], s->population));
            json_put_int(w, "suggested", r->limits.of[k][win].people);
            json_put_bool(w, "above_usual", r->above[k][win]);
            json_object_end(w);
        }
    json_array_end(w);
    json_object_end(w);
    buf_init(&b, 10000);
    write_suggested(r, &b);
    if (r->is_enough)
        json_put_raw(w, "suggested_limits", b.ptr, b.len);
    else
        json_put_null(w, "suggested_limits");
    buf_done(&b);
}

static void show_json(const struct simulation *s) {
    char at[32];
    struct cmd_json j;
    cmd_json_begin(&j);
    json_object(&j.w, "simulation");
    json_put_text(&j.w, "company", s->co.key);
    json_put_text(&j.w, "integration", s->in.key);
    json_put_int(&j.w, "days", s->days);
    json_put_cstr(&j.w, "since", date_format_instant(s->since_us, at));
    json_limits(&j.w, "limits", &s->limits);
    json_object(&j.w, "runs");
    json_put_int(&j.w, "looked_at", (int64_t)s->results_n);
    json_put_int(&j.w, "were_held",
                 (int64_t)(s->count[SIMULATE_HOLDS] + s->count[SIMULATE_NOW_PASSES] +
                           s->count[SIMULATE_UNKNOWN]));
    json_put_int(&j.w, "would_be_held",
                 (int64_t)(s->count[SIMULATE_HOLDS] + s->count[SIMULATE_NOW_HELD]));
    json_put_int(&j.w, "unknown", (int64_t)s->count[SIMULATE_UNKNOWN]);
    json_object_end(&j.w);
    json_runs(s, &j.w, "now_held", SIMULATE_NOW_HELD);
    json_runs(s, &j.w, "now_pass", SIMULATE_NOW_PASSES);
    json_runs(s, &j.w, "unknown", SIMULATE_UNKNOWN);
    json_array(&j.w, "classes");
    for (int k = 0; k < CHANGE_OTHER; k++) {
        if (s->was_held[k] + s->would_hold[k] == 0)
            continue;
        json_object(&j.w, NULL);
        json_put_cstr(&j.w, "class", change_class_name((enum change_class)k));
        json_put_int(&j.w, "was_held", (int64_t)s->was_held[k]);
        json_put_int(&j.w, "would_be_held", (int64_t)s->would_hold[k]);
        json_object_end(&j.w);
    }
    json_array_end(&j.w);
    json_suggestion(s, &j.w);
    json_object_end(&j.w);
    cmd_json_end(&j);
}

/* ---- for people ---- */

static void print_reasons(const struct simulation *s, const struct simulate_result *r) {
    struct buf b;
    buf_init(&b, 1000);
    for (size_t k = 0; guard_reason(&r->verdict, &r->input, &s->limits, k, &b); k++, buf_clear(&b))
        printf("      %s\n", b.ptr);
    buf_done(&b);
}

/* What a person refused stands apart: with these limits nobody had been asked. */
static bool is_of(const struct simulation *s, const struct simulate_result *r,
                  enum simulate_outcome outcome, bool refused) {
    return r->outcome == outcome && (kept_of(s, r)->state == RUN_REJECTED) == refused;
}

static void print_runs(const struct simulation *s, enum simulate_outcome outcome, bool refused,
                       const char *title) {
    size_t shown = 0, n = 0;
    for (size_t i = 0; i < s->results_n; i++)
        n += is_of(s, &s->results[i], outcome, refused);
    if (n == 0)
        return;
    printf("\n%s (%s)\n", title, cmd_count(s->c, (int64_t)n));
    for (size_t i = 0; i < s->results_n && shown < SHOWN; i++) {
        const struct simulate_result *r = &s->results[i];
        if (!is_of(s, r, outcome, refused))
            continue;
        shown++;
        const struct run *kept = kept_of(s, r);
        printf("  run %-6lld %s  %s%s\n", (long long)kept->run_id, cmd_when(s->c, kept->started_us),
               run_state_name(kept->state), kept->approved ? ", a person said yes" : "");
        if (outcome == SIMULATE_NOW_HELD)
            print_reasons(s, r);
        else
            printf("      %s\n", cmd_str(s->c, was_held(s, r)));
    }
    if (shown < n)
        printf("  ... and %s more: rollcall --json run simulate\n",
               cmd_count(s->c, (int64_t)(n - shown)));
}

static void print_classes(const struct simulation *s) {
    bool any = false;
    for (int k = 0; k < CHANGE_OTHER; k++) {
        if (s->was_held[k] + s->would_hold[k] == 0)
            continue;
        if (!any)
            puts("\nruns held, by class      were   would be");
        any = true;
        printf("  %-20s %6zu %10zu\n", change_class_name((enum change_class)k), s->was_held[k],
               s->would_hold[k]);
    }
}

static const char *three(const struct simulation *s, const int64_t n[GUARD_WINDOWS_N]) {
    return arena_printf(&s->c->words, "%lld / %lld / %lld", (long long)n[GUARD_RUN],
                        (long long)n[GUARD_DAY], (long long)n[GUARD_MONTH]);
}

static void print_rhythm(const struct simulation *s) {
    const struct simulate_rhythm *r = &s->rhythm;
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
        if (!has_rhythm(r, k))
            continue;
        for (int w = 0; w < GUARD_WINDOWS_N; w++) {
            now[w] = guard_limit_people(s->limits.of[k][w], s->population);
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
    write_suggested(r, &b);
    printf(
        "\nNone of these runs would have been held with the limits suggested: the most so far, half again, and two\n"
        "people more at least. They are numbers for a company of %s people, and %lld days are not a year: whoever takes\n"
        "interns in summer adds room for them.%s\n  rollcall integration set %s/%s --limits '%s'\n",
        cmd_count(s->c, s->population), (long long)r->days,
        above
            ? "\nSome are above the usual limits, which have held runs like these: look at those runs first."
            : "",
        cmd_str(s->c, s->co.key), cmd_str(s->c, s->in.key), b.ptr);
    buf_done(&b);
}

static void show_text(const struct simulation *s) {
    size_t were =
        s->count[SIMULATE_HOLDS] + s->count[SIMULATE_NOW_PASSES] + s->count[SIMULATE_UNKNOWN];
    printf("%s/%s: the runs of the last %lld days, with %s\n\n", cmd_str(s->c, s->co.key),
           cmd_str(s->c, s->in.key), (long long)s->days,
           s->typed != NULL ? "the limits given" : "the limits that hold now");
    printf("  runs       %s\n", cmd_count(s->c, (int64_t)s->results_n));
    printf("  were held  %s\n", cmd_count(s->c, (int64_t)were));
    printf("  would be   %s%s\n",
           cmd_count(s->c, (int64_t)(s->count[SIMULATE_HOLDS] + s->count[SIMULATE_NOW_HELD])),
           s->count[SIMULATE_UNKNOWN] > 0 ? ", and of some nobody can tell" : "");
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
    if (s->results_n > 0)
        print_rhythm(s);
}

enum cmd_exit cmd_run_simulate(struct cmd *c, int argc, char **argv) {
    struct simulation s = { .c = c, .days = DAYS_USUAL };
    const char *ref, *days = NULL;
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
        ((s.days = strtoll(days, &end, 10)) < 1 || s.days > DAYS_MOST || *end != '\0'))
        return cmd_misused(c, "--days wants a number from 1 to %d", DAYS_MOST);
    if (s.typed != NULL && guard_limits_read(text_of(s.typed), &s.limits, &c->err) != RC_OK)
        return cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
    enum rc_code rc = cmd_integration_of(c, ref, false, &s.co, &s.in);
    if (rc == RC_OK && s.typed == NULL)
        rc = guard_limits_read(s.in.limits, &s.limits, &c->err);
    if (rc != RC_OK || (rc = load(&s)) != RC_OK)
        return cmd_fail(c, rc);
    compute(&s);
    c->json ? show_json(&s) : show_text(&s);
    return CMD_OK;
}
