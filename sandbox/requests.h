/* requests.h - what was asked: a ring of the latest requests, and counters of all of them. For
 * assertions in tests. */
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

enum {
    REQUESTS_KEPT = 20000,
    BODY_KEPT = 4096,
    COUNTED_ROUTES = 32,
    COUNTED_STATUS = 600,
    COUNTED_TOKENS = 256
};
struct request_entry {
    int64_t at_us;
    uint64_t number;
    char method[8], path[160], query[400], token_tail[8], fault[24];
    const char *route;
    char *body; /* owned by the log: at most BODY_KEPT bytes; NULL for none */
    uint32_t us;
    int16_t status;
    bool noted[2]; /* whether it came with the headers that the played system cares for */
};
struct token_count {
    char tail[8];
    uint64_t n;
};
struct request_log {
    pthread_mutex_t lock;
    struct request_entry *ring;
    uint64_t n;
    uint64_t statuses[COUNTED_ROUTES][COUNTED_STATUS];
    const char *routes[COUNTED_ROUTES];
    struct token_count tokens[COUNTED_TOKENS];
    const char *const *noted_names; /* two: NULL for none */
    uint64_t noted_n[2];
};
void requests_init(struct request_log *l, const char *const *noted_names);
void requests_done(struct request_log *l);
/* body is copied. */
void requests_add(struct request_log *l, unsigned route, const struct request_entry *e,
                  const char *body, size_t body_bytes);
void requests_clear(struct request_log *l);
void requests_write(struct request_log *l, uint64_t from, uint64_t limit, struct buf *ret);
const char *requests_http_date(int64_t at_us, char ret[64]); /* "Mon, 23 Nov 2026 09:15:02 GMT" */
void requests_counters_write(struct request_log *l, struct buf *ret);
