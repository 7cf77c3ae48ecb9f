#include "store/ahead.h"

#include <stdlib.h>
#include "base/cleanup.h"
#include "store/account_p.h"

_Static_assert((int)AHEAD_AT_ONCE == (int)ACCOUNT_AT_ONCE, "as many as IN (...) has");
enum { PAIRS_MOST = 4 * AHEAD_AT_ONCE }; /* nearly always there is one of each */

static int by_user(const void *a, const void *b) {
    const struct ahead_person *p = a, *q = b;
    return p->is.user_id < q->is.user_id ? -1 : p->is.user_id > q->is.user_id;
}

enum rc_code ahead_people(struct store *st, int64_t company_id, const int64_t *user_ids, size_t n,
                          struct arena *a, struct ahead_person **ret, size_t *ret_n,
                          struct rc_error *err) {
    static const char sql[] =
        "SELECT u.user_id, u.integration_id, u.run_id, u.source_id, u.presence, u.read_at,"
        " u.problems, u.has_left, v.person, u.email FROM \"user\" AS u JOIN version AS v"
        " ON v.company_id = u.company_id AND v.run_id = u.run_id AND v.user_id = u.user_id"
        " WHERE u.company_id = $1 AND u.user_id IN " ACCOUNT_HUNDRED " LIMIT $2";
    struct db_statement *rows;
    size_t got = 0;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, sql, "ii", company_id, (int64_t)AHEAD_AT_ONCE);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n && i < AHEAD_AT_ONCE; i++)
        db_bind_int(rows, (int)i + 3, user_ids[i]);
    struct ahead_person *list = ARENA_NEW(a, struct ahead_person, n + 1);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && got < n)
        list[got++] = (struct ahead_person){ { .user_id = db_int(rows, 0),
                                               .integration_id = db_int(rows, 1),
                                               .run_id = db_int(rows, 2),
                                               .source_id = store_text(a, rows, 3),
                                               .presence = presence_parse(db_text(rows, 4)),
                                               .read_us = db_int(rows, 5),
                                               .problems = (uint64_t)db_int(rows, 6),
                                               .has_left = db_int(rows, 7) != 0,
                                               .user = store_text(a, rows, 8) },
                                             store_text(a, rows, 9) };
    db_reset(rows);
    qsort(list, got, sizeof *list, by_user);
    *ret = list;
    *ret_n = got;
    return rc;
}

enum rc_code ahead_accounts(struct store *st, int64_t company_id, int64_t destination_id,
                            const int64_t *user_ids, size_t n, struct arena *a,
                            struct account_row **ret, size_t *ret_n, struct rc_error *err) {
    static const char sql[] = "SELECT " ACCOUNT_COLUMNS " FROM account WHERE company_id = $1"
                              " AND destination_id = $2 AND user_id IN " ACCOUNT_HUNDRED;
    struct db_statement *rows;
    enum rc_code rc = store_query(st, &rows, err, sql, "ii", company_id, destination_id);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n && i < AHEAD_AT_ONCE; i++)
        db_bind_int(rows, (int)i + 3, user_ids[i]);
    return account_rows_read(st, rows, n < AHEAD_AT_ONCE ? n : AHEAD_AT_ONCE, a, ret, ret_n, err);
}

/* ---- who has a text ---- */

static int by_text(const void *a, const void *b) {
    const struct ahead_pair *p = a, *q = b;
    int order = text_compare(p->text, q->text);
    return order != 0 ? order : p->id < q->id ? -1 : p->id > q->id;
}

/* sql: text and id of a row; $1 the company, $2 something else. */
static enum rc_code pairs(struct store *st, const char *sql, int64_t company_id, int64_t second,
                          const struct text *texts, size_t n, struct arena *a,
                          struct ahead_pairs *ret, struct rc_error *err) {
    struct db_statement *rows;
    bool row = false;
    *ret = (struct ahead_pairs){ .all = true };
    if (n == 0)
        return RC_OK;
    enum rc_code rc = store_query(st, &rows, err, sql, "ii", company_id, second);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n && i < AHEAD_AT_ONCE; i++)
        db_bind_value(rows, (int)i + 3, texts[i]);
    *ret = (struct ahead_pairs){ .list = ARENA_NEW(a, struct ahead_pair, PAIRS_MOST) };
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && ret->n < PAIRS_MOST)
        ret->list[ret->n++] = (struct ahead_pair){ store_text(a, rows, 0), db_int(rows, 1) };
    db_reset(rows);
    ret->all = ret->n < PAIRS_MOST;
    qsort(ret->list, ret->n, sizeof *ret->list, by_text);
    return rc;
}

enum rc_code ahead_stated(struct store *st, int64_t company_id, const struct text *emails, size_t n,
                          struct arena *a, struct ahead_pairs *ret, struct rc_error *err) {
    static const char sql[] = "SELECT email, user_id FROM \"user\" WHERE company_id = $1"
                              " AND email IN " ACCOUNT_HUNDRED " LIMIT $2";
    return pairs(st, sql, company_id, PAIRS_MOST, emails, n, a, ret, err);
}

enum rc_code ahead_shown(struct store *st, int64_t company_id, int64_t destination_id,
                         const struct text *emails, size_t n, struct arena *a,
                         struct ahead_pairs *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT email, COALESCE(user_id, 0) FROM account WHERE company_id = $1"
        " AND destination_id = $2 AND email IN " ACCOUNT_HUNDRED
        " AND status NOT IN ('deleted', 'anonymised')";
    return pairs(st, sql, company_id, destination_id, emails, n, a, ret, err);
}

enum rc_code ahead_external(struct store *st, int64_t company_id, int64_t destination_id,
                            const struct text *external_ids, size_t n, struct arena *a,
                            struct ahead_pairs *ret, struct rc_error *err) {
    static const char sql[] = "SELECT external_id, account_id FROM account WHERE company_id = $1"
                              " AND destination_id = $2 AND external_id IN " ACCOUNT_HUNDRED;
    return pairs(st, sql, company_id, destination_id, external_ids, n, a, ret, err);
}

const struct ahead_pair *ahead_pairs_of(const struct ahead_pairs *p, struct text t, size_t *ret_n) {
    size_t from = 0, to = p->n;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (text_compare(p->list[mid].text, t) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    for (*ret_n = 0; from + *ret_n < p->n && text_equal(p->list[from + *ret_n].text, t);)
        ++*ret_n;
    return p->list + from;
}
