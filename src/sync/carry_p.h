/* carry_p.h - shared by the files that carry a plan out: carry.c (the passes), carry_task.c (what goes
 * out), carry_settle.c (what came back), carry_quarantine.c (when to wait), carry_team.c (teams),
 * carry_alike.c (what nobody's values are to blame for), carry_note.c (what undoing needs). */
#pragma once
#include <pthread.h>
#include "sync/delivery_p.h"

enum {
    LANES_MAX = 32,
    AHEAD = 4,            /* so many tasks wait for each lane, with a slow platform */
    AHEAD_MOST = 28,      /* and with a fast one: more is written in one transaction */
    OUT_MOST = 448,       /* with however many lanes: that much memory */
    AHEAD_US = 500000,    /* no more than is carried out in that time */
    LINGER_US = 50000,    /* for more answers, before the first is written down */
    POP_WAIT_US = 200000, /* then the lease is prolonged, and the pause looked at */
    OUTAGES = 3,          /* so many without an answer in a row, and nothing more is tried */
    ALIKE = 20,           /* so many refused for one cause, and none taken in between */
    PROBES = 6, /* then so many are tried, with pauses that double, before it is given up */
    QUARANTINE_CAUSE_BYTES = 400,
    FRESH_S = 600, /* so old an inventory may be to count as the look-up */
};

struct carrying {
    struct delivery *d;
    struct queue *todo, *done;
    struct destination_lane *lanes[LANES_MAX];
    pthread_t threads[LANES_MAX];
    size_t lanes_n, started_n;
    _Atomic int64_t held_us, held_mono_us; /* when the lease was prolonged last, by either clock */
    size_t outstanding;
    size_t ahead_n; /* so many are given out at most */
    /* How fast they come back: so many since. */
    size_t back_n;
    int64_t back_since_us;
    int outages; /* about teams, in a row */
    struct quarantine {
        int silent, alike; /* in a row */
        /* of those that were refused in a row */
        char cause[QUARANTINE_CAUSE_BYTES];
        int probes;       /* begun so far; 0: all is well */
        int64_t until_us; /* then the next one is due, by the monotonic clock */
        enum rc_code rc;  /* why */
        struct rc_error why;
    } quarantine;
    struct arena alike_arena;
    struct alike *alike; /* carry_alike.c: who was refused in this pass since one went through */
    bool doubt_known, doubt; /* whether what another run has sent may have been done */
    int64_t paused_seen_us;  /* when it was last looked whether somebody has paused it */
    enum rc_code stop;       /* not RC_OK: nothing more is tried, and why */
    struct rc_error why;
};

struct task_batch *task_batch_new(void);
void task_batch_leave(struct task_batch *b); /* by whoever made it, and by each of its tasks */
/* *ret NULL: it came to nothing, and that is written down. In the current transaction, and the effect
 * is `sent` by it. The effect's texts lie in the batch, or live as long. */
enum rc_code task_make(struct carrying *c, const struct effect *e, struct task_batch *in,
                       struct task **ret, struct rc_error *err);
void task_free(struct task *t);
enum rc_code carry_end_effect(struct carrying *c, struct effect *e, enum effect_state s,
                              struct text answer, struct rc_error *err);
/* carry_settle.c: writes down what a task has come to. In the current transaction. */
enum rc_code carry_settle(struct carrying *c, struct task *t, struct rc_error *err);
/* What the platform would not take is written down; that, and what was never sent, is left out of what
 * counts as sent. */
void carry_keep_what_went_through(struct task *t, struct account *is);
/* What is said of an effect of which nobody heard, and which an inventory shows. */
#define CARRY_HAD_BEEN_DONE "it had been done, and the answer was lost"
#define CARRY_HAD_NOT_BEEN_DONE                                                                    \
    "the answer was lost, and it had not been done when it was looked at"
/* carry_note.c: fills in remote_id, did and had of the effect (store/effect.h). */
void carry_note_for_undo(struct task *t);
/* What was sent by an effect that is done: its plan, but for what is noted otherwise. In the arena. */
enum rc_code carry_read_done(struct store *st, const struct effect *e, struct arena *a,
                             struct decision *ret, struct rc_error *err);
/* Somebody has done it already: we, and the answer got lost with the process, or a person by hand. Making an
 * account, and leaving a team, are never so. */
bool carry_is_so(const struct decision *planned, const struct account *is, struct text external_id);
/* What the platform showed afterwards. */
void carry_take_shown(struct task *t, struct account *is);
enum rc_code carry_save_row(struct carrying *c, struct account_row *row, struct rc_error *err);

/* ---- undo_carry.c: a task of an undo ---- */
/* As task_make(); pins are written before the call, so that they hold whatever becomes of it. */
enum rc_code undo_task_make(struct carrying *c, const struct effect *e, struct task **ret,
                            struct rc_error *err);
enum rc_code undo_write_done(struct carrying *c, struct task *t, struct rc_error *err);
/* It came to nothing for certain: what it pinned is let go of. */
enum rc_code undo_unpin(struct delivery *d, int64_t subject_id, struct rc_error *err);
/* It came to its end in part, or not at all: what was set back, or may have been, stays so. */
enum rc_code undo_unpin_failed(struct delivery *d, const struct task *t, struct rc_error *err);
/* Why a team keeps the name that a run gave it; missing: it does not. */
enum rc_code undo_team_stays(const struct delivery *d, int64_t team_id, struct text remote_id,
                             struct text shows, struct text old, struct arena *a, struct text *ret);
/* Before and after a team is given its old name. *ret_said set: it is not, and why. */
enum rc_code undo_team_begin(struct delivery *d, const struct effect *e, struct text shows,
                             struct text name, struct text *ret_said, struct rc_error *err);
enum rc_code undo_team_done(struct delivery *d, const struct effect *e, struct rc_error *err);

/* An effect as it was planned, in the arena. */
enum rc_code carry_read_plan(struct store *st, const struct effect *e, struct text plan,
                             struct arena *a, struct decision *ret, struct rc_error *err);
void carry_keep_effect(struct effect *e, struct arena *a);

/* ---- carry_quarantine.c ---- */
/* Something about a person was refused, had no answer, or went through. */
void quarantine_refused(struct carrying *c, const struct rc_error *why);
void quarantine_silent(struct carrying *c, enum rc_code rc, const struct rc_error *why);
void quarantine_passed(struct carrying *c);
/* Nothing more is left to try in this pass: if nothing has gone through since, it has failed. */
void quarantine_end(struct carrying *c);
/* How many may be given out, of those that there is room for. */
size_t quarantine_room(struct carrying *c, size_t room);
/* Sleeps for a moment of a pause; returns at once when there is none. Outside of transactions. */
void quarantine_wait(struct carrying *c);

/* ---- carry_alike.c ---- */
/* Before what it was refused for is written down. */
void alike_note(struct carrying *c, const struct task *t);
void alike_forget(struct carrying *c); /* one went through */
/* At the end of a pass, outside of transactions. */
enum rc_code alike_take_back(struct carrying *c, struct rc_error *err);

/* The effects about teams of one pass: few, one after the other. */
enum rc_code carry_teams(struct carrying *c, enum effect_pass pass, struct rc_error *err);
/* Empty and missing are the same to a platform. */
static inline bool carry_same_value(struct text a, struct text b) {
    return (a.state != TEXT_SET && b.state != TEXT_SET) || text_equal(a, b);
}
