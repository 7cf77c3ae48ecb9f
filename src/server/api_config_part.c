/* Integrations and destinations: made, changed, removed, and their credentials. */
#include <string.h>
#include "server/api_config_p.h"

enum { KEY_BYTES = 60 };

/* ---- bodies ---- */

/* In a PATCH the settings that are named change, and null takes one back to the usual; in the document they
 * count whole. */
static void put_merged(struct json_writer *w, const char *name, json kept, json given,
                       struct arena *a) {
    json key, value;
    const char *s;
    size_t len;
    if (json_type(given) != JSON_OBJECT) {
        json_put_value(w, name, given);
        return;
    }
    json_object(w, name);
    for (struct json_iter it = json_iter(kept); json_next(&it, &key, &value);)
        if (json_str(key, &s, &len) && json_get(given, arena_str(a, s, len)) == NULL)
            json_put_value(w, arena_str(a, s, len), value);
    for (struct json_iter it = json_iter(given); json_next(&it, &key, &value);)
        if (json_str(key, &s, &len) && json_type(value) != JSON_NULL)
            json_put_value(w, arena_str(a, s, len), value);
    json_object_end(w);
}

/* The body as an object of a document, without the member that has its key. was: NULL, it is new. */
static enum rc_code read_object(struct api_call *c, enum config_kind kind, const char *its_key,
                                const struct config_object *was, struct config_object *ret,
                                struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(CONFIG_BYTES);
    RC_CLEANUP(json_reader_freep) struct json_reader *k = json_reader_new(CONFIG_BYTES);
    static const char *const nouns[] = { NULL, "integration", "destination" };
    struct json_writer w;
    struct buf b;
    const char *name;
    size_t len;
    json key, value, doc, kept = NULL;
    if (was != NULL) {
        struct text settings = config_value(was, CONFIG_SETTINGS, c->arena);
        (void)json_parse_copy(k, settings.ptr, settings.len, &kept, NULL);
    }
    buf_init(&b, CONFIG_BYTES);
    json_begin(&w, &b);
    json_object(&w, NULL);
    for (struct json_iter it = json_iter(c->body); json_next(&it, &key, &value);) {
        if (!json_str(key, &name, &len))
            continue;
        name = arena_str(c->arena, name, len);
        if (strcmp(name, nouns[kind]) == 0 || strcmp(name, "confirm") == 0)
            continue;
        if (was != NULL && strcmp(name, "settings") == 0)
            put_merged(&w, name, kept, value, c->arena);
        else
            json_put_value(&w, name, value);
    }
    json_object_end(&w);
    struct text text = text_copy(c->arena, text_from(b.ptr, b.len));
    buf_done(&b);
    enum rc_code rc = json_parse_copy(r, text.ptr, text.len, &doc, err);
    return rc != RC_OK ? rc
                       : config_read_object(kind, its_key, text, doc,
                                            was != NULL ? was->settings : NULL, c->arena, ret, err);
}

/* ---- doing it ---- */

static struct config config_of(struct api_call *c, struct config_object *o) {
    struct config wanted = api_config_empty(c);
    if (o->kind == CONFIG_INTEGRATION) {
        wanted.integrations = o;
        wanted.integrations_n = 1;
    } else {
        wanted.destinations = o;
        wanted.destinations_n = 1;
    }
    return wanted;
}

/* "confirm": N. *ret: as a document has it; NULL: nothing is to be confirmed. */
static enum rc_code confirm_unfed(struct api_call *c, const struct config_object *o,
                                  const char **ret, struct rc_error *err) {
    const struct config_options options = api_config_options(c, NULL);
    struct config_object copy = *o; /* what is not said is filled in */
    struct config wanted = config_of(c, &copy);
    struct config_plan plan;
    int64_t confirm;
    enum rc_code rc = api_whole(c, "confirm", 0, INT32_MAX, -1, &confirm, err);
    *ret = NULL;
    if (rc != RC_OK || (rc = config_plan(c->st, &wanted, &options, c->arena, &plan, err)) != RC_OK)
        return rc;
    for (size_t i = 0; i < plan.steps_n; i++) {
        const struct unfed *u = plan.steps[i].unfed;
        if (u == NULL)
            continue;
        if (confirm != u->people)
            return rc_fail_as(err, RC_INVALID, "account.confirm",
                              "%s. feeds names all that are to feed it; if that is meant, say "
                              "confirm %lld",
                              unfed_says(u, c->arena), (long long)u->people);
        *ret = plan.steps[i].confirm;
    }
    return RC_OK;
}

static enum rc_code apply(struct api_call *c, struct config_object *o, const char *version,
                          const char *what, struct rc_error *err) {
    struct config_options options = api_config_options(c, what);
    struct config_applied applied;
    const char *confirm = NULL;
    enum rc_code rc = o->kind == CONFIG_DESTINATION ? confirm_unfed(c, o, &confirm, err) : RC_OK;
    if (rc != RC_OK)
        return rc;
    struct config wanted = config_of(c, o);
    memcpy(wanted.version, version, sizeof wanted.version);
    options.confirms = &confirm;
    options.confirms_n = confirm != NULL;
    rc = config_apply(c->st, &wanted, &options, c->arena, &applied, err);
    /* Who changed something else between two of our looks took nothing from us: as a stale tag. */
    if (rc == RC_CONFLICT && err->name != NULL && strcmp(err->name, "document.version") == 0)
        return rc_fail_as(err, RC_CONFLICT, "match.stale",
                          "the company's settings were changed this very moment: look again");
    return rc;
}

static enum rc_code add(struct api_call *c, enum config_kind kind, struct rc_error *err) {
    const char *noun = kind == CONFIG_INTEGRATION ? "integration" : "destination", *key;
    struct config_object o;
    struct config now;
    enum rc_code rc = api_text(c, noun, true, KEY_BYTES, &key, err);
    if (rc != RC_OK || (rc = api_config_now(c, &now, err)) != RC_OK)
        return rc;
    if (config_find(&now, kind, text_of(key)) != NULL)
        return rc_fail_as(err, RC_CONFLICT,
                          kind == CONFIG_INTEGRATION ? "integration.exists" : "destination.exists",
                          "the company has %s \"%.60s\" already", noun, key);
    if ((rc = read_object(c, kind, key, NULL, &o, err)) != RC_OK ||
        (rc = apply(c, &o, now.version, arena_printf(c->arena, "%s %s added", noun, key), err)) !=
            RC_OK)
        return rc;
    c->status = 201;
    c->parts[1] = key;
    return kind == CONFIG_INTEGRATION ? api_integration_show(c, err) : api_destination_show(c, err);
}

enum rc_code api_integration_add(struct api_call *c, struct rc_error *err) {
    return add(c, CONFIG_INTEGRATION, err);
}

enum rc_code api_destination_add(struct api_call *c, struct rc_error *err) {
    return add(c, CONFIG_DESTINATION, err);
}

static enum rc_code set(struct api_call *c, enum config_kind kind, struct rc_error *err) {
    const char *noun = kind == CONFIG_INTEGRATION ? "integration" : "destination";
    const struct config_object *was;
    struct config_object o;
    struct config now;
    enum rc_code rc = api_config_part(c, kind, &now, &was, err);
    if (rc != RC_OK || (rc = api_match(c, api_config_version(c, was), err)) != RC_OK ||
        (rc = read_object(c, kind, c->parts[1], was, &o, err)) != RC_OK ||
        (rc = apply(c, &o, now.version, arena_printf(c->arena, "%s %s changed", noun, c->parts[1]),
                    err)) != RC_OK)
        return rc;
    return kind == CONFIG_INTEGRATION ? api_integration_show(c, err) : api_destination_show(c, err);
}

enum rc_code api_integration_set(struct api_call *c, struct rc_error *err) {
    return set(c, CONFIG_INTEGRATION, err);
}

enum rc_code api_destination_set(struct api_call *c, struct rc_error *err) {
    return set(c, CONFIG_DESTINATION, err);
}

/* ---- removing ---- */

static enum rc_code drop(struct api_call *c, enum config_kind kind, struct rc_error *err) {
    const char *noun = kind == CONFIG_INTEGRATION ? "integration" : "destination";
    struct config_removal removal = { kind, c->parts[1] };
    struct config_options o =
        api_config_options(c, arena_printf(c->arena, "%s %s removed", noun, c->parts[1]));
    const struct config_object *was;
    struct config_applied applied;
    struct config_plan plan;
    struct config now, wanted = api_config_empty(c);
    o.removes = &removal;
    o.removes_n = 1;
    enum rc_code rc = api_config_part(c, kind, &now, &was, err);
    if (rc != RC_OK || (rc = config_plan(c->st, &wanted, &o, c->arena, &plan, err)) != RC_OK)
        return rc;
    const struct config_step *s = &plan.steps[0];
    if ((rc = api_confirmed(c, was->key,
                            arena_printf(c->arena, "%lld: %s", (long long)s->people, s->follows),
                            err)) != RC_OK)
        return rc;
    wanted = api_config_empty(c);
    if ((rc = config_apply(c->st, &wanted, &o, c->arena, &applied, err)) == RC_OK)
        api_config_removed(c, was->key, &applied.webhooks);
    return rc;
}

enum rc_code api_integration_remove(struct api_call *c, struct rc_error *err) {
    return drop(c, CONFIG_INTEGRATION, err);
}

enum rc_code api_destination_remove(struct api_call *c, struct rc_error *err) {
    return drop(c, CONFIG_DESTINATION, err);
}

/* ---- credentials ---- */

static enum rc_code put_credentials(struct api_call *c, enum config_kind kind,
                                    struct rc_error *err) {
    struct config_options o = api_config_options(c, NULL);
    c->status = 204;
    return config_credentials(c->st, &c->company, kind, c->parts[1],
                              json_get(c->body, "credentials"), &o, c->arena, err);
}

enum rc_code api_integration_credentials(struct api_call *c, struct rc_error *err) {
    return put_credentials(c, CONFIG_INTEGRATION, err);
}

enum rc_code api_destination_credentials(struct api_call *c, struct rc_error *err) {
    return put_credentials(c, CONFIG_DESTINATION, err);
}
