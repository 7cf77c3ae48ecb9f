/* A destination that is set to another customer's platform while something waits to be undone, is carried out, or is read:
 * the ids are the same there by chance, and belong to others. */
#include <string.h>
#include "tests/sync/hands.h"
#include "tests/sync/undoes.h"

static const struct undoes_cut cuts[] = {
    { "cut off before the first call", false, false },
    { "cut off with calls out that never arrived", true, false },
};

static void set_to(struct delivers *d, const char *settings) {
    struct platform p = delivers_platform(d);
    p.settings = text_of(settings);
    p.is_elsewhere = true;
    OK(platform_save(d->w->bed->st, NULL, &p, &why));
}

/* Whoever has these ids there: others, but for so many whose external ids are as ours, for whatever cause. */
static void others_are_there(struct delivers *d, size_t alike) {
    for (size_t i = 0; i < d->there.accounts_n; i++) {
        struct account *is = &d->there.accounts[i].is;
        if (is->external_id.state == TEXT_SET && alike > 0) {
            alike--;
            continue;
        }
        is->external_id = (struct text){ 0 };
        is->fields[USER_EMAIL].known =
            text_of(arena_printf(&d->w->bed->a, "elsewhere%zu@y.org", i));
    }
}

static void is_refused(struct delivers *d, enum rc_code rc) {
    assert_int_equal(rc, RC_INVALID);
    assert_string_equal(d->err.name, "destination.another");
}

static enum rc_code try_approve(struct delivers *d, int64_t run_id) {
    struct delivery_options o = delivers_options(d);
    struct run r;
    return delivery_approve(d->w->bed->st, d->w->bed->key, &d->w->company, run_id, "it is right",
                            &o, &d->w->bed->a, &r, &d->err);
}

/* 3 has another title, 4 is closed, 6 has joined. */
static struct run did(struct delivers *d) {
    delivers_begin(d, 5);
    world_add(d->w, "6");
    world_put(d->w, "4", "status=inactive");
    return undoes_change(d, "3", "job_title=Foreman");
}

static void nothing_is_undone_there(void **state) {
    struct delivers *d = *state;
    struct run r = did(d), u = undoes_plan(d, r.run_id), other;
    set_to(d, "{\"at\":\"b\"}");
    others_are_there(d, 2);
    unsigned writes = delivers_writes(d);
    is_refused(d, undoes_try(d, r.run_id, &other));
    is_refused(d, try_approve(d, u.run_id));
    u = world_run(d->w, u.run_id);
    assert_state(&u, RUN_PREVIEWED);
    assert_int_equal(delivers_writes(d), writes);
    assert_int_equal(undoes_pins(d), 0);
}

static void nor_is_one_gone_on_with(void **state) {
    struct delivers *d = *state;
    const struct undoes_cut *row = d->row;
    struct run r = did(d), u = undoes_plan(d, r.run_id);
    struct memory_platform_account was[16];
    undoes_cut(d, row->sent ? 4 : 0);
    assert_true(d->there.accounts_n <= RC_LEN(was));
    memcpy(was, d->there.accounts, d->there.accounts_n * sizeof *was);
    set_to(d, "{\"at\":\"b\"}");
    others_are_there(d, 0);
    unsigned writes = delivers_writes(d);
    for (int i = 0; i < 2; i++) {
        delivers_fails(d, RC_INVALID);
        is_refused(d, RC_INVALID);
        delivers_day(d, 1);
    }
    assert_int_equal(delivers_writes(d), writes);
    u = world_run(d->w, u.run_id);
    assert_state(&u, RUN_PASSED);
    memcpy(d->there.accounts, was, d->there.accounts_n * sizeof *was); /* the right one again */
    set_to(d, "{}");
    delivers_run(d);
    u = world_run(d->w, u.run_id);
    assert_state(&u, RUN_APPLIED);
    assert_true(undoes_shows(d, "3", "job_title", "Welder"));
    assert_int_equal(delivers_status(d, "4"), ACCOUNT_ACTIVE);
    assert_int_equal(delivers_status(d, "6"), ACCOUNT_DEACTIVATED);
}

/* ---- while it is read ---- */

static struct delivers *reading;
static enum rc_code (*next)(struct destination_lane *l, struct arena *a,
                            struct destination_page *ret, struct rc_error *err);

static enum rc_code set_while_read(struct destination_lane *l, struct arena *a,
                                   struct destination_page *ret, struct rc_error *err) {
    if (reading != NULL)
        set_to(reading, "{\"at\":\"b\"}");
    reading = NULL;
    return next(l, a, ret, err);
}

static void reads_while_set(struct delivers *d) {
    next = d->there.ops.list_next;
    d->there.ops.list_next = set_while_read;
    reading = d;
}

static void is_refused_after_it_was_set_while_read(struct delivers *d) {
    reads_while_set(d);
    delivers_run(d);
    assert_null(reading);
    others_are_there(d, 0);
    unsigned writes = delivers_writes(d);
    world_put(d->w, "2", "status=inactive");
    world_put(d->w, "5", "last_name=Married");
    world_import(d->w);
    delivers_fails(d, RC_INVALID);
    is_refused(d, RC_INVALID);
    assert_int_equal(delivers_writes(d), writes);
}

static void what_was_read_of_the_old_one_is_not_taken_for_the_new_one(void **state) {
    struct delivers *d = *state;
    did(d);
    delivers_day(d, 1);
    world_import(d->w);
    is_refused_after_it_was_set_while_read(d);
}

/* ... also where the same process goes on with what another had begun, and reads once more. */
static void nor_with_what_goes_on(void **state) {
    struct delivers *d = *state;
    did(d);
    world_put(d->w, "3", "job_title=Packer");
    world_import(d->w);
    delivers_preview(d, 0);
    undoes_cut(d, 4);
    is_refused_after_it_was_set_while_read(d);
}

static void another_pace_while_it_is_read_costs_one_more_reading(void **state) {
    struct delivers *d = *state;
    did(d);
    delivers_day(d, 1);
    world_import(d->w);
    reads_while_set(d);
    delivers_run(d);
    world_put(d->w, "2", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_DEACTIVATED);
    assert_int_not_equal(delivers_platform(d).listed_us, 0);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[4 + RC_LEN(cuts)] = {
        DELIVERS_TEST(nothing_is_undone_there),
        DELIVERS_TEST(what_was_read_of_the_old_one_is_not_taken_for_the_new_one),
        DELIVERS_TEST(nor_with_what_goes_on),
        DELIVERS_TEST(another_pace_while_it_is_read_costs_one_more_reading),
    };
    size_t n = 4;
    DELIVERS_ROWS(tests, n, cuts, nor_is_one_gone_on_with);
    return place_run("elsewhere", tests, n, argc, argv);
}
