/* Several lanes share one token and one pace. Under the thread sanitizer this is where it would show. */
#include <pthread.h>
#include <stdio.h>
#include <stdatomic.h>

#include "tests/destination/bed.h"

enum { LANES = 8, EACH = 6 };

struct worker {
    pthread_t thread;
    unsigned number;
    enum rc_code rc;
    struct rc_error err;
    unsigned done_n, auth_n;
};
static struct worker workers[LANES];
static atomic_uint started;

static enum rc_code one(struct destination_lane *l, unsigned number, struct arena *a,
                        struct rc_error *err) {
    const struct destination_ops *ops = l->destination->ops;
    struct destination_outcome made, changed;
    struct account found;
    struct decide_field fields[4] = { { .field = USER_FIRST_NAME },
                                      { .field = USER_LAST_NAME },
                                      { .field = USER_EMAIL },
                                      { .field = USER_JOB_TITLE } };
    struct destination_change c = { .fields = fields, .fields_n = 3 };
    for (size_t i = 0; i < 4; i++) {
        fields[i].does = DECIDE_FIELD_SENDS;
        fields[i].name = text_of(user_field_name(fields[i].field));
        fields[i].to = TEXT_LIT("Cook");
    }
    fields[2].to = text_of(arena_printf(a, "lane.%u@example.org", number));
    c.external_id = text_of(arena_printf(a, "hr:%u", number));
    enum rc_code rc = ops->create(l, &c, a, &made, err);
    if (rc == RC_OK)
        rc = ops->find(l, DESTINATION_BY_EXTERNAL_ID, c.external_id, a, &found, err);
    if (rc != RC_OK)
        return rc;
    if (!text_equal(found.remote_id, made.shows.remote_id))
        return rc_fail(err, RC_FATAL, "another lane's answer");
    c = (struct destination_change){ .fields = &fields[3], .fields_n = 1, .now = &found };
    rc = ops->update(l, &c, a, &changed, err);
    return rc == RC_OK ? ops->deactivate(l, &found, err) : rc;
}

static void *work(void *self) {
    struct worker *w = self;
    struct destination_lane *l = destination_lane_new(bed.d);
    struct arena a;
    arena_init(&a);
    for (started++; started < LANES;)
        ; /* all at once, so that all want a token */
    for (unsigned i = 0; i < EACH; i++) {
        enum rc_code rc = one(l, w->number * 100 + i, &a, &w->err);
        w->done_n += rc == RC_OK;
        w->auth_n += rc == RC_AUTH;
        w->rc = rc != RC_OK ? rc : w->rc;
        arena_reset(&a);
    }
    arena_done(&a);
    destination_lane_free(l);
    return NULL;
}

static void run(void) {
    started = 0;
    for (unsigned i = 0; i < LANES; i++) {
        workers[i] = (struct worker){ .number = i + 1 };
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < LANES; i++)
        pthread_join(workers[i].thread, NULL);
}

static void all_went_well(void) {
    for (unsigned i = 0; i < LANES; i++)
        if (workers[i].done_n != EACH)
            fail_msg("lane %u: %s", i, workers[i].err.text);
}

static void eight_lanes_share_one_token(void **state) {
    (void)state;
    run();
    all_went_well();
    assert_int_equal(bed_requests("token"), 1);
    assert_int_equal(bed_requests("users.create"), LANES * EACH);
}

static void a_token_that_ends_is_renewed_by_one_lane_for_all(void **state) {
    (void)state;
    bed_fault("{\"route\":\"users.update\",\"kind\":\"expire-token\",\"after\":5,\"count\":1}");
    run();
    all_went_well();
    assert_int_equal(bed_requests("token"), 2);
}

static void a_refused_key_is_tried_once_for_all_who_wait_for_it(void **state) {
    (void)state;
    bed_open((const char *const[]){ "client-secret", "wrong", NULL });
    run();
    for (unsigned i = 0; i < LANES; i++) {
        assert_int_equal(workers[i].auth_n, EACH);
        assert_string_equal(workers[i].err.name, "destination.credentials");
    }
    assert_true(bed_requests("token") <= LANES * EACH);
    assert_int_equal(bed_requests("users.create"), 0);
}

static void a_refusal_slows_all_lanes_and_none_is_lost(void **state) {
    (void)state;
    bed_open((const char *const[]){ "max-per-second", "50", "retries", "20", NULL });
    bed_fault("{\"route\":\"*\",\"kind\":\"status\",\"status\":429,\"retry_after\":3,"
              "\"probability\":0.2,\"seed\":4}");
    int64_t before = bed.fake.now_us;
    run();
    all_went_well();
    assert_true(bed.fake.now_us - before >= 3000000);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        TEST(eight_lanes_share_one_token),
        TEST(a_token_that_ends_is_renewed_by_one_lane_for_all),
        TEST(a_refused_key_is_tried_once_for_all_who_wait_for_it),
        TEST(a_refusal_slows_all_lanes_and_none_is_lost),
    };
    if (argc < 2)
        return 2;
    bed_start(argv[1], "public");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    bed_stop();
    return failed;
}
