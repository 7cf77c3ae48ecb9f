/* rng.h - numbers that look random and repeat with their seed (PCG32). Not for secrets: see
 * secret/. */
#pragma once
#include <stdint.h>

struct rng {
    uint64_t state, inc;
};
void rng_init(struct rng *r, uint64_t seed, uint64_t stream);
uint32_t rng_u32(struct rng *r);
uint64_t rng_u64(struct rng *r);
uint32_t rng_below(struct rng *r, uint32_t n); /* 0 .. n-1, even; n is at least 1 */
double rng_unit(struct rng *r);                /* 0 <= x < 1 */
