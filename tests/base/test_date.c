#include "tests/base/helper.h"
#include "base/date.h"

static const struct parse_row {
    const char *name, *bytes, *want; /* NULL: RC_INVALID */
} parse_rows[] = {
    { "a day", "2021-04-01", "2021-04-01" },
    { "the first day there is", "1900-01-01", "1900-01-01" },
    { "the last day there is", "9999-12-31", "9999-12-31" },
    { "29 February of a leap year", "2024-02-29", "2024-02-29" },
    { "29 February of 2000", "2000-02-29", "2000-02-29" },
    { "no 29 February in 1900", "1900-02-29", NULL },
    { "no 29 February in 2023", "2023-02-29", NULL },
    { "no 31 April", "2021-04-31", NULL },
    { "no month 0", "2021-00-10", NULL },
    { "no month 13", "2021-13-10", NULL },
    { "no day 0", "2021-04-00", NULL },
    { "no day 32", "2021-01-32", NULL },
    { "no year 1899", "1899-12-31", NULL },
    { "no year 0000", "0000-00-00", NULL },
    { "local midnight east keeps its day", "2021-04-01T00:00:00+02:00", "2021-04-01" },
    { "local midnight west keeps its day", "2021-04-01T00:00:00-11:00", "2021-04-01" },
    { "late in the evening keeps its day", "2021-04-01T23:59:59-11:00", "2021-04-01" },
    { "UTC", "2021-04-01T00:00:00Z", "2021-04-01" },
    { "small letters", "2021-04-01t00:00:00z", "2021-04-01" },
    { "an offset of local mean time", "1893-03-01T00:00:00+00:53",
      NULL }, /* the year, not the offset */
    { "an offset with odd minutes", "1900-01-01T00:00:00+00:53", "1900-01-01" },
    { "an offset with seconds", "1900-01-01T00:00:00+00:53:28", "1900-01-01" },
    { "an offset without colon", "2021-04-01T00:00:00+0100", "2021-04-01" },
    { "an offset of hours", "2021-04-01T00:00:00+01", "2021-04-01" },
    { "fractions", "2021-04-01T00:00:00.000Z", "2021-04-01" },
    { "fractions to the nanosecond", "2021-04-01T00:00:00.000000001+02:00", "2021-04-01" },
    { "a fraction behind a comma", "2021-04-01T00:00:00,5Z", "2021-04-01" },
    { "a blank between", "2021-04-01 00:00:00", "2021-04-01" },
    { "blanks between", "2021-04-01 00:00:00 +0200", "2021-04-01" },
    { "no seconds", "2021-04-01T00:00", "2021-04-01" },
    { "a leap second", "2016-12-31T23:59:60Z", "2016-12-31" },
    { "no hour 24", "2021-04-01T24:00:00", NULL },
    { "no minute 60", "2021-04-01T00:60:00", NULL },
    { "no second 61", "2021-04-01T00:00:61", NULL },
    { "no offset of a day", "2021-04-01T00:00:00+24:00", NULL },
    { "no offset with 60 minutes", "2021-04-01T00:00:00+01:60", NULL },
    { "a T and nothing", "2021-04-01T", NULL },
    { "a blank and nothing", "2021-04-01 ", NULL },
    { "half a time", "2021-04-01T00:0", NULL },
    { "a time and a colon", "2021-04-01T00:00:", NULL },
    { "a fraction of nothing", "2021-04-01T00:00:00.", NULL },
    { "a sign of nothing", "2021-04-01T00:00:00+", NULL },
    { "an offset and a colon", "2021-04-01T00:00:00+01:", NULL },
    { "an offset and more", "2021-04-01T00:00:00+01:00:00:00", NULL },
    { "something behind Z", "2021-04-01T00:00:00Zz", NULL },
    { "a trailing blank", "2021-04-01T00:00:00 ", NULL },
    { "a digit behind the day", "2021-04-011", NULL },
    { "a word behind the day", "2021-04-01 soon", NULL },
    { "a day of one digit", "2021-4-1", NULL },
    { "a German date", "01.04.2021", NULL },
    { "slashes", "2021/04/01", NULL },
    { "signs for digits", "2021-+4-01", NULL },
    { "blanks for digits", "2021- 4-01", NULL },
    { "letters for digits", "2o21-04-01", NULL },
    { "bytes beyond ASCII", "2021-04-\xc2\xb9", NULL },
    { "a leading blank", " 2021-04-01", NULL },
    { "cut short", "2021-04-0", NULL },
    { "nothing", "", NULL },
};

static void the_day_is_that_of_the_row(void **state) {
    const struct parse_row *r = *state;
    size_t len = strlen(r->bytes);
    char text[DATE_TEXT_BYTES], *exact = malloc(len + (len == 0)); /* no NUL behind it */
    date_days d = 12345;
    struct rc_error err = { 0 };
    memcpy(exact, r->bytes, len);
    enum rc_code code = date_parse(exact, len, &d, &err);
    free(exact);
    if (r->want != NULL) {
        assert_int_equal(code, RC_OK);
        assert_string_equal(date_format(d, text), r->want);
    } else {
        assert_int_equal(code, RC_INVALID);
        assert_int_equal(d, 12345);
        assert_true(strlen(err.text) > 10);
        assert_int_equal(date_parse(r->bytes, len, &d, NULL), RC_INVALID);
    }
}

static void a_byte_that_is_nul_is_no_end(void **state) {
    date_days d;
    (void)state;
    assert_int_equal(date_parse("2021-04-01\0", 11, &d, NULL), RC_INVALID);
    assert_int_equal(date_parse("2021-04-01T00:00\0", 17, &d, NULL), RC_INVALID);
}

/* Counts the days one by one with the rule of leap years, from 1 January of year 1 to 31
 * December 9999. */
static void every_day_of_every_year_has_its_number(void **state) {
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    date_days d = date_from_ymd(1, 1, 1);
    (void)state;
    assert_int_equal(d, -719162);
    for (int year = 1; year <= 9999; year++) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 1; month <= 12; month++) {
            int n = days[month - 1] + (month == 2 && leap);
            for (int day = 1; day <= n; day++, d++) {
                int y, m, dd;
                date_to_ymd(d, &y, &m, &dd);
                if (date_from_ymd(year, month, day) != d || y != year || m != month || dd != day)
                    fail_msg("%d-%d-%d is not day %d", year, month, day, d);
            }
            assert_int_equal(date_from_ymd(year, month, n + 1), DATE_NONE);
        }
    }
    assert_int_equal(date_from_ymd(1970, 1, 1), 0);
    assert_int_equal(date_from_ymd(10000, 1, 1), DATE_NONE);
    assert_int_equal(date_from_ymd(0, 12, 31), DATE_NONE);
    assert_int_equal(date_from_ymd(2021, -1, 1), DATE_NONE);
    assert_int_equal(date_from_ymd(2021, 1, -1), DATE_NONE);
}

static void days_out_of_this_world_have_no_text(void **state) {
    static const date_days far[] = { DATE_NONE, INT32_MIN + 1, INT32_MAX, -719163, 2932897 };
    char text[DATE_TEXT_BYTES];
    int y, m, d;
    (void)state;
    for (size_t i = 0; i < RC_LEN(far); i++) {
        assert_string_equal(date_format(far[i], text), "");
        date_to_ymd(far[i], &y, &m, &d);
        assert_in_range(m, 1, 12);
        assert_in_range(d, 1, 31);
    }
    assert_string_equal(date_format(-719162, text), "0001-01-01");
    assert_string_equal(date_format(2932896, text), "9999-12-31");
}

static const struct instant_row {
    const char *name, *bytes;
    int64_t us; /* -1: RC_INVALID */
} instant_rows[] = {
    { "RFC 3339 in UTC", "2026-11-23T09:15:02Z", 1795425302000000 },
    { "RFC 3339 with an offset", "2026-11-23T10:15:02+01:00", 1795425302000000 },
    { "RFC 3339 west of Greenwich", "2026-11-22T23:15:02-10:00", 1795425302000000 },
    { "RFC 3339 with a fraction", "2026-11-23T09:15:02.25Z", 1795425302250000 },
    { "a fraction finer than ours is cut", "2026-11-23T09:15:02.1234567Z", 1795425302123456 },
    { "an offset without colon", "2026-11-23T10:15:02+0100", 1795425302000000 },
    { "RFC 7231", "Mon, 23 Nov 2026 09:15:02 GMT", 1795425302000000 },
    { "RFC 7231 on a leap day", "Thu, 29 Feb 2024 00:00:00 GMT", 1709164800000000 },
    { "a leap second is the next one", "2016-12-31T23:59:60Z", 1483228800000000 },
    { "no instant without offset", "2026-11-23T09:15:02", -1 },
    { "no instant without seconds", "2026-11-23T09:15Z", -1 },
    { "a day is no instant", "2026-11-23", -1 },
    { "RFC 7231 in another zone", "Mon, 23 Nov 2026 09:15:02 CET", -1 },
    { "RFC 7231 with an unknown month", "Mon, 23 Nav 2026 09:15:02 GMT", -1 },
    { "RFC 7231 with a month between two", "Mon, 23 anF 2026 09:15:02 GMT", -1 },
    { "RFC 7231 with no such day", "Mon, 31 Nov 2026 09:15:02 GMT", -1 },
    { "RFC 7231 with hour 25", "Mon, 23 Nov 2026 25:15:02 GMT", -1 },
    { "RFC 7231 with offset in its time", "Mon, 23 Nov 2026 09:15+01 GMT", -1 },
    { "seconds", "1795425302", -1 },
    { "nothing", "", -1 },
};

static void the_instant_is_that_of_the_row(void **state) {
    const struct instant_row *r = *state;
    size_t len = strlen(r->bytes);
    char text[32], *exact = malloc(len + (len == 0));
    int64_t us = 77, again = 0;
    struct rc_error err;
    memcpy(exact, r->bytes, len);
    enum rc_code code = date_parse_instant(exact, len, &us, &err);
    free(exact);
    assert_int_equal(code, r->us == -1 ? RC_INVALID : RC_OK);
    assert_int_equal(us, r->us == -1 ? 77 : r->us);
    if (code != RC_OK)
        return;
    (void)date_format_instant(us, text);
    assert_int_equal(date_parse_instant(text, strlen(text), &again, &err), RC_OK);
    assert_int_equal(again, us / 1000000 * 1000000);
}

static void instants_are_written_in_utc(void **state) {
    char text[32];
    (void)state;
    assert_string_equal(date_format_instant(1795425302999999, text), "2026-11-23T09:15:02Z");
    assert_string_equal(date_format_instant(0, text), "1970-01-01T00:00:00Z");
    assert_string_equal(date_format_instant(-1, text), "1969-12-31T23:59:59Z");
    assert_string_equal(date_format_instant(-86400000001, text), "1969-12-30T23:59:59Z");
    assert_string_equal(date_format_instant(INT64_MAX, text), "294247-01-10T04:00:54Z");
    assert_true(strlen(date_format_instant(INT64_MIN, text)) < 32);
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(parse_rows) + RC_LEN(instant_rows) + 4];
    size_t n = 0;
    ADD_TEST(tests, n, a_byte_that_is_nul_is_no_end);
    ADD_TEST(tests, n, every_day_of_every_year_has_its_number);
    ADD_TEST(tests, n, days_out_of_this_world_have_no_text);
    ADD_TEST(tests, n, instants_are_written_in_utc);
    ADD_ROWS(tests, n, parse_rows, the_day_is_that_of_the_row);
    ADD_ROWS(tests, n, instant_rows, the_instant_is_that_of_the_row);
    return RUN_TESTS(tests, n);
}
