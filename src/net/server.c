#include "net/server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net/server_p.h"

enum {
    CONNECTIONS = 256,
    BODY_BYTES = 1 << 20,
    IDLE_TIMEOUT_S = 60,
    HEAD_BYTES = 64 << 10,       /* request line and headers of one request, 431 beyond */
    SEND_BUFFER_BYTES = 1 << 20, /* a whole page of employees leaves in one system call */
    STREAM_BLOCK_BYTES = 64 << 10,
    SWALLOW_BYTES =
        16 << 20, /* read and dropped of a body over the limit, so that its sender sees the 413 */
};

/* An answer that MHD asks for piece by piece. Owned by its MHD_Response. */
struct stream {
    struct server *server;
    int fd;
    const char *body;
    size_t end_bytes; /* where it stops, rightly or not */
    bool is_cut, has_stalled, has_dripped;
    struct server_answer answer;
    char copy[];
};

/* ---- pauses and misbehaviour ---- */

/* False when the server ends or the client has gone: nobody waits for the rest. */
static bool rest_us(const struct server *s, int fd, int64_t us) {
    struct timespec end, now;
    clock_gettime(CLOCK_MONOTONIC, &end);
    for (int64_t left_us = us; left_us > 0;) {
        struct pollfd fds[] = { { s->ending, POLLIN, 0 }, { fd, POLLRDHUP, 0 } };
        struct timespec wait = { left_us / 1000000, left_us % 1000000 * 1000 };
        if (ppoll(fds, RC_LEN(fds), &wait, NULL) > 0)
            return false;
        clock_gettime(CLOCK_MONOTONIC, &now);
        left_us = us - (now.tv_sec - end.tv_sec) * 1000000 - (now.tv_nsec - end.tv_nsec) / 1000;
    }
    return true;
}

static ssize_t stream_read(void *self, uint64_t pos, char *ret, size_t max) {
    struct stream *t = self;
    const struct server_answer *a = &t->answer;
    size_t at = (size_t)pos, n;
    server_later_busy();
    if (a->stall_us > 0 && !t->has_stalled && at >= a->stall_at_bytes) {
        t->has_stalled = true;
        if (!rest_us(t->server, t->fd, a->stall_us))
            return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    if (at >= t->end_bytes)
        return t->is_cut ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
    if (a->drip_us > 0 && t->has_dripped && !rest_us(t->server, t->fd, a->drip_us))
        return MHD_CONTENT_READER_END_WITH_ERROR;
    t->has_dripped = true;
    n = t->end_bytes - at;
    if (n > max)
        n = max;
    if (a->drip_us > 0 && n > (a->drip_bytes > 0 ? a->drip_bytes : 1))
        n = a->drip_bytes > 0 ? a->drip_bytes : 1;
    if (a->stall_us > 0 && !t->has_stalled && n > a->stall_at_bytes - at)
        n = a->stall_at_bytes - at;
    memcpy(ret, t->body + at, n);
    return (ssize_t)n;
}

static void stream_free(void *self) {
    struct stream *t = self;
    if (t->answer.body_unref != NULL)
        t->answer.body_unref(t->answer.body_ref);
    mem_free(t);
}

static void reset_connection(int fd) {
    struct sockaddr none = { .sa_family = AF_UNSPEC };
    (void)connect(
        fd, &none,
        sizeof none); /* as the Linux manual has it: dissolves the association, with RST */
}

/* ---- the answer ---- */

static struct MHD_Response *stream_new(const struct conn *c, const struct server_answer *a) {
    bool is_kept = a->body_static || a->body_ref != NULL;
    struct stream *t = mem_zalloc(sizeof *t + (is_kept ? 0 : a->body_bytes));
    t->server = c->server;
    t->fd = c->fd;
    t->answer = *a;
    t->body = a->body;
    if (!is_kept && a->body_bytes > 0)
        t->body = memcpy(t->copy, a->body, a->body_bytes);
    t->is_cut = a->broken == SERVER_CUT_BODY || a->broken == SERVER_CUT_CHUNKED;
    t->end_bytes = t->is_cut && a->cut_bytes < a->body_bytes ? a->cut_bytes : a->body_bytes;
    bool chunked = a->chunked || a->broken == SERVER_CUT_CHUNKED;
    struct MHD_Response *r =
        MHD_create_response_from_callback(chunked ? MHD_SIZE_UNKNOWN : a->body_bytes,
                                          STREAM_BLOCK_BYTES, stream_read, t, stream_free);
    if (r == NULL)
        rc_die("server: out of memory");
    return r;
}

static struct MHD_Response *response_new(const struct conn *c, const struct server_answer *a) {
    struct MHD_Response *r;
    if (a->stream != NULL)
        return server_stream_response(a->stream);
    void *bytes = a->body_bytes > 0 ? (void *)(uintptr_t)a->body : (void *)(uintptr_t) "";
    bool is_stream = a->chunked || a->drip_us > 0 || a->stall_us > 0 ||
                     a->broken == SERVER_CUT_BODY || a->broken == SERVER_CUT_CHUNKED;
    if (is_stream)
        return stream_new(c, a);
    if (a->body_unref != NULL)
        r = MHD_create_response_from_buffer_with_free_callback_cls(a->body_bytes, bytes,
                                                                   a->body_unref, a->body_ref);
    else
        r = MHD_create_response_from_buffer(
            a->body_bytes, bytes,
            a->body_static || a->body_ref != NULL || a->body_bytes == 0 ? MHD_RESPMEM_PERSISTENT
                                                                        : MHD_RESPMEM_MUST_COPY);
    if (r == NULL)
        rc_die("server: out of memory");
    return r;
}

static enum MHD_Result answer_plain(const struct conn *c, unsigned status, const char *text) {
    struct MHD_Response *r = MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text,
                                                             MHD_RESPMEM_PERSISTENT);
    if (r == NULL)
        rc_die("server: out of memory");
    MHD_add_response_header(r, "Content-Type", "text/plain");
    if (status == 429)
        MHD_add_response_header(r, "Retry-After", "5");
    enum MHD_Result queued = MHD_queue_response(c->mhd, status, r);
    MHD_destroy_response(r);
    return queued;
}

static bool add_headers(struct MHD_Response *r, const struct server_answer *a) {
    bool ok = true;
    if (a->close) /* first: libmicrohttpd 0.9.75 forgets at this header that it was given a Date */
        ok = MHD_add_response_header(r, "Connection", "close") == MHD_YES;
    if (a->content_type != NULL)
        ok = MHD_add_response_header(r, "Content-Type", a->content_type) == MHD_YES && ok;
    for (size_t i = 0; i < a->headers_n && i < RC_LEN(a->headers); i++)
        ok = MHD_add_response_header(r, a->headers[i].name, a->headers[i].value) == MHD_YES && ok;
    return ok;
}

static void conn_streams(struct server *s, struct conn *c) {
    pthread_mutex_lock(&s->mutex);
    c->is_streaming = true;
    pthread_mutex_unlock(&s->mutex);
}

/* A status and nothing more: one response does for all of them. */
static bool is_bare(const struct server_answer *a) {
    return a->stream == NULL && a->body_bytes == 0 && a->body_unref == NULL &&
           a->content_type == NULL && a->headers_n == 0 && !a->close && !a->chunked &&
           a->broken == SERVER_WHOLE && a->first_byte_after_us == 0 && a->drip_us == 0 &&
           a->stall_us == 0;
}

static enum MHD_Result send_answer(struct conn *c, struct server_answer a) {
    if (is_bare(&a))
        return MHD_queue_response(c->mhd, (unsigned)a.status, c->server->bare);
    bool is_gone = a.first_byte_after_us > 0 && !rest_us(c->server, c->fd, a.first_byte_after_us);
    if (is_gone || a.broken == SERVER_CLOSE_BEFORE_HEADERS ||
        a.broken == SERVER_RESET_BEFORE_HEADERS) {
        if (a.broken == SERVER_RESET_BEFORE_HEADERS)
            reset_connection(c->fd);
        if (a.body_unref != NULL)
            a.body_unref(a.body_ref);
        server_stream_unsent(a.stream);
        return MHD_NO;
    }
    struct MHD_Response *r = response_new(c, &a);
    c->close_after = a.broken == SERVER_CLOSE_AFTER;
    if (a.stream != NULL)
        conn_streams(c->server, c);
    enum MHD_Result queued;
    if (!add_headers(r, &a)) /* a line break in a value would forge a header */
        queued = answer_plain(c, 500, "a header of the answer cannot be sent\n");
    else
        queued = MHD_queue_response(c->mhd, (unsigned)a.status, r);
    MHD_destroy_response(r);
    return queued;
}

/* Called again for a request whose answer comes later. */
static enum MHD_Result answer(struct conn *c) {
    struct server_answer a = { 0 };
    if (c->is_later)
        return server_later_wait(c) ? send_answer(c, c->later) : MHD_YES;
    c->request.body = c->body.ptr != NULL ? c->body.ptr : "";
    c->request.body_bytes = c->body.len;
    c->server->handler(c->server->self, &c->request, &a);
    return c->is_later ? MHD_YES : send_answer(c, a);
}

/* ---- calls of libmicrohttpd ---- */

static const char too_large[] = "the request body is too large\n",
                  no_room[] = "too many large requests are being read: again in a moment\n";

static enum MHD_Result refuse(struct conn *c, int status, const char *text) {
    struct server_answer a = { 0 };
    if (c->server->refuse == NULL)
        return answer_plain(c, (unsigned)status, text);
    c->server->refuse(c->server->self, &c->request, status, &a);
    return send_answer(c, a);
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *mhd, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *bytes_n, void **state) {
    struct conn *c = *state;
    (void)self, (void)mhd, (void)url, (void)version;
    if (!c->has_begun) { /* head complete */
        c->has_begun = true;
        c->request.method = method;
        if (server_ends_in_doubt(c)) {
            c->close_after = true;
            return answer_plain(c, 400, "where the body ends is said twice, or in no known way\n");
        }
        server_large_begin(c);
        const char *length = server_header(&c->request, "Content-Length");
        bool asks = server_header(&c->request, "Expect") != NULL;
        size_t most = c->large_bytes > 0 ? c->large_bytes : c->server->max_body_bytes;
        if (c->has_no_room && asks)
            return refuse(c, 429, no_room);
        if (length != NULL && strtoull(length, NULL, 10) > most &&
            (asks || strtoull(length, NULL, 10) > most + SWALLOW_BYTES))
            return refuse(c, 413, too_large);
        return MHD_YES;
    }
    if (*bytes_n > 0) {
        server_later_busy();
        if (c->dropped_bytes > 0 || c->has_no_room || !buf_append(&c->body, bytes, *bytes_n))
            c->dropped_bytes += *bytes_n;
        *bytes_n = 0;
        return c->dropped_bytes <= SWALLOW_BYTES ? MHD_YES : MHD_NO;
    }
    if (c->has_no_room)
        return refuse(c, 429, no_room);
    if (c->dropped_bytes > 0)
        return refuse(c, 413, too_large);
    return answer(c);
}

/* The first call for a request, and the only one that is shown what was sent before it is decoded.
 * */
static void *on_line(void *self, const char *uri, struct MHD_Connection *mhd) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct conn *c = info->socket_context;
    size_t path_bytes = strcspn(uri, "?");
    (void)self;
    server_later_busy();
    arena_reset(&c->arena);
    buf_clear(&c->body);
    c->mhd = mhd;
    c->has_begun = c->close_after = c->is_later = c->has_no_room = false;
    c->dropped_bytes = 0;
    c->request = (struct server_request){
        .method = "",
        .raw_path = arena_str(&c->arena, uri, path_bytes),
        .path = server_decoded(&c->arena, uri, path_bytes, false),
        .query = uri[path_bytes] == '?'
                     ? arena_str(&c->arena, uri + path_bytes + 1, strlen(uri + path_bytes + 1))
                     : "",
        .arena = &c->arena,
        .connection = c,
    };
    return c;
}

static void on_completed(void *self, struct MHD_Connection *mhd, void **state,
                         enum MHD_RequestTerminationCode why) {
    struct conn *c = *state;
    (void)self, (void)mhd, (void)why;
    server_later_busy();
    if (c != NULL)
        server_later_over(c);
    if (c != NULL && c->close_after)
        shutdown(c->fd, SHUT_RDWR);
    if (c != NULL) {
        server_large_end(c);
        server_conns_answered(c->server, c);
    }
    *state = NULL;
}

static void on_connection(void *self, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode what) {
    struct server *s = self;
    struct conn *c = *context;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        c = mem_zalloc(sizeof *c);
        c->server = s;
        c->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        arena_init(&c->arena);
        buf_init(&c->body, s->max_body_bytes);
        server_conns_join(s, c);
        *context = c;
    } else if (c != NULL) {
        server_conns_leave(s, c);
        arena_done(&c->arena);
        buf_done(&c->body);
        mem_free(c);
        *context = NULL;
    }
}

/* ---- opening and closing ---- */

/* Options set here are inherited by the connections, which saves two system calls on each. */
static int bound_socket(const struct addrinfo *address) {
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int yes = 1, send_bytes = SEND_BUFFER_BYTES;
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof send_bytes);
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

static enum rc_code listen_at(const char *host, uint16_t port, int *ret_fd, uint16_t *ret_port,
                              struct rc_error *err) {
    struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM },
                    *found;
    struct sockaddr_storage address;
    socklen_t address_bytes = sizeof address;
    char service[8], name[NI_MAXSERV];
    snprintf(service, sizeof service, "%u", port);
    int why = getaddrinfo(host, service, &hints, &found);
    if (why != 0)
        return rc_fail_as(err, RC_INVALID, "server.address", "cannot listen at \"%.100s\": %s",
                          host, gai_strerror(why));
    int fd = bound_socket(found);
    freeaddrinfo(found);
    if (fd < 0 && errno == EADDRINUSE)
        return rc_fail_as(err, RC_RETRY, "server.port-taken",
                          "cannot listen at %.80s port %u: another program has the port; stop that "
                          "one (ss -ltnp shows which), or take another port",
                          host, port);
    if (fd < 0 && errno == EACCES)
        return rc_fail_as(
            err, RC_INVALID, "server.address",
            "cannot listen at %.80s port %u: ports below 1024 are for root; take another "
            "one, behind a proxy",
            host, port);
    if (fd < 0 && errno == EADDRNOTAVAIL)
        return rc_fail_as(err, RC_INVALID, "server.address",
                          "cannot listen at %.80s port %u: this machine does not have the address; "
                          "take one that it has, as 127.0.0.1",
                          host, port);
    if (fd < 0)
        return rc_fail_as(err, RC_INVALID, "server.address", "cannot listen at %.100s port %u: %s",
                          host, port, strerror(errno));
    getsockname(fd, (struct sockaddr *)&address, &address_bytes);
    getnameinfo((struct sockaddr *)&address, address_bytes, NULL, 0, name, sizeof name,
                NI_NUMERICSERV);
    *ret_port = (uint16_t)strtoul(name, NULL, 10);
    *ret_fd = fd;
    return RC_OK;
}

static struct MHD_Daemon *daemon_start(struct server *s, const struct server_options *o, int fd) {
    unsigned flags =
        o->threads == 0
            ? MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL
            : MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
    unsigned connections = o->connections > 0 ? o->connections : CONNECTIONS;
    unsigned idle_s = (unsigned)((o->idle_timeout_us + 999999) / 1000000);
    if (connections < o->threads)
        connections = o->threads; /* each thread of a pool needs one at least */
    struct MHD_OptionItem items[] = {
        { MHD_OPTION_LISTEN_SOCKET, fd, NULL },
        { MHD_OPTION_CONNECTION_LIMIT, (intptr_t)connections, NULL },
        { MHD_OPTION_CONNECTION_TIMEOUT, idle_s > 0 ? (intptr_t)idle_s : IDLE_TIMEOUT_S, NULL },
        { MHD_OPTION_CONNECTION_MEMORY_LIMIT,
          o->max_head_bytes > 0 ? (intptr_t)o->max_head_bytes : HEAD_BYTES, NULL },
        { MHD_OPTION_PER_IP_CONNECTION_LIMIT, (intptr_t)o->connections_each, NULL },
        { MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_line, s },
        { MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, s },
        { MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, s },
        { MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)o->threads, NULL },
        { MHD_OPTION_END, 0, NULL },
    };
    if (o->threads < 2) /* one thread is no pool */
        items[RC_LEN(items) - 2].option = MHD_OPTION_END;
    /* Threads start as who starts them is. In a pool they do not take the CPU from whoever wakes them: else one that
     * sends many requests loses it at each of them, and so does one that gives many answers. */
    struct sched_param mine = { 0 }, batch = { 0 };
    int policy = SCHED_OTHER;
    pthread_getschedparam(pthread_self(), &policy, &mine);
    bool gives_way = s->pooled && policy == SCHED_OTHER;
    if (gives_way)
        pthread_setschedparam(pthread_self(), SCHED_BATCH, &batch);
    struct MHD_Daemon *d = MHD_start_daemon(flags, 0, NULL, NULL, on_request, s, MHD_OPTION_ARRAY,
                                            items, MHD_OPTION_END);
    if (gives_way)
        pthread_setschedparam(pthread_self(), policy, &mine);
    return d;
}

enum rc_code server_open(const struct server_options *o, server_handler *handler, void *self,
                         struct server **ret, struct rc_error *err) {
    uint16_t port = 0;
    int fd = -1;
    enum rc_code code =
        listen_at(o->host != NULL ? o->host : "127.0.0.1", o->port, &fd, &port, err);
    if (code != RC_OK)
        return code;
    struct server *s = mem_zalloc(sizeof *s);
    s->handler = handler;
    s->self = self;
    s->port = port;
    s->listens = fd;
    s->max_body_bytes = o->max_body_bytes > 0 ? o->max_body_bytes : BODY_BYTES;
    s->is_large = o->is_large;
    s->refuse = o->refuse;
    s->max_large_bytes = o->max_large_bytes;
    s->large_bytes = o->large_bytes;
    s->large_bytes_each = o->large_bytes_each;
    s->request_timeout_us = o->request_timeout_us;
    s->pooled = o->threads > 0;
    s->bare = MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
    if (s->bare == NULL)
        rc_die("server: out of memory");
    server_streams_init(s);
    server_laters_init(s, o->threads);
    s->ending = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bool watched = server_conns_init(s);
    s->daemon = s->ending >= 0 && watched ? daemon_start(s, o, fd) : NULL;
    if (s->daemon == NULL) {
        int why = errno;
        server_conns_done(s);
        server_laters_done(s);
        server_streams_done(s);
        MHD_destroy_response(s->bare);
        close(fd);
        if (s->ending >= 0)
            close(s->ending);
        mem_free(s);
        return rc_fail_as(err, RC_FATAL, "server.start", "cannot start the server on port %u: %s",
                          port, strerror(why));
    }
    *ret = s;
    return RC_OK;
}

uint16_t server_port(const struct server *s) {
    return s->port;
}

void server_close(struct server *s) {
    if (s == NULL)
        return;
    eventfd_write(s->ending, 1);
    server_streams_end(s);
    server_laters_end(s);
    if (s->pooled)
        server_conns_end(s);
    MHD_stop_daemon(
        s->daemon); /* waits for the handlers that run, and closes the listening socket */
    server_conns_done(s);
    server_laters_done(s);
    server_streams_done(s);
    MHD_destroy_response(s->bare);
    close(s->ending);
    mem_free(s);
}
