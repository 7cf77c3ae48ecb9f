/* One job's way from its claim to its end: pauses, who waits for whom, and what is due next. */
#include <stdio.h>
#include "sync/import.h"
#include "tests/sync/desk.h"

static void pauses_double_up_to_an_hour(void **state) {
    static const struct {
        enum rc_code rc;
        int64_t attempts, s;
    } rows[] = {
        { RC_RETRY, 1, 30 },   { RC_RETRY, 2, 60 },   { RC_RETRY, 3, 120 },
        { RC_RETRY, 7, 1920 }, { RC_RETRY, 8, 3600 }, { RC_RETRY, 1000000, 3600 },
        { RC_AUTH, 1, 900 },   { RC_AUTH, 2, 1800 },  { RC_AUTH, 3, 3600 },
        { RC_RETRY, 0, 30 },
    };
    (void)state;
    for (size_t i = 0; i < RC_LEN(rows); i++)
        assert_int_equal(work_pause_s(rows[i].rc, rows[i].attempts), rows[i].s);
}

static void an_import_that_is_held_is_done_and_due_again(void **state) {
    struct desk *d = *state;
    desk_schedule(d, &d->bed->in, "every 30 minutes");
    d->fake.now_us = T0 + 31 * minute;
    assert_int_equal(desk_do_next(d).end, WORK_DONE);
    assert_int_equal(desk_runs(d, "held"), 1);
    assert_int_equal(desk_due(d), T0 + 60 * minute); /* the beat is kept */
}

static void what_failed_has_growing_pauses_until_it_goes_well(void **state) {
    struct desk *d = *state;
    desk_schedule(d, &d->bed->in, "every 1 minute");
    desk_write(d, "this is no list\n");
    int64_t pause_s = WORK_PAUSE_S;
    for (int i = 0; i < 4; i++, pause_s *= 2) {
        d->fake.now_us = desk_due(d);
        assert_int_equal(desk_do_next(d).end, WORK_FAILED);
        assert_int_equal(desk_due(d), d->fake.now_us + pause_s * second);
    }
    desk_write(d, "id,first_name,last_name,email,status\n1,Ana,Alt,ana@x.org,active\n#count=1\n");
    d->fake.now_us = desk_due(d);
    assert_int_equal(desk_do_next(d).end, WORK_DONE);
    assert_int_equal(desk_due(d), d->fake.now_us + minute);
    assert_int_equal(desk_look(d, JOB_SYNC, d->bed->in.integration_id).attempts, 0);
}

static void who_finds_somebody_else_at_it_waits_and_nothing_grows(void **state) {
    struct desk *d = *state;
    struct store *other = bed_connect(d->bed);
    struct lease l;
    char subject[64];
    desk_schedule(d, &d->bed->in, "every 30 minutes");
    snprintf(subject, sizeof subject, "%lld/%lld", (long long)d->bed->company_id,
             (long long)d->bed->in.integration_id);
    OK(lease_take(other, "import", subject, T0, &l, &why));
    for (int i = 0; i < 3; i++) {
        d->fake.now_us = desk_due(d);
        OK(db_begin(other->db, &why));
        OK(lease_hold(other, &l, d->fake.now_us, &why));
        OK(db_commit(other->db, &why));
        assert_int_equal(desk_do_next(d).end, WORK_WAITS);
        assert_int_equal(desk_due(d), d->fake.now_us + WORK_BUSY_S * second);
    }
    lease_release(other, &l);
    d->fake.now_us = desk_due(d);
    assert_int_equal(desk_do_next(d).end, WORK_DONE);
    assert_int_equal(desk_runs(d, "failed"), 0);
    store_close(other);
}

/* Its own job has not begun yet when the next sync, or hint, is there. */
static void a_platform_that_refuses_is_left_alone_for_its_pause(void **state) {
    struct desk *d = *state;
    static const char tried[] = "SELECT COALESCE(SUM(attempts), 0) FROM trouble";
    struct run held;
    desk_schedule(d, &d->bed->in, "every 30 minutes");
    d->fake.now_us = desk_due(d);
    desk_do_next(d);
    OK(run_in_state(d->bed->st, d->bed->company_id, d->bed->in.integration_id, RUN_HELD, &d->bed->a,
                    &held, &why));
    OK(import_approve(d->bed->st, d->bed->key, &d->company, held.run_id, "mira", NULL, &d->clock,
                      &d->bed->a, &held, &why));
    struct platform p = desk_platform(d); /* of which this program knows nothing: each try fails */
    for (int i = 0; i < 3; i++) {
        d->fake.now_us += second;
        OK(job_want(d->bed->st, JOB_SYNC, d->bed->company_id, d->bed->in.integration_id,
                    d->fake.now_us, &why));
        assert_int_equal(desk_do_next(d).end, WORK_DONE);
        assert_int_equal(bed_number(d->bed, tried), 1);
    }
    d->fake.now_us = desk_look(d, JOB_DELIVERY, p.destination_id).run_at_us;
    assert_int_equal(desk_do_next(d).end, WORK_FAILED);
    assert_int_equal(bed_number(d->bed, tried), 2);
    assert_int_equal(desk_look(d, JOB_DELIVERY, p.destination_id).run_at_us,
                     d->fake.now_us + WORK_PAUSE_S * second);
}

/* Found busy each time, it asks every WORK_BUSY_S, and is never late. */
static void hints_let_a_sync_pass_that_is_about_to_ask(void **state) {
    struct desk *d = *state;
    struct store *events = NULL;
    const struct job hint = { .kind = JOB_HINT,
                              .company_id = d->bed->company_id,
                              .subject_id = d->bed->in.integration_id };
    struct work_result r;
    bool passed[WORK_BUSY_S] = { false };
    int waits = 0;
    int64_t whole = T0 / minute * minute;
    d->work.events = &events;
    d->work.where = ":memory:";
    for (int s = 0; s < 7 * WORK_BUSY_S; s++) {
        d->fake.now_us = whole + s * second;
        OK(job_set(d->bed->st, JOB_SYNC, hint.company_id, hint.subject_id,
                   d->fake.now_us + 10 * second, &why));
        work_do(&d->work, &hint, &r);
        waits = r.end == WORK_WAITS ? waits + 1 : 0;
        assert_true(waits <= 3); /* nobody who edits in HR waits for longer */
        passed[s % WORK_BUSY_S] |= waits > 0;
    }
    for (int when = 0; when < WORK_BUSY_S; when++) /* whenever it is that it asks */
        assert_true(passed[when]);
    d->fake.now_us = whole; /* not for one that has its time still */
    OK(job_set(d->bed->st, JOB_SYNC, hint.company_id, hint.subject_id, whole + minute, &why));
    work_do(&d->work, &hint, &r);
    assert_int_equal(r.end, WORK_DONE);
    store_close(events);
}

/* Its platform is of a kind that this program does not know: whoever does not wait fails. */
static void dates_wait_for_an_import_that_is_due_and_no_longer(void **state) {
    struct desk *d = *state;
    struct platform p = desk_platform(d);
    desk_schedule(d, &d->bed->in, "every 2 hours");
    const struct {
        const char *what;
        int64_t sync_in_s; /* 0: it is at it */
        int64_t at_it_s;
        bool listed_today;
        enum work_outcome end;
    } rows[] = {
        { "an import is due", -60, 0, false, WORK_WAITS },
        { "one is due now", -1, 0, false, WORK_WAITS },
        { "one is due again in a moment", WORK_BUSY_S, 0, false, WORK_WAITS },
        { "one is due later", 60, 0, false, WORK_FAILED },
        { "HR has been read on this day", -60, 0, true, WORK_FAILED },
        { "somebody is at it", 0, 60, false, WORK_WAITS },
        { "for an hour", 0, 3600, false, WORK_FAILED },
        { "somebody is at it, and HR has been read on this day", 0, 60, true, WORK_FAILED },
        { "somebody began it in the future: a clock was wrong", 0, -3600, false, WORK_FAILED },
    };
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        const struct job delivery = { .kind = JOB_DELIVERY,
                                      .company_id = p.company_id,
                                      .subject_id = p.destination_id };
        struct work_result r;
        int64_t night = T0 + (2 * (int64_t)i + 2) * DAY_US;
        night += 2 * 60 * minute - night % DAY_US; /* the company's zone is UTC */
        d->fake.now_us = night;
        d->bed->in.listed_us = night - (rows[i].listed_today ? 1 : 3) * 60 * minute;
        OK(integration_listed(d->bed->st, &d->bed->in, d->bed->in.listed_us, 0, TEXT_NONE, &why));
        OK(job_set(d->bed->st, JOB_SYNC, p.company_id, p.feeds[0],
                   night + (rows[i].sync_in_s - rows[i].at_it_s) * second, &why));
        if (rows[i].sync_in_s == 0) {
            d->fake.now_us -= rows[i].at_it_s * second;
            struct job j = desk_claim(d);
            d->fake.now_us = night;
            assert_int_equal(j.kind, JOB_SYNC);
            OK(job_hold(d->bed->st, &j, night, &why));
            work_do(&d->work, &delivery, &r);
            OK(job_done(d->bed->st, &j, 0, &why));
        } else
            work_do(&d->work, &delivery, &r);
        if (r.end != rows[i].end)
            fail_msg("%s: %d", rows[i].what, r.end);
    }
}

/* Two HR systems feed the platform, whose dates wait for the other one: so does this sync's delivery. */
static void a_sync_leaves_it_to_the_dates_that_wait_for_another_import(void **state) {
    struct desk *d = *state;
    static const char tried[] = "SELECT COALESCE(SUM(attempts), 0) FROM trouble";
    const int64_t night = T0 + 3 * DAY_US - T0 % DAY_US + 10 * minute;
    const int64_t company_id = d->bed->company_id;
    struct integration other = d->bed->in;
    struct work_result r;
    struct run held;
    desk_schedule(d, &d->bed->in, "every 30 minutes");
    d->fake.now_us = desk_due(d);
    desk_do_next(d);
    OK(run_in_state(d->bed->st, company_id, d->bed->in.integration_id, RUN_HELD, &d->bed->a, &held,
                    &why));
    OK(import_approve(d->bed->st, d->bed->key, &d->company, held.run_id, "mira", NULL, &d->clock,
                      &d->bed->a, &held, &why));
    other.key = TEXT_LIT("other");
    OK(integration_add(d->bed->st, d->bed->key, &other, &why));
    int64_t feeds[] = { d->bed->in.integration_id, other.integration_id };
    struct platform p = desk_platform(d); /* of which this program knows nothing: each try fails */
    p.feeds = feeds;
    p.feeds_n = 2;
    OK(platform_save(d->bed->st, d->bed->key, &p, &why));
    const struct job sync = { .kind = JOB_SYNC, .company_id = company_id, .subject_id = feeds[0] };
    d->fake.now_us = night;
    OK(job_set(d->bed->st, JOB_DELIVERY, company_id, p.destination_id, night - 5 * minute, &why));
    OK(job_set(d->bed->st, JOB_SYNC, company_id, other.integration_id, night - minute, &why));
    work_do(&d->work, &sync, &r);
    assert_int_equal(r.end, WORK_DONE);
    assert_int_equal(bed_number(d->bed, tried), 0);
    /* It pauses after a failure, or has been done: there is nothing to wait for. */
    OK(job_set(d->bed->st, JOB_SYNC, company_id, other.integration_id, night + minute, &why));
    work_do(&d->work, &sync, &r);
    assert_int_equal(bed_number(d->bed, tried), 1);
    /* The day's dates have been seen to: this one waits for nobody. */
    OK(job_set(d->bed->st, JOB_SYNC, company_id, other.integration_id, night - minute, &why));
    OK(job_set(d->bed->st, JOB_DELIVERY, company_id, p.destination_id, night + DAY_US, &why));
    d->fake.now_us = night + 3 * 60 * minute; /* its pause is over */
    work_do(&d->work, &sync, &r);
    assert_int_equal(bed_number(d->bed, tried), 2);
}

static void dates_do_not_wait_for_an_import_that_has_failed(void **state) {
    struct desk *d = *state;
    struct platform p = desk_platform(d);
    const struct job delivery = { .kind = JOB_DELIVERY,
                                  .company_id = p.company_id,
                                  .subject_id = p.destination_id };
    struct work_result r;
    desk_schedule(d, &d->bed->in, "every 2 hours");
    desk_write(d, "this is no list\n");
    d->fake.now_us = desk_due(d);
    work_do(&d->work, &delivery, &r);
    assert_int_equal(r.end, WORK_WAITS);
    assert_int_equal(desk_do_next(d).end, WORK_FAILED);
    work_do(&d->work, &delivery, &r);
    assert_int_equal(r.end, WORK_FAILED);
    d->fake.now_us += (WORK_PAUSE_S - 1) * second;
    work_do(&d->work, &delivery, &r);
    assert_int_equal(r.end, WORK_FAILED);
}

static void dates_wait_for_an_import_that_somebody_has_typed(void **state) {
    struct desk *d = *state;
    struct platform p = desk_platform(d);
    const struct job delivery = { .kind = JOB_DELIVERY,
                                  .company_id = p.company_id,
                                  .subject_id = p.destination_id };
    struct store *other = bed_connect(d->bed);
    struct work_result r;
    struct lease l;
    char subject[64];
    snprintf(subject, sizeof subject, "%lld/%lld", (long long)p.company_id, (long long)p.feeds[0]);
    OK(lease_take(other, "import", subject, d->fake.now_us, &l, &why));
    work_do(&d->work, &delivery, &r);
    assert_int_equal(r.end, WORK_WAITS);
    lease_release(other, &l);
    work_do(&d->work, &delivery, &r);
    assert_int_equal(r.end, WORK_FAILED);
    store_close(other);
}

static void a_job_whose_integration_is_gone_ends(void **state) {
    struct desk *d = *state;
    OK(job_want(d->bed->st, JOB_SYNC, d->bed->company_id, 4711, T0, &why));
    assert_int_equal(desk_do_next(d).end, WORK_DONE);
    assert_int_equal(desk_look(d, JOB_SYNC, 4711).run_at_us, 0);
    OK(job_want(d->bed->st, JOB_DELIVERY, 99, 4711, T0, &why));
    assert_int_equal(desk_do_next(d).end, WORK_DONE);
}

/* Not yet noted as done. */
static struct job done_when_due(struct desk *d, struct work_result *ret) {
    desk_schedule(d, &d->bed->in, "every 30 minutes");
    d->fake.now_us = desk_due(d);
    struct job j = desk_claim(d);
    work_do(&d->work, &j, ret);
    return j;
}

static void a_schedule_set_while_it_is_at_work_has_the_last_word(void **state) {
    struct desk *d = *state;
    struct work_result r;
    struct job j = done_when_due(d, &r);
    desk_schedule(d, &d->bed->in, NULL);
    OK(work_end(&d->work, &j, &r, &why));
    assert_int_equal(desk_due(d), 0);
}

static void who_lost_it_writes_nothing(void **state) {
    struct desk *d = *state;
    struct work_result r;
    struct job j = done_when_due(d, &r);
    d->fake.now_us += (int64_t)LEASE_SECONDS * second;
    desk_claim(d); /* somebody else */
    OK(work_end(&d->work, &j, &r, &why));
    assert_int_equal(r.end, WORK_LOST);
    assert_true(desk_look(d, JOB_SYNC, d->bed->in.integration_id).is_claimed);
}

static bool always(void *self) {
    (void)self;
    return true;
}

static void being_stopped_is_no_failure_and_it_is_due_at_once(void **state) {
    struct desk *d = *state;
    desk_schedule(d, &d->bed->in, "every 30 minutes");
    d->fake.now_us = desk_due(d);
    d->clock.is_ending = always;
    assert_int_equal(desk_do_next(d).end, WORK_CUT);
    assert_int_equal(desk_due(d), d->fake.now_us);
    assert_int_equal(desk_look(d, JOB_SYNC, d->bed->in.integration_id).attempts, 0);
    assert_int_equal(desk_runs(d, "held"), 0);
    d->clock.is_ending = NULL;
    assert_int_equal(desk_do_next(d).end, WORK_DONE);
    assert_int_equal(desk_runs(d, "held"), 1);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        DESK_TEST(pauses_double_up_to_an_hour),
        DESK_TEST(an_import_that_is_held_is_done_and_due_again),
        DESK_TEST(what_failed_has_growing_pauses_until_it_goes_well),
        DESK_TEST(who_finds_somebody_else_at_it_waits_and_nothing_grows),
        DESK_TEST(a_platform_that_refuses_is_left_alone_for_its_pause),
        DESK_TEST(hints_let_a_sync_pass_that_is_about_to_ask),
        DESK_TEST(dates_wait_for_an_import_that_is_due_and_no_longer),
        DESK_TEST(a_sync_leaves_it_to_the_dates_that_wait_for_another_import),
        DESK_TEST(dates_do_not_wait_for_an_import_that_has_failed),
        DESK_TEST(dates_wait_for_an_import_that_somebody_has_typed),
        DESK_TEST(a_job_whose_integration_is_gone_ends),
        DESK_TEST(a_schedule_set_while_it_is_at_work_has_the_last_word),
        DESK_TEST(who_lost_it_writes_nothing),
        DESK_TEST(being_stopped_is_no_failure_and_it_is_due_at_once),
    };
    secret_ready();
    return PLACE_RUN(tests, argc, argv);
}
