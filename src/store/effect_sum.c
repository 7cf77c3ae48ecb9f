/* Effects in numbers. */
#include <stdio.h>
#include <string.h>
#include "store/effect_p.h"

enum { GROUPS_MOST = 64 };

/* "joins *invitations": what has a star was approved before. */
static void count_classes(struct text names, int64_t n, int64_t ret[CHANGE_CLASSES_N]) {
    size_t at = 0;
    while (at < names.len) {
        const char *end = memchr(names.ptr + at, ' ', names.len - at);
        size_t len = end != NULL ? (size_t)(end - names.ptr) - at : names.len - at;
        enum change_class c = change_class_parse(text_from(names.ptr + at, len));
        if (c < CHANGE_CLASSES_N)
            ret[c] += n;
        at += len + 1;
    }
}

enum rc_code effect_classes(struct store *st, int64_t company_id, int64_t run_id,
                            int64_t ret[CHANGE_CLASSES_N], struct rc_error *err) {
    static const char sql[] =
        "SELECT classes, COUNT(*) FROM effect WHERE company_id = $1 AND run_id = $2"
        " AND state IN ('done', 'unsure', 'undone') GROUP BY classes";
    struct db_statement *rows;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, sql, "ii", company_id, run_id);
    memset(ret, 0, CHANGE_CLASSES_N * sizeof *ret);
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row)
        count_classes(db_text(rows, 0), db_int(rows, 1), ret);
    db_reset(rows);
    return rc;
}

static enum effect_state state_of(struct text name) {
    for (int s = EFFECT_PLANNED; s < EFFECT_STATES_N; s++)
        if (text_is(name, effect_state_name((enum effect_state)s)))
            return (enum effect_state)s;
    return (enum effect_state)0;
}

enum rc_code effect_groups(struct store *st, int64_t company_id, int64_t run_id, struct arena *a,
                           struct effect_group **ret, size_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        "SELECT e.verb, CASE WHEN e.team_id IS NULL THEN 0 ELSE 1 END AS teams, " EFFECT_STATE
        " AS state, COUNT(*) FROM effect AS e JOIN run AS r ON r.company_id = e.company_id"
        " AND r.run_id = e.run_id WHERE e.company_id = $1 AND e.run_id = $2 AND e.pass <> 3"
        " GROUP BY 1, 2, 3 ORDER BY 2, 1, 3";
    struct effect_group *list = ARENA_NEW(a, struct effect_group, GROUPS_MOST);
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_query(st, &rows, err, sql, "ii", company_id, run_id);
    _Static_assert(EFFECT_REFERENCES == 3, "the query names it");
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row) {
        bool teams = db_int(rows, 1) != 0;
        struct text verb = db_text(rows, 0);
        if ((n == 0 || list[n - 1].of_teams != teams || !text_equal(list[n - 1].verb, verb)) &&
            n < GROUPS_MOST)
            list[n++] = (struct effect_group){ .verb = store_text(a, rows, 0), .of_teams = teams };
        list[n - 1].of[state_of(db_text(rows, 2))] += db_int(rows, 3);
        list[n - 1].all += db_int(rows, 3);
    }
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code effect_ahead(struct store *st, int64_t company_id, int64_t run_id,
                          struct effect_ahead ret[EFFECT_VERBS_MOST], size_t *ret_n,
                          struct rc_error *err) {
    static const char sql[] =
        "SELECT verb, CASE WHEN team_id IS NULL THEN 0 ELSE 1 END AS teams, COUNT(*) FROM effect"
        " WHERE company_id = $1 AND run_id = $2 AND state = 'planned' GROUP BY 1, 2 ORDER BY 1, 2";
    struct db_statement *rows;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, sql, "ii", company_id, run_id);
    *ret_n = 0;
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && *ret_n < EFFECT_VERBS_MOST) {
        struct effect_ahead *a = &ret[(*ret_n)++];
        struct text verb = db_text(rows, 0);
        snprintf(a->verb, sizeof a->verb, "%.*s", TEXT_ARG(verb));
        a->of_team = db_int(rows, 1) != 0;
        a->n = db_int(rows, 2);
    }
    db_reset(rows);
    return rc;
}
