#include "store/restored.h"

#include "store/audit.h"
#include "store/company.h"
#include "store/effect.h"
#include "store/errand.h"

/* The order counts: what was handed out is told by the run's mark while the run is still there to tell. */
static enum rc_code end_effects(struct store *st, int64_t company_id, int64_t now_us,
                                struct rc_error *err) {
    static const char unsure[] =
        "UPDATE effect SET state = 'unsure', at_us = $2, answer ="
        " 'the database was put back from a backup: the next inventory shows what became of it'"
        " WHERE company_id = $1 AND state = 'planned' AND EXISTS (SELECT 1 FROM run AS r"
        " WHERE r.company_id = effect.company_id AND r.run_id = effect.run_id"
        " AND r.state = 'passed' AND (effect.answer IS NOT NULL OR effect.pass < r.sent_pass"
        " OR (effect.pass = r.sent_pass AND effect.effect_id <= r.sent_to)))";
    static const char dropped[] =
        "UPDATE effect SET state = 'dropped', at_us = $2,"
        " answer = 'the database was put back from a backup'"
        " WHERE company_id = $1 AND state = 'planned' AND run_id IN (SELECT run_id FROM run"
        " WHERE company_id = $1"
        " AND state IN ('listing', 'checking', 'passed', 'held', 'previewed'))";
    enum rc_code rc = store_run(st, NULL, err, unsure, "ii", company_id, now_us);
    return rc != RC_OK ? rc : store_run(st, NULL, err, dropped, "ii", company_id, now_us);
}

static enum rc_code end_runs(struct store *st, int64_t company_id, int64_t now_us, int64_t *ret_n,
                             struct rc_error *err) {
    static const char sql[] =
        "UPDATE run SET ended_at = $2, reason = 'the database was put back from a backup',"
        /* what it had done counts in the guard's windows, as of any delivery that fails half-way */
        " applied_at = CASE WHEN state = 'passed' AND EXISTS (SELECT 1 FROM effect AS e"
        "  WHERE e.company_id = run.company_id AND e.run_id = run.run_id"
        "  AND e.state IN ('done', 'unsure')) THEN $2 ELSE applied_at END,"
        " state = CASE WHEN state IN ('held', 'previewed') THEN 'superseded' ELSE 'failed' END"
        " WHERE company_id = $1"
        " AND state IN ('listing', 'checking', 'passed', 'held', 'previewed')";
    return store_run(st, ret_n, err, sql, "ii", company_id, now_us);
}

static enum rc_code note_company(struct store *st, int64_t company_id, int64_t now_us,
                                 const char *who, struct restored *ret, struct rc_error *err) {
    static const char ahead[] = "UPDATE company SET next_run = next_run + $2,"
                                " next_id = next_id + $3 WHERE company_id = $1";
    static const char destinations[] =
        "UPDATE destination SET restored_at = $2, listed_at = NULL WHERE company_id = $1";
    static const char newest[] = "SELECT MAX(started_at) FROM run WHERE company_id = $1";
    int64_t n = 0, runs = 0, newest_us = 0;
    enum rc_code rc = store_number(st, &newest_us, err, newest, "i", company_id);
    if (rc != RC_OK || (rc = end_effects(st, company_id, now_us, err)) != RC_OK ||
        (rc = end_runs(st, company_id, now_us, &runs, err)) != RC_OK ||
        (rc = errand_fail_all(st, company_id, now_us, "errand.restored",
                              "the database was put back from a backup before it was done", err)) !=
            RC_OK ||
        (rc = store_run(st, &n, err, destinations, "ii", company_id, now_us)) != RC_OK ||
        (rc = store_run(st, NULL, err, ahead, "iii", company_id, (int64_t)RESTORED_RUNS_AHEAD,
                        (int64_t)RESTORED_IDS_AHEAD)) != RC_OK)
        return rc;
    ret->companies++;
    ret->destinations += n;
    ret->runs_ended += runs;
    if (newest_us > ret->newest_us)
        ret->newest_us = newest_us;
    return audit_add(st, company_id, now_us, who, "the database was put back from a backup", err);
}

enum rc_code restored_note(struct store *st, int64_t now_us, const char *who, struct restored *ret,
                           struct rc_error *err) {
    static const char leases[] = "UPDATE job SET owner = NULL, until_us = 0, fence = fence + 1";
    struct restored found = { 0 };
    struct company *all;
    struct arena a;
    size_t n = 0;
    enum rc_code rc = db_begin(st->db, err);
    if (rc != RC_OK)
        return rc;
    arena_init(&a);
    rc = company_list(st, &a, &all, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = note_company(st, all[i].company_id, now_us, who, &found, err);
    if (rc == RC_OK)
        rc = store_run(st, NULL, err, leases, "");
    arena_done(&a);
    if (rc != RC_OK) {
        db_rollback(st->db);
        return rc;
    }
    if ((rc = db_commit(st->db, err)) == RC_OK)
        *ret = found;
    return rc;
}
