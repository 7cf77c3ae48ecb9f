/* account.h - accounts of a platform: whose they are, and what was decided about them.
 *
 * Memory: in the arena given. */
#pragma once
#include "show/show.h"
#include "store/account.h"
#include "store/pin.h"
#include "sync/accounts.h"

struct show_about {
    struct text person; /* the id in HR; missing: nobody's */
    struct text name, email;
    const struct show_about
        *in_question;         /* of the account that they may be given; NULL: that is not asked */
    const struct account *is; /* of one in question */
};
enum rc_code show_about(struct store *st, const struct account_row *row, int64_t company_id,
                        struct json_reader *r, struct arena *a, struct show_about *ret,
                        struct rc_error *err);
/* ... and the account in question, where a person is asked whether it is theirs. */
enum rc_code show_about_asked(struct store *st, const struct account_row *row, int64_t company_id,
                              int64_t destination_id, struct json_reader *r, struct arena *a,
                              struct show_about *ret, struct rc_error *err);
/* An object of the open array. */
void show_account(struct json_writer *w, const struct account_row *row,
                  const struct show_about *about);
/* Both at once. */
enum rc_code show_account_row(struct store *st, struct json_writer *w, int64_t company_id,
                              int64_t destination_id, const struct account_row *row,
                              struct json_reader *r, struct arena *a, struct rc_error *err);

/* Members of the open object. */
void show_tie(struct json_writer *w, const struct accounts_tie *t);

/* Of a team that was deleted there: what is asked about it, and the object of the open array. */
struct text show_lost_team_says(const struct team_lost *t, struct arena *a);
void show_lost_team(struct json_writer *w, const struct team_lost *t, struct arena *a);
/* Likewise of one that people wait for and nobody is asked about: why, how many, and what helps. */
struct text show_waiting_team_says(const struct accounts_team_wait *t, struct arena *a);
void show_waiting_team(struct json_writer *w, const struct accounts_team_wait *t, struct arena *a);

/* What undoing holds: of a person by the id in HR, of a team by its key. */
struct show_pin {
    const struct pin *pin;
    struct text whose, name;
    bool is_team;
};
/* teams: of team_link_list() */
enum rc_code show_pin_load(const struct show *s, const struct pin *pin, int64_t company_id,
                           int64_t destination_id, const struct team_row *teams, size_t teams_n,
                           struct show_pin *ret, struct rc_error *err);
void show_pin(struct json_writer *w, const struct show_pin *of);
/* A team of the platform by its key in HR, its name there, or, where it is linked to none, HR's name for it. RC_NOT_FOUND "team.unknown". */
enum rc_code show_team_find(const struct show *s, int64_t company_id, int64_t destination_id,
                            const char *what, int64_t *ret_team_id, struct rc_error *err);
