/* rate.h - how much one credential or address may ask: buckets of tokens in real time, off with
 * --no-limits.
 *
 * Source: docs/wire-personio.md, limits: employees 300 a minute and 15 a second; /v1/auth 60 a
 *         minute, then 60 s of nothing; /v2/auth/token 150 a minute, then one a second for 60 s;
 *         all v1 calls of an address 2000 a minute. */
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum rate_kind {
    RATE_EMPLOYEES,
    RATE_SECOND,
    RATE_ADDRESS,
    RATE_AUTH_V1,
    RATE_AUTH_V2,
    RATE_KINDS
};
enum { RATE_OWNERS = 64 };
struct rate_bucket {
    double tokens;
    int64_t at_us;
    int64_t cool_until_us; /* authentication: nothing, or one a second, until then */
    bool begun;
};
struct rates {
    pthread_mutex_t lock;
    struct rate_bucket bucket[RATE_OWNERS][RATE_KINDS];
};
void rates_init(struct rates *r);
void rates_clear(struct rates *r);
/* Takes one token. False: refused, and ret_wait_us says how long. ret_left: what is left. */
bool rate_take(struct rates *r, unsigned owner, enum rate_kind kind, double per_minute,
               double burst, int64_t now_us, int64_t *ret_wait_us, double *ret_left);
