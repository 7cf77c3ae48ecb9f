#include "store/alert.h"

#include <string.h>

#include "base/cleanup.h"
#include "store/version.h"

static const char *const kinds[ALERT_MAIL_KINDS_N] = { "open", "over" };
static const char *const states[ALERT_MAIL_STATES_N] = { "waiting", "sent", "refused", "dropped" };

const char *alert_mail_kind_name(enum alert_mail_kind k) {
    return kinds[k];
}

const char *alert_mail_state_name(enum alert_mail_state s) {
    return states[s];
}

/* ---- alerts ---- */

enum rc_code alert_concerned(struct store *st, struct arena *a, int64_t **ret, size_t *ret_n,
                             struct rc_error *err) {
    static const char sql[] = "SELECT company_id FROM run WHERE state = 'held'"
                              " UNION SELECT company_id FROM trouble"
                              " UNION SELECT company_id FROM alert WHERE over_us IS NULL"
                              " UNION SELECT company_id FROM alert_mail WHERE state = 'waiting'"
                              " ORDER BY 1";
    struct db_statement *rows;
    bool row = false;
    size_t n = 0, most = 64;
    int64_t *list = ARENA_NEW(a, int64_t, most);
    enum rc_code rc = store_query(st, &rows, err, sql, "");
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row) {
        if (n == most) {
            int64_t *more = ARENA_NEW(a, int64_t, 2 * most);
            memcpy(more, list, n * sizeof *more);
            list = more;
            most *= 2;
        }
        list[n++] = db_int(rows, 0);
    }
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code alert_list(struct store *st, int64_t company_id, struct arena *a, struct alert **ret,
                        size_t *ret_n, struct rc_error *err) {
    static const char count[] = "SELECT COUNT(*) FROM alert WHERE company_id = $1";
    static const char sql[] =
        "SELECT subject_id, cause, run_id, since_us, told_us, told_n, over_us, muted_us FROM alert"
        " WHERE company_id = $1 ORDER BY subject_id, cause";
    struct db_statement *rows;
    int64_t most = 0;
    size_t n = 0;
    bool row = false;
    enum rc_code rc = store_number(st, &most, err, count, "i", company_id);
    if (rc != RC_OK || (rc = store_query(st, &rows, err, sql, "i", company_id)) != RC_OK)
        return rc;
    struct alert *list = ARENA_NEW(a, struct alert, (size_t)most + 1);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < (size_t)most)
        list[n++] = (struct alert){ .company_id = company_id,
                                    .subject_id = db_int(rows, 0),
                                    .cause = store_text(a, rows, 1),
                                    .run_id = db_int(rows, 2),
                                    .since_us = db_int(rows, 3),
                                    .told_us = db_int(rows, 4),
                                    .told_n = db_int(rows, 5),
                                    .over_us = db_int(rows, 6),
                                    .muted_us = db_int(rows, 7) };
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code alert_save(struct store *st, const struct alert *al, struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO alert (company_id, subject_id, cause, run_id, since_us, told_us, told_n, over_us)"
        " VALUES ($1, $2, $3, NULLIF($4, 0), $5, NULLIF($6, 0), $7, NULLIF($8, 0))"
        " ON CONFLICT (company_id, subject_id, cause) DO UPDATE SET run_id = excluded.run_id,"
        " since_us = excluded.since_us, told_us = excluded.told_us, told_n = excluded.told_n,"
        " over_us = excluded.over_us";
    return store_run(st, NULL, err, sql, "iitiiiii", al->company_id, al->subject_id, al->cause,
                     al->run_id, al->since_us, al->told_us, al->told_n, al->over_us);
}

enum rc_code alert_mute(struct store *st, int64_t company_id, int64_t subject_id, const char *cause,
                        int64_t until_us, struct rc_error *err) {
    static const char sql[] = "UPDATE alert SET muted_us = NULLIF($1, 0)"
                              " WHERE company_id = $2 AND subject_id = $3 AND cause = $4";
    int64_t changed = 0;
    enum rc_code rc =
        store_run(st, &changed, err, sql, "iiis", until_us, company_id, subject_id, cause);
    if (rc == RC_OK && changed == 0)
        return rc_fail_as(
            err, RC_NOT_FOUND, "alert.unknown",
            "there is no such alert; `rollcall alert list` shows those that there are");
    return rc;
}

enum rc_code alert_leavers(struct store *st, int64_t company_id, int64_t run_id, size_t most,
                           struct arena *a, struct alert_leaver **ret, size_t *ret_n,
                           struct rc_error *err) {
    static const char sql[] =
        "SELECT v.source_id, v.person FROM change AS c JOIN version AS v ON v.company_id = c.company_id"
        "  AND v.run_id = c.run_id AND v.user_id = c.user_id"
        " WHERE c.company_id = $1 AND c.run_id = $2 AND c.field = 'lifecycle'"
        "  AND c.class IN ('leavers', 'unannounced')"
        " UNION SELECT v.source_id, v.person FROM effect AS e JOIN \"user\" AS u"
        "  ON u.company_id = e.company_id AND u.user_id = e.user_id"
        " JOIN version AS v ON v.company_id = u.company_id AND v.run_id = u.run_id"
        "  AND v.user_id = u.user_id"
        " WHERE e.company_id = $1 AND e.run_id = $2 AND e.classes LIKE '%leavers%'"
        " ORDER BY 1 LIMIT $3";
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    struct alert_leaver *list = ARENA_NEW(a, struct alert_leaver, most + 1);
    struct db_statement *rows;
    size_t n = 0;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, sql, "iii", company_id, run_id, (int64_t)most);
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < most)
        list[n++] = (struct alert_leaver){ store_text(a, rows, 0),
                                           version_name_of(reader, a, db_text(rows, 1)) };
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

/* ---- mails ---- */

static int parse_name(struct text t, const char *const *names, int n) {
    for (int i = 0; i < n; i++)
        if (text_is(t, names[i]))
            return i;
    return -1;
}

static enum rc_code mail_read(const struct db_statement *row, int64_t company_id, struct arena *a,
                              struct alert_mail *ret, struct rc_error *err) {
    int kind = parse_name(db_text(row, 3), kinds, ALERT_MAIL_KINDS_N);
    int state = parse_name(db_text(row, 5), states, ALERT_MAIL_STATES_N);
    if (kind < 0 || state < 0)
        return rc_fail(err, RC_FATAL, "a mail of an alert is of a kind or in a state unknown here");
    *ret = (struct alert_mail){ .company_id = company_id,
                                .subject_id = db_int(row, 0),
                                .cause = store_text(a, row, 1),
                                .recipient = store_text(a, row, 2),
                                .kind = (enum alert_mail_kind)kind,
                                .to_operator = text_is(db_text(row, 4), "operator"),
                                .state = (enum alert_mail_state)state,
                                .made_us = db_int(row, 6),
                                .try_us = db_int(row, 7),
                                .tries = db_int(row, 8),
                                .arrived = db_int(row, 9) != 0,
                                .answer = store_text(a, row, 10) };
    return RC_OK;
}

enum rc_code alert_mail_list(struct store *st, int64_t company_id, struct arena *a,
                             struct alert_mail **ret, size_t *ret_n, struct rc_error *err) {
    static const char count[] = "SELECT COUNT(*) FROM alert_mail WHERE company_id = $1";
    static const char sql[] =
        "SELECT subject_id, cause, recipient, kind, audience, state, made_us, try_us, tries, arrived,"
        " answer FROM alert_mail WHERE company_id = $1 ORDER BY subject_id, cause, kind, recipient";
    struct db_statement *rows;
    int64_t most = 0;
    size_t n = 0;
    bool row = false;
    enum rc_code rc = store_number(st, &most, err, count, "i", company_id);
    if (rc != RC_OK || (rc = store_query(st, &rows, err, sql, "i", company_id)) != RC_OK)
        return rc;
    struct alert_mail *list = ARENA_NEW(a, struct alert_mail, (size_t)most + 1);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < (size_t)most &&
           (rc = mail_read(rows, company_id, a, &list[n], err)) == RC_OK)
        n++;
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code alert_mail_save(struct store *st, const struct alert_mail *m, struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO alert_mail (company_id, subject_id, cause, recipient, kind, audience, state,"
        " made_us, try_us, tries, arrived, answer)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        " ON CONFLICT (company_id, subject_id, cause, recipient, kind) DO UPDATE SET"
        " audience = excluded.audience, state = excluded.state, made_us = excluded.made_us,"
        " try_us = excluded.try_us, tries = excluded.tries, arrived = excluded.arrived,"
        " answer = excluded.answer";
    return store_run(st, NULL, err, sql, "iittsssiiiit", m->company_id, m->subject_id, m->cause,
                     m->recipient, kinds[m->kind], m->to_operator ? "operator" : "company",
                     states[m->state], m->made_us, m->try_us, m->tries, (int64_t)m->arrived,
                     m->answer);
}

/* ---- whom a company has told ---- */

enum rc_code alert_to_list(struct store *st, int64_t company_id, struct arena *a, struct text **ret,
                           size_t *ret_n, struct rc_error *err) {
    static const char sql[] =
        "SELECT address FROM alert_to WHERE company_id = $1 ORDER BY place LIMIT 20";
    struct text *list = ARENA_NEW(a, struct text, ALERT_TO_MOST);
    struct db_statement *rows;
    size_t n = 0;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, sql, "i", company_id);
    if (rc != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < ALERT_TO_MOST)
        list[n++] = store_text(a, rows, 0);
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code alert_to_set(struct store *st, int64_t company_id, const char *const *addresses,
                          size_t n, struct rc_error *err) {
    static const char clear[] = "DELETE FROM alert_to WHERE company_id = $1";
    static const char add[] =
        "INSERT INTO alert_to (company_id, place, address) VALUES ($1, $2, $3)";
    enum rc_code rc = store_run(st, NULL, err, clear, "i", company_id);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = store_run(st, NULL, err, add, "iis", company_id, (int64_t)i + 1, addresses[i]);
    return rc;
}
