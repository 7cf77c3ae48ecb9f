/* Accounts of ours that lose our external id on the platform: by themselves they go on; with another address as well
 * they may be somebody else's by now, and a person is asked. */
#include "tests/sync/hands.h"
#include "tests/sync/undoes.h"

static struct account *there(struct delivers *d, struct text id) {
    return &memory_platform_find(&d->there, id)->is;
}

static void loses_id(struct delivers *d, struct text id) {
    there(d, id)->external_id = TEXT_NONE;
}

/* Somebody there makes a guest's account of it. */
static void becomes_a_guests(struct delivers *d, struct text id) {
    struct account *is = there(d, id);
    loses_id(d, id);
    is->fields[USER_FIRST_NAME].known = TEXT_LIT("Gudrun");
    is->fields[USER_LAST_NAME].known = TEXT_LIT("Guest");
    is->fields[USER_EMAIL].known = TEXT_LIT("guest@elsewhere.org");
}

static void hr_says(struct delivers *d, const char *person, const char *pair) {
    world_put(d->w, person, pair);
    world_import(d->w);
}

static void is_untouched(struct delivers *d, struct text id) {
    const struct account *is = there(d, id);
    assert_int_equal(is->status, ACCOUNT_ACTIVE);
    assert_true(text_is(is->fields[USER_LAST_NAME].known, "Guest"));
    assert_true(text_is(is->fields[USER_EMAIL].known, "guest@elsewhere.org"));
    assert_int_equal(is->external_id.state, TEXT_EMPTY);
}

static void a_guests_is_asked_about_and_stays_as_it_is(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text id = hands_id(d, "3");
    becomes_a_guests(d, id);
    unsigned writes = delivers_writes(d);
    hands_day(d);
    assert_string_equal(delivers_code(d, "3"), "lost-id-other-address");
    hr_says(d, "3", "last_name=Married");
    delivers_run(d);
    is_untouched(d, id);
    hr_says(d, "3", "status=inactive");
    hands_day(d);
    is_untouched(d, id);
    assert_int_equal(delivers_writes(d), writes);
    struct account_row row = delivers_row(d, "3");
    assert_string_equal(delivers_code(d, "3"), "lost-id-other-address");
    assert_int_equal(row.approval, ACCOUNT_APPROVAL_ADOPT);
    assert_true(text_equal(row.approves, id));
    assert_says(row.sentence, "shows guest@elsewhere.org, where it was known by p3@x.org");
    assert_string_equal(hands_left(d), "3 lost-id-other-address"); /* nor is it forgotten */
    hands_answer(d, "3", ACCOUNTS_IGNORE);
    hands_day(d);
    is_untouched(d, id);
    assert_string_equal(delivers_code(d, "3"), "gone-without-account");
}

/* Of whose account is asked no day is kept on which it would be looked at. */
static void whoever_leaves_by_a_date_while_it_is_asked_is_told(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    becomes_a_guests(d, hands_id(d, "3"));
    hands_day(d);
    hr_says(d, "3", "termination_date=2026-10-10");
    hands_day(d);
    assert_string_equal(hands_left(d), "");
    delivers_day(d, 30);
    hands_day(d);
    assert_string_equal(hands_left(d), "3 lost-id-other-address");
}

/* They would see of the reports what a manager sees. */
static void a_guest_becomes_nobodys_manager(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text id = hands_id(d, "1");
    becomes_a_guests(d, id);
    hands_day(d);
    world_add(d->w, "5");
    hr_says(d, "5", "job_title=Cook");
    hands_day(d);
    assert_int_equal(delivers_shows(d, "5", "manager").state, TEXT_EMPTY);
    hands_answer(d, "1", ACCOUNTS_LINK);
    hands_day(d);
    assert_true(text_equal(delivers_shows(d, "5", "manager"), id));
}

/* Nor by taking back that somebody got another one. */
static void undoing_gives_nobody_back_to_a_guest(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text one = hands_id(d, "1"), two = hands_id(d, "2");
    assert_true(text_equal(delivers_shows(d, "3", "manager"), one));
    struct run r = undoes_change(d, "3", "supervisor=2");
    assert_true(text_equal(delivers_shows(d, "3", "manager"), two));
    becomes_a_guests(d, one);
    struct run u = undoes_plan(d, r.run_id);
    assert_true(text_equal(delivers_shows(d, "3", "manager"), two));
    assert_string_equal(delivers_effects(d, u.run_id), "stays 3 dropped\n");
    hands_day(d);
    hands_answer(d, "1", ACCOUNTS_LINK);
    undoes_run(d, r.run_id);
    assert_true(text_equal(delivers_shows(d, "3", "manager"), one));
}

static void whose_account_is_a_guests_gets_one_of_their_own(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text id = hands_id(d, "3");
    unsigned mails = (unsigned)d->there.mails_n;
    becomes_a_guests(d, id);
    hands_day(d);
    hands_answer(d, "3", ACCOUNTS_IGNORE);
    hands_day(d);
    is_untouched(d, id);
    assert_string_equal(delivers_code(d, "3"), "in-step");
    assert_false(text_equal(delivers_row(d, "3").is.remote_id, id));
    assert_true(text_is(delivers_shows(d, "3", "email"), "p3@x.org"));
    assert_int_equal(d->there.mails_n, mails + 1);
}

static void one_that_is_theirs_after_all_gets_our_id_again(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text id = hands_id(d, "2");
    becomes_a_guests(d, id);
    hands_day(d);
    hands_answer(d, "2", ACCOUNTS_LINK);
    hands_day(d);
    assert_true(text_is(there(d, id)->external_id, "rc:hr:2"));
    assert_true(text_is(there(d, id)->fields[USER_EMAIL].known, "p2@x.org"));
    there(d, id)->fields[USER_EMAIL].known = TEXT_LIT("edited@x.org"); /* as anybody's */
    hands_day(d);
    assert_true(text_is(there(d, id)->fields[USER_EMAIL].known, "p2@x.org"));
    hr_says(d, "2", "status=inactive");
    hands_day(d);
    assert_int_equal(there(d, id)->status, ACCOUNT_DEACTIVATED);
}

/* It was linked by its address, which nobody has sent. */
static void one_that_was_there_before_is_known_by_what_it_showed(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text id =
        text_copy(&d->w->bed->a,
                  memory_platform_put(
                      &d->there, (const char *const[]){ "first_name=First9", "last_name=Last9",
                                                        "email=p9@x.org", "mail=sent", NULL }));
    hands_day(d);
    world_add(d->w, "9");
    world_import(d->w);
    delivers_run(d);
    assert_true(text_equal(delivers_row(d, "9").is.remote_id, id));
    assert_int_equal(delivers_row(d, "9").is.fields[USER_EMAIL].delivered.state, TEXT_MISSING);
    loses_id(d, id);
    hands_day(d);
    assert_string_equal(delivers_code(d, "9"), "in-step");
    becomes_a_guests(d, id);
    hr_says(d, "9", "status=inactive");
    hands_day(d);
    is_untouched(d, id);
    assert_string_equal(delivers_code(d, "9"), "lost-id-other-address");
}

/* First the one, then the other; and the address that HR states is theirs. */
static void an_id_that_is_lost_alone_changes_nothing(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    struct text two = hands_id(d, "2"), three = hands_id(d, "3"), four = hands_id(d, "4");
    loses_id(d, two);
    loses_id(d, three);
    loses_id(d, four);
    hands_day(d);
    assert_string_equal(delivers_code(d, "2"), "in-step");
    hr_says(d, "2", "email=new2@x.org");
    delivers_run(d);
    assert_true(text_is(there(d, two)->fields[USER_EMAIL].known, "new2@x.org"));
    there(d, four)->fields[USER_EMAIL].known = TEXT_LIT("new4@x.org");
    hr_says(d, "4", "email=new4@x.org");
    hands_day(d);
    assert_string_equal(delivers_code(d, "4"), "in-step");
    becomes_a_guests(d, three);
    hands_day(d);
    assert_string_equal(delivers_code(d, "3"), "lost-id-other-address");
    there(d, three)->external_id = TEXT_LIT("rc:hr:3");
    hands_day(d);
    assert_string_equal(delivers_code(d, "3"), "in-step");
    assert_true(text_is(there(d, three)->fields[USER_EMAIL].known, "p3@x.org"));
    hr_says(d, "2", "status=inactive");
    hands_day(d);
    assert_int_equal(there(d, two)->status, ACCOUNT_DEACTIVATED);
}

/* Since all accounts were read last. */
static void what_has_become_a_guests_meanwhile_is_looked_at_before_it_is_touched(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    struct text three = hands_id(d, "3"), four = hands_id(d, "4");
    becomes_a_guests(d, three);
    becomes_a_guests(d, four);
    there(d, four)->fields[USER_EMAIL].known = TEXT_LIT("second@elsewhere.org");
    unsigned writes = delivers_writes(d);
    world_put(d->w, "3", "status=inactive");
    hr_says(d, "4", "job_title=Foreman");
    struct run r = delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "deactivate 3 failed\nupdate 4 failed\n");
    is_untouched(d, three);
    assert_false(text_is(there(d, four)->fields[USER_JOB_TITLE].known, "Foreman"));
    delivers_run(d);
    assert_string_equal(delivers_code(d, "3"), "lost-id-other-address");
    assert_string_equal(delivers_code(d, "4"), "lost-id-other-address");
    assert_true(delivers_writes(d) <= writes + 1); /* a call that nothing came of */
}

static void is_theirs_again(struct delivers *d, struct text id, const char *external_id) {
    struct account *is = there(d, id);
    is->external_id = external_id != NULL ? text_of(external_id) : TEXT_NONE;
    is->fields[USER_FIRST_NAME].known = TEXT_LIT("First3");
    is->fields[USER_LAST_NAME].known = TEXT_LIT("Last3");
    is->fields[USER_EMAIL].known = TEXT_LIT("p3@x.org");
}

/* What a person has said was of what it showed then. */
static void one_that_was_a_guests_and_shows_its_person_again_is_theirs_again(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text id = hands_id(d, "3");
    size_t mails = d->there.mails_n, all = d->there.accounts_n;
    for (int i = 0; i < 2; i++) {
        becomes_a_guests(d, id);
        hands_day(d);
        hands_answer(d, "3", ACCOUNTS_IGNORE);
        is_theirs_again(d, id, i == 0 ? "rc:hr:3" : NULL);
        hands_day(d);
        assert_string_equal(delivers_code(d, "3"), "in-step");
        assert_true(text_equal(delivers_row(d, "3").is.remote_id, id));
    }
    becomes_a_guests(d, id);
    hands_day(d);
    hr_says(d, "3", "status=inactive");
    hands_day(d);
    hands_answer(d, "3", ACCOUNTS_IGNORE);
    hands_day(d);
    is_untouched(d, id);
    assert_says(delivers_row(d, "3").sentence, "accounts link");
    there(d, id)->fields[USER_EMAIL].known = TEXT_LIT("p3@x.org"); /* under a guest's name */
    hands_day(d);
    assert_int_equal(there(d, id)->status, ACCOUNT_ACTIVE);
    is_theirs_again(d, id, NULL);
    hands_day(d);
    assert_int_equal(there(d, id)->status, ACCOUNT_DEACTIVATED);
    assert_int_equal(d->there.mails_n, mails);
    assert_int_equal(d->there.accounts_n, all);
}

static void one_that_was_a_guests_and_has_the_id_alone_is_asked_about_once_more(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text id = hands_id(d, "3");
    becomes_a_guests(d, id);
    hands_day(d);
    hr_says(d, "3", "status=inactive");
    hands_answer(d, "3", ACCOUNTS_IGNORE);
    hands_day(d);
    there(d, id)->external_id = TEXT_LIT("rc:hr:3");
    hands_day(d);
    assert_string_equal(delivers_code(d, "3"), "same-id-other-name");
    assert_string_equal(hands_left(d), "3 same-id-other-name");
    hands_answer(d, "3", ACCOUNTS_IGNORE);
    hands_day(d);
    hands_day(d);
    assert_string_equal(delivers_code(d, "3"), "gone-without-account");
    assert_int_equal(there(d, id)->status, ACCOUNT_ACTIVE);
    is_theirs_again(d, id, "rc:hr:3");
    hands_day(d); /* whatever it shows */
    assert_int_equal(there(d, id)->status, ACCOUNT_ACTIVE);
}

/* Somebody whom HR has from now on, and whose account a person has found; nothing was sent to it yet. */
static struct text linked_by_hand(struct delivers *d, const char *external_id) {
    delivers_begin(d, 4);
    struct text id = hands_stranger(d, "Nina", "Ninth", "private9@elsewhere.org");
    if (external_id != NULL)
        there(d, id)->external_id = text_of(external_id);
    hands_day(d);
    world_add(d->w, "9");
    world_import(d->w);
    hands_link(d, id, "9");
    return id;
}

static void one_that_was_linked_by_hand_is_known_by_what_it_showed_then(void **state) {
    struct delivers *d = *state;
    struct text id = linked_by_hand(d, NULL);
    becomes_a_guests(d, id);
    unsigned writes = delivers_writes(d);
    hands_day(d);
    assert_string_equal(delivers_code(d, "9"), "lost-id-other-address");
    assert_says(delivers_row(d, "9").sentence, "known by private9@elsewhere.org");
    hr_says(d, "9", "status=inactive");
    hands_day(d);
    is_untouched(d, id);
    assert_int_equal(delivers_writes(d), writes);
    there(d, id)->fields[USER_EMAIL].known = TEXT_LIT("private9@elsewhere.org");
    hands_day(d);
    assert_int_equal(there(d, id)->status, ACCOUNT_DEACTIVATED);
}

/* Since all accounts were read last. */
static void one_that_was_linked_by_hand_is_looked_at_before_it_gets_our_id(void **state) {
    struct delivers *d = *state;
    struct text id = linked_by_hand(d, NULL);
    becomes_a_guests(d, id);
    struct run r = delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "adopt 9 failed\n");
    is_untouched(d, id);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "9"), "lost-id-other-address");
    is_untouched(d, id);
}

/* By the answer to something that was sent, not by an inventory. */
static void an_id_that_is_gone_with_an_answer_leaves_the_address_behind(void **state) {
    struct delivers *d = *state;
    struct text id = linked_by_hand(d, NULL);
    delivers_policy(d, "{\"owner-email\":\"never\"}");
    hands_day(d);
    assert_true(text_is(there(d, id)->external_id, "rc:hr:9"));
    loses_id(d, id);
    hr_says(d, "9", "job_title=Foreman");
    delivers_run(d);
    assert_int_not_equal(delivers_row(d, "9").is.external_id.state, TEXT_SET);
    hands_day(d);
    assert_string_equal(delivers_code(d, "9"), "owned-there");
    becomes_a_guests(d, id);
    hands_day(d);
    assert_string_equal(delivers_code(d, "9"), "lost-id-other-address");
    assert_says(delivers_row(d, "9").sentence, "known by private9@elsewhere.org");
}

/* It keeps that id, and never gets ours; its address is the platform's. */
static void one_with_another_connectors_id_is_known_by_its_address(void **state) {
    struct delivers *d = *state;
    struct text id = linked_by_hand(d, "other-77");
    delivers_policy(d, "{\"owner-email\":\"never\"}");
    hands_day(d);
    assert_true(text_is(there(d, id)->external_id, "other-77"));
    assert_true(text_is(there(d, id)->fields[USER_LAST_NAME].known, "Last9"));
    becomes_a_guests(d, id);
    there(d, id)->external_id = TEXT_LIT("other-77");
    hr_says(d, "9", "job_title=Foreman");
    delivers_run(d);
    hands_day(d);
    assert_string_equal(delivers_code(d, "9"), "lost-id-other-address");
    assert_false(text_is(there(d, id)->fields[USER_JOB_TITLE].known, "Foreman"));
    hands_answer(d, "9", ACCOUNTS_LINK); /* as it is now */
    hands_day(d);
    assert_true(text_is(there(d, id)->fields[USER_JOB_TITLE].known, "Foreman"));
    there(d, id)->fields[USER_EMAIL].known = TEXT_LIT("second@elsewhere.org");
    hr_says(d, "9", "status=inactive");
    hands_day(d);
    assert_string_equal(delivers_code(d, "9"), "lost-id-other-address");
    assert_int_equal(there(d, id)->status, ACCOUNT_ACTIVE);
}

/* What becomes of it meanwhile is remembered all the same. */
static void one_that_was_left_alone_for_a_while_is_asked_about_after_that(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text id = hands_stranger(d, "First9", "Last9", "p9@x.org");
    hands_day(d);
    world_add(d->w, "9");
    world_import(d->w);
    delivers_run(d);
    assert_true(text_equal(delivers_row(d, "9").is.remote_id, id));
    hands_ignore(d, id, true);
    becomes_a_guests(d, id);
    hands_day(d);
    hands_ignore(d, id, false);
    hr_says(d, "9", "status=inactive");
    hands_day(d);
    is_untouched(d, id);
    assert_says(delivers_row(d, "9").sentence, "known by p9@x.org");
}

/* It was closed, as its user had left, and has become a guest's since all accounts were read last. */
static void one_that_is_to_be_opened_again_is_looked_at_before(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text id = hands_id(d, "3");
    hr_says(d, "3", "status=inactive");
    hands_day(d);
    assert_int_equal(there(d, id)->status, ACCOUNT_DEACTIVATED);
    becomes_a_guests(d, id);
    hr_says(d, "3", "status=active");
    struct run r = delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "reactivate 3 failed\n");
    assert_int_equal(there(d, id)->status, ACCOUNT_DEACTIVATED);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "3"), "lost-id-other-address");
    assert_int_equal(there(d, id)->status, ACCOUNT_DEACTIVATED);
    hands_answer(d, "3", ACCOUNTS_LINK);
    hands_day(d);
    assert_int_equal(there(d, id)->status, ACCOUNT_ACTIVE);
    assert_true(text_is(there(d, id)->external_id, "rc:hr:3"));
}

/* Nothing else is sent to it, for which it would be looked at. */
static void one_that_is_to_leave_a_team_is_looked_at_before(void **state) {
    const struct memory_platform_fault fault = { MEMORY_PLATFORM_TEAM_LEAVE, 0, RC_RETRY, NULL,
                                                 false };
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text id = hands_id(d, "3"),
                team = text_copy(&d->w->bed->a, delivers_shows(d, "3", "primary_team"));
    hr_says(d, "3", "department=Quay#10");
    delivers_run(d);
    there(d, id)->fields[USER_SECONDARY_TEAMS].known = team; /* as where an old one is kept */
    d->there.faults = &fault;
    d->there.faults_n = 1;
    hands_day(d);
    assert_string_equal(delivers_code(d, "3"), "leaves-team");
    d->there.faults_n = 0;
    becomes_a_guests(d, id);
    struct run r = delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "update 3 failed\n");
    assert_true(text_equal(there(d, id)->fields[USER_SECONDARY_TEAMS].known, team));
}

static void undoing_leaves_it_alone(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text id = hands_id(d, "3");
    struct run r = undoes_change(d, "3", "last_name=Married");
    becomes_a_guests(d, id);
    there(d, id)->fields[USER_LAST_NAME].known = TEXT_LIT("Married"); /* the guest's, too */
    unsigned writes = delivers_writes(d);
    undoes_run(d, r.run_id);
    assert_true(text_is(there(d, id)->fields[USER_LAST_NAME].known, "Married"));
    assert_int_equal(delivers_writes(d), writes);
}

/* Whoever states its address waits for the answer. */
static void the_address_of_one_that_is_asked_about_is_not_waited_for_in_vain(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    becomes_a_guests(d, hands_id(d, "3"));
    hands_day(d);
    world_add(d->w, "9");
    hr_says(d, "9", "email=guest@elsewhere.org");
    delivers_run(d);
    assert_string_equal(delivers_code(d, "9"), "email-taken");
    assert_says(delivers_row(d, "9").sentence, "it may be somebody else's by now");
    assert_says(delivers_row(d, "9").remedy, "saying whose that account is");
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        DELIVERS_TEST(a_guests_is_asked_about_and_stays_as_it_is),
        DELIVERS_TEST(whoever_leaves_by_a_date_while_it_is_asked_is_told),
        DELIVERS_TEST(a_guest_becomes_nobodys_manager),
        DELIVERS_TEST(undoing_gives_nobody_back_to_a_guest),
        DELIVERS_TEST(whose_account_is_a_guests_gets_one_of_their_own),
        DELIVERS_TEST(one_that_is_theirs_after_all_gets_our_id_again),
        DELIVERS_TEST(one_that_was_there_before_is_known_by_what_it_showed),
        DELIVERS_TEST(an_id_that_is_lost_alone_changes_nothing),
        DELIVERS_TEST(what_has_become_a_guests_meanwhile_is_looked_at_before_it_is_touched),
        DELIVERS_TEST(one_that_was_a_guests_and_shows_its_person_again_is_theirs_again),
        DELIVERS_TEST(one_that_was_a_guests_and_has_the_id_alone_is_asked_about_once_more),
        DELIVERS_TEST(one_that_was_linked_by_hand_is_known_by_what_it_showed_then),
        DELIVERS_TEST(one_that_was_linked_by_hand_is_looked_at_before_it_gets_our_id),
        DELIVERS_TEST(an_id_that_is_gone_with_an_answer_leaves_the_address_behind),
        DELIVERS_TEST(one_with_another_connectors_id_is_known_by_its_address),
        DELIVERS_TEST(one_that_was_left_alone_for_a_while_is_asked_about_after_that),
        DELIVERS_TEST(one_that_is_to_be_opened_again_is_looked_at_before),
        DELIVERS_TEST(one_that_is_to_leave_a_team_is_looked_at_before),
        DELIVERS_TEST(undoing_leaves_it_alone),
        DELIVERS_TEST(the_address_of_one_that_is_asked_about_is_not_waited_for_in_vain),
    };
    return place_run("lost_id", tests, RC_LEN(tests), argc, argv);
}
