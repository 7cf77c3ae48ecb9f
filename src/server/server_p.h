/* server_p.h - shared by the files of src/server/ only. */
#pragma once
#include <pthread.h>
#include "base/clock.h"
#include "net/server.h"
#include "server/events.h"
#include "server/serve.h"
#include "show/kept.h"
#include "store/store.h"
#include "sync/hints.h"
#include "sync/workers.h"

struct serve {
    const char *where;
    const struct clock_source *clock;
    struct workers *_Atomic workers; /* NULL: they do not run yet */
    struct serve_options o;
    const struct secret_key *_Atomic key; /* the one that counts, as far as we know */
    struct server *server;
    struct hints *hints;
    struct events *events;
    struct kept *kept;                 /* what was found by looking at everybody of a company */
    pthread_mutex_t mutex;             /* of what stands below: handlers run on several threads */
    struct store *idle[SERVE_THREADS]; /* opened by the first who want one */
    size_t idle_n;
    struct secret_key **keys; /* read anew; those of before may be in use until the end */
    size_t keys_n;
    int64_t began_us;
    _Atomic int64_t refused;   /* webhooks with another token, or to an address of nobody's */
    _Atomic int64_t not_taken; /* webhooks that could not be written down */
};

/* serve.c: a store for one request; given back with what became of it: after a failure of the database it
 * is made anew next time. *ret may be NULL after a failure, and is given back all the same. */
enum rc_code serve_borrow(struct serve *s, struct store **ret, struct rc_error *err);
void serve_give_back(struct serve *s, struct store *st, enum rc_code rc);
/* After `key rotate` the next key is read before something is sealed or opened with the old one. */
enum rc_code serve_key(struct serve *s, struct store *st, const struct secret_key **ret,
                       struct rc_error *err);
/* True: it is a failure of the database's, which the log has by now. */
bool serve_trouble(struct serve *s, enum rc_code rc, const struct rc_error *err);

/* api.c: /api/v1 and what is below it. */
bool api_is_path(const char *path);
/* By its head alone: whoever shows no token that may do it, or asks for anything else, has the usual room. */
bool api_takes_large(struct serve *s, const struct server_request *q);
/* status: 413 or 429. */
void api_refuse_body(const struct server_request *q, int status, struct server_answer *ret);
void api_answer(struct serve *s, const struct server_request *q, struct server_answer *ret);

/* webhook.c: /webhooks and what is below it. */
bool webhook_is_path(const char *path);
void webhook_answer(struct serve *s, const struct server_request *q, struct server_answer *ret);

/* problem.c: {"type":"about:blank","title":"Not Found","status":404,"name":"not-found","detail":"..."} */
void problem_answer(const struct server_request *q, int status, const char *title, const char *name,
                    const char *detail, struct server_answer *ret);

/* metrics.c: the text that Prometheus reads, in the request's arena. */
enum rc_code metrics_write(struct serve *s, struct store *st, struct arena *a, struct text *ret,
                           struct rc_error *err);
