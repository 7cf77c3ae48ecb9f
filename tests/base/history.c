#include "tests/base/history.h"

#include <stdlib.h>
#include <string.h>
#include "base/rng.h"
#include "tests/check.h"

static void make(struct history *h, uint32_t kinds_n, uint64_t seed, uint64_t stream) {
    struct rng r;
    rng_init(&r, seed, stream);
    h->n = 4 + rng_below(&r, HISTORY_MOST - 4);
    for (size_t i = 0; i < h->n; i++) {
        uint32_t bits = rng_u32(&r);
        h->ops[i] = (struct history_op){ (uint8_t)rng_below(&r, kinds_n), (uint8_t)bits,
                                         (uint8_t)(bits >> 8), (uint8_t)(bits >> 16) };
    }
}

/* Leaves out, in ever smaller pieces, what the promise can be broken without. */
static void shorten(const struct history_test *t, struct history *h, const char *promise) {
    char how[500];
    for (size_t piece = h->n / 2 + 1; piece > 0; piece /= 2)
        for (size_t at = 0; at + piece <= h->n;) {
            struct history less = *h;
            memmove(less.ops + at, less.ops + at + piece, (less.n - at - piece) * sizeof *less.ops);
            less.n -= piece;
            const char *still = t->live(&less, false, how);
            if (still != NULL && strcmp(still, promise) == 0)
                *h = less;
            else
                at++;
        }
}

static uint64_t number(const char *name, uint64_t usual) {
    const char *s = getenv(name);
    return s != NULL ? strtoull(s, NULL, 10) : usual;
}

void history_try(const struct history_test *t) {
    uint64_t seed = number("SEED", 1), first = number("LIFE", 0),
             lives = getenv("LIFE") != NULL ? 1 : number("LIVES", t->lives);
    for (uint64_t i = first; i < first + lives; i++) {
        struct history h;
        char how[500];
        make(&h, t->kinds_n, seed, i);
        const char *promise = t->live(&h, false, how);
        if (promise == NULL || (t->wanted != NULL && strcmp(promise, t->wanted) != 0))
            continue; /* the absence of a protection breaks other promises, too */
        if (t->wanted == NULL)
            shorten(t, &h, promise);
        print_message("history %llu of seed %llu breaks \"%s\":\n", (unsigned long long)i,
                      (unsigned long long)seed, promise);
        t->live(&h, true, how);
        print_message("  %s\n", how);
        if (t->wanted != NULL)
            return;
        fail();
    }
    if (t->wanted != NULL)
        fail_msg("without it nobody is harmed: the promise \"%s\" is not tested", t->wanted);
}
