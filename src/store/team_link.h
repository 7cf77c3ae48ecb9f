/* team_link.h - the directory's teams on a platform: what each is linked to, what the platform has of its name, and what
 * people and the platform have said about it.
 *
 * Shape:  a row is about a team of a feeding integration, linked or not; what it waits for stands beside it until it is.
 * Memory: rows lie in the arena given. */
#pragma once
#include "people/team.h"
#include "store/store.h"

/* What the last listing of the teams there had of the name of one that is not linked, and that waits for that
 * reason. */
struct team_sought {
    struct text name;       /* that was looked for; missing: it does not wait so */
    int64_t found;          /* teams there that are called so, and linked to nothing */
    struct text id;         /* of the only one */
    bool is_foreign;        /* that one carries another connector's external id */
    struct text candidates; /* up to TEAM_CANDIDATES of them: of team_candidates_write() */
    struct text missed_id;  /* the one that a person had chosen, where it was not among them */
};
/* One there that has the name, as it was listed last. */
enum { TEAM_CANDIDATES = 10 };
struct team_candidate {
    struct text id, external_id;
    int64_t members_n; /* -1: not known */
};
struct text team_candidates_write(const struct team_candidate *list, size_t n, struct arena *a);
enum rc_code team_candidates_read(struct text t, struct arena *a, struct team_candidate **ret,
                                  size_t *ret_n, struct rc_error *err);
struct team_row {
    int64_t team_id, integration_id;
    struct text key, name; /* HR's */
    bool is_stated;        /* some user who has not left is in it, by one field or the other */
    enum team_origin origin;
    struct text remote_id, external_id, remote_name;
    int64_t members_n;
    bool was_deleted, may_recreate;
    bool stays_deleted; /* a person said that none is to be made again */
    struct team_sought sought;
    enum team_word word;   /* what a person has said about it, since it has not been linked */
    struct text chosen_id; /* as struct team_facts has it */
    struct team_refusal refused;
};
/* Every team of the feeding integrations, with what it is linked to. Ascending by team_id. */
enum rc_code team_link_list(struct store *st, int64_t company_id, int64_t destination_id,
                            struct arena *a, struct team_row **ret, size_t *ret_n,
                            struct rc_error *err);
/* Those that are linked, without is_stated: everybody is gone through to know that. */
enum rc_code team_link_linked(struct store *st, int64_t company_id, int64_t destination_id,
                              struct arena *a, struct team_row **ret, size_t *ret_n,
                              struct rc_error *err);
/* Those that were deleted there, are stated, and about which nobody has said anything; people_n: for how
 * many HR states each. */
struct team_lost {
    struct team_row is;
    int64_t people_n;
};
enum rc_code team_link_lost(struct store *st, int64_t company_id, int64_t destination_id,
                            struct arena *a, struct team_lost **ret, size_t *ret_n,
                            struct rc_error *err);
/* Likewise those that wait for what teams there are called, as they were listed last, and those of which a
 * person or the platform has said something. */
enum rc_code team_link_waiting(struct store *st, int64_t company_id, int64_t destination_id,
                               struct arena *a, struct team_lost **ret, size_t *ret_n,
                               struct rc_error *err);
/* In the current transaction. name missing: it does not wait any more. */
enum rc_code team_link_sought(struct store *st, int64_t company_id, int64_t destination_id,
                              int64_t team_id, const struct team_sought *t, struct rc_error *err);
/* In the current transaction: word, chosen_id and refused of the row; none of them: nothing is kept. */
enum rc_code team_link_word(struct store *st, int64_t company_id, int64_t destination_id,
                            const struct team_row *t, struct rc_error *err);
/* What was refused may be tried again: a setting has changed. */
enum rc_code team_link_retry(struct store *st, int64_t company_id, int64_t destination_id,
                             struct rc_error *err);
/* remote_id missing: unlinks. */
enum rc_code team_link_save(struct store *st, int64_t company_id, int64_t destination_id,
                            const struct team_row *t, struct rc_error *err);
