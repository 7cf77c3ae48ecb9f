/* wanted.c - what a POST or PUT of a user asks for, read and checked before anything is changed.
 * Source: docs/wire-learnamp.md, creating and updating; errors. */
#include <stdio.h>
#include <string.h>
#include "sandbox/learnamp/learnamp.h"

struct reading {
    struct call *c;
    const struct platform *p;
    const struct value *params;
    uint32_t account;
    struct wanted *w;
    struct refusal refusal;
};

static const struct value *param(const struct reading *r, const char *name) {
    return value_get(r->params, name);
}

/* ---- one parameter ---- */

static void read_text(struct reading *r, const char *name, enum account_text which) {
    const struct value *v = param(r, name);
    if (v != NULL && !value_text(v, &r->w->texts[which]))
        refusal_add(&r->refusal, name, "is invalid");
}

/* Of what is optional null or nothing clears, is passed over, or is refused. */
static void read_clearing(struct reading *r, const char *name, int64_t how,
                          enum text_state *state) {
    if (*state != TEXT_EMPTY || r->account == NONE || how == 0)
        return;
    *state = TEXT_MISSING;
    if (how == 2)
        refusal_add(&r->refusal, name, "is empty");
}

static void read_optional(struct reading *r, const char *name, enum account_text which) {
    read_text(r, name, which);
    read_clearing(r, name, la(r->c, LA_CLEAR_TEXTS), &r->w->texts[which].state);
}

static void read_word(struct reading *r, const char *name, const char *const *words, size_t n,
                      int *ret) {
    const struct value *v = param(r, name);
    if (v == NULL || value_is_empty(v))
        return;
    *ret = word_find(words, n, v->text, v->len);
    if (*ret < 0)
        refusal_add(&r->refusal, name, "does not have a valid value");
}

static void read_bool(struct reading *r, const char *name, bool *ret, bool *ret_sent) {
    const struct value *v = param(r, name);
    if (v == NULL || value_is_empty(v))
        return;
    if (!value_bool(v, ret))
        refusal_add(&r->refusal, name, "is invalid");
    *ret_sent = true;
}

static void read_date(struct reading *r, const char *name, struct wanted_date *ret) {
    const struct value *v = param(r, name);
    if (v == NULL)
        return;
    ret->state = value_is_empty(v) ? TEXT_EMPTY : TEXT_SET;
    ret->day = DATE_NONE;
    if (ret->state == TEXT_SET && !value_date(v, &ret->day))
        refusal_add(&r->refusal, name, "is invalid");
    read_clearing(r, name, la(r->c, LA_CLEAR_DATE), &ret->state);
}

/* A team by id or external id. What is wrong is told, NULL is nothing. */
static const char *find_team(const struct reading *r, const struct value *v, bool external,
                             uint32_t *ret) {
    uint64_t id;
    struct text text;
    if (external ? !value_text(v, &text) : !value_number(v, &id))
        return "is invalid";
    *ret = external ? team_by_external_id(r->p, text.ptr, text.len, la(r->c, LA_EXTERNAL_CASE))
                    : team_by_id(r->p, id);
    if (*ret != NONE)
        return NULL;
    return external ? "must match existing teams integration external IDs"
                    : "must match existing teams IDs";
}

static void read_team(struct reading *r, const char *name, bool external) {
    const struct value *v = param(r, name);
    const char *wrong = NULL;
    if (v == NULL)
        return;
    r->w->team = (struct wanted_ref){ value_is_empty(v) ? TEXT_EMPTY : TEXT_SET, NONE };
    if (r->w->team.state == TEXT_SET)
        wrong = find_team(r, v, external, &r->w->team.index);
    if (wrong != NULL)
        refusal_add(&r->refusal, name, wrong);
    read_clearing(r, name, la(r->c, LA_CLEAR_TEAM), &r->w->team.state);
}

static void read_secondary(struct reading *r, const char *name, bool external) {
    const struct value *v = param(r, name);
    const char *wrong = NULL;
    if (v == NULL)
        return;
    if (v->kind != VALUE_LIST && !value_is_empty(v)) {
        refusal_add(&r->refusal, name, "is invalid");
        return;
    }
    r->w->has_secondary = true;
    r->w->secondary = arena_array(r->c->q->arena, sizeof *r->w->secondary, value_count(v) + 1);
    for (const struct value *one = v->first; one != NULL && wrong == NULL; one = one->next)
        if (!value_is_empty(one)) /* a form says "no teams" with one empty value */
            wrong = find_team(r, one, external, &r->w->secondary[r->w->secondary_n++]);
    if (wrong != NULL)
        refusal_add(&r->refusal, name, wrong);
}

/* ---- required ones ---- */

static bool email_looks_right(struct text t) {
    const char *at = memchr(t.ptr, '@', t.len), *end = t.ptr + t.len;
    if (at == NULL || at == t.ptr || memchr(at + 1, '@', (size_t)(end - at - 1)) != NULL)
        return false;
    const char *dot = memrchr(at, '.', (size_t)(end - at));
    for (const char *p = t.ptr; p < end; p++)
        if ((unsigned char)*p <= ' ')
            return false;
    return dot != NULL && dot > at + 1 && dot + 1 < end;
}

static struct text trimmed(struct text t) {
    while (t.len > 0 && (unsigned char)t.ptr[0] <= ' ') {
        t.ptr++;
        t.len--;
    }
    while (t.len > 0 && (unsigned char)t.ptr[t.len - 1] <= ' ')
        t.len--;
    return t.state == TEXT_SET ? text_from(t.ptr, t.len) : t;
}

static void read_email(struct reading *r, bool required) {
    struct text *email = &r->w->texts[ACCOUNT_EMAIL];
    if (param(r, "email") == NULL && required)
        refusal_add(&r->refusal, "email", "is missing");
    read_text(r, "email", ACCOUNT_EMAIL);
    if (la(r->c, LA_EMAIL_BLANKS) == 0)
        *email = trimmed(*email);
    if (email->state == TEXT_EMPTY ||
        (email->state == TEXT_MISSING && required && param(r, "email") == NULL))
        refusal_add(&r->refusal, "email", "is empty");
    else if (email->state == TEXT_SET && !email_looks_right(*email))
        refusal_add(&r->refusal, "email", "is invalid");
    if (email->state == TEXT_SET && la(r->c, LA_EMAIL_STORED))
        *email = text_fold_ascii(r->c->q->arena, *email);
}

static void read_name(struct reading *r, const char *name, enum account_text which, bool required) {
    if (param(r, name) == NULL && required)
        refusal_add(&r->refusal, name, "is missing");
    else
        read_text(r, name, which);
}

/* ---- manager, roles ---- */

static bool manager_refused(struct reading *r, const char *name, const char *what) {
    refuse(r->c, 400, arena_printf(r->c->q->arena, "%s %s", name, what));
    return false;
}

static bool read_manager(struct reading *r) {
    bool by_email = param(r, "managerEmail") != NULL;
    const char *name = by_email ? "managerEmail" : "managerId";
    struct wanted_ref *m = &r->w->manager;
    if (m->state != TEXT_SET)
        return true;
    m->index = manager_named(r->c, param(r, name), by_email);
    if (m->index == NONE)
        return manager_refused(r, name,
                               by_email ? "must match an existing user email within your company"
                                        : "must match an existing user ID within your company");
    if (m->index == r->account && la(r->c, LA_MANAGER_SELF))
        return manager_refused(r, name, "must be another user");
    return true;
}

static bool role_refused(struct call *c) {
    static const char why[] = "HR role is not available for your company";
    switch (la(c, LA_HR_BODY)) {
    case 0: refuse(c, 422, why); break;
    case 1: refuse_one(c, 422, "Validation failed: ", "Role", "role", "is not available"); break;
    default: answer_text(c, 422, NULL, ""); break;
    }
    return false;
}

static bool read_roles(struct reading *r) {
    const struct value *v = param(r, "occupationRole");
    struct wanted *w = r->w;
    if (w->role == ROLE_HR && la(r->c, LA_HR_PACKAGE) == 0)
        return role_refused(r->c);
    if (v == NULL || (r->account == NONE && la(r->c, LA_CREATE_OCCUPATION) == 0))
        return true;
    if (r->account == NONE && la(r->c, LA_CREATE_OCCUPATION) == 2) {
        refuse_one(r->c, 400, "", "occupationRole", "occupationRole", "is invalid");
        return false;
    }
    w->occupation = (struct wanted_ref){ TEXT_EMPTY, NONE };
    if (value_is_empty(v))
        return true;
    int which =
        word_find((const char *const *)r->p->occupations, r->p->occupations_n, v->text, v->len);
    if (which < 0) {
        refuse(r->c, 422, "occupationRole does not match an existing role in your company");
        return false;
    }
    w->occupation = (struct wanted_ref){ TEXT_SET, (uint32_t)which };
    return true;
}

/* ---- custom fields ---- */

static size_t field_find(const struct platform *p, struct text name) {
    for (size_t i = 0; i < p->fields_n; i++)
        if (text_is(name, p->fields[i].name))
            return i;
    return SIZE_MAX;
}

static void read_field(struct reading *r, const struct value *one) {
    struct wanted *w = r->w;
    struct text name = TEXT_NONE, value = TEXT_NONE;
    const struct value *v = value_get(one, "value");
    if (one->kind != VALUE_OBJECT || value_get(one, "name") == NULL ||
        !value_text(value_get(one, "name"), &name) || (v != NULL && !value_text(v, &value))) {
        refusal_add(&r->refusal, "customFields", "is invalid");
        return;
    }
    size_t field = field_find(r->p, name);
    bool passed_over = field == SIZE_MAX && r->account == NONE && la(r->c, LA_FIELDS_CREATE) == 2;
    if (passed_over || w->fields_verdict != FIELDS_GOOD)
        return;
    if (field == SIZE_MAX)
        w->fields_verdict = FIELDS_UNKNOWN;
    else if (value.state != TEXT_SET && r->p->fields[field].mandatory)
        w->fields_verdict = FIELDS_BLANK;
    else
        w->fields[w->fields_n++] = (struct wanted_field){ field, value };
}

static void read_fields(struct reading *r) {
    const struct value *v = param(r, "customFields");
    if (v == NULL || la(r->c, LA_FIELDS_ON) == 0)
        return;
    if (v->kind != VALUE_LIST && !value_is_empty(v)) {
        refusal_add(&r->refusal, "customFields", "is invalid");
        return;
    }
    r->w->fields = arena_array(r->c->q->arena, sizeof *r->w->fields, value_count(v) + 1);
    for (const struct value *one = v->first; one != NULL; one = one->next)
        read_field(r, one);
}

/* ---- all together ---- */

static void read_parameters(struct reading *r, bool required) {
    bool sent = false;
    struct wanted *w = r->w;
    const struct value *manager_id = param(r, "managerId"), *v;
    uint64_t id;
    read_email(r, required);
    read_name(r, "firstName", ACCOUNT_FIRST_NAME, required);
    read_name(r, "lastName", ACCOUNT_LAST_NAME, required);
    if (la(r->c, LA_EXTERNAL_KNOWN))
        read_text(r, "integrationExternalId", ACCOUNT_EXTERNAL_ID);
    read_word(r, "language", language_codes, languages_count(), &w->language);
    read_optional(r, "jobTitle", ACCOUNT_JOB_TITLE);
    read_word(r, "role", role_names, ROLE_OWNER, &w->role);
    read_team(r, "primaryTeamId", false);
    read_team(r, "primaryTeamIntegrationExternalId", true);
    read_secondary(r, "secondaryTeamIds", false);
    read_secondary(r, "secondaryTeamIntegrationExternalIds", true);
    if ((v = manager_id ? manager_id : param(r, "managerEmail")) != NULL) {
        w->manager.state = value_is_empty(v) ? TEXT_EMPTY : TEXT_SET;
        if (manager_id != NULL && w->manager.state == TEXT_SET && !value_number(v, &id))
            refusal_add(&r->refusal, "managerId", "is invalid");
        read_clearing(r, manager_id ? "managerId" : "managerEmail", la(r->c, LA_CLEAR_MANAGER),
                      &w->manager.state);
    }
    read_bool(r, "skipInvitation", &w->skip, &w->has_skip);
    read_date(r, "hireDate", &w->hire);
    read_optional(r, "location", ACCOUNT_LOCATION);
    read_optional(r, "department", ACCOUNT_DEPARTMENT);
    if (learnamp_is_full(r->c)) {
        read_date(r, "leaveDate", &w->leave);
        read_text(r, "avatar", ACCOUNT_AVATAR);
    }
    if (r->account != NONE)
        read_bool(r, "reactivate", &w->reactivate, &sent);
    read_fields(r);
}

/* What the platform itself holds to, once the parameters are right. */

static size_t characters(struct text t) {
    size_t n = 0;
    for (size_t i = 0; i < t.len; i++)
        n += ((unsigned char)t.ptr[i] & 0xc0) != 0x80;
    return n;
}

static bool email_is_taken(const struct reading *r, struct text email) {
    static const char elsewhere[] = "@elsewhere.example";
    size_t n = sizeof elsewhere - 1;
    uint32_t holder = account_by_email(r->p, email.ptr, email.len);
    if (holder != NONE) /* whose it is may keep it, wherever it is from */
        return holder != r->account;
    return la(r->c, LA_EMAIL_COMPANIES) && email.len > n &&
           memcmp(email.ptr + email.len - n, elsewhere, n) == 0;
}

static bool validated(struct reading *r) {
    static const struct {
        enum account_text which;
        const char *shown, *name;
        bool needed;
    } rows[] = { { ACCOUNT_FIRST_NAME, "First name", "firstName", true },
                 { ACCOUNT_LAST_NAME, "Last name", "lastName", true },
                 { ACCOUNT_EMAIL, "Email", "email", false },
                 { ACCOUNT_EXTERNAL_ID, "Integration external id", "integrationExternalId", false },
                 { ACCOUNT_JOB_TITLE, "Job title", "jobTitle", false },
                 { ACCOUNT_LOCATION, "Location", "location", false },
                 { ACCOUNT_DEPARTMENT, "Department", "department", false },
                 { ACCOUNT_AVATAR, "Avatar", "avatar", false } };
    bool taken = false;
    int status = 400;
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        struct text t = r->w->texts[rows[i].which];
        if (rows[i].needed && t.state != TEXT_MISSING && trimmed(t).state != TEXT_SET)
            refusal_add_as(&r->refusal, rows[i].shown, rows[i].name, "can't be blank");
        if (characters(t) > ACCOUNT_TEXT_MAX)
            refusal_add_as(&r->refusal, rows[i].shown, rows[i].name,
                           "is too long (maximum is 255 characters)");
        bool has = t.state == TEXT_SET, other = false;
        if (has && rows[i].which == ACCOUNT_EMAIL) {
            other = taken = email_is_taken(r, t);
        } else if (has && rows[i].which == ACCOUNT_EXTERNAL_ID) {
            uint32_t holder =
                account_by_external_id(r->p, t.ptr, t.len, la(r->c, LA_EXTERNAL_CASE));
            other = holder != NONE && holder != r->account;
        }
        if (other)
            refusal_add_as(&r->refusal, rows[i].shown, rows[i].name, "has already been taken");
    }
    if (taken && la(r->c, LA_EMAIL_TAKEN) == 2) {
        refuse(r->c, 400, "Email has already been taken");
        return false;
    }
    if (taken && la(r->c, LA_EMAIL_TAKEN) == 1)
        status = 422;
    return !refusal_answer(r->c, &r->refusal, status, "Validation failed: ");
}

bool wanted_read(struct call *c, const struct value *params, uint32_t account, bool may_be_partial,
                 struct wanted *ret) {
    static const char *const exclusive[][2] = {
        { "managerId", "managerEmail" },
        { "primaryTeamId", "primaryTeamIntegrationExternalId" },
        { "secondaryTeamIds", "secondaryTeamIntegrationExternalIds" },
    };
    struct reading r = {
        .c = c, .p = platform_of(c), .params = params, .account = account, .w = ret
    };
    *ret = (struct wanted){ .language = -1, .role = -1 };
    if (refuse_pairs(c, params, exclusive, RC_LEN(exclusive)))
        return false;
    refusal_init(&r.refusal);
    read_parameters(&r, !may_be_partial);
    bool good = !refusal_answer(c, &r.refusal, 400, "") && read_manager(&r) && read_roles(&r) &&
                validated(&r);
    refusal_done(&r.refusal);
    return good;
}
