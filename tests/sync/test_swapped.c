/* People who are to get each other's addresses in a circle: none can go first, and each is told who is in it and
 * what helps. */
#include "store/account.h"
#include "sync/accounts.h"
#include "tests/sync/delivers.h"

static void states(struct delivers *d, const char *person, const char *address) {
    world_put(d->w, person, arena_printf(&d->w->bed->a, "email=%s", address));
}

#define ANY_NUMBER "{\"email\":{\"run\":[1000,100],\"24h\":[1000,100],\"30d\":[1000,100]}}"

static void begin(struct delivers *d) {
    delivers_begin(d, 5);
    world_limits(d->w, ANY_NUMBER);
    delivers_limits(d, ANY_NUMBER);
}

static void is_told(struct delivers *d, const char *person) {
    struct account_row row = delivers_row(d, person);
    static const char *const others[] = { "2", "3", "4" };
    assert_string_equal(delivers_code(d, person), "email-swapped");
    assert_says(row.sentence, "none of them can go first");
    for (size_t i = 0; i < RC_LEN(others); i++)
        if (strcmp(others[i], person) != 0)
            assert_says(row.sentence, arena_printf(&d->w->bed->a, "account %.*s,",
                                                   TEXT_ARG(delivers_id(d, others[i]))));
    assert_says(row.remedy, "some other address first, on the platform or in HR");
}

static void comes_to_rest(struct delivers *d) {
    unsigned writes = delivers_writes(d);
    assert_int_equal(delivers_run(d).run_id, 0);
    assert_int_equal(delivers_run(d).run_id, 0);
    assert_int_equal(delivers_writes(d), writes);
    assert_int_equal(bed_number(d->w->bed, "SELECT COUNT(*) FROM account WHERE dirty > 0"), 0);
}

/* 2 -> 3 -> 4 -> 2, each by the address that the other's account shows. */
static void a_circle_of_three_is_told_to_each_and_ends_by_hr(void **state) {
    struct delivers *d = *state;
    begin(d);
    states(d, "2", "p3@x.org");
    states(d, "3", "p4@x.org");
    states(d, "4", "p2@x.org");
    world_import(d->w);
    assert_int_equal(delivers_run(d).run_id, 0);
    is_told(d, "2");
    is_told(d, "3");
    is_told(d, "4");
    comes_to_rest(d);
    states(d, "3", "other@x.org");
    world_import(d->w);
    assert_state((struct run[]){ delivers_run(d) }, RUN_APPLIED);
    assert_true(text_is(delivers_shows(d, "2", "email"), "p3@x.org"));
    states(d, "3", "p4@x.org");
    world_import(d->w);
    delivers_run(d);
    delivers_run(d);
    assert_true(text_is(delivers_shows(d, "3", "email"), "p4@x.org"));
    assert_true(text_is(delivers_shows(d, "4", "email"), "p2@x.org"));
    comes_to_rest(d);
}

/* As it closes far from 2, whose own values have not changed by then. */
static void one_that_closes_later_is_told_to_all_of_them(void **state) {
    struct delivers *d = *state;
    static const char *const steps[][2] = { { "2", "p3@x.org" },
                                            { "3", "p4@x.org" },
                                            { "4", "p2@x.org" } };
    begin(d);
    for (size_t i = 0; i < RC_LEN(steps); i++) {
        states(d, steps[i][0], steps[i][1]);
        world_import(d->w);
        assert_int_equal(delivers_run(d).run_id, 0);
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(delivers_run(d).run_id, 0);
    is_told(d, "2");
    is_told(d, "3");
    is_told(d, "4");
    comes_to_rest(d);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        DELIVERS_TEST(a_circle_of_three_is_told_to_each_and_ends_by_hr),
        DELIVERS_TEST(one_that_closes_later_is_told_to_all_of_them),
    };
    return PLACE_RUN(tests, argc, argv);
}
