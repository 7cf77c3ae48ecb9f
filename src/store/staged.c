#include "store/staged.h"

enum rc_code staged_ids(struct store *st, int64_t company_id, int64_t run_id, struct arena *a,
                        struct text **ret, size_t *ret_n, struct rc_error *err) {
    static const char count[] =
        "SELECT COUNT(*) FROM version WHERE company_id = $1 AND run_id = $2";
    static const char sql[] = "SELECT source_id FROM version WHERE company_id = $1 AND run_id = $2";
    struct db_statement *rows;
    int64_t total = 0;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_number(st, &total, err, count, "ii", company_id, run_id);
    if (rc != RC_OK || (rc = store_query(st, &rows, err, sql, "ii", company_id, run_id)) != RC_OK)
        return rc;
    struct text *list = ARENA_NEW(a, struct text, (size_t)total + 1);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < (size_t)total)
        list[n++] = store_text(a, rows, 0);
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}
