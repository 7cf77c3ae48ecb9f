/* hints.h - from a webhook to a sync: what arrives is made durable, and then a job of its integration is
 * due soon.
 *
 * Shape:  two threads. One writes what arrives, as many as wait in one transaction, and lets those who
 *         brought it go on once it is on the disk; a moment later it makes rows of it. Of the database it only
 *         reads whose they are (owners.h), so a large apply delays nobody. The other one asks for the jobs
 *         (hints_step()), sleeps while nothing is open, rests for much longer than it has looked, and begins
 *         with what the last process has left.
 *         Hints that name people are one job "hint" for all of them (hints_people.h), a moment after the
 *         first; what names nobody, something unknown, or more people than FEW_MOST, is one job "sync",
 *         hint_settle_us() after the first of them, and not sooner than pace_s after the last listing began.
 *         When that is done and did not make anybody new whom a hint names, HR may not have shown the
 *         change yet: the person is looked at again, and for what names nobody everybody is, once,
 *         HINT_AGAIN_S later.
 * Errors: RC_RETRY and the like of the database: who brought a hint is to bring it again.
 * Threads: hints_add() from any; the others from one. */
#pragma once
#include "base/clock.h"
#include "store/hook_event.h"
#include "sync/owners.h"
#include "sync/standing.h"

enum {
    HINT_PEOPLE_SETTLE_US = 200000, /* one change in HR is several hints, and a burst many */
    HINT_PEOPLE_PACE_US = 1000000,  /* from the beginning of one look at people to the next */
    HINT_SETTLE_MS = 200,           /* at the least: edits come with several hints */
    HINT_SETTLE_MOST_S = 3,
    HINT_AGAIN_S = 20,
    HINT_PACE_S = 60, /* if nobody says otherwise */
    HINT_KEPT_DAYS = 30
};

struct hints;
struct hints_options {
    const char *where; /* the database; borrowed */
    const struct clock_source *clock;
    int64_t pace_s;
    struct standing *standing; /* borrowed; NULL: nobody is told of the database's troubles */
    void (*wake)(void *self);  /* a job may be due sooner than before; NULL: nobody wants to know */
    void *self;
};
enum rc_code hints_open(const struct hints_options *o, struct hints **ret, struct rc_error *err);
void hints_close(struct hints *h);
/* Whose addresses are; for whoever brings hints. */
struct owners *hints_owners(struct hints *h);
/* What is brought: filled in but for `next` and `is_nobodys`, and left alone until `done` was called, on a thread
 * of the hints, when it is durable (RC_OK) or will not be. is_nobodys, with RC_OK: it was not kept, since its
 * address is nobody's any more. No code says so: a database that is not there is RC_NOT_FOUND, and whoever
 * brought something is not to take that for an address that is not. */
struct hint_letter {
    const struct hook_event *event;
    const struct owner *owner; /* NULL: not by an address */
    void (*done)(struct hint_letter *l, enum rc_code rc, const struct rc_error *err);
    void *self; /* for done */
    bool is_nobodys;
    struct hint_letter *next;
};
/* Returns at once. An error: `done` is not called. */
enum rc_code hints_send(struct hints *h, struct hint_letter *l, struct rc_error *err);
/* Returns when it is durable, or will not be. */
enum rc_code hints_add(struct hints *h, const struct hook_event *e, struct rc_error *err);

/* So far, in this process: what arrived, and what of it had arrived before. */
struct hints_view {
    int64_t received, duplicate;
};
/* What it keeps only to be quicker next time goes (sync/rest.h). From any thread. */
void hints_rest(struct hints *h);
void hints_look(struct hints *h, struct hints_view *ret);

/* Where everybody may be listed only now and then, what comes a little later is to be in the same listing. */
int64_t hint_settle_us(int64_t pace_s);
/* hints_step.c: one look at what is open. st: the database; events: where the events are (which may be
 * the same store). *ret_open: whether something still is; *ret_asked: whether a job was asked for. */
enum rc_code hints_step(struct store *st, struct store *events, int64_t now_us, int64_t pace_s,
                        bool *ret_open, bool *ret_asked, struct rc_error *err);
