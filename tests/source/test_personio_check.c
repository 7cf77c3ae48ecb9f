/* What a credential may read of Personio, and what a check says of it. */
#include "tests/source/personio_bed.h"

static const char catalogue[] =
    "[{\"key\":\"status\",\"label\":\"Status\"},{\"key\":\"first_name\",\"label\":\"Vorname\"},"
    "{\"key\":\"dynamic_9\",\"label\":\"Kontonummer\",\"universal_id\":\"iban\"},"
    "{\"key\":\"fix_salary\",\"label\":\"Gehalt\"},{\"key\":\"status\",\"label\":\"Status\"},"
    "{\"key\":\"last_name\",\"label\":\"Nachname\"}]";

static void rights_are_the_catalogue_and_the_scopes_in_one_order(void **state) {
    struct source_rights r;
    (void)state;
    fake.catalogue = catalogue;
    fake.scope = "employees:read absences:read";
    assert_int_equal(source->ops->rights(source, &arena, &r, NULL), RC_OK);
    assert_int_equal(r.attributes_n, 5);
    assert_true(text_is(r.attributes[0], "dynamic_9") && text_is(r.labels[0], "Kontonummer"));
    assert_true(text_is(r.scopes, "absences:read employees:read"));
    fake.catalogue = "[{\"label\":\"x\"}]";
    assert_int_equal(source->ops->rights(source, &arena, &r, NULL), RC_INVALID);
    fake.catalogue = "{}";
    assert_int_equal(source->ops->rights(source, &arena, &r, NULL), RC_INVALID);
}

static const struct finding *finding(const struct source_check *c, const char *name,
                                     const char *part) {
    for (size_t i = 0; i < c->findings_n; i++)
        if (strcmp(c->findings[i].name, name) == 0 && strstr(c->findings[i].text, part) != NULL)
            return &c->findings[i];
    return NULL;
}

static struct source_check check_now(void) {
    struct source_check c;
    struct rc_error err = { 0 };
    if (source->ops->check(source, &arena, &c, &err) != RC_OK)
        fail_msg("%s", err.text);
    return c;
}

static void check_names_what_is_missing_and_what_is_too_much(void **state) {
    static const char *const custom[] = { "dynamic_5" };
    (void)state;
    fake.catalogue = catalogue;
    open_with((struct employee_reads){ 1u << EMPLOYEE_FIRST_NAME | 1u << EMPLOYEE_LAST_NAME |
                                           1u << EMPLOYEE_EMAIL | 1u << EMPLOYEE_OFFICE |
                                           1u << EMPLOYEE_STATUS,
                                       custom, 1 },
              NULL);
    struct source_check c = check_now();
    assert_int_equal(c.people_n, 250);
    assert_int_equal(finding(&c, "attribute-missing", "Email (email)")->level, FINDING_FAIL);
    assert_int_equal(finding(&c, "attribute-missing", "Office (office)")->level, FINDING_WARN);
    assert_int_equal(finding(&c, "attribute-missing", "(dynamic_5)")->level, FINDING_WARN);
    assert_null(finding(&c, "attribute-missing", "First name"));
    /* ticked, but no answer has it */
    assert_int_equal(finding(&c, "attribute-not-sent", "Last name (last_name)")->level,
                     FINDING_FAIL);
    assert_null(finding(&c, "attribute-not-sent", "status"));
    assert_non_null(finding(&c, "too-much-readable", "\"Gehalt\" (fix_salary)"));
    assert_non_null(finding(&c, "too-much-readable", "\"Kontonummer\" (dynamic_9)"));
    assert_non_null(finding(&c, "people", "250"));
}

static void check_finds_refusals_and_fails_only_when_it_cannot_tell(void **state) {
    struct source_check c;
    (void)state;
    fake.denies_all = true;
    c = check_now();
    assert_int_equal(finding(&c, "right-missing", "employees:read")->level, FINDING_FAIL);
    fake.denies_all = false;
    open_with(reads, (const char *const[]){ "client-secret", "wrong-secret", NULL });
    c = check_now();
    assert_int_equal(finding(&c, "credentials", "client-secret")->level, FINDING_FAIL);
    struct fake gone = { 0 };
    fake_open(&gone);
    fake_close(&gone); /* nobody listens there any more */
    open_with(reads, (const char *const[]){ "base-url", gone.url, "retries", "0", NULL });
    assert_int_equal(source->ops->check(source, &arena, &c, NULL), RC_RETRY);
}

static void check_says_when_there_is_nobody_or_no_total(void **state) {
    (void)state;
    fake.people_n = 0;
    struct source_check c = check_now();
    assert_int_equal(finding(&c, "no-people", "nobody")->level, FINDING_FAIL);
    fake.metadata = "\"metadata\":{\"total_elements\":7},"; /* an import reads on and finds them */
    c = check_now();
    assert_int_equal(finding(&c, "no-people", "7 people")->level, FINDING_WARN);
    fake.metadata = NULL;
    fake.people_n = 1;
    fake.metadata = "";
    c = check_now();
    assert_int_equal(c.people_n, -1);
    assert_int_equal(finding(&c, "no-total", "none is imported")->level, FINDING_FAIL);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        TEST(rights_are_the_catalogue_and_the_scopes_in_one_order),
        TEST(check_names_what_is_missing_and_what_is_too_much),
        TEST(check_finds_refusals_and_fails_only_when_it_cannot_tell),
        TEST(check_says_when_there_is_nobody_or_no_total),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
