/* seed.c - the platform as it is found: people who exist only here, teams made by hand, and accounts
 * of people of the company from before there was a connection. The same seed gives the same. */
#include <stdio.h>
#include <string.h>
#include "base/cleanup.h"
#include "base/rng.h"
#include "sandbox/learnamp/learnamp.h"
#include "sandbox/names.h"
#include "sandbox/personio/world.h"

#define DAY_US INT64_C(86400000000)

/* People whom HR does not know: nothing may ever happen to them. */
static const struct {
    const char *first, *last, *email, *job_title, *external_id;
    enum account_role role;
    enum account_status status;
} strangers[] = {
    { "Ada", "Lindqvist", "owner@nordkap.example", "Learning platform owner", NULL, ROLE_OWNER,
      STATUS_CONFIRMED },
    { "Tomasz", "Baran", "learning.admin@nordkap.example", "Learning manager", NULL, ROLE_ADMIN,
      STATUS_CONFIRMED },
    { "Single", "Sign-On", "sso-admin@nordkap.example", NULL, NULL, ROLE_ADMIN, STATUS_CONFIRMED },
    { "Priya", "Raman", "priya@learning-partners.example", "Implementation coach", NULL, ROLE_ADMIN,
      STATUS_CONFIRMED },
    { "Noël", "Marchand", "noel@learning-partners.example", "Consultant", NULL, ROLE_CURATOR,
      STATUS_INVITE_PENDING },
    { "Reports", "Robot", "reports@nordkap.example", NULL, NULL, ROLE_REPORTER, STATUS_CONFIRMED },
    { "Ida", "Holm", "ida.holm@agency.example", "Temp", "okta:00u1f3kq9w", ROLE_VIEWER,
      STATUS_CONFIRMED },
    { "Old", "Admin", "former.admin@nordkap.example", "Learning manager", NULL, ROLE_ADMIN,
      STATUS_DEACTIVATED },
    { "Safety", "Academy", "authors@safety-academy.example", NULL, NULL, ROLE_CURATOR,
      STATUS_EXTERNAL },
};
enum { OWNER, ADMIN };

static const struct {
    const char *name, *tags;
    unsigned every; /* one of so many of the company's accounts is in it */
    bool has_manager;
} hand_made[] = {
    { "Onboarding buddies", "onboarding", 5, true },
    { "First aiders", "safety,compliance", 7, false },
    { "Book club", NULL, 11, false },
    { "Project Aurora", "projects", 9, true },
    { "Project Aurora", "projects", 13, false },
    { "Logistics", NULL, 4, false },
};

static void set(struct platform *p, uint32_t index, enum account_text which, const char *text) {
    struct text t = text_of(text);
    account_set_text(p, index, which, t.state == TEXT_SET ? t : TEXT_NONE);
}

/* A status with the moments that belong to it. */
static void stand(struct platform *p, uint32_t index, enum account_status status, int64_t at_us,
                  date_days today) {
    struct account *a = &p->accounts[index];
    account_set_status(p, index, status);
    a->status_before = STATUS_CONFIRMED;
    if (status == STATUS_INVITE_SCHEDULED)
        a->invite_on = today + 10;
    if (status >= STATUS_INVITE_PENDING && status != STATUS_EXTERNAL)
        a->invited_us = at_us;
    if (status == STATUS_CONFIRMED || status == STATUS_DEACTIVATED)
        a->confirmed_us = at_us + 2 * DAY_US;
    if (status == STATUS_DEACTIVATED)
        a->deactivated_us = at_us + 100 * DAY_US;
    if (status == STATUS_CONFIRMED) {
        a->tasks_n = a->id % 4;
        a->enrolments_n = a->id % 3;
        a->objectives_n = a->id % 2;
    }
}

static void seed_strangers(struct platform *p, int64_t began_us, date_days today) {
    for (size_t i = 0; i < RC_LEN(strangers); i++) {
        uint32_t index = account_add(p, began_us);
        set(p, index, ACCOUNT_FIRST_NAME, strangers[i].first);
        set(p, index, ACCOUNT_LAST_NAME, strangers[i].last);
        set(p, index, ACCOUNT_EMAIL, strangers[i].email);
        set(p, index, ACCOUNT_JOB_TITLE, strangers[i].job_title);
        set(p, index, ACCOUNT_EXTERNAL_ID, strangers[i].external_id);
        account_set_role(p, index, strangers[i].role);
        stand(p, index, strangers[i].status, began_us, today);
    }
}

static void seed_settings(struct platform *p) {
    static const char *const fields[] = { "Employee number", "Cost centre", "Leave date",
                                          "Contract type" };
    static const char *const occupations[] = { "Warehouse clerk", "Shift lead", "Nurse",
                                               "Software engineer", "Accountant" };
    for (size_t i = 0; i < RC_LEN(fields); i++)
        p->fields[p->fields_n++] = (struct field){ mem_str(fields[i]), i == 3 };
    for (size_t i = 0; i < RC_LEN(occupations); i++)
        p->occupations[p->occupations_n++] = mem_str(occupations[i]);
}

static void seed_teams(struct platform *p, int64_t began_us) {
    for (size_t i = 0; i < RC_LEN(hand_made); i++) {
        uint32_t team =
            team_add(p, hand_made[i].name, strlen(hand_made[i].name), began_us + DAY_US);
        if (hand_made[i].has_manager)
            team_set_manager(p, team, ADMIN);
        if (hand_made[i].tags != NULL)
            team_set_tags(p, team, text_of(hand_made[i].tags));
    }
}

/* ---- people of the company ---- */

static enum account_status fate(const struct person *person, struct rng *rng) {
    uint32_t dice = rng_below(rng, 100);
    if (person->status == STATUS_INACTIVE)
        return dice < 70 ? STATUS_DEACTIVATED : STATUS_CONFIRMED; /* some were forgotten */
    return dice < 72   ? STATUS_CONFIRMED
           : dice < 84 ? STATUS_INVITE_PENDING
           : dice < 92 ? STATUS_NOT_INVITED
           : dice < 96 ? STATUS_INVITE_SCHEDULED
                       : STATUS_DEACTIVATED;
}

/* As somebody typed them: most as in HR, some in other letters or without accents. */
static void name_account(struct platform *p, uint32_t index, const struct world *w,
                         const struct person *person, struct rng *rng) {
    char scratch[WORLD_SCRATCH], email[WORLD_SCRATCH];
    struct text t = world_text(w, person, ATTR_EMAIL, scratch);
    size_t n = t.len < sizeof email - 1 ? t.len : sizeof email - 1;
    while (n > 0 && t.ptr[n - 1] == ' ')
        n--;
    memcpy(email, t.ptr, n);
    email[n] = '\0';
    if (rng_below(rng, 6) == 0)
        for (char *at = email; *at != '\0'; at++)
            if (*at >= 'a' && *at <= 'z' && (at == email || at[-1] == '.' || at[-1] == '@'))
                *at = (char)(*at - 32);
    set(p, index, ACCOUNT_EMAIL, email);
    bool plain = rng_below(rng, 8) == 0;
    set(p, index, ACCOUNT_FIRST_NAME,
        plain ? name_first(person->first)->ascii : name_first(person->first)->text);
    set(p, index, ACCOUNT_LAST_NAME,
        plain ? name_last(person->last)->ascii : name_last(person->last)->text);
    account_set_text(p, index, ACCOUNT_JOB_TITLE, world_text(w, person, ATTR_POSITION, scratch));
    account_set_text(p, index, ACCOUNT_LOCATION, world_text(w, person, ATTR_OFFICE, scratch));
}

static void join_hand_made(struct platform *p, uint32_t index, unsigned n) {
    for (uint32_t t = 0; t < RC_LEN(hand_made); t++) {
        if (n % hand_made[t].every != 0)
            continue;
        if (strcmp(hand_made[t].name, "Logistics") == 0)
            account_set_primary(p, index, t);
        else
            account_join(p, index, t);
    }
}

/* One of the people of `personio` with the same seed and number of people. */
static void seed_account(struct platform *p, const struct world *w, const struct person *person,
                         unsigned n, int64_t began_us) {
    struct rng rng;
    rng_init(&rng, w->seed, person->id);
    uint32_t index = account_add(p, began_us + (2 + rng_below(&rng, 300)) * DAY_US);
    struct account *a = &p->accounts[index];
    name_account(p, index, w, person, &rng);
    enum account_status status = fate(person, &rng);
    stand(p, index, status, a->created_us, w->today);
    if (n % 29 == 3)
        account_set_role(p, index, n % 2 ? ROLE_CURATOR : ROLE_ADMIN);
    if (status == STATUS_DEACTIVATED)
        return;
    join_hand_made(p, index, n);
    if (n % 6 == 1 && index > RC_LEN(strangers))
        account_set_manager(p, index, RC_LEN(strangers)); /* the first of them */
}

static void seed_company(struct sandbox *sb, int64_t began_us) {
    struct platform *p = &learnamp_of(sb)->platform;
    struct world world;
    size_t wanted = sb->started.accounts_n, made = 0;
    world_init(&world, sb->started.seed, sb->day);
    world_populate(&world, sb->started.people_n);
    for (size_t i = 0; i < world.n && made < wanted; i++) {
        const struct person *person = &world.people[i];
        char scratch[WORLD_SCRATCH];
        struct text email = world_text(&world, person, ATTR_EMAIL, scratch);
        while (email.len > 0 && email.ptr[email.len - 1] == ' ')
            email.len--;
        if (email.state != TEXT_SET || account_by_email(p, email.ptr, email.len) != NONE)
            continue;
        seed_account(p, &world, person, (unsigned)made++, began_us);
    }
    world_done(&world);
}

void seed_platform(struct sandbox *sb) {
    struct platform *p = &learnamp_of(sb)->platform;
    int64_t began_us = ((int64_t)sb->day - 500) * DAY_US + INT64_C(36000000000);
    seed_settings(p);
    seed_strangers(p, began_us, sb->day);
    seed_teams(p, began_us);
    if (sb->started.accounts_n > 0)
        seed_company(sb, began_us);
}
