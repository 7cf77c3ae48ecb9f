/* auth.c - tokens: /v1/auth, /v2/auth/token, /v2/auth/revoke, and what a data call without
 * a good one gets.
 * Source: docs/wire-personio.md, authentication. */
#include <stdio.h>
#include <string.h>
#include "sandbox/personio/personio.h"

static bool content_is(const struct call *c, const char *type) {
    const char *given = server_header(c->q, "Content-Type");
    return given != NULL && strncasecmp(given, type, strlen(type)) == 0;
}

/* v1 names its scopes shorter than v2 does; a token carries those of its own generation. */
static void scopes_of(const struct credential *k, bool v2, char *ret, size_t ret_bytes) {
    char all[sizeof k->scopes], *rest = all, *one;
    ret[0] = '\0';
    snprintf(all, sizeof all, "%s", k->scopes);
    while ((one = strsep(&rest, " ")) != NULL)
        if (*one != '\0' && (strncmp(one, "personio:", 9) == 0) == v2)
            snprintf(ret + strlen(ret), ret_bytes - strlen(ret), "%s%s", *ret ? " " : "", one);
}

static void put_expiry(struct call *c, struct buf *b, const struct token *t, int64_t now_us) {
    int64_t full = (t->expires_us - t->issued_us) / 1000000,
            left = (t->expires_us - now_us) / 1000000;
    switch (sw(c->sb, SW_AUTH_EXPIRES)) {
    case 0: buf_printf(b, ",\"expires_in\":%lld", (long long)left); break;
    case 1: buf_printf(b, ",\"expires_in\":%lld", (long long)full); break;
    case 3: buf_printf(b, ",\"expires_in\":\"%lld\"", (long long)left); break;
    default: break;
    }
}

static void v1_credentials(struct call *c, const char **id, const char **secret) {
    struct json_reader *r;
    json body;
    const char *text;
    size_t len;
    *id = *secret = NULL;
    if (content_is(c, "application/x-www-form-urlencoded")) {
        *id = form_get(c, "client_id");
        *secret = form_get(c, "client_secret");
        return;
    }
    r = json_reader_new(1 << 16);
    if (json_parse_copy(r, c->q->body ? c->q->body : "", c->q->body_bytes, &body, NULL) == RC_OK) {
        if (json_str(json_get(body, "client_id"), &text, &len))
            *id = arena_str(c->q->arena, text, len);
        if (json_str(json_get(body, "client_secret"), &text, &len))
            *secret = arena_str(c->q->arena, text, len);
    }
    json_reader_free(r);
}

void auth_v1(struct call *c) {
    const char *id, *secret, *asked = server_argument(c->q, "client_id", 0);
    char scopes[SCOPES_BYTES];
    struct token t;
    struct buf b;
    int64_t now = vclock_now_us(&c->sb->clock);
    if (asked != NULL && sw(c->sb, SW_AUTH_QUERY) == 0) {
        answer_v1_error(c, 403, 403, "Credentials in the query string are no longer supported");
        return;
    }
    v1_credentials(c, &id, &secret);
    if (asked != NULL && id == NULL) {
        id = asked;
        secret = server_argument(c->q, "client_secret", 0);
    }
    struct credential *k = id == NULL ? NULL : credential_find(&c->sb->credentials, id);
    if (id == NULL || secret == NULL) {
        answer_v1_error(c, (int)sw(c->sb, SW_AUTH_MISSING_FIELDS), 0, "Wrong credentials");
        return;
    }
    if (k == NULL || strcmp(k->client_secret, secret) != 0) {
        answer_v1_error(c, (int)sw(c->sb, SW_AUTH_WRONG), 0, "Wrong credentials");
        return;
    }
    scopes_of(k, false, scopes, sizeof scopes);
    token_issue(&c->sb->credentials, k, scopes, false, sw(c->sb, SW_AUTH_ONE_TIME),
                sw(c->sb, SW_AUTH_SAME), now, sw(c->sb, SW_AUTH_SECONDS), &t);
    buf_init(&b, 4096);
    buf_printf(&b, "{\"success\":true,\"data\":{\"token\":\"%s\"", t.text);
    put_expiry(c, &b, &t, now);
    if (sw(c->sb, SW_AUTH_SCOPE) == 0) {
        buf_str(&b, ",\"scope\":");
        answer_quoted(&b, scopes, strlen(scopes));
    }
    buf_str(&b, "}}");
    answer_buf(c, 200, "application/json", &b);
    buf_done(&b);
}

static bool v2_fields(struct call *c, const char **id, const char **secret) {
    const char *grant = form_get(c, "grant_type");
    char missing[120] = "", meta[200];
    *id = form_get(c, "client_id");
    *secret = form_get(c, "client_secret");
    const struct {
        const char *name, *value;
    } fields[] = { { "grant_type", grant }, { "client_id", *id }, { "client_secret", *secret } };
    for (size_t i = 0; i < RC_LEN(fields); i++)
        if (fields[i].value == NULL)
            snprintf(missing + strlen(missing), sizeof missing - strlen(missing), "%s\"%s\"",
                     *missing ? "," : "", fields[i].name);
    if (*missing != '\0') {
        snprintf(meta, sizeof meta, "{\"missing_parameters\":[%s]}", missing);
        answer_v2_auth_error(c, "invalid_request", "invalid_request.required_parameters_missing",
                             meta, "Required parameters are missing.");
        return false;
    }
    if (strcmp(grant, "client_credentials") == 0)
        return true;
    if (strcmp(grant, "refresh_token") == 0 || strcmp(grant, "authorization_code") == 0 ||
        strcmp(grant, "password") == 0) {
        snprintf(meta, sizeof meta, "{\"grant_type\":\"%s\"}", grant);
        answer_v2_auth_error(c, "unsupported_grant_type", "unsupported_grant_type", meta,
                             "The grant type is not supported.");
    } else {
        answer_v2_auth_error(c, "invalid_grant", "invalid_grant", "{}", "The grant is not usable.");
    }
    return false;
}

void auth_v2(struct call *c) {
    const char *id, *secret, *asked;
    char granted[SCOPES_BYTES], scopes[SCOPES_BYTES];
    struct token t;
    struct buf b;
    int64_t now = vclock_now_us(&c->sb->clock);
    if (!content_is(c, "application/x-www-form-urlencoded")) {
        answer_v2_auth_error(c, "invalid_request", "invalid_request.invalid_request_content_type",
                             "{}", "The content type must be application/x-www-form-urlencoded.");
        return;
    }
    if (!v2_fields(c, &id, &secret))
        return;
    struct credential *k = credential_find(&c->sb->credentials, id);
    if (k == NULL || strcmp(k->client_secret, secret) != 0) {
        const char *word = sw(c->sb, SW_AUTH_V2_SECRET) ? "unauthorized_client" : "invalid_client";
        answer_v2_auth_error(c, word, word, "{}", "Client authentication failed.");
        return;
    }
    scopes_of(k, true, granted, sizeof granted);
    asked = form_get(c, "scope");
    snprintf(scopes, sizeof scopes, "%s", granted);
    /* unknown or not granted: the two cannot be told apart from outside */
    if (asked != NULL && !scopes_cut(granted, asked, scopes)) {
        answer_v2_auth_error(c, "invalid_scope", "invalid_scope", "{}",
                             "The scope is unknown or not granted.");
        return;
    }
    token_issue(&c->sb->credentials, k, scopes, true, false, sw(c->sb, SW_AUTH_SAME), now,
                sw(c->sb, SW_AUTH_SECONDS), &t);
    buf_init(&b, 4096);
    buf_printf(&b, "{\"access_token\":\"%s\",\"token_type\":\"Bearer\"", t.text);
    put_expiry(c, &b, &t, now);
    if (sw(c->sb, SW_AUTH_V2_REFRESH))
        buf_str(&b, ",\"refresh_token\":null");
    if (sw(c->sb, SW_AUTH_SCOPE) == 0) {
        buf_str(&b, ",\"scope\":");
        answer_quoted(&b, scopes, strlen(scopes));
    }
    buf_char(&b, '}');
    answer_buf(c, 200, "application/json", &b);
    buf_done(&b);
}

void auth_revoke(struct call *c) {
    const char *token = form_get(c, "token"), *bearer = server_header(c->q, "Authorization");
    if (token == NULL) {
        answer_v2_auth_error(c, "invalid_request", "invalid_request.required_parameters_missing",
                             "{\"missing_parameters\":[\"token\"]}",
                             "Required parameters are missing.");
        return;
    }
    if (sw(c->sb, SW_AUTH_REVOKE_BEARER) &&
        (bearer == NULL || strncasecmp(bearer, "Bearer ", 7) != 0)) {
        answer_json(c, 401, "{\"error\":{\"message\":\"Request is not authorized\"}}");
        return;
    }
    token_revoke(&c->sb->credentials, token);
    answer_text(c, 200, NULL, "");
}

bool auth_check(struct call *c) {
    const char *header = server_header(c->q, "Authorization"), *text = header;
    bool v2_on_v1 = sw(c->sb, SW_AUTH_V2_ON_V1);
    char scopes[SCOPES_BYTES], next[TOKEN_BYTES + 8];
    struct token fresh;
    if (text == NULL || strncasecmp(text, "Bearer ", 7) != 0) {
        answer_v1_error(c, 401, 401, "Authorization is not provided");
        return false;
    }
    text += 7;
    int64_t now = vclock_now_us(&c->sb->clock);
    if (token_check(&c->sb->credentials, text, now, &c->token) != TOKEN_GOOD ||
        (c->token.v2 && !v2_on_v1)) {
        answer_v1_error(c, (int)sw(c->sb, SW_AUTH_BAD_TOKEN), 403,
                        "Provided authorization is not valid");
        return false;
    }
    c->has_token = true;
    const struct credential *k = c->token.credential;
    const char *right = c->token.v2 ? "personio:persons:read" : "employees:read";
    if (!scopes_have(k->scopes, right) || !scopes_have(c->token.scopes, right)) {
        answer_v1_error(c, (int)sw(c->sb, SW_AUTH_RIGHT_STATUS), 0,
                        "personio.core.api.exceptions.api.forbidden.http.exception");
        return false;
    }
    int64_t echo = sw(c->sb, SW_AUTH_ECHO);
    if (c->route == ROUTE_PICTURE || (echo == 1 && !c->token.once))
        return true;
    snprintf(next, sizeof next, "Bearer %s", c->token.text);
    if (c->token.once || echo == 2) {
        scopes_of(k, c->token.v2, scopes, sizeof scopes);
        token_issue(&c->sb->credentials, c->token.credential, scopes, c->token.v2, c->token.once,
                    false, now, sw(c->sb, SW_AUTH_SECONDS), &fresh);
        snprintf(next, sizeof next, "Bearer %s", fresh.text);
    }
    answer_header(c, "Authorization", next);
    return true;
}
