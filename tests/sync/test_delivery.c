/* From the directory to a platform: what is made, linked, changed and closed, and what never is. */
#include "sync/accounts.h"
#include "tests/sync/delivers.h"

static void the_first_delivery_is_held_and_then_makes_everybody(void **state) {
    struct delivers *d = *state;
    world_begin(d->w, 5);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_HELD);
    assert_says(r.reason,
                "a first delivery has its own approval: 5 accounts would be made or linked");
    assert_int_equal(delivers_writes(d), 0);
    r = delivers_approve(d, r.run_id);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(d->there.accounts_n, 6);
    assert_int_equal(d->there.mails_n, 5);
    assert_true(text_is(delivers_shows(d, "2", "first_name"), "First2"));
    assert_true(text_is(delivers_shows(d, "2", "email"), "p2@x.org"));
    assert_true(text_is(delivers_shows(d, "2", "job_title"), "Welder"));
    assert_true(text_is(delivers_shows(d, "2", "primary_location"), "Bremen"));
    assert_true(text_is(delivers_shows(d, "2", "hire_date"), "2020-01-31"));
    /* one team for all of them, and the manager made in the same run */
    assert_int_equal(d->there.teams_n, 1);
    assert_true(text_equal(delivers_shows(d, "2", "primary_team"), d->there.teams[0].is.remote_id));
    assert_true(text_equal(delivers_shows(d, "2", "manager"), delivers_id(d, "1")));
    assert_string_equal(delivers_code(d, "2"), "in-step");
}

static void a_delivery_of_nobody_is_not_the_first_one(void **state) {
    struct delivers *d = *state;
    struct run r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
    world_begin(d->w, 2);
    r = delivers_run(d);
    assert_state(&r, RUN_HELD);
    assert_says(r.reason,
                "a first delivery has its own approval: 2 accounts would be made or linked");
}

static void nothing_changed_asks_nothing(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    unsigned calls = d->there.calls_n[MEMORY_PLATFORM_ANY];
    struct run r = delivers_run(d);
    assert_int_equal(r.run_id, 0);
    world_import(d->w);
    r = delivers_run(d);
    assert_int_equal(r.run_id, 0);
    assert_int_equal(d->there.calls_n[MEMORY_PLATFORM_ANY], calls);
}

static void a_change_is_one_call(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    unsigned writes = delivers_writes(d);
    world_put(d->w, "3", "last_name=Meyer");
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
    assert_string_equal(delivers_effects(d, r.run_id), "update 3 done\n");
    assert_int_equal(delivers_writes(d), writes + 1);
    assert_true(text_is(delivers_shows(d, "3", "last_name"), "Meyer"));
    assert_int_equal(d->there.mails_n, 5);
}

static void whoever_leaves_is_closed_and_their_reports_have_another_manager_first(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    for (int i = 2; i <= 5; i++)
        world_put(d->w, arena_printf(&d->w->bed->a, "%d", i),
                  i == 2 ? "supervisor=" : "supervisor=2");
    world_put(d->w, "1", "status=inactive");
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(delivers_status(d, "1"), ACCOUNT_DEACTIVATED);
    assert_true(text_equal(delivers_shows(d, "4", "manager"), delivers_id(d, "2")));
    /* the last call of all closes */
    assert_int_equal(d->there.requests[d->there.requests_n - 1].call, MEMORY_PLATFORM_DEACTIVATE);
    r = delivers_run(d);
    assert_int_equal(r.run_id, 0);
}

static void whoever_leaves_goes_before_all_others_unless_somebody_needs_them(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 40);
    delivers_limits(d, NULL);
    for (int i = 2; i < 40; i++)
        world_put(d->w, arena_printf(&d->w->bed->a, "%d", i), "job_title=Poet");
    world_put(d->w, "40", "status=inactive"); /* the last of all */
    world_put(d->w, "2", "supervisor=3");
    world_import(d->w);
    unsigned before = (unsigned)d->there.requests_n;
    struct run r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(delivers_status(d, "40"), ACCOUNT_DEACTIVATED);
    size_t closing = before;
    while (closing < d->there.requests_n &&
           d->there.requests[closing].call != MEMORY_PLATFORM_DEACTIVATE)
        closing++;
    size_t writes = 0;
    for (size_t i = before; i < closing; i++)
        writes += d->there.requests[i].call == MEMORY_PLATFORM_UPDATE;
    assert_int_equal(writes, 0);
}

static void who_comes_back_is_opened_with_team_and_manager(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_put(d->w, "3", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_DEACTIVATED);
    world_put(d->w, "3", "status=active");
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_ACTIVE);
    assert_true(text_equal(delivers_shows(d, "3", "manager"), delivers_id(d, "1")));
    assert_true(text_equal(delivers_shows(d, "3", "primary_team"), d->there.teams[0].is.remote_id));
    assert_int_equal(d->there.mails_n, 5);
}

static void an_account_with_the_address_is_linked_and_not_made_again(void **state) {
    struct delivers *d = *state;
    struct text id = memory_platform_put(
        &d->there, (const char *const[]){ "first_name=First2", "last_name=Last2", "email=P2@X.org",
                                          "role=curator", "mail=sent", NULL });
    delivers_begin(d, 3);
    assert_string_equal(delivers_code(d, "2"), "in-step");
    assert_true(text_equal(delivers_id(d, "2"), id));
    assert_int_equal(d->there.accounts_n, 4);
    assert_int_equal(memory_platform_mails_to(&d->there, id), 0);
    assert_true(text_is(memory_platform_find(&d->there, id)->is.role, "curator"));
}

static void strangers_are_never_touched(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    for (int i = 1; i <= 5; i++)
        world_put(d->w, arena_printf(&d->w->bed->a, "%d", i), "job_title=Foreman");
    world_import(d->w);
    delivers_run(d);
    for (size_t i = 0; i < d->there.requests_n; i++)
        if (d->there.requests[i].call >= MEMORY_PLATFORM_CREATE)
            assert_null(memmem(d->there.requests[i].text.ptr, d->there.requests[i].text.len,
                               "owner@elsewhere.org", 19));
    assert_true(text_is(memory_platform_field(&d->there, d->owner, "first_name"), "Olga"));
}

static void a_deleted_account_is_not_made_again_unasked(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    memory_platform_find(&d->there, delivers_id(d, "2"))->exists = false;
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "2"), "deleted-there");
    assert_int_equal(delivers_id(d, "2").state, TEXT_MISSING);
    assert_int_equal(d->there.mails_n, 3);
}

static void an_edit_by_hand_is_put_back_by_the_daily_inventory(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    memory_platform_find(&d->there, delivers_id(d, "2"))->is.fields[USER_JOB_TITLE].known =
        TEXT_LIT("King");
    delivers_day(d, 1);
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
    assert_true(text_is(delivers_shows(d, "2", "job_title"), "Welder"));
}

static void dated_effects_happen_on_their_day_though_nothing_else_does(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    world_put(d->w, "2", "termination_date=2026-09-23");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_ACTIVE);
    delivers_day(d, 2); /* the last day itself */
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_ACTIVE);
    delivers_day(d, 1);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_DEACTIVATED);
}

static void what_a_date_alone_asked_for_is_not_forgotten_when_the_run_fails(void **state) {
    struct delivers *d = *state;
    struct memory_platform_fault fault = { MEMORY_PLATFORM_DEACTIVATE, 0, RC_AUTH, NULL, false };
    delivers_begin(d, 3);
    world_put(d->w, "2", "termination_date=2026-09-23");
    world_import(d->w);
    delivers_run(d);
    delivers_day(d, 3);
    d->there.faults = &fault;
    d->there.faults_n = 1;
    delivers_fails(d, RC_AUTH);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_ACTIVE);
    d->there.faults_n = 0;
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_DEACTIVATED);
}

static void an_address_that_becomes_free_is_given_whatever_else_is_waited_for(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_put(d->w, "1", "status=inactive"); /* everybody's manager: HR is to name another */
    world_put(d->w, "4", "email=shared@x.org");
    world_put(d->w, "5", "email=shared@x.org");
    world_put(d->w, "3", "email=p4@x.org");
    world_import(d->w);
    delivers_run(d);
    assert_true(text_is(delivers_shows(d, "3", "email"), "p3@x.org"));
    world_put(d->w, "5", "email=p5@x.org");
    world_import(d->w);
    delivers_run(d);
    assert_true(text_is(delivers_shows(d, "4", "email"), "shared@x.org"));
    assert_true(text_is(delivers_shows(d, "3", "email"), "p4@x.org"));
}

/* The account of somebody who has left keeps their old address; HR has stated another one since. */
static void an_address_is_given_once_who_had_it_is_back_under_another(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    world_put(d->w, "2", "status=inactive");
    world_put(d->w, "2", "email=new2@x.org");
    world_put(d->w, "3", "email=p2@x.org");
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "3"), "email-taken");
    world_put(d->w, "2", "status=active");
    world_import(d->w);
    delivers_run(d);
    assert_true(text_is(delivers_shows(d, "2", "email"), "new2@x.org"));
    delivers_run(d);
    assert_true(text_is(delivers_shows(d, "3", "email"), "p2@x.org"));
    assert_int_equal(delivers_run(d).run_id, 0);
}

static void whose_address_somebody_leaves_behind_is_asked_about_on_the_day(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    world_put(d->w, "2", "termination_date=2026-09-23");
    world_add(d->w, "4");
    world_put(d->w, "4", "email=p2@x.org");
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "4"), "email-claimed");
    delivers_day(d, 3);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_DEACTIVATED);
    assert_string_equal(delivers_code(d, "4"), "relink-offered");
    assert_int_equal(d->there.mails_n, 3);
}

/* The old record's last day passes, and nothing about the new one changes. */
static void
an_account_goes_on_under_the_new_record_on_the_day_on_which_the_old_one_ends(void **state) {
    struct delivers *d = *state;
    delivers_policy(d, "{\"relink\":\"yes\"}");
    delivers_begin(d, 3);
    struct text id = delivers_id(d, "2");
    world_put(d->w, "2", "termination_date=2026-09-23");
    world_add(d->w, "4");
    world_put(d->w, "4", "email=p2@x.org");
    world_put(d->w, "4", "first_name=First2");
    world_put(d->w, "4", "last_name=Last2");
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "4"), "email-claimed");
    delivers_day(d, 3);
    delivers_run(d);
    delivers_run(d);
    delivers_run(d); /* about the old one, who has none: the platform is asked what day it is */
    assert_true(text_equal(delivers_id(d, "4"), id));
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_ACTIVE);
    assert_int_equal(d->there.mails_n, 3);
    assert_int_equal(delivers_run(d).run_id, 0);
}

/* It was opened and has got the new record's id, and the process died before that was written down. */
static void
an_account_whose_handing_over_was_not_written_down_goes_on_under_the_new_record(void **state) {
    struct delivers *d = *state;
    delivers_policy(d, "{\"relink\":\"yes\"}");
    delivers_begin(d, 3);
    struct text id = text_copy(&d->w->bed->a, delivers_id(d, "2"));
    world_put(d->w, "2", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_DEACTIVATED);
    world_add(d->w, "4");
    world_put(d->w, "4", "email=p2@x.org");
    world_put(d->w, "4", "first_name=First2");
    world_put(d->w, "4", "last_name=Last2");
    world_put(d->w, "4", "job_title=Cook");
    world_import(d->w);
    struct account *is = &memory_platform_find(&d->there, id)->is;
    is->status = ACCOUNT_ACTIVE;
    is->external_id = TEXT_LIT("rc:hr:4");
    delivers_day(d, 1);
    delivers_run(d);
    delivers_run(d);
    assert_true(text_equal(delivers_row(d, "4").is.remote_id, id));
    assert_true(text_is(delivers_shows(d, "4", "job_title"), "Cook"));
    assert_string_equal(delivers_code(d, "2"), "gone-without-account");
    world_put(d->w, "4", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_DEACTIVATED);
    assert_int_equal(d->there.mails_n, 3);
}

static void a_manager_who_comes_back_is_the_manager_again(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_put(d->w, "2", "status=inactive");
    world_put(d->w, "4", "supervisor=2");
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "4"), "manager-gone");
    world_put(d->w, "2", "status=active");
    world_import(d->w);
    delivers_run(d);
    assert_true(text_equal(delivers_shows(d, "4", "manager"), delivers_id(d, "2")));
    assert_int_equal(delivers_run(d).run_id, 0);
}

/* Closing hands their reports to somebody else there, and opening does not hand them back. */
static void a_manager_who_comes_back_gets_the_reports_again_that_closing_took(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_put(d->w, "4", "supervisor=2");
    world_put(d->w, "5", "supervisor=2");
    world_import(d->w);
    delivers_run(d);
    world_put(d->w, "2", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    assert_true(text_equal(delivers_shows(d, "4", "manager"), d->owner));
    assert_string_equal(delivers_code(d, "4"), "manager-gone");
    unsigned writes = delivers_writes(d);
    assert_int_equal(delivers_run(d).run_id, 0);
    world_put(d->w, "2", "status=active");
    world_import(d->w);
    struct run r = delivers_preview(d, 0);
    r = delivers_approve(d, r.run_id);
    assert_string_equal(delivers_effects(d, r.run_id),
                        "reactivate 2 done\nupdate+ 4 done\nupdate+ 5 done\n");
    assert_true(text_equal(delivers_shows(d, "4", "manager"), delivers_id(d, "2")));
    assert_true(text_equal(delivers_shows(d, "5", "manager"), delivers_id(d, "2")));
    assert_int_equal(delivers_writes(d), writes + 4); /* opened, given again, and two reports */
    assert_int_equal(delivers_run(d).run_id, 0);
}

/* Of another HR system, which feeds another platform or none, and read before this one. */
static void
an_address_that_others_state_elsewhere_keeps_nobody_from_being_decided_about(void **state) {
    struct delivers *d = *state;
    struct bed *b = d->w->bed;
    struct integration hr = b->in;
    b->in = bed_integration(b, b->company_id, "contractors");
    world_begin(d->w, 4); /* with the same addresses */
    d->w->hr.people_n = 0;
    b->in = hr;
    delivers_begin(d, 3);
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_ACTIVE);
    world_add(d->w, "4");
    world_put(d->w, "3", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_DEACTIVATED);
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_ACTIVE);
}

/* A date has closed the old record's account, HR's status of it is not inactive yet, and HR is read again. */
static void who_is_past_the_end_keeps_no_address_from_the_new_record(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    world_put(d->w, "3", "termination_date=2026-09-23");
    world_import(d->w);
    delivers_day(d, 3);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_DEACTIVATED);
    world_add(d->w, "4");
    world_put(d->w, "4", "email=p3@x.org");
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "4"), "relink-offered");
}

/* Not by us: somebody had closed it on the platform, which handed the reports to the owner. */
static void a_manager_whom_a_person_has_opened_again_gets_the_reports_in_that_run(void **state) {
    struct delivers *d = *state;
    struct platform p;
    delivers_begin(d, 3);
    struct text boss = text_copy(&d->w->bed->a, delivers_id(d, "1"));
    memory_platform_find(&d->there, boss)->is.status = ACCOUNT_DEACTIVATED;
    memory_platform_find(&d->there, delivers_id(d, "2"))->is.fields[USER_MANAGER].known = d->owner;
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "1"), "deactivated-by-hand");
    assert_string_equal(delivers_code(d, "2"), "not-available");
    OK(platform_get(d->w->bed->st, d->w->bed->company_id, d->destination_id, NULL, &d->w->bed->a,
                    &p, &why));
    const struct accounts_context x = { d->w->bed->st, d->w->bed->key, &d->w->company, &p,
                                        &d->w->clock,  "a test" };
    OK(accounts_resolve(&x, delivers_row(d, "1").is.user_id, ACCOUNTS_APPROVE, NULL, &why));
    struct run r = delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "reactivate 1 done\nupdate+ 2 done\n");
    assert_true(text_equal(delivers_shows(d, "2", "manager"), boss));
    assert_int_equal(delivers_run(d).run_id, 0);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        DELIVERS_TEST(an_address_that_others_state_elsewhere_keeps_nobody_from_being_decided_about),
        DELIVERS_TEST(the_first_delivery_is_held_and_then_makes_everybody),
        DELIVERS_TEST(a_delivery_of_nobody_is_not_the_first_one),
        DELIVERS_TEST(nothing_changed_asks_nothing),
        DELIVERS_TEST(a_change_is_one_call),
        DELIVERS_TEST(whoever_leaves_is_closed_and_their_reports_have_another_manager_first),
        DELIVERS_TEST(whoever_leaves_goes_before_all_others_unless_somebody_needs_them),
        DELIVERS_TEST(who_comes_back_is_opened_with_team_and_manager),
        DELIVERS_TEST(an_account_with_the_address_is_linked_and_not_made_again),
        DELIVERS_TEST(strangers_are_never_touched),
        DELIVERS_TEST(a_deleted_account_is_not_made_again_unasked),
        DELIVERS_TEST(an_edit_by_hand_is_put_back_by_the_daily_inventory),
        DELIVERS_TEST(dated_effects_happen_on_their_day_though_nothing_else_does),
        DELIVERS_TEST(what_a_date_alone_asked_for_is_not_forgotten_when_the_run_fails),
        DELIVERS_TEST(an_address_that_becomes_free_is_given_whatever_else_is_waited_for),
        DELIVERS_TEST(an_address_is_given_once_who_had_it_is_back_under_another),
        DELIVERS_TEST(whose_address_somebody_leaves_behind_is_asked_about_on_the_day),
        DELIVERS_TEST(an_account_goes_on_under_the_new_record_on_the_day_on_which_the_old_one_ends),
        DELIVERS_TEST(
            an_account_whose_handing_over_was_not_written_down_goes_on_under_the_new_record),
        DELIVERS_TEST(who_is_past_the_end_keeps_no_address_from_the_new_record),
        DELIVERS_TEST(a_manager_who_comes_back_is_the_manager_again),
        DELIVERS_TEST(a_manager_who_comes_back_gets_the_reports_again_that_closing_took),
        DELIVERS_TEST(a_manager_whom_a_person_has_opened_again_gets_the_reports_in_that_run),
    };
    return place_run("delivery", tests, RC_LEN(tests), argc, argv);
}
