/* JSON as people read and write it: over several lines, and on which of them something stands. What is
 * given here is JSON, checked by whoever parsed it; on anything else these end, and mean nothing. */
#include <ctype.h>
#include <string.h>
#include "json/json.h"

enum { INLINE_BYTES = 72 };

/* Behind the string that begins at `at`. */
static size_t string_end(const char *s, size_t len, size_t at) {
    for (at++; at < len && s[at] != '"'; at++)
        if (s[at] == '\\')
            at++;
    return at < len ? at + 1 : len;
}

/* Behind the value that begins at `at`; *ret_holds: it has objects or arrays in it that are not empty. */
static size_t value_end(const char *s, size_t len, size_t at, bool *ret_holds) {
    size_t depth = 0;
    *ret_holds = false;
    while (at < len) {
        if (s[at] == '"') {
            at = string_end(s, len, at);
        } else if (s[at] == '{' || s[at] == '[') {
            bool is_empty = at + 1 < len && (s[at + 1] == '}' || s[at + 1] == ']');
            *ret_holds |= depth++ > 0 && !is_empty;
            at++;
        } else if (s[at] == '}' || s[at] == ']') {
            if (depth == 0)
                return at;
            depth--;
            at++;
        } else if (depth == 0 && (s[at] == ',' || isspace((unsigned char)s[at]))) {
            return at;
        } else {
            at++;
            continue;
        }
        if (depth == 0)
            return at;
    }
    return len;
}

static void new_line(struct buf *b, size_t depth) {
    buf_char(b, '\n');
    for (size_t i = 0; i < depth; i++)
        buf_str(b, "  ");
}

void json_indent(const char *s, size_t len, struct buf *ret) {
    size_t depth = 0;
    for (size_t at = 0; at < len;) {
        bool holds;
        size_t end = value_end(s, len, at, &holds);
        if (s[at] == '"' ||
            ((s[at] == '{' || s[at] == '[') && !holds && end - at <= INLINE_BYTES)) {
            end = s[at] == '"' ? string_end(s, len, at) : end;
            buf_append(ret, s + at, end - at);
            at = end;
            continue;
        }
        switch (s[at]) {
        case '{':
        case '[':
            buf_char(ret, s[at++]);
            new_line(ret, ++depth);
            break;
        case '}':
        case ']':
            new_line(ret, depth > 0 ? --depth : 0);
            buf_char(ret, s[at++]);
            break;
        case ',':
            buf_char(ret, s[at++]);
            new_line(ret, depth);
            break;
        case ':':
            buf_str(ret, ": ");
            at++;
            break;
        default: buf_char(ret, s[at++]);
        }
    }
    buf_char(ret, '\n');
}

static size_t skip_blank(const char *s, size_t len, size_t at) {
    while (at < len && (isspace((unsigned char)s[at]) || s[at] == ',' || s[at] == ':'))
        at++;
    return at;
}

/* Where in the object that begins at `at` the key stands; len: nowhere. */
static size_t find_key(const char *s, size_t len, size_t at, const char *key) {
    size_t n = strlen(key);
    bool holds;
    if (at >= len || s[at] != '{')
        return len;
    for (at = skip_blank(s, len, at + 1); at < len && s[at] == '"';) {
        size_t end = string_end(s, len, at);
        if (end - at == n + 2 && memcmp(s + at + 1, key, n) == 0)
            return at;
        at = value_end(s, len, skip_blank(s, len, end), &holds);
        at = skip_blank(s, len, at);
    }
    return len;
}

unsigned json_line(const char *s, size_t len, const char *const *path) {
    unsigned line = 1;
    size_t at = skip_blank(s, len, 0), found = at;
    for (; *path != NULL; path++) {
        if ((found = find_key(s, len, at, *path)) == len)
            return 0;
        at = skip_blank(s, len, string_end(s, len, found));
    }
    for (size_t i = 0; i < found; i++)
        line += s[i] == '\n';
    return line;
}
