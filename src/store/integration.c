#include "store/integration.h"

#include <stdio.h>
#include <string.h>
#include "store/company.h"
#include "store/keyring.h"

#define COLUMNS                                                                                                   \
    "company_id, integration_id, key, source, settings, secrets, team_from, limits, rights, mapping_fingerprint," \
    " listed_at, created_at, pinned, schedule"

static enum rc_code seal(struct store *st, const struct secret_key *k, const struct integration *in,
                         struct buf *ret, struct rc_error *err) {
    return keyring_seal(st, k, "integration", in->company_id, in->integration_id, in->secrets, ret,
                        err);
}

enum rc_code integration_add(struct store *st, const struct secret_key *k, struct integration *in,
                             struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO integration (company_id, integration_id, key, source, settings, secrets,"
        " team_from, limits, created_at, schedule)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    struct buf sealed;
    bool mine;
    enum rc_code rc = store_join(st, &mine, err);
    if (rc != RC_OK)
        return rc;
    buf_init(&sealed, 1 << 20);
    if ((rc = company_take_ids(st, in->company_id, 1, &in->integration_id, err)) == RC_OK &&
        (rc = seal(st, k, in, &sealed, err)) == RC_OK)
        rc = store_run(st, NULL, err, sql,
                       "iittt"
                       "b"
                       "ttit",
                       in->company_id, in->integration_id, in->key, in->source, in->settings,
                       (const void *)(sealed.len ? sealed.ptr : NULL), sealed.len, in->team_from,
                       in->limits, in->created_us, in->schedule);
    buf_done(&sealed);
    if (rc == RC_CONFLICT)
        rc_fail_as(err, rc, "integration.exists", "the company has an integration \"%.*s\" already",
                   TEXT_ARG(in->key));
    return store_leave(st, mine, rc, err);
}

static enum rc_code integration_read(const struct db_statement *row, const struct secret_key *k,
                                     struct arena *a, struct integration *ret,
                                     struct rc_error *err) {
    *ret = (struct integration){
        .company_id = db_int(row, 0),
        .integration_id = db_int(row, 1),
        .key = store_text(a, row, 2),
        .source = store_text(a, row, 3),
        .settings = store_text(a, row, 4),
        .team_from = store_text(a, row, 6),
        .limits = store_text(a, row, 7),
        .rights = store_text(a, row, 8),
        .mapping_fingerprint = db_is_null(row, 9) ? 0 : db_int(row, 9),
        .listed_us = db_is_null(row, 10) ? 0 : db_int(row, 10),
        .created_us = db_int(row, 11),
        .pinned = store_text(a, row, 12),
        .schedule = store_text(a, row, 13),
        .has_secrets = !db_is_null(row, 5),
    };
    if (k == NULL || db_is_null(row, 5))
        return RC_OK;
    return keyring_unseal(k, "integration", ret->company_id, ret->integration_id, row, 5, a,
                          &ret->secrets, err);
}

enum rc_code integration_find(struct store *st, int64_t company_id, const char *key,
                              const struct secret_key *k, struct arena *a, struct integration *ret,
                              struct rc_error *err) {
    static const char sql[] =
        "SELECT " COLUMNS " FROM integration WHERE company_id = $1 AND key = $2";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "is", company_id, key);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return rc_fail_as(err, RC_NOT_FOUND, "integration.unknown",
                          "the company has no integration \"%.60s\"", key);
    rc = integration_read(row, k, a, ret, err);
    db_reset(row);
    return rc;
}

enum rc_code integration_get(struct store *st, int64_t company_id, int64_t integration_id,
                             const struct secret_key *k, struct arena *a, struct integration *ret,
                             struct rc_error *err) {
    static const char sql[] =
        "SELECT " COLUMNS " FROM integration WHERE company_id = $1 AND integration_id = $2";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "ii", company_id, integration_id);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return rc_fail_as(err, RC_NOT_FOUND, "integration.unknown", "the integration is gone");
    rc = integration_read(row, k, a, ret, err);
    db_reset(row);
    return rc;
}

enum rc_code integration_list(struct store *st, int64_t company_id, struct arena *a,
                              struct integration **ret, size_t *ret_n, struct rc_error *err) {
    static const char count[] = "SELECT COUNT(*) FROM integration WHERE company_id = $1";
    static const char sql[] =
        "SELECT " COLUMNS " FROM integration WHERE company_id = $1 ORDER BY key";
    struct db_statement *rows;
    int64_t total;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_number(st, &total, err, count, "i", company_id);
    if (rc != RC_OK || (rc = store_query(st, &rows, err, sql, "i", company_id)) != RC_OK)
        return rc;
    struct integration *list = ARENA_NEW(a, struct integration, (size_t)total + 1);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < (size_t)total)
        if ((rc = integration_read(rows, NULL, a, &list[n++], err)) != RC_OK)
            break;
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code integration_save(struct store *st, const struct secret_key *k,
                              const struct integration *in, struct rc_error *err) {
    static const char plain[] = "UPDATE integration SET settings = $1, team_from = $2, limits = $3,"
                                " rights = $4, schedule = $5"
                                " WHERE company_id = $6 AND integration_id = $7";
    static const char secret[] =
        "UPDATE integration SET secrets = $1 WHERE company_id = $2 AND integration_id = $3";
    struct buf sealed;
    bool mine;
    enum rc_code rc = store_join(st, &mine, err);
    if (rc != RC_OK)
        return rc;
    buf_init(&sealed, 1 << 20);
    rc = store_run(st, NULL, err, plain, "tttttii", in->settings, in->team_from, in->limits,
                   in->rights, in->schedule, in->company_id, in->integration_id);
    if (rc == RC_OK && in->secrets.state == TEXT_SET &&
        (rc = seal(st, k, in, &sealed, err)) == RC_OK)
        rc = store_run(st, NULL, err, secret, "bii", (const void *)sealed.ptr, sealed.len,
                       in->company_id, in->integration_id);
    buf_done(&sealed);
    return store_leave(st, mine, rc, err);
}

enum rc_code integration_forget_secrets(struct store *st, int64_t company_id,
                                        int64_t integration_id, struct rc_error *err) {
    static const char sql[] =
        "UPDATE integration SET secrets = NULL WHERE company_id = $1 AND integration_id = $2";
    return store_run(st, NULL, err, sql, "ii", company_id, integration_id);
}

enum rc_code integration_listed(struct store *st, const struct integration *in, int64_t listed_us,
                                int64_t mapping_fingerprint, struct text rights,
                                struct rc_error *err) {
    static const char sql[] =
        "UPDATE integration SET listed_at = $1, mapping_fingerprint = $2, rights = $3, pinned = $4"
        " WHERE company_id = $5 AND integration_id = $6";
    return store_run(st, NULL, err, sql, "iittii", listed_us, mapping_fingerprint, rights,
                     in->settings, in->company_id, in->integration_id);
}

enum rc_code integration_mapped(struct store *st, int64_t company_id, int64_t integration_id,
                                int64_t mapping_fingerprint, struct rc_error *err) {
    static const char sql[] = "UPDATE integration SET mapping_fingerprint = $1"
                              " WHERE company_id = $2 AND integration_id = $3";
    return store_run(st, NULL, err, sql, "iii", mapping_fingerprint, company_id, integration_id);
}

enum rc_code integration_remove(struct store *st, int64_t company_id, int64_t integration_id,
                                struct rc_error *err) {
    /* Accounts of theirs stay as they are on the platform, and are nobody's: whoever states the address of one may get
     * it, as any stranger's, and the same integration added again finds them by our id. What a person has said to leave
     * alone stays so. */
#define THEIRS      " (SELECT user_id FROM \"user\" WHERE company_id = $1 AND integration_id = $2)"
#define THEIR_TEAMS " (SELECT team_id FROM team WHERE company_id = $1 AND integration_id = $2)"
    /* ... also one that was previewed over an import of theirs: whom that brings nobody knows yet */
#define WAITS_WITH_THEM                                                                             \
    " WHERE company_id = $1 AND state IN ('held', 'previewed') AND (other_run IN (SELECT run_id"    \
    " FROM run WHERE company_id = $1 AND integration_id = $2) OR EXISTS (SELECT 1 FROM effect AS e" \
    " WHERE e.company_id = run.company_id AND e.run_id = run.run_id AND (e.user_id IN" THEIRS       \
    " OR e.team_id IN" THEIR_TEAMS ")))"
    static const char *const by_run[] = {
        /* a delivery or an undo that waits for a person would do something else */
        "UPDATE effect SET state = 'dropped', answer = 'an integration was removed' WHERE company_id = $1"
        " AND state = 'planned' AND run_id IN (SELECT run_id FROM run" WAITS_WITH_THEM ")",
        "UPDATE run SET state = 'superseded', ended_at = COALESCE(ended_at, started_at),"
        " reason = 'an integration was removed whose people it was about'" WAITS_WITH_THEM,
        /* those of other integrations: what theirs was to them is something else now */
        "UPDATE account SET dirty = dirty + 1 WHERE company_id = $1 AND user_id IS NOT NULL"
        " AND (destination_id IN (SELECT destination_id FROM feed WHERE company_id = $1"
        "  AND integration_id = $2) OR destination_id IN (SELECT a.destination_id FROM account AS a"
        "  WHERE a.company_id = $1 AND a.user_id IN" THEIRS "))",
        "DELETE FROM effect WHERE company_id = $1 AND user_id IN" THEIRS,
        "DELETE FROM account WHERE company_id = $1 AND remote_id IS NULL AND user_id IN" THEIRS,
        "UPDATE account SET tie = CASE WHEN tie = 'ignored' THEN tie WHEN EXISTS (SELECT 1"
        " FROM destination AS d WHERE d.company_id = account.company_id"
        " AND d.destination_id = account.destination_id AND d.prefix || ':' ="
        " SUBSTR(account.external_id, 1, LENGTH(d.prefix) + 1)) THEN 'ours' ELSE 'stranger' END,"
        " user_id = NULL, dirty = 0, due_on = NULL, gone_on = NULL,"
        " excluded_on = NULL, verb = NULL, code = NULL, sentence = NULL, waits = NULL, remedy = NULL,"
        " approval = NULL, approves = NULL WHERE company_id = $1 AND user_id IN" THEIRS,
        "DELETE FROM pin WHERE company_id = $1 AND subject_id IN" THEIRS,
        "DELETE FROM pin WHERE company_id = $1 AND subject_id IN" THEIR_TEAMS,
        "DELETE FROM team_link WHERE company_id = $1 AND team_id IN" THEIR_TEAMS,
        "DELETE FROM team_namesake WHERE company_id = $1 AND team_id IN" THEIR_TEAMS,
        "DELETE FROM team_word WHERE company_id = $1 AND team_id IN" THEIR_TEAMS,
        "DELETE FROM feed WHERE company_id = $1 AND integration_id = $2",
        "DELETE FROM change WHERE company_id = $1 AND run_id IN"
        " (SELECT run_id FROM run WHERE company_id = $1 AND integration_id = $2)",
        "DELETE FROM team_version WHERE company_id = $1 AND run_id IN"
        " (SELECT run_id FROM run WHERE company_id = $1 AND integration_id = $2)",
        "DELETE FROM version WHERE company_id = $1 AND run_id IN"
        " (SELECT run_id FROM run WHERE company_id = $1 AND integration_id = $2)",
        "DELETE FROM unsettled WHERE company_id = $1 AND integration_id = $2",
        "DELETE FROM \"user\" WHERE company_id = $1 AND integration_id = $2",
        "DELETE FROM team WHERE company_id = $1 AND integration_id = $2",
        "DELETE FROM run WHERE company_id = $1 AND integration_id = $2",
        "DELETE FROM mapping WHERE company_id = $1 AND integration_id = $2",
        "DELETE FROM webhook WHERE company_id = $1 AND integration_id = $2",
        "DELETE FROM webhook_event WHERE company_id = $1 AND integration_id = $2",
        /* runs are numbered by themselves: a decision about one is none of these */
        "DELETE FROM job WHERE company_id = $1 AND subject_id = $2 AND kind <> 'decision'",
        "DELETE FROM alert_mail WHERE company_id = $1 AND subject_id = $2",
        "DELETE FROM alert WHERE company_id = $1 AND subject_id = $2",
        "DELETE FROM trouble WHERE company_id = $1 AND subject_id = $2",
        "DELETE FROM integration WHERE company_id = $1 AND integration_id = $2",
    };
#undef WAITS_WITH_THEM
#undef THEIR_TEAMS
#undef THEIRS
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < sizeof by_run / sizeof *by_run && rc == RC_OK; i++)
        rc = store_run(st, NULL, err, by_run[i], "ii", company_id, integration_id);
    return rc;
}
