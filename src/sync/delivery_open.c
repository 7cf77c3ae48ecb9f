/* What a delivery works with: the lease, the connection, what is decided by, and what the platform shows. */
#include <stdio.h>
#include "sync/delivery_p.h"
#include "sync/inventory.h"
#include "sync/policy_text.h"
#include "sync/setting_values.h"

enum { INVENTORY_HOURS = 20 }; /* a daily one is due a little before a day is over */
static const int64_t second_us = 1000000;

/* ---- opening ---- */

enum rc_code delivery_connect(const struct platform *p, const struct destination_ops *adapter,
                              const struct clock_source *clock, struct destination **ret,
                              struct rc_error *err) {
    const char *values[SETTING_VALUES_MAX];
    char name[64];
    struct arena a;
    snprintf(name, sizeof name, "%.*s", TEXT_ARG(p->adapter));
    const struct destination_ops *ops = adapter != NULL ? adapter : destination_find(name);
    if (ops == NULL)
        return rc_fail(err, RC_FATAL, "this program has no destination \"%s\"", name);
    arena_init(&a);
    setting_values(ops->settings, p->settings, p->secrets, &a, values);
    struct destination_config config = { ops, values, clock };
    enum rc_code rc = destination_open(&config, ret, err);
    arena_done(&a);
    return rc;
}

enum rc_code delivery_prepare(struct delivery *d, struct store *st, const struct secret_key *k,
                              const struct company *company, int64_t destination_id,
                              const struct delivery_options *o, struct lease *lease,
                              struct arena *a, struct rc_error *err) {
    char subject[64];
    enum rc_code rc;
    d->st = st;
    d->key = k;
    d->clock = o->clock;
    d->company = company;
    d->o = o;
    d->arena = a;
    d->lease = lease;
    d->progress = o->progress != NULL ? o->progress : &d->own;
    d->progress->waits_for_clock_n = 0;
    snprintf(subject, sizeof subject, "%lld/%lld", (long long)company->company_id,
             (long long)destination_id);
    if ((rc = lease_take(st, "deliver", subject, clock_now_us(o->clock), lease, err)) != RC_OK)
        return rc;
    if ((rc = company_is_open(st, company->company_id, err)) != RC_OK ||
        (rc = platform_get(st, company->company_id, destination_id, k, a, &d->p, err)) != RC_OK ||
        (rc = guard_limits_read(d->p.limits, &d->limits, err)) != RC_OK)
        lease_release(st, lease);
    return rc;
}

static void reopen(struct delivery *d) {
    if (d->is_open)
        deciding_close(&d->d);
    d->is_open = false;
}

enum rc_code delivery_open_deciding(struct delivery *d, struct rc_error *err) {
    reopen(d);
    d->is_open = true; /* also when it fails half-way: it is to be closed */
    enum rc_code rc =
        deciding_open_without_teams(&d->d, d->st, d->company, &d->p, clock_now_us(d->clock), err);
    if (rc != RC_OK)
        return rc;
    if ((rc = effect_any_unsure(d->st, d->company->company_id, d->p.destination_id,
                                delivery_listed_us(d), &d->in_doubt, err)) != RC_OK)
        return rc;
    d->d.clock_in_doubt = delivery_clocks_are_apart(d);
    /* What was refused may have been so for a passing cause: asked once a day it costs a call. */
    d->d.tries_again = d->all_listed && d->run->kind != RUN_UNDO;
    if (d->o->adapter != NULL)
        d->d.ops = d->o->adapter;
    return deciding_teams(&d->d, d->teams_listed ? d->foreign : NULL,
                          d->teams_listed ? d->foreign_n : 0, err);
}

void delivery_close(struct delivery *d) {
    reopen(d);
    destination_lane_free(d->lane);
    destination_close(d->destination);
    d->lane = NULL;
    d->destination = NULL;
}

/* *ret_other: they are not those of the last time. */
static enum rc_code keep_caps(struct delivery *d, const struct policy_caps *caps, bool *ret_other,
                              struct rc_error *err) {
    struct buf b;
    enum rc_code rc = RC_OK;
    buf_init(&b, 1 << 16);
    policy_caps_write(caps, &b);
    struct text told = text_copy(d->arena, text_from(b.ptr, b.len));
    buf_done(&b);
    *ret_other = !text_equal(told, d->p.caps);
    if (!*ret_other)
        return RC_OK;
    d->p.caps = told;
    if ((rc = delivery_begin(d, err)) == RC_OK)
        rc = platform_told_caps(d->st, d->company->company_id, d->p.destination_id, told, err);
    return delivery_ended(d, rc, err);
}

enum rc_code delivery_ask_caps(struct delivery *d, struct rc_error *err) {
    struct policy_caps caps = { 0 };
    bool other = true;
    enum rc_code rc;
    if (d->lane != NULL)
        return RC_OK;
    if ((rc = delivery_connect(&d->p, d->o->adapter, d->clock, &d->destination, err)) != RC_OK)
        return rc;
    d->lane = destination_lane_new(d->destination);
    d->called_with = d->p.settings;
    if ((rc = d->destination->ops->caps(d->lane, d->arena, &caps, err)) != RC_OK ||
        (rc = keep_caps(d, &caps, &other, err)) != RC_OK)
        return rc;
    if (other || !d->is_open)
        return delivery_open_deciding(d, err);
    d->d.clock_in_doubt = delivery_clocks_are_apart(d); /* the platform has told its time by now */
    return RC_OK;
}

/* ---- what the platform shows ---- */

enum rc_code delivery_take_inventory(struct delivery *d, bool accounts, struct rc_error *err) {
    struct inventory in = { .st = d->st,
                            .clock = d->clock,
                            .platform = &d->p,
                            .settings = d->called_with,
                            .lease = d->lease,
                            .lane = d->lane,
                            .run_id = d->run->run_id,
                            .progress = &d->progress->listed };
    struct inventory_result found = { 0 };
    struct buf b;
    enum rc_code rc = RC_OK;
    delivery_enter(d, DELIVERY_LISTING);
    if (accounts && (rc = inventory_accounts(&in, &found, err)) != RC_OK)
        return rc;
    if ((rc = inventory_teams(&in, d->arena, &d->foreign, &d->foreign_n, err)) != RC_OK)
        return rc;
    d->teams_listed = true;
    d->all_listed = accounts;
    if (!accounts) {
        rc = delivery_open_deciding(d, err);
        return rc != RC_OK ? rc : delivery_note_teams(d, err);
    }
    buf_init(&b, 400);
    buf_printf(&b, "{\"accounts\":%lld,\"not_seen_before\":%lld,\"changed\":%lld,\"deleted\":%lld}",
               (long long)found.accounts, (long long)found.fresh, (long long)found.changed,
               (long long)found.deleted);
    d->run->proof = text_copy(d->arena, text_from(b.ptr, b.len));
    buf_done(&b);
    if ((rc = platform_get(d->st, d->company->company_id, d->p.destination_id, d->key, d->arena,
                           &d->p, err)) != RC_OK ||
        (rc = delivery_open_deciding(d, err)) != RC_OK)
        return rc;
    return delivery_note_teams(d, err);
}

int64_t delivery_listed_us(const struct delivery *d) {
    return d->p.listed_us > clock_now_us(d->clock) ? 0 : d->p.listed_us;
}

bool delivery_inventory_is_due(const struct delivery *d) {
    int64_t listed = delivery_listed_us(d), age = clock_now_us(d->clock) - listed;
    return d->o->lists || d->in_doubt || listed == 0 || d->p.restored_us != 0 ||
           age > (d->o->few ? 2 : 1) * INVENTORY_HOURS * 3600 * second_us;
}
