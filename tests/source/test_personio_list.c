/* How a listing of Personio's goes on and ends. */
#include "tests/source/personio_bed.h"

static void a_listing_ends_on_an_empty_page_and_nowhere_else(void **state) {
    (void)state;
    struct tally t = list_right();
    assert_int_equal(t.pages_n, 4);
    assert_int_equal(t.total, 250);
    fake.people_n = 200; /* the last page is full */
    assert_int_equal(list_right().pages_n, 3);
    fake.people_n = 0;
    assert_int_equal(list_right().pages_n, 1);
}

static void short_pages_are_no_end(void **state) {
    (void)state;
    fake.paging = FAKE_SHORT;
    fake.people_n = 10;
    assert_int_equal(list_right().pages_n, 5);
}

static void everybody_at_once_is_one_page_and_an_empty_one(void **state) {
    (void)state;
    fake.paging = FAKE_ALL_AT_ONCE;
    assert_int_equal(list_right().pages_n, 2);
}

static void a_remote_that_ignores_the_offset_is_found_out_on_its_second_page(void **state) {
    (void)state;
    fake.paging = FAKE_IGNORES_OFFSET;
    struct tally t = list_all();
    assert_int_equal(t.rc, RC_OK);
    assert_int_equal(t.end, SOURCE_END_REPEATED);
    assert_int_equal(t.pages_n, 2);
    assert_int_equal(t.rows_n, 200); /* the repeated rows are reported, not hidden */
}

static void an_endless_listing_ends_at_the_cap(void **state) {
    (void)state;
    fake.paging = FAKE_ENDLESS;
    struct tally t = list_all();
    assert_int_equal(t.end, SOURCE_END_CAP);
    assert_int_equal(t.rows_n, 1600); /* the first page end beyond 2 * 250 + 1000 */
}

static const struct total_row {
    const char *metadata;
    int64_t want;
} totals[] = {
    { "\"metadata\":{\"total_elements\":250,\"current_page\":0,\"total_pages\":1},", 250 },
    { "\"metadata\":{\"total_elements\":\"250\"},\"offset\":\"0\",\"limit\":\"100\",", 250 },
    { "\"metadata\":{\"total_elements\":2,\"total_pages\":3},", 2 },
    { "\"metadata\":{\"total_elements\":-1},", -1 },
    { "\"metadata\":{\"total_elements\":99999999999999999999},", -1 },
    { "\"metadata\":{\"total_elements\":2.5},", -1 },
    { "\"metadata\":{\"total_elements\":null},", -1 },
    { "\"metadata\":[],", -1 },
    { "", -1 },
};

static void the_declared_total_is_a_number_or_unknown_and_never_ends_the_listing(void **state) {
    (void)state;
    for (size_t i = 0; i < RC_LEN(totals); i++) {
        fake.metadata = totals[i].metadata;
        assert_int_equal(list_right().total, totals[i].want);
    }
}

static void only_what_is_read_is_asked_for_and_every_call_has_our_name(void **state) {
    static const char *const custom[] = { "dynamic_1", "a&b" };
    (void)state;
    open_with(
        (struct employee_reads){ 1u << EMPLOYEE_LEGAL_ENTITY | 1u << EMPLOYEE_EMAIL, custom, 2 },
        NULL);
    (void)list_all();
    assert_string_equal(fake.last_query,
                        "limit=100&offset=250&attributes%5B%5D=email&attributes%5B%5D=subcompany"
                        "&attributes%5B%5D=dynamic_1&attributes%5B%5D=a%26b");
    open_with((struct employee_reads){ 0 }, NULL);
    (void)list_all();
    assert_string_equal(fake.last_query, "limit=100&offset=250&attributes%5B%5D=id");
    assert_int_equal(fake.bare_n, 0);
}

static void a_list_of_attributes_too_long_for_a_url_is_left_out(void **state) {
    const char *custom[300];
    (void)state;
    for (size_t i = 0; i < RC_LEN(custom); i++)
        custom[i] = "dynamic_1234567";
    open_with((struct employee_reads){ 0, custom, RC_LEN(custom) }, NULL);
    assert_int_equal(list_all().rc, RC_OK);
    assert_string_equal(fake.last_query, "limit=100&offset=250");
}

static void changed_since_is_said_in_personios_form(void **state) {
    (void)state;
    struct source_page *page = source->ops->page_new(source);
    assert_int_equal(source->ops->list_begin(source, INT64_C(1767225600000000), NULL), RC_OK);
    assert_int_equal(source->ops->list_next(source, page, NULL), RC_OK);
    assert_non_null(strstr(fake.last_query, "&updated_since=2026-01-01T00:00:00&"));
    source->ops->page_free(page);
}

/* ---- a refusal behind the last row ---- */

#define OWN_WORDS "{\"success\":false,\"error\":{\"code\":0,\"message\":\"x\"}}"
#define TOTAL(n)  "\"metadata\":{\"total_elements\":" #n "},"
/* An answer to the page behind so many good ones: the end where as many rows came as every page
 * declared, an error anywhere else. */
static const struct behind_row {
    const char *name;
    struct server_answer answer;
    unsigned after;
    size_t people_n;
    const char *metadata;
    bool ends;
} behinds[] = {
    { "404 behind the last", { .status = 404, JSON_TYPE, .body = OWN_WORDS }, 3, 250, NULL, true },
    { "400 behind the last", { .status = 400, JSON_TYPE, .body = OWN_WORDS }, 3, 250, NULL, true },
    { "416 behind the last", { .status = 416, JSON_TYPE, .body = OWN_WORDS }, 3, 250, NULL, true },
    { "422 behind the last", { .status = 422, JSON_TYPE, .body = OWN_WORDS }, 3, 250, NULL, true },
    { "behind a last page that is full",
      { .status = 404, JSON_TYPE, .body = OWN_WORDS },
      2,
      200,
      NULL,
      true },
    { "before the last", { .status = 404, JSON_TYPE, .body = OWN_WORDS }, 2, 250, NULL, false },
    { "one row before the last",
      { .status = 404, JSON_TYPE, .body = OWN_WORDS },
      2,
      200,
      TOTAL(201),
      false },
    { "where nobody said how many there are",
      { .status = 404, JSON_TYPE, .body = OWN_WORDS },
      3,
      250,
      "",
      false },
    { "on the first page", { .status = 404, JSON_TYPE, .body = OWN_WORDS }, 0, 0, NULL, false },
    { "a proxy's 404",
      { .status = 404, .content_type = "text/html", .body = "<html>" },
      3,
      250,
      NULL,
      false },
    { "a 404 of another form",
      { .status = 404, JSON_TYPE, .body = "{\"error\":\"not found\"}" },
      3,
      250,
      NULL,
      false },
    { "a 404 that calls itself a success",
      { .status = 404, JSON_TYPE, .body = "{\"success\":true,\"data\":[]}" },
      3,
      250,
      NULL,
      false },
    { "a right that is lost there",
      { .status = 403, JSON_TYPE, .body = OWN_WORDS },
      3,
      250,
      NULL,
      false },
    { "a conflict there", { .status = 409, JSON_TYPE, .body = OWN_WORDS }, 3, 250, NULL, false },
    { "a failing server there",
      { .status = 500, JSON_TYPE, .body = OWN_WORDS },
      3,
      250,
      NULL,
      false },
};

static void a_refusal_is_the_end_only_behind_as_many_rows_as_were_declared(void **state) {
    const struct behind_row *r = *state;
    fake.people_n = r->people_n;
    fake.metadata = r->metadata;
    fake.fault = (struct fake_fault){ "/v1/company/employees", r->after, 0, r->answer };
    struct tally t = list_all();
    assert_int_equal(t.rc == RC_OK, r->ends);
    if (!r->ends)
        return;
    assert_int_equal(t.end, SOURCE_END_REFUSED);
    assert_int_equal(t.rows_n, r->people_n);
    assert_int_equal(t.total, -1); /* of the refusal, which declares nothing */
    assert_int_equal(t.first_total, r->people_n);
    assert_int_equal(fake.faults_n, 1); /* and is not asked for again */
}

static void a_number_that_has_changed_makes_a_refusal_no_end(void **state) {
    const struct source_ops *ops = source->ops;
    struct rc_error err = { 0 };
    (void)state;
    fake.people_n = 200;
    fake.fault = (struct fake_fault){
        "/v1/company/employees", 2, 0, { .status = 404, JSON_TYPE, .body = OWN_WORDS }
    };
    struct source_page *page = ops->page_new(source);
    assert_int_equal(ops->list_begin(source, 0, &err), RC_OK);
    fake.metadata = TOTAL(199);
    assert_int_equal(ops->list_next(source, page, &err), RC_OK);
    fake.metadata = TOTAL(200);
    assert_int_equal(ops->list_next(source, page, &err), RC_OK);
    assert_int_equal(ops->list_next(source, page, &err), RC_INVALID);
    assert_string_equal(err.name, "personio.answer");
    fake.metadata = NULL; /* a listing that begins again is judged by itself */
    fake.fault_calls_n = 0;
    assert_int_equal(list_all().end, SOURCE_END_REFUSED);
    ops->page_free(page);
}

int main(void) {
    static const struct CMUnitTest fixed[] = {
        TEST(a_listing_ends_on_an_empty_page_and_nowhere_else),
        TEST(short_pages_are_no_end),
        TEST(everybody_at_once_is_one_page_and_an_empty_one),
        TEST(a_remote_that_ignores_the_offset_is_found_out_on_its_second_page),
        TEST(an_endless_listing_ends_at_the_cap),
        TEST(the_declared_total_is_a_number_or_unknown_and_never_ends_the_listing),
        TEST(only_what_is_read_is_asked_for_and_every_call_has_our_name),
        TEST(a_list_of_attributes_too_long_for_a_url_is_left_out),
        TEST(changed_since_is_said_in_personios_form),
        TEST(a_number_that_has_changed_makes_a_refusal_no_end),
    };
    struct CMUnitTest tests[RC_LEN(fixed) + RC_LEN(behinds)];
    size_t n = RC_LEN(fixed);
    memcpy(tests, fixed, sizeof fixed);
    for (size_t i = 0; i < RC_LEN(behinds); i++)
        tests[n++] = (struct CMUnitTest)ROW_TEST(
            a_refusal_is_the_end_only_behind_as_many_rows_as_were_declared, &behinds[i]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
