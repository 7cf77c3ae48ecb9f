/* server_p.h - shared by the files of src/server/ only. */
#pragma once
#include <pthread.h>
#include "base/clock.h"
#include "net/server.h"
#include "store/store.h"
#include "sync/workers.h"

struct serve {
    const char *where;
    const struct clock_source *clock;
    struct workers *_Atomic workers; /* NULL: they do not run yet */
    struct server *server;
    pthread_mutex_t mutex; /* of the store: handlers run on several threads */
    struct store *store;   /* opened by the first who wants it; NULL after a failure */
    int64_t began_us;
};

/* problem.c: {"type":"about:blank","title":"Not Found","status":404,"name":"not-found","detail":"..."} */
void problem_answer(const struct server_request *q, int status, const char *title, const char *name,
                    const char *detail, struct server_answer *ret);

/* metrics.c: the text that Prometheus reads, in the request's arena. Under the mutex. */
enum rc_code metrics_write(struct serve *s, struct arena *a, struct text *ret,
                           struct rc_error *err);
