/* delivery.h - from the directory to a platform: a run that plans effects, has them judged by the
 * guard, carries them out, and records each.
 *
 * Order:  lease, recovery of what a dead process left, connection, inventory when one is due, plan
 *         (durable before the first call), guard, and if nothing holds it: teams, people, references,
 *         leavers. Right before an effect is carried out it is decided about once more; what has
 *         changed since it was planned is left out and named, never replaced by something unseen.
 *         States are those of an import: listing is the inventory, checking the plan, passed the
 *         carrying out, applied its end. A run cut short while carrying out goes on with a fresh
 *         complete inventory: what was sent and is not known of is looked up there.
 *         With nothing dirty, nothing due and an inventory that is fresh enough nothing is asked of
 *         the platform, and there is no run.
 * Errors: a failed run is an error; held and previewed are answers, in ret->state. One person's
 *         refusal is no error: it is on the effect. RC_AUTH, and a platform that does not answer, end
 *         a run as failed: what was not tried stays to be done by the next one.
 * Threads: progress may be read by another thread. */
#pragma once
#include "base/clock.h"
#include "destination/destination.h"
#include "secret/secret.h"
#include "store/company.h"
#include "store/platform.h"
#include "store/run.h"

enum delivery_phase {
    DELIVERY_STARTING = 0,
    DELIVERY_LISTING,
    DELIVERY_PLANNING,
    DELIVERY_SENDING,
    DELIVERY_SETTLING,
    DELIVERY_DONE
};
const char *delivery_phase_name(enum delivery_phase p); /* "reading the platform's accounts" */

struct delivery_progress {
    _Atomic int phase;       /* enum delivery_phase */
    _Atomic int64_t resumed; /* the run that was interrupted, and gone on with; 0: none */
    _Atomic int64_t listed, looked_at, planned, sent, failed;
    _Atomic int64_t calls, calls_made; /* about so many: an effect may take several */
    _Atomic int64_t sending_since_us, waiting_until_us;
    _Atomic int64_t clock_apart_s;     /* the platform's clock is that much ahead of ours, */
    _Atomic int64_t waits_for_clock_n; /* and so many, whose day has come, wait for that */
    _Atomic int64_t
        pausing_until_us; /* we leave the platform alone until then: src/sync/carry_quarantine.c */
};

struct delivery_options {
    bool preview;           /* stop before the first effect */
    int64_t overlay_run_id; /* preview: as if this previewed or held import were applied; 0: none */
    bool lists;             /* take a complete inventory, due or not */
    bool few;               /* a hint: the daily inventory is left to others, for another day */
    const char *who;
    const struct clock_source *clock;
    struct delivery_progress *progress;    /* may be NULL */
    const struct destination_ops *adapter; /* NULL: the platform's own */
};

/* ret->run_id 0: there was nothing to do. Where all that was to be done was the rest of a run that had been
 * interrupted, it is that run. A preview goes on with none: RC_CONFLICT "delivery.interrupted". Texts in
 * the arena. */
enum rc_code delivery_run(struct store *st, const struct secret_key *k,
                          const struct company *company, const struct platform *p,
                          const struct delivery_options *o, struct arena *a, struct run *ret,
                          struct rc_error *err);
/* Yes to a held or previewed delivery: its effects are carried out, and no others. A delivery that was
 * previewed over an import applies that import first. because: may be NULL. */
enum rc_code delivery_approve(struct store *st, const struct secret_key *k,
                              const struct company *company, int64_t run_id, const char *because,
                              const struct delivery_options *o, struct arena *a, struct run *ret,
                              struct rc_error *err);
/* No, likewise; and to a delivery that was interrupted while it was carried out, which ends as failed: what
 * was handed out is in doubt, to be looked up by the next one, and the rest is dropped. RC_CONFLICT "busy":
 * it was not interrupted, but is under way. */
enum rc_code delivery_reject(struct store *st, const struct company *company, int64_t run_id,
                             const char *because, const struct delivery_options *o, struct arena *a,
                             struct run *ret, struct rc_error *err);

/* The key of an integration that has to be read once more before anything is sent, as the database was put back from a
 * backup: the directory of before would give people back the names, teams and access of before. Missing: none. Who
 * was never listed has nobody there. */
enum rc_code delivery_reads_first(struct store *st, const struct platform *p, struct arena *a,
                                  struct text *ret, struct rc_error *err);

/* The platform's adapter, opened with settings and secrets. */
enum rc_code delivery_connect(const struct platform *p, const struct destination_ops *adapter,
                              const struct clock_source *clock, struct destination **ret,
                              struct rc_error *err);
