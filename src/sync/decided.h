/* decided.h - what somebody decides about a run that waits: taken down, and carried out by a worker.
 *
 * Shape:  decided_take() writes the decision and its job in one transaction and returns at once;
 *         decided_do() is that job. An approved import is followed by a delivery to each platform that
 *         it feeds and that has been delivered to before.
 *         A decision that can no longer be carried out (the run was superseded, rejected, or somebody
 *         else was first) is dropped, and that is said in the log; the run shows what became of it.
 * Errors: RC_NOT_FOUND "run.unknown", RC_CONFLICT "run.not-waiting", "run.decided". */
#pragma once
#include "base/clock.h"
#include "secret/secret.h"
#include "store/company.h"
#include "store/run.h"

struct delivery_progress; /* sync/delivery.h */

enum rc_code decided_take(struct store *st, const struct company *co, int64_t run_id, bool yes,
                          const char *who, const char *because, int64_t now_us, struct arena *a,
                          struct run *ret, struct rc_error *err);
/* ret->run_id 0: there was nothing to do any more. progress: of a delivery; may be NULL. */
enum rc_code decided_do(struct store *st, const struct secret_key *k, const struct company *co,
                        int64_t run_id, const struct clock_source *clock,
                        struct delivery_progress *progress, struct arena *a, struct run *ret,
                        struct rc_error *err);
/* After an import was applied by somebody's word, here or elsewhere. */
enum rc_code decided_deliver(struct store *st, const struct run *import, int64_t now_us,
                             struct arena *a, struct rc_error *err);
