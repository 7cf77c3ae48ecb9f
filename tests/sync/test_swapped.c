/* People who are to get each other's addresses in a circle: none can go first, and each is told who is in it and
 * what helps. */
#include "store/account.h"
#include "sync/accounts.h"
#include "tests/sync/delivers.h"

static void states(struct delivers *d, const char *person, const char *address) {
    world_put(d->w, person, arena_printf(&d->w->bed->a, "email=%s", address));
}

#define ANY_NUMBER "{\"email\":{\"run\":[1000,100],\"24h\":[1000,100],\"30d\":[1000,100]}}"

static void begin(struct delivers *d) {
    delivers_begin(d, 5);
    world_limits(d->w, ANY_NUMBER);
    delivers_limits(d, ANY_NUMBER);
}

static void is_told(struct delivers *d, const char *person) {
    struct account_row row = delivers_row(d, person);
    static const char *const others[] = { "2", "3", "4" };
    assert_string_equal(delivers_code(d, person), "email-swapped");
    assert_says(row.sentence, "none of them can go first");
    for (size_t i = 0; i < RC_LEN(others); i++)
        if (strcmp(others[i], person) != 0)
            assert_says(row.sentence, arena_printf(&d->w->bed->a, "account %.*s,",
                                                   TEXT_ARG(delivers_id(d, others[i]))));
    assert_says(row.remedy, "some other address first, on the platform or in HR");
}

static void comes_to_rest(struct delivers *d) {
    unsigned writes = delivers_writes(d);
    assert_int_equal(delivers_run(d).run_id, 0);
    assert_int_equal(delivers_run(d).run_id, 0);
    assert_int_equal(delivers_writes(d), writes);
    assert_int_equal(bed_number(d->w->bed, "SELECT COUNT(*) FROM account WHERE dirty > 0"), 0);
}

/* 2 -> 3 -> 4 -> 2, each by the address that the other's account shows. */
static void a_circle_of_three_is_told_to_each_and_ends_by_hr(void **state) {
    struct delivers *d = *state;
    begin(d);
    states(d, "2", "p3@x.org");
    states(d, "3", "p4@x.org");
    states(d, "4", "p2@x.org");
    world_import(d->w);
    assert_int_equal(delivers_run(d).run_id, 0);
    is_told(d, "2");
    is_told(d, "3");
    is_told(d, "4");
    comes_to_rest(d);
    states(d, "3", "other@x.org");
    world_import(d->w);
    assert_state((struct run[]){ delivers_run(d) }, RUN_APPLIED);
    assert_true(text_is(delivers_shows(d, "2", "email"), "p3@x.org"));
    states(d, "3", "p4@x.org");
    world_import(d->w);
    delivers_run(d);
    delivers_run(d);
    assert_true(text_is(delivers_shows(d, "3", "email"), "p4@x.org"));
    assert_true(text_is(delivers_shows(d, "4", "email"), "p2@x.org"));
    comes_to_rest(d);
}

/* As it closes far from 2, whose own values have not changed by then. */
static void one_that_closes_later_is_told_to_all_of_them(void **state) {
    struct delivers *d = *state;
    static const char *const steps[][2] = { { "2", "p3@x.org" },
                                            { "3", "p4@x.org" },
                                            { "4", "p2@x.org" } };
    begin(d);
    for (size_t i = 0; i < RC_LEN(steps); i++) {
        states(d, steps[i][0], steps[i][1]);
        world_import(d->w);
        assert_int_equal(delivers_run(d).run_id, 0);
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(delivers_run(d).run_id, 0);
    is_told(d, "2");
    is_told(d, "3");
    is_told(d, "4");
    comes_to_rest(d);
}

/* 2 and 3 have each other's, and 3 leaves: nothing frees the address of an account that is closed. */
static struct text leaves_with_the_other_ones_address(struct delivers *d) {
    begin(d);
    struct text closed = text_copy(&d->w->bed->a, delivers_id(d, "3"));
    states(d, "2", "p3@x.org");
    states(d, "3", "p2@x.org");
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "2"), "email-swapped");
    world_put(d->w, "3", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_DEACTIVATED);
    delivers_run(d);
    return closed;
}

static void whose_address_a_leaver_has_taken_along_is_told_what_helps(void **state) {
    struct delivers *d = *state;
    struct text closed = leaves_with_the_other_ones_address(d);
    struct account_row row = delivers_row(d, "2");
    assert_string_equal(delivers_code(d, "2"), "email-swapped");
    assert_says(row.sentence, arena_printf(&d->w->bed->a, "p3@x.org is that of account %.*s, which",
                                           TEXT_ARG(closed)));
    assert_says(row.sentence, "p2@x.org stays here, which is what HR states for whoever has left");
    assert_says(row.remedy, "giving the closed account some other address on the platform");
    assert_true(text_is(row.waits, "platform"));
    comes_to_rest(d);
    memory_platform_find(&d->there, closed)->is.fields[USER_EMAIL].known =
        TEXT_LIT("left-3@elsewhere.org");
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
    assert_true(text_is(delivers_shows(d, "2", "email"), "p3@x.org"));
    assert_string_equal(delivers_code(d, "2"), "in-step");
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_DEACTIVATED);
}

/* Each had been linked to the wrong one, so that taking both back is right. */
static void or_takes_the_account_that_has_it(void **state) {
    struct delivers *d = *state;
    struct platform p;
    struct text closed = leaves_with_the_other_ones_address(d),
                other = text_copy(&d->w->bed->a, delivers_id(d, "2"));
    OK(platform_get(d->w->bed->st, d->w->bed->company_id, d->destination_id, NULL, &d->w->bed->a,
                    &p, &why));
    struct accounts_context x = { d->w->bed->st, d->w->bed->key, &d->w->company, &p,
                                  &d->w->clock,  "a test" };
    struct accounts_tie tie;
    int64_t user_id = delivers_row(d, "2").is.user_id;
    size_t accounts = d->there.accounts_n, mails = d->there.mails_n;
    OK(accounts_unlink(&x, closed, &d->w->bed->a, &tie, &why));
    OK(accounts_unlink(&x, other, &d->w->bed->a, &tie, &why));
    OK(accounts_link(&x, closed, user_id, true, &d->w->bed->a, &tie, &why));
    for (int i = 0; i < 2; i++) {
        delivers_day(d, 1);
        world_import(d->w);
        delivers_run(d);
    }
    struct account_row row = delivers_row(d, "2");
    assert_true(text_equal(row.is.remote_id, closed));
    assert_string_equal(delivers_code(d, "2"), "deactivated-by-hand"); /* to be approved */
    OK(accounts_resolve(&x, user_id, ACCOUNTS_APPROVE, NULL, &why));
    delivers_run(d);
    const struct account *is = &memory_platform_find(&d->there, closed)->is;
    assert_int_equal(is->status, ACCOUNT_ACTIVE);
    assert_true(text_is(is->fields[USER_EMAIL].known, "p3@x.org"));
    assert_int_equal(d->there.accounts_n, accounts); /* nobody gets a second one, or a mail */
    assert_int_equal(d->there.mails_n, mails);
}

static void an_address_of_whoever_has_left_is_told_as_that(void **state) {
    struct delivers *d = *state;
    begin(d);
    world_put(d->w, "4", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    states(d, "5", "p4@x.org");
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "5"), "email-taken");
    assert_says(delivers_row(d, "5").sentence, "which is closed, as its user has left");
    assert_says(delivers_row(d, "5").remedy, "giving the closed account some other address");
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        DELIVERS_TEST(a_circle_of_three_is_told_to_each_and_ends_by_hr),
        DELIVERS_TEST(one_that_closes_later_is_told_to_all_of_them),
        DELIVERS_TEST(whose_address_a_leaver_has_taken_along_is_told_what_helps),
        DELIVERS_TEST(or_takes_the_account_that_has_it),
        DELIVERS_TEST(an_address_of_whoever_has_left_is_told_as_that),
    };
    return PLACE_RUN(tests, argc, argv);
}
