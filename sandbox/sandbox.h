/* sandbox.h - one played system: its time, its manners, its faults, its log; and how a request finds
 * its way through it. What is played is a struct system (personio/, learnamp/), which embeds struct
 * sandbox first in a struct of its own.
 *
 * Threads: a thread per connection. `lock` covers the played system, switches and credentials:
 *          answers are built under the read lock unless the system says that the request writes; the
 *          control API writes. Tokens, cache, limits, faults and log have small locks of their own,
 *          taken after it. */
#pragma once
#include <pthread.h>
#include "net/server.h"
#include "sandbox/cache.h"
#include "sandbox/clock.h"
#include "sandbox/credentials.h"
#include "sandbox/faults.h"
#include "sandbox/rate.h"
#include "sandbox/replay.h"
#include "sandbox/requests.h"
#include "sandbox/switches.h"

enum { ANSWER_BYTES_MAX = 1 << 30 };

struct options { /* of the command line, kept for reset */
    uint64_t seed;
    int64_t now_us; /* the time at which the company begins, 0 for real time */
    size_t people_n;
    size_t cache_bytes; /* personio */
    size_t accounts_n;  /* learnamp */
    bool full;          /* learnamp: --profile full */
    bool limits;
};

struct sandbox {
    const struct system *system;
    struct options started;
    pthread_rwlock_t lock;
    struct switches switches;
    struct credentials credentials;
    struct vclock clock;
    struct rates rates;
    struct faults faults;
    struct request_log log;
    struct replay *replay; /* NULL: none */
    char origin[80];       /* "http://127.0.0.1:8080" */
    _Atomic date_days day; /* the day that the played company is right for */
    int64_t cpu_base_us;
    uint64_t rows_base;
    _Atomic uint64_t rows_served;
};

/* One request on its way. */
struct call {
    struct sandbox *sb;
    const struct server_request *q;
    struct server_answer *ret;
    unsigned route;
    const char *rest;          /* what follows the fixed part of the path: an id */
    const char *second;        /* ... and another one behind it */
    const void *endpoint;      /* the system's own row of its table */
    const struct fault *fault; /* NULL: none fires */
    struct token token;
    bool has_token;
};

struct system {
    const char *name; /* on the command line */
    size_t bytes;     /* of the struct that embeds struct sandbox */
    /* Names of routes, for faults and counters; the last is "other". */
    const char *const *routes;
    unsigned routes_n;
    uint64_t secret_routes; /* a bit each: bodies that the log does not keep */
    const struct switch_row *switches;
    size_t switches_n;
    unsigned sw_retry_after, sw_date_header; /* two switches that every system has */
    unsigned faults;                         /* FAULT_OF_...: which kinds make sense */
    const struct body_marks *marks;          /* where answers are spoiled */
    const char *noted_headers[2];            /* of requests: whether they came is logged */
    const char *noted_names[2];              /* ... under these names */
    const char *page;                        /* of HTML, at / */
    size_t page_bytes;

    void (*open)(struct sandbox *sb);  /* what stays over a reset */
    void (*begin)(struct sandbox *sb); /* the company as it was started, credentials */
    void (*end)(struct sandbox *sb);   /* undoes begin */
    void (*close)(struct sandbox *sb); /* undoes open */
    /* Switches, credentials or the clock changed; under the write lock. */
    void (*changed)(struct sandbox *sb);
    /* The first request of a day; under the write lock. */
    void (*day_begins)(struct sandbox *sb, date_days today);
    void (*find_route)(struct call *c); /* sets route and rest */
    bool (*writes)(const struct call *c);
    void (*serve)(struct call *c);
    /* An error in the system's own shape. */
    void (*error)(struct call *c, int status, const char *text);
    /* What stands behind /_control/ beyond what every system has; false: not its path. */
    bool (*control)(struct call *c, const char *path, json body);
    bool (*control_reads)(const struct call *c, const char *path); /* may run under the read lock */
    void (*credential_begin)(struct credential *k);
    enum rc_code (*credential_set)(struct credential *k, json body, struct rc_error *err);
    void (*credential_write)(const struct credential *k, struct json_writer *w);
    void (*usage_write)(struct sandbox *sb, struct json_writer *w);
};
extern const struct system personio_system, learnamp_system;
extern const struct system *const sandbox_systems[]; /* NULL ends it */

struct sandbox *sandbox_open(const struct system *system, const struct options *o);
void sandbox_close(struct sandbox *sb);
void sandbox_reset(struct sandbox *sb); /* as it was started; under the write lock */
server_handler sandbox_handle;

static inline int64_t sw(const struct sandbox *sb, unsigned id) {
    return sb->switches.value[id];
}

/* Takes one from a bucket; false: refused with 429, as the switches of Retry-After want it. ret_left
 * may be NULL. */
bool sandbox_take(struct call *c, const struct rate_limit *l, double *ret_left);

/* answer.c */
void answer_text(struct call *c, int status, const char *content_type, const char *text);
void answer_buf(struct call *c, int status, const char *content_type,
                struct buf *b); /* copies; b stays the caller's */
void answer_page(struct call *c, int status, const char *content_type,
                 struct page *page); /* takes over one reference */
struct json_answer {
    struct buf buf;
    struct json_writer w;
};
void answer_begin(struct json_answer *a); /* then write to a->w, then answer_end() */
void answer_end(struct json_answer *a, struct call *c, int status);
void answer_json(struct call *c, int status, const char *fmt, ...) RC_PRINTF(3, 4);
void answer_header(struct call *c, const char *name, const char *value);
void answer_quoted(struct buf *b, const char *bytes, size_t len); /* a JSON string */
uint32_t crc32_of(const char *bytes, size_t len);                 /* as in gzip and PNG */
/* %41 and + of a form or query, decoded. */
char *form_decoded(struct arena *a, const char *bytes, size_t len);
/* Of an application/x-www-form-urlencoded body; NULL is an answer. */
const char *form_get(struct call *c, const char *name);

/* control.c: what every system has behind /_control/. body is NULL when none was sent. */
void control_handle(struct call *c, const char *path);
void control_refused(struct call *c, enum rc_code rc, const struct rc_error *err);
bool control_is(const struct call *c, const char *method, const char *path,
                const char *want); /* "people" or "people/ID" */
/* Any JSON value as text: null and "" are EMPTY, numbers are their digits. */
struct text control_text(struct arena *a, json value);
uint64_t control_number(const struct call *c, const char *name, uint64_t fallback);
