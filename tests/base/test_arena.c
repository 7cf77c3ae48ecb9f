#include <stdalign.h>
#include "tests/base/helper.h"
#include "base/arena.h"

static void pieces_are_aligned_apart_and_keep_what_is_written(void **state) {
    static const size_t sizes[] = { 0, 1, 7, 16, 100, 9000, 3, 2000000, 5 };
    unsigned char *pieces[RC_LEN(sizes)];
    struct arena a;
    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < RC_LEN(sizes); i++) {
        pieces[i] = arena_alloc(&a, sizes[i]);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        memset(pieces[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < RC_LEN(sizes); i++)
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(pieces[i][k], i + 1);
    assert_true(a.used_bytes >= 2009132);
    arena_done(&a);
    assert_null(a.first);
}

static void zeroed_pieces_are_zero_after_a_reset_too(void **state) {
    struct arena a;
    (void)state;
    arena_init(&a);
    memset(arena_alloc(&a, 500), 0xff, 500);
    arena_reset(&a);
    assert_int_equal(a.used_bytes, 0);
    const char *zeros = arena_zalloc(&a, 500);
    const int *numbers = ARENA_NEW(&a, int, 50);
    for (size_t i = 0; i < 500; i++)
        assert_int_equal(zeros[i], 0);
    for (size_t i = 0; i < 50; i++)
        assert_int_equal(numbers[i], 0);
    arena_done(&a);
}

static void a_loop_over_pages_settles_on_one_block(void **state) {
    struct arena a;
    const struct arena_block *settled = NULL;
    (void)state;
    arena_init(&a);
    for (int page = 0; page < 10; page++) {
        for (int i = 0; i < 500; i++)
            memset(arena_alloc(&a, 1000), page, 1000);
        if (page >= 3) { /* half a megabyte is one block by now, and the same one each time */
            assert_ptr_equal(a.first, a.last);
            assert_true(settled == NULL || settled == a.first);
            settled = a.first;
        }
        arena_reset(&a);
    }
    arena_done(&a);
}

static void a_giant_does_not_stay(void **state) {
    struct arena a;
    (void)state;
    arena_init(&a);
    memset(arena_alloc(&a, 8 << 20), 1, 8 << 20);
    arena_reset(&a);
    assert_null(a.first);
    memset(arena_alloc(&a, 10), 1, 10);
    memset(arena_alloc(&a, 8 << 20), 1, 8 << 20);
    arena_reset(&a);
    assert_non_null(a.first);
    assert_true(a.end - a.next <= 1 << 20);
    arena_done(&a);
}

static void copies_are_copies(void **state) {
    struct arena a;
    char from[] = "abcdef";
    (void)state;
    arena_init(&a);
    char *copy = arena_copy(&a, from, 3), *str = arena_str(&a, from, 4),
         *empty = arena_str(&a, NULL, 0);
    char *long_text = arena_printf(&a, "%s-%05d-%0*d", from, 42, 20000, 7);
    from[0] = 'X';
    assert_memory_equal(copy, "abc", 3);
    assert_string_equal(str, "abcd");
    assert_string_equal(empty, "");
    assert_int_equal(strlen(long_text), 6 + 1 + 5 + 1 + 20000);
    assert_memory_equal(long_text, "abcdef-00042-000", 16);
    assert_int_equal(long_text[20012], '7');
    assert_non_null(arena_copy(&a, NULL, 0));
    arena_done(&a);
}

/* The sanitizers end the process themselves unless told to return NULL, as the C library does. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1";
}
const char *__tsan_default_options(void);
const char *__tsan_default_options(void) {
    return "allocator_may_return_null=1";
}

static void asks_for_too_much(void) {
    struct arena a;
    arena_init(&a);
    (void)arena_alloc(&a, SIZE_MAX - 8);
}

static volatile size_t third_of_all =
    SIZE_MAX / 3; /* volatile: or the compiler sees what is coming */
static void asks_for_too_many(void) {
    struct arena a;
    arena_init(&a);
    (void)ARENA_NEW(&a, int64_t, third_of_all);
}

static void mallocs_too_much(void) {
    mem_free(mem_alloc(third_of_all));
}

static void sizes_that_overflow_end_the_process(void **state) {
    char said[20000];
    (void)state;
    assert_int_equal(stderr_of(asks_for_too_much, said, sizeof said), 1);
    assert_non_null(strstr(said, "out of memory"));
    assert_int_equal(stderr_of(asks_for_too_many, said, sizeof said), 1);
    assert_non_null(strstr(said, "out of memory"));
    assert_int_equal(stderr_of(mallocs_too_much, said, sizeof said), 1);
    assert_non_null(strstr(said, "test_arena: out of memory"));
}

static void memory_of_no_bytes_is_memory(void **state) {
    (void)state;
    void *p = mem_alloc(0), *z = mem_zalloc(0), *grown = mem_realloc(NULL, 0);
    char *s = mem_str("abc");
    assert_non_null(p);
    assert_non_null(z);
    assert_non_null(grown);
    assert_string_equal(s, "abc");
    s = mem_realloc(s, 1000);
    assert_string_equal(s, "abc");
    mem_free(p);
    mem_free(z);
    mem_free(grown);
    mem_free(s);
    mem_free(NULL);
}

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
static void the_sanitizer_sees_what_was_not_given_out(void **state) {
    struct arena a;
    (void)state;
    arena_init(&a);
    char *p = arena_alloc(&a, 24), *q = arena_alloc(&a, 24);
    assert_false(__asan_address_is_poisoned(p + 23));
    assert_true(__asan_address_is_poisoned(p + 24));
    assert_false(__asan_address_is_poisoned(q));
    assert_true(__asan_address_is_poisoned(q + 24));
    arena_reset(&a);
    assert_true(__asan_address_is_poisoned(p));
    arena_done(&a);
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_aligned_apart_and_keep_what_is_written),
        cmocka_unit_test(zeroed_pieces_are_zero_after_a_reset_too),
        cmocka_unit_test(a_loop_over_pages_settles_on_one_block),
        cmocka_unit_test(a_giant_does_not_stay),
        cmocka_unit_test(copies_are_copies),
        cmocka_unit_test(sizes_that_overflow_end_the_process),
        cmocka_unit_test(memory_of_no_bytes_is_memory),
#if defined(__SANITIZE_ADDRESS__)
        cmocka_unit_test(the_sanitizer_sees_what_was_not_given_out),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
