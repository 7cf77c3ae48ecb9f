/* config_plan_p.h - of a plan that is being made: config_plan.c (steps, and what comes of them) and
 * config_plan_check.c (whether it is possible). */
#pragma once
#include "sync/config_p.h"

struct config_planning {
    struct store *st;
    struct config *wanted;
    const struct config_options *o;
    struct arena *a;
    struct config_plan *plan;
    size_t cap;
};

extern const char *const config_nouns[]; /* by enum config_kind */
/* "integrations.hr.schedule"; member NULL: of the object itself. */
const char *config_plan_path(struct config_planning *p, const struct config_object *o,
                             const char *member);
bool config_plan_removes(const struct config_planning *p, enum config_kind kind, struct text key);

/* config_plan_check.c; was NULL: it is new */
enum rc_code config_plan_check_fixed(struct config_planning *p, const struct config_object *was,
                                     const struct config_object *is, struct rc_error *err);
enum rc_code config_plan_check_object(struct config_planning *p, const struct config_object *was,
                                      struct config_object *is, struct rc_error *err);
enum rc_code config_plan_check_enabled(struct config_planning *p, struct rc_error *err);
