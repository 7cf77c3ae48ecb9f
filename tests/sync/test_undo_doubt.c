/* Undoing what nobody heard of: calls that were out when a process died, and answers that got lost. What the
 * platform shows by then is taken back, as if it had been heard of. */
#include "store/pin.h"
#include "tests/sync/hands.h"
#include "tests/sync/undoes.h"

/* ---- a process that died ---- */

static const struct undoes_cut delivered_rows[] = {
    { "cut off before the first call, delivered, and undone", false, false },
    { "cut off with calls out that never arrived, delivered, and undone", true, false },
    { "cut off with calls out that arrived, delivered, and undone", true, true },
};

static void what_was_cut_off_and_went_on_is_undone(void **state) {
    struct delivers *d = *state;
    struct run r = undoes_cut_off(d, d->row);
    delivers_run(d);
    unsigned mails = (unsigned)d->there.mails_n;
    undoes_run(d, r.run_id);
    assert_true(undoes_shows(d, "3", "job_title", "Welder"));
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_ACTIVE);
    assert_int_equal(delivers_status(d, "6"), ACCOUNT_DEACTIVATED);
    assert_true(undoes_stays(d));
    assert_int_equal(d->there.mails_n, mails);
    assert_int_equal(undoes_try(d, r.run_id, &r), RC_CONFLICT);
    assert_string_equal(d->err.name, "undo.nothing");
}

static const struct undoes_cut rejected_rows[] = {
    { "cut off with calls out that never arrived, rejected, and undone", true, false },
    { "cut off with calls out that arrived, rejected, and undone", true, true },
};

/* An account that was made is linked by the next delivery, and can be undone after it. */
static void what_was_cut_off_and_rejected_is_undone_as_far_as_it_was_done(void **state) {
    struct delivers *d = *state;
    const struct undoes_cut *row = d->row;
    struct run r = undoes_cut_off(d, row);
    delivers_reject(d, r.run_id);
    struct run u = undoes_run(d, r.run_id);
    assert_string_equal(delivers_effects(d, u.run_id),
                        row->arrived ? "update 3 done\nreactivate 4 done\nstays 6 dropped\n"
                                     : "stays 3 dropped\nstays 4 dropped\nstays 6 dropped\n");
    assert_string_equal(delivers_effects(d, r.run_id),
                        row->arrived ? "update 3 undone\ndeactivate 4 undone\ncreate 6 unsure\n"
                                     : "update 3 lost\ndeactivate 4 lost\ncreate 6 unsure\n");
    delivers_run(d);
    if (row->arrived)
        undoes_run(d, r.run_id);
    /* What was not done then is the next delivery's business. */
    assert_true(undoes_shows(d, "3", "job_title", row->arrived ? "Welder" : "Foreman"));
    assert_int_equal(delivers_status(d, "4"), row->arrived ? ACCOUNT_ACTIVE : ACCOUNT_DEACTIVATED);
    assert_int_equal(delivers_status(d, "6"), row->arrived ? ACCOUNT_DEACTIVATED : ACCOUNT_ACTIVE);
    assert_true(undoes_stays(d));
}

/* What the run that failed may have made, the next one made: that is not the first one's to take back. */
static void what_another_run_did_later_is_left_to_it(void **state) {
    struct delivers *d = *state;
    struct run r = undoes_cut_off(d, &rejected_rows[0]);
    delivers_reject(d, r.run_id);
    struct run next = delivers_run(d);
    assert_int_equal(delivers_status(d, "6"), ACCOUNT_ACTIVE);
    struct run u = undoes_run(d, r.run_id);
    assert_string_equal(delivers_effects(d, u.run_id),
                        "stays 3 dropped\nstays 4 dropped\nstays 6 dropped\n");
    assert_true(undoes_shows(d, "3", "job_title", "Foreman"));
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_DEACTIVATED);
    assert_int_equal(delivers_status(d, "6"), ACCOUNT_ACTIVE);
    undoes_run(d, next.run_id);
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_ACTIVE);
    assert_int_equal(delivers_status(d, "6"), ACCOUNT_DEACTIVATED);
}

/* ---- answers that got lost ---- */

static const struct lost_row {
    const char *name;
    enum memory_platform_call call;
    bool done;
} lost_rows[] = {
    { "a lost answer to an update that arrived", MEMORY_PLATFORM_UPDATE, true },
    { "a lost answer to an update that did not", MEMORY_PLATFORM_UPDATE, false },
    { "a lost answer to a closing that arrived", MEMORY_PLATFORM_DEACTIVATE, true },
    { "a lost answer to a closing that did not", MEMORY_PLATFORM_DEACTIVATE, false },
    { "a lost answer to a creation that arrived", MEMORY_PLATFORM_CREATE, true },
    { "a lost answer to a creation that did not", MEMORY_PLATFORM_CREATE, false },
};

static unsigned finds(const struct delivers *d) {
    unsigned n = 0;
    for (size_t i = 0; i < d->there.requests_n; i++)
        n += d->there.requests[i].call == MEMORY_PLATFORM_FIND;
    return n;
}

static void what_got_lost_is_undone_with_the_rest(void **state) {
    struct delivers *d = *state;
    const struct lost_row *row = d->row;
    struct memory_platform_fault faults[] = {
        { row->call, 0, RC_UNSURE, NULL, row->done },
        { MEMORY_PLATFORM_FIND, 0, RC_RETRY, NULL, false },
    };
    delivers_begin(d, 5);
    faults[1].nth = finds(d) + 3; /* by id and address before, and then what became of it */
    struct text team = delivers_shows(d, "4", "primary_team");
    team = text_copy(&d->w->bed->a, team);
    world_add(d->w, "6");
    world_put(d->w, "3", "job_title=Foreman");
    if (row->call != MEMORY_PLATFORM_CREATE) /* who is to be closed is looked at before */
        world_put(d->w, "4", "status=inactive");
    world_import(d->w);
    d->there.faults = faults;
    d->there.faults_n = row->call == MEMORY_PLATFORM_CREATE ? 2 : 1;
    struct run r = delivers_run(d);
    d->there.faults_n = 0;
    assert_non_null(strstr(delivers_effects(d, r.run_id), "unsure\n"));
    if (row->call == MEMORY_PLATFORM_CREATE && row->done)
        delivers_run(d);
    undoes_run(d, r.run_id);
    assert_true(undoes_shows(d, "3", "job_title", "Welder"));
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_ACTIVE);
    assert_true(text_equal(delivers_shows(d, "4", "primary_team"), team));
    if (row->call != MEMORY_PLATFORM_CREATE || row->done)
        assert_int_equal(delivers_status(d, "6"), ACCOUNT_DEACTIVATED);
    assert_int_equal(undoes_stays(d), row->done); /* else the next delivery does it */
}

static const struct go_row {
    const char *name;
    bool arrived;
} go_rows[] = {
    { "nobody heard that it was let go of, and it was: it is nobody's", true },
    { "nobody heard that it was let go of, and it was not: it is theirs still", false },
};

static void what_was_let_go_of_unheard_is_by_what_it_shows(void **state) {
    struct delivers *d = *state;
    const struct go_row *row = d->row;
    const struct memory_platform_fault fault = { MEMORY_PLATFORM_UPDATE, 0, RC_UNSURE, NULL,
                                                 row->arrived };
    struct text id;
    struct run r = undoes_linked(d, &id);
    struct run u = undoes_plan(d, r.run_id);
    d->there.faults = &fault;
    d->there.faults_n = 1;
    u = delivers_approve(d, u.run_id);
    d->there.faults_n = 0;
    assert_string_equal(delivers_effects(d, u.run_id), "unlink 4 unsure\n");
    assert_true(undoes_stays(d));
    assert_string_equal(delivers_code(d, "4"), row->arrived ? "email-taken" : "in-step");
    assert_int_equal(delivers_id(d, "4").state, row->arrived ? TEXT_MISSING : TEXT_SET);
    assert_true(text_is(memory_platform_field(&d->there, id, "job_title"),
                        row->arrived ? "Guest" : "Welder"));
    assert_int_equal(d->there.accounts_n, 5);
}

/* Its id had been taken back when the process died, and it was not closed again yet: the undo goes on. */
static void one_that_was_opened_is_closed_again_though_it_is_let_go_of_already(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    struct text id = memory_platform_put(
        &d->there, (const char *const[]){ "first_name=First4", "last_name=Last4", "email=p4@x.org",
                                          "job_title=Guest", "status=deactivated", NULL });
    id = text_copy(&d->w->bed->a, id);
    world_add(d->w, "4");
    world_import(d->w);
    delivers_day(d, 1);
    delivers_run(d);
    hands_answer(d, "4", ACCOUNTS_APPROVE);
    struct run r = delivers_run(d);
    struct account *is = &memory_platform_find(&d->there, id)->is;
    assert_int_equal(is->status, ACCOUNT_ACTIVE);
    undoes_plan(d, r.run_id);
    undoes_cut(d, 4);
    is->external_id = (struct text){ 0 };
    is->fields[USER_JOB_TITLE].known = TEXT_LIT("Guest");
    delivers_run(d);
    assert_int_equal(is->status, ACCOUNT_DEACTIVATED);
    assert_true(undoes_stays(d));
    assert_int_equal(delivers_id(d, "4").state, TEXT_MISSING);
}

/* ---- teams ---- */

static struct run rename_dock(struct delivers *d, bool cut, bool arrived) {
    const struct memory_platform_fault fault = { MEMORY_PLATFORM_TEAM_UPDATE, 0, RC_UNSURE, NULL,
                                                 arrived };
    delivers_begin(d, 5);
    for (int i = 1; i <= 5; i++)
        world_put(d->w, arena_printf(&d->w->bed->a, "%d", i), "department=Harbour#9");
    world_import(d->w);
    if (!cut) {
        d->there.faults = &fault;
        d->there.faults_n = 1;
        struct run r = delivers_run(d);
        d->there.faults_n = 0;
        return r;
    }
    struct run r = delivers_preview(d, 0);
    place_exec(d->w->bed->st->db,
               "UPDATE run SET state = 'passed', preview = 0, sent_pass = 1, sent_to = 1000"
               " WHERE state = 'previewed'");
    if (arrived)
        d->there.teams[0].is.name = TEXT_LIT("Harbour");
    delivers_run(d);
    return r;
}

static const struct rename_row {
    const char *name;
    bool cut, arrived;
} rename_rows[] = {
    { "a renaming that was cut off, and had arrived", true, true },
    { "a renaming that was cut off, and had not arrived", true, false },
    { "a renaming whose answer got lost, and had arrived", false, true },
    { "a renaming whose answer got lost, and had not arrived", false, false },
};

static void a_renaming_that_nobody_heard_of_is_undone(void **state) {
    struct delivers *d = *state;
    const struct rename_row *row = d->row;
    struct run r = rename_dock(d, row->cut, row->arrived);
    undoes_run(d, r.run_id);
    assert_true(text_is(d->there.teams[0].is.name, "Dock"));
    assert_true(undoes_stays(d));
    assert_true(text_is(d->there.teams[0].is.name, "Dock"));
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[24] = {
        DELIVERS_TEST(what_another_run_did_later_is_left_to_it),
        DELIVERS_TEST(one_that_was_opened_is_closed_again_though_it_is_let_go_of_already)
    };
    size_t n = CHECK_LISTED(tests);
    DELIVERS_ROWS(tests, n, delivered_rows, what_was_cut_off_and_went_on_is_undone);
    DELIVERS_ROWS(tests, n, rejected_rows,
                  what_was_cut_off_and_rejected_is_undone_as_far_as_it_was_done);
    DELIVERS_ROWS(tests, n, lost_rows, what_got_lost_is_undone_with_the_rest);
    DELIVERS_ROWS(tests, n, go_rows, what_was_let_go_of_unheard_is_by_what_it_shows);
    DELIVERS_ROWS(tests, n, rename_rows, a_renaming_that_nobody_heard_of_is_undone);
    return place_run("undo doubt", tests, n, argc, argv);
}
