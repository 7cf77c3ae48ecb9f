/* underway.h - how far what is under way is, for whoever watches it from another process.
 *
 * Shape:  one row a subject (an integration or a destination), written about once a second while it is worked
 *         on and taken away at the end; one that is older than UNDERWAY_FRESH_S was left by a process that died. Nothing in it is
 *         about people, and nothing depends on it. The functions take the store of hook_events_open():
 *         on SQLite these rows lie beside the database too, so that they never get into the way of an import.
 * Errors: as store.h. */
#pragma once
#include "store/store.h"

enum { UNDERWAY_FRESH_S = 10 };

struct underway {
    int64_t company_id, subject_id;
    int64_t at_us;      /* when it was so */
    struct text phase;  /* "reading the list" */
    struct text line;   /* all of it, as the command line says it */
    int64_t done, of;   /* of 0: it cannot be told */
    int64_t failed;     /* refused by the platform */
    int64_t left_s;     /* -1: it cannot be told */
    int64_t per_second; /* 0: likewise */
    int64_t wait_us;    /* the other side asks us to wait until then; 0: it does not */
};
/* All or none. Not inside a transaction. */
enum rc_code underway_put(struct store *st, const struct underway *list, size_t n,
                          struct rc_error *err);
enum rc_code underway_drop(struct store *st, int64_t company_id, int64_t subject_id,
                           struct rc_error *err);
/* Those that are fresh, by subject; at most `most`. */
enum rc_code underway_list(struct store *st, int64_t company_id, int64_t now_us, size_t most,
                           struct arena *a, struct underway **ret, size_t *ret_n,
                           struct rc_error *err);
