/* guard.h - limits on what one run, 24 hours and 30 days may do without a person's approval
 * (invariant 11).
 *
 * Shape:  pure. The guard counts people, by class, whatever caused the change. A limit is the
 *         larger of an absolute number and a share of the population when the window began; what
 *         the window has seen already, and nobody approved, counts too. The usual limits are
 *         guard_usual: `rollcall integration set --help` prints them, and a test holds the table in
 *         docs/guard.md to them. */
#pragma once
#include "base/buf.h"
#include "people/change.h"
#include "store/run.h"

enum guard_window { GUARD_RUN = 0, GUARD_DAY, GUARD_MONTH, GUARD_WINDOWS_N };
const char *guard_window_name(enum guard_window w); /* "run", "24h", "30d" */

struct guard_limit {
    int32_t people; /* -1: no limit */
    double percent;
};
struct guard_limits {
    struct guard_limit of[CHANGE_CLASSES_N][GUARD_WINDOWS_N];
};
extern const struct guard_limits guard_usual;

/* {"leavers":{"run":[3,5],"24h":[5,5]}}: what differs from the usual. RC_INVALID names what is
 * wrong, with a suggestion. */
enum rc_code guard_limits_read(struct text json_text, struct guard_limits *ret,
                               struct rc_error *err);
int64_t guard_limit_people(struct guard_limit l, int64_t population); /* INT64_MAX: none */
/* "3 or 5 %"; "1" where no share is added; "none". */
void guard_limit_write(struct guard_limit l, struct buf *ret);

struct guard_input {
    bool first;    /* nobody is known yet: a first import has its own approval */
    bool delivers; /* to a platform: what is first is its first delivery */
    bool adds_few; /* small runs before it are part of it: guard_add_few() */
    int64_t
        joiners; /* whoever is new, those who had left before we met them included; of a delivery,
                        accounts made or linked */
    int64_t now[CHANGE_CLASSES_N];                     /* this run */
    int64_t before[GUARD_WINDOWS_N][CHANGE_CLASSES_N]; /* applied in the window without approval */
    int64_t population[GUARD_WINDOWS_N];               /* when the window began */
    int64_t missing_not_looked_up; /* more missing than the limit: nobody was asked */
};
/* A run that was applied, as far as the windows of later ones are concerned. What a person approved
 * does not count. Nor does what they saw when they did: whoever says yes to "121 people joining in
 * 30 days, one of them by this run" has said so of all 121, and is not asked again next day. */
struct guard_past {
    int64_t run_id, applied_us;
    enum run_kind kind;
    int64_t population; /* before it */
    bool approved;
    uint32_t
        seen[GUARD_WINDOWS_N]; /* 1u << class: approved with this window's sum before the eyes */
    int64_t classes[CHANGE_CLASSES_N];
};
void guard_past_read(const struct run_past *r, struct guard_past *ret);
/* What 24 hours and 30 days have seen, from the runs applied in the last 30 days, oldest first.
 * in->population[GUARD_RUN] is there already, and is that of a window in which nothing was applied.
 */
void guard_look_back(const struct guard_past *runs, size_t n, int64_t now_us,
                     struct guard_input *in);
enum { GUARD_DAYS = 30 }; /* so far back a window reaches */
/* What runs about single people have done since the last listing, within a day, is part of what a
 * listing, or another such run, does as one: it would have been, had nobody hurried. Else five
 * people could leave by two small runs where a listing may let three go. */
void guard_add_few(const struct guard_past *runs, size_t n, int64_t now_us, struct guard_input *in);

/* A complete listing brought so many of those who are known: under half, and it is another account
 * or a credential that sees only some. Nobody can approve that. */
bool guard_is_other_account(int64_t known, int64_t seen);
/* So many people are missing from a complete listing: whether they may be asked for by id. More
 * than may leave at once cannot have left: the list is in doubt, not the people. */
bool guard_may_look_up(const struct guard_limits *limits, int64_t missing, int64_t population);

struct guard_finding {
    enum change_class class;
    enum guard_window window;
    int64_t counted, now, limit, population; /* now: what this run adds to it */
};
struct guard_verdict {
    bool held;
    struct guard_finding findings[(int)CHANGE_CLASSES_N * (int)GUARD_WINDOWS_N];
    size_t findings_n;
};
void guard_check(const struct guard_limits *limits, const struct guard_input *in,
                 struct guard_verdict *ret);
/* A person said yes to a run that was held by this verdict. */
void guard_past_approve(struct guard_past *p, const struct guard_verdict *v);
/* One sentence for a person: "40 people leaving: the limit for one run is 20 (5 % of 400)". */
void guard_sentence(const struct guard_finding *f, const struct guard_limits *limits,
                    struct buf *ret);
/* The i-th of the sentences that say why a run is held, from 0; false: there are no more. */
bool guard_reason(const struct guard_verdict *v, const struct guard_input *in,
                  const struct guard_limits *limits, size_t i, struct buf *ret);
/* {"held":true,"first":false,"missing_not_looked_up":0,"reasons":["..."],"findings":[{"class":...,
 * "window":...,"counted":..,"now":..,"limit":..,"population":..,"text":...}]} */
void guard_write(const struct guard_verdict *v, const struct guard_input *in,
                 const struct guard_limits *limits, struct buf *ret);
