#include "store/store.h"

#include <stdarg.h>
#include <string.h>
#include "people/stored_account.h"
#include "store/schema.h"

struct store_statement {
    const char *sql; /* compared by address: every query is a literal */
    struct db_statement *st;
};

enum rc_code store_open_with(const char *where, const struct db_migration *migrations, size_t n,
                             struct store **ret, struct rc_error *err) {
    RC_CLEANUP(db_closep) struct db *db = NULL;
    enum rc_code rc = db_open(where, &db, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = db_migrate(db, migrations, n, err)) != RC_OK)
        return rc;
    struct store *st = mem_zalloc(sizeof *st);
    st->db = RC_TAKE(db);
    st->reader = json_reader_new(STORED_DECISION_BYTES); /* the longer ones */
    *ret = st;
    return RC_OK;
}

enum rc_code store_check(const char *where, struct rc_error *err) {
    RC_CLEANUP(db_closep) struct db *db = NULL;
    enum rc_code rc = db_open(where, &db, err);
    return rc != RC_OK ? rc : db_check_number(db, schema_migrations_n, err);
}

enum rc_code store_open(const char *where, struct store **ret, struct rc_error *err) {
    return store_open_with(where, schema_migrations, schema_migrations_n, ret, err);
}

void store_close(struct store *st) {
    if (st == NULL)
        return;
    for (size_t i = 0; i < st->statements_n; i++)
        db_statement_close(st->statements[i].st);
    mem_free(st->statements);
    json_reader_free(st->reader);
    db_close(st->db);
    mem_free(st);
}

void store_rest(struct store *st) {
    if (strcmp(db_kind(st->db), "sqlite") == 0)
        (void)db_exec(st->db, "PRAGMA shrink_memory", NULL);
    json_reader_free(st->reader);
    st->reader = json_reader_new(STORED_DECISION_BYTES);
}

enum rc_code store_prepare(struct store *st, const char *sql, struct db_statement **ret,
                           struct rc_error *err) {
    for (size_t i = 0; i < st->statements_n; i++) {
        if (st->statements[i].sql == sql) {
            *ret = st->statements[i].st;
            db_reset(*ret);
            return RC_OK;
        }
    }
    enum rc_code rc = db_prepare(st->db, sql, ret, err);
    if (rc != RC_OK)
        return rc;
    if (st->statements_n == st->statements_cap) {
        st->statements_cap = st->statements_cap ? st->statements_cap * 2 : 32;
        st->statements = mem_realloc(st->statements, st->statements_cap * sizeof *st->statements);
    }
    st->statements[st->statements_n++] = (struct store_statement){ sql, *ret };
    return RC_OK;
}

static enum rc_code query(struct store *st, struct db_statement **ret, struct rc_error *err,
                          const char *sql, const char *types, va_list ap) {
    enum rc_code rc = store_prepare(st, sql, ret, err);
    if (rc != RC_OK)
        return rc;
    for (int n = 1; types[n - 1] != '\0'; n++) {
        switch (types[n - 1]) {
        case 'i': db_bind_int(*ret, n, va_arg(ap, int64_t)); break;
        case 't': db_bind_value(*ret, n, va_arg(ap, struct text)); break;
        case 's': db_bind_cstr(*ret, n, va_arg(ap, const char *)); break;
        case 'b': {
            const void *bytes = va_arg(ap, const void *);
            size_t len = va_arg(ap, size_t);
            if (bytes != NULL)
                db_bind_blob(*ret, n, bytes, len);
            else
                db_bind_null(*ret, n);
            break;
        }
        case '0': db_bind_null(*ret, n); break;
        default: rc_die("store: unknown type '%c' for a value", types[n - 1]);
        }
    }
    return RC_OK;
}

enum rc_code store_query(struct store *st, struct db_statement **ret, struct rc_error *err,
                         const char *sql, const char *types, ...) {
    va_list ap;
    va_start(ap, types);
    enum rc_code rc = query(st, ret, err, sql, types, ap);
    va_end(ap);
    return rc;
}

enum rc_code store_run(struct store *st, int64_t *ret_changed, struct rc_error *err,
                       const char *sql, const char *types, ...) {
    struct db_statement *stmt;
    va_list ap;
    va_start(ap, types);
    enum rc_code rc = query(st, &stmt, err, sql, types, ap);
    va_end(ap);
    return rc != RC_OK ? rc : db_run(stmt, ret_changed, err);
}

enum rc_code store_number(struct store *st, int64_t *ret, struct rc_error *err, const char *sql,
                          const char *types, ...) {
    struct db_statement *stmt;
    bool row = false;
    va_list ap;
    va_start(ap, types);
    enum rc_code rc = query(st, &stmt, err, sql, types, ap);
    va_end(ap);
    if (rc != RC_OK || (rc = db_step(stmt, &row, err)) != RC_OK)
        return rc;
    if (!row)
        return rc_fail(err, RC_NOT_FOUND, "there is no such row");
    int64_t number = db_is_null(stmt, 0) ? 0 : db_int(stmt, 0);
    /* To its end: an UPDATE ... RETURNING outside a transaction commits there, and a reset would
     * hide that it failed. */
    if ((rc = db_step(stmt, &row, err)) != RC_OK)
        return rc;
    db_reset(stmt);
    *ret = number;
    return RC_OK;
}

enum rc_code store_row(struct store *st, struct db_statement **ret, bool *ret_row,
                       struct rc_error *err, const char *sql, const char *types, ...) {
    va_list ap;
    va_start(ap, types);
    enum rc_code rc = query(st, ret, err, sql, types, ap);
    va_end(ap);
    return rc != RC_OK ? rc : db_step(*ret, ret_row, err);
}

struct text store_text(struct arena *a, const struct db_statement *st, int column) {
    return text_copy(a, db_text(st, column));
}

void store_learn(struct store *st) {
    if (strcmp(db_kind(st->db), "postgresql") == 0)
        (void)db_exec(st->db, "ANALYZE version, change, \"user\"", NULL);
}

enum rc_code store_join(struct store *st, bool *ret_mine, struct rc_error *err) {
    *ret_mine = !db_in_transaction(st->db);
    return *ret_mine ? db_begin(st->db, err) : RC_OK;
}

enum rc_code store_leave(struct store *st, bool mine, enum rc_code rc, struct rc_error *err) {
    if (!mine)
        return rc;
    if (rc == RC_OK)
        return db_commit(st->db, err);
    db_rollback(st->db);
    return rc;
}
