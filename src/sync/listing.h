/* listing.h - the proof that a listing is complete. Only a listing proven complete counts absence
 * (invariant 1).
 *
 * A listing is complete when all of this holds:
 *   - it came to its end by itself: an empty page, a page declared to be the last, the same page
 *     over again, or a refusal behind as many rows as were declared;
 *   - the source declared how many people there are, on every page, and always the same number;
 *   - exactly as many distinct ids came;
 *   - nobody came twice with different contents (the list moved while it was read);
 *   - no row lacked a usable id.
 * Rows that repeat with the same contents are harmless: some remotes ignore paging. A listing that
 * fails this is read again a few times, then the run fails: nobody is harmed by silence.
 *
 * Shape: pure; fed page by page and row by row. */
#pragma once
#include "base/buf.h"
#include "source/source.h"
#include "sync/roll.h"

struct listing {
    int64_t pages, rows, repeated, repeated_other, unreadable;
    int64_t declared; /* -1: never declared */
    bool declared_missing, declared_changed;
    uint64_t bytes;
    enum source_end end;
};
void listing_begin(struct listing *l);
void listing_page(struct listing *l, const struct source_page *page);
void listing_row(struct listing *l, enum roll_sight sight);
void listing_unreadable(struct listing *l);
/* True when complete. The reason, one sentence, goes to ret_reason in either case. */
bool listing_is_complete(const struct listing *l, size_t distinct, struct buf *ret_reason);
/* The proof as the run keeps it, a JSON object. */
void listing_write(const struct listing *l, size_t distinct, bool complete, const char *reason,
                   struct buf *ret);
