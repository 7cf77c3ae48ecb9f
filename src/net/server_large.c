/* server_large.c - bodies over the usual limit, of the few requests that may have one. Room for the whole of it is set
 * aside before any of it is read, so that many who send slowly, or never, cannot have more memory between them than
 * was meant; and given back with the answer, or with the connection. */
#include <stdlib.h>
#include <string.h>

#include "net/server_p.h"

/* As much as it may become: a body in chunks does not say. 0: the usual room will do, or it is refused anyway. */
static size_t wanted_bytes(const struct conn *c) {
    const struct server *s = c->server;
    const char *length = server_header(&c->request, "Content-Length");
    if (length == NULL)
        return server_header(&c->request, "Transfer-Encoding") != NULL ? s->max_large_bytes : 0;
    unsigned long long n = strtoull(length, NULL, 10);
    return n > s->max_body_bytes && n <= s->max_large_bytes ? (size_t)n : 0;
}

static bool has_room(const struct server *s, const struct conn *c, size_t bytes) {
    size_t all = bytes, own = bytes;
    for (const struct conn *other = s->first; other != NULL; other = other->next) {
        all += other->large_bytes;
        if (other->large_bytes > 0 && strcmp(other->large_address, c->large_address) == 0)
            own += other->large_bytes;
    }
    return all <= s->large_bytes && own <= s->large_bytes_each;
}

void server_large_begin(struct conn *c) {
    struct server *s = c->server;
    size_t bytes = s->is_large != NULL ? wanted_bytes(c) : 0;
    if (bytes == 0 || !s->is_large(s->self, &c->request))
        return;
    server_address(&c->request, c->large_address);
    pthread_mutex_lock(&s->mutex);
    c->has_no_room = !has_room(s, c, bytes);
    if (!c->has_no_room)
        c->large_bytes = bytes;
    pthread_mutex_unlock(&s->mutex);
    if (c->has_no_room)
        return;
    buf_done(&c->body);
    buf_init(&c->body, bytes);
}

void server_large_end(struct conn *c) {
    struct server *s = c->server;
    if (c->large_bytes == 0)
        return;
    buf_done(&c->body); /* first: what is given back is gone */
    buf_init(&c->body, s->max_body_bytes);
    pthread_mutex_lock(&s->mutex);
    c->large_bytes = 0;
    pthread_mutex_unlock(&s->mutex);
}
