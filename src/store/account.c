/* Finding accounts: one, and lists. */
#include "store/account_p.h"

/* ---- finding one ---- */

static enum rc_code one(struct store *st, struct db_statement *rows, struct arena *a,
                        struct account_row *ret, struct rc_error *err) {
    struct account_row *list;
    size_t n = 0;
    enum rc_code rc = account_rows_read(st, rows, 1, a, &list, &n, err);
    if (rc != RC_OK)
        return rc;
    if (n == 0)
        return rc_fail_as(err, RC_NOT_FOUND, "account.unknown", "there is no such account");
    *ret = list[0];
    return RC_OK;
}

enum rc_code account_get(struct store *st, int64_t company_id, int64_t destination_id,
                         int64_t account_id, struct arena *a, struct account_row *ret,
                         struct rc_error *err) {
    static const char sql[] = "SELECT " ACCOUNT_COLUMNS " FROM account WHERE company_id = $1"
                              " AND destination_id = $2 AND account_id = $3";
    struct db_statement *row;
    enum rc_code rc =
        store_query(st, &row, err, sql, "iii", company_id, destination_id, account_id);
    return rc != RC_OK ? rc : one(st, row, a, ret, err);
}

enum rc_code account_of_user(struct store *st, int64_t company_id, int64_t destination_id,
                             int64_t user_id, struct arena *a, struct account_row *ret,
                             struct rc_error *err) {
    static const char sql[] = "SELECT " ACCOUNT_COLUMNS " FROM account WHERE company_id = $1"
                              " AND destination_id = $2 AND user_id = $3";
    struct db_statement *row;
    enum rc_code rc = store_query(st, &row, err, sql, "iii", company_id, destination_id, user_id);
    return rc != RC_OK ? rc : one(st, row, a, ret, err);
}

enum rc_code account_by_remote(struct store *st, int64_t company_id, int64_t destination_id,
                               struct text remote_id, struct arena *a, struct account_row *ret,
                               struct rc_error *err) {
    static const char sql[] = "SELECT " ACCOUNT_COLUMNS " FROM account WHERE company_id = $1"
                              " AND destination_id = $2 AND remote_id = $3";
    struct db_statement *row;
    enum rc_code rc = store_query(st, &row, err, sql, "iit", company_id, destination_id, remote_id);
    return rc != RC_OK ? rc : one(st, row, a, ret, err);
}

enum rc_code account_by_email(struct store *st, int64_t company_id, int64_t destination_id,
                              struct text email, size_t most, struct arena *a,
                              struct account_row **ret, size_t *ret_n, struct rc_error *err) {
#define SHOWN                                                                                      \
    "SELECT " ACCOUNT_COLUMNS " FROM account WHERE company_id = $1 AND destination_id = $2"        \
    " AND email = $3 AND status NOT IN ('deleted', 'anonymised')"
    /* Nearly always there is one at most: only several are put in order, which costs more than to
     * find them. + 0: else SQLite goes through all, in order. */
    static const char few[] = SHOWN " LIMIT $4", many[] = SHOWN " ORDER BY account_id + 0 LIMIT $4";
#undef SHOWN
    struct db_statement *rows;
    enum rc_code rc =
        store_query(st, &rows, err, few, "iiti", company_id, destination_id, email, (int64_t)most);
    if (rc != RC_OK || (rc = account_rows_read(st, rows, most, a, ret, ret_n, err)) != RC_OK ||
        *ret_n < 2)
        return rc;
    rc =
        store_query(st, &rows, err, many, "iiti", company_id, destination_id, email, (int64_t)most);
    return rc != RC_OK ? rc : account_rows_read(st, rows, most, a, ret, ret_n, err);
}

enum rc_code account_email_is_of(struct store *st, int64_t company_id, int64_t destination_id,
                                 struct text email, int64_t ret_user_ids[2], size_t *ret_n,
                                 struct rc_error *err) {
    static const char sql[] =
        "SELECT COALESCE(user_id, 0) FROM account WHERE company_id = $1 AND destination_id = $2"
        " AND email = $3 AND status NOT IN ('deleted', 'anonymised') LIMIT 2";
    struct db_statement *rows;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, sql, "iit", company_id, destination_id, email);
    *ret_n = 0;
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && *ret_n < 2)
        ret_user_ids[(*ret_n)++] = db_int(rows, 0);
    db_reset(rows);
    return rc;
}

enum rc_code account_by_external(struct store *st, int64_t company_id, int64_t destination_id,
                                 struct text external_id, struct arena *a, struct account_row *ret,
                                 struct rc_error *err) {
    /* Nearly always there is none, which is found out in a fraction of what putting in order costs. */
    static const char any[] =
        "SELECT 1 FROM account WHERE company_id = $1 AND destination_id = $2 AND external_id = $3 LIMIT 1";
    static const char sql[] =
        "SELECT " ACCOUNT_COLUMNS " FROM account WHERE company_id = $1 AND destination_id = $2"
        " AND external_id = $3 AND user_id IS NULL ORDER BY account_id + 0 LIMIT 1";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc =
        store_row(st, &row, &found, err, any, "iit", company_id, destination_id, external_id);
    if (rc == RC_OK && found) {
        db_reset(row);
        rc = store_query(st, &row, err, sql, "iit", company_id, destination_id, external_id);
        return rc != RC_OK ? rc : one(st, row, a, ret, err);
    }
    return rc != RC_OK
               ? rc
               : rc_fail_as(err, RC_NOT_FOUND, "account.unknown", "there is no such account");
}

enum rc_code account_carrying(struct store *st, int64_t company_id, int64_t destination_id,
                              struct text external_id, int64_t but_account_id, struct arena *a,
                              struct account_row *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT " ACCOUNT_COLUMNS " FROM account WHERE company_id = $1 AND destination_id = $2"
        " AND external_id = $3 AND account_id <> $4 AND status <> 'deleted' LIMIT 1";
    struct db_statement *row;
    enum rc_code rc = store_query(st, &row, err, sql, "iiti", company_id, destination_id,
                                  external_id, but_account_id);
    return rc != RC_OK ? rc : one(st, row, a, ret, err);
}

/* ---- lists ---- */

/* $2 the destination. */
#define IS_UNMATCHED "user_id IS NULL AND remote_id IS NOT NULL"
#define IS_ASKED     "approval IS NOT NULL"
#define IS_WAITING   "waits IS NOT NULL AND waits <> 'nothing'"
#define IS_LAPSED    "code = 'invitation-lapsed'"
#define IS_APART                                                                                   \
    "(code = 'unlinked' OR (code = 'ignored' AND (remote_id IS NULL OR status = 'deleted')"        \
    " AND tie <> 'ignored' AND gone_on IS NULL AND excluded_on IS NULL)"                           \
    " OR (code = 'email-taken' AND remote_id IS NULL AND gone_on IS NULL AND excluded_on IS NULL"  \
    " AND EXISTS (SELECT 1 FROM \"user\" AS u JOIN account AS x ON x.company_id = u.company_id"    \
    " AND x.email = u.email WHERE u.company_id = account.company_id"                               \
    " AND u.user_id = account.user_id AND x.destination_id = account.destination_id"               \
    " AND x.tie = 'ignored' AND x.user_id IS NULL)))"
#define IS_SAID      "tie = 'ignored'"
#define IS_UNINVITED "code = 'invited-by-hand' AND waits = 'platform'"

enum rc_code account_list(struct store *st, int64_t company_id, int64_t destination_id,
                          enum account_filter which, int64_t after_id, size_t most, struct arena *a,
                          struct account_row **ret, size_t *ret_n, struct rc_error *err) {
#define LIST(condition)                                                                            \
    "SELECT " ACCOUNT_COLUMNS " FROM account WHERE company_id = $1 AND destination_id = $2"        \
    " AND account_id > $3" condition " ORDER BY account_id LIMIT $4"
    static const char *const sqls[] = {
        [ACCOUNT_ALL] = LIST(""),
        [ACCOUNT_UNMATCHED] = LIST(" AND " IS_UNMATCHED),
        [ACCOUNT_ASKS] = LIST(" AND " IS_ASKED),
        [ACCOUNT_WAITS] = LIST(" AND " IS_WAITING),
        [ACCOUNT_UNINVITED] = LIST(" AND " IS_UNINVITED),
        [ACCOUNT_LAPSED] = LIST(" AND " IS_LAPSED),
        [ACCOUNT_APART] = LIST(" AND " IS_APART),
        [ACCOUNT_SAID] = LIST(" AND " IS_SAID),
    };
#undef LIST
    struct db_statement *rows;
    enum rc_code rc = store_query(st, &rows, err, sqls[which], "iiii", company_id, destination_id,
                                  after_id, (int64_t)most);
    return rc != RC_OK ? rc : account_rows_read(st, rows, most, a, ret, ret_n, err);
}

enum rc_code account_count(struct store *st, int64_t company_id, int64_t destination_id,
                           enum account_filter which, int64_t *ret, struct rc_error *err) {
#define COUNT(condition)                                                                           \
    "SELECT COUNT(*) FROM account WHERE company_id = $1 AND destination_id = $2" condition
    static const char *const sqls[] = {
        [ACCOUNT_ALL] = COUNT(""),
        [ACCOUNT_UNMATCHED] = COUNT(" AND " IS_UNMATCHED),
        [ACCOUNT_ASKS] = COUNT(" AND " IS_ASKED),
        [ACCOUNT_WAITS] = COUNT(" AND " IS_WAITING),
        [ACCOUNT_UNINVITED] = COUNT(" AND " IS_UNINVITED),
        [ACCOUNT_LAPSED] = COUNT(" AND " IS_LAPSED),
        [ACCOUNT_APART] = COUNT(" AND " IS_APART),
        [ACCOUNT_SAID] = COUNT(" AND " IS_SAID),
    };
#undef COUNT
    return store_number(st, ret, err, sqls[which], "ii", company_id, destination_id);
}

enum rc_code account_calendar(struct store *st, int64_t company_id, int64_t destination_id,
                              date_days until, size_t most, struct arena *a,
                              struct account_row **ret, size_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        "SELECT " ACCOUNT_COLUMNS " FROM account WHERE company_id = $1 AND destination_id = $2"
        " AND due_on <= $3 AND user_id IS NOT NULL ORDER BY due_on, account_id LIMIT $4";
    struct db_statement *rows;
    enum rc_code rc = store_query(st, &rows, err, sql, "iiii", company_id, destination_id,
                                  (int64_t)until, (int64_t)most);
    return rc != RC_OK ? rc : account_rows_read(st, rows, most, a, ret, ret_n, err);
}
