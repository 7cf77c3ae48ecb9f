#include "tests/base/helper.h"
#include "base/rng.h"
#include "people/claim.h"

static const struct text missing, empty = { TEXT_EMPTY, "", 0 }, email = { TEXT_SET, "a@x.org", 7 };
#define USER(id, lifecycle, has_account)                                                           \
    { id, LIFECYCLE_##lifecycle, has_account, false }
#define FILTERED(id, lifecycle, has_account)                                                       \
    { id, LIFECYCLE_##lifecycle, has_account, true }
static const struct row {
    const char *name, *reason;
    int64_t owner_id;
    size_t users_n;
    struct claim_user users[4];
} rows[] = {
    { "no users, no owner", "nobody", 0, 0, { USER(0, LEFT, 0) } },
    { "one user owns it, even one who left", "sole", 1, 1, { USER(1, LEFT, 0) } },
    { "one user owns it, even one a filter leaves out", "sole", 1, 1, { FILTERED(1, ACTIVE, 0) } },
    { "employed before expected", "rank", 2, 2, { USER(1, EXPECTED, 1), USER(2, LEAVE, 0) } },
    { "expected before absent", "rank", 1, 2, { USER(1, EXPECTED, 0), USER(2, ABSENT, 1) } },
    { "absent before left", "rank", 2, 2, { USER(1, LEFT, 1), USER(2, ABSENT, 0) } },
    { "active before left, whoever has the account",
      "rank",
      1,
      2,
      { USER(1, ACTIVE, 0), USER(2, LEFT, 1) } },
    { "left before whom a filter leaves out",
      "rank",
      1,
      2,
      { USER(1, LEFT, 0), FILTERED(2, ACTIVE, 1) } },
    { "a filter settles two records that are both active",
      "rank",
      1,
      2,
      { USER(1, ACTIVE, 0), FILTERED(2, ACTIVE, 0) } },
    { "equals conflict", "conflict", 0, 2, { USER(1, ACTIVE, 0), USER(2, LEAVING, 0) } },
    { "two expected conflict", "conflict", 0, 2, { USER(1, EXPECTED, 0), USER(2, EXPECTED, 0) } },
    { "linked wins", "linked", 2, 3, { USER(1, ACTIVE, 0), USER(2, LEAVE, 1), USER(3, LEFT, 1) } },
    { "two accounts conflict", "conflict", 0, 2, { USER(1, LEFT, 1), USER(2, LEFT, 1) } },
    { "a conflict behind the first is none",
      "rank",
      3,
      3,
      { USER(1, LEFT, 0), USER(2, LEFT, 0), USER(3, ACTIVE, 0) } },
    { "a conflict of three",
      "conflict",
      0,
      3,
      { USER(1, LEFT, 0), USER(2, LEFT, 0), USER(3, LEFT, 0) } },
    { "two equals with accounts conflict over a third without",
      "conflict",
      0,
      3,
      { USER(1, ACTIVE, 1), USER(2, ACTIVE, 0), USER(3, ACTIVE, 1) } },
    { "no lifecycle, no claim", "nobody", 0, 1, { { 1, (enum lifecycle)0, true, false } } },
    { "no lifecycle spoils no claim",
      "rank",
      2,
      2,
      { { 1, (enum lifecycle)0, true, false }, USER(2, LEFT, 0) } },
};

static void the_answer_is_that_of_the_row(void **state) {
    const struct row *r = *state;
    struct claim c;
    assert_int_equal(claim_decide(email, r->users, r->users_n, &c, NULL), RC_OK);
    assert_int_equal(c.owner_id, r->owner_id);
    assert_string_equal(claim_reason_name(c.reason), r->reason);
}

static void a_missing_address_is_not_an_empty_one_and_ret_stays_untouched(void **state) {
    struct claim c = { .owner_id = 99 };
    struct rc_error err;
    (void)state;
    assert_int_equal(claim_decide(missing, NULL, 0, &c, &err), RC_INVALID);
    assert_string_equal(err.text, "claim: e-mail is missing");
    assert_int_equal(claim_decide(empty, NULL, 0, &c, &err), RC_INVALID);
    assert_string_equal(err.text, "claim: e-mail is empty");
    assert_int_equal(c.owner_id, 99);
}

/* The order in which the database returns a group decides nothing. */
static void the_order_of_the_users_does_not_matter(void **state) {
    struct rng r;
    (void)state;
    rng_init(&r, 11, 1);
    for (int round = 0; round < 5000; round++) {
        struct claim_user users[4];
        size_t n = 1 + rng_below(&r, 4);
        struct claim before, after;
        for (size_t i = 0; i < n; i++)
            users[i] = (struct claim_user){ (int64_t)i + 1, (enum lifecycle)(1 + rng_below(&r, 6)),
                                            rng_below(&r, 2) == 0, rng_below(&r, 5) == 0 };
        assert_int_equal(claim_decide(email, users, n, &before, NULL), RC_OK);
        for (size_t i = n - 1; i > 0; i--) {
            size_t j = rng_below(&r, (uint32_t)i + 1);
            struct claim_user u = users[i];
            users[i] = users[j];
            users[j] = u;
        }
        assert_int_equal(claim_decide(email, users, n, &after, NULL), RC_OK);
        assert_int_equal(before.owner_id, after.owner_id);
        assert_int_equal(before.reason, after.reason);
        assert_int_equal(before.owner_id == 0, before.reason == CLAIM_CONFLICT);
    }
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(rows) + 2];
    size_t n = 0;
    ADD_ROWS(tests, n, rows, the_answer_is_that_of_the_row);
    ADD_TEST(tests, n, a_missing_address_is_not_an_empty_one_and_ret_stays_untouched);
    ADD_TEST(tests, n, the_order_of_the_users_does_not_matter);
    return RUN_TESTS(tests, n);
}
