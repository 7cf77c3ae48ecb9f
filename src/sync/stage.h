/* stage.h - from employees read to versions staged: who is new, who differs and in what.
 *
 * Shape:  one stage a run. stage_person() takes people one by one, in any order; versions and
 *         changes gather in a batch that is written in transactions of its own, each of which
 *         checks the lease. Nobody's directory row is touched.
 * Memory: a batch (at most STAGE_BATCH people) in an arena, the roll (48 bytes a person), the teams
 *         by key.
 * Errors: RC_CONFLICT "lease-lost"; whatever the store says. */
#pragma once
#include "base/clock.h"
#include "base/map.h"
#include "people/lifecycle.h"
#include "people/mapping.h"
#include "secret/secret.h"
#include "store/directory.h"
#include "store/integration.h"
#include "store/lease.h"
#include "store/run.h"
#include "store/version.h"
#include "sync/prepare.h"
#include "sync/roll.h"

enum { STAGE_BATCH = 1000 };

/* What a run works with, from its beginning to its end. */
struct stage_context {
    struct store *store;
    const struct secret_key *key;
    const struct clock_source *clock;
    const struct integration *integration;
    const struct mapping *mapping; /* lives as long as the run */
    const struct mapping *before;  /* of a remap: the one that counts until it is applied */
    struct lifecycle_policy policy;
    date_days today;     /* in the company's zone */
    date_days listed_on; /* the last applied full listing; DATE_NONE */
    const struct lease *lease;
};

struct stage;
enum rc_code stage_open(const struct stage_context *c, struct run *run, struct stage **ret,
                        struct rc_error *err);
void stage_close(struct stage *s);
RC_CLEANUP_FN(struct stage, stage_close)

/* Everybody who is known is on the roll afterwards, and the run's population is counted. Whoever is
 * staged loads as many as are needed to find them. */
enum rc_code stage_load_roll(struct stage *s, struct rc_error *err);

/* Instead: only these are known, since nobody else will be staged. */
void stage_load_few(struct stage *s, const struct person *people, size_t n);

/* How people have to be prepared for this stage; one struct prepare a thread. */
void stage_prepare_init(const struct stage *s, struct prepare *ret);
/* p will be staged soon. */
void stage_ahead(const struct stage *s, const struct prepared *p);
/* p may be changed: what is missing is filled with what is known. Its texts are copied. ret_sight
 * may be NULL. */
enum rc_code stage_prepared(struct stage *s, struct prepared *p, enum roll_sight *ret_sight,
                            struct rc_error *err);
/* Prepares and stages one person. */
enum rc_code stage_person(struct stage *s, const struct employee *e, enum roll_sight *ret_sight,
                          struct rc_error *err);
/* A known person as stored, through this run's mapping; the context names the one before, too.
 * drops: the mapping reads less than is stored, and the rest goes. */
enum rc_code stage_known(struct stage *s, const struct person *row, bool drops,
                         struct rc_error *err);
/* A known person whom this run's mapping leaves as they are, with the same problems, and nothing of
 * whom it drops; the names of their teams are looked at. */
void stage_unchanged(struct stage *s, const struct mapping_team *teams, size_t n);
/* A known person whom HR does not have, or whom a complete listing did not bring: as PRESENCE_GONE
 * or PRESENCE_MISSING. */
enum rc_code stage_without(struct stage *s, int64_t user_id, enum presence p, struct rc_error *err);
/* What this run has staged of a person before is taken away in the transaction that writes what is
 * staged of them next. */
enum rc_code stage_replace(struct stage *s, int64_t user_id, struct rc_error *err);
/* Everybody staged as missing is taken away with the next flush. */
void stage_drop_missing(struct stage *s);
/* Writes what has gathered. With `close`, in the same transaction the run is saved in its present
 * state. */
enum rc_code stage_flush(struct stage *s, bool save_run, struct rc_error *err);
/* Throws away what this run has staged. */
enum rc_code stage_restart(struct stage *s, struct rc_error *err);
/* Adds one person to the digest of a run's stage, in any order. */
void stage_digest_add(struct run *run, const struct version *v);
const struct roll *stage_roll(const struct stage *s);
/* Prolongs the lease when it is time; cheap. */
enum rc_code stage_beat(struct stage *s, struct rc_error *err);
