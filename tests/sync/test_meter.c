/* What is shown of an import or a delivery that is under way; time stands where the test puts it. */
#include "tests/check.h"
#include "sync/meter.h"

static int64_t now_us;

static int64_t tell_now(void *self) {
    (void)self;
    return now_us;
}

static const struct clock_source clock_here = { .now_us = tell_now, .monotonic_us = tell_now };

static const char *line(const struct meter *m) {
    static char text[METER_LINE_BYTES];
    struct meter_view v;
    meter_look(m, &v);
    meter_line(&v, text);
    return text;
}

static void an_import_tells_how_many_of_how_many_and_how_long(void **state) {
    struct import_progress p = { 0 };
    struct meter m;
    (void)state;
    now_us = 1000000000;
    meter_import(&m, &p, &clock_here);
    assert_string_equal(line(&m), "starting");
    p.phase = IMPORT_LISTING;
    assert_string_equal(line(&m), "reading the list");
    p.declared = 3000;
    p.read = 1000;
    assert_string_equal(line(&m), "1000 of 3000 people"); /* too early for a rate */
    now_us += 2000000;
    assert_string_equal(line(&m), "1000 of 3000 people, 500 a second, 4 s left");
    p.attempt = 2;
    p.waiting_until_us = now_us + 5500000;
    assert_string_equal(line(&m), "1000 of 3000 people, 500 a second, 4 s left (read again: 2); "
                                  "HR asks us to wait 6 s");
    p.waiting_until_us = 0;
    p.phase = IMPORT_LOOKING_UP;
    p.looked_up = 3;
    p.to_look_up = 9;
    assert_string_equal(line(&m), "asking for the missing: 3 of 9");
    p.phase = IMPORT_APPLYING;
    assert_string_equal(line(&m), "applying");
}

static void a_delivery_goes_on_as_it_did_of_late(void **state) {
    struct delivery_progress p = { 0 };
    struct meter m;
    struct meter_view v;
    (void)state;
    now_us = 1000000000;
    meter_delivery(&m, &p, &clock_here);
    p.phase = DELIVERY_LISTING;
    p.listed = 70;
    assert_string_equal(line(&m), "reading the platform's accounts: 70");
    p.phase = DELIVERY_SENDING;
    p.planned = 1000;
    p.calls = 2000;
    p.sending_since_us = now_us;
    for (int tenth = 1; tenth <= 600; tenth++) { /* a minute: 20 calls a second, and then 10 */
        now_us += 100000;
        p.calls_made += tenth <= 300 || tenth % 2 == 0 ? 1 : 0;
        p.calls_made += tenth <= 300 ? 1 : 0;
        meter_tick(&m);
    }
    p.sent = 300;
    p.failed = 2;
    meter_look(&m, &v);
    assert_true(v.per_second > 4 && v.per_second < 8); /* of the last half: five */
    assert_int_equal(v.done, 300);
    assert_int_equal(v.of, 1000);
    assert_true(v.left_s > (2000 - 750) / 8 && v.left_s < (2000 - 750) / 4);
    p.pausing_until_us = now_us + 500000;
    assert_non_null(strstr(line(&m), "300 of 1000 carried out, 2 refused, "));
    assert_non_null(strstr(line(&m), "; most attempts fail: tried again in 1 s"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_import_tells_how_many_of_how_many_and_how_long),
        cmocka_unit_test(a_delivery_goes_on_as_it_did_of_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
