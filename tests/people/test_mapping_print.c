#include "tests/base/helper.h"
#include "tests/people/person.h"

static struct arena arena;

/* A value as written and as printed; the same when `printed` is NULL. */
static const struct row {
    const char *name, *written, *printed;
} values[] = {
    { "an attribute", "office", NULL },
    { "a name of a group", "office.name", "office" },
    { "an id", "office.id", NULL },
    { "the id", "id", NULL },
    { "a custom attribute", "custom(\"dynamic_7\")", NULL },
    { "a text with marks", "\"\\\"a\\\\\"", NULL },
    { "a date", "2026-11-23", NULL },
    { "a date in a text", "text(hire_date)", NULL },
    { "needless brackets", "((office))", "office" },
    { "a choice", "team ?? office ?? \"x\"", NULL },
    { "a choice of choices", "(team ?? office) ?? \"x\"", NULL },
    { "a sum", "team + \" \" + office", NULL },
    { "a sum of sums", "(team + \" \") + office", "team + \" \" + office" },
    { "a sum of choices", "(team ?? \"a\") + (office ?? \"b\")", NULL },
    { "a choice of sums", "team + \"a\" ?? office + \"b\"", NULL },
    { "a sum of constants", "\"a\" + \"b\"", "\"ab\"" },
    { "a call of constants", "upper(before(\"a-b\", \"-\"))", "\"A\"" },
    { "calls", "join(\", \", team, upper(office), left(job_title, 3))", NULL },
    { "a table", "lookup(office, t)", NULL },
    { "an if", "if team == \"a\" then office else team", NULL },
    { "an if without an else", "if team == \"a\" then office",
      "if team == \"a\" then office else "
      "\"\"" },
    { "ifs in a row", "if team == \"a\" then \"1\" else if team == \"b\" then \"2\" else \"3\"",
      NULL },
    { "an if in an if", "if team == \"a\" then if office == \"b\" then \"1\" else \"2\" else \"3\"",
      NULL },
    { "an if in brackets behind an else",
      "if team == \"a\" then \"1\" else (if office == \"b\" "
      "then \"2\" else \"3\")",
      "if team == \"a\" then \"1\" else if office == \"b\" then \"2\" else \"3\"" },
    { "an if in a sum", "\"x\" + (if team == \"a\" then \"1\" else \"2\")", NULL },
    { "an if in a call", "upper(if team == \"a\" then \"1\" else \"2\")", NULL },
    { "a choice of groups", "upper(team ?? office)", NULL },
    { "a choice of names", "team.name ?? office.name", NULL },
    { "a choice of names and nothing", "\"\" ?? team.name", NULL },
    { "a choice of a name and a text", "team.name ?? \"x\"", "team ?? \"x\"" },
    { "names by a condition", "if team == \"a\" then team.name else office.name", NULL },
    { "the name of a choice", "text(team ?? office) ?? \"\"", NULL },
    { "the text of a text", "text(job_title)", "job_title" },
    { "a group made here", "upper(group(\"unit\", team))", NULL },
    { "a constant branch", "if \"a\" == \"a\" then office else team", "office" },
    { "behind a constant", "\"a\" ?? office", "\"a\"" },
};

/* The same for conditions. */
static const struct row conditions[] = {
    { "equal", "team == \"a\"", NULL },
    { "all comparisons",
      "team != \"a\" and hire_date < 2020-01-01 or hire_date <= 2020-01-01 or "
      "hire_date > 2020-01-01 or hire_date >= 2020-01-01",
      NULL },
    { "brackets that matter", "(team == \"a\" or team == \"b\") and office == \"c\"", NULL },
    { "brackets that do not", "(team == \"a\") or (team == \"b\" and office == \"c\")",
      "team == \"a\" or team == \"b\" and office == \"c\"" },
    { "not", "not team == \"a\"", NULL },
    { "not of several", "not (team == \"a\" or team == \"b\")", NULL },
    { "not not", "not not team == \"a\"", "team == \"a\"" },
    { "in", "team in [\"a\", \"b\"]", NULL },
    { "in another order", "team in [\"b\", \"a\", \"b\"]", "team in [\"a\", \"b\"]" },
    { "not in", "team not in [\"a\"]", "not team in [\"a\"]" },
    { "in of a choice", "team ?? office in [\"a\"]", NULL },
    { "calls", "contains(team, \"a\") and is_empty(office) or starts_with(job_title, \"b\")",
      NULL },
    { "what is always so", "team == \"a\" and \"a\" == \"a\"", "team == \"a\"" },
    { "nothing", "team == \"\"", NULL },
    { "blanks at the ends", "team == \" a \"", "team == \"a\"" },
};

static const struct mapping *parsed(struct text t) {
    return person_mapping(arena_str(&arena, t.ptr, t.len), &arena);
}

static struct text printed(const struct mapping *m) {
    struct buf b;
    buf_init(&b, 1 << 20);
    mapping_print(m, &b);
    struct text t = text_copy(&arena, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}

static void assert_printed(const char *front, const struct row *r) {
    static const char table[] = "table t { \"b\" = \"2\", \"a\" = \"\\\"1\\\"\" }";
    const char *text = arena_printf(&arena, "%s%s\n%s", front, r->written, table);
    const char *want =
        arena_printf(&arena, "\n%s%s\n", front, r->printed != NULL ? r->printed : r->written);
    const struct mapping *m = parsed(text_of(text));
    struct text all = printed(m);
    if (strstr(all.ptr, want) == NULL)
        fail_msg("instead of%s%s", want, all.ptr);
    const struct mapping *again = parsed(all);
    assert_true(text_equal(printed(again), all));
    assert_true(mapping_fingerprint(again) == mapping_fingerprint(m));
}

static void a_value_is_printed_and_read_back(void **state) {
    arena_reset(&arena);
    assert_printed("custom.x = ", *state);
}

static void a_condition_is_printed_and_read_back(void **state) {
    arena_reset(&arena);
    assert_printed("exclude when ", *state);
}

static void a_whole_mapping_has_one_form(void **state) {
    static const char written[] = "# a comment\n"
                                  "exclude when team==\"b\" because \"\\\"b\\\" is out\"\n"
                                  "custom.\"Cost code\"=cost_centre\n"
                                  "custom.badge=id # the id\n"
                                  "language = lookup( office,languages )??\"en\"\n"
                                  "avatar = unmapped\n"
                                  "empty custom.badge = keep\n"
                                  "empty email = clear\n"
                                  "table languages { \"Paris\" = \"fr\"\n\"Berlin\" = \"de\" }\n"
                                  "table unused { \"a\" = \"b\" }\n"
                                  "include when office == \"x\"\n";
    static const char want[] = "first_name = first_name\n"
                               "last_name = last_name\n"
                               "email = email\n"
                               "empty email = clear\n"
                               "job_title = job_title\n"
                               "avatar = unmapped\n"
                               "primary_location = office\n"
                               "primary_team = department\n"
                               "manager = supervisor\n"
                               "hire_date = hire_date\n"
                               "leave_date = termination_date\n"
                               "status = status\n"
                               "language = lookup(office, languages) ?? \"en\"\n"
                               "custom.\"Cost code\" = cost_centre\n"
                               "custom.badge = id\n"
                               "empty custom.badge = keep\n"
                               "exclude when team == \"b\" because \"\\\"b\\\" is out\"\n"
                               "include when office == \"x\"\n"
                               "table languages {\n"
                               "    \"Berlin\" = \"de\",\n"
                               "    \"Paris\" = \"fr\"\n"
                               "}\n";
    (void)state;
    arena_reset(&arena);
    struct text got = printed(parsed(text_of(written)));
    assert_string_equal(got.ptr, want);
    assert_string_equal(printed(parsed(text_of(want))).ptr, want);
}

/* ---- fingerprints ---- */

static const struct pair_row {
    const char *name, *a, *b;
    bool same;
} pairs[] = {
    { "comments and spacing", "language = \"de\"", "# x\n\nlanguage=\"de\"   # y", true },
    { "the order of fields", "language = \"de\"\ncustom.a = id\ncustom.b = team",
      "custom.b = team\ncustom.a = id\nlanguage = \"de\"", true },
    { "what the default says anyway", "", "email = email\nempty email = keep", true },
    { "a table that nobody asks", "", "table t { \"a\" = \"b\" }", true },
    { "the order of rows", "custom.a = lookup(team, t)\ntable t { \"a\" = \"1\", \"b\" = \"2\" }",
      "custom.a = lookup(team, t)\ntable t { \"b\" = \"2\", \"a\" = \"1\" }", true },
    { "another value", "language = \"de\"", "language = \"en\"", false },
    { "another attribute", "custom.a = team", "custom.a = office", false },
    { "another name", "custom.a = team", "custom.b = team", false },
    { "what an empty value means", "", "empty job_title = keep", false },
    { "a field that is not filled", "", "avatar = unmapped", false },
    { "a filter", "", "exclude when team == \"a\"", false },
    { "the other kind of filter", "include when team == \"a\"", "exclude when team == \"a\"",
      false },
    { "a reason", "exclude when team == \"a\"", "exclude when team == \"a\" because \"b\"", false },
    { "the order of filters", "exclude when team == \"a\"\nexclude when team == \"b\"",
      "exclude when team == \"b\"\nexclude when team == \"a\"", false },
    { "a row", "custom.a = lookup(team, t)\ntable t { \"a\" = \"1\" }",
      "custom.a = lookup(team, t)\ntable t { \"a\" = \"2\" }", false },
    { "one key of HR", "custom.a = custom(\"1\")", "custom.a = custom(\"2\")", false },
};

static void fingerprints_agree_when_users_must(void **state) {
    const struct pair_row *r = *state;
    arena_reset(&arena);
    uint64_t a = mapping_fingerprint(parsed(text_of(r->a))),
             b = mapping_fingerprint(parsed(text_of(r->b)));
    assert_int_equal(a == b, r->same);
}

/* ---- differences ---- */

static const struct diff_row {
    const char *name, *old, *new;
    const char *want; /* "what|was|becomes" a line; (none) where there is nothing */
} diffs[] = {
    { "none", "language = \"de\"", "language  = \"de\" # x", "" },
    { "a rule", "language = \"de\"",
      "language = lookup(office, t) ?? \"en\"\ntable t { \"a\" = "
      "\"de\" }",
      "language|\"de\"|lookup(office, t) ?? \"en\"\ntable t|(none)|\"a\" = \"de\"\n" },
    { "a rule of the default", "", "primary_team = team", "primary_team|department|team\n" },
    { "a new field", "", "custom.a = id", "custom.a|(none)|id\n" },
    { "a field that goes", "custom.a = id\ncustom.c = id", "custom.b = id\ncustom.c = team",
      "custom.a|id|(none)\ncustom.b|(none)|id\ncustom.c|id|team\n" },
    { "a field that is not filled any more", "", "avatar = unmapped", "avatar|avatar|(none)\n" },
    { "an empty value", "", "empty job_title = keep", "empty job_title|clear|keep\n" },
    { "filters", "exclude when team == \"a\"\nexclude when team == \"b\" because \"x\"",
      "exclude when team == \"a\"\ninclude when team == \"c\"",
      "exclude|team == \"b\" because \"x\"|(none)\ninclude|(none)|team == \"c\"\n" },
    { "rows of a table",
      "custom.a = lookup(team, t)\ntable t { \"a\" = \"1\", \"b\" = \"2\", \"c\" = \"3\" }",
      "custom.a = lookup(team, t)\ntable t { \"a\" = \"1\", \"b\" = \"4\", \"d\" = \"5\" }",
      "table t|\"b\" = \"2\", \"c\" = \"3\"|\"b\" = \"4\", \"d\" = \"5\"\n" },
    { "a table that goes", "custom.a = lookup(team, t)\ntable t { \"a\" = \"1\" }",
      "custom.a = team\ntable t { \"a\" = \"1\" }",
      "custom.a|lookup(team, t)|team\ntable t|\"a\" = \"1\"|(none)\n" },
};

static void the_differences_are_those_of_the_row(void **state) {
    const struct diff_row *r = *state;
    struct mapping_difference *list;
    struct buf b;
    arena_reset(&arena);
    size_t n = mapping_diff(parsed(text_of(r->old)), parsed(text_of(r->new)), &arena, &list);
    buf_init(&b, 10000);
    buf_str(&b, "");
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s|%s|%s\n", list[i].what,
                   list[i].was.state == TEXT_SET ? list[i].was.ptr : "(none)",
                   list[i].becomes.state == TEXT_SET ? list[i].becomes.ptr : "(none)");
    bool same = strcmp(b.len > 0 ? b.ptr : "", r->want) == 0;
    if (!same)
        print_error("%s", b.ptr);
    buf_done(&b);
    assert_true(same);
}

/* ---- explaining ---- */

static void it_is_told_what_was_read_and_what_became_of_it(void **state) {
    static const char text[] =
        "language = lookup(office, t) ?? \"en\"\n"
        "custom.a = if team == \"x\" then job_title else office.id\n"
        "custom.b = custom(\"k\") + custom(\"k\")\n"
        "empty custom.b = keep\n"
        "exclude when employment_type == \"external\" because \"externals\"\n"
        "include when custom(\"q\") == \"yes\"\n"
        "table t { \"Bremen\" = \"de\" }\n";
    static const struct {
        const char *target, *inputs, *result;
        enum mapping_why why;
        uint32_t line;
    } want[] = {
        { "email", "email=(missing);", "old@x.org", MAPPING_KEEPS_MISSING, 0 },
        { "job_title", "job_title=(empty);", "(empty)", MAPPING_CLEARS, 0 },
        { "primary_team", "department=Dock;", "department:9", MAPPING_SETS, 0 },
        { "language", "office=Bremen;", "de", MAPPING_SETS, 1 },
        { "custom.a", "team=y;office.id=5;", "5", MAPPING_SETS, 2 },
        { "custom.b", "custom(\"k\")=(empty);", "old", MAPPING_KEEPS_EMPTY, 3 },
        { "exclude", "employment_type=external;", "externals", MAPPING_LEAVES_OUT, 5 },
        { "include", "custom(\"q\")=(missing);", "(empty)", MAPPING_CANNOT_TELL, 6 },
    };
    (void)state;
    arena_reset(&arena);
    const struct mapping *m = person_mapping(text, &arena);
    struct employee e = person_read("office = 5 \"Bremen\", team = \"y\", department = 9 \"Dock\", "
                                    "custom(\"k\") = \"\", employment_type = \"external\", "
                                    "job_title = \"\"",
                                    m, &arena);
    struct user_custom custom[] = { { "custom.b", TEXT_LIT("old") } };
    struct user known = { .custom = custom, .custom_n = 1 }, told, built;
    struct mapping_outcome how, plain;
    struct mapping_step *steps;
    size_t n, found = 0;
    known.fields[USER_EMAIL] = TEXT_LIT("old@x.org");
    mapping_explain(m, &e, &known, &arena, &told, &how, &steps, &n);
    mapping_build(m, &e, &known, &arena, &built, &plain);
    for (int f = 0; f < USER_FIELDS_N; f++)
        assert_true(text_equal(told.fields[f], built.fields[f]));
    assert_int_equal(how.problems, plain.problems);
    assert_int_equal(how.filter, plain.filter);
    for (size_t i = 0; i < n && found < RC_LEN(want); i++) {
        const struct mapping_step *s = &steps[i];
        if (strcmp(s->target, want[found].target) != 0)
            continue;
        struct buf b;
        buf_init(&b, 1000);
        for (size_t k = 0; k < s->inputs_n; k++)
            buf_printf(&b, "%s=%s;", s->inputs[k].name, person_shown(s->inputs[k].value, &arena));
        if (strcmp(b.ptr, want[found].inputs) != 0)
            fail_msg("%s: %s", s->target, b.ptr);
        buf_done(&b);
        assert_string_equal(person_shown(s->result, &arena), want[found].result);
        assert_int_equal(s->why, want[found].why);
        assert_int_equal(s->line, want[found].line);
        assert_true(strlen(mapping_why_sentence(s->why)) > 10);
        assert_true(s->rule.state == TEXT_SET);
        found++;
    }
    assert_int_equal(found, RC_LEN(want));
}

int main(void) {
    struct CMUnitTest
        tests[RC_LEN(values) + RC_LEN(conditions) + RC_LEN(pairs) + RC_LEN(diffs) + 2];
    size_t n = 0;
    arena_init(&arena);
    ADD_ROWS(tests, n, values, a_value_is_printed_and_read_back);
    ADD_ROWS(tests, n, conditions, a_condition_is_printed_and_read_back);
    ADD_ROWS(tests, n, pairs, fingerprints_agree_when_users_must);
    ADD_ROWS(tests, n, diffs, the_differences_are_those_of_the_row);
    ADD_TEST(tests, n, a_whole_mapping_has_one_form);
    ADD_TEST(tests, n, it_is_told_what_was_read_and_what_became_of_it);
    int failed = RUN_TESTS(tests, n);
    arena_done(&arena);
    return failed;
}
