/* Effects in numbers. */
#include <stdlib.h>
#include <string.h>
#include "store/effect_p.h"

/* A run's effects are read so many at a time, as PostgreSQL gives all rows of an answer at once. They are
 * put in groups here: SQLite would sort them for it, which takes half as long again. */
enum { SLICE = 10000, GROUPS_MOST = 64 };

static enum effect_state state_of(struct text name) {
    for (int s = EFFECT_PLANNED; s < EFFECT_STATES_N; s++)
        if (text_is(name, effect_state_name((enum effect_state)s)))
            return (enum effect_state)s;
    return (enum effect_state)0;
}

/* sql: those with $3 < effect_id <= $4; $1 the company, $2 the run. */
static enum rc_code sum_up(struct store *st, const char *sql, int64_t company_id, int64_t run_id,
                           void (*take)(const struct db_statement *row, void *sums), void *sums,
                           struct rc_error *err) {
    struct db_statement *rows;
    bool row = false;
    int64_t last = 0;
    enum rc_code rc = store_number(
        st, &last, err, "SELECT MAX(effect_id) FROM effect WHERE company_id = $1 AND run_id = $2",
        "ii", company_id, run_id);
    for (int64_t after = 0; rc == RC_OK && after < last; after += SLICE) {
        rc = store_query(st, &rows, err, sql, "iiii", company_id, run_id, after, after + SLICE);
        if (rc != RC_OK)
            return rc;
        while ((rc = db_step(rows, &row, err)) == RC_OK && row)
            take(rows, sums);
        db_reset(rows);
    }
    return rc;
}

/* ---- by state, and by class of the guard ---- */

/* "joins *invitations": what has a star was approved before. */
static void count_classes(struct text names, int64_t ret[CHANGE_CLASSES_N]) {
    size_t at = 0;
    while (at < names.len) {
        const char *end = memchr(names.ptr + at, ' ', names.len - at);
        size_t len = end != NULL ? (size_t)(end - names.ptr) - at : names.len - at;
        enum change_class c = change_class_parse(text_from(names.ptr + at, len));
        if (c < CHANGE_CLASSES_N)
            ret[c]++;
        at += len + 1;
    }
}

static void take_state(const struct db_statement *row, void *sums) {
    struct effect_tally *t = sums;
    enum effect_state s = state_of(db_text(row, 0));
    t->of[s]++;
    if (s == EFFECT_DONE || s == EFFECT_UNSURE || s == EFFECT_UNDONE)
        count_classes(db_text(row, 1), t->classes);
}

enum rc_code effect_count(struct store *st, int64_t company_id, int64_t run_id,
                          struct effect_tally *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT " EFFECT_STATE " AS state, e.classes FROM effect AS e JOIN run AS r"
        " ON r.company_id = e.company_id AND r.run_id = e.run_id WHERE e.company_id = $1"
        " AND e.run_id = $2 AND e.effect_id > $3 AND e.effect_id <= $4";
    struct effect_tally t = { { 0 }, { 0 } };
    enum rc_code rc = sum_up(st, sql, company_id, run_id, take_state, &t, err);
    if (rc == RC_OK)
        *ret = t;
    return rc;
}

/* ---- by verb ---- */

struct groups {
    struct arena *a;
    struct effect_group *list; /* GROUPS_MOST */
    size_t n;
};

static struct effect_group *group_of(struct groups *g, struct text verb, bool of_teams) {
    for (size_t i = 0; i < g->n; i++)
        if (g->list[i].of_teams == of_teams && text_equal(g->list[i].verb, verb))
            return &g->list[i];
    if (g->n == GROUPS_MOST) /* more than there are verbs */
        return NULL;
    g->list[g->n] = (struct effect_group){ .verb = text_copy(g->a, verb), .of_teams = of_teams };
    return &g->list[g->n++];
}

static void take_group(const struct db_statement *row, void *sums) {
    struct effect_group *in = group_of(sums, db_text(row, 0), db_int(row, 1) != 0);
    enum effect_state s = state_of(db_text(row, 2));
    if (in == NULL)
        return;
    in->ahead += s == EFFECT_PLANNED || s == EFFECT_SENT;
    if (db_int(row, 3) != 0) {
        in->second[s]++;
        return;
    }
    in->of[s]++;
    in->all++;
}

bool effect_is_second(const struct effect *e, const struct effect *before) {
    return e->pass == EFFECT_REFERENCES && before->user_id == e->user_id &&
           before->effect_id == e->effect_id - 1;
}

static int by_verb(const void *a, const void *b) {
    const struct effect_group *g = a, *h = b;
    return g->of_teams != h->of_teams ? g->of_teams - h->of_teams : text_compare(g->verb, h->verb);
}

_Static_assert(EFFECT_REFERENCES == 3, "as it stands below");
enum rc_code effect_groups(struct store *st, int64_t company_id, int64_t run_id, struct arena *a,
                           struct effect_group **ret, size_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        "SELECT e.verb, CASE WHEN e.team_id IS NULL THEN 0 ELSE 1 END AS teams, " EFFECT_STATE
        " AS state, CASE WHEN e.pass = 3 AND EXISTS (SELECT 1 FROM effect AS f"
        " WHERE f.company_id = e.company_id AND f.run_id = e.run_id"
        " AND f.effect_id = e.effect_id - 1 AND f.user_id = e.user_id) THEN 1 ELSE 0 END AS second"
        " FROM effect AS e JOIN run AS r ON r.company_id = e.company_id"
        " AND r.run_id = e.run_id WHERE e.company_id = $1 AND e.run_id = $2 AND e.effect_id > $3"
        " AND e.effect_id <= $4";
    struct groups g = { .a = a, .list = ARENA_NEW(a, struct effect_group, GROUPS_MOST) };
    enum rc_code rc = sum_up(st, sql, company_id, run_id, take_group, &g, err);
    if (rc != RC_OK)
        return rc;
    qsort(g.list, g.n, sizeof *g.list, by_verb);
    *ret = g.list;
    *ret_n = g.n;
    return rc;
}
