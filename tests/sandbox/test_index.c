/* The two tables that the sandbox's platform is found through, against the simplest thing that does
 * the same. */
#include "tests/check.h"
#include <stdio.h>
#include <string.h>
#include "base/arena.h"
#include "base/rng.h"
#include "sandbox/learnamp/index.h"
#include "sandbox/learnamp/numbers.h"

enum { NUMBERS = 300, STEPS = 20000 };

static void a_set_of_numbers_has_what_was_added_and_not_removed_in_ascending_order(void **state) {
    struct numbers set = { 0 };
    bool have[NUMBERS] = { false };
    struct rng rng;
    (void)state;
    rng_init(&rng, 1, 1);
    for (int step = 0; step < STEPS; step++) {
        uint32_t number = rng_below(&rng, NUMBERS);
        bool adds = rng_below(&rng, 2) == 0;
        assert_int_equal(adds ? numbers_add(&set, number) : numbers_remove(&set, number),
                         adds ? !have[number] : have[number]);
        have[number] = adds;
        uint32_t asked = rng_below(&rng, NUMBERS);
        assert_int_equal(numbers_have(&set, asked), have[asked]);
    }
    size_t n = 0;
    for (uint32_t number = 0; number < NUMBERS; number++)
        if (have[number])
            assert_int_equal(set.all[n++], number);
    assert_int_equal(set.n, n);
    numbers_done(&set);
    assert_false(numbers_have(&set, 1));
}

/* How often `number` is found under `hash`. */
static unsigned found(const struct index *x, uint64_t hash, uint32_t number) {
    unsigned n = 0;
    uint32_t one;
    for (size_t at = 0; index_next(x, hash, &at, &one);)
        n += one == number;
    return n;
}

static void an_index_finds_every_number_under_its_hashes_whatever_came_and_went(void **state) {
    struct index x = { 0 };
    static bool have[NUMBERS][4];
    struct rng rng;
    (void)state;
    rng_init(&rng, 2, 1);
    for (int step = 0; step < STEPS; step++) {
        uint32_t number = rng_below(&rng, NUMBERS), which = rng_below(&rng, 4);
        uint64_t hash = 1 + (number + which * 7) % 64; /* many share one, and one slot */
        if (have[number][which])
            index_remove(&x, hash, number);
        else
            index_put(&x, hash, number);
        have[number][which] = !have[number][which];
    }
    for (uint32_t number = 0; number < NUMBERS; number++)
        for (uint64_t hash = 1; hash <= 64; hash++) {
            unsigned wanted = 0;
            for (uint32_t which = 0; which < 4; which++)
                wanted += have[number][which] && 1 + (number + which * 7) % 64 == hash;
            assert_int_equal(found(&x, hash, number), wanted);
        }
    index_done(&x);
    assert_int_equal(found(&x, 1, 1), 0);
}

static void a_folded_hash_is_the_same_for_both_cases_of_a_letter_and_only_for_those(void **state) {
    (void)state;
    assert_true(index_hash_fold("Ana@X.org", 9) == index_hash_fold("aNA@x.ORG", 9));
    assert_false(index_hash("Ana", 3) == index_hash("ana", 3));
    assert_false(index_hash_fold("I", 1) == index_hash_fold("\xc4\xb1", 2));
    assert_false(index_hash_fold("@", 1) == index_hash_fold("`", 1));
    assert_false(index_hash("", 0) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_of_numbers_has_what_was_added_and_not_removed_in_ascending_order),
        cmocka_unit_test(an_index_finds_every_number_under_its_hashes_whatever_came_and_went),
        cmocka_unit_test(a_folded_hash_is_the_same_for_both_cases_of_a_letter_and_only_for_those),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
