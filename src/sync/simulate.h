/* simulate.h - the guard's verdict over runs that have been, with other limits; and limits that a
 * company's own rhythm suggests.
 *
 * Shape:  pure, and by the guard's own functions: from the counts that runs keep. What would be
 *         held is thought approved, as it was applied in truth; so it counts in no window. What
 *         was applied only because a person said yes counts in them once it would have passed.
 *         What was rejected or superseded is looked at, and never in a window: what would have come
 *         after it, nobody knows.
 * Memory: results in the arena given. */
#pragma once
#include "base/arena.h"
#include "sync/guard.h"

struct simulate_run {
    int64_t run_id;
    int64_t started_us; /* when the guard looked, give or take the length of the run */
    int64_t applied_us; /* 0: never applied */
    enum run_state state;
    bool looked_at; /* false: too long ago, or no guard's verdict; it stands in windows only */
    bool approved, was_held;
    bool first;
    int64_t population, joiners;
    int64_t missing;               /* from a complete listing */
    int64_t missing_not_looked_up; /* too many by the limits of then, and not asked for */
    int64_t classes[CHANGE_CLASSES_N];
    uint32_t was_held_by;   /* 1u << class */
    struct guard_past past; /* as windows see it */
};
/* A run as it is kept. looked_at is left to the caller. */
void simulate_run_read(const struct run *r, struct simulate_run *ret);

enum simulate_outcome {
    SIMULATE_PASSES, /* as it did */
    SIMULATE_HOLDS,  /* as it was */
    SIMULATE_NOW_HELD,
    SIMULATE_NOW_PASSES,
    SIMULATE_UNKNOWN, /* HR would have been asked for people by id: nobody knows what it had said */
};
struct simulate_result {
    const struct simulate_run *run;
    enum simulate_outcome outcome;
    struct guard_input input;
    struct guard_verdict verdict;
};
/* Runs in the order of started_us, 30 days more than are looked at. Returns one result for each
 * that is looked at. */
size_t simulate(const struct simulate_run *runs, size_t n, const struct guard_limits *limits,
                struct arena *a, struct simulate_result **ret);

/* The most that runs have done that passed, or that a person approved, windows included as if
 * nobody had looked; and limits a little above it. */
enum { SIMULATE_RUNS_LEAST = 20, SIMULATE_DAYS_LEAST = 28 }; /* fewer tell nothing */
struct simulate_rhythm {
    size_t runs_n; /* accepted ones that were looked at */
    int64_t days;  /* from the first of them to the last */
    int64_t most[CHANGE_CLASSES_N][GUARD_WINDOWS_N];
    bool is_enough;
    /* Half again of the most, and two more at least; not above the usual limits for `population`
     * people, unless the company's own rhythm is: then above[][] says so. Of a class in which
     * nothing has happened the usual ones know as much. */
    struct guard_limits limits;
    bool above[CHANGE_CLASSES_N][GUARD_WINDOWS_N];
};
void simulate_suggest(const struct simulate_run *runs, size_t n, int64_t population,
                      struct simulate_rhythm *ret);
