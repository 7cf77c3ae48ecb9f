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

/* ---- capabilities ---- */

static void write_fields(struct json_writer *w, const char *key, uint32_t bits) {
    json_array(w, key);
    for (int f = 0; f < USER_FIELDS_N; f++)
        if ((bits & 1u << f) != 0)
            json_put_cstr(w, NULL, user_field_name((enum user_field)f));
    json_array_end(w);
}

void policy_caps_write(const struct policy_caps *c, struct buf *ret) {
    struct json_writer w;
    json_begin(&w, ret);
    json_object(&w, NULL);
    write_fields(&w, "takes", c->takes);
    write_fields(&w, "needs", c->needs);
    write_fields(&w, "empties", c->empties);
    json_put_bool(&w, "creates_silently", c->creates_silently);
    json_put_bool(&w, "invites", c->invites);
    json_put_bool(&w, "customs", c->customs);
    json_put_text(&w, "owner_role", c->owner_role);
    json_object_end(&w);
}

static uint32_t read_fields(json list) {
    uint32_t bits = 0;
    json key, value;
    for (struct json_iter it = json_iter(list); json_next(&it, &key, &value);) {
        const char *name = "";
        size_t len = 0;
        (void)json_str(value, &name, &len);
        for (int f = 0; f < USER_FIELDS_N; f++)
            if (text_is(text_from(name, len), user_field_name((enum user_field)f)))
                bits |= 1u << f;
    }
    return bits;
}

void policy_caps_read(struct text t, struct arena *a, struct policy_caps *ret) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(POLICY_BYTES);
    json doc;
    *ret = (struct policy_caps){ 0 };
    if (t.state != TEXT_SET || json_parse_copy(r, t.ptr, t.len, &doc, NULL) != RC_OK)
        return;
    ret->takes = read_fields(json_get(doc, "takes"));
    ret->needs = read_fields(json_get(doc, "needs"));
    ret->empties = read_fields(json_get(doc, "empties"));
    (void)json_bool(json_get(doc, "creates_silently"), &ret->creates_silently);
    (void)json_bool(json_get(doc, "invites"), &ret->invites);
    (void)json_bool(json_get(doc, "customs"), &ret->customs);
    if (json_text(doc, "owner_role", "caps", &ret->owner_role, NULL) == RC_OK)
        ret->owner_role = text_copy(a, ret->owner_role);
}
