#include "sync/cause.h"

#include <stdio.h>
#include "base/schedule.h"

static const int64_t hour_us = INT64_C(3600000000), day_us = INT64_C(86400000000);

/* ---- what is said of each ---- */

static const struct {
    const char *code;
    bool is_urgent, tells_over, is_technical;
    int days; /* between two mails */
} rows[CAUSES_N] = {
    [CAUSE_HELD_LEAVERS] = { "held-leavers", true, true, false, 1 },
    [CAUSE_HELD] = { "held", false, true, false, 1 },
    [CAUSE_CREDENTIALS] = { "credentials", false, true, true, 1 },
    [CAUSE_ALIKE] = { "refused-alike", false, true, true, 1 },
    [CAUSE_FAILING] = { "failing", false, true, true, 1 },
    [CAUSE_STALE] = { "stale", false, true, true, 1 },
    [CAUSE_PAUSED] = { "paused", false, false, false, 7 },
    [CAUSE_WEBHOOK] = { "webhook", false, true, true, 1 },
};

const char *cause_code(enum cause c) {
    return rows[c].code;
}

enum cause cause_parse(struct text code) {
    for (int c = 0; c < CAUSES_N; c++)
        if (text_is(code, rows[c].code))
            return (enum cause)c;
    return CAUSES_N;
}

int64_t cause_repeat_us(enum cause c) {
    return rows[c].days * day_us;
}

bool cause_is_urgent(enum cause c) {
    return rows[c].is_urgent;
}

bool cause_tells_over(enum cause c) {
    return rows[c].tells_over;
}

bool cause_is_technical(enum cause c) {
    return rows[c].is_technical;
}

/* ---- finding them ---- */

struct finding_causes {
    struct cause_found *list;
    size_t n, most;
};

static void add(struct finding_causes *f, const struct cause_found *about, enum cause cause,
                int64_t since_us, int64_t run_id) {
    if (f->n == f->most)
        rc_die("cause: more of them than there can be");
    f->list[f->n] = *about;
    f->list[f->n].cause = cause;
    f->list[f->n].since_us = since_us;
    f->list[f->n++].run_id = run_id;
}

/* Whoever undoes something has just said so, and is about to look at it. Before the first import nobody
 * has access by us. */
static void find_held(struct finding_causes *f, const struct cause_found *about) {
    const struct health *h = &about->health;
    bool first = about->in != NULL && about->in->listed_us == 0;
    if (!h->has_held || h->held.kind == RUN_UNDO)
        return;
    add(f, about, health_leavers(&h->held) > 0 && !first ? CAUSE_HELD_LEAVERS : CAUSE_HELD,
        h->held.started_us, h->held.run_id);
}

static bool has_failed_for_long(const struct trouble *t, int64_t now_us) {
    int64_t for_us = now_us - t->since_us;
    return (t->attempts >= CAUSE_ATTEMPTS && for_us >= CAUSE_HOURS * hour_us) ||
           (t->attempts >= CAUSE_ATTEMPTS_OF_A_DAY && for_us >= day_us);
}

static bool find_trouble(struct finding_causes *f, const struct cause_found *about,
                         int64_t now_us) {
    const struct trouble *t = &about->health.trouble;
    size_t before = f->n;
    if (t->attempts == 0)
        return false;
    if (t->code == RC_AUTH)
        add(f, about, CAUSE_CREDENTIALS, t->since_us, 0);
    else if (text_is(t->name, "delivery.alike"))
        add(f, about, CAUSE_ALIKE, t->since_us, 0);
    else if (has_failed_for_long(t, now_us))
        add(f, about, CAUSE_FAILING, t->since_us, 0);
    return f->n > before;
}

/* Longer than twice the schedule's beat: HR that is read once a week is not late on Tuesday. */
static bool is_late(const struct integration *in, int64_t now_us) {
    struct schedule s;
    char text[SCHEDULE_TEXT_BYTES];
    if (in->schedule.state != TEXT_SET || in->listed_us == 0)
        return false;
    snprintf(text, sizeof text, "%.*s", TEXT_ARG(in->schedule));
    if (schedule_parse(text, &s, NULL) != RC_OK || s.kind == SCHEDULE_OFF)
        return false;
    int64_t beat_us = s.kind == SCHEDULE_EVERY ? s.minutes * INT64_C(60000000) : day_us;
    return now_us - in->listed_us > 2 * beat_us;
}

/* HR that cannot be read at all is told as that. */
static void find_hook(struct finding_causes *f, const struct cause_found *about,
                      const struct hook_standing *list, size_t n, int64_t now_us) {
    struct cause_found of = *about;
    for (size_t i = 0; i < n; i++) {
        const struct hook_standing *h = &list[i];
        int64_t hours = h->state == HOOK_BY_HAND ? CAUSE_BY_HAND_HOURS : CAUSE_HOURS;
        if (h->integration_id != about->in->integration_id)
            continue;
        of.hook = h;
        of.is_quiet = about->health.trouble.attempts > 0;
        if (h->failing_us != 0 && now_us - h->failing_us >= hours * hour_us)
            add(f, &of, CAUSE_WEBHOOK, h->failing_us, 0);
        else if (h->silent_us != 0)
            add(f, &of, CAUSE_WEBHOOK, h->silent_us, 0);
    }
}

static enum rc_code find_here(struct store *st, const struct integration *in,
                              const struct hook_standing *hooks, size_t hooks_n, int64_t now_us,
                              struct arena *a, struct finding_causes *f, struct rc_error *err) {
    struct cause_found about = { .subject_id = in->integration_id, .in = in };
    enum rc_code rc = health_of_integration(st, in, now_us, a, &about.health, err);
    if (rc != RC_OK)
        return rc;
    find_held(f, &about);
    if (!find_trouble(f, &about, now_us) && about.health.verdict == HEALTH_STALE &&
        is_late(in, now_us))
        add(f, &about, CAUSE_STALE, in->listed_us, 0);
    find_hook(f, &about, hooks, hooks_n, now_us);
    return RC_OK;
}

static enum rc_code find_there(struct store *st, const struct platform *p, int64_t now_us,
                               struct arena *a, struct finding_causes *f, struct rc_error *err) {
    struct cause_found about = { .subject_id = p->destination_id, .there = p };
    enum rc_code rc = health_of_destination(st, p, now_us, a, &about.health, err);
    if (rc != RC_OK)
        return rc;
    find_held(f, &about);
    about.is_quiet = about.health.verdict == HEALTH_PAUSED;
    find_trouble(f, &about, now_us);
    about.is_quiet = false;
    if (about.health.verdict == HEALTH_PAUSED &&
        now_us - p->paused_us >= CAUSE_PAUSED_HOURS * hour_us)
        add(f, &about, CAUSE_PAUSED, p->paused_us, 0);
    return RC_OK;
}

enum rc_code cause_find(struct store *st, int64_t company_id, int64_t now_us, struct arena *a,
                        struct cause_found **ret, size_t *ret_n, struct rc_error *err) {
    enum { OF_ONE = 3 };
    struct integration *ins;
    struct platform *there;
    struct hook_standing *hooks;
    size_t ins_n = 0, there_n = 0, hooks_n = 0;
    enum rc_code rc = integration_list(st, company_id, a, &ins, &ins_n, err);
    if (rc != RC_OK || (rc = platform_list(st, company_id, a, &there, &there_n, err)) != RC_OK ||
        (rc = hook_standings(st, company_id, a, &hooks, &hooks_n, err)) != RC_OK)
        return rc;
    size_t most = OF_ONE * (ins_n + there_n);
    struct finding_causes f = { ARENA_NEW(a, struct cause_found, most + 1), 0, most };
    for (size_t i = 0; i < ins_n && rc == RC_OK; i++)
        rc = find_here(st, &ins[i], hooks, hooks_n, now_us, a, &f, err);
    for (size_t i = 0; i < there_n && rc == RC_OK; i++)
        rc = find_there(st, &there[i], now_us, a, &f, err);
    *ret = f.list;
    *ret_n = f.n;
    return rc;
}
