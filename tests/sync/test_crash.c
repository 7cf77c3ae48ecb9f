/* Killed anywhere: the directory is the old one or the new one, the next import is right, and
 * nothing is doubled. A child imports with a clock that ends the process at its nth call; n counts
 * up until the import comes through. The child's lease is then that of a dead process, long before
 * its time. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/sync/world.h"

enum { DIED = 9, FAILED = 5, PEOPLE = 12 };

struct dying {
    struct clock_source real;
    int calls_left;
};

static int64_t dying_now(void *self) {
    struct dying *d = self;
    if (d->calls_left-- == 0)
        _exit(DIED);
    return clock_now_us(&d->real);
}

static int64_t dying_monotonic(void *self) {
    struct dying *d = self;
    if (d->calls_left-- == 0)
        _exit(DIED);
    return clock_monotonic_us(&d->real);
}

static void dying_sleep(void *self, int64_t us) {
    clock_sleep_us(&((struct dying *)self)->real, us);
}

/* Runs the work in a child that dies at the nth look at the clock; true when it came through. */
static bool dies_at(struct world *w, int n, void (*work)(struct world *w)) {
    struct dying d = { w->clock, n };
    int status;
    world_disconnect(w);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        w->clock = (struct clock_source){ dying_now, dying_monotonic, dying_sleep, &d };
        world_connect(w);
        work(w);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    world_connect(w);
    if (!WIFEXITED(status) || (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != DIED))
        fail_msg("the child at look %d ended with status %d", n, status);
    return WEXITSTATUS(status) == 0;
}

static enum run_state newest_state(struct world *w) {
    struct run *list;
    size_t n;
    OK(run_list(w->bed->st, w->bed->company_id, 0, 1, &w->bed->a, &list, &n, &why));
    return list[0].state;
}

static int64_t applied_changes(struct world *w, const char *field, const char *value) {
    int64_t n;
    OK(store_number(w->bed->st, &n, &why,
                    "SELECT COUNT(*) FROM change AS c JOIN run AS r ON r.company_id = c.company_id"
                    " AND r.run_id = c.run_id JOIN version AS v ON v.company_id = c.company_id"
                    " AND v.run_id = c.run_id AND v.user_id = c.user_id WHERE r.state = 'applied'"
                    " AND c.field = $1 AND (c.new_value = $2 OR v.source_id = $2)",
                    "ss", field, value));
    return n;
}

static void nothing_is_left_of_runs_that_failed(struct world *w) {
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM version AS v JOIN run AS r ON"
                                        " r.company_id = v.company_id AND r.run_id = v.run_id"
                                        " WHERE r.state NOT IN ('applied', 'held', 'superseded')"),
                     0);
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM run WHERE state IN"
                                        " ('listing', 'checking', 'passed')"),
                     0);
}

static void import_once(struct world *w) {
    world_import(w);
}

static void an_import_killed_anywhere_is_made_good_by_the_next(void **state) {
    struct world *w = *state;
    int died_in[RUN_STATES_N] = { 0 }, n = 0;
    bool through = false;
    world_limits(w, WORLD_NO_LIMITS);
    world_begin(w, PEOPLE);
    for (; !through; n++) {
        char *name = arena_printf(&w->bed->a, "Name%d", n);
        char *joiner = arena_printf(&w->bed->a, "%d", 1000 + n);
        const char *leaver = n == 0 ? "12" : arena_printf(&w->bed->a, "%d", 999 + n);
        world_put(w, "3", arena_printf(&w->bed->a, "last_name=%s", name));
        world_add(w, joiner);
        world_drop(w, leaver);
        char *before = world_directory(w);
        through = dies_at(w, n, import_once);
        char *between = world_directory(w);
        died_in[newest_state(w)] += !through;
        struct run r = world_import(w);
        assert_state(&r, RUN_APPLIED);
        char *after = world_directory(w);
        if (strcmp(between, before) != 0 && strcmp(between, after) != 0)
            fail_msg("killed at look %d, the directory is neither old nor new:\n%s", n, between);
        assert_true(text_is(world_user(w, "3", USER_LAST_NAME), name));
        assert_string_equal(world_lifecycle(w, joiner), "active");
        assert_string_equal(world_lifecycle(w, leaver), "left");
        assert_int_equal(applied_changes(w, "last_name", name), 1);
        assert_int_equal(applied_changes(w, "*", joiner), 1);
        nothing_is_left_of_runs_that_failed(w);
    }
    assert_true(n > 15); /* enough looks at the clock to have been everywhere */
    assert_true(died_in[RUN_LISTING] > 0);
    assert_true(died_in[RUN_CHECKING] > 0);
    assert_true(died_in[RUN_PASSED] > 0);
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM \"user\""), PEOPLE + n);
}

static void a_first_import_killed_anywhere_leaves_nobody(void **state) {
    struct world *w = *state;
    int n = 0;
    world_fill(w, PEOPLE);
    while (!dies_at(w, n++, import_once)) {
        assert_string_equal(world_directory(w), "");
        if (n % 2 == 0) /* every other time the next one dies too */
            continue;
        struct run r = world_import(w);
        assert_true(r.state == RUN_HELD || r.state == RUN_SUPERSEDED);
        assert_string_equal(world_directory(w), "");
        nothing_is_left_of_runs_that_failed(w);
    }
    assert_true(n > PEOPLE);
    struct run held;
    OK(run_in_state(w->bed->st, w->bed->company_id, w->bed->in.integration_id, RUN_HELD, &w->bed->a,
                    &held, &why));
    assert_int_equal(held.counts.joiners, PEOPLE);
    world_approve(w, held.run_id);
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM \"user\""), PEOPLE);
}

static void approve_the_held_one(struct world *w) {
    struct run held;
    OK(run_in_state(w->bed->st, w->bed->company_id, w->bed->in.integration_id, RUN_HELD, &w->bed->a,
                    &held, &why));
    world_approve(w, held.run_id);
}

static void an_approval_killed_anywhere_was_given_or_was_not(void **state) {
    struct world *w = *state;
    int n = 0, not_given = 0;
    bool through = false;
    world_begin(w, PEOPLE);
    world_limits(w, "{\"name\":{\"run\":[0,0]}}");
    for (; !through; n++) {
        char *name = arena_printf(&w->bed->a, "Name%d", n);
        world_put(w, "3", arena_printf(&w->bed->a, "last_name=%s", name));
        world_put(w, "4", arena_printf(&w->bed->a, "last_name=%s", name));
        struct run r = world_import(w);
        assert_state(&r, RUN_HELD);
        through = dies_at(w, n, approve_the_held_one);
        bool three = text_is(world_user(w, "3", USER_LAST_NAME), name);
        assert_int_equal(text_is(world_user(w, "4", USER_LAST_NAME), name), three);
        r = world_run(w, r.run_id);
        assert_state(&r, three ? RUN_APPLIED : RUN_HELD);
        if (!three) {
            not_given++;
            world_approve(w, r.run_id);
        }
        assert_true(text_is(world_user(w, "3", USER_LAST_NAME), name));
        assert_int_equal(applied_changes(w, "last_name", name), 2);
    }
    assert_true(not_given >= 2);
}

/* The run of a dead process lacked more people than may leave. By now HR lists them again. */
static void what_a_dead_run_lacked_does_not_hold_the_next(void **state) {
    struct world *w = *state;
    size_t all = PEOPLE;
    int n = 0;
    world_begin(w, all);
    w->hr.people_n -= 4;
    while (!dies_at(w, n, import_once) && newest_state(w) != RUN_CHECKING)
        n++;
    assert_int_equal(newest_state(w), RUN_CHECKING);
    w->hr.people_n = all;
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.unchanged, PEOPLE);
    for (int i = 1; i <= PEOPLE; i++)
        assert_string_equal(world_lifecycle(w, arena_printf(&w->bed->a, "%d", i)), "active");
    struct run held;
    assert_int_equal(run_in_state(w->bed->st, w->bed->company_id, w->bed->in.integration_id,
                                  RUN_HELD, &w->bed->a, &held, NULL),
                     RC_NOT_FOUND);
}

static const struct CMUnitTest tests[] = {
    WORLD_TEST(what_a_dead_run_lacked_does_not_hold_the_next),
    WORLD_TEST(an_import_killed_anywhere_is_made_good_by_the_next),
    WORLD_TEST(a_first_import_killed_anywhere_leaves_nobody),
    WORLD_TEST(an_approval_killed_anywhere_was_given_or_was_not),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
