/* trouble.h - what has not gone well with an integration or a destination since it last did.
 *
 * Shape:  at most one row a subject: how often in a row, since when, and how it went the last time. Written
 *         by whoever tried, in whatever process; gone with the first time that goes well. */
#pragma once
#include "store/store.h"

struct trouble {
    int64_t attempts; /* 0: there is none */
    int64_t since_us, last_us;
    enum rc_code code;
    struct text name, sentence; /* of the error */
};
enum rc_code trouble_note(struct store *st, int64_t company_id, int64_t subject_id, int64_t now_us,
                          const struct rc_error *why, struct rc_error *err);
/* It went well: nothing is written where there was none. */
enum rc_code trouble_over(struct store *st, int64_t company_id, int64_t subject_id,
                          struct rc_error *err);
enum rc_code trouble_get(struct store *st, int64_t company_id, int64_t subject_id, struct arena *a,
                         struct trouble *ret, struct rc_error *err);
