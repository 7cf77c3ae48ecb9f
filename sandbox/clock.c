#include "sandbox/clock.h"
#include "base/clock.h"

#define DAY_US INT64_C(86400000000)

void vclock_init(struct vclock *c) {
    struct rc_error err;
    *c = (struct vclock){ .zone = NULL };
    if (zone_open("Europe/Berlin", &c->zone, &err) != RC_OK)
        c->zone = NULL;
}

void vclock_done(struct vclock *c) {
    zone_closep(&c->zone);
}
int64_t vclock_now_us(struct vclock *c) {
    return clock_now_us(&clock_system) + atomic_load(&c->offset_us);
}

void vclock_set(struct vclock *c, int64_t now_us) {
    atomic_store(&c->offset_us, now_us - clock_now_us(&clock_system));
}

int32_t vclock_offset_s(const struct vclock *c, int64_t at_us) {
    return c->zone == NULL ? 0 : zone_offset_s(c->zone, at_us);
}

int32_t vclock_day_offset_s(const struct vclock *c, date_days day) {
    int32_t guess = vclock_offset_s(c, day * DAY_US);
    return vclock_offset_s(c, day * DAY_US - (int64_t)guess * 1000000);
}

date_days vclock_today(struct vclock *c) {
    int64_t now = vclock_now_us(c);
    return (date_days)((now + (int64_t)vclock_offset_s(c, now) * 1000000) / DAY_US);
}
