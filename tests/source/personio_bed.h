/* personio_bed.h - the Personio source, opened on the smallest Personio (personio_fake.h), with a
 * clock that only a pause moves: what tests of its listing, token and faults begin with. */
#pragma once
#include "tests/check.h"
#include "source/source.h"
#include "tests/source/personio_fake.h"

extern struct fake fake;
extern struct source *source;
extern struct arena arena;
extern struct clock_fake clock_state;
extern struct clock_source fake_time;
extern int64_t shown_until_us; /* the latest pause that the source showed while it slept */
extern const struct employee_reads reads;

int set_up(void **state);
int tear_down(void **state);
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
#define ROW_TEST(f, row)                                                                           \
    {                                                                                              \
        .name = (row)->name, .test_func = f, .setup_func = set_up, .teardown_func = tear_down,     \
        .initial_state = (void *)(uintptr_t)(row)                                                  \
    }

#define JSON_TYPE .content_type = "application/json"

/* Opens it anew; extra: pairs of setting and value, ends with NULL; or NULL. */
void open_with(struct employee_reads what, const char *const *extra);

/* A whole listing, in numbers. */
struct tally {
    size_t rows_n, pages_n, readable_n;
    int64_t total, first_total;
    enum source_end end;
    enum rc_code rc;
    struct rc_error err;
};
struct tally list_all(void);
/* Everybody came, and then an empty page. */
struct tally list_right(void);
