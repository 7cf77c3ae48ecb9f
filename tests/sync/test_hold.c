/* A run is applied whole or not at all (invariant 4): previews, holds, approvals, what comes in
 * between, and the guard's windows over several runs. */
#include <stdio.h>
#include "sync/decided.h"
#include "tests/sync/world.h"

/* Six people get another address: more than may without being looked at. */
static void six_addresses(struct world *w, const char *domain) {
    for (int i = 2; i <= 7; i++)
        world_put(w, arena_printf(&w->bed->a, "%d", i),
                  arena_printf(&w->bed->a, "email=p%d@%s", i, domain));
}

static struct run held(struct world *w) {
    world_begin(w, 20);
    six_addresses(w, "y.org");
    struct run r = world_import(w);
    assert_state(&r, RUN_HELD);
    assert_says(r.reason, "6 e-mail changes: the limit for one run is 3");
    return r;
}

static bool has_domain(struct world *w, const char *id, const char *domain) {
    struct text t = world_user(w, id, USER_EMAIL);
    return memmem(t.ptr, t.len, domain, strlen(domain)) != NULL;
}

/* ---- previews ---- */

static char *people(struct world *w, int64_t overlay_run_id) {
    return bed_people(w->bed, w->bed->company_id, 0, overlay_run_id);
}

static void a_preview_changes_nothing_and_approving_it_does_what_it_showed(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_put(w, "3", "last_name=Changed");
    world_add(w, "21");
    world_drop(w, "9");
    char *before = people(w, 0);
    struct run r = world_preview(w);
    assert_state(&r, RUN_PREVIEWED);
    assert_string_equal(people(w, 0), before);
    char *overlay = people(w, r.run_id);
    assert_string_not_equal(overlay, before);
    r = world_approve(w, r.run_id);
    assert_state(&r, RUN_APPLIED);
    assert_string_equal(people(w, 0), overlay);
    assert_string_equal(world_lifecycle(w, "9"), "left");
    assert_string_equal(world_lifecycle(w, "21"), "active");
}

static void what_hr_said_more_than_a_day_ago_is_not_approved(void **state) {
    struct world *w = *state;
    struct run r;
    world_begin(w, 20);
    world_put(w, "3", "status=inactive");
    struct run old = world_preview(w);
    world_put(w, "3", "status=active"); /* and nobody reads it */
    clock_fake_move(&w->fake, 25 * (int64_t)HOUR_S * 1000000);
    assert_int_equal(import_approve(w->bed->st, w->bed->key, &w->company, old.run_id, "mira", "so",
                                    &w->clock, &w->bed->a, &r, &why),
                     RC_CONFLICT);
    assert_string_equal(why.name, "run.outdated");
    why.name = "";
    assert_int_equal(decided_take(w->bed->st, &w->company, old.run_id, true, "mira", "so",
                                  clock_now_us(&w->clock), &w->bed->a, &r, &why),
                     RC_CONFLICT); /* nor taken down, to be carried out later */
    assert_string_equal(why.name, "run.outdated");
    assert_string_equal(world_lifecycle(w, "3"), "active");
    OK(import_reject(w->bed->st, &w->company, old.run_id, "mira", "so", &w->clock, &w->bed->a, &r,
                     &why));
}

static void the_overlay_of_a_held_run_is_what_approving_it_gives(void **state) {
    struct world *w = *state;
    struct run r = held(w);
    char *before = people(w, 0), *overlay = people(w, r.run_id);
    assert_string_not_equal(overlay, before);
    world_approve(w, r.run_id);
    assert_string_equal(people(w, 0), overlay);
}

static void previews_are_superseded_by_an_applied_listing(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_put(w, "3", "last_name=Changed");
    struct run first = world_preview(w), second = world_preview(w);
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    first = world_run(w, first.run_id);
    second = world_run(w, second.run_id);
    assert_state(&first, RUN_SUPERSEDED);
    assert_state(&second, RUN_SUPERSEDED);
    assert_int_equal(second.other_run_id, r.run_id);
}

static void a_preview_of_what_would_be_held_says_why(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    six_addresses(w, "y.org");
    struct run r = world_preview(w);
    assert_state(&r, RUN_PREVIEWED);
    assert_says(r.verdict, "\"held\":true");
    assert_says(r.reason, "6 e-mail changes");
}

/* ---- one hold, and what comes after it ---- */

static void the_same_again_keeps_the_hold(void **state) {
    struct world *w = *state;
    struct run hold = held(w);
    for (int i = 0; i < 2; i++) {
        struct run r = world_import(w);
        assert_state(&r, RUN_SUPERSEDED);
        assert_int_equal(r.other_run_id, hold.run_id);
        assert_int_equal(world_changes(w, r.run_id, NULL), 0); /* its own stage is gone */
    }
    hold = world_run(w, hold.run_id);
    assert_state(&hold, RUN_HELD);
    world_approve(w, hold.run_id);
    assert_true(has_domain(w, "7", "y.org"));
}

static void something_else_supersedes_it_and_shows_the_difference(void **state) {
    struct world *w = *state;
    struct version_difference d;
    struct run first = held(w);
    six_addresses(w, "z.org");
    world_put(w, "2", "email=P2@x.org"); /* as it was */
    world_put(w, "8", "email=p8@z.org");
    struct run second = world_import(w);
    assert_state(&second, RUN_HELD);
    assert_int_equal(second.other_run_id, first.run_id);
    first = world_run(w, first.run_id);
    assert_state(&first, RUN_SUPERSEDED);
    assert_int_equal(first.other_run_id, second.run_id);
    OK(version_compare(w->bed->st, w->bed->company_id, first.run_id, second.run_id, &d, &why));
    assert_int_equal(d.only_first, 1);
    assert_int_equal(d.only_second, 1);
    assert_int_equal(d.otherwise, 5);
    assert_int_equal(import_approve(w->bed->st, w->bed->key, &w->company, first.run_id, "mira", "",
                                    &w->clock, &w->bed->a, &first, &w->err),
                     RC_CONFLICT);
    world_approve(w, second.run_id);
    assert_true(has_domain(w, "7", "z.org"));
    assert_true(has_domain(w, "2", "x.org"));
}

static void when_hr_is_mended_the_hold_is_over(void **state) {
    struct world *w = *state;
    struct run hold = held(w);
    for (int i = 2; i <= 7; i++)
        world_put(w, arena_printf(&w->bed->a, "%d", i),
                  arena_printf(&w->bed->a, "email=P%d@x.org", i));
    world_put(w, "3", "last_name=Changed");
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(world_changes(w, r.run_id, NULL), 1);
    hold = world_run(w, hold.run_id);
    assert_state(&hold, RUN_SUPERSEDED);
    assert_true(has_domain(w, "7", "x.org"));
}

/* ---- people who move while a hold waits ---- */

static void a_person_goes_on_while_a_hold_waits_and_is_left_out_of_it(void **state) {
    struct world *w = *state;
    struct run hold = held(w);
    world_put(w, "7", "last_name=Quick");
    struct run person = world_import_person(w, "7");
    assert_state(&person, RUN_APPLIED);
    assert_true(text_is(world_user(w, "7", USER_LAST_NAME), "Quick"));
    assert_true(has_domain(w, "7", "y.org"));
    struct run still = world_run(w, hold.run_id);
    assert_state(&still, RUN_HELD);
    world_put(w, "7", "email=p7@w.org"); /* and once more, so that the held one is the older */
    world_import_person(w, "7");
    hold = world_approve(w, hold.run_id);
    assert_state(&hold, RUN_APPLIED);
    assert_int_equal(hold.counts.left_out, 1);
    assert_int_equal(hold.counts.classes[CHANGE_EMAIL], 5);
    assert_true(has_domain(w, "7", "w.org"));
    assert_true(has_domain(w, "6", "y.org"));
    struct version_left_out *named;
    size_t n;
    OK(version_left_outs(w->bed->st, w->bed->company_id, hold.run_id, 10, &w->bed->a, &named, &n,
                         &why));
    assert_int_equal(n, 1);
    assert_true(text_is(named[0].source_id, "7"));
    assert_true(text_is(named[0].name, "First7 Last7"));
}

static void a_joiner_who_is_there_by_now_is_left_out(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    six_addresses(w, "y.org");
    world_add(w, "21");
    struct run hold = world_import(w);
    assert_state(&hold, RUN_HELD);
    world_import_person(w, "21");
    assert_string_equal(world_lifecycle(w, "21"), "active");
    hold = world_approve(w, hold.run_id);
    assert_int_equal(hold.counts.left_out, 1);
    assert_int_equal(hold.counts.classes[CHANGE_JOINS], 0);
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM \"user\""), 21);
}

static void a_person_who_would_have_to_be_held_waits_for_the_hold_there_is(void **state) {
    struct world *w = *state;
    struct run hold = held(w);
    world_limits(w, "{\"name\":{\"run\":[0,0]}}");
    world_put(w, "9", "last_name=Changed");
    struct run r = world_import_person(w, "9");
    assert_state(&r, RUN_SUPERSEDED);
    assert_int_equal(r.other_run_id, hold.run_id);
    assert_says(r.reason, "decide on that one first");
    assert_true(text_is(world_user(w, "9", USER_LAST_NAME), "Last9"));
    hold = world_run(w, hold.run_id);
    assert_state(&hold, RUN_HELD);
}

/* ---- decisions ---- */

static enum rc_code decide(struct world *w, int64_t company_id, int64_t run_id, bool yes) {
    struct company c = w->company;
    struct run r;
    c.company_id = company_id;
    return yes ? import_approve(w->bed->st, w->bed->key, &c, run_id, "mira", "", &w->clock,
                                &w->bed->a, &r, &w->err)
               : import_reject(w->bed->st, &c, run_id, "mira", "no", &w->clock, &w->bed->a, &r,
                               &w->err);
}

static void rejected_is_rejected(void **state) {
    struct world *w = *state;
    struct run hold = held(w);
    char *before = people(w, 0);
    assert_int_equal(decide(w, w->bed->company_id, hold.run_id, false), RC_OK);
    hold = world_run(w, hold.run_id);
    assert_state(&hold, RUN_REJECTED);
    assert_true(text_is(hold.decided_by, "mira") && text_is(hold.decided_because, "no"));
    assert_string_equal(people(w, 0), before);
    assert_int_equal(decide(w, w->bed->company_id, hold.run_id, true), RC_CONFLICT);
    assert_string_equal(w->err.name, "run.not-waiting");
    assert_int_equal(decide(w, w->bed->company_id, hold.run_id, false), RC_CONFLICT);
    struct run again = world_import(w); /* HR still says so */
    assert_state(&again, RUN_HELD);
}

static void what_was_applied_is_not_applied_again(void **state) {
    struct world *w = *state;
    struct run hold = held(w);
    world_approve(w, hold.run_id);
    char *after = people(w, 0);
    assert_int_equal(decide(w, w->bed->company_id, hold.run_id, true), RC_CONFLICT);
    assert_int_equal(decide(w, w->bed->company_id, hold.run_id, false), RC_CONFLICT);
    assert_string_equal(people(w, 0), after);
}

static void another_companys_run_is_unknown(void **state) {
    struct world *w = *state;
    struct run hold = held(w);
    int64_t other;
    OK(company_add(w->bed->st, "other", "Other", "UTC", T0, &other, &why));
    assert_int_equal(decide(w, other, hold.run_id, true), RC_NOT_FOUND);
    assert_string_equal(w->err.name, "run.unknown");
    assert_int_equal(decide(w, other, hold.run_id, false), RC_NOT_FOUND);
    assert_int_equal(decide(w, w->bed->company_id, 999, true), RC_NOT_FOUND);
    hold = world_run(w, hold.run_id);
    assert_state(&hold, RUN_HELD);
}

/* ---- windows ---- */

static struct run leave(struct world *w, int from, int n) {
    for (int i = from; i < from + n; i++)
        world_put(w, arena_printf(&w->bed->a, "%d", i), "status=inactive");
    return world_import(w);
}

static void leavers_add_up_over_a_day_and_over_a_month(void **state) {
    struct world *w = *state;
    world_begin(w, 40); /* 3 a run, 5 a day, 6 in 30 days */
    struct run r = leave(w, 11, 3);
    assert_state(&r, RUN_APPLIED);
    r = leave(w, 14, 3);
    assert_state(&r, RUN_HELD);
    assert_says(r.reason, "6 people leaving: the limit for 24 hours is 5; 3 of them by this run");
    clock_fake_move(&w->fake, DAY_US);
    r = world_import(w); /* the same three, a day later */
    assert_state(&r, RUN_APPLIED);
    clock_fake_move(&w->fake, DAY_US);
    r = leave(w, 17, 2);
    assert_state(&r, RUN_HELD);
    assert_says(r.reason, "8 people leaving: the limit for 30 days is 6; 2 of them by this run");
    clock_fake_move(&w->fake, 30 * DAY_US);
    r = world_import(w);
    assert_state(&r, RUN_APPLIED);
}

/* Whoever says yes to "8 people leaving in 30 days" has said so of all eight. */
static void who_has_approved_a_sum_is_not_asked_about_it_again(void **state) {
    struct world *w = *state;
    world_begin(w, 40);
    for (int i = 0; i < 2; i++) {
        struct run r = leave(w, 11 + 3 * i, 3);
        assert_state(&r, RUN_APPLIED);
        clock_fake_move(&w->fake, DAY_US);
    }
    struct run r = leave(w, 17, 2);
    assert_state(&r, RUN_HELD);
    world_approve(w, r.run_id);
    clock_fake_move(&w->fake, DAY_US);
    r = leave(w, 19, 3);
    assert_state(&r, RUN_APPLIED);
    clock_fake_move(&w->fake, DAY_US);
    r = leave(w, 22, 3);
    assert_state(&r, RUN_APPLIED);
    clock_fake_move(&w->fake, DAY_US);
    r = leave(w, 25, 1); /* six since then, and one more */
    assert_state(&r, RUN_HELD);
    assert_says(r.reason, "7 people leaving: the limit for 30 days is 6");
}

static void who_changes_both_names_is_one_person_to_the_guard(void **state) {
    struct world *w = *state;
    world_begin(w, 40); /* 4 names a run */
    for (int i = 11; i <= 14; i++) {
        world_put(w, arena_printf(&w->bed->a, "%d", i), "first_name=Mira");
        world_put(w, arena_printf(&w->bed->a, "%d", i), "last_name=Meyer");
    }
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.classes[CHANGE_NAME], 4);
    assert_int_equal(r.counts.fields[USER_FIRST_NAME] + r.counts.fields[USER_LAST_NAME], 8);
    for (int i = 16; i <= 20; i++)
        world_put(w, arena_printf(&w->bed->a, "%d", i), "last_name=Meyer");
    r = world_import(w);
    assert_state(&r, RUN_HELD);
    assert_says(r.reason, "5 name changes: the limit for one run is 4");
}

static void what_a_person_approved_does_not_count(void **state) {
    struct world *w = *state;
    world_begin(w, 40);
    struct run r = leave(w, 11, 8);
    assert_state(&r, RUN_HELD);
    world_approve(w, r.run_id);
    r = leave(w, 21, 2);
    assert_state(&r, RUN_APPLIED);
}

static void person_runs_count_in_the_windows_too(void **state) {
    struct world *w = *state;
    struct run r;
    world_begin(w, 40);
    for (int i = 11; i <= 13; i++) {
        char *id = arena_printf(&w->bed->a, "%d", i);
        world_put(w, id, "status=inactive");
        r = world_import_person(w, id);
        assert_state(&r, RUN_APPLIED);
    }
    world_put(w, "16", "status=inactive"); /* one by one no more than a listing may let go */
    r = world_import_person(w, "16");
    assert_state(&r, RUN_HELD);
    assert_string_equal(world_lifecycle(w, "16"), "active");
}

static const struct CMUnitTest tests[] = {
    WORLD_TEST(a_preview_changes_nothing_and_approving_it_does_what_it_showed),
    WORLD_TEST(what_hr_said_more_than_a_day_ago_is_not_approved),
    WORLD_TEST(the_overlay_of_a_held_run_is_what_approving_it_gives),
    WORLD_TEST(previews_are_superseded_by_an_applied_listing),
    WORLD_TEST(a_preview_of_what_would_be_held_says_why),
    WORLD_TEST(the_same_again_keeps_the_hold),
    WORLD_TEST(something_else_supersedes_it_and_shows_the_difference),
    WORLD_TEST(when_hr_is_mended_the_hold_is_over),
    WORLD_TEST(a_person_goes_on_while_a_hold_waits_and_is_left_out_of_it),
    WORLD_TEST(a_joiner_who_is_there_by_now_is_left_out),
    WORLD_TEST(a_person_who_would_have_to_be_held_waits_for_the_hold_there_is),
    WORLD_TEST(rejected_is_rejected),
    WORLD_TEST(what_was_applied_is_not_applied_again),
    WORLD_TEST(another_companys_run_is_unknown),
    WORLD_TEST(leavers_add_up_over_a_day_and_over_a_month),
    WORLD_TEST(who_has_approved_a_sum_is_not_asked_about_it_again),
    WORLD_TEST(who_changes_both_names_is_one_person_to_the_guard),
    WORLD_TEST(what_a_person_approved_does_not_count),
    WORLD_TEST(person_runs_count_in_the_windows_too),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
