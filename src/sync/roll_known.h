/* roll_known.h - the people whom the directory knows come onto the roll, some at a time.
 *
 * Shape:  as far as is needed to find whoever is asked for, and the rest before anything is counted
 *         or missed. HR mostly lists people in the order in which we came to know them, so whoever
 *         is asked for is among the next, and reading a list goes on meanwhile. Under the lease of
 *         the integration nobody else writes its people.
 * Memory: the roll, and two thousand people at most while they are loaded.
 * Errors: whatever the store says; those who were loaded stay on the roll. */
#pragma once
#include "base/arena.h"
#include "secret/secret.h"
#include "store/directory.h"
#include "store/integration.h"
#include "sync/roll.h"

struct roll_known {
    struct store *store;
    const struct secret_key *key;
    const struct integration *integration;
    struct roll *roll;
    bool is_all;        /* everybody who is known is on it */
    size_t n;           /* so many are */
    int64_t population; /* of them, who has not left */
    int64_t after;      /* the last one's user id */
    struct arena arena; /* while they are loaded */
};

/* What it is given lives as long. Nobody is on the roll. */
void roll_known_begin(struct roll_known *k, struct store *st, const struct secret_key *key,
                      const struct integration *in);
void roll_known_done(struct roll_known *k);
void roll_known_forget(struct roll_known *k); /* nobody is on the roll again */
/* Until this hash is on the roll, or everybody who is known. */
enum rc_code roll_known_until(struct roll_known *k, uint64_t hash, struct rc_error *err);
enum rc_code roll_known_all(struct roll_known *k, struct rc_error *err);
/* Instead: only these are known, and none of them is expected or passes as the same. */
void roll_known_few(struct roll_known *k, const struct person *people, size_t n);
