/* The job "webhook": the one that rollcall keeps in HR is there, and tells (subscription.h). */
#include "base/log.h"
#include "store/hook_event.h"
#include "sync/subscription.h"
#include "sync/work_p.h"

static struct work_result look_again(const struct work *w) {
    return (struct work_result){ .next_us = clock_now_us(w->clock) +
                                            (int64_t)SUBSCRIPTION_EVERY_S * 1000000 };
}

/* What HR does not let us delete is for somebody there; here it is over. */
static struct work_result end(const struct work *w, const struct integration *in,
                              const struct hook *h, struct arena *a) {
    struct rc_error err = { 0 };
    bool was_there = false;
    enum rc_code rc = subscription_end(w->st, in, h, w->clock, a, &err);
    if (subscription_is_by_hand(rc, &err)) {
        work_log_failure(rc, "webhook", &err);
        rc = hook_remove(w->st, h->company_id, h->integration_id, &was_there, &err);
    }
    struct work_result r = work_result_of(rc, &err);
    if (r.end == WORK_FAILED)
        work_log_failure(rc, "webhook", &err);
    else
        log_info("webhook=%s", r.end == WORK_DONE ? "removed" : "stopped");
    return r;
}

static struct work_result keep(const struct work *w, const struct integration *in, struct hook *h,
                               struct arena *a) {
    struct rc_error err = { 0 };
    struct subscription_result done = { 0 };
    enum rc_code rc = RC_OK;
    if (*w->events == NULL)
        rc = hook_events_open(w->where, w->events, &err);
    if (rc == RC_OK) /* what was missed is not read twice */
        rc = db_set_bulk((*w->events)->db, false, &err);
    if (rc == RC_OK)
        rc = subscription_keep(w->st, *w->events, w->key, in, h, w->public_url, w->clock, a, &done,
                               &err);
    if (subscription_is_by_hand(rc, &err)) { /* a right may be given any day */
        log_info("webhook=by-hand reason=\"%s\"", err.text);
        return look_again(w);
    }
    if (rc == RC_NOT_FOUND && work_is_named(&err, "webhook.none")) /* removed meanwhile */
        return (struct work_result){ 0 };
    struct work_result r = work_result_of(rc, &err);
    if (r.end == WORK_FAILED)
        work_log_failure(rc, "webhook", &err);
    if (done.mended)
        log_warn("webhook=mended reason=\"it was disabled in HR, or told other things\"");
    if (rc != RC_OK)
        return r;
    if (done.missed > 0 && /* whoever minds hints has not heard of these */
        (rc = job_want(w->st, JOB_HINT, h->company_id, h->integration_id, clock_now_us(w->clock),
                       &err)) != RC_OK)
        return work_result_of(rc, &err);
    log_info("webhook=%s missed=%lld", done.made ? "made" : "kept", (long long)done.missed);
    return look_again(w);
}

struct work_result work_webhook(const struct work *w, const struct job *j, struct arena *a) {
    struct rc_error err = { 0 };
    struct integration in;
    struct hook h;
    enum rc_code rc = integration_get(w->st, j->company_id, j->subject_id, w->key, a, &in, &err);
    if (rc == RC_OK)
        rc = hook_get(w->st, w->key, j->company_id, j->subject_id, a, &h, &err);
    if (rc == RC_NOT_FOUND || (rc == RC_OK && !subscription_is_possible(&in)))
        return (struct work_result){ 0 };
    if (rc != RC_OK) {
        work_log_failure(rc, "webhook", &err);
        return work_result_of(rc, &err);
    }
    if (h.ends)
        return end(w, &in, &h, a);
    if (w->public_url == NULL) /* nobody could reach us; another process may know where */
        return look_again(w);
    return keep(w, &in, &h, a);
}
