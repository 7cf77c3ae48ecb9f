#include "sync/since.h"

#include "people/stored.h"
#include "store/history.h"

enum { VERSIONS_MOST = 100 };

/* Runs of one moment are numbered in either order. */
static const int64_t slack_us = INT64_C(600000000);

void since_open(struct since *s, struct store *st, int64_t company_id, const struct zone *zone,
                int64_t now_us) {
    *s = (struct since){ .st = st, .company_id = company_id, .now_us = now_us, .zone = zone };
}

void since_close(struct since *s) {
    json_reader_free(s->json);
    s->json = NULL;
}

/* ---- what the versions say ---- */

/* By cause, when HR was first read with it of those versions that follow each other; 0: nobody knows. */
struct readings {
    int64_t first_us[POLICY_CAUSES_N];
    uint32_t whole; /* bits: before that it was not so */
};

static uint32_t causes_of(const struct user *u, enum presence presence) {
    uint32_t bits = 0;
    if (employment_status_parse(u->fields[USER_STATUS]) == EMPLOYMENT_INACTIVE)
        bits |= 1u << POLICY_STATUS;
    if (presence == PRESENCE_GONE)
        bits |= 1u << POLICY_NOT_FOUND;
    if (presence == PRESENCE_MISSING)
        bits |= 1u << POLICY_ABSENT;
    if (u->fields[USER_EXCLUDED].state == TEXT_SET)
        bits |= 1u << POLICY_EXCLUDED;
    return bits;
}

/* A version that a mapping has made anew says so since then, whenever HR was read. */
static enum rc_code said_us(struct since *s, const struct history_version *v, int64_t *ret,
                            struct rc_error *err) {
    if (s->run_id != v->run_id) {
        enum rc_code rc = history_began(s->st, s->company_id, v->run_id, s->now_us, &s->began_us,
                                        &s->before_us, &s->after_us, err);
        if (rc != RC_OK)
            return rc;
        s->run_id = v->run_id;
    }
    int64_t at = v->read_us > s->began_us ? v->read_us : s->began_us;
    bool out_of_order = s->began_us != 0 && s->began_us + slack_us < s->before_us;
    *ret = at > s->now_us || out_of_order ? s->after_us : at;
    return RC_OK;
}

static enum rc_code version_causes(struct since *s, const struct history_version *v,
                                   struct arena *a, uint32_t *ret, struct rc_error *err) {
    json doc;
    struct user u;
    if (s->json == NULL)
        s->json = json_reader_new(1 << 20);
    enum rc_code rc = json_parse_copy(s->json, v->user.ptr, v->user.len, &doc, err);
    if (rc == RC_OK)
        rc = stored_user_read(doc, a, &u, err);
    if (rc == RC_OK)
        *ret = causes_of(&u, v->presence);
    return rc;
}

static enum rc_code read_versions(struct since *s, const struct person *who, uint32_t causes,
                                  struct arena *a, struct readings *ret, struct rc_error *err) {
    int64_t run_id = who->run_id;
    for (int i = 0; i < VERSIONS_MOST && causes != 0 && run_id != 0; i++) {
        struct history_version v;
        uint32_t then = 0;
        int64_t at = 0;
        enum rc_code rc = history_version(s->st, s->company_id, run_id, who->user_id, a, &v, err);
        if (rc == RC_NOT_FOUND) /* kept no more: what was before is not known */
            return RC_OK;
        if (rc != RC_OK || (rc = version_causes(s, &v, a, &then, err)) != RC_OK ||
            ((causes & then) != 0 && (rc = said_us(s, &v, &at, err)) != RC_OK))
            return rc_context(err, rc, "version %lld of user %lld", (long long)run_id,
                              (long long)who->user_id);
        ret->whole |= causes & ~then;
        causes &= then;
        for (int c = 0; c < POLICY_CAUSES_N; c++)
            if ((causes & 1u << c) != 0 && at != 0)
                ret->first_us[c] = at;
        run_id = v.base_run_id;
        if (run_id == 0)
            ret->whole |= causes;
    }
    return RC_OK;
}

/* Those of them on which a day hangs. */
static uint32_t with_grace(const struct policy *policy, const struct account_row *row,
                           uint32_t causes) {
    if (row->is.status != ACCOUNT_ACTIVE)
        return 0;
    for (int c = 0; c < POLICY_CAUSES_N; c++)
        if (!policy->leavers[c].closes || policy->leavers[c].grace_days == 0)
            causes &= ~(1u << c);
    return causes;
}

/* ---- what counts ---- */

static date_days day_of(const struct since *s, int64_t at_us) {
    return at_us != 0 ? zone_today(s->zone, at_us) : DATE_NONE;
}

static date_days not_ahead(date_days on, date_days today) {
    return on <= today ? on : DATE_NONE;
}

static date_days cause_since(const struct since *s, enum policy_cause c, date_days kept,
                             const struct readings *r, struct since_days *ret) {
    date_days today = day_of(s, s->now_us), first = day_of(s, r->first_us[c]);
    kept = not_ahead(kept, today);
    if (kept == DATE_NONE) {
        ret->new |= 1u << c;
        return first != DATE_NONE ? first : today;
    }
    bool again = first != DATE_NONE && first > kept && (r->whole & 1u << c) != 0;
    return again ? first : kept;
}

static date_days earliest(const struct since_days *x, const struct lifecycle_facts *f,
                          date_days today) {
    static const enum policy_cause causes[] = { POLICY_STATUS, POLICY_NOT_FOUND, POLICY_ABSENT };
    date_days on = f->leave_on != DATE_NONE && f->leave_on < today ? f->leave_on + 1 : today;
    for (size_t i = 0; i < RC_LEN(causes); i++)
        if (x->on[causes[i]] != DATE_NONE && x->on[causes[i]] < on)
            on = x->on[causes[i]];
    return on;
}

enum rc_code since_find(struct since *s, const struct policy *policy, const struct account_row *row,
                        const struct person *who, const struct user *u,
                        const struct lifecycle_facts *facts, enum lifecycle lifecycle,
                        struct arena *a, struct since_days *ret, struct rc_error *err) {
    const struct account_gone was = row->is.gone;
    const struct {
        enum policy_cause cause;
        date_days kept, *ret;
    } causes[] = {
        { POLICY_STATUS, was.is_kept ? was.inactive_on : row->gone_on, &ret->gone.inactive_on },
        { POLICY_NOT_FOUND, was.is_kept ? was.unknown_on : row->gone_on, &ret->gone.unknown_on },
        { POLICY_ABSENT, was.is_kept ? was.absent_on : row->gone_on, &ret->gone.absent_on },
        { POLICY_EXCLUDED, row->excluded_on, &ret->excluded_on },
    };
    date_days today = day_of(s, s->now_us);
    bool is_gone = lifecycle_is_gone(lifecycle);
    uint32_t so = causes_of(u, who->presence);
    struct readings r = { 0 };
    *ret = (struct since_days){ .gone = { is_gone, DATE_NONE, DATE_NONE, DATE_NONE },
                                .gone_on = DATE_NONE,
                                .excluded_on = DATE_NONE };
    for (int c = 0; c < POLICY_CAUSES_N; c++)
        ret->on[c] = DATE_NONE;
    enum rc_code rc = read_versions(s, who, with_grace(policy, row, so), a, &r, err);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < RC_LEN(causes); i++)
        if ((so & 1u << causes[i].cause) != 0)
            *causes[i].ret = ret->on[causes[i].cause] =
                cause_since(s, causes[i].cause, causes[i].kept, &r, ret);
    date_days kept = not_ahead(row->gone_on, today);
    if (is_gone)
        ret->gone_on = kept != DATE_NONE ? kept : earliest(ret, facts, today);
    return RC_OK;
}
