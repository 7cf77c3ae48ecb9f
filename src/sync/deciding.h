/* deciding.h - everything that decide() wants to know about one person's account, gathered from the
 * store: the person, whose the address is, manager, teams.
 *
 * Shape:  opened once for a destination and a day, then asked for one account after the other. It
 *         reads and never writes; nothing here decides about people but people/decide.h.
 *         Teams are decided once, when they are read (deciding_teams()), as people refer to them.
 * Memory: an answer lies in the arena given with the question.
 * Threads: one at a time. */
#pragma once
#include "base/map.h"
#include "destination/destination.h"
#include "people/team.h"
#include "store/account.h"
#include "store/company.h"
#include "store/directory.h"
#include "store/integration.h"
#include "store/pin.h"
#include "store/platform.h"
#include "store/team_link.h"
#include "sync/since.h"

struct deciding_feed {
    struct integration in;
    date_days listed_on; /* everybody was read on; DATE_NONE: never */
    int64_t held_run_id; /* an import that waits for somebody's decision; 0: none */
};
struct deciding_team {
    struct team_row row;
    struct team_decision decision;
    struct text external_id; /* ours for it */
    struct team_sought
        found; /* by the names of teams there: what is to be remembered, row.sought being what is */
};
struct deciding {
    struct store *st;
    const struct company *company;
    const struct platform *platform;
    struct policy policy;
    const struct destination_ops *ops; /* in whose words values are compared; NULL: HR's own */
    struct zone *zone;
    struct since since;
    date_days today;
    bool first_delivery, clock_in_doubt;
    bool tries_again; /* teams that the platform has refused */
    bool looked_up;   /* the accounts kept are those of a complete inventory */
    struct deciding_feed *feeds;
    size_t feeds_n;
    struct deciding_team *teams; /* ascending by team_id */
    size_t teams_n;
    struct map teams_by_key;    /* "INTEGRATION/key" -> struct deciding_team */
    struct map teams_by_remote; /* remote id -> struct deciding_team, those linked */
    struct pin *pins;           /* of the platform, by subject */
    size_t pins_n;
    struct json_reader *json;
    struct arena arena; /* of all of this */
    /* What is known of managers, while it is remembered: thousands report to few. */
    bool remembers;
    struct map bosses;       /* "INTEGRATION/source id" -> struct deciding_boss */
    struct map bosses_by_id; /* user id -> the same */
    struct arena bosses_are;
    struct deciding_ahead *ahead; /* NULL: nothing was read ahead */
};

/* Policy and capabilities from the platform's row: what it said last that it can do. RC_INVALID "policy": the row holds a setting that this program does not take. */
enum rc_code deciding_open(struct deciding *d, struct store *st, const struct company *company,
                           const struct platform *p, int64_t now_us, struct rc_error *err);
/* deciding_teams() is to follow. */
enum rc_code deciding_open_without_teams(struct deciding *d, struct store *st,
                                         const struct company *company, const struct platform *p,
                                         int64_t now_us, struct rc_error *err);
void deciding_close(struct deciding *d);

/* The teams of the platform that are linked to none of ours, by a complete listing of them. */
struct deciding_foreign {
    struct text remote_id, external_id, name;
    int64_t members_n;
};
/* Reads and decides about the directory's teams; again after links have changed. foreign NULL: not
 * looked up. */
enum rc_code deciding_teams(struct deciding *d, const struct deciding_foreign *foreign,
                            size_t foreign_n, struct rc_error *err);

/* About one team alone, by what is remembered of the teams there. */
void deciding_team_recall(const struct team_row *r, const struct policy *policy, struct arena *a,
                          struct team_decision *ret);

/* Reads what undoing holds; again after pins have been added. */
enum rc_code deciding_pins(struct deciding *d, struct rc_error *err);
/* Those of one user or team, one after the other. */
const struct pin *deciding_pins_of(const struct deciding *d, int64_t subject_id, size_t *ret_n);

struct deciding_answer;
/* Why the person's account would be closed now, as a pin on one that is opened keeps it. */
struct text deciding_causes(const struct deciding *d, const struct deciding_answer *x,
                            struct arena *a);

/* NULL: the directory has no such team. The arena is for the search. */
const struct deciding_team *deciding_team(const struct deciding *d, int64_t integration_id,
                                          struct text key, struct arena *a);

/* From now on, or no longer, what was read of a manager is used again. While it is, each transaction
 * begins with deciding_recall(), and whoever writes a user's account says so. */
void deciding_remember(struct deciding *d, bool remembers);
/* Forgets everything when another connection may have written. */
enum rc_code deciding_recall(struct deciding *d, struct rc_error *err);
void deciding_account_written(struct deciding *d, int64_t user_id);

/* Reads at once what the next questions, about these users, will ask: n at most AHEAD_AT_ONCE of
 * store/ahead.h. Until the next call of it or of deciding_recall() nothing that they ask about is
 * written, and the arena lives, to which what they answer may refer. rows: n of them, of these users,
 * where they have been read; else NULL. */
enum rc_code deciding_look_ahead(struct deciding *d, const int64_t *user_ids, size_t n,
                                 const struct account_row *rows, struct arena *a,
                                 struct rc_error *err);
/* The row of a user's account, as account_of_user(). */
enum rc_code deciding_account(struct deciding *d, int64_t user_id, struct arena *a,
                              struct account_row *ret, struct rc_error *err);

/* One person as decide() takes them. */
struct deciding_person {
    struct person row;
    struct user user; /* copied: it lives as long as the arena */
    struct lifecycle_facts facts;
    enum lifecycle lifecycle;
    const char *lifecycle_rule;
    const struct deciding_feed *feed;
    struct text external_id; /* ours for this person's account */
};
static inline bool deciding_is_excluded(const struct deciding_person *p) {
    return p->user.fields[USER_EXCLUDED].state == TEXT_SET;
}
/* RC_NOT_FOUND: the directory has them no more, or no integration of theirs feeds the platform. */
enum rc_code deciding_person(struct deciding *d, int64_t user_id, struct arena *a,
                             struct deciding_person *ret, struct rc_error *err);

struct deciding_answer {
    struct deciding_person person;
    struct account account;   /* as decide() saw it: of several teams only those of ours */
    struct decide_refs refs;  /* the accounts that it names lie in the arena */
    const struct pin **ended; /* pins that hold nothing any more: HR states another value */
    size_t ended_n;
    struct decision decision;
    int64_t awaits_manager_id, awaits_holder_id; /* users, with a field that awaits their account */
    date_days gone_on, excluded_on;              /* to be kept on the row, as is account.gone */
    struct since_days since;                     /* as decide() saw it */
};
/* What should happen to this user's account now. row->is.user_id is set. */
enum rc_code deciding_ask(struct deciding *d, const struct account_row *row, struct arena *a,
                          struct deciding_answer *ret, struct rc_error *err);
/* ... and when an account is made, linked, opened, closed or somebody invited next, if all stays as known: today, or on a
 * day up to `until` (ret->decision is that of the day then); DATE_NONE: on none. */
enum rc_code deciding_ask_ahead(struct deciding *d, const struct account_row *row, date_days until,
                                struct arena *a, struct deciding_answer *ret, date_days *ret_on,
                                struct rc_error *err);
/* Which imports wait for somebody's decision by now: while a delivery is carried out another may come to. a: of what is
 * read meanwhile. */
enum rc_code deciding_look_at_holds(struct deciding *d, struct arena *a, struct rc_error *err);
/* The same as deciding_ask() once more, of the person as the answer has them: about a row that has changed since. */
enum rc_code deciding_ask_again(struct deciding *d, const struct account_row *row, struct arena *a,
                                struct deciding_answer *ret, struct rc_error *err);
