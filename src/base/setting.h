/* setting.h - what an adapter wants to be told, and what its check found: the same for HR systems and
 * learning platforms.
 *
 * Memory: texts are literals, or borrowed from the arena of the call that found them. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include "base/arena.h"
#include "base/error.h"

/* One setting, as `add` takes it ("base-url=..."). A table of them ends with key NULL. */
struct setting {
    const char *key;
    bool secret; /* sealed at rest, never shown, never taken as a command-line argument */
    bool required;
    const char *fallback; /* NULL: none */
    const char *help;     /* one line */
    bool aims;            /* says to whom credentials are sent */
    bool
        tenant; /* says whose accounts there are: with another value it may be another customer's */
    bool local; /* names something on this machine: only whoever runs it says what */
};

enum finding_level { FINDING_OK, FINDING_WARN, FINDING_FAIL };
struct finding {
    enum finding_level level;
    const char *name; /* stable: "attribute-missing", "scope-missing" ... (docs/errors.md) */
    /* what is so, and what the other system's administrator should do, in that system's words */
    const char *text;
};

/* What an adapter was told: values beside its table, in its order; NULL: none, or not that one. */
struct setting_values {
    const char *of; /* the adapter's name */
    const struct setting *settings;
    const char *const *values;
};
/* The value of a setting, else its fallback; NULL when it has neither. Borrowed. */
const char *setting_value(const struct setting_values *v, const char *key);
/* RC_INVALID "setting": one that is required is missing, and is named. */
enum rc_code setting_check(const struct setting_values *v, struct rc_error *err);
/* A whole number from least to most; RC_INVALID "setting" names the setting and the range. */
enum rc_code setting_int(const struct setting_values *v, const char *key, int64_t least,
                         int64_t most, int64_t *ret, struct rc_error *err);

/* The text is printed into the arena. At most FINDINGS_MOST: the last says that there are more. */
enum { FINDINGS_MOST = 200 };
void finding_add(struct finding **list, size_t *n, struct arena *a, enum finding_level level,
                 const char *name, const char *fmt, va_list args);
