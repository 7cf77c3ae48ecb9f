/* health.h - is all well with an integration or a destination, and if not, why: found once, for
 * `rollcall status` and for whoever is told of it by e-mail (sync/cause.h).
 *
 * Shape:  read from the database alone, so that it does not matter which process met what. */
#pragma once
#include "base/clock.h"
#include "store/company.h"
#include "store/integration.h"
#include "store/platform.h"
#include "store/run.h"
#include "store/trouble.h"

struct delivery_progress; /* sync/delivery.h */

enum health_verdict {
    HEALTH_OK = 0,
    HEALTH_PAUSED,      /* somebody said so */
    HEALTH_HELD,        /* a run waits for a person */
    HEALTH_FAILED,      /* the last run did not come to its end, or none can begin */
    HEALTH_NEW,         /* nothing has been imported or delivered yet */
    HEALTH_STALE,       /* HR was last read long ago */
    HEALTH_INTERRUPTED, /* the last delivery was cut off while it was carried out, and nobody is at it */
    HEALTH_LEAVERS, /* for `status`, of a platform that is ok else: left.h has somebody */
    HEALTH_VERDICTS_N
};
const char *health_verdict_name(enum health_verdict v); /* "held": shown, never renamed */

enum { HEALTH_STALE_HOURS = 36 };

struct health {
    enum health_verdict verdict;
    bool has_last, has_held;
    bool is_interrupted;     /* the last one */
    bool zone_unknown;       /* of the company: nothing is read or delivered, and no run says so */
    struct text reads_first; /* of a destination: delivery_reads_first() */
    struct run last, held;
    struct trouble trouble; /* attempts 0: none */
};
enum rc_code health_of_integration(struct store *st, const struct integration *in, int64_t now_us,
                                   struct arena *a, struct health *ret, struct rc_error *err);
enum rc_code health_of_destination(struct store *st, const struct platform *p, int64_t now_us,
                                   struct arena *a, struct health *ret, struct rc_error *err);
/* An undo waits for a person too; one that was only to be looked at (--preview) does not. For `status`: whoever
 * asked for it needs no alarm. */
enum rc_code health_add_undo(struct store *st, const struct platform *p, struct arena *a,
                             struct health *h, struct rc_error *err);
/* A delivery that is carried out, by a process that is no more. */
enum rc_code health_is_interrupted(struct store *st, const struct run *r, int64_t now_us, bool *ret,
                                   struct rc_error *err);
/* How many would leave by a run that waits. */
int64_t health_leavers(const struct run *r);

/* How an import or a delivery went, written down by whoever tried: what is nobody's failure (somebody else
 * was at it, it is being stopped, the destination is paused) is left out. err: of rc; not changed. */
void health_note(struct store *st, const struct clock_source *clock, int64_t company_id,
                 int64_t subject_id, enum rc_code rc, const struct rc_error *err);
/* Likewise of a delivery. One that came to its end, but leaves calls in doubt, has not closed whom it was to close, or
 * lets people wait though their day has come, as the clocks differ, has gone badly for some: that is noted too, under
 * these names, until one leaves none. r and now: as delivery_run() left them; now may be NULL. */
#define HEALTH_IN_DOUBT   "delivery.in-doubt"
#define HEALTH_NOT_CLOSED "delivery.not-closed"
#define HEALTH_CLOCK      "delivery.clock"
void health_note_delivery(struct store *st, const struct clock_source *clock,
                          const struct platform *p, const struct run *r,
                          const struct delivery_progress *now, enum rc_code rc,
                          const struct rc_error *err);
/* Of some only: it keeps nobody else waiting. */
bool health_is_of_some(const struct trouble *t);
