/* Undoing as a run: what can be undone and how often, what it does to other runs and to the guard's
 * windows, and what becomes of it when the process dies or an answer is lost. */
#include "store/lease.h"
#include "store/pin.h"
#include "store/retention.h"
#include "sync/health.h"
#include "sync/undo.h"
#include "tests/sync/hands.h"
#include "tests/sync/undoes.h"

static enum health_verdict verdict_of(struct delivers *d) {
    struct platform p = delivers_platform(d);
    struct health h;
    OK(health_of_destination(d->w->bed->st, &p, d->w->fake.now_us, &d->w->bed->a, &h, &why));
    OK(health_add_undo(d->w->bed->st, &p, &d->w->bed->a, &h, &why));
    return h.verdict;
}

static void only_deliveries_that_did_something_are_undone_and_once(void **state) {
    struct delivers *d = *state;
    struct run r, import;
    delivers_begin(d, 5);
    world_put(d->w, "3", "job_title=Foreman");
    import = world_import(d->w);
    r = delivers_run(d);
    assert_int_equal(undoes_try(d, import.run_id, &import), RC_INVALID);
    assert_string_equal(d->err.name, "undo.import");
    struct run u = undoes_run(d, r.run_id);
    assert_int_equal(undoes_try(d, r.run_id, &import), RC_CONFLICT);
    assert_string_equal(d->err.name, "undo.nothing");
    assert_int_equal(undoes_try(d, u.run_id, &import), RC_INVALID);
    assert_string_equal(d->err.name, "undo.undo");
    assert_int_equal(undoes_try(d, 999, &import), RC_NOT_FOUND);
}

static void a_delivery_leaves_a_waiting_undo_alone_and_a_newer_undo_does_not(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    struct run r = undoes_change(d, "3", "job_title=Foreman");
    struct run u = undoes_plan(d, r.run_id);
    undoes_change(d, "2", "job_title=Foreman");
    struct run still = world_run(d->w, u.run_id);
    assert_state(&still, RUN_PREVIEWED);
    struct run second = undoes_plan(d, r.run_id);
    still = world_run(d->w, u.run_id);
    assert_state(&still, RUN_SUPERSEDED);
    u = delivers_approve(d, second.run_id);
    assert_true(undoes_shows(d, "3", "job_title", "Welder"));
    assert_true(undoes_shows(d, "2", "job_title", "Foreman"));
}

/* The team that it made stays, and alone is nothing that anybody could be asked about. */
static void a_first_delivery_is_undone_once(void **state) {
    struct delivers *d = *state;
    struct run r;
    delivers_begin(d, 5);
    undoes_run(d, 2);
    assert_int_equal(undoes_try(d, 2, &r), RC_CONFLICT);
    assert_string_equal(d->err.name, "undo.nothing");
}

static void an_undo_waits_for_a_person_unless_it_was_only_looked_at(void **state) {
    struct delivers *d = *state;
    struct delivery_options o = delivers_options(d);
    struct run r, u;
    delivers_begin(d, 5);
    r = undoes_change(d, "3", "job_title=Foreman");
    o.preview = true;
    OK(undo_run(d->w->bed->st, d->w->bed->key, &d->w->company, r.run_id, &o, &d->w->bed->a, &u,
                &d->err));
    assert_int_equal(verdict_of(d), HEALTH_OK);
    u = undoes_plan(d, r.run_id);
    assert_int_equal(verdict_of(d), HEALTH_HELD);
    o.preview = true; /* of another one, which is newer */
    OK(undo_run(d->w->bed->st, d->w->bed->key, &d->w->company, 2, &o, &d->w->bed->a, &r, &d->err));
    assert_int_equal(verdict_of(d), HEALTH_HELD);
    delivers_reject(d, u.run_id);
    assert_int_equal(verdict_of(d), HEALTH_OK);
}

static void a_rejected_undo_does_nothing(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    struct run r = undoes_change(d, "3", "job_title=Foreman");
    delivers_reject(d, undoes_plan(d, r.run_id).run_id);
    assert_true(undoes_shows(d, "3", "job_title", "Foreman"));
    assert_int_equal(undoes_pins(d), 0);
    undoes_run(d, r.run_id);
    assert_true(undoes_shows(d, "3", "job_title", "Welder"));
}

static void what_was_undone_and_the_undo_do_not_count_in_the_windows(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 40);
    delivers_limits(d, "{\"leavers\":{\"run\":[3,0],\"24h\":[3,0],\"30d\":[3,0]}}");
    for (int i = 2; i <= 4; i++)
        world_put(d->w, arena_printf(&d->w->bed->a, "%d", i), "status=inactive");
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.classes[CHANGE_LEAVERS], 3);
    undoes_run(d, r.run_id);
    r = world_run(d->w, r.run_id);
    assert_int_equal(r.counts.classes[CHANGE_LEAVERS], 0);
    for (int i = 12; i <= 14; i++)
        world_put(d->w, arena_printf(&d->w->bed->a, "%d", i), "status=inactive");
    world_import(d->w);
    r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
}

static void undoing_a_failed_first_delivery_does_not_make_the_next_one_another(void **state) {
    struct delivers *d = *state;
    struct memory_platform_fault fault = { MEMORY_PLATFORM_CREATE, 3, RC_AUTH, NULL, false };
    world_begin(d->w, 5);
    d->there.faults = &fault;
    d->there.faults_n = 1;
    struct run r = delivers_run(d), u;
    struct delivery_options o = delivers_options(d);
    assert_int_equal(delivery_approve(d->w->bed->st, d->w->bed->key, &d->w->company, r.run_id,
                                      "it is right", &o, &d->w->bed->a, &u, &d->err),
                     RC_AUTH);
    d->there.faults_n = 0;
    undoes_run(d, r.run_id);
    r = delivers_run(d);
    assert_state(&r, RUN_HELD);
    assert_says(r.reason, "a first delivery has its own approval");
}

/* ---- dead processes and lost answers ---- */

static const struct undoes_cut dead_rows[] = {
    { "killed before the first call: it goes on", false, false },
    { "killed with a call out that never arrived: it is repeated", true, false },
    { "killed with a call out that arrived: it counts as done", true, true },
};

static void an_undo_that_was_cut_off_goes_on(void **state) {
    struct delivers *d = *state;
    const struct undoes_cut *row = d->row;
    delivers_begin(d, 5);
    world_add(d->w, "6");
    world_put(d->w, "4", "status=inactive");
    struct run r = undoes_change(d, "3", "job_title=Foreman");
    struct run u = undoes_plan(d, r.run_id);
    place_exec(d->w->bed->st->db, "UPDATE run SET state = 'passed', approved = 1"
                                  " WHERE kind = 'undo' AND state = 'previewed'");
    if (row->sent)
        place_exec(d->w->bed->st->db, "UPDATE run SET sent_pass = 4, sent_to = 1000"
                                      " WHERE kind = 'undo' AND state = 'passed'");
    if (row->arrived) {
        memory_platform_find(&d->there, delivers_id(d, "3"))->is.fields[USER_JOB_TITLE].known =
            TEXT_LIT("Welder");
        memory_platform_find(&d->there, delivers_id(d, "4"))->is.status = ACCOUNT_ACTIVE;
        memory_platform_find(&d->there, delivers_id(d, "6"))->is.status = ACCOUNT_DEACTIVATED;
    }
    delivers_run(d);
    u = world_run(d->w, u.run_id);
    assert_state(&u, RUN_APPLIED);
    assert_true(undoes_shows(d, "3", "job_title", "Welder"));
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_ACTIVE);
    assert_int_equal(delivers_status(d, "6"), ACCOUNT_DEACTIVATED);
    assert_int_equal(undoes_pins(d), 3);
    assert_true(undoes_stays(d));
    assert_int_equal(d->there.mails_n, 6);
}

static const struct undoes_cut looks_rows[] = {
    { "cut off before the first call: looking sends nothing", false, false },
    { "cut off with calls out that never arrived: looking sends nothing", true, false },
    { "cut off with calls out that arrived: looking sends nothing", true, true },
};
static const struct undoes_cut ends_rows[] = {
    { "cut off before the first call, and rejected: nothing of it was tried", false, false },
    { "cut off with calls out that never arrived, and rejected: they are looked up", true, false },
    { "cut off with calls out that arrived, and rejected: they are looked up", true, true },
};

static void assert_all_is_as_hr_says(struct delivers *d, const struct undoes_cut *row) {
    assert_true(undoes_shows(d, "3", "job_title", "Foreman"));
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_DEACTIVATED);
    assert_int_equal(d->there.accounts_n, 5 + 1 + 1);
    assert_int_equal(d->there.mails_n, 5 + !row->arrived);
    assert_int_equal(delivers_run(d).run_id, 0);
    assert_true(undoes_stays(d));
    assert_int_equal(verdict_of(d), HEALTH_OK);
}

static void whoever_only_looks_sends_nothing_of_what_was_cut_off(void **state) {
    struct delivers *d = *state;
    struct run r = undoes_cut_off(d, d->row), other;
    unsigned writes = delivers_writes(d);
    struct delivery_options o = delivers_options(d);
    struct platform p = delivers_platform(d);
    o.preview = true;
    assert_int_equal(verdict_of(d), HEALTH_INTERRUPTED);
    assert_int_equal(delivery_run(d->w->bed->st, d->w->bed->key, &d->w->company, &p, &o,
                                  &d->w->bed->a, &other, &d->err),
                     RC_CONFLICT);
    assert_string_equal(d->err.name, "delivery.interrupted");
    assert_int_equal(undoes_try(d, 2, &other), RC_CONFLICT); /* the first delivery */
    assert_string_equal(d->err.name, "delivery.interrupted");
    assert_int_equal(delivers_writes(d), writes);
    other = world_run(d->w, r.run_id);
    assert_state(&other, RUN_PASSED);
    other = delivers_run(d);
    assert_int_equal(other.run_id, r.run_id); /* it says what it has done */
    assert_state(&other, RUN_APPLIED);
    assert_int_equal(d->progress.resumed, r.run_id);
    assert_all_is_as_hr_says(d, d->row);
}

static void what_was_cut_off_and_rejected_ends_and_is_looked_up(void **state) {
    struct delivers *d = *state;
    const struct undoes_cut *row = d->row;
    struct run r = undoes_cut_off(d, row);
    unsigned writes = delivers_writes(d);
    r = delivers_reject(d, r.run_id);
    assert_state(&r, RUN_FAILED);
    assert_says(r.reason, "interrupted, and ended by a test: it is wrong");
    const char *state_is = row->sent ? "unsure" : "dropped";
    assert_string_equal(delivers_effects(d, r.run_id),
                        arena_printf(&d->w->bed->a, "update 3 %s\ndeactivate 4 %s\ncreate 6 %s\n",
                                     state_is, state_is, state_is));
    assert_int_equal(r.counts.classes[CHANGE_LEAVERS], row->sent); /* it may have been done */
    assert_int_equal(verdict_of(d), HEALTH_FAILED);
    delivers_preview(d, 0);
    assert_int_equal(delivers_writes(d), writes);
    delivers_run(d);
    assert_all_is_as_hr_says(d, row);
}

static void what_is_under_way_is_not_rejected(void **state) {
    struct delivers *d = *state;
    struct run r = undoes_cut_off(d, &looks_rows[1]);
    struct delivery_options o = delivers_options(d);
    struct lease lease;
    char *subject = arena_printf(&d->w->bed->a, "%lld/%lld", (long long)d->w->bed->company_id,
                                 (long long)d->destination_id);
    OK(lease_take(d->w->bed->st, "deliver", subject, d->w->fake.now_us, &lease, &why));
    assert_int_not_equal(verdict_of(d), HEALTH_INTERRUPTED);
    assert_int_equal(delivery_reject(d->w->bed->st, &d->w->company, r.run_id, "it is wrong", &o,
                                     &d->w->bed->a, &r, &d->err),
                     RC_CONFLICT);
    assert_string_equal(d->err.name, "busy");
    lease_release(d->w->bed->st, &lease);
    assert_int_equal(verdict_of(d), HEALTH_INTERRUPTED);
    delivers_reject(d, r.run_id);
}

/* It had pinned what it was about to send. */
static void an_undo_that_was_cut_off_and_rejected_holds_nothing_that_it_did_not_send(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    struct run u = undoes_plan(d, undoes_change(d, "3", "job_title=Foreman").run_id);
    const struct pin pin = { hands_user(d, "3"), TEXT_LIT("job_title"), TEXT_LIT("Foreman"),
                             u.run_id, d->w->fake.now_us };
    OK(pin_add(d->w->bed->st, d->w->bed->company_id, d->destination_id, &pin, &why));
    place_exec(d->w->bed->st->db, "UPDATE run SET state = 'passed', approved = 1"
                                  " WHERE kind = 'undo' AND state = 'previewed'");
    u = delivers_reject(d, u.run_id);
    assert_state(&u, RUN_FAILED);
    assert_string_equal(delivers_effects(d, u.run_id), "update 3 dropped\n");
    assert_int_equal(undoes_pins(d), 0);
    assert_true(undoes_stays(d));
    assert_true(undoes_shows(d, "3", "job_title", "Foreman"));
}

static const struct lost_row {
    const char *name;
    struct memory_platform_fault fault;
    bool done;
} lost_rows[] = {
    { "lost answers to an update that arrived: it stays undone",
      { MEMORY_PLATFORM_UPDATE, 0, RC_UNSURE, NULL, true },
      true },
    { "lost answers to a closing that arrived: it stays closed",
      { MEMORY_PLATFORM_DEACTIVATE, 0, RC_UNSURE, NULL, true },
      true },
    { "an update that the platform cannot take for now pins nothing",
      { MEMORY_PLATFORM_UPDATE, 0, RC_RETRY, NULL, false },
      false },
};

static void a_lost_answer_leaves_nothing_undone_by_the_next_delivery(void **state) {
    struct delivers *d = *state;
    const struct lost_row *row = d->row;
    struct run u;
    delivers_begin(d, 5);
    world_add(d->w, "6");
    struct run r = undoes_change(d, "3", "job_title=Foreman");
    u = undoes_plan(d, r.run_id);
    d->there.faults = &row->fault;
    d->there.faults_n = 1;
    u = delivers_approve(d, u.run_id);
    d->there.faults_n = 0;
    bool title = row->fault.call != MEMORY_PLATFORM_UPDATE || row->done;
    assert_int_equal(undoes_pins(d), 1 + title);
    undoes_stays(d);
    assert_int_equal(undoes_shows(d, "3", "job_title", "Welder"), title);
    assert_int_equal(delivers_status(d, "6"), ACCOUNT_DEACTIVATED);
}

/* ---- by half ---- */

static struct run approves_through(struct delivers *d, int64_t run_id,
                                   const struct memory_platform_fault *fault) {
    struct run u = undoes_plan(d, run_id);
    d->there.faults = fault;
    d->there.faults_n = 1;
    u = delivers_approve(d, u.run_id);
    d->there.faults_n = 0;
    return u;
}

static struct text answer_of(struct delivers *d, int64_t run_id) {
    struct effect *list;
    size_t n;
    OK(effect_list(d->w->bed->st, d->w->bed->company_id, run_id, 0, 1, &d->w->bed->a, &list, &n,
                   &why));
    return n > 0 ? list[0].answer : TEXT_NONE;
}

static void a_move_that_is_undone_stays_so_though_the_other_team_was_not_left(void **state) {
    struct delivers *d = *state;
    struct memory_platform_fault fault = { MEMORY_PLATFORM_TEAM_LEAVE, 0, RC_RETRY, NULL, false };
    delivers_begin(d, 5);
    struct text team = delivers_shows(d, "3", "primary_team");
    struct run r = undoes_change(d, "3", "department=Yard#10");
    assert_false(text_equal(delivers_shows(d, "3", "primary_team"), team));
    struct run u = approves_through(d, r.run_id, &fault);
    assert_string_equal(delivers_effects(d, u.run_id), "team stays dropped\nupdate 3 failed\n");
    assert_true(text_equal(delivers_shows(d, "3", "primary_team"), team));
    assert_int_equal(undoes_pins(d), 1);
    delivers_run(d);
    assert_true(undoes_stays(d));
    assert_true(text_equal(delivers_shows(d, "3", "primary_team"), team));
}

static const struct half_row {
    const char *name;
    struct memory_platform_fault fault;
    const char *effect;
} half_rows[] = {
    { "let go of, and not closed again, as the platform refuses: nobody's",
      { MEMORY_PLATFORM_DEACTIVATE, 0, RC_INVALID, "destination.refused", false },
      "unlink 4 failed\n" },
    { "let go of, and nobody knows whether it is closed again: nobody's",
      { MEMORY_PLATFORM_DEACTIVATE, 0, RC_UNSURE, NULL, false },
      "unlink 4 unsure\n" },
};

static void what_was_let_go_of_is_nobodys_whatever_else_fails(void **state) {
    struct delivers *d = *state;
    const struct half_row *row = d->row;
    delivers_begin(d, 3);
    struct text id = memory_platform_put(
        &d->there, (const char *const[]){ "first_name=First4", "last_name=Last4", "email=p4@x.org",
                                          "job_title=Guest", "status=deactivated", NULL });
    world_add(d->w, "4");
    world_import(d->w);
    delivers_day(d, 1);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "4"), "adopt-deactivated");
    hands_answer(d, "4", ACCOUNTS_APPROVE);
    struct run r = delivers_run(d);
    assert_true(text_is(memory_platform_field(&d->there, id, "job_title"), "Welder"));
    struct run u = approves_through(d, r.run_id, &row->fault);
    assert_string_equal(delivers_effects(d, u.run_id), row->effect);
    assert_int_equal(memory_platform_find(&d->there, id)->is.status, ACCOUNT_ACTIVE);
    delivers_run(d);
    assert_true(undoes_stays(d));
    assert_true(text_is(memory_platform_field(&d->there, id, "job_title"), "Guest"));
    assert_string_equal(delivers_code(d, "4"), "email-taken");
    assert_int_equal(d->there.accounts_n, 5);
    assert_int_equal(memory_platform_mails_to(&d->there, id), 0);
}

static void who_is_open_again_gets_team_and_manager_later_if_the_platform_is_down(void **state) {
    struct delivers *d = *state;
    struct memory_platform_fault fault = { MEMORY_PLATFORM_UPDATE, 0, RC_RETRY, NULL, false };
    delivers_begin(d, 5);
    struct text team = delivers_shows(d, "3", "primary_team");
    struct run r = undoes_change(d, "3", "status=inactive");
    struct run u = approves_through(d, r.run_id, &fault);
    assert_string_equal(delivers_effects(d, u.run_id), "reactivate 3 done\n");
    assert_says(answer_of(d, u.run_id), "scripted fault");
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_ACTIVE);
    assert_true(undoes_stays(d));
    world_put(d->w, "3", "status=active");
    world_import(d->w);
    delivers_run(d);
    assert_true(text_equal(delivers_shows(d, "3", "primary_team"), team));
    assert_true(text_equal(delivers_shows(d, "3", "manager"), delivers_id(d, "1")));
    assert_string_equal(delivers_code(d, "3"), "in-step");
    assert_int_equal(delivers_run(d).run_id, 0);
}

static void what_is_no_longer_kept_is_not_undone_by_half(void **state) {
    struct delivers *d = *state;
    struct retention keep;
    struct run u;
    delivers_begin(d, 5);
    struct run r = undoes_change(d, "3", "job_title=Foreman");
    delivers_day(d, 29);
    assert_int_equal(retention_get(d->w->bed->st, d->w->company.company_id, &keep, &d->err), RC_OK);
    assert_int_equal(retention_set(&keep, "effects=30", &d->err), RC_OK);
    assert_int_equal(retention_save(d->w->bed->st, d->w->company.company_id, &keep, &d->err),
                     RC_OK);
    undoes_plan(d, r.run_id);
    delivers_day(d, 2);
    assert_int_equal(undoes_try(d, r.run_id, &u), RC_CONFLICT);
    assert_string_equal(d->err.name, "undo.too-old");
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[32] = {
        DELIVERS_TEST(only_deliveries_that_did_something_are_undone_and_once),
        DELIVERS_TEST(a_delivery_leaves_a_waiting_undo_alone_and_a_newer_undo_does_not),
        DELIVERS_TEST(a_first_delivery_is_undone_once),
        DELIVERS_TEST(an_undo_waits_for_a_person_unless_it_was_only_looked_at),
        DELIVERS_TEST(a_rejected_undo_does_nothing),
        DELIVERS_TEST(what_was_undone_and_the_undo_do_not_count_in_the_windows),
        DELIVERS_TEST(undoing_a_failed_first_delivery_does_not_make_the_next_one_another),
        DELIVERS_TEST(what_is_no_longer_kept_is_not_undone_by_half),
        DELIVERS_TEST(who_is_open_again_gets_team_and_manager_later_if_the_platform_is_down),
        DELIVERS_TEST(a_move_that_is_undone_stays_so_though_the_other_team_was_not_left),
        DELIVERS_TEST(what_is_under_way_is_not_rejected),
        DELIVERS_TEST(an_undo_that_was_cut_off_and_rejected_holds_nothing_that_it_did_not_send),
    };
    size_t n = CHECK_LISTED(tests);
    DELIVERS_ROWS(tests, n, dead_rows, an_undo_that_was_cut_off_goes_on);
    DELIVERS_ROWS(tests, n, looks_rows, whoever_only_looks_sends_nothing_of_what_was_cut_off);
    DELIVERS_ROWS(tests, n, ends_rows, what_was_cut_off_and_rejected_ends_and_is_looked_up);
    DELIVERS_ROWS(tests, n, lost_rows, a_lost_answer_leaves_nothing_undone_by_the_next_delivery);
    DELIVERS_ROWS(tests, n, half_rows, what_was_let_go_of_is_nobodys_whatever_else_fails);
    return place_run("undo run", tests, n, argc, argv);
}
