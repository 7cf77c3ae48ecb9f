/* answer.c - the few shapes that answers come in. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "sandbox/sandbox.h"

void answer_text(struct call *c, int status, const char *content_type, const char *text) {
    c->ret->status = status;
    c->ret->content_type = content_type;
    c->ret->body = arena_str(c->q->arena, text, strlen(text));
    c->ret->body_bytes = strlen(text);
}

void answer_page(struct call *c, int status, const char *content_type, struct page *page) {
    c->ret->status = status;
    c->ret->content_type = content_type;
    c->ret->body = page->bytes;
    c->ret->body_bytes = page->len;
    c->ret->body_ref = page;
    c->ret->body_unref = page_unref;
}

void answer_buf(struct call *c, int status, const char *content_type, struct buf *b) {
    if (b->full)
        answer_text(c, 500, "text/plain",
                    "The answer would be too long; ask for less (from, limit).\n");
    else
        answer_page(c, status, content_type, page_new(b->ptr ? b->ptr : "", b->len));
}

void answer_json(struct call *c, int status, const char *fmt, ...) {
    struct buf b;
    char text[2000];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    buf_init(&b, sizeof text);
    buf_append(&b, text, n < 0 ? 0 : n >= (int)sizeof text ? sizeof text - 1 : (size_t)n);
    answer_buf(c, status, "application/json", &b);
    buf_done(&b);
}

void answer_header(struct call *c, const char *name, const char *value) {
    if (c->ret->headers_n == sizeof c->ret->headers / sizeof c->ret->headers[0])
        return;
    c->ret->headers[c->ret->headers_n].name = name;
    c->ret->headers[c->ret->headers_n++].value = arena_str(c->q->arena, value, strlen(value));
}

void answer_v1_error(struct call *c, int status, int code, const char *message) {
    struct buf b;
    buf_init(&b, 4096);
    buf_printf(&b, "{\"success\":false,\"error\":{\"code\":%d,\"message\":", code);
    render_quoted(&b, message, strlen(message));
    if (sw(c->sb, SW_ERRORS_EXTRA))
        buf_str(&b, ",\"errors\":[],\"error_data\":[],\"detailed_message\":null");
    buf_str(&b, "}}");
    answer_buf(c, status, "application/json", &b);
    buf_done(&b);
}

/* Every refusal of the v2 token endpoint, in its own problem shape. */
void answer_v2_auth_error(struct call *c, const char *error, const char *fragment, const char *meta,
                          const char *why) {
    char now[32];
    bool as_type = strstr(fragment, "content_type") != NULL;
    answer_json(c, (int)sw(c->sb, SW_AUTH_V2_STATUS),
                "{\"timestamp\":\"%s\",\"trace_id\":\"5f0c2d1e-0000-4000-8000-00000000a11c\","
                "\"error\":\"%s\","
                "\"error_description\":\"%s\",\"%s\":\"https://developer.personio.de/reference/"
                "errors#credentials.oauth2.%s\","
                "\"meta\":%s}",
                date_format_instant(vclock_now_us(&c->sb->clock), now), error, why,
                as_type ? "type" : "error_uri", fragment, meta);
    c->ret->content_type = "application/problem+json";
}

static int hex(char ch) {
    return ch >= '0' && ch <= '9'                 ? ch - '0'
           : (ch | 32) >= 'a' && (ch | 32) <= 'f' ? (ch | 32) - 'a' + 10
                                                  : -1;
}

static const char *form_decode(struct arena *a, const char *bytes, size_t len) {
    char *ret = arena_alloc(a, len + 1);
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '%' && len - i > 2 && hex(bytes[i + 1]) >= 0 && hex(bytes[i + 2]) >= 0) {
            ret[n++] = (char)(hex(bytes[i + 1]) * 16 + hex(bytes[i + 2]));
            i += 2;
        } else {
            ret[n++] = bytes[i] == '+' ? ' ' : bytes[i];
        }
    }
    ret[n] = '\0';
    return ret;
}

const char *form_get(struct call *c, const char *name) {
    const char *at = c->q->body, *end = at + c->q->body_bytes;
    size_t name_n = strlen(name);
    while (at != NULL && at < end) {
        const char *amp = memchr(at, '&', (size_t)(end - at)), *stop = amp ? amp : end;
        const char *equals = memchr(at, '=', (size_t)(stop - at));
        if (equals != NULL && (size_t)(equals - at) == name_n && memcmp(at, name, name_n) == 0)
            return form_decode(c->q->arena, equals + 1, (size_t)(stop - equals - 1));
        at = stop + 1;
    }
    return NULL;
}

uint32_t crc32_of(const char *bytes, size_t len) {
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < len; i++) {
        crc ^= (unsigned char)bytes[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (0xedb88320 & -(crc & 1));
    }
    return ~crc;
}
