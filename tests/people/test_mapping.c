#include "tests/base/helper.h"
#include "people/mapping.h"

static struct arena arena, lasting;
static const struct employee_reads nothing;
static const struct mapping *by_default;

static const struct text missing, empty = { TEXT_EMPTY, "", 0 };

/* One user field: where it comes from, a value of HR's, what becomes of it. */
static const struct field_row {
    const char *name;
    enum user_field field;
    enum employee_field from;
    const char *hr, *want;
    bool empty_keeps;
} fields[] = {
    { "first name", USER_FIRST_NAME, EMPLOYEE_FIRST_NAME, "Mira", "Mira", true },
    { "last name", USER_LAST_NAME, EMPLOYEE_LAST_NAME, "Okafor", "Okafor", true },
    { "email", USER_EMAIL, EMPLOYEE_EMAIL, "Mira@Example.org", "mira@example.org", true },
    { "job title", USER_JOB_TITLE, EMPLOYEE_JOB_TITLE, "Welder", "Welder", false },
    { "avatar", USER_AVATAR, EMPLOYEE_AVATAR, "/p/7", "/p/7", false },
    { "location", USER_PRIMARY_LOCATION, EMPLOYEE_OFFICE, "Bremen", "Bremen", false },
    { "team", USER_PRIMARY_TEAM, EMPLOYEE_DEPARTMENT, "Dock", "department=Dock", false },
    { "manager", USER_MANAGER, EMPLOYEE_SUPERVISOR, "17", "17", false },
    { "hire date", USER_HIRE_DATE, EMPLOYEE_HIRE_DATE, "2021-04-01", "2021-04-01", false },
    { "leave date", USER_LEAVE_DATE, EMPLOYEE_TERMINATION_DATE, "2031-04-01", "2031-04-01", false },
    { "status", USER_STATUS, EMPLOYEE_STATUS, "active", "active", true },
};

static struct user map(const struct mapping *m, const struct employee *e,
                       const struct user *known) {
    struct user u;
    mapping_build(m, e, known, &arena, &u, NULL);
    return u;
}

static void assert_text(struct text got, struct text want) {
    if (!text_equal(got, want))
        fail_msg("%s \"%.*s\" instead of %s \"%.*s\"", text_state_name(got.state), TEXT_ARG(got),
                 text_state_name(want.state), TEXT_ARG(want));
}

/* Missing, empty, set; for a joiner and for somebody known with and without a value. */
static void a_field_is_kept_cleared_or_set(void **state) {
    const struct field_row *r = *state;
    struct text old = TEXT_LIT("known");
    struct user known = { 0 }, none = { 0 }, cleared = { 0 };
    struct employee e;
    known.fields[r->field] = old;
    cleared.fields[r->field] = empty;

    employee_begin(&e, &nothing, &arena);
    assert_text(map(by_default, &e, NULL).fields[r->field], missing);
    assert_text(map(by_default, &e, &none).fields[r->field], missing);
    assert_text(map(by_default, &e, &cleared).fields[r->field], empty);
    assert_text(map(by_default, &e, &known).fields[r->field], old);

    employee_put_empty(&e, r->from);
    assert_text(map(by_default, &e, NULL).fields[r->field], empty);
    assert_text(map(by_default, &e, &none).fields[r->field], empty);
    assert_text(map(by_default, &e, &known).fields[r->field], r->empty_keeps ? old : empty);
    assert_int_equal(mapping_empty_rule(by_default, r->field),
                     r->empty_keeps ? MAPPING_EMPTY_KEEPS : MAPPING_EMPTY_CLEARS);
    assert_true(mapping_fills(by_default, r->field));
    assert_false(mapping_fills(by_default, USER_LANGUAGE) || mapping_fills_custom(by_default));

    if (employee_field_kind(r->from) == EMPLOYEE_KIND_GROUP)
        employee_put_group(&e, r->from, &arena, TEXT_NONE, r->hr, strlen(r->hr));
    else
        employee_put(&e, r->from, &arena, r->hr, strlen(r->hr));
    assert_text(map(by_default, &e, NULL).fields[r->field], text_of(r->want));
    assert_text(map(by_default, &e, &known).fields[r->field], text_of(r->want));
    /* and nothing else is touched */
    for (int f = 0; f < USER_FIELDS_N; f++)
        if (f != (int)r->field)
            assert_text(map(by_default, &e, &known).fields[f], missing);

    employee_put_bad(&e, r->from);
    assert_text(map(by_default, &e, &known).fields[r->field], old);
    assert_text(map(by_default, &e, NULL).fields[r->field], missing);
}

/* What HR has as e-mail; NULL: it is none, and what is known stays. */
static const struct email_row {
    const char *name, *hr, *want;
} emails[] = {
    { "capitals are folded", "Mira.OKAFOR@Example.ORG", "mira.okafor@example.org" },
    { "only ascii is folded", "\xc3\x84NNE@x.org", "\xc3\x84nne@x.org" },
    { "a dotted capital i stays what it is", "\xc4\xb0SA@x.org", "\xc4\xb0sa@x.org" },
    { "a plus is part of the address", "mira+hr@x.org", "mira+hr@x.org" },
    { "a word is no address", "mira", NULL },
    { "two addresses are none", "a@x.org, b@x.org", NULL },
    { "a domain without a dot is none", "mira@intranet", NULL },
};

static void an_address_is_folded_or_what_is_known_stays(void **state) {
    const struct email_row *r = *state;
    struct user known = { 0 };
    struct employee e;
    known.fields[USER_EMAIL] = TEXT_LIT("known@x.org");
    employee_begin(&e, &nothing, &arena);
    employee_put(&e, EMPLOYEE_EMAIL, &arena, r->hr, strlen(r->hr));
    assert_text(map(by_default, &e, &known).fields[USER_EMAIL],
                r->want != NULL ? text_of(r->want) : TEXT_LIT("known@x.org"));
    assert_text(map(by_default, &e, NULL).fields[USER_EMAIL],
                r->want != NULL ? text_of(r->want) : missing);
}

static struct text team_of(const struct mapping *m, enum employee_field f, struct text id,
                           const char *name) {
    struct employee e;
    employee_begin(&e, &nothing, &arena);
    employee_put_group(&e, f, &arena, id, name, strlen(name));
    return map(m, &e, NULL).fields[USER_PRIMARY_TEAM];
}

static void a_team_is_known_by_its_id_and_by_its_name_only_without_one(void **state) {
    const struct mapping *m = by_default;
    (void)state;
    assert_text(team_of(m, EMPLOYEE_DEPARTMENT, TEXT_LIT("903"), "Dock"),
                TEXT_LIT("department:903"));
    assert_text(team_of(m, EMPLOYEE_DEPARTMENT, TEXT_LIT("903"), "Harbour"),
                TEXT_LIT("department:903"));
    assert_text(team_of(m, EMPLOYEE_DEPARTMENT, TEXT_NONE, "Dock"), TEXT_LIT("department=Dock"));
    /* a name that looks like an id is not that id */
    assert_text(team_of(m, EMPLOYEE_DEPARTMENT, TEXT_NONE, "903"), TEXT_LIT("department=903"));
    assert_text(team_of(m, EMPLOYEE_TEAM, TEXT_LIT("903"), "Dock"), missing);
}

static void a_setting_says_what_the_team_is(void **state) {
    const struct mapping *m = NULL, *untouched;
    struct rc_error err;
    (void)state;
    assert_int_equal(mapping_of_team("team", &arena, &m, &err), RC_OK);
    assert_text(team_of(m, EMPLOYEE_TEAM, TEXT_LIT("7"), "Night"), TEXT_LIT("team:7"));
    assert_text(team_of(m, EMPLOYEE_DEPARTMENT, TEXT_LIT("7"), "Dock"), missing);
    assert_true(mapping_fingerprint(m) != mapping_fingerprint(by_default));
    untouched = m;
    assert_int_equal(mapping_of_team("squad", &arena, &m, &err), RC_INVALID);
    assert_non_null(strstr(err.text, "\"squad\""));
    assert_ptr_equal(m, untouched);
    assert_int_equal(mapping_of_team("department", &arena, &m, &err), RC_OK);
    assert_true(mapping_fingerprint(m) == mapping_fingerprint(by_default));
}

/* Directories from before there were rules to write were digested with these numbers. When this
 * fails, the next import of every installation writes every person again. */
static void the_first_mappings_keep_their_fingerprints(void **state) {
    const struct mapping *m;
    (void)state;
    assert_true(mapping_fingerprint(by_default) == (UINT64_C(1) << 32 | 7));
    assert_int_equal(mapping_of_team("team", &arena, &m, NULL), RC_OK);
    assert_true(mapping_fingerprint(m) == (UINT64_C(1) << 32 | 8));
    assert_int_equal(mapping_parse(text_of(mapping_default_text), NULL, &arena, &m, NULL, NULL),
                     RC_OK);
    assert_true(mapping_fingerprint(m) == mapping_fingerprint(by_default));
}

static void what_is_not_mapped_is_not_read(void **state) {
    static const enum employee_field never[] = {
        EMPLOYEE_PREFERRED_NAME,  EMPLOYEE_LEGAL_ENTITY,     EMPLOYEE_COST_CENTRE,
        EMPLOYEE_EMPLOYMENT_TYPE, EMPLOYEE_LAST_WORKING_DAY, EMPLOYEE_CONTRACT_END_DATE,
    };
    const struct mapping *m = by_default;
    (void)state;
    uint32_t reads = mapping_reads(m).fields;
    for (size_t i = 0; i < RC_LEN(fields); i++)
        assert_true((reads & 1u << fields[i].from) != 0);
    for (size_t i = 0; i < RC_LEN(never); i++)
        assert_true((reads & 1u << never[i]) == 0);
    assert_true((reads & 1u << EMPLOYEE_TEAM) == 0);
    assert_int_equal(mapping_reads(m).custom_n, 0);
    assert_int_equal(mapping_of_team("team", &arena, &m, NULL), RC_OK);
    assert_true((mapping_reads(m).fields & 1u << EMPLOYEE_TEAM) != 0);
    assert_true((mapping_reads(m).fields & 1u << EMPLOYEE_DEPARTMENT) == 0);
}

static void what_hr_did_not_send_is_filled_with_what_is_known(void **state) {
    struct employee known, e;
    (void)state;
    employee_begin(&known, &nothing, &arena);
    employee_put(&known, EMPLOYEE_FIRST_NAME, &arena, "Mira", 4);
    employee_put(&known, EMPLOYEE_LAST_NAME, &arena, "Okafor", 6);
    employee_put(&known, EMPLOYEE_JOB_TITLE, &arena, "Welder", 6);
    employee_put(&known, EMPLOYEE_COST_CENTRE, &arena, "K1", 2); /* not mapped */
    known.fields[EMPLOYEE_DEPARTMENT].id = TEXT_LIT("903");      /* its name lives on the team */

    e = known;
    assert_false(mapping_keep_known(by_default, &e, &known));
    employee_begin(&e, &nothing, &arena);
    employee_put(&e, EMPLOYEE_FIRST_NAME, &arena, "Mirjam", 6);
    employee_put_empty(&e, EMPLOYEE_LAST_NAME);
    employee_put_bad(&e, EMPLOYEE_JOB_TITLE);
    assert_true(mapping_keep_known(by_default, &e, &known));
    assert_text(e.fields[EMPLOYEE_FIRST_NAME].text, TEXT_LIT("Mirjam"));
    assert_text(e.fields[EMPLOYEE_LAST_NAME].text, empty);
    assert_text(e.fields[EMPLOYEE_JOB_TITLE].text, TEXT_LIT("Welder"));
    assert_text(e.fields[EMPLOYEE_DEPARTMENT].id, TEXT_LIT("903"));
    assert_text(e.fields[EMPLOYEE_COST_CENTRE].text, missing);
    assert_true((e.bad & 1u << EMPLOYEE_JOB_TITLE) != 0);
    assert_text(map(by_default, &e, NULL).fields[USER_PRIMARY_TEAM], TEXT_LIT("department:903"));
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(fields) + RC_LEN(emails) + 5];
    size_t n = 0;
    arena_init(&arena);
    arena_init(&lasting);
    by_default = mapping_default(&lasting);
    ADD_ROWS(tests, n, fields, a_field_is_kept_cleared_or_set);
    ADD_ROWS(tests, n, emails, an_address_is_folded_or_what_is_known_stays);
    ADD_TEST(tests, n, a_team_is_known_by_its_id_and_by_its_name_only_without_one);
    ADD_TEST(tests, n, a_setting_says_what_the_team_is);
    ADD_TEST(tests, n, the_first_mappings_keep_their_fingerprints);
    ADD_TEST(tests, n, what_is_not_mapped_is_not_read);
    ADD_TEST(tests, n, what_hr_did_not_send_is_filled_with_what_is_known);
    int failed = RUN_TESTS(tests, n);
    arena_done(&arena);
    arena_done(&lasting);
    return failed;
}
