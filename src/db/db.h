/* db.h - one small interface over SQLite and PostgreSQL, and one set of SQL above it.
 *
 * Shape:  SQL is written once, with $1, $2 ... for values, in what SQLite >= 3.40 and PostgreSQL
 *         >= 15 share. Types are BIGINT, TEXT, BYTEA (db_open() of SQLite reads BYTEA as BLOB and
 *         orders TEXT by bytes; on PostgreSQL columns are declared @TEXT for that). Appending many
 *         rows is not shared and has calls of its own. @SKIP_LOCKED behind a SELECT that picks one
 *         row to be claimed in the same statement leaves out what another connection is claiming
 *         just now.
 *         What to mind in shared SQL: "user" is a keyword of PostgreSQL and wants its double
 *         quotes; a value whose type its surroundings do not tell is written CAST($1 AS BIGINT);
 *         where null sorts is said (NULLS FIRST); LIKE tells capitals from small letters on both
 *         and wants its ESCAPE.
 * Memory: a statement belongs to its database and its thread; what it gives out (text, blob) is
 *         borrowed until the next step, reset or close. PostgreSQL gives the whole result of a
 *         query at once: what may be longer than some thousand rows is read in pages by key.
 * Errors: RC_RETRY     busy ("db.busy"), or the connection lost outside a transaction ("db.lost")
 *         RC_UNSURE    lost during a commit, or a writing statement outside a transaction
 *         RC_CONFLICT  a unique or foreign key says no; or, inside a transaction, another one came
 *                      in between or holds a lock: roll back, and it may be tried again
 *         RC_INVALID   a value that its column refuses (null, a check); text that is not UTF-8 or
 *                      holds a NUL; an address that is none ("db.address")
 *         RC_NOT_FOUND at opening: does not exist or does not answer ("db.unreachable")
 *         RC_AUTH      wrong password, or a right refused ("db.auth")
 *         RC_FATAL     full ("db.full"), read-only ("db.read-only"), newer than this program
 *                      ("db.newer"), something else ("db.not-a-database"), damaged ("db.corrupt"),
 *                      a disk that fails ("db.io"), a file system or server that will not do
 *                      ("db.unsuitable"), the connection lost inside a transaction ("db.lost"); SQL
 *                      at fault, which shows at db_prepare() or at the first step
 *         Out of memory ends the process; so does a broken promise of the caller: a column read as
 *         what it is not, a statement left open at db_close().
 * Order:  one transaction at a time on a db; statements outside one commit by themselves. After a
 *         failure inside a transaction nothing but rolling back helps: further statements and the
 *         commit fail with the same code, on both members. (The one exception: text that is not
 *         UTF-8 is refused before anything was sent, and the transaction goes on.) Isolation is
 *         READ COMMITTED on PostgreSQL and serial on SQLite: rely on no more than the former.
 *         Durability: what is committed survives a power cut, except while db_set_bulk() is on. A
 *         lost connection is made again by the next call outside a transaction.
 * Threads: a db belongs to one thread at a time. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"

struct db;
struct db_statement;
struct db_append;

struct db_migration {
    int number; /* ascending from 1, no gaps */
    /* Several statements, each ended by ';'. "@TEXT" is TEXT in byte order; "@CLUSTERED" behind a
     * table keeps its rows in the order of the primary key, where the database can. */
    const char *sql;
};

/* where: a file, or postgres://... or postgresql://...; a new file is made with mode 0600.
 * ":memory:" is SQLite without a file. */
enum rc_code db_open(const char *where, struct db **ret, struct rc_error *err);
void db_close(struct db *db);
RC_CLEANUP_FN(struct db, db_close)
const char *db_kind(const struct db *db); /* "sqlite", "postgresql" */

/* Applies what is missing, under a lock, all or nothing. RC_FATAL "db.newer" when the database has
 * a higher number. */
enum rc_code db_migrate(struct db *db, const struct db_migration *migrations, size_t n,
                        struct rc_error *err);

/* Only whether it is newer than n migrations, likewise; nothing is written. */
enum rc_code db_check_number(struct db *db, size_t n, struct rc_error *err);

enum rc_code db_exec(struct db *db, const char *sql, struct rc_error *err); /* no values, no rows */
/* A writing transaction (BEGIN IMMEDIATE). */
enum rc_code db_begin(struct db *db, struct rc_error *err);
/* For many small queries one after the other: locks are taken once and not for each. Of one state on
 * SQLite, of several on PostgreSQL. Writing in it is RC_FATAL. Ended as any other. */
enum rc_code db_begin_reading(struct db *db, struct rc_error *err);
enum rc_code db_commit(struct db *db, struct rc_error *err); /* on failure it is rolled back */
void db_rollback(struct db *db);                             /* harmless outside a transaction */
bool db_in_transaction(const struct db *db);
/* Inside a transaction: whether another connection may have committed something between the last such
 * question and what this transaction reads. Always so on PostgreSQL, which does not tell. */
enum rc_code db_others_wrote(struct db *db, bool *ret, struct rc_error *err);

/* Whoever waits in db_hear() on this database, in any process, is told once this is committed: where the
 * database can (PostgreSQL: NOTIFY); else nothing happens, and others look from time to time. */
enum rc_code db_tell(struct db *db, struct rc_error *err);
bool db_can_tell(const struct db *db);
/* On a connection of its own, where it can: until somebody tells, most_us at most. True also when
 * something may have been told before. */
enum rc_code db_hear(struct db *db, int64_t most_us, bool *ret_told, struct rc_error *err);

/* Not inside a transaction. While `bulk` is on, commits on SQLite do not wait for the disk
 * (synchronous=NORMAL): a power cut may take back the last commits, never half of one. Once it has
 * been turned off with RC_OK all is durable. Nothing on PostgreSQL. */
enum rc_code db_set_bulk(struct db *db, bool bulk, struct rc_error *err);
/* Not inside a transaction. What has been deleted is not in the file of SQLite's log either, from
 * then on; RC_RETRY while somebody reads an older state. Nothing on PostgreSQL. */
enum rc_code db_empty_log(struct db *db, struct rc_error *err);

/* How long a lock that another connection holds is waited for before RC_RETRY; 5,000 at first. Not
 * inside a transaction. */
enum rc_code db_set_wait_ms(struct db *db, int ms, struct rc_error *err);

enum rc_code db_prepare(struct db *db, const char *sql, struct db_statement **ret,
                        struct rc_error *err);
void db_statement_close(struct db_statement *st);
RC_CLEANUP_FN(struct db_statement, db_statement_close)

/* n counts from 1. Bound bytes are borrowed until the next reset, which also comes by itself with
 * the last row and with a failure. What is not bound is null. */
void db_bind_int(struct db_statement *st, int n, int64_t v);
void db_bind_text(struct db_statement *st, int n, const char *bytes, size_t len);
void db_bind_cstr(struct db_statement *st, int n, const char *s); /* NULL binds null */
/* Set binds text, empty and missing bind null. */
void db_bind_value(struct db_statement *st, int n, struct text t);
void db_bind_blob(struct db_statement *st, int n, const void *bytes, size_t len);
void db_bind_null(struct db_statement *st, int n);
/* *ret_row false: no further row, and the statement is reset by itself. */
enum rc_code db_step(struct db_statement *st, bool *ret_row, struct rc_error *err);
/* Runs to the end; *ret_changed (may be NULL) counts rows inserted, updated, deleted. Resets. */
enum rc_code db_run(struct db_statement *st, int64_t *ret_changed, struct rc_error *err);
void db_reset(struct db_statement *st); /* forgets rows and values */

bool db_is_null(const struct db_statement *st, int column);     /* columns count from 0 */
int64_t db_int(const struct db_statement *st, int column);      /* null is 0 */
struct text db_text(const struct db_statement *st, int column); /* null is missing, '' is empty */
const void *db_blob(const struct db_statement *st, int column, size_t *ret_len);

/* Appending many rows inside the current transaction: INSERTs of several rows on SQLite, COPY
 * (binary) on PostgreSQL. Column types as declared in `types`: 'i' bigint, 't' text, 'b' bytes; table and
 * columns are quoted. Between open and close no other statement may run; the rows are there after
 * db_append_close(). A unique key that says no shows at row() or close(); after that every row()
 * and the close() fail alike. A row with text that is not UTF-8 is RC_INVALID at row() and left
 * out, and the others go on. Bytes are borrowed until db_append_close(). To give up: db_rollback(),
 * then db_append_close(). */
enum rc_code db_append_open(struct db *db, const char *table, const char *const *columns,
                            const char *types, struct db_append **ret, struct rc_error *err);
void db_append_int(struct db_append *ap, int64_t v);
void db_append_text(struct db_append *ap, const char *bytes, size_t len);
void db_append_value(struct db_append *ap, struct text t); /* empty and missing append null */
/* What our own JSON writer made: it is UTF-8 without a NUL, and is not looked through again. */
void db_append_json(struct db_append *ap, struct text t);
void db_append_blob(struct db_append *ap, const void *bytes, size_t len);
void db_append_null(struct db_append *ap);
enum rc_code db_append_row(struct db_append *ap, struct rc_error *err);   /* ends a row */
enum rc_code db_append_close(struct db_append *ap, struct rc_error *err); /* frees it in any case */
/* Closes it after rc: that, unless it was good and closing is not. */
enum rc_code db_append_end(struct db_append *ap, enum rc_code rc, struct rc_error *err);
