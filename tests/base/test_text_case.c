#include "tests/base/helper.h"
#include "base/text.h"

static const struct case_row {
    const char *name, *text, *lower, *upper;
} cases[] = {
    { "ascii", "Mira 7", "mira 7", "MIRA 7" },
    { "umlauts", "\xc3\x84rztin", "\xc3\xa4rztin", "\xc3\x84RZTIN" },
    { "a letter whose other case is longer", "\xc8\xba", "\xe2\xb1\xa5", "\xc8\xba" },
    { "a dotless i", "\xc4\xb1", "\xc4\xb1", "I" },
    { "letters without a case", "\xe6\x9d\x8e\xf0\x9f\x98\x80", "\xe6\x9d\x8e\xf0\x9f\x98\x80",
      "\xe6\x9d\x8e\xf0\x9f\x98\x80" },
    { "greek", "\xce\xa3\xcf\x83", "\xcf\x83\xcf\x83", "\xce\xa3\xce\xa3" },
    { "bytes that are no utf-8 stay",
      "A\xff"
      "b\xc3",
      "a\xff"
      "b\xc3",
      "A\xff"
      "B\xc3" },
};

static void each_letter_has_its_other_case(void **state) {
    const struct case_row *r = *state;
    char room[64];
    struct text t = text_of(r->text);
    for (int upper = 0; upper <= 1; upper++) {
        const char *want = upper ? r->upper : r->lower;
        assert_int_equal(text_cased_bytes(t, upper), strlen(want));
        assert_true(text_is(text_cased(t, upper, room), want));
    }
    assert_int_equal(text_cased(TEXT_NONE, true, room).state, TEXT_EMPTY);
    assert_int_equal(text_cased((struct text){ 0 }, true, room).state, TEXT_MISSING);
    assert_int_equal(text_cased_bytes((struct text){ 0 }, true), 0);
}

static const struct first_row {
    const char *name, *text;
    size_t characters, want;
} firsts[] = {
    { "none", "abc", 0, 0 },
    { "two", "abc", 2, 2 },
    { "all", "abc", 3, 3 },
    { "more than there are", "abc", 7, 3 },
    { "letters of several bytes", "\xc3\xa4\xe6\x9d\x8ez", 2, 5 },
    { "an accent of its own belongs to its letter", "e\xcc\x81x", 1, 3 },
    { "a flag is one", "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaax", 1, 8 },
    { "a family is one", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7x", 1, 11 },
    { "nothing", "", 3, 0 },
    { "bytes that are no utf-8 count one by one", "\xff\xff\xff", 2, 2 },
};

static void so_many_bytes_are_the_first_characters(void **state) {
    const struct first_row *r = *state;
    assert_int_equal(text_first_bytes(text_of(r->text), r->characters), r->want);
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(cases) + RC_LEN(firsts)];
    size_t n = 0;
    ADD_ROWS(tests, n, cases, each_letter_has_its_other_case);
    ADD_ROWS(tests, n, firsts, so_many_bytes_are_the_first_characters);
    return RUN_TESTS(tests, n);
}
