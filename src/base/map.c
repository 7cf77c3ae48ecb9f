#include <stdint.h>
#include <string.h>
#include "base/arena.h"
#include "base/map.h"

void map_init(struct map *m) {
    *m = (struct map){ 0 };
}

void map_done(struct map *m) {
    for (size_t i = 0; i < m->n; i++)
        mem_free((char *)(uintptr_t)m->entries[i].key); /* ours, const for readers only */
    mem_free(m->entries);
    mem_free(m->slots);
    map_init(m);
}

/* FNV-1a, 64 bits. Keys come by the hundred, so that chosen collisions cost next to nothing. */
static uint64_t hash_of(const char *key, size_t len) {
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)key[i]) * 0x100000001b3u;
    return h ^ h >> 32;
}

/* The slot that holds the key, or the free one where it belongs. A slot is an index into entries
 * plus 1; 0 is free. At most half of the slots are in use, so that this ends. */
static size_t *slot_of(const struct map *m, const char *key, size_t key_len) {
    size_t i = (size_t)hash_of(key, key_len) & (m->slots_n - 1);
    for (;; i = (i + 1) & (m->slots_n - 1)) {
        if (m->slots[i] == 0)
            return &m->slots[i];
        const struct map_entry *e = &m->entries[m->slots[i] - 1];
        if (e->key_len == key_len && (key_len == 0 || memcmp(e->key, key, key_len) == 0))
            return &m->slots[i];
    }
}

static void grow(struct map *m) {
    m->cap = m->cap == 0 ? 8 : m->cap * 2;
    m->entries = mem_realloc(m->entries, m->cap * sizeof *m->entries);
    mem_free(m->slots);
    m->slots_n = m->cap * 2;
    m->slots = mem_zalloc(m->slots_n * sizeof *m->slots);
    for (size_t i = 0; i < m->n; i++)
        *slot_of(m, m->entries[i].key, m->entries[i].key_len) = i + 1;
}

bool map_set(struct map *m, const char *key, size_t key_len, void *value) {
    struct map_entry *known = map_entry_find(m, key, key_len);
    if (known != NULL) {
        known->value = value;
        return false;
    }
    if (m->n == m->cap)
        grow(m);
    char *copy = mem_alloc(key_len + 1);
    if (key_len > 0)
        memcpy(copy, key, key_len);
    copy[key_len] = '\0';
    size_t *slot = slot_of(m, key, key_len);
    m->entries[m->n] = (struct map_entry){ copy, key_len, value };
    *slot = ++m->n;
    return true;
}

struct map_entry *map_entry_find(const struct map *m, const char *key, size_t key_len) {
    if (m->n == 0)
        return NULL;
    size_t slot = *slot_of(m, key, key_len);
    return slot == 0 ? NULL : &m->entries[slot - 1];
}

void *map_find(const struct map *m, const char *key, size_t key_len) {
    struct map_entry *e = map_entry_find(m, key, key_len);
    return e == NULL ? NULL : e->value;
}
