/* What is PostgreSQL's own: who is let in, a connection that breaks off at every kind of moment,
 * what its codes mean. */
#include <stdio.h>
#include "tests/db/place.h"

/* Fails as said, and shows no password. */
static void assert_refused(const char *where, enum rc_code code, const char *name) {
    struct db *db = NULL;
    assert_int_equal(db_open(where, &db, &why), code);
    assert_string_equal(why.name, name);
    assert_null(strstr(why.text, "s3cret"));
    assert_null(strstr(why.text, "open-sesame"));
    assert_null(db);
}

/* The cluster's address with other parts: user and password, and what comes behind the port. */
static const char *address(const char *login, const char *tail) {
    static char where[700];
    const char *url = strstr(place_postgres(), "://") + 3, *host = strchr(url, '@');
    assert_non_null(host); /* the tests want an address with user and password */
    int host_len = (int)strcspn(host, "/?");
    snprintf(where, sizeof where, "postgres://%s%.*s%s", login, host_len, host, tail);
    return where;
}

static void who_is_not_let_in_is_told_without_the_password(void **state) {
    (void)state;
    assert_refused(address("rollcall:s3cret", "/postgres"), RC_AUTH, "db.auth");
    assert_refused(address("nobody:s3cret", "/postgres"), RC_AUTH, "db.auth");
    assert_refused("postgres://u:s3cret@127.0.0.1:1/x", RC_NOT_FOUND, "db.unreachable");
    assert_refused("postgres://u:s3cret@%2Fno%2Fsuch%2Fdirectory/x", RC_NOT_FOUND,
                   "db.unreachable");
    assert_refused("postgres://u:s3cret@[127.0.0.1/x", RC_INVALID, "db.address");
    assert_refused("postgres://u:s3cret@127.0.0.1/x?password=s3cret&no=such", RC_INVALID,
                   "db.address");
}

static void a_database_that_is_missing_is_named(void **state) {
    char login[200] = "";
    const char *url = strstr(place_postgres(), "://") + 3;
    (void)state;
    snprintf(login, sizeof login, "%.*s", (int)strcspn(url, "@"), url);
    assert_refused(address(login, "/nowhere"), RC_NOT_FOUND, "db.unreachable");
    assert_non_null(strstr(why.text, "nowhere"));
}

static int64_t backend(struct db *db) {
    return place_int(db, "SELECT pg_backend_pid()");
}

/* Ends db's connection from outside, and waits until it is gone. */
static void cut(struct place *p, struct db *db) {
    struct db *other = place_open(p);
    char sql[80];
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 5000)", (int)backend(db));
    assert_int_equal(place_int(other, sql), 1);
    db_close(other);
}

#define CUT_ITSELF "pg_terminate_backend(pg_backend_pid(), 5000)"

static void a_connection_lost_while_idle_is_made_again(void **state) {
    struct place *p = *state;
    struct db_statement *st = NULL;
    OK(db_set_wait_ms(p->db, 150, &why));
    place_exec(p->db, "CREATE TABLE t (id BIGINT)");
    OK(db_prepare(p->db, "INSERT INTO t VALUES ($1)", &st, &why));
    for (int i = 0; i < 9; i++) {
        db_bind_int(st, 1, i);
        OK(db_run(st, NULL, &why));
        if (i % 3 == 2) /* by then it is prepared on the server */
            cut(p, p->db);
    }
    OK(db_begin(p->db, &why));
    OK(db_commit(p->db, &why));
    assert_int_equal(place_int(p->db, "SELECT COUNT(*) FROM t"), 9);
    assert_int_equal(place_int(p->db, "SELECT current_setting('lock_timeout') = '150ms'"), 1);
    db_statement_close(st);
}

static void a_connection_lost_in_a_transaction_undoes_it(void **state) {
    struct place *p = *state;
    place_exec(p->db, "CREATE TABLE t (id BIGINT)");
    OK(db_begin(p->db, &why));
    place_exec(p->db, "INSERT INTO t VALUES (1)");
    cut(p, p->db);
    assert_int_equal(db_exec(p->db, "INSERT INTO t VALUES (2)", &why), RC_FATAL);
    assert_string_equal(why.name, "db.lost");
    assert_int_equal(db_commit(p->db, &why), RC_FATAL);
    OK(db_begin(p->db, &why));
    assert_int_equal(place_int(p->db, "SELECT COUNT(*) FROM t"), 0);
    OK(db_commit(p->db, &why));
}

static void a_lost_answer_is_unsure_unless_nothing_was_written(void **state) {
    struct place *p = *state;
    place_exec(p->db, "CREATE TABLE t (id BIGINT, is_cut BOOLEAN)");
    assert_int_equal(db_exec(p->db, "SELECT " CUT_ITSELF, &why), RC_RETRY);
    assert_string_equal(why.name, "db.lost");
    assert_int_equal(db_exec(p->db, "INSERT INTO t SELECT 1, " CUT_ITSELF, &why), RC_UNSURE);
    assert_string_equal(why.name, "db.lost");

    place_exec(p->db,
               "CREATE FUNCTION cut_it() RETURNS trigger LANGUAGE plpgsql AS "
               "'BEGIN PERFORM " CUT_ITSELF "; RETURN NULL; END';"
               "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED "
               "FOR EACH ROW EXECUTE FUNCTION cut_it()");
    OK(db_begin(p->db, &why));
    place_exec(p->db, "INSERT INTO t VALUES (1)");
    assert_int_equal(db_commit(p->db, &why), RC_UNSURE);
    assert_string_equal(why.name, "db.lost");
    assert_false(db_in_transaction(p->db));
    assert_int_equal(place_int(p->db, "SELECT COUNT(*) FROM t"), 0);
}

static void a_connection_lost_while_appending_undoes_it(void **state) {
    static const char *const columns[] = { "id" };
    struct place *p = *state;
    struct db_append *ap = NULL;
    struct db *other = place_open(p);
    place_exec(p->db, "CREATE TABLE t (id BIGINT)");
    char sql[80];
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 5000)", (int)backend(p->db));
    OK(db_begin(p->db, &why));
    OK(db_append_open(p->db, "t", columns, "i", &ap, &why));
    db_append_int(ap, 1);
    OK(db_append_row(ap, &why));
    place_exec(other, sql);
    assert_int_equal(db_append_close(ap, &why), RC_FATAL);
    assert_string_equal(why.name, "db.lost");
    db_rollback(p->db);
    assert_int_equal(place_int(p->db, "SELECT COUNT(*) FROM t"), 0);
    db_close(other);
}

static void who_migrates_keeps_other_migrations_waiting(void **state) {
    static const struct db_migration migration = { 1, "CREATE TABLE m (id BIGINT);" };
    struct place *p = *state;
    struct db *other = place_open(p);
    OK(db_set_wait_ms(p->db, 50, &why));
    OK(db_begin(other, &why));
    place_exec(other, "SELECT pg_advisory_xact_lock(7238231049311)");
    assert_int_equal(db_migrate(p->db, &migration, 1, &why), RC_RETRY);
    assert_string_equal(why.name, "db.busy");
    assert_int_equal(why.code, RC_RETRY);
    db_rollback(other);
    OK(db_migrate(p->db, &migration, 1, &why));
    OK(db_begin(other, &why));
    place_exec(other, "SELECT pg_advisory_xact_lock(7238231049311)");
    OK(db_migrate(p->db, &migration, 1, &why)); /* nothing is missing: nothing is waited for */
    db_close(other);
}

static void codes_of_the_server_become_ours(void **state) {
    static const struct {
        const char *sqlstate;
        enum rc_code alone, inside;
        const char *name;
    } rows[] = {
        { "53100", RC_FATAL, RC_FATAL, "db.full" },
        { "25006", RC_FATAL, RC_FATAL, "db.read-only" },
        { "42501", RC_AUTH, RC_AUTH, "db.auth" },
        { "XX001", RC_FATAL, RC_FATAL, "db.corrupt" },
        { "55P03", RC_RETRY, RC_CONFLICT, "db.busy" },
        { "57014", RC_RETRY, RC_CONFLICT, "db.busy" },
        { "40001", RC_CONFLICT, RC_CONFLICT, "" },
        { "40P01", RC_CONFLICT, RC_CONFLICT, "" },
        { "22003", RC_INVALID, RC_INVALID, "" },
        { "23502", RC_INVALID, RC_INVALID, "" },
        { "23505", RC_CONFLICT, RC_CONFLICT, "" },
        { "0A000", RC_FATAL, RC_FATAL, "" },
    };
    struct place *p = *state;
    char sql[120];
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        snprintf(sql, sizeof sql, "DO 'BEGIN RAISE EXCEPTION USING ERRCODE = ''%s''; END'",
                 rows[i].sqlstate);
        assert_int_equal(db_exec(p->db, sql, &why), rows[i].alone);
        assert_string_equal(why.name, rows[i].name);
        OK(db_begin(p->db, &why));
        assert_int_equal(db_exec(p->db, sql, &why), rows[i].inside);
        db_rollback(p->db);
    }
}

static void a_column_that_sqlite_does_not_share_is_refused(void **state) {
    static const char *const all[] = {
        "SELECT CAST(1.5 AS DOUBLE PRECISION)",
        "SELECT now()",
        "SELECT 1.5",
        "SELECT 1e30",
        "SELECT CAST('NaN' AS NUMERIC)",
        "SELECT CAST(9223372036854775808 AS NUMERIC)",
        "SELECT CAST(-9223372036854775809 AS NUMERIC)",
    };
    struct place *p = *state;
    for (size_t i = 0; i < RC_LEN(all); i++) {
        struct db_statement *st = NULL;
        bool has_row;
        OK(db_prepare(p->db, all[i], &st, &why));
        assert_int_equal(db_step(st, &has_row, &why), RC_FATAL);
        db_statement_close(st);
    }
    assert_int_equal(place_int(p->db, "SELECT CAST(-9223372036854775808 AS NUMERIC)"), INT64_MIN);
    assert_int_equal(place_int(p->db, "SELECT CAST(120000.000 AS NUMERIC)"), 120000);
    assert_int_equal(place_int(p->db, "SELECT CAST(0 AS NUMERIC)"), 0);
    assert_int_equal(place_int(p->db, "SELECT CAST(7 AS SMALLINT)"), 7);
    assert_int_equal(place_int(p->db, "SELECT -70000"), -70000);
}

static void settings_are_ours_whatever_the_server_prefers(void **state) {
    struct place *p = *state;
    char where[800];
    struct db *db = NULL;
    snprintf(where, sizeof where,
             "%s%%20-csynchronous_commit%%3Doff%%20-cstandard_conforming_strings%%3Doff", p->where);
    OK(db_open(where, &db, &why));
    assert_int_equal(place_int(db, "SELECT current_setting('synchronous_commit') = 'on'"), 1);
    assert_int_equal(place_int(db, "SELECT current_setting('standard_conforming_strings') = 'on'"),
                     1);
    assert_int_equal(place_int(db, "SELECT current_setting('application_name') = 'rollcall'"), 1);
    assert_int_equal(place_int(db, "SELECT current_setting('client_encoding') = 'UTF8'"), 1);
    assert_int_equal(place_int(db, "SELECT current_setting('lock_timeout') = '5s'"), 1);
    assert_int_equal(place_int(db, "SELECT current_setting('statement_timeout') = '0'"), 1);
    db_close(db);
}

static void whoever_listens_is_told_what_is_committed_and_nothing_else(void **state) {
    struct place *p = *state;
    struct db *ear = place_open(p), *other = place_open(p);
    bool told = false;
    assert_true(db_can_tell(ear));
    OK(db_hear(ear, 0, &told, &why));
    assert_true(told); /* perhaps before it listened */
    OK(db_hear(ear, 1000, &told, &why));
    assert_false(told);
    OK(db_begin(other, &why));
    OK(db_tell(other, &why));
    OK(db_hear(ear, 20000, &told, &why));
    assert_false(told);
    OK(db_commit(other, &why));
    OK(db_hear(ear, 5000000, &told, &why));
    assert_true(told);
    OK(db_begin(other, &why));
    OK(db_tell(other, &why));
    db_rollback(other);
    OK(db_hear(ear, 20000, &told, &why));
    assert_false(told);
    cut(p, ear);
    enum rc_code rc = db_hear(ear, 1000, &told, &why);
    if (rc != RC_OK)
        assert_int_equal(rc, RC_RETRY);
    told = false;
    for (int tries = 0; tries < 3 && !told; tries++)
        OK(db_hear(ear, 1000, &told, &why));
    assert_true(told ||
                rc == RC_OK); /* the new connection listens, and what came in between may be lost */
    db_close(ear);
    db_close(other);
}

static void prepared_statements_do_not_pile_up(void **state) {
    struct place *p = *state;
    for (int i = 0; i < 40; i++) {
        struct db_statement *st = NULL;
        OK(db_begin(p->db, &why));
        OK(db_prepare(p->db, "SELECT 1", &st, &why));
        OK(db_run(st, NULL, &why));
        OK(db_run(st, NULL, &why));
        if (i % 2 == 0)
            assert_int_equal(db_exec(p->db, "SELECT nonsense", NULL), RC_FATAL);
        db_statement_close(st);
        db_rollback(p->db);
    }
    assert_in_range(place_int(p->db, "SELECT COUNT(*) FROM pg_prepared_statements"), 0, 1);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_not_let_in_is_told_without_the_password),
        cmocka_unit_test(a_database_that_is_missing_is_named),
        TEST(a_connection_lost_while_idle_is_made_again),
        TEST(a_connection_lost_in_a_transaction_undoes_it),
        TEST(a_lost_answer_is_unsure_unless_nothing_was_written),
        TEST(a_connection_lost_while_appending_undoes_it),
        TEST(who_migrates_keeps_other_migrations_waiting),
        TEST(codes_of_the_server_become_ours),
        TEST(a_column_that_sqlite_does_not_share_is_refused),
        TEST(settings_are_ours_whatever_the_server_prefers),
        TEST(prepared_statements_do_not_pile_up),
        TEST(whoever_listens_is_told_what_is_committed_and_nothing_else),
    };
    place_kind = "postgresql";
    return cmocka_run_group_tests_name("db on postgresql", tests, NULL, NULL);
}
