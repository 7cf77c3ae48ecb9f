/* Copies of a database of SQLite: of one moment, for the owner alone, never half a one. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "db/copy.h"
#include "tests/db/place.h"

static const char *at(const struct place *p, const char *name) {
    static char paths[4][300];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", p->dir, name);
    return path;
}

static bool there(const char *path) {
    return access(path, F_OK) == 0;
}

static int64_t number(const char *path, const char *sql) {
    struct db *db = NULL;
    OK(db_open(path, &db, &why));
    int64_t n = place_int(db, sql);
    db_close(db);
    return n;
}

static void fill(struct db *db, int n) {
    place_exec(db, "CREATE TABLE t (n BIGINT, b @TEXT)");
    OK(db_begin(db, &why));
    for (int i = 0; i < n; i++)
        place_exec(db, "INSERT INTO t (n, b) VALUES (1, 'some words that take room')");
    OK(db_commit(db, &why));
}

static void a_copy_is_one_file_with_all_that_was_committed_for_its_owner_alone(void **state) {
    struct place *p = *state;
    struct stat st;
    int64_t bytes = 0;
    fill(p->db, 500);
    assert_true(there(at(p, "x-wal"))); /* nothing of it need be in the file itself yet */
    OK(db_copy(at(p, "x"), at(p, "copy"), DB_COPY_DATABASE, false, &bytes, &why));
    assert_int_equal(stat(at(p, "copy"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_size, bytes);
    assert_false(there(at(p, "copy-wal")));
    assert_false(there(at(p, "copy-journal")));
    assert_int_equal(number(at(p, "copy"), "SELECT COUNT(*) FROM t"), 500);
}

struct writing {
    const struct place *p;
    atomic_bool ends;
    _Atomic int64_t n;
};

/* Two tables grow together, a row each in one transaction. */
static void *write_on(void *self) {
    struct writing *w = self;
    struct db *db = NULL;
    if (db_open(at(w->p, "x"), &db, NULL) != RC_OK)
        return NULL;
    while (!atomic_load(&w->ends)) {
        if (db_begin(db, NULL) != RC_OK)
            continue;
        if (db_exec(db, "INSERT INTO one (n) VALUES (1)", NULL) == RC_OK &&
            db_exec(db, "INSERT INTO two (n) VALUES (1)", NULL) == RC_OK &&
            db_commit(db, NULL) == RC_OK)
            atomic_fetch_add(&w->n, 1);
        else
            db_rollback(db);
    }
    db_close(db);
    return NULL;
}

static void while_somebody_writes_it_is_of_one_moment_and_keeps_nobody_waiting(void **state) {
    struct place *p = *state;
    struct writing w = { .p = p };
    pthread_t thread;
    place_exec(p->db, "CREATE TABLE one (n BIGINT); CREATE TABLE two (n BIGINT)");
    fill(p->db, 2000);
    assert_int_equal(pthread_create(&thread, NULL, write_on, &w), 0);
    for (int i = 0; i < 5; i++) {
        int64_t bytes, before = atomic_load(&w.n);
        while (atomic_load(&w.n) == before)
            ; /* it is at it */
        OK(db_copy(at(p, "x"), at(p, "copy"), DB_COPY_DATABASE, true, &bytes, &why));
        int64_t one = number(at(p, "copy"), "SELECT COUNT(*) FROM one");
        assert_int_equal(one, number(at(p, "copy"), "SELECT COUNT(*) FROM two"));
        assert_true(one >= before);
    }
    atomic_store(&w.ends, true);
    pthread_join(thread, NULL);
}

static void what_is_there_is_replaced_only_where_that_was_said(void **state) {
    struct place *p = *state;
    int64_t bytes = 0;
    fill(p->db, 1);
    OK(db_copy(at(p, "x"), at(p, "copy"), DB_COPY_DATABASE, false, &bytes, &why));
    place_exec(p->db, "INSERT INTO t (n) VALUES (2)");
    assert_int_equal(db_copy(at(p, "x"), at(p, "copy"), DB_COPY_DATABASE, false, &bytes, &why),
                     RC_CONFLICT);
    assert_string_equal(why.name, "copy.exists");
    assert_int_equal(number(at(p, "copy"), "SELECT COUNT(*) FROM t"), 1);
    OK(db_copy(at(p, "x"), at(p, "copy"), DB_COPY_DATABASE, true, &bytes, &why));
    assert_int_equal(number(at(p, "copy"), "SELECT COUNT(*) FROM t"), 2);
}

static void the_database_itself_and_one_in_use_are_never_replaced(void **state) {
    struct place *p = *state;
    struct db *other = NULL;
    int64_t bytes = 0;
    fill(p->db, 1);
    assert_int_equal(db_copy(at(p, "x"), at(p, "x"), DB_COPY_BACKUP, true, &bytes, &why),
                     RC_CONFLICT);
    assert_int_equal(link(at(p, "x"), at(p, "name")), 0);
    assert_int_equal(db_copy(at(p, "x"), at(p, "name"), DB_COPY_BACKUP, true, &bytes, &why),
                     RC_CONFLICT);
    OK(db_open(at(p, "other"), &other, &why));
    place_exec(other, "CREATE TABLE u (n BIGINT)");
    assert_int_equal(db_copy(at(p, "x"), at(p, "other"), DB_COPY_BACKUP, true, &bytes, &why),
                     RC_CONFLICT);
    assert_string_equal(why.name, "copy.in-use");
    db_close(other);
    assert_int_equal(number(at(p, "other"), "SELECT COUNT(*) FROM u"), 0);
}

static void a_copy_that_fails_leaves_nothing_behind(void **state) {
    struct place *p = *state;
    int64_t bytes = 0;
    char part[300];
    int fd = open(at(p, "words"), O_WRONLY | O_CREAT, 0600);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(write(fd, "this is no database\n", 20), 20);
    close(fd);
    assert_int_equal(db_copy(at(p, "words"), at(p, "copy"), DB_COPY_BACKUP, false, &bytes, &why),
                     RC_FATAL);
    assert_string_equal(why.name, "db.not-a-database");
    snprintf(part, sizeof part, "%s/copy.partial-%ld", p->dir, (long)getpid());
    assert_false(there(part));
    assert_false(there(at(p, "copy")));
    assert_int_equal(db_copy(at(p, "none"), at(p, "copy"), DB_COPY_BACKUP, false, &bytes, &why),
                     RC_NOT_FOUND);
    assert_string_equal(why.name, "copy.missing");
    assert_int_equal(db_copy(at(p, "x"), at(p, "no/copy"), DB_COPY_BACKUP, false, &bytes, &why),
                     RC_NOT_FOUND);
    assert_int_equal(db_copy("postgres://h/d", at(p, "copy"), DB_COPY_BACKUP, false, &bytes, &why),
                     RC_INVALID);
    assert_string_equal(why.name, "copy.database");
}

static void damage_is_found_before_a_copy_has_its_name(void **state) {
    struct place *p = *state;
    static const char junk[4000] = "junk";
    int64_t bytes = 0;
    fill(p->db, 3000);
    OK(db_copy(at(p, "x"), at(p, "good"), DB_COPY_DATABASE, false, &bytes, &why));
    int fd = open(at(p, "good"), O_WRONLY);
    assert_int_equal(pwrite(fd, junk, sizeof junk, 3 * 8192), (ssize_t)sizeof junk);
    close(fd);
    assert_int_equal(db_copy(at(p, "good"), at(p, "bad"), DB_COPY_DATABASE, false, &bytes, &why),
                     RC_FATAL);
    assert_string_equal(why.name, "db.corrupt");
    assert_false(there(at(p, "bad")));
}

static void a_backup_is_not_taken_for_a_database(void **state) {
    struct place *p = *state;
    struct db *db = NULL;
    int64_t bytes = 0;
    fill(p->db, 7);
    OK(db_copy(at(p, "x"), at(p, "backup"), DB_COPY_BACKUP, false, &bytes, &why));
    assert_int_equal(db_open(at(p, "backup"), &db, &why), RC_FATAL);
    assert_string_equal(why.name, "db.backup");
    OK(db_copy(at(p, "backup"), at(p, "back"), DB_COPY_DATABASE, false, &bytes, &why));
    assert_int_equal(number(at(p, "back"), "SELECT COUNT(*) FROM t"), 7);
}

static void one_that_somebody_has_open_is_not_put_aside(void **state) {
    struct place *p = *state;
    fill(p->db, 3);
    assert_int_equal(db_set_aside(at(p, "x"), at(p, "y"), &why), RC_CONFLICT);
    assert_string_equal(why.name, "copy.in-use");
    assert_true(there(at(p, "x")));
    db_close(p->db);
    p->db = NULL;
    OK(db_set_aside(at(p, "x"), at(p, "y"), &why));
    assert_false(there(at(p, "x")));
    assert_false(there(at(p, "x-wal")));
    assert_int_equal(number(at(p, "y"), "SELECT COUNT(*) FROM t"), 3);
    OK(db_put_in_place(at(p, "y"), at(p, "x"), &why));
    OK(db_open(at(p, "x"), &p->db, &why));
    assert_int_equal(db_put_in_place(at(p, "y"), at(p, "x"), &why), RC_CONFLICT);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        TEST(a_copy_is_one_file_with_all_that_was_committed_for_its_owner_alone),
        TEST(while_somebody_writes_it_is_of_one_moment_and_keeps_nobody_waiting),
        TEST(what_is_there_is_replaced_only_where_that_was_said),
        TEST(the_database_itself_and_one_in_use_are_never_replaced),
        TEST(a_copy_that_fails_leaves_nothing_behind),
        TEST(damage_is_found_before_a_copy_has_its_name),
        TEST(a_backup_is_not_taken_for_a_database),
        TEST(one_that_somebody_has_open_is_not_put_aside),
    };
    return cmocka_run_group_tests_name("db copy on sqlite", tests, NULL, NULL);
}
