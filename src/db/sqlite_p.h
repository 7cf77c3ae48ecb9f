/* sqlite_p.h - the member for SQLite, in three files: sqlite.c (opening, transactions, errors),
 * sqlite_statement.c (statements, values, rows), sqlite_append.c (rows by the thousand). Beside them
 * sqlite_log.h. */
#pragma once
#include <sqlite3.h>
#include "db/db_p.h"
#include "db/sqlite_log.h"

enum { SQLITE_APPENDS_KEPT = 2 };
struct sqlite_append;

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
    struct sqlite_append *appends[SQLITE_APPENDS_KEPT]; /* closed ones, with their statements */
    size_t appends_next;
};

/* What SQLite said, as what the caller does next. */
enum rc_code sqlite_fail(struct sqlite *s, int rc, struct rc_error *err);
/* Exactly one statement, which is kept. */
enum rc_code sqlite_prepare_raw(struct sqlite *s, const char *sql, sqlite3_stmt **ret,
                                struct rc_error *err);
/* Texts and blobs are borrowed until they are bound anew. A code of SQLite. */
int sqlite_bind(sqlite3_stmt *stmt, const struct db_value *values, int n);

enum rc_code sqlite_prepare(struct db *db, const char *sql, int params_n, struct db_statement **ret,
                            struct rc_error *err);
void sqlite_statement_close(struct db_statement *base);
enum rc_code sqlite_step(struct db_statement *base, bool *ret_row, struct rc_error *err);
int64_t sqlite_changed(const struct db_statement *base);
void sqlite_reset(struct db_statement *base);
void sqlite_column(const struct db_statement *base, int n, struct db_value *ret);

enum rc_code sqlite_append_open(struct db *db, const char *table, const char *const *columns,
                                size_t columns_n, struct db_append **ret, struct rc_error *err);
enum rc_code sqlite_append_row(struct db_append *base, struct rc_error *err);
enum rc_code sqlite_append_close(struct db_append *base, bool abort, struct rc_error *err);
void sqlite_append_free(struct sqlite_append *ap); /* with its statements; NULL is welcome */
