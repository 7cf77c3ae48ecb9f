/* By what one sees that people may be others than before. */
#include "tests/store/bed.h"
#include "store/mark.h"
#include "store/subject.h"

static struct mark mark_now(struct bed *b) {
    struct mark m;
    OK(mark_of_people(b->st, b->company_id, &m, &why));
    return m;
}

static bool is_same(const struct mark *a, const struct mark *b) {
    return memcmp(a, b, sizeof *a) == 0; /* five numbers, nothing between them */
}

static struct run apply_one(struct bed *b, const char *id) {
    struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_CHECKING);
    int64_t user;
    OK(company_take_ids(b->st, b->company_id, 1, &user, &why));
    struct version v = bed_version(b, user, 0, id, "Ann");
    bed_stage(b, &r, &v, 1);
    bed_apply(b, &r);
    return r;
}

static void nothing_that_leaves_people_alone_changes_it(void **state) {
    struct bed *b = *state;
    apply_one(b, "1");
    struct mark before = mark_now(b), after;
    bed_run(b, b->company_id, b->in.integration_id, RUN_HELD);
    int64_t other;
    OK(company_add(b->st, "other", "Other", "UTC", T0, &other, &why));
    struct integration theirs = bed_integration(b, other, "hr");
    bed_run(b, other, theirs.integration_id, RUN_FAILED);
    after = mark_now(b);
    assert_true(is_same(&before, &after));
}

static void a_run_that_is_applied_changes_it_also_under_a_clock_that_stands(void **state) {
    struct bed *b = *state;
    struct mark before = mark_now(b), after;
    apply_one(b, "1");
    after = mark_now(b);
    assert_false(is_same(&before, &after));
    before = after;
    apply_one(b, "2"); /* at the same time */
    after = mark_now(b);
    assert_false(is_same(&before, &after));
}

static void erasing_and_another_integration_change_it(void **state) {
    struct bed *b = *state;
    struct mark before = mark_now(b), after;
    struct erasure e = { .at_us = T0,
                         .who = TEXT_LIT("ann"),
                         .reason = TEXT_LIT("asked"),
                         .counts = TEXT_LIT("{}"),
                         .kept = TEXT_LIT("[]") };
    OK(db_begin(b->st->db, &why));
    OK(erasure_add(b->st, b->company_id, &e, &why));
    OK(db_commit(b->st->db, &why));
    after = mark_now(b);
    assert_false(is_same(&before, &after));
    before = after;
    bed_integration(b, b->company_id, "second");
    after = mark_now(b);
    assert_false(is_same(&before, &after));
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        BED_TEST(nothing_that_leaves_people_alone_changes_it),
        BED_TEST(a_run_that_is_applied_changes_it_also_under_a_clock_that_stands),
        BED_TEST(erasing_and_another_integration_change_it),
    };
    return PLACE_RUN(tests, argc, argv);
}
