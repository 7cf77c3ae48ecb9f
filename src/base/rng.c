/* PCG32 (XSH RR, 64 bits of state) after M. E. O'Neill, "PCG: A Family of Simple Fast
 * Space-Efficient Statistically Good Algorithms for Random Number Generation", 2014. */
#include "base/rng.h"

void rng_init(struct rng *r, uint64_t seed, uint64_t stream) {
    r->state = 0;
    r->inc = stream << 1 | 1;
    (void)rng_u32(r);
    r->state += seed;
    (void)rng_u32(r);
}

uint32_t rng_u32(struct rng *r) {
    uint64_t old = r->state;
    r->state = old * 6364136223846793005u + r->inc;
    uint32_t mixed = (uint32_t)((old >> 18 ^ old) >> 27);
    uint32_t turn = (uint32_t)(old >> 59);
    return mixed >> turn | mixed << (-turn & 31);
}

uint64_t rng_u64(struct rng *r) {
    uint64_t high = rng_u32(r);
    return high << 32 | rng_u32(r);
}

/* A plain remainder would favour small numbers: draws below 2^32 mod n are thrown away. */
uint32_t rng_below(struct rng *r, uint32_t n) {
    uint32_t least = -n % n;
    for (;;) {
        uint32_t x = rng_u32(r);
        if (x >= least)
            return x % n;
    }
}

double rng_unit(struct rng *r) {
    return (double)(rng_u64(r) >> 11) * 0x1p-53;
}
