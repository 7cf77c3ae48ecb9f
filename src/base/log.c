#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "base/text.h"

static const struct {
    const char *name, *priority; /* sd-daemon(3): that of syslog */
} levels[] = {
    [LOG_LEVEL_ERROR] = { "error", "<3>" },
    [LOG_LEVEL_WARN] = { "warn", "<4>" },
    [LOG_LEVEL_INFO] = { "info", "<6>" },
    [LOG_LEVEL_DEBUG] = { "debug", "<7>" },
};
static _Atomic(enum log_level) written = LOG_LEVEL_WARN;

static _Atomic(enum log_form) form = LOG_FORM_TEXT;
static _Thread_local char about[160]; /* ends with a blank, or is "" */

void log_set_form(enum log_form f) {
    atomic_store(&form, f);
}

void log_set_level(enum log_level level) {
    atomic_store(&written, level);
}

enum rc_code log_level_parse(const char *name, enum log_level *ret, struct rc_error *err) {
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (strcmp(name, levels[i].name) == 0) {
            *ret = (enum log_level)i;
            return RC_OK;
        }
    return rc_fail(err, RC_INVALID, "\"%s\" is no log level: it is error, warn, info or debug",
                   name);
}

static void write_all(const char *bytes, size_t len) {
    while (len > 0) {
        ssize_t n = write(STDERR_FILENO, bytes, len);
        if (n < 0 && errno != EINTR)
            return; /* nobody is left to tell */
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        }
    }
}

/* ---- JSON ---- */

struct line {
    char bytes[4096];
    size_t len;
};
enum { TAIL_BYTES = 4 }; /* a quote, a brace, a line end */

static bool add(struct line *l, const char *bytes, size_t len) {
    if (l->len + len + TAIL_BYTES > sizeof l->bytes)
        return false;
    memcpy(l->bytes + l->len, bytes, len);
    l->len += len;
    return true;
}

/* Escaped. Of what is no UTF-8 each byte becomes a question mark. */
static void add_value(struct line *l, const char *s, size_t len) {
    bool is_utf8 = text_is_utf8(s, len);
    for (size_t i = 0; i < len;) {
        unsigned char c = (unsigned char)s[i];
        size_t n = !is_utf8 || c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        char escaped[8];
        bool fits;
        if (c < 0x20 || c == 0x7f)
            fits = add(l, escaped, (size_t)snprintf(escaped, sizeof escaped, "\\u%04x", c));
        else if (c == '"' || c == '\\')
            fits = add(l, (char[]){ '\\', (char)c }, 2);
        else if (c >= 0x80 && !is_utf8)
            fits = add(l, "?", 1);
        else
            fits = add(l, s + i, n);
        if (!fits) /* cut between characters */
            return;
        i += n;
    }
}

static bool is_number(const char *s, size_t len) {
    size_t digits = len > 0 && *s == '-' ? len - 1 : len;
    const char *first = s + (len - digits);
    return digits > 0 && digits <= 15 && strspn(first, "0123456789") >= digits &&
           (digits == 1 || *first != '0');
}

static void add_member(struct line *l, const char *key, size_t key_len, const char *value,
                       size_t len) {
    bool number = is_number(value, len);
    if (l->len + key_len + 8 + TAIL_BYTES > sizeof l->bytes)
        return;
    add(l, l->len > 1 ? ",\"" : "\"", l->len > 1 ? 2 : 1);
    add_value(l, key, key_len);
    add(l, "\":", 2);
    if (number && add(l, value, len))
        return;
    add(l, "\"", 1);
    add_value(l, value, len);
    l->bytes[l->len++] = '"'; /* there is always room for it */
}

/* The end of a value that begins with a quote: the quote before a blank or the end. */
static size_t quoted_length(const char *s) {
    for (size_t i = 1; s[i] != '\0'; i++) {
        if (s[i] == '\\' && s[i + 1] != '\0')
            i++;
        else if (s[i] == '"' && (s[i + 1] == ' ' || s[i + 1] == '\0'))
            return i + 1;
    }
    return 0;
}

/* What log_quote() put in: \" and \\ and the end of a line. In place. */
static size_t unquoted(char *s, size_t len) {
    size_t out = 0;
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '\\' && i + 1 < len && strchr("\"\\nt", s[i + 1]) != NULL) {
            i++;
            s[out++] = (char)(s[i] == 'n' ? '\n' : s[i] == 't' ? '\t' : s[i]);
        } else
            s[out++] = s[i];
    }
    return out;
}

static void add_members(struct line *l, char *said) {
    char rest[512];
    size_t rest_len = 0;
    for (char *p = said; *p != '\0';) {
        size_t word = strcspn(p, " "), key = strspn(p, "abcdefghijklmnopqrstuvwxyz_");
        if (key > 0 && key < word && p[key] == '=') {
            char *value = p + key + 1;
            size_t quoted = *value == '"' ? quoted_length(value) : 0;
            size_t len = quoted > 0 ? quoted : word - key - 1;
            char after = value[len];
            if (quoted > 0)
                add_member(l, p, key, value + 1, unquoted(value + 1, len - 2));
            else
                add_member(l, p, key, value, len);
            p = value + len + (after == ' ');
        } else {
            if (word > 0 && rest_len + word + 1 < sizeof rest) {
                if (rest_len > 0)
                    rest[rest_len++] = ' ';
                memcpy(rest + rest_len, p, word);
                rest_len += word;
            }
            p += word + (p[word] == ' ');
        }
    }
    if (rest_len > 0)
        add_member(l, "text", 4, rest, rest_len);
}

static void write_json(enum log_level level, char *said) {
    struct line l = { .bytes = "{", .len = 1 };
    char at[32];
    date_format_instant(clock_now_us(&clock_system), at);
    add_member(&l, "time", 4, at, strlen(at));
    add_member(&l, "level", 5, levels[level].name, strlen(levels[level].name));
    add_members(&l, said);
    memcpy(l.bytes + l.len, "}\n", 2);
    write_all(l.bytes, l.len + 2);
}

/* ---- a line ---- */

/* One write a line, so that threads do not mix theirs. */
static void log_line(enum log_level level, const char *fmt, va_list args) RC_PRINTF(2, 0);
static void log_line(enum log_level level, const char *fmt, va_list args) {
    bool json = atomic_load(&form) == LOG_FORM_JSON;
    char line[2048];
    if (level > atomic_load(&written))
        return;
    int head = json ? snprintf(line, sizeof line, "%s", about)
                    : snprintf(line, sizeof line, "%slevel=%s %s",
                               getenv("JOURNAL_STREAM") != NULL ? levels[level].priority : "",
                               levels[level].name, about);
    size_t from = (size_t)head, room = sizeof line - from;
    int n = vsnprintf(line + from, room, fmt, args);
    size_t len = from + (n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1);
    for (size_t i = from; i < len; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = ' '; /* what came from outside cannot begin a line of its own */
    if (n > 0 && (size_t)n >= room)
        while (len > from && !text_is_utf8(line + from, len - from) && len > sizeof line - 5)
            len--; /* cut between characters */
    if (json) {
        line[len] = '\0';
        write_json(level, line);
        return;
    }
    line[len++] = '\n';
    write_all(line, len);
}

void log_about_nothing(void) {
    about[0] = '\0';
}

void log_about(const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(about, sizeof about - 1, fmt, args);
    va_end(args);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof about - 1 ? (size_t)n : sizeof about - 2;
    about[len] = ' ';
    about[len + 1] = '\0';
}

#define LOG_FUNCTION(fn, level)                                                                    \
    void fn(const char *fmt, ...) {                                                                \
        va_list args;                                                                              \
        va_start(args, fmt);                                                                       \
        log_line(level, fmt, args);                                                                \
        va_end(args);                                                                              \
    }
LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warn, LOG_LEVEL_WARN)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)

/* The next piece of the value that stays together: an escape, or one whole character. Returns
 * the bytes consumed. */
static size_t quote_piece(const char *s, bool is_utf8, char piece[8]) {
    unsigned char c = (unsigned char)*s;
    const char *known = c == '"'    ? "\\\""
                        : c == '\\' ? "\\\\"
                        : c == '\n' ? "\\n"
                        : c == '\t' ? "\\t"
                                    : NULL;
    if (known != NULL) {
        memcpy(piece, known, 3);
        return 1;
    }
    if (c < 0x20 || c == 0x7f || (c >= 0x80 && !is_utf8)) {
        (void)snprintf(piece, 8, "\\x%02x", c);
        return 1;
    }
    size_t n = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    memcpy(piece, s, n);
    piece[n] = '\0';
    return n;
}

const char *log_quote(const char *value, char *ret, unsigned long ret_bytes) {
    size_t used = 0;
    if (ret_bytes < 3) {
        if (ret_bytes > 0)
            ret[0] = '\0';
        return ret_bytes > 0 ? ret : "";
    }
    bool is_utf8 = value != NULL && text_is_utf8(value, strlen(value));
    ret[used++] = '"';
    while (value != NULL && *value != '\0') {
        char piece[8];
        value += quote_piece(value, is_utf8, piece);
        size_t n = strlen(piece);
        if (n > ret_bytes - 2 - used) /* the closing quote and NUL always fit */
            break;
        memcpy(ret + used, piece, n);
        used += n;
    }
    ret[used++] = '"';
    ret[used] = '\0';
    return ret;
}
