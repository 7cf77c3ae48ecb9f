#include "sync/roll_known.h"

enum { LEAST_AT_ONCE = 100, MOST_AT_ONCE = 2000 };

void roll_known_begin(struct roll_known *k, struct store *st, const struct secret_key *key,
                      const struct integration *in) {
    *k = (struct roll_known){ .store = st, .key = key, .integration = in, .roll = roll_new(0) };
    arena_init(&k->arena);
}

void roll_known_done(struct roll_known *k) {
    roll_free(k->roll);
    arena_done(&k->arena);
}

static void start_over(struct roll_known *k, size_t people) {
    roll_free(k->roll);
    k->roll = roll_new(people);
    k->is_all = false;
    k->n = 0;
    k->population = k->after = 0;
}

void roll_known_forget(struct roll_known *k) {
    start_over(k, 0);
}

static uint64_t hash_of(const struct roll_known *k, const struct person *p) {
    return secret_hash64(k->key, p->source_id.ptr, p->source_id.len);
}

/* The next of them, as many as there have been until now. */
static enum rc_code load(struct roll_known *k, struct rc_error *err) {
    const struct integration *in = k->integration;
    size_t n, most = k->n < LEAST_AT_ONCE  ? LEAST_AT_ONCE
                     : k->n < MOST_AT_ONCE ? k->n
                                           : MOST_AT_ONCE;
    struct person *people;
    arena_reset(&k->arena);
    enum rc_code rc = directory_known(k->store, in->company_id, in->integration_id, k->after, most,
                                      &k->arena, &people, &n, err);
    if (rc != RC_OK)
        return rc;
    uint64_t *hashes = ARENA_NEW(&k->arena, uint64_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        hashes[i] = hash_of(k, &people[i]);
        roll_fetch(k->roll, hashes[i]);
    }
    for (size_t i = 0; i < n; i++) {
        const struct person *p = &people[i];
        uint64_t print = digest_print(&p->employee_digest);
        bool listed = p->presence == PRESENCE_LISTED;
        /* Who was missing and appears again has changed, whatever the digest says. */
        roll_add(k->roll, hashes[i], listed ? print : ~print, p->user_id,
                 p->presence != PRESENCE_GONE);
        k->population += !p->has_left;
        k->after = p->user_id;
    }
    k->n += n;
    k->is_all = n < most;
    return RC_OK;
}

enum rc_code roll_known_until(struct roll_known *k, uint64_t hash, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    while (!k->is_all && !roll_has(k->roll, hash) && rc == RC_OK)
        rc = load(k, err);
    return rc;
}

enum rc_code roll_known_all(struct roll_known *k, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    while (!k->is_all && rc == RC_OK)
        rc = load(k, err);
    return rc;
}

void roll_known_few(struct roll_known *k, const struct person *people, size_t n) {
    start_over(k, n);
    k->is_all = true;
    for (size_t i = 0; i < n; i++)
        roll_add(k->roll, hash_of(k, &people[i]), ~digest_print(&people[i].employee_digest),
                 people[i].user_id, false);
}
