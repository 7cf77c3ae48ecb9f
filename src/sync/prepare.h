/* prepare.h - what can be made of a person read without knowing the directory: digest, hash, and
 * what a joiner would become.
 *
 * Shape:  pure but for the clock that dates a joiner. It is most of an import's work on people, and
 *         runs on a thread of its own beside the one that stages: in a first import the two are
 *         about even.
 * Memory: what is prepared lies in the arena given, beside the employee that it was made of;
 *         scratch belongs to the struct prepare.
 * Threads: one struct prepare a thread. */
#pragma once
#include "base/clock.h"
#include "people/change.h"
#include "people/digest.h"
#include "people/lifecycle.h"
#include "people/mapping.h"
#include "store/version.h"

struct prepare {
    const struct secret_key *key;
    const struct clock_source *clock;
    const struct mapping *mapping;
    struct lifecycle_policy policy;
    date_days today;
    struct buf scratch;
};
void prepare_init(struct prepare *p, const struct secret_key *key, const struct clock_source *clock,
                  const struct mapping *mapping, const struct lifecycle_policy *policy,
                  date_days today);
void prepare_done(struct prepare *p);

struct prepared {
    struct employee employee;
    struct digest digest;
    uint64_t hash; /* of the source id, for the roll */
    bool has_joiner;
    struct version joiner; /* with has_joiner: without a user id */
    struct change join;
};
/* ret->employee is filled by the caller before. */
void prepare_person(struct prepare *p, struct prepared *ret);
/* The version and change that this person would get as a joiner. */
void prepare_joiner(struct prepare *p, struct prepared *ret, struct arena *a);
/* The texts of a version: both JSON objects, and the columns beside them. */
void prepare_texts(struct prepare *p, const struct employee *e, const struct user *u,
                   struct arena *a, struct version *ret);
