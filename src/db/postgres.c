/* The member for PostgreSQL: the connection, transactions, and what an SQLSTATE means to the
 * caller. Blocking; one connection a db. Messages are ours, made of the names of constraints and
 * columns: the server's own would quote people's values. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "db/postgres_p.h"

#define CONNECT_US     (10 * INT64_C(1000000))
#define VERSION_MIN    150000
#define MIGRATION_LOCK "7238231049311"
#define CHANNEL        "rollcall" /* of this database alone */

static enum rc_code fail_lost(struct postgres *pg, enum postgres_doing doing,
                              struct rc_error *err) {
    if (doing == POSTGRES_COMMITS)
        return rc_fail_as(err, RC_UNSURE, "db.lost",
                          "the connection to PostgreSQL was lost during a commit");
    if (pg->base.in_transaction)
        return rc_fail_as(err, RC_FATAL, "db.lost",
                          "the connection to PostgreSQL was lost; the transaction is undone");
    if (doing == POSTGRES_WRITES)
        return rc_fail_as(err, RC_UNSURE, "db.lost",
                          "the connection to PostgreSQL was lost while it was writing");
    return rc_fail_as(err, RC_RETRY, "db.lost", "the connection to PostgreSQL was lost");
}

static const char *field(const PGresult *res, int code) {
    const char *s = PQresultErrorField(res, code);
    return s == NULL ? "" : s;
}

static bool starts(const char *s, const char *with) {
    return strncmp(s, with, strlen(with)) == 0;
}

static enum rc_code fail_full(struct rc_error *err) {
    return rc_fail_as(err, RC_FATAL, "db.full",
                      "PostgreSQL has no space left on its disk: free some, nothing was lost");
}

enum rc_code postgres_fail(struct postgres *pg, const PGresult *res, enum postgres_doing doing,
                           struct rc_error *err) {
    const char *state = field(res, PG_DIAG_SQLSTATE);
    enum rc_code again = pg->base.in_transaction ? RC_CONFLICT : RC_RETRY;
    if (state[0] == '\0' || starts(state, "57P0") || starts(state, "08") ||
        PQstatus(pg->conn) != CONNECTION_OK)
        return fail_lost(pg, doing, err);
    if (starts(state, "23505") || starts(state, "23P01"))
        return rc_fail(err, RC_CONFLICT, "a unique key says no: %s of table %s",
                       field(res, PG_DIAG_CONSTRAINT_NAME), field(res, PG_DIAG_TABLE_NAME));
    if (starts(state, "23503"))
        return rc_fail(err, RC_CONFLICT, "a foreign key says no: %s of table %s",
                       field(res, PG_DIAG_CONSTRAINT_NAME), field(res, PG_DIAG_TABLE_NAME));
    if (starts(state, "23") || starts(state, "22"))
        return rc_fail(
            err, RC_INVALID, "a column refuses its value: %s%s%s (SQLSTATE %s)",
            field(res, PG_DIAG_TABLE_NAME), field(res, PG_DIAG_COLUMN_NAME)[0] != '\0' ? "." : " ",
            field(res, PG_DIAG_COLUMN_NAME)[0] != '\0' ? field(res, PG_DIAG_COLUMN_NAME)
                                                       : field(res, PG_DIAG_CONSTRAINT_NAME),
            state);
    if (starts(state, "40"))
        return rc_fail(err, RC_CONFLICT, "another transaction came in between (SQLSTATE %s)",
                       state);
    if (starts(state, "55P03"))
        return rc_fail_as(err, again, "db.busy",
                          "another process holds a lock in PostgreSQL and did not end within %d ms",
                          pg->wait_ms);
    if (starts(state, "57014"))
        return rc_fail_as(err, again, "db.busy", "PostgreSQL cancelled the statement");
    if (starts(state, "53100"))
        return fail_full(err);
    if (starts(state, "25006"))
        return rc_fail_as(
            err, RC_FATAL, "db.read-only",
            "PostgreSQL lets nothing be written: it is a standby, or set to read-only");
    if (starts(state, "42501"))
        return rc_fail_as(err, RC_AUTH, "db.auth", "PostgreSQL refuses a right: %s",
                          field(res, PG_DIAG_MESSAGE_PRIMARY));
    if (starts(state, "XX00"))
        return rc_fail_as(err, RC_FATAL, "db.corrupt", "PostgreSQL reports damage: %s",
                          field(res, PG_DIAG_MESSAGE_PRIMARY));
    return rc_fail(err, RC_FATAL, "PostgreSQL: %s (SQLSTATE %s)",
                   field(res, PG_DIAG_MESSAGE_PRIMARY), state);
}

/* Waits until the connection stands or has failed, at most CONNECT_US: libpq's own limit is for its
 * blocking form only. */
static void connect_wait(PGconn *conn) {
    int64_t until_us = clock_monotonic_us(&clock_system) + CONNECT_US;
    PostgresPollingStatusType wants = PGRES_POLLING_WRITING;
    while (PQstatus(conn) != CONNECTION_BAD &&
           (wants == PGRES_POLLING_READING || wants == PGRES_POLLING_WRITING)) {
        int64_t left_us = until_us - clock_monotonic_us(&clock_system);
        struct pollfd p = { PQsocket(conn), wants == PGRES_POLLING_READING ? POLLIN : POLLOUT, 0 };
        if (left_us <= 0)
            return;
        if (poll(&p, 1, (int)(left_us / 1000) + 1) > 0)
            wants = PQconnectPoll(conn);
    }
}

/* A connection wants the cache of its database's catalog; where that file is missing it is written,
 * and until PostgreSQL 17 a disk without space for it is told as an internal error, untranslated. */
static bool finds_no_space(const char *said) {
    return strstr(said, "53100:") != NULL ||
           strstr(said, "XX000: could not write init file") != NULL;
}

/* Why conn does not stand. Failures before the first query have no SQLSTATE of their own in libpq;
 * PQERRORS_VERBOSE puts it into the text, which is otherwise in the server's language. */
static enum rc_code connect_fail(PGconn *conn, struct rc_error *err) {
    const char *said = PQerrorMessage(conn);
    const char *host = PQhost(conn), *user = PQuser(conn), *name = PQdb(conn);
    if (PQstatus(conn) != CONNECTION_BAD)
        return rc_fail_as(err, RC_NOT_FOUND, "db.unreachable", "PostgreSQL at %s does not answer",
                          host);
    if (strstr(said, "28P01:") != NULL || strstr(said, "28000:") != NULL ||
        PQconnectionNeedsPassword(conn))
        return rc_fail_as(err, RC_AUTH, "db.auth",
                          "PostgreSQL at %s refuses user %s: check user and password", host, user);
    if (strstr(said, "3D000:") != NULL)
        return rc_fail_as(err, RC_NOT_FOUND, "db.unreachable",
                          "PostgreSQL at %s has no database %s", host, name);
    if (strstr(said, "57P03:") != NULL || strstr(said, "53300:") != NULL)
        return rc_fail_as(err, RC_RETRY, "db.busy",
                          "PostgreSQL at %s is starting, stopping, or has too many connections",
                          host);
    if (finds_no_space(said))
        return fail_full(err);
    return rc_fail_as(err, RC_NOT_FOUND, "db.unreachable", "PostgreSQL cannot be reached: %.*s",
                      (int)strcspn(said, "\n"), said);
}

static void swallow(void *self, const char *message) {
    (void)self, (void)message;
}

static enum rc_code check_server(PGconn *conn, struct rc_error *err) {
    const char *encoding = PQparameterStatus(conn, "server_encoding");
    if (PQserverVersion(conn) < VERSION_MIN)
        return rc_fail_as(err, RC_FATAL, "db.unsuitable",
                          "PostgreSQL %d is too old: rollcall wants 15 or newer",
                          PQserverVersion(conn) / 10000);
    if (encoding == NULL || strcmp(encoding, "UTF8") != 0)
        return rc_fail_as(err, RC_FATAL, "db.unsuitable",
                          "the database %s has encoding %s: rollcall wants UTF8", PQdb(conn),
                          encoding == NULL ? "unknown" : encoding);
    return RC_OK;
}

/* lock_timeout makes a held lock the same to the caller as SQLite's busy; 0 would be for ever. A
 * server that does not wait for its disk by default does for us; stronger settings (remote_apply)
 * are left alone. */
static enum rc_code connect_settings(struct postgres *pg, struct rc_error *err) {
    struct buf sql;
    buf_init(&sql, 1024);
    buf_printf(&sql,
               "SET client_min_messages = warning; SET standard_conforming_strings = on; SET "
               "lock_timeout = %d;"
               "SELECT set_config('synchronous_commit', 'on', false) WHERE "
               "current_setting('synchronous_commit') = 'off'",
               pg->wait_ms > 0 ? pg->wait_ms : 1);
    enum rc_code code = postgres_exec(pg, sql.ptr, POSTGRES_READS, err);
    buf_done(&sql);
    return code;
}

/* What stands before dbname is a default that the address may change; what stands behind it is
 * not. */
static enum rc_code connect_now(struct postgres *pg, struct rc_error *err) {
    const char *const keys[] = { "keepalives_idle",
                                 "keepalives_interval",
                                 "tcp_user_timeout",
                                 "dbname",
                                 "application_name",
                                 "client_encoding",
                                 NULL };
    const char *const values[] = { "60", "10", "60000", pg->where, "rollcall", "UTF8", NULL };
    PQfinish(pg->conn);
    pg->generation++;
    pg->stale_n = 0;
    pg->conn = PQconnectStartParams(keys, values, 1);
    if (pg->conn == NULL)
        rc_die("db: libpq found no memory");
    PQsetErrorVerbosity(pg->conn, PQERRORS_VERBOSE);
    PQsetNoticeProcessor(pg->conn, swallow, NULL);
    connect_wait(pg->conn);
    enum rc_code code = PQstatus(pg->conn) == CONNECTION_OK ? check_server(pg->conn, err)
                                                            : connect_fail(pg->conn, err);
    if (code == RC_OK)
        code = connect_settings(pg, err);
    if (code != RC_OK) { /* nothing half set up is ever used */
        PQfinish(pg->conn);
        pg->conn = NULL;
    }
    return code;
}

/* A server that was restarted has closed our connection while it was idle. Found out before
 * something is sent, that is harmless; afterwards nobody can say whether it was carried out. */
static bool is_alive(const struct postgres *pg) {
    struct pollfd p = { PQsocket(pg->conn), POLLIN, 0 };
    if (PQstatus(pg->conn) != CONNECTION_OK || PQtransactionStatus(pg->conn) != PQTRANS_IDLE)
        return false;
    for (int wait_ms = 0; poll(&p, 1, wait_ms) > 0;
         wait_ms = 20) /* its farewell, then the end of file */
        if (!PQconsumeInput(pg->conn) || PQstatus(pg->conn) != CONNECTION_OK)
            return false;
    return true;
}

enum rc_code postgres_ready(struct postgres *pg, struct rc_error *err) {
    if (pg->base.in_transaction || is_alive(pg))
        return RC_OK;
    enum rc_code code = connect_now(pg, err);
    if (code != RC_NOT_FOUND)
        return code;
    if (err != NULL)
        err->code = RC_RETRY; /* it was there when we opened it */
    return RC_RETRY;
}

enum rc_code postgres_exec(struct postgres *pg, const char *sql, enum postgres_doing doing,
                           struct rc_error *err) {
    PGresult *res = PQexec(pg->conn, sql);
    ExecStatusType status = PQresultStatus(res);
    enum rc_code code = RC_OK;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
        code = postgres_fail(pg, res, doing, err);
    else if (doing == POSTGRES_COMMITS && strcmp(PQcmdStatus(res), "COMMIT") != 0)
        code = rc_fail(err, RC_FATAL, "PostgreSQL rolled back instead of committing");
    PQclear(res);
    return code;
}

enum postgres_doing postgres_doing_of(const char *sql) {
    sql += strspn(sql, " \t\n(");
    return starts(sql, "SELECT") || starts(sql, "VALUES") ? POSTGRES_READS : POSTGRES_WRITES;
}

static void drop_stale(struct postgres *pg) {
    char sql[40];
    if (PQtransactionStatus(pg->conn) != PQTRANS_IDLE &&
        PQtransactionStatus(pg->conn) != PQTRANS_INTRANS)
        return; /* it would not listen */
    while (pg->stale_n > 0) {
        snprintf(sql, sizeof sql, "DEALLOCATE rc%d", pg->stale[--pg->stale_n]);
        PQclear(PQexec(pg->conn, sql));
    }
}

void postgres_drop(struct postgres *pg, int number) {
    if (pg->stale_n == pg->stale_cap) {
        pg->stale_cap = pg->stale_cap * 2 + 8;
        pg->stale = mem_realloc(pg->stale, pg->stale_cap * sizeof *pg->stale);
    }
    pg->stale[pg->stale_n++] = number;
}

static enum rc_code exec(struct db *db, const char *sql, struct rc_error *err) {
    struct postgres *pg = (struct postgres *)db;
    enum rc_code code = postgres_ready(pg, err);
    return code == RC_OK ? postgres_exec(pg, sql, postgres_doing_of(sql), err) : code;
}

static enum rc_code begin(struct db *db, bool reads, struct rc_error *err) {
    struct postgres *pg = (struct postgres *)db;
    enum rc_code code = postgres_ready(pg, err);
    if (code != RC_OK)
        return code;
    drop_stale(pg);
    return postgres_exec(pg,
                         reads ? "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
                               : "BEGIN ISOLATION LEVEL READ COMMITTED",
                         POSTGRES_READS, err);
}

static enum rc_code commit(struct db *db, struct rc_error *err) {
    return postgres_exec((struct postgres *)db, "COMMIT", POSTGRES_COMMITS, err);
}

static void rollback(struct db *db) {
    struct postgres *pg = (struct postgres *)db;
    if (db->append != NULL)
        postgres_append_abandon(db->append);
    /* Should this fail, the transaction is not idle and the next use connects anew. */
    PQclear(PQexec(pg->conn, "ROLLBACK"));
}

static enum rc_code others_wrote(struct db *db, bool *ret, struct rc_error *err) {
    (void)db, (void)err;
    *ret = true;
    return RC_OK;
}

static bool was_told(PGconn *conn) {
    PGnotify *n;
    bool told = false;
    while ((n = PQnotifies(conn)) != NULL) {
        told = true;
        PQfreemem(n);
    }
    return told;
}

static enum rc_code hear(struct db *db, int64_t most_us, bool *ret_told, struct rc_error *err) {
    struct postgres *pg = (struct postgres *)db;
    enum rc_code code = postgres_ready(pg, err);
    if (code != RC_OK)
        return code;
    if (pg->listening != pg->generation) {
        if ((code = postgres_exec(pg, "LISTEN " CHANNEL, POSTGRES_READS, err)) != RC_OK)
            return code;
        pg->listening = pg->generation;
        *ret_told = true; /* by somebody who told before we listened */
        return RC_OK;
    }
    struct pollfd p = { PQsocket(pg->conn), POLLIN, 0 };
    *ret_told = was_told(pg->conn);
    if (*ret_told || poll(&p, 1, (int)(most_us / 1000)) <= 0)
        return RC_OK;
    if (!PQconsumeInput(pg->conn))
        return fail_lost(pg, POSTGRES_READS, err);
    *ret_told = was_told(pg->conn);
    return RC_OK;
}

static enum rc_code set_bulk(struct db *db, bool bulk, struct rc_error *err) {
    (void)db, (void)bulk, (void)err;
    return RC_OK;
}

static enum rc_code empty_log(struct db *db, struct rc_error *err) {
    (void)db, (void)err;
    return RC_OK;
}

static enum rc_code set_wait(struct db *db, int ms, struct rc_error *err) {
    struct postgres *pg = (struct postgres *)db;
    pg->wait_ms = ms;
    enum rc_code code = postgres_ready(pg, err);
    return code == RC_OK ? connect_settings(pg, err) : code;
}

static void close_db(struct db *db) {
    struct postgres *pg = (struct postgres *)db;
    PQfinish(pg->conn);
    mem_free(pg->stale);
    mem_free(pg->where);
    mem_free(pg);
}

static enum rc_code open_db(const char *where, struct db **ret, struct rc_error *err) {
    char *said = NULL;
    PQconninfoOption *options = PQconninfoParse(where, &said);
    PQfreemem(said); /* would quote the address, and with it the password */
    if (options == NULL)
        return rc_fail_as(err, RC_INVALID, "db.address",
                          "the address of the database is not of the form "
                          "postgres://user:password@host:port/name");
    PQconninfoFree(options);
    struct postgres *pg = mem_zalloc(sizeof *pg);
    pg->where = mem_str(where);
    pg->wait_ms = DB_WAIT_MS;
    enum rc_code code = connect_now(pg, err);
    if (code == RC_OK)
        *ret = &pg->base;
    else
        close_db(&pg->base);
    return code;
}

const struct db_ops db_postgres = {
    .kind = "postgresql",
    .param = '$',
    .bytea = "BYTEA",
    .text = "TEXT COLLATE \"C\"",
    .clustered = "",
    .skip_locked = "FOR UPDATE SKIP LOCKED",
    .has_migrations =
        "SELECT COUNT(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('rollcall_migration')",
    .lock_migrations = "SELECT pg_advisory_xact_lock(" MIGRATION_LOCK ")",
    .open = open_db,
    .close = close_db,
    .exec = exec,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .others_wrote = others_wrote,
    .hear = hear,
    .tell = "NOTIFY " CHANNEL,
    .set_bulk = set_bulk,
    .empty_log = empty_log,
    .set_wait = set_wait,
    .prepare = postgres_prepare,
    .statement_close = postgres_statement_close,
    .step = postgres_step,
    .changed = postgres_changed,
    .reset = postgres_reset,
    .column = postgres_column,
    .append_open = postgres_append_open,
    .append_row = postgres_append_row,
    .append_close = postgres_append_close,
};
