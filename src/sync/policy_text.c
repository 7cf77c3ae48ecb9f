#include "sync/policy_text.h"

#include <string.h>

enum { POLICY_BYTES = 1 << 16 };

enum rc_code policy_text_read(struct text t, struct arena *a, struct policy *ret,
                              struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(POLICY_BYTES);
    json doc, key, value;
    *ret = policy_default;
    if (t.state != TEXT_SET)
        return RC_OK;
    if (json_parse_copy(r, t.ptr, t.len, &doc, err) != RC_OK || json_type(doc) != JSON_OBJECT)
        return rc_fail_as(err, RC_INVALID, "policy", "the stored policy is no JSON object");
    for (struct json_iter it = json_iter(doc); json_next(&it, &key, &value);) {
        const char *name = "", *to = "";
        size_t name_len = 0, to_len = 0;
        if (!json_str(key, &name, &name_len) || !json_str(value, &to, &to_len))
            return rc_fail_as(err, RC_INVALID, "policy",
                              "a setting of the stored policy is no text");
        enum rc_code rc =
            policy_set(ret, text_from(name, name_len), text_copy(a, text_from(to, to_len)), a, err);
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

void policy_text_write(const struct policy *p, struct buf *ret) {
    struct json_writer w;
    struct buf usual, now;
    const struct policy_setting *s;
    buf_init(&usual, POLICY_BYTES);
    buf_init(&now, POLICY_BYTES);
    json_begin(&w, ret);
    json_object(&w, NULL);
    for (size_t i = 0; (s = policy_setting_get(i)) != NULL; i++) {
        buf_clear(&usual);
        buf_clear(&now);
        policy_show(&policy_default, s->name, &usual);
        policy_show(p, s->name, &now);
        if (usual.len != now.len || memcmp(usual.ptr, now.ptr, now.len) != 0)
            json_put_str(&w, s->name, now.len > 0 ? now.ptr : "", now.len);
    }
    json_object_end(&w);
    buf_done(&usual);
    buf_done(&now);
}
