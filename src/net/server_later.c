/* server_later.c - answers that come later, from another thread: the connection is suspended until then. */
#include "net/server_p.h"

void server_later(const struct server_request *q) {
    struct conn *c = q->connection;
    struct server *s = c->server;
    if (!s->pooled)
        rc_die("server: a later answer wants a pool of threads");
    pthread_mutex_lock(&s->streams_mutex);
    c->is_later = true;
    s->laters_n++;
    pthread_mutex_unlock(&s->streams_mutex);
}

void server_later_answer(const struct server_request *q, const struct server_answer *a) {
    struct conn *c = q->connection;
    struct server *s = c->server;
    pthread_mutex_lock(&s->streams_mutex);
    c->later = *a;
    c->has_later = true;
    bool was_suspended = c->is_suspended;
    c->is_suspended = false;
    if (was_suspended) /* from here on the connection may end, and be freed */
        MHD_resume_connection(c->mhd);
    if (--s->laters_n == 0)
        pthread_cond_broadcast(&s->streams_none);
    pthread_mutex_unlock(&s->streams_mutex);
}

bool server_later_wait(struct conn *c) {
    struct server *s = c->server;
    pthread_mutex_lock(&s->streams_mutex);
    bool is_there = c->has_later;
    if (!is_there && !c->is_suspended) {
        c->is_suspended = true;
        MHD_suspend_connection(c->mhd);
    }
    pthread_mutex_unlock(&s->streams_mutex);
    return is_there;
}

void server_laters_end(struct server *s) {
    pthread_mutex_lock(&s->streams_mutex);
    while (s->laters_n > 0)
        pthread_cond_wait(&s->streams_none, &s->streams_mutex);
    pthread_mutex_unlock(&s->streams_mutex);
}
