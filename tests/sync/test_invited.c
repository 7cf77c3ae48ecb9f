/* Invitations that somebody asks for, to accounts that are there: to which address the mail goes, and that it is one. */
#include "sync/accounts.h"
#include "tests/sync/delivers.h"

static void asks_for_one(struct delivers *d, const char *person) {
    struct platform p;
    OK(platform_get(d->w->bed->st, d->w->bed->company_id, d->destination_id, NULL, &d->w->bed->a,
                    &p, &why));
    struct accounts_context x = { d->w->bed->st, d->w->bed->key, &d->w->company, &p,
                                  &d->w->clock,  "a test" };
    OK(accounts_invite(&x, &(int64_t){ delivers_row(d, person).is.user_id }, 1, DATE_NONE, &why));
}

/* Four people, whose accounts were made without a mail, and a word for 3. */
static void begin(struct delivers *d) {
    delivers_policy(d, "{\"invite\":\"by-hand\"}");
    delivers_begin(d, 4);
    assert_int_equal(d->there.mails_n, 0);
    assert_string_equal(delivers_code(d, "3"), "invited-by-hand");
}

static struct account *there(struct delivers *d, const char *person) {
    return &memory_platform_find(&d->there, delivers_id(d, person))->is;
}

static void a_word_is_one_mail(void **state) {
    struct delivers *d = *state;
    begin(d);
    asks_for_one(d, "3");
    delivers_run(d);
    assert_int_equal(d->there.mails_n, 1);
    assert_true(text_is(d->there.mails[0].to, "p3@x.org"));
    delivers_run(d);
    assert_int_equal(d->there.mails_n, 1);
}

/* HR has stated another address, and the platform takes it and shows the old one. */
static void no_mail_goes_to_the_address_that_the_platform_has_kept(void **state) {
    struct delivers *d = *state;
    begin(d);
    world_put(d->w, "3", "email=new3@x.org");
    world_import(d->w);
    asks_for_one(d, "3");
    d->there.ignores = "new3@x.org";
    struct run r = delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "invite 3 failed\n");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(d->there.mails_n, 0);
        assert_string_equal(delivers_code(d, "3"), "refused");
        delivers_run(d);
    }
    d->there.ignores = NULL;
    world_put(d->w, "3", "email=newer3@x.org");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(d->there.mails_n, 0); /* nobody has asked for one to that */
    asks_for_one(d, "3");
    delivers_run(d);
    assert_int_equal(d->there.mails_n, 1);
    assert_true(text_is(d->there.mails[0].to, "newer3@x.org"));
}

/* Since all accounts were read last. */
static void no_mail_goes_to_an_address_that_somebody_has_entered_there(void **state) {
    struct delivers *d = *state;
    begin(d);
    asks_for_one(d, "3");
    there(d, "3")->fields[USER_EMAIL].known = TEXT_LIT("private@elsewhere.org");
    struct run r = delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "invite 3 failed\n");
    assert_int_equal(d->there.mails_n, 0);
    delivers_run(d); /* which puts the address back first */
    assert_int_equal(d->there.mails_n, 1);
    assert_true(text_is(d->there.mails[0].to, "p3@x.org"));
}

static void whoever_was_invited_there_meanwhile_gets_no_second_mail(void **state) {
    struct delivers *d = *state;
    begin(d);
    asks_for_one(d, "3");
    there(d, "3")->mail = ACCOUNT_MAIL_SENT;
    delivers_run(d);
    assert_int_equal(d->there.mails_n, 0);
    assert_int_equal(d->there.calls_n[MEMORY_PLATFORM_INVITE], 0);
    assert_string_equal(delivers_code(d, "3"), "in-step");
}

/* Its answer is lost, and whether the mail goes out shows only later. */
static const struct lost_row {
    const char *name;
    bool goes_out;
} lost_rows[] = {
    { "a mail that goes out after its answer was lost is the only one", true },
    { "a mail whose asking never arrived goes out with the next delivery", false },
};

static void a_lost_answer_sends_no_second_mail_before_all_accounts_were_read(void **state) {
    struct delivers *d = *state;
    const struct lost_row *row = d->row;
    begin(d);
    asks_for_one(d, "3");
    const struct memory_platform_fault fault = { MEMORY_PLATFORM_INVITE, 0, RC_UNSURE, NULL,
                                                 false };
    d->there.faults = &fault;
    d->there.faults_n = 1;
    struct run r = delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "invite 3 unsure\n");
    assert_int_equal(d->there.calls_n[MEMORY_PLATFORM_INVITE], 1);
    d->there.faults_n = 0;
    if (row->goes_out)
        there(d, "3")->mail = ACCOUNT_MAIL_SENT;
    delivers_run(d);
    assert_int_equal(d->there.calls_n[MEMORY_PLATFORM_INVITE], row->goes_out ? 1 : 2);
    assert_int_equal(d->there.mails_n, !row->goes_out);
    assert_string_equal(delivers_code(d, "3"), "in-step");
}

int main(int argc, char **argv) {
    size_t n = 4;
    struct CMUnitTest tests[4 + RC_LEN(lost_rows)] = {
        DELIVERS_TEST(a_word_is_one_mail),
        DELIVERS_TEST(no_mail_goes_to_the_address_that_the_platform_has_kept),
        DELIVERS_TEST(no_mail_goes_to_an_address_that_somebody_has_entered_there),
        DELIVERS_TEST(whoever_was_invited_there_meanwhile_gets_no_second_mail),
    };
    DELIVERS_ROWS(tests, n, lost_rows,
                  a_lost_answer_sends_no_second_mail_before_all_accounts_were_read);
    return place_run("invited", tests, n, argc, argv);
}
