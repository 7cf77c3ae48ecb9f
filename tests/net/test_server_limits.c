/* What the server lets one client have: bytes of a head and a body, time, connections. */
#include "tests/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "net/server.h"
#include "tests/net/raw.h"

static void handle(void *self, const struct server_request *q, struct server_answer *a) {
    (void)self;
    (void)q;
    *a = (struct server_answer){
        .status = 200, .content_type = "text/plain", .body = "yes", .body_bytes = 3
    };
}

static struct server *open_with(struct server_options o) {
    struct server *s = NULL;
    struct rc_error err;
    assert_int_equal(server_open(&o, handle, NULL, &s, &err), RC_OK);
    return s;
}

/* The end of a head, and so many zeros. */
static void put_body(struct buf *request, size_t bytes, bool chunked) {
    if (chunked)
        buf_printf(request, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n%0*d\r\n0\r\n\r\n", bytes,
                   (int)bytes, 0);
    else
        buf_printf(request, "Content-Length: %zu\r\n\r\n%0*d", bytes, (int)bytes, 0);
}

static void a_body_over_the_limit_gets_413_and_the_handler_is_not_called(void **state) {
    static const struct {
        size_t bytes;
        bool chunked;
        int status;
    } rows[] = { { 1000, false, 200 }, { 1001, false, 413 }, { 300000, false, 413 },
                 { 1000, true, 200 },  { 1001, true, 413 },  { 300000, true, 413 } };
    struct server *s = open_with((struct server_options){ .max_body_bytes = 1000 });
    struct buf request;
    char came[1000];
    (void)state;
    buf_init(&request, 1 << 20);
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        buf_clear(&request);
        buf_str(&request, "POST /body HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        put_body(&request, rows[i].bytes, rows[i].chunked);
        raw_talk(server_port(s), request.ptr, came, sizeof came);
        assert_int_equal(strtol(came + strlen("HTTP/1.1 "), NULL, 10), rows[i].status);
    }
    raw_talk(
        server_port(s),
        "POST /body HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n",
        came, sizeof came);
    assert_memory_equal(came, "HTTP/1.1 413 ", 13); /* before the body is sent */
    buf_done(&request);
    server_close(s);
}

/* ---- large bodies, of those who may ---- */

enum { LARGE = 50000, LARGE_EACH = 80000 };

static bool may_be_large(void *self, const struct server_request *q) {
    (void)self;
    return strcmp(q->method, "POST") == 0 && strcmp(q->raw_path, "/body") == 0 &&
           server_header(q, "X-Large") != NULL;
}

static struct server *open_large(unsigned threads) {
    return open_with((struct server_options){ .threads = threads,
                                              .max_body_bytes = 1000,
                                              .is_large = may_be_large,
                                              .max_large_bytes = LARGE,
                                              .large_bytes = 10 * LARGE,
                                              .large_bytes_each = LARGE_EACH,
                                              .request_timeout_us = 2000000 });
}

static void a_large_body_is_for_those_who_may_and_has_a_limit_too(void **state) {
    static const struct {
        const char *path, *header;
        size_t bytes;
        bool chunked;
        int status;
    } rows[] = {
        { "/body", "X-Large: y\r\n", LARGE, false, 200 },
        { "/body", "X-Large: y\r\n", LARGE, true, 200 },
        { "/body", "X-Large: y\r\n", LARGE + 1, false, 413 },
        { "/body", "X-Large: y\r\n", LARGE + 1, true, 413 },
        { "/body", "X-Large: y\r\n", 1, false, 200 },
        { "/body", "", LARGE, false, 413 },
        { "/body", "", 1001, true, 413 },
        { "/body?x", "", 1001, false, 413 },
        { "/other", "X-Large: y\r\n", 1001, false, 413 },
        { "/body", "X-Large: y\r\n", LARGE, false, 200 }, /* what was set aside is given back */
    };
    struct buf request;
    char came[1000];
    (void)state;
    buf_init(&request, 1 << 20);
    for (unsigned threads = 0; threads < 3; threads += 2) {
        struct server *s = open_large(threads);
        for (size_t i = 0; i < RC_LEN(rows); i++) {
            buf_clear(&request);
            buf_printf(&request, "POST %s HTTP/1.1\r\nHost: x\r\n%sConnection: close\r\n",
                       rows[i].path, rows[i].header);
            put_body(&request, rows[i].bytes, rows[i].chunked);
            raw_talk(server_port(s), request.ptr, came, sizeof came);
            if (strtol(came + strlen("HTTP/1.1 "), NULL, 10) != rows[i].status)
                fail_msg("row %zu, %u threads: %.40s", i, threads, came);
        }
        server_close(s);
    }
    buf_done(&request);
}

static int connection_to(const struct server *s) {
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons(server_port(s)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

/* Its other end has closed it. */
static bool is_closed(int fd, int wait_ms) {
    struct pollfd p = { fd, POLLIN, 0 };
    char byte;
    return poll(&p, 1, wait_ms) > 0 && read(fd, &byte, 1) <= 0;
}

/* A byte every now and then is never idle: the time of the whole request ends it. */
static void who_takes_too_long_for_a_request_is_cut_off(void **state) {
    static const char *const heads[] = {
        "GET /header HTTP/1.1\r\nX-Slow: ",
        "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n"
    };
    (void)state;
    for (unsigned threads = 0; threads < 3; threads += 2)
        for (size_t i = 0; i < RC_LEN(heads); i++) {
            struct server *s = open_with(
                (struct server_options){ .threads = threads, .request_timeout_us = 1000000 });
            int fd = connection_to(s);
            bool closed = false;
            assert_true(send(fd, heads[i], strlen(heads[i]), MSG_NOSIGNAL) > 0);
            for (int n = 0; n < 40 && !closed; n++) {
                (void)send(fd, "x", 1, MSG_NOSIGNAL);
                closed = is_closed(fd, 100);
                assert_true(!closed || n >= 7);
            }
            assert_true(closed);
            close(fd);
            server_close(s);
        }
}

/* Room is set aside by what is announced: who announces much and sends little keeps others of the address waiting for no
 * longer than any request may take, and smaller ones not at all. */
static void an_address_has_so_much_room_for_large_bodies_and_gets_it_back(void **state) {
    static const char large[] = "POST /body HTTP/1.1\r\nHost: x\r\nX-Large: y\r\n"
                                "Content-Length: 50000\r\n\r\nx",
                      asks[] = "POST /body HTTP/1.1\r\nHost: x\r\nX-Large: y\r\n"
                               "Expect: 100-continue\r\nContent-Length: 50000\r\n\r\n",
                      small[] = "POST /body HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                "Content-Length: 1\r\n\r\nx";
    struct server *s = open_large(2);
    char came[1000];
    struct buf whole;
    int slow = connection_to(s);
    (void)state;
    assert_int_equal(send(slow, large, sizeof large - 1, MSG_NOSIGNAL), sizeof large - 1);
    clock_sleep_us(&clock_system, 300000);
    raw_talk(server_port(s), asks, came, sizeof came); /* 100,000 are more than 80,000 */
    assert_memory_equal(came, "HTTP/1.1 429 ", 13);
    assert_non_null(strstr(came, "Retry-After: 5\r\n"));
    raw_talk(server_port(s), small, came, sizeof came);
    assert_memory_equal(came, "HTTP/1.1 200 ", 13);
    assert_true(is_closed(slow, 5000)); /* it has taken too long */
    close(slow);
    clock_sleep_us(&clock_system, 300000);
    buf_init(&whole, 1 << 20);
    buf_printf(&whole,
               "POST /body HTTP/1.1\r\nHost: x\r\nX-Large: y\r\nConnection: close\r\n"
               "Content-Length: 50000\r\n\r\n%050000d",
               0);
    raw_talk(server_port(s), whole.ptr, came, sizeof came);
    assert_memory_equal(came, "HTTP/1.1 200 ", 13);
    buf_done(&whole);
    server_close(s);
}

/* ... and who asks again and again on one connection has the time for each. */
static void each_request_has_its_own_time(void **state) {
    static const char ask[] = "GET /header HTTP/1.1\r\nHost: x\r\nX-Mixed: y\r\n\r\n";
    struct server *s =
        open_with((struct server_options){ .threads = 2, .request_timeout_us = 1000000 });
    int fd = connection_to(s);
    (void)state;
    for (int n = 0; n < 4; n++) {
        char came[2000];
        struct pollfd p = { fd, POLLIN, 0 };
        assert_int_equal(send(fd, ask, sizeof ask - 1, MSG_NOSIGNAL), sizeof ask - 1);
        assert_int_equal(poll(&p, 1, 2000), 1);
        assert_true(read(fd, came, sizeof came) > 100);
        if (n < 3)
            clock_sleep_us(&clock_system, 500000);
    }
    assert_true(is_closed(fd, 3000)); /* it asks no more */
    close(fd);
    server_close(s);
}

static void one_address_has_so_many_connections(void **state) {
    int fds[6], closed = 0;
    struct server *s = open_with(
        (struct server_options){ .threads = 2, .connections = 20, .connections_each = 4 });
    (void)state;
    for (size_t i = 0; i < RC_LEN(fds); i++)
        fds[i] = connection_to(s);
    for (size_t i = 0; i < RC_LEN(fds); i++)
        closed += is_closed(fds[i], i == 0 ? 300 : 0);
    assert_int_equal(closed, 2);
    for (size_t i = 0; i < RC_LEN(fds); i++)
        close(fds[i]);
    server_close(s);
}

static void a_head_over_the_limit_is_refused(void **state) {
    struct server *s =
        open_with((struct server_options){ .threads = 2, .max_head_bytes = 8 << 10 });
    struct buf request;
    char came[1000];
    (void)state;
    buf_init(&request, 1 << 20);
    buf_printf(&request, "GET /header HTTP/1.1\r\nHost: x\r\nX-Long: %020000d\r\n\r\n", 0);
    raw_talk(server_port(s), request.ptr, came, sizeof came);
    long status = strtol(came + strlen("HTTP/1.1 "), NULL, 10);
    assert_true(status == 431 || status == 413);
    buf_done(&request);
    server_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_over_the_limit_gets_413_and_the_handler_is_not_called),
        cmocka_unit_test(a_large_body_is_for_those_who_may_and_has_a_limit_too),
        cmocka_unit_test(an_address_has_so_much_room_for_large_bodies_and_gets_it_back),
        cmocka_unit_test(who_takes_too_long_for_a_request_is_cut_off),
        cmocka_unit_test(each_request_has_its_own_time),
        cmocka_unit_test(one_address_has_so_many_connections),
        cmocka_unit_test(a_head_over_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
