/* The member for one machine: SQLite in WAL mode. Readers never wait; one writer at a time, and
 * others wait for it as long as db_set_wait_ms() says. Every writing transaction begins as one
 * (BEGIN IMMEDIATE): a reading transaction that turns into a writing one would be refused at once
 * however long it was willing to wait.
 * Source: the documentation of SQLite 3.40 (pragmas, WAL, "How to corrupt"). */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>
#include "db/copy.h"
#include "db/sqlite_p.h"

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
enum { LOG_PAGES_MOST = 12500 };

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

enum rc_code sqlite_fail(struct sqlite *s, int rc, struct rc_error *err) {
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
    return rc == SQLITE_OK ? RC_OK : sqlite_fail(s, rc, err);
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
        return sqlite_fail(s, rc, err);
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
        return sqlite_fail(s, rc, err);
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

static void close_db(struct db *db) {
    struct sqlite *s = (struct sqlite *)db;
    sqlite_log_close(s->log);
    for (size_t i = 0; i < SQLITE_APPENDS_KEPT; i++)
        sqlite_append_free(s->appends[i]);
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
        code = rc == SQLITE_OK ? set_up(s, err) : sqlite_fail(s, rc, err);
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

/* data_version moves with the commits of others, not with our own, and stays while a transaction
 * reads one state. */
static enum rc_code others_wrote(struct db *db, bool *ret, struct rc_error *err) {
    struct sqlite *s = (struct sqlite *)db;
    enum rc_code code = RC_OK;
    if (s->data_version == NULL)
        code = sqlite_prepare_raw(s, "PRAGMA data_version", &s->data_version, err);
    if (code != RC_OK)
        return code;
    int rc = sqlite3_step(s->data_version);
    if (rc == SQLITE_ROW) {
        sqlite3_int64 now = sqlite3_column_int64(s->data_version, 0);
        *ret = now != s->seen_version;
        s->seen_version = now;
    } else
        code = sqlite_fail(s, rc, err);
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
    return rc == SQLITE_OK ? RC_OK : sqlite_fail(s, rc, err);
}

static enum rc_code set_wait(struct db *db, int ms, struct rc_error *err) {
    struct sqlite *s = (struct sqlite *)db;
    (void)err;
    s->wait_ms = ms;
    sqlite3_busy_timeout(s->conn, ms);
    return RC_OK;
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
    .prepare = sqlite_prepare,
    .statement_close = sqlite_statement_close,
    .step = sqlite_step,
    .changed = sqlite_changed,
    .reset = sqlite_reset,
    .column = sqlite_column,
    .append_open = sqlite_append_open,
    .append_row = sqlite_append_row,
    .append_close = sqlite_append_close,
};
