#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/check.h"
#include "base/log.h"
#include "db/db.h"
#include "store/watch.h"
#include "sync/standing.h"

/* What the log has got since it was opened. */
struct heard {
    int before, fd;
    char text[4000];
};

static void hear(struct heard *h) {
    char name[] = "/tmp/rollcall-heard.XXXXXX";
    h->fd = mkstemp(name);
    assert_true(h->fd >= 0);
    unlink(name);
    h->before = dup(STDERR_FILENO);
    dup2(h->fd, STDERR_FILENO);
    log_set_level(LOG_LEVEL_INFO);
}

static const char *so_far(struct heard *h) {
    ssize_t n = pread(h->fd, h->text, sizeof h->text - 1, 0);
    h->text[n > 0 ? n : 0] = '\0';
    return h->text;
}

static void done(struct heard *h) {
    dup2(h->before, STDERR_FILENO);
    close(h->before);
    close(h->fd);
}

static size_t times(const char *in, const char *what) {
    size_t n = 0;
    for (const char *p = in; (p = strstr(p, what)) != NULL; p++)
        n++;
    return n;
}

/* A service's standing by a clock that the test moves, and what is said of it. */
struct bench {
    struct clock_fake fake;
    struct clock_source clock;
    struct standing s;
    struct heard h;
};

static void begin(struct bench *b) {
    b->fake = (struct clock_fake){ .now_us = 1 };
    b->clock = clock_fake_source(&b->fake);
    standing_init(&b->s, &b->clock);
    hear(&b->h);
}

static void end(struct bench *b) {
    done(&b->h);
    standing_done(&b->s);
}

static const char *name_now(struct bench *b, struct standing_view *v) {
    standing_look(&b->s, v);
    return v->name;
}

static enum rc_code fails(struct rc_error *err, enum rc_code rc, const char *name) {
    *err = (struct rc_error){ 0 };
    return rc_fail_as(err, rc, name, "no space is left for x: free some, nothing was lost");
}

static void it_is_said_once_whoever_meets_it_and_once_when_it_is_over(void **state) {
    struct bench b;
    struct standing_view v;
    struct rc_error err;
    bool failing = false;
    (void)state;
    begin(&b);
    for (int i = 0; i < 5; i++) {
        clock_fake_move(&b.fake, 1000000);
        assert_true(standing_trouble(&b.s, fails(&err, RC_FATAL, "db.full"), &err));
        standing_note(&b.s, &failing, RC_FATAL, "claim", &err);
    }
    assert_false(failing);
    assert_string_equal(name_now(&b, &v), "db.full");
    assert_non_null(strstr(standing_says(v.name), "free some"));
    standing_over(&b.s);
    standing_over(&b.s);
    assert_string_equal(name_now(&b, &v), "");
    assert_int_equal(times(so_far(&b.h), "database=trouble name=db.full"), 1);
    assert_int_equal(times(so_far(&b.h), "database=works-again"), 1);
    end(&b);
}

static void what_comes_and_goes_is_not_said_each_time(void **state) {
    struct bench b;
    struct rc_error err;
    (void)state;
    begin(&b);
    for (int i = 0; i < 100; i++) { /* five hundred seconds */
        clock_fake_move(&b.fake, 5000000);
        standing_trouble(&b.s, fails(&err, RC_FATAL, "db.io"), &err);
        standing_over(&b.s);
    }
    assert_in_range(times(so_far(&b.h), "database=trouble"), 5, 9);
    assert_int_equal(times(so_far(&b.h), "database=works-again"),
                     times(so_far(&b.h), "database=trouble"));
    end(&b);
}

static void what_is_not_the_databases_is_left_to_whoever_met_it(void **state) {
    struct bench b;
    struct standing_view v;
    struct rc_error err = { 0 };
    bool failing = false;
    (void)state;
    begin(&b);
    assert_false(standing_trouble(&b.s, RC_OK, &err));
    assert_false(standing_trouble(&b.s, rc_fail(&err, RC_CONFLICT, "a unique key says no"), &err));
    assert_false(standing_trouble(&b.s, fails(&err, RC_AUTH, "http.unauthorized"), &err));
    assert_false(standing_trouble(NULL, fails(&err, RC_FATAL, "db.full"), &err));
    for (int i = 0; i < 3; i++)
        standing_note(&b.s, &failing, fails(&err, RC_AUTH, "secret.key"), "key", &err);
    standing_note(&b.s, &failing, RC_OK, "key", &err);
    assert_string_equal(name_now(&b, &v), "");
    assert_int_equal(times(so_far(&b.h), "key=failed"), 1);
    assert_int_equal(times(so_far(&b.h), "key=works-again"), 1);
    end(&b);
}

/* A write that goes well proves nothing about another table. */
static void a_lock_is_over_once_nobody_has_met_it_for_a_while(void **state) {
    struct bench b;
    struct standing_view v;
    struct rc_error err;
    (void)state;
    begin(&b);
    standing_trouble(&b.s, fails(&err, RC_RETRY, "db.busy"), &err);
    clock_fake_move(&b.fake, 9000000);
    standing_over(&b.s);
    assert_string_equal(name_now(&b, &v), "db.busy");
    clock_fake_move(&b.fake, 2000000);
    standing_over(&b.s);
    assert_string_equal(name_now(&b, &v), "");
    end(&b);
}

static void room_is_looked_at_where_the_file_lies(void **state) {
    struct rc_error err = { 0 };
    (void)state;
    assert_int_equal(watch_room("/tmp/x.db", &err), RC_OK);
    assert_int_equal(watch_room("x.db", &err), RC_OK);
    assert_int_equal(watch_room("/nonexistent/x.db", &err), RC_OK);
    assert_int_equal(watch_room("postgres://u@h/x", &err), RC_OK);
    assert_int_equal(watch_room(":memory:", &err), RC_OK);
    assert_int_equal(watch_room("/proc/x.db", &err), RC_FATAL); /* which has none */
    assert_string_equal(err.name, "db.full");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_said_once_whoever_meets_it_and_once_when_it_is_over),
        cmocka_unit_test(what_comes_and_goes_is_not_said_each_time),
        cmocka_unit_test(what_is_not_the_databases_is_left_to_whoever_met_it),
        cmocka_unit_test(a_lock_is_over_once_nobody_has_met_it_for_a_while),
        cmocka_unit_test(room_is_looked_at_where_the_file_lies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
