/* status.h - is all well: of integrations and of destinations, for `rollcall status` and the API.
 *
 * Memory: texts lie in the arena of the struct show. */
#pragma once
#include "show/kept.h"
#include "show/show.h"
#include "store/effect.h"
#include "sync/accounts.h"
#include "sync/health.h"
#include "sync/left.h"

struct show_state { /* of an integration */
    struct health health;
    struct kept_counts counts;
    int64_t unsettled;
    const char *verdict; /* health_verdict_name() */
    bool has_hook;
    struct hook_standing hook; /* its webhook in HR */
};
enum rc_code show_state_load(const struct show *s, const struct company *co,
                             const struct integration *in, struct show_state *ret,
                             struct rc_error *err);
void show_state(struct json_writer *w, const struct company *co, const struct integration *in,
                const struct show_state *s);

enum { SHOW_LEFT_MOST = 3 };
struct show_there { /* of a destination */
    const char *verdict;
    struct health health;
    int64_t accounts, asks;
    int64_t uninvited; /* whose invitation only somebody on the platform can send */
    int64_t lapsed;    /* among asks: whose invitation was for another address */
    int64_t apart;     /* whose account is not theirs, by a person's word: they have none */
    int64_t team_asks; /* teams about which somebody is asked */
    struct accounts_team_wait *waits; /* those that people wait for, and nobody is asked about */
    size_t waits_n;
    struct effect_tally tally; /* of the last run */
    int64_t refused,
        deleted; /* of its calls: that failed, without those about accounts that were deleted there */
    struct account_row *left; /* some of those who left and can still sign in: sync/left.h */
    size_t left_n;
    int64_t left_all;
};
enum rc_code show_there_load(const struct show *s, const struct company *co,
                             const struct platform *p, struct show_there *ret,
                             struct rc_error *err);
enum rc_code show_there(const struct show *s, struct json_writer *w, const struct company *co,
                        const struct platform *p, const struct show_there *t, struct rc_error *err);

/* "integrations" and "destinations" of all these companies, as members of the open object. *ret_held: a
 * run of them waits for a person; may be NULL. */
enum rc_code show_status(const struct show *s, struct json_writer *w, const struct company *all,
                         size_t n, bool *ret_held, struct rc_error *err);
