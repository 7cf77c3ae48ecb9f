/* Answers to what is asked about a person's account: which counts, until when, and what it is about. */
#include <string.h>
#include "tests/sync/hands.h"

/* Asks about 3: whether an account is made again; about 8: whether a stranger's is theirs. */
static struct text begin_with_questions(struct delivers *d) {
    delivers_begin(d, 6);
    memory_platform_find(&d->there, delivers_id(d, "3"))->exists = false;
    struct text id = hands_stranger(d, "Somebody", "Else", "p8@x.org");
    world_add(d->w, "8");
    hands_day(d);
    hands_code_is(d, "3", "deleted-there");
    hands_code_is(d, "8", "adopt-other-name");
    return id;
}

static void a_no_after_a_yes_counts(void **state) {
    struct delivers *d = *state;
    struct text id = begin_with_questions(d);
    size_t mails = d->there.mails_n;
    hands_answer(d, "3", ACCOUNTS_APPROVE);
    hands_answer(d, "3", ACCOUNTS_IGNORE);
    hands_answer(d, "8", ACCOUNTS_LINK);
    hands_answer(d, "8", ACCOUNTS_IGNORE);
    hands_hour(d);
    hands_code_is(d, "3", "ignored");
    hands_code_is(d, "8", "email-taken");
    hands_ignore(d, id, false); /* then it is asked again */
    hands_day(d);
    hands_code_is(d, "8", "adopt-other-name");
    assert_int_equal(d->there.mails_n, mails);
}

static void a_yes_after_a_no_counts(void **state) {
    struct delivers *d = *state;
    struct text id = begin_with_questions(d);
    memory_platform_find(&d->there, delivers_id(d, "4"))->is.status = ACCOUNT_DEACTIVATED;
    delivers_policy(d, "{\"undo-deactivated-by-hand\":\"no\"}");
    hands_day(d);
    hands_code_is(d, "4", "deactivated-by-hand");
    const char *people[] = { "3", "4", "8" };
    for (size_t i = 0; i < RC_LEN(people); i++) {
        hands_answer(d, people[i], ACCOUNTS_IGNORE);
        hands_answer(d, people[i], ACCOUNTS_APPROVE);
    }
    hands_hour(d);
    hands_code_is(d, "3", "in-step");
    hands_code_is(d, "4", "in-step");
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_ACTIVE);
    assert_true(text_equal(delivers_id(d, "8"), id));
}

/* Whose account was is gone, and somebody new has the address. */
static void begin_with_a_used_address(struct delivers *d) {
    delivers_begin(d, 6);
    world_put(d->w, "5", "status=inactive");
    hands_day(d);
    world_add(d->w, "8");
    world_put(d->w, "8", "email=p5@x.org");
    world_put(d->w, "8", "last_name=Other");
    hands_day(d);
    hands_code_is(d, "8", "relink-offered");
}

static void nor_is_one_of_somebody_who_is_gone_apart_after_that(void **state) {
    struct delivers *d = *state;
    begin_with_a_used_address(d);
    hands_answer(d, "8", ACCOUNTS_IGNORE);
    hands_answer(d, "8", ACCOUNTS_LINK);
    hands_hour(d);
    hands_code_is(d, "8", "in-step");
}

static void a_late_yes_can_be_taken_back_before_the_delivery(void **state) {
    struct delivers *d = *state;
    begin_with_a_used_address(d);
    hands_answer(d, "8", ACCOUNTS_IGNORE);
    hands_hour(d);
    hands_code_is(d, "8", "email-taken");
    hands_answer(d, "8", ACCOUNTS_LINK);
    hands_answer(d, "8", ACCOUNTS_IGNORE);
    hands_hour(d);
    hands_code_is(d, "8", "email-taken");
    assert_int_equal(delivers_status(d, "5"), ACCOUNT_DEACTIVATED);
    assert_int_equal(hands_try_answer(d, "8", ACCOUNTS_IGNORE),
                     RC_INVALID); /* nothing is asked, nothing was said */
    hands_answer(d, "8", ACCOUNTS_LINK);
    hands_hour(d);
    hands_code_is(d, "8", "in-step");
}

/* Said yes to, and not due yet. */
static void a_yes_that_waits_for_a_day_can_be_taken_back(void **state) {
    struct delivers *d = *state;
    begin_with_questions(d);
    delivers_policy(d, "{\"invite\":\"on-hire-date\"}");
    world_put(d->w, "3", "hire_date=2026-12-01");
    hands_answer(d, "3", ACCOUNTS_APPROVE);
    hands_day(d);
    hands_code_is(d, "3", "before-hire-date");
    hands_answer(d, "3", ACCOUNTS_IGNORE);
    delivers_day(d, 90);
    hands_day(d);
    hands_code_is(d, "3", "ignored");
}

/* Said yes to when somebody on the platform had opened it already. */
static void an_old_yes_opens_nothing_that_is_closed_later(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    delivers_policy(d, "{\"undo-deactivated-by-hand\":\"no\"}");
    struct account *is = &memory_platform_find(&d->there, delivers_id(d, "3"))->is;
    is->status = ACCOUNT_DEACTIVATED;
    hands_day(d);
    hands_code_is(d, "3", "deactivated-by-hand");
    is->status = ACCOUNT_ACTIVE;
    hands_answer(d, "3", ACCOUNTS_APPROVE);
    hands_day(d);
    hands_code_is(d, "3", "in-step");
    delivers_day(d, 90);
    is->status = ACCOUNT_DEACTIVATED;
    hands_day(d);
    hands_code_is(d, "3", "deactivated-by-hand");
    assert_int_equal(is->status, ACCOUNT_DEACTIVATED);
    hands_answer(d, "3", ACCOUNTS_APPROVE); /* a yes to this question counts */
    hands_hour(d);
    assert_int_equal(is->status, ACCOUNT_ACTIVE);
}

static void who_has_left_since_is_made_no_account_by_an_old_yes(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    memory_platform_find(&d->there, delivers_id(d, "3"))->exists = false;
    hands_day(d);
    hands_code_is(d, "3", "deleted-there");
    hands_answer(d, "3", ACCOUNTS_APPROVE);
    world_put(d->w, "3", "status=inactive");
    hands_day(d);
    size_t mails = d->there.mails_n;
    delivers_day(d, 200);
    world_put(d->w, "3", "status=active");
    hands_day(d);
    hands_code_is(d, "3", "deleted-there");
    assert_int_equal(delivers_row(d, "3").approval, ACCOUNT_APPROVAL_RECREATE);
    assert_int_equal(d->there.mails_n, mails);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        DELIVERS_TEST(a_no_after_a_yes_counts),
        DELIVERS_TEST(a_yes_after_a_no_counts),
        DELIVERS_TEST(nor_is_one_of_somebody_who_is_gone_apart_after_that),
        DELIVERS_TEST(a_late_yes_can_be_taken_back_before_the_delivery),
        DELIVERS_TEST(a_yes_that_waits_for_a_day_can_be_taken_back),
        DELIVERS_TEST(an_old_yes_opens_nothing_that_is_closed_later),
        DELIVERS_TEST(who_has_left_since_is_made_no_account_by_an_old_yes),
    };
    return place_run("answers", tests, RC_LEN(tests), argc, argv);
}
