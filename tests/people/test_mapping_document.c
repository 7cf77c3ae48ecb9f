/* What docs/mapping.md says is so: its examples are run, its first mapping is the default's, and its
 * table of findings has every finding. MAPPING_DOCUMENT names the file. */
#include "tests/base/helper.h"
#include "people/mapping_p.h"
#include "tests/people/person.h"

static struct arena arena;
static char *document;

static char *read_document(void) {
    FILE *f = fopen(MAPPING_DOCUMENT, "rb");
    char *all = arena_zalloc(&arena, 1 << 20);
    if (f == NULL)
        return all;
    (void)!fread(all, 1, (1 << 20) - 1, f);
    fclose(f);
    return all;
}

/* The next ```mapping block behind *from; NULL: there is none. *from is then behind it. */
static const char *next_block(const char **from) {
    static const char fence[] = "```mapping\n";
    const char *begin = strstr(*from, fence), *end;
    if (begin == NULL)
        return NULL;
    begin += strlen(fence);
    end = strstr(begin, "```");
    assert_non_null(end);
    *from = end + 3;
    return arena_str(&arena, begin, (size_t)(end - begin));
}

/* The text between the next two backticks of a line, and what stands behind; NULL: none. */
static const char *next_code(const char **p, const char *end) {
    const char *begin = memchr(*p, '`', (size_t)(end - *p)), *stop;
    if (begin == NULL || (stop = memchr(begin + 1, '`', (size_t)(end - begin - 1))) == NULL)
        return NULL;
    *p = stop + 1;
    return arena_str(&arena, begin + 1, (size_t)(stop - begin - 1));
}

static void the_first_mapping_is_the_default(void **state) {
    const char *from = document;
    (void)state;
    const struct mapping *m = person_mapping(next_block(&from), &arena);
    assert_true(mapping_fingerprint(m) == mapping_fingerprint(mapping_default(&arena)));
}

/* One assertion of a right cell: NAME = "text" or NAME = (word). Returns what stands behind it. */
static const char *check_one(const char *p, const struct user *u,
                             const struct mapping_outcome *outcome, const char *all) {
    const char *equals = strstr(p, " = "), *value = equals + 3, *end;
    assert_non_null(equals);
    char *name = arena_str(&arena, p, (size_t)(equals - p)), *to = name;
    for (const char *c = name; *c != '\0'; c++) /* custom."Cost code" is called custom.Cost code */
        if (*c != '"')
            *to++ = *c;
    *to = '\0';
    int f = mapping_field_find(text_of(name));
    struct text got = strcmp(name, "excluded") == 0 ? u->fields[USER_EXCLUDED]
                      : f >= 0                      ? u->fields[f]
                                                    : user_custom_find(u, name);
    const char *shown = got.state == TEXT_EMPTY     ? ""
                        : got.state == TEXT_MISSING ? "(kept)"
                                                    : person_shown(got, &arena);
    if (strcmp(name, "excluded") == 0 && outcome->filter != MAPPING_EXCLUDED)
        shown = outcome->filter == MAPPING_IN ? "(not)" : "(unknown)";
    end = *value == '"' ? strchr(value + 1, '"') : strchr(value, ')');
    assert_non_null(end);
    const char *want = *value == '"' ? arena_str(&arena, value + 1, (size_t)(end - value - 1))
                                     : arena_str(&arena, value, (size_t)(end - value + 1));
    if (strcmp(shown, want) != 0)
        fail_msg("%s: %s is %s", all, name, shown);
    return end[1] == ',' ? end + 3 : NULL;
}

/* Rows | `what HR states` | `what is shown` | until the next heading. */
static size_t run_rows(const struct mapping *m, const char *from) {
    const char *stop = strstr(from, "\n#");
    size_t rows = 0;
    while ((from = strstr(from, "\n| `")) != NULL && (stop == NULL || from < stop)) {
        struct user u;
        struct mapping_outcome outcome;
        const char *end = strchr(++from, '\n'), *states = next_code(&from, end),
                   *shows = next_code(&from, end);
        assert_non_null(states);
        assert_non_null(shows);
        struct employee e = person_read(states, m, &arena);
        mapping_build(m, &e, NULL, &arena, &u, &outcome);
        for (const char *p = shows; p != NULL;)
            p = check_one(p, &u, &outcome, shows);
        rows++;
    }
    return rows;
}

static void every_example_gives_what_it_says(void **state) {
    const char *from = document;
    size_t blocks = 0, rows = 0;
    (void)state;
    next_block(&from);
    for (const char *text; (text = next_block(&from)) != NULL; blocks++) {
        size_t more = run_rows(person_mapping(text, &arena), from);
        assert_true(more >= 2);
        rows += more;
    }
    assert_int_equal(blocks, 13);
    assert_true(rows >= 20);
}

static void every_finding_is_explained_and_no_other(void **state) {
    const char *from = strstr(document, "## What is found"), *code;
    size_t explained = 0;
    (void)state;
    assert_non_null(from);
    for (const char *line = from; (line = strstr(line, "\n| `")) != NULL;) {
        const char *p = ++line, *cell = strstr(line + 2, " | ");
        assert_non_null(cell);
        for (; (code = next_code(&p, cell)) != NULL; explained++)
            if (!mapping_report_is_code(code))
                fail_msg("no finding is called %s", code);
    }
    for (size_t i = 0; mapping_report_code(i) != NULL; i++) {
        const char *quoted = arena_printf(&arena, "`%s`", mapping_report_code(i));
        if (strstr(from, quoted) == NULL)
            fail_msg("%s is not explained", quoted);
        explained--;
    }
    assert_int_equal(explained, 0);
}

static void every_function_and_attribute_is_named(void **state) {
    const struct mapping_function *f;
    (void)state;
    for (unsigned i = 0; (f = mapping_function_at(i)) != NULL; i++) {
        /* `lower(t)`, or `starts_with` in a row with its kind */
        if (strstr(document, arena_printf(&arena, "`%s(", f->name)) == NULL &&
            strstr(document, arena_printf(&arena, "`%s`", f->name)) == NULL)
            fail_msg("nobody reads of %s", f->name);
    }
    for (int a = 0; a < EMPLOYEE_FIELDS_N; a++)
        if (strstr(document, arena_printf(&arena, "`%s`",
                                          employee_field_name((enum employee_field)a))) == NULL)
            fail_msg("nobody reads of %s", employee_field_name((enum employee_field)a));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_mapping_is_the_default),
        cmocka_unit_test(every_example_gives_what_it_says),
        cmocka_unit_test(every_finding_is_explained_and_no_other),
        cmocka_unit_test(every_function_and_attribute_is_named),
    };
    arena_init(&arena);
    document = read_document();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return failed;
}
