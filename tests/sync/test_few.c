/* A few people whom hints name: what a small run applies, and what it leaves to a listing. */
#include "tests/sync/world.h"
#include <stdio.h>
#include "sync/few.h"
#include "sync/few_known.h"
#include "sync/health.h"

static struct few_person people[FEW_MOST];

/* "1 2 3": these are read, on the word of an event of that time; what became of each is in people[]. */
static struct run few_told(struct world *w, const char *ids, int64_t told_us) {
    struct few_options o = { .who = "test", .clock = &w->clock, .source = &w->hr.ops };
    struct integration in;
    struct run r;
    struct bed *b = w->bed;
    size_t n = 0;
    char *words = arena_str(&b->a, ids, strlen(ids)), *rest = NULL;
    for (char *id = strtok_r(words, " ", &rest); id != NULL; id = strtok_r(NULL, " ", &rest))
        people[n++] = (struct few_person){ .source_id = text_of(id), .told_us = told_us };
    OK(integration_get(b->st, b->company_id, b->in.integration_id, b->key, &b->a, &in, &why));
    OK(few_run(b->st, b->key, &w->company, &in, &o, people, n, &b->a, &r, &why));
    w->fake.now_us += 60000000;
    return r;
}

static struct run few(struct world *w, const char *ids) {
    return few_told(w, ids, 0);
}

static void leaves_to_a_listing(struct world *w, const char *id, const char *because) {
    int64_t writes = world_writes(w);
    struct run r = few(w, id);
    (void)writes;
    assert_int_equal(people[0].end, FEW_LISTING);
    assert_string_equal(people[0].why, because);
    assert_true(r.run_id == 0 || r.state == RUN_SUPERSEDED);
}

static void whoever_differs_is_applied_and_nobody_else(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_put(w, "3", "last_name=Meyer");
    world_put(w, "4", "last_name=Meyer");
    struct run r = few(w, "3 5");
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(people[0].end, FEW_CHANGED);
    assert_int_equal(people[1].end, FEW_SAME);
    assert_true(text_is(world_user(w, "3", USER_LAST_NAME), "Meyer"));
    assert_false(text_is(world_user(w, "4", USER_LAST_NAME), "Meyer"));
    assert_int_equal(w->hr.gets_n, 2);
}

static void whoever_is_as_known_leaves_no_trace(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_writes(w);
    struct run r = few(w, "3 4 5");
    assert_int_equal(r.run_id, 0);
    assert_int_equal(world_writes(w), 0);
}

static void somebody_new_joins(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_add(w, "77");
    struct run r = few(w, "77");
    assert_state(&r, RUN_APPLIED);
    assert_string_equal(world_lifecycle(w, "77"), "active");
    world_import(w);
    assert_int_equal(world_changes(w, r.run_id + 1, NULL), 0); /* the list says the same */
}

static void whom_hr_does_not_know_is_closed_by_no_small_run(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_drop(w, "3");
    leaves_to_a_listing(w, "3", "HR does not know this id now");
    assert_string_equal(world_lifecycle(w, "3"), "active");
    few(w, "999");
    assert_int_equal(people[0].end, FEW_UNKNOWN);
    world_import(w);
    assert_string_equal(world_lifecycle(w, "3"), "left");
    few(w, "3"); /* that is known by now */
    assert_int_equal(people[0].end, FEW_SAME);
}

static void an_unknown_manager_is_for_a_listing_unless_they_come_along(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_add(w, "77");
    world_put(w, "3", "supervisor=77");
    leaves_to_a_listing(w, "3", "the manager is not known");
    struct run r = few(w, "3 77");
    assert_state(&r, RUN_APPLIED);
    assert_true(text_is(world_user(w, "3", USER_MANAGER), "77"));
    world_put(w, "4", "supervisor=88"); /* nobody whom HR shows us */
    world_import(w);
    world_put(w, "4", "last_name=Meyer");
    r = few(w, "4");
    assert_state(&r, RUN_APPLIED);
}

static void a_managers_fate_is_that_of_whoever_needs_them(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_add(w, "77");
    world_put(w, "77", "supervisor=88");
    world_put(w, "3", "supervisor=77");
    few(w, "3 77");
    assert_int_equal(people[0].end, FEW_LISTING);
    assert_int_equal(people[1].end, FEW_LISTING);
}

static void a_team_that_is_new_or_renamed_is_for_a_listing(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_put(w, "3", "department=Harbour#905");
    world_import(w);
    world_put(w, "4", "department=Harbour#905");
    struct run r = few(w, "4");
    assert_state(&r, RUN_APPLIED);
    world_put(w, "5", "department=Port#905");
    leaves_to_a_listing(w, "5", "a team is new, or has another name");
    world_put(w, "5", "department=Yard#906");
    leaves_to_a_listing(w, "5", "a team is new, or has another name");
}

static void other_settings_or_nobody_listed_are_for_a_listing(void **state) {
    struct world *w = *state;
    world_fill(w, 20);
    leaves_to_a_listing(w, "3", "nobody has been listed yet");
    struct run r = world_import(w);
    world_approve(w, r.run_id);
    OK(store_run(w->bed->st, NULL, &why, "UPDATE integration SET mapping_fingerprint = 1", ""));
    leaves_to_a_listing(w, "3", "the mapping has changed since everybody was listed");
}

static void a_run_that_a_dead_process_has_left_is_for_a_listing(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_put(w, "3", "last_name=Meyer");
    struct run r = few(w, "3");
    OK(store_run(w->bed->st, NULL, &why, "UPDATE run SET state = 'passed' WHERE run_id = $1", "i",
                 r.run_id));
    leaves_to_a_listing(w, "4", "a run that was interrupted comes first");
}

static void who_is_gone_without_a_last_day_is_for_a_listing(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_put(w, "3", "status=inactive");
    leaves_to_a_listing(w, "3", "HR calls them gone, and names no last day that is over");
    world_put(w, "3", "termination_date=2026-12-31");
    leaves_to_a_listing(w, "3", "HR calls them gone, and names no last day that is over");
    assert_string_equal(world_lifecycle(w, "3"), "active");
    world_put(w, "3", "termination_date=2026-09-01");
    few(w, "3");
    assert_string_equal(world_lifecycle(w, "3"), "left");
}

static void leave(struct world *w, const char *id) {
    world_put(w, id, "status=inactive");
    world_put(w, id, "termination_date=2026-09-01");
}

/* Ten people leave within a day in a company of twenty, where a listing may let three go: one by one, in
 * twos, or with a listing in between. */
static void no_more_leave_by_small_runs_than_a_listing_lets_go(void **state) {
    static const char *const ways[][6] = {
        { "2", "3", "4", "5", "6", NULL },
        { "2 3", "4 5", "6 7", NULL },
        { "2 3 4 5", NULL },
        { "2", "3 4 5", "6", NULL },
    };
    int victims = 0;
    for (size_t i = 0; i < RC_LEN(ways); i++) {
        void *fresh = NULL;
        assert_int_equal(world_make(&fresh), 0);
        struct world *w = fresh;
        int left = 0;
        char id[8];
        world_begin(w, 20);
        w->fake.now_us += 2 * DAY_US;
        world_import(w);
        for (int p = 2; p < 12; p++) {
            snprintf(id, sizeof id, "%d", p);
            leave(w, id);
        }
        for (size_t k = 0; ways[i][k] != NULL; k++)
            few(w, ways[i][k]);
        struct run r = world_import(w);
        assert_state(&r, RUN_HELD);
        for (int p = 2; p < 12; p++) {
            snprintf(id, sizeof id, "%d", p);
            left += strcmp(world_lifecycle(w, id), "left") == 0;
        }
        victims += left > 3;
        assert_int_equal(world_remove(&fresh), 0);
    }
    (void)state;
#ifdef ROLLCALL_WITHOUT_FEW /* the negative control: each small run is judged by itself */
    assert_true(victims > 0);
#else
    assert_int_equal(victims, 0);
#endif
}

/* Three by hints, and a listing that finds two more: together what a listing would have held. */
static void a_listing_counts_what_small_runs_have_done_since_the_last_one(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    w->fake.now_us += 2 * DAY_US;
    world_import(w);
    leave(w, "2");
    leave(w, "3");
    few(w, "2 3");
    leave(w, "4");
    leave(w, "5");
    struct run r = world_import(w);
    assert_state(&r, RUN_HELD);
    assert_string_equal(world_lifecycle(w, "4"), "active");
    r = world_approve(w, r.run_id);
    assert_state(&r, RUN_APPLIED);
    leave(w, "6"); /* all of that was before the eyes of whoever approved it */
    r = few(w, "6");
    assert_state(&r, RUN_APPLIED);
}

static void whoever_is_in_a_held_run_waits_for_it(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    for (int p = 2; p < 8; p++)
        leave(w, arena_printf(&w->bed->a, "%d", p));
    struct run held = world_import(w);
    assert_state(&held, RUN_HELD);
    world_put(w, "2", "last_name=Meyer");
    leaves_to_a_listing(w, "2", "a run that is held holds this person");
    world_put(w, "12", "last_name=Meyer");
    struct run r = few(w, "12");
    assert_state(&r, RUN_APPLIED);
    leave(w, "13"); /* one more of those about whom somebody is being asked */
    leaves_to_a_listing(w, "13", "more than the guard lets a few people do at once");
    held = world_run(w, held.run_id);
    assert_state(&held, RUN_HELD);
}

/* A joiner whom a held run has staged has no row in the directory yet. */
static void a_joiner_in_a_held_run_waits_for_it_too(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    for (int p = 2; p < 8; p++)
        leave(w, arena_printf(&w->bed->a, "%d", p));
    world_add(w, "77");
    struct run held = world_import(w);
    assert_state(&held, RUN_HELD);
    leaves_to_a_listing(w, "77", "a run that is held holds this person");
}

/* ---- HR answers from a copy that lags ---- */

static void modified(struct world *w, const char *id, int64_t us) {
    char at[32];
    world_put(w, id, arena_printf(&w->bed->a, "modified=%s", date_format_instant(us, at)));
}

/* The end was told, the listing saw it, and the person's own answer is still the old one. */
static void an_old_answer_reopens_nobody_who_has_left(void **state) {
    struct world *w = *state;
    const int64_t second = 1000000;
    world_begin(w, 20);
    world_put(w, "3", "status=inactive");
    int64_t told = w->fake.now_us + (int64_t)HOUR_S * second - second;
    world_import(w); /* an hour after now, that is */
    assert_string_equal(world_lifecycle(w, "3"), "left");
    world_put(w, "3", "status=active");
    modified(w, "3", told - 600 * second);
    w->fake.now_us += 2 * second;
    struct run r = few_told(w, "3", told);
    assert_int_equal(r.run_id, 0);
    assert_int_equal(people[0].end, FEW_SAME); /* to be looked at again */
    r = few_told(w, "3", told + 5 * second);   /* something else, told a moment later */
    assert_int_equal(r.run_id, 0);
    assert_string_equal(world_lifecycle(w, "3"), "left");
    world_unset(w, "3", "modified");
    leaves_to_a_listing(w, "3", "somebody who has left comes back, and HR does not say since when");
    modified(w, "3", w->fake.now_us); /* that is news */
    r = few_told(w, "3", w->fake.now_us);
    assert_state(&r, RUN_APPLIED);
    assert_string_equal(world_lifecycle(w, "3"), "active");
}

/* A date that has passed closes people without another reading. */
static void an_old_answer_reopens_nobody_whose_last_day_has_passed(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_put(w, "3", "termination_date=2026-09-25");
    world_import(w);
    w->fake.now_us += 10 * DAY_US;
    assert_string_equal(world_lifecycle(w, "3"), "left");
    world_put(w, "3", "termination_date=");
    leaves_to_a_listing(w, "3", "somebody who has left comes back, and HR does not say since when");
}

static void an_old_answer_overwrites_nothing_newer(void **state) {
    struct world *w = *state;
    const int64_t second = 1000000;
    world_begin(w, 20);
    int64_t changed = w->fake.now_us;
    world_put(w, "3", "last_name=Meyer");
    modified(w, "3", changed);
    struct run r = few_told(w, "3", changed);
    assert_state(&r, RUN_APPLIED);
    world_put(w, "3", "last_name=Before");
    modified(w, "3", changed - 60 * second);
    r = few_told(w, "3", changed + second);
    assert_int_equal(r.run_id, 0);
    assert_int_equal(people[0].end, FEW_SAME);
    assert_true(text_is(world_user(w, "3", USER_LAST_NAME), "Meyer"));
}

static void which_of_two_readings_is_older(void **state) {
    static const struct {
        const char *name;
        int64_t told, shown, known, now;
        bool comes_back;
        enum few_age want;
    } rows[] = {
        { "HR shows what it told, as ever", 1000, 1000, 500, 1001, false, FEW_NEWER },
        { "a change that nobody told", 0, 900, 500, 1001, false, FEW_NEWER },
        { "not yet what it told, but newer", 1000, 900, 500, 1001, false, FEW_NEWER },
        { "older than the event that is known", 1000, 900, 1001, 1002, false, FEW_OLDER },
        { "older than what was read a moment ago", 1005, 900, 1003, 1006, false, FEW_OLDER },
        { "a day that has come moves no date", 90000, 900, 50000, 90001, false, FEW_NEWER },
        { "... but opens nobody", 90000, 900, 50000, 90001, true, FEW_UNSURE },
        { "two changes, of which the first was read", 1001, 1001, 1001, 1002, false, FEW_NEWER },
        { "... but not to open somebody", 1001, 1001, 1001, 1002, true, FEW_UNSURE },
        { "an event that came late", 1000, 1000, 1200, 1202, false, FEW_UNSURE },
        { "somebody is employed again", 1000, 1000, 500, 1001, true, FEW_NEWER },
        { "no date, and read before", 1000, 0, 500, 1001, false, FEW_NEWER },
        { "no date, and read since", 1000, 0, 1001, 1002, false, FEW_UNSURE },
        { "no date, and somebody who left", 1000, 0, 500, 1001, true, FEW_UNSURE },
        { "nothing is dated", 0, 0, 500, 1001, false, FEW_NEWER },
    };
    (void)state;
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        const int64_t second = 1000000;
        struct few_times t = { rows[i].told * second, rows[i].shown * second,
                               rows[i].known * second, rows[i].now * second };
        if (few_age(&t, rows[i].comes_back) != rows[i].want)
            fail_msg("%s", rows[i].name);
    }
}

/* What the credential cannot read any more is known still, and makes nobody differ. */
static void what_cannot_be_read_makes_nobody_differ(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_unset(w, "3", "job_title");
    struct run r = few(w, "3");
    assert_int_equal(r.run_id, 0);
    assert_int_equal(people[0].end, FEW_SAME);
}

static void a_preview_makes_somebody_differ_once(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_put(w, "3", "last_name=Meyer");
    world_preview(w);
    world_put(w, "3", "last_name=Last3");
    struct run r = few(w, "3"); /* a version of their own */
    assert_state(&r, RUN_APPLIED);
    r = few(w, "3");
    assert_int_equal(r.run_id, 0);
    assert_int_equal(people[0].end, FEW_SAME);
}

/* ---- what is told about it ---- */

static void a_small_run_that_went_well_hides_no_listing_that_failed(void **state) {
    struct world *w = *state;
    struct integration in;
    struct health h;
    struct bed *b = w->bed;
    world_begin(w, 20);
    w->hr.list_fault = (struct memory_fault){ RC_RETRY, NULL, 0, 0 };
    struct run failed = world_import_fails(w, RC_RETRY);
    world_put(w, "3", "last_name=Meyer");
    struct run r = few(w, "3");
    assert_state(&r, RUN_APPLIED);
    OK(integration_get(b->st, b->company_id, b->in.integration_id, b->key, &b->a, &in, &why));
    OK(health_of_integration(b->st, &in, w->fake.now_us, &b->a, &h, &why));
    assert_int_equal(h.verdict, HEALTH_FAILED);
    assert_int_equal(h.last.run_id, failed.run_id);
}

static void hr_that_does_not_answer_changes_nobody(void **state) {
    struct world *w = *state;
    struct few_options o = { .who = "test", .clock = &w->clock, .source = &w->hr.ops };
    struct few_person two[] = { { .source_id = TEXT_LIT("3") }, { .source_id = TEXT_LIT("4") } };
    struct integration in;
    struct run r;
    struct bed *b = w->bed;
    world_begin(w, 20);
    world_put(w, "3", "last_name=Meyer");
    OK(integration_get(b->st, b->company_id, b->in.integration_id, b->key, &b->a, &in, &why));
    w->hr.get_fault = (struct memory_fault){ RC_RETRY, NULL, 1, 1 };
    assert_int_equal(few_run(b->st, b->key, &w->company, &in, &o, two, 2, &b->a, &r, &why),
                     RC_RETRY);
    assert_int_equal(r.run_id, 0);
    assert_false(text_is(world_user(w, "3", USER_LAST_NAME), "Meyer"));
    r = few(w, "3 4");
    assert_state(&r, RUN_APPLIED);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(no_more_leave_by_small_runs_than_a_listing_lets_go),
        WORLD_TEST(whoever_differs_is_applied_and_nobody_else),
        WORLD_TEST(whoever_is_as_known_leaves_no_trace),
        WORLD_TEST(somebody_new_joins),
        WORLD_TEST(whom_hr_does_not_know_is_closed_by_no_small_run),
        WORLD_TEST(an_unknown_manager_is_for_a_listing_unless_they_come_along),
        WORLD_TEST(a_managers_fate_is_that_of_whoever_needs_them),
        WORLD_TEST(a_team_that_is_new_or_renamed_is_for_a_listing),
        WORLD_TEST(other_settings_or_nobody_listed_are_for_a_listing),
        WORLD_TEST(a_run_that_a_dead_process_has_left_is_for_a_listing),
        WORLD_TEST(who_is_gone_without_a_last_day_is_for_a_listing),
        WORLD_TEST(a_listing_counts_what_small_runs_have_done_since_the_last_one),
        WORLD_TEST(whoever_is_in_a_held_run_waits_for_it),
        WORLD_TEST(a_joiner_in_a_held_run_waits_for_it_too),
        WORLD_TEST(an_old_answer_reopens_nobody_who_has_left),
        WORLD_TEST(an_old_answer_reopens_nobody_whose_last_day_has_passed),
        WORLD_TEST(an_old_answer_overwrites_nothing_newer),
        cmocka_unit_test(which_of_two_readings_is_older),
        WORLD_TEST(what_cannot_be_read_makes_nobody_differ),
        WORLD_TEST(a_preview_makes_somebody_differ_once),
        WORLD_TEST(a_small_run_that_went_well_hides_no_listing_that_failed),
        WORLD_TEST(hr_that_does_not_answer_changes_nobody),
    };
#ifdef ROLLCALL_WITHOUT_FEW /* the first one only */
    return place_run("few without few", tests, 1, argc, argv);
#else
    return PLACE_RUN(tests, argc, argv);
#endif
}
