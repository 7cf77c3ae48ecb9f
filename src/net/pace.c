#include "net/pace.h"

#include <math.h>
#include <stdbool.h>

#define SECOND_US         1000000.0
#define JITTER            0.25 /* up to a quarter more, so that lanes do not come back together */
#define ANNOUNCED_MOST_US 3600000000 /* a longer Retry-After is a mistake, or hostile */

static double rate_of(const struct pace *p) {
    if (p->per_s > 0 && p->learned_per_s > 0)
        return fmin(p->per_s, p->learned_per_s);
    return p->per_s > 0 ? p->per_s : p->learned_per_s;
}

static double burst_of(const struct pace *p) {
    double burst = p->per_s > 0 ? p->burst : p->learned_burst;
    if (p->per_s > 0 && p->learned_burst > 0)
        burst = fmin(burst, p->learned_burst);
    return fmax(burst, 1); /* less would never let anything through */
}

static void refill(struct pace *p, int64_t now_us) {
    if (now_us > p->at_us)
        p->tokens += (double)(now_us - p->at_us) / SECOND_US * rate_of(p);
    p->tokens = fmin(p->tokens, burst_of(p));
    p->at_us = now_us; /* also back in time: a clock that was set must not stop us */
}

void pace_init(struct pace *p, double per_s, double burst, int64_t first_wait_us,
               int64_t most_wait_us, uint64_t seed) {
    *p = (struct pace){ .per_s = per_s, .burst = fmax(burst, 1) };
    p->tokens = p->burst;
    p->first_wait_us = first_wait_us > 0 ? first_wait_us : 1000000;
    p->most_wait_us = most_wait_us > p->first_wait_us ? most_wait_us : p->first_wait_us;
    rng_init(&p->rng, seed, 1);
}

int64_t pace_wait_us(struct pace *p, int64_t now_us) {
    if (now_us < p->not_before_us)
        return p->not_before_us - now_us;
    if (rate_of(p) <= 0)
        return 0;
    refill(p, now_us);
    if (p->tokens < 1) {
        double wait_us = ceil((1 - p->tokens) / rate_of(p) * SECOND_US);
        return wait_us < 1                           ? 1
               : wait_us > (double)ANNOUNCED_MOST_US ? ANNOUNCED_MOST_US
                                                     : (int64_t)wait_us;
    }
    p->tokens -= 1;
    return 0;
}

/* first, twice, four times ...; stops where jitter reaches the longest wait, but never below the
 * first. */
static double grown_wait_us(const struct pace *p) {
    double doubled = ldexp((double)p->first_wait_us, p->refusals > 40 ? 39 : (int)p->refusals - 1);
    return fmax(fmin(doubled, (double)p->most_wait_us / (1 + JITTER)), (double)p->first_wait_us);
}

static void refused(struct pace *p, int64_t now_us, int64_t announced_us) {
    if (now_us >= p->not_before_us) /* else sent before the refusal that we already wait for */
        p->refusals++;
    else if (announced_us <= 0)
        return;
    double wait_us = announced_us > 0 ? (double)announced_us : grown_wait_us(p);
    double most_us = (double)(announced_us > 0 ? ANNOUNCED_MOST_US : p->most_wait_us);
    wait_us = fmin(wait_us * (1 + JITTER * rng_unit(&p->rng)), most_us);
    int64_t until_us = now_us + (int64_t)ceil(wait_us);
    if (until_us > p->not_before_us)
        p->not_before_us = until_us;
    p->tokens = 1; /* and then gently: no burst into a remote that has just recovered */
    p->at_us = p->not_before_us;
}

static void learn(struct pace *p, int64_t now_us, const struct http_response *r) {
    if (r->rate_replenish > 0)
        p->learned_per_s = r->rate_replenish;
    if (r->rate_burst >= 1)
        p->learned_burst = r->rate_burst;
    if (r->rate_remaining < 0)
        return;
    if (p->learned_burst < r->rate_remaining)
        p->learned_burst = r->rate_remaining;
    if (now_us < p->not_before_us)
        return;
    refill(p, now_us);
    p->tokens = fmin(p->tokens, r->rate_remaining); /* others may draw on the same bucket */
    if (r->rate_remaining < 1 && r->rate_reset_s > 0 && p->learned_per_s <= 0)
        p->not_before_us =
            now_us + (int64_t)fmin(r->rate_reset_s * SECOND_US, (double)ANNOUNCED_MOST_US);
}

void pace_answered(struct pace *p, int64_t now_us, const struct http_response *r) {
    bool is_refusal = r->status == 429 || r->status >= 500;
    learn(p, now_us, r);
    if (is_refusal)
        refused(p, now_us, r->retry_after_us);
    else if (now_us >= p->not_before_us)
        p->refusals = 0;
}

void pace_no_answer(struct pace *p, int64_t now_us) {
    refused(p, now_us, -1);
}
