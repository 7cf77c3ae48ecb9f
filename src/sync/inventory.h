/* inventory.h - what a platform shows, read whole and proven complete.
 *
 * Shape:  what a page shows is written down as it comes: it is true whatever becomes of the listing.
 *         That an account is missing is believed only after a listing in which every pass brought as
 *         many different accounts as the platform said there are, and when the platform, asked for it
 *         by its id, says that there is none. A list that moves, or that lacks many who are there, is
 *         read again.
 *         An incomplete inventory proves nothing (invariant 1, docs/scenarios.md 66).
 * Errors: RC_RETRY "inventory.incomplete" after three lists that did not add up. */
#pragma once
#include "destination/destination.h"
#include "store/lease.h"
#include "store/platform.h"
#include "sync/deciding.h"

struct inventory {
    struct store *st;
    const struct clock_source *clock;
    const struct platform *platform;
    struct text settings; /* with which the lane was opened */
    const struct lease *lease;
    struct destination_lane *lane;
    int64_t run_id;
    _Atomic int64_t *progress; /* accounts read; may be NULL */
};
struct inventory_result {
    int64_t accounts, fresh, changed, deleted; /* fresh: not seen before */
};
enum rc_code inventory_accounts(const struct inventory *in, struct inventory_result *ret,
                                struct rc_error *err);
/* inventory_same.c: before anything is read from one whose address or key has changed. RC_INVALID
 * "destination.another": most of the accounts that are known are not there under their ids. */
enum rc_code inventory_is_same(const struct inventory *in, struct rc_error *err);
/* inventory_unheard.c: in the transaction that ends an inventory. What deliveries closed or opened since
 * then (0: ever) and did not hear of is taken for done where it is so. */
enum rc_code inventory_take_unheard(const struct inventory *in, int64_t since_us,
                                    struct rc_error *err);
/* Writes down what has become of linked teams. ret_foreign: those that are linked to none of ours, in
 * the arena. */
enum rc_code inventory_teams(const struct inventory *in, struct arena *a,
                             struct deciding_foreign **ret_foreign, size_t *ret_n,
                             struct rc_error *err);
