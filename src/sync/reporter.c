#include "sync/reporter.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>
#include "base/log.h"
#include "store/hook_event.h"
#include "store/underway.h"

enum { LOOK_MS = 500, EVERY_LOOKS = 2, WAIT_MS = 200 };

struct desk {
    struct meter meter;
    int64_t company_id, subject_id;
    bool is_busy;
    unsigned looks;
    int64_t told_company_id, told_subject_id; /* there is a row of that; 0: of nothing */
};

struct reporter {
    const char *where;
    pthread_t thread;
    pthread_mutex_t mutex; /* of what stands below */
    pthread_cond_t begun, ended;
    struct desk *desks;
    unsigned desks_n, busy_n, told_n;
    bool runs, ending;
};

/* ---- what is to be written; the mutex is held ---- */

static struct text kept(struct arena *a, const char *s) {
    return text_copy(a, text_of(s));
}

static void look(const struct desk *d, struct arena *a, struct underway *ret) {
    struct meter_view v;
    char line[METER_LINE_BYTES];
    int64_t now = clock_now_us(d->meter.clock);
    meter_look(&d->meter, &v);
    meter_line(&v, line);
    *ret = (struct underway){ .company_id = d->company_id,
                              .subject_id = d->subject_id,
                              .at_us = now,
                              .phase = kept(a, v.phase),
                              .line = kept(a, line),
                              .done = v.done,
                              .of = v.of,
                              .failed = v.failed,
                              .left_s = v.left_s,
                              .per_second = (int64_t)(v.per_second + 0.5),
                              .wait_us = v.waits_s > 0 ? now + v.waits_s * 1000000 : 0 };
}

static size_t look_at_all(struct reporter *r, struct arena *a, struct underway *ret) {
    size_t n = 0;
    for (unsigned i = 0; i < r->desks_n; i++) {
        struct desk *d = &r->desks[i];
        if (!d->is_busy)
            continue;
        meter_tick(&d->meter);
        if (d->looks++ % EVERY_LOOKS != 0)
            continue;
        look(d, a, &ret[n++]);
        r->told_n += d->told_subject_id == 0;
        d->told_company_id = d->company_id;
        d->told_subject_id = d->subject_id;
    }
    return n;
}

/* Rows of what has ended. */
static size_t take_old(struct reporter *r, struct underway *ret) {
    size_t n = 0;
    for (unsigned i = 0; i < r->desks_n; i++) {
        struct desk *d = &r->desks[i];
        bool is_same = d->is_busy && d->told_company_id == d->company_id &&
                       d->told_subject_id == d->subject_id;
        if (d->told_subject_id == 0 || is_same)
            continue;
        ret[n++] =
            (struct underway){ .company_id = d->told_company_id, .subject_id = d->told_subject_id };
        d->told_subject_id = 0;
        r->told_n--;
    }
    return n;
}

/* ---- the thread ---- */

static enum rc_code write_all(struct reporter *r, struct store **st, const struct underway *now,
                              size_t now_n, const struct underway *old, size_t old_n,
                              struct rc_error *err) {
    enum rc_code rc = RC_OK;
    if (now_n + old_n == 0)
        return RC_OK;
    if (*st == NULL && (rc = hook_events_open(r->where, st, err)) == RC_OK)
        rc = db_set_wait_ms((*st)->db, WAIT_MS, err);
    for (size_t i = 0; i < old_n && rc == RC_OK; i++)
        rc = underway_drop(*st, old[i].company_id, old[i].subject_id, err);
    return rc == RC_OK && now_n > 0 ? underway_put(*st, now, now_n, err) : rc;
}

static void sleep_a_little(struct reporter *r) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (!r->ending && pthread_cond_timedwait(&r->ended, &r->mutex, &until) != ETIMEDOUT)
        if (r->busy_n == 0) /* what was told is taken back at once */
            return;
}

static void note(bool *is_failing, enum rc_code rc, const struct rc_error *err) {
    char text[500];
    if (rc != RC_OK && !*is_failing)
        log_info("progress=not-told code=%s reason=%s", rc_code_name(rc),
                 log_quote(err->text, text, sizeof text));
    *is_failing = rc != RC_OK;
}

/* The mutex is held. */
static void sleep_until_begun(struct reporter *r, struct store **st, struct arena *a) {
    pthread_mutex_unlock(&r->mutex);
    store_close(RC_TAKE(*st));
    arena_done(a);
    pthread_mutex_lock(&r->mutex);
    while (r->busy_n == 0 && !r->ending)
        pthread_cond_wait(&r->begun, &r->mutex);
}

static void *reporter_main(void *self) {
    struct reporter *r = self;
    struct store *st = NULL;
    struct underway *now = mem_zalloc(2 * r->desks_n * sizeof *now), *old = now + r->desks_n;
    struct arena a;
    bool failing = false;
    arena_init(&a);
    pthread_mutex_lock(&r->mutex);
    while (!r->ending || r->told_n > 0) {
        if (r->busy_n == 0 && r->told_n == 0) {
            sleep_until_begun(r, &st, &a);
            continue;
        }
        sleep_a_little(r);
        struct rc_error err = { 0 };
        arena_reset(&a);
        size_t old_n = take_old(r, old), now_n = r->ending ? 0 : look_at_all(r, &a, now);
        pthread_mutex_unlock(&r->mutex);
        enum rc_code rc = write_all(r, &st, now, now_n, old, old_n, &err);
        note(&failing, rc, &err);
        if (rc != RC_OK)
            store_close(RC_TAKE(st));
        pthread_mutex_lock(&r->mutex);
    }
    pthread_mutex_unlock(&r->mutex);
    store_close(st);
    arena_done(&a);
    mem_free(now);
    return NULL;
}

/* ---- for workers ---- */

static void sit_down(struct reporter *r, unsigned desk, const struct desk *d) {
    pthread_mutex_lock(&r->mutex);
    struct desk *here = &r->desks[desk], before = *here;
    *here = *d;
    here->told_company_id = before.told_company_id;
    here->told_subject_id = before.told_subject_id;
    here->is_busy = true;
    r->busy_n++;
    if (!r->runs) /* without it nothing is lost but the view */
        r->runs = pthread_create(&r->thread, NULL, reporter_main, r) == 0;
    pthread_cond_signal(&r->begun);
    pthread_mutex_unlock(&r->mutex);
}

void reporter_import(struct reporter *r, unsigned desk, const struct integration *in,
                     const struct import_progress *of, const struct clock_source *clock) {
    struct desk d = { .company_id = in->company_id, .subject_id = in->integration_id };
    if (r == NULL)
        return;
    meter_import(&d.meter, of, clock);
    sit_down(r, desk, &d);
}

void reporter_delivery(struct reporter *r, unsigned desk, int64_t company_id,
                       int64_t destination_id, const struct delivery_progress *of,
                       const struct clock_source *clock) {
    struct desk d = { .company_id = company_id, .subject_id = destination_id };
    if (r == NULL)
        return;
    meter_delivery(&d.meter, of, clock);
    sit_down(r, desk, &d);
}

void reporter_rest(struct reporter *r, unsigned desk) {
    if (r == NULL)
        return;
    pthread_mutex_lock(&r->mutex);
    if (r->desks[desk].is_busy)
        r->busy_n--;
    r->desks[desk].is_busy = false;
    pthread_cond_signal(&r->ended);
    pthread_mutex_unlock(&r->mutex);
}

/* ---- opening and closing ---- */

struct reporter *reporter_open(const char *where, unsigned desks_n) {
    struct reporter *r = mem_zalloc(sizeof *r);
    pthread_condattr_t monotonic;
    r->where = where;
    r->desks_n = desks_n;
    r->desks = mem_zalloc(desks_n * sizeof *r->desks);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&r->mutex, NULL);
    pthread_cond_init(&r->begun, NULL);
    pthread_cond_init(&r->ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return r;
}

void reporter_close(struct reporter *r) {
    if (r == NULL)
        return;
    pthread_mutex_lock(&r->mutex);
    r->ending = true;
    pthread_cond_signal(&r->begun);
    pthread_cond_signal(&r->ended);
    bool runs = r->runs;
    pthread_mutex_unlock(&r->mutex);
    if (runs)
        pthread_join(r->thread, NULL);
    pthread_cond_destroy(&r->begun);
    pthread_cond_destroy(&r->ended);
    pthread_mutex_destroy(&r->mutex);
    mem_free(r->desks);
    mem_free(r);
}
