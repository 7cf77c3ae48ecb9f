/* account.h - one account on a learning platform, as rollcall knows it.
 *
 * Shape:  a plain record: what the platform showed last, what rollcall has delivered, and what
 *         people have said about it. Zeroed it is a stranger's of whom nothing is known, so that
 *         a forgotten field leaves people alone. Without a remote id it stands for a user who has
 *         no account (yet).
 *         Fields are those of the user. A team and a manager stand as the platform's own ids.
 *         Known is what the platform showed: missing where it cannot be read back, and then what
 *         was delivered stands for it. Delivered is what rollcall last sent: whoever changed the
 *         field since did so by hand. Refused is the value that the platform would not take; it is
 *         not sent again until HR states another.
 * Memory: texts are borrowed, and so is the row of custom fields.
 * Order:  the names are stored: never renamed. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/date.h"
#include "people/user.h"

enum account_tie {
    ACCOUNT_STRANGER = 0, /* nobody's that we know: never changed */
    ACCOUNT_LINKED,       /* a user's */
    ACCOUNT_OURS,         /* carries an external id of ours, and is not linked yet */
    ACCOUNT_IGNORED,      /* somebody said to leave it alone */
    ACCOUNT_TIES_N
};
enum account_status {
    ACCOUNT_UNKNOWN = 0, /* the platform said something that we do not know: leave it alone */
    ACCOUNT_ACTIVE,      /* invited or not */
    ACCOUNT_DEACTIVATED,
    ACCOUNT_ANONYMISED, /* emptied of personal data: never filled again */
    ACCOUNT_DELETED,    /* the platform answers that there is no such account */
    ACCOUNT_STATUSES_N
};
/* The inventory knows better than our records: what shows as invited was sent a mail; what carries
 * our id and does not is to be invited by hand. */
enum account_mail {
    ACCOUNT_MAIL_UNKNOWN = 0, /* not made by us: its invitation is none of our business */
    ACCOUNT_MAIL_SENT,        /* at invited_on, or accepted */
    ACCOUNT_MAIL_PROMISED,    /* made ahead of the first day, without mail: due on that day */
    ACCOUNT_MAIL_BY_HAND,     /* made without mail: somebody invites */
    ACCOUNT_MAILS_N
};
/* What somebody did by hand, and what stays so whatever the settings become, until HR agrees or
 * somebody lets go of it. */
enum account_sticky {
    ACCOUNT_FREE = 0,
    ACCOUNT_STAYS_CLOSED, /* deactivated by hand while HR says employed */
    ACCOUNT_STAYS_OPEN,   /* reactivated by hand while HR says gone */
    ACCOUNT_STICKIES_N
};
/* What a person may allow for one user, and for what exactly. */
enum account_approval {
    ACCOUNT_APPROVAL_NONE = 0,
    ACCOUNT_APPROVAL_ADOPT,    /* taking over the account of this remote id */
    ACCOUNT_APPROVAL_EMAIL,    /* giving a protected account this address */
    ACCOUNT_APPROVAL_RECREATE, /* a new account after the one of this remote id was deleted */
    ACCOUNT_APPROVAL_REOPEN,   /* reactivating the account of this remote id */
    ACCOUNT_APPROVAL_INVITE,   /* a mail to this address */
    ACCOUNT_APPROVAL_APART, /* never asked for: the account of this remote id is somebody else's */
    /* Never asked for by itself: ADOPT was said of the account of this remote id as of one that is protected. What
     * was said before it became so does not count. */
    ACCOUNT_APPROVAL_PROTECTED,
    ACCOUNT_APPROVALS_N
};

struct account_field {
    struct text known, delivered, refused;
};
struct account_custom {
    struct text name; /* the platform's */
    struct account_field field;
};
/* A value that was sent. */
struct account_sent {
    enum user_field field; /* USER_FIELDS_N: a field of the platform's own */
    struct text name, value;
};
/* Since when each is so of the user, as far as we saw; DATE_NONE: it is not. */
struct account_gone {
    bool
        is_kept; /* false: an older version has kept one day alone, of being gone for whatever reason */
    date_days inactive_on, unknown_on,
        absent_on; /* HR's status; HR does not know them; not listed */
};
bool account_gone_equal(const struct account_gone *a, const struct account_gone *b);
struct account {
    int64_t user_id; /* 0: nobody */
    struct text remote_id;
    struct text external_id;
    /* The address by which it is theirs as long as it does not show their external id: what it showed last with that, or
     * when it became theirs. Missing: it shows it, or nobody has said. Of a user who has none: what the one showed of
     * which a person has said that it is somebody else's by now (ACCOUNT_APPROVAL_APART); missing: they said it of
     * whatever that shows. */
    struct text email_with_id;
    struct text role;
    enum account_tie tie;
    enum account_status status;
    enum account_status left_as; /* as rollcall left it; ACCOUNT_UNKNOWN: it never did anything */
    enum account_sticky sticky;
    enum account_mail mail;
    date_days invited_on;     /* with ACCOUNT_MAIL_SENT; DATE_NONE when the platform does not say */
    int64_t delivered_run_id; /* the run of the user's version that was delivered last */
    struct account_field fields[USER_FIELDS_N]; /* the e-mail folded by ASCII case */
    const struct account_custom *custom;
    size_t custom_n;
    /* What the platform refused in one, without naming a field of it, and in which words. */
    const struct account_sent *declined;
    size_t declined_n;
    struct text declined_said;
    struct text approved[ACCOUNT_APPROVALS_N];
    date_days invite_on; /* of an approved invitation: not before; 0: at once */
    struct account_gone gone;
};

const char *account_tie_name(enum account_tie t);
const char *account_status_name(enum account_status s);
const char *account_mail_name(enum account_mail m);
const char *account_sticky_name(enum account_sticky s);
const char *account_approval_name(enum account_approval p);
/* Each returns the enum's zero when it is none. */
enum account_tie account_tie_parse(struct text t);
enum account_status account_status_parse(struct text t);
enum account_mail account_mail_parse(struct text t);
enum account_sticky account_sticky_parse(struct text t);
enum account_approval account_approval_parse(struct text t);

bool account_exists(const struct account *a); /* it has a remote id, whatever became of it since */
bool account_is_there(const struct account *a); /* ... and has not been deleted */
/* What the platform shows, as far as we know. */
struct text account_shows(const struct account_field *f);
/* Somebody changed it on the platform since it was delivered. */
bool account_is_edited(const struct account_field *f);
/* Never NULL: a field of which nothing is known when there is none of that name. */
const struct account_field *account_custom_find(const struct account *a, struct text name);
bool account_is_approved(const struct account *a, enum account_approval p, struct text what);

enum account_likeness {
    ACCOUNT_NAME_OTHER = 0, /* neither name agrees, or none is known */
    ACCOUNT_NAME_PARTLY,    /* one of them */
    ACCOUNT_NAME_SAME
};
/* By ASCII case; whether the account may be this person's. */
enum account_likeness account_likeness(const struct account *a, const struct user *u);
