/* schedule.h - when something that is done again and again is due next.
 *
 * Shape:  pure. "every 30 minutes", "every 2 hours", "daily at 06:00", "off"; a time of day is that of a
 *         zone. On the day on which clocks are put forward, a time that does not exist is the moment at
 *         which they are; on the day on which they are put back, of a time that comes twice the first
 *         counts. So a daily schedule is due once a day, whatever clocks do.
 *         However many times have been missed, only the next one is told: they are caught up once.
 * Memory: a plain record.
 * Errors: RC_INVALID with what may be written instead. */
#pragma once
#include "base/date.h"

enum schedule_kind { SCHEDULE_OFF = 0, SCHEDULE_EVERY, SCHEDULE_DAILY };
struct schedule {
    enum schedule_kind kind;
    int minutes; /* between two times; or since midnight */
};
enum { SCHEDULE_MINUTES_MOST = 7 * 24 * 60, SCHEDULE_TEXT_BYTES = 32 };

/* Blanks and letters as people write them: "Every 1 minute", "daily at 6:00". */
enum rc_code schedule_parse(const char *text, struct schedule *ret, struct rc_error *err);
/* In one way of writing: equal schedules, equal texts. */
const char *schedule_format(const struct schedule *s, char ret[SCHEDULE_TEXT_BYTES]);

/* The first time after now_us, 0 for none. last_us: a time that it was due before, which the beat of
 * "every N minutes" is kept from; 0, or one that has not come yet: the beat begins now. */
int64_t schedule_next(const struct schedule *s, const struct zone *zone, int64_t last_us,
                      int64_t now_us);
