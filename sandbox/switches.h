/* switches.h - everything about the played API that nobody documents, that two sources tell
 * differently, or that goes wrong.
 *
 * Shape:  each played system has one table of rows: name, default, what it may be, what it means,
 *         and the source mark: C confirmed, L seen live, I inferred, U unconfirmed, S chosen here,
 *         T a trap for clients. A value is a number; a switch with words has the word's number.
 * Threads: read by everybody, set under the sandbox's write lock. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/error.h"
#include "json/json.h"

struct switch_row {
    const char *name;
    int64_t fallback;
    const char *words; /* "a|b|c", or NULL for a number */
    char mark;
    const char *text;
};

enum { SWITCHES_MAX = 160 };
struct switches {
    const struct switch_row *rows;
    size_t n;
    int64_t value[SWITCHES_MAX];
};
/* All at their defaults. */
void switches_init(struct switches *s, const struct switch_row *rows, size_t n);
/* RC_NOT_FOUND: no such switch; RC_INVALID: not one of its values */
enum rc_code switches_set(struct switches *s, const char *name, json value, struct rc_error *err);
enum rc_code switches_set_text(struct switches *s, const char *name, const char *value,
                               struct rc_error *err);
void switches_write(const struct switches *s, struct buf *ret); /* JSON: all of them */
/* A table on stdout, for --switches. */
void switches_print(const struct switch_row *rows, size_t n);
