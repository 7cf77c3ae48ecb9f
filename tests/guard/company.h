/* company.h - a year of a make-believe company, as the guard would see it: how many people of each
 * class every import brings.
 *
 * Shape:  the calendar is 2026, with six weeks of 2025 in front so that windows are full when it
 *         begins. A company has a size, a turnover, habits (joiners in batches or one by one,
 *         addresses with the record or days later, apprentices, a season) and now and then an
 *         upheaval. Whatever somebody's record goes through is classed by people/change.h, as in
 *         an import; how often things happen is written in company.c.
 * Memory: company_done() frees the events. */
#pragma once
#include <stdbool.h>
#include "base/date.h"
#include "base/rng.h"
#include "people/change.h"

enum { YEAR_DAYS = 365, BEFORE_DAYS = 45, ALL_DAYS = BEFORE_DAYS + YEAR_DAYS };

struct company_slot { /* what one import finds */
    int64_t classes[CHANGE_CLASSES_N];
    bool is_upheaval; /* some of it is what a person should look at: a merger, a reorganisation */
};
struct company {
    int64_t size;            /* when it begins */
    int runs_a_day;          /* 1, 4 or 24 */
    double turnover, growth; /* of the size, a year */
    bool joins_in_batches, late_addresses, has_apprentices, has_season, has_fixed_terms;
    struct company_slot *slots; /* ALL_DAYS * runs_a_day */
};
void company_make(struct company *c, struct rng *r, int64_t size);
void company_done(struct company *c);
/* Log-uniform between the two. */
int64_t company_size(struct rng *r, int64_t least, int64_t most);

date_days company_date(int day); /* of day 0 .. ALL_DAYS - 1 */
bool company_is_working_day(int day);
/* Whether somebody is at work who could decide, when this import has run. */
bool company_is_staffed(const struct company *c, int day, int slot);
double company_hour(const struct company *c, int slot);
struct company_slot *company_at(struct company *c, int day, int slot);
/* About `mean`, as chance has it. */
int64_t company_poisson(struct rng *r, double mean);
