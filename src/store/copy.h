/* copy.h - one integration as it is now, with everybody known through it, into another store: for
 * trying out what must not touch the real one.
 *
 * Shape:  company, integration (without its secrets), its active mapping, teams, people with their
 *         current versions, whoever is unsettled, and the runs that these name or that were applied
 *         since_us. What waits or is under way is left behind, and so are all history and those who
 *         are missing from HR's list and not settled: the copy is as if HR repeated itself.
 * Errors: of either store; the one copied to is then of no use. */
#pragma once
#include "store/store.h"

enum rc_code store_copy_integration(struct store *from, struct store *to, int64_t company_id,
                                    int64_t integration_id, int64_t since_us, struct rc_error *err);
/* Whoever is unsettled once more, in place of what the other store has made of it. */
enum rc_code store_copy_unsettled(struct store *from, struct store *to, int64_t company_id,
                                  int64_t integration_id, struct rc_error *err);
