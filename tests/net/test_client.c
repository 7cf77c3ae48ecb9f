#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "tests/net/asks.h"
#include "tests/net/raw.h"

/* ---- what comes back ---- */

static void method_path_headers_and_body_arrive(void **state) {
    ASKS(0);
    struct http_request q = {
        .method = "PATCH", .url = f.url, .headers_n = 3, .body = "{}", .body_bytes = 2
    };
    q.headers[0] = (struct http_header){ "Content-Type", "application/merge-patch+json" };
    q.headers[1] = (struct http_header){ "x-mark", "a: b;c" };
    q.headers[2] = (struct http_header){ "x-nothing", "" };
    snprintf(f.url, sizeof f.url, "http://localhost:%u/echo/%%2F/../x?y", server_port(asks_server));
    assert_int_equal(http_send(f.client, &q, &f.response, &f.err), RC_OK);
    assert_int_equal(f.response.status, 200);
    snprintf(f.url, sizeof f.url, "http://127.0.0.1:%u/echo", server_port(asks_server));
    assert_int_equal(http_send(f.client, &q, &f.response, &f.err), RC_OK);
    assert_string_equal(f.body.ptr, "PATCH /echo application/merge-patch+json a: b;c {}");
    q = (struct http_request){ .method = "DELETE", .url = f.url };
    assert_int_equal(http_send(f.client, &q, &f.response, &f.err), RC_OK);
    assert_string_equal(f.body.ptr, "DELETE /echo - - ");
    q = (struct http_request){ .method = "POST", .url = f.url };
    assert_int_equal(http_send(f.client, &q, &f.response, &f.err), RC_OK);
    assert_string_equal(f.body.ptr, "POST /echo - - ");
    q.method = "HEAD";
    assert_int_equal(http_send(f.client, &q, &f.response, &f.err), RC_OK);
    assert_int_equal(f.body.len, 0);
}

static void the_head_of_the_answer_is_read(void **state) {
    ASKS(0);
    assert_int_equal(
        asks_get(
            &f,
            "/?status=429&bytes=3&h=Content-Type:Application/JSON;%20charset=utf-8&h=Retry-After:7"
            "&h=X-RateLimit-Remaining:12&h=x-ratelimit-replenish-rate:2.5"
            "&h=X-RateLimit-Burst-Capacity:30&h=RateLimit-Reset:4&h=Authorization:Bearer%20next"
            "&h=Date:Mon,%2023%20Nov%202026%2009:15:02%20GMT"),
        RC_OK);
    assert_int_equal(f.response.status, 429);
    assert_string_equal(f.response.content_type, "application/json");
    assert_int_equal(f.response.retry_after_us, 7 * S);
    assert_true(f.response.rate_remaining == 12 && f.response.rate_replenish == 2.5);
    assert_true(f.response.rate_burst == 30 && f.response.rate_reset_s == 4);
    assert_string_equal(f.response.authorization, "Bearer next");
    assert_int_equal(f.response.date_us, (int64_t)1795425302 * S);
    assert_int_equal(f.body.len, 3);
    assert_int_equal(
        asks_get(&f, "/?bytes=2&h=X-RateLimit-Remaining:-3&h=x-ratelimit-replenish-rate:inf"),
        RC_OK);
    assert_int_equal(f.response.retry_after_us, -1); /* nothing is left of the answer before */
    assert_string_equal(f.response.authorization, "");
    assert_string_equal(f.response.content_type, "");
    assert_true(f.response.rate_remaining == -1 && f.response.rate_replenish == -1);
    assert_int_equal(f.body.len, 2);
}

static void headers_that_are_asked_for_are_copied_from_this_answer_alone(void **state) {
    struct http_wanted wanted[] = { { .name = "Total" }, { .name = "per-page" } };
    char longer[100];
    ASKS(0);
    f.response.wanted = wanted;
    f.response.wanted_n = RC_LEN(wanted);
    assert_int_equal(asks_get(&f, "/?bytes=1&h=TOTAL:17&h=Per-Page:%2025%20"), RC_OK);
    assert_string_equal(wanted[0].value, "17");
    assert_string_equal(wanted[1].value, "25");
    assert_int_equal(asks_get(&f, "/?bytes=1&h=Total-Pages:3&h=Per-Page:25"), RC_OK);
    assert_string_equal(wanted[0].value, "");
    assert_string_equal(wanted[1].value, "25");
    snprintf(longer, sizeof longer, "/?h=Total:%064d", 7);
    assert_int_equal(asks_get(&f, longer), RC_OK);
    assert_string_equal(wanted[0].value, "");
}

static void retry_after_is_seconds_or_a_date(void **state) {
    static const struct {
        const char *path;
        int64_t s;
    } rows[] = {
        { "/?h=Retry-After:0", 0 },
        { "/?h=Retry-After:120", 120 },
        { "/?h=Retry-After:99999999999999999999", 30 * 86400 },
        { "/?h=Retry-After:soon", -1 },
        { "/?h=Retry-After:-5", -1 },
        { "/?h=Retry-After:Mon,%2023%20Nov%202026%2009:16:02%20GMT&h=Date:Mon,%2023%20Nov%202026%"
          "2009:15:02%20GMT",
          60 },
        { "/?h=Retry-After:Mon,%2023%20Nov%202026%2009:14:02%20GMT&h=Date:Mon,%2023%20Nov%202026%"
          "2009:15:02%20GMT",
          0 },
        { "/?h=Retry-After:Fri,%2015%20Jan%202027%2008:01:30%20GMT&h=Date:bad",
          90 }, /* by our own clock */
    };
    ASKS(0);
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        assert_int_equal(asks_get(&f, rows[i].path), RC_OK);
        assert_int_equal(f.response.retry_after_us, rows[i].s < 0 ? -1 : rows[i].s * S);
    }
}

static void a_status_becomes_a_code(void **state) {
    static const struct {
        int status;
        enum rc_code code;
        const char *name;
    } rows[] = {
        { 200, RC_OK, "" },
        { 204, RC_OK, "" },
        { 302, RC_INVALID, "http.redirect" },
        { 400, RC_INVALID, "http.refused" },
        { 401, RC_AUTH, "http.unauthorized" },
        { 403, RC_AUTH, "http.forbidden" },
        { 404, RC_NOT_FOUND, "http.not-found" },
        { 408, RC_RETRY, "http.busy" },
        { 409, RC_CONFLICT, "http.conflict" },
        { 410, RC_NOT_FOUND, "http.not-found" },
        { 412, RC_CONFLICT, "http.conflict" },
        { 422, RC_INVALID, "http.refused" },
        { 425, RC_RETRY, "http.busy" },
        { 429, RC_LIMITED, "http.limited" },
        { 431, RC_INVALID, "http.refused" },
        { 500, RC_RETRY, "http.server-error" },
        { 504, RC_RETRY, "http.server-error" },
        { 700, RC_INVALID, "http.not-http" },
    };
    ASKS(0);
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        struct http_response r = { .status = rows[i].status, .retry_after_us = -1 };
        f.err = (struct rc_error){ .name = "" };
        assert_int_equal(http_status_code(&r, &f.clock, "page 3", &f.err), rows[i].code);
        assert_string_equal(f.err.name, rows[i].name);
        assert_true(rows[i].code == RC_OK || strncmp(f.err.text, "page 3: ", 8) == 0);
        assert_int_equal(f.err.retry_at_us, 0);
    }
    struct http_response r = { .status = 429, .retry_after_us = 5 * S };
    assert_int_equal(http_status_code(&r, &f.clock, "page 3", &f.err), RC_LIMITED);
    assert_int_equal(f.err.retry_at_us, f.fake.now_us + 5 * S);
}

static void a_redirect_comes_back_and_is_not_followed(void **state) {
    static const struct raw_step steps[] = { { RAW_ACCEPT, NULL },
                                             { RAW_READ, NULL },
                                             { RAW_END, NULL } };
    char path[100];
    ASKS(0);
    struct raw *other = raw_open(steps);
    snprintf(path, sizeof path, "/?status=307&h=Location:http://127.0.0.1:%u/", raw_port(other));
    assert_int_equal(asks_get(&f, path), RC_OK);
    assert_int_equal(f.response.status, 307);
    assert_int_equal(raw_close(other), 0);
}

/* ---- what does not come back ---- */

static void a_lost_answer_is_retry_for_reading_and_unsure_for_changes(void **state) {
    static const struct {
        const char *path, *name, *says;
    } rows[] = {
        { "/?bytes=1000&broken=1", "http.no-answer",
          "127.0.0.1 closed the connection without an answer" },
        { "/?bytes=1000&broken=4", "http.no-answer", "without an answer" },
        { "/?bytes=1000&broken=2&cut=0", "http.body-cut", "ended before it was complete" },
        { "/?bytes=1000&broken=2&cut=999", "http.body-cut", "ended before it was complete" },
        { "/?bytes=1000&broken=3&cut=0", "http.body-cut", "ended before it was complete" },
        { "/?bytes=1000&broken=3&cut=1000", "http.body-cut", "ended before it was complete" },
        { "/?bytes=100001", "http.too-large", "larger than 100000 bytes" },
        { "/?bytes=100001&chunked=1", "http.too-large", "larger than 100000 bytes" },
        { "/?bytes=5&h=Content-Encoding:gzip", "http.encoding", "cannot be unpacked" },
    };
    ASKS(0);
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        assert_int_equal(asks_get(&f, rows[i].path), RC_RETRY);
        assert_failed(&f, rows[i].name, rows[i].says);
        unsigned before = asks_served;
        assert_int_equal(asks_post(&f, rows[i].path), RC_UNSURE);
        assert_failed(&f, rows[i].name, rows[i].says);
        assert_int_equal(asks_served, before + 1);
    }
    assert_int_equal(asks_get(&f, "/?bytes=100000"), RC_OK); /* exactly the limit */
    assert_int_equal(f.body.len, 100000);
    assert_int_equal(asks_get(&f, "/?bytes=100000&chunked=1"), RC_OK);
    assert_int_equal(f.body.len, 100000);
}

static void a_stall_and_a_late_answer_time_out(void **state) {
    ASKS(.stall_timeout_us = S);
    assert_int_equal(asks_get(&f, "/?bytes=1000&cut=500&stall_ms=8000"), RC_RETRY);
    assert_failed(&f, "http.timeout", "the answer of 127.0.0.1 has stalled for 1 s");
    __attribute__((cleanup(asks_done))) struct asks g;
    asks_init(&g, &(struct http_client_options){ .total_timeout_us = S / 5 });
    assert_int_equal(asks_get(&g, "/?bytes=10&late_ms=8000"), RC_RETRY);
    assert_failed(&g, "http.timeout", "no whole answer from 127.0.0.1 within 0.2 s");
    assert_int_equal(asks_post(&g, "/?bytes=10&late_ms=8000"), RC_UNSURE);
    assert_failed(&g, "http.timeout", "no whole answer");
}

static void nobody_listening_is_retry_even_for_changes(void **state) {
    static const struct raw_step none[] = { { RAW_END, NULL } };
    ASKS(0);
    struct raw *r = raw_open(none);
    uint16_t port = raw_port(r);
    raw_close(r);
    assert_int_equal(asks_as(&f, "POST", true, port, "/"), RC_RETRY);
    assert_failed(&f, "http.unreachable", "cannot reach 127.0.0.1: connection refused");
    assert_int_equal(asks_as(&f, "GET", false, port, "/"),
                     RC_RETRY); /* and again with the same client */
    assert_failed(&f, "http.unreachable", "cannot reach 127.0.0.1: connection refused");
}

static void what_is_not_http_is_said_so(void **state) {
    static const char *const answers[] = { "SSH-2.0-OpenSSH_9.2\r\n", "<html>hello</html>",
                                           "HTTP/banana 200 OK\r\n\r\n", "HTTP/1.1 OK\r\n\r\n" };
    ASKS(0);
    for (size_t i = 0; i < RC_LEN(answers); i++) {
        const struct raw_step steps[] = { { RAW_ACCEPT, NULL },
                                          { RAW_READ, NULL },
                                          { RAW_WRITE, answers[i] },
                                          { RAW_CLOSE, NULL },
                                          { RAW_END, NULL } };
        struct raw *r = raw_open(steps);
        assert_int_equal(asks_as(&f, "GET", false, raw_port(r), "/"), RC_RETRY);
        assert_failed(&f, "http.not-http", "what 127.0.0.1 answers is not HTTP");
        raw_close(r);
    }
}

#define OK_HEAD "HTTP/1.1 200 OK\r\n"
#define ANSWER                                                                                     \
    { RAW_READ, NULL }, {                                                                          \
        RAW_WRITE, OK_HEAD "Content-Length: 2\r\n\r\nhi"                                           \
    }

static void interim_heads_and_trailers_do_not_count(void **state) {
    static const struct raw_step steps[] = {
        { RAW_ACCEPT, NULL },
        { RAW_READ, NULL },
        { RAW_WRITE,
          "HTTP/1.1 103 Early Hints\r\nAuthorization: early\r\nRetry-After: 9\r\n\r\n" OK_HEAD
          "Transfer-Encoding: chunked\r\nTrailer: Retry-After\r\n\r\n"
          "2\r\nhi\r\n0\r\nRetry-After: 5\r\nAuthorization: late\r\n\r\n" },
        { RAW_END, NULL }
    };
    ASKS(0);
    struct raw *r = raw_open(steps);
    assert_int_equal(asks_as(&f, "GET", false, raw_port(r), "/"), RC_OK);
    assert_int_equal(f.response.status, 200);
    assert_int_equal(f.response.retry_after_us, -1);
    assert_string_equal(f.response.authorization, "");
    assert_string_equal(f.body.ptr, "hi");
    raw_close(r);
}

/* ---- kept connections ---- */

static void a_connection_is_kept_between_calls(void **state) {
    static const struct raw_step steps[] = {
        { RAW_ACCEPT, NULL }, ANSWER, ANSWER, ANSWER, { RAW_END, NULL }
    };
    ASKS(0);
    struct raw *r = raw_open(steps);
    for (int i = 0; i < 3; i++)
        assert_int_equal(asks_as(&f, i == 1 ? "POST" : "GET", i == 1, raw_port(r), "/"), RC_OK);
    assert_int_equal(raw_close(r), 3);
}

static void a_kept_connection_closed_between_calls_is_replaced(void **state) {
    ASKS(0);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(asks_get(&f, "/?bytes=10&broken=5"), RC_OK);
        assert_int_equal(f.body.len, 10);
    }
}

static void closed_at_the_second_request_reading_is_repeated_and_a_change_is_not(void **state) {
    static const struct raw_step steps[] = { { RAW_ACCEPT, NULL }, ANSWER,
                                             { RAW_READ, NULL },   { RAW_CLOSE, NULL },
                                             { RAW_ACCEPT, NULL }, ANSWER,
                                             { RAW_END, NULL } };
    ASKS(0);
    struct raw *r = raw_open(steps);
    assert_int_equal(asks_as(&f, "GET", false, raw_port(r), "/1"), RC_OK);
    assert_int_equal(asks_as(&f, "GET", false, raw_port(r), "/2"), RC_OK);
    assert_int_equal(raw_close(r), 3);
    r = raw_open(steps);
    assert_int_equal(asks_as(&f, "GET", false, raw_port(r), "/1"), RC_OK);
    assert_int_equal(asks_as(&f, "POST", true, raw_port(r), "/2"), RC_UNSURE);
    assert_failed(&f, "http.no-answer", "closed the connection without an answer");
    assert_int_equal(raw_close(r), 2);
}

static void a_change_that_went_out_is_unsure_when_its_repetition_cannot_connect(void **state) {
    static const struct raw_step steps[] = { { RAW_ACCEPT, NULL }, ANSWER,
                                             { RAW_READ, NULL },   { RAW_DEAF, NULL },
                                             { RAW_CLOSE, NULL },  { RAW_END, NULL } };
    ASKS(0);
    struct raw *r = raw_open(steps);
    assert_int_equal(asks_as(&f, "GET", false, raw_port(r), "/1"), RC_OK);
    assert_int_equal(asks_as(&f, "POST", true, raw_port(r), "/2"), RC_UNSURE);
    assert_int_equal(raw_close(r), 2);
}

/* ---- compression ---- */

static uint32_t crc32_of(const char *bytes, size_t n) {
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < n; i++) {
        crc ^= (unsigned char)bytes[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static void put_le(struct buf *b, uint32_t v, int bytes) {
    for (int i = 0; i < bytes; i++)
        buf_char(b, (char)(v >> 8 * i));
}

/* Blocks of `n` bytes that are stored, `times` of them: no compressor is needed to make it. */
static void gzip_of(struct buf *ret, const char *bytes, uint16_t n, unsigned times) {
    struct buf all;
    buf_init(&all, 1 << 20);
    buf_append(ret, "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    for (unsigned i = 0; i < times; i++) {
        buf_char(ret, i + 1 == times);
        put_le(ret, n, 2);
        put_le(ret, (uint16_t)~n, 2);
        buf_append(ret, bytes, n);
        buf_append(&all, bytes, n);
    }
    put_le(ret, crc32_of(all.ptr, all.len), 4);
    put_le(ret, (uint32_t)all.len, 4);
    buf_done(&all);
}

static void packed(void *self, const struct server_request *q, struct server_answer *a) {
    const struct buf *b = self;
    const char *accepts = server_header(q, "Accept-Encoding");
    a->status = accepts != NULL && strstr(accepts, "gzip") != NULL ? 200 : 406;
    a->body = b->ptr;
    a->body_bytes = b->len;
    a->headers[a->headers_n].name = "Content-Encoding";
    a->headers[a->headers_n++].value = "gzip";
}

static void gzip_is_unpacked_and_the_limit_counts_what_is_unpacked(void **state) {
    struct server_options o = { 0 };
    struct server *s;
    struct buf gz;
    ASKS(0);
    buf_init(&gz, 1 << 20);
    assert_int_equal(server_open(&o, packed, &gz, &s, &f.err), RC_OK);
    gzip_of(&gz, asks_filler, 50000, 2);
    assert_int_equal(asks_as(&f, "GET", false, server_port(s), "/"), RC_OK);
    assert_int_equal(f.response.status, 200);
    assert_int_equal(f.body.len, 100000);
    assert_memory_equal(f.body.ptr + 50000, asks_filler, 50000);
    buf_clear(&gz);
    gzip_of(&gz, asks_filler, 33334, 3);
    assert_int_equal(asks_as(&f, "GET", false, server_port(s), "/"), RC_RETRY);
    assert_failed(&f, "http.too-large", "larger than 100000 bytes");
    server_close(s);
    buf_done(&gz);
}

/* ---- what is not even sent ---- */

static void a_request_that_must_not_be_sent_is_refused_before(void **state) {
    static const struct {
        const char *url, *name;
    } rows[] = {
        { "http://example.org/", "http.plain" },
        { "HTTP://127.0.0.1.example.org/", "http.plain" },
        { "http://127.example.org/", "http.plain" },
        { "http://localhost.example.org/", "http.plain" },
        { "https://user:pass@example.org/", "http.url" },
        { "https://user@example.org/", "http.url" },
        { "ftp://127.0.0.1/", "http.url" },
        { "file:///etc/passwd", "http.url" },
        { "example.org/x", "http.url" },
        { "https://example.org/a b", "http.url" },
        { "https://example.org/a\r\nX: y", "http.url" },
        { "https://example.org/\xc3\xa4", "http.url" },
        { "", "http.url" },
    };
    ASKS(0);
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        struct http_request q = { .method = "GET", .url = rows[i].url };
        assert_int_equal(http_send(f.client, &q, &f.response, &f.err), RC_INVALID);
        assert_string_equal(f.err.name, rows[i].name);
    }
    static const struct http_header bad[] = {
        { "X", "a\r\nY: b" }, { "X", "a\nb" }, { "X:", "a" },
        { "", "a" },          { "X Y", "a" },  { "X\n", "a" }
    };
    unsigned before = asks_served;
    snprintf(f.url, sizeof f.url, "http://127.0.0.1:%u/", server_port(asks_server));
    for (size_t i = 0; i < RC_LEN(bad); i++) {
        struct http_request q = {
            .method = "GET", .url = f.url, .headers = { bad[i] }, .headers_n = 1
        };
        assert_int_equal(http_send(f.client, &q, &f.response, &f.err), RC_INVALID);
        assert_string_equal(f.err.name, "http.header");
    }
    struct http_request q = { .method = "GET / HTTP/1.1\r\nX: y\r\n\r\n", .url = f.url };
    assert_int_equal(http_send(f.client, &q, &f.response, &f.err), RC_INVALID);
    assert_int_equal(asks_served, before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(method_path_headers_and_body_arrive),
        cmocka_unit_test(the_head_of_the_answer_is_read),
        cmocka_unit_test(headers_that_are_asked_for_are_copied_from_this_answer_alone),
        cmocka_unit_test(retry_after_is_seconds_or_a_date),
        cmocka_unit_test(a_status_becomes_a_code),
        cmocka_unit_test(a_redirect_comes_back_and_is_not_followed),
        cmocka_unit_test(a_lost_answer_is_retry_for_reading_and_unsure_for_changes),
        cmocka_unit_test(a_stall_and_a_late_answer_time_out),
        cmocka_unit_test(nobody_listening_is_retry_even_for_changes),
        cmocka_unit_test(what_is_not_http_is_said_so),
        cmocka_unit_test(interim_heads_and_trailers_do_not_count),
        cmocka_unit_test(a_connection_is_kept_between_calls),
        cmocka_unit_test(a_kept_connection_closed_between_calls_is_replaced),
        cmocka_unit_test(closed_at_the_second_request_reading_is_repeated_and_a_change_is_not),
        cmocka_unit_test(a_change_that_went_out_is_unsure_when_its_repetition_cannot_connect),
        cmocka_unit_test(gzip_is_unpacked_and_the_limit_counts_what_is_unpacked),
        cmocka_unit_test(a_request_that_must_not_be_sent_is_refused_before),
    };
    return cmocka_run_group_tests(tests, asks_open, asks_close);
}
