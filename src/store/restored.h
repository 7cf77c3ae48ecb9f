/* restored.h - a database that was put back from a backup knows less than has happened since: what must
 * not be taken for the present is marked, once, before anybody works with it.
 *
 * Shape:  runs that had not ended are over: held and previewed ones are superseded, whatever was under
 *         way has failed; of their effects those that had been handed out are unsure, the others
 *         dropped. Errands that waited have failed: they may have been done since. Each destination is restored_us: until its first delivery after that has gone well it
 *         takes a complete inventory, waits for an import of everybody who feeds it, and is held
 *         (sync/delivery_restored.c). Leases are nobody's. Numbers of runs and people go on at a
 *         distance, so that one in a mail or a log means one thing only.
 *         Ids on platforms are made of HR's ids (<prefix>:<integration>:<id>) and stay what they were.
 * Memory: nothing is kept. */
#pragma once
#include "store/store.h"

enum { RESTORED_RUNS_AHEAD = 10000, RESTORED_IDS_AHEAD = 1000000 };

struct restored {
    int64_t companies, destinations, runs_ended;
    int64_t newest_us; /* when the newest run in it began; 0: there is none */
};
/* A transaction of its own. who: for the audit. */
enum rc_code restored_note(struct store *st, int64_t now_us, const char *who, struct restored *ret,
                           struct rc_error *err);
