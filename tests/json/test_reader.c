#include "tests/check.h"
#include <float.h>
#include "json/json.h"

static struct json_reader *reader;

static int set_up(void **state) {
    (void)state;
    reader = json_reader_new((size_t)8 << 20);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    json_reader_free(reader);
    return 0;
}

/* The root of a document that must be read. */
static json read_text(const char *text) {
    json root = NULL;
    struct rc_error err = { 0 };
    if (json_parse_copy(reader, text, strlen(text), &root, &err) != RC_OK)
        fail_msg("%s: %s", text, err.text);
    return root;
}

static void each_type_is_told_apart(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum json_type type;
        const char *name;
    } rows[] = {
        { "null", JSON_NULL, "null" },           { "true", JSON_BOOL, "true or false" },
        { "false", JSON_BOOL, "true or false" }, { "-1", JSON_INT, "a number" },
        { "0", JSON_INT, "a number" },           { "1.0", JSON_REAL, "a number" },
        { "1e3", JSON_REAL, "a number" },        { "\"\"", JSON_STRING, "a string" },
        { "[]", JSON_ARRAY, "an array" },        { " {} ", JSON_OBJECT, "an object" },
    };
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        assert_int_equal(json_type(read_text(rows[i].text)), rows[i].type);
        assert_string_equal(json_type_name(rows[i].type), rows[i].name);
    }
    assert_int_equal(json_type(NULL), JSON_MISSING);
    assert_string_equal(json_type_name(JSON_MISSING), "missing");
}

static void every_function_takes_what_is_missing_or_of_another_type(void **state) {
    (void)state;
    json other = read_text("[7]"), values[] = { NULL, other };
    for (size_t i = 0; i < RC_LEN(values); i++) {
        const char *s = "before";
        size_t len = 6;
        int64_t n = 6;
        double d = 6;
        bool b = true;
        assert_null(json_get(values[i], "a"));
        assert_null(json_at(values[i], (const char *const[]){ "a", "b", NULL }));
        assert_false(json_str(values[i], &s, &len) || json_int(values[i], &n) ||
                     json_bool(values[i], &b) || json_real(values[i], &d));
        assert_true(strcmp(s, "before") == 0 && len == 6 && n == 6 && b && d > 5.9 && d < 6.1);
    }
    struct json_iter it = json_iter(NULL);
    json key, value;
    assert_int_equal(json_size(NULL), 0);
    assert_false(json_next(&it, &key, &value));
    it = json_iter(read_text("\"text\""));
    assert_false(json_next(&it, &key, &value));
}

static void integers_are_read_from_numbers_and_from_strings_that_hold_nothing_else(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool is_int;
        int64_t value;
    } rows[] = {
        { "0", true, 0 },
        { "-0", true, 0 },
        { "42", true, 42 },
        { "9223372036854775807", true, INT64_MAX },
        { "-9223372036854775808", true, INT64_MIN },
        { "9223372036854775808", false, 0 },
        { "18446744073709551615", false, 0 },
        { "18446744073709551616", false, 0 },
        { "-9223372036854775809", false, 0 },
        { "1.0", false, 0 },
        { "1e2", false, 0 },
        { "true", false, 0 },
        { "null", false, 0 },
        { "[1]", false, 0 },
        { "\"0\"", true, 0 },
        { "\"42\"", true, 42 },
        { "\"-42\"", true, -42 },
        { "\"9223372036854775807\"", true, INT64_MAX },
        { "\"-9223372036854775808\"", true, INT64_MIN },
        { "\"9223372036854775808\"", false, 0 },
        { "\"-9223372036854775809\"", false, 0 },
        { "\"92233720368547758070\"", false, 0 },
        { "\"\"", false, 0 },
        { "\"-\"", false, 0 },
        { "\"+1\"", false, 0 },
        { "\"007\"", false, 0 },
        { "\"-01\"", false, 0 },
        { "\" 1\"", false, 0 },
        { "\"1 \"", false, 0 },
        { "\"1.0\"", false, 0 },
        { "\"1e2\"", false, 0 },
        { "\"0x1\"", false, 0 },
        { "\"1\\u0000\"", false, 0 },
        { "\"\xD9\xA1\"", false, 0 }, /* an Arabic digit */
    };
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        int64_t got = 99;
        if (json_int(read_text(rows[i].text), &got) != rows[i].is_int ||
            got != (rows[i].is_int ? rows[i].value : 99))
            fail_msg("%s", rows[i].text);
    }
}

static void reals_and_truths_are_read(void **state) {
    (void)state;
    double d = 0;
    bool b = true;
    assert_true(json_real(read_text("1.5"), &d) && d > 1.499 && d < 1.501);
    assert_true(json_real(read_text("-3"), &d) && d < -2.999 && d > -3.001);
    assert_true(json_real(read_text("1.7976931348623157e308"), &d) && d >= DBL_MAX);
    assert_false(json_real(read_text("\"1.5\""), &d));
    assert_true(json_bool(read_text("false"), &b) && !b);
    assert_true(json_bool(read_text("true"), &b) && b);
    assert_false(json_bool(read_text("1"), &b));
}

static void strings_come_unescaped_with_their_length(void **state) {
    (void)state;
    const char *s;
    size_t len;
    assert_true(json_str(read_text("\"a\\u0000b\\n\\\"\\/\\ud83d\\ude00\\u00e9\""), &s, &len));
    assert_int_equal(len, 12);
    assert_memory_equal(s, "a\0b\n\"/\xF0\x9F\x98\x80\xC3\xA9", 12);
}

static void members_are_found_and_the_first_of_equal_keys_counts(void **state) {
    (void)state;
    int64_t n = 0;
    json root = read_text("{\"a\":{\"b\":{\"c\":1}},\"\":2,\"d\":3,\"d\":4,\"a\\u0000\":5}");
    assert_true(json_int(json_at(root, (const char *const[]){ "a", "b", "c", NULL }), &n) &&
                n == 1);
    assert_ptr_equal(json_at(root, (const char *const[]){ NULL }), root);
    assert_null(json_at(root, (const char *const[]){ "a", "x", "c", NULL }));
    assert_null(json_at(root, (const char *const[]){ "d", "c", NULL }));
    assert_true(json_int(json_get(root, ""), &n) && n == 2);
    assert_true(json_int(json_get(root, "d"), &n) && n == 3);
    assert_int_equal(json_type(json_get(root, "a")), JSON_OBJECT);
    assert_null(json_get(root, "A"));
    assert_int_equal(json_size(root), 5);
}

static void iteration_shows_all_members_in_order(void **state) {
    (void)state;
    json root = read_text("{\"a\":[[],{},[1,[2]],3],\"b\":{\"x\":{}},\"a\":null}");
    struct json_iter it = json_iter(root);
    json key, value;
    const char *s;
    size_t len, n = 0;
    static const enum json_type types[] = { JSON_ARRAY, JSON_OBJECT, JSON_NULL };
    while (json_next(&it, &key, &value)) {
        assert_true(json_str(key, &s, &len) && len == 1 && s[0] == "aba"[n]);
        assert_int_equal(json_type(value), types[n++]);
    }
    assert_int_equal(n, 3);
    assert_false(json_next(&it, &key, &value)); /* and stays at the end */
    static const enum json_type inner[] = { JSON_ARRAY, JSON_OBJECT, JSON_ARRAY, JSON_INT };
    it = json_iter(json_get(root, "a"));
    for (n = 0; json_next(&it, &key, &value); n++) {
        assert_null(key);
        assert_int_equal(json_type(value), inner[n]);
    }
    assert_int_equal(n, 4);
    it = json_iter(json_at(root, (const char *const[]){ "b", "x", NULL }));
    assert_false(json_next(&it, &key, &value));
}

static void text_keeps_missing_empty_and_set_apart(void **state) {
    (void)state;
    struct rc_error err;
    struct text t;
    json root =
        read_text("{\"null\":null,\"empty\":\"\",\"set\":\"Zo\xC3\xAB\",\"n\":1,\"list\":[]}");
    assert_int_equal(json_text(root, "none", "settings", &t, &err), RC_OK);
    assert_int_equal(t.state, TEXT_MISSING);
    assert_int_equal(json_text(root, "null", "settings", &t, &err), RC_OK);
    assert_int_equal(t.state, TEXT_EMPTY);
    assert_int_equal(json_text(root, "empty", "settings", &t, &err), RC_OK);
    assert_int_equal(t.state, TEXT_EMPTY);
    assert_int_equal(json_text(root, "set", "settings", &t, &err), RC_OK);
    assert_true(text_is(t, "Zo\xC3\xAB"));
    assert_int_equal(json_text(root, "n", "settings", &t, &err), RC_INVALID);
    assert_string_equal(err.text, "settings: n is a number, expected a string or null");
    assert_int_equal(json_text(root, "list", "settings", &t, NULL), RC_INVALID);
    assert_true(text_is(t, "Zo\xC3\xAB")); /* untouched */
}

static const struct bad {
    const char *bytes;
    size_t len;
    const char *text; /* the message begins with it */
} bad[] = {
#define BAD(s, text)                                                                               \
    { s, sizeof(s) - 1, text }
    BAD("", "not JSON: the document is empty"),
    BAD(" \n", "not JSON"),
    BAD("\0", "not JSON at byte 0 of 1"),
    BAD("{\"a\":1", "not JSON at byte 6 of 6"),
    BAD("[1,]", "not JSON at byte "),
    BAD("{\"a\":1,}", "not JSON at byte "),
    BAD("{a:1}", "not JSON at byte 1 of 5"),
    BAD("{'a':1}", "not JSON at byte 1 of 7"),
    BAD("[1] x", "not JSON at byte 4 of 5"),
    BAD("[1]\0", "not JSON at byte 3 of 4"),
    BAD("[1]// why", "not JSON at byte 3 of 9"),
    BAD("01", "not JSON at byte "),
    BAD("+1", "not JSON at byte 0 of 2"),
    BAD("1.", "not JSON at byte "),
    BAD("NaN", "not JSON at byte 0 of 3"),
    BAD("-Infinity", "not JSON at byte "),
    BAD("1e999", "not JSON at byte "),
    BAD("\"a\nb\"", "not JSON at byte "),
    BAD("\"\\x\"", "not JSON at byte "),
    BAD("\"\\ud800\"", "not JSON at byte "),
    BAD("\"\\ud800\\ud800\"", "not JSON at byte "),
    BAD("\"\xFF\"", "not JSON at byte 1 of 3"),
    BAD("\"\xC0\x80\"", "not JSON at byte 1 of 4"),
    BAD("\"\xED\xA0\x80\"", "not JSON at byte 1 of 5"),
    BAD("\"\xF4\x90\x80\x80\"", "not JSON at byte 1 of 6"),
    BAD("\xEF\xBB\xBF[]", "not JSON at byte 0 of 5"),
    BAD("<html>", "not JSON at byte 0 of 6"),
    BAD("]", "not JSON at byte 0 of 1"),
    BAD("[}", "not JSON at byte 1 of 2"),
};

static void what_is_not_json_is_refused_with_its_place(void **state) {
    (void)state;
    for (size_t i = 0; i < RC_LEN(bad); i++) {
        struct rc_error err;
        json root = NULL;
        if (json_parse_copy(reader, bad[i].bytes, bad[i].len, &root, &err) != RC_INVALID ||
            strncmp(err.text, bad[i].text, strlen(bad[i].text)) != 0)
            fail_msg("row %zu (%s): %s", i, bad[i].bytes, err.text);
        assert_null(root);
    }
}

static void
a_document_cut_anywhere_is_refused_and_nothing_outside_its_bytes_is_touched(void **state) {
    (void)state;
    static const char text[] =
        "{\"data\":[{\"id\":12,\"n\":\"Zo\xC3\xAB \\u00e9\",\"x\":[true,null,-1.5e3]}],\"t\":{}}";
    const size_t all = sizeof text - 1;
    for (size_t len = 0; len <= all; len++) {
        json root = NULL;
        char *exact = mem_alloc(len + JSON_PADDING); /* so that the sanitizer sees a byte too far */
        memset(exact, ']', len + JSON_PADDING);
        memcpy(exact, text,
               len + JSON_PADDING < all ? len + JSON_PADDING : all); /* as if it went on */
        assert_int_equal(json_parse(reader, exact, len, &root, NULL),
                         len == all ? RC_OK : RC_INVALID);
        mem_free(exact);
    }
}

static void digits_behind_a_number_do_not_belong_to_it(void **state) {
    (void)state;
    char bytes[] = "1234567";
    int64_t n = 0;
    json root = NULL;
    assert_int_equal(json_parse(reader, bytes, 2, &root, NULL), RC_OK);
    assert_true(json_int(root, &n) && n == 12);
}

static void a_document_over_the_limit_is_refused_unread(void **state) {
    (void)state;
    struct rc_error err;
    struct json_reader *small = json_reader_new(4);
    char bytes[5 + JSON_PADDING] = "\"abc\"";
    json root = NULL;
    assert_int_equal(json_parse(small, bytes, 5, &root, &err), RC_INVALID);
    assert_string_equal(err.text, "JSON of 5 bytes, at most 4 are accepted");
    assert_int_equal(json_parse_copy(small, bytes, SIZE_MAX, &root, &err), RC_INVALID);
    assert_string_equal(bytes, "\"abc\"");
    assert_null(root);
    assert_int_equal(json_parse_copy(small, "\"ab\"", 4, &root, &err), RC_OK);
    json_reader_free(small);
}

static void one_reader_reads_documents_of_any_size_one_after_the_other(void **state) {
    (void)state;
    static const size_t members[] = { 1, 100000, 3, 1500000, 10, 1500000, 40000, 1 };
    char *text = mem_alloc((size_t)4 << 20);
    for (size_t i = 0; i < RC_LEN(members); i++) { /* "[0,0...]": the most values a byte */
        json root, key, value;
        struct json_iter it;
        size_t len = members[i] * 2 + 1, n = 0;
        int64_t number, sum = 0;
        text[0] = '[';
        for (size_t at = 1; at < len; at += 2)
            memcpy(text + at, "1,", 2);
        text[len - 1] = ']';
        assert_int_equal(json_parse_copy(reader, text, len, &root, NULL), RC_OK);
        for (it = json_iter(root); json_next(&it, &key, &value); n++)
            sum += json_int(value, &number) ? number : 1000;
        assert_true(n == members[i] && (size_t)sum == n && json_size(root) == n);
    }
    mem_free(text);
}

static void a_document_may_nest_as_deep_as_it_is_long(void **state) {
    (void)state;
    enum { DEEP = 1000000 };
    char *text = mem_alloc((size_t)DEEP * 6 + 1);
    json root = NULL, key, value;
    memset(text, '[', DEEP);
    memset(text + DEEP, ']', DEEP);
    assert_int_equal(json_parse_copy(reader, text, DEEP * 2, &root, NULL), RC_OK);
    size_t depth = 1;
    for (struct json_iter it = json_iter(root); json_next(&it, &key, &value); depth++)
        it = json_iter(value);
    assert_int_equal(depth, DEEP);
    assert_int_equal(json_parse_copy(reader, text, DEEP, &root, NULL), RC_INVALID);
    for (size_t i = 0; i < DEEP; i++)
        memcpy(text + i * 5, "{\"\":[", 5);
    assert_int_equal(json_parse_copy(reader, text, (size_t)DEEP * 5, &root, NULL), RC_INVALID);
    mem_free(text);
}

/* Open brackets alone need more memory a byte than any document that also closes them. */
static void brackets_that_never_close_are_an_error_for_a_new_reader_too(void **state) {
    (void)state;
    static char text[20000];
    json root = NULL;
    RC_CLEANUP(json_reader_freep) struct json_reader *fresh = json_reader_new(sizeof text);
    memset(text, '[', sizeof text);
    assert_int_equal(json_parse_copy(fresh, text, sizeof text, &root, NULL), RC_INVALID);
    assert_null(root);
}

static void freeing_nothing_is_fine(void **state) {
    (void)state;
    json_reader_free(NULL);
    RC_CLEANUP(json_reader_freep) struct json_reader *unused = json_reader_new(1);
    assert_non_null(unused);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_is_told_apart),
        cmocka_unit_test(every_function_takes_what_is_missing_or_of_another_type),
        cmocka_unit_test(integers_are_read_from_numbers_and_from_strings_that_hold_nothing_else),
        cmocka_unit_test(reals_and_truths_are_read),
        cmocka_unit_test(strings_come_unescaped_with_their_length),
        cmocka_unit_test(members_are_found_and_the_first_of_equal_keys_counts),
        cmocka_unit_test(iteration_shows_all_members_in_order),
        cmocka_unit_test(text_keeps_missing_empty_and_set_apart),
        cmocka_unit_test(what_is_not_json_is_refused_with_its_place),
        cmocka_unit_test(
            a_document_cut_anywhere_is_refused_and_nothing_outside_its_bytes_is_touched),
        cmocka_unit_test(digits_behind_a_number_do_not_belong_to_it),
        cmocka_unit_test(a_document_over_the_limit_is_refused_unread),
        cmocka_unit_test(one_reader_reads_documents_of_any_size_one_after_the_other),
        cmocka_unit_test(a_document_may_nest_as_deep_as_it_is_long),
        cmocka_unit_test(brackets_that_never_close_are_an_error_for_a_new_reader_too),
        cmocka_unit_test(freeing_nothing_is_fine),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
