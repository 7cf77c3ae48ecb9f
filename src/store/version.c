#include "store/version.h"

#include <string.h>
#include "store/company.h"

enum rc_code version_add(struct store *st, int64_t company_id, int64_t integration_id,
                         int64_t run_id, const struct version *versions, size_t n,
                         struct rc_error *err) {
    static const char *const columns[] = {
        "company_id",      "run_id",      "user_id",  "base_run_id", "integration_id",
        "source_id",       "read_at",     "presence", "employee",    "person",
        "employee_digest", "user_digest", "email",    "manager",     "team",
        "problems",        "has_left",    "left_out", NULL
    };
    struct db_append *ap;
    enum rc_code rc = db_append_open(st->db, "version", columns, "iiiiititttbbtttiii", &ap, err);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        const struct version *v = &versions[i];
        db_append_int(ap, company_id);
        db_append_int(ap, run_id);
        db_append_int(ap, v->user_id);
        v->base_run_id != 0 ? db_append_int(ap, v->base_run_id) : db_append_null(ap);
        db_append_int(ap, integration_id);
        db_append_value(ap, v->source_id);
        db_append_int(ap, v->read_us);
        db_append_value(ap, text_of(presence_name(v->presence)));
        db_append_json(ap, v->employee);
        db_append_json(ap, v->person);
        db_append_blob(ap, v->employee_digest.bytes, sizeof v->employee_digest.bytes);
        db_append_blob(ap, v->user_digest.bytes, sizeof v->user_digest.bytes);
        db_append_value(ap, v->email);
        db_append_value(ap, v->manager);
        db_append_value(ap, v->team);
        db_append_int(ap, (int64_t)v->problems);
        db_append_int(ap, v->has_left);
        db_append_int(ap, 0);
        rc = db_append_row(ap, err);
    }
    return db_append_end(ap, rc, err);
}

enum rc_code version_add_changes(struct store *st, int64_t company_id, int64_t run_id,
                                 const struct version_change *changes, size_t n,
                                 struct rc_error *err) {
    static const char *const columns[] = { "company_id", "run_id", "user_id", "field", "old_value",
                                           "new_value",  "class",  "rule",    NULL };
    struct db_append *ap;
    enum rc_code rc = db_append_open(st->db, "change", columns, "iiittttt", &ap, err);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        const struct version_change *c = &changes[i];
        db_append_int(ap, company_id);
        db_append_int(ap, run_id);
        db_append_int(ap, c->user_id);
        db_append_value(ap, c->field);
        db_append_value(ap, c->old);
        db_append_value(ap, c->new);
        db_append_value(ap, text_of(change_class_name(c->class)));
        db_append_value(ap, text_of(c->rule));
        rc = db_append_row(ap, err);
    }
    return db_append_end(ap, rc, err);
}

enum rc_code version_drop(struct store *st, int64_t company_id, int64_t run_id, int64_t user_id,
                          struct rc_error *err) {
    static const char changes[] =
        "DELETE FROM change WHERE company_id = $1 AND run_id = $2 AND user_id = $3";
    static const char versions[] =
        "DELETE FROM version WHERE company_id = $1 AND run_id = $2 AND user_id = $3";
    enum rc_code rc = store_run(st, NULL, err, changes, "iii", company_id, run_id, user_id);
    return rc != RC_OK ? rc
                       : store_run(st, NULL, err, versions, "iii", company_id, run_id, user_id);
}

enum rc_code version_drop_all(struct store *st, int64_t company_id, int64_t run_id,
                              struct rc_error *err) {
    /* By ranges of user_id, so that no transaction is long. */
    static const char border[] =
        "SELECT MAX(user_id) FROM (SELECT user_id FROM version WHERE company_id = $1 AND run_id = $2"
        " ORDER BY user_id LIMIT 5000) AS batch";
    static const char changes[] =
        "DELETE FROM change WHERE company_id = $1 AND run_id = $2 AND user_id <= $3";
    static const char versions[] =
        "DELETE FROM version WHERE company_id = $1 AND run_id = $2 AND user_id <= $3";
    static const char rest[] = "DELETE FROM change WHERE company_id = $1 AND run_id = $2";
    static const char teams[] = "DELETE FROM team_version WHERE company_id = $1 AND run_id = $2";
    enum rc_code rc;
    int64_t up_to = 0;
    while ((rc = store_number(st, &up_to, err, border, "ii", company_id, run_id)) == RC_OK &&
           up_to != 0) {
        if ((rc = db_begin(st->db, err)) != RC_OK)
            return rc;
        if ((rc = store_run(st, NULL, err, changes, "iii", company_id, run_id, up_to)) != RC_OK ||
            (rc = store_run(st, NULL, err, versions, "iii", company_id, run_id, up_to)) != RC_OK) {
            db_rollback(st->db);
            return rc;
        }
        if ((rc = db_commit(st->db, err)) != RC_OK)
            return rc;
    }
    if (rc == RC_OK)
        rc = store_run(st, NULL, err, rest, "ii", company_id, run_id);
    return rc != RC_OK ? rc : store_run(st, NULL, err, teams, "ii", company_id, run_id);
}

/* ---- apply ---- */

static enum rc_code mark_left_out(struct store *st, int64_t company_id, int64_t run_id,
                                  struct rc_error *err) {
    static const char mark[] =
        "UPDATE version SET left_out = 1 WHERE company_id = $1 AND run_id = $2 AND NOT EXISTS"
        " (SELECT 1 FROM \"user\" AS u WHERE u.company_id = version.company_id AND u.user_id = version.user_id"
        "  AND u.run_id = version.run_id)";
    static const char unchange[] =
        "DELETE FROM change WHERE company_id = $1 AND run_id = $2 AND user_id IN"
        " (SELECT user_id FROM version WHERE company_id = $1 AND run_id = $2 AND left_out = 1)";
    enum rc_code rc = store_run(st, NULL, err, mark, "ii", company_id, run_id);
    return rc != RC_OK ? rc : store_run(st, NULL, err, unchange, "ii", company_id, run_id);
}

static enum rc_code apply_teams(struct store *st, int64_t company_id, int64_t integration_id,
                                int64_t run_id, struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO team (company_id, team_id, integration_id, key, kind, hr_id, name)"
        " SELECT company_id, team_id, $1, key, kind, hr_id, name FROM team_version"
        " WHERE company_id = $2 AND run_id = $3"
        " ON CONFLICT (company_id, integration_id, key) DO UPDATE SET name = excluded.name";
    return store_run(st, NULL, err, sql, "iii", integration_id, company_id, run_id);
}

enum rc_code version_apply(struct store *st, int64_t company_id, int64_t integration_id,
                           int64_t run_id, struct version_applied *ret, struct rc_error *err) {
    static const char staged[] =
        "SELECT COUNT(*) FROM version WHERE company_id = $1 AND run_id = $2";
    /* A person run may have brought the same joiner since: their row is there already, and this one
     * is left out. */
    static const char join[] =
        "INSERT INTO \"user\" (company_id, user_id, integration_id, source_id, run_id, presence, employee_digest, user_digest,"
        " read_at, email, manager, team, problems, has_left)"
        " SELECT company_id, user_id, integration_id, source_id, run_id, presence, employee_digest, user_digest, read_at, email,"
        " manager, team, problems, has_left FROM version WHERE company_id = $1 AND run_id = $2 AND base_run_id IS NULL"
        " ORDER BY user_id"
        " ON CONFLICT (company_id, integration_id, source_id) DO NOTHING";
    /* Nearly everybody keeps address, problems and presence: then no index is written, each of which
     * has its own order and so a page for nearly every row. */
    static const char move_only[] =
        "UPDATE \"user\" SET run_id = v.run_id, employee_digest = v.employee_digest,"
        " user_digest = v.user_digest, read_at = v.read_at, manager = v.manager, team = v.team FROM version AS v"
        " WHERE v.company_id = $1 AND v.run_id = $2 AND v.base_run_id IS NOT NULL"
        " AND \"user\".company_id = v.company_id AND \"user\".user_id = v.user_id AND \"user\".run_id = v.base_run_id"
        " AND \"user\".presence = v.presence AND \"user\".problems = v.problems AND \"user\".has_left = v.has_left"
        " AND \"user\".email IS NOT DISTINCT FROM v.email";
    static const char move[] =
        "UPDATE \"user\" SET run_id = v.run_id, presence = v.presence, employee_digest = v.employee_digest,"
        " user_digest = v.user_digest, read_at = v.read_at, email = v.email, manager = v.manager, team = v.team,"
        " problems = v.problems, has_left = v.has_left FROM version AS v"
        " WHERE v.company_id = $1 AND v.run_id = $2 AND v.base_run_id IS NOT NULL"
        " AND \"user\".company_id = v.company_id AND \"user\".user_id = v.user_id AND \"user\".run_id = v.base_run_id";
    int64_t n, more = 0;
    enum rc_code rc = store_number(st, &n, err, staged, "ii", company_id, run_id);
    ret->moved = 0;
    if (rc != RC_OK ||
        (rc = store_run(st, &ret->joined, err, join, "ii", company_id, run_id)) != RC_OK)
        return rc;
    if (ret->joined < n &&
        (rc = store_run(st, &ret->moved, err, move_only, "ii", company_id, run_id)) != RC_OK)
        return rc;
    if (ret->joined + ret->moved < n &&
        (rc = store_run(st, &more, err, move, "ii", company_id, run_id)) != RC_OK)
        return rc;
    ret->moved += more;
    ret->left_out = n - ret->joined - ret->moved;
    if (ret->left_out != 0 && (rc = mark_left_out(st, company_id, run_id, err)) != RC_OK)
        return rc;
    return apply_teams(st, company_id, integration_id, run_id, err);
}

/* ---- the missing ---- */

static void version_read(const struct db_statement *row, struct arena *a, struct version *ret) {
    *ret = (struct version){ .user_id = db_int(row, 0),
                             .base_run_id = db_is_null(row, 1) ? 0 : db_int(row, 1),
                             .source_id = store_text(a, row, 2),
                             .presence = presence_parse(db_text(row, 3)),
                             .employee = store_text(a, row, 4),
                             .person = store_text(a, row, 5) };
}

enum rc_code version_missing(struct store *st, int64_t company_id, int64_t run_id, int64_t after_id,
                             size_t most, struct arena *a, struct version **ret, size_t *ret_n,
                             struct rc_error *err) {
    static const char sql[] =
        "SELECT user_id, base_run_id, source_id, presence, employee, person FROM version"
        " WHERE company_id = $1 AND run_id = $2 AND user_id > $3 AND presence = 'missing'"
        " ORDER BY user_id LIMIT $4";
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    enum rc_code rc =
        store_query(st, &rows, err, sql, "iiii", company_id, run_id, after_id, (int64_t)most);
    if (rc != RC_OK)
        return rc;
    struct version *list = ARENA_NEW(a, struct version, most + 1);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < most)
        version_read(rows, a, &list[n++]);
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code version_count_missing(struct store *st, int64_t company_id, int64_t run_id,
                                   int64_t *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT COUNT(*) FROM version AS v JOIN change AS c ON c.company_id = v.company_id AND c.run_id = v.run_id"
        " AND c.user_id = v.user_id WHERE v.company_id = $1 AND v.run_id = $2 AND v.presence = 'missing'"
        " AND c.field = 'lifecycle' AND c.class IN ('leavers', 'unannounced')";
    return store_number(st, ret, err, sql, "ii", company_id, run_id);
}

enum rc_code version_drop_still_missing(struct store *st, int64_t company_id, int64_t run_id,
                                        struct rc_error *err) {
    static const char sql[] =
        "DELETE FROM version WHERE company_id = $1 AND run_id = $2 AND presence = 'missing' AND EXISTS"
        " (SELECT 1 FROM \"user\" AS u WHERE u.company_id = version.company_id AND u.user_id = version.user_id"
        "  AND u.presence = 'missing')";
    static const char changes[] =
        "DELETE FROM change WHERE company_id = $1 AND run_id = $2 AND field = 'lifecycle' AND NOT EXISTS"
        " (SELECT 1 FROM version AS v WHERE v.company_id = change.company_id AND v.run_id = change.run_id"
        "  AND v.user_id = change.user_id)";
    enum rc_code rc = store_run(st, NULL, err, sql, "ii", company_id, run_id);
    return rc != RC_OK ? rc : store_run(st, NULL, err, changes, "ii", company_id, run_id);
}

enum rc_code version_drop_missing(struct store *st, int64_t company_id, int64_t run_id,
                                  struct rc_error *err) {
    static const char changes[] =
        "DELETE FROM change WHERE company_id = $1 AND run_id = $2 AND user_id IN"
        " (SELECT user_id FROM version WHERE company_id = $1 AND run_id = $2 AND presence = 'missing')";
    static const char versions[] =
        "DELETE FROM version WHERE company_id = $1 AND run_id = $2 AND presence = 'missing'";
    enum rc_code rc = store_run(st, NULL, err, changes, "ii", company_id, run_id);
    return rc != RC_OK ? rc : store_run(st, NULL, err, versions, "ii", company_id, run_id);
}

enum rc_code version_not_listed(struct store *st, int64_t company_id, int64_t run_id,
                                int64_t after_id, size_t most, struct arena *a,
                                struct version **ret, size_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        "SELECT user_id, presence, employee_digest, user_digest FROM version"
        " WHERE company_id = $1 AND run_id = $2 AND user_id > $3 AND presence <> 'listed'"
        " ORDER BY user_id LIMIT $4";
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    enum rc_code rc =
        store_query(st, &rows, err, sql, "iiii", company_id, run_id, after_id, (int64_t)most);
    if (rc != RC_OK)
        return rc;
    struct version *list = ARENA_NEW(a, struct version, most + 1);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < most) {
        struct version *v = &list[n++];
        size_t len = 0;
        const void *bytes;
        v->user_id = db_int(rows, 0);
        v->presence = presence_parse(db_text(rows, 1));
        if ((bytes = db_blob(rows, 2, &len)) != NULL && len == sizeof v->employee_digest.bytes)
            memcpy(v->employee_digest.bytes, bytes, len);
        if ((bytes = db_blob(rows, 3, &len)) != NULL && len == sizeof v->user_digest.bytes)
            memcpy(v->user_digest.bytes, bytes, len);
    }
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

/* ---- teams ---- */

enum rc_code version_add_team(struct store *st, int64_t company_id, int64_t run_id,
                              const struct version_team *t, struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO team_version (company_id, run_id, key, team_id, kind, hr_id, name)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (company_id, run_id, key) DO UPDATE SET name = excluded.name";
    int64_t id = t->team_id;
    enum rc_code rc = id != 0 ? RC_OK : company_take_ids(st, company_id, 1, &id, err);
    return rc != RC_OK ? rc
                       : store_run(st, NULL, err, sql,
                                   "iititt"
                                   "t",
                                   company_id, run_id, t->key, id, t->kind, t->hr_id, t->name);
}

enum rc_code team_list(struct store *st, int64_t company_id, int64_t integration_id,
                       struct arena *a, struct version_team **ret, size_t *ret_n,
                       struct rc_error *err) {
    static const char count[] =
        "SELECT COUNT(*) FROM team WHERE company_id = $1 AND integration_id = $2";
    static const char sql[] =
        "SELECT key, kind, hr_id, name, team_id FROM team WHERE company_id = $1 AND integration_id = $2"
        " ORDER BY key";
    struct db_statement *rows;
    int64_t total;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_number(st, &total, err, count, "ii", company_id, integration_id);
    if (rc != RC_OK ||
        (rc = store_query(st, &rows, err, sql, "ii", company_id, integration_id)) != RC_OK)
        return rc;
    struct version_team *list = ARENA_NEW(a, struct version_team, (size_t)total + 1);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < (size_t)total)
        list[n++] = (struct version_team){ store_text(a, rows, 0), store_text(a, rows, 1),
                                           store_text(a, rows, 2), store_text(a, rows, 3),
                                           db_int(rows, 4) };
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code version_approved_classes(struct store *st, int64_t company_id, int64_t run_id,
                                      int64_t user_id, uint32_t *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT c.class FROM change AS c JOIN run AS r ON r.company_id = c.company_id"
        " AND r.run_id = c.run_id WHERE c.company_id = $1 AND c.run_id = $2 AND c.user_id = $3"
        " AND r.approved = 1";
    struct db_statement *rows;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, sql, "iii", company_id, run_id, user_id);
    *ret = 0;
    while (rc == RC_OK && (rc = db_step(rows, &row, err)) == RC_OK && row)
        *ret |= 1u << change_class_parse(db_text(rows, 0));
    if (rc == RC_OK)
        db_reset(rows);
    return rc;
}
