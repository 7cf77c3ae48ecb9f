/* What an integration or a destination that is removed leaves behind: decisions about runs, teams on the platform, and
 * accounts that an older version left alone. */
#include "store/decision.h"
#include "sync/decided.h"
#include "tests/sync/hands.h"
#include "tests/sync/undoes.h"

static void remove_integration(struct delivers *d) {
    struct bed *b = d->w->bed;
    OK(db_begin(b->st->db, &why));
    OK(integration_remove(b->st, b->company_id, b->in.integration_id, &why));
    OK(db_commit(b->st->db, &why));
}

static void feed(struct delivers *d, int64_t *ids, size_t n) {
    struct platform p = delivers_platform(d);
    p.feeds = ids;
    p.feeds_n = n;
    OK(platform_save(d->w->bed->st, d->w->bed->key, &p, &why));
}

/* Under this key, feeding the same platform, with everybody imported. */
static void add_integration(struct delivers *d, const char *key) {
    struct bed *b = d->w->bed;
    b->in = bed_integration(b, b->company_id, key);
    world_limits(d->w, WORLD_NO_LIMITS);
    feed(d, &b->in.integration_id, 1);
    struct run r = world_import(d->w);
    assert_state(&r, RUN_HELD);
    world_approve(d->w, r.run_id);
}

/* ---- what waited for a person ---- */

static enum rc_code approve(struct delivers *d, int64_t run_id) {
    struct delivery_options o = delivers_options(d);
    struct run r;
    d->err = (struct rc_error){ 0 };
    return delivery_approve(d->w->bed->st, d->w->bed->key, &d->w->company, run_id, "it is right",
                            &o, &d->w->bed->a, &r, &d->err);
}

/* As the API and the page do. */
static enum rc_code take(struct delivers *d, int64_t run_id) {
    struct run r;
    d->err = (struct rc_error){ 0 };
    return decided_take(d->w->bed->st, &d->w->company, run_id, true, "mira", "it is right",
                        clock_now_us(&d->w->clock), &d->w->bed->a, &r, &d->err);
}

static void is_over(struct delivers *d, int64_t run_id) {
    struct run r = world_run(d->w, run_id);
    unsigned writes = delivers_writes(d);
    assert_state(&r, RUN_SUPERSEDED);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(i == 0 ? approve(d, run_id) : take(d, run_id), RC_CONFLICT);
        assert_string_equal(d->err.name, "run.not-waiting");
        assert_non_null(strstr(d->err.text, "is superseded (an integration was removed whose"));
    }
    assert_int_equal(delivers_writes(d), writes);
}

/* Those whom it brings are nobody yet. */
static void what_was_previewed_over_its_import_is_none_any_more(void **state) {
    struct delivers *d = *state;
    struct run r;
    delivers_begin(d, 3);
    world_add(d->w, "4");
    struct run import = world_preview(d->w);
    struct run over = delivers_preview(d, import.run_id);
    assert_string_equal(delivers_effects(d, over.run_id), "create 4 planned\n");
    remove_integration(d);
    is_over(d, over.run_id);
    assert_int_equal(import_approve(d->w->bed->st, d->w->bed->key, &d->w->company, import.run_id,
                                    "mira", "so", &d->w->clock, &d->w->bed->a, &r, &d->err),
                     RC_NOT_FOUND);
    assert_string_equal(d->err.name, "run.unknown");
    assert_non_null(strstr(d->err.text, "that was removed have gone with it"));
    assert_int_equal(bed_number(d->w->bed, "SELECT COUNT(*) FROM effect WHERE state = 'planned'"),
                     0);
}

static void so_is_one_that_is_about_its_teams_alone(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    for (int i = 1; i <= 3; i++)
        world_put(d->w, world_number(d->w, i), "department=Harbour#9");
    world_import(d->w);
    struct run r = delivers_preview(d, 0);
    assert_string_equal(delivers_effects(d, r.run_id), "team rename planned\n");
    remove_integration(d);
    is_over(d, r.run_id);
    assert_true(text_is(d->there.teams[0].is.name, "Dock"));
}

static void so_is_an_undo_of_what_was_done_for_its_people(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    struct run r = undoes_change(d, "3", "job_title=Foreman"), u = undoes_plan(d, r.run_id);
    remove_integration(d);
    is_over(d, u.run_id);
    assert_int_equal(undoes_try(d, r.run_id, &u), RC_CONFLICT);
    assert_string_equal(d->err.name, "undo.nothing");
}

/* What was taken down before, and is carried out after it. */
static void a_yes_that_is_left_over_comes_to_nothing_and_goes(void **state) {
    struct delivers *d = *state;
    struct run r;
    delivers_begin(d, 3);
    world_add(d->w, "4");
    struct run import = world_preview(d->w), over = delivers_preview(d, import.run_id);
    const int64_t runs[] = { import.run_id, over.run_id };
    for (size_t i = 0; i < RC_LEN(runs); i++)
        OK(take(d, runs[i]));
    remove_integration(d);
    unsigned writes = delivers_writes(d);
    for (size_t i = 0; i < RC_LEN(runs); i++)
        OK(decided_do(d->w->bed->st, d->w->bed->key, &d->w->company, runs[i], &d->w->clock, NULL,
                      &d->w->bed->a, &r, &why));
    assert_int_equal(bed_number(d->w->bed, "SELECT COUNT(*) FROM decision"), 0);
    assert_int_equal(delivers_writes(d), writes);
}

static void nor_is_one_of_a_destination_that_was_removed_anothers(void **state) {
    struct delivers *d = *state;
    struct run r;
    delivers_begin(d, 3);
    world_put(d->w, "3", "job_title=Foreman");
    world_import(d->w);
    struct run preview = delivers_preview(d, 0);
    OK(take(d, preview.run_id));
    struct accounts_context x = hands_context(d);
    OK(accounts_forget(&x, &why));
    OK(decided_do(d->w->bed->st, d->w->bed->key, &d->w->company, preview.run_id, &d->w->clock, NULL,
                  &d->w->bed->a, &r, &why));
    assert_int_equal(bed_number(d->w->bed, "SELECT COUNT(*) FROM decision"), 0);
    assert_int_equal(approve(d, preview.run_id), RC_NOT_FOUND);
    assert_string_equal(d->err.name, "run.unknown");
    struct run next = world_import(d->w);
    assert_true(next.run_id > preview.run_id); /* numbers are given once */
}

/* ---- teams ---- */

static const char *team_id(const struct delivers *d, size_t i) {
    return arena_str(&d->w->bed->a, d->there.teams[i].is.external_id.ptr,
                     d->there.teams[i].is.external_id.len);
}

static const struct key_row {
    const char *name, *key, *department, *id;
} key_rows[] = {
    { "under another key its team is that of the name", "new", "department=Dock#9",
      "rc:new:department:9" },
    { "with another id in HR, too", "new", "department=Dock#12", "rc:new:department:12" },
    { "under the same key it is found by its id", "hr", "department=Dock#9", "rc:hr:department:9" },
    { "under the same key with another id in HR by its name", "hr", "department=Dock#12",
      "rc:hr:department:12" },
};

static void its_teams_are_those_of_the_next_one(void **state) {
    struct delivers *d = *state;
    const struct key_row *row = d->row;
    delivers_begin(d, 3);
    remove_integration(d);
    assert_string_equal(team_id(d, 0), "rc:hr:department:9");
    for (int i = 1; i <= 3; i++)
        world_put(d->w, world_number(d->w, i), row->department);
    add_integration(d, row->key);
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 1);
    assert_string_equal(team_id(d, 0), row->id);
    assert_true(text_is(d->there.teams[0].is.name, "Dock"));
    assert_true(text_equal(delivers_row(d, "2").is.fields[USER_PRIMARY_TEAM].known,
                           d->there.teams[0].is.remote_id));
    hands_code_is(d, "2", "in-step");
    for (int i = 0; i < 2; i++)
        assert_int_equal(hands_day(d).counts.teams_renamed, 0);
}

/* One that is there, and feeds the platform no more, may want it again. */
static void a_team_of_an_integration_that_is_there_is_not_taken_from_it(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    add_integration(d, "new");
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(team_id(d, 0), "rc:hr:department:9");
    assert_int_equal(d->there.teams_n, 1);
}

/* ---- accounts that an older version has left alone ---- */

static void left_alone_by_an_older_version(struct delivers *d) {
    remove_integration(d);
    place_exec(d->w->bed->st->db,
               "UPDATE account SET tie = 'ignored' WHERE external_id LIKE 'rc:hr:%'");
}

static void those_that_an_older_version_left_alone_are_told_and_given_back(void **state) {
    struct delivers *d = *state;
    const struct key_row *row = d->row;
    int64_t n = 0;
    delivers_begin(d, 4);
    struct text ids[] = { hands_id(d, "1"), hands_id(d, "2"), hands_id(d, "3"), hands_id(d, "4") };
    left_alone_by_an_older_version(d);
    world_put(d->w, "4", "status=inactive");
    add_integration(d, row->key);
    delivers_run(d);
    assert_int_equal(d->there.calls_n[MEMORY_PLATFORM_CREATE], 4);
    for (size_t i = 0; i < RC_LEN(ids); i++)
        assert_int_equal(hands_there(d, ids[i])->status, ACCOUNT_ACTIVE);
    OK(account_count(d->w->bed->st, d->w->bed->company_id, d->destination_id, ACCOUNT_APART, &n,
                     &why));
    assert_int_equal(n, 3); /* who works there and has none */
    struct accounts_context x = hands_context(d);
    OK(accounts_ignore(&x, ids, RC_LEN(ids), false, &why));
    hands_day(d);
    OK(account_count(d->w->bed->st, d->w->bed->company_id, d->destination_id, ACCOUNT_APART, &n,
                     &why));
    assert_int_equal(n, 0);
    for (int i = 1; i <= 3; i++)
        assert_true(text_equal(delivers_row(d, world_number(d->w, i)).is.remote_id, ids[i - 1]));
    assert_int_equal(d->there.calls_n[MEMORY_PLATFORM_CREATE], 4);
    assert_int_equal(d->there.mails_n, 4);
    bool is_same = row->id[3] == 'h';
    assert_int_equal(hands_there(d, ids[3])->status,
                     is_same ? ACCOUNT_DEACTIVATED : ACCOUNT_ACTIVE);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[6 + 2 * RC_LEN(key_rows)] = {
        DELIVERS_TEST(what_was_previewed_over_its_import_is_none_any_more),
        DELIVERS_TEST(so_is_one_that_is_about_its_teams_alone),
        DELIVERS_TEST(so_is_an_undo_of_what_was_done_for_its_people),
        DELIVERS_TEST(a_yes_that_is_left_over_comes_to_nothing_and_goes),
        DELIVERS_TEST(nor_is_one_of_a_destination_that_was_removed_anothers),
        DELIVERS_TEST(a_team_of_an_integration_that_is_there_is_not_taken_from_it),
    };
    size_t n = 6;
    DELIVERS_ROWS(tests, n, key_rows, its_teams_are_those_of_the_next_one);
    DELIVERS_ROWS(tests, n, key_rows,
                  those_that_an_older_version_left_alone_are_told_and_given_back);
    return place_run("removed", tests, n, argc, argv);
}
