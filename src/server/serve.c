#include "server/serve.h"

#include <stdatomic.h>
#include <string.h>
#include "base/log.h"
#include "server/server_p.h"
#include "store/keyring.h"
#include "store/watch.h"

/* ---- the database, for handlers ---- */

enum rc_code serve_borrow(struct serve *s, struct store **ret, struct rc_error *err) {
    enum { WAIT_MS = 1000 }; /* whoever asks does not wait for long */
    *ret = NULL;
    pthread_mutex_lock(&s->mutex);
    if (s->idle_n > 0)
        *ret = s->idle[--s->idle_n];
    pthread_mutex_unlock(&s->mutex);
    if (*ret != NULL)
        return RC_OK;
    enum rc_code rc = store_open(s->where, ret, err);
    return rc != RC_OK ? rc : db_set_wait_ms((*ret)->db, WAIT_MS, err);
}

void serve_give_back(struct serve *s, struct store *st, enum rc_code rc) {
    bool is_sound = st != NULL && rc != RC_FATAL && rc != RC_RETRY && rc != RC_UNSURE;
    pthread_mutex_lock(&s->mutex);
    if (is_sound && s->idle_n < SERVE_THREADS)
        s->idle[s->idle_n++] = RC_TAKE(st);
    pthread_mutex_unlock(&s->mutex);
    store_close(st);
}

/* A handler's wait for a lock is too short to say that something is wrong. */
bool serve_trouble(struct serve *s, enum rc_code rc, const struct rc_error *err) {
    bool is_busy = err->name != NULL && strcmp(err->name, "db.busy") == 0;
    return is_busy || standing_trouble(s->o.standing, rc, err);
}

/* ---- the key ---- */

static enum rc_code read_key(struct serve *s, struct store *st, struct rc_error *err) {
    struct secret_key *next = NULL;
    enum rc_code rc = s->o.read_key(s->o.key_from, st, &next, err);
    if (rc != RC_OK)
        return rc;
    s->keys = mem_realloc(s->keys, (s->keys_n + 1) * sizeof(struct secret_key *));
    s->keys[s->keys_n++] = next;
    atomic_store(&s->key, next);
    return RC_OK;
}

enum rc_code serve_key(struct serve *s, struct store *st, const struct secret_key **ret,
                       struct rc_error *err) {
    bool is = true;
    enum rc_code rc = keyring_is(st, atomic_load(&s->key), &is, err);
    if (rc == RC_OK && !is && s->o.read_key != NULL) {
        pthread_mutex_lock(&s->mutex); /* one of those who find it out at once reads it */
        rc = keyring_is(st, atomic_load(&s->key), &is, err);
        if (rc == RC_OK && !is)
            rc = read_key(s, st, err);
        pthread_mutex_unlock(&s->mutex);
    }
    *ret = atomic_load(&s->key);
    return rc;
}

/* ---- answers ---- */

static void answer_text(struct server_answer *ret, const char *type, struct text t) {
    *ret = (struct server_answer){
        .status = 200, .content_type = type, .body = t.ptr, .body_bytes = t.len
    };
    ret->headers[ret->headers_n].name = "Cache-Control";
    ret->headers[ret->headers_n++].value = "no-store";
}

static void unavailable(const struct server_request *q, const char *name, const char *detail,
                        struct server_answer *ret) {
    problem_answer(q, 503, "Service Unavailable", name, detail, ret);
}

/* Read by a monitor each few seconds: the log has it once. */
static void not_answering(struct serve *s, const struct server_request *q, const char *what,
                          enum rc_code rc, const struct rc_error *err, struct server_answer *ret) {
    char text[500];
    if (!serve_trouble(s, rc, err))
        log_warn("%s=failed code=%s reason=%s", what, rc_code_name(rc),
                 log_quote(err->text, text, sizeof text));
    unavailable(q, "unavailable", "the database does not answer", ret);
}

static void answer_health(struct serve *s, const struct server_request *q,
                          struct server_answer *ret) {
    struct rc_error err = { 0 };
    struct store *st;
    enum rc_code rc = serve_borrow(s, &st, &err);
    if (rc == RC_OK)
        rc = watch_answers(st, &err);
    serve_give_back(s, st, rc);
    if (rc != RC_OK)
        not_answering(s, q, "healthz", rc, &err, ret);
    else
        answer_text(ret, "text/plain; charset=utf-8", TEXT_LIT("ok\n"));
}

/* Looked at now, and not only when the keeper comes round next. */
static enum rc_code looks_well(struct serve *s, struct rc_error *err) {
    struct store *st;
    enum rc_code rc = serve_borrow(s, &st, err);
    if (rc == RC_OK && (rc = watch_answers(st, err)) == RC_OK)
        rc = watch_room(s->where, err);
    serve_give_back(s, st, rc);
    return rc;
}

static void answer_ready(struct serve *s, const struct server_request *q,
                         struct server_answer *ret) {
    struct rc_error err = { 0 };
    struct standing_view now = { 0 };
    struct workers_view v = { 0 };
    struct workers *w = atomic_load(&s->workers);
    if (w != NULL)
        workers_look(w, &v);
    if (!v.ready) {
        unavailable(q, "unavailable", "the workers do not run: it is starting, or being stopped",
                    ret);
        return;
    }
    enum rc_code rc = looks_well(s, &err);
    if (rc != RC_OK)
        serve_trouble(s, rc, &err);
    if (s->o.standing != NULL)
        standing_look(s->o.standing, &now);
    if (rc == RC_OK && now.name[0] == '\0')
        answer_text(ret, "text/plain; charset=utf-8", TEXT_LIT("ready\n"));
    else
        unavailable(q, "unavailable",
                    standing_says(now.name[0] != '\0' ? now.name
                                  : err.name != NULL  ? err.name
                                                      : ""),
                    ret);
}

static void answer_metrics(struct serve *s, const struct server_request *q,
                           struct server_answer *ret) {
    struct rc_error err = { 0 };
    struct text t = { 0 };
    struct store *st;
    enum rc_code rc = serve_borrow(s, &st, &err);
    if (rc == RC_OK)
        rc = metrics_write(s, st, q->arena, &t, &err);
    serve_give_back(s, st, rc);
    if (rc != RC_OK)
        not_answering(s, q, "metrics", rc, &err, ret);
    else
        answer_text(ret, "text/plain; version=0.0.4; charset=utf-8", t);
}

static const struct route {
    const char *path;
    void (*answer)(struct serve *s, const struct server_request *q, struct server_answer *ret);
} routes[] = {
    { "/healthz", answer_health },
    { "/readyz", answer_ready },
    { "/metrics", answer_metrics },
};

static void handle(void *self, const struct server_request *q, struct server_answer *ret) {
    bool reads = strcmp(q->method, "GET") == 0 || strcmp(q->method, "HEAD") == 0;
    for (size_t i = 0; i < RC_LEN(routes) && reads; i++)
        if (strcmp(q->raw_path, routes[i].path) == 0) { /* as sent: there is one way to write it */
            routes[i].answer(self, q, ret);
            return;
        }
    if (api_is_path(q->raw_path)) {
        api_answer(self, q, ret);
        return;
    }
    if (webhook_is_path(q->raw_path)) {
        webhook_answer(self, q, ret);
        return;
    }
    problem_answer(q, 404, "Not Found", "not-found", "there is nothing at this address", ret);
}

static bool is_large(void *self, const struct server_request *q) {
    return api_is_path(q->raw_path) && api_takes_large(self, q);
}

static void refuse(void *self, const struct server_request *q, int status,
                   struct server_answer *ret) {
    (void)self;
    api_refuse_body(q, status, ret);
}

/* ---- opening and closing ---- */

static void wake(void *self) {
    struct serve *s = self;
    struct workers *w = atomic_load(&s->workers);
    if (w != NULL)
        workers_wake(w);
}

enum rc_code serve_open(const struct serve_options *o, struct serve **ret, struct rc_error *err) {
    struct server_options server = {
        .host = o->host,
        .port = o->port,
        .threads = SERVE_THREADS,
        .connections = SERVE_CONNECTIONS,
        .connections_each = SERVE_CONNECTIONS_EACH,
        .max_head_bytes = SERVE_HEAD_BYTES,
        .max_body_bytes = SERVE_BODY_BYTES,
        .is_large = is_large,
        .refuse = refuse,
        .max_large_bytes = SERVE_LARGE_BYTES,
        .large_bytes = SERVE_LARGE_BYTES_ALL,
        .large_bytes_each = SERVE_LARGE_BYTES_EACH,
        .idle_timeout_us = (int64_t)SERVE_REQUEST_S * 1000000,
        .request_timeout_us = (int64_t)SERVE_REQUEST_S * 1000000,
    };
    struct serve *s = mem_zalloc(sizeof *s);
    s->o = *o;
    s->where = o->where;
    s->clock = o->clock;
    atomic_init(&s->key, o->key);
    s->began_us = clock_now_us(o->clock);
    pthread_mutex_init(&s->mutex, NULL);
    const struct hints_options hints = { .where = o->where,
                                         .clock = o->clock,
                                         .pace_s = o->hint_pace_s,
                                         .standing = o->standing,
                                         .wake = wake,
                                         .self = s };
    enum rc_code rc = hints_open(&hints, &s->hints, err);
    s->kept = kept_new();
    s->events = events_open(o->where, o->clock);
    if (rc == RC_OK)
        rc = server_open(&server, handle, s, &s->server, err);
    if (rc == RC_OK)
        *ret = s;
    else
        serve_close(s);
    return rc;
}

void serve_works(struct serve *s, struct workers *w) {
    atomic_store(&s->workers, w);
}

void serve_rest(struct serve *s) {
    pthread_mutex_lock(&s->mutex);
    for (size_t i = 0; i < s->idle_n; i++)
        store_rest(s->idle[i]);
    pthread_mutex_unlock(&s->mutex);
    hints_rest(s->hints);
    kept_drop(s->kept);
}

uint16_t serve_port(const struct serve *s) {
    return server_port(s->server);
}

void serve_close(struct serve *s) {
    if (s == NULL)
        return;
    if (s->events != NULL)
        events_end(s->events);
    if (s->server != NULL)
        server_close(s->server); /* waits for answers under way, which ask for events */
    events_free(s->events);
    kept_free(s->kept);
    hints_close(s->hints); /* nobody brings anything any more */
    while (s->idle_n > 0)
        store_close(s->idle[--s->idle_n]);
    while (s->keys_n > 0)
        secret_key_close(s->keys[--s->keys_n]);
    mem_free(s->keys);
    pthread_mutex_destroy(&s->mutex);
    mem_free(s);
}
