#include "sync/check.h"

#include "store/hook.h"
#include "sync/delivery.h"
#include "sync/mapped.h"
#include "sync/subscription.h"

static bool is_ok(const struct check *c) {
    for (size_t i = 0; i < c->findings_n; i++)
        if (c->findings[i].level == FINDING_FAIL)
            return false;
    return true;
}

/* How changes are noticed, where HR could tell of them by itself. */
static void check_telling(struct store *st, const struct secret_key *k,
                          const struct integration *in, const char *public_url, struct arena *a,
                          struct check *check) {
    struct hook h;
    bool is_reachable = public_url != NULL && *public_url != '\0';
    bool polls = in->schedule.state == TEXT_SET && !text_is(in->schedule, "off");
    if (!subscription_is_possible(in))
        return;
    enum rc_code rc = hook_get(st, k, in->company_id, in->integration_id, a, &h, NULL);
    bool is_kept = rc == RC_OK && h.state == HOOK_KEPT;
    const char *how =
        is_kept ? "HR tells of changes at once; besides, "
        : !is_reachable
            ? "HR cannot tell of changes: ROLLCALL_PUBLIC_URL does not say where this service is "
              "reached; "
        : rc == RC_OK
            ? "HR does not tell of changes yet (rollcall integration webhook show); until "
              "then "
            : "HR is not asked to tell of changes (rollcall integration webhook show "
              "makes it); ";
    const char *text =
        polls ? arena_printf(a, "%sall are read %.*s", how, TEXT_ARG(in->schedule))
              : arena_printf(a,
                             "%snobody is read by itself: set a schedule (integration set "
                             "--schedule)",
                             how);
    struct finding *all = ARENA_NEW(a, struct finding, check->findings_n + 1);
    for (size_t i = 0; i < check->findings_n; i++)
        all[i] = check->findings[i];
    all[check->findings_n++] =
        (struct finding){ polls && (is_kept || !is_reachable) ? FINDING_OK : FINDING_WARN,
                          "webhook", text };
    check->findings = all;
}

enum rc_code check_integration(struct store *st, const struct secret_key *k,
                               const struct integration *in, const char *record,
                               const char *public_url, const struct clock_source *clock,
                               struct arena *a, struct check *ret, struct rc_error *err) {
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
    check_telling(st, k, in, public_url, a, ret);
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
