/* history.h - what runs did or would do, and what became of one person: for reading, by a person
 * who has to decide or to understand.
 *
 * Shape:  nothing here writes. A run's changes are true once it is applied; before, and when it is
 *         rejected or superseded, they are what it would have done. The versions that were current
 *         for a person, from the newest to the first, are a chain by base_run_id.
 * Memory: everything in the arena given. */
#pragma once
#include "people/change.h"
#include "store/store.h"
#include "store/version.h"

struct history_change {
    int64_t user_id;
    struct text source_id, name;
    struct text email, team; /* of the version: folded address, team key; missing: none */
    struct text team_before; /* the team key before it; missing: none, or a joiner */
    struct text field, old, new, rule;
    enum change_class class;
};
/* By user and field; at most `most`. */
enum rc_code history_changes(struct store *st, int64_t company_id, int64_t run_id, size_t most,
                             struct arena *a, struct history_change **ret, size_t *ret_n,
                             struct rc_error *err);
/* Of one person within a run. */
enum rc_code history_changes_of(struct store *st, int64_t company_id, int64_t run_id,
                                int64_t user_id, struct arena *a, struct history_change **ret,
                                size_t *ret_n, struct rc_error *err);

/* Who is in only one of two stages, or in both but otherwise; by side and source id. */
enum history_side { HISTORY_ONLY_FIRST, HISTORY_ONLY_SECOND, HISTORY_OTHERWISE };
struct history_difference {
    enum history_side side;
    struct text source_id, name;
};
enum rc_code history_differences(struct store *st, int64_t company_id, int64_t first_run,
                                 int64_t second_run, size_t most, struct arena *a,
                                 struct history_difference **ret, size_t *ret_n,
                                 struct rc_error *err);

/* Teams as a run saw them, by key: those known, and on top of them those that it staged. run_id 0:
 * those known. */
enum rc_code history_teams(struct store *st, int64_t company_id, int64_t integration_id,
                           int64_t run_id, struct arena *a, struct version_team **ret,
                           size_t *ret_n, struct rc_error *err);

/* One version of a person. RC_NOT_FOUND: that run has none. */
struct history_version {
    int64_t run_id, base_run_id; /* base 0: joined by it */
    int64_t read_us;
    enum presence presence;
    struct text employee, user; /* people/stored.h */
    uint64_t problems;
    bool left_out;
};
enum rc_code history_version(struct store *st, int64_t company_id, int64_t run_id, int64_t user_id,
                             struct arena *a, struct history_version *ret, struct rc_error *err);
/* When a run began by the clock of then; the latest beginning of those before it, and the earliest of those after it
 * that is not before that one: none of them counts that lies ahead of now. 0: there is none. */
enum rc_code history_began(struct store *st, int64_t company_id, int64_t run_id, int64_t now_us,
                           int64_t *ret_us, int64_t *ret_before_us, int64_t *ret_after_us,
                           struct rc_error *err);
/* The runs that changed a person, or would have, newest first; without the one by which they
 * joined. */
enum rc_code history_runs_of(struct store *st, int64_t company_id, int64_t user_id, size_t most,
                             struct arena *a, int64_t **ret, size_t *ret_n, struct rc_error *err);

/* Held and previewed runs that have staged a person, newest first; user_id 0: by source id, for
 * somebody whom the directory does not have yet. */
struct history_wait {
    int64_t run_id, user_id, integration_id, started_us;
    bool is_held; /* else previewed */
    struct text source_id, name;
};
enum rc_code history_waiting(struct store *st, int64_t company_id, int64_t user_id,
                             struct text source_id, struct arena *a, struct history_wait **ret,
                             size_t *ret_n, struct rc_error *err);
