#include "store/directory.h"

#include <string.h>

#define ROW(u)                                                                                     \
    u ".user_id, " u ".integration_id, " u ".run_id, " u ".source_id, " u ".presence, " u          \
      ".read_at, " u ".employee_digest, " u ".user_digest, " u ".problems, " u ".has_left"

static void digest_read(const struct db_statement *row, int column, struct digest *ret) {
    size_t len = 0;
    const void *bytes = db_blob(row, column, &len);
    memset(ret, 0, sizeof *ret);
    if (len == sizeof ret->bytes)
        memcpy(ret->bytes, bytes, len);
}

static void person_read(const struct db_statement *row, struct arena *a, struct person *ret) {
    *ret = (struct person){ .user_id = db_int(row, 0),
                            .integration_id = db_int(row, 1),
                            .run_id = db_int(row, 2),
                            .source_id = store_text(a, row, 3),
                            .presence = presence_parse(db_text(row, 4)),
                            .read_us = db_int(row, 5),
                            .problems = (uint64_t)db_int(row, 8),
                            .has_left = db_int(row, 9) != 0,
                            .employee = store_text(a, row, 10),
                            .user = store_text(a, row, 11) };
    digest_read(row, 6, &ret->employee_digest);
    digest_read(row, 7, &ret->user_digest);
}

static enum rc_code people_read(struct db_statement *rows, size_t most, struct arena *a,
                                struct person **ret, size_t *ret_n, struct rc_error *err) {
    struct person *list = ARENA_NEW(a, struct person, most + 1);
    enum rc_code rc;
    bool row = false;
    size_t n = 0;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < most)
        person_read(rows, a, &list[n++]);
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code directory_known(struct store *st, int64_t company_id, int64_t integration_id,
                             int64_t after_id, size_t most, struct arena *a, struct person **ret,
                             size_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        "SELECT user_id, source_id, presence, employee_digest, has_left FROM \"user\" WHERE company_id = $1"
        " AND integration_id = $2 AND user_id > $3 ORDER BY user_id LIMIT $4";
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_query(st, &rows, err, sql, "iiii", company_id, integration_id, after_id,
                                  (int64_t)most);
    if (rc != RC_OK)
        return rc;
    struct person *list = ARENA_NEW(a, struct person, most + 1);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < most) {
        struct person *p = &list[n++];
        *p = (struct person){ .user_id = db_int(rows, 0),
                              .source_id = store_text(a, rows, 1),
                              .presence = presence_parse(db_text(rows, 2)),
                              .has_left = db_int(rows, 4) != 0 };
        digest_read(rows, 3, &p->employee_digest);
    }
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code directory_count(struct store *st, int64_t company_id, int64_t integration_id,
                             int64_t *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT COUNT(*) FROM \"user\" WHERE company_id = $1 AND integration_id = $2";
    return store_number(st, ret, err, sql, "ii", company_id, integration_id);
}

enum rc_code directory_has_any(struct store *st, int64_t company_id, int64_t integration_id,
                               bool *ret, struct rc_error *err) {
    static const char sql[] = "SELECT COUNT(*) FROM (SELECT 1 AS x FROM \"user\""
                              " WHERE company_id = $1 AND integration_id = $2 LIMIT 1) AS one";
    int64_t n = 0;
    enum rc_code rc = store_number(st, &n, err, sql, "ii", company_id, integration_id);
    *ret = n > 0;
    return rc;
}

enum rc_code directory_population(struct store *st, int64_t company_id, int64_t integration_id,
                                  int64_t *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT COUNT(*) FROM \"user\" WHERE company_id = $1 AND integration_id = $2 AND has_left = 0";
    return store_number(st, ret, err, sql, "ii", company_id, integration_id);
}

#define WHOLE_FROM                                                                                 \
    ", v.employee, v.person FROM \"user\" AS u JOIN version AS v"                                  \
    " ON v.company_id = u.company_id AND v.run_id = u.run_id AND v.user_id = u.user_id "

enum rc_code directory_find(struct store *st, int64_t company_id, int64_t integration_id,
                            struct text source_id, struct arena *a, struct person *ret,
                            struct rc_error *err) {
    static const char sql[] = "SELECT " ROW("u") WHOLE_FROM
        "WHERE u.company_id = $1 AND u.integration_id = $2 AND u.source_id = $3";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc =
        store_row(st, &row, &found, err, sql, "iit", company_id, integration_id, source_id);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return rc_fail_as(err, RC_NOT_FOUND, "person.unknown",
                          "the directory has nobody with that id");
    person_read(row, a, ret);
    db_reset(row);
    return RC_OK;
}

enum rc_code directory_get(struct store *st, int64_t company_id, int64_t user_id, struct arena *a,
                           struct person *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT " ROW("u") WHOLE_FROM "WHERE u.company_id = $1 AND u.user_id = $2";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "ii", company_id, user_id);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return rc_fail_as(err, RC_NOT_FOUND, "person.unknown",
                          "the directory has nobody with that id");
    person_read(row, a, ret);
    db_reset(row);
    return RC_OK;
}

enum rc_code directory_staged(struct store *st, int64_t company_id, int64_t run_id, int64_t user_id,
                              struct arena *a, struct person *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT " ROW("v") ", v.employee, v.person FROM version AS v"
                           " WHERE v.company_id = $1 AND v.run_id = $2 AND v.user_id = $3";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "iii", company_id, run_id, user_id);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return rc_fail_as(err, RC_NOT_FOUND, "person.unknown",
                          "the run has not staged that person");
    person_read(row, a, ret);
    db_reset(row);
    return RC_OK;
}

enum rc_code directory_problems(struct store *st, int64_t company_id, int64_t integration_id,
                                struct arena *a, struct directory_problems **ret, size_t *ret_n,
                                struct rc_error *err) {
    static const char sql[] =
        "SELECT problems, COUNT(*) FROM \"user\" WHERE company_id = $1 AND integration_id = $2"
        " AND presence = 'listed' AND problems <> 0 GROUP BY problems ORDER BY 1 LIMIT $3";
    enum { MOST = 512 }; /* sets of nine bits */
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    enum rc_code rc =
        store_query(st, &rows, err, sql, "iii", company_id, integration_id, (int64_t)MOST);
    if (rc != RC_OK)
        return rc;
    struct directory_problems *list = ARENA_NEW(a, struct directory_problems, MOST);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < MOST)
        list[n++] = (struct directory_problems){ (uint64_t)db_int(rows, 0), db_int(rows, 1) };
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code directory_list(struct store *st, int64_t company_id, int64_t integration_id,
                            int64_t overlay_run_id, int64_t after_id, size_t most, struct arena *a,
                            struct person **ret, size_t *ret_n, struct rc_error *err) {
    static const char plain[] = "SELECT " ROW("u") WHOLE_FROM
        "WHERE u.company_id = $1 AND ($2 = 0 OR u.integration_id = $2) AND u.user_id > $3 ORDER BY u.user_id LIMIT $4";
    /* Current people, seen through the staged version where it still fits; and staged joiners who
     * are not there by now. */
    static const char overlay[] = "SELECT * FROM (SELECT " ROW(
        "v") ", v.employee, v.person FROM \"user\" AS u JOIN version AS v"
             " ON v.company_id = u.company_id AND v.user_id = u.user_id AND v.run_id = CASE WHEN EXISTS"
             "  (SELECT 1 FROM version AS s WHERE s.company_id = u.company_id AND s.run_id = $5 AND s.user_id = u.user_id"
             "   AND s.base_run_id = u.run_id) THEN $5 ELSE u.run_id END"
             " WHERE u.company_id = $1 AND ($2 = 0 OR u.integration_id = $2) AND u.user_id > $3"
             " UNION ALL SELECT " ROW(
                 "v") ", v.employee, v.person FROM version AS v"
                      " WHERE v.company_id = $1 AND ($2 = 0 OR v.integration_id = $2) AND v.run_id = $5 AND v.user_id > $3"
                      "  AND v.base_run_id IS NULL AND NOT EXISTS (SELECT 1 FROM \"user\" AS u WHERE u.company_id = v.company_id"
                      "   AND u.integration_id = v.integration_id AND u.source_id = v.source_id)"
                      ") AS people ORDER BY 1 LIMIT $4";
    struct db_statement *rows;
    enum rc_code rc;
    if (overlay_run_id == 0)
        rc = store_query(st, &rows, err, plain, "iiii", company_id, integration_id, after_id,
                         (int64_t)most);
    else
        rc = store_query(st, &rows, err, overlay, "iiiii", company_id, integration_id, after_id,
                         (int64_t)most, overlay_run_id);
    return rc != RC_OK ? rc : people_read(rows, most, a, ret, ret_n, err);
}

enum rc_code directory_each(struct store *st, int64_t company_id, int64_t integration_id,
                            directory_fn *fn, void *self, struct rc_error *err) {
    enum { AT_ONCE = 2000 };
    struct person *people;
    struct arena page;
    size_t n = 0;
    int64_t after = 0;
    enum rc_code rc;
    arena_init(&page);
    do {
        arena_reset(&page);
        rc = directory_list(st, company_id, integration_id, 0, after, AT_ONCE, &page, &people, &n,
                            err);
        for (size_t i = 0; i < n && rc == RC_OK; i++) {
            after = people[i].user_id;
            rc = fn(self, &people[i], &page, err);
        }
    } while (rc == RC_OK && n == AT_ONCE);
    arena_done(&page);
    return rc;
}

/* Digits to the end; else 0, which is nobody's. */
static int64_t number_of(struct text t) {
    enum { DIGITS_MOST = 18 };
    int64_t n = 0;
    if (t.len > DIGITS_MOST)
        return 0;
    for (size_t i = 0; i < t.len; i++) {
        if (t.ptr[i] < '0' || t.ptr[i] > '9')
            return 0;
        n = n * 10 + (t.ptr[i] - '0');
    }
    return n;
}

enum rc_code directory_search(struct store *st, int64_t company_id, struct text what, size_t most,
                              struct arena *a, struct person **ret, size_t *ret_n,
                              struct rc_error *err) {
    static const char sql[] = "SELECT " ROW("u") WHOLE_FROM
        "WHERE u.company_id = $1 AND (u.source_id = $2 OR u.email = $3 OR u.user_id = $4) ORDER BY u.user_id LIMIT $5";
    struct db_statement *rows;
    int64_t user_id = 0;
    if (what.state == TEXT_SET && what.ptr[0] == '#')
        user_id = number_of(text_from(what.ptr + 1, what.len - 1));
    enum rc_code rc = store_query(st, &rows, err, sql, "ittii", company_id, what,
                                  text_fold_ascii(a, what), user_id, (int64_t)most);
    return rc != RC_OK ? rc : people_read(rows, most, a, ret, ret_n, err);
}

enum rc_code directory_shared_emails(struct store *st, int64_t company_id, int64_t *ret,
                                     struct rc_error *err) {
    static const char sql[] =
        "SELECT COUNT(*) FROM (SELECT email FROM \"user\" WHERE company_id = $1 AND email IS NOT NULL"
        " AND has_left = 0 GROUP BY email HAVING COUNT(*) > 1) AS shared";
    return store_number(st, ret, err, sql, "i", company_id);
}

enum rc_code directory_unknown_managers(struct store *st, int64_t company_id,
                                        int64_t integration_id, int64_t *ret,
                                        struct rc_error *err) {
    /* Each manager is looked for once, not once for everybody they manage. + 0: else SQLite would
     * take an index that has not the manager, and find each row by it. */
    static const char sql[] =
        "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM (SELECT manager, COUNT(*) AS n FROM \"user\""
        "  WHERE company_id = $1 AND integration_id + 0 = $2 AND manager IS NOT NULL AND has_left = 0"
        "  GROUP BY manager) AS stated WHERE NOT EXISTS (SELECT 1 FROM \"user\" AS m"
        "  WHERE m.company_id = $1 AND m.integration_id = $2 AND m.source_id = stated.manager)";
    return store_number(st, ret, err, sql, "ii", company_id, integration_id);
}

enum rc_code directory_manager(struct store *st, int64_t company_id, int64_t integration_id,
                               struct text source_id, struct arena *a, int64_t *ret_user_id,
                               struct text *ret_manager, struct rc_error *err) {
    static const char sql[] =
        "SELECT user_id, manager FROM \"user\" WHERE company_id = $1 AND integration_id = $2"
        " AND source_id = $3";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc =
        store_row(st, &row, &found, err, sql, "iit", company_id, integration_id, source_id);
    *ret_user_id = 0;
    *ret_manager = (struct text){ 0 };
    if (rc != RC_OK || !found)
        return rc;
    *ret_user_id = db_int(row, 0);
    *ret_manager = store_text(a, row, 1);
    db_reset(row);
    return RC_OK;
}

static enum rc_code of_email(struct store *st, const char *sql, int64_t company_id,
                             struct text email, size_t most, int64_t *ret_user_ids, size_t *ret_n,
                             struct rc_error *err) {
    struct db_statement *rows;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, sql, "iti", company_id, email, (int64_t)most);
    *ret_n = 0;
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && *ret_n < most)
        ret_user_ids[(*ret_n)++] = db_int(rows, 0);
    db_reset(rows);
    return rc;
}

enum rc_code directory_of_email(struct store *st, int64_t company_id, struct text email,
                                size_t most, int64_t *ret_user_ids, size_t *ret_n,
                                struct rc_error *err) {
#define STATED "SELECT user_id FROM \"user\" WHERE company_id = $1 AND email = $2"
    /* Nearly always it is one: only several are put in order, which costs more than to find them.
     * + 0: else SQLite goes through everybody, in order. */
    static const char few[] = STATED " LIMIT $3", many[] = STATED " ORDER BY user_id + 0 LIMIT $3";
#undef STATED
    enum rc_code rc = of_email(st, few, company_id, email, most, ret_user_ids, ret_n, err);
    return rc != RC_OK || *ret_n < 2
               ? rc
               : of_email(st, many, company_id, email, most, ret_user_ids, ret_n, err);
}
