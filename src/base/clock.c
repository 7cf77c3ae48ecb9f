#include <time.h>
#include "base/clock.h"

static int64_t read_us(clockid_t id) {
    struct timespec ts;
    (void)clock_gettime(id, &ts); /* fails for unknown clocks only */
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t system_now_us(void *self) {
    (void)self;
    return read_us(CLOCK_REALTIME);
}

static int64_t system_monotonic_us(void *self) {
    (void)self;
    return read_us(CLOCK_MONOTONIC);
}

static void system_sleep_us(void *self, int64_t us) {
    (void)self;
    if (us <= 0)
        return;
    struct timespec ts = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };
    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

const struct clock_source clock_system = { system_now_us, system_monotonic_us, system_sleep_us,
                                           NULL, NULL };

static int64_t fake_now_us(void *self) {
    struct clock_fake *fake = self;
    return __atomic_load_n(&fake->now_us, __ATOMIC_SEQ_CST);
}

static void fake_sleep_us(void *self, int64_t us) {
    struct clock_fake *fake = self;
    if (us <= 0)
        return;
    __atomic_fetch_add(&fake->slept_us, us, __ATOMIC_SEQ_CST);
    clock_fake_move(fake, us);
}

struct clock_source clock_fake_source(struct clock_fake *fake) {
    return (struct clock_source){ fake_now_us, fake_now_us, fake_sleep_us, fake, NULL };
}

void clock_fake_move(struct clock_fake *fake, int64_t us) {
    __atomic_fetch_add(&fake->now_us, us, __ATOMIC_SEQ_CST);
}
