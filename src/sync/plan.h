/* plan.h - what a delivery would do: each account that is to be looked at is decided about, and what
 * follows becomes an effect.
 *
 * Order:  effects in the order of their passes (store/effect.h): leavers, unless they are somebody's
 *         manager there who gets another one in this run; teams; people; what waited for an
 *         account made in this run; leavers; teams that nobody is in any more. A field that waits for
 *         something that this run will not make is no effect: the account waits.
 * Shape:  the planner writes what it found out about accounts with nothing to do (plan.notes), and
 *         hands out effects in batches; those of one batch are valid until the next.
 * Memory: a batch, and a word for each manager whom somebody waits for. */
#pragma once
#include "base/clock.h"
#include "people/change.h"
#include "secret/secret.h"
#include "store/effect.h"
#include "store/lease.h"
#include "sync/deciding.h"

enum plan_how {
    PLAN_STORES = 0, /* effects are written, batch by batch */
    PLAN_KEEPS,      /* all of them are left in `kept`, and nothing is written */
    PLAN_DROPS,      /* they are counted */
};
struct plan {
    struct deciding *d;
    const struct secret_key *key;
    const struct clock_source *clock;
    const struct lease *lease; /* checked in each transaction that writes */
    int64_t run_id;            /* effects are of it */
    enum plan_how how;
    bool notes;          /* write down what accounts wait for */
    bool stops;          /* behind the first who has anything to do, or waits for clocks to agree */
    bool every;          /* look at every user's account, not only at those that are dirty or due */
    struct arena *keeps; /* where `kept` lies */
    struct effect *kept;
    size_t kept_n, kept_cap;
    struct pin *ended; /* of this batch; written away with the notes */
    size_t ended_n, ended_cap;
    struct map come_about; /* user id -> whether this run makes or moves their account */
    struct map leavers;    /* remote id -> effect id of the closing */
    struct map bosses;     /* remote ids of managers who are somebody's no longer after this run */
    struct {
        int64_t user_id, run_id;
        uint32_t approved;
    } asked; /* whose classes were asked about last */
    /* ---- what came of it ---- */
    int64_t looked_at, effects;
    int64_t verbs[DECIDE_VERBS_N], teams[TEAM_VERBS_N];
    int64_t classes[CHANGE_CLASSES_N];  /* that the guard counts */
    int64_t approved[CHANGE_CLASSES_N]; /* left out of it: a person has approved the same already */
    int64_t fields[USER_FIELDS_N + 1];  /* the last: fields of the platform's own */
    int64_t waits[DECIDE_WAITS_N];
    int64_t waits_for_clock;   /* of those that wait for a reading */
    uint8_t digest[16];        /* equal plans have equal ones */
    _Atomic int64_t *progress; /* accounts looked at; may be NULL */
};
enum rc_code plan_make(struct plan *p, struct rc_error *err);
void plan_done(struct plan *p);

/* The guard's class of a field that is sent; names of classes as struct effect has them, of bits. */
enum change_class plan_class_of(const struct decide_field *f);
struct text plan_class_names(struct arena *a, uint32_t bits, uint32_t approved);

/* What was found out about an account, on its row; true: something was new. */
bool plan_note(const struct deciding *d, const struct deciding_answer *answer,
               struct account_row *row);
