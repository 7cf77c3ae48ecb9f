/* The platform's side of carrying decisions out, and the judge of what no decision may do. */
#include <stdio.h>
#include <string.h>
#include "tests/people/office.h"

static bool same_text(struct text a, struct text b) {
    return a.state == TEXT_SET && text_equal(a, b);
}

/* Only the first of them is told: the rest may follow from it. */
static void wrong(struct office *o, const char *what, const struct office_person *p,
                  const struct decision *d) {
    if (o->wrong != NULL)
        return;
    o->wrong = what;
    snprintf(o->wrong_text, sizeof o->wrong_text, "%s, day %d: %s, %s (%.*s)", p->name,
             o->today - OFFICE_DAY_0, decide_verb_name(d->verb), d->code, TEXT_ARG(d->sentence));
}

/* ---- the judge: from the platform's own truth and the settings, not from the rules ---- */

static bool listed_in(struct policy_texts list, struct text t) {
    for (size_t i = 0; i < list.n; i++)
        if (same_text(t, list.list[i]))
            return true;
    return false;
}

static bool is_protected(const struct office *o, const struct office_remote *r) {
    return text_is(r->role, "owner") || listed_in(o->policy.protected_roles, r->role) ||
           listed_in(o->policy.protected_accounts, r->id) ||
           listed_in(o->policy.protected_accounts, r->known.fields[USER_EMAIL].known);
}

static bool approved(const struct office_person *p, struct account *own, enum account_approval what,
                     struct text of) {
    (void)p;
    return same_text(own->approved[what], of);
}

static void judge_adoption(struct office *o, struct office_person *p, const struct decision *d,
                           const struct office_remote *r) {
    bool is_approved = approved(p, office_account(o, p), ACCOUNT_APPROVAL_ADOPT, r->id);
    bool ours = r->external_id.len > 3 && memcmp(r->external_id.ptr, "rc:", 3) == 0;
    bool declared =
        o->first_delivery && o->policy.adopts_prefix.state == TEXT_SET &&
        r->external_id.len >= o->policy.adopts_prefix.len &&
        memcmp(r->external_id.ptr, o->policy.adopts_prefix.ptr, o->policy.adopts_prefix.len) == 0;
    int holders = 0;
    if (r->known.tie == ACCOUNT_LINKED && r->known.user_id == p->asks.user_id) {
        if (!is_approved ||
            r->external_id.state == TEXT_SET) /* theirs by a person's word: it gets our id, once */
            wrong(o, "stranger", p, d);
        return;
    }
    for (int i = 0; i < OFFICE_REMOTES; i++) {
        const struct office_remote *x = &o->remotes[i];
        holders += x->exists && !x->deleted && x->status != ACCOUNT_ANONYMISED &&
                   same_text(x->known.fields[USER_EMAIL].known, p->user.fields[USER_EMAIL]);
    }
    if (!same_text(r->known.fields[USER_EMAIL].known, p->user.fields[USER_EMAIL]) || holders != 1)
        wrong(o, "stranger", p, d);
    if (r->known.tie == ACCOUNT_IGNORED || r->status == ACCOUNT_UNKNOWN)
        wrong(o, "stranger", p, d);
    if (r->external_id.state == TEXT_SET && !ours && !declared)
        wrong(o, "stranger", p, d);
    if (is_protected(o, r) && !approved(p, office_account(o, p), ACCOUNT_APPROVAL_PROTECTED, r->id))
        wrong(o, "stranger", p, d);
    if ((is_protected(o, r) || (r->status == ACCOUNT_DEACTIVATED && !ours)) && !is_approved)
        wrong(o, "stranger", p, d);
    if (r->known.user_id > 0 && r->known.user_id != p->asks.user_id && !is_approved &&
        !o->policy.relinks)
        wrong(o, "stranger", p, d);
}

static void judge(struct office *o, struct office_person *p, const struct decision *d,
                  const struct office_remote *r) {
    const struct lifecycle_facts *f = &p->asks.facts;
    if (d->verb == DECIDE_CREATE && r != NULL && !r->deleted)
        wrong(o, "duplicate", p, d);
    if (d->verb == DECIDE_CREATE && r != NULL && r->deleted &&
        !approved(p, office_account(o, p), ACCOUNT_APPROVAL_RECREATE, r->id))
        wrong(o, "recreated", p, d);
    if (d->verb == DECIDE_ADOPT)
        judge_adoption(o, p, d, r);
    else if (d->verb != DECIDE_CREATE && d->verb != DECIDE_NOTHING &&
             !((r->known.tie == ACCOUNT_LINKED && r->known.user_id == p->asks.user_id) ||
               (d->links.state == TEXT_SET && r->known.tie == ACCOUNT_OURS)))
        wrong(o, "stranger", p, d);
    if (d->verb != DECIDE_CREATE && d->verb != DECIDE_NOTHING &&
        (r->deleted || r->status == ACCOUNT_ANONYMISED || r->status == ACCOUNT_UNKNOWN))
        wrong(o, "stranger", p, d);
    if (d->verb == DECIDE_DEACTIVATE && is_protected(o, r))
        wrong(o, "protected", p, d);
    if (d->verb == DECIDE_DEACTIVATE && f->presence == PRESENCE_LISTED &&
        f->status == EMPLOYMENT_LEAVE && p->user.fields[USER_EXCLUDED].state != TEXT_SET &&
        (f->leave_on == DATE_NONE || f->leave_on >= o->today || f->hire_on > f->leave_on))
        wrong(o, "leave", p, d);
    if (d->verb == DECIDE_DEACTIVATE && f->presence == PRESENCE_MISSING &&
        !o->policy.leavers[POLICY_ABSENT].closes && f->status != EMPLOYMENT_INACTIVE &&
        (f->leave_on == DATE_NONE || f->leave_on >= o->today) &&
        p->user.fields[USER_EXCLUDED].state != TEXT_SET)
        wrong(o, "silence", p, d);
    for (size_t i = 0; i < d->fields_n; i++) {
        const struct decide_field *x = &d->fields[i];
        if (x->does != DECIDE_FIELD_SENDS)
            continue;
        if (x->field < USER_FIELDS_N && (o->policy.caps.takes & 1u << x->field) == 0)
            wrong(o, "caps", p, d);
        if (x->field < USER_FIELDS_N && p->user.fields[x->field].state == TEXT_MISSING)
            wrong(o, "missing", p, d);
        if (x->field == USER_EMAIL && d->verb != DECIDE_CREATE && is_protected(o, r) &&
            !approved(p, office_account(o, p), ACCOUNT_APPROVAL_EMAIL, x->to))
            wrong(o, "protected", p, d);
    }
}

/* ---- the platform ---- */

static bool email_is_free(const struct office *o, const struct office_remote *but, struct text to) {
    for (int i = 0; i < OFFICE_REMOTES; i++) {
        const struct office_remote *r = &o->remotes[i];
        if (r->exists && r != but && !r->deleted && r->status != ACCOUNT_ANONYMISED &&
            same_text(r->fields[USER_EMAIL], to))
            return false;
    }
    return true;
}

static bool takes(const struct office *o, const struct office_remote *r,
                  const struct decide_field *f) {
    if (same_text(o->refuses, f->to))
        return false;
    if (f->field == USER_FIELDS_N)
        return !(o->custom_is_mandatory && f->to.state != TEXT_SET);
    return f->field != USER_EMAIL || email_is_free(o, r, f->to);
}

static void put(struct office_remote *r, const struct decide_field *f) {
    struct text to = f->to.state == TEXT_SET ? f->to : TEXT_NONE;
    if (f->field == USER_FIELDS_N) {
        *office_custom(r, f->name) = to;
        return;
    }
    /* Who moves stays a member of the team before. */
    if (f->field == USER_PRIMARY_TEAM && r->fields[USER_PRIMARY_TEAM].state == TEXT_SET &&
        !text_equal(r->fields[USER_PRIMARY_TEAM], to))
        r->stale_team = r->fields[USER_PRIMARY_TEAM];
    r->fields[f->field] = to;
}

static bool close_there(struct office *o, struct office_remote *r) {
    int owners = 0;
    for (int i = 0; i < OFFICE_REMOTES; i++)
        owners += o->remotes[i].exists && o->remotes[i].status == ACCOUNT_ACTIVE &&
                  text_is(o->remotes[i].role, "owner");
    if (text_is(r->role, "owner") && owners == 1)
        return false;
    r->status = ACCOUNT_DEACTIVATED;
    r->fields[USER_PRIMARY_TEAM] = r->fields[USER_MANAGER] = TEXT_NONE;
    r->fields[USER_SECONDARY_TEAMS] = TEXT_NONE;
    r->stale_team = (struct text){ 0 };
    for (int i = 0; i < OFFICE_REMOTES; i++)
        if (o->remotes[i].exists && same_text(o->remotes[i].fields[USER_MANAGER], r->id))
            o->remotes[i].fields[USER_MANAGER] = TEXT_LIT("1");
    return true;
}

/* What the platform refuses is written down and left out; the rest counts as carried out. */
static struct decision refused_left_out(struct office *o, const struct office_remote *r,
                                        const struct decision *d, struct account *account) {
    struct decision kept = *d;
    kept.fields = ARENA_NEW(&o->a, struct decide_field, d->fields_n + 1);
    kept.fields_n = 0;
    for (size_t i = 0; i < d->fields_n; i++) {
        if (d->fields[i].does == DECIDE_FIELD_SENDS && !takes(o, r, &d->fields[i]))
            decide_refused(&d->fields[i], &o->a, account);
        else
            kept.fields[kept.fields_n++] = d->fields[i];
    }
    return kept;
}

/* Whether all that is sent is refused, and no field of it is named. */
static bool refuses_all(struct office *o, const struct office_remote *r, const struct decision *d,
                        struct account *account) {
    bool any = false;
    for (size_t i = 0; i < d->fields_n && o->names_none; i++)
        any |= d->fields[i].does == DECIDE_FIELD_SENDS && !takes(o, r, &d->fields[i]);
    if (any)
        decide_declined(d, d, TEXT_LIT("Computer says no"), &o->a, account);
    return any;
}

static void mail(struct office *o, struct office_person *p, const struct decision *d,
                 struct office_remote *r) {
    r->invited = true;
    o->mails++;
    if (++r->mails > 1)
        wrong(o, "twice", p, d);
}

static void create(struct office *o, struct office_person *p, const struct decision *d,
                   struct office_remote *before) {
    struct account *own = office_account(o, p);
    if (refuses_all(o, NULL, d, own))
        return;
    struct decision kept = refused_left_out(o, NULL, d, own);
    char id[16];
    for (size_t i = 0; i < d->fields_n; i++) /* what is needed and refused refuses all */
        if (d->fields[i].does == DECIDE_FIELD_SENDS && !takes(o, NULL, &d->fields[i]) &&
            d->fields[i].field < USER_FIELDS_N &&
            (o->policy.caps.needs & 1u << d->fields[i].field) != 0)
            return;
    snprintf(id, sizeof id, "%d", o->next_id++);
    struct office_remote *r = office_stranger(o, id);
    if (r == NULL)
        return;
    r->fields[USER_EMAIL] = TEXT_NONE;
    r->external_id = text_of(arena_printf(&o->a, "rc:%s", p->name));
    r->invited = false;
    r->by_us = true;
    p->creations++;
    for (size_t i = 0; i < kept.fields_n; i++)
        if (kept.fields[i].does == DECIDE_FIELD_SENDS)
            put(r, &kept.fields[i]);
    if (d->mails)
        mail(o, p, d, r);
    if (o->lose_answer) {
        o->lose_answer = false;
        return;
    }
    r->known = *own;
    if (before != NULL)
        before->exists = false; /* the account that was deleted */
    decide_carried_out(&kept, p->asks.user_id, r->id, o->today, &o->a, &r->known);
    p->without = (struct account){ 0 };
}

void office_carry_out(struct office *o, struct office_person *p, const struct decision *d) {
    struct office_remote *own = office_remote_by_id(o, office_account(o, p)->remote_id);
    struct office_remote *r = d->links.state == TEXT_SET ? office_remote_by_id(o, d->links) : own;
    judge(o, p, d, r);
    o->writes += d->verb != DECIDE_NOTHING;
    if (d->verb == DECIDE_CREATE) {
        create(o, p, d, own);
        return;
    }
    if (r == NULL || refuses_all(o, r, d, &r->known))
        return;
    struct decision kept = refused_left_out(o, r, d, &r->known);
    for (size_t i = 0; i < kept.fields_n; i++)
        if (kept.fields[i].does == DECIDE_FIELD_SENDS)
            put(r, &kept.fields[i]);
    if (d->leaves_team.state == TEXT_SET)
        r->stale_team = (struct text){ 0 };
    if (d->verb == DECIDE_ADOPT) {
        r->external_id = text_of(arena_printf(&o->a, "rc:%s", p->name));
        if (own != NULL && own != r) /* the account before was deleted */
            own->exists = false;
        p->without = (struct account){ 0 };
    }
    if (d->verb == DECIDE_REACTIVATE || (d->verb == DECIDE_ADOPT && d->reactivates))
        r->status = ACCOUNT_ACTIVE;
    if (d->verb == DECIDE_INVITE)
        mail(o, p, d, r);
    if (d->verb == DECIDE_DEACTIVATE && !close_there(o, r))
        return;
    decide_carried_out(&kept, p->asks.user_id, r->id, o->today, &o->a, &r->known);
}

/* ---- a delivery ---- */

static void deliver_team(struct office *o, int n) {
    struct office_team *t = &o->teams[n];
    struct team_decision d;
    char id[16];
    office_ask_team(o, n, &d);
    o->team_writes += d.verb != TEAM_NOTHING;
    switch (d.verb) {
    case TEAM_CREATE:
        snprintf(id, sizeof id, "%d", o->next_id++);
        t->remote_id = text_of(arena_printf(&o->a, "t%s", id));
        t->remote_name = t->name;
        t->origin = TEAM_OURS;
        t->made++;
        break;
    case TEAM_ADOPT:
        t->remote_id = d.links;
        t->remote_name = t->name;
        t->origin = TEAM_ADOPTED;
        for (int i = 0; i < o->hand_teams_n; i++)
            if (text_equal(o->hand_teams[i].id, d.links))
                o->hand_teams[i] = o->hand_teams[--o->hand_teams_n];
        break;
    case TEAM_RENAME: t->remote_name = t->name; break;
    case TEAM_DELETE:
        t->origin = TEAM_NOT_LINKED;
        t->remote_id = t->remote_name = (struct text){ 0 };
        break;
    case TEAM_NOTHING:
    case TEAM_VERBS_N: break;
    }
}

int office_deliver(struct office *o) {
    int before = o->writes;
    office_inventory(o);
    for (int n = 0; n < OFFICE_TEAMS; n++)
        if (o->teams[n].exists)
            deliver_team(o, n);
    for (int pass = 0; pass < 3; pass++) /* people; what waited for others; leavers */
        for (int i = 0; i < OFFICE_PEOPLE; i++) {
            struct office_person *p = &o->people[i];
            struct decision d;
            if (!p->exists)
                continue;
            office_decide(o, p, &d);
            if (d.verb == DECIDE_DEACTIVATE ? pass == 2 : true)
                office_carry_out(o, p, &d);
            office_inventory(o);
        }
    return o->writes - before;
}
