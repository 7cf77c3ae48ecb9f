/* A text to tokens.
 *
 * A statement ends with its line, unless a bracket is open. A bracket that is never closed would
 * swallow all that follows; so a line that begins a statement ends the one before it, whatever is
 * open (no line within brackets can begin like one). */
#include <string.h>

#include "people/mapping_p.h"

struct lexer {
    struct mapping_report *report;
    const char *bytes;
    uint32_t len, at;
    struct mapping_token *tokens;
    size_t n;
    uint32_t depth; /* open brackets */
    bool left_out;  /* something in this statement could not be read */
};

static bool is_word(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_digit(unsigned char c) {
    return c >= '0' && c <= '9';
}

static unsigned char byte_at(const struct lexer *x, size_t i) {
    return i < x->len ? (unsigned char)x->bytes[i] : 0;
}

static bool starts(const struct lexer *x, size_t i, const char *s) {
    size_t n = strlen(s);
    return i + n <= x->len && memcmp(x->bytes + i, s, n) == 0;
}

/* Bytes of the character at i, in text that is UTF-8. */
static uint32_t char_bytes(const struct lexer *x, size_t i) {
    uint32_t n = 1;
    while (i + n < x->len && ((unsigned char)x->bytes[i + n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* What other programs put in the place of a straight quotation mark. */
static const char *const quotes[] = { "\xe2\x80\x9c",
                                      "\xe2\x80\x9d",
                                      "\xe2\x80\x9e",
                                      "\xe2\x80\x98",
                                      "\xe2\x80\x99",
                                      "\xe2\x80\x9a",
                                      "\xc2\xab",
                                      "\xc2\xbb",
                                      "'",
                                      "`" };

static bool is_quote(const struct lexer *x, size_t i) {
    for (size_t q = 0; q < sizeof quotes / sizeof *quotes; q++)
        if (starts(x, i, quotes[q]))
            return true;
    return false;
}

/* Letters beyond ASCII are part of a word, so that a misspelt name is one finding and not several.
 * A no-break space and its kind are blanks. */
static uint32_t blank_bytes(const struct lexer *x, size_t i) {
    static const char *const wide[] = { "\xc2\xa0", "\xe2\x80\xaf", "\xef\xbb\xbf",
                                        "\xe2\x80\x8b" };
    unsigned char c = byte_at(x, i);
    if (c == ' ' || c == '\t' || c == '\r')
        return 1;
    for (size_t w = 0; c >= 0x80 && w < sizeof wide / sizeof *wide; w++)
        if (starts(x, i, wide[w]))
            return (uint32_t)strlen(wide[w]);
    return 0;
}

static bool is_word_at(const struct lexer *x, size_t i) {
    unsigned char c = byte_at(x, i);
    return is_word(c) || (c >= 0x80 && !is_quote(x, i) && blank_bytes(x, i) == 0);
}

static struct mapping_token *add(struct lexer *x, enum mapping_token_kind kind, uint32_t len) {
    struct mapping_token *t = &x->tokens[x->n++];
    *t = (struct mapping_token){ .kind = kind, .span = { x->at, len } };
    return t;
}

static void skip_blanks(struct lexer *x) {
    for (uint32_t n; (n = blank_bytes(x, x->at)) > 0;)
        x->at += n;
    if (byte_at(x, x->at) == '#')
        while (x->at < x->len && x->bytes[x->at] != '\n')
            x->at++;
}

/* ---- the beginning of a statement ---- */

static size_t after_blanks(const struct lexer *x, size_t i) {
    for (uint32_t n; (n = blank_bytes(x, i)) > 0;)
        i += n;
    return i;
}

static size_t after_word(const struct lexer *x, size_t i) {
    while (is_word_at(x, i))
        i++;
    return i;
}

static bool word_is(const struct lexer *x, size_t from, size_t to, const char *word) {
    return to - from == strlen(word) && memcmp(x->bytes + from, word, to - from) == 0;
}

/* `x =`, `custom.x =`, `table x`, `empty x`, `exclude when`: nothing like it begins a line within
 * brackets. */
static bool begins_statement(const struct lexer *x) {
    size_t from = x->at, to = after_word(x, from), next = after_blanks(x, to);
    if (to == from)
        return false;
    bool word_follows = is_word_at(x, next);
    if ((word_is(x, from, to, "table") || word_is(x, from, to, "empty")) && word_follows)
        return true;
    if (word_is(x, from, to, "exclude") || word_is(x, from, to, "include"))
        return word_is(x, next, after_word(x, next), "when");
    if (byte_at(x, next) == '.') {
        next = after_blanks(x, next + 1);
        if (byte_at(x, next) == '"') {
            while (next + 1 < x->len && x->bytes[next + 1] != '"' && x->bytes[next + 1] != '\n')
                next++;
            next = after_blanks(x, next + 2);
        } else {
            next = after_blanks(x, after_word(x, next));
        }
    }
    return byte_at(x, next) == '=' && byte_at(x, next + 1) != '=';
}

static void end_line(struct lexer *x) {
    if (x->n > 0 && x->tokens[x->n - 1].kind != TOKEN_LINE)
        add(x, TOKEN_LINE, x->at < x->len ? 1 : 0)->number = x->left_out;
    x->left_out = false;
    x->depth = 0;
}

/* ---- tokens of several bytes ---- */

bool mapping_lex_clean(struct arena *a, const char *bytes, size_t len, struct text *ret) {
    size_t front = 0, back = 0;
    struct text middle;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)bytes[i] < 0x20 || bytes[i] == 0x7f)
            return false;
    while (front < len && bytes[front] == ' ')
        front++;
    while (back < len - front && bytes[len - 1 - back] == ' ')
        back++;
    if (text_clean(a, bytes + front, len - front - back, EMPLOYEE_TEXT_BYTES, &middle, NULL) !=
        RC_OK)
        return false;
    if (len > EMPLOYEE_TEXT_BYTES)
        return false;
    char *whole = arena_alloc(a, front + middle.len + back + 1);
    memset(whole, ' ', front);
    if (middle.len > 0)
        memcpy(whole + front, middle.ptr, middle.len);
    memset(whole + front + middle.len, ' ', back);
    *ret = text_from(whole, front + middle.len + back);
    return true;
}

static void lex_text(struct lexer *x) {
    size_t from = x->at + 1u, end = from, n = 0;
    bool wrong_escape = false;
    for (; end < x->len && x->bytes[end] != '"' && x->bytes[end] != '\n'; end++)
        end += x->bytes[end] == '\\' && (byte_at(x, end + 1) == '"' || byte_at(x, end + 1) == '\\');
    char *plain = arena_alloc(x->report->arena, end - from);
    for (size_t i = from; i < end; i++) {
        if (x->bytes[i] == '\\') {
            unsigned char next = byte_at(x, i + 1);
            wrong_escape = wrong_escape || (next != '"' && next != '\\');
            i += next == '"' || next == '\\';
        }
        plain[n++] = x->bytes[i];
    }
    bool closed = byte_at(x, end) == '"';
    uint32_t len = (uint32_t)(end - x->at + closed);
    struct mapping_token *t = add(x, TOKEN_TEXT, len);
    if (!closed)
        mapping_report(x->report, MAPPING_ERROR, "unclosed-text", t->span, NULL,
                       "the text that begins here is not closed in its line: end it with \"");
    else if (wrong_escape)
        mapping_report(x->report, MAPPING_ERROR, "bad-character", t->span, "\\\\",
                       "behind \\ stands \" or another \\");
    else if (!mapping_lex_clean(x->report->arena, plain, n, &t->text))
        mapping_report(x->report, MAPPING_ERROR, "bad-text", t->span, NULL,
                       "a text is at most %d bytes long and has no control characters",
                       EMPLOYEE_TEXT_BYTES);
    x->at += len;
}

/* As a text, so that what stands between such marks is not a finding of its own. */
static void lex_quoted(struct lexer *x) {
    size_t end = x->at + char_bytes(x, x->at);
    while (end < x->len && x->bytes[end] != '\n' && !is_quote(x, end) && x->bytes[end] != '"')
        end++;
    if (end < x->len && x->bytes[end] != '\n')
        end += char_bytes(x, end);
    struct mapping_token *t = add(x, TOKEN_TEXT, (uint32_t)(end - x->at));
    mapping_report(x->report, MAPPING_ERROR, "bad-character",
                   (struct mapping_span){ x->at, char_bytes(x, x->at) }, "\"",
                   "texts stand between straight quotation marks");
    x->at = (uint32_t)end;
    t->text = (struct text){ 0 };
}

static bool looks_like_date(const struct lexer *x, size_t i) {
    static const char shape[] = "0000-00-00";
    for (size_t k = 0; k < sizeof shape - 1; k++)
        if (shape[k] == '0' ? !is_digit(byte_at(x, i + k)) : byte_at(x, i + k) != '-')
            return false;
    return !is_word(byte_at(x, i + sizeof shape - 1));
}

static void lex_date(struct lexer *x) {
    date_days d;
    struct mapping_token *t = add(x, TOKEN_DATE, 10);
    t->text = text_from(x->bytes + x->at, 10);
    if (date_parse(t->text.ptr, 10, &d, NULL) != RC_OK)
        mapping_report(x->report, MAPPING_ERROR, "bad-date", t->span, NULL,
                       "there is no day %.10s between the years 1900 and 9999", t->text.ptr);
    x->at += 10;
}

static void lex_number(struct lexer *x) {
    size_t i = x->at;
    int32_t n = 0;
    bool minus = x->bytes[i] == '-', fits = true;
    for (i += minus; is_digit(byte_at(x, i)); i++) {
        fits = fits && n < 1000000;
        n = fits ? n * 10 + (x->bytes[i] - '0') : n;
    }
    struct mapping_token *t = add(x, TOKEN_NUMBER, (uint32_t)(i - x->at));
    t->number = minus ? -n : n;
    if (!fits)
        mapping_report(x->report, MAPPING_ERROR, "bad-number", t->span, NULL,
                       "this number is too large");
    x->at = (uint32_t)i;
}

static void lex_mark(struct lexer *x) {
    static const char doubles[][3] = { "??", "==", "!=", "<=", ">=" };
    unsigned char c = byte_at(x, x->at);
    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++)
        if (starts(x, x->at, doubles[i])) {
            add(x, TOKEN_MARK, 2)->mark = MAPPING_MARK(doubles[i][0], doubles[i][1]);
            x->at += 2;
            return;
        }
    if (c != '\0' && strchr("=<>+()[]{},.", c) != NULL) {
        add(x, TOKEN_MARK, 1)->mark = MAPPING_MARK(0, c);
        x->depth += strchr("([{", c) != NULL;
        x->depth -= x->depth > 0 && strchr(")]}", c) != NULL;
        x->at++;
        return;
    }
    struct mapping_span span = { x->at, char_bytes(x, x->at) };
    x->left_out = true;
    if (c < 0x20 || c == 0x7f)
        mapping_report(x->report, MAPPING_ERROR, "bad-character", span, NULL,
                       "there is a control character here: delete it");
    else
        mapping_report(x->report, MAPPING_ERROR, "bad-character", span,
                       c == '|'   ? "or"
                       : c == '&' ? "and"
                       : c == '!' ? "not"
                       : c == ';' ? ","
                       : c == '?' ? "??"
                                  : NULL,
                       "\"%.*s\" means nothing here", (int)span.len, x->bytes + x->at);
    x->at += span.len;
    while (x->at < x->len && (c == '|' || c == '&') && byte_at(x, x->at) == c)
        x->at++;
}

struct mapping_token *mapping_lex(struct mapping_report *r, size_t *ret_n) {
    struct lexer x = { .report = r, .bytes = r->source.ptr, .len = (uint32_t)r->source.len };
    bool line_begins = true;
    /* each token takes at least a byte, and each line adds one */
    x.tokens = ARENA_NEW(r->arena, struct mapping_token, r->source.len + 3);
    for (skip_blanks(&x); x.at < x.len; skip_blanks(&x)) {
        unsigned char c = byte_at(&x, x.at);
        if (c == '\n') {
            line_begins = true;
            if (x.depth == 0)
                end_line(&x);
            x.at++;
            continue;
        }
        if (line_begins && x.depth > 0 && begins_statement(&x))
            end_line(&x);
        line_begins = false;
        if (c == '"')
            lex_text(&x);
        else if (is_quote(&x, x.at))
            lex_quoted(&x);
        else if (looks_like_date(&x, x.at))
            lex_date(&x);
        else if (is_digit(c) || (c == '-' && is_digit(byte_at(&x, x.at + 1u))))
            lex_number(&x);
        else if (is_word_at(&x, x.at)) {
            size_t to = after_word(&x, x.at);
            struct mapping_token *t = add(&x, TOKEN_WORD, (uint32_t)(to - x.at));
            t->text = text_from(x.bytes + x.at, to - x.at);
            x.at = (uint32_t)to;
        } else
            lex_mark(&x);
    }
    end_line(&x);
    add(&x, TOKEN_STOP, 0);
    *ret_n = x.n;
    return x.tokens;
}
