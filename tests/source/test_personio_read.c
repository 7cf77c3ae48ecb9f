/* One row of Personio to one employee: every form a value was seen in, and some that nobody should
 * send. */
#include "tests/check.h"
#include <stdio.h>
#include <stdlib.h>
#include "source/personio_p.h"

static struct arena arena;
static struct json_reader *reader;

static int set_up(void **state) {
    (void)state;
    arena_init(&arena);
    reader = json_reader_new(1 << 20);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    json_reader_free(reader);
    arena_done(&arena);
    return 0;
}

static const char *const custom[] = { "dynamic_1", "gender" };
static const struct employee_reads everything = { (1u << EMPLOYEE_FIELDS_N) - 1, custom, 2 };

static enum rc_code read_row(const char *text, struct employee *ret, struct rc_error *err) {
    json row;
    if (json_parse_copy(reader, text, strlen(text), &row, err) != RC_OK)
        fail_msg("%s: %s", text, err->text);
    return personio_read(&everything, row, &arena, ret, err);
}

#define BAD     "(bad)"
#define MISSING "(missing)"
static const struct value_row {
    const char *key, *envelope; /* the attribute as it comes */
    enum employee_field field;  /* EMPLOYEE_FIELDS_N: custom[0], one more: custom[1] */
    const char *want, *want_id;
} values[] = {
    { "first_name", "{\"label\":\"x\",\"value\":\"Mira\",\"type\":\"standard\"}",
      EMPLOYEE_FIRST_NAME, "Mira", NULL },
    { "first_name", "{\"value\":\"Mira\"}", EMPLOYEE_FIRST_NAME, "Mira", NULL },
    { "first_name", "{\"value\":null}", EMPLOYEE_FIRST_NAME, "", NULL },
    { "first_name", "{\"value\":\"\"}", EMPLOYEE_FIRST_NAME, "", NULL },
    { "first_name", "{\"value\":7}", EMPLOYEE_FIRST_NAME, BAD, NULL },
    { "first_name", "{\"value\":true}", EMPLOYEE_FIRST_NAME, BAD, NULL },
    { "first_name", "{\"value\":{\"a\":1}}", EMPLOYEE_FIRST_NAME, BAD, NULL },
    { "first_name", "{\"label\":\"x\"}", EMPLOYEE_FIRST_NAME, BAD, NULL },
    { "first_name", "{\"value\":\"A\",\"value\":\"B\"}", EMPLOYEE_FIRST_NAME, BAD, NULL },
    { "first_name", "\"Mira\"", EMPLOYEE_FIRST_NAME, BAD, NULL },
    { "first_name", "null", EMPLOYEE_FIRST_NAME, BAD, NULL },
    { "first_nam", "{\"value\":\"Mira\"}", EMPLOYEE_FIRST_NAME, MISSING, NULL },
    { "First_name", "{\"value\":\"Mira\"}", EMPLOYEE_FIRST_NAME, MISSING, NULL },
    { "hire_date", "{\"value\":\"2014-11-09T00:00:00+01:00\"}", EMPLOYEE_HIRE_DATE, "2014-11-09",
      NULL },
    { "hire_date", "{\"value\":\"2014-11-09T00:00:00+0100\"}", EMPLOYEE_HIRE_DATE, "2014-11-09",
      NULL },
    { "hire_date", "{\"value\":20141109}", EMPLOYEE_HIRE_DATE, BAD, NULL },
    { "hire_date", "{\"value\":null}", EMPLOYEE_HIRE_DATE, "", NULL },
    { "status", "{\"value\":\"Active\"}", EMPLOYEE_STATUS, "active", NULL },
    { "office",
      "{\"value\":{\"type\":\"Office\",\"attributes\":{\"id\":5120,\"name\":\"Bremen\"}}}",
      EMPLOYEE_OFFICE, "Bremen", "5120" },
    { "office", "{\"value\":{\"attributes\":{\"name\":\"Bremen\",\"id\":\"5120\"}}}",
      EMPLOYEE_OFFICE, "Bremen", "5120" },
    { "office", "{\"value\":{\"attributes\":{\"id\":{\"value\":7},\"name\":{\"value\":\"B\"}}}}",
      EMPLOYEE_OFFICE, "B", "7" },
    { "office", "{\"value\":{\"attributes\":{\"name\":\"Bremen\"}}}", EMPLOYEE_OFFICE, "Bremen",
      "" },
    { "office", "{\"value\":{\"attributes\":{\"id\":5120}}}", EMPLOYEE_OFFICE, BAD, NULL },
    { "office", "{\"value\":{\"attributes\":{\"id\":5120,\"name\":null}}}", EMPLOYEE_OFFICE, BAD,
      NULL },
    { "office", "{\"value\":{\"attributes\":{\"id\":-1,\"name\":\"B\"}}}", EMPLOYEE_OFFICE, BAD,
      NULL },
    { "office", "{\"value\":{\"attributes\":{\"id\":99999999999999999999,\"name\":\"B\"}}}",
      EMPLOYEE_OFFICE, BAD, NULL },
    { "office", "{\"value\":null}", EMPLOYEE_OFFICE, "", "" },
    { "office", "{\"value\":\"\"}", EMPLOYEE_OFFICE, "", "" },
    { "office", "{\"value\":[]}", EMPLOYEE_OFFICE, "", "" },
    { "office", "{\"value\":{}}", EMPLOYEE_OFFICE, "", "" },
    { "office", "{\"value\":\"Bremen\"}", EMPLOYEE_OFFICE, BAD, NULL },
    { "office", "{\"value\":[{\"attributes\":{\"id\":1,\"name\":\"B\"}}]}", EMPLOYEE_OFFICE, BAD,
      NULL },
    { "subcompany", "{\"value\":{\"attributes\":{\"id\":81,\"name\":\"N\"}}}",
      EMPLOYEE_LEGAL_ENTITY, "N", "81" },
    { "supervisor",
      "{\"value\":{\"type\":\"Employee\",\"attributes\":{\"id\":{\"label\":\"ID\",\"value\":4002}}}"
      "}",
      EMPLOYEE_SUPERVISOR, "4002", NULL },
    { "supervisor",
      "{\"value\":{\"attributes\":{\"first_name\":{\"value\":\"A\"},\"id\":{\"value\":\"4002\"}}}}",
      EMPLOYEE_SUPERVISOR, "4002", NULL },
    { "supervisor", "{\"value\":{\"attributes\":{\"id\":4002}}}", EMPLOYEE_SUPERVISOR, "4002",
      NULL },
    { "supervisor", "{\"value\":4002}", EMPLOYEE_SUPERVISOR, "4002", NULL },
    { "supervisor", "{\"value\":\"4002\"}", EMPLOYEE_SUPERVISOR, "4002", NULL },
    { "supervisor", "{\"value\":null}", EMPLOYEE_SUPERVISOR, "", NULL },
    { "supervisor", "{\"value\":\"\"}", EMPLOYEE_SUPERVISOR, "", NULL },
    { "supervisor", "{\"value\":[]}", EMPLOYEE_SUPERVISOR, "", NULL },
    { "supervisor", "{\"value\":{\"attributes\":{}}}", EMPLOYEE_SUPERVISOR, BAD, NULL },
    { "supervisor", "{\"value\":{\"attributes\":{\"id\":{\"value\":0}}}}", EMPLOYEE_SUPERVISOR, BAD,
      NULL },
    { "supervisor", "{\"value\":\"Ana Silva\"}", EMPLOYEE_SUPERVISOR, BAD, NULL },
    { "cost_centers", "{\"value\":[]}", EMPLOYEE_COST_CENTRE, "", "" },
    { "cost_centers",
      "{\"value\":[{\"attributes\":{\"id\":31,\"name\":\"A\",\"percentage\":40}},{\"attributes\":{"
      "\"id\":32,\"name\":\"B\",\"percentage\":60}}]}",
      EMPLOYEE_COST_CENTRE, "B", "32" },
    { "cost_centers",
      "{\"value\":[{\"attributes\":{\"id\":33,\"name\":\"A\",\"percentage\":50}},{\"attributes\":{"
      "\"id\":32,\"name\":\"B\",\"percentage\":50}}]}",
      EMPLOYEE_COST_CENTRE, "B", "32" },
    { "cost_centers",
      "{\"value\":[{\"attributes\":{\"id\":33,\"name\":\"A\",\"percentage\":\"50.5\"}},{"
      "\"attributes\":{\"id\":32,\"name\":\"B\",\"percentage\":49.5}}]}",
      EMPLOYEE_COST_CENTRE, "A", "33" },
    { "cost_centers", "{\"value\":[{\"attributes\":{\"id\":33,\"name\":\"A\"}}]}",
      EMPLOYEE_COST_CENTRE, "A", "33" },
    { "cost_centers", "{\"value\":[{\"attributes\":{\"id\":33,\"name\":\"A\"}},7]}",
      EMPLOYEE_COST_CENTRE, BAD, NULL },
    { "cost_centers", "{\"value\":7}", EMPLOYEE_COST_CENTRE, BAD, NULL },
    { "profile_picture",
      "{\"value\":\"https://api.personio.de/v1/company/employees/4711/profile-picture\"}",
      EMPLOYEE_AVATAR, "https://api.personio.de/v1/company/employees/4711/profile-picture", NULL },
    { "dynamic_1", "{\"value\":\"x\",\"type\":\"standard\"}", EMPLOYEE_FIELDS_N, "x", NULL },
    { "dynamic_1", "{\"value\":\"A, B,,C \",\"type\":\"tags\"}", EMPLOYEE_FIELDS_N, "A,B,C", NULL },
    { "dynamic_1", "{\"value\":\"[\\\"A\\\",\\\"B\\\"]\",\"type\":\"tags\"}", EMPLOYEE_FIELDS_N,
      "A,B", NULL },
    { "dynamic_1", "{\"value\":\"[\\\"A\\\",7]\",\"type\":\"tags\"}", EMPLOYEE_FIELDS_N, BAD,
      NULL },
    { "dynamic_1", "{\"value\":\"[\",\"type\":\"tags\"}", EMPLOYEE_FIELDS_N, BAD, NULL },
    { "dynamic_1", "{\"value\":\"\",\"type\":\"tags\"}", EMPLOYEE_FIELDS_N, "", NULL },
    { "dynamic_1", "{\"value\":\"1953-03-16T00:00:00+01:00\",\"type\":\"date\"}", EMPLOYEE_FIELDS_N,
      "1953-03-16", NULL },
    { "dynamic_1", "{\"value\":\"1953-13-16\",\"type\":\"date\"}", EMPLOYEE_FIELDS_N, BAD, NULL },
    { "dynamic_1", "{\"value\":38.5,\"type\":\"decimal\"}", EMPLOYEE_FIELDS_N, "38.5", NULL },
    { "dynamic_1", "{\"value\":-4,\"type\":\"integer\"}", EMPLOYEE_FIELDS_N, "-4", NULL },
    { "dynamic_1", "{\"value\":true}", EMPLOYEE_FIELDS_N, "true", NULL },
    { "dynamic_1", "{\"value\":null}", EMPLOYEE_FIELDS_N, "", NULL },
    { "dynamic_1", "{\"value\":[]}", EMPLOYEE_FIELDS_N, "", NULL },
    { "dynamic_1", "{\"value\":[1]}", EMPLOYEE_FIELDS_N, BAD, NULL },
    { "dynamic_1", "{\"value\":{\"attributes\":{\"id\":1,\"name\":\"Plan\"}}}", EMPLOYEE_FIELDS_N,
      "Plan", NULL },
    { "gender", "{\"value\":\"female\"}", (enum employee_field)(EMPLOYEE_FIELDS_N + 1), "female",
      NULL },
};

static void a_value_is_read_as_the_row_says(void **state) {
    (void)state;
    for (size_t i = 0; i < RC_LEN(values); i++) {
        const struct value_row *r = &values[i];
        struct employee e;
        struct rc_error err = { 0 };
        char *text = arena_printf(&arena, "{\"attributes\":{\"%s\":%s,\"id\":{\"value\":1}}}",
                                  r->key, r->envelope);
        if (read_row(text, &e, &err) != RC_OK)
            fail_msg("row %zu: %s", i, err.text);
        bool is_custom = r->field >= EMPLOYEE_FIELDS_N;
        size_t at = is_custom ? (size_t)(r->field - EMPLOYEE_FIELDS_N) : 0;
        struct text got = is_custom ? e.custom[at].value : e.fields[r->field].text;
        bool is_bad = is_custom ? (e.bad_custom & 1u << at) != 0 : (e.bad & 1u << r->field) != 0;
        bool unset = strcmp(r->want, BAD) == 0 || strcmp(r->want, MISSING) == 0;
        if (is_bad != (strcmp(r->want, BAD) == 0) ||
            !text_equal(got, text_of(unset ? NULL : r->want)))
            fail_msg("row %zu: %s gives %s \"%.*s\", bad %d", i, text, text_state_name(got.state),
                     TEXT_ARG(got), is_bad);
        if (r->want_id != NULL && !text_equal(e.fields[r->field].id, text_of(r->want_id)))
            fail_msg("row %zu: %s gives the id \"%.*s\"", i, text, TEXT_ARG(e.fields[r->field].id));
    }
}

static void every_field_is_found_by_its_key_and_only_when_it_is_read(void **state) {
    (void)state;
    for (enum employee_field f = 0; f < EMPLOYEE_FIELDS_N; f++) {
        struct employee e;
        struct rc_error err = { 0 };
        json row;
        struct employee_reads without = { everything.fields & ~(1u << f), NULL, 0 };
        char *text =
            arena_printf(&arena, "{\"attributes\":{\"id\":{\"value\":1},\"%s\":{\"value\":\"\"}}}",
                         personio_key(f));
        assert_int_equal(read_row(text, &e, &err), RC_OK);
        for (enum employee_field g = 0; g < EMPLOYEE_FIELDS_N; g++)
            assert_int_equal(e.fields[g].text.state, g == f ? TEXT_EMPTY : TEXT_MISSING);
        assert_int_equal(json_parse_copy(reader, text, strlen(text), &row, &err), RC_OK);
        assert_int_equal(personio_read(&without, row, &arena, &e, &err), RC_OK);
        assert_int_equal(e.fields[f].text.state, TEXT_MISSING);
        assert_true(personio_label(f)[0] != '\0');
    }
}

static void a_key_that_comes_twice_is_bad(void **state) {
    struct employee e;
    struct rc_error err = { 0 };
    (void)state;
    assert_int_equal(read_row("{\"attributes\":{\"id\":{\"value\":1},\"email\":{\"value\":\"a@x."
                              "org\"},\"dynamic_1\":{\"value\":null},"
                              "\"email\":{\"value\":\"b@x.org\"},\"dynamic_1\":{\"value\":\"y\"},"
                              "\"dynamic_1\":{\"value\":\"y\"}}}",
                              &e, &err),
                     RC_OK);
    assert_int_equal(e.bad, 1u << EMPLOYEE_EMAIL);
    assert_int_equal(e.fields[EMPLOYEE_EMAIL].text.state, TEXT_MISSING);
    assert_int_equal(e.bad_custom, 1);
    assert_int_equal(e.custom[0].value.state, TEXT_MISSING);
}

static const char *const nobodies[] = {
    "7",
    "null",
    "\"x\"",
    "[]",
    "{}",
    "{\"attributes\":[]}",
    "{\"attributes\":{}}",
    "{\"attributes\":{\"id\":1}}",
    "{\"attributes\":{\"id\":{\"value\":null}}}",
    "{\"attributes\":{\"id\":{\"value\":0}}}",
    "{\"attributes\":{\"id\":{\"value\":-5}}}",
    "{\"attributes\":{\"id\":{\"value\":1.5}}}",
    "{\"attributes\":{\"id\":{\"value\":\"x\"}}}",
    "{\"attributes\":{\"id\":{\"value\":1},\"id\":{\"value\":2}}}",
    "{\"attributes\":{\"id\":{\"value\":1,\"value\":2}}}",
    "{\"attributes\":{\"id\":{\"value\":18446744073709551615}}}",
};

static void a_row_without_a_usable_id_is_nobody(void **state) {
    (void)state;
    for (size_t i = 0; i < RC_LEN(nobodies); i++) {
        struct employee e;
        struct rc_error err = { 0 };
        if (read_row(nobodies[i], &e, &err) != RC_INVALID)
            fail_msg("%s was read", nobodies[i]);
        assert_string_equal(err.name, "personio.row");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_read_as_the_row_says),
        cmocka_unit_test(every_field_is_found_by_its_key_and_only_when_it_is_read),
        cmocka_unit_test(a_key_that_comes_twice_is_bad),
        cmocka_unit_test(a_row_without_a_usable_id_is_nobody),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
