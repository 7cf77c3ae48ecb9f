/* mask_p.h - a real account's answers with the people taken out, and their shape left in.
 *
 * What is replaced, and by what:
 *     words and numbers  others of the same length, alphabet, case and zeros, drawn at random when
 *     first seen and then always the same
 *                        (so that Berlin stays one place); what stands between them is kept:
 *                        blanks, commas, quotes
 *     ids                numbers from 1000001 on, in the order seen; employees, offices, teams ...
 *     each have their own e-mail addresses   p1@d1.example ..., equal addresses staying equal
 *     dates              moved by a number of days that is nowhere written down; those that are not
 *     about employment by another one each labels of custom attributes as words; those of the
 *     standard ones are kept
 * What is kept: keys, types, structure, order, repeated keys, null, "", [], true, false, totals,
 * the words of `status`, `employment_type` and of Personio's own vocabulary (type, universal_id,
 * currency, scope), texts of errors without their numbers.
 *
 * Nothing is computed from what is replaced, so nothing can be computed back; only what was equal
 * can be seen.
 * Memory: struct mask remembers every word; for accounts of some 100,000 people.
 * Errors: RC_INVALID when an answer nests deeper than any of Personio's does. */
#pragma once
#include "base/buf.h"
#include "base/map.h"
#include "base/rng.h"
#include "json/json.h"

struct mask {
    struct rng rng;
    int shift_days;
    struct map words;                   /* to their replacements, owned */
    struct map ids, addresses, domains; /* to ordinal numbers, in the pointer itself */
};
void mask_init(struct mask *m, uint64_t seed, uint64_t stream); /* both out of secret_random() */
void mask_done(struct mask *m);

/* The answer to any of the v1 calls: people, one person, catalogue, error. A token becomes
 * "papi-recorded". */
enum rc_code mask_answer(struct mask *m, json root, struct buf *ret, struct rc_error *err);
int64_t mask_employee_id(struct mask *m, int64_t id);
