#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "tests/db/place.h"
#include "base/arena.h"

const char *place_kind = "sqlite";
struct rc_error why;

bool place_is_sqlite(void) {
    return strcmp(place_kind, "sqlite") == 0;
}

const char *place_postgres(void) {
    const char *url = getenv("ROLLCALL_TEST_POSTGRES");
    if (url == NULL)
        fail_msg("ROLLCALL_TEST_POSTGRES is not set: run this under script/with-postgres");
    return url;
}

void place_exec(struct db *db, const char *sql) {
    OK(db_exec(db, sql, &why));
}

int64_t place_int(struct db *db, const char *sql) {
    struct db_statement *st = NULL;
    bool has_row = false;
    OK(db_prepare(db, sql, &st, &why));
    OK(db_step(st, &has_row, &why));
    assert_true(has_row);
    int64_t v = db_int(st, 0);
    db_statement_close(st);
    return v;
}

struct db *place_open(const struct place *p) {
    struct db *db = NULL;
    OK(db_open(p->where, &db, &why));
    return db;
}

static void schema_do(const char *what, const struct place *p) {
    struct db *db = NULL;
    char sql[200];
    OK(db_open(place_postgres(), &db, &why));
    snprintf(sql, sizeof sql, what, p->schema);
    place_exec(db, sql);
    db_close(db);
}

int place_make(void **state) {
    static int n;
    struct place *p = mem_zalloc(sizeof *p);
    const char *tmp = getenv("TMPDIR");
    *state = p;
    if (place_is_sqlite()) {
        snprintf(p->dir, sizeof p->dir, "%.150s/rollcall-db.XXXXXX", tmp != NULL ? tmp : P_tmpdir);
        assert_non_null(mkdtemp(p->dir));
        snprintf(p->where, sizeof p->where, "%s/x", p->dir);
    } else {
        const char *url = place_postgres();
        snprintf(p->schema, sizeof p->schema, "contract_%ld_%d", (long)getpid(), ++n);
        snprintf(p->where, sizeof p->where, "%s%coptions=-csearch_path%%3D%s", url,
                 strchr(url, '?') != NULL ? '&' : '?', p->schema);
        schema_do("CREATE SCHEMA %s", p);
    }
    p->db = place_open(p);
    assert_string_equal(db_kind(p->db), place_kind);
    return 0;
}

/* With whatever a test has put there. */
static void dir_remove(const char *path) {
    DIR *dir = opendir(path);
    for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;)
        unlinkat(dirfd(dir), e->d_name, 0); /* not "." and ".." */
    if (dir != NULL)
        closedir(dir);
    rmdir(path);
}

int place_remove(void **state) {
    struct place *p = *state;
    if (p->db != NULL)
        db_close(p->db);
    if (place_is_sqlite())
        dir_remove(p->dir);
    else
        schema_do("DROP SCHEMA %s CASCADE", p);
    mem_free(p);
    return 0;
}

int place_run(const char *name, const struct CMUnitTest *tests, size_t n, int argc, char **argv) {
    if (argc != 2 || (strcmp(argv[1], "sqlite") != 0 && strcmp(argv[1], "postgresql") != 0)) {
        fprintf(stderr, "usage: %s sqlite|postgresql\n", argv[0]);
        return 2;
    }
    place_kind = argv[1];
    return _cmocka_run_group_tests(name, tests, n, NULL, NULL);
}
