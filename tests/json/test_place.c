#include "tests/check.h"
#include "json/json.h"

static const struct row {
    const char *name, *compact, *indented;
} rows[] = {
    { "what is short and holds nothing else stays on one line", "{\"a\":1,\"b\":[]}",
      "{\"a\":1,\"b\":[]}\n" },
    { "what holds something is opened, level by level", "{\"a\":{\"b\":[1,2]},\"c\":null}",
      "{\n  \"a\": {\n    \"b\": [1,2]\n  },\n  \"c\": null\n}\n" },
    { "braces, commas and quotes within texts are none",
      "{\"a\":{\"b\":{\"{,\\\":[\":\"}],\\\\\"}}}",
      "{\n  \"a\": {\n    \"b\": {\"{,\\\":[\":\"}],\\\\\"}\n  }\n}\n" },
    { "a long list has a line each",
      "[\"0123456789012345678901234567890123456789\",\"0123456789012345678901234567890123456789\"]",
      "[\n  \"0123456789012345678901234567890123456789\",\n  "
      "\"0123456789012345678901234567890123456789\"\n]\n" },
    { "a value alone is a value alone", "true", "true\n" },
};

static void json_is_laid_out_and_means_the_same(void **state) {
    const struct row *r = *state;
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1000);
    struct buf b, again;
    json doc;
    buf_init(&b, 1000);
    buf_init(&again, 1000);
    json_indent(r->compact, strlen(r->compact), &b);
    assert_int_equal(b.len, strlen(r->indented));
    assert_memory_equal(b.ptr, r->indented, b.len);
    assert_int_equal(json_parse_copy(reader, b.ptr, b.len, &doc, NULL), RC_OK);
    json_dump(doc, &again);
    assert_int_equal(again.len, strlen(r->compact));
    assert_memory_equal(again.ptr, r->compact, again.len);
    buf_done(&b);
    buf_done(&again);
}

static const char text[] = "\n{ \"x\\\"y\": {\"b\": 1},\n  \"a\":\n   [ {\"b\": 2}, \"}\" ],\n"
                           "  \"c\": { \"a\": \"\\\\\",\n    \"b\": 3 } }\n";

static void a_key_is_found_on_its_line(void **state) {
    size_t n = strlen(text);
    (void)state;
    assert_int_equal(json_line(text, n, (const char *const[]){ NULL }), 2);
    assert_int_equal(json_line(text, n, (const char *const[]){ "a", NULL }), 3);
    assert_int_equal(json_line(text, n, (const char *const[]){ "c", NULL }), 5);
    assert_int_equal(json_line(text, n, (const char *const[]){ "c", "b", NULL }), 6);
}

static void what_is_not_there_is_on_no_line(void **state) {
    size_t n = strlen(text);
    (void)state;
    assert_int_equal(json_line(text, n, (const char *const[]){ "b", NULL }), 0);
    assert_int_equal(json_line(text, n, (const char *const[]){ "a", "b", NULL }), 0);
    assert_int_equal(json_line(text, n, (const char *const[]){ "c", "b", "x", NULL }), 0);
    assert_int_equal(json_line("", 0, (const char *const[]){ "c", NULL }), 0);
}

/* Each beginning of it, so that a cut text ends within itself. */
static void cut_off_anywhere_it_still_ends(void **state) {
    (void)state;
    for (size_t n = 0; n < strlen(text); n++) {
        struct buf b;
        char *cut = mem_alloc(n + 1);
        memcpy(cut, text, n);
        buf_init(&b, 10000);
        json_indent(cut, n, &b);
        assert_true(json_line(cut, n, (const char *const[]){ "c", "b", NULL }) <= 6);
        buf_done(&b);
        mem_free(cut);
    }
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(rows) + 3] = {
        cmocka_unit_test(a_key_is_found_on_its_line),
        cmocka_unit_test(what_is_not_there_is_on_no_line),
        cmocka_unit_test(cut_off_anywhere_it_still_ends),
    };
    for (size_t i = 0; i < RC_LEN(rows); i++)
        tests[i + 3] = (struct CMUnitTest){ .name = rows[i].name,
                                            .test_func = json_is_laid_out_and_means_the_same,
                                            .initial_state = (void *)(uintptr_t)&rows[i] };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
