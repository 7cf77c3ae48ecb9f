#include "tests/net/raw.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"

struct raw {
    int listener;
    _Atomic int connection; /* -1: none */
    uint16_t port;
    const struct raw_step *steps;
    unsigned requests;
    pthread_t thread;
};

static void read_request(struct raw *r, int fd) {
    char head[16384];
    size_t n = 0, want = 0;
    while (n < sizeof head - 1 && (want == 0 || n < want)) {
        ssize_t got = read(fd, head + n, sizeof head - 1 - n);
        if (got <= 0)
            return;
        n += (size_t)got;
        head[n] = '\0';
        const char *end = strstr(head, "\r\n\r\n"), *length = strstr(head, "Content-Length: ");
        if (end != NULL)
            want = (size_t)(end - head) + 4 + (length != NULL ? strtoul(length + 16, NULL, 10) : 0);
    }
    r->requests++;
}

static void drop_connection(struct raw *r) {
    int fd = atomic_exchange(&r->connection, -1);
    if (fd >= 0)
        close(fd);
}

static void *follow(void *self) {
    struct raw *r = self;
    for (const struct raw_step *s = r->steps; s->what != RAW_END; s++) {
        switch (s->what) {
        case RAW_ACCEPT:
            drop_connection(r);
            r->connection = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC);
            break;
        case RAW_READ: read_request(r, r->connection); break;
        case RAW_WRITE: (void)send(r->connection, s->bytes, strlen(s->bytes), MSG_NOSIGNAL); break;
        case RAW_CLOSE: drop_connection(r); break;
        case RAW_DEAF: shutdown(r->listener, SHUT_RDWR); break;
        case RAW_END: break;
        }
    }
    return NULL;
}

struct raw *raw_open(const struct raw_step *steps) {
    struct raw *r = mem_zalloc(sizeof *r);
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t a_bytes = sizeof a;
    r->connection = -1;
    r->steps = steps;
    r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (r->listener < 0 || bind(r->listener, (struct sockaddr *)&a, sizeof a) != 0 ||
        listen(r->listener, 8) != 0 ||
        getsockname(r->listener, (struct sockaddr *)&a, &a_bytes) != 0)
        rc_die("raw: no socket");
    r->port = ntohs(a.sin_port);
    if (pthread_create(&r->thread, NULL, follow, r) != 0)
        rc_die("raw: no thread");
    return r;
}

uint16_t raw_port(const struct raw *r) {
    return r->port;
}

unsigned raw_close(struct raw *r) {
    int fd = r->connection;
    shutdown(r->listener, SHUT_RDWR); /* ends an accept */
    if (fd >= 0)
        shutdown(fd, SHUT_RDWR); /* ends a read */
    pthread_join(r->thread, NULL);
    drop_connection(r);
    close(r->listener);
    unsigned requests = r->requests;
    mem_free(r);
    return requests;
}

size_t raw_talk(uint16_t port, const char *bytes, char *ret, size_t ret_bytes) {
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval most = { 2, 0 };
    size_t n = 0;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0) {
        (void)send(fd, bytes, strlen(bytes), MSG_NOSIGNAL);
        for (ssize_t got; n < ret_bytes - 1 && (got = read(fd, ret + n, ret_bytes - 1 - n)) > 0;)
            n += (size_t)got;
    }
    close(fd);
    ret[n] = '\0';
    return n;
}
