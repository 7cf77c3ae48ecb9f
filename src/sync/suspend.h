/* suspend.h - a company for which nothing is done for now, and one for which nothing is done any more.
 *
 * Shape:  suspended, nothing is read for it and nothing delivered: imports, deliveries and decisions are
 *         refused, jobs wait, webhooks are kept; so that a suspension never closes anybody's account, nor
 *         opens one. What is under way stops at its next write or call. Everything can still be looked at.
 *         Each act is recorded with who and when, in the transaction that does it.
 * Errors: RC_CONFLICT "company.suspended"; "company.active": it is not suspended. Removing: RC_CONFLICT "busy"
 *         while an import or a delivery is under way. */
#pragma once
#include "base/clock.h"
#include "store/company.h"
#include "sync/unsubscribe.h"

enum rc_code suspend_company(struct store *st, struct company *co, const char *who, const char *why,
                             int64_t now_us, struct rc_error *err);
enum rc_code suspend_end(struct store *st, struct company *co, const char *who, int64_t now_us,
                         struct rc_error *err);
/* What would go with a company. */
struct suspend_counts {
    int64_t people, accounts;
};
enum rc_code suspend_count(struct store *st, const struct company *co, struct arena *a,
                           struct suspend_counts *ret, struct rc_error *err);
/* Everything known of it, for good. Accounts on platforms stay as they are there, open ones open, and nobody
 * closes them any more. where: the database, as hook_events_open() takes it. Its webhooks in HR are deleted
 * before (unsubscribe.h); k NULL: then they stay, and ret says so. */
enum rc_code suspend_remove(struct store *st, const char *where, const struct secret_key *k,
                            const struct company *co, const struct clock_source *clock,
                            struct arena *a, struct unsubscribed *ret, struct rc_error *err);
