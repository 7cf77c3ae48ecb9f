/* mapped.h - the mapping that counts for an integration, and another one made to count.
 *
 * Shape:  without an active mapping of its own an integration has the default one with its setting
 *         for teams. Activating is a run like any other: everybody stored is looked at through the
 *         new mapping, the guard judges what that would change, and the mapping counts from the
 *         transaction on that applies the run. A mapping that reads what is not stored cannot be
 *         activated so: import_run() with `activates` lists everybody first.
 * Errors: RC_NOT_FOUND "mapping.unknown"; RC_INVALID "mapping.invalid", with the first finding;
 *         RC_CONFLICT "mapping.reads-more", "mapping.active", "mapping.team", "run.unfinished". */
#pragma once
#include "people/mapping.h"
#include "sync/import.h"

/* The active one. The mapping lives in the arena. */
enum rc_code mapped_current(struct store *st, const struct integration *in, struct arena *a,
                            const struct mapping **ret, struct rc_error *err);
/* That number; 0 is the default. */
enum rc_code mapped_get(struct store *st, const struct integration *in, int64_t mapping_id,
                        struct arena *a, const struct mapping **ret, struct rc_error *err);

/* Whether all that `m` reads is read, and so stored, under the current one. ret_first, which may be
 * NULL: the first attribute that is not, for a sentence. */
bool mapped_is_stored(const struct mapping *current, const struct mapping *m, struct arena *a,
                      const char **ret_first);
/* Whether everybody was last listed through the current one: else nobody knows what is stored. */
bool mapped_is_seen(const struct integration *in, const struct mapping *current);

/* ---- before it is saved ---- */

enum mapped_keys {                            /* what custom("KEY") was checked against */
                   MAPPED_KEYS_UNCHECKED = 0, /* nothing: HR was never read, and cannot be asked */
                   MAPPED_KEYS_NONE,          /* there is none in it */
                   MAPPED_KEYS_LISTED,        /* what could be read at the last applied listing */
                   MAPPED_KEYS_ASKED,         /* what HR says now */
};
const char *mapped_keys_name(enum mapped_keys k); /* "last-listing"; NULL: unchecked */
struct mapped_source {
    const struct clock_source *clock;
    const struct source_ops *ops; /* NULL: the one that the integration names */
};
struct mapped_checked {
    const struct mapping *mapping;
    struct mapping_findings findings;
    enum mapped_keys keys;
    struct rc_error not_asked; /* why HR could not be asked; RC_OK: it was, or need not be */
};
/* As mapping_parse(), with the attributes that the credential may read: those of the last applied
 * listing. Where there was none, or a key was not among them, HR is asked; that it cannot be is no
 * error. */
enum rc_code mapped_check(const struct integration *in, struct text text,
                          const struct mapped_source *from, struct arena *a,
                          struct mapped_checked *ret, struct rc_error *err);
/* RC_CONFLICT "mapping.team": the integration's setting says another primary team than a text that
 * does not mention it. */
enum rc_code mapped_team_agrees(const struct integration *in, const struct mapping *m,
                                struct rc_error *err);

/* What of a mapping the platforms that the integration feeds cannot take, as they last said: names of
 * fields, with commas. One that was never asked is not among them. */
struct mapped_not_taken {
    const char *destination; /* its key */
    const char *fields;
    bool leave_date; /* is among them */
};
enum rc_code mapped_not_taken(struct store *st, const struct integration *in,
                              const struct mapping *m, struct arena *a,
                              struct mapped_not_taken **ret, size_t *ret_n, struct rc_error *err);

/* ---- making it count ---- */

struct mapped_options {
    int64_t mapping_id; /* 0: back to the default */
    bool preview;
    const struct clock_source *clock;
};
/* As import_run(): held or previewed is an answer, in ret->state. Nobody stored yet: it counts at
 * once, and ret->run_id is 0. */
enum rc_code mapped_activate(struct store *st, const struct secret_key *k,
                             const struct company *company, const struct integration *in,
                             const struct mapped_options *o, struct arena *a, struct run *ret,
                             struct rc_error *err);
