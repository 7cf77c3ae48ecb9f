#include "show/policy.h"

#include <string.h>
#include "people/decide.h"

void show_policy(struct json_writer *w, const char *key, const struct policy *p, struct arena *a) {
    const struct policy_setting *s;
    json_object(w, key);
    for (size_t i = 0; (s = policy_setting_get(i)) != NULL; i++)
        json_put_cstr(w, s->name, policy_change_value(p, s->name, a));
    json_object_end(w);
}

static void put_verbs(struct json_writer *w, const char *key,
                      const struct accounts_consequence *x) {
    json_object(w, key);
    json_put_int(w, "looked_at", x->looked_at);
    for (int v = DECIDE_CREATE; v < DECIDE_VERBS_N; v++)
        json_put_int(w, decide_verb_name((enum decide_verb)v), x->verbs[v]);
    json_put_int(w, "mails", x->mails);
    json_object_end(w);
}

void show_policy_change(struct json_writer *w, const struct company *co, const struct platform *p,
                        const struct policy_change *g, bool saved, struct arena *a) {
    const struct policy_setting *s;
    json_put_text(w, "company", co->key);
    json_put_text(w, "destination", p->key);
    json_put_bool(w, "saved", saved);
    json_array(w, "changes");
    for (size_t i = 0; (s = policy_setting_get(i)) != NULL; i++) {
        const char *was = policy_change_value(&g->before, s->name, a),
                   *is = policy_change_value(&g->after, s->name, a);
        if (strcmp(was, is) == 0)
            continue;
        json_object(w, NULL);
        json_put_cstr(w, "setting", s->name);
        json_put_cstr(w, "old", was);
        json_put_cstr(w, "new", is);
        json_object_end(w);
    }
    json_array_end(w);
    if (g->counted) {
        json_object(w, "delivery");
        put_verbs(w, "before", &g->now);
        put_verbs(w, "after", &g->then);
        json_object_end(w);
    } else
        json_put_null(w, "delivery");
    json_put_cstr(w, "not_counted", g->unknown);
    json_put_cstr(w, "warning", g->warns);
    show_policy(w, "policy", &g->after, a);
}
