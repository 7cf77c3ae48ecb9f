/* effect.h - the effects of a delivery: each planned call to a platform, durable before the first one
 * is made, with its outcome.
 *
 * Shape:  effects of a run are carried out pass by pass, in the order of their ids. plan is the
 *         decision as JSON (people/stored_account.h for accounts; for teams
 *         {"name","external_id"}), exactly what is to be sent; a later run never changes it.
 * States: planned -> sent -> done | failed | unsure; or dropped: what it was planned for has changed
 *         since, or somebody said no. done -> undone, by a run that undoes it; unsure -> done | lost, once an
 *         inventory shows which. How far a run has handed
 *         its effects out is one mark on the run: those planned up to there are read as sent, without
 *         a write to each. */
#pragma once
#include "people/change.h"
#include "store/store.h"

enum effect_state {
    EFFECT_PLANNED = 1,
    EFFECT_SENT, /* handed to a lane: after a crash nobody knows; never saved: effect_hand_out() */
    EFFECT_DONE,
    EFFECT_FAILED,
    EFFECT_UNSURE,
    EFFECT_DROPPED,
    EFFECT_UNDONE,
    EFFECT_LOST, /* the answer was, and it had not been done when it was looked at */
    EFFECT_STATES_N
};
const char *effect_state_name(enum effect_state s); /* stored and shown: never renamed */

/* In this order: whoever leaves goes first; but nobody is closed before their reports have somebody
 * else; and what is referred to comes before whoever refers to it. */
enum effect_pass {
    EFFECT_PASS_NONE = 0, /* of a run whose effects have not been handed out */
    EFFECT_FIRST = 0,     /* leavers whom nobody is moved away from in this run */
    EFFECT_TEAMS,
    EFFECT_PEOPLE,
    /* What waited for an account made or moved in this run. Whoever has another effect besides has it
     * right before this one, which is the second call about them. */
    EFFECT_REFERENCES,
    EFFECT_LEAVERS,
    EFFECT_PRUNED, /* teams that nobody is in any more */
    EFFECT_PASSES_N
};
struct effect {
    int64_t run_id, effect_id; /* effect_id from 1 */
    enum effect_pass pass;
    int64_t account_id, user_id, team_id; /* 0: none */
    struct text verb, code, sentence;     /* decide_verb_name() or team_verb_name() */
    struct text plan;
    /* Names of the guard's classes that it is of, with blanks between; one that a person has approved
     * before, with the import that brought it, has a star in front and does not count. */
    struct text classes;
    enum effect_state state;
    struct text answer; /* what came of it, for people */
    int64_t at_us;      /* when it was last touched */
    /* ---- once it is done: what undoing it needs to know; `had` of people is planned too ---- */
    struct text remote_id; /* the account or team on which it was carried out */
    /* JSON: what was sent, where that differs from the plan: all of it, or what came besides (carry_note.c). */
    struct text did;
    /* JSON of what it took away without naming it: of an account that is closed
     * {"primary_team","secondary_teams","manager"}, of one that is linked {"external_id"}, of a team
     * {"name"}. */
    struct text had;
};

/* Inside a transaction. */
enum rc_code effect_add(struct store *st, int64_t company_id, const struct effect *effects,
                        size_t n, struct rc_error *err);
enum rc_code effect_list(struct store *st, int64_t company_id, int64_t run_id, int64_t after_id,
                         size_t most, struct arena *a, struct effect **ret, size_t *ret_n,
                         struct rc_error *err);
/* The next of a pass that are planned. */
enum rc_code effect_planned(struct store *st, int64_t company_id, int64_t run_id,
                            enum effect_pass pass, int64_t after_id, size_t most, struct arena *a,
                            struct effect **ret, size_t *ret_n, struct rc_error *err);
/* state, answer, at_us, remote_id, did, had. */
enum rc_code effect_save(struct store *st, int64_t company_id, const struct effect *e,
                         struct rc_error *err);
/* From one state to another, all of a run. */
enum rc_code effect_move(struct store *st, int64_t company_id, int64_t run_id,
                         enum effect_state from, enum effect_state to, const char *answer,
                         int64_t now_us, int64_t *ret_n, struct rc_error *err);
/* Planned ones of that pass and those before it that were never sent; while none is out. */
enum rc_code effect_drop_untried(struct store *st, int64_t company_id, int64_t run_id,
                                 enum effect_pass upto, const char *answer, int64_t now_us,
                                 struct rc_error *err);
/* Those that were handed out, by a process that is no more, whether it has been noted (effect_note_sent())
 * or not: nobody knows what became of them. */
enum rc_code effect_doubt(struct store *st, int64_t company_id, int64_t run_id, const char *answer,
                          int64_t now_us, struct rc_error *err);
/* A planned one is carried out before all others. */
enum rc_code effect_put_first(struct store *st, int64_t company_id, int64_t run_id,
                              int64_t effect_id, struct rc_error *err);
/* Those that were handed out, by a process that is no more, stay planned and have this answer from then
 * on: whoever looks at them once more knows that they may have been done. */
enum rc_code effect_note_sent(struct store *st, int64_t company_id, int64_t run_id,
                              const char *answer, struct rc_error *err);
struct effect_tally {
    int64_t of[EFFECT_STATES_N];
    /* How many count in each class of the guard, of what is done or unsure; of what is undone the rest. */
    int64_t classes[CHANGE_CLASSES_N];
};
enum rc_code effect_count(struct store *st, int64_t company_id, int64_t run_id,
                          struct effect_tally *ret, struct rc_error *err);
/* What a run has done for one user, or one team, is undone, and counts no more in the guard's windows:
 * all but the mails that it sent. */
enum rc_code effect_undone(struct store *st, int64_t company_id, int64_t run_id, int64_t user_id,
                           int64_t team_id, const char *answer, int64_t now_us,
                           struct rc_error *err);
/* In the current transaction, before any of them is called: effects of the run up to this one, in the
 * order of passes, are handed out. EFFECT_PASS_NONE, 0: what had been is no longer in doubt. */
enum rc_code effect_hand_out(struct store *st, int64_t company_id, int64_t run_id,
                             enum effect_pass pass, int64_t effect_id, struct rc_error *err);
/* Of a run's calls that failed, those about accounts that the platform says are not there. */
enum rc_code effect_of_deleted(struct store *st, int64_t company_id, int64_t destination_id,
                               int64_t run_id, int64_t *ret, struct rc_error *err);
/* Whether another run that was under way since then has left an effect of which nobody knows what
 * became of it. */
enum rc_code effect_any_in_doubt(struct store *st, int64_t company_id, int64_t destination_id,
                                 int64_t but_run_id, int64_t since_us, bool *ret,
                                 struct rc_error *err);
/* Whom runs that were under way since then were to change, to close or to open, and of which nobody knows
 * whether it was done; not by undoing, which counts as somebody's hand; and whom undoing was to let go of. In the
 * order in which they were planned, behind this one. */
enum rc_code effect_unheard(struct store *st, int64_t company_id, int64_t destination_id,
                            int64_t since_us, int64_t after_run_id, int64_t after_id, size_t most,
                            struct arena *a, struct effect **ret, size_t *ret_n,
                            struct rc_error *err);
/* Whether there are effects in doubt that came after that moment: what became of them no inventory
 * from before it can show. */
enum rc_code effect_any_unsure(struct store *st, int64_t company_id, int64_t destination_id,
                               int64_t since_us, bool *ret, struct rc_error *err);
/* How many calls are in doubt that came after that moment; and how many of the run were to close somebody, and have
 * failed. */
enum rc_code effect_not_through(struct store *st, int64_t company_id, int64_t destination_id,
                                int64_t since_us, int64_t run_id, int64_t *ret_unsure,
                                int64_t *ret_not_closed, struct rc_error *err);
/* The newest run after that one that did the same for the user: verb; making an account and linking one are
 * the same. *ret_run_id 0: none did. */
enum rc_code effect_done_later(struct store *st, int64_t company_id, int64_t destination_id,
                               int64_t run_id, int64_t user_id, const char *verb,
                               int64_t *ret_run_id, struct rc_error *err);
/* How many there are of each verb and state, of people or of teams, by verb: everybody once, by the
 * first call about them. */
struct effect_group {
    struct text verb;
    bool of_teams;
    int64_t of[EFFECT_STATES_N], all;
    int64_t second[EFFECT_STATES_N]; /* the second calls about somebody */
    int64_t ahead;                   /* calls that are planned, handed out or not */
};
/* The second call about somebody, which stands behind the first. */
bool effect_is_second(const struct effect *e, const struct effect *before);
enum rc_code effect_groups(struct store *st, int64_t company_id, int64_t run_id, struct arena *a,
                           struct effect_group **ret, size_t *ret_n, struct rc_error *err);
/* Of one user on one platform, newest first: for people why and history. */
enum rc_code effect_of_user(struct store *st, int64_t company_id, int64_t destination_id,
                            int64_t user_id, size_t most, struct arena *a, struct effect **ret,
                            size_t *ret_n, struct rc_error *err);
