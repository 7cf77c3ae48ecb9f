#include "tests/check.h"
#include "sync/rest.h"

/* ms of CPU in each of the seconds that follow each other; 'B': meanwhile somebody is at work. */
struct spell {
    int seconds, ms_each;
    bool busy;
};
static const int64_t second = 1000000;

/* How often it rests; asked once a second, as nobody does more often. */
static int rests(const struct spell *spells, size_t n) {
    struct rest r = { 0 };
    int64_t mono = 1000 * second, cpu = 0; /* the machine was up before the process */
    int times = 0;
    for (size_t i = 0; i < n; i++)
        for (int s = 0; s < spells[i].seconds; s++) {
            mono += second;
            cpu += spells[i].ms_each * INT64_C(1000);
            times += rest_is_due(&r, spells[i].busy, mono, cpu);
        }
    return times;
}

static const struct row {
    const char *name;
    int expected;
    struct spell spells[4];
} rows[] = {
    { "it never rests while somebody is at work, however slowly", 0, { { 600, 1, true } } },
    { "it never rests while requests are answered by nobody who is at work",
      0,
      { { 600, 60, false } } },
    { "after work it rests once", 1, { { 10, 900, true }, { 600, 0, false } } },
    { "after requests it rests once", 1, { { 10, 60, false }, { 600, 0, false } } },
    { "work of another spell makes it rest again",
      2,
      { { 10, 900, true }, { 300, 0, false }, { 1, 100, true }, { 300, 0, false } } },
    { "little is not worth it", 0, { { 1, 19, false }, { 600, 0, false } } },
    { "two rests are a minute apart",
      1,
      { { 10, 900, true }, { 12, 0, false }, { 1, 100, true }, { 40, 0, false } } },
};

static void it_rests_as_often_as_the_row_says(void **state) {
    const struct row *r = *state;
    assert_int_equal(rests(r->spells, sizeof r->spells / sizeof *r->spells), r->expected);
}

static void the_cpu_time_of_the_process_grows_with_what_it_does(void **state) {
    int64_t before = rest_cpu_us();
    (void)state;
    for (unsigned i = 0; rest_cpu_us() - before < 1000 && i < 2000000000u; i++)
        continue;
    assert_true(rest_cpu_us() - before >= 1000);
}

int main(void) {
    struct CMUnitTest tests[sizeof rows / sizeof *rows + 1] = { cmocka_unit_test(
        the_cpu_time_of_the_process_grows_with_what_it_does) };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        tests[i + 1] = (struct CMUnitTest){ .name = rows[i].name,
                                            .initial_state = (void *)&rows[i],
                                            .test_func = it_rests_as_often_as_the_row_says };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
