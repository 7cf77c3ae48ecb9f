/* store.h - the tables, in one set of SQL for SQLite and PostgreSQL.
 *
 * Shape:  a store is a database with its prepared statements; the functions on it live in one file
 *         a table (company.h, integration.h, run.h, version.h, directory.h, team.h, lease.h), each
 *         with the SQL that it runs. Every query about people or configuration names the company
 *         (invariant 9).
 * Memory: rows are copied into an arena that is passed in.
 * Errors: as db/db.h. A row that contradicts the schema is RC_FATAL.
 * Threads: a store belongs to one thread at a time. */
#pragma once
#include "base/arena.h"
#include "db/db.h"
#include "json/json.h"

struct store {
    struct db *db;
    struct store_statement *statements; /* prepared once, found by the address of their SQL */
    size_t statements_n, statements_cap;
    struct json_reader *reader; /* of columns of JSON, which are copied before the next */
};

/* Opens and migrates. */
enum rc_code store_open(const char *where, struct store **ret, struct rc_error *err);
/* Whether this program can work with it ("db.newer"); what is missing is not applied. */
enum rc_code store_check(const char *where, struct rc_error *err);
/* Of other tables than the usual. */
enum rc_code store_open_with(const char *where, const struct db_migration *migrations, size_t n,
                             struct store **ret, struct rc_error *err);
void store_close(struct store *st);
/* What it keeps only to be quicker next time goes: pages of the database, room for JSON. Not while rows are
 * being read. */
void store_rest(struct store *st);
RC_CLEANUP_FN(struct store, store_close)

/* The prepared statement for a string literal, reset and without values. */
enum rc_code store_prepare(struct store *st, const char *sql, struct db_statement **ret,
                           struct rc_error *err);

/* A transaction of its own, or part of the one that is open. store_leave() ends what store_join() began:
 * commits when rc is RC_OK, else rolls back, and gives rc on. */
enum rc_code store_join(struct store *st, bool *ret_mine, struct rc_error *err);
enum rc_code store_leave(struct store *st, bool mine, enum rc_code rc, struct rc_error *err);

/* store_prepare() and values in order: 'i' int64_t, 't' struct text, 's' const char *, 'b' const
 * void * and size_t (NULL: null), '0' null. */
enum rc_code store_query(struct store *st, struct db_statement **ret, struct rc_error *err,
                         const char *sql, const char *types, ...);
/* The same, run to its end. ret_changed may be NULL. */
enum rc_code store_run(struct store *st, int64_t *ret_changed, struct rc_error *err,
                       const char *sql, const char *types, ...);
/* The same for exactly one row with one number; RC_NOT_FOUND when there is no row. null is 0. */
enum rc_code store_number(struct store *st, int64_t *ret, struct rc_error *err, const char *sql,
                          const char *types, ...);
/* One row: *ret_row tells whether there was one; read its columns, then db_reset(). */
enum rc_code store_row(struct store *st, struct db_statement **ret, bool *ret_row,
                       struct rc_error *err, const char *sql, const char *types, ...);
struct text store_text(struct arena *a, const struct db_statement *st, int column); /* a copy */

/* After many people were written. PostgreSQL plans by what it knows of a table, and would learn of
 * so many new rows only minutes later; until then a join may compare everybody with everybody.
 * Outside a transaction. Nothing on SQLite; a failure only costs time, and is none. */
void store_learn(struct store *st);
