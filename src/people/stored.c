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

static bool match_custom(struct json_match *m, const struct user *u) {
    if (!json_match_object(m, "custom"))
        return false;
    for (size_t i = 0; i < u->custom_n; i++)
        if (!json_match_text(m, u->custom[i].name + strlen(USER_CUSTOM_PREFIX), u->custom[i].value))
            return false;
    return json_match_object_end(m);
}

bool stored_user_is(const struct user *u, struct text stored) {
    struct json_match m = { stored.ptr, stored.state == TEXT_SET ? stored.len : 0, false };
    if (!json_match_object(&m, NULL))
        return false;
    for (int f = 0; f < USER_FIELDS_N; f++)
        if (!json_match_text(&m, user_field_name((enum user_field)f), u->fields[f]))
            return false;
    return (u->custom_n == 0 || match_custom(&m, u)) && json_match_object_end(&m) && m.left == 0;
}

/* ---- reading ---- */

static enum rc_code read_text(json v, const char *key, const char *where, struct text *ret,
                              struct rc_error *err) {
    const char *s = NULL;
    size_t len = 0;
    if (json_str(v, &s, &len))
        *ret = text_from(s, len);
    else if (v == NULL || json_type(v) == JSON_NULL)
        *ret = v == NULL ? (struct text){ 0 } : TEXT_NONE;
    else
        return rc_fail(err, RC_FATAL, "%s: %s is no text", where, key);
    return RC_OK;
}

static bool is_called(const char *name, const char *s, size_t len) {
    size_t i = 0;
    while (i < len && name[i] != '\0' && name[i] == s[i])
        i++;
    return i == len && name[i] == '\0';
}

static const char *employee_name_at(int i) {
    return employee_field_name((enum employee_field)i);
}

static const char *user_name_at(int i) {
    return user_field_name((enum user_field)i);
}

/* Which of n names a member has, -1 for none of them. Members are written in the order of the
 * names: the search goes on where the last one was found, and everybody's members together cost one
 * walk. *at is 0 before the first. */
static int which(json key, const char *(*name_at)(int), int n, int *at) {
    const char *s = "";
    size_t len = 0;
    (void)json_str(key, &s, &len);
    for (int tried = 0; tried < n; tried++) {
        int i = (*at + tried) % n;
        if (is_called(name_at(i), s, len)) {
            *at = i + 1;
            return i;
        }
    }
    return -1;
}

static enum rc_code read_group(json v, enum employee_field f, const char *where,
                               struct employee *ret, struct rc_error *err) {
    struct employee_value *to = &ret->fields[f];
    enum rc_code rc;
    if ((rc = read_text(json_get(v, "id"), "id", where, &to->id, err)) != RC_OK ||
        (rc = read_text(json_get(v, "name"), "name", where, &to->text, err)) != RC_OK)
        return rc;
    if (to->text.state == TEXT_SET) /* it counts, or it would not be here */
        ret->names |= 1u << f;
    return RC_OK;
}

static void read_employee_custom(json custom, struct arena *a, struct employee *ret) {
    json key, value;
    ret->custom = ARENA_NEW(a, struct employee_custom, json_size(custom) + 1);
    for (struct json_iter it = json_iter(custom); json_next(&it, &key, &value);) {
        struct employee_custom *c = &ret->custom[ret->custom_n++];
        const char *s = NULL;
        size_t len = 0;
        c->key = json_str(key, &s, &len) ? text_from(s, len) : TEXT_NONE;
        c->value = json_str(value, &s, &len) ? text_from(s, len) : TEXT_NONE;
    }
}

enum rc_code stored_employee_read(json v, struct arena *a, struct employee *ret,
                                  struct rc_error *err) {
    static const char where[] = "stored employee";
    enum rc_code rc;
    json key, value;
    int at = 0;
    memset(ret, 0, sizeof *ret);
    if (json_type(v) != JSON_OBJECT)
        return rc_fail(err, RC_FATAL, "%s: no object", where);
    if ((rc = read_text(json_get(v, "source_id"), "source_id", where, &ret->source_id, err)) !=
        RC_OK)
        return rc;
    for (struct json_iter it = json_iter(v); json_next(&it, &key, &value);) {
        int i = which(key, employee_name_at, EMPLOYEE_FIELDS_N, &at);
        if (i < 0)
            continue;
        if (json_type(value) == JSON_OBJECT)
            rc = read_group(value, (enum employee_field)i, where, ret, err);
        else
            rc = read_text(value, employee_name_at(i), where, &ret->fields[i].text, err);
        if (rc != RC_OK)
            return rc;
    }
    read_employee_custom(json_get(v, "custom"), a, ret);
    return RC_OK;
}

static const char *custom_name(struct arena *a, const char *s, size_t len) {
    enum { PREFIX = sizeof USER_CUSTOM_PREFIX - 1 };
    char *name = arena_alloc(a, PREFIX + len + 1);
    memcpy(name, USER_CUSTOM_PREFIX, PREFIX);
    memcpy(name + PREFIX, s, len);
    name[PREFIX + len] = '\0';
    return name;
}

static enum rc_code read_user_custom(json custom, struct arena *a, struct user *ret,
                                     struct rc_error *err) {
    json key, value;
    struct user_custom *list = NULL;
    size_t most = json_size(custom);
    if (most > 0)
        list = arena_alloc(a, most * sizeof *list);
    for (struct json_iter it = json_iter(custom); json_next(&it, &key, &value);) {
        const char *s = NULL;
        size_t len = 0;
        struct user_custom *c = &list[ret->custom_n++];
        (void)json_str(key, &s, &len);
        c->name = custom_name(a, s, len);
        enum rc_code rc = read_text(value, c->name, "stored user", &c->value, err);
        if (rc != RC_OK)
            return rc;
    }
    ret->custom = list;
    return RC_OK;
}

enum rc_code stored_user_read(json v, struct arena *a, struct user *ret, struct rc_error *err) {
    static const char where[] = "stored user";
    enum rc_code rc;
    json key, value;
    int at = 0;
    memset(ret, 0, sizeof *ret);
    if (json_type(v) != JSON_OBJECT)
        return rc_fail(err, RC_FATAL, "%s: no object", where);
    for (struct json_iter it = json_iter(v); json_next(&it, &key, &value);) {
        int i = which(key, user_name_at, USER_FIELDS_N, &at);
        if (i >= 0 &&
            (rc = read_text(value, user_name_at(i), where, &ret->fields[i], err)) != RC_OK)
            return rc;
    }
    json custom = json_get(v, "custom");
    if (json_type(custom) == JSON_MISSING)
        return RC_OK;
    if (json_type(custom) != JSON_OBJECT)
        return rc_fail(err, RC_FATAL, "stored user: custom is no object");
    return read_user_custom(custom, a, ret, err);
}
