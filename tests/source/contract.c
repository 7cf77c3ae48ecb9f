/* contract.c - what source.h promises, held against every source: the same five people, written in
 * each one's own form. */
#include "tests/check.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "source/memory.h"
#include "source/source.h"
#include "tests/source/personio_fake.h"

/* ---- five people: full, empty, missing, bad, and a row that is nobody ---- */

enum { PEOPLE_N = 5, NOBODY = 4 };

static const struct memory_person in_memory[PEOPLE_N] = {
    { "11",
      { "first_name=Mira", "last_name=Okafor", "email=mira@nordkap.example", "status=active",
        "supervisor=12", "office=Bremen", "hire_date=2021-04-01", "dynamic_7=N-00417" } },
    { "12",
      { "first_name=Jürgen", "last_name=", "email=", "status=inactive",
        "supervisor=", "office=", "hire_date=", "dynamic_7=" } },
    { "13",
      { "first_name=José", "last_name=Ng", "email=j@x.example", "status=on parental duty",
        "supervisor=12", "office=Sankt \"P\", Süd", "hire_date!", "dynamic_7=a;b,c" } },
    { "14",
      { "first_name=Zoë", "last_name=Zhu", "email=z@x.example", "status=leave", "supervisor=11",
        "office=Bremen", "hire_date=1999-12-31", "dynamic_7=7" } },
    { NULL, { "first_name=Nobody" } },
};

#define V(key, value) "\"" key "\":{\"label\":\"L\",\"value\":" value ",\"type\":\"standard\"}"
#define OFFICE(id, name)                                                                           \
    "{\"type\":\"Office\",\"attributes\":{\"id\":" id ",\"name\":\"" name "\"}}"
#define BOSS(id)                                                                                   \
    "{\"type\":\"Employee\",\"attributes\":{\"id\":{\"label\":\"ID\",\"value\":" id "}}}"
#define ROW(attributes) "{\"type\":\"Employee\",\"attributes\":{" attributes "}}"
static const char *const in_personio[PEOPLE_N] = {
    ROW("\"id\":{\"label\":\"ID\",\"value\":11}," V("first_name", "\"Mira\"") "," V("last_name", "\"Okafor\"") "," V(
        "email",
        "\"mira@nordkap.example\"") "," V("status",
                                          "\"active\"") "," V("supervisor",
                                                              BOSS(
                                                                  "12")) "," V("office",
                                                                               OFFICE(
                                                                                   "5",
                                                                                   "Bremen")) "," V("hire_date",
                                                                                                    "\"2021-04-01T00:00:00+02:"
                                                                                                    "00\"") "," V("dynamic_7",
                                                                                                                  "\"N-00417\"")),
    ROW("\"id\":{\"label\":\"ID\",\"value\":12}," V("first_name", "\"Jürgen\"") "," V(
        "last_name",
        "\"\"") "," V("email",
                      "null") "," V("status",
                                    "\"inactive\"") "," V("supervisor",
                                                          "null") "," V("office",
                                                                        "[]") "," V("hire_date",
                                                                                    "null") "," V("dynamic_7",
                                                                                                  "null")),
    ROW("\"id\":{\"label\":\"ID\",\"value\":13}," V("first_name", "\"Jose\xcc\x81\"") "," V("last_name", "\"Ng\"") "," V("email", "\"j@x.example\"") "," V(
        "status",
        "\"On Parental Duty\"") "," V("supervisor",
                                      BOSS(
                                          "12")) "," V("of"
                                                       "fi"
                                                       "c"
                                                       "e",
                                                       OFFICE(
                                                           "6",
                                                           "Sankt \\\"P\\\", Süd")) "," V("hire_date",
                                                                                          "\"soon\"") "," V("dynamic_7",
                                                                                                            "\"a;b,c\"")),
    ROW("\"id\":{\"label\":\"ID\",\"value\":14}," V("first_name", "\" Zoë \"") "," V("last_name", "\"Zhu\"") "," V(
        "email",
        "\"z@x.example\"") "," V("status",
                                 "\"LEAVE\"") "," V("supervisor",
                                                    BOSS(
                                                        "11")) "," V("office",
                                                                     OFFICE(
                                                                         "5",
                                                                         "Bremen")) "," V("hire_"
                                                                                          "date",
                                                                                          "\"1999-"
                                                                                          "12-"
                                                                                          "31\"") "," V("dynamic_7",
                                                                                                        "7")),
    ROW(V("first_name", "\"Nobody\"")),
};

static const char in_csv[] =
    "dynamic_7;id;first_name;last_name;email;status;supervisor;office;hire_date;notes\r\n"
    "N-00417;11;Mira;Okafor;mira@nordkap.example;active;12;Bremen;2021-04-01;\r\n"
    ";12;Jürgen;;;inactive;;;;\"a\r\nb\"\r\n"
    "\"a;b,c\";13;Jose\xcc\x81;Ng;j@x.example;On Parental Duty;12;\"Sankt \"\"P\"\", "
    "Süd\";soon;\r\n"
    "7;14; Zoë ;Zhu;z@x.example;LEAVE;11;Bremen;1999-12-31;\r\n"
    ";;Nobody;;;;;;;\r\n"
    "#count=5\r\n";

static const char *const custom_keys[] = { "dynamic_7" };
static const struct employee_reads reads_all = {
    1u << EMPLOYEE_FIRST_NAME | 1u << EMPLOYEE_LAST_NAME | 1u << EMPLOYEE_EMAIL |
        1u << EMPLOYEE_STATUS | 1u << EMPLOYEE_SUPERVISOR | 1u << EMPLOYEE_OFFICE |
        1u << EMPLOYEE_HIRE_DATE,
    custom_keys, 1
};
static const struct employee_reads reads_little = { 1u << EMPLOYEE_LAST_NAME, NULL, 0 };

/* ---- the members ---- */

struct member {
    const char *name;
    struct clock_fake fake_clock;
    struct clock_source clock;
    struct arena arena;
    struct source *source;
    /* what is behind it */
    struct fake personio;
    struct memory_source memory;
    char file[64];
};
static struct member members[] = { { .name = "memory" },
                                   { .name = "csv" },
                                   { .name = "personio" } };

static const char *value_for(struct member *m, const char *key) {
    static const struct {
        const char *key, *value;
    } fixed[] = { { "client-id", "papi-id" },
                  { "client-secret", "right-secret" },
                  { "page-size", "2" },
                  { "delimiter", "auto" },
                  { "complete", "trailer" } };
    if (strcmp(key, "base-url") == 0)
        return m->personio.url;
    if (strcmp(key, "file") == 0)
        return m->file;
    for (size_t i = 0; i < RC_LEN(fixed); i++)
        if (strcmp(key, fixed[i].key) == 0)
            return fixed[i].value;
    return NULL;
}

static void member_open(struct member *m, struct employee_reads reads) {
    const char *values[32];
    struct rc_error err = { 0 };
    struct source_config config = { .reads = reads, .clock = &m->clock, .values = values };
    config.ops = strcmp(m->name, "memory") == 0 ? &m->memory.ops : source_find(m->name);
    for (size_t i = 0; config.ops->settings[i].key != NULL; i++)
        values[i] = value_for(m, config.ops->settings[i].key);
    if (source_open(&config, &m->source, &err) != RC_OK)
        fail_msg("%s", err.text);
}

static void file_write(struct member *m) {
    const char *dir = getenv("TMPDIR");
    snprintf(m->file, sizeof m->file, "%.40s/contract-XXXXXX", dir != NULL ? dir : "/tmp");
    int fd = mkstemp(m->file);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, in_csv, sizeof in_csv - 1), sizeof in_csv - 1);
    close(fd);
}

static int set_up(void **state) {
    struct member *m = *state;
    arena_init(&m->arena);
    m->fake_clock = (struct clock_fake){ .now_us = INT64_C(1790000000000000) };
    m->clock = clock_fake_source(&m->fake_clock);
    static const char *const attributes[] = { "status", "first_name", NULL };
    m->memory = (struct memory_source){ .people = in_memory,
                                        .people_n = PEOPLE_N,
                                        .attributes = attributes };
    memory_source_init(&m->memory);
    m->personio = (struct fake){ .rows = in_personio, .people_n = PEOPLE_N };
    m->personio.catalogue = "[{\"key\":\"status\",\"label\":\"Status\"},{\"key\":\"first_name\","
                            "\"label\":\"Vorname\"}]";
    fake_open(&m->personio);
    file_write(m);
    member_open(m, reads_all);
    return 0;
}

static int tear_down(void **state) {
    struct member *m = *state;
    source_close(m->source);
    fake_close(&m->personio);
    unlink(m->file);
    arena_done(&m->arena);
    return 0;
}

/* ---- what is expected of a person ---- */

static const char *expected(const char *const *values, const char *key) {
    size_t n = strlen(key);
    for (; *values != NULL; values++)
        if (strncmp(*values, key, n) == 0 && (*values)[n] == '=')
            return *values + n + 1;
    return NULL; /* missing, or bad */
}

static void check_text(size_t person, const char *key, struct text got) {
    struct text want = text_of(expected(in_memory[person].values, key));
    if (!text_equal(got, want))
        fail_msg("person %zu: %s is %s \"%.*s\", expected %s \"%.*s\"", person, key,
                 text_state_name(got.state), TEXT_ARG(got), text_state_name(want.state),
                 TEXT_ARG(want));
}

static void check_person(size_t person, const struct employee *e) {
    assert_true(text_is(e->source_id, in_memory[person].id));
    for (enum employee_field f = 0; f < EMPLOYEE_FIELDS_N; f++)
        if ((reads_all.fields & 1u << f) != 0)
            check_text(person, employee_field_name(f), e->fields[f].text);
        else
            assert_int_equal(e->fields[f].text.state, TEXT_MISSING);
    assert_int_equal(e->custom_n, 1);
    check_text(person, "dynamic_7", e->custom[0].value);
    assert_int_equal(e->bad, person == 2 ? 1u << EMPLOYEE_HIRE_DATE : 0u);
    assert_int_equal(e->bad_custom, 0);
}

static void check_row(struct member *m, const struct source_page *page, size_t row, size_t person) {
    struct employee e;
    struct rc_error err = { 0 };
    enum rc_code rc = m->source->ops->page_read(m->source, page, row, &m->arena, &e, &err);
    if (person == NOBODY) {
        assert_int_equal(rc, RC_INVALID);
        assert_true(err.text[0] != '\0');
        return;
    }
    if (rc != RC_OK)
        fail_msg("person %zu: %s", person, err.text);
    check_person(person, &e);
}

/* ---- the promises ---- */

static size_t list_all(struct member *m, struct source_page *page) {
    const struct source_ops *ops = m->source->ops;
    struct rc_error err = { 0 };
    size_t n = 0;
    assert_int_equal(ops->list_begin(m->source, 0, &err), RC_OK);
    do {
        if (ops->list_next(m->source, page, &err) != RC_OK)
            fail_msg("%s", err.text);
        assert_int_equal(page->first_row, n);
        assert_int_equal(page->declared_total, PEOPLE_N);
        for (size_t row = 0; row < page->rows_n; row++)
            check_row(m, page, row, n++);
    } while (page->end == SOURCE_MORE);
    return n;
}

static void everybody_comes_in_order_with_the_same_values_whatever_the_source(void **state) {
    struct member *m = *state;
    struct source_page *page = m->source->ops->page_new(m->source);
    assert_int_equal(list_all(m, page), PEOPLE_N);
    assert_true(page->end == SOURCE_END_EMPTY || page->end == SOURCE_END_DECLARED);
    m->source->ops->page_free(page);
}

static void a_listing_can_be_begun_again_also_in_the_middle(void **state) {
    struct member *m = *state;
    const struct source_ops *ops = m->source->ops;
    struct source_page *page = ops->page_new(m->source);
    assert_int_equal(list_all(m, page), PEOPLE_N);
    assert_int_equal(ops->list_begin(m->source, 0, NULL), RC_OK);
    assert_int_equal(ops->list_next(m->source, page, NULL), RC_OK);
    assert_int_equal(list_all(m, page), PEOPLE_N);
    ops->page_free(page);
}

static void a_page_is_readable_while_later_ones_are_fetched(void **state) {
    struct member *m = *state;
    const struct source_ops *ops = m->source->ops;
    struct source_page *pages[8];
    size_t n = 0, person = 0;
    assert_int_equal(ops->list_begin(m->source, 0, NULL), RC_OK);
    do {
        assert_true(n < RC_LEN(pages));
        pages[n] = ops->page_new(m->source);
        assert_int_equal(ops->list_next(m->source, pages[n], NULL), RC_OK);
    } while (pages[n++]->end == SOURCE_MORE);
    for (size_t i = 0; i < n; i++) {
        for (size_t row = 0; row < pages[i]->rows_n; row++)
            check_row(m, pages[i], row, person++);
        ops->page_free(pages[i]);
    }
    assert_int_equal(person, PEOPLE_N);
}

static void one_person_reads_the_same_as_in_the_listing(void **state) {
    struct member *m = *state;
    for (size_t i = 0; i < NOBODY; i++) {
        struct employee e;
        struct rc_error err = { 0 };
        if (m->source->ops->get(m->source, text_of(in_memory[i].id), &m->arena, &e, &err) != RC_OK)
            fail_msg("%s", err.text);
        check_person(i, &e);
    }
}

/* The file has a row that nobody can read, which might be the one asked for. */
static void somebody_unknown_is_not_found_only_where_that_can_be_known(void **state) {
    struct member *m = *state;
    struct employee e = { .custom_n = 99 };
    struct rc_error err = { 0 };
    enum rc_code rc = m->source->ops->get(m->source, TEXT_LIT("99"), &m->arena, &e, &err);
    assert_int_equal(rc, strcmp(m->name, "csv") == 0 ? RC_INVALID : RC_NOT_FOUND);
    assert_true(err.text[0] != '\0');
    assert_int_equal(e.custom_n, 99);
}

static void what_is_not_read_comes_as_missing(void **state) {
    struct member *m = *state;
    struct employee e;
    source_close(m->source);
    member_open(m, reads_little);
    struct source_page *page = m->source->ops->page_new(m->source);
    assert_int_equal(m->source->ops->list_begin(m->source, 0, NULL), RC_OK);
    assert_int_equal(m->source->ops->list_next(m->source, page, NULL), RC_OK);
    assert_int_equal(m->source->ops->page_read(m->source, page, 0, &m->arena, &e, NULL), RC_OK);
    for (enum employee_field f = 0; f < EMPLOYEE_FIELDS_N; f++)
        if (f != EMPLOYEE_LAST_NAME)
            assert_int_equal(e.fields[f].text.state, TEXT_MISSING);
    assert_true(text_is(e.fields[EMPLOYEE_LAST_NAME].text, "Okafor"));
    assert_int_equal(e.custom_n, 0);
    m->source->ops->page_free(page);
}

static void rights_are_sorted_and_have_their_labels(void **state) {
    struct member *m = *state;
    struct source_rights r;
    struct rc_error err = { 0 };
    assert_true((m->source->ops->caps & SOURCE_RIGHTS) != 0);
    if (m->source->ops->rights(m->source, &m->arena, &r, &err) != RC_OK)
        fail_msg("%s", err.text);
    assert_true(r.attributes_n >= 2);
    for (size_t i = 1; i < r.attributes_n; i++)
        assert_true(text_compare(r.attributes[i - 1], r.attributes[i]) < 0);
    for (size_t i = 0; i < r.attributes_n; i++)
        assert_true(r.labels[i].state == TEXT_EMPTY || text_is(r.labels[i], "Vorname") ||
                    text_is(r.labels[i], "Status"));
}

static void check_tells_how_many_people_there_are(void **state) {
    struct member *m = *state;
    struct source_check c;
    struct rc_error err = { 0 };
    if (m->source->ops->check(m->source, &m->arena, &c, &err) != RC_OK)
        fail_msg("%s", err.text);
    assert_int_equal(c.people_n, PEOPLE_N);
    assert_true(c.findings_n > 0);
    for (size_t i = 0; i < c.findings_n; i++)
        assert_true(c.findings[i].name[0] != '\0' && c.findings[i].text[0] != '\0');
}

static void what_a_source_cannot_it_says(void **state) {
    struct member *m = *state;
    struct rc_error err = { 0 };
    const struct source_ops *ops = m->source->ops;
    if ((ops->caps & SOURCE_RECORD) == 0) {
        assert_int_equal(ops->record(m->source, "nowhere", &err), RC_INVALID);
        assert_string_equal(err.name, "source.cannot");
    }
    if ((ops->caps & SOURCE_SINCE) == 0) {
        assert_int_equal(ops->list_begin(m->source, 1, &err), RC_INVALID);
        assert_string_equal(err.name, "source.cannot");
    } else {
        assert_int_equal(ops->list_begin(m->source, 1, &err), RC_OK);
    }
}

static void a_required_setting_is_asked_for_by_name(void **state) {
    struct member *m = *state;
    struct source *s = NULL;
    const struct source_ops *ops = m->source->ops;
    for (size_t i = 0; ops->settings[i].key != NULL; i++) {
        const char *values[32];
        struct rc_error err = { 0 };
        struct source_config config = { ops, values, reads_all, &m->clock };
        for (size_t k = 0; ops->settings[k].key != NULL; k++)
            values[k] = k == i ? NULL : value_for(m, ops->settings[k].key);
        if (!ops->settings[i].required)
            continue;
        assert_int_equal(source_open(&config, &s, &err), RC_INVALID);
        assert_string_equal(err.name, "setting");
        assert_non_null(strstr(err.text, ops->settings[i].key));
    }
}

#define TEST(f)                                                                                    \
    {                                                                                              \
        .name = #f, .test_func = f, .setup_func = set_up, .teardown_func = tear_down,              \
        .initial_state = m                                                                         \
    }

int main(void) {
    int failed = 0;
    for (size_t i = 0; i < RC_LEN(members); i++) {
        struct member *m = &members[i];
        const struct CMUnitTest tests[] = {
            TEST(everybody_comes_in_order_with_the_same_values_whatever_the_source),
            TEST(a_listing_can_be_begun_again_also_in_the_middle),
            TEST(a_page_is_readable_while_later_ones_are_fetched),
            TEST(one_person_reads_the_same_as_in_the_listing),
            TEST(somebody_unknown_is_not_found_only_where_that_can_be_known),
            TEST(what_is_not_read_comes_as_missing),
            TEST(rights_are_sorted_and_have_their_labels),
            TEST(check_tells_how_many_people_there_are),
            TEST(what_a_source_cannot_it_says),
            TEST(a_required_setting_is_asked_for_by_name),
        };
        printf("# %s\n", m->name);
        failed += _cmocka_run_group_tests(m->name, tests, RC_LEN(tests), NULL, NULL);
    }
    return failed;
}
