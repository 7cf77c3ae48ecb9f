#include "store/watch.h"

#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include "store/hook_event.h"

enum rc_code watch_answers(struct store *st, struct rc_error *err) {
    int64_t n;
    return store_number(st, &n, err, "SELECT COUNT(*) FROM (SELECT 1 FROM company LIMIT 1) AS c",
                        "");
}

/* An UPDATE that changes nothing reaches no disk on SQLite: the version that nobody uses does. On PostgreSQL it may
 * find room in a page that is there: a table, which is gone with its transaction, wants a page of its own. */
static enum rc_code write_nothing(struct store *st, struct rc_error *err) {
    bool is_sqlite = strcmp(db_kind(st->db), "sqlite") == 0;
    enum rc_code rc = db_begin(st->db, err);
    if (rc != RC_OK)
        return rc;
    rc = db_exec(st->db,
                 is_sqlite
                     ? "PRAGMA user_version = 0"
                     : "CREATE TEMPORARY TABLE rollcall_writes ON COMMIT DROP AS SELECT 1 AS one",
                 err);
    if (rc == RC_OK && !is_sqlite)
        rc = db_exec(st->db, "UPDATE rollcall_migration SET number = number WHERE number = 1", err);
    if (rc == RC_OK)
        return db_commit(st->db, err);
    db_rollback(st->db);
    return rc;
}

enum rc_code watch_writes(struct store *st, const char *where, struct rc_error *err) {
    RC_CLEANUP(store_closep) struct store *events = NULL;
    enum rc_code rc = write_nothing(st, err);
    if (rc != RC_OK || strcmp(db_kind(st->db), "sqlite") != 0)
        return rc;
    rc = hook_events_open(where, &events, err);
    return rc != RC_OK ? rc : write_nothing(events, err);
}

enum rc_code watch_room(const char *where, struct rc_error *err) {
    char path[4200];
    struct statvfs fs;
    if (strstr(where, "://") != NULL || strcmp(where, ":memory:") == 0 ||
        strlen(where) >= sizeof path)
        return RC_OK;
    snprintf(path, sizeof path, "%s", where);
    if (statvfs(dirname(path), &fs) != 0 || (uint64_t)fs.f_bavail * fs.f_frsize >= WATCH_ROOM_BYTES)
        return RC_OK;
    return rc_fail_as(err, RC_FATAL, "db.full",
                      "less than 1 MB is left where %.150s is: free some, nothing was lost", where);
}

static enum rc_code count_runs(struct store *st, int64_t since_us, struct watch_counts *ret,
                               struct rc_error *err) {
    static const char sql[] =
        "SELECT state, COUNT(*) FROM run WHERE started_at >= $1 GROUP BY state";
    struct db_statement *rows;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, sql, "i", since_us);
    while (rc == RC_OK && (rc = db_step(rows, &row, err)) == RC_OK && row)
        for (int s = 1; s < RUN_STATES_N; s++)
            if (text_is(db_text(rows, 0), run_state_name((enum run_state)s)))
                ret->runs[s] = db_int(rows, 1);
    if (rc == RC_OK)
        db_reset(rows);
    return rc;
}

enum rc_code watch_count(struct store *st, int64_t since_us, struct watch_counts *ret,
                         struct rc_error *err) {
    enum rc_code rc;
    memset(ret, 0, sizeof *ret);
    if ((rc = store_number(st, &ret->companies, err, "SELECT COUNT(*) FROM company", "")) !=
            RC_OK ||
        (rc = store_number(st, &ret->integrations, err, "SELECT COUNT(*) FROM integration", "")) !=
            RC_OK ||
        (rc = store_number(st, &ret->scheduled, err,
                           "SELECT COUNT(*) FROM integration WHERE schedule IS NOT NULL", "")) !=
            RC_OK ||
        (rc = store_number(st, &ret->held, err, "SELECT COUNT(*) FROM run WHERE state = 'held'",
                           "")) != RC_OK)
        return rc;
    return count_runs(st, since_us, ret, err);
}

enum rc_code watch_listed(struct store *st, size_t most, struct arena *a, struct watch_listed **ret,
                          size_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        "SELECT c.key, i.key, i.listed_at FROM integration AS i"
        " JOIN company AS c ON c.company_id = i.company_id WHERE i.listed_at IS NOT NULL"
        " ORDER BY i.listed_at, i.company_id, i.integration_id LIMIT $1";
    struct watch_listed *list = ARENA_NEW(a, struct watch_listed, most + 1);
    struct db_statement *rows;
    size_t n = 0;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, sql, "i", (int64_t)most);
    while (rc == RC_OK && (rc = db_step(rows, &row, err)) == RC_OK && row && n < most)
        list[n++] = (struct watch_listed){ store_text(a, rows, 0), store_text(a, rows, 1),
                                           db_int(rows, 2) };
    if (rc != RC_OK)
        return rc;
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return RC_OK;
}

enum rc_code watch_alerts(struct store *st, size_t most, struct arena *a, struct watch_alerts **ret,
                          size_t *ret_n, int64_t *ret_mails, struct rc_error *err) {
    static const char mails[] = "SELECT COUNT(*) FROM alert_mail WHERE state = 'waiting'";
    static const char sql[] = "SELECT cause, COUNT(*) FROM alert WHERE over_us IS NULL"
                              " GROUP BY cause ORDER BY cause LIMIT $1";
    struct watch_alerts *list = ARENA_NEW(a, struct watch_alerts, most + 1);
    struct db_statement *rows;
    size_t n = 0;
    bool row = false;
    enum rc_code rc = store_number(st, ret_mails, err, mails, "");
    if (rc != RC_OK || (rc = store_query(st, &rows, err, sql, "i", (int64_t)most)) != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < most)
        list[n++] = (struct watch_alerts){ store_text(a, rows, 0), db_int(rows, 1) };
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code watch_hooks(struct store *st, struct arena *a,
                         struct watch_hooks ret[WATCH_HOOKS_MOST], size_t *ret_n,
                         struct rc_error *err) {
    static const char sql[] =
        "SELECT CASE WHEN silent_at IS NOT NULL THEN 'silent' WHEN failing_at IS NOT NULL"
        " THEN 'failing' ELSE state END AS is_so, COUNT(*) FROM webhook WHERE ends = 0"
        " GROUP BY is_so ORDER BY is_so";
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_query(st, &rows, err, sql, "");
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < WATCH_HOOKS_MOST)
        ret[n++] = (struct watch_hooks){ store_text(a, rows, 0), db_int(rows, 1) };
    db_reset(rows);
    *ret_n = n;
    return rc;
}
