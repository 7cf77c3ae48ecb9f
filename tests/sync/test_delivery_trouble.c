/* Deliveries to a platform that refuses, is silent, lies, or loses its answers. */
#include "sync/accounts.h"
#include "tests/sync/delivers.h"

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

/* Each of them is refused under a path of its own. */
static void refusals_of_changes_are_alike_whomever_they_are_about(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 30);
    d->there.refuses = "Forbidden";
    for (int i = 1; i <= 30; i++)
        world_put(d->w, arena_printf(&d->w->bed->a, "%d", i), "job_title=Forbidden");
    world_import(d->w);
    struct run r = delivers_fails(d, RC_INVALID);
    assert_state(&r, RUN_FAILED);
    assert_string_equal(d->err.name, "delivery.alike");
}

static void put_there(struct delivers *d, int from, int to) {
    for (int i = from; i <= to; i++)
        memory_platform_put(
            &d->there,
            (const char *const[]){ arena_printf(&d->w->bed->a, "first_name=First%d", i),
                                   arena_printf(&d->w->bed->a, "last_name=Last%d", i),
                                   arena_printf(&d->w->bed->a, "email=p%d@x.org", i), NULL });
}

static void assert_linked(struct delivers *d, int from, int to) {
    for (int i = from; i <= to; i++)
        assert_int_equal(delivers_id(d, arena_printf(&d->w->bed->a, "%d", i)).state, TEXT_SET);
    unsigned writes = delivers_writes(d);
    delivers_run(d);
    assert_int_equal(delivers_writes(d), writes);
}

static void a_platform_that_keeps_no_external_ids_is_stopped_at(void **state) {
    struct delivers *d = *state;
    struct delivery_options o = delivers_options(d);
    struct run r;
    world_begin(d->w, 40);
    put_there(d, 1, 40);
    d->there.forgets_external_ids = true;
    r = delivers_run(d);
    assert_state(&r, RUN_HELD);
    assert_int_equal(delivery_approve(d->w->bed->st, d->w->bed->key, &d->w->company, r.run_id,
                                      "it is right", &o, &d->w->bed->a, &r, &d->err),
                     RC_INVALID);
    assert_string_equal(d->err.name, "destination.external-id");
    assert_true(d->there.calls_n[MEMORY_PLATFORM_UPDATE] < 20);
    d->there.forgets_external_ids = false;
    delivers_approve(d, delivers_run(d).run_id);
    assert_linked(d, 1, 40);
}

/* It may be one account that is odd: the others are served. Where none is kept, it is given up. */
static void one_that_keeps_no_external_id_later_stops_nobody_else(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    put_there(d, 4, 40);
    delivers_day(d, 1);
    delivers_run(d);
    for (int i = 4; i <= 40; i++)
        world_add(d->w, arena_printf(&d->w->bed->a, "%d", i));
    world_put(d->w, "2", "status=inactive");
    world_import(d->w);
    d->there.forgets_external_ids = true;
    struct run r = delivers_fails(d, RC_INVALID);
    assert_state(&r, RUN_FAILED);
    assert_string_equal(d->err.name, "delivery.alike");
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_DEACTIVATED);
    d->there.forgets_external_ids = false;
    delivers_run(d);
    assert_linked(d, 4, 40);
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

/* A list lacks it, and the platform says why it is not shown: that is not to say that it is gone. */
static void who_is_kept_from_us_is_there(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    const struct memory_platform_fault fault = { MEMORY_PLATFORM_FIND,
                                                 d->there.calls_n[MEMORY_PLATFORM_FIND] + 1,
                                                 RC_INVALID, "destination.unreadable", false };
    there_of(d, "3")->unlisted = true;
    d->there.faults = &fault;
    d->there.faults_n = 1;
    world_put(d->w, "2", "status=inactive");
    world_import(d->w);
    delivers_day(d, 1);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_DEACTIVATED);
    assert_string_equal(delivers_code(d, "3"), "in-step");
}

/* Nothing is heard any more: whether it was made nobody knows. */
static void after_a_creation_in_doubt_the_next_delivery_looks_before_it_repeats(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    delivers_leave_in_doubt(d);
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

/* What was read then is said to have been read in ten days from now. */
static void live_through_a_clock_that_is_ahead(struct delivers *d) {
    d->there.clock_apart_s = -10 * 86400;
    delivers_day(d, 10);
    world_put(d->w, "3", "job_title=Foreman");
    world_import(d->w);
    delivers_run(d); /* with an inventory */
    delivers_day(d, -10);
    d->there.clock_apart_s = 0;
}

/* Else it would be fresh, and an answer to all doubts, for the ten days to come. */
static void an_inventory_dated_in_the_future_is_made_anew(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    live_through_a_clock_that_is_ahead(d);
    for (int i = 0; i < 2; i++) {
        unsigned lists = d->there.calls_n[MEMORY_PLATFORM_LIST];
        world_put(d->w, "2", i == 0 ? "job_title=Foreman" : "job_title=Poet");
        world_import(d->w);
        delivers_run(d);
        if (i == 0) /* the second time it is fresh */
            assert_true(d->there.calls_n[MEMORY_PLATFORM_LIST] > lists);
        else
            assert_int_equal(d->there.calls_n[MEMORY_PLATFORM_LIST], lists);
    }
}

static void what_was_read_in_the_future_is_no_reading_to_go_by_a_date(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    world_put(d->w, "3", "termination_date=2026-09-21");
    live_through_a_clock_that_is_ahead(d); /* HR is silent from then on */
    delivers_day(d, 5);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_ACTIVE);
    assert_string_equal(delivers_code(d, "3"), "read-too-long-ago");
    delivers_day(d, 6); /* and HR goes on calling them active */
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_DEACTIVATED);
}

static const struct courtesy_row {
    const char *name, *fault;
    bool closed;
} courtesy_rows[] = {
    { "without the right to show when they left, whoever leaves is closed", "destination.scope",
      true },
    { "with a key that is refused nothing more is tried", "destination.credentials", false },
};

static void a_courtesy_keeps_no_account_open(void **state) {
    struct delivers *d = *state;
    const struct courtesy_row *row = d->row;
    struct memory_platform_fault fault = { MEMORY_PLATFORM_UPDATE, 0, RC_AUTH, row->fault, false };
    delivers_policy(d, "{\"leave-date-field\":\"Leave date\"}");
    delivers_begin(d, 5);
    d->there.faults = &fault;
    d->there.faults_n = 1;
    for (int i = 2; i <= 3; i++) {
        const char *id = arena_printf(&d->w->bed->a, "%d", i);
        world_put(d->w, id, "status=inactive");
        world_put(d->w, id, "termination_date=2026-09-01");
    }
    world_import(d->w);
    unsigned before = d->there.calls_n[MEMORY_PLATFORM_UPDATE];
    if (row->closed) {
        struct run r = delivers_run(d);
        assert_state(&r, RUN_APPLIED);
        assert_string_equal(delivers_effects(d, r.run_id),
                            "deactivate 2 done\ndeactivate 3 done\n");
    } else {
        delivers_fails(d, RC_AUTH);
    }
    assert_true(d->there.calls_n[MEMORY_PLATFORM_UPDATE] > before);
    for (int i = 2; i <= 3; i++)
        assert_int_equal(delivers_status(d, arena_printf(&d->w->bed->a, "%d", i)),
                         row->closed ? ACCOUNT_DEACTIVATED : ACCOUNT_ACTIVE);
    unsigned writes = delivers_writes(d);
    if (row->closed)
        delivers_run(d);
    assert_int_equal(delivers_writes(d), writes);
}

static const struct moved_row {
    const char *name;
    bool refused, ignored;
} moved_rows[] = {
    { "who is moved leaves the team of before", false, false },
    { "a team that is refused is none to leave another for", true, false },
    { "nor is one that was taken and is not shown", false, true },
};

static void a_team_is_left_only_for_another(void **state) {
    struct delivers *d = *state;
    const struct moved_row *row = d->row;
    bool moves = !row->refused && !row->ignored;
    delivers_begin(d, 3);
    world_put(d->w, "2", "department=Yard#10");
    world_import(d->w);
    delivers_run(d);
    struct text yard = delivers_shows(d, "2", "primary_team"),
                dock = delivers_shows(d, "3", "primary_team");
    const char *to = arena_str(&d->w->bed->a, yard.ptr, yard.len);
    d->there.refuses = row->refused ? to : NULL;
    d->there.ignores = row->ignored ? to : NULL;
    unsigned left = d->there.calls_n[MEMORY_PLATFORM_TEAM_LEAVE];
    world_put(d->w, "3", "department=Yard#10");
    world_put(d->w, "3", "job_title=Foreman");
    world_import(d->w);
    delivers_run(d);
    assert_true(text_is(delivers_shows(d, "3", "job_title"), "Foreman"));
    assert_true(text_equal(delivers_shows(d, "3", "primary_team"), moves ? yard : dock));
    assert_int_equal(d->there.calls_n[MEMORY_PLATFORM_TEAM_LEAVE] - left, moves);
    unsigned writes = delivers_writes(d);
    delivers_run(d);
    delivers_day(d, 1);
    delivers_run(d);
    assert_int_equal(delivers_writes(d), writes);
    assert_true(text_equal(delivers_shows(d, "3", "primary_team"), moves ? yard : dock));
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

/* No seats are left, say: what is wrong is nobody's values. */
static void what_refused_everybody_alike_keeps_nobody_out_once_it_is_mended(void **state) {
    struct delivers *d = *state;
    struct memory_platform_fault fault = { MEMORY_PLATFORM_CREATE, 0, RC_INVALID,
                                           "destination.refused", false };
    delivers_begin(d, 3);
    for (int i = 4; i <= 40; i++)
        world_add(d->w, arena_printf(&d->w->bed->a, "%d", i));
    world_import(d->w);
    for (int i = 0; i < 2; i++) {
        d->there.faults = &fault;
        d->there.faults_n = 1;
        delivers_fails(d, RC_INVALID);
        assert_string_equal(d->err.name, "delivery.alike");
    }
    d->there.faults_n = 0;
    struct run r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(d->there.accounts_n, 40 + 1);
    assert_int_equal(d->there.mails_n, 40);
    assert_int_equal(delivers_run(d).run_id, 0);
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

/* What was sent is done, whoever hears of it. */
static const struct unheard_row {
    const char *name;
    bool opens; /* what was sent; HR says the opposite before the next delivery */
    bool lost;  /* twice over, and the run ended; else the process died with the call */
    bool arrived;
} unheard_rows[] = {
    { "reactivated by a process that died: whoever is gone again is closed", true, false, true },
    { "deactivated by a process that died: who works after all is let in", false, false, true },
    { "a reactivation that died with its process", true, false, false },
    { "a deactivation that died with its process", false, false, false },
    { "reactivated, and the answers lost: whoever is gone again is closed", true, true, true },
    { "deactivated, and the answers lost: who works after all is let in", false, true, true },
};

static void hr_says(struct delivers *d, bool works) {
    world_put(d->w, "3", works ? "status=active" : "status=inactive");
    world_import(d->w);
}

static void what_we_did_is_nobodys_hand_though_nobody_heard_of_it(void **state) {
    struct delivers *d = *state;
    const struct unheard_row *row = d->row;
    struct memory_platform_fault fault = { row->opens ? MEMORY_PLATFORM_REACTIVATE
                                                      : MEMORY_PLATFORM_DEACTIVATE,
                                           0, RC_UNSURE, NULL, true };
    delivers_begin(d, 4);
    hr_says(d, !row->opens);
    delivers_run(d);
    hr_says(d, row->opens);
    if (row->lost) {
        d->there.faults = &fault;
        d->there.faults_n = 1;
        struct run r = delivers_run(d);
        d->there.faults_n = 0;
        assert_says(text_of(delivers_effects(d, r.run_id)), "activate 3 unsure\n");
    } else {
        delivers_preview(d, 0);
        place_exec(d->w->bed->st->db,
                   "UPDATE run SET state = 'passed', sent_pass = 4, sent_to = 1000"
                   " WHERE kind = 'delivery' AND state = 'previewed'");
        if (row->arrived)
            there_of(d, "3")->is.status = row->opens ? ACCOUNT_ACTIVE : ACCOUNT_DEACTIVATED;
    }
    hr_says(d, !row->opens);
    delivers_run(d);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "3"), row->opens ? ACCOUNT_DEACTIVATED : ACCOUNT_ACTIVE);
    assert_string_equal(delivers_code(d, "3"), row->opens ? "closed" : "in-step");
    assert_int_equal(delivers_run(d).run_id, 0);
    assert_int_equal(d->there.mails_n, 4);
}

static void what_turns_out_not_to_have_been_done_was_not_refused(void **state) {
    struct delivers *d = *state;
    const struct memory_platform_fault fault = { MEMORY_PLATFORM_DEACTIVATE, 0, RC_UNSURE, NULL,
                                                 false };
    struct bed *b = d->w->bed;
    struct effect_group *groups;
    size_t n = 0;
    delivers_begin(d, 4);
    hr_says(d, false);
    d->there.faults = &fault;
    d->there.faults_n = 1;
    struct run r = delivers_run(d);
    d->there.faults_n = 0;
    assert_string_equal(delivers_effects(d, r.run_id), "deactivate 3 unsure\n");
    delivers_preview(d, 0); /* reads all accounts */
    assert_string_equal(delivers_effects(d, r.run_id), "deactivate 3 lost\n");
    OK(effect_groups(b->st, b->company_id, r.run_id, &b->a, &groups, &n, &why));
    assert_int_equal(n, 1);
    assert_int_equal(groups[0].of[EFFECT_FAILED], 0);
    assert_int_equal(groups[0].of[EFFECT_LOST], 1);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[48] = {
        DELIVERS_TEST(one_refusal_stops_nobody_else),
        DELIVERS_TEST(a_platform_that_does_not_answer_ends_the_run_and_the_next_catches_up),
        DELIVERS_TEST(after_refusals_for_one_cause_it_is_tried_again_and_gone_on_with),
        DELIVERS_TEST(refusals_of_changes_are_alike_whomever_they_are_about),
        DELIVERS_TEST(a_platform_that_keeps_no_external_ids_is_stopped_at),
        DELIVERS_TEST(one_that_keeps_no_external_id_later_stops_nobody_else),
        DELIVERS_TEST(a_refused_credential_stops_everything_at_once),
        DELIVERS_TEST(an_incomplete_inventory_makes_and_closes_nothing),
        DELIVERS_TEST(an_empty_list_is_not_believed_whatever_it_declares),
        DELIVERS_TEST(who_a_list_lacks_is_asked_for),
        DELIVERS_TEST(who_is_kept_from_us_is_there),
        DELIVERS_TEST(after_a_creation_in_doubt_the_next_delivery_looks_before_it_repeats),
        DELIVERS_TEST(an_inventory_dated_in_the_future_is_made_anew),
        DELIVERS_TEST(what_was_read_in_the_future_is_no_reading_to_go_by_a_date),
        DELIVERS_TEST(a_refusal_to_reactivate_is_no_refusal_of_values),
        DELIVERS_TEST(whoever_is_gone_is_closed_although_nobody_can_be_made),
        DELIVERS_TEST(what_refused_everybody_alike_keeps_nobody_out_once_it_is_mended),
        DELIVERS_TEST(no_date_counts_while_the_clocks_are_apart_inventory_or_not),
        DELIVERS_TEST(an_answer_that_nobody_can_read_is_no_refusal_of_values),
        DELIVERS_TEST(what_turns_out_not_to_have_been_done_was_not_refused),
    };
    size_t n = CHECK_LISTED(tests);
    DELIVERS_ROWS(tests, n, lost_rows, a_lost_answer_is_looked_up);
    DELIVERS_ROWS(tests, n, unheard_rows, what_we_did_is_nobodys_hand_though_nobody_heard_of_it);
    DELIVERS_ROWS(tests, n, courtesy_rows, a_courtesy_keeps_no_account_open);
    DELIVERS_ROWS(tests, n, moved_rows, a_team_is_left_only_for_another);
    return place_run("delivery trouble", tests, n, argc, argv);
}
