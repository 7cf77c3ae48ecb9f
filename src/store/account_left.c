/* Whose account is open though they may have left: found by what is kept, so that nobody is read who has not. */
#include "store/account_p.h"

enum rc_code account_maybe_left(struct store *st, int64_t company_id, int64_t destination_id,
                                date_days today, const struct text prefixes[2], int64_t after_id,
                                size_t most, struct arena *a, struct account_row **ret,
                                size_t *ret_n, struct rc_error *err) {
    /* ';' comes next after ':' */
    static const char sql[] =
        "SELECT " ACCOUNT_COLUMNS " FROM account WHERE company_id = $1 AND destination_id = $2"
        " AND account_id > $3 AND status IN ('active', 'unknown') AND remote_id IS NOT NULL"
        " AND ((user_id IS NOT NULL AND (gone_on IS NOT NULL OR due_on <= $4 OR dirty <> 0"
        "  OR tie = 'ignored' OR waits = 'reading' OR approval IS NOT NULL OR user_id IN"
        "  (SELECT user_id FROM \"user\" WHERE company_id = $1 AND has_left = 1)))"
        " OR (user_id IS NULL AND ((external_id >= $6 AND external_id < $7)"
        "  OR (external_id >= $8 AND external_id < $9))))"
        " ORDER BY account_id LIMIT $5";
    struct text ends[4];
    for (int i = 0; i < 4; i++)
        ends[i] = text_of(arena_printf(a, "%.*s%c", TEXT_ARG(prefixes[i / 2]), i % 2 ? ';' : ':'));
    struct db_statement *rows;
    enum rc_code rc =
        store_query(st, &rows, err, sql, "iiiiitttt", company_id, destination_id, after_id,
                    (int64_t)today, (int64_t)most, ends[0], ends[1], ends[2], ends[3]);
    return rc != RC_OK ? rc : account_rows_read(st, rows, most, a, ret, ret_n, err);
}

enum rc_code account_open_of(struct store *st, int64_t company_id, int64_t destination_id,
                             int64_t integration_id, int64_t *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT COUNT(*) FROM account AS a JOIN \"user\" AS u ON u.company_id = a.company_id"
        " AND u.user_id = a.user_id WHERE a.company_id = $1 AND a.destination_id = $2"
        " AND a.status IN ('active', 'unknown') AND a.remote_id IS NOT NULL"
        " AND u.integration_id = $3";
    return store_number(st, ret, err, sql, "iii", company_id, destination_id, integration_id);
}
