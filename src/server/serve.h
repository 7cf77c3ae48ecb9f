/* serve.h - what the service shows over HTTP: whether it lives, whether it works, and numbers.
 *
 *     GET /healthz    200 while the database answers, else 503
 *     GET /readyz     200 while the workers run and can work with the database, else 503, and why
 *     GET /metrics    for Prometheus
 *     /api/v1         told in api.c
 *     POST /webhooks  told in webhook.c
 *     anything else   404
 *
 * Shape:  translates between HTTP and the floors below, and decides nothing. Errors are
 *         application/problem+json with a name out of docs/errors.md.
 * Limits: SERVE_* below; a request over them is answered with 413 or 431, or its connection ends.
 * Errors: as server_open(). */
#pragma once
#include "base/clock.h"
#include "base/error.h"
#include "sync/workers.h"

enum {
    SERVE_HEAD_BYTES = 16 << 10,
    SERVE_BODY_BYTES = 64 << 10,
    /* Of requests with a document or a mapping in them, by who has a token; in all, and of one address. */
    SERVE_LARGE_BYTES = 4 << 20,
    SERVE_LARGE_BYTES_EACH = 8 << 20,
    SERVE_LARGE_BYTES_ALL = 32 << 20,
    SERVE_REQUEST_S = 20, /* from the opening of a connection, or its last answer, to the next */
    SERVE_CONNECTIONS = 256,
    SERVE_CONNECTIONS_EACH = 64, /* of one address */
    SERVE_THREADS = 4            /* a webhook waits for the disk */
};

struct serve;
struct serve_options {
    const char *host; /* borrowed, as are the others */
    uint16_t port;    /* 0: any free one */
    const char *where;
    const struct clock_source *clock;
    const struct secret_key *key;
    int64_t hint_pace_s; /* sync/hints.h */
    struct standing *standing;
    /* Reads the key anew when another one counts; as in sync/workers.h. */
    enum rc_code (*read_key)(const void *key_from, struct store *st, struct secret_key **ret,
                             struct rc_error *err);
    const void *key_from;
};
enum rc_code serve_open(const struct serve_options *o, struct serve **ret, struct rc_error *err);
/* From now on they run; to be freed after serve_close(). */
void serve_works(struct serve *s, struct workers *w);
/* What its threads keep only to be quicker next time goes (sync/rest.h). From any thread. */
void serve_rest(struct serve *s);
uint16_t serve_port(const struct serve *s);
void serve_close(struct serve *s);
