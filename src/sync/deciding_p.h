/* deciding_p.h - shared by deciding.c (people), deciding_boss.c (what is remembered of managers),
 * deciding_held.c (imports that are held), deciding_team.c, deciding_pin.c (what undoing holds), deciding_round.c (addresses in a
 * circle) and deciding_ahead.c (what is read at once for many questions). */
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

/* Whoever has this account, which shows that address, is to have another by HR. */
bool deciding_moves(const struct deciding_person *p, const struct account *is, struct text shows);
/* From whoever is to get `wants`, from account to account, until one is to get the address `first`: *ret tells the
 * way from the first of the two to the last. Missing: it leads elsewhere, or nowhere. */
enum rc_code deciding_round(struct deciding *d, struct text first, struct text wants,
                            struct arena *a, struct text *ret, struct rc_error *err);

/* Whether that comes about: the account keeps the address, or is to get the other. */
enum rc_code deciding_is_fixed(struct deciding *d, const struct deciding_person *p,
                               const struct account *is, struct arena *a, enum decide_fixed *ret,
                               struct rc_error *err);
/* Who of those who state the person's address it belongs to. */
enum rc_code deciding_claim(struct deciding *d, const struct deciding_person *p, struct arena *a,
                            struct claim *ret, struct rc_error *err);

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
void deciding_bosses_init(struct deciding *d);
void deciding_bosses_done(struct deciding *d);

/* Whose an address is decides who gets an account, and whether one gets another address: not about one
 * that shows it already. own NULL: there is no row. */
static inline bool deciding_asks_about_address(struct text stated, const struct account *own) {
    return own == NULL || !account_exists(own) || own->status == ACCOUNT_DELETED ||
           !text_equal(account_shows(&own->fields[USER_EMAIL]), stated);
}

/* The rest of somebody whose row is there. */
enum rc_code deciding_read_person(struct deciding *d, struct arena *a, struct deciding_person *ret,
                                  struct rc_error *err);
static inline bool deciding_is_excluded(const struct deciding_person *p) {
    return p->user.fields[USER_EXCLUDED].state == TEXT_SET;
}

/* The import of an integration that waits for somebody's decision; 0: there is none. */
enum rc_code deciding_held_import(struct deciding *d, int64_t integration_id, int64_t *ret_run_id,
                                  struct rc_error *err);
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
