#include "people/mapping.h"

#include <string.h>

/* The nine standard fields of the described system, manager and status: the table that
 * docs/mapping.md shows. */
static const struct rule {
    enum employee_field from;
    enum mapping_empty empty;
} rules[USER_FIELDS_N] = {
    [USER_FIRST_NAME] = { EMPLOYEE_FIRST_NAME, MAPPING_EMPTY_KEEPS },
    [USER_LAST_NAME] = { EMPLOYEE_LAST_NAME, MAPPING_EMPTY_KEEPS },
    [USER_EMAIL] = { EMPLOYEE_EMAIL, MAPPING_EMPTY_KEEPS },
    [USER_JOB_TITLE] = { EMPLOYEE_JOB_TITLE, MAPPING_EMPTY_CLEARS },
    [USER_AVATAR] = { EMPLOYEE_AVATAR, MAPPING_EMPTY_CLEARS },
    [USER_PRIMARY_LOCATION] = { EMPLOYEE_OFFICE, MAPPING_EMPTY_CLEARS },
    [USER_PRIMARY_TEAM] = { EMPLOYEE_DEPARTMENT, MAPPING_EMPTY_CLEARS },
    [USER_MANAGER] = { EMPLOYEE_SUPERVISOR, MAPPING_EMPTY_CLEARS },
    [USER_HIRE_DATE] = { EMPLOYEE_HIRE_DATE, MAPPING_EMPTY_CLEARS },
    [USER_LEAVE_DATE] = { EMPLOYEE_TERMINATION_DATE, MAPPING_EMPTY_CLEARS },
    [USER_STATUS] = { EMPLOYEE_STATUS, MAPPING_EMPTY_KEEPS },
};

/* Learn Amp's own connector fills the primary team from the department. */
const struct mapping mapping_default = { .team_from = EMPLOYEE_DEPARTMENT };

enum rc_code mapping_set_team(struct mapping *m, const char *word, struct rc_error *err) {
    if (strcmp(word, "team") == 0)
        m->team_from = EMPLOYEE_TEAM;
    else if (strcmp(word, "department") == 0)
        m->team_from = EMPLOYEE_DEPARTMENT;
    else
        return rc_fail(err, RC_INVALID,
                       "the team comes from \"team\" or \"department\", not \"%.40s\"", word);
    return RC_OK;
}

enum employee_field mapping_source(const struct mapping *m, enum user_field f) {
    return f == USER_PRIMARY_TEAM ? m->team_from : rules[f].from;
}

enum mapping_empty mapping_empty_rule(enum user_field f) {
    return rules[f].empty;
}

struct employee_reads mapping_reads(const struct mapping *m) {
    struct employee_reads reads = { 0 };
    for (int f = 0; f < USER_FIELDS_N; f++)
        reads.fields |= 1u << mapping_source(m, (enum user_field)f);
    return reads;
}

/* What the employee says about one user field, before the empty-value rule. */
static struct text stated(const struct mapping *m, const struct employee *e, enum user_field f,
                          struct arena *a) {
    enum employee_field from = mapping_source(m, f);
    const struct employee_value *v = &e->fields[from];
    switch (f) {
    case USER_PRIMARY_TEAM: return user_team_key(a, employee_field_name(from), v->id, v->text);
    case USER_EMAIL:
        /* An address that is none is as good as missing: what is known stays, and the person has a
         * problem. */
        if (v->text.state == TEXT_SET && text_email_check(v->text, NULL) != RC_OK)
            return (struct text){ 0 };
        return text_fold_ascii(a, v->text);
    case USER_FIRST_NAME:
    case USER_LAST_NAME:
    case USER_JOB_TITLE:
    case USER_AVATAR:
    case USER_PRIMARY_LOCATION:
    case USER_MANAGER:
    case USER_HIRE_DATE:
    case USER_LEAVE_DATE:
    case USER_STATUS:
    case USER_FIELDS_N: break;
    }
    return v->text;
}

void mapping_build(const struct mapping *m, const struct employee *e, const struct user *known,
                   struct arena *a, struct user *ret) {
    for (int i = 0; i < USER_FIELDS_N; i++) {
        enum user_field f = (enum user_field)i;
        struct text t = stated(m, e, f, a);
        bool keeps = t.state == TEXT_MISSING ||
                     (t.state == TEXT_EMPTY && rules[f].empty == MAPPING_EMPTY_KEEPS);
        if (keeps && known != NULL && known->fields[f].state != TEXT_MISSING)
            t = known->fields[f];
        ret->fields[f] = t;
    }
}

/* A stored department has an id and no name: the name lives on the team. */
static bool is_missing(const struct employee_value *v) {
    return v->text.state == TEXT_MISSING && v->id.state == TEXT_MISSING;
}

bool mapping_keep_known(const struct mapping *m, struct employee *e, const struct employee *known) {
    bool filled = false;
    for (int i = 0; i < USER_FIELDS_N; i++) {
        enum employee_field from = mapping_source(m, (enum user_field)i);
        if (is_missing(&e->fields[from]) && !is_missing(&known->fields[from])) {
            e->fields[from] = known->fields[from];
            filled = true;
        }
    }
    return filled;
}

uint64_t mapping_fingerprint(const struct mapping *m) {
    /* The first number moves when the table above, or what stated() makes of a value, changes its
     * meaning. */
    return ((uint64_t)1 << 32) | (uint64_t)m->team_from;
}
