/* simulation.h - what the guard would have said to the runs of the last weeks with other limits, and which
 * limits the company's own rhythm suggests. Computed from what the runs counted; HR is not asked.
 *
 * Memory: everything in the arena of the struct show. */
#pragma once
#include "show/show.h"
#include "sync/simulate.h"

enum { SHOW_SIMULATION_DAYS = 90, SHOW_SIMULATION_DAYS_MOST = 3650 };

struct show_simulation {
    struct guard_limits limits;
    int64_t days, since_us, population;
    struct simulate_run *runs;
    struct simulate_result *results;
    size_t runs_n, results_n, count[SIMULATE_UNKNOWN + 1];
    size_t was_held[CHANGE_CLASSES_N], would_hold[CHANGE_CLASSES_N];
    struct simulate_rhythm rhythm;
    struct run *kept; /* beside runs */
};
/* typed: limits as integration set takes them; missing: those that the integration has. RC_INVALID: they
 * are none. */
enum rc_code show_simulation_load(const struct show *s, const struct integration *in,
                                  struct text typed, int64_t days, struct show_simulation *ret,
                                  struct rc_error *err);
const struct run *show_simulation_run(const struct show_simulation *x,
                                      const struct simulate_result *r);
/* Why it was held: as the guard said then, whatever has become of the run since. Empty: it was not told. */
struct text show_simulation_held(const struct show_simulation *x, const struct simulate_result *r,
                                 struct arena *a);
/* Whether anything of that class has happened. */
bool show_simulation_has(const struct simulate_rhythm *r, int class);
/* As integration set takes them. */
void show_simulation_suggested(const struct simulate_rhythm *r, struct buf *ret);
/* "simulation" */
void show_simulation(const struct show *s, struct json_writer *w, const struct company *co,
                     const struct integration *in, const struct show_simulation *x);
