/* Accounts whose person or integration has gone, and accounts that were unlinked: nobody's, until it is plain whose they
 * are, and nothing becomes of them by itself. */
#include "tests/sync/hands.h"

static struct platform platform_of(struct delivers *d) {
    struct platform p;
    OK(platform_get(d->w->bed->st, d->w->bed->company_id, d->destination_id, NULL, &d->w->bed->a,
                    &p, &why));
    return p;
}

static struct text remote_id(struct delivers *d, const char *person) {
    return text_copy(&d->w->bed->a, delivers_id(d, person));
}

static struct memory_platform_account *there(struct delivers *d, struct text id) {
    return memory_platform_find(&d->there, id);
}

static struct account_row row_of(struct delivers *d, struct text id) {
    struct account_row row;
    OK(account_by_remote(d->w->bed->st, d->w->bed->company_id, d->destination_id, id, &d->w->bed->a,
                         &row, &why));
    return row;
}

/* ---- an integration that is removed ---- */

static void remove_integration(struct delivers *d) {
    struct bed *b = d->w->bed;
    OK(db_begin(b->st->db, &why));
    OK(integration_remove(b->st, b->company_id, b->in.integration_id, &why));
    OK(db_commit(b->st->db, &why));
}

/* Under this key, feeding the same platform, with everybody imported. */
static void add_integration(struct delivers *d, const char *key) {
    struct bed *b = d->w->bed;
    struct platform p = platform_of(d);
    b->in = bed_integration(b, b->company_id, key);
    world_limits(d->w, WORLD_NO_LIMITS);
    p.feeds = &b->in.integration_id;
    p.feeds_n = 1;
    OK(platform_save(b->st, b->key, &p, &why));
    struct run r = world_import(d->w);
    assert_state(&r, RUN_HELD);
    world_approve(d->w, r.run_id);
}

static void its_accounts_are_nobodys_and_nothing_becomes_of_them(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text ours = remote_id(d, "2"), ignored = remote_id(d, "3"), bare = remote_id(d, "4");
    struct platform p = platform_of(d);
    struct accounts_context x = { d->w->bed->st, d->w->bed->key, &d->w->company, &p,
                                  &d->w->clock,  "a test" };
    int64_t n = 0;
    OK(accounts_ignore(&x, &ignored, 1, true, &why));
    there(d, bare)->is.external_id = (struct text){ 0 };
    delivers_day(d, 1);
    delivers_run(d);
    unsigned writes = delivers_writes(d);
    remove_integration(d);
    assert_int_equal(row_of(d, ours).is.tie, ACCOUNT_OURS);
    assert_int_equal(row_of(d, ignored).is.tie, ACCOUNT_IGNORED); /* a person's word */
    assert_int_equal(row_of(d, bare).is.tie, ACCOUNT_STRANGER);
    assert_int_equal(row_of(d, ours).is.user_id, 0);
    OK(account_count(d->w->bed->st, d->w->bed->company_id, d->destination_id, ACCOUNT_UNMATCHED, &n,
                     &why));
    assert_int_equal(n, 5); /* the owner's, too */
    assert_string_equal(hands_left(d), "");
    assert_int_equal(delivers_writes(d), writes);
}

static void added_again_it_finds_them_by_their_ids(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text two = remote_id(d, "2"), three = remote_id(d, "3");
    unsigned writes = delivers_writes(d);
    remove_integration(d);
    world_put(d->w, "3", "status=inactive");
    add_integration(d, "hr");
    assert_string_equal(hands_left(d), "3 next-delivery"); /* before anything has been delivered */
    delivers_run(d);
    assert_int_equal(delivers_writes(d), writes + 1); /* nobody is doubled, renamed or mailed */
    assert_int_equal(there(d, three)->is.status, ACCOUNT_DEACTIVATED);
    assert_int_equal(row_of(d, two).is.tie, ACCOUNT_LINKED);
    assert_true(text_equal(delivers_row(d, "2").is.remote_id, two));
    assert_true(text_equal(delivers_row(d, "3").is.remote_id, three));
    assert_string_equal(hands_left(d), "");
}

/* Not from when a delivery first looks, as with any other. */
static void days_of_grace_count_from_when_hr_was_read(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    delivers_policy(d, "{\"close-status\":\"5\"}");
    struct text three = remote_id(d, "3");
    remove_integration(d);
    world_put(d->w, "3", "status=inactive");
    add_integration(d, "hr");
    for (int day = 0; day < 5; day++) {
        if (day >= 3)
            delivers_run(d);
        assert_int_equal(there(d, three)->is.status, ACCOUNT_ACTIVE);
        assert_string_equal(hands_left(d), "");
        delivers_day(d, 1);
        world_import(d->w);
    }
    assert_string_equal(hands_left(d), "3 next-delivery");
    delivers_run(d);
    assert_int_equal(there(d, three)->is.status, ACCOUNT_DEACTIVATED);
}

/* The same person came back under a new id while the integration was gone. */
static void one_that_goes_to_a_new_record_is_not_closed_in_between(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text three = remote_id(d, "3");
    remove_integration(d);
    world_put(d->w, "3", "status=inactive");
    world_add(d->w, "5");
    world_put(d->w, "5", "first_name=First3");
    world_put(d->w, "5", "last_name=Last3");
    world_put(d->w, "5", "email=p3@x.org");
    delivers_policy(d, "{\"relink\":\"yes\"}");
    add_integration(d, "hr");
    for (int i = 0; i < 3; i++) {
        delivers_run(d);
        assert_int_equal(there(d, three)->is.status, ACCOUNT_ACTIVE);
    }
    assert_true(text_equal(delivers_row(d, "5").is.remote_id, three));
    assert_int_equal(d->there.calls_n[MEMORY_PLATFORM_DEACTIVATE], 0);
}

/* Another HR system under the same key gives the same ids to others. */
static void an_id_that_somebody_else_has_now_is_asked_about(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text two = remote_id(d, "2"), three = remote_id(d, "3");
    unsigned writes = delivers_writes(d);
    remove_integration(d);
    for (int i = 2; i <= 3; i++) {
        const char *id = arena_printf(&d->w->bed->a, "%d", i);
        world_put(d->w, id, arena_printf(&d->w->bed->a, "first_name=Other%d", i));
        world_put(d->w, id, "last_name=Body");
        world_put(d->w, id, arena_printf(&d->w->bed->a, "email=other%d@x.org", i));
    }
    world_put(d->w, "3", "status=inactive");
    add_integration(d, "hr");
    delivers_run(d);
    assert_int_equal(delivers_writes(d), writes);
    assert_string_equal(delivers_code(d, "2"), "same-id-other-name");
    assert_string_equal(hands_left(d), "3 same-id-other-name");
    assert_int_equal(row_of(d, two).is.user_id, 0);
    struct platform p = platform_of(d);
    struct accounts_context x = { d->w->bed->st, d->w->bed->key, &d->w->company, &p,
                                  &d->w->clock,  "a test" };
    OK(accounts_resolve(&x, delivers_row(d, "2").is.user_id, ACCOUNTS_LINK, NULL, &why));
    OK(accounts_resolve(&x, delivers_row(d, "3").is.user_id, ACCOUNTS_IGNORE, NULL, &why));
    delivers_run(d);
    assert_true(text_equal(delivers_row(d, "2").is.remote_id, two));
    assert_true(text_is(there(d, two)->is.fields[USER_LAST_NAME].known, "Body"));
    assert_int_equal(there(d, three)->is.status, ACCOUNT_ACTIVE);
    assert_string_equal(delivers_code(d, "3"), "ignored");
}

static void those_of_another_hr_system_get_them_by_their_addresses(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text two = remote_id(d, "2"), three = remote_id(d, "3"), four = remote_id(d, "4");
    unsigned mails = (unsigned)d->there.mails_n;
    size_t accounts = d->there.accounts_n;
    remove_integration(d);
    world_put(d->w, "3", "first_name=Other");
    world_put(d->w, "3", "last_name=Body"); /* with the address that 3 had */
    world_put(d->w, "4", "status=inactive");
    add_integration(d, "new");
    delivers_run(d);
    assert_true(text_equal(delivers_row(d, "2").is.remote_id, two));
    assert_true(text_is(there(d, two)->is.external_id, "rc:new:2"));
    assert_string_equal(delivers_code(d, "3"), "adopt-other-name");
    assert_true(text_is(there(d, three)->is.external_id, "rc:hr:3"));
    /* that HR knows somebody with its address who has left is no word that it is closed */
    assert_int_equal(there(d, four)->is.status, ACCOUNT_ACTIVE);
    assert_int_equal(row_of(d, four).is.user_id, 0);
    world_put(d->w, "2", "status=inactive");
    world_import(d->w);
    assert_string_equal(hands_left(d), "2 next-delivery");
    delivers_run(d);
    assert_int_equal(there(d, two)->is.status, ACCOUNT_DEACTIVATED);
    assert_int_equal(d->there.mails_n, mails);
    assert_int_equal(d->there.accounts_n, accounts);
}

/* Also where the platform is fed by the new one alone before the old one is removed. */
static void whoever_waits_for_one_of_them_is_looked_at_again(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text two = remote_id(d, "2");
    struct integration old = d->w->bed->in;
    add_integration(d, "new");
    delivers_run(d);
    assert_string_equal(delivers_code(d, "2"), "email-taken");
    struct integration new = d->w->bed->in;
    d->w->bed->in = old;
    remove_integration(d);
    d->w->bed->in = new;
    delivers_run(d);
    assert_true(text_equal(delivers_row(d, "2").is.remote_id, two));
}

static void one_of_them_is_linked_by_hand(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text two = remote_id(d, "2");
    remove_integration(d);
    world_put(d->w, "2", "email=two@elsewhere.org");
    add_integration(d, "new");
    struct platform p = platform_of(d);
    struct accounts_context x = { d->w->bed->st, d->w->bed->key, &d->w->company, &p,
                                  &d->w->clock,  "a test" };
    struct person who;
    OK(directory_find(x.st, d->w->bed->company_id, d->w->bed->in.integration_id, TEXT_LIT("2"),
                      &d->w->bed->a, &who, &why));
    size_t accounts = d->there.accounts_n;
    OK(accounts_link(&x, two, who.user_id, true, &d->w->bed->a, NULL, &why));
    delivers_run(d);
    assert_true(text_equal(delivers_row(d, "2").is.remote_id, two));
    assert_true(text_is(there(d, two)->is.fields[USER_EMAIL].known, "two@elsewhere.org"));
    assert_int_equal(d->there.accounts_n, accounts);
}

/* An id of ours of somebody who is known is theirs, whoever states the address. */
static void nobody_gets_by_address_what_has_the_id_of_somebody_known(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text three = remote_id(d, "3");
    struct platform p = platform_of(d);
    struct accounts_context x = { d->w->bed->st, d->w->bed->key, &d->w->company, &p,
                                  &d->w->clock,  "a test" };
    struct accounts_tie tie;
    OK(accounts_unlink(&x, three, &d->w->bed->a, &tie, &why));
    OK(accounts_ignore(&x, &three, 1, false, &why)); /* a plain one of nobody, with 3's id */
    assert_int_equal(row_of(d, three).is.tie, ACCOUNT_OURS);
    world_put(d->w, "3", "email=three@elsewhere.org");
    world_add(d->w, "5");
    world_put(d->w, "5", "email=p3@x.org");
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "5"), "email-taken");
    assert_string_equal(delivers_code(d, "3"), "unlinked");
}

/* What waits for a person would do nothing any more, or something else. */
static void a_delivery_that_is_held_with_its_people_is_none_any_more(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text three = remote_id(d, "3");
    delivers_limits(d, "{\"leavers\":{\"run\":[0,0]}}");
    world_put(d->w, "3", "status=inactive");
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_HELD);
    remove_integration(d);
    r = world_run(d->w, r.run_id);
    assert_state(&r, RUN_SUPERSEDED);
    assert_int_equal(there(d, three)->is.status, ACCOUNT_ACTIVE);
}

static struct accounts_context hand(struct delivers *d, struct platform *p) {
    *p = platform_of(d);
    return (struct accounts_context){ d->w->bed->st, d->w->bed->key, &d->w->company, p,
                                      &d->w->clock,  "a test" };
}

static void link_to(struct delivers *d, struct text id, int64_t user_id) {
    struct platform p;
    struct accounts_context x = hand(d, &p);
    OK(accounts_link(&x, id, user_id, true, &d->w->bed->a, NULL, &why));
}

static int64_t user_of(struct delivers *d, int64_t integration_id, const char *person) {
    struct person who;
    OK(directory_find(d->w->bed->st, d->w->bed->company_id, integration_id, text_of(person),
                      &d->w->bed->a, &who, &why));
    return who.user_id;
}

static void unlink_of(struct delivers *d, struct text id) {
    struct platform p;
    struct accounts_context x = hand(d, &p);
    struct accounts_tie tie;
    OK(accounts_unlink(&x, id, &d->w->bed->a, &tie, &why));
}

static void what_somebody_has_left_alone_stays_so_when_it_is_added_again(void **state) {
    struct delivers *d = *state;
    struct platform p;
    delivers_begin(d, 4);
    struct text two = remote_id(d, "2"), three = remote_id(d, "3");
    struct accounts_context x = hand(d, &p);
    OK(accounts_ignore(&x, (struct text[]){ two, three }, 2, true, &why));
    unsigned writes = delivers_writes(d);
    remove_integration(d);
    world_put(d->w, "3", "status=inactive");
    add_integration(d, "hr");
    assert_string_equal(hands_left(d), "3 ignored");
    delivers_run(d);
    assert_string_equal(delivers_code(d, "2"), "ignored");
    assert_string_equal(hands_left(d), "3 ignored");
    assert_int_equal(row_of(d, three).is.tie, ACCOUNT_IGNORED);
    assert_int_equal(delivers_writes(d), writes);
    p = platform_of(d);
    OK(accounts_ignore(&x, &three, 1, false, &why)); /* until that is taken back */
    assert_string_equal(hands_left(d), "3 next-delivery");
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(there(d, three)->is.status, ACCOUNT_DEACTIVATED);
}

/* Also while the delivery that is to go by the answer is held. */
static void the_last_answer_counts_for_an_id_that_somebody_else_has_now(void **state) {
    struct delivers *d = *state;
    struct platform p;
    delivers_begin(d, 4);
    struct text three = remote_id(d, "3");
    remove_integration(d);
    world_put(d->w, "3", "first_name=Other");
    world_put(d->w, "3", "last_name=Body");
    world_put(d->w, "3", "email=other3@x.org");
    world_put(d->w, "3", "status=inactive");
    add_integration(d, "hr");
    delivers_run(d);
    int64_t user = delivers_row(d, "3").is.user_id;
    struct accounts_context x = hand(d, &p);
    OK(accounts_resolve(&x, user, ACCOUNTS_IGNORE, NULL, &why));
    OK(accounts_resolve(&x, user, ACCOUNTS_LINK, NULL, &why));
    assert_string_equal(hands_left(d), "3 next-delivery");
    delivers_limits(d, "{\"leavers\":{\"run\":[0,0]}}");
    struct run r = delivers_run(d);
    assert_state(&r, RUN_HELD);
    assert_string_equal(hands_left(d), "3 held");
    delivers_approve(d, r.run_id);
    assert_int_equal(there(d, three)->is.status, ACCOUNT_DEACTIVATED);
}

/* By a person's word it was 3's of the removed one, with the id of 3 of the other, of whom it had been taken. */
static void one_with_the_id_of_whom_it_was_taken_from_is_not_given_back(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text three = remote_id(d, "3");
    struct integration old = d->w->bed->in;
    add_integration(d, "new");
    struct integration new = d->w->bed->in;
    int64_t now = user_of(d, new.integration_id, "3");
    unlink_of(d, three);
    link_to(d, three, now);
    delivers_run(d);
    assert_true(text_is(there(d, three)->is.external_id, "rc:new:3"));
    unlink_of(d, three);
    link_to(d, three, user_of(d, old.integration_id, "3"));
    d->w->bed->in = old;
    remove_integration(d);
    d->w->bed->in = new;
    assert_int_equal(row_of(d, three).is.tie, ACCOUNT_OURS);
    for (int i = 0; i < 2; i++) {
        world_put(d->w, "3", i == 0 ? "status=active" : "status=inactive");
        world_import(d->w);
        delivers_run(d);
        assert_int_equal(row_of(d, three).is.user_id, 0);
        assert_string_equal(delivers_code(d, "3"), i == 0 ? "unlinked" : "gone-without-account");
        assert_string_equal(hands_left(d), "");
    }
    assert_int_equal(there(d, three)->is.status, ACCOUNT_ACTIVE);
    assert_true(text_is(there(d, three)->is.external_id, "rc:new:3"));
    link_to(d, three, now); /* theirs after all */
    assert_string_equal(hands_left(d), "3 next-delivery");
    delivers_run(d);
    assert_int_equal(there(d, three)->is.status, ACCOUNT_DEACTIVATED);
}

/* Somebody gave it that id on the platform. */
static void one_with_the_id_of_another_persons_is_asked_about_once_its_own_has_gone(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text three = remote_id(d, "3");
    struct integration old = d->w->bed->in;
    there(d, three)->is.external_id = TEXT_LIT("rc:new:4");
    add_integration(d, "new");
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
    struct integration new = d->w->bed->in;
    d->w->bed->in = old;
    remove_integration(d);
    d->w->bed->in = new;
    unsigned mails = (unsigned)d->there.mails_n;
    size_t accounts = d->there.accounts_n;
    delivers_run(d);
    assert_string_equal(delivers_code(d, "4"), "same-id-other-name");
    assert_string_equal(delivers_code(d, "3"), "email-taken");
    assert_int_equal(row_of(d, three).is.user_id, 0);
    assert_true(text_is(there(d, three)->is.fields[USER_LAST_NAME].known, "Last3"));
    world_put(d->w, "4", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(there(d, three)->is.status, ACCOUNT_ACTIVE);
    assert_int_equal(d->there.mails_n, mails);
    assert_int_equal(d->there.accounts_n, accounts);
}

/* ---- a destination that is added again ---- */

static void whoever_left_before_it_was_added_again_is_closed_by_the_first_delivery(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text three = remote_id(d, "3"), four = remote_id(d, "4");
    struct platform p = platform_of(d);
    OK(db_begin(d->w->bed->st->db, &why));
    OK(platform_remove(d->w->bed->st, d->w->bed->company_id, d->destination_id, &why));
    OK(db_commit(d->w->bed->st->db, &why));
    world_put(d->w, "3", "status=inactive");
    world_put(d->w, "4", "status=inactive");
    world_import(d->w);
    there(d, four)->is.external_id = TEXT_LIT("rc:hr:40"); /* somebody else's */
    p.prefix = TEXT_LIT("rc2");
    p.policy = TEXT_LIT("{\"adopt-prefix\":\"rc\"}");
    p.delivered_us = p.listed_us = 0;
    OK(platform_add(d->w->bed->st, d->w->bed->key, &p, &why));
    d->destination_id = p.destination_id;
    struct run r = delivers_run(d);
    assert_state(&r, RUN_HELD);
    assert_string_equal(hands_left(d), "3 held");
    assert_non_null(strstr(delivers_effects(d, r.run_id), "deactivate 3 planned"));
    delivers_approve(d, r.run_id);
    assert_int_equal(there(d, three)->is.status, ACCOUNT_DEACTIVATED);
    assert_int_equal(there(d, four)->is.status, ACCOUNT_ACTIVE);
    assert_string_equal(hands_left(d), "");
}

/* ---- accounts that were unlinked ---- */

/* An adapter of the table does not know this platform: what would be asked of it has been allowed. */
static bool may_close(struct delivers *d, struct text id) {
    struct platform p = platform_of(d);
    struct accounts_context x = { d->w->bed->st, d->w->bed->key, &d->w->company, &p,
                                  &d->w->clock,  "a test" };
    struct rc_error err = { 0 };
    int64_t closed = 0;
    assert_int_not_equal(accounts_close(&x, &id, 1, &closed, &err), RC_OK);
    return err.name == NULL || strcmp(err.name, "account.answer") != 0;
}

static void one_of_a_leaver_may_be_closed_by_hand(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text three = remote_id(d, "3"), two = remote_id(d, "2");
    unlink_of(d, three);
    unlink_of(d, two);
    assert_false(may_close(d, three)); /* it has the address of somebody who works there */
    world_put(d->w, "3", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(hands_left(d), ""); /* it is not theirs, as a person said */
    assert_int_equal(there(d, three)->is.status, ACCOUNT_ACTIVE);
    assert_true(may_close(d, three));
    assert_false(may_close(d, two));
    struct platform p = platform_of(d);
    struct accounts_context x = { d->w->bed->st, d->w->bed->key, &d->w->company, &p,
                                  &d->w->clock,  "a test" };
    OK(accounts_ignore(&x, &three, 1, true, &why)); /* another word */
    assert_false(may_close(d, three));
    OK(accounts_ignore(&x, &three, 1, false, &why));
    assert_true(may_close(d, three));
}

static void what_is_said_of_an_unlinked_one_is_true(void **state) {
    struct delivers *d = *state;
    int64_t n = 0;
    delivers_begin(d, 4);
    struct text three = remote_id(d, "3");
    struct platform p = platform_of(d);
    struct accounts_context x = { d->w->bed->st, d->w->bed->key, &d->w->company, &p,
                                  &d->w->clock,  "a test" };
    unlink_of(d, three);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "3"), "unlinked");
    assert_says(delivers_row(d, "3").sentence, "external id and address");
    OK(account_count(d->w->bed->st, d->w->bed->company_id, d->destination_id, ACCOUNT_APART, &n,
                     &why));
    assert_int_equal(n, 1);
    there(d, three)->is.external_id = (struct text){ 0 };
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "3"), "unlinked");
    OK(accounts_ignore(&x, &three, 1, false, &why)); /* even so it is not theirs */
    delivers_run(d);
    assert_string_equal(delivers_code(d, "3"), "unlinked");
    assert_int_equal(row_of(d, three).is.user_id, 0);
    there(d, three)->is.fields[USER_EMAIL].known = TEXT_LIT("else@x.org");
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
    assert_true(delivers_row(d, "3").is.remote_id.state == TEXT_SET); /* one is made */
    assert_false(text_equal(delivers_row(d, "3").is.remote_id, three));
}

/* Two people have said the same of it. */
static void linked_to_another_and_unlinked_again_it_is_neithers(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text three = remote_id(d, "3");
    world_add(d->w, "8");
    world_import(d->w);
    unlink_of(d, three);
    link_to(d, three, user_of(d, d->w->bed->in.integration_id, "8"));
    assert_false(text_equal(row_of(d, three).is.approved[ACCOUNT_APPROVAL_APART], three));
    for (int i = 0; i < 2; i++)
        delivers_run(d);
    assert_true(text_is(there(d, three)->is.external_id, "rc:hr:8"));
    assert_string_equal(delivers_code(d, "3"), "in-step");
    assert_false(text_equal(delivers_row(d, "3").is.remote_id, three));
    size_t accounts = d->there.accounts_n;
    unlink_of(d, three);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "8"), "unlinked");
    assert_string_equal(delivers_code(d, "3"), "in-step");
    assert_false(may_close(d, three)); /* it has 8's address */
    world_put(d->w, "8", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(hands_left(d), "");
    assert_int_equal(there(d, three)->is.status, ACCOUNT_ACTIVE);
    assert_true(may_close(d, three));
    assert_int_equal(d->there.accounts_n, accounts);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        DELIVERS_TEST(its_accounts_are_nobodys_and_nothing_becomes_of_them),
        DELIVERS_TEST(added_again_it_finds_them_by_their_ids),
        DELIVERS_TEST(days_of_grace_count_from_when_hr_was_read),
        DELIVERS_TEST(one_that_goes_to_a_new_record_is_not_closed_in_between),
        DELIVERS_TEST(an_id_that_somebody_else_has_now_is_asked_about),
        DELIVERS_TEST(those_of_another_hr_system_get_them_by_their_addresses),
        DELIVERS_TEST(whoever_waits_for_one_of_them_is_looked_at_again),
        DELIVERS_TEST(one_of_them_is_linked_by_hand),
        DELIVERS_TEST(nobody_gets_by_address_what_has_the_id_of_somebody_known),
        DELIVERS_TEST(a_delivery_that_is_held_with_its_people_is_none_any_more),
        DELIVERS_TEST(what_somebody_has_left_alone_stays_so_when_it_is_added_again),
        DELIVERS_TEST(the_last_answer_counts_for_an_id_that_somebody_else_has_now),
        DELIVERS_TEST(one_with_the_id_of_whom_it_was_taken_from_is_not_given_back),
        DELIVERS_TEST(one_with_the_id_of_another_persons_is_asked_about_once_its_own_has_gone),
        DELIVERS_TEST(whoever_left_before_it_was_added_again_is_closed_by_the_first_delivery),
        DELIVERS_TEST(one_of_a_leaver_may_be_closed_by_hand),
        DELIVERS_TEST(what_is_said_of_an_unlinked_one_is_true),
        DELIVERS_TEST(linked_to_another_and_unlinked_again_it_is_neithers),
    };
    return place_run("gone", tests, RC_LEN(tests), argc, argv);
}
