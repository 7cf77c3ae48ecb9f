/* What is foretold of an end date that is ahead, by the calendar and by `people why`, and what comes about. */
#include <stdio.h>
#include "people/why.h"
#include "sync/calendar.h"
#include "tests/sync/delivers.h"

enum { AHEAD = 2, GRACE = 7 };

static const struct row {
    const char *name,
        *status; /* that HR states from the end date on; NULL: HR is not read any more */
    int closes;  /* days from today */
} rows[] = {
    { "HR is not read after it", NULL, AHEAD + 1 },
    { "HR is read each day, and says that they left", "status=inactive", AHEAD + 1 },
    { "HR is read each day, and goes on saying active", "status=active", AHEAD + GRACE + 1 },
};

static date_days today(const struct delivers *d) {
    return (date_days)(d->w->fake.now_us / DAY_US); /* the zone is UTC */
}

static const char *iso(struct delivers *d, date_days day) {
    char s[DATE_TEXT_BYTES];
    return arena_printf(&d->w->bed->a, "%s", date_format(day, s));
}

/* RC_NOT_FOUND: nothing is foretold of them. */
static enum rc_code foretold(struct delivers *d, const char *person, struct account_row *ret) {
    struct bed *b = d->w->bed;
    struct platform p;
    struct account_row *list;
    size_t n = 0;
    OK(platform_get(b->st, b->company_id, d->destination_id, NULL, &b->a, &p, &why));
    OK(calendar(b->st, &d->w->company, &p, d->w->fake.now_us, 30, 10, &b->a, &list, &n, &why));
    for (size_t i = 0; i < n; i++)
        if (list[i].is.user_id == delivers_row(d, person).is.user_id) {
            *ret = list[i];
            return RC_OK;
        }
    return RC_NOT_FOUND;
}

static struct why_turn turn_of(struct delivers *d, const char *leave_date, struct text *ret_says) {
    struct user u = {
        .fields = { [USER_STATUS] = TEXT_LIT("active"), [USER_LEAVE_DATE] = text_of(leave_date) }
    };
    struct lifecycle_facts f = lifecycle_facts_of(&u, PRESENCE_LISTED, today(d));
    struct why_turn t;
    struct buf b;
    assert_true(why_next(&f, &lifecycle_policy_default, today(d), &t));
    buf_init(&b, 1000);
    why_turn_write(&t, &f, &lifecycle_policy_default, &b);
    *ret_says = text_copy(&d->w->bed->a, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}

static void an_end_date_is_foretold_alike_and_comes_about_so(void **state) {
    struct delivers *d = *state;
    const struct row *row = d->row;
    struct account_row told = { 0 };
    struct text says;
    delivers_begin(d, 4);
    date_days began = today(d);
    const char *last = iso(d, began + AHEAD), *later = iso(d, began + AHEAD + GRACE + 1);
    world_put(d->w, "3", arena_printf(&d->w->bed->a, "termination_date=%s", last));
    world_import(d->w);
    delivers_run(d);
    OK(foretold(d, "3", &told));
    struct why_turn t = turn_of(d, last, &says);
    assert_int_equal(told.due_on, began + AHEAD + 1);
    assert_int_equal(t.on, told.due_on);
    assert_says(told.sentence, later); /* ... if HR says otherwise then */
    assert_says(says, later);
    while (delivers_status(d, "3") != ACCOUNT_DEACTIVATED) {
        assert_true(today(d) < began + row->closes);
        if (today(d) > began + AHEAD) { /* HR has been read since, and what is foretold follows */
            OK(foretold(d, "3", &told));
            assert_int_equal(told.due_on, began + row->closes);
            assert_int_equal(turn_of(d, last, &says).on, told.due_on);
        }
        delivers_day(d, 1);
        bool has_ended = today(d) > began + AHEAD;
        if (has_ended && row->status != NULL)
            world_put(d->w, "3", row->status);
        if (!has_ended || row->status != NULL)
            world_import(d->w);
        delivers_run(d);
    }
    assert_int_equal(today(d), began + row->closes);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[RC_LEN(rows)];
    size_t n = 0;
    DELIVERS_ROWS(tests, n, rows, an_end_date_is_foretold_alike_and_comes_about_so);
    return PLACE_RUN(tests, argc, argv);
}
