#include "show/status.h"

#include <string.h>
#include "store/account.h"
#include "show/account.h"
#include "show/kept.h"
#include "store/unsettled.h"

/* ---- integrations ---- */

struct counting {
    const struct integration *in;
    struct show_reader reader;
    struct kept_counts *ret;
};

static enum rc_code count_one(void *self, const struct person *p, struct arena *page,
                              struct rc_error *err) {
    struct counting *x = self;
    struct show_view v;
    enum rc_code rc = show_view(&x->reader, p, x->in->listed_us, page, &v, err);
    if (rc != RC_OK)
        return rc;
    x->ret->people[v.lifecycle]++;
    x->ret->with_problems += p->problems != 0 && !lifecycle_is_gone(v.lifecycle);
    return RC_OK;
}

static enum rc_code count_people(const struct show *s, const struct company *co,
                                 const struct integration *in, struct kept_counts *ret,
                                 struct rc_error *err) {
    struct counting x = { .in = in, .ret = ret };
    enum rc_code rc = show_reader_open(co, clock_now_us(s->clock), &x.reader, err);
    if (rc != RC_OK)
        return rc;
    rc = directory_each(s->st, co->company_id, in->integration_id, count_one, &x, err);
    show_reader_close(&x.reader);
    return rc;
}

/* A zone that this machine does not know is what is told here (health.h), and must not keep it from being told:
 * then a day begins as in UTC. */
static struct company with_a_zone(const struct company *co) {
    struct company ret = *co;
    struct zone *zone = NULL;
    if (company_zone(co, &zone, NULL) != RC_OK)
        ret.zone = TEXT_LIT("UTC");
    zone_close(zone);
    return ret;
}

/* Anew only when somebody may have changed since. */
static enum rc_code count_all(const struct show *s, const struct company *company,
                              const struct integration *in, struct kept_counts *ret,
                              struct rc_error *err) {
    const struct company here = with_a_zone(company), *co = &here;
    struct kept_mark mark;
    enum rc_code rc = RC_OK;
    if (s->kept != NULL && (rc = kept_mark_of(s, co, &mark, err)) != RC_OK)
        return rc;
    if (s->kept != NULL &&
        kept_counts_find(s->kept, co->company_id, in->integration_id, &mark, ret))
        return RC_OK;
    *ret = (struct kept_counts){ 0 };
    if ((rc = count_people(s, co, in, ret, err)) != RC_OK ||
        (rc = directory_shared_emails(s->st, co->company_id, &ret->shared, err)) != RC_OK)
        return rc;
    if (s->kept != NULL)
        kept_counts_put(s->kept, co->company_id, in->integration_id, &mark, ret);
    return RC_OK;
}

enum rc_code show_state_load(const struct show *s, const struct company *co,
                             const struct integration *in, struct show_state *ret,
                             struct rc_error *err) {
    enum rc_code rc;
    memset(ret, 0, sizeof *ret);
    if ((rc = health_of_integration(s->st, in, clock_now_us(s->clock), s->arena, &ret->health,
                                    err)) != RC_OK ||
        (rc = count_all(s, co, in, &ret->counts, err)) != RC_OK ||
        (rc = unsettled_count(s->st, co->company_id, in->integration_id, &ret->unsettled, err)) !=
            RC_OK ||
        (rc = hook_standing_find(s->st, co->company_id, in->integration_id, s->arena, &ret->hook,
                                 &ret->has_hook, err)) != RC_OK)
        return rc;
    ret->verdict = health_verdict_name(ret->health.verdict);
    return RC_OK;
}

static void put_runs(struct json_writer *w, const struct company *co, struct text subject,
                     const struct health *h) {
    if (h->has_last)
        show_run(w, "last_run", co, subject, &h->last);
    else
        json_put_null(w, "last_run");
    if (h->has_held)
        show_run(w, "held_run", co, subject, &h->held);
    else
        json_put_null(w, "held_run");
}

void show_state(struct json_writer *w, const struct company *co, const struct integration *in,
                const struct show_state *s) {
    json_object(w, NULL);
    json_put_text(w, "company", co->key);
    json_put_text(w, "integration", in->key);
    json_put_cstr(w, "verdict", s->verdict);
    show_put_when(w, "listed_at", in->listed_us);
    json_object(w, "people");
    for (int l = 1; l < LIFECYCLES_N; l++)
        json_put_int(w, lifecycle_name((enum lifecycle)l), s->counts.people[l]);
    json_object_end(w);
    json_put_int(w, "with_problems", s->counts.with_problems);
    json_put_int(w, "shared_email", s->counts.shared);
    json_put_int(w, "unsettled", s->unsettled);
    show_webhook(w, "webhook", s->has_hook ? &s->hook : NULL);
    put_runs(w, co, in->key, &s->health);
    json_object_end(w);
}

/* ---- destinations ---- */

enum rc_code show_there_load(const struct show *s, const struct company *co,
                             const struct platform *p, struct show_there *ret,
                             struct rc_error *err) {
    int64_t id = p->destination_id, company = co->company_id;
    struct team_lost *lost;
    size_t lost_n = 0;
    *ret = (struct show_there){ 0 };
    enum rc_code rc =
        health_of_destination(s->st, p, clock_now_us(s->clock), s->arena, &ret->health, err);
    if (rc != RC_OK || (rc = health_add_undo(s->st, p, s->arena, &ret->health, err)) != RC_OK)
        return rc;
    if (ret->health.has_last &&
        ((rc = effect_count(s->st, company, ret->health.last.run_id, &ret->tally, err)) != RC_OK ||
         (rc = effect_of_deleted(s->st, company, id, ret->health.last.run_id, &ret->deleted,
                                 err)) != RC_OK))
        return rc;
    ret->refused = ret->tally.of[EFFECT_FAILED] - ret->deleted;
    if ((rc = account_count(s->st, company, id, ACCOUNT_ALL, &ret->accounts, err)) != RC_OK ||
        (rc = account_count(s->st, company, id, ACCOUNT_ASKS, &ret->asks, err)) != RC_OK ||
        (rc = account_count(s->st, company, id, ACCOUNT_UNINVITED, &ret->uninvited, err)) !=
            RC_OK ||
        (rc = account_count(s->st, company, id, ACCOUNT_LAPSED, &ret->lapsed, err)) != RC_OK ||
        (rc = account_count(s->st, company, id, ACCOUNT_APART, &ret->apart, err)) != RC_OK ||
        (rc = accounts_lost_teams(s->st, p, s->arena, &lost, &lost_n, err)) != RC_OK ||
        (rc = accounts_waiting_teams(s->st, p, s->arena, &ret->waits, &ret->waits_n, err)) != RC_OK)
        return rc;
    ret->team_asks = (int64_t)lost_n;
    size_t n = 0;
    for (size_t i = 0; i < ret->waits_n; i++)
        if (!accounts_team_is_ignored(&ret->waits[i]))
            ret->waits[n++] = ret->waits[i];
    ret->waits_n = n;
    if ((rc = left_find(s->st, co, p, clock_now_us(s->clock), 0, SHOW_LEFT_MOST, s->arena,
                        &ret->left, &ret->left_n, &ret->left_all, err)) != RC_OK)
        return rc;
    if (ret->health.verdict == HEALTH_OK && ret->left_all > 0)
        ret->health.verdict = HEALTH_LEAVERS;
    ret->verdict = health_verdict_name(ret->health.verdict);
    return RC_OK;
}

static enum rc_code put_left(const struct show *s, struct json_writer *w, const struct platform *p,
                             const struct show_there *t, struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    enum rc_code rc = RC_OK;
    json_put_int(w, "left_open", t->left_all);
    json_array(w, "left");
    for (size_t i = 0; i < t->left_n && rc == RC_OK; i++)
        rc = show_account_row(s->st, w, p->company_id, p->destination_id, &t->left[i], r, s->arena,
                              err);
    json_array_end(w);
    return rc;
}

enum rc_code show_there(const struct show *s, struct json_writer *w, const struct company *co,
                        const struct platform *p, const struct show_there *t,
                        struct rc_error *err) {
    json_object(w, NULL);
    json_put_text(w, "company", co->key);
    json_put_text(w, "destination", p->key);
    json_put_cstr(w, "verdict", t->verdict);
    show_put_when(w, "listed_at", p->listed_us);
    json_put_int(w, "accounts", t->accounts);
    json_put_int(w, "asks", t->asks);
    json_put_int(w, "uninvited", t->uninvited);
    json_put_int(w, "lapsed", t->lapsed);
    json_put_int(w, "apart", t->apart);
    json_put_int(w, "team_asks", t->team_asks);
    json_put_int(w, "team_waits", (int64_t)t->waits_n);
    json_put_int(w, "refused", t->refused);
    json_put_int(w, "deleted", t->deleted);
    enum rc_code rc = put_left(s, w, p, t, err);
    put_runs(w, co, p->key, &t->health);
    json_object_end(w);
    return rc;
}

/* ---- all of it ---- */

static enum rc_code put_integrations(const struct show *s, struct json_writer *w,
                                     const struct company *co, bool *held, struct rc_error *err) {
    struct integration *list;
    size_t n = 0;
    enum rc_code rc = integration_list(s->st, co->company_id, s->arena, &list, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct show_state state;
        if ((rc = show_state_load(s, co, &list[i], &state, err)) != RC_OK)
            break;
        *held |= state.health.has_held;
        show_state(w, co, &list[i], &state);
    }
    return rc;
}

static enum rc_code put_destinations(const struct show *s, struct json_writer *w,
                                     const struct company *co, bool *held, struct rc_error *err) {
    struct platform *list;
    size_t n = 0;
    enum rc_code rc = platform_list(s->st, co->company_id, s->arena, &list, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct show_there t;
        if ((rc = show_there_load(s, co, &list[i], &t, err)) != RC_OK)
            break;
        *held |= t.health.has_held;
        rc = show_there(s, w, co, &list[i], &t, err);
    }
    return rc;
}

enum rc_code show_status(const struct show *s, struct json_writer *w, const struct company *all,
                         size_t n, bool *ret_held, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    bool held = false;
    json_array(w, "integrations");
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = put_integrations(s, w, &all[i], &held, err);
    json_array_end(w);
    json_array(w, "destinations");
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = put_destinations(s, w, &all[i], &held, err);
    json_array_end(w);
    if (rc == RC_OK && ret_held != NULL)
        *ret_held = held;
    return rc;
}
