/* Migrations. One transaction for all that is missing, so that a database is as some version of the
 * program made it, never between two. That nothing is missing is found out by reading alone:
 * starting a second process must not wait for a long import's lock. */
#include "base/clock.h"
#include "db/db_p.h"

static enum rc_code query_one(struct db *db, const char *sql, int64_t *ret, struct rc_error *err) {
    RC_CLEANUP(db_statement_closep) struct db_statement *st = NULL;
    bool has_row;
    enum rc_code code = db_prepare(db, sql, &st, err);
    if (code == RC_OK)
        code = db_step(st, &has_row, err);
    if (code == RC_OK)
        *ret = has_row ? db_int(st, 0) : 0;
    return code;
}

/* The highest number applied, 0 in a new database; RC_FATAL "db.newer" when it is over n. */
static enum rc_code applied(struct db *db, size_t n, int64_t *ret, struct rc_error *err) {
    int64_t has_table = 0, number = 0;
    enum rc_code code = query_one(db, db->ops->has_migrations, &has_table, err);
    if (code == RC_OK && has_table)
        code =
            query_one(db, "SELECT COALESCE(MAX(number), 0) FROM rollcall_migration", &number, err);
    if (code != RC_OK)
        return code;
    if (number > (int64_t)n)
        return rc_fail_as(
            err, RC_FATAL, "db.newer",
            "the database is at version %lld and this program knows %zu: it was written by a newer "
            "rollcall; run that one",
            (long long)number, n);
    *ret = number;
    return RC_OK;
}

enum rc_code db_check_number(struct db *db, size_t n, struct rc_error *err) {
    int64_t number;
    return applied(db, n, &number, err);
}

static enum rc_code apply(struct db *db, const struct db_migration *m, struct rc_error *err) {
    RC_CLEANUP(db_statement_closep) struct db_statement *st = NULL;
    enum rc_code code = db_exec(db, m->sql, err);
    if (code == RC_OK)
        code = db_prepare(db, "INSERT INTO rollcall_migration (number, applied_at) VALUES ($1, $2)",
                          &st, err);
    if (code == RC_OK) {
        db_bind_int(st, 1, m->number);
        db_bind_int(st, 2, clock_now_us(&clock_system));
        code = db_run(st, NULL, err);
    }
    return code == RC_OK ? RC_OK : rc_context(err, code, "migration %d", m->number);
}

static enum rc_code apply_missing(struct db *db, const struct db_migration *migrations, size_t n,
                                  struct rc_error *err) {
    int64_t number;
    enum rc_code code = db_exec(db, db->ops->lock_migrations, err);
    if (code == RC_CONFLICT) { /* somebody else migrates: nothing was changed yet */
        if (err != NULL)
            err->code = RC_RETRY;
        return RC_RETRY;
    }
    if (code == RC_OK)
        code = applied(db, n, &number, err); /* again: another process may have been first */
    if (code == RC_OK)
        code = db_exec(db,
                       "CREATE TABLE IF NOT EXISTS rollcall_migration "
                       "(number BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)",
                       err);
    for (size_t i = 0; code == RC_OK && i < n; i++)
        if (migrations[i].number > number)
            code = apply(db, &migrations[i], err);
    return code;
}

enum rc_code db_migrate(struct db *db, const struct db_migration *migrations, size_t n,
                        struct rc_error *err) {
    int64_t number;
    for (size_t i = 0; i < n; i++)
        if (migrations[i].number != (int)i + 1)
            rc_die("db: migration %d stands at place %zu", migrations[i].number, i + 1);
    enum rc_code code = applied(db, n, &number, err);
    if (code != RC_OK || number == (int64_t)n)
        return code;
    code = db_begin(db, err);
    if (code != RC_OK)
        return code;
    code = apply_missing(db, migrations, n, err);
    if (code == RC_OK)
        return db_commit(db, err);
    db_rollback(db);
    return code;
}
