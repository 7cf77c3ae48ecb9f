#include "sandbox/credentials.h"
#include <stdio.h>
#include <string.h>
#include "base/arena.h"
#include "base/rng.h"

void credentials_init(struct credentials *c, uint64_t seed, size_t each_bytes, const char *prefix) {
    *c = (struct credentials){
        .seed = seed, .each_bytes = each_bytes, .prefix = prefix, .lock = PTHREAD_MUTEX_INITIALIZER
    };
    c->tokens = mem_zalloc(TOKENS_MAX * sizeof *c->tokens);
}

void credentials_done(struct credentials *c) {
    for (size_t i = 0; i < c->n; i++)
        mem_free(c->all[i]);
    mem_free(c->tokens);
    pthread_mutex_destroy(&c->lock);
    c->n = 0;
}

struct credential *credential_find(struct credentials *c, const char *client_id) {
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->all[i]->client_id, client_id) == 0)
            return c->all[i];
    return NULL;
}

struct credential *credential_add(struct credentials *c, const char *client_id) {
    if (c->n == CREDENTIALS_MAX || strlen(client_id) >= sizeof c->all[0]->client_id)
        return NULL;
    struct credential *k = mem_zalloc(c->each_bytes);
    k->number = (unsigned)c->n;
    snprintf(k->client_id, sizeof k->client_id, "%s", client_id);
    return c->all[c->n++] = k;
}

void credential_set(struct credential *k, json body) {
    const char *text;
    size_t len;
    json value, one, no_key;
    if (json_str(json_get(body, "client_secret"), &text, &len) && len < sizeof k->client_secret)
        snprintf(k->client_secret, sizeof k->client_secret, "%s", text);
    if ((value = json_get(body, "scopes")) == NULL)
        return;
    char scopes[sizeof k->scopes] = "";
    if (json_str(value, &text, &len))
        snprintf(scopes, sizeof scopes, "%s", text);
    else
        for (struct json_iter it = json_iter(value); json_next(&it, &no_key, &one);)
            if (json_str(one, &text, &len))
                snprintf(scopes + strlen(scopes), sizeof scopes - strlen(scopes), "%s%s",
                         *scopes ? " " : "", text);
    memcpy(k->scopes, scopes, sizeof scopes);
}

bool scopes_have(const char *scopes, const char *scope) {
    size_t len = strlen(scope);
    for (const char *at = scopes; (at = strstr(at, scope)) != NULL; at += len)
        if ((at == scopes || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

bool scopes_cut(const char *granted, const char *asked, char ret[SCOPES_BYTES]) {
    char all[SCOPES_BYTES], *rest = all, *one;
    if (strlen(asked) >= sizeof all)
        return false;
    memcpy(all, asked, strlen(asked) + 1);
    ret[0] = '\0';
    while ((one = strsep(&rest, " ")) != NULL) {
        if (*one == '\0')
            continue;
        if (!scopes_have(granted, one))
            return false;
        snprintf(ret + strlen(ret), SCOPES_BYTES - strlen(ret), "%s%s", *ret ? " " : "", one);
    }
    return true;
}

/* ---- tokens ---- */

static void make_token(struct credentials *c, char ret[TOKEN_BYTES]) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    struct rng rng;
    rng_init(&rng, c->seed + c->issued++, 9);
    size_t n = (size_t)snprintf(ret, TOKEN_BYTES, "%s", c->prefix), end = n + 40;
    for (; n < end; n++)
        ret[n] = letters[rng_u32(&rng) & 63];
    ret[n] = '\0';
}

static size_t kept(const struct credentials *c) {
    return c->tokens_n < TOKENS_MAX ? c->tokens_n : TOKENS_MAX;
}

void token_issue(struct credentials *c, struct credential *k, const char *scopes, bool v2,
                 bool once, bool same, int64_t now_us, int64_t seconds, struct token *ret) {
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; same && !once && i < kept(c); i++) {
        const struct token *t = &c->tokens[i];
        if (t->credential == k && t->v2 == v2 && !t->once && !t->revoked &&
            t->expires_us > now_us && strcmp(t->scopes, scopes) == 0) {
            *ret = *t;
            pthread_mutex_unlock(&c->lock);
            return;
        }
    }
    struct token *t = &c->tokens[c->tokens_n++ % TOKENS_MAX];
    *t = (struct token){ .credential = k,
                         .issued_us = now_us,
                         .expires_us = now_us + seconds * 1000000,
                         .v2 = v2,
                         .once = once };
    snprintf(t->scopes, sizeof t->scopes, "%s", scopes);
    make_token(c, t->text);
    *ret = *t;
    pthread_mutex_unlock(&c->lock);
}

enum token_state token_check(struct credentials *c, const char *text, int64_t now_us,
                             struct token *ret) {
    enum token_state state = TOKEN_UNKNOWN;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < kept(c) && state == TOKEN_UNKNOWN; i++) {
        struct token *t = &c->tokens[i];
        if (strcmp(t->text, text) != 0)
            continue;
        state = t->revoked                           ? TOKEN_REVOKED
                : t->expires_us <= now_us || t->used ? TOKEN_EXPIRED
                                                     : TOKEN_GOOD;
        t->used = t->once;
        *ret = *t;
    }
    pthread_mutex_unlock(&c->lock);
    return state;
}

void token_revoke(struct credentials *c, const char *text) {
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < kept(c); i++)
        if (strcmp(c->tokens[i].text, text) == 0)
            c->tokens[i].revoked = true;
    pthread_mutex_unlock(&c->lock);
}

size_t tokens_expire(struct credentials *c, const char *client_id, bool revoked) {
    size_t n = 0;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < kept(c); i++) {
        struct token *t = &c->tokens[i];
        if (t->revoked || t->expires_us == 0 ||
            (client_id != NULL && strcmp(t->credential->client_id, client_id) != 0))
            continue;
        t->revoked = revoked;
        t->expires_us = revoked ? t->expires_us : 0;
        n++;
    }
    pthread_mutex_unlock(&c->lock);
    return n;
}
