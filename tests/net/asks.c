#include "tests/net/asks.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

struct server *asks_server;
_Atomic unsigned asks_served;
char asks_filler[200000];

/* What is wanted is said in the query: status, bytes, broken, cut, stall, chunked, drip;
 * h=name:value once or more. */
static long number(const struct server_request *q, const char *name) {
    const char *value = server_argument(q, name, 0);
    return value != NULL ? strtol(value, NULL, 10) : 0;
}

static void as_asked(void *self, const struct server_request *q, struct server_answer *a) {
    const char *header;
    (void)self;
    asks_served++;
    a->status = number(q, "status") != 0 ? (int)number(q, "status") : 200;
    a->body = asks_filler;
    a->body_static = true;
    a->body_bytes = (size_t)number(q, "bytes");
    a->broken = (enum server_break)number(q, "broken");
    a->cut_bytes = (size_t)number(q, "cut");
    a->first_byte_after_us = number(q, "late_ms") * 1000;
    a->stall_us = number(q, "stall_ms") * 1000;
    a->stall_at_bytes = a->cut_bytes;
    a->chunked = number(q, "chunked") != 0;
    for (unsigned i = 0; i < 8 && (header = server_argument(q, "h", i)) != NULL; i++) {
        char *name = arena_str(q->arena, header, strlen(header)), *colon = strchr(name, ':');
        *colon = '\0';
        a->headers[a->headers_n].name = name;
        a->headers[a->headers_n++].value = colon + 1;
    }
    if (strcmp(q->path, "/echo") == 0) {
        const char *type = server_header(q, "content-type"), *mark = server_header(q, "X-MARK");
        a->body = arena_printf(q->arena, "%s %s %s %s %.*s", q->method, q->raw_path,
                               type != NULL ? type : "-", mark != NULL ? mark : "-",
                               (int)q->body_bytes, q->body);
        a->body_static = false;
        a->body_bytes = strlen(a->body);
    }
}

void asks_init(struct asks *f, const struct http_client_options *o) {
    *f = (struct asks){ .fake.now_us = (int64_t)1800000000 * S };
    f->clock = clock_fake_source(&f->fake);
    buf_init(&f->body, 100000);
    f->response.body = &f->body;
    assert_int_equal(http_client_new(o, &f->clock, &f->client, &f->err), RC_OK);
}

void asks_done(struct asks *f) {
    http_client_free(f->client);
    buf_done(&f->body);
}

enum rc_code asks_as(struct asks *f, const char *method, bool changes, uint16_t port,
                     const char *path) {
    struct http_request q = { .method = method, .url = f->url, .changes = changes, .headers_n = 1 };
    q.headers[0] = (struct http_header){ "Authorization", "Bearer " SECRET };
    if (changes) {
        q.body = "{\"x\":1}";
        q.body_bytes = 7;
    }
    snprintf(f->url, sizeof f->url, "http://127.0.0.1:%u%s%stoken=" SECRET, port, path,
             strchr(path, '?') != NULL ? "&" : "?");
    f->err = (struct rc_error){ .name = "" };
    enum rc_code code = http_send(f->client, &q, &f->response, &f->err);
    assert_null(strstr(f->err.text, SECRET));
    assert_null(strchr(f->err.text, '/'));
    return code;
}

enum rc_code asks_get(struct asks *f, const char *path) {
    return asks_as(f, "GET", false, server_port(asks_server), path);
}

enum rc_code asks_post(struct asks *f, const char *path) {
    return asks_as(f, "POST", true, server_port(asks_server), path);
}

void assert_failed(const struct asks *f, const char *name, const char *says) {
    assert_string_equal(f->err.name, name);
    if (strstr(f->err.text, says) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", f->err.text, says);
}

int asks_open(void **state) {
    struct rc_error err;
    (void)state;
    memset(asks_filler, 'x', sizeof asks_filler);
    return server_open(&(struct server_options){ 0 }, as_asked, NULL, &asks_server, &err) == RC_OK
               ? 0
               : 1;
}

int asks_close(void **state) {
    (void)state;
    server_close(asks_server);
    return 0;
}
