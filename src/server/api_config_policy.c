/* What a company wants of a platform: looked at, tried, set. */
#include "server/api_config_p.h"
#include "show/policy.h"
#include "sync/policy_text.h"

static struct accounts_context context(const struct api_call *c, const struct platform *p) {
    return (struct accounts_context){ c->st, c->key, &c->company, p, c->serve->clock, c->who };
}

enum rc_code api_policy_show(struct api_call *c, struct rc_error *err) {
    const struct config_object *o;
    struct policy policy;
    struct config now;
    enum rc_code rc = api_config_part(c, CONFIG_DESTINATION, &now, &o, err);
    if (rc != RC_OK || (rc = policy_text_read(o->p.policy, c->arena, &policy, err)) != RC_OK)
        return rc;
    c->tagged = true;
    c->version = api_config_version(c, o);
    json_put_text(&c->w, "company", c->company.key);
    json_put_text(&c->w, "destination", o->p.key);
    show_policy(&c->w, "policy", &policy, c->arena);
    return RC_OK;
}

/* {"policy":{"invite":"by-hand","adopt":null}}: null is the usual. */
static enum rc_code take(struct api_call *c, struct policy_change *g, struct rc_error *err) {
    json key, value, given = json_get(c->body, "policy");
    const char *name, *to;
    size_t len, to_len;
    enum rc_code rc = RC_OK;
    if (json_type(given) != JSON_OBJECT || json_size(given) == 0)
        return rc_fail_as(err, RC_INVALID, "request.body",
                          "policy is an object of the settings that are to change");
    for (struct json_iter it = json_iter(given); rc == RC_OK && json_next(&it, &key, &value);) {
        if (!json_str(key, &name, &len))
            continue;
        name = arena_str(c->arena, name, len);
        if (json_type(value) == JSON_NULL)
            rc = policy_change_usual(g, name, c->arena, err);
        else if (json_str(value, &to, &to_len))
            rc = policy_set(&g->after, text_of(name), text_copy(c->arena, text_from(to, to_len)),
                            c->arena, err);
        else
            rc = rc_fail_as(err, RC_INVALID, "setting", "%.60s is a text, or null for the usual",
                            name);
    }
    return rc;
}

/* With secrets: the platform is asked what it can do. */
static enum rc_code change(struct api_call *c, bool saves, struct rc_error *err) {
    const struct config_object *o;
    struct policy_change g;
    struct platform p;
    struct config now;
    enum rc_code rc = api_config_part(c, CONFIG_DESTINATION, &now, &o, err);
    if (rc == RC_OK && saves)
        rc = api_match(c, api_config_version(c, o), err);
    if (rc != RC_OK ||
        (rc = platform_find(c->st, c->company.company_id, c->parts[1], c->key, c->arena, &p,
                            err)) != RC_OK ||
        (rc = policy_change_begin(&p, c->arena, &g, err)) != RC_OK ||
        (rc = take(c, &g, err)) != RC_OK)
        return rc;
    struct accounts_context x = context(c, &p);
    policy_change_count(&x, c->arena, &g);
    if (saves && (rc = policy_change_save(&x, &g, c->arena, err)) != RC_OK)
        return rc;
    show_policy_change(&c->w, &c->company, &p, &g, saves, c->arena);
    return RC_OK;
}

enum rc_code api_policy_preview(struct api_call *c, struct rc_error *err) {
    return change(c, false, err);
}

enum rc_code api_policy_set(struct api_call *c, struct rc_error *err) {
    return change(c, true, err);
}
