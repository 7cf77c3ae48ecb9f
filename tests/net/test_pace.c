#include "tests/check.h"
#include "base/cleanup.h"
#include "net/pace.h"

#define S 1000000
#define QUIET                                                                                      \
    {                                                                                              \
        .status = 200, .retry_after_us = -1, .rate_remaining = -1, .rate_replenish = -1,           \
        .rate_burst = -1, .rate_reset_s = -1                                                       \
    }

static struct http_response answer(int status) {
    struct http_response r = QUIET;
    r.status = status;
    return r;
}

static void assert_between(int64_t x, int64_t low, int64_t high) {
    if (x < low || x > high)
        fail_msg("%lld is not between %lld and %lld", (long long)x, (long long)low,
                 (long long)high);
}

/* A minute of asking as fast as allowed, beginning at `from`. */
static int asked_in(struct pace *p, int64_t from_us, int64_t us) {
    int n = 0;
    for (int64_t now = from_us; now < from_us + us;) {
        int64_t wait = pace_wait_us(p, now);
        n += wait == 0;
        now += wait;
    }
    return n;
}

static void without_a_ceiling_nothing_waits(void **state) {
    struct pace p;
    (void)state;
    pace_init(&p, 0, 0, S, 60 * S, 1);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(pace_wait_us(&p, 5), 0);
}

static void a_burst_goes_at_once_and_then_the_rate_holds(void **state) {
    static const struct {
        double per_s, burst;
        int64_t us;
        int least, most;
    } rows[] = {
        { 5, 15, 60 * S, 314, 316 }, /* v1 of Personio: 300 a minute, 15 at once */
        { 1, 1, 10 * S, 10, 11 },    { 0.5, 3, 20 * S, 12, 13 }, { 30, 30, S, 59, 61 },
        { 100, 0, S, 100, 101 }, /* a burst of less than one would let nothing through */
    };
    (void)state;
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        struct pace p;
        pace_init(&p, rows[i].per_s, rows[i].burst, S, 60 * S, 1);
        assert_between(asked_in(&p, 77 * S, rows[i].us), rows[i].least, rows[i].most);
    }
}

static void the_wait_is_exactly_until_the_next_token(void **state) {
    struct pace p;
    (void)state;
    pace_init(&p, 4, 1, S, 60 * S, 1);
    assert_int_equal(pace_wait_us(&p, 10 * S), 0);
    assert_int_equal(pace_wait_us(&p, 10 * S), S / 4);
    assert_int_equal(pace_wait_us(&p, 10 * S + S / 8), S / 8);
    assert_int_equal(pace_wait_us(&p, 10 * S + S / 4), 0);
}

static void a_clock_set_back_stops_nothing(void **state) {
    struct pace p;
    (void)state;
    pace_init(&p, 1, 1, S, 60 * S, 1);
    assert_int_equal(pace_wait_us(&p, 1000 * S), 0);
    assert_int_equal(pace_wait_us(&p, 500 * S), S);
    assert_int_equal(pace_wait_us(&p, 501 * S), 0);
}

static void refusals_without_a_word_double_up_to_the_longest_wait(void **state) {
    static const int statuses[] = { 429, 500, 503, 0 /* no answer */ };
    static const int64_t base_s[] = { 1, 2, 4, 8, 8, 8, 8, 8 };
    (void)state;
    for (size_t k = 0; k < RC_LEN(statuses); k++)
        for (uint64_t seed = 0; seed < 20; seed++) {
            struct pace p;
            int64_t now = 100 * S;
            pace_init(&p, 0, 0, S, 10 * S, seed);
            for (size_t i = 0; i < RC_LEN(base_s); i++) {
                struct http_response r = answer(statuses[k]);
                if (statuses[k] == 0)
                    pace_no_answer(&p, now);
                else
                    pace_answered(&p, now, &r);
                int64_t wait = pace_wait_us(&p, now);
                assert_between(wait, base_s[i] * S,
                               base_s[i] * S * 5 / 4 < 10 * S ? base_s[i] * S * 5 / 4 + 1
                                                              : 10 * S + 1);
                now += wait;
                assert_int_equal(pace_wait_us(&p, now), 0);
            }
        }
}

static void jitter_differs_between_seeds(void **state) {
    struct pace a, b;
    (void)state;
    pace_init(&a, 0, 0, S, 60 * S, 1);
    pace_init(&b, 0, 0, S, 60 * S, 2);
    pace_no_answer(&a, 0);
    pace_no_answer(&b, 0);
    assert_int_not_equal(pace_wait_us(&a, 0), pace_wait_us(&b, 0));
}

static void success_begins_again_from_the_first_wait(void **state) {
    struct pace p;
    struct http_response ok = answer(200), busy = answer(429), missing = answer(404);
    int64_t now = 0;
    (void)state;
    pace_init(&p, 0, 0, S, 60 * S, 1);
    for (int i = 0; i < 4; i++) {
        pace_answered(&p, now, &busy);
        now += pace_wait_us(&p, now);
    }
    pace_answered(&p, now, &missing); /* 404 is an answer like any other */
    pace_answered(&p, now, &busy);
    assert_between(pace_wait_us(&p, now), S, S * 5 / 4 + 1);
    now += 60 * S;
    pace_answered(&p, now, &ok);
    assert_int_equal(pace_wait_us(&p, now), 0);
}

static void retry_after_is_kept_to_even_beyond_the_longest_wait(void **state) {
    static const struct {
        int status;
        int64_t announced, low, high;
    } rows[] = {
        { 429, 7 * S, 7 * S, 7 * S * 5 / 4 + 1 },
        { 503, 120 * S, 120 * S, 150 * S + 1 },
        { 429, 0, S, S * 5 / 4 + 1 }, /* "now" from one that has just refused is no help */
        { 429, (int64_t)30 * 86400 * S, (int64_t)3600 * S, (int64_t)3600 * S },
    };
    (void)state;
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        struct pace p;
        struct http_response r = answer(rows[i].status);
        r.retry_after_us = rows[i].announced;
        pace_init(&p, 100, 100, S, 60 * S, 3);
        pace_answered(&p, 50 * S, &r);
        assert_between(pace_wait_us(&p, 50 * S), rows[i].low, rows[i].high);
    }
}

static void four_lanes_refused_together_count_once(void **state) {
    struct pace p;
    struct http_response r = answer(429);
    (void)state;
    pace_init(&p, 0, 0, S, 60 * S, 1);
    for (int i = 0; i < 4; i++)
        pace_answered(&p, 10 * S + i, &r);
    assert_between(pace_wait_us(&p, 10 * S), S, S * 5 / 4 + 4);
    assert_int_equal(p.refusals, 1);
}

static void a_late_success_does_not_end_the_pause_nor_the_growth(void **state) {
    struct pace p;
    struct http_response ok = answer(200);
    (void)state;
    pace_init(&p, 0, 0, S, 60 * S, 1);
    pace_no_answer(&p, 0);
    int64_t wait = pace_wait_us(&p, 0);
    pace_answered(&p, wait / 2, &ok); /* was sent before */
    assert_int_equal(pace_wait_us(&p, wait / 2), wait - wait / 2);
    pace_no_answer(&p, wait);
    assert_between(pace_wait_us(&p, wait), 2 * S, 2 * S * 5 / 4 + 1);
}

static void after_a_refusal_there_is_no_burst(void **state) {
    struct pace p;
    struct http_response r = answer(429);
    (void)state;
    pace_init(&p, 10, 100, S, 60 * S, 1);
    pace_answered(&p, 0, &r);
    int64_t now = pace_wait_us(&p, 0);
    assert_int_equal(pace_wait_us(&p, now), 0);
    assert_int_equal(pace_wait_us(&p, now), S / 10);
}

static void what_the_remote_announces_is_learned_and_the_lower_rate_counts(void **state) {
    static const struct {
        double per_s, burst, remaining, replenish, capacity;
        int least, most; /* asked within ten seconds after the answer */
    } rows[] = {
        { 0, 0, 4, 2, 10, 23, 25 },                                  /* 4 left and 2 a second */
        { 0, 0, 0, 2, -1, 19, 20 },     { 5, 15, 3, 2, 10, 22, 24 }, /* slower than the ceiling */
        { 1, 1, 100, 30, 100, 10, 12 },                              /* faster: the ceiling holds */
        { 5, 15, 3, -1, -1, 52, 54 },                                /* only the level is told */
    };
    (void)state;
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        struct pace p;
        struct http_response r = answer(200);
        r.rate_remaining = rows[i].remaining;
        r.rate_replenish = rows[i].replenish;
        r.rate_burst = rows[i].capacity;
        pace_init(&p, rows[i].per_s, rows[i].burst, S, 60 * S, 1);
        assert_int_equal(pace_wait_us(&p, 9 * S), 0);
        pace_answered(&p, 10 * S, &r);
        assert_between(asked_in(&p, 10 * S, 10 * S), rows[i].least, rows[i].most);
    }
}

static void nothing_left_and_a_reset_announced_waits_for_the_reset(void **state) {
    struct pace p;
    struct http_response r = answer(200);
    (void)state;
    r.rate_remaining = 0;
    r.rate_reset_s = 3.5;
    pace_init(&p, 0, 0, S, 60 * S, 1);
    pace_answered(&p, 10 * S, &r);
    assert_int_equal(pace_wait_us(&p, 10 * S), 3500000);
    r.rate_remaining = 1;
    pace_answered(&p, 20 * S, &r);
    assert_int_equal(pace_wait_us(&p, 20 * S), 0);
}

static void a_tiny_announced_rate_ends_in_a_bounded_wait(void **state) {
    struct pace p;
    struct http_response r = answer(200);
    (void)state;
    r.rate_remaining = 0;
    r.rate_replenish = 1e-300;
    pace_init(&p, 5, 5, S, 60 * S, 1);
    pace_answered(&p, 10 * S, &r);
    assert_between(pace_wait_us(&p, 10 * S), 1, (int64_t)3600 * S);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_ceiling_nothing_waits),
        cmocka_unit_test(a_burst_goes_at_once_and_then_the_rate_holds),
        cmocka_unit_test(the_wait_is_exactly_until_the_next_token),
        cmocka_unit_test(a_clock_set_back_stops_nothing),
        cmocka_unit_test(refusals_without_a_word_double_up_to_the_longest_wait),
        cmocka_unit_test(jitter_differs_between_seeds),
        cmocka_unit_test(success_begins_again_from_the_first_wait),
        cmocka_unit_test(retry_after_is_kept_to_even_beyond_the_longest_wait),
        cmocka_unit_test(four_lanes_refused_together_count_once),
        cmocka_unit_test(a_late_success_does_not_end_the_pause_nor_the_growth),
        cmocka_unit_test(after_a_refusal_there_is_no_burst),
        cmocka_unit_test(what_the_remote_announces_is_learned_and_the_lower_rate_counts),
        cmocka_unit_test(nothing_left_and_a_reset_announced_waits_for_the_reset),
        cmocka_unit_test(a_tiny_announced_rate_ends_in_a_bounded_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
