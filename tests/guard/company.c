#include "tests/guard/company.h"

#include <math.h>
#include "base/arena.h"

/* ---- the calendar ---- */

date_days company_date(int day) {
    return date_from_ymd(2026, 1, 1) - BEFORE_DAYS + day;
}

static int weekday(int day) { /* 0 is Monday; 1970-01-01 was a Thursday */
    return (int)((company_date(day) + 3) % 7);
}

bool company_is_working_day(int day) {
    return weekday(day) < 5;
}

double company_hour(const struct company *c, int slot) {
    return c->runs_a_day == 1 ? 5.0 : c->runs_a_day == 4 ? 5.0 + 5.0 * slot : (double)slot;
}

bool company_is_staffed(const struct company *c, int day, int slot) {
    double hour = company_hour(c, slot);
    /* A run of the early morning is decided on before the next one of a daily import. */
    return company_is_working_day(day) && (c->runs_a_day == 1 || (hour >= 8 && hour <= 18));
}

struct company_slot *company_at(struct company *c, int day, int slot) {
    return &c->slots[day * c->runs_a_day + slot];
}

/* ---- chance ---- */

int64_t company_poisson(struct rng *r, double mean) {
    if (mean > 50) { /* normal, near enough */
        double u = rng_unit(r), v = rng_unit(r);
        double z = sqrt(-2 * log(1 - u)) * cos(6.283185307179586 * v);
        double n = floor(mean + sqrt(mean) * z + 0.5);
        return n > 0 ? (int64_t)n : 0;
    }
    double least = exp(-mean), p = rng_unit(r);
    int64_t n = 0;
    for (; p > least; n++)
        p *= rng_unit(r);
    return n;
}

static double between(struct rng *r, double a, double b) {
    return a + (b - a) * rng_unit(r);
}

static bool chance(struct rng *r, double p) {
    return rng_unit(r) < p;
}

static int pick(struct rng *r, int from, int to) { /* both included */
    return from + (int)rng_below(r, (uint32_t)(to - from + 1));
}

int64_t company_size(struct rng *r, int64_t least, int64_t most) {
    double log_size = between(r, log((double)least), log((double)most + 1));
    int64_t n = (int64_t)exp(log_size);
    return n < least ? least : n > most ? most : n;
}

/* ---- events ---- */

/* Which import finds what HR did on that day. */
static int slot_of(const struct company *c, struct rng *r) {
    return c->runs_a_day == 1 ? 0 : c->runs_a_day == 4 ? pick(r, 1, 3) : pick(r, 9, 18);
}

static void put(struct company *c, int day, int slot, enum change_class class, int64_t n) {
    if (day < 0 || day >= ALL_DAYS || n <= 0)
        return;
    company_at(c, day, slot)->classes[class] += n;
    enum change_class wider = change_class_wider(class);
    if (wider != CHANGE_CLASSES_N)
        company_at(c, day, slot)->classes[wider] += n;
}

/* n people at once, by one hand. */
static void batch(struct company *c, struct rng *r, int day, enum change_class class, int64_t n) {
    put(c, day, slot_of(c, r), class, n);
}

/* n people, one by one in the course of the day. */
static void each(struct company *c, struct rng *r, int day, enum change_class class, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        batch(c, r, day, class, 1);
}

static int work_day_from(int day) {
    while (day < ALL_DAYS - 1 && !company_is_working_day(day))
        day++;
    return day;
}

/* The class of a first address: whatever an import makes of it. */
static enum change_class first_address(void) {
    struct user before = { .fields = { [USER_STATUS] = TEXT_LIT("active") } }, after = before;
    struct change changes[CHANGES_MAX];
    struct change_state b = { &before, LIFECYCLE_ACTIVE, "employed" },
                        a = { &after, LIFECYCLE_ACTIVE, "employed" };
    after.fields[USER_EMAIL] = TEXT_LIT("mira@example.org");
    return change_find(&b, &a, changes) == 1 ? changes[0].class : CHANGE_OTHER;
}

/* So many a year, on working days, one by one. */
static void trickle(struct company *c, struct rng *r, enum change_class class, double a_year) {
    for (int day = 0; day < ALL_DAYS; day++)
        if (company_is_working_day(day))
            each(c, r, day, class, company_poisson(r, a_year / 250));
}

static int64_t share(const struct company *c, double s) {
    int64_t n = (int64_t)((double)c->size * s + 0.5);
    return n > 0 ? n : 1;
}

/* ---- joining ---- */

static void one_joins(struct company *c, struct rng *r, int day, int slot) {
    put(c, day, slot, CHANGE_JOINS, 1);
    if (c->late_addresses) {
        int later = work_day_from(day + pick(r, 2, 10));
        each(c, r, later, first_address(), 1);
    }
}

static void joiners(struct company *c, struct rng *r) {
    double a_year = (c->turnover + c->growth) * (double)c->size;
    for (int day = 0; day < ALL_DAYS; day++) {
        int y, m, d;
        date_to_ymd(company_date(day), &y, &m, &d);
        if (!company_is_working_day(day))
            continue;
        int64_t n = company_poisson(r, a_year / 250 * (c->joins_in_batches ? 0.3 : 1));
        for (int64_t i = 0; i < n; i++)
            one_joins(c, r, day, slot_of(c, r));
        bool first_of_month = d <= 3 && (d == 1 || weekday(day) == 0);
        if (c->joins_in_batches && first_of_month) {
            int slot = slot_of(c, r);
            n = company_poisson(r, a_year / 12 * 0.7);
            for (int64_t i = 0; i < n; i++)
                one_joins(c, r, day, slot);
        }
    }
}

/* ---- leaving ---- */

/* Contracts end at the end of months, most of all of quarters and of the year. */
static double weight_of_end(int day) {
    int y, m, d, y2, m2, d2;
    date_to_ymd(company_date(day), &y, &m, &d);
    date_to_ymd(company_date(day) + 1, &y2, &m2, &d2);
    if (d2 == 1)
        return m == 12 ? 50 : m % 3 == 0 ? 32 : 20;
    return d == 15 ? 5 : company_is_working_day(day) ? 0.5 : 0.1;
}

/* HR's status goes inactive in the night after the last day. */
static void ends(struct company *c, struct rng *r, int day, int64_t n) {
    put(c, day + 1, c->runs_a_day == 24 ? 1 : 0, CHANGE_LEAVERS, n);
    for (int64_t i = 0; i < n; i++) {
        if (chance(r, 0.85))
            each(c, r, work_day_from(day - pick(r, 20, 90)), CHANGE_LEAVE_DATE, 1);
        if (!chance(r, 0.1))
            continue;
        /* one who led others: they get a new manager at once, or none for a while */
        int64_t reports = 2 + company_poisson(r, 5);
        reports = reports < c->size / 3 ? reports : c->size / 3;
        int then = work_day_from(day + 1);
        if (chance(r, 0.3)) {
            batch(c, r, then, CHANGE_CLEARED, reports);
            then = work_day_from(then + pick(r, 5, 20));
        }
        batch(c, r, then, CHANGE_MANAGER, reports);
    }
}

static void leavers(struct company *c, struct rng *r) {
    double a_year = c->turnover * (double)c->size, all = 0;
    for (int day = BEFORE_DAYS; day < ALL_DAYS; day++)
        all += weight_of_end(day);
    for (int day = 0; day < ALL_DAYS; day++)
        ends(c, r, day, company_poisson(r, a_year * weight_of_end(day) / all));
    /* Profiles that are deleted: tests, duplicates; singly, and now and then a few in one go. */
    trickle(c, r, CHANGE_UNANNOUNCED, 0.2 + 0.0015 * (double)c->size);
    for (int64_t n = company_poisson(r, 0.3 + (double)c->size / 3000); n > 0; n--)
        batch(c, r, work_day_from(pick(r, 0, ALL_DAYS - 5)), CHANGE_UNANNOUNCED,
              2 + company_poisson(r, 1));
}

/* ---- the year's own events ---- */

static void apprentices(struct company *c, struct rng *r) {
    int64_t n = share(c, 0.025);
    int arrive = work_day_from(BEFORE_DAYS + pick(r, 190, 235)); /* in July and August */
    int slot = slot_of(c, r);
    for (int64_t i = 0; i < n; i++)
        one_joins(c, r, chance(r, 0.7) ? arrive : work_day_from(arrive + pick(r, 1, 20)), slot);
    int over = BEFORE_DAYS + (chance(r, 0.5) ? 180 : 211); /* the end of June, or July */
    for (int64_t i = 0; i < n; i++)
        ends(c, r, chance(r, 0.7) ? over : over - pick(r, 1, 30), 1);
}

static void season(struct company *c, struct rng *r) {
    int64_t n = share(c, between(r, 0.15, 0.4));
    for (int64_t i = 0; i < n; i++) {
        int day = work_day_from(BEFORE_DAYS + pick(r, 280, 310)); /* October and November */
        one_joins(c, r, day, slot_of(c, r));
    }
    put(c, BEFORE_DAYS, 0, CHANGE_LEAVERS, n * 6 / 10);
    put(c, BEFORE_DAYS + 31, 0, CHANGE_LEAVERS, n - n * 6 / 10);
}

static void upheaval(struct company *c, struct rng *r, int day, enum change_class class,
                     int64_t n) {
    int slot = slot_of(c, r);
    put(c, day, slot, class, n);
    company_at(c, day, slot)->is_upheaval = true;
}

static int any_work_day(struct rng *r) {
    return work_day_from(BEFORE_DAYS + pick(r, 0, YEAR_DAYS - 8));
}

static void upheavals(struct company *c, struct rng *r) {
    for (int64_t n = company_poisson(r, 0.5); n > 0; n--) { /* reorganised */
        int day = any_work_day(r);
        double s = between(r, 0.05, 0.5);
        upheaval(c, r, day, CHANGE_TEAM, share(c, s));
        upheaval(c, r, day, CHANGE_MANAGER, share(c, s * 0.6));
        upheaval(c, r, day, CHANGE_LOCATION, share(c, s * 0.1));
    }
    if (chance(r, 0.08)) /* another company is bought */
        upheaval(c, r, any_work_day(r), CHANGE_JOINS, share(c, between(r, 0.05, 0.4)));
    if (chance(r, 0.03)) /* another name, and another domain */
        upheaval(c, r, any_work_day(r), CHANGE_EMAIL, share(c, 1));
    if (chance(r, 0.15)) /* an office moves */
        upheaval(c, r, any_work_day(r), CHANGE_LOCATION, share(c, between(r, 0.1, 0.6)));
    if (chance(r, 0.05)) { /* many have to go */
        int64_t n = share(c, between(r, 0.05, 0.2));
        int day = any_work_day(r);
        upheaval(c, r, day, CHANGE_LEAVE_DATE, n);
        if (day + 60 < ALL_DAYS)
            upheaval(c, r, work_day_from(day + 60), CHANGE_LEAVERS, n);
    }
    if (chance(r, 0.2)) /* names are put right */
        upheaval(c, r, any_work_day(r), CHANGE_NAME, share(c, between(r, 0.01, 0.1)));
}

static void habits(struct company *c, struct rng *r) {
    double size = (double)c->size;
    for (int64_t n = company_poisson(r, 0.007 * size * ALL_DAYS / 365.0); n > 0;
         n--) { /* marriages */
        int day = work_day_from(pick(r, 0, ALL_DAYS - 15));
        each(c, r, day, CHANGE_NAME, 1);
        if (chance(r, 0.7))
            each(c, r, work_day_from(day + pick(r, 0, 10)), CHANGE_EMAIL, 1);
    }
    trickle(c, r, CHANGE_EMAIL, 0.004 * size);
    trickle(c, r, CHANGE_TEAM, 0.08 * size);
    trickle(c, r, CHANGE_MANAGER, 0.08 * size);
    trickle(c, r, CHANGE_LOCATION, 0.03 * size);
    trickle(c, r, CHANGE_LEAVE_DATE, 0.015 * size);
    trickle(c, r, CHANGE_CLEARED, 0.008 * size);
    for (int64_t n = company_poisson(r, 1.5); n > 0; n--) { /* a team is split, or joined */
        int64_t people = pick(r, 5, 15);
        batch(c, r, any_work_day(r), CHANGE_TEAM, people < c->size / 2 ? people : c->size / 2);
    }
    for (int half = 0; half < 2 && c->has_fixed_terms; half++) /* contracts are prolonged */
        batch(c, r, work_day_from(BEFORE_DAYS + half * 182 + pick(r, 140, 170)), CHANGE_LEAVE_DATE,
              share(c, 0.08 * 0.4));
}

/* ---- a company ---- */

void company_make(struct company *c, struct rng *r, int64_t size) {
    double often = rng_unit(r);
    *c = (struct company){ .size = size,
                           .runs_a_day = often < 0.6   ? 1
                                         : often < 0.9 ? 4
                                                       : 24,
                           .turnover = 0.15 * exp(between(r, -1, 1.2)),
                           .growth = between(r, -0.05, 0.25),
                           .joins_in_batches = chance(r, 0.4),
                           .late_addresses = chance(r, 0.3),
                           .has_apprentices = chance(r, 0.4),
                           .has_season = chance(r, 0.1),
                           .has_fixed_terms = chance(r, 0.2) };
    c->slots = mem_zalloc((size_t)ALL_DAYS * (size_t)c->runs_a_day * sizeof *c->slots);
    joiners(c, r);
    leavers(c, r);
    habits(c, r);
    if (c->has_apprentices)
        apprentices(c, r);
    if (c->has_season)
        season(c, r);
    upheavals(c, r);
}

void company_done(struct company *c) {
    mem_free(c->slots);
}
