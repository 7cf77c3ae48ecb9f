#include "tests/people/office.h"

#include <stdio.h>
#include <string.h>
#include "base/cleanup.h"

void (*office_saw)(const char *code);

static bool same_text(struct text a, struct text b) {
    return a.state == TEXT_SET && text_equal(a, b);
}

static struct text printed(struct office *o, const char *format, const char *s) {
    return text_of(arena_printf(&o->a, format, s));
}

void office_init(struct office *o) {
    *o = (struct office){ .today = OFFICE_DAY_0, .read_on = DATE_NONE, .next_id = 100 };
    arena_init(&o->a);
    o->policy = policy_default;
    o->policy.caps = (struct policy_caps){
        .takes = 1u << USER_EMAIL | 1u << USER_FIRST_NAME | 1u << USER_LAST_NAME |
                 1u << USER_JOB_TITLE | 1u << USER_PRIMARY_LOCATION | 1u << USER_PRIMARY_TEAM |
                 1u << USER_MANAGER | 1u << USER_HIRE_DATE | 1u << USER_SECONDARY_TEAMS |
                 1u << USER_LANGUAGE,
        .needs = 1u << USER_EMAIL | 1u << USER_FIRST_NAME | 1u << USER_LAST_NAME,
        .empties = 1u << USER_JOB_TITLE | 1u << USER_PRIMARY_LOCATION | 1u << USER_MANAGER,
        .creates_silently = true,
        .customs = true,
        .owner_role = TEXT_LIT("owner"),
    };
    /* Somebody owns the platform; HR does not know them. */
    struct office_remote *owner = office_stranger(o, "1");
    owner->role = TEXT_LIT("owner");
    owner->fields[USER_EMAIL] = TEXT_LIT("owner@x.org");
    office_inventory(o);
}

void office_done(struct office *o) {
    arena_done(&o->a);
}

/* ---- HR ---- */

struct text office_day(struct office *o, int from_start) {
    char s[DATE_TEXT_BYTES];
    return printed(o, "%s", date_format((date_days)(OFFICE_DAY_0 + from_start), s));
}

static date_days day_of(struct text t) {
    date_days d = DATE_NONE;
    if (t.state != TEXT_SET || date_parse(t.ptr, t.len, &d, NULL) != RC_OK)
        return DATE_NONE;
    return d;
}

static enum lifecycle lifecycle_of(const struct office *o, const struct office_person *p) {
    struct lifecycle_facts f = p->asks.facts;
    f.read_on = o->read_on == DATE_NONE ? o->today : o->read_on;
    return lifecycle_decide(&f, &o->policy.lifecycle, o->today, NULL);
}

static bool is_over(const struct office *o, const struct office_person *p) {
    return lifecycle_is_gone(lifecycle_of(o, p));
}

/* Each cause counts from the day on which it came true. */
static void note_causes(const struct office *o, struct office_person *p) {
    static const enum policy_cause causes[] = { POLICY_STATUS, POLICY_NOT_FOUND, POLICY_ABSENT };
    const struct policy_gone g = { .facts = &p->asks.facts, .lifecycle = lifecycle_of(o, p) };
    for (size_t i = 0; i < RC_LEN(causes); i++) {
        date_days *since_on = &p->asks.since_on[causes[i]];
        if (!policy_cause_holds(causes[i], &g, o->today))
            *since_on = DATE_NONE;
        else if (*since_on == DATE_NONE)
            *since_on = o->today;
    }
}

void office_state(struct office *o, struct office_person *p, enum user_field f, struct text value) {
    p->user.fields[f] = value;
    p->asks.facts.status = employment_status_parse(p->user.fields[USER_STATUS]);
    p->asks.facts.hire_on = day_of(p->user.fields[USER_HIRE_DATE]);
    p->asks.facts.leave_on = day_of(p->user.fields[USER_LEAVE_DATE]);
    note_causes(o, p);
}

void office_state_custom(struct office *o, struct office_person *p, const char *name,
                         struct text value) {
    p->user.custom = p->custom;
    for (size_t i = 0; i < p->user.custom_n; i++)
        if (strcmp(p->custom[i].name, name) == 0) {
            p->custom[i].value = value;
            return;
        }
    if (p->user.custom_n < OFFICE_CUSTOMS)
        p->custom[p->user.custom_n++] =
            (struct user_custom){ arena_printf(&o->a, "%s", name), value };
}

struct office_person *office_person(struct office *o, const char *name) {
    for (int i = 0; i < OFFICE_PEOPLE; i++)
        if (o->people[i].exists && strcmp(o->people[i].name, name) == 0)
            return &o->people[i];
    for (int i = 0; i < OFFICE_PEOPLE; i++) {
        struct office_person *p = &o->people[i];
        if (p->exists)
            continue;
        *p = (struct office_person){ .exists = true };
        snprintf(p->name, sizeof p->name, "%s", name);
        p->asks = (struct decide_person){ .user_id = i + 1,
                                          .user = &p->user,
                                          .facts.presence = PRESENCE_LISTED,
                                          .external_id = printed(o, "rc:%s", name) };
        for (int c = 0; c < POLICY_CAUSES_N; c++)
            p->asks.since_on[c] = DATE_NONE;
        p->user.fields[USER_FIRST_NAME] = printed(o, "%s", name);
        p->user.fields[USER_LAST_NAME] = printed(o, "%sson", name);
        p->user.fields[USER_EMAIL] = printed(o, "%s@x.org", name);
        p->user.fields[USER_HIRE_DATE] = office_day(o, -400);
        office_state(o, p, USER_STATUS, TEXT_LIT("active"));
        return p;
    }
    return NULL;
}

/* ---- the platform ---- */

struct office_remote *office_remote(struct office *o, const char *id) {
    for (int i = 0; i < OFFICE_REMOTES; i++)
        if (o->remotes[i].exists && text_is(o->remotes[i].id, id))
            return &o->remotes[i];
    return NULL;
}

struct office_remote *office_remote_by_id(struct office *o, struct text id) {
    for (int i = 0; i < OFFICE_REMOTES; i++)
        if (id.state == TEXT_SET && o->remotes[i].exists && text_equal(o->remotes[i].id, id))
            return &o->remotes[i];
    return NULL;
}

struct office_remote *office_stranger(struct office *o, const char *id) {
    for (int i = 0; i < OFFICE_REMOTES; i++) {
        struct office_remote *r = &o->remotes[i];
        if (r->exists)
            continue;
        *r = (struct office_remote){ .exists = true,
                                     .id = printed(o, "%s", id),
                                     .role = TEXT_LIT("viewer"),
                                     .status = ACCOUNT_ACTIVE,
                                     .invited = true };
        for (int f = 0; f < USER_FIELDS_N; f++)
            r->fields[f] = TEXT_NONE;
        r->fields[USER_EMAIL] = printed(o, "%s@elsewhere.org", id);
        return r;
    }
    return NULL;
}

/* What it shows there; made when new. */
struct text *office_custom(struct office_remote *r, struct text name) {
    int i = 0;
    while (i < OFFICE_CUSTOMS - 1 && r->custom[i].name.state == TEXT_SET &&
           !text_equal(r->custom[i].name, name))
        i++;
    r->custom[i].name = name;
    return &r->custom[i].value;
}

static struct text folded(struct office *o, struct text t) {
    return text_fold_ascii(&o->a, t);
}

static bool is_gone_there(const struct office_remote *r) {
    return r->deleted || r->status == ACCOUNT_ANONYMISED;
}

/* What a complete listing of the platform tells rollcall. */
void office_inventory(struct office *o) {
    o->accounts = 0;
    for (int i = 0; i < OFFICE_REMOTES; i++) {
        struct office_remote *r = &o->remotes[i];
        struct account *k = &r->known;
        if (!r->exists)
            continue;
        o->accounts += !is_gone_there(r) && r->status != ACCOUNT_DEACTIVATED;
        k->remote_id = r->id;
        if (k->user_id != 0 && k->external_id.state == TEXT_SET &&
            !text_equal(k->external_id, r->external_id) && k->email_with_id.state != TEXT_SET)
            k->email_with_id = account_shows(&k->fields[USER_EMAIL]);
        k->external_id = r->external_id;
        k->role = r->role;
        k->status = r->deleted ? ACCOUNT_DELETED : r->status;
        if (k->tie != ACCOUNT_LINKED && k->tie != ACCOUNT_IGNORED)
            k->tie = r->external_id.len > 3 && memcmp(r->external_id.ptr, "rc:", 3) == 0
                         ? ACCOUNT_OURS
                         : ACCOUNT_STRANGER;
        for (int f = 0; f < USER_FIELDS_N; f++)
            k->fields[f].known = f == USER_EMAIL ? folded(o, r->fields[f]) : r->fields[f];
        if (r->invited)
            k->mail = ACCOUNT_MAIL_SENT;
        else if (k->tie == ACCOUNT_OURS)
            k->mail = ACCOUNT_MAIL_BY_HAND;
    } /* fields of the platform's own cannot be read back */
}

/* ---- what rollcall knows ---- */

static struct office_remote *remote_of(struct office *o, const struct office_person *p) {
    for (int i = 0; i < OFFICE_REMOTES; i++)
        if (o->remotes[i].exists && o->remotes[i].known.user_id == p->asks.user_id)
            return &o->remotes[i];
    return NULL;
}

struct account *office_account(struct office *o, struct office_person *p) {
    struct office_remote *r = remote_of(o, p);
    return r != NULL ? &r->known : &p->without;
}

static struct office_person *owner_of(struct office *o, const struct account *a) {
    return a->user_id > 0 ? &o->people[a->user_id - 1] : NULL;
}

static struct claim claim_of(struct office *o, const struct office_person *p) {
    struct claim_user users[OFFICE_PEOPLE];
    struct claim claim = { 0 };
    size_t n = 0;
    for (int i = 0; i < OFFICE_PEOPLE; i++) {
        struct office_person *q = &o->people[i];
        if (q->exists && same_text(q->user.fields[USER_EMAIL], p->user.fields[USER_EMAIL]))
            users[n++] =
                (struct claim_user){ q->asks.user_id, lifecycle_of(o, q), remote_of(o, q) != NULL,
                                     q->user.fields[USER_EXCLUDED].state == TEXT_SET };
    }
    claim_decide(p->user.fields[USER_EMAIL], users, n, &claim, NULL);
    return claim;
}

/* As deciding_round(): everybody's address in turn. */
static void find_round(struct office *o, const struct office_person *p, struct decide_refs *refs) {
    struct text wants = refs->held_by_wants;
    const struct office_remote *own = remote_of(o, (struct office_person *)(uintptr_t)p);
    if (own == NULL || text_equal(wants, account_shows(&own->known.fields[USER_EMAIL])))
        return;
    for (int step = 0; step < OFFICE_PEOPLE; step++)
        for (int i = 0; i < OFFICE_REMOTES; i++) {
            const struct account *k = &o->remotes[i].known;
            const struct office_person *q = owner_of(o, k);
            if (!o->remotes[i].exists || q == NULL ||
                !text_equal(account_shows(&k->fields[USER_EMAIL]), wants))
                continue;
            if (q == p) {
                refs->held_in_round = TEXT_LIT("(and so on)");
                return;
            }
            wants = q->user.fields[USER_EMAIL];
            break;
        }
}

static enum decide_fixed fixed_of(const struct office *o, const struct office_person *q,
                                  const struct account *k) {
    if (q->user.fields[USER_EXCLUDED].state == TEXT_SET)
        return DECIDE_FIXED_EXCLUDED;
    return decide_email_is_fixed(
        &o->policy, k, q->user.fields[USER_EMAIL], q->asks.problems,
        q->pin.field == USER_EMAIL && q->pin.name.state == TEXT_SET ? &q->pin : NULL);
}

static void find_holder(struct office *o, const struct office_person *p, struct decide_refs *refs) {
    struct text email = p->user.fields[USER_EMAIL];
    refs->holder = o->inventory_incomplete ? DECIDE_HOLDER_UNKNOWN : DECIDE_HOLDER_NOBODY;
    for (int i = 0; i < OFFICE_REMOTES && !o->inventory_incomplete; i++) {
        const struct account *k = &o->remotes[i].known;
        struct office_person *q = owner_of(o, k);
        if (!o->remotes[i].exists || k->status == ACCOUNT_DELETED ||
            k->status == ACCOUNT_ANONYMISED || email.state != TEXT_SET ||
            !text_equal(account_shows(&k->fields[USER_EMAIL]), email))
            continue;
        if (refs->holder != DECIDE_HOLDER_NOBODY) {
            refs->holder = DECIDE_HOLDER_SEVERAL;
            refs->held_by = NULL;
            return;
        }
        refs->holder = q == NULL ? DECIDE_HOLDER_STRANGER
                       : q == p  ? DECIDE_HOLDER_US
                                 : DECIDE_HOLDER_OTHER;
        refs->held_by = q == p ? NULL : k;
        if (q == NULL || q == p)
            continue;
        refs->held_by_lifecycle = lifecycle_of(o, q);
        refs->held_by_moves = !lifecycle_is_gone(refs->held_by_lifecycle) &&
                              q->user.fields[USER_EMAIL].state == TEXT_SET &&
                              !text_equal(q->user.fields[USER_EMAIL], email) &&
                              k->tie == ACCOUNT_LINKED && k->status == ACCOUNT_ACTIVE;
        refs->held_by_wants = q->user.fields[USER_EMAIL];
        if (refs->held_by_moves)
            refs->held_by_fixed = fixed_of(o, q, k);
        refs->held_by_moves &= refs->held_by_fixed == DECIDE_FIXED_NOT;
        if (refs->held_by_moves)
            find_round(o, p, refs);
    }
}

/* Their account, as it is or is going to be, may show a manager. */
static bool may_be_shown(struct office *o, const struct office_person *q) {
    const struct office_remote *r = remote_of(o, q);
    bool comes = !is_over(o, q) && q->user.fields[USER_EXCLUDED].state != TEXT_SET;
    if (r == NULL)
        return comes && q->asks.problems == 0;
    return r->known.status == ACCOUNT_ACTIVE || r->known.status == ACCOUNT_UNKNOWN ||
           (comes && r->known.status == ACCOUNT_DEACTIVATED &&
            r->known.left_as == ACCOUNT_DEACTIVATED && o->policy.reactivates);
}

static const struct office_person *manager_by_hr(const struct office *o,
                                                 const struct office_person *p) {
    for (int i = 0; i < OFFICE_PEOPLE; i++)
        if (o->people[i].exists && text_is(p->user.fields[USER_MANAGER], o->people[i].name))
            return &o->people[i];
    return NULL;
}

/* Above their boss, as far as those may be shown. */
static bool is_managed_by(struct office *o, const struct office_person *p,
                          const struct office_person *boss) {
    const struct office_person *up = manager_by_hr(o, boss);
    for (int steps = 0; steps < OFFICE_PEOPLE && up != NULL && up != p; steps++)
        up = may_be_shown(o, up) ? manager_by_hr(o, up) : NULL;
    return up == p;
}

static struct decide_ref manager_of(struct office *o, const struct office_person *p) {
    const struct office_person *boss = manager_by_hr(o, p);
    if (boss == NULL)
        return (struct decide_ref){ DECIDE_REF_UNKNOWN, { 0 } };
    if (boss == p)
        return (struct decide_ref){ DECIDE_REF_SELF, { 0 } };
    const struct office_remote *r = remote_of(o, boss), *own = remote_of(o, p);
    bool is_open = r != NULL && r->known.status == ACCOUNT_ACTIVE;
    bool shows = is_open && own != NULL &&
                 text_equal(account_shows(&own->known.fields[USER_MANAGER]), r->id);
    if (is_over(o, boss))
        return (struct decide_ref){ DECIDE_REF_CLOSED, { 0 } };
    if (!shows && is_managed_by(o, p, boss))
        return (struct decide_ref){ DECIDE_REF_CYCLE, { 0 } };
    if (r != NULL && r->known.status == ACCOUNT_DEACTIVATED)
        return (struct decide_ref){ DECIDE_REF_CLOSED, { 0 } };
    if (is_open)
        return (struct decide_ref){ DECIDE_REF_PRESENT, r->id };
    if (r != NULL || boss->asks.problems != 0 || boss->user.fields[USER_EXCLUDED].state == TEXT_SET)
        return (struct decide_ref){ DECIDE_REF_UNAVAILABLE, { 0 } };
    return (struct decide_ref){ DECIDE_REF_AWAITED, { 0 } };
}

static int team_number(struct text key) {
    return key.state == TEXT_SET ? key.ptr[key.len - 1] - '0' : -1;
}

static bool is_in(const struct user *u, int n) {
    struct text key;
    size_t cursor = 0;
    while (user_teams_next(u->fields[USER_SECONDARY_TEAMS], &cursor, &key))
        if (team_number(key) == n)
            return true;
    return team_number(u->fields[USER_PRIMARY_TEAM]) == n;
}

void office_ask_team(struct office *o, int n, struct team_decision *ret) {
    const struct office_team *t = &o->teams[n];
    struct team_facts f = { .key = printed(o, "department:%s", "n"),
                            .name = t->name,
                            .origin = t->origin,
                            .remote_id = t->remote_id,
                            .remote_name = t->remote_name,
                            .members_n = -1,
                            .looked_up = !o->inventory_incomplete };
    for (int i = 0; i < OFFICE_PEOPLE; i++)
        if (o->people[i].exists && !is_over(o, &o->people[i]) && is_in(&o->people[i].user, n))
            f.is_stated = true;
    for (int i = 0; i < o->hand_teams_n; i++)
        if (text_equal(o->hand_teams[i].name, t->name)) {
            f.same_name_n++;
            f.same_name_id = o->hand_teams[i].id;
        }
    if (t->remote_id.state == TEXT_SET) {
        f.members_n = 0;
        for (int i = 0; i < OFFICE_REMOTES; i++)
            f.members_n += o->remotes[i].exists &&
                           same_text(o->remotes[i].fields[USER_PRIMARY_TEAM], t->remote_id);
    }
    team_decide(&f, &o->policy, &o->a, ret);
    if (office_saw != NULL)
        office_saw(ret->code);
}

static struct decide_ref team_of(struct office *o, struct text key) {
    int n = team_number(key);
    struct team_decision d;
    if (n < 0 || n >= OFFICE_TEAMS)
        return (struct decide_ref){ 0 };
    office_ask_team(o, n, &d);
    return d.verb == TEAM_ADOPT ? (struct decide_ref){ DECIDE_REF_AWAITED, { 0 } } : d.ref;
}

/* A team of ours that they are in, and not the one that HR states. */
static struct text stale_team_of(struct office *o, const struct office_person *p) {
    struct office_remote *r = remote_of(o, p);
    struct decide_ref stated = team_of(o, p->user.fields[USER_PRIMARY_TEAM]);
    if (r == NULL)
        return (struct text){ 0 };
    for (int i = 0; i < OFFICE_TEAMS; i++) {
        struct text team = o->teams[i].origin == TEAM_OURS ? o->teams[i].remote_id : TEXT_NONE;
        if (stated.state == DECIDE_REF_PRESENT && !text_equal(team, stated.remote_id) &&
            (same_text(team, r->stale_team) || same_text(team, r->fields[USER_PRIMARY_TEAM])))
            return team;
    }
    return (struct text){ 0 };
}

static struct decide_ref teams_of(struct office *o, const struct office_person *p,
                                  struct text *ret_missing) {
    struct decide_ref all = { DECIDE_REF_PRESENT, TEXT_NONE };
    struct text ids[OFFICE_TEAMS], key;
    size_t n = 0, cursor = 0;
    while (user_teams_next(p->user.fields[USER_SECONDARY_TEAMS], &cursor, &key)) {
        struct decide_ref one = team_of(o, key);
        if (one.state == DECIDE_REF_PRESENT && n < OFFICE_TEAMS)
            ids[n++] = one.remote_id;
        else {
            all.state = one.state;
            *ret_missing = one.remote_id;
        }
    }
    user_teams_join(&o->a, ids, n, &all.remote_id);
    return all;
}

static struct decide_refs refs_of(struct office *o, struct office_person *p) {
    struct decide_refs refs = { .claim = claim_of(o, p),
                                .team = team_of(o, p->user.fields[USER_PRIMARY_TEAM]),
                                .manager = manager_of(o, p),
                                .leaves_team = stale_team_of(o, p),
                                .first_delivery = o->first_delivery,
                                .clock_in_doubt = o->clock_in_doubt,
                                .pins = &p->pin,
                                .pins_n = p->pin.name.state == TEXT_SET,
                                .account_pin = p->account_pin,
                                .account_pin_run_id = 12,
                                .account_pin_spares = p->account_pin_spares,
                                .held_run_id = p->held_run_id };
    refs.secondary_teams = teams_of(o, p, &refs.missing_team);
    struct text ours = printed(o, "rc:%s", p->name);
    find_holder(o, p, &refs);
    for (int i = 0; i < OFFICE_REMOTES && !o->inventory_incomplete; i++)
        if (o->remotes[i].exists && o->remotes[i].known.tie == ACCOUNT_OURS &&
            text_equal(o->remotes[i].external_id, ours))
            refs.twin = &o->remotes[i].known;
    return refs;
}

/* Whether somebody else's decision is to take the account of p over. */
static bool has_heir(struct office *o, struct office_person *p) {
    struct office_remote *r = remote_of(o, p);
    for (int i = 0; r != NULL && i < OFFICE_PEOPLE; i++) {
        struct office_person *q = &o->people[i];
        struct decision d;
        if (!q->exists || q == p || remote_of(o, q) != NULL ||
            !same_text(q->user.fields[USER_EMAIL], account_shows(&r->known.fields[USER_EMAIL])))
            continue;
        office_decide(o, q, &d);
        if (d.verb == DECIDE_ADOPT && text_equal(d.links, r->id))
            return true;
    }
    return false;
}

void office_decide_as(struct office *o, struct office_person *p, const struct decide_person *asks,
                      const struct policy *policy, date_days today, struct decision *ret) {
    struct decide_refs refs = refs_of(o, p);
    struct decide_person person = *asks;
    struct account *is = office_account(o, p);
    if (text_equal(is->external_id, person.external_id))
        is->email_with_id = (struct text){ 0 };
    if (is_over(o, p))
        refs.heir = has_heir(o, p);
    person.facts.read_on = o->read_on == DATE_NONE ? o->today : o->read_on;
    decide(&person, is, policy, &refs, today, &o->a, ret);
    if (office_saw == NULL)
        return;
    office_saw(ret->code);
    for (size_t i = 0; i < ret->fields_n; i++)
        office_saw(ret->fields[i].code);
}

void office_decide(struct office *o, struct office_person *p, struct decision *ret) {
    office_decide_as(o, p, &p->asks, &o->policy, o->today, ret);
}
