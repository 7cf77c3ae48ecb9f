#include "server/serve.h"

#include <stdatomic.h>
#include <string.h>
#include "base/log.h"
#include "server/server_p.h"
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

static void answer_health(struct serve *s, const struct server_request *q,
                          struct server_answer *ret) {
    struct rc_error err = { 0 };
    struct store *st;
    enum rc_code rc = serve_borrow(s, &st, &err);
    if (rc == RC_OK)
        rc = watch_answers(st, &err);
    serve_give_back(s, st, rc);
    if (rc != RC_OK)
        unavailable(q, "unavailable", "the database does not answer", ret);
    else
        answer_text(ret, "text/plain; charset=utf-8", TEXT_LIT("ok\n"));
}

static void answer_ready(struct serve *s, const struct server_request *q,
                         struct server_answer *ret) {
    struct workers_view v = { 0 };
    struct workers *w = atomic_load(&s->workers);
    if (w != NULL)
        workers_look(w, &v);
    if (v.ready)
        answer_text(ret, "text/plain; charset=utf-8", TEXT_LIT("ready\n"));
    else
        unavailable(q, "unavailable", "the workers do not run: it is starting, or being stopped",
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
    if (rc != RC_OK) {
        log_warn("metrics=failed code=%s reason=\"%s\"", rc_code_name(rc), err.text);
        unavailable(q, "unavailable", "the database does not answer", ret);
    } else
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
    (void)self;
    return api_is_path(q->raw_path) && api_takes_large(q);
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
        .max_large_bytes = SERVE_LARGE_BYTES,
        .large_bytes = SERVE_LARGE_BYTES_ALL,
        .large_bytes_each = SERVE_LARGE_BYTES_EACH,
        .idle_timeout_us = (int64_t)SERVE_REQUEST_S * 1000000,
        .request_timeout_us = (int64_t)SERVE_REQUEST_S * 1000000,
    };
    struct serve *s = mem_zalloc(sizeof *s);
    s->where = o->where;
    s->clock = o->clock;
    s->key = o->key;
    s->began_us = clock_now_us(o->clock);
    pthread_mutex_init(&s->mutex, NULL);
    const struct hints_options hints = {
        .where = o->where, .clock = o->clock, .pace_s = o->hint_pace_s, .wake = wake, .self = s
    };
    enum rc_code rc = hints_open(&hints, &s->hints, err);
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
    hints_close(s->hints); /* nobody brings anything any more */
    while (s->idle_n > 0)
        store_close(s->idle[--s->idle_n]);
    pthread_mutex_destroy(&s->mutex);
    mem_free(s);
}
