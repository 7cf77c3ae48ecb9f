#include "server/events.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "base/log.h"
#include "server/events_p.h"
#include "store/hook_event.h"

/* Clocks of several processes differ, and a transaction is seen later than the time that is written in it: so
 * much of what was told is looked at again. A state that has been told is not told twice to the same stream. */
static const int64_t slack_us = 60 * INT64_C(1000000), second_us = 1000000,
                     longest_us = INT64_C(30) * 86400 * 1000000;
enum { MEND_S = 5, WAIT_MS = 1000, EACH_RUNS_MOST = 200 };

struct listener {
    struct listener *next;
    struct server_stream *out;
    int64_t company_id, run_id, heard_us;
    char token_id[TOKEN_ID_BYTES + 1], address[SERVER_ADDRESS_BYTES];
    bool is_new; /* it has not been told what there is yet */
    bool gone;
};

/* What was told of a company last. */
struct seen {
    enum event_kind kind;
    uint64_t id, digest;
    bool may_vanish;
};
struct topic {
    struct topic *next;
    int64_t company_id, looked_us;
    struct seen *seen;
    size_t seen_n;
    bool is_used;
};

struct events {
    const char *where;
    const struct clock_source *clock;
    pthread_t thread;
    pthread_mutex_t mutex; /* of what stands below */
    pthread_cond_t change;
    struct listener
        *first; /* others are put before it by any thread; only the thread takes any away */
    size_t listeners_n;
    bool runs, ending, is_news;
};

/* ---- who listens ---- */

static enum rc_code count_all(struct events *e, const struct listener *l, struct rc_error *err) {
    size_t all = 0, token = 0, address = 0;
    for (const struct listener *o = e->first; o != NULL; o = o->next) {
        if (server_stream_is_over(o->out))
            continue;
        all++;
        token += strcmp(o->token_id, l->token_id) == 0;
        address += strcmp(o->address, l->address) == 0;
    }
    if (all < EVENTS_MOST && token < EVENTS_EACH_TOKEN && address < EVENTS_EACH_ADDRESS)
        return RC_OK;
    return rc_fail_as(
        err, RC_LIMITED, "events.too-many",
        token >= EVENTS_EACH_TOKEN
            ? "this token listens to %d streams already: end one, or use another token"
        : address >= EVENTS_EACH_ADDRESS ? "this address listens to %d streams already: end one"
                                         : "%d streams are listened to already: try again later",
        token >= EVENTS_EACH_TOKEN       ? EVENTS_EACH_TOKEN
        : address >= EVENTS_EACH_ADDRESS ? EVENTS_EACH_ADDRESS
                                         : EVENTS_MOST);
}

static void *events_main(void *self);

/* The mutex is held. */
static enum rc_code admit(struct events *e, struct listener *l, const struct server_request *q,
                          struct rc_error *err) {
    if (e->ending)
        return rc_fail_as(err, RC_RETRY, "stopping", "the process is being stopped");
    enum rc_code rc = count_all(e, l, err);
    if (rc != RC_OK)
        return rc;
    if (!e->runs && pthread_create(&e->thread, NULL, events_main, e) != 0)
        return rc_fail(err, RC_RETRY, "no thread for events");
    e->runs = true;
    l->out = server_stream_new(q, EVENTS_WAITING_BYTES);
    l->next = e->first;
    e->first = l;
    e->listeners_n++;
    e->is_news = true;
    pthread_cond_signal(&e->change);
    return RC_OK;
}

enum rc_code events_listen(struct events *e, const struct events_wish *wish,
                           const struct server_request *q, struct server_stream **ret,
                           struct rc_error *err) {
    struct listener *l = mem_zalloc(sizeof *l);
    l->company_id = wish->company->company_id;
    l->run_id = wish->run_id;
    l->heard_us = wish->heard_us;
    l->is_new = true;
    snprintf(l->token_id, sizeof l->token_id, "%.*s", TEXT_ARG(wish->token->token_id));
    server_address(q, l->address);
    pthread_mutex_lock(&e->mutex);
    enum rc_code rc = admit(e, l, q, err);
    if (rc == RC_OK)
        *ret = l->out;
    pthread_mutex_unlock(&e->mutex);
    if (rc != RC_OK)
        mem_free(l);
    return rc;
}

static void sweep(struct events *e) {
    struct listener *over = NULL;
    pthread_mutex_lock(&e->mutex);
    for (struct listener **at = &e->first; *at != NULL;) {
        struct listener *l = *at;
        if (!l->gone && !server_stream_is_over(l->out)) {
            at = &l->next;
            continue;
        }
        *at = l->next;
        l->next = over;
        over = l;
        e->listeners_n--;
    }
    pthread_mutex_unlock(&e->mutex);
    while (over != NULL) {
        struct listener *l = over;
        over = l->next;
        server_stream_end(l->out);
        mem_free(l);
    }
}

static void tell(struct listener *l, const char *bytes, size_t n) {
    if (!l->gone && !server_stream_write(l->out, bytes, n))
        l->gone = true;
}

static void tell_all(struct listener *first, const char *line) {
    for (struct listener *l = first; l != NULL; l = l->next)
        tell(l, line, strlen(line));
}

/* ---- one company ---- */

struct turn { /* what the thread works with */
    struct events *e;
    struct store *st, *beside;
    struct arena arena;
    struct topic *topics;
    struct listener *first; /* as it was when the turn began: those put before it come next time */
    int64_t beat_us;        /* by the monotonic clock */
    bool failing;
};

static struct topic *topic_of(struct turn *t, int64_t company_id) {
    for (struct topic *o = t->topics; o != NULL; o = o->next)
        if (o->company_id == company_id)
            return o;
    struct topic *o = mem_zalloc(sizeof *o);
    o->company_id = company_id;
    o->next = t->topics;
    t->topics = o;
    return o;
}

static void drop_topics(struct turn *t, bool all) {
    for (struct topic **at = &t->topics; *at != NULL;) {
        struct topic *o = *at;
        if (o->is_used && !all) {
            at = &o->next;
            continue;
        }
        *at = o->next;
        mem_free(o->seen);
        mem_free(o);
    }
}

static const struct seen *seen_of(const struct topic *o, const struct event *ev) {
    for (size_t i = 0; i < o->seen_n; i++)
        if (o->seen[i].kind == ev->kind && o->seen[i].id == ev->id)
            return &o->seen[i];
    return NULL;
}

static bool is_for(const struct listener *l, const struct event *ev, bool is_changed) {
    if (l->run_id != 0 && l->run_id != ev->run_id)
        return false;
    if (!l->is_new)
        return is_changed;
    return ev->is_open || (l->run_id != 0 && ev->kind == EVENT_RUN) ||
           (l->heard_us != 0 && ev->at_us >= l->heard_us - slack_us);
}

static void pass_on(struct turn *t, const struct topic *o, const struct event *events, size_t n,
                    int64_t now_us) {
    struct buf b;
    buf_init(&b, EVENTS_WAITING_BYTES);
    for (size_t i = 0; i < n; i++) {
        const struct event *ev = &events[i];
        const struct seen *before = seen_of(o, ev);
        bool is_changed = before == NULL || before->digest != ev->digest;
        buf_clear(&b);
        buf_printf(&b, "id: %lld\nevent: %s\ndata: ", (long long)now_us, ev->name);
        buf_append(&b, ev->json.ptr, ev->json.len);
        buf_str(&b, "\n\n");
        for (struct listener *l = t->first; l != NULL && !b.full; l = l->next)
            if (l->company_id == o->company_id && is_for(l, ev, is_changed))
                tell(l, b.ptr, b.len);
    }
    buf_done(&b);
    for (struct listener *l = t->first; l != NULL; l = l->next) {
        static const char live[] = ": that is all for now\n\n";
        if (l->company_id == o->company_id && l->is_new) {
            l->is_new = false;
            tell(l, live, sizeof live - 1);
        }
    }
}

static void remember(struct topic *o, const struct event *events, size_t n, int64_t now_us) {
    mem_free(o->seen);
    o->seen = mem_zalloc((n + 1) * sizeof *o->seen);
    o->seen_n = n;
    o->looked_us = now_us;
    for (size_t i = 0; i < n; i++)
        o->seen[i] =
            (struct seen){ events[i].kind, events[i].id, events[i].digest, events[i].may_vanish };
}

/* Runs that were under way or held, and those that somebody has named. */
static size_t runs_to_look_at(const struct turn *t, const struct topic *o,
                              int64_t ret[EACH_RUNS_MOST]) {
    size_t n = 0;
    for (size_t i = 0; i < o->seen_n && n < EACH_RUNS_MOST; i++)
        if (o->seen[i].kind == EVENT_RUN && o->seen[i].may_vanish)
            ret[n++] = (int64_t)o->seen[i].id;
    for (const struct listener *l = t->first; l != NULL && n < EACH_RUNS_MOST; l = l->next) {
        bool is_there = l->run_id == 0 || l->company_id != o->company_id;
        for (size_t i = 0; i < n && !is_there; i++)
            is_there = ret[i] == l->run_id;
        if (!is_there)
            ret[n++] = l->run_id;
    }
    return n;
}

static int64_t since_of(const struct turn *t, const struct topic *o, int64_t now_us) {
    int64_t since = o->looked_us != 0 ? o->looked_us : now_us;
    for (const struct listener *l = t->first; l != NULL; l = l->next)
        if (l->company_id == o->company_id && l->is_new && l->heard_us != 0 && l->heard_us < since)
            since = l->heard_us;
    since -= slack_us;
    return since > now_us - longest_us ? since : now_us - longest_us;
}

static enum rc_code look_at(struct turn *t, struct topic *o, struct rc_error *err) {
    struct company co;
    struct event *events;
    int64_t runs[EACH_RUNS_MOST], now = clock_now_us(t->e->clock);
    size_t n;
    struct show show = { t->st, t->e->clock, &t->arena };
    arena_reset(&t->arena);
    enum rc_code rc = company_get(t->st, o->company_id, &t->arena, &co, err);
    for (struct listener *l = t->first; l != NULL && rc == RC_NOT_FOUND; l = l->next)
        l->gone |= l->company_id == o->company_id;
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    struct look l = { .show = &show,
                      .beside = t->beside,
                      .company = &co,
                      .since_us = since_of(t, o, now),
                      .runs = runs,
                      .runs_n = runs_to_look_at(t, o, runs) };
    if ((rc = events_look(&l, &events, &n, err)) != RC_OK)
        return rc;
    pass_on(t, o, events, n, now);
    remember(o, events, n, now);
    return RC_OK;
}

/* ---- the thread ---- */

static enum rc_code open_stores(struct turn *t, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    if (t->st == NULL && ((rc = store_open(t->e->where, &t->st, err)) != RC_OK ||
                          (rc = db_set_wait_ms(t->st->db, WAIT_MS, err)) != RC_OK))
        return rc;
    return t->beside == NULL ? hook_events_open(t->e->where, &t->beside, err) : RC_OK;
}

static void close_stores(struct turn *t) {
    store_close(RC_TAKE(t->st));
    store_close(RC_TAKE(t->beside));
}

/* Once a while: is everybody still there, and still allowed to be? */
static enum rc_code beat(struct turn *t, struct rc_error *err) {
    int64_t mono = clock_monotonic_us(t->e->clock), now = clock_now_us(t->e->clock);
    enum rc_code rc = RC_OK;
    if (mono - t->beat_us < EVENTS_HEARTBEAT_S * second_us)
        return RC_OK;
    t->beat_us = mono;
    tell_all(t->first, ":\n\n");
    for (struct listener *l = t->first; l != NULL && rc == RC_OK; l = l->next) {
        bool counts = true;
        rc = token_counts(t->st, l->token_id, now, &counts, err);
        if (rc == RC_OK && !counts)
            l->gone = true;
    }
    return rc;
}

static enum rc_code turn(struct turn *t, struct rc_error *err) {
    enum rc_code rc = open_stores(t, err);
    for (struct topic *o = t->topics; o != NULL; o = o->next)
        o->is_used = false;
    for (struct listener *l = t->first; l != NULL; l = l->next)
        topic_of(t, l->company_id)->is_used = true;
    drop_topics(t, false);
    for (struct topic *o = t->topics; o != NULL && rc == RC_OK; o = o->next) {
        rc = look_at(t, o, err);
        db_rollback(t->st->db); /* harmless when nothing is open */
    }
    return rc == RC_OK ? beat(t, err) : rc;
}

/* A failure once when it begins, and once when it is over. Meanwhile who listens is kept waiting. */
static void note(struct turn *t, enum rc_code rc, const struct rc_error *err) {
    char text[500];
    if (rc != RC_OK && !t->failing)
        log_error("events=waiting code=%s reason=%s", rc_code_name(rc),
                  log_quote(err->text, text, sizeof text));
    if (rc == RC_OK && t->failing)
        log_info("events=works-again");
    t->failing = rc != RC_OK;
    if (rc == RC_OK)
        return;
    close_stores(t);
    tell_all(t->first, ":\n\n");
}

/* The mutex is held. */
static void sleep_for(struct events *e, int64_t ms) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (!e->is_news && !e->ending &&
           pthread_cond_timedwait(&e->change, &e->mutex, &until) != ETIMEDOUT)
        ;
    e->is_news = false;
}

static void *events_main(void *self) {
    struct events *e = self;
    struct turn t = { .e = e, .beat_us = clock_monotonic_us(e->clock) };
    arena_init(&t.arena);
    pthread_mutex_lock(&e->mutex);
    while (!e->ending) {
        if (e->listeners_n == 0) {
            pthread_mutex_unlock(&e->mutex);
            close_stores(&t);
            drop_topics(&t, true);
            arena_done(&t.arena);
            pthread_mutex_lock(&e->mutex);
            while (e->listeners_n == 0 && !e->ending)
                pthread_cond_wait(&e->change, &e->mutex);
            continue;
        }
        t.first = e->first;
        pthread_mutex_unlock(&e->mutex);
        struct rc_error err = { 0 };
        enum rc_code rc = turn(&t, &err);
        note(&t, rc, &err);
        sweep(e);
        pthread_mutex_lock(&e->mutex);
        sleep_for(e, rc == RC_OK ? EVENTS_LOOK_MS : MEND_S * 1000);
    }
    pthread_mutex_unlock(&e->mutex);
    close_stores(&t);
    drop_topics(&t, true);
    arena_done(&t.arena);
    return NULL;
}

/* ---- opening and closing ---- */

struct events *events_open(const char *where, const struct clock_source *clock) {
    struct events *e = mem_zalloc(sizeof *e);
    pthread_condattr_t monotonic;
    e->where = where;
    e->clock = clock;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&e->mutex, NULL);
    pthread_cond_init(&e->change, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return e;
}

void events_end(struct events *e) {
    pthread_mutex_lock(&e->mutex);
    e->ending = true; /* and stays so: nobody is admitted any more */
    pthread_cond_signal(&e->change);
    bool runs = e->runs;
    pthread_mutex_unlock(&e->mutex);
    if (runs)
        pthread_join(e->thread, NULL);
    for (struct listener *l = e->first; l != NULL; l = l->next)
        l->gone = true;
    sweep(e);
}

void events_free(struct events *e) {
    if (e == NULL)
        return;
    pthread_cond_destroy(&e->change);
    pthread_mutex_destroy(&e->mutex);
    mem_free(e);
}
