#include "sync/health.h"

#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "store/effect.h"
#include "store/lease.h"
#include "sync/delivery.h"

const char *health_verdict_name(enum health_verdict v) {
    static const char *const names[HEALTH_VERDICTS_N] = {
        "ok", "paused", "held", "failed", "new", "stale", "interrupted", "leavers"
    };
    return names[v];
}

static enum rc_code runs_of(struct store *st, int64_t company_id, int64_t subject_id,
                            struct arena *a, struct health *ret, struct rc_error *err) {
    /* A few people who were read well say nothing about a listing that has failed. */
    enum rc_code rc = run_newest_whole(st, company_id, subject_id, a, &ret->last, err);
    ret->has_last = rc == RC_OK;
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    rc = run_in_state(st, company_id, subject_id, RUN_HELD, a, &ret->held, err);
    ret->has_held = rc == RC_OK;
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    rc = trouble_get(st, company_id, subject_id, a, &ret->trouble, err);
    ret->zone_unknown = text_is(ret->trouble.name, COMPANY_ZONE_UNKNOWN);
    return rc;
}

enum rc_code health_of_integration(struct store *st, const struct integration *in, int64_t now_us,
                                   struct arena *a, struct health *ret, struct rc_error *err) {
    *ret = (struct health){ 0 };
    enum rc_code rc = runs_of(st, in->company_id, in->integration_id, a, ret, err);
    bool stale =
        in->listed_us != 0 && now_us - in->listed_us > (int64_t)HEALTH_STALE_HOURS * 3600 * 1000000;
    ret->verdict = ret->has_held                                    ? HEALTH_HELD
                   : ret->zone_unknown                              ? HEALTH_FAILED
                   : ret->has_last && ret->last.state == RUN_FAILED ? HEALTH_FAILED
                   : in->listed_us == 0                             ? HEALTH_NEW
                   : stale                                          ? HEALTH_STALE
                                                                    : HEALTH_OK;
    return rc;
}

enum rc_code health_is_interrupted(struct store *st, const struct run *r, int64_t now_us, bool *ret,
                                   struct rc_error *err) {
    char subject[64];
    bool held = false;
    *ret = false;
    if (r->destination_id == 0 || r->state != RUN_PASSED)
        return RC_OK;
    snprintf(subject, sizeof subject, "%lld/%lld", (long long)r->company_id,
             (long long)r->destination_id);
    enum rc_code rc = lease_look(st, "deliver", subject, now_us, &held, NULL, err);
    *ret = rc == RC_OK && !held;
    return rc;
}

/* Of some, and not for the first time: once may be over with the next delivery. */
static bool is_failing(const struct trouble *t) {
    return t->attempts > 1 && health_is_of_some(t);
}

enum rc_code health_of_destination(struct store *st, const struct platform *p, int64_t now_us,
                                   struct arena *a, struct health *ret, struct rc_error *err) {
    *ret = (struct health){ 0 };
    enum rc_code rc = runs_of(st, p->company_id, p->destination_id, a, ret, err);
    if (rc == RC_OK && ret->has_last)
        rc = health_is_interrupted(st, &ret->last, now_us, &ret->is_interrupted, err);
    if (rc == RC_OK)
        rc = delivery_reads_first(st, p, a, &ret->reads_first, err);
    ret->verdict = p->paused_by.state == TEXT_SET                   ? HEALTH_PAUSED
                   : ret->is_interrupted                            ? HEALTH_INTERRUPTED
                   : ret->has_held                                  ? HEALTH_HELD
                   : ret->zone_unknown                              ? HEALTH_FAILED
                   : ret->has_last && ret->last.state == RUN_FAILED ? HEALTH_FAILED
                   : is_failing(&ret->trouble)                      ? HEALTH_FAILED
                   : ret->reads_first.state == TEXT_SET             ? HEALTH_FAILED
                   : p->delivered_us == 0                           ? HEALTH_NEW
                                                                    : HEALTH_OK;
    return rc;
}

enum rc_code health_add_undo(struct store *st, const struct platform *p, struct arena *a,
                             struct health *h, struct rc_error *err) {
    struct run undo = { .run_id = INT64_MAX, .preview = true };
    enum rc_code rc = RC_OK;
    if (h->has_held)
        return RC_OK;
    while (rc == RC_OK && undo.preview)
        rc = run_before(st, p->company_id, p->destination_id, RUN_UNDO, RUN_PREVIEWED, 0,
                        undo.run_id, a, &undo, err);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    h->held = undo;
    h->has_held = true;
    if (h->verdict != HEALTH_PAUSED && h->verdict != HEALTH_INTERRUPTED)
        h->verdict = HEALTH_HELD;
    return RC_OK;
}

/* Those whom HR did not announce are leavers too, and counted as such; the larger number, should they
 * not be. */
int64_t health_leavers(const struct run *r) {
    const int64_t *n = r->counts.classes;
    return n[CHANGE_LEAVERS] > n[CHANGE_UNANNOUNCED] ? n[CHANGE_LEAVERS] : n[CHANGE_UNANNOUNCED];
}

/* ---- how it went ---- */

/* A conflict of which nothing says with whom is one with our own records: it comes again. */
static bool is_nobodys(enum rc_code rc, const struct rc_error *err) {
    const char *name = err->name != NULL ? err->name : "";
    return (rc == RC_CONFLICT && name[0] != '\0') || rc == RC_NOT_FOUND ||
           strcmp(name, "stopping") == 0;
}

void health_note(struct store *st, const struct clock_source *clock, int64_t company_id,
                 int64_t subject_id, enum rc_code rc, const struct rc_error *err) {
    struct rc_error own = { 0 }, why = *err;
    enum rc_code noted;
    if (rc != RC_OK && is_nobodys(rc, err))
        return;
    why.code = rc;
    /* it may have been cut in the middle of a character, and neither database takes half of one */
    for (size_t len = strlen(why.text); len > 0 && !text_is_utf8(why.text, len); len--)
        why.text[len - 1] = '\0';
    noted = rc == RC_OK ? trouble_over(st, company_id, subject_id, &own)
                        : trouble_note(st, company_id, subject_id, clock_now_us(clock), &why, &own);
    if (noted != RC_OK)
        log_warn("subject=%lld trouble=not-noted reason=\"%s\"", (long long)subject_id, own.text);
}

static void say_clock(const struct delivery_progress *progress, struct rc_error *ret) {
    int64_t apart_s = progress->clock_apart_s, n = progress->waits_for_clock_n;
    int64_t minutes = (apart_s < 0 ? -apart_s : apart_s) / 60;
    (void)rc_fail_as(ret, RC_UNSURE, HEALTH_CLOCK,
                     "the clock of this machine is %lld minutes %s the platform's, so no date "
                     "counts: %lld %s until they agree",
                     (long long)minutes, apart_s < 0 ? "ahead of" : "behind", (long long)n,
                     n == 1 ? "person waits" : "people wait");
}

/* Nothing is in the way of the others: the run went well but for these. */
static enum rc_code any_not_through(struct store *st, const struct clock_source *clock,
                                    const struct platform *p, const struct run *r,
                                    const struct delivery_progress *progress, struct rc_error *ret,
                                    struct rc_error *err) {
    struct platform now;
    struct arena a;
    int64_t unsure = 0, failed = 0, at_us = clock_now_us(clock);
    arena_init(&a);
    enum rc_code rc = platform_get(st, p->company_id, p->destination_id, NULL, &a, &now, err);
    int64_t listed_us = rc != RC_OK || now.listed_us > at_us ? 0 : now.listed_us;
    arena_done(&a);
    if (rc == RC_OK)
        rc = effect_not_through(st, p->company_id, p->destination_id, listed_us, r->run_id, &unsure,
                                &failed, err);
    if (rc != RC_OK)
        return rc;
    if (unsure > 0)
        (void)rc_fail_as(ret, RC_UNSURE, HEALTH_IN_DOUBT,
                         "the platform answered %lld %s neither yes nor no, so that nobody knows "
                         "whether it did what it was asked to",
                         (long long)unsure, unsure == 1 ? "call" : "calls");
    else if (failed > 0)
        (void)rc_fail_as(ret, RC_INVALID, HEALTH_NOT_CLOSED,
                         "the platform would not close %lld %s of people who are to have none",
                         (long long)failed, failed == 1 ? "account" : "accounts");
    else if (progress != NULL && progress->waits_for_clock_n > 0)
        say_clock(progress, ret);
    return RC_OK;
}

void health_note_delivery(struct store *st, const struct clock_source *clock,
                          const struct platform *p, const struct run *r,
                          const struct delivery_progress *now, enum rc_code rc,
                          const struct rc_error *err) {
    struct rc_error some = { 0 }, own = { 0 };
    if (rc == RC_OK && any_not_through(st, clock, p, r, now, &some, &own) != RC_OK) {
        log_warn("subject=%lld trouble=not-noted reason=\"%s\"", (long long)p->destination_id,
                 own.text);
        return;
    }
    if (rc == RC_OK && some.name != NULL) {
        rc = some.code;
        err = &some;
    }
    health_note(st, clock, p->company_id, p->destination_id, rc, err);
}

bool health_is_of_some(const struct trouble *t) {
    return t->attempts > 0 &&
           (text_is(t->name, HEALTH_IN_DOUBT) || text_is(t->name, HEALTH_NOT_CLOSED) ||
            text_is(t->name, HEALTH_CLOCK));
}
