#include "sandbox/rate.h"
#include <string.h>

#define MINUTE_US INT64_C(60000000)

void rates_init(struct rates *r) {
    memset(r, 0, sizeof *r);
    pthread_mutex_init(&r->lock, NULL);
}

void rates_clear(struct rates *r) {
    pthread_mutex_lock(&r->lock);
    memset(r->bucket, 0, sizeof r->bucket);
    pthread_mutex_unlock(&r->lock);
}

static bool cooling(struct rate_bucket *b, const struct rate_limit *l, int64_t now_us,
                    bool *ret_good, int64_t *ret_wait_us) {
    if (b->cool_until_us == 0)
        return false;
    if (now_us >= b->cool_until_us) {
        *b = (struct rate_bucket){ .tokens = l->burst, .at_us = now_us, .begun = true };
        return false;
    }
    *ret_wait_us =
        l->manner == RATE_SILENT_MINUTE ? b->cool_until_us - now_us : b->at_us + 1000000 - now_us;
    *ret_good = l->manner == RATE_ONE_A_SECOND && *ret_wait_us <= 0;
    if (*ret_good)
        b->at_us = now_us;
    return true;
}

bool rate_take(struct rates *r, const struct rate_limit *l, int64_t now_us, int64_t *ret_wait_us,
               double *ret_left) {
    struct rate_bucket *b = &r->bucket[l->owner % RATE_OWNERS][l->bucket % RATE_BUCKETS];
    bool good = false;
    *ret_wait_us = 0;
    *ret_left = 0;
    pthread_mutex_lock(&r->lock);
    if (!b->begun)
        *b = (struct rate_bucket){ .tokens = l->burst, .at_us = now_us, .begun = true };
    if (!cooling(b, l, now_us, &good, ret_wait_us)) {
        b->tokens += (double)(now_us - b->at_us) / MINUTE_US * l->per_minute;
        if (b->tokens > l->burst)
            b->tokens = l->burst;
        b->at_us = now_us;
        good = b->tokens >= 1;
        if (good) {
            b->tokens -= 1;
        } else if (l->manner != RATE_REFILLS) {
            b->cool_until_us = now_us + MINUTE_US;
            *ret_wait_us = l->manner == RATE_SILENT_MINUTE ? MINUTE_US : 1000000;
        } else {
            *ret_wait_us = l->per_minute > 0
                               ? (int64_t)((1 - b->tokens) / l->per_minute * MINUTE_US)
                               : MINUTE_US;
        }
        *ret_left = b->tokens;
    }
    pthread_mutex_unlock(&r->lock);
    return good;
}
