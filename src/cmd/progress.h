/* progress.h - what an import or a delivery is doing, while it does it: a live line on a terminal, elsewhere a
 * line every few seconds.
 *
 * Threads: a thread of its own reads sync/meter.h and writes to standard
 *          error. */
#pragma once
#include "base/clock.h"
#include "sync/delivery.h"
#include "sync/import.h"

struct progress;
/* quiet: nothing is shown (--json). */
struct progress *progress_start(const struct import_progress *of, const struct clock_source *clock,
                                bool quiet);
struct progress *progress_start_delivery(const struct delivery_progress *of,
                                         const struct clock_source *clock, bool quiet);
void progress_stop(struct progress *p);
