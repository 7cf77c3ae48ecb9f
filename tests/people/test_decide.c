/* What the scenarios do not come to: what goes in that is not known, every problem against every
 * closing, the sentences, and the days to come. */
#include <string.h>
#include "people/problem.h"
#include "tests/people/decides.h"

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

int main(void) {
    const struct CMUnitTest tests[] = {
        DECIDES_TEST(nothing_known_does_nothing),
        DECIDES_TEST(an_account_that_is_not_this_persons_is_never_touched),
        DECIDES_TEST(no_problem_blocks_closing_and_each_blocks_its_field),
        DECIDES_TEST(a_claim_that_is_somebody_elses_leaves_the_address),
        DECIDES_TEST(a_day_on_which_hr_was_read_is_no_date_alone),
        DECIDES_TEST(what_the_platform_needs_is_sent_whoever_has_the_last_word),
        DECIDES_TEST(a_team_is_left_for_another_and_never_the_only_one),
        DECIDES_TEST(only_what_was_delivered_is_put_back),
        DECIDES_TEST(a_decision_tells_all_its_fields_in_words),
        DECIDES_TEST(braces_in_what_people_typed_stay_as_they_are),
        DECIDES_TEST(what_waits_says_what_would_change_it),
        DECIDES_TEST(the_next_step_is_on_the_day_on_which_something_happens),
        DECIDES_TEST(an_account_that_is_to_be_made_is_a_step),
        DECIDES_TEST(the_way_out_that_a_person_has_is_named),
        DECIDES_TEST(an_old_end_date_is_not_shown_after_a_rehire),
        DECIDES_TEST(names_are_stable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
