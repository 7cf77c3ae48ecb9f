#include "store/audit.h"

#include "store/company.h"

enum rc_code audit_add_change(struct store *st, int64_t company_id, int64_t now_us, const char *who,
                              const char *what, struct text before, struct text after,
                              struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO audit (company_id, audit_id, at_us, who, what, before, after)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)";
    int64_t id;
    enum rc_code rc = company_take_ids(st, company_id, 1, &id, err);
    return rc != RC_OK ? rc
                       : store_run(st, NULL, err, sql, "iiisstt", company_id, id, now_us, who, what,
                                   before, after);
}

enum rc_code audit_add(struct store *st, int64_t company_id, int64_t now_us, const char *who,
                       const char *what, struct rc_error *err) {
    return audit_add_change(st, company_id, now_us, who, what, (struct text){ 0 },
                            (struct text){ 0 }, err);
}

enum rc_code audit_list(struct store *st, int64_t company_id, int64_t before_id, size_t most,
                        struct arena *a, struct audit **ret, size_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        "SELECT audit_id, at_us, who, what, before, after FROM audit WHERE company_id = $1"
        " AND ($2 = 0 OR audit_id < $2) ORDER BY audit_id DESC LIMIT $3";
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_query(st, &rows, err, sql, "iii", company_id, before_id, (int64_t)most);
    if (rc != RC_OK)
        return rc;
    struct audit *list = ARENA_NEW(a, struct audit, most + 1);
    while (n < most && (rc = db_step(rows, &row, err)) == RC_OK && row)
        list[n++] = (struct audit){ .audit_id = db_int(rows, 0),
                                    .at_us = db_int(rows, 1),
                                    .who = store_text(a, rows, 2),
                                    .what = store_text(a, rows, 3),
                                    .before = store_text(a, rows, 4),
                                    .after = store_text(a, rows, 5) };
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}
