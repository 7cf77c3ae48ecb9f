/* Appending rows: the part that both members share. A row is collected here and handed over whole,
 * so that a bad value can leave out its row before PostgreSQL has seen half of it. */
#include <string.h>
#include "db/db_p.h"

enum rc_code db_append_open(struct db *db, const char *table, const char *const *columns,
                            const char *types, struct db_append **ret, struct rc_error *err) {
    struct db_append *ap = NULL;
    size_t n = strlen(types);
    if (n == 0 || n > 1000 || strspn(types, "itb") != n)
        rc_die("db: rows of the types \"%s\" cannot be appended to %s", types, table);
    if (!db->in_transaction)
        return rc_fail(err, RC_FATAL, "rows are appended to %s outside a transaction", table);
    enum rc_code code = db_ready(db, err);
    if (code == RC_OK)
        code = db_failed(db, db->ops->append_open(db, table, columns, n, &ap, err));
    if (code != RC_OK)
        return code;
    ap->db = db;
    ap->table = mem_str(table);
    ap->types = mem_str(types);
    ap->values = mem_zalloc(sizeof *ap->values * n);
    ap->columns_n = n;
    ap->filled_n = 0;
    ap->rows_n = 0;
    ap->failure.code = RC_OK;
    db->append = ap;
    *ret = ap;
    return RC_OK;
}

static void fill(struct db_append *ap, struct db_value v) {
    if (ap->filled_n == ap->columns_n)
        rc_die("db: a row for %s has more than its %zu columns", ap->table, ap->columns_n);
    if (v.type != 0 && v.type != ap->types[ap->filled_n])
        rc_die("db: column %zu for %s is '%c' and was given '%c'", ap->filled_n, ap->table,
               ap->types[ap->filled_n], v.type);
    ap->values[ap->filled_n++] = v;
}

void db_append_int(struct db_append *ap, int64_t v) {
    fill(ap, (struct db_value){ .type = 'i', .i = v });
}

void db_append_text(struct db_append *ap, const char *bytes, size_t len) {
    fill(ap, db_value_of('t', bytes, len));
}

void db_append_value(struct db_append *ap, struct text t) {
    if (t.state == TEXT_SET)
        db_append_text(ap, t.ptr, t.len);
    else
        db_append_null(ap);
}

void db_append_json(struct db_append *ap, struct text t) {
    if (t.state != TEXT_SET || t.len > DB_VALUE_BYTES_MAX)
        db_append_value(ap, t);
    else
        fill(ap, (struct db_value){ .type = 't', .ptr = t.ptr, .len = t.len });
}

void db_append_blob(struct db_append *ap, const void *bytes, size_t len) {
    fill(ap, db_value_of('b', bytes, len));
}

void db_append_null(struct db_append *ap) {
    fill(ap, (struct db_value){ .type = 0 });
}

/* All that comes after a failure fails in its words. */
static enum rc_code again(const struct db_append *ap, struct rc_error *err) {
    if (err != NULL)
        *err = ap->failure;
    return ap->failure.code;
}

enum rc_code db_append_row(struct db_append *ap, struct rc_error *err) {
    if (ap->filled_n != ap->columns_n)
        rc_die("db: a row for %s has %zu of %zu columns", ap->table, ap->filled_n, ap->columns_n);
    ap->filled_n = 0;
    ap->rows_n++;
    if (ap->failure.code != RC_OK)
        return again(ap, err);
    for (size_t i = 0; i < ap->columns_n; i++)
        if (ap->values[i].is_bad)
            return rc_fail(err, RC_INVALID,
                           "row %lld for %s: value %zu is not text in UTF-8, or too long",
                           (long long)ap->rows_n, ap->table, i + 1);
    if (ap->db->ops->append_row(ap, &ap->failure) == RC_OK)
        return RC_OK;
    rc_context(&ap->failure, ap->failure.code, "appending to %s", ap->table);
    db_failed(ap->db, ap->failure.code);
    return again(ap, err);
}

enum rc_code db_append_close(struct db_append *ap, struct rc_error *err) {
    struct db *db = ap->db;
    struct rc_error failure = ap->failure;
    char *table = ap->table, *types = ap->types;
    struct db_value *values = ap->values;
    bool is_failed = failure.code != RC_OK;
    enum rc_code code = db->ops->append_close(ap, is_failed, is_failed ? NULL : &failure);
    if (is_failed)
        code = failure.code;
    else if (code != RC_OK)
        rc_context(&failure, db_failed(db, code), "appending to %s", table);
    if (code != RC_OK && err != NULL)
        *err = failure;
    db->append = NULL;
    mem_free(values);
    mem_free(types);
    mem_free(table);
    return code;
}

enum rc_code db_append_end(struct db_append *ap, enum rc_code rc, struct rc_error *err) {
    enum rc_code closed = db_append_close(ap, rc == RC_OK ? err : NULL);
    return rc != RC_OK ? rc : closed;
}
