/* alerts_set.h - what people say about being told: whom a company has told, and of what nobody is to be
 * told for a while. Recorded in the audit.
 *
 * Errors: RC_INVALID "alert.addresses": too many, twice the same, or not an address; "alert.cause": there
 *         is none of that name. RC_NOT_FOUND "alert.unknown": no integration or destination of that key,
 *         or nothing of that cause was ever true of it. */
#pragma once
#include "store/alert.h"
#include "store/company.h"

enum { ALERTS_MUTE_DAYS_MOST = 90 };

/* In the place of those that there were; n 0: nobody. */
enum rc_code alerts_set_to(struct store *st, const struct company *co, const char *const *to,
                           size_t n, const char *who, int64_t now_us, struct rc_error *err);
/* subject: the key of an integration or of a destination. days 0: no longer. */
enum rc_code alerts_mute(struct store *st, const struct company *co, const char *subject,
                         const char *cause, int64_t days, const char *who, int64_t now_us,
                         struct arena *a, int64_t *ret_until_us, struct rc_error *err);
