#include "sync/suspend.h"

#include <stdio.h>
#include "store/account.h"
#include "store/audit.h"
#include "store/directory.h"
#include "store/hook_event.h"
#include "store/integration.h"
#include "store/lease.h"
#include "store/platform.h"

/* ---- for now ---- */

static enum rc_code save(struct store *st, const struct company *co, const char *who,
                         const char *what, int64_t now_us, struct rc_error *err) {
    bool mine;
    enum rc_code rc = store_join(st, &mine, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = company_suspend(st, co, err)) == RC_OK)
        rc = audit_add(st, co->company_id, now_us, who, what, err);
    return store_leave(st, mine, rc, err);
}

enum rc_code suspend_company(struct store *st, struct company *co, const char *who, const char *why,
                             int64_t now_us, struct rc_error *err) {
    struct company to = *co;
    enum rc_code rc = company_is_open(st, co->company_id, err);
    if (rc != RC_OK)
        return rc;
    to.suspended_us = now_us;
    to.suspended_by = text_of(who);
    to.suspended_why = text_of(why);
    if ((rc = save(st, &to, who, "company suspended", now_us, err)) == RC_OK)
        *co = to;
    return rc;
}

enum rc_code suspend_end(struct store *st, struct company *co, const char *who, int64_t now_us,
                         struct rc_error *err) {
    struct company to = *co;
    if (company_is_open(st, co->company_id, err) == RC_OK)
        return rc_fail_as(err, RC_CONFLICT, "company.active", "the company is not suspended");
    to.suspended_us = 0;
    to.suspended_by = to.suspended_why = (struct text){ 0 };
    enum rc_code rc = save(st, &to, who, "company resumed", now_us, err);
    if (rc == RC_OK)
        *co = to;
    return rc;
}

/* ---- for good ---- */

struct subjects {
    struct integration *integrations;
    struct platform *platforms;
    size_t integrations_n, platforms_n;
};

static enum rc_code load(struct store *st, const struct company *co, struct arena *a,
                         struct subjects *ret, struct rc_error *err) {
    enum rc_code rc =
        integration_list(st, co->company_id, a, &ret->integrations, &ret->integrations_n, err);
    return rc != RC_OK
               ? rc
               : platform_list(st, co->company_id, a, &ret->platforms, &ret->platforms_n, err);
}

enum rc_code suspend_count(struct store *st, const struct company *co, struct arena *a,
                           struct suspend_counts *ret, struct rc_error *err) {
    struct subjects all;
    int64_t n = 0;
    enum rc_code rc = load(st, co, a, &all, err);
    *ret = (struct suspend_counts){ 0 };
    for (size_t i = 0; rc == RC_OK && i < all.integrations_n; i++, ret->people += n)
        rc = directory_count(st, co->company_id, all.integrations[i].integration_id, &n, err);
    n = 0;
    for (size_t i = 0; rc == RC_OK && i < all.platforms_n; i++, ret->accounts += n)
        rc = account_count(st, co->company_id, all.platforms[i].destination_id, ACCOUNT_ALL, &n,
                           err);
    return rc;
}

static enum rc_code take(struct store *st, const struct company *co, const char *kind, int64_t id,
                         int64_t now_us, struct lease *ret, struct rc_error *err) {
    char subject[64];
    snprintf(subject, sizeof subject, "%lld/%lld", (long long)co->company_id, (long long)id);
    return lease_take(st, kind, subject, now_us, ret, err);
}

static enum rc_code remove_held(struct store *st, const struct company *co,
                                const struct lease *leases, size_t n, int64_t now_us,
                                struct rc_error *err) {
    enum rc_code rc = db_begin(st->db, err);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = lease_hold(st, &leases[i], now_us, err);
    if (rc == RC_OK && (rc = company_remove(st, co->company_id, err)) == RC_OK)
        return db_commit(st->db, err);
    db_rollback(st->db);
    return rc;
}

/* What webhooks have told lies beside an SQLite database, and another company may have the numbers later. */
static enum rc_code forget_hooks(const char *where, const struct company *co,
                                 const struct subjects *all, struct rc_error *err) {
    RC_CLEANUP(store_closep) struct store *events = NULL;
    enum rc_code rc = hook_events_open(where, &events, err);
    for (size_t i = 0; rc == RC_OK && i < all->integrations_n; i++)
        rc = hook_event_forget(events, co->company_id, all->integrations[i].integration_id, err);
    return rc;
}

enum rc_code suspend_remove(struct store *st, const char *where, const struct secret_key *k,
                            const struct company *co, const struct clock_source *clock,
                            struct arena *a, struct unsubscribed *ret, struct rc_error *err) {
    struct subjects all;
    size_t n = 0;
    int64_t now_us = clock_now_us(clock);
    enum rc_code rc = load(st, co, a, &all, err);
    if (rc != RC_OK)
        return rc;
    struct lease *leases = ARENA_NEW(a, struct lease, all.integrations_n + all.platforms_n + 1);
    for (size_t i = 0; rc == RC_OK && i < all.integrations_n; i++)
        if ((rc = take(st, co, "import", all.integrations[i].integration_id, now_us, &leases[n],
                       err)) == RC_OK)
            n++;
    for (size_t i = 0; rc == RC_OK && i < all.platforms_n; i++)
        if ((rc = take(st, co, "deliver", all.platforms[i].destination_id, now_us, &leases[n],
                       err)) == RC_OK)
            n++;
    if (rc == RC_OK) {
        unsubscribe(st, k, all.integrations, all.integrations_n, clock, a, ret);
        rc = remove_held(st, co, leases, n, clock_now_us(clock), err);
        unsubscribe_end(st, co->company_id, ret, rc == RC_OK, clock_now_us(clock));
    }
    for (size_t i = 0; i < n; i++)
        lease_release(st, &leases[i]);
    return rc != RC_OK ? rc : forget_hooks(where, co, &all, err);
}
