#include "tests/base/helper.h"
#include "people/problem.h"
#include "tests/people/person.h"

static struct arena arena;

static struct user map(const char *text, const char *person, struct mapping_outcome *ret_outcome) {
    const struct mapping *m = person_mapping(text, &arena);
    struct employee e = person_read(person, m, &arena);
    struct user u;
    mapping_build(m, &e, NULL, &arena, &u, ret_outcome);
    return u;
}

static void assert_text(struct text got, const char *want) {
    const char *shown = person_shown(got, &arena), *wanted = person_shown(text_of(want), &arena);
    if (strcmp(shown, wanted) != 0)
        fail_msg("%s instead of %s", shown, wanted);
}

/* ---- fields ---- */

static const struct field_row {
    const char *name, *text;
    enum user_field field;
    const char *person, *want;
} fields[] = {
    { "a language", "language = custom(\"a\")", USER_LANGUAGE, "custom(\"a\") = \"pt-BR\"",
      "pt-BR" },
    { "a language that is none", "language = custom(\"a\")", USER_LANGUAGE,
      "custom(\"a\") = \"Deutsch\"", NULL },
    { "an address from elsewhere", "email = email ?? custom(\"a\")", USER_EMAIL,
      "email = \"\", custom(\"a\") = \"Mira@Home.Example\"", "mira@home.example" },
    { "an address that is none", "email = email ?? custom(\"a\")", USER_EMAIL,
      "email = \"none\", custom(\"a\") = \"mira@home.example\"", NULL },
    { "a team by its id", "primary_team = if office == \"a\" then team else department",
      USER_PRIMARY_TEAM, "office = \"a\", team = 7 \"Night\", department = 9 \"Dock\"", "team:7" },
    { "the other team", "primary_team = if office == \"a\" then team else department",
      USER_PRIMARY_TEAM, "office = \"b\", team = 7 \"Night\", department = 9 \"Dock\"",
      "department:9" },
    { "a team instead of an empty one", "primary_team = team ?? department", USER_PRIMARY_TEAM,
      "team = \"\", department = 9 \"Dock\"", "department:9" },
    { "no team at all", "primary_team = team ?? department", USER_PRIMARY_TEAM,
      "team = \"\", department = \"\"", "" },
    { "a team that is missing", "primary_team = team ?? department", USER_PRIMARY_TEAM, "", NULL },
    { "a team of a text", "primary_team = group(\"unit\", join(\" / \", department, office))",
      USER_PRIMARY_TEAM, "department = 9 \"Dock\", office = 5 \"Bremen\"", "unit=Dock / Bremen" },
    { "a team of an empty text", "primary_team = group(\"unit\", custom(\"a\"))", USER_PRIMARY_TEAM,
      "custom(\"a\") = \"\"", "" },
    { "a team of a missing text", "primary_team = group(\"unit\", custom(\"a\"))",
      USER_PRIMARY_TEAM, "", NULL },

    { "further teams by their bytes, each once",
      "secondary_teams = [team, cost_centre, team, office]", USER_SECONDARY_TEAMS,
      "team = 7 \"Night\", cost_centre = 31 \"K\", office = \"Bremen\"",
      "cost_centre:31, office=Bremen, team:7" },
    { "further teams without the first", "secondary_teams = [team, department]",
      USER_SECONDARY_TEAMS, "team = 7 \"Night\", department = 9 \"Dock\"", "team:7" },
    { "no further team but the first", "secondary_teams = department", USER_SECONDARY_TEAMS,
      "department = 9 \"Dock\"", "" },
    { "further teams without the empty ones", "secondary_teams = [team, cost_centre]",
      USER_SECONDARY_TEAMS, "team = \"\", cost_centre = 31 \"K\"", "cost_centre:31" },
    { "further teams that are all empty", "secondary_teams = [team, cost_centre]",
      USER_SECONDARY_TEAMS, "team = \"\", cost_centre = \"\"", "" },
    { "further teams of which one is missing", "secondary_teams = [team, cost_centre]",
      USER_SECONDARY_TEAMS, "team = 7 \"Night\"", NULL },
    { "no further teams", "secondary_teams = []", USER_SECONDARY_TEAMS, "", "" },
    { "further teams of a choice",
      "secondary_teams = if office == \"a\" then [team] else [team, "
      "cost_centre]",
      USER_SECONDARY_TEAMS, "office = \"b\", team = 7 \"Night\", cost_centre = 31 \"K\"",
      "cost_centre:31, team:7" },

    { "another manager", "manager = if office == \"a\" then supervisor else \"\"", USER_MANAGER,
      "office = \"b\", supervisor = \"17\"", "" },
    { "a status of one's own",
      "status = if employment_type == \"external\" then \"inactive\" "
      "else status",
      USER_STATUS, "employment_type = \"external\", status = \"active\"", "inactive" },
    { "a field that is not filled", "avatar = unmapped", USER_AVATAR, "avatar = \"/p/7\"", NULL },
    { "a field without a rule", "language = \"de\"", USER_JOB_TITLE, "job_title = \"Welder\"",
      "Welder" },
};

static void the_field_is_that_of_the_row(void **state) {
    const struct field_row *r = *state;
    arena_reset(&arena);
    struct user u = map(r->text, r->person, NULL);
    assert_text(u.fields[r->field], r->want);
}

/* What is known stays for a missing value, and for an empty one by its rule. */
static const struct known_row {
    const char *name, *text, *person, *known, *want;
} known[] = {
    { "a value", "custom.x = team", "team = \"a\"", "old", "a" },
    { "an empty one clears", "custom.x = team", "team = \"\"", "old", "" },
    { "unless told to keep", "custom.x = team\nempty custom.x = keep", "team = \"\"", "old",
      "old" },
    { "a missing one keeps", "custom.x = team", "", "old", "old" },
    { "an unknown question keeps", "custom.x = if team == \"a\" then \"1\" else \"2\"", "", "old",
      "old" },
    { "nothing is known", "custom.x = team", "", NULL, NULL },
    { "a field that is not filled any more goes", "custom.x = unmapped", "team = \"a\"", "old",
      NULL },
    { "a value that cannot be used keeps", "custom.x = text(date(team))", "team = \"a\"", "old",
      "old" },
};

static void what_is_known_stays_or_goes(void **state) {
    const struct known_row *r = *state;
    arena_reset(&arena);
    const struct mapping *m = person_mapping(r->text, &arena);
    struct employee e = person_read(r->person, m, &arena);
    struct user_custom custom[] = { { "custom.w", TEXT_LIT("other") },
                                    { "custom.x", text_of(r->known) } };
    struct user before = { .custom = custom, .custom_n = RC_LEN(custom) }, u;
    mapping_build(m, &e, &before, &arena, &u, NULL);
    assert_text(user_custom_find(&u, "custom.x"), r->want);
    assert_text(user_custom_find(&u, "custom.w"), NULL); /* no rule speaks of it */
}

/* ---- filters ---- */

static const struct filter_row {
    const char *name, *text, *person;
    enum mapping_filter want;
    const char *reason;
} filters[] = {
    { "no filter", "", "", MAPPING_IN, NULL },
    { "an exclude that fits not", "exclude when team == \"a\"", "team = \"b\"", MAPPING_IN, NULL },
    { "an exclude that fits", "exclude when team == \"a\"", "team = \"a\"", MAPPING_EXCLUDED,
      "team == \"a\"" },
    { "an exclude with a reason", "exclude when team == \"a\" because \"externals\"",
      "team = \"a\"", MAPPING_EXCLUDED, "externals" },
    { "an exclude that cannot be told", "exclude when team == \"a\"", "", MAPPING_FILTER_UNKNOWN,
      NULL },
    { "the first of two that fit",
      "exclude when team == \"a\" because \"1\"\nexclude when office == \"a\" because \"2\"",
      "team = \"a\", office = \"a\"", MAPPING_EXCLUDED, "1" },
    { "one that fits and one that cannot be told",
      "exclude when team == \"a\" because \"1\"\nexclude when office == \"a\" because \"2\"",
      "office = \"a\"", MAPPING_EXCLUDED, "2" },
    { "an include that fits", "include when team == \"a\"", "team = \"a\"", MAPPING_IN, NULL },
    { "an include that fits not", "include when team == \"a\"", "team = \"b\"", MAPPING_EXCLUDED,
      "no include rule fits" },
    { "an include that fits not, with a reason", "include when team == \"a\" because \"not asked\"",
      "team = \"\"", MAPPING_EXCLUDED, "not asked" },
    { "an include that cannot be told", "include when team == \"a\"", "", MAPPING_FILTER_UNKNOWN,
      NULL },
    { "one of two includes", "include when team == \"a\"\ninclude when office == \"a\"",
      "office = \"a\"", MAPPING_IN, NULL },
    { "the other of two includes", "include when team == \"a\"\ninclude when office == \"a\"",
      "team = \"a\"", MAPPING_IN, NULL },
    { "neither of two includes", "include when team == \"a\"\ninclude when office == \"a\"",
      "team = \"b\", office = \"b\"", MAPPING_EXCLUDED, "no include rule fits" },
    { "one that fits not, one that cannot be told",
      "include when team == \"a\"\ninclude when office == \"a\"", "team = \"b\"",
      MAPPING_FILTER_UNKNOWN, NULL },
    { "the same the other way round", "include when team == \"a\"\ninclude when office == \"a\"",
      "office = \"b\"", MAPPING_FILTER_UNKNOWN, NULL },
    { "included and excluded", "include when team == \"a\"\nexclude when office == \"a\"",
      "team = \"a\", office = \"a\"", MAPPING_EXCLUDED, "office == \"a\"" },
    { "excluded, whatever the include", "include when team == \"a\"\nexclude when office == \"a\"",
      "office = \"a\"", MAPPING_EXCLUDED, "office == \"a\"" },
    { "not included, whatever the exclude",
      "include when team == \"a\"\nexclude when office == \"a\"", "team = \"b\"", MAPPING_EXCLUDED,
      "no include rule fits" },
};

static void the_filter_says(void **state) {
    const struct filter_row *r = *state;
    static const enum mapping_filter before[] = { MAPPING_IN, MAPPING_EXCLUDED };
    struct mapping_outcome outcome;
    arena_reset(&arena);
    const struct mapping *m = person_mapping(r->text, &arena);
    struct employee e = person_read(r->person, m, &arena);
    struct user u;
    mapping_build(m, &e, NULL, &arena, &u, &outcome);
    assert_int_equal(outcome.filter, r->want);
    assert_text(u.fields[USER_EXCLUDED], r->reason);
    assert_int_equal(outcome.problems >> PROBLEM_FILTER_UNKNOWN & 1,
                     r->want == MAPPING_FILTER_UNKNOWN);
    /* Whoever is known is let in or left out; what cannot be told changes neither. */
    for (size_t i = 0; i < RC_LEN(before); i++) {
        struct user known_user = { 0 };
        if (before[i] == MAPPING_EXCLUDED)
            known_user.fields[USER_EXCLUDED] = TEXT_LIT("as before");
        mapping_build(m, &e, &known_user, &arena, &u, &outcome);
        assert_int_equal(outcome.filter, r->want);
        assert_text(u.fields[USER_EXCLUDED], r->want != MAPPING_FILTER_UNKNOWN ? r->reason
                                             : before[i] == MAPPING_EXCLUDED   ? "as before"
                                                                               : NULL);
    }
}

/* ---- problems ---- */

#define BIT(p) ((uint64_t)1 << PROBLEM_##p)
static const char sound[] = "first_name = \"Mira\", last_name = \"Okafor\", status = \"active\", "
                            "email = \"m@x.org\", ";
static const struct problem_row {
    const char *name, *text, *person; /* whose names, status and address are sound */
    uint64_t want;
} problems[] = {
    { "none", "", "", 0 },
    { "a name that a rule does not give", "first_name = custom(\"a\")", "custom(\"a\") = \"\"",
      BIT(NO_FIRST_NAME) },
    { "a name that a rule gives", "first_name = \"Ann\"", "first_name = \"\"", 0 },
    { "a status that is none", "status = \"gone\"", "", BIT(UNKNOWN_STATUS) },
    { "an address that is none", "email = custom(\"a\")", "custom(\"a\") = \"none\"",
      BIT(BAD_EMAIL) },
    { "no address", "email = custom(\"a\")", "", BIT(NO_EMAIL) },
    { "a language that is none", "language = custom(\"a\")", "custom(\"a\") = \"Deutsch\"",
      BIT(BAD_VALUE) },
    { "a date that is none", "custom.x = date(custom(\"a\"))", "custom(\"a\") = \"soon\"",
      BIT(BAD_DATE) },
    { "a date beyond the calendar", "custom.x = add_days(hire_date, 9999)",
      "hire_date = \"9999-01-01\"", BIT(BAD_DATE) },
    { "a filter that cannot be told", "exclude when team == \"a\"", "", BIT(FILTER_UNKNOWN) },
};

static void the_outcome_has_these_problems(void **state) {
    const struct problem_row *r = *state;
    struct mapping_outcome outcome;
    arena_reset(&arena);
    map(r->text, arena_printf(&arena, "%s%s", sound, r->person), &outcome);
    assert_int_equal(outcome.problems, r->want);
}

/* A value that is too long is none; it is never cut. */
static void what_grows_too_long_is_missing_and_a_problem(void **state) {
    static char long_text[EMPLOYEE_TEXT_BYTES + 40];
    static const struct {
        const char *value;
        size_t len;
        bool fits;
    } rows[] = {
        { "job_title + \"x\"", EMPLOYEE_TEXT_BYTES - 1, true },
        { "job_title + \"x\"", EMPLOYEE_TEXT_BYTES, false },
        { "job_title + \"   \"", EMPLOYEE_TEXT_BYTES, true }, /* trimmed, it fits */
        { "job_title + job_title + job_title", EMPLOYEE_TEXT_BYTES, false },
        { "replace(job_title, \"x\", \"yy\")", EMPLOYEE_TEXT_BYTES / 2, true },
        { "replace(job_title, \"x\", \"yyy\")", EMPLOYEE_TEXT_BYTES / 2, false },
        { "join(\"-\", job_title, job_title)", EMPLOYEE_TEXT_BYTES / 2 - 1, true },
        { "join(\"-\", job_title, job_title)", EMPLOYEE_TEXT_BYTES / 2, false },
        { "left(job_title + job_title + job_title, 3)", EMPLOYEE_TEXT_BYTES, false },
    };
    (void)state;
    memset(long_text, 'x', sizeof long_text);
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        struct mapping_outcome outcome;
        arena_reset(&arena);
        struct user u =
            map(arena_printf(&arena, "custom.x = %s", rows[i].value),
                arena_printf(&arena, "%sjob_title = \"%.*s\"", sound, (int)rows[i].len, long_text),
                &outcome);
        assert_int_equal(user_custom_find(&u, "custom.x").state,
                         rows[i].fits ? TEXT_SET : TEXT_MISSING);
        assert_int_equal(outcome.problems, rows[i].fits ? 0 : BIT(BAD_VALUE));
    }
}

/* However much a mapping asks for, one person takes only so much memory. */
static void one_person_makes_only_so_much_text(void **state) {
    struct buf text;
    struct mapping_outcome outcome;
    char title[1500];
    (void)state;
    arena_reset(&arena);
    buf_init(&text, MAPPING_TEXT_BYTES);
    buf_str(&text, "exclude when ");
    for (int i = 0; i < 1000; i++)
        buf_printf(&text, "%supper(job_title) == \"%d\"", i > 0 ? " or " : "", i);
    const char *mapping = arena_str(&arena, text.ptr, text.len);
    buf_done(&text);
    memset(title, 'x', sizeof title);
    const struct mapping *m = person_mapping(mapping, &arena);
    struct employee e = person_read(
        arena_printf(&arena, "%sjob_title = \"%.*s\"", sound, (int)sizeof title, title), m, &arena);
    struct user u;
    size_t before = arena.used_bytes;
    mapping_build(m, &e, NULL, &arena, &u, &outcome);
    assert_true(arena.used_bytes - before < 2 * MAPPING_WORK_BYTES);
    assert_int_equal(outcome.problems, BIT(BAD_VALUE) | BIT(FILTER_UNKNOWN));
}

/* ---- people as they were stored ---- */

static void a_stored_person_has_the_custom_attributes_of_another_mapping(void **state) {
    struct employee_custom custom[] = { { TEXT_LIT("z"), TEXT_LIT("Z") },
                                        { TEXT_LIT("b"), TEXT_LIT("B") } };
    struct employee e = { .source_id = TEXT_LIT("1"), .custom = custom, .custom_n = 2 };
    struct user u;
    (void)state;
    arena_reset(&arena);
    const struct mapping *m = person_mapping(
        "custom.a = custom(\"a\")\ncustom.b = custom(\"b\")\ncustom.z = custom(\"z\")", &arena);
    mapping_build(m, &e, NULL, &arena, &u, NULL);
    assert_text(user_custom_find(&u, "custom.a"), NULL);
    assert_text(user_custom_find(&u, "custom.b"), "B");
    assert_text(user_custom_find(&u, "custom.z"), "Z");
}

static void what_is_known_of_custom_attributes_is_found_by_key(void **state) {
    struct employee_custom then[] = { { TEXT_LIT("b"), TEXT_LIT("old") },
                                      { TEXT_LIT("a"), TEXT_LIT("old") },
                                      { TEXT_LIT("q"), TEXT_LIT("old") } };
    struct employee before = { .source_id = TEXT_LIT("1"), .custom = then, .custom_n = 3 };
    (void)state;
    arena_reset(&arena);
    const struct mapping *m =
        person_mapping("language = custom(\"a\")\ncustom.b = custom(\"b\")", &arena);
    struct employee e = person_read("custom(\"b\") = \"\"", m, &arena);
    assert_true(mapping_vanished(m, USER_LANGUAGE, &e, &before));
    assert_false(mapping_vanished(m, USER_EMAIL, &e, &before));
    assert_true(mapping_keep_known(m, &e, &before));
    assert_text(e.custom[0].value, "old");
    assert_text(e.custom[1].value, "");
    assert_false(mapping_keep_known(m, &e, &before));
    assert_false(mapping_vanished(m, USER_LANGUAGE, &e, &before));
}

/* Nobody who was read without its name is renamed to nothing. */
static void a_stored_department_has_an_id_and_no_name(void **state) {
    struct employee e = { .source_id = TEXT_LIT("1") };
    struct user before = { 0 }, u;
    struct mapping_outcome outcome;
    (void)state;
    arena_reset(&arena);
    e.fields[EMPLOYEE_DEPARTMENT].id = TEXT_LIT("903");
    before.fields[USER_JOB_TITLE] = TEXT_LIT("Dock");
    const struct mapping *m = person_mapping("primary_team = department ?? team\n"
                                             "job_title = department\n"
                                             "custom.a = department.id\n"
                                             "custom.b = upper(department ?? team)\n"
                                             "exclude when department == \"Dock\"",
                                             &arena);
    mapping_build(m, &e, &before, &arena, &u, &outcome);
    assert_text(u.fields[USER_PRIMARY_TEAM], "department:903");
    assert_text(u.fields[USER_JOB_TITLE], "Dock");
    assert_text(user_custom_find(&u, "custom.a"), "903");
    assert_text(user_custom_find(&u, "custom.b"), NULL);
    assert_int_equal(outcome.filter, MAPPING_FILTER_UNKNOWN);
}

static void teams_are_told_with_their_names_once_each(void **state) {
    struct mapping_team teams[MAPPING_TEAMS_MAX];
    (void)state;
    arena_reset(&arena);
    const struct mapping *m = person_mapping(
        "primary_team = department\nsecondary_teams = [team, department, group(\"unit\", "
        "join(\" \", department, office))]",
        &arena);
    struct employee e =
        person_read("department = 9 \"Dock\", team = \"Night\", office = 5 \"Bremen\"", m, &arena);
    assert_int_equal(mapping_teams(m, &e, &arena, teams), 3);
    assert_text(teams[0].key, "department:9");
    assert_text(teams[0].kind, "department");
    assert_text(teams[0].hr_id, "9");
    assert_text(teams[0].name, "Dock");
    assert_text(teams[1].key, "team=Night");
    assert_text(teams[2].key, "unit=Dock Bremen");
    assert_text(teams[2].kind, "unit");
    assert_text(teams[2].name, "Dock Bremen");
    e = person_read("department = \"\"", m, &arena);
    assert_int_equal(mapping_teams(m, &e, &arena, teams), 0);
}

int main(void) {
    struct CMUnitTest
        tests[RC_LEN(fields) + RC_LEN(known) + RC_LEN(filters) + RC_LEN(problems) + 6];
    size_t n = 0;
    arena_init(&arena);
    ADD_ROWS(tests, n, fields, the_field_is_that_of_the_row);
    ADD_ROWS(tests, n, known, what_is_known_stays_or_goes);
    ADD_ROWS(tests, n, filters, the_filter_says);
    ADD_ROWS(tests, n, problems, the_outcome_has_these_problems);
    ADD_TEST(tests, n, what_grows_too_long_is_missing_and_a_problem);
    ADD_TEST(tests, n, one_person_makes_only_so_much_text);
    ADD_TEST(tests, n, a_stored_person_has_the_custom_attributes_of_another_mapping);
    ADD_TEST(tests, n, what_is_known_of_custom_attributes_is_found_by_key);
    ADD_TEST(tests, n, a_stored_department_has_an_id_and_no_name);
    ADD_TEST(tests, n, teams_are_told_with_their_names_once_each);
    int failed = RUN_TESTS(tests, n);
    arena_done(&arena);
    return failed;
}
