/* Days of grace beside imports that are held, times in which nothing is read, and cleaning up: nobody is closed whom HR
 * may have taken back by then. */
#include "sync/retain.h"
#include "tests/sync/hands.h"

#define HOLDS_NAMES   "{\"name\":{\"run\":[0,0]}}"
#define HOLDS_LEAVERS "{\"leavers\":{\"run\":[0,0]}}"

static void begin(struct delivers *d, const char *policy) {
    delivers_begin(d, 4);
    delivers_policy(d, policy);
    delivers_run(d);
}

static struct run hr_says(struct delivers *d, const char *pair) {
    world_put(d->w, "2", pair);
    return world_import(d->w);
}

static void is(struct delivers *d, const char *code, enum account_status status) {
    delivers_run(d);
    assert_string_equal(delivers_code(d, "2"), code);
    assert_int_equal(delivers_status(d, "2"), status);
}

static unsigned closings(const struct delivers *d) {
    return d->there.calls_n[MEMORY_PLATFORM_DEACTIVATE];
}

/* ---- an import that is held ---- */

static void whoever_is_back_by_a_held_import_outlasts_their_days(void **state) {
    struct delivers *d = *state;
    begin(d, "{\"close-status\":\"5\"}");
    hr_says(d, "status=inactive");
    is(d, "grace", ACCOUNT_ACTIVE);
    delivers_day(d, 4);
    world_limits(d->w, HOLDS_NAMES);
    world_put(d->w, "3", "last_name=Meyer");
    struct run held = hr_says(d, "status=active");
    assert_state(&held, RUN_HELD);
    for (int day = 4; day < 7; day++) {
        is(d, day == 4 ? "grace" : "held-otherwise", ACCOUNT_ACTIVE);
        delivers_day(d, 1);
    }
    assert_string_equal(hands_left(d), "2 held-otherwise");
    world_approve(d->w, held.run_id);
    is(d, "in-step", ACCOUNT_ACTIVE);
    assert_string_equal(hands_left(d), "");
    assert_int_equal(closings(d), 0);
}

/* Nor does what is held of others keep anybody signed in. */
static void whoever_is_gone_by_it_too_is_closed_on_their_day(void **state) {
    struct delivers *d = *state;
    begin(d, "{\"close-status\":\"5\"}");
    hr_says(d, "status=inactive");
    is(d, "grace", ACCOUNT_ACTIVE);
    delivers_day(d, 4);
    world_limits(d->w, HOLDS_NAMES);
    world_put(d->w, "3", "last_name=Meyer");
    struct run held = hr_says(d, "job_title=Foreman");
    assert_state(&held, RUN_HELD);
    is(d, "grace", ACCOUNT_ACTIVE);
    delivers_day(d, 1);
    is(d, "closed", ACCOUNT_DEACTIVATED);
}

/* What was held is HR's word of when it was read. */
static void days_pass_while_it_is_held_that_they_left(void **state) {
    struct delivers *d = *state;
    begin(d, "{\"close-status\":\"5\"}");
    world_limits(d->w, HOLDS_LEAVERS);
    struct run held = hr_says(d, "status=inactive");
    assert_state(&held, RUN_HELD);
    delivers_day(d, 3);
    is(d, "in-step", ACCOUNT_ACTIVE);
    world_approve(d->w, held.run_id);
    is(d, "grace", ACCOUNT_ACTIVE);
    delivers_day(d, 2);
    is(d, "closed", ACCOUNT_DEACTIVATED);
}

static void what_was_held_for_long_closes_nobody_before_hr_is_read_again(void **state) {
    struct delivers *d = *state;
    begin(d, "{\"close-status\":\"5\"}");
    world_limits(d->w, HOLDS_LEAVERS);
    struct run held = hr_says(d, "status=inactive");
    delivers_day(d, 20);
    world_approve(d->w, held.run_id);
    is(d, "read-too-long-ago", ACCOUNT_ACTIVE);
    hr_says(d, "status=active");
    is(d, "in-step", ACCOUNT_ACTIVE);
    assert_int_equal(closings(d), 0);
}

/* ---- nothing is read, or delivered ---- */

static const struct gap_row {
    const char *name, *policy, *pair; /* pair NULL: HR knows them no more */
    bool seen;                        /* a delivery saw it before */
} gap_rows[] = {
    { "a status, of which a delivery knew", "{\"close-status\":\"5\"}", "status=inactive", true },
    { "a status, of which none did", "{\"close-status\":\"5\"}", "status=inactive", false },
    { "not known any more, of which a delivery knew", "{}", NULL, true },
    { "not known any more, of which none did", "{}", NULL, false },
};

static void begin_gap(struct delivers *d, const struct gap_row *row) {
    begin(d, row->policy);
    world_limits(d->w, WORLD_NO_LIMITS);
    if (row->pair != NULL)
        hr_says(d, row->pair);
    else {
        world_drop(d->w, "2");
        world_import(d->w);
    }
    if (row->seen)
        is(d, "grace", ACCOUNT_ACTIVE);
    delivers_day(d, 60);
    for (int i = 0; i < 2; i++) {
        is(d, "read-too-long-ago", ACCOUNT_ACTIVE);
        delivers_day(d, 1);
    }
    assert_string_equal(hands_left(d), "2 read-too-long-ago");
}

static void after_two_months_hr_is_read_before_anybody_is_closed(void **state) {
    struct delivers *d = *state;
    const struct gap_row *row = d->row;
    begin_gap(d, row);
    if (row->pair == NULL)
        world_add(d->w, "2");
    hr_says(d, "status=active");
    is(d, "in-step", ACCOUNT_ACTIVE);
    assert_int_equal(closings(d), 0);
    assert_string_equal(hands_left(d), "");
}

static void whoever_is_gone_still_is_closed_then(void **state) {
    struct delivers *d = *state;
    begin_gap(d, d->row);
    world_import(d->w);
    is(d, "closed", ACCOUNT_DEACTIVATED);
    assert_int_equal(closings(d), 1);
    assert_string_equal(hands_left(d), "");
}

/* Without days of grace it is no matter of a date: HR has said it. */
static void what_closes_at_once_was_hrs_word_and_closes_after_a_gap(void **state) {
    struct delivers *d = *state;
    begin(d, "{}");
    hr_says(d, "status=inactive");
    delivers_day(d, 60);
    is(d, "closed", ACCOUNT_DEACTIVATED);
}

/* ---- cleaning up ---- */

static void clean_up(struct delivers *d) {
    static const char *const all[] = { "stages=1", "history=1", "effects=30", "audit=90",
                                       "runs=60" };
    struct bed *b = d->w->bed;
    struct retention r;
    struct retention_counts n;
    OK(retention_get(b->st, b->company_id, &r, &why));
    for (size_t i = 0; i < RC_LEN(all); i++)
        OK(retention_set(&r, all[i], &why));
    OK(retention_save(b->st, b->company_id, &r, &why));
    OK(retain_run(b->st, &d->w->clock, &d->w->company, &n, &why));
}

static void what_is_kept_of_when_they_left_outlasts_cleaning_up(void **state) {
    struct delivers *d = *state;
    begin(d, "{\"close-status\":\"100\"}");
    hr_says(d, "status=inactive");
    is(d, "grace", ACCOUNT_ACTIVE);
    delivers_day(d, 70);
    hr_says(d, "job_title=Foreman");
    clean_up(d);
    is(d, "grace", ACCOUNT_ACTIVE);
    delivers_day(d, 29);
    world_import(d->w);
    clean_up(d);
    is(d, "grace", ACCOUNT_ACTIVE);
    delivers_day(d, 1);
    is(d, "closed", ACCOUNT_DEACTIVATED);
}

/* No delivery had looked: what is left says that it has been so for as long as that, and no longer. */
static void where_nothing_is_kept_the_days_count_from_the_oldest_that_is_left(void **state) {
    struct delivers *d = *state;
    begin(d, "{\"close-status\":\"10\"}");
    hr_says(d, "status=inactive");
    delivers_day(d, 6);
    hr_says(d, "job_title=Foreman");
    delivers_day(d, 3);
    clean_up(d);
    delivers_day(d, 6);
    world_import(d->w);
    is(d, "grace", ACCOUNT_ACTIVE);
    delivers_day(d, 1);
    is(d, "closed", ACCOUNT_DEACTIVATED);
}

static void a_hold_can_be_approved_however_often_it_was_cleaned_up(void **state) {
    struct delivers *d = *state;
    begin(d, "{\"close-status\":\"5\"}");
    hr_says(d, "status=inactive");
    is(d, "grace", ACCOUNT_ACTIVE);
    world_limits(d->w, HOLDS_NAMES);
    world_put(d->w, "3", "last_name=Meyer");
    struct run held = hr_says(d, "status=active");
    for (int i = 0; i < 3; i++) {
        delivers_day(d, 50);
        clean_up(d);
        is(d, "held-otherwise", ACCOUNT_ACTIVE);
    }
    world_approve(d->w, held.run_id);
    is(d, "in-step", ACCOUNT_ACTIVE);
    assert_int_equal(closings(d), 0);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[8 + 2 * RC_LEN(gap_rows)] = {
        DELIVERS_TEST(whoever_is_back_by_a_held_import_outlasts_their_days),
        DELIVERS_TEST(whoever_is_gone_by_it_too_is_closed_on_their_day),
        DELIVERS_TEST(days_pass_while_it_is_held_that_they_left),
        DELIVERS_TEST(what_was_held_for_long_closes_nobody_before_hr_is_read_again),
        DELIVERS_TEST(what_closes_at_once_was_hrs_word_and_closes_after_a_gap),
        DELIVERS_TEST(what_is_kept_of_when_they_left_outlasts_cleaning_up),
        DELIVERS_TEST(where_nothing_is_kept_the_days_count_from_the_oldest_that_is_left),
        DELIVERS_TEST(a_hold_can_be_approved_however_often_it_was_cleaned_up),
    };
    size_t n = 8;
    DELIVERS_ROWS(tests, n, gap_rows, after_two_months_hr_is_read_before_anybody_is_closed);
    DELIVERS_ROWS(tests, n, gap_rows, whoever_is_gone_still_is_closed_then);
    return place_run("grace", tests, n, argc, argv);
}
