/* through.h - everybody stored, looked at through a mapping: what it would make of each.
 *
 * Shape:  the caller's thread reads people page by page; other threads, and it too while it waits,
 *         parse what is stored, build the user and compare; the caller gets the pages back in their
 *         order. Nothing is written. Whom HR has no longer is passed over.
 * Memory: a page, with all that was found, lives until the function given has returned. A handful
 *         of pages is on the way at a time.
 * Errors: whatever the store says; RC_FATAL for a row that cannot be read; whatever the function
 *         returns ends it.
 * Threads: the store, and the function given, are used by the caller's thread alone. */
#pragma once
#include "people/mapping.h"
#include "store/directory.h"

struct through_person {
    const struct person *row;
    /* bits of enum user_field, USER_FIELDS_N standing for the custom fields together: those that
     * would change, and of these, those that would not be set any more */
    uint64_t fields, cleared;
    bool differs; /* in anything: what was never known and is empty now is no change for anybody */
    enum mapping_filter filter;
    uint64_t problems; /* as found in what is stored: what only reading finds is not among them */
    bool less;         /* the mapping reads less than is stored of this person */
    const struct mapping_team *teams; /* those whose name is stored with the person */
    size_t teams_n;
    const struct user *user, *known; /* as they would be; as they are, only of whom `differs` */
};

enum through_wants {
    THROUGH_LESS = 1, /* who has more stored than the mapping reads; else `less` stays false */
    THROUGH_TEAMS = 2,
    THROUGH_USERS = 4, /* else `user` and `known` stay NULL */
};

/* One page. */
typedef enum rc_code through_fn(void *self, const struct through_person *people, size_t n,
                                struct rc_error *err);
/* wants: of enum through_wants. ret_population: what directory_population() says of those who were
 * read, whom HR has no longer among them. */
enum rc_code through_everybody(struct store *st, int64_t company_id, int64_t integration_id,
                               const struct mapping *m, unsigned wants, through_fn *fn, void *self,
                               int64_t *ret_population, struct rc_error *err);

/* ---- one person ---- */

struct through; /* the memory for one person after the other */
struct through *through_new(void);
void through_free(struct through *t);
RC_CLEANUP_FN(struct through, through_free)

/* What is stored, as the mapping reads it, and the user as known. Lives until the next one. */
struct through_view {
    struct employee employee;
    struct user known;
};
enum rc_code through_read(struct through *t, const struct mapping *m, const struct person *row,
                          struct through_view *ret, struct arena **ret_arena, struct rc_error *err);
