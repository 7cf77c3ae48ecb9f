/* The members of a company's configuration: one table, by which they are read, written and compared. */
#include <stdio.h>
#include <string.h>
#include "base/schedule.h"
#include "sync/config_p.h"
#include "sync/guard.h"
#include "sync/policy_text.h"

enum { WORD_BYTES = 200, VALUE_BYTES = 4096, FEEDS_MOST = 32 };

/* ---- what integrations and destinations have alike ---- */

static struct text *limits_of(struct config_object *o) {
    return o->kind == CONFIG_INTEGRATION ? &o->in.limits : &o->p.limits;
}

static struct text *settings_of(struct config_object *o) {
    return o->kind == CONFIG_INTEGRATION ? &o->in.settings : &o->p.settings;
}

static const struct text *get(const struct config_object *o,
                              struct text *(*of)(struct config_object *)) {
    return of((struct config_object *)(uintptr_t)o);
}

static void put_adapter(struct json_writer *w, const char *key, const struct config_object *o) {
    json_put_text(w, key, o->kind == CONFIG_INTEGRATION ? o->in.source : o->p.adapter);
}

static enum rc_code take_adapter(struct config_place *at, json v, struct config_object *o,
                                 struct rc_error *err) {
    struct text *to = o->kind == CONFIG_INTEGRATION ? &o->in.source : &o->p.adapter;
    const char *names = "", *name;
    enum rc_code rc = config_take_word(at, v, 40, to, err);
    if (rc != RC_OK || config_find_settings(o))
        return rc;
    for (size_t i = 0; (name = config_offered(NULL, o->kind, true, i)) != NULL; i++)
        names = arena_printf(at->arena, "%s%s%s", names, i > 0 ? ", " : "", name);
    return config_wrong(at, err, "there is no \"%.*s\"; there are: %s", TEXT_ARG(*to), names);
}

static void copy_adapter(struct config_object *to, const struct config_object *from) {
    to->in.source = from->in.source;
    to->p.adapter = from->p.adapter;
    to->settings = from->settings;
}

static void put_settings(struct json_writer *w, const char *key, const struct config_object *o) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    struct text t = *get(o, settings_of);
    const char *s;
    size_t len;
    json doc = NULL;
    if (t.state == TEXT_SET)
        (void)json_parse_copy(r, t.ptr, t.len, &doc, NULL);
    json_object(w, key);
    for (const struct setting *known = o->settings; known != NULL && known->key != NULL; known++)
        if (!known->secret && json_str(json_get(doc, known->key), &s, &len))
            json_put_str(w, known->key, s, len);
    json_object_end(w);
}

static const struct setting *find_setting(const struct setting *all, const char *key,
                                          const char **ret_best) {
    *ret_best = NULL;
    for (const struct setting *s = all; s != NULL && s->key != NULL; s++) {
        if (strcmp(s->key, key) == 0)
            return s;
        if (*ret_best == NULL ||
            text_slips(text_of(key), s->key) < text_slips(text_of(key), *ret_best))
            *ret_best = s->key;
    }
    return NULL;
}

/* Texts, as on the command line; a number is as good. */
static enum rc_code check_setting(struct config_place *at, const struct config_object *o,
                                  const char *key, json v, struct rc_error *err) {
    const char *s, *best;
    size_t len;
    const struct setting *known = find_setting(o->settings, key, &best);
    if (known == NULL)
        return config_unknown_key(at, key, best, err);
    config_enter(at, key);
    enum rc_code rc = RC_OK;
    if (known->secret)
        rc = config_wrong(at, err,
                          "this is a credential, and none is ever in a document: it is set with "
                          "--secret-file of %s set, or PUT at .../credentials",
                          o->kind == CONFIG_INTEGRATION ? "integration" : "destination");
    else if (json_type(v) != JSON_INT &&
             (!json_str(v, &s, &len) || len > VALUE_BYTES || memchr(s, '\0', len) != NULL))
        rc = config_wrong(at, err, "this is a text: %s", known->help);
    config_leave(at);
    return rc;
}

static enum rc_code take_settings(struct config_place *at, json v, struct config_object *o,
                                  struct rc_error *err) {
    json key, value;
    const char *name;
    size_t len;
    int64_t n;
    struct buf b;
    struct json_writer w;
    enum rc_code rc = RC_OK;
    if (json_type(v) != JSON_OBJECT)
        return config_wrong(at, err, "this is an object: {\"base-url\": \"https://...\"}");
    for (struct json_iter it = json_iter(v); rc == RC_OK && json_next(&it, &key, &value);)
        if (json_str(key, &name, &len))
            rc = check_setting(at, o, arena_str(at->arena, name, len), value, err);
    if (rc != RC_OK)
        return rc;
    buf_init(&b, 1 << 20);
    json_begin(&w, &b);
    json_object(&w, NULL);
    for (const struct setting *s = o->settings; s != NULL && s->key != NULL; s++) {
        value = json_get(v, s->key);
        if (json_str(value, &name, &len))
            json_put_str(&w, s->key, name, len);
        else if (json_type(value) == JSON_INT && json_int(value, &n))
            json_put_cstr(&w, s->key, arena_printf(at->arena, "%lld", (long long)n));
    }
    json_object_end(&w);
    *settings_of(o) = text_copy(at->arena, text_from(b.ptr, b.len));
    buf_done(&b);
    return RC_OK;
}

static void copy_settings(struct config_object *to, const struct config_object *from) {
    *settings_of(to) = *get(from, settings_of);
}

static void put_credentials(struct json_writer *w, const char *key, const struct config_object *o) {
    bool has = o->kind == CONFIG_INTEGRATION ? o->in.has_secrets : o->p.has_secrets;
    json_object(w, key);
    for (const struct setting *s = o->settings; s != NULL && s->key != NULL; s++)
        if (s->secret)
            json_put_bool(w, s->key, has);
    json_object_end(w);
}

/* What another installation had set says nothing about this one. */
static enum rc_code take_credentials(struct config_place *at, json v, struct config_object *o,
                                     struct rc_error *err) {
    json key, value;
    const char *name, *best;
    size_t len;
    bool is;
    if (json_type(v) != JSON_OBJECT)
        return config_wrong(at, err, "this is an object, and says which credentials are set");
    for (struct json_iter it = json_iter(v); json_next(&it, &key, &value);) {
        if (!json_str(key, &name, &len))
            continue;
        name = arena_str(at->arena, name, len);
        const struct setting *s = find_setting(o->settings, name, &best);
        if (s == NULL || !s->secret)
            return config_unknown_key(at, name, s == NULL ? best : NULL, err);
        if (!json_bool(value, &is))
            return config_wrong(
                at, err,
                "%s is true or false: no credential is ever in a document; it is set "
                "with --secret-file of %s set, or PUT at .../credentials",
                name, o->kind == CONFIG_INTEGRATION ? "integration" : "destination");
    }
    return RC_OK;
}

static void copy_credentials(struct config_object *to, const struct config_object *from) {
    to->in.has_secrets = from->in.has_secrets;
    to->p.has_secrets = from->p.has_secrets;
}

static void put_limits(struct json_writer *w, const char *key, const struct config_object *o) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 16);
    struct text t = *get(o, limits_of);
    json doc;
    if (t.state == TEXT_SET && json_parse_copy(r, t.ptr, t.len, &doc, NULL) == RC_OK)
        json_put_value(w, key, doc);
    else
        json_put_null(w, key);
}

static enum rc_code take_limits(struct config_place *at, json v, struct config_object *o,
                                struct rc_error *err) {
    struct guard_limits limits;
    struct buf b;
    if (json_type(v) == JSON_NULL) {
        *limits_of(o) = (struct text){ 0 };
        return RC_OK;
    }
    buf_init(&b, 1 << 16);
    json_dump(v, &b);
    struct text t = text_copy(at->arena, text_from(b.ptr, b.len));
    bool full = b.full;
    buf_done(&b);
    if (full || guard_limits_read(t, &limits, err) != RC_OK)
        return full ? config_wrong(at, err, "this is too much") : config_as_said(at, err);
    *limits_of(o) = t;
    return RC_OK;
}

static void copy_limits(struct config_object *to, const struct config_object *from) {
    *limits_of(to) = *get(from, limits_of);
}

/* ---- an integration's ---- */

static void put_team(struct json_writer *w, const char *key, const struct config_object *o) {
    json_put_text(w, key, o->in.team_from);
}

static enum rc_code take_team(struct config_place *at, json v, struct config_object *o,
                              struct rc_error *err) {
    const struct mapping *m;
    enum rc_code rc = config_take_word(at, v, 40, &o->in.team_from, err);
    if (rc == RC_OK &&
        mapping_of_team(config_word(at, o->in.team_from), at->arena, &m, err) != RC_OK)
        return config_as_said(at, err);
    return rc;
}

static void copy_team(struct config_object *to, const struct config_object *from) {
    to->in.team_from = from->in.team_from;
}

static void put_schedule(struct json_writer *w, const char *key, const struct config_object *o) {
    json_put_text(w, key, o->in.schedule.state == TEXT_SET ? o->in.schedule : TEXT_NONE);
}

static enum rc_code take_schedule(struct config_place *at, json v, struct config_object *o,
                                  struct rc_error *err) {
    char text[SCHEDULE_TEXT_BYTES];
    struct schedule s;
    struct text t;
    o->in.schedule = (struct text){ 0 };
    if (json_type(v) == JSON_NULL)
        return RC_OK;
    enum rc_code rc = config_take_word(at, v, WORD_BYTES, &t, err);
    if (rc != RC_OK)
        return rc;
    if (schedule_parse(config_word(at, t), &s, err) != RC_OK)
        return config_as_said(at, err);
    if (s.kind != SCHEDULE_OFF)
        o->in.schedule = text_copy(at->arena, text_of(schedule_format(&s, text)));
    return RC_OK;
}

static void copy_schedule(struct config_object *to, const struct config_object *from) {
    to->in.schedule = from->in.schedule;
}

/* A line a text, so that people can read it. */
static void put_mapping(struct json_writer *w, const char *key, const struct config_object *o) {
    struct text t = o->mapping;
    if (t.state != TEXT_SET) {
        json_put_null(w, key);
        return;
    }
    json_array(w, key);
    for (size_t from = 0; from <= t.len;) {
        const char *end = memchr(t.ptr + from, '\n', t.len - from);
        size_t to = end != NULL ? (size_t)(end - t.ptr) : t.len;
        json_put_str(w, NULL, t.ptr + from, to - from);
        from = to + 1;
    }
    json_array_end(w);
}

static enum rc_code take_mapping(struct config_place *at, json v, struct config_object *o,
                                 struct rc_error *err) {
    json key, value;
    struct buf b;
    const char *s;
    size_t len, lines = 0;
    bool good = true;
    o->mapping = (struct text){ 0 };
    if (json_type(v) == JSON_NULL)
        return RC_OK;
    if (json_type(v) != JSON_ARRAY || json_size(v) == 0)
        return config_wrong(at, err, "this is a list of lines, or null for the default");
    buf_init(&b, MAPPING_TEXT_BYTES);
    for (struct json_iter it = json_iter(v); good && json_next(&it, &key, &value); lines++) {
        good = json_str(value, &s, &len) && memchr(s, '\n', len) == NULL;
        if (good && lines > 0)
            buf_char(&b, '\n');
        if (good)
            buf_append(&b, s, len);
    }
    o->mapping = text_copy(at->arena, text_from(b.ptr != NULL ? b.ptr : "", b.len));
    bool full = b.full;
    buf_done(&b);
    if (!good)
        return config_wrong(at, err, "this is a list of lines, or null for the default");
    if (full || o->mapping.state != TEXT_SET)
        return config_wrong(at, err, "a mapping has 1 to %d bytes", MAPPING_TEXT_BYTES);
    return RC_OK;
}

static void copy_mapping(struct config_object *to, const struct config_object *from) {
    to->mapping = from->mapping;
}

/* ---- a destination's ---- */

static void put_feeds(struct json_writer *w, const char *key, const struct config_object *o) {
    json_array(w, key);
    for (size_t i = 0; i < o->feeds.n; i++)
        json_put_text(w, NULL, o->feeds.list[i]);
    json_array_end(w);
}

static enum rc_code take_feeds(struct config_place *at, json v, struct config_object *o,
                               struct rc_error *err) {
    return config_take_words(at, v, FEEDS_MOST, "keys of integrations", &o->feeds, err);
}

static void copy_feeds(struct config_object *to, const struct config_object *from) {
    to->feeds = from->feeds;
}

static void put_policy(struct json_writer *w, const char *key, const struct config_object *o) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 16);
    const struct policy_setting *s;
    json doc = NULL;
    if (o->p.policy.state == TEXT_SET)
        (void)json_parse_copy(r, o->p.policy.ptr, o->p.policy.len, &doc, NULL);
    json_object(w, key);
    for (size_t i = 0; (s = policy_setting_get(i)) != NULL; i++)
        json_put_value(w, s->name, json_get(doc, s->name));
    json_object_end(w);
}

static enum rc_code take_policy(struct config_place *at, json v, struct config_object *o,
                                struct rc_error *err) {
    struct policy policy = policy_default;
    json key, value;
    const char *name, *to;
    size_t name_len, to_len;
    struct buf b;
    enum rc_code rc = RC_OK;
    if (json_type(v) != JSON_OBJECT)
        return config_wrong(at, err, "this is an object: {\"invite\": \"on-hire-date\"}");
    for (struct json_iter it = json_iter(v); rc == RC_OK && json_next(&it, &key, &value);) {
        if (!json_str(key, &name, &name_len))
            continue;
        config_enter(at, arena_str(at->arena, name, name_len));
        if (!json_str(value, &to, &to_len))
            rc = config_wrong(at, err, "this is a text, as policy set takes it");
        else if (policy_set(&policy, text_from(name, name_len),
                            text_copy(at->arena, text_from(to, to_len)), at->arena, err) != RC_OK)
            rc = config_as_said(at, err);
        config_leave(at);
    }
    if (rc != RC_OK)
        return rc;
    buf_init(&b, 1 << 16);
    policy_text_write(&policy, &b);
    o->p.policy = b.len > 2 ? text_copy(at->arena, text_from(b.ptr, b.len)) : (struct text){ 0 };
    buf_done(&b);
    return RC_OK;
}

static void copy_policy(struct config_object *to, const struct config_object *from) {
    to->p.policy = from->p.policy;
}

/* ---- the table ---- in the order in which a document has them */
/* clang-format off */
const struct config_row config_rows[CONFIG_MEMBERS_N] = {
    [CONFIG_NAME] = { { "name", NULL, NULL }, "what people call it", config_put_name, config_take_name, config_copy_name, false },
    [CONFIG_ZONE] = { { "zone", NULL, NULL }, "says when a day begins", config_put_zone, config_take_zone, config_copy_zone, false },
    [CONFIG_RETENTION] = { { "retention", NULL, NULL }, "days that differ from the usual", config_put_retention, config_take_retention, config_copy_retention, false },
    [CONFIG_ALERTS] = { { "alerts", NULL, NULL }, "addresses that are told", config_put_alerts, config_take_alerts, config_copy_alerts, false },
    [CONFIG_ENABLED] = { { "enabled", NULL, NULL }, "sources and destinations it may have", config_put_enabled, config_take_enabled, config_copy_enabled, false },
    [CONFIG_ADAPTER] = { { NULL, "source", "adapter" }, "which system it is", put_adapter, take_adapter, copy_adapter, true },
    [CONFIG_TEAM] = { { NULL, "team", NULL }, "what becomes the primary team", put_team, take_team, copy_team, false },
    [CONFIG_SCHEDULE] = { { NULL, "schedule", NULL }, "when it is synced", put_schedule, take_schedule, copy_schedule, false },
    [CONFIG_FEEDS] = { { NULL, NULL, "feeds" }, "whose people come to it", put_feeds, take_feeds, copy_feeds, false },
    [CONFIG_SETTINGS] = { { NULL, "settings", "settings" }, "of the system", put_settings, take_settings, copy_settings, false },
    [CONFIG_CREDENTIALS] = { { NULL, "credentials", "credentials" }, "whether they are set", put_credentials, take_credentials, copy_credentials, false },
    [CONFIG_POLICY] = { { NULL, NULL, "policy" }, "what differs from the usual", put_policy, take_policy, copy_policy, false },
    [CONFIG_LIMITS] = { { NULL, "limits", "limits" }, "the guard's, that differ from the usual", put_limits, take_limits, copy_limits, false },
    [CONFIG_MAPPING] = { { NULL, "mapping", NULL }, "from the employee to the user", put_mapping, take_mapping, copy_mapping, false },
};
/* clang-format on */
