/* since.h - since when a user is gone or excluded, by each cause that days of grace count from.
 *
 * Shape:  what is kept on the account's row counts, unless it lies ahead of today, which is out of a clock that went
 *         wrong, or HR has said otherwise in between. Where nothing is kept, it counts from when HR was read with that
 *         cause, whenever a delivery first looks: the versions of the user say when that was. What they were read by
 *         a clock that was behind or ahead, as the order of the runs shows, counts from a later run. It is never
 *         earlier than HR was read so, and where nothing says when that was, it is today.
 * Cost:   versions are read of whoever is gone or excluded, by a cause that has days of grace, and has an open account;
 *         of others nothing hangs on the day, and it is that on which a delivery first saw them so.
 * Threads: one at a time. */
#pragma once
#include "base/date.h"
#include "people/policy.h"
#include "store/account.h"
#include "store/directory.h"

struct since {
    struct store *st;
    int64_t company_id, now_us;
    const struct zone *zone;
    struct json_reader *json;
    /* The run that was asked about last: many leave by one. */
    int64_t run_id, began_us, before_us, after_us;
};
void since_open(struct since *s, struct store *st, int64_t company_id, const struct zone *zone,
                int64_t now_us);
void since_close(struct since *s);

struct since_days {
    date_days on[POLICY_CAUSES_N]; /* as policy_closing() takes them */
    uint32_t new;                  /* bits of causes of which nothing was kept */
    struct account_gone gone;      /* to be kept on the row, as are the next two */
    date_days gone_on, excluded_on;
};
enum rc_code since_find(struct since *s, const struct policy *policy, const struct account_row *row,
                        const struct person *who, const struct user *u,
                        const struct lifecycle_facts *facts, enum lifecycle lifecycle,
                        struct arena *a, struct since_days *ret, struct rc_error *err);
