#include "sandbox/learnamp/params.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "json/json.h"
#include "sandbox/sandbox.h"

struct tree {
    struct arena *arena;
    size_t values_n, keys_n; /* made so far */
    bool full;               /* something was left out */
};

static struct value *value_new(struct tree *t, enum value_kind kind, const char *text, size_t len) {
    struct value *v = arena_zalloc(t->arena, sizeof *v);
    t->full = t->full || ++t->values_n > PARAMS_MAX;
    *v = (struct value){ .kind = kind, .text = text, .len = len };
    return v;
}

/* Members are looked for one by one: a body with very many of them is refused before that hurts. */
static bool may_have_key(struct tree *t) {
    t->full = t->full || ++t->keys_n > PARAM_KEYS_MAX;
    return !t->full;
}

static void append(struct value *parent, struct value *child) {
    *(parent->last ? &parent->last->next : &parent->first) = child;
    parent->last = child;
}

static struct value *find(const struct value *object, const char *key, size_t len) {
    if (object == NULL || object->kind != VALUE_OBJECT)
        return NULL;
    for (struct value *v = object->first; v != NULL; v = v->next)
        if (strlen(v->key) == len && memcmp(v->key, key, len) == 0)
            return v;
    return NULL;
}

const struct value *value_get(const struct value *object, const char *key) {
    return find(object, key, strlen(key));
}

/* ---- JSON ---- */

static struct value *from_json(struct tree *t, json j, unsigned depth) {
    const char *text = "";
    char digits[40];
    size_t len = 0;
    int64_t number;
    double real;
    bool on;
    json key, one;
    if (depth > PARAMS_DEEP || t->full)
        return NULL;
    switch (json_type(j)) {
    case JSON_STRING:
        json_str(j, &text, &len);
        return value_new(t, VALUE_TEXT, arena_str(t->arena, text, len), len);
    case JSON_BOOL:
        json_bool(j, &on);
        return value_new(t, VALUE_BOOL, on ? "true" : "false", on ? 4 : 5);
    case JSON_INT:
    case JSON_REAL:
        if (json_int(j, &number))
            snprintf(digits, sizeof digits, "%lld", (long long)number);
        else if (json_real(j, &real))
            snprintf(digits, sizeof digits, "%.17g", real);
        else
            return NULL;
        return value_new(t, VALUE_NUMBER, arena_str(t->arena, digits, strlen(digits)),
                         strlen(digits));
    case JSON_ARRAY:
    case JSON_OBJECT: break;
    default: return value_new(t, VALUE_NULL, "", 0);
    }
    struct value *v = value_new(t, json_type(j) == JSON_ARRAY ? VALUE_LIST : VALUE_OBJECT, "", 0),
                 *child;
    for (struct json_iter it = json_iter(j); json_next(&it, &key, &one);) {
        if ((child = from_json(t, one, depth + 1)) == NULL)
            return NULL;
        if (key != NULL && json_str(key, &text, &len)) {
            if (!may_have_key(t))
                return NULL;
            if (find(v, text, len) != NULL) /* of a key that comes twice the first counts */
                continue;
            child->key = arena_str(t->arena, text, len);
        }
        append(v, child);
    }
    return v;
}

static bool read_json(struct tree *t, const char *body, size_t len, struct value *root) {
    struct json_reader *reader = json_reader_new(1 << 21);
    struct value *v = NULL;
    json j;
    if (json_parse_copy(reader, body, len, &j, NULL) == RC_OK)
        v = from_json(t, j, 0);
    json_reader_free(reader);
    if (v != NULL && v->kind == VALUE_OBJECT) /* nothing else carries parameters */
        *root = *v;
    return v != NULL;
}

/* ---- names with brackets ---- */

/* The next piece of "a[b][]": false at the end, or when the brackets are not right. */
static bool piece(const char **at, const char **ret, size_t *ret_len) {
    const char *p = *at;
    if (*p != '[')
        return false;
    *ret = ++p;
    *ret_len = strcspn(p, "[]");
    if (p[*ret_len] != ']')
        return false;
    *at = p + *ret_len + 1;
    return true;
}

static struct value *child_of(struct tree *t, struct value *object, const char *key, size_t len) {
    struct value *v = find(object, key, len);
    if (v == NULL) {
        v = value_new(t, VALUE_NULL, "", 0);
        v->key = arena_str(t->arena, key, len);
        append(object, v);
    }
    return v;
}

/* Makes an empty place into a list or an object; false when something else stands there. */
static bool becomes(struct value *v, enum value_kind kind) {
    if (v->kind == VALUE_NULL && v->first == NULL)
        v->kind = kind;
    return v->kind == kind;
}

/* The object of a list that takes `key`: the last one, unless it has that key. */
static struct value *element(struct tree *t, struct value *list, const char *key, size_t len,
                             bool is_last) {
    struct value *last = list->last;
    if (last == NULL || last->kind != VALUE_OBJECT || (is_last && find(last, key, len) != NULL)) {
        last = value_new(t, VALUE_OBJECT, "", 0);
        append(list, last);
    }
    return last;
}

static void put(struct tree *t, struct value *root, const char *name, const char *text,
                size_t len) {
    size_t key_n = strcspn(name, "["), depth = 0, next_n;
    const char *rest = name + key_n, *key = name, *next;
    struct value *at = root;
    if (key_n == 0 || !may_have_key(t))
        return;
    at = child_of(t, at, key, key_n);
    while (piece(&rest, &next, &next_n)) {
        if (++depth > PARAMS_DEEP)
            return;
        if (next_n > 0) {
            if (!becomes(at, VALUE_OBJECT))
                return;
            at = child_of(t, at, next, next_n);
        } else if (!becomes(at, VALUE_LIST)) {
            return;
        } else if (*rest == '[' && rest[1] != ']') { /* a list of objects */
            const char *ahead = rest;
            if (!piece(&ahead, &next, &next_n))
                return;
            at = child_of(t, element(t, at, next, next_n, *ahead == '\0'), next, next_n);
            rest = ahead;
        } else {
            struct value *v = value_new(t, VALUE_NULL, "", 0);
            append(at, v);
            at = v;
        }
    }
    if (*rest != '\0' || at->kind == VALUE_LIST || at->kind == VALUE_OBJECT)
        return;
    at->kind = VALUE_TEXT;
    at->text = text;
    at->len = len;
}

/* ---- forms ---- */

static void read_form(struct tree *t, const char *bytes, size_t len, struct value *root) {
    const char *at = bytes, *end = bytes + len;
    while (at < end) {
        const char *amp = memchr(at, '&', (size_t)(end - at)), *stop = amp ? amp : end;
        const char *equals = memchr(at, '=', (size_t)(stop - at)),
                   *name_end = equals ? equals : stop;
        const char *name = form_decoded(t->arena, at, (size_t)(name_end - at));
        const char *text =
            equals ? form_decoded(t->arena, equals + 1, (size_t)(stop - equals - 1)) : "";
        put(t, root, name, text, strlen(text));
        at = stop + 1;
    }
}

/* What stands behind `mark` up to a quote, ';' or the end of the line; NULL when it is not there. */
static char *quoted_after(struct arena *a, const char *head, size_t len, const char *mark) {
    const char *at = memmem(head, len, mark, strlen(mark)), *end = head + len;
    if (at == NULL)
        return NULL;
    at += strlen(mark);
    bool quoted = at < end && *at == '"';
    at += quoted;
    size_t n = 0;
    while (at + n < end && at[n] != '\r' && at[n] != '\n' && at[n] != (quoted ? '"' : ';'))
        n++;
    return arena_str(a, at, n);
}

/* RFC 7578: parts between lines of "--boundary". Files are passed over: the API takes none. */
static bool read_multipart(struct tree *t, const char *type, const char *body, size_t len,
                           struct value *root) {
    const char *boundary = quoted_after(t->arena, type, strlen(type), "boundary=");
    if (boundary == NULL || *boundary == '\0' || strlen(boundary) > 200)
        return false;
    const char *mark = arena_printf(t->arena, "--%s", boundary), *end = body + len;
    size_t mark_n = strlen(mark);
    const char *at = memmem(body, len, mark, mark_n);
    while (at != NULL) {
        at += mark_n;
        if (end - at >= 2 && memcmp(at, "--", 2) == 0)
            return true;
        const char *head = at, *blank = memmem(at, (size_t)(end - at), "\r\n\r\n", 4);
        if (blank == NULL)
            return false;
        const char *value = blank + 4, *next = memmem(value, (size_t)(end - value), mark, mark_n);
        if (next == NULL || next - value < 2)
            return false;
        size_t head_n = (size_t)(blank - head), value_n = (size_t)(next - value) - 2;
        const char *name = quoted_after(t->arena, head, head_n, " name=");
        if (name == NULL)
            name = quoted_after(t->arena, head, head_n, ";name=");
        if (name != NULL && memmem(head, head_n, "filename=", 9) == NULL)
            put(t, root, name, arena_str(t->arena, value, value_n), value_n);
        at = next;
    }
    return len == 0;
}

static bool type_is(const char *type, const char *want) {
    size_t n = strlen(want);
    return strncasecmp(type, want, n) == 0 && (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

static bool all_utf8(const struct value *v, unsigned depth) {
    for (const struct value *c = v->first; c != NULL && depth <= 2 * PARAMS_DEEP; c = c->next)
        if ((c->key != NULL && !text_is_utf8(c->key, strlen(c->key))) ||
            !text_is_utf8(c->text, c->len) || !all_utf8(c, depth + 1))
            return false;
    return true;
}

/* Of the query only what the body does not have. */
static void add_query(struct tree *t, const char *query, struct value *root) {
    struct value *asked = value_new(t, VALUE_OBJECT, "", 0), *next;
    read_form(t, query, strlen(query), asked);
    for (struct value *v = asked->first; v != NULL; v = next) {
        next = v->next;
        v->next = NULL;
        if (find(root, v->key, strlen(v->key)) == NULL)
            append(root, v);
    }
}

enum rc_code params_read(struct arena *a, const char *query, const char *content_type,
                         const char *body, size_t body_bytes, struct value **ret,
                         struct rc_error *err) {
    struct tree t = { .arena = a };
    struct value *root = value_new(&t, VALUE_OBJECT, "", 0);
    const char *type = content_type ? content_type : "application/x-www-form-urlencoded";
    if (body_bytes > 0 && type_is(type, "application/json")) {
        if (!read_json(&t, body, body_bytes, root) && !t.full)
            return rc_fail(err, RC_INVALID, "message body does not match declared format");
    } else if (body_bytes > 0 && type_is(type, "multipart/form-data")) {
        if (!read_multipart(&t, type, body, body_bytes, root))
            return rc_fail(err, RC_INVALID, "bad content body");
    } else if (body_bytes > 0 && type_is(type, "application/x-www-form-urlencoded")) {
        read_form(&t, body, body_bytes, root);
    } else if (body_bytes > 0) {
        return rc_fail(err, RC_NOT_FOUND, "The provided content-type '%.80s' is not supported.",
                       type);
    }
    add_query(&t, query, root);
    if (t.full)
        return rc_fail(err, RC_INVALID, "too many parameters");
    if (!all_utf8(root, 0))
        return rc_fail(err, RC_INVALID, "invalid byte sequence in UTF-8");
    *ret = root;
    return RC_OK;
}

/* ---- values ---- */

size_t value_count(const struct value *list) {
    size_t n = 0;
    for (const struct value *v = list->first; v != NULL; v = v->next)
        n++;
    return n;
}

bool value_is_empty(const struct value *v) {
    return v == NULL || v->kind == VALUE_NULL || (v->kind == VALUE_TEXT && v->len == 0);
}

bool value_text(const struct value *v, struct text *ret) {
    if (v->kind == VALUE_LIST || v->kind == VALUE_OBJECT ||
        (v->len > 0 && memchr(v->text, '\0', v->len) != NULL))
        return false;
    *ret = text_from(v->text, v->len);
    return true;
}

bool value_number(const struct value *v, uint64_t *ret) {
    uint64_t n = 0;
    if ((v->kind != VALUE_NUMBER && v->kind != VALUE_TEXT) || v->len == 0 || v->len > 18)
        return false;
    for (size_t i = 0; i < v->len; i++) {
        if (v->text[i] < '0' || v->text[i] > '9')
            return false;
        n = n * 10 + (uint64_t)(v->text[i] - '0');
    }
    *ret = n;
    return true;
}

bool value_bool(const struct value *v, bool *ret) {
    static const char *const words[] = { "true",  "1", "on",  "t", "yes", "y",
                                         "false", "0", "off", "f", "no",  "n" };
    if (v->kind != VALUE_BOOL && v->kind != VALUE_TEXT && v->kind != VALUE_NUMBER)
        return false;
    for (size_t i = 0; i < RC_LEN(words); i++)
        if (strcasecmp(words[i], v->text) == 0) {
            *ret = i < RC_LEN(words) / 2;
            return true;
        }
    return false;
}

bool value_date(const struct value *v, date_days *ret) {
    return v->kind == VALUE_TEXT && date_parse(v->text, v->len, ret, NULL) == RC_OK;
}
