/* forget.h - an integration is removed, with everybody known through it, for good.
 *
 * Shape:  its webhook goes from HR first (unsubscribe.h), under the lease of the removal. Accounts on platforms stay.
 *         k NULL: there is no key.
 * Errors: RC_CONFLICT "busy" while an import runs: nothing has been done, in HR neither. */
#pragma once
#include "sync/unsubscribe.h"

enum rc_code forget_integration(struct store *st, const struct secret_key *k,
                                const struct integration *in, const struct clock_source *clock,
                                struct arena *a, struct unsubscribed *ret, struct rc_error *err);
