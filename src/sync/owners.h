/* owners.h - what addresses of webhooks belong to, remembered, so that the database is not asked for each
 * webhook but once for many of them.
 *
 * Shape:  whoever answers requests finds an address here, or asks the database and keeps what it says. What
 *         is found here may be over by now. So whoever writes a group of webhooks down looks first whether
 *         anything at all has been written to the database since the last group, and if so, whether their
 *         owners are still there: what is acknowledged was true when it was written down. Only what is there
 *         is kept; an address that nobody has costs its look-up each time.
 * Memory: fixed; of two addresses in one place the later one stays.
 * Errors: as store.h.
 * Threads: any; owners_check() from one at a time. */
#pragma once
#include "store/hook.h"

struct owners;
struct owners *owners_new(void);
void owners_free(struct owners *o);

/* An owner, and how much had been looked through when it was. */
struct owner {
    struct hook_owner is;
    uint64_t seen;
};
/* What is remembered, by the digest of an address. */
bool owners_recall(struct owners *o, const uint8_t digest[SECRET_DIGEST_BYTES], struct arena *a,
                   struct owner *ret);
/* What the database says; remembered from then on. *ret_found false: nothing is there. */
enum rc_code owners_find(struct owners *o, struct store *st,
                         const uint8_t digest[SECRET_DIGEST_BYTES], struct arena *a,
                         struct owner *ret, bool *ret_found, struct rc_error *err);
/* Which of them are still there: ret[i], as of one moment within this call. */
enum rc_code owners_check(struct owners *o, struct store *st, const struct owner *const *list,
                          size_t n, bool *ret, struct rc_error *err);
