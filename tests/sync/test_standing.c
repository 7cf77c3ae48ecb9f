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

static enum rc_code fails(struct rc_error *err, enum rc_code rc, const char *name) {
    *err = (struct rc_error){ 0 };
    return rc_fail_as(err, rc, name, "no space is left for x: free some, nothing was lost");
}

static void it_is_said_once_whoever_meets_it_and_once_when_it_is_over(void **state) {
    struct clock_fake fake = { .now_us = 1 };
    const struct clock_source clock = clock_fake_source(&fake);
    struct standing s;
    struct standing_view v;
    struct rc_error err;
    struct heard h;
    bool failing = false;
    (void)state;
    standing_init(&s, &clock);
    hear(&h);
    for (int i = 0; i < 5; i++) {
        clock_fake_move(&fake, 1000000);
        assert_true(standing_trouble(&s, fails(&err, RC_FATAL, "db.full"), &err));
        standing_note(&s, &failing, RC_FATAL, "claim", &err);
    }
    assert_false(failing);
    standing_look(&s, &v);
    assert_string_equal(v.name, "db.full");
    assert_non_null(strstr(standing_says(v.name), "free some"));
    standing_over(&s);
    standing_over(&s);
    standing_look(&s, &v);
    assert_string_equal(v.name, "");
    assert_int_equal(times(so_far(&h), "database=trouble name=db.full"), 1);
    assert_int_equal(times(so_far(&h), "database=works-again"), 1);
    done(&h);
    standing_done(&s);
}

static void what_comes_and_goes_is_not_said_each_time(void **state) {
    struct clock_fake fake = { .now_us = 1 };
    const struct clock_source clock = clock_fake_source(&fake);
    struct standing s;
    struct rc_error err;
    struct heard h;
    (void)state;
    standing_init(&s, &clock);
    hear(&h);
    for (int i = 0; i < 100; i++) { /* five hundred seconds */
        clock_fake_move(&fake, 5000000);
        standing_trouble(&s, fails(&err, RC_FATAL, "db.io"), &err);
        standing_over(&s);
    }
    assert_in_range(times(so_far(&h), "database=trouble"), 5, 9);
    assert_int_equal(times(so_far(&h), "database=works-again"),
                     times(so_far(&h), "database=trouble"));
    done(&h);
    standing_done(&s);
}

static void what_is_not_the_databases_is_left_to_whoever_met_it(void **state) {
    struct clock_fake fake = { .now_us = 1 };
    const struct clock_source clock = clock_fake_source(&fake);
    struct standing s;
    struct standing_view v;
    struct rc_error err = { 0 };
    struct heard h;
    bool failing = false;
    (void)state;
    standing_init(&s, &clock);
    hear(&h);
    assert_false(standing_trouble(&s, RC_OK, &err));
    assert_false(standing_trouble(&s, rc_fail(&err, RC_CONFLICT, "a unique key says no"), &err));
    assert_false(standing_trouble(&s, fails(&err, RC_AUTH, "http.unauthorized"), &err));
    assert_false(standing_trouble(NULL, fails(&err, RC_FATAL, "db.full"), &err));
    for (int i = 0; i < 3; i++)
        standing_note(&s, &failing, fails(&err, RC_AUTH, "secret.key"), "key", &err);
    standing_note(&s, &failing, RC_OK, "key", &err);
    standing_look(&s, &v);
    assert_string_equal(v.name, "");
    assert_int_equal(times(so_far(&h), "key=failed"), 1);
    assert_int_equal(times(so_far(&h), "key=works-again"), 1);
    done(&h);
    standing_done(&s);
}

/* A write that goes well proves nothing about another table. */
static void a_lock_is_over_once_nobody_has_met_it_for_a_while(void **state) {
    struct clock_fake fake = { .now_us = 1 };
    const struct clock_source clock = clock_fake_source(&fake);
    struct standing s;
    struct standing_view v;
    struct rc_error err;
    struct heard h;
    (void)state;
    standing_init(&s, &clock);
    hear(&h);
    standing_trouble(&s, fails(&err, RC_RETRY, "db.busy"), &err);
    clock_fake_move(&fake, 9000000);
    standing_over(&s);
    standing_look(&s, &v);
    assert_string_equal(v.name, "db.busy");
    clock_fake_move(&fake, 2000000);
    standing_over(&s);
    standing_look(&s, &v);
    assert_string_equal(v.name, "");
    done(&h);
    standing_done(&s);
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
