/* clock.h - the time in the company: real time, or as far beside it as a test wants. It always runs
 * on. */
#pragma once
#include <stdatomic.h>
#include <stdint.h>
#include "base/date.h"

struct vclock {
    _Atomic int64_t offset_us; /* added to real time */
    struct zone *zone;         /* the company's; NULL is UTC, on a machine without time zones */
};
void vclock_init(struct vclock *c);
void vclock_done(struct vclock *c);
int64_t vclock_now_us(struct vclock *c);
void vclock_set(struct vclock *c, int64_t now_us);
date_days vclock_today(struct vclock *c);
/* Seconds east of UTC when that day begins. */
int32_t vclock_day_offset_s(const struct vclock *c, date_days day);
int32_t vclock_offset_s(const struct vclock *c, int64_t at_us);
