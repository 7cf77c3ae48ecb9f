/* audit.h - what people did to a company's settings, runs and accounts: who, when, what, and what it
 * was before and after. Nothing is ever changed in it.
 *
 * Shape:  before and after are JSON objects without secrets, or missing where there is nothing to
 *         compare. In the current transaction, that of what is done. */
#pragma once
#include "store/store.h"

struct audit {
    int64_t audit_id, at_us;
    struct text who, what, before, after;
};
enum rc_code audit_add(struct store *st, int64_t company_id, int64_t now_us, const char *who,
                       const char *what, struct rc_error *err);
enum rc_code audit_add_change(struct store *st, int64_t company_id, int64_t now_us, const char *who,
                              const char *what, struct text before, struct text after,
                              struct rc_error *err);
/* Newest first, those before before_id (0: from the newest). */
enum rc_code audit_list(struct store *st, int64_t company_id, int64_t before_id, size_t most,
                        struct arena *a, struct audit **ret, size_t *ret_n, struct rc_error *err);
