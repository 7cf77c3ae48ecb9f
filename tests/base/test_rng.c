#include "tests/base/helper.h"
#include "base/rng.h"

/* What the author's own pcg32-demo prints for seed 42, stream 54. */
static void the_numbers_are_those_of_pcg32(void **state) {
    static const uint32_t known[] = { 0xa15c02b7, 0x7b47f409, 0xba1d3330,
                                      0x83d2f293, 0xbfa4784b, 0xcbed606e };
    struct rng r;
    (void)state;
    rng_init(&r, 42, 54);
    for (size_t i = 0; i < RC_LEN(known); i++)
        assert_int_equal(rng_u32(&r), known[i]);
    rng_init(&r, 42, 54);
    assert_int_equal(rng_u64(&r), UINT64_C(0xa15c02b77b47f409));
}

static void streams_and_seeds_differ(void **state) {
    struct rng a, b, c;
    (void)state;
    rng_init(&a, 1, 1);
    rng_init(&b, 1, 2);
    rng_init(&c, 2, 1);
    uint64_t x = rng_u64(&a), y = rng_u64(&b), z = rng_u64(&c);
    assert_true(x != y && y != z && x != z);
}

static void below_is_in_range_and_even(void **state) {
    struct rng r;
    unsigned hits[7] = { 0 }, high = 0;
    (void)state;
    rng_init(&r, 7, 7);
    for (int i = 0; i < 70000; i++) {
        hits[rng_below(&r, 7)]++;
        high += rng_below(&r, 3u << 30) >=
                2u << 30; /* a plain remainder would make this a quarter, not a third */
    }
    for (size_t i = 0; i < RC_LEN(hits); i++)
        assert_in_range(hits[i], 9500, 10500);
    assert_in_range(high, 22500, 24200);
    assert_int_equal(rng_below(&r, 1), 0);
}

static void unit_is_from_0_to_below_1(void **state) {
    struct rng r;
    double sum = 0;
    (void)state;
    rng_init(&r, 7, 7);
    for (int i = 0; i < 10000; i++) {
        double x = rng_unit(&r);
        assert_true(x >= 0 && x < 1);
        sum += x;
    }
    assert_true(sum > 4850 && sum < 5150);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_numbers_are_those_of_pcg32),
        cmocka_unit_test(streams_and_seeds_differ),
        cmocka_unit_test(below_is_in_range_and_even),
        cmocka_unit_test(unit_is_from_0_to_below_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
