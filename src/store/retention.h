/* retention.h - how long what is no longer needed is kept, and taking it away.
 *
 * Shape:  a company's rules are days; company.retention is a JSON object of those that differ from the
 *         usual. Never taken away, however old: the version that is current for somebody and its
 *         changes; what a run that has not ended needs (itself, the run that it took the place of, that
 *         it undoes, or over which it was previewed); effects of which nobody knows yet what became of
 *         them; a subject's newest applied run; decisions, pins, accounts, mappings.
 *         One step is one short transaction of at most RETENTION_ROWS rows, or one reading that finds
 *         nothing. What is gone from people's history shows as such: nothing else depends on it, and
 *         the guard counts by the runs' own numbers.
 * Memory: nothing is kept.
 * Errors: RC_INVALID "retention" for a rule or a number of days that there is not. */
#pragma once
#include "store/store.h"

enum retention_rule {
    RETENTION_STAGES = 0, /* people as runs saw them that were never applied */
    RETENTION_HISTORY,    /* earlier versions of people, and what changed in them */
    RETENTION_EFFECTS,    /* calls to platforms: so far back an undo reaches */
    RETENTION_AUDIT,      /* who set, approved, paused, linked */
    RETENTION_RUNS,       /* runs of which nothing else is left */
    RETENTION_RULES_N
};
enum { RETENTION_ROWS = 500, RETENTION_DAYS_MOST = 36500 };
struct retention_rule_info {
    const char *name, *meaning;
    int64_t usual, least; /* days */
};
extern const struct retention_rule_info retention_rules[RETENTION_RULES_N];

struct retention {
    int64_t days[RETENTION_RULES_N]; /* 0: for ever */
};
enum rc_code retention_get(struct store *st, int64_t company_id, struct retention *ret,
                           struct rc_error *err);
/* "history=365", "history=keep", "history=" (the usual); into what is there. */
enum rc_code retention_set(struct retention *r, const char *assignment, struct rc_error *err);
enum rc_code retention_save(struct store *st, int64_t company_id, const struct retention *r,
                            struct rc_error *err);

struct retention_counts {
    int64_t versions, changes, teams, effects, audits, runs;
};
/* Begin with a zeroed one. */
struct retention_cursor {
    int part; /* which table */
    int64_t run_id, after;
    bool ends; /* there is nothing left to do */
};
enum rc_code retention_step(struct store *st, int64_t company_id, const struct retention *r,
                            int64_t now_us, struct retention_cursor *at,
                            struct retention_counts *counts, struct rc_error *err);
/* What would go now. Runs that would be left without anything are not in it. */
enum rc_code retention_count(struct store *st, int64_t company_id, const struct retention *r,
                             int64_t now_us, struct retention_counts *ret, struct rc_error *err);
