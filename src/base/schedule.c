#include "base/schedule.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const int64_t second_us = 1000000, minute_us = 60000000;
enum { DAY_S = 86400 };

/* ---- words ---- */

static enum rc_code refuse(const char *text, struct rc_error *err) {
    return rc_fail(
        err, RC_INVALID,
        "\"%.60s\" is no schedule: write \"every 30 minutes\", \"every 2 hours\", \"daily at "
        "06:00\" or \"off\"",
        text);
}

static enum rc_code parse_every(const char *text, int n, const char *unit, struct schedule *ret,
                                struct rc_error *err) {
    bool hours = strcasecmp(unit, "hours") == 0 || strcasecmp(unit, "hour") == 0;
    if (!hours && strcasecmp(unit, "minutes") != 0 && strcasecmp(unit, "minute") != 0)
        return refuse(text, err);
    int minutes = n > SCHEDULE_MINUTES_MOST ? n : n * (hours ? 60 : 1);
    if (minutes < 1 || minutes > SCHEDULE_MINUTES_MOST)
        return rc_fail(
            err, RC_INVALID,
            "\"%.60s\": between two times are one minute at least and seven days at most", text);
    *ret = (struct schedule){ SCHEDULE_EVERY, minutes };
    return RC_OK;
}

enum rc_code schedule_parse(const char *text, struct schedule *ret, struct rc_error *err) {
    char unit[16];
    int n, minute, end = -1;
    if (strlen(text) > 60)
        return refuse(text, err);
    if (strcasecmp(text, "off") == 0) {
        *ret = (struct schedule){ 0 };
        return RC_OK;
    }
    if (strncasecmp(text, "every ", 6) == 0 &&
        sscanf(text + 6, " %6d %15s %n", &n, unit, &end) == 2 && end >= 0 && text[6 + end] == '\0')
        return parse_every(text, n, unit, ret, err);
    end = -1;
    if (strncasecmp(text, "daily at ", 9) == 0 &&
        strspn(text + 9, " 0123456789:") == strlen(text + 9) &&
        sscanf(text + 9, " %2d:%2d %n", &n, &minute, &end) == 2 && end >= 0 &&
        text[9 + end] == '\0' && strlen(strchr(text + 9, ':')) >= 3 && n >= 0 && n < 24 &&
        minute >= 0 && minute < 60) {
        *ret = (struct schedule){ SCHEDULE_DAILY, n * 60 + minute };
        return RC_OK;
    }
    return refuse(text, err);
}

const char *schedule_format(const struct schedule *s, char ret[SCHEDULE_TEXT_BYTES]) {
    switch (s->kind) {
    case SCHEDULE_OFF: snprintf(ret, SCHEDULE_TEXT_BYTES, "off"); break;
    case SCHEDULE_EVERY: {
        bool hours = s->minutes % 60 == 0;
        int n = hours ? s->minutes / 60 : s->minutes;
        snprintf(ret, SCHEDULE_TEXT_BYTES, "every %d %s%s", n, hours ? "hour" : "minute",
                 n == 1 ? "" : "s");
        break;
    }
    case SCHEDULE_DAILY:
        snprintf(ret, SCHEDULE_TEXT_BYTES, "daily at %02d:%02d", s->minutes / 60 % 24,
                 s->minutes % 60);
        break;
    }
    return ret;
}

/* ---- times ---- */

static int64_t local_s(const struct zone *zone, int64_t at_s) {
    return at_s + zone_offset_s(zone, at_s * second_us);
}

/* The first second at which the clocks of the zone show that local second or a later one. */
static int64_t instant_of(const struct zone *zone, int64_t wanted_s) {
    /* No zone is further than 26 hours from UTC (base/zone.c). */
    int64_t before = wanted_s - 26 * 3600, after = wanted_s + 26 * 3600;
    int64_t first = wanted_s - zone_offset_s(zone, before * second_us);
    int64_t second = wanted_s - zone_offset_s(zone, after * second_us);
    int64_t early = first < second ? first : second, late = first < second ? second : first;
    if (local_s(zone, early) == wanted_s)
        return early;
    if (local_s(zone, late) == wanted_s)
        return late;
    while (early + 1 < late) { /* it is left out: the moment at which clocks are put forward */
        int64_t middle = early + (late - early) / 2;
        if (local_s(zone, middle) < wanted_s)
            early = middle;
        else
            late = middle;
    }
    return local_s(zone, early) >= wanted_s ? early : late;
}

static int64_t next_daily(const struct zone *zone, int minutes, int64_t now_us) {
    date_days today = zone_today(zone, now_us);
    for (date_days d = today - 1; d <= today + 2; d++) {
        int64_t at_us = instant_of(zone, (int64_t)d * DAY_S + (int64_t)minutes * 60) * second_us;
        if (at_us > now_us)
            return at_us;
    }
    return now_us + DAY_S * second_us; /* no zone leaves out three days */
}

static int64_t next_beat(int minutes, int64_t last_us, int64_t now_us) {
    int64_t beat_us = minutes * minute_us;
    if (last_us <= 0 || last_us > now_us)
        return now_us + beat_us;
    return last_us + ((now_us - last_us) / beat_us + 1) * beat_us;
}

int64_t schedule_next(const struct schedule *s, const struct zone *zone, int64_t last_us,
                      int64_t now_us) {
    switch (s->kind) {
    case SCHEDULE_OFF: return 0;
    case SCHEDULE_EVERY: return next_beat(s->minutes, last_us, now_us);
    case SCHEDULE_DAILY: return next_daily(zone, s->minutes, now_us);
    }
    return 0;
}
