/* rows.h - who is on a list: filters, and the rows they leave, remembered from page to page.
 *
 * Shape:  rows are indexes of accounts (or teams) in listing order. They are made when first asked
 *         for and again after a change, so that a page costs what it shows.
 * Threads: between rows_begin() and rows_end() the cache is locked. */
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/text.h"
#include "sandbox/learnamp/numbers.h"

struct call;
struct value;

struct span { /* of instants; from is in it, until is not */
    int64_t from_us, until_us;
    bool asked;
};
struct filter {
    struct text email, external_id, first_name, last_name;
    int role;          /* -1: any */
    unsigned statuses; /* a bit each; 0: not asked */
    bool no_team, pending;
    const uint32_t *teams; /* indexes; NULL: not asked */
    size_t teams_n;
    struct span created, updated, deactivated;
};
bool filter_read(struct call *c, const struct value *params,
                 struct filter *ret); /* false: refused, and answered */

enum { ROWS_REMEMBERED = 8 };
struct rows {
    char *key; /* what they were asked for by; NULL: unused */
    uint64_t version;
    uint32_t *all;
    size_t n, cap;
};
struct rows_cache {
    pthread_mutex_t lock;
    struct rows known[ROWS_REMEMBERED], once; /* once: asked for by a key that is not remembered */
    unsigned next;
};
void rows_init(struct rows_cache *r);
void rows_done(struct rows_cache *r);
void rows_forget(struct rows_cache *r);
const struct rows *rows_of_users(struct call *c, const struct filter *f);
const struct rows *rows_of_teams(struct call *c, const struct value *params);
const struct rows *rows_of_members(struct call *c, uint32_t team);
void rows_end(struct call *c);

struct paging {
    uint64_t page, per_page; /* from 1 */
};
bool paging_read(struct call *c, const struct value *params, struct paging *ret);
/* The rows of the page, in the arena, and its headers; false: refused, and answered. */
bool paging_cut(struct call *c, const struct paging *p, const struct rows *rows,
                const uint32_t **ret, size_t *ret_n);
