/* Answers that are written bit by bit, from another thread than the one that took the request. */
#include "tests/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/server.h"

enum { STREAMS = 40, BUFFER_BYTES = 64 << 10 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct server_stream *streams[STREAMS];
static const struct server_request *laters[STREAMS];
static size_t streams_n, laters_n;
static char address[SERVER_ADDRESS_BYTES];

static void handle(void *self, const struct server_request *q, struct server_answer *a) {
    (void)self;
    if (strcmp(q->path, "/later") == 0) {
        if (!server_later(q)) {
            a->status = 503;
            return;
        }
        pthread_mutex_lock(&mutex);
        laters[laters_n++] = q;
        pthread_mutex_unlock(&mutex);
        return;
    }
    if (strcmp(q->path, "/at-once") == 0) { /* answered before the handler has returned */
        assert_true(server_later(q));
        server_later_answer(q, &(struct server_answer){ .status = 204 });
        return;
    }
    a->status = 200;
    if (strcmp(q->path, "/over") == 0 || strcmp(q->path, "/unsent") == 0) {
        a->stream = server_stream_new(q, BUFFER_BYTES);
        server_stream_write(a->stream, "all of it", 9);
        server_stream_end(a->stream); /* before the answer is made, as another thread may */
        if (strcmp(q->path, "/unsent") == 0)
            a->broken = SERVER_CLOSE_BEFORE_HEADERS;
        return;
    }
    if (strcmp(q->path, "/stream") != 0) {
        a->body = "plain";
        a->body_bytes = 5;
        return;
    }
    a->content_type = "text/event-stream";
    a->stream = server_stream_new(q, BUFFER_BYTES);
    pthread_mutex_lock(&mutex);
    server_address(q, address);
    streams[streams_n++] = a->stream;
    pthread_mutex_unlock(&mutex);
}

static struct server *opened(void) {
    struct server_options o = {
        .threads = 2, .connections = 100, .request_timeout_us = 1000000, .idle_timeout_us = 1000000
    };
    struct server *s = NULL;
    struct rc_error err;
    assert_int_equal(server_open(&o, handle, NULL, &s, &err), RC_OK);
    streams_n = laters_n = 0;
    return s;
}

static void ask_again(int fd, const char *path) {
    char request[200];
    int n = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);
    assert_int_equal(write(fd, request, (size_t)n), n);
}

static int asked(const struct server *s, const char *path) {
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons(server_port(s)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), small = 4096;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    ask_again(fd, path);
    return fd;
}

/* Reads until the phrase has come, or the other end is closed, or for so long. */
static bool hears(int fd, const char *phrase, int ms) {
    char came[20000] = "";
    size_t n = 0;
    while (n < sizeof came - 1) {
        struct pollfd p = { fd, POLLIN, 0 };
        if (poll(&p, 1, ms) <= 0)
            return false;
        ssize_t got = read(fd, came + n, sizeof came - 1 - n);
        if (got <= 0)
            return *phrase == '\0';
        n += (size_t)got;
        came[n] = '\0';
        if (*phrase != '\0' && strstr(came, phrase) != NULL)
            return true;
    }
    return false;
}

static void until_streams(size_t n) {
    for (int i = 0; i < 500; i++) {
        pthread_mutex_lock(&mutex);
        bool all = streams_n == n;
        pthread_mutex_unlock(&mutex);
        if (all)
            return;
        clock_sleep_us(&clock_system, 10000);
    }
    fail_msg("only %zu streams", streams_n);
}

static void what_is_written_arrives_as_it_is_written_and_the_end_ends_it(void **state) {
    struct server *s = opened();
    int fd = asked(s, "/stream");
    (void)state;
    until_streams(1);
    assert_true(hears(fd, "text/event-stream", 2000));
    assert_string_equal(address, "127.0.0.1");
    assert_true(server_stream_write(streams[0], "one\n", 4));
    assert_true(hears(fd, "one\n", 2000));
    clock_sleep_us(&clock_system, 2500000); /* longer than any time limit of the server */
    assert_true(server_stream_write(streams[0], "two\n", 4));
    assert_true(hears(fd, "two\n", 2000));
    server_stream_end(streams[0]);
    assert_true(hears(fd, "0\r\n\r\n", 2000));
    close(fd);
    server_close(s);
}

static void whoever_writes_may_be_done_before_the_answer_is_made(void **state) {
    (void)state;
    struct server *s = opened();
    int fd = asked(s, "/over");
    assert_true(hears(fd, "all of it", 2000));
    close(fd);
    server_close(s);
}

static void a_stream_whose_answer_is_not_sent_is_freed(void **state) {
    char byte;
    (void)state;
    struct server *s = opened();
    int fd = asked(s, "/unsent");
    assert_int_equal(read(fd, &byte, 1), 0); /* that it is freed, the sanitizer sees */
    close(fd);
    server_close(s);
}

static void many_streams_take_no_thread_and_others_are_answered(void **state) {
    struct server *s = opened();
    int fds[STREAMS];
    (void)state;
    for (int i = 0; i < STREAMS; i++)
        fds[i] = asked(s, "/stream");
    until_streams(STREAMS);
    int other = asked(s, "/plain");
    assert_true(hears(other, "plain", 2000));
    close(other);
    for (int i = 0; i < STREAMS; i++)
        assert_true(server_stream_write(streams[i], "tick\n", 5));
    for (int i = 0; i < STREAMS; i++) {
        assert_true(hears(fds[i], "tick\n", 2000));
        server_stream_end(streams[i]);
        close(fds[i]);
    }
    server_close(s);
}

static void who_does_not_read_is_dropped_and_delays_nobody(void **state) {
    struct server *s = opened();
    char block[4000];
    int fd = asked(s, "/stream"), writes = 0;
    (void)state;
    memset(block, 'x', sizeof block);
    until_streams(1);
    int64_t began = clock_monotonic_us(&clock_system);
    while (server_stream_write(streams[0], block, sizeof block) && writes < 10000)
        writes++;
    assert_true(writes < 10000);
    assert_true(clock_monotonic_us(&clock_system) - began < 2000000);
    assert_false(server_stream_write(streams[0], "more", 4));
    int other = asked(s, "/plain");
    assert_true(hears(other, "plain", 2000));
    close(other);
    server_stream_end(streams[0]);
    close(fd);
    server_close(s);
}

static void a_client_that_has_gone_is_noticed_by_writing(void **state) {
    struct server *s = opened();
    int fd = asked(s, "/stream"), tries = 0;
    (void)state;
    until_streams(1);
    assert_true(hears(fd, "text/event-stream", 2000));
    close(fd);
    while (server_stream_write(streams[0], "tick\n", 5) && tries++ < 200)
        clock_sleep_us(&clock_system, 10000);
    assert_true(tries < 200);
    assert_true(server_stream_is_over(streams[0]));
    server_stream_end(streams[0]);
    server_close(s);
}

static void until_laters(size_t n) {
    for (int i = 0; i < 25000; i++) {
        pthread_mutex_lock(&mutex);
        bool all = laters_n == n;
        pthread_mutex_unlock(&mutex);
        if (all)
            return;
        clock_sleep_us(&clock_system, 200);
    }
    fail_msg("only %zu of them", laters_n);
}

static void answer_all(void) {
    for (size_t i = 0; i < laters_n; i++) {
        char *body = arena_printf(laters[i]->arena, "number %zu of %s", i, laters[i]->query);
        server_later_answer(
            laters[i],
            &(struct server_answer){ .status = 200, .body = body, .body_bytes = strlen(body) });
    }
}

static void many_wait_for_a_later_answer_and_hold_up_nobody(void **state) {
    struct server *s = opened();
    int fds[STREAMS];
    (void)state;
    for (int i = 0; i < STREAMS; i++)
        fds[i] = asked(s, "/later?x=1");
    until_laters(STREAMS);
    int other = asked(s, "/plain"), at_once = asked(s, "/at-once");
    assert_true(hears(other, "plain", 2000));
    assert_true(hears(at_once, "204 No Content", 2000));
    assert_false(hears(fds[0], "HTTP", 50));
    answer_all();
    for (int i = 0; i < STREAMS; i++) {
        assert_true(hears(fds[i], " of x=1", 2000));
        close(fds[i]);
    }
    close(other);
    close(at_once);
    server_close(s);
}

/* At any moment of it: as soon as it has asked, and when it has been waited for long. */
static void who_breaks_off_is_answered_all_the_same(void **state) {
    struct server *s = opened();
    const struct linger at_once = { .l_onoff = 1 };
    (void)state;
    for (int round = 0; round < 60; round++) {
        int kept = asked(s, "/later?x=8"), gone = asked(s, "/later?x=9");
        assert_int_equal(setsockopt(gone, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
        until_laters(2);
        clock_sleep_us(&clock_system, round % 3 * 6000);
        close(gone);
        clock_sleep_us(&clock_system, round % 5 * 4000);
        answer_all();
        assert_true(hears(kept, " of x=8", 2000));
        close(kept);
        laters_n = 0;
    }
    server_close(s);
}

static void *answer_a_little_later(void *self) {
    (void)self;
    clock_sleep_us(&clock_system, 200000);
    answer_all();
    return NULL;
}

static void closing_waits_for_answers_that_are_owed_even_to_who_has_gone(void **state) {
    struct server *s = opened();
    pthread_t other;
    int fd = asked(s, "/later?x=2"), gone = asked(s, "/later?x=3");
    (void)state;
    until_laters(2);
    close(gone);
    int64_t began = clock_monotonic_us(&clock_system);
    assert_int_equal(pthread_create(&other, NULL, answer_a_little_later, NULL), 0);
    server_close(s);
    assert_true(clock_monotonic_us(&clock_system) - began > 150000);
    pthread_join(other, NULL);
    close(fd);
}

static void *ask_while_it_closes(void *self) {
    struct server *s = self;
    clock_sleep_us(&clock_system, 100000);
    int fd = asked(s, "/later?x=5");
    bool heard = hears(fd, "503", 2000);
    close(fd);
    answer_all();
    return heard ? self : NULL;
}

static void whoever_asks_while_it_is_being_closed_is_answered_at_once(void **state) {
    struct server *s = opened();
    pthread_t other;
    void *heard = NULL;
    int fd = asked(s, "/later?x=4");
    (void)state;
    until_laters(1);
    assert_int_equal(pthread_create(&other, NULL, ask_while_it_closes, s), 0);
    server_close(s);
    pthread_join(other, &heard);
    assert_non_null(heard);
    close(fd);
}

enum { ROUNDS = 20 };

/* Again and again on the same connections, and some of them go before they are answered. */
static void many_are_answered_at_once_again_and_again_and_none_is_forgotten(void **state) {
    struct server *s = opened();
    int fds[STREAMS];
    (void)state;
    for (int i = 0; i < STREAMS; i++)
        fds[i] = asked(s, "/later?x=7");
    for (int round = 0; round < ROUNDS; round++) {
        until_laters(STREAMS);
        for (int i = round % 7; i < STREAMS; i += 7) { /* these have gone */
            close(fds[i]);
            fds[i] = -1;
        }
        answer_all();
        laters_n = 0;
        for (int i = 0; i < STREAMS; i++) {
            if (fds[i] >= 0)
                assert_true(hears(fds[i], " of x=7", 5000));
            if (fds[i] >= 0 && round + 1 < ROUNDS)
                ask_again(fds[i], "/later?x=7");
            else if (round + 1 < ROUNDS)
                fds[i] = asked(s, "/later?x=7");
        }
    }
    for (int i = 0; i < STREAMS; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    server_close(s);
}

static void closing_the_server_ends_them_and_their_writers_may_come_later(void **state) {
    struct server *s = opened();
    int fd = asked(s, "/stream");
    (void)state;
    until_streams(1);
    assert_true(hears(fd, "text/event-stream", 2000));
    assert_true(server_stream_write(streams[0], "one\n", 4));
    int64_t began = clock_monotonic_us(&clock_system);
    server_close(s);
    assert_true(clock_monotonic_us(&clock_system) - began < 2000000);
    assert_true(hears(fd, "0\r\n\r\n", 2000)); /* an end, and no cut */
    assert_false(server_stream_write(streams[0], "two\n", 4));
    server_stream_end(streams[0]);
    close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_arrives_as_it_is_written_and_the_end_ends_it),
        cmocka_unit_test(whoever_writes_may_be_done_before_the_answer_is_made),
        cmocka_unit_test(a_stream_whose_answer_is_not_sent_is_freed),
        cmocka_unit_test(many_streams_take_no_thread_and_others_are_answered),
        cmocka_unit_test(who_does_not_read_is_dropped_and_delays_nobody),
        cmocka_unit_test(a_client_that_has_gone_is_noticed_by_writing),
        cmocka_unit_test(many_wait_for_a_later_answer_and_hold_up_nobody),
        cmocka_unit_test(who_breaks_off_is_answered_all_the_same),
        cmocka_unit_test(closing_waits_for_answers_that_are_owed_even_to_who_has_gone),
        cmocka_unit_test(whoever_asks_while_it_is_being_closed_is_answered_at_once),
        cmocka_unit_test(many_are_answered_at_once_again_and_again_and_none_is_forgotten),
        cmocka_unit_test(closing_the_server_ends_them_and_their_writers_may_come_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
