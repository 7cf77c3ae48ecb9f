#include "sync/unsubscribe.h"

#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "json/json.h"
#include "store/hook.h"
#include "store/job.h"
#include "sync/subscription.h"

enum { UNSUBSCRIBE_CALL_S = 4, SETTINGS_BYTES = 1 << 20 };
#define UNSUBSCRIBE_CALL "4" /* the same, as a setting */

/* ---- no longer than so long ---- whoever waits for HR is told that the process is being stopped */

struct patience {
    const struct clock_source *clock;
    int64_t until_us; /* by the monotonic clock: then no call begins any more */
};

static int64_t now_of(void *self) {
    return clock_now_us(((struct patience *)self)->clock);
}

static int64_t monotonic_of(void *self) {
    return clock_monotonic_us(((struct patience *)self)->clock);
}

static void sleep_of(void *self, int64_t us) {
    clock_sleep_us(((struct patience *)self)->clock, us);
}

static bool is_over(void *self) {
    const struct patience *p = self;
    return clock_is_ending(p->clock) || clock_monotonic_us(p->clock) >= p->until_us;
}

/* ---- one of them ---- */

/* *ret_is false: HR has none of ours. One that is to be deleted there sooner or later counts, too. */
static enum rc_code find(struct store *st, const struct secret_key *k, const struct integration *in,
                         struct arena *a, struct hook *ret, bool *ret_is, struct rc_error *err) {
    enum rc_code rc = hook_get(st, k, in->company_id, in->integration_id, a, ret, err);
    *ret_is = rc == RC_OK ? subscription_may_be_there(ret) : rc != RC_NOT_FOUND;
    if (rc == RC_OK && k == NULL)
        rc = rc_fail_as(err, RC_INVALID, "secret.key", "the installation's key is not there");
    return rc;
}

/* How long a call may take, and how often it is repeated, is set for imports, which nobody waits for. */
static struct text in_a_hurry(struct text settings, struct arena *a) {
    static const char *const own[][2] = { { "timeout-s", UNSUBSCRIBE_CALL },
                                          { "connect-timeout-s", UNSUBSCRIBE_CALL },
                                          { "retries", "0" } };
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(SETTINGS_BYTES);
    struct json_writer w;
    struct buf b;
    json all, key, value;
    const char *name;
    size_t len;
    if (json_parse_copy(r, settings.ptr, settings.len, &all, NULL) != RC_OK)
        return settings;
    buf_init(&b, SETTINGS_BYTES);
    json_begin(&w, &b);
    json_object(&w, NULL);
    for (size_t i = 0; i < RC_LEN(own); i++) /* of one that is there twice the first counts */
        json_put_cstr(&w, own[i][0], own[i][1]);
    for (struct json_iter it = json_iter(all); json_next(&it, &key, &value);)
        if (json_str(key, &name, &len))
            json_put_value(&w, arena_str(a, name, len), value);
    json_object_end(&w);
    struct text t = text_copy(a, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}

/* Nobody else looks after it from here to unsubscribe_end(): it would be made again. Whoever is at it just now is
 * waited for. */
static void hold(struct store *st, const struct integration *in, const struct clock_source *clock,
                 struct unsubscribed *u) {
    enum { AGAIN_US = 100000 };
    const char *kind = job_kind_name(JOB_WEBHOOK);
    int64_t later_us = clock_now_us(clock) + (int64_t)SUBSCRIPTION_EVERY_S * 1000000;
    struct lease *l = &u->held[u->held_n];
    char subject[64];
    snprintf(subject, sizeof subject, "%lld/%lld", (long long)in->company_id,
             (long long)in->integration_id);
    enum rc_code rc = job_want(st, JOB_WEBHOOK, in->company_id, in->integration_id, later_us, NULL);
    if (rc == RC_OK)
        rc = lease_take(st, kind, subject, clock_now_us(clock), l, NULL);
    while (rc == RC_CONFLICT && !clock_is_ending(clock)) {
        clock_sleep_us(clock, AGAIN_US);
        rc = lease_take(st, kind, subject, clock_now_us(clock), l, NULL);
    }
    u->held_n += rc == RC_OK;
}

/* As if it had never been made; at its address it is made again, should the removal come to nothing. */
static enum rc_code end(struct store *st, const struct secret_key *k, struct hook *h,
                        const struct clock_source *clock, struct arena *a, struct rc_error *err) {
    struct integration in;
    enum rc_code rc = integration_get(st, h->company_id, h->integration_id, k, a, &in, err);
    if (rc != RC_OK)
        return rc;
    in.settings = in_a_hurry(in.settings, a);
    if ((rc = subscription_end_there(st, &in, h, clock, a, err)) != RC_OK)
        return rc;
    h->state = HOOK_NEW;
    h->remote_id = h->kept_for = TEXT_NONE;
    h->kept_made_us = h->kept_us = 0;
    return hook_save(st, h, err);
}

static const char *why_not(const struct rc_error *err) {
    bool late = err->name != NULL && strcmp(err->name, "stopping") == 0;
    return late ? "HR did not answer in time" : err->text;
}

void unsubscribe(struct store *st, const struct secret_key *k, const struct integration *list,
                 size_t n, const struct clock_source *clock, struct arena *a,
                 struct unsubscribed *ret) {
    struct patience p = { clock, clock_monotonic_us(clock) +
                                     (int64_t)(UNSUBSCRIBE_S - UNSUBSCRIBE_CALL_S) * 1000000 };
    const struct clock_source patient = { now_of, monotonic_of, sleep_of, &p, is_over };
    *ret = (struct unsubscribed){ .left = ARENA_NEW(a, const char *, n + 1),
                                  .of = ARENA_NEW(a, int64_t, n + 1),
                                  .held = ARENA_NEW(a, struct lease, n + 1) };
    for (size_t i = 0; i < n; i++) {
        struct rc_error err = { 0 };
        struct hook h = { 0 };
        char text[500];
        bool is = false;
        enum rc_code rc = find(st, k, &list[i], a, &h, &is, &err);
        if (rc == RC_NOT_FOUND)
            continue;
        hold(st, &list[i], &patient, ret);
        rc = find(st, k, &list[i], a, &h, &is, &err); /* as whoever was at it has left it */
        if (!is)
            continue;
        ret->of[ret->of_n++] = list[i].integration_id;
        if (rc == RC_OK)
            rc = end(st, k, &h, &patient, a, &err);
        if (rc == RC_OK)
            continue;
        log_warn("integration=%.*s webhook=left-in-hr reason=%s", TEXT_ARG(list[i].key),
                 log_quote(err.text, text, sizeof text));
        ret->left[ret->left_n++] =
            arena_printf(a,
                         "the webhook of %.*s in HR could not be deleted (%s): delete it there by "
                         "hand",
                         TEXT_ARG(list[i].key), why_not(&err));
    }
}

void unsubscribe_end(struct store *st, int64_t company_id, const struct unsubscribed *u,
                     bool removed, int64_t now_us) {
    for (size_t i = 0; i < u->held_n; i++)
        lease_release(st, &u->held[i]);
    for (size_t i = 0; i < u->of_n && !removed; i++) {
        struct rc_error err = { 0 };
        /* What HR has not told meanwhile, a listing finds. */
        if (job_want(st, JOB_WEBHOOK, company_id, u->of[i], now_us, &err) != RC_OK ||
            job_want(st, JOB_SYNC, company_id, u->of[i], now_us, &err) != RC_OK)
            log_warn("webhook=not-wanted-again reason=\"%s\"", err.text);
    }
}
