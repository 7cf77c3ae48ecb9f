#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
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

/* One write a line, so that threads do not mix theirs. */
static void log_line(enum log_level level, const char *fmt, va_list args) RC_PRINTF(2, 0);
static void log_line(enum log_level level, const char *fmt, va_list args) {
    char line[2048];
    if (level > atomic_load(&written))
        return;
    int head = snprintf(line, sizeof line, "%slevel=%s ",
                        getenv("JOURNAL_STREAM") != NULL ? levels[level].priority : "",
                        levels[level].name);
    size_t from = (size_t)head, room = sizeof line - from;
    int n = vsnprintf(line + from, room, fmt, args);
    size_t len = from + (n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1);
    for (size_t i = from; i < len; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = ' '; /* what came from outside cannot begin a line of its own */
    if (n > 0 && (size_t)n >= room)
        while (len > from && !text_is_utf8(line + from, len - from) && len > sizeof line - 5)
            len--; /* cut between characters */
    line[len++] = '\n';
    write_all(line, len);
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
