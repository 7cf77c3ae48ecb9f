#include "tests/check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "net/client.h"
#include "net/server.h"
#include "tests/net/raw.h"

static char page[220000]; /* a prepared answer of the size of a page of employees */
static _Atomic int refs, unrefs;
static _Atomic unsigned slow_begun;

static void unref(void *ref) {
    unrefs++;
    (void)ref;
}

static void list_header(void *self, const char *name, const char *value) {
    buf_printf(self, "%s=%s;", name, value);
}

/* The path says what the answer is about; "/ref" and what lies below it borrows its body. */
static void handle(void *self, const struct server_request *q, struct server_answer *a) {
    const char *value = "", *format = "%s";
    (void)self;
    a->status = 200;
    a->content_type = "text/plain";
    if (strcmp(q->path, "/page") == 0) {
        *a = (struct server_answer){
            .status = 200, .body = page, .body_bytes = sizeof page, .body_static = true
        };
        return;
    }
    if (strncmp(q->path, "/ref", 4) == 0) {
        const char *how = server_argument(q, "how", 0);
        refs++;
        a->body = page;
        a->body_bytes = strcmp(q->path, "/ref/empty") == 0 ? 0 : sizeof page;
        a->body_ref = page;
        a->body_unref = unref;
        a->broken = how != NULL ? (enum server_break)strtol(how, NULL, 10) : SERVER_WHOLE;
        a->chunked = strcmp(q->path, "/ref/chunked") == 0;
        if (strcmp(q->path, "/ref/header") == 0) {
            a->headers[a->headers_n].name = "X-Name";
            a->headers[a->headers_n++].value = "two\r\nlines: here";
        }
        return;
    }
    if (strcmp(q->path, "/drip") == 0) {
        a->drip_us = 20000;
        a->drip_bytes = 4;
        a->chunked = q->query[0] != '\0';
        value = "0123456789abcdefghij";
    } else if (strcmp(q->path, "/slow") == 0) {
        slow_begun++;
        a->first_byte_after_us = 30 * 1000000;
    } else if (strcmp(q->path, "/stall") == 0) {
        slow_begun++;
        a->stall_us = 30 * 1000000;
        value = "stalled";
    } else if (strcmp(q->path, "/date") == 0) {
        a->headers[a->headers_n].name = "Date";
        a->headers[a->headers_n++].value = "Mon, 23 Nov 2020 09:15:02 GMT";
        a->close = true;
    } else if (strcmp(q->path, "/header") == 0) {
        value = server_header(q, "x-MiXeD");
    } else if (strcmp(q->path, "/headers") == 0) {
        struct buf all;
        buf_init(&all, 4096);
        server_each_header(q, list_header, &all);
        value = arena_str(q->arena, all.ptr, all.len);
        buf_done(&all);
    } else if (strcmp(q->path, "/argument") == 0) {
        for (unsigned i = 0; (value = server_argument(q, "a[]", i)) != NULL; i++)
            format = arena_printf(q->arena, "%s<%s>", i > 0 ? format : "", value);
        value = arena_printf(q->arena, "%s%s", format,
                             server_argument(q, "none", 0) != NULL ? "none" : "");
    } else if (strcmp(q->path, "/body") == 0) {
        value = arena_printf(q->arena, "%s %zu %.*s", q->method, q->body_bytes,
                             q->body_bytes < 100 ? (int)q->body_bytes : 0, q->body);
    } else {
        value = arena_printf(q->arena, "%s|%s|%s", q->path, q->raw_path, q->query);
    }
    a->body = arena_printf(q->arena, "%s", value != NULL ? value : "(none)");
    a->body_bytes = strlen(a->body);
}

static struct server *open_with(struct server_options o) {
    struct server *s = NULL;
    struct rc_error err;
    assert_int_equal(server_open(&o, handle, NULL, &s, &err), RC_OK);
    return s;
}

/* One request on a connection of its own; what came, head included. */
static const char *talk(const struct server *s, const char *head, char *ret, size_t ret_bytes) {
    char request[2000];
    snprintf(request, sizeof request, "%s\r\nHost: x\r\nConnection: close\r\n\r\n", head);
    raw_talk(server_port(s), request, ret, ret_bytes);
    return ret;
}

static void assert_answer(const struct server *s, const char *head, const char *body) {
    char came[8000];
    const char *end = strstr(talk(s, head, came, sizeof came), "\r\n\r\n");
    assert_non_null(end);
    assert_memory_equal(came, "HTTP/1.1 200 OK\r\n", 17);
    assert_string_equal(end + 4, body);
}

static int64_t now_us(void) {
    return clock_monotonic_us(&clock_system);
}

static void the_request_is_shown_as_sent_and_decoded(void **state) {
    static const struct {
        const char *head, *body;
    } rows[] = {
        { "GET /x HTTP/1.1", "/x|/x|" },
        { "GET /x? HTTP/1.1", "/x|/x|" },
        { "GET /a%2Fb%20c+d?q=%41+b&r HTTP/1.1", "/a/b c+d|/a%2Fb%20c+d|q=%41+b&r" },
        { "GET /%00%zz%4 HTTP/1.1", "/%00%zz%4|/%00%zz%4|" },
        { "GET /%C3%A4?x?y HTTP/1.1", "/\xc3\xa4|/%C3%A4|x?y" },
        { "GET /header HTTP/1.1\r\nX-Mixed: yes: it is", "yes: it is" },
        { "GET /header HTTP/1.1\r\nX-MIXED:no", "no" },
        { "GET /header HTTP/1.1\r\nX-Mixe: no", "(none)" },
        { "GET /headers HTTP/1.1\r\nX-A: 1\r\nX-A: 2", "X-A=1;X-A=2;Host=x;Connection=close;" },
        { "GET /argument?a%5B%5D=1&a[]=b+c%2Bd&b=3&a[] HTTP/1.1", "<1><b c+d><>" },
        { "GET /argument?&&=&a[]=%00%e4&a[]== HTTP/1.1", "<%00\xe4><=>" },
        { "GET /body HTTP/1.1", "GET 0 " },
        { "PATCH /body HTTP/1.1\r\nContent-Length: 0", "PATCH 0 " },
    };
    struct server *s = open_with((struct server_options){ 0 });
    (void)state;
    for (size_t i = 0; i < RC_LEN(rows); i++)
        assert_answer(s, rows[i].head, rows[i].body);
    server_close(s);
}

static void a_date_of_the_handler_is_the_only_one(void **state) {
    char came[1000];
    struct server *s = open_with((struct server_options){ 0 });
    (void)state;
    raw_talk(server_port(s), "GET /date HTTP/1.1\r\nHost: x\r\n\r\n", came,
             sizeof came); /* ends: close is said */
    const char *date = strstr(came, "Date: ");
    assert_non_null(date);
    assert_memory_equal(date, "Date: Mon, 23 Nov 2020 09:15:02 GMT\r\n", 37);
    assert_null(strstr(date + 1, "Date: "));
    assert_non_null(strstr(came, "Connection: close\r\n"));
    server_close(s);
}

static void requests_that_are_none_end_only_their_connection(void **state) {
    static const char *const bad[] = {
        "",
        "\r\n\r\n",
        "GET\r\n\r\n",
        "hello\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    };
    struct server *s = open_with((struct server_options){ .idle_timeout_us = 1000000 });
    static char huge[200000];
    char came[1000];
    (void)state;
    for (size_t i = 0; i < RC_LEN(bad); i++)
        raw_talk(server_port(s), bad[i], came, sizeof came);
    snprintf(huge, sizeof huge, "GET / HTTP/1.1\r\nHost: x\r\nX: %0100000d\r\n\r\n", 0);
    raw_talk(server_port(s), huge, came, sizeof came);
    assert_true(strncmp(came, "HTTP/1.1 4", 10) == 0 || came[0] == '\0');
    assert_answer(s, "GET /x HTTP/1.1", "/x|/x|");
    server_close(s);
}

static void a_borrowed_body_is_given_back_exactly_once_whatever_happens(void **state) {
    static const struct {
        const char *head;
        bool whole;
    } rows[] = {
        { "GET /ref HTTP/1.1", true },        { "HEAD /ref HTTP/1.1", false },
        { "GET /ref/empty HTTP/1.1", false }, { "GET /ref/chunked HTTP/1.1", true },
        { "GET /ref?how=1 HTTP/1.1", false }, { "GET /ref?how=2 HTTP/1.1", false },
        { "GET /ref?how=3 HTTP/1.1", false }, { "GET /ref?how=4 HTTP/1.1", false },
        { "GET /ref?how=5 HTTP/1.1", true },  { "GET /ref/header HTTP/1.1", false },
    };
    static char came[sizeof page + 10000];
    (void)state;
    refs = unrefs = 0;
    for (unsigned threads = 0; threads < 3; threads++) {
        struct server *s = open_with((struct server_options){ .threads = threads });
        for (size_t i = 0; i < RC_LEN(rows); i++) {
            talk(s, rows[i].head, came, sizeof came);
            assert_int_equal(strlen(came) > sizeof page, rows[i].whole);
        }
        assert_memory_equal(came, "HTTP/1.1 500 ",
                            13); /* the last row would have forged a header */
        server_close(s);
    }
    assert_int_equal(refs, 3 * RC_LEN(rows));
    assert_int_equal(unrefs, refs);
}

static void a_drip_takes_its_time_and_arrives_whole(void **state) {
    struct server *s = open_with((struct server_options){ 0 });
    char came[1000];
    (void)state;
    int64_t begun = now_us();
    assert_answer(s, "GET /drip HTTP/1.1", "0123456789abcdefghij");
    assert_true(now_us() - begun >= 4 * 20000);
    assert_non_null(
        strstr(talk(s, "GET /drip?chunked HTTP/1.1", came, sizeof came), "\r\n4\r\n4567\r\n"));
    server_close(s);
}

static void *give_up(void *self) {
    struct timespec a_moment = { 0, 20000000 };
    while (slow_begun < 2)
        nanosleep(&a_moment, NULL);
    server_close(self);
    return NULL;
}

static void *wait_long(void *self) {
    char came[1000];
    talk(self, "GET /stall HTTP/1.1", came, sizeof came);
    return NULL;
}

static void closing_the_server_ends_pauses_of_half_a_minute(void **state) {
    struct server *s = open_with((struct server_options){ 0 });
    pthread_t closer, waiter;
    char came[1000];
    (void)state;
    slow_begun = 0;
    int64_t begun = now_us();
    pthread_create(&waiter, NULL, wait_long, s);
    pthread_create(&closer, NULL, give_up, s);
    char request[] = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";
    raw_talk(server_port(s), request, came, sizeof came);
    pthread_join(closer, NULL);
    pthread_join(waiter, NULL);
    assert_true(now_us() - begun < 5 * 1000000);
    assert_string_equal(came, "");
}

static void a_client_that_goes_during_a_pause_frees_its_place(void **state) {
    struct server *s = open_with((struct server_options){ .connections = 1 });
    struct timespec a_moment = { 0, 20000000 };
    char came[1000] = "";
    (void)state;
    int64_t begun = now_us();
    raw_talk(server_port(s), "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n", came,
             sizeof came); /* gives up after two seconds */
    while (came[0] == '\0' && now_us() - begun < 10 * 1000000) {
        talk(s, "GET /x HTTP/1.1", came, sizeof came);
        nanosleep(&a_moment, NULL);
    }
    assert_memory_equal(came, "HTTP/1.1 200", 12);
    server_close(s);
}

struct load {
    const struct server *server;
    _Atomic unsigned wrong;
};

static void *ask_much(void *self) {
    struct load *l = self;
    struct rc_error err;
    struct http_client *c;
    struct buf body;
    struct http_response r = { .body = &body };
    char url[100];
    buf_init(&body, sizeof page);
    if (http_client_new(&(struct http_client_options){ 0 }, &clock_system, &c, &err) != RC_OK)
        return NULL;
    for (unsigned i = 0; i < 60; i++) {
        snprintf(url, sizeof url, "http://127.0.0.1:%u/%s", server_port(l->server),
                 i % 3 == 0   ? "page"
                 : i % 3 == 1 ? "body"
                              : "ref");
        struct http_request q = { .method = i % 3 == 1 ? "POST" : "GET",
                                  .url = url,
                                  .body = i % 3 == 1 ? "xyz" : NULL,
                                  .body_bytes = 3 };
        bool ok = http_send(c, &q, &r, &err) == RC_OK && r.status == 200;
        ok = ok &&
             (i % 3 == 1 ? strcmp(body.ptr, "POST 3 xyz") == 0
                         : body.len == sizeof page && memcmp(body.ptr, page, sizeof page) == 0);
        l->wrong += !ok;
    }
    http_client_free(c);
    buf_done(&body);
    return NULL;
}

static void many_at_once_get_their_own_answers(void **state) {
    (void)state;
    for (unsigned threads = 0; threads < 3; threads++) {
        struct load l = { .server = open_with((struct server_options){ .threads = threads }) };
        pthread_t asking[6];
        refs = unrefs = 0;
        for (size_t i = 0; i < RC_LEN(asking); i++)
            pthread_create(&asking[i], NULL, ask_much, &l);
        for (size_t i = 0; i < RC_LEN(asking); i++)
            pthread_join(asking[i], NULL);
        server_close((struct server *)(uintptr_t)l.server);
        assert_int_equal(l.wrong, 0);
        assert_int_equal(refs, 6 * 20);
        assert_int_equal(unrefs, refs);
    }
}

static void a_taken_port_and_a_strange_address_are_said_so(void **state) {
    struct server *s = open_with((struct server_options){ 0 }), *other = NULL;
    struct rc_error err;
    (void)state;
    assert_int_equal(
        server_open(&(struct server_options){ .port = server_port(s) }, handle, NULL, &other, &err),
        RC_RETRY);
    assert_string_equal(err.name, "server.port-taken");
    assert_int_equal(
        server_open(&(struct server_options){ .host = "192.0.2.1" }, handle, NULL, &other, &err),
        RC_INVALID);
    assert_string_equal(err.name, "server.address");
    assert_int_equal(server_open(&(struct server_options){ .host = "not an address" }, handle, NULL,
                                 &other, &err),
                     RC_INVALID);
    assert_string_equal(err.name, "server.address");
    assert_null(other);
    server_close(s);
    server_close(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_request_is_shown_as_sent_and_decoded),
        cmocka_unit_test(a_date_of_the_handler_is_the_only_one),
        cmocka_unit_test(requests_that_are_none_end_only_their_connection),
        cmocka_unit_test(a_borrowed_body_is_given_back_exactly_once_whatever_happens),
        cmocka_unit_test(a_drip_takes_its_time_and_arrives_whole),
        cmocka_unit_test(closing_the_server_ends_pauses_of_half_a_minute),
        cmocka_unit_test(a_client_that_goes_during_a_pause_frees_its_place),
        cmocka_unit_test(many_at_once_get_their_own_answers),
        cmocka_unit_test(a_taken_port_and_a_strange_address_are_said_so),
    };
    memset(page, 'p', sizeof page);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
