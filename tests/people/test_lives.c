/* Promises over random lives (tests/base/history.h): what happens in HR, on the platform, in the settings and by
 * approval, in any order, with deliveries between.
 *
 * Built with -DROLLCALL_WITHOUT_DECIDE=... this is the negative control of that protection: its
 * promise must be found broken. */
#include <stdio.h>
#include "tests/base/helper.h"
#include "tests/base/history.h"
#include "people/decide_p.h"
#include "people/problem.h"
#include "tests/people/office.h"

static struct office office, *o = &office;

static const char *const names[OFFICE_PEOPLE] = { "ana", "ben", "cem", "dee", "eve", "fay" };
static const char *const addresses[] = { "ana@x.org", "ben@x.org", "new@x.org", "eve@x.org", "" };
static const char *const words[] = { "ana", "benson", "Miller", "", "Welder", "Refused" };
static const char *const statuses[] = { "active", "inactive", "leave", "onboarding", "strange" };
static const char *const teams[] = { "department:1", "department:1\037department:2", "",
                                     "department:2", "department:3" };
static const int days[] = { -40, -8, -1, 0, 1, 3, 10, 30 };
static const char *const settings[][2] = {
    { "invite", "at-once" },
    { "invite", "on-hire-date" },
    { "invite", "by-hand" },
    { "invite-days", "-2" },
    { "invite-days", "3" },
    { "ahead-days", "14" },
    { "ahead-days", "0" },
    { "account-without-mail", "no" },
    { "close-status", "no" },
    { "close-status", "4" },
    { "close-end-date", "2" },
    { "close-end-date", "0" },
    { "close-absent", "1" },
    { "close-not-found", "0" },
    { "close-excluded", "no" },
    { "ended-but-active-days", "3" },
    { "adopt", "no" },
    { "relink", "yes" },
    { "reactivate", "no" },
    { "undo-deactivated-by-hand", "yes" },
    { "clear", "yes" },
    { "undo-reactivated-by-hand", "yes" },
    { "prune-teams", "yes" },
    { "leave-date-field", OFFICE_LEAVE_FIELD },
    { "protect-roles", "curator" },
    { "owner-job_title", "when-empty" },
    { "owner-email", "never" },
    { "owner-manager", "when-empty" },
    { "adopt-prefix", "old-" },
    { "owner-primary_team", "never" },
    { "invite", "at-once" },
    { "reactivate", "yes" },
};
static const char *const roles[] = { "viewer", "viewer", "admin", "owner", "curator", "hr" };
static const enum account_status states[] = { ACCOUNT_ACTIVE,     ACCOUNT_DEACTIVATED,
                                              ACCOUNT_ACTIVE,     ACCOUNT_DEACTIVATED,
                                              ACCOUNT_ANONYMISED, ACCOUNT_UNKNOWN };
#define PICK HISTORY_PICK

/* ---- what happens ---- */

static struct office_remote *some_remote(unsigned who) {
    struct office_remote *r = &o->remotes[who % 12];
    return r->exists ? r : NULL;
}

static void by_hand(const struct history_op *op) {
    struct office_remote *r = some_remote(op->who);
    char id[16];
    if (op->kind == 9) {
        snprintf(id, sizeof id, "9%03d", o->next_id++);
        r = office_stranger(o, id);
        if (r == NULL)
            return;
        r->fields[USER_EMAIL] = text_of(PICK(addresses, op->what));
        r->fields[USER_FIRST_NAME] = text_of(PICK(words, op->value));
        r->role = text_of(PICK(roles, op->value >> 3));
        if (op->value % 5 == 0)
            r->external_id = text_of(op->value % 2 ? "old-1" : "foreign-1");
        return;
    }
    if (r == NULL)
        return;
    switch (op->kind) {
    case 10: r->status = PICK(states, op->value); break;
    case 11: r->deleted = op->value % 4 == 0; break;
    case 12: r->fields[USER_EMAIL] = text_of(PICK(addresses, op->value)); break;
    case 13: r->fields[USER_JOB_TITLE] = text_of(PICK(words, op->value)); break;
    case 14: r->invited = true; break;
    case 15: r->role = text_of(PICK(roles, op->value)); break;
    case 16: r->known.tie = op->value % 8 == 0 ? ACCOUNT_IGNORED : r->known.tie; break;
    default: break;
    }
}

static void in_hr(const struct history_op *op, struct office_person *p) {
    static const enum user_field dates[] = { USER_HIRE_DATE, USER_LEAVE_DATE };
    static const enum user_field texts[] = { USER_FIRST_NAME,       USER_LAST_NAME, USER_JOB_TITLE,
                                             USER_PRIMARY_LOCATION, USER_LANGUAGE,  USER_AVATAR };
    int today = o->today - OFFICE_DAY_0;
    switch (op->kind) {
    case 0: office_state(o, p, USER_STATUS, text_of(PICK(statuses, op->value))); break;
    case 1:
        office_state(o, p, PICK(dates, op->what),
                     op->value % 5 == 0 ? TEXT_NONE : office_day(o, today + PICK(days, op->value)));
        break;
    case 2:
        p->asks.facts.presence = op->value % 3 == 0   ? PRESENCE_MISSING
                                 : op->value % 3 == 1 ? PRESENCE_GONE
                                                      : PRESENCE_LISTED;
        office_state(o, p, USER_STATUS, p->user.fields[USER_STATUS]);
        break;
    case 3: office_state(o, p, USER_EMAIL, text_of(PICK(addresses, op->value))); break;
    case 4:
        office_state(o, p, PICK(texts, op->what),
                     op->value % 7 == 0 ? (struct text){ 0 } : text_of(PICK(words, op->value)));
        break;
    case 5:
        if (op->what % 4 == 0)
            office_state_custom(o, p, op->what % 8 ? "custom.badge" : "custom." OFFICE_LEAVE_FIELD,
                                text_of(PICK(words, op->value)));
        office_state(o, p, USER_MANAGER, text_of(PICK(names, op->value)));
        break;
    case 6:
        if (op->what % 3 == 0) {
            office_state(o, p, USER_SECONDARY_TEAMS, text_of(PICK(teams, op->value)));
            break;
        }
        office_state(o, p, USER_PRIMARY_TEAM,
                     text_of(op->value % 3 ? "department:1" : "department:2"));
        break;
    case 7:
        p->asks.problems = op->value % 3 == 0 ? 0 : (uint64_t)1 << op->value % PROBLEMS_N;
        break;
    case 8:
        p->user.fields[USER_EXCLUDED] = op->value % 2 ? TEXT_LIT("contractor") : (struct text){ 0 };
        p->asks.since_on[POLICY_EXCLUDED] = op->value % 2 ? o->today : DATE_NONE;
        break;
    default: break;
    }
}

static void approve(const struct history_op *op, struct office_person *p) {
    struct account *a = office_account(o, p);
    enum account_approval what = (enum account_approval)(1 + op->what % (ACCOUNT_APPROVALS_N - 1));
    struct office_remote *r = some_remote(op->value);
    bool address = what == ACCOUNT_APPROVAL_EMAIL || what == ACCOUNT_APPROVAL_INVITE;
    a->approved[what] = address     ? p->user.fields[USER_EMAIL]
                        : r != NULL ? r->id
                                    : (struct text){ 0 };
}

static const char *broken(const char *promise, const struct office_person *p,
                          const struct decision *d) {
    if (o->wrong == NULL) {
        o->wrong = promise;
        snprintf(o->wrong_text, sizeof o->wrong_text, "%s, day %d: %s, %s (%.*s)", p->name,
                 o->today - OFFICE_DAY_0, decide_verb_name(d->verb), d->code,
                 TEXT_ARG(d->sentence));
    }
    return o->wrong;
}

/* ---- what must be so of every decision ---- */

static bool same_decision(const struct decision *a, const struct decision *b) {
    if (a->verb != b->verb || strcmp(a->code, b->code) != 0 || a->fields_n != b->fields_n ||
        a->mails != b->mails || a->due_on != b->due_on)
        return false;
    for (size_t i = 0; i < a->fields_n; i++)
        if (a->fields[i].does != b->fields[i].does || !text_equal(a->fields[i].to, b->fields[i].to))
            return false;
    return true;
}

/* No problem in the data makes a closing wait, or begin. */
static const char *problems_close_nobody_and_keep_nobody(struct office_person *p,
                                                         const struct decision *d) {
    struct decide_person other = p->asks;
    struct decision e;
    bool over = lifecycle_is_gone(d->lifecycle) || p->user.fields[USER_EXCLUDED].state == TEXT_SET;
    other.problems = p->asks.problems != 0 ? 0 : (1u << PROBLEMS_N) - 1;
    office_decide_as(o, p, &other, &o->policy, o->today, &e);
    if (over ? d->verb != e.verb : e.verb == DECIDE_DEACTIVATE)
        return broken("closing", p, d);
    return NULL;
}

/* Whatever HR says of a field that the platform cannot take. */
static const char *what_cannot_be_taken_plays_no_part(struct office_person *p) {
    struct decide_person other = p->asks;
    struct user user = p->user;
    struct policy policy = o->policy;
    struct decision e, f;
    policy.caps.takes &= ~(1u << USER_HIRE_DATE | 1u << USER_MANAGER | 1u << USER_PRIMARY_LOCATION |
                           1u << USER_LANGUAGE);
    office_decide_as(o, p, &other, &policy, o->today, &e);
    user.fields[USER_HIRE_DATE] = TEXT_LIT("soon");
    user.fields[USER_MANAGER] = TEXT_NONE;
    user.fields[USER_AVATAR] = TEXT_LIT("picture");
    user.fields[USER_PRIMARY_LOCATION] = (struct text){ 0 };
    user.fields[USER_LANGUAGE] = TEXT_LIT("xx");
    other.user = &user;
    other.problems ^= (uint64_t)1 << PROBLEM_OWN_MANAGER;
    office_decide_as(o, p, &other, &policy, o->today, &f);
    return same_decision(&e, &f) ? NULL : broken("caps", p, &f);
}

static const char *missing_sends_nothing(struct office_person *p, const struct decision *d) {
    for (size_t i = 0; i < d->fields_n; i++)
        if (d->fields[i].does == DECIDE_FIELD_SENDS && d->fields[i].field < USER_FIELDS_N &&
            p->user.fields[d->fields[i].field].state == TEXT_MISSING)
            return broken("missing", p, d);
    return NULL;
}

/* Until due_on nothing else is decided, and on it something else is: asked day by day. */
static const char *the_day_it_is_due_is_right(struct office_person *p) {
    struct policy patient = o->policy;
    struct decision now, then;
    bool clock_in_doubt = o->clock_in_doubt;
    patient.fresh_days = 10000; /* that HR is not read on those days is to play no part */
    o->clock_in_doubt = false;  /* nor that a clock may be wrong today */
    const char *promise = NULL;
    office_decide_as(o, p, &p->asks, &patient, o->today, &now);
    bool done = now.verb != DECIDE_NOTHING || now.waits == DECIDE_WAITS_FOR_READING;
    for (date_days on = o->today + 1; !done && on <= o->today + 70; on++) {
        date_days read_on = o->read_on;
        if (o->read_on == DATE_NONE)
            o->read_on = o->today;
        office_decide_as(o, p, &p->asks, &patient, on, &then);
        o->read_on = read_on;
        done = then.verb != now.verb || strcmp(then.code, now.code) != 0;
        if (done != (on == now.due_on) ||
            (done && (then.verb != now.due_verb || strcmp(then.code, now.due_code) != 0)))
            promise = broken("due", p, &then), done = true;
    }
    o->clock_in_doubt = clock_in_doubt;
    return promise;
}

static const char *every_word_is_filled(struct office_person *p, const struct decision *d) {
    if (d->code == NULL || d->sentence.state != TEXT_SET ||
        memchr(d->sentence.ptr, '{', d->sentence.len) != NULL)
        return broken("sentence", p, d);
    for (size_t i = 0; i < d->fields_n; i++)
        if (d->fields[i].sentence.state != TEXT_SET ||
            memchr(d->fields[i].sentence.ptr, '{', d->fields[i].sentence.len) != NULL)
            return broken("sentence", p, d);
    for (size_t i = 0; i < d->fields_n; i++) {
        struct text says = decide_field_says(&d->fields[i], &o->a);
        if (says.state != TEXT_MISSING && !text_equal(says, d->fields[i].sentence))
            return broken("sentence", p, d);
    }
    return (d->waits == DECIDE_WAITS_FOR_NOTHING) == (d->remedy.state != TEXT_SET)
               ? NULL
               : broken("sentence", p, d);
}

static const char *look_at(struct office_person *p, bool at_days_too) {
    struct decision d;
    const char *promise;
    if (!p->exists)
        return NULL;
    office_decide(o, p, &d);
    if ((promise = problems_close_nobody_and_keep_nobody(p, &d)) == NULL &&
        (promise = what_cannot_be_taken_plays_no_part(p)) == NULL &&
        (promise = missing_sends_nothing(p, &d)) == NULL &&
        (promise = every_word_is_filled(p, &d)) == NULL && at_days_too)
        promise = the_day_it_is_due_is_right(p);
    return promise;
}

/* Everybody's decision is carried out, and asked for again at once. */
static const char *carry_out_and_ask_again(void) {
    for (int i = 0; i < OFFICE_PEOPLE; i++) {
        struct office_person *p = &o->people[i];
        struct decision d, again;
        bool answer_lost = o->lose_answer;
        if (!p->exists)
            continue;
        office_decide(o, p, &d);
        office_carry_out(o, p, &d);
        office_inventory(o);
        office_decide(o, p, &again);
        if (o->wrong != NULL)
            return o->wrong;
        if (d.verb == DECIDE_CREATE && answer_lost)
            continue; /* the account is found, and linked, the next time */
        if (d.links.state == TEXT_SET && d.verb != DECIDE_ADOPT)
            continue; /* ... and whoever has an account may own an address before others */
        if (d.verb == DECIDE_DEACTIVATE && again.verb == DECIDE_DEACTIVATE &&
            text_is(office_remote_by_id(o, office_account(o, p)->remote_id)->role, "owner"))
            continue; /* the platform refused to lose its last owner */
        if (!decide_is_quiet(&again, office_account(o, p)))
            return broken("repeat", p, &again);
    }
    return NULL;
}

/* Deliveries come to an end. */
static const char *comes_to_rest(void) {
    for (int i = 0; i < 8; i++)
        if (office_deliver(o) == 0)
            return o->wrong;
    return o->wrong != NULL ? o->wrong : (o->wrong = "rest");
}

static const char *live(const struct history *h, bool tells, char *ret) {
    const char *promise = NULL;
    office_init(o);
    for (int n = 1; n <= 2; n++) {
        o->teams[n].exists = true;
        o->teams[n].name = n == 1 ? TEXT_LIT("Works") : TEXT_LIT("Office");
    }
    for (size_t i = 0; i < h->n && promise == NULL; i++) {
        const struct history_op *op = &h->ops[i];
        struct office_person *p = office_person(o, PICK(names, op->who));
        if (tells)
            print_message("  kind %d, %s, what %d, value %d\n", op->kind, PICK(names, op->who),
                          op->what, op->value);
        if (op->kind <= 8)
            in_hr(op, p);
        else if (op->kind <= 16)
            by_hand(op);
        else if (op->kind == 17)
            policy_set(&o->policy, text_of(PICK(settings, op->value)[0]),
                       text_of(PICK(settings, op->value)[1]), &o->a, NULL);
        else if (op->kind == 18)
            approve(op, p);
        else if (op->kind == 19)
            o->today += 1 + op->value % 9;
        else if (op->kind == 20) {
            o->policy.caps.invites = (op->value & 1) != 0;
            o->policy.caps.customs = (op->value & 2) != 0;
            o->policy.caps.creates_silently = (op->value & 12) != 0;
            o->refuses = (op->value & 16) != 0 ? TEXT_LIT("Refused") : (struct text){ 0 };
            o->lose_answer = (op->value & 32) != 0;
            o->clock_in_doubt = (op->value & 192) == 192;
            o->inventory_incomplete = (op->value & 192) == 128;
        }
        office_inventory(o);
        if ((promise = look_at(p, i % 4 == 0)) == NULL &&
            (promise = look_at(&o->people[i % OFFICE_PEOPLE], false)) == NULL)
            promise = op->kind > 20  ? comes_to_rest()
                      : op->kind > 8 ? carry_out_and_ask_again()
                                     : NULL;
    }
    if (promise == NULL)
        promise = o->wrong;
    strcpy(ret, o->wrong_text);
    office_done(o);
    return promise;
}

/* The promise that each protection is for. */
static const char *const promises[] = {
    [DECIDE_STRANGERS] = "stranger",  [DECIDE_CLOSING] = "closing", [DECIDE_TWICE] = "twice",
    [DECIDE_PROTECTED] = "protected", [DECIDE_LEAVE] = "leave",     [DECIDE_CAPS] = "caps",
    [DECIDE_MISSING] = "missing",     [DECIDE_REPEAT] = "repeat",
};

static void no_life_breaks_a_promise_or_without_its_protection_one_does(void **state) {
    (void)state;
    history_try(&(struct history_test){
        .kinds_n = 23, .lives = 400, .live = live, .wanted = promises[ROLLCALL_WITHOUT_DECIDE] });
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(
        no_life_breaks_a_promise_or_without_its_protection_one_does) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
