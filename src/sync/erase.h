/* erase.h - one person is forgotten, and a receipt says so.
 *
 * Shape:  under the leases of the integration and of every platform, in one transaction with its receipt:
 *         who, when, why, digests of whom and of all that was held (as people export --person tells it),
 *         how many rows, and what stays and why. Then what webhooks told of them is forgotten, and the logs
 *         of both files are emptied of old pages. Whoever reads an older state just then keeps a log from that: the
 *         receipt says so, and `serve` tries again until it is done. Nothing happens on platforms.
 * Errors: RC_CONFLICT "person.waits"   a run that has not ended has them in it: decide on it first
 *                     "person.listed"  HR has them: the next import brings them again
 *                     "person.account" they have an account: nobody would close it any more
 *                     "busy"           an import or a delivery is under way
 *         insists passes over the second and the third. */
#pragma once
#include "base/clock.h"
#include "secret/secret.h"
#include "store/company.h"
#include "store/subject.h"

struct erase_options {
    const char *who, *reason;
    bool insists;
    const struct clock_source *clock;
};
/* Texts of the receipt in the arena. events: as hook_events_open(). One that is refused forgets nothing. */
enum rc_code erase_person(struct store *st, struct store *events, const struct secret_key *k,
                          const struct company *co, const struct subject *s,
                          const struct erase_options *o, struct arena *a, struct erasure *ret,
                          struct rc_error *err);
/* Where receipts wait for that: once more, without keeping writers waiting for long. events NULL: opened where
 * it is wanted, at `where`. That it cannot be done yet is no error. *ret_n: receipts of which it is done now. */
enum rc_code erase_logs(struct store *st, struct store *events, const char *where, int64_t now_us,
                        int64_t *ret_n, struct rc_error *err);
/* By which receipts are found. */
void erase_person_digest(const struct secret_key *k, const struct subject *s,
                         uint8_t ret[SUBJECT_DIGEST_BYTES]);
