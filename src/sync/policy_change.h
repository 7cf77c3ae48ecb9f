/* policy_change.h - a policy as it is and as somebody would have it, with whom that concerns: before it is saved,
 * and saving it.
 *
 * Memory: texts lie in the arena.
 * Errors: RC_INVALID "setting", "policy". That it cannot be counted is none, and keeps nobody from saving:
 *         the guard looks at what follows. */
#pragma once
#include "people/policy.h"
#include "sync/accounts.h"

struct policy_change {
    struct policy before, after;
    struct text stored; /* after, as it is kept */
    bool counted;       /* both of these are known */
    struct accounts_consequence now, then;
    const char *unknown; /* why not */
    const char *warns;   /* of what nobody would see coming; NULL: nothing */
};
/* before and after as the platform has it; then policy_set() on after, or policy_change_usual(). */
enum rc_code policy_change_begin(const struct platform *p, struct arena *a,
                                 struct policy_change *ret, struct rc_error *err);
/* Back to what is usual. RC_INVALID "setting": there is none of that name. */
enum rc_code policy_change_usual(struct policy_change *g, const char *name, struct arena *a,
                                 struct rc_error *err);
/* Fills in the rest. */
void policy_change_count(const struct accounts_context *x, struct arena *a,
                         struct policy_change *g);
/* In one transaction with its entry in the audit log. Secrets stay as they are. */
enum rc_code policy_change_save(const struct accounts_context *x, const struct policy_change *g,
                                struct arena *a, struct rc_error *err);
/* The value as policy_set() takes it; "" for none. */
const char *policy_change_value(const struct policy *p, const char *name, struct arena *a);
