/* index.h - from a key's hash to the numbers of those who have it: who is known by this e-mail, this
 * external id, this name.
 *
 * Shape:  open addressing. A number stands once for each key it was put under; whoever looks up
 *         compares the keys, for two keys may share a hash, and some keys may be shared.
 * Memory: index_done() frees; all zero is empty. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index_slot {
    uint64_t hash; /* 0: never used */
    uint32_t number;
    bool taken;
};
struct index {
    struct index_slot *slots;
    size_t n, used, cap; /* used: taken, or taken once */
};

uint64_t index_hash(const char *bytes, size_t len);      /* never 0 */
uint64_t index_hash_fold(const char *bytes, size_t len); /* the same for A and a */
void index_put(struct index *x, uint64_t hash, uint32_t number);
void index_remove(struct index *x, uint64_t hash, uint32_t number);
/* The numbers under a hash, one after the other: *at is 0 at first. False: no more. */
bool index_next(const struct index *x, uint64_t hash, size_t *at, uint32_t *ret);
void index_done(struct index *x);
