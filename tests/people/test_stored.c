#include "tests/base/helper.h"
#include "base/rng.h"
#include "people/stored.h"

static struct arena arena;
static struct json_reader *reader;
static struct buf first, second;

static json parse(const char *s, size_t len) {
    json doc = NULL;
    struct rc_error err;
    if (json_parse_copy(reader, s, len, &doc, &err) != RC_OK)
        fail_msg("%s: %.*s", err.text, (int)len, s);
    return doc;
}

static struct employee read_back(const struct buf *b) {
    struct employee e;
    struct rc_error err;
    if (stored_employee_read(parse(b->ptr, b->len), &arena, &e, &err) != RC_OK)
        fail_msg("%s: %s", err.text, b->ptr);
    return e;
}

/* ---- random people ---- */

static struct text random_text(struct rng *r) {
    static const char *const parts[] = {
        "Mira", "\"",   "\\", "\n", "\t", "\xc3\xa9", "\xe6\x9d\x8e", "\xf0\x9f\x98\x80",
        "</b>", "null", "{",  " ",  "'",  "0"
    };
    struct buf b;
    if (rng_below(r, 4) == 0)
        return (struct text){ 0 };
    if (rng_below(r, 4) == 0)
        return TEXT_NONE;
    buf_init(&b, 10000);
    for (uint32_t n = 1 + rng_below(r, 12); n > 0; n--)
        buf_str(&b, parts[rng_below(r, RC_LEN(parts))]);
    struct text t = text_copy(&arena, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}

/* A custom field that is missing is not there at all. */
static struct text random_set(struct rng *r) {
    struct text t;
    do
        t = random_text(r);
    while (t.state == TEXT_MISSING);
    return t;
}

static struct employee random_employee(struct rng *r) {
    struct employee e = { .source_id = TEXT_LIT("4711") };
    for (int f = 0; f < EMPLOYEE_FIELDS_N; f++) {
        e.fields[f].text = random_text(r);
        if (employee_field_kind((enum employee_field)f) == EMPLOYEE_KIND_GROUP)
            e.fields[f].id = random_text(r);
    }
    e.custom_n = rng_below(r, 5);
    e.custom = ARENA_NEW(&arena, struct employee_custom, e.custom_n + 1);
    for (size_t i = 0; i < e.custom_n; i++)
        e.custom[i] = (struct employee_custom){ text_of(arena_printf(&arena, "dynamic_%zu", i)),
                                                random_text(r) };
    return e;
}

/* A group as it can be stored: it has an id, or a name, or both, or is empty, or missing; and the
 * name of a team with an id lives on the team. */
static struct employee_value group_as_kept(enum employee_field f, struct employee_value v) {
    struct employee_value kept = { 0 };
    if (v.id.state == TEXT_SET)
        kept.id = v.id;
    if (v.id.state == TEXT_SET && (f == EMPLOYEE_DEPARTMENT || f == EMPLOYEE_TEAM))
        return kept;
    if (v.text.state == TEXT_SET || v.id.state != TEXT_SET)
        kept.text = v.text;
    return kept;
}

static void any_employee_comes_back_as_it_went_in(void **state) {
    struct rng r;
    (void)state;
    rng_init(&r, 2026, 1);
    for (int i = 0; i < 3000; i++) {
        arena_reset(&arena);
        struct employee e = random_employee(&r);
        buf_clear(&first);
        stored_employee_write(&e, &first);
        struct employee back = read_back(&first);
        assert_true(text_equal(back.source_id, e.source_id));
        for (int f = 0; f < EMPLOYEE_FIELDS_N; f++) {
            struct employee_value want = e.fields[f], got = back.fields[f];
            if (employee_field_kind((enum employee_field)f) == EMPLOYEE_KIND_GROUP)
                want = group_as_kept((enum employee_field)f, want);
            if (!text_equal(got.text, want.text) || !text_equal(got.id, want.id))
                fail_msg("round %d: %s in %s", i, employee_field_name((enum employee_field)f),
                         first.ptr);
        }
        size_t set = 0; /* a custom value that is missing is not stored */
        for (size_t c = 0; c < e.custom_n; c++) {
            if (e.custom[c].value.state == TEXT_MISSING)
                continue;
            assert_true(text_equal(back.custom[set].key, e.custom[c].key));
            assert_true(text_equal(back.custom[set].value, e.custom[c].value));
            set++;
        }
        assert_int_equal(back.custom_n, set);
        if (set == 0 && e.custom_n > 0) /* "custom":{} says no more than no custom */
            continue;
        buf_clear(&second);
        stored_employee_write(&back, &second);
        assert_int_equal(first.len, second.len);
        assert_memory_equal(first.ptr, second.ptr, first.len);
    }
}

static void any_user_comes_back_as_it_went_in(void **state) {
    struct rng r;
    (void)state;
    rng_init(&r, 2026, 2);
    for (int i = 0; i < 3000; i++) {
        struct user u, back;
        arena_reset(&arena);
        for (int f = 0; f < USER_FIELDS_N; f++)
            u.fields[f] = random_text(&r);
        u.custom_n = rng_below(&r, 5);
        struct user_custom *custom = ARENA_NEW(&arena, struct user_custom, u.custom_n + 1);
        for (size_t c = 0; c < u.custom_n; c++)
            custom[c] = (struct user_custom){
                arena_printf(&arena, USER_CUSTOM_PREFIX "%zu \"\xc3\xa9\\", c), random_set(&r)
            };
        u.custom = custom;
        buf_clear(&first);
        stored_user_write(&u, &first);
        assert_true(stored_user_is(&u, text_from(first.ptr, first.len)));
        assert_int_equal(stored_user_read(parse(first.ptr, first.len), &arena, &back, NULL), RC_OK);
        for (int f = 0; f < USER_FIELDS_N; f++)
            assert_true(text_equal(back.fields[f], u.fields[f]));
        assert_int_equal(back.custom_n, u.custom_n);
        for (size_t c = 0; c < u.custom_n; c++) {
            assert_string_equal(back.custom[c].name, u.custom[c].name);
            assert_true(text_equal(back.custom[c].value, u.custom[c].value));
        }
    }
}

static void the_format_is_that_of_the_header(void **state) {
    static const char want[] =
        "{\"source_id\":\"4711\",\"first_name\":\"Mira\",\"department\":{\"id\":\"903\"},"
        "\"office\":{\"id\":\"5120\",\"name\":\"Bremen\"},\"termination_date\":null,"
        "\"custom\":{\"dynamic_204813\":\"N-00417\"}}";
    struct employee_custom custom[] = { { TEXT_LIT("dynamic_204813"), TEXT_LIT("N-00417") } };
    struct employee e = { .source_id = TEXT_LIT("4711"), .custom = custom, .custom_n = 1 };
    (void)state;
    e.fields[EMPLOYEE_FIRST_NAME].text = TEXT_LIT("Mira");
    e.fields[EMPLOYEE_OFFICE] = (struct employee_value){ TEXT_LIT("Bremen"), TEXT_LIT("5120") };
    e.fields[EMPLOYEE_DEPARTMENT] = (struct employee_value){ TEXT_LIT("Dock"), TEXT_LIT("903") };
    e.fields[EMPLOYEE_TERMINATION_DATE].text = TEXT_NONE;
    buf_clear(&first);
    stored_employee_write(&e, &first);
    assert_string_equal(first.ptr, want);
}

/* A department that the mapping makes a text of keeps its name, and so does its copy. */
static void a_name_that_counts_is_stored_beside_the_id(void **state) {
    struct employee e = { .source_id = TEXT_LIT("1"), .names = 1u << EMPLOYEE_DEPARTMENT }, back;
    (void)state;
    e.fields[EMPLOYEE_DEPARTMENT] = (struct employee_value){ TEXT_LIT("Dock"), TEXT_LIT("903") };
    e.fields[EMPLOYEE_TEAM] = (struct employee_value){ TEXT_LIT("Night"), TEXT_LIT("7") };
    for (int round = 0; round < 2; round++) {
        buf_clear(&first);
        stored_employee_write(&e, &first);
        assert_string_equal(first.ptr, "{\"source_id\":\"1\",\"department\":{\"id\":\"903\","
                                       "\"name\":\"Dock\"},\"team\":{\"id\":\"7\"}}");
        back = read_back(&first);
        assert_true(text_is(back.fields[EMPLOYEE_DEPARTMENT].text, "Dock"));
        assert_int_equal(back.names, e.names);
        e = back;
    }
}

static void the_format_of_a_user_is_that_of_the_header(void **state) {
    static const struct user_custom custom[] = { { "custom.cost_code", { TEXT_SET, "4400", 4 } },
                                                 { "custom.x", { TEXT_EMPTY, "", 0 } } };
    struct user u = { .custom = custom, .custom_n = RC_LEN(custom) };
    (void)state;
    u.fields[USER_FIRST_NAME] = TEXT_LIT("Mira");
    u.fields[USER_LANGUAGE] = TEXT_LIT("de");
    buf_clear(&first);
    stored_user_write(&u, &first);
    assert_string_equal(first.ptr, "{\"first_name\":\"Mira\",\"language\":\"de\","
                                   "\"custom\":{\"cost_code\":\"4400\",\"x\":null}}");
}

/* Whatever of it is cut off, added or replaced. */
static void a_text_with_another_byte_is_not_what_would_be_stored(void **state) {
    static const struct user_custom custom[] = { { "custom.code", { TEXT_SET, "4400", 4 } } };
    struct user u = { .custom = custom, .custom_n = RC_LEN(custom) };
    (void)state;
    u.fields[USER_FIRST_NAME] = TEXT_LIT("Jo\"\\");
    u.fields[USER_LEAVE_DATE] = TEXT_NONE;
    u.fields[USER_SECONDARY_TEAMS] = TEXT_LIT("team:1\x1fteam:2");
    buf_clear(&first);
    stored_user_write(&u, &first);
    for (size_t i = 0; i < first.len; i++) {
        char was = first.ptr[i];
        char *cut = mem_alloc(i + 1); /* nothing is behind it */
        memcpy(cut, first.ptr, i);
        assert_false(stored_user_is(&u, text_from(cut, i)));
        mem_free(cut);
        first.ptr[i] = was == 'x' ? 'y' : 'x';
        assert_false(stored_user_is(&u, text_from(first.ptr, first.len)));
        first.ptr[i] = was;
    }
    assert_true(stored_user_is(&u, text_from(first.ptr, first.len)));
    buf_char(&first, '}');
    assert_false(stored_user_is(&u, text_from(first.ptr, first.len)));
    assert_false(stored_user_is(&u, TEXT_NONE));
    assert_false(stored_user_is(&u, (struct text){ 0 }));
}

static void a_value_cannot_pretend_to_be_the_next_field(void **state) {
    static const struct user_custom tail[] = { { "custom.a", { TEXT_SET, "1\",\"b\":\"2", 9 } } };
    static const char stored[] = "{\"first_name\":\"x\",\"last_name\":\"y\"}",
                      with_custom[] = "{\"custom\":{\"a\":\"1\",\"b\":\"2\"}}";
    struct user u = { 0 }, v = { .custom = tail, .custom_n = 1 };
    (void)state;
    u.fields[USER_FIRST_NAME] = TEXT_LIT("x\",\"last_name\":\"y");
    assert_false(stored_user_is(&u, text_of(stored)));
    assert_false(stored_user_is(&v, text_of(with_custom)));
}

/* Rows of ours that are damaged. */
static const struct damaged_row {
    const char *name, *json;
    bool user;
} damaged[] = {
    { "an employee that is a list", "[]", false },
    { "an employee that is null", "null", false },
    { "an id that is a number", "{\"source_id\":4711}", false },
    { "a name that is a number", "{\"source_id\":\"1\",\"first_name\":7}", false },
    { "a group whose id is a list", "{\"source_id\":\"1\",\"office\":{\"id\":[]}}", false },
    { "a group whose name is a number", "{\"source_id\":\"1\",\"office\":{\"name\":1}}", false },
    { "a user that is a text", "\"x\"", true },
    { "a user's e-mail that is an object", "{\"email\":{}}", true },
    { "custom fields that are a list", "{\"custom\":[1]}", true },
    { "custom fields that are a text", "{\"custom\":\"x\"}", true },
    { "a custom field that is a number", "{\"custom\":{\"a\":7}}", true },
};

static void a_damaged_row_is_fatal(void **state) {
    const struct damaged_row *r = *state;
    struct employee e;
    struct user u;
    struct rc_error err = { 0 };
    json doc = parse(r->json, strlen(r->json));
    assert_int_equal(r->user ? stored_user_read(doc, &arena, &u, &err)
                             : stored_employee_read(doc, &arena, &e, &err),
                     RC_FATAL);
    assert_non_null(strstr(err.text, "stored"));
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(damaged) + 7];
    size_t n = 0;
    arena_init(&arena);
    reader = json_reader_new(1 << 20);
    buf_init(&first, 1 << 20);
    buf_init(&second, 1 << 20);
    ADD_TEST(tests, n, any_employee_comes_back_as_it_went_in);
    ADD_TEST(tests, n, any_user_comes_back_as_it_went_in);
    ADD_TEST(tests, n, a_text_with_another_byte_is_not_what_would_be_stored);
    ADD_TEST(tests, n, a_value_cannot_pretend_to_be_the_next_field);
    ADD_TEST(tests, n, the_format_is_that_of_the_header);
    ADD_TEST(tests, n, the_format_of_a_user_is_that_of_the_header);
    ADD_TEST(tests, n, a_name_that_counts_is_stored_beside_the_id);
    ADD_ROWS(tests, n, damaged, a_damaged_row_is_fatal);
    int failed = RUN_TESTS(tests, n);
    buf_done(&first);
    buf_done(&second);
    json_reader_free(reader);
    arena_done(&arena);
    return failed;
}
