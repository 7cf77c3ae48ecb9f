/* effect_p.h - how the state of effect e of run r is read: effect.c and effect_sum.c agree on it. */
#pragma once
#include "store/effect.h"

#define EFFECT_IS_SENT                                                                             \
    "(e.state = 'planned' AND (e.pass < r.sent_pass OR (e.pass = r.sent_pass"                      \
    " AND e.effect_id <= r.sent_to)))"
#define EFFECT_STATE "CASE WHEN " EFFECT_IS_SENT " THEN 'sent' ELSE e.state END"
