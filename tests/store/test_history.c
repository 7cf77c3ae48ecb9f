#include "tests/store/bed.h"
#include "store/history.h"

static struct run run_of(struct bed *b, enum run_state state) {
    return bed_run(b, b->company_id, b->in.integration_id, state);
}

static void stage_changes(struct bed *b, const struct run *r, const struct version_change *c,
                          size_t n) {
    OK(db_begin(b->st->db, &why));
    OK(version_add_changes(b->st, r->company_id, r->run_id, c, n, &why));
    OK(db_commit(b->st->db, &why));
}

/* ann and bob, known by run 1. */
static struct run two_people(struct bed *b) {
    struct run r = run_of(b, RUN_PASSED);
    struct version v[] = { bed_version(b, 11, 0, "1", "ann"), bed_version(b, 12, 0, "2", "bob") };
    struct version_change c[] = {
        { 11, TEXT_LIT("*"), TEXT_NONE, TEXT_LIT("active"), CHANGE_JOINS, "joined" },
        { 12, TEXT_LIT("*"), TEXT_NONE, TEXT_LIT("active"), CHANGE_JOINS, "joined" }
    };
    bed_stage(b, &r, v, 2);
    stage_changes(b, &r, c, 2);
    bed_apply(b, &r);
    return r;
}

static struct version_change change_of(int64_t user_id, const char *field) {
    return (struct version_change){ user_id,         text_of(field), TEXT_LIT("old"),
                                    TEXT_LIT("new"), CHANGE_OTHER,   "hr-states" };
}

static void changes_come_with_whom_they_are_about(void **state) {
    struct bed *b = *state;
    struct run first = two_people(b), r = run_of(b, RUN_HELD);
    struct version v = bed_version(b, 12, first.run_id, "2", "bob"),
                   w = bed_version(b, 20, 0, "9", "dan");
    struct version_change c[] = { change_of(12, "email"), change_of(12, "job_title"),
                                  change_of(20, "*") };
    struct history_change *list;
    size_t n;
    v.team = TEXT_LIT("department:10");
    bed_stage(b, &r, &v, 1);
    bed_stage(b, &r, &w, 1);
    stage_changes(b, &r, c, 3);
    OK(history_changes(b->st, b->company_id, r.run_id, 100, &b->a, &list, &n, &why));
    assert_int_equal(n, 3);
    assert_int_equal(list[0].user_id, 12);
    assert_true(text_is(list[0].name, "bob") && text_is(list[0].source_id, "2"));
    assert_true(text_is(list[0].email, "bob@x.org") && text_is(list[0].team, "department:10"));
    assert_true(text_is(list[0].team_before, "department:9"));
    assert_true(text_is(list[0].field, "email") && text_is(list[1].field, "job_title"));
    assert_true(text_is(list[1].old, "old") && text_is(list[1].new, "new"));
    assert_true(text_is(list[1].rule, "hr-states"));
    assert_int_equal(list[2].user_id, 20);
    assert_int_equal(list[2].team_before.state, TEXT_MISSING);
    OK(history_changes(b->st, b->company_id, r.run_id, 2, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    OK(history_changes_of(b->st, b->company_id, r.run_id, 20, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
    assert_true(text_is(list[0].name, "dan"));
    OK(history_changes_of(b->st, b->company_id, r.run_id, 11, &b->a, &list, &n, &why));
    assert_int_equal(n, 0);
}

/* More than are read at once, and a person whose changes stand on both sides of that border. */
static void many_changes_come_each_once(void **state) {
    enum { PEOPLE = 1700 };
    static const char *const fields[] = { "avatar", "email", "job_title" };
    struct bed *b = *state;
    struct run r = run_of(b, RUN_HELD);
    struct version *v = ARENA_NEW(&b->a, struct version, PEOPLE);
    struct version_change *c = ARENA_NEW(&b->a, struct version_change, PEOPLE * 3);
    struct history_change *list;
    size_t n;
    for (size_t i = 0; i < PEOPLE; i++) {
        v[i] = bed_version(b, (int64_t)i + 1, 0, arena_printf(&b->a, "%zu", i), "x");
        for (size_t f = 0; f < 3; f++)
            c[i * 3 + f] = change_of((int64_t)i + 1, fields[f]);
    }
    bed_stage(b, &r, v, PEOPLE);
    stage_changes(b, &r, c, PEOPLE * 3);
    OK(history_changes(b->st, b->company_id, r.run_id, 1000000, &b->a, &list, &n, &why));
    assert_int_equal(n, PEOPLE * 3);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(list[i].user_id, i / 3 + 1);
        assert_true(text_is(list[i].field, fields[i % 3]));
    }
}

static void two_stages_differ_in_named_people(void **state) {
    struct bed *b = *state;
    struct run first = two_people(b), r = run_of(b, RUN_HELD);
    struct history_difference *d;
    size_t n;
    struct version v[] = { bed_version(b, 11, first.run_id, "1", "ann"),
                           bed_version(b, 12, first.run_id, "2", "bert"),
                           bed_version(b, 30, 0, "8", "gone") };
    bed_stage(b, &r, v, 3);
    r.state = RUN_SUPERSEDED;
    OK(run_save(b->st, &r, &why));
    struct run s = run_of(b, RUN_HELD);
    struct version w[] = { v[0], bed_version(b, 12, first.run_id, "2", "bill"),
                           bed_version(b, 31, 0, "9", "newer") };
    bed_stage(b, &s, w, 3);
    OK(history_differences(b->st, b->company_id, r.run_id, s.run_id, 100, &b->a, &d, &n, &why));
    assert_int_equal(n, 3);
    assert_int_equal(d[0].side, HISTORY_ONLY_FIRST);
    assert_true(text_is(d[0].name, "gone") && text_is(d[0].source_id, "8"));
    assert_int_equal(d[1].side, HISTORY_ONLY_SECOND);
    assert_true(text_is(d[1].name, "newer"));
    assert_int_equal(d[2].side, HISTORY_OTHERWISE);
    assert_true(text_is(d[2].name, "bill"));
    OK(history_differences(b->st, b->company_id, r.run_id, s.run_id, 1, &b->a, &d, &n, &why));
    assert_int_equal(n, 1);
}

static void teams_are_as_the_run_saw_them(void **state) {
    struct bed *b = *state;
    struct version_team dock = { TEXT_LIT("department:9"), TEXT_LIT("department"), TEXT_LIT("9"),
                                 TEXT_LIT("Dock"), 50 },
                        yard = { TEXT_LIT("department:10"), TEXT_LIT("department"), TEXT_LIT("10"),
                                 TEXT_LIT("Yard"), 51 },
                        *list;
    struct run r = run_of(b, RUN_PASSED);
    size_t n;
    OK(version_add_team(b->st, b->company_id, r.run_id, &dock, &why));
    bed_apply(b, &r);
    r = run_of(b, RUN_HELD);
    dock.name = TEXT_LIT("Docks");
    OK(version_add_team(b->st, b->company_id, r.run_id, &dock, &why));
    OK(version_add_team(b->st, b->company_id, r.run_id, &yard, &why));
    OK(history_teams(b->st, b->company_id, b->in.integration_id, r.run_id, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    assert_true(text_is(list[0].name, "Yard") && text_is(list[1].name, "Docks"));
    OK(history_teams(b->st, b->company_id, b->in.integration_id, 0, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
    assert_true(text_is(list[0].name, "Dock"));
}

static void a_person_is_followed_from_version_to_version(void **state) {
    struct bed *b = *state;
    struct run first = two_people(b);
    struct history_version got;
    int64_t *runs;
    size_t n;
    for (int i = 0; i < 2; i++) {
        struct run r = run_of(b, RUN_PASSED);
        struct version v = bed_version(b, 12, r.run_id - 1, "2", i == 0 ? "bert" : "bill");
        struct version_change c = change_of(12, "last_name");
        bed_stage(b, &r, &v, 1);
        stage_changes(b, &r, &c, 1);
        bed_apply(b, &r);
    }
    OK(history_runs_of(b->st, b->company_id, 12, 10, &b->a, &runs, &n, &why));
    assert_int_equal(n, 2);
    assert_int_equal(runs[0], 3);
    assert_int_equal(runs[1], 2);
    OK(history_version(b->st, b->company_id, 3, 12, &b->a, &got, &why));
    assert_int_equal(got.base_run_id, 2);
    assert_int_equal(got.presence, PRESENCE_LISTED);
    assert_non_null(memmem(got.user.ptr, got.user.len, "bill", 4));
    OK(history_version(b->st, b->company_id, first.run_id, 12, &b->a, &got, &why));
    assert_int_equal(got.base_run_id, 0);
    assert_int_equal(history_version(b->st, b->company_id, 3, 11, &b->a, &got, NULL), RC_NOT_FOUND);
}

static void runs_that_wait_for_somebody_are_found(void **state) {
    struct bed *b = *state;
    struct run first = two_people(b), held = run_of(b, RUN_HELD),
               preview = run_of(b, RUN_PREVIEWED);
    struct version v[] = { bed_version(b, 12, first.run_id, "2", "bill"),
                           bed_version(b, 30, 0, "9", "dan") };
    struct history_wait *w;
    size_t n;
    bed_stage(b, &held, v, 2);
    bed_stage(b, &preview, v, 1);
    OK(history_waiting(b->st, b->company_id, 12, TEXT_NONE, &b->a, &w, &n, &why));
    assert_int_equal(n, 2);
    assert_int_equal(w[0].run_id, preview.run_id);
    assert_false(w[0].is_held);
    assert_true(w[1].is_held && text_is(w[1].name, "bill") && text_is(w[1].source_id, "2"));
    OK(history_waiting(b->st, b->company_id, 0, TEXT_LIT("9"), &b->a, &w, &n, &why));
    assert_int_equal(n, 1);
    assert_int_equal(w[0].user_id, 30);
    assert_int_equal(w[0].started_us, T0);
    OK(history_waiting(b->st, b->company_id, 11, TEXT_LIT("2"), &b->a, &w, &n, &why));
    assert_int_equal(n, 0); /* by the user, where there is one */
    held.state = RUN_REJECTED;
    OK(run_save(b->st, &held, &why));
    OK(history_waiting(b->st, b->company_id, 0, TEXT_LIT("9"), &b->a, &w, &n, &why));
    assert_int_equal(n, 0);
}

static const struct CMUnitTest tests[] = {
    BED_TEST(changes_come_with_whom_they_are_about),
    BED_TEST(many_changes_come_each_once),
    BED_TEST(two_stages_differ_in_named_people),
    BED_TEST(teams_are_as_the_run_saw_them),
    BED_TEST(a_person_is_followed_from_version_to_version),
    BED_TEST(runs_that_wait_for_somebody_are_found),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
