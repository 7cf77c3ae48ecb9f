/* Companies themselves, and their configuration as a document. */
#include <string.h>
#include "base/log.h"
#include "server/api_config_p.h"
#include "show/config.h"
#include "sync/config.h"
#include "sync/suspend.h"

enum { SENTENCE_BYTES = 1000, REMOVALS_MOST = 64 };

/* ---- what the files about configuration share ---- */

struct config_options api_config_options(const struct api_call *c, const char *what) {
    return (struct config_options){ .operates = c->token.company_id == 0,
                                    .remote = true,
                                    .key = c->key,
                                    .clock = c->serve->clock,
                                    .who = c->who,
                                    .what = what };
}

enum rc_code api_config_now(struct api_call *c, struct config *ret, struct rc_error *err) {
    return config_load(c->st, &c->company, c->arena, ret, err);
}

enum rc_code api_config_part(struct api_call *c, enum config_kind kind, struct config *ret_now,
                             const struct config_object **ret, struct rc_error *err) {
    bool imports = kind == CONFIG_INTEGRATION;
    enum rc_code rc = api_config_now(c, ret_now, err);
    if (rc != RC_OK || (*ret = config_find(ret_now, kind, text_of(c->parts[1]))) != NULL)
        return rc;
    return rc_fail_as(err, RC_NOT_FOUND, imports ? "integration.unknown" : "destination.unknown",
                      "the company has no %s \"%.60s\"", imports ? "integration" : "destination",
                      c->parts[1]);
}

const char *api_config_version(struct api_call *c, const struct config_object *o) {
    char version[CONFIG_VERSION_BYTES];
    config_object_version(o, version);
    return arena_printf(c->arena, "%s", version);
}

enum rc_code api_confirmed(const struct api_call *c, struct text key, const char *consequence,
                           struct rc_error *err) {
    const char *given = server_argument(c->q, "confirm", 0);
    if (given != NULL && text_is(key, given))
        return RC_OK;
    return rc_fail_as(err, RC_INVALID, "request.argument",
                      "%s. If that is meant, say ?confirm=%.*s", consequence, TEXT_ARG(key));
}

struct config api_config_empty(const struct api_call *c) {
    struct config config = { 0 };
    config.company.kind = CONFIG_COMPANY;
    config.company.key = c->company.key;
    return config;
}

/* ---- companies ---- */

static enum rc_code answer_company(struct api_call *c, struct rc_error *err) {
    enum rc_code rc = company_get(c->st, c->company.company_id, c->arena, &c->company, err);
    if (rc == RC_OK)
        rc = api_company_show(c, err);
    return rc;
}

enum rc_code api_company_show(struct api_call *c, struct rc_error *err) {
    struct config now;
    enum rc_code rc = api_config_now(c, &now, err);
    if (rc != RC_OK)
        return rc;
    c->tagged = true;
    c->version = api_config_version(c, &now.company);
    show_company(&c->w, "company", &c->company);
    return RC_OK;
}

/* {"company":KEY,...} of a body that has no "company". */
static enum rc_code read_body(struct api_call *c, struct config *ret, struct rc_error *err) {
    struct json_writer w;
    struct buf b;
    json key, value;
    const char *name;
    size_t len;
    buf_init(&b, CONFIG_BYTES);
    json_begin(&w, &b);
    json_object(&w, NULL);
    json_put_text(&w, "company", c->company.key);
    for (struct json_iter it = json_iter(c->body); json_next(&it, &key, &value);)
        if (json_str(key, &name, &len))
            json_put_value(&w, arena_str(c->arena, name, len), value);
    json_object_end(&w);
    enum rc_code rc = config_read(text_from(b.ptr, b.len), c->arena, ret, err);
    buf_done(&b);
    return rc;
}

enum rc_code api_company_set(struct api_call *c, struct rc_error *err) {
    struct config_options o = api_config_options(c, "company changed");
    struct config_applied applied;
    struct config now, wanted;
    enum rc_code rc = api_config_now(c, &now, err);
    if (rc != RC_OK || (rc = api_match(c, api_config_version(c, &now.company), err)) != RC_OK ||
        (rc = read_body(c, &wanted, err)) != RC_OK)
        return rc;
    memcpy(wanted.version, now.version, sizeof now.version); /* nobody else meanwhile */
    if ((rc = config_apply(c->st, &wanted, &o, c->arena, &applied, err)) != RC_OK)
        return rc;
    return answer_company(c, err);
}

/* Nothing is to be said, but of what stays elsewhere. */
void api_config_removed(struct api_call *c, struct text key, const struct unsubscribed *u) {
    c->status = u->left_n > 0 ? 200 : 204;
    json_put_text(&c->w, "removed", key);
    show_left(&c->w, u->left, u->left_n);
}

enum rc_code api_company_remove(struct api_call *c, struct rc_error *err) {
    struct unsubscribed webhooks = { 0 };
    struct suspend_counts n;
    enum rc_code rc = suspend_count(c->st, &c->company, c->arena, &n, err);
    if (rc != RC_OK ||
        (rc = api_confirmed(
             c, c->company.key,
             arena_printf(c->arena,
                          "this forgets %lld people, what is known of %lld accounts, all settings, "
                          "credentials, runs and the audit log; accounts stay as they are on the "
                          "platforms, and nobody closes them any more",
                          (long long)n.people, (long long)n.accounts),
             err)) != RC_OK ||
        (rc = suspend_remove(c->st, c->serve->where, c->key, &c->company, c->serve->clock, c->arena,
                             &webhooks, err)) != RC_OK)
        return rc;
    log_info("company=%.*s removed people=%lld token=%.*s", TEXT_ARG(c->company.key),
             (long long)n.people, TEXT_ARG(c->token.token_id));
    api_config_removed(c, c->company.key, &webhooks);
    return RC_OK;
}

enum rc_code api_company_suspend(struct api_call *c, struct rc_error *err) {
    const char *because;
    enum rc_code rc = api_text(c, "because", false, SENTENCE_BYTES, &because, err);
    if (rc != RC_OK ||
        (rc = suspend_company(c->st, &c->company, c->who, because, c->now_us, err)) != RC_OK)
        return rc;
    show_company(&c->w, "company", &c->company);
    return RC_OK;
}

enum rc_code api_company_resume(struct api_call *c, struct rc_error *err) {
    enum rc_code rc = suspend_end(c->st, &c->company, c->who, c->now_us, err);
    if (rc != RC_OK)
        return rc;
    show_company(&c->w, "company", &c->company);
    return RC_OK;
}

/* ---- what it may connect ---- */

static void put_settings(struct api_call *c, const struct setting *all, bool operates) {
    json_array(&c->w, "settings");
    for (const struct setting *s = all; s->key != NULL; s++) {
        if (s->local && !operates)
            continue; /* not theirs to set */
        json_object(&c->w, NULL);
        json_put_cstr(&c->w, "setting", s->key);
        json_put_bool(&c->w, "secret", s->secret);
        json_put_bool(&c->w, "required", s->required);
        json_put_cstr(&c->w, "usual", s->fallback);
        json_put_cstr(&c->w, "help", s->help);
        json_object_end(&c->w);
    }
    json_array_end(&c->w);
}

enum rc_code api_systems(struct api_call *c, struct rc_error *err) {
    bool operates = c->token.company_id == 0;
    size_t sources_n, destinations_n;
    const struct source_ops *const *sources = source_all(&sources_n);
    const struct destination_ops *const *destinations = destination_all(&destinations_n);
    (void)err;
    json_array(&c->w, "sources");
    for (size_t i = 0; i < sources_n; i++) {
        if (!config_is_on(&c->company, CONFIG_INTEGRATION, text_of(sources[i]->name)))
            continue;
        json_object(&c->w, NULL);
        json_put_cstr(&c->w, "name", sources[i]->name);
        json_put_cstr(&c->w, "title", sources[i]->title);
        put_settings(c, sources[i]->settings, operates);
        json_object_end(&c->w);
    }
    json_array_end(&c->w);
    json_array(&c->w, "destinations");
    for (size_t i = 0; i < destinations_n; i++) {
        if (!config_is_on(&c->company, CONFIG_DESTINATION, text_of(destinations[i]->name)))
            continue;
        json_object(&c->w, NULL);
        json_put_cstr(&c->w, "name", destinations[i]->name);
        json_put_cstr(&c->w, "title", destinations[i]->title);
        put_settings(c, destinations[i]->settings, operates);
        json_object_end(&c->w);
    }
    json_array_end(&c->w);
    return RC_OK;
}

/* ---- the document ---- */

enum rc_code api_document_show(struct api_call *c, struct rc_error *err) {
    struct config now;
    enum rc_code rc = api_config_now(c, &now, err);
    if (rc != RC_OK)
        return rc;
    c->tagged = true;
    c->version = arena_printf(c->arena, "%s", now.version);
    json_object(&c->w, "document");
    config_put(&c->w, &now);
    json_object_end(&c->w);
    return RC_OK;
}

/* what: "integration/hr" */
static enum rc_code ask_removal(struct api_call *c, const char *what, bool imports,
                                struct rc_error *err) {
    struct unfed_there *there;
    struct integration in;
    const char *stays = NULL;
    size_t n = 0;
    if (imports && integration_find(c->st, c->company.company_id, what + 12, NULL, c->arena, &in,
                                    err) == RC_OK) {
        enum rc_code rc = unfed_by_removal(c->st, c->company.company_id, in.integration_id,
                                           c->arena, &there, &n, err);
        if (rc != RC_OK)
            return rc;
        stays = unfed_removal_says(there, n, c->arena);
    }
    return rc_fail_as(err, RC_INVALID, "request.body",
                      "%.80s would be removed with all that is known through it%s%s: if that is "
                      "meant, name its key again in confirm",
                      what, stays != NULL ? "; of its people " : "", stays != NULL ? stays : "");
}

/* "remove": ["integration/hr"], whose keys "confirm" has again where it is done. */
static enum rc_code read_removals(struct api_call *c, bool confirmed, struct config_options *o,
                                  struct rc_error *err) {
    json key, value, other;
    const char *s, *again;
    size_t len, again_len;
    json list = json_get(c->body, "remove"), confirm = json_get(c->body, "confirm");
    if (list == NULL)
        return RC_OK;
    if (json_type(list) != JSON_ARRAY || json_size(list) > REMOVALS_MOST)
        return rc_fail_as(err, RC_INVALID, "request.body", "remove is a list of %d at most",
                          REMOVALS_MOST);
    struct config_removal *to = ARENA_NEW(c->arena, struct config_removal, json_size(list) + 1);
    for (struct json_iter it = json_iter(list); json_next(&it, &key, &value);) {
        bool said = !confirmed;
        if (!json_str(value, &s, &len))
            s = "", len = 0;
        s = arena_str(c->arena, s, len);
        bool imports = strncmp(s, "integration/", 12) == 0;
        if (!imports && strncmp(s, "destination/", 12) != 0)
            return rc_fail_as(err, RC_INVALID, "request.body",
                              "remove names integration/KEY or destination/KEY");
        for (struct json_iter j = json_iter(confirm); json_next(&j, &key, &other);)
            said |= json_str(other, &again, &again_len) && again_len == strlen(s + 12) &&
                    memcmp(again, s + 12, again_len) == 0;
        if (!said)
            return ask_removal(c, s, imports, err);
        to[o->removes_n++] =
            (struct config_removal){ imports ? CONFIG_INTEGRATION : CONFIG_DESTINATION, s + 12 };
    }
    o->removes = to;
    return RC_OK;
}

/* All of "confirm": also how many are looked after no more, "la=27". */
static void read_confirms(struct api_call *c, struct config_options *o) {
    json key, value, list = json_get(c->body, "confirm");
    const char **to, *s;
    size_t len, n = json_type(list) == JSON_ARRAY ? json_size(list) : 0;
    to = ARENA_NEW(c->arena, const char *, n + 1);
    for (struct json_iter it = json_iter(list); n > 0 && json_next(&it, &key, &value);)
        if (json_str(value, &s, &len))
            to[o->confirms_n++] = arena_str(c->arena, s, len);
    o->confirms = to;
}

static enum rc_code read_document(struct api_call *c, struct config *ret, struct rc_error *err) {
    struct buf b;
    json doc = json_get(c->body, "document");
    if (json_type(doc) != JSON_OBJECT)
        return rc_fail_as(err, RC_INVALID, "request.body", "document is missing");
    buf_init(&b, CONFIG_BYTES);
    json_dump(doc, &b);
    enum rc_code rc = config_read(text_from(b.ptr, b.len), c->arena, ret, err);
    buf_done(&b);
    if (rc == RC_OK && !text_equal(ret->company.key, c->company.key))
        return rc_fail_as(err, RC_INVALID, "document", "company: the document is about \"%.*s\"",
                          TEXT_ARG(ret->company.key));
    return rc;
}

enum rc_code api_document_plan(struct api_call *c, struct rc_error *err) {
    struct config_options o = api_config_options(c, NULL);
    struct config_plan plan;
    struct config wanted;
    enum rc_code rc = read_removals(c, false, &o, err);
    o.asks = true;
    if (rc != RC_OK || (rc = read_document(c, &wanted, err)) != RC_OK ||
        (rc = config_plan(c->st, &wanted, &o, c->arena, &plan, err)) != RC_OK)
        return rc;
    show_config_plan(&c->w, "plan", &wanted, &plan);
    return RC_OK;
}

enum rc_code api_document_apply(struct api_call *c, struct rc_error *err) {
    struct config_options o = api_config_options(c, NULL);
    struct config_applied applied;
    struct config now, wanted;
    enum rc_code rc = api_config_now(c, &now, err);
    if (rc != RC_OK || (rc = api_match(c, now.version, err)) != RC_OK ||
        (rc = read_removals(c, true, &o, err)) != RC_OK ||
        (rc = read_document(c, &wanted, err)) != RC_OK)
        return rc;
    o.asks = true;
    read_confirms(c, &o);
    /* If-Match says what was looked at, whatever the document was made of. */
    memcpy(wanted.version, now.version, sizeof now.version);
    if ((rc = config_apply(c->st, &wanted, &o, c->arena, &applied, err)) != RC_OK ||
        (rc = company_get(c->st, c->company.company_id, c->arena, &c->company, err)) != RC_OK ||
        (rc = api_config_now(c, &now, err)) != RC_OK)
        return rc;
    c->tagged = true;
    c->version = arena_printf(c->arena, "%s", now.version);
    show_config_plan(&c->w, "plan", &wanted, &applied.plan);
    json_put_cstr(&c->w, "version", now.version);
    show_config_activated(&c->w, "mappings", &applied);
    show_left(&c->w, applied.webhooks.left, applied.webhooks.left_n);
    return RC_OK;
}
