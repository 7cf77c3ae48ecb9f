/* pause.h - a platform is left alone until somebody lets it go on: in one transaction with the entry in
 * the audit log. What is being delivered stops at the next effect. */
#pragma once
#include "store/company.h"
#include "store/platform.h"

/* why: may be NULL. */
enum rc_code pause_platform(struct store *st, const struct company *co, const char *key,
                            const char *who, const char *why, int64_t now_us, struct arena *a,
                            struct platform *ret, struct rc_error *err);
enum rc_code pause_end(struct store *st, const struct company *co, const char *key, const char *who,
                       int64_t now_us, struct arena *a, struct platform *ret, struct rc_error *err);
