/* Everybody through a mapping, and mappings made to count, without the command line. */
#include "tests/sync/world.h"
#include "sync/mapped.h"
#include "sync/through.h"

enum { PEOPLE = 60, DOUBLED = 6, MANY = PEOPLE << DOUBLED /* several pages on the way at once */ };

static const struct mapping *parsed(struct world *w, const char *text) {
    const struct mapping *m = NULL;
    OK(mapping_parse(text_of(text), NULL, &w->bed->a, &m, NULL, &why));
    return m;
}

struct seen {
    int64_t people, differ, last_id, population;
    uint64_t fields, cleared;
    int64_t stop_at;
};

static enum rc_code see(void *self, const struct through_person *people, size_t n,
                        struct rc_error *err) {
    struct seen *s = self;
    for (size_t i = 0; i < n; i++) {
        assert_true(people[i].row->user_id > s->last_id);
        s->last_id = people[i].row->user_id;
        s->people++;
        s->differ += people[i].differs;
        s->fields |= people[i].fields;
        s->cleared |= people[i].cleared;
        if (s->people == s->stop_at)
            return rc_fail(err, RC_CONFLICT, "seen enough");
    }
    return RC_OK;
}

static enum rc_code look(struct world *w, const char *text, struct seen *s) {
    return through_everybody(w->bed->st, w->bed->company_id, w->bed->in.integration_id,
                             parsed(w, text), THROUGH_TEAMS, see, s, &s->population, &why);
}

static void everybody_comes_once_in_order_with_what_would_change(void **state) {
    struct world *w = *state;
    struct seen s = { 0 };
    world_begin(w, PEOPLE);
    OK(look(w, "", &s));
    assert_int_equal(s.people, PEOPLE);
    assert_int_equal(s.differ, 0);
    s = (struct seen){ 0 };
    OK(look(w, "last_name = \"\"\nempty last_name = clear\ncustom.x = first_name\n", &s));
    assert_int_equal(s.people, PEOPLE);
    assert_int_equal(s.differ, PEOPLE);
    assert_int_equal(s.fields, UINT64_C(1) << USER_LAST_NAME | UINT64_C(1) << USER_FIELDS_N);
    assert_int_equal(s.cleared, UINT64_C(1) << USER_LAST_NAME);
}

/* Everybody once more, by other ids: many pages would take long to import. */
static void double_everybody(struct world *w, int round) {
    static const char *const tables[] = {
        "INSERT INTO version (company_id, run_id, user_id, base_run_id, integration_id, source_id,"
        " read_at, presence, employee, person, employee_digest, user_digest, email, manager, team,"
        " problems, has_left, left_out) SELECT company_id, run_id, user_id + %d, base_run_id,"
        " integration_id, source_id || '+%d', read_at, presence, employee, person,"
        " employee_digest, user_digest, email, manager, team, problems, has_left, left_out"
        " FROM version",
        "INSERT INTO \"user\" (company_id, user_id, integration_id, source_id, run_id, presence,"
        " employee_digest, user_digest, read_at, email, manager, team, problems, has_left) SELECT"
        " company_id, user_id + %d, integration_id, source_id || '+%d', run_id, presence,"
        " employee_digest, user_digest, read_at, email, manager, team, problems, has_left"
        " FROM \"user\"",
    };
    for (size_t i = 0; i < RC_LEN(tables); i++) {
        struct buf sql;
        buf_init(&sql, 2000);
        buf_printf(&sql, tables[i], 1000000 << round, round);
        place_exec(w->bed->place->db, sql.ptr);
        buf_done(&sql);
    }
}

static void so_do_many_whoever_built_them(void **state) {
    struct world *w = *state;
    struct seen s = { 0 };
    world_begin(w, PEOPLE);
    for (int round = 0; round < DOUBLED; round++)
        double_everybody(w, round);
    OK(look(w, "custom.x = first_name\n", &s));
    assert_int_equal(s.people, MANY);
    assert_int_equal(s.differ, MANY);
    s = (struct seen){ .stop_at = 1200 }; /* while others are built */
    assert_int_equal(look(w, "custom.x = first_name\n", &s), RC_CONFLICT);
    assert_int_equal(s.people, 1200);
}

static void whom_hr_has_no_longer_is_passed_over(void **state) {
    struct world *w = *state;
    struct seen s = { 0 };
    world_begin(w, PEOPLE);
    world_drop(w, "7");
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    OK(look(w, "", &s));
    assert_int_equal(s.people, PEOPLE - 1);
    int64_t population;
    OK(directory_population(w->bed->st, w->bed->company_id, w->bed->in.integration_id, &population,
                            &why));
    assert_int_equal(s.population, population);
}

static void the_same_user_written_otherwise_is_the_same(void **state) {
    struct world *w = *state;
    struct seen s = { 0 };
    world_begin(w, PEOPLE);
    place_exec(w->bed->place->db, "UPDATE version SET person = '{ ' || substr(person, 2)");
    OK(look(w, "", &s));
    assert_int_equal(s.people, PEOPLE);
    assert_int_equal(s.differ, 0);
}

static void what_the_function_returns_ends_it(void **state) {
    struct world *w = *state;
    struct seen s = { .stop_at = 5 };
    world_begin(w, PEOPLE);
    assert_int_equal(look(w, "", &s), RC_CONFLICT);
    assert_string_equal(why.text, "seen enough");
    assert_int_equal(s.people, 5);
}

static void a_row_that_cannot_be_read_is_named(void **state) {
    struct world *w = *state;
    struct seen s = { 0 };
    world_begin(w, PEOPLE);
    place_exec(w->bed->place->db, "UPDATE version SET person = '{\"email\":7}'");
    assert_int_equal(look(w, "", &s), RC_FATAL);
    assert_non_null(strstr(why.text, "of user "));
    assert_non_null(strstr(why.text, "email is no text"));
    assert_int_equal(s.people, 0);
}

static struct run back_to_default(struct world *w) {
    struct mapped_options o = { .clock = &w->clock };
    struct run r;
    OK(mapped_activate(w->bed->st, w->bed->key, &w->company, &w->bed->in, &o, &w->bed->a, &r,
                       &why));
    return r;
}

static void a_field_that_is_no_longer_filled_keeps_its_name_in_the_change(void **state) {
    struct world *w = *state;
    world_begin(w, PEOPLE);
    struct run there = world_mapping(w, "custom.nickname = first_name\ncustom.whole = last_name\n");
    assert_state(&there, RUN_APPLIED);
    assert_int_equal(there.counts.changed, PEOPLE);
    struct run back = back_to_default(w);
    assert_state(&back, RUN_APPLIED);
    assert_int_equal(world_changes(w, back.run_id, "custom.nickname"), PEOPLE);
    assert_int_equal(world_changes(w, back.run_id, "custom.whole"), PEOPLE);
    assert_int_equal(world_changes(w, back.run_id, NULL), 2 * PEOPLE);
}

/* Counting across people costs as much as a quarter of all: only what cannot have changed is left
 * out. */
static void what_is_counted_across_people_is_right_after_any_mapping(void **state) {
    struct world *w = *state;
    int64_t shared;
    world_begin(w, PEOPLE);
    world_put(w, "3", "email=both@one.example");
    world_put(w, "4", "email=both@one.example");
    struct run r = world_import(w);
    assert_int_equal(r.counts.shared_email, 1);
    r = world_mapping(w, "custom.x = first_name\n");
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.shared_email, 1);
    r = world_mapping(w, "email = \"all@one.example\"\ncustom.address = email\n");
    assert_state(&r, RUN_HELD);
    r = world_approve(w, r.run_id);
    OK(directory_shared_emails(w->bed->st, w->bed->company_id, &shared, &why));
    assert_int_equal(r.counts.shared_email, shared);
    assert_int_equal(shared, 1); /* one address, of everybody */
    r = back_to_default(w);
    if (r.state == RUN_HELD)
        r = world_approve(w, r.run_id);
    OK(directory_shared_emails(w->bed->st, w->bed->company_id, &shared, &why));
    assert_int_equal(r.counts.shared_email, shared);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(everybody_comes_once_in_order_with_what_would_change),
        WORLD_TEST(so_do_many_whoever_built_them),
        WORLD_TEST(whom_hr_has_no_longer_is_passed_over),
        WORLD_TEST(the_same_user_written_otherwise_is_the_same),
        WORLD_TEST(what_the_function_returns_ends_it),
        WORLD_TEST(a_row_that_cannot_be_read_is_named),
        WORLD_TEST(a_field_that_is_no_longer_filled_keeps_its_name_in_the_change),
        WORLD_TEST(what_is_counted_across_people_is_right_after_any_mapping),
    };
    return PLACE_RUN(tests, argc, argv);
}
