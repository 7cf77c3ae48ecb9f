/* What db.h promises of rows that are appended and of writing in bulk, kept by every member (contract.c). */
#include "tests/db/people.h"

static const char *const append_columns[] = { "id", "name", "photo" };

static struct db_append *appending(struct db *db) {
    struct db_append *ap = NULL;
    OK(db_append_open(db, "user", append_columns, "itb", &ap, &why));
    return ap;
}

static void append(struct db_append *ap, int64_t id, const char *name, size_t len) {
    db_append_int(ap, id);
    db_append_text(ap, name, len);
    db_append_blob(ap, "\0\xff", 2);
}

static void appended_rows_are_there_after_the_close(void **state) {
    enum { N = 3000, WIDE = 1000 }; /* several times the buffer of 1 MB */
    struct db *db = people(state);
    char name[WIDE];
    memset(name, 'n', sizeof name);
    OK(db_begin(db, &why));
    struct db_append *ap = appending(db);
    for (int i = 0; i < N; i++) {
        append(ap, i, name, i % 2 == 0 ? sizeof name : 0);
        OK(db_append_row(ap, &why));
    }
    db_append_int(ap, INT64_MIN), db_append_null(ap), db_append_null(ap);
    OK(db_append_row(ap, &why));
    db_append_int(ap, INT64_MAX), db_append_value(ap, TEXT_NONE), db_append_blob(ap, NULL, 0);
    OK(db_append_row(ap, &why));
    OK(db_append_close(ap, &why));
    assert_int_equal(users(db), N + 2);
    OK(db_commit(db, &why));
    assert_int_equal(place_int(db, "SELECT COUNT(*) FROM \"user\" WHERE name = ''"), N / 2);
    assert_int_equal(place_int(db, "SELECT COUNT(*) FROM \"user\" WHERE LENGTH(name) = 1000"),
                     N / 2);
    assert_int_equal(place_int(db, "SELECT COUNT(*) FROM \"user\" WHERE name IS NULL"), 2);
    assert_int_equal(place_int(db, "SELECT COUNT(*) FROM \"user\" WHERE photo IS NULL"), 1);
    assert_int_equal(place_int(db, "SELECT COUNT(*) FROM \"user\" WHERE LENGTH(photo) = 2"), N);
    assert_int_equal(place_int(db, "SELECT MIN(id) FROM \"user\""), INT64_MIN);
}

static void an_appended_duplicate_conflicts_and_nothing_stays(void **state) {
    struct db *db = people(state);
    struct rc_error err;
    enum rc_code code = RC_OK;
    OK(db_begin(db, &why));
    struct db_append *ap = appending(db);
    for (int i = 0; i < 10; i++) {
        append(ap, i % 7, "n", 1);
        if (code != RC_OK)
            assert_int_equal(db_append_row(ap, NULL), code);
        else
            code = db_append_row(ap, NULL);
    }
    assert_int_equal(db_append_close(ap, &err), RC_CONFLICT);
    assert_non_null(strstr(err.text, "appending to user: a unique key says no"));
    assert_int_equal(db_exec(db, "SELECT 1", NULL), RC_CONFLICT);
    assert_int_equal(db_commit(db, NULL), RC_CONFLICT);
    assert_int_equal(users(db), 0);
    insert_user(db, 1);
}

static void an_appended_row_with_bad_text_is_left_out_alone(void **state) {
    struct db *db = people(state);
    OK(db_begin(db, &why));
    struct db_append *ap = appending(db);
    append(ap, 1, "a", 1);
    OK(db_append_row(ap, &why));
    append(ap, 2, "\xff", 1);
    assert_int_equal(db_append_row(ap, NULL), RC_INVALID);
    append(ap, 3, "c", 1);
    OK(db_append_row(ap, &why));
    OK(db_append_close(ap, &why));
    OK(db_commit(db, &why));
    assert_int_equal(place_int(db, "SELECT SUM(id) FROM \"user\""), 4);
}

static void appending_can_be_given_up(void **state) {
    struct db *db = people(state);
    for (int rows_n = 0; rows_n < 3; rows_n++) {
        OK(db_begin(db, &why));
        struct db_append *ap = appending(db);
        for (int i = 0; i < rows_n; i++) {
            append(ap, i, "n", 1);
            OK(db_append_row(ap, &why));
        }
        db_rollback(db);
        assert_int_equal(db_append_close(ap, NULL), RC_CONFLICT);
        assert_int_equal(users(db), 0);
    }
}

static void nothing_else_runs_while_rows_are_appended(void **state) {
    struct db *db = people(state);
    struct db_append *ap = NULL;
    struct db_statement *st = prepared(db, "SELECT 1");
    bool has_row;
    assert_int_equal(db_append_open(db, "user", append_columns, "itb", &ap, NULL),
                     RC_FATAL); /* no transaction */
    OK(db_begin(db, &why));
    ap = appending(db);
    assert_int_equal(db_exec(db, "SELECT 1", NULL), RC_FATAL);
    assert_int_equal(db_step(st, &has_row, NULL), RC_FATAL);
    append(ap, 1, "n", 1);
    OK(db_append_row(ap, &why));
    OK(db_append_close(ap, &why));
    OK(db_commit(db, &why));
    assert_int_equal(users(db), 1);
    db_statement_close(st);
    OK(db_begin(db, &why));
    assert_int_equal(db_append_open(db, "nowhere", append_columns, "itb", &ap, NULL), RC_FATAL);
    assert_int_equal(db_commit(db, NULL), RC_FATAL);
}

static void bulk_writing_changes_nothing_that_can_be_seen(void **state) {
    struct db *db = people(state);
    OK(db_set_bulk(db, true, &why));
    OK(db_begin(db, &why));
    assert_int_equal(db_set_bulk(db, false, NULL), RC_FATAL);
    assert_int_equal(db_empty_log(db, NULL), RC_FATAL);
    insert_user(db, 1);
    OK(db_commit(db, &why));
    OK(db_set_bulk(db, false, &why));
    OK(db_empty_log(db, &why));
    assert_int_equal(users(db), 1);
}

static const struct CMUnitTest tests[] = {
    TEST(appended_rows_are_there_after_the_close),
    TEST(an_appended_duplicate_conflicts_and_nothing_stays),
    TEST(an_appended_row_with_bad_text_is_left_out_alone),
    TEST(appending_can_be_given_up),
    TEST(nothing_else_runs_while_rows_are_appended),
    TEST(bulk_writing_changes_nothing_that_can_be_seen),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
