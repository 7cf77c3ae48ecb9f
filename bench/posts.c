/* posts.c - asks a server the same thing over many connections at once, and says how long each answer took. For script/bench serve;
 * the same program against both sides.
 *
 *     posts PORT PATH TOKEN CONNECTIONS SECONDS EXPECTED [EVENTS]
 *
 * One thread and epoll. With EVENTS (a number to begin with) each request is a POST with a webhook of Personio's about another time;
 * without, a GET. TOKEN is what stands in Authorization. A connection asks again as soon as it has been answered. It ends after
 * SECONDS, or at SIGTERM, and prints JSON: answered, other (answers with a status that is not EXPECTED), seconds, cpu_s, p50_ms, p95_ms, p99_ms, most_ms. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1024, TIMES = 1 << 22, BYTES = 1 << 16 };

static struct connection {
    int fd;
    double asked;
    size_t got;
    char bytes[BYTES];
} connections[MOST];
static float took[TIMES]; /* ms */
static long took_n, other;
static volatile sig_atomic_t stopped;
static const char *path, *token, *expected;
static long event_n;
static bool posts;

_Noreturn static void die(const char *what) {
    fprintf(stderr, "posts: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void on_term(int n) {
    (void)n;
    stopped = 1;
}

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* From 127.0.0.2: so many connections of one address are not let in beside others. */
static void dial(struct connection *c, int port) {
    struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002) };
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int yes = 1;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (c->fd < 0 || bind(c->fd, (struct sockaddr *)&from, sizeof from) != 0 ||
        connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0)
        die("no connection");
}

static void ask(struct connection *c) {
    char body[400] = "", request[2000];
    int n = 0;
    if (posts) {
        long e = event_n++;
        n = snprintf(
            body, sizeof body,
            "{\"company_id\":\"90210\",\"event_name\":\"person.updated\",\"occurred_at\":\"2026-%02ld-%02ldT%02ld:%02ld:%02ld.%03ldZ\","
            "\"payload\":{\"person\":{\"id\":\"%ld\"}},\"meta\":{}}",
            e / 2419200000 % 12 + 1, e / 86400000 % 28 + 1, e / 3600000 % 24, e / 60000 % 60,
            e / 1000 % 60, e % 1000, 4000001 + e % 100);
    }
    int len =
        posts
            ? snprintf(
                  request, sizeof request,
                  "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Type: application/json\r\n"
                  "Content-Length: %d\r\n\r\n%s",
                  path, token, n, body)
            : snprintf(request, sizeof request,
                       "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n\r\n", path, token);
    c->got = 0;
    c->asked = now_s();
    if (write(c->fd, request, (size_t)len) != len)
        die("cannot write");
}

/* Whether the whole answer is there. */
static bool is_whole(const struct connection *c) {
    const char *end = memmem(c->bytes, c->got, "\r\n\r\n", 4);
    if (end == NULL)
        return false;
    const char *length = strcasestr(c->bytes, "\r\nContent-Length:");
    size_t body = length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0;
    return c->got >= (size_t)(end - c->bytes) + 4 + body;
}

static void hear(struct connection *c) {
    ssize_t n = read(c->fd, c->bytes + c->got, BYTES - 1 - c->got);
    if (n <= 0)
        die("a connection has ended");
    c->got += (size_t)n;
    c->bytes[c->got] = '\0';
    if (!is_whole(c))
        return;
    if (strncmp(c->bytes + 9, expected, strlen(expected)) != 0)
        other++;
    else if (took_n < TIMES)
        took[took_n++] = (float)((now_s() - c->asked) * 1e3);
    ask(c);
}

static int by_time(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double percentile(double share) {
    return took_n > 0 ? (double)took[(long)((double)(took_n - 1) * share)] : 0;
}

static void print(double seconds) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    double cpu = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
                 (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
    qsort(took, (size_t)took_n, sizeof *took, by_time);
    printf(
        "{\"answered\":%ld,\"other\":%ld,\"seconds\":%.3f,\"cpu_s\":%.3f,\"p50_ms\":%.3f,\"p95_ms\":%.3f,"
        "\"p99_ms\":%.3f,\"most_ms\":%.3f}\n",
        took_n, other, seconds, cpu, percentile(0.5), percentile(0.95), percentile(0.99),
        percentile(1));
}

int main(int argc, char **argv) {
    struct epoll_event events[MOST];
    if (argc < 7)
        return 2;
    int n = atoi(argv[4]), poll = epoll_create1(0);
    path = argv[2];
    token = argv[3];
    expected = argv[6];
    posts = argc > 7;
    event_n = posts ? atol(argv[7]) : 0;
    if (n < 1 || n > MOST)
        return 2;
    signal(SIGTERM, on_term);
    for (int i = 0; i < n; i++) {
        struct epoll_event e = { .events = EPOLLIN, .data.ptr = &connections[i] };
        dial(&connections[i], atoi(argv[1]));
        epoll_ctl(poll, EPOLL_CTL_ADD, connections[i].fd, &e);
    }
    double began = now_s(), until = began + atof(argv[5]);
    for (int i = 0; i < n; i++)
        ask(&connections[i]);
    while (!stopped && now_s() < until) {
        int got = epoll_wait(poll, events, MOST, 100);
        for (int i = 0; i < got; i++)
            hear(events[i].data.ptr);
    }
    print(now_s() - began);
    return 0;
}
