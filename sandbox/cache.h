/* cache.h - page bodies that are ready to be sent, so that serving costs little beside copying into
 * the socket.
 *
 * Shape:  a page is known by who asks, limit, offset and attributes. Over the limit of bytes the
 *         oldest goes.
 * Memory: a page is counted: the cache holds one reference and each answer under way another, so
 *         that a page dropped by an edit lives until its last byte is gone.
 * Threads: its own lock. Whoever builds a page holds the sandbox's lock for reading until it is
 *          put, so no edit comes between. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page_key {
    uint64_t attrs, offset;
    uint32_t limit, credential;
};
struct page {
    _Atomic unsigned refs;
    size_t len;
    struct page_key key;
    struct page *next; /* in its bucket */
    struct page *older, *newer;
    char bytes[];
};
enum { CACHE_BUCKETS = 1 << 16 };
struct cache_stats {
    size_t pages_n, bytes;
    uint64_t hits, misses;
};
struct cache {
    pthread_mutex_t lock;
    struct page **buckets, *oldest, *newest;
    size_t max_bytes;
    struct cache_stats stats;
};

void cache_init(struct cache *c, size_t max_bytes);
void cache_done(struct cache *c);
struct page *page_new(const char *bytes, size_t len); /* one reference, the caller's */
void page_unref(void *page);
struct page *cache_get(struct cache *c, const struct page_key *key); /* a reference, or NULL */
void cache_put(struct cache *c, const struct page_key *key,
               struct page *page); /* the cache takes its own reference */
struct cache_stats cache_stats(struct cache *c);
void cache_drop_all(struct cache *c);
/* Drops the pages of this credential that hold the given row. */
void cache_drop_row(struct cache *c, unsigned credential, size_t row);
