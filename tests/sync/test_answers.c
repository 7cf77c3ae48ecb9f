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

/* That a new account is made instead of the one that was deleted was said before somebody had the address. */
static void a_no_is_about_the_account_that_is_asked_about(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    memory_platform_find(&d->there, delivers_id(d, "3"))->exists = false;
    hands_day(d);
    struct text id = hands_stranger(d, "Some", "Body", "p3@x.org");
    hands_day(d);
    hands_code_is(d, "3", "deleted-there");
    hands_answer(d, "3", ACCOUNTS_CREATE);
    hands_hour(d);
    hands_code_is(d, "3", "adopt-other-name");
    hands_answer(d, "3", ACCOUNTS_IGNORE);
    hands_hour(d);
    hands_code_is(d, "3", "email-taken");
    memory_platform_find(&d->there, id)->is.fields[USER_EMAIL].known = TEXT_LIT("some@x.org");
    hands_day(d);
    hands_code_is(d, "3", "in-step");
    assert_false(text_equal(delivers_row(d, "3").is.remote_id, id));
}

/* An account was made again after the backup, which knows of one alone that was deleted, and perhaps of the yes. */
static void made_again_and_forgotten(struct delivers *d, bool with_yes) {
    struct account_row before;
    delivers_begin(d, 6);
    memory_platform_find(&d->there, delivers_id(d, "3"))->exists = false;
    hands_day(d);
    before = delivers_row(d, "3");
    hands_answer(d, "3", ACCOUNTS_CREATE);
    if (with_yes)
        before = delivers_row(d, "3");
    hands_hour(d);
    size_t accounts = d->there.accounts_n;
    struct text id = hands_id(d, "3");
    hands_put_back(d, &before);
    struct run r = hands_day(d);
    assert_state(&r, RUN_HELD);
    delivers_approve(d, r.run_id);
    hands_code_is(d, "3", "in-step");
    assert_int_equal(d->there.accounts_n, accounts);
    world_put(d->w, "3", "status=inactive");
    world_import(d->w);
    assert_string_equal(hands_left(d), "3 next-delivery");
    hands_hour(d);
    assert_int_equal(hands_there(d, id)->status, ACCOUNT_DEACTIVATED);
}

static void one_that_was_made_again_and_forgotten_is_found_by_its_id(void **state) {
    made_again_and_forgotten(*state, false);
}

static void nor_does_a_yes_that_has_come_back_make_another(void **state) {
    made_again_and_forgotten(*state, true);
}

/* Whose account was deleted has left before the other one was found. */
static void and_is_closed_where_they_have_left_since(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    memory_platform_find(&d->there, delivers_id(d, "3"))->exists = false;
    hands_day(d);
    world_put(d->w, "3", "status=inactive");
    hands_day(d);
    hands_code_is(d, "3", "deleted-there");
    struct text id = hands_stranger(d, "First3", "Last3", "p3@x.org");
    memory_platform_find(&d->there, id)->is.external_id = TEXT_LIT("rc:hr:3");
    hands_day(d);
    assert_int_equal(hands_there(d, id)->status, ACCOUNT_DEACTIVATED);
}

/* ---- by a clock of which nobody knows whether it is right ---- */

static void clock_goes(struct delivers *d, int days) {
    delivers_day(d, days);
    d->there.clock_apart_s = d->there.clock_apart_s == 0 ? -days * (DAY_US / 1000000) : 0;
    world_import(d->w);
    hands_hour(d);
}

static const struct word_row {
    const char *name, *policy;
} word_rows[] = {
    { "nobody is made an account for a day while the clocks differ",
      "{\"invite\":\"by-hand\",\"account-without-mail\":\"no\"}" },
    { "nor is an account invited for a day then",
      "{\"invite\":\"by-hand\",\"account-without-mail\":\"yes\"}" },
};

static void a_day_that_was_asked_for_is_not_taken_from_a_wrong_clock(void **state) {
    struct delivers *d = *state;
    const struct word_row *row = d->row;
    delivers_begin(d, 6);
    delivers_policy(d, row->policy);
    world_add(d->w, "8");
    world_import(d->w);
    hands_hour(d);
    struct accounts_context x = hands_context(d);
    date_days on = (date_days)(clock_now_us(&d->w->clock) / DAY_US) + 10; /* the zone is UTC */
    OK(accounts_invite(&x, &(int64_t){ hands_user(d, "8") }, 1, on, &d->err));
    size_t mails = d->there.mails_n;
    clock_goes(d, 30);
    hands_code_is(d, "8", "clock-in-doubt");
    clock_goes(d, -30);
    hands_code_is(d, "8", "invitation-asked");
    assert_int_equal(d->there.mails_n, mails);
    clock_goes(d, 10);
    d->there.clock_apart_s = 0;
    hands_hour(d);
    hands_code_is(d, "8", "in-step");
    assert_int_equal(d->there.mails_n, mails + 1);
}

static void a_closed_account_is_not_handed_on_and_opened_by_a_wrong_clock(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    delivers_policy(d, "{\"relink\":\"yes\",\"invite\":\"on-hire-date\"}");
    struct text id = hands_id(d, "5");
    world_put(d->w, "5", "status=inactive");
    hands_day(d);
    world_add(d->w, "8");
    world_put(d->w, "8", "email=p5@x.org");
    world_put(d->w, "8", "first_name=First5");
    world_put(d->w, "8", "last_name=Last5");
    world_put(d->w, "8", "hire_date=2026-12-01");
    hands_day(d);
    hands_code_is(d, "8", "before-hire-date");
    clock_goes(d, 90);
    hands_code_is(d, "8", "clock-in-doubt");
    assert_int_equal(hands_there(d, id)->status, ACCOUNT_DEACTIVATED);
    d->there.clock_apart_s = 0; /* it was right */
    hands_hour(d);
    assert_int_equal(hands_there(d, id)->status, ACCOUNT_ACTIVE);
}

static void a_yes_does_not_end_with_a_day_that_has_come_by_a_wrong_clock(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    memory_platform_find(&d->there, delivers_id(d, "3"))->exists = false;
    world_put(d->w, "3", "termination_date=2026-12-01");
    hands_day(d);
    hands_code_is(d, "3", "deleted-there");
    hands_answer(d, "3", ACCOUNTS_CREATE);
    clock_goes(d, 90);
    hands_code_is(d, "3", "clock-in-doubt");
    clock_goes(d, -90);
    hands_code_is(d, "3", "in-step");
}

static void whoever_joins_while_the_clock_is_ahead_of_their_last_day_has_an_account(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    world_add(d->w, "8");
    world_put(d->w, "8", "termination_date=2026-12-01");
    clock_goes(d, 90);
    hands_code_is(d, "8", "clock-in-doubt");
    clock_goes(d, -90);
    hands_code_is(d, "8", "in-step");
}

/* Not even when nobody has looked at them since. */
static const struct hand_row {
    const char *name, *ends, *moved;
    int clock_days, days;
    const char *code;
} hand_rows[] = {
    { "what a hand has closed is not HR's by a clock that is wrong", "termination_date=2026-12-01",
      NULL, 90, 0, "clock-in-doubt" },
    { "nor by a date that HR may have moved since it was read", "termination_date=2026-10-10",
      "termination_date=2026-12-10", 0, 30, "read-too-long-ago" },
};

static void what_a_hand_has_closed_stays_closed(void **state) {
    struct delivers *d = *state;
    const struct hand_row *row = d->row;
    delivers_begin(d, 6);
    delivers_policy(d, "{\"undo-deactivated-by-hand\":\"no\"}");
    world_put(d->w, "3", row->ends);
    struct text id = hands_id(d, "3");
    memory_platform_find(&d->there, id)->is.status = ACCOUNT_DEACTIVATED;
    hands_day(d);
    hands_code_is(d, "3", "deactivated-by-hand");
    if (row->clock_days != 0)
        clock_goes(d, row->clock_days);
    delivers_day(d, row->days);
    hands_hour(d);
    hands_code_is(d, "3", row->code);
    if (row->clock_days != 0)
        clock_goes(d, -row->clock_days);
    if (row->moved != NULL)
        world_put(d->w, "3", row->moved);
    hands_day(d);
    hands_code_is(d, "3", "deactivated-by-hand");
    world_put(d->w, "3", "job_title=Cook");
    hands_day(d);
    hands_code_is(d, "3", "deactivated-by-hand");
    assert_int_equal(hands_there(d, id)->status, ACCOUNT_DEACTIVATED);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[18] = {
        DELIVERS_TEST(a_no_after_a_yes_counts),
        DELIVERS_TEST(a_yes_after_a_no_counts),
        DELIVERS_TEST(nor_is_one_of_somebody_who_is_gone_apart_after_that),
        DELIVERS_TEST(a_late_yes_can_be_taken_back_before_the_delivery),
        DELIVERS_TEST(a_yes_that_waits_for_a_day_can_be_taken_back),
        DELIVERS_TEST(an_old_yes_opens_nothing_that_is_closed_later),
        DELIVERS_TEST(who_has_left_since_is_made_no_account_by_an_old_yes),
        DELIVERS_TEST(a_no_is_about_the_account_that_is_asked_about),
        DELIVERS_TEST(one_that_was_made_again_and_forgotten_is_found_by_its_id),
        DELIVERS_TEST(nor_does_a_yes_that_has_come_back_make_another),
        DELIVERS_TEST(and_is_closed_where_they_have_left_since),
        DELIVERS_TEST(a_yes_does_not_end_with_a_day_that_has_come_by_a_wrong_clock),
        DELIVERS_TEST(whoever_joins_while_the_clock_is_ahead_of_their_last_day_has_an_account),
        DELIVERS_TEST(a_closed_account_is_not_handed_on_and_opened_by_a_wrong_clock),
    };
    size_t n = CHECK_LISTED(tests);
    DELIVERS_ROWS(tests, n, word_rows, a_day_that_was_asked_for_is_not_taken_from_a_wrong_clock);
    DELIVERS_ROWS(tests, n, hand_rows, what_a_hand_has_closed_stays_closed);
    return place_run("answers", tests, n, argc, argv);
}
