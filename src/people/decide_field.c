/* The rules about fields, from the strongest to the weakest:
 *
 *   the platform cannot take it      it plays no part
 *   HR does not send it              what is there stays
 *   it shows that already            nothing
 *   a person has undone just this    stays until HR states another value
 *   a problem in the data            stays
 *   whose field it is                HR's, HR's where it is empty, the platform's
 *   a manager or team to refer to    awaited, or not to be had
 *   the platform refused just this   stays until HR states another value
 *   ... or all, and named no field   all of that stays until one of them is to be another value
 *   HR has emptied it                stays, or is emptied by a setting
 *   an e-mail address                must be this user's, nobody's there, and of no protected account
 *
 * and else it is sent. A new field is one line in the table. */
#include "people/decide_p.h"

#include <string.h>
#include "base/cleanup.h"
#include "people/problem.h"

enum kind { TEXT, EMAIL, TEAM, TEAMS, MANAGER, CUSTOM, MIRROR };
#define BIT(n) ((uint64_t)1 << (n))
/* One line a field, in the order in which they are told. */
static const struct row {
    enum user_field field;
    enum kind kind;
    uint64_t problems; /* that keep it as it is */
} rows[] = {
    { USER_EMAIL, EMAIL, BIT(PROBLEM_NO_EMAIL) | BIT(PROBLEM_BAD_EMAIL) },
    { USER_FIRST_NAME, TEXT, BIT(PROBLEM_NO_FIRST_NAME) },
    { USER_LAST_NAME, TEXT, BIT(PROBLEM_NO_LAST_NAME) },
    { USER_JOB_TITLE, TEXT, 0 },
    { USER_AVATAR, TEXT, 0 },
    { USER_PRIMARY_LOCATION, TEXT, 0 },
    { USER_PRIMARY_TEAM, TEAM, 0 },
    { USER_SECONDARY_TEAMS, TEAMS, 0 },
    { USER_MANAGER, MANAGER, BIT(PROBLEM_OWN_MANAGER) },
    { USER_HIRE_DATE, TEXT, BIT(PROBLEM_BAD_DATE) },
    { USER_LEAVE_DATE, TEXT, BIT(PROBLEM_BAD_DATE) },
    { USER_LANGUAGE, TEXT, 0 },
};
/* Fields of the platform's own: those that the mapping fills, and the one that shows the leave date,
 * where a setting names one. */
static const struct row custom = { USER_FIELDS_N, CUSTOM, 0 };
static const struct row mirror = { USER_LEAVE_DATE, MIRROR, BIT(PROBLEM_BAD_DATE) };

/* A field that differs: from what is shown there, to what HR states. */
struct differs {
    const struct row *row;
    struct text name, from, to;
};

static bool says(struct rules *r, const struct differs *f, enum decide_field_does what,
                 enum decide_wait for_what, const char *code, const char *why) {
    enum user_field field = f->row->kind >= CUSTOM ? USER_FIELDS_N : f->row->field;
    r->fields_why[r->d->fields_n] = why;
    r->d->fields[r->d->fields_n++] =
        (struct decide_field){ field, f->name, what, for_what, f->from, f->to, code, { 0 } };
    return true;
}

static bool stays(struct rules *r, const struct differs *f, enum decide_wait for_what,
                  const char *code, const char *why) {
    return says(r, f, DECIDE_FIELD_STAYS, for_what, code, why);
}

static bool sends(struct rules *r, const struct differs *f, const char *code, const char *why) {
    return says(r, f, DECIDE_FIELD_SENDS, DECIDE_WAITS_FOR_NOTHING, code, why);
}

bool decide_is_leavers(const struct decide_refs *refs) {
    return refs->holder == DECIDE_HOLDER_OTHER && refs->held_by_lifecycle == LIFECYCLE_LEFT &&
           refs->held_by->status == ACCOUNT_DEACTIVATED;
}

static bool same(struct text a, struct text b) {
    return (a.state != TEXT_SET && b.state != TEXT_SET) || text_equal(a, b);
}

/* A team that cannot be had is told by its name. */
static bool lacks_team(struct rules *r, const struct differs *f, enum decide_ref_state why,
                       struct text name) {
    struct differs named = *f;
    if (name.state == TEXT_SET)
        named.to = name;
    if (why == DECIDE_REF_AMBIGUOUS)
        return stays(r, &named, DECIDE_WAITS_FOR_PLATFORM, "team-ambiguous",
                     "{field}: several teams on the platform are called {to}; rollcall conflict "
                     "list says what helps");
    if (why == DECIDE_REF_DELETED)
        return stays(r, &named, DECIDE_WAITS_FOR_OTHER, "team-deleted-there",
                     "{field}: team {to} was deleted on the platform; it is given again once "
                     "somebody makes one of that name there, or says that rollcall is to (rollcall "
                     "conflict list)");
    if (why == DECIDE_REF_TAKEN)
        return stays(r, &named, DECIDE_WAITS_FOR_OTHER, "not-available",
                     "{field}: team {to} on the platform is left alone, so {from} stays; rollcall "
                     "conflict list says what helps");
    if (why == DECIDE_REF_REFUSED)
        return stays(r, &named, DECIDE_WAITS_FOR_PLATFORM, "team-refused",
                     "{field}: the platform refused team {to}, so {from} stays; rollcall conflict "
                     "list has its words, and says what helps");
    if (why == DECIDE_REF_IGNORED)
        return stays(
            r, &named, DECIDE_WAITS_FOR_SETTING, "team-ignored",
            "{field}: team {to} is given to nobody, as a person has said, so {from} stays");
    return stays(r, &named, DECIDE_WAITS_FOR_OTHER, "not-available",
                 "{field}: team {to} is not on the platform and none is made, so {from} stays; "
                 "rollcall conflict list says what helps");
}

/* Missing: it is no team, or its name is not known. */
static struct text team_name(const struct rules *r, const struct differs *f,
                             const struct decide_ref *ref) {
    return f->row->kind == TEAMS  ? r->refs->missing_team
           : f->row->kind == TEAM ? ref->remote_id
                                  : (struct text){ 0 };
}

/* A manager without account, or a team without counterpart. */
static bool refers_to_nothing(struct rules *r, const struct differs *f,
                              const struct decide_ref *ref) {
    struct text name = team_name(r, f, ref);
    switch (ref->state) {
    case DECIDE_REF_PRESENT: return false;
    case DECIDE_REF_AWAITED:
        return says(r, f, DECIDE_FIELD_AWAITS, DECIDE_WAITS_FOR_OTHER, "not-there-yet",
                    "{field}: {to} is to be made on the platform first");
    case DECIDE_REF_CLOSED:
        return stays(r, f, DECIDE_WAITS_FOR_HR, "manager-gone",
                     "{field}: {to} is gone, and HR names no successor");
    case DECIDE_REF_SELF:
        return stays(r, f, DECIDE_WAITS_FOR_HR, "own-manager",
                     "{field}: HR states the person as their own manager");
    case DECIDE_REF_CYCLE:
        return stays(r, f, DECIDE_WAITS_FOR_OTHER, "manager-cycle",
                     "{field}: {to} is managed, further up, by this person");
    case DECIDE_REF_AMBIGUOUS:
    case DECIDE_REF_TAKEN:
    case DECIDE_REF_REFUSED:
    case DECIDE_REF_IGNORED:
    case DECIDE_REF_DELETED: return lacks_team(r, f, ref->state, name);
    case DECIDE_REF_UNKNOWN:
    case DECIDE_REF_UNAVAILABLE: break;
    }
    if (name.state == TEXT_SET)
        return lacks_team(r, f, ref->state, name);
    return stays(r, f, DECIDE_WAITS_FOR_OTHER, "not-available",
                 "{field}: {to} is not on the platform and is not to be, so {from} stays");
}

/* Another address is given only if it is this user's, nobody has it, and nothing protects the
 * account. */
static bool email_stays(struct rules *r, const struct differs *f) {
    enum decide_holder holder = r->refs->holder;
    if (r->refs->claim.owner_id != r->person->user_id)
        return stays(r, f, DECIDE_WAITS_FOR_HR, "email-claimed",
                     "{field}: {from} stays, as HR states {to} for somebody else too");
    if (holder == DECIDE_HOLDER_UNKNOWN)
        return stays(r, f, DECIDE_WAITS_FOR_READING, "email-not-looked-up",
                     "{field}: not known yet whose {to} is on the platform");
    if (holder == DECIDE_HOLDER_OTHER && r->refs->held_by_moves &&
        text_equal(r->refs->held_by_wants, f->from))
        return stays(r, f, DECIDE_WAITS_FOR_PLATFORM, DECIDE_SWAPPED,
                     "{field}: {to} is that of account {theirs}, which is to get {from}: neither "
                     "can go first before one of the two has some other address on the platform");
    if (holder == DECIDE_HOLDER_OTHER && r->refs->held_by_moves &&
        r->refs->held_in_round.state == TEXT_SET)
        return stays(r, f, DECIDE_WAITS_FOR_PLATFORM, DECIDE_SWAPPED,
                     "{field}: {to} is that of account {theirs}, which is to get {round}: none of "
                     "them can go first before one of them has some other address, on the platform "
                     "or in HR");
    if (holder == DECIDE_HOLDER_OTHER && r->refs->held_by_moves)
        return says(r, f, DECIDE_FIELD_AWAITS, DECIDE_WAITS_FOR_OTHER, "email-moves",
                    "{field}: {to} is that of account {theirs}, which is to get another first");
    if (holder == DECIDE_HOLDER_OTHER && r->refs->held_by_fixed != DECIDE_FIXED_NOT)
        return stays(r, f, DECIDE_WAITS_FOR_OTHER, "email-taken",
                     "{field}: {from} stays, as {to} is that of account {theirs}, which keeps it "
                     "although HR states {wants} for its user: {fixed}");
    if (decide_is_leavers(r->refs) && text_equal(r->refs->held_by_wants, f->from))
        return stays(
            r, f, DECIDE_WAITS_FOR_PLATFORM, DECIDE_SWAPPED,
            "{field}: {to} is that of account {theirs}, which is closed, as its user has "
            "left; until that one has some other address, {from} stays here, which is what "
            "HR states for whoever has left");
    if (decide_is_leavers(r->refs))
        return stays(r, f, DECIDE_WAITS_FOR_PLATFORM, "email-taken",
                     "{field}: {from} stays, as {to} is that of account {theirs}, which is closed, "
                     "as its user has left, and keeps its address");
    if (holder != DECIDE_HOLDER_NOBODY && holder != DECIDE_HOLDER_US)
        return stays(r, f, DECIDE_WAITS_FOR_PLATFORM, "email-taken",
                     "{field}: {from} stays, as {to} is that of account {theirs}");
    if (policy_protects_by_address(r->policy, r->there, f->to))
        return stays(r, f, DECIDE_WAITS_FOR_SETTING, "protected-by-address",
                     "{field}: {from} -> {to}: account {account} is protected by its address in "
                     "protect-accounts: once its id stands there instead, this can be approved");
    if (policy_protects(r->policy, r->there) == NULL ||
        account_is_approved(r->own, ACCOUNT_APPROVAL_EMAIL, f->to))
        return false;
    r->d->approval = ACCOUNT_APPROVAL_EMAIL;
    r->d->approves = f->to;
    return stays(r, f, DECIDE_WAITS_FOR_APPROVAL, "email-protected",
                 "{field}: {from} -> {to}: account {account} is protected");
}

static const struct decide_ref *ref_of(const struct rules *r, const struct row *row) {
    switch (row->kind) {
    case TEAM: return &r->refs->team;
    case TEAMS: return &r->refs->secondary_teams;
    case MANAGER: return &r->refs->manager;
    case TEXT:
    case EMAIL:
    case CUSTOM:
    case MIRROR: break;
    }
    return NULL;
}

static enum policy_owner owner_of(const struct policy *p, const struct row *row) {
    if (row->kind == CUSTOM)
        return p->custom_owner;
    return row->kind == MIRROR ? POLICY_HR_ALWAYS : p->owners[row->field];
}

/* Emptying is asked for by a setting, and where the platform can; what is ours alone needs neither. */
static bool may_empty(const struct policy *p, const struct row *row) {
    if (row->kind == TEAMS || row->kind == MIRROR)
        return true;
    return p->clears && (row->kind == CUSTOM || (p->caps.empties & 1u << row->field) != 0);
}

const struct decide_pin *decide_pin_of(const struct decide_refs *refs, enum user_field field,
                                       struct text name) {
    for (size_t i = 0; i < refs->pins_n; i++)
        if (refs->pins[i].field == field && text_equal(refs->pins[i].name, name))
            return &refs->pins[i];
    return NULL;
}

/* An account that is new to them has no older value at which it could be held. */
static bool is_undone(const struct rules *r, const struct differs *f, struct text stated) {
    enum user_field field = f->row->kind >= CUSTOM ? USER_FIELDS_N : f->row->field;
    const struct decide_pin *pin = decide_pin_of(r->refs, field, f->name);
    return pin != NULL && same(pin->value, stated) && r->there == r->own &&
           r->d->verb != DECIDE_CREATE && DECIDE_KEEPS(DECIDE_PINS);
}

/* One field: what it is to show, what it shows, and the strongest reason to leave it so. */
static bool compare(struct rules *r, const struct row *row, struct text name, struct text stated,
                    const struct account_field *there) {
    const struct decide_ref *ref = ref_of(r, row);
    bool makes = r->d->verb == DECIDE_CREATE;
    bool needed = makes && (r->policy->caps.needs & 1u << row->field) != 0;
    bool lost =
        ref != NULL && r->d->verb == DECIDE_REACTIVATE; /* with closing, whatever is shown */
    enum policy_owner owner = owner_of(r->policy, row);
    struct differs f = { row, name, account_shows(there), stated };

    if (stated.state == TEXT_MISSING && DECIDE_KEEPS(DECIDE_MISSING))
        return false; /* missing is not empty: what is there stays */
    if (ref != NULL && stated.state == TEXT_SET &&
        (ref->state == DECIDE_REF_PRESENT || row->kind == TEAMS))
        f.to = ref->remote_id;
    if (same(f.from, f.to) && !(lost && f.to.state == TEXT_SET) && DECIDE_KEEPS(DECIDE_REPEAT))
        return false;
    if (is_undone(r, &f, stated))
        return stays(r, &f, DECIDE_WAITS_FOR_HR, "pinned",
                     "{field}: {from} stays: run {run} has undone {to}, and HR still states it");
    if ((r->person->problems & row->problems) != 0)
        return stays(r, &f, DECIDE_WAITS_FOR_HR, "problem",
                     "{field}: what HR states cannot be used, so {from} stays");
    if (owner == POLICY_NEVER && !needed)
        return stays(r, &f, DECIDE_WAITS_FOR_SETTING, "owned-there",
                     "{field}: {from} there, {to} in HR; the platform has the last word");
    if (owner == POLICY_WHEN_EMPTY && f.from.state == TEXT_SET && !lost)
        return stays(r, &f, DECIDE_WAITS_FOR_SETTING, "filled-there",
                     "{field}: {from} there, {to} in HR; HR fills in only what is empty");
    if (ref != NULL && row->kind != TEAMS && stated.state == TEXT_SET &&
        refers_to_nothing(r, &f, ref))
        return true;
    if (there->refused.state != TEXT_MISSING && same(there->refused, f.to) &&
        DECIDE_KEEPS(DECIDE_REPEAT))
        return stays(r, &f, DECIDE_WAITS_FOR_HR, "refused",
                     "{field}: the platform refused {to}, so {from} stays");
    if (f.to.state != TEXT_SET && !may_empty(r->policy, row))
        return stays(r, &f, DECIDE_WAITS_FOR_SETTING, "not-cleared",
                     "{field}: {from} there, empty in HR; values are not cleared");
    if (row->kind == EMAIL && !makes && email_stays(r, &f))
        return true;
    if (lost)
        return sends(r, &f, "given-again", "{field}: {to}, given again: closing took it away");
    if (account_is_edited(there) && same(there->delivered, f.to))
        return sends(r, &f, "put-back",
                     "{field}: {from} -> {to}: edited on the platform; HR has the last word");
    if (f.to.state != TEXT_SET)
        return sends(r, &f, "hr-cleared", "{field}: {from} -> {to}: HR has emptied it");
    return sends(r, &f, DECIDE_HR_STATES, DECIDE_HR_STATES_WHY);
}

/* Those secondary teams that are not there are told beside those that are. */
static void compare_missing_teams(struct rules *r, const struct row *row) {
    struct text stated = r->person->user->fields[row->field];
    struct differs f = { row, text_of(user_field_name(row->field)),
                         account_shows(&r->there->fields[row->field]), stated };
    if (stated.state == TEXT_SET && owner_of(r->policy, row) == POLICY_HR_ALWAYS)
        refers_to_nothing(r, &f, &r->refs->secondary_teams);
}

void decide_compare_mirror(struct rules *r) {
    struct text name = r->policy->leave_date_field;
    const struct lifecycle_facts *facts = &r->person->facts;
    const struct user *u = r->person->user;
    struct text stated = u->fields[USER_LEAVE_DATE];
    if (name.state != TEXT_SET || !r->policy->caps.customs)
        return;
    for (size_t i = 0; i < u->custom_n; i++)
        if (text_is(name, u->custom[i].name + strlen(USER_CUSTOM_PREFIX)))
            return; /* the mapping's own rule for it counts */
    if (facts->leave_on != DATE_NONE && facts->hire_on > facts->leave_on)
        stated = TEXT_NONE; /* rehired: it was the end of the employment before this one */
    compare(r, &mirror, name, stated, account_custom_find(r->there, name));
}

/* ---- what was refused in one ---- */

static bool was_sent(const struct account *a, const struct decide_field *f) {
    for (size_t i = 0; i < a->declined_n; i++)
        if (a->declined[i].field == f->field && text_equal(a->declined[i].name, f->name))
            return same(a->declined[i].value, f->to);
    return false;
}

/* How many of the fields that would be sent were refused in one before. None where one of those is by now another
 * value, or no longer to be sent: any of them may have been the cause, and the rest is tried once more. */
static size_t declined_of(const struct rules *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->d->fields_n; i++)
        n += r->fields[i].does == DECIDE_FIELD_SENDS && was_sent(r->there, &r->fields[i]);
    return n == r->there->declined_n && DECIDE_KEEPS(DECIDE_REPEAT) ? n : 0;
}

bool decide_was_declined(const struct rules *r) {
    size_t n = declined_of(r), sends = 0;
    for (size_t i = 0; i < r->d->fields_n; i++)
        sends += r->fields[i].does == DECIDE_FIELD_SENDS;
    return n > 0 && n == sends;
}

/* Of an account that is there the other fields are sent without these. */
static void hold_declined(struct rules *r) {
    if (r->d->verb == DECIDE_CREATE || declined_of(r) == 0)
        return;
    for (size_t i = 0; i < r->d->fields_n; i++) {
        struct decide_field *f = &r->fields[i];
        if (f->does != DECIDE_FIELD_SENDS || !was_sent(r->there, f))
            continue;
        f->does = DECIDE_FIELD_STAYS;
        f->waits = DECIDE_WAITS_FOR_HR;
        f->code = DECIDE_DECLINED;
        r->fields_why[i] = "{field}: {from} stays: the platform refused {to} with all that was "
                           "sent beside it, and named no field: {said}";
    }
}

void decide_compare_all(struct rules *r) {
    const struct user *u = r->person->user;
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        enum user_field f = rows[i].field;
        if ((r->policy->caps.takes & 1u << f) == 0)
            continue; /* nobody's business here */
        compare(r, &rows[i], text_of(user_field_name(f)), u->fields[f], &r->there->fields[f]);
        if (rows[i].kind == TEAMS)
            compare_missing_teams(r, &rows[i]);
    }
    for (size_t i = 0; r->policy->caps.customs && i < u->custom_n && i < USER_CUSTOM_MAX; i++) {
        struct text name = text_of(u->custom[i].name + strlen(USER_CUSTOM_PREFIX));
        compare(r, &custom, name, u->custom[i].value, account_custom_find(r->there, name));
    }
    decide_compare_mirror(r);
    hold_declined(r);
}

/* The same, in the same order, about the account of somebody else. */
enum decide_fixed decide_email_is_fixed(const struct policy *p, const struct account *a,
                                        struct text wants, uint64_t problems,
                                        const struct decide_pin *pin) {
    const struct account_field *f = &a->fields[USER_EMAIL];
    enum policy_owner owner = p->owners[USER_EMAIL];
    const struct decide_field sent = { .field = USER_EMAIL,
                                       .name = text_of(user_field_name(USER_EMAIL)),
                                       .to = wants };
    if (pin != NULL && same(pin->value, wants) && DECIDE_KEEPS(DECIDE_PINS))
        return DECIDE_FIXED_UNDONE;
    if ((problems & decide_field_problems(USER_EMAIL)) != 0)
        return DECIDE_FIXED_PROBLEM;
    if (owner == POLICY_NEVER || (owner == POLICY_WHEN_EMPTY && account_shows(f).state == TEXT_SET))
        return DECIDE_FIXED_OWNED;
    if (DECIDE_KEEPS(DECIDE_REPEAT) &&
        ((f->refused.state == TEXT_SET && same(f->refused, wants)) || was_sent(a, &sent)))
        return DECIDE_FIXED_REFUSED;
    if (policy_protects_by_address(p, a, wants))
        return DECIDE_FIXED_BY_ADDRESS;
    return policy_protects(p, a) != NULL && !account_is_approved(a, ACCOUNT_APPROVAL_EMAIL, wants)
               ? DECIDE_FIXED_PROTECTED
               : DECIDE_FIXED_NOT;
}

uint64_t decide_field_problems(enum user_field f) {
    for (size_t i = 0; i < RC_LEN(rows); i++)
        if (rows[i].field == f)
            return rows[i].problems;
    return 0;
}

bool decide_tells_field(struct rules *r, enum decide_verb verb, enum decide_field_does what,
                        bool by_setting) {
    for (size_t i = 0; i < r->d->fields_n; i++) {
        const struct decide_field *f = &r->d->fields[i];
        if (f->does != what || (f->waits == DECIDE_WAITS_FOR_SETTING) != by_setting)
            continue;
        r->d->waits = f->waits;
        r->told = &r->d->fields[i];
        r->d->verb = verb;
        r->d->code = f->code;
        r->why = r->fields_why[i];
        return true;
    }
    return false;
}

bool decide_leaves_team(const struct rules *r) {
    struct text team = r->refs->leaves_team;
    bool teams_say = r->person->user->fields[USER_SECONDARY_TEAMS].state != TEXT_MISSING &&
                     (r->policy->caps.takes & 1u << USER_SECONDARY_TEAMS) != 0;
    if (team.state != TEXT_SET || teams_say || r->policy->owners[USER_PRIMARY_TEAM] == POLICY_NEVER)
        return false;
    for (size_t i = 0; i < r->d->fields_n; i++)
        if (r->fields[i].field == USER_PRIMARY_TEAM && r->fields[i].does == DECIDE_FIELD_SENDS)
            return true;
    return !text_equal(team, account_shows(&r->there->fields[USER_PRIMARY_TEAM]));
}
