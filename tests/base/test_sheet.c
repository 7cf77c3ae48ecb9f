#include "tests/base/helper.h"
#include "base/sheet.h"

static const struct row {
    const char *name, *value, *want;
} rows[] = {
    { "a plain word", "Mira", "Mira" },
    { "nothing", "", "" },
    { "a comma", "Meyer, Mira", "\"Meyer, Mira\"" },
    { "a quote", "the \"old\" yard", "\"the \"\"old\"\" yard\"" },
    { "a line end", "a\nb", "\"a\nb\"" },
    { "an equals sign", "=1+1", "'=1+1" },
    { "a plus", "+49 421 1", "'+49 421 1" },
    { "a minus", "-", "'-" },
    { "an at", "@SUM(A1)", "'@SUM(A1)" },
    { "a tab in front", "\t=1", "\"'\t'=1\"" },
    { "a carriage return in front", "\rcmd", "\"'\rcmd\"" },
    { "a line feed in front", "\n=1", "\"'\n'=1\"" },
    { "a formula that needs quotes", "=HYPERLINK(\"http://x\",\"y\")",
      "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"" },
    { "a full-width equals sign",
      "\xef\xbc\x9d"
      "1",
      "'\xef\xbc\x9d"
      "1" },
    { "a full-width comma is no formula",
      "\xef\xbc\x8c"
      "1",
      "\xef\xbc\x8c"
      "1" },
    { "a sign in the middle", "1=1", "1=1" },
    { "an address", "mira@example.org", "mira@example.org" },
    { "a formula behind a semicolon", "a;=1+1", "\"a;'=1+1\"" },
    { "a formula behind a semicolon and blanks", "a;  @x", "\"a;'  @x\"" },
    { "a semicolon at the end", "a;", "\"a;\"" },
    { "a semicolon and a word", "a;b", "\"a;b\"" },
    { "a formula in a second line", "a\n-1", "\"a\n'-1\"" },
    { "an apostrophe stays one", "'s-Hertogenbosch", "'s-Hertogenbosch" },
};

static void a_cell_is_quoted_and_harmless(void **state) {
    const struct row *r = *state;
    struct sheet s;
    struct buf b;
    buf_init(&b, 1000);
    sheet_begin(&s, &b, false);
    sheet_cell(&s, text_of(r->value));
    bool same = strcmp(b.ptr != NULL ? b.ptr : "", r->want) == 0;
    if (!same)
        print_error("%s\n", b.ptr);
    buf_done(&b);
    assert_true(same);
}

static void rows_have_commas_between_and_line_ends_behind(void **state) {
    struct sheet s;
    struct buf b;
    (void)state;
    buf_init(&b, 1000);
    sheet_begin(&s, &b, false);
    sheet_cstr(&s, NULL);
    sheet_cstr(&s, "a");
    sheet_cell(&s, (struct text){ 0 });
    sheet_row_end(&s);
    sheet_cstr(&s, "b");
    sheet_row_end(&s);
    assert_string_equal(b.ptr, ",a,\r\nb\r\n");
    buf_done(&b);
}

static void a_byte_order_mark_comes_when_asked(void **state) {
    struct sheet s;
    struct buf b;
    (void)state;
    buf_init(&b, 1000);
    sheet_begin(&s, &b, true);
    sheet_cstr(&s, "a");
    assert_string_equal(b.ptr, "\xef\xbb\xbf"
                               "a");
    buf_done(&b);
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(rows) + 2];
    size_t n = 0;
    ADD_ROWS(tests, n, rows, a_cell_is_quoted_and_harmless);
    ADD_TEST(tests, n, rows_have_commas_between_and_line_ends_behind);
    ADD_TEST(tests, n, a_byte_order_mark_comes_when_asked);
    return RUN_TESTS(tests, n);
}
