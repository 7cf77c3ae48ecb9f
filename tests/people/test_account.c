#include "tests/base/helper.h"
#include "people/account.h"

static const struct text missing, empty = { TEXT_EMPTY, "", 0 };

static void a_zeroed_account_is_a_strangers_of_whom_nothing_is_known(void **state) {
    struct account a = { 0 };
    (void)state;
    assert_false(account_exists(&a));
    assert_int_equal(a.tie, ACCOUNT_STRANGER);
    assert_int_equal(a.status, ACCOUNT_UNKNOWN);
    assert_int_equal(a.mail, ACCOUNT_MAIL_UNKNOWN);
    assert_int_equal(a.sticky, ACCOUNT_FREE);
    for (int p = 1; p < ACCOUNT_APPROVALS_N; p++)
        assert_false(account_is_approved(&a, (enum account_approval)p, missing));
    a.remote_id = TEXT_LIT("4711");
    assert_true(account_exists(&a));
}

static const struct shows {
    const char *name;
    struct account_field field;
    const char *shows; /* NULL missing */
    bool edited;
} shows[] = {
    { "nothing is known", { { 0 }, { 0 }, { 0 } }, NULL, false },
    { "what the platform shows counts",
      { { TEXT_SET, "a", 1 }, { TEXT_SET, "b", 1 }, { 0 } },
      "a",
      true },
    { "what cannot be read back is as it was delivered",
      { { 0 }, { TEXT_SET, "b", 1 }, { 0 } },
      "b",
      false },
    { "what was never delivered was not edited",
      { { TEXT_SET, "a", 1 }, { 0 }, { 0 } },
      "a",
      false },
    { "emptied by hand", { { TEXT_EMPTY, "", 0 }, { TEXT_SET, "b", 1 }, { 0 } }, "", true },
    { "filled by hand", { { TEXT_SET, "a", 1 }, { TEXT_EMPTY, "", 0 }, { 0 } }, "a", true },
    { "empty as delivered", { { TEXT_EMPTY, "", 0 }, { TEXT_EMPTY, "", 0 }, { 0 } }, "", false },
    { "as delivered", { { TEXT_SET, "b", 1 }, { TEXT_SET, "b", 1 }, { 0 } }, "b", false },
};

static void it_shows_so(void **state) {
    const struct shows *r = *state;
    assert_true(text_equal(account_shows(&r->field), text_of(r->shows)));
    assert_int_equal(account_is_edited(&r->field), r->edited);
}

static const struct likeness {
    const char *name;
    const char *their_first, *their_last, *first, *last;
    enum account_likeness want;
} likenesses[] = {
    { "the same", "Ana", "Lopez", "Ana", "Lopez", ACCOUNT_NAME_SAME },
    { "in other letter case", "ANA", "lopez", "Ana", "Lopez", ACCOUNT_NAME_SAME },
    { "married", "Ana", "Lopez", "Ana", "Meyer", ACCOUNT_NAME_PARTLY },
    { "a nickname", "Annie", "Lopez", "Ana", "Lopez", ACCOUNT_NAME_PARTLY },
    { "somebody else", "Bob", "Miller", "Ana", "Lopez", ACCOUNT_NAME_OTHER },
    { "names the other way round", "Lopez", "Ana", "Ana", "Lopez", ACCOUNT_NAME_OTHER },
    { "the beginning of a name is no name", "An", "Lop", "Ana", "Lopez", ACCOUNT_NAME_OTHER },
    { "no names there", "", NULL, "Ana", "Lopez", ACCOUNT_NAME_OTHER },
    { "no names anywhere are not the same", "", "", "", "", ACCOUNT_NAME_OTHER },
    { "a dotless i is no i", "İris", "Lopez", "iris", "Lopez", ACCOUNT_NAME_PARTLY },
};

static void the_names_are_so_alike(void **state) {
    const struct likeness *r = *state;
    struct account a = { 0 };
    struct user u = { 0 };
    a.fields[USER_FIRST_NAME].known = text_of(r->their_first);
    a.fields[USER_LAST_NAME].known = text_of(r->their_last);
    u.fields[USER_FIRST_NAME] = text_of(r->first);
    u.fields[USER_LAST_NAME] = text_of(r->last);
    assert_int_equal(account_likeness(&a, &u), r->want);
}

static void an_approval_is_for_one_thing_only(void **state) {
    struct account a = { 0 };
    (void)state;
    a.approved[ACCOUNT_APPROVAL_ADOPT] = TEXT_LIT("4711");
    assert_true(account_is_approved(&a, ACCOUNT_APPROVAL_ADOPT, TEXT_LIT("4711")));
    assert_false(account_is_approved(&a, ACCOUNT_APPROVAL_ADOPT, TEXT_LIT("471")));
    assert_false(account_is_approved(&a, ACCOUNT_APPROVAL_REOPEN, TEXT_LIT("4711")));
    a.approved[ACCOUNT_APPROVAL_ADOPT] = empty;
    assert_false(account_is_approved(&a, ACCOUNT_APPROVAL_ADOPT, empty));
}

static void a_custom_field_is_found_by_its_name(void **state) {
    const struct account_custom custom[] = {
        { TEXT_LIT("Leave date"), { { 0 }, TEXT_LIT("2026-01-01"), { 0 } } },
    };
    struct account a = { .custom = custom, .custom_n = 1 };
    (void)state;
    assert_true(
        text_is(account_shows(account_custom_find(&a, TEXT_LIT("Leave date"))), "2026-01-01"));
    assert_int_equal(account_shows(account_custom_find(&a, TEXT_LIT("leave date"))).state,
                     TEXT_MISSING);
}

#define NAMES_ARE_READ_BACK(kind, n)                                                               \
    for (int i = 0; i < (n); i++)                                                                  \
    assert_int_equal(                                                                              \
        account_##kind##_parse(text_of(account_##kind##_name((enum account_##kind)i))), i)

static void stored_names_are_read_back(void **state) {
    (void)state;
    NAMES_ARE_READ_BACK(tie, ACCOUNT_TIES_N);
    NAMES_ARE_READ_BACK(status, ACCOUNT_STATUSES_N);
    NAMES_ARE_READ_BACK(mail, ACCOUNT_MAILS_N);
    NAMES_ARE_READ_BACK(sticky, ACCOUNT_STICKIES_N);
    NAMES_ARE_READ_BACK(approval, ACCOUNT_APPROVALS_N);
    assert_int_equal(account_status_parse(TEXT_LIT("Active")), ACCOUNT_UNKNOWN);
    assert_int_equal(account_tie_parse(missing), ACCOUNT_STRANGER);
    assert_string_equal(account_tie_name(ACCOUNT_LINKED), "linked");
    assert_string_equal(account_status_name(ACCOUNT_DEACTIVATED), "deactivated");
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(shows) + RC_LEN(likenesses) + 4];
    size_t n = 0;
    ADD_TEST(tests, n, a_zeroed_account_is_a_strangers_of_whom_nothing_is_known);
    ADD_ROWS(tests, n, shows, it_shows_so);
    ADD_ROWS(tests, n, likenesses, the_names_are_so_alike);
    ADD_TEST(tests, n, an_approval_is_for_one_thing_only);
    ADD_TEST(tests, n, a_custom_field_is_found_by_its_name);
    ADD_TEST(tests, n, stored_names_are_read_back);
    return RUN_TESTS(tests, n);
}
