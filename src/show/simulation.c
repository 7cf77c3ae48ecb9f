#include "show/simulation.h"

#include <stdio.h>

static const int64_t day_us = INT64_C(86400000000);

/* A hold that stands in for the same again is one decision, not two; a preview asks nobody. */
static bool is_looked_at(const struct show_simulation *s, const struct run *r) {
    bool stood_in =
        r->state == RUN_SUPERSEDED && r->other_run_id != 0 && r->other_run_id < r->run_id;
    return r->started_us > s->since_us && r->verdict.state == TEXT_SET && !r->preview && !stood_in;
}

static enum rc_code load(const struct show *s, const struct integration *in,
                         struct show_simulation *x, struct rc_error *err) {
    enum rc_code rc =
        run_list_since(s->st, in->company_id, in->integration_id, x->since_us - GUARD_DAYS * day_us,
                       s->arena, &x->kept, &x->runs_n, err);
    if (rc != RC_OK || (rc = directory_population(s->st, in->company_id, in->integration_id,
                                                  &x->population, err)) != RC_OK)
        return rc;
    x->runs = ARENA_NEW(s->arena, struct simulate_run, x->runs_n + 1);
    for (size_t i = 0; i < x->runs_n; i++) {
        simulate_run_read(&x->kept[i], &x->runs[i]);
        x->runs[i].looked_at = is_looked_at(x, &x->kept[i]);
    }
    return RC_OK;
}

static void compute(struct show_simulation *s, struct arena *a) {
    s->results_n = simulate(s->runs, s->runs_n, &s->limits, a, &s->results);
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

enum rc_code show_simulation_load(const struct show *s, const struct integration *in,
                                  struct text typed, int64_t days, struct show_simulation *ret,
                                  struct rc_error *err) {
    *ret = (struct show_simulation){ .days = days,
                                     .since_us = clock_now_us(s->clock) - days * day_us };
    enum rc_code rc =
        guard_limits_read(typed.state != TEXT_MISSING ? typed : in->limits, &ret->limits, err);
    if (rc == RC_OK && (rc = load(s, in, ret, err)) == RC_OK)
        compute(ret, s->arena);
    return rc;
}

const struct run *show_simulation_run(const struct show_simulation *x,
                                      const struct simulate_result *r) {
    return &x->kept[r->run - x->runs];
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

bool show_simulation_has(const struct simulate_rhythm *r, int class) {
    return r->most[class][GUARD_MONTH] > 0;
}

void show_simulation_suggested(const struct simulate_rhythm *r, struct buf *ret) {
    bool any = false;
    buf_str(ret, "{");
    for (int k = 0; k < CHANGE_OTHER; k++) {
        if (!show_simulation_has(r, k))
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
struct text show_simulation_held(const struct show_simulation *x, const struct simulate_result *r,
                                 struct arena *a) {
    const struct run *kept = show_simulation_run(x, r);
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
    struct text t = b.len > 0 ? text_copy(a, text_from(b.ptr, b.len)) : kept->reason;
    buf_done(&b);
    return t.state == TEXT_SET ? t : TEXT_NONE;
}

/* ---- JSON ---- */

static void json_runs(const struct show_simulation *s, struct json_writer *w, const char *key,
                      enum simulate_outcome outcome, struct arena *a) {
    struct buf b;
    buf_init(&b, 1000);
    json_array(w, key);
    for (size_t i = 0; i < s->results_n; i++) {
        const struct simulate_result *r = &s->results[i];
        if (r->outcome != outcome)
            continue;
        const struct run *kept = show_simulation_run(s, r);
        json_object(w, NULL);
        json_put_int(w, "run", kept->run_id);
        show_put_when(w, "started_at", kept->started_us);
        json_put_cstr(w, "state", run_state_name(kept->state));
        json_put_bool(w, "approved", kept->approved);
        json_put_text(w, "was", r->run->was_held ? show_simulation_held(s, r, a) : TEXT_NONE);
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

static void json_suggestion(const struct show_simulation *s, struct json_writer *w) {
    const struct simulate_rhythm *r = &s->rhythm;
    struct buf b;
    json_object(w, "rhythm");
    json_put_int(w, "runs", (int64_t)r->runs_n);
    json_put_int(w, "days", r->days);
    json_put_bool(w, "enough", r->is_enough);
    json_put_int(w, "population", s->population);
    json_array(w, "classes");
    for (int k = 0; k < CHANGE_OTHER; k++)
        for (int win = 0; win < GUARD_WINDOWS_N && show_simulation_has(r, k); win++) {
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
    show_simulation_suggested(r, &b);
    if (r->is_enough)
        json_put_raw(w, "suggested_limits", b.ptr, b.len);
    else
        json_put_null(w, "suggested_limits");
    buf_done(&b);
}

void show_simulation(const struct show *show, struct json_writer *w, const struct company *co,
                     const struct integration *in, const struct show_simulation *s) {
    json_object(w, "simulation");
    json_put_text(w, "company", co->key);
    json_put_text(w, "integration", in->key);
    json_put_int(w, "days", s->days);
    show_put_when(w, "since", s->since_us);
    json_limits(w, "limits", &s->limits);
    json_object(w, "runs");
    json_put_int(w, "looked_at", (int64_t)s->results_n);
    json_put_int(w, "were_held",
                 (int64_t)(s->count[SIMULATE_HOLDS] + s->count[SIMULATE_NOW_PASSES] +
                           s->count[SIMULATE_UNKNOWN]));
    json_put_int(w, "would_be_held",
                 (int64_t)(s->count[SIMULATE_HOLDS] + s->count[SIMULATE_NOW_HELD]));
    json_put_int(w, "unknown", (int64_t)s->count[SIMULATE_UNKNOWN]);
    json_object_end(w);
    json_runs(s, w, "now_held", SIMULATE_NOW_HELD, show->arena);
    json_runs(s, w, "now_pass", SIMULATE_NOW_PASSES, show->arena);
    json_runs(s, w, "unknown", SIMULATE_UNKNOWN, show->arena);
    json_array(w, "classes");
    for (int k = 0; k < CHANGE_OTHER; k++) {
        if (s->was_held[k] + s->would_hold[k] == 0)
            continue;
        json_object(w, NULL);
        json_put_cstr(w, "class", change_class_name((enum change_class)k));
        json_put_int(w, "was_held", (int64_t)s->was_held[k]);
        json_put_int(w, "would_be_held", (int64_t)s->would_hold[k]);
        json_object_end(w);
    }
    json_array_end(w);
    json_suggestion(s, w);
    json_object_end(w);
}
