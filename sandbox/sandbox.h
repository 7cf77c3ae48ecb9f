/* sandbox.h - one played HR system: its company, its time, its manners; and how a request finds its
 * way through it.
 *
 * Threads: a thread per connection. `lock` covers world, switches, credentials and fragments:
 *          answers are built under the read lock, the control API writes. Tokens, cache, limits,
 *          faults and log have small locks of their own, taken after it. */
#pragma once
#include <pthread.h>
#include "net/server.h"
#include "sandbox/cache.h"
#include "sandbox/clock.h"
#include "sandbox/credentials.h"
#include "sandbox/faults.h"
#include "sandbox/rate.h"
#include "sandbox/render.h"
#include "sandbox/replay.h"
#include "sandbox/requests.h"
#include "sandbox/switches.h"
#include "sandbox/world.h"

enum { ANSWER_BYTES_MAX = 1 << 30 };

struct sandbox {
    pthread_rwlock_t lock;
    struct world world;
    struct switches switches;
    struct credentials credentials;
    struct render render;
    struct cache cache;
    struct vclock clock;
    struct rates rates;
    struct faults faults;
    struct request_log log;
    struct replay *replay; /* NULL: none */
    char origin[80];       /* "http://127.0.0.1:8080" */
    size_t people_n;       /* as started, for reset */
    uint64_t seed;
    int64_t start_us; /* the time at which the company began, 0 for real time */
    bool limits;
    _Atomic date_days day; /* the day that the statuses are right for */
    int64_t cpu_base_us;
    uint64_t rows_base;
    _Atomic uint64_t rows_served;
};

enum route {
    ROUTE_V1_AUTH,
    ROUTE_V2_AUTH,
    ROUTE_V2_REVOKE,
    ROUTE_LIST,
    ROUTE_GET,
    ROUTE_ATTRIBUTES,
    ROUTE_PICTURE,
    ROUTE_OTHER,
    ROUTE_COUNT
};
extern const char *const route_names[ROUTE_COUNT];

/* One request on its way. */
struct call {
    struct sandbox *sb;
    const struct server_request *q;
    struct server_answer *ret;
    enum route route;
    const char *rest; /* what follows the fixed part of the path: an id */
    struct token token;
    bool has_token;
};

void sandbox_open(struct sandbox *sb, size_t people_n, uint64_t seed, size_t cache_bytes);
void sandbox_close(struct sandbox *sb);
void sandbox_reset(struct sandbox *sb); /* as it was started; under the write lock */
void sandbox_changed(
    struct sandbox *sb); /* rows and pages again, after switches, members or credentials changed */
server_handler sandbox_handle;

static inline int64_t sw(const struct sandbox *sb, enum switch_id id) {
    return sb->switches.value[id];
}

/* answer.c */
void answer_text(struct call *c, int status, const char *content_type, const char *text);
void answer_buf(struct call *c, int status, const char *content_type,
                struct buf *b); /* copies; b stays the caller's */
void answer_page(struct call *c, int status, const char *content_type,
                 struct page *page); /* takes over one reference */
void answer_json(struct call *c, int status, const char *fmt, ...) RC_PRINTF(3, 4);
void answer_header(struct call *c, const char *name, const char *value);
void answer_v1_error(struct call *c, int status, int code, const char *message);
void answer_v2_auth_error(struct call *c, const char *error, const char *fragment, const char *meta,
                          const char *why);
uint32_t crc32_of(const char *bytes, size_t len); /* as in gzip and PNG */
const char *
form_get(struct call *c,
         const char *name); /* of an application/x-www-form-urlencoded body; NULL is an answer */

/* personio_auth.c */
void auth_v1(struct call *c);
void auth_v2(struct call *c);
void auth_revoke(struct call *c);
bool auth_check(struct call *c); /* false: refused, and the refusal is the answer */

/* personio_employees.c */
void employees_list(struct call *c);
void employees_get(struct call *c);
void employees_attributes(struct call *c);
struct page *employees_page(struct sandbox *sb, const struct credential *k, uint64_t attrs,
                            uint32_t limit, uint64_t offset);
uint64_t employees_asked(struct call *c, bool *ret_any); /* the mask of attributes[] */

/* picture.c, page.c */
void picture_get(struct call *c);
void page_show(struct call *c);

/* control.c, control_people.c, control_life.c: what stands behind /_control/. Each of the latter
 * two answers false when the path is not its own. body is NULL when none was sent. */
void control_handle(struct call *c, const char *path);
bool control_people(struct call *c, const char *path, json body);
bool control_life(struct call *c, const char *path, json body);
void control_refused(struct call *c, enum rc_code rc, const struct rc_error *err);
bool control_is(const struct call *c, const char *method, const char *path,
                const char *want); /* "people" or "people/ID" */
uint32_t control_hire(struct sandbox *sb, json body,
                      uint32_t now_s); /* somebody new, of whom body may be NULL */
