/* error.h - what went wrong, and what the caller does next.
 *
 * Shape:  the code says what to do next; the text says what happened, in one line, without
 *         secrets and without personal data beyond an id. `name` is the stable name that
 *         docs/errors.md explains; it is a literal and never renamed.
 * Memory: a struct rc_error is a plain record on the caller's stack.
 * Errors: a failing function ends with `return rc_fail(err, RC_..., "...")`. A caller that knows
 *         more adds it in front with rc_context() and passes the code on. err may be NULL. */
#pragma once
#include <stdarg.h>
#include <stdint.h>

enum rc_code {
    RC_OK = 0,
    RC_RETRY,  /* nothing was changed or sent: back off, repeat (no connection, database busy) */
    RC_UNSURE, /* the effect may have taken place: look before repeating (time-out after sending) */
    RC_LIMITED,   /* refused for now: as RC_RETRY, but not before err->retry_at_us */
    RC_AUTH,      /* credentials or rights refused: stop this integration, tell a person */
    RC_NOT_FOUND, /* the thing named does not exist */
    RC_CONFLICT,  /* someone else changed or owns it: read again, plan again */
    RC_INVALID,   /* the input is at fault: skip this record, note the problem, go on */
    RC_FATAL,     /* corrupt store, broken invariant, full disk: stop the run */
};

struct rc_error {
    enum rc_code code;
    int64_t retry_at_us; /* RC_LIMITED: wall clock, microseconds since 1970; 0 when nobody said */
    const char *name;    /* stable name, "" when the code alone tells enough */
    char text[400];
};

#define RC_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

/* Fills err (which may be NULL) and returns code. */
enum rc_code rc_fail(struct rc_error *err, enum rc_code code, const char *fmt, ...) RC_PRINTF(3, 4);

/* As rc_fail(), with a stable name out of docs/errors.md. */
enum rc_code rc_fail_as(struct rc_error *err, enum rc_code code, const char *name, const char *fmt,
                        ...) RC_PRINTF(4, 5);

/* Puts "<context>: " in front of err->text and returns err->code (code when err is NULL). */
enum rc_code rc_context(struct rc_error *err, enum rc_code code, const char *fmt, ...)
    RC_PRINTF(3, 4);

const char *rc_code_name(enum rc_code code); /* "retry", "auth" ...: never renamed */

/* A broken promise of our own, or a machine without memory: says so on stderr and ends the process.
 * What was durable stays durable, and the next process goes on from there. */
_Noreturn void rc_die(const char *fmt, ...) RC_PRINTF(1, 2);
