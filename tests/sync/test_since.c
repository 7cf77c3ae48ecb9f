/* Since when days of grace count: from HR's own word, whenever a delivery looks, and by no clock that is wrong. */
#include "sync/left.h"
#include "tests/sync/delivers.h"

enum { GRACE = 5, FAR = 40 };

static void begin(struct delivers *d) {
    delivers_begin(d, 4);
    delivers_policy(d, "{\"close-status\":\"5\",\"close-excluded\":\"5\"}");
    delivers_run(d);
}

static void hr_says(struct delivers *d, const char *pair) {
    world_put(d->w, "2", pair);
    world_import(d->w);
}

static int64_t left_n(struct delivers *d) {
    struct platform p = delivers_platform(d);
    struct account_row *rows;
    size_t n = 0;
    int64_t all = 0;
    OK(left_find(d->w->bed->st, &d->w->company, &p, clock_now_us(&d->w->clock), 0, 10,
                 &d->w->bed->a, &rows, &n, &all, &d->err));
    return all;
}

/* From now on they stay open for so many days, by every delivery, and then are closed. Until a delivery looks at the
 * last day, they are told as who can still sign in. */
static void closes_after(struct delivers *d, int days) {
    for (int i = 0; i < days; i++) {
        assert_int_equal(left_n(d), 0);
        delivers_run(d);
        assert_string_equal(delivers_code(d, "2"), "grace");
        assert_int_equal(delivers_status(d, "2"), ACCOUNT_ACTIVE);
        delivers_day(d, 1);
    }
    assert_int_equal(left_n(d), 1);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_DEACTIVATED);
    assert_int_equal(left_n(d), 0);
}

static void they_count_while_nothing_is_delivered(void **state) {
    struct delivers *d = *state;
    begin(d);
    hr_says(d, "status=inactive");
    delivers_day(d, GRACE - 1);
    closes_after(d, 1);
}

static void whoever_is_told_with_another_title_does_not_begin_anew(void **state) {
    struct delivers *d = *state;
    begin(d);
    hr_says(d, "status=inactive");
    delivers_day(d, GRACE - 1);
    hr_says(d, "job_title=Foreman");
    closes_after(d, 1);
}

static void a_title_of_yesterday_takes_no_day_away(void **state) {
    struct delivers *d = *state;
    begin(d);
    hr_says(d, "job_title=Foreman");
    delivers_day(d, 1);
    hr_says(d, "status=inactive");
    closes_after(d, GRACE);
}

static void whoever_works_in_between_has_all_the_days_again(void **state) {
    struct delivers *d = *state;
    begin(d);
    hr_says(d, "status=inactive");
    delivers_run(d);
    delivers_day(d, 2);
    hr_says(d, "status=active");
    delivers_day(d, 1);
    hr_says(d, "status=inactive");
    closes_after(d, GRACE);
}

static void a_filter_gives_all_the_days_whenever_hr_was_read(void **state) {
    struct delivers *d = *state;
    begin(d);
    delivers_day(d, 9);
    struct run r = world_mapping(d->w, "exclude when id == \"2\"\n");
    assert_state(&r, RUN_APPLIED);
    delivers_day(d, 2); /* while nothing is delivered */
    for (int i = 2; i < GRACE; i++) {
        delivers_run(d);
        assert_string_equal(delivers_code(d, "2"), "grace");
        delivers_day(d, 1);
    }
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_DEACTIVATED);
}

/* The machine's clock is so many days ahead; it says so of the platform's. */
static void clock_goes(struct delivers *d, int days) {
    delivers_day(d, days);
    d->there.clock_apart_s = d->there.clock_apart_s == 0 ? -days * (DAY_US / 1000000) : 0;
}

static const struct clock_row {
    const char *name;
    int days;
    bool says; /* the platform what its time is */
} clock_rows[] = {
    { "whoever leaves while the clock is ahead has the days from when it is right", FAR, true },
    { "whoever leaves while the clock is behind has the days from when it is right", -FAR, true },
    { "whoever leaves while the clock is behind, and nobody says so, has the days", -FAR, false },
};

static void a_wrong_clock_takes_and_adds_nothing(void **state) {
    struct delivers *d = *state;
    const struct clock_row *row = d->row;
    begin(d);
    clock_goes(d, row->days);
    if (!row->says)
        d->there.clock_apart_s = 0;
    hr_says(d, "status=inactive");
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_ACTIVE);
    delivers_day(d, -row->days);
    d->there.clock_apart_s = 0;
    hr_says(d, "job_title=Foreman"); /* another run, by a clock that is right */
    closes_after(d, GRACE);
}

/* The last day has come by a clock that is wrong. */
static void no_day_of_grace_ends_while_the_clock_is_in_doubt(void **state) {
    struct delivers *d = *state;
    begin(d);
    hr_says(d, "status=inactive");
    delivers_run(d);
    struct account_row was = delivers_row(d, "2");
    clock_goes(d, FAR);
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "2"), "clock-in-doubt");
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_ACTIVE);
    struct account_row row = delivers_row(d, "2");
    assert_true(account_gone_equal(&row.is.gone, &was.is.gone));
    clock_goes(d, -FAR);
    closes_after(d, GRACE);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[6 + RC_LEN(clock_rows)] = {
        DELIVERS_TEST(they_count_while_nothing_is_delivered),
        DELIVERS_TEST(whoever_is_told_with_another_title_does_not_begin_anew),
        DELIVERS_TEST(a_title_of_yesterday_takes_no_day_away),
        DELIVERS_TEST(whoever_works_in_between_has_all_the_days_again),
        DELIVERS_TEST(a_filter_gives_all_the_days_whenever_hr_was_read),
        DELIVERS_TEST(no_day_of_grace_ends_while_the_clock_is_in_doubt),
    };
    size_t n = 6;
    DELIVERS_ROWS(tests, n, clock_rows, a_wrong_clock_takes_and_adds_nothing);
    return place_run("since", tests, n, argc, argv);
}
