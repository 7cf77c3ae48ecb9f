/* office.h - a company of a few people and its learning platform, both made up, for trying what
 * decisions do to them.
 *
 * Shape:  HR's side is changed by hand (people), the platform's side too (remotes); rollcall's side
 *         (accounts) is read from the platform by office_inventory() and written by carrying
 *         decisions out. The platform behaves like one: an address is unique, closing takes team and
 *         manager away, the last owner stays. It also judges: what no decision may ever do is kept
 *         in `wrong`, the first of its kind.
 *         Day 0 is OFFICE_DAY_0; all days here count from it. */
#pragma once
#include "people/decide.h"
#include "people/team.h"

enum {
    OFFICE_PEOPLE = 6,
    OFFICE_REMOTES = 40,
    OFFICE_TEAMS = 4,
    OFFICE_DAY_0 = 20500,
    OFFICE_HAND_TEAMS = 4,
    OFFICE_CUSTOMS = 3,
};
#define OFFICE_LEAVE_FIELD "Leave date"

struct office_person {
    bool exists;
    char name[16]; /* also HR's id */
    struct user user;
    struct user_custom custom[OFFICE_CUSTOMS];
    struct decide_person asks; /* user, problems, facts ... */
    struct account without;    /* what is known of their account while they have none */
    struct decide_pin pin;     /* what was undone; name missing: nothing */
    enum decide_account_pin account_pin;
    uint32_t account_pin_spares;
    int64_t held_run_id; /* an import that is held calls them employed */
    int creations;
};
struct office_remote {
    bool exists, deleted;
    struct text id, external_id, role;
    enum account_status status;
    bool invited; /* as the platform shows it */
    int mails;
    struct text fields[USER_FIELDS_N];
    struct {
        struct text name, value;
    } custom[OFFICE_CUSTOMS]; /* cannot be read back */
    struct text stale_team;   /* a team of ours that they are in beside their own */
    struct account known;     /* rollcall's record */
    bool by_us;               /* made by rollcall */
};
struct office_team {
    bool exists;      /* HR's department of this number exists */
    struct text name; /* HR's */
    enum team_origin origin;
    struct text remote_id, remote_name; /* the platform's, when linked */
    int made;
};
struct office {
    struct arena a;
    struct policy policy;
    date_days today, read_on; /* read_on DATE_NONE: HR is read every day */
    bool inventory_incomplete, clock_in_doubt, first_delivery, lose_answer, custom_is_mandatory;
    struct office_person people[OFFICE_PEOPLE];
    struct office_remote remotes[OFFICE_REMOTES];
    struct office_team teams[OFFICE_TEAMS];
    struct {
        struct text id, name;
    } hand_teams[OFFICE_HAND_TEAMS]; /* made by hand, linked to nothing */
    int hand_teams_n;
    int next_id, mails, writes, accounts, team_writes;
    struct text refuses; /* a value that the platform takes in no field */
    bool names_none;     /* ... and it says so of all that is sent with it, and names no field */
    const char *wrong;   /* the first promise that was broken: "stranger", "twice" ... */
    char wrong_text[300];
};

extern void (*office_saw)(const char *code); /* told each code that is decided; may be NULL */

void office_init(struct office *o);
void office_done(struct office *o);

/* ---- HR ---- */
struct office_person *office_person(struct office *o, const char *name); /* made when new */
struct text office_day(struct office *o, int from_start);                /* "2026-02-16" */
void office_state(struct office *o, struct office_person *p, enum user_field f, struct text value);

void office_state_custom(struct office *o, struct office_person *p, const char *name,
                         struct text value); /* "custom.badge" */

/* ---- the platform, by hand ---- */
struct office_remote *office_remote(struct office *o, const char *id); /* NULL: there is none */
struct office_remote *office_remote_by_id(struct office *o, struct text id);
struct text *office_custom(struct office_remote *r, struct text name);
struct office_remote *office_stranger(struct office *o, const char *id);
void office_inventory(struct office *o);

/* ---- rollcall ---- */
struct account *office_account(struct office *o, struct office_person *p);
void office_decide(struct office *o, struct office_person *p, struct decision *ret);
/* As office_decide(), with other facts in place of the person's. */
void office_decide_as(struct office *o, struct office_person *p, const struct decide_person *asks,
                      const struct policy *policy, date_days today, struct decision *ret);
void office_ask_team(struct office *o, int n, struct team_decision *ret);
void office_carry_out(struct office *o, struct office_person *p, const struct decision *d);
/* Teams, then people, then what waited for others, then leavers. Returns the calls made. */
int office_deliver(struct office *o);
