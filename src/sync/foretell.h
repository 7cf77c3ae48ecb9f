/* foretell.h - how many calls a delivery takes that has not been carried out, and how long.
 *
 * Errors: as the store's. */
#pragma once
#include "destination/destination.h"
#include "store/effect.h"
#include "store/platform.h"

struct foretold {
    int64_t calls;   /* about so many */
    int64_t seconds; /* at the most requests a second that are set; -1: no such ceiling is set */
};
/* What the run still has planned. */
enum rc_code foretell(struct store *st, const struct platform *p, int64_t run_id, struct arena *a,
                      struct foretold *ret, struct rc_error *err);
/* ops: NULL, or one that does not say: each effect is a call. */
enum rc_code foretell_calls(struct store *st, int64_t company_id, int64_t run_id,
                            const struct destination_ops *ops, int64_t *ret, struct rc_error *err);
int64_t foretell_calls_of(const struct destination_ops *ops, const struct effect *e);
