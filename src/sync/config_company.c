/* The members of a configuration that are the company's own, and reading values out of a document. */
#include <string.h>
#include "net/mail.h"
#include "store/alert.h"
#include "sync/config_p.h"

enum { WORD_BYTES = 200 };

/* ---- reading values ---- */

enum rc_code config_take_word(struct config_place *at, json v, size_t most, struct text *ret,
                              struct rc_error *err) {
    const char *s;
    size_t len;
    if (!json_str(v, &s, &len) || len == 0 || len > most || memchr(s, '\0', len) != NULL)
        return config_wrong(at, err, "this is a text of 1 to %zu bytes", most);
    *ret = text_copy(at->arena, text_from(s, len));
    return RC_OK;
}

const char *config_word(struct config_place *at, struct text t) {
    return arena_str(at->arena, t.ptr, t.len);
}

/* What a function below says of the value, at its place. */
enum rc_code config_as_said(struct config_place *at, struct rc_error *err) {
    return config_wrong(at, err, "%s", arena_printf(at->arena, "%s", err->text));
}

enum rc_code config_unknown_key(struct config_place *at, const char *key, const char *best,
                                struct rc_error *err) {
    bool near = best != NULL && text_slips(text_of(key), best) <= 2 + strlen(key) / 3;
    config_enter(at, key);
    enum rc_code rc = config_wrong(at, err,
                                   near ? "\"%.60s\" is not known here; did you mean \"%s\"?"
                                        : "\"%.60s\" is not known here",
                                   key, near ? best : "");
    config_leave(at);
    return rc;
}

/* A list of different words. */
enum rc_code config_take_words(struct config_place *at, json v, size_t most, const char *what,
                               struct config_texts *ret, struct rc_error *err) {
    json key, value;
    enum rc_code rc = RC_OK;
    if (json_type(v) != JSON_ARRAY || json_size(v) > most)
        return config_wrong(at, err, "this is a list of %zu %s at most", most, what);
    *ret = (struct config_texts){ ARENA_NEW(at->arena, struct text, json_size(v) + 1), 0 };
    for (struct json_iter it = json_iter(v); rc == RC_OK && json_next(&it, &key, &value);) {
        struct text t;
        if ((rc = config_take_word(at, value, WORD_BYTES, &t, err)) != RC_OK)
            return rc;
        for (size_t i = 0; i < ret->n; i++)
            if (text_equal(ret->list[i], t))
                return config_wrong(at, err, "\"%.*s\" is given twice", TEXT_ARG(t));
        ret->list[ret->n++] = t;
    }
    return rc;
}

/* ---- the company's ---- */

void config_put_name(struct json_writer *w, const char *key, const struct config_object *o) {
    json_put_text(w, key, o->company.name);
}

enum rc_code config_take_name(struct config_place *at, json v, struct config_object *o,
                              struct rc_error *err) {
    return config_take_word(at, v, WORD_BYTES, &o->company.name, err);
}

void config_copy_name(struct config_object *to, const struct config_object *from) {
    to->company.name = from->company.name;
}

void config_put_zone(struct json_writer *w, const char *key, const struct config_object *o) {
    json_put_text(w, key, o->company.zone);
}

enum rc_code config_take_zone(struct config_place *at, json v, struct config_object *o,
                              struct rc_error *err) {
    RC_CLEANUP(zone_closep) struct zone *z = NULL;
    enum rc_code rc = config_take_word(at, v, WORD_BYTES, &o->company.zone, err);
    if (rc == RC_OK && zone_open(config_word(at, o->company.zone), &z, err) != RC_OK)
        return config_as_said(at, err);
    return rc;
}

void config_copy_zone(struct config_object *to, const struct config_object *from) {
    to->company.zone = from->company.zone;
}

void config_put_retention(struct json_writer *w, const char *key, const struct config_object *o) {
    json_object(w, key);
    for (int i = 0; i < RETENTION_RULES_N; i++) {
        const struct retention_rule_info *info = &retention_rules[i];
        if (o->retention.days[i] == info->usual)
            continue;
        o->retention.days[i] != 0 ? json_put_int(w, info->name, o->retention.days[i])
                                  : json_put_null(w, info->name);
    }
    json_object_end(w);
}

static enum rc_code take_rule(struct config_place *at, const char *name, json v,
                              struct config_object *o, struct rc_error *err) {
    const char *best = retention_rules[0].name;
    bool is_known = false;
    int64_t days = 0;
    for (int i = 0; i < RETENTION_RULES_N; i++) {
        is_known |= strcmp(retention_rules[i].name, name) == 0;
        if (text_slips(text_of(name), retention_rules[i].name) < text_slips(text_of(name), best))
            best = retention_rules[i].name;
    }
    if (!is_known)
        return config_unknown_key(at, name, best, err);
    if (json_type(v) != JSON_NULL && (json_type(v) != JSON_INT || !json_int(v, &days)))
        return config_wrong(at, err, "%s is a number of days, or null for ever", name);
    const char *said = json_type(v) == JSON_NULL
                           ? arena_printf(at->arena, "%s=keep", name)
                           : arena_printf(at->arena, "%s=%lld", name, (long long)days);
    return retention_set(&o->retention, said, err) == RC_OK ? RC_OK : config_as_said(at, err);
}

enum rc_code config_take_retention(struct config_place *at, json v, struct config_object *o,
                                   struct rc_error *err) {
    json key, value;
    const char *name;
    size_t len;
    enum rc_code rc = RC_OK;
    if (json_type(v) != JSON_OBJECT)
        return config_wrong(at, err, "this is an object: {\"history\": 365}");
    for (int i = 0; i < RETENTION_RULES_N; i++)
        o->retention.days[i] = retention_rules[i].usual;
    for (struct json_iter it = json_iter(v); rc == RC_OK && json_next(&it, &key, &value);)
        if (json_str(key, &name, &len))
            rc = take_rule(at, arena_str(at->arena, name, len), value, o, err);
    return rc;
}

void config_copy_retention(struct config_object *to, const struct config_object *from) {
    to->retention = from->retention;
}

void config_put_alerts(struct json_writer *w, const char *key, const struct config_object *o) {
    json_array(w, key);
    for (size_t i = 0; i < o->alerts.n; i++)
        json_put_text(w, NULL, o->alerts.list[i]);
    json_array_end(w);
}

enum rc_code config_take_alerts(struct config_place *at, json v, struct config_object *o,
                                struct rc_error *err) {
    enum rc_code rc = config_take_words(at, v, ALERT_TO_MOST, "addresses", &o->alerts, err);
    for (size_t i = 0; i < o->alerts.n && rc == RC_OK; i++)
        if (mail_address_check(config_word(at, o->alerts.list[i]), err) != RC_OK)
            rc = config_as_said(at, err);
    return rc;
}

void config_copy_alerts(struct config_object *to, const struct config_object *from) {
    to->alerts = from->alerts;
}

/* {"sources":["personio"],"destinations":null}: null, all that there are. */
void config_put_enabled(struct json_writer *w, const char *key, const struct config_object *o) {
    static const char *const names[] = { NULL, "sources", "destinations" };
    const char *name;
    json_object(w, key);
    for (int k = CONFIG_INTEGRATION; k <= CONFIG_DESTINATION; k++) {
        struct text t = k == CONFIG_INTEGRATION ? o->company.sources : o->company.destinations;
        if (t.state != TEXT_SET) {
            json_put_null(w, names[k]);
            continue;
        }
        json_array(w, names[k]);
        for (size_t i = 0;
             (name = config_offered(&o->company, (enum config_kind)k, false, i)) != NULL; i++)
            json_put_cstr(w, NULL, name);
        json_array_end(w);
    }
    json_object_end(w);
}

static enum rc_code take_kinds(struct config_place *at, enum config_kind kind, json v,
                               struct text *ret, struct rc_error *err) {
    struct config_texts words;
    const char *joined = "", *name, *names = "";
    *ret = (struct text){ 0 };
    if (v == NULL || json_type(v) == JSON_NULL)
        return RC_OK;
    enum rc_code rc = config_take_words(at, v, 32, "names", &words, err);
    for (size_t i = 0; (name = config_offered(NULL, kind, true, i)) != NULL; i++)
        names = arena_printf(at->arena, "%s%s%s", names, i > 0 ? ", " : "", name);
    for (size_t i = 0; rc == RC_OK && i < words.n; i++) {
        bool is_known = false;
        for (size_t k = 0; (name = config_offered(NULL, kind, true, k)) != NULL; k++)
            is_known |= text_is(words.list[i], name);
        if (!is_known)
            return config_wrong(at, err, "there is no \"%.*s\"; there are: %s",
                                TEXT_ARG(words.list[i]), names);
        joined =
            arena_printf(at->arena, "%s%s%.*s", joined, i > 0 ? "," : "", TEXT_ARG(words.list[i]));
    }
    *ret = text_of(*joined != '\0' ? joined : COMPANY_NONE);
    return rc;
}

enum rc_code config_take_enabled(struct config_place *at, json v, struct config_object *o,
                                 struct rc_error *err) {
    json key, value;
    const char *name;
    size_t len;
    enum rc_code rc = RC_OK;
    o->company.sources = o->company.destinations = (struct text){ 0 };
    if (json_type(v) == JSON_NULL)
        return RC_OK;
    if (json_type(v) != JSON_OBJECT)
        return config_wrong(at, err, "this is an object: {\"sources\": [\"personio\"]}");
    for (struct json_iter it = json_iter(v); rc == RC_OK && json_next(&it, &key, &value);) {
        if (!json_str(key, &name, &len))
            continue;
        name = arena_str(at->arena, name, len);
        config_enter(at, name);
        if (strcmp(name, "sources") == 0)
            rc = take_kinds(at, CONFIG_INTEGRATION, value, &o->company.sources, err);
        else if (strcmp(name, "destinations") == 0)
            rc = take_kinds(at, CONFIG_DESTINATION, value, &o->company.destinations, err);
        else
            rc = config_wrong(at, err, "\"%.60s\" is not known here: sources, destinations", name);
        config_leave(at);
    }
    return rc;
}

void config_copy_enabled(struct config_object *to, const struct config_object *from) {
    to->company.sources = from->company.sources;
    to->company.destinations = from->company.destinations;
}
