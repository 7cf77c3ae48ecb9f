/* Acting: what is asked for here is done by workers; the answer says that it will be. */
#include "server/api_p.h"
#include "store/job.h"
#include "sync/decided.h"
#include "sync/pause.h"

enum { SENTENCE_BYTES = 1000 };

/* ---- runs that wait ---- */

static enum rc_code decide(struct api_call *c, bool yes, struct rc_error *err) {
    struct show_subjects all;
    struct run r;
    const char *reason;
    int64_t id;
    enum rc_code rc = api_number(c->parts[1], "run", &id, err);
    if (rc != RC_OK || (rc = api_text(c, "reason", true, SENTENCE_BYTES, &reason, err)) != RC_OK ||
        (rc = show_subjects(&c->show, &c->company, &all, err)) != RC_OK ||
        (rc = decided_take(c->st, &c->company, id, yes, c->who, reason, c->now_us, c->arena, &r,
                           err)) != RC_OK)
        return rc;
    show_run(&c->w, "run", &c->company, show_subject_of(&all, &r), &r);
    c->status = 202;
    return RC_OK;
}

enum rc_code api_run_approve(struct api_call *c, struct rc_error *err) {
    return decide(c, true, err);
}

enum rc_code api_run_reject(struct api_call *c, struct rc_error *err) {
    return decide(c, false, err);
}

/* ---- work that is wanted now ---- */

static enum rc_code want(struct api_call *c, enum job_kind k, int64_t subject_id,
                         struct rc_error *err) {
    struct job_state is;
    enum rc_code rc = job_want(c->st, k, c->company.company_id, subject_id, c->now_us, err);
    if (rc != RC_OK ||
        (rc = job_look(c->st, k, c->company.company_id, subject_id, c->now_us, &is, err)) != RC_OK)
        return rc;
    json_object(&c->w, "job");
    json_put_cstr(&c->w, "kind", job_kind_name(k));
    json_put_text(&c->w, "company", c->company.key);
    json_put_cstr(&c->w, "subject", c->parts[1]);
    json_put_bool(&c->w, "running", is.is_claimed);
    json_object_end(&c->w);
    c->status = 202;
    return RC_OK;
}

enum rc_code api_integration_sync(struct api_call *c, struct rc_error *err) {
    struct integration in;
    bool preview;
    enum rc_code rc = api_flag(c, "preview", &preview, err);
    if (rc != RC_OK || (rc = api_integration(c, &in, err)) != RC_OK)
        return rc;
    return preview ? api_errand_sync(c, &in, err) : want(c, JOB_SYNC, in.integration_id, err);
}

enum rc_code api_destination_deliver(struct api_call *c, struct rc_error *err) {
    struct platform p;
    bool preview, inventory;
    enum rc_code rc = api_flag(c, "preview", &preview, err);
    if (rc != RC_OK || (rc = api_flag(c, "inventory", &inventory, err)) != RC_OK ||
        (rc = api_destination(c, &p, err)) != RC_OK)
        return rc;
    if (inventory && !preview)
        return rc_fail_as(
            err, RC_INVALID, "request.body",
            "inventory goes with preview: deliveries read all accounts when it is due");
    return preview ? api_errand_deliver(c, &p, inventory, err)
                   : want(c, JOB_DELIVERY, p.destination_id, err);
}

/* ---- pausing ---- */

enum rc_code api_destination_pause(struct api_call *c, struct rc_error *err) {
    struct platform p;
    const char *because;
    enum rc_code rc = api_text(c, "because", false, SENTENCE_BYTES, &because, err);
    if (rc != RC_OK || (rc = pause_platform(c->st, &c->company, c->parts[1], c->who, because,
                                            c->now_us, c->arena, &p, err)) != RC_OK)
        return rc;
    return show_platform(&c->show, &c->w, "destination", &c->company, &p, err);
}

enum rc_code api_destination_resume(struct api_call *c, struct rc_error *err) {
    struct platform p;
    enum rc_code rc =
        pause_end(c->st, &c->company, c->parts[1], c->who, c->now_us, c->arena, &p, err);
    if (rc != RC_OK)
        return rc;
    return show_platform(&c->show, &c->w, "destination", &c->company, &p, err);
}
