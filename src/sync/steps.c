#include "sync/steps.h"

#include "sync/health.h"

enum rc_code steps_begin(struct steps *s, struct rc_error *err) {
    s->platform = NULL;
    s->at = s->fed = 0;
    s->imported = (struct run){ 0 };
    return platform_list(s->st, s->company->company_id, s->arena, &s->platforms, &s->platforms_n,
                         err);
}

enum rc_code steps_import(struct steps *s, struct import_progress *progress, struct rc_error *err) {
    struct import_options o = {
        .preview = s->preview, .who = s->who, .clock = s->clock, .progress = progress
    };
    enum rc_code rc = import_run(s->st, s->key, s->company, s->in, &o, s->arena, &s->imported, err);
    if (!s->preview)
        health_note(s->st, s->clock, s->in->company_id, s->in->integration_id, rc, err);
    return rc;
}

bool steps_next(struct steps *s) {
    while (s->at < s->platforms_n) {
        s->platform = &s->platforms[s->at++];
        if (platform_is_fed(s->platform, s->in->integration_id)) {
            s->fed++;
            return true;
        }
    }
    return false;
}

/* The newest run of the platform is the one that is held, or would have done the same. */
enum rc_code steps_is_asked(struct steps *s, bool *ret, struct rc_error *err) {
    const struct platform *p = s->platform;
    struct run held, *newest, applied;
    size_t n = 0;
    *ret = false;
    enum rc_code rc =
        run_in_state(s->st, p->company_id, p->destination_id, RUN_HELD, s->arena, &held, err);
    if (rc == RC_OK)
        rc = run_list(s->st, p->company_id, p->destination_id, 1, s->arena, &newest, &n, err);
    if (rc != RC_OK || n == 0)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    *ret = newest->run_id == held.run_id ||
           (newest->state == RUN_SUPERSEDED && newest->other_run_id == held.run_id);
    for (size_t i = 0; i < p->feeds_n && *ret; i++) {
        rc = run_last_applied(s->st, p->company_id, p->feeds[i], s->arena, &applied, err);
        if (rc != RC_OK && rc != RC_NOT_FOUND)
            return rc;
        *ret = rc == RC_NOT_FOUND || applied.ended_us <= newest->started_us;
    }
    return RC_OK;
}

enum rc_code steps_deliver(struct steps *s, struct delivery_progress *progress, struct run *ret,
                           struct rc_error *err) {
    struct delivery_options o = { .preview = s->preview,
                                  .few = s->few,
                                  .overlay_run_id = s->preview ? s->imported.run_id : 0,
                                  .who = s->who,
                                  .clock = s->clock,
                                  .progress = progress };
    enum rc_code rc = delivery_run(s->st, s->key, s->company, s->platform, &o, s->arena, ret, err);
    if (!s->preview)
        health_note_delivery(s->st, s->clock, s->platform, ret, progress, rc, err);
    return rc;
}
