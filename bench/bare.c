/* bare.c - what libmicrohttpd alone can do with webhooks: a token is compared, and 204 is said. Nothing is kept. script/bench serve
 * measures rollcall against it.
 *
 *     bare THREADS TOKEN        prints its port, and answers until it is killed
 *
 * The same library in the same way: a pool of threads with epoll, connections kept alive. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *token;
static struct MHD_Response *empty;

static enum MHD_Result on_request(void *self, struct MHD_Connection *c, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *bytes_n, void **state) {
    static int begun;
    (void)self, (void)url, (void)method, (void)version, (void)bytes;
    if (*state == NULL) {
        *state = &begun;
        return MHD_YES;
    }
    if (*bytes_n > 0) {
        *bytes_n = 0;
        return MHD_YES;
    }
    const char *given = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Authorization");
    return MHD_queue_response(c, given != NULL && strcmp(given, token) == 0 ? 204 : 401, empty);
}

int main(int argc, char **argv) {
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t bytes = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
    if (argc != 3 || fd < 0)
        return 2;
    token = argv[2];
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &bytes) != 0)
        return 1;
    empty = MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
    if (MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL, on_request,
                         NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE,
                         (unsigned)strtoul(argv[1], NULL, 10), MHD_OPTION_CONNECTION_LIMIT, 256u,
                         MHD_OPTION_END) == NULL)
        return 1;
    printf("bare answers at %d\n", ntohs(at.sin_port));
    fflush(stdout);
    for (;;)
        pause();
}
