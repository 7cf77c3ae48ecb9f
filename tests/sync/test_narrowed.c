/* Nobody is harmed by a credential that sees fewer people than before, with its rights as they were: HR's answers are
 * those for people who were deleted. */
#include "tests/sync/world.h"

static void several_who_are_gone_without_an_end_date_are_asked_for_and_held(void **state) {
    struct world *w = *state;
    world_begin(w, 40);
    world_drop_many(w, 11, 12);
    world_put(w, "3", "last_name=Changed");
    struct run r = world_import(w);
    assert_state(&r, RUN_HELD);
    assert_says(r.reason, "2 people gone from HR without an end date: the limit for one run is 1");
    assert_true(w->hr.gets_n > 0);
    assert_int_equal(r.counts.gone, 2);
    assert_int_equal(r.counts.classes[CHANGE_LEAVERS], 2); /* they count there too */
    assert_int_equal(r.counts.classes[CHANGE_UNANNOUNCED], 2);
    world_everybody_is(w, 1, 40, "active");
    assert_true(text_is(world_user(w, "3", USER_LAST_NAME), "Last3")); /* held whole */
    world_add(w, "11"); /* the credential sees them again */
    world_add(w, "12");
    r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    world_everybody_is(w, 1, 40, "active");
}

/* Where their rights have changed too, nobody is believed gone; silence from one day to the next
 * must not do to them what "not found" may not. */
static void several_whom_silence_would_make_absent_are_held_too(void **state) {
    struct world *w = *state;
    world_begin(w, 40);
    world_drop_many(w, 11, 12);
    w->attributes[2] = NULL; /* their rights are fewer than before */
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    world_everybody_is(w, 1, 40, "active");
    clock_fake_move(&w->fake, DAY_US);
    r = world_import(w);
    assert_state(&r, RUN_HELD);
    assert_says(r.reason, "2 people gone from HR without an end date");
    assert_int_equal(r.counts.absent, 2);
    world_everybody_is(w, 1, 40, "active");
}

/* "Not found" for one and no answer for the other: were the first believed, two would be gone one
 * after the other, and no limit would have seen two. */
static void while_one_of_the_missing_has_no_answer_not_found_closes_nobody(void **state) {
    struct world *w = *state;
    world_begin(w, 40);
    world_drop_many(w, 11, 12);
    w->hr.get_fault = (struct memory_fault){ .code = RC_RETRY, .after = 1, .times = 1 };
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_says(r.reason, "2 people are missing");
    assert_int_equal(r.counts.gone, 0);
    world_everybody_is(w, 1, 40, "active");
    r = world_import(w); /* both are answered: that is for the guard */
    assert_state(&r, RUN_HELD);
    world_everybody_is(w, 1, 40, "active");
}

/* Who never has an answer is absent a day later, and keeps the others waiting no longer. */
static void who_is_absent_keeps_no_leaver_waiting(void **state) {
    struct world *w = *state;
    world_begin(w, 40);
    world_drop(w, "11");
    w->hr.get_fault = (struct memory_fault){ .code = RC_RETRY };
    world_import(w);
    clock_fake_move(&w->fake, DAY_US);
    world_import(w);
    assert_string_equal(world_lifecycle(w, "11"), "absent");
    world_drop(w, "12");
    w->hr.gets_n = 0;
    w->hr.get_fault = (struct memory_fault){ .code = RC_RETRY, .times = 1 };
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_string_equal(world_lifecycle(w, "12"), "left");
    assert_string_equal(world_lifecycle(w, "11"), "absent");
}

static void who_is_gone_unannounced_adds_up_over_a_day_and_over_a_month(void **state) {
    struct world *w = *state;
    struct run r;
    world_begin(w, 40); /* 1 a run, 2 a day, 5 in 30 days */
    for (int i = 11; i <= 12; i++) {
        world_drop(w, world_number(w, i));
        r = world_import(w);
        assert_state(&r, RUN_APPLIED);
    }
    world_drop(w, "13");
    r = world_import(w);
    assert_state(&r, RUN_HELD);
    assert_says(r.reason, "3 people gone from HR without an end date: the limit for 24 hours is 2");
    for (int i = 13; i <= 15; i++) {
        clock_fake_move(&w->fake, DAY_US);
        if (i > 13)
            world_drop(w, world_number(w, i));
        r = world_import(w);
        assert_state(&r, RUN_APPLIED);
    }
    clock_fake_move(&w->fake, DAY_US);
    world_drop(w, "16");
    r = world_import(w);
    assert_state(&r, RUN_HELD);
    assert_says(r.reason, "6 people gone from HR without an end date: the limit for 30 days is 5");
    assert_string_equal(world_lifecycle(w, "16"), "active");
}

static void under_half_is_another_account_and_cannot_be_approved(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    char *before = world_directory(w);
    world_drop_many(w, 1, 11);
    world_put(w, "15", "last_name=Changed");
    struct run r = world_import_fails(w, RC_INVALID);
    assert_string_equal(w->err.name, "listing.other-account");
    r = world_run(w, r.run_id);
    assert_state(&r, RUN_FAILED);
    assert_int_equal(w->hr.gets_n, 0);
    assert_int_equal(import_approve(w->bed->st, w->bed->key, &w->company, r.run_id, "mira", "",
                                    &w->clock, &w->bed->a, &r, &w->err),
                     RC_CONFLICT);
    assert_string_equal(world_directory(w), before);
}

static void half_is_held(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_drop_many(w, 1, 10);
    struct run r = world_import(w);
    assert_state(&r, RUN_HELD);
    assert_int_equal(w->hr.gets_n, 0);
    world_everybody_is(w, 1, 20, "active");
}

static void an_empty_list_is_another_account(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    w->hr.people_n = 0;
    world_import_fails(w, RC_INVALID);
    world_everybody_is(w, 1, 20, "active");
}

static void a_list_of_nobody_is_no_company(void **state) {
    struct world *w = *state;
    world_fill(w, 3);
    w->hr.people_n = 0; /* declared, and so many came: proven complete */
    struct run r = world_import_fails(w, RC_INVALID);
    assert_string_equal(w->err.name, "listing.nobody");
    assert_non_null(strstr(w->err.text, "HR lists nobody at all"));
    r = world_run(w, r.run_id);
    assert_state(&r, RUN_FAILED);
    assert_int_equal(world_import_fails(w, RC_INVALID).state,
                     RUN_FAILED); /* nor is it the second time */
    w->hr.people_n = 3;
    r = world_import(w); /* it is still a first import, with an approval of its own */
    assert_state(&r, RUN_HELD);
    world_approve(w, r.run_id);
    world_everybody_is(w, 1, 3, "active");
}

static void a_list_of_nobody_is_odd_where_all_have_left_too(void **state) {
    struct world *w = *state;
    world_begin(w, 2);
    OK(db_exec(w->bed->st->db, "UPDATE \"user\" SET presence = 'gone', has_left = 1", &why));
    world_drop_many(w, 1, 2);
    world_import_fails(w, RC_INVALID);
    assert_string_equal(w->err.name, "listing.nobody");
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(several_who_are_gone_without_an_end_date_are_asked_for_and_held),
        WORLD_TEST(several_whom_silence_would_make_absent_are_held_too),
        WORLD_TEST(while_one_of_the_missing_has_no_answer_not_found_closes_nobody),
        WORLD_TEST(who_is_absent_keeps_no_leaver_waiting),
        WORLD_TEST(who_is_gone_unannounced_adds_up_over_a_day_and_over_a_month),
        WORLD_TEST(under_half_is_another_account_and_cannot_be_approved),
        WORLD_TEST(half_is_held),
        WORLD_TEST(an_empty_list_is_another_account),
        WORLD_TEST(a_list_of_nobody_is_no_company),
        WORLD_TEST(a_list_of_nobody_is_odd_where_all_have_left_too),
    };
    return place_run("narrowed", tests, RC_LEN(tests), argc, argv);
}
