/* setting.h - what an adapter wants to be told, and what its check found: the same for HR systems and
 * learning platforms.
 *
 * Memory: texts are literals, or borrowed from the arena of the call that found them. */
#pragma once
#include <stdbool.h>

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
