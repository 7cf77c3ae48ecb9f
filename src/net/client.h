/* client.h - one HTTP call at a time, with everything that can go wrong on the way turned into a
 * code.
 *
 * Shape:  a client keeps its connections alive between calls and belongs to one thread at a time.
 *         It knows nothing about JSON, tokens or paces: net/pace.h paces, the source renews its
 *         token.
 * Memory: the response's body lives in the caller's buffer, whose limit is the largest answer
 *         accepted (counted after content decoding). Headers asked for are copied into the
 *         response.
 * Errors: the status is data: a call that got an answer is RC_OK whatever the status;
 *         client_status_code() turns a status into a code where a caller has no better idea. No
 *         answer: RC_RETRY for methods that change nothing and whenever nothing was sent, RC_UNSURE
 *         for the others. An answer over the limit, a cut body, or a body that ends early is no
 *         answer. Names: http.unreachable, http.tls, http.timeout, http.no-answer, http.not-http,
 *         http.body-cut, http.too-large, http.encoding, http.failed. Certificate refused: RC_AUTH
 *         "http.certificate". RC_INVALID before anything is sent: http.url, http.plain (not
 *         encrypted), http.header. Texts name the host and never path, query or header. An answer
 *         without a length that ends early cannot be told from a whole one: the reader of its JSON
 *         finds out. Redirects are never followed: an answer with 3xx comes back as it is, so that
 *         no token reaches another host. A kept connection that the remote has closed is replaced
 *         without a word; only when that is found out after a request with `changes` went out is it
 *         RC_UNSURE.
 * Source: RFC 9110; libcurl 7.88. This folder alone sees libcurl. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"

struct http_client;
struct http_client_options {
    int64_t connect_timeout_us; /* 0: 10 s */
    int64_t total_timeout_us;   /* whole call; 0: 60 s */
    int64_t
        stall_timeout_us; /* fewer than 100 bytes a second for so long; 0: 20 s (whole seconds, at least 1) */
    bool
        allow_http; /* plain http to loopback addresses is always allowed; elsewhere only with this */
    const char *ca_file;    /* NULL: the system's */
    const char *user_agent; /* NULL: "rollcall/<version>" */
};

enum { HTTP_HEADERS_MAX = 16 };
struct http_header {
    const char *name, *value;
};

struct http_request {
    const char *method; /* "GET" */
    const char *url;
    struct http_header headers[HTTP_HEADERS_MAX];
    size_t headers_n;
    const char *body; /* NULL: none */
    size_t body_bytes;
    bool changes; /* true: repeating it could do it twice, so a lost answer is RC_UNSURE */
};

/* A header of the answer that the caller wants to have beside those of every answer. */
struct http_wanted {
    const char *name;
    char value[64]; /* "" when it is not there, or longer; of several the last */
};

struct http_response {
    int status;
    char content_type[96];  /* lower case, without parameters; "" when there is none */
    int64_t retry_after_us; /* from now; -1 when not announced (seconds or a date are understood) */
    int64_t date_us;        /* the remote's Date header, 0 when there is none */
    double rate_remaining;  /* x-ratelimit-remaining / ratelimit-remaining, -1 when not announced */
    double rate_replenish;  /* x-ratelimit-replenish-rate per second, -1 */
    double rate_burst;      /* x-ratelimit-burst-capacity, -1 */
    double rate_reset_s;    /* ratelimit-reset, seconds to go, -1 */
    char authorization[512];    /* an Authorization header in the answer (Personio v1), "" */
    struct buf *body;           /* the caller's; cleared before the call */
    struct http_wanted *wanted; /* the caller's; NULL: none */
    size_t wanted_n;
};

enum rc_code http_client_new(const struct http_client_options *o, const struct clock_source *clock,
                             struct http_client **ret, struct rc_error *err);
void http_client_free(struct http_client *c);
RC_CLEANUP_FN(struct http_client, http_client_free)

/* ret->body and ret->wanted are set by the caller before the call. Without a Content-Type among the headers none is
 * sent. gzip and deflate are asked for and unpacked. When it fails, what is in ret and its body
 * means nothing. */
enum rc_code http_send(struct http_client *c, const struct http_request *q,
                       struct http_response *ret, struct rc_error *err);

/* 2xx RC_OK; 401, 403 RC_AUTH; 404, 410 RC_NOT_FOUND; 409, 412 RC_CONFLICT; 429 RC_LIMITED
 * (retry_at_us filled); 408, 425 RC_RETRY; other 4xx RC_INVALID; 3xx RC_INVALID; 5xx RC_RETRY,
 * which for a change means: look before repeating. With a Retry-After retry_at_us is filled for any
 * of them. The text names the status and `what`. Names: http.unauthorized, http.forbidden,
 * http.not-found, http.conflict, http.limited, http.busy, http.refused, http.redirect,
 * http.server-error. */
enum rc_code http_status_code(const struct http_response *r, const struct clock_source *clock,
                              const char *what, struct rc_error *err);

/* Percent-encodes everything but unreserved characters (RFC 3986). False when the buffer is full.
 * */
bool http_escape(struct buf *b, const char *bytes, size_t len);
/* Whether the URL would be asked at all: RC_INVALID http.url, or http.plain for one that is not
 * encrypted and not of this machine. For settings, so that they are refused when they are given. */
enum rc_code http_url_check(const char *url, struct rc_error *err);
/* scheme://host[:port], lower case, without path and without the scheme's own port; RC_INVALID when
 * url is no absolute http(s) URL or carries credentials. */
enum rc_code http_origin(const char *url, char ret[300], struct rc_error *err);
