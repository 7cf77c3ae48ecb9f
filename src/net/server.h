/* server.h - a bare HTTP/1.1 server: requests in, answers out. What paths mean is the caller's
 * business.
 *
 * Shape:  one handler for all requests, called with the whole request (head and body) on a thread
 *         of the server. A handler may block. Answers are bytes, or a stream that may be slow, stop
 *         half-way or break the connection (for the sandbox), or a stream that somebody else writes to,
 *         now and then, for as long as he likes (struct server_stream).
 * Memory: a request lives until its handler returns. An answer's body is copied unless
 *         `body_static` says that it outlives the server, or `body_ref` names an owner that
 *         `body_unref` is called with when the last byte is gone.
 * Errors: RC_RETRY when the port is taken ("server.port-taken"), RC_INVALID for an address that
 *         cannot be listened at ("server.address"), RC_FATAL "server.start". A request body over
 *         max_body_bytes (or max_large_bytes, of requests that may have a large one) gets 413 by itself, a large body
 *         for which there is no room just now 429, a head over max_head_bytes 431 or 413, an answer with a line break in a header becomes 500.
 * Threads: a thread per connection (at most `connections`), or an epoll pool of `threads`. In a
 *          pool an answer that pauses
 *         holds up the other connections of its thread. server_close() ends pauses, waits for
 *         handlers, may be called once.
 * Oddity: a client that has closed its sending half counts as gone during a pause.
 * Source: RFC 9112; libmicrohttpd 0.9.75. This folder alone sees it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"

struct server;

struct server_request {
    const char *method,
        *path; /* path is percent-decoded once, without query; %00 and broken escapes stay as sent */
    const char *raw_path; /* as sent, without query */
    const char *query;    /* as sent, without '?'; "" */
    const char *body;
    size_t body_bytes;
    struct arena *arena; /* lives until the answer is queued */
    void *connection;    /* for the functions below */
};
const char *server_header(const struct server_request *q, const char *name); /* NULL is an answer */
/* The nth (from 0) value of a query argument, decoded; NULL is an answer. */
const char *server_argument(const struct server_request *q, const char *name, unsigned nth);
enum { SERVER_ADDRESS_BYTES = 64 };
/* Who asks, as numbers: "127.0.0.1"; "" when it cannot be told. */
void server_address(const struct server_request *q, char ret[SERVER_ADDRESS_BYTES]);
void server_each_header(const struct server_request *q,
                        void (*each)(void *self, const char *name, const char *value), void *self);

enum server_break {
    SERVER_WHOLE = 0,
    SERVER_CLOSE_BEFORE_HEADERS, /* the connection ends without an answer */
    SERVER_CUT_BODY,    /* Content-Length as announced, connection closed after cut_bytes */
    SERVER_CUT_CHUNKED, /* chunked, and closed after cut_bytes without the last chunk */
    SERVER_RESET_BEFORE_HEADERS, /* the same as the first, with a TCP reset */
    SERVER_CLOSE_AFTER, /* the whole answer, nothing said, and then the connection is closed */
};
struct server_stream;
struct server_answer {
    int status;
    struct server_stream *stream; /* in place of a body: whatever is written to it */
    const char *content_type;     /* NULL: none */
    const char *body;
    size_t body_bytes;
    bool body_static;
    void *body_ref;
    void (*body_unref)(void *ref);
    struct {
        const char *name, *value;
    } headers[12]; /* a Date among them replaces the server's */
    size_t headers_n;
    /* misbehaviour, for the sandbox */
    enum server_break broken;
    size_t cut_bytes;
    int64_t first_byte_after_us; /* sleep before the head of the answer */
    int64_t drip_us;             /* pause between pieces of drip_bytes */
    size_t drip_bytes;           /* 0: one */
    size_t stall_at_bytes;       /* with stall_us: one pause in mid-body */
    int64_t stall_us;
    bool chunked; /* no Content-Length */
    bool close;   /* Connection: close */
};

struct server_options {
    const char *host;          /* NULL: 127.0.0.1 */
    uint16_t port;             /* 0: any free one */
    unsigned threads;          /* 0: a thread per connection */
    unsigned connections;      /* 0: 256 */
    unsigned connections_each; /* of one address; 0: as many as there are */
    size_t max_head_bytes;     /* request line and headers, roughly; 0: 64 KiB */
    size_t max_body_bytes;     /* 0: 1 MiB */
    /* Which requests may have more than that, asked once their head is there; NULL: none. Room for the whole body is set
     * aside before any of it is read, until the answer is out: so much in all, and of one address. */
    bool (*is_large)(void *self, const struct server_request *q);
    size_t max_large_bytes, large_bytes, large_bytes_each;
    /* The answer to a body that is too large (413), or for which there is no room just now (429); NULL: a line. */
    void (*refuse)(void *self, const struct server_request *q, int status,
                   struct server_answer *ret);
    /* From the opening of a connection, or the last answer on it, to the end of the next answer: then
     * it is closed, however busy its other end looks. 0: for ever, as long as it is not idle. */
    int64_t request_timeout_us;
    int64_t idle_timeout_us; /* whole seconds; 0: 60 s. A pause of an answer must be shorter */
};
/* ---- an answer that is written bit by bit, from any thread; only in a pool ----
 *
 * It occupies its connection and nothing else: no thread waits for it. What is written waits in a buffer until the
 * client takes it; a client that leaves more than most_bytes there, or does not take anything for
 * SERVER_STREAM_S, loses its connection. No request's time limit counts for it. server_close() ends it.
 * Writing never waits. Each function may be called when the connection is long gone. */
enum { SERVER_STREAM_S = 30 };
struct server_stream *server_stream_new(const struct server_request *q, size_t most_bytes);
/* False: nobody reads any more, or not fast enough. */
bool server_stream_write(struct server_stream *t, const char *bytes, size_t n);
bool server_stream_is_over(struct server_stream *t);
/* Ends the answer once all of it is sent. Whoever made it calls this once, at any time. */
void server_stream_end(struct server_stream *t);

/* ---- an answer that comes later, from any thread; only in a pool ----
 *
 * server_later() in the handler, whose answer then does not count; the request lives on until server_later_answer(),
 * which comes once, perhaps before the handler has returned: without a stream, and without a body that is given
 * back. server_close() waits for it. False: the server has begun to close, and the handler's answer counts. */
bool server_later(const struct server_request *q);
void server_later_answer(const struct server_request *q, const struct server_answer *a);

typedef void server_handler(void *self, const struct server_request *q, struct server_answer *ret);

enum rc_code server_open(const struct server_options *o, server_handler *handler, void *self,
                         struct server **ret, struct rc_error *err);
uint16_t server_port(const struct server *s);
void server_close(struct server *s);
RC_CLEANUP_FN(struct server, server_close)
