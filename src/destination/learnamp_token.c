/* One token for all lanes: fetched by one of them while the others wait, without any lock held while
 * that one calls or sleeps.
 *
 * A refusal is told by its word and not by its number: versions of the token endpoint differ there. */
#include "destination/learnamp_p.h"

#include <string.h>

#include "secret/secret.h"

enum { EXPIRES_S = 7200, EXPIRES_MOST_S = 7 * 86400, SPARE_S = 60 };

bool learnamp_scopes_have(const char *scopes, const char *one, size_t len) {
    for (const char *s = scopes; *s != '\0';) {
        size_t n = strcspn(s, " ");
        if (n == len && memcmp(s, one, len) == 0)
            return true;
        s += n + strspn(s + n, " ");
    }
    return false;
}

/* Printable ASCII without blanks, so that it can stand in a header. */
static bool token_usable(const char *t, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (t[i] <= ' ' || t[i] > '~')
            return false;
    return len > 0 && len < LEARNAMP_TOKEN_BYTES;
}

/* ---- the call ---- */

struct token {
    char text[LEARNAMP_TOKEN_BYTES], granted[LEARNAMP_SCOPE_BYTES];
    int64_t expires_s;
};

static void form_put(struct buf *form, const char *name, const char *value) {
    buf_printf(form, "%s%s=", form->len > 0 ? "&" : "", name);
    http_escape(form, value, strlen(value));
}

static enum rc_code refused(const struct learnamp_answer *answer, const char *scope,
                            struct rc_error *err) {
    const char *word = "";
    size_t n = 0;
    (void)json_str(json_get(answer->root, "error"), &word, &n);
    struct text error = text_from(word, n);
    if (text_is(error, "invalid_scope"))
        return rc_fail_as(
            err, RC_AUTH, "destination.scope",
            "the key may not have all of these scopes: %.300s. Tick them in " LEARNAMP_WHERE,
            scope);
    if (text_is(error, "invalid_client") || text_is(error, "unauthorized_client") ||
        text_is(error, "access_denied"))
        return rc_fail_as(err, RC_AUTH, "destination.credentials",
                          "Learn Amp refused client-id and client-secret: copy both again from "
                          "Company Settings > API & sFTP, or make a new key there");
    if (answer->status == 401 || answer->status == 403)
        return rc_fail_as(err, RC_AUTH, "destination.credentials",
                          "signing in: refused (%d), but not in Learn Amp's form: is base-url "
                          "right, is a proxy in between?",
                          answer->status);
    return rc_fail_as(err, RC_INVALID, "destination.answer",
                      "signing in: answered %d: is base-url right?", answer->status);
}

static enum rc_code take(const struct learnamp_answer *answer, struct token *ret,
                         struct rc_error *err) {
    const char *text, *scope;
    size_t text_n, scope_n;
    if (!json_str(json_get(answer->root, "access_token"), &text, &text_n) ||
        !token_usable(text, text_n))
        return rc_fail_as(err, RC_INVALID, "destination.answer",
                          "signing in: the answer has no usable token");
    memcpy(ret->text, text, text_n);
    ret->text[text_n] = '\0';
    ret->granted[0] = '\0';
    if (json_str(json_get(answer->root, "scope"), &scope, &scope_n) &&
        scope_n < sizeof ret->granted && memchr(scope, '\0', scope_n) == NULL) {
        memcpy(ret->granted, scope, scope_n);
        ret->granted[scope_n] = '\0';
    }
    if (!json_int(json_get(answer->root, "expires_in"), &ret->expires_s) || ret->expires_s < 1)
        ret->expires_s = EXPIRES_S;
    if (ret->expires_s > EXPIRES_MOST_S)
        ret->expires_s = EXPIRES_MOST_S;
    return RC_OK;
}

static enum rc_code fetch(struct learnamp_lane *l, const char *scope, struct token *ret,
                          struct rc_error *err) {
    struct learnamp *p = learnamp_of(l);
    struct learnamp_answer answer;
    struct buf form;
    buf_clear(&l->url);
    buf_printf(&l->url, "%s/oauth/token", p->base_url);
    buf_init(&form, 16 << 10);
    form_put(&form, "grant_type", "client_credentials");
    form_put(&form, "client_id", p->client_id);
    form_put(&form, "client_secret", p->client_secret);
    if (scope[0] != '\0')
        form_put(&form, "scope", scope);
    struct http_request q = {
        .method = "POST",
        .url = l->url.ptr,
        .headers = { { "Accept", "application/json" },
                     { "Content-Type", "application/x-www-form-urlencoded" } },
        .headers_n = 2,
        .body = form.ptr,
        .body_bytes = form.len,
        .changes = false, /* one token more does nothing to anybody */
    };
    enum rc_code rc = learnamp_exchange(l, &q, LEARNAMP_READS, "signing in", &answer, err);
    if (rc == RC_OK)
        rc = answer.status == 200 ? take(&answer, ret, err) : refused(&answer, scope, err);
    secret_wipe(form.ptr, form.len);
    buf_done(&form);
    secret_wipe(l->body.ptr, l->body.len);
    return rc;
}

enum rc_code learnamp_token_try(struct learnamp_lane *l, const char *scope,
                                char ret[LEARNAMP_SCOPE_BYTES], struct rc_error *err) {
    struct token t;
    enum rc_code rc = fetch(l, scope, &t, err);
    if (rc == RC_OK)
        memcpy(ret, t.granted, sizeof t.granted);
    secret_wipe(&t, sizeof t);
    return rc;
}

/* ---- sharing ---- */

static bool is_usable(const struct learnamp *p, uint64_t stale) {
    return p->token_n > stale && clock_monotonic_us(p->clock) < p->token_until_us;
}

/* Waits while another lane renews. True: that renewal failed, and its error is ours. */
static bool wait_for_other(struct learnamp *p, uint64_t stale) {
    uint64_t before = p->token_attempts_n;
    if (!p->token_renewing)
        return false;
    while (p->token_renewing && p->token_attempts_n == before)
        pthread_cond_wait(&p->token_changed, &p->token_lock);
    return !is_usable(p, stale) && p->token_err.code != RC_OK;
}

static void keep(struct learnamp *p, const struct token *t) {
    /* half of a short life, so that a token of seconds is not asked for before each call */
    int64_t usable_s = t->expires_s > 2 * SPARE_S ? t->expires_s - SPARE_S : t->expires_s / 2 + 1;
    memcpy(p->token, t->text, sizeof p->token);
    memcpy(p->granted, t->granted, sizeof p->granted);
    p->token_until_us = clock_monotonic_us(p->clock) + usable_s * 1000000;
    p->token_n++;
}

/* The lock is held, and given up while the call is under way. */
static enum rc_code renew(struct learnamp_lane *l, struct rc_error *why) {
    struct learnamp *p = learnamp_of(l);
    struct token t = { 0 };
    p->token_renewing = true;
    pthread_mutex_unlock(&p->token_lock);
    enum rc_code rc = fetch(l, p->scope, &t, why);
    pthread_mutex_lock(&p->token_lock);
    p->token_renewing = false;
    p->token_attempts_n++;
    p->token_err = *why;
    p->token_err.code = rc;
    if (rc == RC_OK)
        keep(p, &t);
    pthread_cond_broadcast(&p->token_changed);
    secret_wipe(&t, sizeof t);
    return rc;
}

enum rc_code learnamp_token(struct learnamp_lane *l, uint64_t stale, char ret[LEARNAMP_TOKEN_BYTES],
                            uint64_t *ret_n, struct rc_error *err) {
    struct learnamp *p = learnamp_of(l);
    struct rc_error why = { 0 };
    enum rc_code rc = RC_OK;
    pthread_mutex_lock(&p->token_lock);
    while (rc == RC_OK && !is_usable(p, stale)) {
        if (wait_for_other(p, stale)) {
            why = p->token_err;
            rc = why.code;
        } else if (!is_usable(p, stale) && !p->token_renewing)
            rc = renew(l, &why);
    }
    if (rc == RC_OK) {
        memcpy(ret, p->token, strlen(p->token) + 1);
        *ret_n = p->token_n;
    }
    pthread_mutex_unlock(&p->token_lock);
    if (rc != RC_OK && err != NULL)
        *err = why;
    return rc;
}
