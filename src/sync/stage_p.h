/* stage_p.h - shared by stage.c (the batch) and stage_known.c (people who are known already). */
#pragma once
#include "people/digest.h"
#include "sync/roll_known.h"
#include "sync/stage.h"

struct stage {
    struct stage_context c;
    struct run *run;
    struct roll_known known;
    struct arena batch;  /* texts of versions and changes until the flush */
    struct arena person; /* of one person */
    struct arena teams_arena;
    struct map teams; /* key -> struct version_team, as known or as staged */
    struct version versions[STAGE_BATCH];
    size_t versions_n;
    struct version_change *changes;
    size_t changes_n, changes_cap;
    struct version_team *new_teams;
    size_t new_teams_n, new_teams_cap;
    struct json_reader *json_employee, *json_user;
    struct prepare prepare;
    int64_t
        *replaced; /* user ids: what this run staged of them before goes away with the next batch */
    size_t replaced_n, replaced_cap;
    bool drop_missing; /* so does everybody staged as missing */
    int64_t next_id, ids_left, ids_taken;
    int64_t beat_us;
    bool same_mapping; /* as at the last applied listing: an equal employee then is an equal user */
};

/* Somebody as the directory has them. */
struct known {
    struct person row;
    struct employee employee;
    struct user user;
};

/* ---- stage.c ---- */
/* Whatever of the employee's teams is new, or has another name. */
void stage_see_teams(struct stage *s, const struct employee *e);
/* With their texts, which are copied. */
void stage_add_version(struct stage *s, const struct version *v);
void stage_add_changes(struct stage *s, int64_t user_id, const struct change *changes, size_t n);
void stage_count_problems(struct run_counts *c, uint64_t problems);

/* ---- stage_known.c ---- */
/* e, as read just now, of whom k->row is filled in. */
enum rc_code stage_add_known(struct stage *s, struct employee *e, struct digest *digest,
                             struct known *k, bool *ret_differs, struct rc_error *err);
