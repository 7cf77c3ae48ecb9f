/* calendar.h - what is due on which day on a platform: who is invited, whose account is made, linked, opened or closed, as far
 * as is known today.
 *
 * Shape:  asked anew of each account that is due on a day. What is only looked at again on its day is not told of.
 * Memory: rows lie in the arena given. */
#pragma once
#include "store/account.h"
#include "store/company.h"
#include "store/platform.h"

/* By day, at most `most`: row.due_on is the day, and verb, code and sentence are what is decided then. What is due already is
 * due today. */
enum rc_code calendar(struct store *st, const struct company *company, const struct platform *p,
                      int64_t now_us, int days_ahead, size_t most, struct arena *a,
                      struct account_row **ret, size_t *ret_n, struct rc_error *err);
