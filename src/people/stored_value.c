#include "people/stored_p.h"

#include <string.h>

/* ---- reading ---- */

enum rc_code stored_damaged(const struct stored_source *s, const char *key, const char *what) {
    return rc_fail(s->err, RC_FATAL, "%s: %s is %s", s->where, key, what);
}

static bool is_called(const char *name, const char *s, size_t len) {
    size_t i = 0;
    while (i < len && name[i] != '\0' && name[i] == s[i])
        i++;
    return i == len && name[i] == '\0';
}

/* They are written in the order of the keys: the search goes on where the last one was found, so that all of them
 * cost one walk. */
void stored_members(json object, const char *const *keys, int n, json *ret) {
    json key, value;
    int at = 0;
    memset(ret, 0, (size_t)n * sizeof *ret);
    for (struct json_iter it = json_iter(object); json_next(&it, &key, &value);) {
        const char *s = "";
        size_t len = 0;
        (void)json_str(key, &s, &len);
        for (int tried = 0; tried < n; tried++) {
            int i = at + tried < n ? at + tried : at + tried - n;
            if (!is_called(keys[i], s, len))
                continue;
            if (ret[i] == NULL)
                ret[i] = value;
            at = i + 1 < n ? i + 1 : 0;
            break;
        }
    }
}

enum rc_code stored_text(const struct stored_source *s, const char *key, json v, struct text *ret) {
    const char *bytes = NULL;
    size_t len = 0;
    if (json_str(v, &bytes, &len))
        *ret = text_copy(s->a, text_from(bytes, len));
    else if (v == NULL || json_type(v) == JSON_NULL)
        *ret = v == NULL ? (struct text){ 0 } : TEXT_NONE;
    else
        return stored_damaged(s, key, "no text");
    return RC_OK;
}

enum rc_code stored_name(const struct stored_source *s, const char *key, json v,
                         const char *(*name)(int), int n, int *ret) {
    const char *word = NULL;
    size_t len = 0;
    *ret = 0;
    if (v == NULL)
        return RC_OK;
    if (json_str(v, &word, &len))
        for (int i = 0; i < n; i++)
            if (name(i) != NULL && is_called(name(i), word, len)) {
                *ret = i;
                return RC_OK;
            }
    return stored_damaged(s, key, "a word that means nothing");
}

enum rc_code stored_int(const struct stored_source *s, const char *key, json v, int64_t least,
                        int64_t most, int64_t fallback, int64_t *ret) {
    *ret = fallback;
    if (v == NULL)
        return RC_OK;
    if (json_type(v) != JSON_INT || !json_int(v, ret) || *ret < least || *ret > most)
        return stored_damaged(s, key, "no number, or out of range");
    return RC_OK;
}

enum rc_code stored_day(const struct stored_source *s, const char *key, json v, date_days *ret) {
    int64_t day;
    enum rc_code rc = stored_int(s, key, v, INT32_MIN + 1, INT32_MAX, DATE_NONE, &day);
    if (rc == RC_OK)
        *ret = (date_days)day;
    return rc;
}

enum rc_code stored_bool(const struct stored_source *s, const char *key, json v, bool *ret) {
    *ret = false;
    if (v != NULL && !json_bool(v, ret))
        return stored_damaged(s, key, "neither true nor false");
    return RC_OK;
}

enum rc_code stored_container(const struct stored_source *s, const char *key, json v,
                              enum json_type type) {
    if (v != NULL && json_type(v) != type)
        return stored_damaged(s, key, type == JSON_ARRAY ? "no list" : "no object");
    return RC_OK;
}

/* ---- enums by number ---- */

const char *stored_status(int i) {
    return account_status_name((enum account_status)i);
}
const char *stored_sticky(int i) {
    return account_sticky_name((enum account_sticky)i);
}
const char *stored_mail(int i) {
    return account_mail_name((enum account_mail)i);
}
const char *stored_approval(int i) {
    return account_approval_name((enum account_approval)i);
}
const char *stored_wait(int i) {
    return decide_wait_name((enum decide_wait)i);
}
const char *stored_user_name(int i) {
    return user_field_name((enum user_field)i);
}
static const char *does_name(int i) {
    static const char *const names[] = {
        [DECIDE_FIELD_STAYS] = "stays",
        [DECIDE_FIELD_AWAITS] = "awaits",
        [DECIDE_FIELD_SENDS] = "sends",
    };
    return names[i];
}

/* ---- writing ---- */

void stored_put_name(struct json_writer *w, const char *key, const char *(*name)(int), int i) {
    if (i != 0)
        json_put_cstr(w, key, name(i));
}

void stored_put_day(struct json_writer *w, const char *key, date_days day) {
    if (day != DATE_NONE)
        json_put_int(w, key, day);
}

void stored_put_true(struct json_writer *w, const char *key, bool is) {
    if (is)
        json_put_bool(w, key, true);
}

/* ---- a field that is to be set ---- */

void stored_field_write(struct json_writer *w, const struct decide_field *f) {
    json_object(w, NULL);
    if (f->field < USER_FIELDS_N)
        json_put_cstr(w, "field", user_field_name(f->field));
    else
        json_put_text(w, "name", f->name);
    stored_put_name(w, "does", does_name, (int)f->does);
    stored_put_name(w, "waits", stored_wait, (int)f->waits);
    json_put_text(w, "from", f->from);
    json_put_text(w, "to", f->to);
    json_put_text(w, "code", text_of(f->code));
    if (f->code == NULL || strcmp(f->code, DECIDE_HR_STATES) != 0) /* else: decide_field_says() */
        json_put_text(w, "sentence", f->sentence);
    json_object_end(w);
}

enum rc_code stored_word(const struct stored_source *s, const char *key, json v, const char **ret) {
    const char *bytes = NULL;
    size_t len = 0;
    if (json_str(v, &bytes, &len))
        *ret = arena_str(s->a, bytes, len);
    else if (v == NULL || json_type(v) == JSON_NULL)
        *ret = v == NULL ? NULL : "";
    else
        return stored_damaged(s, key, "no text");
    return RC_OK;
}

enum rc_code stored_field_read(const struct stored_source *s, json v, struct decide_field *ret) {
    enum { FIELD, NAME, DOES, WAITS, FROM, TO, CODE, SENTENCE, N };
    static const char *const keys[N] = { "field", "name", "does", "waits",
                                         "from",  "to",   "code", "sentence" };
    int field = USER_FIELDS_N, does = 0, waits = 0;
    json of[N];
    enum rc_code rc;
    if (json_type(v) != JSON_OBJECT)
        return stored_damaged(s, "fields", "a list of something else");
    stored_members(v, keys, N, of);
    if (of[FIELD] != NULL) {
        if ((rc = stored_name(s, keys[FIELD], of[FIELD], stored_user_name, USER_FIELDS_N,
                              &field)) != RC_OK)
            return rc;
        ret->name = text_of(stored_user_name(field));
    } else if ((rc = stored_text(s, keys[NAME], of[NAME], &ret->name)) != RC_OK) {
        return rc;
    }
    if ((rc = stored_name(s, keys[DOES], of[DOES], does_name, DECIDE_FIELD_SENDS + 1, &does)) !=
            RC_OK ||
        (rc = stored_name(s, keys[WAITS], of[WAITS], stored_wait, DECIDE_WAITS_N, &waits)) !=
            RC_OK ||
        (rc = stored_text(s, keys[FROM], of[FROM], &ret->from)) != RC_OK ||
        (rc = stored_text(s, keys[TO], of[TO], &ret->to)) != RC_OK ||
        (rc = stored_word(s, keys[CODE], of[CODE], &ret->code)) != RC_OK ||
        (rc = stored_text(s, keys[SENTENCE], of[SENTENCE], &ret->sentence)) != RC_OK)
        return rc;
    ret->field = (enum user_field)field;
    if (ret->sentence.state == TEXT_MISSING && ret->code != NULL)
        ret->sentence = decide_field_says(ret, s->a);
    ret->does = (enum decide_field_does)does;
    ret->waits = (enum decide_wait)waits;
    return RC_OK;
}
