#include <stdio.h>
#include <string.h>
#include "base/arena.h"
#include "base/buf.h"

/* What ptr is before the first append, so that there is a NUL to read. Never written: cap is 0. */
static char nothing[1];

void buf_init(struct buf *b, size_t max_bytes) {
    *b = (struct buf){ .ptr = nothing, .max_bytes = max_bytes };
}

void buf_done(struct buf *b) {
    if (b->cap > 0)
        mem_free(b->ptr);
    buf_init(b, b->max_bytes);
}

void buf_clear(struct buf *b) {
    b->len = 0;
    b->full = false;
    if (b->cap > 0)
        b->ptr[0] = '\0';
}

char *buf_room(struct buf *b, size_t len) {
    if (b->full || len > b->max_bytes - b->len) {
        b->full = true;
        return NULL;
    }
    size_t need = b->len + len + 1;
    if (need > b->cap) {
        size_t cap = b->cap < 64 ? 64 : b->cap * 2;
        if (cap > b->max_bytes)
            cap = b->max_bytes + 1; /* len <= max_bytes < SIZE_MAX, or there were no such len */
        if (cap < need)
            cap = need;
        b->ptr = mem_realloc(b->cap > 0 ? b->ptr : NULL, cap);
        b->cap = cap;
        b->ptr[b->len] = '\0';
    }
    return b->ptr + b->len;
}

void buf_grew(struct buf *b, size_t len) {
    if (len == 0)
        return;
    if (b->cap == 0 || len > b->cap - 1 - b->len)
        rc_die("buf: %zu bytes came where there was no room for them", len);
    b->len += len;
    b->ptr[b->len] = '\0';
}

bool buf_append(struct buf *b, const void *bytes, size_t len) {
    char *to = buf_room(b, len);
    if (to == NULL)
        return false;
    if (len > 0) /* bytes may be NULL then */
        memcpy(to, bytes, len);
    buf_grew(b, len);
    return true;
}

bool buf_str(struct buf *b, const char *s) {
    return buf_append(b, s, strlen(s));
}

bool buf_char(struct buf *b, char c) {
    return buf_append(b, &c, 1);
}

bool buf_printf(struct buf *b, const char *fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *to = n < 0 ? NULL : buf_room(b, (size_t)n);
    if (to != NULL) {
        (void)vsnprintf(to, (size_t)n + 1, fmt, again);
        buf_grew(b, (size_t)n);
    } else {
        b->full = true;
    }
    va_end(again);
    return to != NULL;
}
