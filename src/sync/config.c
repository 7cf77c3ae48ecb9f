#include "sync/config_p.h"

#include <stdio.h>
#include <string.h>
#include "secret/secret.h"
#include "store/alert.h"
#include "store/mapping_text.h"
#include "sync/delivery.h"
#include "sync/import.h"

const char *config_act_name(enum config_act act) {
    static const char *const names[] = { "add", "change", "remove", "stays" };
    return names[act];
}

const char *config_member_name(enum config_kind kind, enum config_member m) {
    return config_rows[m].names[kind];
}

void config_object_init(struct config_object *o, enum config_kind kind, struct text key) {
    *o = (struct config_object){ .kind = kind, .key = key };
    o->company.key = kind == CONFIG_COMPANY ? key : (struct text){ 0 };
    o->company.name = o->company.key;
    o->company.zone = TEXT_LIT("Europe/Berlin");
    for (int i = 0; i < RETENTION_RULES_N; i++)
        o->retention.days[i] = retention_rules[i].usual;
    o->in.key = o->p.key = key;
    o->in.team_from = TEXT_LIT("department");
    o->in.settings = o->p.settings = TEXT_LIT("{}");
}

bool config_find_settings(struct config_object *o) {
    char name[64];
    struct text t = o->kind == CONFIG_INTEGRATION ? o->in.source : o->p.adapter;
    snprintf(name, sizeof name, "%.*s", TEXT_ARG(t));
    const struct source_ops *source = o->kind == CONFIG_INTEGRATION ? source_find(name) : NULL;
    const struct destination_ops *to =
        o->kind == CONFIG_DESTINATION ? destination_find(name) : NULL;
    o->settings = source != NULL ? source->settings : to != NULL ? to->settings : NULL;
    return o->settings != NULL;
}

static const char *adapter_name(enum config_kind kind, size_t i) {
    size_t n;
    if (kind == CONFIG_INTEGRATION) {
        const struct source_ops *const *all = source_all(&n);
        return i < n ? all[i]->name : NULL;
    }
    const struct destination_ops *const *all = destination_all(&n);
    return i < n ? all[i]->name : NULL;
}

bool config_is_on(const struct company *co, enum config_kind kind, struct text adapter) {
    struct text on = kind == CONFIG_INTEGRATION ? co->sources : co->destinations;
    if (on.state != TEXT_SET)
        return true;
    for (size_t from = 0; from < on.len;) {
        const char *comma = memchr(on.ptr + from, ',', on.len - from);
        size_t to = comma != NULL ? (size_t)(comma - on.ptr) : on.len;
        if (text_equal(text_from(on.ptr + from, to - from), adapter))
            return true;
        from = to + 1;
    }
    return false;
}

const char *config_offered(const struct company *co, enum config_kind kind, bool all, size_t i) {
    const char *name;
    for (size_t k = 0; (name = adapter_name(kind, k)) != NULL; k++)
        if ((all || config_is_on(co, kind, text_of(name))) && i-- == 0)
            return name;
    return NULL;
}

enum rc_code config_check_on(const struct company *co, enum config_kind kind, struct text adapter,
                             struct rc_error *err) {
    char names[200] = "";
    const char *name;
    if (config_is_on(co, kind, adapter))
        return RC_OK;
    for (size_t i = 0; (name = config_offered(co, kind, false, i)) != NULL; i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i > 0 ? ", " : "",
                 name);
    return rc_fail_as(err, RC_CONFLICT,
                      kind == CONFIG_INTEGRATION ? "source.off" : "destination.off",
                      "%.*s is not enabled for company %.*s by whoever runs this installation; "
                      "enabled: %s",
                      TEXT_ARG(adapter), TEXT_ARG(co->key), *names != '\0' ? names : "nothing");
}

/* Credentials may come later, and are not what is tried. */
static struct text stand_ins(const struct setting *settings, struct arena *a) {
    struct json_writer w;
    struct buf b;
    buf_init(&b, 1 << 12);
    json_begin(&w, &b);
    json_object(&w, NULL);
    for (const struct setting *s = settings; s->key != NULL; s++)
        if (s->secret)
            json_put_cstr(&w, s->key, "-");
    json_object_end(&w);
    struct text t = text_copy(a, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}

enum rc_code config_try(const struct config_object *o, const struct clock_source *clock,
                        struct arena *a, struct rc_error *err) {
    RC_CLEANUP(source_closep) struct source *source = NULL;
    RC_CLEANUP(destination_closep) struct destination *destination = NULL;
    struct config_object with = *o;
    with.in.secrets = with.p.secrets = stand_ins(o->settings, a);
    return o->kind == CONFIG_INTEGRATION
               ? import_connect(&with.in, mapping_default(a), clock, &source, err)
               : delivery_connect(&with.p, NULL, clock, &destination, err);
}

const struct config_object *config_find(const struct config *c, enum config_kind kind,
                                        struct text key) {
    const struct config_object *list =
        kind == CONFIG_INTEGRATION ? c->integrations : c->destinations;
    size_t n = kind == CONFIG_INTEGRATION ? c->integrations_n : c->destinations_n;
    for (size_t i = 0; i < n; i++)
        if (text_equal(list[i].key, key))
            return &list[i];
    return NULL;
}

/* ---- what is kept ---- */

static const unsigned all_said = (1u << CONFIG_MEMBERS_N) - 1;

static enum rc_code load_integrations(struct store *st, const struct company *co, struct arena *a,
                                      struct config *ret, struct rc_error *err) {
    struct integration *list;
    enum rc_code rc = integration_list(st, co->company_id, a, &list, &ret->integrations_n, err);
    if (rc != RC_OK)
        return rc;
    ret->integrations = ARENA_NEW(a, struct config_object, ret->integrations_n + 1);
    for (size_t i = 0; i < ret->integrations_n; i++) {
        struct config_object *o = &ret->integrations[i];
        struct mapping_text active = { 0 };
        config_object_init(o, CONFIG_INTEGRATION, list[i].key);
        o->said = all_said;
        o->in = list[i];
        if (!config_find_settings(o))
            return rc_fail(err, RC_FATAL, "this program has no source \"%.*s\"",
                           TEXT_ARG(list[i].source));
        rc = mapping_text_active(st, co->company_id, list[i].integration_id, a, &active, err);
        if (rc != RC_OK && rc != RC_NOT_FOUND)
            return rc;
        o->mapping = active.source;
    }
    return RC_OK;
}

static enum rc_code load_destinations(struct store *st, const struct company *co, struct arena *a,
                                      struct config *ret, struct rc_error *err) {
    struct platform *list;
    enum rc_code rc = platform_list(st, co->company_id, a, &list, &ret->destinations_n, err);
    if (rc != RC_OK)
        return rc;
    ret->destinations = ARENA_NEW(a, struct config_object, ret->destinations_n + 1);
    for (size_t i = 0; i < ret->destinations_n; i++) {
        struct config_object *o = &ret->destinations[i];
        config_object_init(o, CONFIG_DESTINATION, list[i].key);
        o->said = all_said;
        o->p = list[i];
        if (!config_find_settings(o))
            return rc_fail(err, RC_FATAL, "this program has no destination \"%.*s\"",
                           TEXT_ARG(list[i].adapter));
        o->feeds.list = ARENA_NEW(a, struct text, list[i].feeds_n + 1);
        for (size_t f = 0; f < list[i].feeds_n; f++)
            for (size_t k = 0; k < ret->integrations_n; k++)
                if (ret->integrations[k].in.integration_id == list[i].feeds[f])
                    o->feeds.list[o->feeds.n++] = ret->integrations[k].key;
    }
    return RC_OK;
}

static void put_members(struct json_writer *w, const struct config_object *o, bool with_told) {
    for (int m = 0; m < CONFIG_MEMBERS_N; m++) {
        const char *name = config_rows[m].names[o->kind];
        if (name != NULL && (with_told || m != CONFIG_CREDENTIALS))
            config_rows[m].put(w, name, o);
    }
}

static void put_objects(struct json_writer *w, const char *key, const struct config_object *list,
                        size_t n, bool with_told, struct arena *a) {
    json_object(w, key);
    for (size_t i = 0; i < n; i++) {
        json_object(w, arena_str(a, list[i].key.ptr, list[i].key.len));
        put_members(w, &list[i], with_told);
        json_object_end(w);
    }
    json_object_end(w);
}

static void put_all(struct json_writer *w, const struct config *c, bool with_told) {
    struct arena a;
    arena_init(&a);
    json_put_text(w, "company", c->company.key);
    if (with_told)
        json_put_cstr(w, "version", c->version);
    put_members(w, &c->company, with_told);
    put_objects(w, "integrations", c->integrations, c->integrations_n, with_told, &a);
    put_objects(w, "destinations", c->destinations, c->destinations_n, with_told, &a);
    arena_done(&a);
}

static void digest(const struct buf *b, char ret[CONFIG_VERSION_BYTES]) {
    uint8_t hash[SECRET_HASH_BYTES];
    secret_hash(b->ptr, b->len, hash);
    for (int i = 0; i < (CONFIG_VERSION_BYTES - 1) / 2; i++)
        snprintf(ret + 2 * i, 3, "%02x", hash[i]);
}

static void make_version(struct config *c) {
    struct json_writer w;
    struct buf b;
    buf_init(&b, 4 * CONFIG_BYTES);
    json_begin(&w, &b);
    json_object(&w, NULL);
    put_all(&w, c, false);
    json_object_end(&w);
    digest(&b, c->version);
    buf_done(&b);
}

void config_object_version(const struct config_object *o, char ret[CONFIG_VERSION_BYTES]) {
    struct json_writer w;
    struct buf b;
    buf_init(&b, CONFIG_BYTES);
    json_begin(&w, &b);
    json_object(&w, NULL);
    put_members(&w, o, false);
    json_object_end(&w);
    digest(&b, ret);
    buf_done(&b);
}

enum rc_code config_load(struct store *st, const struct company *co, struct arena *a,
                         struct config *ret, struct rc_error *err) {
    struct config c = { 0 };
    config_object_init(&c.company, CONFIG_COMPANY, co->key);
    c.company.said = all_said;
    c.company.company = *co;
    enum rc_code rc = retention_get(st, co->company_id, &c.company.retention, err);
    if (rc != RC_OK ||
        (rc = alert_to_list(st, co->company_id, a, &c.company.alerts.list, &c.company.alerts.n,
                            err)) != RC_OK ||
        (rc = load_integrations(st, co, a, &c, err)) != RC_OK ||
        (rc = load_destinations(st, co, a, &c, err)) != RC_OK)
        return rc;
    make_version(&c);
    *ret = c;
    return RC_OK;
}

/* ---- written ---- */

void config_put(struct json_writer *w, const struct config *c) {
    put_all(w, c, true);
}

void config_write(const struct config *c, struct buf *ret) {
    struct json_writer w;
    struct buf b;
    buf_init(&b, 4 * CONFIG_BYTES);
    json_begin(&w, &b);
    json_object(&w, NULL);
    put_all(&w, c, true);
    json_object_end(&w);
    json_indent(b.ptr, b.len, ret);
    ret->full |= b.full;
    buf_done(&b);
}

struct text config_value(const struct config_object *o, enum config_member m, struct arena *a) {
    struct json_writer w;
    struct buf b;
    buf_init(&b, CONFIG_BYTES);
    json_begin(&w, &b);
    config_rows[m].put(&w, NULL, o);
    struct text t = text_copy(a, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}
