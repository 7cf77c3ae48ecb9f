/* run.h - runs: everything that leads to changes, whatever caused it.
 *
 * States: listing -> checking -> passed | held | previewed -> applied; ends rejected, superseded,
 *         failed. A run cut short while listing is thrown away; from checking on it survives a
 *         crash. At most one of a subject is under way, at most one is held: the database holds
 *         both.
 * Format: counts, proof and verdict are JSON objects, written here and shown by `run show --json`
 *         as they are. */
#pragma once
#include "json/json.h"
#include "people/change.h"
#include "people/problem.h"
#include "store/store.h"

enum run_state {
    RUN_LISTING = 1,
    RUN_CHECKING,
    RUN_PASSED,
    RUN_HELD,
    RUN_PREVIEWED,
    RUN_APPLIED,
    RUN_REJECTED,
    RUN_SUPERSEDED,
    RUN_FAILED,
    RUN_STATES_N
};
/* remap: a mapping is activated over those who are stored. delivery: accounts on a platform. undo: a
 * delivery is undone, as far as it can be. */
enum run_kind {
    RUN_FULL = 1,
    RUN_SINCE,
    RUN_PERSON,
    RUN_REMAP,
    RUN_DELIVERY,
    RUN_UNDO,
    RUN_KINDS_N
};
const char *run_state_name(enum run_state s);
const char *run_kind_name(enum run_kind k);

struct run_custom {   /* a custom field, and how many people it changed for */
    const char *name; /* "custom.cost_code" */
    int64_t people;
};
/* People, counted once in each number that is true of them. */
struct run_counts {
    int64_t read, unchanged, joiners, changed, missing, absent, gone, left_out;
    int64_t arrived_left; /* joiners who had left before we met them */
    int64_t classes[CHANGE_CLASSES_N];
    int64_t fields[USER_FIELDS_N + 1]; /* the last is the lifecycle */
    const struct run_custom *custom;   /* by name, none of them 0; borrowed */
    size_t custom_n;
    int64_t problems[PROBLEMS_N]; /* of everybody read */
    int64_t shared_email, unknown_manager;
    int64_t vanished[USER_FIELDS_N]; /* people for whom a known field came as missing */
    int64_t teams_new, teams_renamed;
};
/* Custom fields stand behind the others among the fields, by their names. */
void run_counts_write(const struct run_counts *c, struct buf *ret);
enum rc_code run_counts_read(struct text t, struct arena *a, struct run_counts *ret,
                             struct rc_error *err);

struct run {
    int64_t company_id, run_id;
    int64_t integration_id; /* of an import; 0: it has none */
    int64_t destination_id; /* of a delivery; 0: it has none. One of the two is the run's subject */
    enum run_kind kind;
    enum run_state state;
    bool preview, approved;
    bool activates;                           /* the mapping below, once applied */
    int64_t mapping_id;                       /* 0: the default */
    int64_t started_us, ended_us, applied_us; /* 0: not yet */
    int64_t population;
    uint8_t stage_digest[16];
    bool has_stage_digest;
    struct run_counts counts;
    struct text proof, verdict, rights, reason, decided_by, decided_because;
    int64_t other_run_id; /* of an undo: the run that it undoes; 0: none */
};

enum rc_code run_add(struct store *st, struct run *r, struct rc_error *err);
/* Every column that can change. */
enum rc_code run_save(struct store *st, const struct run *r, struct rc_error *err);
enum rc_code run_get(struct store *st, int64_t company_id, int64_t run_id, struct arena *a,
                     struct run *ret, struct rc_error *err);
/* RC_CONFLICT "run.not-waiting": nobody decides about it any more; with what took its place, if it is that. */
enum rc_code run_not_waiting(const struct run *r, struct rc_error *err);
/* The newest in that state; RC_NOT_FOUND when there is none. subject_id: of an integration or a
 * destination. */
enum rc_code run_in_state(struct store *st, int64_t company_id, int64_t subject_id,
                          enum run_state state, struct arena *a, struct run *ret,
                          struct rc_error *err);
/* The newest of that kind and state before another run; other_run_id 0: whatever it is about. */
enum rc_code run_before(struct store *st, int64_t company_id, int64_t subject_id,
                        enum run_kind kind, enum run_state state, int64_t other_run_id,
                        int64_t before_run_id, struct arena *a, struct run *ret,
                        struct rc_error *err);
/* The one applied last, which may have begun before others that were applied before it. */
enum rc_code run_last_applied(struct store *st, int64_t company_id, int64_t subject_id,
                              struct arena *a, struct run *ret, struct rc_error *err);
/* The newest that is about more than single people, in whatever state. */
enum rc_code run_newest_whole(struct store *st, int64_t company_id, int64_t subject_id,
                              struct arena *a, struct run *ret, struct rc_error *err);
/* Newest first, at most `most`; subject_id 0: of the whole company. */
enum rc_code run_list(struct store *st, int64_t company_id, int64_t subject_id, size_t most,
                      struct arena *a, struct run **ret, size_t *ret_n, struct rc_error *err);
/* Those before another run; 0: from the newest. */
enum rc_code run_list_before(struct store *st, int64_t company_id, int64_t subject_id,
                             int64_t before_run_id, size_t most, struct arena *a, struct run **ret,
                             size_t *ret_n, struct rc_error *err);
/* For who watches: those under way or held, and those that began or ended since; newest first, at most
 * `most`. Of those that began since, and neither wait nor have ended, only the newest are looked at. */
enum rc_code run_list_lately(struct store *st, int64_t company_id, int64_t since_us, size_t most,
                             struct arena *a, struct run **ret, size_t *ret_n,
                             struct rc_error *err);
/* All that began after since_us, the oldest first. */
enum rc_code run_list_since(struct store *st, int64_t company_id, int64_t subject_id,
                            int64_t since_us, struct arena *a, struct run **ret, size_t *ret_n,
                            struct rc_error *err);
/* How long readings of everybody that began since then have taken together, previews left out. Each counts for
 * most_us at most: of one whose process was killed nobody knows when it ended. */
enum rc_code run_reading_us(struct store *st, int64_t company_id, int64_t integration_id,
                            int64_t since_us, int64_t now_us, int64_t most_us, int64_t *ret_us,
                            struct rc_error *err);
/* An applied run, as far as the guard's windows are concerned. */
struct run_past {
    int64_t run_id, applied_us;
    enum run_kind kind;
    int64_t population; /* before it */
    bool approved;      /* a person said yes */
    int64_t classes[CHANGE_CLASSES_N];
    struct text verdict; /* the guard's, as in struct run; of those approved */
};
/* Those applied after since_us, the oldest first. */
enum rc_code run_applied_since(struct store *st, int64_t company_id, int64_t subject_id,
                               int64_t since_us, struct arena *a, struct run_past **ret,
                               size_t *ret_n, struct rc_error *err);
