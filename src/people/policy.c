#include "people/policy.h"

#include "base/cleanup.h"

/* Roles whose loss or theft hurts everybody. */
static const struct text protected_roles[] = {
    { TEXT_SET, "owner", 5 },
    { TEXT_SET, "admin", 5 },
    { TEXT_SET, "hr", 2 },
};

const struct policy policy_default = {
    .lifecycle = { .grace_days = 7 },
    .invite = POLICY_INVITE_AT_ONCE,
    .account_without_mail = true,
    .leavers = {
        [POLICY_STATUS] = { true, 0 },
        [POLICY_END_DATE] = { true, 0 },
        [POLICY_NOT_FOUND] = { true, 1 }, /* a day on which a listing may disprove it */
        [POLICY_ABSENT] = { false, 3 },   /* silence closes nobody unless somebody wants it to */
        [POLICY_EXCLUDED] = { true, 0 },
    },
    .fresh_days = 7,
    .adopts = true,
    .reactivates = true,
    .creates_teams = true,
    .adopts_teams = true,
    .protected_roles = { protected_roles, RC_LEN(protected_roles) },
};

const char *policy_invite_name(enum policy_invite i) {
    static const char *const names[] = { "at-once", "on-hire-date", "by-hand" };
    return names[i];
}

const char *policy_cause_name(enum policy_cause c) {
    static const char *const names[] = {
        [POLICY_STATUS] = "status",       [POLICY_END_DATE] = "end-date",
        [POLICY_NOT_FOUND] = "not-found", [POLICY_ABSENT] = "absent",
        [POLICY_EXCLUDED] = "excluded",
    };
    return names[c];
}

const char *policy_owner_name(enum policy_owner o) {
    static const char *const names[] = { "hr", "when-empty", "never" };
    return names[o];
}

static bool lists(struct policy_texts texts, struct text t) {
    for (size_t i = 0; t.state == TEXT_SET && i < texts.n; i++)
        if (text_equal(texts.list[i], t))
            return true;
    return false;
}

static bool protects_role(const struct policy *p, const struct account *a) {
    return lists(p->protected_roles, a->role) ||
           (a->role.state == TEXT_SET && text_equal(a->role, p->caps.owner_role));
}

static bool protects_address(const struct policy *p, const struct account *a) {
    return lists(p->protected_accounts, account_shows(&a->fields[USER_EMAIL]));
}

struct text policy_adopts_bare(const struct policy *p) {
    struct text t = p->adopts_prefix;
    if (t.state == TEXT_SET && t.len > 0 && t.ptr[t.len - 1] == ':')
        t.len--;
    return t;
}

const char *policy_protects(const struct policy *p, const struct account *a) {
    if (lists(p->protected_accounts, a->remote_id) || protects_address(p, a))
        return "account";
    return protects_role(p, a) ? "role" : NULL;
}

bool policy_protects_by_address(const struct policy *p, const struct account *a,
                                struct text other) {
    return protects_address(p, a) && !lists(p->protected_accounts, a->remote_id) &&
           !lists(p->protected_accounts, other) && !protects_role(p, a);
}

bool policy_leaves_uninvited(const struct policy *p) {
    bool ahead = p->invite == POLICY_INVITE_ON_HIRE_DATE && -p->ahead_days < p->invite_days &&
                 p->ahead_days > 0;
    bool by_hand = p->invite == POLICY_INVITE_BY_HAND && p->account_without_mail;
    return p->caps.creates_silently && !p->caps.invites && (ahead || by_hand);
}

struct policy_joining policy_joining(const struct policy *p, enum lifecycle l, date_days hire_on,
                                     date_days today) {
    /* Whoever works there has begun, whether HR says when or not. */
    date_days starts_on =
        lifecycle_is_employed(l) && (hire_on == DATE_NONE || hire_on > today) ? today : hire_on;
    struct policy_joining j = { today, DATE_NONE, starts_on };
    if (starts_on != DATE_NONE)
        j.reopen_on = starts_on - p->ahead_days;
    switch (p->invite) {
    case POLICY_INVITE_AT_ONCE: j.mail_on = today; break;
    case POLICY_INVITE_BY_HAND: j.account_on = p->account_without_mail ? today : DATE_NONE; break;
    case POLICY_INVITE_ON_HIRE_DATE:
        j.mail_on = starts_on == DATE_NONE ? DATE_NONE : starts_on + p->invite_days;
        j.account_on = j.mail_on;
        if (p->ahead_days > 0 && starts_on != DATE_NONE && starts_on - p->ahead_days < j.mail_on)
            j.account_on = starts_on - p->ahead_days;
        break;
    }
    return j;
}

bool policy_cause_holds(enum policy_cause c, const struct policy_gone *g, date_days today) {
    const struct lifecycle_facts *f = g->facts;
    bool is_gone = lifecycle_is_gone(g->lifecycle);
    bool is_rehired = f->hire_on != DATE_NONE && f->hire_on > f->leave_on;
    switch (c) {
    case POLICY_STATUS: return is_gone && f->status == EMPLOYMENT_INACTIVE;
    case POLICY_END_DATE:
        return is_gone && !g->undated && f->leave_on != DATE_NONE && f->leave_on < today &&
               !is_rehired;
    case POLICY_NOT_FOUND: return is_gone && f->presence == PRESENCE_GONE;
    case POLICY_ABSENT: return is_gone && f->presence == PRESENCE_MISSING;
    case POLICY_EXCLUDED: return g->is_excluded;
    case POLICY_CAUSES_N: break;
    }
    return false;
}

static date_days cause_since(enum policy_cause c, const struct policy_gone *g) {
    if (c == POLICY_END_DATE)
        return g->facts->leave_on + 1;
    return g->since_on[c];
}

/* Several causes may be true of a person: of those that close, the first to do so counts. */
struct policy_closing policy_closing(const struct policy *p, const struct policy_gone *g,
                                     date_days today) {
    struct policy_closing best = { POLICY_CAUSES_N, false, DATE_NONE };
    for (int i = 0; i < POLICY_CAUSES_N; i++) {
        enum policy_cause c = (enum policy_cause)i;
        struct policy_closing this = { c, p->leavers[c].closes, cause_since(c, g) };
        if (!policy_cause_holds(c, g, today) || (g->undone & 1u << i) != 0)
            continue;
        if (this.on != DATE_NONE)
            this.on += p->leavers[c].grace_days;
        if (best.cause == POLICY_CAUSES_N || (this.closes && (!best.closes || this.on < best.on)))
            best = this;
    }
    return best;
}
