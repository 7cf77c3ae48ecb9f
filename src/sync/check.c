#include "sync/check.h"

#include "sync/delivery.h"
#include "sync/mapped.h"

static bool is_ok(const struct check *c) {
    for (size_t i = 0; i < c->findings_n; i++)
        if (c->findings[i].level == FINDING_FAIL)
            return false;
    return true;
}

enum rc_code check_integration(struct store *st, const struct integration *in, const char *record,
                               const struct clock_source *clock, struct arena *a, struct check *ret,
                               struct rc_error *err) {
    RC_CLEANUP(source_closep) struct source *s = NULL;
    struct source_check found = { .people_n = -1 };
    const struct mapping *m;
    enum rc_code rc = company_is_open(st, in->company_id, err);
    if (rc != RC_OK || (rc = mapped_current(st, in, a, &m, err)) != RC_OK ||
        (rc = import_connect(in, m, clock, &s, err)) != RC_OK)
        return rc;
    if (record != NULL && (s->ops->caps & SOURCE_RECORD) == 0)
        return rc_fail_as(err, RC_INVALID, "check.record", "%s has nothing to record",
                          s->ops->title);
    if ((rc = s->ops->check(s, a, &found, err)) != RC_OK ||
        (record != NULL && (rc = s->ops->record(s, record, err)) != RC_OK))
        return rc;
    *ret = (struct check){ .counted = "people",
                           .counted_n = found.people_n,
                           .findings = found.findings,
                           .findings_n = found.findings_n };
    ret->ok = is_ok(ret);
    return RC_OK;
}

enum rc_code check_destination(const struct accounts_context *x, struct arena *a, struct check *ret,
                               struct rc_error *err) {
    RC_CLEANUP(destination_closep) struct destination *d = NULL;
    RC_CLEANUP(destination_lane_freep) struct destination_lane *lane = NULL;
    struct destination_check found = { .accounts_n = -1 };
    struct text *custom;
    size_t custom_n;
    enum rc_code rc = company_is_open(x->st, x->company->company_id, err);
    if (rc != RC_OK || (rc = accounts_customs(x, a, &custom, &custom_n, err)) != RC_OK ||
        (rc = delivery_connect(x->platform, NULL, x->clock, &d, err)) != RC_OK)
        return rc;
    lane = destination_lane_new(d);
    if ((rc = d->ops->check(lane, custom, custom_n, a, &found, err)) != RC_OK)
        return rc;
    *ret = (struct check){ .counted = "accounts",
                           .counted_n = found.accounts_n,
                           .findings = found.findings,
                           .findings_n = found.findings_n };
    ret->ok = is_ok(ret);
    return RC_OK;
}

void check_write(struct json_writer *w, const struct check *c) {
    static const char *const levels[] = { "ok", "warn", "fail" };
    json_put_bool(w, "ok", c->ok);
    json_put_int(w, c->counted, c->counted_n);
    json_array(w, "findings");
    for (size_t i = 0; i < c->findings_n; i++) {
        json_object(w, NULL);
        json_put_cstr(w, "level", levels[c->findings[i].level]);
        json_put_cstr(w, "name", c->findings[i].name);
        json_put_cstr(w, "text", c->findings[i].text);
        json_object_end(w);
    }
    json_array_end(w);
}
