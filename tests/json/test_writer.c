#include "tests/check.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include "base/rng.h"
#include "json/json.h"

static struct json_reader *reader;
static struct buf out;
static struct json_writer w;

static int set_up(void **state) {
    (void)state;
    reader = json_reader_new((size_t)16 << 20);
    buf_init(&out, (size_t)16 << 20);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    json_reader_free(reader);
    buf_done(&out);
    return 0;
}

static struct json_writer *begin(void) {
    buf_clear(&out);
    json_begin(&w, &out);
    return &w;
}

static json read_back(void) {
    json root = NULL;
    struct rc_error err = { 0 };
    assert_false(out.full);
    if (json_parse_copy(reader, out.ptr, out.len, &root, &err) != RC_OK)
        fail_msg("%s: %.200s", err.text, out.ptr);
    return root;
}

static void a_document_with_everything_is_written_byte_by_byte(void **state) {
    (void)state;
    begin();
    json_object(&w, NULL);
    json_put_int(&w, "id", 7);
    json_put_cstr(&w, "name", "Zo\xC3\xAB");
    json_put_cstr(&w, "none", NULL);
    json_put_str(&w, "nothing", NULL, 0);
    json_put_text(&w, "missing", (struct text){ .state = TEXT_MISSING });
    json_put_text(&w, "empty", TEXT_NONE);
    json_put_text(&w, "set", TEXT_LIT("x"));
    json_array(&w, "list");
    json_array(&w, NULL);
    json_array_end(&w);
    json_object(&w, NULL);
    json_object_end(&w);
    json_put_bool(&w, NULL, true);
    json_put_bool(&w, NULL, false);
    json_put_raw(&w, NULL, "{\"raw\":1}", 9);
    json_put_value(&w, NULL, NULL);
    json_array_end(&w);
    json_put_real(&w, "half", 0.5);
    json_put_null(&w, "q\"k");
    json_object_end(&w);
    assert_string_equal(out.ptr,
                        "{\"id\":7,\"name\":\"Zo\xC3\xAB\",\"none\":null,\"nothing\":\"\","
                        "\"empty\":null,\"set\":\"x\","
                        "\"list\":[[],{},true,false,{\"raw\":1}],\"half\":0.5,\"q\\\"k\":null}");
    json_type(read_back());
}

/* Whether the text before us is that string, and nothing else. */
static bool is_written(const char *s, size_t len) {
    struct json_match m = { out.ptr, out.len, false };
    return json_match_text(&m, NULL, text_from(s, len)) && m.left == 0;
}

static void every_ascii_character_is_escaped_as_the_rfc_asks_and_no_more(void **state) {
    (void)state;
    for (unsigned c = 0; c < 0x80; c++) {
        char want[16];
        static const char *const named[0x20] = {
            ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"
        };
        if (c < 0x20 && named[c] != NULL)
            snprintf(want, sizeof want, "\"%s\"", named[c]);
        else if (c < 0x20)
            snprintf(want, sizeof want, "\"\\u%04x\"", c);
        else
            snprintf(want, sizeof want, c == '"' || c == '\\' ? "\"\\%c\"" : "\"%c\"", (char)c);
        json_put_str(begin(), NULL, &(char){ (char)c }, 1);
        assert_string_equal(out.ptr, want);
        for (unsigned other = 0; other < 0x80; other++)
            assert_int_equal(is_written(&(char){ (char)other }, 1), other == c);
    }
}

static void a_character_that_needs_care_is_seen_at_every_place_of_a_string(void **state) {
    (void)state;
    static const char *const care[] = { "\"",   "\\",       "\x1F",         "\n",
                                        "\x01", "\xC3\xA9", "\xE2\x80\xA8", "\xF0\x9F\x98\x80",
                                        "\xFF" };
    for (size_t i = 0; i < RC_LEN(care); i++) {
        for (size_t at = 0; at <= 40; at++) {
            char text[64], want[64];
            const char *s;
            size_t len, n = strlen(care[i]);
            bool broken = care[i][0] == '\xFF';
            memset(text, 'a' + (int)at % 20, 40);
            memcpy(want, text, at);
            memmove(text + at, care[i], n);
            memset(text + at + n, '!', 40 - at); /* the neighbours of a quote are the hard ones */
            memcpy(want + at, broken ? "\xEF\xBF\xBD" : care[i], broken ? 3 : n);
            memset(want + at + (broken ? 3 : n), '!', 40 - at);
            json_put_str(begin(), NULL, text, 40 + n);
            assert_true(is_written(text, 40 + n));
            assert_true(json_str(read_back(), &s, &len));
            assert_int_equal(len, 40 + (broken ? 3 : n));
            assert_memory_equal(s, want, len);
        }
    }
}

static void each_byte_that_is_not_utf8_becomes_a_replacement_character(void **state) {
    (void)state;
#define R "\xEF\xBF\xBD"
    static const struct {
        const char *bytes, *want;
    } rows[] = {
        { "\x80", R },                              /* a continuation alone */
        { "a\xC3", "a" R },                         /* cut */
        { "\xE2\x80", R R },                        /* cut */
        { "\xC0\xAF", R R },                        /* a slash in too many bytes */
        { "\xE0\x9F\xBF", R R R },                  /* the same, three */
        { "\xF0\x8F\xBF\xBF", R R R R },            /* the same, four */
        { "\xED\xA0\x80", R R R },                  /* a surrogate */
        { "\xF4\x90\x80\x80", R R R R },            /* beyond U+10FFFF */
        { "\xF5\x80\x80\x80", R R R R },            /* beyond what UTF-8 ever was */
        { "\xC3\"", R "\\\"" },                     /* the quote is not swallowed */
        { "\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF" }, /* U+10FFFF */
        { "\xED\x9F\xBF", "\xED\x9F\xBF" },         /* U+D7FF */
        { "\xE0\xA0\x80", "\xE0\xA0\x80" },         /* U+0800 */
        { "\xF0\x90\x80\x80", "\xF0\x90\x80\x80" }, /* U+10000 */
        { "\xC2\x80\x7F", "\xC2\x80\x7F" },         /* U+0080, DEL */
    };
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        json_put_cstr(begin(), NULL, rows[i].bytes);
        assert_int_equal(out.ptr[0], '"');
        assert_int_equal(out.len, strlen(rows[i].want) + 2);
        assert_memory_equal(out.ptr + 1, rows[i].want, strlen(rows[i].want));
        assert_true(is_written(rows[i].bytes, strlen(rows[i].bytes)));
        read_back();
    }
}

static void integers_are_written_to_their_limits(void **state) {
    (void)state;
    static const struct {
        int64_t v;
        const char *text;
    } rows[] = { { 0, "0" },
                 { -1, "-1" },
                 { 10, "10" },
                 { 99, "99" },
                 { -100, "-100" },
                 { INT64_MAX, "9223372036854775807" },
                 { INT64_MIN, "-9223372036854775808" } };
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        json_put_int(begin(), NULL, rows[i].v);
        assert_string_equal(out.ptr, rows[i].text);
    }
}

static void reals_read_back_as_the_same_bits_and_what_is_not_finite_is_null(void **state) {
    (void)state;
    static const double odd[] = { NAN, INFINITY, -INFINITY };
    static const double edge[] = { 0.0,     -0.0,    0.1,          1.0,   -1e22,
                                   DBL_MAX, DBL_MIN, DBL_TRUE_MIN, 5e-324 };
    struct rng r;
    rng_init(&r, 11, 1);
    for (size_t i = 0; i < 20000; i++) {
        uint64_t bits = rng_u64(&r);
        double v, got = 1;
        memcpy(&v, &bits, sizeof v);
        if (i < RC_LEN(edge))
            v = edge[i];
        if (!isfinite(v))
            continue;
        json_put_real(begin(), NULL, v);
        assert_true(json_real(read_back(), &got));
        assert_memory_equal(&got, &v, sizeof v);
    }
    for (size_t i = 0; i < RC_LEN(odd); i++) {
        json_put_real(begin(), NULL, odd[i]);
        assert_string_equal(out.ptr, "null");
    }
}

/* One random document, twice from one seed: first written, then compared with what was read. */
static size_t random_string(struct rng *r, char *ret) {
    static const char *const pieces[] = { "a",
                                          "Zo\xC3\xAB",
                                          "\"",
                                          "\\",
                                          "\n",
                                          "\x01",
                                          "\x1F",
                                          "\x7F",
                                          "/",
                                          "\xE2\x80\xA8",
                                          "\xE2\x80\xA9",
                                          "\xF0\x9F\x98\x80",
                                          "plain words ",
                                          "\xE6\x9D\x8E",
                                          "\xEF\xBF\xBF" };
    size_t len = 0, n = rng_below(r, 12);
    for (size_t i = 0; i < n; i++) {
        uint32_t which = rng_below(r, RC_LEN(pieces) + 1);
        const char *piece = which == RC_LEN(pieces) ? "\0" : pieces[which];
        size_t piece_len = which == RC_LEN(pieces) ? 1 : strlen(piece);
        memcpy(ret + len, piece, piece_len);
        len += piece_len;
    }
    return len;
}

static const char *key_of(uint32_t i, bool object) {
    static const char *const keys[] = { "id",           "",     "na\"me",
                                        "\xE5\x90\x8D", "a\tb", "long key with words" };
    return object ? keys[i % RC_LEN(keys)] : NULL;
}

enum { DEPTH = 5 };

/* What comes next: six simple kinds, an object or an array; the outermost is always one of these
 * two. */
static uint32_t random_kind(struct rng *r, unsigned depth) {
    return depth == DEPTH ? 6 + rng_below(r, 2) : rng_below(r, depth > 0 ? 8 : 6);
}

static void write_random(struct rng *r, const char *key, unsigned depth) {
    char text[256];
    uint32_t kind = random_kind(r, depth);
    size_t len;
    switch (kind) {
    case 0: json_put_null(&w, key); return;
    case 1: json_put_bool(&w, key, rng_below(r, 2) == 1); return;
    case 2: json_put_int(&w, key, (int64_t)(rng_u64(r) >> rng_below(r, 64))); return;
    case 3: json_put_real(&w, key, rng_unit(r) * 1e6); return;
    case 4:
    case 5:
        len = random_string(r, text);
        json_put_str(&w, key, text, len);
        return;
    default: break;
    }
    (kind == 6 ? json_object : json_array)(&w, key);
    uint32_t n = rng_below(r, 14);
    for (uint32_t i = 0; i < n; i++)
        write_random(r, key_of(i, kind == 6), depth - 1);
    (kind == 6 ? json_object_end : json_array_end)(&w);
}

static void compare_random(struct rng *r, json v, unsigned depth) {
    char text[256];
    const char *s;
    uint32_t kind = random_kind(r, depth);
    size_t len, got_len;
    bool b = false;
    int64_t n = 0;
    double d = 0, want;
    switch (kind) {
    case 0: assert_int_equal(json_type(v), JSON_NULL); return;
    case 1:
        assert_true(json_bool(v, &b));
        assert_int_equal(b, rng_below(r, 2) == 1);
        return;
    case 2:
        assert_true(json_int(v, &n));
        assert_int_equal(n, (int64_t)(rng_u64(r) >> rng_below(r, 64)));
        return;
    case 3:
        want = rng_unit(r) * 1e6;
        assert_true(json_real(v, &d));
        assert_memory_equal(&d, &want, sizeof d);
        return;
    case 4:
    case 5:
        len = random_string(r, text);
        assert_true(json_str(v, &s, &got_len));
        assert_int_equal(got_len, len);
        assert_memory_equal(s, text, len);
        return;
    default: break;
    }
    struct json_iter it = json_iter(v);
    json key, value;
    uint32_t members = rng_below(r, 14);
    assert_int_equal(json_type(v), kind == 6 ? JSON_OBJECT : JSON_ARRAY);
    assert_int_equal(json_size(v), members);
    for (uint32_t i = 0; i < members; i++) {
        const char *want_key = key_of(i, kind == 6);
        assert_true(json_next(&it, &key, &value));
        assert_int_equal(key != NULL, want_key != NULL);
        if (json_str(key, &s, &got_len)) {
            assert_int_equal(got_len, strlen(want_key));
            assert_memory_equal(s, want_key, got_len);
        }
        compare_random(r, value, depth - 1);
    }
    assert_false(json_next(&it, &key, &value));
}

static void what_is_written_reads_back_equal_and_dumps_to_the_same_bytes(void **state) {
    (void)state;
    struct buf again;
    size_t bytes = 0;
    buf_init(&again, (size_t)16 << 20);
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct rng r;
        begin();
        rng_init(&r, seed, 2);
        write_random(&r, NULL, DEPTH);
        json root = read_back();
        rng_init(&r, seed, 2);
        compare_random(&r, root, DEPTH);
        buf_clear(&again);
        json_dump(root, &again);
        assert_int_equal(again.len, out.len);
        assert_memory_equal(again.ptr, out.ptr, out.len);
        bytes += out.len;
    }
    assert_true(bytes > 1000000); /* the documents are not all empty */
    buf_done(&again);
}

static void a_dump_keeps_order_and_duplicates_and_drops_only_blanks(void **state) {
    (void)state;
    struct buf dump;
    json root;
    static const char text[] =
        " { \"b\" : [ 1 , -2 , 18446744073709551615, 1.0, 1e3, -0.0, \"\\u0041\\/\" ] , \"a\" : { "
        "} , \"b\" : [ ] , \"c\": [[{\"x\":[]}]] } ";
    buf_init(&dump, 1000);
    assert_int_equal(json_parse_copy(reader, text, sizeof text - 1, &root, NULL), RC_OK);
    json_dump(root, &dump);
    assert_string_equal(dump.ptr, "{\"b\":[1,-2,18446744073709551615,1.0,1000.0,-0.0,\"A/"
                                  "\"],\"a\":{},\"b\":[],\"c\":[[{\"x\":[]}]]}");
    buf_clear(&dump);
    json_begin(&w, &dump);
    json_array(&w, NULL);
    json_put_value(&w, NULL, json_get(root, "c")); /* a part of a document, inside another */
    json_put_value(&w, NULL, json_get(root, "a"));
    json_array_end(&w);
    json_dump(NULL, &dump);
    assert_string_equal(dump.ptr, "[[[{\"x\":[]}]],{}]");
    buf_done(&dump);
}

static void a_dump_does_not_mind_how_deep_a_document_nests(void **state) {
    (void)state;
    enum { DEEP = 300000 };
    struct buf dump;
    begin();
    for (int i = 0; i < DEEP; i++) {
        json_array(&w, NULL);
        json_object(&w, NULL);
        json_array(&w, "k");
        json_array_end(&w);
        json_array(&w, "k");
    }
    for (int i = 0; i < DEEP; i++) {
        json_array_end(&w);
        json_object_end(&w);
        json_array_end(&w);
    }
    buf_init(&dump, out.len);
    json_dump(read_back(), &dump);
    assert_false(dump.full);
    assert_int_equal(dump.len, out.len);
    assert_memory_equal(dump.ptr, out.ptr, out.len);
    buf_done(&dump);
}

static void a_buffer_too_small_by_any_number_of_bytes_says_so(void **state) {
    (void)state;
    static const char text[] = "{\"a\":[1,-2.5,\"x\\ny\",\"plain\"],\"b\":{\"c\":null,\"d\":true}}";
    json root;
    assert_int_equal(json_parse_copy(reader, text, sizeof text - 1, &root, NULL), RC_OK);
    for (size_t max = 0; max < sizeof text; max++) {
        struct buf small;
        buf_init(&small, max);
        json_dump(root, &small);
        assert_int_equal(small.full, max < sizeof text - 1);
        assert_memory_equal(small.ptr, text, small.len);
        buf_done(&small);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_with_everything_is_written_byte_by_byte),
        cmocka_unit_test(every_ascii_character_is_escaped_as_the_rfc_asks_and_no_more),
        cmocka_unit_test(a_character_that_needs_care_is_seen_at_every_place_of_a_string),
        cmocka_unit_test(each_byte_that_is_not_utf8_becomes_a_replacement_character),
        cmocka_unit_test(integers_are_written_to_their_limits),
        cmocka_unit_test(reals_read_back_as_the_same_bits_and_what_is_not_finite_is_null),
        cmocka_unit_test(what_is_written_reads_back_equal_and_dumps_to_the_same_bytes),
        cmocka_unit_test(a_dump_keeps_order_and_duplicates_and_drops_only_blanks),
        cmocka_unit_test(a_dump_does_not_mind_how_deep_a_document_nests),
        cmocka_unit_test(a_buffer_too_small_by_any_number_of_bytes_says_so),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
