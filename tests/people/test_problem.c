#include "tests/base/helper.h"
#include "people/problem.h"

static struct arena arena;

#define BIT(p) ((uint64_t)1 << PROBLEM_##p)

/* What differs from a person in whom nothing is wrong: NULL is missing, "" empty; `bad` a field
 * that came and could not be used. */
static const struct row {
    const char *name;
    enum employee_field field;
    const char *value;
    bool bad;
    uint64_t want;
} rows[] = {
    { "nothing is wrong", EMPLOYEE_JOB_TITLE, "Welder", false, 0 },
    { "no address", EMPLOYEE_EMAIL, NULL, false, BIT(NO_EMAIL) },
    { "an empty address", EMPLOYEE_EMAIL, "", false, BIT(NO_EMAIL) },
    { "an address that is none", EMPLOYEE_EMAIL, "mira at x", false, BIT(BAD_EMAIL) },
    { "an unusable address is bad, not missing", EMPLOYEE_EMAIL, NULL, true, BIT(BAD_EMAIL) },
    { "no first name", EMPLOYEE_FIRST_NAME, NULL, false, BIT(NO_FIRST_NAME) },
    { "an empty first name", EMPLOYEE_FIRST_NAME, "", false, BIT(NO_FIRST_NAME) },
    { "no last name", EMPLOYEE_LAST_NAME, "", false, BIT(NO_LAST_NAME) },
    { "no status", EMPLOYEE_STATUS, NULL, false, BIT(UNKNOWN_STATUS) },
    { "a status that nobody knows", EMPLOYEE_STATUS, "sabbatical", false, BIT(UNKNOWN_STATUS) },
    { "a start date that is none", EMPLOYEE_HIRE_DATE, NULL, true, BIT(BAD_DATE) },
    { "an end date that is none", EMPLOYEE_TERMINATION_DATE, NULL, true, BIT(BAD_DATE) },
    { "an unusable title", EMPLOYEE_JOB_TITLE, NULL, true, BIT(BAD_VALUE) },
    { "an unusable office", EMPLOYEE_OFFICE, NULL, true, BIT(BAD_VALUE) },
    { "no start date is no problem", EMPLOYEE_HIRE_DATE, NULL, false, 0 },
    { "no manager is no problem", EMPLOYEE_SUPERVISOR, "", false, 0 },
    { "an end before the start", EMPLOYEE_TERMINATION_DATE, "2020-12-31", false,
      BIT(ENDS_BEFORE_START) },
    { "an end on the first day is none before it", EMPLOYEE_TERMINATION_DATE, "2021-01-01", false,
      0 },
    { "an end after the start", EMPLOYEE_TERMINATION_DATE, "2030-01-01", false, 0 },
    { "their own manager", EMPLOYEE_SUPERVISOR, "4711", false, BIT(OWN_MANAGER) },
};

static void put(struct employee *e, enum employee_field f, const char *value) {
    if (value == NULL)
        e->fields[f].text = (struct text){ 0 };
    else
        employee_put(e, f, &arena, value, strlen(value));
}

static struct employee faultless(void) {
    static const struct employee_reads nothing;
    struct employee e;
    employee_begin(&e, &nothing, &arena);
    employee_put_id(&e, &arena, "4711", 4, NULL);
    put(&e, EMPLOYEE_FIRST_NAME, "Mira");
    put(&e, EMPLOYEE_LAST_NAME, "Okafor");
    put(&e, EMPLOYEE_EMAIL, "mira@x.org");
    put(&e, EMPLOYEE_STATUS, "active");
    put(&e, EMPLOYEE_HIRE_DATE, "2021-01-01");
    return e;
}

static uint64_t problems_of(const struct employee *e) {
    struct user u;
    struct mapping_outcome outcome;
    mapping_build(mapping_default(&arena), e, NULL, &arena, &u, &outcome);
    return problem_find(e, &u, &outcome);
}

static void the_row_has_these_problems(void **state) {
    const struct row *r = *state;
    struct employee e = faultless();
    put(&e, r->field, r->value);
    if (r->bad)
        employee_put_bad(&e, r->field);
    assert_int_equal(problems_of(&e), r->want);
}

static void problems_add_up(void **state) {
    struct employee e = faultless();
    (void)state;
    put(&e, EMPLOYEE_EMAIL, "no");
    put(&e, EMPLOYEE_STATUS, "?");
    employee_put_bad(&e, EMPLOYEE_HIRE_DATE);
    e.bad_custom = 4;
    assert_int_equal(problems_of(&e),
                     BIT(BAD_EMAIL) | BIT(UNKNOWN_STATUS) | BIT(BAD_DATE) | BIT(BAD_VALUE));
}

/* The bits are stored, and the names are in the contract of the command line. */
static void bits_and_names_are_never_changed(void **state) {
    static const char *const names[] = { "no-email",      "bad-email",         "no-first-name",
                                         "no-last-name",  "unknown-status",    "bad-date",
                                         "bad-value",     "ends-before-start", "own-manager",
                                         "filter-unknown" };
    (void)state;
    assert_int_equal(RC_LEN(names), PROBLEMS_N);
    for (int p = 0; p < PROBLEMS_N; p++) {
        assert_string_equal(problem_name((enum problem)p), names[p]);
        assert_true(strlen(problem_sentence((enum problem)p)) > 20);
    }
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(rows) + 2];
    size_t n = 0;
    arena_init(&arena);
    ADD_ROWS(tests, n, rows, the_row_has_these_problems);
    ADD_TEST(tests, n, problems_add_up);
    ADD_TEST(tests, n, bits_and_names_are_never_changed);
    int failed = RUN_TESTS(tests, n);
    arena_done(&arena);
    return failed;
}
