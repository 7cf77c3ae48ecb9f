#include "base/memory.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ARENAS_LEAST = 4,
    ARENAS_MOST = 16,
    /* More than what makes free() look at the end of an arena (64 KB). */
    NUDGE_BYTES = 100 << 10,
    /* What is larger is asked of the system, and given back, by itself. By default this begins at
     * 128 KB and grows with what is freed. */
    ALONE_BYTES = 4 << 20,
    /* So much at the end of an arena is kept by free(): while there is work, and in memory_give_back(). */
    WORK_BYTES = 32 << 20,
    REST_BYTES = 128 << 10,
};

static unsigned arenas_n(void) {
    long n = 2 * sysconf(_SC_NPROCESSORS_ONLN);
    return n < ARENAS_LEAST ? ARENAS_LEAST : n > ARENAS_MOST ? ARENAS_MOST : (unsigned)n;
}

void memory_set_up(void) {
    const char *tunables = getenv("GLIBC_TUNABLES");
    if (getenv("MALLOC_ARENA_MAX") == NULL &&
        (tunables == NULL || strstr(tunables, "arena_max") == NULL))
        mallopt(M_ARENA_MAX, (int)arenas_n());
    mallopt(M_MMAP_THRESHOLD, ALONE_BYTES);
    mallopt(M_TRIM_THRESHOLD, WORK_BYTES);
}

/* Until all are there. */
struct meeting {
    pthread_mutex_t mutex;
    pthread_cond_t change;
    unsigned here, expected;
};

/* A new thread is given the next arena in turn. */
static void *nudge_main(void *self) {
    struct meeting *m = self;
    void *volatile p = malloc(NUDGE_BYTES); /* volatile: else both calls may be left out */
    pthread_mutex_lock(&m->mutex);
    m->here++;
    pthread_cond_broadcast(&m->change);
    while (m->here < m->expected)
        pthread_cond_wait(&m->change, &m->mutex);
    pthread_mutex_unlock(&m->mutex);
    free(p);
    return NULL;
}

/* malloc_trim() gives back what lies between pieces in use, but the end of the first arena only. Of the
 * others it is free() that does, where something large is freed: in each by a thread of its own, all at
 * once, so that no two get the same. */
static void nudge_all(void) {
    unsigned n = arenas_n(), made = 0;
    struct meeting m = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, n };
    pthread_t threads[ARENAS_MOST];
    while (made < n && pthread_create(&threads[made], NULL, nudge_main, &m) == 0)
        made++;
    pthread_mutex_lock(&m.mutex);
    m.expected = made; /* fewer, if there are no more threads: then some arenas keep their end */
    pthread_cond_broadcast(&m.change);
    pthread_mutex_unlock(&m.mutex);
    for (unsigned i = 0; i < made; i++)
        pthread_join(threads[i], NULL);
}

void memory_give_back(void) {
    mallopt(M_TRIM_THRESHOLD, REST_BYTES);
    nudge_all();
    malloc_trim(0);
    mallopt(M_TRIM_THRESHOLD, WORK_BYTES);
}
