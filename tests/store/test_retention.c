/* What old rows go, and which stay however old they are. */
#include "tests/store/accounts.h"
#include "store/effect.h"
#include "store/audit.h"
#include "store/retention.h"

#define LATER (T0 + 1000 * DAY_US)

static struct retention_counts applied(struct bed *b, int64_t now_us) {
    struct retention r;
    struct retention_counts n = { 0 };
    struct retention_cursor at = { 0 };
    int steps = 0;
    OK(retention_get(b->st, b->company_id, &r, &why));
    while (!at.ends) {
        assert_true(steps++ < 500);
        OK(retention_step(b->st, b->company_id, &r, now_us, &at, &n, &why));
    }
    return n;
}

static void set(struct bed *b, const char *assignment) {
    struct retention r;
    OK(retention_get(b->st, b->company_id, &r, &why));
    OK(retention_set(&r, assignment, &why));
    OK(retention_save(b->st, b->company_id, &r, &why));
}

/* Somebody else's name by another run, with the change. */
static struct run renamed(struct bed *b, int64_t user_id, int64_t base, const char *id,
                          const char *name, enum run_state state) {
    struct run r =
        bed_run(b, b->company_id, b->in.integration_id, state == RUN_APPLIED ? RUN_PASSED : state);
    struct version v = bed_version(b, user_id, base, id, name);
    struct version_change c = { user_id,       TEXT_LIT("last_name"), TEXT_LIT("old"),
                                text_of(name), CHANGE_NAME,           "hr-states" };
    bed_stage(b, &r, &v, 1);
    OK(db_begin(b->st->db, &why));
    OK(version_add_changes(b->st, b->company_id, r.run_id, &c, 1, &why));
    OK(db_commit(b->st->db, &why));
    if (state == RUN_APPLIED)
        bed_apply(b, &r);
    else if (state != RUN_HELD && state != RUN_PREVIEWED) {
        r.ended_us = T0 + 1;
        OK(run_save(b->st, &r, &why));
    }
    return r;
}

static int64_t versions_of(struct bed *b, int64_t run_id) {
    return bed_number(b, arena_printf(&b->a, "SELECT COUNT(*) FROM version WHERE run_id = %lld",
                                      (long long)run_id));
}

static void earlier_versions_go_and_what_everybody_is_now_stays(void **state) {
    struct bed *b = *state;
    struct run first = three_people(b),
               second = renamed(b, 101, first.run_id, "1", "anna", RUN_APPLIED),
               third = renamed(b, 101, second.run_id, "1", "annika", RUN_APPLIED);
    const char *before = bed_people(b, b->company_id, 0, 0);
    struct retention_counts n = applied(b, T0 + 364 * DAY_US);
    assert_int_equal(n.versions + n.changes, 0);
    n = applied(b, LATER);
    assert_int_equal(n.versions, 2);
    assert_int_equal(n.changes, 1); /* the current one's is kept: it says why */
    assert_int_equal(versions_of(b, first.run_id), 2);
    assert_int_equal(versions_of(b, second.run_id), 0);
    assert_int_equal(versions_of(b, third.run_id), 1);
    assert_string_equal(bed_people(b, b->company_id, 0, 0), before);
    n = applied(b, LATER);
    assert_int_equal(n.versions + n.changes + n.effects + n.runs, 0);
}

static void what_was_never_applied_goes_after_a_month_and_what_waits_stays(void **state) {
    struct bed *b = *state;
    struct run first = three_people(b),
               rejected = renamed(b, 101, first.run_id, "1", "anna", RUN_REJECTED),
               superseded = renamed(b, 102, first.run_id, "2", "bo", RUN_SUPERSEDED),
               failed = renamed(b, 103, first.run_id, "3", "cyd", RUN_FAILED),
               held = renamed(b, 101, first.run_id, "1", "anne", RUN_HELD),
               previewed = renamed(b, 101, first.run_id, "1", "anouk", RUN_PREVIEWED);
    struct retention_counts n = applied(b, T0 + 29 * DAY_US);
    assert_int_equal(n.versions, 0);
    n = applied(b, T0 + 31 * DAY_US);
    assert_int_equal(n.versions, 3);
    assert_int_equal(n.changes, 3);
    assert_int_equal(versions_of(b, rejected.run_id) + versions_of(b, superseded.run_id) +
                         versions_of(b, failed.run_id),
                     0);
    applied(b, LATER);
    assert_int_equal(versions_of(b, held.run_id), 1);
    assert_int_equal(versions_of(b, previewed.run_id), 1);
    bed_apply(b, &held); /* and it can still be approved */
    assert_int_equal(bed_number(b, "SELECT run_id FROM \"user\" WHERE user_id = 101"), held.run_id);
}

static void the_run_that_a_held_one_took_the_place_of_stays_with_it(void **state) {
    struct bed *b = *state;
    struct run first = three_people(b),
               old = renamed(b, 101, first.run_id, "1", "anna", RUN_SUPERSEDED),
               held = renamed(b, 101, first.run_id, "1", "anne", RUN_HELD);
    held.other_run_id = old.run_id;
    OK(run_save(b->st, &held, &why));
    applied(b, LATER);
    assert_int_equal(versions_of(b, old.run_id), 1);
    held.state = RUN_REJECTED;
    held.ended_us = T0 + 2;
    OK(run_save(b->st, &held, &why));
    applied(b, LATER);
    assert_int_equal(versions_of(b, old.run_id), 0);
}

static struct run delivery(struct bed *b, const struct platform *p, enum run_state state,
                           int64_t undoes, size_t n, enum effect_state effects) {
    struct run r = { .company_id = b->company_id,
                     .destination_id = p->destination_id,
                     .kind = undoes != 0 ? RUN_UNDO : RUN_DELIVERY,
                     .state = state,
                     .other_run_id = undoes,
                     .started_us = T0 };
    OK(run_add(b->st, &r, &why));
    if (state != RUN_HELD)
        r.ended_us = r.applied_us = T0 + 1;
    OK(run_save(b->st, &r, &why));
    OK(db_begin(b->st->db, &why));
    for (size_t i = 0; i < n; i++) {
        struct effect e = { .run_id = r.run_id,
                            .effect_id = (int64_t)i + 1,
                            .pass = EFFECT_PEOPLE,
                            .user_id = 101,
                            .verb = TEXT_LIT("update"),
                            .state = effects,
                            .at_us = T0 };
        OK(effect_add(b->st, b->company_id, &e, 1, &why));
    }
    OK(db_commit(b->st->db, &why));
    return r;
}

static int64_t effects_of(struct bed *b, const struct run *r) {
    return bed_number(b, arena_printf(&b->a, "SELECT COUNT(*) FROM effect WHERE run_id = %lld",
                                      (long long)r->run_id));
}

static void effects_go_once_no_undo_reaches_back_so_far(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "la");
    struct run done = delivery(b, &p, RUN_APPLIED, 0, 1200, EFFECT_DONE),
               held = delivery(b, &p, RUN_HELD, 0, 2, EFFECT_PLANNED);
    assert_int_equal(applied(b, T0 + 364 * DAY_US).effects, 0);
    assert_int_equal(applied(b, LATER).effects, 1200); /* more than one step takes */
    assert_int_equal(effects_of(b, &done), 0);
    assert_int_equal(effects_of(b, &held), 2);
}

static void what_an_undo_that_waits_would_take_back_stays(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "la");
    struct run done = delivery(b, &p, RUN_APPLIED, 0, 3, EFFECT_DONE),
               undo = delivery(b, &p, RUN_HELD, done.run_id, 1, EFFECT_PLANNED);
    assert_int_equal(applied(b, LATER).effects, 0);
    undo.state = RUN_REJECTED;
    undo.ended_us = T0 + 2;
    OK(run_save(b->st, &undo, &why));
    assert_int_equal(applied(b, LATER).effects, 4);
}

static void an_effect_in_doubt_waits_for_an_inventory(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "la");
    struct run r = delivery(b, &p, RUN_FAILED, 0, 2, EFFECT_UNSURE);
    assert_int_equal(applied(b, LATER).effects, 0);
    assert_int_equal(effects_of(b, &r), 2);
    OK(platform_listed(b->st, b->company_id, p.destination_id, p.settings, T0 + 5, &why));
    assert_int_equal(applied(b, LATER).effects, 2);
}

static void runs_of_which_nothing_is_left_go_but_the_newest_of_each(void **state) {
    struct bed *b = *state;
    struct run quiet[4];
    struct run first = three_people(b);
    for (size_t i = 0; i < 4; i++) {
        quiet[i] = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
        bed_apply(b, &quiet[i]);
    }
    assert_int_equal(applied(b, T0 + 729 * DAY_US).runs, 0);
    assert_int_equal(applied(b, LATER).runs, 3);
    assert_int_equal(bed_number(b, "SELECT MIN(run_id) FROM run"), first.run_id);
    assert_int_equal(bed_number(b, "SELECT MAX(run_id) FROM run"), quiet[3].run_id);
}

static void entries_of_the_audit_go_by_their_age(void **state) {
    struct bed *b = *state;
    for (int i = 0; i < 600; i++)
        OK(audit_add(b->st, b->company_id, T0, "mira", "paused", &why));
    OK(audit_add(b->st, b->company_id, T0 + 900 * DAY_US, "mira", "resumed", &why));
    assert_int_equal(applied(b, T0 + 1100 * DAY_US).audits, 600);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM audit WHERE what = 'resumed'"), 1);
}

static void a_rule_may_be_shorter_longer_or_for_ever(void **state) {
    struct bed *b = *state;
    struct retention r;
    struct run first = three_people(b);
    renamed(b, 101, first.run_id, "1", "anna", RUN_APPLIED);
    set(b, "history=keep");
    assert_int_equal(applied(b, LATER).versions, 0);
    set(b, "history=7");
    OK(retention_get(b->st, b->company_id, &r, &why));
    assert_int_equal(r.days[RETENTION_HISTORY], 7);
    assert_int_equal(r.days[RETENTION_STAGES], 30);
    assert_int_equal(applied(b, T0 + 8 * DAY_US).versions, 1);
    set(b, "history=");
    OK(retention_get(b->st, b->company_id, &r, &why));
    assert_int_equal(r.days[RETENTION_HISTORY], 365);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM company WHERE retention IS NOT NULL"), 0);
    static const char *const bad[] = { "history",    "histor=3",      "history=0",
                                       "history=-3", "history=3x",    "effects=29",
                                       "runs=59",    "history=36501", "" };
    for (size_t i = 0; i < RC_LEN(bad); i++)
        assert_int_equal(retention_set(&r, bad[i], &why), RC_INVALID);
}

static void what_is_said_to_be_due_is_what_goes(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "la");
    struct run first = three_people(b);
    struct retention r;
    struct retention_counts said;
    renamed(b, 101, first.run_id, "1", "anna", RUN_APPLIED);
    renamed(b, 102, first.run_id, "2", "bo", RUN_REJECTED);
    delivery(b, &p, RUN_APPLIED, 0, 7, EFFECT_DONE);
    OK(retention_get(b->st, b->company_id, &r, &why));
    OK(retention_count(b->st, b->company_id, &r, LATER, &said, &why));
    struct retention_counts went = applied(b, LATER);
    assert_int_equal(said.versions, 2);
    assert_int_equal(said.versions, went.versions);
    assert_int_equal(said.changes, went.changes);
    assert_int_equal(said.effects, went.effects);
    OK(retention_count(b->st, b->company_id, &r, LATER, &said, &why));
    assert_int_equal(said.versions + said.changes + said.effects, 0);
}

static void another_company_keeps_what_it_has(void **state) {
    struct bed *b = *state;
    int64_t second;
    struct run first = three_people(b);
    renamed(b, 101, first.run_id, "1", "anna", RUN_APPLIED);
    OK(company_add(b->st, "second", "Second", "UTC", T0, &second, &why));
    struct integration theirs = bed_integration(b, second, "hr");
    struct run r = bed_run(b, second, theirs.integration_id, RUN_REJECTED);
    struct version v = bed_version(b, 101, 0, "1", "zoe");
    bed_stage(b, &r, &v, 1);
    applied(b, LATER);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM version WHERE company_id = 2"), 1);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        BED_TEST(earlier_versions_go_and_what_everybody_is_now_stays),
        BED_TEST(what_was_never_applied_goes_after_a_month_and_what_waits_stays),
        BED_TEST(the_run_that_a_held_one_took_the_place_of_stays_with_it),
        BED_TEST(effects_go_once_no_undo_reaches_back_so_far),
        BED_TEST(what_an_undo_that_waits_would_take_back_stays),
        BED_TEST(an_effect_in_doubt_waits_for_an_inventory),
        BED_TEST(runs_of_which_nothing_is_left_go_but_the_newest_of_each),
        BED_TEST(entries_of_the_audit_go_by_their_age),
        BED_TEST(a_rule_may_be_shorter_longer_or_for_ever),
        BED_TEST(what_is_said_to_be_due_is_what_goes),
        BED_TEST(another_company_keeps_what_it_has),
    };
    return PLACE_RUN(tests, argc, argv);
}
