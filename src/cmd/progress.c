#include "cmd/progress.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/arena.h"

enum {
    TICK_US = 100000,
    TERMINAL_TICKS = 2,
    PLAIN_SECONDS = 5,
    BAR = 24,
    MARKS = 64, /* of how far it was at a time */
    RECENT_US =
        10000000, /* what is left goes on as the last so long did, or the last half if longer */
};

struct mark {
    int64_t at_us, made;
};

struct progress {
    const struct import_progress *of; /* or */
    const struct delivery_progress *delivery;
    const struct clock_source *clock;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t stopped; /* so that a short import does not wait for the next tick */
    bool stop;              /* under the mutex */
    bool running, terminal;
    int64_t began_us;
    struct mark marks[MARKS]; /* of a delivery's calls, at least apart_us from each other */
    size_t marks_n;
    int64_t apart_us;
};

static void bar(char *to, size_t bytes, double share) {
    int full = (int)(share * (double)BAR);
    size_t o = 0;
    for (int i = 0; i < BAR && o + 2 < bytes; i++)
        to[o++] = i < full ? '=' : i == full ? '>' : ' ';
    to[o] = '\0';
}

#define ADD(...) (n < bytes ? (n += (size_t)snprintf(to + n, bytes - n, __VA_ARGS__)) : 0)

/* When they are full every other one goes, and from then on they are twice as far apart. */
static void mark(struct progress *p) {
    const struct delivery_progress *of = p->delivery;
    int64_t now = clock_now_us(p->clock);
    struct mark *last = p->marks_n > 0 ? &p->marks[p->marks_n - 1] : NULL;
    if (of->phase != DELIVERY_SENDING || (last != NULL && now - last->at_us < p->apart_us))
        return;
    if (p->marks_n == MARKS) {
        for (size_t i = 0; i < MARKS / 2; i++)
            p->marks[i] = p->marks[2 * i];
        p->marks_n = MARKS / 2;
        p->apart_us *= 2;
    }
    p->marks[p->marks_n++] = (struct mark){ now, of->calls_made };
}

/* Calls a second, of late: a platform lets the first ones through faster than the rest, or the machine
 * has become busy. 0: it cannot be told yet. */
static double recent_rate(const struct progress *p, int64_t now, int64_t made) {
    int64_t since = p->delivery->sending_since_us;
    int64_t span = (now - since) / 2 > RECENT_US ? (now - since) / 2 : RECENT_US;
    struct mark from = { since, 0 };
    for (size_t i = 0; i < p->marks_n && p->marks[i].at_us <= now - span; i++)
        from = p->marks[i];
    double seconds = (double)(now - from.at_us) / 1e6;
    return seconds > 0.2 ? (double)(made - from.made) / seconds : 0;
}

static void line_of_delivery(const struct progress *p, char *to, size_t bytes) {
    const struct delivery_progress *of = p->delivery;
    enum delivery_phase phase = (enum delivery_phase)of->phase;
    int64_t now = clock_now_us(p->clock), sent = of->sent, planned = of->planned, calls = of->calls,
            made = of->calls_made, wait = of->waiting_until_us;
    size_t n = 0;
    if (phase == DELIVERY_SENDING && planned > 0) {
        char shown[BAR + 1];
        double rate = recent_rate(p, now, made);
        bar(shown, sizeof shown, (double)sent / (double)planned);
        if (p->terminal)
            ADD("[%s] ", shown);
        ADD("%lld of %lld carried out", (long long)sent, (long long)planned);
        if (of->failed > 0)
            ADD(", %lld refused", (long long)of->failed);
        if (rate > 0)
            ADD(", %.0f calls a second, %.0f s left", rate,
                (double)(calls > made ? calls - made : 0) / rate);
    } else if (phase == DELIVERY_LISTING)
        ADD("%s: %lld", delivery_phase_name(phase), (long long)of->listed);
    else if (phase == DELIVERY_PLANNING)
        ADD("%s: %lld looked at", delivery_phase_name(phase), (long long)of->looked_at);
    else
        ADD("%s", delivery_phase_name(phase));
    if (wait > now)
        ADD("; the platform asks us to wait %lld s", (long long)((wait - now) / 1000000 + 1));
    else if (of->pausing_until_us > now)
        ADD("; most attempts fail: tried again in %lld s",
            (long long)((of->pausing_until_us - now) / 1000000 + 1));
}

static void line(const struct progress *p, char *to, size_t bytes) {
    if (p->delivery != NULL) {
        line_of_delivery(p, to, bytes);
        return;
    }
    const struct import_progress *of = p->of;
    enum import_phase phase = (enum import_phase)atomic_load(&of->phase);
    int64_t read = atomic_load(&of->read), declared = atomic_load(&of->declared),
            wait = atomic_load(&of->waiting_until_us);
    double seconds = (double)(clock_monotonic_us(p->clock) - p->began_us) / 1e6;
    double rate = seconds > 0.2 ? (double)read / seconds : 0;
    int64_t now = clock_now_us(p->clock);
    size_t n = 0;
    if (phase == IMPORT_LISTING && declared > 0) {
        char shown[BAR + 1];
        bar(shown, sizeof shown,
            (double)read / (double)declared < 1 ? (double)read / (double)declared : 1);
        if (p->terminal)
            ADD("[%s] ", shown);
        ADD("%lld of %lld people", (long long)read, (long long)declared);
        if (rate > 0)
            ADD(", %.0f a second, %.0f s left", rate,
                (double)(declared > read ? declared - read : 0) / rate);
        if (atomic_load(&of->attempt) > 1)
            ADD(" (read again: %lld)", (long long)atomic_load(&of->attempt));
    } else if (phase == IMPORT_LOOKING_UP) {
        ADD("%s: %lld of %lld", import_phase_name(phase), (long long)atomic_load(&of->looked_up),
            (long long)atomic_load(&of->to_look_up));
    } else {
        ADD("%s", import_phase_name(phase));
    }
    if (wait > now)
        ADD("; HR asks us to wait %lld s", (long long)((wait - now) / 1000000 + 1));
}
#undef ADD

static bool nap(struct progress *p) {
    struct timespec until;
    int no = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += TICK_US * 1000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&p->mutex);
    while (!p->stop && no == 0)
        no = pthread_cond_timedwait(&p->stopped, &p->mutex, &until);
    bool goes_on = !p->stop;
    pthread_mutex_unlock(&p->mutex);
    return goes_on;
}

static void *progress_main(void *self) {
    struct progress *p = self;
    char text[256];
    for (int tick = 1; nap(p); tick++) {
        if (p->delivery != NULL)
            mark(p);
        if (p->terminal && tick % TERMINAL_TICKS == 0) {
            line(p, text, sizeof text);
            fprintf(stderr, "\r\033[K%s", text);
        } else if (!p->terminal && tick % (PLAIN_SECONDS * 1000000 / TICK_US) == 0) {
            line(p, text, sizeof text);
            fprintf(stderr, "%s\n", text);
        }
    }
    if (p->terminal)
        fputs("\r\033[K", stderr);
    return NULL;
}

static struct progress *start(struct progress *p, const struct clock_source *clock, bool quiet) {
    p->clock = clock;
    p->began_us = clock_monotonic_us(clock);
    p->apart_us = TICK_US;
    p->terminal = isatty(STDERR_FILENO);
    pthread_mutex_init(&p->mutex, NULL);
    pthread_cond_init(&p->stopped, NULL);
    p->running = !quiet && pthread_create(&p->thread, NULL, progress_main, p) ==
                               0; /* without it nothing is lost but the view */
    return p;
}

struct progress *progress_start(const struct import_progress *of, const struct clock_source *clock,
                                bool quiet) {
    struct progress *p = mem_zalloc(sizeof *p);
    p->of = of;
    return start(p, clock, quiet);
}

struct progress *progress_start_delivery(const struct delivery_progress *of,
                                         const struct clock_source *clock, bool quiet) {
    struct progress *p = mem_zalloc(sizeof *p);
    p->delivery = of;
    return start(p, clock, quiet);
}

void progress_stop(struct progress *p) {
    pthread_mutex_lock(&p->mutex);
    p->stop = true;
    pthread_cond_signal(&p->stopped);
    pthread_mutex_unlock(&p->mutex);
    if (p->running)
        pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->stopped);
    pthread_mutex_destroy(&p->mutex);
    mem_free(p);
}
