/* memory_p.h - the platform in memory among itself: memory.c (opening, calls, lists),
 * memory_there.c (what is there, how it is shown), memory_change.c (what is done to it). */
#pragma once
#include "destination/destination_p.h"
#include "destination/memory.h"

/* One call, from taking the lock to giving it back. */
struct memory_deed {
    struct memory_platform *m;
    size_t request;
    const struct memory_platform_fault *after;
};

#define MEMORY_GROW(m, rows)                                                                       \
    ((m)->rows = memory_grown((m)->rows, sizeof *(m)->rows, (m)->rows##_n, &(m)->rows##_cap))

/* ---- memory.c ---- */

/* Takes the lock, also when it fails; writes the call down, and fails where the script says so. */
enum rc_code memory_deed_begin(struct memory_deed *d, struct memory_platform *m,
                               enum memory_platform_call call, const char *text,
                               struct rc_error *err);
/* Gives the lock back; fails after the deed where the script says so. */
enum rc_code memory_deed_end(struct memory_deed *d, enum rc_code rc, struct rc_error *err);
struct memory_platform *memory_platform_of(struct destination_lane *l);

/* ---- memory_there.c ---- */
void *memory_grown(void *rows, size_t each_bytes, size_t n, size_t *cap);
struct text memory_keep(struct memory_platform *m, struct text t);
struct memory_platform_account *memory_account_at(struct memory_platform *m, struct text id);
struct memory_platform_team *memory_team_at(struct memory_platform *m, struct text id);
bool memory_same_address(struct text a, struct text b);
struct account *memory_account_new(struct memory_platform *m);
void memory_put_custom(struct memory_platform *m, struct account *a, struct text name,
                       struct text value);
bool memory_is_among(struct text ids, struct text id);
void memory_teams_set(struct memory_platform *m, struct account *a, struct text add,
                      struct text drop);
void memory_show(const struct account *a, struct arena *arena, struct account *ret);
void memory_show_team(const struct memory_platform *m, const struct destination_team *t,
                      struct arena *arena, struct destination_team *ret);

/* ---- memory_change.c ---- */

enum rc_code memory_create(struct destination_lane *l, const struct destination_change *c,
                           struct arena *a, struct destination_outcome *ret, struct rc_error *err);
enum rc_code memory_update(struct destination_lane *l, const struct destination_change *c,
                           struct arena *a, struct destination_outcome *ret, struct rc_error *err);
enum rc_code memory_deactivate(struct destination_lane *l, const struct account *now,
                               struct rc_error *err);
enum rc_code memory_reactivate(struct destination_lane *l, const struct account *now,
                               struct rc_error *err);
enum rc_code memory_invite(struct destination_lane *l, const struct account *now,
                           struct rc_error *err);
enum rc_code memory_team_create(struct destination_lane *l, struct text name,
                                struct text external_id, struct arena *a,
                                struct destination_team *ret, struct rc_error *err);
enum rc_code memory_team_update(struct destination_lane *l, struct text remote_id, struct text name,
                                struct text external_id, struct arena *a,
                                struct destination_team *ret, struct rc_error *err);
enum rc_code memory_team_delete(struct destination_lane *l, struct text remote_id,
                                struct rc_error *err);
enum rc_code memory_team_leave(struct destination_lane *l, struct text team_id,
                               struct text account_id, struct rc_error *err);
