#include "store/subject.h"

#include <stdio.h>
#include <string.h>
#include "base/date.h"
#include "store/company.h"

/* ---- whose rows ---- */

static enum rc_code add_ids(struct store *st, struct subject *s, struct arena *a,
                            struct rc_error *err) {
    static const char sql[] =
        "SELECT user_id, 1 FROM \"user\" WHERE company_id = $1 AND integration_id = $2"
        " AND source_id = $3 UNION SELECT user_id, 0 FROM version WHERE company_id = $1"
        " AND integration_id = $2 AND source_id = $3 ORDER BY 2 DESC, 1";
    struct db_statement *rows;
    bool row = false;
    enum rc_code rc =
        store_query(st, &rows, err, sql, "iit", s->company_id, s->integration_id, s->source_id);
    if (rc != RC_OK)
        return rc;
    s->user_ids = ARENA_NEW(a, int64_t, SUBJECT_IDS_MOST);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row) {
        int64_t id = db_int(rows, 0);
        if (s->user_ids_n ==
            SUBJECT_IDS_MOST) { /* half of somebody is neither told nor forgotten */
            db_reset(rows);
            return rc_fail_as(err, RC_CONFLICT, "person.waits",
                              "runs that were never applied know them by more than %d numbers: "
                              "decide on the run that is held, and let retention take the others",
                              SUBJECT_IDS_MOST);
        }
        if (db_int(rows, 1) != 0)
            s->user_id = id;
        else if (id == s->user_id)
            continue;
        s->user_ids[s->user_ids_n++] = id;
    }
    db_reset(rows);
    return rc;
}

enum rc_code subject_find(struct store *st, int64_t company_id, int64_t integration_id,
                          struct text source_id, size_t most, struct arena *a, struct subject **ret,
                          size_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        "SELECT integration_id FROM \"user\" WHERE company_id = $1 AND source_id = $2"
        " AND ($3 = 0 OR integration_id = $3) UNION SELECT integration_id FROM version"
        " WHERE company_id = $1 AND source_id = $2 AND ($3 = 0 OR integration_id = $3) ORDER BY 1";
    struct subject *list = ARENA_NEW(a, struct subject, most + 1);
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    enum rc_code rc =
        store_query(st, &rows, err, sql, "iti", company_id, source_id, integration_id);
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < most)
        list[n++] = (struct subject){ .company_id = company_id,
                                      .integration_id = db_int(rows, 0),
                                      .source_id = text_copy(a, source_id) };
    db_reset(rows);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = add_ids(st, &list[i], a, err);
    *ret = list;
    *ret_n = n;
    return rc;
}

/* ---- telling ---- */

/* $1 company, $2 user. fields: names with the kind of each column behind a colon: i number, t text, m
 * moment, d day, j JSON as it is, b yes or no. */
struct part {
    const char *name, *fields, *sql;
};
#define ITS_ACCOUNTS "(SELECT account_id FROM account WHERE company_id = $1 AND user_id = $2)"
static const struct part parts[SUBJECT_PARTS_N] = {
    [SUBJECT_DIRECTORY] = { "directory",
                            "user_id:i integration:t person:t run:i presence:t read_at:m email:t "
                            "manager:t team:t problems:i has_left:b",
                            "SELECT u.user_id, i.key, u.source_id, u.run_id, u.presence, u.read_at,"
                            " u.email, u.manager, u.team, u.problems, u.has_left FROM \"user\" AS u"
                            " JOIN integration AS i ON i.company_id = u.company_id"
                            " AND i.integration_id = u.integration_id"
                            " WHERE u.company_id = $1 AND u.user_id = $2" },
    [SUBJECT_VERSIONS] = { "versions",
                           "run:i base_run:i state:t person:t read_at:m presence:t employee:j user:j "
                           "email:t manager:t team:t problems:i has_left:b left_out:b",
                           "SELECT v.run_id, v.base_run_id, r.state, v.source_id, v.read_at,"
                           " v.presence, v.employee, v.person, v.email, v.manager, v.team,"
                           " v.problems, v.has_left, v.left_out FROM version AS v JOIN run AS r"
                           " ON r.company_id = v.company_id AND r.run_id = v.run_id"
                           " WHERE v.company_id = $1 AND v.user_id = $2 ORDER BY v.run_id" },
    [SUBJECT_CHANGES] = { "changes", "run:i field:t old:t new:t class:t rule:t",
                          "SELECT run_id, field, old_value, new_value, class, rule FROM change"
                          " WHERE company_id = $1 AND user_id = $2 ORDER BY run_id, field" },
    [SUBJECT_ACCOUNTS] = { "accounts",
                           "destination:t account:t external_id:t email:t tie:t status:t state:j "
                           "due_on:d gone_on:d excluded_on:d verb:t code:t sentence:t waits:t "
                           "remedy:t approval:t approves:t decided_on:d",
                           "SELECT d.key, a.remote_id, a.external_id, a.email, a.tie, a.status,"
                           " a.state, a.due_on, a.gone_on, a.excluded_on, a.verb, a.code,"
                           " a.sentence, a.waits, a.remedy, a.approval, a.approves, a.decided_on"
                           " FROM account AS a JOIN destination AS d"
                           " ON d.company_id = a.company_id AND d.destination_id = a.destination_id"
                           " WHERE a.company_id = $1 AND a.user_id = $2 ORDER BY a.account_id" },
    [SUBJECT_EFFECTS] = { "effects",
                          "run:i effect:i verb:t code:t sentence:t plan:j classes:t state:t answer:t "
                          "at:m account:t did:j had:j",
                          "SELECT run_id, effect_id, verb, code, sentence, plan, classes, state,"
                          " answer, at_us, remote_id, did, had FROM effect WHERE company_id = $1"
                          " AND (user_id = $2 OR account_id IN " ITS_ACCOUNTS
                          ") ORDER BY run_id, effect_id" },
    [SUBJECT_PINS] = { "pins", "destination:t field:t value:t run:i made_at:m undone:t",
                       "SELECT d.key, p.field, p.value, p.run_id, p.made_at, p.undone FROM pin AS p"
                       " JOIN destination AS d ON d.company_id = p.company_id"
                       " AND d.destination_id = p.destination_id WHERE p.company_id = $1"
                       " AND p.subject_id = $2 ORDER BY d.key, p.field" },
    [SUBJECT_UNSETTLED] = { "unsettled", "since:m run:i",
                            "SELECT since_us, run_id FROM unsettled WHERE company_id = $1"
                            " AND user_id = $2" },
    [SUBJECT_AUDIT] = { "audit", "at:m who:t what:t",
                        "SELECT at_us, who, what FROM audit WHERE company_id = $1"
                        " AND (what || ' ' LIKE '%#' || CAST($2 AS BIGINT) || ' %'"
                        " OR what LIKE '%#' || CAST($2 AS BIGINT) || ':%') ORDER BY audit_id" },
    [SUBJECT_SAME_ADDRESS] = { "accounts_with_the_address",
                               "destination:t account:t external_id:t status:t state:j",
                               "SELECT d.key, a.remote_id, a.external_id, a.status, a.state"
                               " FROM account AS a JOIN destination AS d"
                               " ON d.company_id = a.company_id"
                               " AND d.destination_id = a.destination_id JOIN \"user\" AS u"
                               " ON u.company_id = a.company_id AND u.email = a.email"
                               " WHERE a.company_id = $1 AND u.user_id = $2"
                               " AND a.user_id IS NULL ORDER BY a.account_id" },
};

const char *subject_part_name(enum subject_part p) {
    return parts[p].name;
}

static void put_column(struct json_writer *w, const char *name, char kind,
                       const struct db_statement *row, int column) {
    char s[32];
    struct text t;
    if (db_is_null(row, column)) {
        json_put_null(w, name);
        return;
    }
    switch (kind) {
    case 'i': json_put_int(w, name, db_int(row, column)); break;
    case 'b': json_put_bool(w, name, db_int(row, column) != 0); break;
    case 'm': json_put_cstr(w, name, date_format_instant(db_int(row, column), s)); break;
    case 'd': json_put_cstr(w, name, date_format((date_days)db_int(row, column), s)); break;
    default:
        t = db_text(row, column);
        if (kind == 'j' && t.state == TEXT_SET)
            json_put_raw(w, name, t.ptr, t.len);
        else
            json_put_text(w, name, t);
    }
}

static void put_row(struct json_writer *w, const struct part *p, const struct db_statement *row) {
    const char *f = p->fields;
    char name[40];
    json_object(w, NULL);
    for (int column = 0; *f != '\0'; column++) {
        size_t len = strcspn(f, ":");
        snprintf(name, sizeof name, "%.*s", (int)len, f);
        put_column(w, name, f[len + 1], row, column);
        f += len + 2;
        f += *f == ' ';
    }
    json_object_end(w);
}

enum rc_code subject_write(struct store *st, const struct subject *s, struct json_writer *w,
                           int64_t ret_counts[SUBJECT_PARTS_N], struct rc_error *err) {
    enum rc_code rc = RC_OK;
    for (int p = 0; p < SUBJECT_PARTS_N && rc == RC_OK; p++) {
        ret_counts[p] = 0;
        json_array(w, parts[p].name);
        for (size_t i = 0; i < s->user_ids_n && rc == RC_OK; i++) {
            struct db_statement *rows;
            bool row = false;
            if ((rc = store_query(st, &rows, err, parts[p].sql, "ii", s->company_id,
                                  s->user_ids[i])) != RC_OK)
                break;
            while ((rc = db_step(rows, &row, err)) == RC_OK && row) {
                put_row(w, &parts[p], rows);
                ret_counts[p]++;
            }
            db_reset(rows);
        }
        json_array_end(w);
    }
    return rc;
}

enum rc_code subject_reports(struct store *st, const struct subject *s, int64_t *ret,
                             struct rc_error *err) {
    static const char sql[] = "SELECT COUNT(*) FROM \"user\" WHERE company_id = $1"
                              " AND integration_id = $2 AND manager = $3";
    return store_number(st, ret, err, sql, "iit", s->company_id, s->integration_id, s->source_id);
}

/* ---- erasing ---- */

static enum rc_code add_number(struct store *st, int64_t *sum, const char *sql,
                               const struct subject *s, int64_t user_id, struct rc_error *err) {
    int64_t n = 0;
    enum rc_code rc = store_number(st, &n, err, sql, "ii", s->company_id, user_id);
    *sum += n;
    return rc;
}

enum rc_code subject_look(struct store *st, const struct subject *s, struct subject_obstacles *ret,
                          struct rc_error *err) {
    static const char waiting[] =
        "SELECT COALESCE(MAX(r.run_id), 0) FROM run AS r WHERE r.company_id = $1"
        " AND r.state IN ('listing', 'checking', 'passed', 'held', 'previewed')"
        " AND (EXISTS (SELECT 1 FROM version AS v WHERE v.company_id = r.company_id"
        "  AND v.run_id = r.run_id AND v.user_id = $2) OR EXISTS (SELECT 1 FROM effect AS e"
        "  WHERE e.company_id = r.company_id AND e.run_id = r.run_id AND e.user_id = $2))";
    static const char listed[] = "SELECT COUNT(*) FROM \"user\" WHERE company_id = $1"
                                 " AND user_id = $2 AND presence <> 'gone'";
    static const char accounts[] =
        "SELECT COUNT(*) FROM account WHERE company_id = $1 AND user_id = $2"
        " AND remote_id IS NOT NULL AND status NOT IN ('deleted', 'anonymised')";
    /* nobody's, with the id that was made for them: unlinked, or not linked yet */
    static const char by_id[] =
        "SELECT COUNT(*) FROM \"user\" AS u JOIN integration AS i ON i.company_id = u.company_id"
        " AND i.integration_id = u.integration_id JOIN destination AS d"
        " ON d.company_id = u.company_id JOIN account AS a ON a.company_id = u.company_id"
        " AND a.destination_id = d.destination_id"
        " AND a.external_id = d.prefix || ':' || i.key || ':' || u.source_id"
        " WHERE u.company_id = $1 AND u.user_id = $2 AND a.user_id IS NULL"
        " AND a.status NOT IN ('deleted', 'anonymised')";
    static const char in_doubt[] =
        "SELECT COUNT(*) FROM effect AS e JOIN run AS r ON r.company_id = e.company_id"
        " AND r.run_id = e.run_id JOIN destination AS d ON d.company_id = r.company_id"
        " AND d.destination_id = r.destination_id WHERE e.company_id = $1 AND e.user_id = $2"
        " AND e.state = 'unsure' AND (d.listed_at IS NULL OR e.at_us >= d.listed_at)";
    int64_t is_listed = 0;
    enum rc_code rc = RC_OK;
    *ret = (struct subject_obstacles){ 0 };
    for (size_t i = 0; i < s->user_ids_n && rc == RC_OK; i++) {
        int64_t id = s->user_ids[i], run = 0;
        if ((rc = add_number(st, &run, waiting, s, id, err)) != RC_OK ||
            (rc = add_number(st, &is_listed, listed, s, id, err)) != RC_OK ||
            (rc = add_number(st, &ret->accounts, accounts, s, id, err)) != RC_OK ||
            (rc = add_number(st, &ret->accounts, by_id, s, id, err)) != RC_OK)
            break;
        if (run > ret->waiting_run_id)
            ret->waiting_run_id = run;
        rc = add_number(st, &ret->in_doubt, in_doubt, s, id, err);
    }
    ret->is_listed = is_listed > 0;
    return rc;
}

/* In this order; counts go to the part of the same table. */
static const struct {
    enum subject_part part;
    const char *sql;
} removals[] = {
    { SUBJECT_UNSETTLED, "DELETE FROM unsettled WHERE company_id = $1 AND user_id = $2" },
    { SUBJECT_PINS, "DELETE FROM pin WHERE company_id = $1 AND subject_id = $2" },
    { SUBJECT_CHANGES, "DELETE FROM change WHERE company_id = $1 AND user_id = $2" },
    { SUBJECT_VERSIONS, "DELETE FROM version WHERE company_id = $1 AND user_id = $2" },
    { SUBJECT_EFFECTS,
      "DELETE FROM effect WHERE company_id = $1 AND (user_id = $2 OR account_id IN " ITS_ACCOUNTS
      ")" },
    { SUBJECT_ACCOUNTS, "DELETE FROM account WHERE company_id = $1 AND user_id = $2"
                        " AND (remote_id IS NULL OR status IN ('deleted', 'anonymised'))" },
};

/* Whoever states the same address, or them as manager, is looked at once more. */
static enum rc_code mark_others(struct store *st, const struct subject *s, struct rc_error *err) {
    static const char sql[] =
        "UPDATE account SET dirty = dirty + 1 WHERE company_id = $1 AND user_id IN"
        " (SELECT o.user_id FROM \"user\" AS o JOIN \"user\" AS u ON u.company_id = o.company_id"
        " WHERE u.company_id = $1 AND u.user_id = $2 AND o.user_id <> u.user_id"
        " AND (o.email = u.email OR (o.integration_id = u.integration_id"
        "  AND o.manager = u.source_id)))";
    return store_run(st, NULL, err, sql, "ii", s->company_id, s->user_id);
}

enum rc_code subject_erase(struct store *st, const struct subject *s,
                           int64_t ret_counts[SUBJECT_PARTS_N], int64_t *ret_left,
                           struct rc_error *err) {
    /* As when an integration is removed: an account whose external id is ours would else be taken for
     * that of whoever gets the same id in HR. */
    static const char let_go[] =
        "UPDATE account SET tie = 'ignored', user_id = NULL, dirty = 0, due_on = NULL,"
        " gone_on = NULL, excluded_on = NULL, verb = NULL, code = NULL, sentence = NULL,"
        " waits = NULL, remedy = NULL, approval = NULL, approves = NULL"
        " WHERE company_id = $1 AND user_id = $2";
    static const char user[] = "DELETE FROM \"user\" WHERE company_id = $1 AND user_id = $2";
    int64_t n = 0;
    enum rc_code rc = mark_others(st, s, err);
    memset(ret_counts, 0, SUBJECT_PARTS_N * sizeof *ret_counts);
    *ret_left = 0;
    for (size_t i = 0; i < s->user_ids_n && rc == RC_OK; i++) {
        for (size_t k = 0; k < RC_LEN(removals) && rc == RC_OK; k++) {
            rc = store_run(st, &n, err, removals[k].sql, "ii", s->company_id, s->user_ids[i]);
            ret_counts[removals[k].part] += rc == RC_OK ? n : 0;
        }
        if (rc == RC_OK &&
            (rc = store_run(st, &n, err, let_go, "ii", s->company_id, s->user_ids[i])) == RC_OK)
            *ret_left += n;
        if (rc == RC_OK &&
            (rc = store_run(st, &n, err, user, "ii", s->company_id, s->user_ids[i])) == RC_OK)
            ret_counts[SUBJECT_DIRECTORY] += n;
    }
    return rc;
}

/* ---- receipts ---- */

enum rc_code erasure_add(struct store *st, int64_t company_id, struct erasure *e,
                         struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO erasure (company_id, erasure_id, at_us, who, reason, person, removed, counts,"
        " kept) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    enum rc_code rc = company_take_ids(st, company_id, 1, &e->erasure_id, err);
    return rc != RC_OK
               ? rc
               : store_run(st, NULL, err, sql, "iiittbbtt", company_id, e->erasure_id, e->at_us,
                           e->who, e->reason, (const void *)e->person, sizeof e->person,
                           (const void *)e->removed, sizeof e->removed, e->counts, e->kept);
}

static void digest_read(const struct db_statement *row, int column,
                        uint8_t ret[SUBJECT_DIGEST_BYTES]) {
    size_t len = 0;
    const void *bytes = db_is_null(row, column) ? NULL : db_blob(row, column, &len);
    if (bytes != NULL && len == SUBJECT_DIGEST_BYTES)
        memcpy(ret, bytes, len);
}

enum rc_code erasure_list(struct store *st, int64_t company_id, const uint8_t *person, size_t most,
                          struct arena *a, struct erasure **ret, size_t *ret_n,
                          struct rc_error *err) {
    static const char sql[] =
        "SELECT erasure_id, at_us, who, reason, counts, kept, person, removed, logs_at FROM erasure"
        " WHERE company_id = $1 AND (CAST($2 AS BYTEA) IS NULL OR person = $2)"
        " ORDER BY erasure_id DESC LIMIT $3";
    struct erasure *list = ARENA_NEW(a, struct erasure, most + 1);
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    enum rc_code rc =
        store_query(st, &rows, err, sql, "ibi", company_id, (const void *)person,
                    person != NULL ? (size_t)SUBJECT_DIGEST_BYTES : (size_t)0, (int64_t)most);
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < most) {
        struct erasure *e = &list[n++];
        *e = (struct erasure){ .erasure_id = db_int(rows, 0),
                               .at_us = db_int(rows, 1),
                               .who = store_text(a, rows, 2),
                               .reason = store_text(a, rows, 3),
                               .counts = store_text(a, rows, 4),
                               .kept = store_text(a, rows, 5),
                               .logs_us = db_int(rows, 8) };
        digest_read(rows, 6, e->person);
        digest_read(rows, 7, e->removed);
    }
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code erasure_waiting(struct store *st, struct erasure_waiting *ret, size_t most,
                             size_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        "SELECT company_id, MAX(erasure_id) FROM erasure WHERE logs_at IS NULL"
        " GROUP BY company_id ORDER BY company_id LIMIT $1";
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_query(st, &rows, err, sql, "i", (int64_t)most);
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < most)
        ret[n++] = (struct erasure_waiting){ db_int(rows, 0), db_int(rows, 1) };
    db_reset(rows);
    *ret_n = n;
    return rc;
}

enum rc_code erasure_logs_emptied(struct store *st, const struct erasure_waiting *until,
                                  int64_t now_us, int64_t *ret_n, struct rc_error *err) {
    static const char sql[] = "UPDATE erasure SET logs_at = $1 WHERE company_id = $2"
                              " AND erasure_id <= $3 AND logs_at IS NULL";
    return store_run(st, ret_n, err, sql, "iii", now_us, until->company_id, until->erasure_id);
}
