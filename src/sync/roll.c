#include "sync/roll.h"

#include <string.h>
#include "base/arena.h"

enum { MARK_SEEN = 1, MARK_EXPECTED = 2, MARK_USED = 4, MARKS = 8 };

struct entry {
    uint64_t hash, print;
    int64_t user_and_marks; /* user id * MARKS + marks; 0: free */
};

struct roll {
    struct entry *entries;
    size_t capacity, used;
    size_t expected, expected_seen, seen;
};

__extension__ typedef unsigned __int128
    wide; /* a hash times a capacity: an even spread without a division */

static size_t home(const struct roll *r, uint64_t hash) {
    return (size_t)(((wide)hash * r->capacity) >> 64);
}

static size_t next_slot(const struct roll *r, size_t i) {
    return i + 1 == r->capacity ? 0 : i + 1;
}

static struct entry *find(const struct roll *r, uint64_t hash) {
    size_t i = home(r, hash);
    while (r->entries[i].user_and_marks != 0 && r->entries[i].hash != hash)
        i = next_slot(r, i);
    return &r->entries[i];
}

void roll_fetch(const struct roll *r, uint64_t hash) {
    __builtin_prefetch(&r->entries[home(r, hash)], 1);
}

/* Written, not only asked for: a page that is read before it is written faults twice, the second time
 * with all threads interrupted. */
static struct entry *free_entries(size_t n) {
    size_t bytes = n * sizeof(struct entry);
    return memset(mem_alloc(bytes), 0, bytes);
}

static void grow(struct roll *r) {
    struct entry *old = r->entries;
    size_t old_capacity = r->capacity;
    r->capacity += r->capacity / 2;
    r->entries = free_entries(r->capacity);
    for (size_t i = 0; i < old_capacity; i++)
        if (old[i].user_and_marks != 0)
            *find(r, old[i].hash) = old[i];
    mem_free(old);
}

struct roll *roll_new(size_t people) {
    struct roll *r = mem_zalloc(sizeof *r);
    r->capacity = people + people / 3 + 64;
    r->entries = free_entries(r->capacity);
    return r;
}

void roll_free(struct roll *r) {
    if (r == NULL)
        return;
    mem_free(r->entries);
    mem_free(r);
}

static void put(struct roll *r, uint64_t hash, uint64_t print, int64_t user_id, int marks) {
    if (r->used + 1 > r->capacity - r->capacity / 4)
        grow(r);
    struct entry *e = find(r, hash);
    if (e->user_and_marks == 0)
        r->used++;
    *e = (struct entry){ hash, print, user_id * MARKS + (marks | MARK_USED) };
}

void roll_add(struct roll *r, uint64_t hash, uint64_t print, int64_t user_id, bool expected) {
    const struct entry *e = find(r, hash);
    if (e->user_and_marks != 0) {
        /* Two known ids with one hash (once in 37 million companies of a million): neither may pass
         * as the same, and neither can be missed, which is the safe side. */
        bool was_expected = (e->user_and_marks & MARK_EXPECTED) != 0;
        r->expected -= was_expected;
        r->expected_seen -= was_expected && (e->user_and_marks & MARK_SEEN) != 0;
        put(r, hash, ~e->print ^ print, e->user_and_marks / MARKS, 0);
        return;
    }
    r->expected += expected;
    put(r, hash, print, user_id, expected ? MARK_EXPECTED : 0);
}

bool roll_has(const struct roll *r, uint64_t hash) {
    return find(r, hash)->user_and_marks != 0;
}

enum roll_sight roll_see(struct roll *r, uint64_t hash, uint64_t print, int64_t *ret_user_id) {
    struct entry *e = find(r, hash);
    if (e->user_and_marks == 0) {
        *ret_user_id = 0;
        r->seen++;
        put(r, hash, print, 0, MARK_SEEN);
        return ROLL_NEW;
    }
    *ret_user_id = e->user_and_marks / MARKS;
    if (e->user_and_marks & MARK_SEEN)
        return e->print == print ? ROLL_REPEATED : ROLL_REPEATED_OTHER;
    bool same = e->print == print;
    r->seen++;
    r->expected_seen += (e->user_and_marks & MARK_EXPECTED) != 0;
    e->user_and_marks |= MARK_SEEN;
    e->print = print;
    return same ? ROLL_SAME : ROLL_DIFFERENT;
}

size_t roll_expected(const struct roll *r) {
    return r->expected;
}

size_t roll_expected_seen(const struct roll *r) {
    return r->expected_seen;
}

size_t roll_seen(const struct roll *r) {
    return r->seen;
}

bool roll_next(const struct roll *r, bool seen, size_t *cursor, int64_t *ret_user_id) {
    int64_t want = MARK_EXPECTED | (seen ? MARK_SEEN : 0);
    for (; *cursor < r->capacity; (*cursor)++) {
        int64_t v = r->entries[*cursor].user_and_marks;
        if (v != 0 && (v & (MARK_EXPECTED | MARK_SEEN)) == want) {
            *ret_user_id = v / MARKS;
            (*cursor)++;
            return true;
        }
    }
    return false;
}
