#include "sync/errand.h"

#include <stdio.h>
#include <string.h>
#include "store/audit.h"
#include "store/job.h"
#include "sync/accounts.h"
#include "sync/alerts_text.h"
#include "sync/check.h"
#include "sync/import.h"
#include "sync/steps.h"
#include "sync/undo.h"

enum { ACCOUNTS_MOST = 100, RUNS_MOST = 100 };
static const int64_t hour_us = INT64_C(3600000000);

/* ---- taken down ---- */

static enum rc_code take(struct store *st, struct errand *e, struct rc_error *err) {
    char what[160];
    bool has = e->about.state == TEXT_SET;
    int64_t waiting = 0;
    enum rc_code rc = errand_add(st, e, err);
    if (rc != RC_OK || (rc = errand_waiting(st, e->company_id, &waiting, err)) != RC_OK)
        return rc;
    if (waiting > ERRAND_WAITING_MOST)
        return rc_fail_as(err, RC_LIMITED, "errand.too-many",
                          "%d errands of this company wait to be done, which is as many as may: "
                          "let some of them end, and ask again",
                          ERRAND_WAITING_MOST);
    snprintf(what, sizeof what, "errand %lld: %s%s%.*s", (long long)e->errand_id,
             errand_kind_name(e->kind), has ? " of " : "", TEXT_ARG(e->about));
    char who[300];
    snprintf(who, sizeof who, "%.*s", TEXT_ARG(e->who));
    if ((rc = audit_add(st, e->company_id, e->made_us, who, what, err)) != RC_OK)
        return rc;
    return job_want(st, JOB_ERRAND, e->company_id, e->errand_id, e->made_us, err);
}

enum rc_code errand_take(struct store *st, struct errand *e, int64_t now_us, struct arena *a,
                         struct rc_error *err) {
    e->made_us = now_us;
    enum rc_code rc = db_begin(st->db, err);
    if (rc != RC_OK)
        return rc;
    rc = errand_same(st, e, a, e, err); /* asked again while it waits, it is not done twice */
    if (rc == RC_NOT_FOUND)
        rc = take(st, e, err);
    if (rc == RC_OK)
        return db_commit(st->db, err);
    db_rollback(st->db);
    return rc;
}

/* ---- done ---- */

struct doing {
    const struct errand_with *w;
    const struct company *co;
    const struct errand *is;
    struct arena *a;
    struct json_reader *reader;
    json wants; /* NULL: nothing */
    int64_t runs[RUNS_MOST];
    size_t runs_n;
    struct buf result; /* JSON; empty: there is none */
};

static void note_run(struct doing *d, const struct run *r) {
    if (r->run_id != 0 && d->runs_n < RUNS_MOST)
        d->runs[d->runs_n++] = r->run_id;
}

static const char *who_of(struct doing *d) {
    return arena_str(d->a, d->is->who.ptr, d->is->who.len);
}

static bool wants(const struct doing *d, const char *what) {
    bool is = false;
    return json_bool(json_get(d->wants, what), &is) && is;
}

static enum rc_code preview_sync(struct doing *d, struct rc_error *err) {
    struct integration in;
    enum rc_code rc =
        integration_get(d->w->st, d->is->company_id, d->is->subject_id, d->w->key, d->a, &in, err);
    if (rc != RC_OK)
        return rc;
    struct steps s = { .st = d->w->st,
                       .key = d->w->key,
                       .clock = d->w->clock,
                       .who = who_of(d),
                       .arena = d->a,
                       .company = d->co,
                       .in = &in,
                       .preview = true };
    if ((rc = steps_begin(&s, err)) == RC_OK)
        rc = steps_import(&s, NULL, err);
    note_run(d, &s.imported);
    while (rc == RC_OK && steps_next(&s)) {
        struct run r = { 0 };
        rc = steps_deliver(&s, NULL, &r, err);
        note_run(d, &r);
    }
    return rc;
}

static enum rc_code preview_delivery(struct doing *d, struct rc_error *err) {
    struct platform p;
    struct run r = { 0 };
    const struct delivery_options o = {
        .preview = true, .lists = wants(d, "inventory"), .who = who_of(d), .clock = d->w->clock
    };
    enum rc_code rc =
        platform_get(d->w->st, d->is->company_id, d->is->subject_id, NULL, d->a, &p, err);
    if (rc == RC_OK)
        rc = delivery_run(d->w->st, d->w->key, d->co, &p, &o, d->a, &r, err);
    note_run(d, &r);
    return rc;
}

static enum rc_code undo(struct doing *d, struct rc_error *err) {
    struct run r = { 0 };
    const struct delivery_options o = { .preview = wants(d, "preview"),
                                        .who = who_of(d),
                                        .clock = d->w->clock };
    enum rc_code rc = undo_run(d->w->st, d->w->key, d->co, d->is->subject_id, &o, d->a, &r, err);
    note_run(d, &r);
    return rc;
}

static enum rc_code platform_of(struct doing *d, struct platform *p, struct accounts_context *ret,
                                struct rc_error *err) {
    enum rc_code rc =
        platform_get(d->w->st, d->is->company_id, d->is->subject_id, d->w->key, d->a, p, err);
    *ret = (struct accounts_context){ .st = d->w->st,
                                      .key = d->w->key,
                                      .company = d->co,
                                      .platform = p,
                                      .clock = d->w->clock,
                                      .who = who_of(d) };
    return rc;
}

static enum rc_code close_accounts(struct doing *d, struct rc_error *err) {
    struct text ids[ACCOUNTS_MOST];
    struct accounts_context x;
    struct platform p;
    json list = json_get(d->wants, "accounts"), key, one;
    size_t n = 0;
    int64_t closed = 0;
    struct json_iter it = json_iter(list);
    while (n < ACCOUNTS_MOST && json_next(&it, &key, &one)) {
        const char *s;
        size_t len;
        if (json_str(one, &s, &len))
            ids[n++] = text_of(arena_str(d->a, s, len));
    }
    enum rc_code rc = platform_of(d, &p, &x, err);
    if (rc == RC_OK)
        rc = accounts_close(&x, ids, n, &closed, err);
    buf_printf(&d->result, "{\"closed\":%lld}", (long long)closed);
    return rc;
}

static void write_check(struct doing *d, const struct check *found) {
    struct json_writer w;
    json_begin(&w, &d->result);
    json_object(&w, NULL);
    check_write(&w, found);
    json_object_end(&w);
}

static enum rc_code check_one(struct doing *d, struct rc_error *err) {
    struct integration in;
    struct platform p;
    struct accounts_context x;
    struct check found;
    enum rc_code rc;
    if (d->is->kind == ERRAND_CHECK_INTEGRATION) {
        rc = integration_get(d->w->st, d->is->company_id, d->is->subject_id, d->w->key, d->a, &in,
                             err);
        if (rc == RC_OK)
            rc = check_integration(d->w->st, d->w->key, &in, NULL, d->w->public_url, d->w->clock,
                                   d->a, &found, err);
    } else if ((rc = platform_of(d, &p, &x, err)) == RC_OK)
        rc = check_destination(&x, d->a, &found, err);
    if (rc == RC_OK)
        write_check(d, &found);
    return rc;
}

static enum rc_code try_mail(struct doing *d, struct rc_error *err) {
    char answer[MAIL_ANSWER_BYTES] = "";
    struct json_writer w;
    struct text to;
    int64_t now = clock_now_us(d->w->clock);
    enum rc_code rc = json_text(d->wants, "to", "errand", &to, err);
    if (rc != RC_OK)
        return rc;
    if (d->w->mail == NULL)
        return rc_fail_as(err, RC_CONFLICT, "mail.none",
                          "this service has no mail server: ROLLCALL_SMTP_URL names one");
    struct alerts_text t = alerts_text_test(d->a);
    struct mail m = { .to = arena_str(d->a, to.ptr, to.len),
                      .subject = t.subject,
                      .text = t.text,
                      .id = arena_printf(d->a, "test.%lld", (long long)now),
                      .date_us = now };
    if ((rc = mail_send(d->w->mail, &m, d->w->clock, answer, err)) != RC_OK)
        return rc;
    json_begin(&w, &d->result);
    json_object(&w, NULL);
    json_put_cstr(&w, "answer", answer);
    json_object_end(&w);
    return RC_OK;
}

/* As the command: what is stored is not enough, so everybody is listed through it; guarded, it may be held. */
static enum rc_code activate(struct doing *d, struct rc_error *err) {
    struct import_options o = { .activates = true, .who = who_of(d), .clock = d->w->clock };
    struct integration in;
    struct run r = { 0 };
    if (!json_int(json_get(d->wants, "mapping"), &o.mapping_id))
        return rc_fail(err, RC_FATAL, "an errand names no mapping");
    enum rc_code rc =
        integration_get(d->w->st, d->is->company_id, d->is->subject_id, d->w->key, d->a, &in, err);
    if (rc == RC_OK)
        rc = import_run(d->w->st, d->w->key, d->co, &in, &o, d->a, &r, err);
    note_run(d, &r);
    return rc;
}

static enum rc_code carry_out(struct doing *d, struct rc_error *err) {
    int64_t waited = clock_now_us(d->w->clock) - d->is->made_us;
    if (waited >= ERRAND_LATE_HOURS * hour_us)
        return rc_fail_as(err, RC_CONFLICT, "errand.late",
                          "nobody came to it for %d hours, and it is not done any more",
                          ERRAND_LATE_HOURS);
    if (d->is->wants.state == TEXT_SET) {
        enum rc_code rc =
            json_parse_copy(d->reader, d->is->wants.ptr, d->is->wants.len, &d->wants, err);
        if (rc != RC_OK)
            return rc_context(err, RC_FATAL, "errand %lld", (long long)d->is->errand_id);
    }
    switch (d->is->kind) {
    case ERRAND_SYNC_PREVIEW: return preview_sync(d, err);
    case ERRAND_DELIVERY_PREVIEW: return preview_delivery(d, err);
    case ERRAND_UNDO: return undo(d, err);
    case ERRAND_CLOSE: return close_accounts(d, err);
    case ERRAND_CHECK_INTEGRATION:
    case ERRAND_CHECK_DESTINATION: return check_one(d, err);
    case ERRAND_MAIL: return try_mail(d, err);
    case ERRAND_ACTIVATE: return activate(d, err);
    case ERRAND_KINDS_N: break;
    }
    return rc_fail(err, RC_FATAL, "errand %lld is of no kind", (long long)d->is->errand_id);
}

/* ---- its end ---- */

static bool is_named(const struct rc_error *err, const char *name) {
    return err->name != NULL && strcmp(err->name, name) == 0;
}

/* Stopped, somebody else is at it, or the database does not take anything: to be tried again. One that has
 * made a run does not begin anew because of somebody else: it would read all of HR again each time. */
static bool is_put_off(const struct doing *d, enum rc_code rc, const struct rc_error *err) {
    int64_t waited = clock_now_us(d->w->clock) - d->is->made_us;
    bool database = (rc == RC_RETRY || rc == RC_UNSURE) &&
                    (err->name == NULL || *err->name == '\0' || is_named(err, "db.busy"));
    if (rc == RC_OK)
        return false;
    return is_named(err, "stopping") || (((is_named(err, "busy") && d->runs_n == 0) || database) &&
                                         waited < (int64_t)ERRAND_PATIENCE_S * 1000000);
}

static enum rc_code end(struct doing *d, enum rc_code done, const struct rc_error *why,
                        struct errand *e, struct rc_error *err) {
    struct buf runs;
    bool failed = done != RC_OK;
    db_rollback(d->w->st->db); /* harmless when nothing is open */
    buf_init(&runs, 1 << 16);
    buf_char(&runs, '[');
    for (size_t i = 0; i < d->runs_n; i++)
        buf_printf(&runs, "%s%lld", i > 0 ? "," : "", (long long)d->runs[i]);
    buf_char(&runs, ']');
    e->state = failed ? ERRAND_FAILED : ERRAND_DONE;
    e->ended_us = clock_now_us(d->w->clock);
    e->runs = text_copy(d->a, text_from(runs.ptr, runs.len));
    if (d->result.len > 0)
        e->result = text_copy(d->a, text_from(d->result.ptr, d->result.len));
    if (failed) {
        bool has = why->name != NULL && *why->name != '\0';
        e->error_name = text_of(has ? why->name : rc_code_name(done));
        e->error_text = text_copy(d->a, text_of(why->text));
    }
    buf_done(&runs);
    return errand_end(d->w->st, e, err);
}

enum rc_code errand_do(const struct errand_with *w, const struct company *co, int64_t errand_id,
                       struct arena *a, struct errand *ret, struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 16);
    struct rc_error why = { 0 };
    enum rc_code rc = errand_get(w->st, co->company_id, errand_id, a, ret, err);
    if (rc == RC_NOT_FOUND || (rc == RC_OK && ret->state != ERRAND_WAITING)) {
        *ret = (struct errand){ 0 };
        return RC_OK;
    }
    if (rc != RC_OK)
        return rc;
    struct doing d = { .w = w, .co = co, .is = ret, .a = a, .reader = reader };
    buf_init(&d.result, 1 << 20);
    rc = carry_out(&d, &why);
    if (is_put_off(&d, rc, &why))
        *err = why;
    else
        rc = end(&d, rc, &why, ret, err);
    buf_done(&d.result);
    return rc;
}
