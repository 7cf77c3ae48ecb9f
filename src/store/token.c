#include "store/token.h"

#include <stdio.h>
#include <string.h>
#include "secret/secret.h"

#define BEGINS "rollcall_"
enum { SECRET_DIGITS = 64, HOUR_S = 3600 };
_Static_assert(sizeof BEGINS + TOKEN_ID_BYTES + 1 + SECRET_DIGITS <= TOKEN_TEXT_BYTES, "too long");

static const char *const rights[TOKEN_RIGHTS_N] = {
    [TOKEN_READ] = "read", [TOKEN_OPERATE] = "operate", [TOKEN_ADMINISTER] = "administer"
};

const char *token_right_name(enum token_right r) {
    return rights[r];
}

enum token_right token_right_parse(const char *name) {
    for (int r = TOKEN_READ; r < TOKEN_RIGHTS_N; r++)
        if (strcmp(rights[r], name) == 0)
            return (enum token_right)r;
    return (enum token_right)0;
}

static void draw(char *ret, size_t digits) {
    uint8_t bytes[SECRET_DIGITS / 2];
    secret_random(bytes, digits / 2);
    for (size_t i = 0; i < digits / 2; i++)
        snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
    secret_wipe(bytes, sizeof bytes);
}

enum rc_code token_add(struct store *st, struct token *t, struct arena *a,
                       char ret_text[TOKEN_TEXT_BYTES], struct rc_error *err) {
    static const char sql[] =
        "INSERT INTO api_token (token_id, company_id, name, rights, hash, made_by, made_at, expires_at)"
        " VALUES ($1, NULLIF($2, 0), $3, $4, $5, $6, $7, NULLIF($8, 0))";
    char id[TOKEN_ID_BYTES + 1], secret[SECRET_DIGITS + 1];
    uint8_t hash[SECRET_HASH_BYTES];
    draw(id, TOKEN_ID_BYTES);
    draw(secret, SECRET_DIGITS);
    secret_hash(secret, SECRET_DIGITS, hash);
    snprintf(ret_text, TOKEN_TEXT_BYTES, BEGINS "%s_%s", id, secret);
    secret_wipe(secret, sizeof secret);
    t->token_id = text_copy(a, text_of(id));
    return store_run(st, NULL, err, sql, "titsbtii", t->token_id, t->company_id, t->name,
                     token_right_name(t->right), hash, sizeof hash, t->made_by, t->made_us,
                     t->expires_us);
}

#define COLUMNS "token_id, company_id, name, rights, made_by, made_at, expires_at, used_at"

static enum rc_code token_read(const struct db_statement *row, struct arena *a, struct token *ret,
                               struct rc_error *err) {
    struct text right = db_text(row, 3);
    *ret = (struct token){ .token_id = store_text(a, row, 0),
                           .company_id = db_int(row, 1),
                           .name = store_text(a, row, 2),
                           .made_by = store_text(a, row, 4),
                           .made_us = db_int(row, 5),
                           .expires_us = db_int(row, 6),
                           .used_us = db_int(row, 7) };
    for (int r = TOKEN_READ; r < TOKEN_RIGHTS_N; r++)
        if (text_is(right, rights[r]))
            ret->right = (enum token_right)r;
    return ret->right != 0 ? RC_OK
                           : rc_fail(err, RC_FATAL, "token %.*s: this program knows no such right",
                                     TEXT_ARG(ret->token_id));
}

static enum rc_code unknown(struct rc_error *err) {
    return rc_fail_as(err, RC_NOT_FOUND, "token.unknown", "no such token, or one that has expired");
}

/* The parts of "rollcall_ID_SECRET"; false: it is nothing like it. */
static bool split(const char *text, struct text *ret_id, const char **ret_secret) {
    static const size_t begins = sizeof BEGINS - 1;
    if (strlen(text) != begins + TOKEN_ID_BYTES + 1 + SECRET_DIGITS ||
        memcmp(text, BEGINS, begins) != 0 || text[begins + TOKEN_ID_BYTES] != '_' ||
        strspn(text + begins, "0123456789abcdef") != TOKEN_ID_BYTES)
        return false;
    *ret_id = text_from(text + begins, TOKEN_ID_BYTES);
    *ret_secret = text + begins + TOKEN_ID_BYTES + 1;
    return true;
}

static enum rc_code note_use(struct store *st, const struct token *t, int64_t now_us,
                             struct rc_error *err) {
    static const char sql[] = "UPDATE api_token SET used_at = $1 WHERE token_id = $2";
    if (now_us - t->used_us < (int64_t)HOUR_S * 1000000)
        return RC_OK;
    return store_run(st, NULL, err, sql, "it", now_us, t->token_id);
}

enum rc_code token_check(struct store *st, const char *text, int64_t now_us, struct arena *a,
                         struct token *ret, struct rc_error *err) {
    static const char sql[] = "SELECT " COLUMNS ", hash FROM api_token WHERE token_id = $1";
    struct db_statement *row;
    struct text id;
    const char *secret;
    uint8_t hash[SECRET_HASH_BYTES];
    bool found = false;
    if (!split(text, &id, &secret))
        return unknown(err);
    enum rc_code rc = store_row(st, &row, &found, err, sql, "t", id);
    if (rc != RC_OK || !found)
        return rc != RC_OK ? rc : unknown(err);
    secret_hash(secret, SECRET_DIGITS, hash);
    size_t bytes;
    const void *kept = db_blob(row, 8, &bytes);
    bool is_it = kept != NULL && bytes == sizeof hash && secret_equal(kept, hash, sizeof hash);
    rc = token_read(row, a, ret, err);
    db_reset(row);
    if (rc != RC_OK)
        return rc;
    if (!is_it || (ret->expires_us != 0 && ret->expires_us <= now_us))
        return unknown(err);
    (void)note_use(st, ret, now_us, NULL); /* while others write it has to wait for another time */
    return RC_OK;
}

enum rc_code token_counts(struct store *st, const char *token_id, int64_t now_us, bool *ret,
                          struct rc_error *err) {
    static const char sql[] = "SELECT COUNT(*) FROM api_token WHERE token_id = $1"
                              " AND (expires_at IS NULL OR expires_at > $2)";
    int64_t n = 0;
    enum rc_code rc = store_number(st, &n, err, sql, "si", token_id, now_us);
    *ret = n > 0;
    return rc;
}

enum rc_code token_list(struct store *st, int64_t company_id, struct arena *a, struct token **ret,
                        size_t *ret_n, struct rc_error *err) {
#define OF_COMPANY " FROM api_token WHERE COALESCE(company_id, 0) = $1"
    static const char count[] = "SELECT COUNT(*)" OF_COMPANY;
    static const char sql[] = "SELECT " COLUMNS OF_COMPANY " ORDER BY made_at, token_id";
#undef OF_COMPANY
    struct db_statement *rows;
    int64_t total;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_number(st, &total, err, count, "i", company_id);
    if (rc != RC_OK || (rc = store_query(st, &rows, err, sql, "i", company_id)) != RC_OK)
        return rc;
    struct token *list = ARENA_NEW(a, struct token, (size_t)total + 1);
    while (n < (size_t)total && (rc = db_step(rows, &row, err)) == RC_OK && row)
        if ((rc = token_read(rows, a, &list[n++], err)) != RC_OK)
            break;
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code token_drop(struct store *st, int64_t company_id, struct text token_id,
                        struct rc_error *err) {
    static const char answers[] = "DELETE FROM idempotency_key WHERE token_id IN (SELECT token_id"
                                  " FROM api_token WHERE token_id = $1"
                                  " AND COALESCE(company_id, 0) = $2)";
    static const char sql[] =
        "DELETE FROM api_token WHERE token_id = $1 AND COALESCE(company_id, 0) = $2";
    int64_t n = 0;
    enum rc_code rc = store_run(st, NULL, err, answers, "ti", token_id, company_id);
    if (rc != RC_OK || (rc = store_run(st, &n, err, sql, "ti", token_id, company_id)) != RC_OK)
        return rc;
    return n > 0 ? RC_OK
                 : rc_fail_as(err, RC_NOT_FOUND, "token.unknown", "there is no token %.*s",
                              TEXT_ARG(token_id));
}
