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

void answer_begin(struct json_answer *a) {
    buf_init(&a->buf, ANSWER_BYTES_MAX);
    json_begin(&a->w, &a->buf);
}

void answer_end(struct json_answer *a, struct call *c, int status) {
    answer_buf(c, status, "application/json", &a->buf);
    buf_done(&a->buf);
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

void answer_quoted(struct buf *b, const char *bytes, size_t len) {
    size_t from = 0;
    buf_char(b, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char ch = (unsigned char)bytes[i];
        if (ch >= 0x20 && ch != '"' && ch != '\\')
            continue;
        buf_append(b, bytes + from, i - from);
        from = i + 1;
        if (ch == '\n')
            buf_str(b, "\\n");
        else if (ch == '\t')
            buf_str(b, "\\t");
        else if (ch < 0x20)
            buf_printf(b, "\\u%04x", ch);
        else {
            buf_char(b, '\\');
            buf_char(b, (char)ch);
        }
    }
    buf_append(b, bytes + from, len - from);
    buf_char(b, '"');
}

static int hex(char ch) {
    return ch >= '0' && ch <= '9'                 ? ch - '0'
           : (ch | 32) >= 'a' && (ch | 32) <= 'f' ? (ch | 32) - 'a' + 10
                                                  : -1;
}

char *form_decoded(struct arena *a, const char *bytes, size_t len) {
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
            return form_decoded(c->q->arena, equals + 1, (size_t)(stop - equals - 1));
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
