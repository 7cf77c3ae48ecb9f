#include "tests/check.h"
#include "people/employee.h"

static struct arena arena;
static const struct employee_reads nothing;

static int set_up(void **state) {
    (void)state;
    arena_init(&arena);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_done(&arena);
    return 0;
}

/* Expected: the text, "" for empty, NULL for bad (and then missing). */
static const struct put_row {
    enum employee_field field;
    const char *bytes, *want;
} puts_[] = {
    { EMPLOYEE_FIRST_NAME, "Mira", "Mira" },
    { EMPLOYEE_FIRST_NAME, "  Mira\t", "Mira" },
    { EMPLOYEE_FIRST_NAME, "", "" },
    { EMPLOYEE_FIRST_NAME, " \xc2\xa0 ", "" },
    { EMPLOYEE_FIRST_NAME, "Jose\xcc\x81", "Jos\xc3\xa9" },
    { EMPLOYEE_FIRST_NAME, "\xff", NULL },
    { EMPLOYEE_EMAIL, "not an address", "not an address" },
    { EMPLOYEE_STATUS, "active", "active" },
    { EMPLOYEE_STATUS, " ACTIVE ", "active" },
    { EMPLOYEE_STATUS, "Sabbatical", "sabbatical" },
    { EMPLOYEE_STATUS, "", "" },
    { EMPLOYEE_HIRE_DATE, "2021-04-01", "2021-04-01" },
    { EMPLOYEE_HIRE_DATE, "2021-04-01T00:00:00+02:00", "2021-04-01" },
    { EMPLOYEE_HIRE_DATE, "1893-03-31", NULL },
    { EMPLOYEE_HIRE_DATE, "1953-03-16T00:00:00+00:53", "1953-03-16" },
    { EMPLOYEE_HIRE_DATE, " 2021-04-01 ", "2021-04-01" },
    { EMPLOYEE_HIRE_DATE, "2021-02-29", NULL },
    { EMPLOYEE_HIRE_DATE, "0000-00-00", NULL },
    { EMPLOYEE_HIRE_DATE, "tomorrow", NULL },
    { EMPLOYEE_HIRE_DATE, "", "" },
    { EMPLOYEE_SUPERVISOR, "4002", "4002" },
    { EMPLOYEE_SUPERVISOR, "12345678901234567890123456789012345678901234567890123456789012345",
      NULL },
    { EMPLOYEE_OFFICE, "Bremen", "Bremen" },
};

static void a_value_is_cleaned_by_its_kind(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof puts_ / sizeof *puts_; i++) {
        const struct put_row *r = &puts_[i];
        struct employee e;
        employee_begin(&e, &nothing, &arena);
        employee_put(&e, r->field, &arena, r->bytes, strlen(r->bytes));
        struct text got = e.fields[r->field].text;
        bool bad = (e.bad & 1u << r->field) != 0;
        if (bad != (r->want == NULL) || !text_equal(got, text_of(r->want)))
            fail_msg("row %zu: \"%s\" gives %s \"%.*s\", bad %d", i, r->bytes,
                     text_state_name(got.state), TEXT_ARG(got), bad);
    }
}

static void what_was_not_put_is_missing_and_not_bad(void **state) {
    struct employee e;
    static const char *const keys[] = { "dynamic_1" };
    (void)state;
    employee_begin(&e, &(struct employee_reads){ .custom = keys, .custom_n = 1 }, &arena);
    for (enum employee_field f = 0; f < EMPLOYEE_FIELDS_N; f++)
        assert_int_equal(e.fields[f].text.state, TEXT_MISSING);
    assert_int_equal(e.bad, 0);
    assert_int_equal(e.custom_n, 1);
    assert_true(text_is(e.custom[0].key, "dynamic_1"));
    assert_int_equal(e.custom[0].value.state, TEXT_MISSING);
}

static void a_text_may_be_as_long_as_the_limit_and_no_longer(void **state) {
    static char long_text[EMPLOYEE_TEXT_BYTES + 1];
    struct employee e;
    (void)state;
    memset(long_text, 'x', sizeof long_text);
    employee_begin(&e, &nothing, &arena);
    employee_put(&e, EMPLOYEE_JOB_TITLE, &arena, long_text, EMPLOYEE_TEXT_BYTES);
    assert_int_equal(e.fields[EMPLOYEE_JOB_TITLE].text.len, EMPLOYEE_TEXT_BYTES);
    assert_int_equal(e.bad, 0);
    employee_put(&e, EMPLOYEE_JOB_TITLE, &arena, long_text, EMPLOYEE_TEXT_BYTES + 1);
    assert_int_equal(e.fields[EMPLOYEE_JOB_TITLE].text.state, TEXT_MISSING);
    assert_int_equal(e.bad, 1u << EMPLOYEE_JOB_TITLE);
}

static void a_group_has_a_name_and_an_id_and_one_without_a_name_is_bad(void **state) {
    struct employee e;
    (void)state;
    employee_begin(&e, &nothing, &arena);
    employee_put_group(&e, EMPLOYEE_OFFICE, &arena, TEXT_LIT("5120"), " Bremen", 7);
    assert_true(text_is(e.fields[EMPLOYEE_OFFICE].text, "Bremen"));
    assert_true(text_is(e.fields[EMPLOYEE_OFFICE].id, "5120"));
    employee_put_group(&e, EMPLOYEE_TEAM, &arena, TEXT_NONE, "Night", 5);
    assert_int_equal(e.fields[EMPLOYEE_TEAM].id.state, TEXT_EMPTY);
    employee_put_group(&e, EMPLOYEE_TEAM, &arena, TEXT_NONE, "", 0);
    assert_int_equal(e.fields[EMPLOYEE_TEAM].text.state, TEXT_EMPTY);
    assert_int_equal(e.bad, 0);
    employee_put_group(&e, EMPLOYEE_OFFICE, &arena, TEXT_LIT("5120"), " ", 1);
    assert_int_equal(e.bad, 1u << EMPLOYEE_OFFICE);
    assert_int_equal(e.fields[EMPLOYEE_OFFICE].text.state, TEXT_MISSING);
    assert_int_equal(e.fields[EMPLOYEE_OFFICE].id.state, TEXT_MISSING);
    employee_put_empty(&e, EMPLOYEE_DEPARTMENT);
    assert_int_equal(e.fields[EMPLOYEE_DEPARTMENT].text.state, TEXT_EMPTY);
}

static const struct id_row {
    const char *bytes, *want; /* NULL: refused */
} ids[] = {
    { "4711", "4711" },
    { " 4711 ", "4711" },
    { "EMP-7", "EMP-7" },
    { "", NULL },
    { "  ", NULL },
    { "47\n11", NULL },
    { "47\x01"
      "11",
      NULL },
    { "\xc3", NULL },
    { "1234567890123456789012345678901234567890123456789012345678901234",
      "1234567890123456789012345678901234567890123456789012345678901234" },
    { "12345678901234567890123456789012345678901234567890123456789012345", NULL },
};

static void an_id_that_would_have_to_be_changed_is_none(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct employee e;
        struct rc_error err = { 0 };
        employee_begin(&e, &nothing, &arena);
        enum rc_code rc = employee_put_id(&e, &arena, ids[i].bytes, strlen(ids[i].bytes), &err);
        assert_int_equal(rc, ids[i].want == NULL ? RC_INVALID : RC_OK);
        assert_true(text_equal(e.source_id, text_of(ids[i].want)));
        if (rc != RC_OK)
            assert_string_equal(err.name, "person.id");
    }
}

static void a_custom_value_can_be_bad_and_the_33rd_is_then_only_missing(void **state) {
    const char *keys[40];
    struct employee e;
    (void)state;
    for (size_t i = 0; i < 40; i++)
        keys[i] = "k";
    employee_begin(&e, &(struct employee_reads){ .custom = keys, .custom_n = 40 }, &arena);
    employee_put_custom(&e, 2, &arena, " x ", 3);
    employee_put_custom(&e, 3, &arena, "", 0);
    employee_put_custom(&e, 4, &arena, "\xff", 1);
    employee_put_custom(&e, 39, &arena, "\xff", 1);
    assert_true(text_is(e.custom[2].value, "x"));
    assert_int_equal(e.custom[3].value.state, TEXT_EMPTY);
    assert_int_equal(e.custom[4].value.state, TEXT_MISSING);
    assert_int_equal(e.custom[39].value.state, TEXT_MISSING);
    assert_int_equal(e.bad_custom, 1u << 4);
}

static void a_kept_employee_outlives_what_it_was_read_from(void **state) {
    struct arena short_lived;
    struct employee e;
    static const char *const keys[] = { "dynamic_1" };
    (void)state;
    arena_init(&short_lived);
    employee_begin(&e, &(struct employee_reads){ .custom = keys, .custom_n = 1 }, &short_lived);
    char *bytes = arena_str(&short_lived, "4711", 4);
    employee_put_id(&e, &short_lived, bytes, 4, NULL);
    employee_put(&e, EMPLOYEE_FIRST_NAME, &short_lived, bytes, 4);
    employee_put_empty(&e, EMPLOYEE_LAST_NAME);
    employee_put_custom(&e, 0, &short_lived, bytes, 4);
    employee_keep(&e, &arena);
    memset(bytes, '#', 4);
    arena_done(&short_lived);
    assert_true(text_is(e.source_id, "4711"));
    assert_true(text_is(e.fields[EMPLOYEE_FIRST_NAME].text, "4711"));
    assert_int_equal(e.fields[EMPLOYEE_LAST_NAME].text.state, TEXT_EMPTY);
    assert_int_equal(e.fields[EMPLOYEE_EMAIL].text.state, TEXT_MISSING);
    assert_true(text_is(e.custom[0].value, "4711"));
}

static void names_of_fields_are_different_and_statuses_read_back(void **state) {
    (void)state;
    for (enum employee_field f = 0; f < EMPLOYEE_FIELDS_N; f++)
        for (enum employee_field g = 0; g < f; g++)
            assert_string_not_equal(employee_field_name(f), employee_field_name(g));
    for (enum employment_status s = EMPLOYMENT_ONBOARDING; s <= EMPLOYMENT_INACTIVE; s++)
        assert_int_equal(employment_status_parse(text_of(employment_status_name(s))), s);
    assert_int_equal(employment_status_parse(TEXT_LIT("unknown")), EMPLOYMENT_UNKNOWN);
    assert_int_equal(employment_status_parse(TEXT_LIT("activ")), EMPLOYMENT_UNKNOWN);
    assert_int_equal(employment_status_parse(TEXT_LIT("LeAvE")), EMPLOYMENT_LEAVE);
    assert_int_equal(employment_status_parse(TEXT_NONE), EMPLOYMENT_UNKNOWN);
    assert_int_equal(employee_field_kind(EMPLOYEE_COST_CENTRE), EMPLOYEE_KIND_GROUP);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_cleaned_by_its_kind),
        cmocka_unit_test(what_was_not_put_is_missing_and_not_bad),
        cmocka_unit_test(a_text_may_be_as_long_as_the_limit_and_no_longer),
        cmocka_unit_test(a_group_has_a_name_and_an_id_and_one_without_a_name_is_bad),
        cmocka_unit_test(an_id_that_would_have_to_be_changed_is_none),
        cmocka_unit_test(a_custom_value_can_be_bad_and_the_33rd_is_then_only_missing),
        cmocka_unit_test(a_kept_employee_outlives_what_it_was_read_from),
        cmocka_unit_test(names_of_fields_are_different_and_statuses_read_back),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
