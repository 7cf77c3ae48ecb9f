/* idempotency.h - a request that is sent twice is done once: answers by the key that its sender gave.
 *
 * Shape:  idempotency_begin() before, idempotency_end() after, each a transaction of its own. A process
 *         that dies in between leaves a beginning; after a minute the request may be done again.
 *         Answers are kept for a day.
 * Errors: RC_CONFLICT "idempotency.busy": the first is still being done. RC_INVALID "idempotency.other":
 *         the key was given to another request. */
#pragma once
#include "secret/secret.h"
#include "store/store.h"

enum { IDEMPOTENCY_KEY_BYTES = 100, IDEMPOTENCY_BUSY_S = 60, IDEMPOTENCY_KEPT_S = 86400 };

struct idempotency {
    struct text token_id, key;
    uint8_t request[SECRET_HASH_BYTES]; /* of all that it says */
    int status;                         /* of the answer; 0: it is to be done */
    struct text body;
};
/* status and body are filled in where there is an answer. */
enum rc_code idempotency_begin(struct store *st, struct idempotency *i, int64_t now_us,
                               struct arena *a, struct rc_error *err);
/* status 0: nothing was done, and it may be asked again. */
enum rc_code idempotency_end(struct store *st, const struct idempotency *i, int64_t now_us,
                             struct rc_error *err);
