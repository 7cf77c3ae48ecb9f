/* What is due when: schedules, the platforms' midnights, and what is put right when times are wrong. */
#include "tests/sync/desk.h"

static void a_schedule_makes_a_job_and_off_takes_it_back(void **state) {
    struct desk *d = *state;
    assert_int_equal(desk_due(d), 0);
    desk_schedule(d, &d->bed->in, "every 30 minutes");
    assert_int_equal(desk_due(d), T0 + 30 * minute);
    desk_schedule(d, &d->bed->in, "daily at 06:00");
    assert_true(desk_due(d) > T0 && desk_due(d) <= T0 + DAY_US);
    desk_schedule(d, &d->bed->in, NULL);
    assert_int_equal(desk_due(d), 0);
}

static void what_is_missing_is_made_and_what_is_too_late_is_pulled_near(void **state) {
    struct desk *d = *state;
    desk_schedule(d, &d->bed->in, "every 30 minutes");
    place_exec(d->bed->st->db, "DELETE FROM job");
    OK(timetable_keep(d->bed->st, T0, &why));
    assert_int_equal(desk_due(d), T0 + 30 * minute);
    OK(timetable_keep(d->bed->st, T0 + minute, &why)); /* what is there stays */
    assert_int_equal(desk_due(d), T0 + 30 * minute);
    OK(timetable_keep(d->bed->st, T0 + 90 * minute, &why)); /* what is due stays due */
    assert_int_equal(desk_due(d), T0 + 30 * minute);
    OK(timetable_keep(d->bed->st, T0 - 3650 * DAY_US, &why)); /* the clock was ten years ahead */
    assert_int_equal(desk_due(d), T0 - 3650 * DAY_US + 30 * minute);
}

static void a_zone_that_nobody_knows_keeps_no_other_company_from_its_times(void **state) {
    struct desk *d = *state;
    desk_schedule(d, &d->bed->in, "every 30 minutes");
    place_exec(d->bed->st->db, "DELETE FROM job");
    place_exec(d->bed->st->db,
               "INSERT INTO company (company_id, key, name, zone, next_id, next_run, created_at)"
               " VALUES (2, 'aaa', 'A', 'Europe/Atlantis', 1, 1, 1)");
    OK(timetable_keep(d->bed->st, T0, &why));
    assert_int_equal(desk_due(d), T0 + 30 * minute);
}

static void a_platform_has_its_midnights_once_it_was_delivered_to(void **state) {
    struct desk *d = *state;
    struct platform p = desk_platform(d);
    RC_CLEANUP(zone_closep) struct zone *z = NULL;
    OK(timetable_keep(d->bed->st, T0, &why));
    assert_int_equal(desk_look(d, JOB_DELIVERY, p.destination_id).run_at_us, 0);
    OK(platform_delivered(d->bed->st, p.company_id, p.destination_id, T0, &why));
    OK(timetable_keep(d->bed->st, T0, &why));
    int64_t at = desk_look(d, JOB_DELIVERY, p.destination_id).run_at_us;
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
    int64_t at = desk_look(d, JOB_RETAIN, 0).run_at_us;
    assert_int_equal(at % DAY_US, 200 * minute); /* the company's zone is UTC */
    d->fake.now_us = at;
    assert_int_equal(desk_do_next(d).end, WORK_DONE);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM version"), 1); /* it is young */
    assert_int_equal(desk_look(d, JOB_RETAIN, 0).run_at_us, at + DAY_US);
    d->fake.now_us = T0 + 32 * DAY_US;
    assert_int_equal(desk_do_next(d).end, WORK_DONE);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM version"), 0);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        DESK_TEST(a_schedule_makes_a_job_and_off_takes_it_back),
        DESK_TEST(what_is_missing_is_made_and_what_is_too_late_is_pulled_near),
        DESK_TEST(a_zone_that_nobody_knows_keeps_no_other_company_from_its_times),
        DESK_TEST(a_platform_has_its_midnights_once_it_was_delivered_to),
        DESK_TEST(what_is_no_longer_kept_goes_at_night),
    };
    secret_ready();
    return PLACE_RUN(tests, argc, argv);
}
