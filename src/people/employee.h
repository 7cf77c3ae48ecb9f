/* employee.h - a person as HR states it, in one shape whatever the HR system.
 *
 * Shape:  a fixed row of fields and a list of custom ones, each missing, empty or set
 *         (base/text.h). Texts are clean (trimmed, NFC), dates are "YYYY-MM-DD", statuses are the
 *         words of employment_status_name() where HR's word is known, else HR's own in lower case.
 *         A group field (office, department ...) has a name and the HR system's id; a person field
 *         (supervisor) has the source id of that person in its text. The name of a department or
         team that has an id lives on the team and is no part of the person, unless the mapping
         makes a text of it: then `names` says so. A value that came but cannot
 *         be used (wrong type, no date, too long) is a bit in `bad`; its text is then missing, so
 *         that what is known stays, and the person gets a problem.
 * Memory: texts are borrowed from the page or arena that the employee was read from.
 * Source: docs/wire-personio.md, field map. */
#pragma once
#include <stdint.h>
#include "base/arena.h"
#include "base/date.h"
#include "base/text.h"

enum employee_field {
    EMPLOYEE_FIRST_NAME = 0,
    EMPLOYEE_LAST_NAME,
    EMPLOYEE_PREFERRED_NAME,
    EMPLOYEE_EMAIL,
    EMPLOYEE_STATUS,
    EMPLOYEE_JOB_TITLE,
    EMPLOYEE_SUPERVISOR,   /* person */
    EMPLOYEE_DEPARTMENT,   /* group */
    EMPLOYEE_TEAM,         /* group */
    EMPLOYEE_OFFICE,       /* group */
    EMPLOYEE_LEGAL_ENTITY, /* group */
    EMPLOYEE_COST_CENTRE,  /* group: the one with the largest share, ties by smaller id */
    EMPLOYEE_EMPLOYMENT_TYPE,
    EMPLOYEE_HIRE_DATE,
    EMPLOYEE_TERMINATION_DATE,
    EMPLOYEE_LAST_WORKING_DAY,
    EMPLOYEE_CONTRACT_END_DATE,
    EMPLOYEE_AVATAR, /* a reference, not a picture */
    EMPLOYEE_FIELDS_N
};
enum employee_kind {
    EMPLOYEE_KIND_TEXT,
    EMPLOYEE_KIND_DATE,
    EMPLOYEE_KIND_STATUS,
    EMPLOYEE_KIND_GROUP,
    EMPLOYEE_KIND_PERSON
};

struct employee_value {
    struct text text; /* group: its name; person: the source id */
    struct text id;   /* group only: the HR system's id */
};
struct employee_custom {
    struct text key, value;
};
struct employee {
    struct text source_id; /* set, at most EMPLOYEE_ID_BYTES */
    struct employee_value fields[EMPLOYEE_FIELDS_N];
    struct employee_custom *custom; /* in the order of employee_reads.custom */
    size_t custom_n;
    uint32_t bad;        /* 1u << field */
    uint32_t bad_custom; /* 1u << index, the first 32 */
    uint32_t names;      /* 1u << field: groups whose name counts even beside an id */
    int64_t modified_us; /* when HR says that it changed last, 0: it does not. Never kept */
};
enum { EMPLOYEE_ID_BYTES = 64, EMPLOYEE_TEXT_BYTES = 2000 };

/* What a mapping reads, and therefore what a source asks for and keeps; everything else is dropped
 * while parsing (invariant 10). */
struct employee_reads {
    uint32_t fields; /* 1u << field */
    const char *const *custom;
    size_t custom_n;
    uint32_t names; /* 1u << field: groups of which the name is used as a text */
};

const char *
employee_field_name(enum employee_field f); /* "first_name": stored and shown, never renamed */
enum employee_kind employee_field_kind(enum employee_field f);

/* How a source fills an employee. Begin: everything is missing, the custom keys stand in the order
 * of `reads`. */
void employee_begin(struct employee *e, const struct employee_reads *reads, struct arena *a);
/* RC_INVALID: no usable id (empty, too long, not UTF-8, control characters). */
enum rc_code employee_put_id(struct employee *e, struct arena *a, const char *bytes, size_t len,
                             struct rc_error *err);
/* A field: cleaned by its kind; what cannot be used sets `bad`. null and "" are empty. */
void employee_put(struct employee *e, enum employee_field f, struct arena *a, const char *bytes,
                  size_t len);
void employee_put_group(struct employee *e, enum employee_field f, struct arena *a, struct text id,
                        const char *name, size_t len);
void employee_put_empty(struct employee *e, enum employee_field f);
void employee_put_bad(struct employee *e, enum employee_field f);
void employee_put_custom(struct employee *e, size_t i, struct arena *a, const char *bytes,
                         size_t len);
void employee_put_custom_bad(struct employee *e, size_t i);
/* Groups whose names live on teams, unless the mapping makes a text of them: 1u << field. */
enum { EMPLOYEE_TEAM_GROUPS = 1u << EMPLOYEE_DEPARTMENT | 1u << EMPLOYEE_TEAM };
/* The name of this group lives on the team: it is neither stored nor digested with the person. */
bool employee_name_is_elsewhere(const struct employee *e, enum employee_field f);
/* Copies every text into the arena, so that the employee outlives what it was read from. */
void employee_keep(struct employee *e, struct arena *a);

enum employment_status {
    EMPLOYMENT_UNKNOWN = 0, /* missing, empty, or a word we do not know */
    EMPLOYMENT_ONBOARDING,
    EMPLOYMENT_ACTIVE,
    EMPLOYMENT_LEAVE,
    EMPLOYMENT_INACTIVE,
};
const char *employment_status_name(enum employment_status s);
enum employment_status employment_status_parse(struct text t); /* by ASCII case */
