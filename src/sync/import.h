/* import.h - people come from a source into the directory.
 *
 * Order:  lease, recovery of what a dead process left, rights, listing (a thread that reads, one
 *         that prepares, and the caller's that stages, with at most seven pages between them),
 *         proof, look-ups of the missing, guard, and if nothing holds it, apply: one short
 *         transaction.
 * Errors: a failed run is an error; a held or previewed run is an answer, in ret->state. After any
 *         error, and after kill -9 at any point, the directory is the old one or the new one.
 * Threads: progress may be read by another thread while import_run() runs. */
#pragma once
#include <stdatomic.h>
#include "base/clock.h"
#include "people/mapping.h"
#include "secret/secret.h"
#include "source/source.h"
#include "store/company.h"
#include "store/integration.h"
#include "store/run.h"

enum import_phase {
    IMPORT_STARTING = 0,
    IMPORT_RIGHTS,
    IMPORT_LISTING,
    IMPORT_LOOKING_UP,
    IMPORT_CHECKING,
    IMPORT_APPLYING,
    IMPORT_DONE
};
const char *import_phase_name(enum import_phase p); /* "reading the list" */

struct import_progress {
    _Atomic int phase; /* enum import_phase */
    _Atomic int64_t read, declared, staged, looked_up, to_look_up, attempt;
    _Atomic int64_t waiting_until_us; /* the remote asked us to wait */
};

struct import_options {
    bool preview;       /* stop before apply */
    const char *person; /* NULL: everybody; else one source id */
    bool activates;     /* mapping_id, once the run is applied; everybody is listed through it */
    int64_t mapping_id; /* 0: the default */
    const char *who;    /* for the record: who asked */
    const struct clock_source *clock;
    struct import_progress *progress; /* may be NULL */
    /* NULL: the one that the integration names; else one that is in no table, as in tests */
    const struct source_ops *source;
};

/* ret is filled as far as the run came, also on errors (run_id 0: it never began). Texts in the
 * arena. */
enum rc_code import_run(struct store *st, const struct secret_key *k, const struct company *company,
                        const struct integration *in, const struct import_options *o,
                        struct arena *a, struct run *ret, struct rc_error *err);

/* RC_CONFLICT "run.outdated": a preview of what HR said more than a day ago. It is not approved: nobody may have read HR
 * since, and whoever was to be closed by it may work on. One that is held is: the next import takes its place. */
enum rc_code import_is_current(const struct run *r, int64_t now_us, struct rc_error *err);
/* A held or previewed run: yes. Those whom something else has changed since are left out, and
 * ret->counts.left_out says how many. */
enum rc_code import_approve(struct store *st, const struct secret_key *k,
                            const struct company *company, int64_t run_id, const char *who,
                            const char *because, const struct clock_source *clock, struct arena *a,
                            struct run *ret, struct rc_error *err);
enum rc_code import_reject(struct store *st, const struct company *company, int64_t run_id,
                           const char *who, const char *because, const struct clock_source *clock,
                           struct arena *a, struct run *ret, struct rc_error *err);

/* The source of an integration, opened with its settings and secrets for what `m` reads, which has
 * to live as long. */
enum rc_code import_connect(const struct integration *in, const struct mapping *m,
                            const struct clock_source *clock, struct source **ret,
                            struct rc_error *err);
