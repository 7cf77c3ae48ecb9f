/* hook_event.h - what webhooks have told, and what came of it.
 *
 * Shape:  on SQLite in a file of its own beside the database ("DATABASE.events"), so that a large
 *         apply never delays an acknowledgement; on PostgreSQL a table of the same database. Which of
 *         the two is hook_events_open()'s business; the functions here take the store that it opens.
 *         There it is appended to a table without an index first, and becomes one of these rows a moment later
 *         (hook_arrive.c).
 *         An event is a hint: who told what, never a fact about anybody. Its state is
 *             new     nobody has looked yet
 *             again   the person concerned is to be looked at once more, not before wanted_at: HR
 *                     systems may go on showing the old state for a while
 *             asked   everybody is to be listed; with wanted_at 0 that has not been asked for yet
 *             done
 *         What comes twice is one row. An integration with HOOK_EVENTS_KEPT rows keeps no further ones:
 *         they become one row that is new each time, which is as good a hint.
 * Errors: as store.h. */
#pragma once
#include "store/store.h"

enum { HOOK_EVENTS_KEPT = 20000, HOOK_EVENT_DIGEST_BYTES = 33 };
/* What a digest begins with of what never arrived: it was read in HR's own list. */
#define HOOK_EVENT_MISSED "missed"

enum rc_code hook_events_open(const char *where, struct store **ret, struct rc_error *err);

struct hook_event {
    int64_t company_id, integration_id;
    char digest[HOOK_EVENT_DIGEST_BYTES]; /* in hex: what makes two of them the same */
    bool repeats;                         /* the same one again is news */
    struct text name, source_id;          /* missing: it could not be read */
    int64_t occurred_us;                  /* by HR's clock; 0: not said */
    int64_t arrived_us;
};
/* How many rows integrations have, as counted not long ago; all 0 at first. For one thread that adds often. */
enum { HOOK_ROOMS = 16, HOOK_ROOM_GROUPS = 64 };
struct hook_rooms {
    struct hook_room {
        int64_t company_id, integration_id, used_n;
        int groups_left; /* counted anew after so many more */
    } of[HOOK_ROOMS];
};
/* All or none, durable when it returns. Not inside a transaction. *ret_known (may be NULL): so many had
 * come before. */
enum rc_code hook_event_add(struct store *st, const struct hook_event *const *events, size_t n,
                            int64_t *ret_known, struct rc_error *err);
/* The same for whoever takes many: durable when it returns, and seen by the functions below only after
 * hook_event_fold(), which is to come soon. *ret_rows: so many rows wait for that; with 0 of them *ret_known is
 * known already. */
enum rc_code hook_event_take(struct store *st, const struct hook_event *const *events, size_t n,
                             struct hook_rooms *rooms, int64_t *ret_rows, int64_t *ret_known,
                             struct rc_error *err);
/* rooms, ret_known: may be NULL. *ret_known counts also what was folded before an error. May be part of a transaction. What tells of all there is, or takes it away, folds
 * first by itself: hook_event_tally(), hook_event_write() and those that forget. */
enum rc_code hook_event_fold(struct store *st, struct hook_rooms *rooms, int64_t *ret_known,
                             struct rc_error *err);

/* So many had come before, of what this process has folded without anybody asking for *ret_known, since the last call: for
 * whoever counts. */
int64_t hook_event_known_aside(void);

/* Copies SQLite's log back, as far as nobody reads an older state; it begins anew then, and stays as long as it is:
 * to sync a file that grows takes several times as long. For whoever takes many, now and then. Nothing on
 * PostgreSQL; a failure only costs time. */
void hook_events_copy(struct store *st);

/* Integrations with something that is not done. Times are the first ones; 0: there is none. */
struct hook_open {
    int64_t company_id, integration_id;
    int64_t new_n, asked_n, again_n;
    int64_t list_n;   /* of those asked: a listing is still to be asked for */
    int64_t people_n; /* whom the new ones name */
    int64_t pings_n;  /* of the new ones */
    int64_t
        strange_n; /* of the new ones and those that wait again: name nobody, or something unknown */
    int64_t new_us;             /* arrived */
    int64_t again_us, asked_us; /* wanted */
};
/* names: those that are known, as hook_event_list() takes them. */
enum rc_code hook_event_open(struct store *st, const char *names, struct arena *a,
                             struct hook_open **ret, size_t *ret_n, struct rc_error *err);
/* Everybody is to be listed on the word of those that are new or wait for another look and have arrived
 * until then: of all of them, or of those that name nobody, or something that is not among `names`. */
enum rc_code hook_event_list(struct store *st, int64_t company_id, int64_t integration_id,
                             int64_t until_us, bool all, const char *names,
                             int64_t *ret_n /* may be NULL */, struct rc_error *err);
/* What says nothing about anybody, as a ping, is done. */
enum rc_code hook_event_ignore(struct store *st, int64_t company_id, int64_t integration_id,
                               const char *name, int64_t *ret_n, struct rc_error *err);
/* A listing has been asked for, at that time, for those that wait for one. */
enum rc_code hook_event_asked(struct store *st, int64_t company_id, int64_t integration_id,
                              int64_t wanted_us, struct rc_error *err);

struct hook_waiting {
    struct text digest, source_id;
    int64_t occurred_us, arrived_us;
    int64_t tries;
    int64_t run_id; /* that made the person new, on an earlier look; 0: none has */
};
/* Of the people: those that are new, and those whose next look is due by then. The oldest first. */
enum rc_code hook_event_due(struct store *st, int64_t company_id, int64_t integration_id,
                            int64_t now_us, struct arena *a, struct hook_waiting **ret,
                            size_t *ret_n, struct rc_error *err);
/* Those that are asked, with a sync that was wanted no later than then. */
enum rc_code hook_event_waiting(struct store *st, int64_t company_id, int64_t integration_id,
                                int64_t wanted_us, struct arena *a, struct hook_waiting **ret,
                                size_t *ret_n, struct rc_error *err);
enum hook_end { HOOK_DONE = 0, HOOK_AGAIN, HOOK_LIST };
/* What became of it; nothing when it has come once more meanwhile. */
enum rc_code hook_event_settle(struct store *st, int64_t company_id, int64_t integration_id,
                               const struct hook_waiting *w, enum hook_end end, int64_t wanted_us,
                               int64_t run_id, struct rc_error *err);
/* Not inside a transaction, nor is hook_event_forget_person(). */
enum rc_code hook_event_forget(struct store *st, int64_t company_id, int64_t integration_id,
                               struct rc_error *err);
/* What names one person, by their id in HR: told as an array "webhooks", and taken away. */
enum rc_code hook_event_write(struct store *st, int64_t company_id, int64_t integration_id,
                              struct text source_id, struct json_writer *w, struct rc_error *err);
enum rc_code hook_event_forget_person(struct store *st, int64_t company_id, int64_t integration_id,
                                      struct text source_id, int64_t *ret_n, struct rc_error *err);
/* Whether one of that name about that person at that time has come. */
enum rc_code hook_event_has(struct store *st, int64_t company_id, int64_t integration_id,
                            struct text name, struct text source_id, int64_t occurred_us, bool *ret,
                            struct rc_error *err);
/* Those that are done and arrived before then. */
enum rc_code hook_event_expire(struct store *st, int64_t before_us, struct rc_error *err);

/* Of all companies: what is not done, and when the first of it came; 0: there is none. */
struct hook_backlog {
    int64_t waiting_n, oldest_us;
};
enum rc_code hook_event_backlog(struct store *st, struct hook_backlog *ret, struct rc_error *err);

/* Of what has arrived: what was missed, and read in HR's list later, is in open_n alone. */
struct hook_tally {
    int64_t deliveries;        /* duplicates counted */
    int64_t first_us, last_us; /* 0: none has come */
    int64_t open_n;
    struct text last_name; /* what came last; missing: it could not be read */
};
enum rc_code hook_event_tally(struct store *st, int64_t company_id, int64_t integration_id,
                              struct arena *a, struct hook_tally *ret, struct rc_error *err);

/* Of the database itself: whether the run that made somebody what they are began at that time or later,
 * and which one it is. */
enum rc_code hook_person_is_newer(struct store *st, int64_t company_id, int64_t integration_id,
                                  struct text source_id, int64_t since_us, bool *ret,
                                  struct rc_error *err);
/* The import of everybody that began last; 0, 0: there is none. */
enum rc_code hook_last_listing(struct store *st, int64_t company_id, int64_t integration_id,
                               int64_t *ret_run_id, int64_t *ret_started_us, struct rc_error *err);
