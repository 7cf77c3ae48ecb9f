/* shape.c - how users and teams are written.
 * Source: docs/wire-learnamp.md, objects. */
#include <stdio.h>
#include <string.h>
#include "sandbox/learnamp/learnamp.h"

static bool leaves_out_nulls(const struct call *c) {
    return la(c, LA_NULLS_MISSING) != 0;
}

static void put_id(struct call *c, struct json_writer *w, const char *key, uint32_t id) {
    char digits[16];
    if (la(c, LA_IDS_STRINGS)) {
        snprintf(digits, sizeof digits, "%u", id);
        json_put_cstr(w, key, digits);
    } else {
        json_put_int(w, key, id);
    }
}

static void put_text(struct call *c, struct json_writer *w, const char *key, const char *text) {
    if (text != NULL || !leaves_out_nulls(c))
        json_put_cstr(w, key, text);
}

static void put_null(struct call *c, struct json_writer *w, const char *key) {
    put_text(c, w, key, NULL);
}

static void put_date(struct call *c, struct json_writer *w, const char *key, date_days day) {
    char text[DATE_TEXT_BYTES];
    put_text(c, w, key, day == DATE_NONE ? NULL : date_format(day, text));
}

/* ---- status ---- */

/* "Sent 2 Mar 26": the day without a zero, the year without its century. */
static void put_time(struct json_writer *w, const char *word, date_days day) {
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    char text[40];
    int year, month, of_month;
    date_to_ymd(day, &year, &month, &of_month);
    snprintf(text, sizeof text, "%s %d %s %02d", word, of_month, months[month - 1], year % 100);
    json_put_cstr(w, "time", text);
}

static date_days day_of(const struct call *c, int64_t at_us) {
    int64_t local = at_us + (int64_t)vclock_offset_s(&c->sb->clock, at_us) * 1000000;
    return (date_days)(local / INT64_C(86400000000));
}

static bool is_unknown(const struct call *c, const struct account *a) {
    return (int64_t)(a->id * UINT32_C(2654435761) >> 8) % 100 < la(c, LA_STATUS_UNKNOWN);
}

static void put_status(struct call *c, struct json_writer *w, const struct account *a) {
    const char *label = "Not yet invited";
    int64_t form = 1; /* of time: 0 there, 1 absent, 2 null */
    const char *word = "On";
    int64_t at_us = 0;
    switch (a->status) {
    case STATUS_INVITE_SCHEDULED:
        label = la(c, LA_LABEL_SCHEDULED) ? "Scheduled" : "Invite scheduled";
        form = la(c, LA_TIME_SCHEDULED);
        word = "For";
        break;
    case STATUS_INVITE_PENDING:
        label = "Invite pending", form = 0, word = "Sent", at_us = a->invited_us;
        break;
    case STATUS_CONFIRMED: label = "Confirmed", form = 0, at_us = a->confirmed_us; break;
    case STATUS_DEACTIVATED:
    case STATUS_ANONYMISED:
        label = la(c, LA_LABEL_DEACTIVATED) ? "Inactive" : "Deactivated";
        if (a->status == STATUS_ANONYMISED)
            label = la(c, LA_LABEL_ANONYMISED) ? "Deactivated" : "Anonymised";
        form = la(c, LA_TIME_DEACTIVATED), at_us = a->deactivated_us;
        break;
    case STATUS_EXTERNAL: label = "External Contributor", form = 2; break;
    default: break;
    }
    if (la(c, LA_STATUS_PENDING) && a->status < STATUS_DEACTIVATED && a->leave != DATE_NONE)
        label = "Pending deactivation";
    if (is_unknown(c, a))
        label = "Awaiting review";
    json_object(w, "status");
    json_put_cstr(w, "status", label);
    if (form == 0)
        put_time(w, word, a->status == STATUS_INVITE_SCHEDULED ? a->invite_on : day_of(c, at_us));
    else if (form == 2)
        put_null(c, w, "time");
    json_object_end(w);
}

/* ---- users ---- */

static uint32_t manager_of(const struct call *c, const struct account *a) {
    const struct team *t = team_at(platform_of(c), a->primary);
    if (a->manager != NONE || la(c, LA_MANAGER_SHOWN) || t == NULL)
        return a->manager;
    return account_at(platform_of(c), t->manager) == a ? NONE : t->manager;
}

static void put_fields(struct call *c, struct json_writer *w, const struct account *a) {
    const struct platform *p = platform_of(c);
    int64_t shape = la(c, LA_FIELDS_SHAPE);
    if (shape == 2 || la(c, LA_FIELDS_ON) == 0)
        return;
    if (shape == 0)
        json_array(w, "customFields");
    else
        json_object(w, "customFields");
    for (size_t i = 0; i < p->fields_n; i++) {
        const char *value = a->fields ? a->fields[i] : NULL;
        if (shape == 1) {
            put_text(c, w, p->fields[i].name, value);
            continue;
        }
        json_object(w, NULL);
        json_put_cstr(w, "name", p->fields[i].name);
        put_text(c, w, "value", value);
        json_object_end(w);
    }
    if (shape == 0)
        json_array_end(w);
    else
        json_object_end(w);
}

static void put_team_or_null(struct call *c, struct json_writer *w, const char *key,
                             uint32_t team) {
    if (team == NONE)
        put_null(c, w, key);
    else
        shape_team(c, w, key, team, SHAPE_NESTED);
}

static void put_details(struct call *c, struct json_writer *w, const struct account *a) {
    const struct platform *p = platform_of(c);
    uint32_t manager = manager_of(c, a);
    put_text(c, w, "occupationRole", a->occupation == NONE ? NULL : p->occupations[a->occupation]);
    put_text(c, w, "avatar", a->texts[ACCOUNT_AVATAR]);
    if (manager == NONE)
        put_null(c, w, "manager");
    else
        shape_user(c, w, "manager", manager, SHAPE_NESTED);
    put_text(c, w, "location", a->texts[ACCOUNT_LOCATION]);
    put_text(c, w, "department", a->texts[ACCOUNT_DEPARTMENT]);
    put_team_or_null(c, w, "primaryTeam", a->primary);
    json_array(w, "secondaryTeams");
    for (size_t i = 0; i < a->secondary.n; i++)
        shape_team(c, w, NULL, a->secondary.all[i], SHAPE_NESTED);
    json_array_end(w);
    put_fields(c, w, a);
}

static void put_user(struct call *c, struct json_writer *w, const struct account *a,
                     enum shape shape) {
    char url[120];
    put_id(c, w, "id", a->id);
    put_text(c, w, "firstName", a->texts[ACCOUNT_FIRST_NAME]);
    put_text(c, w, "lastName", a->texts[ACCOUNT_LAST_NAME]);
    put_text(c, w, "jobTitle", a->texts[ACCOUNT_JOB_TITLE]);
    put_text(c, w, "email", a->texts[ACCOUNT_EMAIL]);
    json_put_cstr(w, "timeZone", time_zones[a->time_zone]);
    json_put_cstr(w, "language", language_codes[a->language]);
    json_put_cstr(w, "role", role_names[a->role]);
    if (la(c, LA_EXTERNAL_KNOWN))
        put_text(c, w, "integrationExternalId", a->texts[ACCOUNT_EXTERNAL_ID]);
    if (shape != SHAPE_NESTED)
        put_date(c, w, "hireDate", a->hire);
    if (shape == SHAPE_DETAILED && learnamp_is_full(c))
        put_date(c, w, "leaveDate", a->leave);
    snprintf(url, sizeof url, "https://" LEARNAMP_HOST "/en/users/%u", a->id);
    json_put_cstr(w, "profileUrl", url);
    put_status(c, w, a);
    if (shape == SHAPE_DETAILED)
        put_details(c, w, a);
    if (la(c, LA_EXTRA_MEMBERS))
        json_put_cstr(w, "xUnknown", "not documented");
}

void shape_user(struct call *c, struct json_writer *w, const char *key, uint32_t account,
                enum shape shape) {
    json_object(w, key);
    put_user(c, w, &platform_of(c)->accounts[account], shape);
    json_object_end(w);
}

/* ---- teams ---- */

static void put_team_manager(struct call *c, struct json_writer *w, const struct team *t) {
    int64_t form = la(c, LA_TEAM_NO_MANAGER);
    if (t->manager != NONE) {
        shape_user(c, w, "manager", t->manager, SHAPE_NESTED);
    } else if (form == 0) {
        put_null(c, w, "manager");
    } else if (form == 1) {
        json_object(w, "manager");
        json_object_end(w);
    }
}

static void put_team(struct call *c, struct json_writer *w, const struct team *t,
                     enum shape shape) {
    const struct platform *p = platform_of(c);
    char path[80];
    put_id(c, w, "id", t->id);
    json_put_cstr(w, "name", t->name);
    put_text(c, w, "integrationExternalId", t->external_id);
    json_put_int(w, "teamUsersCount", (int64_t)t->members.n);
    snprintf(path, sizeof path, "/v1/teams/%u.json", t->id);
    json_put_cstr(w, "apiTeamPath", path);
    snprintf(path, sizeof path, "/v1/teams/%u/users.json", t->id);
    json_put_cstr(w, "apiTeamUsersPath", path);
    if (shape != SHAPE_NESTED) {
        if (t->parent == NONE)
            put_null(c, w, "parentTeamId");
        else
            put_id(c, w, "parentTeamId", p->teams[t->parent].id);
    }
    put_team_manager(c, w, t);
    if (shape != SHAPE_NESTED) {
        json_array(w, "secondaryManagers");
        for (size_t i = 0; i < t->secondary_managers.n; i++)
            shape_user(c, w, NULL, t->secondary_managers.all[i], SHAPE_NESTED);
        json_array_end(w);
    }
    if (la(c, LA_EXTRA_MEMBERS))
        json_put_cstr(w, "xUnknown", "not documented");
}

static void put_member(struct call *c, struct json_writer *w, const struct team *t,
                       uint32_t account) {
    const struct account *a = &platform_of(c)->accounts[account];
    char path[80];
    json_object(w, NULL);
    put_user(c, w, a, SHAPE_SIMPLE);
    snprintf(path, sizeof path, "/v1/teams/%u/users/%u.json", t->id, a->id);
    json_put_cstr(w, "removeFromTeamUrl", path);
    json_object_end(w);
}

static void put_tags(struct json_writer *w, const struct team *t) {
    json_array(w, "tags");
    for (const char *at = t->tags; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, ",");
        json_put_str(w, NULL, at, len);
        at += len + (at[len] == ',');
    }
    json_array_end(w);
}

void shape_team(struct call *c, struct json_writer *w, const char *key, uint32_t team,
                enum shape shape) {
    const struct team *t = &platform_of(c)->teams[team];
    json_object(w, key);
    put_team(c, w, t, shape);
    if (shape == SHAPE_DETAILED) {
        json_array(w, "users");
        for (size_t i = 0; i < t->members.n; i++)
            put_member(c, w, t, t->members.all[i]);
        json_array_end(w);
        json_array(w, "subTeams");
        for (size_t i = 0; i < t->children.n; i++)
            shape_team(c, w, NULL, t->children.all[i], SHAPE_SIMPLE);
        json_array_end(w);
        if (t->parent == NONE)
            put_null(c, w, "parentTeam");
        else
            shape_team(c, w, "parentTeam", t->parent, SHAPE_SIMPLE);
        put_tags(w, t);
    }
    json_object_end(w);
}

void shape_membership(struct call *c, struct json_writer *w, uint32_t team, uint32_t account,
                      uint64_t number) {
    const struct platform *p = platform_of(c);
    json_object(w, NULL);
    put_id(c, w, "id", (uint32_t)number);
    put_id(c, w, "teamId", p->teams[team].id);
    put_id(c, w, "userId", p->accounts[account].id);
    json_object_end(w);
}

void shape_team_open(struct call *c, struct json_writer *w, uint32_t team) {
    json_object(w, NULL);
    put_team(c, w, &platform_of(c)->teams[team], SHAPE_SIMPLE);
}

/* ---- answers ---- */

void shape_answer(struct call *c, int status, const char *key, const uint32_t *indexes, size_t n,
                  shape_one *write, enum shape shape) {
    struct json_answer o;
    answer_begin(&o);
    if (key != NULL) {
        json_object(&o.w, NULL);
        json_array(&o.w, key);
    }
    for (size_t i = 0; i < n; i++)
        write(c, &o.w, NULL, indexes[i], shape);
    if (key != NULL) {
        json_array_end(&o.w);
        json_object_end(&o.w);
    }
    answer_end(&o, c, status);
}
