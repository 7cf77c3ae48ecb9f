/* life.h - a company with its database lives through a random history (tests/base/history.h): what happens in HR
 * and on the platform, what goes wrong, and what people do by hand, with imports and deliveries between.
 *
 * After each delivery what was asked of the platform is held against what is known here. The promises:
 *
 *   stranger  an account was changed that is nobody's of HR's, that is left alone, or that is said to be another's
 *   closed    an account was deactivated whose person works there
 *   twice     a person got a second account, or a second invitation that nobody asked for
 *   mailed    a mail went to an address that HR does not state
 *   protected an account was closed whose role is protected
 *   error     nothing was in the way, and a delivery failed
 *   restless  nothing has changed, and the platform was asked to change something
 *   open      somebody has left and can still sign in, and nobody is told
 *   untold    somebody works there, has no account or another name, title, manager or address on it, and nobody is told
 *
 * Memory: struct life is the caller's, and large. */
#pragma once
#include "tests/base/history.h"
#include "tests/sync/undoes.h"

enum { LIFE_PEOPLE = 7, LIFE_ACCOUNTS = 64, LIFE_RUNS = 64 };

enum life_happening {
    /* in HR */
    LIFE_FIELD,
    LIFE_EMAIL,
    LIFE_STATUS,
    LIFE_END_DATE,
    LIFE_DROPPED,
    LIFE_MANAGER,
    /* on the platform */
    LIFE_STRANGER,
    LIFE_THERE_EMAIL,
    LIFE_THERE_ID,
    LIFE_THERE_STATUS,
    LIFE_THERE_DELETED,
    LIFE_THERE_ROLE,
    LIFE_THERE_TITLE,
    LIFE_THERE_HIDDEN, /* the list leaves it out */
    LIFE_THERE_GUEST,  /* it is given to somebody else, with name and address */
    /* by hand */
    LIFE_ANSWER,
    LIFE_LINK,
    LIFE_UNLINK,
    LIFE_IGNORE,
    LIFE_CLOSE,
    LIFE_INVITE,
    LIFE_RELEASE,
    LIFE_POLICY,
    LIFE_UNDO,
    LIFE_PAUSE,
    LIFE_PREVIEW, /* and later its approval */
    /* to rollcall */
    LIFE_FAULT,
    LIFE_CLOCK,
    LIFE_DEATH,
    LIFE_REMOVED,  /* the integration, and added again */
    LIFE_RESTORED, /* the database from a copy, which is made the first time */
    LIFE_DAYS,
    LIFE_IMPORT,
    LIFE_DELIVERY,
    LIFE_HAPPENINGS
};

/* As HR was read last. */
struct life_read {
    bool is_listed, is_inactive;
    char email[40], end[16]; /* end: "" for none */
};
/* What is known of an account there; people are 1 to LIFE_PEOPLE, 0 is nobody. */
struct life_account {
    int alike;  /* it looks like theirs: it may be linked by its address */
    int may;    /* somebody has said that it is theirs */
    int holder; /* whose it is here */
    bool ignored, apart, guest;
    bool
        loose; /* whether it is still theirs here depends on what was read when: it proves nothing */
};
/* What goes back with the database. */
struct life_kept {
    struct life_account there[LIFE_ACCOUNTS];
    size_t there_n;
    struct integration in;
    bool is_kept, paused, unsettled;
};
struct life {
    struct delivers *d;
    bool tells;
    const char *wrong; /* the first promise that was broken, and how */
    char how[500];

    bool in_hr[LIFE_PEOPLE + 1];
    struct life_read read[LIFE_PEOPLE + 1];
    struct life_account there[LIFE_ACCOUNTS];
    size_t there_n; /* seen so far: what comes behind was made by the delivery */
    int mails[LIFE_PEOPLE + 1], words[LIFE_PEOPLE + 1]; /* words: for one mail more each */
    size_t
        deleted[LIFE_PEOPLE + 1]; /* the account of theirs that somebody deleted there; 0: none */
    size_t requests_n, mails_n;   /* judged so far */

    struct memory_platform_fault fault;
    bool paused, dies, undoes;
    bool
        unsettled; /* since the integration was removed, or the database restored, nothing was delivered */
    bool is_over; /* what follows proves nothing */
    int64_t runs[LIFE_RUNS], previewed;
    size_t runs_n;
    struct life_kept copy;
};

/* As history_test.live. */
const char *life_live(const struct history *h, bool tells, char *ret);

/* ---- between the two sources of this ---- */
extern const char *const life_ids[LIFE_PEOPLE]; /* HR's */
void life_broken(struct life *l, const char *promise, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
#define LIFE_TELL(l, ...)                                                                          \
    do {                                                                                           \
        if ((l)->tells)                                                                            \
            print_message(__VA_ARGS__);                                                            \
    } while (0)
const char *life_states(struct life *l, int n, const char *key); /* HR, now; "": nothing */
const char *life_day(struct life *l, int from_today);
struct memory_platform_account *life_account(struct life *l, size_t i);
size_t life_index(struct life *l, struct text remote_id); /* LIFE_ACCOUNTS: there is none */
int life_person(struct text external_id);                 /* "rc:hr:3": 3 */
int64_t life_user(struct life *l, int n);                 /* 0: not in the directory */
bool life_works(struct life *l, int n); /* with a day to spare: the company's zone is another */
bool life_has_left(struct life *l, int n);
/* What was asked of the platform since the last look. */
void life_judge(struct life *l);
/* Everybody's account, when all is calm. */
void life_judge_the_end(struct life *l);
