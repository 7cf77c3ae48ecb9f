/* decide.h - what should happen to one person's account on one platform now, and why.
 *
 * Shape:  pure: the person, what is known of their account, what the company wants, whom else it
 *         concerns, and today; out comes one decision. Its rules stand in decide.c, from the
 *         strongest to the weakest. A decision to do nothing says what it waits for, until when
 *         (due_on) and what would change it. Asking again after it was carried out
 *         (decide_carried_out()) gives nothing to do, and then when the next thing is due.
 *         Every decision and every field of it has a code, stable and explained in
 *         docs/deciding.md, and a sentence that names field, value and rule (invariant 7).
 *         Sentences contain personal data: they are for people of the company, not for logs.
 * Memory: texts are borrowed from what went in and from the arena.
 * Errors: none. What is not known (a zeroed field) makes the decision do less.
 * Source: docs/scenarios.md. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "people/account.h"
#include "people/claim.h"
#include "people/policy.h"
#include "people/user.h"

/* ---- what goes in ---- */

struct decide_person {
    int64_t user_id;
    const struct user *user;
    uint64_t problems;            /* bits of enum problem */
    struct lifecycle_facts facts; /* read_on: when HR was last read about this person */
    /* Since when each cause has been so, as far as we saw; DATE_NONE: for long */
    date_days since_on[POLICY_CAUSES_N];
    uint32_t since_new;      /* bits of those causes of which no day was kept before */
    struct text external_id; /* ours, on the platform; missing: it is not known */
};

/* Whose account has the person's address on the platform, by a complete inventory. */
enum decide_holder {
    DECIDE_HOLDER_UNKNOWN = 0, /* not looked up, or the inventory was incomplete */
    DECIDE_HOLDER_NOBODY,
    DECIDE_HOLDER_US,       /* this person's own account */
    DECIDE_HOLDER_OTHER,    /* another user's of ours */
    DECIDE_HOLDER_STRANGER, /* an account linked to nobody */
    DECIDE_HOLDER_SEVERAL,  /* more than one account has it */
};
/* Something that a field of the person refers to: a manager's account, a team. */
enum decide_ref_state {
    DECIDE_REF_UNKNOWN = 0, /* the directory does not know it */
    DECIDE_REF_PRESENT,     /* remote_id is it */
    DECIDE_REF_AWAITED,     /* not there yet, and to be made */
    DECIDE_REF_UNAVAILABLE, /* not there, and not to be made: without e-mail, excluded ... */
    DECIDE_REF_TAKEN,       /* the only team there of the name is left alone */
    DECIDE_REF_CLOSED,      /* a manager who is gone, or whose account is deactivated */
    DECIDE_REF_AMBIGUOUS,   /* several teams there have the name */
    DECIDE_REF_DELETED,     /* a team that was deleted there */
    DECIDE_REF_REFUSED,     /* a team that the platform would not make, or link */
    DECIDE_REF_IGNORED,     /* a team of which a person has said that it is given to nobody */
    DECIDE_REF_SELF,        /* a manager who is the person */
    DECIDE_REF_CYCLE,       /* a manager who is, further up, managed by the person */
};
struct decide_ref {
    enum decide_ref_state state;
    struct text remote_id; /* of a team that cannot be had its name, where that is known */
};
/* A value that a person has undone. It is not sent again while HR states just that. */
struct decide_pin {
    enum user_field field; /* USER_FIELDS_N: a field of the platform's own */
    struct text name;      /* user_field_name(), or the platform's */
    struct text value;     /* that was undone, as HR states it: a key of a team or a manager */
    int64_t run_id;        /* which undid it */
};
/* Why an account goes on showing its address although HR states another for its user. */
enum decide_fixed {
    DECIDE_FIXED_NOT = 0,    /* it is to get the other */
    DECIDE_FIXED_UNDONE,     /* a pin */
    DECIDE_FIXED_PROBLEM,    /* what HR states cannot be used */
    DECIDE_FIXED_OWNED,      /* owner-email */
    DECIDE_FIXED_REFUSED,    /* by the platform */
    DECIDE_FIXED_PROTECTED,  /* and not approved */
    DECIDE_FIXED_BY_ADDRESS, /* protected by this one */
    DECIDE_FIXED_EXCLUDED,   /* a filter leaves the user out */
    DECIDE_FIXED_CLAIMED,    /* HR states the other for somebody who comes first */
    DECIDE_FIXED_TAKEN,      /* another account has the other, and keeps it */
    DECIDE_FIXED_ASKED,      /* it may be somebody else's by now */
    DECIDE_FIXED_N
};
/* An account that an undo has closed or opened, and that stays so while HR says the opposite. */
enum decide_account_pin { DECIDE_ACCOUNT_FREE = 0, DECIDE_ACCOUNT_CLOSED, DECIDE_ACCOUNT_OPEN };
struct decide_refs {
    const struct decide_pin *pins;
    size_t pins_n;
    enum decide_account_pin account_pin;
    int64_t account_pin_run_id;
    /* With OPEN: bits of the causes that close all the same, as they were not so when it was opened. */
    uint32_t account_pin_spares;
    struct claim claim; /* of the person's address: claim_decide() */
    enum decide_holder holder;
    const struct account *held_by;    /* with OTHER and STRANGER */
    bool held_by_is_nobodys;          /* with STRANGER: its id is ours, of nobody who is known */
    enum lifecycle held_by_lifecycle; /* with OTHER: of the user behind it */
    bool held_by_moves;               /* with OTHER: that user is about to get another address */
    struct text held_by_wants;        /* ... this one */
    enum decide_fixed held_by_fixed;  /* ... or would be, but for this */
    /* ... which somebody else has who is to get another, and so on to whoever is to get the person's own: the way
     * there, in words. Missing: it is no circle, or one of two. */
    struct text held_in_round;
    const struct account *twin; /* an account with this person's external id, not linked yet */
    bool twin_is_declared;      /* ... or an old one that is taken over, of whoever is gone */
    /* ... or one that was somebody else's by now, as a person has said, and shows that it is this person's again */
    bool twin_is_back;
    /* Another account that shows this person's external id: one that is somebody else's; or any, beside an account
     * that was linked by hand. */
    const struct account *carrier;
    bool
        shows_anothers_id; /* the account was linked by hand, and shows an id of ours that is not this person's */
    bool heir;           /* the person is gone; another user takes the account over */
    int64_t held_run_id; /* the person is gone, and works by this import, which is held */
    struct decide_ref team, manager;
    /* The user's secondary teams that are there, their ids joined by user_teams_join(); present if
     * those are all. What the account shows holds teams of ours alone, in the same way: others are
     * nobody's business. */
    struct decide_ref secondary_teams;
    struct text missing_team; /* the name of one of them that cannot be had, where that is known */
    /* Remote id of a team of ours that they are in, and HR states another. Where secondary teams are
     * mapped, those say all. */
    struct text leaves_team;
    bool first_delivery; /* to this platform: it is held, whatever it does */
    bool clock_in_doubt; /* our clock and the remotes' differ: nothing happens by date alone */
};

/* ---- what comes out ---- */

enum decide_verb {
    DECIDE_NOTHING = 0,
    DECIDE_CREATE,     /* with `fields`, and with a mail or without */
    DECIDE_ADOPT,      /* link the account `links`, with `fields`; reactivate it if `reactivates` */
    DECIDE_UPDATE,     /* `fields`, with exactly these values */
    DECIDE_INVITE,     /* a mail; `fields` first */
    DECIDE_DEACTIVATE, /* `fields` first */
    DECIDE_REACTIVATE, /* then `fields`, team and manager among them */
    DECIDE_VERBS_N
};
enum decide_wait {
    DECIDE_WAITS_FOR_NOTHING = 0, /* all is as it should be, or nothing is left to do */
    DECIDE_WAITS_FOR_DAY,         /* due_on */
    DECIDE_WAITS_FOR_HR,          /* somebody corrects or completes HR */
    DECIDE_WAITS_FOR_READING,     /* HR or the platform is read again */
    DECIDE_WAITS_FOR_OTHER,       /* another person's account, a team */
    DECIDE_WAITS_FOR_APPROVAL,    /* `approval` */
    DECIDE_WAITS_FOR_PLATFORM,    /* somebody does it on the platform */
    DECIDE_WAITS_FOR_SETTING,     /* a setting says so */
    DECIDE_WAITS_N
};
enum decide_field_does {
    DECIDE_FIELD_STAYS = 0, /* it differs, and is left so */
    DECIDE_FIELD_AWAITS,    /* to is a key: it is sent once that has a remote id */
    DECIDE_FIELD_SENDS,     /* to */
};
struct decide_field {
    enum user_field field; /* USER_FIELDS_N: a field of the platform's own */
    struct text name;      /* user_field_name(), or the platform's */
    enum decide_field_does does;
    enum decide_wait waits; /* unless it is sent */
    struct text from, to;
    const char *code;
    struct text sentence;
};
struct decision {
    enum decide_verb verb;
    const char *code;
    struct text sentence;
    struct decide_field *fields; /* each that differs, in the order of the rules' table */
    size_t fields_n;

    bool mails;              /* create: the platform sends an invitation */
    enum account_mail mail;  /* create: what the account is then */
    bool reactivates;        /* adopt */
    struct text links;       /* remote id of the account to be linked, with or without a call */
    struct text leaves_team; /* remote id of the team to be left */

    enum decide_wait waits;
    date_days due_on; /* when another one would be made, if all stays as known; or DATE_NONE */
    enum decide_verb due_verb; /* ... what then */
    const char *due_code;
    struct text remedy; /* what would change it, in words */
    enum account_approval approval;
    struct text approves; /* what for */

    /* To be written down on the account, without any call. */
    enum account_status left_as;
    enum account_sticky sticky;

    enum lifecycle lifecycle;
    const char *lifecycle_rule;
};

void decide(const struct decide_person *person, const struct account *account,
            const struct policy *policy, const struct decide_refs *refs, date_days today,
            struct arena *a, struct decision *ret);

/* Somebody is invited, or an account is made, linked, opened or closed. */
bool decide_is_step(const struct decision *d);
/* The first day after today, up to `until`, on which there is one, if all stays as known: what is decided then. False:
 * none is known of. */
bool decide_next_step(const struct decide_person *person, const struct account *account,
                      const struct policy *policy, const struct decide_refs *refs, date_days today,
                      date_days until, struct arena *a, struct decision *ret, date_days *ret_on);

/* How many fields are sent. */
size_t decide_sends(const struct decision *d);
/* Nothing to do, nothing to write down. */
bool decide_is_quiet(const struct decision *d, const struct account *account);
const char *decide_verb_name(enum decide_verb v); /* stored and shown: never renamed */
const char *decide_wait_name(enum decide_wait w);
/* The sentence of a field whose code alone says it, so that it need not be stored with it:
 * DECIDE_HR_STATES, which nearly all have. Missing for every other code. */
#define DECIDE_HR_STATES           "hr-states"
/* The code of an adoption that a person has made before: whose the account is does not hang on it. */
#define DECIDE_LINKED_BY_HAND      "linked-by-hand"
/* The code of what the platform refused in one, naming no field. */
#define DECIDE_DECLINED            "refused-unnamed"
#define DECIDE_SWAPPED             "email-swapped"
#define DECIDE_ADOPT_PROTECTED     "adopt-protected"
#define DECIDE_UNLINKED            "unlinked"
#define DECIDE_CLOCK_IN_DOUBT      "clock-in-doubt"
#define DECIDE_SAME_ID             "same-id-other-name"
#define DECIDE_LOST_ID             "lost-id-other-address"
/* Somebody asked for an invitation to another address than HR states by now. */
#define DECIDE_INVITATION_LAPSED   "invitation-lapsed"
#define DECIDE_INVITATION_WITHHELD "invitation-withheld"
#define DECIDE_RELINK_OFFERED      "relink-offered" /* whether it is protected or not */
struct text decide_field_says(const struct decide_field *f, struct arena *a);

/* Writes down on the account what a carried-out decision changed there, as far as it can be known
 * without reading the platform's answer. account: the one that `links` names, else the person's.
 * remote_id: with create. */
void decide_carried_out(const struct decision *d, int64_t user_id, struct text remote_id,
                        date_days today, struct arena *a, struct account *account);
/* A yes counts for the question that was asked: once its cause has gone, as the account is open again, or its person
 * has left, it ends, so that whatever comes up later is asked anew. False: none has ended. */
bool decide_end_answers(const struct decision *d, const struct user *u,
                        const struct decide_refs *refs, struct account *account);
/* As far as that hangs on the account and its user alone: HR states `wants`, with these problems; the pin on its
 * address, or NULL. */
enum decide_fixed decide_email_is_fixed(const struct policy *p, const struct account *a,
                                        struct text wants, uint64_t problems,
                                        const struct decide_pin *pin);
/* A user's account that is found by what is known here alone: on the platform it has lost our id, and shows an address
 * that is neither HR's nor one by which we knew it. It may have been given to somebody else. */
bool decide_may_be_anothers(const struct account *a, const struct user *u, struct text external_id);
/* own: of somebody who has none. That account was somebody else's by now, as a person said of what it showed then; and
 * it shows their id again, or has lost that and shows their name and address. */
bool decide_is_back(const struct account *own, const struct account *t, const struct user *u,
                    struct text external_id);
/* Whether no closing may touch it. */
bool decide_protects(const struct policy *p, const struct account *a);
/* Writes down that the platform would not take this field's value. */
void decide_refused(const struct decide_field *f, struct arena *a, struct account *account);
/* ... or that it refused all that was sent in one, and named no field of it. d: the decision of which that is. What
 * was held back of it for an earlier refusal of this kind goes on being held: it was not tried again. */
void decide_declined(const struct decision *d, const struct decision *sent, struct text said,
                     struct arena *a, struct account *account);
