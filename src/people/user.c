#include "people/user.h"

#include <stdlib.h>
#include <string.h>
#include "base/buf.h"

const char *user_field_name(enum user_field f) {
    static const char *const names[] = {
        [USER_FIRST_NAME] = "first_name",
        [USER_LAST_NAME] = "last_name",
        [USER_EMAIL] = "email",
        [USER_JOB_TITLE] = "job_title",
        [USER_AVATAR] = "avatar",
        [USER_PRIMARY_LOCATION] = "primary_location",
        [USER_PRIMARY_TEAM] = "primary_team",
        [USER_MANAGER] = "manager",
        [USER_HIRE_DATE] = "hire_date",
        [USER_LEAVE_DATE] = "leave_date",
        [USER_STATUS] = "status",
        [USER_SECONDARY_TEAMS] = "secondary_teams",
        [USER_LANGUAGE] = "language",
        [USER_EXCLUDED] = "excluded",
    };
    return names[f];
}

struct text user_custom_find(const struct user *u, const char *name) {
    for (size_t i = 0; i < u->custom_n; i++)
        if (strcmp(u->custom[i].name, name) == 0)
            return u->custom[i].value;
    return (struct text){ 0 };
}

struct text user_custom_next(const struct user *u, const char *name, size_t *at) {
    if (*at < u->custom_n && strcmp(u->custom[*at].name, name) == 0)
        return u->custom[(*at)++].value;
    for (size_t i = 0; i < u->custom_n; i++)
        if (strcmp(u->custom[i].name, name) == 0) {
            *at = i + 1;
            return u->custom[i].value;
        }
    return (struct text){ 0 };
}

void user_keep(struct user *u, struct arena *a) {
    struct user_custom *custom = ARENA_NEW(a, struct user_custom, u->custom_n + 1);
    for (int f = 0; f < USER_FIELDS_N; f++)
        u->fields[f] = text_copy(a, u->fields[f]);
    for (size_t i = 0; i < u->custom_n; i++)
        custom[i] =
            (struct user_custom){ arena_str(a, u->custom[i].name, strlen(u->custom[i].name)),
                                  text_copy(a, u->custom[i].value) };
    u->custom = custom;
}

bool user_equal(const struct user *a, const struct user *b) {
    if (a->custom_n != b->custom_n)
        return false;
    for (int f = 0; f < USER_FIELDS_N; f++)
        if (!text_equal(a->fields[f], b->fields[f]))
            return false;
    for (size_t i = 0; i < a->custom_n; i++)
        if (strcmp(a->custom[i].name, b->custom[i].name) != 0 ||
            !text_equal(a->custom[i].value, b->custom[i].value))
            return false;
    return true;
}

struct text user_team_key(struct arena *a, const char *kind, struct text id, struct text name) {
    struct text what = id.state == TEXT_SET ? id : name;
    size_t kind_len = strlen(kind);
    if (what.state != TEXT_SET)
        return (struct text){ what.state, "", 0 };
    char *key = arena_alloc(a, kind_len + 1 + what.len);
    memcpy(key, kind, kind_len);
    key[kind_len] = id.state == TEXT_SET ? ':' : '=';
    memcpy(key + kind_len + 1, what.ptr, what.len);
    return text_from(key, kind_len + 1 + what.len);
}

static int by_bytes(const void *a, const void *b) {
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

enum rc_code user_teams_join(struct arena *a, struct text *keys, size_t n, struct text *ret) {
    size_t len = 0;
    if (n == 0) {
        *ret = TEXT_NONE;
        return RC_OK;
    }
    qsort(keys, n, sizeof *keys, by_bytes);
    for (size_t i = 0; i < n; i++)
        len += keys[i].len + 1;
    if (len > USER_TEAMS_BYTES)
        return RC_INVALID;
    char *joined = arena_alloc(a, len), *to = joined;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && text_equal(keys[i], keys[i - 1]))
            continue;
        if (i > 0)
            *to++ = USER_TEAMS_BETWEEN;
        memcpy(to, keys[i].ptr, keys[i].len);
        to += keys[i].len;
    }
    *ret = text_from(joined, (size_t)(to - joined));
    return RC_OK;
}

bool user_teams_next(struct text teams, size_t *cursor, struct text *ret) {
    if (teams.state != TEXT_SET || *cursor >= teams.len)
        return false;
    const char *from = teams.ptr + *cursor;
    const char *end = memchr(from, USER_TEAMS_BETWEEN, teams.len - *cursor);
    size_t len = end != NULL ? (size_t)(end - from) : teams.len - *cursor;
    *ret = text_from(from, len);
    *cursor += len + 1;
    return true;
}

struct text user_teams_named(struct text teams, const char *between,
                             struct text (*name)(const void *self, struct text team),
                             const void *self, struct arena *a) {
    struct text one;
    size_t cursor = 0;
    struct buf b;
    if (teams.state != TEXT_SET)
        return teams;
    buf_init(&b, 1 << 20);
    while (user_teams_next(teams, &cursor, &one)) {
        struct text t = name(self, one);
        buf_printf(&b, "%s%.*s", b.len > 0 ? between : "", TEXT_ARG(t));
    }
    struct text t = text_copy(a, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}
