/* policy.h - a policy and a change of it, as JSON: of `policy show`, `policy set`, and of the API. */
#pragma once
#include "show/show.h"
#include "sync/policy_change.h"

/* Every setting, as policy_set() takes it. */
void show_policy(struct json_writer *w, const char *key, const struct policy *p, struct arena *a);
/* The members of the object that is open: what changes, and what the next delivery would do. */
void show_policy_change(struct json_writer *w, const struct company *co, const struct platform *p,
                        const struct policy_change *g, bool saved, struct arena *a);
