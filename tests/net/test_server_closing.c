/* A server that is closed while clients are there. */
#include "tests/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/server.h"
#include "tests/net/raw.h"

enum { TIMES = 150, CLIENTS = 12 };

static void handle(void *self, const struct server_request *q, struct server_answer *a) {
    (void)self, (void)q;
    *a = (struct server_answer){
        .status = 200, .content_type = "text/plain", .body = "yes", .body_bytes = 3
    };
}

static struct server *open_pool(void) {
    struct server *s = NULL;
    struct rc_error err;
    struct server_options o = { .threads = 2 };
    assert_int_equal(server_open(&o, handle, NULL, &s, &err), RC_OK);
    return s;
}

static int connected(uint16_t port) {
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

/* libmicrohttpd would fall over those that it reads once it has been told to stop: what it has to say of one that is none
 * is not kept by then, and is used. */
static void requests_that_are_none_come_until_the_end(void **state) {
    static const char *const none[] = {
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    };
    (void)state;
    for (int i = 0; i < TIMES; i++) {
        struct server *s = open_pool();
        int fds[CLIENTS];
        for (int n = 0; n < CLIENTS; n++)
            fds[n] = connected(server_port(s));
        for (int n = 0; n < CLIENTS; n++) {
            const char *bytes = none[n % (int)(sizeof none / sizeof *none)];
            (void)send(fds[n], bytes, strlen(bytes), MSG_NOSIGNAL);
        }
        server_close(s);
        for (int n = 0; n < CLIENTS; n++)
            close(fds[n]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_that_are_none_come_until_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
