/* arena.h - memory of a page, a request or a run: given out piece by piece, freed all at once.
 *
 * Shape:  blocks of growing size; arena_reset() keeps the largest (up to 1 MiB), so that a loop
 *         over pages settles.
 * Memory: nothing given out is freed singly. Pieces are aligned for any type, not zeroed unless
 *         said. Under AddressSanitizer, touching what was not given out, or was before a reset,
 *         is reported.
 * Errors: none. Every input has a limit before it gets here; out of memory ends the process. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include "base/error.h"

struct arena_block;
struct arena {
    struct arena_block *first, *last;
    char *next, *end;
    size_t used_bytes; /* given out since the last reset */
};

void arena_init(struct arena *a);
void arena_done(struct arena *a);  /* frees everything; the arena may be used again */
void arena_reset(struct arena *a); /* frees all but one block */

void *arena_alloc(struct arena *a, size_t bytes);
void *arena_zalloc(struct arena *a, size_t bytes);
/* zeroed; a product that overflows ends the process */
void *arena_array(struct arena *a, size_t each_bytes, size_t n);
void *arena_copy(struct arena *a, const void *bytes, size_t len);
char *arena_str(struct arena *a, const char *bytes, size_t len); /* a copy that ends with NUL */
char *arena_printf(struct arena *a, const char *fmt, ...) RC_PRINTF(2, 3);

#define ARENA_NEW(a, type, n) ((type *)arena_array((a), sizeof(type), (n)))

/* malloc and friends for what outlives any arena. Never NULL: out of memory ends the process.
 * Only base/ calls malloc itself. */
void *mem_alloc(size_t bytes);
void *mem_zalloc(size_t bytes);
void *mem_realloc(void *p, size_t bytes);
char *mem_str(const char *s);
void mem_free(void *p); /* NULL is fine */
