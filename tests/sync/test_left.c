/* Who left and can still sign in. */
#include "sync/left.h"
#include "tests/sync/delivers.h"

static struct platform platform_of(struct delivers *d) {
    struct platform p;
    OK(platform_get(d->w->bed->st, d->w->company.company_id, d->destination_id, NULL, &d->w->bed->a,
                    &p, &d->err));
    return p;
}

/* "3 protected": the HR ids, each with what it waits for. */
static const char *left(struct delivers *d) {
    struct arena *a = &d->w->bed->a;
    struct platform p = platform_of(d);
    struct account_row *rows;
    size_t n = 0;
    int64_t all = 0;
    const char *s = "";
    OK(left_find(d->w->bed->st, &d->w->company, &p, clock_now_us(&d->w->clock), 0, 10, a, &rows, &n,
                 &all, &d->err));
    assert_int_equal(n, all);
    for (size_t i = 0; i < n; i++) {
        struct person who;
        OK(directory_get(d->w->bed->st, d->w->company.company_id, rows[i].is.user_id, a, &who,
                         &d->err));
        s = arena_printf(a, "%s%s%.*s %.*s", s, *s != '\0' ? ", " : "", TEXT_ARG(who.source_id),
                         TEXT_ARG(rows[i].code));
    }
    return s;
}

/* Nobody whom a setting lets stay, and nobody who is only missing. */
static void only_whoever_is_to_be_closed_counts(void **state) {
    struct delivers *d = *state;
    struct platform p;
    delivers_begin(d, 6);
    delivers_policy(d, "{\"close-status\":\"3\",\"close-end-date\":\"no\"}");
    world_put(d->w, "2", "status=inactive");
    world_put(d->w, "3", "termination_date=2026-01-15");
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(left(d), "");
    delivers_policy(d, "{}");
    assert_string_equal(left(d), "2 next-delivery, 3 next-delivery");
    p = platform_of(d);
    p.feeds_n = 0;
    OK(platform_save(d->w->bed->st, d->w->bed->key, &p, &d->err));
    assert_string_equal(left(d), "2 not-fed, 3 not-fed");
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[8] = { DELIVERS_TEST(only_whoever_is_to_be_closed_counts) };
    size_t n = CHECK_LISTED(tests);
    return place_run("left", tests, n, argc, argv);
}
