#include "sync/retain.h"

#include "store/decision.h"
#include "store/errand.h"
#include "sync/stopping.h"

static const int64_t day_us = INT64_C(86400000000);

enum {
    PAUSE_US = 20000
}; /* SQLite has one writer, and whoever waits for it looks every so often */

static bool took_something(const struct retention_counts *a, const struct retention_counts *b) {
    return a->versions + a->changes + a->teams + a->effects + a->audits + a->runs !=
           b->versions + b->changes + b->teams + b->effects + b->audits + b->runs;
}

enum rc_code retain_run(struct store *st, const struct clock_source *clock,
                        const struct company *co, struct retention_counts *ret,
                        struct rc_error *err) {
    struct retention rules;
    struct retention_cursor at = { 0 };
    int64_t now = clock_now_us(clock);
    *ret = (struct retention_counts){ 0 };
    enum rc_code rc = retention_get(st, co->company_id, &rules, err);
    while (rc == RC_OK && !at.ends) {
        struct retention_counts before = *ret;
        if ((rc = stopping_asked(clock, err)) == RC_OK)
            rc = retention_step(st, co->company_id, &rules, now, &at, ret, err);
        if (rc == RC_OK && took_something(&before, ret))
            clock_sleep_us(clock, PAUSE_US);
    }
    if (rc == RC_OK)
        rc = errand_forget(st, co->company_id, now - ERRAND_KEPT_DAYS * day_us, err);
    if (rc == RC_OK)
        rc = decision_forget(st, co->company_id, now - DECISION_JOB_KEPT_DAYS * day_us, err);
    return rc;
}
