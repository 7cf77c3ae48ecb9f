/* Letters: what a case and a character are is Unicode's business. */
#include <utf8proc.h>
#include "base/text.h"

static utf8proc_int32_t next_code(struct text t, size_t *at) {
    utf8proc_int32_t c = -1;
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)t.ptr + *at,
                                          (utf8proc_ssize_t)(t.len - *at), &c);
    *at += n > 0 ? (size_t)n : 1;
    return c;
}

static utf8proc_int32_t cased(utf8proc_int32_t c, bool upper) {
    return upper ? utf8proc_toupper(c) : utf8proc_tolower(c);
}

static char cased_ascii(char c, bool upper) {
    char from = upper ? 'a' : 'A';
    return c >= from && c <= from + ('z' - 'a') ? (char)(c ^ 0x20) : c;
}

size_t text_cased_bytes(struct text t, bool upper) {
    utf8proc_uint8_t bytes[4];
    size_t len = 0;
    for (size_t at = 0; t.state == TEXT_SET && at < t.len;) {
        if ((unsigned char)t.ptr[at] < 0x80) {
            at++;
            len++;
            continue;
        }
        utf8proc_int32_t c = next_code(t, &at);
        len += c < 0 ? 1 : (size_t)utf8proc_encode_char(cased(c, upper), bytes);
    }
    return len;
}

struct text text_cased(struct text t, bool upper, char *room) {
    size_t len = 0;
    if (t.state != TEXT_SET)
        return t;
    for (size_t at = 0; at < t.len;) {
        char byte = t.ptr[at];
        if ((unsigned char)byte < 0x80) {
            room[len++] = cased_ascii(byte, upper);
            at++;
            continue;
        }
        utf8proc_int32_t c = next_code(t, &at);
        if (c < 0)
            room[len++] = byte;
        else
            len += (size_t)utf8proc_encode_char(cased(c, upper), (utf8proc_uint8_t *)room + len);
    }
    return text_from(room, len);
}

size_t text_first_bytes(struct text t, size_t characters) {
    utf8proc_int32_t state = 0, last = 0;
    size_t at = 0, seen = 0;
    while (t.state == TEXT_SET && at < t.len) {
        size_t from = at;
        utf8proc_int32_t c = next_code(t, &at);
        if (c < 0 || from == 0 || utf8proc_grapheme_break_stateful(last, c, &state))
            seen++;
        if (seen > characters)
            return from;
        last = c < 0 ? 0 : c;
    }
    return at;
}
