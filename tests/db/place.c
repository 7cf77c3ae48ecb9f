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

/* The schema that is kept, PostgreSQL's; empty: none. */
static struct {
    char schema[60];
    int64_t shape;
    bool is_free; /* no place has it */
} kept;

/* All that a test can change of a schema but its rows, as one number. */
static const char shape_of_it[] =
    "WITH what (line) AS ("
    " SELECT concat_ws(' ', c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull, a.attcollation)"
    " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
    " WHERE c.relnamespace = current_schema()::regnamespace AND a.attnum > 0"
    " UNION ALL SELECT concat_ws(' ', conname, pg_get_constraintdef(oid)) FROM pg_constraint"
    " WHERE connamespace = current_schema()::regnamespace"
    " UNION ALL SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " WHERE NOT tgisinternal AND c.relnamespace = current_schema()::regnamespace"
    " UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace)"
    "SELECT ('x' || substr(md5(string_agg(line, ' ' ORDER BY line)), 1, 15))::bit(60)::bigint FROM what";

/* Into a second schema; few tables have rows. */
static const char copy_rows[] =
    "DO $$ DECLARE t name; kept name := current_schema() || '_kept'; has boolean; BEGIN"
    " EXECUTE format('CREATE SCHEMA %I', kept);"
    " FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP"
    "  EXECUTE format('SELECT EXISTS (SELECT FROM %I)', t) INTO has;"
    "  IF has THEN EXECUTE format('CREATE TABLE %I.%I AS TABLE %I', kept, t, t); END IF;"
    " END LOOP; END $$";

static const char put_rows_back[] =
    "DO $$ DECLARE t name; kept name := current_schema() || '_kept'; BEGIN"
    " SET LOCAL session_replication_role = replica;" /* references in any order */
    " FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP"
    "  EXECUTE format('DELETE FROM %I', t);"
    " END LOOP;"
    " FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = kept LOOP"
    "  EXECUTE format('INSERT INTO %I SELECT * FROM %I.%I', t, kept, t);"
    " END LOOP; END $$";

static void schema_do(const char *what, const char *schema) {
    struct db *db = NULL;
    char sql[200];
    OK(db_open(place_postgres(), &db, &why));
    snprintf(sql, sizeof sql, what, schema, schema);
    place_exec(db, sql);
    db_close(db);
}

void place_keep(struct place *p) {
    if (place_is_sqlite() || kept.schema[0] != '\0')
        return;
    place_exec(p->db, copy_rows);
    kept.shape = place_int(p->db, shape_of_it);
    snprintf(kept.schema, sizeof kept.schema, "%s", p->schema);
    p->is_kept = true;
}

static void drop_kept(void) {
    schema_do("DROP SCHEMA %s, %s_kept CASCADE", kept.schema);
    kept.schema[0] = '\0';
}

/* Whether the kept schema is as it was. */
static bool restored(const struct place *p) {
    struct db *db = place_open(p);
    bool same = place_int(db, shape_of_it) == kept.shape;
    if (same)
        place_exec(db, put_rows_back);
    db_close(db);
    return same;
}

static void postgres_make(struct place *p) {
    static int n;
    const char *url = place_postgres();
    p->is_kept = kept.is_free;
    if (p->is_kept)
        snprintf(p->schema, sizeof p->schema, "%s", kept.schema);
    else
        snprintf(p->schema, sizeof p->schema, "contract_%ld_%d", (long)getpid(), ++n);
    kept.is_free = false;
    snprintf(p->where, sizeof p->where, "%s%coptions=-csearch_path%%3D%s", url,
             strchr(url, '?') != NULL ? '&' : '?', p->schema);
    if (!p->is_kept)
        schema_do("CREATE SCHEMA %s", p->schema);
}

static void postgres_remove(const struct place *p) {
    if (!p->is_kept)
        schema_do("DROP SCHEMA %s CASCADE", p->schema);
    else if (restored(p))
        kept.is_free = true;
    else
        drop_kept();
}

int place_make(void **state) {
    struct place *p = mem_zalloc(sizeof *p);
    const char *tmp = getenv("TMPDIR");
    *state = p;
    if (place_is_sqlite()) {
        snprintf(p->dir, sizeof p->dir, "%.150s/rollcall-db.XXXXXX", tmp != NULL ? tmp : P_tmpdir);
        assert_non_null(mkdtemp(p->dir));
        snprintf(p->where, sizeof p->where, "%s/x", p->dir);
    } else {
        postgres_make(p);
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
        postgres_remove(p);
    mem_free(p);
    return 0;
}

int place_run(const char *name, const struct CMUnitTest *tests, size_t n, int argc, char **argv) {
    if (argc != 2 || (strcmp(argv[1], "sqlite") != 0 && strcmp(argv[1], "postgresql") != 0)) {
        fprintf(stderr, "usage: %s sqlite|postgresql\n", argv[0]);
        return 2;
    }
    place_kind = argv[1];
    int failed = _cmocka_run_group_tests(name, tests, n, NULL, NULL);
    if (kept.is_free)
        drop_kept();
    return failed;
}
