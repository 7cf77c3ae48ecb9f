/* kept.h - what was found by looking at everybody of a company, kept until something changes: how many there
 * are (status), and who has problems. A page of it then costs what is on the page.
 *
 * Shape:  in memory, of one process; each is found by its company, the integration or 0, and a mark
 *         (store/mark.h) with the day, as lifecycles change with it. Of problems a few companies are
 *         kept, and no list that is very long. What is not there is looked for again.
 * Memory: copies. What is borrowed of it is borrowed until kept_release().
 * Threads: any. Who borrows keeps others waiting. */
#pragma once
#include "show/problems.h"
#include "show/show.h"
#include "store/mark.h"

enum { KEPT_COUNTS_MOST = 20000, KEPT_LISTS_MOST = 4, KEPT_ENTRIES_MOST = 50000 };

struct kept_mark {
    struct mark people;
    date_days today;
    uint64_t zone; /* a hash of its name */
};
struct kept_counts {
    int64_t people[LIFECYCLES_N], with_problems, shared;
};

struct kept *kept_new(void);
void kept_free(struct kept *k);
void kept_drop(struct kept *k); /* all of it */

enum rc_code kept_mark_of(const struct show *s, const struct company *co, struct kept_mark *ret,
                          struct rc_error *err);

bool kept_counts_find(struct kept *k, int64_t company_id, int64_t integration_id,
                      const struct kept_mark *mark, struct kept_counts *ret);
void kept_counts_put(struct kept *k, int64_t company_id, int64_t integration_id,
                     const struct kept_mark *mark, const struct kept_counts *counts);

/* NULL: it is not there, and nothing is to be released. */
const struct problems *kept_problems_borrow(struct kept *k, int64_t company_id,
                                            int64_t integration_id, const struct kept_mark *mark);
void kept_release(struct kept *k);
void kept_problems_put(struct kept *k, int64_t company_id, int64_t integration_id,
                       const struct kept_mark *mark, const struct problems *found);
