#include "tests/base/helper.h"
#include "base/buf.h"

static void a_buffer_always_ends_with_nul(void **state) {
    struct buf b;
    (void)state;
    buf_init(&b, 100);
    assert_string_equal(b.ptr, "");
    assert_true(buf_append(&b, NULL, 0));
    assert_string_equal(b.ptr, "");
    assert_true(buf_str(&b, "one"));
    assert_true(buf_char(&b, ' '));
    assert_true(buf_printf(&b, "%d-%s", 2, "three"));
    assert_true(buf_append(&b, "\0x", 2));
    assert_int_equal(b.len, 13);
    assert_memory_equal(b.ptr, "one 2-three\0x", 14);
    buf_clear(&b);
    assert_string_equal(b.ptr, "");
    assert_int_equal(b.len, 0);
    buf_done(&b);
    assert_string_equal(b.ptr, "");
    assert_true(buf_str(&b, "again")); /* usable after done, with the same limit */
    buf_done(&b);
    buf_done(&b);
}

static void the_limit_is_exact_for_every_way_of_appending(void **state) {
    struct buf b;
    (void)state;
    for (size_t max = 0; max < 300; max++) {
        buf_init(&b, max);
        for (size_t i = 0; i < max; i++)
            assert_true(i % 3 == 0   ? buf_char(&b, 'a')
                        : i % 3 == 1 ? buf_str(&b, "b")
                                     : buf_printf(&b, "%c", 'c'));
        assert_false(b.full);
        assert_int_equal(b.len, max);
        switch (max % 4) {
        case 0: assert_false(buf_char(&b, 'x')); break;
        case 1: assert_false(buf_printf(&b, "%d", 1)); break;
        case 2: assert_false(buf_append(&b, "xyz", SIZE_MAX)); break;
        default: assert_null(buf_room(&b, 1)); break;
        }
        assert_true(b.full);
        assert_int_equal(b.len, max);
        assert_int_equal(b.ptr[max], '\0');
        buf_done(&b);
    }
}

static void once_full_nothing_is_appended_until_it_is_cleared(void **state) {
    struct buf b;
    (void)state;
    buf_init(&b, 5);
    assert_true(buf_str(&b, "abc"));
    assert_false(buf_str(&b, "def"));
    assert_false(buf_char(&b, 'd')); /* would fit, and would leave a hole */
    assert_false(buf_printf(&b, "%s", ""));
    assert_string_equal(b.ptr, "abc");
    buf_clear(&b);
    assert_true(buf_str(&b, "abcde"));
    assert_false(b.full);
    buf_done(&b);
}

static void room_is_filled_by_others(void **state) {
    struct buf b;
    (void)state;
    buf_init(&b, 1000);
    for (int i = 0; i < 10; i++) {
        char *room = buf_room(&b, 100);
        assert_non_null(room);
        memset(room, 'a' + i, 100);
        buf_grew(&b, 50 + (size_t)i);
        assert_int_equal(b.ptr[b.len], '\0');
    }
    assert_int_equal(b.len, 545);
    assert_int_equal(b.ptr[49], 'a');
    assert_int_equal(b.ptr[50], 'b');
    assert_int_equal(b.ptr[544], 'j');
    buf_grew(&b, 0);
    buf_done(&b);
}

static void claims_more_than_there_was_room_for(void) {
    struct buf b;
    buf_init(&b, 1000);
    (void)buf_room(&b, 10);
    buf_grew(&b, 1000);
}

static void growing_beyond_the_room_ends_the_process(void **state) {
    char said[500];
    (void)state;
    assert_int_equal(stderr_of(claims_more_than_there_was_room_for, said, sizeof said), 1);
    assert_non_null(strstr(said, "no room"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_always_ends_with_nul),
        cmocka_unit_test(the_limit_is_exact_for_every_way_of_appending),
        cmocka_unit_test(once_full_nothing_is_appended_until_it_is_cleared),
        cmocka_unit_test(room_is_filled_by_others),
        cmocka_unit_test(growing_beyond_the_room_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
