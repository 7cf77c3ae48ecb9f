/* delivery_p.h - shared by the files of the delivery only: delivery.c (the run), carry.c (its
 * effects), lane.c (the calls). */
#pragma once
#include "base/queue.h"
#include "store/effect.h"
#include "store/lease.h"
#include "sync/deciding.h"
#include "sync/delivery.h"
#include "sync/guard.h"

struct delivery {
    struct store *st;
    const struct secret_key *key;
    const struct clock_source *clock;
    const struct company *company;
    const struct delivery_options *o;
    struct platform p;
    struct guard_limits limits;
    struct lease *lease;
    struct run *run;
    struct arena *arena; /* of the run */
    struct destination *destination;
    struct destination_lane *lane; /* the main thread's */
    struct deciding d;
    bool is_open;                     /* d is */
    struct deciding_foreign *foreign; /* teams there that are linked to none of ours */
    size_t foreign_n;
    bool teams_listed;
    struct delivery_progress own;
    struct delivery_progress *progress; /* never NULL */
};

/* One effect on its way: made by the main thread, carried out by a lane, settled by the main
 * thread. */
struct task {
    struct arena arena;
    struct effect effect;
    struct account_row row;   /* the user's */
    struct account_row there; /* whom the calls are about: another row when an account is linked */
    struct deciding_answer answer;
    struct decision sends; /* what is carried out: no more than was planned */
    bool looks_first;      /* ask the platform whether somebody has the address */
    /* ---- the lane's answer ---- */
    enum rc_code rc;
    struct rc_error err;
    struct destination_outcome outcome;
    bool reactivated, updated, invited, closed; /* how far it came */
    bool had_been_done;                         /* an answer that was lost before */
    struct account holder; /* who has the address that was taken; remote_id missing: not known */
};
/* lane.c: on a lane's thread; touches nothing but the task. */
void lane_carry_out(struct destination_lane *l, const struct clock_source *clock, struct task *t);

/* carry.c: every planned effect of d->run, pass by pass; what stopped it early is an error, and the
 * effects that were not tried are dropped. */
enum rc_code carry_out(struct delivery *d, struct rc_error *err);
