/* date.h - calendar dates, and when a day begins in a company's zone.
 *
 * Shape:  people's dates are days on a calendar, never instants. A date is the number of days
 *         since 1970-01-01 (proleptic Gregorian); DATE_NONE is no date. Dates from HR come as
 *         "2021-04-01" or as local midnight with an offset ("2021-04-01T00:00:00+02:00"); the
 *         first ten characters are the date, and converting to UTC would move it by a day.
 * Memory: a zone is loaded once and owns its table.
 * Source: facts of Personio v1, 2.2 (dates); RFC 9636 (TZif). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/cleanup.h"
#include "base/error.h"

typedef int32_t date_days; /* days since 1970-01-01 */
#define DATE_NONE       INT32_MIN
#define DATE_TEXT_BYTES 11 /* "2021-04-01" and NUL */

/* RC_INVALID: not a day that exists between years 1900 and 9999, or something other than a time
 * behind it. */
enum rc_code date_parse(const char *bytes, size_t len, date_days *ret, struct rc_error *err);
/* "" for DATE_NONE, and outside years 1 to 9999 */
const char *date_format(date_days d, char ret[DATE_TEXT_BYTES]);
/* DATE_NONE: there is no such day in years 1 to 9999 */
date_days date_from_ymd(int year, int month, int day);
void date_to_ymd(date_days d, int *year, int *month, int *day);

/* "2026-11-23T09:15:02Z" from microseconds since 1970 */
const char *date_format_instant(int64_t at_us, char ret[32]);
/* RFC 7231 date ("Mon, 23 Nov 2026 09:15:02 GMT") or RFC 3339 to microseconds; RC_INVALID
 * otherwise */
enum rc_code date_parse_instant(const char *bytes, size_t len, int64_t *ret_us,
                                struct rc_error *err);

struct zone; /* opaque: one TZif file */
/* name as in "Europe/Berlin", from $TZDIR or /usr/share/zoneinfo; "UTC" needs no file.
 * RC_NOT_FOUND for an unknown name (or one that is a path: "..", "/etc/passwd"), RC_INVALID for
 * a bad file. */
enum rc_code zone_open(const char *name, struct zone **ret, struct rc_error *err);
void zone_close(struct zone *z);
RC_CLEANUP_FN(struct zone, zone_close)
/* seconds east of UTC at that instant */
int32_t zone_offset_s(const struct zone *z, int64_t at_us);
date_days zone_today(const struct zone *z, int64_t now_us);
