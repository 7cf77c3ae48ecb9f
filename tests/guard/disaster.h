/* disaster.h - what must not go through unasked: at once, or slowly. */
#pragma once
#include "tests/guard/company.h"

enum disaster_kind {
    DISASTER_ONCE,    /* all in one import */
    DISASTER_DRIP,    /* so many every day */
    DISASTER_MISSING, /* the list lacks them, its proof is fooled, and HR denies them by id */
    DISASTER_MISSING_DRIP,
    DISASTER_TO_AND_FRO, /* gone one day, back the next */
};
struct disaster {
    const char *name;
    enum disaster_kind kind;
    enum change_class class;
    double share;  /* of the people: in all, or a day */
    int64_t least; /* people at least, in all or a day */
    int days;      /* of a drip */
};
extern const struct disaster disasters[];
extern const size_t disasters_n;

/* What a day of it adds: people of the class, or people missing. population: today's. */
int64_t disaster_people(const struct disaster *d, int day_of_it, int64_t population);
