/* Whether what a document says is possible. */
#include "sync/config_plan_p.h"
#include "sync/mapped.h"
#include "sync/setting_values.h"

enum rc_code config_plan_check_fixed(struct config_planning *p, const struct config_object *was,
                                     const struct config_object *is, struct rc_error *err) {
    for (int m = 0; m < CONFIG_MEMBERS_N; m++) {
        const char *name = config_rows[m].names[is->kind];
        if (name == NULL || !config_rows[m].fixed)
            continue;
        struct text old = config_value(was, (enum config_member)m, p->a);
        if (!text_equal(old, config_value(is, (enum config_member)m, p->a)))
            return rc_fail_as(err, RC_CONFLICT, "document.fixed",
                              "%s is %.*s and cannot become another: remove it, and add one",
                              config_plan_path(p, is, name), TEXT_ARG(old));
    }
    return RC_OK;
}

static enum rc_code at_object(struct config_planning *p, const struct config_object *o,
                              enum rc_code rc, struct rc_error *err) {
    if (o->line == 0)
        return rc_context(err, rc, "%s", config_plan_path(p, o, NULL));
    return rc_context(err, rc, "%s (line %u)", config_plan_path(p, o, NULL), o->line);
}

/* A text of its own counts before the setting, which would say nothing beside it. */
static enum rc_code check_mapping(struct config_planning *p, const struct config_object *was,
                                  struct config_object *is, struct rc_error *err) {
    struct integration with = is->in;
    struct mapped_checked checked = { 0 };
    bool same = was != NULL && text_equal(was->mapping, is->mapping);
    if (is->mapping.state != TEXT_SET)
        return RC_OK;
    if (same && !text_equal(was->in.team_from, is->in.team_from))
        return rc_fail_as(err, RC_CONFLICT, "mapping.team",
                          "the mapping says itself where the primary team comes from: \"team\" "
                          "would have no effect beside it");
    if (same)
        return RC_OK;
    enum rc_code rc = RC_OK;
    if (!p->o->asks)
        rc = mapping_parse(is->mapping, NULL, p->a, &checked.mapping, NULL, err);
    else if (was == NULL || p->o->key == NULL ||
             (rc = integration_get(p->st, with.company_id, with.integration_id, p->o->key, p->a,
                                   &with, err)) == RC_OK)
        rc = mapped_check(&with, is->mapping, &(struct mapped_source){ .clock = p->o->clock }, p->a,
                          &checked, err);
    if (rc != RC_OK)
        return rc;
    return mapped_team_agrees(&is->in, checked.mapping, err);
}

static enum rc_code check_feeds(struct config_planning *p, const struct config_object *was,
                                struct config_object *is, struct rc_error *err) {
    const struct config *now = &p->plan->now, *wanted = p->wanted;
    if (was == NULL && (is->said & 1u << CONFIG_FEEDS) == 0) {
        size_t n = wanted->integrations_n;
        const struct config_object *only = n > 0 ? &wanted->integrations[0] : NULL;
        for (size_t i = 0; i < now->integrations_n; i++)
            if (config_find(wanted, CONFIG_INTEGRATION, now->integrations[i].key) == NULL)
                n++, only = &now->integrations[i];
        if (n != 1)
            return rc_fail_as(err, RC_INVALID, "document",
                              "\"feeds\" says whose people come to it: the company has %zu "
                              "integrations",
                              n);
        is->feeds.list = ARENA_NEW(p->a, struct text, 1);
        is->feeds.list[0] = only->key;
        is->feeds.n = 1;
    }
    for (size_t i = 0; i < is->feeds.n; i++)
        if (config_plan_removes(p, CONFIG_INTEGRATION, is->feeds.list[i]) ||
            (config_find(now, CONFIG_INTEGRATION, is->feeds.list[i]) == NULL &&
             config_find(wanted, CONFIG_INTEGRATION, is->feeds.list[i]) == NULL))
            return rc_fail_as(err, RC_INVALID, "document",
                              "\"feeds\" names an integration that there is not: \"%.*s\"",
                              TEXT_ARG(is->feeds.list[i]));
    return RC_OK;
}

/* Files of the machine are not for a company to read; and credentials that nobody is told must not be sent to
 * wherever somebody says: they are forgotten with another address. */
static enum rc_code check_reach(struct config_planning *p, const struct config_object *was,
                                struct config_object *is, struct rc_error *err) {
    const struct text now = config_value(is, CONFIG_SETTINGS, p->a),
                      before = was != NULL ? config_value(was, CONFIG_SETTINGS, p->a) : TEXT_NONE;
    for (const struct setting *s = is->settings; (s = setting_changed(s, before, now)) != NULL;
         s++) {
        if (s->local && !p->o->operates)
            return rc_fail_as(
                err, RC_AUTH, "token.rights",
                "\"%s\" names something on the machine, and is set by whoever runs it", s->key);
        is->forgets |= s->aims && was != NULL && p->o->remote;
    }
    is->p.is_elsewhere = was != NULL && is->kind == CONFIG_DESTINATION &&
                         setting_tenant_changed(is->settings, before, now);
    bool *has = is->kind == CONFIG_INTEGRATION ? &is->in.has_secrets : &is->p.has_secrets;
    is->forgets = is->forgets && *has;
    *has = *has && !is->forgets;
    return RC_OK;
}

enum rc_code config_plan_check_object(struct config_planning *p, const struct config_object *was,
                                      struct config_object *is, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    if (was == NULL)
        rc = config_check_on(&p->wanted->company.company, is->kind,
                             is->kind == CONFIG_INTEGRATION ? is->in.source : is->p.adapter, err);
    if (rc == RC_OK)
        rc = check_reach(p, was, is, err);
    if (rc != RC_OK)
        return at_object(p, is, rc, err);
    if (was == NULL || !text_equal(config_value(was, CONFIG_SETTINGS, p->a),
                                   config_value(is, CONFIG_SETTINGS, p->a)))
        rc = config_try(is, p->o->clock, p->a, err);
    if (rc == RC_OK)
        rc = is->kind == CONFIG_INTEGRATION ? check_mapping(p, was, is, err)
                                            : check_feeds(p, was, is, err);
    return rc == RC_OK ? rc : at_object(p, is, rc, err);
}

/* Off is said by the operator, and not of what is in use. */
enum rc_code config_plan_check_enabled(struct config_planning *p, struct rc_error *err) {
    const struct company *co = &p->wanted->company.company;
    const struct config *now = &p->plan->now;
    struct config_object none;
    config_object_init(&none, CONFIG_COMPANY, p->wanted->company.key);
    const struct config_object *was = p->plan->makes_company ? &none : &now->company;
    if (text_equal(config_value(was, CONFIG_ENABLED, p->a),
                   config_value(&p->wanted->company, CONFIG_ENABLED, p->a)))
        return RC_OK;
    if (!p->o->operates)
        return rc_fail_as(
            err, RC_AUTH, "token.rights",
            "which sources and destinations a company may have is said by whoever runs "
            "the installation: leave \"enabled\" as it is");
    for (size_t i = 0; i < now->integrations_n + now->destinations_n; i++) {
        bool imports = i < now->integrations_n;
        const struct config_object *o =
            imports ? &now->integrations[i] : &now->destinations[i - now->integrations_n];
        struct text adapter = imports ? o->in.source : o->p.adapter;
        if (!config_is_on(co, o->kind, adapter) && !config_plan_removes(p, o->kind, o->key))
            return rc_fail_as(err, RC_CONFLICT, "company.uses",
                              "%.*s cannot be switched off: %s \"%.*s\" uses it", TEXT_ARG(adapter),
                              config_nouns[o->kind], TEXT_ARG(o->key));
    }
    return RC_OK;
}
