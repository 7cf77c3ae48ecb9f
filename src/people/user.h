/* user.h - the same person as the learning platform should show it.
 *
 * Shape:  a row of texts, each missing (never known), empty or set. The team is held as its key
 *         ("department:903"), the manager as the manager's source id; names of teams live on the
 *         team, so that a rename is one write and not fifty.
 * Memory: texts are borrowed. */
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
    USER_FIELDS_N
};
struct user {
    struct text fields[USER_FIELDS_N];
};
const char *user_field_name(enum user_field f); /* "first_name": stored and shown, never renamed */

enum { USER_TEAM_KEY_BYTES = 2100 };
/* "department:903"; without an id of HR's "department=Logistics". Copied into the arena. */
struct text user_team_key(struct arena *a, const char *kind, struct text id, struct text name);
