/* pace.h - how fast one remote may be asked: learned from its headers and refusals, capped by
 * configuration.
 *
 * Shape:  pure arithmetic with the time passed in, a token bucket and a not-before. The caller asks
 *         how long to wait, sleeps through its clock, and tells what came back. Backing off grows
 *         1, 2, 4 ... times the first wait, with up to a quarter of jitter on top, and never passes
 *         the longest wait. A Retry-After (up to an hour) is kept to instead. Answers to what was
 *         sent before a refusal neither lengthen nor end the pause. The caller locks when lanes
 *         share one.
 * Source: facts of Personio (v1: 300 a minute and 15 a second; no Retry-After is promised;
 *         x-ratelimit-* where present). */
#pragma once
#include <stdint.h>
#include "base/rng.h"
#include "net/client.h"

struct pace {
    double per_s, burst; /* ceiling; per_s 0: none */
    double learned_per_s,
        learned_burst;     /* from x-ratelimit-*; 0: not told. The lower of both counts */
    double tokens;         /* right now */
    int64_t at_us;         /* when tokens was right */
    int64_t not_before_us; /* from a refusal or an announced reset */
    unsigned refusals;     /* in a row: 429, 5xx, no answer */
    int64_t first_wait_us, most_wait_us;
    struct rng rng;
};
void pace_init(struct pace *p, double per_s, double burst, int64_t first_wait_us,
               int64_t most_wait_us, uint64_t seed);
int64_t
pace_wait_us(struct pace *p,
             int64_t now_us); /* 0: go, and one token is taken; else ask again after so long */
void pace_answered(struct pace *p, int64_t now_us,
                   const struct http_response *r); /* any answer, 429 and 5xx included */
void pace_no_answer(struct pace *p, int64_t now_us);
