#include <time.h>
#include "tests/base/helper.h"
#include "base/clock.h"

static void the_system_clock_tells_the_time_of_the_machine(void **state) {
    (void)state;
    int64_t before = (int64_t)time(NULL) - 1, now = clock_now_us(&clock_system) / 1000000;
    assert_true(now >= before && now <= (int64_t)time(NULL) + 1);
}

static void the_system_sleeps_at_least_as_long_as_asked(void **state) {
    (void)state;
    int64_t before = clock_monotonic_us(&clock_system);
    clock_sleep_us(&clock_system, 2000);
    int64_t after = clock_monotonic_us(&clock_system);
    assert_true(after - before >= 2000);
    clock_sleep_us(&clock_system, 0);
    clock_sleep_us(&clock_system, INT64_MIN);
    assert_true(clock_monotonic_us(&clock_system) - after < 60000000);
}

static void a_fake_clock_stands_still_but_for_moves_and_sleeps(void **state) {
    struct clock_fake fake = { .now_us = 1000 };
    struct clock_source c = clock_fake_source(&fake);
    (void)state;
    assert_int_equal(clock_now_us(&c), 1000);
    assert_int_equal(clock_now_us(&c), 1000);
    clock_sleep_us(&c, 3600000000);
    assert_int_equal(clock_now_us(&c), 3600001000);
    clock_fake_move(&fake, -500);
    assert_int_equal(clock_now_us(&c), 3600000500);
    assert_int_equal(clock_monotonic_us(&c), 3600000500);
    clock_sleep_us(&c, -7);
    assert_int_equal(fake.slept_us, 3600000000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_system_clock_tells_the_time_of_the_machine),
        cmocka_unit_test(the_system_sleeps_at_least_as_long_as_asked),
        cmocka_unit_test(a_fake_clock_stands_still_but_for_moves_and_sleeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
