/* What would have stopped it: each disaster by what it should be, and nothing of it leaves a trace. */
#include "tests/sync/world.h"
#include "sync/drill.h"

enum { PEOPLE = 60 };

/* A company that is connected to a source with rights and look-ups: as Personio. */
static void begin(struct world *w, size_t n) {
    place_exec(w->bed->place->db, "UPDATE integration SET source = 'personio'");
    world_begin(w, n);
}

static struct drill drilled(struct world *w) {
    struct integration in;
    struct drill d;
    struct bed *b = w->bed;
    OK(integration_get(b->st, b->company_id, b->in.integration_id, b->key, &b->a, &in, &why));
    OK(drill_run(b->st, b->key, &w->company, &in, &w->clock, &b->a, &d, &why));
    return d;
}

static enum rc_code drill_fails(struct world *w) {
    struct integration in;
    struct drill d;
    struct bed *b = w->bed;
    OK(integration_get(b->st, b->company_id, b->in.integration_id, b->key, &b->a, &in, &why));
    return drill_run(b->st, b->key, &w->company, &in, &w->clock, &b->a, &d, &w->err);
}

static const struct drill_result *result(const struct drill *d, const char *name) {
    for (size_t i = 0; i < d->results_n; i++)
        if (strcmp(d->results[i].name, name) == 0)
            return &d->results[i];
    fail_msg("there is no disaster %s", name);
    return NULL;
}

static void assert_by(const struct drill *d, const char *name, const char *by, int64_t people,
                      const char *words) {
    const struct drill_result *r = result(d, name);
    if (strcmp(drill_by_name(r->by), by) != 0)
        fail_msg("%s: by %s: %.*s", name, drill_by_name(r->by), TEXT_ARG(r->texts[0]));
    assert_int_equal(r->people, people);
    assert_true(r->texts_n > 0);
    assert_says(r->texts[0], words);
}

/* Half of them in a second, smaller team. */
static void two_teams(struct world *w) {
    for (int i = 1; i <= 20; i++)
        world_put(w, arena_printf(&w->bed->a, "%d", i), "department=Yard#10");
    struct run r = world_import(w);
    world_approve(w, r.run_id);
}

static void each_disaster_is_stopped_by_what_it_should_be(void **state) {
    struct world *w = *state;
    begin(w, PEOPLE);
    two_teams(w);
    struct drill d = drilled(w);
    assert_int_equal(d.people, PEOPLE);
    assert_int_equal(d.results_n, 9);
    assert_int_equal(d.through_n, 0);
    assert_by(&d, "empty-list", "half-known", 60, "HR lists only 0 of the 60 people known");
    assert_by(&d, "half-list", "proof", 30, "60 people are declared, but 30 came");
    assert_by(&d, "half-list-as-all", "limit", 30, "30 people are missing from HR's list");
    assert_by(&d, "all-emails", "limit", 60, "60 e-mail changes: the limit for one run is 3");
    assert_by(&d, "all-inactive", "limit", 60, "60 people leaving: the limit for one run is 3");
    assert_by(&d, "rights-shrank", "look-up", 2, "has not settled why");
    assert_by(&d, "narrowed", "limit", 2,
              "2 people gone from HR without an end date: the limit for one run is 1");
    assert_by(&d, "team-gone", "half-known", 40, "HR lists only 20 of the 60 people known");
    assert_by(&d, "one-team", "limit", 20, "20 team changes: the limit for one run is 8");
}

static void nothing_is_written_and_hr_is_not_asked(void **state) {
    struct world *w = *state;
    begin(w, PEOPLE);
    char *before = world_directory(w);
    int64_t runs = bed_number(w->bed, "SELECT COUNT(*) FROM run"),
            next = bed_number(w->bed, "SELECT next_run * 1000000 + next_id FROM company");
    unsigned lists = w->hr.lists_n, gets = w->hr.gets_n, rights = w->hr.rights_n;
    world_writes(w);
    drilled(w);
    assert_int_equal(world_writes(w), 0);
    assert_string_equal(world_directory(w), before);
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM run"), runs);
    assert_int_equal(bed_number(w->bed, "SELECT next_run * 1000000 + next_id FROM company"), next);
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM unsettled"), 0);
    assert_int_equal(w->hr.lists_n, lists);
    assert_int_equal(w->hr.gets_n, gets);
    assert_int_equal(w->hr.rights_n, rights);
}

static void where_limits_are_too_wide_it_says_that_nothing_would_stop_it(void **state) {
    struct world *w = *state;
    begin(w, PEOPLE);
    world_limits(w, "{\"email\":{\"run\":[1000,0],\"24h\":[1000,0],\"30d\":[1000,0]},"
                    "\"leavers\":{\"run\":[1000,0],\"24h\":[1000,0],\"30d\":[1000,0]},"
                    "\"unannounced\":{\"run\":[1000,0],\"24h\":[1000,0],\"30d\":[1000,0]}}");
    struct drill d = drilled(w);
    assert_int_equal(d.through_n, 3);
    assert_by(&d, "all-emails", "nothing", 60, "60 e-mail changes");
    assert_by(&d, "all-inactive", "nothing", 60, "60 people leaving");
    assert_by(&d, "narrowed", "nothing", 2, "2 people leaving, 2 people gone from HR");
    assert_by(&d, "half-list-as-all", "look-up", 30, "somebody who is still employed");
}

static void what_the_windows_have_seen_counts(void **state) {
    struct world *w = *state;
    begin(w, PEOPLE);
    world_limits(w, "{\"unannounced\":{\"run\":[5,0],\"24h\":[5,0],\"30d\":[3,0]}}");
    assert_int_equal(drilled(w).through_n, 1);
    world_drop(w, "7");
    world_drop(w, "8");
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    struct drill d = drilled(w);
    assert_int_equal(d.people, PEOPLE - 2);
    assert_by(&d, "narrowed", "limit", 2,
              "4 people gone from HR without an end date: the limit for 30 days is 3");
}

static void who_is_missing_today_is_not_in_it(void **state) {
    struct world *w = *state;
    begin(w, PEOPLE);
    world_drop(w, "7");
    w->hr.get_fault = (struct memory_fault){ .code = RC_RETRY };
    world_import(w);
    clock_fake_move(&w->fake, DAY_US);
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_string_equal(world_lifecycle(w, "7"), "absent");
    struct drill d = drilled(w);
    assert_int_equal(d.people, PEOPLE - 1);
    assert_int_equal(d.through_n, 0);
}

static void a_source_without_rights_cannot_lose_them(void **state) {
    struct world *w = *state;
    w->hr.ops.caps &= ~(unsigned)SOURCE_RIGHTS;
    begin(w, PEOPLE);
    struct drill d = drilled(w);
    assert_by(&d, "rights-shrank", "not-tried", 0, "no rights");
    assert_int_equal(d.through_n, 0);
}

static void where_nobody_is_known_there_is_nothing_to_play_with(void **state) {
    struct world *w = *state;
    place_exec(w->bed->place->db, "UPDATE integration SET source = 'personio'");
    assert_int_equal(drill_fails(w), RC_INVALID);
    assert_string_equal(w->err.name, "drill.nobody");
}

static void a_directory_that_would_change_by_itself_is_imported_first(void **state) {
    struct world *w = *state;
    begin(w, PEOPLE);
    place_exec(w->bed->place->db,
               "UPDATE version SET employee = REPLACE(employee, 'First7\"', 'Other\"')");
    assert_int_equal(drill_fails(w), RC_CONFLICT);
    assert_string_equal(w->err.name, "drill.changes");
    assert_non_null(strstr(w->err.text, "1 name changes"));
}

static const struct CMUnitTest tests[] = {
    WORLD_TEST(each_disaster_is_stopped_by_what_it_should_be),
    WORLD_TEST(nothing_is_written_and_hr_is_not_asked),
    WORLD_TEST(where_limits_are_too_wide_it_says_that_nothing_would_stop_it),
    WORLD_TEST(what_the_windows_have_seen_counts),
    WORLD_TEST(who_is_missing_today_is_not_in_it),
    WORLD_TEST(a_source_without_rights_cannot_lose_them),
    WORLD_TEST(where_nobody_is_known_there_is_nothing_to_play_with),
    WORLD_TEST(a_directory_that_would_change_by_itself_is_imported_first),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
