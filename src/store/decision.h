/* decision.h - what somebody has decided about a run that waits, until it is done.
 *
 * Shape:  a row a run, written together with the job that carries it out: approving may take as long as
 *         a delivery does, and must not be lost when the process dies. A no takes the place of a yes that
 *         has not been carried out yet.
 * Errors: RC_CONFLICT "run.decided": somebody has decided already, and it is being carried out. */
#pragma once
#include "store/store.h"

struct decision_made {
    int64_t company_id, run_id, made_us;
    bool yes;
    struct text who, because;
};
enum rc_code decision_add(struct store *st, const struct decision_made *d, struct rc_error *err);
/* RC_NOT_FOUND is an answer. */
enum rc_code decision_get(struct store *st, int64_t company_id, int64_t run_id, struct arena *a,
                          struct decision_made *ret, struct rc_error *err);
/* That one, and not another that has taken its place. */
enum rc_code decision_drop(struct store *st, const struct decision_made *d, struct rc_error *err);

/* Rows of jobs that carried something out before then, and are due no more. */
enum { DECISION_JOB_KEPT_DAYS = 7 };
enum rc_code decision_forget(struct store *st, int64_t company_id, int64_t before_us,
                             struct rc_error *err);
