#include <stdlib.h>
#include "tests/base/helper.h"
#include "base/schedule.h"

static int64_t at(const char *text) {
    int64_t us = 0;
    assert_int_equal(date_parse_instant(text, strlen(text), &us, NULL), RC_OK);
    return us;
}

/* ---- words ---- */

static const struct word_row {
    const char *name, *text, *means; /* NULL: refused */
} word_rows[] = {
    { "off", "off", "off" },
    { "every so many minutes", "every 30 minutes", "every 30 minutes" },
    { "every minute", "every 1 minute", "every 1 minute" },
    { "every minutes, one of them", "Every 1 minutes", "every 1 minute" },
    { "hours", "every 2 hours", "every 2 hours" },
    { "an hour", "every 1 hour", "every 1 hour" },
    { "sixty minutes are an hour", "every 60 minutes", "every 1 hour" },
    { "ninety minutes are no hour", "every 90 minutes", "every 90 minutes" },
    { "daily", "daily at 06:00", "daily at 06:00" },
    { "daily without the nought", "daily at 6:05", "daily at 06:05" },
    { "daily at midnight", "daily at 00:00", "daily at 00:00" },
    { "daily at the last minute", "daily at 23:59", "daily at 23:59" },
    { "a week", "every 168 hours", "every 168 hours" },
    { "more than a week", "every 169 hours", NULL },
    { "never stopping", "every 0 minutes", NULL },
    { "going back", "every -5 minutes", NULL },
    { "a number that is too long", "every 99999999999999999999 minutes", NULL },
    { "seconds", "every 30 seconds", NULL },
    { "no unit", "every 30", NULL },
    { "something behind it", "every 30 minutes or so", NULL },
    { "an hour that no day has", "daily at 24:00", NULL },
    { "a minute that no hour has", "daily at 12:60", NULL },
    { "one digit of minutes", "daily at 12:5", NULL },
    { "a sign", "daily at +6:00", NULL },
    { "afternoon", "daily at 6:00pm", NULL },
    { "nothing", "", NULL },
    { "something else", "sometimes", NULL },
    { "a novel",
      "every 30 minutes                                                                     ",
      NULL },
};

static void what_is_written_means_that(void **state) {
    const struct word_row *r = *state;
    struct schedule s = { SCHEDULE_DAILY, 77 }, again;
    struct rc_error err;
    char text[SCHEDULE_TEXT_BYTES];
    assert_int_equal(schedule_parse(r->text, &s, &err), r->means != NULL ? RC_OK : RC_INVALID);
    if (r->means == NULL) {
        assert_int_equal(s.minutes, 77);
        assert_true(strlen(err.text) > 40); /* what may be written */
        return;
    }
    assert_string_equal(schedule_format(&s, text), r->means);
    assert_int_equal(schedule_parse(text, &again, &err), RC_OK);
    assert_memory_equal(&again, &s, sizeof s);
}

/* ---- times ---- */

static const struct time_row {
    const char *name, *schedule, *zone, *last, *now, *next;
} time_rows[] = {
    { "off is never due", "off", "UTC", "", "2026-11-27T10:00:00Z", "" },
    { "the first beat is one beat away", "every 30 minutes", "UTC", "", "2026-11-27T10:07:00Z",
      "2026-11-27T10:37:00Z" },
    { "the beat is kept, however long the work took", "every 30 minutes", "UTC",
      "2026-11-27T10:00:00Z", "2026-11-27T10:12:00Z", "2026-11-27T10:30:00Z" },
    { "work longer than a beat leaves one out", "every 30 minutes", "UTC", "2026-11-27T10:00:00Z",
      "2026-11-27T10:31:00Z", "2026-11-27T11:00:00Z" },
    { "at the very time it is the one after it", "every 30 minutes", "UTC", "2026-11-27T10:00:00Z",
      "2026-11-27T10:30:00Z", "2026-11-27T11:00:00Z" },
    { "a week of missed times is one", "every 30 minutes", "UTC", "2026-11-20T10:00:00Z",
      "2026-11-27T10:07:00Z", "2026-11-27T10:30:00Z" },
    { "a last time that has not come yet (the clock was wrong) counts for nothing",
      "every 30 minutes", "UTC", "2031-01-01T00:00:00Z", "2026-11-27T10:07:00Z",
      "2026-11-27T10:37:00Z" },
    { "clocks that change are nothing to a beat", "every 1 hour", "Europe/Berlin",
      "2026-10-25T00:30:00Z", "2026-10-25T00:30:01Z", "2026-10-25T01:30:00Z" },
    { "daily, later today", "daily at 06:00", "Europe/Berlin", "", "2026-11-27T04:59:59Z",
      "2026-11-27T05:00:00Z" },
    { "daily, tomorrow", "daily at 06:00", "Europe/Berlin", "", "2026-11-27T05:00:00Z",
      "2026-11-28T05:00:00Z" },
    { "the day is the zone's", "daily at 00:05", "Pacific/Auckland", "", "2026-11-27T11:00:00Z",
      "2026-11-27T11:05:00Z" },
    { "west of UTC too", "daily at 00:05", "America/Los_Angeles", "", "2026-11-27T08:05:00Z",
      "2026-11-28T08:05:00Z" },
    { "a month of missed days is one", "daily at 06:00", "UTC", "2026-10-01T06:00:00Z",
      "2026-11-27T10:00:00Z", "2026-11-28T06:00:00Z" },
    { "the day before clocks go forward", "daily at 06:00", "Europe/Berlin", "",
      "2026-03-28T05:00:00Z", "2026-03-29T04:00:00Z" },
    { "the day before clocks go back", "daily at 06:00", "Europe/Berlin", "",
      "2026-10-24T04:00:00Z", "2026-10-25T05:00:00Z" },
    { "a time that clocks leave out is the moment at which they do", "daily at 02:30",
      "Europe/Berlin", "", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z" },
    { "after it the next day has the time again", "daily at 02:30", "Europe/Berlin", "",
      "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z" },
    { "of a time that comes twice the first counts", "daily at 02:30", "Europe/Berlin", "",
      "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z" },
    { "and the second does not", "daily at 02:30", "Europe/Berlin", "", "2026-10-25T00:30:00Z",
      "2026-10-26T01:30:00Z" },
    { "nor in the middle of the hour that comes twice", "daily at 02:30", "Europe/Berlin", "",
      "2026-10-25T01:10:00Z", "2026-10-26T01:30:00Z" },
    { "a midnight that is left out", "daily at 00:05", "Africa/Cairo", "", "2026-04-23T12:00:00Z",
      "2026-04-23T22:00:00Z" },
    { "a whole day that is left out", "daily at 06:00", "Pacific/Apia", "", "2011-12-29T17:00:00Z",
      "2011-12-30T10:00:00Z" },
    { "half an hour of summer time", "daily at 02:15", "Australia/Lord_Howe", "",
      "2026-10-03T12:00:00Z", "2026-10-03T15:30:00Z" },
};

static void it_is_due_then(void **state) {
    const struct time_row *r = *state;
    RC_CLEANUP(zone_closep) struct zone *z = NULL;
    struct schedule s;
    assert_int_equal(schedule_parse(r->schedule, &s, NULL), RC_OK);
    assert_int_equal(zone_open(r->zone, &z, NULL), RC_OK);
    int64_t last = *r->last != '\0' ? at(r->last) : 0, next;
    next = schedule_next(&s, z, last, at(r->now));
    char text[32];
    assert_string_equal(next != 0 ? date_format_instant(next, text) : "", r->next);
}

/* Years in many zones: a daily time comes once on each of their days, in order. */
static void a_daily_time_comes_once_a_day_through_the_years(void **state) {
    static const char *const zones[] = { "Europe/Berlin",    "Europe/Lisbon",
                                         "America/New_York", "Africa/Cairo",
                                         "America/Santiago", "Asia/Beirut",
                                         "Asia/Kathmandu",   "Australia/Lord_Howe",
                                         "America/Havana" };
    static const int minutes[] = { 0, 5, 30, 150, 180, 1439 };
    (void)state;
    for (size_t i = 0; i < RC_LEN(zones); i++)
        for (size_t k = 0; k < RC_LEN(minutes); k++) {
            RC_CLEANUP(zone_closep) struct zone *z = NULL;
            struct schedule s = { SCHEDULE_DAILY, minutes[k] };
            assert_int_equal(zone_open(zones[i], &z, NULL), RC_OK);
            int64_t now = at("2024-06-01T12:00:00Z");
            date_days day = DATE_NONE;
            for (int n = 0; n < 1000; n++) {
                int64_t next = schedule_next(&s, z, now, now);
                assert_true(next > now);
                if (day != DATE_NONE)
                    assert_int_equal(zone_today(z, next), day + 1);
                day = zone_today(z, next);
                now = next;
            }
        }
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(word_rows) + RC_LEN(time_rows) + 1];
    size_t n = 0;
    for (size_t i = 0; i < RC_LEN(word_rows); i++)
        tests[n++] = (struct CMUnitTest){ .name = word_rows[i].name,
                                          .initial_state = (void *)(uintptr_t)&word_rows[i],
                                          .test_func = what_is_written_means_that };
    for (size_t i = 0; i < RC_LEN(time_rows); i++)
        tests[n++] = (struct CMUnitTest){ .name = time_rows[i].name,
                                          .initial_state = (void *)(uintptr_t)&time_rows[i],
                                          .test_func = it_is_due_then };
    tests[n++] =
        (struct CMUnitTest)cmocka_unit_test(a_daily_time_comes_once_a_day_through_the_years);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
