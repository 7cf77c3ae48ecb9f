/* lease.h - one writer per subject, on any number of processes (invariant 8).
 *
 * Shape:  a row of `job` is held by an owner until a time. Taking it makes its fence grow; every
 *         writing transaction of the holder checks and prolongs it with lease_hold(), so that a
 *         holder who slept too long finds out before it writes. The owner is "host boot namespace
 *         pid start": a process of this machine that has died is seen to be dead at once, others
 *         when their time is over.
 * Errors: RC_CONFLICT "busy" when somebody else holds it: the text says who and until when. */
#pragma once
#include "store/store.h"

struct lease {
    char kind[16], subject[64];
    int64_t fence;
};
/* Longer than any one call to a source with all its repetitions: between two calls the lease is
 * prolonged. */
enum { LEASE_SECONDS = 600 };

enum rc_code lease_take(struct store *st, const char *kind, const char *subject, int64_t now_us,
                        struct lease *ret, struct rc_error *err);
/* Whether somebody who lives holds it, as far as can be told from here, and since when; *ret_since_us 0: nobody
 * does, or an older program. ret_since_us may be NULL. */
enum rc_code lease_look(struct store *st, const char *kind, const char *subject, int64_t now_us,
                        bool *ret_held, int64_t *ret_since_us, struct rc_error *err);
/* Inside the transaction it protects. RC_CONFLICT "lease-lost" when somebody has taken over. */
enum rc_code lease_hold(struct store *st, const struct lease *l, int64_t now_us,
                        struct rc_error *err);
/* Where the database does not take it just now it is remembered, and lease_release_left() does it: else a
 * process that goes on living would keep everybody waiting until the time is over. From any thread. */
void lease_release(struct store *st, const struct lease *l);
/* For a process with one database: what this one could not give back. As store_run(). */
enum rc_code lease_release_left(struct store *st, struct rc_error *err);
