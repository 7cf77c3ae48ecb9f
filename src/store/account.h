/* account.h - the accounts of a platform as they are kept: one row for each account that an inventory
 * has shown, and for each user who is fed to the platform and has none (yet).
 *
 * Shape:  the record of people/account.h, with what is kept besides: whether it is to be looked at
 *         again (dirty, due_on), and what was decided last. A row without remote id belongs to a user
 *         and stands for the account they do not have; once there is one, it is the same row.
 *         Inside the caller's transaction, all of it, but where something else is said.
 * Memory: rows lie in the arena given. */
#pragma once
#include "people/account.h"
#include "store/store.h"

struct account_row {
    int64_t account_id;
    struct account is;
    bool dirty;
    int64_t marks;    /* as read; saved as not dirty, it stays so if others have marked it since */
    date_days due_on; /* DATE_NONE */
    date_days gone_on, excluded_on; /* since when the user is so, as far as we saw; DATE_NONE */
    int64_t
        listed_run_id; /* the last run whose inventory showed it new, or otherwise than before */
    /* The last decision, for people: what they wait for and why. */
    struct text verb, code, sentence, waits, remedy;
    enum account_approval approval; /* what a person is asked */
    struct text approves;
    date_days decided_on;
    /* Of what it is found by, and of the last decision, as they were read; 0: they were not. */
    uint64_t keys_print, told_print;
};

/* Of a user (0: nobody), about whom nothing is known yet. */
static inline struct account_row account_row_new(int64_t user_id) {
    return (struct account_row){ .is = { .user_id = user_id, .invited_on = DATE_NONE },
                                 .due_on = DATE_NONE,
                                 .gone_on = DATE_NONE,
                                 .excluded_on = DATE_NONE,
                                 .decided_on = DATE_NONE };
}

/* ---- rows ---- */
enum rc_code account_get(struct store *st, int64_t company_id, int64_t destination_id,
                         int64_t account_id, struct arena *a, struct account_row *ret,
                         struct rc_error *err);
/* RC_NOT_FOUND is an answer. */
enum rc_code account_of_user(struct store *st, int64_t company_id, int64_t destination_id,
                             int64_t user_id, struct arena *a, struct account_row *ret,
                             struct rc_error *err);
enum rc_code account_by_remote(struct store *st, int64_t company_id, int64_t destination_id,
                               struct text remote_id, struct arena *a, struct account_row *ret,
                               struct rc_error *err);
/* Those that show this (folded) address and are not deleted or anonymised: at most `most`. */
enum rc_code account_by_email(struct store *st, int64_t company_id, int64_t destination_id,
                              struct text email, size_t most, struct arena *a,
                              struct account_row **ret, size_t *ret_n, struct rc_error *err);
/* As above, but only whose they are (0: nobody's): two at most, and the row is not read. */
enum rc_code account_email_is_of(struct store *st, int64_t company_id, int64_t destination_id,
                                 struct text email, int64_t ret_user_ids[2], size_t *ret_n,
                                 struct rc_error *err);
/* Linked to nobody, with this external id of ours. */
enum rc_code account_by_external(struct store *st, int64_t company_id, int64_t destination_id,
                                 struct text external_id, struct arena *a, struct account_row *ret,
                                 struct rc_error *err);
/* Another account than that one (0: any) that shows this external id, whosever it is, and is not deleted. */
enum rc_code account_carrying(struct store *st, int64_t company_id, int64_t destination_id,
                              struct text external_id, int64_t but_account_id, struct arena *a,
                              struct account_row *ret, struct rc_error *err);
/* account_id 0: new, and filled in. All columns. */
enum rc_code account_save(struct store *st, int64_t company_id, int64_t destination_id,
                          struct account_row *row, struct rc_error *err);
enum rc_code account_drop(struct store *st, int64_t company_id, int64_t destination_id,
                          int64_t account_id, struct rc_error *err);

/* ---- whom to look at ---- */
/* A row for every user that is fed to the platform and has none; dirty. */
enum rc_code account_enrol(struct store *st, int64_t company_id, int64_t destination_id,
                           int64_t *ret_n, struct rc_error *err);
/* Of users whose integration feeds the platform: dirty, due on or before today, or waiting for
 * somebody or something else. Ascending by account_id. every: all of them. Others are left as they
 * are. */
enum rc_code account_candidates(struct store *st, int64_t company_id, int64_t destination_id,
                                date_days today, bool every, int64_t after_id, size_t most,
                                struct arena *a, struct account_row **ret, size_t *ret_n,
                                struct rc_error *err);
/* Rows in pages, for lists; unmatched: accounts that are there and are no user's; uninvited: that wait for a mail which
 * only somebody on the platform can send; lapsed: of whom HR has stated another address since somebody asked for theirs;
 * apart: people without an account, as that which they had, or which has their id or address, is not theirs by a person's
 * word, or is left alone. */
enum account_filter {
    ACCOUNT_ALL,
    ACCOUNT_UNMATCHED,
    ACCOUNT_ASKS,
    ACCOUNT_WAITS,
    ACCOUNT_UNINVITED,
    ACCOUNT_LAPSED,
    ACCOUNT_APART,
    ACCOUNT_SAID /* left alone, or not whose it seems: by the word of a person */
};
enum rc_code account_list(struct store *st, int64_t company_id, int64_t destination_id,
                          enum account_filter which, int64_t after_id, size_t most, struct arena *a,
                          struct account_row **ret, size_t *ret_n, struct rc_error *err);
/* With a due day up to and including `until`, by day. */
enum rc_code account_calendar(struct store *st, int64_t company_id, int64_t destination_id,
                              date_days until, size_t most, struct arena *a,
                              struct account_row **ret, size_t *ret_n, struct rc_error *err);
enum rc_code account_count(struct store *st, int64_t company_id, int64_t destination_id,
                           enum account_filter which, int64_t *ret, struct rc_error *err);
/* Of users: open ones of whoever may have left by `today`. All who have are among them, and who is to be looked at
 * again; who has left says their version alone (sync/left.h). And open ones of nobody whose external id begins with one
 * of the prefixes and a colon. Ascending by account_id. */
enum rc_code account_maybe_left(struct store *st, int64_t company_id, int64_t destination_id,
                                date_days today, const struct text prefixes[2], int64_t after_id,
                                size_t most, struct arena *a, struct account_row **ret,
                                size_t *ret_n, struct rc_error *err);
/* How many open ones are of users of this integration, with those in a state that is not known here. */
enum rc_code account_open_of(struct store *st, int64_t company_id, int64_t destination_id,
                             int64_t integration_id, int64_t *ret, struct rc_error *err);
/* Whom an import's run concerns: the users it has moved, those who report to them, and those who
 * state the same address. Cheap where the company has no destination. Inside the transaction that
 * applies the run. */
enum rc_code account_mark_run(struct store *st, int64_t company_id, int64_t run_id,
                              struct rc_error *err);
enum rc_code account_mark_all(struct store *st, int64_t company_id, int64_t destination_id,
                              struct rc_error *err);
/* Users who state this (folded) address. */
enum rc_code account_mark_email(struct store *st, int64_t company_id, int64_t destination_id,
                                struct text email, struct rc_error *err);

/* These users' accounts have been closed: a platform hands their reports to somebody else. Of those who
 * report to one of them, and show them as manager, it is not known any more whom they show. */
enum rc_code account_closed(struct store *st, int64_t company_id, int64_t destination_id,
                            const int64_t *user_ids, size_t n, struct rc_error *err);

/* ---- the inventory ---- */
/* Which rows an inventory has shown so far: in memory, because what shows the same as last time is
 * not written. Zeroed it is empty; account_seen_done() frees it. One for each inventory. */
struct account_seen {
    int64_t *ids;
    size_t n, cap;
};
void account_seen_done(struct account_seen *seen);
void account_seen_add(struct account_seen *seen,
                      int64_t account_id); /* by another way; seen NULL: nothing */
/* Writes down what a page shows (struct destination_page: known values, status, role, mail, external
 * id), new rows for accounts not seen before; an account that shows something else than last time
 * becomes dirty when it is a user's, and so do users who state an address, or have an external id,
 * that it had or has. What it is tied to stays, but that a stranger's external id beginning with
 * `our_prefix` and a colon makes it ACCOUNT_OURS, and one that does so no longer a stranger's.
 * One without a remote id is passed over; of one that comes twice the last counts. ret_new, ret_changed count
 * rows. One read for a hundred accounts, and no write when nothing is new. seen may be NULL. */
enum rc_code account_show(struct store *st, int64_t company_id, int64_t destination_id,
                          int64_t run_id, struct text our_prefix, const struct account *shows,
                          size_t n, struct account_seen *seen, int64_t *ret_new,
                          int64_t *ret_changed, struct rc_error *err);
/* What it has not shown so far, of those with a remote id that are not known as deleted: the rows
 * behind *after (0: from the beginning), which is moved on; call again while *ret_more. Texts and list
 * lie in the arena. */
struct account_unseen {
    int64_t account_id;
    bool has_user;
    struct text remote_id, email;
};
enum rc_code account_unseen(struct store *st, int64_t company_id, int64_t destination_id,
                            struct account_seen *seen, int64_t *after, struct arena *a,
                            struct account_unseen **ret, size_t *ret_n, bool *ret_more,
                            struct rc_error *err);
/* Some of those that are somebody's and are in that state, as the platform showed them last: the first by number. */
struct account_known {
    struct text remote_id, external_id, email;
};
enum rc_code account_known(struct store *st, int64_t company_id, int64_t destination_id,
                           enum account_status status, size_t most, struct arena *a,
                           struct account_known **ret, size_t *ret_n, struct rc_error *err);
/* After a complete one: accounts with a remote id that it did not show are ACCOUNT_DELETED, and
 * dirty; those of nobody are forgotten. ret_deleted counts both. */
enum rc_code account_end_show(struct store *st, int64_t company_id, int64_t destination_id,
                              int64_t run_id, struct account_seen *seen, int64_t *ret_deleted,
                              struct rc_error *err);
