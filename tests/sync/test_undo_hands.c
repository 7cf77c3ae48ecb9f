/* Undoing takes back what the run did, and not what somebody's hand or another run did since, or instead of
 * it: those whose answers got lost first of all. */
#include "tests/sync/hands.h"
#include "tests/sync/undoes.h"

static const struct undoes_cut never = { "sent, and never arrived", true, false };

static struct text put_by_hand(struct delivers *d, const char *email, const char *status) {
    struct text id = memory_platform_put(
        &d->there, (const char *const[]){ "first_name=First6", "last_name=Last6", "mail=sent",
                                          arena_printf(&d->w->bed->a, "email=%s", email),
                                          arena_printf(&d->w->bed->a, "status=%s", status), NULL });
    return text_copy(&d->w->bed->a, id);
}

static enum account_status status_of(struct delivers *d, struct text id) {
    return memory_platform_find(&d->there, id)->is.status;
}

static void hr_says(struct delivers *d, bool works) {
    world_put(d->w, "4", works ? "status=active" : "status=inactive");
    world_import(d->w);
}

/* By somebody on the platform; and the daily inventory, which shows it. */
static void by_hand(struct delivers *d, enum account_status status) {
    memory_platform_find(&d->there, delivers_id(d, "4"))->is.status = status;
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
}

static void nothing_is_left(struct delivers *d, int64_t run_id) {
    struct run r;
    assert_int_equal(undoes_try(d, run_id, &r), RC_CONFLICT);
    assert_string_equal(d->err.name, "undo.nothing");
}

/* ---- an account that the run did not make ---- */

static void one_made_by_hand_and_linked_by_a_later_run_stays_open(void **state) {
    struct delivers *d = *state;
    struct run r = undoes_cut_off(d, &never);
    delivers_reject(d, r.run_id);
    struct text id = put_by_hand(d, "p6@x.org", "active");
    delivers_run(d);
    assert_true(text_equal(delivers_id(d, "6"), id));
    undoes_run(d, r.run_id);
    assert_int_equal(status_of(d, id), ACCOUNT_ACTIVE);
}

static void one_linked_by_hand_stays_open(void **state) {
    struct delivers *d = *state;
    struct run r = undoes_cut_off(d, &never);
    delivers_reject(d, r.run_id);
    struct text id = put_by_hand(d, "other@x.org", "active");
    undoes_plan(d, r.run_id); /* an inventory shows it */
    hands_link(d, id, "6");
    undoes_run(d, r.run_id);
    assert_int_equal(status_of(d, id), ACCOUNT_ACTIVE);
}

static void another_account_of_the_person_is_another(void **state) {
    struct delivers *d = *state;
    struct run r = undoes_cut_off(d, &never);
    delivers_reject(d, r.run_id);
    memory_platform_find(&d->there, delivers_id(d, "4"))->exists = false;
    struct text id = put_by_hand(d, "p4b@x.org", "deactivated");
    undoes_plan(d, r.run_id);
    hands_link(d, id, "4");
    undoes_run(d, r.run_id);
    assert_int_equal(status_of(d, id), ACCOUNT_DEACTIVATED);
}

static void another_account_linked_before_it_goes_on_is_another(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    struct text id = put_by_hand(d, "p4b@x.org", "deactivated");
    struct text old = hands_id(d, "4");
    world_put(d->w, "3", "job_title=Foreman");
    world_put(d->w, "4", "status=inactive");
    delivers_day(d, 1);
    world_import(d->w);
    struct run r = delivers_preview(d, 0);
    undoes_cut(d, 4);
    memory_platform_find(&d->there, old)->exists = false;
    place_exec(d->w->bed->st->db,
               arena_printf(&d->w->bed->a,
                            "UPDATE account SET status = 'deleted' WHERE remote_id = '%.*s'",
                            TEXT_ARG(old)));
    hands_link(d, id, "4");
    delivers_run(d);
    undoes_run(d, r.run_id);
    assert_int_equal(status_of(d, id), ACCOUNT_DEACTIVATED);
}

/* ---- closed and opened by hand ---- */

static const struct hand_row {
    const char *name;
    bool opens;  /* what the run was to do */
    bool heard;  /* it did, and heard of it; HR then had it done the other way */
    bool looked; /* an inventory showed in between that it had not been done */
} hand_rows[] = {
    { "closed by hand, after a closing that was not done", false, false, true },
    { "opened by hand, after an opening that was not done", true, false, true },
    { "closed by hand, after a closing that HR had taken back", false, true, false },
    { "opened by hand, after an opening that HR had taken back", true, true, false },
};

static void what_somebody_closed_or_opened_since_stays_so(void **state) {
    struct delivers *d = *state;
    const struct hand_row *row = d->row;
    const enum account_status done = row->opens ? ACCOUNT_ACTIVE : ACCOUNT_DEACTIVATED;
    const struct memory_platform_fault fault = { row->opens ? MEMORY_PLATFORM_REACTIVATE
                                                            : MEMORY_PLATFORM_DEACTIVATE,
                                                 0, RC_UNSURE, NULL, false };
    delivers_begin(d, 5);
    hr_says(d, !row->opens);
    delivers_run(d);
    hr_says(d, row->opens);
    d->there.faults = &fault;
    d->there.faults_n = !row->heard;
    struct run r = delivers_run(d);
    d->there.faults_n = 0;
    if (row->looked)
        delivers_preview(d, 0);
    hr_says(d, !row->opens);
    delivers_run(d);
    assert_int_not_equal(delivers_status(d, "4"), done);
    by_hand(d, done);
    if (row->looked)
        nothing_is_left(d, r.run_id);
    else
        undoes_run(d, r.run_id);
    assert_int_equal(delivers_status(d, "4"), done);
}

static void what_a_hand_had_done_already_is_not_taken_back_for_a_second_call(void **state) {
    struct delivers *d = *state;
    const struct memory_platform_fault fault = { MEMORY_PLATFORM_UPDATE, 0, RC_UNSURE, NULL, true };
    delivers_begin(d, 5);
    hr_says(d, false);
    delivers_run(d);
    world_add(d->w, "6");
    world_put(d->w, "4", "supervisor=6");
    hr_says(d, true);
    struct run r = delivers_preview(d, 0);
    struct account *is = &memory_platform_find(&d->there, delivers_id(d, "4"))->is;
    is->status = ACCOUNT_ACTIVE;
    is->fields[USER_PRIMARY_TEAM].known =
        text_copy(&d->w->bed->a, delivers_shows(d, "3", "primary_team"));
    undoes_cut(d, 0);
    d->there.faults = &fault;
    d->there.faults_n = 1;
    delivers_run(d);
    d->there.faults_n = 0;
    undoes_run(d, r.run_id);
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_ACTIVE);
}

/* ---- values ---- */

static void a_value_that_a_later_run_sent_is_left_to_it(void **state) {
    struct delivers *d = *state;
    const struct memory_platform_fault fault = { MEMORY_PLATFORM_UPDATE, 0, RC_UNSURE, NULL,
                                                 false };
    delivers_begin(d, 5);
    world_put(d->w, "4", "email=new4@x.org");
    world_import(d->w);
    d->there.faults = &fault;
    d->there.faults_n = 1;
    struct run r = delivers_run(d);
    d->there.faults_n = 0;
    struct run next = delivers_run(d);
    assert_true(undoes_shows(d, "4", "email", "new4@x.org"));
    nothing_is_left(d, r.run_id);
    assert_true(undoes_shows(d, "4", "email", "new4@x.org"));
    undoes_run(d, next.run_id);
    assert_true(undoes_shows(d, "4", "email", "p4@x.org"));
}

static void a_team_has_the_name_again_that_it_had_when_it_was_renamed(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    for (int i = 1; i <= 5; i++)
        world_put(d->w, arena_printf(&d->w->bed->a, "%d", i), "department=Harbour#9");
    world_import(d->w);
    struct run r = delivers_preview(d, 0);
    delivers_day(d, 1);
    d->there.teams[0].is.name = TEXT_LIT("Quay");
    delivers_approve(d, r.run_id);
    assert_true(text_is(d->there.teams[0].is.name, "Harbour"));
    undoes_run(d, r.run_id);
    assert_true(text_is(d->there.teams[0].is.name, "Quay"));
}

/* Nobody can tell of all of it: what shows is taken back. */
static void an_update_that_was_done_in_part_is_taken_back_in_part(void **state) {
    struct delivers *d = *state;
    const struct memory_platform_fault fault = { MEMORY_PLATFORM_UPDATE, 0, RC_UNSURE, NULL, true };
    delivers_begin(d, 5);
    world_put(d->w, "4", "job_title=Foreman");
    world_put(d->w, "4", "email=new4@x.org");
    world_import(d->w);
    d->there.ignores = "Foreman";
    d->there.faults = &fault;
    d->there.faults_n = 1;
    struct run r = delivers_run(d);
    d->there.faults_n = 0;
    undoes_run(d, r.run_id);
    assert_true(undoes_shows(d, "4", "email", "p4@x.org"));
}

static void a_move_of_which_half_was_heard_is_taken_back_whatever_came_later(void **state) {
    struct delivers *d = *state;
    const struct memory_platform_fault fault = { MEMORY_PLATFORM_TEAM_LEAVE, 0, RC_UNSURE, NULL,
                                                 true };
    delivers_begin(d, 5);
    undoes_change(d, "2", "department=Yard#10");
    struct text dock = text_copy(&d->w->bed->a, delivers_shows(d, "3", "primary_team"));
    world_put(d->w, "3", "department=Yard#10");
    world_import(d->w);
    d->there.faults = &fault;
    d->there.faults_n = 1;
    struct run r = delivers_run(d);
    d->there.faults_n = 0;
    undoes_change(d, "3", "job_title=Foreman");
    undoes_run(d, r.run_id);
    assert_true(text_equal(delivers_shows(d, "3", "primary_team"), dock));
    assert_true(undoes_shows(d, "3", "job_title", "Foreman"));
}

/* ---- one undo after the other ---- */

static void what_an_undo_has_closed_or_opened_is_nobodys_hand(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    struct run closing = undoes_change(d, "4", "status=inactive");
    struct run opening = undoes_change(d, "4", "status=active");
    undoes_run(d, opening.run_id);
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_DEACTIVATED);
    undoes_run(d, closing.run_id);
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_ACTIVE);
}

static void nor_is_it_of_one_that_was_made(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_add(d->w, "6");
    world_import(d->w);
    struct run making = delivers_run(d);
    struct run closing = undoes_change(d, "6", "status=inactive");
    undoes_run(d, closing.run_id);
    assert_int_equal(delivers_status(d, "6"), ACCOUNT_ACTIVE);
    undoes_run(d, making.run_id);
    assert_int_equal(delivers_status(d, "6"), ACCOUNT_DEACTIVATED);
}

/* ---- what is lost twice ---- */

/* The leavers' pass is given up; what comes after it is sent, and says nothing of them. */
static void what_was_never_tried_is_not_in_doubt(void **state) {
    struct delivers *d = *state;
    const struct memory_platform_fault fault = { MEMORY_PLATFORM_DEACTIVATE, 0, RC_AUTH,
                                                 "destination.scope", false };
    delivers_begin(d, 40);
    for (int i = 2; i <= 38; i++)
        world_put(d->w, arena_printf(&d->w->bed->a, "%d", i), "status=inactive");
    world_put(d->w, "39", "job_title=Foreman");
    world_import(d->w);
    d->there.faults = &fault;
    d->there.faults_n = 1;
    struct run r = delivers_fails(d, RC_AUTH);
    d->there.faults_n = 0;
    assert_true(undoes_shows(d, "39", "job_title", "Foreman"));
    assert_null(strstr(delivers_effects(d, r.run_id), "unsure"));
    assert_non_null(strstr(delivers_effects(d, r.run_id), "deactivate 38 dropped\n"));
    assert_int_equal(world_run(d->w, r.run_id).counts.classes[CHANGE_LEAVERS], 0);
}

static void killed_twice_and_rejected_it_is_in_doubt_still(void **state) {
    struct delivers *d = *state;
    const struct undoes_cut arrived = { "", true, true };
    struct run r = undoes_cut_off(d, &arrived);
    /* what the process that went on had written when it died */
    OK(effect_note_sent(d->w->bed->st, d->w->bed->company_id, r.run_id, "it was sent", &why));
    undoes_cut(d, 0);
    delivers_reject(d, r.run_id);
    struct run u = undoes_run(d, r.run_id);
    assert_string_equal(delivers_effects(d, u.run_id),
                        "update 3 done\nreactivate 4 done\nstays 6 dropped\n");
    assert_true(
        text_equal(delivers_shows(d, "4", "primary_team"), delivers_shows(d, "3", "primary_team")));
}

static void what_was_sent_is_in_doubt_though_nothing_more_can_be_tried(void **state) {
    struct delivers *d = *state;
    const struct memory_platform_fault fault = { MEMORY_PLATFORM_DEACTIVATE, 0, RC_AUTH, NULL,
                                                 false };
    const struct undoes_cut arrived = { "", true, true };
    struct run r = undoes_cut_off(d, &arrived);
    memory_platform_find(&d->there, delivers_id(d, "4"))->is.status = ACCOUNT_ACTIVE;
    d->there.faults = &fault; /* the key is refused before the others' turn */
    d->there.faults_n = 1;
    delivers_fails(d, RC_AUTH);
    d->there.faults_n = 0;
    undoes_run(d, r.run_id);
    assert_true(undoes_shows(d, "3", "job_title", "Welder"));
}

static void an_old_id_comes_back_though_nobody_heard_that_it_had_gone(void **state) {
    struct delivers *d = *state;
    delivers_policy(d, "{\"adopt-prefix\":\"old:\"}");
    world_begin(d->w, 5);
    struct text id = memory_platform_put(
        &d->there, (const char *const[]){ "external_id=old:3", "first_name=First3", "mail=sent",
                                          "email=p3@x.org", "last_name=Last3", NULL });
    id = text_copy(&d->w->bed->a, id);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_HELD);
    place_exec(d->w->bed->st->db, "UPDATE run SET state = 'passed', sent_pass = 4, sent_to = 1000"
                                  " WHERE state = 'held'");
    memory_platform_find(&d->there, id)->is.external_id = TEXT_LIT("rc:hr:3");
    delivers_reject(d, r.run_id);
    struct run next = delivers_run(d);
    delivers_approve(d, next.run_id);
    undoes_run(d, r.run_id);
    assert_true(text_is(memory_platform_find(&d->there, id)->is.external_id, "old:3"));
}

/* Another connector has taken the account over since it was linked. */
static void an_id_that_is_not_ours_any_more_is_not_taken_away(void **state) {
    struct delivers *d = *state;
    struct text id;
    struct run r = undoes_linked(d, &id);
    memory_platform_find(&d->there, id)->is.external_id = TEXT_LIT("other:55");
    undoes_run(d, r.run_id);
    assert_true(text_is(memory_platform_find(&d->there, id)->is.external_id, "other:55"));
    assert_true(text_is(memory_platform_field(&d->there, id, "job_title"), "Guest"));
    assert_true(undoes_stays(d));
    assert_string_equal(delivers_code(d, "4"), "email-taken");
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[24] = {
        DELIVERS_TEST(one_made_by_hand_and_linked_by_a_later_run_stays_open),
        DELIVERS_TEST(one_linked_by_hand_stays_open),
        DELIVERS_TEST(another_account_of_the_person_is_another),
        DELIVERS_TEST(another_account_linked_before_it_goes_on_is_another),
        DELIVERS_TEST(what_a_hand_had_done_already_is_not_taken_back_for_a_second_call),
        DELIVERS_TEST(a_value_that_a_later_run_sent_is_left_to_it),
        DELIVERS_TEST(a_team_has_the_name_again_that_it_had_when_it_was_renamed),
        DELIVERS_TEST(an_update_that_was_done_in_part_is_taken_back_in_part),
        DELIVERS_TEST(a_move_of_which_half_was_heard_is_taken_back_whatever_came_later),
        DELIVERS_TEST(what_an_undo_has_closed_or_opened_is_nobodys_hand),
        DELIVERS_TEST(nor_is_it_of_one_that_was_made),
        DELIVERS_TEST(what_was_never_tried_is_not_in_doubt),
        DELIVERS_TEST(killed_twice_and_rejected_it_is_in_doubt_still),
        DELIVERS_TEST(what_was_sent_is_in_doubt_though_nothing_more_can_be_tried),
        DELIVERS_TEST(an_old_id_comes_back_though_nobody_heard_that_it_had_gone),
        DELIVERS_TEST(an_id_that_is_not_ours_any_more_is_not_taken_away),
    };
    size_t n = CHECK_LISTED(tests);
    DELIVERS_ROWS(tests, n, hand_rows, what_somebody_closed_or_opened_since_stays_so);
    return place_run("undo hands", tests, n, argc, argv);
}
