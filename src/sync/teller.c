#include "sync/teller.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include "sync/standing.h"

struct teller {
    struct alerts_options o;
    struct clock_source clock; /* tells a mail under way when the process is being stopped */
    struct store *st;
    pthread_t thread;
    atomic_bool ending;
    pthread_mutex_t mutex;
    pthread_cond_t woken;
};

static bool is_ending(void *self) {
    return atomic_load(&((struct teller *)self)->ending);
}

static void nap(struct teller *t) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += TELLER_LOOK_S;
    pthread_mutex_lock(&t->mutex);
    while (!is_ending(t) && pthread_cond_timedwait(&t->woken, &t->mutex, &until) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&t->mutex);
}

static void *teller_main(void *self) {
    struct teller *t = self;
    struct alerts_server server = { 0 };
    bool failing = false;
    while (!is_ending(t)) {
        struct rc_error err = { .name = "" };
        enum rc_code rc = alerts_keep_all(t->st, &t->o, &t->clock, &server, &err);
        standing_note(t->o.standing, &failing, rc, "alerts", &err);
        nap(t);
    }
    return NULL;
}

enum rc_code teller_start(const char *where, const struct alerts_options *o, struct teller **ret,
                          struct rc_error *err) {
    struct teller *t = mem_zalloc(sizeof *t);
    pthread_condattr_t monotonic;
    t->o = *o;
    t->clock = clock_system;
    t->clock.self = t;
    t->clock.is_ending = is_ending;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&t->mutex, NULL);
    pthread_cond_init(&t->woken, &monotonic);
    pthread_condattr_destroy(&monotonic);
    enum rc_code rc = store_open(where, &t->st, err);
    if (rc == RC_OK) {
        int no = pthread_create(&t->thread, NULL, teller_main, t);
        if (no == 0) {
            *ret = t;
            return RC_OK;
        }
        rc = rc_fail(err, RC_FATAL, "no thread for telling people: %s", strerror(no));
    }
    store_close(t->st);
    pthread_cond_destroy(&t->woken);
    pthread_mutex_destroy(&t->mutex);
    mem_free(t);
    return rc;
}

void teller_stop(struct teller *t) {
    if (t == NULL)
        return;
    pthread_mutex_lock(&t->mutex);
    atomic_store(&t->ending, true);
    pthread_cond_broadcast(&t->woken);
    pthread_mutex_unlock(&t->mutex);
    pthread_join(t->thread, NULL);
    store_close(t->st);
    pthread_cond_destroy(&t->woken);
    pthread_mutex_destroy(&t->mutex);
    mem_free(t);
}
