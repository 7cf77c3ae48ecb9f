/* policy.h - what a company wants of one learning platform, and what that platform can do.
 *
 * Shape:  a plain record with defaults, and pure questions to it: when somebody gets an account,
 *         when a mail, when their account is closed, and who or what is protected. Settings are
 *         set and shown by name (policy_set(), policy_show()); docs/policy.md lists them, and a
 *         test holds that list to this file's own.
 * Memory: texts and lists are borrowed.
 * Errors: policy_set(): RC_INVALID names the setting, what it takes, and what was probably meant.
 * Source: docs/scenarios.md. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "people/account.h"
#include "people/lifecycle.h"
#include "people/user.h"

enum policy_invite {
    POLICY_INVITE_AT_ONCE = 0,
    POLICY_INVITE_ON_HIRE_DATE, /* plus invite_days, which may be negative */
    POLICY_INVITE_BY_HAND,
};
/* Who has the last word about a field. */
enum policy_owner {
    POLICY_HR_ALWAYS = 0,
    POLICY_WHEN_EMPTY, /* HR fills it in, and then it belongs to the platform */
    POLICY_NEVER,
};
/* Why an account is closed. Each is a setting: whether it does, and after how many days of grace. */
enum policy_cause {
    POLICY_STATUS = 0, /* HR's status is inactive */
    POLICY_END_DATE,   /* the last day has passed; grace counts from the day after */
    POLICY_NOT_FOUND,  /* HR does not know the person any more: absence, confirmed */
    POLICY_ABSENT,     /* HR does not list the person, and nothing confirms that they left */
    POLICY_EXCLUDED,   /* a filter leaves the person out */
    POLICY_CAUSES_N
};
struct policy_leaver {
    bool closes;
    int grace_days;
};
/* What the platform's adapter states of the platform. Fields are bits: 1u << user_field. */
struct policy_caps {
    uint32_t takes;   /* can be written */
    uint32_t needs;   /* no account without them */
    uint32_t empties; /* can be asked to be empty */
    bool creates_silently;
    bool invites;           /* an account that is there already */
    bool customs;           /* fields of the platform's own */
    struct text owner_role; /* the role that a platform must not lose: always protected */
};
struct policy_texts {
    const struct text *list;
    size_t n;
};
struct policy {
    struct lifecycle_policy lifecycle;
    enum policy_invite invite;
    int invite_days;
    int ahead_days;            /* an account without mail so long before the hire date; 0: none */
    bool account_without_mail; /* by hand: make the account now; else none until invited */
    struct policy_leaver leavers[POLICY_CAUSES_N];
    int fresh_days;   /* what a date says is believed so long after HR was last read */
    bool adopts;      /* by e-mail */
    bool relinks;     /* an account whose user is gone to the same person under a new HR id */
    bool reactivates; /* who comes back */
    bool reactivates_by_hand;     /* what somebody deactivated on the platform */
    bool closes_by_hand;          /* what somebody reactivated on the platform */
    bool clears;                  /* empty in HR becomes empty on the platform */
    struct text adopts_prefix;    /* another connector's external ids, taken over at the start */
    struct text leave_date_field; /* the platform's own field that shows the leave date */
    struct policy_texts protected_roles;
    struct policy_texts protected_accounts; /* remote ids or e-mails */
    bool creates_teams;                     /* that HR states and the platform lacks */
    bool adopts_teams;                      /* made by hand, of exactly that name */
    bool prunes_teams;                      /* of ours that nobody is in and HR no longer states */
    enum policy_owner owners[USER_FIELDS_N];
    enum policy_owner custom_owner;
    struct policy_caps caps;
};
extern const struct policy policy_default; /* without caps: a platform that takes nothing */

const char *policy_invite_name(enum policy_invite i); /* stored and shown: never renamed */
const char *policy_cause_name(enum policy_cause c);
const char *policy_owner_name(enum policy_owner o);

/* What protects an account ("role", "account"), or NULL. */
const char *policy_protects(const struct policy *p, const struct account *a);
/* The prefix that is taken over as another installation's destination has it, without a colon; missing: none is. */
struct text policy_adopts_bare(const struct policy *p);
/* Only its address does: with that other one nothing would. */
bool policy_protects_by_address(const struct policy *p, const struct account *a, struct text other);

/* Accounts are made ahead of the day of the mail, and the platform takes no call that sends one to who has an account. */
bool policy_leaves_uninvited(const struct policy *p);

/* When somebody who is to have an account gets it. */
struct policy_joining {
    date_days account_on; /* DATE_NONE: not by itself */
    date_days mail_on;    /* DATE_NONE: not by itself */
    date_days reopen_on;  /* an account of theirs that was closed; DATE_NONE: HR states no day */
};
struct policy_joining policy_joining(const struct policy *p, enum lifecycle l, date_days hire_on,
                                     date_days today);

/* When the account of somebody who is gone or excluded is closed. */
struct policy_closing {
    enum policy_cause cause;
    bool closes;  /* no setting says so: it stays */
    date_days on; /* DATE_NONE: long ago */
};
struct policy_gone {
    const struct lifecycle_facts *facts;
    enum lifecycle lifecycle;
    /* By cause: it has been so since; DATE_NONE: for long. That of an end date is the date itself. */
    const date_days *since_on;
    bool is_excluded;
    bool undated;    /* what an end date says does not count */
    uint32_t undone; /* bits of causes that do not count */
};
/* Whether it is so, whatever the settings. */
bool policy_cause_holds(enum policy_cause c, const struct policy_gone *g, date_days today);
struct policy_closing policy_closing(const struct policy *p, const struct policy_gone *g,
                                     date_days today);

/* ---- settings by name ---- */

struct policy_setting {
    const char *name, *takes, *means;
};
/* The i-th of all settings; NULL behind the last. */
const struct policy_setting *policy_setting_get(size_t i);
enum rc_code policy_set(struct policy *p, struct text name, struct text value, struct arena *a,
                        struct rc_error *err);
/* The value as policy_set() takes it. False: there is no setting of that name. */
bool policy_show(const struct policy *p, const char *name, struct buf *ret);
