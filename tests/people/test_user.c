#include "tests/base/helper.h"
#include "people/user.h"

static void names_of_fields_are_those_that_are_stored(void **state) {
    static const char *const names[] = { "first_name",   "last_name", "email",
                                         "job_title",    "avatar",    "primary_location",
                                         "primary_team", "manager",   "hire_date",
                                         "leave_date",   "status",    "secondary_teams",
                                         "language",     "excluded" };
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

static struct text joined(struct arena *a, struct text *list, size_t n) {
    struct text t = { 0 };
    assert_int_equal(user_teams_join(a, list, n, &t), RC_OK);
    return t;
}

static void several_teams_are_one_text_in_one_order_each_once(void **state) {
    struct text some[] = { TEXT_LIT("team:9"), TEXT_LIT("department=A, B"), TEXT_LIT("team:10"),
                           TEXT_LIT("team:9") };
    struct text same[] = { TEXT_LIT("department=A, B"), TEXT_LIT("team:9"), TEXT_LIT("team:10"),
                           TEXT_LIT("department=A, B") };
    static const char *const want[] = { "department=A, B", "team:10", "team:9" };
    struct arena a;
    struct text one, teams;
    size_t cursor = 0, n = 0;
    (void)state;
    arena_init(&a);
    teams = joined(&a, some, RC_LEN(some));
    assert_true(text_equal(teams, joined(&a, same, RC_LEN(same))));
    for (; user_teams_next(teams, &cursor, &one); n++)
        assert_true(n < RC_LEN(want) && text_is(one, want[n]));
    assert_int_equal(n, RC_LEN(want));
    assert_int_equal(joined(&a, some, 0).state, TEXT_EMPTY);
    cursor = 0;
    assert_false(user_teams_next(TEXT_NONE, &cursor, &one));
    assert_false(user_teams_next((struct text){ 0 }, &cursor, &one));
    arena_done(&a);
}

static void too_many_teams_are_none(void **state) {
    static char name[2000];
    struct arena a;
    struct text list[5], untouched = TEXT_LIT("x"), t = untouched;
    (void)state;
    arena_init(&a);
    memset(name, 'n', sizeof name);
    for (size_t i = 0; i < RC_LEN(list); i++)
        list[i] = text_from(name, sizeof name - i);
    assert_int_equal(user_teams_join(&a, list, 4, &t), RC_OK);
    t = untouched;
    assert_int_equal(user_teams_join(&a, list, 5, &t), RC_INVALID);
    assert_true(text_equal(t, untouched));
    arena_done(&a);
}

static void a_custom_field_is_found_by_its_name(void **state) {
    static const struct user_custom custom[] = { { "custom.a", { TEXT_EMPTY, "", 0 } },
                                                 { "custom.b", { TEXT_SET, "4400", 4 } } };
    struct user u = { .custom = custom, .custom_n = RC_LEN(custom) };
    (void)state;
    assert_true(text_is(user_custom_find(&u, "custom.b"), "4400"));
    assert_int_equal(user_custom_find(&u, "custom.a").state, TEXT_EMPTY);
    assert_int_equal(user_custom_find(&u, "custom.c").state, TEXT_MISSING);
}

static void what_is_kept_outlives_where_it_came_from(void **state) {
    struct arena a, b;
    (void)state;
    arena_init(&a);
    arena_init(&b);
    struct user_custom *custom = ARENA_NEW(&a, struct user_custom, 1);
    custom[0] = (struct user_custom){ arena_printf(&a, "custom.%s", "badge"),
                                      text_copy(&a, text_of("Staff")) };
    struct user u = { .custom = custom, .custom_n = 1 };
    u.fields[USER_EMAIL] = text_copy(&a, text_of("mira@x.org"));
    u.fields[USER_AVATAR] = TEXT_NONE;
    user_keep(&u, &b);
    arena_done(&a);
    assert_true(text_is(u.fields[USER_EMAIL], "mira@x.org"));
    assert_int_equal(u.fields[USER_AVATAR].state, TEXT_EMPTY);
    assert_int_equal(u.fields[USER_MANAGER].state, TEXT_MISSING);
    assert_true(text_is(user_custom_find(&u, "custom.badge"), "Staff"));
    arena_done(&b);
}

static void users_are_equal_in_every_field_or_not_at_all(void **state) {
    static const struct user_custom one[] = { { "custom.a", { TEXT_SET, "x", 1 } } },
                                    renamed[] = { { "custom.b", { TEXT_SET, "x", 1 } } },
                                    other[] = { { "custom.a", { TEXT_SET, "y", 1 } } };
    struct user u = { .custom = one, .custom_n = 1 }, v = u;
    (void)state;
    assert_true(user_equal(&u, &v));
    for (int f = 0; f < USER_FIELDS_N; f++) {
        v.fields[f] = TEXT_NONE; /* empty is not missing */
        assert_false(user_equal(&u, &v));
        v.fields[f] = u.fields[f];
    }
    v.custom = renamed;
    assert_false(user_equal(&u, &v));
    v.custom = other;
    assert_false(user_equal(&u, &v));
    v.custom_n = 0;
    assert_false(user_equal(&u, &v));
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(keys) + 6];
    size_t n = 0;
    ADD_TEST(tests, n, several_teams_are_one_text_in_one_order_each_once);
    ADD_TEST(tests, n, too_many_teams_are_none);
    ADD_TEST(tests, n, what_is_kept_outlives_where_it_came_from);
    ADD_TEST(tests, n, users_are_equal_in_every_field_or_not_at_all);
    ADD_TEST(tests, n, a_custom_field_is_found_by_its_name);
    ADD_TEST(tests, n, names_of_fields_are_those_that_are_stored);
    ADD_ROWS(tests, n, keys, the_key_is_that_of_the_row);
    return RUN_TESTS(tests, n);
}
