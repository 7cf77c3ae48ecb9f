#include "base/setting.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *setting_value(const struct setting_values *v, const char *key) {
    const struct setting *s = v->settings;
    for (size_t i = 0; s[i].key != NULL; i++)
        if (strcmp(s[i].key, key) == 0)
            return v->values != NULL && v->values[i] != NULL ? v->values[i] : s[i].fallback;
    rc_die("%s has no setting %s", v->of, key);
}

enum rc_code setting_check(const struct setting_values *v, struct rc_error *err) {
    for (const struct setting *s = v->settings; s->key != NULL; s++) {
        const char *value = setting_value(v, s->key);
        if (s->required && (value == NULL || value[0] == '\0'))
            return rc_fail_as(err, RC_INVALID, "setting", "%s: the setting %s is missing (%s)",
                              v->of, s->key, s->help);
    }
    return RC_OK;
}

enum rc_code setting_int(const struct setting_values *v, const char *key, int64_t least,
                         int64_t most, int64_t *ret, struct rc_error *err) {
    const char *value = setting_value(v, key);
    char *end = NULL;
    errno = 0;
    long long n = value != NULL ? strtoll(value, &end, 10) : 0;
    if (value == NULL || end == value || *end != '\0' || errno != 0 || n < least || n > most)
        return rc_fail_as(err, RC_INVALID, "setting",
                          "%s: the setting %s must be a whole number from %lld to %lld", v->of, key,
                          (long long)least, (long long)most);
    *ret = n;
    return RC_OK;
}

void finding_add(struct finding **list, size_t *n, struct arena *a, enum finding_level level,
                 const char *name, const char *fmt, va_list args) {
    char text[1000];
    if (*list == NULL)
        *list = ARENA_NEW(a, struct finding, FINDINGS_MOST);
    if (*n == FINDINGS_MOST) { /* nobody reads further; the worst level stays */
        struct finding *last = &(*list)[FINDINGS_MOST - 1];
        last->level = level > last->level ? level : last->level;
        last->name = "more";
        last->text = "there is more of this kind: put the above right and check again";
        return;
    }
    vsnprintf(text, sizeof text, fmt, args);
    (*list)[(*n)++] = (struct finding){ level, name, arena_str(a, text, strlen(text)) };
}
