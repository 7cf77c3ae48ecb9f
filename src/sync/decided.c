#include "sync/decided.h"

#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "store/audit.h"
#include "store/decision.h"
#include "store/job.h"
#include "store/platform.h"
#include "sync/delivery.h"
#include "sync/health.h"
#include "sync/import.h"

static bool is_conflict(enum rc_code rc, const struct rc_error *err) {
    return rc == RC_CONFLICT && err->name != NULL &&
           (strcmp(err->name, "run.not-waiting") == 0 || strcmp(err->name, "run.outdated") == 0);
}

/* ---- taken down ---- */

/* A delivery that was previewed over an import brings that. */
static enum rc_code is_current(struct store *st, const struct decision_made *d, const struct run *r,
                               struct arena *a, struct rc_error *err) {
    struct run over;
    if (r->destination_id == 0)
        return import_is_current(r, d->made_us, err);
    if (r->kind != RUN_DELIVERY || r->other_run_id == 0)
        return RC_OK;
    enum rc_code rc = run_get(st, d->company_id, r->other_run_id, a, &over, err);
    return rc == RC_OK ? import_is_current(&over, d->made_us, err) : rc;
}

static enum rc_code find_waiting(struct store *st, const struct decision_made *d, struct arena *a,
                                 struct run *ret, struct rc_error *err) {
    int64_t run_id = d->run_id;
    bool interrupted = false;
    enum rc_code rc = run_get(st, d->company_id, run_id, a, ret, err);
    if (rc == RC_OK && d->yes && ret->state == RUN_PREVIEWED)
        return is_current(st, d, ret, a, err);
    if (rc != RC_OK || ret->state == RUN_HELD || ret->state == RUN_PREVIEWED)
        return rc;
    if (!d->yes && (rc = health_is_interrupted(st, ret, d->made_us, &interrupted, err)) != RC_OK)
        return rc;
    if (interrupted)
        return RC_OK;
    return run_not_waiting(ret, err);
}

/* What would be refused later is refused now, while somebody looks. */
static enum rc_code is_possible(struct store *st, const struct run *r, struct arena *a,
                                struct rc_error *err) {
    struct platform p;
    enum rc_code rc = company_is_open(st, r->company_id, err);
    if (rc != RC_OK || r->destination_id == 0)
        return rc;
    rc = platform_get(st, r->company_id, r->destination_id, NULL, a, &p, err);
    if (rc == RC_OK && p.paused_by.state == TEXT_SET)
        rc = rc_fail_as(err, RC_CONFLICT, "destination.paused",
                        "paused by %.*s: it has to be resumed first", TEXT_ARG(p.paused_by));
    return rc;
}

static enum rc_code take(struct store *st, const struct decision_made *d, struct arena *a,
                         struct run *ret, struct rc_error *err) {
    char what[100];
    enum rc_code rc = find_waiting(st, d, a, ret, err);
    if (rc == RC_OK && d->yes)
        rc = is_possible(st, ret, a, err);
    if (rc != RC_OK || (rc = decision_add(st, d, err)) != RC_OK)
        return rc;
    snprintf(what, sizeof what, "run %lld %s", (long long)d->run_id,
             d->yes ? "approved" : "rejected");
    if ((rc = audit_add(st, d->company_id, d->made_us, arena_str(a, d->who.ptr, d->who.len), what,
                        err)) != RC_OK)
        return rc;
    return job_want(st, JOB_DECISION, d->company_id, d->run_id, d->made_us, err);
}

enum rc_code decided_take(struct store *st, const struct company *co, int64_t run_id, bool yes,
                          const char *who, const char *because, int64_t now_us, struct arena *a,
                          struct run *ret, struct rc_error *err) {
    struct decision_made d = { .company_id = co->company_id,
                               .run_id = run_id,
                               .made_us = now_us,
                               .yes = yes,
                               .who = text_of(who),
                               .because = text_of(because) };
    enum rc_code rc = db_begin(st->db, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = take(st, &d, a, ret, err)) == RC_OK)
        return db_commit(st->db, err);
    db_rollback(st->db);
    return rc;
}

/* ---- carried out ---- */

static enum rc_code carry_out(struct store *st, const struct secret_key *k,
                              const struct company *co, const struct decision_made *d,
                              const struct clock_source *clock, struct delivery_progress *progress,
                              struct arena *a, struct run *r, struct rc_error *err) {
    const char *who = arena_str(a, d->who.ptr, d->who.len),
               *because = arena_str(a, d->because.ptr, d->because.len);
    struct delivery_options o = { .who = who, .clock = clock, .progress = progress };
    if (r->destination_id != 0)
        return d->yes ? delivery_approve(st, k, co, d->run_id, because, &o, a, r, err)
                      : delivery_reject(st, co, d->run_id, because, &o, a, r, err);
    return d->yes ? import_approve(st, k, co, d->run_id, who, because, clock, a, r, err)
                  : import_reject(st, co, d->run_id, who, because, clock, a, r, err);
}

enum rc_code decided_deliver(struct store *st, const struct run *import, int64_t now_us,
                             struct arena *a, struct rc_error *err) {
    struct platform *all;
    size_t n = 0;
    if (import->integration_id == 0 || import->state != RUN_APPLIED)
        return RC_OK;
    enum rc_code rc = platform_list(st, import->company_id, a, &all, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        for (size_t f = 0; f < all[i].feeds_n && rc == RC_OK; f++)
            if (all[i].feeds[f] == import->integration_id && all[i].delivered_us != 0)
                rc = job_want(st, JOB_DELIVERY, import->company_id, all[i].destination_id, now_us,
                              err);
    return rc;
}

/* A delivery that was cut short while it was carried out goes on in one of its own. */
static enum rc_code follow(struct store *st, const struct run *r, int64_t now_us, struct arena *a,
                           struct rc_error *err) {
    if (r->destination_id != 0 && r->state == RUN_PASSED)
        return job_want(st, JOB_DELIVERY, r->company_id, r->destination_id, now_us, err);
    return decided_deliver(st, r, now_us, a, err);
}

/* Somebody else was first; or the import that it was previewed over is over, so that it can never be
 * carried out: then it ends, under the lease of its platform like any other end. */
static enum rc_code come_late(struct store *st, const struct company *co,
                              const struct decision_made *d, const char *why,
                              const struct clock_source *clock, struct arena *a, struct run *ret,
                              struct rc_error *err) {
    struct delivery_options o = { .who = "rollcall", .clock = clock };
    enum rc_code rc = run_get(st, d->company_id, d->run_id, a, ret, err);
    if (rc != RC_OK || ret->destination_id == 0 ||
        (ret->state != RUN_HELD && ret->state != RUN_PREVIEWED))
        return rc;
    rc = delivery_reject(st, co, d->run_id, arena_str(a, why, strlen(why)), &o, a, ret, err);
    return is_conflict(rc, err) ? run_get(st, d->company_id, d->run_id, a, ret, err) : rc;
}

enum rc_code decided_do(struct store *st, const struct secret_key *k, const struct company *co,
                        int64_t run_id, const struct clock_source *clock,
                        struct delivery_progress *progress, struct arena *a, struct run *ret,
                        struct rc_error *err) {
    struct decision_made d;
    enum rc_code rc = decision_get(st, co->company_id, run_id, a, &d, err);
    *ret = (struct run){ 0 };
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    if (rc != RC_OK || (rc = run_get(st, co->company_id, run_id, a, ret, err)) == RC_NOT_FOUND)
        return rc == RC_NOT_FOUND ? decision_drop(st, &d, err) : rc;
    if (rc != RC_OK)
        return rc;
    rc = carry_out(st, k, co, &d, clock, progress, a, ret, err);
    if (is_conflict(rc, err)) {
        char why[sizeof err->text], quoted[500];
        snprintf(why, sizeof why, "%s", err->text);
        log_info("decision=late run=%lld reason=%s", (long long)run_id,
                 log_quote(why, quoted, sizeof quoted));
        rc = come_late(st, co, &d, why, clock, a, ret, err);
    }
    if (rc != RC_OK || (rc = follow(st, ret, clock_now_us(clock), a, err)) != RC_OK)
        return rc;
    return decision_drop(st, &d, err);
}
