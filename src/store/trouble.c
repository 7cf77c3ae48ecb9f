#include "store/trouble.h"

enum rc_code trouble_note(struct store *st, int64_t company_id, int64_t subject_id, int64_t now_us,
                          const struct rc_error *why, struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO trouble (company_id, subject_id, attempts, since_us, last_us, code, name, sentence)"
        " VALUES ($1, $2, 1, $3, $3, $4, $5, $6) ON CONFLICT (company_id, subject_id) DO UPDATE SET"
        " attempts = trouble.attempts + 1, last_us = excluded.last_us, code = excluded.code,"
        " name = excluded.name, sentence = excluded.sentence";
    return store_run(st, NULL, err, sql, "iiisss", company_id, subject_id, now_us,
                     rc_code_name(why->code), why->name != NULL ? why->name : "", why->text);
}

enum rc_code trouble_over(struct store *st, int64_t company_id, int64_t subject_id,
                          struct rc_error *err) {
    static const char is_there[] =
        "SELECT COUNT(*) FROM trouble WHERE company_id = $1 AND subject_id = $2";
    static const char sql[] = "DELETE FROM trouble WHERE company_id = $1 AND subject_id = $2";
    int64_t n = 0;
    enum rc_code rc = store_number(st, &n, err, is_there, "ii", company_id, subject_id);
    return rc != RC_OK || n == 0 ? rc : store_run(st, NULL, err, sql, "ii", company_id, subject_id);
}

static enum rc_code code_of(struct text t) {
    for (int c = RC_OK + 1; c <= RC_FATAL; c++)
        if (text_is(t, rc_code_name((enum rc_code)c)))
            return (enum rc_code)c;
    return RC_FATAL; /* of a newer program */
}

enum rc_code trouble_get(struct store *st, int64_t company_id, int64_t subject_id, struct arena *a,
                         struct trouble *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT attempts, since_us, last_us, code, name, sentence FROM trouble"
        " WHERE company_id = $1 AND subject_id = $2";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "ii", company_id, subject_id);
    if (rc != RC_OK)
        return rc;
    *ret = (struct trouble){ 0 };
    if (!found)
        return RC_OK;
    *ret =
        (struct trouble){ db_int(row, 0),           db_int(row, 1),        db_int(row, 2),
                          code_of(db_text(row, 3)), store_text(a, row, 4), store_text(a, row, 5) };
    db_reset(row);
    return RC_OK;
}
