/* What people decide by hand about accounts. */
#include <stdio.h>
#include "tests/store/bed.h"
#include "sync/accounts.h"

static struct platform academy;
static struct company acme;
static struct accounts_context x;

static struct account_row add(struct bed *b, int64_t user_id, const char *remote_id) {
    struct account_row row = {
        .is = { .user_id = user_id,
                .remote_id = text_of(remote_id),
                .tie = user_id != 0 && remote_id != NULL ? ACCOUNT_LINKED : ACCOUNT_STRANGER,
                .status = remote_id != NULL ? ACCOUNT_ACTIVE : ACCOUNT_UNKNOWN,
                .invited_on = DATE_NONE },
        .due_on = DATE_NONE,
        .gone_on = DATE_NONE,
        .excluded_on = DATE_NONE,
        .decided_on = DATE_NONE
    };
    OK(db_begin(b->st->db, &why));
    OK(account_save(b->st, b->company_id, academy.destination_id, &row, &why));
    OK(db_commit(b->st->db, &why));
    return row;
}

static void asks(struct bed *b, struct account_row *row, enum account_approval approval,
                 const char *what) {
    row->approval = approval;
    row->approves = text_of(what);
    OK(account_save(b->st, b->company_id, academy.destination_id, row, &why));
}

static struct account_row now(struct bed *b, int64_t account_id) {
    struct account_row row;
    OK(account_get(b->st, b->company_id, academy.destination_id, account_id, &b->a, &row, &why));
    return row;
}

static int64_t audited(struct bed *b) {
    return bed_number(b, "SELECT COUNT(*) FROM audit");
}

static int make(void **state) {
    static int64_t feed;
    if (bed_make(state) != 0)
        return -1;
    struct bed *b = *state;
    feed = b->in.integration_id;
    academy = (struct platform){ .company_id = b->company_id,
                                 .key = TEXT_LIT("academy"),
                                 .adapter = TEXT_LIT("nowhere"),
                                 .settings = TEXT_LIT("{}"),
                                 .feeds = &feed,
                                 .feeds_n = 1 };
    OK(platform_add(b->st, b->key, &academy, &why));
    OK(company_find(b->st, "acme", &b->a, &acme, &why));
    x = (struct accounts_context){ b->st, b->key, &acme, &academy, &clock_system, "ann" };
    return 0;
}
#define HAND_TEST(fn) cmocka_unit_test_setup_teardown(fn, make, bed_remove)

static void an_answer_approves_exactly_what_is_asked(void **state) {
    struct bed *b = *state;
    struct account_row row = add(b, 101, NULL);
    asks(b, &row, ACCOUNT_APPROVAL_ADOPT, "88");
    OK(accounts_resolve(&x, 101, ACCOUNTS_LINK, &why));
    row = now(b, row.account_id);
    assert_true(account_is_approved(&row.is, ACCOUNT_APPROVAL_ADOPT, TEXT_LIT("88")));
    assert_true(row.dirty);
    assert_int_equal(audited(b), 1);
}

static const struct answer_row {
    const char *name;
    enum account_approval asked;
    enum accounts_answer answer;
    bool fits;
} answer_rows[] = {
    { "yes to an invitation", ACCOUNT_APPROVAL_INVITE, ACCOUNTS_APPROVE, true },
    { "create is yes to an invitation", ACCOUNT_APPROVAL_INVITE, ACCOUNTS_CREATE, true },
    { "create is yes to a new account", ACCOUNT_APPROVAL_RECREATE, ACCOUNTS_CREATE, true },
    { "link is no answer to an invitation", ACCOUNT_APPROVAL_INVITE, ACCOUNTS_LINK, false },
    { "create is no answer to adopting", ACCOUNT_APPROVAL_ADOPT, ACCOUNTS_CREATE, false },
    { "link is no answer to an address", ACCOUNT_APPROVAL_EMAIL, ACCOUNTS_LINK, false },
    { "an invitation is not ignored", ACCOUNT_APPROVAL_INVITE, ACCOUNTS_IGNORE, false },
    { "nothing is asked", ACCOUNT_APPROVAL_NONE, ACCOUNTS_APPROVE, false },
};

static void an_answer_fits_as_the_row_says(struct bed *b) {
    for (size_t i = 0; i < RC_LEN(answer_rows); i++) {
        const struct answer_row *r = &answer_rows[i];
        struct account_row row = add(b, 200 + (int64_t)i, NULL);
        struct rc_error err = { 0 };
        asks(b, &row, r->asked, "what");
        enum rc_code rc = accounts_resolve(&x, 200 + (int64_t)i, r->answer, &err);
        if (rc != (r->fits ? RC_OK : RC_INVALID))
            fail_msg("%s: %s", r->name, err.text);
        if (!r->fits)
            assert_string_equal(err.name, "account.answer");
        row = now(b, row.account_id);
        assert_int_equal(account_is_approved(&row.is, r->asked, TEXT_LIT("what")), r->fits);
    }
}

static void only_an_answer_to_the_question_counts(void **state) {
    an_answer_fits_as_the_row_says(*state);
}

static void no_leaves_the_account_in_question_alone(void **state) {
    struct bed *b = *state;
    struct account_row row = add(b, 101, NULL), stranger = add(b, 0, "88"), own = add(b, 102, "89"),
                       taken = add(b, 103, NULL);
    asks(b, &row, ACCOUNT_APPROVAL_ADOPT, "88");
    asks(b, &own, ACCOUNT_APPROVAL_REOPEN, "89");
    asks(b, &taken, ACCOUNT_APPROVAL_ADOPT, "89");
    OK(accounts_resolve(&x, 101, ACCOUNTS_IGNORE, &why));
    assert_int_equal(now(b, stranger.account_id).is.tie, ACCOUNT_IGNORED);
    assert_true(now(b, row.account_id).dirty);
    assert_int_equal(accounts_resolve(&x, 103, ACCOUNTS_IGNORE, NULL), RC_INVALID); /* 102's */
    assert_int_equal(now(b, own.account_id).is.tie, ACCOUNT_LINKED);
    OK(accounts_resolve(&x, 102, ACCOUNTS_IGNORE, &why));
    assert_int_equal(now(b, own.account_id).is.tie, ACCOUNT_IGNORED);
}

static void an_account_of_nobody_becomes_a_persons(void **state) {
    struct bed *b = *state;
    struct account_row row = add(b, 101, NULL), stranger = add(b, 0, "88"),
                       other = add(b, 102, "89");
    add(b, 0, "90");
    OK(accounts_link(&x, TEXT_LIT("88"), 101, &why));
    stranger = now(b, stranger.account_id);
    assert_int_equal(stranger.is.user_id, 101);
    assert_int_equal(stranger.is.tie, ACCOUNT_LINKED);
    assert_true(stranger.dirty);
    assert_int_equal(account_get(b->st, b->company_id, academy.destination_id, row.account_id,
                                 &b->a, &row, NULL),
                     RC_NOT_FOUND);                                             /* one row a user */
    assert_int_equal(accounts_link(&x, TEXT_LIT("90"), 101, NULL), RC_INVALID); /* has one */
    assert_int_equal(accounts_link(&x, TEXT_LIT("89"), 101, NULL), RC_INVALID); /* is 102's */
    assert_int_equal(accounts_link(&x, TEXT_LIT("91"), 101, NULL), RC_NOT_FOUND);
    assert_int_equal(now(b, other.account_id).is.user_id, 102);
    assert_int_equal(audited(b), 1); /* nothing is recorded that was not done */
}

static void accounts_are_left_alone_all_or_none(void **state) {
    struct bed *b = *state;
    struct account_row one = add(b, 0, "88"), two = add(b, 101, "89");
    struct text ids[] = { TEXT_LIT("88"), TEXT_LIT("89"), TEXT_LIT("77") };
    assert_int_equal(accounts_ignore(&x, ids, 3, true, NULL), RC_NOT_FOUND);
    assert_int_equal(now(b, one.account_id).is.tie, ACCOUNT_STRANGER);
    OK(accounts_ignore(&x, ids, 2, true, &why));
    assert_int_equal(now(b, one.account_id).is.tie, ACCOUNT_IGNORED);
    assert_int_equal(now(b, two.account_id).is.tie, ACCOUNT_IGNORED);
    OK(accounts_ignore(&x, ids, 2, false, &why));
    assert_int_equal(now(b, one.account_id).is.tie, ACCOUNT_STRANGER);
    assert_int_equal(now(b, two.account_id).is.tie, ACCOUNT_LINKED);
}

/* Before anything is asked of the platform, which is none here. */
static void somebodys_account_is_not_closed_by_hand(void **state) {
    struct bed *b = *state;
    struct text mixed[] = { TEXT_LIT("88"), TEXT_LIT("89") };
    struct account_row row;
    struct rc_error err;
    int64_t closed;
    add(b, 0, "88");
    add(b, 101, "89");
    assert_int_equal(accounts_close(&x, mixed, 2, &closed, &err), RC_INVALID);
    assert_string_equal(err.name, "account.answer");
    row = add(b, 0, "90");
    row.is.role = TEXT_LIT("owner"); /* protected */
    OK(account_save(b->st, b->company_id, academy.destination_id, &row, &why));
    assert_int_equal(accounts_close(&x, &row.is.remote_id, 1, &closed, &err), RC_INVALID);
    row.is.role = (struct text){ 0 };
    row.is.tie = ACCOUNT_IGNORED;
    OK(account_save(b->st, b->company_id, academy.destination_id, &row, &why));
    assert_int_equal(accounts_close(&x, &row.is.remote_id, 1, &closed, &err), RC_INVALID);
    assert_int_equal(closed, 0);
    assert_int_equal(audited(b), 0);
}

static void nothing_is_decided_while_a_delivery_is_under_way(void **state) {
    struct bed *b = *state;
    struct store *other = bed_connect(b);
    struct text id = TEXT_LIT("88");
    struct lease l;
    struct rc_error err;
    char subject[64];
    add(b, 0, "88");
    snprintf(subject, sizeof subject, "%lld/%lld", (long long)b->company_id,
             (long long)academy.destination_id);
    OK(lease_take(other, "deliver", subject, clock_now_us(&clock_system), &l, &why));
    assert_int_equal(accounts_ignore(&x, &id, 1, true, &err), RC_CONFLICT);
    assert_string_equal(err.name, "busy");
    assert_int_equal(accounts_forget(&x, NULL), RC_CONFLICT);
    lease_release(other, &l);
    OK(accounts_forget(&x, &why));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM account"), 0);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM destination"), 0);
    store_close(other);
}

static void fields_of_the_platforms_own_are_those_that_mappings_fill(void **state) {
    struct bed *b = *state;
    struct text *names;
    size_t n = 9;
    OK(accounts_customs(&x, &b->a, &names, &n, &why));
    assert_int_equal(n, 0);
}

static const struct CMUnitTest tests[] = {
    HAND_TEST(an_answer_approves_exactly_what_is_asked),
    HAND_TEST(only_an_answer_to_the_question_counts),
    HAND_TEST(no_leaves_the_account_in_question_alone),
    HAND_TEST(an_account_of_nobody_becomes_a_persons),
    HAND_TEST(accounts_are_left_alone_all_or_none),
    HAND_TEST(somebodys_account_is_not_closed_by_hand),
    HAND_TEST(nothing_is_decided_while_a_delivery_is_under_way),
    HAND_TEST(fields_of_the_platforms_own_are_those_that_mappings_fill),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
