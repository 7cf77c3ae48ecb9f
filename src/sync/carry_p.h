/* carry_p.h - shared by the files that carry a plan out: carry.c (what comes back), carry_task.c (what
 * goes out), carry_team.c (teams). */
#pragma once
#include <pthread.h>
#include "sync/delivery_p.h"

enum {
    LANES_MAX = 32,
    AHEAD = 4,            /* so many tasks wait for each lane */
    POP_WAIT_US = 200000, /* then the lease is prolonged, and the pause looked at */
    OUTAGES = 3,          /* so many without an answer in a row, and nothing more is tried */
    ALIKE = 20,           /* so many refused for one cause, and none taken in between */
    FRESH_S = 600,        /* so old an inventory may be to count as the look-up */
};

struct carrying {
    struct delivery *d;
    struct queue *todo, *done;
    struct destination_lane *lanes[LANES_MAX];
    pthread_t threads[LANES_MAX];
    size_t lanes_n, started_n;
    size_t outstanding;
    int outages, alike;
    char cause[400];   /* of those that were refused in a row */
    enum rc_code stop; /* not RC_OK: nothing more is tried, and why */
    struct rc_error why;
};

/* *ret NULL: it came to nothing, and that is written down. In the current transaction, and the effect
 * is `sent` by it. */
enum rc_code task_make(struct carrying *c, const struct effect *e, struct task **ret,
                       struct rc_error *err);
void task_free(struct task *t);
enum rc_code carry_end_effect(struct carrying *c, struct effect *e, enum effect_state s,
                              struct text answer, struct rc_error *err);
/* The effects about teams of one pass: few, one after the other. */
enum rc_code carry_teams(struct carrying *c, enum effect_pass pass, struct rc_error *err);
/* Empty and missing are the same to a platform. */
static inline bool carry_same_value(struct text a, struct text b) {
    return (a.state != TEXT_SET && b.state != TEXT_SET) || text_equal(a, b);
}
