#include "people/stored.h"

#include <string.h>

static void write_group(struct json_writer *w, const struct employee *e, enum employee_field f) {
    const char *key = employee_field_name(f);
    const struct employee_value *v = &e->fields[f];
    bool has_id = v->id.state == TEXT_SET;
    if (v->text.state == TEXT_MISSING && !has_id)
        return;
    if (v->text.state != TEXT_SET && !has_id) {
        json_put_null(w, key);
        return;
    }
    json_object(w, key);
    if (has_id)
        json_put_text(w, "id", v->id);
    if (!employee_name_is_elsewhere(e, f) && v->text.state == TEXT_SET)
        json_put_text(w, "name", v->text);
    json_object_end(w);
}

void stored_employee_write(const struct employee *e, struct buf *ret) {
    struct json_writer w;
    json_begin(&w, ret);
    json_object(&w, NULL);
    json_put_text(&w, "source_id", e->source_id);
    for (int i = 0; i < EMPLOYEE_FIELDS_N; i++) {
        enum employee_field f = (enum employee_field)i;
        if (employee_field_kind(f) == EMPLOYEE_KIND_GROUP)
            write_group(&w, e, f);
        else
            json_put_text(&w, employee_field_name(f), e->fields[f].text);
    }
    if (e->custom_n > 0) {
        json_object(&w, "custom");
        for (size_t i = 0; i < e->custom_n; i++) {
            char key[EMPLOYEE_ID_BYTES * 4];
            size_t len =
                e->custom[i].key.len < sizeof key - 1 ? e->custom[i].key.len : sizeof key - 1;
            memcpy(key, e->custom[i].key.ptr, len);
            key[len] = '\0';
            json_put_text(&w, key, e->custom[i].value);
        }
        json_object_end(&w);
    }
    json_object_end(&w);
}

void stored_user_write(const struct user *u, struct buf *ret) {
    struct json_writer w;
    json_begin(&w, ret);
    json_object(&w, NULL);
    for (int f = 0; f < USER_FIELDS_N; f++)
        json_put_text(&w, user_field_name((enum user_field)f), u->fields[f]);
    if (u->custom_n > 0) {
        json_object(&w, "custom");
        for (size_t i = 0; i < u->custom_n; i++)
            json_put_text(&w, u->custom[i].name + strlen(USER_CUSTOM_PREFIX), u->custom[i].value);
        json_object_end(&w);
    }
    json_object_end(&w);
}

static enum rc_code read_text(json object, const char *key, const char *where, struct text *ret,
                              struct rc_error *err) {
    if (json_text(object, key, where, ret, err) != RC_OK)
        return rc_fail(err, RC_FATAL, "%s: %s is no text", where, key);
    return RC_OK;
}

enum rc_code stored_employee_read(json v, struct arena *a, struct employee *ret,
                                  struct rc_error *err) {
    static const char where[] = "stored employee";
    enum rc_code rc;
    memset(ret, 0, sizeof *ret);
    if (json_type(v) != JSON_OBJECT)
        return rc_fail(err, RC_FATAL, "%s: no object", where);
    if ((rc = read_text(v, "source_id", where, &ret->source_id, err)) != RC_OK)
        return rc;
    for (int i = 0; i < EMPLOYEE_FIELDS_N; i++) {
        enum employee_field f = (enum employee_field)i;
        const char *key = employee_field_name(f);
        json group = json_get(v, key);
        if (json_type(group) == JSON_OBJECT) {
            if ((rc = read_text(group, "id", where, &ret->fields[f].id, err)) != RC_OK ||
                (rc = read_text(group, "name", where, &ret->fields[f].text, err)) != RC_OK)
                return rc;
            if (ret->fields[f].text.state == TEXT_SET) /* it counts, or it would not be here */
                ret->names |= 1u << f;
        } else if ((rc = read_text(v, key, where, &ret->fields[f].text, err)) != RC_OK) {
            return rc;
        }
    }
    json custom = json_get(v, "custom"), key, value;
    ret->custom = ARENA_NEW(a, struct employee_custom, json_size(custom) + 1);
    for (struct json_iter it = json_iter(custom); json_next(&it, &key, &value);) {
        struct employee_custom *c = &ret->custom[ret->custom_n++];
        const char *s = NULL;
        size_t len = 0;
        c->key = json_str(key, &s, &len) ? text_from(s, len) : TEXT_NONE;
        c->value = json_str(value, &s, &len) ? text_from(s, len) : TEXT_NONE;
    }
    return RC_OK;
}

static enum rc_code read_custom(json custom, struct arena *a, struct user *ret,
                                struct rc_error *err) {
    json key, value;
    struct user_custom *list = NULL;
    size_t most = json_size(custom);
    if (most > 0)
        list = ARENA_NEW(a, struct user_custom, most);
    for (struct json_iter it = json_iter(custom); json_next(&it, &key, &value);) {
        const char *s = NULL;
        size_t len = 0;
        struct user_custom *c = &list[ret->custom_n++];
        (void)json_str(key, &s, &len);
        c->name = arena_printf(a, USER_CUSTOM_PREFIX "%.*s", (int)len, s);
        if (json_type(value) == JSON_NULL)
            c->value = TEXT_NONE;
        else if (json_str(value, &s, &len))
            c->value = text_from(s, len);
        else
            return rc_fail(err, RC_FATAL, "stored user: %s is no text", c->name);
    }
    ret->custom = list;
    return RC_OK;
}

enum rc_code stored_user_read(json v, struct arena *a, struct user *ret, struct rc_error *err) {
    memset(ret, 0, sizeof *ret);
    if (json_type(v) != JSON_OBJECT)
        return rc_fail(err, RC_FATAL, "stored user: no object");
    for (int f = 0; f < USER_FIELDS_N; f++) {
        enum rc_code rc =
            read_text(v, user_field_name((enum user_field)f), "stored user", &ret->fields[f], err);
        if (rc != RC_OK)
            return rc;
    }
    json custom = json_get(v, "custom");
    if (json_type(custom) == JSON_MISSING)
        return RC_OK;
    if (json_type(custom) != JSON_OBJECT)
        return rc_fail(err, RC_FATAL, "stored user: custom is no object");
    return read_custom(custom, a, ret, err);
}
