/* standing.h - how it stands with the database, for all threads of `rollcall serve`.
 *
 * Shape:  whoever meets a failure of the database's reports it. The log says it once, whichever thread was
 *         first, and once when it is over; whoever asks whether the service is ready is told the cause.
 *         It is over when somebody has tried that the database takes writes again (workers.c: the keeper).
 * Errors: none; what is no failure of the database's ("db.full", "db.lost" ...) is none of its business.
 * Threads: any. */
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include "base/clock.h"
#include "base/error.h"

struct standing_view {
    char name[24]; /* "db.full"; "": all is well */
};

struct standing {
    const struct clock_source *clock;
    pthread_mutex_t mutex; /* of what stands below */
    struct standing_view now;
    int64_t since_us, last_us, said_us; /* by the monotonic clock */
    char said[24];
};
void standing_init(struct standing *s, const struct clock_source *clock);
void standing_done(struct standing *s);

/* True: it is the database's, and the log has it by now. s may be NULL, here and in the next: never true. */
bool standing_trouble(struct standing *s, enum rc_code rc, const struct rc_error *err);
/* What a thread met that tries again and again; what is not the database's is said when it begins and when
 * it is over. */
void standing_note(struct standing *s, bool *is_failing, enum rc_code rc, const char *what,
                   const struct rc_error *err);
void standing_over(struct standing *s);
void standing_look(struct standing *s, struct standing_view *ret);

/* For people who ask over HTTP: what it means and what becomes of it, without paths and addresses. */
const char *standing_says(const char *name);
