/* cause.h - what a person has to be told of, found in the database.
 *
 *     code            about            when
 *     held-leavers    a run is held that would close somebody's access        at once
 *     held            any other run that is held, but an undo                 at once
 *     credentials     user, key or rights are refused                         at once
 *     refused-alike   the platform refused many changes in a row, all alike   at once
 *     failing         it has failed three times and for an hour, or twice and for a day; for some people alone too
 *     stale           HR was last read long ago, in spite of its schedule, and nothing else says why
 *     paused          a destination has been paused for a day                 a reminder each week
 *     webhook         HR does not tell by itself: the webhook that rollcall keeps there cannot be made or mended for
 *                     an hour (a day, where somebody is to make it by hand), or nothing comes though HR says
 *                     that it is enabled and listings find changes. While HR cannot be read, nothing new is said of it
 *
 * Shape:  at one subject several may be true at a time, but only one of each pair of lines 1 and 2, 3 to 5. While a
 *         destination is paused nothing new is said of its failures. */
#pragma once
#include "store/hook.h"
#include "sync/health.h"

enum cause {
    CAUSE_HELD_LEAVERS = 0,
    CAUSE_HELD,
    CAUSE_CREDENTIALS,
    CAUSE_ALIKE,
    CAUSE_FAILING,
    CAUSE_STALE,
    CAUSE_PAUSED,
    CAUSE_WEBHOOK,
    CAUSES_N
};
const char *cause_code(enum cause c);     /* stored and shown: never renamed */
enum cause cause_parse(struct text code); /* CAUSES_N: of a newer program */
int64_t cause_repeat_us(enum cause c);    /* how long nobody is told again */
bool cause_is_urgent(enum cause c);       /* somebody's access waits for it */
bool cause_tells_over(enum cause c);      /* that it is over is worth a mail */
bool cause_is_technical(enum cause c);    /* the operator is told, too */

enum {
    CAUSE_ATTEMPTS = 3,
    CAUSE_HOURS = 1,
    CAUSE_ATTEMPTS_OF_A_DAY = 2,
    CAUSE_PAUSED_HOURS = 24,
    CAUSE_BY_HAND_HOURS = 24
};
struct cause_found {
    enum cause cause;
    int64_t subject_id, run_id; /* run_id 0: none */
    int64_t since_us;
    bool is_quiet; /* whoever knows of it is not told again, and nobody anew */
    struct health health;
    /* One of the two; the other is NULL. */
    const struct integration *in;
    const struct platform *there;
    const struct hook_standing *hook; /* with CAUSE_WEBHOOK */
};
/* Of a company, by subject and cause. */
enum rc_code cause_find(struct store *st, int64_t company_id, int64_t now_us, struct arena *a,
                        struct cause_found **ret, size_t *ret_n, struct rc_error *err);
