/* json.h - reading JSON of one document at a time, with paths in messages; and writing it.
 *
 * Shape:  a struct json is a value borrowed from its document. Reading is typed: json_text() of a
 *         number is RC_INVALID and says where. A missing member is NULL, which every function here
 *         takes.
 * Memory: a reader owns the memory of its document and uses it again for the next; values and texts
 *         live until then. Parsing is in place: the bytes given are changed.
 * Errors: RC_INVALID with offset or path. A document over max_bytes is refused before it is parsed.
 *         Bytes that are not UTF-8 and anything behind the document are errors, and so are numbers
 *         no double can hold. Messages never quote the document. Duplicate keys: json_get() takes
 *         the first, json_next() shows all. The writer has no errors: look at buf.full when done.
 * Threads: a document may be read by another thread than the one that parsed it, one at a time.
 * Source: RFC 8259. This folder alone sees yyjson. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"

/* ---- reading ---- */

struct json_reader;                    /* one document and its memory */
typedef const struct json_value *json; /* NULL: missing */

enum json_type {
    JSON_MISSING,
    JSON_NULL,
    JSON_BOOL,
    JSON_INT,
    JSON_REAL,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json_reader *json_reader_new(size_t max_bytes);
void json_reader_free(struct json_reader *r);
RC_CLEANUP_FN(struct json_reader, json_reader_free)

#define JSON_PADDING 4 /* bytes that must be writable behind the document; they are overwritten */
/* Parses bytes[0 .. len-1] in place; bytes[len .. len+JSON_PADDING-1] must be writable. */
enum rc_code json_parse(struct json_reader *r, char *bytes, size_t len, json *ret,
                        struct rc_error *err);
/* The same over a copy that the reader owns. */
enum rc_code json_parse_copy(struct json_reader *r, const char *bytes, size_t len, json *ret,
                             struct rc_error *err);

enum json_type json_type(json v);
const char *
json_type_name(enum json_type type); /* as in "is a number": "missing", "null", "an object" ... */
json json_get(json object, const char *key); /* NULL when missing, or when it is not an object */
json json_at(json object, const char *const *path); /* NULL-terminated keys, from the outside in */
size_t json_size(json v);                           /* members of an array or object, else 0 */
bool json_str(json v, const char **ret, size_t *ret_len); /* false when not a string */
/* An integer in range, or a string that holds one and nothing else ("007" is none). */
bool json_int(json v, int64_t *ret);
bool json_bool(json v, bool *ret);
bool json_real(json v, double *ret); /* any number */

/* Iteration: struct json_iter it = json_iter(v); while (json_next(&it, &key, &value)) ... key is
 * NULL for arrays. */
struct json_iter {
    const void *cur;
    size_t left;
    bool object;
};
struct json_iter json_iter(json v);
bool json_next(struct json_iter *it, json *ret_key, json *ret_value);

/* A document of ours (settings, stored people): the value at key as text; null and "" are empty, no
 * key is missing. RC_INVALID when it is neither string nor null; `where` names the document in the
 * message. */
enum rc_code json_text(json object, const char *key, const char *where, struct text *ret,
                       struct rc_error *err);

/* Any value appended as JSON text, compact, in the order in which it came; however deep it nests.
 * Missing: nothing. */
void json_dump(json v, struct buf *ret);

/* ---- comparing ---- whether a text is what the writer below writes, without writing it. Each call
 * moves on behind what is as it should be; false: it is not, and the rest means nothing. */
struct json_match {
    const char *at;
    size_t left; /* 0 in the end: that was all of the text */
    bool comma;
};
bool json_match_object(struct json_match *m, const char *key);
bool json_match_object_end(struct json_match *m);
bool json_match_text(struct json_match *m, const char *key, struct text t);

/* ---- writing ---- compact, keys in the order given; strings escaped as RFC 8259 asks and no more.
 * What is written can be read: a byte that is not UTF-8 becomes U+FFFD, a number that is not finite
 * null. */

struct json_writer {
    struct buf *out;
    bool comma;
};
void json_begin(struct json_writer *w, struct buf *out);
void json_object(struct json_writer *w,
                 const char *key); /* key is NULL inside arrays and at the top */
void json_object_end(struct json_writer *w);
void json_array(struct json_writer *w, const char *key);
void json_array_end(struct json_writer *w);
void json_put_str(struct json_writer *w, const char *key, const char *s, size_t len);
void json_put_cstr(struct json_writer *w, const char *key, const char *s); /* NULL is null */
void json_put_text(struct json_writer *w, const char *key,
                   struct text t); /* missing: nothing is written; empty: null */
void json_put_int(struct json_writer *w, const char *key, int64_t v);
void json_put_real(struct json_writer *w, const char *key, double v);
void json_put_bool(struct json_writer *w, const char *key, bool v);
void json_put_null(struct json_writer *w, const char *key);
void json_put_raw(struct json_writer *w, const char *key, const char *json_text, size_t len);
void json_put_value(struct json_writer *w, const char *key,
                    json v); /* as json_dump(); missing: nothing is written */

/* ---- for people ---- of what is JSON already */

/* Compact JSON over several lines, two blanks a level; what is short and holds nothing else stays on one
 * line. The same JSON, the same bytes. */
void json_indent(const char *bytes, size_t len, struct buf *ret);
/* On which line, from 1, the key stands that the keys lead to from the outside in, NULL behind the last; 0:
 * nowhere. */
unsigned json_line(const char *bytes, size_t len, const char *const *path);
