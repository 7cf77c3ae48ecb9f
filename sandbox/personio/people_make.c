/* people_make.c - a population that repeats with its seed: the same ids, names, units and
 * supervisors; dates lie around the day for which it is made. What is rare in a real company stands
 * at fixed distances, so that a hundred people have it too. */
#include <stdio.h>
#include <string.h>
#include "base/cleanup.h"
#include "base/rng.h"
#include "sandbox/names.h"
#include "sandbox/personio/world.h"

static const char *const offices[] = {
    "Bremen", "Köln",   "München",   "Zürich",      "Wien",  "Łódź", "Kraków",    "Paris",
    "Lyon",   "Málaga", "São Paulo", "İzmir",       "Αθήνα", "Київ", "東京",      "Aarhus",
    "Malmö",  "Dublin", "Austin",    "Home office", "Praha", "Győr", "București", "תל אביב",
};
static const char *const departments[] = {
    "Management", "Logistics",        "Production",       "Sales",
    "IT",         "Finance",          "People & Culture", "Purchasing",
    "Quality",    "Customer service", "Research",         "Legal",
    "Marketing",  "Maintenance",      "Training",         "Ventes & SAV",
    "Qualität",   "Facility",
};
static const char *const team_words[] = {
    "Night shift", "Day shift", "Core", "Field",   "Platform",
    "Accounts",    "Line",      "Hub",  "Support", "Projects"
};
static const char *const subcompanies[] = {
    "Nordkap GmbH",          "Nordkap Süd GmbH", "Nordkap Polska Sp. z o.o.",
    "Nordkap France S.A.S.", "Nordkap Ltd",      "Nordkap AG"
};

struct maker {
    struct world *w;
    struct rng rng;
    uint32_t *team_leads, heads[RC_LEN(departments)];
    uint32_t ended; /* the last person whose employment is over, for somebody who comes back */
    uint32_t now_s;
};

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

static void make_units(struct world *w, size_t people_n) {
    char name[80];
    for (size_t i = 0; i < least(2 + people_n / 40, RC_LEN(offices)); i++)
        unit_add(&w->units[UNIT_OFFICE], offices[i], NO_UNIT);
    for (size_t i = 0; i < least(2 + people_n / 25, RC_LEN(departments)); i++)
        unit_add(&w->units[UNIT_DEPARTMENT], departments[i], NO_UNIT);
    for (size_t i = 0; i < least(1 + people_n / 100, RC_LEN(subcompanies)); i++)
        unit_add(&w->units[UNIT_SUBCOMPANY], subcompanies[i], NO_UNIT);
    for (size_t i = 0; i < least(2 + people_n / 50, 200); i++) {
        snprintf(name, sizeof name, "KST %zu", 4400 + i * 10);
        unit_add(&w->units[UNIT_COST_CENTER], name, NO_UNIT);
    }
    for (size_t i = 0; i < least(1 + people_n / 12, 20000); i++) {
        uint16_t dept = (uint16_t)(i % w->units[UNIT_DEPARTMENT].n);
        snprintf(name, sizeof name, "%s %s %zu", w->units[UNIT_DEPARTMENT].all[dept].name,
                 team_words[i % RC_LEN(team_words)], i + 1);
        unit_add(&w->units[UNIT_TEAM], name, dept);
    }
}

static uint16_t pick_unit(struct maker *m, enum unit_kind kind) {
    return (uint16_t)rng_below(&m->rng, (uint32_t)m->w->units[kind].n);
}

/* The first of a team leads it, the first of a department heads it: a supervisor always stands
 * before those who have him or her, so there are no circles. */
static void place(struct maker *m, uint32_t index) {
    struct person *p = &m->w->people[index];
    uint16_t team = pick_unit(m, UNIT_TEAM), dept = m->w->units[UNIT_TEAM].all[team].parent;
    p->unit[UNIT_TEAM] = team;
    p->unit[UNIT_DEPARTMENT] = dept;
    p->unit[UNIT_OFFICE] = pick_unit(m, UNIT_OFFICE);
    p->unit[UNIT_SUBCOMPANY] = (uint16_t)(p->unit[UNIT_OFFICE] % m->w->units[UNIT_SUBCOMPANY].n);
    p->unit[UNIT_COST_CENTER] = pick_unit(m, UNIT_COST_CENTER);
    p->position = (uint16_t)rng_below(&m->rng, 16);
    if (index == 0) {
        p->position = 18;
        p->unit[UNIT_TEAM] = NO_UNIT;
        p->unit[UNIT_DEPARTMENT] = 0;
    } else if (m->heads[dept] == NOBODY) {
        p->position = 16;
        p->supervisor = 0;
        m->heads[dept] = index;
        p->unit[UNIT_TEAM] = NO_UNIT;
    } else if (m->team_leads[team] == NOBODY) {
        p->position = 17;
        p->supervisor = m->heads[dept];
        m->team_leads[team] = index;
    } else {
        p->supervisor = m->team_leads[team];
        if (index % 173 == 60)
            p->unit[UNIT_TEAM] = NO_UNIT;
        if (index % 397 == 61)
            p->supervisor = NOBODY;
    }
    if (index % 7 == 3 && m->w->units[UNIT_COST_CENTER].n > 1) {
        p->cost_b = (uint16_t)((p->unit[UNIT_COST_CENTER] + 1u) % m->w->units[UNIT_COST_CENTER].n);
        p->cost_share = (uint8_t)(50 + 10 * rng_below(&m->rng, 4));
    }
}

static void employ(struct maker *m, uint32_t index, bool leads) {
    struct person *p = &m->w->people[index];
    date_days today = m->w->today;
    uint32_t fate = rng_below(&m->rng, 1000);
    p->hire = today - 10 - (date_days)rng_below(&m->rng, index % 50 == 1 ? 14000 : 5000);
    if (!leads && index % 40 == 13) {
        p->status = STATUS_ONBOARDING;
        p->hire = today + 1 + (date_days)rng_below(&m->rng, 90);
    } else if (!leads && index % 30 == 17) {
        p->status = STATUS_LEAVE;
    } else if (!leads && index % 24 == 11) {
        p->status = STATUS_INACTIVE;
        p->termination = today - 1 - (date_days)rng_below(&m->rng, 700);
        if (p->hire > p->termination)
            p->hire = p->termination - 200;
        p->last_day = p->termination - (date_days)rng_below(&m->rng, 20);
    } else if (!leads && (index % 37 == 19 || fate < 10)) { /* leaving: known ahead, still active */
        p->termination = today + 1 + (date_days)rng_below(&m->rng, 120);
        p->last_day = p->termination - (date_days)rng_below(&m->rng, 14);
    }
    p->probation_end = p->hire + 180;
    if (index % 10 == 9)
        p->contract_end = p->hire + 730 > today ? p->hire + 730 : today + 100 + (date_days)fate;
    p->employment = index % 13 == 5;
    p->hours_tenths = (uint16_t)(rng_below(&m->rng, 5) == 0 ? 200 + 5 * rng_below(&m->rng, 30)
                                 : fate % 2                 ? 400
                                                            : 385);
    p->created_s = (uint32_t)((int64_t)(p->hire > today - 20 ? today - 20
                                        : p->hire - 30 > 0   ? p->hire - 30
                                                             : 1) *
                                  86400 +
                              rng_below(&m->rng, 86400));
    p->modified_s = p->created_s + rng_below(&m->rng, m->now_s - p->created_s);
}

static void name(struct maker *m, uint32_t index) {
    struct person *p = &m->w->people[index];
    names_pick(&m->rng, &p->first, &p->last);
    char gender = name_first(p->first)->gender;
    p->gender = (uint8_t)(gender == 'f' ? 0 : gender == 'm' ? 1 : 2);
    p->quirks =
        (uint8_t)((index % 6 == 1 ? QUIRK_PREFERRED : 0) | (index % 53 == 17 ? QUIRK_BLANKS : 0) |
                  (index % 71 == 3 ? QUIRK_CAPITALS : 0) | (index % 3 == 0 ? QUIRK_PICTURE : 0));
    if (index % 83 == 50 &&
        m->ended != NOBODY) { /* came back under a new id, and HR kept the address on both */
        const struct person *old = &m->w->people[m->ended];
        p->first = old->first;
        p->last = old->last;
        p->gender = old->gender;
        p->email_of = m->ended;
        m->ended = NOBODY;
    } else if (index % 331 == 41) {
        p->email_of = index - 1; /* two people with one address */
    } else if (index % 89 == 7 || (p->status == STATUS_ONBOARDING && rng_below(&m->rng, 3) == 0)) {
        p->quirks |= QUIRK_NO_EMAIL;
    } else {
        world_name_email(m->w, p);
    }
}

void world_populate(struct world *w, size_t people_n) {
    struct maker m = { .w = w, .ended = NOBODY, .now_s = (uint32_t)((int64_t)w->today * 86400) };
    rng_init(&m.rng, w->seed, 1);
    make_units(w, people_n);
    m.team_leads = mem_alloc(w->units[UNIT_TEAM].n * sizeof *m.team_leads);
    memset(m.team_leads, 0xff, w->units[UNIT_TEAM].n * sizeof *m.team_leads);
    memset(m.heads, 0xff, sizeof m.heads);
    w->cap = people_n;
    w->people = mem_realloc(w->people, people_n * sizeof *w->people);
    for (size_t i = 0; i < people_n; i++) {
        uint32_t index = world_append(w);
        place(&m, index);
        employ(&m, index, w->people[index].position >= 16);
        name(&m, index);
        if (w->people[index].status == STATUS_INACTIVE)
            m.ended = index;
    }
    mem_free(m.team_leads);
}
