/* stopping.h - whether to go on while the process is being stopped: asked between two pages, people or
 * effects, where stopping costs nothing but time. What is listed is thrown away, as after a crash; what
 * is being carried out goes on from there.
 *
 * Errors: RC_RETRY "stopping". */
#pragma once
#include "base/clock.h"
#include "base/error.h"

static inline enum rc_code stopping_asked(const struct clock_source *clock, struct rc_error *err) {
    return clock_is_ending(clock)
               ? rc_fail_as(err, RC_RETRY, "stopping",
                            "rollcall was stopped before this was done: it is done next time")
               : RC_OK;
}
