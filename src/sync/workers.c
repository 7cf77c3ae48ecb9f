#include "sync/workers.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include "base/log.h"
#include "base/memory.h"
#include "store/keyring.h"
#include "store/lease.h"
#include "store/watch.h"
#include "sync/erase.h"
#include "sync/reporter.h"
#include "sync/rest.h"
#include "sync/subscription.h"
#include "sync/timetable.h"
#include "sync/work.h"

enum { PROLONG_S = 60, BURY_S = 30, TIMETABLE_S = 600, LOGS_S = 20, MEND_S = 5 };
static const int64_t second_us = 1000000;

/* What a worker is at. Only this is prolonged: a claim whose answer was lost is nobody's work, and runs
 * out by itself. */
struct desk {
    struct job job;
    bool is_busy, is_asleep; /* asleep: its stores are nobody's just now */
};

struct workers {
    struct workers_options o;
    struct clock_source clock; /* tells those at work when the process is being stopped */
    atomic_bool ending;
    pthread_t *threads; /* behind the workers' the keeper's, and the ear's if there is one */
    struct store **stores;
    struct store **events; /* of the workers that had to look at webhooks */
    unsigned started_n, all_n;
    struct reporter *reporter;
    _Atomic int64_t done[JOB_KINDS_N], failed[JOB_KINDS_N], waited[JOB_KINDS_N];

    pthread_mutex_t mutex; /* of what stands below */
    pthread_cond_t work, keeper, ended;
    uint64_t calls; /* grows when there may be something to claim */
    int64_t turned_us;
    bool look; /* the keeper is to look now */
    unsigned running_n;
    int64_t most_of_one;
    struct desk *desks; /* o.n of them */
};

/* ---- sleeping ---- */

static bool is_ending(void *self) {
    return atomic_load(&((struct workers *)self)->ending);
}

static struct timespec after(int64_t us) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += us / second_us;
    t.tv_nsec += us % second_us * 1000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

/* Until it is woken, or so long. */
static void keeper_sleep(struct workers *w, int64_t us) {
    struct timespec until = after(us);
    pthread_mutex_lock(&w->mutex);
    while (!w->look && !is_ending(w) &&
           pthread_cond_timedwait(&w->keeper, &w->mutex, &until) != ETIMEDOUT)
        ;
    w->look = false;
    pthread_mutex_unlock(&w->mutex);
}

static void keeper_wake(struct workers *w) {
    pthread_mutex_lock(&w->mutex);
    w->look = true;
    pthread_cond_signal(&w->keeper);
    pthread_mutex_unlock(&w->mutex);
}

void workers_wake(struct workers *w) {
    keeper_wake(w);
}

static void call_workers(struct workers *w, int64_t most_of_one) {
    pthread_mutex_lock(&w->mutex);
    w->calls++;
    w->most_of_one = most_of_one;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->mutex);
}

/* Until there was a call since *seen. */
static void worker_sleep(struct workers *w, unsigned desk, uint64_t *seen) {
    pthread_mutex_lock(&w->mutex);
    w->desks[desk].is_asleep = true;
    while (w->calls == *seen && !is_ending(w))
        pthread_cond_wait(&w->work, &w->mutex);
    *seen = w->calls;
    w->desks[desk].is_asleep = false;
    pthread_mutex_unlock(&w->mutex);
}

/* ---- a worker ---- */

static void count(struct workers *w, const struct job *j, enum work_outcome end) {
    if (end == WORK_DONE)
        atomic_fetch_add(&w->done[j->kind], 1);
    else if (end == WORK_FAILED)
        atomic_fetch_add(&w->failed[j->kind], 1);
    else if (end == WORK_WAITS)
        atomic_fetch_add(&w->waited[j->kind], 1);
}

/* NULL: at nothing. */
static void sit_down(struct workers *w, unsigned desk, const struct job *j) {
    pthread_mutex_lock(&w->mutex);
    w->desks[desk].is_busy = j != NULL;
    if (j != NULL)
        w->desks[desk].job = *j;
    pthread_mutex_unlock(&w->mutex);
}

/* The key that counts by now, read anew if it is not the one at hand. What fails here is tried again
 * like any other job: nothing is lost by a key that comes later. */
static enum rc_code take_key(struct workers *w, struct work *with, struct secret_key **own,
                             struct rc_error *err) {
    struct secret_key *next = NULL;
    bool is = true;
    if (w->o.read_key == NULL)
        return RC_OK;
    enum rc_code rc = keyring_is(with->st, with->key, &is, err);
    if (rc != RC_OK || is || (rc = w->o.read_key(w->o.key_from, with->st, &next, err)) != RC_OK)
        return rc;
    secret_key_close(*own);
    *own = next;
    with->key = next;
    log_info("key=read-anew");
    return RC_OK;
}

/* Its end has to be written down: until then the keeper keeps it claimed. */
static void do_one(struct workers *w, unsigned desk, struct work *with, struct secret_key **own,
                   const struct job *j) {
    struct work_result r;
    struct rc_error err = { 0 };
    bool failing = false;
    enum rc_code rc;
    sit_down(w, desk, j);
    if ((rc = take_key(w, with, own, &err)) == RC_OK)
        work_do(with, j, &r);
    else {
        standing_note(w->o.standing, &failing, rc, "key", &err);
        r = (struct work_result){ .end = WORK_FAILED, .rc = rc };
        failing = false;
    }
    while ((rc = work_end(with, j, &r, &err)) != RC_OK && !is_ending(w)) {
        standing_note(w->o.standing, &failing, rc, "job-end", &err);
        clock_sleep_us(&clock_system, second_us);
    }
    standing_note(w->o.standing, &failing, rc, "job-end", &err);
    sit_down(w, desk, NULL);
    count(w, j, r.end);
    log_about_nothing();
    keeper_wake(w);
}

struct seat {
    struct workers *w;
    struct store *st;
    unsigned desk;
};

static void leave(struct workers *w) {
    pthread_mutex_lock(&w->mutex);
    w->running_n--;
    pthread_cond_broadcast(&w->ended);
    pthread_mutex_unlock(&w->mutex);
}

static int64_t most_of_one(struct workers *w) {
    pthread_mutex_lock(&w->mutex);
    int64_t most = w->most_of_one;
    pthread_mutex_unlock(&w->mutex);
    return most;
}

static void *worker_main(void *self) {
    struct seat seat = *(struct seat *)self;
    struct workers *w = seat.w;
    struct work with = { .st = seat.st,
                         .key = w->o.key,
                         .clock = &w->clock,
                         .where = w->o.where,
                         .public_url = w->o.public_url,
                         .events = &w->events[seat.desk],
                         .mail = w->o.mail,
                         .reporter = w->reporter,
                         .desk = seat.desk };
    struct secret_key *own = NULL; /* once it was read anew */
    uint64_t seen = 0;
    bool failing = false;
    mem_free(self);
    while (!is_ending(w)) {
        struct rc_error err = { 0 };
        struct job j;
        bool found = false;
        enum rc_code rc = seen == 0 ? RC_OK
                                    : job_claim(with.st, clock_now_us(&w->clock), most_of_one(w),
                                                &j, &found, &err);
        /* somebody else was quicker: the keeper calls again while something is due */
        bool is_nobodys = rc == RC_CONFLICT && err.name == NULL;
        standing_note(w->o.standing, &failing, is_nobodys ? RC_OK : rc, "claim", &err);
        if (rc == RC_OK && found)
            do_one(w, seat.desk, &with, &own, &j);
        else
            worker_sleep(w, seat.desk, &seen);
    }
    store_close(RC_TAKE(w->events[seat.desk]));
    secret_key_close(own);
    leave(w);
    return NULL;
}

/* ---- the keeper ---- */

struct keeping {
    struct workers *w;
    struct store *st;
    /* by the monotonic clock: when each was done last */
    int64_t prolonged_us, buried_us, timetable_us, logs_us;
    bool has_begun, failing, logs_failing;
    struct rest rest;
};

static bool is_due(int64_t *last_us, int64_t every_s, int64_t now_us) {
    if (now_us - *last_us < every_s * second_us)
        return false;
    *last_us = now_us;
    return true;
}

/* One that has been lost meanwhile is found out by its worker, at the end. */
static enum rc_code prolong(struct keeping *k, int64_t now_us, struct rc_error *err) {
    struct workers *w = k->w;
    enum rc_code rc = RC_OK;
    for (unsigned i = 0; i < w->o.n && rc == RC_OK; i++) {
        pthread_mutex_lock(&w->mutex);
        struct desk d = w->desks[i];
        pthread_mutex_unlock(&w->mutex);
        if (d.is_busy && (rc = job_hold(k->st, &d.job, now_us, err)) == RC_CONFLICT)
            rc = RC_OK;
    }
    return rc;
}

static enum rc_code look_after(struct keeping *k, struct rc_error *err) {
    int64_t now = clock_now_us(&k->w->clock), mono = clock_monotonic_us(&k->w->clock);
    enum rc_code rc = RC_OK;
    if (is_due(&k->prolonged_us, PROLONG_S, mono) && k->has_begun)
        rc = prolong(k, now, err);
    if (rc == RC_OK && (is_due(&k->buried_us, BURY_S, mono) || !k->has_begun)) {
        struct arena a;
        int64_t n = 0;
        arena_init(&a);
        rc = job_bury(k->st, now, &a, &n, err);
        arena_done(&a);
        if (n > 0)
            log_warn("jobs=freed n=%lld reason=\"their process has died\"", (long long)n);
    }
    if (rc == RC_OK) /* else a job would find its subject held by ourselves */
        rc = lease_release_left(k->st, err);
    if (rc == RC_OK && (is_due(&k->timetable_us, TIMETABLE_S, mono) || !k->has_begun))
        rc = timetable_keep(k->st, now, err);
    if (rc == RC_OK && (is_due(&k->logs_us, LOGS_S, mono) || !k->has_begun)) {
        struct rc_error why = { 0 }; /* whatever it is, work goes on */
        int64_t n = 0;
        enum rc_code logs = erase_logs(k->st, NULL, k->w->o.where, now, &n, &why);
        standing_note(k->w->o.standing, &k->logs_failing, logs, "erasure-logs", &why);
    }
    if (rc == RC_OK && !k->has_begun && k->w->o.public_url != NULL)
        rc = subscription_want_all(k->st, now, err); /* something may have been told meanwhile */
    if (rc == RC_OK)
        k->has_begun = true;
    return rc;
}

/* With several companies one worker is always left for the others. */
static enum rc_code share_of_one(struct keeping *k, int64_t *ret, struct rc_error *err) {
    int64_t companies = 0, n = k->w->o.n;
    enum rc_code rc = company_count(k->st, &companies, err);
    *ret = companies > 1 && n > 1 ? n - 1 : n;
    return rc;
}

/* Whoever is asleep stays so meanwhile. */
static bool rest_workers(struct workers *w, bool only_look) {
    bool busy = false;
    pthread_mutex_lock(&w->mutex);
    for (unsigned i = 0; i < w->o.n; i++) {
        busy |= !w->desks[i].is_asleep;
        if (only_look || !w->desks[i].is_asleep)
            continue;
        store_rest(w->stores[i]);
        if (w->events[i] != NULL)
            store_rest(w->events[i]);
    }
    pthread_mutex_unlock(&w->mutex);
    return busy;
}

static void rest_if_due(struct keeping *k) {
    struct workers *w = k->w;
    if (!rest_is_due(&k->rest, rest_workers(w, true), clock_monotonic_us(&w->clock), rest_cpu_us()))
        return;
    rest_workers(w, false);
    store_rest(k->st);
    if (w->o.rest != NULL)
        w->o.rest(w->o.self);
    memory_give_back();
    k->rest.rested_cpu_us = k->rest.looked_cpu_us = rest_cpu_us(); /* resting is no work */
    log_debug("serve=rests");
}

/* How long nothing is to be done. */
static enum rc_code turn(struct keeping *k, int64_t *ret_us, struct rc_error *err) {
    int64_t now = clock_now_us(&k->w->clock), next = 0, most = 1;
    enum rc_code rc = look_after(k, err);
    *ret_us = WORKERS_LOOK_S * second_us;
    if (rc != RC_OK || (rc = job_next(k->st, now, &next, err)) != RC_OK || next == 0)
        return rc;
    if (next > now) {
        *ret_us = next - now < *ret_us ? next - now : *ret_us;
        return RC_OK;
    }
    if ((rc = share_of_one(k, &most, err)) == RC_OK)
        call_workers(k->w, most);
    return rc;
}

/* What others have met is over when a write has reached the disk again. */
static enum rc_code look_at_database(struct keeping *k, struct rc_error *err) {
    struct workers *w = k->w;
    struct standing_view v;
    if (w->o.standing == NULL)
        return RC_OK;
    enum rc_code rc = watch_room(w->o.where, err);
    if (rc != RC_OK)
        return rc;
    standing_look(w->o.standing, &v);
    if (v.name[0] == '\0')
        return RC_OK;
    if ((rc = watch_writes(k->st, w->o.where, err)) == RC_OK)
        standing_over(w->o.standing);
    return rc;
}

static void came_round(struct workers *w) {
    pthread_mutex_lock(&w->mutex);
    w->turned_us = clock_monotonic_us(&clock_system);
    pthread_mutex_unlock(&w->mutex);
}

static void *keeper_main(void *self) {
    struct seat seat = *(struct seat *)self;
    struct workers *w = seat.w;
    struct keeping k = { .w = w, .st = seat.st };
    mem_free(self);
    while (!is_ending(w)) {
        struct rc_error err = { 0 };
        int64_t us = 0;
        enum rc_code rc = turn(&k, &us, &err);
        if (rc == RC_OK)
            rc = look_at_database(&k, &err);
        standing_note(w->o.standing, &k.failing, rc, "keeper", &err);
        came_round(w);
        rest_if_due(&k);
        keeper_sleep(w, rc == RC_OK ? us : MEND_S * second_us);
    }
    leave(w);
    return NULL;
}

/* ---- what other processes tell ---- */

static void *ear_main(void *self) {
    enum { HEAR_US = 500000 }; /* then it is asked whether the process is being stopped */
    struct seat seat = *(struct seat *)self;
    struct workers *w = seat.w;
    bool failing = false;
    mem_free(self);
    while (!is_ending(w)) {
        struct rc_error err = { 0 };
        bool told = false;
        enum rc_code rc = db_hear(seat.st->db, HEAR_US, &told, &err);
        standing_note(w->o.standing, &failing, rc, "ear", &err);
        if (rc != RC_OK)
            clock_sleep_us(&clock_system, second_us);
        else if (told)
            keeper_wake(w);
    }
    leave(w);
    return NULL;
}

/* ---- starting and stopping ---- */

static void conds_init(struct workers *w) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->work, &monotonic);
    pthread_cond_init(&w->keeper, &monotonic);
    pthread_cond_init(&w->ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static enum rc_code start_one(struct workers *w, unsigned i, struct rc_error *err) {
    struct seat *s = mem_zalloc(sizeof *s);
    *s = (struct seat){ w, w->stores[i], i };
    pthread_mutex_lock(&w->mutex);
    w->running_n++;
    pthread_mutex_unlock(&w->mutex);
    int no = pthread_create(&w->threads[i], NULL,
                            i < w->o.n    ? worker_main
                            : i == w->o.n ? keeper_main
                                          : ear_main,
                            s);
    if (no == 0) {
        w->started_n++;
        return RC_OK;
    }
    mem_free(s);
    leave(w);
    return rc_fail(err, RC_FATAL, "no thread for a worker: %s", strerror(no));
}

enum rc_code workers_start(const struct workers_options *o, struct workers **ret,
                           struct rc_error *err) {
    struct workers *w = mem_zalloc(sizeof *w);
    enum rc_code rc = RC_OK;
    w->o = *o;
    w->most_of_one = 1;
    w->clock = clock_system;
    w->clock.self = w;
    w->clock.is_ending = is_ending;
    w->turned_us = clock_monotonic_us(&clock_system);
    w->all_n = o->n + 1;
    w->threads = mem_zalloc((o->n + 2) * sizeof *w->threads);
    w->stores = mem_zalloc((o->n + 2) * sizeof(struct store *));
    w->events = mem_zalloc(o->n * sizeof(struct store *));
    w->desks = mem_zalloc(o->n * sizeof *w->desks);
    w->reporter = reporter_open(o->where, o->n);
    conds_init(w);
    for (unsigned i = 0; i < w->all_n && rc == RC_OK; i++) {
        rc = store_open(o->where, &w->stores[i], err);
        if (rc == RC_OK && i == 0 && db_can_tell(w->stores[0]->db))
            w->all_n++;
    }
    for (unsigned i = 0; i < w->all_n && rc == RC_OK; i++)
        rc = start_one(w, i, err);
    if (rc == RC_OK) {
        *ret = w;
        return RC_OK;
    }
    workers_stop(w, INT64_MAX / 4); /* nobody has begun anything */
    workers_free(w);
    return rc;
}

static bool wait_for_all(struct workers *w, int64_t most_us) {
    struct timespec until = after(most_us);
    pthread_mutex_lock(&w->mutex);
    while (w->running_n > 0 && pthread_cond_timedwait(&w->ended, &w->mutex, &until) != ETIMEDOUT)
        ;
    bool all = w->running_n == 0;
    pthread_mutex_unlock(&w->mutex);
    return all;
}

/* Each worker has handed back its own; this is for what could not be. On a connection of its own: the
 * others may be in use. */
static void hand_back(struct workers *w) {
    RC_CLEANUP(store_closep) struct store *st = NULL;
    struct rc_error err = { 0 };
    char text[500];
    enum rc_code rc = store_open(w->o.where, &st, &err);
    if (rc == RC_OK)
        rc = job_hand_back(st, &err);
    if (rc != RC_OK)
        log_warn("jobs=not-handed-back reason=%s", log_quote(err.text, text, sizeof text));
}

bool workers_stop(struct workers *w, int64_t most_us) {
    pthread_mutex_lock(&w->mutex);
    atomic_store(&w->ending, true);
    pthread_cond_broadcast(&w->work);
    pthread_cond_broadcast(&w->keeper);
    pthread_mutex_unlock(&w->mutex);
    bool all = wait_for_all(w, most_us);
    if (w->started_n > 0)
        hand_back(w);
    if (!all)
        return false;
    for (unsigned i = 0; i < w->started_n; i++)
        pthread_join(w->threads[i], NULL);
    w->started_n = 0;
    return true;
}

void workers_free(struct workers *w) {
    reporter_close(w->reporter);
    for (unsigned i = 0; i < w->all_n; i++)
        store_close(w->stores[i]);
    pthread_cond_destroy(&w->work);
    pthread_cond_destroy(&w->keeper);
    pthread_cond_destroy(&w->ended);
    pthread_mutex_destroy(&w->mutex);
    mem_free(w->stores);
    mem_free(w->events);
    mem_free(w->desks);
    mem_free(w->threads);
    mem_free(w);
}

void workers_hint(struct workers *w) {
    keeper_wake(w);
}

void workers_look(struct workers *w, struct workers_view *ret) {
    for (int k = 0; k < JOB_KINDS_N; k++) {
        ret->done[k] = atomic_load(&w->done[k]);
        ret->failed[k] = atomic_load(&w->failed[k]);
        ret->waited[k] = atomic_load(&w->waited[k]);
    }
    pthread_mutex_lock(&w->mutex);
    ret->ready = w->running_n == w->all_n && !is_ending(w);
    ret->turned_us = w->turned_us;
    pthread_mutex_unlock(&w->mutex);
}
