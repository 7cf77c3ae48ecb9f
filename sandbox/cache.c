#include "sandbox/cache.h"
#include <string.h>
#include "base/arena.h"

void cache_init(struct cache *c, size_t max_bytes) {
    *c = (struct cache){ .max_bytes = max_bytes, .lock = PTHREAD_MUTEX_INITIALIZER };
    c->buckets = mem_zalloc(CACHE_BUCKETS * sizeof *c->buckets);
}

void cache_done(struct cache *c) {
    cache_drop_all(c);
    mem_free(c->buckets);
    pthread_mutex_destroy(&c->lock);
}

struct page *page_new(const char *bytes, size_t len) {
    struct page *p = mem_alloc(sizeof *p + len);
    *p = (struct page){ .refs = 1, .len = len };
    memcpy(p->bytes, bytes, len);
    return p;
}

void page_unref(void *page) {
    struct page *p = page;
    if (atomic_fetch_sub(&p->refs, 1) == 1)
        mem_free(p);
}

static bool same_key(const struct page_key *a, const struct page_key *b) {
    return a->attrs == b->attrs && a->offset == b->offset && a->limit == b->limit &&
           a->credential == b->credential;
}

static struct page **bucket_of(struct cache *c, const struct page_key *k) {
    uint64_t h =
        (k->attrs ^ ((uint64_t)k->limit << 40) ^ k->credential) * UINT64_C(0x9E3779B97F4A7C15) +
        k->offset;
    h = (h ^ (h >> 31)) * UINT64_C(0xBF58476D1CE4E5B9);
    return &c->buckets[h >> 48];
}

static void drop(struct cache *c, struct page *p) {
    struct page **at = bucket_of(c, &p->key);
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    *(p->older ? &p->older->newer : &c->oldest) = p->newer;
    *(p->newer ? &p->newer->older : &c->newest) = p->older;
    c->stats.pages_n--;
    c->stats.bytes -= p->len;
    page_unref(p);
}

struct page *cache_get(struct cache *c, const struct page_key *key) {
    pthread_mutex_lock(&c->lock);
    struct page *p = *bucket_of(c, key);
    while (p != NULL && !same_key(&p->key, key))
        p = p->next;
    if (p != NULL)
        atomic_fetch_add(&p->refs, 1);
    *(p != NULL ? &c->stats.hits : &c->stats.misses) += 1;
    pthread_mutex_unlock(&c->lock);
    return p;
}

void cache_put(struct cache *c, const struct page_key *key, struct page *page) {
    pthread_mutex_lock(&c->lock);
    struct page **bucket = bucket_of(c, key), *p = *bucket;
    while (p != NULL && !same_key(&p->key, key))
        p = p->next;
    if (p == NULL && page->len <= c->max_bytes) {
        while (c->stats.bytes + page->len > c->max_bytes)
            drop(c, c->oldest);
        page->key = *key;
        page->next = *bucket;
        *bucket = page;
        page->older = c->newest;
        page->newer = NULL;
        *(c->newest ? &c->newest->newer : &c->oldest) = page;
        c->newest = page;
        c->stats.pages_n++;
        c->stats.bytes += page->len;
        atomic_fetch_add(&page->refs, 1);
    }
    pthread_mutex_unlock(&c->lock);
}

struct cache_stats cache_stats(struct cache *c) {
    pthread_mutex_lock(&c->lock);
    struct cache_stats stats = c->stats;
    pthread_mutex_unlock(&c->lock);
    return stats;
}

void cache_drop_all(struct cache *c) {
    pthread_mutex_lock(&c->lock);
    while (c->oldest != NULL)
        drop(c, c->oldest);
    pthread_mutex_unlock(&c->lock);
}

void cache_drop_row(struct cache *c, unsigned credential, size_t row) {
    pthread_mutex_lock(&c->lock);
    for (struct page *p = c->oldest, *newer; p != NULL; p = newer) {
        newer = p->newer;
        if (p->key.credential == credential && p->key.offset <= row &&
            row - p->key.offset < p->key.limit)
            drop(c, p);
    }
    pthread_mutex_unlock(&c->lock);
}
