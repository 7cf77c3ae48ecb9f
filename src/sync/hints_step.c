#include "sync/hints.h"

#include "base/log.h"
#include "store/integration.h"
#include "store/job.h"
#include "sync/hints_people.h"

static const int64_t second_us = 1000000;

struct look {
    struct store *st, *events;
    int64_t now_us, pace_us;
    struct arena *a;
    bool asked;
};

int64_t hint_settle_us(int64_t pace_s) {
    int64_t us = pace_s * second_us / 20;
    if (us < HINT_SETTLE_MS * INT64_C(1000))
        return HINT_SETTLE_MS * INT64_C(1000);
    return us < HINT_SETTLE_MOST_S * second_us ? us : HINT_SETTLE_MOST_S * second_us;
}

/* A job that has failed waits for its own time: hints do not make it hurry. */
static enum rc_code want(struct look *l, const struct hook_open *o, const struct job_state *is,
                         int64_t after_us, int64_t *ret_wanted, struct rc_error *err) {
    int64_t run_id = 0, began_us = 0, at = l->now_us + after_us;
    enum rc_code rc =
        hook_last_listing(l->st, o->company_id, o->integration_id, &run_id, &began_us, err);
    if (rc != RC_OK)
        return rc;
    if (began_us <= l->now_us &&
        began_us + l->pace_us > at) /* else out of a clock that went wrong */
        at = began_us + l->pace_us;
    *ret_wanted = at;
    if (is->attempts > 0 && !is->is_claimed && is->run_at_us > l->now_us)
        return RC_OK;
    l->asked = true;
    return job_want(l->st, JOB_SYNC, o->company_id, o->integration_id, at, err);
}

/* What was wanted until then has been done; 0: nothing. A job that somebody else kept from its work looks
 * done here too; it is due again all the same, by itself. */
static int64_t done_until(const struct job_state *is, int64_t now_us) {
    if (is->is_claimed || is->attempts > 0)
        return 0;
    return is->run_at_us == 0 || is->run_at_us > now_us ? now_us : is->run_at_us - 1;
}

/* What is to become of a hint after a listing: done where it made the person new, or nothing more can be
 * learned; else HR may have shown the old state. A person is looked at by themselves, the others with one
 * listing more. */
static enum hook_end end_of(const struct look *l, const struct hook_waiting *w, bool newer,
                            int64_t *ret_wanted) {
    *ret_wanted = 0;
    if (newer)
        return HOOK_DONE;
    if (w->source_id.state != TEXT_SET)
        return w->tries == 0 ? HOOK_LIST : HOOK_DONE;
    *ret_wanted = hinted_next_us(w, l->now_us);
    return *ret_wanted != 0 ? HOOK_AGAIN : HOOK_DONE;
}

/* The sync after these hints is over. */
static enum rc_code after_asked(struct look *l, const struct hook_open *o,
                                const struct job_state *is, int64_t until_us,
                                struct rc_error *err) {
    struct hook_waiting *list;
    size_t n = 0, list_n = 0, ends[HOOK_LIST + 1] = { 0 };
    int64_t run_id = 0, began_us = 0, wanted = 0;
    enum rc_code rc = hook_event_waiting(l->events, o->company_id, o->integration_id, until_us,
                                         l->a, &list, &n, err);
    if (rc == RC_OK)
        rc = hook_last_listing(l->st, o->company_id, o->integration_id, &run_id, &began_us, err);
    bool *newer = ARENA_NEW(l->a, bool, n + 1);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        if (list[i].source_id.state == TEXT_SET)
            rc = hook_person_is_newer(l->st, o->company_id, o->integration_id, list[i].source_id,
                                      list[i].arrived_us, &newer[i], err);
        list_n += end_of(l, &list[i], newer[i], &wanted) == HOOK_LIST;
    }
    int64_t listing_us = 0;
    if (rc == RC_OK && list_n > 0)
        rc = want(l, o, is, (int64_t)HINT_AGAIN_S * second_us, &listing_us, err);
    if (rc != RC_OK || (rc = db_begin(l->events->db, err)) != RC_OK)
        return rc;
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        enum hook_end end = end_of(l, &list[i], newer[i], &wanted);
        ends[end]++;
        rc = hook_event_settle(l->events, o->company_id, o->integration_id, &list[i], end,
                               end == HOOK_LIST ? listing_us : wanted,
                               newer[i] ? run_id : list[i].run_id, err);
    }
    if (rc == RC_OK)
        rc = db_commit(l->events->db, err);
    else
        db_rollback(l->events->db);
    if (rc == RC_OK)
        log_info("webhooks=looked-at company=%lld integration=%lld run=%lld events=%zu again=%zu",
                 (long long)o->company_id, (long long)o->integration_id, (long long)run_id, n,
                 ends[HOOK_AGAIN] + ends[HOOK_LIST]);
    return rc;
}

/* The people whom hints name, a moment after the first of them, and not twice within a moment. A job that
 * is at work looks for more by itself. */
static enum rc_code want_people(struct look *l, const struct hook_open *o, struct rc_error *err) {
    struct job_state is;
    int64_t at = o->new_us != 0 ? o->new_us + HINT_PEOPLE_SETTLE_US : 0;
    if (at == 0 || (o->again_us != 0 && o->again_us < at))
        at = o->again_us;
    enum rc_code rc =
        job_look(l->st, JOB_HINT, o->company_id, o->integration_id, l->now_us, &is, err);
    if (rc != RC_OK || at == 0 || is.is_claimed || (is.attempts > 0 && is.run_at_us > l->now_us))
        return rc;
    if (is.claimed_us <= l->now_us && at < is.claimed_us + HINT_PEOPLE_PACE_US)
        at = is.claimed_us + HINT_PEOPLE_PACE_US;
    if (is.run_at_us != 0 && is.run_at_us <= at)
        return RC_OK;
    l->asked = true;
    return job_want(l->st, JOB_HINT, o->company_id, o->integration_id, at, err);
}

/* What names nobody, or nothing that we know, or too many: everybody. */
static enum rc_code sort(struct look *l, struct hook_open *o, struct rc_error *err) {
    int64_t n = 0, pings = 0;
    bool all = o->people_n > FEW_MOST;
    enum rc_code rc = RC_OK;
    if (o->new_n == 0)
        return RC_OK;
    if (o->pings_n > 0) /* only what is there: writing keeps others from it */
        rc = hook_event_ignore(l->events, o->company_id, o->integration_id, "ping", &pings, err);
    if (rc != RC_OK)
        return rc;
    o->new_n -= pings;
    if (all || o->strange_n > pings)
        rc = hook_event_list(l->events, o->company_id, o->integration_id, l->now_us, all,
                             hinted_names, &n, err);
    o->list_n += n;
    if (all)
        o->new_us = o->again_us = 0;
    else if (n == o->new_n)
        o->new_us = 0;
    return rc;
}

static enum rc_code one(struct look *l, struct hook_open *o, struct rc_error *err) {
    struct integration in;
    struct job_state is;
    int64_t wanted = 0, until_us = 0;
    enum rc_code rc =
        integration_get(l->st, o->company_id, o->integration_id, NULL, l->a, &in, err);
    if (rc == RC_NOT_FOUND) /* removed meanwhile */
        return hook_event_forget(l->events, o->company_id, o->integration_id, err);
    if (rc != RC_OK || (rc = job_look(l->st, JOB_SYNC, o->company_id, o->integration_id, l->now_us,
                                      &is, err)) != RC_OK)
        return rc;
    until_us = done_until(&is, l->now_us);
    if (o->asked_us != 0 && o->asked_us <= until_us)
        rc = after_asked(l, o, &is, until_us, err);
    if (rc == RC_OK)
        rc = sort(l, o, err);
    /* The job first: ended in between, it is asked for once more, and nothing is lost. */
    if (rc == RC_OK && o->list_n > 0 &&
        (rc = want(l, o, &is, hint_settle_us(l->pace_us / second_us), &wanted, err)) == RC_OK)
        rc = hook_event_asked(l->events, o->company_id, o->integration_id, wanted, err);
    return rc == RC_OK ? want_people(l, o, err) : rc;
}

enum rc_code hints_step(struct store *st, struct store *events, int64_t now_us, int64_t pace_s,
                        bool *ret_open, bool *ret_asked, struct rc_error *err) {
    struct arena a;
    struct hook_open *list;
    size_t n = 0;
    arena_init(&a);
    struct look l = { st, events, now_us, pace_s * second_us, &a, false };
    enum rc_code rc = hook_event_open(events, hinted_names, &a, &list, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = one(&l, &list[i], err);
    arena_done(&a);
    *ret_open = n > 0;
    *ret_asked = l.asked;
    return rc;
}
