/* version.h - the states of people that a run has staged, and how they become current.
 *
 * Shape:  versions and changes are written in batches while a run lists and checks, belong to the
 *         run, and are current for nobody yet. version_apply() moves "user" to them, in the
 *         caller's one short transaction.
 * Memory: texts of a batch are borrowed until the call returns. */
#pragma once
#include "json/json.h"
#include "people/change.h"
#include "people/digest.h"
#include "people/lifecycle.h"
#include "store/run.h"

struct version {
    int64_t user_id;
    int64_t base_run_id; /* 0: a joiner */
    int64_t read_us;
    enum presence presence;
    struct text source_id, employee, person; /* the last two: people/stored.h */
    struct digest employee_digest, user_digest;
    struct text email, manager, team;
    uint64_t problems;
    bool has_left;
};
struct version_change {
    int64_t user_id;
    struct text field, old, new;
    enum change_class class;
    const char *rule;
};

/* Inside a transaction. */
enum rc_code version_add(struct store *st, int64_t company_id, int64_t integration_id,
                         int64_t run_id, const struct version *versions, size_t n,
                         struct rc_error *err);
enum rc_code version_add_changes(struct store *st, int64_t company_id, int64_t run_id,
                                 const struct version_change *changes, size_t n,
                                 struct rc_error *err);
/* One staged person and their changes away again; RC_OK also when there is none. */
enum rc_code version_drop(struct store *st, int64_t company_id, int64_t run_id, int64_t user_id,
                          struct rc_error *err);
/* All that a run has staged, in transactions of its own, most at a time: never blocks others for
 * long. */
enum rc_code version_drop_all(struct store *st, int64_t company_id, int64_t run_id,
                              struct rc_error *err);

struct version_applied {
    int64_t joined, moved, left_out;
};
/* Moves each person whose current version is still the one that was compared with; the others are
 * marked left out, and their changes are taken away. Staged teams are written. */
enum rc_code version_apply(struct store *st, int64_t company_id, int64_t integration_id,
                           int64_t run_id, struct version_applied *ret, struct rc_error *err);
/* The staged people whom HR did not list and who have not been looked up yet. Returns at most
 * `most`, beginning behind after_id. */
enum rc_code version_missing(struct store *st, int64_t company_id, int64_t run_id, int64_t after_id,
                             size_t most, struct arena *a, struct version **ret, size_t *ret_n,
                             struct rc_error *err);
/* How many of them would lose access by it: who had left or was missing before does not count. */
enum rc_code version_count_missing(struct store *st, int64_t company_id, int64_t run_id,
                                   int64_t *ret, struct rc_error *err);
/* Staged missing people who are missing in the directory already: nothing new about them, away
 * again. */
enum rc_code version_drop_still_missing(struct store *st, int64_t company_id, int64_t run_id,
                                        struct rc_error *err);
/* Everybody staged as missing away again, with their changes. Inside a transaction. */
enum rc_code version_drop_missing(struct store *st, int64_t company_id, int64_t run_id,
                                  struct rc_error *err);
/* Whether a held or previewed run has staged this person as they would still be applied: over the version
 * that is current. */
enum rc_code version_waits(struct store *st, int64_t company_id, int64_t user_id, bool *ret,
                           struct rc_error *err);
/* What a run has staged, in numbers of people: by class (a person counts once in each class,
 * whatever the number of fields), by field; and how many are staged as missing and as gone. */
struct version_tally {
    int64_t classes[CHANGE_CLASSES_N], fields[USER_FIELDS_N + 1], absent, gone;
    const struct run_custom *custom; /* by name */
    size_t custom_n;
};
enum rc_code version_count(struct store *st, int64_t company_id, int64_t run_id, bool with_presence,
                           struct arena *a, struct version_tally *ret, struct rc_error *err);
/* The classes in which a person changed by this run, as bits (1u << class), if somebody approved the
 * run; else 0. */
enum rc_code version_approved_classes(struct store *st, int64_t company_id, int64_t run_id,
                                      int64_t user_id, uint32_t *ret, struct rc_error *err);
/* The stage's digests of those who are not listed, to be added to the run's. */
enum rc_code version_not_listed(struct store *st, int64_t company_id, int64_t run_id,
                                int64_t after_id, size_t most, struct arena *a,
                                struct version **ret, size_t *ret_n, struct rc_error *err);

/* "First Last" of a stored user (people/stored.h); missing when neither is known. */
struct text version_name_of(struct json_reader *r, struct arena *a, struct text person);
/* Staged changes for people to read, by class and person; class CHANGE_CLASSES_N: all. */
struct version_change_row {
    int64_t user_id;
    struct text source_id, name, field, old, new, rule;
    enum change_class class;
};
enum rc_code version_changes(struct store *st, int64_t company_id, int64_t run_id, size_t most,
                             struct arena *a, struct version_change_row **ret, size_t *ret_n,
                             struct rc_error *err);
/* Those whom version_apply() left out of a run, by person. */
struct version_left_out {
    int64_t user_id;
    struct text source_id, name;
};
enum rc_code version_left_outs(struct store *st, int64_t company_id, int64_t run_id, size_t most,
                               struct arena *a, struct version_left_out **ret, size_t *ret_n,
                               struct rc_error *err);
/* How two stages differ: people only in the one, only in the other, in both but otherwise. */
struct version_difference {
    int64_t only_first, only_second, otherwise;
};
enum rc_code version_compare(struct store *st, int64_t company_id, int64_t first_run,
                             int64_t second_run, struct version_difference *ret,
                             struct rc_error *err);

struct version_team {
    struct text key, kind, hr_id, name;
    int64_t team_id; /* 0: new */
};
enum rc_code version_add_team(struct store *st, int64_t company_id, int64_t run_id,
                              const struct version_team *t, struct rc_error *err);
/* Every known team of an integration: key and name. */
enum rc_code team_list(struct store *st, int64_t company_id, int64_t integration_id,
                       struct arena *a, struct version_team **ret, size_t *ret_n,
                       struct rc_error *err);
