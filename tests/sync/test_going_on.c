/* A delivery or an undo whose process was killed, with calls out or without, and what people have said of the accounts
 * before it goes on: their word counts, nobody is given a second account, and nobody is mailed twice. */
#include <stdio.h>
#include "tests/sync/hands.h"
#include "tests/sync/undoes.h"

static const struct undoes_cut cuts[] = {
    { "killed before the first call", false, false },
    { "killed with calls out that never arrived", true, false },
    { "killed with calls out that arrived", true, true },
};

/* Changing calls about this account so far. */
static unsigned calls_about(const struct delivers *d, struct text id) {
    unsigned n = 0;
    char word[64];
    snprintf(word, sizeof word, " %.*s ", TEXT_ARG(id));
    for (size_t i = 0; i < d->there.requests_n; i++) {
        const struct memory_platform_request *r = &d->there.requests[i];
        char text[400];
        snprintf(text, sizeof text, "%.*s ", TEXT_ARG(r->text));
        n += r->call >= MEMORY_PLATFORM_CREATE && strstr(text, word) != NULL;
    }
    return n;
}

static unsigned accounts_of(const struct delivers *d, const char *email) {
    unsigned n = 0;
    for (size_t i = 0; i < d->there.accounts_n; i++)
        n += d->there.accounts[i].exists &&
             text_is(d->there.accounts[i].is.fields[USER_EMAIL].known, email);
    return n;
}

static void three_days(struct delivers *d) {
    for (int i = 0; i < 3; i++)
        hands_day(d);
}

/* ---- a delivery: 3 gets another title, 4 is closed, 6 joins ---- */

static void whose_account_was_unlinked_is_not_touched(void **state) {
    struct delivers *d = *state;
    const struct undoes_cut *row = d->row;
    struct run r = undoes_cut_off(d, row);
    struct text three = hands_id(d, "3"), four = hands_id(d, "4");
    hands_unlink(d, three);
    hands_unlink(d, four);
    unsigned before = calls_about(d, three) + calls_about(d, four);
    delivers_run(d);
    r = world_run(d->w, r.run_id);
    assert_state(&r, RUN_APPLIED);
    three_days(d);
    assert_int_equal(calls_about(d, three) + calls_about(d, four), before);
    assert_int_equal(hands_there(d, four)->status,
                     row->arrived ? ACCOUNT_DEACTIVATED : ACCOUNT_ACTIVE);
    hands_code_is(d, "3", "unlinked");
    assert_int_equal(accounts_of(d, "p3@x.org"), 1);
    assert_int_equal(accounts_of(d, "p6@x.org"), 1);
    assert_int_equal(d->there.mails_n, 5 + !row->arrived);
}

/* ... and is theirs again as soon as somebody says so. */
static void linked_again_it_is_as_hr_says(void **state) {
    struct delivers *d = *state;
    const struct undoes_cut *row = d->row;
    undoes_cut_off(d, row);
    struct text three = hands_id(d, "3"), four = hands_id(d, "4");
    hands_unlink(d, three);
    hands_unlink(d, four);
    hands_link(d, three, "3");
    hands_link(d, four, "4");
    delivers_run(d);
    three_days(d);
    assert_true(undoes_shows(d, "3", "job_title", "Foreman"));
    assert_int_equal(hands_there(d, four)->status, ACCOUNT_DEACTIVATED);
    assert_int_equal(d->there.accounts_n, 5 + 1 + 1);
    assert_int_equal(d->there.mails_n, 5 + !row->arrived);
    world_put(d->w, "4", "status=active");
    hands_day(d);
    assert_int_equal(hands_there(d, four)->status, ACCOUNT_ACTIVE);
}

/* Of whom nothing was out may be linked; of whom something was nobody knows whether they have one. */
static void whoever_was_to_get_one_has_one_in_the_end(void **state) {
    struct delivers *d = *state;
    const struct undoes_cut *row = d->row;
    delivers_begin(d, 5);
    struct text guest = hands_stranger(d, "First6", "Last6", "guest@y.org");
    delivers_day(d, 1);
    delivers_run(d);
    world_add(d->w, "6");
    world_import(d->w);
    delivers_preview(d, 0);
    undoes_cut(d, row->sent ? 4 : 0);
    if (row->arrived)
        memory_platform_put(&d->there, (const char *const[]){ "external_id=rc:hr:6", "mail=sent",
                                                              "first_name=First6", "email=p6@x.org",
                                                              "last_name=Last6", NULL });
    enum rc_code rc = hands_try_link(d, guest, "6", false);
    assert_int_equal(rc, row->sent ? RC_CONFLICT : RC_OK);
    if (row->sent)
        assert_string_equal(d->err.name, "account.in-doubt");
    delivers_run(d);
    three_days(d);
    hands_code_is(d, "6", "in-step");
    assert_int_equal(accounts_of(d, "p6@x.org"), 1);
    assert_int_equal(accounts_of(d, "guest@y.org"), row->sent);
    assert_int_equal(d->there.mails_n, 5 + (row->sent && !row->arrived));
}

/* What was to be linked to one is another's by a person's word. */
static void what_somebody_has_given_to_another_stays_theirs(void **state) {
    struct delivers *d = *state;
    const struct undoes_cut *row = d->row;
    delivers_begin(d, 5);
    struct text id = hands_stranger(d, "First6", "Last6", "p6@x.org");
    delivers_day(d, 1);
    delivers_run(d);
    world_add(d->w, "6");
    world_add(d->w, "7");
    world_put(d->w, "7", "email=");
    world_import(d->w);
    delivers_preview(d, 0);
    undoes_cut(d, row->sent ? 4 : 0);
    if (row->arrived)
        memory_platform_find(&d->there, id)->is.external_id = TEXT_LIT("rc:hr:6");
    hands_link(d, id, "7");
    delivers_run(d);
    three_days(d);
    assert_true(text_equal(delivers_row(d, "7").is.remote_id, id));
    assert_true(text_is(hands_there(d, id)->external_id, "rc:hr:7"));
    assert_true(text_is(memory_platform_field(&d->there, id, "last_name"), "Last7"));
    assert_int_equal(accounts_of(d, "p6@x.org"), 1); /* which is that one: HR states none for 7 */
    assert_int_equal(d->there.mails_n, 5);
}

static void what_somebody_leaves_alone_meanwhile_is_left_alone(void **state) {
    struct delivers *d = *state;
    const struct undoes_cut *row = d->row;
    undoes_cut_off(d, row);
    struct text three = hands_id(d, "3"), four = hands_id(d, "4");
    hands_ignore(d, three, true);
    hands_ignore(d, four, true);
    unsigned before = calls_about(d, three) + calls_about(d, four);
    delivers_run(d);
    three_days(d);
    assert_int_equal(calls_about(d, three) + calls_about(d, four), before);
    assert_int_equal(d->there.accounts_n, 5 + 1 + 1);
    if (!row->arrived)
        assert_string_equal(hands_left(d), "4 ignored");
}

/* Ended by a person, it is undone as far as it was done, and as far as the accounts are theirs. */
static void an_undo_of_what_was_ended_leaves_unlinked_ones_alone(void **state) {
    struct delivers *d = *state;
    const struct undoes_cut *row = d->row;
    struct run r = undoes_cut_off(d, row), u;
    struct text three = hands_id(d, "3"), four = hands_id(d, "4");
    delivers_reject(d, r.run_id);
    hands_unlink(d, three);
    hands_unlink(d, four);
    unsigned before = calls_about(d, three) + calls_about(d, four);
    if (undoes_try(d, r.run_id, &u) == RC_OK)
        delivers_approve(d, u.run_id);
    three_days(d);
    assert_int_equal(calls_about(d, three) + calls_about(d, four), before);
    assert_int_equal(accounts_of(d, "p3@x.org"), 1);
    assert_int_equal(accounts_of(d, "p6@x.org"), 1);
    assert_true(d->there.mails_n <= 6);
}

/* ---- an undo of all that: 3's title, 4 opened, 6 closed ---- */

struct undone {
    struct text three, four, six;
    struct run undo;
};

static struct undone begin_undo(struct delivers *d) {
    const struct undoes_cut *row = d->row;
    struct undone u;
    delivers_begin(d, 5);
    world_add(d->w, "6");
    world_put(d->w, "4", "status=inactive");
    struct run r = undoes_change(d, "3", "job_title=Foreman");
    u.undo = undoes_plan(d, r.run_id);
    u.three = hands_id(d, "3");
    u.four = hands_id(d, "4");
    u.six = hands_id(d, "6");
    undoes_cut(d, row->sent ? 4 : 0);
    if (row->arrived) {
        memory_platform_find(&d->there, u.three)->is.fields[USER_JOB_TITLE].known =
            TEXT_LIT("Welder");
        memory_platform_find(&d->there, u.four)->is.status = ACCOUNT_ACTIVE;
        memory_platform_find(&d->there, u.six)->is.status = ACCOUNT_DEACTIVATED;
    }
    return u;
}

static void an_undo_that_goes_on_leaves_unlinked_ones_alone(void **state) {
    struct delivers *d = *state;
    const struct undoes_cut *row = d->row;
    struct undone u = begin_undo(d);
    hands_unlink(d, u.three);
    hands_unlink(d, u.four);
    hands_unlink(d, u.six);
    unsigned writes = delivers_writes(d);
    delivers_run(d);
    u.undo = world_run(d->w, u.undo.run_id);
    assert_state(&u.undo, RUN_APPLIED);
    three_days(d);
    assert_int_equal(delivers_writes(d), writes);
    assert_int_equal(undoes_pins(d), 0);
    assert_int_equal(hands_there(d, u.six)->status,
                     row->arrived ? ACCOUNT_DEACTIVATED : ACCOUNT_ACTIVE);
    assert_int_equal(hands_there(d, u.four)->status,
                     row->arrived ? ACCOUNT_ACTIVE : ACCOUNT_DEACTIVATED);
    hands_code_is(d, "3", "unlinked");
    hands_code_is(d, "6", "unlinked");
    assert_int_equal(d->there.mails_n, 6);
}

/* Linked again, HR's word counts: what undoing held was of the account that was not theirs. */
static void linked_again_what_was_undone_is_held_no_more(void **state) {
    struct delivers *d = *state;
    struct undone u = begin_undo(d);
    struct text *ids[] = { &u.three, &u.four, &u.six };
    const char *const people[] = { "3", "4", "6" };
    for (size_t i = 0; i < RC_LEN(ids); i++)
        hands_unlink(d, *ids[i]);
    delivers_run(d);
    for (size_t i = 0; i < RC_LEN(ids); i++)
        hands_link(d, *ids[i], people[i]);
    three_days(d);
    assert_true(undoes_shows(d, "3", "job_title", "Foreman"));
    assert_int_equal(hands_there(d, u.four)->status, ACCOUNT_DEACTIVATED);
    assert_int_equal(d->there.accounts_n, 5 + 1 + 1);
    assert_int_equal(d->there.mails_n, 6);
}

/* The account that a run had linked: undoing it was cut off. */
static struct text cut_while_let_go_of(struct delivers *d) {
    const struct undoes_cut *row = d->row;
    struct text id;
    struct run r = undoes_linked(d, &id);
    id = text_copy(&d->w->bed->a, id);
    undoes_plan(d, r.run_id);
    undoes_cut(d, row->sent ? 4 : 0);
    if (row->arrived)
        memory_platform_find(&d->there, id)->is.external_id = (struct text){ 0 };
    return id;
}

/* The account that the run had linked: it is let go of, and is nobody's whatever happens to the process. */
static void one_that_is_let_go_of_is_nobodys_and_may_be_linked_again(void **state) {
    struct delivers *d = *state;
    struct text id = cut_while_let_go_of(d);
    assert_int_equal(hands_try_link(d, id, "4", true), RC_INVALID); /* it is theirs still */
    assert_string_equal(d->err.name, "account.answer");
    delivers_run(d);
    three_days(d);
    assert_int_not_equal(hands_there(d, id)->external_id.state, TEXT_SET);
    assert_int_equal(accounts_of(d, "p4@x.org"), 1);
    hands_link(d, id, "4");
    three_days(d);
    assert_true(text_is(hands_there(d, id)->external_id, "rc:hr:4"));
    assert_int_equal(accounts_of(d, "p4@x.org"), 1);
    assert_int_equal(d->there.mails_n, 3);
}

static void unlinked_before_the_undo_goes_on_it_keeps_what_it_has(void **state) {
    struct delivers *d = *state;
    struct text id = cut_while_let_go_of(d);
    hands_unlink(d, id);
    unsigned writes = delivers_writes(d);
    delivers_run(d);
    three_days(d);
    assert_int_equal(delivers_writes(d), writes);
    assert_int_equal(accounts_of(d, "p4@x.org"), 1);
    assert_int_equal(d->there.mails_n, 3);
}

/* ---- killed once more, and something else undone ---- */

static void killed_twice_it_goes_on_all_the_same(void **state) {
    struct delivers *d = *state;
    const struct undoes_cut *row = d->row;
    struct run r = undoes_cut_off(d, row);
    struct text three = hands_id(d, "3");
    OK(effect_note_sent(d->w->bed->st, d->w->bed->company_id, r.run_id, "it was sent", &why));
    undoes_cut(d, row->sent ? 4 : 0);
    hands_unlink(d, three);
    unsigned before = calls_about(d, three);
    delivers_run(d);
    three_days(d);
    assert_int_equal(calls_about(d, three), before);
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_DEACTIVATED);
    assert_int_equal(accounts_of(d, "p6@x.org"), 1);
    assert_int_equal(d->there.mails_n, 5 + !row->arrived);
}

static void nothing_else_is_undone_before_it_has_gone_on(void **state) {
    struct delivers *d = *state;
    const struct undoes_cut *row = d->row;
    struct run r = undoes_cut_off(d, row), u;
    unsigned writes = delivers_writes(d);
    assert_int_equal(undoes_try(d, 2, &u), RC_CONFLICT);
    assert_string_equal(d->err.name, "delivery.interrupted");
    assert_int_equal(delivers_writes(d), writes);
    delivers_run(d);
    r = world_run(d->w, r.run_id);
    assert_state(&r, RUN_APPLIED);
    undoes_run(d, r.run_id);
    assert_true(undoes_shows(d, "3", "job_title", "Welder"));
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_ACTIVE);
    assert_int_equal(delivers_status(d, "6"), ACCOUNT_DEACTIVATED);
    assert_true(undoes_stays(d));
}

int main(int argc, char **argv) {
    static void (*const all[])(void **) = {
        whose_account_was_unlinked_is_not_touched,
        linked_again_it_is_as_hr_says,
        whoever_was_to_get_one_has_one_in_the_end,
        what_somebody_has_given_to_another_stays_theirs,
        what_somebody_leaves_alone_meanwhile_is_left_alone,
        an_undo_of_what_was_ended_leaves_unlinked_ones_alone,
        an_undo_that_goes_on_leaves_unlinked_ones_alone,
        linked_again_what_was_undone_is_held_no_more,
        one_that_is_let_go_of_is_nobodys_and_may_be_linked_again,
        unlinked_before_the_undo_goes_on_it_keeps_what_it_has,
        killed_twice_it_goes_on_all_the_same,
        nothing_else_is_undone_before_it_has_gone_on,
    };
    struct CMUnitTest tests[RC_LEN(all) * RC_LEN(cuts)];
    size_t n = 0;
    for (size_t i = 0; i < RC_LEN(all); i++)
        DELIVERS_ROWS(tests, n, cuts, all[i]);
    return place_run("going on", tests, n, argc, argv);
}
