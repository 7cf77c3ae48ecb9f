/* Workers are threads side by side, in one process or in two. */
#include <stdio.h>
#include "sync/workers.h"
#include "tests/sync/desk.h"

enum { COMPANIES = 4, EACH = 5 };

static void fill(struct desk *d) {
    int64_t now = clock_now_us(&clock_system);
    for (int c = 0; c < COMPANIES; c++) {
        char key[16];
        int64_t id;
        struct company co;
        snprintf(key, sizeof key, "co-%d", c);
        OK(company_add(d->bed->st, key, key, "Europe/Berlin", T0, &id, &why));
        OK(company_get(d->bed->st, id, &d->bed->a, &co, &why));
        for (int i = 0; i < EACH; i++) {
            char name[16];
            snprintf(name, sizeof name, "hr-%d", i);
            struct integration in = bed_integration(d->bed, id, name);
            in.settings = text_of(
                arena_printf(&d->bed->a, "{\"file\":\"%s\",\"complete\":\"trailer\"}", d->file));
            in.schedule = TEXT_LIT("every 30 minutes");
            OK(integration_save(d->bed->st, d->bed->key, &in, &why));
            OK(job_set(d->bed->st, JOB_SYNC, id, in.integration_id, now - minute, &why));
        }
    }
}

static bool view_until(struct workers *w, int64_t done, struct workers_view *ret) {
    for (int i = 0; i < 600; i++) { /* a minute; real threads, real time */
        workers_look(w, ret);
        if (ret->ready && ret->done[JOB_SYNC] + ret->failed[JOB_SYNC] >= done)
            return true;
        clock_sleep_us(&clock_system, 100000);
    }
    return false;
}

static void side_by_side_all_is_done_once_and_all_end(void **state) {
    struct desk *d = *state;
    struct workers_options o = { .where = d->bed->place->where, .key = d->bed->key, .n = 4 };
    struct workers_view v;
    struct workers *w = NULL;
    fill(d);
    OK(workers_start(&o, &w, &why));
    assert_true(view_until(w, COMPANIES * EACH, &v));
    assert_int_equal(v.done[JOB_SYNC], COMPANIES * EACH);
    assert_int_equal(v.failed[JOB_SYNC], 0);
    assert_true(workers_stop(w, 20 * second));
    workers_look(w, &v);
    assert_false(v.ready);
    workers_free(w);
    assert_int_equal(desk_runs(d, "held"), COMPANIES * EACH);
    assert_int_equal(bed_number(d->bed, "SELECT COUNT(*) FROM run"), COMPANIES * EACH);
    assert_int_equal(bed_number(d->bed, "SELECT COUNT(*) FROM job WHERE owner IS NOT NULL"), 0);
    assert_int_equal(bed_number(d->bed, "SELECT COUNT(*) FROM job WHERE fence > 1"), 0);
}

/* Two processes could look like this: two sets of workers on one database. */
static void two_sets_of_workers_share_and_nothing_is_done_twice(void **state) {
    struct desk *d = *state;
    struct workers_options o = { .where = d->bed->place->where, .key = d->bed->key, .n = 2 };
    struct workers *w[2] = { NULL };
    struct workers_view v[2];
    fill(d);
    OK(workers_start(&o, &w[0], &why));
    OK(workers_start(&o, &w[1], &why));
    for (int i = 0; i < 600; i++) {
        workers_look(w[0], &v[0]);
        workers_look(w[1], &v[1]);
        if (v[0].done[JOB_SYNC] + v[1].done[JOB_SYNC] == COMPANIES * EACH)
            break;
        clock_sleep_us(&clock_system, 100000);
    }
    assert_int_equal(v[0].done[JOB_SYNC] + v[1].done[JOB_SYNC], COMPANIES * EACH);
    for (int i = 0; i < 2; i++) {
        assert_true(workers_stop(w[i], 20 * second));
        workers_free(w[i]);
    }
    assert_int_equal(bed_number(d->bed, "SELECT COUNT(*) FROM run"), COMPANIES * EACH);
}

/* What the keeper does beside it has its own troubles. */
static void logs_that_cannot_be_emptied_keep_nobody_from_work(void **state) {
    struct desk *d = *state;
    struct workers_options o = { .where = d->bed->place->where, .key = d->bed->key, .n = 2 };
    struct workers_view v;
    struct workers *w = NULL;
    fill(d);
    place_exec(d->bed->st->db, "ALTER TABLE erasure RENAME TO elsewhere");
    OK(workers_start(&o, &w, &why));
    bool done = view_until(w, COMPANIES * EACH, &v);
    assert_true(workers_stop(w, 20 * second));
    workers_free(w);
    place_exec(d->bed->st->db, "ALTER TABLE elsewhere RENAME TO erasure");
    assert_true(done);
}

static void with_nothing_to_do_they_end_at_once(void **state) {
    struct desk *d = *state;
    struct workers_options o = { .where = d->bed->place->where, .key = d->bed->key, .n = 3 };
    struct workers *w = NULL;
    int64_t began = clock_monotonic_us(&clock_system);
    OK(workers_start(&o, &w, &why));
    assert_true(workers_stop(w, 20 * second));
    workers_free(w);
    assert_true(clock_monotonic_us(&clock_system) - began < 5 * second);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        DESK_TEST(side_by_side_all_is_done_once_and_all_end),
        DESK_TEST(two_sets_of_workers_share_and_nothing_is_done_twice),
        DESK_TEST(logs_that_cannot_be_emptied_keep_nobody_from_work),
        DESK_TEST(with_nothing_to_do_they_end_at_once),
    };
    secret_ready();
    return PLACE_RUN(tests, argc, argv);
}
