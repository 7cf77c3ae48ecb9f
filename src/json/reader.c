/* reader.c - documents parsed in place; a `json` is a yyjson value seen through an opaque pointer.
 *
 * yyjson lays a document out as one array of 16-byte values in document order: a container, then
 * its members (in objects key, value, key, value ...). A container knows how many members it has
 * and where the next value behind it stands, so that iterating is adding, and nothing here recurses
 * however deep a document nests.
 *
 * Memory of a document: up to POOL_BYTES_MAX of text the values go to a pool that cannot run out,
 * because it is as large as the worst text of that length needs (12 bytes a byte), and that only
 * pays for what is touched. For larger ones that bound would be wasteful; they grow on the heap,
 * and are given back before the next document. */
#include "json/json.h"
#include <string.h>
#include <yyjson.h>

#define POOL_BYTES_MIN ((size_t)1 << 10)
#define POOL_BYTES_MAX ((size_t)2 << 20)

_Static_assert(JSON_PADDING >= YYJSON_PADDING_SIZE, "yyjson writes behind the document");

struct json_reader {
    size_t max_bytes;
    char *pool; /* NULL before the first document */
    size_t pool_bytes;
    char *copy; /* of json_parse_copy() */
    size_t copy_bytes;
    yyjson_doc *heap_doc; /* a document that is not in the pool */
};

static yyjson_val *val_of(json v) {
    return (yyjson_val *)v; /* yyjson reads only, but its interface does not say so */
}

static json json_of(const yyjson_val *v) {
    return (json)(const void *)v;
}

/* ---- memory ---- */

static void *heap_malloc(void *ctx, size_t bytes) {
    (void)ctx;
    return mem_alloc(bytes);
}

static void *heap_realloc(void *ctx, void *p, size_t old_bytes, size_t bytes) {
    (void)ctx, (void)old_bytes;
    return mem_realloc(p, bytes);
}

static void heap_free(void *ctx, void *p) {
    (void)ctx;
    mem_free(p);
}

struct json_reader *json_reader_new(size_t max_bytes) {
    struct json_reader *r = mem_zalloc(sizeof *r);
    r->max_bytes = max_bytes;
    return r;
}

void json_reader_free(struct json_reader *r) {
    if (r == NULL)
        return;
    yyjson_doc_free(r->heap_doc);
    mem_free(r->pool);
    mem_free(r->copy);
    mem_free(r);
}

/* The next size in a row of doublings, so that a reader whose documents grow slowly settles. */
static size_t round_up(size_t bytes) {
    size_t to = POOL_BYTES_MIN;
    while (to < bytes && to <= SIZE_MAX / 2)
        to *= 2;
    return to < bytes ? bytes : to;
}

/* What stood there is gone afterwards: nobody may hold values of the last document while the next
 * is parsed. */
static yyjson_alc alc_for(struct json_reader *r, size_t len) {
    yyjson_alc alc = { heap_malloc, heap_realloc, heap_free, NULL };
    if (len > POOL_BYTES_MAX)
        return alc;
    size_t need = yyjson_read_max_memory_usage(round_up(len), YYJSON_READ_INSITU);
    if (need > r->pool_bytes) {
        mem_free(r->pool);
        r->pool = mem_alloc(need);
        r->pool_bytes = need;
    }
    if (!yyjson_alc_pool_init(&alc, r->pool, r->pool_bytes))
        rc_die("json: a pool of %zu bytes is too small", r->pool_bytes);
    return alc;
}

/* ---- parsing ---- */

enum rc_code json_parse(struct json_reader *r, char *bytes, size_t len, json *ret,
                        struct rc_error *err) {
    yyjson_read_err why = { 0 };
    yyjson_doc_free(r->heap_doc);
    r->heap_doc = NULL;
    if (len > r->max_bytes)
        return rc_fail(err, RC_INVALID, "JSON of %zu bytes, at most %zu are accepted", len,
                       r->max_bytes);
    if (len == 0)
        return rc_fail(err, RC_INVALID, "not JSON: the document is empty");
    memset(bytes + len, 0, JSON_PADDING); /* yyjson stops at a NUL, and would read on without one */
    yyjson_alc alc = alc_for(r, len);
    yyjson_doc *doc = yyjson_read_opts(bytes, len, YYJSON_READ_INSITU, &alc, &why);
    if (doc == NULL && why.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION && len <= POOL_BYTES_MAX)
        return rc_fail(err, RC_INVALID, /* more values than closing brackets could follow */
                       "not JSON: %zu bytes that nest and do not end", len);
    if (doc == NULL && why.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
        rc_die("json: no memory for a document of %zu bytes", len);
    if (doc == NULL)
        return rc_fail(err, RC_INVALID, "not JSON at byte %zu of %zu: %s", why.pos, len, why.msg);
    if (len > POOL_BYTES_MAX)
        r->heap_doc = doc;
    *ret = json_of(doc->root);
    return RC_OK;
}

enum rc_code json_parse_copy(struct json_reader *r, const char *bytes, size_t len, json *ret,
                             struct rc_error *err) {
    if (len <= r->max_bytes && len + JSON_PADDING > r->copy_bytes) {
        mem_free(r->copy);
        r->copy_bytes = round_up(len + JSON_PADDING);
        r->copy = mem_alloc(r->copy_bytes);
    }
    if (len > 0 && len <= r->max_bytes)
        memcpy(r->copy, bytes, len);
    return json_parse(r, r->copy, len, ret, err);
}

/* ---- one value ---- */

enum json_type json_type(json v) {
    if (v == NULL)
        return JSON_MISSING;
    switch (unsafe_yyjson_get_type(val_of(v))) {
    case YYJSON_TYPE_NULL: return JSON_NULL;
    case YYJSON_TYPE_BOOL: return JSON_BOOL;
    case YYJSON_TYPE_STR: return JSON_STRING;
    case YYJSON_TYPE_ARR: return JSON_ARRAY;
    case YYJSON_TYPE_OBJ: return JSON_OBJECT;
    case YYJSON_TYPE_NUM: return unsafe_yyjson_is_real(val_of(v)) ? JSON_REAL : JSON_INT;
    default: rc_die("json: a value of no type"); /* raw values exist only when asked for */
    }
}

const char *json_type_name(enum json_type type) {
    static const char *const names[] = {
        [JSON_MISSING] = "missing", [JSON_NULL] = "null",        [JSON_BOOL] = "true or false",
        [JSON_INT] = "a number",    [JSON_REAL] = "a number",    [JSON_STRING] = "a string",
        [JSON_ARRAY] = "an array",  [JSON_OBJECT] = "an object",
    };
    return names[type];
}

json json_get(json object, const char *key) {
    return json_of(yyjson_obj_get(val_of(object), key));
}

json json_at(json object, const char *const *path) {
    for (; *path != NULL && object != NULL; path++)
        object = json_get(object, *path);
    return object;
}

size_t json_size(json v) {
    return yyjson_is_ctn(val_of(v)) ? unsafe_yyjson_get_len(val_of(v)) : 0;
}

bool json_str(json v, const char **ret, size_t *ret_len) {
    if (!yyjson_is_str(val_of(v)))
        return false;
    *ret = unsafe_yyjson_get_str(val_of(v));
    *ret_len = unsafe_yyjson_get_len(val_of(v));
    return true;
}

/* -?(0|[1-9][0-9]*): "007" is an id that happens to have digits, and reading it as 7 would change
 * it. */
static bool int_from_text(const char *s, size_t len, int64_t *ret) {
    bool negative = len > 0 && s[0] == '-';
    size_t i = negative ? 1 : 0;
    int64_t sum = 0; /* kept negative, because INT64_MIN has no positive twin */
    if (i == len || (s[i] == '0' && len > i + 1))
        return false;
    for (; i < len; i++) {
        if (s[i] < '0' || s[i] > '9' || __builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_sub_overflow(sum, s[i] - '0', &sum))
            return false;
    }
    if (!negative && sum == INT64_MIN)
        return false;
    *ret = negative ? sum : -sum;
    return true;
}

bool json_int(json v, int64_t *ret) {
    const yyjson_val *val = val_of(v);
    if (val == NULL)
        return false;
    switch (val->tag & YYJSON_TAG_MASK) {
    case YYJSON_TYPE_NUM | YYJSON_SUBTYPE_UINT:
        if (val->uni.u64 > INT64_MAX)
            return false;
        *ret = (int64_t)val->uni.u64;
        return true;
    case YYJSON_TYPE_NUM | YYJSON_SUBTYPE_SINT: *ret = val->uni.i64; return true;
    default:
        return yyjson_is_str(val_of(v)) &&
               int_from_text(val->uni.str, unsafe_yyjson_get_len(val_of(v)), ret);
    }
}

bool json_bool(json v, bool *ret) {
    if (!yyjson_is_bool(val_of(v)))
        return false;
    *ret = unsafe_yyjson_get_bool(val_of(v));
    return true;
}

bool json_real(json v, double *ret) {
    if (!yyjson_is_num(val_of(v)))
        return false;
    *ret = yyjson_get_num(val_of(v));
    return true;
}

enum rc_code json_text(json object, const char *key, const char *where, struct text *ret,
                       struct rc_error *err) {
    json v = json_get(object, key);
    const char *s;
    size_t len;
    if (json_str(v, &s, &len))
        *ret = text_from(s, len);
    else if (v == NULL)
        *ret = (struct text){ .state = TEXT_MISSING };
    else if (json_type(v) == JSON_NULL)
        *ret = TEXT_NONE;
    else
        return rc_fail(err, RC_INVALID, "%s: %s is %s, expected a string or null", where, key,
                       json_type_name(json_type(v)));
    return RC_OK;
}

/* ---- many values ---- */

struct json_iter json_iter(json v) {
    const yyjson_val *val = val_of(v);
    if (!yyjson_is_ctn(val_of(v)))
        return (struct json_iter){ 0 };
    return (struct json_iter){ .cur = val + 1, /* behind an empty container: never read */
                               .left = unsafe_yyjson_get_len(val_of(v)),
                               .object = unsafe_yyjson_is_obj(val_of(v)) };
}

bool json_next(struct json_iter *it, json *ret_key, json *ret_value) {
    yyjson_val *val = (yyjson_val *)it->cur;
    if (it->left == 0)
        return false;
    it->left--;
    *ret_key = it->object ? json_of(val++) : NULL;
    *ret_value = json_of(val);
    it->cur = unsafe_yyjson_get_next(val);
    return true;
}
