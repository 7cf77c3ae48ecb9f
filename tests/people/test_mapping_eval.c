#include "tests/base/helper.h"
#include "tests/people/person.h"

static struct arena arena;

/* A value, for whom, and what it is then: as a custom field shows it. */
static const struct row {
    const char *name, *value, *person, *want; /* want NULL: missing; "": empty */
} values[] = {
    { "an attribute", "job_title", "job_title = \"Welder\"", "Welder" },
    { "an empty attribute", "job_title", "job_title = \"\"", "" },
    { "a missing attribute", "job_title", "", NULL },
    { "a date as it is", "hire_date", "hire_date = \"2021-04-01T00:00:00+02:00\"", "2021-04-01" },
    { "a group is its name", "office", "office = 5120 \"Bremen\"", "Bremen" },
    { "or its name by name", "office.name", "office = 5120 \"Bremen\"", "Bremen" },
    { "or its id", "office.id", "office = 5120 \"Bremen\"", "5120" },
    { "a group without an id has an empty one", "office.id", "office = \"Bremen\"", "" },
    { "an empty group has an empty id", "office.id", "office = \"\"", "" },
    { "a missing group has none", "office.id", "", NULL },
    { "a person's id", "supervisor.id", "supervisor = \"17\"", "17" },
    { "the id", "id", "id = \"4711\"", "4711" },
    { "a custom attribute", "custom(\"a\")", "custom(\"a\") = \"N-00417\"", "N-00417" },
    { "an empty custom attribute", "custom(\"a\")", "custom(\"a\") = \"\"", "" },
    { "a missing custom attribute", "custom(\"a\")", "custom(\"b\") = \"x\"", NULL },
    { "a text", "\"x\"", "", "x" },
    { "no text", "\"\"", "", "" },
    { "nothing but blanks", "\"   \"", "", "" },
    { "a date", "2026-11-23", "", "2026-11-23" },
    { "a text is trimmed and composed", "\" Ame\xcc\x81lie \"", "", "Am\xc3\xa9lie" },

    { "the first that is set", "job_title ?? team ?? \"none\"", "job_title = \"a\", team = \"b\"",
      "a" },
    { "the next when it is empty", "job_title ?? team ?? \"none\"",
      "job_title = \"\", team = \"b\"", "b" },
    { "the next when it is missing", "job_title ?? team ?? \"none\"", "team = \"b\"", "b" },
    { "the last", "job_title ?? team ?? \"none\"", "job_title = \"\"", "none" },
    { "none of them set, one empty", "job_title ?? team", "team = \"\"", "" },
    { "none of them set, the other empty", "job_title ?? team", "job_title = \"\"", "" },
    { "all of them missing", "job_title ?? team", "", NULL },
    { "blanks are no value", "(job_title + \" \") ?? \"none\"", "job_title = \"\"", "none" },

    { "a sum", "first_name + \" \" + last_name", "first_name = \"Mira\", last_name = \"Okafor\"",
      "Mira Okafor" },
    { "an empty part vanishes", "first_name + \" \" + last_name",
      "first_name = \"\", last_name = \"Okafor\"", "Okafor" },
    { "a missing part takes all along", "first_name + \" \" + last_name", "first_name = \"Mira\"",
      NULL },
    { "a sum of nothing", "first_name + last_name", "first_name = \"\", last_name = \"\"", "" },
    { "brackets in a sum change nothing", "(first_name + \" \") + last_name",
      "first_name = \"Mira\", last_name = \"Okafor\"", "Mira Okafor" },
    { "letters and accents that meet are composed", "first_name + \"\xcc\x81\"",
      "first_name = \"Ame\"", "Am\xc3\xa9" },

    { "an if that is so", "if team == \"a\" then \"1\" else \"2\"", "team = \"a\"", "1" },
    { "an if that is not so", "if team == \"a\" then \"1\" else \"2\"", "team = \"b\"", "2" },
    { "an if about an empty value", "if team == \"a\" then \"1\" else \"2\"", "team = \"\"", "2" },
    { "an if about a missing value", "if team == \"a\" then \"1\" else \"2\"", "", NULL },
    { "an if without an else", "if team == \"a\" then \"1\"", "team = \"b\"", "" },
    { "the second of three",
      "if team == \"a\" then \"1\" else if team == \"b\" then \"2\" else "
      "\"3\"",
      "team = \"b\"", "2" },
    { "the last of three",
      "if team == \"a\" then \"1\" else if team == \"b\" then \"2\" else "
      "\"3\"",
      "team = \"c\"", "3" },
    { "an unknown question ends the row",
      "if team == \"a\" then \"1\" else if office == \"b\" "
      "then \"2\" else \"3\"",
      "office = \"b\"", NULL },
    { "only the branch taken is looked at", "if team == \"a\" then office else job_title",
      "team = \"b\", job_title = \"x\"", "x" },

    { "small letters", "lower(job_title)", "job_title = \"\xc3\x84RZTIN\"", "\xc3\xa4rztin" },
    { "capitals", "upper(job_title)", "job_title = \"\xc3\xa4rztin\"", "\xc3\x84RZTIN" },
    { "capitals of greek", "upper(job_title)", "job_title = \"\xcf\x83\xce\xac\xcf\x82\"",
      "\xce\xa3\xce\x86\xce\xa3" },
    { "the first letters", "left(job_title, 3)", "job_title = \"\xc3\x84rztin\"", "\xc3\x84rz" },
    { "a letter with its accents is one", "left(job_title, 2)",
      "job_title = \"x\xcc\xa3\xcc\x87y\"", "\xe1\xba\x8b\xcc\xa3y" },
    { "more letters than there are", "left(job_title, 30)", "job_title = \"ab\"", "ab" },
    { "what is left is trimmed", "left(job_title, 2)", "job_title = \"a b\"", "a" },

    { "before", "before(cost_centre, \"-\")", "cost_centre = 31 \"4400 - Berlin\"", "4400" },
    { "before what is not there", "before(cost_centre, \"-\")", "cost_centre = \"4400\"", "4400" },
    { "before the beginning", "before(cost_centre, \"-\")", "cost_centre = \"-4400\"", "" },
    { "before nothing", "before(cost_centre, job_title)", "cost_centre = \"a\", job_title = \"\"",
      "a" },
    { "after", "after(cost_centre, \"-\")", "cost_centre = \"4400 - Berlin - Mitte\"",
      "Berlin - Mitte" },
    { "after what is not there", "after(cost_centre, \"-\")", "cost_centre = \"4400\"", "" },
    { "after the end", "after(cost_centre, \"-\")", "cost_centre = \"4400-\"", "" },
    { "after nothing", "after(cost_centre, job_title)", "cost_centre = \"a\", job_title = \"\"",
      "" },
    { "the first part", "part(job_title, \",\", 1)", "job_title = \"a, b, c\"", "a" },
    { "the second part", "part(job_title, \",\", 2)", "job_title = \"a, b, c\"", "b" },
    { "the last part", "part(job_title, \",\", -1)", "job_title = \"a, b, c\"", "c" },
    { "the first from the end", "part(job_title, \",\", -3)", "job_title = \"a, b, c\"", "a" },
    { "a part too far", "part(job_title, \",\", 4)", "job_title = \"a, b, c\"", "" },
    { "a part too far back", "part(job_title, \",\", -4)", "job_title = \"a, b, c\"", "" },
    { "an empty part", "part(job_title, \",\", 2)", "job_title = \"a,,c\"", "" },
    { "the only part", "part(job_title, \",\", 1)", "job_title = \"a\"", "a" },
    { "a word", "part(job_title, \" \", 2)", "job_title = \"Senior Welder\"", "Welder" },
    { "replaced", "replace(job_title, \"ss\", \"\xc3\x9f\")", "job_title = \"Strasse Ass\"",
      "Stra\xc3\x9f"
      "e A\xc3\x9f" },
    { "replaced by nothing", "replace(job_title, \" \", \"\")", "job_title = \"a b c\"", "abc" },
    { "all of it replaced", "replace(job_title, \"a\", \"\")", "job_title = \"aaa\"", "" },
    { "nothing replaced", "replace(job_title, custom(\"a\"), \"x\")",
      "job_title = \"aaa\", custom(\"a\") = \"\"", "aaa" },
    { "by something longer", "replace(job_title, \"a\", \"bb\")", "job_title = \"aca\"", "bbcbb" },

    { "joined", "join(\", \", team, office)", "team = \"a\", office = \"b\"", "a, b" },
    { "joined without the empty ones", "join(\", \", team, office, job_title)",
      "team = \"\", office = \"b\", job_title = \"\"", "b" },
    { "joined and none of them set", "join(\", \", team, office)", "team = \"\", office = \"\"",
      "" },
    { "joined and one is missing", "join(\", \", team, office)", "team = \"a\"", NULL },
    { "joined by nothing", "join(\"\", team, office)", "team = \"a\", office = \"b\"", "ab" },

    { "looked up", "lookup(office, t)", "office = \"Berlin\"", "de" },
    { "the last row", "lookup(office, t)", "office = \"Wien\"", "de-AT" },
    { "looked up with blanks", "lookup(office + \" \", t)", "office = \"Berlin\"", "de" },
    { "not in the table", "lookup(office, t)", "office = \"Rom\"", "" },
    { "capitals count", "lookup(office, t)", "office = \"berlin\"", "" },
    { "an empty value in the table", "lookup(office, t) ?? \"en\"", "office = \"Ulm\"", "en" },
    { "nothing looked up", "lookup(office, t)", "office = \"\"", "" },
    { "something missing looked up", "lookup(office, t)", "", NULL },

    { "the earliest", "earliest(termination_date, last_working_day)",
      "termination_date = \"2026-03-31\", last_working_day = \"2026-03-15\"", "2026-03-15" },
    { "the earliest of one", "earliest(termination_date, last_working_day)",
      "termination_date = \"2026-03-31\", last_working_day = \"\"", "2026-03-31" },
    { "the earliest of none", "earliest(termination_date, last_working_day)",
      "termination_date = \"\", last_working_day = \"\"", "" },
    { "the earliest when one is missing", "earliest(termination_date, last_working_day)",
      "termination_date = \"2026-03-31\"", NULL },
    { "the latest", "latest(termination_date, last_working_day, 2026-03-20)",
      "termination_date = \"2026-03-10\", last_working_day = \"2026-03-15\"", "2026-03-20" },
    { "days later", "add_days(hire_date, 30)", "hire_date = \"2024-02-15\"", "2024-03-16" },
    { "days before", "add_days(hire_date, -1)", "hire_date = \"2024-03-01\"", "2024-02-29" },
    { "days after nothing", "add_days(hire_date, 1)", "hire_date = \"\"", "" },
    { "beyond the calendar", "add_days(hire_date, 999999)", "hire_date = \"9000-01-01\"", NULL },
    { "before the calendar", "add_days(hire_date, -999999)", "hire_date = \"2000-01-01\"", NULL },
    { "a year", "year(hire_date)", "hire_date = \"2024-02-15\"", "2024" },
    { "a date of a text", "date(custom(\"a\"))", "custom(\"a\") = \"2024-02-15 10:00\"",
      "2024-02-15" },
    { "no date of a text", "date(custom(\"a\"))", "custom(\"a\") = \"15.02.2024\"", NULL },
    { "a date of an empty text", "date(custom(\"a\"))", "custom(\"a\") = \"\"", "" },
    { "a text of a group", "text(team ?? office)", "team = \"\", office = 5 \"Bremen\"", "Bremen" },
    { "a text of a text", "text(job_title)", "job_title = \"a\"", "a" },
    { "a text of a date", "\"since \" + text(hire_date)", "hire_date = \"2024-02-15\"",
      "since 2024-02-15" },

    { "a group made here is its name", "group(\"unit\", job_title)", "job_title = \"a\"", "a" },
    { "constants are put together once", "upper(left(\"abc\", 2) + \"d\")", "", "ABD" },
};

static const char tables[] = "\ntable t { \"Berlin\" = \"de\", \"Paris\" = \"fr\", \"Ulm\" = \"\", "
                             "\"Wien\" = \"de-AT\" }\n";

static struct user map(const char *text, const char *person) {
    const struct mapping *m = person_mapping(text, &arena);
    struct employee e = person_read(person, m, &arena);
    struct user u;
    mapping_build(m, &e, NULL, &arena, &u, NULL);
    return u;
}

static void assert_text(struct text got, const char *want) {
    const char *shown = person_shown(got, &arena), *wanted = person_shown(text_of(want), &arena);
    if (strcmp(shown, wanted) != 0)
        fail_msg("%s instead of %s", shown, wanted);
}

static void the_value_is_that_of_the_row(void **state) {
    const struct row *r = *state;
    arena_reset(&arena);
    const char *text = arena_printf(&arena, "custom.x = %s%s", r->value, tables);
    struct user u = map(text, r->person);
    assert_text(user_custom_find(&u, "custom.x"), r->want);
}

/* A condition: "yes", "no", or NULL when it cannot be told. */
static const struct row conditions[] = {
    { "equal", "job_title == \"a\"", "job_title = \"a\"", "yes" },
    { "not equal", "job_title == \"a\"", "job_title = \"b\"", "no" },
    { "capitals count", "job_title == \"a\"", "job_title = \"A\"", "no" },
    { "empty is not equal", "job_title == \"a\"", "job_title = \"\"", "no" },
    { "missing is unknown", "job_title == \"a\"", "", NULL },
    { "empty is equal to nothing", "job_title == \"\"", "job_title = \"\"", "yes" },
    { "empty is equal to empty", "job_title == office", "job_title = \"\", office = \"\"", "yes" },
    { "missing on the right", "\"a\" == job_title", "", NULL },
    { "unequal", "job_title != \"a\"", "job_title = \"b\"", "yes" },
    { "empty is unequal", "job_title != \"a\"", "job_title = \"\"", "yes" },
    { "missing is not unequal", "job_title != \"a\"", "", NULL },
    { "blanks do not count", "job_title + \" \" == \"a\"", "job_title = \"a\"", "yes" },
    { "a group by its name", "office == \"Bremen\"", "office = 5120 \"Bremen\"", "yes" },
    { "a group by its id", "office.id == \"5120\"", "office = 5120 \"Bremen\"", "yes" },

    { "earlier", "hire_date < 2024-01-01", "hire_date = \"2023-12-31\"", "yes" },
    { "not earlier", "hire_date < 2024-01-01", "hire_date = \"2024-01-01\"", "no" },
    { "on the day or earlier", "hire_date <= 2024-01-01", "hire_date = \"2024-01-01\"", "yes" },
    { "later", "hire_date > 2024-01-01", "hire_date = \"2024-01-02\"", "yes" },
    { "on the day or later", "hire_date >= 2024-01-01", "hire_date = \"2023-12-31\"", "no" },
    { "nothing is earlier", "hire_date < 2024-01-01", "hire_date = \"\"", "no" },
    { "and nothing later", "hire_date >= 2024-01-01", "hire_date = \"\"", "no" },
    { "not known to be earlier", "hire_date < 2024-01-01", "", NULL },
    { "texts by their letters", "job_title < \"b\"", "job_title = \"a\"", "yes" },

    { "in a list", "office in [\"c\", \"a\", \"b\"]", "office = \"b\"", "yes" },
    { "not in a list", "office in [\"a\", \"b\"]", "office = \"c\"", "no" },
    { "in a list of dates", "hire_date in [2024-01-01, 2024-02-01]", "hire_date = \"2024-02-01\"",
      "yes" },
    { "an empty value in a list", "office in [\"a\", \"b\"]", "office = \"\"", "no" },
    { "an empty value in a list with one", "office in [\"a\", \"\"]", "office = \"\"", "yes" },
    { "a missing value in a list", "office in [\"a\", \"b\"]", "", NULL },
    { "not in", "office not in [\"a\", \"b\"]", "office = \"c\"", "yes" },
    { "a missing value not in", "office not in [\"a\", \"b\"]", "", NULL },

    { "contains", "contains(job_title, \"eld\")", "job_title = \"Welder\"", "yes" },
    { "contains not", "contains(job_title, \"x\")", "job_title = \"Welder\"", "no" },
    { "contains with a blank", "contains(job_title, \" \")", "job_title = \"a b\"", "yes" },
    { "nothing is contained nowhere", "contains(job_title, custom(\"a\"))",
      "job_title = \"Welder\", custom(\"a\") = \"\"", "no" },
    { "an empty text contains nothing", "contains(job_title, \"a\")", "job_title = \"\"", "no" },
    { "contains, and missing", "contains(job_title, \"a\")", "", NULL },
    { "starts with", "starts_with(job_title, \"Wel\")", "job_title = \"Welder\"", "yes" },
    { "starts with more than there is", "starts_with(job_title, \"Welder 2\")",
      "job_title = \"Welder\"", "no" },
    { "starts with nothing", "starts_with(job_title, custom(\"a\"))",
      "job_title = \"Welder\", custom(\"a\") = \"\"", "no" },
    { "ends with", "ends_with(job_title, \"der\")", "job_title = \"Welder\"", "yes" },
    { "ends with more than there is", "ends_with(job_title, \"a Welder\")",
      "job_title = \"Welder\"", "no" },
    { "ends with nothing", "ends_with(job_title, custom(\"a\"))",
      "job_title = \"Welder\", custom(\"a\") = \"\"", "no" },
    { "is empty", "is_empty(job_title)", "job_title = \"\"", "yes" },
    { "is not empty", "is_empty(job_title)", "job_title = \"a\"", "no" },
    { "is missing", "is_empty(job_title)", "", NULL },
    { "is set", "is_set(office)", "office = \"a\"", "yes" },
    { "is not set", "is_set(office)", "office = \"\"", "no" },
    { "is not known to be set", "is_set(office)", "", NULL },
    { "a person is set", "is_set(supervisor)", "supervisor = \"17\"", "yes" },
    { "a list is set", "is_set([team])", "team = \"a\"", "yes" },
    { "a list is empty", "is_empty([team])", "team = \"\"", "yes" },
    { "a date is set", "is_set(hire_date)", "hire_date = \"2024-01-01\"", "yes" },

/* and, or, not: yes, no and unknown with each other */
#define BOTH "team = \"yes\", office = "
    { "yes and yes", "team == \"yes\" and office == \"yes\"", BOTH "\"yes\"", "yes" },
    { "yes and no", "team == \"yes\" and office == \"yes\"", BOTH "\"no\"", "no" },
    { "yes and unknown", "team == \"yes\" and office == \"yes\"", "team = \"yes\"", NULL },
    { "no and unknown", "team == \"yes\" and office == \"yes\"", "team = \"no\"", "no" },
    { "unknown and no", "team == \"yes\" and office == \"yes\"", "office = \"no\"", "no" },
    { "unknown and unknown", "team == \"yes\" and office == \"yes\"", "", NULL },
    { "yes or unknown", "team == \"yes\" or office == \"yes\"", "team = \"yes\"", "yes" },
    { "unknown or yes", "team == \"yes\" or office == \"yes\"", "office = \"yes\"", "yes" },
    { "no or unknown", "team == \"yes\" or office == \"yes\"", "team = \"no\"", NULL },
    { "no or no", "team == \"yes\" or office == \"yes\"", "team = \"no\", office = \"no\"", "no" },
    { "unknown or unknown", "team == \"yes\" or office == \"yes\"", "", NULL },
    { "not yes", "not team == \"yes\"", "team = \"yes\"", "no" },
    { "not no", "not team == \"yes\"", "team = \"no\"", "yes" },
    { "not unknown", "not team == \"yes\"", "", NULL },
    { "and binds before or", "team == \"yes\" or team == \"no\" and office == \"no\"",
      BOTH "\"yes\"", "yes" },
    { "brackets bind before and", "(team == \"yes\" or team == \"no\") and office == \"no\"",
      BOTH "\"yes\"", "no" },
    { "not binds before and", "not team == \"no\" and office == \"no\"", BOTH "\"yes\"", "no" },
    { "?? binds before ==", "team ?? \"x\" == \"x\"", "team = \"\"", "yes" },
    { "+ binds before ??", "team ?? \"x\" + \"y\"  == \"xy\"", "team = \"\"", "yes" },
};

static void the_answer_is_that_of_the_row(void **state) {
    const struct row *r = *state;
    arena_reset(&arena);
    const char *text = arena_printf(&arena, "custom.x = if %s then \"yes\" else \"no\"", r->value);
    struct user u = map(text, r->person);
    assert_text(user_custom_find(&u, "custom.x"), r->want);
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(values) + RC_LEN(conditions)];
    size_t n = 0;
    arena_init(&arena);
    ADD_ROWS(tests, n, values, the_value_is_that_of_the_row);
    ADD_ROWS(tests, n, conditions, the_answer_is_that_of_the_row);
    int failed = RUN_TESTS(tests, n);
    arena_done(&arena);
    return failed;
}
