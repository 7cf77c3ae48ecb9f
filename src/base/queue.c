#include <pthread.h>
#include <time.h>
#include "base/arena.h"
#include "base/queue.h"

struct queue {
    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t not_full, not_empty;
    bool ended, cancelled;
    size_t capacity, head, n; /* items[head] is the next of n */
    size_t wanted;            /* by whoever sleeps on not_empty: fewer wake nobody */
    void *items[];
};

struct queue *queue_new(size_t capacity) {
    if (capacity == 0 || capacity > 1 << 20)
        rc_die("queue: a capacity of %zu makes no sense", capacity);
    struct queue *q = mem_zalloc(sizeof *q + capacity * sizeof *q->items);
    pthread_condattr_t attr;
    if (pthread_condattr_init(&attr) != 0 ||
        pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) != 0 ||
        pthread_mutex_init(&q->lock, NULL) != 0 || pthread_cond_init(&q->not_full, NULL) != 0 ||
        pthread_cond_init(&q->not_empty, &attr) != 0 || pthread_condattr_destroy(&attr) != 0)
        rc_die("queue: the system has no lock left");
    q->capacity = capacity;
    q->wanted = 1;
    return q;
}

void queue_free(struct queue *q) {
    if (q == NULL)
        return;
    pthread_cond_destroy(&q->not_empty);
    pthread_cond_destroy(&q->not_full);
    pthread_mutex_destroy(&q->lock);
    mem_free(q);
}

static bool push(struct queue *q, void *item, bool first) {
    pthread_mutex_lock(&q->lock);
    while (q->n == q->capacity && !q->ended && !q->cancelled)
        pthread_cond_wait(&q->not_full, &q->lock);
    bool open = !q->ended && !q->cancelled;
    if (open) {
        q->head = (q->head + (first ? q->capacity - 1 : 0)) % q->capacity;
        q->items[(q->head + (first ? 0 : q->n)) % q->capacity] = item;
        if (++q->n >= q->wanted)
            pthread_cond_signal(&q->not_empty);
    }
    pthread_mutex_unlock(&q->lock);
    return open;
}

bool queue_push(struct queue *q, void *item) {
    return push(q, item, false);
}

bool queue_push_first(struct queue *q, void *item) {
    return push(q, item, true);
}

/* The lock is held. */
static bool take_next(struct queue *q, void **ret) {
    if (q->n == 0)
        return false;
    *ret = q->items[q->head];
    q->head = (q->head + 1) % q->capacity;
    q->n--;
    pthread_cond_signal(&q->not_full);
    return true;
}

bool queue_pop(struct queue *q, void **ret) {
    pthread_mutex_lock(&q->lock);
    while (q->n == 0 && !q->ended && !q->cancelled)
        pthread_cond_wait(&q->not_empty, &q->lock);
    bool got = !q->cancelled && take_next(q, ret);
    pthread_mutex_unlock(&q->lock);
    return got;
}

/* The lock is held. */
static void wait_for(struct queue *q, size_t enough, int64_t us) {
    struct timespec until;
    int timed_out = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + us % 1000000 * 1000;
    until.tv_sec += (time_t)(us / 1000000 + ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    q->wanted = enough < q->capacity ? enough : q->capacity;
    while (q->n < q->wanted && !q->ended && !q->cancelled && timed_out == 0)
        timed_out = pthread_cond_timedwait(&q->not_empty, &q->lock, &until);
    q->wanted = 1;
}

int queue_pop_wait(struct queue *q, void **ret, int64_t us) {
    pthread_mutex_lock(&q->lock);
    wait_for(q, 1, us);
    bool over = q->cancelled || (q->ended && q->n == 0);
    bool got = !q->cancelled && take_next(q, ret);
    pthread_mutex_unlock(&q->lock);
    return got ? 1 : over ? -1 : 0;
}

size_t queue_take(struct queue *q, void **ret, size_t most, size_t enough, int64_t linger_us,
                  int64_t us) {
    size_t n = 0;
    pthread_mutex_lock(&q->lock);
    wait_for(q, enough, linger_us);
    if (q->n == 0)
        wait_for(q, 1, us);
    while (!q->cancelled && n < most && take_next(q, &ret[n]))
        n++;
    pthread_mutex_unlock(&q->lock);
    return n;
}

bool queue_drain(struct queue *q, void **ret) {
    pthread_mutex_lock(&q->lock);
    bool got = take_next(q, ret);
    pthread_mutex_unlock(&q->lock);
    return got;
}

static void close_with(struct queue *q, bool *how) {
    pthread_mutex_lock(&q->lock);
    *how = true;
    pthread_cond_broadcast(&q->not_full);
    pthread_cond_broadcast(&q->not_empty);
    pthread_mutex_unlock(&q->lock);
}

void queue_end(struct queue *q) {
    close_with(q, &q->ended);
}

void queue_cancel(struct queue *q) {
    close_with(q, &q->cancelled);
}
