#include "store/unsettled.h"

enum rc_code unsettled_note(struct store *st, int64_t company_id, int64_t integration_id,
                            int64_t user_id, int64_t run_id, int64_t now_us, int64_t *ret_since_us,
                            struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO unsettled (company_id, integration_id, user_id, since_us, run_id)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (company_id, integration_id, user_id)"
        " DO UPDATE SET run_id = excluded.run_id RETURNING since_us";
    return store_number(st, ret_since_us, err, sql, "iiiii", company_id, integration_id, user_id,
                        now_us, run_id);
}

enum rc_code unsettled_forget_others(struct store *st, int64_t company_id, int64_t integration_id,
                                     int64_t run_id, struct rc_error *err) {
    static const char sql[] =
        "DELETE FROM unsettled WHERE company_id = $1 AND integration_id = $2 AND run_id <> $3";
    int64_t n;
    /* nothing to forget is the rule: then nothing is written */
    enum rc_code rc = unsettled_count(st, company_id, integration_id, &n, err);
    return rc != RC_OK || n == 0
               ? rc
               : store_run(st, NULL, err, sql, "iii", company_id, integration_id, run_id);
}

enum rc_code unsettled_count(struct store *st, int64_t company_id, int64_t integration_id,
                             int64_t *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT COUNT(*) FROM unsettled WHERE company_id = $1 AND integration_id = $2";
    return store_number(st, ret, err, sql, "ii", company_id, integration_id);
}

enum rc_code unsettled_since(struct store *st, int64_t company_id, int64_t integration_id,
                             int64_t user_id, int64_t *ret_since_us, struct rc_error *err) {
    static const char sql[] = "SELECT COALESCE(MAX(since_us), 0) FROM unsettled"
                              " WHERE company_id = $1 AND integration_id = $2 AND user_id = $3";
    return store_number(st, ret_since_us, err, sql, "iii", company_id, integration_id, user_id);
}
