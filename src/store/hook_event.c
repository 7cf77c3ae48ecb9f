#include "store/hook_event.h"

#include <stdio.h>
#include <string.h>
#include "store/schema.h"

enum rc_code hook_events_open(const char *where, struct store **ret, struct rc_error *err) {
    if (strncmp(where, "postgres://", 11) == 0 || strncmp(where, "postgresql://", 13) == 0)
        return store_open(where, ret, err);
    struct buf file;
    buf_init(&file, 8192);
    buf_str(&file, where);
    if (strcmp(where, ":memory:") != 0)
        buf_str(&file, ".events");
    buf_char(&file, '\0');
    enum rc_code rc = file.full
                          ? rc_fail(err, RC_INVALID, "the database's name is too long")
                          : store_open_with(file.ptr, schema_events, schema_events_n, ret, err);
    buf_done(&file);
    return rc;
}

/* ---- what is to be done ---- */

/* "$n" is " name name ... ". */
#define NAMES_NOBODY(n)                                                                            \
    "(source_id IS NULL OR name IS NULL OR REPLACE(CAST(" n                                        \
    " AS TEXT), ' ' || name || ' ', '') = CAST(" n " AS TEXT))"

enum rc_code hook_event_open(struct store *st, const char *names, struct arena *a,
                             struct hook_open **ret, size_t *ret_n, struct rc_error *err) {
    enum { MOST = 1000 }; /* integrations at a time; the others next time */
    static const char sql[] =
        "SELECT company_id, integration_id, SUM(CASE WHEN state = 'new' THEN 1 ELSE 0 END),"
        " SUM(CASE WHEN state = 'asked' THEN 1 ELSE 0 END),"
        " SUM(CASE WHEN state = 'again' THEN 1 ELSE 0 END),"
        " SUM(CASE WHEN state = 'asked' AND wanted_at = 0 THEN 1 ELSE 0 END),"
        " COUNT(DISTINCT CASE WHEN state = 'new' THEN source_id END),"
        " MIN(CASE WHEN state = 'new' THEN arrived_at END),"
        " MIN(CASE WHEN state = 'again' THEN wanted_at END),"
        " MIN(CASE WHEN state = 'asked' AND wanted_at > 0 THEN wanted_at END),"
        " SUM(CASE WHEN state = 'new' AND name = 'ping' THEN 1 ELSE 0 END),"
        " SUM(CASE WHEN state <> 'asked' AND " NAMES_NOBODY(
            "$1") " THEN 1 ELSE 0 END)"
                  " FROM webhook_event WHERE state IN ('new', 'asked', 'again')"
                  " GROUP BY company_id, integration_id ORDER BY MIN(arrived_at) LIMIT 1000";
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_query(st, &rows, err, sql, "s", names);
    if (rc != RC_OK)
        return rc;
    struct hook_open *list = ARENA_NEW(a, struct hook_open, MOST);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < MOST)
        list[n++] = (struct hook_open){ .company_id = db_int(rows, 0),
                                        .integration_id = db_int(rows, 1),
                                        .new_n = db_int(rows, 2),
                                        .asked_n = db_int(rows, 3),
                                        .again_n = db_int(rows, 4),
                                        .list_n = db_int(rows, 5),
                                        .people_n = db_int(rows, 6),
                                        .new_us = db_int(rows, 7),
                                        .again_us = db_int(rows, 8),
                                        .asked_us = db_int(rows, 9),
                                        .pings_n = db_int(rows, 10),
                                        .strange_n = db_int(rows, 11) };
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code hook_event_list(struct store *st, int64_t company_id, int64_t integration_id,
                             int64_t until_us, bool all, const char *names, int64_t *ret_n,
                             struct rc_error *err) {
    static const char sql[] =
        "UPDATE webhook_event SET state = 'asked', wanted_at = 0"
        " WHERE company_id = $1 AND integration_id = $2 AND state IN ('new', 'again')"
        " AND arrived_at <= $3 AND (CAST($4 AS BIGINT) = 1 OR " NAMES_NOBODY("$5") ")";
    return store_run(st, ret_n, err, sql, "iiiis", company_id, integration_id, until_us,
                     (int64_t)all, names);
}

enum rc_code hook_event_ignore(struct store *st, int64_t company_id, int64_t integration_id,
                               const char *name, int64_t *ret_n, struct rc_error *err) {
    static const char sql[] = "UPDATE webhook_event SET state = 'done' WHERE company_id = $1"
                              " AND integration_id = $2 AND state = 'new' AND name = $3";
    return store_run(st, ret_n, err, sql, "iis", company_id, integration_id, name);
}

enum rc_code hook_event_asked(struct store *st, int64_t company_id, int64_t integration_id,
                              int64_t wanted_us, struct rc_error *err) {
    static const char sql[] = "UPDATE webhook_event SET wanted_at = $1 WHERE company_id = $2"
                              " AND integration_id = $3 AND state = 'asked' AND wanted_at = 0";
    return store_run(st, NULL, err, sql, "iii", wanted_us, company_id, integration_id);
}

/* At most so many; the others next time. */
static enum rc_code waiting_list(struct store *st, struct db_statement *rows, struct arena *a,
                                 struct hook_waiting **ret, size_t *ret_n, struct rc_error *err) {
    enum { MOST = 1000 };
    bool row = false;
    size_t n = 0;
    enum rc_code rc;
    struct hook_waiting *list = ARENA_NEW(a, struct hook_waiting, MOST);
    (void)st;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < MOST)
        list[n++] = (struct hook_waiting){ .digest = store_text(a, rows, 0),
                                           .source_id = store_text(a, rows, 1),
                                           .occurred_us = db_int(rows, 2),
                                           .arrived_us = db_int(rows, 3),
                                           .tries = db_int(rows, 4),
                                           .run_id = db_int(rows, 5) };
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}
#define WAITING                                                                                    \
    "SELECT digest, source_id, occurred_at, arrived_at, tries, run_id FROM webhook_event"

enum rc_code hook_event_due(struct store *st, int64_t company_id, int64_t integration_id,
                            int64_t now_us, struct arena *a, struct hook_waiting **ret,
                            size_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        WAITING " WHERE company_id = $1 AND integration_id = $2 AND source_id IS NOT NULL"
                " AND (state = 'new' OR (state = 'again' AND wanted_at <= $3))"
                " ORDER BY arrived_at, digest LIMIT 1000";
    struct db_statement *rows;
    enum rc_code rc = store_query(st, &rows, err, sql, "iii", company_id, integration_id, now_us);
    return rc != RC_OK ? rc : waiting_list(st, rows, a, ret, ret_n, err);
}

enum rc_code hook_event_waiting(struct store *st, int64_t company_id, int64_t integration_id,
                                int64_t wanted_us, struct arena *a, struct hook_waiting **ret,
                                size_t *ret_n, struct rc_error *err) {
    static const char sql[] = WAITING
        " WHERE company_id = $1 AND integration_id = $2 AND state = 'asked' AND wanted_at > 0"
        " AND wanted_at <= $3 LIMIT 1000";
    struct db_statement *rows;
    enum rc_code rc =
        store_query(st, &rows, err, sql, "iii", company_id, integration_id, wanted_us);
    return rc != RC_OK ? rc : waiting_list(st, rows, a, ret, ret_n, err);
}

enum rc_code hook_event_settle(struct store *st, int64_t company_id, int64_t integration_id,
                               const struct hook_waiting *w, enum hook_end end, int64_t wanted_us,
                               int64_t run_id, struct rc_error *err) {
    static const char *const states[] = { "done", "again", "asked" };
    static const char sql[] =
        "UPDATE webhook_event SET state = $1, wanted_at = $2, run_id = NULLIF(CAST($3 AS BIGINT), 0),"
        " tries = $4 WHERE company_id = $5 AND integration_id = $6 AND digest = $7"
        " AND state <> 'done' AND arrived_at = $8";
    return store_run(st, NULL, err, sql, "siiiiiti", states[end], wanted_us, run_id, w->tries + 1,
                     company_id, integration_id, w->digest, w->arrived_us);
}

/* With what has arrived and is no row yet. */
static enum rc_code forget(struct store *st, const char *sql, int64_t company_id,
                           int64_t integration_id, struct text source_id, int64_t *ret_n,
                           struct rc_error *err) {
    enum rc_code rc = db_begin(st->db, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = hook_event_fold(st, NULL, NULL, err)) == RC_OK)
        rc = store_run(st, ret_n, err, sql, source_id.state == TEXT_SET ? "iit" : "ii", company_id,
                       integration_id, source_id);
    if (rc == RC_OK)
        return db_commit(st->db, err);
    db_rollback(st->db);
    return rc;
}

enum rc_code hook_event_forget(struct store *st, int64_t company_id, int64_t integration_id,
                               struct rc_error *err) {
    static const char sql[] =
        "DELETE FROM webhook_event WHERE company_id = $1 AND integration_id = $2";
    return forget(st, sql, company_id, integration_id, TEXT_NONE, NULL, err);
}

enum rc_code hook_event_write(struct store *st, int64_t company_id, int64_t integration_id,
                              struct text source_id, struct json_writer *w, struct rc_error *err) {
    static const char sql[] =
        "SELECT name, occurred_at, arrived_at, times, state FROM webhook_event WHERE company_id = $1"
        " AND integration_id = $2 AND source_id = $3 ORDER BY arrived_at, digest";
    struct db_statement *rows;
    bool row = false;
    enum rc_code rc = hook_event_fold(st, NULL, NULL, err);
    if (rc == RC_OK)
        rc = store_query(st, &rows, err, sql, "iit", company_id, integration_id, source_id);
    if (rc != RC_OK)
        return rc;
    json_array(w, "webhooks");
    while ((rc = db_step(rows, &row, err)) == RC_OK && row) {
        json_object(w, NULL);
        json_put_text(w, "name", db_is_null(rows, 0) ? TEXT_NONE : db_text(rows, 0));
        json_put_int(w, "occurred_at", db_int(rows, 1));
        json_put_int(w, "arrived_at", db_int(rows, 2));
        json_put_int(w, "times", db_int(rows, 3));
        json_put_text(w, "state", db_text(rows, 4));
        json_object_end(w);
    }
    json_array_end(w);
    db_reset(rows);
    return rc;
}

enum rc_code hook_event_forget_person(struct store *st, int64_t company_id, int64_t integration_id,
                                      struct text source_id, int64_t *ret_n, struct rc_error *err) {
    static const char sql[] = "DELETE FROM webhook_event WHERE company_id = $1"
                              " AND integration_id = $2 AND source_id = $3";
    return forget(st, sql, company_id, integration_id, source_id, ret_n, err);
}

enum rc_code hook_event_has(struct store *st, int64_t company_id, int64_t integration_id,
                            struct text name, struct text source_id, int64_t occurred_us, bool *ret,
                            struct rc_error *err) {
    static const char sql[] =
        "SELECT COUNT(*) FROM webhook_event WHERE company_id = $1 AND integration_id = $2"
        " AND occurred_at = $3 AND COALESCE(name, '') = COALESCE(CAST($4 AS TEXT), '')"
        " AND COALESCE(source_id, '') = COALESCE(CAST($5 AS TEXT), '')";
    int64_t n = 0;
    enum rc_code rc = store_number(st, &n, err, sql, "iiitt", company_id, integration_id,
                                   occurred_us, name, source_id);
    *ret = n > 0;
    return rc;
}

enum rc_code hook_event_expire(struct store *st, int64_t before_us, struct rc_error *err) {
    static const char sql[] = "DELETE FROM webhook_event WHERE state = 'done' AND last_at < $1";
    return store_run(st, NULL, err, sql, "i", before_us);
}

/* ---- looking ---- */

enum rc_code hook_event_backlog(struct store *st, struct hook_backlog *ret, struct rc_error *err) {
    static const char sql[] = "SELECT COUNT(*), MIN(arrived_at) FROM webhook_event"
                              " WHERE state IN ('new', 'asked', 'again')";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "");
    if (rc != RC_OK)
        return rc;
    *ret = (struct hook_backlog){ 0 };
    if (found) {
        *ret = (struct hook_backlog){ db_int(row, 0), db_int(row, 1) };
        db_reset(row);
    }
    return RC_OK;
}

#define CAME "digest NOT LIKE '" HOOK_EVENT_MISSED "%'"

enum rc_code hook_event_tally(struct store *st, int64_t company_id, int64_t integration_id,
                              struct arena *a, struct hook_tally *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT CAST(COALESCE(SUM(CASE WHEN " CAME " THEN times ELSE 0 END), 0) AS BIGINT),"
        " MIN(CASE WHEN " CAME " THEN arrived_at END), MAX(CASE WHEN " CAME " THEN last_at END),"
        " COALESCE(SUM(CASE WHEN state <> 'done' THEN 1 ELSE 0 END), 0)"
        " FROM webhook_event WHERE company_id = $1 AND integration_id = $2";
    static const char last[] =
        "SELECT name FROM webhook_event WHERE company_id = $1"
        " AND integration_id = $2 AND " CAME " ORDER BY last_at DESC LIMIT 1";
    struct db_statement *row;
    struct hook_tally t = { 0 };
    bool found = false;
    enum rc_code rc = hook_event_fold(st, NULL, NULL, err);
    if (rc == RC_OK)
        rc = store_row(st, &row, &found, err, sql, "ii", company_id, integration_id);
    if (rc != RC_OK)
        return rc;
    if (found)
        t = (struct hook_tally){ .deliveries = db_int(row, 0),
                                 .first_us = db_int(row, 1),
                                 .last_us = db_int(row, 2),
                                 .open_n = db_int(row, 3) };
    db_reset(row);
    if ((rc = store_row(st, &row, &found, err, last, "ii", company_id, integration_id)) != RC_OK)
        return rc;
    if (found) {
        t.last_name = store_text(a, row, 0);
        db_reset(row);
    }
    *ret = t;
    return RC_OK;
}

#undef CAME

enum rc_code hook_person_is_newer(struct store *st, int64_t company_id, int64_t integration_id,
                                  struct text source_id, int64_t since_us, bool *ret,
                                  struct rc_error *err) {
    static const char sql[] =
        "SELECT COUNT(*) FROM \"user\" AS u JOIN run AS r ON r.company_id = u.company_id"
        " AND r.run_id = u.run_id WHERE u.company_id = $1 AND u.integration_id = $2"
        " AND u.source_id = $3 AND r.started_at >= $4";
    int64_t n = 0;
    enum rc_code rc =
        store_number(st, &n, err, sql, "iiti", company_id, integration_id, source_id, since_us);
    *ret = n > 0;
    return rc;
}

enum rc_code hook_last_listing(struct store *st, int64_t company_id, int64_t integration_id,
                               int64_t *ret_run_id, int64_t *ret_started_us, struct rc_error *err) {
    static const char sql[] =
        "SELECT run_id, started_at FROM run WHERE company_id = $1 AND subject_id = $2"
        " AND kind = 'full' AND preview = 0 ORDER BY started_at DESC LIMIT 1";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "ii", company_id, integration_id);
    if (rc != RC_OK)
        return rc;
    *ret_run_id = found ? db_int(row, 0) : 0;
    *ret_started_us = found ? db_int(row, 1) : 0;
    if (found)
        db_reset(row);
    return RC_OK;
}
