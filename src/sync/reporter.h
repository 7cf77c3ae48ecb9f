/* reporter.h - tells other processes and the API how far the workers of this one are.
 *
 * Shape:  a worker says what it begins and when it rests. While somebody is at work a thread looks at the
 *         meters and writes down what they show (store/underway.h), about once a second and the first time
 *         after half of one, whatever is being done: never per person. With nobody at work it sleeps
 *         without a connection to the database. What it cannot write is not told; no work waits for it.
 * Threads: reporter_import(), reporter_delivery() and reporter_rest() from the thread of that desk. What a
 *         worker's counters lie in has to live until it rests. */
#pragma once
#include "sync/meter.h"

struct reporter;
/* where: borrowed. */
struct reporter *reporter_open(const char *where, unsigned desks_n);
void reporter_close(struct reporter *r);

/* r NULL: nobody wants to know. */
void reporter_import(struct reporter *r, unsigned desk, const struct integration *in,
                     const struct import_progress *of, const struct clock_source *clock);
void reporter_delivery(struct reporter *r, unsigned desk, int64_t company_id,
                       int64_t destination_id, const struct delivery_progress *of,
                       const struct clock_source *clock);
void reporter_rest(struct reporter *r, unsigned desk);
