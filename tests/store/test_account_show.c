#include "tests/store/accounts.h"

static struct account_seen seen;
static int64_t news, changes;

static void show(struct bed *b, const struct platform *p, const struct account *shows, size_t n) {
    OK(db_begin(b->st->db, &why));
    OK(account_show(b->st, b->company_id, p->destination_id, 5, TEXT_LIT("rc"), shows, n, &seen,
                    &news, &changes, &why));
    OK(db_commit(b->st->db, &why));
}

static int64_t end_show(struct bed *b, const struct platform *p) {
    int64_t deleted;
    OK(db_begin(b->st->db, &why));
    OK(account_end_show(b->st, b->company_id, p->destination_id, 6, &seen, &deleted, &why));
    OK(db_commit(b->st->db, &why));
    account_seen_done(&seen);
    return deleted;
}

static struct account shown(const char *remote_id, const char *email) {
    struct account a = { .remote_id = text_of(remote_id),
                         .external_id = TEXT_NONE,
                         .role = TEXT_LIT("user"),
                         .status = ACCOUNT_ACTIVE,
                         .mail = ACCOUNT_MAIL_SENT,
                         .invited_on = DATE_NONE };
    a.fields[USER_EMAIL].known = text_of(email);
    return a;
}

static void what_a_page_shows_is_written_once(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct account page[] = { shown("a", "ann@x.org"), shown("b", "bob@x.org") };
    static const struct account_custom custom = { { TEXT_SET, "Badge", 5 },
                                                  { .known = { TEXT_SET, "B7", 2 } } };
    page[0].custom = &custom;
    page[0].custom_n = 1;
    page[0].invited_on = TODAY;
    page[1].external_id = TEXT_LIT("rc:hr:2");
    page[1].mail = ACCOUNT_MAIL_UNKNOWN;
    show(b, &p, page, 2);
    assert_int_equal(news, 2);
    assert_int_equal(changes, 0);
    struct account_row a = by_remote(b, &p, "a"), bob = by_remote(b, &p, "b");
    assert_int_equal(a.is.tie, ACCOUNT_STRANGER);
    assert_int_equal(a.is.status, ACCOUNT_ACTIVE);
    assert_int_equal(a.is.mail, ACCOUNT_MAIL_SENT);
    assert_int_equal(a.is.invited_on, TODAY);
    assert_true(text_is(a.is.role, "user"));
    assert_true(text_is(a.is.custom[0].field.known, "B7"));
    assert_false(a.dirty);
    assert_int_equal(a.listed_run_id, 5);
    assert_int_equal(bob.is.tie, ACCOUNT_OURS);
    assert_int_equal(bob.is.mail, ACCOUNT_MAIL_BY_HAND); /* ours, and not invited yet */
    int64_t ids = bed_number(b, "SELECT next_id FROM company");
    show(b, &p, page, 2);
    assert_int_equal(news + changes, 0);
    assert_int_equal(end_show(b, &p), 0);
    assert_int_equal(bed_number(b, "SELECT next_id FROM company"), ids);
}

/* As that of the row does, and it alone. */
static void change_nothing(struct account *a) {
    (void)a;
}
static void change_email(struct account *a) {
    a->fields[USER_EMAIL].known = TEXT_LIT("other@x.org");
}
static void change_emptied(struct account *a) {
    a->fields[USER_JOB_TITLE].known = TEXT_NONE;
}
static void change_status(struct account *a) {
    a->status = ACCOUNT_DEACTIVATED;
}
static void change_role(struct account *a) {
    a->role = TEXT_LIT("owner");
}
static void change_invited(struct account *a) {
    a->mail = ACCOUNT_MAIL_SENT;
    a->invited_on = TODAY;
}
static void change_external(struct account *a) {
    a->external_id = TEXT_LIT("okta:1");
}
static void change_custom(struct account *a) {
    static const struct account_custom other = { { TEXT_SET, "Badge", 5 },
                                                 { .known = { TEXT_SET, "B8", 2 } } };
    a->custom = &other;
}
static void change_custom_new(struct account *a) {
    static const struct account_custom more[] = {
        { { TEXT_SET, "Badge", 5 }, { .known = { TEXT_SET, "B7", 2 } } },
        { { TEXT_SET, "Shift", 5 }, { .known = { TEXT_EMPTY, "", 0 } } },
    };
    a->custom = more;
    a->custom_n = 2;
}
static void change_role_unsaid(struct account *a) {
    a->role = (struct text){ 0 };
}
static void change_role_null(struct account *a) {
    a->role = TEXT_NONE;
}
static void change_unshown(struct account *a) {
    a->fields[USER_HIRE_DATE].known = (struct text){ 0 };
}
static void change_lost(struct account *a) {
    a->fields[USER_FIRST_NAME].known = (struct text){ 0 };
}
static void change_customs_unshown(struct account *a) {
    a->custom_n = 0;
}

static const struct change_row {
    const char *name;
    void (*change)(struct account *a);
    bool is_changed;
} change_rows[] = {
    { "the same is no change", change_nothing, false },
    { "another address is a change", change_email, true },
    { "an emptied field is a change", change_emptied, true },
    { "another status is a change", change_status, true },
    { "another role is a change", change_role, true },
    { "an invitation is a change", change_invited, true },
    { "another external id is a change", change_external, true },
    { "another value of a field of the platform's own is a change", change_custom, true },
    { "a further field of the platform's own is a change", change_custom_new, true },
    { "a role that is not told is no change", change_role_unsaid, false },
    { "nor is one that is told as none", change_role_null, false },
    { "a field as delivered that is not shown is no change", change_unshown, false },
    { "a field that is not shown any more is a change", change_lost, true },
    { "fields of the platform's own that are not shown any more", change_customs_unshown, true },
};

static void an_account_is_changed_as_the_row_says(void **state) {
    static const struct account_custom custom = { { TEXT_SET, "Badge", 5 },
                                                  { .known = { TEXT_SET, "B7", 2 } } };
    struct bed *b = *state;
    const struct change_row *r = b->row;
    struct platform p = platform(b, "academy");
    struct account page = shown("a", "ann@x.org");
    struct account_row row, after;
    page.mail = ACCOUNT_MAIL_UNKNOWN;
    page.fields[USER_FIRST_NAME].known = TEXT_LIT("Ann");
    page.fields[USER_JOB_TITLE].known = TEXT_LIT("Packer");
    page.fields[USER_HIRE_DATE].known = TEXT_LIT("2026-01-01");
    page.custom = &custom;
    page.custom_n = 1;
    show(b, &p, &page, 1);
    row = by_remote(b, &p, "a");
    row.is.user_id = 101;
    row.is.tie = ACCOUNT_LINKED;
    row.is.fields[USER_HIRE_DATE].delivered = TEXT_LIT("2026-01-01");
    row.is.fields[USER_JOB_TITLE].delivered = TEXT_LIT("Packer");
    row.is.fields[USER_JOB_TITLE].refused = TEXT_LIT("X");
    row.is.approved[ACCOUNT_APPROVAL_EMAIL] = TEXT_LIT("z@x.org");
    row.is.sticky = ACCOUNT_STAYS_OPEN;
    row.is.left_as = ACCOUNT_DEACTIVATED;
    save(b, &p, &row);
    r->change(&page);
    show(b, &p, &page, 1);
    assert_int_equal(news, 0);
    assert_int_equal(changes, r->is_changed);
    after = by_remote(b, &p, "a");
    assert_int_equal(after.dirty, r->is_changed);
    assert_int_equal(after.is.user_id, 101); /* and nothing that is ours */
    assert_int_equal(after.is.tie, ACCOUNT_LINKED);
    assert_true(text_is(after.is.fields[USER_JOB_TITLE].delivered, "Packer"));
    assert_true(text_is(after.is.fields[USER_JOB_TITLE].refused, "X"));
    assert_true(text_is(after.is.approved[ACCOUNT_APPROVAL_EMAIL], "z@x.org"));
    assert_int_equal(after.is.sticky, ACCOUNT_STAYS_OPEN);
    assert_int_equal(after.is.left_as, ACCOUNT_DEACTIVATED);
    show(b, &p, &page, 1); /* once more: that is known now */
    assert_int_equal(changes, 0);
    account_seen_done(&seen);
}

static void a_tie_follows_our_prefix_for_strangers_alone(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct account page[] = { shown("a", "a@x.org"), shown("b", "b@x.org"), shown("c", "c@x.org") };
    struct account_row row;
    show(b, &p, page, 3);
    row = by_remote(b, &p, "b");
    row.is.tie = ACCOUNT_IGNORED;
    save(b, &p, &row);
    page[0].external_id = page[1].external_id = TEXT_LIT("rc:hr:1");
    page[2].external_id = TEXT_LIT("rcx:hr:1"); /* another installation's */
    show(b, &p, page, 3);
    assert_int_equal(by_remote(b, &p, "a").is.tie, ACCOUNT_OURS);
    assert_int_equal(by_remote(b, &p, "b").is.tie, ACCOUNT_IGNORED);
    assert_int_equal(by_remote(b, &p, "c").is.tie, ACCOUNT_STRANGER);
    page[0].external_id = TEXT_NONE;
    show(b, &p, page, 3);
    assert_int_equal(by_remote(b, &p, "a").is.tie, ACCOUNT_STRANGER);
    account_seen_done(&seen);
}

static void who_is_concerned_by_a_strangers_account_is_looked_at_again(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct account page = shown("a", "bob@x.org");
    three_people(b);
    enrol(b, &p);
    clean(b);
    show(b, &p, &page, 1);
    assert_string_equal(dirty(b), "102"); /* somebody has bob's address */
    clean(b);
    page.fields[USER_EMAIL].known = TEXT_LIT("cid@x.org");
    show(b, &p, &page, 1);
    assert_string_equal(dirty(b), "102 103");
    clean(b);
    page.external_id = TEXT_LIT("rc:hr:1");
    show(b, &p, &page, 1);
    assert_string_equal(dirty(b), "101 103"); /* ann's, whose answer got lost */
    clean(b);
    show(b, &p, NULL, 0);
    account_seen_done(&seen);
    assert_int_equal(end_show(b, &p), 1);
    assert_string_equal(dirty(b), "103"); /* the address is free */
}

static void one_that_comes_twice_counts_as_it_came_last(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct account page[] = { shown("a", "a@x.org"), shown("a", "b@x.org") };
    show(b, &p, page, 2);
    assert_int_equal(news, 1);
    assert_true(text_is(by_remote(b, &p, "a").is.fields[USER_EMAIL].known, "b@x.org"));
    show(b, &p, page, 1); /* in another pass */
    assert_int_equal(changes, 1);
    assert_int_equal(end_show(b, &p), 0);
}

static void what_a_complete_inventory_lacks_is_deleted(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy"), q = platform(b, "other");
    struct account page[] = { shown("a", "a@x.org"), shown("b", "b@x.org"), shown("c", "c@x.org") };
    struct account_row row;
    three_people(b);
    enrol(b, &p);
    show(b, &q, page, 3);
    account_seen_done(&seen);
    show(b, &p, page, 3);
    row = of_user(b, &p, 101);
    OK(account_drop(b->st, b->company_id, p.destination_id, row.account_id, &why));
    row = by_remote(b, &p, "a");
    row.is.user_id = 101;
    row.is.tie = ACCOUNT_LINKED;
    save(b, &p, &row);
    clean(b);
    account_seen_done(&seen);
    show(b, &p, &page[2], 1);
    struct account_unseen *lacks;
    size_t n;
    int64_t after = 0;
    bool more;
    OK(account_unseen(b->st, b->company_id, p.destination_id, &seen, &after, &b->a, &lacks, &n,
                      &more, &why));
    assert_int_equal(n, 2);
    assert_false(more);
    assert_true(text_is(lacks[0].remote_id, "a") && lacks[0].has_user);
    assert_true(text_is(lacks[1].remote_id, "b") && !lacks[1].has_user);
    assert_true(text_is(lacks[1].email, "b@x.org"));
    assert_int_equal(end_show(b, &p), 2);
    row = by_remote(b, &p, "a");
    assert_int_equal(row.is.status, ACCOUNT_DELETED);
    assert_int_equal(row.is.tie, ACCOUNT_LINKED);
    assert_true(row.dirty);
    assert_int_equal(
        account_by_remote(b->st, b->company_id, p.destination_id, TEXT_LIT("b"), &b->a, &row, NULL),
        RC_NOT_FOUND);
    assert_int_equal(of_user(b, &p, 102).is.status, ACCOUNT_UNKNOWN); /* never had one */
    assert_int_equal(count(b, &q, ACCOUNT_ALL), 3);
    clean(b);
    show(b, &p, &page[2], 1);
    assert_int_equal(end_show(b, &p), 0); /* told once */
    assert_string_equal(dirty(b), "");
    show(b, &p, page, 3); /* and here again */
    assert_int_equal(changes, 1);
    assert_int_equal(by_remote(b, &p, "a").is.status, ACCOUNT_ACTIVE);
    assert_int_equal(end_show(b, &p), 0);
}

static void many_come_in_hundreds(void **state) {
    enum { MANY = 250 };
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    static struct account page[MANY];
    for (int i = 0; i < MANY; i++)
        page[i] = shown(arena_printf(&b->a, "r%d", i), arena_printf(&b->a, "%d@x.org", i));
    show(b, &p, page, MANY);
    assert_int_equal(news, MANY);
    assert_int_equal(count(b, &p, ACCOUNT_UNMATCHED), MANY);
    page[3].role = page[249].role = TEXT_LIT("owner");
    show(b, &p, page, MANY);
    assert_int_equal(news, 0);
    assert_int_equal(changes, 2);
    assert_int_equal(end_show(b, &p), 0);
    show(b, &p, page, 240);
    assert_int_equal(end_show(b, &p), 10);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest singles[] = {
        BED_TEST(what_a_page_shows_is_written_once),
        BED_TEST(a_tie_follows_our_prefix_for_strangers_alone),
        BED_TEST(who_is_concerned_by_a_strangers_account_is_looked_at_again),
        BED_TEST(one_that_comes_twice_counts_as_it_came_last),
        BED_TEST(what_a_complete_inventory_lacks_is_deleted),
        BED_TEST(many_come_in_hundreds),
    };
    struct CMUnitTest tests[RC_LEN(singles) + RC_LEN(change_rows)];
    size_t n = 0;
    for (size_t i = 0; i < RC_LEN(singles); i++)
        tests[n++] = singles[i];
    BED_ROWS(tests, n, change_rows, an_account_is_changed_as_the_row_says);
    return place_run("tests", tests, n, argc, argv);
}
