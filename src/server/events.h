/* events.h - live progress: who listens to what happens in a company, and what they are told.
 *
 * Shape:  one thread looks at the database every EVENTS_LOOK_MS while somebody listens, once a company however
 *         many listen to it, and writes what is new to each of their streams: so it sees what any process
 *         does, and costs nothing while nobody listens. What happens is told as the state that it led to:
 *         one that lasts shorter than a look may be left out, one may come twice, the last one is always told.
 *         Whoever begins to listen gets what is under way or waits; with the id of the last event that he
 *         heard also what has ended since. An id is a time.
 * Limits: below; over them RC_LIMITED "events.too-many". A stream ends when its token is revoked or runs
 *         out, when its reader is too slow, or with the service.
 * Threads: events_listen() from any. */
#pragma once
#include "base/clock.h"
#include "net/server.h"
#include "store/company.h"
#include "store/token.h"

enum {
    EVENTS_MOST = 96, /* of SERVE_CONNECTIONS */
    EVENTS_EACH_TOKEN = 8,
    EVENTS_EACH_ADDRESS = 32,
    EVENTS_LOOK_MS = 500,
    EVENTS_HEARTBEAT_S = 10,
    EVENTS_WAITING_BYTES = 1 << 20, /* what a reader may leave lying */
};

struct events;
struct events *events_open(const char *where, const struct clock_source *clock); /* borrowed */
/* Before server_close(): ends all streams; whoever asks for one from now on is refused ("stopping"). Once. */
void events_end(struct events *e);
void events_free(struct events *e); /* after server_close() */

struct events_wish {
    const struct company *company;
    const struct token *token;
    int64_t run_id;   /* 0: all of the company */
    int64_t heard_us; /* the id of the last event heard; 0: none was */
};
/* The answer to q. */
enum rc_code events_listen(struct events *e, const struct events_wish *wish,
                           const struct server_request *q, struct server_stream **ret,
                           struct rc_error *err);
