/* Statements on SQLite: values that are bound, steps, columns. */
#include <string.h>
#include "db/sqlite_p.h"

struct statement {
    struct db_statement base;
    sqlite3_stmt *stmt;
    bool is_bound;
    sqlite3_int64 total_before; /* changes of the connection before the first step */
};

enum rc_code sqlite_prepare_raw(struct sqlite *s, const char *sql, sqlite3_stmt **ret,
                                struct rc_error *err) {
    const char *rest = NULL;
    int rc = sqlite3_prepare_v3(s->conn, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, &rest);
    if (rc != SQLITE_OK)
        return sqlite_fail(s, rc, err);
    if (*ret == NULL || rest[strspn(rest, " \t\n;")] != '\0') {
        sqlite3_finalize(*ret);
        return rc_fail(err, RC_FATAL, "not one statement: %.80s", sql);
    }
    return RC_OK;
}

enum rc_code sqlite_prepare(struct db *db, const char *sql, int params_n, struct db_statement **ret,
                            struct rc_error *err) {
    sqlite3_stmt *stmt = NULL;
    (void)params_n;
    enum rc_code code = sqlite_prepare_raw((struct sqlite *)db, sql, &stmt, err);
    if (code != RC_OK)
        return code;
    struct statement *st = mem_zalloc(sizeof *st);
    st->stmt = stmt;
    *ret = &st->base;
    return RC_OK;
}

void sqlite_statement_close(struct db_statement *base) {
    struct statement *st = (struct statement *)base;
    sqlite3_finalize(st->stmt);
    mem_free(st);
}

int sqlite_bind(sqlite3_stmt *stmt, const struct db_value *values, int n) {
    int rc = SQLITE_OK;
    for (int i = 0; i < n && rc == SQLITE_OK; i++) {
        const struct db_value *v = &values[i];
        switch (v->type) {
        case 'i': rc = sqlite3_bind_int64(stmt, i + 1, v->i); break;
        case 't':
            rc = sqlite3_bind_text64(stmt, i + 1, v->ptr, v->len, SQLITE_STATIC, SQLITE_UTF8);
            break;
        case 'b': rc = sqlite3_bind_blob64(stmt, i + 1, v->ptr, v->len, SQLITE_STATIC); break;
        default: rc = sqlite3_bind_null(stmt, i + 1);
        }
    }
    return rc;
}

enum rc_code sqlite_step(struct db_statement *base, bool *ret_row, struct rc_error *err) {
    struct statement *st = (struct statement *)base;
    struct sqlite *s = (struct sqlite *)base->db;
    int rc = SQLITE_OK;
    if (s->reads && base->db->in_transaction && !sqlite3_stmt_readonly(st->stmt))
        return rc_fail(err, RC_FATAL, "a reading transaction writes");
    if (!st->is_bound) {
        st->is_bound = true;
        st->total_before = sqlite3_total_changes64(s->conn);
        rc = sqlite_bind(st->stmt, base->values, base->values_n);
    }
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st->stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return sqlite_fail(s, rc, err);
    *ret_row = rc == SQLITE_ROW;
    return RC_OK;
}

/* SQLite keeps the count of the last statement that wrote; only where the total has moved is it
 * ours. */
int64_t sqlite_changed(const struct db_statement *base) {
    const struct statement *st = (const struct statement *)base;
    sqlite3 *conn = ((struct sqlite *)base->db)->conn;
    return sqlite3_total_changes64(conn) == st->total_before ? 0 : sqlite3_changes64(conn);
}

void sqlite_reset(struct db_statement *base) {
    struct statement *st = (struct statement *)base;
    sqlite3_reset(st->stmt); /* repeats the failure of the step, which was reported */
    sqlite3_clear_bindings(st->stmt);
    st->is_bound = false;
}

void sqlite_column(const struct db_statement *base, int n, struct db_value *ret) {
    sqlite3_stmt *stmt = ((const struct statement *)base)->stmt;
    if (n < 0 || n >= sqlite3_column_count(stmt))
        rc_die("db: column %d of %d is read", n, sqlite3_column_count(stmt));
    switch (sqlite3_column_type(stmt, n)) {
    case SQLITE_INTEGER:
        *ret = (struct db_value){ .type = 'i', .i = sqlite3_column_int64(stmt, n) };
        return;
    case SQLITE_TEXT:
        *ret = (struct db_value){ .type = 't', .ptr = (const char *)sqlite3_column_text(stmt, n) };
        break;
    case SQLITE_BLOB:
        *ret = (struct db_value){ .type = 'b', .ptr = sqlite3_column_blob(stmt, n) };
        break;
    case SQLITE_NULL: *ret = (struct db_value){ .type = 0 }; return;
    default:
        *ret = (struct db_value){ .type = 'f' };
        return; /* nobody reads it: rc_die() in the front */
    }
    ret->len = (size_t)sqlite3_column_bytes(stmt, n);
    if (ret->ptr == NULL) { /* SQLite's empty blob */
        if (ret->len > 0 || ret->type == 't')
            rc_die("db: SQLite found no memory");
        ret->ptr = "";
    }
}
