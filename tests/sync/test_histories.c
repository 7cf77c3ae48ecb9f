/* Promises over random histories of a company and its database: life.h says which.
 *
 * Built with -DROLLCALL_WITHOUT_DECIDE=... this is the negative control of that protection: the promise that it keeps
 * must be found broken. */
#include "people/decide_p.h"
#include "tests/sync/life.h"

static const char *const promises[] = {
    [DECIDE_STRANGERS] = "stranger",
    [DECIDE_LEAVE] = "closed",
    [DECIDE_REPEAT] = "restless",
};

static void no_history_breaks_a_promise_or_without_its_protection_one_does(void **state) {
    (void)state;
    history_try(&(struct history_test){ .kinds_n = LIFE_HAPPENINGS,
                                        .lives = ROLLCALL_WITHOUT_DECIDE ? 60
                                                 : place_is_sqlite()     ? 14
                                                                         : 4,
                                        .live = life_live,
                                        .wanted = promises[ROLLCALL_WITHOUT_DECIDE] });
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(
        no_history_breaks_a_promise_or_without_its_protection_one_does) };
    return PLACE_RUN(tests, argc, argv);
}
