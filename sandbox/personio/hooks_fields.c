/* hooks_fields.c - what may be said about a webhook, and what is told of it.
 * Source: docs/wire-personio.md, webhooks: management. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "net/client.h"
#include "sandbox/personio/personio.h"

/* ---- header names ---- */

static bool is_forbidden(const char *name) { /* equal to one of these, or beginning with it */
    static const char *const names[] = { "host",       "content-length", "transfer-encoding",
                                         "connection", "upgrade",        "te",
                                         "trailer",    "expect",         "content-type" };
    for (size_t i = 0; i < RC_LEN(names); i++)
        if (strncasecmp(name, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static bool is_token(const char *s) {
    for (const char *at = s; *at != '\0'; at++)
        if (!isalnum((unsigned char)*at) && strchr("!#$%&'*+-.^_`|~", *at) == NULL)
            return false;
    return *s != '\0';
}

static bool is_line(const char *s, size_t len) {
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
            return false;
    return true;
}

/* ---- one field ---- */

static enum rc_code take_text(json body, const char *key, char *ret, size_t ret_bytes,
                              struct rc_error *err) {
    const char *text;
    size_t len;
    json value = json_get(body, key);
    if (value == NULL)
        return RC_OK;
    if (json_type(value) == JSON_NULL) {
        *ret = '\0';
        return RC_OK;
    }
    if (!json_str(value, &text, &len) || len >= ret_bytes || !is_line(text, len))
        return rc_fail(err, RC_INVALID, "%s must be a text of one line", key);
    snprintf(ret, ret_bytes, "%s", text);
    return RC_OK;
}

static enum rc_code take_word(json body, const char *key, const char *const *words,
                              unsigned words_n, unsigned *ret, struct rc_error *err) {
    const char *text;
    size_t len;
    json value = json_get(body, key);
    if (value == NULL)
        return RC_OK;
    for (unsigned i = 0; json_str(value, &text, &len) && i < words_n; i++)
        if (strcmp(words[i], text) == 0) {
            *ret = i;
            return RC_OK;
        }
    return rc_fail(err, RC_INVALID, "%s has a value that is not known", key);
}

static enum rc_code take_headers(struct hook *k, json value, struct rc_error *err) {
    json name, one;
    const char *name_text, *text;
    size_t len, name_n;
    if (json_type(value) == JSON_NULL) {
        k->headers_n = 0;
        return RC_OK;
    }
    if (json_type(value) != JSON_OBJECT)
        return rc_fail(err, RC_INVALID, "custom_headers must be an object");
    if (json_size(value) > HOOK_HEADERS_MAX)
        return rc_fail(err, RC_INVALID, "custom_headers: at most %d headers", HOOK_HEADERS_MAX);
    k->headers_n = 0;
    for (struct json_iter it = json_iter(value); json_next(&it, &name, &one);) {
        if (!json_str(name, &name_text, &name_n) || !json_str(one, &text, &len) ||
            name_n >= sizeof k->headers[0].name || len >= sizeof k->headers[0].value ||
            !is_token(name_text) || !is_line(text, len))
            return rc_fail(err, RC_INVALID, "custom_headers: a name or value that cannot be sent");
        if (is_forbidden(name_text))
            return rc_fail(err, RC_INVALID, "custom_headers: %s is not allowed", name_text);
        snprintf(k->headers[k->headers_n].name, sizeof k->headers[0].name, "%s", name_text);
        snprintf(k->headers[k->headers_n++].value, sizeof k->headers[0].value, "%s", text);
    }
    return RC_OK;
}

static bool is_known_event(const char *name) {
    static const char *const names[] = { "person.created",     "person.updated",
                                         "person.deleted",     "employment.created",
                                         "employment.updated", "employment.deleted",
                                         "employment.started", "employment.terminated" };
    for (size_t i = 0; i < RC_LEN(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static enum rc_code take_events(const struct sandbox *sb, struct hook *k, json value,
                                struct rc_error *err) {
    json no_key, one;
    const char *text;
    size_t len;
    if (json_type(value) != JSON_ARRAY || json_size(value) > HOOK_NAMES_MAX)
        return rc_fail(err, RC_INVALID, "enabled_events must be a list of event names");
    k->names_n = 0;
    for (struct json_iter it = json_iter(value); json_next(&it, &no_key, &one);) {
        if (!json_str(one, &text, &len) || len == 0 || len >= sizeof k->names[0])
            return rc_fail(err, RC_INVALID, "enabled_events must be a list of event names");
        if (sw(sb, SW_HOOK_UNKNOWN_WANTED) && !is_known_event(text))
            return rc_fail(err, RC_INVALID, "enabled_events: %s is no event", text);
        snprintf(k->names[k->names_n++], sizeof k->names[0], "%s", text);
    }
    return RC_OK;
}

/* ---- the whole ---- */

static const char *enabled_word(const struct sandbox *sb) {
    return sw(sb, SW_HOOK_ENABLED_WORD) ? "ACTIVE" : "ENABLED";
}

static enum rc_code check(const struct sandbox *sb, const struct hook *k, bool by_hand,
                          struct rc_error *err) {
    if (*k->url == '\0')
        return rc_fail(err, RC_INVALID, "url is required");
    if (strncasecmp(k->url, "https://", 8) != 0 && !by_hand && !sw(sb, SW_HOOK_LOOPBACK))
        return rc_fail(err, RC_INVALID, "url must be https");
    if (http_url_check(k->url, err) != RC_OK) /* plain http to this machine is good for tests */
        return rc_fail(err, RC_INVALID, "url must be https");
    if (*k->description == '\0' && !by_hand && sw(sb, SW_HOOK_DESCRIPTION) == 0)
        return rc_fail(err, RC_INVALID, "description is required");
    if (k->names_n == 0)
        return rc_fail(err, RC_INVALID, "enabled_events is required");
    if (k->headers_n > 0 && k->auth != HOOK_CUSTOM)
        return rc_fail(err, RC_INVALID, "custom_headers need auth_type CUSTOM");
    return RC_OK;
}

enum rc_code hook_set(struct sandbox *sb, struct hook *k, json body, bool by_hand,
                      struct rc_error *err) {
    static const char *const auths[] = { "TOKEN", "NONE", "CUSTOM" };
    const char *const statuses[] = { "DISABLED", enabled_word(sb) };
    struct hook *changed = mem_alloc(sizeof *changed);
    unsigned auth = k->auth, status = k->enabled;
    json value;
    enum rc_code rc = RC_OK;
    *changed = *k;
    if (json_type(body) != JSON_OBJECT)
        rc = rc_fail(err, RC_INVALID, "the body must be an object");
    if (rc == RC_OK)
        rc = take_text(body, "url", changed->url, sizeof changed->url, err);
    if (rc == RC_OK)
        rc = take_text(body, "description", changed->description, sizeof changed->description, err);
    if (rc == RC_OK)
        rc = take_text(body, "token", changed->token, sizeof changed->token, err);
    if (rc == RC_OK)
        rc = take_word(body, "auth_type", auths, 3, &auth, err);
    if (rc == RC_OK)
        rc = take_word(body, "status", statuses, 2, &status, err);
    if (rc == RC_OK && (value = json_get(body, "custom_headers")) != NULL)
        rc = take_headers(changed, value, err);
    if (rc == RC_OK && (value = json_get(body, "enabled_events")) != NULL)
        rc = take_events(sb, changed, value, err);
    changed->auth = (enum hook_auth)auth;
    if (changed->auth != HOOK_CUSTOM && json_get(body, "custom_headers") == NULL)
        changed->headers_n = 0;
    changed->enabled = status != 0;
    if (rc == RC_OK)
        rc = check(sb, changed, by_hand, err);
    if (rc == RC_OK) {
        if (changed->enabled && !k->enabled)
            changed->failed_n = 0;
        *k = *changed;
    }
    mem_free(changed);
    return rc;
}

static void write_secret(const struct sandbox *sb, struct json_writer *w, const char *key,
                         const char *value, bool by_hand) {
    int64_t form = sw(sb, SW_HOOK_TOKEN_SHOWN);
    if (by_hand || form == 1)
        json_put_cstr(w, key, value);
    else if (form == 0)
        json_put_cstr(w, key, *value == '\0' ? "" : "********");
}

void hook_write(const struct sandbox *sb, const struct hook *k, bool by_hand,
                struct json_writer *w) {
    static const char *const auths[] = { "TOKEN", "NONE", "CUSTOM" };
    json_object(w, NULL);
    json_put_cstr(w, "id", k->id);
    json_put_cstr(w, "url", k->url);
    json_put_cstr(w, "description", k->description);
    json_put_cstr(w, "status", k->enabled ? enabled_word(sb) : "DISABLED");
    json_put_cstr(w, "auth_type", auths[k->auth]);
    if (k->auth == HOOK_TOKEN)
        write_secret(sb, w, "token", k->token, by_hand);
    if (k->auth == HOOK_CUSTOM) {
        json_object(w, "custom_headers");
        for (size_t i = 0; i < k->headers_n; i++)
            write_secret(sb, w, k->headers[i].name, k->headers[i].value, by_hand);
        json_object_end(w);
    }
    json_array(w, "enabled_events");
    for (size_t i = 0; i < k->names_n; i++)
        json_put_cstr(w, NULL, k->names[i]);
    json_array_end(w);
    json_object_end(w);
}
