#include "sync/subscription.h"

#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "store/company.h"
#include "store/hook_event.h"
#include "store/job.h"
#include "sync/mapped.h"

enum { OVERLAP_S = 3600 }; /* HR's clock and ours, and what is on its way */
static const int64_t second_us = 1000000;

static const char *const wanted[] = {
    "person.created",     "person.updated",     "person.deleted",     "employment.created",
    "employment.updated", "employment.deleted", "employment.started", "employment.terminated",
};

static const struct source_ops *ops_of(const struct integration *in) {
    char name[64];
    snprintf(name, sizeof name, "%.*s", TEXT_ARG(in->source));
    return source_find(name);
}

bool subscription_is_possible(const struct integration *in) {
    const struct source_ops *ops = ops_of(in);
    return ops != NULL && ops->tells != NULL;
}

const char *subscription_address(const char *public_url, const struct integration *in,
                                 const struct hook *h, struct arena *a) {
    size_t len = strlen(public_url);
    while (len > 0 && public_url[len - 1] == '/')
        len--;
    return arena_printf(a, "%.*s/webhooks/%.*s/%.*s", (int)len, public_url, TEXT_ARG(in->source),
                        TEXT_ARG(h->address));
}

/* ---- what was missed ---- */

/* More than is read one by one: everybody is listed. */
static enum rc_code add_everybody(struct store *events, const struct hook *h, int64_t now_us,
                                  struct rc_error *err) {
    struct hook_event e = { .company_id = h->company_id,
                            .integration_id = h->integration_id,
                            .digest = HOOK_EVENT_MISSED,
                            .repeats = true,
                            .name = TEXT_NONE,
                            .source_id = TEXT_NONE,
                            .arrived_us = now_us };
    const struct hook_event *one[] = { &e };
    return hook_event_add(events, one, 1, NULL, err);
}

static enum rc_code add_missed(struct store *events, const struct secret_key *k,
                               const struct hook *h, const struct source_missed *m, int64_t now_us,
                               struct arena *a, int64_t *ret_n, struct rc_error *err) {
    struct hook_event e = { .company_id = h->company_id,
                            .integration_id = h->integration_id,
                            .name = m->name,
                            .source_id = m->source_id,
                            .occurred_us = m->occurred_us,
                            .arrived_us = now_us };
    const struct hook_event *one[] = { &e };
    uint8_t digest[SECRET_DIGEST_BYTES];
    bool known = false;
    if (text_is(m->name, "ping"))
        return RC_OK;
    enum rc_code rc = hook_event_has(events, h->company_id, h->integration_id, m->name,
                                     m->source_id, m->occurred_us, &known, err);
    if (rc != RC_OK || known)
        return rc;
    const char *what = arena_printf(a, "missed %.*s %.*s %lld", TEXT_ARG(m->name),
                                    TEXT_ARG(m->source_id), (long long)m->occurred_us);
    secret_digest(k, what, strlen(what), digest);
    int begun = snprintf(e.digest, sizeof e.digest, "%s", HOOK_EVENT_MISSED);
    for (size_t i = 0, at = (size_t)begun; at + 3 <= sizeof e.digest; i++, at += 2)
        snprintf(e.digest + at, 3, "%02x", digest[i]);
    (*ret_n)++;
    return hook_event_add(events, one, 1, NULL, err);
}

static bool is_stopping(const struct rc_error *err) {
    return err->name != NULL && strcmp(err->name, "stopping") == 0;
}

/* It is there and tells; that something beside that could not be done is worth a word, and tried again with
 * the next look. */
static enum rc_code only_noted(enum rc_code rc, const char *what, struct hook *h, struct arena *a,
                               struct rc_error *err) {
    char text[500];
    if (rc == RC_OK || is_stopping(err))
        return rc;
    log_warn("webhook=%s code=%s text=%s", what, rc_code_name(rc),
             log_quote(err->text, text, sizeof text));
    h->note = text_of(arena_printf(a, "%s: %s", what, err->text));
    return RC_OK;
}

/* Once it was there: from the last look on, and a little before. */
static enum rc_code read_missed(struct store *events, const struct secret_key *k,
                                struct source *source, struct hook *h, int64_t now_us,
                                struct arena *a, int64_t *ret_n, struct rc_error *err) {
    struct source_missed *list;
    size_t n = 0;
    bool all = true;
    int64_t oldest_us = now_us - (int64_t)SUBSCRIPTION_DAYS * 86400 * second_us;
    int64_t since_us = h->heard_us - OVERLAP_S * second_us;
    enum rc_code rc = RC_OK;
    if (h->heard_us != 0) {
        rc = source->ops->tells->missed(source, h->remote_id,
                                        since_us > oldest_us ? since_us : oldest_us,
                                        SUBSCRIPTION_MISSED_MOST, a, &list, &n, &all, err);
        if (rc != RC_OK)
            return only_noted(rc, "what was missed could not be read", h, a, err);
        for (size_t i = 0; i < n && rc == RC_OK && all; i++)
            rc = add_missed(events, k, h, &list[i], now_us, a, ret_n, err);
    }
    if (rc == RC_OK && !all) { /* the listing finds those, too */
        log_warn("webhook=missed-too-many reason=\"everybody is listed in place of them\"");
        rc = add_everybody(events, h, now_us, err);
    }
    if (rc == RC_OK)
        h->heard_us = now_us;
    return rc;
}

/* ---- keeping it ---- */

bool subscription_is_by_hand(enum rc_code rc, const struct rc_error *err) {
    return rc == RC_AUTH && err->name != NULL && strcmp(err->name, "personio.right") == 0;
}

static enum rc_code keep(struct store *events, const struct secret_key *k, struct source *source,
                         const struct integration *in, struct hook *h, const char *public_url,
                         int64_t now_us, struct arena *a, struct subscription_result *ret,
                         struct rc_error *err) {
    struct source_subscription want = {
        .address = text_of(subscription_address(public_url, in, h, a)),
        .token = h->token,
        .remote_id = h->remote_id,
        .is_new = h->remote_id.state == TEXT_SET && h->kept_made_us != h->made_us,
        .events = wanted,
        .events_n = RC_LEN(wanted),
    };
    struct source_kept kept;
    enum rc_code rc = source->ops->tells->keep(source, &want, a, &kept, err);
    if (rc != RC_OK)
        return rc;
    ret->made = kept.made;
    ret->mended = kept.mended;
    bool told_before = h->state == HOOK_KEPT && !kept.made && !kept.mended;
    h->kept_us = told_before && h->kept_us != 0 ? h->kept_us : now_us;
    h->state = HOOK_KEPT;
    h->remote_id = kept.remote_id;
    h->kept_made_us = h->made_us;
    h->note = kept.mended && !want.is_new && want.remote_id.state == TEXT_SET
                  ? text_of("it was disabled there, or told other things: mended")
                  : TEXT_NONE;
    /* That it arrives is seen by its arriving; that it could not be sent says nothing. */
    if (!told_before && (rc = only_noted(source->ops->tells->ping(source, h->remote_id, err),
                                         "a ping could not be asked for", h, a, err)) != RC_OK)
        return rc;
    return read_missed(events, k, source, h, now_us, a, &ret->missed, err);
}

/* ---- how it stands ---- */

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* HR says that it is enabled, and perhaps it is: whether it tells shows in what listings find. */
static enum rc_code is_silent(struct store *st, const struct hook *h, int64_t last_us,
                              int64_t now_us, int64_t *ret_since_us, struct rc_error *err) {
    int64_t since_us = later(later(last_us, h->kept_us), h->made_us), untold = 0;
    *ret_since_us = 0;
    if (now_us - since_us < (int64_t)SUBSCRIPTION_SILENT_DAYS * 86400 * second_us)
        return RC_OK;
    enum rc_code rc = hook_untold(st, h->company_id, h->integration_id, since_us, &untold, err);
    if (rc == RC_OK && untold >= SUBSCRIPTION_UNTOLD)
        *ret_since_us = since_us;
    return rc;
}

/* One that somebody made by hand tells as well as ours: then nothing fails. */
static enum rc_code stand(struct store *st, struct store *events, struct hook *h, int64_t now_us,
                          struct arena *a, struct rc_error *err) {
    struct hook_tally t;
    enum rc_code rc = hook_event_tally(events, h->company_id, h->integration_id, a, &t, err);
    if (rc != RC_OK)
        return rc;
    bool tells = h->state == HOOK_KEPT || (h->state == HOOK_BY_HAND && t.last_us >= h->made_us);
    if (tells) {
        h->failing_us = 0;
        return is_silent(st, h, t.last_us, now_us, &h->silent_us, err);
    }
    h->silent_us = 0;
    if (h->failing_us == 0)
        h->failing_us = now_us;
    return RC_OK;
}

enum rc_code subscription_heard(struct store *st, struct store *events, int64_t company_id,
                                int64_t integration_id, struct arena *a, struct rc_error *err) {
    struct hook_standing is;
    struct hook_tally t;
    bool found = false;
    enum rc_code rc = hook_standing_find(st, company_id, integration_id, a, &is, &found, err);
    if (rc != RC_OK || !found ||
        (is.silent_us == 0 && (is.failing_us == 0 || is.state != HOOK_BY_HAND)))
        return rc;
    rc = hook_event_tally(events, company_id, integration_id, a, &t, err);
    return rc == RC_OK && t.last_us > later(is.silent_us, is.failing_us)
               ? hook_is_heard(st, company_id, integration_id, err)
               : rc;
}

enum rc_code subscription_keep(struct store *st, struct store *events, const struct secret_key *k,
                               const struct integration *in, struct hook *h, const char *public_url,
                               const struct clock_source *clock, struct arena *a,
                               struct subscription_result *ret, struct rc_error *err) {
    RC_CLEANUP(source_closep) struct source *source = NULL;
    const struct mapping *m;
    int64_t now_us = clock_now_us(clock);
    *ret = (struct subscription_result){ 0 };
    enum rc_code rc = mapped_current(st, in, a, &m, err);
    if (rc != RC_OK || (rc = import_connect(in, m, clock, &source, err)) != RC_OK)
        return rc;
    /* Before it is made: whatever becomes of us, it can be found there. */
    if (!text_is(h->kept_for, public_url)) {
        h->kept_for = text_of(public_url);
        if ((rc = hook_save(st, h, err)) != RC_OK)
            return rc;
    }
    rc = keep(events, k, source, in, h, public_url, now_us, a, ret, err);
    h->looked_us = now_us;
    if (rc != RC_OK && !is_stopping(err)) {
        h->state = subscription_is_by_hand(rc, err) ? HOOK_BY_HAND : HOOK_FAILING;
        h->note = text_of(arena_printf(a, "%s", err->text));
    }
    struct rc_error why = { 0 };
    char text[500];
    if (!(rc != RC_OK && is_stopping(err)) && stand(st, events, h, now_us, a, &why) != RC_OK)
        log_warn("webhook=standing-unknown reason=%s", log_quote(why.text, text, sizeof text));
    enum rc_code saved = hook_save(st, h, rc == RC_OK ? err : NULL);
    if (saved ==
        RC_NOT_FOUND) /* removed meanwhile, by somebody who may have found nothing there yet */
        (void)source->ops->tells->end(source, h->remote_id,
                                      text_of(subscription_address(public_url, in, h, a)), NULL);
    return rc != RC_OK ? rc : saved;
}

/* ---- ending it ---- */

bool subscription_may_be_there(const struct hook *h) {
    return h->remote_id.state == TEXT_SET ||
           (h->kept_for.state == TEXT_SET && h->state != HOOK_BY_HAND);
}

enum rc_code subscription_end_there(struct store *st, const struct integration *in,
                                    const struct hook *h, const struct clock_source *clock,
                                    struct arena *a, struct rc_error *err) {
    RC_CLEANUP(source_closep) struct source *source = NULL;
    const struct mapping *m;
    char url[2000];
    enum rc_code rc;
    if (!subscription_may_be_there(h) || !subscription_is_possible(in))
        return RC_OK;
    snprintf(url, sizeof url, "%.*s", TEXT_ARG(h->kept_for));
    if ((rc = mapped_current(st, in, a, &m, err)) != RC_OK ||
        (rc = import_connect(in, m, clock, &source, err)) != RC_OK)
        return rc;
    return source->ops->tells->end(source, h->remote_id,
                                   text_of(subscription_address(url, in, h, a)), err);
}

enum rc_code subscription_end(struct store *st, const struct integration *in, const struct hook *h,
                              const struct clock_source *clock, struct arena *a,
                              struct rc_error *err) {
    bool was_there = false;
    enum rc_code rc = subscription_end_there(st, in, h, clock, a, err);
    return rc != RC_OK ? rc : hook_remove(st, h->company_id, h->integration_id, &was_there, err);
}

/* ---- all of them ---- */

enum rc_code subscription_want_all(struct store *st, int64_t now_us, struct rc_error *err) {
    struct company *list;
    struct arena a;
    size_t n = 0;
    arena_init(&a);
    enum rc_code rc = company_list(st, &a, &list, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        int64_t *ids;
        size_t ids_n = 0;
        rc = hook_list(st, list[i].company_id, &a, &ids, &ids_n, err);
        for (size_t k = 0; k < ids_n && rc == RC_OK; k++)
            rc = job_want(st, JOB_WEBHOOK, list[i].company_id, ids[k], now_us, err);
    }
    arena_done(&a);
    return rc;
}
