/* What db.h promises, kept by every member: run once with the argument "sqlite" and once with
 * "postgresql". contract_append.c has what it promises of many rows at once. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/db/people.h"
#include "base/clock.h"

/* ---- values ---- */

static void numbers_come_back_as_they_went_in(void **state) {
    static const int64_t all[] = { 0, 1, -1, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, 1 };
    struct db_statement *st =
        prepared(((struct place *)*state)->db, "SELECT CAST($1 AS BIGINT), $1 = $2");
    for (size_t i = 0; i < RC_LEN(all); i++) {
        db_bind_int(st, 1, all[i]);
        db_bind_int(st, 2, 1);
        assert_true(step(st));
        assert_int_equal(db_int(st, 0), all[i]);
        assert_int_equal(db_int(st, 1), all[i] == 1);
        assert_false(step(st));
    }
    db_statement_close(st);
}

static void assert_text(struct text t, enum text_state want_state, const char *bytes, size_t len) {
    assert_int_equal(t.state, want_state);
    assert_int_equal(t.len, len);
    if (len > 0)
        assert_memory_equal(t.ptr, bytes, len);
}

static void text_and_bytes_come_back_as_they_went_in(void **state) {
    enum { MEGA = 1 << 20 };
    static const char zeros[] = "\0a\0\xff\0";
    static const char four[] = "\xF0\x9F\x98\x80 \xE6\x9D\x8E \xC5\x81";
    struct db *db = people(state);
    struct db_statement *in =
        prepared(db, "INSERT INTO \"user\" (id, name, photo) VALUES ($1, $2, $3)");
    struct db_statement *out = prepared(db, "SELECT name, photo FROM \"user\" ORDER BY id");
    char *mega = mem_alloc(MEGA);
    size_t len;
    memset(mega, 'x', MEGA);
    mega[MEGA - 1] = '!';
    db_bind_int(in, 1, 1), db_bind_text(in, 2, mega, MEGA), db_bind_blob(in, 3, mega, MEGA);
    OK(db_run(in, NULL, &why));
    db_bind_int(in, 1, 2), db_bind_cstr(in, 2, four), db_bind_blob(in, 3, zeros, sizeof zeros);
    OK(db_run(in, NULL, &why));
    db_bind_int(in, 1, 3), db_bind_text(in, 2, NULL, 0), db_bind_blob(in, 3, NULL, 0);
    OK(db_run(in, NULL, &why));
    db_bind_int(in, 1, 4), db_bind_cstr(in, 2, NULL), db_bind_null(in, 3);
    OK(db_run(in, NULL, &why));
    db_bind_int(in, 1, 5), db_bind_value(in, 2, TEXT_NONE);
    OK(db_run(in, NULL, &why));
    db_bind_int(in, 1, 6), db_bind_value(in, 2, TEXT_LIT("it's $1"));
    OK(db_run(in, NULL, &why));

    assert_true(step(out));
    assert_text(db_text(out, 0), TEXT_SET, mega, MEGA);
    assert_memory_equal(db_blob(out, 1, &len), mega, MEGA);
    assert_int_equal(len, MEGA);
    assert_true(step(out));
    assert_text(db_text(out, 0), TEXT_SET, four, strlen(four));
    assert_memory_equal(db_blob(out, 1, &len), zeros, sizeof zeros);
    assert_int_equal(len, sizeof zeros);
    assert_true(step(out));
    assert_text(db_text(out, 0), TEXT_EMPTY, "", 0);
    assert_false(db_is_null(out, 0));
    assert_non_null(db_blob(out, 1, &len));
    assert_int_equal(len, 0);
    assert_true(step(out));
    assert_text(db_text(out, 0), TEXT_MISSING, "", 0);
    assert_true(db_is_null(out, 0));
    assert_null(db_blob(out, 1, &len));
    assert_int_equal(db_int(out, 1), 0);
    assert_true(step(out));
    assert_true(db_is_null(out, 0));
    assert_true(step(out));
    assert_text(db_text(out, 0), TEXT_SET, "it's $1", 7);
    assert_false(step(out));
    mem_free(mega);
    db_statement_close(in);
    db_statement_close(out);
}

static void text_is_ordered_and_compared_by_its_bytes(void **state) {
    static const char *const sorted[] = { "A", "B", "Z",        "a",
                                          "b", "z", "\xC3\x84", "\xF0\x9F\x98\x80" };
    struct db *db = people(state);
    struct db_statement *in = prepared(db, "INSERT INTO \"user\" (id, name) VALUES ($1, $2)");
    for (size_t i = 0; i < RC_LEN(sorted); i++) { /* 5 and 8 have no common factor: another order */
        size_t at = i * 5 % RC_LEN(sorted);
        db_bind_int(in, 1, (int64_t)at), db_bind_cstr(in, 2, sorted[at]);
        OK(db_run(in, NULL, &why));
    }
    struct db_statement *out =
        prepared(db, "SELECT id FROM \"user\" WHERE name >= $1 ORDER BY name");
    db_bind_cstr(out, 1, "B");
    for (size_t i = 1; i < RC_LEN(sorted); i++) {
        assert_true(step(out));
        assert_int_equal(db_int(out, 0), i);
    }
    assert_false(step(out));
    assert_int_equal(place_int(db, "SELECT COUNT(*) FROM \"user\" WHERE name LIKE 'a%'"), 1);
    db_statement_close(in);
    db_statement_close(out);
}

static void what_sql_counts_and_sums_are_numbers(void **state) {
    struct db *db = people(state);
    assert_int_equal(place_int(db, "SELECT COALESCE(SUM(age), -7) FROM \"user\""), -7);
    place_exec(db, "INSERT INTO \"user\" (id, age) VALUES (-3, 0), (40000, 1234567890123), (90000, "
                   "9876543210)");
    assert_int_equal(place_int(db, "SELECT SUM(age) FROM \"user\""), 1234567890123 + 9876543210);
    assert_int_equal(place_int(db, "SELECT SUM(id) FROM \"user\" WHERE id < 0"), -3);
    assert_int_equal(place_int(db, "SELECT SUM(id) FROM \"user\" WHERE id IN (40000)"), 40000);
    assert_int_equal(place_int(db, "SELECT MAX(age) FROM \"user\""), 1234567890123);
    assert_int_equal(place_int(db, "SELECT EXISTS (SELECT 1 FROM \"user\")"), 1);
    assert_int_equal(place_int(db, "SELECT LENGTH('abc')"), 3);
    place_exec(db, "DELETE FROM \"user\"; INSERT INTO \"user\" (id) VALUES (9223372036854775807)");
    assert_int_equal(place_int(db, "SELECT SUM(id) FROM \"user\""), INT64_MAX);
}

static void only_values_outside_quotes_and_comments_count(void **state) {
    struct db *db = ((struct place *)*state)->db;
    struct db_statement *st =
        prepared(db, "SELECT '$9 BYTEA', /* $8 */ CAST($2 AS BIGINT) AS \"$7\", CAST($1 AS BIGINT)"
                     " -- $6\n + $2");
    db_bind_int(st, 1, 1);
    db_bind_int(st, 2, 20);
    assert_true(step(st));
    assert_text(db_text(st, 0), TEXT_SET, "$9 BYTEA", 8);
    assert_int_equal(db_int(st, 1), 20);
    assert_int_equal(db_int(st, 2), 21);
    db_statement_close(st);
    struct rc_error err;
    assert_int_equal(
        place_int(db, "SELECT BYTEA_1 + x_BYTEA FROM (SELECT 1 AS BYTEA_1, 2 AS x_BYTEA) AS s"), 3);
    assert_int_equal(db_prepare(db, "SELECT $0", &st, &err), RC_FATAL);
    assert_int_equal(db_prepare(db, "SELECT $40000", &st, &err), RC_FATAL);
}

static void a_reset_forgets_rows_and_values(void **state) {
    struct db *db = people(state);
    insert_user(db, 1), insert_user(db, 2);
    struct db_statement *st =
        prepared(db, "SELECT id, CAST($1 AS BIGINT) FROM \"user\" ORDER BY id");
    for (int i = 0; i < 4; i++) { /* beyond the second run PostgreSQL has it prepared */
        if (i % 2 == 0)
            db_bind_int(st, 1, 5);
        assert_true(step(st));
        assert_int_equal(db_int(st, 0), 1);
        assert_int_equal(db_is_null(st, 1), i % 2);
        db_reset(st);
    }
    db_statement_close(st);
}

static void a_value_may_be_null_first_and_set_later(void **state) {
    struct db *db = people(state);
    struct db_statement *st =
        prepared(db, "INSERT INTO \"user\" (id, name, photo, age) VALUES ($1, $2, $3, $4)");
    for (int i = 0; i < 32; i++) {
        db_bind_int(st, 1, i);
        if (i & 1 || i > 20)
            db_bind_cstr(st, 2, "n");
        if (i & 2 || i > 20)
            db_bind_blob(st, 3, "p", 1);
        if (i & 4 || i > 20)
            db_bind_int(st, 4, i);
        OK(db_run(st, NULL, &why));
    }
    assert_int_equal(place_int(db, "SELECT COUNT(name) FROM \"user\""), 10 + 11);
    assert_int_equal(place_int(db, "SELECT COUNT(photo) FROM \"user\""), 10 + 11);
    assert_int_equal(place_int(db, "SELECT COUNT(age) FROM \"user\""), 9 + 11);
    db_statement_close(st);
}

static void a_value_may_be_of_another_type_each_time(void **state) {
    struct db_statement *st = prepared(((struct place *)*state)->db, "SELECT CAST($1 AS TEXT)");
    for (int i = 0; i < 6; i++) {
        if (i % 3 == 0)
            db_bind_int(st, 1, 5);
        else
            db_bind_cstr(st, 1, "five");
        assert_true(step(st));
        assert_true(text_is(db_text(st, 0), i % 3 == 0 ? "5" : "five"));
        db_reset(st);
    }
    db_statement_close(st);
}

static int64_t changed(struct db *db, const char *sql) {
    struct db_statement *st = prepared(db, sql);
    int64_t n = -1;
    OK(db_run(st, &n, &why));
    db_statement_close(st);
    return n;
}

static void changed_counts_the_rows_that_were_written(void **state) {
    struct db *db = people(state);
    assert_int_equal(changed(db, "INSERT INTO \"user\" (id) VALUES (1), (2), (3)"), 3);
    assert_int_equal(changed(db, "SELECT id FROM \"user\""), 0);
    assert_int_equal(changed(db, "UPDATE \"user\" SET age = 1 WHERE id > 1"), 2);
    assert_int_equal(changed(db, "UPDATE \"user\" SET age = 1 WHERE id > 9"), 0);
    assert_int_equal(
        changed(db, "INSERT INTO \"user\" (id) VALUES (1), (4) ON CONFLICT DO NOTHING"), 1);
    assert_int_equal(changed(db, "INSERT INTO \"user\" (id) VALUES (1) ON CONFLICT DO NOTHING"), 0);
    assert_int_equal(
        changed(db,
                "INSERT INTO \"user\" (id) VALUES (1), (5) ON CONFLICT (id) DO UPDATE SET age = 2"),
        2);
    assert_int_equal(changed(db, "UPDATE \"user\" SET age = 3 WHERE id < 3 RETURNING id"), 2);
    assert_int_equal(changed(db, "DELETE FROM \"user\" WHERE id = 5"), 1);
    assert_int_equal(changed(db, "CREATE TABLE other (id BIGINT)"), 0);
    assert_int_equal(changed(db, "DELETE FROM \"user\""), 4);
}

/* ---- transactions ---- */

static void what_is_not_committed_is_seen_by_nobody_else(void **state) {
    struct db *db = people(state), *other = place_open(*state);
    insert_user(db, 1);
    assert_int_equal(users(other), 1);
    OK(db_begin(db, &why));
    assert_true(db_in_transaction(db));
    insert_user(db, 2);
    assert_int_equal(users(db), 2);
    assert_int_equal(users(other), 1);
    OK(db_commit(db, &why));
    assert_false(db_in_transaction(db));
    assert_int_equal(users(other), 2);
    db_close(other);
}

static void a_rollback_undoes_and_does_no_harm_outside(void **state) {
    struct db *db = people(state);
    db_rollback(db);
    OK(db_begin(db, &why));
    assert_int_equal(db_begin(db, NULL), RC_FATAL);
    insert_user(db, 1);
    place_exec(db, "CREATE TABLE other (id BIGINT)");
    db_rollback(db);
    assert_false(db_in_transaction(db));
    db_rollback(db);
    assert_int_equal(users(db), 0);
    place_exec(db, "CREATE TABLE other (id BIGINT)");
    assert_int_equal(db_commit(db, NULL), RC_FATAL);
}

static void a_commit_that_fails_is_rolled_back(void **state) {
    struct db *db = people(state);
    struct rc_error err;
    place_exec(
        db,
        "CREATE TABLE late (id BIGINT, c BIGINT REFERENCES company DEFERRABLE INITIALLY DEFERRED)");
    OK(db_begin(db, &why));
    place_exec(db, "INSERT INTO late VALUES (1, 99)");
    assert_int_equal(db_commit(db, &err), RC_CONFLICT);
    assert_non_null(strstr(err.text, "foreign key"));
    assert_false(db_in_transaction(db));
    assert_int_equal(place_int(db, "SELECT COUNT(*) FROM late"), 0);
    OK(db_begin(db, &why));
    insert_user(db, 1);
    OK(db_commit(db, &why));
    assert_int_equal(users(db), 1);
}

static void a_reading_transaction_reads_and_never_writes(void **state) {
    struct db *db = people(state), *other = place_open(*state);
    struct db_statement *st = prepared(db, "INSERT INTO \"user\" (id) VALUES (2)");
    OK(db_begin_reading(db, &why));
    assert_true(db_in_transaction(db));
    assert_int_equal(db_begin(db, NULL), RC_FATAL);
    assert_int_equal(users(db), 0);
    insert_user(other, 1); /* is not held up */
    OK(db_commit(db, &why));
    assert_int_equal(users(db), 1);
    OK(db_begin_reading(db, &why));
    assert_int_equal(db_run(st, NULL, NULL), RC_FATAL);
    assert_int_equal(db_commit(db, NULL), RC_FATAL);
    assert_false(db_in_transaction(db));
    OK(db_run(st, NULL, &why)); /* and it hinders nothing afterwards */
    assert_int_equal(users(db), 2);
    db_statement_close(st);
    db_close(other);
}

static void that_others_have_written_is_told(void **state) {
    struct db *db = people(state), *other = place_open(*state);
    bool is_sqlite = strcmp(db_kind(db), "sqlite") == 0, wrote = false;
    assert_int_equal(db_others_wrote(db, &wrote, NULL), RC_FATAL); /* of what state? */
    for (int i = 1; i <= 4; i++) {
        if (i == 3)
            insert_user(other, i);
        OK(db_begin(db, &why));
        OK(db_others_wrote(db, &wrote, &why));
        if (i == 3 || !is_sqlite) /* else one may be told too much at first, and never too little */
            assert_true(wrote);
        else if (i > 1)
            assert_false(wrote);
        if (i != 3)
            insert_user(db, i); /* that was us */
        OK(db_commit(db, &why));
    }
    OK(db_begin_reading(db, &why));
    OK(db_others_wrote(db, &wrote, &why));
    if (is_sqlite)
        insert_user(other, 9); /* does not show in what is read, and is told when it does */
    OK(db_others_wrote(db, &wrote, &why));
    assert_int_equal(wrote, !is_sqlite);
    OK(db_commit(db, &why));
    OK(db_begin_reading(db, &why));
    OK(db_others_wrote(db, &wrote, &why));
    assert_true(wrote);
    OK(db_commit(db, &why));
    db_close(other);
}

static void what_was_committed_survives_a_kill(void **state) {
    struct place *p = *state;
    struct db *db = people(state);
    int status;
    pid_t pid = fork();
    if (pid == 0) { /* nothing of the parent's connection is touched */
        struct db *mine = place_open(p);
        db_begin(mine, NULL), db_exec(mine, "INSERT INTO \"user\" (id) VALUES (1)", NULL),
            db_commit(mine, NULL);
        db_begin(mine, NULL), db_exec(mine, "INSERT INTO \"user\" (id) VALUES (2)", NULL);
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(users(db), 1);
    insert_user(db, 2); /* and its lock is gone */
}

/* ---- refusals ---- */

static void keys_say_conflict_and_columns_say_invalid(void **state) {
    static const struct {
        const char *sql;
        enum rc_code code;
    } rows[] = {
        { "INSERT INTO \"user\" (id) VALUES (1)", RC_CONFLICT },
        { "INSERT INTO \"user\" (id, email) VALUES (2, 'a@example.org')", RC_CONFLICT },
        { "INSERT INTO \"user\" (id, company_id) VALUES (2, 7)", RC_CONFLICT },
        { "UPDATE company SET id = 2", RC_CONFLICT },
        { "DELETE FROM company", RC_CONFLICT },
        { "INSERT INTO \"user\" (id) VALUES (NULL)", RC_INVALID },
        { "INSERT INTO \"user\" (id, age) VALUES (2, -1)", RC_INVALID },
        { "INSERT INTO nowhere VALUES (1)", RC_FATAL },
    };
    struct db *db = people(state);
    place_exec(db, "INSERT INTO \"user\" (id, company_id, email) VALUES (1, 1, 'a@example.org')");
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        struct rc_error err;
        assert_int_equal(db_exec(db, rows[i].sql, &err), rows[i].code);
        assert_int_equal(err.code, rows[i].code);
        assert_null(strstr(err.text, "example.org")); /* nobody's data in a message */
    }
    assert_int_equal(users(db), 1);
}

static void a_statement_can_be_used_again_after_a_failure(void **state) {
    struct db *db = people(state);
    struct db_statement *st = prepared(db, "INSERT INTO \"user\" (id) VALUES ($1)");
    for (int64_t id = 1; id < 6; id++) {
        db_bind_int(st, 1, id);
        OK(db_run(st, NULL, &why));
        db_bind_int(st, 1, id);
        assert_int_equal(db_run(st, NULL, NULL), RC_CONFLICT);
    }
    assert_int_equal(users(db), 5);
    db_statement_close(st);
}

static void after_a_failure_a_transaction_can_only_be_rolled_back(void **state) {
    struct db *db = people(state);
    struct db_statement *st = prepared(db, "SELECT COUNT(*) FROM \"user\""), *more = NULL;
    bool has_row = true;
    insert_user(db, 1);
    OK(db_begin(db, &why));
    insert_user(db, 2);
    assert_int_equal(db_exec(db, "INSERT INTO \"user\" (id) VALUES (1)", NULL), RC_CONFLICT);
    assert_int_equal(db_exec(db, "INSERT INTO \"user\" (id) VALUES (3)", NULL), RC_CONFLICT);
    assert_int_equal(db_step(st, &has_row, NULL), RC_CONFLICT);
    assert_true(has_row); /* untouched */
    assert_int_equal(db_prepare(db, "SELECT 1", &more, NULL), RC_CONFLICT);
    assert_int_equal(db_commit(db, NULL), RC_CONFLICT);
    assert_false(db_in_transaction(db));
    assert_true(step(st));
    assert_int_equal(db_int(st, 0), 1);
    db_statement_close(st);
}

static void text_that_is_not_utf8_spoils_nothing(void **state) {
    struct db *db = people(state);
    struct db_statement *st = prepared(db, "INSERT INTO \"user\" (id, name) VALUES ($1, $2)");
    OK(db_begin(db, &why));
    db_bind_int(st, 1, 1), db_bind_text(st, 2, "a\0b", 3);
    assert_int_equal(db_run(st, NULL, NULL), RC_INVALID);
    db_bind_int(st, 1, 1), db_bind_text(st, 2, "\xC3(", 2);
    assert_int_equal(db_run(st, NULL, NULL), RC_INVALID);
    db_bind_int(st, 1, 1), db_bind_text(st, 2, "ok", 2);
    OK(db_run(st, NULL, &why));
    OK(db_commit(db, &why));
    assert_int_equal(users(db), 1);
    db_statement_close(st);
}

/* The other holds what we want to write; reading goes on meanwhile. */
static void a_lock_is_waited_for_and_then_reported_as_busy(void **state) {
    struct db *db = people(state), *other = place_open(*state);
    struct rc_error err;
    insert_user(db, 1);
    OK(db_set_wait_ms(db, 150, &why));
    OK(db_begin(other, &why));
    place_exec(other, "UPDATE \"user\" SET age = 5 WHERE id = 1");
    assert_int_equal(place_int(db, "SELECT COUNT(age) FROM \"user\""), 0);

    int64_t before_us = clock_monotonic_us(&clock_system);
    assert_int_equal(db_exec(db, "UPDATE \"user\" SET age = 6 WHERE id = 1", &err), RC_RETRY);
    int64_t took_us = clock_monotonic_us(&clock_system) - before_us;
    assert_string_equal(err.name, "db.busy");
    assert_true(took_us >= 100000 && took_us < 4000000);

    enum rc_code code = db_begin(db, &err); /* SQLite refuses here, PostgreSQL at the row */
    if (code == RC_OK) {
        assert_int_equal(db_exec(db, "UPDATE \"user\" SET age = 6 WHERE id = 1", &err),
                         RC_CONFLICT);
        db_rollback(db);
    } else {
        assert_int_equal(code, RC_RETRY);
    }
    assert_string_equal(err.name, "db.busy");
    OK(db_commit(other, &why));
    assert_int_equal(changed(db, "UPDATE \"user\" SET age = 6 WHERE age = 5"), 1);
    db_close(other);
}

static const struct CMUnitTest tests[] = {
    TEST(numbers_come_back_as_they_went_in),
    TEST(text_and_bytes_come_back_as_they_went_in),
    TEST(text_is_ordered_and_compared_by_its_bytes),
    TEST(what_sql_counts_and_sums_are_numbers),
    TEST(only_values_outside_quotes_and_comments_count),
    TEST(a_reset_forgets_rows_and_values),
    TEST(a_value_may_be_null_first_and_set_later),
    TEST(a_value_may_be_of_another_type_each_time),
    TEST(changed_counts_the_rows_that_were_written),
    TEST(what_is_not_committed_is_seen_by_nobody_else),
    TEST(a_rollback_undoes_and_does_no_harm_outside),
    TEST(a_commit_that_fails_is_rolled_back),
    TEST(a_reading_transaction_reads_and_never_writes),
    TEST(that_others_have_written_is_told),
    TEST(what_was_committed_survives_a_kill),
    TEST(keys_say_conflict_and_columns_say_invalid),
    TEST(a_statement_can_be_used_again_after_a_failure),
    TEST(after_a_failure_a_transaction_can_only_be_rolled_back),
    TEST(text_that_is_not_utf8_spoils_nothing),
    TEST(a_lock_is_waited_for_and_then_reported_as_busy),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
