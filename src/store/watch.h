/* watch.h - a few numbers about all companies, for whoever watches the service.
 *
 * Shape:  cheap however long it has run: what is counted is bounded by an index or a limit. */
#pragma once
#include "store/run.h"

/* Does the database answer? Reads a row's worth. */
enum rc_code watch_answers(struct store *st, struct rc_error *err);
/* Does it take writes? One that changes nothing, and reaches the disk: of SQLite in both its files. where:
 * the database. */
enum rc_code watch_writes(struct store *st, const char *where, struct rc_error *err);
/* RC_FATAL "db.full" where less than WATCH_ROOM_BYTES are left for SQLite's files; else, and with
 * PostgreSQL, whose disk we do not see, RC_OK. */
enum { WATCH_ROOM_BYTES = 1 << 20 };
enum rc_code watch_room(const char *where, struct rc_error *err);

struct watch_counts {
    int64_t companies, integrations, scheduled, held;
    int64_t runs[RUN_STATES_N]; /* begun since, by their state now */
};
enum rc_code watch_count(struct store *st, int64_t since_us, struct watch_counts *ret,
                         struct rc_error *err);

/* Integrations that have been listed, the one whose last applied listing began longest ago first. */
struct watch_listed {
    struct text company, integration;
    int64_t listed_us;
};
enum rc_code watch_listed(struct store *st, size_t most, struct arena *a, struct watch_listed **ret,
                          size_t *ret_n, struct rc_error *err);

/* Webhooks that rollcall keeps in HR systems: the state of each, "silent" and "failing" before others. */
enum { WATCH_HOOKS_MOST = 8 };
struct watch_hooks {
    struct text state;
    int64_t n;
};
enum rc_code watch_hooks(struct store *st, struct arena *a,
                         struct watch_hooks ret[WATCH_HOOKS_MOST], size_t *ret_n,
                         struct rc_error *err);

/* Alerts that are open, by cause, and mails about any that are not out yet. */
struct watch_alerts {
    struct text cause;
    int64_t n;
};
enum rc_code watch_alerts(struct store *st, size_t most, struct arena *a, struct watch_alerts **ret,
                          size_t *ret_n, int64_t *ret_mails, struct rc_error *err);
