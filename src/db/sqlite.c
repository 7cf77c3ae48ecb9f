/* The member for one machine: SQLite in WAL mode. Readers never wait; one writer at a time, and
 * others wait for it as long as db_set_wait_ms() says. Every writing transaction begins as one
 * (BEGIN IMMEDIATE): a reading transaction that turns into a writing one would be refused at once
 * however long it was willing to wait.
 * Source: the documentation of SQLite 3.40 (pragmas, WAL, "How to corrupt"). */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>
#include "db/copy.h"
#include "db/db_p.h"
#include "db/sqlite_log.h"

/* Pages of 8 KB, as a person's version has about one: fewer are written than of 4 KB, and less of
 * each is left empty. 16 MB of cache: an importer of 1,000,000 people has 128 MB in all. When the
 * log is copied back says db/sqlite_log.h; where it has grown longer, it is cut to 32 MB then. */
#define SETTINGS                                                                                   \
    "PRAGMA page_size = 8192;"                                                                     \
    "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -16000;"           \
    "PRAGMA mmap_size = 0; PRAGMA temp_store = FILE; PRAGMA case_sensitive_like = ON;"             \
    "PRAGMA secure_delete = ON;" /* what is deleted is overwritten; Debian's is built so anyway */
#define LOG_SETTINGS    "PRAGMA journal_size_limit = 32768000;"
#define NORMAL_SETTINGS "PRAGMA synchronous = FULL;"
#define BULK_SETTINGS   "PRAGMA synchronous = NORMAL;"
enum { LOG_PAGES_MOST = 12500, APPENDS_KEPT = 2 };

struct sqlite {
    struct db base;
    sqlite3 *conn;
    char *path;
    int wait_ms;
    bool reads;             /* the open transaction is to read only */
    bool must_sync;         /* bulk writing was to be turned off, and was not */
    struct sqlite_log *log; /* NULL in memory */
    enum sqlite_log_copies copies;
    sqlite3_stmt *data_version;
    sqlite3_int64 seen_version;
    struct sqlite_append *appends[APPENDS_KEPT]; /* closed ones, with their statements */
    size_t appends_next;
};

struct sqlite_statement {
    struct db_statement base;
    sqlite3_stmt *stmt;
    bool is_bound;
    sqlite3_int64 total_before; /* changes of the connection before the first step */
};

enum { APPEND_ROWS = 20 };
struct sqlite_append {
    struct db_append base;
    struct sqlite *conn;
    char *sql;                /* of one row: what it inserts into */
    sqlite3_stmt *one, *many; /* INSERT of one row and of APPEND_ROWS; many may be NULL */
    struct db_value *held;    /* of held_n rows */
    size_t held_n;
};

static enum rc_code fail_full(const struct sqlite *s, struct rc_error *err) {
    return rc_fail_as(err, RC_FATAL, "db.full",
                      "no space is left for %s: free some, nothing was lost", s->path);
}

static enum rc_code fail_read_only(const struct sqlite *s, struct rc_error *err) {
    return rc_fail_as(err, RC_FATAL, "db.read-only",
                      "%s cannot be written: the file and its directory must belong to the user "
                      "that runs rollcall",
                      s->path);
}

/* What SQLite said, as what the caller does next. */
static enum rc_code fail(struct sqlite *s, int rc, struct rc_error *err) {
    const char *said = sqlite3_errmsg(s->conn);
    int system_errno = sqlite3_system_errno(s->conn);
    switch (rc & 0xff) {
    case SQLITE_NOMEM: rc_die("db: SQLite found no memory");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return rc_fail_as(err, s->base.in_transaction ? RC_CONFLICT : RC_RETRY, "db.busy",
                          "another process is writing to %s and did not end within %d ms", s->path,
                          s->wait_ms);
    case SQLITE_CONSTRAINT:
        if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
            rc == SQLITE_CONSTRAINT_ROWID)
            return rc_fail(err, RC_CONFLICT, "a unique key says no: %s", said);
        if (rc == SQLITE_CONSTRAINT_FOREIGNKEY)
            return rc_fail(err, RC_CONFLICT, "a foreign key says no");
        return rc_fail(err, RC_INVALID, "a column refuses its value: %s", said);
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH: return rc_fail(err, RC_INVALID, "a column refuses its value: %s", said);
    case SQLITE_FULL: return fail_full(s, err);
    case SQLITE_READONLY:
    case SQLITE_PERM: return fail_read_only(s, err);
    case SQLITE_CANTOPEN: /* the file is open by now: one of the two beside it is not */
        return fail_read_only(s, err);
    case SQLITE_NOTADB:
        return rc_fail_as(err, RC_FATAL, "db.not-a-database", "%s is not a database of SQLite",
                          s->path);
    case SQLITE_CORRUPT:
        return rc_fail_as(err, RC_FATAL, "db.corrupt",
                          "%s is damaged: stop rollcall and restore a backup", s->path);
    case SQLITE_IOERR:
        if (system_errno == ENOSPC || system_errno == EDQUOT)
            return fail_full(s, err);
        return rc_fail_as(err, RC_FATAL, "db.io", "reading or writing %s failed: %s", s->path,
                          system_errno != 0 ? strerror(system_errno) : said);
    default: return rc_fail(err, RC_FATAL, "%s", said);
    }
}

static enum rc_code exec(struct db *db, const char *sql, struct rc_error *err) {
    struct sqlite *s = (struct sqlite *)db;
    int rc = sqlite3_exec(s->conn, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? RC_OK : fail(s, rc, err);
}

/* SQLite would make the file readable for all. Closing any descriptor of a file drops the locks
 * that this process holds on it, so a file that is there already is not opened here; the mutex
 * keeps other threads' connections out until ours is closed. */
static enum rc_code file_create(const char *path, struct rc_error *err) {
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOCTTY | O_CLOEXEC, 0600);
    int e = fd < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    pthread_mutex_unlock(&mutex);
    switch (e) {
    case 0:
    case EEXIST: return RC_OK;
    case ENOENT:
    case ENOTDIR:
        return rc_fail_as(err, RC_NOT_FOUND, "db.unreachable",
                          "%s cannot be made: its directory does not exist", path);
    case EACCES:
    case EPERM:
    case EROFS:
        return rc_fail_as(err, RC_FATAL, "db.read-only", "%s cannot be made: %s", path,
                          strerror(e));
    case ENOSPC:
    case EDQUOT:
        return rc_fail_as(err, RC_FATAL, "db.full", "%s cannot be made: %s", path, strerror(e));
    default:
        return rc_fail_as(err, RC_NOT_FOUND, "db.unreachable", "%s cannot be made: %s", path,
                          strerror(e));
    }
}

/* Turning a new file into a WAL database needs it alone, and SQLite does not wait for that by
 * itself. */
static enum rc_code wal_mode(struct sqlite *s, struct rc_error *err) {
    enum { NAP_MS = 20 };
    sqlite3_stmt *stmt = NULL;
    bool is_wal = false;
    int rc = SQLITE_OK;
    for (int waited_ms = 0; waited_ms <= s->wait_ms; waited_ms += NAP_MS) {
        rc = sqlite3_prepare_v2(s->conn, "PRAGMA journal_mode = WAL", -1, &stmt, NULL);
        if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
            const char *mode = (const char *)sqlite3_column_text(stmt, 0);
            is_wal = mode != NULL && (strcmp(mode, "wal") == 0 || strcmp(mode, "memory") == 0);
            rc = SQLITE_OK;
        }
        sqlite3_finalize(stmt);
        if ((rc & 0xff) != SQLITE_BUSY)
            break;
        sqlite3_sleep(NAP_MS);
    }
    if (rc != SQLITE_OK)
        return fail(s, rc, err);
    if (!is_wal)
        return rc_fail_as(err, RC_FATAL, "db.unsuitable",
                          "%s lies on a file system that a database cannot use: take a local one",
                          s->path);
    return RC_OK;
}

/* A backup that was copied here by hand would take an old state for the present one: db/copy.h. */
static enum rc_code refuse_backup(struct sqlite *s, struct rc_error *err) {
    sqlite3_stmt *stmt = NULL;
    int64_t mark = 0;
    int rc = sqlite3_prepare_v2(s->conn, "PRAGMA application_id", -1, &stmt, NULL);
    if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
        mark = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    if (rc != SQLITE_ROW)
        return fail(s, rc, err);
    if (mark == DB_BACKUP_MARK)
        return rc_fail_as(
            err, RC_FATAL, "db.backup",
            "%.80s is a backup: put it back with rollcall restore %.80s --to DATABASE", s->path,
            s->path);
    return RC_OK;
}

/* After each commit. */
static int log_grew(void *self, sqlite3 *conn, const char *name, int pages) {
    struct sqlite *s = self;
    if (!sqlite_log_grew(s->log, pages, s->copies) ||
        pages >= LOG_PAGES_MOST) /* not copied, or too slowly */
        sqlite3_wal_checkpoint_v2(conn, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return SQLITE_OK;
}

static enum rc_code set_up(struct sqlite *s, struct rc_error *err) {
    sqlite3_extended_result_codes(s->conn, 1);
    sqlite3_busy_timeout(s->conn, s->wait_ms);
    sqlite3_db_config(s->conn, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->conn, SQLITE_DBCONFIG_DQS_DDL, 0,
                      NULL); /* "x" is a name, as on PostgreSQL */
    sqlite3_db_config(s->conn, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    if (sqlite3_db_readonly(s->conn, "main") == 1)
        return fail_read_only(s, err);
    enum rc_code code = exec(&s->base, SETTINGS, err);
    if (code == RC_OK && (code = refuse_backup(s, err)) == RC_OK)
        code = wal_mode(s, err);
    if (code == RC_OK)
        code = exec(&s->base, LOG_SETTINGS NORMAL_SETTINGS, err);
    if (code == RC_OK && strcmp(s->path, ":memory:") != 0) {
        s->log = sqlite_log_open(s->path);
        sqlite3_wal_hook(s->conn, log_grew, s);
    }
    return code;
}

static void append_free(struct sqlite_append *ap) {
    if (ap == NULL)
        return;
    sqlite3_finalize(ap->one);
    sqlite3_finalize(ap->many);
    mem_free(ap->sql);
    mem_free(ap->held);
    mem_free(ap);
}

static void close_db(struct db *db) {
    struct sqlite *s = (struct sqlite *)db;
    sqlite_log_close(s->log);
    for (size_t i = 0; i < APPENDS_KEPT; i++)
        append_free(s->appends[i]);
    sqlite3_finalize(s->data_version);
    if (sqlite3_close(s->conn) != SQLITE_OK)
        rc_die("db: %s was closed with statements open", s->path);
    mem_free(s->path);
    mem_free(s);
}

/* Its count of all memory takes a lock for every allocation, and nobody asks for it. What takes a
 * statement back stays in memory up to so much: with 64 KB twenty rows went through a file now and
 * then. It is written in one piece, and one of 128 KB 3.40 takes for a full disk (seekAndWriteFd()
 * masks the length). */
enum { TAKEN_BACK_IN_MEMORY_BYTES = 124 << 10 };
_Static_assert(TAKEN_BACK_IN_MEMORY_BYTES < 128 << 10, "see above");

static void before_first_use(void) {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, TAKEN_BACK_IN_MEMORY_BYTES);
}

static enum rc_code open_db(const char *where, struct db **ret, struct rc_error *err) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    bool is_file = strcmp(where, ":memory:") != 0;
    enum rc_code code = RC_OK;
    if (where[0] == '\0')
        return rc_fail_as(err, RC_INVALID, "db.address",
                          "the database has no name: give a file or postgres://...");
    if (is_file)
        code = file_create(where, err);
    if (code != RC_OK)
        return code;
    pthread_once(&once, before_first_use);
    struct sqlite *s = mem_zalloc(sizeof *s);
    s->path = mem_str(where);
    s->wait_ms = DB_WAIT_MS;
    s->copies = SQLITE_LOG_SELDOM;
    int rc = sqlite3_open_v2(where, &s->conn, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (s->conn == NULL)
        rc_die("db: SQLite found no memory");
    if ((rc & 0xff) == SQLITE_CANTOPEN)
        code = rc_fail_as(err, RC_NOT_FOUND, "db.unreachable", "%s cannot be opened: %s", where,
                          strerror(sqlite3_system_errno(s->conn)));
    else
        code = rc == SQLITE_OK ? set_up(s, err) : fail(s, rc, err);
    if (code == RC_OK)
        *ret = &s->base;
    else
        close_db(&s->base);
    return code;
}

static enum rc_code begin(struct db *db, bool reads, struct rc_error *err) {
    struct sqlite *s = (struct sqlite *)db;
    enum rc_code code = s->must_sync ? exec(db, NORMAL_SETTINGS, err) : RC_OK;
    if (code != RC_OK)
        return code;
    s->must_sync = false;
    s->reads = reads;
    return exec(db, reads ? "BEGIN" : "BEGIN IMMEDIATE", err);
}

static enum rc_code commit(struct db *db, struct rc_error *err) {
    return exec(db, "COMMIT", err);
}

static void rollback(struct db *db) {
    struct sqlite *s = (struct sqlite *)db;
    if (!sqlite3_get_autocommit(s->conn)) /* after a full disk SQLite has rolled back by itself */
        sqlite3_exec(s->conn, "ROLLBACK", NULL, NULL, NULL);
}

static enum rc_code prepare_raw(struct sqlite *s, const char *sql, sqlite3_stmt **ret,
                                struct rc_error *err) {
    const char *rest = NULL;
    int rc = sqlite3_prepare_v3(s->conn, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, &rest);
    if (rc != SQLITE_OK)
        return fail(s, rc, err);
    if (*ret == NULL || rest[strspn(rest, " \t\n;")] != '\0') {
        sqlite3_finalize(*ret);
        return rc_fail(err, RC_FATAL, "not one statement: %.80s", sql);
    }
    return RC_OK;
}

/* data_version moves with the commits of others, not with our own, and stays while a transaction
 * reads one state. */
static enum rc_code others_wrote(struct db *db, bool *ret, struct rc_error *err) {
    struct sqlite *s = (struct sqlite *)db;
    enum rc_code code = RC_OK;
    if (s->data_version == NULL)
        code = prepare_raw(s, "PRAGMA data_version", &s->data_version, err);
    if (code != RC_OK)
        return code;
    int rc = sqlite3_step(s->data_version);
    if (rc == SQLITE_ROW) {
        sqlite3_int64 now = sqlite3_column_int64(s->data_version, 0);
        *ret = now != s->seen_version;
        s->seen_version = now;
    } else
        code = fail(s, rc, err);
    sqlite3_reset(s->data_version);
    return code;
}

/* Back under FULL a commit of nothing new syncs the log, and with it every commit before. */
static enum rc_code set_bulk(struct db *db, bool bulk, struct rc_error *err) {
    struct sqlite *s = (struct sqlite *)db;
    s->copies = bulk ? SQLITE_LOG_OFTEN : SQLITE_LOG_NOW;
    enum rc_code code = exec(db, bulk ? BULK_SETTINGS : NORMAL_SETTINGS, err);
    s->must_sync = !bulk && code != RC_OK;
    if (!bulk && code == RC_OK)
        code = exec(db, "PRAGMA user_version = 0", err);
    if (!bulk)
        s->copies = SQLITE_LOG_SELDOM;
    return code;
}

/* A reader may keep the log from being emptied, another process from being copied. */
static enum rc_code empty_log(struct db *db, struct rc_error *err) {
    struct sqlite *s = (struct sqlite *)db;
    int rc = sqlite3_wal_checkpoint_v2(s->conn, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return rc == SQLITE_OK ? RC_OK : fail(s, rc, err);
}

static enum rc_code set_wait(struct db *db, int ms, struct rc_error *err) {
    struct sqlite *s = (struct sqlite *)db;
    (void)err;
    s->wait_ms = ms;
    sqlite3_busy_timeout(s->conn, ms);
    return RC_OK;
}

static enum rc_code prepare(struct db *db, const char *sql, int params_n, struct db_statement **ret,
                            struct rc_error *err) {
    sqlite3_stmt *stmt = NULL;
    (void)params_n;
    enum rc_code code = prepare_raw((struct sqlite *)db, sql, &stmt, err);
    if (code != RC_OK)
        return code;
    struct sqlite_statement *st = mem_zalloc(sizeof *st);
    st->stmt = stmt;
    *ret = &st->base;
    return RC_OK;
}

static void statement_close(struct db_statement *base) {
    struct sqlite_statement *st = (struct sqlite_statement *)base;
    sqlite3_finalize(st->stmt);
    mem_free(st);
}

static int bind_all(sqlite3_stmt *stmt, const struct db_value *values, int n) {
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

static enum rc_code step(struct db_statement *base, bool *ret_row, struct rc_error *err) {
    struct sqlite_statement *st = (struct sqlite_statement *)base;
    struct sqlite *s = (struct sqlite *)base->db;
    int rc = SQLITE_OK;
    if (s->reads && base->db->in_transaction && !sqlite3_stmt_readonly(st->stmt))
        return rc_fail(err, RC_FATAL, "a reading transaction writes");
    if (!st->is_bound) {
        st->is_bound = true;
        st->total_before = sqlite3_total_changes64(s->conn);
        rc = bind_all(st->stmt, base->values, base->values_n);
    }
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st->stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return fail(s, rc, err);
    *ret_row = rc == SQLITE_ROW;
    return RC_OK;
}

/* SQLite keeps the count of the last statement that wrote; only where the total has moved is it
 * ours. */
static int64_t changed(const struct db_statement *base) {
    const struct sqlite_statement *st = (const struct sqlite_statement *)base;
    sqlite3 *conn = ((struct sqlite *)base->db)->conn;
    return sqlite3_total_changes64(conn) == st->total_before ? 0 : sqlite3_changes64(conn);
}

static void reset(struct db_statement *base) {
    struct sqlite_statement *st = (struct sqlite_statement *)base;
    sqlite3_reset(st->stmt); /* repeats the failure of the step, which was reported */
    sqlite3_clear_bindings(st->stmt);
    st->is_bound = false;
}

static void column(const struct db_statement *base, int n, struct db_value *ret) {
    sqlite3_stmt *stmt = ((const struct sqlite_statement *)base)->stmt;
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
    enum rc_code code = prepare_raw(ap->conn, ap->sql, &ap->one, err);
    if (code != RC_OK || columns_n * APPEND_ROWS > DB_PARAMS_MAX)
        return code;
    buf_init(&b, DB_SQL_BYTES_MAX);
    append_sql(table, columns, columns_n, APPEND_ROWS, &b);
    code = prepare_raw(ap->conn, b.ptr, &ap->many, err);
    buf_done(&b);
    return code;
}

/* One that was closed before, as preparing its statements takes as long as a hundred rows. */
static struct sqlite_append *append_kept(struct sqlite *s, const char *sql) {
    for (size_t i = 0; i < APPENDS_KEPT; i++)
        if (s->appends[i] != NULL && strcmp(s->appends[i]->sql, sql) == 0)
            return RC_TAKE(s->appends[i]);
    return NULL;
}

static enum rc_code append_open(struct db *db, const char *table, const char *const *columns,
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
        append_free(ap);
    return code;
}

static enum rc_code insert(struct sqlite_append *ap, sqlite3_stmt *stmt,
                           const struct db_value *values, size_t n, struct rc_error *err) {
    enum rc_code code = RC_OK;
    int rc = bind_all(stmt, values, (int)n);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    if (rc != SQLITE_DONE)
        code = fail(ap->conn, rc, err);
    sqlite3_reset(stmt);
    return code;
}

/* Opening a table and its indexes costs a statement as much as the row itself: rows are held until
 * there are enough of them. */
static enum rc_code append_row(struct db_append *base, struct rc_error *err) {
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
    struct sqlite_append **place = &s->appends[s->appends_next++ % APPENDS_KEPT];
    sqlite3_clear_bindings(ap->one);
    if (ap->many != NULL)
        sqlite3_clear_bindings(ap->many);
    ap->held_n = 0;
    append_free(*place);
    *place = ap;
}

static enum rc_code append_close(struct db_append *base, bool abort, struct rc_error *err) {
    struct sqlite_append *ap = (struct sqlite_append *)base;
    enum rc_code code = RC_OK;
    for (size_t i = 0; i < ap->held_n && !abort && code == RC_OK; i++)
        code = insert(ap, ap->one, ap->held + i * base->columns_n, base->columns_n, err);
    append_keep(ap);
    return code;
}

const struct db_ops db_sqlite = {
    .kind = "sqlite",
    .param = '?',
    .bytea = "BLOB",
    .text = "TEXT",
    .clustered = "WITHOUT ROWID",
    .skip_locked = "", /* there is one writer at a time */
    .has_migrations =
        "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'rollcall_migration'",
    .lock_migrations = "", /* BEGIN IMMEDIATE is one */
    .open = open_db,
    .close = close_db,
    .exec = exec,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .others_wrote = others_wrote,
    .set_bulk = set_bulk,
    .empty_log = empty_log,
    .set_wait = set_wait,
    .prepare = prepare,
    .statement_close = statement_close,
    .step = step,
    .changed = changed,
    .reset = reset,
    .column = column,
    .append_open = append_open,
    .append_row = append_row,
    .append_close = append_close,
};
