/* The scenarios of scenarios.txt: each "= ID TITLE" is a test, whose steps steps.h takes. And the pages that
 * tell of them and of the codes. */
#include <stdio.h>
#include "people/problem.h"
#include "tests/base/helper.h"
#include "tests/people/office.h"
#include "tests/people/steps.h"

enum { SCENARIOS_MAX = 100 };
static struct scenario {
    const char *name;
    char id[8], title[100];
    const char *steps; /* up to the next scenario */
    size_t steps_len;
    int first_line;
    bool elsewhere;
} scenarios[SCENARIOS_MAX];
static size_t scenarios_n;

static void it_goes_as_told(void **state) {
    const struct scenario *s = *state;
    int steps_n = 0, line_n = s->first_line;
    steps_begin();
    for (const char *at = s->steps, *end = at + s->steps_len; at < end; line_n++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        char line[400];
        snprintf(line, sizeof line, "%.*s", (int)(newline - at), at);
        at = newline + 1;
        if (line[0] == ':' || line[0] == '@' || line[0] == '\0' || line[0] == '#')
            continue;
        steps_take(line, line_n);
        steps_n++;
    }
    steps_end();
    assert_true(steps_n > 0 || s->elsewhere);
}

/* ---- the files ---- */

static char *read_file(const char *path) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *bytes = calloc(1, 1 << 20);
    assert_non_null(bytes);
    assert_true(fread(bytes, 1, (1 << 20) - 1, f) > 0);
    fclose(f);
    return bytes;
}

static void read_scenarios(const char *text) {
    int line = 1;
    for (const char *at = text; *at != '\0'; line++) {
        const char *newline = strchr(at, '\n');
        if (newline == NULL)
            break;
        if (at[0] == '=' && at[1] == ' ') {
            struct scenario *s = &scenarios[scenarios_n++];
            if (sscanf(at, "= %7s %99[^\n]", s->id, s->title) != 2)
                exit(2);
            s->name = s->title;
            s->steps = newline + 1;
            s->first_line = line + 1;
        } else if (scenarios_n > 0) {
            scenarios[scenarios_n - 1].elsewhere |= at[0] == '@';
            scenarios[scenarios_n - 1].steps_len =
                (size_t)(newline + 1 - scenarios[scenarios_n - 1].steps);
        }
        at = newline + 1;
    }
}

static void all_seventy_five_stand_here_in_their_order(void **state) {
    (void)state;
    assert_int_equal(scenarios_n, 76);
    for (size_t i = 0; i < scenarios_n; i++)
        assert_int_equal(atoi(scenarios[i].id), (int)i + 1);
}

static const char *page, *codes_page;

/* ---- the codes ---- */

enum { CODES_MAX = 200 };
static const char *seen[CODES_MAX];
static size_t seen_n;

static void saw(const char *code) {
    for (size_t i = 0; i < seen_n; i++)
        if (strcmp(seen[i], code) == 0)
            return;
    assert_true(seen_n < CODES_MAX);
    seen[seen_n++] = code;
}

/* Those of problems in the data are problem.c's. */
static bool is_problem(const char *code) {
    for (int p = 0; p < PROBLEMS_N; p++)
        if (strcmp(code, problem_name((enum problem)p)) == 0)
            return true;
    return false;
}

static void every_code_is_explained_and_every_explained_one_was_decided(void **state) {
    (void)state;
    for (size_t i = 0; i < seen_n; i++) {
        char row[80];
        snprintf(row, sizeof row, "\n| `%s` | ", seen[i]);
        if (strstr(codes_page, row) == NULL && !is_problem(seen[i]))
            fail_msg("docs/deciding.md does not explain %s", seen[i]);
    }
    for (const char *at = codes_page; (at = strstr(at, "\n| `")) != NULL;) {
        char code[80];
        at += 4;
        if (sscanf(at, "%79[^`]", code) != 1)
            fail();
        size_t i = 0;
        while (i < seen_n && strcmp(seen[i], code) != 0)
            i++;
        if (i == seen_n && strncmp(code, "team-", 5) != 0) /* those are test_team.c's */
            fail_msg("no scenario comes to %s, which docs/deciding.md explains", code);
    }
}

/* docs/scenarios.md has each in a row of its own, and says where it is decided. */
static void the_page_lists_each(void **state) {
    (void)state;
    for (size_t i = 0; i < scenarios_n; i++) {
        const struct scenario *s = &scenarios[i];
        char row[200];
        snprintf(row, sizeof row, "\n| %s | %s |", s->id, s->title);
        const char *at = strstr(page, row);
        if (at == NULL)
            fail_msg("no row:%s", row);
        const char *rest = at + strlen(row);
        bool says_here = strncmp(rest, " here", 5) == 0;
        bool has_steps = false;
        for (size_t k = 0; k < s->steps_len; k++)
            has_steps |=
                (k == 0 || s->steps[k - 1] == '\n') && s->steps[k] >= 'a' && s->steps[k] <= 'z';
        if (says_here != has_steps)
            fail_msg("%s: the page and the scenario disagree about where it is decided", s->id);
    }
}

int main(int argc, char **argv) {
    static struct CMUnitTest tests[SCENARIOS_MAX + 3];
    size_t n = 0;
    if (argc < 4)
        return 2;
    char *text = read_file(argv[1]), *page_text = read_file(argv[2]);
    char *codes_text = read_file(argv[3]);
    page = page_text;
    codes_page = codes_text;
    office_saw = saw;
    read_scenarios(text);
    for (size_t i = 0; i < scenarios_n; i++) {
        bool steps = !scenarios[i].elsewhere;
        for (size_t k = 0; k < scenarios[i].steps_len && !steps; k++)
            steps = (k == 0 || scenarios[i].steps[k - 1] == '\n') && scenarios[i].steps[k] >= 'a' &&
                    scenarios[i].steps[k] <= 'z';
        if (steps)
            tests[n++] = (struct CMUnitTest){ .name = scenarios[i].name,
                                              .test_func = it_goes_as_told,
                                              .initial_state = &scenarios[i] };
    }
    ADD_TEST(tests, n, all_seventy_five_stand_here_in_their_order);
    ADD_TEST(tests, n, the_page_lists_each);
    ADD_TEST(tests, n, every_code_is_explained_and_every_explained_one_was_decided);
    int failed = RUN_TESTS(tests, n);
    free(text);
    free(page_text);
    free(codes_text);
    return failed;
}
