/* stored_p.h - shared by stored_account.c and stored_decision.c: the values of which both are made, read and
 * written (stored_value.c).
 *
 * Errors: RC_FATAL, naming the key, for what we do not write. A missing key is never an error. */
#pragma once
#include "people/stored_account.h"

/* What is read: its name for messages, and where what is read goes. */
struct stored_source {
    const char *where;
    struct arena *a;
    struct rc_error *err;
};

/* The members of an object by their keys, each the first of its name; NULL: missing. */
void stored_members(json object, const char *const *keys, int n, json *ret);
enum rc_code stored_damaged(const struct stored_source *s, const char *key, const char *what);
/* NULL, or of that type. */
enum rc_code stored_container(const struct stored_source *s, const char *key, json v,
                              enum json_type type);
enum rc_code stored_text(const struct stored_source *s, const char *key, json v, struct text *ret);
/* A word of ours that ends with NUL; no key is NULL. */
enum rc_code stored_word(const struct stored_source *s, const char *key, json v, const char **ret);
/* No key: fallback. */
enum rc_code stored_int(const struct stored_source *s, const char *key, json v, int64_t least,
                        int64_t most, int64_t fallback, int64_t *ret);
enum rc_code stored_day(const struct stored_source *s, const char *key, json v, date_days *ret);
enum rc_code stored_bool(const struct stored_source *s, const char *key, json v, bool *ret);
/* One of n names; no key is the first. */
enum rc_code stored_name(const struct stored_source *s, const char *key, json v,
                         const char *(*name)(int), int n, int *ret);

/* Names by number, for stored_name() and stored_put_name(). */
const char *stored_status(int i);
const char *stored_sticky(int i);
const char *stored_mail(int i);
const char *stored_approval(int i);
const char *stored_wait(int i);
const char *stored_user_name(int i);

/* Nothing for zero, DATE_NONE and false. */
void stored_put_name(struct json_writer *w, const char *key, const char *(*name)(int), int i);
void stored_put_day(struct json_writer *w, const char *key, date_days day);
void stored_put_true(struct json_writer *w, const char *key, bool is);

/* A field that is to be set, as an object of a list. */
void stored_field_write(struct json_writer *w, const struct decide_field *f);
enum rc_code stored_field_read(const struct stored_source *s, json v, struct decide_field *ret);
