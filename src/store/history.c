#include "store/history.h"

#include <string.h>

enum { AT_ONCE = 5000 }; /* PostgreSQL gives a whole result at once */

#define CHANGE                                                                                     \
    "c.user_id, v.source_id, v.person, v.email, v.team, b.team, c.field, c.old_value,"             \
    " c.new_value, c.rule, c.class FROM change AS c"                                               \
    " JOIN version AS v ON v.company_id = c.company_id AND v.run_id = c.run_id"                    \
    "  AND v.user_id = c.user_id"                                                                  \
    " LEFT JOIN version AS b ON b.company_id = v.company_id AND b.run_id = v.base_run_id"          \
    "  AND b.user_id = v.user_id"                                                                  \
    " WHERE c.company_id = $1 AND c.run_id = $2"

struct list { /* grows in the arena */
    struct arena *a;
    void *items;
    size_t each, n, cap;
};

static void *list_add(struct list *l) {
    if (l->n == l->cap) {
        size_t cap = l->cap != 0 ? l->cap * 2 : 64;
        void *more = arena_array(l->a, l->each, cap);
        if (l->n > 0)
            memcpy(more, l->items, l->n * l->each);
        l->items = more;
        l->cap = cap;
    }
    return (char *)l->items + l->each * l->n++;
}

static void change_read(const struct db_statement *row, struct json_reader *reader, struct arena *a,
                        struct history_change *ret) {
    *ret = (struct history_change){ .user_id = db_int(row, 0),
                                    .source_id = store_text(a, row, 1),
                                    .name = version_name_of(reader, a, db_text(row, 2)),
                                    .email = store_text(a, row, 3),
                                    .team = store_text(a, row, 4),
                                    .team_before = store_text(a, row, 5),
                                    .field = store_text(a, row, 6),
                                    .old = store_text(a, row, 7),
                                    .new = store_text(a, row, 8),
                                    .rule = store_text(a, row, 9),
                                    .class = change_class_parse(db_text(row, 10)) };
}

enum rc_code history_changes(struct store *st, int64_t company_id, int64_t run_id, size_t most,
                             struct arena *a, struct history_change **ret, size_t *ret_n,
                             struct rc_error *err) {
    static const char sql[] =
        "SELECT " CHANGE " AND (c.user_id > $3 OR (c.user_id = $3 AND c.field > $4))"
        " ORDER BY c.user_id, c.field LIMIT $5";
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    struct list l = { .a = a, .each = sizeof(struct history_change) };
    struct history_change last = { .field = TEXT_LIT("") };
    enum rc_code rc = RC_OK;
    size_t page = AT_ONCE;
    while (page == AT_ONCE && l.n < most) {
        struct db_statement *rows;
        bool row = false;
        /* a field is never empty: "" is before all of them */
        const char *after = arena_str(a, last.field.ptr, last.field.len);
        if ((rc = store_query(st, &rows, err, sql, "iiisi", company_id, run_id, last.user_id, after,
                              (int64_t)AT_ONCE)) != RC_OK)
            return rc;
        for (page = 0; (rc = db_step(rows, &row, err)) == RC_OK && row; page++) {
            if (l.n == most)
                break;
            struct history_change *c = list_add(&l);
            change_read(rows, reader, a, c);
            last = *c;
        }
        db_reset(rows);
        if (rc != RC_OK)
            return rc;
    }
    *ret = l.items;
    *ret_n = l.n;
    return RC_OK;
}

enum rc_code history_changes_of(struct store *st, int64_t company_id, int64_t run_id,
                                int64_t user_id, struct arena *a, struct history_change **ret,
                                size_t *ret_n, struct rc_error *err) {
    static const char sql[] = "SELECT " CHANGE " AND c.user_id = $3 ORDER BY c.field";
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    struct list l = { .a = a, .each = sizeof(struct history_change) };
    struct db_statement *rows;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, sql, "iii", company_id, run_id, user_id);
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row)
        change_read(rows, reader, a, list_add(&l));
    db_reset(rows);
    *ret = l.items;
    *ret_n = l.n;
    return rc;
}

/* ---- two stages ---- */

static enum rc_code add_differences(struct store *st, const char *sql, enum history_side side,
                                    int64_t company_id, int64_t first, int64_t second, size_t most,
                                    struct json_reader *reader, struct list *l,
                                    struct rc_error *err) {
    struct db_statement *rows;
    bool row = false;
    enum rc_code rc =
        store_query(st, &rows, err, sql, "iiii", company_id, first, second, (int64_t)(most - l->n));
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row) {
        struct history_difference *d = list_add(l);
        *d = (struct history_difference){ side, store_text(l->a, rows, 0),
                                          version_name_of(reader, l->a, db_text(rows, 1)) };
    }
    db_reset(rows);
    return rc;
}

enum rc_code history_differences(struct store *st, int64_t company_id, int64_t first_run,
                                 int64_t second_run, size_t most, struct arena *a,
                                 struct history_difference **ret, size_t *ret_n,
                                 struct rc_error *err) {
    static const char only[] =
        "SELECT a.source_id, a.person FROM version AS a WHERE a.company_id = $1 AND a.run_id = $2"
        " AND NOT EXISTS (SELECT 1 FROM version AS b WHERE b.company_id = a.company_id"
        "  AND b.run_id = $3 AND b.source_id = a.source_id) ORDER BY a.source_id LIMIT $4";
    static const char otherwise[] =
        "SELECT b.source_id, b.person FROM version AS a JOIN version AS b"
        " ON b.company_id = a.company_id AND b.run_id = $3 AND b.source_id = a.source_id"
        " WHERE a.company_id = $1 AND a.run_id = $2"
        " AND (a.person <> b.person OR a.presence <> b.presence) ORDER BY b.source_id LIMIT $4";
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    struct list l = { .a = a, .each = sizeof(struct history_difference) };
    enum rc_code rc = add_differences(st, only, HISTORY_ONLY_FIRST, company_id, first_run,
                                      second_run, most, reader, &l, err);
    if (rc == RC_OK)
        rc = add_differences(st, only, HISTORY_ONLY_SECOND, company_id, second_run, first_run, most,
                             reader, &l, err);
    if (rc == RC_OK)
        rc = add_differences(st, otherwise, HISTORY_OTHERWISE, company_id, first_run, second_run,
                             most, reader, &l, err);
    *ret = l.items;
    *ret_n = l.n;
    return rc;
}

/* ---- teams ---- */

enum rc_code history_teams(struct store *st, int64_t company_id, int64_t integration_id,
                           int64_t run_id, struct arena *a, struct version_team **ret,
                           size_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        "SELECT key, kind, hr_id, name, team_id FROM team_version"
        " WHERE company_id = $1 AND run_id = $2"
        " UNION ALL SELECT key, kind, hr_id, name, team_id FROM team AS t"
        " WHERE t.company_id = $1 AND t.integration_id = $3 AND NOT EXISTS"
        "  (SELECT 1 FROM team_version AS v WHERE v.company_id = t.company_id AND v.run_id = $2"
        "   AND v.key = t.key) ORDER BY 1";
    struct list l = { .a = a, .each = sizeof(struct version_team) };
    struct db_statement *rows;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, sql, "iii", company_id, run_id, integration_id);
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row) {
        struct version_team *t = list_add(&l);
        *t = (struct version_team){ store_text(a, rows, 0), store_text(a, rows, 1),
                                    store_text(a, rows, 2), store_text(a, rows, 3),
                                    db_int(rows, 4) };
    }
    db_reset(rows);
    *ret = l.items;
    *ret_n = l.n;
    return rc;
}

/* ---- one person ---- */

enum rc_code history_version(struct store *st, int64_t company_id, int64_t run_id, int64_t user_id,
                             struct arena *a, struct history_version *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT base_run_id, read_at, presence, employee, person, problems, left_out FROM version"
        " WHERE company_id = $1 AND run_id = $2 AND user_id = $3";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "iii", company_id, run_id, user_id);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return rc_fail(err, RC_NOT_FOUND, "run %lld has no version of user %lld", (long long)run_id,
                       (long long)user_id);
    *ret = (struct history_version){ .run_id = run_id,
                                     .base_run_id = db_is_null(row, 0) ? 0 : db_int(row, 0),
                                     .read_us = db_int(row, 1),
                                     .presence = presence_parse(db_text(row, 2)),
                                     .employee = store_text(a, row, 3),
                                     .user = store_text(a, row, 4),
                                     .problems = (uint64_t)db_int(row, 5),
                                     .left_out = db_int(row, 6) != 0 };
    db_reset(row);
    return RC_OK;
}

enum rc_code history_began(struct store *st, int64_t company_id, int64_t run_id, int64_t now_us,
                           int64_t *ret_us, int64_t *ret_before_us, int64_t *ret_after_us,
                           struct rc_error *err) {
    static const char own[] =
        "SELECT COALESCE(MAX(started_at), 0) FROM run WHERE company_id = $1 AND run_id = $2";
    static const char before[] = "SELECT COALESCE(MAX(started_at), 0) FROM run"
                                 " WHERE company_id = $1 AND run_id < $2 AND started_at <= $3";
    static const char after[] =
        "SELECT COALESCE(MIN(started_at), 0) FROM run"
        " WHERE company_id = $1 AND run_id > $2 AND started_at <= $3 AND started_at >= $4";
    enum rc_code rc = store_number(st, ret_us, err, own, "ii", company_id, run_id);
    if (rc == RC_OK)
        rc = store_number(st, ret_before_us, err, before, "iii", company_id, run_id, now_us);
    return rc != RC_OK ? rc
                       : store_number(st, ret_after_us, err, after, "iiii", company_id, run_id,
                                      now_us, *ret_before_us);
}

enum rc_code history_runs_of(struct store *st, int64_t company_id, int64_t user_id, size_t most,
                             struct arena *a, int64_t **ret, size_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        "SELECT DISTINCT run_id FROM change WHERE company_id = $1 AND user_id = $2"
        " AND field <> '*' ORDER BY run_id DESC LIMIT $3";
    struct list l = { .a = a, .each = sizeof(int64_t) };
    struct db_statement *rows;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, sql, "iii", company_id, user_id, (int64_t)most);
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row) {
        int64_t *id = list_add(&l);
        *id = db_int(rows, 0);
    }
    db_reset(rows);
    *ret = l.items;
    *ret_n = l.n;
    return rc;
}

enum rc_code history_waiting(struct store *st, int64_t company_id, int64_t user_id,
                             struct text source_id, struct arena *a, struct history_wait **ret,
                             size_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        "SELECT r.run_id, v.user_id, r.integration_id, r.started_at, r.state, v.source_id, v.person"
        " FROM run AS r JOIN version AS v ON v.company_id = r.company_id AND v.run_id = r.run_id"
        " WHERE r.company_id = $1 AND r.state IN ('held', 'previewed')"
        " AND (v.user_id = $2 OR ($2 = 0 AND v.source_id = $3)) ORDER BY r.run_id DESC";
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    struct list l = { .a = a, .each = sizeof(struct history_wait) };
    struct db_statement *rows;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, sql, "iit", company_id, user_id, source_id);
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row) {
        struct history_wait *w = list_add(&l);
        *w = (struct history_wait){ .run_id = db_int(rows, 0),
                                    .user_id = db_int(rows, 1),
                                    .integration_id = db_int(rows, 2),
                                    .started_us = db_int(rows, 3),
                                    .is_held = text_is(db_text(rows, 4), "held"),
                                    .source_id = store_text(a, rows, 5),
                                    .name = version_name_of(reader, a, db_text(rows, 6)) };
    }
    db_reset(rows);
    *ret = l.items;
    *ret_n = l.n;
    return rc;
}
