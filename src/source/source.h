/* source.h - what an HR system must be able to do for us. A new one is one file in this folder and
 * one line in source.c.
 *
 * Shape:  a source is a const struct source_ops and an instance that embeds struct source as its
 *         first member.
 *
 *         Listing is two halves, so that fetching and using overlap:
 *             list_begin(), then list_next() page by page until page->end is not SOURCE_MORE - on
 *             the reader's thread page_read() for each row of a page                               
 *                         - on the storing thread
 *         list_next() fetches, checks and parses; it decides where the next page begins and when
 *         there is none. It does NOT decide whether the listing is complete: that is
 *         sync/listing.h, from the numbers that the pages carry. A source therefore reports what
 *         came, repeated and odd rows included, and never drops, sorts or merges rows. page_read()
 *         is pure: no call, no wait.
 *
 *         get() asks for one person. RC_NOT_FOUND is said only when the HR system itself says that
 *         it does not know the id (never for a network fault, a wrong path or a missing right):
 *         somebody's access may end on it.
 *
 * Rights: rights() tells what the credential may read now, before people are read: a sorted list of
 *         attribute keys and of scopes in the HR system's own words. sync/ compares it with last
 *         time. A field that the mapping reads and the credential may not must come as missing,
 *         never as empty.
 * Memory: a page and all it holds belong to the caller (page_new, page_free) and are used again for
 *         later pages; texts of page_read() are borrowed from page and arena.
 * Errors: RC_RETRY, RC_LIMITED are given only after the source itself waited and repeated as often
 *         as its setting `retries` says; RC_AUTH names the missing right or refused credential;
 *         RC_INVALID: the answer is not what this HR system sends ("personio.answer"), or, from
 *         page_read(), this row has no usable id. Never a partial page.
 * Threads: page_read() may run beside list_next() of a later page; everything else by one thread at
 *          a time. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/setting.h"
#include "people/employee.h"

enum source_caps {
    SOURCE_TOTAL =
        1 << 0, /* list_next() fills declared_total: the listing can be proven by count */
    SOURCE_SINCE = 1 << 1,  /* list_begin() honours since_us */
    SOURCE_GET = 1 << 2,    /* get() works, and its RC_NOT_FOUND can be believed */
    SOURCE_RIGHTS = 1 << 3, /* rights() tells something */
    SOURCE_RECORD = 1 << 4, /* record() writes a transcript */
};

struct source;
struct source_page;

enum source_end {
    SOURCE_MORE = 0,     /* another page follows */
    SOURCE_END_EMPTY,    /* asked on, and nothing more came */
    SOURCE_END_DECLARED, /* the source says that this was the last */
    SOURCE_END_REPEATED, /* the same page came again: the remote ignores our paging */
    SOURCE_END_CAP,      /* far more rows than declared: something is wrong */
    SOURCE_END_REFUSED,  /* asked on behind as many rows as were declared, and was refused */
};

/* What every page tells, whatever its source. Sources embed it as the first member of their own
 * page. */
struct source_page {
    size_t rows_n;
    uint64_t first_row;     /* where this page began, in rows */
    int64_t declared_total; /* how many people the remote says there are; -1 when it does not say */
    uint64_t body_bytes;
    enum source_end end;
};

struct source_rights {
    struct text *attributes; /* keys readable with this credential, sorted by bytes */
    struct text *labels;     /* beside each key, as HR shows it; empty when unknown */
    size_t attributes_n;
    struct text scopes; /* as the token endpoint names them; missing when it does not */
};

struct source_check {
    struct finding *findings;
    size_t findings_n;
    int64_t people_n; /* declared by the source; -1 unknown */
};

/* ---- telling: HR says by itself when something has changed ---- */

struct source_subscription {
    struct text address, token; /* where to, and what Authorization is to be */
    struct text remote_id;      /* of the one that is known there; missing: found by its address */
    bool is_new;                /* address or token are other ones than last time */
    const char *const *events;
    size_t events_n;
};
struct source_kept {
    struct text remote_id;
    bool made, mended; /* it was not there; or was disabled, or told other things */
};
struct source_missed { /* as source/hint.h reads it */
    struct text name, source_id;
    int64_t occurred_us;
};
/* Every call may be repeated: what is there already is found, and never there twice. */
struct source_tells {
    /* RC_AUTH "personio.right": the credential may not; somebody has to do it by hand. */
    enum rc_code (*keep)(struct source *s, const struct source_subscription *want, struct arena *a,
                         struct source_kept *ret, struct rc_error *err);
    enum rc_code (*ping)(struct source *s, struct text remote_id, struct rc_error *err);
    /* What happened since then, the oldest first, at most `most`. *ret_all false: there may be more. */
    enum rc_code (*missed)(struct source *s, struct text remote_id, int64_t since_us, size_t most,
                           struct arena *a, struct source_missed **ret, size_t *ret_n,
                           bool *ret_all, struct rc_error *err);
    /* By id and by address; RC_OK too when it is not there. */
    enum rc_code (*end)(struct source *s, struct text remote_id, struct text address,
                        struct rc_error *err);
};

struct source_config {
    const struct source_ops *ops;
    const char *const *values;   /* beside ops->settings, NULL where not set and without fallback */
    struct employee_reads reads; /* borrowed as long as the source lives */
    const struct clock_source *clock;
    bool
        often; /* opened every few seconds: it may go on with what the last one of the same credential
                   was given, and rights() may be as old */
};

struct source_ops {
    const char *name;  /* "personio": stored, never renamed */
    const char *title; /* "Personio" */
    unsigned caps;
    const struct setting *settings;

    enum rc_code (*open)(const struct source_config *config, struct source **ret,
                         struct rc_error *err);
    void (*close)(struct source *s);
    /* Tries everything that an import needs and changes nothing. Findings in the arena. Fails only
     * when it cannot tell at all. */
    enum rc_code (*check)(struct source *s, struct arena *a, struct source_check *ret,
                          struct rc_error *err);
    enum rc_code (*rights)(struct source *s, struct arena *a, struct source_rights *ret,
                           struct rc_error *err);
    /* since_us 0: everybody. */
    enum rc_code (*list_begin)(struct source *s, int64_t since_us, struct rc_error *err);
    enum rc_code (*list_next)(struct source *s, struct source_page *page, struct rc_error *err);
    struct source_page *(*page_new)(struct source *s);
    void (*page_free)(struct source_page *page);
    enum rc_code (*page_read)(const struct source *s, const struct source_page *page, size_t row,
                              struct arena *a, struct employee *ret, struct rc_error *err);
    enum rc_code (*get)(struct source *s, struct text source_id, struct arena *a,
                        struct employee *ret, struct rc_error *err);
    /* Writes an anonymised transcript of a real account's answers into dir, for the sandbox to
     * replay. */
    enum rc_code (*record)(struct source *s, const char *dir, struct rc_error *err);
    const struct source_tells *tells; /* NULL: it tells nothing by itself, or is not asked to */
};

struct source {
    const struct source_ops *ops;
    _Atomic int64_t
        waiting_until_us; /* the remote asked us to wait: for progress; 0 when not waiting */
    _Atomic int64_t remote_date_us; /* the remote's clock at its last answer; 0 unknown */
    _Atomic int64_t remote_seen_us; /* our clock at that moment */
};

const struct source_ops *source_find(const char *name); /* NULL is an answer */
const struct source_ops *const *source_all(size_t *ret_n);

enum rc_code source_open(const struct source_config *config, struct source **ret,
                         struct rc_error *err);
void source_close(struct source *s);
RC_CLEANUP_FN(struct source, source_close)
