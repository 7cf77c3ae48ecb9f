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

enum rc_code foretell_calls(struct store *st, int64_t company_id, int64_t run_id,
                            const struct destination_ops *ops, int64_t *ret, struct rc_error *err) {
    struct effect_ahead list[EFFECT_VERBS_MOST];
    size_t n = 0;
    enum rc_code rc = effect_ahead(st, company_id, run_id, list, &n, err);
    *ret = 0;
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        *ret += list[i].n * calls_of(ops, list[i].of_team, text_of(list[i].verb));
    return rc;
}

enum rc_code foretell(struct store *st, const struct platform *p, int64_t run_id, struct arena *a,
                      struct foretold *ret, struct rc_error *err) {
    const char *values[SETTING_VALUES_MAX];
    char name[64];
    snprintf(name, sizeof name, "%.*s", TEXT_ARG(p->adapter));
    const struct destination_ops *ops = destination_find(name);
    int64_t per_second = 0;
    *ret = (struct foretold){ .seconds = -1 };
    enum rc_code rc = foretell_calls(st, p->company_id, run_id, ops, &ret->calls, err);
    if (rc != RC_OK || ops == NULL || ops->per_second == NULL)
        return rc;
    setting_values(ops->settings, p->settings, (struct text){ 0 }, a, values);
    const struct destination_config config = { ops, values, NULL };
    if (ops->per_second(&config, &per_second, NULL) == RC_OK && per_second > 0)
        ret->seconds = (ret->calls + per_second - 1) / per_second;
    return RC_OK;
}
