/* memory.h - a source whose people, pages and faults a test writes down.
 *
 * Shape:  struct memory_source begins with its own ops, so that it opens like any other source:
 *             struct memory_source m = { .people = people, .people_n = 3 };
 *             memory_source_init(&m);
 *             source_open(&(struct source_config){ .ops = &m.ops, .reads = reads, .clock = clock },
 *             &s, &err);
 *         Left alone it lists all people, `per_page` (2) a page, declares their number and ends on
 *         an empty page. Everything else is a script: other pages, other totals, faults, people
 *         whom only get() knows, or whom it does not.
 * Memory: all borrowed; the script may be changed between calls and must outlive its sources.
 * Threads: one at a time, but for page_read(). */
#pragma once
#include "source/source.h"

/* values: "first_name=Mira", "office=Bremen#5120" (group: name # id), "supervisor=17",
 * "dynamic_7=x" (custom, by key); "email=" is empty, "hire_date!" is bad; what is not named is
 * missing. "modified=2026-09-21T10:00:00Z": when it changed last. Ends with NULL. */
struct memory_person {
    const char *id; /* NULL: a row without a usable id */
    const char *values[24];
};

struct memory_page {
    const size_t *rows; /* indices into people */
    size_t rows_n;
    int64_t declared_total;
    enum source_end end;
};

struct memory_fault {
    enum rc_code code; /* RC_OK: none */
    const char *name;  /* NULL: "memory.fault" */
    unsigned after;    /* so many calls go well first */
    unsigned times;    /* then so many fail; 0: all */
};

struct memory_source {
    struct source_ops ops; /* filled by memory_source_init() */
    const struct memory_person *people;
    size_t people_n;
    size_t per_page;     /* 0: 2 */
    bool total_scripted; /* declare `total` instead of people_n */
    int64_t total;
    const struct memory_page *pages; /* NULL: as above; else exactly these, the last one ending */
    size_t pages_n;
    const struct memory_person *only_get; /* found by get(), not listed */
    size_t only_get_n;
    const char *const
        *not_found; /* ids that get() denies although they are listed; ends with NULL; NULL: none */
    const char *const *attributes; /* rights(): keys; ends with NULL; NULL: none */
    const char *scopes;
    struct memory_fault list_fault, get_fault, rights_fault;
    unsigned lists_n, pages_asked_n, gets_n, rights_n; /* what was asked, for assertions */
};
void memory_source_init(struct memory_source *m);
