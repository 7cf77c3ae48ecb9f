#include "cmd/progress.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/arena.h"
#include "sync/meter.h"

enum { TICK_US = 100000, TERMINAL_TICKS = 2, PLAIN_SECONDS = 5, BAR = 24 };

struct progress {
    struct meter meter; /* the thread's */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t stopped; /* so that a short import does not wait for the next tick */
    bool stop;              /* under the mutex */
    bool running, terminal;
};

static void bar(char *to, size_t bytes, double share) {
    int full = (int)((share < 1 ? share : 1) * (double)BAR);
    size_t o = 0;
    for (int i = 0; i < BAR && o + 2 < bytes; i++)
        to[o++] = i < full ? '=' : i == full ? '>' : ' ';
    to[o] = '\0';
}

static void show(const struct progress *p) {
    struct meter_view v;
    char line[METER_LINE_BYTES], shown[BAR + 1];
    meter_look(&p->meter, &v);
    meter_line(&v, line);
    if (!p->terminal) {
        fprintf(stderr, "%s\n", line);
        return;
    }
    if (v.bars)
        bar(shown, sizeof shown, (double)v.done / (double)v.of);
    fprintf(stderr, "\r\033[K%s%s%s%s", v.bars ? "[" : "", v.bars ? shown : "", v.bars ? "] " : "",
            line);
}

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
    for (int tick = 1; nap(p); tick++) {
        meter_tick(&p->meter);
        if (tick % (p->terminal ? TERMINAL_TICKS : PLAIN_SECONDS * 1000000 / TICK_US) == 0)
            show(p);
    }
    if (p->terminal)
        fputs("\r\033[K", stderr);
    return NULL;
}

static struct progress *start(struct progress *p, bool quiet) {
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
    meter_import(&p->meter, of, clock);
    return start(p, quiet);
}

struct progress *progress_start_delivery(const struct delivery_progress *of,
                                         const struct clock_source *clock, bool quiet) {
    struct progress *p = mem_zalloc(sizeof *p);
    meter_delivery(&p->meter, of, clock);
    return start(p, quiet);
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
