/* server_later.c - answers that come later, from another thread: the connection is suspended until then.
 *
 * Whoever answers and the connection's thread meet in later_is, and neither waits for the other: OWED, until
 * the connection's thread says SUSPENDED or the answer is GIVEN. Whoever comes second lets the connection go on; the
 * one who gives touches it no more after that, or when it was not suspended.
 *
 * Many are given at once, and to let a connection go on wakes its thread, each time: two switches for a few
 * microseconds of work. So the first one of a thread is let go on, and the others wait in a list until that one's
 * turn has come, on its thread, which is awake then and lets them go on itself. */
#include "net/server_p.h"

void server_laters_init(struct server *s, size_t threads_n) {
    pthread_mutex_init(&s->laters_mutex, NULL);
    pthread_cond_init(&s->laters_none, NULL);
    s->threads = mem_zalloc((threads_n + 1) * sizeof *s->threads);
}

void server_laters_done(struct server *s) {
    pthread_cond_destroy(&s->laters_none);
    pthread_mutex_destroy(&s->laters_mutex);
    mem_free(s->threads);
}

/* The mutex is held. They are as many as the pool has. */
static struct server_thread *this_thread(struct server *s) {
    pthread_t me = pthread_self();
    for (size_t i = 0; i < s->threads_n; i++)
        if (pthread_equal(s->threads[i].id, me))
            return &s->threads[i];
    s->threads[s->threads_n].id = me;
    return &s->threads[s->threads_n++];
}

bool server_later(const struct server_request *q) {
    struct conn *c = q->connection;
    struct server *s = c->server;
    if (!s->pooled)
        rc_die("server: a later answer wants a pool of threads");
    pthread_mutex_lock(&s->laters_mutex);
    c->is_later = !s->laters_end;
    if (c->is_later) {
        atomic_store(&c->later_is, LATER_OWED);
        c->later_thread = this_thread(s);
        s->laters_n++;
    }
    pthread_mutex_unlock(&s->laters_mutex);
    return c->is_later;
}

/* The mutex is held. */
static void settled(struct server *s, size_t n) {
    s->laters_n -= n;
    if (s->laters_n == 0)
        pthread_cond_broadcast(&s->laters_none);
}

void server_later_answer(const struct server_request *q, const struct server_answer *a) {
    struct conn *c = q->connection;
    struct server *s = c->server;
    struct server_thread *t = c->later_thread;
    struct MHD_Connection *mhd = c->mhd;
    c->later = *a;
    bool waits = atomic_exchange(&c->later_is, LATER_GIVEN) == LATER_SUSPENDED, goes_on = false;
    pthread_mutex_lock(&s->laters_mutex);
    if (waits && t->is_called) {
        c->later_next = t->given;
        t->given = c;
    } else {
        goes_on = waits;
        t->is_called |= waits;
        if (!waits)
            settled(s, 1);
    }
    pthread_mutex_unlock(&s->laters_mutex);
    if (!goes_on)
        return;
    MHD_resume_connection(mhd);
    pthread_mutex_lock(&s->laters_mutex); /* the server is not closed before */
    settled(s, 1);
    pthread_mutex_unlock(&s->laters_mutex);
}

/* One of this thread's goes on: the others with it. */
static void call_others(struct conn *c) {
    struct server *s = c->server;
    size_t n = 0;
    pthread_mutex_lock(&s->laters_mutex);
    struct server_thread *t = RC_TAKE(c->later_thread);
    struct conn *list = NULL, *next;
    /* Else they have been called: a daemon that is being stopped takes an answer, drops it, and asks again. */
    if (t != NULL) {
        list = RC_TAKE(t->given);
        t->is_called = false;
    }
    pthread_mutex_unlock(&s->laters_mutex);
    for (; list != NULL; list = next, n++) {
        next = list->later_next;
        MHD_resume_connection(list->mhd); /* it is this thread that would free it */
    }
    if (n == 0)
        return;
    pthread_mutex_lock(&s->laters_mutex);
    settled(s, n);
    pthread_mutex_unlock(&s->laters_mutex);
}

bool server_later_wait(struct conn *c) {
    enum server_later is = LATER_OWED;
    if (atomic_load(&c->later_is) == LATER_GIVEN) {
        call_others(c);
        return true;
    }
    MHD_suspend_connection(c->mhd); /* before anybody may let it go on */
    if (!atomic_compare_exchange_strong(&c->later_is, &is, LATER_SUSPENDED))
        MHD_resume_connection(c->mhd); /* it has been given meanwhile */
    return false;
}

/* Also when its turn never came, as its other end had gone. */
void server_later_over(struct conn *c) {
    if (c->is_later && c->later_thread != NULL)
        call_others(c);
}

void server_laters_end(struct server *s) {
    pthread_mutex_lock(&s->laters_mutex);
    s->laters_end = true; /* libmicrohttpd cannot be stopped while a connection is suspended */
    while (s->laters_n > 0)
        pthread_cond_wait(&s->laters_none, &s->laters_mutex);
    pthread_mutex_unlock(&s->laters_mutex);
}
