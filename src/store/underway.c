#include "store/underway.h"

static enum rc_code put_one(struct store *st, const struct underway *u, struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO underway (company_id, subject_id, at_us, phase, line, done, of_n, failed, left_s,"
        " per_second, wait_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        " ON CONFLICT (company_id, subject_id) DO UPDATE SET at_us = excluded.at_us,"
        " phase = excluded.phase, line = excluded.line, done = excluded.done, of_n = excluded.of_n,"
        " failed = excluded.failed, left_s = excluded.left_s, per_second = excluded.per_second,"
        " wait_us = excluded.wait_us";
    return store_run(st, NULL, err, sql, "iiittiiiiii", u->company_id, u->subject_id, u->at_us,
                     u->phase, u->line, u->done, u->of, u->failed, u->left_s, u->per_second,
                     u->wait_us);
}

enum rc_code underway_put(struct store *st, const struct underway *list, size_t n,
                          struct rc_error *err) {
    enum rc_code rc = db_begin(st->db, err);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = put_one(st, &list[i], err);
    if (rc == RC_OK)
        return db_commit(st->db, err);
    db_rollback(st->db);
    return rc;
}

enum rc_code underway_drop(struct store *st, int64_t company_id, int64_t subject_id,
                           struct rc_error *err) {
    static const char sql[] = "DELETE FROM underway WHERE company_id = $1 AND subject_id = $2";
    return store_run(st, NULL, err, sql, "ii", company_id, subject_id);
}

enum rc_code underway_list(struct store *st, int64_t company_id, int64_t now_us, size_t most,
                           struct arena *a, struct underway **ret, size_t *ret_n,
                           struct rc_error *err) {
    static const char sql[] =
        "SELECT subject_id, at_us, phase, line, done, of_n, failed, left_s, per_second, wait_us"
        " FROM underway WHERE company_id = $1 AND at_us > $2 ORDER BY subject_id LIMIT $3";
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_query(st, &rows, err, sql, "iii", company_id,
                                  now_us - (int64_t)UNDERWAY_FRESH_S * 1000000, (int64_t)most);
    if (rc != RC_OK)
        return rc;
    struct underway *list = ARENA_NEW(a, struct underway, most + 1);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < most)
        list[n++] = (struct underway){ .company_id = company_id,
                                       .subject_id = db_int(rows, 0),
                                       .at_us = db_int(rows, 1),
                                       .phase = store_text(a, rows, 2),
                                       .line = store_text(a, rows, 3),
                                       .done = db_int(rows, 4),
                                       .of = db_int(rows, 5),
                                       .failed = db_int(rows, 6),
                                       .left_s = db_int(rows, 7),
                                       .per_second = db_int(rows, 8),
                                       .wait_us = db_int(rows, 9) };
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}
