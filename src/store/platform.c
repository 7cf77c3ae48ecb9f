#include "store/platform.h"

#include <stdio.h>
#include "store/account.h"
#include "store/company.h"
#include "store/keyring.h"
#include "store/team_link.h"

#define COLUMNS                                                                                    \
    "company_id, destination_id, key, adapter, prefix, settings, secrets, policy, limits,"         \
    " paused_at, paused_by, paused_why, listed_at, delivered_at, created_at, caps, restored_at"

static enum rc_code seal(struct store *st, const struct secret_key *k, const struct platform *p,
                         struct buf *ret, struct rc_error *err) {
    return keyring_seal(st, k, "destination", p->company_id, p->destination_id, p->secrets, ret,
                        err);
}

static enum rc_code write_feeds(struct store *st, const struct platform *p, struct rc_error *err) {
    static const char clear[] = "DELETE FROM feed WHERE company_id = $1 AND destination_id = $2";
    static const char add[] = "INSERT INTO feed (company_id, destination_id, integration_id, place)"
                              " VALUES ($1, $2, $3, $4)";
    enum rc_code rc = store_run(st, NULL, err, clear, "ii", p->company_id, p->destination_id);
    for (size_t i = 0; i < p->feeds_n && rc == RC_OK; i++)
        rc = store_run(st, NULL, err, add, "iiii", p->company_id, p->destination_id, p->feeds[i],
                       (int64_t)i + 1);
    return rc;
}

bool platform_is_fed(const struct platform *p, int64_t integration_id) {
    for (size_t i = 0; i < p->feeds_n; i++)
        if (p->feeds[i] == integration_id)
            return true;
    return false;
}

/* ---- adding and saving ---- */

/* Prefixes differ between installations, so that one does not take the other's accounts for its
 * own. Drawn into `room`, which the caller copies out of. */
static struct text prefix_of(const struct platform *p, char room[32]) {
    uint32_t drawn;
    if (p->prefix.state == TEXT_SET)
        return p->prefix;
    secret_random(&drawn, sizeof drawn);
    snprintf(room, 32, "rollcall-%08x", (unsigned)drawn);
    return text_of(room);
}

static enum rc_code insert(struct store *st, const struct secret_key *k, struct platform *p,
                           struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO destination (company_id, destination_id, key, adapter, prefix, settings, secrets,"
        " policy, limits, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    struct buf sealed;
    char room[32];
    enum rc_code rc = company_take_ids(st, p->company_id, 1, &p->destination_id, err);
    buf_init(&sealed, 1 << 20);
    if (rc == RC_OK && (rc = seal(st, k, p, &sealed, err)) == RC_OK) {
        rc = store_run(st, NULL, err, sql,
                       "iittttb"
                       "tti",
                       p->company_id, p->destination_id, p->key, p->adapter, prefix_of(p, room),
                       p->settings, (const void *)(sealed.len ? sealed.ptr : NULL), sealed.len,
                       p->policy, p->limits, p->created_us);
        if (rc == RC_CONFLICT)
            rc_fail_as(err, rc, "destination.exists",
                       "the company has a destination \"%.*s\" already", TEXT_ARG(p->key));
    }
    buf_done(&sealed);
    return rc != RC_OK ? rc : write_feeds(st, p, err);
}

enum rc_code platform_add(struct store *st, const struct secret_key *k, struct platform *p,
                          struct rc_error *err) {
    bool mine = !db_in_transaction(st->db);
    enum rc_code rc = mine ? db_begin(st->db, err) : RC_OK;
    if (rc != RC_OK)
        return rc;
    rc = insert(st, k, p, err);
    if (mine && rc == RC_OK)
        return db_commit(st->db, err);
    if (mine)
        db_rollback(st->db);
    return rc;
}

enum rc_code platform_pause(struct store *st, const struct platform *p, struct rc_error *err) {
    static const char sql[] =
        "UPDATE destination SET paused_at = NULLIF($1, 0), paused_by = $2, paused_why = $3"
        " WHERE company_id = $4 AND destination_id = $5";
    return store_run(st, NULL, err, sql, "ittii", p->paused_us, p->paused_by, p->paused_why,
                     p->company_id, p->destination_id);
}

static enum rc_code update(struct store *st, const struct secret_key *k, const struct platform *p,
                           struct rc_error *err) {
    static const char plain[] = "UPDATE destination SET settings = $1, policy = $2, limits = $3"
                                " WHERE company_id = $4 AND destination_id = $5";
    static const char secret[] =
        "UPDATE destination SET secrets = $1 WHERE company_id = $2 AND destination_id = $3";
    static const char elsewhere[] =
        "UPDATE destination SET listed_at = NULL WHERE company_id = $1 AND destination_id = $2";
    struct buf sealed;
    int64_t n = 0;
    enum rc_code rc = store_run(st, &n, err, plain, "tttii", p->settings, p->policy, p->limits,
                                p->company_id, p->destination_id);
    if (rc == RC_OK && n == 0)
        return rc_fail_as(err, RC_NOT_FOUND, "destination.unknown", "the destination is gone");
    buf_init(&sealed, 1 << 20);
    if (rc == RC_OK && p->secrets.state == TEXT_SET && (rc = seal(st, k, p, &sealed, err)) == RC_OK)
        rc = store_run(st, NULL, err, secret, "bii", (const void *)sealed.ptr, sealed.len,
                       p->company_id, p->destination_id);
    buf_done(&sealed);
    if (rc == RC_OK && p->is_elsewhere)
        rc = store_run(st, NULL, err, elsewhere, "ii", p->company_id, p->destination_id);
    if (rc != RC_OK || (rc = write_feeds(st, p, err)) != RC_OK ||
        (rc = team_link_retry(st, p->company_id, p->destination_id, err)) != RC_OK)
        return rc;
    return account_mark_all(st, p->company_id, p->destination_id, err);
}

enum rc_code platform_save(struct store *st, const struct secret_key *k, const struct platform *p,
                           struct rc_error *err) {
    bool mine = !db_in_transaction(st->db);
    enum rc_code rc = mine ? db_begin(st->db, err) : RC_OK;
    if (rc != RC_OK)
        return rc;
    rc = update(st, k, p, err);
    if (mine && rc == RC_OK)
        return db_commit(st->db, err);
    if (mine)
        db_rollback(st->db);
    return rc;
}

enum rc_code platform_forget_secrets(struct store *st, int64_t company_id, int64_t destination_id,
                                     struct rc_error *err) {
    static const char sql[] =
        "UPDATE destination SET secrets = NULL WHERE company_id = $1 AND destination_id = $2";
    return store_run(st, NULL, err, sql, "ii", company_id, destination_id);
}

enum rc_code platform_listed(struct store *st, int64_t company_id, int64_t destination_id,
                             struct text settings, int64_t listed_us, struct rc_error *err) {
    static const char sql[] =
        "UPDATE destination SET listed_at = $1 WHERE company_id = $2 AND destination_id = $3"
        " AND settings = $4";
    return store_run(st, NULL, err, sql, "iiit", listed_us, company_id, destination_id, settings);
}

enum rc_code platform_told_caps(struct store *st, int64_t company_id, int64_t destination_id,
                                struct text caps, struct rc_error *err) {
    static const char sql[] =
        "UPDATE destination SET caps = $1 WHERE company_id = $2 AND destination_id = $3";
    return store_run(st, NULL, err, sql, "tii", caps, company_id, destination_id);
}

enum rc_code platform_delivered(struct store *st, int64_t company_id, int64_t destination_id,
                                int64_t delivered_us, struct rc_error *err) {
    static const char sql[] =
        "UPDATE destination SET delivered_at = $1 WHERE company_id = $2 AND destination_id = $3"
        " AND delivered_at IS NULL"; /* the first counts */
    return store_run(st, NULL, err, sql, "iii", delivered_us, company_id, destination_id);
}

enum rc_code platform_settled(struct store *st, int64_t company_id, int64_t destination_id,
                              struct rc_error *err) {
    static const char sql[] =
        "UPDATE destination SET restored_at = NULL WHERE company_id = $1 AND destination_id = $2";
    return store_run(st, NULL, err, sql, "ii", company_id, destination_id);
}

/* ---- reading ---- */

static enum rc_code platform_read(const struct db_statement *row, const struct secret_key *k,
                                  struct arena *a, struct platform *ret, struct rc_error *err) {
    *ret = (struct platform){
        .company_id = db_int(row, 0),
        .destination_id = db_int(row, 1),
        .key = store_text(a, row, 2),
        .adapter = store_text(a, row, 3),
        .prefix = store_text(a, row, 4),
        .settings = store_text(a, row, 5),
        .policy = store_text(a, row, 7),
        .limits = store_text(a, row, 8),
        .paused_us = db_int(row, 9),
        .paused_by = store_text(a, row, 10),
        .paused_why = store_text(a, row, 11),
        .listed_us = db_int(row, 12),
        .delivered_us = db_int(row, 13),
        .created_us = db_int(row, 14),
        .caps = store_text(a, row, 15),
        .restored_us = db_int(row, 16),
        .has_secrets = !db_is_null(row, 6),
    };
    if (k == NULL || db_is_null(row, 6))
        return RC_OK;
    return keyring_unseal(k, "destination", ret->company_id, ret->destination_id, row, 6, a,
                          &ret->secrets, err);
}

static enum rc_code read_feeds(struct store *st, struct arena *a, struct platform *p,
                               struct rc_error *err) {
    static const char count[] =
        "SELECT COUNT(*) FROM feed WHERE company_id = $1 AND destination_id = $2";
    static const char sql[] =
        "SELECT integration_id FROM feed WHERE company_id = $1 AND destination_id = $2"
        " ORDER BY place, integration_id";
    struct db_statement *rows;
    int64_t total;
    bool row = false;
    enum rc_code rc = store_number(st, &total, err, count, "ii", p->company_id, p->destination_id);
    if (rc != RC_OK ||
        (rc = store_query(st, &rows, err, sql, "ii", p->company_id, p->destination_id)) != RC_OK)
        return rc;
    p->feeds = ARENA_NEW(a, int64_t, (size_t)total + 1);
    p->feeds_n = 0;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && p->feeds_n < (size_t)total)
        p->feeds[p->feeds_n++] = db_int(rows, 0);
    db_reset(rows);
    return rc;
}

enum rc_code platform_find(struct store *st, int64_t company_id, const char *key,
                           const struct secret_key *k, struct arena *a, struct platform *ret,
                           struct rc_error *err) {
    static const char sql[] =
        "SELECT " COLUMNS " FROM destination WHERE company_id = $1 AND key = $2";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "is", company_id, key);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return rc_fail_as(err, RC_NOT_FOUND, "destination.unknown",
                          "the company has no destination \"%.60s\"", key);
    rc = platform_read(row, k, a, ret, err);
    db_reset(row);
    return rc != RC_OK ? rc : read_feeds(st, a, ret, err);
}

enum rc_code platform_get(struct store *st, int64_t company_id, int64_t destination_id,
                          const struct secret_key *k, struct arena *a, struct platform *ret,
                          struct rc_error *err) {
    static const char sql[] =
        "SELECT " COLUMNS " FROM destination WHERE company_id = $1 AND destination_id = $2";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "ii", company_id, destination_id);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return rc_fail_as(err, RC_NOT_FOUND, "destination.unknown", "the destination is gone");
    rc = platform_read(row, k, a, ret, err);
    db_reset(row);
    return rc != RC_OK ? rc : read_feeds(st, a, ret, err);
}

enum rc_code platform_list(struct store *st, int64_t company_id, struct arena *a,
                           struct platform **ret, size_t *ret_n, struct rc_error *err) {
    static const char count[] = "SELECT COUNT(*) FROM destination WHERE company_id = $1";
    static const char sql[] =
        "SELECT " COLUMNS " FROM destination WHERE company_id = $1 ORDER BY key";
    struct db_statement *rows;
    int64_t total;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_number(st, &total, err, count, "i", company_id);
    if (rc != RC_OK || (rc = store_query(st, &rows, err, sql, "i", company_id)) != RC_OK)
        return rc;
    struct platform *list = ARENA_NEW(a, struct platform, (size_t)total + 1);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < (size_t)total)
        if ((rc = platform_read(rows, NULL, a, &list[n++], err)) != RC_OK)
            break;
    db_reset(rows);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = read_feeds(st, a, &list[i], err);
    *ret = list;
    *ret_n = n;
    return rc;
}

/* ---- removing ---- */

enum rc_code platform_remove(struct store *st, int64_t company_id, int64_t destination_id,
                             struct rc_error *err) {
#define BY_RUN(table)                                                                              \
    "DELETE FROM " table " WHERE company_id = $1 AND run_id IN"                                    \
    " (SELECT run_id FROM run WHERE company_id = $1 AND destination_id = $2)"
    static const char *const all[] = {
        BY_RUN("effect"),
        BY_RUN("change"),
        BY_RUN("team_version"),
        BY_RUN("version"),
        "DELETE FROM pin WHERE company_id = $1 AND destination_id = $2",
        "DELETE FROM run WHERE company_id = $1 AND destination_id = $2",
        "DELETE FROM team_link WHERE company_id = $1 AND destination_id = $2",
        "DELETE FROM team_namesake WHERE company_id = $1 AND destination_id = $2",
        "DELETE FROM team_word WHERE company_id = $1 AND destination_id = $2",
        "DELETE FROM account WHERE company_id = $1 AND destination_id = $2",
        "DELETE FROM feed WHERE company_id = $1 AND destination_id = $2",
        /* runs are numbered by themselves: a decision about one is none of these */
        "DELETE FROM job WHERE company_id = $1 AND subject_id = $2 AND kind <> 'decision'",
        "DELETE FROM alert_mail WHERE company_id = $1 AND subject_id = $2",
        "DELETE FROM alert WHERE company_id = $1 AND subject_id = $2",
        "DELETE FROM trouble WHERE company_id = $1 AND subject_id = $2",
        "DELETE FROM destination WHERE company_id = $1 AND destination_id = $2",
    };
#undef BY_RUN
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < sizeof all / sizeof *all && rc == RC_OK; i++)
        rc = store_run(st, NULL, err, all[i], "ii", company_id, destination_id);
    return rc;
}
