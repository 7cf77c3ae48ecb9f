/* The front of the family: picks the member, translates SQL, checks arguments, and keeps the state
 * of the transaction the same on both members. PostgreSQL refuses everything after a failure inside
 * a transaction and SQLite goes on; here both refuse, so that code tried on one cannot lose half a
 * transaction on the other. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "base/eight.h"
#include "db/db_p.h"

enum rc_code db_open(const char *where, struct db **ret, struct rc_error *err) {
    bool is_url =
        strncmp(where, "postgres://", 11) == 0 || strncmp(where, "postgresql://", 13) == 0;
    const struct db_ops *ops = is_url ? &db_postgres : &db_sqlite;
    struct db *db = NULL;
    if (!is_url && strstr(where, "://") != NULL) /* else it would be the name of a file */
        return rc_fail_as(err, RC_INVALID, "db.address",
                          "the database is a file or postgres://..., not %.*s://",
                          (int)(strstr(where, "://") - where), where);
    enum rc_code code = ops->open(where, &db, err);
    if (code != RC_OK)
        return code;
    db->ops = ops;
    *ret = db;
    return RC_OK;
}

void db_close(struct db *db) {
    if (db == NULL)
        return;
    if (db->statements_n > 0 || db->append != NULL)
        rc_die("db: closed with %d statements open", db->statements_n + (db->append != NULL));
    db_rollback(db);
    db->ops->close(db);
}

const char *db_kind(const struct db *db) {
    return db->ops->kind;
}

/* Length of the quoted text, quoted name or comment that begins here, 0 for none. A doubled quote
 * needs no care: it ends one quoted part and begins the next. */
static size_t opaque_length(const char *s) {
    const char *end;
    if (*s == '\'' || *s == '"') {
        end = strchr(s + 1, *s);
        return end == NULL ? strlen(s) : (size_t)(end - s) + 1;
    }
    if (s[0] == '-' && s[1] == '-')
        return strcspn(s, "\n");
    if (s[0] == '/' && s[1] == '*') {
        end = strstr(s + 2, "*/");
        return end == NULL ? strlen(s) : (size_t)(end - s) + 2;
    }
    return 0;
}

static bool is_word_char(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

int db_translate(const struct db_ops *ops, const char *sql, struct buf *ret) {
    long params_n = 0;
    for (const char *s = sql; *s != '\0';) {
        size_t opaque = opaque_length(s);
        if (opaque > 0) {
            buf_append(ret, s, opaque);
            s += opaque;
        } else if (s[0] == '$' && isdigit((unsigned char)s[1])) {
            char *end;
            long n = strtol(s + 1, &end, 10);
            if (n < 1 || n > DB_PARAMS_MAX)
                return -1;
            params_n = n > params_n ? n : params_n;
            buf_printf(ret, "%c%ld", ops->param, n);
            s = end;
        } else if (strncmp(s, "BYTEA", 5) == 0 && !is_word_char(s[5]) &&
                   (s == sql || !is_word_char(s[-1]))) {
            buf_str(ret, ops->bytea);
            s += 5;
        } else if (strncmp(s, "@TEXT", 5) == 0 && !is_word_char(s[5])) {
            buf_str(ret, ops->text);
            s += 5;
        } else if (strncmp(s, "@CLUSTERED", 10) == 0 && !is_word_char(s[10])) {
            buf_str(ret, ops->clustered);
            s += 10;
        } else if (strncmp(s, "@SKIP_LOCKED", 12) == 0 && !is_word_char(s[12])) {
            buf_str(ret, ops->skip_locked);
            s += 12;
        } else {
            buf_char(ret, *s++);
        }
    }
    return ret->full ? -1 : (int)params_n;
}

static enum rc_code translate(struct db *db, const char *sql, struct buf *ret, int *ret_n,
                              struct rc_error *err) {
    int n = db_translate(db->ops, sql, ret);
    if (n < 0)
        return rc_fail(err, RC_FATAL,
                       "a statement of %zu bytes is too long, or numbers its values wrongly",
                       strlen(sql));
    *ret_n = n;
    return RC_OK;
}

enum rc_code db_ready(struct db *db, struct rc_error *err) {
    if (db->append != NULL)
        return rc_fail(err, RC_FATAL, "rows are being appended to %s: nothing else may run",
                       db->append->table);
    if (db->in_transaction && db->spoiled != RC_OK)
        return rc_fail(err, db->spoiled,
                       "an earlier failure has spoiled the transaction: roll it back");
    return RC_OK;
}

enum rc_code db_failed(struct db *db, enum rc_code code) {
    if (db->in_transaction && db->spoiled == RC_OK)
        db->spoiled = code;
    return code;
}

enum rc_code db_exec(struct db *db, const char *sql, struct rc_error *err) {
    struct buf b;
    int params_n;
    enum rc_code code = db_ready(db, err);
    if (code != RC_OK)
        return code;
    buf_init(&b, DB_SQL_BYTES_MAX);
    code = translate(db, sql, &b, &params_n, err);
    if (code == RC_OK)
        code = db_failed(db, db->ops->exec(db, b.ptr, err));
    buf_done(&b);
    return code;
}

static enum rc_code begin(struct db *db, bool reads, struct rc_error *err) {
    if (db->in_transaction)
        return rc_fail(err, RC_FATAL, "a transaction is open already");
    enum rc_code code = db->ops->begin(db, reads, err);
    if (code == RC_OK) {
        db->in_transaction = true;
        db->spoiled = RC_OK;
    }
    return code;
}

enum rc_code db_begin(struct db *db, struct rc_error *err) {
    return begin(db, false, err);
}

enum rc_code db_begin_reading(struct db *db, struct rc_error *err) {
    return begin(db, true, err);
}

enum rc_code db_commit(struct db *db, struct rc_error *err) {
    if (!db->in_transaction)
        return rc_fail(err, RC_FATAL, "no transaction is open");
    enum rc_code code = db_ready(db, err);
    if (code == RC_OK)
        code = db->ops->commit(db, err);
    if (code != RC_OK)
        db_rollback(db);
    db->in_transaction = false;
    return code;
}

void db_rollback(struct db *db) {
    struct db_append *ap = db->append;
    if (!db->in_transaction)
        return;
    if (ap != NULL && ap->failure.code == RC_OK)
        rc_fail(&ap->failure, RC_CONFLICT, "rolled back while rows were being appended to %s",
                ap->table);
    db->ops->rollback(db);
    db->in_transaction = false;
}

bool db_in_transaction(const struct db *db) {
    return db->in_transaction;
}

enum rc_code db_others_wrote(struct db *db, bool *ret, struct rc_error *err) {
    enum rc_code code = db_ready(db, err);
    if (code != RC_OK)
        return code;
    if (!db->in_transaction)
        return rc_fail(err, RC_FATAL, "who else writes can be asked inside a transaction only");
    return db_failed(db, db->ops->others_wrote(db, ret, err));
}

bool db_can_tell(const struct db *db) {
    return db->ops->hear != NULL;
}

enum rc_code db_tell(struct db *db, struct rc_error *err) {
    return db->ops->tell != NULL ? db_exec(db, db->ops->tell, err) : RC_OK;
}

enum rc_code db_hear(struct db *db, int64_t most_us, bool *ret_told, struct rc_error *err) {
    if (db->ops->hear == NULL || db->in_transaction)
        return rc_fail(err, RC_FATAL, "nobody can be heard here");
    return db->ops->hear(db, most_us, ret_told, err);
}

enum rc_code db_set_bulk(struct db *db, bool bulk, struct rc_error *err) {
    if (db->in_transaction)
        return rc_fail(err, RC_FATAL,
                       "bulk writing cannot be turned on or off inside a transaction");
    return db->ops->set_bulk(db, bulk, err);
}

enum rc_code db_empty_log(struct db *db, struct rc_error *err) {
    if (db->in_transaction)
        return rc_fail(err, RC_FATAL, "the log cannot be emptied inside a transaction");
    return db->ops->empty_log(db, err);
}

enum rc_code db_set_wait_ms(struct db *db, int ms, struct rc_error *err) {
    if (db->in_transaction)
        return rc_fail(err, RC_FATAL, "the wait for locks cannot be set inside a transaction");
    return db->ops->set_wait(db, ms, err);
}

enum rc_code db_prepare(struct db *db, const char *sql, struct db_statement **ret,
                        struct rc_error *err) {
    struct db_statement *st = NULL;
    struct buf b;
    int params_n = 0;
    enum rc_code code = db_ready(db, err);
    if (code != RC_OK)
        return code;
    buf_init(&b, DB_SQL_BYTES_MAX);
    code = translate(db, sql, &b, &params_n, err);
    if (code == RC_OK)
        code = db_failed(db, db->ops->prepare(db, b.ptr, params_n, &st, err));
    buf_done(&b);
    if (code != RC_OK)
        return code;
    st->db = db;
    st->values_n = params_n;
    st->values = mem_zalloc(sizeof *st->values * (size_t)(params_n > 0 ? params_n : 1));
    db->statements_n++;
    *ret = st;
    return RC_OK;
}

void db_statement_close(struct db_statement *st) {
    if (st == NULL)
        return;
    db_reset(st);
    st->db->statements_n--;
    mem_free(st->values);
    st->db->ops->statement_close(st);
}

/* A NUL, or not ASCII. */
static bool is_strange(uint64_t x) {
    return ((x | (x - EIGHT_OF(1))) & EIGHT_OF(0x80)) != 0;
}

/* Nearly all that is stored is plain. */
static bool is_storable(const char *s, size_t len) {
    return !eight_any(s, len, is_strange) || (memchr(s, 0, len) == NULL && text_is_utf8(s, len));
}

struct db_value db_value_of(char type, const void *bytes, size_t len) {
    struct db_value v = { .type = type, .ptr = len > 0 ? bytes : "", .len = len };
    v.is_bad = len > DB_VALUE_BYTES_MAX || (type == 't' && !is_storable(v.ptr, len));
    return v;
}

static void bind(struct db_statement *st, int n, struct db_value v) {
    if (n < 1 || n > st->values_n)
        rc_die("db: $%d is bound in a statement with %d values", n, st->values_n);
    if (st->is_running)
        rc_die("db: $%d is bound in a running statement", n);
    st->values[n - 1] = v;
}

void db_bind_int(struct db_statement *st, int n, int64_t v) {
    bind(st, n, (struct db_value){ .type = 'i', .i = v });
}

void db_bind_text(struct db_statement *st, int n, const char *bytes, size_t len) {
    bind(st, n, db_value_of('t', bytes, len));
}

void db_bind_cstr(struct db_statement *st, int n, const char *s) {
    if (s == NULL)
        db_bind_null(st, n);
    else
        db_bind_text(st, n, s, strlen(s));
}

void db_bind_value(struct db_statement *st, int n, struct text t) {
    if (t.state == TEXT_SET)
        db_bind_text(st, n, t.ptr, t.len);
    else
        db_bind_null(st, n);
}

void db_bind_blob(struct db_statement *st, int n, const void *bytes, size_t len) {
    bind(st, n, db_value_of('b', bytes, len));
}

void db_bind_null(struct db_statement *st, int n) {
    bind(st, n, (struct db_value){ .type = 0 });
}

static enum rc_code values_check(const struct db_statement *st, struct rc_error *err) {
    for (int i = 0; i < st->values_n; i++)
        if (st->values[i].is_bad)
            return rc_fail(err, RC_INVALID, "value $%d is not text in UTF-8, or too long", i + 1);
    return RC_OK;
}

/* One step. Without a row the statement still has to be reset. */
static enum rc_code step(struct db_statement *st, bool *ret_row, struct rc_error *err) {
    struct db *db = st->db;
    bool has_row = false;
    enum rc_code code = db_ready(db, err);
    if (code == RC_OK && !st->is_running)
        code = values_check(st, err);
    if (code == RC_OK) {
        st->is_running = true;
        code = db_failed(db, db->ops->step(st, &has_row, err));
    }
    st->has_row = code == RC_OK && has_row;
    if (code != RC_OK)
        db_reset(st);
    *ret_row = st->has_row;
    return code;
}

enum rc_code db_step(struct db_statement *st, bool *ret_row, struct rc_error *err) {
    bool has_row;
    enum rc_code code = step(st, &has_row, err);
    if (code != RC_OK)
        return code;
    if (!has_row)
        db_reset(st);
    *ret_row = has_row;
    return RC_OK;
}

enum rc_code db_run(struct db_statement *st, int64_t *ret_changed, struct rc_error *err) {
    bool has_row = true;
    while (has_row) {
        enum rc_code code = step(st, &has_row, err);
        if (code != RC_OK)
            return code;
    }
    if (ret_changed != NULL)
        *ret_changed = st->db->ops->changed(st);
    db_reset(st);
    return RC_OK;
}

void db_reset(struct db_statement *st) {
    if (st->is_running)
        st->db->ops->reset(st);
    st->is_running = st->has_row = false;
    memset(st->values, 0, sizeof *st->values * (size_t)st->values_n);
}

static struct db_value column(const struct db_statement *st, int n) {
    struct db_value v = { 0 };
    if (!st->has_row)
        rc_die("db: column %d is read where there is no row", n);
    st->db->ops->column(st, n, &v);
    return v;
}

bool db_is_null(const struct db_statement *st, int n) {
    return column(st, n).type == 0;
}

int64_t db_int(const struct db_statement *st, int n) {
    struct db_value v = column(st, n);
    if (v.type != 'i' && v.type != 0)
        rc_die("db: column %d is read as a number and holds '%c'", n, v.type);
    return v.i;
}

struct text db_text(const struct db_statement *st, int n) {
    struct db_value v = column(st, n);
    if (v.type != 't' && v.type != 0)
        rc_die("db: column %d is read as text and holds '%c'", n, v.type);
    return v.type == 0 ? (struct text){ TEXT_MISSING, NULL, 0 } : text_from(v.ptr, v.len);
}

const void *db_blob(const struct db_statement *st, int n, size_t *ret_len) {
    struct db_value v = column(st, n);
    if (v.type != 'b' && v.type != 't' && v.type != 0)
        rc_die("db: column %d is read as bytes and holds '%c'", n, v.type);
    *ret_len = v.len;
    return v.ptr; /* NULL for null only */
}
