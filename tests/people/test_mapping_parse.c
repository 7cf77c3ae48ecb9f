#include "tests/base/helper.h"
#include "people/mapping.h"

static struct arena arena;
static const struct mapping_attribute readable[] = {
    { { TEXT_SET, "dynamic_1234", 12 }, { TEXT_SET, "Cost code", 9 } },
    { { TEXT_SET, "dynamic_77", 10 }, { TEXT_SET, "Wants training", 14 } },
};
static const struct mapping_catalogue catalogue = { readable, RC_LEN(readable) };

static void print_findings(const struct mapping_findings *f) {
    for (size_t i = 0; i < f->n; i++)
        print_error("%u:%u+%u %s: %s (%s)\n", f->list[i].line, f->list[i].column, f->list[i].length,
                    f->list[i].code, f->list[i].sentence,
                    f->list[i].suggestion != NULL ? f->list[i].suggestion : "no guess");
}

/* A text with one finding: which, where, and what to write instead. */
static const struct row {
    const char *name, *text, *code;
    uint32_t line, column, length;
    const char *suggestion; /* NULL: none */
    bool warns;
} rows[] = {
    /* ---- characters and tokens ---- */
    { "a text that is not closed", "\ncustom.a = \"abc\n", "unclosed-text", 2, 12, 4, NULL },
    { "a text whose last mark is escaped", "custom.a = \"abc\\\"\n", "unclosed-text", 1, 12, 6,
      NULL },
    { "an escape of nothing", "custom.a = \"a\\n\"", "bad-character", 1, 12, 5, "\\\\" },
    { "marks out of a word processor",
      "custom.a = \xe2\x80\x9c"
      "Berlin\xe2\x80\x9d",
      "bad-character", 1, 12, 1, "\"" },
    { "marks of the wrong kind", "custom.a = 'Berlin'", "bad-character", 1, 12, 1, "\"" },
    { "an or of programmers", "exclude when office == \"a\" || team == \"b\"", "bad-character", 1,
      28, 1, "or" },
    { "an and of programmers", "exclude when office == \"a\" && team == \"b\"", "bad-character", 1,
      28, 1, "and" },
    { "a mark that means nothing", "custom.a = office % 2", "bad-character", 1, 19, 1, NULL },
    { "a control character", "custom.a = \x01office", "bad-character", 1, 12, 1, NULL },
    { "a tab within a text", "custom.a = \"a\tb\"", "bad-text", 1, 12, 5, NULL },
    { "a day that does not exist", "hire_date = 2021-02-30", "bad-date", 1, 13, 10, NULL },
    { "a number without end", "custom.a = left(office, 99999999999)", "bad-number", 1, 25, 11,
      NULL },
    { "columns count characters, not bytes",
      "custom.a = \"\xc3\xa4\xe6\x9d\x8e\xf0\x9f\x98\x80\" + nme", "unknown-attribute", 1, 20, 3,
      "\"nme\"" },
    { "a line that is not utf-8", "# fine\ncustom.a = \"\xff\"\n", "not-utf8", 2, 1, 1, NULL },

    /* ---- statements ---- */
    { "a line of nothing known", "language\n", "unexpected", 1, 1, 8, NULL },
    { "two equals signs", "language == \"de\"", "unexpected", 1, 10, 2, "=" },
    { "a field of its own without custom", "badge.x = office", "unexpected", 1, 1, 5, "custom" },
    { "a statement that begins with a text", "\"x\" = office", "unexpected", 1, 1, 3, NULL },
    { "a rule without a value", "custom.a =\ncustom.b = office", "unexpected", 1, 10, 1, NULL },
    { "two values", "custom.a = office team", "unexpected", 1, 19, 4, NULL },
    { "an empty that says something else", "empty language = leave", "unexpected", 1, 18, 5, NULL },
    { "an exclude without when", "exclude office == \"a\"", "unexpected", 1, 9, 6, NULL },
    { "a because without a text", "exclude when office == \"a\" because team", "unexpected", 1, 36,
      4, NULL },
    { "a then in capitals", "custom.a = if office == \"a\" THEN \"b\"", "unexpected", 1, 29, 4,
      "then" },
    { "an and in capitals", "custom.a = if office == \"a\" AND team == \"c\" then \"b\"",
      "unexpected", 1, 29, 3, "and" },
    { "one equals sign in a condition", "custom.a = if office = \"a\" then \"b\"", "unexpected", 1,
      22, 1, "==" },
    { "an operator with nothing behind it", "custom.a = office ??", "unexpected", 1, 19, 2, NULL },
    { "an if within a sum", "custom.a = \"x\" + if office == \"a\" then \"b\"", "unexpected", 1, 18,
      2, "(if ... )" },
    { "three values compared at once", "exclude when \"a\" < office < \"c\"", "unexpected", 1, 27,
      1, NULL },
    { "a bracket that is never closed", "custom.a = (office\ncustom.b = team", "unclosed-bracket",
      1, 12, 1, NULL },
    { "a call that is never closed", "custom.a = lower(\n  office,\n", "unclosed-bracket", 1, 17, 1,
      NULL },
    { "a list that is never closed", "secondary_teams = [team,\n  office\nempty language = keep",
      "unclosed-bracket", 1, 19, 1, NULL },
    { "a table that is never closed",
      "custom.a = lookup(office, t)\ntable t {\n\"a\" = \"b\"\ncustom.b = team", "unclosed-bracket",
      2, 9, 1, NULL },
    { "a bracket too many", "custom.a = office)", "unexpected", 1, 18, 1, NULL },
    { "rows on one line without a comma", "table t { \"a\" = \"b\" \"c\" = \"d\" }", "unexpected",
      1, 21, 3, NULL },
    { "a row without a value", "table t { \"a\" }", "unexpected", 1, 15, 1, NULL },
    { "a table of names", "table t { office = \"a\" }", "unexpected", 1, 11, 6, NULL },

    /* ---- names ---- */
    { "a field misspelt", "langage = \"de\"", "unknown-field", 1, 1, 7, "language" },
    { "a field by HR's name", "supervisor = supervisor", "unknown-field", 1, 1, 10, "manager" },
    { "a field of the platform's own", "shoe_size_in_inches = office", "unknown-field", 1, 1, 19,
      "custom.shoe_size_in_inches" },
    { "what a filter decides is no field", "excluded = \"x\"", "unknown-field", 1, 1, 8,
      "custom.excluded" },
    { "an attribute misspelt", "custom.a = cost_center", "unknown-attribute", 1, 12, 11,
      "cost_centre" },
    { "an attribute in capitals", "custom.a = First_Name", "unknown-attribute", 1, 12, 10,
      "first_name" },
    { "an attribute by another system's name", "job_title = position", "unknown-attribute", 1, 13,
      8, "job_title" },
    { "and that misspelt", "job_title = positon", "unknown-attribute", 1, 13, 7, "job_title" },
    { "a text without its marks", "exclude when employment_type == external", "unknown-attribute",
      1, 33, 8, "\"external\"" },
    { "a field that is to be left alone", "avatar = nothing", "unknown-attribute", 1, 10, 7,
      "unmapped" },
    { "a function without its brackets", "custom.a = lower", "unknown-attribute", 1, 12, 5,
      "lower(...)" },
    { "a part that a group has not", "custom.a = office.nmae", "unknown-attribute", 1, 19, 4,
      "name" },
    { "a part of a text", "custom.a = email.name", "unknown-attribute", 1, 18, 4, NULL },
    { "a function misspelt", "custom.a = lowr(office)", "unknown-function", 1, 12, 4, "lower" },
    { "a function of a spreadsheet", "custom.a = concat(office, team)", "unknown-function", 1, 12,
      6, "join" },
    { "a table that is not there",
      "custom.a = lookup(office, langs)\ntable languages { \"a\" = "
      "\"b\" }\ncustom.b = lookup(office, languages)",
      "unknown-table", 1, 27, 5, NULL },
    { "a table misspelt",
      "custom.a = lookup(office, langages)\ntable languages { \"a\" = \"b\" "
      "}\ncustom.b = lookup(office, languages)",
      "unknown-table", 1, 27, 8, "languages" },
    { "a key that cannot be read", "custom.a = custom(\"dynamic_1235\")", "unknown-key", 1, 19, 14,
      "dynamic_1234" },
    { "a label instead of its key", "custom.a = custom(\"Cost code\")", "unknown-key", 1, 19, 11,
      "dynamic_1234" },
    { "a label misspelt", "custom.a = custom(\"wants trainig\")", "unknown-key", 1, 19, 15,
      "dynamic_77" },
    { "a key like no other", "custom.a = custom(\"shoe size in inches\")", "unknown-key", 1, 19, 21,
      NULL },
    { "a key without its marks", "custom.a = custom(dynamic_1234)", "wrong-count", 1, 12, 20,
      NULL },
    { "an empty key", "custom.a = custom(\"\")", "wrong-count", 1, 12, 10, NULL },
    { "a key with blanks", "custom.a = custom(\" x\")", "bad-text", 1, 19, 4, NULL },
    { "a custom field without a name", "custom.\"\" = office", "bad-text", 1, 1, 9, NULL },

    /* ---- types ---- */
    { "a date in a sum", "custom.a = \"since \" + hire_date", "wrong-type", 1, 23, 9,
      "text(hire_date)" },
    { "a text for a date", "leave_date = custom(\"dynamic_77\")", "wrong-type", 1, 14, 20,
      "date(custom(\"dynamic_77\"))" },
    { "a text as such for a date", "leave_date = \"2026-01-01\"", "wrong-type", 1, 14, 12, NULL },
    { "a text for a team", "primary_team = job_title", "wrong-type", 1, 16, 9,
      "group(\"unit\", job_title)" },
    { "a list for the one team", "primary_team = [team, department]", "wrong-type", 1, 16, 18,
      NULL },
    { "a text in a list of teams", "secondary_teams = [team, job_title]", "wrong-type", 1, 26, 9,
      "group(\"unit\", job_title)" },
    { "a group for a manager", "manager = office", "wrong-type", 1, 11, 6, NULL },
    { "a person for a text", "custom.a = supervisor", "wrong-type", 1, 12, 10, "supervisor.id" },
    { "a person compared", "exclude when supervisor == \"7\"", "wrong-type", 1, 14, 10,
      "supervisor.id" },
    { "a list compared", "exclude when \"7\" == [team]", "wrong-type", 1, 21, 6, NULL },
    { "a date compared with a text", "exclude when hire_date == \"2026-01-01\"", "wrong-type", 1,
      27, 12, NULL },
    { "a text as a condition", "exclude when custom(\"dynamic_77\")", "wrong-type", 1, 14, 20,
      "custom(\"dynamic_77\") == \"yes\"" },
    { "a group as a condition", "exclude when office", "wrong-type", 1, 14, 6, "is_set(office)" },
    { "a condition as a value", "custom.a = office == \"a\"", "wrong-type", 1, 12, 13,
      "if office == \"a\" then \"yes\" else \"no\"" },
    { "a condition beside ??", "custom.a = (office == \"a\") ?? team", "wrong-type", 1, 13, 13,
      "if office == \"a\" then \"yes\" else \"no\"" },
    { "a number as a value", "custom.a = 7", "wrong-type", 1, 12, 1, NULL },
    { "values of two types", "custom.a = hire_date ?? \"none\"", "wrong-type", 1, 25, 6, NULL },
    { "branches of two types", "custom.a = if office == \"a\" then hire_date else \"none\"",
      "wrong-type", 1, 49, 6, NULL },
    { "nothing as a condition", "exclude when \"\"", "wrong-type", 1, 14, 2, NULL },
    { "a text where a number is wanted", "custom.a = left(office, \"3\")", "wrong-type", 1, 25, 3,
      NULL },
    { "a group where a table is wanted", "custom.a = lookup(office, \"languages\")", "wrong-type",
      1, 27, 11, NULL },
    { "an attribute in a list of constants", "exclude when office in [\"a\", job_title]",
      "wrong-type", 1, 30, 9, NULL },
    { "a kind that is no word", "primary_team = group(job_title, office)", "wrong-type", 1, 22, 9,
      "\"unit\"" },
    { "a kind of HR's own", "primary_team = group(\"team\", office)", "wrong-type", 1, 22, 6,
      "\"unit\"" },
    { "one argument too few", "custom.a = before(office)", "wrong-count", 1, 12, 14,
      "before(text, \"-\")" },
    { "one argument too many", "custom.a = lower(office, team)", "wrong-count", 1, 12, 19,
      "lower(text)" },
    { "no argument at all", "custom.a = join()", "wrong-count", 1, 12, 6,
      "join(\", \", text, text)" },
    { "counting from nought", "custom.a = part(office, \"-\", 0)", "bad-number", 1, 30, 1, "1" },
    { "fewer characters than none", "custom.a = left(office, -1)", "bad-number", 1, 25, 2, NULL },
    { "a constant that is no date", "leave_date = date(\"tomorrow\")", "bad-date", 1, 14, 16,
      NULL },
    { "a sum that leaves the calendar", "leave_date = add_days(9999-12-31, 1)", "bad-date", 1, 14,
      23, NULL },
    { "a language that is none", "language = if office == \"a\" then \"German\" else \"en\"",
      "not-a-language", 1, 34, 8, NULL },
    { "a table of languages that are none",
      "language = lookup(office, l) ?? \"en\"\ntable l {\n  \"Berlin\" = \"de\"\n  \"Wien\" = "
      "\"Austrian\"\n}",
      "not-a-language", 4, 3, 19, NULL },

    /* ---- one thing said twice, or never heard ---- */
    { "two rules for a field", "language = \"de\"\n\nlanguage = \"en\"", "duplicate-rule", 3, 1, 8,
      NULL },
    { "two rules for a custom field", "custom.a = office\ncustom.\"a\" = team", "duplicate-rule", 2,
      1, 10, NULL },
    { "two words for an empty value", "empty email = keep\nempty email = clear", "duplicate-rule",
      2, 7, 5, NULL },
    { "two tables of a name",
      "custom.a = lookup(office, t)\ntable t { \"a\" = \"b\" }\ntable t { "
      "\"a\" = \"b\" }",
      "duplicate-table", 3, 7, 1, NULL },
    { "a key twice in a table",
      "custom.a = lookup(office, t)\ntable t {\n\"a\" = \"b\"\n\"c\" = \"b\"\n\" a\" = \"d\" }",
      "duplicate-key", 5, 1, 10, NULL },
    { "a field that nobody can be without", "email = unmapped", "required-field", 1, 1, 5, NULL },
    { "an empty for a field without a rule", "empty custom.a = keep", "unknown-field", 1, 7, 8,
      NULL },
    { "a filter that everybody is caught in", "exclude when \"a\" == \"a\"", "excludes-everybody",
      1, 1, 7, NULL },
    { "an include that nobody fits", "exclude when office == \"a\"\ninclude when \"a\" in [\"b\"]",
      "excludes-everybody", 2, 1, 7, NULL },
    { "brackets in brackets in brackets",
      "custom.a = "
      "(((((((((((((((((((((((((((((((((office)))))))))))))))))))))))))))))))))",
      "too-deep", 1, 45, 6, NULL },

    /* ---- warnings ---- */
    { "what stands behind a constant", "language = \"en\" ?? custom(\"dynamic_77\")", "unreachable",
      1, 20, 20, NULL, true },
    { "what stands behind the id", "custom.a = id ?? office ?? team", "unreachable", 1, 18, 6, NULL,
      true },
    { "a branch that is always taken", "custom.a = if \"a\" == \"a\" then office else team",
      "constant-condition", 1, 15, 10, NULL, true },
    { "a branch that is never taken", "custom.a = if office in [] then office else team",
      "constant-condition", 1, 15, 12, NULL, true },
    { "a part of a condition that changes nothing",
      "exclude when office == \"a\" and \"b\" == \"b\"", "constant-condition", 1, 32, 10, NULL,
      true },
    { "a filter that nobody is caught in", "exclude when \"a\" == \"b\"", "constant-condition", 1,
      1, 7, NULL, true },
    { "an item twice in a list", "exclude when office in [\"a\", \"b\", \" a\"]", "repeated", 1, 35,
      4, NULL, true },
    { "a table without rows", "custom.a = lookup(office, t)\ntable t { }", "empty-table", 1, 27, 1,
      NULL, true },
    { "a row that nothing finds",
      "custom.a = lookup(office, t)\ntable t { \"\" = \"a\", \"b\" = \"c\" }", "unreachable", 2, 11,
      8, NULL, true },
    { "a table that nobody asks", "table t { \"a\" = \"b\" }", "unused-table", 1, 7, 1, NULL,
      true },
    { "an empty for a field that is not filled", "avatar = unmapped\nempty avatar = keep",
      "no-effect", 2, 7, 6, NULL, true },
    { "a status in another language", "exclude when status == \"aktiv\"", "unlikely-status", 1, 24,
      7, NULL, true },
    { "one of several", "exclude when status in [\"leave\", \"krank\"]", "unlikely-status", 1, 34,
      7, NULL, true },
};

static void the_finding_is_that_of_the_row(void **state) {
    const struct row *r = *state;
    struct mapping_findings f;
    const struct mapping *m = NULL;
    struct rc_error err = { 0 };
    arena_reset(&arena);
    enum rc_code rc = mapping_parse(text_of(r->text), &catalogue, &arena, &m, &f, &err);
    const struct mapping_finding *got = f.list;
    if (f.n != 1 || strcmp(got->code, r->code) != 0 || got->line != r->line ||
        got->column != r->column || got->length != r->length ||
        (got->suggestion == NULL) != (r->suggestion == NULL) ||
        (r->suggestion != NULL && strcmp(got->suggestion, r->suggestion) != 0)) {
        print_findings(&f);
        fail_msg("%zu findings instead of %u:%u+%u %s (%s)", f.n, r->line, r->column, r->length,
                 r->code, r->suggestion != NULL ? r->suggestion : "no guess");
    }
    assert_int_equal(rc, r->warns ? RC_OK : RC_INVALID);
    assert_int_equal(got->severity, r->warns ? MAPPING_WARNING : MAPPING_ERROR);
    assert_int_equal(f.errors_n, !r->warns);
    assert_true((m != NULL) == r->warns);
    assert_true(strlen(got->sentence) > 10);
    if (r->warns)
        return;
    assert_string_equal(err.name, "mapping.invalid");
    assert_non_null(strstr(err.text, got->sentence));
    char place[40];
    snprintf(place, sizeof place, "line %u, column %u: ", r->line, r->column);
    assert_int_equal(strncmp(err.text, place, strlen(place)), 0);
}

/* Texts in which nothing is wrong, though it may look odd. */
static const struct sound_row {
    const char *name, *text;
} sound[] = {
    { "nothing", "" },
    { "nothing but comments", "# one\n   # two\n\n" },
    { "a comment behind a rule", "language = \"de\" # \"en\" = x" },
    { "a hash within a text", "custom.a = \"# no comment\"" },
    { "windows", "\xef\xbb\xbf"
                 "language = \"de\"\r\ncustom.a = office\r\n" },
    { "no-break spaces", "language\xc2\xa0=\xc2\xa0\"de\"" },
    { "a rule over several lines",
      "secondary_teams = [\n  team,\n  office, # and\n  cost_centre,\n]" },
    { "a table by lines", "custom.a = lookup(office, t)\ntable t {\n  \"a\" = \"b\"\n\n  \"c\" = "
                          "\"d\",\n}" },
    { "a table in a line", "table t { \"a\" = \"b\", \"c\" = \"d\" }\ncustom.a = lookup(team, t)" },
    { "a custom field of several words", "custom.\"Cost code (new)\" = office\nempty custom.\"Cost "
                                         "code (new)\" = keep" },
    { "fields named like words of the language", "custom.table = office\ncustom.empty = "
                                                 "office\ncustom.when = office" },
    { "an if without an else", "custom.a = if office == \"a\" then \"b\"" },
    { "many ifs in a row", "custom.a = if office == \"a\" then \"1\" else if office == \"b\" then "
                           "\"2\" else if office == \"c\" then \"3\" else \"4\"" },
    { "nothing where a date may be", "leave_date = if office == \"a\" then termination_date else "
                                     "\"\"" },
    { "nothing where a team may be", "primary_team = department ?? \"\"" },
    { "nothing where teams may be", "secondary_teams = if office == \"a\" then [team] else \"\"" },
    { "one team where several may be", "secondary_teams = team" },
    { "a list without teams", "secondary_teams = []" },
    { "a group as a text", "job_title = department + \", \" + office" },
    { "a group or a text", "primary_location = office ?? \"Home\"" },
    { "a group compared with a group", "exclude when office == team" },
    { "a date compared with a date", "exclude when hire_date < 2020-01-01" },
    { "ids", "custom.a = office.id + supervisor.id + id" },
    { "not behind the value", "exclude when office not in [\"a\"]" },
    { "not in front of it", "exclude when not office in [\"a\"]" },
    { "escapes", "custom.a = \"\\\"a\\\\\\\"\"" },
    { "a field that is not filled", "avatar = unmapped" },
    { "a custom field that is not filled", "custom.a = unmapped" },
    { "languages", "language = if office == \"a\" then \"pt-BR\" else if office == \"b\" then "
                   "\"zh-Hant-TW\" else \"nds\"" },
    { "a status that HR has", "exclude when status == \"leave\"" },
    { "thirty-two brackets",
      "custom.a = "
      "((((((((((((((((((((((((((((((((office))))))))))))))))))))))))))))))))" },
};

static void nothing_is_found(void **state) {
    const struct sound_row *r = *state;
    struct mapping_findings f;
    const struct mapping *m = NULL;
    arena_reset(&arena);
    enum rc_code rc = mapping_parse(text_of(r->text), &catalogue, &arena, &m, &f, NULL);
    print_findings(&f);
    assert_int_equal(rc, RC_OK);
    assert_int_equal(f.n, 0);
    assert_non_null(m);
}

static void without_a_catalogue_every_key_is_taken(void **state) {
    const struct mapping *m = NULL;
    (void)state;
    assert_int_equal(mapping_parse(TEXT_LIT("custom.a = custom(\"dynamic_1235\")"), NULL, &arena,
                                   &m, NULL, NULL),
                     RC_OK);
    assert_int_equal(mapping_reads(m).custom_n, 1);
    assert_string_equal(mapping_reads(m).custom[0], "dynamic_1235");
}

static void every_statement_is_looked_at(void **state) {
    static const char text[] = "langage = \"de\"\n"
                               "custom.a = lowr(office)\n"
                               "custom.b = (office\n"
                               "custom.c = \"x\n"
                               "custom.d = office team\n"
                               "table t { \"a\" = \"b\" }\n"
                               "exclude when office\n";
    static const uint32_t lines[] = { 1, 2, 3, 4, 5, 6, 7 };
    struct mapping_findings f;
    const struct mapping *m = NULL;
    (void)state;
    assert_int_equal(mapping_parse(text_of(text), NULL, &arena, &m, &f, NULL), RC_INVALID);
    assert_int_equal(f.n, RC_LEN(lines));
    assert_int_equal(f.errors_n, RC_LEN(lines) - 1);
    for (size_t i = 0; i < RC_LEN(lines); i++)
        assert_int_equal(f.list[i].line, lines[i]);
}

static struct text repeated(const char *front, const char *fmt, int n, const char *back) {
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_str(&b, front);
    for (int i = 0; i < n; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        buf_printf(&b, fmt, i, i);
#pragma GCC diagnostic pop
    }
    buf_str(&b, back);
    struct text t = text_copy(&arena, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}

/* What there may be at most, and one more. */
static const struct limit_row {
    const char *name, *front, *fmt, *back;
    int most;
    const char *code;
} limits[] = {
    { "statements", "", "exclude when office == \"a%d\"\n", "", MAPPING_STATEMENTS_MAX,
      "too-many-statements" },
    { "tables", "", "table t%d { \"a\" = \"b\" }\n", "", MAPPING_TABLES_MAX, "too-many-tables" },
    { "rows of a table", "table t {\n", "\"%d\" = \"b\"\n", "}\ncustom.a = lookup(team, t)\n",
      MAPPING_ROWS_MAX, "too-many-rows" },
    { "items of a list", "exclude when office in [", "\"%d\",", "]", MAPPING_ROWS_MAX,
      "too-many-rows" },
    { "custom fields", "", "custom.f%d = office\n", "", USER_CUSTOM_MAX, "too-many-fields" },
    { "custom attributes", "exclude when is_empty(", "custom(\"%d\") + ", "\"\")",
      MAPPING_CUSTOM_MAX, "too-many-attributes" },
    { "teams", "secondary_teams = [", "team,", "]", MAPPING_LIST_MAX, "wrong-count" },
    { "arguments", "custom.a = join(", "team,", ")", 16, "wrong-count" },
    { "bytes of a text", "custom.a = \"", "x", "\"", EMPLOYEE_TEXT_BYTES, "bad-text" },
    { "bytes of a reason", "exclude when office == \"a\" because \"", "x", "\"", 200, "bad-text" },
    { "bytes of a key", "custom.a = custom(\"", "x", "\")", USER_CUSTOM_KEY_BYTES, "bad-text" },
    { "bytes of a name", "custom.", "x", " = office", USER_CUSTOM_KEY_BYTES, "bad-text" },
    { "bytes", "#", "x", "", MAPPING_TEXT_BYTES - 1, "too-large" },
    { "nested nots", "exclude when ", "not ", "is_empty(office)", MAPPING_NESTING_MAX - 1,
      "too-deep" },
};

static void there_is_a_limit(void **state) {
    const struct limit_row *r = *state;
    struct mapping_findings f;
    const struct mapping *m;
    arena_reset(&arena);
    struct text fits = repeated(r->front, r->fmt, r->most, r->back);
    struct text more = repeated(r->front, r->fmt, r->most + 1, r->back);
    enum rc_code rc = mapping_parse(fits, NULL, &arena, &m, &f, NULL);
    if (rc != RC_OK)
        print_findings(&f);
    assert_int_equal(rc, RC_OK);
    assert_int_equal(mapping_parse(more, NULL, &arena, &m, &f, NULL), RC_INVALID);
    size_t errors = 0;
    for (size_t i = 0; i < f.n; i++)
        if (f.list[i].severity == MAPPING_ERROR) {
            assert_string_equal(f.list[i].code, r->code);
            errors++;
        }
    if (errors != 1)
        print_findings(&f);
    assert_int_equal(errors, 1);
}

static void more_findings_than_fit_are_counted_and_errors_come_first(void **state) {
    struct mapping_findings f;
    const struct mapping *m;
    (void)state;
    struct text warnings = repeated("", "table t%d { \"a\" = \"b\" }\n", 30, "");
    struct text both =
        repeated(arena_str(&arena, warnings.ptr, warnings.len), "custom.a%d = nme\n", 15, "");
    struct text many = repeated("", "custom.a%d = nme%d\n", 60, "");
    assert_int_equal(mapping_parse(warnings, NULL, &arena, &m, &f, NULL), RC_OK);
    assert_int_equal(f.n, MAPPING_FINDINGS_MAX);
    assert_int_equal(f.errors_n, 0);
    assert_int_equal(mapping_parse(both, NULL, &arena, &m, &f, NULL), RC_INVALID);
    assert_int_equal(f.n, MAPPING_FINDINGS_MAX);
    assert_int_equal(f.errors_n, 15);
    for (size_t i = 0; i < f.n; i++)
        assert_int_equal(f.list[i].severity, i < 5 ? MAPPING_WARNING : MAPPING_ERROR);
    assert_int_equal(mapping_parse(many, NULL, &arena, &m, &f, NULL), RC_INVALID);
    assert_int_equal(f.n, MAPPING_FINDINGS_MAX);
    assert_int_equal(f.errors_n, 60);
    assert_int_equal(f.list[0].line, 1);
}

/* What a mapping reads is known from its text: in one order, and nothing of a branch that is never
 * taken. */
static const struct reads_row {
    const char *name, *text;
    uint32_t more, less, names; /* than the default reads */
    const char *custom;         /* with blanks between */
} reads[] = {
    { "the default", "", 0, 0, 1u << EMPLOYEE_OFFICE, "" },
    { "another attribute in place of the default's", "primary_team = team", 1u << EMPLOYEE_TEAM,
      1u << EMPLOYEE_DEPARTMENT, 1u << EMPLOYEE_OFFICE, "" },
    { "a field that is not filled", "avatar = unmapped", 0, 1u << EMPLOYEE_AVATAR,
      1u << EMPLOYEE_OFFICE, "" },
    { "in a condition", "exclude when employment_type == \"external\"",
      1u << EMPLOYEE_EMPLOYMENT_TYPE, 0, 1u << EMPLOYEE_OFFICE, "" },
    { "an id", "custom.a = legal_entity.id", 1u << EMPLOYEE_LEGAL_ENTITY, 0, 1u << EMPLOYEE_OFFICE,
      "" },
    { "a name", "custom.a = department.name", 0, 0,
      1u << EMPLOYEE_OFFICE | 1u << EMPLOYEE_DEPARTMENT, "" },
    { "a name by its use", "custom.a = upper(department)", 0, 0,
      1u << EMPLOYEE_OFFICE | 1u << EMPLOYEE_DEPARTMENT, "" },
    { "names of a choice", "custom.a = upper(team ?? department)", 1u << EMPLOYEE_TEAM, 0,
      1u << EMPLOYEE_OFFICE | 1u << EMPLOYEE_DEPARTMENT | 1u << EMPLOYEE_TEAM, "" },
    { "keys by their bytes",
      "custom.a = custom(\"b\") + custom(\"c\")\ncustom.b = custom(\"a\") + "
      "custom(\"c\")",
      0, 0, 1u << EMPLOYEE_OFFICE, "a b c" },
    { "a branch that is never taken",
      "custom.a = if \"a\" == \"b\" then custom(\"a\") + employment_type else custom(\"b\")", 0, 0,
      1u << EMPLOYEE_OFFICE, "b" },
    { "behind a constant", "custom.a = \"x\" ?? custom(\"a\")", 0, 0, 1u << EMPLOYEE_OFFICE, "" },
    { "the id is always there", "custom.a = id", 0, 0, 1u << EMPLOYEE_OFFICE, "" },
};

static void what_is_read_is_known(void **state) {
    const struct reads_row *r = *state;
    const struct mapping *m = NULL;
    struct buf keys;
    arena_reset(&arena);
    uint32_t usual = mapping_reads(mapping_default(&arena)).fields;
    assert_int_equal(mapping_parse(text_of(r->text), NULL, &arena, &m, NULL, NULL), RC_OK);
    struct employee_reads got = mapping_reads(m);
    assert_int_equal(got.fields, (usual | r->more) & ~r->less);
    assert_int_equal(got.names, r->names);
    buf_init(&keys, 1000);
    for (size_t i = 0; i < got.custom_n; i++)
        buf_printf(&keys, "%s%s", i > 0 ? " " : "", got.custom[i]);
    bool same = strcmp(keys.len > 0 ? keys.ptr : "", r->custom) == 0;
    buf_done(&keys);
    assert_true(same);
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(rows) + RC_LEN(sound) + RC_LEN(limits) + RC_LEN(reads) + 3];
    size_t n = 0;
    arena_init(&arena);
    ADD_ROWS(tests, n, rows, the_finding_is_that_of_the_row);
    ADD_ROWS(tests, n, sound, nothing_is_found);
    ADD_ROWS(tests, n, limits, there_is_a_limit);
    ADD_ROWS(tests, n, reads, what_is_read_is_known);
    ADD_TEST(tests, n, without_a_catalogue_every_key_is_taken);
    ADD_TEST(tests, n, every_statement_is_looked_at);
    ADD_TEST(tests, n, more_findings_than_fit_are_counted_and_errors_come_first);
    int failed = RUN_TESTS(tests, n);
    arena_done(&arena);
    return failed;
}
