/* world.h - the company as it is: its people and units. What the API answers is a view of this;
 * tests compare with it.
 *
 * Shape:  people stand in an array in the order of their ids and are never taken out (a removed one
 *         no longer `exists`), so an index stays valid. Names are numbers into names.h; only what
 *         was edited by hand is kept as text, in `edits`. About 90 bytes a person without edits, so
 *         a million people fit into little memory.
 * Memory: the world owns everything; texts returned are borrowed from it or written into the
 *         caller's scratch.
 * Threads: the caller holds the sandbox's lock, for writing where a function changes something. */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/date.h"
#include "base/text.h"
#include "sandbox/personio/attrs.h"

enum {
    WORLD_FIRST_ID = 4000001,
    WORLD_PEOPLE_MAX = 2000000,
    WORLD_TEXT_MAX = 2000,
    WORLD_SCRATCH = 256
};
#define NOBODY  UINT32_MAX
#define NO_UNIT UINT16_MAX

enum person_status {
    STATUS_ONBOARDING,
    STATUS_ACTIVE,
    STATUS_LEAVE,
    STATUS_INACTIVE,
    STATUS_COUNT
};
enum unit_kind {
    UNIT_TEAM,
    UNIT_DEPARTMENT,
    UNIT_OFFICE,
    UNIT_SUBCOMPANY,
    UNIT_COST_CENTER,
    UNIT_KINDS
};
enum person_quirk {
    QUIRK_NO_EMAIL = 1,
    QUIRK_PREFERRED = 2,
    QUIRK_BLANKS = 4,
    QUIRK_CAPITALS = 8,
    QUIRK_PICTURE = 16,
};

struct unit {
    uint32_t id;
    uint16_t parent; /* a team's department, else NO_UNIT */
    char *name;
};
struct units {
    struct unit *all;
    size_t n, cap;
    uint32_t next_id;
};

struct edit { /* a value that was set by hand; NULL is null */
    struct edit *next;
    enum attr attr;
    char *text;
};

struct person {
    struct edit *edits;
    uint32_t id, supervisor;        /* supervisor: an index, NOBODY for none */
    uint32_t email_of;              /* whose address this person also has; NOBODY for an own one */
    uint32_t created_s, modified_s; /* seconds since 1970 */
    date_days hire, termination, last_day, contract_end, probation_end;
    uint16_t first, last, email_n; /* email_n: 0, or what keeps namesakes apart */
    uint16_t unit[UNIT_KINDS], cost_b;
    uint16_t position, hours_tenths;
    uint8_t cost_share, status, gender, employment, quirks;
    bool exists;
};

struct change { /* who was changed when, and in what: for updated_since with attributes[] */
    uint32_t index, at_s;
    uint64_t attrs;
};

struct shadow { /* a person as it was before an edit, shown until then */
    struct person was;
    uint32_t index;
    int64_t until_us; /* by the machine's monotonic clock */
};

struct world {
    struct person *people;
    size_t n, cap;
    struct units units[UNIT_KINDS];
    struct change *changes;
    size_t changes_n, changes_cap;
    uint64_t seed;
    date_days today, anchor; /* anchor: the day the population was made for */
    uint16_t *namesakes;     /* first x last: how many have an address of these names */
    struct shadow *shadows;
    size_t shadows_n, shadows_cap;
    _Atomic int64_t shadows_next_us; /* when the first of them ends; 0: there is none */
    int64_t keep_until_us;           /* edits of now leave shadows until then; 0: none */
    uint64_t members; /* grows when somebody comes, goes, or moves to another office */
};

void world_init(struct world *w, uint64_t seed, date_days today);
void world_done(struct world *w);
void world_populate(struct world *w, size_t people_n); /* people_make.c */

uint32_t world_find(const struct world *w,
                    int64_t id);        /* NOBODY is an answer; finds removed people too */
uint32_t world_append(struct world *w); /* a blank person with the next id */
/* A value as text, as HR would show it: names, e-mail, position, dates ("2021-04-01"), units by
 * name, custom attributes. Not set is TEXT_EMPTY. scratch may be where the text lies. */
struct text world_text(const struct world *w, const struct person *p, enum attr a,
                       char scratch[WORLD_SCRATCH]);
const char *world_status_name(unsigned status);
const char *world_gender_name(unsigned gender);
struct unit *world_unit(const struct world *w, const struct person *p,
                        enum unit_kind kind);                            /* NULL is an answer */
uint16_t unit_find(const struct units *u, const char *name, size_t len); /* NO_UNIT is an answer */
uint16_t unit_add(struct units *u, const char *name, uint16_t parent);
date_days *world_day(struct person *p, enum attr a); /* where a KIND_DAY attribute lies */
uint64_t person_hash(const struct world *w, const struct person *p,
                     unsigned salt); /* the same for the same seed and id */
void world_name_email(struct world *w,
                      struct person *p); /* takes an address of its names that nobody has */

/* Sets any attribute but id, created_at, last_modified_at. text EMPTY is null. RC_INVALID says what
 * is wrong. */
enum rc_code world_set(struct world *w, uint32_t index, enum attr a, struct text value,
                       uint32_t now_s, struct rc_error *err);
void world_touch(struct world *w, uint32_t index, uint64_t attrs, uint32_t now_s);
void world_remove(struct world *w, uint32_t index, uint32_t now_s);

/* shadow.c: before a person is changed in whatever way; and what the API shows of somebody. */
void world_keep(struct world *w, uint32_t index);
void world_keep_none(struct world *w, uint32_t index); /* of somebody who has just come */
const struct person *world_shown(const struct world *w, uint32_t index);
size_t world_shadows_end(struct world *w, int64_t now_us); /* how many ended */
void edits_free(struct edit *e);
/* A new day: who begins becomes active, whose employment ended yesterday or before becomes
 * inactive. Returns how many changed. */
/* moved_s: what last_modified_at becomes for them, 0 to leave it. */
size_t world_day_begins(struct world *w, date_days today, uint32_t moved_s);
