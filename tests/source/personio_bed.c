#include "tests/source/personio_bed.h"

#include <stdio.h>
#include <stdlib.h>

struct fake fake;
struct source *source;
struct arena arena;
struct clock_fake clock_state;
struct clock_source fake_time;
int64_t shown_until_us;

static void sleep_and_look(void *self, int64_t us) {
    struct clock_source plain = clock_fake_source(self);
    if (source != NULL && source->waiting_until_us > shown_until_us)
        shown_until_us = source->waiting_until_us;
    clock_sleep_us(&plain, us);
}

const struct employee_reads reads = { 1u << EMPLOYEE_FIRST_NAME | 1u << EMPLOYEE_STATUS, NULL, 0 };

void open_with(struct employee_reads what, const char *const *extra) {
    const struct source_ops *ops = source_find("personio");
    const char *values[32] = { 0 };
    struct rc_error err = { 0 };
    for (size_t i = 0; ops->settings[i].key != NULL; i++) {
        if (strcmp(ops->settings[i].key, "base-url") == 0)
            values[i] = fake.url;
        if (strcmp(ops->settings[i].key, "client-id") == 0)
            values[i] = "papi-id";
        if (strcmp(ops->settings[i].key, "client-secret") == 0)
            values[i] = "right-secret";
        for (const char *const *e = extra; e != NULL && *e != NULL; e += 2)
            if (strcmp(ops->settings[i].key, e[0]) == 0)
                values[i] = e[1];
    }
    if (source != NULL)
        source_close(source);
    source = NULL;
    struct source_config config = { ops, values, what, &fake_time };
    if (source_open(&config, &source, &err) != RC_OK)
        fail_msg("%s", err.text);
}

int set_up(void **state) {
    (void)state;
    fake = (struct fake){ .people_n = 250 };
    clock_state = (struct clock_fake){ .now_us = INT64_C(1790000000000000) };
    fake_time = clock_fake_source(&clock_state);
    fake_time.sleep_us = sleep_and_look;
    shown_until_us = 0;
    fake_open(&fake);
    arena_init(&arena);
    open_with(reads, NULL);
    return 0;
}

int tear_down(void **state) {
    (void)state;
    source_close(source);
    source = NULL;
    fake_close(&fake);
    arena_done(&arena);
    return 0;
}

struct tally list_all(void) {
    struct tally t = { 0 };
    const struct source_ops *ops = source->ops;
    struct source_page *page = ops->page_new(source);
    t.rc = ops->list_begin(source, 0, &t.err);
    while (t.rc == RC_OK && t.end == SOURCE_MORE) {
        t.rc = ops->list_next(source, page, &t.err);
        if (t.rc != RC_OK)
            break;
        assert_int_equal(page->first_row, t.rows_n);
        for (size_t i = 0; i < page->rows_n; i++) {
            struct employee e;
            t.readable_n += ops->page_read(source, page, i, &arena, &e, NULL) == RC_OK;
        }
        t.rows_n += page->rows_n;
        t.total = page->declared_total;
        t.first_total = t.pages_n++ == 0 ? t.total : t.first_total;
        t.end = page->end;
        arena_reset(&arena);
    }
    ops->page_free(page);
    return t;
}

struct tally list_right(void) {
    struct tally t = list_all();
    if (t.rc != RC_OK)
        fail_msg("%s", t.err.text);
    assert_int_equal(t.rows_n, fake.people_n);
    assert_int_equal(t.readable_n, fake.people_n);
    assert_int_equal(t.end, SOURCE_END_EMPTY);
    return t;
}
