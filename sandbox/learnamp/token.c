/* token.c - POST /oauth/token, and what a call without a good token or scope gets.
 * Source: docs/wire-learnamp.md, tokens. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "sandbox/learnamp/learnamp.h"

static void token_refused(struct call *c, const char *error, const char *why) {
    bool is_client = strcmp(error, "invalid_client") == 0;
    answer_json(c, is_client || la(c, LA_AUTH_STATUS) ? 401 : 400,
                "{\"error\":\"%s\",\"error_description\":\"%s\"}", error, why);
    if (c->ret->status == 401)
        answer_header(c, "WWW-Authenticate", "Bearer realm=\"Learn Amp\"");
}

static int sextet(char ch) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = ch == '\0' ? NULL : strchr(letters, ch);
    return at == NULL ? -1 : (int)(at - letters);
}

/* RFC 7617: "Basic " and base64 of id:secret. False: it is not that. */
static bool from_basic(struct call *c, const char **id, const char **secret) {
    const char *header = server_header(c->q, "Authorization");
    if (header == NULL || strncasecmp(header, "Basic ", 6) != 0)
        return false;
    char *text = arena_zalloc(c->q->arena, strlen(header) + 1);
    size_t n = 0;
    unsigned bits = 0, bits_n = 0;
    for (const char *p = header + 6; sextet(*p) >= 0; p++) {
        bits = bits << 6 | (unsigned)sextet(*p);
        bits_n += 6;
        if (bits_n >= 8) {
            bits_n -= 8;
            text[n++] = (char)(bits >> bits_n & 255);
        }
    }
    char *colon = strchr(text, ':');
    if (colon == NULL)
        return false;
    *colon = '\0';
    *id = text;
    *secret = colon + 1;
    return true;
}

static const char *text_of_param(const struct value *params, const char *name) {
    const struct value *v = value_get(params, name);
    struct text t;
    return !value_is_empty(v) && value_text(v, &t) ? v->text : NULL;
}

/* One scope fewer, for clients that do not compare. */
static void drop_last(char *scopes) {
    char *blank = strrchr(scopes, ' ');
    *(blank ? blank : scopes) = '\0';
}

void token_post(struct call *c, const struct value *params) {
    const char *id = text_of_param(params, "client_id"),
               *secret = text_of_param(params, "client_secret"),
               *grant = text_of_param(params, "grant_type"),
               *asked = text_of_param(params, "scope");
    char scopes[SCOPES_BYTES];
    struct token t;
    struct buf b;
    int64_t now = vclock_now_us(&c->sb->clock);
    if (la(c, LA_AUTH_BASIC))
        from_basic(c, &id, &secret);
    if (grant == NULL) {
        token_refused(c, "invalid_request", "Missing required parameter: grant_type.");
        return;
    }
    if (strcmp(grant, "client_credentials") != 0) {
        token_refused(c, "unsupported_grant_type",
                      "The authorization grant type is not supported by the authorization server.");
        return;
    }
    struct credential *k = id == NULL ? NULL : credential_find(&c->sb->credentials, id);
    if (k == NULL || secret == NULL || strcmp(k->client_secret, secret) != 0) {
        token_refused(c, "invalid_client",
                      "Client authentication failed due to unknown client, no client "
                      "authentication included, or unsupported authentication method.");
        return;
    }
    if (!scopes_cut(k->scopes, asked ? asked : "public", scopes) || *scopes == '\0') {
        token_refused(c, "invalid_scope", "The requested scope is invalid, unknown, or malformed.");
        return;
    }
    if (la(c, LA_AUTH_SCOPE) == 2)
        drop_last(scopes);
    token_issue(&c->sb->credentials, k, scopes, true, false, la(c, LA_AUTH_SAME) != 0, now,
                la(c, LA_AUTH_SECONDS), &t);
    buf_init(&b, 4096);
    buf_printf(&b, "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":%lld", t.text,
               (long long)((t.expires_us - now) / 1000000));
    if (la(c, LA_AUTH_SCOPE) != 1) {
        buf_str(&b, ",\"scope\":");
        answer_quoted(&b, t.scopes, strlen(t.scopes));
    }
    buf_printf(&b, ",\"created_at\":%lld}", (long long)(t.issued_us / 1000000));
    answer_buf(c, 200, "application/json", &b);
    buf_done(&b);
}

bool token_authorise(struct call *c, const char *scope) {
    static const char *const messages[] = {
        [TOKEN_UNKNOWN] = "The access token is invalid",
        [TOKEN_EXPIRED] = "The access token expired",
        [TOKEN_REVOKED] = "The access token was revoked",
    };
    const char *header = server_header(c->q, "Authorization");
    bool is_bearer = header != NULL && strncasecmp(header, "Bearer ", 7) == 0;
    enum token_state state = is_bearer ? token_check(&c->sb->credentials, header + 7,
                                                     vclock_now_us(&c->sb->clock), &c->token)
                                       : TOKEN_UNKNOWN;
    if (state != TOKEN_GOOD) {
        refuse(c, 401, messages[la(c, LA_AUTH_MESSAGE) ? TOKEN_UNKNOWN : state]);
        answer_header(c, "WWW-Authenticate", "Bearer realm=\"Learn Amp\", error=\"invalid_token\"");
        return false;
    }
    c->has_token = true;
    const char *granted = c->token.credential->scopes, *has = c->token.scopes;
    bool all = scopes_have(granted, "public") && scopes_have(has, "public");
    if (all || *scope == '\0' || (scopes_have(granted, scope) && scopes_have(has, scope)))
        return true;
    refuse(c, (int)la(c, LA_AUTH_SCOPE_STATUS),
           arena_printf(c->q->arena, "Access to this resource requires scope \"%s\".", scope));
    return false;
}
