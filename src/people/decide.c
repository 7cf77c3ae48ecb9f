/* The rules, from the strongest to the weakest; the first that says something decides.
 *
 *   1. what is left alone     strangers, what somebody said to leave alone, what is gone for good
 *   2. closing                whoever is gone or left out; no problem in the data stands before it
 *   3. making                 who is to have an account and has none: adopt, or create, or wait
 *   4. opening again          whose account is closed and who is employed
 *   5. keeping in step        the fields, then the invitation
 *
 * `leave` is not leaving: nothing here closes for it. Each answer names a code and a sentence whose
 * {words} are filled from the person, the account and the policy (decide_say.c). */
#include "people/decide_p.h"

#include "base/cleanup.h"
#include "people/problem.h"

static const struct account nobody;

/* ---- the answers ---- */

bool decide_does(struct rules *r, enum decide_verb verb, const char *code, const char *why) {
    r->d->verb = verb;
    r->d->code = code;
    r->why = why;
    return true;
}

bool decide_waits(struct rules *r, enum decide_wait for_what, const char *code, const char *why) {
    r->d->waits = for_what;
    return decide_does(r, DECIDE_NOTHING, code, why);
}

static bool asks_anew(struct rules *r, enum account_approval approval, struct text what,
                      const char *code, const char *why) {
    r->d->approval = approval;
    r->d->approves = what;
    return decide_waits(r, DECIDE_WAITS_FOR_APPROVAL, code, why);
}

bool decide_asks(struct rules *r, enum account_approval approval, struct text what,
                 const char *code, const char *why) {
    return !account_is_approved(r->own, approval, what) && asks_anew(r, approval, what, code, why);
}

/* HR was last read before that day, and long ago: it may have said otherwise since. */
static bool is_unread(const struct rules *r, date_days on) {
    date_days read_on = r->person->facts.read_on;
    return !r->foresees &&
           (read_on == DATE_NONE || (on > read_on && r->today - read_on > r->policy->fresh_days));
}

/* What follows from a date waits while our clock is in doubt, or while the date may have been moved
 * since HR was last read. */
bool decide_doubts_date(const struct rules *r, date_days on) {
    bool doubt = r->refs->clock_in_doubt && DECIDE_KEEPS(DECIDE_CLOCK) && !r->foresees;
    return doubt || is_unread(r, on);
}

/* Days of grace have no end that is known while nobody knows which day it is, or on which they began. */
static bool grace_in_doubt(const struct rules *r) {
    enum policy_cause c = r->closing.cause;
    if (!r->refs->clock_in_doubt || !DECIDE_KEEPS(DECIDE_CLOCK) || r->foresees ||
        c == POLICY_END_DATE || c == POLICY_CAUSES_N || r->policy->leavers[c].grace_days == 0)
        return false;
    return r->closing.on <= r->today || (r->person->since_new & 1u << c) != 0;
}

/* Days of grace are there for HR to say otherwise: where nobody has listened until they were over, and for long, it may
 * have. What closes at once was HR's word when it was read; a filter is none of HR's. */
static bool grace_is_unheard(const struct rules *r) {
    enum policy_cause c = r->closing.cause;
    return (c == POLICY_STATUS || c == POLICY_NOT_FOUND || c == POLICY_ABSENT) &&
           r->policy->leavers[c].grace_days > 0 && is_unread(r, r->closing.on);
}

bool decide_waits_for_certainty(struct rules *r) {
    if (r->refs->clock_in_doubt)
        return decide_waits(r, DECIDE_WAITS_FOR_READING, DECIDE_CLOCK_IN_DOUBT,
                            "{rule}: our clock and the other side's differ, so no date counts");
    return decide_waits(r, DECIDE_WAITS_FOR_READING, "read-too-long-ago",
                        "{rule}: HR was last read on {read_on}, too long ago to go by a date");
}

/* The last day has passed, and nothing else is the matter: by a clock, or a reading of HR, that is not to be relied on. */
static bool left_by_doubtful_date(const struct rules *r) {
    const struct lifecycle_facts *f = &r->person->facts;
    return r->d->lifecycle == LIFECYCLE_LEFT && f->presence != PRESENCE_GONE &&
           f->status != EMPLOYMENT_INACTIVE && decide_doubts_date(r, f->leave_on + 1) &&
           !(r->person->user->fields[USER_EXCLUDED].state == TEXT_SET && r->closing.closes);
}

/* ---- 1. what is left alone, whatever HR says ---- */

static bool is_over(const struct rules *r) {
    return lifecycle_is_gone(r->d->lifecycle) ||
           r->person->user->fields[USER_EXCLUDED].state == TEXT_SET;
}

static bool leave_alone(struct rules *r) {
    const struct account *t = r->there;
    bool is_free = t->tie == ACCOUNT_OURS ||
                   (t == r->refs->twin && r->refs->twin_is_declared && t->tie == ACCOUNT_STRANGER);
    bool is_theirs = (t->tie == ACCOUNT_LINKED && t->user_id == r->person->user_id) ||
                     (is_free && t->user_id == 0);
    if (!account_exists(t) && r->refs->carrier != NULL && !is_over(r) &&
        !decide_was_handed_over(r)) {
        r->there = r->refs->carrier;
        return decide_waits(
            r, DECIDE_WAITS_FOR_OTHER, DECIDE_UNLINKED,
            "account {account} has this person's external id and is somebody else's: once it "
            "has none there, or another, one is made");
    }
    if (!account_exists(t))
        return false;
    if (t == r->refs->twin && decide_carries_anothers_id(r))
        return decide_is_left_apart(r);
    if (t->tie == ACCOUNT_IGNORED)
        return decide_waits(r, DECIDE_WAITS_FOR_SETTING, "ignored",
                            "account {account}: somebody said to leave it alone");
    if (!is_theirs && DECIDE_KEEPS(DECIDE_STRANGERS))
        return decide_waits(r, DECIDE_WAITS_FOR_NOTHING, "stranger",
                            "account {account} is not this person's, and is not touched");
    if (t->status == ACCOUNT_ANONYMISED)
        return decide_waits(r, DECIDE_WAITS_FOR_NOTHING, "anonymised",
                            "account {account} was anonymised, and is never filled again");
    if (t->status == ACCOUNT_DELETED && left_by_doubtful_date(r))
        return decide_waits_for_certainty(r);
    if (t->status == ACCOUNT_DELETED && is_over(r))
        return decide_waits(r, DECIDE_WAITS_FOR_NOTHING, "deleted-there",
                            "{rule}, and account {account} was deleted on the platform");
    if (t->status == ACCOUNT_DELETED)
        return decide_asks(
            r, ACCOUNT_APPROVAL_RECREATE, t->remote_id, "deleted-there",
            "account {account} was deleted on the platform: none is made again unasked");
    if (t->status == ACCOUNT_UNKNOWN)
        return decide_waits(r, DECIDE_WAITS_FOR_READING, "state-unknown",
                            "account {account} is in a state that is not known here");
    if (t == r->own && !(is_over(r) && t->status == ACCOUNT_DEACTIVATED) &&
        decide_may_be_anothers(t, r->person->user, r->person->external_id))
        return asks_anew(r, ACCOUNT_APPROVAL_ADOPT, t->remote_id, DECIDE_LOST_ID,
                         "account {account} has not this person's external id, and shows "
                         "{its_email}, where it was known by {its_known_email}: theirs, or "
                         "somebody else's by now?");
    return t == r->refs->twin && !decide_is_plainly_theirs(r) &&
           decide_asks(
               r, ACCOUNT_APPROVAL_ADOPT, t->remote_id, DECIDE_SAME_ID,
               "account {account} has this person's external id, and another name and address: "
               "theirs, or somebody else's?");
}

/* ---- 2. closing ---- */

/* HR itself says that the account is to be closed; that it says nothing any more is not that, nor is a
 * filter by which accounts stay. */
static bool hr_agrees(const struct rules *r) {
    return r->d->lifecycle == LIFECYCLE_LEFT ||
           (r->person->user->fields[USER_EXCLUDED].state == TEXT_SET && r->closing.closes);
}

/* Another cause may close on the same day, whatever the clock and the calendar say. */
static bool only_a_date_closes(struct rules *r) {
    if (r->closing.cause != POLICY_END_DATE || !decide_doubts_date(r, r->closing.on))
        return false;
    if (!r->closing_undated.closes || r->closing_undated.on > r->today)
        return true;
    r->closing = r->closing_undated;
    return false;
}

bool decide_protects(const struct policy *p, const struct account *a) {
    return policy_protects(p, a) != NULL && DECIDE_KEEPS(DECIDE_PROTECTED);
}

/* By an undo. It holds what was so then; who leaves by another statement of HR's leaves. */
static bool is_held_open(const struct rules *r) {
    return r->refs->account_pin == DECIDE_ACCOUNT_OPEN && DECIDE_KEEPS(DECIDE_PINS);
}

/* Of an end date that is ahead: if HR is read after it and goes on calling them employed, it closes later. */
static bool may_close_later(const struct rules *r) {
    date_days later = lifecycle_disbelieved_on(&r->person->facts, &r->policy->lifecycle);
    return r->foresees && r->closing.cause == POLICY_END_DATE && later != DATE_NONE &&
           later > r->today;
}

static bool close_account(struct rules *r) {
    static const char *const codes[POLICY_CAUSES_N] = {
        [POLICY_STATUS] = "left-status",       [POLICY_END_DATE] = "left-end-date",
        [POLICY_NOT_FOUND] = "left-not-found", [POLICY_ABSENT] = "left-absent",
        [POLICY_EXCLUDED] = "left-out",
    };
    const struct account *t = r->there;
    const char *protected_by = policy_protects(r->policy, t);
    if (!is_over(r))
        return false;
    if (r->person->problems != 0 && !DECIDE_KEEPS(DECIDE_CLOSING))
        return decide_waits(r, DECIDE_WAITS_FOR_HR, "problem", "{rule}");
    if (!account_exists(t) && left_by_doubtful_date(r))
        return decide_waits_for_certainty(r);
    if (!account_exists(t))
        return decide_waits(
            r, DECIDE_WAITS_FOR_NOTHING, "gone-without-account",
            r->own->email_with_id.state == TEXT_SET && !account_exists(r->own)
                ? "{rule}, and there is no account: {apart} is somebody else's by now, as a person "
                  "said (rollcall accounts link, if it is theirs after all)"
                : "{rule}, and there is no account");
    if (t->status == ACCOUNT_DEACTIVATED) {
        if (t->left_as != ACCOUNT_DEACTIVATED && left_by_doubtful_date(r))
            return decide_waits_for_certainty(r);
        if (hr_agrees(r)) { /* by whomever it was */
            r->d->left_as = ACCOUNT_DEACTIVATED;
            r->d->sticky = ACCOUNT_FREE;
        }
        return decide_waits(r, DECIDE_WAITS_FOR_NOTHING, "closed",
                            "{rule}, and account {account} is deactivated");
    }
    if (protected_by != NULL && DECIDE_KEEPS(DECIDE_PROTECTED))
        return decide_waits(r, DECIDE_WAITS_FOR_PLATFORM, "protected",
                            *protected_by == 'r'
                                ? "{rule}, but account {account} has the role {role}"
                                : "{rule}, but account {account} is protected");
    if (r->refs->heir)
        return decide_waits(r, DECIDE_WAITS_FOR_OTHER, "handed-over",
                            "{rule}: account {account} goes to the same person's new record in HR");
    if (r->refs->held_run_id != 0 && DECIDE_KEEPS(DECIDE_HELD))
        return decide_waits(
            r, DECIDE_WAITS_FOR_READING, "held-otherwise",
            "{rule}; but HR said last that they work there, in run {held_run}, which is "
            "held: account {account} stays open until somebody has decided about that");
    if (is_held_open(r) && r->closing.cause == POLICY_CAUSES_N) {
        r->d->sticky = ACCOUNT_STAYS_OPEN;
        return decide_waits(r, DECIDE_WAITS_FOR_HR, "opened-by-undo",
                            "{rule}, but run {run} has undone that account {account} was closed");
    }
    if (!r->closing.closes)
        return decide_waits(r, DECIDE_WAITS_FOR_SETTING, "stays-by-setting",
                            "{rule}: by the setting {setting}, account {account} stays open");
    if (grace_in_doubt(r))
        return decide_waits_for_certainty(r);
    if (r->closing.on > r->today)
        return decide_waits(
            r, DECIDE_WAITS_FOR_DAY, "grace",
            "{rule}: account {account} is deactivated on {day}, after the days of grace");
    bool by_hand = t->left_as == ACCOUNT_DEACTIVATED && !is_held_open(r);
    if (by_hand && (t->sticky == ACCOUNT_STAYS_OPEN || !r->policy->closes_by_hand)) {
        r->d->sticky = ACCOUNT_STAYS_OPEN;
        return decide_waits(
            r, DECIDE_WAITS_FOR_PLATFORM, "reactivated-by-hand",
            "{rule}, but somebody has reactivated account {account} on the platform");
    }
    if (only_a_date_closes(r) || grace_is_unheard(r))
        return decide_waits_for_certainty(r);
    decide_compare_mirror(r);
    if (hr_agrees(r))
        r->d->sticky = ACCOUNT_FREE;
    if (by_hand)
        return decide_does(r, DECIDE_DEACTIVATE, "closed-again",
                           "{rule}: account {account}, reactivated by hand, is deactivated again");
    return decide_does(r, DECIDE_DEACTIVATE, codes[r->closing.cause],
                       may_close_later(r)
                           ? "{rule}: account {account} is deactivated; not before {believed} if "
                             "HR, read after that date, calls them employed still"
                           : "{rule}: account {account} is deactivated");
}

/* ---- 3. making ---- */

/* It is not known whether a filter leaves the person out; or what an account cannot be made without
 * is missing, in doubt, or was refused. */
static bool incomplete(struct rules *r) {
    uint32_t needs = r->policy->caps.needs | 1u << USER_EMAIL;
    if ((r->person->problems & (uint64_t)1 << PROBLEM_FILTER_UNKNOWN) != 0)
        return decide_waits(r, DECIDE_WAITS_FOR_HR, problem_name(PROBLEM_FILTER_UNKNOWN),
                            problem_sentence(PROBLEM_FILTER_UNKNOWN));
    for (int f = 0; f < USER_FIELDS_N; f++) {
        uint64_t found = r->person->problems & decide_field_problems((enum user_field)f);
        struct text stated = r->person->user->fields[f], refused = r->own->fields[f].refused;
        if ((needs & 1u << f) == 0 && DECIDE_KEEPS(DECIDE_CAPS))
            continue;
        for (int p = 0; p < PROBLEMS_N; p++)
            if ((found & (uint64_t)1 << p) != 0)
                return decide_waits(r, DECIDE_WAITS_FOR_HR, problem_name((enum problem)p),
                                    problem_sentence((enum problem)p));
        if ((needs & 1u << f) != 0 && stated.state != TEXT_SET)
            return decide_waits(r, DECIDE_WAITS_FOR_HR, "value-missing",
                                arena_printf(r->a, "%s: HR states none, and the platform needs one",
                                             user_field_name((enum user_field)f)));
        if (refused.state == TEXT_SET && text_equal(refused, stated) && DECIDE_KEEPS(DECIDE_REPEAT))
            return decide_waits(
                r, DECIDE_WAITS_FOR_HR, "refused",
                arena_printf(r->a, "%s: the platform refused to make an account with {%s}",
                             user_field_name((enum user_field)f),
                             user_field_name((enum user_field)f)));
    }
    return false;
}

static bool make_account(struct rules *r) {
    if (account_exists(r->there))
        return false;
    if (incomplete(r))
        return true;
    if (r->refs->claim.owner_id != r->person->user_id)
        return decide_waits(r, DECIDE_WAITS_FOR_HR, "email-claimed",
                            r->refs->claim.reason == CLAIM_CONFLICT
                                ? "email: HR states {email} for several people alike"
                                : "email: HR states {email} for somebody who comes first");
    switch (r->refs->holder) {
    case DECIDE_HOLDER_OTHER: return decide_relink(r);
    case DECIDE_HOLDER_STRANGER: return decide_adopt_stranger(r);
    case DECIDE_HOLDER_NOBODY: return decide_create(r);
    case DECIDE_HOLDER_SEVERAL:
        return decide_waits(r, DECIDE_WAITS_FOR_PLATFORM, "email-taken",
                            "email: several accounts on the platform have {email}");
    case DECIDE_HOLDER_US: /* the inventory and our records disagree */
    case DECIDE_HOLDER_UNKNOWN: break;
    }
    return decide_waits(r, DECIDE_WAITS_FOR_READING, "email-not-looked-up",
                        "email: not known yet whether an account on the platform has {email}");
}

/* ---- 4. opening again ---- */

static bool reopen_account(struct rules *r) {
    const struct account *t = r->there;
    bool by_hand = t->left_as != ACCOUNT_DEACTIVATED; /* we left it open */
    date_days on = r->joining.reopen_on;
    if (t->status != ACCOUNT_DEACTIVATED)
        return false;
    if (r->refs->account_pin == DECIDE_ACCOUNT_CLOSED && DECIDE_KEEPS(DECIDE_PINS)) {
        r->d->sticky = ACCOUNT_STAYS_CLOSED;
        if (decide_asks(r, ACCOUNT_APPROVAL_REOPEN, t->remote_id, "closed-by-undo",
                        "{rule}, but run {run} has undone that account {account} was opened"))
            return true;
    } else if (by_hand && (t->sticky == ACCOUNT_STAYS_CLOSED || !r->policy->reactivates_by_hand ||
                           policy_protects(r->policy, t) != NULL)) {
        r->d->sticky = ACCOUNT_STAYS_CLOSED;
        if (decide_asks(r, ACCOUNT_APPROVAL_REOPEN, t->remote_id, "deactivated-by-hand",
                        "{rule}, but somebody has deactivated account {account} on the platform"))
            return true;
    }
    if (lifecycle_rule_is_past_end(r->d->lifecycle_rule) &&
        !account_is_approved(t, ACCOUNT_APPROVAL_REOPEN, t->remote_id))
        return decide_waits(r, DECIDE_WAITS_FOR_HR, DECIDE_PAST_END,
                            "{rule}; account {account} is deactivated already, and stays so");
    if (!by_hand && !r->policy->reactivates &&
        decide_asks(r, ACCOUNT_APPROVAL_REOPEN, t->remote_id, "not-reactivated",
                    "{rule}: by the setting reactivate, account {account} stays deactivated"))
        return true;
    if (on == DATE_NONE)
        return decide_waits(
            r, DECIDE_WAITS_FOR_HR, "no-hire-date",
            "{rule}: account {account} is reactivated by the hire date, and HR states none");
    if (on > r->today)
        return decide_waits(r, DECIDE_WAITS_FOR_DAY, "before-hire-date",
                            "hire_date {hire_date}: account {account} is reactivated on {day}");
    if (decide_doubts_date(r, on))
        return decide_waits_for_certainty(r);
    r->d->left_as = ACCOUNT_ACTIVE;
    r->d->sticky = ACCOUNT_FREE;
    decide_does(r, DECIDE_REACTIVATE, NULL, NULL);
    decide_compare_all(r);
    if (decide_lacks_our_id(r))
        return decide_give_our_id(r, true);
    return decide_does(r, DECIDE_REACTIVATE, by_hand ? "works-after-all" : "works-again",
                       by_hand ? "{rule}: account {account}, deactivated by hand, is reactivated"
                               : "{rule}: account {account} is reactivated");
}

/* ---- 5. keeping in step ---- */

static bool keep_in_step(struct rules *r) {
    r->d->left_as = ACCOUNT_ACTIVE;
    r->d->sticky = ACCOUNT_FREE;
    decide_compare_all(r);
    if (decide_leaves_team(r))
        r->d->leaves_team = r->refs->leaves_team;
    if (decide_lacks_our_id(r))
        return decide_give_our_id(r, false);
    if (decide_invite(r) || decide_tells_field(r, DECIDE_UPDATE, DECIDE_FIELD_SENDS, false))
        return true;
    if (r->d->leaves_team.state == TEXT_SET)
        return decide_does(r, DECIDE_UPDATE, "leaves-team",
                           "account {account} leaves a team of ours that HR no longer states");
    if (decide_tells_field(r, DECIDE_NOTHING, DECIDE_FIELD_STAYS, false) ||
        decide_tells_field(r, DECIDE_NOTHING, DECIDE_FIELD_AWAITS, false) ||
        decide_waits_for_invitation(r) ||
        decide_tells_field(r, DECIDE_NOTHING, DECIDE_FIELD_STAYS, true))
        return true;
    if (r->d->lifecycle == LIFECYCLE_LEAVE)
        return decide_waits(r, DECIDE_WAITS_FOR_NOTHING, "on-leave",
                            "{rule}: away and still employed, so account {account} stays as it is");
    return decide_waits(r, DECIDE_WAITS_FOR_NOTHING, "in-step",
                        "{rule}: account {account} shows what HR states");
}

/* ---- the question ---- */

void decide_answer(struct rules *r, date_days today, struct decision *ret) {
    const struct decide_person *p = r->person;
    struct lifecycle_facts facts = p->facts;
    const char *rule = NULL;
    if (facts.status == EMPLOYMENT_LEAVE && !DECIDE_KEEPS(DECIDE_LEAVE))
        facts.status = EMPLOYMENT_INACTIVE;
    enum lifecycle l = lifecycle_decide(&facts, &r->policy->lifecycle, today, &rule);
    struct policy_gone gone = { &facts,      l,
                                p->since_on, p->user->fields[USER_EXCLUDED].state == TEXT_SET,
                                false,       is_held_open(r) ? ~r->refs->account_pin_spares : 0 };
    *ret = (struct decision){ .lifecycle = l, .lifecycle_rule = rule, .due_on = DATE_NONE };
    ret->fields = r->fields;
    r->today = today;
    r->closing = policy_closing(r->policy, &gone, today);
    gone.undated = true;
    r->closing_undated = policy_closing(r->policy, &gone, today);
    r->joining = policy_joining(r->policy, l, p->facts.hire_on, today);
    r->d = ret;

    /* What was deleted is followed by a new one: made by us, and forgotten since, or approved just now. */
    bool again = r->own->status == ACCOUNT_DELETED &&
                 (r->refs->twin != NULL ||
                  (!is_over(r) &&
                   account_is_approved(r->own, ACCOUNT_APPROVAL_RECREATE, r->own->remote_id)));
    r->there = again ? &nobody : r->own;
    bool is_apart =
        !account_exists(r->there) && r->refs->twin != NULL && decide_carries_anothers_id(r);
    if (is_apart) {
        if (!is_over(r))
            r->there = r->refs->twin;
    } else if (!account_exists(r->there) && r->refs->twin != NULL) {
        r->there = r->refs->twin;
        if (decide_is_plainly_theirs(r))
            ret->links = r->there->remote_id;
    }
    ret->left_as = (is_apart ? r->own : r->there)->left_as;
    ret->sticky = (is_apart ? r->own : r->there)->sticky;
    (void)(leave_alone(r) || close_account(r) || make_account(r) || reopen_account(r) ||
           keep_in_step(r));
}
