#include "tests/base/helper.h"
#include "people/user.h"

static void names_of_fields_are_those_that_are_stored(void **state) {
    static const char *const names[] = { "first_name",   "last_name", "email",
                                         "job_title",    "avatar",    "primary_location",
                                         "primary_team", "manager",   "hire_date",
                                         "leave_date",   "status" };
    (void)state;
    assert_int_equal(RC_LEN(names), USER_FIELDS_N);
    for (int f = 0; f < USER_FIELDS_N; f++)
        assert_string_equal(user_field_name((enum user_field)f), names[f]);
}

static const struct key_row {
    const char *name, *kind, *id, *group, *want; /* want NULL: missing, "": empty */
} keys[] = {
    { "the id counts", "department", "903", "Dock", "department:903" },
    { "without a name too", "department", "903", NULL, "department:903" },
    { "an empty id is none", "department", "", "Dock", "department=Dock" },
    { "a missing id is none", "team", NULL, "Night shift", "team=Night shift" },
    { "an empty group is no team", "team", NULL, "", "" },
    { "a missing group is not an empty one", "team", NULL, NULL, NULL },
    { "an id that looks like a key stays one", "team", "a=b:c", "x", "team:a=b:c" },
};

static void the_key_is_that_of_the_row(void **state) {
    const struct key_row *r = *state;
    struct arena a;
    arena_init(&a);
    struct text key = user_team_key(&a, r->kind, text_of(r->id), text_of(r->group));
    bool equal = text_equal(key, text_of(r->want));
    arena_done(&a);
    assert_true(equal);
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(keys) + 1];
    size_t n = 0;
    ADD_TEST(tests, n, names_of_fields_are_those_that_are_stored);
    ADD_ROWS(tests, n, keys, the_key_is_that_of_the_row);
    return RUN_TESTS(tests, n);
}
