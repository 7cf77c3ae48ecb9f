/* What a refusal is about. Learn Amp names parameters ("jobTitle is invalid") or what its model calls
 * them ("Validation failed: Job title is too long"), with `fullErrors` or without. */
#include "destination/learnamp_p.h"

#include <string.h>
#include <strings.h>

enum { CUSTOM = USER_FIELDS_N, EXTERNAL_ID, NAME, NOTHING };

static const struct param {
    int field; /* enum user_field, or one of the above */
    const char *name, *shown;
} params[] = {
    { USER_FIRST_NAME, "firstName", "First name" },
    { USER_LAST_NAME, "lastName", "Last name" },
    { USER_EMAIL, "email", "Email" },
    { USER_JOB_TITLE, "jobTitle", "Job title" },
    { USER_AVATAR, "avatar", "Avatar" },
    { USER_PRIMARY_LOCATION, "location", "Location" },
    { USER_PRIMARY_TEAM, "primaryTeamId", "Primary team" },
    { USER_MANAGER, "managerId", "Manager" },
    { USER_HIRE_DATE, "hireDate", "Hire date" },
    { USER_LEAVE_DATE, "leaveDate", "Leave date" },
    { USER_LANGUAGE, "language", "Language" },
    { CUSTOM, "customFields", "Custom fields" },
    { CUSTOM, "value", "Value" },
    { EXTERNAL_ID, "integrationExternalId", "Integration external id" },
    { NAME, "name", "Name" },
};

const char *learnamp_param(enum user_field f) {
    for (size_t i = 0; i < RC_LEN(params); i++)
        if (params[i].field == (int)f)
            return params[i].name;
    return NULL;
}

/* "jobTitle", "job_title", "Job title". */
static bool same_name(struct text key, const char *name) {
    size_t k = 0;
    for (; *name != '\0'; name++) {
        while (k < key.len && (key.ptr[k] == '_' || key.ptr[k] == ' '))
            k++;
        if (*name == ' ')
            continue;
        if (k == key.len || strncasecmp(name, key.ptr + k, 1) != 0)
            return false;
        k++;
    }
    return k == key.len;
}

static int param_of(struct text key) {
    for (size_t i = 0; i < RC_LEN(params); i++)
        if (same_name(key, params[i].name) || same_name(key, params[i].shown))
            return params[i].field;
    return NOTHING;
}

/* ---- what it says about one ---- */

struct reading {
    const struct destination_change *change; /* NULL: of a team */
    struct learnamp_refusal *r;
};

static bool has(struct text t, const char *part) {
    size_t n = strlen(part);
    for (size_t i = 0; t.state == TEXT_SET && i + n <= t.len; i++)
        if (strncasecmp(t.ptr + i, part, n) == 0)
            return true;
    return false;
}

static void mark(struct reading *x, size_t i) {
    if (x->change->fields[i].does != DECIDE_FIELD_SENDS || x->r->fields[i])
        return;
    x->r->fields[i] = true;
    x->r->fields_n++;
}

/* Which of its own fields is meant is not said. Blank can only be one that was emptied. */
static void mark_custom(struct reading *x, struct text what) {
    const struct destination_change *c = x->change;
    bool blank = has(what, "blank") || has(what, "empty"), any = false;
    for (int pass = 0; pass < 2 && !any; pass++)
        for (size_t i = 0; i < c->fields_n; i++) {
            const struct decide_field *f = &c->fields[i];
            if (f->field != USER_FIELDS_N || f->does != DECIDE_FIELD_SENDS ||
                (pass == 0 && blank && f->to.state == TEXT_SET))
                continue;
            mark(x, i);
            any = true;
        }
}

static void about(struct reading *x, int field, struct text what) {
    bool taken = has(what, "taken");
    x->r->email_taken = x->r->email_taken || (field == USER_EMAIL && taken);
    x->r->external_id_taken = x->r->external_id_taken || (field == EXTERNAL_ID && taken);
    x->r->name_taken = x->r->name_taken || (field == NAME && taken);
    if (x->change == NULL || field > CUSTOM)
        return;
    if (field == CUSTOM)
        mark_custom(x, what);
    for (size_t i = 0; field != CUSTOM && i < x->change->fields_n; i++)
        if ((int)x->change->fields[i].field == field)
            mark(x, i);
}

/* {"email": ["is missing", "is empty"]} */
static void read_full(struct reading *x, json full) {
    json key, list, none, one;
    const char *s;
    size_t n;
    for (struct json_iter it = json_iter(full); json_next(&it, &key, &list);) {
        if (!json_str(key, &s, &n))
            continue;
        int field = param_of(text_from(s, n));
        if (json_str(list, &s, &n))
            about(x, field, text_from(s, n));
        else if (json_size(list) == 0)
            about(x, field, TEXT_NONE);
        for (struct json_iter in = json_iter(json_type(list) == JSON_ARRAY ? list : NULL);
             json_next(&in, &none, &one);)
            about(x, field, json_str(one, &s, &n) ? text_from(s, n) : TEXT_NONE);
    }
}

/* "Validation failed: Email has already been taken, managerId is invalid": each piece begins with
 * what it is about. */
static void read_piece(struct reading *x, struct text piece) {
    static const char prefix[] = "Validation failed: ";
    const size_t n = sizeof prefix - 1;
    if (piece.len > n && strncasecmp(piece.ptr, prefix, n) == 0)
        piece = text_from(piece.ptr + n, piece.len - n);
    for (size_t end = piece.len; end > 0; end--) {
        if (end != piece.len && piece.ptr[end] != ' ')
            continue;
        int field = param_of(text_from(piece.ptr, end));
        if (field == NOTHING)
            continue;
        about(x, field, text_from(piece.ptr + end, piece.len - end));
        return;
    }
}

static void read_error(struct reading *x, const char *s, size_t len) {
    enum { PIECE_MOST = 200, PIECES_MOST = 100 };
    const char *end = s + len;
    for (unsigned n = 0; s < end && n < PIECES_MOST; n++) {
        const char *comma = memmem(s, (size_t)(end - s), ", ", 2);
        size_t piece = comma != NULL ? (size_t)(comma - s) : (size_t)(end - s);
        read_piece(x, text_from(s, piece < PIECE_MOST ? piece : PIECE_MOST));
        s += piece + 2;
    }
}

void learnamp_refusal_read(const struct learnamp_answer *answer,
                           const struct destination_change *change, struct arena *a,
                           struct learnamp_refusal *ret) {
    json full = json_get(answer->root, "fullErrors");
    struct reading x = { change, ret };
    const char *s;
    size_t n;
    *ret = (struct learnamp_refusal){ 0 };
    ret->fields = ARENA_NEW(a, bool, (change != NULL ? change->fields_n : 0) + 1);
    if (json_type(full) == JSON_OBJECT && json_size(full) > 0)
        read_full(&x, full);
    else if (json_str(json_get(answer->root, "error"), &s, &n))
        read_error(&x, s, n);
}
