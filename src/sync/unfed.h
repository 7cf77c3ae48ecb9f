/* unfed.h - whom nobody looks after any more, once something feeds a platform no longer.
 *
 * Shape:  people with open accounts there. Their accounts stay as they are: no delivery looks at them, so nobody
 *         closes them, whatever HR says. For whoever asks before that is done, and for whoever tells it.
 *         So it is with an integration that is removed, on each platform where its people have some, whether it still
 *         feeds it or not: their accounts are nobody's then.
 * Memory: in the arena given. */
#pragma once
#include "store/platform.h"

struct unfed {         /* of one platform */
    struct text *keys; /* of the integrations that feed it no more */
    size_t n;
    int64_t people;
};
/* feeds: what is to feed it from now on; *before: as it is now. */
enum rc_code unfed_find(struct store *st, const struct platform *before, const int64_t *feeds,
                        size_t feeds_n, struct arena *a, struct unfed *ret, struct rc_error *err);
const char *unfed_names(const struct unfed *u, struct arena *a); /* "hr, ext" */
/* What would come of it; no full stop behind it. */
const char *unfed_says(const struct unfed *u, struct arena *a);

/* What a platform that is removed forgets besides what can be read again: ", also that 2 are left alone or not whose they
 * seem, as somebody said"; "" where nobody has said so. */
enum rc_code unfed_words(struct store *st, const struct platform *p, struct arena *a,
                         const char **ret, struct rc_error *err);

struct unfed_there {
    struct text destination; /* its key */
    int64_t people;
};
/* Where people of this integration have open accounts, by the platforms' keys. */
enum rc_code unfed_by_removal(struct store *st, int64_t company_id, int64_t integration_id,
                              struct arena *a, struct unfed_there **ret, size_t *ret_n,
                              struct rc_error *err);
/* "25 have open accounts on la and 3 on academy, which stay open as they are: ..."; NULL where nobody has one. */
const char *unfed_removal_says(const struct unfed_there *list, size_t n, struct arena *a);
