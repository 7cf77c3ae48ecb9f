/* Deliveries where HR's managers form a circle: 2 reports to 3, 3 to 4, and 4 to 2. On the platform it is
 * none where one of them is shown by nobody there. */
#include "tests/sync/delivers.h"

static void come_to_rest(struct delivers *d) {
    assert_int_equal(delivers_run(d).run_id, 0);
}

static void state_circle(struct delivers *d) {
    world_put(d->w, "2", "supervisor=3");
    world_put(d->w, "3", "supervisor=4");
    world_put(d->w, "4", "supervisor=2");
}

/* All of them show 1, as before. */
static void begin(struct delivers *d) {
    delivers_begin(d, 5);
    state_circle(d);
    world_import(d->w);
    come_to_rest(d);
}

static void assert_codes(struct delivers *d, const char *of_2, const char *of_3, const char *of_4) {
    assert_string_equal(delivers_code(d, "2"), of_2);
    assert_string_equal(delivers_code(d, "3"), of_3);
    assert_string_equal(delivers_code(d, "4"), of_4);
}

static void assert_manager(struct delivers *d, const char *person, const char *boss) {
    assert_true(text_equal(delivers_shows(d, person, "manager"), delivers_id(d, boss)));
}

static void nobody_in_it_gets_the_manager_that_closes_it(void **state) {
    struct delivers *d = *state;
    begin(d);
    assert_codes(d, "manager-cycle", "manager-cycle", "manager-cycle");
    for (int i = 2; i <= 4; i++)
        assert_manager(d, arena_printf(&d->w->bed->a, "%d", i), "1");
}

static void who_is_back_gets_no_manager_that_closes_it(struct delivers *d) {
    unsigned writes = delivers_writes(d);
    world_put(d->w, "4", "status=active");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_ACTIVE);
    assert_codes(d, "in-step", "manager-cycle", "manager-cycle");
    assert_manager(d, "2", "3"); /* what is shown stays */
    assert_manager(d, "3", "1");
    assert_false(text_equal(delivers_shows(d, "4", "manager"), delivers_id(d, "2")));
    assert_int_equal(delivers_writes(d), writes + 2); /* opened, and the team given again */
    come_to_rest(d);
    delivers_day(d, 1); /* with a fresh inventory */
    delivers_run(d);
    assert_int_equal(delivers_writes(d), writes + 2);
}

static void it_ends_when_somebody_in_it_is_closed_and_comes_about_again_in_peace(void **state) {
    struct delivers *d = *state;
    begin(d);
    world_put(d->w, "4", "status=inactive");
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "deactivate 4 done\n");
    r = delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "update 2 done\n");
    assert_manager(d, "2", "3");
    assert_codes(d, "in-step", "manager-gone", "closed");
    come_to_rest(d);
    who_is_back_gets_no_manager_that_closes_it(d);
    world_put(d->w, "4", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    unsigned writes = delivers_writes(d);
    come_to_rest(d);
    who_is_back_gets_no_manager_that_closes_it(d);
    assert_int_equal(delivers_writes(d), writes + 2);
}

static void it_ends_on_a_day_though_nothing_is_imported(void **state) {
    struct delivers *d = *state;
    begin(d);
    world_put(d->w, "4", "termination_date=2026-09-23");
    world_import(d->w);
    delivers_run(d);
    assert_codes(d, "manager-cycle", "manager-cycle", "manager-cycle");
    delivers_day(d, 3);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_DEACTIVATED);
    delivers_run(d);
    assert_manager(d, "2", "3");
    come_to_rest(d);
}

/* Until then their account may show its manager, and be shown. */
static void days_of_grace_do_not_end_it(void **state) {
    struct delivers *d = *state;
    delivers_policy(d, "{\"close-status\":\"3\"}");
    begin(d);
    world_put(d->w, "4", "status=inactive");
    world_import(d->w);
    delivers_run(d); /* the platform is asked what day it is */
    come_to_rest(d);
    assert_codes(d, "manager-cycle", "manager-gone", "grace");
    delivers_day(d, 3);
    delivers_run(d);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_DEACTIVATED);
    assert_manager(d, "2", "3");
    come_to_rest(d);
}

static const struct by_hand {
    const char *name;
    enum account_status status;
    bool ends;
} by_hands[] = {
    { "closed by hand there, somebody ends it", ACCOUNT_DEACTIVATED, true },
    { "emptied there, somebody ends it", ACCOUNT_ANONYMISED, true },
    { "in a state that is not known here, nobody does", ACCOUNT_UNKNOWN, false },
};

static void what_the_platform_shows_of_them_counts(void **state) {
    struct delivers *d = *state;
    const struct by_hand *row = d->row;
    begin(d);
    struct account *is = &memory_platform_find(&d->there, delivers_id(d, "4"))->is;
    is->status = row->status;
    delivers_day(d, 1); /* with an inventory */
    delivers_run(d);
    assert_manager(d, "2", row->ends ? "3" : "1");
    come_to_rest(d);
    unsigned writes = delivers_writes(d);
    is->status = ACCOUNT_ACTIVE;
    delivers_day(d, 1);
    delivers_run(d);
    assert_codes(d, row->ends ? "in-step" : "manager-cycle", "manager-cycle", "manager-cycle");
    assert_int_equal(delivers_writes(d), writes);
    come_to_rest(d);
}

/* A platform hands the reports of whom it closes to somebody else. Until it shows that, it may still open
 * them again as the manager of those. */
static void who_is_closed_and_shown_all_the_same_counts(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_put(d->w, "3", "supervisor=5");
    world_put(d->w, "5", "supervisor=4");
    world_put(d->w, "4", "supervisor=2");
    world_import(d->w);
    delivers_run(d);
    assert_manager(d, "5", "4");
    memory_platform_find(&d->there, delivers_id(d, "4"))->is.status = ACCOUNT_DEACTIVATED;
    world_put(d->w, "2", "supervisor=3");
    world_import(d->w);
    delivers_day(d, 1);
    delivers_run(d);
    assert_manager(d, "2", "1");
    assert_string_equal(delivers_code(d, "2"), "manager-cycle");
    memory_platform_find(&d->there, delivers_id(d, "5"))->is.fields[USER_MANAGER].known = d->owner;
    delivers_day(d, 1);
    delivers_run(d);
    assert_manager(d, "2", "3");
    come_to_rest(d);
}

static const struct back {
    const char *name, *email;
} backs[] = {
    { "who is to be opened in the same delivery counts", "email=p4@x.org" },
    { "... also without what a new account needs", "email=" },
};

/* Opened again, they would be in it: what is asked about others before says so already. */
static void who_is_to_be_opened_counts(void **state) {
    struct delivers *d = *state;
    const struct back *row = d->row;
    begin(d);
    world_put(d->w, "4", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    world_put(d->w, "4", "status=active");
    world_put(d->w, "4", row->email);
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "reactivate 4 done\n");
    assert_string_equal(delivers_code(d, "2"), "manager-cycle");
    assert_manager(d, "2", "1");
    come_to_rest(d);
}

/* Closed on the day after the last one; HR is read after that, and its status is not inactive yet. */
static void who_was_closed_by_a_date_is_nobodys_manager_whatever_the_status(void **state) {
    struct delivers *d = *state;
    begin(d);
    world_put(d->w, "4", "termination_date=2026-09-23");
    world_import(d->w);
    delivers_day(d, 3);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_DEACTIVATED);
    delivers_run(d); /* 2 gets its manager: it is no circle any more */
    unsigned writes = delivers_writes(d);
    world_put(d->w, "5", "supervisor=4");
    world_import(d->w);
    come_to_rest(d);
    assert_string_equal(delivers_code(d, "5"), "manager-gone");
    delivers_day(d, 1); /* everybody is looked at */
    delivers_run(d);
    come_to_rest(d);
    assert_codes(d, "in-step", "manager-gone", "past-end");
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_DEACTIVATED);
    assert_int_equal(delivers_writes(d), writes);
    world_put(d->w, "4", "termination_date=");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_ACTIVE);
    assert_manager(d, "5", "4");
}

static void who_is_left_out_by_a_filter_does_not_count(void **state) {
    struct delivers *d = *state;
    begin(d);
    struct run r = world_mapping(d->w, "exclude when id == \"4\"\n");
    assert_state(&r, RUN_APPLIED);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "4"), "closed");
    delivers_run(d);
    assert_manager(d, "2", "3");
    come_to_rest(d);
}

static void who_is_to_get_an_account_counts_and_who_gets_none_does_not(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    world_add(d->w, "4");
    world_put(d->w, "4", "hire_date=2026-10-01"); /* the account is made on that day */
    state_circle(d);
    delivers_policy(
        d, "{\"ahead-days\":\"0\",\"account-without-mail\":\"no\",\"invite\":\"on-hire-date\"}");
    world_import(d->w);
    come_to_rest(d);
    assert_codes(d, "manager-cycle", "manager-cycle", "before-hire-date");
    world_put(d->w, "4", "email=");
    world_import(d->w);
    delivers_run(d);
    assert_codes(d, "in-step", "manager-cycle", "no-email");
    assert_manager(d, "2", "3");
    world_put(d->w, "4", "email=p4@x.org");
    world_put(d->w, "4", "hire_date=2020-01-31");
    world_import(d->w);
    delivers_run(d);
    assert_codes(d, "in-step", "manager-cycle", "manager-cycle");
    come_to_rest(d);
}

static void who_is_gone_without_an_account_does_not_count(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    world_add(d->w, "4");
    world_put(d->w, "4", "status=inactive");
    state_circle(d);
    world_import(d->w);
    delivers_run(d);
    assert_codes(d, "in-step", "manager-gone", "gone-without-account");
    assert_manager(d, "2", "3");
    come_to_rest(d);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[20] = {
        DELIVERS_TEST(nobody_in_it_gets_the_manager_that_closes_it),
        DELIVERS_TEST(it_ends_when_somebody_in_it_is_closed_and_comes_about_again_in_peace),
        DELIVERS_TEST(it_ends_on_a_day_though_nothing_is_imported),
        DELIVERS_TEST(days_of_grace_do_not_end_it),
        DELIVERS_TEST(who_is_closed_and_shown_all_the_same_counts),
        DELIVERS_TEST(who_was_closed_by_a_date_is_nobodys_manager_whatever_the_status),
        DELIVERS_TEST(who_is_left_out_by_a_filter_does_not_count),
        DELIVERS_TEST(who_is_to_get_an_account_counts_and_who_gets_none_does_not),
        DELIVERS_TEST(who_is_gone_without_an_account_does_not_count),
    };
    size_t n = 9;
    DELIVERS_ROWS(tests, n, backs, who_is_to_be_opened_counts);
    DELIVERS_ROWS(tests, n, by_hands, what_the_platform_shows_of_them_counts);
    return place_run("circle", tests, n, argc, argv);
}
