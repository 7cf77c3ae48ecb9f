#include "sync/meter.h"

#include <stdio.h>

enum {
    APART_US = 100000,
    RECENT_US =
        10000000 /* what is left goes on as the last so long did, or the last half if longer */
};

static void begin(struct meter *m, const struct clock_source *clock) {
    m->clock = clock;
    m->began_us = clock_monotonic_us(clock);
    m->apart_us = APART_US;
}

void meter_import(struct meter *m, const struct import_progress *of,
                  const struct clock_source *clock) {
    *m = (struct meter){ .import = of };
    begin(m, clock);
}

void meter_delivery(struct meter *m, const struct delivery_progress *of,
                    const struct clock_source *clock) {
    *m = (struct meter){ .delivery = of };
    begin(m, clock);
}

/* When they are full every other one goes, and from then on they are twice as far apart. */
void meter_tick(struct meter *m) {
    const struct delivery_progress *of = m->delivery;
    int64_t now = clock_now_us(m->clock);
    struct meter_mark *last = m->marks_n > 0 ? &m->marks[m->marks_n - 1] : NULL;
    if (of == NULL || of->phase != DELIVERY_SENDING ||
        (last != NULL && now - last->at_us < m->apart_us))
        return;
    if (m->marks_n == METER_MARKS) {
        for (size_t i = 0; i < METER_MARKS / 2; i++)
            m->marks[i] = m->marks[2 * i];
        m->marks_n = METER_MARKS / 2;
        m->apart_us *= 2;
    }
    m->marks[m->marks_n++] = (struct meter_mark){ now, of->calls_made };
}

/* Calls a second, of late: a platform lets the first ones through faster than the rest, or the machine
 * has become busy. 0: it cannot be told yet. */
static double recent_rate(const struct meter *m, int64_t now, int64_t made) {
    int64_t since = m->delivery->sending_since_us;
    int64_t span = (now - since) / 2 > RECENT_US ? (now - since) / 2 : RECENT_US;
    struct meter_mark from = { since, 0 };
    for (size_t i = 0; i < m->marks_n && m->marks[i].at_us <= now - span; i++)
        from = m->marks[i];
    double seconds = (double)(now - from.at_us) / 1e6;
    return seconds > 0.2 ? (double)(made - from.made) / seconds : 0;
}

static int64_t left_of(int64_t n, double per_second) {
    return per_second > 0 ? (int64_t)((double)(n > 0 ? n : 0) / per_second + 0.5) : -1;
}

static int64_t seconds_until(int64_t until_us, int64_t now_us) {
    return until_us > now_us ? (until_us - now_us) / 1000000 + 1 : 0;
}

static void look_at_delivery(const struct meter *m, struct meter_view *v) {
    const struct delivery_progress *of = m->delivery;
    enum delivery_phase phase = (enum delivery_phase)of->phase;
    int64_t now = clock_now_us(m->clock), made = of->calls_made, calls = of->calls;
    v->phase = delivery_phase_name(phase);
    if (phase == DELIVERY_SENDING && of->planned > 0) {
        v->done = of->sent;
        v->of = of->planned;
        v->failed = of->failed;
        v->per_second = recent_rate(m, now, made);
        v->left_s = left_of(calls - made, v->per_second);
        v->bars = true;
    } else if (phase == DELIVERY_LISTING)
        v->done = of->listed;
    else if (phase == DELIVERY_PLANNING)
        v->done = of->looked_at;
    v->waits_s = seconds_until(of->waiting_until_us, now);
    v->pauses_s = seconds_until(of->pausing_until_us, now);
}

static void look_at_import(const struct meter *m, struct meter_view *v) {
    const struct import_progress *of = m->import;
    enum import_phase phase = (enum import_phase)atomic_load(&of->phase);
    double seconds = (double)(clock_monotonic_us(m->clock) - m->began_us) / 1e6;
    v->phase = import_phase_name(phase);
    v->attempt = atomic_load(&of->attempt);
    v->waits_s = seconds_until(atomic_load(&of->waiting_until_us), clock_now_us(m->clock));
    if (phase == IMPORT_LISTING && atomic_load(&of->declared) > 0) {
        v->done = atomic_load(&of->read);
        v->of = atomic_load(&of->declared);
        v->per_second = seconds > 0.2 ? (double)v->done / seconds : 0;
        v->left_s = left_of(v->of - v->done, v->per_second);
        v->bars = true;
    } else if (phase == IMPORT_LOOKING_UP) {
        v->done = atomic_load(&of->looked_up);
        v->of = atomic_load(&of->to_look_up);
    }
}

void meter_look(const struct meter *m, struct meter_view *ret) {
    *ret = (struct meter_view){ .left_s = -1, .is_import = m->import != NULL };
    m->import != NULL ? look_at_import(m, ret) : look_at_delivery(m, ret);
}

#define ADD(...)                                                                                   \
    (n < METER_LINE_BYTES ? (n += (size_t)snprintf(ret + n, METER_LINE_BYTES - n, __VA_ARGS__)) : 0)

void meter_line(const struct meter_view *v, char ret[METER_LINE_BYTES]) {
    size_t n = 0;
    if (v->bars && v->is_import)
        ADD("%lld of %lld people", (long long)v->done, (long long)v->of);
    else if (v->bars)
        ADD("%lld of %lld carried out", (long long)v->done, (long long)v->of);
    else if (v->of > 0)
        ADD("%s: %lld of %lld", v->phase, (long long)v->done, (long long)v->of);
    else if (v->done > 0)
        ADD("%s: %lld", v->phase, (long long)v->done);
    else
        ADD("%s", v->phase);
    if (v->failed > 0)
        ADD(", %lld refused", (long long)v->failed);
    if (v->left_s >= 0)
        ADD(", %.0f %sa second, %lld s left", v->per_second, v->is_import ? "" : "calls ",
            (long long)v->left_s);
    if (v->is_import && v->bars && v->attempt > 1)
        ADD(" (read again: %lld)", (long long)v->attempt);
    if (v->waits_s > 0)
        ADD("; %s asks us to wait %lld s", v->is_import ? "HR" : "the platform",
            (long long)v->waits_s);
    else if (v->pauses_s > 0)
        ADD("; most attempts fail: tried again in %lld s", (long long)v->pauses_s);
}
#undef ADD
