/* What the scenarios do not come to: what goes in that is not known, every problem against every
 * closing, the sentences, and what is written down afterwards. */
#include <stdio.h>
#include <string.h>
#include "tests/base/helper.h"
#include "people/decide.h"
#include "people/problem.h"

enum { TODAY = 20500 };
static struct arena arena;
static struct user user;
static struct decide_person person;
static struct account account;
static struct policy policy;
static struct decide_refs refs;
static struct decision decision;

static int begin(void **state) {
    (void)state;
    arena_init(&arena);
    user = (struct user){ 0 };
    user.fields[USER_FIRST_NAME] = TEXT_LIT("Ana");
    user.fields[USER_LAST_NAME] = TEXT_LIT("Lopez");
    user.fields[USER_EMAIL] = TEXT_LIT("ana@x.org");
    user.fields[USER_STATUS] = TEXT_LIT("active");
    person = (struct decide_person){ 7, &user, 0, { 0 }, { 0 } };
    for (int c = 0; c < POLICY_CAUSES_N; c++)
        person.since_on[c] = DATE_NONE;
    person.facts = (struct lifecycle_facts){ PRESENCE_LISTED, EMPLOYMENT_ACTIVE, TODAY - 400,
                                             DATE_NONE, TODAY };
    account = (struct account){ .user_id = 7,
                                .remote_id = TEXT_LIT("4711"),
                                .tie = ACCOUNT_LINKED,
                                .status = ACCOUNT_ACTIVE,
                                .left_as = ACCOUNT_ACTIVE };
    for (int f = USER_FIRST_NAME; f <= USER_EMAIL; f++)
        account.fields[f].known = account.fields[f].delivered = user.fields[f];
    policy = policy_default;
    policy.caps.takes = policy.caps.needs =
        1u << USER_FIRST_NAME | 1u << USER_LAST_NAME | 1u << USER_EMAIL;
    policy.caps.takes |= 1u << USER_JOB_TITLE | 1u << USER_PRIMARY_TEAM | 1u << USER_MANAGER;
    policy.caps.creates_silently = true;
    refs = (struct decide_refs){ .claim = { 7, CLAIM_SOLE }, .holder = DECIDE_HOLDER_US };
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_done(&arena);
    return 0;
}

static const struct decision *ask(void) {
    decide(&person, &account, &policy, &refs, TODAY, &arena, &decision);
    return &decision;
}

static void nothing_known_does_nothing(void **state) {
    struct policy none = { 0 };
    struct decide_refs no_refs = { 0 };
    struct account no_account = { 0 };
    struct user no_user = { 0 };
    struct decide_person nobody = { .user = &no_user };
    (void)state;
    decide(&nobody, &no_account, &none, &no_refs, TODAY, &arena, &decision);
    assert_int_equal(decision.verb, DECIDE_NOTHING);
    decide(&person, &no_account, &none, &no_refs, TODAY, &arena, &decision);
    assert_int_equal(decision.verb, DECIDE_NOTHING);
    assert_string_equal(decision.code, "email-claimed");
    decide(&person, &no_account, &policy_default, &refs, TODAY, &arena, &decision);
    assert_int_equal(decision.verb, DECIDE_NOTHING);
    refs.claim = (struct claim){ 7, CLAIM_SOLE };
    refs.holder = DECIDE_HOLDER_UNKNOWN;
    decide(&person, &no_account, &policy, &refs, TODAY, &arena, &decision);
    assert_string_equal(decision.code, "email-not-looked-up");
}

/* Whatever HR says, and whatever state it is in. */
static void an_account_that_is_not_this_persons_is_never_touched(void **state) {
    (void)state;
    for (int tie = 0; tie < ACCOUNT_TIES_N; tie++)
        for (int status = 0; status < ACCOUNT_STATUSES_N; status++)
            for (int employment = 0; employment <= EMPLOYMENT_INACTIVE; employment++)
                for (int64_t user_id = 0; user_id < 9; user_id++) {
                    bool theirs =
                        tie == ACCOUNT_LINKED ? user_id == 7 : tie == ACCOUNT_OURS && user_id == 0;
                    account.tie = (enum account_tie)tie;
                    account.status = (enum account_status)status;
                    account.user_id = user_id;
                    person.facts.status = (enum employment_status)employment;
                    user.fields[USER_JOB_TITLE] = TEXT_LIT("Welder");
                    if (!theirs || status == ACCOUNT_UNKNOWN || status >= ACCOUNT_ANONYMISED)
                        assert_int_equal(ask()->verb, DECIDE_NOTHING);
                    else
                        assert_int_not_equal(ask()->fields_n + (decision.verb != DECIDE_NOTHING) +
                                                 (status == ACCOUNT_DEACTIVATED),
                                             0);
                }
}

static void no_problem_blocks_closing_and_each_blocks_its_field(void **state) {
    (void)state;
    for (int p = 0; p < PROBLEMS_N; p++) {
        person.problems = (uint64_t)1 << p;
        person.facts.status = EMPLOYMENT_INACTIVE;
        assert_int_equal(ask()->verb, DECIDE_DEACTIVATE);
        person.facts.status = EMPLOYMENT_ACTIVE;
        user.fields[USER_EXCLUDED] = TEXT_LIT("contractor");
        assert_int_equal(ask()->verb, DECIDE_DEACTIVATE);
        user.fields[USER_EXCLUDED] = (struct text){ 0 };
    }
    person.problems = (uint64_t)1 << PROBLEM_BAD_EMAIL;
    user.fields[USER_EMAIL] = TEXT_LIT("other@x.org");
    user.fields[USER_JOB_TITLE] = TEXT_LIT("Welder");
    assert_int_equal(ask()->verb, DECIDE_UPDATE);
    assert_int_equal(decide_sends(&decision), 1);
    assert_string_equal(decision.fields[0].code, "problem");
    assert_int_equal(decision.fields[0].does, DECIDE_FIELD_STAYS);
}

static void a_claim_that_is_somebody_elses_leaves_the_address(void **state) {
    (void)state;
    user.fields[USER_EMAIL] = TEXT_LIT("other@x.org");
    refs.holder = DECIDE_HOLDER_NOBODY;
    assert_int_equal(ask()->verb, DECIDE_UPDATE);
    refs.claim = (struct claim){ 8, CLAIM_RANK };
    assert_string_equal(ask()->code, "email-claimed");
    refs.claim = (struct claim){ 0, CLAIM_CONFLICT };
    assert_string_equal(ask()->code, "email-claimed");
    assert_int_equal(decision.verb, DECIDE_NOTHING);
}

/* Somebody else's account has the address of whoever has none. */
static void an_account_of_ours_is_taken_over_only_from_who_is_gone_for_certain(void **state) {
    static const struct {
        enum lifecycle lifecycle;
        bool moves;
        enum account_tie tie;
        enum account_status status;
        const char *code;
    } rows[] = {
        { LIFECYCLE_LEFT, false, ACCOUNT_LINKED, ACCOUNT_ACTIVE, "relinked" },
        { LIFECYCLE_LEFT, false, ACCOUNT_LINKED, ACCOUNT_DEACTIVATED, "relinked" },
        { LIFECYCLE_LEFT, true, ACCOUNT_LINKED, ACCOUNT_ACTIVE, "email-moves" },
        { LIFECYCLE_LEFT, false, ACCOUNT_IGNORED, ACCOUNT_ACTIVE, "email-taken" },
        { LIFECYCLE_LEFT, false, ACCOUNT_LINKED, ACCOUNT_UNKNOWN, "email-taken" },
        { LIFECYCLE_LEFT, false, ACCOUNT_LINKED, ACCOUNT_ANONYMISED, "email-taken" },
        { LIFECYCLE_ABSENT, false, ACCOUNT_LINKED, ACCOUNT_ACTIVE, "holder-unsettled" },
        { LIFECYCLE_ACTIVE, false, ACCOUNT_LINKED, ACCOUNT_ACTIVE, "email-taken" },
        { LIFECYCLE_LEAVE, false, ACCOUNT_LINKED, ACCOUNT_ACTIVE, "email-taken" },
        { LIFECYCLE_LEAVING, false, ACCOUNT_LINKED, ACCOUNT_ACTIVE, "email-taken" },
        { LIFECYCLE_EXPECTED, false, ACCOUNT_LINKED, ACCOUNT_ACTIVE, "email-taken" },
    };
    struct account theirs = account;
    (void)state;
    theirs.user_id = 8;
    account = (struct account){ 0 };
    policy.relinks = true;
    refs.holder = DECIDE_HOLDER_OTHER;
    refs.held_by = &theirs;
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        refs.held_by_lifecycle = rows[i].lifecycle;
        refs.held_by_moves = rows[i].moves;
        theirs.tie = rows[i].tie;
        theirs.status = rows[i].status;
        assert_string_equal(ask()->code, rows[i].code);
        assert_int_equal(decision.verb,
                         strcmp(rows[i].code, "relinked") == 0 ? DECIDE_ADOPT : DECIDE_NOTHING);
        assert_int_equal(decision.reactivates,
                         decision.verb == DECIDE_ADOPT && theirs.status == ACCOUNT_DEACTIVATED);
    }
    theirs.tie = ACCOUNT_LINKED;
    theirs.status = ACCOUNT_ACTIVE;
    refs.held_by_lifecycle = LIFECYCLE_LEFT;
    theirs.role = TEXT_LIT("admin");
    assert_string_equal(ask()->code, "relink-offered");
    theirs.role = (struct text){ 0 };
    theirs.fields[USER_LAST_NAME].known = TEXT_LIT("Meyer");
    assert_string_equal(ask()->code, "relink-offered");
    assert_int_equal(decision.approval, ACCOUNT_APPROVAL_ADOPT);
    assert_true(text_is(decision.approves, "4711"));
    account.approved[ACCOUNT_APPROVAL_ADOPT] = TEXT_LIT("4711");
    assert_string_equal(ask()->code, "relinked");
    assert_true(text_is(decision.links, "4711"));
}

static void a_day_on_which_hr_was_read_is_no_date_alone(void **state) {
    (void)state;
    person.facts.status = EMPLOYMENT_UNKNOWN;
    person.facts.leave_on = TODAY - 31;
    person.facts.read_on = TODAY - 30; /* the day after the last one */
    assert_string_equal(ask()->code, "left-end-date");
    person.facts.read_on = TODAY - 31;
    assert_string_equal(ask()->code, "read-too-long-ago");
    person.facts.read_on = DATE_NONE;
    assert_string_equal(ask()->code, "read-too-long-ago");
    person.facts.read_on = TODAY - 31;
    policy.fresh_days = 31;
    assert_string_equal(ask()->code, "left-end-date");
    policy.fresh_days = 30;
    assert_string_equal(ask()->code, "read-too-long-ago");
    person.facts.status = EMPLOYMENT_INACTIVE; /* and close-end-date is not what closes */
    policy.leavers[POLICY_END_DATE].closes = false;
    assert_string_equal(ask()->code, "left-status");
}

static void another_connectors_pattern_is_a_beginning(void **state) {
    struct account theirs = account;
    (void)state;
    theirs.user_id = 0;
    theirs.tie = ACCOUNT_STRANGER;
    account = (struct account){ 0 };
    refs.holder = DECIDE_HOLDER_STRANGER;
    refs.held_by = &theirs;
    refs.first_delivery = true;
    policy.adopts_prefix = TEXT_LIT("old-");
    theirs.external_id = TEXT_LIT("old-1");
    assert_string_equal(ask()->code, "adopted");
    theirs.external_id = TEXT_LIT("old-");
    assert_string_equal(ask()->code, "adopted");
    theirs.external_id = TEXT_LIT("old");
    assert_string_equal(ask()->code, "other-connector");
    theirs.external_id = TEXT_LIT("bold-1");
    assert_string_equal(ask()->code, "other-connector");
    theirs.external_id = TEXT_LIT("old-1");
    refs.first_delivery = false;
    assert_string_equal(ask()->code, "other-connector");
}

static void what_the_platform_needs_is_sent_whoever_has_the_last_word(void **state) {
    (void)state;
    account = (struct account){ 0 };
    refs.holder = DECIDE_HOLDER_NOBODY;
    user.fields[USER_JOB_TITLE] = TEXT_LIT("Welder");
    for (int f = 0; f < USER_FIELDS_N; f++)
        policy.owners[f] = POLICY_NEVER;
    assert_int_equal(ask()->verb, DECIDE_CREATE);
    assert_int_equal(decide_sends(&decision), 3);
    assert_string_equal(decision.fields[3].code, "owned-there");
    decide_carried_out(&decision, 7, TEXT_LIT("12"), TODAY, &arena, &account);
    user.fields[USER_LAST_NAME] = TEXT_LIT("Meyer");
    assert_int_equal(ask()->verb, DECIDE_NOTHING);
}

static void a_team_is_left_for_another_and_never_the_only_one(void **state) {
    (void)state;
    user.fields[USER_PRIMARY_TEAM] = TEXT_LIT("department:2");
    account.fields[USER_PRIMARY_TEAM].known = TEXT_LIT("t1");
    refs.leaves_team = TEXT_LIT("t1");
    refs.team = (struct decide_ref){ DECIDE_REF_PRESENT, TEXT_LIT("t2") };
    assert_string_equal(ask()->code, "hr-states");
    assert_true(text_is(decision.leaves_team, "t1"));
    refs.team = (struct decide_ref){ DECIDE_REF_AWAITED, { 0 } };
    user.fields[USER_JOB_TITLE] = TEXT_LIT("Welder");
    assert_int_equal(ask()->verb, DECIDE_UPDATE);
    assert_int_equal(decision.leaves_team.state, TEXT_MISSING);
    refs.leaves_team = TEXT_LIT("t0");
    ask();
    assert_true(text_is(decision.leaves_team, "t0"));
    policy.owners[USER_PRIMARY_TEAM] = POLICY_NEVER;
    ask();
    assert_int_equal(decision.leaves_team.state, TEXT_MISSING);
    policy.owners[USER_PRIMARY_TEAM] = POLICY_HR_ALWAYS;
    refs.leaves_team = (struct text){ 0 };
    ask();
    assert_int_equal(decision.leaves_team.state, TEXT_MISSING);
}

/* A delivered value that HR has changed since was not edited by hand, whatever the platform shows. */
static void only_what_was_delivered_is_put_back(void **state) {
    (void)state;
    account.fields[USER_JOB_TITLE].known = TEXT_LIT("Boss");
    account.fields[USER_JOB_TITLE].delivered = TEXT_LIT("Welder");
    user.fields[USER_JOB_TITLE] = TEXT_LIT("Welder");
    assert_string_equal(ask()->code, "put-back");
    user.fields[USER_JOB_TITLE] = TEXT_LIT("Foreman");
    assert_string_equal(ask()->code, "hr-states");
    account.fields[USER_JOB_TITLE].delivered = (struct text){ 0 };
    assert_string_equal(ask()->code, "hr-states");
}

static void a_decision_tells_all_its_fields_in_words(void **state) {
    (void)state;
    user.fields[USER_JOB_TITLE] = TEXT_LIT("Welder");
    user.fields[USER_LAST_NAME] = TEXT_LIT("Meyer");
    user.fields[USER_MANAGER] = TEXT_LIT("12");
    refs.manager = (struct decide_ref){ DECIDE_REF_PRESENT, TEXT_LIT("99") };
    assert_int_equal(ask()->verb, DECIDE_UPDATE);
    assert_true(
        text_is(decision.sentence, "last_name: Lopez -> Meyer: HR states this value, and 2 more"));
    assert_int_equal(decision.fields_n, 3);
    assert_true(text_is(decision.fields[1].sentence,
                        "job_title: (nothing) -> Welder: HR states this value"));
    assert_true(text_is(decision.fields[2].to, "99"));
    assert_int_equal(decision.waits, DECIDE_WAITS_FOR_NOTHING);
    assert_int_equal(decision.remedy.state, TEXT_MISSING);
}

static void braces_in_what_people_typed_stay_as_they_are(void **state) {
    (void)state;
    user.fields[USER_JOB_TITLE] = TEXT_LIT("{role} {account} {");
    assert_int_equal(ask()->verb, DECIDE_UPDATE);
    assert_true(text_is(decision.sentence,
                        "job_title: (nothing) -> {role} {account} {: HR states this value"));
}

static void what_waits_says_what_would_change_it(void **state) {
    (void)state;
    person.facts.leave_on = TODAY + 3;
    assert_string_equal(ask()->code, "in-step");
    assert_int_equal(decision.due_on, TODAY + 4);
    assert_int_equal(decision.due_verb, DECIDE_DEACTIVATE);
    assert_string_equal(decision.due_code, "left-end-date");
    policy.leavers[POLICY_END_DATE].grace_days = 2;
    assert_int_equal(ask()->due_on, TODAY + 4);
    assert_string_equal(decision.due_code, "grace");
    person.facts.leave_on = TODAY - 1;
    person.facts.status = EMPLOYMENT_UNKNOWN;
    assert_string_equal(ask()->code, "grace");
    assert_int_equal(decision.due_on, TODAY + 2);
    assert_int_equal(decision.waits, DECIDE_WAITS_FOR_DAY);
    assert_int_equal(decision.remedy.state, TEXT_SET);
}

static bool names(const char *words) {
    ask();
    return memmem(decision.remedy.ptr, decision.remedy.len, words, strlen(words)) != NULL;
}

static void the_way_out_that_a_person_has_is_named(void **state) {
    struct account theirs = { .remote_id = TEXT_LIT("88"), .tie = ACCOUNT_IGNORED };
    const struct decide_pin pin = { USER_JOB_TITLE, TEXT_LIT("job_title"), TEXT_LIT("Boss"), 3 };
    (void)state;
    user.fields[USER_JOB_TITLE] = pin.value;
    refs.pins = &pin;
    refs.pins_n = 1;
    assert_true(names("rollcall pin release"));
    assert_string_equal(decision.code, "pinned");
    account.status = ACCOUNT_DEACTIVATED;
    refs.account_pin = DECIDE_ACCOUNT_CLOSED;
    assert_true(names("rollcall pin release"));
    assert_string_equal(decision.code, "closed-by-undo");
    account.status = ACCOUNT_ACTIVE;
    person.facts.status = EMPLOYMENT_INACTIVE;
    policy.leavers[POLICY_STATUS].grace_days = 3;
    person.since_on[POLICY_STATUS] = TODAY;
    assert_true(names("HR stating that the person works there"));
    assert_string_equal(decision.code, "grace");
    refs.account_pin = DECIDE_ACCOUNT_OPEN;
    assert_true(names("rollcall pin release"));
    assert_string_equal(decision.code, "opened-by-undo");
    account.tie = ACCOUNT_IGNORED;
    assert_true(names("rollcall accounts ignore --no-longer"));
    assert_string_equal(decision.code, "ignored");
    account = (struct account){ .user_id = 7 };
    person.facts.status = EMPLOYMENT_ACTIVE;
    refs.holder = DECIDE_HOLDER_STRANGER;
    refs.held_by = &theirs;
    assert_true(names("rollcall accounts ignore --no-longer"));
    assert_string_equal(decision.code, "email-taken");
    theirs.tie = ACCOUNT_OURS;
    assert_false(names("rollcall"));
    assert_string_equal(decision.code, "email-taken");
}

/* ---- the days to come ---- */

static const struct step_row {
    const char *name;
    enum employment_status status;
    int ends;                         /* days from today */
    int status_days, end_days, until; /* of grace; -1: it does not close */
    int on;                           /* 0: nothing is to happen */
} step_rows[] = {
    { "an end date ahead", EMPLOYMENT_ACTIVE, 3, 0, 0, 20, 4 },
    { "days of grace after an end date ahead", EMPLOYMENT_ACTIVE, 3, 0, 2, 20, 6 },
    { "a status that does not close, a date that does", EMPLOYMENT_INACTIVE, 1, -1, 0, 20, 2 },
    { "an end date that does not close", EMPLOYMENT_ACTIVE, 3, 0, -1, 20, 0 },
    { "an end date that closes later than is asked", EMPLOYMENT_ACTIVE, 3, 0, 0, 3, 0 },
    { "days of grace that end later than is asked", EMPLOYMENT_ACTIVE, 3, 0, 2, 5, 0 },
};

static void the_next_step_is_on_the_day_on_which_something_happens(void **state) {
    (void)state;
    for (size_t i = 0; i < RC_LEN(step_rows); i++) {
        const struct step_row *row = &step_rows[i];
        date_days on = TODAY;
        person.facts.status = row->status;
        person.facts.leave_on = TODAY + row->ends;
        policy.leavers[POLICY_STATUS] =
            (struct policy_leaver){ row->status_days >= 0, row->status_days };
        policy.leavers[POLICY_END_DATE] =
            (struct policy_leaver){ row->end_days >= 0, row->end_days };
        bool known = decide_next_step(&person, &account, &policy, &refs, TODAY, TODAY + row->until,
                                      &arena, &decision, &on);
        if (known != (row->on != 0) || on != TODAY + row->on)
            fail_msg("%s: on day %d", row->name, on - TODAY);
        if (known) {
            assert_int_equal(decision.verb, DECIDE_DEACTIVATE);
            assert_string_equal(decision.code, "left-end-date");
            assert_non_null(
                memmem(decision.sentence.ptr, decision.sentence.len, "is deactivated", 14));
        }
    }
}

static void an_account_that_is_to_be_made_is_a_step(void **state) {
    date_days on;
    (void)state;
    account = (struct account){ .user_id = 7 };
    refs.holder = DECIDE_HOLDER_NOBODY;
    policy.invite = POLICY_INVITE_ON_HIRE_DATE;
    person.facts.hire_on = TODAY + 9;
    assert_true(decide_next_step(&person, &account, &policy, &refs, TODAY, TODAY + 20, &arena,
                                 &decision, &on));
    assert_int_equal(on, TODAY + 9);
    assert_string_equal(decision.code, "joins");
    policy.ahead_days = 4;
    assert_true(decide_next_step(&person, &account, &policy, &refs, TODAY, TODAY + 20, &arena,
                                 &decision, &on));
    assert_int_equal(on, TODAY + 5);
    assert_string_equal(decision.code, "joins-silently");
}

/* ---- what is written down ---- */

static void what_was_carried_out_is_known_and_delivered(void **state) {
    (void)state;
    user.fields[USER_JOB_TITLE] = TEXT_LIT("Welder");
    account.fields[USER_JOB_TITLE].refused = TEXT_LIT("Boss");
    account.approved[ACCOUNT_APPROVAL_EMAIL] = TEXT_LIT("x@x.org");
    ask();
    assert_false(decide_is_quiet(&decision, &account));
    decide_carried_out(&decision, 7, (struct text){ 0 }, TODAY, &arena, &account);
    assert_true(text_is(account.fields[USER_JOB_TITLE].known, "Welder"));
    assert_true(text_is(account.fields[USER_JOB_TITLE].delivered, "Welder"));
    assert_int_equal(account.fields[USER_JOB_TITLE].refused.state, TEXT_MISSING);
    assert_int_equal(account.approved[ACCOUNT_APPROVAL_EMAIL].state, TEXT_SET);
    assert_true(decide_is_quiet(ask(), &account));
    user.fields[USER_EMAIL] = TEXT_LIT("x@x.org");
    refs.holder = DECIDE_HOLDER_NOBODY;
    ask();
    decide_carried_out(&decision, 7, (struct text){ 0 }, TODAY, &arena, &account);
    assert_int_equal(account.approved[ACCOUNT_APPROVAL_EMAIL].state, TEXT_MISSING);
}

static void an_account_that_was_unlinked_is_not_linked_again_by_the_id_that_it_keeps(void **state) {
    struct account twin = account;
    (void)state;
    twin.user_id = 0;
    twin.tie = ACCOUNT_OURS;
    refs.twin = &twin;
    account = (struct account){ 0 };
    assert_true(text_equal(ask()->links, twin.remote_id));
    twin.tie = ACCOUNT_IGNORED; /* somebody has said so since */
    assert_int_equal(ask()->links.state, TEXT_MISSING);
    assert_string_equal(decision.code, "ignored");
    twin.tie = ACCOUNT_OURS;
    account.approved[ACCOUNT_APPROVAL_APART] = twin.remote_id;
    for (enum account_tie tie = ACCOUNT_STRANGER; tie < ACCOUNT_TIES_N; tie++) {
        twin.tie = tie;
        assert_string_equal(ask()->code, "unlinked");
        assert_int_equal(decision.verb, DECIDE_NOTHING);
        assert_int_equal(decision.links.state, TEXT_MISSING);
    }
    person.facts.status = EMPLOYMENT_INACTIVE;
    assert_string_equal(ask()->code, "gone-without-account");
    assert_int_equal(decision.links.state, TEXT_MISSING);
}

/* Whether the yes of that kind, to that, ends with the next decision. */
static bool ends(enum account_approval p, struct text what) {
    account.approved[p] = what;
    bool any = decide_end_answers(ask(), &user, &refs, &account);
    bool is_there = account.approved[p].state == TEXT_SET;
    assert_int_equal(any, !is_there);
    account.approved[p] = (struct text){ 0 };
    return !is_there;
}

static void a_yes_ends_with_the_cause_of_its_question(void **state) {
    const struct text own = account.remote_id, other = TEXT_LIT("99"), email = TEXT_LIT("a@x.org");
    struct account holder = { .remote_id = other, .status = ACCOUNT_ACTIVE };
    (void)state;
    assert_true(ends(ACCOUNT_APPROVAL_REOPEN, own)); /* it is open */
    account.status = ACCOUNT_DEACTIVATED;
    assert_false(ends(ACCOUNT_APPROVAL_REOPEN, own));
    assert_true(ends(ACCOUNT_APPROVAL_REOPEN, other));
    account.status = ACCOUNT_UNKNOWN;
    assert_false(ends(ACCOUNT_APPROVAL_REOPEN, own));
    assert_true(ends(ACCOUNT_APPROVAL_RECREATE, own));
    account.status = ACCOUNT_DELETED;
    assert_false(ends(ACCOUNT_APPROVAL_RECREATE, own));
    account.status = ACCOUNT_ACTIVE;
    assert_false(ends(ACCOUNT_APPROVAL_ADOPT, own)); /* it was linked by hand */
    assert_true(ends(ACCOUNT_APPROVAL_ADOPT, other));
    user.fields[USER_EMAIL] = email;
    assert_false(ends(ACCOUNT_APPROVAL_EMAIL, email));
    assert_true(ends(ACCOUNT_APPROVAL_EMAIL, TEXT_LIT("b@x.org")));
    assert_false(ends(ACCOUNT_APPROVAL_INVITE, TEXT_LIT("b@x.org"))); /* which is told */
    account.fields[USER_EMAIL].known = email;                         /* by somebody's hand */
    assert_true(ends(ACCOUNT_APPROVAL_EMAIL, email));
    account.mail = ACCOUNT_MAIL_SENT;
    assert_true(ends(ACCOUNT_APPROVAL_INVITE, email));
    account = (struct account){ 0 };
    refs.holder = DECIDE_HOLDER_STRANGER;
    refs.held_by = &holder;
    account.approved[ACCOUNT_APPROVAL_PROTECTED] = other;
    assert_false(ends(ACCOUNT_APPROVAL_ADOPT, other));
    assert_true(text_equal(account.approved[ACCOUNT_APPROVAL_PROTECTED], other));
    assert_true(ends(ACCOUNT_APPROVAL_ADOPT, own)); /* another account has the address by now */
    assert_int_equal(account.approved[ACCOUNT_APPROVAL_PROTECTED].state, TEXT_MISSING);
    refs.holder = DECIDE_HOLDER_OTHER;
    refs.held_by_lifecycle = LIFECYCLE_LEFT;
    assert_false(ends(ACCOUNT_APPROVAL_ADOPT, other));
    refs.held_by_lifecycle = LIFECYCLE_ACTIVE; /* works there again */
    assert_true(ends(ACCOUNT_APPROVAL_ADOPT, other));
    refs.holder = DECIDE_HOLDER_UNKNOWN;
    refs.held_by = NULL;
    assert_false(ends(ACCOUNT_APPROVAL_ADOPT, other));
    refs.holder = DECIDE_HOLDER_NOBODY;
    assert_true(ends(ACCOUNT_APPROVAL_ADOPT, other));
}

static void and_with_its_person(void **state) {
    static const struct {
        enum account_approval p;
        enum account_status status;
    } rows[] = { { ACCOUNT_APPROVAL_REOPEN, ACCOUNT_DEACTIVATED },
                 { ACCOUNT_APPROVAL_RECREATE, ACCOUNT_DELETED },
                 { ACCOUNT_APPROVAL_INVITE, ACCOUNT_ACTIVE },
                 { ACCOUNT_APPROVAL_EMAIL, ACCOUNT_ACTIVE } };
    (void)state;
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        bool is_email = rows[i].p == ACCOUNT_APPROVAL_EMAIL;
        const struct text what = is_email ? TEXT_LIT("new@x.org") : account.remote_id;
        user.fields[USER_EMAIL] = is_email ? what : user.fields[USER_EMAIL];
        account.status = rows[i].status;
        person.facts.presence = PRESENCE_MISSING; /* it is not settled why */
        assert_false(ends(rows[i].p, what));
        person.facts.presence = PRESENCE_GONE;
        assert_true(ends(rows[i].p, what));
        person.facts.presence = PRESENCE_LISTED;
        assert_false(ends(rows[i].p, what));
        user.fields[USER_EXCLUDED] = TEXT_LIT("a filter");
        assert_true(ends(rows[i].p, what));
        user.fields[USER_EXCLUDED] = (struct text){ 0 };
    }
    account.approved[ACCOUNT_APPROVAL_APART] = account.remote_id; /* which is no yes */
    person.facts.status = EMPLOYMENT_INACTIVE;
    assert_false(decide_end_answers(ask(), &user, &refs, &account));
    assert_int_equal(account.approved[ACCOUNT_APPROVAL_APART].state, TEXT_SET);
}

static void whoever_has_no_account_because_another_has_their_id_is_told(void **state) {
    struct account carrier = account;
    (void)state;
    carrier.user_id = 8;
    refs.carrier = &carrier;
    assert_string_equal(ask()->code, "in-step"); /* has one */
    account = (struct account){ 0 };
    refs.holder = DECIDE_HOLDER_NOBODY;
    assert_string_equal(ask()->code, "unlinked");
    assert_int_equal(decision.verb, DECIDE_NOTHING);
    assert_int_equal(decision.waits, DECIDE_WAITS_FOR_OTHER);
    assert_non_null(strstr(decision.sentence.ptr, "account 4711 has this person's external id"));
    person.facts.status = EMPLOYMENT_INACTIVE;
    assert_string_equal(ask()->code, "gone-without-account");
}

static void
one_that_was_linked_by_hand_with_anothers_id_gets_its_own_where_that_is_free(void **state) {
    struct account carrier = account;
    (void)state;
    account.external_id = TEXT_LIT("rollcall:hr:8");
    account.approved[ACCOUNT_APPROVAL_ADOPT] = account.remote_id;
    assert_string_equal(ask()->code, "in-step"); /* another connector's, for all that is known */
    refs.shows_anothers_id = true;
    assert_string_equal(ask()->code, "linked-by-hand");
    assert_int_equal(decision.verb, DECIDE_ADOPT);
    refs.carrier = &carrier;
    assert_string_equal(ask()->code, "in-step");
}

/* An integration that was added again may be another HR system. */
static void an_id_of_ours_alone_makes_nobody_of_another_name_and_address_theirs(void **state) {
    struct account twin = account;
    (void)state;
    twin.user_id = 0;
    twin.tie = ACCOUNT_OURS;
    refs.twin = &twin;
    account = (struct account){ 0 };
    twin.fields[USER_LAST_NAME].known = TEXT_LIT("Other"); /* married, or mistyped */
    assert_true(text_equal(ask()->links, twin.remote_id));
    twin.fields[USER_EMAIL].known = TEXT_LIT("other@x.org");
    for (int gone = 0; gone < 2; gone++) {
        if (gone)
            person.facts.status = EMPLOYMENT_INACTIVE;
        assert_string_equal(ask()->code, "same-id-other-name");
        assert_int_equal(decision.approval, ACCOUNT_APPROVAL_ADOPT);
        assert_true(text_equal(decision.approves, twin.remote_id));
        assert_int_equal(decision.verb, DECIDE_NOTHING);
        assert_int_equal(decision.links.state, TEXT_MISSING);
    }
    account.approved[ACCOUNT_APPROVAL_ADOPT] = twin.remote_id; /* a person says that it is theirs */
    assert_int_equal(ask()->verb, DECIDE_DEACTIVATE);
    assert_true(text_equal(decision.links, twin.remote_id));
    refs.holder = DECIDE_HOLDER_NOBODY;
    assert_false(decide_end_answers(&decision, &user, &refs, &account)); /* though they have left */
    refs.twin = NULL; /* it has another id by now */
    assert_true(decide_end_answers(ask(), &user, &refs, &account));
}

/* The mail was promised to somebody whose integration was removed. */
static void whoever_gets_one_of_nobody_is_not_mailed_for_it(void **state) {
    struct account other = account;
    struct decision adopts = { .verb = DECIDE_ADOPT, .links = account.remote_id };
    (void)state;
    other.user_id = 0;
    other.mail = ACCOUNT_MAIL_PROMISED;
    decide_carried_out(&adopts, 7, (struct text){ 0 }, TODAY, &arena, &other);
    assert_int_equal(other.mail, ACCOUNT_MAIL_BY_HAND);
    other.user_id = 8; /* the same person's new record */
    other.mail = ACCOUNT_MAIL_PROMISED;
    decide_carried_out(&adopts, 7, (struct text){ 0 }, TODAY, &arena, &other);
    assert_int_equal(other.mail, ACCOUNT_MAIL_PROMISED);
}

static void one_that_is_linked_in_its_place_is_not_given_the_id_that_it_keeps(void **state) {
    (void)state;
    account.approved[ACCOUNT_APPROVAL_ADOPT] = account.remote_id;
    account.approved[ACCOUNT_APPROVAL_APART] = TEXT_LIT("another");
    assert_string_equal(ask()->code, "in-step");
}

static void an_account_that_was_linked_by_hand_gets_our_id_and_no_other_does(void **state) {
    (void)state;
    assert_string_equal(ask()->code, "in-step"); /* linked otherwise, without an id that is shown */
    account.approved[ACCOUNT_APPROVAL_ADOPT] = account.remote_id;
    assert_int_equal(ask()->verb, DECIDE_ADOPT);
    assert_string_equal(decision.code, "linked-by-hand");
    assert_true(text_equal(decision.links, account.remote_id));
    assert_false(decision.reactivates);
    user.fields[USER_JOB_TITLE] = TEXT_LIT("Welder"); /* goes along */
    assert_int_equal(ask()->verb, DECIDE_ADOPT);
    assert_int_equal(decide_sends(&decision), 1);
    account.external_id = TEXT_LIT("other:7");
    assert_int_equal(ask()->verb, DECIDE_UPDATE);
    account.external_id = (struct text){ 0 };
    account.approved[ACCOUNT_APPROVAL_ADOPT] = TEXT_LIT("another");
    assert_int_equal(ask()->verb, DECIDE_UPDATE);
    account.approved[ACCOUNT_APPROVAL_ADOPT] = account.remote_id;
    account.status = ACCOUNT_DEACTIVATED;
    account.left_as = ACCOUNT_DEACTIVATED;
    assert_int_equal(ask()->verb, DECIDE_ADOPT);
    assert_true(decision.reactivates);
    person.facts.status = EMPLOYMENT_INACTIVE; /* closing asks nobody's id */
    account.status = ACCOUNT_ACTIVE;
    account.left_as = ACCOUNT_ACTIVE;
    assert_int_equal(ask()->verb, DECIDE_DEACTIVATE);
}

static void an_account_that_was_made_is_linked_and_its_mail_known(void **state) {
    (void)state;
    account = (struct account){ 0 };
    account.fields[USER_JOB_TITLE].refused = TEXT_LIT("Boss");
    account.approved[ACCOUNT_APPROVAL_INVITE] = TEXT_LIT("ana@x.org");
    refs.holder = DECIDE_HOLDER_NOBODY;
    policy.invite = POLICY_INVITE_BY_HAND;
    assert_int_equal(ask()->verb, DECIDE_CREATE);
    assert_true(decision.mails);
    decide_carried_out(&decision, 7, TEXT_LIT("12"), TODAY, &arena, &account);
    assert_true(text_is(account.remote_id, "12"));
    assert_int_equal(account.user_id, 7);
    assert_int_equal(account.tie, ACCOUNT_LINKED);
    assert_int_equal(account.status, ACCOUNT_ACTIVE);
    assert_int_equal(account.left_as, ACCOUNT_ACTIVE);
    assert_int_equal(account.mail, ACCOUNT_MAIL_SENT);
    assert_int_equal(account.invited_on, TODAY);
    assert_true(text_is(account.fields[USER_EMAIL].delivered, "ana@x.org"));
    assert_true(text_is(account.fields[USER_JOB_TITLE].refused, "Boss"));
    assert_int_equal(account.approved[ACCOUNT_APPROVAL_INVITE].state, TEXT_MISSING);
    refs.holder = DECIDE_HOLDER_US;
    assert_true(decide_is_quiet(ask(), &account));
}

static void closing_forgets_team_and_manager_and_opening_gives_them_again(void **state) {
    (void)state;
    user.fields[USER_PRIMARY_TEAM] = TEXT_LIT("department:1");
    user.fields[USER_MANAGER] = TEXT_LIT("12");
    refs.team = (struct decide_ref){ DECIDE_REF_PRESENT, TEXT_LIT("t1") };
    refs.manager = (struct decide_ref){ DECIDE_REF_PRESENT, TEXT_LIT("99") };
    ask();
    decide_carried_out(&decision, 7, (struct text){ 0 }, TODAY, &arena, &account);
    person.facts.status = EMPLOYMENT_INACTIVE;
    assert_int_equal(ask()->verb, DECIDE_DEACTIVATE);
    decide_carried_out(&decision, 7, (struct text){ 0 }, TODAY, &arena, &account);
    assert_int_equal(account.status, ACCOUNT_DEACTIVATED);
    assert_int_equal(account.left_as, ACCOUNT_DEACTIVATED);
    assert_string_equal(ask()->code, "closed");
    person.facts.status = EMPLOYMENT_ACTIVE;
    /* Even where the platform still shows them. */
    account.fields[USER_PRIMARY_TEAM].known = TEXT_LIT("t1");
    account.fields[USER_MANAGER].known = TEXT_LIT("99");
    assert_int_equal(ask()->verb, DECIDE_REACTIVATE);
    assert_int_equal(decide_sends(&decision), 2);
    assert_string_equal(decision.fields[0].code, "given-again");
    decide_carried_out(&decision, 7, (struct text){ 0 }, TODAY, &arena, &account);
    assert_true(decide_is_quiet(ask(), &account));
}

static void a_field_of_the_platforms_own_is_written_down_by_its_name(void **state) {
    (void)state;
    policy.leave_date_field = TEXT_LIT("Leave date");
    policy.caps.customs = true;
    user.fields[USER_LEAVE_DATE] = TEXT_LIT("2030-01-31");
    assert_int_equal(ask()->verb, DECIDE_UPDATE);
    assert_int_equal(decision.fields[0].field, USER_FIELDS_N);
    decide_carried_out(&decision, 7, (struct text){ 0 }, TODAY, &arena, &account);
    assert_int_equal(account.custom_n, 1);
    assert_string_equal(ask()->code, "in-step");
    user.fields[USER_LEAVE_DATE] = TEXT_LIT("2030-02-28");
    ask();
    decide_refused(&decision.fields[0], &arena, &account);
    assert_int_equal(account.custom_n, 1);
    assert_string_equal(ask()->code, "refused");
    user.fields[USER_LEAVE_DATE] = TEXT_LIT("2030-03-31");
    assert_string_equal(ask()->code, "hr-states");
    decide_carried_out(&decision, 7, (struct text){ 0 }, TODAY, &arena, &account);
    assert_true(
        text_is(account_custom_find(&account, TEXT_LIT("Leave date"))->delivered, "2030-03-31"));
}

static void an_old_end_date_is_not_shown_after_a_rehire(void **state) {
    (void)state;
    policy.leave_date_field = TEXT_LIT("Leave date");
    policy.caps.customs = true;
    user.fields[USER_LEAVE_DATE] = TEXT_LIT("2020-01-31");
    person.facts.leave_on = TODAY - 900;
    person.facts.hire_on = TODAY - 30;
    assert_string_equal(ask()->code, "in-step");
    person.facts.hire_on = TODAY - 2000;
    person.facts.leave_on = TODAY + 9;
    assert_string_equal(ask()->code, "hr-states");
}

static void names_are_stable(void **state) {
    (void)state;
    assert_string_equal(decide_verb_name(DECIDE_NOTHING), "nothing");
    assert_string_equal(decide_verb_name(DECIDE_REACTIVATE), "reactivate");
    assert_string_equal(decide_wait_name(DECIDE_WAITS_FOR_APPROVAL), "approval");
    for (int v = 0; v < DECIDE_VERBS_N; v++)
        assert_non_null(decide_verb_name((enum decide_verb)v));
    for (int w = 0; w < DECIDE_WAITS_N; w++)
        assert_non_null(decide_wait_name((enum decide_wait)w));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nothing_known_does_nothing),
        TEST(an_account_that_is_not_this_persons_is_never_touched),
        TEST(no_problem_blocks_closing_and_each_blocks_its_field),
        TEST(a_claim_that_is_somebody_elses_leaves_the_address),
        TEST(an_account_of_ours_is_taken_over_only_from_who_is_gone_for_certain),
        TEST(a_day_on_which_hr_was_read_is_no_date_alone),
        TEST(another_connectors_pattern_is_a_beginning),
        TEST(what_the_platform_needs_is_sent_whoever_has_the_last_word),
        TEST(a_team_is_left_for_another_and_never_the_only_one),
        TEST(only_what_was_delivered_is_put_back),
        TEST(a_decision_tells_all_its_fields_in_words),
        TEST(braces_in_what_people_typed_stay_as_they_are),
        TEST(what_waits_says_what_would_change_it),
        TEST(the_next_step_is_on_the_day_on_which_something_happens),
        TEST(an_account_that_is_to_be_made_is_a_step),
        TEST(the_way_out_that_a_person_has_is_named),
        TEST(what_was_carried_out_is_known_and_delivered),
        TEST(an_account_that_was_unlinked_is_not_linked_again_by_the_id_that_it_keeps),
        TEST(a_yes_ends_with_the_cause_of_its_question),
        TEST(and_with_its_person),
        TEST(whoever_has_no_account_because_another_has_their_id_is_told),
        TEST(one_that_was_linked_by_hand_with_anothers_id_gets_its_own_where_that_is_free),
        TEST(an_id_of_ours_alone_makes_nobody_of_another_name_and_address_theirs),
        TEST(whoever_gets_one_of_nobody_is_not_mailed_for_it),
        TEST(one_that_is_linked_in_its_place_is_not_given_the_id_that_it_keeps),
        TEST(an_account_that_was_linked_by_hand_gets_our_id_and_no_other_does),
        TEST(an_account_that_was_made_is_linked_and_its_mail_known),
        TEST(closing_forgets_team_and_manager_and_opening_gives_them_again),
        TEST(a_field_of_the_platforms_own_is_written_down_by_its_name),
        TEST(an_old_end_date_is_not_shown_after_a_rehire),
        TEST(names_are_stable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
