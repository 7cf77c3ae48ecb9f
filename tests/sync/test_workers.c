/* What is due when, and who does it: the timetable, one job's way, and threads side by side. HR is a
 * file. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "tests/store/bed.h"
#include "store/platform.h"
#include "sync/import.h"
#include "sync/timetable.h"
#include "sync/work.h"
#include "sync/workers.h"

static const int64_t second = 1000000, minute = 60000000;

struct desk {
    struct bed *bed;
    struct company company;
    struct clock_fake fake;
    struct clock_source clock;
    struct work work;
    char file[64];
    const void *row;
};

static void write_file(const struct desk *d, const char *bytes) {
    FILE *f = fopen(d->file, "wb");
    assert_non_null(f);
    assert_true(fputs(bytes, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int desk_make(void **state) {
    struct desk *d = mem_zalloc(sizeof *d);
    void *bed = NULL;
    d->row = *state;
    if (bed_make(&bed) != 0)
        return -1;
    d->bed = bed;
    OK(company_find(d->bed->st, "acme", &d->bed->a, &d->company, &why));
    d->fake.now_us = T0;
    d->clock = clock_fake_source(&d->fake);
    d->work = (struct work){ .st = d->bed->st, .key = d->bed->key, .clock = &d->clock };
    snprintf(d->file, sizeof d->file, "/tmp/test-workers-XXXXXX");
    assert_int_equal(close(mkstemp(d->file)), 0);
    write_file(d, "id,first_name,last_name,email,status\n"
                  "1,Ana,Alt,ana@x.org,active\n2,Bo,Berg,bo@x.org,active\n#count=2\n");
    *state = d;
    return 0;
}

static int desk_remove(void **state) {
    struct desk *d = *state;
    void *bed = d->bed;
    unlink(d->file);
    mem_free(d);
    return bed_remove(&bed);
}

#define DESK_TEST(fn) cmocka_unit_test_setup_teardown(fn, desk_make, desk_remove)

static void set_schedule(struct desk *d, struct integration *in, const char *words) {
    in->settings =
        text_of(arena_printf(&d->bed->a, "{\"file\":\"%s\",\"complete\":\"trailer\"}", d->file));
    in->schedule = words != NULL ? text_of(words) : (struct text){ 0 };
    OK(integration_save(d->bed->st, d->bed->key, in, &why));
    OK(timetable_changed(d->bed->st, &d->company, in, d->fake.now_us, &why));
}

static struct job_state look(struct desk *d, enum job_kind k, int64_t subject_id) {
    struct job_state s;
    OK(job_look(d->bed->st, k, d->bed->company_id, subject_id, d->fake.now_us, &s, &why));
    return s;
}

static int64_t due(struct desk *d) {
    return look(d, JOB_SYNC, d->bed->in.integration_id).run_at_us;
}

static struct job claim(struct desk *d) {
    struct job j;
    bool found = false;
    OK(job_claim(d->bed->st, d->fake.now_us, 9, &j, &found, &why));
    assert_true(found);
    return j;
}

/* The next job from its claim to its end. */
static struct work_result do_next(struct desk *d) {
    struct work_result r;
    struct job j = claim(d);
    work_do(&d->work, &j, &r);
    OK(work_end(&d->work, &j, &r, &why));
    return r;
}

static int64_t runs(struct desk *d, const char *state) {
    const char *sql = strcmp(state, "held") == 0
                          ? "SELECT COUNT(*) FROM run WHERE state = 'held'"
                          : "SELECT COUNT(*) FROM run WHERE state = 'failed'";
    return bed_number(d->bed, sql);
}

/* ---- pauses ---- */

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

/* ---- the timetable ---- */

static void a_schedule_makes_a_job_and_off_takes_it_back(void **state) {
    struct desk *d = *state;
    assert_int_equal(due(d), 0);
    set_schedule(d, &d->bed->in, "every 30 minutes");
    assert_int_equal(due(d), T0 + 30 * minute);
    set_schedule(d, &d->bed->in, "daily at 06:00");
    assert_true(due(d) > T0 && due(d) <= T0 + DAY_US);
    set_schedule(d, &d->bed->in, NULL);
    assert_int_equal(due(d), 0);
}

static void what_is_missing_is_made_and_what_is_too_late_is_pulled_near(void **state) {
    struct desk *d = *state;
    set_schedule(d, &d->bed->in, "every 30 minutes");
    place_exec(d->bed->st->db, "DELETE FROM job");
    OK(timetable_keep(d->bed->st, T0, &why));
    assert_int_equal(due(d), T0 + 30 * minute);
    OK(timetable_keep(d->bed->st, T0 + minute, &why)); /* what is there stays */
    assert_int_equal(due(d), T0 + 30 * minute);
    OK(timetable_keep(d->bed->st, T0 + 90 * minute, &why)); /* what is due stays due */
    assert_int_equal(due(d), T0 + 30 * minute);
    OK(timetable_keep(d->bed->st, T0 - 3650 * DAY_US, &why)); /* the clock was ten years ahead */
    assert_int_equal(due(d), T0 - 3650 * DAY_US + 30 * minute);
}

static void a_zone_that_nobody_knows_keeps_no_other_company_from_its_times(void **state) {
    struct desk *d = *state;
    set_schedule(d, &d->bed->in, "every 30 minutes");
    place_exec(d->bed->st->db, "DELETE FROM job");
    place_exec(d->bed->st->db,
               "INSERT INTO company (company_id, key, name, zone, next_id, next_run, created_at)"
               " VALUES (2, 'aaa', 'A', 'Europe/Atlantis', 1, 1, 1)");
    OK(timetable_keep(d->bed->st, T0, &why));
    assert_int_equal(due(d), T0 + 30 * minute);
}

static struct platform platform(struct desk *d) {
    struct platform p = { .company_id = d->bed->company_id,
                          .key = TEXT_LIT("la"),
                          .adapter = TEXT_LIT("memory"),
                          .prefix = TEXT_LIT("rc"),
                          .settings = TEXT_LIT("{}"),
                          .feeds = &d->bed->in.integration_id,
                          .feeds_n = 1 };
    OK(platform_add(d->bed->st, d->bed->key, &p, &why));
    return p;
}

static void a_platform_has_its_midnights_once_it_was_delivered_to(void **state) {
    struct desk *d = *state;
    struct platform p = platform(d);
    RC_CLEANUP(zone_closep) struct zone *z = NULL;
    OK(timetable_keep(d->bed->st, T0, &why));
    assert_int_equal(look(d, JOB_DELIVERY, p.destination_id).run_at_us, 0);
    OK(platform_delivered(d->bed->st, p.company_id, p.destination_id, T0, &why));
    OK(timetable_keep(d->bed->st, T0, &why));
    int64_t at = look(d, JOB_DELIVERY, p.destination_id).run_at_us;
    OK(zone_open("UTC", &z, &why));
    assert_int_equal(zone_today(z, at), zone_today(z, T0) + 1);
    assert_int_equal(at % DAY_US, 5 * minute);
    OK(platform_remove(d->bed->st, p.company_id, p.destination_id, &why));
    assert_int_equal(bed_number(d->bed, "SELECT COUNT(*) FROM job WHERE kind <> 'retain'"), 0);
}

static void what_is_no_longer_kept_goes_at_night(void **state) {
    struct desk *d = *state;
    struct bed *b = d->bed;
    struct run old = bed_run(b, b->company_id, b->in.integration_id, RUN_REJECTED);
    struct version v = bed_version(b, 101, 0, "1", "ann");
    bed_stage(b, &old, &v, 1);
    OK(timetable_keep(b->st, T0, &why));
    int64_t at = look(d, JOB_RETAIN, 0).run_at_us;
    assert_int_equal(at % DAY_US, 200 * minute); /* the company's zone is UTC */
    d->fake.now_us = at;
    assert_int_equal(do_next(d).end, WORK_DONE);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM version"), 1); /* it is young */
    assert_int_equal(look(d, JOB_RETAIN, 0).run_at_us, at + DAY_US);
    d->fake.now_us = T0 + 32 * DAY_US;
    assert_int_equal(do_next(d).end, WORK_DONE);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM version"), 0);
}

/* ---- one job ---- */

static void an_import_that_is_held_is_done_and_due_again(void **state) {
    struct desk *d = *state;
    set_schedule(d, &d->bed->in, "every 30 minutes");
    d->fake.now_us = T0 + 31 * minute;
    assert_int_equal(do_next(d).end, WORK_DONE);
    assert_int_equal(runs(d, "held"), 1);
    assert_int_equal(due(d), T0 + 60 * minute); /* the beat is kept */
}

static void what_failed_has_growing_pauses_until_it_goes_well(void **state) {
    struct desk *d = *state;
    set_schedule(d, &d->bed->in, "every 1 minute");
    write_file(d, "this is no list\n");
    int64_t pause_s = WORK_PAUSE_S;
    for (int i = 0; i < 4; i++, pause_s *= 2) {
        d->fake.now_us = due(d);
        assert_int_equal(do_next(d).end, WORK_FAILED);
        assert_int_equal(due(d), d->fake.now_us + pause_s * second);
    }
    write_file(d, "id,first_name,last_name,email,status\n1,Ana,Alt,ana@x.org,active\n#count=1\n");
    d->fake.now_us = due(d);
    assert_int_equal(do_next(d).end, WORK_DONE);
    assert_int_equal(due(d), d->fake.now_us + minute);
    assert_int_equal(look(d, JOB_SYNC, d->bed->in.integration_id).attempts, 0);
}

static void who_finds_somebody_else_at_it_waits_and_nothing_grows(void **state) {
    struct desk *d = *state;
    struct store *other = bed_connect(d->bed);
    struct lease l;
    char subject[64];
    set_schedule(d, &d->bed->in, "every 30 minutes");
    snprintf(subject, sizeof subject, "%lld/%lld", (long long)d->bed->company_id,
             (long long)d->bed->in.integration_id);
    OK(lease_take(other, "import", subject, T0, &l, &why));
    for (int i = 0; i < 3; i++) {
        d->fake.now_us = due(d);
        OK(db_begin(other->db, &why));
        OK(lease_hold(other, &l, d->fake.now_us, &why));
        OK(db_commit(other->db, &why));
        assert_int_equal(do_next(d).end, WORK_WAITS);
        assert_int_equal(due(d), d->fake.now_us + WORK_BUSY_S * second);
    }
    lease_release(other, &l);
    d->fake.now_us = due(d);
    assert_int_equal(do_next(d).end, WORK_DONE);
    assert_int_equal(runs(d, "failed"), 0);
    store_close(other);
}

/* Its own job has not begun yet when the next sync, or hint, is there. */
static void a_platform_that_refuses_is_left_alone_for_its_pause(void **state) {
    struct desk *d = *state;
    static const char tried[] = "SELECT COALESCE(SUM(attempts), 0) FROM trouble";
    struct run held;
    set_schedule(d, &d->bed->in, "every 30 minutes");
    d->fake.now_us = due(d);
    do_next(d);
    OK(run_in_state(d->bed->st, d->bed->company_id, d->bed->in.integration_id, RUN_HELD, &d->bed->a,
                    &held, &why));
    OK(import_approve(d->bed->st, d->bed->key, &d->company, held.run_id, "mira", NULL, &d->clock,
                      &d->bed->a, &held, &why));
    struct platform p = platform(d); /* of which this program knows nothing: each try fails */
    for (int i = 0; i < 3; i++) {
        d->fake.now_us += second;
        OK(job_want(d->bed->st, JOB_SYNC, d->bed->company_id, d->bed->in.integration_id,
                    d->fake.now_us, &why));
        assert_int_equal(do_next(d).end, WORK_DONE);
        assert_int_equal(bed_number(d->bed, tried), 1);
    }
    d->fake.now_us = look(d, JOB_DELIVERY, p.destination_id).run_at_us;
    assert_int_equal(do_next(d).end, WORK_FAILED);
    assert_int_equal(bed_number(d->bed, tried), 2);
    assert_int_equal(look(d, JOB_DELIVERY, p.destination_id).run_at_us,
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
    struct platform p = platform(d);
    set_schedule(d, &d->bed->in, "every 2 hours");
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
            struct job j = claim(d);
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
    set_schedule(d, &d->bed->in, "every 30 minutes");
    d->fake.now_us = due(d);
    do_next(d);
    OK(run_in_state(d->bed->st, company_id, d->bed->in.integration_id, RUN_HELD, &d->bed->a, &held,
                    &why));
    OK(import_approve(d->bed->st, d->bed->key, &d->company, held.run_id, "mira", NULL, &d->clock,
                      &d->bed->a, &held, &why));
    other.key = TEXT_LIT("other");
    OK(integration_add(d->bed->st, d->bed->key, &other, &why));
    int64_t feeds[] = { d->bed->in.integration_id, other.integration_id };
    struct platform p = platform(d); /* of which this program knows nothing: each try fails */
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
    struct platform p = platform(d);
    const struct job delivery = { .kind = JOB_DELIVERY,
                                  .company_id = p.company_id,
                                  .subject_id = p.destination_id };
    struct work_result r;
    set_schedule(d, &d->bed->in, "every 2 hours");
    write_file(d, "this is no list\n");
    d->fake.now_us = due(d);
    work_do(&d->work, &delivery, &r);
    assert_int_equal(r.end, WORK_WAITS);
    assert_int_equal(do_next(d).end, WORK_FAILED);
    work_do(&d->work, &delivery, &r);
    assert_int_equal(r.end, WORK_FAILED);
    d->fake.now_us += (WORK_PAUSE_S - 1) * second;
    work_do(&d->work, &delivery, &r);
    assert_int_equal(r.end, WORK_FAILED);
}

static void dates_wait_for_an_import_that_somebody_has_typed(void **state) {
    struct desk *d = *state;
    struct platform p = platform(d);
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
    assert_int_equal(do_next(d).end, WORK_DONE);
    assert_int_equal(look(d, JOB_SYNC, 4711).run_at_us, 0);
    OK(job_want(d->bed->st, JOB_DELIVERY, 99, 4711, T0, &why));
    assert_int_equal(do_next(d).end, WORK_DONE);
}

static void a_schedule_set_while_it_is_at_work_has_the_last_word(void **state) {
    struct desk *d = *state;
    struct work_result r;
    set_schedule(d, &d->bed->in, "every 30 minutes");
    d->fake.now_us = due(d);
    struct job j = claim(d);
    work_do(&d->work, &j, &r);
    set_schedule(d, &d->bed->in, NULL);
    OK(work_end(&d->work, &j, &r, &why));
    assert_int_equal(due(d), 0);
}

static void who_lost_it_writes_nothing(void **state) {
    struct desk *d = *state;
    struct work_result r;
    set_schedule(d, &d->bed->in, "every 30 minutes");
    d->fake.now_us = due(d);
    struct job j = claim(d);
    work_do(&d->work, &j, &r);
    d->fake.now_us += (int64_t)LEASE_SECONDS * second;
    claim(d); /* somebody else */
    OK(work_end(&d->work, &j, &r, &why));
    assert_int_equal(r.end, WORK_LOST);
    assert_true(look(d, JOB_SYNC, d->bed->in.integration_id).is_claimed);
}

static bool always(void *self) {
    (void)self;
    return true;
}

static void being_stopped_is_no_failure_and_it_is_due_at_once(void **state) {
    struct desk *d = *state;
    set_schedule(d, &d->bed->in, "every 30 minutes");
    d->fake.now_us = due(d);
    d->clock.is_ending = always;
    assert_int_equal(do_next(d).end, WORK_CUT);
    assert_int_equal(due(d), d->fake.now_us);
    assert_int_equal(look(d, JOB_SYNC, d->bed->in.integration_id).attempts, 0);
    assert_int_equal(runs(d, "held"), 0);
    d->clock.is_ending = NULL;
    assert_int_equal(do_next(d).end, WORK_DONE);
    assert_int_equal(runs(d, "held"), 1);
}

/* ---- threads ---- */

enum { COMPANIES = 4, EACH = 5 };

static void fill(struct desk *d) {
    int64_t now = clock_now_us(&clock_system);
    for (int c = 0; c < COMPANIES; c++) {
        char key[16];
        int64_t id;
        struct company co;
        snprintf(key, sizeof key, "co-%d", c);
        OK(company_add(d->bed->st, key, key, "Europe/Berlin", T0, &id, &why));
        OK(company_get(d->bed->st, id, &d->bed->a, &co, &why));
        for (int i = 0; i < EACH; i++) {
            char name[16];
            snprintf(name, sizeof name, "hr-%d", i);
            struct integration in = bed_integration(d->bed, id, name);
            in.settings = text_of(
                arena_printf(&d->bed->a, "{\"file\":\"%s\",\"complete\":\"trailer\"}", d->file));
            in.schedule = TEXT_LIT("every 30 minutes");
            OK(integration_save(d->bed->st, d->bed->key, &in, &why));
            OK(job_set(d->bed->st, JOB_SYNC, id, in.integration_id, now - minute, &why));
        }
    }
}

static bool view_until(struct workers *w, int64_t done, struct workers_view *ret) {
    for (int i = 0; i < 600; i++) { /* a minute; real threads, real time */
        workers_look(w, ret);
        if (ret->ready && ret->done[JOB_SYNC] + ret->failed[JOB_SYNC] >= done)
            return true;
        clock_sleep_us(&clock_system, 100000);
    }
    return false;
}

static void side_by_side_all_is_done_once_and_all_end(void **state) {
    struct desk *d = *state;
    struct workers_options o = { .where = d->bed->place->where, .key = d->bed->key, .n = 4 };
    struct workers_view v;
    struct workers *w = NULL;
    fill(d);
    OK(workers_start(&o, &w, &why));
    assert_true(view_until(w, COMPANIES * EACH, &v));
    assert_int_equal(v.done[JOB_SYNC], COMPANIES * EACH);
    assert_int_equal(v.failed[JOB_SYNC], 0);
    assert_true(workers_stop(w, 20 * second));
    workers_look(w, &v);
    assert_false(v.ready);
    workers_free(w);
    assert_int_equal(runs(d, "held"), COMPANIES * EACH);
    assert_int_equal(bed_number(d->bed, "SELECT COUNT(*) FROM run"), COMPANIES * EACH);
    assert_int_equal(bed_number(d->bed, "SELECT COUNT(*) FROM job WHERE owner IS NOT NULL"), 0);
    assert_int_equal(bed_number(d->bed, "SELECT COUNT(*) FROM job WHERE fence > 1"), 0);
}

/* Two processes could look like this: two sets of workers on one database. */
static void two_sets_of_workers_share_and_nothing_is_done_twice(void **state) {
    struct desk *d = *state;
    struct workers_options o = { .where = d->bed->place->where, .key = d->bed->key, .n = 2 };
    struct workers *w[2] = { NULL };
    struct workers_view v[2];
    fill(d);
    OK(workers_start(&o, &w[0], &why));
    OK(workers_start(&o, &w[1], &why));
    for (int i = 0; i < 600; i++) {
        workers_look(w[0], &v[0]);
        workers_look(w[1], &v[1]);
        if (v[0].done[JOB_SYNC] + v[1].done[JOB_SYNC] == COMPANIES * EACH)
            break;
        clock_sleep_us(&clock_system, 100000);
    }
    assert_int_equal(v[0].done[JOB_SYNC] + v[1].done[JOB_SYNC], COMPANIES * EACH);
    for (int i = 0; i < 2; i++) {
        assert_true(workers_stop(w[i], 20 * second));
        workers_free(w[i]);
    }
    assert_int_equal(bed_number(d->bed, "SELECT COUNT(*) FROM run"), COMPANIES * EACH);
}

/* What the keeper does beside it has its own troubles. */
static void logs_that_cannot_be_emptied_keep_nobody_from_work(void **state) {
    struct desk *d = *state;
    struct workers_options o = { .where = d->bed->place->where, .key = d->bed->key, .n = 2 };
    struct workers_view v;
    struct workers *w = NULL;
    fill(d);
    place_exec(d->bed->st->db, "ALTER TABLE erasure RENAME TO elsewhere");
    OK(workers_start(&o, &w, &why));
    bool done = view_until(w, COMPANIES * EACH, &v);
    assert_true(workers_stop(w, 20 * second));
    workers_free(w);
    place_exec(d->bed->st->db, "ALTER TABLE elsewhere RENAME TO erasure");
    assert_true(done);
}

static void with_nothing_to_do_they_end_at_once(void **state) {
    struct desk *d = *state;
    struct workers_options o = { .where = d->bed->place->where, .key = d->bed->key, .n = 3 };
    struct workers *w = NULL;
    int64_t began = clock_monotonic_us(&clock_system);
    OK(workers_start(&o, &w, &why));
    assert_true(workers_stop(w, 20 * second));
    workers_free(w);
    assert_true(clock_monotonic_us(&clock_system) - began < 5 * second);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        DESK_TEST(pauses_double_up_to_an_hour),
        DESK_TEST(a_schedule_makes_a_job_and_off_takes_it_back),
        DESK_TEST(what_is_missing_is_made_and_what_is_too_late_is_pulled_near),
        DESK_TEST(a_zone_that_nobody_knows_keeps_no_other_company_from_its_times),
        DESK_TEST(a_platform_has_its_midnights_once_it_was_delivered_to),
        DESK_TEST(what_is_no_longer_kept_goes_at_night),
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
        DESK_TEST(side_by_side_all_is_done_once_and_all_end),
        DESK_TEST(two_sets_of_workers_share_and_nothing_is_done_twice),
        DESK_TEST(logs_that_cannot_be_emptied_keep_nobody_from_work),
        DESK_TEST(with_nothing_to_do_they_end_at_once),
    };
    secret_ready();
    return PLACE_RUN(tests, argc, argv);
}
