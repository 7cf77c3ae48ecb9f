#include "sync/simulate.h"

#include <stdlib.h>
#include <string.h>

static const int64_t day_us = INT64_C(86400000000);

void simulate_run_read(const struct run *r, struct simulate_run *ret) {
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    json doc = NULL, key, value;
    const char *s;
    size_t len;
    *ret = (struct simulate_run){ .run_id = r->run_id,
                                  .started_us = r->started_us,
                                  .applied_us = r->applied_us,
                                  .state = r->state,
                                  .approved = r->approved,
                                  .population = r->population,
                                  .joiners = r->counts.joiners,
                                  .missing = r->kind == RUN_FULL ? r->counts.missing : 0 };
    memcpy(ret->classes, r->counts.classes, sizeof ret->classes);
    struct run_past past = { .run_id = r->run_id,
                             .applied_us = r->applied_us,
                             .kind = r->kind,
                             .population = r->population,
                             .approved = r->approved,
                             .verdict = r->verdict };
    memcpy(past.classes, r->counts.classes, sizeof past.classes);
    guard_past_read(&past, &ret->past);
    if (r->verdict.state != TEXT_SET ||
        json_parse_copy(reader, r->verdict.ptr, r->verdict.len, &doc, NULL) != RC_OK)
        return;
    json_bool(json_get(doc, "held"), &ret->was_held);
    json_bool(json_get(doc, "first"), &ret->first);
    json_int(json_get(doc, "missing_not_looked_up"), &ret->missing_not_looked_up);
    for (struct json_iter it = json_iter(json_get(doc, "findings")); json_next(&it, &key, &value);)
        if (json_str(json_get(value, "class"), &s, &len)) {
            enum change_class c = change_class_parse(text_from(s, len));
            ret->was_held_by |= c < CHANGE_CLASSES_N ? 1u << c : 0;
        }
}

/* ---- windows ---- */

/* The runs that were applied, in that order, with what the simulation thinks of their approval. */
struct pasts {
    struct guard_past *list;
    size_t n;
};

static int by_applied(const void *x, const void *y) {
    const struct guard_past *a = x, *b = y;
    if (a->applied_us != b->applied_us)
        return a->applied_us < b->applied_us ? -1 : 1;
    return (a->run_id > b->run_id) - (a->run_id < b->run_id);
}

static void pasts_of(const struct simulate_run *runs, size_t n, struct arena *a,
                     struct pasts *ret) {
    ret->list = ARENA_NEW(a, struct guard_past, n + 1);
    ret->n = 0;
    for (size_t i = 0; i < n; i++)
        if (runs[i].applied_us != 0)
            ret->list[ret->n++] = runs[i].past;
    qsort(ret->list, ret->n, sizeof *ret->list, by_applied);
}

/* How many of them had been applied when the guard looked. */
static size_t before(const struct pasts *p, int64_t at_us) {
    size_t n = 0;
    while (n < p->n && p->list[n].applied_us < at_us)
        n++;
    return n;
}

/* NULL: it never was applied. */
static struct guard_past *find(struct pasts *p, int64_t run_id) {
    for (size_t i = 0; i < p->n; i++)
        if (p->list[i].run_id == run_id)
            return &p->list[i];
    return NULL;
}

/* As if nobody had been asked about it; or as if a person had said yes to that verdict. */
static void decide(struct pasts *p, int64_t run_id, const struct guard_verdict *v) {
    struct guard_past *past = find(p, run_id);
    if (past == NULL)
        return;
    past->approved = false;
    memset(past->seen, 0, sizeof past->seen);
    if (v != NULL)
        guard_past_approve(past, v);
}

/* ---- one run ---- */

static void input_of(const struct simulate_run *r, const struct pasts *pasts,
                     struct guard_input *ret) {
    size_t n = before(pasts, r->started_us);
    *ret = (struct guard_input){ .first = r->first,
                                 .joiners = r->joiners,
                                 .population = { [GUARD_RUN] = r->population } };
    memcpy(ret->now, r->classes, sizeof ret->now);
    guard_look_back(pasts->list, n, r->started_us, ret);
    if (r->past.kind == RUN_FULL || r->past.kind == RUN_PERSON)
        guard_add_few(pasts->list, n, r->started_us, ret);
}

/* Whom the listing lacked. With other limits they would have been asked for, and we do not know
 * what HR had said; or not asked for, and the run held. */
static bool is_unknown(const struct simulate_run *r, const struct guard_limits *limits,
                       struct guard_input *in) {
    if (r->missing_not_looked_up > 0 &&
        guard_may_look_up(limits, r->missing_not_looked_up, r->population))
        return true;
    if (!guard_may_look_up(limits, r->missing, r->population))
        in->missing_not_looked_up = r->missing;
    return false;
}

size_t simulate(const struct simulate_run *runs, size_t n, const struct guard_limits *limits,
                struct arena *a, struct simulate_result **ret) {
    struct simulate_result *list = ARENA_NEW(a, struct simulate_result, n + 1);
    struct pasts pasts;
    size_t list_n = 0;
    pasts_of(runs, n, a, &pasts);
    for (size_t i = 0; i < n; i++) {
        if (!runs[i].looked_at)
            continue;
        struct simulate_result *r = &list[list_n++];
        r->run = &runs[i];
        input_of(&runs[i], &pasts, &r->input);
        bool unknown = is_unknown(&runs[i], limits, &r->input);
        guard_check(limits, &r->input, &r->verdict);
        bool holds = r->verdict.held;
        r->outcome = unknown && !holds  ? SIMULATE_UNKNOWN
                     : holds            ? runs[i].was_held ? SIMULATE_HOLDS : SIMULATE_NOW_HELD
                     : runs[i].was_held ? SIMULATE_NOW_PASSES
                                        : SIMULATE_PASSES;
        decide(&pasts, runs[i].run_id, holds || unknown ? &r->verdict : NULL);
    }
    *ret = list;
    return list_n;
}

/* ---- a company's own rhythm ---- */

static void raise_to(int64_t *most, int64_t n) {
    *most = n > *most ? n : *most;
}

static int64_t with_headroom(int64_t most) {
    int64_t half = (most + 1) / 2;
    return most + (half > 2 ? half : 2);
}

static void suggest_limits(int64_t population, struct simulate_rhythm *r) {
    for (int c = 0; c < CHANGE_OTHER; c++)
        for (int w = 0; w < GUARD_WINDOWS_N && r->most[c][GUARD_MONTH] > 0; w++) {
            int64_t usual = guard_limit_people(guard_usual.of[c][w], population);
            int64_t wanted = with_headroom(r->most[c][w]);
            r->above[c][w] = r->most[c][w] > usual;
            if (wanted > usual && !r->above[c][w])
                wanted = usual;
            r->limits.of[c][w] = (struct guard_limit){ (int32_t)wanted, 0 };
        }
}

void simulate_suggest(const struct simulate_run *runs, size_t n, int64_t population,
                      struct simulate_rhythm *ret) {
    struct arena a;
    struct pasts pasts;
    int64_t from = 0, to = 0;
    *ret = (struct simulate_rhythm){ .limits = guard_usual };
    arena_init(&a);
    pasts_of(runs, n, &a, &pasts);
    for (size_t i = 0; i < n; i++) { /* all of them count; a first import is no rhythm */
        const struct guard_verdict nothing = { .held = true };
        decide(&pasts, runs[i].run_id, runs[i].first ? &nothing : NULL);
    }
    for (size_t i = 0; i < n; i++) {
        struct guard_input in;
        if (!runs[i].looked_at || runs[i].applied_us == 0 || runs[i].first)
            continue;
        from = ret->runs_n++ == 0 ? runs[i].started_us : from;
        to = runs[i].started_us;
        input_of(&runs[i], &pasts, &in);
        for (int c = 0; c < CHANGE_OTHER; c++)
            for (int w = 0; w < GUARD_WINDOWS_N && in.now[c] > 0; w++)
                raise_to(&ret->most[c][w], in.now[c] + in.before[w][c]);
        /* So many were asked for, whatever HR said: with less room nobody would have been. */
        for (int w = 0; w < GUARD_WINDOWS_N; w++)
            raise_to(&ret->most[CHANGE_LEAVERS][w], runs[i].missing);
    }
    arena_done(&a);
    ret->days = (to - from) / day_us;
    ret->is_enough = ret->runs_n >= SIMULATE_RUNS_LEAST && ret->days >= SIMULATE_DAYS_LEAST;
    suggest_limits(population, ret);
}
