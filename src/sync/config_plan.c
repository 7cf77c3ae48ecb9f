/* What a document would change, and what would come of it. */
#include <string.h>
#include "store/account.h"
#include "store/directory.h"
#include "sync/accounts.h"
#include "sync/config_plan_p.h"

static const char *str(const struct config_planning *p, struct text t) {
    return arena_str(p->a, t.ptr, t.len);
}

static const char *const places[] = { NULL, "integrations", "destinations" };
const char *const config_nouns[] = { "company", "integration", "destination" };

/* ---- steps ---- */

static struct config_step *step(struct config_planning *p, enum config_act act,
                                const struct config_object *o, const char *path) {
    struct config_plan *plan = p->plan;
    if (plan->steps_n == p->cap) {
        size_t cap = p->cap != 0 ? 2 * p->cap : 32;
        struct config_step *more = ARENA_NEW(p->a, struct config_step, cap);
        if (plan->steps_n > 0)
            memcpy(more, plan->steps, plan->steps_n * sizeof *more);
        plan->steps = more;
        p->cap = cap;
    }
    plan->changes_n += act != CONFIG_STAYS;
    struct config_step *s = &plan->steps[plan->steps_n++];
    *s = (struct config_step){ .kind = o->kind,
                               .act = act,
                               .key = o->kind == CONFIG_COMPANY ? (struct text){ 0 } : o->key,
                               .path = path,
                               .people = -1 };
    return s;
}

const char *config_plan_path(struct config_planning *p, const struct config_object *o,
                             const char *member) {
    if (o->kind == CONFIG_COMPANY)
        return member != NULL ? member : "company";
    return arena_printf(p->a, "%s.%.*s%s%s", places[o->kind], TEXT_ARG(o->key),
                        member != NULL ? "." : "", member != NULL ? member : "");
}

static void todo(struct config_planning *p, const char *what) {
    enum { TODO_MOST = 2 * CONFIG_OBJECTS_MOST };
    if (p->plan->todo == NULL)
        p->plan->todo = ARENA_NEW(p->a, const char *, TODO_MOST);
    if (p->plan->todo_n < TODO_MOST)
        p->plan->todo[p->plan->todo_n++] = what;
}

/* ---- what comes of it ---- */

static const char *const verb_words[DECIDE_VERBS_N] = {
    [DECIDE_CREATE] = "made",       [DECIDE_ADOPT] = "linked",
    [DECIDE_UPDATE] = "changed",    [DECIDE_INVITE] = "invited",
    [DECIDE_DEACTIVATE] = "closed", [DECIDE_REACTIVATE] = "opened again",
};

/* That it cannot be counted keeps nobody from setting it: the guard looks at what follows. */
static void count_policy(struct config_planning *p, const struct config_object *was,
                         const struct config_object *is, struct config_step *s) {
    struct platform platform;
    struct accounts_consequence now, then;
    struct rc_error err = { 0 };
    const char *says = "the next delivery:";
    bool differs = false;
    if (!p->o->asks || p->o->key == NULL || was->p.listed_us == 0)
        return;
    struct accounts_context x = { p->st,     p->o->key,   &p->wanted->company.company,
                                  &platform, p->o->clock, p->o->who };
    if (platform_get(p->st, was->p.company_id, was->p.destination_id, p->o->key, p->a, &platform,
                     &err) != RC_OK ||
        accounts_consequence(&x, was->p.policy, &now, &err) != RC_OK ||
        accounts_consequence(&x, is->p.policy.state == TEXT_SET ? is->p.policy : TEXT_LIT("{}"),
                             &then, &err) != RC_OK) {
        s->follows = arena_printf(p->a, "what follows cannot be counted: %s", err.text);
        return;
    }
    for (int v = DECIDE_CREATE; v < DECIDE_VERBS_N; v++) {
        int64_t old = accounts_number(&now, (enum decide_verb)v),
                new = accounts_number(&then, (enum decide_verb)v);
        if (old == new)
            continue;
        says = arena_printf(p->a, "%s%s %lld accounts %s instead of %lld", says, differs ? "," : "",
                            (long long)new, verb_words[v], (long long)old);
        differs = true;
    }
    s->people = then.looked_at;
    s->follows = differs ? says : "the next delivery does the same to as many people";
}

bool config_plan_removes(const struct config_planning *p, enum config_kind kind, struct text key) {
    for (size_t i = 0; i < p->o->removes_n; i++)
        if (p->o->removes[i].kind == kind && text_is(key, p->o->removes[i].key))
            return true;
    return false;
}

static bool has_word(const struct config_texts *t, struct text word) {
    for (size_t i = 0; i < t->n; i++)
        if (text_equal(t->list[i], word))
            return true;
    return false;
}

/* Whose integration is to be removed are told with that. */
static enum rc_code count_unfed(struct config_planning *p, const struct config_object *was,
                                const struct config_object *is, struct config_step *s,
                                struct rc_error *err) {
    const struct config *now = &p->plan->now;
    int64_t *stay = ARENA_NEW(p->a, int64_t, now->integrations_n + 1);
    struct unfed *u = ARENA_NEW(p->a, struct unfed, 1);
    size_t n = 0;
    for (size_t i = 0; i < now->integrations_n; i++) {
        const struct config_object *in = &now->integrations[i];
        if (has_word(&is->feeds, in->key) || config_plan_removes(p, CONFIG_INTEGRATION, in->key))
            stay[n++] = in->in.integration_id;
    }
    enum rc_code rc = unfed_find(p->st, &was->p, stay, n, p->a, u, err);
    if (rc != RC_OK || u->people == 0)
        return rc;
    s->unfed = u;
    s->people = u->people;
    s->follows = arena_printf(p->a,
                              "%s an open account and %s looked after no more without %s: nobody "
                              "closes %s, whatever HR says",
                              u->people == 1 ? "this person has" : "these people have",
                              u->people == 1 ? "is" : "are", unfed_names(u, p->a),
                              u->people == 1 ? "it" : "them");
    s->confirm = arena_printf(p->a, "%.*s=%lld", TEXT_ARG(is->key), (long long)u->people);
    return RC_OK;
}

static enum rc_code follows(struct config_planning *p, const struct config_object *was,
                            const struct config_object *is, enum config_member m,
                            struct config_step *s, struct rc_error *err) {
    bool is_mapping = m == CONFIG_MAPPING || m == CONFIG_TEAM;
    if (m == CONFIG_POLICY)
        count_policy(p, was, is, s);
    else if (m == CONFIG_SETTINGS && is->forgets)
        s->follows = "the credentials are forgotten, as they would be sent elsewhere now";
    else if (m == CONFIG_ZONE)
        s->follows = "days begin at other moments";
    else if (m == CONFIG_FEEDS)
        s->follows = "the next delivery looks at everybody's account anew; the guard looks at it";
    if (m == CONFIG_FEEDS)
        return count_unfed(p, was, is, s, err);
    if (!is_mapping)
        return RC_OK;
    s->follows = m == CONFIG_MAPPING
                     ? "everybody known is looked at through it, guarded like an import"
                     : "the next import moves people to other teams, as far as the guard lets it";
    return directory_count(p->st, was->in.company_id, was->in.integration_id, &s->people, err);
}

/* ---- differences ---- */

static bool is_object(struct text t) {
    return t.len > 0 && t.ptr[0] == '{';
}

static struct text dumped(struct config_planning *p, json v) {
    struct buf b;
    if (v == NULL)
        return (struct text){ 0 };
    buf_init(&b, CONFIG_BYTES);
    json_dump(v, &b);
    struct text t = text_copy(p->a, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}

struct both {
    json old, new;
};

/* Each key of the two whose values differ: those of the new one, then those that are gone. */
static void add_keys(struct config_planning *p, const struct config_object *o, enum config_member m,
                     const struct both *v, bool gone) {
    const char *name = config_rows[m].names[o->kind], *s;
    json key, value;
    size_t len;
    for (struct json_iter it = json_iter(gone ? v->old : v->new); json_next(&it, &key, &value);) {
        if (!json_str(key, &s, &len))
            continue;
        s = arena_str(p->a, s, len);
        struct text old = dumped(p, json_get(v->old, s)), new = dumped(p, json_get(v->new, s));
        if (text_equal(old, new) || (gone && new.state == TEXT_SET))
            continue;
        struct config_step *made =
            step(p, CONFIG_CHANGE, o, config_plan_path(p, o, arena_printf(p->a, "%s.%s", name, s)));
        made->member = m;
        made->old = old;
        made->new = new;
    }
}

static enum rc_code add_differences(struct config_planning *p, const struct config_object *o,
                                    enum config_member m, struct text old, struct text new,
                                    struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(4 * CONFIG_BYTES);
    RC_CLEANUP(json_reader_freep) struct json_reader *s = json_reader_new(4 * CONFIG_BYTES);
    struct both v;
    if (!is_object(old) || !is_object(new)) {
        struct config_step *made =
            step(p, CONFIG_CHANGE, o, config_plan_path(p, o, config_rows[m].names[o->kind]));
        made->member = m;
        made->old = old;
        made->new = new;
        return RC_OK;
    }
    enum rc_code rc = json_parse_copy(r, old.ptr, old.len, &v.old, err);
    if (rc != RC_OK || (rc = json_parse_copy(s, new.ptr, new.len, &v.new, err)) != RC_OK)
        return rc;
    add_keys(p, o, m, &v, false);
    add_keys(p, o, m, &v, true);
    return RC_OK;
}

static enum rc_code compare(struct config_planning *p, const struct config_object *was,
                            const struct config_object *is, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    for (int m = 0; m < CONFIG_MEMBERS_N && rc == RC_OK; m++) {
        const char *name = config_rows[m].names[is->kind];
        size_t before = p->plan->steps_n;
        if (name == NULL || m == CONFIG_CREDENTIALS)
            continue;
        struct text old = config_value(was, (enum config_member)m, p->a),
                    new = config_value(is, (enum config_member)m, p->a);
        if (text_equal(old, new))
            continue;
        if ((rc = add_differences(p, is, (enum config_member)m, old, new, err)) == RC_OK)
            rc = follows(p, was, is, (enum config_member)m, &p->plan->steps[before], err);
    }
    return rc;
}

/* ---- objects ---- */

/* What is kept, and over it what is said. */
static void merge(struct config_object *is, const struct config_object *was) {
    struct config_object merged = *was;
    merged.said = is->said;
    merged.line = is->line;
    for (int m = 0; m < CONFIG_MEMBERS_N; m++)
        if ((is->said & 1u << m) != 0 && m != CONFIG_CREDENTIALS)
            config_rows[m].copy(&merged, is);
    *is = merged;
}

static void want_credentials(struct config_planning *p, const struct config_object *o) {
    bool has = o->kind == CONFIG_INTEGRATION ? o->in.has_secrets : o->p.has_secrets;
    for (const struct setting *s = o->settings; !has && s->key != NULL; s++)
        if (s->secret && s->required)
            todo(p, arena_printf(p->a, "rollcall %s set %.*s/%.*s --secret-file %s=FILE",
                                 config_nouns[o->kind], TEXT_ARG(p->wanted->company.key),
                                 TEXT_ARG(o->key), s->key));
}

static enum rc_code plan_object(struct config_planning *p, struct config_object *is,
                                struct rc_error *err) {
    const struct config_object *was = config_find(&p->plan->now, is->kind, is->key);
    enum rc_code rc;
    if (config_plan_removes(p, is->kind, is->key))
        return rc_fail_as(
            err, RC_INVALID, "document",
            "%s is in the document, and is to be removed: one of the two is not meant",
            config_plan_path(p, is, NULL));
    if (was != NULL)
        merge(is, was);
    if (was != NULL && (rc = config_plan_check_fixed(p, was, is, err)) != RC_OK)
        return rc;
    if ((rc = config_plan_check_object(p, was, is, err)) != RC_OK)
        return rc;
    want_credentials(p, is);
    if (was != NULL)
        return compare(p, was, is, err);
    struct config_step *s = step(p, CONFIG_ADD, is, config_plan_path(p, is, NULL));
    s->follows = is->kind == CONFIG_DESTINATION
                     ? "it gets a prefix for external ids of its own; the first delivery to a "
                       "platform that has accounts is held"
                     : "the first import waits for a person";
    return RC_OK;
}

static enum rc_code plan_removal(struct config_planning *p, const struct config_removal *r,
                                 struct rc_error *err) {
    const struct config_object *was = config_find(&p->plan->now, r->kind, text_of(r->key));
    if (was == NULL)
        return rc_fail_as(
            err, RC_NOT_FOUND,
            r->kind == CONFIG_INTEGRATION ? "integration.unknown" : "destination.unknown",
            "the company has no %s \"%.60s\" that could be removed", config_nouns[r->kind], r->key);
    struct config_step *s = step(p, CONFIG_REMOVE, was, config_plan_path(p, was, NULL));
    s->confirm = r->key;
    if (r->kind == CONFIG_INTEGRATION) {
        int64_t company_id = was->in.company_id, id = was->in.integration_id;
        struct unfed_there *there;
        size_t n = 0;
        enum rc_code rc = unfed_by_removal(p->st, company_id, id, p->a, &there, &n, err);
        s->follows =
            n == 0 ? "these people and their history are forgotten; their accounts on "
                     "platforms stay as they are, and are left alone"
                   : arena_printf(p->a, "these people and their history are forgotten; of them %s",
                                  unfed_removal_says(there, n, p->a));
        return rc != RC_OK ? rc : directory_count(p->st, company_id, id, &s->people, err);
    }
    const char *words;
    enum rc_code rc = unfed_words(p->st, &was->p, p->a, &words, err);
    if (rc != RC_OK)
        return rc;
    s->follows = arena_printf(p->a,
                              "what is known of so many accounts is forgotten%s; on the platform "
                              "they stay as they are, open ones open, and nobody closes them any "
                              "more",
                              words);
    return account_count(p->st, was->p.company_id, was->p.destination_id, ACCOUNT_ALL, &s->people,
                         err);
}

static void plan_stays(struct config_planning *p, const struct config_object *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (config_find(p->wanted, list[i].kind, list[i].key) == NULL &&
            !config_plan_removes(p, list[i].kind, list[i].key))
            step(p, CONFIG_STAYS, &list[i], config_plan_path(p, &list[i], NULL));
}

static enum rc_code plan_all(struct config_planning *p, struct rc_error *err) {
    struct config *w = p->wanted;
    enum rc_code rc = RC_OK;
    if (p->plan->makes_company)
        step(p, CONFIG_ADD, &w->company, "company");
    else {
        merge(&w->company, &p->plan->now.company);
        rc = compare(p, &p->plan->now.company, &w->company, err);
    }
    if (rc == RC_OK)
        rc = config_plan_check_enabled(p, err);
    for (size_t i = 0; i < w->integrations_n && rc == RC_OK; i++)
        rc = plan_object(p, &w->integrations[i], err);
    for (size_t i = 0; i < w->destinations_n && rc == RC_OK; i++)
        rc = plan_object(p, &w->destinations[i], err);
    for (size_t i = 0; i < p->o->removes_n && rc == RC_OK; i++)
        rc = plan_removal(p, &p->o->removes[i], err);
    plan_stays(p, p->plan->now.integrations, p->plan->now.integrations_n);
    plan_stays(p, p->plan->now.destinations, p->plan->now.destinations_n);
    return rc;
}

enum rc_code config_plan(struct store *st, struct config *wanted, const struct config_options *o,
                         struct arena *a, struct config_plan *ret, struct rc_error *err) {
    struct config_plan plan = { 0 };
    struct config_planning p = { .st = st, .wanted = wanted, .o = o, .a = a, .plan = &plan };
    struct company co;
    enum rc_code rc = company_find(st, str(&p, wanted->company.key), a, &co, err);
    if (rc == RC_NOT_FOUND && o->creates)
        plan.makes_company = true;
    else if (rc != RC_OK || (rc = config_load(st, &co, a, &plan.now, err)) != RC_OK)
        return rc;
    plan.stale = !plan.makes_company && wanted->version[0] != '\0' &&
                 strcmp(wanted->version, plan.now.version) != 0;
    if ((rc = plan_all(&p, err)) == RC_OK)
        *ret = plan;
    return rc;
}
