/* What people decide by hand about accounts. */
#include <stdio.h>
#include <string.h>
#include "tests/sync/academy.h"
#include "store/effect.h"
#include "store/pin.h"
#include "sync/accounts.h"

static const struct accounts_context *const x = &academy_by_hand;

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

static void an_answer_approves_exactly_what_is_asked(void **state) {
    struct bed *b = *state;
    struct account_row row = academy_add(b, 101, NULL);
    asks(b, &row, ACCOUNT_APPROVAL_ADOPT, "88");
    OK(accounts_resolve(x, 101, ACCOUNTS_LINK, NULL, &why));
    row = now(b, row.account_id);
    assert_true(account_is_approved(&row.is, ACCOUNT_APPROVAL_ADOPT, TEXT_LIT("88")));
    assert_true(row.dirty);
    assert_int_equal(academy_audited(b), 1);
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
        struct account_row row = academy_add(b, 200 + (int64_t)i, NULL);
        struct rc_error err = { 0 };
        asks(b, &row, r->asked, "what");
        enum rc_code rc = accounts_resolve(x, 200 + (int64_t)i, r->answer, NULL, &err);
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

/* HR has stated another address since: the day that was asked for is meant for that one as well. */
static void yes_to_an_invitation_that_has_lapsed_keeps_its_day(void **state) {
    struct bed *b = *state;
    struct account_row row = academy_add(b, 101, NULL);
    row.is.approved[ACCOUNT_APPROVAL_INVITE] = TEXT_LIT("ana@x.org");
    row.is.invite_on = 20700;
    row.code = TEXT_LIT("invitation-lapsed");
    asks(b, &row, ACCOUNT_APPROVAL_INVITE, "ana.lee@x.org");
    OK(accounts_resolve(x, 101, ACCOUNTS_APPROVE, NULL, &why));
    row = now(b, row.account_id);
    assert_true(account_is_approved(&row.is, ACCOUNT_APPROVAL_INVITE, TEXT_LIT("ana.lee@x.org")));
    assert_int_equal(row.is.invite_on, 20700);
}

static void an_answer_to_another_question_counts_for_nothing(void **state) {
    const struct accounts_question others[] = {
        { ACCOUNT_APPROVAL_ADOPT, TEXT_LIT("89") },
        { ACCOUNT_APPROVAL_REOPEN, TEXT_LIT("88") },
        { ACCOUNT_APPROVAL_ADOPT, { 0 } },
    };
    struct bed *b = *state;
    struct account_row row = academy_add(b, 101, NULL);
    struct rc_error err;
    asks(b, &row, ACCOUNT_APPROVAL_ADOPT, "88");
    for (size_t i = 0; i < RC_LEN(others); i++) {
        assert_int_equal(accounts_resolve(x, 101, ACCOUNTS_APPROVE, &others[i], &err), RC_CONFLICT);
        assert_string_equal(err.name, "account.changed");
    }
    row = now(b, row.account_id);
    assert_false(account_is_approved(&row.is, ACCOUNT_APPROVAL_ADOPT, TEXT_LIT("88")));
    assert_int_equal(academy_audited(b), 0);
    const struct accounts_question same = { ACCOUNT_APPROVAL_ADOPT, TEXT_LIT("88") };
    OK(accounts_resolve(x, 101, ACCOUNTS_APPROVE, &same, &why));
}

static void no_leaves_the_account_in_question_alone(void **state) {
    struct bed *b = *state;
    struct account_row row = academy_add(b, 101, NULL), stranger = academy_add(b, 0, "88"),
                       own = academy_add(b, 102, "89"), taken = academy_add(b, 103, NULL);
    asks(b, &row, ACCOUNT_APPROVAL_ADOPT, "88");
    asks(b, &own, ACCOUNT_APPROVAL_REOPEN, "89");
    asks(b, &taken, ACCOUNT_APPROVAL_ADOPT, "89");
    OK(accounts_resolve(x, 101, ACCOUNTS_IGNORE, NULL, &why));
    assert_int_equal(now(b, stranger.account_id).is.tie, ACCOUNT_IGNORED);
    assert_true(now(b, row.account_id).dirty);
    OK(accounts_resolve(x, 103, ACCOUNTS_IGNORE, NULL, &why)); /* 102's, and somebody else's */
    taken = now(b, taken.account_id);
    assert_true(account_is_approved(&taken.is, ACCOUNT_APPROVAL_APART, TEXT_LIT("89")));
    assert_int_equal(now(b, own.account_id).is.tie, ACCOUNT_LINKED);
    asks(b, &taken, ACCOUNT_APPROVAL_NONE, NULL);
    assert_int_equal(accounts_resolve(x, 103, ACCOUNTS_CREATE, NULL, NULL), RC_INVALID);
    OK(accounts_resolve(x, 103, ACCOUNTS_LINK, NULL, &why)); /* the same person after all */
    taken = now(b, taken.account_id);
    assert_true(account_is_approved(&taken.is, ACCOUNT_APPROVAL_ADOPT, TEXT_LIT("89")));
    assert_false(account_is_approved(&taken.is, ACCOUNT_APPROVAL_APART, TEXT_LIT("89")));
    OK(accounts_resolve(x, 102, ACCOUNTS_IGNORE, NULL, &why));
    assert_int_equal(now(b, own.account_id).is.tie, ACCOUNT_IGNORED);
}

static void whoever_means_another_person_is_told_how_that_is_said(void **state) {
    struct bed *b = *state;
    struct account_row row = academy_add(b, 101, NULL);
    asks(b, &row, ACCOUNT_APPROVAL_ADOPT, "88");
    assert_int_equal(accounts_resolve(x, 101, ACCOUNTS_CREATE, NULL, &why), RC_INVALID);
    assert_non_null(strstr(why.text, "account 88"));
    assert_non_null(strstr(why.text, "\"ignore\" that it is somebody else's"));
    assert_null(strstr(why.text, "approve"));
}

static void an_account_of_nobody_becomes_a_persons(void **state) {
    struct bed *b = *state;
    struct account_row row = academy_add(b, 101, NULL), stranger = academy_add(b, 0, "88"),
                       other = academy_add(b, 102, "89");
    academy_add(b, 0, "90");
    OK(accounts_link(x, TEXT_LIT("88"), 101, true, &b->a, NULL, &why));
    stranger = now(b, stranger.account_id);
    assert_int_equal(stranger.is.user_id, 101);
    assert_int_equal(stranger.is.tie, ACCOUNT_LINKED);
    assert_true(account_is_approved(&stranger.is, ACCOUNT_APPROVAL_ADOPT, TEXT_LIT("88")));
    assert_true(stranger.dirty);
    assert_int_equal(account_get(b->st, b->company_id, academy.destination_id, row.account_id,
                                 &b->a, &row, NULL),
                     RC_NOT_FOUND); /* one row a user */
    assert_int_equal(accounts_link(x, TEXT_LIT("90"), 101, true, &b->a, NULL, NULL),
                     RC_INVALID); /* has one */
    assert_int_equal(accounts_link(x, TEXT_LIT("89"), 101, true, &b->a, NULL, NULL),
                     RC_INVALID); /* is 102's */
    assert_int_equal(accounts_link(x, TEXT_LIT("91"), 101, true, &b->a, NULL, NULL), RC_NOT_FOUND);
    assert_int_equal(now(b, other.account_id).is.user_id, 102);
    assert_int_equal(academy_audited(b), 1); /* nothing is recorded that was not done */
}

static void in_directory(struct bed *b, int64_t integration_id, int64_t user_id, const char *id) {
    struct run r = bed_run(b, b->company_id, integration_id, RUN_PASSED);
    struct version v = bed_version(b, user_id, 0, id, "x");
    bed_stage(b, &r, &v, 1);
    bed_apply(b, &r);
}

static void what_was_linked_is_unlinked_and_left_alone(void **state) {
    struct bed *b = *state;
    struct account_row stranger = academy_add(b, 0, "88"), row;
    struct accounts_tie tie;
    in_directory(b, b->in.integration_id, 101, "4711");
    const struct pin pinned = { 101, TEXT_LIT("email"), TEXT_LIT("a@x.org"),
                                bed_number(b, "SELECT MAX(run_id) FROM run"), 1 };
    academy_add(b, 101, NULL);
    assert_int_equal(accounts_unlink(x, TEXT_LIT("88"), &b->a, &tie, &why), RC_INVALID);
    OK(accounts_link(x, TEXT_LIT("88"), 101, true, &b->a, NULL, &why));
    stranger = now(b, stranger.account_id);
    stranger.is.status = ACCOUNT_DELETED; /* no new one is made unasked */
    OK(db_begin(b->st->db, &why));
    OK(account_save(b->st, b->company_id, academy.destination_id, &stranger, &why));
    OK(db_commit(b->st->db, &why));
    assert_int_equal(accounts_unlink(x, TEXT_LIT("88"), &b->a, &tie, &why), RC_INVALID);
    stranger.is.status = ACCOUNT_ACTIVE;
    stranger.is.external_id = TEXT_LIT("rollcall:hr:1");
    stranger.gone_on = 7;
    OK(db_begin(b->st->db, &why));
    OK(account_save(b->st, b->company_id, academy.destination_id, &stranger, &why));
    OK(pin_add(b->st, b->company_id, academy.destination_id, &pinned, &why));
    OK(db_commit(b->st->db, &why));
    OK(accounts_unlink(x, TEXT_LIT("88"), &b->a, &tie, &why));
    assert_true(text_is(tie.account, "88"));
    assert_true(text_is(tie.person, "4711"));
    stranger = now(b, stranger.account_id);
    assert_int_equal(stranger.is.user_id, 0);
    assert_int_equal(stranger.is.tie, ACCOUNT_IGNORED);
    assert_true(text_is(stranger.is.external_id, "rollcall:hr:1"));
    assert_int_equal(stranger.is.approved[ACCOUNT_APPROVAL_ADOPT].state, TEXT_MISSING);
    OK(account_of_user(b->st, b->company_id, academy.destination_id, 101, &b->a, &row, &why));
    assert_false(account_exists(&row.is));
    assert_true(account_is_approved(&row.is, ACCOUNT_APPROVAL_APART, TEXT_LIT("88")));
    assert_true(row.dirty);
    assert_int_equal(row.gone_on, 7);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM pin"), 0);
    assert_int_equal(academy_audited(b), 2);
    /* nothing is asked about it, and no answer brings it back */
    assert_int_equal(accounts_resolve(x, 101, ACCOUNTS_LINK, NULL, &why), RC_INVALID);
    academy_add(b, 0, "89"); /* the right one, that is to get no id which 88 still has */
    OK(accounts_link(x, TEXT_LIT("89"), 101, true, &b->a, NULL, &why));
    OK(account_of_user(b->st, b->company_id, academy.destination_id, 101, &b->a, &row, &why));
    assert_true(text_is(row.is.remote_id, "89"));
    assert_true(account_is_approved(&row.is, ACCOUNT_APPROVAL_APART, TEXT_LIT("88")));
}

static struct platform other_platform(struct bed *b) {
    struct platform p = academy;
    p.key = TEXT_LIT("second");
    OK(platform_add(b->st, b->key, &p, &why));
    return p;
}

static void an_account_of_another_platform_is_said_to_be_that(void **state) {
    struct bed *b = *state;
    struct platform second = other_platform(b);
    struct accounts_context there = *x;
    struct text id = TEXT_LIT("88");
    there.platform = &second;
    academy_add(b, 0, "88");
    academy_add(b, 101, NULL);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(i == 0 ? accounts_ignore(&there, &id, 1, true, &why)
                                : accounts_link(&there, id, 101, true, &b->a, NULL, &why),
                         RC_CONFLICT);
        assert_string_equal(why.name, "account.elsewhere");
        assert_non_null(strstr(why.text, "second has no account 88, but academy has"));
    }
    id = TEXT_LIT("89");
    assert_int_equal(accounts_ignore(&there, &id, 1, true, &why), RC_NOT_FOUND);
    assert_string_equal(why.name, "account.unknown");
    assert_int_equal(academy_audited(b), 0);
}

static void of_another_company_nothing_is_said(void **state) {
    struct bed *b = *state;
    struct platform theirs = academy;
    struct company beta;
    struct accounts_context there = *x;
    int64_t id;
    OK(company_add(b->st, "beta", "Beta", "Europe/Berlin", T0, &id, &why));
    OK(company_find(b->st, "beta", &b->a, &beta, &why));
    theirs.company_id = id;
    theirs.feeds_n = 0;
    OK(platform_add(b->st, b->key, &theirs, &why));
    there.company = &beta;
    there.platform = &theirs;
    academy_add(b, 0, "88");
    assert_int_equal(accounts_ignore(&there, &(struct text){ TEXT_SET, "88", 2 }, 1, true, &why),
                     RC_NOT_FOUND);
    assert_string_equal(why.name, "account.unknown");
}

static void whom_no_delivery_has_looked_at_yet_is_linked_all_the_same(void **state) {
    struct bed *b = *state;
    struct account_row stranger = academy_add(b, 0, "88"), row;
    int64_t n;
    in_directory(b, b->in.integration_id, 301, "4711");
    assert_int_equal(accounts_resolve(x, 301, ACCOUNTS_APPROVE, NULL, &why), RC_INVALID);
    assert_string_equal(why.name, "account.answer");
    assert_int_equal(accounts_invite(x, &(int64_t){ 301 }, 1, DATE_NONE, &why), RC_INVALID);
    assert_string_equal(why.name, "account.answer");
    assert_int_equal(accounts_would_invite(x, &(int64_t){ 301 }, 1, &why), RC_INVALID);
    assert_string_equal(why.name, "account.answer");
    OK(accounts_link(x, TEXT_LIT("88"), 301, true, &b->a, NULL, &why));
    row = now(b, stranger.account_id);
    assert_int_equal(row.is.user_id, 301);
    assert_int_equal(row.is.tie, ACCOUNT_LINKED);
    assert_true(row.dirty);
    OK(db_begin(b->st->db, &why));
    OK(account_enrol(b->st, b->company_id, academy.destination_id, &n, &why));
    OK(db_commit(b->st->db, &why));
    assert_int_equal(n, 0); /* no second row */
}

static void
who_is_none_of_the_platforms_is_told_as_that_and_not_as_an_unknown_account(void **state) {
    struct bed *b = *state;
    struct integration other = bed_integration(b, b->company_id, "other");
    struct account_row stranger = academy_add(b, 0, "88");
    in_directory(b, other.integration_id, 301, "4711");
    const enum rc_code got[] = { accounts_link(x, TEXT_LIT("88"), 301, true, &b->a, NULL, &why),
                                 accounts_resolve(x, 301, ACCOUNTS_APPROVE, NULL, &why),
                                 accounts_invite(x, &(int64_t){ 301 }, 1, DATE_NONE, &why) };
    for (size_t i = 0; i < RC_LEN(got); i++)
        assert_int_equal(got[i], RC_CONFLICT);
    assert_string_equal(why.name, "account.not-fed");
    assert_non_null(strstr(why.text, "person 4711 "));
    assert_int_equal(now(b, stranger.account_id).is.user_id, 0);
    assert_int_equal(accounts_link(x, TEXT_LIT("88"), 999, true, &b->a, NULL, &why), RC_NOT_FOUND);
    assert_string_equal(why.name, "person.unknown");
    assert_int_equal(academy_audited(b), 0);
}

static void accounts_are_left_alone_all_or_none(void **state) {
    struct bed *b = *state;
    struct account_row one = academy_add(b, 0, "88"), two = academy_add(b, 101, "89");
    struct text ids[] = { TEXT_LIT("88"), TEXT_LIT("89"), TEXT_LIT("77") };
    assert_int_equal(accounts_ignore(x, ids, 3, true, NULL), RC_NOT_FOUND);
    assert_int_equal(now(b, one.account_id).is.tie, ACCOUNT_STRANGER);
    OK(accounts_ignore(x, ids, 2, true, &why));
    assert_int_equal(now(b, one.account_id).is.tie, ACCOUNT_IGNORED);
    assert_int_equal(now(b, two.account_id).is.tie, ACCOUNT_IGNORED);
    OK(accounts_ignore(x, ids, 2, false, &why));
    assert_int_equal(now(b, one.account_id).is.tie, ACCOUNT_STRANGER);
    assert_int_equal(now(b, two.account_id).is.tie, ACCOUNT_LINKED);
}

static void nothing_is_decided_while_a_delivery_is_under_way(void **state) {
    struct bed *b = *state;
    struct store *other = bed_connect(b);
    struct text id = TEXT_LIT("88");
    struct lease l;
    struct rc_error err;
    char subject[64];
    academy_add(b, 0, "88");
    snprintf(subject, sizeof subject, "%lld/%lld", (long long)b->company_id,
             (long long)academy.destination_id);
    OK(lease_take(other, "deliver", subject, clock_now_us(&clock_system), &l, &why));
    assert_int_equal(accounts_ignore(x, &id, 1, true, &err), RC_CONFLICT);
    assert_string_equal(err.name, "busy");
    assert_int_equal(accounts_forget(x, NULL), RC_CONFLICT);
    lease_release(other, &l);
    OK(accounts_forget(x, &why));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM account"), 0);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM destination"), 0);
    store_close(other);
}

static void fields_of_the_platforms_own_are_those_that_mappings_fill(void **state) {
    struct bed *b = *state;
    struct text *names;
    size_t n = 9;
    OK(accounts_customs(x, &b->a, &names, &n, &why));
    assert_int_equal(n, 0);
}

static const struct CMUnitTest singles[] = {
    ACADEMY_TEST(an_answer_approves_exactly_what_is_asked),
    ACADEMY_TEST(only_an_answer_to_the_question_counts),
    ACADEMY_TEST(yes_to_an_invitation_that_has_lapsed_keeps_its_day),
    ACADEMY_TEST(an_answer_to_another_question_counts_for_nothing),
    ACADEMY_TEST(no_leaves_the_account_in_question_alone),
    ACADEMY_TEST(whoever_means_another_person_is_told_how_that_is_said),
    ACADEMY_TEST(an_account_of_nobody_becomes_a_persons),
    ACADEMY_TEST(what_was_linked_is_unlinked_and_left_alone),
    ACADEMY_TEST(an_account_of_another_platform_is_said_to_be_that),
    ACADEMY_TEST(of_another_company_nothing_is_said),
    ACADEMY_TEST(whom_no_delivery_has_looked_at_yet_is_linked_all_the_same),
    ACADEMY_TEST(who_is_none_of_the_platforms_is_told_as_that_and_not_as_an_unknown_account),
    ACADEMY_TEST(accounts_are_left_alone_all_or_none),
    ACADEMY_TEST(nothing_is_decided_while_a_delivery_is_under_way),
    ACADEMY_TEST(fields_of_the_platforms_own_are_those_that_mappings_fill),
};

int main(int argc, char **argv) {
    return PLACE_RUN(singles, argc, argv);
}
