/* server_later.c - answers that come later, from another thread.
 *
 * To suspend a connection and to let it go on costs libmicrohttpd five system calls, and most answers come within a
 * moment. So a connection is left as it is at first. libmicrohttpd then takes its thread from turn to turn without a
 * pause: what is new is read, what is ready is written, and every connection without an answer is asked for it
 * again. Once nothing has happened on the thread for a turn or two, the one that is asked sleeps in libmicrohttpd's
 * place: until an answer for one of this thread's connections is there, or one of them has something to say. No
 * longer than SLEEP_US, as libmicrohttpd may have been told of something that nobody has seen yet. Who has waited
 * for SOON_US is suspended: a turn costs the more, the more wait.
 *
 * Whoever answers touches a connection no more once the answer is there, but to let go on one that was SUSPENDED. */
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/server_p.h"

/* The first one may be asked twice in a turn: as the one that has been silent for longest, too. */
enum { SOON_US = 10000, SLEEP_US = 1000, BUSY_ASKS = 2 };

static _Thread_local struct server_thread *this_thread;

void server_laters_init(struct server *s, size_t threads_n) {
    pthread_mutex_init(&s->laters_mutex, NULL);
    s->threads = mem_zalloc((threads_n + 1) * sizeof *s->threads);
}

void server_laters_done(struct server *s) {
    for (size_t i = 0; i < s->threads_n; i++) {
        struct server_thread *t = &s->threads[i];
        pthread_mutex_destroy(&t->mutex);
        pthread_cond_destroy(&t->settled);
        if (t->call >= 0)
            close(t->call);
    }
    pthread_mutex_destroy(&s->laters_mutex);
    mem_free(s->threads);
}

/* What the thread waits at between its turns; -1: this libmicrohttpd does not say. */
static int turns_of(struct MHD_Connection *mhd) {
    const union MHD_ConnectionInfo *c = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_DAEMON);
    const union MHD_DaemonInfo *d =
        c != NULL ? MHD_get_daemon_info(c->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
    return d != NULL ? d->epoll_fd : -1;
}

/* They are as many as the pool has. */
static struct server_thread *thread_of(struct conn *c) {
    struct server *s = c->server;
    if (this_thread != NULL)
        return this_thread;
    pthread_mutex_lock(&s->laters_mutex);
    struct server_thread *t = this_thread = &s->threads[s->threads_n++];
    pthread_mutex_init(&t->mutex, NULL);
    pthread_cond_init(&t->settled, NULL);
    t->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    t->turns = t->call >= 0 ? turns_of(c->mhd) : -1;
    t->ends = s->laters_end;
    pthread_mutex_unlock(&s->laters_mutex);
    return t;
}

bool server_later(const struct server_request *q) {
    struct conn *c = q->connection;
    if (!c->server->pooled)
        rc_die("server: a later answer wants a pool of threads");
    struct server_thread *t = c->later_thread = thread_of(c);
    c->later_until_us = clock_monotonic_us(&clock_system) + SOON_US;
    pthread_mutex_lock(&t->mutex);
    c->is_later = !t->ends;
    if (c->is_later) {
        c->later_is = LATER_OWED;
        t->owed_n++;
    }
    t->busy_asks = BUSY_ASKS;
    pthread_mutex_unlock(&t->mutex);
    return c->is_later;
}

/* Nobody but the thread itself reads or writes busy_asks: libmicrohttpd asks for a connection's answer, and says
 * that it is over, on the connection's own thread, which is the one that owed the answer. */
void server_later_busy(void) {
    if (this_thread != NULL)
        this_thread->busy_asks = BUSY_ASKS;
}

/* The mutex is held. */
static void settle(struct server_thread *t) {
    t->owed_n--;
    pthread_cond_broadcast(&t->settled);
}

void server_later_answer(const struct server_request *q, const struct server_answer *a) {
    struct conn *c = q->connection;
    struct server_thread *t = c->later_thread;
    struct MHD_Connection *mhd = c->mhd;
    if (a->stream != NULL || a->body_unref != NULL)
        rc_die("server: a later answer owns nothing: its other end may be gone");
    c->later = *a;
    pthread_mutex_lock(&t->mutex);
    bool is_suspended = c->later_is == LATER_SUSPENDED, is_asleep = t->is_asleep;
    c->later_is = is_suspended ? LATER_SEEN : LATER_GIVEN;
    if (!is_suspended) {
        t->given_n++;
        settle(t);
        if (is_asleep)
            eventfd_write(t->call, 1);
        t->is_asleep = false;
    }
    pthread_mutex_unlock(&t->mutex);
    if (!is_suspended)
        return;
    MHD_resume_connection(mhd);
    pthread_mutex_lock(&t->mutex); /* the server is not closed before */
    settle(t);
    pthread_mutex_unlock(&t->mutex);
}

/* The mutex is held. Asked again, it is there still: a daemon that is being stopped drops what it is given. */
static bool take(struct conn *c) {
    if (c->later_is == LATER_GIVEN) {
        c->later_is = LATER_SEEN;
        c->later_thread->given_n--;
    }
    return c->later_is == LATER_SEEN;
}

/* The mutex is held, but not while it sleeps. */
static void sleep_in_place(struct server_thread *t) {
    struct timespec most = { 0, SLEEP_US * 1000L };
    struct pollfd fds[] = { { t->call, POLLIN, 0 }, { t->turns, POLLIN, 0 } };
    eventfd_t calls;
    t->is_asleep = true;
    pthread_mutex_unlock(&t->mutex);
    int ready_n = ppoll(fds, RC_LEN(fds), &most, NULL);
    if (ready_n > 0 && fds[0].revents != 0)
        eventfd_read(t->call, &calls);
    pthread_mutex_lock(&t->mutex);
    t->is_asleep = false;
    t->busy_asks =
        ready_n > 0 && fds[1].revents == 0 ? 0 : BUSY_ASKS; /* but for being called alone */
}

/* The mutex is held. It has been asked first in this turn, and its answer is not there. */
static void wait_first(struct server_thread *t, struct conn *c) {
    bool is_late = t->turns < 0 || clock_monotonic_us(&clock_system) >= c->later_until_us;
    t->first = is_late ? NULL : c;
    if (is_late) {
        c->later_is = LATER_SUSPENDED;
        MHD_suspend_connection(c->mhd);
    } else if (t->given_n == 0 && t->busy_asks == 0)
        sleep_in_place(t);
    else if (t->busy_asks > 0)
        t->busy_asks--;
}

/* The mutex is held. */
static bool has_answer(struct server_thread *t, struct conn *c) {
    bool is_there = take(c);
    if (is_there && t->first == c)
        t->first = NULL;
    if (is_there)
        t->busy_asks = BUSY_ASKS; /* it goes out in the next turn */
    return is_there;
}

bool server_later_wait(struct conn *c) {
    struct server_thread *t = c->later_thread;
    pthread_mutex_lock(&t->mutex);
    bool is_there = has_answer(t, c);
    if (!is_there && (t->first == NULL || t->first == c)) {
        wait_first(t, c);
        is_there = has_answer(t, c);
    }
    pthread_mutex_unlock(&t->mutex);
    return is_there;
}

/* Its other end may have gone before the answer came. Whoever owes that has the request still, so the thread waits
 * for it; only within SOON_US, since one that is suspended does not end. */
void server_later_over(struct conn *c) {
    struct server_thread *t = c->later_thread;
    if (!c->is_later)
        return;
    pthread_mutex_lock(&t->mutex);
    while (!has_answer(t, c))
        pthread_cond_wait(&t->settled, &t->mutex);
    pthread_mutex_unlock(&t->mutex);
}

void server_laters_end(struct server *s) {
    pthread_mutex_lock(&s->laters_mutex);
    s->laters_end = true;
    size_t n = s->threads_n; /* none that comes after them owes anything */
    pthread_mutex_unlock(&s->laters_mutex);
    for (size_t i = 0; i < n; i++) {
        struct server_thread *t = &s->threads[i];
        pthread_mutex_lock(&t->mutex);
        t->ends = true; /* libmicrohttpd cannot be stopped while a connection is suspended */
        while (t->owed_n > 0)
            pthread_cond_wait(&t->settled, &t->mutex);
        pthread_mutex_unlock(&t->mutex);
    }
}
