/* Tokens, answers that are given once, decisions and the audit log. */
#include <stdio.h>
#include <string.h>
#include "tests/store/bed.h"
#include "store/audit.h"
#include "store/decision.h"
#include "store/idempotency.h"
#include "store/token.h"

static const int64_t hour = INT64_C(3600000000);

static struct token made(struct bed *b, int64_t company_id, int64_t expires_us,
                         char text[TOKEN_TEXT_BYTES]) {
    struct token t = { .company_id = company_id,
                       .name = TEXT_LIT("payroll"),
                       .right = TOKEN_OPERATE,
                       .made_by = TEXT_LIT("ann"),
                       .made_us = T0,
                       .expires_us = expires_us };
    OK(token_add(b->st, &t, &b->a, text, &why));
    return t;
}

static enum rc_code check(struct bed *b, const char *text, int64_t now_us, struct token *ret) {
    return token_check(b->st, text, now_us, &b->a, ret, &why);
}

static void a_token_opens_for_whom_it_was_made(void **state) {
    struct bed *b = *state;
    char text[TOKEN_TEXT_BYTES], other[TOKEN_TEXT_BYTES];
    struct token found, t = made(b, b->company_id, 0, text);
    made(b, 0, 0, other);
    assert_string_not_equal(text, other);
    OK(check(b, text, T0, &found));
    assert_true(text_equal(found.token_id, t.token_id));
    assert_int_equal(found.company_id, b->company_id);
    assert_int_equal(found.right, TOKEN_OPERATE);
    assert_true(text_is(found.name, "payroll"));
    OK(check(b, other, T0, &found));
    assert_int_equal(found.company_id, 0);
}

/* What is done to a good one, so that it is none. */
struct spoiled {
    const char *name;
    void (*spoil)(char text[TOKEN_TEXT_BYTES]);
};
static void cut(char text[TOKEN_TEXT_BYTES]) {
    text[strlen(text) - 1] = '\0';
}
static void longer(char text[TOKEN_TEXT_BYTES]) {
    strcat(text, "0");
}
static void last_digit(char text[TOKEN_TEXT_BYTES]) {
    char *last = &text[strlen(text) - 1];
    *last = *last == '0' ? '1' : '0';
}
static void first_of_the_id(char text[TOKEN_TEXT_BYTES]) {
    char *first = &text[strlen("rollcall_")];
    *first = *first == '0' ? '1' : '0';
}
static void without_the_beginning(char text[TOKEN_TEXT_BYTES]) {
    text[0] = 'R';
}
static void nothing(char text[TOKEN_TEXT_BYTES]) {
    text[0] = '\0';
}
static const struct spoiled spoiled[] = {
    { "a token without its end is none", cut },
    { "a token with a digit more is none", longer },
    { "a token with another secret is none", last_digit },
    { "a token with another id is none", first_of_the_id },
    { "a token begins as tokens do", without_the_beginning },
    { "nothing is no token", nothing },
};

static void what_is_not_quite_a_token_is_none(void **state) {
    struct bed *b = *state;
    const struct spoiled *row = b->row;
    char text[TOKEN_TEXT_BYTES + 1];
    struct token found;
    made(b, b->company_id, 0, text);
    row->spoil(text);
    assert_int_equal(check(b, text, T0, &found), RC_NOT_FOUND);
    assert_string_equal(why.name, "token.unknown");
}

static void a_token_expires(void **state) {
    struct bed *b = *state;
    char text[TOKEN_TEXT_BYTES];
    struct token found;
    made(b, b->company_id, T0 + hour, text);
    OK(check(b, text, T0 + hour - 1, &found));
    assert_int_equal(check(b, text, T0 + hour, &found), RC_NOT_FOUND);
}

static void its_use_is_noted_once_an_hour(void **state) {
    struct bed *b = *state;
    char text[TOKEN_TEXT_BYTES];
    struct token found, *list;
    size_t n;
    made(b, b->company_id, 0, text);
    OK(check(b, text, T0, &found));
    OK(check(b, text, T0 + hour - 1, &found));
    OK(token_list(b->st, b->company_id, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
    assert_int_equal(list[0].used_us, T0);
    OK(check(b, text, T0 + hour, &found));
    OK(token_list(b->st, b->company_id, &b->a, &list, &n, &why));
    assert_int_equal(list[0].used_us, T0 + hour);
}

static void only_its_owner_lists_and_revokes_it(void **state) {
    struct bed *b = *state;
    char text[TOKEN_TEXT_BYTES];
    struct token found, *list, t = made(b, b->company_id, 0, text);
    size_t n;
    OK(token_list(b->st, 0, &b->a, &list, &n, &why));
    assert_int_equal(n, 0);
    assert_int_equal(token_drop(b->st, 0, t.token_id, &why), RC_NOT_FOUND);
    OK(check(b, text, T0, &found));
    OK(token_drop(b->st, b->company_id, t.token_id, &why));
    assert_int_equal(check(b, text, T0, &found), RC_NOT_FOUND);
    assert_int_equal(token_drop(b->st, b->company_id, t.token_id, &why), RC_NOT_FOUND);
}

static void its_secret_is_nowhere_in_the_database(void **state) {
    struct bed *b = *state;
    char text[TOKEN_TEXT_BYTES], sql[300];
    made(b, b->company_id, 0, text);
    snprintf(
        sql, sizeof sql,
        "SELECT COUNT(*) FROM api_token WHERE token_id LIKE '%%%.20s%%' OR name LIKE '%%%.20s%%'"
        " OR made_by LIKE '%%%.20s%%'",
        text + 22, text + 22, text + 22);
    assert_int_equal(bed_number(b, sql), 0);
    assert_int_equal(bed_number(b, "SELECT MAX(LENGTH(hash)) FROM api_token"), SECRET_HASH_BYTES);
}

/* ---- once ---- */

static struct idempotency request(const char *key, uint8_t says) {
    struct idempotency i = { .token_id = TEXT_LIT("abc"), .key = text_of(key) };
    i.request[0] = says;
    return i;
}

static void the_answer_of_the_first_request_is_given_to_the_second(void **state) {
    struct bed *b = *state;
    struct idempotency first = request("k", 1), second = request("k", 1), third = request("k", 2);
    OK(idempotency_begin(b->st, &first, T0, &b->a, &why));
    assert_int_equal(first.status, 0);
    assert_int_equal(idempotency_begin(b->st, &second, T0, &b->a, &why), RC_CONFLICT);
    assert_string_equal(why.name, "idempotency.busy");
    first.status = 202;
    first.body = TEXT_LIT("{}");
    OK(idempotency_end(b->st, &first, T0, &why));
    OK(idempotency_begin(b->st, &second, T0 + hour, &b->a, &why));
    assert_int_equal(second.status, 202);
    assert_true(text_is(second.body, "{}"));
    assert_int_equal(idempotency_begin(b->st, &third, T0 + hour, &b->a, &why), RC_INVALID);
    assert_string_equal(why.name, "idempotency.other");
}

static void what_was_refused_or_cut_short_or_is_old_may_be_asked_again(void **state) {
    struct bed *b = *state;
    struct idempotency i = request("k", 1);
    OK(idempotency_begin(b->st, &i, T0, &b->a, &why));
    OK(idempotency_end(b->st, &i, T0, &why)); /* refused */
    OK(idempotency_begin(b->st, &i, T0, &b->a, &why));
    assert_int_equal(i.status, 0);
    int64_t later = T0 + (IDEMPOTENCY_BUSY_S + 1) * INT64_C(1000000); /* its process died */
    OK(idempotency_begin(b->st, &i, later, &b->a, &why));
    assert_int_equal(i.status, 0);
    i.status = 200;
    i.body = TEXT_LIT("{}");
    OK(idempotency_end(b->st, &i, later, &why));
    OK(idempotency_begin(b->st, &i, later + 25 * hour, &b->a, &why));
    assert_int_equal(i.status, 0);
}

/* ---- decisions and the audit log ---- */

static void the_first_decision_about_a_run_counts(void **state) {
    struct bed *b = *state;
    struct decision_made back, d = { .company_id = b->company_id,
                                     .run_id = 7,
                                     .made_us = T0,
                                     .yes = true,
                                     .who = TEXT_LIT("ann"),
                                     .because = TEXT_LIT("as planned") };
    OK(decision_add(b->st, &d, &why));
    assert_int_equal(decision_add(b->st, &d, &why), RC_CONFLICT);
    assert_string_equal(why.name, "run.decided");
    OK(decision_get(b->st, b->company_id, 7, &b->a, &back, &why));
    assert_true(back.yes);
    assert_true(text_is(back.because, "as planned"));
    d.yes = false; /* in the place of a yes */
    d.made_us = T0 + 1;
    OK(decision_add(b->st, &d, &why));
    OK(decision_drop(b->st, &back, &why)); /* that yes, which is no longer there */
    OK(decision_get(b->st, b->company_id, 7, &b->a, &back, &why));
    assert_false(back.yes);
    d.yes = true;
    assert_int_equal(decision_add(b->st, &d, &why), RC_CONFLICT);
    struct decision_made none;
    assert_int_equal(decision_get(b->st, b->company_id + 1, 7, &b->a, &none, &why), RC_NOT_FOUND);
    OK(decision_drop(b->st, &back, &why));
    assert_int_equal(decision_get(b->st, b->company_id, 7, &b->a, &back, &why), RC_NOT_FOUND);
}

static void the_audit_log_comes_in_pages_newest_first(void **state) {
    struct bed *b = *state;
    struct audit *list;
    size_t n;
    OK(audit_add(b->st, b->company_id, T0, "ann", "one", &why));
    OK(audit_add_change(b->st, b->company_id, T0 + 1, "bob", "two", TEXT_LIT("{\"a\":\"1\"}"),
                        TEXT_LIT("{\"a\":\"2\"}"), &why));
    OK(audit_add(b->st, b->company_id, T0 + 2, "cid", "three", &why));
    OK(audit_list(b->st, b->company_id, 0, 2, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    assert_true(text_is(list[0].what, "three"));
    assert_true(text_is(list[1].before, "{\"a\":\"1\"}"));
    assert_true(text_is(list[1].after, "{\"a\":\"2\"}"));
    OK(audit_list(b->st, b->company_id, list[1].audit_id, 2, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
    assert_true(text_is(list[0].what, "one"));
    assert_int_equal(list[0].before.state, TEXT_MISSING);
    OK(audit_list(b->st, b->company_id + 1, 0, 2, &b->a, &list, &n, &why));
    assert_int_equal(n, 0);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest singles[] = {
        BED_TEST(a_token_opens_for_whom_it_was_made),
        BED_TEST(a_token_expires),
        BED_TEST(its_use_is_noted_once_an_hour),
        BED_TEST(only_its_owner_lists_and_revokes_it),
        BED_TEST(its_secret_is_nowhere_in_the_database),
        BED_TEST(the_answer_of_the_first_request_is_given_to_the_second),
        BED_TEST(what_was_refused_or_cut_short_or_is_old_may_be_asked_again),
        BED_TEST(the_first_decision_about_a_run_counts),
        BED_TEST(the_audit_log_comes_in_pages_newest_first),
    };
    struct CMUnitTest tests[RC_LEN(singles) + RC_LEN(spoiled)];
    size_t n = 0;
    for (size_t i = 0; i < RC_LEN(singles); i++)
        tests[n++] = singles[i];
    BED_ROWS(tests, n, spoiled, what_is_not_quite_a_token_is_none);
    return place_run("tests", tests, n, argc, argv);
}
