/* server_p.h - a server, and what it keeps of each connection. Private to src/net/. */
#pragma once
#include <pthread.h>

#include <microhttpd.h>

#include "base/buf.h"
#include "net/server.h"

struct server {
    struct MHD_Daemon *daemon;
    /* Of the connections, when their requests have a time limit: a thread closes those that are over. */
    pthread_mutex_t mutex;
    pthread_cond_t some;
    pthread_t watch;
    bool watches, ends;
    int64_t request_timeout_us;
    struct conn *first; /* sleeps for all of them; NULL: whoever is asked next */
    server_handler *handler;
    void *self;
    int listens; /* the socket */
    int ending;  /* an eventfd, readable from server_close() on: ends the sleeps of answers */
    uint16_t port;
    struct MHD_Response *bare; /* without headers and body */
    size_t max_body_bytes;
    bool (*is_large)(void *self, const struct server_request *q); /* server_large.c */
    size_t max_large_bytes, large_bytes, large_bytes_each;
    void (*refuse)(void *self, const struct server_request *q, int status,
                   struct server_answer *ret);
    bool pooled;
    /* Of the answers that are written bit by bit; server_stream.c. */
    pthread_mutex_t streams_mutex;
    pthread_cond_t streams_none;
    struct server_stream *streams;
    bool streams_end;
    /* Of the answers that come later; server_later.c. */
    pthread_mutex_t laters_mutex;
    struct server_thread *threads;
    size_t threads_n;
    bool laters_end;
};

/* Of the threads of the pool, as far as later answers have to do with them. */
struct server_thread {
    pthread_mutex_t mutex;
    pthread_cond_t settled;
    size_t owed_n;  /* answers that somebody owes, or whose connections are suspended still */
    size_t given_n; /* of connections: GIVEN */
    bool ends;      /* none is owed any more */
    bool is_asleep; /* in place of libmicrohttpd, until called */
    /* Something has happened: it sleeps when `first` has been asked so often. The thread's alone, without the mutex. */
    int busy_asks;
    int call, turns;    /* an eventfd; where libmicrohttpd waits between its turns */
    struct conn *first; /* sleeps for all of them; NULL: whoever is asked next */
};
/* GIVEN: it is there. SEEN: and its thread has seen it, or libmicrohttpd is told to go on. */
enum server_later { LATER_OWED = 0, LATER_SUSPENDED, LATER_GIVEN, LATER_SEEN };

/* One per connection, used again by its requests one after the other. */
struct conn {
    struct server *server;
    struct conn *next, *before; /* under the server's mutex, as is the next one */
    int64_t since_us;           /* opened, or answered last */
    struct MHD_Connection *mhd;
    int fd;
    struct arena arena;
    struct buf body;
    size_t dropped_bytes; /* of a body over the limit */
    size_t large_bytes;   /* set aside for a large body; under the server's mutex */
    char large_address[SERVER_ADDRESS_BYTES]; /* of whom */
    bool has_no_room;                         /* for a large body, just now */
    /* Of an answer that comes later; see server_later.c. */
    bool is_later;
    enum server_later later_is; /* under its thread's mutex */
    struct server_thread *later_thread;
    int64_t later_until_us; /* by the monotonic clock; then it is suspended */
    struct server_answer later;
    bool has_begun;    /* the first of the calls for this request was made */
    bool close_after;  /* SERVER_CLOSE_AFTER */
    bool is_streaming; /* its answer has no time limit; under the server's mutex */
    struct server_request request;
};

/* ---- server_request.c ---- */
/* %00 and broken escapes stay as they were sent: a C string cannot carry the one, and nobody meant
 * the other. */
char *server_decoded(struct arena *a, const char *bytes, size_t len, bool plus_is_blank);
/* A proxy in front may go by the other of two lengths than libmicrohttpd does, and take a second request
 * for a part of the first: RFC 9112, 6.1 and 6.3. */
bool server_ends_in_doubt(const struct conn *c);

/* ---- server_conns.c ---- */
bool server_conns_init(struct server *s);
void server_conns_done(struct server *s);
void server_conns_join(struct server *s, struct conn *c);
void server_conns_leave(struct server *s, struct conn *c);
void server_conns_answered(struct server *s, struct conn *c); /* its time begins anew */
/* Nobody is taken in any more, and whoever is there goes, by force in the end: libmicrohttpd 0.9.75 crashes over a request
 * that is none if it reads it while it is being stopped (MHD_queue_response() keeps no answer then, and its own
 * use of it expects one). Of a pool. */
void server_conns_end(struct server *s);

/* ---- server_large.c ---- the head is there; and the answer is out */
void server_large_begin(struct conn *c);
void server_large_end(struct conn *c);

/* ---- server_stream.c ---- */
void server_streams_init(struct server *s);
/* Ends all there are and all that come, and waits a little until their ends are sent. */
void server_streams_end(struct server *s);
void server_streams_done(struct server *s);
/* The answer's share of the stream is the response's. */
struct MHD_Response *server_stream_response(struct server_stream *t);
void server_stream_unsent(struct server_stream *t); /* there will be no response; t may be NULL */

/* ---- server_later.c ---- */
void server_laters_init(struct server *s, size_t threads_n);
/* Until every answer that is owed has been given. */
void server_laters_end(struct server *s);
void server_laters_done(struct server *s);
/* Whether the answer is there; false: libmicrohttpd asks again. On its thread, at each call after the handler's,
 * which may sleep for a moment. */
bool server_later_wait(struct conn *c);
/* Something happens on this thread: it has turns to take before it may sleep. */
void server_later_busy(void);
/* A request with a later answer is over, in whatever way. On its thread. */
void server_later_over(struct conn *c);
