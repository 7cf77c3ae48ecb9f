/* What is written down after a decision was carried out, and which answers of people it ends. */
#include "tests/people/decides.h"

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

/* Of whoever had it before nothing counts; and of what shows another's id, or none, it is known by which address it is
 * theirs. */
static void what_becomes_somebodys_is_known_by_what_it_showed_then(void **state) {
    const struct text was = TEXT_LIT("before@x.org"), is = TEXT_LIT("old@x.org");
    struct decision links = { .verb = DECIDE_DEACTIVATE, .links = TEXT_LIT("4711") };
    (void)state;
    account.user_id = 0;
    account.external_id = TEXT_LIT("before:hr:7");
    account.fields[USER_EMAIL] = (struct account_field){ is, was, { 0 } };
    account.approved[ACCOUNT_APPROVAL_REOPEN] = account.remote_id;
    account.email_with_id = was;
    decide_carried_out(&links, 7, (struct text){ 0 }, TODAY, &arena, &account);
    assert_int_equal(account.user_id, 7);
    assert_true(text_equal(account.email_with_id, is));
    assert_int_equal(account.fields[USER_EMAIL].delivered.state, TEXT_MISSING);
    assert_int_equal(account.approved[ACCOUNT_APPROVAL_REOPEN].state, TEXT_MISSING);
    assert_false(decide_may_be_anothers(&account, &user, TEXT_LIT("rc:hr:7")));
    account.fields[USER_EMAIL].known = TEXT_LIT("guest@elsewhere.org");
    assert_true(decide_may_be_anothers(&account, &user, TEXT_LIT("rc:hr:7")));
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

int main(void) {
    const struct CMUnitTest tests[] = {
        DECIDES_TEST(what_was_carried_out_is_known_and_delivered),
        DECIDES_TEST(what_becomes_somebodys_is_known_by_what_it_showed_then),
        DECIDES_TEST(a_yes_ends_with_the_cause_of_its_question),
        DECIDES_TEST(and_with_its_person),
        DECIDES_TEST(whoever_gets_one_of_nobody_is_not_mailed_for_it),
        DECIDES_TEST(an_account_that_was_made_is_linked_and_its_mail_known),
        DECIDES_TEST(closing_forgets_team_and_manager_and_opening_gives_them_again),
        DECIDES_TEST(a_field_of_the_platforms_own_is_written_down_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
