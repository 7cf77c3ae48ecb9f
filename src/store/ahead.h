/* ahead.h - what many questions in a row will ask, read at once: one statement about a hundred costs a
 * fraction of a hundred statements.
 *
 * Shape:  lists in order, to be searched. Inside the caller's transaction; they do not show what is
 *         written afterwards.
 * Memory: the lists and their texts lie in the arena given. */
#pragma once
#include "store/account.h"
#include "store/directory.h"

enum { AHEAD_AT_ONCE = 100 }; /* of what is asked about */

/* Of those users who are there: as directory_get(), but without employee and digests; and the (folded)
 * address that they state. Ascending. */
struct ahead_person {
    struct person is;
    struct text email;
};
enum rc_code ahead_people(struct store *st, int64_t company_id, const int64_t *user_ids, size_t n,
                          struct arena *a, struct ahead_person **ret, size_t *ret_n,
                          struct rc_error *err);
/* The rows of these users, in any order. */
enum rc_code ahead_accounts(struct store *st, int64_t company_id, int64_t destination_id,
                            const int64_t *user_ids, size_t n, struct arena *a,
                            struct account_row **ret, size_t *ret_n, struct rc_error *err);

/* Who has a text: by it, then by id. */
struct ahead_pair {
    struct text text;
    int64_t id;
};
struct ahead_pairs {
    struct ahead_pair *list;
    size_t n;
    bool all; /* else there are more than are worth reading */
};
/* Users that state one of these (folded) addresses. */
enum rc_code ahead_stated(struct store *st, int64_t company_id, const struct text *emails, size_t n,
                          struct arena *a, struct ahead_pairs *ret, struct rc_error *err);
/* Accounts that show one of them and are not deleted or anonymised: of which user, 0: nobody's. */
enum rc_code ahead_shown(struct store *st, int64_t company_id, int64_t destination_id,
                         const struct text *emails, size_t n, struct arena *a,
                         struct ahead_pairs *ret, struct rc_error *err);
/* Accounts with one of these external ids, linked or not: account ids. */
enum rc_code ahead_external(struct store *st, int64_t company_id, int64_t destination_id,
                            const struct text *external_ids, size_t n, struct arena *a,
                            struct ahead_pairs *ret, struct rc_error *err);
/* Those of one text: *ret_n from the pointer on. */
const struct ahead_pair *ahead_pairs_of(const struct ahead_pairs *p, struct text t, size_t *ret_n);
