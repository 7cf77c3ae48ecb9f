/* work.h - one job, from its claim to its end: what it is about, is done; what became of it, is written
 * down, with the time at which it is due next.
 *
 * Shape:  what goes well is due again by the timetable. What fails is tried again after a pause that
 *         doubles with each attempt; what somebody else is at, a little later. A sync whose import went
 *         well is done: a platform to which it could not deliver gets a job of its own, with pauses of
 *         its own, and until that goes well further syncs leave it to that job.
 *         A run that is held is no failure: a person is asked.
 * Log:    job=KIND/COMPANY/KEY/FENCE in each line, also of what it calls.
 * Threads: one a store. */
#pragma once
#include "base/clock.h"
#include "net/mail.h"
#include "secret/secret.h"
#include "store/job.h"

enum {
    WORK_PAUSE_S = 30,        /* after the first failure */
    WORK_PAUSE_AUTH_S = 900,  /* ... when credentials were refused: often, and they may be locked */
    WORK_PAUSE_MOST_S = 3600, /* after many */
    WORK_BUSY_S = 20,         /* somebody else is at it */
    WORK_BUSY_HINT_S = 1      /* likewise, where a person waits for seconds only */
};
/* In seconds, by attempts so far, this one included. */
int64_t work_pause_s(enum rc_code rc, int64_t attempts);

enum work_outcome {
    WORK_DONE = 0,
    WORK_FAILED,
    WORK_WAITS, /* somebody else is at it */
    WORK_CUT,   /* the process is being stopped */
    WORK_LOST,  /* it is somebody else's by now */
    WORK_ENDS_N
};
struct reporter;
struct work {
    struct store *st;
    const struct secret_key *key;
    const struct clock_source *clock;
    const char *where;      /* the database, for what webhooks told */
    const char *public_url; /* where HR systems reach this service; NULL: nowhere */
    struct store **events;  /* opened by the first job that wants it; the caller's to close */
    const struct mail_server *mail; /* for mails that are asked for; NULL: there is none */
    struct reporter *reporter;      /* tells how far it is; NULL: nobody wants to know */
    unsigned desk;                  /* of the reporter's */
};
struct work_result {
    enum work_outcome end;
    enum rc_code rc; /* of a failure */
    int64_t retry_at_us;
    int64_t next_us; /* done, and due again then at the latest; 0: by the timetable alone */
};
void work_do(const struct work *w, const struct job *j, struct work_result *ret);
/* An error: its end could not be written down, and the job is still ours: to be called again. */
enum rc_code work_end(const struct work *w, const struct job *j, struct work_result *r,
                      struct rc_error *err);
