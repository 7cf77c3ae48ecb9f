/* trail.h - what happened on the platform, who did it and to whom: the audit log that the product
 * keeps too. The latest TRAIL_KEPT entries.
 *
 * Threads: its own lock. */
#pragma once
#include <pthread.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/error.h"

enum { TRAIL_KEPT = 20000 };
struct trail_entry {
    int64_t at_us;
    uint32_t id;
    char by[64], what[32], detail[120];
};
struct trail {
    pthread_mutex_t lock;
    struct trail_entry *ring;
    uint64_t n;
};
void trail_init(struct trail *t);
void trail_done(struct trail *t);
void trail_clear(struct trail *t);
void trail_add(struct trail *t, int64_t at_us, const char *by, const char *what, uint32_t id,
               const char *fmt, ...) RC_PRINTF(6, 7);
void trail_write(struct trail *t, uint64_t from, uint64_t limit, struct buf *ret); /* JSON */
