/* decides.h - somebody whose account is in step, and the next decision about it. A test changes what it is
 * about and asks. */
#pragma once
#include "people/decide.h"
#include "tests/base/helper.h"

enum { TODAY = 20500 };
extern struct arena arena;
extern struct user user; /* Ana Lopez, who works there */
extern struct decide_person person;
extern struct account account; /* hers: open, and shows what HR says */
extern struct policy policy;
extern struct decide_refs refs;
extern struct decision decision;

int decides_begin(void **state);
int decides_end(void **state);
#define DECIDES_TEST(fn) cmocka_unit_test_setup_teardown(fn, decides_begin, decides_end)

const struct decision *ask(void); /* decides, and borrows decision */
