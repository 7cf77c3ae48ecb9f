/* Deliveries that a person looks at before anything is sent: previews, holds, and what their answers do. */
#include "sync/steps.h"
#include "tests/sync/delivers.h"

static void a_preview_sends_nothing_and_approving_it_makes_those_calls(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    unsigned writes = delivers_writes(d);
    world_put(d->w, "3", "last_name=Meyer");
    world_add(d->w, "6");
    world_import(d->w);
    struct run r = delivers_preview(d, 0);
    assert_state(&r, RUN_PREVIEWED);
    assert_int_equal(delivers_writes(d), writes);
    char *planned = delivers_effects(d, r.run_id);
    assert_string_equal(planned, "update 3 planned\ncreate 6 planned\n");
    r = delivers_approve(d, r.run_id);
    assert_state(&r, RUN_APPLIED);
    assert_string_equal(delivers_effects(d, r.run_id), "update 3 done\ncreate 6 done\n");
    assert_int_equal(delivers_writes(d), writes + 2);
}

/* Who waits for an account made in the same run is somebody who changes, and counts once. */
static void whoever_waits_for_somebody_made_in_the_run_counts_as_one_who_changes(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    world_add(d->w, "5");
    world_put(d->w, "3", "supervisor=5");
    world_put(d->w, "4", "supervisor=5");
    world_put(d->w, "4", "last_name=Meyer");
    world_import(d->w);
    struct run r = delivers_preview(d, 0);
    assert_string_equal(
        delivers_effects(d, r.run_id),
        "update+ 3 planned\nupdate 4 planned\nupdate+ 4 planned\ncreate 5 planned\n");
    assert_int_equal(r.counts.joiners, 1);
    assert_int_equal(r.counts.changed, 2);
}

static void what_has_changed_since_is_left_out_of_an_approved_preview(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_put(d->w, "3", "last_name=Meyer");
    world_put(d->w, "4", "last_name=Schulz");
    world_import(d->w);
    struct run r = delivers_preview(d, 0);
    world_put(d->w, "3", "last_name=Meier");
    world_import(d->w);
    r = delivers_approve(d, r.run_id);
    assert_string_equal(delivers_effects(d, r.run_id), "update 3 dropped\nupdate 4 done\n");
    assert_true(text_is(delivers_shows(d, "3", "last_name"), "Last3"));
    delivers_run(d);
    assert_true(text_is(delivers_shows(d, "3", "last_name"), "Meier"));
}

static void a_preview_over_a_previewed_import_shows_what_both_would_do(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    unsigned writes = delivers_writes(d);
    world_put(d->w, "3", "last_name=Meyer");
    world_add(d->w, "6");
    world_put(d->w, "5", "status=inactive");
    struct run import = world_preview(d->w);
    char *before = world_directory(d->w);
    struct run r = delivers_preview(d, import.run_id);
    assert_state(&r, RUN_PREVIEWED);
    assert_string_equal(world_directory(d->w), before);
    assert_string_equal(delivers_effects(d, r.run_id),
                        "update 3 planned\ndeactivate 5 planned\ncreate 6 planned\n");
    assert_int_equal(delivers_writes(d), writes);
    r = delivers_approve(d, r.run_id);
    assert_state(&r, RUN_APPLIED);
    assert_string_equal(delivers_effects(d, r.run_id),
                        "update 3 done\ndeactivate 5 done\ncreate 6 done\n");
    assert_int_equal(delivers_writes(d), writes + 3);
    assert_string_equal(world_lifecycle(d->w, "5"), "left");
}

static void a_rejected_delivery_sends_nothing_and_the_next_one_asks_again(void **state) {
    struct delivers *d = *state;
    world_begin(d->w, 3);
    struct run r = delivers_run(d);
    r = delivers_reject(d, r.run_id);
    assert_state(&r, RUN_REJECTED);
    assert_int_equal(delivers_writes(d), 0);
    r = delivers_run(d);
    assert_state(&r, RUN_HELD);
}

static void the_same_plan_keeps_the_hold_and_another_supersedes_it(void **state) {
    struct delivers *d = *state;
    world_begin(d->w, 3);
    struct run first = delivers_run(d), second = delivers_run(d);
    assert_state(&second, RUN_SUPERSEDED);
    assert_int_equal(second.other_run_id, first.run_id);
    world_put(d->w, "2", "last_name=Meyer");
    world_import(d->w);
    struct run third = delivers_run(d);
    assert_state(&third, RUN_HELD);
    first = world_run(d->w, first.run_id);
    assert_state(&first, RUN_SUPERSEDED);
    assert_int_equal(first.other_run_id, third.run_id);
}

static void a_team_that_somebody_made_since_is_not_made_twice_by_an_approval(void **state) {
    struct delivers *d = *state;
    world_begin(d->w, 3);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_HELD);
    struct text hand = memory_platform_put_team(&d->there, "Dock", NULL);
    delivers_approve(d, r.run_id);
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 1);
    assert_true(text_equal(delivers_shows(d, "2", "primary_team"), hand));
}

/* A last day passes that HR has taken back meanwhile, in an import that somebody has yet to look at. */
static void nobody_is_closed_who_works_by_an_import_that_is_held(void **state) {
    struct delivers *d = *state;
    struct run held;
    struct run r;
    delivers_begin(d, 3);
    world_put(d->w, "2", "termination_date=2026-09-23");
    world_import(d->w);
    delivers_run(d);
    world_put(d->w, "2", "termination_date=");
    world_put(d->w, "3", "last_name=Meyer");
    world_limits(d->w, "{\"name\":{\"run\":[0,0]}}");
    held = world_import(d->w);
    assert_state(&held, RUN_HELD);
    delivers_day(d, 3);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "2"), "held-otherwise");
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_ACTIVE);
    OK(import_reject(d->w->bed->st, &d->w->company, held.run_id, "mira", "no", &d->w->clock,
                     &d->w->bed->a, &r, &why));
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_DEACTIVATED);
}

static void many_leavers_are_held_whole(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 40);
    delivers_limits(d, NULL);
    for (int i = 2; i <= 21; i++)
        world_put(d->w, arena_printf(&d->w->bed->a, "%d", i), "status=inactive");
    world_put(d->w, "30", "last_name=Meyer");
    unsigned writes = delivers_writes(d);
    world_import(d->w); /* its own limits are off */
    struct run r = delivers_run(d);
    assert_state(&r, RUN_HELD);
    assert_says(r.reason, "20 people leaving");
    assert_int_equal(delivers_writes(d), writes);
    r = delivers_approve(d, r.run_id);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(delivers_status(d, "21"), ACCOUNT_DEACTIVATED);
    /* what a person approved does not count: the next leaver passes */
    world_put(d->w, "31", "status=inactive");
    world_import(d->w);
    r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
}

/* As for a round of hints. */
static bool is_asked(struct delivers *d) {
    struct world *w = d->w;
    bool asked = false;
    struct steps s = { .st = w->bed->st,
                       .key = w->bed->key,
                       .clock = &w->clock,
                       .arena = &w->bed->a,
                       .company = &w->company,
                       .in = &w->bed->in,
                       .few = true };
    OK(steps_begin(&s, &why));
    assert_true(steps_next(&s));
    OK(steps_is_asked(&s, &asked, &why));
    w->fake.now_us += 60000000;
    return asked;
}

/* Who joins with a manager who joins has another manager than before no more than who joins alone. */
static void the_manager_of_who_joins_is_no_change_of_manager(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    delivers_limits(d, "{\"manager\":{\"run\":[0,0],\"24h\":[0,0],\"30d\":[0,0]}}");
    world_add(d->w, "6");
    world_add(d->w, "7");
    world_put(d->w, "7", "supervisor=6");
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.classes[CHANGE_JOINS], 2);
    assert_int_equal(r.counts.classes[CHANGE_MANAGER], 0);
    assert_true(text_equal(delivers_shows(d, "7", "manager"), delivers_id(d, "6")));
    world_add(d->w, "8");
    world_put(d->w, "3", "supervisor=8"); /* who was there before has another one */
    world_import(d->w);
    r = delivers_run(d);
    assert_state(&r, RUN_HELD);
    assert_says(r.reason, "1 manager changes");
}

/* Rounds in which nobody is applied plan nothing, and whoever approves it finds it standing. */
static void a_held_delivery_is_not_planned_again_until_something_is_applied(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 40);
    delivers_limits(d, NULL);
    assert_false(is_asked(d));
    for (int i = 2; i <= 21; i++)
        world_put(d->w, arena_printf(&d->w->bed->a, "%d", i), "status=inactive");
    world_import(d->w);
    struct run held = delivers_run(d);
    assert_state(&held, RUN_HELD);
    assert_true(is_asked(d));
    world_import(d->w); /* whatever it brought */
    assert_false(is_asked(d));
    struct run r = delivers_run(d);
    assert_state(&r, RUN_SUPERSEDED); /* the same */
    assert_true(is_asked(d));
    world_put(d->w, "30", "last_name=Meyer");
    world_import(d->w);
    assert_false(is_asked(d)); /* also where who applied it has died since */
    r = delivers_run(d);
    assert_state(&r, RUN_HELD);
    assert_true(is_asked(d));
    delivers_approve(d, r.run_id);
    assert_false(is_asked(d));
}

/* ---- an import that is held while a delivery is carried out ---- */

static struct {
    struct delivers *d;
    struct destination_ops there;
    unsigned calls;
} meanwhile;

static enum rc_code deactivate(struct destination_lane *l, const struct account *now,
                               struct rc_error *err) {
    if (meanwhile.calls++ == 0) {
        struct store *other = bed_connect(meanwhile.d->w->bed);
        OK(db_exec(other->db, "UPDATE run SET state = 'held' WHERE state = 'rejected'", &why));
        store_close(other);
        clock_fake_move(&meanwhile.d->w->fake, 2 * INT64_C(1000000));
    }
    return meanwhile.there.deactivate(l, now, err);
}

/* 2 is closed first, 3 after whoever reported to them. */
static void whom_it_calls_employed_is_not_closed_any_more(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_put(d->w, "5", "supervisor=3");
    world_import(d->w);
    delivers_run(d);
    world_put(d->w, "5", "supervisor=1");
    world_put(d->w, "2", "status=inactive");
    world_put(d->w, "3", "status=inactive");
    world_import(d->w);
    world_put(d->w, "2", "status=active");
    world_put(d->w, "3", "status=active");
    world_put(d->w, "4", "last_name=Meyer");
    world_limits(d->w, "{\"name\":{\"run\":[0,0]}}");
    struct run held = world_import(d->w);
    assert_state(&held, RUN_HELD);
    place_exec(d->w->bed->st->db, "UPDATE run SET state = 'rejected' WHERE state = 'held'");
    meanwhile.d = d;
    meanwhile.there = d->there.ops;
    meanwhile.calls = 0;
    d->there.ops.deactivate = deactivate;
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_DEACTIVATED);
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_ACTIVE);
    assert_string_equal(delivers_code(d, "3"), "held-otherwise");
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        DELIVERS_TEST(a_preview_sends_nothing_and_approving_it_makes_those_calls),
        DELIVERS_TEST(whoever_waits_for_somebody_made_in_the_run_counts_as_one_who_changes),
        DELIVERS_TEST(what_has_changed_since_is_left_out_of_an_approved_preview),
        DELIVERS_TEST(a_preview_over_a_previewed_import_shows_what_both_would_do),
        DELIVERS_TEST(a_rejected_delivery_sends_nothing_and_the_next_one_asks_again),
        DELIVERS_TEST(the_same_plan_keeps_the_hold_and_another_supersedes_it),
        DELIVERS_TEST(a_team_that_somebody_made_since_is_not_made_twice_by_an_approval),
        DELIVERS_TEST(many_leavers_are_held_whole),
        DELIVERS_TEST(the_manager_of_who_joins_is_no_change_of_manager),
        DELIVERS_TEST(a_held_delivery_is_not_planned_again_until_something_is_applied),
        DELIVERS_TEST(nobody_is_closed_who_works_by_an_import_that_is_held),
        DELIVERS_TEST(whom_it_calls_employed_is_not_closed_any_more),
    };
    return place_run("delivery_held", tests, RC_LEN(tests), argc, argv);
}
