/* What closing an account takes from others: their manager. */
#include "store/ahead.h"

#include "base/cleanup.h"
#include "store/account_p.h"

/* Goes through everybody once, as nothing has managers in order. */
static enum rc_code reports_of(struct store *st, int64_t company_id, int64_t destination_id,
                               const int64_t *user_ids, size_t n, struct arena *a,
                               struct account_row **ret, size_t *ret_n, struct rc_error *err) {
    /* + 0: else SQLite would take an index that has not the manager, and find each row by it. */
    static const char sql[] =
        "SELECT " ACCOUNT_COLUMNS " FROM account WHERE company_id = $1 AND destination_id = $2"
        " AND user_id IN (SELECT u.user_id FROM \"user\" AS u WHERE u.company_id = $1"
        " AND u.manager IS NOT NULL AND (u.integration_id + 0, u.manager) IN"
        " (SELECT b.integration_id, b.source_id FROM \"user\" AS b WHERE b.company_id = $1"
        " AND b.user_id IN " ACCOUNT_HUNDRED "))";
    struct db_statement *rows;
    enum rc_code rc = store_query(st, &rows, err, sql, "ii", company_id, destination_id);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n; i++)
        db_bind_int(rows, (int)i + 3, user_ids[i]);
    return account_rows_read(st, rows, SIZE_MAX, a, ret, ret_n, err);
}

static bool is_of_one(struct text remote_id, const struct account_row *rows, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (text_equal(rows[i].is.remote_id, remote_id))
            return true;
    return false;
}

/* At most ACCOUNT_AT_ONCE. */
static enum rc_code some_closed(struct store *st, int64_t company_id, int64_t destination_id,
                                const int64_t *user_ids, size_t n, struct arena *a,
                                struct rc_error *err) {
    struct account_row *closed, *reports;
    size_t closed_n, reports_n;
    enum rc_code rc =
        ahead_accounts(st, company_id, destination_id, user_ids, n, a, &closed, &closed_n, err);
    if (rc == RC_OK)
        rc = reports_of(st, company_id, destination_id, user_ids, n, a, &reports, &reports_n, err);
    for (size_t i = 0; rc == RC_OK && i < reports_n; i++) {
        struct account_field *manager = &reports[i].is.fields[USER_MANAGER];
        struct text shows = account_shows(manager);
        if (shows.state != TEXT_SET || !is_of_one(shows, closed, closed_n))
            continue;
        manager->known = manager->delivered = (struct text){ 0 };
        rc = account_update(st, company_id, destination_id, &reports[i], err);
    }
    return rc;
}

enum rc_code account_closed(struct store *st, int64_t company_id, int64_t destination_id,
                            const int64_t *user_ids, size_t n, struct rc_error *err) {
    struct arena a;
    enum rc_code rc = RC_OK;
    arena_init(&a);
    for (size_t at = 0; at < n && rc == RC_OK; at += ACCOUNT_AT_ONCE) {
        size_t some = n - at < ACCOUNT_AT_ONCE ? n - at : ACCOUNT_AT_ONCE;
        arena_reset(&a);
        rc = some_closed(st, company_id, destination_id, user_ids + at, some, &a, err);
    }
    arena_done(&a);
    return rc;
}
