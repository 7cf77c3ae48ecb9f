#include "sandbox/credentials.h"
#include <stdio.h>
#include <string.h>
#include "base/arena.h"
#include "base/rng.h"

void credentials_init(struct credentials *c, uint64_t seed) {
    *c = (struct credentials){ .seed = seed, .lock = PTHREAD_MUTEX_INITIALIZER };
    struct credential *k = credential_add(c, "papi-sandbox");
    snprintf(k->client_secret, sizeof k->client_secret, "papi-sandbox-secret");
}

void credentials_done(struct credentials *c) {
    for (size_t i = 0; i < c->n; i++) {
        mem_free(c->all[i]->rows);
        mem_free(c->all[i]);
    }
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
    struct credential *k = mem_zalloc(sizeof *k);
    k->number = (unsigned)c->n;
    k->attrs = attrs_usual();
    snprintf(k->client_id, sizeof k->client_id, "%s", client_id);
    snprintf(k->scopes, sizeof k->scopes, "employees:read personio:persons:read");
    return c->all[c->n++] = k;
}

static enum rc_code set_attributes(struct credential *k, json list, struct rc_error *err) {
    const char *key;
    size_t len;
    json one, no_key;
    uint64_t mask = ATTR_BIT(ATTR_ID);
    if (json_str(list, &key, &len)) {
        if (strcmp(key, "all") != 0 && strcmp(key, "usual") != 0)
            return rc_fail(err, RC_INVALID, "attributes: \"all\", \"usual\" or a list of keys");
        k->attrs = strcmp(key, "all") == 0 ? ATTRS_ALL : attrs_usual();
        return RC_OK;
    }
    if (json_type(list) != JSON_ARRAY)
        return rc_fail(err, RC_INVALID, "attributes: \"all\", \"usual\" or a list of keys");
    for (struct json_iter it = json_iter(list); json_next(&it, &no_key, &one);) {
        enum attr a = json_str(one, &key, &len) ? attr_find(key, len) : ATTR_COUNT;
        if (a == ATTR_COUNT)
            return rc_fail(err, RC_INVALID, "attributes: there is no attribute '%s'",
                           json_str(one, &key, &len) ? key : "?");
        mask |= ATTR_BIT(a);
    }
    k->attrs = mask;
    return RC_OK;
}

static enum rc_code set_sees(struct credential *k, json sees, struct rc_error *err) {
    const char *office;
    size_t len;
    int64_t percent;
    if (json_str(json_get(sees, "office"), &office, &len) && len < sizeof k->office) {
        snprintf(k->office, sizeof k->office, "%s", office);
        k->sees = SEES_OFFICE;
    } else if (json_int(json_get(sees, "percent"), &percent) && percent >= 0 && percent <= 100) {
        k->percent = (unsigned)percent;
        k->sees = SEES_PERCENT;
    } else if (json_str(sees, &office, &len) && strcmp(office, "all") == 0) {
        k->sees = SEES_ALL;
    } else {
        return rc_fail(err, RC_INVALID,
                       "sees: \"all\", {\"office\":\"Bremen\"} or {\"percent\":50}");
    }
    return RC_OK;
}

enum rc_code credential_set(struct credential *k, json body, struct rc_error *err) {
    const char *text;
    size_t len;
    json value;
    enum rc_code rc = RC_OK;
    if (json_str(json_get(body, "client_secret"), &text, &len) && len < sizeof k->client_secret)
        snprintf(k->client_secret, sizeof k->client_secret, "%s", text);
    if ((value = json_get(body, "scopes")) != NULL) {
        char scopes[sizeof k->scopes] = "";
        json one, no_key;
        if (json_str(value, &text, &len))
            snprintf(scopes, sizeof scopes, "%s", text);
        else
            for (struct json_iter it = json_iter(value); json_next(&it, &no_key, &one);)
                if (json_str(one, &text, &len))
                    snprintf(scopes + strlen(scopes), sizeof scopes - strlen(scopes), "%s%s",
                             *scopes ? " " : "", text);
        memcpy(k->scopes, scopes, sizeof scopes);
    }
    if ((value = json_get(body, "attributes")) != NULL &&
        (rc = set_attributes(k, value, err)) != RC_OK)
        return rc;
    if ((value = json_get(body, "sees")) != NULL)
        rc = set_sees(k, value, err);
    return rc;
}

bool credential_sees(const struct credential *k, const struct world *w, const struct person *p) {
    if (!p->exists)
        return false;
    if (k->sees == SEES_PERCENT)
        return person_hash(w, p, 77) % 100 < k->percent;
    const struct unit *office = world_unit(w, p, UNIT_OFFICE);
    return k->sees == SEES_ALL || (office != NULL && strcmp(office->name, k->office) == 0);
}

/* The same for the same seed: each row changes places with one that the generator names. */
static void shuffle(uint32_t *rows, size_t n, uint64_t seed) {
    struct rng rng;
    rng_init(&rng, seed, 5);
    for (size_t i = n; i > 1; i--) {
        size_t j = rng_below(&rng, (uint32_t)i);
        uint32_t row = rows[i - 1];
        rows[i - 1] = rows[j];
        rows[j] = row;
    }
}

void credentials_rows(struct credentials *c, const struct world *w, const struct switches *s) {
    for (size_t i = 0; i < c->n; i++) {
        struct credential *k = c->all[i];
        bool half = s->value[SW_LIST_HALF], hides = s->value[SW_LIST_INACTIVE],
             none = s->value[SW_LIST_EMPTY];
        size_t n = 0;
        k->rows = mem_realloc(k->rows, (w->n + 1) * sizeof *k->rows);
        for (size_t p = 0; p < w->n && !none; p++) {
            const struct person *one = &w->people[p];
            if (credential_sees(k, w, one) && !(half && p % 2 == 1) &&
                !(hides && one->status == STATUS_INACTIVE))
                k->rows[n++] = (uint32_t)p;
        }
        k->rows_n = n;
        if (s->value[SW_LIST_ORDER] == 1)
            for (size_t a = 0, b = n; a + 1 < b; a++, b--) {
                uint32_t row = k->rows[a];
                k->rows[a] = k->rows[b - 1];
                k->rows[b - 1] = row;
            }
        else if (s->value[SW_LIST_ORDER] == 2)
            shuffle(k->rows, n, w->seed);
    }
}

bool scopes_have(const char *scopes, const char *scope) {
    size_t len = strlen(scope);
    for (const char *at = scopes; (at = strstr(at, scope)) != NULL; at += len)
        if ((at == scopes || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

/* ---- tokens ---- */

static void make_token(struct credentials *c, char ret[TOKEN_BYTES]) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    struct rng rng;
    rng_init(&rng, c->seed + c->issued++, 9);
    size_t n = (size_t)sprintf(ret, "papi-");
    for (; n < 45; n++)
        ret[n] = letters[rng_u32(&rng) & 63];
    ret[n] = '\0';
}

void token_issue(struct credentials *c, struct credential *k, const char *scopes, bool v2,
                 bool once, bool same, int64_t now_us, int64_t seconds, struct token *ret) {
    pthread_mutex_lock(&c->lock);
    size_t kept = c->tokens_n < TOKENS_MAX ? c->tokens_n : TOKENS_MAX;
    for (size_t i = 0; same && !once && i < kept; i++) {
        const struct token *t = &c->tokens[i];
        if (t->credential == k && t->v2 == v2 && !t->once && t->expires_us > now_us &&
            strcmp(t->scopes, scopes) == 0) {
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

bool token_check(struct credentials *c, const char *text, int64_t now_us, struct token *ret) {
    bool good = false;
    pthread_mutex_lock(&c->lock);
    size_t kept = c->tokens_n < TOKENS_MAX ? c->tokens_n : TOKENS_MAX;
    for (size_t i = 0; i < kept && !good; i++) {
        struct token *t = &c->tokens[i];
        if (strcmp(t->text, text) == 0 && t->expires_us > now_us && !t->used) {
            t->used = t->once;
            *ret = *t;
            good = true;
        }
    }
    pthread_mutex_unlock(&c->lock);
    return good;
}

void token_revoke(struct credentials *c, const char *text) {
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < TOKENS_MAX; i++)
        if (strcmp(c->tokens[i].text, text) == 0)
            c->tokens[i].expires_us = 0;
    pthread_mutex_unlock(&c->lock);
}

size_t tokens_expire(struct credentials *c, const char *client_id) {
    size_t n = 0;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < TOKENS_MAX; i++)
        if (c->tokens[i].expires_us > 0 &&
            (client_id == NULL || strcmp(c->tokens[i].credential->client_id, client_id) == 0)) {
            c->tokens[i].expires_us = 0;
            n++;
        }
    pthread_mutex_unlock(&c->lock);
    return n;
}
