/* work_p.h - shared by the files of jobs only: work.c, and one file a kind of job where it is long. */
#pragma once
#include "sync/steps.h"
#include "sync/work.h"

extern const char work_who[]; /* "rollcall serve" */

bool work_is_named(const struct rc_error *err, const char *name);
/* What became of it, as said by an error. */
struct work_result work_result_of(enum rc_code rc, const struct rc_error *err);
void work_log_failure(enum rc_code rc, const char *what, const struct rc_error *err);
void work_log_run(const char *what, const struct run *r);
/* Each platform that the integration feeds; one that fails gets a job of its own. */
struct work_result work_deliver_all(const struct work *w, struct steps *s);

/* work_hint.c */
struct work_result work_hint(const struct work *w, const struct job *j, const struct company *co,
                             struct arena *a);
/* work_webhook.c */
struct work_result work_webhook(const struct work *w, const struct job *j, struct arena *a);
