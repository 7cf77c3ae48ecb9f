#include "tests/store/bed.h"
#include "store/schema.h"

static void opening_again_migrates_nothing_and_keeps_everything(void **state) {
    struct bed *b = *state;
    struct store *again = bed_connect(b);
    struct company c;
    OK(company_find(again, "acme", &b->a, &c, &why));
    store_close(again);
    for (size_t i = 0; i < schema_migrations_n; i++)
        assert_int_equal(schema_migrations[i].number, i + 1);
}

static void a_statement_is_prepared_once_and_comes_back_without_values(void **state) {
    static const char sql[] = "SELECT CAST($1 AS BIGINT)";
    struct bed *b = *state;
    struct db_statement *first, *second;
    bool row = false;
    OK(store_query(b->st, &first, &why, sql, "i", INT64_C(5)));
    OK(db_step(first, &row, &why));
    assert_int_equal(db_int(first, 0), 5);
    size_t n = b->st->statements_n;
    OK(store_prepare(b->st, sql, &second, &why));
    assert_ptr_equal(first, second);
    assert_int_equal(b->st->statements_n, n);
    OK(db_step(second, &row, &why));
    assert_true(row && db_is_null(second, 0));
    db_reset(second);
}

static void values_of_every_type_go_in(void **state) {
    static const char sql[] = "INSERT INTO integration (company_id, integration_id, key, source,"
                              " settings, secrets, team_from, limits, created_at)"
                              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)";
    struct bed *b = *state;
    struct db_statement *row;
    int64_t changed = -1;
    bool found = false;
    size_t len = 0;
    OK(store_run(b->st, &changed, &why, sql, "iitssbs0", b->company_id, INT64_C(77),
                 TEXT_LIT("typed"), "s", "", "\0\1", (size_t)2, "team"));
    assert_int_equal(changed, 1);
    OK(store_row(b->st, &row, &found, &why,
                 "SELECT key, settings, secrets, limits FROM integration WHERE integration_id = $1",
                 "i", INT64_C(77)));
    assert_true(found);
    assert_true(text_is(store_text(&b->a, row, 0), "typed"));
    assert_int_equal(db_text(row, 1).state, TEXT_EMPTY);
    assert_memory_equal(db_blob(row, 2, &len), "\0\1", 2);
    assert_int_equal(len, 2);
    assert_int_equal(store_text(&b->a, row, 3).state, TEXT_MISSING);
    db_reset(row);
}

static void a_number_is_read_and_null_is_zero_and_no_row_is_not_found(void **state) {
    struct bed *b = *state;
    int64_t v = -7;
    OK(store_number(b->st, &v, &why, "SELECT CAST($1 AS BIGINT) + 1", "i", INT64_C(41)));
    assert_int_equal(v, 42);
    OK(store_number(b->st, &v, &why, "SELECT MAX(run_id) FROM run", ""));
    assert_int_equal(v, 0);
    v = -7;
    assert_int_equal(store_number(b->st, &v, NULL, "SELECT run_id FROM run", ""), RC_NOT_FOUND);
    assert_int_equal(v, -7);
    assert_int_equal(store_run(b->st, NULL, NULL, "DELETE FROM nowhere", ""), RC_FATAL);
}

static void people_without_a_company_or_a_run_are_refused(void **state) {
    struct bed *b = *state;
    struct version v = bed_version(b, 1, 0, "1", "a");
    struct run r = {
        .company_id = 99, .integration_id = 1, .kind = RUN_FULL, .state = RUN_LISTING
    };
    assert_int_equal(run_add(b->st, &r, NULL), RC_NOT_FOUND);
    OK(db_begin(b->st->db, &why));
    assert_int_equal(version_add(b->st, b->company_id, b->in.integration_id, 99, &v, 1, NULL),
                     RC_CONFLICT);
    db_rollback(b->st->db);
}

static void postgresql_learns_how_many_there_are_and_sqlite_has_no_need_to(void **state) {
    struct bed *b = *state;
    bool learns = strcmp(db_kind(b->st->db), "postgresql") == 0;
    const char *known =
        learns ? "SELECT CAST(reltuples AS BIGINT) FROM pg_class WHERE oid = 'version'::regclass"
               : "SELECT COUNT(*) FROM sqlite_master WHERE name = 'sqlite_stat1'";
    struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_LISTING);
    struct version v[] = { bed_version(b, 11, 0, "1", "a"), bed_version(b, 12, 0, "2", "b") };
    bed_stage(b, &r, v, RC_LEN(v));
    if (learns)
        assert_int_not_equal(bed_number(b, known), 2);
    store_learn(b->st);
    assert_int_equal(bed_number(b, known), learns ? 2 : 0);
}

static const struct CMUnitTest tests[] = {
    BED_TEST(opening_again_migrates_nothing_and_keeps_everything),
    BED_TEST(a_statement_is_prepared_once_and_comes_back_without_values),
    BED_TEST(values_of_every_type_go_in),
    BED_TEST(a_number_is_read_and_null_is_zero_and_no_row_is_not_found),
    BED_TEST(people_without_a_company_or_a_run_are_refused),
    BED_TEST(postgresql_learns_how_many_there_are_and_sqlite_has_no_need_to),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
