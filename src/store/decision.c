#include "store/decision.h"

enum rc_code decision_add(struct store *st, const struct decision_made *d, struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO decision (company_id, run_id, yes, who, because, made_at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (company_id, run_id) DO UPDATE SET yes = 0,"
        " who = excluded.who, because = excluded.because, made_at = excluded.made_at"
        " WHERE decision.yes = 1 AND excluded.yes = 0";
    int64_t n = 0;
    enum rc_code rc = store_run(st, &n, err, sql, "iiitti", d->company_id, d->run_id,
                                (int64_t)d->yes, d->who, d->because, d->made_us);
    if (rc != RC_OK || n > 0)
        return rc;
    return rc_fail_as(err, RC_CONFLICT, "run.decided",
                      "somebody has decided about run %lld already, and it is being carried out",
                      (long long)d->run_id);
}

enum rc_code decision_get(struct store *st, int64_t company_id, int64_t run_id, struct arena *a,
                          struct decision_made *ret, struct rc_error *err) {
    static const char sql[] = "SELECT yes, who, because, made_at FROM decision"
                              " WHERE company_id = $1 AND run_id = $2";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "ii", company_id, run_id);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return rc_fail(err, RC_NOT_FOUND, "nobody has decided about run %lld", (long long)run_id);
    *ret = (struct decision_made){ .company_id = company_id,
                                   .run_id = run_id,
                                   .yes = db_int(row, 0) != 0,
                                   .who = store_text(a, row, 1),
                                   .because = store_text(a, row, 2),
                                   .made_us = db_int(row, 3) };
    db_reset(row);
    return RC_OK;
}

enum rc_code decision_forget(struct store *st, int64_t company_id, int64_t before_us,
                             struct rc_error *err) {
    static const char sql[] =
        "DELETE FROM job WHERE company_id = $1 AND kind = 'decision' AND run_at_us IS NULL"
        " AND owner IS NULL AND claimed_us < $2 AND NOT EXISTS (SELECT 1 FROM decision AS d"
        "  WHERE d.company_id = job.company_id AND d.run_id = job.subject_id)";
    return store_run(st, NULL, err, sql, "ii", company_id, before_us);
}

enum rc_code decision_drop(struct store *st, const struct decision_made *d, struct rc_error *err) {
    static const char sql[] = "DELETE FROM decision WHERE company_id = $1 AND run_id = $2"
                              " AND yes = $3 AND made_at = $4";
    return store_run(st, NULL, err, sql, "iiii", d->company_id, d->run_id, (int64_t)d->yes,
                     d->made_us);
}
