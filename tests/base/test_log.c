#include "tests/base/helper.h"
#include "base/log.h"

static void logs_each_level(void) {
    log_error("a=%d", 1);
    log_warn("b=%s", "x\ny");
    log_info("c=3");
    log_debug("d=4");
}

static void only_what_is_at_or_below_the_level_is_written(void **state) {
    char said[4000];
    (void)state;
    unsetenv("JOURNAL_STREAM");
    assert_int_equal(stderr_of(logs_each_level, said, sizeof said), 0);
    assert_string_equal(said, "level=error a=1\nlevel=warn b=x y\n");
    log_set_level(LOG_LEVEL_DEBUG);
    (void)stderr_of(logs_each_level, said, sizeof said);
    assert_string_equal(said,
                        "level=error a=1\nlevel=warn b=x y\nlevel=info c=3\nlevel=debug d=4\n");
    log_set_level(LOG_LEVEL_ERROR);
    (void)stderr_of(logs_each_level, said, sizeof said);
    assert_string_equal(said, "level=error a=1\n");
}

static void under_systemd_a_line_begins_with_its_priority(void **state) {
    char said[4000];
    (void)state;
    setenv("JOURNAL_STREAM", "9:1234", 1);
    log_set_level(LOG_LEVEL_DEBUG);
    (void)stderr_of(logs_each_level, said, sizeof said);
    assert_string_equal(
        said, "<3>level=error a=1\n<4>level=warn b=x y\n<6>level=info c=3\n<7>level=debug d=4\n");
    unsetenv("JOURNAL_STREAM");
}

static void logs_much(void) {
    char many[5000];
    memset(many, 'x', sizeof many);
    many[0] = 'a';
    for (size_t i = 1; i + 3 < sizeof many; i += 3)
        memcpy(many + i, "\xe2\x82\xac", 3);
    many[sizeof many - 1] = '\0';
    log_error("%s", many);
    log_error("%s", many + 1);
}

static void a_long_line_is_cut_between_characters(void **state) {
    char said[10000];
    (void)state;
    (void)stderr_of(logs_much, said, sizeof said);
    const char *first_end = strchr(said, '\n'), *second_end = strchr(first_end + 1, '\n');
    size_t first = (size_t)(first_end - said) - strlen("level=error a");
    size_t second = (size_t)(second_end - first_end) - 1 - strlen("level=error ");
    assert_in_range(first, 2020, 2048);
    assert_int_equal(first % 3, 0);
    assert_in_range(second, 2020, 2048);
    assert_int_equal(second % 3, 0);
    assert_string_equal(second_end, "\n");
}

static const struct parse_row {
    const char *name, *word;
    enum rc_code code;
    enum log_level level;
} parse_rows[] = {
    { "error is a level", "error", RC_OK, LOG_LEVEL_ERROR },
    { "warn is a level", "warn", RC_OK, LOG_LEVEL_WARN },
    { "info is a level", "info", RC_OK, LOG_LEVEL_INFO },
    { "debug is a level", "debug", RC_OK, LOG_LEVEL_DEBUG },
    { "capitals are no level", "WARN", RC_INVALID, LOG_LEVEL_ERROR },
    { "nothing is no level", "", RC_INVALID, LOG_LEVEL_ERROR },
};

static void the_word_is_the_level(void **state) {
    const struct parse_row *r = *state;
    enum log_level level = (enum log_level)77;
    struct rc_error err;
    assert_int_equal(log_level_parse(r->word, &level, &err), r->code);
    assert_int_equal(level, r->code == RC_OK ? r->level : 77);
    if (r->code != RC_OK)
        assert_non_null(strstr(err.text, "error, warn, info or debug"));
}

static const struct quote_row {
    const char *name, *value;
    unsigned long bytes;
    const char *want;
} quote_rows[] = {
    { "a plain value", "abc", 100, "\"abc\"" },
    { "no value", NULL, 100, "\"\"" },
    { "quotes and backslashes", "a \"b\\", 100, "\"a \\\"b\\\\\"" },
    { "white space that breaks lines", "a\nb\tc\rd", 100, "\"a\\nb\\tc\\x0dd\"" },
    { "an escape sequence", "\x1b[0m\x7f", 100, "\"\\x1b[0m\\x7f\"" },
    { "UTF-8 stays", "Zo\xc3\xab", 100, "\"Zo\xc3\xab\"" },
    { "what is not UTF-8 is spelt out", "Zo\xeb", 100, "\"Zo\\xeb\"" },
    { "cut to fit exactly", "abcdef", 6, "\"abc\"" },
    { "never cut inside an escape", "abc\n", 7, "\"abc\"" },
    { "never cut inside a character", "ab\xe2\x82\xac", 7, "\"ab\"" },
    { "room for quotes alone", "abc", 3, "\"\"" },
    { "no room for quotes", "abc", 2, "" },
};

static void the_quoted_value_is_that_of_the_row(void **state) {
    const struct quote_row *r = *state;
    char *out = malloc(r->bytes); /* of its own, so that the sanitizer sees a byte too many */
    assert_string_equal(log_quote(r->value, out, r->bytes), r->want);
    free(out);
}

int main(void) {
    struct CMUnitTest tests[40];
    size_t n = 0;
    ADD_TEST(tests, n, only_what_is_at_or_below_the_level_is_written);
    ADD_TEST(tests, n, under_systemd_a_line_begins_with_its_priority);
    ADD_TEST(tests, n, a_long_line_is_cut_between_characters);
    ADD_ROWS(tests, n, parse_rows, the_word_is_the_level);
    ADD_ROWS(tests, n, quote_rows, the_quoted_value_is_that_of_the_row);
    return RUN_TESTS(tests, n);
}
