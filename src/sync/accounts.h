/* accounts.h - what people decide by hand about a platform and the accounts on it, and what they are
 * told before: for the command line and the admin API alike.
 *
 * Shape:  everything that writes holds the platform's lease, so that no delivery is under way which
 *         would write the same rows, and is recorded in the audit. What is decided here is carried out
 *         by the next delivery, but for accounts_close(), which is said and done at once.
 * Errors: RC_CONFLICT "busy": a delivery is under way.
 *         RC_INVALID "account.answer": nobody asked that, or the account is not one to do that with;
 *         RC_CONFLICT "account.elsewhere": it is another platform's; "account.in-doubt": accounts_link(); "account.not-fed": the person is none of
 *         this platform's. RC_NOT_FOUND "account.unknown", "person.unknown". */
#pragma once
#include "base/clock.h"
#include "destination/destination.h"
#include "people/team.h"
#include "secret/secret.h"
#include "store/account.h"
#include "store/company.h"
#include "store/platform.h"
#include "store/team_link.h"

struct accounts_context {
    struct store *st;
    const struct secret_key *key; /* where the platform is called, or people are decided about */
    const struct company *company;
    const struct platform *platform;
    const struct clock_source *clock;
    const char *who;
    const struct destination_ops *adapter; /* NULL: by its name; else a test's */
};

/* ---- the platform ---- */
/* Everything kept about it goes; nothing happens there. */
enum rc_code accounts_forget(const struct accounts_context *x, struct rc_error *err);

/* The names of fields of the platform's own that the mappings of its feeds fill, each once. */
enum rc_code accounts_customs(const struct accounts_context *x, struct arena *a, struct text **ret,
                              size_t *ret_n, struct rc_error *err);

/* What a delivery would do now, over everybody's account, in numbers of accounts. mails: invitations, whether with
 * a new account or later. */
struct accounts_consequence {
    int64_t looked_at, mails, verbs[DECIDE_VERBS_N], waits[DECIDE_WAITS_N];
};
/* policy: as it is kept (sync/policy_text.h), in place of the platform's. The platform is asked what it can do, and
 * for its teams where it is not known whether one is there. Outside a transaction. */
enum rc_code accounts_consequence(const struct accounts_context *x, struct text policy,
                                  struct accounts_consequence *ret, struct rc_error *err);

/* Of a verb, as people are told: of DECIDE_INVITE all mails. */
static inline int64_t accounts_number(const struct accounts_consequence *c, enum decide_verb v) {
    return v == DECIDE_INVITE ? c->mails : c->verbs[v];
}

/* ---- single accounts ---- */
/* Answers to what is asked about a person's account (struct account_row, approval and approves). */
enum accounts_answer {
    ACCOUNTS_APPROVE = 0, /* yes, whatever it is */
    ACCOUNTS_LINK,        /* yes, to taking over an account */
    ACCOUNTS_CREATE,      /* yes, to a new account or an invitation */
    ACCOUNTS_IGNORE,      /* no: the account in question is left alone from now on */
    ACCOUNTS_ANSWERS_N
};
const char *accounts_answer_name(enum accounts_answer a);
/* asked: the question as it was shown to whoever answers, or NULL: whatever is asked now. RC_CONFLICT "account.changed": it
 * is another by now. */
struct accounts_question {
    enum account_approval asks;
    struct text asks_for;
};
enum rc_code accounts_resolve(const struct accounts_context *x, int64_t user_id,
                              enum accounts_answer answer, const struct accounts_question *asked,
                              struct rc_error *err);
/* Teams that were deleted on the platform: of each is asked whether it is made again. None where teams are the
 * platform's by a setting. */
enum rc_code accounts_lost_teams(struct store *st, const struct platform *p, struct arena *a,
                                 struct team_lost **ret, size_t *ret_n, struct rc_error *err);
/* Teams that people wait for, and that nobody is asked about: somebody does something about what teams there are
 * called, or a setting does. By what the last listing of the teams had; those of which the next delivery would make
 * or link one are left out. */
struct accounts_team_wait {
    struct team_row is;
    int64_t people_n;
    struct team_decision decision;
    struct team_candidate *candidates; /* teams there that have the name: as far as they are kept */
    size_t candidates_n;
};
/* A person has said that it stays so: it is told, and nobody is to do anything. */
static inline bool accounts_team_is_ignored(const struct accounts_team_wait *w) {
    return w->is.word == TEAM_WORD_IGNORE;
}
enum rc_code accounts_waiting_teams(struct store *st, const struct platform *p, struct arena *a,
                                    struct accounts_team_wait **ret, size_t *ret_n,
                                    struct rc_error *err);
/* Of one that was deleted there, approve and create say that it is made again, ignore that it is not; there is nothing to
 * link: one of its name that somebody makes there is linked as any other.
 * Of one that waits, create says that one is made all the same, ignore that it stays given to nobody. */
enum rc_code accounts_resolve_team(const struct accounts_context *x, int64_t team_id,
                                   enum accounts_answer answer, struct rc_error *err);
/* ... or which team there it is; each answer takes the others back. The next delivery lists the teams before it goes by
 * it. ret_overwrites (in the arena; may be NULL): the external id that the chosen one carried when they were listed last;
 * missing: none. RC_CONFLICT "team.linked": that one is another team's of HR's, or is to be. RC_NOT_FOUND
 * "team.not-there": it was not called so. */
enum rc_code accounts_link_team(const struct accounts_context *x, int64_t team_id,
                                struct text remote_id, struct arena *a, struct text *ret_overwrites,
                                struct rc_error *err);
/* The word for an invitation: to whoever has no account, or one that was made without a mail, and is
 * waited for. By the next delivery, or by the first one on or after `on` (DATE_NONE: at once). All of
 * them or none: RC_INVALID "account.answer" names somebody whose invitation is nobody's business here
 * (they have had one, or the platform's own page sends it). */
enum rc_code accounts_invite(const struct accounts_context *x, const int64_t *user_ids, size_t n,
                             date_days on, struct rc_error *err);
/* For a preview: the same refusals, and nothing is noted. */
enum rc_code accounts_would_invite(const struct accounts_context *x, const int64_t *user_ids,
                                   size_t n, struct rc_error *err);
/* Whether accounts_invite() would take this row. */
bool accounts_may_invite(const struct account_row *row);
/* The address for which a word of now counts: the one that HR states, also where that is another one since the last
 * delivery. */
enum rc_code accounts_invited_at(const struct accounts_context *x, const struct account_row *row,
                                 struct arena *a, struct text *ret, struct rc_error *err);
/* Both sides of a tie, as they are told: the account as it was listed last, the person as HR has them. What is not known is
 * missing. */
struct accounts_tie {
    struct text account, account_name, account_email, person, person_name;
};
/* "account 7, Ana Lind (a@x.org)"; "Ana Lind (4711)". */
struct text accounts_tie_account(const struct accounts_tie *t, struct arena *a);
struct text accounts_tie_person(const struct accounts_tie *t, struct arena *a);
/* An account of nobody becomes this person's, who has none. Not confirmed, one that is protected, is under another first and
 * last name, is of somebody who is gone from HR, or stands beside another with this person's external id: RC_INVALID
 * "account.confirm" says what the next delivery would do. RC_CONFLICT "destination.restored". */
enum rc_code accounts_link(const struct accounts_context *x, struct text remote_id, int64_t user_id,
                           bool confirmed, struct arena *a, struct accounts_tie *ret,
                           struct rc_error *err);
/* ... and is not theirs any more: it is left alone from now on, and so never closed with them. Nothing is sent, so that it
 * keeps our id if it has it: of the person is remembered that it is not theirs by that. What undoing holds of them is let
 * go of: it was of this account. RC_INVALID "account.answer": it is nobody's. */
enum rc_code accounts_unlink(const struct accounts_context *x, struct text remote_id,
                             struct arena *a, struct accounts_tie *ret, struct rc_error *err);
/* Left alone, whatever HR says; is false: no longer. All of them or none. */
enum rc_code accounts_ignore(const struct accounts_context *x, const struct text *remote_ids,
                             size_t n, bool is, struct rc_error *err);
/* Lets go of what undoing holds of a person, or of a team: the next delivery does what HR states. field
 * missing: all of it. *ret_n: how many pins there were. */
enum rc_code accounts_release(const struct accounts_context *x, int64_t subject_id,
                              struct text field, size_t *ret_n, struct rc_error *err);
/* Deactivates accounts of nobody on the platform. First all are looked at, and one that is somebody's, may be, is protected
 * or left alone stops it before anything is done; each is looked at again before its call. RC_CONFLICT "destination.paused",
 * "destination.restored", "destination.undelivered" (before the first delivery nobody knows whose they are),
 * "company.suspended". *ret_closed counts those that were closed, also on failure. */
enum rc_code accounts_close(const struct accounts_context *x, const struct text *remote_ids,
                            size_t n, int64_t *ret_closed, struct rc_error *err);
