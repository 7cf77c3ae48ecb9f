#include "store/errand.h"

#include "store/company.h"

static const char *const kinds[ERRAND_KINDS_N] = {
    "preview-sync",      "preview-delivery",  "undo", "close-accounts",
    "check-integration", "check-destination", "mail", "activate-mapping"
};
static const char *const states[ERRAND_STATES_N] = { "waiting", "done", "failed" };

const char *errand_kind_name(enum errand_kind k) {
    return kinds[k];
}

const char *errand_state_name(enum errand_state s) {
    return states[s];
}

enum rc_code errand_add(struct store *st, struct errand *e, struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO errand (company_id, errand_id, kind, state, subject_id, about, wants, who,"
        " made_us, runs) VALUES ($1, $2, $3, 'waiting', $4, $5, $6, $7, $8, '[]')";
    enum rc_code rc = company_take_ids(st, e->company_id, 1, &e->errand_id, err);
    if (rc != RC_OK)
        return rc;
    e->state = ERRAND_WAITING;
    e->runs = TEXT_LIT("[]");
    return store_run(st, NULL, err, sql, "iisittti", e->company_id, e->errand_id, kinds[e->kind],
                     e->subject_id, e->about, e->wants, e->who, e->made_us);
}

/* ---- reading ---- */

#define COLUMNS                                                                                    \
    "errand_id, kind, state, subject_id, about, wants, who, made_us, ended_us, runs, result,"      \
    " error_name, error_text FROM errand WHERE company_id = $1"

static int word_of(const char *const *names, int n, struct text t) {
    int i = 0;
    while (i < n && !text_is(t, names[i]))
        i++;
    return i;
}

static enum rc_code row_read(const struct db_statement *row, int64_t company_id, struct arena *a,
                             struct errand *ret, struct rc_error *err) {
    int kind = word_of(kinds, ERRAND_KINDS_N, db_text(row, 1)),
        state = word_of(states, ERRAND_STATES_N, db_text(row, 2));
    if (kind == ERRAND_KINDS_N || state == ERRAND_STATES_N)
        return rc_fail(err, RC_FATAL, "errand: this program knows no errand \"%.*s\", \"%.*s\"",
                       TEXT_ARG(db_text(row, 1)), TEXT_ARG(db_text(row, 2)));
    *ret = (struct errand){ .company_id = company_id,
                            .errand_id = db_int(row, 0),
                            .kind = (enum errand_kind)kind,
                            .state = (enum errand_state)state,
                            .subject_id = db_int(row, 3),
                            .about = store_text(a, row, 4),
                            .wants = store_text(a, row, 5),
                            .who = store_text(a, row, 6),
                            .made_us = db_int(row, 7),
                            .ended_us = db_int(row, 8),
                            .runs = store_text(a, row, 9),
                            .result = store_text(a, row, 10),
                            .error_name = store_text(a, row, 11),
                            .error_text = store_text(a, row, 12) };
    return RC_OK;
}

enum rc_code errand_get(struct store *st, int64_t company_id, int64_t errand_id, struct arena *a,
                        struct errand *ret, struct rc_error *err) {
    static const char sql[] = "SELECT " COLUMNS " AND errand_id = $2";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "ii", company_id, errand_id);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return rc_fail_as(err, RC_NOT_FOUND, "errand.unknown", "the company has no errand %lld",
                          (long long)errand_id);
    rc = row_read(row, company_id, a, ret, err);
    db_reset(row);
    return rc;
}

enum rc_code errand_same(struct store *st, const struct errand *e, struct arena *a,
                         struct errand *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT " COLUMNS " AND state = 'waiting' AND kind = $2 AND subject_id = $3"
        " AND COALESCE(wants, '') = $4 ORDER BY errand_id LIMIT 1";
    struct text wants = e->wants.state == TEXT_SET ? e->wants : TEXT_LIT("");
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "isit", e->company_id, kinds[e->kind],
                                e->subject_id, wants);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return rc_fail_as(err, RC_NOT_FOUND, "errand.unknown", "nothing of the kind waits");
    rc = row_read(row, e->company_id, a, ret, err);
    db_reset(row);
    return rc;
}

enum rc_code errand_waiting(struct store *st, int64_t company_id, int64_t *ret,
                            struct rc_error *err) {
    static const char sql[] =
        "SELECT COUNT(*) FROM errand WHERE company_id = $1 AND state = 'waiting'";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "i", company_id);
    if (rc != RC_OK)
        return rc;
    *ret = found ? db_int(row, 0) : 0;
    db_reset(row);
    return RC_OK;
}

enum rc_code errand_list(struct store *st, int64_t company_id, int64_t before_id, size_t most,
                         struct arena *a, struct errand **ret, size_t *ret_n,
                         struct rc_error *err) {
    static const char sql[] =
        "SELECT " COLUMNS " AND ($2 = 0 OR errand_id < $2) ORDER BY errand_id DESC LIMIT $3";
    struct errand *list = ARENA_NEW(a, struct errand, most + 1);
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_query(st, &rows, err, sql, "iii", company_id, before_id, (int64_t)most);
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row &&
           (rc = row_read(rows, company_id, a, &list[n], err)) == RC_OK)
        n++;
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

/* ---- ending ---- */

enum rc_code errand_end(struct store *st, const struct errand *e, struct rc_error *err) {
    static const char sql[] =
        "UPDATE errand SET state = $1, ended_us = $2, runs = $3, result = $4, error_name = $5,"
        " error_text = $6, wants = NULL WHERE company_id = $7 AND errand_id = $8"
        " AND state = 'waiting'";
    return store_run(st, NULL, err, sql, "sittttii", states[e->state], e->ended_us, e->runs,
                     e->result, e->error_name, e->error_text, e->company_id, e->errand_id);
}

enum rc_code errand_fail_all(struct store *st, int64_t company_id, int64_t now_us, const char *name,
                             const char *text, struct rc_error *err) {
    static const char sql[] = "UPDATE errand SET state = 'failed', ended_us = $2, error_name = $3,"
                              " error_text = $4, wants = NULL WHERE company_id = $1"
                              " AND state = 'waiting'";
    return store_run(st, NULL, err, sql, "iiss", company_id, now_us, name, text);
}

enum rc_code errand_forget(struct store *st, int64_t company_id, int64_t before_us,
                           struct rc_error *err) {
    static const char jobs[] =
        "DELETE FROM job WHERE kind = 'errand' AND company_id = $1 AND owner IS NULL"
        " AND subject_id IN (SELECT errand_id FROM errand WHERE company_id = $1"
        " AND ended_us < $2)";
    static const char errands[] = "DELETE FROM errand WHERE company_id = $1 AND ended_us < $2";
    enum rc_code rc = store_run(st, NULL, err, jobs, "ii", company_id, before_us);
    return rc != RC_OK ? rc : store_run(st, NULL, err, errands, "ii", company_id, before_us);
}
