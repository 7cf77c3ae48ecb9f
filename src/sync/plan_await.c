/* What an account waits for that this run itself brings about: a team, or somebody else's account. */
#include "sync/plan_p.h"

static enum rc_code find_out_whether_it_comes_about(struct plan *p, int64_t user_id,
                                                    struct arena *a, bool *ret,
                                                    struct rc_error *err) {
    struct account_row row;
    struct deciding_answer *answer = ARENA_NEW(a, struct deciding_answer, 1);
    enum rc_code rc = account_of_user(p->d->st, p->d->company->company_id,
                                      p->d->platform->destination_id, user_id, a, &row, err);
    *ret = false;
    if (rc == RC_OK)
        rc = deciding_ask(p->d, &row, a, answer, err);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    const struct decision *x = &answer->decision;
    *ret = x->verb == DECIDE_CREATE || x->verb == DECIDE_ADOPT || x->links.state == TEXT_SET ||
           x->verb == DECIDE_REACTIVATE;
    for (size_t i = 0; i < x->fields_n; i++)
        *ret |= x->fields[i].field == USER_EMAIL && x->fields[i].does == DECIDE_FIELD_SENDS;
    return RC_OK;
}

/* Whether this run makes, or moves to another address, the account that somebody waits for. Hundreds
 * may wait for one: they are told the same. */
static enum rc_code comes_about(struct plan *p, int64_t user_id, struct arena *a, bool *ret,
                                struct rc_error *err) {
    static bool yes = true, no = false;
    const char *key = (const char *)&user_id;
    const bool *known = map_find(&p->come_about, key, sizeof user_id);
    if (known != NULL) {
        *ret = *known;
        return RC_OK;
    }
    enum rc_code rc = find_out_whether_it_comes_about(p, user_id, a, ret, err);
    if (rc == RC_OK)
        map_set(&p->come_about, key, sizeof user_id, *ret ? &yes : &no);
    return rc;
}

static bool is_team(const struct decide_field *f) {
    return f->field == USER_PRIMARY_TEAM || f->field == USER_SECONDARY_TEAMS;
}

enum rc_code plan_split_awaits(struct plan *p, const struct deciding_answer *answer,
                               struct arena *a, struct decision *now, struct decision *later,
                               struct rc_error *err) {
    const struct decision *x = &answer->decision;
    bool made = false;
    *now = *later = *x;
    now->fields = ARENA_NEW(a, struct decide_field, x->fields_n + 1);
    later->fields = ARENA_NEW(a, struct decide_field, x->fields_n + 1);
    now->fields_n = later->fields_n = 0;
    for (size_t i = 0; i < x->fields_n; i++) {
        const struct decide_field *f = &x->fields[i];
        if (f->does == DECIDE_FIELD_AWAITS && is_team(f)) {
            if (plan_team_comes_about(p, answer, f->to, a))
                now->fields[now->fields_n++] = *f;
        } else if (f->does == DECIDE_FIELD_AWAITS) {
            enum rc_code rc = comes_about(
                p, f->field == USER_EMAIL ? answer->awaits_holder_id : answer->awaits_manager_id, a,
                &made, err);
            if (rc != RC_OK)
                return rc;
            if (made)
                later->fields[later->fields_n++] = *f;
        } else
            now->fields[now->fields_n++] = *f;
    }
    if (later->fields_n > 0) {
        later->verb = DECIDE_UPDATE;
        later->code = later->fields[0].code;
        later->sentence = later->fields[0].sentence;
        later->links = later->leaves_team = (struct text){ 0 };
        later->mails = later->reactivates = false;
    }
    return RC_OK;
}

bool plan_awaits_any(const struct decision *x) {
    for (size_t i = 0; i < x->fields_n; i++)
        if (x->fields[i].does == DECIDE_FIELD_AWAITS)
            return true;
    return false;
}
