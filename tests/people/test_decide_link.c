/* Whose an account is, where the scenarios do not come to it: found by an id of ours, taken over by its
 * address, linked and unlinked by hand. */
#include <string.h>
#include "tests/people/decides.h"

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

/* The account is nobody's, and has her id still; she has none. */
static void is_of_nobody(struct account *twin) {
    twin->user_id = 0;
    twin->tie = ACCOUNT_OURS;
    refs.twin = twin;
    account = (struct account){ 0 };
}

static void an_account_that_was_unlinked_is_not_linked_again_by_the_id_that_it_keeps(void **state) {
    struct account twin = account;
    (void)state;
    is_of_nobody(&twin);
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
    is_of_nobody(&twin);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        DECIDES_TEST(an_account_of_ours_is_taken_over_only_from_who_is_gone_for_certain),
        DECIDES_TEST(another_connectors_pattern_is_a_beginning),
        DECIDES_TEST(an_account_that_was_unlinked_is_not_linked_again_by_the_id_that_it_keeps),
        DECIDES_TEST(whoever_has_no_account_because_another_has_their_id_is_told),
        DECIDES_TEST(one_that_was_linked_by_hand_with_anothers_id_gets_its_own_where_that_is_free),
        DECIDES_TEST(an_id_of_ours_alone_makes_nobody_of_another_name_and_address_theirs),
        DECIDES_TEST(one_that_is_linked_in_its_place_is_not_given_the_id_that_it_keeps),
        DECIDES_TEST(an_account_that_was_linked_by_hand_gets_our_id_and_no_other_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
