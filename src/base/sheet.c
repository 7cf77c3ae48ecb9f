#include "base/sheet.h"

#include <string.h>

void sheet_begin(struct sheet *s, struct buf *out, bool with_mark) {
    *s = (struct sheet){ .out = out };
    if (with_mark)
        buf_str(out, "\xef\xbb\xbf");
}

/* Whether a spreadsheet would compute what begins here. U+FF0B, FF0D, FF1D, FF20 are the full-width
 * + - = @, which some take for the plain ones. */
static bool is_formula(const char *p, const char *end) {
    static const char *const wide[] = { "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\x9d",
                                        "\xef\xbc\xa0" };
    if (p == end)
        return false;
    if (*p == '=' || *p == '+' || *p == '-' || *p == '@')
        return true;
    for (size_t i = 0; i < sizeof wide / sizeof *wide && end - p >= 3; i++)
        if (memcmp(p, wide[i], 3) == 0)
            return true;
    return false;
}

/* Behind blanks, it may still be taken for one. */
static bool begins_formula(const char *p, const char *end) {
    while (p < end && *p == ' ')
        p++;
    return is_formula(p, end);
}

static bool is_break(char c) {
    return c == ';' || c == '\t' || c == '\r' || c == '\n';
}

static void append_safely(struct buf *out, const char *p, const char *end) {
    bool first = true;
    for (; p < end; p++, first = false) {
        if (first && (is_formula(p, end) || (is_break(*p) && *p != ';')))
            buf_char(out, '\'');
        if (*p == '"')
            buf_char(out, '"');
        buf_char(out, *p);
        if (is_break(*p) && begins_formula(p + 1, end))
            buf_char(out, '\'');
    }
}

void sheet_cell(struct sheet *s, struct text t) {
    if (s->in_row)
        buf_char(s->out, ',');
    s->in_row = true;
    if (t.state != TEXT_SET)
        return;
    bool quoted = false;
    for (size_t i = 0; i < t.len && !quoted; i++)
        quoted = strchr(",;\"\r\n\t", t.ptr[i]) != NULL && t.ptr[i] != '\0';
    if (quoted)
        buf_char(s->out, '"');
    append_safely(s->out, t.ptr, t.ptr + t.len);
    if (quoted)
        buf_char(s->out, '"');
}

void sheet_cstr(struct sheet *s, const char *t) {
    sheet_cell(s, text_of(t));
}

void sheet_row_end(struct sheet *s) {
    buf_str(s->out, "\r\n");
    s->in_row = false;
}
