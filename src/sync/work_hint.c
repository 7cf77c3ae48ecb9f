/* The job "hint": people whom webhooks name are read and applied (few.h), and their accounts are looked
 * at.
 *
 * Durable: a hint is done only once its people have been applied and the platforms have been tried. Killed
 * anywhere before that, the next process reads the same people again, and finds them as they are. */
#include "base/log.h"
#include "sync/hints_people.h"
#include "sync/stopping.h"
#include "sync/subscription.h"
#include "sync/work_p.h"

enum {
    TRIES = 2,          /* then HR is left to the listing, whose pauses and alarms are its own */
    ROUND_US = 1000000, /* from one to the next */
    PASS_S = 3,         /* for so long whoever asks goes first, */
    PASS_EVERY_S = WORK_BUSY_S - PASS_S, /* so often */
};

/* One call a second may keep a listing from ever getting the lease; it asks for that every WORK_BUSY_S. So
 * now and then it goes first: for a moment only, as somebody in HR waits, and at such distances that it asks
 * in one of these moments after WORK_BUSY_S / PASS_S times at the latest. What is late is claimed first anyway. */
static enum rc_code lets_pass(const struct work *w, const struct job *j, bool *ret,
                              struct rc_error *err) {
    static const int64_t second_us = 1000000;
    struct job_state is;
    int64_t now = clock_now_us(w->clock);
    enum rc_code rc = job_look(w->st, JOB_SYNC, j->company_id, j->subject_id, now, &is, err);
    *ret = rc == RC_OK && is.run_at_us != 0 && !is.is_claimed &&
           is.run_at_us <= now + WORK_BUSY_S * second_us && now / second_us % PASS_EVERY_S < PASS_S;
    return rc;
}

static void log_round(const struct hinted *h, const struct run *r) {
    size_t ends[FEW_LISTING + 1] = { 0 };
    const char *why = NULL;
    for (size_t i = 0; i < h->people_n; i++) {
        ends[h->people[i].end]++;
        if (h->people[i].end == FEW_LISTING && why == NULL)
            why = h->people[i].why;
    }
    log_info("webhooks=read people=%zu changed=%zu same=%zu unknown=%zu listing=%zu run=%lld%s%s%s",
             h->people_n, ends[FEW_CHANGED], ends[FEW_SAME], ends[FEW_UNKNOWN], ends[FEW_LISTING],
             (long long)r->run_id, why != NULL ? " because=\"" : "", why != NULL ? why : "",
             why != NULL ? "\"" : "");
}

/* HR does not answer, or refuses us: what it told is left to a listing. */
static struct work_result give_up(const struct work *w, const struct job *j,
                                  const struct rc_error *why) {
    struct rc_error err = { 0 };
    log_warn("webhooks=left-to-a-listing reason=\"%s\"", why->text);
    enum rc_code rc = hook_event_list(*w->events, j->company_id, j->subject_id,
                                      clock_now_us(w->clock), true, hinted_names, NULL, &err);
    return work_result_of(rc, &err);
}

static struct work_result one_round(const struct work *w, const struct job *j, struct steps *s,
                                    bool *ret_any) {
    struct rc_error err = { 0 };
    struct hinted h = { 0 };
    struct few_options o = { .who = work_who, .clock = w->clock };
    enum rc_code rc = hinted_load(*w->events, j->company_id, j->subject_id, clock_now_us(w->clock),
                                  s->arena, &h, &err);
    if (rc == RC_OK)
        rc = subscription_heard(w->st, *w->events, j->company_id, j->subject_id, s->arena, &err);
    *ret_any = rc == RC_OK && h.people_n > 0;
    if (!*ret_any)
        return work_result_of(rc, &err);
    rc = few_run(w->st, w->key, s->company, s->in, &o, h.people, h.people_n, s->arena, &s->imported,
                 &err);
    struct work_result r = work_result_of(rc, &err);
    if (r.end == WORK_FAILED) {
        work_log_failure(rc, "webhooks", &err);
        return j->attempts >= TRIES ? give_up(w, j, &err) : r;
    }
    if (rc != RC_OK)
        return r;
    log_round(&h, &s->imported);
    if (s->imported.run_id != 0)
        work_log_run("import", &s->imported);
    r = work_deliver_all(w, s);
    if (r.end != WORK_DONE)
        return r;
    rc = hinted_settle(*w->events, j->company_id, j->subject_id, &h, s->imported.run_id,
                       clock_now_us(w->clock), &err);
    return work_result_of(rc, &err);
}

/* Some may have come meanwhile: together, a second after the last ones. */
static struct work_result look_for_more(const struct work *w, const struct job *j, int64_t began_us,
                                        struct arena *a) {
    struct rc_error err = { 0 };
    struct hook_waiting *list;
    size_t n = 0;
    int64_t now_us = clock_now_us(w->clock);
    enum rc_code rc =
        hook_event_due(*w->events, j->company_id, j->subject_id, now_us, a, &list, &n, &err);
    struct work_result r = work_result_of(rc, &err);
    if (r.end == WORK_DONE && n > 0)
        r.next_us = began_us + ROUND_US > now_us ? began_us + ROUND_US : now_us;
    return r;
}

struct work_result work_hint(const struct work *w, const struct job *j, const struct company *co,
                             struct arena *a) {
    struct rc_error err = { 0 };
    struct integration in;
    bool passes = false;
    enum rc_code rc = lets_pass(w, j, &passes, &err);
    if (rc == RC_OK && passes)
        return (struct work_result){ .end = WORK_WAITS };
    if (rc == RC_OK && *w->events == NULL)
        rc = hook_events_open(w->where, w->events, &err);
    /* Whoever brings hints waits for the file, and this would keep it while it waits for the disk. A hint that a
     * power cut makes new again is read once more. */
    if (rc == RC_OK)
        rc = db_set_bulk((*w->events)->db, true, &err);
    if (rc == RC_OK)
        rc = integration_get(w->st, j->company_id, j->subject_id, w->key, a, &in, &err);
    if (rc == RC_NOT_FOUND) /* its hints are forgotten by who minds them */
        return (struct work_result){ 0 };
    if (rc != RC_OK) {
        work_log_failure(rc, "webhooks", &err);
        return work_result_of(rc, &err);
    }
    struct steps s = { .st = w->st,
                       .key = w->key,
                       .clock = w->clock,
                       .who = work_who,
                       .arena = a,
                       .company = co,
                       .in = &in,
                       .few = true };
    int64_t began_us = clock_now_us(w->clock);
    bool any = false;
    rc = steps_begin(&s, &err);
    struct work_result r = rc == RC_OK ? one_round(w, j, &s, &any) : work_result_of(rc, &err);
    if (r.end == WORK_DONE && any)
        r = look_for_more(w, j, began_us, a);
    if (r.end == WORK_FAILED) /* perhaps it is a connection that is lost */
        store_close(RC_TAKE(*w->events));
    return r;
}
