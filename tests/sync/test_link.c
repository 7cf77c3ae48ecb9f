/* Accounts that people link by hand, and what follows from it in the deliveries after that: to the person, and to
 * whoever else is concerned. */
#include <string.h>
#include "store/pin.h"
#include "tests/sync/delivers.h"

static enum rc_code try_link(struct delivers *d, struct text id, const char *person,
                             bool confirmed) {
    struct accounts_context x = delivers_hand(d);
    d->err = (struct rc_error){ 0 };
    return accounts_link(&x, id, delivers_user(d, person), confirmed, &d->w->bed->a, NULL, &d->err);
}

static const struct account *there(struct delivers *d, struct text id) {
    return &memory_platform_find(&d->there, id)->is;
}

static void is_on(struct delivers *d, const char *person, const char *code) {
    assert_string_equal(delivers_code(d, person), code);
}

/* So late that whoever is made is looked for first. */
static struct run later(struct delivers *d) {
    clock_fake_move(&d->w->fake, HOUR_S * INT64_C(1000000));
    return delivers_run(d);
}

static void day(struct delivers *d) { /* and its inventory */
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
}

static struct text stranger(struct delivers *d, const char *person, const char *last_name) {
    return text_copy(
        &d->w->bed->a,
        memory_platform_put(
            &d->there,
            (const char *const[]){ "first_name=Somebody", "mail=sent",
                                   arena_printf(&d->w->bed->a, "last_name=%s", last_name),
                                   arena_printf(&d->w->bed->a, "email=p%s@x.org", person), NULL }));
}

/* 3's account, with 3's id, is 8's by the word of a person; *ret_id. */
static struct text linked_with_anothers_id(struct delivers *d) {
    delivers_begin(d, 6);
    struct text id = delivers_id(d, "3");
    world_add(d->w, "8");
    world_import(d->w);
    delivers_unlink(d, id);
    delivers_link(d, id, "8");
    return id;
}

static void
one_with_anothers_id_gets_that_of_its_person_and_the_other_gets_an_account(void **state) {
    struct delivers *d = *state;
    struct text id = linked_with_anothers_id(d);
    struct run r = later(d);
    assert_string_equal(delivers_effects(d, r.run_id), "adopt 8 done\n");
    assert_true(text_is(there(d, id)->external_id, "rc:hr:8"));
    r = later(d);
    assert_string_equal(delivers_effects(d, r.run_id), "create 3 done\n");
    is_on(d, "3", "in-step");
    is_on(d, "8", "in-step");
    r = later(d);
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
        struct run r = later(d);
        assert_string_equal(delivers_effects(d, r.run_id), "adopt 8 failed\n");
        is_on(d, "3", "unlinked");
        assert_says(delivers_row(d, "3").sentence, "is somebody else's");
    }
    world_put(d->w, "5", "status=inactive");
    world_import(d->w);
    later(d);
    assert_int_equal(delivers_status(d, "5"), ACCOUNT_DEACTIVATED);
    world_put(d->w, "3", "status=inactive"); /* whoever has none is not closed by another's */
    world_import(d->w);
    later(d);
    is_on(d, "3", "gone-without-account");
    assert_int_equal(there(d, delivers_row(d, "8").is.remote_id)->status, ACCOUNT_ACTIVE);
}

/* Each has the other's: neither id can go first, and both accounts are found by what is known here. */
static void two_that_were_linked_crosswise_keep_their_ids(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    struct text x = delivers_id(d, "3"), y = delivers_id(d, "4");
    delivers_unlink(d, x);
    delivers_unlink(d, y);
    delivers_link(d, x, "4");
    delivers_link(d, y, "3");
    for (int i = 0; i < 2; i++) {
        struct run r = later(d);
        assert_true(r.run_id == 0 || strstr(delivers_effects(d, r.run_id), "failed") == NULL);
        is_on(d, "3", "email-swapped"); /* which is told, as ever */
        is_on(d, "4", "email-swapped");
    }
    assert_true(text_is(there(d, x)->external_id, "rc:hr:3"));
    world_put(d->w, "4", "status=inactive");
    world_import(d->w);
    later(d);
    assert_int_equal(there(d, x)->status, ACCOUNT_DEACTIVATED);
    assert_int_equal(there(d, y)->status, ACCOUNT_ACTIVE);
}

/* What is known here says nothing of the id; the platform does. */
static void
one_that_is_found_instead_of_being_made_is_not_taken_from_whom_it_is_linked_to(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    struct text id = delivers_id(d, "3");
    world_add(d->w, "8");
    world_import(d->w);
    clock_fake_move(&d->w->fake, HOUR_S * INT64_C(1000000));
    memory_platform_find(&d->there, id)->is.external_id = TEXT_LIT("rc:hr:8");
    world_put(d->w, "5", "status=inactive");
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "deactivate 5 done\ncreate 8 failed\n");
    assert_true(text_equal(delivers_row(d, "3").is.remote_id, id));
    is_on(d, "8", "unlinked");
    r = later(d);
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
    struct text id = delivers_id(d, "8");
    assert_int_equal(delivers_row(d, "8").is.mail, ACCOUNT_MAIL_PROMISED);
    delivers_unlink(d, delivers_id(d, "9"));
    size_t mails = d->there.mails_n;
    delivers_unlink(d, id);
    delivers_link(d, id, "9");
    for (int i = 0; i < 3; i++) {
        later(d);
        delivers_day(d, 8);
    }
    assert_int_equal(d->there.mails_n, mails);
    assert_int_equal(delivers_row(d, "9").is.mail, ACCOUNT_MAIL_BY_HAND);
}

/* The answer got lost, and so did that of looking it up. */
static void who_may_have_an_account_that_nobody_heard_of_gets_no_second_one(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    struct text id = stranger(d, "44", "Last4");
    day(d);
    delivers_leave_in_doubt(d);
    assert_int_equal(try_link(d, id, "4", true), RC_CONFLICT);
    assert_string_equal(d->err.name, "account.in-doubt");
    day(d); /* which shows it */
    assert_true(text_equal(delivers_row(d, "4").is.remote_id, delivers_id(d, "4")));
    delivers_unlink(d, delivers_id(d, "4"));
    delivers_link(d, id, "4"); /* not the right one: now somebody knows */
    later(d);
    assert_true(text_equal(delivers_row(d, "4").is.remote_id, id));
}

static void to_somebody_who_is_fed_no_more_it_is_confirmed(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    struct text id = stranger(d, "33", "Last3");
    delivers_unlink(d, delivers_id(d, "3"));
    day(d);
    struct integration other = d->w->bed->in;
    other.key = TEXT_LIT("other");
    OK(integration_add(d->w->bed->st, d->w->bed->key, &other, &d->err));
    struct platform p = delivers_platform(d);
    p.feeds = &other.integration_id;
    OK(platform_save(d->w->bed->st, d->w->bed->key, &p, &d->err));
    assert_int_equal(try_link(d, id, "3", false), RC_INVALID);
    assert_string_equal(d->err.name, "account.confirm");
    assert_non_null(strstr(d->err.text, "person 3, would be that of somebody whose HR system"));
    OK(try_link(d, id, "3", true));
}

/* Whether 3's account, which we closed and somebody unlinked, is opened by a link to that person. */
static void closed_unlinked_linked(struct delivers *d, const char *person, const char *code,
                                   enum account_status then) {
    delivers_begin(d, 6);
    delivers_policy(d, "{\"undo-deactivated-by-hand\":\"no\"}");
    struct text id = delivers_id(d, "3");
    world_put(d->w, "3", "status=inactive");
    day(d);
    assert_int_equal(there(d, id)->status, ACCOUNT_DEACTIVATED);
    delivers_unlink(d, id);
    later(d);
    world_add(d->w, "8");
    world_import(d->w);
    delivers_link(d, id, person);
    world_put(d->w, "3", "status=active");
    day(d);
    is_on(d, person, code);
    assert_int_equal(there(d, id)->status, then);
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
    struct text id = delivers_id(d, "3");
    world_put(d->w, "3", "status=inactive");
    day(d);
    delivers_unlink(d, id);
    memory_platform_find(&d->there, id)->is.status = ACCOUNT_ACTIVE;
    day(d);
    delivers_link(d, id, "3");
    later(d);
    assert_int_equal(there(d, id)->status, ACCOUNT_DEACTIVATED);
}

/* ---- answers ---- */

static enum rc_code try_answer(struct delivers *d, const char *person,
                               enum accounts_answer answer) {
    struct accounts_context x = delivers_hand(d);
    d->err = (struct rc_error){ 0 };
    return accounts_resolve(&x, delivers_user(d, person), answer, NULL, &d->err);
}

static void answer(struct delivers *d, const char *person, enum accounts_answer answer) {
    if (try_answer(d, person, answer) != RC_OK)
        fail_msg("%s: %s", accounts_answer_name(answer), d->err.text);
}

/* Asks about 3: whether an account is made again; about 8: whether a stranger's is theirs. */
static struct text begin_with_questions(struct delivers *d) {
    delivers_begin(d, 6);
    memory_platform_find(&d->there, delivers_id(d, "3"))->exists = false;
    struct text id = stranger(d, "8", "Else");
    world_add(d->w, "8");
    day(d);
    is_on(d, "3", "deleted-there");
    is_on(d, "8", "adopt-other-name");
    return id;
}

static void a_no_after_a_yes_counts(void **state) {
    struct delivers *d = *state;
    struct text id = begin_with_questions(d);
    size_t mails = d->there.mails_n;
    answer(d, "3", ACCOUNTS_APPROVE);
    answer(d, "3", ACCOUNTS_IGNORE);
    answer(d, "8", ACCOUNTS_LINK);
    answer(d, "8", ACCOUNTS_IGNORE);
    later(d);
    is_on(d, "3", "ignored");
    is_on(d, "8", "email-taken");
    struct accounts_context x = delivers_hand(d);
    OK(accounts_ignore(&x, &id, 1, false, &d->err)); /* then it is asked again */
    day(d);
    is_on(d, "8", "adopt-other-name");
    assert_int_equal(d->there.mails_n, mails);
}

static void a_yes_after_a_no_counts(void **state) {
    struct delivers *d = *state;
    struct text id = begin_with_questions(d);
    memory_platform_find(&d->there, delivers_id(d, "4"))->is.status = ACCOUNT_DEACTIVATED;
    delivers_policy(d, "{\"undo-deactivated-by-hand\":\"no\"}");
    day(d);
    is_on(d, "4", "deactivated-by-hand");
    const char *people[] = { "3", "4", "8" };
    for (size_t i = 0; i < RC_LEN(people); i++) {
        answer(d, people[i], ACCOUNTS_IGNORE);
        answer(d, people[i], ACCOUNTS_APPROVE);
    }
    later(d);
    is_on(d, "3", "in-step");
    is_on(d, "4", "in-step");
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_ACTIVE);
    assert_true(text_equal(delivers_id(d, "8"), id));
}

/* Whose account was is gone, and somebody new has the address. */
static void begin_with_a_used_address(struct delivers *d) {
    delivers_begin(d, 6);
    world_put(d->w, "5", "status=inactive");
    day(d);
    world_add(d->w, "8");
    world_put(d->w, "8", "email=p5@x.org");
    world_put(d->w, "8", "last_name=Other");
    day(d);
    is_on(d, "8", "relink-offered");
}

static void nor_is_one_of_somebody_who_is_gone_apart_after_that(void **state) {
    struct delivers *d = *state;
    begin_with_a_used_address(d);
    answer(d, "8", ACCOUNTS_IGNORE);
    answer(d, "8", ACCOUNTS_LINK);
    later(d);
    is_on(d, "8", "in-step");
}

static void a_late_yes_can_be_taken_back_before_the_delivery(void **state) {
    struct delivers *d = *state;
    begin_with_a_used_address(d);
    answer(d, "8", ACCOUNTS_IGNORE);
    later(d);
    is_on(d, "8", "email-taken");
    answer(d, "8", ACCOUNTS_LINK);
    answer(d, "8", ACCOUNTS_IGNORE);
    later(d);
    is_on(d, "8", "email-taken");
    assert_int_equal(delivers_status(d, "5"), ACCOUNT_DEACTIVATED);
    assert_int_equal(try_answer(d, "8", ACCOUNTS_IGNORE),
                     RC_INVALID); /* nothing is asked, nothing was said */
    answer(d, "8", ACCOUNTS_LINK);
    later(d);
    is_on(d, "8", "in-step");
}

/* Said yes to, and not due yet. */
static void a_yes_that_waits_for_a_day_can_be_taken_back(void **state) {
    struct delivers *d = *state;
    begin_with_questions(d);
    delivers_policy(d, "{\"invite\":\"on-hire-date\"}");
    world_put(d->w, "3", "hire_date=2026-12-01");
    answer(d, "3", ACCOUNTS_APPROVE);
    day(d);
    is_on(d, "3", "before-hire-date");
    answer(d, "3", ACCOUNTS_IGNORE);
    delivers_day(d, 90);
    day(d);
    is_on(d, "3", "ignored");
}

/* Said yes to when somebody on the platform had opened it already. */
static void an_old_yes_opens_nothing_that_is_closed_later(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    delivers_policy(d, "{\"undo-deactivated-by-hand\":\"no\"}");
    struct account *is = &memory_platform_find(&d->there, delivers_id(d, "3"))->is;
    is->status = ACCOUNT_DEACTIVATED;
    day(d);
    is_on(d, "3", "deactivated-by-hand");
    is->status = ACCOUNT_ACTIVE;
    answer(d, "3", ACCOUNTS_APPROVE);
    day(d);
    is_on(d, "3", "in-step");
    delivers_day(d, 90);
    is->status = ACCOUNT_DEACTIVATED;
    day(d);
    is_on(d, "3", "deactivated-by-hand");
    assert_int_equal(is->status, ACCOUNT_DEACTIVATED);
    answer(d, "3", ACCOUNTS_APPROVE); /* a yes to this question counts */
    later(d);
    assert_int_equal(is->status, ACCOUNT_ACTIVE);
}

static void who_has_left_since_is_made_no_account_by_an_old_yes(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    memory_platform_find(&d->there, delivers_id(d, "3"))->exists = false;
    day(d);
    is_on(d, "3", "deleted-there");
    answer(d, "3", ACCOUNTS_APPROVE);
    world_put(d->w, "3", "status=inactive");
    day(d);
    size_t mails = d->there.mails_n;
    delivers_day(d, 200);
    world_put(d->w, "3", "status=active");
    day(d);
    is_on(d, "3", "deleted-there");
    assert_int_equal(delivers_row(d, "3").approval, ACCOUNT_APPROVAL_RECREATE);
    assert_int_equal(d->there.mails_n, mails);
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
        DELIVERS_TEST(a_no_after_a_yes_counts),
        DELIVERS_TEST(a_yes_after_a_no_counts),
        DELIVERS_TEST(nor_is_one_of_somebody_who_is_gone_apart_after_that),
        DELIVERS_TEST(a_late_yes_can_be_taken_back_before_the_delivery),
        DELIVERS_TEST(a_yes_that_waits_for_a_day_can_be_taken_back),
        DELIVERS_TEST(an_old_yes_opens_nothing_that_is_closed_later),
        DELIVERS_TEST(who_has_left_since_is_made_no_account_by_an_old_yes),
    };
    return place_run("link", tests, RC_LEN(tests), argc, argv);
}
