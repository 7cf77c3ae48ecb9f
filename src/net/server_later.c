/* server_later.c - answers that come later, from another thread: the connection is suspended until then.
 *
 * Whoever answers and the connection's thread meet in later_is alone, and neither waits for the other: OWED, until
 * the connection's thread says SUSPENDED or the answer is GIVEN. Whoever comes second lets the connection go on; the
 * one who gives touches it no more after that, or when it was not suspended. */
#include "net/server_p.h"

void server_later(const struct server_request *q) {
    struct conn *c = q->connection;
    struct server *s = c->server;
    if (!s->pooled)
        rc_die("server: a later answer wants a pool of threads");
    c->is_later = true;
    atomic_store(&c->later_is, LATER_OWED);
    pthread_mutex_lock(&s->streams_mutex);
    s->laters_n++;
    pthread_mutex_unlock(&s->streams_mutex);
}

void server_later_answer(const struct server_request *q, const struct server_answer *a) {
    struct conn *c = q->connection;
    struct server *s = c->server;
    struct MHD_Connection *mhd = c->mhd;
    c->later = *a;
    if (atomic_exchange(&c->later_is, LATER_GIVEN) == LATER_SUSPENDED)
        MHD_resume_connection(mhd);
    pthread_mutex_lock(&s->streams_mutex); /* it is not closed before */
    if (--s->laters_n == 0)
        pthread_cond_broadcast(&s->streams_none);
    pthread_mutex_unlock(&s->streams_mutex);
}

bool server_later_wait(struct conn *c) {
    enum server_later is = LATER_OWED;
    if (atomic_load(&c->later_is) == LATER_GIVEN)
        return true;
    MHD_suspend_connection(c->mhd); /* before anybody may resume it */
    if (!atomic_compare_exchange_strong(&c->later_is, &is, LATER_SUSPENDED))
        MHD_resume_connection(c->mhd); /* it has been given meanwhile */
    return false;
}

void server_laters_end(struct server *s) {
    pthread_mutex_lock(&s->streams_mutex);
    while (s->laters_n > 0)
        pthread_cond_wait(&s->streams_none, &s->streams_mutex);
    pthread_mutex_unlock(&s->streams_mutex);
}
