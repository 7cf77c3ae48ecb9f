/* destination.h - what a learning platform must be able to do for us. A new one is one file in this
 * folder and one line in destination.c.
 *
 * Shape:  a destination is a const struct destination_ops and an instance that embeds struct
 *         destination as its first member; it is shared by lanes. A lane is one line of calls, with a
 *         connection of its own; token and pace are the destination's, behind a lock. A destination
 *         decides nothing: it carries out one thing for one account or team, and reports what the
 *         platform shows and says.
 *
 *         Listing: list_begin(), then list_next() until page->ends. A listing may consist of several
 *         passes (open accounts, deactivated ones); the same account may come in more than one. A
 *         destination reports what came, repeated and odd rows included (a row without a usable id
 *         has remote_id missing): whether it is complete is decided in sync/, from the numbers that
 *         the pages carry.
 * Memory: texts of answers lie in the arena given.
 * Errors: RC_RETRY, RC_LIMITED: nothing was changed, and the destination itself has waited and
 *         repeated as often as its setting `retries` says.
 *         RC_UNSURE: it may have been done, and nobody knows: look before repeating.
 *         RC_AUTH: the credential or a right is refused: names the scope; nothing more will succeed.
 *         RC_INVALID "destination.refused": the platform will not take this, and nothing was changed
 *         (outcome->refused and outcome->said, which are filled then too, say which values, as far
 *         as it says); the next person may fare better.
 *         RC_CONFLICT "destination.taken": an account has this address, or this external id, already.
 *         RC_CONFLICT "destination.changed", of update(): the account has become one that is never
 *         written to (anonymised), or is not the one any more that was to be tied;
 *         outcome->shows is it, and nothing was changed.
 *         RC_NOT_FOUND "destination.unknown": the platform itself says that it has no such account or
 *         team; never for a fault on the way.
 *         RC_INVALID "destination.answer": this is not what such a platform answers: stop. A change
 *         answered in a form that nobody can read is RC_UNSURE.
 *         RC_INVALID "destination.unreadable": the platform itself will not show this account, which is there; it
 *         says nothing about others.
 *         RC_INVALID "destination.external-id": the platform did not keep our external id: stop.
 * Threads: a lane belongs to one thread at a time; lanes of one destination may run side by side. */
#pragma once
#include <stdatomic.h>
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/setting.h"
#include "people/decide.h"
#include "people/team.h"

struct destination;
struct destination_lane;

struct destination_config {
    const struct destination_ops *ops;
    const char *const *values; /* beside ops->settings, NULL where not set and without fallback */
    const struct clock_source *clock;
};

struct destination_check {
    struct finding *findings;
    size_t findings_n;
    int64_t accounts_n; /* as the platform says; -1 unknown */
};

/* One team as the platform shows it. */
struct destination_team {
    struct text remote_id, external_id, name;
    int64_t members_n; /* -1: not told */
};
enum destination_list { DESTINATION_ACCOUNTS, DESTINATION_TEAMS };
struct destination_page {
    unsigned pass;          /* from 0, ascending */
    int64_t declared_total; /* of this pass; -1: the platform does not say */
    /* As the platform shows them: remote_id, external_id, role, status, mail (SENT when it shows an
     * invitation or more, else UNKNOWN), invited_on, fields[].known (e-mail folded; ids of teams and
     * manager; secondary teams: all that it shows, joined by user_teams_join()), custom[].known.
     * Everything else is zero. What it does not show is missing. */
    struct account *accounts;
    size_t accounts_n;
    struct destination_team *teams;
    size_t teams_n;
    bool ends;
};

enum destination_key { DESTINATION_BY_ID, DESTINATION_BY_EXTERNAL_ID, DESTINATION_BY_EMAIL };

/* Whose an account is: by which it can be told, just before a call, whether it is theirs still. */
struct destination_owner {
    struct text external_id, email; /* ours, on the platform; as HR states it */
};
/* What is to be sent about one account. */
struct destination_change {
    const struct decide_field *fields; /* those with DECIDE_FIELD_SENDS count */
    size_t fields_n;
    struct text external_id;   /* to be set; empty: taken away; else missing */
    bool mails;                /* create: with an invitation */
    const struct account *now; /* as known; its remote_id says whom. create: NULL */
    struct destination_owner of;
    /* update: it becomes somebody's, by what `now` shows, or by a person's word. That may be long ago, so it is
     * looked at before anything is sent: destination_is_other(). */
    bool ties, by_hand;
};
/* Why an account, as it shows now, is not to be written to any more; NULL: it is. For messages. */
const char *destination_is_other(const struct destination_change *c, const struct account *shows);
/* Of find(): the account is there, and the platform will not show it ("destination.unreadable"). */
bool destination_is_kept(enum rc_code rc, const struct rc_error *err);
/* It does not show their external id, and another address than it is known by, which is not HR's either. */
bool destination_may_be_anothers(const struct account *now, const struct account *shows,
                                 const struct destination_owner *of);
/* Looks, whether an account has got a role by now that no closing may touch. Who is not found has not. In the
 * arena. */
enum rc_code destination_is_protected(struct destination_lane *l, const struct policy *policy,
                                      const struct account *now, struct arena *a,
                                      struct account *ret_shows, bool *ret, struct rc_error *err);
enum { DESTINATION_FIELDS_MAX = 64 }; /* of one change: bits of destination_outcome.refused */
struct destination_outcome {
    /* The account as the platform shows it afterwards; remote_id missing: it did not say. */
    struct account shows;
    /* fields[i] was refused. With RC_OK the rest went through without it; with RC_INVALID
     * "destination.refused" nothing did. */
    uint64_t refused;
    struct text said; /* what the platform said about that, for people; no personal data added */
};

struct destination_ops {
    const char *name;  /* "learnamp": stored, never renamed */
    const char *title; /* "Learn Amp" */
    const struct setting *settings;

    enum rc_code (*open)(const struct destination_config *config, struct destination **ret,
                         struct rc_error *err);
    void (*close)(struct destination *d); /* after its lanes */
    struct destination_lane *(*lane_new)(struct destination *d);
    void (*lane_free)(struct destination_lane *l);

    /* Pure: the value as the platform shows it once it has it, where it has words of its own
     * ("en-GB" is "en" there). What is stated must be taken through it before it is compared with
     * what is shown, or the same value would be sent for ever. A value that it has no word for comes
     * back as it is, and is refused when it is sent. */
    struct text (*shown_as)(enum user_field f, struct text value);
    /* Pure, for foretelling; NULL: each is one call, without a ceiling. About so many calls does it take
     * to carry such a decision out; the most calls a second by the settings, 0: no ceiling. */
    int64_t (*calls)(enum decide_verb verb);
    enum rc_code (*per_second)(const struct destination_config *config, int64_t *ret,
                               struct rc_error *err);
    /* What this platform can do; asks it where platforms differ. */
    enum rc_code (*caps)(struct destination_lane *l, struct arena *a, struct policy_caps *ret,
                         struct rc_error *err);
    /* Tries everything that a delivery needs and changes nothing: names each missing scope, and says
     * once what cannot be transferred at all. custom: names of fields of the platform's own that the
     * mapping fills, custom_n of them. Fails only when it cannot tell at all. */
    enum rc_code (*check)(struct destination_lane *l, const struct text *custom, size_t custom_n,
                          struct arena *a, struct destination_check *ret, struct rc_error *err);

    enum rc_code (*list_begin)(struct destination_lane *l, enum destination_list what,
                               struct rc_error *err);
    enum rc_code (*list_next)(struct destination_lane *l, struct arena *a,
                              struct destination_page *ret, struct rc_error *err);
    /* One account, whatever its status. RC_CONFLICT: several have this address. */
    enum rc_code (*find)(struct destination_lane *l, enum destination_key by, struct text key,
                         struct arena *a, struct account *ret, struct rc_error *err);

    /* A value that is refused for itself is left out, as in update(), unless no account can be
     * without it. Look at shows.external_id: an account that is there without it was still made. */
    enum rc_code (*create)(struct destination_lane *l, const struct destination_change *c,
                           struct arena *a, struct destination_outcome *ret, struct rc_error *err);
    /* Nothing but the fields named, and the external id where it is set. A value that is refused for
     * itself is left out and named in ret->refused, and the others are sent without it. */
    enum rc_code (*update)(struct destination_lane *l, const struct destination_change *c,
                           struct arena *a, struct destination_outcome *ret, struct rc_error *err);
    /* The three are RC_OK too when the account is so already. */
    enum rc_code (*deactivate)(struct destination_lane *l, const struct account *now,
                               struct rc_error *err);
    enum rc_code (*reactivate)(struct destination_lane *l, const struct account *now,
                               struct rc_error *err);
    enum rc_code (*invite)(struct destination_lane *l, const struct account *now,
                           struct rc_error *err);

    enum rc_code (*team_find)(struct destination_lane *l, struct text remote_id, struct arena *a,
                              struct destination_team *ret, struct rc_error *err);
    enum rc_code (*team_create)(struct destination_lane *l, struct text name,
                                struct text external_id, struct arena *a,
                                struct destination_team *ret, struct rc_error *err);
    /* external_id missing: stays as it is. */
    enum rc_code (*team_update)(struct destination_lane *l, struct text remote_id, struct text name,
                                struct text external_id, struct arena *a,
                                struct destination_team *ret, struct rc_error *err);
    enum rc_code (*team_delete)(struct destination_lane *l, struct text remote_id,
                                struct rc_error *err);
    /* One account out of one team; RC_OK too when it is not in it. */
    enum rc_code (*team_leave)(struct destination_lane *l, struct text team_id,
                               struct text account_id, struct rc_error *err);
};

struct destination {
    const struct destination_ops *ops;
    unsigned lanes;         /* so many side by side at most, by its settings; from 1 */
    int64_t first_pause_us; /* before something is tried again, by its settings; it grows */
    _Atomic int64_t waiting_until_us; /* the remote asked us to wait: for progress; 0: it did not */
    _Atomic int64_t remote_date_us;   /* the remote's clock at its last answer; 0 unknown */
    _Atomic int64_t remote_seen_us;   /* our clock at that moment */
};
struct destination_lane {
    struct destination *destination;
};

const struct destination_ops *destination_find(const char *name); /* NULL is an answer */
const struct destination_ops *const *destination_all(size_t *ret_n);

enum rc_code destination_open(const struct destination_config *config, struct destination **ret,
                              struct rc_error *err);
void destination_close(struct destination *d);
RC_CLEANUP_FN(struct destination, destination_close)
struct destination_lane *destination_lane_new(struct destination *d);
void destination_lane_free(struct destination_lane *l);
RC_CLEANUP_FN(struct destination_lane, destination_lane_free)
