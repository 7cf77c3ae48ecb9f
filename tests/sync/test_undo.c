/* A delivery is undone: each inverse, who is skipped, and that it stays so. Built with
 * -DROLLCALL_WITHOUT_DECIDE=DECIDE_PINS this is a negative control: what was undone is sent again. */
#include "tests/sync/hands.h"
#include "tests/sync/undoes.h"

#ifdef ROLLCALL_WITHOUT_DECIDE
#define HELD false
#else
#define HELD true
#endif

/* ---- acting ---- */

static void release(struct delivers *d, const char *id, const char *field, size_t want) {
    struct accounts_context x = hands_context(d);
    size_t n = 0;
    OK(accounts_release(&x, hands_user(d, id), field != NULL ? text_of(field) : (struct text){ 0 },
                        &n, &why));
    assert_int_equal(n, want);
}

static const char *answers(struct delivers *d, int64_t run_id) {
    struct effect *list;
    struct buf b;
    size_t n;
    OK(effect_list(d->w->bed->st, d->w->bed->company_id, run_id, 0, 100, &d->w->bed->a, &list, &n,
                   &why));
    buf_init(&b, 1 << 20);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%.*s | %.*s\n", TEXT_ARG(list[i].sentence), TEXT_ARG(list[i].answer));
    const char *s = arena_str(&d->w->bed->a, b.ptr != NULL ? b.ptr : "", b.len);
    buf_done(&b);
    return s;
}

static void assert_tells(const char *text, const char *words) {
    if (strstr(text, words) == NULL)
        fail_msg("\"%s\" is not in: %s", words, text);
}

/* ---- fields ---- */

static const struct field_row {
    const char *name, *pair, *field, *old;
} field_rows[] = {
    { "a job title goes back, and stays so", "job_title=Foreman", "job_title", "Welder" },
    { "a name goes back", "last_name=Meyer", "last_name", "Last3" },
    { "an address goes back", "email=new3@x.org", "email", "p3@x.org" },
    { "a location goes back", "office=Bergen", "primary_location", "Bremen" },
    { "a leave date that HR had moved goes back", "hire_date=2021-05-01", "hire_date",
      "2020-01-31" },
};

static void a_field_goes_back_and_stays_so(void **state) {
    struct delivers *d = *state;
    const struct field_row *row = d->row;
    delivers_begin(d, 5);
    struct run r = undoes_change(d, "3", row->pair);
    assert_false(undoes_shows(d, "3", row->field, row->old));
    struct run u = undoes_run(d, r.run_id);
    assert_string_equal(delivers_effects(d, u.run_id), "update 3 done\n");
    assert_string_equal(delivers_effects(d, r.run_id), "update 3 undone\n");
    assert_true(undoes_shows(d, "3", row->field, row->old));
    assert_int_equal(undoes_stays(d), HELD);
    assert_int_equal(undoes_shows(d, "3", row->field, row->old), HELD);
    if (HELD)
        assert_string_equal(delivers_code(d, "3"), "pinned");
    assert_int_equal(d->there.mails_n, 5);
}

static void another_manager_and_another_team_go_back(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    struct text team = delivers_shows(d, "3", "primary_team");
    world_put(d->w, "3", "department=Yard#10");
    struct run r = undoes_change(d, "3", "supervisor=2");
    struct text other = delivers_shows(d, "3", "primary_team");
    assert_false(text_equal(other, team));
    assert_true(text_equal(delivers_shows(d, "3", "manager"), delivers_id(d, "2")));
    undoes_run(d, r.run_id);
    assert_true(text_equal(delivers_shows(d, "3", "primary_team"), team));
    assert_true(text_equal(delivers_shows(d, "3", "manager"), delivers_id(d, "1")));
    assert_int_equal(undoes_pins(d), 2);
    assert_int_equal(undoes_stays(d), HELD);
}

/* What the plan sends is not written once more with what came about besides: both go back. */
static void what_came_about_in_the_same_run_goes_back_too(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_add(d->w, "9");
    undoes_change(d, "9", "department=");
    assert_int_not_equal(delivers_shows(d, "9", "primary_team").state, TEXT_SET);
    world_add(d->w, "8");
    world_put(d->w, "9", "supervisor=8");
    world_put(d->w, "9", "department=Yard#10");
    struct run r = undoes_change(d, "9", "job_title=Foreman");
    assert_true(undoes_shows(d, "9", "job_title", "Foreman"));
    assert_int_equal(delivers_shows(d, "9", "primary_team").state, TEXT_SET);
    assert_true(text_equal(delivers_shows(d, "9", "manager"), delivers_id(d, "8")));
    undoes_run(d, r.run_id);
    assert_true(undoes_shows(d, "9", "job_title", "Welder"));
    assert_int_not_equal(delivers_shows(d, "9", "primary_team").state, TEXT_SET);
    assert_true(text_equal(delivers_shows(d, "9", "manager"), delivers_id(d, "1")));
    assert_int_equal(undoes_stays(d), HELD);
}

static void another_value_in_hr_ends_the_pin_for_good(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    struct run r = undoes_change(d, "3", "job_title=Foreman");
    undoes_run(d, r.run_id);
    assert_int_equal(undoes_pins(d), 1);
    undoes_change(d, "3", "job_title=Fitter");
    assert_int_equal(undoes_pins(d), 0);
    assert_true(undoes_shows(d, "3", "job_title", "Fitter"));
    undoes_change(d, "3", "job_title=Foreman");
    assert_true(undoes_shows(d, "3", "job_title", "Foreman"));
}

static void a_preview_ends_no_pin(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    undoes_run(d, undoes_change(d, "3", "job_title=Foreman").run_id);
    world_put(d->w, "3", "job_title=Fitter");
    world_import(d->w);
    delivers_preview(d, 0);
    assert_int_equal(undoes_pins(d), 1);
}

static void releasing_sends_what_hr_states(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_put(d->w, "3", "last_name=Meyer");
    undoes_run(d, undoes_change(d, "3", "job_title=Foreman").run_id);
    assert_int_equal(undoes_pins(d), 2);
    release(d, "3", "job_title", 1);
    release(d, "3", "job_title", 0);
    delivers_run(d);
    assert_true(undoes_shows(d, "3", "job_title", "Foreman"));
    assert_true(undoes_shows(d, "3", "last_name", "Last3"));
    release(d, "3", NULL, 1);
    delivers_run(d);
    assert_true(undoes_shows(d, "3", "last_name", "Meyer"));
}

/* ---- accounts ---- */

static void who_was_made_is_closed_and_stays_so(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_add(d->w, "6");
    world_import(d->w);
    struct run r = delivers_run(d);
    struct run u = undoes_run(d, r.run_id);
    assert_string_equal(delivers_effects(d, u.run_id), "deactivate 6 done\n");
    assert_tells(answers(d, u.run_id), "a mail that was sent is beyond undoing");
    assert_int_equal(delivers_status(d, "6"), ACCOUNT_DEACTIVATED);
    assert_int_equal(d->there.accounts_n, 7);
    assert_true(undoes_stays(d));
    assert_int_equal(delivers_status(d, "6"), ACCOUNT_DEACTIVATED);
    if (!HELD)
        return;
    assert_string_equal(delivers_code(d, "6"), "closed-by-undo");
    assert_int_equal(d->there.mails_n, 6);
    release(d, "6", NULL, 1);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "6"), ACCOUNT_ACTIVE);
    assert_int_equal(d->there.mails_n, 6);
}

static void a_closed_one_is_free_again_once_hr_agrees(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_add(d->w, "6");
    world_import(d->w);
    undoes_run(d, delivers_run(d).run_id);
    world_put(d->w, "6", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(undoes_pins(d), 0);
    world_put(d->w, "6", "status=active");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "6"), ACCOUNT_ACTIVE);
}

static void who_was_closed_is_opened_with_team_and_manager_and_stays_so(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    struct text team = delivers_shows(d, "3", "primary_team");
    struct run r = undoes_change(d, "3", "status=inactive");
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_DEACTIVATED);
    struct run u = undoes_run(d, r.run_id);
    assert_tells(answers(d, u.run_id), "although HR says that they are gone");
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_ACTIVE);
    assert_true(text_equal(delivers_shows(d, "3", "primary_team"), team));
    assert_true(text_equal(delivers_shows(d, "3", "manager"), delivers_id(d, "1")));
    assert_true(undoes_stays(d));
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_ACTIVE);
    if (HELD)
        assert_string_equal(delivers_code(d, "3"), "opened-by-undo");
    world_put(d->w, "3", "status=active");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(undoes_pins(d), 0);
    undoes_change(d, "3", "status=inactive");
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_DEACTIVATED);
}

static void who_was_reactivated_is_closed_again(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    undoes_change(d, "3", "status=inactive");
    struct run r = undoes_change(d, "3", "status=active");
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_ACTIVE);
    undoes_run(d, r.run_id);
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_DEACTIVATED);
    assert_true(undoes_stays(d));
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_DEACTIVATED);
}

static void who_was_linked_is_let_go_of_and_not_linked_again(void **state) {
    struct delivers *d = *state;
    struct text id;
    struct run r = undoes_linked(d, &id);
    assert_true(text_equal(delivers_id(d, "4"), id));
    assert_true(text_is(memory_platform_field(&d->there, id, "job_title"), "Welder"));
    struct run u = undoes_run(d, r.run_id);
    assert_tells(delivers_effects(d, u.run_id), "unlink");
    assert_int_equal(delivers_id(d, "4").state, TEXT_MISSING);
    assert_true(text_is(memory_platform_field(&d->there, id, "job_title"), "Guest"));
    assert_int_equal(memory_platform_find(&d->there, id)->is.status, ACCOUNT_ACTIVE);
    assert_true(undoes_stays(d));
    assert_string_equal(delivers_code(d, "4"), "email-taken");
    assert_int_equal(d->there.accounts_n, 5);
    assert_int_equal(memory_platform_mails_to(&d->there, id), 0);
}

static const struct linked_row {
    const char *name, *email;
    bool closed;
} linked_rows[] = {
    { "linked by hand, under another address: it stays so", "email=lopez@x.org", false },
    { "linked by hand, under the address of HR: it stays so", "email=p4@x.org", false },
    { "linked by hand and opened: it is closed again and stays so", "email=lopez@x.org", true },
};

/* HR makes people inactive by itself when the day of a date has come, also of one that was wrong. */
static const struct end_row {
    const char *name;
    int before,
        after; /* days on which HR is read and still says that they work: before it is undone, and after it */
} end_rows[] = {
    { "whose end date was undone is not closed by the status that follows", 0, 0 },
    { "nor when HR was read before it was undone", 1, 0 },
    { "nor when HR was read after that", 0, 1 },
    { "nor when the days in which HR's status is believed are over", 1, 12 },
};

static void read_hr(struct delivers *d, int days) {
    for (int i = 0; i < days; i++) {
        world_put(d->w, "3", i % 2 == 0 ? "job_title=One" : "job_title=Other");
        world_import(d->w);
        delivers_run(d);
        delivers_day(d, 1);
    }
}

static void whose_end_date_was_undone_stays(void **state) {
    struct delivers *d = *state;
    const struct end_row *row = d->row;
    delivers_begin(d, 3);
    world_put(d->w, "3", "termination_date=2026-09-23");
    world_import(d->w);
    delivers_day(d, 3);
    struct run r = delivers_run(d);
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_DEACTIVATED);
    read_hr(d, row->before);
    undoes_run(d, r.run_id);
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_ACTIVE);
    bool stays = HELD || row->before + row->after == 0; /* as if a hand had opened it */
    read_hr(d, row->after);
    delivers_run(d);
    assert_true(delivers_status(d, "3") == ACCOUNT_ACTIVE || !stays);
    world_put(d->w, "3", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "3"), stays ? ACCOUNT_ACTIVE : ACCOUNT_DEACTIVATED);
    if (!stays)
        return;
    assert_string_equal(delivers_code(d, "3"), HELD ? "opened-by-undo" : "reactivated-by-hand");
    assert_true(undoes_stays(d));
    world_put(d->w, "3", "status=active");
    world_put(d->w, "3", "termination_date=");
    world_import(d->w);
    delivers_run(d);
    undoes_change(d, "3", "status=inactive"); /* anew */
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_DEACTIVATED);
}

/* With the opening went what HR states by then. */
static void who_was_reactivated_gets_back_what_was_sent_with_it(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    undoes_change(d, "3", "status=inactive");
    struct account *is = &memory_platform_find(&d->there, delivers_id(d, "3"))->is;
    is->fields[USER_JOB_TITLE].known = TEXT_LIT("Captain");
    delivers_day(d, 1);
    delivers_run(d);
    struct run r = undoes_change(d, "3", "status=active");
    assert_int_equal(is->status, ACCOUNT_ACTIVE);
    assert_false(text_is(is->fields[USER_JOB_TITLE].known, "Captain"));
    undoes_run(d, r.run_id);
    assert_int_equal(is->status, ACCOUNT_DEACTIVATED);
    assert_true(text_is(is->fields[USER_JOB_TITLE].known, "Captain"));
    assert_true(undoes_stays(d));
}

/* Closing a manager hands the reports to somebody of the platform's choice, whom nobody has read yet. */
static void what_was_there_and_is_not_known_is_not_emptied(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    undoes_change(d, "1", "status=inactive");
    struct account *is = &memory_platform_find(&d->there, delivers_id(d, "3"))->is;
    struct run r = undoes_change(d, "1", "status=active");
    assert_true(text_equal(delivers_shows(d, "3", "manager"), delivers_id(d, "1")));
    undoes_run(d, r.run_id);
    assert_int_equal(is->fields[USER_MANAGER].known.state, TEXT_SET);
}

static struct text linked_by_hand(struct delivers *d, const char *email, enum account_status is) {
    delivers_begin(d, 3);
    struct text id = memory_platform_put(
        &d->there, (const char *const[]){ "first_name=First4", "last_name=Last4", email,
                                          "job_title=Guest", "mail=sent", NULL });
    memory_platform_find(&d->there, id)->is.status = is;
    delivers_day(d, 1);
    delivers_run(d);
    world_add(d->w, "4");
    world_import(d->w);
    hands_link(d, id, "4");
    return id;
}

/* The delivery that gives our id takes nothing from the word of whoever linked it. */
static void who_was_linked_by_hand_stays_linked(void **state) {
    struct delivers *d = *state;
    const struct linked_row *row = d->row;
    bool closed = row->closed;
    delivers_policy(d, "{\"undo-deactivated-by-hand\":\"yes\"}");
    struct text id = linked_by_hand(d, row->email, closed ? ACCOUNT_DEACTIVATED : ACCOUNT_ACTIVE);
    struct run r = delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "adopt 4 done\n");
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_ACTIVE);
    assert_true(undoes_shows(d, "4", "email", "p4@x.org"));
    struct run u = undoes_run(d, r.run_id);
    assert_string_equal(delivers_effects(d, u.run_id),
                        closed ? "deactivate 4 done\n" : "update 4 done\n");
    assert_true(text_equal(delivers_id(d, "4"), id));
    assert_true(undoes_shows(d, "4", "email", row->email + strlen("email=")));
    assert_true(undoes_shows(d, "4", "job_title", "Guest"));
    assert_int_equal(delivers_status(d, "4"), closed ? ACCOUNT_DEACTIVATED : ACCOUNT_ACTIVE);
    assert_int_equal(undoes_stays(d), HELD || closed);
    assert_true(text_equal(delivers_id(d, "4"), id));
    assert_int_equal(d->there.accounts_n, 5); /* and nobody was invited anew */
    assert_int_equal(d->there.mails_n, 3);
    world_put(d->w, "4", "status=inactive");
    world_import(d->w);
    delivers_run(d); /* who leaves is closed, by whatever address */
    assert_int_equal(memory_platform_find(&d->there, id)->is.status, ACCOUNT_DEACTIVATED);
}

/* The process dies with the answer; what was sent shows in a fresh inventory. */
static void who_was_linked_by_hand_and_has_our_id_already_counts_as_done(void **state) {
    struct delivers *d = *state;
    linked_by_hand(d, "email=lopez@x.org", ACCOUNT_ACTIVE);
    struct run r = delivers_run(d);
    unsigned writes = delivers_writes(d);
    place_exec(d->w->bed->st->db, "UPDATE effect SET state = 'planned' WHERE verb = 'adopt'");
    OK(store_run(d->w->bed->st, NULL, &why, "UPDATE run SET state = 'passed' WHERE run_id = $1",
                 "i", r.run_id));
    delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "adopt 4 done\n");
    assert_tells(answers(d, r.run_id), "it had been done, and the answer was lost");
    assert_int_equal(delivers_writes(d), writes);
}

/* Another address than HR's is another address, whoever has linked it. */
static void who_was_linked_by_hand_counts_with_all_that_is_sent(void **state) {
    struct delivers *d = *state;
    linked_by_hand(d, "email=lopez@x.org", ACCOUNT_ACTIVE);
    delivers_limits(d, "{\"email\":{\"run\":[0,0],\"24h\":[0,0],\"30d\":[0,0]}}");
    struct run r = delivers_run(d);
    assert_state(&r, RUN_HELD);
    assert_int_equal(r.counts.classes[CHANGE_ADOPTIONS], 1);
    assert_int_equal(r.counts.classes[CHANGE_EMAIL], 1);
}

/* ---- who is skipped ---- */

static void who_has_changed_since_is_skipped_and_named(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_put(d->w, "2", "job_title=Foreman");
    world_put(d->w, "3", "job_title=Foreman");
    world_put(d->w, "4", "status=inactive");
    world_put(d->w, "3", "last_name=Meyer");
    world_import(d->w);
    struct run r = delivers_run(d);
    memory_platform_find(&d->there, delivers_id(d, "2"))->is.fields[USER_JOB_TITLE].known =
        TEXT_LIT("King");
    memory_platform_find(&d->there, delivers_id(d, "3"))->is.fields[USER_LAST_NAME].known =
        TEXT_LIT("Queen");
    memory_platform_find(&d->there, delivers_id(d, "4"))->is.status = ACCOUNT_ACTIVE;
    struct run u = undoes_plan(d, r.run_id);
    assert_string_equal(delivers_effects(d, u.run_id),
                        "stays 2 dropped\nupdate 3 planned\nstays 4 dropped\n");
    assert_tells(answers(d, u.run_id), "job_title stays: changed since, King there");
    assert_tells(answers(d, u.run_id), "last_name stays: changed since, Queen there");
    assert_tells(answers(d, u.run_id), "is open already");
    u = delivers_approve(d, u.run_id);
    assert_true(undoes_shows(d, "2", "job_title", "King"));
    assert_true(undoes_shows(d, "3", "job_title", "Welder"));
    assert_true(undoes_shows(d, "3", "last_name", "Queen"));
    assert_tells(delivers_effects(d, r.run_id), "update 3 done\n"); /* not all of it was undone */
}

static void what_changes_between_preview_and_approval_is_left_out(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_put(d->w, "2", "job_title=Foreman");
    struct run r = undoes_change(d, "3", "job_title=Foreman");
    struct run u = undoes_plan(d, r.run_id);
    memory_platform_find(&d->there, delivers_id(d, "2"))->is.fields[USER_JOB_TITLE].known =
        TEXT_LIT("King");
    u = delivers_approve(d, u.run_id);
    assert_string_equal(delivers_effects(d, u.run_id), "update 2 dropped\nupdate 3 done\n");
    assert_tells(answers(d, u.run_id), "King there");
    assert_int_equal(undoes_pins(d), 1);
}

static void an_address_that_is_somebody_elses_by_now_is_not_given_back(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    struct run r = undoes_change(d, "3", "email=new3@x.org");
    world_add(d->w, "6");
    world_put(d->w, "6", "email=p3@x.org");
    world_import(d->w);
    struct run u = undoes_plan(d, r.run_id);
    assert_tells(answers(d, u.run_id), "HR states p3@x.org for somebody else");
    delivers_run(d);
    assert_true(undoes_shows(d, "6", "email", "p3@x.org"));
    u = undoes_plan(d, r.run_id);
    assert_string_equal(delivers_effects(d, u.run_id), "stays 3 dropped\n");
}

static void protected_accounts_are_neither_closed_nor_given_another_address(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_put(d->w, "3", "email=new3@x.org");
    world_add(d->w, "6");
    world_import(d->w);
    struct run r = delivers_run(d);
    memory_platform_find(&d->there, delivers_id(d, "6"))->is.role = TEXT_LIT("admin");
    memory_platform_find(&d->there, delivers_id(d, "3"))->is.role = TEXT_LIT("admin");
    delivers_policy(d, "{\"protect-roles\":\"admin\"}");
    struct run u = undoes_run(d, r.run_id);
    assert_tells(answers(d, u.run_id), "is protected: it is not closed");
    assert_tells(answers(d, u.run_id), "email stays: the account is protected");
    assert_int_equal(delivers_status(d, "6"), ACCOUNT_ACTIVE);
    assert_true(undoes_shows(d, "3", "email", "new3@x.org"));
}

/* ---- teams ---- */

static void a_renamed_team_has_its_old_name_again(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    for (int i = 1; i <= 5; i++)
        world_put(d->w, arena_printf(&d->w->bed->a, "%d", i), "department=Harbour#9");
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_true(text_is(d->there.teams[0].is.name, "Harbour"));
    struct run u = undoes_run(d, r.run_id);
    assert_string_equal(delivers_effects(d, u.run_id), "team rename done\n");
    assert_true(text_is(d->there.teams[0].is.name, "Dock"));
    assert_true(undoes_stays(d));
    assert_true(text_is(d->there.teams[0].is.name, "Dock"));
    for (int i = 1; i <= 5; i++)
        world_put(d->w, arena_printf(&d->w->bed->a, "%d", i), "department=Pier#9");
    world_import(d->w);
    delivers_run(d);
    assert_true(text_is(d->there.teams[0].is.name, "Pier"));
    assert_int_equal(undoes_pins(d), 0);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[64] = {
        DELIVERS_TEST(another_manager_and_another_team_go_back),
        DELIVERS_TEST(what_came_about_in_the_same_run_goes_back_too),
        DELIVERS_TEST(another_value_in_hr_ends_the_pin_for_good),
        DELIVERS_TEST(a_preview_ends_no_pin),
        DELIVERS_TEST(who_was_made_is_closed_and_stays_so),
        DELIVERS_TEST(who_was_closed_is_opened_with_team_and_manager_and_stays_so),
        DELIVERS_TEST(who_was_reactivated_is_closed_again),
        DELIVERS_TEST(who_was_reactivated_gets_back_what_was_sent_with_it),
        DELIVERS_TEST(what_was_there_and_is_not_known_is_not_emptied),
        DELIVERS_TEST(who_was_linked_is_let_go_of_and_not_linked_again),
        DELIVERS_TEST(what_changes_between_preview_and_approval_is_left_out),
        DELIVERS_TEST(an_address_that_is_somebody_elses_by_now_is_not_given_back),
        DELIVERS_TEST(protected_accounts_are_neither_closed_nor_given_another_address),
        DELIVERS_TEST(a_renamed_team_has_its_old_name_again),
        DELIVERS_TEST(who_has_changed_since_is_skipped_and_named),
        DELIVERS_TEST(who_was_linked_by_hand_and_has_our_id_already_counts_as_done),
        DELIVERS_TEST(who_was_linked_by_hand_counts_with_all_that_is_sent),
    };
    size_t n = CHECK_LISTED(tests);
    if (HELD) {
        tests[n++] = (struct CMUnitTest)DELIVERS_TEST(releasing_sends_what_hr_states);
        tests[n++] = (struct CMUnitTest)DELIVERS_TEST(a_closed_one_is_free_again_once_hr_agrees);
    }
    DELIVERS_ROWS(tests, n, end_rows, whose_end_date_was_undone_stays);
    DELIVERS_ROWS(tests, n, field_rows, a_field_goes_back_and_stays_so);
    DELIVERS_ROWS(tests, n, linked_rows, who_was_linked_by_hand_stays_linked);
    return place_run("undo", tests, n, argc, argv);
}
