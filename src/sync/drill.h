/* drill.h - what would have stopped it: disasters played through against today's directory.
 *
 * Shape:  the integration is copied, with everybody listed, into a database in memory; there each
 *         disaster is an import like any other, from a source that lists the people known with
 *         something wrong (source/drill.h), up to the verdict. Proof, half-known rule, look-ups and
 *         guard are the real ones, with the integration's limits and what the last 30 days have
 *         seen. The real database is only read, and HR is not asked.
 * Memory: everything in the arena given; the copy takes some 3 KB a person meanwhile.
 * Errors: RC_INVALID "drill.nobody": there is nobody to drill with. RC_CONFLICT "drill.changes":
 *         the directory would change although HR repeats it; import first. */
#pragma once
#include "sync/guard.h"
#include "sync/import.h"

enum drill_by {
    DRILL_BY_NOTHING = 0, /* it would have gone through */
    DRILL_BY_PROOF,
    DRILL_BY_HALF_KNOWN,
    DRILL_BY_LOOK_UP, /* applied, and nobody harmed */
    DRILL_BY_LIMIT,
    DRILL_NO_EFFECT, /* such a list changes nothing: the mapping takes the value from elsewhere */
    DRILL_NOT_TRIED, /* cannot happen to this source */
};
const char *drill_by_name(enum drill_by by); /* "nothing", "proof" ...: a stable word */

struct drill_result {
    const char *name, *title; /* "empty-list", "HR lists nobody" */
    enum drill_by by;
    int64_t people;     /* whom it is about */
    struct text *texts; /* what would have been said, one sentence each; at least one */
    size_t texts_n;
};
struct drill {
    int64_t people; /* with whom it was played */
    struct drill_result *results;
    size_t results_n, through_n;
};
enum rc_code drill_run(struct store *st, const struct secret_key *k, const struct company *company,
                       const struct integration *in, const struct clock_source *clock,
                       struct arena *a, struct drill *ret, struct rc_error *err);
