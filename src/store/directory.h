/* directory.h - the current versions of all users, and the overlay of a run that is not applied
 * yet.
 *
 * Shape:  with a run, a person is read through the staged version if it still fits, else through
 *         the current one: what the directory would say after that run. With run 0 it is the
 *         directory as it is. */
#pragma once
#include "people/digest.h"
#include "people/lifecycle.h"
#include "store/store.h"

struct person {
    int64_t user_id, integration_id, run_id; /* the version's run */
    struct text source_id;
    enum presence presence;
    int64_t read_us;
    struct digest employee_digest, user_digest;
    struct text employee, user; /* people/stored.h */
    uint64_t problems;
    bool has_left; /* as of read_us; not in a run's overlay */
};

/* Ascending by user_id, for the roll, which every import reads: user_id, source_id, presence,
 * employee_digest and has_left, and nothing else. */
enum rc_code directory_known(struct store *st, int64_t company_id, int64_t integration_id,
                             int64_t after_id, size_t most, struct arena *a, struct person **ret,
                             size_t *ret_n, struct rc_error *err);
/* Those who have not left, as far as HR had said when they were read: what the guard's percentages
 * are of. */
enum rc_code directory_population(struct store *st, int64_t company_id, int64_t integration_id,
                                  int64_t *ret, struct rc_error *err);
/* Everybody that an integration has, with those who have left: an index has the number. */
enum rc_code directory_count(struct store *st, int64_t company_id, int64_t integration_id,
                             int64_t *ret, struct rc_error *err);
/* Whether an integration has anybody: no counting. */
enum rc_code directory_has_any(struct store *st, int64_t company_id, int64_t integration_id,
                               bool *ret, struct rc_error *err);
/* RC_NOT_FOUND when the directory has no such person. */
enum rc_code directory_find(struct store *st, int64_t company_id, int64_t integration_id,
                            struct text source_id, struct arena *a, struct person *ret,
                            struct rc_error *err);
enum rc_code directory_get(struct store *st, int64_t company_id, int64_t user_id, struct arena *a,
                           struct person *ret, struct rc_error *err);
/* As a run has staged them, whether or not it is applied. */
enum rc_code directory_staged(struct store *st, int64_t company_id, int64_t run_id, int64_t user_id,
                              struct arena *a, struct person *ret, struct rc_error *err);
/* Whole people; integration_id 0: of the whole company. overlay_run_id 0: none. */
enum rc_code directory_list(struct store *st, int64_t company_id, int64_t integration_id,
                            int64_t overlay_run_id, int64_t after_id, size_t most, struct arena *a,
                            struct person **ret, size_t *ret_n, struct rc_error *err);
/* Everybody of an integration (0: of the company), until fn() fails. Of each page only what lies elsewhere stays. */
typedef enum rc_code directory_fn(void *self, const struct person *p, struct arena *page,
                                  struct rc_error *err);
enum rc_code directory_each(struct store *st, int64_t company_id, int64_t integration_id,
                            directory_fn *fn, void *self, struct rc_error *err);
/* By source id, e-mail (any case) or "KEY/source id"-less user id with '#': the people meant, at
 * most `most`. */
enum rc_code directory_search(struct store *st, int64_t company_id, struct text what, size_t most,
                              struct arena *a, struct person **ret, size_t *ret_n,
                              struct rc_error *err);
/* How many people of an integration are listed with each set of problems: n pairs of bits and
 * people. */
struct directory_problems {
    uint64_t problems;
    int64_t people;
};
enum rc_code directory_problems(struct store *st, int64_t company_id, int64_t integration_id,
                                struct arena *a, struct directory_problems **ret, size_t *ret_n,
                                struct rc_error *err);
/* Across people: e-mails that several people who have not left state, and people whose
 * manager is nobody known. */
enum rc_code directory_shared_emails(struct store *st, int64_t company_id, int64_t *ret,
                                     struct rc_error *err);
enum rc_code directory_unknown_managers(struct store *st, int64_t company_id,
                                        int64_t integration_id, int64_t *ret, struct rc_error *err);
/* Who reports to whom, without the rest: the user of a source id and the source id of their manager
 * (missing: none). *ret_user_id 0: nobody has that id. */
enum rc_code directory_manager(struct store *st, int64_t company_id, int64_t integration_id,
                               struct text source_id, struct arena *a, int64_t *ret_user_id,
                               struct text *ret_manager, struct rc_error *err);
/* Users that state this (folded) address, ascending; at most `most`. */
enum rc_code directory_of_email(struct store *st, int64_t company_id, struct text email,
                                size_t most, int64_t *ret_user_ids, size_t *ret_n,
                                struct rc_error *err);
