/* plan_p.h - what plan.c and plan_teams.c have in common. */
#pragma once
#include "sync/plan.h"

/* A new one of this run; the caller fills in what it does. */
struct effect *plan_next_effect(struct plan *p);
/* x NULL: of a team, by its plan. */
void plan_add_digest(struct plan *p, const struct effect *e, const struct decision *x);
/* What undoing held holds no more: let go of with the next batch. */
void plan_note_ended(struct plan *p, const struct pin *pin);

/* The effect of one team's decision, if it has any. */
void plan_team(struct plan *p, const struct deciding_team *t);
/* Whether this run makes or links one of these. */
bool plan_team_comes_about(const struct plan *p, const struct deciding_answer *answer,
                           struct text keys, struct arena *a);
