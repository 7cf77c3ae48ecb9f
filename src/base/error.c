#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"

/* Texts quote what remotes sent: control characters would break the one line, and a cut may
 * split a character. */
static void tidy(char *text, size_t room, int wanted) {
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7f)
            text[i] = ' ';
    }
    if (wanted < 0 || (size_t)wanted < room)
        return;
    while (len > 0 && ((unsigned char)text[len - 1] & 0xc0) == 0x80)
        len--;
    if (len > 0 && (unsigned char)text[len - 1] >= 0xc0)
        len--;
    text[len] = '\0';
}

/* By way of a copy, because an argument may be err->text itself. */
static enum rc_code fail(struct rc_error *err, enum rc_code code, const char *name, const char *fmt,
                         va_list args) RC_PRINTF(4, 0);
static enum rc_code fail(struct rc_error *err, enum rc_code code, const char *name, const char *fmt,
                         va_list args) {
    char text[sizeof err->text];
    if (err == NULL)
        return code;
    tidy(text, sizeof text, vsnprintf(text, sizeof text, fmt, args));
    err->code = code;
    err->retry_at_us = 0;
    err->name = name;
    memcpy(err->text, text, sizeof text);
    return code;
}

enum rc_code rc_fail(struct rc_error *err, enum rc_code code, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    fail(err, code, "", fmt, args);
    va_end(args);
    return code;
}

enum rc_code rc_fail_as(struct rc_error *err, enum rc_code code, const char *name, const char *fmt,
                        ...) {
    va_list args;
    va_start(args, fmt);
    fail(err, code, name, fmt, args);
    va_end(args);
    return code;
}

enum rc_code rc_context(struct rc_error *err, enum rc_code code, const char *fmt, ...) {
    char context[sizeof err->text], text[sizeof err->text];
    va_list args;
    if (err == NULL)
        return code;
    va_start(args, fmt);
    tidy(context, sizeof context, vsnprintf(context, sizeof context, fmt, args));
    va_end(args);
    /* Not in one printf with "%s: %s": the compiler would prove that two full texts may not fit. */
    size_t used = strlen(context), rest = strlen(err->text), room = sizeof text - 1,
           wanted = used + 2 + rest;
    memcpy(text, context, used);
    for (const char *s = ": "; *s != '\0' && used < room; s++)
        text[used++] = *s;
    if (rest > room - used)
        rest = room - used;
    memcpy(text + used, err->text, rest);
    text[used + rest] = '\0';
    tidy(text, sizeof text, (int)wanted);
    memcpy(err->text, text, used + rest + 1);
    return err->code;
}

const char *rc_code_name(enum rc_code code) {
    switch (code) {
    case RC_OK: return "ok";
    case RC_RETRY: return "retry";
    case RC_UNSURE: return "unsure";
    case RC_LIMITED: return "limited";
    case RC_AUTH: return "auth";
    case RC_NOT_FOUND: return "not_found";
    case RC_CONFLICT: return "conflict";
    case RC_INVALID: return "invalid";
    case RC_FATAL: return "fatal";
    }
    return "unknown";
}

/* Straight to the descriptor: there may be no memory left for stdio, and no destructor may touch
 * what is broken. */
_Noreturn void rc_die(const char *fmt, ...) {
    char text[600];
    va_list args;
    int head = snprintf(text, sizeof text, "%.60s: ", program_invocation_short_name);
    size_t used = head < 0 ? 0 : (size_t)head;
    va_start(args, fmt);
    int n = vsnprintf(text + used, sizeof text - 1 - used, fmt, args);
    va_end(args);
    tidy(text, sizeof text - 1, n < 0 ? n : n + (int)used);
    used = strlen(text);
    text[used++] = '\n';
    (void)fflush(stderr);
    for (size_t done = 0; done < used;) {
        ssize_t n_written = write(STDERR_FILENO, text + done, used - done);
        if (n_written < 0 && errno != EINTR)
            break;
        done += n_written > 0 ? (size_t)n_written : 0;
    }
    _exit(1);
}
