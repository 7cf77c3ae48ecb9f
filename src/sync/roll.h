/* roll.h - everybody that an integration knows, while a listing is being read: who is new, same,
 * different, repeated, missing.
 *
 * Shape:  an open-addressed table of 24 bytes a person: a keyed 64-bit hash of the source id, the
 *         first 64 bits of the employee's digest, and the user id with three marks. "Same" needs
 *         both numbers to agree; "different" is verified on the row by the caller, who finds out
 *         there when two ids share a hash. What is seen is never written into a table of the
 *         database: that would cost more than all the rest (122,000 rows/s against 1.2 million
 *         looked up here).
 * Memory: 32 to 48 bytes a person, and 80 for the moment in which it grows. It grows by itself; the
 *         size given to roll_new() saves that. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/cleanup.h"

struct roll;
enum roll_sight {
    ROLL_NEW,       /* nobody known has this id */
    ROLL_SAME,      /* known, and states what it stated */
    ROLL_DIFFERENT, /* known (to be verified on the row), and states something else */
    ROLL_REPEATED,  /* seen in this listing already, stating the same */
    ROLL_REPEATED_OTHER, /* seen in this listing already, stating something else: the list moved under our feet */
};

struct roll *roll_new(size_t people);
void roll_free(struct roll *r);
RC_CLEANUP_FN(struct roll, roll_free)
/* expected: a complete listing should bring this person. Others may have been seen before. */
void roll_add(struct roll *r, uint64_t hash, uint64_t print, int64_t user_id, bool expected);
/* Soon somebody with this hash will be added or seen. Each entry lies somewhere else in megabytes:
 * waiting for one after the other took a quarter of a microsecond each. */
void roll_fetch(const struct roll *r, uint64_t hash);
bool roll_has(const struct roll *r, uint64_t hash); /* added, or seen */
/* *ret_user_id: 0 for a new one. */
enum roll_sight roll_see(struct roll *r, uint64_t hash, uint64_t print, int64_t *ret_user_id);
size_t roll_expected(const struct roll *r);      /* how many are expected */
size_t roll_expected_seen(const struct roll *r); /* how many of these were seen */
size_t roll_seen(const struct roll *r);          /* distinct ids seen */
/* Iterates over those expected and not seen (or, with seen, over those expected and seen); *cursor
 * begins at 0. False at the end. */
bool roll_next(const struct roll *r, bool seen, size_t *cursor, int64_t *ret_user_id);
