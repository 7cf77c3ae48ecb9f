/* From the directory to a platform: what is made, linked, changed and closed, and what never is. */
#include "tests/sync/delivers.h"
#include "sync/accounts.h"
#include "sync/steps.h"

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

/* Who waits for an account made in the same run is somebody who changes, and counts once. */
static void whoever_waits_for_somebody_made_in_the_run_counts_as_one_who_changes(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    world_add(d->w, "5");
    world_put(d->w, "3", "supervisor=5");
    world_put(d->w, "4", "supervisor=5");
    world_put(d->w, "4", "last_name=Meyer");
    world_import(d->w);
    struct run r = delivers_preview(d, 0);
    assert_string_equal(
        delivers_effects(d, r.run_id),
        "update+ 3 planned\nupdate 4 planned\nupdate+ 4 planned\ncreate 5 planned\n");
    assert_int_equal(r.counts.joiners, 1);
    assert_int_equal(r.counts.changed, 2);
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

/* Everybody's team is gone there, and they are told so; what is asked about it. */
static struct team_lost lose_team(struct delivers *d, struct platform *p) {
    struct bed *b = d->w->bed;
    struct team_lost *lost;
    size_t n;
    delivers_begin(d, 3);
    d->there.teams[0].exists = false;
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "2"), "team-deleted-there");
    OK(platform_get(b->st, b->company_id, d->destination_id, b->key, &b->a, p, &why));
    OK(accounts_lost_teams(b->st, p, &b->a, &lost, &n, &why));
    assert_int_equal(n, 1);
    assert_true(text_is(lost->is.name, "Dock"));
    assert_int_equal(lost->people_n, 3);
    return *lost;
}

static size_t lost_n(struct delivers *d, const struct platform *p) {
    struct team_lost *lost;
    size_t n;
    OK(accounts_lost_teams(d->w->bed->st, p, &d->w->bed->a, &lost, &n, &why));
    return n;
}

static struct accounts_context by_hand(struct delivers *d, const struct platform *p) {
    return (struct accounts_context){ d->w->bed->st, d->w->bed->key, &d->w->company, p,
                                      &d->w->clock,  "ann" };
}

static void is_quiet(struct delivers *d) {
    unsigned writes = delivers_writes(d);
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(delivers_writes(d), writes);
}

static void a_deleted_team_is_made_again_when_somebody_says_so(void **state) {
    struct delivers *d = *state;
    struct platform p;
    struct team_lost lost = lose_team(d, &p);
    struct accounts_context x = by_hand(d, &p);
    is_quiet(d);
    assert_int_equal(accounts_resolve_team(&x, lost.is.team_id, ACCOUNTS_LINK, &why), RC_INVALID);
    assert_string_equal(why.name, "account.answer");
    OK(accounts_resolve_team(&x, lost.is.team_id, ACCOUNTS_CREATE, &why));
    assert_int_equal(lost_n(d, &p), 0);
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 2);
    for (int i = 1; i <= 3; i++)
        assert_true(text_equal(delivers_shows(d,
                                              i == 1   ? "1"
                                              : i == 2 ? "2"
                                                       : "3",
                                              "primary_team"),
                               d->there.teams[1].is.remote_id));
    is_quiet(d);
    assert_int_equal(accounts_resolve_team(&x, lost.is.team_id, ACCOUNTS_CREATE, &why), RC_INVALID);
    /* The word is used up. */
    d->there.teams[1].exists = false;
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 2);
    assert_int_equal(lost_n(d, &p), 1);
}

static void a_team_whose_making_again_got_lost_is_not_made_twice(void **state) {
    struct delivers *d = *state;
    struct memory_platform_fault fault = { MEMORY_PLATFORM_TEAM_CREATE, 0, RC_UNSURE, NULL, true };
    struct platform p;
    struct team_lost lost = lose_team(d, &p);
    struct accounts_context x = by_hand(d, &p);
    OK(accounts_resolve_team(&x, lost.is.team_id, ACCOUNTS_APPROVE, &why));
    d->there.faults = &fault;
    d->there.faults_n = 1;
    delivers_run(d);
    d->there.faults_n = 0;
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 2);
    assert_true(text_equal(delivers_shows(d, "2", "primary_team"), d->there.teams[1].is.remote_id));
    is_quiet(d);
}

static void a_deleted_team_stays_so_when_somebody_says_no(void **state) {
    struct delivers *d = *state;
    struct platform p;
    struct team_lost lost = lose_team(d, &p);
    struct accounts_context x = by_hand(d, &p);
    OK(accounts_resolve_team(&x, lost.is.team_id, ACCOUNTS_IGNORE, &why));
    assert_int_equal(lost_n(d, &p), 0);
    is_quiet(d);
    assert_int_equal(d->there.teams_n, 1);
    assert_int_equal(lost_n(d, &p), 0);
    OK(accounts_resolve_team(&x, lost.is.team_id, ACCOUNTS_APPROVE, &why)); /* after all */
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 2);
}

static void one_made_by_hand_takes_the_place_of_a_deleted_team(void **state) {
    struct delivers *d = *state;
    struct platform p;
    lose_team(d, &p);
    world_put(d->w, "3", "email=p2@x.org"); /* waits for something else besides */
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "3"), "email-claimed");
    struct text hand = memory_platform_put_team(&d->there, "Dock", NULL);
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 2);
    assert_true(text_equal(delivers_shows(d, "1", "primary_team"), hand));
    delivers_run(d);
    assert_true(text_equal(delivers_shows(d, "3", "primary_team"), hand));
    assert_int_equal(lost_n(d, &p), 0);
    is_quiet(d);
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
    assert_true(text_equal(delivers_id(d, "4"), id));
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_ACTIVE);
    assert_int_equal(d->there.mails_n, 3);
    assert_int_equal(delivers_run(d).run_id, 0);
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

/* As for a round of hints. */
static bool is_asked(struct delivers *d) {
    struct world *w = d->w;
    bool asked = false;
    struct steps s = { .st = w->bed->st,
                       .key = w->bed->key,
                       .clock = &w->clock,
                       .arena = &w->bed->a,
                       .company = &w->company,
                       .in = &w->bed->in,
                       .few = true };
    OK(steps_begin(&s, &why));
    assert_true(steps_next(&s));
    OK(steps_is_asked(&s, &asked, &why));
    w->fake.now_us += 60000000;
    return asked;
}

/* Who joins with a manager who joins has another manager than before no more than who joins alone. */
static void the_manager_of_who_joins_is_no_change_of_manager(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    delivers_limits(d, "{\"manager\":{\"run\":[0,0],\"24h\":[0,0],\"30d\":[0,0]}}");
    world_add(d->w, "6");
    world_add(d->w, "7");
    world_put(d->w, "7", "supervisor=6");
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.classes[CHANGE_JOINS], 2);
    assert_int_equal(r.counts.classes[CHANGE_MANAGER], 0);
    assert_true(text_equal(delivers_shows(d, "7", "manager"), delivers_id(d, "6")));
    world_add(d->w, "8");
    world_put(d->w, "3", "supervisor=8"); /* who was there before has another one */
    world_import(d->w);
    r = delivers_run(d);
    assert_state(&r, RUN_HELD);
    assert_says(r.reason, "1 manager changes");
}

/* Rounds in which nobody is applied plan nothing, and whoever approves it finds it standing. */
static void a_held_delivery_is_not_planned_again_until_something_is_applied(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 40);
    delivers_limits(d, NULL);
    assert_false(is_asked(d));
    for (int i = 2; i <= 21; i++)
        world_put(d->w, arena_printf(&d->w->bed->a, "%d", i), "status=inactive");
    world_import(d->w);
    struct run held = delivers_run(d);
    assert_state(&held, RUN_HELD);
    assert_true(is_asked(d));
    world_import(d->w); /* whatever it brought */
    assert_false(is_asked(d));
    struct run r = delivers_run(d);
    assert_state(&r, RUN_SUPERSEDED); /* the same */
    assert_true(is_asked(d));
    world_put(d->w, "30", "last_name=Meyer");
    world_import(d->w);
    assert_false(is_asked(d)); /* also where who applied it has died since */
    r = delivers_run(d);
    assert_state(&r, RUN_HELD);
    assert_true(is_asked(d));
    delivers_approve(d, r.run_id);
    assert_false(is_asked(d));
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        DELIVERS_TEST(the_first_delivery_is_held_and_then_makes_everybody),
        DELIVERS_TEST(a_delivery_of_nobody_is_not_the_first_one),
        DELIVERS_TEST(nothing_changed_asks_nothing),
        DELIVERS_TEST(a_change_is_one_call),
        DELIVERS_TEST(whoever_leaves_is_closed_and_their_reports_have_another_manager_first),
        DELIVERS_TEST(whoever_leaves_goes_before_all_others_unless_somebody_needs_them),
        DELIVERS_TEST(who_comes_back_is_opened_with_team_and_manager),
        DELIVERS_TEST(an_account_with_the_address_is_linked_and_not_made_again),
        DELIVERS_TEST(strangers_are_never_touched),
        DELIVERS_TEST(a_preview_sends_nothing_and_approving_it_makes_those_calls),
        DELIVERS_TEST(whoever_waits_for_somebody_made_in_the_run_counts_as_one_who_changes),
        DELIVERS_TEST(what_has_changed_since_is_left_out_of_an_approved_preview),
        DELIVERS_TEST(a_preview_over_a_previewed_import_shows_what_both_would_do),
        DELIVERS_TEST(a_rejected_delivery_sends_nothing_and_the_next_one_asks_again),
        DELIVERS_TEST(the_same_plan_keeps_the_hold_and_another_supersedes_it),
        DELIVERS_TEST(a_deleted_account_is_not_made_again_unasked),
        DELIVERS_TEST(an_edit_by_hand_is_put_back_by_the_daily_inventory),
        DELIVERS_TEST(dated_effects_happen_on_their_day_though_nothing_else_does),
        DELIVERS_TEST(a_team_that_somebody_made_since_is_not_made_twice_by_an_approval),
        DELIVERS_TEST(a_deleted_team_is_made_again_when_somebody_says_so),
        DELIVERS_TEST(a_team_whose_making_again_got_lost_is_not_made_twice),
        DELIVERS_TEST(a_deleted_team_stays_so_when_somebody_says_no),
        DELIVERS_TEST(one_made_by_hand_takes_the_place_of_a_deleted_team),
        DELIVERS_TEST(what_a_date_alone_asked_for_is_not_forgotten_when_the_run_fails),
        DELIVERS_TEST(an_address_that_becomes_free_is_given_whatever_else_is_waited_for),
        DELIVERS_TEST(an_address_is_given_once_who_had_it_is_back_under_another),
        DELIVERS_TEST(whose_address_somebody_leaves_behind_is_asked_about_on_the_day),
        DELIVERS_TEST(an_account_goes_on_under_the_new_record_on_the_day_on_which_the_old_one_ends),
        DELIVERS_TEST(a_manager_who_comes_back_is_the_manager_again),
        DELIVERS_TEST(a_manager_who_comes_back_gets_the_reports_again_that_closing_took),
        DELIVERS_TEST(many_leavers_are_held_whole),
        DELIVERS_TEST(the_manager_of_who_joins_is_no_change_of_manager),
        DELIVERS_TEST(a_held_delivery_is_not_planned_again_until_something_is_applied),
        DELIVERS_TEST(nobody_is_closed_who_works_by_an_import_that_is_held),
    };
    return place_run("delivery", tests, RC_LEN(tests), argc, argv);
}
