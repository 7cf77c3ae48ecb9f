#include "store/keyring.h"

#include <stdio.h>
#include <string.h>
#include "store/company.h"

static const char inner_row[] = "installation";
enum { SECRETS_BYTES = 1 << 20 };

enum rc_code keyring_get(struct store *st, struct arena *a, struct keyring *ret,
                         struct rc_error *err) {
    static const char sql[] = "SELECT key_id, rotated_at, rotated_by FROM installation";
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "");
    *ret = (struct keyring){ 0 };
    if (rc != RC_OK || !found)
        return rc;
    struct text id = db_text(row, 0);
    ret->is_known = true;
    snprintf(ret->key_id, sizeof ret->key_id, "%.*s", TEXT_ARG(id));
    ret->rotated_us = db_is_null(row, 1) ? 0 : db_int(row, 1);
    ret->rotated_by = store_text(a, row, 2);
    db_reset(row);
    return RC_OK;
}

enum rc_code keyring_is(struct store *st, const struct secret_key *k, bool *ret,
                        struct rc_error *err) {
    char id[SECRET_KEY_ID_BYTES];
    int64_t others = 0;
    secret_key_id(k, id);
    enum rc_code rc = store_number(st, &others, err,
                                   "SELECT COUNT(*) FROM installation WHERE key_id <> $1", "s", id);
    *ret = others == 0;
    return rc;
}

/* ---- the first time ---- */

static enum rc_code fail_other(const char *has, const char *wants, struct rc_error *err) {
    return rc_fail_as(err, RC_FATAL, "secret.key",
                      "the secrets are sealed with key %.16s, and this key is %.16s: name the key "
                      "that `rollcall key rotate` made, or the database that it belongs to",
                      wants, has);
}

struct sealed { /* a table with secrets */
    const char *list, *save, *table;
};
static const struct sealed tables[] = {
    { "SELECT company_id, integration_id, secrets FROM integration WHERE secrets IS NOT NULL"
      " AND (company_id > $1 OR (company_id = $1 AND integration_id > $2))"
      " ORDER BY company_id, integration_id LIMIT 1",
      "UPDATE integration SET secrets = $1 WHERE company_id = $2 AND integration_id = $3",
      "integration" },
    { "SELECT company_id, destination_id, secrets FROM destination WHERE secrets IS NOT NULL"
      " AND (company_id > $1 OR (company_id = $1 AND destination_id > $2))"
      " ORDER BY company_id, destination_id LIMIT 1",
      "UPDATE destination SET secrets = $1 WHERE company_id = $2 AND destination_id = $3",
      "destination" },
    { "SELECT company_id, integration_id, secrets FROM webhook"
      " WHERE company_id > $1 OR (company_id = $1 AND integration_id > $2)"
      " ORDER BY company_id, integration_id LIMIT 1",
      "UPDATE webhook SET secrets = $1 WHERE company_id = $2 AND integration_id = $3", "webhook" },
};

/* The associated data of the sealed secrets. */
static const char *row_name(const char *table, int64_t company_id, int64_t id, char ret[64]) {
    snprintf(ret, 64, "%s/%lld/%lld", table, (long long)company_id, (long long)id);
    return ret;
}

enum rc_code keyring_seal(struct store *st, const struct secret_key *k, const char *table,
                          int64_t company_id, int64_t id, struct text secrets, struct buf *ret,
                          struct rc_error *err) {
    char name[64];
    if (secrets.state != TEXT_SET)
        return RC_OK;
    enum rc_code rc = keyring_hold(st, k, err);
    return rc != RC_OK ? rc
                       : secret_seal(k, row_name(table, company_id, id, name), secrets.ptr,
                                     secrets.len, ret, err);
}

enum rc_code keyring_unseal(const struct secret_key *k, const char *table, int64_t company_id,
                            int64_t id, const struct db_statement *row, int column, struct arena *a,
                            struct text *ret, struct rc_error *err) {
    char name[64];
    struct buf plain;
    size_t bytes = 0;
    const void *sealed = db_blob(row, column, &bytes);
    buf_init(&plain, SECRETS_BYTES);
    enum rc_code rc =
        secret_open(k, row_name(table, company_id, id, name), sealed, bytes, &plain, err);
    if (rc == RC_OK)
        *ret = text_copy(a, text_from(plain.ptr, plain.len));
    if (plain.ptr != NULL)
        secret_wipe(plain.ptr, plain.len);
    buf_done(&plain);
    return rc;
}

/* The next row with secrets, opened; *ret_found false: there is none. */
static enum rc_code open_next(struct store *st, const struct sealed *t, const struct secret_key *k,
                              int64_t at[2], struct buf *plain, bool *ret_found,
                              struct rc_error *err) {
    struct db_statement *row;
    char name[64];
    size_t bytes = 0;
    enum rc_code rc = store_row(st, &row, ret_found, err, t->list, "ii", at[0], at[1]);
    if (rc != RC_OK || !*ret_found)
        return rc;
    at[0] = db_int(row, 0);
    at[1] = db_int(row, 1);
    const void *sealed = db_blob(row, 2, &bytes);
    rc = secret_open(k, row_name(t->table, at[0], at[1], name), sealed, bytes, plain, err);
    db_reset(row);
    return rc;
}

/* A database from before there was a row: the first secret has to open with it. */
static enum rc_code try_first(struct store *st, const struct secret_key *k, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < RC_LEN(tables) && rc == RC_OK; i++) {
        int64_t at[2] = { 0, 0 };
        struct buf plain;
        bool found = false;
        buf_init(&plain, SECRETS_BYTES);
        rc = open_next(st, &tables[i], k, at, &plain, &found, err);
        if (plain.ptr != NULL)
            secret_wipe(plain.ptr, plain.len);
        buf_done(&plain);
        if (found)
            break;
    }
    return rc;
}

static enum rc_code seal_inner(const struct secret_key *with, const struct secret_key *of,
                               struct buf *ret, struct rc_error *err) {
    uint8_t inner[SECRET_INNER_BYTES];
    secret_key_inner(of, inner);
    enum rc_code rc = secret_seal(with, inner_row, inner, sizeof inner, ret, err);
    secret_wipe(inner, sizeof inner);
    return rc;
}

static enum rc_code add_row(struct store *st, const struct secret_key *k, struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO installation (installation_id, key_id, inner_sealed) VALUES (1, $1, $2)"
        " ON CONFLICT (installation_id) DO NOTHING";
    char id[SECRET_KEY_ID_BYTES];
    struct buf sealed;
    buf_init(&sealed, 1000);
    secret_key_id(k, id);
    enum rc_code rc = seal_inner(k, k, &sealed, err);
    if (rc == RC_OK)
        rc = store_run(st, NULL, err, sql, "sb", id, (const void *)sealed.ptr, sealed.len);
    buf_done(&sealed);
    return rc;
}

/* ---- opening ---- */

static enum rc_code adopt(const struct db_statement *row, struct secret_key *k,
                          struct rc_error *err) {
    struct buf inner;
    size_t bytes = 0;
    const void *sealed = db_blob(row, 1, &bytes);
    buf_init(&inner, 1000);
    enum rc_code rc = secret_open(k, inner_row, sealed, bytes, &inner, err);
    if (rc == RC_OK && inner.len != SECRET_INNER_BYTES)
        rc = rc_fail(err, RC_FATAL, "installation: the key's parts are cut short");
    if (rc == RC_OK)
        secret_key_adopt(k, (const uint8_t *)inner.ptr);
    if (inner.ptr != NULL)
        secret_wipe(inner.ptr, inner.len);
    buf_done(&inner);
    return rc;
}

enum rc_code keyring_open(struct store *st, struct secret_key *k, struct rc_error *err) {
    static const char sql[] = "SELECT key_id, inner_sealed FROM installation";
    char mine[SECRET_KEY_ID_BYTES], theirs[SECRET_KEY_ID_BYTES];
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "");
    if (rc != RC_OK)
        return rc;
    if (!found)
        return (rc = try_first(st, k, err)) == RC_OK ? add_row(st, k, err) : rc;
    struct text id = db_text(row, 0);
    secret_key_id(k, mine);
    snprintf(theirs, sizeof theirs, "%.*s", TEXT_ARG(id));
    rc = strcmp(mine, theirs) == 0 ? adopt(row, k, err) : fail_other(mine, theirs, err);
    db_reset(row);
    return rc;
}

enum rc_code keyring_hold(struct store *st, const struct secret_key *k, struct rc_error *err) {
    /* writes nothing new: it waits for whoever replaces the key, and keeps them waiting */
    static const char sql[] = "UPDATE installation SET key_id = key_id WHERE key_id = $1";
    char id[SECRET_KEY_ID_BYTES];
    int64_t n = 0;
    bool is = false;
    secret_key_id(k, id);
    enum rc_code rc = store_run(st, &n, err, sql, "s", id);
    if (rc != RC_OK || n > 0 || (rc = keyring_is(st, k, &is, err)) != RC_OK || is)
        return rc;
    return fail_other(id, "another", err);
}

/* ---- rotating ---- */

static enum rc_code seal_next(struct store *st, const struct sealed *t,
                              const struct secret_key *from, const struct secret_key *to,
                              int64_t at[2], bool *ret_found, struct rc_error *err) {
    struct buf plain, sealed;
    char name[64];
    buf_init(&plain, SECRETS_BYTES);
    buf_init(&sealed, SECRETS_BYTES);
    enum rc_code rc = open_next(st, t, from, at, &plain, ret_found, err);
    if (rc == RC_OK && *ret_found) {
        rc = secret_seal(to, row_name(t->table, at[0], at[1], name),
                         plain.ptr != NULL ? plain.ptr : "", plain.len, &sealed, err);
        if (rc == RC_OK)
            rc = store_run(st, NULL, err, t->save, "bii", (const void *)sealed.ptr, sealed.len,
                           at[0], at[1]);
    }
    if (plain.ptr != NULL)
        secret_wipe(plain.ptr, plain.len);
    buf_done(&plain);
    buf_done(&sealed);
    return rc;
}

static enum rc_code rotate(struct store *st, const struct secret_key *from,
                           const struct secret_key *to, int64_t now_us, const char *who,
                           int64_t *ret_n, struct rc_error *err) {
    static const char sql[] = "UPDATE installation SET key_id = $1, inner_sealed = $2,"
                              " rotated_at = $3, rotated_by = $4";
    char id[SECRET_KEY_ID_BYTES];
    struct buf inner;
    enum rc_code rc = keyring_hold(st, from, err);
    *ret_n = 0;
    for (size_t i = 0; i < RC_LEN(tables) && rc == RC_OK; i++) {
        int64_t at[2] = { 0, 0 };
        bool found = true;
        while (rc == RC_OK && found)
            if ((rc = seal_next(st, &tables[i], from, to, at, &found, err)) == RC_OK && found)
                ++*ret_n;
    }
    buf_init(&inner, 1000);
    secret_key_id(to, id);
    if (rc == RC_OK && (rc = seal_inner(to, from, &inner, err)) == RC_OK)
        rc = store_run(st, NULL, err, sql, "sbis", id, (const void *)inner.ptr, inner.len, now_us,
                       who);
    buf_done(&inner);
    return rc;
}

enum rc_code keyring_rotate(struct store *st, const struct secret_key *from, struct secret_key *to,
                            int64_t now_us, const char *who, int64_t *ret_n, struct rc_error *err) {
    uint8_t inner[SECRET_INNER_BYTES];
    enum rc_code rc = db_begin(st->db, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = rotate(st, from, to, now_us, who, ret_n, err)) != RC_OK) {
        db_rollback(st->db);
        return rc;
    }
    if ((rc = db_commit(st->db, err)) != RC_OK)
        return rc;
    secret_key_inner(from, inner);
    secret_key_adopt(to, inner);
    secret_wipe(inner, sizeof inner);
    return RC_OK;
}

enum rc_code keyring_start_over(struct store *st, const struct secret_key *k, int64_t *ret_n,
                                struct rc_error *err) {
    static const char *const away[] = {
        "UPDATE integration SET secrets = NULL WHERE secrets IS NOT NULL",
        "UPDATE destination SET secrets = NULL WHERE secrets IS NOT NULL",
        "DELETE FROM webhook", /* addresses and tokens are known by digests of the old key */
        "DELETE FROM installation",
    };
    int64_t gone = 0, n = 0;
    enum rc_code rc = db_begin(st->db, err);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < RC_LEN(away) && rc == RC_OK; i++) {
        rc = store_run(st, &n, err, away[i], "");
        gone += i < 2 ? n : 0;
    }
    if (rc == RC_OK)
        rc = add_row(st, k, err);
    if (rc != RC_OK) {
        db_rollback(st->db);
        return rc;
    }
    *ret_n = gone;
    return db_commit(st->db, err);
}
