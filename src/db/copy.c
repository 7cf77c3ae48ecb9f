/* Copies by SQLite's own means (sqlite3_backup), in one step: in WAL mode that is one reading
 * transaction, which waits for nobody and keeps nobody waiting; in several steps every write of another
 * process would make it begin anew.
 * Source: the documentation of SQLite 3.40 (backup API; "PRAGMA journal_mode" on what leaving WAL
 * needs: nobody else may have the file open). */
#include "db/copy.h"
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/cleanup.h"
#include "db/db_p.h"

enum { PATH_BYTES = 4096 };

static enum rc_code fail(sqlite3 *conn, int rc, const char *path, struct rc_error *err) {
    int e = conn != NULL ? sqlite3_system_errno(conn) : 0;
    switch (rc & 0xff) {
    case SQLITE_NOMEM: rc_die("db: SQLite found no memory");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return rc_fail_as(err, RC_RETRY, "db.busy", "another process keeps %s to itself", path);
    case SQLITE_FULL:
        return rc_fail_as(err, RC_FATAL, "db.full",
                          "no space is left for %s: free some, nothing was lost", path);
    case SQLITE_IOERR:
        if (e == ENOSPC || e == EDQUOT)
            return rc_fail_as(err, RC_FATAL, "db.full",
                              "no space is left for %s: free some, nothing was lost", path);
        return rc_fail_as(err, RC_FATAL, "db.io", "reading or writing %s failed: %s", path,
                          e != 0 ? strerror(e) : sqlite3_errstr(rc));
    case SQLITE_NOTADB:
        return rc_fail_as(err, RC_FATAL, "db.not-a-database", "%s is not a database of SQLite",
                          path);
    case SQLITE_CORRUPT:
        return rc_fail_as(err, RC_FATAL, "db.corrupt", "%s is damaged: take an older backup", path);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        return rc_fail_as(err, RC_FATAL, "db.read-only",
                          "%s cannot be opened for writing: file and directory must belong to the "
                          "user that runs rollcall",
                          path);
    default: return rc_fail(err, RC_FATAL, "%s: %s", path, sqlite3_errstr(rc));
    }
}

/* ---- files ---- */

static enum rc_code fail_file(const char *path, const char *what, struct rc_error *err) {
    int e = errno;
    if (e == ENOSPC || e == EDQUOT)
        return rc_fail_as(err, RC_FATAL, "db.full", "no space is left for %s", path);
    return rc_fail_as(err, e == EACCES || e == EPERM || e == EROFS ? RC_FATAL : RC_NOT_FOUND,
                      e == EACCES || e == EPERM || e == EROFS ? "db.read-only" : "db.unreachable",
                      "%s cannot be %s: %s", path, what, strerror(e));
}

static bool is_there(const char *path) {
    struct stat st;
    return lstat(path, &st) == 0 || errno != ENOENT;
}

/* Beside a file that is in use, or was when its process died. */
static bool has_log(const char *path) {
    char log[PATH_BYTES + 8];
    struct stat st;
    snprintf(log, sizeof log, "%s-wal", path);
    return stat(log, &st) == 0 && st.st_size > 0;
}

static enum rc_code check_name(const char *path, struct rc_error *err) {
    if (strncmp(path, "postgres://", 11) == 0 || strncmp(path, "postgresql://", 13) == 0 ||
        path[0] == '\0' || strcmp(path, ":memory:") == 0)
        return rc_fail_as(err, RC_INVALID, "copy.database",
                          "only a database of SQLite is a file that can be copied and put back so; "
                          "docs/operate.md says how it is done with PostgreSQL");
    if (strlen(path) >= PATH_BYTES)
        return rc_fail_as(err, RC_INVALID, "db.address", "the file's name is too long");
    return RC_OK;
}

static enum rc_code sync_file(const char *path, struct rc_error *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;
    enum rc_code rc = done ? RC_OK : fail_file(path, "brought to the disk", err);
    if (fd >= 0)
        close(fd);
    return rc;
}

static enum rc_code sync_folder_of(const char *path, struct rc_error *err) {
    char folder[PATH_BYTES + 8];
    const char *slash = strrchr(path, '/');
    size_t len = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    snprintf(folder, sizeof folder, "%.*s", len > 0 ? (int)len : 1, len > 0 ? path : ".");
    return sync_file(folder, err);
}

static enum rc_code rename_file(const char *from, const char *to, struct rc_error *err) {
    if (rename(from, to) != 0)
        return fail_file(to, "made", err);
    return sync_folder_of(to, err);
}

/* ---- the copy ---- */

static enum rc_code open_conn(const char *path, sqlite3 **ret, struct rc_error *err) {
    int rc = sqlite3_open_v2(path, ret, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (*ret == NULL)
        rc_die("db: SQLite found no memory");
    sqlite3_extended_result_codes(*ret, 1);
    sqlite3_busy_timeout(*ret, DB_WAIT_MS);
    return rc == SQLITE_OK ? RC_OK : fail(*ret, rc, path, err);
}

static enum rc_code copy_pages(sqlite3 *from, sqlite3 *to, const char *from_path,
                               const char *to_path, struct rc_error *err) {
    sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
    if (b == NULL)
        return fail(to, sqlite3_errcode(to), to_path, err);
    int rc = sqlite3_backup_step(b, -1), ended = sqlite3_backup_finish(b);
    if (rc == SQLITE_DONE)
        rc = ended;
    if (rc == SQLITE_OK)
        return RC_OK;
    bool reads = (rc & 0xff) == SQLITE_NOTADB || (rc & 0xff) == SQLITE_CORRUPT;
    return fail(reads ? from : to, rc, reads ? from_path : to_path, err);
}

/* One row with one text, which has to be that. */
static enum rc_code must_say(sqlite3 *conn, const char *sql, const char *word, const char *path,
                             bool *ret_so, struct rc_error *err) {
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(conn, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    const char *said = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
    *ret_so = said != NULL && strcmp(said, word) == 0;
    sqlite3_finalize(stmt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? RC_OK : fail(conn, rc, path, err);
}

/* Out of WAL, so that it is one file, which may also lie where nothing can be written. */
static enum rc_code one_file(sqlite3 *conn, const char *path, bool *ret_so, struct rc_error *err) {
    return must_say(conn, "PRAGMA journal_mode = DELETE", "delete", path, ret_so, err);
}

static enum rc_code check_copy(sqlite3 *conn, const char *path, enum db_copy_as as,
                               struct rc_error *err) {
    char mark[64];
    bool so = false;
    enum rc_code rc = one_file(conn, path, &so, err);
    if (rc == RC_OK && !so)
        return rc_fail(err, RC_FATAL, "%s does not become one file", path);
    snprintf(mark, sizeof mark, "PRAGMA application_id = %d",
             as == DB_COPY_BACKUP ? DB_BACKUP_MARK : 0);
    int no = rc == RC_OK ? sqlite3_exec(conn, mark, NULL, NULL, NULL) : SQLITE_OK;
    if (no != SQLITE_OK)
        return fail(conn, no, path, err);
    if (rc == RC_OK)
        rc = must_say(conn, "PRAGMA quick_check(1)", "ok", path, &so, err);
    if (rc == RC_OK && !so)
        return rc_fail_as(err, RC_FATAL, "db.corrupt",
                          "what was copied is damaged: keep the backups that there are, and have "
                          "the database looked at");
    return rc;
}

static enum rc_code make_copy(const char *from, const char *part, enum db_copy_as as,
                              struct rc_error *err) {
    sqlite3 *source = NULL, *copy = NULL;
    int fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_NOCTTY | O_CLOEXEC, 0600);
    if (fd < 0 || fchmod(fd, 0600) != 0) {
        enum rc_code rc = fail_file(part, "made", err);
        if (fd >= 0)
            close(fd);
        return rc;
    }
    close(fd); /* before SQLite has it open: closing drops locks */
    enum rc_code rc = open_conn(from, &source, err);
    if (rc == RC_OK && (rc = open_conn(part, &copy, err)) == RC_OK &&
        (rc = copy_pages(source, copy, from, part, err)) == RC_OK)
        rc = check_copy(copy, part, as, err);
    sqlite3_close(copy);
    sqlite3_close(source);
    return rc == RC_OK ? sync_file(part, err) : rc;
}

static void remove_part(const char *part) {
    static const char *const ends[] = { "", "-journal", "-wal", "-shm" };
    char path[PATH_BYTES + 64];
    for (size_t i = 0; i < RC_LEN(ends); i++) {
        snprintf(path, sizeof path, "%s%s", part, ends[i]);
        unlink(path);
    }
}

static enum rc_code may_be_written(const char *from, const char *to, bool replaces,
                                   struct rc_error *err) {
    struct stat source, there;
    if (stat(from, &source) != 0)
        return rc_fail_as(err, RC_NOT_FOUND, "copy.missing", "%s: %s", from, strerror(errno));
    if (!is_there(to))
        return RC_OK;
    if (!replaces)
        return rc_fail_as(err, RC_CONFLICT, "copy.exists", "%s is there already", to);
    if (stat(to, &there) != 0 || !S_ISREG(there.st_mode))
        return rc_fail_as(err, RC_CONFLICT, "copy.exists", "%s is there and is no file", to);
    if (there.st_dev == source.st_dev && there.st_ino == source.st_ino)
        return rc_fail_as(err, RC_CONFLICT, "copy.exists", "%s is the database itself", to);
    if (has_log(to))
        return rc_fail_as(err, RC_CONFLICT, "copy.in-use",
                          "%s is a database that is in use (it has a log beside it)", to);
    return RC_OK;
}

enum rc_code db_copy(const char *from, const char *to, enum db_copy_as as, bool replaces,
                     int64_t *ret_bytes, struct rc_error *err) {
    char part[PATH_BYTES + 40];
    struct stat st = { 0 };
    enum rc_code rc = check_name(from, err);
    if (rc != RC_OK || (rc = check_name(to, err)) != RC_OK ||
        (rc = may_be_written(from, to, replaces, err)) != RC_OK)
        return rc;
    snprintf(part, sizeof part, "%s.partial-%ld", to, (long)getpid());
    rc = make_copy(from, part, as, err);
    if (rc == RC_OK && (rc = may_be_written(from, to, replaces, err)) == RC_OK)
        rc = rename_file(part, to, err);
    if (rc != RC_OK)
        remove_part(part);
    else if (stat(to, &st) == 0)
        *ret_bytes = (int64_t)st.st_size;
    return rc;
}

/* ---- putting it in another's place ---- */

static enum rc_code fail_in_use(const char *file, struct rc_error *err) {
    return rc_fail_as(err, RC_CONFLICT, "copy.in-use",
                      "%s is in use by another process: stop rollcall serve, and whatever else has "
                      "it open, first",
                      file);
}

enum rc_code db_set_aside(const char *file, const char *as, struct rc_error *err) {
    sqlite3 *conn = NULL;
    bool alone = false;
    enum rc_code rc = check_name(file, err);
    if (rc != RC_OK)
        return rc;
    if (is_there(as))
        return rc_fail_as(err, RC_CONFLICT, "copy.exists", "%s is there already", as);
    if ((rc = open_conn(file, &conn, err)) == RC_OK) {
        sqlite3_busy_timeout(conn, 0);
        rc = one_file(conn, file, &alone, err);
    }
    if (rc == RC_RETRY || (rc == RC_OK && !alone))
        rc = fail_in_use(file, err);
    /* While we keep it locked: who opens it now waits, and finds the other one or an error. */
    if (rc == RC_OK && sqlite3_exec(conn, "BEGIN EXCLUSIVE", NULL, NULL, NULL) != SQLITE_OK)
        rc = fail_in_use(file, err);
    if (rc == RC_OK)
        rc = rename_file(file, as, err);
    sqlite3_close(conn);
    return rc;
}

enum rc_code db_put_in_place(const char *file, const char *to, struct rc_error *err) {
    if (is_there(to))
        return rc_fail_as(err, RC_CONFLICT, "copy.exists", "%s is there already", to);
    if (has_log(file))
        return rc_fail_as(err, RC_CONFLICT, "copy.in-use", "%s still has its log beside it", file);
    enum rc_code rc = sync_file(file, err);
    return rc == RC_OK ? rename_file(file, to, err) : rc;
}
