/* rate.h - how much one credential or address may ask: buckets of tokens in real time, off with
 * --no-limits. Which buckets there are and how large is the played system's business. */
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum rate_manner { /* once a bucket is empty */
                   RATE_REFILLS,
                   RATE_SILENT_MINUTE, /* nothing for 60 s, then everything again */
                   RATE_ONE_A_SECOND,  /* one a second for 60 s, then everything again */
};
enum { RATE_OWNERS = 65, RATE_BUCKETS = 8 };
struct rate_limit {
    unsigned owner, bucket; /* 0 .. RATE_OWNERS-1, 0 .. RATE_BUCKETS-1 */
    double per_minute, burst;
    enum rate_manner manner;
};
struct rate_bucket {
    double tokens;
    int64_t at_us;
    int64_t cool_until_us; /* 0: not emptied */
    bool begun;
};
struct rates {
    pthread_mutex_t lock;
    struct rate_bucket bucket[RATE_OWNERS][RATE_BUCKETS];
};
void rates_init(struct rates *r);
void rates_clear(struct rates *r);
/* Takes one token. False: refused, and ret_wait_us says how long. ret_left: what is left. */
bool rate_take(struct rates *r, const struct rate_limit *l, int64_t now_us, int64_t *ret_wait_us,
               double *ret_left);
