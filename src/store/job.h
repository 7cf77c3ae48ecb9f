/* job.h - work that is due: what, since when, and who is at it.
 *
 * Shape:  a row of `job` with run_at_us. At most one of a kind and subject, so whatever asks for the
 *         same work twice gets it once; what is asked for while it is being worked on is done once
 *         more. It is claimed like a lease (store/lease.h): an owner, a time, a fence that grows; an
 *         owner of this machine that has died is seen to be dead by job_bury(). When it is done the row
 *         stays, without run_at_us or with the next one.
 *         The work itself takes leases of its own on what it writes to. A claim only says who is to do
 *         it: losing one spoils nothing.
 * Fair:   what is JOB_LATE_S late goes first; then by kind: what somebody has decided or asked for, hints
 *         (HR has told of somebody, who may have left), deliveries (leavers who are due by date), syncs,
 *         webhooks, and last what is no longer kept. Among equals the company goes first that was served longest
 *         ago, whatever it was served with, and within a company what is due longest. So whoever asks for more has
 *         no more turns while others wait, and nobody's turn is put off for longer than JOB_LATE_S by what
 *         matters more.
 * Threads: any number of stores may claim, in any number of processes. */
#pragma once
#include "store/store.h"

enum job_kind {
    JOB_SYNC = 0, /* subject: an integration. Import, and delivery to what it feeds */
    JOB_DELIVERY, /* subject: a destination. What is due by date */
    JOB_DECISION, /* subject: a run. What somebody has decided about it (store/decision.h) */
    JOB_ERRAND,   /* subject: an errand (store/errand.h) */
    JOB_RETAIN,   /* subject: 0, the company. What its rules no longer keep goes */
    JOB_HINT,     /* subject: an integration. People whom webhooks name */
    JOB_WEBHOOK,  /* subject: an integration. That its HR system goes on telling */
    JOB_KINDS_N
};
const char *job_kind_name(enum job_kind k); /* "sync": stored and shown, never renamed */

struct job {
    enum job_kind kind;
    int64_t company_id, subject_id;
    int64_t fence;
    int64_t run_at_us; /* since when it is due */
    int64_t attempts;  /* this one included, since it last went well */
};

/* Whoever asks for work wakes those who wait for it in other processes, where the database can (db_tell()).
 *
 * It is due then, or earlier if it is already. Alone, or inside a transaction. */
enum rc_code job_want(struct store *st, enum job_kind k, int64_t company_id, int64_t subject_id,
                      int64_t run_at_us, struct rc_error *err);
/* It is due then and not before, and what went wrong with it before is forgotten; 0: it is not due any
 * more. While it is being worked on: after that. */
enum rc_code job_set(struct store *st, enum job_kind k, int64_t company_id, int64_t subject_id,
                     int64_t run_at_us, struct rc_error *err);
/* Not later than then: a time out of a clock that went wrong. Nothing for what is not due at all. */
enum rc_code job_not_after(struct store *st, enum job_kind k, int64_t company_id,
                           int64_t subject_id, int64_t run_at_us, struct rc_error *err);

enum { JOB_LATE_S = 60 };
/* One job that is due. most_of_one: a company of which this process has so many already is left out.
 * *ret_found false: there is none. */
enum rc_code job_claim(struct store *st, int64_t now_us, int64_t most_of_one, struct job *ret,
                       bool *ret_found, struct rc_error *err);
/* For another while: RC_CONFLICT "lease-lost" when it is somebody else's by now. In a transaction before
 * anything that decides when it is due next, or alone. */
enum rc_code job_hold(struct store *st, const struct job *j, int64_t now_us, struct rc_error *err);
/* It went well; due again then, 0: not by itself. */
enum rc_code job_done(struct store *st, const struct job *j, int64_t next_us, struct rc_error *err);
/* It did not; to be tried again then. counts false: nobody is to blame (somebody else was at it, or the
 * process is being stopped), and pauses do not grow by it. */
enum rc_code job_retry(struct store *st, const struct job *j, int64_t at_us, bool counts,
                       struct rc_error *err);

/* What this process has claimed is anybody's again, at once. */
enum rc_code job_hand_back(struct store *st, struct rc_error *err);
/* What processes of this machine have left that are dead, likewise; but what has been left so often
 * waits for a while. */
enum { JOB_DEATHS = 3, JOB_DEATHS_PAUSE_S = 600 };
enum rc_code job_bury(struct store *st, int64_t now_us, struct arena *a, int64_t *ret_n,
                      struct rc_error *err);
/* When something that nobody is at is due; 0: nothing is. */
enum rc_code job_next(struct store *st, int64_t now_us, int64_t *ret_us, struct rc_error *err);

struct job_state {
    int64_t run_at_us; /* 0: it is not due at all */
    int64_t attempts;
    int64_t claimed_us; /* when it was begun last; 0: never */
    bool is_claimed;
};
enum rc_code job_look(struct store *st, enum job_kind k, int64_t company_id, int64_t subject_id,
                      int64_t now_us, struct job_state *ret, struct rc_error *err);
/* Of one company, for who watches: syncs and deliveries, and decisions that are not carried out yet; at
 * most `most`. */
struct job_row {
    enum job_kind kind;
    int64_t subject_id;
    struct job_state state;
};
enum rc_code job_list(struct store *st, int64_t company_id, int64_t now_us, size_t most,
                      struct arena *a, struct job_row **ret, size_t *ret_n, struct rc_error *err);
struct job_count {
    int64_t due, late, running; /* late: due since late_us at least, and nobody is at it */
};
enum rc_code job_count(struct store *st, int64_t now_us, int64_t late_us,
                       struct job_count ret[JOB_KINDS_N], struct rc_error *err);
