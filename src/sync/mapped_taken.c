/* What a mapping fills and a platform has no place for: said when the mapping is checked, not person by
 * person. */
#include "store/platform.h"
#include "sync/mapped.h"
#include "sync/policy_text.h"

static struct mapped_not_taken of_platform(const struct platform *p, const struct mapping *m,
                                           struct arena *a) {
    struct mapped_not_taken ret = { arena_printf(a, "%.*s", TEXT_ARG(p->key)), NULL, false };
    struct policy_caps caps;
    policy_caps_read(p->caps, a, &caps);
    for (enum user_field f = 0; f < USER_FIELDS_N; f++) {
        if (f == USER_STATUS || !mapping_fills(m, f) || (caps.takes & 1u << f) != 0)
            continue;
        ret.fields = ret.fields == NULL ? user_field_name(f)
                                        : arena_printf(a, "%s, %s", ret.fields, user_field_name(f));
        ret.leave_date |= f == USER_LEAVE_DATE;
    }
    if (mapping_fills_custom(m) && !caps.customs)
        ret.fields = ret.fields == NULL ? "fields of its own"
                                        : arena_printf(a, "%s, fields of its own", ret.fields);
    return ret;
}

enum rc_code mapped_not_taken(struct store *st, const struct integration *in,
                              const struct mapping *m, struct arena *a,
                              struct mapped_not_taken **ret, size_t *ret_n, struct rc_error *err) {
    struct platform *list;
    size_t n;
    enum rc_code rc = platform_list(st, in->company_id, a, &list, &n, err);
    *ret_n = 0;
    if (rc != RC_OK)
        return rc;
    *ret = ARENA_NEW(a, struct mapped_not_taken, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (list[i].caps.state != TEXT_SET || !platform_is_fed(&list[i], in->integration_id))
            continue;
        struct mapped_not_taken one = of_platform(&list[i], m, a);
        if (one.fields != NULL)
            (*ret)[(*ret_n)++] = one;
    }
    return RC_OK;
}
