#include "store/retention.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const int64_t day_us = INT64_C(86400000000);

const struct retention_rule_info retention_rules[RETENTION_RULES_N] = {
    [RETENTION_STAGES] = { "stages", "what runs read that were rejected, superseded or failed", 30,
                           1 },
    [RETENTION_HISTORY] = { "history", "earlier versions of people, and what changed in them", 365,
                            1 },
    [RETENTION_EFFECTS] = { "effects", "calls to platforms; so far back an undo reaches", 365, 30 },
    [RETENTION_AUDIT] = { "audit", "who set, approved, paused, linked what", 1095, 90 },
    [RETENTION_RUNS] = { "runs", "runs of which nothing else is left", 730, 60 },
};

/* ---- rules ---- */

enum rc_code retention_get(struct store *st, int64_t company_id, struct retention *ret,
                           struct rc_error *err) {
    static const char sql[] = "SELECT retention FROM company WHERE company_id = $1";
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 12);
    struct db_statement *row;
    struct text t;
    bool found = false;
    json doc = NULL;
    int64_t days;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "i", company_id);
    if (rc != RC_OK)
        return rc;
    for (int i = 0; i < RETENTION_RULES_N; i++)
        ret->days[i] = retention_rules[i].usual;
    if (found && (t = db_text(row, 0)).state == TEXT_SET)
        rc = json_parse_copy(r, t.ptr, t.len, &doc, err);
    db_reset(row);
    if (rc != RC_OK)
        return rc_context(err, RC_FATAL, "retention");
    for (int i = 0; i < RETENTION_RULES_N; i++)
        if (json_int(json_get(doc, retention_rules[i].name), &days))
            ret->days[i] = days;
    return RC_OK;
}

static enum rc_code set_days(struct retention *r, int rule, const char *value,
                             struct rc_error *err) {
    const struct retention_rule_info *info = &retention_rules[rule];
    char *end;
    if (*value == '\0')
        r->days[rule] = info->usual;
    else if (strcmp(value, "keep") == 0)
        r->days[rule] = 0;
    else {
        long long days = strtoll(value, &end, 10);
        if (*end != '\0' || days < info->least || days > RETENTION_DAYS_MOST)
            return rc_fail_as(err, RC_INVALID, "retention",
                              "%s=%.30s: give days, from %lld to %d, or keep", info->name, value,
                              (long long)info->least, RETENTION_DAYS_MOST);
        r->days[rule] = days;
    }
    return RC_OK;
}

enum rc_code retention_set(struct retention *r, const char *assignment, struct rc_error *err) {
    const char *equals = strchr(assignment, '=');
    size_t len = equals != NULL ? (size_t)(equals - assignment) : 0;
    for (int i = 0; i < RETENTION_RULES_N && equals != NULL; i++)
        if (strlen(retention_rules[i].name) == len &&
            strncmp(retention_rules[i].name, assignment, len) == 0)
            return set_days(r, i, equals + 1, err);
    return rc_fail_as(err, RC_INVALID, "retention",
                      "\"%.60s\": write NAME=DAYS, with stages, history, effects, audit or runs",
                      assignment);
}

enum rc_code retention_save(struct store *st, int64_t company_id, const struct retention *r,
                            struct rc_error *err) {
    static const char sql[] = "UPDATE company SET retention = $1 WHERE company_id = $2";
    struct json_writer w;
    struct buf b;
    bool any = false;
    buf_init(&b, 1 << 12);
    json_begin(&w, &b);
    json_object(&w, NULL);
    for (int i = 0; i < RETENTION_RULES_N; i++)
        if (r->days[i] != retention_rules[i].usual) {
            json_put_int(&w, retention_rules[i].name, r->days[i]);
            any = true;
        }
    json_object_end(&w);
    struct text t = any ? text_from(b.ptr, b.len) : TEXT_NONE;
    enum rc_code rc = store_run(st, NULL, err, sql, "ti", t, company_id);
    buf_done(&b);
    return rc;
}

/* ---- what is old enough ---- */

/* What ended before then goes; 0 days: nothing does. */
static int64_t before(const struct retention *r, enum retention_rule rule, int64_t now_us) {
    return r->days[rule] == 0 ? 0 : now_us - r->days[rule] * day_us;
}

/* Of run r, with $1 the company. */
#define ENDED "COALESCE(r.ended_at, r.started_at)"
#define NEEDED                                                                                     \
    "r.run_id IN (SELECT w.other_run FROM run AS w WHERE w.company_id = $1"                        \
    " AND w.other_run IS NOT NULL"                                                                 \
    " AND w.state IN ('listing', 'checking', 'passed', 'held', 'previewed'))"
/* $2 stages, $3 history. */
#define OLD_IMPORT                                                                                 \
    "r.company_id = $1 AND r.integration_id IS NOT NULL AND NOT " NEEDED                           \
    " AND ((r.state IN ('rejected', 'superseded', 'failed') AND " ENDED " < $2)"                   \
    " OR (r.state = 'applied' AND r.applied_at < $3))"
/* $2 effects. */
#define OLD_DELIVERY                                                                               \
    "r.company_id = $1 AND r.destination_id IS NOT NULL AND NOT " NEEDED                           \
    " AND r.state IN ('applied', 'rejected', 'superseded', 'failed') AND " ENDED " < $2"
/* Row v of a run is what is known of somebody now, or led to it. */
#define CURRENT                                                                                    \
    "EXISTS (SELECT 1 FROM \"user\" AS u WHERE u.company_id = v.company_id"                        \
    " AND u.user_id = v.user_id AND u.run_id = v.run_id)"
/* Row v is an effect that the next inventory has to tell about. */
#define IN_DOUBT                                                                                   \
    "(v.state = 'unsure' AND EXISTS (SELECT 1 FROM run AS o JOIN destination AS d"                 \
    " ON d.company_id = o.company_id AND d.destination_id = o.destination_id"                      \
    " WHERE o.company_id = v.company_id AND o.run_id = v.run_id"                                   \
    " AND (d.listed_at IS NULL OR o.ended_at >= d.listed_at)))"

/* One table: the next run that has something in it, the end of the next rows of that run, and these rows
 * away. next: $1 company, $2 and $3 moments, $4 from which run on; page: $1 company, $2 run, $3 after, $4
 * rows; away: $1 company, $2 run, $3 after, $4 up to. */
struct part {
    const char *next, *page, *away, *count;
    enum retention_rule first, second;
    size_t counted; /* offset of its number */
};
#define NEXT(old, table, stays)                                                                    \
    "SELECT COALESCE(MIN(r.run_id), 0) FROM run AS r WHERE " old " AND r.run_id >= $4"             \
    " AND EXISTS (SELECT 1 FROM " table " AS v WHERE v.company_id = r.company_id"                  \
    "  AND v.run_id = r.run_id AND NOT " stays ")"
#define PAGE(table, key, stays)                                                                    \
    "SELECT MAX(n) FROM (SELECT v." key " AS n FROM " table " AS v WHERE v.company_id = $1"        \
    " AND v.run_id = $2 AND v." key " > $3 AND NOT " stays " ORDER BY v." key " LIMIT $4) AS page"
#define AWAY(table, key, stays)                                                                    \
    "DELETE FROM " table " AS v WHERE v.company_id = $1 AND v.run_id = $2 AND v." key " > $3"      \
    " AND v." key " <= $4 AND NOT " stays
#define COUNT(old, table, stays)                                                                   \
    "SELECT COUNT(*) FROM run AS r JOIN " table " AS v ON v.company_id = r.company_id"             \
    " AND v.run_id = r.run_id WHERE " old " AND NOT " stays
#define OLD_EFFECT OLD_DELIVERY " AND CAST($3 AS BIGINT) IS NOT NULL"
#define NEVER      "(1 = 0)"

static const struct part parts[] = {
    { NEXT(OLD_IMPORT, "version", CURRENT), PAGE("version", "user_id", CURRENT),
      AWAY("version", "user_id", CURRENT), COUNT(OLD_IMPORT, "version", CURRENT), RETENTION_STAGES,
      RETENTION_HISTORY, offsetof(struct retention_counts, versions) },
    { NEXT(OLD_IMPORT, "change", CURRENT), PAGE("change", "user_id", CURRENT),
      AWAY("change", "user_id", CURRENT), COUNT(OLD_IMPORT, "change", CURRENT), RETENTION_STAGES,
      RETENTION_HISTORY, offsetof(struct retention_counts, changes) },
    { NEXT(OLD_IMPORT, "team_version", NEVER), PAGE("team_version", "team_id", NEVER),
      AWAY("team_version", "team_id", NEVER), COUNT(OLD_IMPORT, "team_version", NEVER),
      RETENTION_STAGES, RETENTION_HISTORY, offsetof(struct retention_counts, teams) },
    { NEXT(OLD_EFFECT, "effect", IN_DOUBT), PAGE("effect", "effect_id", IN_DOUBT),
      AWAY("effect", "effect_id", IN_DOUBT), COUNT(OLD_EFFECT, "effect", IN_DOUBT),
      RETENTION_EFFECTS, RETENTION_EFFECTS, offsetof(struct retention_counts, effects) },
};

static int64_t *counted(struct retention_counts *c, size_t offset) {
    return (int64_t *)(void *)((char *)c + offset);
}

/* ---- a step ---- */

/* Runs with all their rows, some at a time. */
static enum rc_code step_rows(struct store *st, int64_t company_id, const struct part *p,
                              int64_t first_us, int64_t second_us, struct retention_cursor *at,
                              struct retention_counts *counts, struct rc_error *err) {
    int64_t to = 0, n = 0;
    enum rc_code rc;
    if (at->after == 0) { /* a run that has not been begun with */
        if ((rc = store_number(st, &at->run_id, err, p->next, "iiii", company_id, first_us,
                               second_us, at->run_id)) != RC_OK)
            return rc;
        if (at->run_id == 0) {
            *at = (struct retention_cursor){ .part = at->part + 1 };
            return RC_OK;
        }
    }
    if ((rc = store_number(st, &to, err, p->page, "iiii", company_id, at->run_id, at->after,
                           (int64_t)RETENTION_ROWS)) != RC_OK)
        return rc;
    if (to == 0) {
        at->run_id++;
        at->after = 0;
        return RC_OK;
    }
    rc = store_run(st, &n, err, p->away, "iiii", company_id, at->run_id, at->after, to);
    if (rc == RC_OK) {
        at->after = to;
        *counted(counts, p->counted) += n;
    }
    return rc;
}

static enum rc_code step_audit(struct store *st, int64_t company_id, int64_t before_us,
                               struct retention_cursor *at, struct retention_counts *counts,
                               struct rc_error *err) {
    static const char sql[] = "DELETE FROM audit WHERE company_id = $1 AND audit_id IN"
                              " (SELECT a.audit_id FROM audit AS a WHERE a.company_id = $1"
                              " AND a.at_us < $2 ORDER BY a.audit_id LIMIT $3)";
    int64_t n = 0;
    enum rc_code rc =
        store_run(st, &n, err, sql, "iii", company_id, before_us, (int64_t)RETENTION_ROWS);
    counts->audits += n;
    if (rc == RC_OK && n < RETENTION_ROWS)
        at->part++;
    return rc;
}

/* What refers to a run keeps it. */
static enum rc_code step_runs(struct store *st, int64_t company_id, int64_t before_us,
                              struct retention_cursor *at, struct retention_counts *counts,
                              struct rc_error *err) {
#define NONE(table)                                                                                \
    " AND NOT EXISTS (SELECT 1 FROM " table " AS x WHERE x.company_id = r.company_id"              \
    " AND x.run_id = r.run_id)"
    static const char sql[] =
        "DELETE FROM run WHERE company_id = $1 AND run_id IN (SELECT r.run_id FROM run AS r"
        " WHERE r.company_id = $1 AND NOT " NEEDED " AND " ENDED " < $2"
        " AND r.state IN ('applied', 'rejected', 'superseded', 'failed')"
        " AND r.run_id < (SELECT MAX(l.run_id) FROM run AS l WHERE l.company_id = r.company_id"
        "  AND l.subject_id = r.subject_id AND l.state = 'applied')" NONE("version") NONE("change")
            NONE("team_version") NONE("effect") NONE("pin") NONE("unsettled")
                NONE("\"user\"") " ORDER BY r.run_id LIMIT $3)";
#undef NONE
    int64_t n = 0;
    enum rc_code rc =
        store_run(st, &n, err, sql, "iii", company_id, before_us, (int64_t)RETENTION_ROWS);
    counts->runs += n;
    if (rc == RC_OK && n < RETENTION_ROWS)
        at->ends = true;
    return rc;
}

enum rc_code retention_step(struct store *st, int64_t company_id, const struct retention *r,
                            int64_t now_us, struct retention_cursor *at,
                            struct retention_counts *counts, struct rc_error *err) {
    const int parts_n = (int)RC_LEN(parts);
    if (at->part < parts_n) {
        const struct part *p = &parts[at->part];
        return step_rows(st, company_id, p, before(r, p->first, now_us),
                         before(r, p->second, now_us), at, counts, err);
    }
    if (at->part == parts_n)
        return step_audit(st, company_id, before(r, RETENTION_AUDIT, now_us), at, counts, err);
    return step_runs(st, company_id, before(r, RETENTION_RUNS, now_us), at, counts, err);
}

enum rc_code retention_count(struct store *st, int64_t company_id, const struct retention *r,
                             int64_t now_us, struct retention_counts *ret, struct rc_error *err) {
    static const char audits[] = "SELECT COUNT(*) FROM audit WHERE company_id = $1 AND at_us < $2";
    enum rc_code rc = RC_OK;
    *ret = (struct retention_counts){ 0 };
    for (size_t i = 0; i < RC_LEN(parts) && rc == RC_OK; i++)
        rc =
            store_number(st, counted(ret, parts[i].counted), err, parts[i].count, "iii", company_id,
                         before(r, parts[i].first, now_us), before(r, parts[i].second, now_us));
    if (rc == RC_OK)
        rc = store_number(st, &ret->audits, err, audits, "ii", company_id,
                          before(r, RETENTION_AUDIT, now_us));
    return rc;
}
