/* few_known.h - somebody read by id beside what the directory says of them: whether anything differs, and
 * whether it may be the older of the two. HR may answer from a copy that lags.
 *
 * Shape:  times are by HR's clock, of which whole seconds are told. HR lags by HINT_LONGEST_S at most. */
#pragma once
#include "sync/import_p.h"

struct few_known {
    bool differs;        /* as a run would have it: what cannot be read now is known still */
    bool comes_back;     /* the directory has them as gone, and HR shows that they are not */
    bool leaves_undated; /* the other way round, and HR names no last day that is over */
};
/* e is left as it is. */
enum rc_code few_known_compare(struct import *im, const struct person *known,
                               const struct employee *e, struct few_known *ret,
                               struct rc_error *err);

struct few_times {
    int64_t told_us;  /* of the event; 0: not said */
    int64_t shown_us; /* when HR changed last what it shows; 0: it does not say */
    int64_t known_us; /* when what is known was read, or everybody was listed, whichever is later */
    int64_t now_us;
};
enum few_age {
    FEW_NEWER = 0, /* as far as anybody can see */
    FEW_OLDER,     /* from before the event, which is known already, or may be */
    FEW_UNSURE     /* either may be */
};
/* Of somebody who differs. */
enum few_age few_age(const struct few_times *t, bool comes_back);
