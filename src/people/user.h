/* user.h - the same person as the learning platform should show it.
 *
 * Shape:  a row of texts, each missing (never known, or not filled by the mapping), empty or set,
 *         and the custom fields that the mapping fills, in the order of their keys. A team is held
 *         as its key ("department:903"), the manager as the manager's source id; names of teams
 *         live on the team, so that a rename is one write and not fifty. Several teams are one
 *         text: their keys in the order of their bytes, each once, between them a
 *         USER_TEAMS_BETWEEN, which no clean text contains.
 *         Whether a filter of the mapping leaves the person out is a field too: set to the reason,
 *         and missing for everybody else.
 * Memory: texts are borrowed, and so is the row of custom fields. */
#pragma once
#include "base/text.h"

enum user_field {
    USER_FIRST_NAME = 0,
    USER_LAST_NAME,
    USER_EMAIL, /* folded by ASCII case */
    USER_JOB_TITLE,
    USER_AVATAR, /* a reference for now */
    USER_PRIMARY_LOCATION,
    USER_PRIMARY_TEAM, /* team key */
    USER_MANAGER,      /* source id */
    USER_HIRE_DATE,    /* "YYYY-MM-DD" */
    USER_LEAVE_DATE,   /* "YYYY-MM-DD" */
    USER_STATUS, /* employment_status_name() or HR's own word: feeds the lifecycle, is not shown */
    /* These came later: digest and stored form leave them out where they are missing. */
    USER_SECONDARY_TEAMS, /* team keys, without that of the primary team */
    USER_LANGUAGE,        /* a language tag: "de", "pt-BR" */
    USER_EXCLUDED,        /* why a filter leaves this person out */
    USER_FIELDS_N
};
enum {
    USER_FIELDS_FIRST_N = USER_SECONDARY_TEAMS, /* those of the first version */
    USER_CUSTOM_MAX = 64,
    USER_CUSTOM_KEY_BYTES = 100,
};
#define USER_CUSTOM_PREFIX "custom."
struct user_custom {
    const char *name; /* "custom.cost_code", as the field is called everywhere */
    struct text value;
};
struct user {
    struct text fields[USER_FIELDS_N];
    const struct user_custom *custom; /* by name */
    size_t custom_n;
};
const char *user_field_name(enum user_field f); /* "first_name": stored and shown, never renamed */
struct text user_custom_find(const struct user *u, const char *name); /* missing is an answer */
/* The same, quick for whoever asks for names in their order: begin with *at 0. */
struct text user_custom_next(const struct user *u, const char *name, size_t *at);
/* Copies every text and the row of custom fields into the arena. */
void user_keep(struct user *u, struct arena *a);
/* The same in every field, missing and empty told apart. */
bool user_equal(const struct user *a, const struct user *b);

enum { USER_TEAM_KEY_BYTES = 2100, USER_TEAMS_BYTES = 8 << 10 };
#define USER_TEAMS_BETWEEN '\x1f'
/* "department:903"; without an id of HR's "department=Logistics". Copied into the arena. */
struct text user_team_key(struct arena *a, const char *kind, struct text id, struct text name);
/* Several keys as one text; sorts them in place. Empty when there are none. RC_INVALID: longer than
 * USER_TEAMS_BYTES. */
enum rc_code user_teams_join(struct arena *a, struct text *keys, size_t n, struct text *ret);
/* The next of several keys: begin with *cursor 0. False: there is none left. */
bool user_teams_next(struct text teams, size_t *cursor, struct text *ret);
/* "Dock, Yard", each as name() calls it; a list that is not set as it is. */
struct text user_teams_named(struct text teams, const char *between,
                             struct text (*name)(const void *self, struct text team),
                             const void *self, struct arena *a);
