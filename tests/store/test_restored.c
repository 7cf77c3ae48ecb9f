/* What a database is told when it was put back from a backup. */
#include "tests/store/accounts.h"
#include "store/effect.h"
#include "store/errand.h"
#include "store/restored.h"

static struct run delivery(struct bed *b, const struct platform *p, enum run_state state) {
    struct run r = { .company_id = b->company_id,
                     .destination_id = p->destination_id,
                     .kind = RUN_DELIVERY,
                     .state = state,
                     .started_us = T0 + 5 };
    OK(run_add(b->st, &r, &why));
    return r;
}

static void effects(struct bed *b, const struct run *r, size_t n) {
    struct effect e[4] = { { 0 } };
    for (size_t i = 0; i < n; i++)
        e[i] = (struct effect){ .run_id = r->run_id,
                                .effect_id = (int64_t)i + 1,
                                .pass = EFFECT_PEOPLE,
                                .user_id = 101,
                                .verb = TEXT_LIT("update"),
                                .state = EFFECT_PLANNED,
                                .at_us = T0 };
    OK(db_begin(b->st->db, &why));
    OK(effect_add(b->st, b->company_id, e, n, &why));
    OK(db_commit(b->st->db, &why));
}

static struct restored noted(struct bed *b) {
    struct restored r = { .companies = -1 };
    OK(restored_note(b->st, T0 + DAY_US, "mira", &r, &why));
    return r;
}

static enum run_state state_of(struct bed *b, const struct run *r) {
    struct run now;
    OK(run_get(b->st, b->company_id, r->run_id, &b->a, &now, &why));
    return now.state;
}

static struct effect_tally tally(struct bed *b, const struct run *r) {
    struct effect_tally t;
    OK(effect_count(b->st, b->company_id, r->run_id, &t, &why));
    return t;
}

static void runs_that_had_not_ended_are_over_and_others_stay_as_they_are(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "la"), q = platform(b, "lb");
    struct run applied = three_people(b),
               held = bed_run(b, b->company_id, b->in.integration_id, RUN_HELD),
               listing = bed_run(b, b->company_id, b->in.integration_id, RUN_LISTING),
               previewed = delivery(b, &p, RUN_PREVIEWED), checking = delivery(b, &q, RUN_CHECKING);
    struct restored r = noted(b);
    assert_int_equal(state_of(b, &applied), RUN_APPLIED);
    assert_int_equal(state_of(b, &held), RUN_SUPERSEDED);
    assert_int_equal(state_of(b, &listing), RUN_FAILED);
    assert_int_equal(state_of(b, &previewed), RUN_SUPERSEDED);
    assert_int_equal(state_of(b, &checking), RUN_FAILED);
    assert_int_equal(r.companies, 1);
    assert_int_equal(r.destinations, 2);
    assert_int_equal(r.runs_ended, 4);
    assert_int_equal(r.newest_us, T0 + 5);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM audit WHERE who = 'mira'"), 1);
}

static void of_what_was_being_carried_out_only_what_was_handed_out_is_in_doubt(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "la");
    struct run r = delivery(b, &p, RUN_PASSED);
    bool unsure = false;
    effects(b, &r, 3);
    OK(effect_hand_out(b->st, b->company_id, r.run_id, EFFECT_PEOPLE, 2, &why));
    noted(b);
    struct effect_tally t = tally(b, &r);
    assert_int_equal(t.of[EFFECT_UNSURE], 2);
    assert_int_equal(t.of[EFFECT_DROPPED], 1);
    assert_int_equal(state_of(b, &r), RUN_FAILED);
    OK(effect_any_unsure(b->st, b->company_id, p.destination_id, 0, &unsure, &why));
    assert_true(unsure); /* until an inventory is newer */
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM run WHERE applied_at IS NOT NULL"), 1);
}

static void a_plan_that_waited_for_somebody_is_dropped_whole(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "la");
    struct run r = delivery(b, &p, RUN_HELD);
    effects(b, &r, 3);
    noted(b);
    assert_int_equal(tally(b, &r).of[EFFECT_DROPPED], 3);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM run WHERE applied_at IS NOT NULL"), 0);
}

static void each_platform_is_read_anew_until_it_is_settled(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "la"), q = platform(b, "lb"), now;
    OK(platform_listed(b->st, b->company_id, p.destination_id, p.settings, T0 + 9, &why));
    OK(platform_delivered(b->st, b->company_id, p.destination_id, T0 + 10, &why));
    noted(b);
    OK(platform_get(b->st, b->company_id, p.destination_id, NULL, &b->a, &now, &why));
    assert_int_equal(now.restored_us, T0 + DAY_US);
    assert_int_equal(now.listed_us, 0);
    assert_int_equal(now.delivered_us, T0 + 10);
    OK(platform_settled(b->st, b->company_id, p.destination_id, &why));
    OK(platform_get(b->st, b->company_id, p.destination_id, NULL, &b->a, &now, &why));
    assert_int_equal(now.restored_us, 0);
    OK(platform_get(b->st, b->company_id, q.destination_id, NULL, &b->a, &now, &why));
    assert_int_equal(now.restored_us, T0 + DAY_US);
}

static void numbers_go_on_at_a_distance(void **state) {
    struct bed *b = *state;
    struct run before = bed_run(b, b->company_id, b->in.integration_id, RUN_APPLIED);
    int64_t id = 0, later = 0;
    OK(company_take_ids(b->st, b->company_id, 1, &id, &why));
    noted(b);
    struct run after = bed_run(b, b->company_id, b->in.integration_id, RUN_APPLIED);
    OK(company_take_ids(b->st, b->company_id, 1, &later, &why));
    assert_true(after.run_id >= before.run_id + RESTORED_RUNS_AHEAD);
    assert_true(later >= id + RESTORED_IDS_AHEAD);
}

static void who_holds_a_lease_since_before_finds_it_lost(void **state) {
    struct bed *b = *state;
    struct rc_error err;
    struct lease mine, theirs;
    OK(lease_take(b->st, "deliver", "1/2", T0, &mine, &why));
    noted(b);
    OK(lease_take(b->st, "deliver", "1/2", T0, &theirs, &why));
    assert_int_equal(lease_hold(b->st, &mine, T0, &err), RC_CONFLICT);
    assert_string_equal(err.name, "lease-lost");
}

static void what_was_asked_for_before_is_not_done_once_more(void **state) {
    struct bed *b = *state;
    struct errand is,
        e = { .company_id = b->company_id,
              .kind = ERRAND_CLOSE,
              .wants = TEXT_LIT("{\"accounts\":[\"1\"]}"),
              .who = TEXT_LIT("ann"),
              .made_us = T0 },
        over = e;
    OK(db_begin(b->st->db, &why));
    OK(errand_add(b->st, &e, &why));
    OK(errand_add(b->st, &over, &why));
    OK(db_commit(b->st->db, &why));
    over.state = ERRAND_DONE;
    over.ended_us = T0 + 1;
    OK(errand_end(b->st, &over, &why));
    noted(b);
    OK(errand_get(b->st, b->company_id, e.errand_id, &b->a, &is, &why));
    assert_int_equal(is.state, ERRAND_FAILED);
    assert_int_equal(is.ended_us, T0 + DAY_US);
    assert_true(text_is(is.error_name, "errand.restored"));
    assert_int_equal(is.wants.state, TEXT_MISSING);
    OK(errand_get(b->st, b->company_id, over.errand_id, &b->a, &is, &why));
    assert_int_equal(is.state, ERRAND_DONE);
    assert_int_equal(is.ended_us, T0 + 1);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        BED_TEST(runs_that_had_not_ended_are_over_and_others_stay_as_they_are),
        BED_TEST(of_what_was_being_carried_out_only_what_was_handed_out_is_in_doubt),
        BED_TEST(a_plan_that_waited_for_somebody_is_dropped_whole),
        BED_TEST(each_platform_is_read_anew_until_it_is_settled),
        BED_TEST(numbers_go_on_at_a_distance),
        BED_TEST(who_holds_a_lease_since_before_finds_it_lost),
        BED_TEST(what_was_asked_for_before_is_not_done_once_more),
    };
    return PLACE_RUN(tests, argc, argv);
}
