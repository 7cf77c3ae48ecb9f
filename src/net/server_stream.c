/* server_stream.c - answers that are written bit by bit.
 *
 * libmicrohttpd asks for more when the client can take more. Where there is nothing the connection is suspended,
 * and resumed by whoever writes: so it costs no thread. A stream has two owners from its first moment, the answer
 * and whoever writes, who may be done with it before the answer is made; the last one frees it. The connection is touched only while the response lives.
 * Locks: the server's list, a stream's own, libmicrohttpd's, in this order. */
#include "net/server_p.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { PIECE_BYTES = 4096, KERNEL_BYTES = 32 << 10, END_MS = 500 };

struct server_stream {
    struct server *server; /* touched while it is listed */
    struct server_stream *next, *before;
    pthread_mutex_t mutex; /* of what stands below */
    struct MHD_Connection *mhd;
    int fd;
    struct buf waiting;
    size_t taken_bytes; /* of what waits */
    unsigned owners;
    bool is_suspended, ends, over; /* over: nobody reads */
};

/* ---- the server's list ---- */

void server_streams_init(struct server *s) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&s->streams_mutex, NULL);
    pthread_cond_init(&s->streams_none, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

void server_streams_done(struct server *s) {
    pthread_cond_destroy(&s->streams_none);
    pthread_mutex_destroy(&s->streams_mutex);
}

/* False: the server is being closed. */
static bool list(struct server *s, struct server_stream *t) {
    pthread_mutex_lock(&s->streams_mutex);
    bool takes = !s->streams_end;
    t->next = s->streams;
    if (t->next != NULL)
        t->next->before = t;
    s->streams = t;
    pthread_mutex_unlock(&s->streams_mutex);
    return takes;
}

static void unlist(struct server_stream *t) {
    struct server *s = t->server;
    pthread_mutex_lock(&s->streams_mutex);
    if (t->next != NULL)
        t->next->before = t->before;
    if (t->before != NULL)
        t->before->next = t->next;
    else
        s->streams = t->next;
    if (s->streams == NULL)
        pthread_cond_signal(&s->streams_none);
    pthread_mutex_unlock(&s->streams_mutex);
}

/* ---- one stream; its mutex is held ---- */

static void wake(struct server_stream *t) {
    if (!t->is_suspended)
        return;
    t->is_suspended = false;
    MHD_resume_connection(t->mhd);
}

static void cut(struct server_stream *t) {
    if (!t->over && t->fd >= 0)
        shutdown(t->fd, SHUT_RDWR);
    t->over = true;
    wake(t);
}

/* Gives the mutex back. */
static void leave(struct server_stream *t) {
    bool last = --t->owners == 0;
    pthread_mutex_unlock(&t->mutex);
    if (!last)
        return;
    buf_done(&t->waiting);
    pthread_mutex_destroy(&t->mutex);
    mem_free(t);
}

/* ---- calls of libmicrohttpd ---- */

static ssize_t pull(void *self, uint64_t pos, char *ret, size_t max) {
    struct server_stream *t = self;
    ssize_t n = 0;
    (void)pos;
    server_later_busy();
    pthread_mutex_lock(&t->mutex);
    size_t left = t->waiting.len - t->taken_bytes;
    if (t->over)
        n = MHD_CONTENT_READER_END_WITH_ERROR;
    else if (left > 0) {
        n = (ssize_t)(left < max ? left : max);
        memcpy(ret, t->waiting.ptr + t->taken_bytes, (size_t)n);
        t->taken_bytes += (size_t)n;
        if (t->taken_bytes == t->waiting.len) {
            buf_clear(&t->waiting);
            t->taken_bytes = 0;
        }
    } else if (t->ends)
        n = MHD_CONTENT_READER_END_OF_STREAM;
    else {
        t->is_suspended = true;
        MHD_suspend_connection(t->mhd);
    }
    pthread_mutex_unlock(&t->mutex);
    return n;
}

static void dropped(void *self) {
    struct server_stream *t = self;
    unlist(t);
    pthread_mutex_lock(&t->mutex);
    t->over = true;
    t->is_suspended = false;
    t->mhd = NULL;
    t->fd = -1;
    leave(t);
}

/* The kernel keeps little for a client that does not read, and gives up soon on one that does not answer. */
static void mind_the_client(int fd) {
    int bytes = KERNEL_BYTES;
    unsigned ms = SERVER_STREAM_S * 1000;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
}

struct MHD_Response *server_stream_response(struct server_stream *t) {
    struct MHD_Response *r =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE_BYTES, pull, t, dropped);
    if (r == NULL)
        rc_die("server: out of memory");
    mind_the_client(t->fd);
    if (!list(t->server, t)) {
        pthread_mutex_lock(&t->mutex);
        t->ends = true;
        pthread_mutex_unlock(&t->mutex);
    }
    return r;
}

void server_stream_unsent(struct server_stream *t) {
    if (t == NULL)
        return;
    pthread_mutex_lock(&t->mutex);
    t->over = true;
    leave(t);
}

/* ---- for whoever writes ---- */

struct server_stream *server_stream_new(const struct server_request *q, size_t most_bytes) {
    const struct conn *c = q->connection;
    if (!c->server->pooled)
        rc_die("server: a stream wants a pool of threads");
    struct server_stream *t = mem_zalloc(sizeof *t);
    t->server = c->server;
    t->mhd = c->mhd;
    t->fd = c->fd;
    t->owners = 2;
    buf_init(&t->waiting, most_bytes);
    pthread_mutex_init(&t->mutex, NULL);
    return t;
}

bool server_stream_write(struct server_stream *t, const char *bytes, size_t n) {
    pthread_mutex_lock(&t->mutex);
    if (t->taken_bytes > 0) { /* room for what comes */
        t->waiting.len -= t->taken_bytes;
        memmove(t->waiting.ptr, t->waiting.ptr + t->taken_bytes, t->waiting.len);
        t->taken_bytes = 0;
    }
    if (!t->over && !t->ends && !buf_append(&t->waiting, bytes, n))
        cut(t);
    bool goes_on = !t->over && !t->ends;
    if (goes_on)
        wake(t);
    pthread_mutex_unlock(&t->mutex);
    return goes_on;
}

bool server_stream_is_over(struct server_stream *t) {
    pthread_mutex_lock(&t->mutex);
    bool over = t->over;
    pthread_mutex_unlock(&t->mutex);
    return over;
}

void server_stream_end(struct server_stream *t) {
    if (t == NULL)
        return;
    pthread_mutex_lock(&t->mutex);
    t->ends = true;
    wake(t);
    leave(t);
}

/* ---- the end of the server ---- */

/* While they are listed they live: what takes them off waits for the list. */
void server_streams_end(struct server *s) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += END_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&s->streams_mutex);
    s->streams_end = true;
    for (struct server_stream *t = s->streams; t != NULL; t = t->next) {
        pthread_mutex_lock(&t->mutex);
        t->ends = true;
        wake(t);
        pthread_mutex_unlock(&t->mutex);
    }
    while (s->streams != NULL &&
           pthread_cond_timedwait(&s->streams_none, &s->streams_mutex, &until) == 0)
        ;
    pthread_mutex_unlock(&s->streams_mutex);
}
