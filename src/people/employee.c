#include "people/employee.h"

#include <string.h>

static const struct {
    const char *name;
    enum employee_kind kind;
} fields[EMPLOYEE_FIELDS_N] = {
    [EMPLOYEE_FIRST_NAME] = { "first_name", EMPLOYEE_KIND_TEXT },
    [EMPLOYEE_LAST_NAME] = { "last_name", EMPLOYEE_KIND_TEXT },
    [EMPLOYEE_PREFERRED_NAME] = { "preferred_name", EMPLOYEE_KIND_TEXT },
    [EMPLOYEE_EMAIL] = { "email", EMPLOYEE_KIND_TEXT },
    [EMPLOYEE_STATUS] = { "status", EMPLOYEE_KIND_STATUS },
    [EMPLOYEE_JOB_TITLE] = { "job_title", EMPLOYEE_KIND_TEXT },
    [EMPLOYEE_SUPERVISOR] = { "supervisor", EMPLOYEE_KIND_PERSON },
    [EMPLOYEE_DEPARTMENT] = { "department", EMPLOYEE_KIND_GROUP },
    [EMPLOYEE_TEAM] = { "team", EMPLOYEE_KIND_GROUP },
    [EMPLOYEE_OFFICE] = { "office", EMPLOYEE_KIND_GROUP },
    [EMPLOYEE_LEGAL_ENTITY] = { "legal_entity", EMPLOYEE_KIND_GROUP },
    [EMPLOYEE_COST_CENTRE] = { "cost_centre", EMPLOYEE_KIND_GROUP },
    [EMPLOYEE_EMPLOYMENT_TYPE] = { "employment_type", EMPLOYEE_KIND_TEXT },
    [EMPLOYEE_HIRE_DATE] = { "hire_date", EMPLOYEE_KIND_DATE },
    [EMPLOYEE_TERMINATION_DATE] = { "termination_date", EMPLOYEE_KIND_DATE },
    [EMPLOYEE_LAST_WORKING_DAY] = { "last_working_day", EMPLOYEE_KIND_DATE },
    [EMPLOYEE_CONTRACT_END_DATE] = { "contract_end_date", EMPLOYEE_KIND_DATE },
    [EMPLOYEE_AVATAR] = { "avatar", EMPLOYEE_KIND_TEXT },
};

const char *employee_field_name(enum employee_field f) {
    return fields[f].name;
}

enum employee_kind employee_field_kind(enum employee_field f) {
    return fields[f].kind;
}

/* ---- filling ---- */

void employee_begin(struct employee *e, const struct employee_reads *reads, struct arena *a) {
    memset(e, 0, sizeof *e); /* all zero: every text is missing, nothing is bad */
    e->names = reads->names;
    if (reads->custom_n == 0)
        return;
    e->custom = ARENA_NEW(a, struct employee_custom, reads->custom_n);
    e->custom_n = reads->custom_n;
    for (size_t i = 0; i < reads->custom_n; i++)
        e->custom[i].key = text_of(reads->custom[i]);
}

/* Cleaning drops control characters, and so two different ids could become one: with them it is no
 * id. */
enum rc_code employee_put_id(struct employee *e, struct arena *a, const char *bytes, size_t len,
                             struct rc_error *err) {
    struct text t;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)bytes[i] < 0x20 || bytes[i] == 0x7f)
            return rc_fail_as(err, RC_INVALID, "person.id", "the id has control characters");
    if (text_clean(a, bytes, len, EMPLOYEE_ID_BYTES, &t, NULL) != RC_OK)
        return rc_fail_as(err, RC_INVALID, "person.id",
                          "the id is not UTF-8 or longer than %d bytes", EMPLOYEE_ID_BYTES);
    if (t.state != TEXT_SET)
        return rc_fail_as(err, RC_INVALID, "person.id", "the id is empty");
    e->source_id = t;
    return RC_OK;
}

static struct text status_clean(struct arena *a, struct text t) {
    enum employment_status s = employment_status_parse(t);
    return s != EMPLOYMENT_UNKNOWN ? text_of(employment_status_name(s)) : text_fold_ascii(a, t);
}

bool employee_name_is_elsewhere(const struct employee *e, enum employee_field f) {
    return (EMPLOYEE_TEAM_GROUPS & 1u << f & ~e->names) != 0 && e->fields[f].id.state == TEXT_SET;
}

/* HR's dates may be local midnight with an offset. The first ten characters are the day;
 * date_parse() has looked at the rest. No day comes back as missing. */
static struct text date_clean(struct arena *a, struct text t) {
    date_days d;
    char canonical[DATE_TEXT_BYTES];
    if (date_parse(t.ptr, t.len, &d, NULL) != RC_OK)
        return (struct text){ 0 };
    if (t.len >= 10 && t.ptr[4] == '-' && t.ptr[7] == '-')
        return (struct text){ TEXT_SET, t.ptr, 10 };
    date_format(d, canonical);
    return (struct text){ TEXT_SET, arena_str(a, canonical, 10), 10 };
}

void employee_put(struct employee *e, enum employee_field f, struct arena *a, const char *bytes,
                  size_t len) {
    enum employee_kind kind = fields[f].kind;
    size_t most = kind == EMPLOYEE_KIND_PERSON ? EMPLOYEE_ID_BYTES : EMPLOYEE_TEXT_BYTES;
    struct text t;
    if (text_clean(a, bytes, len, most, &t, NULL) != RC_OK) {
        employee_put_bad(e, f);
        return;
    }
    if (t.state == TEXT_SET && kind == EMPLOYEE_KIND_DATE)
        t = date_clean(a, t);
    else if (t.state == TEXT_SET && kind == EMPLOYEE_KIND_STATUS)
        t = status_clean(a, t);
    if (t.state == TEXT_MISSING) {
        employee_put_bad(e, f);
        return;
    }
    e->fields[f].text = t;
    e->fields[f].id = kind == EMPLOYEE_KIND_GROUP ? TEXT_NONE : (struct text){ 0 };
}

/* An id without a name is bad, not empty: HR states that there is a group, and only its name did
 * not come. */
void employee_put_group(struct employee *e, enum employee_field f, struct arena *a, struct text id,
                        const char *name, size_t len) {
    struct text t;
    if (text_clean(a, name, len, EMPLOYEE_TEXT_BYTES, &t, NULL) != RC_OK ||
        (t.state != TEXT_SET && id.state == TEXT_SET)) {
        employee_put_bad(e, f);
        return;
    }
    e->fields[f].text = t;
    e->fields[f].id = id.state == TEXT_SET ? id : TEXT_NONE;
}

void employee_put_empty(struct employee *e, enum employee_field f) {
    e->fields[f].text = TEXT_NONE;
    e->fields[f].id = fields[f].kind == EMPLOYEE_KIND_GROUP ? TEXT_NONE : (struct text){ 0 };
}

void employee_put_bad(struct employee *e, enum employee_field f) {
    e->fields[f] = (struct employee_value){ 0 };
    e->bad |= 1u << f;
}

void employee_put_custom(struct employee *e, size_t i, struct arena *a, const char *bytes,
                         size_t len) {
    if (text_clean(a, bytes, len, EMPLOYEE_TEXT_BYTES, &e->custom[i].value, NULL) != RC_OK)
        employee_put_custom_bad(e, i);
}

void employee_put_custom_bad(struct employee *e, size_t i) {
    e->custom[i].value = (struct text){ 0 };
    if (i < 32)
        e->bad_custom |= 1u << i;
}

void employee_keep(struct employee *e, struct arena *a) {
    e->source_id = text_copy(a, e->source_id);
    for (int f = 0; f < EMPLOYEE_FIELDS_N; f++) {
        e->fields[f].text = text_copy(a, e->fields[f].text);
        e->fields[f].id = text_copy(a, e->fields[f].id);
    }
    if (e->custom_n > 0)
        e->custom = arena_copy(a, e->custom, e->custom_n * sizeof *e->custom);
    for (size_t i = 0; i < e->custom_n; i++) {
        e->custom[i].key = text_copy(a, e->custom[i].key);
        e->custom[i].value = text_copy(a, e->custom[i].value);
    }
}

/* ---- status ---- */

static const char *const statuses[] = {
    [EMPLOYMENT_UNKNOWN] = "unknown",   [EMPLOYMENT_ONBOARDING] = "onboarding",
    [EMPLOYMENT_ACTIVE] = "active",     [EMPLOYMENT_LEAVE] = "leave",
    [EMPLOYMENT_INACTIVE] = "inactive",
};

const char *employment_status_name(enum employment_status s) {
    return statuses[s];
}

static bool same_word(struct text t, const char *lower) {
    if (t.len != strlen(lower))
        return false;
    for (size_t i = 0; i < t.len; i++) {
        char c = t.ptr[i];
        if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != lower[i])
            return false;
    }
    return true;
}

enum employment_status employment_status_parse(struct text t) {
    if (t.state == TEXT_SET)
        for (enum employment_status s = EMPLOYMENT_ONBOARDING; s <= EMPLOYMENT_INACTIVE; s++)
            if (same_word(t, statuses[s]))
                return s;
    return EMPLOYMENT_UNKNOWN;
}
