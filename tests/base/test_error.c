#include "tests/base/helper.h"
#include "base/error.h"

static void a_failure_fills_code_text_and_an_empty_name(void **state) {
    struct rc_error err = { .retry_at_us = 7 };
    (void)state;
    assert_int_equal(rc_fail(&err, RC_AUTH, "scope %s is missing", "a:b"), RC_AUTH);
    assert_int_equal(err.code, RC_AUTH);
    assert_string_equal(err.text, "scope a:b is missing");
    assert_string_equal(err.name, "");
    assert_int_equal(err.retry_at_us, 0);
}

static void a_named_failure_keeps_its_name_when_context_is_added(void **state) {
    struct rc_error err;
    (void)state;
    assert_int_equal(rc_fail_as(&err, RC_INVALID, "personio.answer", "no \"data\""), RC_INVALID);
    assert_int_equal(rc_context(&err, RC_RETRY, "page %d", 3), RC_INVALID);
    assert_string_equal(err.name, "personio.answer");
    assert_string_equal(err.text, "page 3: no \"data\"");
}

static void without_an_error_the_code_comes_back(void **state) {
    (void)state;
    assert_int_equal(rc_fail(NULL, RC_LIMITED, "x"), RC_LIMITED);
    assert_int_equal(rc_fail_as(NULL, RC_FATAL, "n", "x"), RC_FATAL);
    assert_int_equal(rc_context(NULL, RC_UNSURE, "x"), RC_UNSURE);
}

static void an_error_may_quote_itself(void **state) {
    struct rc_error err;
    (void)state;
    (void)rc_fail(&err, RC_RETRY, "inner");
    (void)rc_fail(&err, RC_FATAL, "outer: %s", err.text);
    assert_string_equal(err.text, "outer: inner");
}

static void control_characters_never_make_a_second_line(void **state) {
    struct rc_error err;
    (void)state;
    (void)rc_fail(&err, RC_INVALID, "said %s", "a\nb\r\x1b[31m\x7f");
    assert_string_equal(err.text, "said a b  [31m ");
    (void)rc_context(&err, RC_INVALID, "x\ny");
    assert_string_equal(err.text, "x y: said a b  [31m ");
}

static void a_long_text_is_cut_between_characters(void **state) {
    char many[1000];
    struct rc_error err;
    (void)state;
    for (size_t shift = 0; shift < 3;
         shift++) { /* the euro sign is three bytes: cut at each of them */
        memset(many, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof many; i += 3)
            memcpy(many + i, "\xe2\x82\xac", 4);
        (void)rc_fail(&err, RC_INVALID, "%s", many);
        size_t len = strlen(err.text);
        assert_in_range(len, sizeof err.text - 6, sizeof err.text - 1);
        assert_int_equal((len - shift) % 3, 0);
        assert_memory_equal(err.text, many, len);
        (void)rc_context(&err, RC_INVALID, "%s", "yy");
        len = strlen(err.text);
        assert_in_range(len, sizeof err.text - 8, sizeof err.text - 1);
        assert_int_equal((len - shift - 4) % 3, 0);
    }
    memset(many, 'x', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    (void)rc_fail(&err, RC_INVALID, "inner");
    (void)rc_context(&err, RC_INVALID, "%s", many);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

static void every_code_has_a_name_of_its_own(void **state) {
    static const char *const names[] = { "ok",        "retry",    "unsure",  "limited", "auth",
                                         "not_found", "conflict", "invalid", "fatal" };
    (void)state;
    for (size_t i = 0; i < RC_LEN(names); i++)
        assert_string_equal(rc_code_name((enum rc_code)i), names[i]);
    assert_string_equal(rc_code_name((enum rc_code)99), "unknown");
}

static void dies(void) {
    rc_die("the store is %s", "gone\nreally");
}

static void rc_die_says_one_line_and_ends_with_status_1(void **state) {
    char said[1000];
    (void)state;
    assert_int_equal(stderr_of(dies, said, sizeof said), 1);
    assert_string_equal(said, "test_error: the store is gone really\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_fills_code_text_and_an_empty_name),
        cmocka_unit_test(a_named_failure_keeps_its_name_when_context_is_added),
        cmocka_unit_test(without_an_error_the_code_comes_back),
        cmocka_unit_test(an_error_may_quote_itself),
        cmocka_unit_test(control_characters_never_make_a_second_line),
        cmocka_unit_test(a_long_text_is_cut_between_characters),
        cmocka_unit_test(every_code_has_a_name_of_its_own),
        cmocka_unit_test(rc_die_says_one_line_and_ends_with_status_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
