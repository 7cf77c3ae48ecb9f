/* Accounts that people link by hand, and what follows from it in the deliveries after that: to the person, and to
 * whoever else is concerned. */
#include <string.h>
#include "store/pin.h"
#include "tests/sync/hands.h"

/* 3's account, with 3's id, is 8's by the word of a person; *ret_id. */
static struct text linked_with_anothers_id(struct delivers *d) {
    delivers_begin(d, 6);
    struct text id = hands_id(d, "3");
    world_add(d->w, "8");
    world_import(d->w);
    hands_unlink(d, id);
    hands_link(d, id, "8");
    return id;
}

static void
one_with_anothers_id_gets_that_of_its_person_and_the_other_gets_an_account(void **state) {
    struct delivers *d = *state;
    struct text id = linked_with_anothers_id(d);
    struct run r = hands_hour(d);
    assert_string_equal(delivers_effects(d, r.run_id), "adopt 8 done\n");
    assert_true(text_is(hands_there(d, id)->external_id, "rc:hr:8"));
    r = hands_hour(d);
    assert_string_equal(delivers_effects(d, r.run_id), "create 3 done\n");
    hands_code_is(d, "3", "in-step");
    hands_code_is(d, "8", "in-step");
    r = hands_hour(d);
    assert_int_equal(r.run_id, 0);
}

/* The platform keeps the id where it is. */
static void while_another_has_their_id_none_is_made_and_others_are_not_kept_waiting(void **state) {
    const struct memory_platform_fault fault = { MEMORY_PLATFORM_UPDATE, 0, RC_INVALID, NULL,
                                                 false };
    struct delivers *d = *state;
    linked_with_anothers_id(d);
    d->there.faults = &fault;
    d->there.faults_n = 1;
    for (int i = 0; i < 3; i++) {
        struct run r = hands_hour(d);
        assert_string_equal(delivers_effects(d, r.run_id), "adopt 8 failed\n");
        hands_code_is(d, "3", "unlinked");
        assert_says(delivers_row(d, "3").sentence, "is somebody else's");
    }
    world_put(d->w, "5", "status=inactive");
    world_import(d->w);
    hands_hour(d);
    assert_int_equal(delivers_status(d, "5"), ACCOUNT_DEACTIVATED);
    world_put(d->w, "3", "status=inactive"); /* whoever has none is not closed by another's */
    world_import(d->w);
    hands_hour(d);
    hands_code_is(d, "3", "gone-without-account");
    assert_int_equal(hands_there(d, delivers_row(d, "8").is.remote_id)->status, ACCOUNT_ACTIVE);
}

/* Each has the other's: neither id can go first, and both accounts are found by what is known here. */
static void two_that_were_linked_crosswise_keep_their_ids(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    struct text x = hands_id(d, "3"), y = hands_id(d, "4");
    hands_unlink(d, x);
    hands_unlink(d, y);
    hands_link(d, x, "4");
    hands_link(d, y, "3");
    for (int i = 0; i < 2; i++) {
        struct run r = hands_hour(d);
        assert_true(r.run_id == 0 || strstr(delivers_effects(d, r.run_id), "failed") == NULL);
        hands_code_is(d, "3", "email-swapped"); /* which is told, as ever */
        hands_code_is(d, "4", "email-swapped");
    }
    assert_true(text_is(hands_there(d, x)->external_id, "rc:hr:3"));
    world_put(d->w, "4", "status=inactive");
    world_import(d->w);
    hands_hour(d);
    assert_int_equal(hands_there(d, x)->status, ACCOUNT_DEACTIVATED);
    assert_int_equal(hands_there(d, y)->status, ACCOUNT_ACTIVE);
}

/* What is known here says nothing of the id; the platform does. */
static void
one_that_is_found_instead_of_being_made_is_not_taken_from_whom_it_is_linked_to(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    struct text id = hands_id(d, "3");
    world_add(d->w, "8");
    world_import(d->w);
    clock_fake_move(&d->w->fake, HOUR_S * INT64_C(1000000));
    memory_platform_find(&d->there, id)->is.external_id = TEXT_LIT("rc:hr:8");
    world_put(d->w, "5", "status=inactive");
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "deactivate 5 done\ncreate 8 failed\n");
    assert_true(text_equal(delivers_row(d, "3").is.remote_id, id));
    hands_code_is(d, "8", "unlinked");
    r = hands_hour(d);
    assert_int_equal(r.run_id, 0);
}

/* It was made silently for somebody who was to begin; whose it is now has worked there for years. */
static void what_was_promised_to_somebody_is_mailed_to_nobody_else(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    delivers_policy(d, "{\"invite\":\"on-hire-date\",\"ahead-days\":\"14\"}");
    world_add(d->w, "8");
    world_put(d->w, "8", "hire_date=2026-10-01");
    world_add(d->w, "9");
    world_put(d->w, "9", "email=p9@x.org");
    world_import(d->w);
    delivers_run(d);
    struct text id = hands_id(d, "8");
    assert_int_equal(delivers_row(d, "8").is.mail, ACCOUNT_MAIL_PROMISED);
    hands_unlink(d, hands_id(d, "9"));
    size_t mails = d->there.mails_n;
    hands_unlink(d, id);
    hands_link(d, id, "9");
    for (int i = 0; i < 3; i++) {
        hands_hour(d);
        delivers_day(d, 8);
    }
    assert_int_equal(d->there.mails_n, mails);
    assert_int_equal(delivers_row(d, "9").is.mail, ACCOUNT_MAIL_BY_HAND);
}

/* The answer got lost, and so did that of looking it up. */
static void who_may_have_an_account_that_nobody_heard_of_gets_no_second_one(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    struct text id = hands_stranger(d, "Somebody", "Last4", "p44@x.org");
    hands_day(d);
    delivers_leave_in_doubt(d);
    assert_int_equal(hands_try_link(d, id, "4", true), RC_CONFLICT);
    assert_string_equal(d->err.name, "account.in-doubt");
    hands_day(d); /* which shows it */
    assert_true(text_equal(delivers_row(d, "4").is.remote_id, delivers_id(d, "4")));
    hands_unlink(d, hands_id(d, "4"));
    hands_link(d, id, "4"); /* not the right one: now somebody knows */
    hands_hour(d);
    assert_true(text_equal(delivers_row(d, "4").is.remote_id, id));
}

static void to_somebody_who_is_fed_no_more_it_is_confirmed(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    struct text id = hands_stranger(d, "Somebody", "Last3", "p33@x.org");
    hands_unlink(d, hands_id(d, "3"));
    hands_day(d);
    struct integration other = d->w->bed->in;
    other.key = TEXT_LIT("other");
    OK(integration_add(d->w->bed->st, d->w->bed->key, &other, &d->err));
    struct accounts_context x = hands_context(d);
    struct platform p = *x.platform;
    p.feeds = &other.integration_id;
    OK(platform_save(d->w->bed->st, d->w->bed->key, &p, &d->err));
    assert_int_equal(hands_try_link(d, id, "3", false), RC_INVALID);
    assert_string_equal(d->err.name, "account.confirm");
    assert_non_null(strstr(d->err.text, "person 3, would be that of somebody whose HR system"));
    OK(hands_try_link(d, id, "3", true));
}

/* Whether 3's account, which we closed and somebody unlinked, is opened by a link to that person. */
static void closed_unlinked_linked(struct delivers *d, const char *person, const char *code,
                                   enum account_status then) {
    delivers_begin(d, 6);
    delivers_policy(d, "{\"undo-deactivated-by-hand\":\"no\"}");
    struct text id = hands_id(d, "3");
    world_put(d->w, "3", "status=inactive");
    hands_day(d);
    assert_int_equal(hands_there(d, id)->status, ACCOUNT_DEACTIVATED);
    hands_unlink(d, id);
    hands_hour(d);
    world_add(d->w, "8");
    world_import(d->w);
    hands_link(d, id, person);
    world_put(d->w, "3", "status=active");
    hands_day(d);
    hands_code_is(d, person, code);
    assert_int_equal(hands_there(d, id)->status, then);
}

static void one_that_we_closed_is_opened_for_whose_it_was(void **state) {
    closed_unlinked_linked(*state, "3", "in-step", ACCOUNT_ACTIVE);
}

static void and_for_nobody_else_unasked(void **state) {
    closed_unlinked_linked(*state, "8", "deactivated-by-hand", ACCOUNT_DEACTIVATED);
}

/* Nor does it stay open with its person gone, as if somebody had opened what we closed. */
static void one_that_we_closed_and_a_hand_opened_is_closed_with_its_person(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    struct text id = hands_id(d, "3");
    world_put(d->w, "3", "status=inactive");
    hands_day(d);
    hands_unlink(d, id);
    memory_platform_find(&d->there, id)->is.status = ACCOUNT_ACTIVE;
    hands_day(d);
    hands_link(d, id, "3");
    hands_hour(d);
    assert_int_equal(hands_there(d, id)->status, ACCOUNT_DEACTIVATED);
}

/* The right one was found, and was not it either: the first still has their id. */
static void who_was_unlinked_from_two_gets_neither_back(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    struct text x = hands_id(d, "3"), y = hands_stranger(d, "First3", "Last3", "other3@x.org");
    hands_day(d);
    hands_unlink(d, x);
    hands_link(d, y, "3");
    hands_day(d);
    hands_unlink(d, y);
    hands_day(d);
    hands_code_is(d, "3", "unlinked");
    hands_ignore(d, x, false);
    hands_day(d);
    hands_code_is(d, "3", "unlinked");
    assert_int_equal(delivers_row(d, "3").is.remote_id.state, TEXT_MISSING);
}

/* It was linked to somebody else, and the platform kept the id where it was. */
static void one_that_was_deleted_has_nobodys_id(void **state) {
    const struct memory_platform_fault fault = { MEMORY_PLATFORM_UPDATE, 0, RC_INVALID, NULL,
                                                 false };
    struct delivers *d = *state;
    struct text id = linked_with_anothers_id(d);
    d->there.faults = &fault;
    d->there.faults_n = 1;
    hands_hour(d);
    hands_code_is(d, "3", "unlinked");
    d->there.faults_n = 0;
    memory_platform_find(&d->there, id)->exists = false;
    hands_day(d);
    hands_code_is(d, "8", "deleted-there");
    hands_code_is(d, "3", "in-step");
}

static void to_whom_another_has_the_id_of_it_is_confirmed(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    struct text y, x = hands_two_for_8(d, &y);
    hands_code_is(d, "8", "same-id-other-name");
    assert_int_equal(hands_try_link(d, y, "8", false), RC_INVALID);
    assert_string_equal(d->err.name, "account.confirm");
    assert_non_null(strstr(d->err.text, arena_printf(&d->w->bed->a,
                                                     "although account %.*s has this person's "
                                                     "external id",
                                                     TEXT_ARG(x))));
    hands_link(d, y, "8");
    hands_unlink(d, y);
    hands_link(d, x, "8"); /* it was theirs after all */
    hands_day(d);
    hands_code_is(d, "8", "in-step");
}

static int64_t apart_n(struct delivers *d) {
    int64_t n = 0;
    OK(account_count(d->w->bed->st, d->w->bed->company_id, d->destination_id, ACCOUNT_APART, &n,
                     &why));
    return n;
}

/* Whoever works there waits for a word, or for the platform; whoever left does not. */
static void who_has_none_as_one_with_their_id_is_left_alone_is_told(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    world_add(d->w, "8");
    world_import(d->w);
    struct text id = hands_stranger(d, "Some", "Body", "some@x.org");
    memory_platform_find(&d->there, id)->is.external_id = TEXT_LIT("rc:hr:8");
    delivers_day(d, 1);
    delivers_run(d);
    hands_code_is(d, "8", "same-id-other-name");
    hands_answer(d, "8", ACCOUNTS_IGNORE);
    hands_day(d);
    hands_code_is(d, "8", "ignored");
    assert_int_equal(apart_n(d), 1);
    world_put(d->w, "8", "status=inactive");
    hands_day(d);
    assert_int_equal(apart_n(d), 0);
    assert_string_equal(hands_left(d), "8 ignored");
}

static void and_whose_own_was_deleted(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    memory_platform_find(&d->there, delivers_id(d, "3"))->exists = false;
    memory_platform_find(&d->there, delivers_id(d, "4"))->exists = false;
    hands_day(d);
    struct text id = hands_stranger(d, "Some", "Body", "some@x.org");
    memory_platform_find(&d->there, id)->is.external_id = TEXT_LIT("rc:hr:3");
    hands_day(d);
    hands_answer(d, "3", ACCOUNTS_IGNORE);
    hands_answer(d, "4", ACCOUNTS_IGNORE); /* that none is made again */
    hands_hour(d);
    hands_code_is(d, "3", "ignored");
    hands_code_is(d, "4", "ignored");
    assert_int_equal(apart_n(d), 1);
}

/* It is nobody's by a backup, and has been somebody's since. */
static void on_the_word_of_a_backup_nobody_is_linked(void **state) {
    struct delivers *d = *state;
    struct account_row before;
    delivers_begin(d, 6);
    delivers_policy(d, "{\"invite\":\"by-hand\",\"account-without-mail\":\"no\"}");
    struct text id = hands_stranger(d, "Some", "Body", "some@x.org");
    world_add(d->w, "8");
    world_add(d->w, "9");
    hands_day(d);
    OK(account_by_remote(d->w->bed->st, d->w->bed->company_id, d->destination_id, id, &d->w->bed->a,
                         &before, &why));
    hands_link(d, id, "8");
    hands_hour(d);
    hands_put_back(d, &before);
    assert_int_equal(hands_try_link(d, id, "9", true), RC_CONFLICT);
    assert_string_equal(d->err.name, "destination.restored");
    struct run r = hands_day(d);
    assert_state(&r, RUN_HELD);
    assert_int_equal(hands_try_link(d, id, "9", true), RC_OK); /* now it is seen whose it may be */
    hands_unlink(d, id);
    assert_true(text_is(hands_there(d, id)->external_id, "rc:hr:8"));
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        DELIVERS_TEST(one_with_anothers_id_gets_that_of_its_person_and_the_other_gets_an_account),
        DELIVERS_TEST(while_another_has_their_id_none_is_made_and_others_are_not_kept_waiting),
        DELIVERS_TEST(two_that_were_linked_crosswise_keep_their_ids),
        DELIVERS_TEST(
            one_that_is_found_instead_of_being_made_is_not_taken_from_whom_it_is_linked_to),
        DELIVERS_TEST(what_was_promised_to_somebody_is_mailed_to_nobody_else),
        DELIVERS_TEST(who_may_have_an_account_that_nobody_heard_of_gets_no_second_one),
        DELIVERS_TEST(to_somebody_who_is_fed_no_more_it_is_confirmed),
        DELIVERS_TEST(one_that_we_closed_is_opened_for_whose_it_was),
        DELIVERS_TEST(and_for_nobody_else_unasked),
        DELIVERS_TEST(one_that_we_closed_and_a_hand_opened_is_closed_with_its_person),
        DELIVERS_TEST(to_whom_another_has_the_id_of_it_is_confirmed),
        DELIVERS_TEST(who_has_none_as_one_with_their_id_is_left_alone_is_told),
        DELIVERS_TEST(and_whose_own_was_deleted),
        DELIVERS_TEST(on_the_word_of_a_backup_nobody_is_linked),
        DELIVERS_TEST(who_was_unlinked_from_two_gets_neither_back),
        DELIVERS_TEST(one_that_was_deleted_has_nobodys_id),
    };
    return place_run("link", tests, RC_LEN(tests), argc, argv);
}
