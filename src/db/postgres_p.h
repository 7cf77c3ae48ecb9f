/* postgres_p.h - the member for PostgreSQL, in three files: postgres.c (connection, transactions,
 * errors), postgres_statement.c (statements, values, rows), postgres_append.c (COPY).
 *
 * Source: PostgreSQL 15, chapters "libpq", "Frontend/Backend Protocol" (COPY), "COPY" (binary
 *         format), appendix A (SQLSTATE). */
#pragma once
#include <libpq-fe.h>
#include "db/db_p.h"

#define POSTGRES_INT8  20 /* Oids of pg_type: fixed, and not in libpq's headers */
#define POSTGRES_TEXT  25
#define POSTGRES_BYTEA 17

struct postgres {
    struct db base;
    PGconn *conn;
    char *where; /* owned; holds a password and is never shown */
    int wait_ms;
    int generation; /* counts connections: each knows its own prepared statements alone */
    int listening;  /* the connection that does; 0: none */
    int names_n;    /* prepared statements are called rc1, rc2 ... */
    int *stale;     /* the numbers of those to be dropped when the server listens again */
    size_t stale_n, stale_cap;
};

enum postgres_doing { /* what a lost answer would mean */
                      POSTGRES_READS,
                      POSTGRES_WRITES,
                      POSTGRES_COMMITS,
};

/* Outside a transaction: connected, anew if need be. Inside one a lost connection shows by
 * itself. */
enum rc_code postgres_ready(struct postgres *pg, struct rc_error *err);
/* res may be NULL. Does not clear it. */
enum rc_code postgres_fail(struct postgres *pg, const PGresult *res, enum postgres_doing doing,
                           struct rc_error *err);
enum rc_code postgres_exec(struct postgres *pg, const char *sql, enum postgres_doing doing,
                           struct rc_error *err);
enum postgres_doing postgres_doing_of(const char *sql);
void postgres_drop(struct postgres *pg,
                   int number); /* forgets a prepared statement, now or when it can */

enum rc_code postgres_prepare(struct db *db, const char *sql, int params_n,
                              struct db_statement **ret, struct rc_error *err);
void postgres_statement_close(struct db_statement *st);
enum rc_code postgres_step(struct db_statement *st, bool *ret_row, struct rc_error *err);
int64_t postgres_changed(const struct db_statement *st);
void postgres_reset(struct db_statement *st);
void postgres_column(const struct db_statement *st, int column, struct db_value *ret);

enum rc_code postgres_append_open(struct db *db, const char *table, const char *const *columns,
                                  size_t columns_n, struct db_append **ret, struct rc_error *err);
enum rc_code postgres_append_row(struct db_append *ap, struct rc_error *err);
enum rc_code postgres_append_close(struct db_append *ap, bool abort, struct rc_error *err);
void postgres_append_abandon(
    struct db_append *ap); /* before a rollback: ends COPY without its rows */

/* Network byte order, as all binary values are in. */
static inline void postgres_put(unsigned char *to, uint64_t v, size_t bytes) {
    for (size_t i = 0; i < bytes; i++)
        to[i] = (unsigned char)(v >> (8 * (bytes - 1 - i)));
}
