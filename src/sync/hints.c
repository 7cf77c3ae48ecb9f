#include "sync/hints.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include "base/log.h"

enum {
    LOOK_S = 1,      /* while something is open */
    IDLE_S = 60,     /* another process may have left something */
    MEND_S = 5,      /* after a failure of the database */
    REST_TIMES = 19, /* as long as a look took, */
    REST_MS = 150,   /* from one look to the next, whatever comes; within HINT_PEOPLE_SETTLE_US */
    GROUP_MOST = 256,
    COPY_GROUPS = 64, /* so many are written before the log is copied back */
    FOLD_MS = 100,    /* what arrived becomes rows so much later, */
    FOLD_ROWS = 2048, /* or when there are so many */
    EXPIRE_S = 3600
};
static const int64_t second_us = 1000000;

struct hints {
    struct hints_options o;
    struct owners *owners;
    /* The writer's. */
    struct store *written, *asked; /* the events; whose they are */
    struct hook_rooms rooms;
    int64_t folded_us; /* when that was, or there was nothing to fold; by the monotonic clock */
    int64_t unfolded_n, uncopied_n; /* rows; groups */
    bool folds_fail;
    pthread_t writer, minder;
    pthread_mutex_t mutex; /* of what stands below */
    pthread_cond_t arrived, done, look, end;
    struct hint_letter *first, **last;
    bool ending, is_news, is_asleep; /* asleep: the writer's stores are nobody's just now */
    struct hints_view view;
};

/* ---- writing ---- */

static struct timespec from_now(int64_t us) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec += us % 1000000 * 1000;
    t.tv_sec += us / 1000000 + t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    return t;
}

/* What came together, and which of it has an owner who is still there. */
struct group {
    struct hint_letter *letters[GROUP_MOST];
    bool is_there[GROUP_MOST];
    size_t n;
    const struct hook_event *events[GROUP_MOST]; /* of these */
    size_t events_n;
    bool is_last;
};

/* A connection that is lost, or may be. */
static void drop_store(struct store **st, enum rc_code rc) {
    if (rc == RC_RETRY || rc == RC_UNSURE || rc == RC_FATAL)
        store_close(RC_TAKE(*st));
}

static enum rc_code look_who(struct hints *h, struct group *g, struct rc_error *err) {
    const struct owner *owners[GROUP_MOST];
    bool is_there[GROUP_MOST];
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++)
        if (g->letters[i]->owner != NULL)
            owners[n++] = g->letters[i]->owner;
    enum rc_code rc = RC_OK;
    if (n > 0 && h->asked == NULL)
        rc = store_open(h->o.where, &h->asked, err);
    if (n > 0 && rc == RC_OK &&
        (rc = owners_check(h->owners, h->asked, owners, n, is_there, err)) != RC_OK)
        drop_store(&h->asked, rc);
    if (rc != RC_OK)
        return rc;
    n = g->events_n = 0;
    for (size_t i = 0; i < g->n; i++) {
        g->is_there[i] = g->letters[i]->owner == NULL || is_there[n++];
        if (g->is_there[i])
            g->events[g->events_n++] = g->letters[i]->event;
    }
    return RC_OK;
}

static enum rc_code write_group(struct hints *h, struct group *g, int64_t *ret_known,
                                struct rc_error *err) {
    enum rc_code rc = RC_OK;
    int64_t rows_n = 0;
    for (int tries = 0; tries < 2; tries++) {
        if ((rc = look_who(h, g, err)) != RC_OK)
            continue;
        if (h->written == NULL && (rc = hook_events_open(h->o.where, &h->written, err)) != RC_OK)
            continue;
        if (g->events_n == 0)
            return RC_OK;
        rc =
            hook_event_take(h->written, g->events, g->events_n, &h->rooms, &rows_n, ret_known, err);
        if (rc == RC_OK) {
            h->unfolded_n += rows_n;
            h->uncopied_n++;
            return RC_OK;
        }
        drop_store(&h->written, rc);
    }
    return rc;
}

static void take_group(struct hints *h, struct group *g) {
    g->n = 0;
    while (h->first != NULL && g->n < GROUP_MOST) {
        g->letters[g->n++] = h->first;
        if ((h->first = h->first->next) == NULL)
            h->last = &h->first;
    }
}

/* One line for what says the same of one integration. */
static void log_taken(const struct group *g) {
    bool told[GROUP_MOST] = { false };
    for (size_t i = 0; i < g->events_n; i++) {
        const struct hook_event *e = g->events[i], *f;
        size_t times = 0;
        for (size_t j = i; j < g->events_n && !told[i]; j++) {
            f = g->events[j];
            bool same = f->company_id == e->company_id && f->integration_id == e->integration_id &&
                        text_equal(f->name, e->name);
            told[j] = told[j] || (same && j > i);
            times += same;
        }
        if (!told[i])
            log_info("webhook=taken company=%lld integration=%lld event=%.*s times=%zu",
                     (long long)e->company_id, (long long)e->integration_id,
                     e->name.state == TEXT_SET ? (int)e->name.len : 1,
                     e->name.state == TEXT_SET ? e->name.ptr : "?", times);
    }
}

static void answer_group(const struct group *g, enum rc_code rc, const struct rc_error *err) {
    for (size_t i = 0; i < g->n; i++) {
        struct hint_letter *l = g->letters[i];
        l->is_nobodys = rc == RC_OK && !g->is_there[i];
        l->done(l, rc, err);
    }
}

/* What was appended becomes rows. In trouble it stays, for the next time; whoever brings more is told then. */
static void fold(struct hints *h) {
    struct rc_error err = { 0 };
    char text[500];
    int64_t known = 0;
    enum rc_code rc = RC_OK;
    if (h->written == NULL)
        rc = hook_events_open(h->o.where, &h->written, &err);
    if (rc == RC_OK && (rc = hook_event_fold(h->written, &h->rooms, &known, &err)) != RC_OK)
        drop_store(&h->written, rc);
    h->folded_us = clock_monotonic_us(h->o.clock);
    pthread_mutex_lock(&h->mutex);
    h->view.duplicate += known;
    pthread_mutex_unlock(&h->mutex);
    bool is_told = standing_trouble(h->o.standing, rc, &err);
    if (rc != RC_OK && !h->folds_fail && !is_told) /* once when it begins */
        log_error("webhooks=not-sorted-in code=%s reason=%s", rc_code_name(rc),
                  log_quote(err.text, text, sizeof text));
    h->folds_fail = rc != RC_OK;
    if (rc != RC_OK) {
        h->unfolded_n += h->unfolded_n == 0; /* for another try */
        return;
    }
    h->unfolded_n = 0;
    if (h->uncopied_n >= COPY_GROUPS) {
        hook_events_copy(h->written);
        h->uncopied_n = 0;
    }
    pthread_mutex_lock(&h->mutex);
    h->is_news = true;
    pthread_cond_signal(&h->look);
    pthread_mutex_unlock(&h->mutex);
}

static void write_down(struct hints *h, struct group *g) {
    struct rc_error err = { 0 };
    int64_t known = 0;
    if (h->unfolded_n == 0)
        h->folded_us = clock_monotonic_us(h->o.clock);
    enum rc_code rc = write_group(h, g, &known, &err);
    pthread_mutex_lock(&h->mutex); /* counted before anybody is told */
    h->view.received += rc == RC_OK ? (int64_t)g->events_n : 0;
    h->view.duplicate += known;
    if (rc == RC_OK && h->unfolded_n == 0) {
        h->is_news = true;
        pthread_cond_signal(&h->look);
    }
    pthread_mutex_unlock(&h->mutex);
    if (rc == RC_OK)
        log_taken(g);
    answer_group(g, rc, &err);
}

/* Until something has arrived, or what has arrived wants to become rows. */
static void wait_for_group(struct hints *h, struct group *g) {
    struct timespec until = from_now(FOLD_MS * INT64_C(1000));
    pthread_mutex_lock(&h->mutex);
    h->is_asleep = true;
    while (h->first == NULL && !h->ending)
        if (h->unfolded_n == 0)
            pthread_cond_wait(&h->arrived, &h->mutex);
        else if (pthread_cond_timedwait(&h->arrived, &h->mutex, &until) == ETIMEDOUT)
            break;
    h->is_asleep = false;
    take_group(h, g);
    g->is_last = h->ending && g->n == 0;
    pthread_mutex_unlock(&h->mutex);
}

static void *writer_main(void *self) {
    struct hints *h = self;
    struct group *g = mem_zalloc(sizeof *g);
    fold(h);              /* what the last process has left */
    while (!g->is_last) { /* when it is ending, and all have been answered */
        wait_for_group(h, g);
        if (g->n > 0)
            write_down(h, g);
        int64_t since_us = clock_monotonic_us(h->o.clock) - h->folded_us;
        if (h->unfolded_n > 0 && (g->n == 0 || since_us >= FOLD_MS * INT64_C(1000) ||
                                  (h->unfolded_n >= FOLD_ROWS && !h->folds_fail)))
            fold(h);
    }
    mem_free(g);
    return NULL;
}

struct owners *hints_owners(struct hints *h) {
    return h->owners;
}

/* The minder gives back by itself what it keeps. */
void hints_rest(struct hints *h) {
    pthread_mutex_lock(&h->mutex);
    if (h->is_asleep && h->written != NULL)
        store_rest(h->written);
    if (h->is_asleep && h->asked != NULL)
        store_rest(h->asked);
    pthread_mutex_unlock(&h->mutex);
}

void hints_look(struct hints *h, struct hints_view *ret) {
    pthread_mutex_lock(&h->mutex);
    h->view.duplicate += hook_event_known_aside();
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
    /* Whoever brings hints waits for the file: a look does not wait for the disk meanwhile. What a power cut
     * takes back is looked at once more. */
    if (m->events == NULL && ((rc = hook_events_open(h->o.where, &m->events, err)) != RC_OK ||
                              (rc = db_set_bulk(m->events->db, true, err)) != RC_OK))
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

static void note(struct minding *m, enum rc_code rc, const struct rc_error *err) {
    standing_note(m->h->o.standing, &m->failing, rc, "webhooks", err);
    if (rc == RC_OK)
        return;
    store_close(RC_TAKE(m->st));
    store_close(RC_TAKE(m->events));
}

/* Under a stream of hints there would be one look after the other, and each has to go through all that is open. */
static int64_t rest_after(int64_t took_us) {
    int64_t us = took_us * REST_TIMES;
    if (us < REST_MS * INT64_C(1000))
        return REST_MS * INT64_C(1000);
    return us < LOOK_S * second_us ? us : LOOK_S * second_us;
}

static void sleep_for(struct hints *h, int64_t rest_us, int64_t seconds) {
    struct timespec rest = from_now(rest_us), until = from_now(seconds * second_us);
    while (!h->ending && pthread_cond_timedwait(&h->end, &h->mutex, &rest) != ETIMEDOUT)
        ;
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
        int64_t began_us = clock_monotonic_us(h->o.clock);
        enum rc_code rc = mind(&m, &open, &err);
        note(&m, rc, &err);
        if (rc == RC_OK && !open) { /* for a while */
            store_rest(m.st);
            store_rest(m.events);
        }
        int64_t took_us = clock_monotonic_us(h->o.clock) - began_us;
        pthread_mutex_lock(&h->mutex);
        sleep_for(h, rest_after(took_us), rc != RC_OK ? MEND_S : open ? LOOK_S : IDLE_S);
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
    pthread_cond_init(&h->arrived, &monotonic);
    pthread_cond_init(&h->done, NULL);
    pthread_cond_init(&h->look, &monotonic);
    pthread_cond_init(&h->end, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void conds_done(struct hints *h) {
    pthread_cond_destroy(&h->arrived);
    pthread_cond_destroy(&h->done);
    pthread_cond_destroy(&h->look);
    pthread_cond_destroy(&h->end);
    pthread_mutex_destroy(&h->mutex);
}

static void end(struct hints *h) {
    pthread_mutex_lock(&h->mutex);
    h->ending = true;
    pthread_cond_broadcast(&h->arrived);
    pthread_cond_broadcast(&h->look);
    pthread_cond_broadcast(&h->end);
    pthread_mutex_unlock(&h->mutex);
}

enum rc_code hints_open(const struct hints_options *o, struct hints **ret, struct rc_error *err) {
    struct hints *h = mem_zalloc(sizeof *h);
    int no = 0;
    h->o = *o;
    h->last = &h->first;
    h->owners = owners_new();
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
    store_close(h->asked);
    owners_free(h->owners);
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
    store_close(h->asked);
    owners_free(h->owners);
    conds_done(h);
    mem_free(h);
}
