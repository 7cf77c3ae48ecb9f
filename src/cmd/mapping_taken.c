/* What a mapping fills and a platform has no place for: said when the mapping is checked, not person by
 * person. */
#include "cmd/mapping.h"
#include "store/platform.h"
#include "sync/policy_text.h"

static bool is_fed_by(const struct platform *p, int64_t integration_id) {
    for (size_t i = 0; i < p->feeds_n; i++)
        if (p->feeds[i] == integration_id)
            return true;
    return false;
}

static struct mapping_not_taken of_platform(struct cmd *c, const struct platform *p,
                                            const struct mapping *m) {
    struct mapping_not_taken ret = { arena_printf(&c->arena, "%.*s", TEXT_ARG(p->key)), NULL,
                                     false };
    struct policy_caps caps;
    policy_caps_read(p->caps, &c->arena, &caps);
    for (enum user_field f = 0; f < USER_FIELDS_N; f++) {
        if (f == USER_STATUS || !mapping_fills(m, f) || (caps.takes & 1u << f) != 0)
            continue;
        ret.fields = ret.fields == NULL
                         ? user_field_name(f)
                         : arena_printf(&c->arena, "%s, %s", ret.fields, user_field_name(f));
        ret.leave_date |= f == USER_LEAVE_DATE;
    }
    if (mapping_fills_custom(m) && !caps.customs)
        ret.fields = ret.fields == NULL
                         ? "fields of its own"
                         : arena_printf(&c->arena, "%s, fields of its own", ret.fields);
    return ret;
}

enum rc_code mapping_not_taken(struct cmd *c, const struct integration *in, const struct mapping *m,
                               struct mapping_not_taken **ret, size_t *ret_n) {
    struct platform *list;
    size_t n;
    enum rc_code rc = platform_list(c->store, in->company_id, &c->arena, &list, &n, &c->err);
    *ret_n = 0;
    if (rc != RC_OK)
        return rc;
    *ret = ARENA_NEW(&c->arena, struct mapping_not_taken, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (list[i].caps.state != TEXT_SET || !is_fed_by(&list[i], in->integration_id))
            continue;
        struct mapping_not_taken one = of_platform(c, &list[i], m);
        if (one.fields != NULL)
            (*ret)[(*ret_n)++] = one;
    }
    return RC_OK;
}
