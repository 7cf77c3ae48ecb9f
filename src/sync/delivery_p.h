/* delivery_p.h - shared by the files of the delivery only: delivery.c (the run), delivery_open.c (what it works
 * with), delivery_wait.c (when it waits for a person), carry.c (its effects), lane.c (the calls), undo.c and
 * undo_carry.c (its inverse). */
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
    struct text called_with;       /* the settings with which it was opened: p has those of now */
    struct deciding d;
    bool is_open;                     /* d is */
    struct deciding_foreign *foreign; /* teams there that are linked to none of ours */
    size_t foreign_n;
    bool teams_listed, all_listed; /* the latter: all accounts and all teams */
    bool in_doubt; /* what became of an effect is not known, and no inventory is newer */
    struct delivery_progress own;
    struct delivery_progress *progress; /* never NULL */
};

/* Tasks that were made at once: what was read and decided for them lies in one place, which goes with the
 * last of them. The main thread's. */
struct task_batch {
    struct arena arena;
    size_t tasks_n; /* and whoever makes them */
};
/* One effect on its way: made by the main thread, carried out by a lane, settled by the main
 * thread. */
struct task {
    struct arena arena;          /* of what the lane reads, and of what becomes of it */
    struct task_batch *together; /* where the rest of it lies; NULL: in the arena, too */
    struct effect effect;
    struct account_row row;   /* the user's */
    struct account_row there; /* whom the calls are about: another row when an account is linked */
    struct deciding_answer answer;
    struct decision planned;
    struct decision sends;       /* what is carried out: no more than was planned */
    bool undoes;                 /* sends is the inverse of what another run did (undo_carry.c) */
    bool unlinks;                /* likewise: the account is let go of, and gets gives_back */
    struct text gives_back;      /* its external id of before; empty: it had none */
    bool looks_first;            /* ask the platform whether somebody has the address */
    const struct policy *policy; /* says whom no closing may touch */
    /* ---- the lane's answer ---- */
    enum rc_code rc;
    struct rc_error err;
    struct destination_outcome outcome;
    bool reactivated, updated, invited, closed; /* how far it came */
    bool
        values_refused; /* it is the values that the platform would not take: nothing was changed */
    bool had_been_done; /* an answer that was lost before */
    bool was_there;     /* found before anything was sent: it may show other values */
    /* With RC_CONFLICT: the account that is in the way, who has the address that was taken, or the
     * account itself, which has changed. NULL: not known. In the arena. */
    const struct account *holder;
};
/* ---- delivery_open.c ---- */
/* Takes the lease, and reads the platform's row under it; whoever fails holds no lease. */
enum rc_code delivery_prepare(struct delivery *d, struct store *st, const struct secret_key *k,
                              const struct company *company, int64_t destination_id,
                              const struct delivery_options *o, struct lease *lease,
                              struct arena *a, struct rc_error *err);
void delivery_close(struct delivery *d);
/* Policy, feeds and teams as they are now. */
enum rc_code delivery_open_deciding(struct delivery *d, struct rc_error *err);
/* Connects, once, and asks what the platform can do. */
enum rc_code delivery_ask_caps(struct delivery *d, struct rc_error *err);
/* When the last complete inventory began. 0: there is none, or it is said to begin in the future: a clock has been
 * wrong, and nobody knows what that inventory has seen. */
int64_t delivery_listed_us(const struct delivery *d);
bool delivery_inventory_is_due(const struct delivery *d);
/* Of the teams, and of the accounts if so said. */
enum rc_code delivery_take_inventory(struct delivery *d, bool accounts, struct rc_error *err);

/* ---- delivery.c ---- */
/* A new run's row. */
enum rc_code delivery_add_run(struct delivery *d, enum run_kind kind, struct rc_error *err);
/* In the current transaction: it ends as failed, and what it did counts in the guard's windows. t: of its
 * effects, which have all come to an end. */
enum rc_code delivery_write_end(struct delivery *d, const struct effect_tally *t,
                                enum rc_code carried, const char *why, struct rc_error *err);
/* Nothing of it is carried out. */
enum rc_code delivery_fail_run(struct delivery *d, struct run *r, const char *reason,
                               struct rc_error *err);
void delivery_enter(struct delivery *d, enum delivery_phase p);
enum rc_code delivery_enrol(struct delivery *d, struct rc_error *err);
/* A transaction under the lease; delivery_ended() commits or rolls back. */
enum rc_code delivery_begin(struct delivery *d, struct rc_error *err);
enum rc_code delivery_ended(struct delivery *d, enum rc_code rc, struct rc_error *err);
enum rc_code delivery_save(struct delivery *d, struct rc_error *err);
/* Carries the run's effects out and ends the run, whose state is `passed`. */
enum rc_code delivery_carry(struct delivery *d, struct rc_error *err);

/* ---- delivery_clock.c ---- */
struct plan;
bool delivery_clocks_are_apart(const struct delivery *d);
/* How far, and how many wait because of it. */
void delivery_note_clock(struct delivery *d, const struct plan *p);

/* ---- delivery_judge.c ---- */
void delivery_count(struct delivery *d, const struct plan *p);
enum rc_code delivery_judge(struct delivery *d, const struct plan *p, bool *ret_held,
                            struct rc_error *err);

/* ---- delivery_recover.c ---- */
/* What a process that died has left: thrown away, or carried out to its end; *ret is that run then, also
 * when it fails. ret NULL: nothing may be sent, and RC_CONFLICT "delivery.interrupted" says that one is left. */
enum rc_code delivery_recover(struct delivery *d, struct run *ret, struct rc_error *err);

/* ---- delivery_team.c ---- */
/* Whether it takes a listing of the teams there to decide about one. */
bool delivery_teams_in_doubt(const struct delivery *d);
/* After one: what teams wait for is remembered, so that no other is made for it. */
enum rc_code delivery_note_teams(struct delivery *d, struct rc_error *err);

/* ---- delivery_wait.c ---- */
/* Held, previewed, or let through (`passed`): those that waited before are superseded, by one that is only previewed
 * none that is held. */
enum rc_code delivery_becomes(struct delivery *d, enum run_state state, struct rc_error *err);
/* The same plan as the run that is held: the hold stays, and this run has nothing to add. */
enum rc_code delivery_is_held_already(struct delivery *d, bool *ret, struct rc_error *err);
enum rc_code delivery_end_as_same(struct delivery *d, struct rc_error *err);

/* ---- delivery_restored.c ---- */
/* RC_CONFLICT "destination.paused" when it is. */
enum rc_code delivery_is_paused(const struct delivery *d, struct rc_error *err);
/* RC_CONFLICT "destination.restored" while the directory is that of a backup: nothing is sent on the
 * word of an old state. */
enum rc_code delivery_knows_enough(struct delivery *d, struct rc_error *err);
/* Whether it is held for that reason, whatever it would do; then why says so, for people. */
bool delivery_is_held_as_restored(const struct delivery *d, int64_t effects, struct buf *why);
/* In the transaction that ends a delivery that went well. */
enum rc_code delivery_is_settled(struct delivery *d, struct rc_error *err);

/* ---- undo_carry.c ---- */
/* Why a field of a planned inverse is not to be set any more; missing: it still is. */
enum rc_code undo_field_stays(struct delivery *d, const struct account_row *row,
                              const struct account *shows, const struct decide_field *f,
                              struct arena *a, struct text *ret, struct rc_error *err);
/* Why an account is not to be opened, closed or changed by the inverse; missing: it still is. */
struct text undo_account_stays(const struct delivery *d, const struct account_row *row,
                               const struct deciding_answer *answer, const struct decision *inverse,
                               struct arena *a);

/* What was undone counts no more in the windows of the run that did it. In the current transaction. */
enum rc_code undo_recount(struct delivery *d, struct rc_error *err);

/* lane.c: on a lane's thread; touches nothing but the task. */
void lane_carry_out(struct destination_lane *l, const struct clock_source *clock, struct task *t);

/* carry.c: every planned effect of d->run, pass by pass. What stopped it early on the platform is an
 * error, and the effects that were not tried are dropped. *ret_interrupted: it is our own side that
 * failed (database, lease): nothing is dropped, and what is out is `sent`, to be looked up. */
enum rc_code carry_out(struct delivery *d, bool *ret_interrupted, struct rc_error *err);
