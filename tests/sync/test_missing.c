/* Nobody is harmed by silence (invariant 1): what becomes of people whom a complete listing lacks.
 * */
#include <stdio.h>
#include "store/unsettled.h"
#include "tests/sync/world.h"

static const char *rule_of(struct world *w, int64_t run_id) {
    struct version_change_row *list;
    size_t n;
    OK(version_changes(w->bed->st, w->bed->company_id, run_id, 10, &w->bed->a, &list, &n, &why));
    for (size_t i = 0; i < n; i++)
        if (text_is(list[i].field, "lifecycle"))
            return arena_str(&w->bed->a, list[i].rule.ptr, list[i].rule.len);
    return "none";
}

/* ---- answers ---- */

static void whom_hr_does_not_know_has_left(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_drop(w, "7");
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.missing, 1);
    assert_int_equal(r.counts.gone, 1);
    assert_int_equal(r.counts.classes[CHANGE_LEAVERS], 1);
    assert_string_equal(world_lifecycle(w, "7"), "left");
    assert_string_equal(rule_of(w, r.run_id), "not-found");
    assert_true(text_is(world_user(w, "7", USER_LAST_NAME), "Last7")); /* still known */
    assert_in_range(w->hr.gets_n, 3, 5); /* asked for twice, and a few witnesses between */
    assert_int_equal(world_writes(w), 0);
    r = world_import(w); /* nothing new about them */
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(world_changes(w, r.run_id, NULL), 0);
    assert_int_equal(world_writes(w), 0);
}

static const struct ended_row {
    const char *name, *put, *rule;
} endeds[] = {
    { "inactive", "status=inactive", "status-inactive" },
    { "an end date behind, beyond the grace days", "termination_date=2026-08-01",
      "end-date-passed" },
};

static void who_is_found_to_have_ended_has_left(void **state) {
    struct world *w = *state;
    const struct ended_row *row = w->row;
    struct person p;
    world_begin(w, 20);
    world_put(w, "7", row->put);
    world_hide(w, "7");
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_string_equal(world_lifecycle(w, "7"), "left");
    assert_string_equal(rule_of(w, r.run_id), row->rule);
    OK(directory_find(w->bed->st, w->bed->company_id, w->bed->in.integration_id, TEXT_LIT("7"),
                      &w->bed->a, &p, &why));
    assert_int_equal(p.presence, PRESENCE_LISTED); /* HR has them */
    r = world_import(w);
    assert_int_equal(world_changes(w, r.run_id, NULL), 0);
}

static void who_is_found_working_disproves_the_list_and_nobody_is_closed(void **state) {
    struct world *w = *state;
    world_begin(w, 40);
    world_limits(w, WORLD_NO_LIMITS); /* no hold could save anybody */
    world_drop(w, "6");               /* truly gone */
    world_hide(w, "7");               /* works; the list lacks them */
    world_drop(w, "8");
    world_put(w, "3", "last_name=Changed");
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_says(r.reason, "still employed");
    assert_int_equal(r.counts.missing, 3);
    assert_int_equal(r.counts.absent + r.counts.gone, 0);
    world_everybody_is(w, 1, 40, "active");
    assert_true(text_is(world_user(w, "3", USER_LAST_NAME), "Changed")); /* the rest counts */
    assert_int_equal(world_changes(w, r.run_id, NULL), 1);
    world_add(w, "7"); /* the list is whole again */
    r = world_import(w);
    assert_string_equal(world_lifecycle(w, "6"), "left");
    assert_string_equal(world_lifecycle(w, "7"), "active");
    assert_string_equal(world_lifecycle(w, "8"), "left");
}

static enum rc_code (*get)(struct source *s, struct text id, struct arena *a, struct employee *ret,
                           struct rc_error *err);

static unsigned asked_for_8;

/* A moment in which HR does not know somebody. */
static enum rc_code get_8_only_again(struct source *s, struct text id, struct arena *a,
                                     struct employee *ret, struct rc_error *err) {
    if (text_is(id, "8") && asked_for_8++ == 0)
        return rc_fail_as(err, RC_NOT_FOUND, "source.not-found", "not known");
    return get(s, id, a, ret, err);
}

static void who_is_found_working_when_asked_again_disproves_the_list_too(void **state) {
    struct world *w = *state;
    world_begin(w, 40);
    world_limits(w, WORLD_NO_LIMITS);
    world_drop(w, "6"); /* truly gone, and asked for first, both times */
    world_hide(w, "8");
    get = w->hr.ops.get;
    w->hr.ops.get = get_8_only_again;
    asked_for_8 = 0;
    struct run r = world_import(w);
    w->hr.ops.get = get;
    get = NULL;
    assert_int_equal(asked_for_8, 2);
    assert_state(&r, RUN_APPLIED);
    assert_says(r.reason, "still employed");
    assert_int_equal(r.counts.absent + r.counts.gone, 0);
    world_everybody_is(w, 1, 40, "active");
    world_add(w, "8");
    world_import(w);
    assert_string_equal(world_lifecycle(w, "6"), "left");
    world_everybody_is(w, 7, 40, "active");
}

/* ---- no answer, or one that means nothing ---- */

/* Somebody takes a right away while the missing are asked for. */
static enum rc_code get_and_lose_a_right(struct source *s, struct text id, struct arena *a,
                                         struct employee *ret, struct rc_error *err) {
    struct memory_source *m = (struct memory_source *)(uintptr_t)s->ops;
    static const char *const fewer[] = { "email", NULL };
    m->attributes = fewer;
    return get(s, id, a, ret, err);
}

/* A right that was missing when the import began is back before its end. */
static enum rc_code get_and_have_it_back(struct source *s, struct text id, struct arena *a,
                                         struct employee *ret, struct rc_error *err) {
    struct memory_source *m = (struct memory_source *)(uintptr_t)s->ops;
    static const char *const all[] = { "email", "first_name", "last_name", NULL };
    m->attributes = all;
    return get(s, id, a, ret, err);
}

static void no_answer(struct world *w) {
    w->hr.get_fault = (struct memory_fault){ .code = RC_RETRY };
}
static void an_answer_of_another_kind(struct world *w) {
    w->hr.get_fault = (struct memory_fault){ .code = RC_INVALID };
}
static void no_right_to_ask(struct world *w) {
    w->hr.get_fault = (struct memory_fault){ .code = RC_AUTH };
}
static void an_attribute_is_lost(struct world *w) {
    w->attributes[2] = NULL;
}
static void scopes_are_others(struct world *w) {
    w->hr.scopes = "papi:less";
}
static void a_right_is_lost_meanwhile(struct world *w) {
    get = w->hr.ops.get;
    w->hr.ops.get = get_and_lose_a_right;
}
static void a_right_is_back_meanwhile(struct world *w) {
    an_attribute_is_lost(w);
    get = w->hr.ops.get;
    w->hr.ops.get = get_and_have_it_back;
}
static void everybody_is_unknown(struct world *w) {
    for (int i = 1; i <= 20; i++)
        w->not_found[i - 1] = world_number(w, i);
}
static void rights_cannot_be_read_again(struct world *w) {
    w->hr.rights_fault = (struct memory_fault){ .code = RC_RETRY, .after = w->hr.rights_n + 1 };
}

static const struct unsure_row {
    const char *name;
    void (*happens)(struct world *w);
} unsures[] = {
    { "no answer", no_answer },
    { "an answer of another kind", an_answer_of_another_kind },
    { "no right to ask", no_right_to_ask },
    { "an attribute that was readable is not", an_attribute_is_lost },
    { "the scopes are others", scopes_are_others },
    { "a right is lost while we ask", a_right_is_lost_meanwhile },
    { "a right is back while we ask", a_right_is_back_meanwhile },
    { "everybody is unknown, witnesses too", everybody_is_unknown },
    { "rights that cannot be read again", rights_cannot_be_read_again },
};

/* Silence about somebody who is missing is no proof; silence from one day to the next has to be
 * looked at. */
static void who_is_not_settled_from_one_day_to_the_next_is_absent(void **state) {
    struct world *w = *state;
    int64_t unsettled;
    world_begin(w, 20);
    world_drop(w, "7");
    no_answer(w);
    struct run r = world_import(w);
    world_everybody_is(w, 1, 20, "active");
    clock_fake_move(&w->fake, INT64_C(16) * 3600 * 1000000);
    world_import(w);
    world_everybody_is(w, 1, 20, "active");
    clock_fake_move(&w->fake, INT64_C(5) * 3600 * 1000000);
    r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.absent, 1);
    assert_string_equal(world_lifecycle(w, "7"), "absent");
    world_everybody_is(w, 8, 20, "active");
    OK(unsettled_count(w->bed->st, r.company_id, r.integration_id, &unsettled, &why));
    assert_int_equal(unsettled, 1);

    world_add(w, "7"); /* they are there again */
    w->hr.get_fault.code = RC_OK;
    r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_string_equal(world_lifecycle(w, "7"), "active");
    OK(unsettled_count(w->bed->st, r.company_id, r.integration_id, &unsettled, &why));
    assert_int_equal(unsettled, 0);
}

/* The person is gone in truth, but nothing that was said shows it. */
static void what_cannot_be_believed_closes_nobody_and_is_asked_again(void **state) {
    struct world *w = *state;
    const struct unsure_row *row = w->row;
    static const char *const all_rights[] = { "email", "first_name", "last_name", NULL };
    world_begin(w, 20);
    world_drop(w, "7");
    world_put(w, "3", "last_name=Changed");
    row->happens(w);
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.missing, 1);
    assert_int_equal(r.counts.gone, 0);
    world_everybody_is(w, 1, 20, "active");
    assert_says(r.reason, "asked for again next time");
    assert_true(text_is(world_user(w, "3", USER_LAST_NAME), "Changed"));
    assert_int_equal(world_changes(w, r.run_id, NULL), 1);

    w->hr.get_fault.code = w->hr.rights_fault.code = RC_OK;
    w->hr.attributes = all_rights;
    w->hr.scopes = "papi";
    w->not_found[0] = NULL;
    if (get != NULL)
        w->hr.ops.get = get;
    get = NULL;
    /* rights that changed and changed back are not as last time: one more import settles it */
    r = world_import(w);
    if (r.counts.gone == 0)
        r = world_import(w);
    assert_int_equal(r.counts.gone, 1);
    assert_string_equal(world_lifecycle(w, "7"), "left");
    world_everybody_is(w, 8, 20, "active");
}

/* ---- a source that cannot be asked by id ---- */

static void where_nobody_can_be_asked_the_missing_are_absent_until_they_appear(void **state) {
    struct world *w = *state;
    w->hr.ops.caps &= ~(unsigned)SOURCE_GET;
    world_begin(w, 20);
    struct memory_person seven = w->people[6];
    assert_string_equal(seven.id, "7");
    world_drop(w, "7");
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_string_equal(world_lifecycle(w, "7"), "absent");
    assert_string_equal(rule_of(w, r.run_id), "missing-unconfirmed");
    assert_int_equal(r.counts.classes[CHANGE_LEAVERS], 1);
    assert_int_equal(world_writes(w), 0);
    r = world_import(w); /* still absent: nothing new */
    assert_int_equal(world_changes(w, r.run_id, NULL), 0);
    w->people[w->hr.people_n++] = seven;
    r = world_import(w);
    assert_string_equal(world_lifecycle(w, "7"), "active");
    assert_int_equal(world_changes(w, r.run_id, NULL), 1);
    assert_int_equal(r.counts.classes[CHANGE_JOINS], 0);
}

static void who_was_absent_is_confirmed_when_somebody_can_be_asked(void **state) {
    struct world *w = *state;
    unsigned caps = w->hr.ops.caps;
    world_begin(w, 20);
    world_drop(w, "7");
    w->hr.ops.caps &= ~(unsigned)SOURCE_GET;
    world_import(w);
    assert_string_equal(world_lifecycle(w, "7"), "absent");
    w->hr.ops.caps = caps;
    struct run r = world_import(w);
    assert_string_equal(world_lifecycle(w, "7"), "left");
    assert_int_equal(r.counts.classes[CHANGE_LEAVERS], 0); /* they were counted when they went */
}

/* ---- too many ---- */

static void more_missing_than_may_leave_are_not_asked_for_and_the_run_is_held(void **state) {
    struct world *w = *state;
    world_begin(w, 40);
    world_drop_many(w, 11, 14); /* one more than three */
    world_put(w, "3", "last_name=Changed");
    struct run r = world_import(w);
    assert_state(&r, RUN_HELD);
    assert_says(r.reason, "4 people are missing");
    assert_int_equal(w->hr.gets_n, 0);
    world_everybody_is(w, 1, 40, "active");
    assert_true(text_is(world_user(w, "3", USER_LAST_NAME), "Last3")); /* held whole */
    r = world_approve(w, r.run_id);
    world_everybody_is(w, 11, 14, "absent");
    assert_true(text_is(world_user(w, "3", USER_LAST_NAME), "Changed"));
    r = world_import(w); /* who is absent already does not hold the next one, and is asked for */
    assert_state(&r, RUN_APPLIED);
    world_everybody_is(w, 11, 14, "left");
}

static void as_many_as_may_leave_are_asked_for(void **state) {
    struct world *w = *state;
    world_begin(w, 40);
    for (int i = 11; i <= 13; i++)
        world_put(w, world_number(w, i), "termination_date=2026-12-31");
    world_import(w);
    world_everybody_is(w, 11, 13, "leaving");
    world_drop_many(w, 11, 13);
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.classes[CHANGE_LEAVERS], 3);
    assert_int_equal(r.counts.classes[CHANGE_UNANNOUNCED], 0);
    world_everybody_is(w, 11, 13, "left");
}

/* ---- those who have left ---- */

static void who_has_left_may_vanish_in_any_number(void **state) {
    struct world *w = *state;
    world_fill(w, 40);
    for (int i = 31; i <= 40; i++)
        world_put(w, world_number(w, i), "status=inactive");
    struct run r = world_import(w);
    world_approve(w, r.run_id);
    world_drop_many(w, 31, 40);
    r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    world_everybody_is(w, 31, 40, "left");
    world_everybody_is(w, 1, 30, "active");
    assert_int_equal(r.counts.classes[CHANGE_LEAVERS], 0);
}

static void who_comes_back_joins(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    struct memory_person seven = w->people[6];
    world_drop(w, "7");
    world_import(w);
    assert_string_equal(world_lifecycle(w, "7"), "left");
    w->people[w->hr.people_n++] = seven;
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_string_equal(world_lifecycle(w, "7"), "active");
    assert_int_equal(r.counts.classes[CHANGE_JOINS], 1);
    assert_int_equal(r.counts.joiners, 0); /* known: the same person */
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM \"user\""), 20);
}

static void asked_for_one_person_alone_not_found_closes_nobody(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_drop(w, "7");
    struct run r = world_import_person(w, "7");
    assert_state(&r, RUN_APPLIED);
    assert_says(r.reason, "import all");
    world_everybody_is(w, 1, 20, "active");
    assert_int_equal(world_changes(w, r.run_id, NULL), 0);
    world_import(w); /* the whole list decides */
    assert_string_equal(world_lifecycle(w, "7"), "left");
}

int main(int argc, char **argv) {
    static struct CMUnitTest tests[60];
    static const struct CMUnitTest plain[] = {
        WORLD_TEST(whom_hr_does_not_know_has_left),
        WORLD_TEST(who_is_found_working_disproves_the_list_and_nobody_is_closed),
        WORLD_TEST(who_is_found_working_when_asked_again_disproves_the_list_too),
        WORLD_TEST(where_nobody_can_be_asked_the_missing_are_absent_until_they_appear),
        WORLD_TEST(who_was_absent_is_confirmed_when_somebody_can_be_asked),
        WORLD_TEST(more_missing_than_may_leave_are_not_asked_for_and_the_run_is_held),
        WORLD_TEST(as_many_as_may_leave_are_asked_for),
        WORLD_TEST(who_has_left_may_vanish_in_any_number),
        WORLD_TEST(who_comes_back_joins),
        WORLD_TEST(who_is_not_settled_from_one_day_to_the_next_is_absent),
        WORLD_TEST(asked_for_one_person_alone_not_found_closes_nobody),
    };
    size_t n = 0;
    for (; n < RC_LEN(plain); n++)
        tests[n] = plain[n];
    WORLD_ROWS(tests, n, endeds, who_is_found_to_have_ended_has_left);
    WORLD_ROWS(tests, n, unsures, what_cannot_be_believed_closes_nobody_and_is_asked_again);
    return place_run("missing", tests, n, argc, argv);
}
