/* db_p.h - what the members of the family (sqlite.c, postgres.c) share with the front (db.c,
 * append.c, migrate.c).
 *
 * Shape:  the front checks arguments, translates SQL, keeps the state of the transaction and holds
 *         values until they are needed; a member only talks to its library. A member's struct
 *         begins with the struct of the front.
 * Errors: a member reports what its library said; that a failure spoils a transaction is known to
 *         the front alone. */
#pragma once
#include "base/buf.h"
#include "db/db.h"

#define DB_WAIT_MS         5000        /* for a lock, unless db_set_wait_ms() says otherwise */
#define DB_PARAMS_MAX      32766       /* SQLite's own limit */
#define DB_VALUE_BYTES_MAX 1000000000u /* SQLite's; PostgreSQL's is a little higher */
#define DB_SQL_BYTES_MAX   (1u << 24)

struct db_value {
    char type; /* 'i', 't', 'b', or 0: null */
    /* Too long, or text that is not UTF-8 or holds a NUL: not both members can store it, so
     * neither does. */
    bool is_bad;
    int64_t i;
    const char *ptr; /* borrowed; never NULL for 't' and 'b' */
    size_t len;
};

struct db {
    const struct db_ops *ops;
    bool in_transaction; /* as the caller sees it, from begin to commit or rollback */
    /* Why the open transaction can only be rolled back; RC_OK: it can go on. */
    enum rc_code spoiled;
    struct db_append *append; /* the open one */
    int statements_n;
};

struct db_statement {
    struct db *db;
    struct db_value *values; /* values_n of them: [0] is $1 */
    int values_n;
    bool is_running; /* between the first step and the reset */
    bool has_row;
};

struct db_append {
    struct db *db;
    char *table; /* owned, as are types */
    char *types;
    struct db_value *values; /* of the row being filled */
    size_t columns_n, filled_n;
    int64_t rows_n;
    struct rc_error failure; /* the first; code RC_OK while all is well */
};

struct db_ops {
    const char *kind;
    /* What the shared SQL's words become. */
    char param;                  /* '?' or '$' */
    const char *bytea, *text;    /* BYTEA, @TEXT */
    const char *clustered;       /* @CLUSTERED */
    const char *skip_locked;     /* @SKIP_LOCKED */
    const char *has_migrations;  /* a query for one row: is there a table rollcall_migration? */
    const char *lock_migrations; /* run first in the migrating transaction, "" for nothing */

    enum rc_code (*open)(const char *where, struct db **ret, struct rc_error *err);
    void (*close)(struct db *db);
    enum rc_code (*exec)(struct db *db, const char *sql, struct rc_error *err);
    enum rc_code (*begin)(struct db *db, bool reads, struct rc_error *err);
    enum rc_code (*commit)(struct db *db,
                           struct rc_error *err); /* on failure the front calls rollback */
    void (*rollback)(struct db *db);
    enum rc_code (*others_wrote)(struct db *db, bool *ret, struct rc_error *err);
    enum rc_code (*hear)(struct db *db, int64_t most_us, bool *ret_told,
                         struct rc_error *err); /* NULL: it tells nobody */
    const char *tell;                           /* likewise: the statement */
    enum rc_code (*set_bulk)(struct db *db, bool bulk, struct rc_error *err);
    enum rc_code (*empty_log)(struct db *db, struct rc_error *err);
    enum rc_code (*set_wait)(struct db *db, int ms, struct rc_error *err);

    /* *ret is allocated with mem_zalloc(), embeds a struct db_statement, and the front fills that
     * in. */
    enum rc_code (*prepare)(struct db *db, const char *sql, int params_n, struct db_statement **ret,
                            struct rc_error *err);
    void (*statement_close)(struct db_statement *st); /* frees all but what the front put in */
    /* The first step after a reset takes over st->values. */
    enum rc_code (*step)(struct db_statement *st, bool *ret_row, struct rc_error *err);
    int64_t (*changed)(
        const struct db_statement *st); /* asked after the last step, before the reset */
    void (*reset)(struct db_statement *st);
    void (*column)(const struct db_statement *st, int column,
                   struct db_value *ret); /* of the current row */

    /* As prepare. quoted: table and columns in double quotes. */
    enum rc_code (*append_open)(struct db *db, const char *table, const char *const *columns,
                                size_t columns_n, struct db_append **ret, struct rc_error *err);
    enum rc_code (*append_row)(struct db_append *ap, struct rc_error *err);
    /* Ends it and frees all but what the front put in; `abort`: nobody is interested in the outcome
     * any more. */
    enum rc_code (*append_close)(struct db_append *ap, bool abort, struct rc_error *err);
};

extern const struct db_ops db_sqlite, db_postgres;

/* Translates into `ret`, which is initialised; returns the highest $n, -1 when that is over
 * DB_PARAMS_MAX. */
int db_translate(const struct db_ops *ops, const char *sql, struct buf *ret);

/* May the connection be used for something else? No inside a spoiled transaction or while rows are
 * being appended. */
enum rc_code db_ready(struct db *db, struct rc_error *err);

/* Remembers that a failure spoils the open transaction, if there is one, and returns code. */
enum rc_code db_failed(struct db *db, enum rc_code code);

/* type 't' or 'b'; sets is_bad. */
struct db_value db_value_of(char type, const void *bytes, size_t len);
