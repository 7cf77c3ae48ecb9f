/* params.h - what a client sent: the query, and a body as JSON, form or multipart, in one tree.
 *
 * Shape:  names with brackets nest as Rails has it: a[]=1 makes a list, a[b]=1 an object,
 *         a[][b]=1 a list of objects, where the next one begins when a name comes again. The body
 *         counts before the query.
 * Memory: everything lies in the arena.
 * Errors: RC_INVALID when the body cannot be read; the text is what the API answers. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/date.h"
#include "base/error.h"
#include "base/text.h"

enum { PARAMS_MAX = 20000, PARAM_KEYS_MAX = 4000, PARAMS_DEEP = 12 };
enum value_kind { VALUE_NULL, VALUE_TEXT, VALUE_NUMBER, VALUE_BOOL, VALUE_LIST, VALUE_OBJECT };
struct value {
    enum value_kind kind;
    const char *key;  /* in an object */
    const char *text; /* TEXT; NUMBER and BOOL as they were written */
    size_t len;
    struct value *first, *last, *next;
};

/* content_type may be NULL: then as if it were a form. RC_NOT_FOUND: a type that is not taken. */
enum rc_code params_read(struct arena *a, const char *query, const char *content_type,
                         const char *body, size_t body_bytes, struct value **ret,
                         struct rc_error *err);
const struct value *value_get(const struct value *object, const char *key); /* NULL is an answer */

size_t value_count(const struct value *list); /* of a list or object */

/* Each answers false when the value is not of that kind; "" and null are what the caller asked
 * about before. */
bool value_text(const struct value *v, struct text *ret); /* null and "" are EMPTY */
bool value_is_empty(const struct value *v);               /* null, or a text without a byte */
bool value_number(const struct value *v, uint64_t *ret);  /* from 0; digits in a text too */
bool value_bool(const struct value *v, bool *ret);        /* true, "true", "1", "on", "yes", ... */
bool value_date(const struct value *v, date_days *ret);
