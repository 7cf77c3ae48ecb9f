/* Calls of Personio's v2, which has a token endpoint and errors of its own. */
#include <stdio.h>
#include <string.h>
#include "secret/secret.h"
#include "source/personio_p.h"

#define AUTH2 "/v2/auth/token"

static void put_field(struct buf *b, const char *name, const char *value) {
    buf_printf(b, "%s%s=", b->len > 0 ? "&" : "", name);
    http_escape(b, value, strlen(value));
}

static enum rc_code take_token(struct personio *p, const struct personio_answer *a,
                               struct rc_error *err) {
    const char *t;
    size_t len;
    if (a->status == 400 || a->status == 401 || a->status == 403)
        return rc_fail_as(err, RC_AUTH, "personio.credentials",
                          "Personio refused client-id and client-secret (%d) for its v2",
                          a->status);
    if (a->status != 200 || !json_str(json_get(a->root, "access_token"), &t, &len) || len == 0 ||
        len >= PERSONIO_TOKEN_BYTES)
        return rc_fail_as(err, RC_INVALID, "personio.answer",
                          "signing in to v2: answered %d, without a usable token", a->status);
    for (size_t i = 0; i < len; i++)
        if (t[i] <= ' ' || t[i] > '~')
            return rc_fail_as(err, RC_INVALID, "personio.answer",
                              "signing in to v2: the token has characters that none has");
    memcpy(p->token2, t, len);
    p->token2[len] = '\0';
    return RC_OK;
}

static enum rc_code sign_in(struct personio *p, struct rc_error *err) {
    struct personio_answer a = { 0 };
    struct buf url, form;
    buf_init(&url, 2000);
    buf_init(&form, 8000);
    buf_printf(&url, "%s" AUTH2, p->base_url);
    put_field(&form, "grant_type", "client_credentials");
    put_field(&form, "client_id", p->client_id);
    put_field(&form, "client_secret", p->client_secret);
    struct http_request q = {
        .method = "POST",
        .url = url.ptr,
        .headers = { { "Accept", "application/json" },
                     { "Content-Type", "application/x-www-form-urlencoded" },
                     { "X-Personio-App-ID", "ROLLCALL" } },
        .headers_n = 3,
        .body = form.ptr,
        .body_bytes = form.len,
    };
    enum rc_code rc =
        personio_exchange(p, &q, "signing in to v2", &p->auth_body, p->auth_reader, &a, err);
    if (rc == RC_OK)
        rc = take_token(p, &a, err);
    secret_wipe(form.ptr, form.len);
    buf_done(&form);
    buf_done(&url);
    return rc;
}

static enum rc_code judge(const struct personio_answer *a, const char *what, struct rc_error *err) {
    if (a->status >= 200 && a->status < 300)
        return RC_OK;
    bool is_theirs = json_type(json_get(a->root, "errors")) == JSON_ARRAY;
    if (a->status == 404 && is_theirs)
        return rc_fail_as(err, RC_NOT_FOUND, "personio.unknown", "%s: Personio does not know it",
                          what);
    if (a->status == 409)
        return rc_fail_as(err, RC_CONFLICT, "personio.conflict",
                          "%s: Personio says that it is there already", what);
    return rc_fail_as(err, RC_INVALID, "personio.answer", "%s: answered %d", what, a->status);
}

static enum rc_code call_once(struct personio *p, const char *method, const char *path,
                              const struct buf *body, const char *what, struct personio_answer *ret,
                              struct rc_error *err) {
    char bearer[PERSONIO_TOKEN_BYTES + 8];
    struct buf url;
    buf_init(&url, 2 * PERSONIO_QUERY_BYTES);
    buf_printf(&url, "%s%s", p->base_url, path);
    snprintf(bearer, sizeof bearer, "Bearer %s", p->token2);
    struct http_request q = {
        .method = method,
        .url = url.ptr,
        .headers = { { "Accept", "application/json" },
                     { "Authorization", bearer },
                     { "X-Personio-App-ID", "ROLLCALL" },
                     { "Content-Type", "application/json" } },
        .headers_n = body != NULL ? 4 : 3,
        .body = body != NULL ? body->ptr : NULL,
        .body_bytes = body != NULL ? body->len : 0,
        .changes = strcmp(method, "POST") == 0,
    };
    enum rc_code rc = personio_exchange(p, &q, what, &p->body, p->reader, ret, err);
    secret_wipe(bearer, sizeof bearer);
    buf_done(&url);
    return rc;
}

enum rc_code personio_v2_call(struct personio *p, const char *method, const char *path,
                              const struct buf *body, const char *right,
                              struct personio_answer *ret, struct rc_error *err) {
    struct personio_answer unread;
    bool any_body = ret == NULL;
    char what[120];
    ret = any_body ? &unread : ret;
    snprintf(what, sizeof what, "%s %.*s", method, (int)strcspn(path, "?"), path);
    for (unsigned refused = 0;; refused++) {
        enum rc_code rc = p->token2[0] == '\0' ? sign_in(p, err) : RC_OK;
        *ret = (struct personio_answer){ .any_body = any_body };
        if (rc != RC_OK || (rc = call_once(p, method, path, body, what, ret, err)) != RC_OK)
            return rc;
        if (ret->status != 401 && ret->status != 403)
            return judge(ret, what, err);
        p->token2[0] = '\0'; /* expired, perhaps: a new one, and once more */
        if (refused == 1)
            return rc_fail_as(err, RC_AUTH, "personio.right",
                              "%s: Personio refused (%d) although the token is new. Missing right: "
                              "%s. Tick it in " PERSONIO_WHERE,
                              what, ret->status, right);
    }
}
