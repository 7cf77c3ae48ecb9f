/* retain.h - takes away what a company's rules say is no longer kept: store/retention.h, in steps between
 * which others write.
 *
 * Errors: RC_RETRY "stopping" when the process is being stopped; what is gone by then stays gone. */
#pragma once
#include "base/clock.h"
#include "store/company.h"
#include "store/retention.h"

enum rc_code retain_run(struct store *st, const struct clock_source *clock,
                        const struct company *co, struct retention_counts *ret,
                        struct rc_error *err);
