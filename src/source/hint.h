/* hint.h - what an HR system's webhook says of itself. Hostile bytes: nothing here is a fact about
 * anybody. What is understood is only used to tell two events apart, and to see whether a person whom an
 * event names has been read anew since.
 *
 * Memory: texts are copied into the arena.
 * Errors: none: a body that is not understood is a hint too ("something has changed").
 * Source: docs/wire-personio.md, webhooks. */
#pragma once
#include "base/arena.h"
#include "base/text.h"

enum { HINT_NAME_MOST = 64, HINT_ID_MOST = 64 };
struct hint {
    bool understood;
    struct text name;      /* "person.updated"; missing when it is not understood */
    struct text source_id; /* of the person concerned; missing: not said */
    int64_t occurred_us;   /* by HR's clock; 0: not said */
};
void hint_read_personio(const char *bytes, size_t len, struct arena *a, struct hint *ret);
