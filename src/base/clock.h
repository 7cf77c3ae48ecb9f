/* clock.h - time is injected: whoever needs it is given a clock, so that nothing in a test
 * sleeps. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct clock_source {
    int64_t (*now_us)(void *self);            /* wall clock, microseconds since 1970-01-01 UTC */
    int64_t (*monotonic_us)(void *self);      /* never goes back; its zero means nothing */
    void (*sleep_us)(void *self, int64_t us); /* may end early on a signal */
    void *self;
    /* Whether the process is being stopped: then nothing long is begun, and nothing long waited for.
     * NULL: it never is. */
    bool (*is_ending)(void *self);
};

extern const struct clock_source clock_system;

static inline int64_t clock_now_us(const struct clock_source *c) {
    return c->now_us(c->self);
}
static inline int64_t clock_monotonic_us(const struct clock_source *c) {
    return c->monotonic_us(c->self);
}
static inline void clock_sleep_us(const struct clock_source *c, int64_t us) {
    c->sleep_us(c->self, us);
}
static inline bool clock_is_ending(const struct clock_source *c) {
    return c->is_ending != NULL && c->is_ending(c->self);
}

/* A clock for tests: stands still but for clock_fake_move() and for sleeps, which return at once
 * and move it by as much. Both times are now_us. May be used from several threads. */
struct clock_fake {
    int64_t now_us, slept_us;
};
struct clock_source clock_fake_source(struct clock_fake *fake);
void clock_fake_move(struct clock_fake *fake, int64_t us);
