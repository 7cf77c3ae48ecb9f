#include "store/mapping_text.h"

#define COLUMNS "mapping_id, state, source, made_by, note, made_at, activated_at"

const char *mapping_text_state_name(enum mapping_text_state s) {
    static const char *const names[] = { [MAPPING_TEXT_DRAFT] = "draft",
                                         [MAPPING_TEXT_ACTIVE] = "active",
                                         [MAPPING_TEXT_RETIRED] = "retired" };
    return names[s];
}

static enum rc_code unknown(struct rc_error *err, int64_t mapping_id) {
    return rc_fail_as(err, RC_NOT_FOUND, "mapping.unknown", "the integration has no mapping %lld",
                      (long long)mapping_id);
}

static enum rc_code row_read(const struct db_statement *row, struct arena *a,
                             struct mapping_text *ret, struct rc_error *err) {
    *ret = (struct mapping_text){ .mapping_id = db_int(row, 0),
                                  .source = store_text(a, row, 2),
                                  .made_by = store_text(a, row, 3),
                                  .note = store_text(a, row, 4),
                                  .made_us = db_int(row, 5),
                                  .activated_us = db_is_null(row, 6) ? 0 : db_int(row, 6) };
    if (ret->source.state != TEXT_SET) /* nothing but defaults */
        ret->source = TEXT_NONE;
    for (enum mapping_text_state s = MAPPING_TEXT_DRAFT; s <= MAPPING_TEXT_RETIRED; s++)
        if (text_is(db_text(row, 1), mapping_text_state_name(s)))
            ret->state = s;
    if (ret->state == 0)
        return rc_fail(err, RC_FATAL, "mapping %lld has a state that this program does not know",
                       (long long)ret->mapping_id);
    return RC_OK;
}

enum rc_code mapping_text_add(struct store *st, int64_t company_id, int64_t integration_id,
                              const struct mapping_text *m, int64_t *ret_id, struct rc_error *err) {
    static const char next[] = "SELECT COALESCE(MAX(mapping_id), 0) + 1 FROM mapping"
                               " WHERE company_id = $1 AND integration_id = $2";
    static const char sql[] =
        "INSERT INTO mapping (company_id, integration_id, mapping_id, state, source, made_by, note,"
        " made_at) VALUES ($1, $2, $3, 'draft', $4, $5, $6, $7)";
    int64_t id = 0;
    bool mine;
    enum rc_code rc = store_join(st, &mine, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = store_number(st, &id, err, next, "ii", company_id, integration_id)) == RC_OK)
        rc = store_run(st, NULL, err, sql, "iiittti", company_id, integration_id, id, m->source,
                       m->made_by, m->note, m->made_us);
    if ((rc = store_leave(st, mine, rc, err)) == RC_OK)
        *ret_id = id;
    return rc;
}

/* Nothing was changed: there is none, or it is no draft. */
static enum rc_code not_a_draft(struct store *st, int64_t company_id, int64_t integration_id,
                                int64_t mapping_id, struct rc_error *err) {
    static const char sql[] = "SELECT COUNT(*) FROM mapping WHERE company_id = $1"
                              " AND integration_id = $2 AND mapping_id = $3";
    int64_t n = 0;
    enum rc_code rc = store_number(st, &n, err, sql, "iii", company_id, integration_id, mapping_id);
    if (rc != RC_OK || n == 0)
        return rc != RC_OK ? rc : unknown(err, mapping_id);
    return rc_fail_as(
        err, RC_CONFLICT, "mapping.not-a-draft",
        "mapping %lld has been active and stays as it is: make a new draft from it instead",
        (long long)mapping_id);
}

enum rc_code mapping_text_save(struct store *st, int64_t company_id, int64_t integration_id,
                               const struct mapping_text *m, struct rc_error *err) {
    static const char sql[] =
        "UPDATE mapping SET source = $1, note = $2, made_by = $3, made_at = $4 WHERE company_id = $5"
        " AND integration_id = $6 AND mapping_id = $7 AND state = 'draft'";
    int64_t n = 0;
    enum rc_code rc = store_run(st, &n, err, sql, "tttiiii", m->source, m->note, m->made_by,
                                m->made_us, company_id, integration_id, m->mapping_id);
    return rc != RC_OK || n == 1 ? rc
                                 : not_a_draft(st, company_id, integration_id, m->mapping_id, err);
}

enum rc_code mapping_text_remove(struct store *st, int64_t company_id, int64_t integration_id,
                                 int64_t mapping_id, struct rc_error *err) {
    static const char sql[] = "DELETE FROM mapping WHERE company_id = $1 AND integration_id = $2"
                              " AND mapping_id = $3 AND state = 'draft'";
    int64_t n = 0;
    enum rc_code rc = store_run(st, &n, err, sql, "iii", company_id, integration_id, mapping_id);
    return rc != RC_OK || n == 1 ? rc
                                 : not_a_draft(st, company_id, integration_id, mapping_id, err);
}

enum rc_code mapping_text_get(struct store *st, int64_t company_id, int64_t integration_id,
                              int64_t mapping_id, struct arena *a, struct mapping_text *ret,
                              struct rc_error *err) {
    static const char sql[] = "SELECT " COLUMNS " FROM mapping WHERE company_id = $1"
                              " AND integration_id = $2 AND mapping_id = $3";
    struct db_statement *row = NULL;
    bool found = false;
    enum rc_code rc =
        store_row(st, &row, &found, err, sql, "iii", company_id, integration_id, mapping_id);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return unknown(err, mapping_id);
    rc = row_read(row, a, ret, err);
    db_reset(row);
    return rc;
}

enum rc_code mapping_text_active(struct store *st, int64_t company_id, int64_t integration_id,
                                 struct arena *a, struct mapping_text *ret, struct rc_error *err) {
    static const char sql[] = "SELECT " COLUMNS " FROM mapping WHERE company_id = $1"
                              " AND integration_id = $2 AND state = 'active'";
    struct db_statement *row = NULL;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "ii", company_id, integration_id);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return rc_fail_as(err, RC_NOT_FOUND, "mapping.none",
                          "the integration has no mapping of its own: the default counts");
    rc = row_read(row, a, ret, err);
    db_reset(row);
    return rc;
}

enum rc_code mapping_text_list(struct store *st, int64_t company_id, int64_t integration_id,
                               size_t most, struct arena *a, struct mapping_text **ret,
                               size_t *ret_n, struct rc_error *err) {
    static const char sql[] = "SELECT " COLUMNS " FROM mapping WHERE company_id = $1"
                              " AND integration_id = $2 ORDER BY mapping_id DESC LIMIT $3";
    struct db_statement *rows = NULL;
    bool row = false;
    size_t n = 0;
    enum rc_code rc =
        store_query(st, &rows, err, sql, "iii", company_id, integration_id, (int64_t)most);
    if (rc != RC_OK)
        return rc;
    struct mapping_text *list = ARENA_NEW(a, struct mapping_text, most + 1);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < most)
        if ((rc = row_read(rows, a, &list[n++], err)) != RC_OK)
            break;
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code mapping_text_activate(struct store *st, int64_t company_id, int64_t integration_id,
                                   int64_t mapping_id, int64_t now_us, struct rc_error *err) {
    static const char retire[] =
        "UPDATE mapping SET state = 'retired' WHERE company_id = $1 AND integration_id = $2"
        " AND state = 'active' AND mapping_id <> $3";
    static const char activate[] =
        "UPDATE mapping SET state = 'active', activated_at = $1 WHERE company_id = $2"
        " AND integration_id = $3 AND mapping_id = $4";
    int64_t n = 0;
    enum rc_code rc =
        store_run(st, NULL, err, retire, "iii", company_id, integration_id, mapping_id);
    if (rc != RC_OK || mapping_id == 0)
        return rc;
    rc = store_run(st, &n, err, activate, "iiii", now_us, company_id, integration_id, mapping_id);
    return rc != RC_OK || n == 1 ? rc : unknown(err, mapping_id);
}
