#include "sandbox/learnamp/trail.h"
#include <stdarg.h>
#include <stdio.h>
#include "base/arena.h"
#include "base/date.h"
#include "json/json.h"

void trail_init(struct trail *t) {
    *t = (struct trail){ .lock = PTHREAD_MUTEX_INITIALIZER };
    t->ring = mem_zalloc(TRAIL_KEPT * sizeof *t->ring);
}

void trail_done(struct trail *t) {
    mem_free(t->ring);
    pthread_mutex_destroy(&t->lock);
}

void trail_clear(struct trail *t) {
    pthread_mutex_lock(&t->lock);
    t->n = 0;
    pthread_mutex_unlock(&t->lock);
}

void trail_add(struct trail *t, int64_t at_us, const char *by, const char *what, uint32_t id,
               const char *fmt, ...) {
    va_list args;
    pthread_mutex_lock(&t->lock);
    struct trail_entry *e = &t->ring[t->n++ % TRAIL_KEPT];
    e->at_us = at_us;
    e->id = id;
    snprintf(e->by, sizeof e->by, "%s", by);
    snprintf(e->what, sizeof e->what, "%s", what);
    va_start(args, fmt);
    vsnprintf(e->detail, sizeof e->detail, fmt, args);
    va_end(args);
    pthread_mutex_unlock(&t->lock);
}

void trail_write(struct trail *t, uint64_t from, uint64_t limit, struct buf *ret) {
    struct json_writer w;
    char at[32];
    pthread_mutex_lock(&t->lock);
    uint64_t first = t->n > TRAIL_KEPT ? t->n - TRAIL_KEPT : 0;
    json_begin(&w, ret);
    json_object(&w, NULL);
    json_put_int(&w, "total", (int64_t)t->n);
    json_array(&w, "entries");
    for (uint64_t i = from > first ? from : first; i < t->n && limit-- > 0; i++) {
        const struct trail_entry *e = &t->ring[i % TRAIL_KEPT];
        json_object(&w, NULL);
        json_put_int(&w, "number", (int64_t)i);
        json_put_cstr(&w, "at", date_format_instant(e->at_us, at));
        json_put_cstr(&w, "by", e->by);
        json_put_cstr(&w, "what", e->what);
        json_put_int(&w, "id", e->id);
        json_put_cstr(&w, "detail", e->detail);
        json_object_end(&w);
    }
    json_array_end(&w);
    json_object_end(&w);
    pthread_mutex_unlock(&t->lock);
}
