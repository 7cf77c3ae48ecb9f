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

/* ---- for machines ---- */

static const struct json_row {
    const char *name, *said, *members; /* behind time and level */
} json_rows[] = {
    { "numbers are numbers", "run=12 read=-3", "\"run\":12,\"read\":-3" },
    { "what only begins like one is text", "id=007 at=2026-11-27 n=1x big=1234567890123456",
      "\"id\":\"007\",\"at\":\"2026-11-27\",\"n\":\"1x\",\"big\":\"1234567890123456\"" },
    { "quoted values lose their quotes", "reason=\"two words\" run=1",
      "\"reason\":\"two words\",\"run\":1" },
    { "and what was escaped is what it was", "text=\"a \\\"b\\\" \\\\ c\\nd\"",
      "\"text\":\"a \\\"b\\\" \\\\ c\\u000ad\"" },
    { "a quote without an end is part of a word", "a=\"b c=2", "\"a\":\"\\\"b\",\"c\":2" },
    { "words of their own are the text", "something has happened run=4",
      "\"run\":4,\"text\":\"something has happened\"" },
    { "letters of other scripts stay", "name=\"M\xc3\xbcller \xe2\x82\xac\"",
      "\"name\":\"M\xc3\xbcller \xe2\x82\xac\"" },
    { "bytes that are no text do no harm", "name=a\xff\"b", "\"name\":\"a?\\\"b\"" },
    { "an empty value is one", "name= run=1", "\"name\":\"\",\"run\":1" },
    { "a key that is none is text", "A=1 =2", "\"text\":\"A=1 =2\"" },
};
static const char *json_said;

static void logs_it(void) {
    log_set_form(LOG_FORM_JSON);
    log_error("%s", json_said);
}

static void each_line_is_one_object(void **state) {
    const struct json_row *r = *state;
    char said[6000], want[2000];
    json_said = r->said;
    assert_int_equal(stderr_of(logs_it, said, sizeof said), 0);
    snprintf(want, sizeof want, "\"level\":\"error\",%s}\n", r->members);
    const char *level = strstr(said, "\"level\"");
    assert_non_null(level);
    assert_string_equal(level, want);
    assert_memory_equal(said, "{\"time\":\"20", 11);
    assert_memory_equal(level - 3, "Z\",", 3);
}

static void logs_much_for_machines(void) {
    char many[3000];
    memset(many, 'x', sizeof many);
    many[sizeof many - 1] = '\0';
    for (size_t i = 0; i + 1 < sizeof many; i += 2)
        many[i] = '"';
    log_set_form(LOG_FORM_JSON);
    log_error("a=%s b=2 c=%s d=4", many, many);
    log_error("a=%.1500s b=%.400s c=3 d=4 e=5", many,
              many); /* the first fills it, nearly or quite */
    for (int n = 1300; n < 1420; n++)
        log_error("a=%.*s b=%d c=%d", n, many, n, n);
}

static void a_long_line_is_still_one_object(void **state) {
    static char said[600000];
    int lines = 0;
    (void)state;
    assert_int_equal(stderr_of(logs_much_for_machines, said, sizeof said), 0);
    for (const char *line = said, *end; *line != '\0'; line = end + 1, lines++) {
        end = strchr(line, '\n');
        assert_non_null(end);
        assert_in_range(end - line, 1500, 4096);
        assert_memory_equal(line, "{\"time\":\"20", 11);
        assert_int_equal(end[-1], '}');
        int quotes = 0;
        for (const char *c = line; c < end; c += *c == '\\' ? 2 : 1)
            quotes += *c == '"';
        assert_int_equal(quotes % 2, 0);
    }
    assert_int_equal(lines, 122);
}

static void logs_about_something(void) {
    log_about("job=%s/%d", "sync", 7);
    log_error("run=1");
    log_set_form(LOG_FORM_JSON);
    log_error("run=2");
    log_about_nothing();
    log_set_form(LOG_FORM_TEXT);
    log_error("run=3");
}

static void what_a_thread_is_at_stands_in_each_of_its_lines(void **state) {
    char said[4000];
    (void)state;
    (void)stderr_of(logs_about_something, said, sizeof said);
    assert_memory_equal(said, "level=error job=sync/7 run=1\n{", 30);
    assert_non_null(strstr(said, "\"level\":\"error\",\"job\":\"sync/7\",\"run\":2}\n"));
    assert_non_null(strstr(said, "}\nlevel=error run=3\n"));
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
    struct CMUnitTest tests[60];
    size_t n = 0;
    ADD_TEST(tests, n, only_what_is_at_or_below_the_level_is_written);
    ADD_TEST(tests, n, under_systemd_a_line_begins_with_its_priority);
    ADD_TEST(tests, n, a_long_line_is_cut_between_characters);
    ADD_ROWS(tests, n, parse_rows, the_word_is_the_level);
    ADD_ROWS(tests, n, json_rows, each_line_is_one_object);
    ADD_TEST(tests, n, a_long_line_is_still_one_object);
    ADD_TEST(tests, n, what_a_thread_is_at_stands_in_each_of_its_lines);
    ADD_ROWS(tests, n, quote_rows, the_quoted_value_is_that_of_the_row);
    return RUN_TESTS(tests, n);
}
