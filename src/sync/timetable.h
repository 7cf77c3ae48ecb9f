/* timetable.h - when integrations and platforms are due: jobs out of schedules.
 *
 * Shape:  an integration with a schedule has a job "sync" for its next time. A platform to which
 *         something has been delivered has a job "delivery" shortly after midnight of the company's
 *         zone, whatever the schedules are: what is due by date happens on its day. When such a job is
 *         done, the next time is told by the schedule as it is then.
 *         Each company has a job "retain", every night.
 * Errors: RC_INVALID, RC_NOT_FOUND for a schedule or zone that cannot be read. */
#pragma once
#include "base/schedule.h"
#include "store/company.h"
#include "store/integration.h"
#include "store/job.h"

/* Shortly after midnight, when the day has begun for everybody concerned. */
extern const struct schedule timetable_dates;
/* At night, when little else is done. */
extern const struct schedule timetable_retain;

/* Of the integration or platform that the job is about, as it is now; *ret_us 0: never. RC_OK and 0 when
 * it is gone. */
enum rc_code timetable_next(struct store *st, const struct job *j, int64_t now_us, struct arena *a,
                            int64_t *ret_us, struct rc_error *err);
/* After the schedule of an integration was set. */
enum rc_code timetable_changed(struct store *st, const struct company *co,
                               const struct integration *in, int64_t now_us, struct rc_error *err);
/* After anything else of it was set: what failed before may go well now, and is tried at once. */
enum rc_code timetable_mended(struct store *st, const struct integration *in, int64_t now_us,
                              struct rc_error *err);
/* Every job that is to be is there, and no later than it would be set now: platforms that have come since,
 * other zones, a clock that was wrong when the time was set. */
enum rc_code timetable_keep(struct store *st, int64_t now_us, struct rc_error *err);
