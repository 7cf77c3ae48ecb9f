/* faults_body.c - what a fault does to an answer. Bodies are spoiled as text: what comes out need
 * not be JSON any more. */
#include <stdio.h>
#include <string.h>
#include "sandbox/sandbox.h"

#define HTML                                                                                       \
    "<!DOCTYPE html><html><head><title>Service temporarily "                                       \
    "unavailable</title></head><body><h1>Oops</h1></body></html>\n"

static void answer_status(struct call *c, const struct fault *f) {
    int status = (int)f->status;
    char text[32], now[32];
    if (strcmp(f->body, "html") == 0)
        answer_text(c, status, "text/html; charset=UTF-8", HTML);
    else if (strcmp(f->body, "text") == 0)
        answer_text(c, status, "text/plain",
                    *f->text ? f->text
                             : "upstream connect error or disconnect/reset before headers");
    else if (strcmp(f->body, "empty") == 0)
        answer_text(c, status, NULL, "");
    else if (strcmp(f->body, "null") == 0)
        answer_text(c, status, "application/json", "null");
    else if (strcmp(f->body, "error") == 0)
        answer_json(c, status, "{\"error\":{\"message\":\"Something went wrong\"}}");
    else if (strcmp(f->body, "v2") == 0)
        answer_json(c, status,
                    "{\"personio_trace_id\":\"7c1f-19aa\",\"timestamp\":\"%s\",\"errors\":[{"
                    "\"title\":\"Error\",\"detail\":"
                    "\"Something went "
                    "wrong.\",\"type\":\"https://developer.personio.de/reference/"
                    "errors#common\",\"_meta\":{}}]}",
                    date_format_instant(vclock_now_us(&c->sb->clock), now));
    else
        c->sb->system->error(c, status, *f->text ? f->text : "Something went wrong");
    if (f->retry_after_s >= 0) {
        snprintf(text, sizeof text, "%lld", (long long)f->retry_after_s);
        answer_header(c, "Retry-After", text);
    }
}

bool fault_before(struct call *c, const struct fault *f) {
    switch (f->kind) {
    case FAULT_STATUS: answer_status(c, f); return true;
    case FAULT_RESET:
        answer_text(c, 200, NULL, "");
        c->ret->broken = SERVER_RESET_BEFORE_HEADERS;
        return true;
    case FAULT_CLOSE_BEFORE:
        answer_text(c, 200, NULL, "");
        c->ret->broken = SERVER_CLOSE_BEFORE_HEADERS;
        return true;
    case FAULT_REDIRECT:
        answer_text(c, f->status >= 300 && f->status < 400 ? (int)f->status : 302, "text/html",
                    "moved");
        answer_header(c, "Location",
                      *f->text ? f->text : "https://elsewhere.example/v1/company/employees");
        return true;
    case FAULT_EXPIRE: tokens_expire(&c->sb->credentials, NULL, false); return false;
    case FAULT_REPLACE: answer_text(c, 200, "application/json", f->text); return true;
    case FAULT_HTML: answer_text(c, 200, "text/html; charset=UTF-8", HTML); return true;
    case FAULT_EMPTY_BODY: answer_text(c, 200, "application/json", ""); return true;
    default: return false;
    }
}

/* ---- bodies ---- */

static const char *find(const char *body, size_t len, const char *what) {
    return memmem(body, len, what, strlen(what));
}

/* Puts `what` behind the first `mark`; a body without it stays as it is. */
static void insert_behind(struct buf *b, const char *body, size_t len, const char *mark,
                          const char *what, size_t what_n) {
    const char *at = find(body, len, mark);
    size_t head = at == NULL ? len : (size_t)(at - body) + strlen(mark);
    buf_append(b, body, head);
    if (at != NULL)
        buf_append(b, what, what_n);
    buf_append(b, body + head, len - head);
}

/* A body does not end with a NUL. */
static size_t number_bytes(const char *at, size_t len) {
    size_t n = 0;
    while (n < len && memchr("+-0123456789.eE", at[n], sizeof "+-0123456789.eE" - 1) != NULL)
        n++;
    return n;
}

/* as_strings: quoted; else from so many digits on they become huge. */
static void numbers(struct buf *b, const char *body, size_t len, bool as_strings, unsigned digits) {
    bool quoted = false;
    for (size_t i = 0; i < len;) {
        char ch = body[i];
        if (quoted && ch == '\\' && i + 1 < len) {
            buf_append(b, body + i, 2);
            i += 2;
            continue;
        }
        if (ch == '"')
            quoted = !quoted;
        size_t n =
            quoted || (ch != '-' && (ch < '0' || ch > '9')) ? 0 : number_bytes(body + i, len - i);
        if (n == 0) {
            buf_char(b, ch);
            i++;
            continue;
        }
        buf_str(b, as_strings ? "\"" : "");
        buf_append(b, body + i, n);
        buf_str(b, as_strings ? "\"" : n >= digits ? "00000000000000000000" : "");
        i += n;
    }
}

static void put_little(struct buf *b, uint32_t n, int bytes) {
    for (; bytes > 0; bytes--, n >>= 8)
        buf_char(b, (char)(n & 255));
}

/* RFC 1952 around stored blocks (RFC 1951, 3.2.4): every reader of gzip takes it, and no compressor
 * is needed. */
static void gzip(struct buf *b, const char *body, size_t len) {
    buf_append(b, "\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
    size_t at = 0;
    do {
        size_t n = len - at < 65535 ? len - at : 65535;
        buf_char(b, at + n == len);
        put_little(b, (uint32_t)n, 2);
        put_little(b, ~(uint32_t)n, 2);
        buf_append(b, body + at, n);
        at += n;
    } while (at < len);
    put_little(b, crc32_of(body, len), 4);
    put_little(b, (uint32_t)len, 4);
}

static void deep(struct buf *b, const char *body, size_t len, size_t depth) {
    struct buf nest;
    buf_init(&nest, 2 * depth + 64);
    buf_str(&nest, "\"x_deep\":");
    for (size_t i = 0; i < depth; i++)
        buf_char(&nest, '[');
    for (size_t i = 0; i < depth; i++)
        buf_char(&nest, ']');
    buf_char(&nest, ',');
    insert_behind(b, body, len, "{", nest.ptr, nest.len);
    buf_done(&nest);
}

static void oversized(struct buf *b, const char *body, size_t len, size_t bytes) {
    struct buf pad;
    buf_init(&pad, bytes + 64);
    buf_str(&pad, "\"x_padding\":\"");
    memset(buf_room(&pad, bytes), ' ', bytes);
    buf_grew(&pad, bytes);
    buf_str(&pad, "\",");
    insert_behind(b, body, len, "{", pad.ptr, pad.len);
    buf_done(&pad);
}

static void duplicate(struct buf *b, const char *body, size_t len, const struct body_marks *m,
                      const char *name) {
    size_t which = 0; /* the first when nothing is named */
    for (size_t i = 0; i < RC_LEN(m->twice); i++)
        if (m->twice[i].name != NULL && strcmp(m->twice[i].name, name) == 0)
            which = i;
    insert_behind(b, body, len, m->twice[which].mark, m->twice[which].what,
                  strlen(m->twice[which].what));
}

/* The list becomes something else; the rest of the body is lost with it. */
static void list_is(struct buf *b, const char *body, size_t len, const char *mark,
                    const char *value) {
    const char *at = find(body, len, mark);
    buf_append(b, body, at == NULL ? len : (size_t)(at - body) + strlen(mark));
    if (at != NULL)
        buf_printf(b, "%s}", value);
}

static void row_without_id(struct buf *b, const char *body, size_t len,
                           const struct body_marks *m) {
    const char *at = find(body, len, m->id), *end;
    if (at == NULL || (end = memchr(at, m->id_end, (size_t)(body + len - at))) == NULL) {
        buf_append(b, body, len);
        return;
    }
    at += m->id_at;
    buf_append(b, body, (size_t)(at - body));
    end += m->id_end != ',' && end[1] == ',' ? 2 : 1;
    buf_append(b, end, (size_t)(body + len - end));
}

static bool respell(struct call *c, const struct fault *f, struct buf *b) {
    const char *body = c->ret->body;
    size_t len = c->ret->body_bytes;
    const struct body_marks *m = c->sb->system->marks;
    switch (f->kind) {
    case FAULT_GZIP: gzip(b, body, len); return true;
    case FAULT_OVERSIZED:
        oversized(b, body, len, f->bytes > 0 && f->bytes < 1 << 29 ? (size_t)f->bytes : 64u << 20);
        return true;
    case FAULT_DEEP:
        deep(b, body, len, f->depth > 0 && f->depth < 1 << 27 ? (size_t)f->depth : 10000);
        return true;
    case FAULT_INVALID_UTF8: insert_behind(b, body, len, m->value, "\xff", 1); return true;
    case FAULT_NUL_BYTE: insert_behind(b, body, len, m->value, "", 1); return true;
    case FAULT_DUPLICATE_KEYS: duplicate(b, body, len, m, f->text); return true;
    case FAULT_NUMBERS_STRINGS: numbers(b, body, len, true, 0); return true;
    case FAULT_BIG_INTEGERS: numbers(b, body, len, false, m->id_digits); return true;
    case FAULT_NULL_DATA: list_is(b, body, len, m->list, "null"); return true;
    case FAULT_DATA_OBJECT: list_is(b, body, len, m->list, m->object); return true;
    case FAULT_SUCCESS_FALSE:
        if (len < strlen(m->success) || memcmp(body, m->success, strlen(m->success)) != 0)
            return false;
        buf_str(b, m->failure);
        buf_append(b, body + strlen(m->success), len - strlen(m->success));
        return true;
    case FAULT_TRAILING:
        buf_append(b, body, len);
        buf_str(b, *f->text ? f->text : "{}");
        return true;
    case FAULT_ROW_NULL: insert_behind(b, body, len, m->rows, "null,", 5); return true;
    case FAULT_ROW_NO_ID: row_without_id(b, body, len, m); return true;
    case FAULT_TRUNCATE: {
        size_t at = f->at > 0 && (size_t)f->at < len ? (size_t)f->at : len / 2;
        buf_append(b, body, at);
        return true;
    }
    default: return false;
    }
}

/* The right answer is thrown away. */
static void answer_late(struct call *c, const struct fault *f) {
    struct server_answer *a = c->ret;
    if (a->body_ref != NULL)
        a->body_unref(a->body_ref);
    *a = (struct server_answer){ 0 };
    answer_status(c, f);
}

void fault_after(struct call *c, const struct fault *f) {
    struct server_answer *a = c->ret;
    size_t middle = a->body_bytes / 2;
    struct buf b;
    buf_init(&b, ANSWER_BYTES_MAX);
    if (respell(c, f, &b)) {
        struct page *page = page_new(b.ptr ? b.ptr : "", b.len);
        if (a->body_ref != NULL)
            a->body_unref(a->body_ref);
        answer_page(c, a->status, a->content_type, page);
    }
    buf_done(&b);
    switch (f->kind) {
    case FAULT_SLOW: a->first_byte_after_us = f->ms * 1000; break;
    case FAULT_DRIP:
        a->drip_us = f->ms * 1000;
        a->drip_bytes = (size_t)f->bytes;
        break;
    case FAULT_STALL:
        a->stall_at_bytes = f->at > 0 ? (size_t)f->at : middle;
        a->stall_us = f->ms * 1000;
        break;
    case FAULT_CUT:
    case FAULT_CUT_CHUNKED:
        a->broken = f->kind == FAULT_CUT ? SERVER_CUT_BODY : SERVER_CUT_CHUNKED;
        a->cut_bytes = f->at > 0 && (size_t)f->at < a->body_bytes ? (size_t)f->at : middle;
        break;
    case FAULT_LOST: a->broken = SERVER_CLOSE_BEFORE_HEADERS; break;
    case FAULT_LATE_STATUS: answer_late(c, f); break;
    case FAULT_CHUNKED: a->chunked = true; break;
    case FAULT_CLOSE: a->close = true; break;
    case FAULT_CLOSE_AFTER: a->broken = SERVER_CLOSE_AFTER; break;
    case FAULT_CONTENT_TYPE:
        a->content_type = *f->text ? arena_str(c->q->arena, f->text, strlen(f->text)) : NULL;
        break;
    case FAULT_GZIP:
    case FAULT_GZIP_BROKEN: answer_header(c, "Content-Encoding", "gzip"); break;
    default: break;
    }
}
