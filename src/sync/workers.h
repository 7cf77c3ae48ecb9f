/* workers.h - the threads of `rollcall serve`: some that work, and one that looks after them.
 *
 * Shape:  each worker has a connection to the database of its own, takes a job that is due, does it
 *         (work.h) and takes the next. The keeper sleeps until something is due, at most LOOK_S seconds
 *         (on SQLite another process may have asked for something; PostgreSQL tells, and one thread more
 *         listens), wakes the workers, prolongs what they have
 *         claimed, frees what dead processes left, and keeps the timetable. With nothing to do that is
 *         one small query every few seconds, and nobody writes.
 *         When the process has come to rest the keeper gives back what work has left.
 *         Where there are several companies one of them never has all workers of a process.
 * Order:  workers_stop() asks those at work to end (sync/stopping.h) and waits for them.
 * Errors: as store_open(). A database that fails later is waited for: while anybody has met a failure of
 *         its (standing.h) the keeper tries every few seconds whether it takes writes again.
 * Threads: workers_look() and workers_hint() from any. */
#pragma once
#include "base/clock.h"
#include "net/mail.h"
#include "secret/secret.h"
#include "store/job.h"
#include "sync/standing.h"

enum { WORKERS_MOST = 64, WORKERS_LOOK_S = 5 };

struct workers;
struct workers_options {
    const char *where;            /* the database; borrowed until workers_stop() */
    const struct secret_key *key; /* likewise */
    /* Reads the key anew, when another one counts (key rotate); NULL: never. From any thread. */
    enum rc_code (*read_key)(const void *key_from, struct store *st, struct secret_key **ret,
                             struct rc_error *err);
    const void *key_from;
    const struct mail_server *mail; /* borrowed; NULL: none */
    unsigned n;                     /* 1 to WORKERS_MOST */
    struct standing *standing;      /* borrowed; NULL: nobody is told of the database's troubles */
    const char *public_url; /* where HR systems reach this service; NULL: nowhere. Borrowed */
    /* Nothing is to be done, by workers or anybody else (rest.h): what others keep goes too. NULL: nothing;
     * from any thread. */
    void (*rest)(void *self);
    void *self;
};
enum rc_code workers_start(const struct workers_options *o, struct workers **ret,
                           struct rc_error *err);
/* True: all have ended in that time: workers_free() what nobody looks at any more. False: what is still at work has to be left
 * to the end of the process, as after a crash; what was claimed has been handed back. */
bool workers_stop(struct workers *w, int64_t most_us);
void workers_free(struct workers *w);
void workers_wake(struct workers *w); /* a job may be due sooner than before */

/* Something is due now: not only when the keeper looks next. */
void workers_hint(struct workers *w);

struct workers_view {
    bool ready;        /* all run, and none has been asked to end */
    int64_t turned_us; /* by the monotonic clock: when the keeper came round last */
    int64_t done[JOB_KINDS_N], failed[JOB_KINDS_N], waited[JOB_KINDS_N];
};
void workers_look(struct workers *w, struct workers_view *ret);
