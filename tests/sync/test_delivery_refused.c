/* One person is refused, and no field is named: that is told as it is, and what is stated anew is tried once. */
#include "tests/sync/delivers.h"

static struct memory_platform_fault creates = { MEMORY_PLATFORM_CREATE, 0, RC_INVALID,
                                                "destination.refused", false },
                                    updates = { MEMORY_PLATFORM_UPDATE, 0, RC_INVALID,
                                                "destination.refused", false };

static void refuses(struct delivers *d, const struct memory_platform_fault *what) {
    d->there.faults = what;
    d->there.faults_n = what != NULL;
}

static void states(struct delivers *d, const char *person, const char *pair) {
    world_put(d->w, person, pair);
    world_import(d->w);
}

/* How often it is tried in two deliveries. */
static unsigned tries(struct delivers *d, enum memory_platform_call call) {
    unsigned before = d->there.calls_n[call];
    delivers_run(d);
    delivers_run(d);
    return d->there.calls_n[call] - before;
}

static void is_told(struct delivers *d, const char *person, const char *says) {
    struct account_row row = delivers_row(d, person);
    assert_true(text_is(row.code, "refused-unnamed"));
    assert_true(text_is(row.waits, "hr"));
    assert_says(row.sentence, says);
    assert_says(row.sentence, "named no field: memory");
    assert_says(row.remedy, "another value of anything that was sent is tried again, once");
}

static void
a_refusal_to_make_somebody_is_told_as_it_is_and_each_new_value_is_tried_once(void **state) {
    static const char *const news[] = { "first_name=Anna", "last_name=Meyer", "job_title=Cook",
                                        "office=Ulm#6", "email=p9@x.org" };
    struct delivers *d = *state;
    delivers_begin(d, 3);
    world_add(d->w, "4");
    world_import(d->w);
    refuses(d, &creates);
    assert_int_equal(tries(d, MEMORY_PLATFORM_CREATE), 1);
    is_told(d, "4", "refused to make an account of what HR states");
    assert_int_equal(delivers_run(d).run_id, 0);
    for (size_t i = 0; i < RC_LEN(news); i++) {
        states(d, "4", news[i]);
        if (tries(d, MEMORY_PLATFORM_CREATE) != 1)
            fail_msg("%s is not tried once", news[i]);
        is_told(d, "4", "refused to make an account of what HR states");
    }
    refuses(d, NULL);
    delivers_run(d); /* nobody knows that the platform would take it by now */
    assert_string_equal(delivers_code(d, "4"), "refused-unnamed");
    states(d, "4", "last_name=Meier");
    delivers_run(d);
    assert_string_equal(delivers_code(d, "4"), "in-step");
    assert_true(text_is(delivers_shows(d, "4", "last_name"), "Meier"));
    assert_true(text_is(delivers_shows(d, "4", "first_name"), "Anna"));
    assert_int_equal(delivers_row(d, "4").is.declined_n, 0);
}

static void two_values_of_2_are_refused(struct delivers *d) {
    delivers_begin(d, 3);
    world_put(d->w, "2", "job_title=Cook");
    states(d, "2", "last_name=Meyer");
    refuses(d, &updates);
    assert_int_equal(tries(d, MEMORY_PLATFORM_UPDATE), 1);
}

static void what_was_refused_in_one_is_held_until_one_of_it_is_another_value(void **state) {
    struct delivers *d = *state;
    two_values_of_2_are_refused(d);
    is_told(d, "2", "last_name: Last2 stays: the platform refused Meyer with all");
    /* What is new besides goes by itself, and is refused too. */
    states(d, "2", "first_name=Anna");
    assert_int_equal(tries(d, MEMORY_PLATFORM_UPDATE), 1);
    is_told(d, "2", "first_name: First2 stays");
    assert_int_equal(delivers_row(d, "2").is.declined_n, 3);
    assert_int_equal(tries(d, MEMORY_PLATFORM_UPDATE), 0);
    refuses(d, NULL);
    states(d, "2", "office=Ulm#6");
    assert_int_equal(tries(d, MEMORY_PLATFORM_UPDATE), 1);
    assert_true(text_is(delivers_shows(d, "2", "primary_location"), "Ulm"));
    assert_true(text_is(delivers_shows(d, "2", "job_title"), "Welder"));
    is_told(d, "2", "first_name: First2 stays");
    states(d, "2", "job_title=Baker");
    assert_int_equal(tries(d, MEMORY_PLATFORM_UPDATE), 1);
    assert_true(text_is(delivers_shows(d, "2", "job_title"), "Baker"));
    assert_true(text_is(delivers_shows(d, "2", "last_name"), "Meyer"));
    assert_true(text_is(delivers_shows(d, "2", "first_name"), "Anna"));
    assert_string_equal(delivers_code(d, "2"), "in-step");
    assert_int_equal(delivers_row(d, "2").is.declined_n, 0);
}

/* It shows one of the values by now: the rest is tried once more. */
static void whoever_corrects_one_of_it_on_the_platform_has_the_rest_tried_again(void **state) {
    struct delivers *d = *state;
    two_values_of_2_are_refused(d);
    memory_platform_find(&d->there, delivers_id(d, "2"))->is.fields[USER_LAST_NAME].known =
        TEXT_LIT("Meyer");
    delivers_day(d, 1);
    world_import(d->w);
    assert_int_equal(tries(d, MEMORY_PLATFORM_UPDATE), 1);
    is_told(d, "2", "job_title: Welder stays");
    refuses(d, NULL);
    states(d, "2", "job_title=Welder");
    delivers_run(d);
    assert_string_equal(delivers_code(d, "2"), "in-step");
}

/* A refusal that names its field is about that one alone. */
static void a_field_that_is_named_is_still_told_as_itself(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    d->there.refuses = "Forbidden";
    world_put(d->w, "2", "job_title=Forbidden");
    states(d, "2", "last_name=Meyer");
    delivers_run(d);
    assert_string_equal(delivers_code(d, "2"), "refused");
    assert_true(text_is(delivers_shows(d, "2", "last_name"), "Meyer"));
    assert_int_equal(delivers_row(d, "2").is.declined_n, 0);
}

static void nobody_stays_open_for_it(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    states(d, "2", "last_name=Meyer");
    refuses(d, &updates);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "2"), "refused-unnamed");
    states(d, "2", "status=inactive");
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_DEACTIVATED);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        DELIVERS_TEST(a_refusal_to_make_somebody_is_told_as_it_is_and_each_new_value_is_tried_once),
        DELIVERS_TEST(what_was_refused_in_one_is_held_until_one_of_it_is_another_value),
        DELIVERS_TEST(whoever_corrects_one_of_it_on_the_platform_has_the_rest_tried_again),
        DELIVERS_TEST(a_field_that_is_named_is_still_told_as_itself),
        DELIVERS_TEST(nobody_stays_open_for_it),
    };
    return place_run("delivery_refused", tests, RC_LEN(tests), argc, argv);
}
