#include "tests/guard/disaster.h"

/* A drip adds up to a quarter of the company and more within its days: what does less within a
 * month cannot be told from an ordinary year by counting. */
const struct disaster disasters[] = {
    { "an empty list", DISASTER_MISSING, CHANGE_LEAVERS, 1, 1, 1 },
    { "half of the list, its number too", DISASTER_MISSING, CHANGE_LEAVERS, 0.49, 2, 1 },
    { "one page in ten lost, its number too", DISASTER_MISSING, CHANGE_LEAVERS, 0.10, 2, 1 },
    { "a credential narrowed by 3 %", DISASTER_MISSING, CHANGE_LEAVERS, 0.03, 2, 1 },
    { "a credential narrowed by 0.5 % a day", DISASTER_MISSING_DRIP, CHANGE_LEAVERS, 0.005, 1, 60 },
    { "all statuses inactive", DISASTER_ONCE, CHANGE_LEAVERS, 1, 1, 1 },
    { "a third of the statuses inactive", DISASTER_ONCE, CHANGE_LEAVERS, 0.33, 4, 1 },
    { "a drip of leavers, 4 % a day", DISASTER_DRIP, CHANGE_LEAVERS, 0.04, 1, 60 },
    { "a drip of leavers, 1 % a day", DISASTER_DRIP, CHANGE_LEAVERS, 0.01, 1, 60 },
    { "a drip of leavers, 0.5 % a day", DISASTER_DRIP, CHANGE_LEAVERS, 0.005, 1, 60 },
    { "4 % gone and back, every other day", DISASTER_TO_AND_FRO, CHANGE_LEAVERS, 0.04, 1, 60 },
    { "all addresses changed", DISASTER_ONCE, CHANGE_EMAIL, 1, 1, 1 },
    { "a third of the addresses changed", DISASTER_ONCE, CHANGE_EMAIL, 0.33, 4, 1 },
    { "a drip of addresses, 1 % a day", DISASTER_DRIP, CHANGE_EMAIL, 0.01, 1, 60 },
    { "all names changed", DISASTER_ONCE, CHANGE_NAME, 1, 1, 1 },
    { "a drip of names, 1 % a day", DISASTER_DRIP, CHANGE_NAME, 0.01, 1, 60 },
    { "everybody in one team", DISASTER_ONCE, CHANGE_TEAM, 0.95, 1, 1 },
    { "everybody under one manager", DISASTER_ONCE, CHANGE_MANAGER, 0.95, 1, 1 },
    { "all managers emptied", DISASTER_ONCE, CHANGE_CLEARED, 0.95, 1, 1 },
    { "everybody given a leave date", DISASTER_ONCE, CHANGE_LEAVE_DATE, 1, 1, 1 },
    { "a drip of leave dates, 1 % a day", DISASTER_DRIP, CHANGE_LEAVE_DATE, 0.01, 1, 60 },
    { "another company's people join", DISASTER_ONCE, CHANGE_JOINS, 1, 1, 1 },
    { "strangers join, 3 % a day", DISASTER_DRIP, CHANGE_JOINS, 0.03, 1, 60 },
};
const size_t disasters_n = sizeof disasters / sizeof *disasters;

int64_t disaster_people(const struct disaster *d, int day_of_it, int64_t population) {
    if (day_of_it < 0 || day_of_it >= d->days)
        return 0;
    int64_t n = (int64_t)((double)population * d->share + 0.5);
    return n < d->least ? d->least : n;
}
