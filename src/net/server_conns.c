/* server_conns.c - the connections that there are: how long each may take, and their end before that of the server. */
#include <sys/socket.h>
#include <time.h>

#include "net/server_p.h"

enum { END_US = 1000000, LOOK_US = 20000 };

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The mutex is held. */
static void wait_until(struct server *s, int64_t us) {
    struct timespec until = { us / 1000000, us % 1000000 * 1000 };
    pthread_cond_timedwait(&s->some, &s->mutex, &until);
}

/* Without a connection it sleeps until there is one. */
static void *watch_main(void *self) {
    struct server *s = self;
    pthread_mutex_lock(&s->mutex);
    while (!s->ends) {
        int64_t now = now_us(), next = INT64_MAX;
        for (struct conn *c = s->first; c != NULL; c = c->next) {
            if (c->is_streaming)
                continue;
            int64_t over = c->since_us + s->request_timeout_us;
            if (over <= now) {
                shutdown(c->fd,
                         SHUT_RDWR); /* libmicrohttpd sees that it has ended, and closes it */
                c->since_us = now;
                over = now + s->request_timeout_us;
            }
            next = over < next ? over : next;
        }
        if (next == INT64_MAX) {
            pthread_cond_wait(&s->some, &s->mutex);
            continue;
        }
        wait_until(s, next);
    }
    pthread_mutex_unlock(&s->mutex);
    return NULL;
}

bool server_conns_init(struct server *s) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&s->mutex, NULL);
    pthread_cond_init(&s->some, &monotonic);
    pthread_condattr_destroy(&monotonic);
    s->watches = s->request_timeout_us > 0 && pthread_create(&s->watch, NULL, watch_main, s) == 0;
    return s->watches || s->request_timeout_us == 0;
}

void server_conns_done(struct server *s) {
    pthread_mutex_lock(&s->mutex);
    s->ends = true;
    pthread_cond_signal(&s->some);
    pthread_mutex_unlock(&s->mutex);
    if (s->watches)
        pthread_join(s->watch, NULL);
    pthread_cond_destroy(&s->some);
    pthread_mutex_destroy(&s->mutex);
}

void server_conns_join(struct server *s, struct conn *c) {
    pthread_mutex_lock(&s->mutex);
    c->since_us = now_us();
    c->next = s->first;
    if (c->next != NULL)
        c->next->before = c;
    else
        pthread_cond_broadcast(&s->some); /* the first */
    s->first = c;
    pthread_mutex_unlock(&s->mutex);
}

void server_conns_leave(struct server *s, struct conn *c) {
    pthread_mutex_lock(&s->mutex);
    if (c->next != NULL)
        c->next->before = c->before;
    if (c->before != NULL)
        c->before->next = c->next;
    else
        s->first = c->next;
    if (s->first == NULL)
        pthread_cond_broadcast(&s->some); /* none is left */
    pthread_mutex_unlock(&s->mutex);
}

void server_conns_answered(struct server *s, struct conn *c) {
    pthread_mutex_lock(&s->mutex);
    c->since_us = now_us();
    c->is_streaming = false;
    pthread_mutex_unlock(&s->mutex);
}

/* The mutex is held. Some may have been taken in since the last look. */
static void end_all(struct server *s, int how) {
    for (int64_t now = now_us(), end = now + END_US; s->first != NULL && now < end;
         now = now_us()) {
        for (struct conn *c = s->first; c != NULL; c = c->next)
            shutdown(c->fd, how);
        wait_until(s, now + LOOK_US);
    }
}

/* First they are told that nothing more is read: what has come is answered, and whoever waits for nothing goes. Nobody
 * is taken in by then: MHD_quiesce_daemon() of 0.9.75 ends the process when a thread of the pool notices first. */
void server_conns_end(struct server *s) {
    shutdown(s->listens, SHUT_RDWR); /* MHD_stop_daemon() closes it */
    pthread_mutex_lock(&s->mutex);
    end_all(s, SHUT_RD);
    end_all(s, SHUT_RDWR);
    pthread_mutex_unlock(&s->mutex);
}
