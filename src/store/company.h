/* company.h - tenants. Every row about people or configuration belongs to exactly one.
 *
 * Errors: RC_NOT_FOUND "company.unknown", RC_CONFLICT "company.exists". */
#pragma once
#include "base/date.h"
#include "store/store.h"

struct company {
    int64_t company_id;
    struct text key, name, zone;
    int64_t created_us;
    int64_t
        suspended_us; /* 0: it is not. Suspended, nothing is read for it and nothing delivered */
    struct text suspended_by, suspended_why;
    struct text sources, destinations; /* names of those it may have, with commas; missing: all */
};
#define COMPANY_ZONE_UNKNOWN "company.zone" /* a name of errors, and so of troubles */
#define COMPANY_NONE         ","            /* of sources or destinations */
/* A key is what people type: 1 to 40 of a-z, 0-9, '-', beginning with a letter or digit. RC_INVALID
 * otherwise. */
enum rc_code company_key_check(const char *key, const char *what, struct rc_error *err);
/* In the current transaction, or one of its own. */
enum rc_code company_add(struct store *st, const char *key, const char *name, const char *zone,
                         int64_t now_us, int64_t *ret_id, struct rc_error *err);
/* And who did so, in its audit: both or neither. */
enum rc_code company_add_by(struct store *st, const char *key, const char *name, const char *zone,
                            const char *who, int64_t now_us, int64_t *ret_id, struct rc_error *err);
/* name, zone, sources, destinations */
enum rc_code company_save(struct store *st, const struct company *co, struct rc_error *err);
/* suspended_* and nothing else. */
enum rc_code company_suspend(struct store *st, const struct company *co, struct rc_error *err);
/* RC_CONFLICT "company.suspended". */
enum rc_code company_is_open(struct store *st, int64_t company_id, struct rc_error *err);
/* With every row that is its own, in the current transaction. Nothing happens on any platform. */
enum rc_code company_remove(struct store *st, int64_t company_id, struct rc_error *err);
enum rc_code company_find(struct store *st, const char *key, struct arena *a, struct company *ret,
                          struct rc_error *err);
enum rc_code company_count(struct store *st, int64_t *ret, struct rc_error *err);
enum rc_code company_get(struct store *st, int64_t company_id, struct arena *a, struct company *ret,
                         struct rc_error *err);
enum rc_code company_list(struct store *st, struct arena *a, struct company **ret, size_t *ret_n,
                          struct rc_error *err);
/* The zone that says when its day begins. RC_INVALID "company.zone", with what helps: this machine does not
 * know it, which is nobody's typing error and may be so for one of many machines only. */
enum rc_code company_zone(const struct company *co, struct zone **ret, struct rc_error *err);
/* A block of n ascending ids; the first is returned. Commits by itself when no transaction is open.
 * */
enum rc_code company_take_ids(struct store *st, int64_t company_id, int64_t n, int64_t *ret_first,
                              struct rc_error *err);
