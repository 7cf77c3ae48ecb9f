#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/arena.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(ARENA_ASAN)
/* Under the sanitizer only what was given out may be touched: use after a reset and overruns are
 * found. */
#include <sanitizer/asan_interface.h>
#define HIDE(p, bytes) ASAN_POISON_MEMORY_REGION(p, bytes)
#define SHOW(p, bytes) ASAN_UNPOISON_MEMORY_REGION(p, bytes)
enum { GAP_BYTES = 16 };
#else
#define HIDE(p, bytes) ((void)(p), (void)(bytes))
#define SHOW(p, bytes) ((void)(p), (void)(bytes))
enum { GAP_BYTES = 0 };
#endif

enum { ALIGN = alignof(max_align_t), FIRST_BYTES = 8 << 10, GROW_BYTES = 1 << 20 };

struct arena_block {
    struct arena_block *next;
    size_t bytes;
    alignas(max_align_t) char data[];
};

void arena_init(struct arena *a) {
    *a = (struct arena){ 0 };
}

void arena_done(struct arena *a) {
    for (struct arena_block *b = a->first, *next; b != NULL; b = next) {
        next = b->next;
        SHOW(b->data, b->bytes);
        free(b);
    }
    arena_init(a);
}

static void use_block(struct arena *a, struct arena_block *b) {
    a->last = b;
    a->next = b->data;
    a->end = b->data + b->bytes;
    HIDE(b->data, b->bytes);
}

/* The largest block of usual size stays: after a page or two everything fits into it. A giant
 * never stays. */
void arena_reset(struct arena *a) {
    struct arena_block *keep = NULL;
    for (struct arena_block *b = a->first; b != NULL; b = b->next)
        if (b->bytes <= GROW_BYTES && (keep == NULL || b->bytes > keep->bytes))
            keep = b;
    for (struct arena_block *b = a->first, *next; b != NULL; b = next) {
        next = b->next;
        SHOW(b->data, b->bytes);
        if (b != keep)
            free(b);
    }
    arena_init(a);
    if (keep == NULL)
        return;
    keep->next = NULL;
    a->first = keep;
    use_block(a, keep);
}

static void add_block(struct arena *a, size_t need) {
    size_t bytes = a->last == NULL ? FIRST_BYTES : a->last->bytes * 2;
    if (bytes > GROW_BYTES)
        bytes = GROW_BYTES;
    if (bytes < need)
        bytes = need;
    struct arena_block *b = mem_alloc(sizeof *b + bytes);
    b->next = NULL;
    b->bytes = bytes;
    if (a->last == NULL)
        a->first = b;
    else
        a->last->next = b;
    use_block(a, b);
}

void *arena_alloc(struct arena *a, size_t bytes) {
    if (bytes > PTRDIFF_MAX - 2 * ALIGN - GAP_BYTES)
        rc_die("out of memory: %zu bytes asked for", bytes);
    size_t need = ((bytes == 0 ? 1 : bytes) + GAP_BYTES + ALIGN - 1) / ALIGN * ALIGN;
    if (a->next == NULL || (size_t)(a->end - a->next) < need)
        add_block(a, need);
    void *p = a->next;
    a->next += need;
    a->used_bytes += need;
    SHOW(p, bytes);
    return p;
}

void *arena_zalloc(struct arena *a, size_t bytes) {
    return memset(arena_alloc(a, bytes), 0, bytes);
}

void *arena_array(struct arena *a, size_t each_bytes, size_t n) {
    size_t bytes;
    if (__builtin_mul_overflow(each_bytes, n, &bytes))
        rc_die("out of memory: %zu times %zu bytes asked for", n, each_bytes);
    return arena_zalloc(a, bytes);
}

void *arena_copy(struct arena *a, const void *bytes, size_t len) {
    void *p = arena_alloc(a, len);
    if (len > 0) /* bytes may be NULL then */
        memcpy(p, bytes, len);
    return p;
}

char *arena_str(struct arena *a, const char *bytes, size_t len) {
    char *p = arena_alloc(a, len + 1); /* a len that overflows was never the length of anything */
    if (len > 0)
        memcpy(p, bytes, len);
    p[len] = '\0';
    return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0)
        rc_die("cannot format \"%s\"", fmt);
    char *p = arena_alloc(a, (size_t)n + 1);
    (void)vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}

void *mem_alloc(size_t bytes) {
    void *p = malloc(bytes == 0 ? 1 : bytes);
    if (p == NULL)
        rc_die("out of memory: %zu bytes asked for", bytes);
    return p;
}

void *mem_zalloc(size_t bytes) {
    void *p = calloc(1, bytes == 0 ? 1 : bytes);
    if (p == NULL)
        rc_die("out of memory: %zu bytes asked for", bytes);
    return p;
}

void *mem_realloc(void *p, size_t bytes) {
    void *moved = realloc(p, bytes == 0 ? 1 : bytes);
    if (moved == NULL)
        rc_die("out of memory: %zu bytes asked for", bytes);
    return moved;
}

char *mem_str(const char *s) {
    size_t bytes = strlen(s) + 1;
    return memcpy(mem_alloc(bytes), s, bytes);
}

void mem_free(void *p) {
    free(p);
}
