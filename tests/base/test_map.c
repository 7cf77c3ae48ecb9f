#include "tests/base/helper.h"
#include "base/map.h"

static void an_empty_map_finds_nothing(void **state) {
    struct map m;
    (void)state;
    map_init(&m);
    assert_null(map_find(&m, "a", 1));
    assert_null(map_entry_find(&m, "", 0));
    map_done(&m);
}

static void what_was_set_is_found_and_listed_in_order(void **state) {
    static int values[5000];
    struct map m;
    char key[20];
    (void)state;
    map_init(&m);
    for (int i = 0; i < 5000; i++) {
        int n = snprintf(key, sizeof key, "key-%d", i * 7);
        assert_true(map_set(&m, key, (size_t)n, &values[i]));
    }
    assert_int_equal(m.n, 5000);
    for (int i = 0; i < 5000; i++) {
        int n = snprintf(key, sizeof key, "key-%d", i * 7);
        assert_ptr_equal(map_find(&m, key, (size_t)n), &values[i]);
        assert_string_equal(m.entries[i].key, key);
        assert_int_equal(m.entries[i].key_len, n);
        n = snprintf(key, sizeof key, "key-%d", i * 7 + 1);
        assert_null(map_find(&m, key, (size_t)n));
    }
    map_done(&m);
    map_init(&m);
    assert_null(map_find(&m, "key-7", 5));
}

static void keys_are_bytes_of_a_length(void **state) {
    int a, b, c, d;
    struct map m;
    char key[] = "xyz";
    (void)state;
    map_init(&m);
    assert_true(map_set(&m, "a\0b", 3, &a));
    assert_true(map_set(&m, "a\0c", 3, &b));
    assert_true(map_set(&m, "a", 1, &c));
    assert_true(map_set(&m, NULL, 0, &d));
    assert_true(map_set(&m, key, 3, NULL));
    key[0] = '!'; /* the map has a copy of its own */
    assert_ptr_equal(map_find(&m, "a\0b", 3), &a);
    assert_ptr_equal(map_find(&m, "a\0c", 3), &b);
    assert_ptr_equal(map_find(&m, "a", 1), &c);
    assert_ptr_equal(map_find(&m, "", 0), &d);
    assert_null(map_find(&m, "xyz", 3)); /* its value; the entry is there */
    assert_non_null(map_entry_find(&m, "xyz", 3));
    map_done(&m);
}

static void setting_again_replaces_the_value_in_its_place(void **state) {
    int a, b;
    struct map m;
    (void)state;
    map_init(&m);
    assert_true(map_set(&m, "k", 1, &a));
    assert_true(map_set(&m, "l", 1, &a));
    assert_false(map_set(&m, "k", 1, &b));
    assert_ptr_equal(map_find(&m, "k", 1), &b);
    assert_int_equal(m.n, 2);
    assert_string_equal(m.entries[0].key, "k");
    map_done(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_finds_nothing),
        cmocka_unit_test(what_was_set_is_found_and_listed_in_order),
        cmocka_unit_test(keys_are_bytes_of_a_length),
        cmocka_unit_test(setting_again_replaces_the_value_in_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
