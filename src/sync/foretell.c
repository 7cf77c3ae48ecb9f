#include "sync/foretell.h"

#include <stdio.h>
#include "sync/setting_values.h"

static int64_t calls_of(const struct destination_ops *ops, bool of_team, struct text verb) {
    for (int v = 0; !of_team && ops != NULL && ops->calls != NULL && v < DECIDE_VERBS_N; v++)
        if (text_is(verb, decide_verb_name((enum decide_verb)v)))
            return ops->calls((enum decide_verb)v);
    return 1;
}

int64_t foretell_calls_of(const struct destination_ops *ops, const struct effect *e) {
    return calls_of(ops, e->team_id != 0, e->verb);
}

int64_t foretell_calls(const struct destination_ops *ops, const struct effect_group *groups,
                       size_t n) {
    int64_t calls = 0;
    for (size_t i = 0; i < n; i++)
        calls += groups[i].ahead * calls_of(ops, groups[i].of_teams, groups[i].verb);
    return calls;
}

struct foretold foretell(const struct platform *p, const struct effect_group *groups, size_t n,
                         struct arena *a) {
    const char *values[SETTING_VALUES_MAX];
    char name[64];
    snprintf(name, sizeof name, "%.*s", TEXT_ARG(p->adapter));
    const struct destination_ops *ops = destination_find(name);
    struct foretold f = { .calls = foretell_calls(ops, groups, n), .seconds = -1 };
    int64_t per_second = 0;
    if (ops == NULL || ops->per_second == NULL)
        return f;
    setting_values(ops->settings, p->settings, (struct text){ 0 }, a, values);
    const struct destination_config config = { ops, values, NULL };
    if (ops->per_second(&config, &per_second, NULL) == RC_OK && per_second > 0)
        f.seconds = (f.calls + per_second - 1) / per_second;
    return f;
}
