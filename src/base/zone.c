/* A zone is a file in TZif format (RFC 9636), version 2 or later:
 *
 *     header       44 bytes: "TZif", version, 15 unused, six counts of four bytes, big-endian
 *     block        in 32 bits, for old readers: skipped
 *     header       as above, with the counts of what follows
 *     block        8 bytes a transition (second since 1970), ascending; 1 byte each: its type;
 *                  6 bytes a type (offset, whether it is summer time, name); names, leap
 *                  seconds, indicators: not needed
 *     footer       newline, a TZ string (POSIX, 8.3: "CET-1CEST,M3.5.0,M10.5.0/3"), newline:
 *                  holds from the last transition on
 *
 * Before the first transition type 0 holds. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"

enum { HEADER_BYTES = 44, FILE_BYTES_MAX = 256 << 10, NAME_BYTES_MAX = 64 };
enum { DAY_S = 86400, OFFSET_MIN_S = -93599, OFFSET_MAX_S = 93599 };

/* When summer time begins or ends: a day of the year and a local time. */
struct rule_date {
    enum {
        RULE_JULIAN,  /* "J1" to "J365": 29 February is never counted */
        RULE_DAY,     /* "0" to "365": it is */
        RULE_WEEKDAY, /* "Mmonth.week.weekday" */
    } kind;
    int day;         /* weekday: 0 is Sunday */
    int month, week; /* week 5: the last */
    int32_t time_s;  /* may be negative or beyond a day */
};

struct rule {
    bool is_set, has_summer;
    int32_t standard_s, summer_s; /* east of UTC */
    struct rule_date begin, end;
};

struct zone {
    int32_t first_s; /* before the first transition */
    struct rule rule;
    size_t transitions_n;
    struct transition {
        int64_t at_s;
        int32_t offset_s; /* from then on */
    } transitions[];
};

/* --- the TZ string --- */

/* Digits, and p moves behind them; false when there is none or the number passes most. */
static bool read_number(const char **p, int most, int *ret) {
    int n = 0;
    const char *from = *p;
    for (; **p >= '0' && **p <= '9'; ++*p) {
        n = n * 10 + (**p - '0');
        if (n > most)
            return false;
    }
    *ret = n;
    return *p > from;
}

/* [+-]hours[:minutes[:seconds]] */
static bool read_time(const char **p, int hours_max, int32_t *ret_s) {
    int sign = **p == '-' ? -1 : 1, hours, minutes = 0, seconds = 0;
    if (**p == '-' || **p == '+')
        ++*p;
    if (!read_number(p, hours_max, &hours))
        return false;
    if (**p == ':') {
        ++*p;
        if (!read_number(p, 59, &minutes))
            return false;
        if (**p == ':') {
            ++*p;
            if (!read_number(p, 59, &seconds))
                return false;
        }
    }
    *ret_s = sign * (hours * 3600 + minutes * 60 + seconds);
    return true;
}

static bool skip_name(const char **p) {
    const char *from = *p;
    bool quoted = *from == '<';
    size_t len = quoted ? strcspn(from, ">") : 0;
    if (quoted) {
        if (from[len] == '\0')
            return false;
        *p = from + len + 1;
        return len >= 4;
    }
    while ((**p >= 'a' && **p <= 'z') || (**p >= 'A' && **p <= 'Z'))
        ++*p;
    return *p - from >= 3;
}

static bool read_rule_date(const char **p, struct rule_date *ret) {
    struct rule_date r = { .time_s = 2 * 3600 };
    bool ok;
    if (*(*p)++ != ',')
        return false;
    if (**p == 'M') {
        ++*p;
        r.kind = RULE_WEEKDAY;
        ok = read_number(p, 12, &r.month) && r.month >= 1 && *(*p)++ == '.' &&
             read_number(p, 5, &r.week) && r.week >= 1 && *(*p)++ == '.' &&
             read_number(p, 6, &r.day);
    } else if (**p == 'J') {
        ++*p;
        r.kind = RULE_JULIAN;
        ok = read_number(p, 365, &r.day) && r.day >= 1;
    } else {
        r.kind = RULE_DAY;
        ok = read_number(p, 365, &r.day);
    }
    if (ok && **p == '/') {
        ++*p;
        ok = read_time(p, 167,
                       &r.time_s); /* beyond POSIX, as version 3 allows: "/-1" is Greenland's */
    }
    *ret = r;
    return ok;
}

static bool read_rule(const char *p, struct rule *ret) {
    struct rule r = { .is_set = true };
    if (!skip_name(&p) || !read_time(&p, 24, &r.standard_s))
        return false;
    r.standard_s = -r.standard_s; /* POSIX counts west of Greenwich */
    if (*p != '\0') {
        r.has_summer = true;
        r.summer_s = r.standard_s + 3600;
        if (!skip_name(&p))
            return false;
        if (*p != ',') {
            if (!read_time(&p, 24, &r.summer_s))
                return false;
            r.summer_s = -r.summer_s;
        }
        if (!read_rule_date(&p, &r.begin) || !read_rule_date(&p, &r.end) || *p != '\0')
            return false;
    }
    *ret = r;
    return true;
}

/* Local second since 1970 of a rule in a year, 1 to 9999. */
static int64_t rule_at(const struct rule_date *r, int year) {
    date_days new_year = date_from_ymd(year, 1, 1), d = new_year + r->day;
    if (r->kind == RULE_JULIAN) {
        d = new_year + r->day - 1;
        if (r->day >= 60 && date_from_ymd(year, 2, 29) != DATE_NONE)
            d++;
    } else if (r->kind == RULE_WEEKDAY) {
        date_days first = date_from_ymd(year, r->month, 1);
        int month_days = (r->month == 12 ? 31 : date_from_ymd(year, r->month + 1, 1) - first);
        int weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
        d = first + (r->day - weekday + 7) % 7 + (r->week - 1) * 7;
        while (d >= first + month_days)
            d -= 7;
    }
    return (int64_t)d * DAY_S + r->time_s;
}

/* The latest change before or at at_s decides. Years beside the one concerned are looked at too,
 * because a time of a rule may reach days across New Year. A beginning at the very second of an
 * end wins: that is how summer time all the year round is written. */
static int32_t rule_offset(const struct rule *r, int64_t at_s) {
    const int64_t cycle_s = INT64_C(146097) * DAY_S,
                  base_s = INT64_C(10957) * DAY_S; /* 400 years; 2000-01-01 */
    int year, month, day;
    int32_t offset_s = r->standard_s;
    int64_t latest = INT64_MIN;
    if (!r->has_summer)
        return r->standard_s;
    at_s = ((at_s - base_s) % cycle_s + cycle_s) % cycle_s +
           base_s; /* the calendar repeats, weekdays included */
    date_to_ymd((date_days)(at_s / DAY_S), &year, &month, &day);
    for (int y = year - 1; y <= year + 1; y++) {
        int64_t end = rule_at(&r->end, y) - r->summer_s,
                begin = rule_at(&r->begin, y) - r->standard_s;
        if (end <= at_s && end > latest) {
            latest = end;
            offset_s = r->standard_s;
        }
        if (begin <= at_s && begin >= latest) {
            latest = begin;
            offset_s = r->summer_s;
        }
    }
    return offset_s;
}

/* --- the file --- */

struct reader {
    const unsigned char *p, *end;
};

static uint32_t be32(const unsigned char *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be64(const unsigned char *p) {
    return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

struct counts {
    uint64_t utc, standard, leap, transitions, types, chars;
};

/* A header; *ret_bytes is the length of its block. */
static bool read_header(struct reader *r, unsigned time_bytes, struct counts *ret,
                        uint64_t *ret_bytes) {
    if (r->end - r->p < HEADER_BYTES || memcmp(r->p, "TZif", 4) != 0 || r->p[4] < '2')
        return false;
    const unsigned char *p = r->p + 20;
    struct counts c = {
        be32(p), be32(p + 4), be32(p + 8), be32(p + 12), be32(p + 16), be32(p + 20)
    };
    *ret_bytes = c.transitions * (time_bytes + 1) + c.types * 6 + c.chars +
                 c.leap * (time_bytes + 4) + c.standard +
                 c.utc; /* sums of 32-bit counts: no overflow in 64 */
    *ret = c;
    r->p += HEADER_BYTES;
    return *ret_bytes <= (uint64_t)(r->end - r->p);
}

static bool read_footer(struct reader r, struct rule *ret) {
    char text[128];
    if (r.p == r.end || *r.p++ != '\n')
        return false;
    const unsigned char *stop = memchr(r.p, '\n', (size_t)(r.end - r.p));
    size_t len = stop == NULL ? sizeof text : (size_t)(stop - r.p);
    if (len >= sizeof text || memchr(r.p, '\0', len) != NULL)
        return false;
    memcpy(text, r.p, len);
    text[len] = '\0';
    return len == 0 || read_rule(text, ret); /* none: the last type holds for ever */
}

/* Says what is wrong with a file, NULL when nothing is. */
static const char *read_zone(const char *bytes, size_t len, struct zone **ret) {
    struct reader r = { (const unsigned char *)bytes, (const unsigned char *)bytes + len };
    struct counts c;
    struct rule rule = { 0 };
    uint64_t block_bytes;
    if (!read_header(&r, 4, &c, &block_bytes))
        return "not a TZif file of version 2 or later";
    r.p += block_bytes;
    if (!read_header(&r, 8, &c, &block_bytes))
        return "cut short";
    if (c.leap != 0)
        return "it counts leap seconds, as ours does not";
    if (c.types == 0 || c.types > 256)
        return "no types of local time, or too many";
    const unsigned char *times = r.p, *kinds = times + c.transitions * 8,
                        *types = kinds + c.transitions;
    for (uint64_t i = 0; i < c.types; i++) {
        int32_t offset_s = (int32_t)be32(types + i * 6);
        if (offset_s < OFFSET_MIN_S || offset_s > OFFSET_MAX_S)
            return "an offset of more than a day";
    }
    for (uint64_t i = 0; i < c.transitions; i++) {
        if (i > 0 && be64(times + i * 8) <= be64(times + i * 8 - 8))
            return "transitions out of order";
        if (kinds[i] >= c.types)
            return "a transition without a type";
    }
    r.p += block_bytes;
    if (!read_footer(r, &rule))
        return "a rule for the future that makes no sense";
    struct zone *z = mem_zalloc(sizeof *z + c.transitions * sizeof *z->transitions);
    z->first_s = (int32_t)be32(types);
    z->rule = rule;
    z->transitions_n = c.transitions;
    for (uint64_t i = 0; i < c.transitions; i++)
        z->transitions[i] =
            (struct transition){ be64(times + i * 8), (int32_t)be32(types + kinds[i] * 6u) };
    *ret = z;
    return NULL;
}

static bool is_zone_name(const char *name) {
    size_t len = strlen(name);
    if (len == 0 || len > NAME_BYTES_MAX || name[0] == '/' || name[len - 1] == '/' ||
        strstr(name, "//") != NULL)
        return false;
    return name[strspn(
               name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+/")] == '\0';
}

/* RC_NOT_FOUND also for what is no plain file: a folder ("Europe"), a device. */
static enum rc_code read_file(const char *path, const char *name, struct buf *to,
                              struct rc_error *err) {
    struct stat st;
    enum rc_code code = RC_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
        return rc_fail(err, RC_INVALID, "zone %s: cannot read its file: %s", name, strerror(errno));
    if (fd < 0)
        return rc_fail(err, RC_NOT_FOUND,
                       "zone \"%s\" is not known on this machine (package tzdata)", name);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        code = rc_fail(err, RC_NOT_FOUND,
                       "zone \"%s\" is not known on this machine (package tzdata)", name);
    while (code == RC_OK) {
        char *room = buf_room(to, 4096);
        ssize_t n = room == NULL ? 0 : read(fd, room, 4096);
        if (room == NULL)
            code = rc_fail(err, RC_INVALID, "zone %s: its file is too large", name);
        else if (n < 0 && errno != EINTR)
            code = rc_fail(err, RC_INVALID, "zone %s: cannot read its file: %s", name,
                           strerror(errno));
        else if (n == 0)
            break;
        buf_grew(to, n > 0 ? (size_t)n : 0);
    }
    close(fd);
    return code;
}

enum rc_code zone_open(const char *name, struct zone **ret, struct rc_error *err) {
    const char *folder = getenv("TZDIR");
    char path[4096];
    if (!is_zone_name(name))
        return rc_fail(err, RC_NOT_FOUND,
                       "\"%.64s\" is not the name of a zone: it looks like Europe/Berlin", name);
    if (strcmp(name, "UTC") == 0) {
        *ret = mem_zalloc(sizeof **ret);
        return RC_OK;
    }
    if (folder == NULL || folder[0] == '\0')
        folder = "/usr/share/zoneinfo";
    int n = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (n < 0 || (size_t)n >= sizeof path)
        return rc_fail(err, RC_INVALID, "zone %s: the path in TZDIR is too long", name);
    RC_CLEANUP(buf_done) struct buf file;
    buf_init(&file, FILE_BYTES_MAX);
    enum rc_code code = read_file(path, name, &file, err);
    if (code != RC_OK)
        return code;
    const char *problem = read_zone(file.ptr, file.len, ret);
    return problem == NULL ? RC_OK
                           : rc_fail(err, RC_INVALID, "zone %s: bad file: %s", name, problem);
}

void zone_close(struct zone *z) {
    mem_free(z);
}

int32_t zone_offset_s(const struct zone *z, int64_t at_us) {
    int64_t at_s = at_us / 1000000 - (at_us % 1000000 < 0);
    size_t low = 0, high = z->transitions_n; /* how many transitions lie before or at at_s */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (z->transitions[middle].at_s <= at_s)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == z->transitions_n && z->rule.is_set)
        return rule_offset(&z->rule, at_s);
    return low == 0 ? z->first_s : z->transitions[low - 1].offset_s;
}

date_days zone_today(const struct zone *z, int64_t now_us) {
    int64_t local_s = now_us / 1000000 - (now_us % 1000000 < 0) + zone_offset_s(z, now_us);
    return (date_days)(local_s / DAY_S - (local_s % DAY_S < 0));
}
