#include "sync/timetable.h"

#include <stdio.h>
#include "base/log.h"
#include "store/platform.h"

const struct schedule timetable_dates = { SCHEDULE_DAILY, 5 };
const struct schedule timetable_retain = { SCHEDULE_DAILY, 3 * 60 + 20 };

static enum rc_code zone_of(const struct company *co, struct zone **ret, struct rc_error *err) {
    char name[80];
    snprintf(name, sizeof name, "%.*s", TEXT_ARG(co->zone));
    return zone_open(name, ret, err);
}

static enum rc_code schedule_of(const struct integration *in, struct schedule *ret,
                                struct rc_error *err) {
    char text[SCHEDULE_TEXT_BYTES];
    *ret = (struct schedule){ 0 };
    if (in->schedule.state != TEXT_SET)
        return RC_OK;
    snprintf(text, sizeof text, "%.*s", TEXT_ARG(in->schedule));
    return schedule_parse(text, ret, err);
}

static bool wants_dates(const struct platform *p) {
    return p->delivered_us != 0; /* its first delivery is somebody's word */
}

enum rc_code timetable_next(struct store *st, const struct job *j, int64_t now_us, struct arena *a,
                            int64_t *ret_us, struct rc_error *err) {
    RC_CLEANUP(zone_closep) struct zone *zone = NULL;
    struct schedule s = { 0 };
    struct company co;
    struct integration in;
    struct platform p;
    enum rc_code rc = company_get(st, j->company_id, a, &co, err);
    if (rc == RC_OK && j->kind == JOB_SYNC &&
        (rc = integration_get(st, j->company_id, j->subject_id, NULL, a, &in, err)) == RC_OK)
        rc = schedule_of(&in, &s, err);
    else if (rc == RC_OK && j->kind == JOB_DELIVERY &&
             (rc = platform_get(st, j->company_id, j->subject_id, NULL, a, &p, err)) == RC_OK &&
             wants_dates(&p))
        s = timetable_dates;
    else if (rc == RC_OK && j->kind == JOB_RETAIN)
        s = timetable_retain;
    if (rc == RC_NOT_FOUND) {
        *ret_us = 0;
        return RC_OK;
    }
    if (rc != RC_OK || (rc = zone_of(&co, &zone, err)) != RC_OK)
        return rc;
    *ret_us = schedule_next(&s, zone, j->run_at_us, now_us);
    return RC_OK;
}

enum rc_code timetable_changed(struct store *st, const struct company *co,
                               const struct integration *in, int64_t now_us, struct rc_error *err) {
    RC_CLEANUP(zone_closep) struct zone *zone = NULL;
    struct schedule s;
    enum rc_code rc = schedule_of(in, &s, err);
    if (rc != RC_OK || (rc = zone_of(co, &zone, err)) != RC_OK)
        return rc;
    return job_set(st, JOB_SYNC, in->company_id, in->integration_id,
                   schedule_next(&s, zone, 0, now_us), err);
}

enum rc_code timetable_mended(struct store *st, const struct integration *in, int64_t now_us,
                              struct rc_error *err) {
    struct job_state is;
    enum rc_code rc = job_look(st, JOB_SYNC, in->company_id, in->integration_id, now_us, &is, err);
    if (rc != RC_OK || is.attempts == 0 || is.run_at_us == 0 || is.is_claimed)
        return rc;
    return job_set(st, JOB_SYNC, in->company_id, in->integration_id, now_us, err);
}

/* Nothing is written where all is as it should be. */
static enum rc_code keep_one(struct store *st, enum job_kind k, int64_t company_id,
                             int64_t subject_id, const struct schedule *s, const struct zone *zone,
                             int64_t now_us, struct rc_error *err) {
    enum { PAUSE_MOST_S = 3600 }; /* between two tries: src/sync/work.c */
    struct job_state is;
    enum rc_code rc = job_look(st, k, company_id, subject_id, now_us, &is, err);
    int64_t next_us = schedule_next(s, zone, 0, now_us);
    if (rc != RC_OK || is.is_claimed || next_us == 0)
        return rc;
    if (is.run_at_us == 0)
        return job_want(st, k, company_id, subject_id, next_us, err);
    if (is.attempts > 0)
        next_us = now_us + (int64_t)PAUSE_MOST_S * 1000000;
    return is.run_at_us > next_us ? job_not_after(st, k, company_id, subject_id, next_us, err)
                                  : RC_OK;
}

static enum rc_code keep_company(struct store *st, const struct company *co, int64_t now_us,
                                 struct arena *a, struct rc_error *err) {
    RC_CLEANUP(zone_closep) struct zone *zone = NULL;
    struct integration *list;
    struct platform *platforms;
    size_t n = 0, platforms_n = 0;
    enum rc_code rc = zone_of(co, &zone, err);
    if (rc != RC_OK || (rc = integration_list(st, co->company_id, a, &list, &n, err)) != RC_OK ||
        (rc = platform_list(st, co->company_id, a, &platforms, &platforms_n, err)) != RC_OK)
        return rc;
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct schedule s;
        if ((rc = schedule_of(&list[i], &s, err)) == RC_OK)
            rc = keep_one(st, JOB_SYNC, co->company_id, list[i].integration_id, &s, zone, now_us,
                          err);
    }
    for (size_t i = 0; i < platforms_n && rc == RC_OK; i++)
        if (wants_dates(&platforms[i]))
            rc = keep_one(st, JOB_DELIVERY, co->company_id, platforms[i].destination_id,
                          &timetable_dates, zone, now_us, err);
    if (rc == RC_OK)
        rc = keep_one(st, JOB_RETAIN, co->company_id, 0, &timetable_retain, zone, now_us, err);
    return rc;
}

/* A company whose zone this machine does not know keeps nobody else from their times. */
enum rc_code timetable_keep(struct store *st, int64_t now_us, struct rc_error *err) {
    struct arena all, one;
    struct company *list;
    size_t n = 0;
    arena_init(&all);
    arena_init(&one);
    enum rc_code rc = company_list(st, &all, &list, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        arena_reset(&one);
        rc = keep_company(st, &list[i], now_us, &one, err);
        if (rc == RC_NOT_FOUND || rc == RC_INVALID) {
            char text[500];
            log_error("company=%.*s timetable=failed text=%s", TEXT_ARG(list[i].key),
                      log_quote(err != NULL ? err->text : "", text, sizeof text));
            rc = RC_OK;
        }
    }
    arena_done(&one);
    arena_done(&all);
    return rc;
}
