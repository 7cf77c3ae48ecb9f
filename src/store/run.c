#include "store/run.h"

#include <string.h>
#include "store/company.h"

#define COLUMNS                                                                                             \
    "company_id, run_id, integration_id, kind, state, preview, approved, started_at, ended_at, applied_at," \
    " population, stage_digest, counts, proof, verdict, rights, reason, decided_by, decided_because, other_run, mapping_id, destination_id"

const char *run_state_name(enum run_state s) {
    static const char *const names[RUN_STATES_N] = {
        [RUN_LISTING] = "listing",   [RUN_CHECKING] = "checking",     [RUN_PASSED] = "passed",
        [RUN_HELD] = "held",         [RUN_PREVIEWED] = "previewed",   [RUN_APPLIED] = "applied",
        [RUN_REJECTED] = "rejected", [RUN_SUPERSEDED] = "superseded", [RUN_FAILED] = "failed",
    };
    return names[s];
}

const char *run_kind_name(enum run_kind k) {
    static const char *const names[RUN_KINDS_N] = {
        [RUN_FULL] = "full",   [RUN_SINCE] = "since",       [RUN_PERSON] = "person",
        [RUN_REMAP] = "remap", [RUN_DELIVERY] = "delivery", [RUN_UNDO] = "undo",
    };
    return names[k];
}

/* ---- counts ---- */

static const struct plain {
    const char *key;
    size_t offset;
} plains[] = {
#define PLAIN(name)                                                                                \
    { #name, offsetof(struct run_counts, name) }
    PLAIN(read),
    PLAIN(unchanged),
    PLAIN(joiners),
    PLAIN(changed),
    PLAIN(missing),
    PLAIN(absent),
    PLAIN(gone),
    PLAIN(left_out),
    PLAIN(arrived_left),
    PLAIN(teams_new),
    PLAIN(teams_renamed),
    PLAIN(shared_email),
    PLAIN(unknown_manager),
#undef PLAIN
};

static const char *class_key(int i) {
    return change_class_name((enum change_class)i);
}
static const char *field_key(int i) {
    return i == USER_FIELDS_N ? "lifecycle" : user_field_name((enum user_field)i);
}
static const char *problem_key(int i) {
    return problem_name((enum problem)i);
}

static const struct group {
    const char *key;
    size_t offset;
    int n;
    const char *(*name)(int i);
    bool custom; /* the custom fields stand there too */
} groups[] = {
    { "classes", offsetof(struct run_counts, classes), CHANGE_CLASSES_N, class_key, false },
    { "fields", offsetof(struct run_counts, fields), USER_FIELDS_N + 1, field_key, true },
    { "problems", offsetof(struct run_counts, problems), PROBLEMS_N, problem_key, false },
    { "vanished", offsetof(struct run_counts, vanished), USER_FIELDS_N, field_key, false },
};

static int64_t number_at(const struct run_counts *c, size_t offset, int i) {
    int64_t v;
    memcpy(&v, (const char *)c + offset + (size_t)i * sizeof v, sizeof v);
    return v;
}

static void set_number(struct run_counts *c, size_t offset, int i, int64_t v) {
    memcpy((char *)c + offset + (size_t)i * sizeof v, &v, sizeof v);
}

void run_counts_write(const struct run_counts *c, struct buf *ret) {
    struct json_writer w;
    json_begin(&w, ret);
    json_object(&w, NULL);
    for (size_t i = 0; i < RC_LEN(plains); i++)
        json_put_int(&w, plains[i].key, number_at(c, plains[i].offset, 0));
    for (size_t g = 0; g < RC_LEN(groups); g++) {
        json_object(&w, groups[g].key);
        for (int i = 0; i < groups[g].n; i++)
            if (number_at(c, groups[g].offset, i) != 0)
                json_put_int(&w, groups[g].name(i), number_at(c, groups[g].offset, i));
        for (size_t i = 0; i < c->custom_n && groups[g].custom; i++)
            json_put_int(&w, c->custom[i].name, c->custom[i].people);
        json_object_end(&w);
    }
    json_object_end(&w);
}

static void read_custom(json fields, struct arena *a, struct run_counts *ret) {
    static const size_t prefix = sizeof USER_CUSTOM_PREFIX - 1;
    struct run_custom *list = NULL;
    json key, value;
    const char *s;
    size_t len, n = 0;
    int64_t v;
    for (struct json_iter it = json_iter(fields); json_next(&it, &key, &value);) {
        if (!json_str(key, &s, &len) || len <= prefix ||
            memcmp(s, USER_CUSTOM_PREFIX, prefix) != 0 || !json_int(value, &v))
            continue;
        if (list == NULL)
            list = ARENA_NEW(a, struct run_custom, json_size(fields));
        list[n++] = (struct run_custom){ arena_str(a, s, len), v };
    }
    ret->custom = list;
    ret->custom_n = n;
}

enum rc_code run_counts_read(struct text t, struct arena *a, struct run_counts *ret,
                             struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 16);
    json doc;
    int64_t v;
    memset(ret, 0, sizeof *ret);
    if (t.state != TEXT_SET)
        return RC_OK;
    if (json_parse_copy(r, t.ptr, t.len, &doc, err) != RC_OK)
        return rc_context(err, RC_FATAL, "counts of a run");
    for (size_t i = 0; i < RC_LEN(plains); i++)
        if (json_int(json_get(doc, plains[i].key), &v))
            set_number(ret, plains[i].offset, 0, v);
    for (size_t g = 0; g < RC_LEN(groups); g++)
        for (int i = 0; i < groups[g].n; i++)
            if (json_int(json_get(json_get(doc, groups[g].key), groups[g].name(i)), &v))
                set_number(ret, groups[g].offset, i, v);
    read_custom(json_get(doc, "fields"), a, ret);
    return RC_OK;
}

/* ---- rows ---- */

static int parse_name(struct text t, int n, const char *(*name)(int)) {
    for (int i = 1; i < n; i++)
        if (text_is(t, name(i)))
            return i;
    return 0;
}
static const char *state_key(int i) {
    return run_state_name((enum run_state)i);
}
static const char *kind_key(int i) {
    return run_kind_name((enum run_kind)i);
}

static int64_t int_or_0(const struct db_statement *row, int column) {
    return db_is_null(row, column) ? 0 : db_int(row, column);
}

static enum rc_code run_read(const struct db_statement *row, struct arena *a, struct run *ret,
                             struct rc_error *err) {
    size_t len = 0;
    const void *digest = db_blob(row, 11, &len);
    *ret = (struct run){
        .company_id = db_int(row, 0),
        .run_id = db_int(row, 1),
        .integration_id = int_or_0(row, 2),
        .kind = (enum run_kind)parse_name(db_text(row, 3), RUN_KINDS_N, kind_key),
        .state = (enum run_state)parse_name(db_text(row, 4), RUN_STATES_N, state_key),
        .preview = db_int(row, 5) != 0,
        .approved = db_int(row, 6) != 0,
        .started_us = db_int(row, 7),
        .ended_us = int_or_0(row, 8),
        .applied_us = int_or_0(row, 9),
        .population = db_int(row, 10),
        .has_stage_digest = !db_is_null(row, 11) && len == sizeof ret->stage_digest,
        .proof = store_text(a, row, 13),
        .verdict = store_text(a, row, 14),
        .rights = store_text(a, row, 15),
        .reason = store_text(a, row, 16),
        .decided_by = store_text(a, row, 17),
        .decided_because = store_text(a, row, 18),
        .other_run_id = int_or_0(row, 19),
        .activates = !db_is_null(row, 20),
        .mapping_id = int_or_0(row, 20),
        .destination_id = int_or_0(row, 21),
    };
    if (ret->has_stage_digest)
        memcpy(ret->stage_digest, digest, sizeof ret->stage_digest);
    if (ret->kind == 0 || ret->state == 0)
        return rc_fail(err, RC_FATAL,
                       "run %lld has a kind or state that this program does not know",
                       (long long)ret->run_id);
    return run_counts_read(db_text(row, 12), a, &ret->counts, err);
}

static int64_t subject_of(const struct run *r) {
    return r->destination_id ? r->destination_id : r->integration_id;
}

enum rc_code run_add(struct store *st, struct run *r, struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO run (company_id, run_id, subject_id, kind, state, preview, approved, started_at,"
        " population, rights, mapping_id, integration_id, destination_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10, $11, $12)";
    static const char next[] =
        "UPDATE company SET next_run = next_run + 1 WHERE company_id = $1 RETURNING next_run - 1";
    enum rc_code rc = store_number(st, &r->run_id, err, next, "i", r->company_id);
    if (rc != RC_OK)
        return rc;
    struct db_statement *s;
    if ((rc = store_query(st, &s, err, sql, "iiissiiit", r->company_id, r->run_id, subject_of(r),
                          run_kind_name(r->kind), run_state_name(r->state), (int64_t)r->preview,
                          r->started_us, r->population, r->rights)) != RC_OK)
        return rc;
    r->activates ? db_bind_int(s, 10, r->mapping_id) : db_bind_null(s, 10);
    r->integration_id ? db_bind_int(s, 11, r->integration_id) : db_bind_null(s, 11);
    r->destination_id ? db_bind_int(s, 12, r->destination_id) : db_bind_null(s, 12);
    return db_run(s, NULL, err);
}

enum rc_code run_save(struct store *st, const struct run *r, struct rc_error *err) {
    static const char sql[] =
        "UPDATE run SET state = $1, approved = $2, ended_at = $3, applied_at = $4, population = $5, stage_digest = $6,"
        " counts = $7, proof = $8, verdict = $9, reason = $10, decided_by = $11, decided_because = $12, other_run = $13,"
        " rights = $14 WHERE company_id = $15 AND run_id = $16";
    struct db_statement *s;
    struct buf counts;
    int64_t changed;
    enum rc_code rc = store_prepare(st, sql, &s, err);
    if (rc != RC_OK)
        return rc;
    buf_init(&counts, 1 << 16);
    run_counts_write(&r->counts, &counts);
    db_bind_cstr(s, 1, run_state_name(r->state));
    db_bind_int(s, 2, r->approved);
    r->ended_us ? db_bind_int(s, 3, r->ended_us) : db_bind_null(s, 3);
    r->applied_us ? db_bind_int(s, 4, r->applied_us) : db_bind_null(s, 4);
    db_bind_int(s, 5, r->population);
    r->has_stage_digest ? db_bind_blob(s, 6, r->stage_digest, sizeof r->stage_digest)
                        : db_bind_null(s, 6);
    db_bind_text(s, 7, counts.ptr, counts.len);
    db_bind_value(s, 8, r->proof);
    db_bind_value(s, 9, r->verdict);
    db_bind_value(s, 10, r->reason);
    db_bind_value(s, 11, r->decided_by);
    db_bind_value(s, 12, r->decided_because);
    r->other_run_id ? db_bind_int(s, 13, r->other_run_id) : db_bind_null(s, 13);
    db_bind_value(s, 14, r->rights);
    db_bind_int(s, 15, r->company_id);
    db_bind_int(s, 16, r->run_id);
    rc = db_run(s, &changed, err);
    buf_done(&counts);
    if (rc == RC_OK && changed != 1)
        return rc_fail(err, RC_FATAL, "run %lld is not there any more", (long long)r->run_id);
    return rc;
}

static enum rc_code one(enum rc_code rc, struct db_statement *row, bool found, struct arena *a,
                        struct run *ret, struct rc_error *err) {
    if (rc != RC_OK)
        return rc;
    if (!found)
        return rc_fail_as(err, RC_NOT_FOUND, "run.unknown", "there is no such run");
    rc = run_read(row, a, ret, err);
    db_reset(row);
    return rc;
}

enum rc_code run_get(struct store *st, int64_t company_id, int64_t run_id, struct arena *a,
                     struct run *ret, struct rc_error *err) {
    static const char sql[] = "SELECT " COLUMNS " FROM run WHERE company_id = $1 AND run_id = $2";
    struct db_statement *row = NULL;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "ii", company_id, run_id);
    if (rc == RC_OK && !found)
        return rc_fail_as(err, RC_NOT_FOUND, "run.unknown",
                          "the company has no run %lld; those of an integration or a destination "
                          "that was removed have gone with it",
                          (long long)run_id);
    return one(rc, row, found, a, ret, err);
}

enum rc_code run_not_waiting(const struct run *r, struct rc_error *err) {
    bool why = r->state == RUN_SUPERSEDED && r->reason.state == TEXT_SET;
    return rc_fail_as(
        err, RC_CONFLICT, "run.not-waiting",
        "run %lld is %s%s%.*s%s: only a held or previewed run can be approved or rejected",
        (long long)r->run_id, run_state_name(r->state), why ? " (" : "",
        why ? (int)r->reason.len : 0, why ? r->reason.ptr : "", why ? ")" : "");
}

enum rc_code run_in_state(struct store *st, int64_t company_id, int64_t subject_id,
                          enum run_state state, struct arena *a, struct run *ret,
                          struct rc_error *err) {
    static const char sql[] =
        "SELECT " COLUMNS " FROM run WHERE company_id = $1 AND subject_id = $2 AND state = $3"
        " ORDER BY run_id DESC LIMIT 1";
    struct db_statement *row = NULL;
    bool found = false;
    enum rc_code rc =
        store_row(st, &row, &found, err, sql, "iis", company_id, subject_id, run_state_name(state));
    return one(rc, row, found, a, ret, err);
}

enum rc_code run_before(struct store *st, int64_t company_id, int64_t subject_id,
                        enum run_kind kind, enum run_state state, int64_t other_run_id,
                        int64_t before_run_id, struct arena *a, struct run *ret,
                        struct rc_error *err) {
    static const char sql[] =
        "SELECT " COLUMNS " FROM run WHERE company_id = $1 AND subject_id = $2 AND state = $3"
        " AND kind = $4 AND ($5 = 0 OR other_run = $5) AND run_id < $6 ORDER BY run_id DESC LIMIT 1";
    struct db_statement *row = NULL;
    bool found = false;
    enum rc_code rc =
        store_row(st, &row, &found, err, sql, "iissii", company_id, subject_id,
                  run_state_name(state), run_kind_name(kind), other_run_id, before_run_id);
    return one(rc, row, found, a, ret, err);
}

enum rc_code run_newest_whole(struct store *st, int64_t company_id, int64_t subject_id,
                              struct arena *a, struct run *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT " COLUMNS " FROM run WHERE company_id = $1 AND subject_id = $2 AND kind <> 'person'"
        " ORDER BY run_id DESC LIMIT 1";
    struct db_statement *row = NULL;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "ii", company_id, subject_id);
    return one(rc, row, found, a, ret, err);
}

enum rc_code run_last_applied(struct store *st, int64_t company_id, int64_t subject_id,
                              struct arena *a, struct run *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT " COLUMNS
        " FROM run WHERE company_id = $1 AND subject_id = $2 AND state = 'applied'"
        " ORDER BY applied_at DESC, run_id DESC LIMIT 1";
    struct db_statement *row = NULL;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "ii", company_id, subject_id);
    return one(rc, row, found, a, ret, err);
}

/* At most so many of them. */
static enum rc_code rows_read(struct db_statement *rows, size_t most, struct arena *a,
                              struct run **ret, size_t *ret_n, struct rc_error *err) {
    struct run *list = ARENA_NEW(a, struct run, most + 1);
    enum rc_code rc;
    bool row = false;
    size_t n = 0;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < most)
        if ((rc = run_read(rows, a, &list[n++], err)) != RC_OK)
            break;
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code run_list_before(struct store *st, int64_t company_id, int64_t subject_id,
                             int64_t before_run_id, size_t most, struct arena *a, struct run **ret,
                             size_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        "SELECT " COLUMNS " FROM run WHERE company_id = $1 AND ($2 = 0 OR subject_id = $2)"
        " AND ($3 = 0 OR run_id < $3) ORDER BY run_id DESC LIMIT $4";
    struct db_statement *rows;
    enum rc_code rc = store_query(st, &rows, err, sql, "iiii", company_id, subject_id,
                                  before_run_id, (int64_t)most);
    return rc != RC_OK ? rc : rows_read(rows, most, a, ret, ret_n, err);
}

enum rc_code run_list(struct store *st, int64_t company_id, int64_t subject_id, size_t most,
                      struct arena *a, struct run **ret, size_t *ret_n, struct rc_error *err) {
    return run_list_before(st, company_id, subject_id, 0, most, a, ret, ret_n, err);
}

enum rc_code run_list_lately(struct store *st, int64_t company_id, int64_t since_us, size_t most,
                             struct arena *a, struct run **ret, size_t *ret_n,
                             struct rc_error *err) {
    static const char sql[] =
        "SELECT " COLUMNS " FROM run WHERE company_id = $1 AND run_id IN ("
        "SELECT run_id FROM run WHERE company_id = $1 AND state IN ('listing', 'checking', 'passed')"
        " UNION SELECT run_id FROM run WHERE company_id = $1 AND state = 'held'"
        " UNION SELECT run_id FROM run WHERE company_id = $1 AND ended_at >= $2"
        " UNION SELECT run_id FROM (SELECT run_id, started_at FROM run WHERE company_id = $1"
        "  ORDER BY run_id DESC LIMIT 50) AS newest WHERE started_at >= $2)"
        " ORDER BY run_id DESC LIMIT $3";
    struct db_statement *rows;
    enum rc_code rc = store_query(st, &rows, err, sql, "iii", company_id, since_us, (int64_t)most);
    return rc != RC_OK ? rc : rows_read(rows, most, a, ret, ret_n, err);
}

enum rc_code run_list_since(struct store *st, int64_t company_id, int64_t subject_id,
                            int64_t since_us, struct arena *a, struct run **ret, size_t *ret_n,
                            struct rc_error *err) {
    static const char count[] = "SELECT COUNT(*) FROM run WHERE company_id = $1"
                                " AND subject_id = $2 AND started_at > $3";
    static const char sql[] = "SELECT " COLUMNS " FROM run WHERE company_id = $1"
                              " AND subject_id = $2 AND started_at > $3 ORDER BY run_id";
    struct db_statement *rows;
    int64_t total;
    enum rc_code rc = store_number(st, &total, err, count, "iii", company_id, subject_id, since_us);
    if (rc == RC_OK)
        rc = store_query(st, &rows, err, sql, "iii", company_id, subject_id, since_us);
    return rc != RC_OK ? rc : rows_read(rows, (size_t)total, a, ret, ret_n, err);
}

enum rc_code run_applied_since(struct store *st, int64_t company_id, int64_t subject_id,
                               int64_t since_us, struct arena *a, struct run_past **ret,
                               size_t *ret_n, struct rc_error *err) {
    static const char count[] = "SELECT COUNT(*) FROM run WHERE company_id = $1 AND subject_id = $2"
                                " AND applied_at > $3";
    static const char sql[] =
        "SELECT run_id, applied_at, population, approved, counts, verdict, kind FROM run"
        " WHERE company_id = $1 AND subject_id = $2"
        " AND applied_at > $3 ORDER BY applied_at, run_id";
    struct db_statement *rows;
    struct run_counts c;
    int64_t total;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_number(st, &total, err, count, "iii", company_id, subject_id, since_us);
    if (rc != RC_OK ||
        (rc = store_query(st, &rows, err, sql, "iii", company_id, subject_id, since_us)) != RC_OK)
        return rc;
    struct run_past *list = ARENA_NEW(a, struct run_past, (size_t)total + 1);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < (size_t)total) {
        struct run_past *p = &list[n++];
        *p = (struct run_past){ .run_id = db_int(rows, 0),
                                .applied_us = db_int(rows, 1),
                                .kind = (enum run_kind)parse_name(db_text(rows, 6), RUN_KINDS_N,
                                                                  kind_key),
                                .population = db_int(rows, 2),
                                .approved = db_int(rows, 3) != 0 };
        if (p->approved)
            p->verdict = store_text(a, rows, 5);
        if ((rc = run_counts_read(db_text(rows, 4), a, &c, err)) != RC_OK)
            break;
        memcpy(p->classes, c.classes, sizeof p->classes);
    }
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code run_reading_us(struct store *st, int64_t company_id, int64_t integration_id,
                            int64_t since_us, int64_t now_us, int64_t most_us, int64_t *ret_us,
                            struct rc_error *err) {
    static const char sql[] =
        "SELECT COALESCE(SUM(CASE WHEN COALESCE(ended_at, $4) - started_at > $5 THEN $5"
        " ELSE COALESCE(ended_at, $4) - started_at END), 0) FROM run WHERE company_id = $1"
        " AND subject_id = $2 AND kind IN ('full', 'since') AND preview = 0"
        " AND started_at >= $3 AND started_at <= $4";
    return store_number(st, ret_us, err, sql, "iiiii", company_id, integration_id, since_us, now_us,
                        most_us);
}
