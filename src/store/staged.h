/* staged.h - whom a run has staged, by their ids in HR.
 *
 * Memory: texts in the arena.
 * Errors: as store.h. */
#pragma once
#include "store/store.h"

/* Everybody, joiners included; in no order. */
enum rc_code staged_ids(struct store *st, int64_t company_id, int64_t run_id, struct arena *a,
                        struct text **ret, size_t *ret_n, struct rc_error *err);
