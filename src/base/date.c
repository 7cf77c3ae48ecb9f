#include <stdio.h>
#include <string.h>
#include "base/date.h"

/* Days are counted from 1 March of year 0, so that the leap day ends a year and a cycle of 400
 * years (146,097 days) begins with one that has no exception inside. */
enum { CYCLE_DAYS = 146097, EPOCH_DAYS = 719468 };

static bool is_leap(int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month) {
    static const signed char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return days[month - 1] + (month == 2 && is_leap(year));
}

date_days date_from_ymd(int year, int month, int day) {
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
        day > month_days(year, month))
        return DATE_NONE;
    int y = year - (month <= 2), in_cycle = y % 400;
    int in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return y / 400 * CYCLE_DAYS + in_cycle * 365 + in_cycle / 4 - in_cycle / 100 + in_year -
           EPOCH_DAYS;
}

void date_to_ymd(date_days d, int *year, int *month, int *day) {
    int64_t z = (int64_t)d + EPOCH_DAYS;
    int64_t cycle = (z >= 0 ? z : z - (CYCLE_DAYS - 1)) / CYCLE_DAYS;
    int in_cycle = (int)(z - cycle * CYCLE_DAYS);
    int y = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
    int in_year = in_cycle - (365 * y + y / 4 - y / 100), m = (5 * in_year + 2) / 153;
    *day = in_year - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = (int)(cycle * 400) + y + (*month <= 2);
}

const char *date_format(date_days d, char ret[DATE_TEXT_BYTES]) {
    int year, month, day;
    ret[0] = '\0';
    if (d == DATE_NONE)
        return ret;
    date_to_ymd(d, &year, &month, &day);
    if (year < 1 || year > 9999)
        return ret;
    ret[0] = (char)('0' + year / 1000);
    ret[1] = (char)('0' + year / 100 % 10);
    ret[2] = (char)('0' + year / 10 % 10);
    ret[3] = (char)('0' + year % 10);
    ret[4] = ret[7] = '-';
    ret[5] = (char)('0' + month / 10);
    ret[6] = (char)('0' + month % 10);
    ret[8] = (char)('0' + day / 10);
    ret[9] = (char)('0' + day % 10);
    ret[10] = '\0';
    return ret;
}

/* Two digits, 0 to most; -1 otherwise. */
static int two_digits(const char *p, const char *end, int most) {
    if (end - p < 2 || p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
        return -1;
    int n = (p[0] - '0') * 10 + p[1] - '0';
    return n <= most ? n : -1;
}

/* What stands behind a day, in every form that remotes were seen to send:
 *     HH:MM[:SS[.fraction]] [blank] [Z | +HH[[:]MM[[:]SS]]]
 * Minutes and seconds of an offset are rare and real: local mean time (+00:53:28) before zones
 * were agreed upon. */
struct time_of_day {
    int32_t second; /* of the day; a leap second counts as the next one */
    int32_t us;
    bool has_seconds, has_offset;
    int32_t offset_s; /* east of UTC */
};

static bool parse_offset(const char *p, const char *end, int32_t *ret_s) {
    int sign = *p == '-' ? -1 : 1, total = 0;
    static const int unit_s[] = { 3600, 60, 1 };
    if (*p == 'Z' || *p == 'z') {
        *ret_s = 0;
        return end - p == 1;
    }
    if (*p != '+' && *p != '-')
        return false;
    p++;
    for (int i = 0; i < 3; i++) {
        int n = two_digits(p, end, i == 0 ? 23 : 59);
        if (n < 0)
            return false;
        total += n * unit_s[i];
        p += 2;
        if (p == end) {
            *ret_s = sign * total;
            return true;
        }
        if (*p == ':')
            p++;
    }
    return false;
}

static bool parse_time(const char *p, const char *end, struct time_of_day *ret) {
    struct time_of_day t = { 0 };
    int hour = two_digits(p, end, 23), minute = -1, second = 0;
    if (hour >= 0 && end - p >= 5 && p[2] == ':')
        minute = two_digits(p + 3, end, 59);
    if (minute < 0)
        return false;
    p += 5;
    if (p < end && *p == ':') {
        second = two_digits(p + 1, end, 60);
        if (second < 0)
            return false;
        t.has_seconds = true;
        p += 3;
        if (p < end && (*p == '.' || *p == ',')) {
            const char *from = ++p;
            for (int32_t unit = 100000; p < end && *p >= '0' && *p <= '9'; p++, unit /= 10)
                t.us += (*p - '0') * unit;
            if (p == from)
                return false;
        }
    }
    t.second = hour * 3600 + minute * 60 + second;
    if (p < end && *p == ' ' && end - p > 1)
        p++;
    if (p < end) {
        t.has_offset = parse_offset(p, end, &t.offset_s);
        if (!t.has_offset)
            return false;
    }
    *ret = t;
    return true;
}

static bool parse_ymd(const char *p, date_days *ret) {
    const char *end = p + 10;
    int century = two_digits(p, end, 99), year = two_digits(p + 2, end, 99);
    int month = two_digits(p + 5, end, 12), day = two_digits(p + 8, end, 31);
    if (century < 19 || year < 0 || p[4] != '-' || month < 0 || p[7] != '-' || day < 0)
        return false;
    date_days d = date_from_ymd(century * 100 + year, month, day);
    if (d == DATE_NONE)
        return false;
    *ret = d;
    return true;
}

enum rc_code date_parse(const char *bytes, size_t len, date_days *ret, struct rc_error *err) {
    date_days d;
    struct time_of_day ignored;
    if (len < 10 || !parse_ymd(bytes, &d))
        return rc_fail(err, RC_INVALID,
                       "not a day written as YYYY-MM-DD between the years 1900 and 9999");
    if (len > 10 && ((bytes[10] != 'T' && bytes[10] != 't' && bytes[10] != ' ') ||
                     !parse_time(bytes + 11, bytes + len, &ignored)))
        return rc_fail(err, RC_INVALID, "something other than a time behind the date");
    *ret = d;
    return RC_OK;
}

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* "Mon, 23 Nov 2026 09:15:02 GMT": RFC 7231, 7.1.1.1, the form that servers must send. The name
 * of the weekday is not compared with the date, since nothing hangs on it. */
static bool parse_http_date(const char *p, size_t len, int64_t *ret_us) {
    struct time_of_day t;
    if (len != 29 || memcmp(p + 3, ", ", 2) != 0 || memcmp(p + 25, " GMT", 4) != 0 || p[7] != ' ' ||
        p[11] != ' ' || p[16] != ' ')
        return false;
    int day = two_digits(p + 5, p + len, 31), month = 0;
    int century = two_digits(p + 12, p + len, 99), year = two_digits(p + 14, p + len, 99);
    while (month < 12 && memcmp(month_names + (ptrdiff_t)month * 3, p + 8, 3) != 0)
        month++;
    if (day < 0 || century < 0 || year < 0 || month == 12)
        return false;
    date_days d = date_from_ymd(century * 100 + year, month + 1, day);
    if (d == DATE_NONE || !parse_time(p + 17, p + 25, &t) || !t.has_seconds)
        return false;
    *ret_us = ((int64_t)d * 86400 + t.second) * 1000000;
    return true;
}

enum rc_code date_parse_instant(const char *bytes, size_t len, int64_t *ret_us,
                                struct rc_error *err) {
    date_days d;
    struct time_of_day t;
    if (parse_http_date(bytes, len, ret_us))
        return RC_OK;
    if (len < 11 || !parse_ymd(bytes, &d) ||
        (bytes[10] != 'T' && bytes[10] != 't' && bytes[10] != ' ') ||
        !parse_time(bytes + 11, bytes + len, &t) || !t.has_seconds || !t.has_offset)
        return rc_fail(err, RC_INVALID,
                       "not an instant written as 2026-11-23T09:15:02Z or as in HTTP");
    *ret_us = ((int64_t)d * 86400 + t.second - t.offset_s) * 1000000 + t.us;
    return RC_OK;
}

const char *date_format_instant(int64_t at_us, char ret[32]) {
    int year, month, day;
    int64_t s = at_us / 1000000 - (at_us % 1000000 < 0);
    int64_t d = s / 86400 - (s % 86400 < 0);
    int second = (int)(s - d * 86400);
    date_to_ymd((date_days)d, &year, &month, &day);
    (void)snprintf(ret, 32, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day, second / 3600,
                   second / 60 % 60, second % 60);
    return ret;
}
