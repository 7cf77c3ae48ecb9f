/* clock.c - a library to be preloaded (LD_PRELOAD) into a program under test: its time is another one.
 *
 * CLOCK_SHIFT_SECONDS  so many seconds are added to the time of day. What measures spans (CLOCK_MONOTONIC) is left as it is.
 * CLOCK_FILE           a file of two 64-bit numbers, microseconds, that may change while programs run, for as many as read it:
 *                        passed  so much more time has passed than really has: both clocks move, and whoever waits for
 *                                a time wakes when it comes
 *                        wrong   by so much is the time of day wrong, for who has CLOCK_WRONG=1
 *
 * A wait for a condition, and a sleep, look again every few milliseconds: what they wait for may come sooner by the file. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_US = 5000 };
static const int64_t second_us = 1000000;

static int64_t shift_us;
static bool takes_wrong;
static const volatile int64_t *file; /* passed, wrong; NULL: there is none */

__attribute__((constructor)) static void begin(void) {
    const char *shift = getenv("CLOCK_SHIFT_SECONDS"), *path = getenv("CLOCK_FILE");
    const char *wrong = getenv("CLOCK_WRONG");
    shift_us = shift != NULL ? strtol(shift, NULL, 10) * second_us : 0;
    takes_wrong = wrong != NULL && *wrong == '1';
    if (path == NULL)
        return;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *at = fd >= 0 ? mmap(NULL, 2 * sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (at == MAP_FAILED)
        _exit(99); /* a test that would go by the wrong time */
    close(fd);
    file = at;
}

static bool is_wall(clockid_t id) {
    return id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE;
}

static bool is_span(clockid_t id) {
    return id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_COARSE || id == CLOCK_MONOTONIC_RAW ||
           id == CLOCK_BOOTTIME;
}

/* By how much a clock is ahead of the machine's. */
static int64_t ahead_us(clockid_t id) {
    int64_t us = is_wall(id) ? shift_us : 0;
    if (file != NULL && (is_wall(id) || is_span(id)))
        us += file[0];
    if (file != NULL && is_wall(id) && takes_wrong)
        us += file[1];
    return us;
}

static int64_t real_us(clockid_t id) {
    struct timespec t = { 0 };
    (void)syscall(SYS_clock_gettime, id, &t);
    return (int64_t)t.tv_sec * second_us + t.tv_nsec / 1000;
}

static struct timespec spec_of(int64_t us) {
    return (struct timespec){ .tv_sec = us / second_us, .tv_nsec = us % second_us * 1000 };
}

static int64_t us_of(const struct timespec *t) {
    return (int64_t)t->tv_sec * second_us + t->tv_nsec / 1000;
}

int clock_gettime(clockid_t id, struct timespec *ret) {
    int rc = (int)syscall(SYS_clock_gettime, id, ret);
    int64_t us = rc == 0 ? ahead_us(id) : 0;
    if (us != 0) {
        int64_t ns = ret->tv_nsec + us % second_us * 1000;
        ret->tv_sec += us / second_us + (ns >= 1000000000) - (ns < 0);
        ret->tv_nsec = ns + (ns < 0) * 1000000000L - (ns >= 1000000000) * 1000000000L;
    }
    return rc;
}

time_t time(time_t *ret) {
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (ret != NULL)
        *ret = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone) {
    struct timespec now;
    (void)zone;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    ret->tv_sec = now.tv_sec;
    ret->tv_usec = now.tv_nsec / 1000;
    return 0;
}

/* ---- waiting ---- */

/* Which clock a condition goes by shows in the time: no machine has run for thirty years. */
int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until) {
    clockid_t id = until->tv_sec > 1000000000 ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    int64_t left = us_of(until) - real_us(id) - ahead_us(id);
    bool looks_again = file != NULL && left > LOOK_US;
    if (left <= 0)
        left = 0;
    struct timespec end = spec_of(real_us(CLOCK_MONOTONIC) + (looks_again ? LOOK_US : left));
    int rc = pthread_cond_clockwait(cond, mutex, CLOCK_MONOTONIC, &end);
    return rc == ETIMEDOUT && looks_again ? 0 : rc; /* woken for nothing, as any wait may be */
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *request,
                    struct timespec *left) {
    if (file == NULL || flags != 0)
        return syscall(SYS_clock_nanosleep, id, flags, request, left) == 0 ? 0 : errno;
    int64_t until = real_us(id) + ahead_us(id) + us_of(request), us;
    while ((us = until - real_us(id) - ahead_us(id)) > 0) {
        struct timespec some = spec_of(us < LOOK_US ? us : LOOK_US);
        if (syscall(SYS_clock_nanosleep, id, 0, &some, NULL) != 0)
            return errno;
    }
    return 0;
}
