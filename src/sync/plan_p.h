/* plan_p.h - what the files of a plan share: plan.c (all accounts, in batches), plan_effect.c (what is planned of one),
 * plan_await.c (what of it has to come later), plan_teams.c. */
#pragma once
#include "sync/plan.h"

/* ---- plan_effect.c ---- */
/* A new one of this run; the caller fills in what it does. */
struct effect *plan_next_effect(struct plan *p);
/* x NULL: of a team, by its plan. */
void plan_add_digest(struct plan *p, const struct effect *e, const struct decision *x);
/* x: what of the answer's decision this pass does. */
enum rc_code plan_add_effect(struct plan *p, enum effect_pass pass, const struct account_row *row,
                             const struct deciding_answer *answer, const struct decision *x,
                             struct rc_error *err);

/* ---- plan_await.c ---- */
/* The fields that wait for what this run will make, apart: those that follow a team can go with the
 * person, others have to come afterwards. */
enum rc_code plan_split_awaits(struct plan *p, const struct deciding_answer *answer,
                               struct arena *a, struct decision *now, struct decision *later,
                               struct rc_error *err);
bool plan_awaits_any(const struct decision *x);

/* ---- plan.c ---- */
/* What undoing held holds no more: let go of with the next batch. */
void plan_note_ended(struct plan *p, const struct pin *pin);

/* ---- plan_teams.c ---- */
/* The effect of one team's decision, if it has any. */
void plan_team(struct plan *p, const struct deciding_team *t);
/* Whether this run makes or links one of these. */
bool plan_team_comes_about(const struct plan *p, const struct deciding_answer *answer,
                           struct text keys, struct arena *a);
