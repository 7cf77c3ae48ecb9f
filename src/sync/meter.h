/* meter.h - how far an import or a delivery is, how fast it goes, and when it will probably be done: what
 * the command line shows of its own work and the API of a worker's.
 *
 * Shape:  reads the counters of struct import_progress or struct delivery_progress. What is left of a
 *         delivery goes on as it did of late: meter_tick() remembers how far it was when.
 * Threads: one a meter, at a time; the work goes on in another. */
#pragma once
#include "base/clock.h"
#include "sync/delivery.h"
#include "sync/import.h"

enum { METER_MARKS = 64, METER_LINE_BYTES = 256 };

struct meter {
    const struct import_progress *import; /* or */
    const struct delivery_progress *delivery;
    const struct clock_source *clock;
    int64_t began_us; /* by the monotonic clock */
    struct meter_mark {
        int64_t at_us, made;
    } marks[METER_MARKS]; /* of a delivery's calls, at least apart_us from each other */
    size_t marks_n;
    int64_t apart_us;
};
void meter_import(struct meter *m, const struct import_progress *of,
                  const struct clock_source *clock);
void meter_delivery(struct meter *m, const struct delivery_progress *of,
                    const struct clock_source *clock);
void meter_tick(struct meter *m); /* some times a second */

struct meter_view {
    const char *phase;    /* "reading the list" */
    int64_t done, of;     /* of 0: it cannot be told */
    int64_t failed;       /* effects that the platform refused */
    double per_second;    /* people, or calls; 0: it cannot be told yet */
    int64_t left_s;       /* -1: it cannot be told yet */
    int64_t attempt;      /* of a listing, from 1 */
    int64_t waits_s;      /* HR or the platform asks us to wait so long; 0: it does not */
    int64_t pauses_s;     /* we leave it alone so long */
    bool is_import, bars; /* bars: done and of are all that there is to say of the phase */
};
void meter_look(const struct meter *m, struct meter_view *ret);
/* "1200 of 3000 people, 900 a second, 2 s left" */
void meter_line(const struct meter_view *v, char ret[METER_LINE_BYTES]);
