/* Closing accounts of nobody by hand. "Nobody's" is what we believe: an account that may be somebody's who works here
 * is not closed, and the platform, the company and the account are looked at anew before each call. */
#include <stdio.h>
#include "base/cleanup.h"
#include "store/audit.h"
#include "store/nobody.h"
#include "store/our_id.h"
#include "sync/accounts_p.h"
#include "sync/delivery.h"
#include "sync/policy_text.h"

struct closing {
    struct accounts_context x; /* with the platform as it is now */
    struct platform now;
    struct policy policy;
    struct lease l;
    struct arena a;
};

/* Until the first delivery nobody who works here is known to have the account that they have. */
static enum rc_code look_at_platform(struct closing *c, struct rc_error *err) {
    const struct accounts_context *x = &c->x;
    const struct platform *p = &c->now;
    enum rc_code rc = platform_get(x->st, x->company->company_id, x->platform->destination_id,
                                   x->key, &c->a, &c->now, err);
    if (rc != RC_OK || (rc = company_is_open(x->st, x->company->company_id, err)) != RC_OK)
        return rc;
    if (p->paused_by.state == TEXT_SET)
        return rc_fail_as(err, RC_CONFLICT, "destination.paused",
                          "paused by %.*s: nothing is closed until it is resumed",
                          TEXT_ARG(p->paused_by));
    if (p->restored_us != 0)
        return rc_fail_as(err, RC_CONFLICT, "destination.restored",
                          "the database was put back from a backup: whose accounts these are is "
                          "known again after the next delivery");
    if (p->delivered_us == 0)
        return rc_fail_as(err, RC_CONFLICT, "destination.undelivered",
                          "nothing has been delivered here yet, and until then an account that is "
                          "nobody's may be anybody's: approve the first delivery, then close what "
                          "is left");
    if (p->listed_us == 0)
        return rc_fail_as(err, RC_CONFLICT, "destination.another",
                          "its address or key has changed since it was last read: whose accounts "
                          "these are is known again after the next delivery");
    return RC_OK;
}

/* Somebody's who is known here, by its id, and no person has taken that back: a delivery decides about it. */
static enum rc_code may_be_ours(struct closing *c, const struct account_row *row,
                                struct rc_error *err) {
    const struct accounts_context *x = &c->x;
    struct account_row own;
    struct person who;
    enum our_id of;
    enum rc_code rc = our_id_of(x->st, x->company->company_id, x->platform->prefix,
                                row->is.external_id, &c->a, &of, &who, err);
    if (rc != RC_OK || of == OUR_ID_NOT || of == OUR_ID_NOBODYS)
        return rc;
    if (of == OUR_ID_UNSETTLED)
        return accounts_refuse(
            err, row,
            "has an id of ours, of an integration that has brought nobody yet or "
            "whose import has not ended: approve or reject that first");
    rc = account_of_user(x->st, x->company->company_id, x->platform->destination_id, who.user_id,
                         &c->a, &own, err);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    if (rc == RC_OK && account_is_approved(&own.is, ACCOUNT_APPROVAL_APART, row->is.remote_id))
        return RC_OK;
    return accounts_refuse(err, row,
                           rc == RC_OK && account_is_there(&own.is)
                               ? "has the id of somebody who has another account: let that be "
                                 "taken away there first"
                               : "has the id of somebody whom HR has had: the next delivery "
                                 "decides about it");
}

static enum rc_code may_be_somebodys(const struct closing *c, const struct account_row *row,
                                     struct rc_error *err) {
    static const char *const why[] = {
        [NOBODY_STATED] = "has the address of somebody who works here by HR: link it to them, or "
                          "correct the address in HR",
        [NOBODY_STAGED] = "has the address of somebody whom an import brings that has not ended: "
                          "approve or reject that first",
        [NOBODY_ASKED] = "may be somebody's: that is asked, and to be answered first",
        [NOBODY_PLANNED] = "is what a delivery that has not ended links to somebody: approve or "
                           "reject that first",
    };
    const struct accounts_context *x = &c->x;
    struct text email = account_shows(&row->is.fields[USER_EMAIL]);
    enum nobody_may_be may;
    if (email.state != TEXT_SET)
        return accounts_refuse(err, row, "shows no address, so that nobody can tell whose it is");
    enum rc_code rc = nobody_ask(x->st, x->company->company_id, x->platform->destination_id,
                                 row->is.remote_id, email, &may, err);
    if (rc != RC_OK || may == NOBODY_AT_ALL)
        return rc;
    return accounts_refuse(err, row, why[may]);
}

static enum rc_code may_close(struct closing *c, struct text remote_id, struct account_row *ret,
                              struct rc_error *err) {
    enum rc_code rc = accounts_by_remote(&c->x, remote_id, &c->a, ret, err);
    if (rc != RC_OK)
        return rc;
    if (ret->is.user_id != 0)
        return accounts_refuse(err, ret, "is somebody's: HR decides about it");
    if (ret->is.tie == ACCOUNT_IGNORED && !accounts_was_unlinked(&ret->is))
        return accounts_refuse(err, ret,
                               "is left alone, as somebody said: `accounts ignore --no-longer` "
                               "takes that back");
    if (policy_protects(&c->policy, &ret->is) != NULL)
        return accounts_refuse(err, ret, "is protected");
    if (ret->is.status != ACCOUNT_ACTIVE && ret->is.status != ACCOUNT_DEACTIVATED)
        return accounts_refuse(err, ret, "is neither open nor closed there, and stays as it is");
    rc = may_be_ours(c, ret, err);
    return rc != RC_OK ? rc : may_be_somebodys(c, ret, err);
}

/* In a transaction of its own: said before it is done, so that what was tried is known whatever becomes of it. */
static enum rc_code announce(struct closing *c, struct text remote_id, struct account_row *ret,
                             struct rc_error *err) {
    const struct accounts_context *x = &c->x;
    char what[200];
    enum rc_code rc = lease_hold(x->st, &c->l, clock_now_us(x->clock), err);
    if (rc != RC_OK || (rc = look_at_platform(c, err)) != RC_OK ||
        (rc = may_close(c, remote_id, ret, err)) != RC_OK)
        return rc;
    snprintf(what, sizeof what, "destination %.*s: account %.*s of nobody is deactivated",
             TEXT_ARG(x->platform->key), TEXT_ARG(remote_id));
    return audit_add(x->st, x->company->company_id, clock_now_us(x->clock), x->who, what, err);
}

static bool same(struct text a, struct text b) {
    return (a.state != TEXT_SET && b.state != TEXT_SET) || text_equal(a, b);
}

/* It may have another role than when all accounts were read, or be somebody's by now. */
static enum rc_code look_again(struct closing *c, struct destination_lane *lane,
                               const struct account_row *row, struct rc_error *err) {
    struct account there;
    bool is_protected;
    enum rc_code rc =
        destination_is_protected(lane, &c->policy, &row->is, &c->a, &there, &is_protected, err);
    if (rc != RC_OK || there.remote_id.state != TEXT_SET)
        return rc;
    if (is_protected)
        return accounts_refuse(err, row, "is protected by now");
    if (!same(there.external_id, row->is.external_id) ||
        !same(there.fields[USER_EMAIL].known, account_shows(&row->is.fields[USER_EMAIL])))
        return accounts_refuse(
            err, row,
            "has another address or external id since all were read last: `rollcall "
            "deliver --inventory` reads them again");
    return RC_OK;
}

/* The call may have taken longer than the lease: what others have said of the account since is not written over. */
static enum rc_code write_closed(struct closing *c, struct account_row *row, struct rc_error *err) {
    enum rc_code rc = lease_hold(c->x.st, &c->l, clock_now_us(c->x.clock), err);
    row->is.status = ACCOUNT_DEACTIVATED;
    return rc != RC_OK ? rc : accounts_save(&c->x, row, err);
}

static enum rc_code close_one(struct closing *c, struct destination_lane *lane,
                              struct text remote_id, struct rc_error *err) {
    struct store *st = c->x.st;
    struct account_row row;
    bool mine;
    enum rc_code rc = store_join(st, &mine, err);
    if (rc != RC_OK ||
        (rc = store_leave(st, mine, announce(c, remote_id, &row, err), err)) != RC_OK ||
        (rc = look_again(c, lane, &row, err)) != RC_OK ||
        (rc = lane->destination->ops->deactivate(lane, &row.is, err)) != RC_OK ||
        (rc = store_join(st, &mine, err)) != RC_OK)
        return rc;
    return store_leave(st, mine, write_closed(c, &row, err), err);
}

static enum rc_code close_all(struct closing *c, const struct text *remote_ids, size_t n,
                              int64_t *ret_closed, struct rc_error *err) {
    RC_CLEANUP(destination_closep) struct destination *d = NULL;
    RC_CLEANUP(destination_lane_freep) struct destination_lane *lane = NULL;
    struct account_row row;
    enum rc_code rc = look_at_platform(c, err);
    if (rc != RC_OK)
        return rc;
    c->x.platform = &c->now;
    rc = policy_text_read(c->now.policy, &c->a, &c->policy, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = may_close(c, remote_ids[i], &row, err);
    if (rc != RC_OK || (rc = delivery_connect(&c->now, c->x.adapter, c->x.clock, &d, err)) != RC_OK)
        return rc;
    lane = destination_lane_new(d);
    if ((rc = d->ops->caps(lane, &c->a, &c->policy.caps, err)) != RC_OK)
        return rc;
    for (size_t i = 0; i < n; i++) /* again, with the role that the platform must not lose */
        if ((rc = may_close(c, remote_ids[i], &row, err)) != RC_OK)
            return rc;
    for (size_t i = 0; i < n; i++) {
        if ((rc = close_one(c, lane, remote_ids[i], err)) != RC_OK)
            return rc_context(err, rc, "account %.*s", TEXT_ARG(remote_ids[i]));
        ++*ret_closed;
    }
    return RC_OK;
}

enum rc_code accounts_close(const struct accounts_context *x, const struct text *remote_ids,
                            size_t n, int64_t *ret_closed, struct rc_error *err) {
    struct closing c = { .x = *x };
    enum rc_code rc = accounts_take(x, &c.l, err);
    *ret_closed = 0;
    if (rc != RC_OK)
        return rc;
    arena_init(&c.a);
    rc = close_all(&c, remote_ids, n, ret_closed, err);
    arena_done(&c.a);
    lease_release(x->st, &c.l);
    return rc;
}
