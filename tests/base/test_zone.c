#include <errno.h>
#include <sys/stat.h>
#include "tests/base/helper.h"
#include "base/date.h"

static char folder[] = "/tmp/rollcall-zone-XXXXXX"; /* TZDIR of what the tests write themselves */

/* --- the zones of the machine, against zdump, which reads the same files its own way --- */

/* How many changes zdump tells at least: few enough that a government which takes back its summer
 * times to come (Morocco did, and half of its lines went) fails no test. */
static const struct zdump_row {
    const char *name;
    int least_lines;
} zdump_rows[] = {
    { "Europe/Berlin", 200 },    { "America/New_York", 300 },  { "Asia/Kolkata", 8 },
    { "Pacific/Apia", 20 },      { "Africa/Casablanca", 100 }, { "Australia/Lord_Howe", 200 },
    { "America/Nuuk", 200 },     { "Europe/Dublin", 200 },     { "Africa/Cairo", 200 },
    { "America/Santiago", 200 }, { "Etc/GMT+12", 0 },          { "Asia/Kathmandu", 2 },
};

static int64_t instant_of(int year, const char *month, int day, int hour, int minute, int second) {
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const char *at = strstr(months, month);
    assert_non_null(at);
    date_days d = date_from_ymd(year, (int)(at - months) / 3 + 1, day);
    assert_true(d != DATE_NONE);
    return (int64_t)d * 86400 + hour * 3600 + minute * 60 + second;
}

/* "Europe/Berlin  Sun Mar 28 00:59:59 2021 UT = Sun Mar 28 01:59:59 2021 CET isdst=0
 * gmtoff=3600", a line for the second before and the second of each change. */
static void every_change_until_2100_is_that_of_zdump(void **state) {
    const struct zdump_row *r = *state;
    char line[300], command[200], month[4];
    int year, day, hour, minute, second, lines_n = 0;
    RC_CLEANUP(zone_closep) struct zone *z = NULL;
    unsetenv("TZDIR");
    assert_int_equal(zone_open(r->name, &z, NULL), RC_OK);
    (void)snprintf(command, sizeof command, "zdump -v -c 1850,2100 %s", r->name);
    FILE *out = popen(command, "r");
    assert_non_null(out);
    while (fgets(line, sizeof line, out) != NULL) {
        const char *offset = strstr(line, "gmtoff=");
        if (offset == NULL ||
            sscanf(line, "%*s %*s %3s %d %d:%d:%d %d UT", month, &day, &hour, &minute, &second,
                   &year) != 6 ||
            year < 1850 || year > 2100)
            continue; /* the ends of time that zdump adds */
        int64_t at_s = instant_of(year, month, day, hour, minute, second);
        if (zone_offset_s(z, at_s * 1000000) != atoi(offset + 7))
            fail_msg("%d instead of: %s", zone_offset_s(z, at_s * 1000000), line);
        lines_n++;
    }
    assert_int_equal(pclose(out), 0);
    assert_true(lines_n >= r->least_lines);
}

static void a_day_begins_at_local_midnight(void **state) {
    RC_CLEANUP(zone_closep) struct zone *berlin = NULL, *york = NULL, *apia = NULL, *utc = NULL;
    int64_t at_us = instant_of(2021, "Jul", 1, 22, 0, 0) * 1000000; /* midnight in Berlin, summer */
    (void)state;
    unsetenv("TZDIR");
    assert_int_equal(zone_open("Europe/Berlin", &berlin, NULL), RC_OK);
    assert_int_equal(zone_open("America/New_York", &york, NULL), RC_OK);
    assert_int_equal(zone_open("Pacific/Apia", &apia, NULL), RC_OK);
    assert_int_equal(zone_open("UTC", &utc, NULL), RC_OK);
    assert_int_equal(zone_today(berlin, at_us), date_from_ymd(2021, 7, 2));
    assert_int_equal(zone_today(berlin, at_us - 1), date_from_ymd(2021, 7, 1));
    assert_int_equal(zone_today(york, at_us), date_from_ymd(2021, 7, 1));
    assert_int_equal(zone_today(utc, at_us), date_from_ymd(2021, 7, 1));
    assert_int_equal(zone_offset_s(utc, at_us), 0);
    assert_int_equal(zone_today(utc, -1), -1);
    at_us = instant_of(2011, "Dec", 30, 10, 0, 0) * 1000000; /* Samoa had no 30 December 2011 */
    assert_int_equal(zone_today(apia, at_us - 1), date_from_ymd(2011, 12, 29));
    assert_int_equal(zone_today(apia, at_us), date_from_ymd(2011, 12, 31));
}

static void the_ends_of_time_are_no_trouble(void **state) {
    RC_CLEANUP(zone_closep) struct zone *z = NULL;
    (void)state;
    unsetenv("TZDIR");
    assert_int_equal(zone_open("Europe/Berlin", &z, NULL), RC_OK);
    assert_int_equal(zone_offset_s(z, INT64_MIN), 3208);
    assert_in_range(zone_offset_s(z, INT64_MAX), 3600, 7200);
    assert_true(zone_today(z, INT64_MIN) < 0 && zone_today(z, INT64_MAX) > 0);
    zone_close(NULL);
}

/* --- names --- */

static const struct name_row {
    const char *name, *zone;
} name_rows[] = {
    { "an unknown zone", "Europe/Atlantis" },
    { "a folder", "Europe" },
    { "nothing", "" },
    { "an absolute path", "/etc/passwd" },
    { "a way up", "../../../etc/passwd" },
    { "a way up inside", "Europe/../Europe/Berlin" },
    { "a dot", "./Europe/Berlin" },
    { "two slashes", "Europe//Berlin" },
    { "a slash at the end", "Europe/Berlin/" },
    { "a zone below a zone", "Europe/Berlin/Mitte" },
    { "a format", "%s%n" },
    { "a newline", "Europe/Berlin\n" },
    { "a POSIX string", "CET-1CEST,M3.5.0,M10.5.0/3" },
    { "very long", "Europe/Berlinnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" },
};

static void what_is_no_zone_is_not_found(void **state) {
    const struct name_row *r = *state;
    struct zone *z = NULL;
    struct rc_error err = { 0 };
    unsetenv("TZDIR");
    assert_int_equal(zone_open(r->zone, &z, &err), RC_NOT_FOUND);
    assert_null(z);
    assert_non_null(strstr(err.text, "zone"));
}

/* --- files of our own --- */

static void write_file(const char *name, const void *bytes, size_t len) {
    char path[100];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static size_t put32(unsigned char *p, uint32_t n) {
    p[0] = (unsigned char)(n >> 24);
    p[1] = (unsigned char)(n >> 16);
    p[2] = (unsigned char)(n >> 8);
    p[3] = (unsigned char)n;
    return 4;
}

static size_t put_header(unsigned char *p, uint32_t leap, uint32_t transitions, uint32_t types) {
    memset(p, 0, 44);
    memcpy(p, "TZif2", 5);
    put32(p + 28, leap);
    put32(p + 32, transitions);
    put32(p + 36, types);
    put32(p + 40, 4);
    return 44;
}

/* Two types (0: +1 h, 1: +2 h), one transition in 1970 to type 0, and the footer. */
static size_t make_file(unsigned char *p, const char *footer) {
    size_t n = put_header(p, 0, 0, 1);
    memset(p + n, 0, 6 + 4);
    n += 6 + 4;
    n += put_header(p + n, 0, 1, 2);
    n += put32(p + n, 0);
    n += put32(p + n, 0);
    p[n++] = 0;
    for (uint32_t i = 1; i <= 2; i++) {
        n += put32(p + n, i * 3600);
        p[n++] = 0;
        p[n++] = 0;
    }
    memcpy(p + n, "ABC", 4);
    n += 4;
    return n + (size_t)sprintf((char *)p + n, "\n%s\n", footer);
}

static const struct footer_row {
    const char *name, *footer, *at; /* at NULL: RC_INVALID */
    int32_t offset_s;
} footer_rows[] = {
    { "no rule: the last type", "", "2050-06-01T00:00:00Z", 3600 },
    { "one offset", "<+0530>-5:30", "2050-06-01T00:00:00Z", 19800 },
    { "west", "EST5", "2050-06-01T00:00:00Z", -18000 },
    { "north, before summer", "CET-1CEST,M3.5.0,M10.5.0/3", "2050-03-27T00:59:59Z", 3600 },
    { "north, summer", "CET-1CEST,M3.5.0,M10.5.0/3", "2050-03-27T01:00:00Z", 7200 },
    { "north, end of summer", "CET-1CEST,M3.5.0,M10.5.0/3", "2050-10-30T00:59:59Z", 7200 },
    { "north, winter", "CET-1CEST,M3.5.0,M10.5.0/3", "2050-10-30T01:00:00Z", 3600 },
    { "north, 400 years on", "CET-1CEST,M3.5.0,M10.5.0/3", "2450-03-27T01:00:00Z", 7200 },
    { "south, New Year is summer", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2050-01-01T00:00:00Z",
      39600 },
    { "south, half an hour", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2050-06-01T00:00:00Z",
      37800 },
    { "time before midnight", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2050-03-27T01:00:00Z", -3600 },
    { "and the second before", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2050-03-27T00:59:59Z", -7200 },
    { "winter time is the other one", "IST-1GMT0,M10.5.0,M3.5.0/1", "2050-01-01T00:00:00Z", 0 },
    { "summer all the year round", "XXX3EDT4,0/0,J365/23", "2050-01-01T02:59:59Z", -14400 },
    { "summer all the year round, New Year", "EST5EDT,0/0,J365/25", "2051-01-01T05:00:00Z",
      -14400 },
    { "day 60 is 1 March in a leap year too", "AAA0BBB,J60/0,J300/0", "2048-02-29T23:59:59Z", 0 },
    { "day 60 has come", "AAA0BBB,J60/0,J300/0", "2048-03-01T00:00:00Z", 3600 },
    { "counting from 0 leap days count", "AAA0BBB,59/0,300/0", "2048-02-29T00:00:00Z", 3600 },
    { "the last week may be the fourth", "AAA0BBB,M2.5.0/0,M9.1.0/0", "2050-02-27T00:00:00Z",
      3600 },
    { "a name too short", "AB3", NULL, 0 },
    { "a name not closed", "<AB3", NULL, 0 },
    { "no offset", "CET", NULL, 0 },
    { "an offset too large", "CET-25", NULL, 0 },
    { "summer without rule", "CET-1CEST", NULL, 0 },
    { "half a rule", "CET-1CEST,M3.5.0", NULL, 0 },
    { "month 13", "CET-1CEST,M13.5.0,M10.5.0", NULL, 0 },
    { "month 0", "CET-1CEST,M0.5.0,M10.5.0", NULL, 0 },
    { "week 6", "CET-1CEST,M3.6.0,M10.5.0", NULL, 0 },
    { "weekday 7", "CET-1CEST,M3.5.7,M10.5.0", NULL, 0 },
    { "day 366", "CET-1CEST,366,M10.5.0", NULL, 0 },
    { "day J0", "CET-1CEST,J0,M10.5.0", NULL, 0 },
    { "a time of 168 hours", "CET-1CEST,M3.5.0/168,M10.5.0", NULL, 0 },
    { "a number without end", "CET-1CEST,99999999999999999999,M10.5.0", NULL, 0 },
    { "ends inside a rule", "CET-1CEST,M", NULL, 0 },
    { "ends behind a dot", "CET-1CEST,M3.", NULL, 0 },
    { "something behind it", "CET-1CEST,M3.5.0,M10.5.0/3x", NULL, 0 },
};

static void the_rule_of_the_row_holds(void **state) {
    const struct footer_row *r = *state;
    unsigned char bytes[512];
    struct zone *z = NULL;
    int64_t at_us;
    struct rc_error err;
    setenv("TZDIR", folder, 1);
    write_file("Own", bytes, make_file(bytes, r->footer));
    enum rc_code code = zone_open("Own", &z, &err);
    if (r->at == NULL) {
        assert_int_equal(code, RC_INVALID);
        assert_string_equal(err.text,
                            "zone Own: bad file: a rule for the future that makes no sense");
        return;
    }
    assert_int_equal(code, RC_OK);
    assert_int_equal(date_parse_instant(r->at, strlen(r->at), &at_us, NULL), RC_OK);
    assert_int_equal(zone_offset_s(z, at_us), r->offset_s);
    zone_close(z);
}

static void expect_bad(const unsigned char *bytes, size_t len, const char *why) {
    struct zone *z = NULL;
    struct rc_error err = { 0 };
    setenv("TZDIR", folder, 1);
    write_file("Bad", bytes, len);
    assert_int_equal(zone_open("Bad", &z, &err), RC_INVALID);
    assert_null(z);
    assert_non_null(strstr(err.text, why));
}

static void each_broken_promise_of_a_file_is_named(void **state) {
    unsigned char good[512], bad[512];
    size_t len = make_file(good, "CET-1");
    const size_t second = 44 + 10, block = second + 44; /* the header and block in 64 bits */
    (void)state;
    expect_bad((const unsigned char *)"", 0, "not a TZif file");
    expect_bad((const unsigned char *)"# leapseconds", 13, "not a TZif file");
    memcpy(bad, good, len);
    bad[4] = '\0';
    expect_bad(bad, len, "version 2");
    memcpy(bad, good, len);
    memset(bad + 20, 0xff, 24); /* counts of four thousand millions */
    expect_bad(bad, len, "not a TZif file");
    memcpy(bad, good, len);
    memset(bad + second + 20, 0xff, 24);
    expect_bad(bad, len, "cut short");
    memcpy(bad, good, len);
    put32(bad + second + 36, 0);
    expect_bad(bad, len, "no types");
    memcpy(bad, good, len);
    bad[block + 8] = 2; /* of types 0 and 1 */
    expect_bad(bad, len, "without a type");
    memcpy(bad, good, len);
    put32(bad + block + 9, 0x80000000);
    expect_bad(bad, len, "more than a day");
    bad[0] = 0;
    memcpy(bad, good, len);
    put32(bad + second + 28,
          1); /* a leap second takes 12 bytes, and here the footer would be eaten */
    expect_bad(bad, len + 12, "leap seconds");
    memcpy(bad, good, len);
    bad[len - 3] = 0;
    expect_bad(bad, len, "makes no sense");
}

static void transitions_must_ascend(void **state) {
    unsigned char bytes[512];
    size_t n = put_header(bytes, 0, 0, 1);
    (void)state;
    memset(bytes + n, 0, 10);
    n += 10;
    n += put_header(bytes + n, 0, 2, 1);
    memset(bytes + n, 0, 100);
    bytes[n + 7] = 5;
    bytes[n + 15] = 5;
    bytes[n + 28] = bytes[n + 29] = '\n';
    expect_bad(bytes, n + 30, "out of order");
    bytes[n + 15] = 6;
    struct zone *z = NULL;
    write_file("Own", bytes, n + 30);
    assert_int_equal(zone_open("Own", &z, NULL), RC_OK);
    zone_close(z);
}

static void what_is_too_large_is_refused(void **state) {
    static unsigned char zeros[(256 << 10) + 1];
    (void)state;
    expect_bad(zeros, sizeof zeros, "too large");
}

static void a_folder_or_unreadable_file_is_an_error_in_words(void **state) {
    char path[100];
    struct zone *z = NULL;
    struct rc_error err;
    (void)state;
    setenv("TZDIR", folder, 1);
    (void)snprintf(path, sizeof path, "%s/Pipe", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(zone_open("Pipe", &z, &err),
                     RC_NOT_FOUND); /* and does not wait for a writer */
    (void)unlink(path);
    assert_int_equal(symlink(path, path), 0); /* a link to itself */
    assert_int_equal(zone_open("Pipe", &z, &err), RC_INVALID);
    assert_non_null(strstr(err.text, strerror(ELOOP)));
    (void)unlink(path);
}

/* A real file, cut at every length and with every byte turned over: an error or a zone, never a
 * crash. */
static void cut_and_damaged_files_do_no_harm(void **state) {
    unsigned char good[8192], bad[8192];
    struct zone *z = NULL;
    FILE *f = fopen("/usr/share/zoneinfo/Europe/Berlin", "r");
    (void)state;
    assert_non_null(f);
    size_t len = fread(good, 1, sizeof good, f);
    fclose(f);
    assert_in_range(len, 200, sizeof good - 1);
    for (size_t cut = 0; cut < len; cut++) {
        setenv("TZDIR", folder, 1);
        write_file("Bad", good, cut);
        assert_int_equal(zone_open("Bad", &z, NULL), RC_INVALID);
    }
    size_t opened_n = 0;
    for (size_t i = 0; i < len; i++) {
        memcpy(bad, good, len);
        bad[i] ^= i % 2 == 0 ? 0xff : 0x01;
        write_file("Bad", bad, len);
        if (zone_open("Bad", &z, NULL) != RC_OK)
            continue;
        opened_n++;
        for (int64_t at_us = INT64_MIN / 2; at_us < INT64_MAX / 2; at_us += INT64_MAX / 64)
            assert_true(zone_offset_s(z, at_us) > -100000 && zone_offset_s(z, at_us) < 100000);
        zone_close(z);
    }
    assert_in_range(opened_n, 1, len - 1);
}

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state) {
    static const char *const files[] = { "Own", "Bad" };
    char path[100];
    (void)state;
    for (size_t i = 0; i < RC_LEN(files); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        (void)unlink(path);
    }
    return rmdir(folder);
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(zdump_rows) + RC_LEN(name_rows) + RC_LEN(footer_rows) + 7];
    size_t n = 0;
    ADD_ROWS(tests, n, zdump_rows, every_change_until_2100_is_that_of_zdump);
    ADD_ROWS(tests, n, name_rows, what_is_no_zone_is_not_found);
    ADD_ROWS(tests, n, footer_rows, the_rule_of_the_row_holds);
    ADD_TEST(tests, n, a_day_begins_at_local_midnight);
    ADD_TEST(tests, n, the_ends_of_time_are_no_trouble);
    ADD_TEST(tests, n, each_broken_promise_of_a_file_is_named);
    ADD_TEST(tests, n, transitions_must_ascend);
    ADD_TEST(tests, n, what_is_too_large_is_refused);
    ADD_TEST(tests, n, a_folder_or_unreadable_file_is_an_error_in_words);
    ADD_TEST(tests, n, cut_and_damaged_files_do_no_harm);
    return _cmocka_run_group_tests(__FILE__, tests, n, make_folder, remove_folder);
}
