/* foretell.h - how many calls a delivery takes that has not been carried out, and how long. */
#pragma once
#include "destination/destination.h"
#include "store/effect.h"
#include "store/platform.h"

struct foretold {
    int64_t calls;   /* about so many */
    int64_t seconds; /* at the most requests a second that are set; -1: no such ceiling is set */
};
/* What a run still has planned; groups: its effects, as effect_groups() gives them. */
struct foretold foretell(const struct platform *p, const struct effect_group *groups, size_t n,
                         struct arena *a);
/* ops: NULL, or one that does not say: each effect is a call. */
int64_t foretell_calls(const struct destination_ops *ops, const struct effect_group *groups,
                       size_t n);
int64_t foretell_calls_of(const struct destination_ops *ops, const struct effect *e);
