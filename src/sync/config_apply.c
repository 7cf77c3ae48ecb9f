/* A plan carried out: one transaction, and what has to be guarded after it. */
#include <stdio.h>
#include <string.h>
#include "store/alert.h"
#include "store/audit.h"
#include "store/lease.h"
#include "store/mapping_text.h"
#include "sync/config_p.h"
#include "sync/mapped.h"
#include "sync/timetable.h"

struct applying {
    struct store *st;
    struct config *wanted;
    const struct config_options *o;
    struct arena *a;
    struct config_applied *ret;
    struct company company;
    struct lease *leases; /* beside o->removes */
    size_t leases_n;
    int64_t now_us;
};

/* ---- the leases of what is to be removed ---- */

/* So that no import or delivery is under way that would write the same rows. */
static enum rc_code take_leases(struct applying *x, const struct config *now,
                                struct rc_error *err) {
    enum rc_code rc = RC_OK;
    x->leases = ARENA_NEW(x->a, struct lease, x->o->removes_n + 1);
    for (size_t i = 0; i < x->o->removes_n && rc == RC_OK; i++) {
        const struct config_removal *r = &x->o->removes[i];
        const struct config_object *was = config_find(now, r->kind, text_of(r->key));
        bool imports = r->kind == CONFIG_INTEGRATION;
        char subject[64];
        snprintf(subject, sizeof subject, "%lld/%lld", (long long)now->company.company.company_id,
                 (long long)(imports ? was->in.integration_id : was->p.destination_id));
        rc = lease_take(x->st, imports ? "import" : "deliver", subject, x->now_us,
                        &x->leases[x->leases_n], err);
        x->leases_n += rc == RC_OK;
    }
    return rc;
}

/* ---- in the transaction ---- */

static bool changes(const struct config_plan *plan, const struct config_object *o, unsigned members,
                    enum config_act act) {
    for (size_t i = 0; i < plan->steps_n; i++) {
        const struct config_step *s = &plan->steps[i];
        if (s->kind == o->kind && s->act == act &&
            (o->kind == CONFIG_COMPANY || text_equal(s->key, o->key)) &&
            (act != CONFIG_CHANGE || (members & 1u << s->member) != 0))
            return true;
    }
    return false;
}
#define OF(member)    (1u << (member))
#define ALL_MEMBERS   ((1u << CONFIG_MEMBERS_N) - 1)
#define BUT(a_member) (ALL_MEMBERS & ~OF(a_member))

static enum rc_code save_company(struct applying *x, const struct config_plan *plan,
                                 struct rc_error *err) {
    struct config_object *o = &x->wanted->company;
    const char **to = ARENA_NEW(x->a, const char *, o->alerts.n + 1);
    const struct company given = o->company;
    int64_t id = o->company.company_id;
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < o->alerts.n; i++)
        to[i] = arena_str(x->a, o->alerts.list[i].ptr, o->alerts.list[i].len);
    if (plan->makes_company) {
        rc = company_add(x->st, arena_str(x->a, o->key.ptr, o->key.len),
                         arena_str(x->a, o->company.name.ptr, o->company.name.len),
                         arena_str(x->a, o->company.zone.ptr, o->company.zone.len), x->now_us, &id,
                         err);
        if (rc != RC_OK || (rc = company_get(x->st, id, x->a, &o->company, err)) != RC_OK)
            return rc;
    }
    if (changes(plan, o, OF(CONFIG_NAME) | OF(CONFIG_ZONE) | OF(CONFIG_ENABLED), CONFIG_CHANGE) ||
        (plan->makes_company && given.sources.state + given.destinations.state != 0)) {
        o->company.sources = given.sources;
        o->company.destinations = given.destinations;
        rc = company_save(x->st, &o->company, err);
    }
    x->company = o->company;
    if (rc == RC_OK &&
        (plan->makes_company || changes(plan, o, OF(CONFIG_RETENTION), CONFIG_CHANGE)))
        rc = retention_save(x->st, id, &o->retention, err);
    if (rc == RC_OK && (plan->makes_company || changes(plan, o, OF(CONFIG_ALERTS), CONFIG_CHANGE)))
        rc = alert_to_set(x->st, id, to, o->alerts.n, err);
    return rc;
}

static enum rc_code draft(struct applying *x, const struct config_object *o, int64_t *ret_id,
                          struct rc_error *err) {
    struct mapping_text t = { .source = o->mapping,
                              .note = TEXT_LIT("from a document"),
                              .made_by = text_of(x->o->who),
                              .made_us = x->now_us };
    *ret_id = 0;
    if (o->mapping.state != TEXT_SET)
        return RC_OK;
    return mapping_text_add(x->st, x->company.company_id, o->in.integration_id, &t, ret_id, err);
}

/* Nobody is known through it yet: its mapping counts at once. */
static enum rc_code add_integration(struct applying *x, struct config_object *o,
                                    struct rc_error *err) {
    int64_t mapping_id;
    o->in.company_id = x->company.company_id;
    o->in.created_us = x->now_us;
    enum rc_code rc = integration_add(x->st, x->o->key, &o->in, err);
    if (rc != RC_OK || (rc = draft(x, o, &mapping_id, err)) != RC_OK)
        return rc;
    if (mapping_id != 0)
        rc = mapping_text_activate(x->st, o->in.company_id, o->in.integration_id, mapping_id,
                                   x->now_us, err);
    if (rc == RC_OK && o->in.schedule.state == TEXT_SET)
        rc = timetable_changed(x->st, &x->company, &o->in, x->now_us, err);
    return rc;
}

/* Another mapping is a draft here, and made to count once all else is so. */
static enum rc_code save_integration(struct applying *x, const struct config_plan *plan,
                                     struct config_object *o, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    if (changes(plan, o, BUT(CONFIG_MAPPING), CONFIG_CHANGE)) {
        if ((rc = integration_save(x->st, NULL, &o->in, err)) != RC_OK ||
            (o->forgets && (rc = integration_forget_secrets(x->st, o->in.company_id,
                                                            o->in.integration_id, err)) != RC_OK))
            return rc;
        rc = changes(plan, o, OF(CONFIG_SCHEDULE), CONFIG_CHANGE)
                 ? timetable_changed(x->st, &x->company, &o->in, x->now_us, err)
                 : timetable_mended(x->st, &o->in, x->now_us, err);
    }
    if (rc != RC_OK || !changes(plan, o, OF(CONFIG_MAPPING), CONFIG_CHANGE))
        return rc;
    struct config_activated *to = &x->ret->mappings[x->ret->mappings_n++];
    *to = (struct config_activated){ .key = o->key };
    return draft(x, o, &to->mapping_id, err);
}

static enum rc_code save_integrations(struct applying *x, const struct config_plan *plan,
                                      struct rc_error *err) {
    enum rc_code rc = RC_OK;
    x->ret->mappings = ARENA_NEW(x->a, struct config_activated, x->wanted->integrations_n + 1);
    for (size_t i = 0; i < x->wanted->integrations_n && rc == RC_OK; i++) {
        struct config_object *o = &x->wanted->integrations[i];
        rc = changes(plan, o, 0, CONFIG_ADD) ? add_integration(x, o, err)
                                             : save_integration(x, plan, o, err);
    }
    return rc;
}

static void feed_ids(struct applying *x, const struct config_plan *plan, struct config_object *o) {
    o->p.feeds = ARENA_NEW(x->a, int64_t, o->feeds.n + 1);
    o->p.feeds_n = o->feeds.n;
    for (size_t i = 0; i < o->feeds.n; i++) {
        const struct config_object *in =
            config_find(x->wanted, CONFIG_INTEGRATION, o->feeds.list[i]);
        if (in == NULL)
            in = config_find(&plan->now, CONFIG_INTEGRATION, o->feeds.list[i]);
        o->p.feeds[i] = in->in.integration_id;
    }
}

static enum rc_code save_destinations(struct applying *x, const struct config_plan *plan,
                                      struct rc_error *err) {
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < x->wanted->destinations_n && rc == RC_OK; i++) {
        struct config_object *o = &x->wanted->destinations[i];
        feed_ids(x, plan, o);
        if (changes(plan, o, 0, CONFIG_ADD)) {
            o->p.company_id = x->company.company_id;
            o->p.created_us = x->now_us;
            rc = platform_add(x->st, x->o->key, &o->p, err);
        } else if (changes(plan, o, ALL_MEMBERS, CONFIG_CHANGE)) {
            rc = platform_save(x->st, NULL, &o->p, err);
            if (rc == RC_OK && o->forgets)
                rc = platform_forget_secrets(x->st, o->p.company_id, o->p.destination_id, err);
        }
    }
    return rc;
}

static enum rc_code remove_all(struct applying *x, const struct config_plan *plan,
                               struct rc_error *err) {
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < x->leases_n && rc == RC_OK; i++)
        rc = lease_hold(x->st, &x->leases[i], x->now_us, err);
    for (size_t i = 0; i < x->o->removes_n && rc == RC_OK; i++) {
        const struct config_removal *r = &x->o->removes[i];
        const struct config_object *was = config_find(&plan->now, r->kind, text_of(r->key));
        rc = r->kind == CONFIG_INTEGRATION
                 ? integration_remove(x->st, was->in.company_id, was->in.integration_id, err)
                 : platform_remove(x->st, was->p.company_id, was->p.destination_id, err);
    }
    return rc;
}

/* ---- for the record ---- */

/* Texts, as everywhere in the audit log: what is none is told as its JSON. */
static void put_value(struct json_writer *w, const char *path, struct text value) {
    if (value.state != TEXT_SET)
        json_put_cstr(w, path, "usual");
    else if (value.ptr[0] == '"')
        json_put_raw(w, path, value.ptr, value.len);
    else
        json_put_text(w, path, value);
}

static struct text steps_json(struct applying *x, const struct config_plan *plan, bool new) {
    struct json_writer w;
    struct buf b;
    buf_init(&b, CONFIG_BYTES);
    json_begin(&w, &b);
    json_object(&w, NULL);
    for (size_t i = 0; i < plan->steps_n; i++) {
        const struct config_step *s = &plan->steps[i];
        if (s->act == CONFIG_CHANGE)
            put_value(&w, s->path, new ? s->new : s->old);
        else if (s->act != CONFIG_STAYS && new)
            json_put_cstr(&w, s->path, s->act == CONFIG_ADD ? "added" : "removed");
    }
    json_object_end(&w);
    struct text t = text_copy(x->a, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}

static enum rc_code record(struct applying *x, const struct config_plan *plan,
                           struct rc_error *err) {
    if (plan->changes_n == 0)
        return RC_OK;
    return audit_add_change(x->st, x->company.company_id, x->now_us, x->o->who,
                            x->o->what != NULL ? x->o->what : "configuration applied",
                            steps_json(x, plan, false), steps_json(x, plan, true), err);
}

/* Whose integration feeds it no more is closed by nobody. Removals are asked about before. */
static enum rc_code check_confirmed(struct applying *x, const struct config_plan *plan,
                                    struct rc_error *err) {
    for (size_t i = 0; i < plan->steps_n; i++) {
        const struct config_step *s = &plan->steps[i];
        bool is = s->unfed == NULL;
        for (size_t k = 0; k < x->o->confirms_n; k++)
            is |= s->unfed != NULL && strcmp(x->o->confirms[k], s->confirm) == 0;
        if (!is)
            return rc_fail_as(err, RC_INVALID, "account.confirm",
                              "%s: %s. \"feeds\" names all that are to feed it; if that is meant, "
                              "say %s %s",
                              s->path, unfed_says(s->unfed, x->a),
                              x->o->confirm_by != NULL ? x->o->confirm_by : "confirm", s->confirm);
    }
    return RC_OK;
}

/* The company's row is locked first: who else changes its configuration so waits, and plans on what is then. */
static enum rc_code carry_out(struct applying *x, struct rc_error *err) {
    struct config_options o = *x->o;
    struct config_plan *plan = &x->ret->plan;
    int64_t ignored;
    enum rc_code rc = RC_OK;
    o.asks = false; /* that was done; and others wait for us */
    if (!plan->makes_company)
        rc = company_take_ids(x->st, plan->now.company.company.company_id, 0, &ignored, err);
    struct config_plan before = *plan;
    if (rc != RC_OK || (rc = config_plan(x->st, x->wanted, &o, x->a, plan, err)) != RC_OK)
        return rc;
    if (plan->stale && !o.anyway)
        return rc_fail_as(err, RC_CONFLICT, "document.version",
                          "the company has changed since this document was made: export it again, "
                          "and make the change in that");
    if (before.makes_company != plan->makes_company)
        return rc_fail_as(err, RC_CONFLICT, "document.version",
                          "the company was made or removed just now: plan again");
    if ((rc = check_confirmed(x, plan, err)) != RC_OK || /* who has come meanwhile counts too */
        (rc = save_company(x, plan, err)) != RC_OK ||
        (rc = save_integrations(x, plan, err)) != RC_OK ||
        (rc = save_destinations(x, plan, err)) != RC_OK || (rc = remove_all(x, plan, err)) != RC_OK)
        return rc;
    return record(x, plan, err);
}

/* ---- after it ---- */

static void activate(struct applying *x, struct config_activated *to) {
    struct mapped_options o = { .mapping_id = to->mapping_id, .clock = x->o->clock };
    struct rc_error err = { 0 };
    struct integration in;
    const char *key = arena_str(x->a, to->key.ptr, to->key.len);
    to->rc = x->o->key == NULL
                 ? rc_fail_as(&err, RC_INVALID, "secret.key", "this wants the installation's key")
                 : integration_find(x->st, x->company.company_id, key, x->o->key, x->a, &in, &err);
    if (to->rc == RC_OK)
        to->rc = mapped_activate(x->st, x->o->key, &x->company, &in, &o, x->a, &to->run, &err);
    if (to->rc != RC_OK)
        to->text = arena_printf(x->a, "%s", err.text);
}

/* Before the credentials go; the leases are ours. */
static void end_webhooks(struct applying *x, const struct config *now) {
    struct integration *list = ARENA_NEW(x->a, struct integration, x->o->removes_n + 1);
    size_t n = 0;
    for (size_t i = 0; i < x->o->removes_n; i++) {
        const struct config_removal *r = &x->o->removes[i];
        const struct config_object *was =
            r->kind == CONFIG_INTEGRATION ? config_find(now, r->kind, text_of(r->key)) : NULL;
        if (was != NULL)
            list[n++] = was->in;
    }
    unsubscribe(x->st, x->o->key, list, n, x->o->clock, x->a, &x->ret->webhooks);
}

enum rc_code config_apply(struct store *st, struct config *wanted, const struct config_options *o,
                          struct arena *a, struct config_applied *ret, struct rc_error *err) {
    struct config_applied applied = { 0 };
    struct applying x = { .st = st,
                          .wanted = wanted,
                          .o = o,
                          .a = a,
                          .ret = &applied,
                          .now_us = clock_now_us(o->clock) };
    enum rc_code rc = config_plan(st, wanted, o, a, &applied.plan, err);
    if (rc != RC_OK || (rc = check_confirmed(&x, &applied.plan, err)) != RC_OK)
        return rc;
    if ((rc = take_leases(&x, &applied.plan.now, err)) == RC_OK &&
        (!applied.plan.stale || o->anyway)) { /* else it is refused below */
        end_webhooks(&x, &applied.plan.now);
        x.now_us = clock_now_us(o->clock);
    }
    if (rc == RC_OK && (rc = db_begin(st->db, err)) == RC_OK) {
        if ((rc = carry_out(&x, err)) == RC_OK)
            rc = db_commit(st->db, err);
        else
            db_rollback(st->db);
    }
    unsubscribe_end(st, applied.plan.now.company.company.company_id, &applied.webhooks, rc == RC_OK,
                    x.now_us);
    for (size_t i = 0; i < x.leases_n; i++)
        lease_release(st, &x.leases[i]);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < applied.mappings_n; i++)
        activate(&x, &applied.mappings[i]);
    *ret = applied;
    return RC_OK;
}
