#include "sandbox/learnamp/index.h"
#include "base/arena.h"

static uint64_t hash_of(const char *bytes, size_t len, bool fold) {
    uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < len; i++) {
        unsigned char ch = (unsigned char)bytes[i];
        h = (h ^ (fold && ch >= 'A' && ch <= 'Z' ? ch + 32u : ch)) * UINT64_C(0x100000001b3);
    }
    h ^= h >> 29; /* the low bits choose the slot */
    return h == 0 ? 1 : h;
}

uint64_t index_hash(const char *bytes, size_t len) {
    return hash_of(bytes, len, false);
}

uint64_t index_hash_fold(const char *bytes, size_t len) {
    return hash_of(bytes, len, true);
}

static void put(struct index_slot *slots, size_t cap, uint64_t hash, uint32_t number) {
    size_t at = (size_t)hash & (cap - 1);
    while (slots[at].hash != 0)
        at = (at + 1) & (cap - 1);
    slots[at] = (struct index_slot){ hash, number, true };
}

/* Twice what is taken, or more: at most half of the slots are used. */
static void grow(struct index *x) {
    size_t cap = 64;
    while (cap < x->n * 4)
        cap *= 2;
    struct index_slot *slots = mem_zalloc(cap * sizeof *slots);
    for (size_t i = 0; i < x->cap; i++)
        if (x->slots[i].taken)
            put(slots, cap, x->slots[i].hash, x->slots[i].number);
    mem_free(x->slots);
    *x = (struct index){ slots, x->n, x->n, cap };
}

void index_put(struct index *x, uint64_t hash, uint32_t number) {
    if ((x->used + 1) * 2 > x->cap)
        grow(x);
    put(x->slots, x->cap, hash, number);
    x->n++;
    x->used++;
}

void index_remove(struct index *x, uint64_t hash, uint32_t number) {
    size_t at = (size_t)hash;
    if (x->cap == 0)
        return;
    for (at &= x->cap - 1; x->slots[at].hash != 0; at = (at + 1) & (x->cap - 1))
        if (x->slots[at].taken && x->slots[at].hash == hash && x->slots[at].number == number) {
            x->slots[at].taken = false; /* the hash stays: the chain goes on behind it */
            x->n--;
            return;
        }
}

bool index_next(const struct index *x, uint64_t hash, size_t *at, uint32_t *ret) {
    if (x->cap == 0)
        return false;
    for (size_t i = *at; i < x->cap; i++) {
        const struct index_slot *s = &x->slots[((size_t)hash + i) & (x->cap - 1)];
        if (s->hash == 0)
            return false;
        if (s->taken && s->hash == hash) {
            *ret = s->number;
            *at = i + 1;
            return true;
        }
    }
    return false;
}

void index_done(struct index *x) {
    mem_free(x->slots);
    *x = (struct index){ 0 };
}
