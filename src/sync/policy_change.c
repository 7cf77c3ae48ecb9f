#include "sync/policy_change.h"

#include "store/audit.h"
#include "sync/policy_text.h"

enum { VALUE_BYTES = 1 << 14 };

const char *policy_change_value(const struct policy *p, const char *name, struct arena *a) {
    struct buf b;
    buf_init(&b, VALUE_BYTES);
    (void)policy_show(p, name, &b);
    const char *s = arena_str(a, b.ptr != NULL ? b.ptr : "", b.len);
    buf_done(&b);
    return s;
}

enum rc_code policy_change_begin(const struct platform *p, struct arena *a,
                                 struct policy_change *ret, struct rc_error *err) {
    *ret = (struct policy_change){ 0 };
    enum rc_code rc = policy_text_read(p->policy, a, &ret->before, err);
    ret->after = ret->before;
    return rc;
}

enum rc_code policy_change_usual(struct policy_change *g, const char *name, struct arena *a,
                                 struct rc_error *err) {
    return policy_set(&g->after, text_of(name),
                      text_of(policy_change_value(&policy_default, name, a)), a, err);
}

void policy_change_count(const struct accounts_context *x, struct arena *a,
                         struct policy_change *g) {
    struct rc_error err = { 0 };
    struct policy there = g->after;
    struct buf b;
    policy_caps_read(x->platform->caps, a, &there.caps);
    if (policy_leaves_uninvited(&there))
        g->warns = "accounts are made ahead of their invitation, and nobody is invited by rollcall "
                   "then: the platform takes no call for that. Somebody sends each invitation on "
                   "the platform";
    buf_init(&b, 1 << 16);
    policy_text_write(&g->after, &b);
    g->stored = text_copy(a, text_from(b.ptr, b.len));
    buf_done(&b);
    if (x->platform->listed_us == 0) {
        g->unknown = "the platform's accounts have not been read yet";
        return;
    }
    g->counted = accounts_consequence(x, x->platform->policy, &g->now, &err) == RC_OK &&
                 accounts_consequence(x, g->stored, &g->then, &err) == RC_OK;
    if (!g->counted)
        g->unknown = arena_printf(a, "%s", err.text);
}

enum rc_code policy_change_save(const struct accounts_context *x, const struct policy_change *g,
                                struct arena *a, struct rc_error *err) {
    struct platform p = *x->platform;
    bool mine;
    enum rc_code rc = store_join(x->st, &mine, err);
    if (rc != RC_OK)
        return rc;
    p.policy = text_is(g->stored, "{}") ? (struct text){ 0 } : g->stored;
    p.secrets = (struct text){ 0 };
    if ((rc = platform_save(x->st, NULL, &p, err)) == RC_OK)
        rc = audit_add(x->st, x->company->company_id, clock_now_us(x->clock), x->who,
                       arena_printf(a, "policy of destination %.*s: %.*s", TEXT_ARG(p.key),
                                    TEXT_ARG(g->stored)),
                       err);
    return store_leave(x->st, mine, rc, err);
}
