/* The guard's verdict over runs that have been, with other limits; and what a company's own rhythm
 * suggests. Last: with the limits that there were, it says what was said. */
#include "tests/sync/world.h"
#include "base/rng.h"
#include "sync/simulate.h"

enum { MOST = 100 };

struct past {
    struct simulate_run runs[MOST];
    size_t n;
    struct arena a;
};

static int make(void **state) {
    struct past *p = mem_zalloc(sizeof *p);
    arena_init(&p->a);
    *state = p;
    return 0;
}

static int drop(void **state) {
    struct past *p = *state;
    arena_done(&p->a);
    mem_free(p);
    return 0;
}
#define PAST_TEST(fn) cmocka_unit_test_setup_teardown(fn, make, drop)

/* A run a day, of a company of 100, that passed and was applied half a minute after its start. */
static struct simulate_run *add(struct past *p, enum change_class class, int64_t people) {
    struct simulate_run *r = &p->runs[p->n++];
    *r = (struct simulate_run){ .run_id = (int64_t)p->n,
                                .started_us = T0 + (int64_t)p->n * DAY_US,
                                .state = RUN_APPLIED,
                                .looked_at = true,
                                .population = 100 };
    r->applied_us = r->started_us + 30000000;
    r->classes[class] = people;
    return r;
}

/* What windows see of it; last, when it is as it should be. */
static void seen_by_windows(struct past *p) {
    for (size_t i = 0; i < p->n; i++) {
        struct simulate_run *r = &p->runs[i];
        r->past = (struct guard_past){ .run_id = r->run_id,
                                       .applied_us = r->applied_us,
                                       .population = r->population,
                                       .approved = r->approved };
        memcpy(r->past.classes, r->classes, sizeof r->classes);
    }
}

static struct simulate_run *held(struct simulate_run *r, enum run_state then) {
    r->was_held = true;
    r->state = then;
    r->approved = then == RUN_APPLIED;
    if (then != RUN_APPLIED)
        r->applied_us = 0;
    return r;
}

static struct guard_limits limits_of(const char *json_text) {
    struct guard_limits l;
    OK(guard_limits_read(text_of(json_text), &l, &why));
    return l;
}

static const char *outcomes(struct past *p, const struct guard_limits *l) {
    static const char letters[] = { [SIMULATE_PASSES] = '.',
                                    [SIMULATE_HOLDS] = 'H',
                                    [SIMULATE_NOW_HELD] = 'h',
                                    [SIMULATE_NOW_PASSES] = 'p',
                                    [SIMULATE_UNKNOWN] = '?' };
    struct simulate_result *r;
    seen_by_windows(p);
    size_t n = simulate(p->runs, p->n, l, &p->a, &r);
    char *s = arena_zalloc(&p->a, n + 1);
    for (size_t i = 0; i < n; i++)
        s[i] = letters[r[i].outcome];
    return s;
}

static void tighter_limits_hold_what_passed_and_looser_ones_the_reverse(void **state) {
    struct past *p = *state;
    add(p, CHANGE_EMAIL, 3);
    held(add(p, CHANGE_EMAIL, 6), RUN_APPLIED);
    add(p, CHANGE_NAME, 1);
    struct guard_limits tight = limits_of("{\"email\":{\"run\":[2,0]}}"),
                        loose =
                            limits_of("{\"email\":{\"run\":[9,0],\"24h\":[20,0],\"30d\":[20,0]}}");
    assert_string_equal(outcomes(p, &guard_usual), ".H.");
    assert_string_equal(outcomes(p, &tight), "hH.");
    assert_string_equal(outcomes(p, &loose), ".p.");
}

static void findings_name_class_window_and_numbers(void **state) {
    struct past *p = *state;
    struct simulate_result *r;
    struct guard_limits tight = limits_of("{\"email\":{\"run\":[3,0]}}");
    add(p, CHANGE_EMAIL, 4);
    seen_by_windows(p);
    assert_int_equal(simulate(p->runs, p->n, &tight, &p->a, &r), 1);
    assert_int_equal(r[0].verdict.findings_n, 1);
    assert_int_equal(r[0].verdict.findings[0].class, CHANGE_EMAIL);
    assert_int_equal(r[0].verdict.findings[0].limit, 3);
    assert_int_equal(r[0].verdict.findings[0].counted, 4);
}

/* Three addresses a day: nine, then twelve are held, and whoever says yes has seen all twelve. */
static void what_would_be_held_is_approved_with_all_that_was_shown(void **state) {
    struct past *p = *state;
    for (int i = 0; i < 12; i++)
        add(p, CHANGE_EMAIL, 3);
    struct guard_limits month = limits_of("{\"email\":{\"30d\":[10,0],\"24h\":[9,0]}}");
    assert_string_equal(outcomes(p, &month), "...h...h...h");
}

static void what_a_person_approved_counts_once_it_would_have_passed(void **state) {
    struct past *p = *state;
    held(add(p, CHANGE_EMAIL, 6), RUN_APPLIED);
    add(p, CHANGE_EMAIL, 3);
    struct guard_limits l = limits_of("{\"email\":{\"run\":[6,0],\"24h\":[8,0],\"30d\":[8,0]}}");
    /* with the limits of then the six counted in no window */
    assert_string_equal(outcomes(p, &guard_usual), "H.");
    assert_string_equal(outcomes(p, &l), "ph");
}

static void what_was_rejected_is_named_and_counts_in_no_window(void **state) {
    struct past *p = *state;
    held(add(p, CHANGE_EMAIL, 9), RUN_REJECTED);
    held(add(p, CHANGE_EMAIL, 9), RUN_SUPERSEDED);
    add(p, CHANGE_EMAIL, 5);
    struct guard_limits l = limits_of("{\"email\":{\"run\":[9,0],\"24h\":[9,0],\"30d\":[9,0]}}");
    assert_string_equal(outcomes(p, &l), "pp.");
}

static void a_first_import_is_held_with_any_limits(void **state) {
    struct past *p = *state;
    struct simulate_run *r = held(add(p, CHANGE_JOINS, 100), RUN_APPLIED);
    r->first = true;
    r->population = 0;
    struct guard_limits l = limits_of("{\"joins\":{\"run\":[1000,100]}}");
    assert_string_equal(outcomes(p, &l), "H");
}

static void whom_hr_was_not_asked_for_nobody_can_tell(void **state) {
    struct past *p = *state;
    struct simulate_run *r = held(add(p, CHANGE_NAME, 0), RUN_APPLIED);
    r->missing = r->missing_not_looked_up = 8;
    struct guard_limits l = limits_of("{\"leavers\":{\"run\":[8,0],\"24h\":[20,0]}}");
    assert_string_equal(outcomes(p, &guard_usual), "H");
    assert_string_equal(outcomes(p, &l), "?");
    /* what another class holds is held, whatever HR had said */
    r->classes[CHANGE_NAME] = 9;
    assert_string_equal(outcomes(p, &l), "H");
}

static void with_less_room_the_missing_would_not_have_been_asked_for(void **state) {
    struct past *p = *state;
    add(p, CHANGE_NAME, 0)->missing = 4; /* found working, and left alone */
    struct guard_limits l = limits_of("{\"leavers\":{\"run\":[3,0]}}");
    assert_string_equal(outcomes(p, &guard_usual), ".");
    assert_string_equal(outcomes(p, &l), "h");
}

static void runs_of_before_stand_in_windows_only(void **state) {
    struct past *p = *state;
    add(p, CHANGE_EMAIL, 3)->looked_at = false;
    add(p, CHANGE_EMAIL, 3);
    struct guard_limits l = limits_of("{\"email\":{\"30d\":[5,0]}}");
    assert_string_equal(outcomes(p, &l), "h");
}

/* ---- a company's own rhythm ---- */

static void the_limits_suggested_are_half_again_of_the_most(void **state) {
    struct past *p = *state;
    struct simulate_rhythm r;
    for (int i = 0; i < 40; i++)
        add(p, CHANGE_TEAM, i == 20 ? 8 : 0);
    seen_by_windows(p);
    simulate_suggest(p->runs, p->n, 1000, &r);
    assert_true(r.is_enough);
    assert_int_equal(r.runs_n, 40);
    assert_int_equal(r.days, 39);
    assert_int_equal(r.most[CHANGE_TEAM][GUARD_RUN], 8);
    assert_int_equal(r.limits.of[CHANGE_TEAM][GUARD_RUN].people, 12);
    assert_false(r.above[CHANGE_TEAM][GUARD_RUN]);
    assert_int_equal(r.limits.of[CHANGE_NAME][GUARD_RUN].people, 4); /* never happened: as usual */
}

static void one_person_a_month_has_room_for_two_more(void **state) {
    struct past *p = *state;
    struct simulate_rhythm r;
    for (int i = 0; i < 40; i++)
        add(p, CHANGE_NAME, i == 20);
    seen_by_windows(p);
    simulate_suggest(p->runs, p->n, 1000, &r);
    assert_int_equal(r.limits.of[CHANGE_NAME][GUARD_RUN].people, 3);
}

static void the_usual_limits_are_passed_only_by_a_company_that_does(void **state) {
    struct past *p = *state;
    struct simulate_rhythm r;
    for (int i = 0; i < 40; i++)
        add(p, CHANGE_EMAIL, i == 20 ? 3 : 0);
    for (int i = 0; i < 40; i++)
        add(p, CHANGE_LEAVERS, i == 20 ? 4 : 0);
    seen_by_windows(p);
    simulate_suggest(p->runs, p->n, 20, &r);
    assert_int_equal(r.limits.of[CHANGE_EMAIL][GUARD_RUN].people, 3); /* 5, but for the usual 3 */
    assert_false(r.above[CHANGE_EMAIL][GUARD_RUN]);
    assert_int_equal(r.limits.of[CHANGE_LEAVERS][GUARD_RUN].people, 6); /* the usual are 3 */
    assert_true(r.above[CHANGE_LEAVERS][GUARD_RUN]);
}

static void first_imports_and_what_was_refused_are_no_rhythm(void **state) {
    struct past *p = *state;
    struct simulate_rhythm r;
    held(add(p, CHANGE_JOINS, 100), RUN_APPLIED)->first = true;
    held(add(p, CHANGE_EMAIL, 100), RUN_REJECTED);
    add(p, CHANGE_JOINS, 3);
    seen_by_windows(p);
    simulate_suggest(p->runs, p->n, 100, &r);
    assert_false(r.is_enough);
    assert_int_equal(r.runs_n, 1);
    assert_int_equal(r.most[CHANGE_JOINS][GUARD_MONTH], 3);
    assert_int_equal(r.most[CHANGE_EMAIL][GUARD_MONTH], 0);
}

/* Whatever has been: with the limits suggested nothing would have been held that was accepted. */
static void the_limits_suggested_hold_nothing_that_was_accepted(void **state) {
    struct past *p = *state;
    struct rng rng;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct simulate_rhythm rhythm;
        struct simulate_result *r;
        rng_init(&rng, seed, 1);
        p->n = 0;
        arena_reset(&p->a);
        for (int i = 0; i < 60; i++) {
            struct simulate_run *run = add(p, CHANGE_OTHER, 1);
            run->population = 50 + rng_below(&rng, 50);
            run->started_us += (int64_t)rng_below(&rng, 3600) * 1000000;
            run->applied_us = run->started_us + 1000000;
            for (int c = 0; c < CHANGE_OTHER; c++)
                if (rng_below(&rng, 5) == 0)
                    run->classes[c] = rng_below(&rng, 30);
            run->missing = rng_below(&rng, 20) == 0 ? rng_below(&rng, 9) : 0;
            if (rng_below(&rng, 6) == 0)
                held(run, rng_below(&rng, 3) == 0 ? RUN_REJECTED : RUN_APPLIED);
        }
        seen_by_windows(p);
        simulate_suggest(p->runs, p->n, 80, &rhythm);
        size_t n = simulate(p->runs, p->n, &rhythm.limits, &p->a, &r);
        for (size_t i = 0; i < n; i++)
            if (r[i].run->applied_us != 0 && r[i].verdict.held)
                fail_msg("seed %llu: run %lld would be held", (unsigned long long)seed,
                         (long long)r[i].run->run_id);
    }
}

/* ---- against what the guard said ---- */

/* Forty imports of names and addresses, some held, and of these some approved. */
static void live_through(struct world *w, uint64_t seed) {
    struct rng rng;
    rng_init(&rng, seed, 7);
    world_begin(w, 60);
    for (int i = 0; i < 40; i++) {
        int n = (int)rng_below(&rng, 8);
        bool addresses = rng_below(&rng, 2) == 0;
        for (int k = 0; k < n; k++) {
            int who = 2 + (int)rng_below(&rng, 58);
            char *value = addresses ? arena_printf(&w->bed->a, "email=p%d-%d@y.org", who, i)
                                    : arena_printf(&w->bed->a, "last_name=Name%d-%d", who, i);
            world_put(w, arena_printf(&w->bed->a, "%d", who), value);
        }
        clock_fake_move(&w->fake, (int64_t)rng_below(&rng, 40) * HOUR_S * 1000000);
        struct run r = world_import(w);
        if (r.state == RUN_HELD && rng_below(&rng, 3) == 0)
            world_approve(w, r.run_id);
    }
}

static void with_the_limits_that_there_were_it_says_what_was_said(void **state) {
    struct world *w = *state;
    struct run *kept;
    struct simulate_result *r;
    size_t n, held_n = 0;
    live_through(w, 3);
    OK(run_list_since(w->bed->st, w->bed->company_id, w->bed->in.integration_id, 0, &w->bed->a,
                      &kept, &n, &why));
    struct simulate_run *runs = ARENA_NEW(&w->bed->a, struct simulate_run, n);
    for (size_t i = 0; i < n; i++) {
        simulate_run_read(&kept[i], &runs[i]);
        runs[i].looked_at = kept[i].verdict.state == TEXT_SET;
    }
    n = simulate(runs, n, &guard_usual, &w->bed->a, &r);
    assert_int_equal(n, 41);
    for (size_t i = 0; i < n; i++) {
        held_n += r[i].verdict.held;
        if (r[i].outcome != SIMULATE_PASSES && r[i].outcome != SIMULATE_HOLDS)
            fail_msg("run %lld was %s", (long long)r[i].run->run_id,
                     r[i].run->was_held ? "held" : "not held");
    }
    assert_true(held_n > 5 && held_n < 38);
}

static const struct CMUnitTest tests[] = {
    PAST_TEST(tighter_limits_hold_what_passed_and_looser_ones_the_reverse),
    PAST_TEST(findings_name_class_window_and_numbers),
    PAST_TEST(what_would_be_held_is_approved_with_all_that_was_shown),
    PAST_TEST(what_a_person_approved_counts_once_it_would_have_passed),
    PAST_TEST(what_was_rejected_is_named_and_counts_in_no_window),
    PAST_TEST(a_first_import_is_held_with_any_limits),
    PAST_TEST(whom_hr_was_not_asked_for_nobody_can_tell),
    PAST_TEST(with_less_room_the_missing_would_not_have_been_asked_for),
    PAST_TEST(runs_of_before_stand_in_windows_only),
    PAST_TEST(the_limits_suggested_are_half_again_of_the_most),
    PAST_TEST(one_person_a_month_has_room_for_two_more),
    PAST_TEST(the_usual_limits_are_passed_only_by_a_company_that_does),
    PAST_TEST(first_imports_and_what_was_refused_are_no_rhythm),
    PAST_TEST(the_limits_suggested_hold_nothing_that_was_accepted),
    WORLD_TEST(with_the_limits_that_there_were_it_says_what_was_said),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
