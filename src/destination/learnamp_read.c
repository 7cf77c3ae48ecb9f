/* One user or team of Learn Amp as an account or team of ours. Every byte is taken as hostile: what
 * has a wrong type is missing, so that what is known stays.
 *
 * null, {} and an absent member mean none alike. Of members that only users in detail have, an
 * absent one means none only where something shows that this is one in detail. */
#include "destination/learnamp_p.h"

#include <string.h>
#include <strings.h>

enum {
    ID_DIGITS_MOST = 18,
    EXTERNAL_ID_BYTES = 1000,
    CUSTOM_MOST = 500, /* more are none that a mapping fills */
    TEAMS_MOST = 1000,
};

/* ---- ids ---- */

static bool id_of(json v, int64_t *ret) {
    int64_t id;
    if (!json_int(v, &id) || id <= 0)
        return false;
    *ret = id;
    return true;
}

int64_t learnamp_id(json object) {
    int64_t id = 0;
    (void)id_of(json_get(object, "id"), &id);
    return id;
}

static struct text id_text(struct arena *a, int64_t id) {
    char digits[24], *at = digits + sizeof digits;
    for (uint64_t left = (uint64_t)id; at == digits + sizeof digits || left > 0; left /= 10)
        *--at = (char)('0' + left % 10);
    return text_copy(a, text_from(at, (size_t)(digits + sizeof digits - at)));
}

bool learnamp_id_parse(struct text t, int64_t *ret) {
    int64_t id = 0;
    if (t.state != TEXT_SET || t.len > ID_DIGITS_MOST || t.ptr[0] == '0')
        return false;
    for (size_t i = 0; i < t.len; i++) {
        if (t.ptr[i] < '0' || t.ptr[i] > '9')
            return false;
        id = id * 10 + (t.ptr[i] - '0');
    }
    *ret = id;
    return true;
}

/* ---- texts ---- */

static bool is_none(json v) {
    return json_type(v) == JSON_NULL || (json_type(v) == JSON_OBJECT && json_size(v) == 0);
}

struct text learnamp_raw(json user, const char *key) {
    const char *s;
    size_t n;
    return json_str(json_get(user, key), &s, &n) ? text_from(s, n) : text_of(NULL);
}

/* absent: what an absent member means. */
static struct text text_at(json object, const char *key, struct text absent, struct arena *a) {
    json v = json_get(object, key);
    const char *s;
    size_t n;
    struct text clean;
    if (v == NULL)
        return absent;
    if (is_none(v))
        return TEXT_NONE;
    if (!json_str(v, &s, &n) || text_clean(a, s, n, LEARNAMP_TEXT_BYTES, &clean, NULL) != RC_OK)
        return text_of(NULL);
    return text_copy(a, clean);
}

static struct text date_at(json object, const char *key, struct text absent, struct arena *a) {
    struct text t = text_at(object, key, absent, a);
    char day[DATE_TEXT_BYTES];
    date_days d;
    if (t.state != TEXT_SET)
        return t;
    if (date_parse(t.ptr, t.len, &d, NULL) != RC_OK)
        return text_of(NULL);
    date_format(d, day);
    return text_from(arena_str(a, day, strlen(day)), strlen(day));
}

/* Byte for byte: it must be what was sent. */
static struct text external_id_at(json object, struct arena *a) {
    json v = json_get(object, "integrationExternalId");
    const char *s;
    size_t n;
    int64_t id;
    if (v == NULL)
        return text_of(NULL);
    if (is_none(v))
        return TEXT_NONE;
    if (json_str(v, &s, &n) && n <= EXTERNAL_ID_BYTES)
        return text_copy(a, text_from(s, n));
    return json_type(v) == JSON_INT && json_int(v, &id) ? id_text(a, id) : text_of(NULL);
}

/* A manager or team: its id. */
static struct text ref_at(json object, const char *key, struct text absent, struct arena *a) {
    json v = json_get(object, key);
    if (v == NULL)
        return absent;
    if (is_none(v))
        return TEXT_NONE;
    int64_t id = learnamp_id(v);
    return id > 0 ? id_text(a, id) : text_of(NULL);
}

/* One team that cannot be read spoils all: it may be one of ours. */
static struct text teams_at(json object, const char *key, struct text absent, struct arena *a) {
    json v = json_get(object, key), none, one;
    struct text joined;
    size_t n = 0;
    if (v == NULL)
        return absent;
    if (is_none(v))
        return TEXT_NONE;
    if (json_type(v) != JSON_ARRAY || json_size(v) > TEAMS_MOST)
        return text_of(NULL);
    struct text *ids = ARENA_NEW(a, struct text, json_size(v) + 1);
    for (struct json_iter it = json_iter(v); json_next(&it, &none, &one);) {
        int64_t id = learnamp_id(one);
        if (id == 0)
            return text_of(NULL);
        ids[n++] = id_text(a, id);
    }
    return user_teams_join(a, ids, n, &joined) == RC_OK ? joined : text_of(NULL);
}

/* ---- status ---- */

static bool same_word(struct text t, const char *word) {
    return t.state == TEXT_SET && strlen(word) == t.len && strncasecmp(t.ptr, word, t.len) == 0;
}

/* "Sent 25 Sep 19": the day without a zero in front, the year without its century. */
static date_days day_of(struct text time) {
    static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    const char *p = time.ptr, *end = p + time.len;
    int number[2] = { 0, 0 }, month = 0;
    if (time.state != TEXT_SET || (p = memchr(p, ' ', time.len)) == NULL)
        return DATE_NONE;
    for (int part = 0; part < 2; part++) { /* day, then year */
        int digits = 0;
        for (p++; p < end && *p >= '0' && *p <= '9' && digits < 2; p++, digits++)
            number[part] = number[part] * 10 + (*p - '0');
        if (digits == 0 || (part == 1 && (digits != 2 || p != end)))
            return DATE_NONE;
        if (part == 1)
            break;
        if (end - p < 5 || p[0] != ' ' || p[4] != ' ')
            return DATE_NONE;
        for (int m = 0; m < 12; m++)
            if (strncasecmp(p + 1, months[m], 3) == 0)
                month = m + 1;
        p += 4;
    }
    return month > 0 ? date_from_ymd(2000 + number[1], month, number[0]) : DATE_NONE;
}

void learnamp_read_status(struct text label, struct text time, struct account *ret) {
    static const struct {
        const char *label;
        enum account_status status;
        enum account_mail mail;
    } rows[] = {
        { "Confirmed", ACCOUNT_ACTIVE, ACCOUNT_MAIL_SENT },
        { "Invite pending", ACCOUNT_ACTIVE, ACCOUNT_MAIL_SENT },
        /* the platform sends it by itself: a second one must not go out */
        { "Invite scheduled", ACCOUNT_ACTIVE, ACCOUNT_MAIL_SENT },
        { "Scheduled", ACCOUNT_ACTIVE, ACCOUNT_MAIL_SENT },
        { "Not yet invited", ACCOUNT_ACTIVE, ACCOUNT_MAIL_UNKNOWN },
        { "Pending deactivation", ACCOUNT_ACTIVE, ACCOUNT_MAIL_UNKNOWN },
        { "Deactivated", ACCOUNT_DEACTIVATED, ACCOUNT_MAIL_UNKNOWN },
        { "Inactive", ACCOUNT_DEACTIVATED, ACCOUNT_MAIL_UNKNOWN },
        { "Anonymised", ACCOUNT_ANONYMISED, ACCOUNT_MAIL_UNKNOWN },
        { "Anonymized", ACCOUNT_ANONYMISED, ACCOUNT_MAIL_UNKNOWN },
        /* "External Contributor" belongs to another company: unknown, and left alone */
    };
    ret->status = ACCOUNT_UNKNOWN;
    ret->mail = ACCOUNT_MAIL_UNKNOWN;
    ret->invited_on = DATE_NONE;
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        if (!same_word(label, rows[i].label))
            continue;
        ret->status = rows[i].status;
        ret->mail = rows[i].mail;
    }
    bool is_past = time.state == TEXT_SET && time.len > 4 &&
                   (strncasecmp(time.ptr, "Sent", 4) == 0 || strncasecmp(time.ptr, "On ", 3) == 0);
    if (ret->mail == ACCOUNT_MAIL_SENT && is_past)
        ret->invited_on = day_of(time);
}

static void read_status(json user, struct arena *a, struct account *ret) {
    json status = json_get(user, "status");
    struct text none = text_of(NULL);
    if (json_type(status) == JSON_OBJECT)
        learnamp_read_status(text_at(status, "status", none, a), text_at(status, "time", none, a),
                             ret);
    else
        learnamp_read_status(text_at(user, "status", none, a), none, ret);
}

/* ---- fields of the platform's own ---- */

static struct text value_of(json v, struct arena *a) {
    const char *s;
    size_t n;
    struct text clean = { 0 };
    struct buf out;
    switch (json_type(v)) {
    case JSON_STRING:
        json_str(v, &s, &n);
        return text_clean(a, s, n, LEARNAMP_TEXT_BYTES, &clean, NULL) == RC_OK ? text_copy(a, clean)
                                                                               : text_of(NULL);
    case JSON_INT:
    case JSON_REAL:
    case JSON_BOOL:
        buf_init(&out, 64);
        json_dump(v, &out);
        clean = out.full ? text_of(NULL) : text_copy(a, text_from(out.ptr, out.len));
        buf_done(&out);
        return clean;
    case JSON_MISSING:
    case JSON_NULL: return TEXT_NONE;
    default: return text_of(NULL);
    }
}

static void put_custom(struct account_custom *to, size_t *n, json name, json value,
                       struct arena *a) {
    const char *s;
    size_t len;
    if (!json_str(name, &s, &len) || len == 0 || len > LEARNAMP_TEXT_BYTES)
        return;
    struct text t = text_from(s, len);
    for (size_t i = 0; i < *n; i++)
        if (text_equal(to[i].name, t)) {
            to[i].field.known = text_of(NULL); /* which of the two counts, nobody knows */
            return;
        }
    to[(*n)++] = (struct account_custom){ text_copy(a, t), { .known = value_of(value, a) } };
}

/* A list of {name, value}, or an object of them. */
static void read_custom(json user, struct arena *a, struct account *ret) {
    json all = json_get(user, "customFields"), key, one;
    enum json_type type = json_type(all);
    size_t n = 0, most = json_size(all) < CUSTOM_MOST ? json_size(all) : CUSTOM_MOST;
    if (most == 0 || (type != JSON_ARRAY && type != JSON_OBJECT))
        return;
    struct account_custom *custom = ARENA_NEW(a, struct account_custom, most);
    for (struct json_iter it = json_iter(all); n < most && json_next(&it, &key, &one);) {
        if (type == JSON_OBJECT)
            put_custom(custom, &n, key, one, a);
        else
            put_custom(custom, &n, json_get(one, "name"), json_get(one, "value"), a);
    }
    ret->custom = custom;
    ret->custom_n = n;
}

/* ---- users ---- */

static bool is_detailed(json user) {
    static const char *const keys[] = { "secondaryTeams", "primaryTeam", "manager",
                                        "location",       "department",  "occupationRole" };
    for (size_t i = 0; i < RC_LEN(keys); i++)
        if (json_get(user, keys[i]) != NULL)
            return true;
    return false;
}

void learnamp_read_user(json user, unsigned caps, struct arena *a, struct account *ret) {
    const struct text missing = text_of(NULL), none = TEXT_NONE;
    const struct text detail = is_detailed(user) ? none : missing;
    const struct text extra = (caps & LEARNAMP_LEAVE_DATE) != 0 ? detail : missing;
    struct account_field *f = ret->fields;
    int64_t id = learnamp_id(user);
    memset(ret, 0, sizeof *ret);
    ret->invited_on = DATE_NONE;
    if (id == 0)
        return;
    ret->remote_id = id_text(a, id);
    ret->external_id = external_id_at(user, a);
    ret->role = text_at(user, "role", missing, a);
    read_status(user, a, ret);
    f[USER_FIRST_NAME].known = text_at(user, "firstName", none, a);
    f[USER_LAST_NAME].known = text_at(user, "lastName", none, a);
    f[USER_EMAIL].known = text_fold_ascii(a, text_at(user, "email", none, a));
    f[USER_JOB_TITLE].known = text_at(user, "jobTitle", none, a);
    f[USER_LANGUAGE].known = text_at(user, "language", none, a);
    f[USER_HIRE_DATE].known = date_at(user, "hireDate", none, a);
    f[USER_AVATAR].known = text_at(user, "avatar", detail, a);
    f[USER_PRIMARY_LOCATION].known = text_at(user, "location", detail, a);
    f[USER_PRIMARY_TEAM].known = ref_at(user, "primaryTeam", detail, a);
    f[USER_MANAGER].known = ref_at(user, "manager", detail, a);
    f[USER_SECONDARY_TEAMS].known = teams_at(user, "secondaryTeams", detail, a);
    f[USER_LEAVE_DATE].known = date_at(user, "leaveDate", extra, a);
    read_custom(user, a, ret);
}

/* ---- teams ---- */

void learnamp_read_team(json team, struct arena *a, struct destination_team *ret) {
    int64_t id = learnamp_id(team), members;
    *ret = (struct destination_team){ .members_n = -1 };
    if (id == 0)
        return;
    ret->remote_id = id_text(a, id);
    ret->external_id = external_id_at(team, a);
    ret->name = text_at(team, "name", text_of(NULL), a);
    if (json_int(json_get(team, "teamUsersCount"), &members) && members >= 0)
        ret->members_n = members;
}

json learnamp_rows(json root, enum destination_list what) {
    json rows = json_get(root, what == DESTINATION_ACCOUNTS ? "users" : "teams");
    return json_type(rows) == JSON_ARRAY ? rows : NULL;
}

/* ---- languages ---- */

/* Its codes; and tags that mean one of them. Any other tag is its first part, if that is a code. */
static const char *const codes[] = { "en", "en-US", "de", "es",    "es-CO", "fr", "fr-CA",
                                     "it", "nl",    "pl", "pt-BR", "ru",    "no", "sv",
                                     "da", "zh-CN", "ja", "zh-TW", "ar",    "sk", "ca",
                                     "cy", "el",    "hu", "pt-PT", "ro",    "tr" };
static const struct {
    const char *tag, *code;
} meant[] = { { "nb", "no" },       { "nn", "no" },         { "pt", "pt-PT" },
              { "zh", "zh-CN" },    { "zh-Hans", "zh-CN" }, { "zh-Hant", "zh-TW" },
              { "zh-HK", "zh-TW" }, { "zh-MO", "zh-TW" } };

static const char *code_of(struct text tag) {
    for (size_t i = 0; i < RC_LEN(codes); i++)
        if (same_word(tag, codes[i]))
            return codes[i];
    for (size_t i = 0; i < RC_LEN(meant); i++)
        if (same_word(tag, meant[i].tag))
            return meant[i].code;
    return NULL;
}

/* "zh-Hant-TW" is looked for whole, then as "zh-Hant", then as "zh". */
struct text learnamp_language(struct text tag) {
    enum { LONGEST = 40 };
    char copy[LONGEST];
    const char *code;
    if (tag.state != TEXT_SET || tag.len >= LONGEST)
        return text_of(NULL);
    for (size_t i = 0; i < tag.len; i++)
        copy[i] = tag.ptr[i] == '_' ? '-' : tag.ptr[i];
    struct text part = { TEXT_SET, copy, tag.len };
    while ((code = code_of(part)) == NULL) {
        const char *dash = memrchr(copy, '-', part.len);
        if (dash == NULL || dash == copy)
            return text_of(NULL);
        part.len = (size_t)(dash - copy);
    }
    return text_of(code);
}
