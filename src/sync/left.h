/* left.h - who has left by HR, and can still sign in: open accounts of theirs, and what each waits for.
 *
 * Shape:  by HR's word as it is kept, whatever is in the way: the platform, a rule, a person's word, a pause, what is
 *         held, a feed that is none any more. Not among them: who may stay by a setting, for good or for days of
 *         grace; whoever is only missing from HR's list; an account that the same person's new record takes over.
 *         An account that is not linked, and has somebody's external id, counts as theirs, also beside another.
 *         code and sentence of a row say what it waits for: those of the decision as it would be taken now, where
 *         that is not to close it; else one of not-fed, second-account, ignored, paused, restored, in-doubt, refused, held, not-delivered,
 *         next-delivery.
 *         Where nobody has left it costs one look through the accounts' rows.
 * Memory: in the arena given. */
#pragma once
#include "store/account.h"
#include "store/company.h"
#include "store/platform.h"

/* Behind after_id, ascending by account_id: at most `most` rows, and how many there are in all. */
enum rc_code left_find(struct store *st, const struct company *co, const struct platform *p,
                       int64_t now_us, int64_t after_id, size_t most, struct arena *a,
                       struct account_row **ret, size_t *ret_n, int64_t *ret_all,
                       struct rc_error *err);
