/* Who left and can still sign in, and a platform that does not close them: whoever is to know is told. */
#include "sync/cause.h"
#include "sync/decided.h"
#include "sync/unfed.h"
#include "tests/sync/hands.h"

static struct platform platform_of(struct delivers *d) {
    struct platform p;
    OK(platform_get(d->w->bed->st, d->w->company.company_id, d->destination_id, NULL, &d->w->bed->a,
                    &p, &d->err));
    return p;
}

/* What there is to be told of the platform. */
static const char *told(struct delivers *d) {
    struct cause_found *found;
    size_t n = 0;
    OK(cause_find(d->w->bed->st, d->w->company.company_id, clock_now_us(&d->w->clock),
                  &d->w->bed->a, &found, &n, &d->err));
    for (size_t i = 0; i < n; i++)
        if (found[i].there != NULL)
            return cause_code(found[i].cause);
    return "nothing";
}

static struct run deliver(struct delivers *d) {
    struct platform p = platform_of(d);
    struct run r = delivers_run(d);
    health_note_delivery(d->w->bed->st, &d->w->clock, &p, &r, &d->progress, RC_OK, &d->err);
    return r;
}

static const struct stuck_row {
    const char *name;
    struct memory_platform_fault fault;
    const char *code, *trouble;
} stuck_rows[] = {
    { "closings in doubt are told after some hours, until they are through",
      { MEMORY_PLATFORM_DEACTIVATE, 0, RC_UNSURE, NULL, false },
      "3 in-doubt",
      "delivery.in-doubt" },
    { "closings that are refused are told after some hours, until they are through",
      { MEMORY_PLATFORM_DEACTIVATE, 0, RC_INVALID, NULL, false },
      "3 refused",
      "delivery.not-closed" },
};

static void whoever_is_not_closed_is_told(void **state) {
    struct delivers *d = *state;
    const struct stuck_row *row = d->row;
    struct trouble t;
    delivers_begin(d, 4);
    assert_string_equal(hands_left(d), "");
    d->there.faults = &row->fault;
    d->there.faults_n = 1;
    world_put(d->w, "3", "status=inactive");
    world_import(d->w);
    assert_string_equal(hands_left(d), "3 next-delivery");
    for (int i = 0; i < 3; i++) {
        struct run r = deliver(d);
        assert_state(&r, RUN_APPLIED);
        assert_string_equal(hands_left(d), row->code);
        assert_string_equal(told(d), i < 2 ? "nothing" : "failing");
        clock_fake_move(&d->w->fake, (int64_t)3600 * 1000000);
    }
    OK(trouble_get(d->w->bed->st, d->w->company.company_id, d->destination_id, &d->w->bed->a, &t,
                   &d->err));
    assert_true(text_is(t.name, row->trouble));
    assert_true(health_is_of_some(&t));
    d->there.faults_n = 0;
    deliver(d);
    assert_string_equal(hands_left(d), "");
    assert_string_equal(told(d), "nothing");
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
    deliver(d);
    assert_string_equal(hands_left(d), "");
    delivers_policy(d, "{}");
    assert_string_equal(hands_left(d), "2 next-delivery, 3 next-delivery");
    p = platform_of(d);
    p.feeds_n = 0;
    OK(platform_save(d->w->bed->st, d->w->bed->key, &p, &d->err));
    assert_string_equal(hands_left(d), "2 not-fed, 3 not-fed");
}

/* Whoever leaves by a date stays while the clocks differ, and it is told why until they agree. */
static void clocks_that_differ_are_told(void **state) {
    struct delivers *d = *state;
    struct trouble t;
    delivers_begin(d, 4);
    d->there.clock_apart_s = -3 * 3600;
    world_put(d->w, "2", "first_name=Anne");
    world_import(d->w);
    deliver(d);
    assert_string_equal(told(d), "nothing"); /* nobody waits for it */
    world_put(d->w, "3", "termination_date=2026-01-14");
    world_import(d->w);
    for (int i = 0; i < 3; i++) {
        deliver(d);
        assert_string_equal(hands_left(d), "3 clock-in-doubt");
        assert_string_equal(told(d), i < 2 ? "nothing" : "failing");
        clock_fake_move(&d->w->fake, (int64_t)3600 * 1000000);
    }
    OK(trouble_get(d->w->bed->st, d->w->company.company_id, d->destination_id, &d->w->bed->a, &t,
                   &d->err));
    assert_string_equal(arena_str(&d->w->bed->a, t.sentence.ptr, t.sentence.len),
                        "the clock of this machine is 180 minutes ahead of the platform's, so no "
                        "date counts: 1 person waits until they agree");
    d->there.clock_apart_s = 1;
    deliver(d);
    assert_string_equal(hands_left(d), "");
    assert_string_equal(told(d), "nothing");
}

/* What was decided before has no day on which they are looked at: each delivery does. */
static void whose_day_comes_while_the_clocks_differ_is_told(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    world_put(d->w, "3", "termination_date=2026-09-25");
    world_import(d->w);
    delivers_run(d);
    delivers_day(d, 3);
    world_import(d->w);
    delivers_run(d);
    d->there.clock_apart_s = -3 * 3600;
    delivers_day(d, 2);
    for (int i = 0; i < 2; i++) {
        delivers_run(d);
        assert_string_equal(hands_left(d), "3 clock-in-doubt");
    }
    d->there.clock_apart_s = 0;
    delivers_run(d);
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_DEACTIVATED);
}

/* Linked by hand was another, although one has their id. */
static void one_with_the_id_of_a_leaver_is_told_beside_theirs(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct text y, x = hands_two_for_8(d, &y);
    hands_link(d, y, "8");
    world_put(d->w, "8", "status=inactive");
    hands_day(d);
    assert_int_equal(hands_there(d, y)->status, ACCOUNT_DEACTIVATED);
    assert_int_equal(hands_there(d, x)->status, ACCOUNT_ACTIVE);
    assert_string_equal(hands_left(d), "8 second-account");
}

/* Nobody closes it, and no day is kept on which it would be looked at. */
static void who_leaves_by_date_and_is_left_alone_is_told(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    hands_ignore(d, delivers_id(d, "3"), true);
    world_put(d->w, "3", "termination_date=2026-09-25");
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(hands_left(d), "");
    delivers_day(d, 30);
    assert_string_equal(hands_left(d), "3 ignored");
}

/* What was decided before the day came says nothing of it. */
static void a_day_that_has_come_is_told_though_nothing_was_delivered(void **state) {
    static const struct memory_platform_fault down = { MEMORY_PLATFORM_CAPS, 0, RC_RETRY, NULL,
                                                       false };
    struct delivers *d = *state;
    delivers_begin(d, 6);
    world_put(d->w, "3", "termination_date=2026-09-25");
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(hands_left(d), "");
    delivers_day(d, 5);
    assert_string_equal(hands_left(d), "3 next-delivery");
    d->there.faults = &down;
    d->there.faults_n = 1;
    delivers_fails(d, RC_RETRY);
    assert_string_equal(hands_left(d), "3 not-delivered");
}

/* One word that a platform has renamed must not hide whoever left. */
static void a_status_that_we_do_not_know_hides_nobody(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 6);
    memory_platform_find(&d->there, delivers_id(d, "3"))->is.status = ACCOUNT_UNKNOWN;
    delivers_day(d, 1);
    delivers_run(d);
    world_put(d->w, "3", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(hands_left(d), "3 state-unknown");
}

/* Whoever removes what they come from is told whose stay open: also theirs. */
static void nor_does_it_hide_whose_account_stays_open(void **state) {
    struct delivers *d = *state;
    struct bed *b = d->w->bed;
    struct unfed_there *list;
    size_t n = 0;
    delivers_begin(d, 4);
    memory_platform_find(&d->there, delivers_id(d, "3"))->is.status = ACCOUNT_UNKNOWN;
    memory_platform_find(&d->there, delivers_id(d, "4"))->is.status = ACCOUNT_DEACTIVATED;
    world_add(d->w, "5"); /* who has none yet */
    delivers_day(d, 1);
    delivers_run(d);
    world_import(d->w);
    OK(unfed_by_removal(b->st, b->company_id, b->in.integration_id, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
    assert_int_equal(list[0].people, 3);
}

/* A closing was refused, and then a rule keeps the account open: the rule is what is told. */
static void what_would_be_decided_now_is_told(void **state) {
    static const struct memory_platform_fault refused = { MEMORY_PLATFORM_DEACTIVATE, 0, RC_INVALID,
                                                          NULL, false };
    struct delivers *d = *state;
    delivers_begin(d, 6);
    d->there.faults = &refused;
    d->there.faults_n = 1;
    world_put(d->w, "3", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(hands_left(d), "3 refused");
    memory_platform_find(&d->there, delivers_id(d, "3"))->is.role = text_of("admin");
    delivers_day(d, 1);
    delivers_run(d);
    assert_string_equal(hands_left(d), "3 protected");
}

/* Nobody refuses anything: there is nothing to close any more. */
static void an_account_deleted_there_is_told_as_no_refusal(void **state) {
    struct delivers *d = *state;
    const struct memory_platform_fault gone = { MEMORY_PLATFORM_DEACTIVATE, 0, RC_NOT_FOUND, NULL,
                                                false };
    struct trouble t;
    delivers_begin(d, 4);
    d->there.faults = &gone;
    d->there.faults_n = 1;
    world_put(d->w, "3", "status=inactive");
    world_import(d->w);
    struct run r = deliver(d);
    assert_string_equal(delivers_effects(d, r.run_id), "deactivate 3 failed\n");
    OK(trouble_get(d->w->bed->st, d->w->company.company_id, d->destination_id, &d->w->bed->a, &t,
                   &d->err));
    assert_int_equal(t.attempts, 0);
    assert_string_equal(hands_left(d), "");
    deliver(d);
    assert_string_equal(delivers_code(d, "3"), "deleted-there");
}

/* Every delivery is refused until HR has been read: that is no "next delivery", and all is not well. */
static void what_a_restored_database_waits_for_is_told(void **state) {
    struct delivers *d = *state;
    struct platform p;
    struct health h;
    delivers_begin(d, 4);
    world_put(d->w, "3", "status=inactive");
    world_import(d->w);
    p = platform_of(d);
    OK(health_of_destination(d->w->bed->st, &p, clock_now_us(&d->w->clock), &d->w->bed->a, &h,
                             &d->err));
    assert_string_equal(health_verdict_name(h.verdict), "ok");
    delivers_day(d, 1);
    place_exec(d->w->bed->st->db,
               arena_printf(&d->w->bed->a, "UPDATE destination SET restored_at = %lld",
                            (long long)clock_now_us(&d->w->clock)));
    assert_string_equal(hands_left(d), "3 restored");
    p = platform_of(d);
    OK(health_of_destination(d->w->bed->st, &p, clock_now_us(&d->w->clock), &d->w->bed->a, &h,
                             &d->err));
    assert_string_equal(health_verdict_name(h.verdict), "failed");
    assert_true(text_equal(h.reads_first, d->w->bed->in.key));
    delivers_day(d, 1);
    world_import(d->w);
    assert_string_equal(hands_left(d), "3 next-delivery");
    p = platform_of(d);
    OK(health_of_destination(d->w->bed->st, &p, clock_now_us(&d->w->clock), &d->w->bed->a, &h,
                             &d->err));
    assert_string_equal(health_verdict_name(h.verdict), "ok");
}

static const struct approve_row {
    const char *name;
    bool by_service; /* which has taken it down */
    enum rc_code rc;
} approve_rows[] = {
    { "an approval that fails is told as any delivery", false, RC_AUTH },
    { "one that the service carries out, too", true, RC_INVALID }, /* there is no such platform */
};

static void what_an_approval_could_not_do_is_told(void **state) {
    struct delivers *d = *state;
    const struct approve_row *row = d->row;
    const struct memory_platform_fault fault = { MEMORY_PLATFORM_UPDATE, 0, RC_AUTH, NULL, false };
    struct delivery_options o = delivers_options(d);
    struct bed *b = d->w->bed;
    struct trouble t;
    struct run r;
    delivers_begin(d, 4);
    world_put(d->w, "2", "job_title=Foreman");
    world_import(d->w);
    struct run preview = delivers_preview(d, 0);
    d->there.faults = &fault;
    d->there.faults_n = 1;
    if (row->by_service) {
        OK(decided_take(b->st, &d->w->company, preview.run_id, true, "mira", "so",
                        clock_now_us(&d->w->clock), &b->a, &r, &why));
        assert_int_equal(decided_do(b->st, b->key, &d->w->company, preview.run_id, &d->w->clock,
                                    &d->progress, &b->a, &r, &d->err),
                         row->rc);
    } else
        assert_int_equal(delivery_approve(b->st, b->key, &d->w->company, preview.run_id, "so", &o,
                                          &b->a, &r, &d->err),
                         row->rc);
    OK(trouble_get(b->st, b->company_id, d->destination_id, &b->a, &t, &why));
    assert_int_equal(t.attempts, 1);
    assert_int_equal(t.code, row->rc);
    d->there.faults_n = 0;
    preview = delivers_preview(d, 0);
    OK(delivery_approve(b->st, b->key, &d->w->company, preview.run_id, "so", &o, &b->a, &r,
                        &d->err));
    OK(trouble_get(b->st, b->company_id, d->destination_id, &b->a, &t, &why));
    assert_int_equal(t.attempts, 0);
}

/* Nothing is wrong with the platform where somebody else was first, or has paused it. */
static void what_is_refused_here_is_nobodys_trouble(void **state) {
    struct delivers *d = *state;
    struct delivery_options o = delivers_options(d);
    struct bed *b = d->w->bed;
    struct trouble t;
    struct run r;
    delivers_begin(d, 4);
    assert_int_equal(
        delivery_approve(b->st, b->key, &d->w->company, 2, "so", &o, &b->a, &r, &d->err),
        RC_CONFLICT);
    OK(trouble_get(b->st, b->company_id, d->destination_id, &b->a, &t, &why));
    assert_int_equal(t.attempts, 0);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[16] = {
        DELIVERS_TEST(only_whoever_is_to_be_closed_counts),
        DELIVERS_TEST(clocks_that_differ_are_told),
        DELIVERS_TEST(whose_day_comes_while_the_clocks_differ_is_told),
        DELIVERS_TEST(one_with_the_id_of_a_leaver_is_told_beside_theirs),
        DELIVERS_TEST(who_leaves_by_date_and_is_left_alone_is_told),
        DELIVERS_TEST(a_day_that_has_come_is_told_though_nothing_was_delivered),
        DELIVERS_TEST(a_status_that_we_do_not_know_hides_nobody),
        DELIVERS_TEST(nor_does_it_hide_whose_account_stays_open),
        DELIVERS_TEST(what_would_be_decided_now_is_told),
        DELIVERS_TEST(an_account_deleted_there_is_told_as_no_refusal),
        DELIVERS_TEST(what_a_restored_database_waits_for_is_told),
        DELIVERS_TEST(what_is_refused_here_is_nobodys_trouble),
    };
    size_t n = CHECK_LISTED(tests);
    DELIVERS_ROWS(tests, n, stuck_rows, whoever_is_not_closed_is_told);
    DELIVERS_ROWS(tests, n, approve_rows, what_an_approval_could_not_do_is_told);
    return place_run("left", tests, n, argc, argv);
}
