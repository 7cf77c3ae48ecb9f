#include "store/company.h"

#include <string.h>

enum rc_code company_key_check(const char *key, const char *what, struct rc_error *err) {
    size_t len = strlen(key);
    bool good = len >= 1 && len <= 40 && key[0] != '-' &&
                strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
    if (!good)
        return rc_fail(err, RC_INVALID,
                       "a key of a %s has 1 to 40 of a-z, 0-9 and '-': \"%.60s\" is none", what,
                       key);
    return RC_OK;
}

enum rc_code company_add(struct store *st, const char *key, const char *name, const char *zone,
                         int64_t now_us, int64_t *ret_id, struct rc_error *err) {
    static const char next[] = "SELECT COALESCE(MAX(company_id), 0) + 1 FROM company";
    static const char insert[] =
        "INSERT INTO company (company_id, key, name, zone, next_id, next_run, created_at)"
        " VALUES ($1, $2, $3, $4, 1, 1, $5)";
    int64_t id = 0;
    bool mine;
    enum rc_code rc = company_key_check(key, "company", err);
    if (rc != RC_OK || (rc = store_join(st, &mine, err)) != RC_OK)
        return rc;
    if ((rc = store_number(st, &id, err, next, "")) == RC_OK &&
        (rc = store_run(st, NULL, err, insert, "isssi", id, key, name, zone, now_us)) ==
            RC_CONFLICT)
        rc_fail_as(err, rc, "company.exists", "there is a company \"%s\" already", key);
    if ((rc = store_leave(st, mine, rc, err)) == RC_OK)
        *ret_id = id;
    return rc;
}

static void company_read(struct arena *a, const struct db_statement *row, struct company *ret) {
    *ret = (struct company){ db_int(row, 0), store_text(a, row, 1), store_text(a, row, 2),
                             store_text(a, row, 3), db_int(row, 4) };
}

enum rc_code company_find(struct store *st, const char *key, struct arena *a, struct company *ret,
                          struct rc_error *err) {
    static const char sql[] =
        "SELECT company_id, key, name, zone, created_at FROM company WHERE key = $1";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "s", key);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return rc_fail_as(
            err, RC_NOT_FOUND, "company.unknown",
            "there is no company \"%.60s\"; `rollcall company list` shows those that there are",
            key);
    company_read(a, row, ret);
    db_reset(row);
    return RC_OK;
}

enum rc_code company_count(struct store *st, int64_t *ret, struct rc_error *err) {
    return store_number(st, ret, err, "SELECT COUNT(*) FROM company", "");
}

enum rc_code company_get(struct store *st, int64_t company_id, struct arena *a, struct company *ret,
                         struct rc_error *err) {
    static const char sql[] =
        "SELECT company_id, key, name, zone, created_at FROM company WHERE company_id = $1";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "i", company_id);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return rc_fail_as(err, RC_NOT_FOUND, "company.unknown", "the company is gone");
    company_read(a, row, ret);
    db_reset(row);
    return RC_OK;
}

enum rc_code company_list(struct store *st, struct arena *a, struct company **ret, size_t *ret_n,
                          struct rc_error *err) {
    static const char count[] = "SELECT COUNT(*) FROM company";
    static const char sql[] =
        "SELECT company_id, key, name, zone, created_at FROM company ORDER BY key";
    struct db_statement *rows;
    int64_t total;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_number(st, &total, err, count, "");
    if (rc != RC_OK || (rc = store_query(st, &rows, err, sql, "")) != RC_OK)
        return rc;
    struct company *list = ARENA_NEW(a, struct company, (size_t)total + 1);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < (size_t)total)
        company_read(a, rows, &list[n++]);
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code company_take_ids(struct store *st, int64_t company_id, int64_t n, int64_t *ret_first,
                              struct rc_error *err) {
    static const char sql[] =
        "UPDATE company SET next_id = next_id + $1 WHERE company_id = $2 RETURNING next_id";
    int64_t next;
    enum rc_code rc = store_number(st, &next, err, sql, "ii", n, company_id);
    if (rc == RC_OK)
        *ret_first = next - n;
    return rc;
}

enum rc_code company_save(struct store *st, const struct company *co, struct rc_error *err) {
    static const char sql[] = "UPDATE company SET name = $1, zone = $2 WHERE company_id = $3";
    return store_run(st, NULL, err, sql, "tti", co->name, co->zone, co->company_id);
}
