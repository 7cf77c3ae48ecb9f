#include "store/copy.h"

#include <string.h>

enum { AT_ONCE = 2000, COLUMNS_MOST = 24 };

/* A table, its columns with their types, and which rows: $1 company, $2 integration. With a key the
 * rows are read by its value, $3 the last one read and $4 how many at once; a run needs $3 to say
 * since when. */
struct part {
    const char *table;
    const char *columns[COLUMNS_MOST]; /* ends with NULL */
    const char *types;
    const char *sql;
    int key_column; /* -1: all at once */
    bool since;
};

#define RUN_COLUMNS                                                                                \
    "r.company_id, r.run_id, r.subject_id, r.integration_id, r.kind, r.state, r.preview,"          \
    " r.started_at, r.ended_at, r.applied_at, r.approved, r.population, r.counts, r.verdict"

static const struct part parts[] = {
    { "company",
      { "company_id", "key", "name", "zone", "next_id", "next_run", "created_at", NULL },
      "itttiii",
      "SELECT company_id, key, name, zone, next_id, next_run, created_at FROM company AS c"
      " WHERE company_id = $1 AND EXISTS (SELECT 1 FROM integration AS i"
      "  WHERE i.company_id = c.company_id AND i.integration_id = $2)",
      -1,
      false },
    { "integration",
      { "company_id", "integration_id", "key", "source", "settings", "team_from", "limits",
        "rights", "mapping_fingerprint", "listed_at", "pinned", "created_at", NULL },
      "iittttttiiti",
      "SELECT company_id, integration_id, key, source, settings, team_from, limits, rights,"
      " mapping_fingerprint, listed_at, pinned, created_at FROM integration"
      " WHERE company_id = $1 AND integration_id = $2",
      -1,
      false },
    { "mapping",
      { "company_id", "integration_id", "mapping_id", "state", "source", "made_by", "note",
        "made_at", "activated_at", NULL },
      "iiittttii",
      "SELECT company_id, integration_id, mapping_id, state, source, made_by, note, made_at,"
      " activated_at FROM mapping WHERE company_id = $1 AND integration_id = $2"
      " AND state = 'active'",
      -1,
      false },
    { "run",
      { "company_id", "run_id", "subject_id", "integration_id", "kind", "state", "preview",
        "started_at", "ended_at", "applied_at", "approved", "population", "counts", "verdict",
        NULL },
      "iiiittiiiiiitt",
      "SELECT " RUN_COLUMNS " FROM run AS r WHERE r.company_id = $1 AND r.integration_id = $2"
      " AND r.state = 'applied' AND (r.applied_at > $3 OR r.run_id IN (SELECT u.run_id"
      "  FROM \"user\" AS u WHERE u.company_id = $1 AND u.integration_id = $2))",
      -1,
      true },
    { "team",
      { "company_id", "team_id", "integration_id", "key", "kind", "hr_id", "name", NULL },
      "iiitttt",
      "SELECT company_id, team_id, integration_id, key, kind, hr_id, name FROM team"
      " WHERE company_id = $1 AND integration_id = $2",
      -1,
      false },
    { "version",
      { "company_id", "run_id", "user_id", "base_run_id", "integration_id", "source_id", "read_at",
        "presence", "employee", "person", "employee_digest", "user_digest", "email", "manager",
        "team", "problems", "has_left", "left_out", NULL },
      "iiiiititttbbtttiii",
      "SELECT v.company_id, v.run_id, v.user_id, v.base_run_id, v.integration_id, v.source_id,"
      " v.read_at, v.presence, v.employee, v.person, v.employee_digest, v.user_digest, v.email,"
      " v.manager, v.team, v.problems, v.has_left, v.left_out FROM \"user\" AS u JOIN version AS v"
      " ON v.company_id = u.company_id AND v.run_id = u.run_id AND v.user_id = u.user_id"
      " WHERE u.company_id = $1 AND u.integration_id = $2 AND u.presence <> 'missing'"
      " AND u.user_id > $3 ORDER BY u.user_id LIMIT $4",
      2,
      false },
    { "user",
      { "company_id", "user_id", "integration_id", "source_id", "run_id", "presence",
        "employee_digest", "user_digest", "read_at", "email", "manager", "team", "problems",
        "has_left", NULL },
      "iiititbbitttii",
      "SELECT company_id, user_id, integration_id, source_id, run_id, presence, employee_digest,"
      " user_digest, read_at, email, manager, team, problems, has_left FROM \"user\""
      " WHERE company_id = $1 AND integration_id = $2 AND presence <> 'missing' AND user_id > $3"
      " ORDER BY user_id LIMIT $4",
      1,
      false },
};
static const struct part unsettled = {
    "unsettled",
    { "company_id", "integration_id", "user_id", "since_us", "run_id", NULL },
    "iiiii",
    "SELECT company_id, integration_id, user_id, since_us, run_id FROM unsettled"
    " WHERE company_id = $1 AND integration_id = $2",
    -1,
    false
};

static enum rc_code append_row(struct db_append *ap, const struct part *p,
                               const struct db_statement *row, struct arena *a,
                               struct rc_error *err) {
    for (int i = 0; p->types[i] != '\0'; i++) {
        size_t len = 0;
        if (db_is_null(row, i)) {
            db_append_null(ap);
        } else if (p->types[i] == 'i') {
            db_append_int(ap, db_int(row, i));
        } else if (p->types[i] == 't') {
            struct text t = db_text(row, i); /* empty text is text here, not null */
            db_append_text(ap, arena_copy(a, t.ptr, t.len), t.len);
        } else {
            const void *bytes = db_blob(row, i, &len);
            db_append_blob(ap, arena_copy(a, bytes, len), len);
        }
    }
    return db_append_row(ap, err);
}

/* Those read at once; *ret_last is the key of the last. */
static enum rc_code copy_rows(struct db_statement *rows, struct store *to, const struct part *p,
                              size_t *ret_n, int64_t *ret_last, struct rc_error *err) {
    struct db_append *ap;
    struct arena a; /* what is appended is borrowed until the end, a row only until the next */
    bool row = false;
    enum rc_code rc = db_append_open(to->db, p->table, p->columns, p->types, &ap, err);
    *ret_n = 0;
    if (rc != RC_OK)
        return rc;
    arena_init(&a);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row) {
        if (p->key_column >= 0)
            *ret_last = db_int(rows, p->key_column);
        if ((rc = append_row(ap, p, rows, &a, err)) != RC_OK)
            break;
        ++*ret_n;
    }
    rc = db_append_end(ap, rc, err);
    arena_done(&a);
    return rc;
}

static enum rc_code copy_part(struct store *from, struct store *to, const struct part *p,
                              int64_t company_id, int64_t integration_id, int64_t since_us,
                              struct rc_error *err) {
    size_t n = AT_ONCE;
    int64_t last = 0;
    enum rc_code rc = RC_OK;
    while (rc == RC_OK && n == AT_ONCE) {
        struct db_statement *rows;
        if (p->key_column >= 0)
            rc = store_query(from, &rows, err, p->sql, "iiii", company_id, integration_id, last,
                             (int64_t)AT_ONCE);
        else if (p->since)
            rc = store_query(from, &rows, err, p->sql, "iii", company_id, integration_id, since_us);
        else
            rc = store_query(from, &rows, err, p->sql, "ii", company_id, integration_id);
        if (rc != RC_OK)
            return rc;
        rc = copy_rows(rows, to, p, &n, &last, err);
        db_reset(rows);
        if (p->key_column < 0)
            break;
    }
    return rc;
}

static enum rc_code ended(struct store *to, enum rc_code rc, struct rc_error *err) {
    if (rc == RC_OK)
        return db_commit(to->db, err);
    db_rollback(to->db);
    return rc;
}

enum rc_code store_copy_integration(struct store *from, struct store *to, int64_t company_id,
                                    int64_t integration_id, int64_t since_us,
                                    struct rc_error *err) {
    enum rc_code rc = db_begin(to->db, err);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < RC_LEN(parts) && rc == RC_OK; i++)
        rc = copy_part(from, to, &parts[i], company_id, integration_id, since_us, err);
    if (rc == RC_OK)
        rc = copy_part(from, to, &unsettled, company_id, integration_id, 0, err);
    return ended(to, rc, err);
}

enum rc_code store_copy_unsettled(struct store *from, struct store *to, int64_t company_id,
                                  int64_t integration_id, struct rc_error *err) {
    static const char forget[] =
        "DELETE FROM unsettled WHERE company_id = $1 AND integration_id = $2";
    enum rc_code rc = db_begin(to->db, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = store_run(to, NULL, err, forget, "ii", company_id, integration_id)) == RC_OK)
        rc = copy_part(from, to, &unsettled, company_id, integration_id, 0, err);
    return ended(to, rc, err);
}
