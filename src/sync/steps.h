/* steps.h - one sync of an integration: an import, then a delivery to each platform that it feeds, in
 * the order of their keys. Shared by `rollcall sync` and the workers of `rollcall serve`.
 *
 * Order:  steps_begin(), steps_import(), then steps_deliver() for each steps_next(). The caller shows
 *         what it likes in between. Whether a delivery that failed keeps the others from being tried is
 *         the caller's to say; without an import nothing is delivered.
 * Memory: in the arena of steps_begin(). */
#pragma once
#include "sync/delivery.h"
#include "sync/import.h"

struct steps {
    struct store *st;
    const struct secret_key *key;
    const struct clock_source *clock;
    const char *who;
    struct arena *arena;
    const struct company *company;
    const struct integration *in;
    bool preview; /* on both sides, the second as if the first were applied */
    bool few;     /* of deliveries: only whom something has changed for, without listing accounts */

    struct run imported;
    const struct platform *platform; /* of steps_next() */
    struct platform *platforms;
    size_t platforms_n, at, fed; /* fed: so many platforms does it feed, of those passed so far */
};

/* What stands above the blank line is the caller's to fill in before. */
enum rc_code steps_begin(struct steps *s, struct rc_error *err);
enum rc_code steps_import(struct steps *s, struct import_progress *progress, struct rc_error *err);
bool steps_next(struct steps *s); /* false: there are no more platforms */
/* A delivery to the platform is held, and no import that was applied since it was planned could make
 * another one of it: somebody is asked already. */
enum rc_code steps_is_asked(struct steps *s, bool *ret, struct rc_error *err);
/* ret->run_id 0: there was nothing to do. */
enum rc_code steps_deliver(struct steps *s, struct delivery_progress *progress, struct run *ret,
                           struct rc_error *err);
