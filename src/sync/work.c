#include "sync/work_p.h"

#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "store/lease.h"
#include "sync/decided.h"
#include "sync/errand.h"
#include "sync/health.h"
#include "sync/reporter.h"
#include "sync/retain.h"
#include "sync/stopping.h"
#include "sync/timetable.h"

static const int64_t second_us = 1000000;
/* No leaver's account is open for longer because one goes on and on. */
enum { LONG_IMPORT_S = 3600 };
const char work_who[] = "rollcall serve";

int64_t work_pause_s(enum rc_code rc, int64_t attempts) {
    int64_t s = rc == RC_AUTH ? WORK_PAUSE_AUTH_S : WORK_PAUSE_S;
    for (int64_t n = 1; n < attempts && s < WORK_PAUSE_MOST_S; n++)
        s *= 2;
    return s < WORK_PAUSE_MOST_S ? s : WORK_PAUSE_MOST_S;
}

/* ---- what became of it, as said by an error ---- */

bool work_is_named(const struct rc_error *err, const char *name) {
    return err->name != NULL && strcmp(err->name, name) == 0;
}

struct work_result work_result_of(enum rc_code rc, const struct rc_error *err) {
    struct work_result r = { .rc = rc };
    if (rc == RC_OK)
        r.end = WORK_DONE;
    else if (work_is_named(err, "stopping"))
        r.end = WORK_CUT;
    else if (rc == RC_CONFLICT &&
             (work_is_named(err, "busy") || work_is_named(err, "company.suspended")))
        r.end = WORK_WAITS; /* nobody's failure: it is claimed again once it can be done */
    else {
        r.end = WORK_FAILED;
        r.retry_at_us = err->retry_at_us;
    }
    return r;
}

void work_log_failure(enum rc_code rc, const char *what, const struct rc_error *err) {
    char text[500];
    void (*log)(const char *fmt, ...) =
        rc == RC_AUTH || rc == RC_INVALID || rc == RC_FATAL ? log_error : log_warn;
    log("%s=failed code=%s name=%s text=%s", what, rc_code_name(rc),
        err->name != NULL && *err->name != '\0' ? err->name : "-",
        log_quote(err->text, text, sizeof text));
}

void work_log_run(const char *what, const struct run *r) {
    char text[500], reason[400];
    snprintf(reason, sizeof reason, "%.*s", TEXT_ARG(r->reason));
    if (r->run_id == 0)
        log_info("%s=nothing-to-do", what);
    else if (r->state == RUN_HELD)
        log_warn("%s=held run=%lld reason=%s", what, (long long)r->run_id,
                 log_quote(reason, text, sizeof text));
    else
        log_info("%s=%s run=%lld", what, run_state_name(r->state), (long long)r->run_id);
}

/* ---- dates ---- */

/* A moment that has not come yet is out of a clock that went wrong. */
static bool is_long_ago(int64_t at_us, int64_t now_us) {
    return at_us > now_us || now_us - at_us >= LONG_IMPORT_S * second_us;
}

/* Whoever began it, and however often on this day: one that hangs, or is cut short again and again before its
 * end, is waited for no longer. */
static enum rc_code takes_too_long(const struct work *w, const struct zone *zone,
                                   int64_t company_id, int64_t integration_id,
                                   int64_t held_since_us, bool *ret, struct rc_error *err) {
    enum { EACH_S = LONG_IMPORT_S / 2 };
    const int64_t day_us = 24 * 3600 * second_us;
    int64_t now = clock_now_us(w->clock), spent_us = 0;
    int64_t today_us = (now + zone_offset_s(zone, now) * second_us) % day_us; /* near enough */
    enum rc_code rc = run_reading_us(w->st, company_id, integration_id, now - today_us, now,
                                     EACH_S * second_us, &spent_us, err);
    *ret = rc == RC_OK && ((held_since_us != 0 && is_long_ago(held_since_us, now)) ||
                           spent_us >= LONG_IMPORT_S * second_us);
    return rc;
}

/* It is due, or somebody is at it: we, or whoever typed it. One that found somebody else at it, as a webhook's
 * people, is due again in a moment; one that failed pauses. */
static enum rc_code import_is_ahead(const struct work *w, const struct zone *zone,
                                    int64_t company_id, int64_t integration_id, bool *ret,
                                    struct rc_error *err) {
    int64_t now = clock_now_us(w->clock), since_us = 0;
    struct job_state is;
    char subject[64];
    bool too_long = false, held = false;
    snprintf(subject, sizeof subject, "%lld/%lld", (long long)company_id,
             (long long)integration_id);
    enum rc_code rc = lease_look(w->st, "import", subject, now, &held, &since_us, err);
    *ret = false;
    if (rc != RC_OK ||
        (rc = takes_too_long(w, zone, company_id, integration_id, since_us, &too_long, err)) !=
            RC_OK ||
        too_long ||
        (rc = job_look(w->st, JOB_SYNC, company_id, integration_id, now, &is, err)) != RC_OK)
        return rc;
    int64_t moment_s = is.attempts == 0 ? WORK_BUSY_S : 0;
    *ret = is.is_claimed
               ? !is_long_ago(is.claimed_us, now)
               : held || (is.run_at_us != 0 && is.run_at_us <= now + moment_s * second_us);
    return RC_OK;
}

/* Whoever is due by date may have another date by now. Where HR has not been read on this day and an
 * import is due, as after the machine stood still over midnight, that goes first, and delivers too. One
 * that failed pauses, and then the dates decide: HR that is down keeps nobody's account open.
 * but: the integration that has just been imported, or NULL. */
static enum rc_code waits_for_import(const struct work *w, const struct company *co,
                                     const struct platform *p, const struct integration *but,
                                     struct arena *a, bool *ret, struct rc_error *err) {
    RC_CLEANUP(zone_closep) struct zone *zone = NULL;
    int64_t now = clock_now_us(w->clock);
    enum rc_code rc = company_zone(co, &zone, err);
    *ret = false;
    for (size_t i = 0; i < p->feeds_n && rc == RC_OK && !*ret; i++) {
        struct integration in;
        if (but != NULL && p->feeds[i] == but->integration_id)
            continue;
        if ((rc = integration_get(w->st, p->company_id, p->feeds[i], NULL, a, &in, err)) == RC_OK &&
            zone_today(zone, in.listed_us) < zone_today(zone, now))
            rc = import_is_ahead(w, zone, p->company_id, p->feeds[i], ret, err);
    }
    return rc;
}

/* The day's dates have not been seen to yet, and wait: what delivers for another reason leaves all of it
 * to the platform's own job. */
static enum rc_code is_left_to_its_dates(const struct work *w, const struct company *co,
                                         const struct platform *p, const struct integration *but,
                                         struct arena *a, bool *ret, struct rc_error *err) {
    struct job_state is;
    int64_t now = clock_now_us(w->clock);
    enum rc_code rc =
        job_look(w->st, JOB_DELIVERY, p->company_id, p->destination_id, now, &is, err);
    *ret = false;
    if (rc != RC_OK || is.run_at_us == 0 || is.run_at_us > now)
        return rc;
    return waits_for_import(w, co, p, but, a, ret, err);
}

static void log_waiting(const char *key) {
    log_info("destination=%s delivery=waits-for-an-import reason=\"one is due\"", key);
}

/* ---- a delivery ---- */

/* What the job could not do, if anything. A platform that somebody has paused is left alone; so is one
 * put back from a backup, until the next import has been applied. */
static struct work_result delivered(const char *key, enum rc_code rc, const struct run *r,
                                    const struct rc_error *err) {
    char what[80];
    snprintf(what, sizeof what, "destination=%s delivery", key);
    struct work_result result = work_result_of(rc, err);
    if (rc == RC_CONFLICT && work_is_named(err, "destination.paused")) {
        log_info("%s=paused", what);
        return (struct work_result){ 0 };
    }
    if (rc == RC_CONFLICT && work_is_named(err, "destination.restored")) {
        log_warn("%s=waits-for-an-import reason=\"put back from a backup\"", what);
        return (struct work_result){ 0 };
    }
    if (result.end == WORK_FAILED)
        work_log_failure(rc, what, err);
    else if (result.end == WORK_DONE)
        work_log_run(what, r);
    else
        log_info("%s=%s", what, result.end == WORK_CUT ? "stopped" : "busy");
    return result;
}

static struct work_result do_delivery(const struct work *w, const struct job *j,
                                      const struct company *co, struct arena *a) {
    struct rc_error err = { 0 };
    struct platform p;
    struct run r = { 0 };
    struct delivery_progress progress = { 0 };
    struct delivery_options o = { .who = work_who, .clock = w->clock, .progress = &progress };
    enum rc_code rc = platform_get(w->st, j->company_id, j->subject_id, NULL, a, &p, &err);
    if (rc == RC_NOT_FOUND)
        return (struct work_result){ 0 };
    bool waits = false;
    if (rc != RC_OK)
        return work_result_of(rc, &err);
    rc = waits_for_import(w, co, &p, NULL, a, &waits, &err);
    if (rc == RC_OK && waits) {
        log_waiting(arena_str(a, p.key.ptr, p.key.len));
        return (struct work_result){ .end = WORK_WAITS };
    }
    reporter_delivery(w->reporter, w->desk, p.company_id, p.destination_id, &progress, w->clock);
    if (rc == RC_OK)
        rc = delivery_run(w->st, w->key, co, &p, &o, a, &r, &err);
    reporter_rest(w->reporter, w->desk);
    health_note_delivery(w->st, w->clock, &p, &r, &progress, rc, &err);
    return delivered(arena_str(a, p.key.ptr, p.key.len), rc, &r, &err);
}

/* ---- a sync ---- */

/* It has not gone well, and the pause after that is not over. A clock that went wrong pauses nothing. */
static int64_t pauses_until(const struct trouble *t, int64_t now_us) {
    int64_t until_us = t->last_us + work_pause_s(t->code, t->attempts) * second_us;
    return t->attempts > 0 && t->last_us <= now_us && until_us > now_us ? until_us : 0;
}

/* The platform waits until it may be tried again, by a job of its own. */
static enum rc_code is_left_alone(const struct work *w, const struct platform *p, struct arena *a,
                                  bool *ret, struct rc_error *err) {
    struct job_state is;
    struct trouble trouble;
    int64_t now = clock_now_us(w->clock);
    enum rc_code rc =
        job_look(w->st, JOB_DELIVERY, p->company_id, p->destination_id, now, &is, err);
    if (rc == RC_OK)
        rc = trouble_get(w->st, p->company_id, p->destination_id, a, &trouble, err);
    if (rc != RC_OK)
        return rc;
    int64_t until_us = health_is_of_some(&trouble) ? 0 : pauses_until(&trouble, now);
    *ret = until_us != 0 || (is.attempts > 0 && (is.run_at_us > now || is.is_claimed));
    if (until_us != 0 && is.run_at_us == 0)
        rc = job_want(w->st, JOB_DELIVERY, p->company_id, p->destination_id, until_us, err);
    return rc;
}

static enum rc_code deliver_later(const struct work *w, const struct platform *p,
                                  const struct work_result *r, struct rc_error *err) {
    int64_t at = clock_now_us(w->clock) +
                 (r->end == WORK_WAITS ? WORK_BUSY_S : work_pause_s(r->rc, 1)) * second_us;
    return job_want(w->st, JOB_DELIVERY, p->company_id, p->destination_id,
                    at > r->retry_at_us ? at : r->retry_at_us, err);
}

struct work_result work_deliver_all(const struct work *w, struct steps *s) {
    struct rc_error err = { 0 };
    enum rc_code rc = RC_OK;
    while (rc == RC_OK && steps_next(s)) {
        const struct platform *p = s->platform;
        const char *key = arena_str(s->arena, p->key.ptr, p->key.len);
        struct run r = { 0 };
        bool left_alone = false, asked = false, waits = false;
        if (s->few && p->delivered_us == 0) /* its first delivery is somebody's word */
            continue;
        if ((rc = stopping_asked(w->clock, &err)) != RC_OK ||
            (rc = is_left_alone(w, p, s->arena, &left_alone, &err)) != RC_OK ||
            (rc = is_left_to_its_dates(w, s->company, p, s->few ? NULL : s->in, s->arena, &waits,
                                       &err)) != RC_OK ||
            (s->few && (rc = steps_is_asked(s, &asked, &err)) != RC_OK))
            break;
        if (asked) /* planned once more, it would be the same, a second later and for ever */
            continue;
        if (waits) {
            log_waiting(key);
            continue;
        }
        if (left_alone) {
            log_info("destination=%s delivery=left-to-its-own-job", key);
            continue;
        }
        struct rc_error why = { 0 };
        struct delivery_progress progress = { 0 };
        reporter_delivery(w->reporter, w->desk, p->company_id, p->destination_id, &progress,
                          w->clock);
        enum rc_code done = steps_deliver(s, &progress, &r, &why);
        reporter_rest(w->reporter, w->desk);
        struct work_result result = delivered(key, done, &r, &why);
        if (result.end == WORK_CUT)
            return result;
        if (result.end != WORK_DONE)
            rc = deliver_later(w, p, &result, &err);
    }
    if (rc != RC_OK && !work_is_named(&err, "stopping"))
        work_log_failure(rc, "sync", &err);
    return work_result_of(rc, &err);
}

static struct work_result do_sync(const struct work *w, const struct job *j,
                                  const struct company *co, struct arena *a) {
    struct rc_error err = { 0 };
    struct integration in;
    enum rc_code rc = integration_get(w->st, j->company_id, j->subject_id, w->key, a, &in, &err);
    if (rc == RC_NOT_FOUND)
        return (struct work_result){ 0 };
    struct steps s = { .st = w->st,
                       .key = w->key,
                       .clock = w->clock,
                       .who = work_who,
                       .arena = a,
                       .company = co,
                       .in = &in };
    struct import_progress progress = { 0 };
    if (rc == RC_OK && (rc = steps_begin(&s, &err)) == RC_OK) {
        reporter_import(w->reporter, w->desk, &in, &progress, w->clock);
        rc = steps_import(&s, &progress, &err);
        reporter_rest(w->reporter, w->desk);
    }
    struct work_result r = work_result_of(rc, &err);
    if (r.end == WORK_FAILED)
        work_log_failure(rc, "import", &err);
    else if (r.end != WORK_DONE)
        log_info("import=%s", r.end == WORK_CUT ? "stopped" : "busy");
    if (rc != RC_OK)
        return r;
    work_log_run("import", &s.imported);
    return work_deliver_all(w, &s);
}

/* ---- a decision ---- */

static struct work_result do_decision(const struct work *w, const struct job *j,
                                      const struct company *co, struct arena *a) {
    struct rc_error err = { 0 };
    struct run r = { 0 }, about;
    struct delivery_progress progress = { 0 };
    if (run_get(w->st, j->company_id, j->subject_id, a, &about, NULL) == RC_OK &&
        about.destination_id != 0) /* applying an import is short; a first delivery is not */
        reporter_delivery(w->reporter, w->desk, j->company_id, about.destination_id, &progress,
                          w->clock);
    enum rc_code rc =
        decided_do(w->st, w->key, co, j->subject_id, w->clock, &progress, a, &r, &err);
    reporter_rest(w->reporter, w->desk);
    struct work_result result = work_result_of(rc, &err);
    if (result.end == WORK_FAILED)
        work_log_failure(rc, "decision", &err);
    else if (result.end == WORK_DONE)
        work_log_run("decision", &r);
    else
        log_info("decision=%s", result.end == WORK_CUT ? "stopped" : "busy");
    return result;
}

/* ---- an errand ---- */

/* That it failed is told to whoever asked, and is no failure of the job. */
static struct work_result do_errand(const struct work *w, const struct job *j,
                                    const struct company *co, struct arena *a) {
    const struct errand_with with = { w->st, w->key, w->clock, w->mail, w->public_url };
    struct rc_error err = { 0 };
    struct errand e;
    enum rc_code rc = errand_do(&with, co, j->subject_id, a, &e, &err);
    struct work_result result = work_result_of(rc, &err);
    if (result.end == WORK_FAILED)
        work_log_failure(rc, "errand", &err);
    else if (result.end != WORK_DONE)
        log_info("errand=%s", result.end == WORK_CUT ? "stopped" : "busy");
    else if (e.errand_id != 0)
        log_info("errand=%s kind=%s error=%.*s", errand_state_name(e.state),
                 errand_kind_name(e.kind),
                 e.error_name.state == TEXT_SET ? (int)e.error_name.len : 1,
                 e.error_name.state == TEXT_SET ? e.error_name.ptr : "-");
    return result;
}

/* ---- what is no longer kept ---- */

static struct work_result do_retain(const struct work *w, const struct company *co) {
    struct rc_error err = { 0 };
    struct retention_counts n;
    enum rc_code rc = retain_run(w->st, w->clock, co, &n, &err);
    struct work_result r = work_result_of(rc, &err);
    if (r.end == WORK_FAILED)
        work_log_failure(rc, "retain", &err);
    log_info("retain=%s versions=%lld changes=%lld effects=%lld audit=%lld runs=%lld",
             r.end == WORK_DONE ? "done" : "cut", (long long)n.versions, (long long)n.changes,
             (long long)n.effects, (long long)n.audits, (long long)n.runs);
    return r;
}

/* ---- the job ---- */

/* "sync/acme/hr/17"; numbers where the keys cannot be read. */
static void name_job(const struct work *w, const struct job *j, const struct company *co,
                     struct arena *a) {
    struct integration in;
    struct platform p;
    struct text key = j->kind == JOB_RETAIN ? TEXT_LIT("all") : TEXT_LIT("?");
    if ((j->kind == JOB_SYNC || j->kind == JOB_HINT || j->kind == JOB_WEBHOOK) &&
        integration_get(w->st, j->company_id, j->subject_id, NULL, a, &in, NULL) == RC_OK)
        key = in.key;
    if (j->kind == JOB_DELIVERY &&
        platform_get(w->st, j->company_id, j->subject_id, NULL, a, &p, NULL) == RC_OK)
        key = p.key;
    if (j->kind == JOB_DECISION || j->kind == JOB_ERRAND)
        key = text_of(arena_printf(a, "%lld", (long long)j->subject_id));
    log_about("job=%s/%.*s/%.*s/%lld", job_kind_name(j->kind), TEXT_ARG(co->key), TEXT_ARG(key),
              (long long)j->fence);
}

void work_do(const struct work *w, const struct job *j, struct work_result *ret) {
    struct rc_error err = { 0 };
    struct company co = { .key = TEXT_LIT("?") };
    struct arena a;
    arena_init(&a);
    enum rc_code rc = company_get(w->st, j->company_id, &a, &co, &err);
    name_job(w, j, &co, &a);
    log_info("work=begins attempt=%lld late_s=%lld", (long long)j->attempts,
             (long long)((clock_now_us(w->clock) - j->run_at_us) / second_us));
    if (rc == RC_OK)
        *ret = j->kind == JOB_SYNC       ? do_sync(w, j, &co, &a)
               : j->kind == JOB_DELIVERY ? do_delivery(w, j, &co, &a)
               : j->kind == JOB_DECISION ? do_decision(w, j, &co, &a)
               : j->kind == JOB_HINT     ? work_hint(w, j, &co, &a)
               : j->kind == JOB_WEBHOOK  ? work_webhook(w, j, &a)
               : j->kind == JOB_ERRAND   ? do_errand(w, j, &co, &a)
                                         : do_retain(w, &co);
    else
        *ret = rc == RC_NOT_FOUND ? (struct work_result){ 0 } : work_result_of(rc, &err);
    db_rollback(w->st->db); /* harmless when nothing is open */
    arena_done(&a);
}

static int64_t retry_at(const struct work *w, const struct job *j, const struct work_result *r) {
    int64_t now = clock_now_us(w->clock);
    if (r->end == WORK_CUT)
        return j->run_at_us;
    int64_t busy_s = j->kind == JOB_HINT ? WORK_BUSY_HINT_S : WORK_BUSY_S;
    int64_t at =
        now + (r->end == WORK_WAITS ? busy_s : work_pause_s(r->rc, j->attempts)) * second_us;
    return at > r->retry_at_us ? at : r->retry_at_us;
}

/* The row is ours before the schedule is read: who sets another one meanwhile waits, and has the last
 * word. */
static enum rc_code write_end(const struct work *w, const struct job *j,
                              const struct work_result *r, struct arena *a, int64_t *ret_next,
                              struct rc_error *err) {
    int64_t now = clock_now_us(w->clock);
    enum rc_code rc = job_hold(w->st, j, now, err);
    if (rc != RC_OK)
        return rc;
    if (r->end != WORK_DONE) {
        *ret_next = retry_at(w, j, r);
        return job_retry(w->st, j, *ret_next, r->end == WORK_FAILED, err);
    }
    rc = timetable_next(w->st, j, now, a, ret_next, err);
    if (rc == RC_NOT_FOUND || rc == RC_INVALID) {
        /* a zone that this machine does not know: timetable_keep() sets it once it does */
        work_log_failure(rc, "timetable", err);
        *ret_next = 0;
        rc = RC_OK;
    }
    if (rc != RC_OK)
        return rc;
    if (r->next_us != 0 && (*ret_next == 0 || r->next_us < *ret_next))
        *ret_next = r->next_us;
    return job_done(w->st, j, *ret_next, err);
}

enum rc_code work_end(const struct work *w, const struct job *j, struct work_result *r,
                      struct rc_error *err) {
    static const char *const words[WORK_ENDS_N] = { "done", "failed", "waits", "stopped", "lost" };
    char at[32];
    int64_t next = 0;
    struct arena a;
    arena_init(&a);
    enum rc_code rc = db_begin(w->st->db, err);
    if (rc == RC_OK && (rc = write_end(w, j, r, &a, &next, err)) == RC_OK)
        rc = db_commit(w->st->db, err);
    else
        db_rollback(w->st->db);
    arena_done(&a);
    if (rc == RC_CONFLICT && work_is_named(err, "lease-lost")) {
        r->end = WORK_LOST;
        rc = RC_OK;
    }
    if (rc == RC_OK)
        log_info("work=%s next=%s", words[r->end],
                 next != 0 ? date_format_instant(next, at) : "never");
    return rc;
}
