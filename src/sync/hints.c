#include "sync/hints.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include "base/log.h"

enum {
    LOOK_S = 1,  /* while something is open */
    IDLE_S = 60, /* another process may have left something */
    MEND_S = 5,  /* after a failure of the database */
    GROUP_MOST = 256,
    EXPIRE_S = 3600
};
static const int64_t second_us = 1000000;

struct hints {
    struct hints_options o;
    struct store *written; /* the writer's, as is the next */
    struct hook_rooms rooms;
    pthread_t writer, minder;
    pthread_mutex_t mutex; /* of what stands below */
    pthread_cond_t arrived, done, look;
    struct hint_letter *first, **last;
    bool ending, is_news;
    struct hints_view view;
};

/* ---- writing ---- */

static enum rc_code write_group(struct hints *h, const struct hook_event *const *events, size_t n,
                                int64_t *ret_known, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    for (int tries = 0; tries < 2; tries++) {
        if (h->written == NULL && (rc = hook_events_open(h->o.where, &h->written, err)) != RC_OK)
            continue;
        if ((rc = hook_event_add_to(h->written, events, n, &h->rooms, ret_known, err)) == RC_OK)
            return RC_OK;
        if (rc == RC_RETRY || rc == RC_UNSURE || rc == RC_FATAL) /* a connection that is lost */
            store_close(RC_TAKE(h->written));
    }
    return rc;
}

static size_t take_group(struct hints *h, struct hint_letter *ret[GROUP_MOST]) {
    size_t n = 0;
    while (h->first != NULL && n < GROUP_MOST) {
        ret[n++] = h->first;
        if ((h->first = h->first->next) == NULL)
            h->last = &h->first;
    }
    return n;
}

static void *writer_main(void *self) {
    struct hints *h = self;
    struct hint_letter *group[GROUP_MOST];
    const struct hook_event *events[GROUP_MOST];
    pthread_mutex_lock(&h->mutex);
    for (;;) {
        while (h->first == NULL && !h->ending)
            pthread_cond_wait(&h->arrived, &h->mutex);
        size_t n = take_group(h, group);
        if (n == 0)
            break; /* it is ending, and all have been answered */
        pthread_mutex_unlock(&h->mutex);
        struct rc_error err = { 0 };
        for (size_t i = 0; i < n; i++)
            events[i] = group[i]->event;
        int64_t known = 0;
        enum rc_code rc = write_group(h, events, n, &known, &err);
        pthread_mutex_lock(&h->mutex); /* counted before anybody is told */
        h->view.received += rc == RC_OK ? (int64_t)n : 0;
        h->view.duplicate += rc == RC_OK ? known : 0;
        pthread_mutex_unlock(&h->mutex);
        for (size_t i = 0; i < n; i++)
            group[i]->done(group[i], rc, &err);
        pthread_mutex_lock(&h->mutex);
        h->is_news |= rc == RC_OK;
        pthread_cond_signal(&h->look);
    }
    pthread_mutex_unlock(&h->mutex);
    return NULL;
}

void hints_look(struct hints *h, struct hints_view *ret) {
    pthread_mutex_lock(&h->mutex);
    *ret = h->view;
    pthread_mutex_unlock(&h->mutex);
}

enum rc_code hints_send(struct hints *h, struct hint_letter *l, struct rc_error *err) {
    l->next = NULL;
    pthread_mutex_lock(&h->mutex);
    bool takes = !h->ending;
    if (takes) {
        *h->last = l;
        h->last = &l->next;
        pthread_cond_signal(&h->arrived);
    }
    pthread_mutex_unlock(&h->mutex);
    return takes ? RC_OK : rc_fail_as(err, RC_RETRY, "stopping", "the process is being stopped");
}

struct waiting { /* of hints_add() */
    struct hints *h;
    struct rc_error err;
    enum rc_code rc;
    bool is_done;
};

static void waited(struct hint_letter *l, enum rc_code rc, const struct rc_error *err) {
    struct waiting *w = l->self;
    struct hints *h = w->h;
    pthread_mutex_lock(&h->mutex);
    w->rc = rc;
    w->err = *err;
    w->is_done = true;
    pthread_cond_broadcast(&h->done);
    pthread_mutex_unlock(&h->mutex);
}

enum rc_code hints_add(struct hints *h, const struct hook_event *e, struct rc_error *err) {
    struct waiting w = { .h = h };
    struct hint_letter mine = { .event = e, .done = waited, .self = &w };
    enum rc_code rc = hints_send(h, &mine, err);
    if (rc != RC_OK)
        return rc;
    pthread_mutex_lock(&h->mutex);
    while (!w.is_done)
        pthread_cond_wait(&h->done, &h->mutex);
    pthread_mutex_unlock(&h->mutex);
    if (w.rc != RC_OK && err != NULL)
        *err = w.err;
    return w.rc;
}

/* ---- asking for jobs ---- */

struct minding {
    struct hints *h;
    struct store *st, *events;
    int64_t expired_us; /* by the monotonic clock */
    bool has_begun, failing;
};

static enum rc_code mind(struct minding *m, bool *ret_open, struct rc_error *err) {
    struct hints *h = m->h;
    int64_t now = clock_now_us(h->o.clock), mono = clock_monotonic_us(h->o.clock);
    bool asked = false;
    enum rc_code rc = RC_OK;
    if (m->st == NULL && (rc = store_open(h->o.where, &m->st, err)) != RC_OK)
        return rc;
    if (m->events == NULL && (rc = hook_events_open(h->o.where, &m->events, err)) != RC_OK)
        return rc;
    rc = hints_step(m->st, m->events, now, h->o.pace_s, ret_open, &asked, err);
    if (rc == RC_OK && (!m->has_begun || mono - m->expired_us > EXPIRE_S * second_us)) {
        m->expired_us = mono;
        m->has_begun = true;
        rc = hook_event_expire(m->events, now - (int64_t)HINT_KEPT_DAYS * 86400 * second_us, err);
    }
    if (asked && h->o.wake != NULL)
        h->o.wake(h->o.self);
    return rc;
}

/* A failure once when it begins, and once when it is over. */
static void note(struct minding *m, enum rc_code rc, const struct rc_error *err) {
    char text[500];
    if (rc != RC_OK && !m->failing)
        log_error("webhooks=waiting code=%s text=%s", rc_code_name(rc),
                  log_quote(err->text, text, sizeof text));
    if (rc == RC_OK && m->failing)
        log_info("webhooks=works-again");
    m->failing = rc != RC_OK;
    if (rc == RC_OK)
        return;
    store_close(RC_TAKE(m->st));
    store_close(RC_TAKE(m->events));
}

static void sleep_for(struct hints *h, int64_t seconds) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    while (!h->is_news && !h->ending &&
           pthread_cond_timedwait(&h->look, &h->mutex, &until) != ETIMEDOUT)
        ;
    h->is_news = false;
}

static void *minder_main(void *self) {
    struct hints *h = self;
    struct minding m = { .h = h };
    pthread_mutex_lock(&h->mutex);
    while (!h->ending) {
        struct rc_error err = { 0 };
        bool open = false;
        pthread_mutex_unlock(&h->mutex);
        enum rc_code rc = mind(&m, &open, &err);
        note(&m, rc, &err);
        pthread_mutex_lock(&h->mutex);
        sleep_for(h, rc != RC_OK ? MEND_S : open ? LOOK_S : IDLE_S);
    }
    pthread_mutex_unlock(&h->mutex);
    store_close(m.st);
    store_close(m.events);
    return NULL;
}

/* ---- opening and closing ---- */

static void conds_init(struct hints *h) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&h->mutex, NULL);
    pthread_cond_init(&h->arrived, NULL);
    pthread_cond_init(&h->done, NULL);
    pthread_cond_init(&h->look, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void conds_done(struct hints *h) {
    pthread_cond_destroy(&h->arrived);
    pthread_cond_destroy(&h->done);
    pthread_cond_destroy(&h->look);
    pthread_mutex_destroy(&h->mutex);
}

static void end(struct hints *h) {
    pthread_mutex_lock(&h->mutex);
    h->ending = true;
    pthread_cond_broadcast(&h->arrived);
    pthread_cond_broadcast(&h->look);
    pthread_mutex_unlock(&h->mutex);
}

enum rc_code hints_open(const struct hints_options *o, struct hints **ret, struct rc_error *err) {
    struct hints *h = mem_zalloc(sizeof *h);
    int no = 0;
    h->o = *o;
    h->last = &h->first;
    conds_init(h);
    enum rc_code rc = hook_events_open(o->where, &h->written, err);
    if (rc == RC_OK && (no = pthread_create(&h->writer, NULL, writer_main, h)) == 0 &&
        (no = pthread_create(&h->minder, NULL, minder_main, h)) != 0) {
        end(h);
        pthread_join(h->writer, NULL);
    }
    if (rc == RC_OK && no == 0) {
        *ret = h;
        return RC_OK;
    }
    store_close(h->written);
    conds_done(h);
    mem_free(h);
    return rc != RC_OK ? rc : rc_fail(err, RC_FATAL, "no thread for webhooks: %s", strerror(no));
}

void hints_close(struct hints *h) {
    if (h == NULL)
        return;
    end(h);
    pthread_join(h->writer, NULL);
    pthread_join(h->minder, NULL);
    store_close(h->written);
    conds_done(h);
    mem_free(h);
}
