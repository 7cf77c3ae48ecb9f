/* What a plan comes to in numbers, and what the guard says of it. */
#include <string.h>
#include "sync/delivery_p.h"
#include "sync/plan.h"

static const int64_t day_us = INT64_C(86400000000);

void delivery_count(struct delivery *d, const struct plan *p) {
    struct run_counts *n = &d->run->counts;
    n->read = p->looked_at;
    n->joiners = p->verbs[DECIDE_CREATE] + p->verbs[DECIDE_ADOPT];
    n->changed = p->verbs[DECIDE_UPDATE] + p->verbs[DECIDE_REACTIVATE] + p->verbs[DECIDE_INVITE];
    n->teams_new = p->teams[TEAM_CREATE] + p->teams[TEAM_ADOPT];
    n->teams_renamed = p->teams[TEAM_RENAME];
    memcpy(n->classes, p->classes, sizeof n->classes);
    memcpy(n->fields, p->fields, USER_FIELDS_N * sizeof *n->fields);
    memcpy(d->run->stage_digest, p->digest, sizeof d->run->stage_digest);
    d->run->has_stage_digest = true;
    d->progress->planned = p->effects;
}

enum rc_code delivery_judge(struct delivery *d, const struct plan *p, bool *ret_held,
                            struct rc_error *err) {
    struct run *r = d->run;
    struct run_past *past;
    struct guard_verdict v;
    struct buf b, one;
    size_t n;
    int64_t now = clock_now_us(d->clock);
    enum rc_code rc = run_applied_since(d->st, r->company_id, d->p.destination_id,
                                        now - GUARD_DAYS * day_us, d->arena, &past, &n, err);
    if (rc != RC_OK)
        return rc;
    struct guard_input in = { .first = d->p.delivered_us == 0 && p->effects > 0,
                              .delivers = true,
                              .joiners = r->counts.joiners,
                              .population = { [GUARD_RUN] = r->population } };
    memcpy(in.now, r->counts.classes, sizeof in.now);
    struct guard_past *before = ARENA_NEW(d->arena, struct guard_past, n + 1);
    for (size_t i = 0; i < n; i++)
        guard_past_read(&past[i], &before[i]);
    guard_look_back(before, n, now, &in);
    guard_check(&d->limits, &in, &v);
    buf_init(&b, 1 << 16);
    buf_init(&one, 1000);
    bool restored = delivery_is_held_as_restored(d, p->effects, &one);
    v.held |= restored;
    guard_write(&v, &in, &d->limits, &b);
    r->verdict = text_copy(d->arena, text_from(b.ptr, b.len));
    buf_clear(&b);
    if (restored)
        buf_append(&b, one.ptr, one.len);
    buf_clear(&one);
    for (size_t i = 0; guard_reason(&v, &in, &d->limits, i, &one); i++, buf_clear(&one))
        buf_printf(&b, "%s%s", b.len > 0 ? "; " : "", one.ptr);
    if (v.held)
        r->reason = text_copy(d->arena, text_from(b.ptr, b.len));
    buf_done(&one);
    buf_done(&b);
    *ret_held = v.held;
    return RC_OK;
}
