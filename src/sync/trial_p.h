/* trial_p.h - shared by trial.c (looking at everybody) and trial_strange.c (what is strange). */
#pragma once
#include "base/map.h"
#include "store/version.h"
#include "sync/trial.h"

/* One person, as they are and as they would be. */
struct trial_look {
    const struct person *row;
    const struct user *known, *user;
    enum lifecycle lifecycle;
    const char *rule; /* of the lifecycle then */
    struct change changes[CHANGES_MAX];
    size_t changes_n;
};

/* How many people share what. Filled by the first look, at everybody; the second is at those only
 * who can be among the strangest. */
struct trial_shares {
    struct arena *arena;
    struct trial *trial;
    struct map patterns;           /* "job_title,manager-" -> int64_t: people */
    struct map kinds;              /* the same with what each counts as -> int64_t: people */
    struct map fields;             /* by name -> struct trial_field */
    int64_t many[CHANGES_MAX + 1]; /* by how many changes a person has */
    size_t most;                   /* of them */
    struct trial_field *shared[USER_FIELDS_N], *custom[USER_CUSTOM_MAX]; /* of a user, in order */
    struct buf key;
    struct buf candidates; /* of int64_t: user ids, until trial_shares_end() as they come */
};
void trial_shares_init(struct trial_shares *s, struct arena *a, struct trial *t);
void trial_shares_done(struct trial_shares *s);
/* Of everybody, who changes or not. */
void trial_shares_value(struct trial_shares *s, const struct user *u);
/* Of somebody who changes, behind trial_shares_value(). */
void trial_shares_add(struct trial_shares *s, const struct trial_look *k);
/* Behind the last: the custom fields in order, for the trial; and who is to be looked at again, in
 * order, each of them once. */
void trial_shares_end(struct trial_shares *s, const int64_t **ret_ids, size_t *ret_n);

/* Second look: takes k among the strangest when it is stranger than one of them. */
void trial_strange(struct trial_shares *s, const struct trial_look *k);
