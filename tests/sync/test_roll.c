#include "tests/base/helper.h"
#include "base/rng.h"
#include "sync/roll.h"

static struct roll *roll;

static int set_up(void **state) {
    (void)state;
    roll = roll_new(0);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    roll_free(roll);
    return 0;
}

static void assert_sight(uint64_t hash, uint64_t print, enum roll_sight want, int64_t user_id) {
    int64_t got = -7;
    assert_int_equal(roll_see(roll, hash, print, &got), want);
    assert_int_equal(got, user_id);
}

static void somebody_unknown_is_new_once(void **state) {
    (void)state;
    assert_sight(5, 1, ROLL_NEW, 0);
    assert_sight(5, 1, ROLL_REPEATED, 0);
    assert_sight(5, 2, ROLL_REPEATED_OTHER, 0);
    assert_int_equal(roll_seen(roll), 1);
    assert_int_equal(roll_expected_seen(roll), 0);
}

static void somebody_known_is_the_same_or_different(void **state) {
    (void)state;
    roll_add(roll, 5, 1, 77, true);
    roll_add(roll, 6, 1, 78, true);
    assert_sight(5, 1, ROLL_SAME, 77);
    assert_sight(6, 2, ROLL_DIFFERENT, 78);
    assert_int_equal(roll_expected(roll), 2);
    assert_int_equal(roll_expected_seen(roll), 2);
}

/* What counts is what this listing said before, not what was known. */
static void a_repetition_is_compared_with_its_first_row(void **state) {
    (void)state;
    roll_add(roll, 6, 1, 78, true);
    assert_sight(6, 2, ROLL_DIFFERENT, 78);
    assert_sight(6, 2, ROLL_REPEATED, 78);
    assert_sight(6, 1, ROLL_REPEATED_OTHER, 78);
    assert_int_equal(roll_seen(roll), 1);
}

static void the_hash_may_be_anything(void **state) {
    static const uint64_t hashes[] = { 0, 1, UINT64_MAX, UINT64_MAX - 1, UINT64_C(1) << 63 };
    (void)state;
    for (size_t i = 0; i < RC_LEN(hashes); i++)
        roll_add(roll, hashes[i], 0, (int64_t)i + 1, true);
    for (size_t i = 0; i < RC_LEN(hashes); i++)
        assert_sight(hashes[i], 0, ROLL_SAME, (int64_t)i + 1);
}

static void those_expected_and_not_seen_are_missing(void **state) {
    bool found[10] = { false };
    size_t cursor = 0;
    int64_t id;
    (void)state;
    for (int i = 1; i < 10; i++)
        roll_add(roll, (uint64_t)i << 60, 1, i, i != 4); /* 4 has gone long ago */
    assert_sight(UINT64_C(1) << 60, 1, ROLL_SAME, 1);
    assert_sight(UINT64_C(2) << 60, 9, ROLL_DIFFERENT, 2);
    while (roll_next(roll, false, &cursor, &id)) {
        assert_false(found[id]);
        found[id] = true;
    }
    for (int i = 1; i < 10; i++)
        assert_int_equal(found[i], i > 2 && i != 4);
    cursor = 0;
    int n = 0;
    while (roll_next(roll, true, &cursor, &id))
        assert_in_range(id, 1, 2), n++;
    assert_int_equal(n, 2);
    assert_int_equal(roll_expected(roll), 8);
    assert_int_equal(roll_expected_seen(roll), 2);
}

static void who_is_not_expected_may_come_all_the_same(void **state) {
    (void)state;
    roll_add(roll, 5, 1, 77, false);
    assert_sight(5, 1, ROLL_SAME, 77);
    assert_int_equal(roll_expected(roll), 0);
    assert_int_equal(roll_expected_seen(roll), 0);
    assert_int_equal(roll_seen(roll), 1);
}

/* Known people come onto the roll while others are seen already. */
static void who_was_seen_before_one_with_the_same_hash_came_is_not_counted_twice(void **state) {
    (void)state;
    roll_add(roll, 5, 1, 77, true);
    assert_true(roll_has(roll, 5));
    assert_false(roll_has(roll, 6));
    assert_sight(5, 1, ROLL_SAME, 77);
    roll_add(roll, 5, 2, 78, true);
    assert_int_equal(roll_expected(roll), 0);
    assert_int_equal(roll_expected_seen(roll), 0);
    assert_sight(5, 2, ROLL_DIFFERENT, 77);
    assert_int_equal(roll_seen(roll), 2);
}

/* Two known ids with one hash: nobody is taken for the same, and nobody for missing. */
static void two_known_ids_with_one_hash_are_the_safe_side(void **state) {
    size_t cursor = 0;
    int64_t id;
    (void)state;
    roll_add(roll, 5, 1, 77, true);
    roll_add(roll, 5, 2, 78, true);
    assert_int_equal(roll_expected(roll), 0);
    assert_false(roll_next(roll, false, &cursor, &id));
    assert_int_equal(roll_see(roll, 5, 1, &id), ROLL_DIFFERENT);
}

/* Against a plain list of what went in. */
static void many_are_kept_apart_while_it_grows(void **state) {
    enum { MANY = 20000 };
    struct rng r;
    int64_t id;
    static uint64_t hash[MANY];
    (void)state;
    rng_init(&r, 1, 1);
    for (int i = 0; i < MANY; i++) {
        hash[i] = rng_u64(&r);
        if (i % 2 == 0)
            roll_add(roll, hash[i], (uint64_t)i, i + 1, true);
    }
    for (int i = 0; i < MANY; i++) {
        enum roll_sight want = i % 2 != 0 ? ROLL_NEW : i % 4 == 0 ? ROLL_SAME : ROLL_DIFFERENT;
        uint64_t print = (uint64_t)i + (i % 4 == 2);
        assert_int_equal(roll_see(roll, hash[i], print, &id), want);
        assert_int_equal(id, i % 2 != 0 ? 0 : i + 1);
        if (i % 3 == 0)
            assert_int_equal(roll_see(roll, hash[i / 2], 0, &id) >= ROLL_REPEATED, true);
    }
    assert_int_equal(roll_seen(roll), MANY);
    assert_int_equal(roll_expected_seen(roll), MANY / 2);
}

#define ROLL_TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        ROLL_TEST(somebody_unknown_is_new_once),
        ROLL_TEST(somebody_known_is_the_same_or_different),
        ROLL_TEST(a_repetition_is_compared_with_its_first_row),
        ROLL_TEST(the_hash_may_be_anything),
        ROLL_TEST(those_expected_and_not_seen_are_missing),
        ROLL_TEST(who_is_not_expected_may_come_all_the_same),
        ROLL_TEST(two_known_ids_with_one_hash_are_the_safe_side),
        ROLL_TEST(who_was_seen_before_one_with_the_same_hash_came_is_not_counted_twice),
        ROLL_TEST(many_are_kept_apart_while_it_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
