/* From the directory to a platform: what is made, linked, changed and closed, and what never is. */
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

static void a_preview_sends_nothing_and_approving_it_makes_those_calls(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    unsigned writes = delivers_writes(d);
    world_put(d->w, "3", "last_name=Meyer");
    world_add(d->w, "6");
    world_import(d->w);
    struct run r = delivers_preview(d, 0);
    assert_state(&r, RUN_PREVIEWED);
    assert_int_equal(delivers_writes(d), writes);
    char *planned = delivers_effects(d, r.run_id);
    assert_string_equal(planned, "update 3 planned\ncreate 6 planned\n");
    r = delivers_approve(d, r.run_id);
    assert_state(&r, RUN_APPLIED);
    assert_string_equal(delivers_effects(d, r.run_id), "update 3 done\ncreate 6 done\n");
    assert_int_equal(delivers_writes(d), writes + 2);
}

static void what_has_changed_since_is_left_out_of_an_approved_preview(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_put(d->w, "3", "last_name=Meyer");
    world_put(d->w, "4", "last_name=Schulz");
    world_import(d->w);
    struct run r = delivers_preview(d, 0);
    world_put(d->w, "3", "last_name=Meier");
    world_import(d->w);
    r = delivers_approve(d, r.run_id);
    assert_string_equal(delivers_effects(d, r.run_id), "update 3 dropped\nupdate 4 done\n");
    assert_true(text_is(delivers_shows(d, "3", "last_name"), "Last3"));
    delivers_run(d);
    assert_true(text_is(delivers_shows(d, "3", "last_name"), "Meier"));
}

static void a_preview_over_a_previewed_import_shows_what_both_would_do(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    unsigned writes = delivers_writes(d);
    world_put(d->w, "3", "last_name=Meyer");
    world_add(d->w, "6");
    world_put(d->w, "5", "status=inactive");
    struct run import = world_preview(d->w);
    char *before = world_directory(d->w);
    struct run r = delivers_preview(d, import.run_id);
    assert_state(&r, RUN_PREVIEWED);
    assert_string_equal(world_directory(d->w), before);
    assert_string_equal(delivers_effects(d, r.run_id),
                        "update 3 planned\ndeactivate 5 planned\ncreate 6 planned\n");
    assert_int_equal(delivers_writes(d), writes);
    r = delivers_approve(d, r.run_id);
    assert_state(&r, RUN_APPLIED);
    assert_string_equal(delivers_effects(d, r.run_id),
                        "update 3 done\ndeactivate 5 done\ncreate 6 done\n");
    assert_int_equal(delivers_writes(d), writes + 3);
    assert_string_equal(world_lifecycle(d->w, "5"), "left");
}

static void a_rejected_delivery_sends_nothing_and_the_next_one_asks_again(void **state) {
    struct delivers *d = *state;
    world_begin(d->w, 3);
    struct run r = delivers_run(d);
    r = delivers_reject(d, r.run_id);
    assert_state(&r, RUN_REJECTED);
    assert_int_equal(delivers_writes(d), 0);
    r = delivers_run(d);
    assert_state(&r, RUN_HELD);
}

static void the_same_plan_keeps_the_hold_and_another_supersedes_it(void **state) {
    struct delivers *d = *state;
    world_begin(d->w, 3);
    struct run first = delivers_run(d), second = delivers_run(d);
    assert_state(&second, RUN_SUPERSEDED);
    assert_int_equal(second.other_run_id, first.run_id);
    world_put(d->w, "2", "last_name=Meyer");
    world_import(d->w);
    struct run third = delivers_run(d);
    assert_state(&third, RUN_HELD);
    first = world_run(d->w, first.run_id);
    assert_state(&first, RUN_SUPERSEDED);
    assert_int_equal(first.other_run_id, third.run_id);
}

static void one_refusal_stops_nobody_else(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    d->there.refuses = "Forbidden";
    world_put(d->w, "2", "job_title=Forbidden");
    world_put(d->w, "3", "job_title=Foreman");
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
    assert_true(text_is(delivers_shows(d, "2", "job_title"), "Welder"));
    assert_true(text_is(delivers_shows(d, "3", "job_title"), "Foreman"));
    /* and it is not tried again until HR states another value */
    unsigned writes = delivers_writes(d);
    r = delivers_run(d);
    assert_int_equal(delivers_writes(d), writes);
    world_put(d->w, "2", "job_title=Foreman");
    world_import(d->w);
    delivers_run(d);
    assert_true(text_is(delivers_shows(d, "2", "job_title"), "Foreman"));
}

/* ---- lost answers and dead processes ---- */

static const struct lost_row {
    const char *name;
    struct memory_platform_fault fault;
} lost_rows[] = {
    { "a lost answer to a create: one account, one mail",
      { MEMORY_PLATFORM_CREATE, 1, RC_UNSURE, NULL, true } },
    { "a create that never arrived is repeated",
      { MEMORY_PLATFORM_CREATE, 1, RC_UNSURE, NULL, false } },
    { "a lost answer to an update", { MEMORY_PLATFORM_UPDATE, 1, RC_UNSURE, NULL, true } },
    { "an update that never arrived", { MEMORY_PLATFORM_UPDATE, 1, RC_UNSURE, NULL, false } },
    { "a lost answer to a deactivation", { MEMORY_PLATFORM_DEACTIVATE, 1, RC_UNSURE, NULL, true } },
};

static void a_lost_answer_is_looked_up(void **state) {
    struct delivers *d = *state;
    const struct lost_row *row = d->row;
    struct memory_platform_fault fault = row->fault;
    delivers_begin(d, 4);
    fault.nth += d->there.calls_n[fault.call];
    d->there.faults = &fault;
    d->there.faults_n = 1;
    world_put(d->w, "2", "last_name=Meyer");
    world_put(d->w, "3", "status=inactive");
    world_add(d->w, "5");
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(d->there.accounts_n, 6);
    assert_int_equal(d->there.mails_n, 5);
    assert_int_equal(memory_platform_mails_to(&d->there, delivers_id(d, "5")), 1);
    assert_true(text_is(delivers_shows(d, "2", "last_name"), "Meyer"));
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_DEACTIVATED);
    assert_int_equal(delivers_run(d).run_id, 0);
}

static void a_platform_that_does_not_answer_ends_the_run_and_the_next_catches_up(void **state) {
    struct delivers *d = *state;
    struct memory_platform_fault fault = { MEMORY_PLATFORM_CREATE, 0, RC_RETRY, NULL, false };
    delivers_begin(d, 3);
    d->there.faults = &fault;
    d->there.faults_n = 1;
    for (int i = 4; i <= 30; i++)
        world_add(d->w, arena_printf(&d->w->bed->a, "%d", i));
    world_import(d->w);
    struct run r = delivers_fails(d, RC_RETRY);
    assert_state(&r, RUN_FAILED);
    d->there.faults_n = 0;
    r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(d->there.accounts_n, 31);
    assert_int_equal(d->there.mails_n, 30);
}

/* Refused in a row for one cause: the platform is left alone, and tried again with growing pauses. */
static void after_refusals_for_one_cause_it_is_tried_again_and_gone_on_with(void **state) {
    struct delivers *d = *state;
    struct memory_platform_fault faults[25];
    delivers_begin(d, 3);
    for (unsigned i = 0; i < RC_LEN(faults); i++)
        faults[i] =
            (struct memory_platform_fault){ MEMORY_PLATFORM_CREATE,
                                            d->there.calls_n[MEMORY_PLATFORM_CREATE] + i + 1,
                                            RC_INVALID, NULL, false };
    d->there.faults = faults;
    d->there.faults_n = RC_LEN(faults);
    for (int i = 4; i <= 40; i++)
        world_add(d->w, arena_printf(&d->w->bed->a, "%d", i));
    world_import(d->w);
    int64_t slept_us = d->w->fake.slept_us;
    struct run r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
    slept_us = d->w->fake.slept_us - slept_us;
    assert_in_range(slept_us, 1000000, 63000000); /* those that were out already count as one */
    assert_int_equal(d->there.accounts_n, 40 + 1 - 25);
    delivers_run(d);
    assert_int_equal(d->there.accounts_n, 40 + 1);
    assert_int_equal(d->there.mails_n, 40);
}

static void a_refused_credential_stops_everything_at_once(void **state) {
    struct delivers *d = *state;
    struct memory_platform_fault fault = { MEMORY_PLATFORM_UPDATE, 0, RC_AUTH, NULL, false };
    delivers_begin(d, 8);
    d->there.faults = &fault;
    d->there.faults_n = 1;
    unsigned before = d->there.calls_n[MEMORY_PLATFORM_UPDATE];
    for (int i = 1; i <= 8; i++)
        world_put(d->w, arena_printf(&d->w->bed->a, "%d", i), "job_title=Foreman");
    world_import(d->w);
    struct run r = delivers_fails(d, RC_AUTH);
    assert_state(&r, RUN_FAILED);
    assert_in_range(d->there.calls_n[MEMORY_PLATFORM_UPDATE] - before, 1, 8);
    d->there.faults_n = 0;
    delivers_run(d);
    assert_true(text_is(delivers_shows(d, "8", "job_title"), "Foreman"));
}

static void an_incomplete_inventory_makes_and_closes_nothing(void **state) {
    struct delivers *d = *state;
    world_begin(d->w, 3);
    d->there.total_scripted = true;
    d->there.total = 77;
    struct run r = delivers_fails(d, RC_RETRY);
    assert_state(&r, RUN_FAILED);
    assert_int_equal(delivers_writes(d), 0);
    d->there.total_scripted = false;
    r = delivers_run(d);
    assert_state(&r, RUN_HELD);
}

static struct memory_platform_account *there_of(struct delivers *d, const char *person) {
    return memory_platform_find(&d->there, delivers_id(d, person));
}

static void an_empty_list_is_not_believed_whatever_it_declares(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 70);
    for (size_t i = 0; i < d->there.accounts_n; i++)
        d->there.accounts[i].unlisted = true;
    delivers_day(d, 1);
    delivers_fails(d, RC_RETRY);
    assert_in_range(d->there.calls_n[MEMORY_PLATFORM_FIND], 20, 60); /* not one for each account */
    for (size_t i = 0; i < d->there.accounts_n; i++)
        d->there.accounts[i].unlisted = false;
    world_put(d->w, "2", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_DEACTIVATED);
    assert_string_equal(delivers_code(d, "3"), "in-step");
}

/* The list adds up, and lacks two who are there: asked for by id, they are treated like the others. */
static void who_a_list_lacks_is_asked_for(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    unsigned teams = d->there.calls_n[MEMORY_PLATFORM_TEAM_CREATE];
    there_of(d, "2")->unlisted = there_of(d, "3")->unlisted = true;
    for (size_t i = 0; i < d->there.teams_n; i++)
        d->there.teams[i].unlisted = true;
    there_of(d, "4")->exists = false; /* by hand */
    world_put(d->w, "2", "status=inactive");
    world_import(d->w);
    delivers_day(d, 1);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_DEACTIVATED);
    assert_string_equal(delivers_code(d, "3"), "in-step");
    assert_string_equal(delivers_code(d, "4"), "deleted-there");
    assert_int_equal(d->there.calls_n[MEMORY_PLATFORM_TEAM_CREATE], teams);
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

/* Nothing is heard any more: whether it was made nobody knows. */
static void after_a_creation_in_doubt_the_next_delivery_looks_before_it_repeats(void **state) {
    struct delivers *d = *state;
    struct memory_platform_fault faults[] = {
        { MEMORY_PLATFORM_CREATE, 0, RC_UNSURE, NULL, true },
        { MEMORY_PLATFORM_FIND, 3, RC_RETRY, NULL, false }, /* the third: behind the creation */
    };
    delivers_begin(d, 3);
    faults[1].nth += d->there.calls_n[MEMORY_PLATFORM_FIND];
    d->there.faults = faults;
    d->there.faults_n = RC_LEN(faults);
    world_add(d->w, "4");
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "create 4 unsure\n");
    d->there.faults_n = 0;
    world_put(d->w, "4", "job_title=Foreman");
    world_import(d->w);
    unsigned creates = d->there.calls_n[MEMORY_PLATFORM_CREATE];
    delivers_run(d);
    delivers_run(d); /* it shows what was sent first: the new value follows */
    assert_int_equal(d->there.calls_n[MEMORY_PLATFORM_CREATE], creates);
    assert_true(text_is(delivers_shows(d, "4", "job_title"), "Foreman"));
    assert_int_equal(memory_platform_mails_to(&d->there, delivers_id(d, "4")), 1);
    assert_string_equal(delivers_code(d, "4"), "in-step");
}

static void an_address_taken_since_the_inventory_is_looked_up_and_told(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    memory_platform_put(&d->there, (const char *const[]){ "first_name=Some", "last_name=Body",
                                                          "email=taken@x.org", NULL });
    world_put(d->w, "2", "email=taken@x.org");
    world_put(d->w, "2", "job_title=Foreman");
    world_import(d->w);
    delivers_run(d);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "2"), "email-taken");
    assert_true(text_is(delivers_shows(d, "2", "email"), "p2@x.org"));
    assert_true(text_is(delivers_shows(d, "2", "job_title"), "Foreman"));
}

static void a_refusal_to_reactivate_is_no_refusal_of_values(void **state) {
    struct delivers *d = *state;
    struct memory_platform_fault fault = { MEMORY_PLATFORM_REACTIVATE, 0, RC_INVALID,
                                           "destination.refused", false };
    delivers_begin(d, 3);
    world_put(d->w, "2", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    d->there.faults = &fault;
    d->there.faults_n = 1;
    world_put(d->w, "2", "status=active");
    world_put(d->w, "2", "job_title=Foreman");
    world_import(d->w);
    delivers_run(d);
    d->there.faults_n = 0;
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_ACTIVE);
    assert_true(text_is(delivers_shows(d, "2", "job_title"), "Foreman"));
}

static void whoever_is_gone_is_closed_although_nobody_can_be_made(void **state) {
    struct delivers *d = *state;
    struct memory_platform_fault fault = { MEMORY_PLATFORM_CREATE, 0, RC_INVALID,
                                           "destination.refused", false };
    delivers_begin(d, 3);
    d->there.faults = &fault;
    d->there.faults_n = 1;
    for (int i = 4; i < 40; i++)
        world_add(d->w, arena_printf(&d->w->bed->a, "%d", i));
    world_put(d->w, "2", "status=inactive");
    world_import(d->w);
    struct run r = delivers_fails(d, RC_INVALID);
    assert_state(&r, RUN_FAILED);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_DEACTIVATED);
}

static void a_team_that_somebody_made_since_is_not_made_twice_by_an_approval(void **state) {
    struct delivers *d = *state;
    world_begin(d->w, 3);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_HELD);
    struct text hand = memory_platform_put_team(&d->there, "Dock", NULL);
    delivers_approve(d, r.run_id);
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 1);
    assert_true(text_equal(delivers_shows(d, "2", "primary_team"), hand));
}

static void no_date_counts_while_the_clocks_are_apart_inventory_or_not(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    world_put(d->w, "2", "termination_date=2026-09-23");
    world_import(d->w);
    delivers_run(d);
    d->there.clock_apart_s = -86400;
    delivers_day(d, 3); /* an inventory is due as well */
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_ACTIVE);
    assert_string_equal(delivers_code(d, "2"), "clock-in-doubt");
    d->there.clock_apart_s = 1;
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_DEACTIVATED);
}

static void what_a_date_alone_asked_for_is_not_forgotten_when_the_run_fails(void **state) {
    struct delivers *d = *state;
    struct memory_platform_fault fault = { MEMORY_PLATFORM_UPDATE, 0, RC_AUTH, NULL, false };
    delivers_begin(d, 3);
    world_put(d->w, "2", "termination_date=2026-09-23");
    world_import(d->w);
    delivers_run(d);
    delivers_day(d, 3);
    memory_platform_find(&d->there, delivers_id(d, "3"))->is.fields[USER_JOB_TITLE].known =
        TEXT_LIT("King");
    d->there.faults = &fault;
    d->there.faults_n = 1;
    delivers_fails(d, RC_AUTH); /* before the leavers' turn */
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

static void an_answer_that_nobody_can_read_is_no_refusal_of_values(void **state) {
    struct delivers *d = *state;
    struct memory_platform_fault fault = { MEMORY_PLATFORM_UPDATE, 1, RC_INVALID,
                                           "destination.answer", false };
    delivers_begin(d, 3);
    world_put(d->w, "2", "job_title=Foreman");
    world_import(d->w);
    fault.nth = d->there.calls_n[MEMORY_PLATFORM_UPDATE] + 1;
    d->there.faults = &fault;
    d->there.faults_n = 1;
    delivers_fails(d, RC_INVALID);
    delivers_run(d);
    assert_true(text_is(delivers_shows(d, "2", "job_title"), "Foreman"));
}

/* A last day passes that HR has taken back meanwhile, in an import that somebody has yet to look at. */
static void nobody_is_closed_who_works_by_an_import_that_is_held(void **state) {
    struct delivers *d = *state;
    struct run held;
    struct run r;
    delivers_begin(d, 3);
    world_put(d->w, "2", "termination_date=2026-09-23");
    world_import(d->w);
    delivers_run(d);
    world_put(d->w, "2", "termination_date=");
    world_put(d->w, "3", "last_name=Meyer");
    world_limits(d->w, "{\"name\":{\"run\":[0,0]}}");
    held = world_import(d->w);
    assert_state(&held, RUN_HELD);
    delivers_day(d, 3);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "2"), "held-otherwise");
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_ACTIVE);
    OK(import_reject(d->w->bed->st, &d->w->company, held.run_id, "mira", "no", &d->w->clock,
                     &d->w->bed->a, &r, &why));
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_DEACTIVATED);
}

static void many_leavers_are_held_whole(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 40);
    delivers_limits(d, NULL);
    for (int i = 2; i <= 21; i++)
        world_put(d->w, arena_printf(&d->w->bed->a, "%d", i), "status=inactive");
    world_put(d->w, "30", "last_name=Meyer");
    unsigned writes = delivers_writes(d);
    world_import(d->w); /* its own limits are off */
    struct run r = delivers_run(d);
    assert_state(&r, RUN_HELD);
    assert_says(r.reason, "20 people leaving");
    assert_int_equal(delivers_writes(d), writes);
    r = delivers_approve(d, r.run_id);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(delivers_status(d, "21"), ACCOUNT_DEACTIVATED);
    /* what a person approved does not count: the next leaver passes */
    world_put(d->w, "31", "status=inactive");
    world_import(d->w);
    r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[64] = {
        DELIVERS_TEST(the_first_delivery_is_held_and_then_makes_everybody),
        DELIVERS_TEST(a_delivery_of_nobody_is_not_the_first_one),
        DELIVERS_TEST(nothing_changed_asks_nothing),
        DELIVERS_TEST(a_change_is_one_call),
        DELIVERS_TEST(whoever_leaves_is_closed_and_their_reports_have_another_manager_first),
        DELIVERS_TEST(who_comes_back_is_opened_with_team_and_manager),
        DELIVERS_TEST(an_account_with_the_address_is_linked_and_not_made_again),
        DELIVERS_TEST(strangers_are_never_touched),
        DELIVERS_TEST(a_preview_sends_nothing_and_approving_it_makes_those_calls),
        DELIVERS_TEST(what_has_changed_since_is_left_out_of_an_approved_preview),
        DELIVERS_TEST(a_preview_over_a_previewed_import_shows_what_both_would_do),
        DELIVERS_TEST(a_rejected_delivery_sends_nothing_and_the_next_one_asks_again),
        DELIVERS_TEST(the_same_plan_keeps_the_hold_and_another_supersedes_it),
        DELIVERS_TEST(one_refusal_stops_nobody_else),
        DELIVERS_TEST(a_platform_that_does_not_answer_ends_the_run_and_the_next_catches_up),
        DELIVERS_TEST(after_refusals_for_one_cause_it_is_tried_again_and_gone_on_with),
        DELIVERS_TEST(a_refused_credential_stops_everything_at_once),
        DELIVERS_TEST(an_incomplete_inventory_makes_and_closes_nothing),
        DELIVERS_TEST(an_empty_list_is_not_believed_whatever_it_declares),
        DELIVERS_TEST(who_a_list_lacks_is_asked_for),
        DELIVERS_TEST(a_deleted_account_is_not_made_again_unasked),
        DELIVERS_TEST(an_edit_by_hand_is_put_back_by_the_daily_inventory),
        DELIVERS_TEST(dated_effects_happen_on_their_day_though_nothing_else_does),
        DELIVERS_TEST(after_a_creation_in_doubt_the_next_delivery_looks_before_it_repeats),
        DELIVERS_TEST(an_address_taken_since_the_inventory_is_looked_up_and_told),
        DELIVERS_TEST(a_refusal_to_reactivate_is_no_refusal_of_values),
        DELIVERS_TEST(whoever_is_gone_is_closed_although_nobody_can_be_made),
        DELIVERS_TEST(a_team_that_somebody_made_since_is_not_made_twice_by_an_approval),
        DELIVERS_TEST(no_date_counts_while_the_clocks_are_apart_inventory_or_not),
        DELIVERS_TEST(what_a_date_alone_asked_for_is_not_forgotten_when_the_run_fails),
        DELIVERS_TEST(an_address_that_becomes_free_is_given_whatever_else_is_waited_for),
        DELIVERS_TEST(a_manager_who_comes_back_is_the_manager_again),
        DELIVERS_TEST(many_leavers_are_held_whole),
        DELIVERS_TEST(an_answer_that_nobody_can_read_is_no_refusal_of_values),
        DELIVERS_TEST(nobody_is_closed_who_works_by_an_import_that_is_held),
    };
    size_t n = 35;
    DELIVERS_ROWS(tests, n, lost_rows, a_lost_answer_is_looked_up);
    return place_run("delivery", tests, n, argc, argv);
}
