#include "sync/erase.h"

#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "store/hook_event.h"
#include "store/lease.h"
#include "store/platform.h"

enum { DOCUMENT_BYTES = 1 << 30, COMPANIES_AT_ONCE = 100, WAIT_MS = 300, WAIT_USUAL_MS = 5000 };

_Static_assert((int)SUBJECT_DIGEST_BYTES == (int)SECRET_DIGEST_BYTES, "one digest");

void erase_person_digest(const struct secret_key *k, const struct subject *s,
                         uint8_t ret[SUBJECT_DIGEST_BYTES]) {
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_printf(&b, "erased/%lld/%lld/%.*s", (long long)s->company_id, (long long)s->integration_id,
               TEXT_ARG(s->source_id));
    secret_digest(k, b.ptr, b.len, ret);
    buf_done(&b);
}

/* ---- whether ---- */

static enum rc_code may(struct store *st, const struct company *co, const struct subject *s,
                        bool insists, struct rc_error *err) {
    struct subject_obstacles o;
    enum rc_code rc = subject_look(st, s, &o, err);
    if (rc != RC_OK)
        return rc;
    if (o.waiting_run_id != 0)
        return rc_fail_as(
            err, RC_CONFLICT, "person.waits",
            "run %.*s/%lld has not ended and has this person in it: approve or reject "
            "it first",
            TEXT_ARG(co->key), (long long)o.waiting_run_id);
    if (insists)
        return RC_OK;
    if (o.is_listed)
        return rc_fail_as(err, RC_CONFLICT, "person.listed",
                          "HR has this person, as far as we know: the next import would bring them "
                          "again. Have them deleted there first; --yes does it all the same");
    if (o.accounts > 0 || o.in_doubt > 0)
        return rc_fail_as(
            err, RC_CONFLICT, "person.account",
            "this person has an account on a platform, or may have: once forgotten "
            "here, nobody closes it. Have it deleted or anonymised there and deliver; "
            "--yes does it all the same");
    return RC_OK;
}

/* ---- the receipt ---- */

static struct text counts_text(const int64_t counts[SUBJECT_PARTS_N], struct arena *a) {
    struct json_writer w;
    struct buf b;
    buf_init(&b, 1 << 12);
    json_begin(&w, &b);
    json_object(&w, NULL);
    for (int p = 0; p < SUBJECT_PARTS_N; p++)
        if (p != SUBJECT_AUDIT && p != SUBJECT_SAME_ADDRESS)
            json_put_int(&w, subject_part_name((enum subject_part)p), counts[p]);
    json_object_end(&w);
    struct text t = text_copy(a, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}

/* What is not gone, with why, as a list of sentences. */
static struct text kept_text(const int64_t held[SUBJECT_PARTS_N], int64_t left, int64_t reports,
                             struct arena *a) {
    struct json_writer w;
    struct buf b;
    buf_init(&b, 1 << 12);
    json_begin(&w, &b);
    json_array(&w, NULL);
    if (left > 0)
        json_put_cstr(&w, NULL,
                      arena_printf(a,
                                   "%lld accounts, as the platform shows them: they are the "
                                   "platform's, and are left alone until they are deleted there",
                                   (long long)left));
    if (held[SUBJECT_SAME_ADDRESS] > 0)
        json_put_cstr(&w, NULL,
                      arena_printf(a, "%lld accounts of nobody that show the same address",
                                   (long long)held[SUBJECT_SAME_ADDRESS]));
    if (held[SUBJECT_AUDIT] > 0)
        json_put_cstr(&w, NULL,
                      arena_printf(a,
                                   "%lld entries of the audit with a number of ours that names "
                                   "nobody any more: what was decided must stay answerable",
                                   (long long)held[SUBJECT_AUDIT]));
    if (reports > 0)
        json_put_cstr(&w, NULL,
                      arena_printf(a,
                                   "the id in HR, as the manager of %lld others: HR states it of "
                                   "them",
                                   (long long)reports));
    json_put_cstr(&w, NULL, "backups, for as long as they are kept");
    json_array_end(&w);
    struct text t = text_copy(a, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}

static enum rc_code erase(struct store *st, const struct secret_key *k, const struct company *co,
                          const struct subject *s, const struct erase_options *o, struct arena *a,
                          struct erasure *ret, struct rc_error *err) {
    int64_t held[SUBJECT_PARTS_N], gone[SUBJECT_PARTS_N], left = 0, reports = 0;
    struct json_writer w;
    struct buf all;
    enum rc_code rc = may(st, co, s, o->insists, err);
    if (rc != RC_OK)
        return rc;
    buf_init(&all, DOCUMENT_BYTES);
    json_begin(&w, &all);
    json_object(&w, NULL);
    rc = subject_write(st, s, &w, held, err);
    json_object_end(&w);
    *ret = (struct erasure){ .at_us = clock_now_us(o->clock),
                             .who = text_of(o->who),
                             .reason = text_of(o->reason) };
    secret_digest(k, all.ptr, all.len, ret->removed);
    erase_person_digest(k, s, ret->person);
    secret_wipe(all.ptr, all.len);
    buf_done(&all);
    if (rc != RC_OK || (rc = subject_reports(st, s, &reports, err)) != RC_OK ||
        (rc = subject_erase(st, s, gone, &left, err)) != RC_OK)
        return rc;
    ret->counts = counts_text(gone, a);
    ret->kept = kept_text(held, left, reports, a);
    return erasure_add(st, co->company_id, ret, err);
}

/* ---- under the leases ---- */

struct leases {
    struct lease list[64];
    size_t n;
};

static enum rc_code take(struct store *st, const struct erase_options *o, const char *kind,
                         int64_t company_id, int64_t subject_id, struct leases *l,
                         struct rc_error *err) {
    char subject[64];
    if (l->n == RC_LEN(l->list))
        return rc_fail(err, RC_FATAL, "too many platforms for one erasure");
    snprintf(subject, sizeof subject, "%lld/%lld", (long long)company_id, (long long)subject_id);
    enum rc_code rc = lease_take(st, kind, subject, clock_now_us(o->clock), &l->list[l->n], err);
    l->n += rc == RC_OK;
    return rc;
}

static enum rc_code take_all(struct store *st, const struct subject *s,
                             const struct erase_options *o, struct arena *a, struct leases *l,
                             struct rc_error *err) {
    struct platform *list;
    size_t n = 0;
    enum rc_code rc = take(st, o, "import", s->company_id, s->integration_id, l, err);
    if (rc == RC_OK)
        rc = platform_list(st, s->company_id, a, &list, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = take(st, o, "deliver", s->company_id, list[i].destination_id, l, err);
    return rc;
}

/* ---- old pages ---- a log has them until it is copied back and cut off */

/* Of what was there before: whatever is erased meanwhile is done with the next time. */
static enum rc_code empty_logs(struct store *st, struct store *events,
                               const struct erasure_waiting *of, size_t of_n, int64_t now_us,
                               int64_t *ret_n, struct rc_error *err) {
    enum rc_code rc = db_empty_log(st->db, err);
    if (rc == RC_OK)
        rc = db_empty_log(events->db, err);
    for (size_t i = 0; i < of_n && rc == RC_OK; i++) {
        int64_t n = 0;
        rc = erasure_logs_emptied(st, &of[i], now_us, &n, err);
        *ret_n += n;
    }
    return rc;
}

static bool is_later(enum rc_code rc) {
    return rc == RC_RETRY || rc == RC_CONFLICT;
}

enum rc_code erase_logs(struct store *st, struct store *events, const char *where, int64_t now_us,
                        int64_t *ret_n, struct rc_error *err) {
    RC_CLEANUP(store_closep) struct store *own = NULL;
    struct erasure_waiting list[COMPANIES_AT_ONCE];
    size_t n = 0;
    *ret_n = 0;
    enum rc_code rc = erasure_waiting(st, list, RC_LEN(list), &n, err);
    if (rc != RC_OK || n == 0)
        return rc;
    if (events == NULL && (rc = hook_events_open(where, &own, err)) != RC_OK)
        return rc;
    events = events != NULL ? events : own;
    /* Whoever empties a log holds up those who write until it is done or given up. */
    if ((rc = db_set_wait_ms(st->db, WAIT_MS, err)) == RC_OK &&
        (rc = db_set_wait_ms(events->db, WAIT_MS, err)) == RC_OK)
        rc = empty_logs(st, events, list, n, now_us, ret_n, err);
    enum rc_code back = db_set_wait_ms(st->db, WAIT_USUAL_MS, NULL);
    (void)db_set_wait_ms(events->db, WAIT_USUAL_MS, NULL);
    if (*ret_n > 0)
        log_info("erasure=logs-emptied receipts=%lld", (long long)*ret_n);
    return rc == RC_OK ? back : is_later(rc) ? RC_OK : rc;
}

/* That it could not be done, is not worth losing the receipt for. */
static void empty_logs_now(struct store *st, struct store *events, const struct company *co,
                           const struct clock_source *clock, struct erasure *e) {
    const struct erasure_waiting this = { co->company_id, e->erasure_id };
    struct rc_error err = { 0 };
    char text[500];
    int64_t n = 0, now_us = clock_now_us(clock);
    if (empty_logs(st, events, &this, 1, now_us, &n, &err) == RC_OK)
        e->logs_us = now_us;
    else
        log_warn("company=%.*s erasure=logs-wait receipt=%lld reason=%s", TEXT_ARG(co->key),
                 (long long)e->erasure_id, log_quote(err.text, text, sizeof text));
}

enum rc_code erase_person(struct store *st, struct store *events, const struct secret_key *k,
                          const struct company *co, const struct subject *s,
                          const struct erase_options *o, struct arena *a, struct erasure *ret,
                          struct rc_error *err) {
    int64_t hints = 0;
    struct leases l = { 0 };
    enum rc_code rc = take_all(st, s, o, a, &l, err);
    if (rc == RC_OK && (rc = db_begin(st->db, err)) == RC_OK) {
        for (size_t i = 0; i < l.n && rc == RC_OK; i++)
            rc = lease_hold(st, &l.list[i], clock_now_us(o->clock), err);
        /* Hints first: once nobody knows who it was, nobody can say whose are to go. */
        if (rc == RC_OK && (rc = erase(st, k, co, s, o, a, ret, err)) == RC_OK &&
            (rc = hook_event_forget_person(events, s->company_id, s->integration_id, s->source_id,
                                           &hints, err)) == RC_OK)
            rc = db_commit(st->db, err);
        else
            db_rollback(st->db);
    }
    for (size_t i = 0; i < l.n; i++)
        lease_release(st, &l.list[i]);
    if (rc == RC_OK)
        empty_logs_now(st, events, co, o->clock, ret);
    return rc;
}
