/* writer.c - JSON text, appended to a buffer piece by piece.
 *
 * Nothing is checked while writing but the bytes of strings: what comes out is JSON as long as
 * objects and arrays are closed in order. A buffer that ran full says so (buf.full) and is looked
 * at once, at the end. */
#include "json/json.h"
#include <string.h>
#include <yyjson.h>
#include "base/eight.h"

/* ---- strings ---- */

/* A control character, a quote, a backslash, or not ASCII. */
static bool needs_care(uint64_t x) {
    uint64_t quote = x ^ EIGHT_OF('"'), slash = x ^ EIGHT_OF('\\');
    return (((x - EIGHT_OF(0x20)) | (quote - EIGHT_OF(1)) | (slash - EIGHT_OF(1)) | x) &
            EIGHT_OF(0x80)) != 0;
}

static bool follows(unsigned char c) {
    return (c & 0xC0) == 0x80;
}

/* Bytes of the UTF-8 character at s (RFC 3629: shortest form, no surrogates, up to U+10FFFF), 0
 * when it is none. */
static size_t utf8_bytes(const char *s, size_t len) {
    const unsigned char *p = (const unsigned char *)s;
    if (len >= 2 && p[0] >= 0xC2 && p[0] <= 0xDF && follows(p[1]))
        return 2;
    if (len >= 3 && (p[0] & 0xF0) == 0xE0 && follows(p[1]) && follows(p[2]))
        return (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ? 0 : 3;
    if (len >= 4 && p[0] >= 0xF0 && p[0] <= 0xF4 && follows(p[1]) && follows(p[2]) && follows(p[3]))
        return (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F) ? 0 : 4;
    return 0;
}

/* ASCII that needs no escape. */
static bool is_plain(const char *s, size_t len) {
    return !eight_any(s, len, needs_care);
}

/* How many bytes from the start can be written as they are. */
static size_t plain_run(const char *s, size_t len) {
    size_t i = 0;
    if (len > 0 && is_plain(s, len))
        return len;
    while (i < len) {
        unsigned char c = (unsigned char)s[i];
        if (len - i >= 8 && !needs_care(eight_at(s + i))) {
            i += 8;
        } else if (c < 0x80) {
            if (c < 0x20 || c == '"' || c == '\\')
                break;
            i++;
        } else {
            size_t n = utf8_bytes(s + i, len - i);
            if (n == 0)
                break;
            i += n;
        }
    }
    return i;
}

enum { ESCAPED_BYTES = 6 };
static size_t escape(unsigned char c, char ret[ESCAPED_BYTES]) {
    static const char hex[] = "0123456789abcdef";
    static const char names[] = "btn\0fr"; /* of 8 to 13, but for 11 */
    /* Not UTF-8: one replacement character for each byte, as what we write must be readable. */
    if (c >= 0x80) {
        memcpy(ret, "\xEF\xBF\xBD", 3);
        return 3;
    }
    memcpy(ret, "\\u00", 4);
    if (c >= 0x20 || (c >= '\b' && c <= '\r' && c != '\v')) {
        ret[1] = c >= 0x20 ? (char)c : names[c - '\b'];
        return 2;
    }
    ret[4] = hex[c >> 4];
    ret[5] = hex[c & 15];
    return ESCAPED_BYTES;
}

static void put_escaped(struct buf *b, unsigned char c) {
    char bytes[ESCAPED_BYTES];
    buf_append(b, bytes, escape(c, bytes));
}

static void put_string(struct buf *b, const char *s, size_t len) {
    size_t run = plain_run(s, len);
    if (run == len) { /* nearly always: one look at the limit for all of it */
        char *to = buf_room(b, len + 2);
        if (to == NULL)
            return;
        to[0] = '"';
        if (len > 0) /* s may be NULL then */
            memcpy(to + 1, s, len);
        to[len + 1] = '"';
        buf_grew(b, len + 2);
        return;
    }
    buf_char(b, '"');
    while (run < len && !b->full) {
        buf_append(b, s, run);
        put_escaped(b, (unsigned char)s[run]);
        s += run + 1;
        len -= run + 1;
        run = plain_run(s, len);
    }
    buf_append(b, s, run);
    buf_char(b, '"');
}

/* ---- what would be written, compared with what is ---- */

/* What is ASCII needs no look at the bytes behind it, and what is not was looked at when it was
 * written: only quotes, backslashes and control characters would make another string of it. */
static bool is_escaped(uint64_t x) {
    uint64_t quote = x ^ EIGHT_OF('"'), slash = x ^ EIGHT_OF('\\');
    return ((((x - EIGHT_OF(0x20)) & ~x) | ((quote - EIGHT_OF(1)) & ~quote) |
             ((slash - EIGHT_OF(1)) & ~slash)) &
            EIGHT_OF(0x80)) != 0;
}

static bool match(struct json_match *m, const char *bytes, size_t len) {
    if (m->left < len || memcmp(m->at, bytes, len) != 0)
        return false;
    m->at += len;
    m->left -= len;
    return true;
}

static bool match_escaped(struct json_match *m, const char *s, size_t len) {
    char bytes[ESCAPED_BYTES];
    if (!match(m, "\"", 1))
        return false;
    for (size_t run; (run = plain_run(s, len)) < len; s += run + 1, len -= run + 1)
        if (!match(m, s, run) || !match(m, bytes, escape((unsigned char)s[run], bytes)))
            return false;
    return match(m, s, len) && match(m, "\"", 1);
}

/* Nearly always the bytes are those of the string, and there is no quote in it. */
static bool match_string(struct json_match *m, const char *s, size_t len) {
    const char *p = m->at;
    if (m->left < len + 2 || p[0] != '"' || p[len + 1] != '"' || memcmp(p + 1, s, len) != 0 ||
        eight_any(s, len, is_escaped))
        return match_escaped(m, s, len);
    m->at += len + 2;
    m->left -= len + 2;
    return true;
}

static bool match_key(struct json_match *m, const char *key) {
    if (m->comma && !match(m, ",", 1))
        return false;
    m->comma = true;
    return key == NULL || (match_string(m, key, strlen(key)) && match(m, ":", 1));
}

bool json_match_object(struct json_match *m, const char *key) {
    bool is_so = match_key(m, key) && match(m, "{", 1);
    m->comma = false;
    return is_so;
}

bool json_match_object_end(struct json_match *m) {
    m->comma = true;
    return match(m, "}", 1);
}

bool json_match_text(struct json_match *m, const char *key, struct text t) {
    switch (t.state) {
    case TEXT_MISSING: return true;
    case TEXT_EMPTY: return match_key(m, key) && match(m, "null", 4);
    case TEXT_SET: return match_key(m, key) && match_string(m, t.ptr, t.len);
    }
    return false;
}

/* ---- numbers ---- */

static void put_int(struct buf *b, uint64_t magnitude, bool negative) {
    char digits[21]; /* a sign and 2^64 */
    char *at = digits + sizeof digits;
    do {
        *--at = (char)('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude > 0);
    if (negative)
        *--at = '-';
    buf_append(b, at, (size_t)(digits + sizeof digits - at));
}

/* The shortest text that reads back as the same number. printf() would write the locale's decimal
 * point. */
static void put_real(struct buf *b, double v) {
    max_align_t room[512 / sizeof(max_align_t)];
    yyjson_alc alc;
    yyjson_val val = { 0 };
    size_t len = 0;
    yyjson_alc_pool_init(&alc, room, sizeof room);
    yyjson_set_real(&val, v);
    char *text = yyjson_val_write_opts(&val, YYJSON_WRITE_INF_AND_NAN_AS_NULL, &alc, &len, NULL);
    if (text == NULL)
        rc_die("json: no room to write a number");
    buf_append(b, text, len);
}

/* ---- a value that was read ---- */

static bool is_open(const yyjson_val *v) {
    return unsafe_yyjson_is_ctn((yyjson_val *)v) && unsafe_yyjson_get_len((yyjson_val *)v) > 0;
}

static void dump_simple(const yyjson_val *v, struct buf *b) {
    switch (v->tag & YYJSON_TAG_MASK) {
    case YYJSON_TYPE_NULL: buf_str(b, "null"); return;
    case YYJSON_TYPE_BOOL | YYJSON_SUBTYPE_TRUE: buf_str(b, "true"); return;
    case YYJSON_TYPE_BOOL | YYJSON_SUBTYPE_FALSE: buf_str(b, "false"); return;
    case YYJSON_TYPE_NUM | YYJSON_SUBTYPE_UINT: put_int(b, v->uni.u64, false); return;
    case YYJSON_TYPE_NUM | YYJSON_SUBTYPE_SINT:
        put_int(b, v->uni.i64 < 0 ? 0 - v->uni.u64 : v->uni.u64, v->uni.i64 < 0);
        return;
    case YYJSON_TYPE_NUM | YYJSON_SUBTYPE_REAL: put_real(b, v->uni.f64); return;
    case YYJSON_TYPE_ARR: buf_str(b, "[]"); return;
    case YYJSON_TYPE_OBJ: buf_str(b, "{}"); return;
    default: put_string(b, v->uni.str, unsafe_yyjson_get_len((yyjson_val *)v)); return;
    }
}

/* The containers that are open at a point of a walk. Documents may nest as deep as they are long,
 * so the deep ones keep this list on the heap. */
struct open_list {
    const yyjson_val **at, *first[32];
    size_t n, cap;
};

static void open_push(struct open_list *l, const yyjson_val *v) {
    if (l->n == l->cap) {
        size_t cap = l->cap * 2;
        const yyjson_val **at =
            mem_realloc(l->at == l->first ? NULL : (void *)l->at, cap * sizeof *at);
        if (l->at == l->first)
            memcpy(at, l->first, sizeof l->first);
        l->at = at;
        l->cap = cap;
    }
    l->at[l->n++] = v;
}

/* Writes the key when v is a member of an object; returns the value. */
static const yyjson_val *dump_key(const struct open_list *l, const yyjson_val *v, struct buf *b) {
    if (l->n == 0 || !unsafe_yyjson_is_obj((yyjson_val *)l->at[l->n - 1]))
        return v;
    dump_simple(v, b);
    buf_char(b, ':');
    return v + 1;
}

void json_dump(json root, struct buf *ret) {
    struct open_list l = { .n = 0, .cap = RC_LEN(l.first) };
    const yyjson_val *v = (const yyjson_val *)(const void *)root;
    l.at = l.first;
    while (v != NULL && !ret->full) {
        v = dump_key(&l, v, ret);
        if (is_open(v)) {
            buf_char(ret, unsafe_yyjson_is_obj((yyjson_val *)v) ? '{' : '[');
            open_push(&l, v++);
            continue;
        }
        dump_simple(v, ret);
        v = unsafe_yyjson_get_next((yyjson_val *)v);
        while (l.n > 0 && v == unsafe_yyjson_get_next((yyjson_val *)l.at[l.n - 1]))
            buf_char(ret, unsafe_yyjson_is_obj((yyjson_val *)l.at[--l.n]) ? '}' : ']');
        if (l.n == 0)
            break;
        buf_char(ret, ',');
    }
    if (l.at != l.first)
        mem_free(l.at);
}

/* ---- the writer ---- */

static void begin_value(struct json_writer *w, const char *key) {
    if (w->comma)
        buf_char(w->out, ',');
    w->comma = true;
    if (key != NULL) {
        put_string(w->out, key, strlen(key));
        buf_char(w->out, ':');
    }
}

/* A member of an object with one look at the limit: nearly always neither key nor value needs an
 * escape. false, and nothing written, when one does. */
static bool put_member(struct json_writer *w, const char *key, const char *s, size_t len,
                       bool quoted) {
    size_t key_len = strlen(key), all = w->comma + key_len + 3 + len + (quoted ? 2 : 0);
    if (!is_plain(key, key_len) || (quoted && plain_run(s, len) != len))
        return false;
    char *to = buf_room(w->out, all);
    if (to == NULL)
        return true; /* the buffer says that it is full */
    if (w->comma)
        *to++ = ',';
    *to++ = '"';
    memcpy(to, key, key_len);
    to += key_len;
    *to++ = '"';
    *to++ = ':';
    if (quoted)
        *to++ = '"';
    if (len > 0) /* s may be NULL then */
        memcpy(to, s, len);
    if (quoted)
        to[len] = '"';
    buf_grew(w->out, all);
    w->comma = true;
    return true;
}

void json_begin(struct json_writer *w, struct buf *out) {
    *w = (struct json_writer){ .out = out };
}

void json_object(struct json_writer *w, const char *key) {
    begin_value(w, key);
    buf_char(w->out, '{');
    w->comma = false;
}

void json_object_end(struct json_writer *w) {
    buf_char(w->out, '}');
    w->comma = true;
}

void json_array(struct json_writer *w, const char *key) {
    begin_value(w, key);
    buf_char(w->out, '[');
    w->comma = false;
}

void json_array_end(struct json_writer *w) {
    buf_char(w->out, ']');
    w->comma = true;
}

void json_put_str(struct json_writer *w, const char *key, const char *s, size_t len) {
    if (key != NULL && put_member(w, key, s, len, true))
        return;
    begin_value(w, key);
    put_string(w->out, s, len);
}

void json_put_cstr(struct json_writer *w, const char *key, const char *s) {
    if (s == NULL)
        json_put_null(w, key);
    else
        json_put_str(w, key, s, strlen(s));
}

void json_put_text(struct json_writer *w, const char *key, struct text t) {
    switch (t.state) {
    case TEXT_MISSING: return;
    case TEXT_EMPTY: json_put_null(w, key); return;
    case TEXT_SET: json_put_str(w, key, t.ptr, t.len); return;
    }
}

void json_put_int(struct json_writer *w, const char *key, int64_t v) {
    begin_value(w, key);
    put_int(w->out, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0);
}

void json_put_real(struct json_writer *w, const char *key, double v) {
    begin_value(w, key);
    put_real(w->out, v);
}

void json_put_bool(struct json_writer *w, const char *key, bool v) {
    json_put_raw(w, key, v ? "true" : "false", v ? 4 : 5);
}

void json_put_null(struct json_writer *w, const char *key) {
    json_put_raw(w, key, "null", 4);
}

void json_put_raw(struct json_writer *w, const char *key, const char *json_text, size_t len) {
    if (key != NULL && put_member(w, key, json_text, len, false))
        return;
    begin_value(w, key);
    buf_append(w->out, json_text, len);
}

void json_put_value(struct json_writer *w, const char *key, json v) {
    if (v == NULL)
        return;
    begin_value(w, key);
    json_dump(v, w->out);
}
