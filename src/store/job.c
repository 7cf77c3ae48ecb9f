#include "store/job.h"

#include <stdio.h>
#include <string.h>
#include "store/lease.h"
#include "store/lease_p.h"

enum { SUBJECT_BYTES = 64 };

static const char *const names[JOB_KINDS_N] = { "sync",   "delivery", "decision", "errand",
                                                "retain", "hint",     "webhook" };
/* Migrations 20 and 25 have those of rows that were there before. A delivery that is due by date closes
 * leavers, and reads no list before. */
static const int64_t priorities[JOB_KINDS_N] = {
    [JOB_DECISION] = 40, [JOB_ERRAND] = 40,  [JOB_HINT] = 30,  [JOB_DELIVERY] = 25,
    [JOB_SYNC] = 20,     [JOB_WEBHOOK] = 10, [JOB_RETAIN] = 0,
};

const char *job_kind_name(enum job_kind k) {
    return names[k];
}

static enum rc_code kind_read(struct text t, enum job_kind *ret, struct rc_error *err) {
    for (int k = 0; k < JOB_KINDS_N; k++)
        if (text_is(t, names[k])) {
            *ret = (enum job_kind)k;
            return RC_OK;
        }
    return rc_fail(err, RC_FATAL, "job: this program knows no job \"%.*s\"", TEXT_ARG(t));
}

static const char *subject_of(int64_t company_id, int64_t subject_id, char ret[SUBJECT_BYTES]) {
    snprintf(ret, SUBJECT_BYTES, "%lld/%lld", (long long)company_id, (long long)subject_id);
    return ret;
}

static int64_t until(int64_t now_us) {
    return now_us + (int64_t)LEASE_SECONDS * 1000000;
}

/* ---- asking for work ---- */

static enum rc_code row_make(struct store *st, enum job_kind k, int64_t company_id,
                             int64_t subject_id, char subject[SUBJECT_BYTES],
                             struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO job (kind, subject, company_id, subject_id, until_us, fence, priority)"
        " VALUES ($1, $2, $3, $4, 0, 0, $5) ON CONFLICT (kind, subject) DO NOTHING";
    return store_run(st, NULL, err, sql, "ssiii", names[k],
                     subject_of(company_id, subject_id, subject), company_id, subject_id,
                     priorities[k]);
}

/* Between the two statements the row may go, as done long ago (decision_forget()): then it is made anew. */
static enum rc_code ask(struct store *st, const char *sql, enum job_kind k, int64_t company_id,
                        int64_t subject_id, int64_t run_at_us, struct rc_error *err) {
    char subject[SUBJECT_BYTES];
    int64_t changed = 0;
    enum rc_code rc = RC_OK;
    for (int tries = 0; rc == RC_OK && changed == 0 && tries < 3; tries++)
        if ((rc = row_make(st, k, company_id, subject_id, subject, err)) == RC_OK)
            rc = store_run(st, &changed, err, sql, "iss", run_at_us, names[k], subject);
    return rc == RC_OK ? db_tell(st->db, err) : rc;
}

enum rc_code job_want(struct store *st, enum job_kind k, int64_t company_id, int64_t subject_id,
                      int64_t run_at_us, struct rc_error *err) {
    static const char sql[] =
        "UPDATE job SET"
        " again_us = CASE WHEN owner IS NOT NULL AND (again_us IS NULL OR again_us > $1)"
        "  THEN $1 ELSE again_us END,"
        " run_at_us = CASE WHEN owner IS NULL AND (run_at_us IS NULL OR run_at_us > $1)"
        "  THEN $1 ELSE run_at_us END"
        " WHERE kind = $2 AND subject = $3";
    return ask(st, sql, k, company_id, subject_id, run_at_us, err);
}

enum rc_code job_set(struct store *st, enum job_kind k, int64_t company_id, int64_t subject_id,
                     int64_t run_at_us, struct rc_error *err) {
    static const char sql[] =
        "UPDATE job SET attempts = CASE WHEN owner IS NULL THEN 0 ELSE attempts END,"
        " again_us = CASE WHEN owner IS NULL THEN NULL ELSE NULLIF($1, 0) END,"
        " run_at_us = CASE WHEN owner IS NULL THEN NULLIF($1, 0) ELSE run_at_us END"
        " WHERE kind = $2 AND subject = $3";
    return ask(st, sql, k, company_id, subject_id, run_at_us, err);
}

enum rc_code job_not_after(struct store *st, enum job_kind k, int64_t company_id,
                           int64_t subject_id, int64_t run_at_us, struct rc_error *err) {
    static const char sql[] = "UPDATE job SET run_at_us = $1"
                              " WHERE kind = $2 AND subject = $3 AND run_at_us > $1"
                              " AND owner IS NULL";
    char subject[SUBJECT_BYTES];
    return store_run(st, NULL, err, sql, "iss", run_at_us, names[k],
                     subject_of(company_id, subject_id, subject));
}

/* ---- doing it ---- */

/* job.h says which goes first. Each row that is due is looked at, with three seeks in indexes of its company.
 * A time at which a company was served that has not come yet is out of a clock that went wrong. */
#ifdef ROLLCALL_WITHOUT_TURNS /* negative control: tests must find victims with this */
#define TURN "NULL"
#else
#define TURN                                                                                       \
    "(SELECT MAX(s.claimed_us) FROM job AS s WHERE s.company_id = j.company_id"                    \
    " AND s.claimed_us <= $3)"
#endif

enum rc_code job_claim(struct store *st, int64_t now_us, int64_t most_of_one, struct job *ret,
                       bool *ret_found, struct rc_error *err) {
    static const char sql[] =
        "UPDATE job SET owner = $1, until_us = $2, claimed_us = $3, fence = fence + 1,"
        " attempts = attempts + 1"
        " WHERE (kind, subject) = (SELECT j.kind, j.subject FROM job AS j"
        "  WHERE j.run_at_us <= $3 AND (j.owner IS NULL OR j.until_us <= $3)"
        "  AND j.company_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM company AS o"
        "   WHERE o.company_id = j.company_id AND o.suspended_at IS NOT NULL)"
        "  AND (SELECT COUNT(*) FROM job AS b WHERE b.company_id = j.company_id AND b.owner = $1"
        "   AND b.until_us > $3 AND b.run_at_us IS NOT NULL) < $4"
        "  ORDER BY CASE WHEN j.run_at_us < $5 THEN 100 ELSE j.priority END DESC,"
        "  " TURN " NULLS FIRST, j.run_at_us, j.kind, j.subject"
        "  LIMIT 1 @SKIP_LOCKED)"
        " RETURNING kind, company_id, subject_id, fence, run_at_us, attempts";
    char me[LEASE_OWNER_BYTES];
    struct db_statement *row;
    struct job j = { 0 };
    bool found = false, more = false;
    lease_owner_name(me);
    enum rc_code rc = store_row(st, &row, &found, err, sql, "siiii", me, until(now_us), now_us,
                                most_of_one, now_us - (int64_t)JOB_LATE_S * 1000000);
    if (rc != RC_OK)
        return rc;
    *ret_found = found;
    if (!found)
        return RC_OK;
    rc = kind_read(db_text(row, 0), &j.kind, err);
    j.company_id = db_int(row, 1);
    j.subject_id = db_int(row, 2);
    j.fence = db_int(row, 3);
    j.run_at_us = db_int(row, 4);
    j.attempts = db_int(row, 5);
    enum rc_code stepped = db_step(row, &more, rc == RC_OK ? err : NULL); /* commits at its end */
    db_reset(row);
    if (rc == RC_OK && (rc = stepped) == RC_OK)
        *ret = j;
    return rc;
}

static enum rc_code lost_if_none(int64_t changed, struct rc_error *err) {
    return changed == 1 ? RC_OK
                        : rc_fail_as(err, RC_CONFLICT, "lease-lost",
                                     "this job is somebody else's by now, or is gone");
}

enum rc_code job_hold(struct store *st, const struct job *j, int64_t now_us, struct rc_error *err) {
    static const char sql[] =
        "UPDATE job SET until_us = $1 WHERE kind = $2 AND subject = $3 AND fence = $4";
    char subject[SUBJECT_BYTES];
    int64_t changed = 0;
    enum rc_code rc = store_run(st, &changed, err, sql, "issi", until(now_us), names[j->kind],
                                subject_of(j->company_id, j->subject_id, subject), j->fence);
    return rc != RC_OK ? rc : lost_if_none(changed, err);
}

enum rc_code job_done(struct store *st, const struct job *j, int64_t next_us,
                      struct rc_error *err) {
    static const char sql[] =
        "UPDATE job SET owner = NULL, until_us = 0, attempts = 0, again_us = NULL,"
        " run_at_us = CASE WHEN again_us IS NULL OR (NULLIF($1, 0) IS NOT NULL AND again_us > $1)"
        "  THEN NULLIF($1, 0) ELSE again_us END"
        " WHERE kind = $2 AND subject = $3 AND fence = $4";
    char subject[SUBJECT_BYTES];
    int64_t changed = 0;
    enum rc_code rc = store_run(st, &changed, err, sql, "issi", next_us, names[j->kind],
                                subject_of(j->company_id, j->subject_id, subject), j->fence);
    return rc != RC_OK ? rc : lost_if_none(changed, err);
}

enum rc_code job_retry(struct store *st, const struct job *j, int64_t at_us, bool counts,
                       struct rc_error *err) {
    static const char sql[] =
        "UPDATE job SET owner = NULL, until_us = 0, again_us = NULL, run_at_us = $1,"
        " attempts = attempts - $2 WHERE kind = $3 AND subject = $4 AND fence = $5";
    char subject[SUBJECT_BYTES];
    int64_t changed = 0;
    enum rc_code rc =
        store_run(st, &changed, err, sql, "iissi", at_us, (int64_t)!counts, names[j->kind],
                  subject_of(j->company_id, j->subject_id, subject), j->fence);
    return rc != RC_OK ? rc : lost_if_none(changed, err);
}

/* ---- keeping and giving back ---- */

enum rc_code job_hand_back(struct store *st, struct rc_error *err) {
    static const char sql[] = "UPDATE job SET owner = NULL, until_us = 0,"
                              " attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END"
                              " WHERE owner = $1 AND run_at_us IS NOT NULL";
    char me[LEASE_OWNER_BYTES];
    lease_owner_name(me);
    return store_run(st, NULL, err, sql, "s", me);
}

/* Work whose worker dies each time may be what kills it: it lets all others go first. */
static enum rc_code bury(struct store *st, const char *owner, int64_t now_us, int64_t *ret_n,
                         struct rc_error *err) {
    static const char sql[] = "UPDATE job SET owner = NULL, until_us = 0,"
                              " run_at_us = CASE WHEN attempts >= $1 THEN $2 ELSE run_at_us END"
                              " WHERE owner = $3 AND run_at_us IS NOT NULL";
    return store_run(st, ret_n, err, sql, "iis", (int64_t)JOB_DEATHS,
                     now_us + (int64_t)JOB_DEATHS_PAUSE_S * 1000000, owner);
}

enum rc_code job_bury(struct store *st, int64_t now_us, struct arena *a, int64_t *ret_n,
                      struct rc_error *err) {
    enum { OWNERS_MOST = 100 }; /* processes at work on one database; the rest next time */
    static const char sql[] =
        "SELECT DISTINCT owner FROM job WHERE run_at_us IS NOT NULL AND owner IS NOT NULL LIMIT 100";
    const char *owners[OWNERS_MOST];
    struct db_statement *rows;
    size_t n = 0;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, sql, "");
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < OWNERS_MOST) {
        struct text t = db_text(rows, 0);
        owners[n++] = arena_str(a, t.ptr, t.len);
    }
    db_reset(rows);
    *ret_n = 0;
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        int64_t freed = 0;
        if (!lease_owner_is_dead(st, owners[i]))
            continue;
        rc = bury(st, owners[i], now_us, &freed, err);
        *ret_n += freed;
    }
    return rc;
}

/* ---- looking ---- */

enum rc_code job_next(struct store *st, int64_t now_us, int64_t *ret_us, struct rc_error *err) {
    static const char sql[] =
        "SELECT MIN(n) FROM (SELECT MIN(run_at_us) AS n FROM job"
        "  WHERE run_at_us IS NOT NULL AND owner IS NULL AND company_id IS NOT NULL"
        " UNION ALL SELECT MIN(CASE WHEN until_us <= $1 THEN run_at_us ELSE until_us END) FROM job"
        "  WHERE run_at_us IS NOT NULL AND owner IS NOT NULL AND company_id IS NOT NULL) AS both_kinds";
    return store_number(st, ret_us, err, sql, "i", now_us);
}

static bool is_claimed(const struct store *st, struct text owner, int64_t until_us,
                       int64_t now_us) {
    char name[LEASE_OWNER_BYTES];
    snprintf(name, sizeof name, "%.*s", TEXT_ARG(owner));
    return name[0] != '\0' && until_us > now_us && !lease_owner_is_dead(st, name);
}

enum rc_code job_list(struct store *st, int64_t company_id, int64_t now_us, size_t most,
                      struct arena *a, struct job_row **ret, size_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        "SELECT kind, subject_id, run_at_us, attempts, owner, until_us FROM job WHERE company_id = $1"
        " AND (kind IN ('sync', 'delivery') OR (kind = 'decision' AND run_at_us IS NOT NULL))"
        " ORDER BY kind, subject_id LIMIT $2";
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_query(st, &rows, err, sql, "ii", company_id, (int64_t)most);
    if (rc != RC_OK)
        return rc;
    struct job_row *list = ARENA_NEW(a, struct job_row, most + 1);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < most) {
        struct job_row *j = &list[n++];
        j->subject_id = db_int(rows, 1);
        j->state = (struct job_state){ .run_at_us = db_int(rows, 2),
                                       .attempts = db_int(rows, 3),
                                       .is_claimed = is_claimed(st, db_text(rows, 4),
                                                                db_int(rows, 5), now_us) };
        if ((rc = kind_read(db_text(rows, 0), &j->kind, err)) != RC_OK)
            break;
    }
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code job_look(struct store *st, enum job_kind k, int64_t company_id, int64_t subject_id,
                      int64_t now_us, struct job_state *ret, struct rc_error *err) {
    static const char sql[] = "SELECT run_at_us, attempts, owner, until_us, claimed_us FROM job"
                              " WHERE kind = $1 AND subject = $2";
    char subject[SUBJECT_BYTES];
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "ss", names[k],
                                subject_of(company_id, subject_id, subject));
    if (rc != RC_OK)
        return rc;
    *ret = (struct job_state){ 0 };
    if (!found)
        return RC_OK;
    ret->run_at_us = db_int(row, 0);
    ret->attempts = db_int(row, 1);
    ret->claimed_us = db_int(row, 4);
    ret->is_claimed = is_claimed(st, db_text(row, 2), db_int(row, 3), now_us);
    db_reset(row);
    return RC_OK;
}

enum rc_code job_count(struct store *st, int64_t now_us, int64_t late_us,
                       struct job_count ret[JOB_KINDS_N], struct rc_error *err) {
    static const char sql[] =
        "SELECT kind, SUM(CASE WHEN owner IS NULL OR until_us <= $1 THEN 1 ELSE 0 END),"
        " SUM(CASE WHEN (owner IS NULL OR until_us <= $1) AND run_at_us <= $2 THEN 1 ELSE 0 END),"
        " SUM(CASE WHEN owner IS NOT NULL AND until_us > $1 THEN 1 ELSE 0 END)"
        " FROM job WHERE run_at_us <= $1 AND company_id IS NOT NULL GROUP BY kind";
    struct db_statement *rows;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, sql, "ii", now_us, now_us - late_us);
    if (rc != RC_OK)
        return rc;
    memset(ret, 0, sizeof *ret * JOB_KINDS_N);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row) {
        enum job_kind k = JOB_SYNC;
        if (kind_read(db_text(rows, 0), &k, NULL) == RC_OK)
            ret[k] = (struct job_count){ db_int(rows, 1), db_int(rows, 2), db_int(rows, 3) };
    }
    db_reset(rows);
    return rc;
}
