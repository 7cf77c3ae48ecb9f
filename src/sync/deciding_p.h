/* deciding_p.h - shared by deciding.c (people, and the question), deciding_address.c (whose an address is),
 * deciding_boss.c (managers), deciding_team.c (teams), deciding_held.c (imports that are held), deciding_pin.c (what
 * undoing holds) and deciding_ahead.c (what is read at once for many questions). */
#pragma once
#include "store/ahead.h"
#include "sync/deciding.h"

struct deciding_ahead {
    struct ahead_person *people;         /* ascending */
    const struct account_row **accounts; /* ascending by user */
    struct text *emails, *externals;     /* that were asked about, in order */
    size_t people_n, accounts_n, emails_n, externals_n;
    struct ahead_pairs stated, shown, external;
};
/* Each as it was read ahead, or as it is read now. NULL: it was not. */
const struct person *deciding_ahead_person(const struct deciding *d, int64_t user_id);
/* Users who state an address (directory_of_email()). */
enum rc_code deciding_states(struct deciding *d, struct text email, size_t most, int64_t *ret_ids,
                             size_t *ret_n, struct rc_error *err);
/* Whose accounts show it (account_email_is_of()). */
enum rc_code deciding_shows(struct deciding *d, struct text email, int64_t ret_ids[2],
                            size_t *ret_n, struct rc_error *err);
/* True: for certain no account has it. */
bool deciding_has_no_twin(const struct deciding *d, struct text external_id);

/* Who of those who state the person's address it belongs to. */
enum rc_code deciding_claim(struct deciding *d, const struct deciding_person *p, struct arena *a,
                            struct claim *ret, struct rc_error *err);
/* Into ret->refs: whose account shows that address, and whether it is going to be free. */
enum rc_code deciding_holder(struct deciding *d, const struct deciding_person *p, struct arena *a,
                             struct deciding_answer *ret, struct rc_error *err);
/* Whether somebody else works there who states the address of what carries the id of p, who is gone: it is p's first,
 * as it is open, and then may be that one's. */
enum rc_code deciding_twin_heir(struct deciding *d, const struct deciding_person *p,
                                const struct account *twin, struct arena *a, bool *ret,
                                struct rc_error *err);
/* Whether somebody else's decision is to take the account of p over. */
enum rc_code deciding_heir(struct deciding *d, const struct deciding_person *p,
                           const struct account *own, struct arena *a, bool *ret,
                           struct rc_error *err);

/* RC_OK with *ret_has false: they have none. */
enum rc_code deciding_account_there(struct deciding *d, int64_t user_id, struct arena *a,
                                    struct account_row *ret, bool *ret_has, struct rc_error *err);
/* Whoever is past their end, and whose account a date has closed, is as good as gone: nothing is
 * opened for the days in which HR's status is believed. */
enum lifecycle deciding_counts_as(const struct deciding_person *p, const struct account *is);

/* Somebody whom others name as their manager. */
struct deciding_boss {
    int64_t user_id; /* 0: the directory has nobody with the key */
    struct text up;  /* the key of their own manager */
    bool is_looked_at, is_there, is_gone, is_hopeless, has_account, is_open, is_closed, reopens;
    struct text remote_id, shows; /* of their account, and whom it shows as their manager */
};
/* By the id in HR. Valid until others have written (deciding_recall()), or as long as the arena. */
enum rc_code deciding_boss_find(struct deciding *d, int64_t integration_id, struct text key,
                                struct arena *a, struct deciding_boss **ret, struct rc_error *err);
/* Into ret->refs and ret->awaits_manager_id: what the account of p is to show as its manager. */
enum rc_code deciding_manager_ref(struct deciding *d, const struct deciding_person *p,
                                  const struct account *account, struct arena *a,
                                  struct deciding_answer *ret, struct rc_error *err);
void deciding_bosses_init(struct deciding *d);
void deciding_bosses_done(struct deciding *d);

/* Whose an address is decides who gets an account, and whether one gets another address: not about one
 * that shows it already. own NULL: there is no row. */
static inline bool deciding_asks_about_address(struct text stated, const struct account *own) {
    return own == NULL || !account_is_there(own) ||
           !text_equal(account_shows(&own->fields[USER_EMAIL]), stated);
}

/* The rest of somebody whose row is there. */
enum rc_code deciding_read_person(struct deciding *d, struct arena *a, struct deciding_person *ret,
                                  struct rc_error *err);

/* The import of an integration that waits for somebody's decision; 0: there is none. */
enum rc_code deciding_held_import(struct deciding *d, int64_t integration_id, struct arena *a,
                                  int64_t *ret_run_id, struct rc_error *err);
/* Whoever is gone by the directory may work by what HR said last, in an import that is held.
 * *ret_run_id 0: that says nothing else. */
enum rc_code deciding_held_otherwise(struct deciding *d, const struct deciding_person *p,
                                     struct arena *a, int64_t *ret_run_id, struct rc_error *err);

/* The person's pins: those that still hold, and those that HR has ended. */
void deciding_gather_pins(struct deciding *d, const struct account_row *row, struct arena *a,
                          struct deciding_answer *ret);
/* The pin on the user's address. False: there is none. */
bool deciding_email_pin(const struct deciding *d, int64_t user_id, struct decide_pin *ret);

/* NULL: it does not feed the platform. */
const struct deciding_feed *deciding_feed_of(const struct deciding *d, int64_t integration_id);
/* Ours for an account or a team, by its id in HR or its key. */
struct text deciding_external_id(const struct deciding *d, const struct deciding_feed *f,
                                 struct text id, struct arena *a);
/* What a key refers to on the platform; zero: nothing that the directory knows. */
struct decide_ref deciding_team_ref(const struct deciding *d, int64_t integration_id,
                                    struct text key, struct arena *a);
/* Into refs: those of the person's other teams that are there, joined; present if those are all. */
enum rc_code deciding_secondary_ref(struct deciding *d, const struct deciding_person *p,
                                    struct arena *a, struct decide_refs *refs,
                                    struct rc_error *err);
/* Leaves of the teams that the account is in those that are linked: teams that people made by hand
 * there are nobody's business. */
enum rc_code deciding_only_ours(struct deciding *d, struct account *account, struct arena *a,
                                struct rc_error *err);
/* A team of ours that they are in, when the one that HR states is there and another; else not set. */
struct text deciding_leaves_team(const struct deciding *d, const struct account *account,
                                 struct decide_ref stated);
