/* requests.h - what was asked: a ring of the latest requests, and counters of all of them. For
 * assertions in tests. */
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

enum { REQUESTS_KEPT = 20000, COUNTED_ROUTES = 16, COUNTED_STATUS = 600, COUNTED_TOKENS = 256 };
struct request_entry {
    int64_t at_us;
    uint64_t number;
    char method[8], path[96], query[400], token_tail[8], fault[24];
    const char *route;
    uint32_t us;
    int16_t status;
    bool has_app_id, has_partner_id;
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
    uint64_t without_app_id;
};
void requests_init(struct request_log *l);
void requests_done(struct request_log *l);
void requests_add(struct request_log *l, unsigned route, const struct request_entry *e);
void requests_clear(struct request_log *l);
void requests_write(struct request_log *l, uint64_t from, uint64_t limit, struct buf *ret);
const char *requests_http_date(int64_t at_us, char ret[64]); /* "Mon, 23 Nov 2026 09:15:02 GMT" */
void requests_counters_write(struct request_log *l, struct buf *ret);
