/* What is SQLite's own: the file, its rights, a full disk, damage, and the settings that durability
 * hangs on. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/db/place.h"

static const char *path_of(const struct place *p, const char *name) {
    static char path[300];
    snprintf(path, sizeof path, "%s/%s", p->dir, name);
    return path;
}

static void write_file(const char *path, off_t at, const char *bytes, size_t len) {
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, len, at), (ssize_t)len);
    close(fd);
}

static void assert_refused(const char *where, enum rc_code code, const char *name) {
    struct db *db = NULL;
    assert_int_equal(db_open(where, &db, &why), code);
    assert_string_equal(why.name, name);
    assert_null(db);
}

static void rows(struct db *db, int n, int bytes) {
    struct db_statement *st = NULL;
    static char blob[100000];
    OK(db_prepare(db, "INSERT INTO t (b) VALUES ($1)", &st, &why));
    for (int i = 0; i < n; i++) {
        db_bind_blob(st, 1, blob, (size_t)bytes);
        OK(db_run(st, NULL, &why));
    }
    db_statement_close(st);
}

static void a_new_database_is_for_its_owner_alone(void **state) {
    static const char *const names[] = { "x", "x-wal", "x-shm" };
    struct place *p = *state;
    struct stat st;
    place_exec(p->db, "CREATE TABLE t (b BYTEA)");
    for (size_t i = 0; i < RC_LEN(names); i++) {
        assert_int_equal(stat(path_of(p, names[i]), &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
}

static void settings_are_those_that_durability_and_memory_want(void **state) {
    static const struct {
        const char *sql;
        int64_t value;
    } settings[] = {
        { "PRAGMA synchronous", 2 },
        { "PRAGMA foreign_keys", 1 },
        { "PRAGMA trusted_schema", 0 },
        { "PRAGMA cache_size", -16000 },
        { "PRAGMA mmap_size", 0 },
        { "PRAGMA temp_store", 1 },
        { "PRAGMA page_size", 8192 },
        { "PRAGMA busy_timeout", 5000 },
        { "PRAGMA journal_size_limit", 32768000 },
    };
    struct place *p = *state;
    struct db_statement *st = NULL;
    bool has_row;
    for (size_t i = 0; i < RC_LEN(settings); i++)
        assert_int_equal(place_int(p->db, settings[i].sql), settings[i].value);
    OK(db_prepare(p->db, "PRAGMA journal_mode", &st, &why));
    OK(db_step(st, &has_row, &why));
    assert_true(text_is(db_text(st, 0), "wal"));
    db_statement_close(st);
}

static void a_place_that_cannot_hold_a_database_is_named(void **state) {
    struct place *p = *state;
    assert_refused("", RC_INVALID, "db.address");
    assert_refused(path_of(p, "no/such/x"), RC_NOT_FOUND, "db.unreachable");
    assert_refused(path_of(p, "x/below"), RC_NOT_FOUND, "db.unreachable");
    assert_refused(p->dir, RC_NOT_FOUND, "db.unreachable");
}

static void a_file_of_something_else_is_refused_and_left_alone(void **state) {
    struct place *p = *state;
    char text[4000], after[4000];
    const char *path = path_of(p, "letter");
    memset(text, 'a', sizeof text);
    write_file(path, 0, text, sizeof text);
    assert_refused(path, RC_FATAL, "db.not-a-database");
    int fd = open(path, O_RDONLY);
    assert_int_equal(read(fd, after, sizeof after), sizeof after);
    close(fd);
    assert_memory_equal(text, after, sizeof text);
    unlink(path);
}

static void damage_is_reported_as_such(void **state) {
    struct place *p = *state;
    char garbage[8192]; /* a page */
    place_exec(p->db, "CREATE TABLE t (b BYTEA)");
    rows(p->db, 100, 1000);
    db_close(p->db); /* moves the log into the file */
    memset(garbage, 0xAA, sizeof garbage);
    write_file(p->where, sizeof garbage, garbage, sizeof garbage);
    p->db = place_open(p);
    assert_int_equal(db_exec(p->db, "SELECT COUNT(LENGTH(b)) FROM t", &why), RC_FATAL);
    assert_string_equal(why.name, "db.corrupt");
}

/* Opens `where` as somebody who is not root (whom no right stops) and exits with 0 when it is
 * refused as read-only. */
static int open_as_nobody(const char *where) {
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct db *db = NULL;
        struct rc_error err = { .name = "" };
        if (geteuid() == 0 &&
            (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0))
            _exit(9);
        enum rc_code code = db_open(where, &db, &err);
        if (code != RC_FATAL)
            fprintf(stderr, "%s: %s\n", rc_code_name(code), err.text);
        _exit(code == RC_FATAL && strcmp(err.name, "db.read-only") == 0 ? 0 : 1);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void what_may_not_be_written_is_read_only(void **state) {
    struct place *p = *state;
    place_exec(p->db, "CREATE TABLE t (b BYTEA)");
    db_close(p->db);
    p->db = NULL;
    assert_int_equal(chmod(p->dir, 0777), 0);
    assert_int_equal(chmod(p->where, 0444), 0);
    assert_int_equal(open_as_nobody(p->where), 0);
    assert_int_equal(chmod(p->where, 0666), 0);
    assert_int_equal(chmod(p->dir, 0555), 0);
    assert_int_equal(open_as_nobody(p->where), 0); /* no log can be made beside it */
    assert_int_equal(open_as_nobody(path_of(p, "new")), 0);
    assert_int_equal(chmod(p->dir, 0755), 0);
}

static void a_full_disk_undoes_the_transaction_and_no_more(void **state) {
    struct place *p = *state;
    char sql[60];
    place_exec(p->db, "CREATE TABLE t (b BYTEA)");
    rows(p->db, 3, 1000);
    snprintf(sql, sizeof sql, "PRAGMA max_page_count = %lld",
             (long long)place_int(p->db, "PRAGMA page_count") + 20);
    place_exec(p->db, sql);
    OK(db_begin(p->db, &why));
    rows(p->db, 2, 1000);
    assert_int_equal(db_exec(p->db, "INSERT INTO t VALUES (zeroblob(1000000))", &why), RC_FATAL);
    assert_string_equal(why.name, "db.full");
    /* SQLite has rolled back by itself; what follows must not be committed statement by
     * statement */
    assert_int_equal(db_exec(p->db, "INSERT INTO t VALUES (NULL)", &why), RC_FATAL);
    assert_int_equal(db_commit(p->db, &why), RC_FATAL);
    assert_int_equal(place_int(p->db, "SELECT COUNT(*) FROM t"), 3);
    rows(p->db, 1, 10);
    assert_int_equal(place_int(p->db, "SELECT COUNT(*) FROM t"), 4);
}

static void a_write_that_the_system_refuses_leaves_the_database_whole(void **state) {
    struct place *p = *state;
    int status;
    place_exec(p->db, "CREATE TABLE t (b BYTEA)");
    pid_t pid = fork();
    if (pid ==
        0) { /* exits with the number of rows committed, over 200 when something else goes wrong */
        struct rlimit limit = { 400000, 400000 };
        struct rc_error err = { .name = "" };
        struct db *db = place_open(p);
        int n = 0;
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        while (n < 200 && db_exec(db, "INSERT INTO t VALUES (zeroblob(10000))", &err) == RC_OK)
            n++;
        bool is_named = err.code == RC_FATAL &&
                        (strcmp(err.name, "db.io") == 0 || strcmp(err.name, "db.full") == 0);
        _exit(is_named ? n : 201);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_in_range(WEXITSTATUS(status), 5, 100);
    assert_int_equal(place_int(p->db, "SELECT COUNT(*) FROM t"), WEXITSTATUS(status));
    assert_int_equal(
        place_int(p->db,
                  "SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"),
        1);
}

static off_t bytes_of(const struct place *p, const char *name) {
    struct stat st;
    assert_int_equal(stat(path_of(p, name), &st), 0);
    return st.st_size;
}

static off_t log_bytes(const struct place *p) {
    return bytes_of(p, "x-wal");
}

enum { NAPS = 10000 };

/* Until the database has so many bytes, by another thread. */
static void wait_for_bytes(const struct place *p, off_t bytes) {
    for (int i = 0; i < NAPS && bytes_of(p, "x") < bytes; i++)
        usleep(1000);
    assert_true(bytes_of(p, "x") >= bytes);
}

static void bulk_copies_the_log_back_meanwhile_and_at_its_end(void **state) {
    struct place *p = *state;
    place_exec(p->db, "CREATE TABLE t (b BYTEA)");
    rows(p->db, 100, 100000);
    off_t before = bytes_of(p, "x");
    assert_true(before < 1000000);
    OK(db_set_bulk(p->db, true, &why));
    assert_int_equal(place_int(p->db, "PRAGMA synchronous"), 1);
    rows(p->db, 200, 100000);
    wait_for_bytes(p, 18000000);
    OK(db_set_bulk(p->db, false, &why));
    assert_int_equal(place_int(p->db, "PRAGMA synchronous"), 2);
    wait_for_bytes(p, 30000000);
    assert_int_equal(place_int(p->db, "SELECT SUM(LENGTH(b)) FROM t"), 300 * INT64_C(100000));
}

static void a_log_is_copied_back_every_32_mb_and_after_a_commit_of_many_pages(void **state) {
    struct place *p = *state;
    place_exec(p->db, "CREATE TABLE t (b BYTEA)");
    rows(p->db, 200, 100000);
    assert_true(bytes_of(p, "x") < 1000000);
    rows(p->db, 150, 100000);
    wait_for_bytes(p, 25000000);
    place_exec(p->db, "INSERT INTO t VALUES (zeroblob(5000000))");
    wait_for_bytes(p, 37000000);
    for (int i = 0; i < NAPS && log_bytes(p) > 32768000; i++) {
        usleep(1000);
        rows(p->db, 1, 10); /* once all has been copied it begins anew, and is cut */
    }
    assert_in_range(log_bytes(p), 1, 32768000);
}

static void an_emptied_log_has_no_byte(void **state) {
    struct place *p = *state;
    place_exec(p->db, "CREATE TABLE t (b BYTEA)");
    rows(p->db, 5, 1000);
    assert_true(log_bytes(p) > 0);
    OK(db_empty_log(p->db, &why));
    assert_int_equal(log_bytes(p), 0);
    assert_int_equal(place_int(p->db, "SELECT COUNT(*) FROM t"), 5);
}

static void a_reader_does_not_keep_bulk_from_ending(void **state) {
    struct place *p = *state;
    struct db *reader = place_open(p);
    struct db_statement *st = NULL;
    bool has_row;
    place_exec(p->db, "CREATE TABLE t (b BYTEA)");
    rows(p->db, 5, 10);
    OK(db_prepare(reader, "SELECT b FROM t", &st, &why));
    OK(db_step(st, &has_row, &why)); /* holds its snapshot */
    OK(db_set_wait_ms(p->db, 50, &why));
    OK(db_set_bulk(p->db, true, &why));
    rows(p->db, 5, 10);
    OK(db_set_bulk(p->db, false, &why));
    assert_int_equal(db_empty_log(p->db, &why), RC_RETRY);
    assert_true(log_bytes(p) > 0);
    assert_int_equal(place_int(p->db, "SELECT COUNT(*) FROM t"), 10);
    db_statement_close(st);
    assert_int_equal(place_int(reader, "SELECT COUNT(*) FROM t"), 10);
    db_close(reader);
}

/* SQLite itself gives up at once when somebody else is about to turn a new file into a WAL
 * database. */
static void opening_waits_for_who_is_opening_too(void **state) {
    struct place *p = *state;
    const char *path = path_of(p, "new");
    int ready[2];
    char c;
    assert_int_equal(pipe(ready), 0);
    write_file(path, 0, "", 0);
    pid_t pid = fork();
    if (pid == 0) { /* locks the byte that a writer locks: RESERVED_BYTE of SQLite */
        struct flock lock = {
            .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0x40000001, .l_len = 1
        };
        int fd = open(path, O_RDWR);
        bool is_locked = fcntl(fd, F_SETLK, &lock) == 0 && write(ready[1], "", 1) == 1;
        usleep(300000);
        _exit(is_locked ? 0 : 1);
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    struct db *db = NULL;
    OK(db_open(path, &db, &why));
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    db_close(db);
    close(ready[0]), close(ready[1]);
    unlink(path);
}

static void a_writer_keeps_other_transactions_and_migrations_waiting(void **state) {
    static const struct db_migration migration = { 1, "CREATE TABLE m (id BIGINT);" };
    struct place *p = *state;
    struct db *other = place_open(p);
    OK(db_set_wait_ms(p->db, 50, &why));
    OK(db_begin(other, &why));
    assert_int_equal(db_begin(p->db, &why), RC_RETRY);
    assert_string_equal(why.name, "db.busy");
    assert_int_equal(db_migrate(p->db, &migration, 1, &why), RC_RETRY);
    assert_string_equal(why.name, "db.busy");
    db_rollback(other);
    OK(db_migrate(p->db, &migration, 1, &why));
    OK(db_begin(other, &why));
    OK(db_migrate(p->db, &migration, 1, &why)); /* nothing is missing: nothing is waited for */
    db_close(other);
}

static void a_name_that_does_not_exist_is_no_text(void **state) {
    struct place *p = *state;
    assert_int_equal(db_exec(p->db, "SELECT \"nonsense\"", &why), RC_FATAL);
}

static void types_are_those_that_sqlite_knows(void **state) {
    struct place *p = *state;
    place_exec(p->db, "CREATE TABLE t (b BYTEA, BYTEA_2 @TEXT, c BIGINT)");
    assert_int_equal(
        place_int(
            p->db,
            "SELECT COUNT(*) FROM pragma_table_info('t') WHERE (name = 'b' AND type = 'BLOB') "
            "OR (name = 'BYTEA_2' AND type = 'TEXT') OR (name = 'c' AND type = 'BIGINT')"),
        3);
}

static void a_database_may_live_in_memory(void **state) {
    struct db *db = NULL;
    (void)state;
    OK(db_open(":memory:", &db, &why));
    place_exec(db, "CREATE TABLE t (b BYTEA)");
    rows(db, 3, 10);
    OK(db_set_bulk(db, true, &why));
    OK(db_set_bulk(db, false, &why));
    OK(db_empty_log(db, &why));
    assert_int_equal(place_int(db, "SELECT COUNT(*) FROM t"), 3);
    db_close(db);
    assert_int_equal(access(":memory:", F_OK), -1);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        TEST(a_new_database_is_for_its_owner_alone),
        TEST(settings_are_those_that_durability_and_memory_want),
        TEST(a_place_that_cannot_hold_a_database_is_named),
        TEST(a_file_of_something_else_is_refused_and_left_alone),
        TEST(damage_is_reported_as_such),
        TEST(what_may_not_be_written_is_read_only),
        TEST(a_full_disk_undoes_the_transaction_and_no_more),
        TEST(a_write_that_the_system_refuses_leaves_the_database_whole),
        TEST(bulk_copies_the_log_back_meanwhile_and_at_its_end),
        TEST(a_log_is_copied_back_every_32_mb_and_after_a_commit_of_many_pages),
        TEST(an_emptied_log_has_no_byte),
        TEST(a_reader_does_not_keep_bulk_from_ending),
        TEST(opening_waits_for_who_is_opening_too),
        TEST(a_writer_keeps_other_transactions_and_migrations_waiting),
        TEST(a_name_that_does_not_exist_is_no_text),
        TEST(types_are_those_that_sqlite_knows),
        TEST(a_database_may_live_in_memory),
    };
    return cmocka_run_group_tests_name("db on sqlite", tests, NULL, NULL);
}
