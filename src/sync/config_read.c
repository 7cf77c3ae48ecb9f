/* A document as somebody wrote it: every byte of it may be wrong, and what is wrong is said where it is. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "sync/config_p.h"

enum { DEEP_MOST = 8 };

/* ---- where ---- */

bool config_enter(struct config_place *at, const char *key) {
    if (at->depth + 1 == RC_LEN(at->path))
        return false;
    at->path[at->depth++] = key;
    at->path[at->depth] = NULL;
    return true;
}

void config_leave(struct config_place *at) {
    at->path[--at->depth] = NULL;
}

enum rc_code config_wrong(const struct config_place *at, struct rc_error *err, const char *fmt,
                          ...) {
    char where[160] = "", what[300];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    for (size_t i = 0; i < at->depth && strlen(where) < sizeof where - 2; i++)
        snprintf(where + strlen(where), sizeof where - strlen(where), "%s%.60s", i > 0 ? "." : "",
                 at->path[i]);
    unsigned line = json_line(at->document.ptr, at->document.len, at->path);
    if (line != 0)
        snprintf(where + strlen(where), sizeof where - strlen(where), "%s(line %u)",
                 at->depth > 0 ? " " : "", line);
    return rc_fail_as(err, RC_INVALID, "document", "%s: %s",
                      *where != '\0' ? where : "the document", what);
}

/* Of a key that is there twice one would count and the other not: nobody would see which. */
static enum rc_code check_once(struct config_place *at, json v, struct rc_error *err) {
    json key, value, other, ignored;
    const char *name, *again;
    size_t len, again_len, i = 0;
    enum rc_code rc = RC_OK;
    if (json_type(v) != JSON_OBJECT || at->depth == DEEP_MOST - 1)
        return RC_OK;
    for (struct json_iter it = json_iter(v); rc == RC_OK && json_next(&it, &key, &value); i++) {
        size_t k = 0;
        if (!json_str(key, &name, &len))
            continue;
        config_enter(at, arena_str(at->arena, name, len));
        for (struct json_iter j = json_iter(v); k < i && json_next(&j, &other, &ignored); k++)
            if (json_str(other, &again, &again_len) && again_len == len &&
                memcmp(again, name, len) == 0)
                rc = config_wrong(at, err, "this is there twice");
        if (rc == RC_OK)
            rc = check_once(at, value, err);
        config_leave(at);
    }
    return rc;
}

/* ---- objects ---- */

static const char *const tops[] = { "company", "version", "integrations", "destinations" };

static enum config_member member_of(enum config_kind kind, const char *name) {
    for (int m = 0; m < CONFIG_MEMBERS_N; m++)
        if (config_rows[m].names[kind] != NULL && strcmp(config_rows[m].names[kind], name) == 0)
            return (enum config_member)m;
    return CONFIG_MEMBERS_N;
}

static void nearer(const char *typed, const char *word, const char **best) {
    if (*best == NULL || text_slips(text_of(typed), word) < text_slips(text_of(typed), *best))
        *best = word;
}

static enum rc_code unknown_member(struct config_place *at, enum config_kind kind, const char *name,
                                   struct rc_error *err) {
    const char *best = NULL;
    for (int m = 0; m < CONFIG_MEMBERS_N; m++)
        if (config_rows[m].names[kind] != NULL)
            nearer(name, config_rows[m].names[kind], &best);
    for (size_t i = 0; kind == CONFIG_COMPANY && i < RC_LEN(tops); i++)
        nearer(name, tops[i], &best);
    return config_wrong(at, err, "\"%.60s\" is not known here; did you mean \"%s\"?", name, best);
}

/* What the others mean depends on which system it is: that is read first. */
static enum rc_code take_members(struct config_place *at, json v, struct config_object *o,
                                 struct rc_error *err) {
    enum rc_code rc = RC_OK;
    for (int m = 0; m < CONFIG_MEMBERS_N && rc == RC_OK; m++) {
        const char *name = config_rows[m].names[o->kind];
        json value = name != NULL ? json_get(v, name) : NULL;
        if (value == NULL)
            continue;
        config_enter(at, name);
        rc = config_rows[m].take(at, value, o, err);
        config_leave(at);
        o->said |= 1u << m;
    }
    return rc;
}

static enum rc_code check_names(struct config_place *at, enum config_kind kind, json v,
                                struct rc_error *err) {
    json key, value;
    const char *name;
    size_t len;
    enum rc_code rc = RC_OK;
    for (struct json_iter it = json_iter(v); rc == RC_OK && json_next(&it, &key, &value);) {
        bool is_known = false;
        if (!json_str(key, &name, &len))
            continue;
        name = arena_str(at->arena, name, len);
        for (size_t i = 0; kind == CONFIG_COMPANY && i < RC_LEN(tops); i++)
            is_known |= strcmp(name, tops[i]) == 0;
        if (is_known || member_of(kind, name) != CONFIG_MEMBERS_N)
            continue;
        config_enter(at, name);
        rc = unknown_member(at, kind, name, err);
        config_leave(at);
    }
    return rc;
}

/* The adapter of one that is there may go unsaid: then it is the one that is kept. */
static enum rc_code take_object(struct config_place *at, json v, struct config_object *o,
                                struct rc_error *err) {
    const char *key = arena_str(at->arena, o->key.ptr, o->key.len);
    if (json_type(v) != JSON_OBJECT)
        return config_wrong(at, err, "this is an object");
    if (company_key_check(key, o->kind == CONFIG_INTEGRATION ? "integration" : "destination",
                          err) != RC_OK)
        return config_wrong(at, err, "%s", arena_printf(at->arena, "%s", err->text));
    enum rc_code rc = check_names(at, o->kind, v, err);
    if (rc == RC_OK && o->settings == NULL &&
        json_get(v, config_rows[CONFIG_ADAPTER].names[o->kind]) == NULL)
        return config_wrong(at, err, "\"%s\" is missing",
                            config_rows[CONFIG_ADAPTER].names[o->kind]);
    o->line = json_line(at->document.ptr, at->document.len, at->path);
    return rc != RC_OK ? rc : take_members(at, v, o, err);
}

enum rc_code config_read_object(enum config_kind kind, const char *key, struct text text, json doc,
                                const struct setting *settings, struct arena *a,
                                struct config_object *ret, struct rc_error *err) {
    struct config_place at = { .document = text, .arena = a };
    struct rc_error own;
    err = err != NULL ? err : &own;
    config_object_init(ret, kind, text_of(arena_printf(a, "%s", key)));
    ret->settings = settings;
    enum rc_code rc = check_once(&at, doc, err);
    return rc != RC_OK ? rc : take_object(&at, doc, ret, err);
}

/* ---- the whole ---- */

static enum rc_code take_objects(struct config_place *at, enum config_kind kind, json v,
                                 struct config_object **ret, size_t *ret_n, struct rc_error *err) {
    json key, value;
    const char *name;
    size_t len;
    enum rc_code rc = RC_OK;
    *ret_n = 0;
    if (v == NULL)
        return RC_OK;
    if (json_type(v) != JSON_OBJECT || json_size(v) > CONFIG_OBJECTS_MOST)
        return config_wrong(at, err, "this is an object with one member each, %d at most",
                            CONFIG_OBJECTS_MOST);
    *ret = ARENA_NEW(at->arena, struct config_object, json_size(v) + 1);
    for (struct json_iter it = json_iter(v); rc == RC_OK && json_next(&it, &key, &value);) {
        if (!json_str(key, &name, &len))
            continue;
        name = arena_str(at->arena, name, len);
        config_object_init(&(*ret)[*ret_n], kind, text_of(name));
        config_enter(at, name);
        rc = take_object(at, value, &(*ret)[(*ret_n)++], err);
        config_leave(at);
    }
    return rc;
}

static enum rc_code take_head(struct config_place *at, json doc, struct config *c,
                              struct rc_error *err) {
    const char *s = "";
    size_t len = 0;
    if (!json_str(json_get(doc, "company"), &s, &len) || memchr(s, '\0', len) != NULL)
        return config_wrong(at, err, "\"company\" is missing: the key of the company it is about");
    const char *key = arena_str(at->arena, s, len);
    if (company_key_check(key, "company", err) != RC_OK)
        return config_wrong(at, err, "%s", arena_printf(at->arena, "%s", err->text));
    config_object_init(&c->company, CONFIG_COMPANY, text_of(key));
    json version = json_get(doc, "version");
    if (version == NULL)
        return RC_OK;
    if (!json_str(version, &s, &len) || len != CONFIG_VERSION_BYTES - 1)
        return config_wrong(at, err, "\"version\" is what company export said, or not there");
    memcpy(c->version, s, len);
    return RC_OK;
}

static enum rc_code take_all(struct config_place *at, json doc, struct config *c,
                             struct rc_error *err) {
    enum rc_code rc;
    if (json_type(doc) != JSON_OBJECT)
        return config_wrong(at, err, "this is not an object");
    if ((rc = check_once(at, doc, err)) != RC_OK ||
        (rc = check_names(at, CONFIG_COMPANY, doc, err)) != RC_OK ||
        (rc = take_head(at, doc, c, err)) != RC_OK ||
        (rc = take_members(at, doc, &c->company, err)) != RC_OK)
        return rc;
    config_enter(at, "integrations");
    rc = take_objects(at, CONFIG_INTEGRATION, json_get(doc, "integrations"), &c->integrations,
                      &c->integrations_n, err);
    config_leave(at);
    if (rc != RC_OK)
        return rc;
    config_enter(at, "destinations");
    rc = take_objects(at, CONFIG_DESTINATION, json_get(doc, "destinations"), &c->destinations,
                      &c->destinations_n, err);
    config_leave(at);
    return rc;
}

enum rc_code config_read(struct text document, struct arena *a, struct config *ret,
                         struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(CONFIG_BYTES);
    struct config_place at = { .document = document, .arena = a };
    struct config c = { 0 };
    struct rc_error own;
    json doc;
    err = err != NULL ? err : &own;
    enum rc_code rc = json_parse_copy(r, document.ptr, document.len, &doc, err);
    if (rc == RC_INVALID)
        return rc_fail_as(err, rc, "document", "the document: %s",
                          arena_printf(a, "%s", err->text));
    if (rc == RC_OK && (rc = take_all(&at, doc, &c, err)) == RC_OK)
        *ret = c;
    return rc;
}
