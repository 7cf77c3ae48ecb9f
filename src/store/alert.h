/* alert.h - what a person has to be told of, whom, and which mails are out about it.
 *
 * Shape:  an alert is a cause at a subject (an integration or a destination); when it comes again after it
 *         was over it is the same row. Its mails are rows of their own, one a recipient and kind, durable
 *         before they are sent and again once it is known what became of them. What they say is not kept: it is
 *         said from what is true when they go out.
 * Order:  whoever writes alerts or mails holds the company's lease (store/lease.h) "alert". */
#pragma once
#include "store/store.h"

/* Who would leave by a run that waits, of an import as of a delivery, for a person who is to decide: by
 * HR's id, at most `most`. */
struct alert_leaver {
    struct text source_id, name;
};
enum rc_code alert_leavers(struct store *st, int64_t company_id, int64_t run_id, size_t most,
                           struct arena *a, struct alert_leaver **ret, size_t *ret_n,
                           struct rc_error *err);

/* Companies that have a run held, something that has failed, an alert that is open or a mail that waits:
 * ascending. Some indexes, however many companies there are. */
enum rc_code alert_concerned(struct store *st, struct arena *a, int64_t **ret, size_t *ret_n,
                             struct rc_error *err);

struct alert {
    int64_t company_id, subject_id;
    struct text cause; /* sync/cause.h */
    int64_t run_id;    /* the last that it was about; 0: none */
    int64_t since_us;
    int64_t told_us;  /* when somebody was told last; 0: never, or long forgotten */
    int64_t told_n;   /* how often since since_us */
    int64_t over_us;  /* 0: it is open */
    int64_t muted_us; /* until then nobody is told; 0: it is not muted */
};
/* By subject and cause: those that are over, too. */
enum rc_code alert_list(struct store *st, int64_t company_id, struct arena *a, struct alert **ret,
                        size_t *ret_n, struct rc_error *err);
/* All of it but muted_us, which is a person's. */
enum rc_code alert_save(struct store *st, const struct alert *al, struct rc_error *err);
/* RC_NOT_FOUND "alert.unknown". */
enum rc_code alert_mute(struct store *st, int64_t company_id, int64_t subject_id, const char *cause,
                        int64_t until_us, struct rc_error *err);

enum alert_mail_kind { ALERT_MAIL_OPEN = 0, ALERT_MAIL_OVER, ALERT_MAIL_KINDS_N };
enum alert_mail_state {
    ALERT_MAIL_WAITING = 0,
    ALERT_MAIL_SENT,
    ALERT_MAIL_REFUSED, /* for good */
    ALERT_MAIL_DROPPED, /* it was over before it could be sent */
    ALERT_MAIL_STATES_N
};
const char *alert_mail_kind_name(enum alert_mail_kind k); /* stored and shown: never renamed */
const char *alert_mail_state_name(enum alert_mail_state s);
struct alert_mail {
    int64_t company_id, subject_id;
    struct text cause, recipient;
    enum alert_mail_kind kind;
    bool to_operator; /* else to the company */
    enum alert_mail_state state;
    int64_t made_us, try_us, tries;
    bool arrived; /* it was taken since the alert began, or may have been */
    struct text answer;
};
enum rc_code alert_mail_list(struct store *st, int64_t company_id, struct arena *a,
                             struct alert_mail **ret, size_t *ret_n, struct rc_error *err);
/* Its alert is there. */
enum rc_code alert_mail_save(struct store *st, const struct alert_mail *m, struct rc_error *err);

/* ---- whom a company has told ---- */
enum { ALERT_TO_MOST = 20 };
enum rc_code alert_to_list(struct store *st, int64_t company_id, struct arena *a, struct text **ret,
                           size_t *ret_n, struct rc_error *err);
/* In the current transaction. */
enum rc_code alert_to_set(struct store *st, int64_t company_id, const char *const *addresses,
                          size_t n, struct rc_error *err);
