#include "sync/setting_values.h"

#include <string.h>
#include "json/json.h"

enum { SETTINGS_BYTES = 1 << 20 };

static json object_of(struct json_reader *r, struct text t) {
    json v = NULL;
    if (t.state == TEXT_SET && json_parse_copy(r, t.ptr, t.len, &v, NULL) == RC_OK)
        return v;
    return NULL;
}

void setting_values(const struct setting *settings, struct text plain, struct text secret,
                    struct arena *a, const char *ret[SETTING_VALUES_MAX]) {
    RC_CLEANUP(json_reader_freep)
    struct json_reader *plains = json_reader_new(SETTINGS_BYTES),
                       *secrets = json_reader_new(SETTINGS_BYTES);
    json shown = object_of(plains, plain), hidden = object_of(secrets, secret);
    for (size_t i = 0; i < SETTING_VALUES_MAX; i++)
        ret[i] = NULL;
    for (size_t i = 0; settings[i].key != NULL && i < SETTING_VALUES_MAX; i++) {
        const struct setting *s = &settings[i];
        const char *bytes;
        size_t len;
        if (json_str(json_get(s->secret ? hidden : shown, s->key), &bytes, &len))
            ret[i] = arena_str(a, bytes, len);
        else
            ret[i] = s->fallback;
    }
}

const struct setting *setting_changed(const struct setting *from, struct text old,
                                      struct text new) {
    RC_CLEANUP(json_reader_freep)
    struct json_reader *olds = json_reader_new(SETTINGS_BYTES),
                       *news = json_reader_new(SETTINGS_BYTES);
    json was = object_of(olds, old), is = object_of(news, new);
    for (const struct setting *s = from; s->key != NULL; s++) {
        const char *a = "", *b = "";
        size_t a_len = 0, b_len = 0;
        bool had = json_str(json_get(was, s->key), &a, &a_len),
             has = json_str(json_get(is, s->key), &b, &b_len);
        if (had != has || a_len != b_len || memcmp(a, b, a_len) != 0)
            return s;
    }
    return NULL;
}

bool setting_tenant_changed(const struct setting *settings, struct text old, struct text new) {
    for (const struct setting *s = settings; (s = setting_changed(s, old, new)) != NULL; s++)
        if (s->tenant)
            return true;
    return false;
}
