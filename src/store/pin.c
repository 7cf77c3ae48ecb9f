#include "store/pin.h"

enum rc_code pin_add(struct store *st, int64_t company_id, int64_t destination_id,
                     const struct pin *p, struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO pin (company_id, destination_id, subject_id, field, value, run_id, made_at,"
        " undone) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT (company_id, destination_id, subject_id, field) DO UPDATE SET"
        " value = excluded.value, run_id = excluded.run_id, made_at = excluded.made_at,"
        " undone = excluded.undone";
    return store_run(st, NULL, err, sql, "iiittiit", company_id, destination_id, p->subject_id,
                     p->field, p->value.state == TEXT_SET ? p->value : (struct text){ 0 },
                     p->run_id, p->made_us, p->undone);
}

enum rc_code pin_list(struct store *st, int64_t company_id, int64_t destination_id,
                      int64_t subject_id, struct arena *a, struct pin **ret, size_t *ret_n,
                      struct rc_error *err) {
    static const char count[] = "SELECT COUNT(*) FROM pin WHERE company_id = $1"
                                " AND destination_id = $2 AND ($3 = 0 OR subject_id = $3)";
    static const char sql[] =
        "SELECT subject_id, field, value, run_id, made_at, undone FROM pin WHERE company_id = $1"
        " AND destination_id = $2 AND ($3 = 0 OR subject_id = $3) ORDER BY subject_id, field";
    struct db_statement *rows;
    int64_t total;
    bool row = false;
    size_t n = 0;
    enum rc_code rc =
        store_number(st, &total, err, count, "iii", company_id, destination_id, subject_id);
    if (rc != RC_OK || (rc = store_query(st, &rows, err, sql, "iii", company_id, destination_id,
                                         subject_id)) != RC_OK)
        return rc;
    struct pin *list = ARENA_NEW(a, struct pin, (size_t)total + 1);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < (size_t)total)
        list[n++] = (struct pin){ db_int(rows, 0),
                                  store_text(a, rows, 1),
                                  db_is_null(rows, 2) ? TEXT_NONE : store_text(a, rows, 2),
                                  db_int(rows, 3),
                                  db_int(rows, 4),
                                  store_text(a, rows, 5) };
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code pin_drop(struct store *st, int64_t company_id, int64_t destination_id,
                      int64_t subject_id, struct text field, int64_t run_id, int64_t *ret_n,
                      struct rc_error *err) {
    static const char all[] = "DELETE FROM pin WHERE company_id = $1 AND destination_id = $2"
                              " AND subject_id = $3 AND ($4 = 0 OR run_id = $4)";
    static const char one[] = "DELETE FROM pin WHERE company_id = $1 AND destination_id = $2"
                              " AND subject_id = $3 AND ($4 = 0 OR run_id = $4) AND field = $5";
    int64_t n = 0;
    enum rc_code rc =
        field.state != TEXT_SET
            ? store_run(st, &n, err, all, "iiii", company_id, destination_id, subject_id, run_id)
            : store_run(st, &n, err, one, "iiiit", company_id, destination_id, subject_id, run_id,
                        field);
    if (rc == RC_OK && ret_n != NULL)
        *ret_n = n;
    return rc;
}
