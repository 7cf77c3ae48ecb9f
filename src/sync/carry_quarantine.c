/* A platform that refuses everybody for one cause is not asked about everybody else: it is left alone
 * for a while, then one is tried, and the pauses double. One that goes through ends it. After the last
 * pause the run ends, with the cause, and the next delivery goes on. */
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "sync/carry_p.h"

/* What is still out when it begins says nothing new. */
static bool has_begun(const struct carrying *c) {
    return c->quarantine.probes > 0 && clock_monotonic_us(c->d->clock) < c->quarantine.until_us;
}

static void begin_or_end(struct carrying *c, enum rc_code rc, const struct rc_error *why) {
    struct quarantine *q = &c->quarantine;
    int64_t pause_us = c->d->destination->first_pause_us << q->probes;
    if (c->stop != RC_OK)
        return;
    if (q->probes == PROBES) {
        c->stop = rc;
        c->why = *why;
        return;
    }
    q->rc = rc;
    q->why = *why;
    if (q->probes == 0)
        log_warn("run=%lld waiting=\"%s\"", (long long)c->d->run->run_id, why->text);
    q->probes++;
    q->until_us = clock_monotonic_us(c->d->clock) + pause_us;
}

/* Without the numbers of a path, as in "PUT /v1/users/1002": whom it is about is no cause. */
static void read_cause(const struct rc_error *why, char ret[QUARANTINE_CAUSE_BYTES]) {
    size_t n = 0;
    bool in_number = false;
    for (const char *p = why->text; *p != '\0' && n + 1 < QUARANTINE_CAUSE_BYTES; p++) {
        in_number = *p >= '0' && *p <= '9' && (in_number || (p > why->text && p[-1] == '/'));
        if (!in_number)
            ret[n++] = *p;
    }
    ret[n] = '\0';
}

void quarantine_refused(struct carrying *c, const struct rc_error *why) {
    struct quarantine *q = &c->quarantine;
    struct rc_error alike = { 0 };
    char cause[QUARANTINE_CAUSE_BYTES];
    if (has_begun(c))
        return;
    read_cause(why, cause);
    q->alike = q->alike > 0 && strcmp(q->cause, cause) == 0 ? q->alike + 1 : 1;
    memcpy(q->cause, cause, sizeof cause);
    if (q->alike < ALIKE && q->probes == 0)
        return;
    rc_fail_as(&alike, RC_INVALID, "delivery.alike",
               "%d in a row were refused for one cause: %s. Nothing more was tried", q->alike,
               why->text);
    begin_or_end(c, RC_INVALID, &alike);
}

/* The destination itself has waited and repeated, with pauses that grow: probing once more would only
 * add them up. */
void quarantine_silent(struct carrying *c, enum rc_code rc, const struct rc_error *why) {
    if (++c->quarantine.silent < OUTAGES || c->stop != RC_OK)
        return;
    c->stop = rc;
    c->why = *why;
}

void quarantine_passed(struct carrying *c) {
    if (c->quarantine.probes > 0)
        log_info("run=%lld waiting=over", (long long)c->d->run->run_id);
    c->quarantine = (struct quarantine){ 0 };
}

void quarantine_end(struct carrying *c) {
    if (c->stop == RC_OK && c->quarantine.probes > 0) {
        c->stop = c->quarantine.rc;
        c->why = c->quarantine.why;
    }
}

size_t quarantine_room(struct carrying *c, size_t room) {
    const struct quarantine *q = &c->quarantine;
    if (q->probes == 0)
        return room;
    return c->outstanding == 0 && !has_begun(c) && room > 0 ? 1 : 0;
}

void quarantine_wait(struct carrying *c) {
    enum { SLICE_US = 500000 }; /* then the lease is prolonged, and the pause looked at */
    const struct clock_source *clock = c->d->clock;
    if (c->stop != RC_OK || c->outstanding > 0 || !has_begun(c))
        return;
    int64_t left_us = c->quarantine.until_us - clock_monotonic_us(clock);
    c->d->progress->pausing_until_us = clock_now_us(clock) + left_us;
    clock_sleep_us(clock, left_us < SLICE_US ? left_us : SLICE_US);
}
