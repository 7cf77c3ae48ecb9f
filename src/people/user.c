#include "people/user.h"

#include <string.h>

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
    };
    return names[f];
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
