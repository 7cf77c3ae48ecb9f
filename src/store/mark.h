/* mark.h - by what one sees that the people of a company may be others than before: people change by runs that
 * are applied, by erasing and by removing an integration, and by nothing else.
 *
 * Shape:  some seeks in indexes, however many people there are. Marks that are equal: nothing has changed. */
#pragma once
#include "store/store.h"

struct mark {
    int64_t applied_us,
        applied_n; /* of the runs of its integrations; the count too, as clocks go wrong */
    int64_t integrations_n, listed_us; /* the sum: each has its own */
    int64_t erasure_id;
};
enum rc_code mark_of_people(struct store *st, int64_t company_id, struct mark *ret,
                            struct rc_error *err);
