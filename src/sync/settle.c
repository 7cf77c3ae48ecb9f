#include <string.h>
#include "base/log.h"
#include "store/account.h"
#include "store/mapping_text.h"
#include "store/unsettled.h"
#include "sync/import_p.h"

enum { NOT_LISTED_AT_ONCE = 5000, MANY = 1000 };
static const int64_t day_us = INT64_C(86400000000);

enum rc_code settle_fail(struct store *st, struct run *run, const struct clock_source *clock,
                         const char *reason, struct rc_error *err) {
    enum rc_code rc = version_drop_all(st, run->company_id, run->run_id, err);
    run->state = RUN_FAILED;
    run->ended_us = clock_now_us(clock);
    run->reason = text_of(reason);
    enum rc_code saved = run_save(st, run, rc == RC_OK ? err : NULL);
    return rc != RC_OK ? rc : saved;
}

/* ---- counting ---- */

static bool has_staged_many(const struct run *r) {
    return r->counts.joiners + r->counts.changed + r->counts.missing > MANY;
}

static enum rc_code count_stage(struct import *im, struct rc_error *err) {
    struct run *r = im->run;
    struct version_tally t;
    enum rc_code rc =
        version_count(im->c.store, r->company_id, r->run_id,
                      r->counts.missing > 0 || r->kind == RUN_PERSON, im->arena, &t, err);
    if (rc != RC_OK)
        return rc;
    memcpy(r->counts.classes, t.classes, sizeof t.classes);
    memcpy(r->counts.fields, t.fields, sizeof t.fields);
    r->counts.custom = t.custom;
    r->counts.custom_n = t.custom_n;
    r->counts.absent = t.absent;
    r->counts.gone = t.gone;
    return RC_OK;
}

/* The listed part of the digest was summed while staging; the others are added when they are
 * settled. */
static enum rc_code finish_digest(struct import *im, struct rc_error *err) {
    struct run *r = im->run;
    struct version *list;
    struct arena a;
    size_t n = 0;
    int64_t after = 0;
    enum rc_code rc = RC_OK;
    if (r->counts.absent + r->counts.gone == 0)
        return RC_OK;
    arena_init(&a);
    do {
        arena_reset(&a);
        rc = version_not_listed(im->c.store, r->company_id, r->run_id, after, NOT_LISTED_AT_ONCE,
                                &a, &list, &n, err);
        for (size_t i = 0; i < n && rc == RC_OK; i++) {
            stage_digest_add(r, &list[i]);
            after = list[i].user_id;
        }
    } while (rc == RC_OK && n == NOT_LISTED_AT_ONCE);
    arena_done(&a);
    return rc;
}

/* ---- guard ---- */

enum rc_code settle_look_back(struct store *st, const struct integration *in, int64_t now_us,
                              struct arena *a, struct guard_input *ret, struct rc_error *err) {
    struct run_past *past;
    size_t n;
    enum rc_code rc = run_applied_since(st, in->company_id, in->integration_id,
                                        now_us - GUARD_DAYS * day_us, a, &past, &n, err);
    if (rc != RC_OK)
        return rc;
    struct guard_past *before = ARENA_NEW(a, struct guard_past, n + 1);
    for (size_t i = 0; i < n; i++)
        guard_past_read(&past[i], &before[i]);
    guard_look_back(before, n, now_us, ret);
    if (ret->adds_few)
        guard_add_few(before, n, now_us, ret);
    return RC_OK;
}

/* A listing would be judged together with what is held now. */
static enum rc_code add_held(struct import *im, struct guard_input *in, struct rc_error *err) {
    struct run held;
    enum rc_code rc = run_in_state(im->c.store, im->run->company_id, im->run->integration_id,
                                   RUN_HELD, im->arena, &held, err);
    for (int c = 0; c < CHANGE_CLASSES_N && rc == RC_OK; c++)
        in->before[GUARD_RUN][c] += held.counts.classes[c];
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc_code guard_run(struct import *im, struct guard_input *in, struct guard_verdict *v,
                              struct rc_error *err) {
    struct run *r = im->run;
    bool known;
    enum rc_code rc = directory_has_any(im->c.store, r->company_id, r->integration_id, &known, err);
    if (rc != RC_OK)
        return rc;
    *in = (struct guard_input){ .first = !known && r->counts.joiners > 0,
                                .adds_few = r->kind == RUN_FULL || r->kind == RUN_PERSON,
                                .joiners = r->counts.joiners,
                                .population = { [GUARD_RUN] = r->population },
                                .missing_not_looked_up = im->not_looked_up };
    memcpy(in->now, r->counts.classes, sizeof in->now);
    if ((rc = settle_look_back(im->c.store, &im->in, clock_now_us(im->c.clock), im->arena, in,
                               err)) != RC_OK ||
        (im->few && (rc = add_held(im, in, err)) != RC_OK))
        return rc;
    guard_check(&im->limits, in, v);
    return RC_OK;
}

static struct text sentence_of(struct import *im, const struct guard_input *in,
                               const struct guard_verdict *v) {
    struct buf b, one;
    buf_init(&b, 8000);
    buf_init(&one, 1000);
    for (size_t i = 0; guard_reason(v, in, &im->limits, i, &one); i++, buf_clear(&one))
        buf_printf(&b, "%s%s", b.len > 0 ? "; " : "", one.ptr);
    struct text t = text_from(arena_copy(im->arena, b.ptr != NULL ? b.ptr : "", b.len), b.len);
    buf_done(&one);
    buf_done(&b);
    return t;
}

/* ---- states ---- */

static enum rc_code save(struct import *im, struct run *r, struct rc_error *err) {
    enum rc_code rc = db_begin(im->c.store->db, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = lease_hold(im->c.store, im->c.lease, clock_now_us(im->c.clock), err)) != RC_OK ||
        (rc = run_save(im->c.store, r, err)) != RC_OK) {
        db_rollback(im->c.store->db);
        return rc;
    }
    return db_commit(im->c.store->db, err);
}

/* A newer complete listing speaks for HR: what an older one wanted is over. Only previews and holds
 * of full runs are concerned. */
static enum rc_code supersede(struct import *im, struct run *old, struct rc_error *err) {
    old->state = RUN_SUPERSEDED;
    old->ended_us = clock_now_us(im->c.clock);
    old->other_run_id = im->run->run_id;
    old->reason = text_of("a newer complete listing says otherwise");
    return run_save(im->c.store, old, err);
}

static enum rc_code supersede_older(struct import *im, enum run_state state, struct rc_error *err) {
    struct run old;
    enum rc_code rc;
    while ((rc = run_in_state(im->c.store, im->run->company_id, im->run->integration_id, state,
                              im->arena, &old, err)) == RC_OK &&
           old.run_id < im->run->run_id) {
        /* A mapping that waits for approval is no older word of HR's. */
        if (state == RUN_HELD && old.activates && im->run->state != RUN_HELD)
            return RC_OK;
        if (state == RUN_HELD)
            im->run->other_run_id = old.run_id;
        if ((rc = supersede(im, &old, err)) != RC_OK)
            return rc;
    }
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* The same stage as the run that is held: the hold stays, and this run has nothing to add. */
static enum rc_code same_as_held(struct import *im, bool *ret, struct rc_error *err) {
    struct run held;
    enum rc_code rc = run_in_state(im->c.store, im->run->company_id, im->run->integration_id,
                                   RUN_HELD, im->arena, &held, err);
    *ret = false;
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    if (rc != RC_OK)
        return rc;
    *ret = held.activates == im->run->activates && held.mapping_id == im->run->mapping_id &&
           held.has_stage_digest && im->run->has_stage_digest &&
           memcmp(held.stage_digest, im->run->stage_digest, sizeof held.stage_digest) == 0;
    if (*ret)
        im->run->other_run_id = held.run_id;
    return RC_OK;
}

static enum rc_code hold(struct import *im, struct rc_error *err) {
    struct run *r = im->run;
    bool same = false;
    enum rc_code rc = r->kind == RUN_FULL ? same_as_held(im, &same, err) : RC_OK;
    if (rc != RC_OK)
        return rc;
    if (same) {
        r->state = RUN_SUPERSEDED;
        r->ended_us = clock_now_us(im->c.clock);
        r->reason = text_of("it would do the same as the run that is held already, which stays");
        return (rc = save(im, r, err)) != RC_OK
                   ? rc
                   : version_drop_all(im->c.store, r->company_id, r->run_id, err);
    }
    if ((rc = db_begin(im->c.store->db, err)) != RC_OK)
        return rc;
    r->state = RUN_HELD;
    rc = lease_hold(im->c.store, im->c.lease, clock_now_us(im->c.clock), err);
    if (rc == RC_OK && r->kind == RUN_FULL && (rc = supersede_older(im, RUN_HELD, err)) == RC_OK)
        rc = supersede_older(im, RUN_PREVIEWED, err);
    if (rc == RC_OK)
        rc = run_save(im->c.store, r, err);
    if (rc != RC_OK) {
        db_rollback(im->c.store->db);
        return rc;
    }
    return db_commit(im->c.store->db, err);
}

/* A run about one person, or about a mapping, cannot be a second one that is held: it ends, and says
 * so. */
static enum rc_code hold_beside(struct import *im, struct rc_error *err) {
    struct run held;
    enum rc_code rc = run_in_state(im->c.store, im->run->company_id, im->run->integration_id,
                                   RUN_HELD, im->arena, &held, err);
    if (rc == RC_NOT_FOUND)
        return hold(im, err);
    if (rc != RC_OK)
        return rc;
    im->run->state = RUN_SUPERSEDED;
    im->run->other_run_id = held.run_id;
    im->run->ended_us = clock_now_us(im->c.clock);
    im->run->reason = text_of(
        "it would have to be held, and another run is held already: decide on that one first");
    if ((rc = save(im, im->run, err)) != RC_OK)
        return rc;
    return version_drop_all(im->c.store, im->run->company_id, im->run->run_id, err);
}

/* Too much for a small run: everybody is listed instead, and that listing is judged as a whole. */
static enum rc_code leave_to_listing(struct import *im, struct rc_error *err) {
    struct run *r = im->run;
    r->state = RUN_SUPERSEDED;
    r->ended_us = clock_now_us(im->c.clock);
    r->reason =
        text_of(arena_printf(im->arena,
                             "more than a few people may do without a listing of everybody, "
                             "which comes next: %.*s",
                             TEXT_ARG(r->reason)));
    enum rc_code rc = save(im, r, err);
    return rc != RC_OK ? rc : version_drop_all(im->c.store, r->company_id, r->run_id, err);
}

/* ---- apply ---- */

/* Whether a run leaves alone what is counted across people: addresses, managers, and who is there.
 * Counting those costs a quarter of what looking at everybody through a mapping does. */
static bool who_is_who_stays(const struct run *r) {
    static const enum user_field matter[] = { USER_EMAIL, USER_MANAGER, USER_HIRE_DATE,
                                              USER_LEAVE_DATE, USER_STATUS };
    const struct run_counts *n = &r->counts;
    for (size_t i = 0; i < RC_LEN(matter); i++)
        if (n->fields[matter[i]] > 0)
            return false;
    return r->kind == RUN_REMAP && n->joiners + n->missing + n->absent + n->gone == 0 &&
           n->fields[USER_FIELDS_N] == 0; /* the lifecycle */
}

/* Until it is applied a run counts the problems of those whom it would change; from then on those
 * of the whole directory. They have an index: this is quick. */
static enum rc_code count_problems(struct import *im, struct rc_error *err) {
    struct run_counts *n = &im->run->counts;
    struct directory_problems *list;
    size_t list_n;
    enum rc_code rc = directory_problems(im->c.store, im->run->company_id, im->run->integration_id,
                                         im->arena, &list, &list_n, err);
    if (rc != RC_OK)
        return rc;
    memset(n->problems, 0, sizeof n->problems);
    for (size_t i = 0; i < list_n; i++)
        for (int p = 0; p < PROBLEMS_N; p++)
            n->problems[p] += list[i].problems >> p & 1 ? list[i].people : 0;
    return RC_OK;
}

static enum rc_code count_directory(struct import *im, struct rc_error *err) {
    struct run_counts *n = &im->run->counts;
    enum rc_code rc = count_problems(im, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = directory_shared_emails(im->c.store, im->run->company_id, &n->shared_email, err)) !=
        RC_OK)
        return rc;
    return directory_unknown_managers(im->c.store, im->run->company_id, im->run->integration_id,
                                      &n->unknown_manager, err);
}

/* Nothing has moved, or nothing that matters: what was counted last is still so. */
static enum rc_code copy_directory_counts(struct import *im, struct rc_error *err) {
    struct run before;
    enum rc_code rc = run_last_applied(im->c.store, im->run->company_id, im->run->integration_id,
                                       im->arena, &before, err);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    memcpy(im->run->counts.problems, before.counts.problems, sizeof before.counts.problems);
    im->run->counts.shared_email = before.counts.shared_email;
    im->run->counts.unknown_manager = before.counts.unknown_manager;
    return RC_OK;
}

/* Whoever was left out has been seen through another mapping: then the next listing looks at
 * everybody. */
static enum rc_code activate_mapping(struct import *im, int64_t now_us, struct rc_error *err) {
    const struct run *r = im->run;
    int64_t seen = r->counts.left_out > 0 ? 0 : (int64_t)mapping_fingerprint(im->c.mapping);
    enum rc_code rc = mapping_text_activate(im->c.store, r->company_id, r->integration_id,
                                            r->mapping_id, now_us, err);
    return rc != RC_OK
               ? rc
               : integration_mapped(im->c.store, r->company_id, r->integration_id, seen, err);
}

/* ret_uncounted: what is counted over the directory is another number now, and takes long. */
static enum rc_code apply_in_transaction(struct import *im, bool *ret_uncounted,
                                         struct rc_error *err) {
    struct run *r = im->run;
    struct version_applied done = { 0 };
    bool stays = who_is_who_stays(r);
    int64_t now = clock_now_us(im->c.clock);
    enum rc_code rc;
    if ((rc = lease_hold(im->c.store, im->c.lease, now, err)) != RC_OK ||
        (rc = company_is_open(im->c.store, r->company_id, err)) != RC_OK ||
        (rc = version_apply(im->c.store, r->company_id, r->integration_id, r->run_id, &done,
                            err)) != RC_OK)
        return rc;
    bool moved = done.joined + done.moved > 0;
    *ret_uncounted = moved && !stays;
    if (moved && (rc = account_mark_run(im->c.store, r->company_id, r->run_id, err)) != RC_OK)
        return rc;
    if ((!moved || stays) && (rc = copy_directory_counts(im, err)) != RC_OK)
        return rc;
    if (moved && stays && (rc = count_problems(im, err)) != RC_OK)
        return rc;
    r->counts.left_out = done.left_out;
    if (done.left_out > 0 && (rc = count_stage(im, err)) != RC_OK)
        return rc;
    if (r->kind == RUN_FULL) {
        int64_t unsettled;
        if ((rc = unsettled_count(im->c.store, r->company_id, r->integration_id, &unsettled,
                                  err)) != RC_OK)
            return rc;
        /* Rights that have shrunk become the measure only when nobody's absence hangs on them
         * (integration set --accept-rights). */
        if (unsettled > 0 && im->in.rights.state == TEXT_SET)
            r->rights = im->in.rights;
        if ((rc = integration_listed(im->c.store, &im->in, r->started_us,
                                     (int64_t)mapping_fingerprint(im->c.mapping), r->rights,
                                     err)) != RC_OK ||
            (rc = supersede_older(im, RUN_HELD, err)) != RC_OK ||
            (rc = supersede_older(im, RUN_PREVIEWED, err)) != RC_OK)
            return rc;
    }
    if (r->activates && (rc = activate_mapping(im, now, err)) != RC_OK)
        return rc;
    r->state = RUN_APPLIED;
    r->applied_us = r->ended_us = now;
    return run_save(im->c.store, r, err);
}

/* What is counted over the directory stands behind the transaction, which stays short. Should it
 * fail, the run is applied all the same, and counts fewer problems. */
static enum rc_code apply(struct import *im, struct rc_error *err) {
    enum rc_code rc = db_begin(im->c.store->db, err);
    if (rc != RC_OK)
        return rc;
    bool uncounted = false;
    if ((rc = apply_in_transaction(im, &uncounted, err)) != RC_OK) {
        db_rollback(im->c.store->db);
        return rc;
    }
    if ((rc = db_commit(im->c.store->db, err)) != RC_OK)
        return rc;
    if (has_staged_many(im->run))
        store_learn(im->c.store);
    if (uncounted && count_directory(im, NULL) == RC_OK)
        save(im, im->run, NULL);
    return RC_OK;
}

/* The disk is waited for at the end: it writes while the directory is counted. Nothing is told or
 * sent before, and what others commit meanwhile stands behind this in the same log. RC_UNSURE: it
 * is applied, and a power cut may take it back. */
enum rc_code settle_apply(struct import *im, struct rc_error *err) {
    import_phase(im, IMPORT_APPLYING);
    enum rc_code rc = db_set_bulk(im->c.store->db, true, err);
    if (rc != RC_OK)
        return rc;
    rc = apply(im, err);
    enum rc_code off = db_set_bulk(im->c.store->db, false, rc == RC_OK ? err : NULL);
    if (rc != RC_OK || off == RC_OK)
        return rc;
    if (err != NULL)
        err->code = RC_UNSURE;
    return rc_context(err, RC_UNSURE, "the run is applied, and may not be on the disk yet");
}

enum rc_code settle_run(struct import *im, struct rc_error *err) {
    struct guard_input in;
    struct guard_verdict v;
    struct buf verdict;
    struct run *r = im->run;
    enum rc_code rc;
    import_phase(im, IMPORT_CHECKING);
    if (r->state == RUN_PASSED)
        return settle_apply(im, err);
    if (has_staged_many(r))
        store_learn(im->c.store);
    if ((rc = count_stage(im, err)) != RC_OK || (rc = finish_digest(im, err)) != RC_OK ||
        (rc = guard_run(im, &in, &v, err)) != RC_OK)
        return rc;
    buf_init(&verdict, 1 << 16);
    guard_write(&v, &in, &im->limits, &verdict);
    r->verdict = text_from(arena_copy(im->arena, verdict.ptr, verdict.len), verdict.len);
    buf_done(&verdict);
    if (v.held)
        r->reason = sentence_of(im, &in, &v);
    if (r->preview) {
        r->state = RUN_PREVIEWED;
        return save(im, r, err);
    }
    if (v.held && im->few)
        return leave_to_listing(im, err);
    if (v.held)
        return r->kind == RUN_FULL ? hold(im, err) : hold_beside(im, err);
    r->state = RUN_PASSED;
    rc = save(im, r, err);
    return rc != RC_OK ? rc : settle_apply(im, err);
}

/* ---- a person decides ---- */

/* A run that is being checked belongs to whoever holds the lease; one that no process goes on with
 * may be rejected, so that it does not stand in the way for good. */
static bool waits_for(const struct run *r, bool yes) {
    return r->state == RUN_HELD || r->state == RUN_PREVIEWED ||
           (!yes && (r->state == RUN_CHECKING || r->state == RUN_PASSED));
}

enum rc_code import_is_current(const struct run *r, int64_t now_us, struct rc_error *err) {
    if (r->state != RUN_PREVIEWED || r->kind == RUN_REMAP || now_us - r->started_us <= day_us)
        return RC_OK;
    return rc_fail_as(err, RC_CONFLICT, "run.outdated",
                      "run %lld previews what HR said more than a day ago: preview it again",
                      (long long)r->run_id);
}

static enum rc_code decide_on(struct store *st, const struct company *company, int64_t run_id,
                              bool yes, const struct clock_source *clock, struct arena *a,
                              struct run *ret, struct rc_error *err) {
    enum rc_code rc = run_get(st, company->company_id, run_id, a, ret, err);
    if (rc != RC_OK)
        return rc;
    if (waits_for(ret, yes))
        return yes ? import_is_current(ret, clock_now_us(clock), err) : RC_OK;
    return run_not_waiting(ret, err);
}

static void note_decision(struct run *r, const char *who, const char *because) {
    r->decided_by = text_of(who);
    r->decided_because = text_of(because);
}

enum rc_code import_approve(struct store *st, const struct secret_key *k,
                            const struct company *company, int64_t run_id, const char *who,
                            const char *because, const struct clock_source *clock, struct arena *a,
                            struct run *ret, struct rc_error *err) {
    struct import im = { .run = ret };
    struct integration in;
    struct lease lease;
    enum rc_code rc;
    if ((rc = decide_on(st, company, run_id, true, clock, a, ret, err)) != RC_OK ||
        (rc = integration_get(st, company->company_id, ret->integration_id, k, a, &in, err)) !=
            RC_OK ||
        (rc = import_prepare(&im, st, k, company, &in, clock, &lease, a, err)) != RC_OK)
        return rc;
    /* again under the lease: it may have been superseded while we waited for nobody */
    if ((rc = decide_on(st, company, run_id, true, clock, a, ret, err)) == RC_OK) {
        ret->approved = true;
        note_decision(ret, who, because);
        rc = settle_apply(&im, err);
    }
    lease_release(st, &lease);
    return rc;
}

enum rc_code import_reject(struct store *st, const struct company *company, int64_t run_id,
                           const char *who, const char *because, const struct clock_source *clock,
                           struct arena *a, struct run *ret, struct rc_error *err) {
    struct import im = { .run = ret };
    struct integration in;
    struct lease lease;
    enum rc_code rc;
    if ((rc = decide_on(st, company, run_id, false, clock, a, ret, err)) != RC_OK ||
        (rc = integration_get(st, company->company_id, ret->integration_id, NULL, a, &in, err)) !=
            RC_OK ||
        (rc = import_prepare(&im, st, NULL, company, &in, clock, &lease, a, err)) != RC_OK)
        return rc;
    if ((rc = decide_on(st, company, run_id, false, clock, a, ret, err)) == RC_OK) {
        ret->state = RUN_REJECTED;
        ret->ended_us = clock_now_us(clock);
        note_decision(ret, who, because);
        rc = save(&im, ret, err);
    }
    lease_release(st, &lease);
    return rc;
}
