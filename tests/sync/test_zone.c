/* A company whose time zone this machine does not know: nobody can say which day it is there, so nothing is read
 * and nothing delivered, and that is told as any other failure is. */
#include <stdio.h>
#include "sync/alerts.h"
#include "sync/health.h"
#include "sync/work.h"
#include "tests/sync/delivers.h"
#include "base/log.h"

#define SAYS                                                                                       \
    "the time zone Mars/Olympus is not known on this machine: install tzdata, or set another one"

static void lose_the_zone(struct delivers *d) {
    place_exec(d->w->bed->st->db, "UPDATE company SET zone = 'Mars/Olympus'");
    OK(company_find(d->w->bed->st, "acme", &d->w->bed->a, &d->w->company, &why));
    log_set_level(LOG_LEVEL_ERROR);
}

static struct work_result try_to(struct delivers *d, enum job_kind kind) {
    struct bed *b = d->w->bed;
    const struct work w = { .st = b->st, .key = b->key, .clock = &d->w->clock };
    const struct job j = { .kind = kind,
                           .company_id = b->company_id,
                           .subject_id =
                               kind == JOB_DELIVERY ? d->destination_id : b->in.integration_id };
    struct work_result r;
    work_do(&w, &j, &r);
    return r;
}

static struct health health_there(struct delivers *d) {
    struct bed *b = d->w->bed;
    struct platform p = delivers_platform(d);
    struct health h;
    OK(health_of_destination(b->st, &p, d->w->fake.now_us, &b->a, &h, &why));
    return h;
}

static void a_delivery_that_fails_for_it_is_counted_and_told_by_status(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    assert_int_equal(health_there(d).verdict, HEALTH_OK);
    lose_the_zone(d);
    struct work_result r = try_to(d, JOB_DELIVERY);
    assert_int_equal(r.end, WORK_FAILED);
    r = try_to(d, JOB_DELIVERY);
    assert_int_equal(r.end, WORK_FAILED);
    struct health h = health_there(d);
    assert_int_equal(h.verdict, HEALTH_FAILED);
    assert_int_equal(h.trouble.attempts, 2);
    assert_true(text_is(h.trouble.name, "company.zone"));
    assert_says(h.trouble.sentence, SAYS);
    assert_says(h.trouble.sentence, "rollcall company set acme --zone ZONE");
}

static void a_delivery_typed_or_in_the_wake_of_an_import_says_so_too(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    lose_the_zone(d);
    delivers_fails(d, RC_INVALID);
    assert_string_equal(d->err.name, "company.zone");
    health_note(d->w->bed->st, &d->w->clock, d->w->bed->company_id, d->destination_id, d->err.code,
                &d->err);
    assert_true(health_there(d).zone_unknown);
}

static void an_import_likewise(void **state) {
    struct delivers *d = *state;
    struct bed *b = d->w->bed;
    struct health h;
    delivers_begin(d, 3);
    lose_the_zone(d);
    assert_int_equal(try_to(d, JOB_SYNC).end, WORK_FAILED);
    OK(health_of_integration(b->st, &b->in, d->w->fake.now_us, &b->a, &h, &why));
    assert_int_equal(h.verdict, HEALTH_FAILED);
    assert_says(h.trouble.sentence, SAYS);
}

static void it_is_alerted_once(void **state) {
    struct delivers *d = *state;
    struct bed *b = d->w->bed;
    const struct alerts_options o = { 0 };
    struct alerts_server known = { 0 };
    delivers_begin(d, 3);
    lose_the_zone(d);
    for (int tries = 0; tries < 5; tries++) {
        try_to(d, JOB_DELIVERY);
        d->w->fake.now_us += INT64_C(1800) * 1000000;
        OK(alerts_keep(b->st, &d->w->company, &o, &d->w->clock, &known, &why));
        assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM alert WHERE cause = 'failing'"),
                         tries >= CAUSE_ATTEMPTS - 1);
    }
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        DELIVERS_TEST(a_delivery_that_fails_for_it_is_counted_and_told_by_status),
        DELIVERS_TEST(a_delivery_typed_or_in_the_wake_of_an_import_says_so_too),
        DELIVERS_TEST(an_import_likewise),
        DELIVERS_TEST(it_is_alerted_once),
    };
    return PLACE_RUN(tests, argc, argv);
}
