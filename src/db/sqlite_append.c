/* Appending rows on SQLite: INSERT of many rows at once, whose statements are kept for the next time. */
#include <string.h>
#include "db/sqlite_p.h"

enum { APPEND_ROWS = 20 };
struct sqlite_append {
    struct db_append base;
    struct sqlite *conn;
    char *sql;                /* of one row: what it inserts into */
    sqlite3_stmt *one, *many; /* INSERT of one row and of APPEND_ROWS; many may be NULL */
    struct db_value *held;    /* of held_n rows */
    size_t held_n;
};

void sqlite_append_free(struct sqlite_append *ap) {
    if (ap == NULL)
        return;
    sqlite3_finalize(ap->one);
    sqlite3_finalize(ap->many);
    mem_free(ap->sql);
    mem_free(ap->held);
    mem_free(ap);
}

/* INSERT for so many rows at once. */
static void append_sql(const char *table, const char *const *columns, size_t columns_n,
                       size_t rows_n, struct buf *ret) {
    buf_printf(ret, "INSERT INTO \"%s\" (", table);
    for (size_t i = 0; i < columns_n; i++)
        buf_printf(ret, "%s\"%s\"", i > 0 ? ", " : "", columns[i]);
    for (size_t row = 0; row < rows_n; row++)
        for (size_t i = 0; i < columns_n; i++)
            buf_str(ret, i > 0 ? ", ?" : row > 0 ? "), (?" : ") VALUES (?");
    buf_char(ret, ')');
}

static enum rc_code append_prepare(struct sqlite_append *ap, const char *table,
                                   const char *const *columns, size_t columns_n,
                                   struct rc_error *err) {
    struct buf b;
    enum rc_code code = sqlite_prepare_raw(ap->conn, ap->sql, &ap->one, err);
    if (code != RC_OK || columns_n * APPEND_ROWS > DB_PARAMS_MAX)
        return code;
    buf_init(&b, DB_SQL_BYTES_MAX);
    append_sql(table, columns, columns_n, APPEND_ROWS, &b);
    code = sqlite_prepare_raw(ap->conn, b.ptr, &ap->many, err);
    buf_done(&b);
    return code;
}

/* One that was closed before, as preparing its statements takes as long as a hundred rows. */
static struct sqlite_append *append_kept(struct sqlite *s, const char *sql) {
    for (size_t i = 0; i < SQLITE_APPENDS_KEPT; i++)
        if (s->appends[i] != NULL && strcmp(s->appends[i]->sql, sql) == 0)
            return RC_TAKE(s->appends[i]);
    return NULL;
}

enum rc_code sqlite_append_open(struct db *db, const char *table, const char *const *columns,
                                size_t columns_n, struct db_append **ret, struct rc_error *err) {
    struct sqlite *s = (struct sqlite *)db;
    enum rc_code code = RC_OK;
    struct buf sql;
    buf_init(&sql, DB_SQL_BYTES_MAX);
    append_sql(table, columns, columns_n, 1, &sql);
    struct sqlite_append *ap = append_kept(s, sql.ptr);
    if (ap == NULL) {
        ap = mem_zalloc(sizeof *ap);
        ap->conn = s;
        ap->sql = mem_str(sql.ptr);
        ap->held = mem_alloc(APPEND_ROWS * columns_n * sizeof *ap->held);
        code = append_prepare(ap, table, columns, columns_n, err);
    }
    buf_done(&sql);
    if (code == RC_OK)
        *ret = &ap->base;
    else
        sqlite_append_free(ap);
    return code;
}

static enum rc_code insert(struct sqlite_append *ap, sqlite3_stmt *stmt,
                           const struct db_value *values, size_t n, struct rc_error *err) {
    enum rc_code code = RC_OK;
    int rc = sqlite_bind(stmt, values, (int)n);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    if (rc != SQLITE_DONE)
        code = sqlite_fail(ap->conn, rc, err);
    sqlite3_reset(stmt);
    return code;
}

/* Opening a table and its indexes costs a statement as much as the row itself: rows are held until
 * there are enough of them. */
enum rc_code sqlite_append_row(struct db_append *base, struct rc_error *err) {
    struct sqlite_append *ap = (struct sqlite_append *)base;
    size_t n = base->columns_n;
    if (ap->many == NULL)
        return insert(ap, ap->one, base->values, n, err);
    memcpy(ap->held + ap->held_n++ * n, base->values, n * sizeof *base->values);
    if (ap->held_n < APPEND_ROWS)
        return RC_OK;
    ap->held_n = 0;
    return insert(ap, ap->many, ap->held, APPEND_ROWS * n, err);
}

/* Instead of the one that was kept longest. What was bound lies with the caller. */
static void append_keep(struct sqlite_append *ap) {
    struct sqlite *s = ap->conn;
    struct sqlite_append **place = &s->appends[s->appends_next++ % SQLITE_APPENDS_KEPT];
    sqlite3_clear_bindings(ap->one);
    if (ap->many != NULL)
        sqlite3_clear_bindings(ap->many);
    ap->held_n = 0;
    sqlite_append_free(*place);
    *place = ap;
}

enum rc_code sqlite_append_close(struct db_append *base, bool abort, struct rc_error *err) {
    struct sqlite_append *ap = (struct sqlite_append *)base;
    enum rc_code code = RC_OK;
    for (size_t i = 0; i < ap->held_n && !abort && code == RC_OK; i++)
        code = insert(ap, ap->one, ap->held + i * base->columns_n, base->columns_n, err);
    append_keep(ap);
    return code;
}
