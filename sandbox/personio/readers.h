/* readers.h - what a credential of Personio reads, and whom it sees.
 *
 * Shape:  a reader's rows are the people it lists, in listing order; readers_rows() makes them again
 *         after changes.
 * Memory: rows are replaced under the sandbox's write lock. */
#pragma once
#include "sandbox/credentials.h"
#include "sandbox/personio/world.h"
#include "sandbox/switches.h"

enum sees_kind { SEES_ALL, SEES_OFFICE, SEES_PERCENT };

struct reader {
    struct credential key; /* first */
    uint64_t attrs;
    enum sees_kind sees;
    char office[WORLD_SCRATCH];
    unsigned percent;
    uint32_t *rows;
    size_t rows_n;
};
static inline struct reader *reader_of(const struct credential *k) {
    return (struct reader *)(uintptr_t)k;
}

void reader_begin(struct credential *k); /* as a new credential is */
/* {attributes, sees}: what is named is changed. RC_INVALID says what is wrong. */
enum rc_code reader_set(struct credential *k, json body, struct rc_error *err);
bool reader_sees(const struct reader *r, const struct world *w, const struct person *p);
void readers_rows(struct credentials *c, const struct world *w, const struct switches *s);
void readers_done(struct credentials *c);
