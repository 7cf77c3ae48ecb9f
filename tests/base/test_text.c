#include "tests/base/helper.h"
#include <utf8proc.h>
#include "base/text.h"

#define NFD_E "e\xcc\x81" /* e and a combining acute accent */
#define NFC_E "\xc3\xa9"
#define EURO  "\xe2\x82\xac"

static const struct clean_row {
    const char *name, *bytes, *want; /* want NULL: RC_INVALID; "": empty */
    bool is_slice;                   /* not copied */
} clean_rows[] = {
    { "plain ASCII", "Ana Maria", "Ana Maria", true },
    { "one letter", "a", "a", true },
    { "eight letters", "abcdefgh", "abcdefgh", true },
    { "ASCII with blanks around", "  Ana  ", "Ana", true },
    { "a tab and newlines around", "\t\nAna\r\n", "Ana", true },
    { "inner newline and tab stay", "a\n\tb", "a\n\tb", true },
    { "nothing", "", "", false },
    { "blanks alone", " \t\r\n ", "", false },
    { "Unicode blanks alone", "\xc2\xa0\xe3\x80\x80\xe2\x80\xaf", "", false },
    { "Unicode blanks around",
      "\xc2\xa0\xe2\x80\x83"
      "Ana\xe3\x80\x80",
      "Ana", true },
    { "a byte order mark in front",
      "\xef\xbb\xbf"
      "Ana",
      "Ana", true },
    { "a zero-width space behind", "ana@x.org\xe2\x80\x8b", "ana@x.org", true },
    { "a Unicode blank inside stays",
      "A\xc2\xa0"
      "B",
      "A\xc2\xa0"
      "B",
      true },
    { "a Latin name as it is", "Zo\xc3\xab M\xc3\xbcller", "Zo\xc3\xab M\xc3\xbcller", true },
    { "NFD becomes NFC", "Jos" NFD_E, "Jos" NFC_E, false },
    { "marks are put in order", "q\xcc\x87\xcc\xa3", "q\xcc\xa3\xcc\x87", false },
    { "the Angstrom sign is a letter", "\xe2\x84\xab", "\xc3\x85", false },
    { "Hangul syllables are composed", "\xe1\x84\x80\xe1\x85\xa1", "\xea\xb0\x80", false },
    { "what NFC makes longer", "\xef\xac\xac", "\xd7\xa9\xd6\xbc\xd7\x81", false },
    { "compatibility forms stay", "\xef\xac\x81", "\xef\xac\x81", false },
    { "Cyrillic", "\xd0\x90\xd0\xbd\xd0\xb0", "\xd0\x90\xd0\xbd\xd0\xb0", true },
    { "Cyrillic with a mark", "\xd0\xb8\xcc\x86", "\xd0\xb9", false },
    { "Hangul with a jamo behind", "\xea\xb0\x80\xe1\x86\xa8", "\xea\xb0\x81", false },
    { "Kana with a voicing mark", "\xe3\x81\x8b\xe3\x82\x99", "\xe3\x81\x8c", false },
    { "Thai", "\xe0\xb8\x81", "\xe0\xb8\x81", false },
    { "beyond the basic plane", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", false },
    { "controls are removed",
      "A\x01n\x7f\x1b"
      "a",
      "Ana", false },
    { "a control at an edge shows the blank behind it", "\x01 Ana \x02", "Ana", true },
    { "C1 controls are removed", "A\xc2\x85\xc2\x9fn", "An", false },
    { "a control between letter and mark", "e\x01\xcc\x81", NFC_E, false },
    { "controls alone", "\x01\x02\xc2\x80", "", false },
    { "CR LF becomes LF", "a\r\nb", "a\nb", false },
    { "the last of eight bytes", "abcdefg\x1f", "abcdefg", true },
    { "the ninth byte is a DEL",
      "abcdefgh\x7f"
      "i",
      "abcdefghi", false },
    { "Latin-1 is not UTF-8", "M\xfcller", NULL, false },
    { "cut inside a character", "Zo\xc3", NULL, false },
    { "cut inside a long character", "\xf0\x9f\x98", NULL, false },
    { "an overlong slash", "\xc0\xaf", NULL, false },
    { "an overlong euro", "\xf0\x82\x82\xac", NULL, false },
    { "a surrogate", "\xed\xa0\x80", NULL, false },
    { "beyond U+10FFFF", "\xf4\x90\x80\x80", NULL, false },
    { "a continuation alone", "\x80", NULL, false },
    { "bytes that are never UTF-8", "\xff\xfe", NULL, false },
};

static void the_clean_text_is_that_of_the_row(void **state) {
    const struct clean_row *r = *state;
    size_t len = strlen(r->bytes);
    char *exact = malloc(len + (len == 0)); /* no NUL behind it */
    struct arena a;
    struct text t = { TEXT_MISSING, "untouched", 9 };
    struct rc_error err = { 0 };
    arena_init(&a);
    memcpy(exact, r->bytes, len);
    enum rc_code code = text_clean(&a, exact, len, 100, &t, &err);
    if (r->want == NULL) {
        assert_int_equal(code, RC_INVALID);
        assert_string_equal(err.text, "not UTF-8");
        assert_string_equal(t.ptr, "untouched");
    } else {
        assert_int_equal(code, RC_OK);
        assert_true(text_equal(t, text_of(r->want)));
        bool is_slice = t.len > 0 && t.ptr >= exact && t.ptr + t.len <= exact + len;
        assert_int_equal(is_slice, r->is_slice);
        assert_true(!is_slice || a.used_bytes == 0);
    }
    arena_done(&a);
    free(exact);
}

/* Every byte at every place of texts of up to 20 bytes, against the definition. */
static void the_fast_path_sees_every_byte(void **state) {
    struct arena a;
    (void)state;
    arena_init(&a);
    for (size_t len = 3; len <= 20; len++)
        for (size_t at = 1; at + 1 < len; at++)
            for (int c = 0; c < 256; c++) {
                char bytes[20];
                struct text t;
                memset(bytes, 'x', len);
                bytes[at] = (char)c;
                enum rc_code code = text_clean(&a, bytes, len, 100, &t, NULL);
                bool removed = (c < 0x20 && c != '\t' && c != '\n') || c == 0x7f;
                assert_int_equal(code, c >= 0x80 ? RC_INVALID : RC_OK);
                if (c < 0x80) {
                    assert_int_equal(t.len, len - removed);
                    assert_int_equal(t.ptr == bytes, !removed);
                }
                arena_reset(&a);
            }
    arena_done(&a);
}

/* Between two letters, c is taken as it is, without asking for its NFC. */
static bool passes(struct arena *a, int32_t c) {
    char bytes[6] = "x";
    struct text t;
    size_t len = 1 + (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)bytes + 1);
    bytes[len++] = 'x';
    assert_int_equal(text_clean(a, bytes, len, 100, &t, NULL), RC_OK);
    bool is_slice = t.ptr == bytes && t.len == len;
    arena_reset(a);
    return is_slice;
}

/* All of Unicode: who passes is no mark, is its own NFC, and is never what is put on another. */
static void what_is_taken_as_it_is_is_in_nfc_beside_any_neighbour(void **state) {
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    struct arena a;
    int passed = 0;
    (void)state;
    arena_init(&a);
    for (int32_t c = 0; c <= 0x10ffff; c++) {
        utf8proc_int32_t parts[16];
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        utf8proc_ssize_t n = utf8proc_decompose_char(c, parts, 16, UTF8PROC_DECOMPOSE, NULL);
        assert_in_range(n, 1, 16);
        if (n > 1 && passes(&a, parts[n - 1]))
            fail_msg("U+%04X passes, and is the last part of U+%04X", parts[n - 1], c);
        if (!passes(&a, c))
            continue;
        passed++;
        if (utf8proc_get_property(c)->combining_class != 0)
            fail_msg("U+%04X passes, and is a mark", c);
        n = utf8proc_normalize_utf32(parts, n, options);
        if (n != 1 || parts[0] != c)
            fail_msg("U+%04X passes, and is not its own NFC", c);
    }
    assert_in_range(passed, 30000, 40000); /* those of Latin, Cyrillic, Chinese, Korean ... */
    arena_done(&a);
}

static void the_limit_counts_what_is_kept(void **state) {
    struct arena a;
    struct text t;
    struct rc_error err;
    (void)state;
    arena_init(&a);
    assert_int_equal(text_clean(&a, "abcde", 5, 5, &t, &err), RC_OK);
    assert_int_equal(text_clean(&a, "  abcde   ", 10, 5, &t, &err), RC_OK);
    assert_int_equal(text_clean(&a, "abcde", 5, 4, &t, &err), RC_INVALID);
    assert_string_equal(err.text, "longer than 4 bytes");
    assert_int_equal(text_clean(&a, NFD_E NFD_E, 6, 4, &t, &err),
                     RC_OK); /* shorter when composed */
    assert_int_equal(t.len, 4);
    assert_int_equal(text_clean(&a, "\xef\xac\xac", 3, 5, &t, &err),
                     RC_INVALID); /* longer when decomposed */
    assert_int_equal(text_clean(&a, "", 0, 0, &t, &err), RC_OK);
    arena_done(&a);
}

/* Sorting marks takes squared time: a megabyte of them must be refused before that. */
static void a_giant_of_marks_is_refused_at_once(void **state) {
    static char giant[1 << 20];
    struct arena a;
    struct text t;
    (void)state;
    for (size_t i = 0; i < sizeof giant; i += 4)
        memcpy(giant + i, i % 8 == 0 ? "\xcc\x81\xcc\x81" : "\xcc\xa3\xcc\xa3", 4);
    arena_init(&a);
    assert_int_equal(text_clean(&a, giant, sizeof giant, 2000, &t, NULL), RC_INVALID);
    assert_int_equal(a.used_bytes, 0);
    assert_int_equal(text_clean(&a, giant, 2000, 2000, &t, NULL),
                     RC_OK); /* more than fits on the stack */
    assert_int_equal(t.len, 2000);
    assert_memory_equal(t.ptr, "\xcc\xa3\xcc\xa3", 4);
    arena_done(&a);
}

static const struct email_row {
    const char *name, *address, *problem; /* NULL: accepted */
} email_rows[] = {
    { "an address", "ana@example.org", NULL },
    { "dots and a plus", "ana.maria+hr@mail.example.co.uk", NULL },
    { "every sign of atext", "!#$%&'*+-/=?^_`{|}~@x.org", NULL },
    { "an apostrophe", "o'neil@example.org", NULL },
    { "capitals", "Ana@EXAMPLE.Org", NULL },
    { "UTF-8 on both sides", "jos\xc3\xa9@m\xc3\xbcnchen.de", NULL },
    { "a domain in A-labels", "a@xn--mnchen-3ya.de", NULL },
    { "labels with digits", "a@1.2x", NULL },
    { "64 bytes before the @",
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@x.org", NULL },
    { "65 bytes before the @",
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@x.org", "64 bytes" },
    { "a label of 63", "a@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.org",
      NULL },
    { "a label of 64", "a@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.org",
      "63 bytes" },
    { "no address", "n/a", "no @" },
    { "two @", "a@b@x.org", "more than one @" },
    { "a quoted @", "\"a@b\"@x.org", "more than one @" },
    { "nothing before the @", "@x.org", "nothing before" },
    { "nothing behind the @", "a@", "nothing behind" },
    { "one label", "a@localhost", "no dot behind" },
    { "a dot in front", ".a@x.org", "dot out of place before" },
    { "a dot before the @", "a.@x.org", "dot out of place before" },
    { "two dots", "a..b@x.org", "dot out of place before" },
    { "a dot behind the @", "a@.x.org", "dot out of place behind" },
    { "a dot at the end", "a@x.org.", "dot out of place behind" },
    { "two dots in the domain", "a@x..org", "dot out of place behind" },
    { "a hyphen begins a label", "a@-x.org", "hyphen" },
    { "a hyphen ends a label", "a@x-.org", "hyphen" },
    { "an underscore in the domain", "a@x_y.org", "no domain has" },
    { "an address of a machine", "a@127.0.0.1", "a number" },
    { "brackets", "a@[127.0.0.1]", "no domain has" },
    { "a quoted local part", "\"a b\"@x.org", "blank" },
    { "a blank", "a b@x.org", "blank" },
    { "a newline", "a\nb@x.org", "blank" },
    { "a no-break space",
      "a\xc2\xa0"
      "b@x.org",
      "blank" },
    { "a zero-width space",
      "a\xe2\x80\x8b"
      "b@x.org",
      "blank" },
    { "a mark of direction",
      "a\xe2\x80\xae"
      "b@x.org",
      "invisible" },
    { "a soft hyphen",
      "a\xc2\xad"
      "b@x.org",
      "invisible" },
    { "a control",
      "a\x01"
      "b@x.org",
      "invisible" },
    { "a header injected", "a@x.org,b", "no domain has" },
    { "a name and address", "Ana<a@x.org>", "before the @ that" },
    { "not UTF-8", "a\xff@x.org", "not UTF-8" },
    { "nothing", "", "is empty" },
};

static void the_address_is_as_the_row_says(void **state) {
    const struct email_row *r = *state;
    struct rc_error err = { 0 };
    enum rc_code code = text_email_check(text_of(r->address), &err);
    assert_int_equal(code, r->problem == NULL ? RC_OK : RC_INVALID);
    if (r->problem != NULL) {
        assert_non_null(strstr(err.text, r->problem));
        assert_int_equal(text_email_check(text_of(r->address), NULL), RC_INVALID);
    }
}

static void an_address_of_254_bytes_is_the_longest(void **state) {
    char address[300];
    struct rc_error err;
    (void)state;
    memset(address, 'a', sizeof address);
    memcpy(address, "ana@", 4);
    for (size_t i = 54; i < sizeof address; i += 50)
        address[i] = '.';
    assert_int_equal(text_email_check(text_from(address, 254), &err), RC_OK);
    address[254] = 'a';
    assert_int_equal(text_email_check(text_from(address, 255), &err), RC_INVALID);
    assert_non_null(strstr(err.text, "254"));
    assert_null(strstr(err.text, "ana")); /* no personal data in errors */
    assert_int_equal(text_email_check(text_of(NULL), &err), RC_INVALID);
    assert_string_equal(err.text, "e-mail is missing");
    assert_int_equal(text_email_check(text_from("a\0b@x.org", 9), &err), RC_INVALID);
}

static const struct mask_row {
    const char *name, *address, *want;
} mask_rows[] = {
    { "an address is masked", "ana@example.org", "a***@example.org" },
    { "a short one shows nothing", "a@example.org", "***@example.org" },
    { "a whole character is shown", EURO "uro@x.org", EURO "***@x.org" },
    { "one long character shows nothing", EURO "@x.org", "***@x.org" },
    { "the last @ counts", "a@b@c.org", "a***@c.org" },
    { "no @ shows nothing", "0171 123456", "***" },
    { "nothing before the @", "@x.org", "***@x.org" },
    { "nothing behind the @", "ana@", "a***@" },
    { "no second line", "ana@x\norg", "a***@x?org" },
    { "empty", "", "" },
    { "missing", NULL, "" },
    { "cut to fit", "ana@0123456789012345678901234567890123456789012345678901234567890123456789",
      "a***@0123456789012345678901234567890123456789012345678901234567" },
    { "cut between characters",
      "ana@01234567890123456789012345678901234567890123456789012345" EURO ".org",
      "a***@01234567890123456789012345678901234567890123456789012345" },
};

static void the_mask_is_that_of_the_row(void **state) {
    const struct mask_row *r = *state;
    char *out = malloc(64);
    assert_string_equal(text_mask_email(text_of(r->address), out), r->want);
    free(out);
}

static void missing_empty_and_set_are_three_things(void **state) {
    struct text missing = text_of(NULL), empty = text_of(""), set = text_of("a");
    (void)state;
    assert_int_equal(missing.state, TEXT_MISSING);
    assert_int_equal(empty.state, TEXT_EMPTY);
    assert_int_equal(set.state, TEXT_SET);
    assert_int_equal(text_from(NULL, 0).state, TEXT_EMPTY);
    assert_int_equal((struct text){ 0 }.state, TEXT_MISSING);
    assert_string_equal(text_state_name(TEXT_MISSING), "missing");
    assert_string_equal(text_state_name(TEXT_EMPTY), "empty");
    assert_string_equal(text_state_name(TEXT_SET), "set");
    assert_false(text_equal(missing, empty));
    assert_true(text_equal(missing, (struct text){ TEXT_MISSING, "left over", 9 }));
    assert_true(text_is(set, "a"));
    assert_false(text_is(set, "ab"));
    assert_false(text_is(empty, ""));
}

static void order_is_that_of_states_then_of_bytes(void **state) {
    const struct text order[] = { text_of(NULL), text_of(""),   text_from("\0", 1), text_of("A"),
                                  text_of("a"),  text_of("aa"), text_of("b"),       text_of(EURO) };
    (void)state;
    for (int i = 0; i < (int)RC_LEN(order); i++)
        for (int k = 0; k < (int)RC_LEN(order); k++) {
            int got = text_compare(order[i], order[k]);
            assert_int_equal((got > 0) - (got < 0), (i > k) - (i < k));
            assert_int_equal(text_equal(order[i], order[k]), i == k);
        }
}

static void a_copy_lives_on_its_own(void **state) {
    char bytes[] = "Ana";
    struct arena a;
    (void)state;
    arena_init(&a);
    struct text copy = text_copy(&a, text_of(bytes));
    bytes[0] = 'X';
    assert_true(text_is(copy, "Ana"));
    assert_int_equal(copy.ptr[3], '\0');
    assert_int_equal(text_copy(&a, text_of(NULL)).state, TEXT_MISSING);
    assert_int_equal(text_copy(&a, TEXT_NONE).state, TEXT_EMPTY);
    arena_done(&a);
}

static void folding_touches_a_to_z_and_nothing_else(void **state) {
    struct arena a;
    struct text small = text_of("a@x.org \xc4\xb0");
    (void)state;
    arena_init(&a);
    assert_ptr_equal(text_fold_ascii(&a, small).ptr, small.ptr); /* no copy where nothing changes */
    assert_true(text_is(text_fold_ascii(&a, text_of("AZaz@[`{I\xc4\xb0\xc3\x89")),
                        "azaz@[`{i\xc4\xb0\xc3\x89"));
    assert_int_equal(text_fold_ascii(&a, text_of(NULL)).state, TEXT_MISSING);
    assert_int_equal(text_fold_ascii(&a, TEXT_NONE).state, TEXT_EMPTY);
    arena_done(&a);
}

static void utf8_of_no_bytes_is_utf8(void **state) {
    (void)state;
    assert_true(text_is_utf8(NULL, 0));
    assert_true(text_is_utf8("a\0" EURO "\xf4\x8f\xbf\xbf", 9));
    assert_false(text_is_utf8("a\0" EURO "\xf4\x8f\xbf", 8));
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(clean_rows) + RC_LEN(email_rows) + RC_LEN(mask_rows) + 10];
    size_t n = 0;
    ADD_ROWS(tests, n, clean_rows, the_clean_text_is_that_of_the_row);
    ADD_ROWS(tests, n, email_rows, the_address_is_as_the_row_says);
    ADD_ROWS(tests, n, mask_rows, the_mask_is_that_of_the_row);
    ADD_TEST(tests, n, the_fast_path_sees_every_byte);
    ADD_TEST(tests, n, what_is_taken_as_it_is_is_in_nfc_beside_any_neighbour);
    ADD_TEST(tests, n, the_limit_counts_what_is_kept);
    ADD_TEST(tests, n, a_giant_of_marks_is_refused_at_once);
    ADD_TEST(tests, n, an_address_of_254_bytes_is_the_longest);
    ADD_TEST(tests, n, missing_empty_and_set_are_three_things);
    ADD_TEST(tests, n, order_is_that_of_states_then_of_bytes);
    ADD_TEST(tests, n, a_copy_lives_on_its_own);
    ADD_TEST(tests, n, folding_touches_a_to_z_and_nothing_else);
    ADD_TEST(tests, n, utf8_of_no_bytes_is_utf8);
    return RUN_TESTS(tests, n);
}
