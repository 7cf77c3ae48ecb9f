/* Migrations, on every member: run once with the argument "sqlite" and once with "postgresql". */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/db/place.h"

static const struct db_migration migrations[] = {
    { 1, "CREATE TABLE a (id BIGINT NOT NULL PRIMARY KEY, x @TEXT, y BYTEA); INSERT INTO a (id) "
         "VALUES (1);" },
    { 2, "CREATE TABLE b (id BIGINT); -- it's the second; with $1 in a comment\nINSERT INTO b "
         "VALUES (1);" },
    { 3, "CREATE TABLE c (id BIGINT); CREATE TABLE a (id BIGINT);" }, /* cannot succeed */
};

static void migrations_are_applied_once_and_in_order(void **state) {
    struct db *db = ((struct place *)*state)->db;
    OK(db_migrate(db, migrations, 1, &why));
    assert_int_equal(place_int(db, "SELECT COUNT(*) FROM a"), 1);
    place_exec(db, "UPDATE rollcall_migration SET applied_at = 5");
    OK(db_migrate(db, migrations, 1, &why));
    OK(db_migrate(db, migrations, 2, &why));
    OK(db_migrate(db, migrations, 2, &why));
    assert_int_equal(place_int(db, "SELECT COUNT(*) FROM a"), 1);
    assert_int_equal(place_int(db, "SELECT COUNT(*) FROM b"), 1);
    assert_int_equal(place_int(db, "SELECT COUNT(*) FROM rollcall_migration"), 2);
    assert_int_equal(place_int(db, "SELECT applied_at FROM rollcall_migration WHERE number = 1"),
                     5);
    assert_true(place_int(db, "SELECT applied_at FROM rollcall_migration WHERE number = 2") >
                1000000);
}

static void a_database_of_a_newer_program_is_refused(void **state) {
    struct db *db = ((struct place *)*state)->db;
    struct rc_error err;
    OK(db_migrate(db, migrations, 2, &why));
    assert_int_equal(db_migrate(db, migrations, 1, &err), RC_FATAL);
    assert_string_equal(err.name, "db.newer");
}

static void a_failing_migration_leaves_nothing_behind(void **state) {
    struct db *db = ((struct place *)*state)->db;
    struct rc_error err;
    assert_int_equal(db_migrate(db, migrations, 3, &err), RC_FATAL);
    assert_non_null(strstr(err.text, "migration 3"));
    assert_false(db_in_transaction(db));
    assert_int_equal(db_exec(db, "SELECT 1 FROM a", NULL), RC_FATAL);
    assert_int_equal(db_exec(db, "SELECT 1 FROM rollcall_migration", NULL), RC_FATAL);
    OK(db_migrate(db, migrations, 2, &why));
    assert_int_equal(db_migrate(db, migrations, 3, NULL), RC_FATAL);
    assert_int_equal(place_int(db, "SELECT COUNT(*) FROM rollcall_migration"), 2);
}

static void processes_that_start_together_migrate_once(void **state) {
    enum { N = 6 };
    struct place *p = *state;
    int go[2], status;
    pid_t pids[N];
    db_close(p->db); /* SQLite: the file is made anew by whoever comes first */
    p->db = NULL;
    if (place_is_sqlite())
        unlink(p->where);
    assert_int_equal(pipe(go), 0);
    for (int i = 0; i < N; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            struct db *db = NULL;
            struct rc_error err = { 0 };
            char c;
            close(go[1]);
            if (read(go[0], &c, 1) != 0) /* until the parent closes it */
                _exit(3);
            bool is_ok = db_open(p->where, &db, &err) == RC_OK &&
                         db_migrate(db, migrations, 2, &err) == RC_OK;
            if (!is_ok)
                fprintf(stderr, "process %d: %s\n", i, err.text);
            _exit(is_ok ? 0 : 2);
        }
    }
    close(go[0]);
    close(go[1]);
    for (int i = 0; i < N; i++) {
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    p->db = place_open(p);
    assert_int_equal(place_int(p->db, "SELECT COUNT(*) FROM a"), 1);
    assert_int_equal(place_int(p->db, "SELECT COUNT(*) FROM rollcall_migration"), 2);
}

static const struct CMUnitTest tests[] = {
    TEST(migrations_are_applied_once_and_in_order),
    TEST(a_database_of_a_newer_program_is_refused),
    TEST(a_failing_migration_leaves_nothing_behind),
    TEST(processes_that_start_together_migrate_once),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
