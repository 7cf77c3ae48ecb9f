/* platform.h - the learning platform as it is: accounts, teams, what they are known by.
 *
 * Shape:  accounts and teams stand in arrays in the order of their ids and are never taken out (a
 *         deleted one no longer `exists`), so an index stays valid. Who is known by an e-mail, an
 *         external id, a name is found by hash. Functions here keep both directions of each
 *         reference right (team and member, manager and reports); they know no rules of the API.
 * Memory: the platform owns all texts; NULL is none. Texts returned are borrowed.
 * Threads: the caller holds the sandbox's lock, for writing where a function changes something. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/date.h"
#include "base/text.h"
#include "sandbox/learnamp/index.h"
#include "sandbox/learnamp/numbers.h"

enum { ACCOUNTS_MAX = 2000000, TEAMS_MAX = 200000, FIELDS_MAX = 64, OCCUPATIONS_MAX = 64 };
#define NONE UINT32_MAX /* of an index */

enum account_status {
    STATUS_NOT_INVITED,
    STATUS_INVITE_SCHEDULED,
    STATUS_INVITE_PENDING,
    STATUS_CONFIRMED,
    STATUS_DEACTIVATED,
    STATUS_ANONYMISED,
    STATUS_EXTERNAL, /* wrote content, belongs to another company */
    STATUSES
};
enum account_role {
    ROLE_VIEWER,
    ROLE_CURATOR,
    ROLE_REPORTER,
    ROLE_LEARNING_DESIGNER,
    ROLE_HR,
    ROLE_ADMIN,
    ROLE_OWNER,
    ROLES
};
enum account_text {
    ACCOUNT_FIRST_NAME,
    ACCOUNT_LAST_NAME,
    ACCOUNT_JOB_TITLE,
    ACCOUNT_EMAIL,
    ACCOUNT_EXTERNAL_ID,
    ACCOUNT_LOCATION,
    ACCOUNT_DEPARTMENT,
    ACCOUNT_AVATAR,
    ACCOUNT_TEXTS
};

struct account {
    uint32_t id, manager, primary, occupation; /* indexes, NONE for none */
    char *texts[ACCOUNT_TEXTS];
    char **fields; /* custom: FIELDS_MAX texts, or NULL when none is set */
    struct numbers secondary, reports;
    date_days hire, leave, invite_on;
    int64_t created_us, updated_us, invited_us, confirmed_us, deactivated_us;
    uint32_t managed_n; /* how often this one is a manager of a team, first or secondary */
    uint32_t tasks_n, enrolments_n, objectives_n; /* lost with deactivation */
    uint8_t language, time_zone, role, status;
    uint8_t status_before; /* deactivation */
    bool exists;
};

struct team {
    uint32_t id, parent, manager;    /* indexes, NONE for none */
    char *name, *external_id, *tags; /* tags: "a,b" */
    struct numbers members, children, secondary_managers;
    int64_t created_us;
    bool exists;
};

struct field { /* a custom field that an administrator has made */
    char *name;
    bool mandatory;
};

struct platform {
    struct account *accounts;
    size_t accounts_n, accounts_cap;
    struct team *teams;
    size_t teams_n, teams_cap;
    struct index by_email, by_external_id, teams_by_external_id, teams_by_name;
    struct numbers owners; /* accounts with that role */
    struct field fields[FIELDS_MAX];
    size_t fields_n;
    char *occupations[OCCUPATIONS_MAX];
    size_t occupations_n;
    uint64_t seed;
    uint64_t joined;  /* memberships ever: their ids */
    uint64_t version; /* grows with every change */
    uint64_t members; /* grows when somebody comes, goes, or has another status */
};

void platform_init(struct platform *p, uint64_t seed);
void platform_done(struct platform *p);

/* ---- accounts ---- */
uint32_t account_add(struct platform *p, int64_t now_us);      /* blank, not invited; its index */
void account_remove(struct platform *p, uint32_t index);       /* deleted: its data is gone */
uint32_t account_by_id(const struct platform *p, uint64_t id); /* NONE: none, or deleted */
uint32_t account_by_email(const struct platform *p, const char *email, size_t len); /* any case */
uint32_t account_by_external_id(const struct platform *p, const char *id, size_t len,
                                bool any_case);
/* EMPTY is none. The length is the caller's business. */
void account_set_text(struct platform *p, uint32_t index, enum account_text which, struct text t);
void account_set_field(struct platform *p, uint32_t index, size_t field, struct text t);
void account_set_status(struct platform *p, uint32_t index, enum account_status status);
void account_set_role(struct platform *p, uint32_t index, enum account_role role);
void account_set_manager(struct platform *p, uint32_t index, uint32_t manager);
void account_set_primary(struct platform *p, uint32_t index, uint32_t team);
void account_join(struct platform *p, uint32_t index, uint32_t team);  /* as a secondary team */
bool account_leave(struct platform *p, uint32_t index, uint32_t team); /* false: no member */
bool account_is_in(const struct platform *p, uint32_t index, uint32_t team);
uint32_t
account_owner(const struct platform *p);         /* the first active Owner, NONE if there is none */
size_t account_owners(const struct platform *p); /* how many active ones there are */
static inline struct account *account_at(const struct platform *p, uint32_t index) {
    return index == NONE ? NULL : &p->accounts[index];
}
static inline const char *account_text(const struct account *a, enum account_text which) {
    return a->texts[which];
}
static inline bool account_is_active(const struct account *a) { /* may be given work */
    return a->exists && a->status < STATUS_DEACTIVATED;
}

/* ---- teams ---- */
uint32_t team_add(struct platform *p, const char *name, size_t len, int64_t now_us);
void team_remove(struct platform *p, uint32_t index);
uint32_t team_by_id(const struct platform *p, uint64_t id); /* NONE: none, or deleted */
uint32_t team_by_external_id(const struct platform *p, const char *id, size_t len, bool any_case);
/* Of several the one made first. */
uint32_t team_by_name(const struct platform *p, const char *name, size_t len);
void team_set_name(struct platform *p, uint32_t index, const char *name, size_t len);
void team_set_external_id(struct platform *p, uint32_t index, struct text t);
void team_set_tags(struct platform *p, uint32_t index, struct text t);
void team_set_manager(struct platform *p, uint32_t index, uint32_t manager);
void team_add_secondary_manager(struct platform *p, uint32_t index, uint32_t manager);
void team_drop_secondary_manager(struct platform *p, uint32_t index, uint32_t manager);
/* False: it would stand below itself. */
bool team_set_parent(struct platform *p, uint32_t index, uint32_t parent);
static inline struct team *team_at(const struct platform *p, uint32_t index) {
    return index == NONE ? NULL : &p->teams[index];
}

/* ---- names of things ---- */
extern const char *const role_names[ROLES];
extern const char *const status_names[STATUSES]; /* as filters and the control API know them */
extern const char *const language_codes[];       /* NULL ends it */
extern const char *const time_zones[];           /* NULL ends it */
/* The place in a list of words; -1 when it is none of them. */
int word_find(const char *const *words, size_t n, const char *word, size_t len);
size_t languages_count(void);
size_t time_zones_count(void);
