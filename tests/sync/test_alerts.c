/* Telling people: a company whose HR a test writes down, and what is told of it, how often and to whom. */
#include <stdio.h>
#include "store/alert.h"
#include "store/hook.h"
#include "store/job.h"
#include "sync/health.h"
#include "tests/sync/office.h"

static void fails(struct office *f, enum rc_code code, const char *name, const char *text) {
    struct rc_error err = { .code = code, .name = name };
    snprintf(err.text, sizeof err.text, "%s", text);
    health_note(f->w->bed->st, &f->w->clock, f->w->bed->company_id, f->w->bed->in.integration_id,
                code, &err);
}

static void works(struct office *f) {
    struct rc_error err = { 0 };
    health_note(f->w->bed->st, &f->w->clock, f->w->bed->company_id, f->w->bed->in.integration_id,
                RC_OK, &err);
}

static struct run hold_leavers(struct world *w) {
    for (int i = 2; i <= 7; i++)
        world_put(w, arena_printf(&w->bed->a, "%d", i), "status=inactive");
    for (int i = 2; i <= 7; i++)
        world_put(w, arena_printf(&w->bed->a, "%d", i), "termination_date=2026-09-01");
    struct run r = world_import(w);
    assert_state(&r, RUN_HELD);
    assert_true(health_leavers(&r) > 0);
    return r;
}

/* ---- held runs ---- */

static void a_held_run_is_told_once_a_day_and_once_when_it_is_over(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    assert_int_equal(office_look(&f), 0);
    struct run r = office_hold(w, "y.org");
    assert_int_equal(office_look(&f), 1);
    assert_mail_says(&f, "To: <" ADMIN ">");
    assert_mail_says(&f, "Subject: Acme: a run waits for your decision\r\n");
    assert_mail_says(&f, "6 e-mail changes: the limit for one run is 3");
    assert_mail_says(&f,
                     arena_printf(&w->bed->a, "rollcall run show acme/%lld", (long long)r.run_id));
    assert_false(office_mail_says(&f, "y.org"));
    for (int i = 0; i < 20; i++) {
        office_move(&f, HOUR_S);
        assert_int_equal(office_look(&f), 0);
    }
    office_move(&f, 4 * HOUR_S);
    assert_int_equal(office_look(&f), 1);
    assert_mail_says(&f, "(still)");
    world_approve(w, r.run_id);
    assert_int_equal(office_look(&f), 1);
    assert_mail_says(&f, "was approved");
    assert_int_equal(office_look(&f), 0);
    office_move(&f, 50 * HOUR_S);
    assert_int_equal(office_look(&f), 0);
}

static unsigned look_at_all(struct office *f) {
    OK(alerts_keep_all(f->w->bed->st, &f->o, &f->w->clock, &f->known, &why));
    unsigned before = f->told;
    f->told = smtp_fake_taken(f->fake);
    return f->told - before;
}

static void
of_many_companies_those_concerned_are_looked_at_each_time_the_others_in_turn(void **state) {
    enum { OTHERS = 3 * ALERTS_OTHERS_AT_ONCE };
    OFFICE(state);
    int64_t id;
    world_begin(w, 20);
    for (int i = 0; i < OTHERS; i++)
        OK(company_add(w->bed->st, arena_printf(&w->bed->a, "c%d", i), "C", "UTC", T0, &id, &why));
    assert_int_equal(look_at_all(&f), 0);
    struct run r = office_hold(w, "y.org");
    assert_int_equal(look_at_all(&f), 1); /* whosever turn it is */
    assert_int_equal(look_at_all(&f), 0);
    world_approve(w, r.run_id);
    assert_int_equal(look_at_all(&f), 1);
    OK(integration_get(w->bed->st, w->bed->company_id, w->bed->in.integration_id, NULL, &w->bed->a,
                       &w->bed->in, &why));
    w->bed->in.schedule = TEXT_LIT("every 1 hour");
    OK(integration_save(w->bed->st, w->bed->key, &w->bed->in, &why));
    office_move(&f, 50 * HOUR_S); /* nothing but time has passed */
    unsigned told = 0;
    for (int turns = 0; turns < 2 + OTHERS / ALERTS_OTHERS_AT_ONCE; turns++)
        told += look_at_all(&f);
    assert_int_equal(told, 1);
    assert_mail_says(&f, "HR");
}

static void a_hold_that_delays_leavers_is_urgent_and_names_them(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    hold_leavers(w);
    f.o.operator_address = OPERATOR;
    assert_int_equal(office_look(&f), 1);
    assert_mail_says(&f, "Subject: Acme: 6 people who left can still sign in until you decide");
    assert_mail_says(&f, "First2 Last2 (2 in HR)");
    assert_false(office_mail_says(&f, "@x.org"));
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM alert WHERE cause = 'held-leavers'"),
                     1);
}

static void the_operator_is_told_of_it_where_nobody_else_is_and_gets_no_names(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    office_to(w, NULL, NULL);
    f.o.operator_address = OPERATOR;
    hold_leavers(w);
    assert_int_equal(office_look(&f), 1);
    assert_mail_says(&f, "To: <" OPERATOR ">");
    assert_mail_says(&f, "6 people who left");
    assert_false(office_mail_says(&f, "Last2"));
}

static void a_hold_that_another_one_supersedes_is_the_same_alert(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    office_hold(w, "y.org");
    assert_int_equal(office_look(&f), 1);
    struct run second = office_hold(w, "z.org");
    assert_int_equal(office_look(&f), 0);
    assert_int_equal(bed_number(w->bed, "SELECT run_id FROM alert"), second.run_id);
}

static void
a_hold_that_comes_to_delay_leavers_is_told_at_once_and_nothing_is_called_over(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    office_hold(w, "y.org");
    assert_int_equal(office_look(&f), 1);
    struct run r = hold_leavers(w);
    assert_int_equal(office_look(&f), 1);
    assert_mail_says(&f, "can still sign in");
    world_approve(w, r.run_id);
    assert_int_equal(office_look(&f), 1);
    assert_mail_says(&f, "was approved");
}

static void another_hold_after_an_answer_is_news(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    struct run r = office_hold(w, "y.org");
    assert_int_equal(office_look(&f), 1);
    world_approve(w, r.run_id);
    assert_int_equal(office_look(&f), 1);
    office_hold(w, "z.org");
    assert_int_equal(office_look(&f), 1);
    assert_mail_says(&f, "a run waits for your decision\r\n");
}

/* ---- what does not work ---- */

static void a_hiccup_is_told_to_nobody(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    for (int i = 0; i < 5; i++) {
        fails(&f, RC_RETRY, "http.unreachable", "cannot reach hr.example");
        office_move(&f, 5 * MINUTE_S);
        assert_int_equal(office_look(&f), 0);
    }
    works(&f);
    assert_int_equal(office_look(&f), 0);
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM alert"), 0);
}

static void hr_that_is_down_for_an_hour_is_told_once_a_day_and_its_end_once(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    unsigned mails = 0;
    for (int hour = 0; hour < 52; hour++) {
        fails(&f, RC_RETRY, "http.unreachable", "cannot reach hr.example: no route");
        mails += office_look(&f);
        office_move(&f, HOUR_S);
    }
    assert_int_equal(mails, 3); /* in the third hour, and a day and two later */
    assert_mail_says(&f, "cannot reach hr.example: no route.");
    assert_mail_says(&f, "who leaves keeps theirs");
    works(&f);
    assert_int_equal(office_look(&f), 1);
    assert_mail_says(&f, "Subject: Acme: over: HR system hr is read again");
    assert_int_equal(office_look(&f), 0);
}

static void refused_credentials_are_told_at_once_to_the_operator_too(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    f.o.operator_address = OPERATOR;
    fails(&f, RC_AUTH, "personio.credentials", "Personio refuses client id and secret");
    assert_int_equal(office_look(&f), 2);
    assert_mail_says(&f, "HR system hr refuses our credentials");
    assert_mail_says(&f, "rollcall integration check acme/hr");
    works(&f);
    assert_int_equal(office_look(&f), 2);
}

static void what_comes_and_goes_is_told_once_a_day(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    unsigned mails = 0;
    for (int i = 0; i < 20; i++) {
        fails(&f, RC_AUTH, "personio.credentials", "refused");
        mails += office_look(&f);
        office_move(&f, HOUR_S / 2);
        works(&f);
        mails += office_look(&f);
        office_move(&f, HOUR_S / 2);
    }
    assert_int_equal(mails, 2); /* it began, and it was over */
    office_move(&f, 5 * HOUR_S);
    fails(&f, RC_AUTH, "personio.credentials", "refused");
    assert_int_equal(office_look(&f), 1);
}

static void what_somebody_else_was_at_is_nobodys_failure(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    for (int i = 0; i < 10; i++) {
        fails(&f, RC_CONFLICT, "busy", "another process");
        fails(&f, RC_RETRY, "stopping", "stopped");
        office_move(&f, 9 * HOUR_S);
        assert_int_equal(office_look(&f), 0);
    }
}

/* Of the database's, which says of a key of ours that it is taken: it comes again. */
static void a_conflict_that_names_nobody_is_told(void **state) {
    OFFICE(state);
    unsigned mails = 0;
    world_begin(w, 20);
    for (int i = 0; i < 4; i++) {
        fails(&f, RC_CONFLICT, NULL, "a unique key says no");
        office_move(&f, HOUR_S);
        mails += office_look(&f);
    }
    assert_int_equal(mails, 1);
}

/* ---- HR that does not tell by itself ---- */

static struct hook hooked(struct world *w) {
    struct bed *b = w->bed;
    struct hook h;
    OK(db_begin(b->st->db, &why));
    OK(hook_make(b->st, b->key, b->company_id, b->in.integration_id, w->fake.now_us, &b->a, &h,
                 &why));
    OK(db_commit(b->st->db, &why));
    return h;
}

static void a_webhook_that_cannot_be_kept_is_told_once_a_day_and_its_end_once(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    struct hook h = hooked(w);
    f.o.operator_address = OPERATOR;
    h.state = HOOK_FAILING;
    h.failing_us = w->fake.now_us;
    h.note = TEXT_LIT("PATCH /v2/webhooks: answered 500");
    OK(hook_save(w->bed->st, &h, &why));
    assert_int_equal(office_look(&f), 0); /* a hiccup */
    office_move(&f, HOUR_S);
    assert_int_equal(office_look(&f), 2);
    assert_mail_says(&f, "Acme: HR system hr does not tell of changes by itself");
    assert_mail_says(&f, "PATCH /v2/webhooks: answered 500.");
    assert_mail_says(&f, "rollcall integration webhook show acme/hr");
    assert_mail_says(&f, "nobody loses or gets access because of this");
    office_move(&f, 20 * HOUR_S);
    assert_int_equal(office_look(&f), 0);
    office_move(&f, 4 * HOUR_S);
    assert_int_equal(office_look(&f), 2);
    h.state = HOOK_KEPT;
    h.failing_us = 0;
    OK(hook_save(w->bed->st, &h, &why));
    assert_int_equal(office_look(&f), 2);
    assert_mail_says(&f, "over: HR system hr tells of changes by itself again");
    assert_int_equal(office_look(&f), 0);
}

static void one_that_somebody_is_to_make_by_hand_has_a_day(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    struct hook h = hooked(w);
    h.state = HOOK_BY_HAND;
    h.failing_us = w->fake.now_us;
    OK(hook_save(w->bed->st, &h, &why));
    office_move(&f, 23 * HOUR_S);
    assert_int_equal(office_look(&f), 0);
    office_move(&f, HOUR_S);
    assert_int_equal(office_look(&f), 1);
    OK(hook_is_heard(w->bed->st, w->bed->company_id, w->bed->in.integration_id, &why));
    assert_int_equal(office_look(&f), 1);
    assert_mail_says(&f, "over:");
}

static void one_that_is_silent_is_told_and_hr_that_cannot_be_read_is_told_first(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    struct hook h = hooked(w);
    h.state = HOOK_KEPT;
    h.silent_us = w->fake.now_us - 2 * DAY_US;
    OK(hook_save(w->bed->st, &h, &why));
    fails(&f, RC_RETRY, "http.unreachable", "cannot reach hr.example");
    assert_int_equal(office_look(&f), 0);
    works(&f);
    assert_int_equal(office_look(&f), 1);
    assert_mail_says(&f, "nothing has come by it since");
    fails(&f, RC_RETRY, "http.unreachable", "cannot reach hr.example");
    assert_int_equal(office_look(&f), 0); /* nor is it over */
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM alert WHERE over_us IS NULL"), 1);
    OK(hook_is_heard(w->bed->st, w->bed->company_id, w->bed->in.integration_id, &why));
    assert_int_equal(office_look(&f), 1);
}

/* ---- muting, and several processes ---- */

static void what_is_muted_is_not_told(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    struct run r = office_hold(w, "y.org");
    assert_int_equal(office_look(&f), 1);
    OK(alert_mute(w->bed->st, w->bed->company_id, w->bed->in.integration_id, "held",
                  w->fake.now_us + 2 * DAY_US, &why));
    office_move(&f, 30 * HOUR_S);
    assert_int_equal(office_look(&f), 0);
    office_move(&f, 24 * HOUR_S);
    assert_int_equal(office_look(&f), 1);
    assert_int_equal(alert_mute(w->bed->st, w->bed->company_id, 999, "held", 0, &why),
                     RC_NOT_FOUND);
    (void)r;
}

static void of_two_processes_one_tells(void **state) {
    OFFICE(state);
    struct lease lease;
    char subject[32];
    world_begin(w, 20);
    office_hold(w, "y.org");
    struct store *other = bed_connect(w->bed);
    snprintf(subject, sizeof subject, "%lld", (long long)w->bed->company_id);
    OK(lease_take(other, "alert", subject, w->fake.now_us, &lease, &why));
    assert_int_equal(office_look(&f), 0);
    lease_release(other, &lease);
    assert_int_equal(office_look(&f), 1);
    OK(alerts_keep(other, &w->company, &f.o, &w->clock, &f.known, &why));
    assert_int_equal(smtp_fake_taken(f.fake), 1);
    store_close(other);
}

static void with_nothing_new_nothing_is_written(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    office_hold(w, "y.org");
    assert_int_equal(office_look(&f), 1);
    int64_t before = bed_number(w->bed, "SELECT SUM(fence) FROM job");
    for (int i = 0; i < 10; i++)
        assert_int_equal(office_look(&f), 0);
    assert_int_equal(bed_number(w->bed, "SELECT SUM(fence) FROM job"), before);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_held_run_is_told_once_a_day_and_once_when_it_is_over),
        WORLD_TEST(of_many_companies_those_concerned_are_looked_at_each_time_the_others_in_turn),
        WORLD_TEST(a_hold_that_delays_leavers_is_urgent_and_names_them),
        WORLD_TEST(the_operator_is_told_of_it_where_nobody_else_is_and_gets_no_names),
        WORLD_TEST(a_hold_that_another_one_supersedes_is_the_same_alert),
        WORLD_TEST(a_hold_that_comes_to_delay_leavers_is_told_at_once_and_nothing_is_called_over),
        WORLD_TEST(another_hold_after_an_answer_is_news),
        WORLD_TEST(a_hiccup_is_told_to_nobody),
        WORLD_TEST(hr_that_is_down_for_an_hour_is_told_once_a_day_and_its_end_once),
        WORLD_TEST(refused_credentials_are_told_at_once_to_the_operator_too),
        WORLD_TEST(what_comes_and_goes_is_told_once_a_day),
        WORLD_TEST(what_somebody_else_was_at_is_nobodys_failure),
        WORLD_TEST(a_conflict_that_names_nobody_is_told),
        WORLD_TEST(a_webhook_that_cannot_be_kept_is_told_once_a_day_and_its_end_once),
        WORLD_TEST(one_that_somebody_is_to_make_by_hand_has_a_day),
        WORLD_TEST(one_that_is_silent_is_told_and_hr_that_cannot_be_read_is_told_first),
        WORLD_TEST(what_is_muted_is_not_told),
        WORLD_TEST(of_two_processes_one_tells),
        WORLD_TEST(with_nothing_new_nothing_is_written),
    };
    return PLACE_RUN(tests, argc, argv);
}
