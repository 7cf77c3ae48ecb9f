/* check.h - cmocka.h and the headers that it wants before it. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* How many tests an array of them begins with; others may follow. Counted by hand, one too few would be
 * a test that never runs. */
#define CHECK_LISTED(tests) check_listed(tests, sizeof(tests) / sizeof *(tests))
static inline size_t check_listed(const struct CMUnitTest *tests, size_t most) {
    size_t n = 0;
    while (n < most && tests[n].test_func != NULL)
        n++;
    return n;
}
