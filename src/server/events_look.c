/* One look at a company: its runs, jobs, progress and alerts, each as the JSON that is told of it. */
#include <string.h>

#include "secret/secret.h"
#include "server/events_p.h"

enum { RUNS_MOST = 100, JOBS_MOST = 500, UNDERWAY_MOST = 500, JSON_BYTES = 256 << 10 };

struct looking {
    const struct look *l;
    struct arena *arena;
    struct show_subjects subjects;
    struct run *runs;
    struct event *events;
    size_t runs_n, n, cap;
};

static uint64_t digest_of(const void *bytes, size_t len) {
    uint8_t hash[SECRET_HASH_BYTES];
    uint64_t ret;
    secret_hash(bytes, len, hash);
    memcpy(&ret, hash, sizeof ret);
    return ret;
}

/* One object with one member; what is too long for it is left out, and the API tells it when it is asked. */
struct writing {
    struct buf buf;
    struct json_writer w;
};

static void begin(struct writing *x) {
    buf_init(&x->buf, JSON_BYTES);
    json_begin(&x->w, &x->buf);
    json_object(&x->w, NULL);
}

static void end(struct looking *k, struct writing *x, const struct event *e) {
    json_object_end(&x->w);
    if (!x->buf.full && k->n < k->cap) {
        struct event *to = &k->events[k->n++];
        *to = *e;
        to->json = text_from(arena_copy(k->arena, x->buf.ptr, x->buf.len), x->buf.len);
        to->digest = digest_of(x->buf.ptr, x->buf.len);
    }
    buf_done(&x->buf);
}

/* ---- runs ---- */

static bool is_over(enum run_state s) {
    return s == RUN_APPLIED || s == RUN_REJECTED || s == RUN_SUPERSEDED || s == RUN_FAILED;
}

static bool has_run(const struct looking *k, int64_t run_id) {
    for (size_t i = 0; i < k->runs_n; i++)
        if (k->runs[i].run_id == run_id)
            return true;
    return false;
}

static void put_run(struct looking *k, const struct run *r) {
    struct writing x;
    struct event e = { .kind = EVENT_RUN,
                       .id = (uint64_t)r->run_id,
                       .run_id = r->run_id,
                       .is_open = !is_over(r->state) && r->state != RUN_PREVIEWED,
                       .at_us = r->ended_us != 0 ? r->ended_us : r->started_us,
                       .name = r->state == RUN_HELD ? "hold" : "run" };
    e.may_vanish = e.is_open;
    begin(&x);
    show_run(&x.w, "run", k->l->company, show_subject_of(&k->subjects, r), r);
    end(k, &x, &e);
}

static enum rc_code look_at_runs(struct looking *k, struct rc_error *err) {
    const struct look *l = k->l;
    struct store *st = l->show->st;
    struct run *lately, *all;
    size_t n;
    enum rc_code rc = run_list_lately(st, l->company->company_id, l->since_us, RUNS_MOST, k->arena,
                                      &lately, &n, err);
    if (rc != RC_OK)
        return rc;
    all = ARENA_NEW(k->arena, struct run, n + l->runs_n + 1);
    memcpy(all, lately, n * sizeof *all);
    k->runs = all;
    k->runs_n = n;
    for (size_t i = 0; i < l->runs_n; i++) {
        if (has_run(k, l->runs[i]))
            continue;
        rc = run_get(st, l->company->company_id, l->runs[i], k->arena, &all[k->runs_n], err);
        if (rc == RC_OK)
            k->runs_n++;
        else if (rc != RC_NOT_FOUND)
            return rc;
    }
    k->cap = k->runs_n + JOBS_MOST + UNDERWAY_MOST;
    k->events = ARENA_NEW(k->arena, struct event, k->cap);
    for (size_t i = k->runs_n; i > 0; i--)
        put_run(k, &all[i - 1]);
    return RC_OK;
}

/* ---- jobs ---- */

static enum rc_code look_at_jobs(struct looking *k, struct rc_error *err) {
    const struct look *l = k->l;
    struct job_row *jobs;
    size_t n;
    enum rc_code rc = job_list(l->show->st, l->company->company_id, clock_now_us(l->show->clock),
                               JOBS_MOST, k->arena, &jobs, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        const struct job_row *j = &jobs[i];
        struct writing x;
        bool is_decision = j->kind == JOB_DECISION;
        struct event e = { .kind = EVENT_JOB,
                           .id = (uint64_t)j->kind << 56 ^ (uint64_t)j->subject_id,
                           .run_id = is_decision ? j->subject_id : 0,
                           .is_open = true,
                           .name = "job" };
        struct text subject =
            is_decision ? text_of(arena_printf(k->arena, "%lld", (long long)j->subject_id))
                        : show_subject_key(&k->subjects, j->subject_id);
        if (subject.state != TEXT_SET)
            continue; /* its integration is gone */
        begin(&x);
        show_job(&x.w, "job", l->company, subject, j);
        end(k, &x, &e);
    }
    return rc;
}

/* ---- progress ---- */

/* At most one run of a subject is under way. */
static const struct run *run_of(const struct looking *k, int64_t subject_id) {
    for (size_t i = 0; i < k->runs_n; i++) {
        const struct run *r = &k->runs[i];
        bool goes_on =
            r->state == RUN_LISTING || r->state == RUN_CHECKING || r->state == RUN_PASSED;
        if (goes_on &&
            subject_id == (r->destination_id != 0 ? r->destination_id : r->integration_id))
            return r;
    }
    return NULL;
}

static enum rc_code look_at_progress(struct looking *k, struct rc_error *err) {
    const struct look *l = k->l;
    struct underway *list;
    size_t n;
    enum rc_code rc = underway_list(l->beside, l->company->company_id, clock_now_us(l->show->clock),
                                    UNDERWAY_MOST, k->arena, &list, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        const struct run *r = run_of(k, list[i].subject_id);
        struct writing x;
        if (r == NULL)
            continue;
        struct event e = { .kind = EVENT_PROGRESS,
                           .id = (uint64_t)list[i].subject_id,
                           .run_id = r->run_id,
                           .is_open = true,
                           .name = "progress" };
        begin(&x);
        show_progress(&x.w, "progress", l->company, show_subject_of(&k->subjects, r), r, &list[i]);
        end(k, &x, &e);
    }
    return rc;
}

/* ---- alerts ---- */

static enum rc_code look_at_alerts(struct looking *k, struct rc_error *err) {
    const struct look *l = k->l;
    struct alert *list;
    size_t n;
    enum rc_code rc = alert_list(l->show->st, l->company->company_id, k->arena, &list, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        const struct alert *al = &list[i];
        struct text subject = show_subject_key(&k->subjects, al->subject_id);
        struct writing x;
        if (subject.state != TEXT_SET || (al->over_us != 0 && al->over_us < l->since_us))
            continue;
        struct event e = { .kind = EVENT_ALERT,
                           .id = digest_of(al->cause.ptr, al->cause.len) ^ (uint64_t)al->subject_id,
                           .run_id = al->run_id,
                           .is_open = al->over_us == 0,
                           .at_us = al->over_us,
                           .name = "alert" };
        begin(&x);
        json_object(&x.w, "alert");
        show_alert_itself(&x.w, l->company, subject, al);
        json_object_end(&x.w);
        end(k, &x, &e);
    }
    return rc;
}

enum rc_code events_look(const struct look *l, struct event **ret, size_t *ret_n,
                         struct rc_error *err) {
    struct looking k = { .l = l, .arena = l->show->arena };
    enum rc_code rc = show_subjects(l->show, l->company, &k.subjects, err);
    if (rc != RC_OK || (rc = look_at_runs(&k, err)) != RC_OK ||
        (rc = look_at_jobs(&k, err)) != RC_OK || (rc = look_at_progress(&k, err)) != RC_OK ||
        (rc = look_at_alerts(&k, err)) != RC_OK)
        return rc;
    *ret = k.events;
    *ret_n = k.n;
    return RC_OK;
}
