#include "store/hook.h"

#include <stdio.h>
#include <string.h>

#include "store/keyring.h"

static struct text random_word(struct arena *a, size_t chars) {
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[64];
    char *text = arena_alloc(a, chars + 1);
    secret_random(bytes, chars / 2);
    for (size_t i = 0; i < chars; i++)
        text[i] = digits[i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 15];
    text[chars] = '\0';
    secret_wipe(bytes, sizeof bytes);
    return text_from(text, chars);
}

/* Digests of different things under one key: never the same bytes. */
static void digest_of(const struct secret_key *k, const char *what, struct text t,
                      uint8_t ret[SECRET_DIGEST_BYTES]) {
    secret_digest_about(k, what, t.ptr, t.len, ret);
}

enum rc_code hook_make(struct store *st, const struct secret_key *k, int64_t company_id,
                       int64_t integration_id, int64_t now_us, struct arena *a, struct hook *ret,
                       struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO webhook (company_id, integration_id, address_digest, token_digest, secrets, made_at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (company_id, integration_id) DO UPDATE SET"
        " address_digest = excluded.address_digest, token_digest = excluded.token_digest,"
        " secrets = excluded.secrets, made_at = excluded.made_at, ends = 0, kept_at = NULL,"
        " failing_at = NULL, silent_at = NULL";
    struct hook h = { .company_id = company_id,
                      .integration_id = integration_id,
                      .address = random_word(a, HOOK_ADDRESS_CHARS),
                      .token = random_word(a, HOOK_TOKEN_CHARS),
                      .made_us = now_us };
    uint8_t address[SECRET_DIGEST_BYTES], token[SECRET_DIGEST_BYTES];
    struct text both = text_of(arena_printf(a, "%s %s", h.address.ptr, h.token.ptr));
    struct buf sealed;
    buf_init(&sealed, 4096);
    digest_of(k, "webhook address ", h.address, address);
    digest_of(k, "webhook token ", h.token, token);
    enum rc_code rc =
        keyring_seal(st, k, "webhook", company_id, integration_id, both, &sealed, err);
    if (rc == RC_OK)
        rc = store_run(st, NULL, err, sql, "iibbbi", company_id, integration_id,
                       (const void *)address, sizeof address, (const void *)token, sizeof token,
                       (const void *)sealed.ptr, sealed.len, now_us);
    buf_done(&sealed);
    if (rc == RC_OK)
        *ret = h;
    return rc;
}

static enum rc_code read_sealed(const struct db_statement *row, const struct secret_key *k,
                                struct arena *a, struct hook *h, struct rc_error *err) {
    struct text both = { 0 };
    enum rc_code rc =
        keyring_unseal(k, "webhook", h->company_id, h->integration_id, row, 0, a, &both, err);
    if (rc != RC_OK)
        return rc;
    const char *blank = both.len > 0 ? memchr(both.ptr, ' ', both.len) : NULL;
    if (blank == NULL)
        return rc_fail(err, RC_FATAL,
                       "the sealed webhook of an integration is not as it was written");
    size_t n = (size_t)(blank - both.ptr);
    h->address = text_from(arena_str(a, both.ptr, n), n);
    h->token = text_from(arena_str(a, blank + 1, both.len - n - 1), both.len - n - 1);
    return RC_OK;
}

static const char *const states[HOOK_STATES_N] = { "new", "kept", "by-hand", "failing" };

const char *hook_state_name(enum hook_state s) {
    return states[s];
}

static enum hook_state state_of(struct text t) {
    int i = 0;
    while (i < HOOK_STATES_N && !text_is(t, states[i]))
        i++;
    return i < HOOK_STATES_N ? (enum hook_state)i : HOOK_NEW;
}

static void read_kept(const struct db_statement *row, struct arena *a, struct hook *h) {
    h->made_us = db_int(row, 1);
    h->state = state_of(db_text(row, 2));
    h->remote_id = store_text(a, row, 3);
    h->kept_for = store_text(a, row, 4);
    h->note = store_text(a, row, 5);
    h->looked_us = db_int(row, 6);
    h->kept_made_us = db_int(row, 7);
    h->heard_us = db_int(row, 8);
    h->ends = db_int(row, 9) != 0;
    h->kept_us = db_int(row, 10);
    h->failing_us = db_int(row, 11);
    h->silent_us = db_int(row, 12);
}

enum rc_code hook_get(struct store *st, const struct secret_key *k, int64_t company_id,
                      int64_t integration_id, struct arena *a, struct hook *ret,
                      struct rc_error *err) {
    static const char sql[] =
        "SELECT secrets, made_at, state, remote_id, kept_for, note, looked_at, kept_made,"
        " heard_until, ends, kept_at, failing_at, silent_at FROM webhook WHERE company_id = $1 AND integration_id = $2";
    struct hook h = { .company_id = company_id, .integration_id = integration_id };
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "ii", company_id, integration_id);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return rc_fail_as(err, RC_NOT_FOUND, "webhook.none", "the integration has no webhook");
    if (k == NULL || (rc = read_sealed(row, k, a, &h, err)) == RC_OK)
        read_kept(row, a, &h);
    db_reset(row);
    if (rc == RC_OK)
        *ret = h;
    return rc;
}

enum rc_code hook_remove(struct store *st, int64_t company_id, int64_t integration_id,
                         bool *ret_was_there, struct rc_error *err) {
    static const char sql[] = "DELETE FROM webhook WHERE company_id = $1 AND integration_id = $2";
    int64_t n = 0;
    enum rc_code rc = store_run(st, &n, err, sql, "ii", company_id, integration_id);
    *ret_was_there = n > 0;
    return rc;
}

enum rc_code hook_save(struct store *st, const struct hook *h, struct rc_error *err) {
    static const char sql[] =
        "UPDATE webhook SET state = $1, remote_id = $2, kept_for = $3, note = $4, looked_at = $5,"
        " kept_made = $6, heard_until = $7, kept_at = NULLIF(CAST($8 AS BIGINT), 0),"
        " failing_at = NULLIF(CAST($9 AS BIGINT), 0), silent_at = NULLIF(CAST($10 AS BIGINT), 0)"
        " WHERE company_id = $11 AND integration_id = $12";
    int64_t n = 0;
    enum rc_code rc =
        store_run(st, &n, err, sql, "stttiiiiiiii", states[h->state], h->remote_id, h->kept_for,
                  h->note, h->looked_us, h->kept_made_us, h->heard_us, h->kept_us, h->failing_us,
                  h->silent_us, h->company_id, h->integration_id);
    return rc != RC_OK || n > 0 ? rc
                                : rc_fail_as(err, RC_NOT_FOUND, "webhook.none",
                                             "the integration has no webhook any more");
}

enum rc_code hook_let_go(struct store *st, int64_t company_id, int64_t integration_id,
                         struct rc_error *err) {
    static const char sql[] =
        "UPDATE webhook SET ends = 1 WHERE company_id = $1 AND integration_id = $2";
    return store_run(st, NULL, err, sql, "ii", company_id, integration_id);
}

enum rc_code hook_list(struct store *st, int64_t company_id, struct arena *a, int64_t **ret,
                       size_t *ret_n, struct rc_error *err) {
    enum { MOST = 1000 };
    static const char sql[] = "SELECT integration_id FROM webhook WHERE company_id = $1"
                              " ORDER BY integration_id LIMIT 1000";
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_query(st, &rows, err, sql, "i", company_id);
    if (rc != RC_OK)
        return rc;
    int64_t *list = ARENA_NEW(a, int64_t, MOST);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < MOST)
        list[n++] = db_int(rows, 0);
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

/* ---- how they stand ---- */

#define STANDING                                                                                   \
    "SELECT integration_id, state, note, looked_at, failing_at, silent_at FROM webhook"            \
    " WHERE company_id = $1 AND ends = 0"

static struct hook_standing standing_read(const struct db_statement *row, struct arena *a) {
    return (struct hook_standing){ .integration_id = db_int(row, 0),
                                   .state = state_of(db_text(row, 1)),
                                   .note = store_text(a, row, 2),
                                   .looked_us = db_int(row, 3),
                                   .failing_us = db_int(row, 4),
                                   .silent_us = db_int(row, 5) };
}

enum rc_code hook_standings(struct store *st, int64_t company_id, struct arena *a,
                            struct hook_standing **ret, size_t *ret_n, struct rc_error *err) {
    enum { MOST = 1000 };
    static const char sql[] = STANDING " ORDER BY integration_id LIMIT 1000";
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_query(st, &rows, err, sql, "i", company_id);
    if (rc != RC_OK)
        return rc;
    struct hook_standing *list = ARENA_NEW(a, struct hook_standing, MOST);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < MOST)
        list[n++] = standing_read(rows, a);
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code hook_standing_find(struct store *st, int64_t company_id, int64_t integration_id,
                                struct arena *a, struct hook_standing *ret, bool *ret_found,
                                struct rc_error *err) {
    static const char sql[] = STANDING " AND integration_id = $2";
    struct db_statement *row;
    enum rc_code rc = store_row(st, &row, ret_found, err, sql, "ii", company_id, integration_id);
    if (rc == RC_OK && *ret_found) {
        *ret = standing_read(row, a);
        db_reset(row);
    }
    return rc;
}
#undef STANDING

enum rc_code hook_is_heard(struct store *st, int64_t company_id, int64_t integration_id,
                           struct rc_error *err) {
    static const char sql[] =
        "UPDATE webhook SET silent_at = NULL,"
        " failing_at = CASE WHEN state = 'by-hand' THEN NULL ELSE failing_at END"
        " WHERE company_id = $1 AND integration_id = $2";
    return store_run(st, NULL, err, sql, "ii", company_id, integration_id);
}

enum rc_code hook_untold(struct store *st, int64_t company_id, int64_t integration_id,
                         int64_t since_us, int64_t *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT COUNT(DISTINCT c.user_id) FROM run AS r JOIN change AS c"
        " ON c.company_id = r.company_id AND c.run_id = r.run_id"
        " WHERE r.company_id = $1 AND r.subject_id = $2 AND r.kind = 'full' AND r.state = 'applied'"
        " AND r.started_at > $3 AND r.mapping_id IS NULL AND c.field NOT IN"
        " ('avatar', 'primary_location', 'primary_team', 'secondary_teams')"
        " AND r.run_id > (SELECT MIN(f.run_id) FROM run AS f WHERE f.company_id = $1"
        " AND f.subject_id = $2 AND f.kind = 'full' AND f.state = 'applied')";
    return store_number(st, ret, err, sql, "iii", company_id, integration_id, since_us);
}

void hook_address_digest(const struct secret_key *k, struct text address,
                         uint8_t ret[SECRET_DIGEST_BYTES]) {
    digest_of(k, "webhook address ", address, ret);
}

enum rc_code hook_owner_find(struct store *st, const uint8_t address_digest[SECRET_DIGEST_BYTES],
                             struct arena *a, struct hook_owner *ret, bool *ret_found,
                             struct rc_error *err) {
    static const char sql[] =
        "SELECT w.company_id, w.integration_id, i.source, w.token_digest FROM webhook AS w"
        " JOIN integration AS i ON i.company_id = w.company_id AND i.integration_id = w.integration_id"
        " WHERE w.address_digest = $1 AND w.ends = 0";
    struct db_statement *row;
    size_t len = 0;
    *ret_found = false;
    enum rc_code rc = store_row(st, &row, ret_found, err, sql, "b", (const void *)address_digest,
                                (size_t)SECRET_DIGEST_BYTES);
    if (rc != RC_OK || !*ret_found)
        return rc;
    const void *token = db_blob(row, 3, &len);
    if (len == sizeof ret->token_digest) {
        *ret = (struct hook_owner){ .company_id = db_int(row, 0),
                                    .integration_id = db_int(row, 1),
                                    .source = store_text(a, row, 2) };
        memcpy(ret->token_digest, token, len);
        memcpy(ret->address_digest, address_digest, sizeof ret->address_digest);
    } else
        rc = rc_fail(err, RC_FATAL, "the token of a webhook is not as it was written");
    db_reset(row);
    return rc;
}

bool hook_token_is(const struct secret_key *k, const struct hook_owner *o, struct text token) {
    uint8_t digest[SECRET_DIGEST_BYTES];
    digest_of(k, "webhook token ", token, digest);
    return secret_equal(digest, o->token_digest, sizeof digest) == 1;
}
