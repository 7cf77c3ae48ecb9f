#include "tests/base/helper.h"
#include "base/arena.h"
#include "base/eight.h"

enum { LONGEST = 40 };

static bool has_a_quote(uint64_t x) {
    x ^= EIGHT_OF('"');
    return ((x - EIGHT_OF(1)) & ~x & EIGHT_OF(0x80)) != 0;
}

/* One byte of each length at each place, with memory that ends where the text does. */
static void the_one_byte_is_found_wherever_it_is_and_nothing_beside_the_text(void **state) {
    (void)state;
    for (size_t len = 0; len <= LONGEST; len++) {
        char *s = mem_alloc(len + 1);
        memset(s, 'x', len);
        s[len] = '"'; /* no longer of it */
        assert_false(eight_any(s, len, has_a_quote));
        for (size_t i = 0; i < len; i++) {
            s[i] = '"';
            assert_true(eight_any(s, len, has_a_quote));
            s[i] = 'x';
        }
        mem_free(s);
    }
}

static void fewer_than_eight_are_all_there_and_the_rest_is_blanks(void **state) {
    (void)state;
    for (size_t len = 0; len < 8; len++) {
        char text[8], word[8];
        for (size_t i = 0; i < len; i++)
            text[i] = (char)('1' + i);
        uint64_t x = eight_filled(text, len);
        memcpy(word, &x, sizeof word);
        for (size_t i = 0; i < len; i++)
            assert_non_null(memchr(word, text[i], sizeof word));
        for (size_t i = 0; i < sizeof word; i++)
            assert_true(word[i] == ' ' || memchr(text, word[i], len) != NULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_one_byte_is_found_wherever_it_is_and_nothing_beside_the_text),
        cmocka_unit_test(fewer_than_eight_are_all_there_and_the_rest_is_blanks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
