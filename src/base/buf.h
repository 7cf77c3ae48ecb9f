/* buf.h - bytes that grow up to a limit.
 *
 * Shape:  len bytes at ptr, always followed by a NUL that len does not count. A buffer cannot be
 *         made without its largest permitted size; an append that would pass it changes nothing,
 *         returns false and sets `full`; until buf_clear() every further append fails too, so
 *         that no hole can arise. A writer may therefore append many times and look at `full`
 *         once.
 * Memory: embedded; buf_done() frees. What is appended must not lie in the buffer itself. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "base/error.h"

struct buf {
    char *ptr;
    size_t len, cap, max_bytes;
    bool full;
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_done(struct buf *b);
void buf_clear(struct buf *b); /* keeps the memory */
bool buf_append(struct buf *b, const void *bytes, size_t len);
bool buf_str(struct buf *b, const char *s);
bool buf_char(struct buf *b, char c);
bool buf_printf(struct buf *b, const char *fmt, ...) RC_PRINTF(2, 3);
/* Makes room for len further bytes and returns where they go, NULL over the limit (and sets
 * `full`); buf_grew() says how many came. */
char *buf_room(struct buf *b, size_t len);
void buf_grew(struct buf *b, size_t len);
