/* unsettled.h - people whom a complete listing lacks and whose look-up has not settled why, with
 * the time since when.
 *
 * Shape:  an observation about HR, not about the person: it is written whatever becomes of the run.
 *         A complete listing that brings the person, or a look-up that settles it, ends it. */
#pragma once
#include "store/store.h"

/* Notes that the run met this person so; *ret_since_us is when it was first met. */
enum rc_code unsettled_note(struct store *st, int64_t company_id, int64_t integration_id,
                            int64_t user_id, int64_t run_id, int64_t now_us, int64_t *ret_since_us,
                            struct rc_error *err);
/* Forgets those whom this run did not note: the listing brought them, or they are settled. */
enum rc_code unsettled_forget_others(struct store *st, int64_t company_id, int64_t integration_id,
                                     int64_t run_id, struct rc_error *err);
enum rc_code unsettled_count(struct store *st, int64_t company_id, int64_t integration_id,
                             int64_t *ret, struct rc_error *err);
/* Since when a person is unsettled; 0: is not. */
enum rc_code unsettled_since(struct store *st, int64_t company_id, int64_t integration_id,
                             int64_t user_id, int64_t *ret_since_us, struct rc_error *err);
