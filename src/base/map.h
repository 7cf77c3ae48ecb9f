/* map.h - from a byte string to a pointer, for the hundreds (teams, switches, columns), not for
 * the millions (the people of a listing: sync/roll.h).
 *
 * Memory: keys are copied, values are borrowed. Iteration is in order of insertion. No removal.
 *         A struct map_entry * holds until the next map_set(); its key until map_done(). */
#pragma once
#include <stddef.h>
#include <stdbool.h>

struct map_entry {
    const char *key; /* ends with NUL, which key_len does not count */
    size_t key_len;
    void *value;
};
struct map {
    struct map_entry *entries; /* in order of insertion: entries[0 .. n-1] */
    size_t n, cap;
    size_t *slots, slots_n;
};
void map_init(struct map *m);
void map_done(struct map *m);
/* true when the key is new */
bool map_set(struct map *m, const char *key, size_t key_len, void *value);
void *map_find(const struct map *m, const char *key, size_t key_len); /* NULL is an answer */
struct map_entry *map_entry_find(const struct map *m, const char *key, size_t key_len);
