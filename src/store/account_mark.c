/* Whom to look at: rows for those who have none, who is dirty or due, and what makes people dirty. */
#include "store/account.h"

#include "base/cleanup.h"
#include "people/user.h"
#include "store/account_p.h"
#include "store/company.h"

/* The row's user is one of an integration that feeds the destination $2. */
#define IS_FED                                                                                     \
    " AND EXISTS (SELECT 1 FROM \"user\" AS u JOIN feed AS f ON f.company_id = u.company_id"       \
    " AND f.integration_id = u.integration_id WHERE u.company_id = account.company_id"             \
    " AND u.user_id = account.user_id AND f.destination_id = $2)"

enum rc_code account_enrol(struct store *st, int64_t company_id, int64_t destination_id,
                           int64_t *ret_n, struct rc_error *err) {
#define WITHOUT_ROW                                                                                \
    " FROM feed AS f JOIN \"user\" AS u ON u.company_id = f.company_id"                            \
    " AND u.integration_id = f.integration_id WHERE f.company_id = $1 AND f.destination_id = $2"   \
    " AND NOT EXISTS (SELECT 1 FROM account AS a WHERE a.company_id = u.company_id"                \
    " AND a.destination_id = f.destination_id AND a.user_id = u.user_id)"
    static const char count[] = "SELECT COUNT(*)" WITHOUT_ROW;
    /* LIMIT: whoever has come since the counting has no id yet, and comes next time. */
    static const char insert[] =
        "INSERT INTO account (company_id, destination_id, account_id, user_id, tie, status, state, dirty)"
        " SELECT u.company_id, f.destination_id, $3 + ROW_NUMBER() OVER (ORDER BY u.user_id) - 1,"
        " u.user_id, 'stranger', 'unknown', '{}', 1" WITHOUT_ROW " ORDER BY u.user_id LIMIT $4";
#undef WITHOUT_ROW
    int64_t n, first;
    enum rc_code rc = store_number(st, &n, err, count, "ii", company_id, destination_id);
    *ret_n = 0;
    if (rc != RC_OK || n == 0 || (rc = company_take_ids(st, company_id, n, &first, err)) != RC_OK)
        return rc;
    return store_run(st, ret_n, err, insert, "iiii", company_id, destination_id, first, n);
}

enum rc_code account_candidates(struct store *st, int64_t company_id, int64_t destination_id,
                                date_days today, bool every, int64_t after_id, size_t most,
                                struct arena *a, struct account_row **ret, size_t *ret_n,
                                struct rc_error *err) {
    /* Each part by an index of its own; the first two have them in order. "+ 0": else SQLite would go
     * through all accounts in order, to find the few that are due. */
#define PART(condition, id)                                                                        \
    "SELECT account_id FROM (SELECT account_id FROM account WHERE company_id = $1"                 \
    " AND destination_id = $2 AND " condition " AND user_id IS NOT NULL AND " id " > $3" IS_FED    \
    " ORDER BY " id " LIMIT $4) AS part"
    static const char some[] =
        "SELECT " ACCOUNT_COLUMNS
        " FROM account WHERE company_id = $1 AND account_id IN (" PART("dirty <> 0", "account_id") " UNION " PART(
            "waits IN ('other', 'reading')",
            "account_id") " UNION " PART("due_on <= $5",
                                         "account_id + 0") ") ORDER BY account_id LIMIT $4";
#undef PART
    static const char all[] =
        "SELECT " ACCOUNT_COLUMNS " FROM account WHERE company_id = $1 AND destination_id = $2"
        " AND user_id IS NOT NULL AND account_id > $3" IS_FED " ORDER BY account_id LIMIT $4";
    struct db_statement *rows;
    enum rc_code rc = every ? store_query(st, &rows, err, all, "iiii", company_id, destination_id,
                                          after_id, (int64_t)most)
                            : store_query(st, &rows, err, some, "iiiii", company_id, destination_id,
                                          after_id, (int64_t)most, (int64_t)today);
    return rc != RC_OK ? rc : account_rows_read(st, rows, most, a, ret, ret_n, err);
}

/* ---- who becomes dirty: one more each time, as somebody may be looking at them just now ---- */

enum rc_code account_mark_all(struct store *st, int64_t company_id, int64_t destination_id,
                              struct rc_error *err) {
    static const char sql[] = "UPDATE account SET dirty = dirty + 1 WHERE company_id = $1"
                              " AND destination_id = $2 AND user_id IS NOT NULL";
    return store_run(st, NULL, err, sql, "ii", company_id, destination_id);
}

enum rc_code account_mark_emails(struct store *st, int64_t company_id, int64_t destination_id,
                                 const struct text *emails, size_t n, struct rc_error *err) {
    static const char sql[] =
        "UPDATE account SET dirty = dirty + 1 WHERE company_id = $1 AND destination_id = $2"
        " AND user_id IN (SELECT user_id FROM \"user\" WHERE company_id = $1 AND email IN " ACCOUNT_HUNDRED
        ")";
    struct db_statement *update;
    enum rc_code rc = store_query(st, &update, err, sql, "ii", company_id, destination_id);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n && i < ACCOUNT_AT_ONCE; i++)
        db_bind_value(update, (int)i + 3, emails[i]);
    return db_run(update, NULL, err);
}

enum rc_code account_mark_email(struct store *st, int64_t company_id, int64_t destination_id,
                                struct text email, struct rc_error *err) {
    return account_mark_emails(st, company_id, destination_id, &email, 1, err);
}

/* Those whom a run has staged and who decide about others otherwise than before: they come, or
 * whether they are here, what is wrong with them or whom they report to is another. What a report's
 * decision does not ask of a manager is named; whatever is not named counts, and so does a user that
 * differs in nothing that can be told. */
#define MATTERS                                                                                    \
    " FROM version AS v LEFT JOIN version AS b ON b.company_id = v.company_id"                     \
    " AND b.run_id = v.base_run_id AND b.user_id = v.user_id"                                      \
    " WHERE v.company_id = $1 AND v.run_id = $2 AND v.left_out = 0 AND (b.user_id IS NULL"         \
    " OR b.presence <> v.presence OR b.has_left <> v.has_left OR b.problems <> v.problems"         \
    " OR b.manager IS DISTINCT FROM v.manager"                                                     \
    " OR (b.user_digest <> v.user_digest AND NOT EXISTS (SELECT 1" CHANGE_OF_V "))"                \
    " OR EXISTS (SELECT 1" CHANGE_OF_V " AND c.field NOT IN ('first_name', 'last_name',"           \
    " 'job_title', 'primary_team', 'secondary_teams', 'primary_location', 'avatar', 'language')"   \
    " AND c.field NOT LIKE '" USER_CUSTOM_PREFIX "%'))"
#define CHANGE_OF_V                                                                                \
    " FROM change AS c WHERE c.company_id = v.company_id AND c.run_id = v.run_id"                  \
    " AND c.user_id = v.user_id"

/* Goes through everybody once, as nothing has managers in order: only where it matters. */
static enum rc_code mark_reports(struct store *st, int64_t company_id, int64_t run_id,
                                 struct rc_error *err) {
    static const char any[] = "SELECT COUNT(*) FROM (SELECT 1 AS x" MATTERS " LIMIT 1) AS one";
    /* + 0: else SQLite would take an index that has not the manager, and find each row by it. */
    static const char mark[] =
        "UPDATE account SET dirty = dirty + 1 WHERE company_id = $1 AND user_id IN"
        " (SELECT u.user_id FROM \"user\" AS u WHERE u.company_id = $1 AND u.manager IS NOT NULL"
        " AND (u.integration_id + 0, u.manager) IN (SELECT v.integration_id, v.source_id" MATTERS
        "))";
    /* What they wait for may lie with somebody further up: who is managed, over some steps, by
     * themselves. */
    static const char waiting[] =
        "UPDATE account SET dirty = dirty + 1 WHERE company_id = $1 AND user_id IS NOT NULL"
        " AND waits IS NOT NULL AND waits NOT IN ('nothing', 'approval')";
    int64_t n;
    enum rc_code rc = store_number(st, &n, err, any, "ii", company_id, run_id);
    if (rc != RC_OK || n == 0 ||
        (rc = store_run(st, NULL, err, mark, "ii", company_id, run_id)) != RC_OK)
        return rc;
    return store_run(st, NULL, err, waiting, "i", company_id);
}
#undef CHANGE_OF_V
#undef MATTERS

enum rc_code account_mark_run(struct store *st, int64_t company_id, int64_t run_id,
                              struct rc_error *err) {
    static const char any[] =
        "SELECT COUNT(*) FROM (SELECT 1 AS x FROM account WHERE company_id = $1 LIMIT 1) AS one";
    /* In the order in which they are named (SQLite keeps to it): from the few of the run to others. */
#define STAGED                                                                                     \
    " FROM version AS v CROSS JOIN \"user\" AS u WHERE v.company_id = $1 AND v.run_id = $2"        \
    " AND v.left_out = 0 AND u.company_id = $1 AND "
    static const char mark[] =
        "UPDATE account SET dirty = dirty + 1 WHERE company_id = $1 AND user_id IN"
        " (SELECT user_id FROM version WHERE company_id = $1 AND run_id = $2 AND left_out = 0"
        " UNION ALL SELECT u.user_id" STAGED "u.email = v.email"
        /* the address that they stated before */
        " UNION ALL SELECT u.user_id FROM version AS v CROSS JOIN version AS b CROSS JOIN \"user\" AS u"
        " WHERE v.company_id = $1 AND v.run_id = $2 AND v.left_out = 0 AND b.company_id = $1"
        " AND b.run_id = v.base_run_id AND b.user_id = v.user_id AND u.company_id = $1"
        " AND u.email = b.email AND b.email IS DISTINCT FROM v.email)";
#undef STAGED
    int64_t n;
    enum rc_code rc = store_number(st, &n, err, any, "i", company_id);
    if (rc != RC_OK || n == 0)
        return rc;
    rc = store_run(st, NULL, err, mark, "ii", company_id, run_id);
    return rc != RC_OK ? rc : mark_reports(st, company_id, run_id, err);
}
