/* Personio's token, faults and look-ups. */
#include "tests/source/personio_bed.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- token ---- */

static void one_token_serves_all_calls(void **state) {
    (void)state;
    (void)list_right();
    (void)list_right();
    assert_int_equal(fake.auths_n, 1);
    assert_string_equal(fake.last_auth_body,
                        "{\"client_id\":\"papi-id\",\"client_secret\":\"right-secret\"}");
}

static void a_token_that_expires_in_the_middle_is_renewed_once(void **state) {
    (void)state;
    fake.fault = (struct fake_fault){
        "/v1/company/employees",
        2,
        1,
        { .status = 403,
          .content_type = "application/json",
          .body = "{\"success\":false,\"error\":{\"code\":403,\"message\":\"x\"}}" }
    };
    (void)list_right();
    assert_int_equal(fake.auths_n, 2);
    fake.fault.answer.status = 401;
    fake.fault_calls_n = 0;
    (void)list_right();
    assert_int_equal(fake.auths_n, 3);
}

static void tokens_for_one_call_are_followed_by_the_next_without_asking(void **state) {
    (void)state;
    fake.one_time_tokens = true;
    (void)list_right();
    assert_int_equal(fake.auths_n, 1);
}

static void a_refusal_with_a_new_token_is_a_missing_right(void **state) {
    (void)state;
    fake.denies_all = true;
    struct tally t = list_all();
    assert_int_equal(t.rc, RC_AUTH);
    assert_string_equal(t.err.name, "personio.right");
    assert_non_null(strstr(t.err.text, "employees:read"));
    assert_int_equal(fake.auths_n, 2);
    assert_int_equal(fake.calls_n, 4);
}

static void wrong_credentials_are_said_without_saying_them(void **state) {
    (void)state;
    open_with(reads, (const char *const[]){ "client-secret", "wrong-secret", NULL });
    struct tally t = list_all();
    assert_int_equal(t.rc, RC_AUTH);
    assert_string_equal(t.err.name, "personio.credentials");
    assert_null(strstr(t.err.text, "wrong-secret"));
    assert_int_equal(fake.auths_n, 1); /* asking again would only reach the limit */
}

static void a_token_that_cannot_stand_in_a_header_is_refused(void **state) {
    (void)state;
    fake.fault =
        (struct fake_fault){ "/v1/auth",
                             0,
                             0,
                             { .status = 200,
                               .content_type = "application/json",
                               .body =
                                   "{\"success\":true,\"data\":{\"token\":\"a\\r\\nX: y\"}}" } };
    struct tally t = list_all();
    assert_int_equal(t.rc, RC_INVALID);
    assert_string_equal(t.err.name, "personio.answer");
    fake.fault = (struct fake_fault){ 0 };
    fake.token_length = 600;
    assert_string_equal(list_all().err.name, "personio.answer");
}

/* ---- faults ---- */

static char deep[20001], big[(9 << 20) + 1];
static const struct fault_row {
    const char *name;
    struct server_answer answer;
    enum rc_code code;
    const char *error;
} faults[] = {
    { "HTML instead of people",
      { .status = 200, .content_type = "text/html", .body = "<html>" },
      RC_INVALID,
      "personio.answer" },
    { "no content type",
      { .status = 200, .body = "{\"success\":true,\"data\":[]}" },
      RC_INVALID,
      "personio.answer" },
    { "a login page elsewhere",
      { .status = 302,
        .body = "x",
        .headers = { { "Location", "http://127.0.0.1:1/" } },
        .headers_n = 1 },
      RC_INVALID,
      "personio.answer" },
    { "no page there",
      { .status = 404, .content_type = "text/html", .body = "<html>" },
      RC_INVALID,
      "personio.answer" },
    { "a list that does not exist",
      { .status = 404, JSON_TYPE, .body = "{\"success\":false,\"error\":{\"code\":404}}" },
      RC_INVALID,
      "personio.answer" },
    { "a request refused",
      { .status = 400, JSON_TYPE, .body = "{\"success\":false,\"error\":{}}" },
      RC_INVALID,
      "personio.answer" },
    { "no content", { .status = 204 }, RC_INVALID, "personio.answer" },
    { "success is false",
      { .status = 200, JSON_TYPE, .body = "{\"success\":false,\"data\":[]}" },
      RC_INVALID,
      "personio.answer" },
    { "success is text",
      { .status = 200, JSON_TYPE, .body = "{\"success\":\"true\",\"data\":[]}" },
      RC_INVALID,
      "personio.answer" },
    { "success is missing",
      { .status = 200, JSON_TYPE, .body = "{\"data\":[]}" },
      RC_INVALID,
      "personio.answer" },
    { "data is an object",
      { .status = 200, JSON_TYPE, .body = "{\"success\":true,\"data\":{}}" },
      RC_INVALID,
      "personio.answer" },
    { "data is missing",
      { .status = 200, JSON_TYPE, .body = "{\"success\":true}" },
      RC_INVALID,
      "personio.answer" },
    { "a bare list", { .status = 200, JSON_TYPE, .body = "[]" }, RC_INVALID, "personio.answer" },
    { "an empty body", { .status = 200, JSON_TYPE }, RC_INVALID, "personio.answer" },
    { "JSON cut short, length and all",
      { .status = 200, JSON_TYPE, .body = "{\"success\":true,\"data\":[{\"at" },
      RC_INVALID,
      "personio.answer" },
    { "two documents",
      { .status = 200, JSON_TYPE, .body = "{\"success\":true,\"data\":[]}{}" },
      RC_INVALID,
      "personio.answer" },
    { "not UTF-8",
      { .status = 200, JSON_TYPE, .body = "{\"success\":true,\"data\":[\"\xff\"]}" },
      RC_INVALID,
      "personio.answer" },
    { "ten thousand brackets",
      { .status = 200, JSON_TYPE, .body = deep },
      RC_INVALID,
      "personio.answer" },
    { "nine MiB",
      { .status = 200, JSON_TYPE, .body = big, .body_static = true },
      RC_INVALID,
      "personio.answer" },
    { "nine MiB in chunks",
      { .status = 200, JSON_TYPE, .body = big, .body_static = true, .chunked = true },
      RC_INVALID,
      "personio.answer" },
    { "a body cut off",
      { .status = 200,
        JSON_TYPE,
        .body = "{\"success\":true,\"data\":[]}",
        .broken = SERVER_CUT_BODY,
        .cut_bytes = 5 },
      RC_RETRY,
      "http.body-cut" },
    { "chunks cut off",
      { .status = 200,
        JSON_TYPE,
        .body = "{\"success\":true,\"data\":[]}",
        .broken = SERVER_CUT_CHUNKED,
        .cut_bytes = 26 },
      RC_RETRY,
      "http.body-cut" },
    { "a connection that ends",
      { .status = 200, .broken = SERVER_CLOSE_BEFORE_HEADERS },
      RC_RETRY,
      "http.no-answer" },
    { "server error",
      { .status = 500, JSON_TYPE, .body = "{\"success\":false,\"error\":{\"code\":500}}" },
      RC_RETRY,
      "http.server-error" },
    { "bad gateway",
      { .status = 502, .content_type = "text/html", .body = "<html>" },
      RC_RETRY,
      "http.server-error" },
    { "too many requests", { .status = 429 }, RC_LIMITED, "http.limited" },
};

/* For ever, from the second page on: a clear error, and not one row more. */
static void a_lasting_fault_is_a_clear_error(void **state) {
    const struct fault_row *r = *state;
    memset(deep, '[', sizeof deep - 1);
    memset(big, ' ', sizeof big - 1);
    fake.fault = (struct fake_fault){ "/v1/company/employees", 1, 0, r->answer };
    struct tally t = list_all();
    assert_int_equal(t.rc, r->code);
    if (strcmp(t.err.name, r->error) != 0)
        fail_msg("%s instead of %s: %s", t.err.name, r->error, t.err.text);
    assert_int_equal(t.rows_n, 100);
    assert_non_null(strstr(t.err.text, "at row 100"));
    assert_null(strstr(t.err.text, "secret"));
    assert_true(fake.faults_n >= 1 &&
                fake.faults_n <=
                    12); /* the client repeats once by itself on a connection that ended */
}

/* What may pass is asked for again, and then the listing is right. */
static void a_passing_fault_is_waited_out(void **state) {
    const struct fault_row *r = *state;
    bool passes = r->code != RC_INVALID ||
                  (r->answer.status == 200 && r->answer.body != big &&
                   strstr(r->name, "success") == NULL && strstr(r->name, "data") == NULL);
    memset(deep, '[', sizeof deep - 1);
    if (!passes || strcmp(r->name, "a bare list") == 0)
        return;
    fake.fault = (struct fake_fault){ "/v1/company/employees", 1, 2, r->answer };
    (void)list_right();
    assert_int_equal(fake.faults_n, 2);
    assert_true(clock_state.slept_us > 1000000);
}

static void a_pause_asked_for_is_kept_and_shown(void **state) {
    (void)state;
    int64_t before_us = clock_state.now_us;
    fake.fault = (struct fake_fault){
        "/v1/company/employees",
        1,
        1,
        { .status = 429, .headers = { { "Retry-After", "7" } }, .headers_n = 1 }
    };
    (void)list_right();
    assert_true(clock_state.now_us - before_us >= 7000000);
    assert_true(clock_state.now_us - before_us < 20000000);
    assert_true(shown_until_us >= before_us + 7000000 && shown_until_us < before_us + 20000000);
    assert_int_equal(source->waiting_until_us, 0); /* over */
}

static void a_pause_of_hours_is_handed_to_the_caller(void **state) {
    (void)state;
    int64_t before_us = clock_state.now_us;
    fake.fault = (struct fake_fault){
        "/v1/company/employees",
        1,
        1,
        { .status = 429, .headers = { { "Retry-After", "3000" } }, .headers_n = 1 }
    };
    struct tally t = list_all();
    assert_int_equal(t.rc, RC_LIMITED);
    assert_true(t.err.retry_at_us >= before_us + INT64_C(3000000000));
    assert_true(clock_state.slept_us < 10000000);
}

static void signing_in_is_repeated_too(void **state) {
    (void)state;
    fake.fault = (struct fake_fault){ "/v1/auth", 0, 3, { .status = 503 } };
    (void)list_right();
    assert_int_equal(fake.auths_n, 1);
    assert_int_equal(fake.faults_n, 3);
}

static void a_failed_page_can_be_asked_for_again(void **state) {
    (void)state;
    struct source_page *page = source->ops->page_new(source);
    fake.fault = (struct fake_fault){ "/v1/company/employees", 1, 6, { .status = 503 } };
    assert_int_equal(source->ops->list_begin(source, 0, NULL), RC_OK);
    assert_int_equal(source->ops->list_next(source, page, NULL), RC_OK);
    assert_int_equal(source->ops->list_next(source, page, NULL), RC_RETRY);
    assert_int_equal(page->rows_n, 0);
    assert_int_equal(source->ops->list_next(source, page, NULL), RC_OK);
    assert_int_equal(page->first_row, 100);
    source->ops->page_free(page);
}

static void requests_keep_below_the_ceiling(void **state) {
    (void)state;
    open_with(reads, (const char *const[]){ "per-minute", "60", "page-size", "5", NULL });
    int64_t before_us = clock_state.now_us;
    (void)list_right(); /* 52 calls and one to sign in, a second each but for a short burst */
    assert_int_equal(shown_until_us, 0);
    assert_true(clock_state.now_us - before_us >= INT64_C(45000000));
    open_with(reads, (const char *const[]){ "per-minute", "0", "page-size", "5", NULL });
    before_us = clock_state.now_us;
    (void)list_right();
    assert_int_equal(clock_state.now_us, before_us);
}

static void the_remotes_clock_is_kept(void **state) {
    (void)state;
    fake.fault = (struct fake_fault){ "/v1/company/employees",
                                      0,
                                      1,
                                      { .status = 200,
                                        .content_type = "application/json",
                                        .body = "{\"success\":true,\"data\":[]}",
                                        .headers = { { "Date", "Thu, 01 Jan 2026 00:00:00 GMT" } },
                                        .headers_n = 1 } };
    assert_int_equal(list_all().rc, RC_OK);
    assert_int_equal(source->remote_date_us, INT64_C(1767225600000000));
    assert_int_equal(source->remote_seen_us, clock_state.now_us);
}

/* ---- one person ---- */

static const struct get_row {
    const char *name, *id;
    struct server_answer answer; /* status 0: what the fake says */
    enum rc_code code;
    const char *error;
} gets[] = {
    { "somebody", "7", { 0 }, RC_OK, "" },
    { "nobody, in Personio's words", "9999", { 0 }, RC_NOT_FOUND, "personio.unknown" },
    { "nobody, in HTML",
      "7",
      { .status = 404, .content_type = "text/html", .body = "<html>" },
      RC_INVALID,
      "personio.answer" },
    { "nobody, in HTML that says JSON",
      "7",
      { .status = 404, JSON_TYPE, .body = "<html>" },
      RC_INVALID,
      "personio.answer" },
    { "nobody, in JSON that says text",
      "7",
      { .status = 404, .content_type = "text/plain", .body = "{\"success\":false,\"error\":{}}" },
      RC_INVALID,
      "personio.answer" },
    { "nobody, in somebody else's JSON",
      "7",
      { .status = 404, JSON_TYPE, .body = "{\"message\":\"no route matched\"}" },
      RC_INVALID,
      "personio.answer" },
    { "nobody, with an error that is text",
      "7",
      { .status = 404, JSON_TYPE, .body = "{\"success\":false,\"error\":\"x\"}" },
      RC_INVALID,
      "personio.answer" },
    { "nobody, and success",
      "7",
      { .status = 404, JSON_TYPE, .body = "{\"success\":true,\"error\":{}}" },
      RC_INVALID,
      "personio.answer" },
    { "gone",
      "7",
      { .status = 410, JSON_TYPE, .body = "{\"success\":false,\"error\":{}}" },
      RC_INVALID,
      "personio.answer" },
    { "refused",
      "7",
      { .status = 403, JSON_TYPE, .body = "{\"success\":false,\"error\":{}}" },
      RC_AUTH,
      "personio.right" },
    { "not reachable", "7", { .status = 503 }, RC_RETRY, "http.server-error" },
    { "somebody else",
      "7",
      { .status = 200,
        JSON_TYPE,
        .body = "{\"success\":true,\"data\":{\"attributes\":{\"id\":{\"value\":8}}}}" },
      RC_INVALID,
      "personio.answer" },
    { "no person",
      "7",
      { .status = 200, JSON_TYPE, .body = "{\"success\":true,\"data\":[]}" },
      RC_INVALID,
      "personio.row" },
    { "an id that is no number", "../auth", { 0 }, RC_INVALID, "person.id" },
    { "an id that is no number here", "007", { 0 }, RC_INVALID, "person.id" },
    { "an id that is empty", "", { 0 }, RC_INVALID, "person.id" },
};

static void one_person_is_found_not_found_or_unclear(void **state) {
    const struct get_row *r = *state;
    struct employee e = { .custom_n = 99 };
    struct rc_error err = { .name = "" };
    if (r->answer.status != 0)
        fake.fault = (struct fake_fault){ "/v1/company/employees", 0, 0, r->answer };
    enum rc_code rc = source->ops->get(source, text_of(r->id), &arena, &e, &err);
    assert_int_equal(rc, r->code);
    assert_string_equal(err.name, r->error);
    if (rc == RC_OK)
        assert_true(text_is(e.source_id, r->id) &&
                    text_is(e.fields[EMPLOYEE_FIRST_NAME].text, "P7"));
    else
        assert_int_equal(e.custom_n, 99);
    if (strcmp(err.name, "person.id") == 0)
        assert_int_equal(fake.calls_n, 0);
}

int main(void) {
    static const struct CMUnitTest fixed[] = {
        TEST(one_token_serves_all_calls),
        TEST(a_token_that_expires_in_the_middle_is_renewed_once),
        TEST(tokens_for_one_call_are_followed_by_the_next_without_asking),
        TEST(a_refusal_with_a_new_token_is_a_missing_right),
        TEST(wrong_credentials_are_said_without_saying_them),
        TEST(a_token_that_cannot_stand_in_a_header_is_refused),
        TEST(a_pause_asked_for_is_kept_and_shown),
        TEST(a_pause_of_hours_is_handed_to_the_caller),
        TEST(signing_in_is_repeated_too),
        TEST(a_failed_page_can_be_asked_for_again),
        TEST(requests_keep_below_the_ceiling),
        TEST(the_remotes_clock_is_kept),
    };
    struct CMUnitTest tests[RC_LEN(fixed) + 2 * RC_LEN(faults) + RC_LEN(gets)];
    size_t n = RC_LEN(fixed);
    memcpy(tests, fixed, sizeof fixed);
    for (size_t i = 0; i < RC_LEN(faults); i++) {
        tests[n++] = (struct CMUnitTest)ROW_TEST(a_lasting_fault_is_a_clear_error, &faults[i]);
        tests[n++] = (struct CMUnitTest)ROW_TEST(a_passing_fault_is_waited_out, &faults[i]);
    }
    for (size_t i = 0; i < RC_LEN(gets); i++)
        tests[n++] =
            (struct CMUnitTest)ROW_TEST(one_person_is_found_not_found_or_unclear, &gets[i]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
