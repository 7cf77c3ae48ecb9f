/* What somebody has decided, and what is left of it once it was carried out. */
#include "tests/store/bed.h"
#include "store/decision.h"
#include "store/job.h"

static const int64_t lots = 1000, second = 1000000;

static void want(struct bed *b, int64_t company_id, int64_t run_id) {
    OK(job_want(b->st, JOB_DECISION, company_id, run_id, T0, &why));
}

static struct job claimed(struct bed *b, int64_t now_us) {
    struct job j;
    bool found = false;
    OK(job_claim(b->st, now_us, lots, &j, &found, &why));
    assert_true(found);
    return j;
}

static void carry_out(struct bed *b, int64_t now_us) {
    struct job j = claimed(b, now_us);
    OK(job_done(b->st, &j, 0, &why));
}

static int64_t rows(struct bed *b) {
    return bed_number(b, "SELECT COUNT(*) FROM job WHERE kind = 'decision'");
}

static void decide(struct bed *b, int64_t run_id) {
    const struct decision_made d = { .company_id = b->company_id,
                                     .run_id = run_id,
                                     .made_us = T0,
                                     .yes = true,
                                     .who = TEXT_LIT("ann"),
                                     .because = TEXT_LIT("checked") };
    OK(decision_add(b->st, &d, &why));
}

static void what_was_carried_out_long_ago_leaves_no_job_behind(void **state) {
    struct bed *b = *state;
    for (int64_t run = 1; run <= 3; run++) {
        want(b, b->company_id, run);
        carry_out(b, T0 + run * second);
    }
    assert_int_equal(rows(b), 3);
    OK(decision_forget(b->st, b->company_id, T0 + 3 * second, &why));
    assert_int_equal(rows(b), 1); /* the third is not old enough */
    OK(decision_forget(b->st, b->company_id, T0 + 4 * second, &why));
    assert_int_equal(rows(b), 0);
    want(b, b->company_id, 1); /* and it can be asked for again */
    assert_int_equal(claimed(b, T0 + 5 * second).subject_id, 1);
}

static void what_is_due_at_work_or_waits_stays_and_so_do_other_kinds_and_companies(void **state) {
    struct bed *b = *state;
    int64_t other;
    OK(company_add(b->st, "other", "Other", "UTC", T0, &other, &why));
    want(b, other, 1);
    carry_out(b, T0);
    OK(job_want(b->st, JOB_SYNC, b->company_id, 7, T0, &why));
    carry_out(b, T0);
    want(b, b->company_id, 2); /* carried out, and asked for once more */
    carry_out(b, T0);
    want(b, b->company_id, 2);
    want(b, b->company_id, 3); /* decided anew meanwhile */
    carry_out(b, T0 + second);
    carry_out(b, T0 + second);
    want(b, b->company_id, 2);
    decide(b, 3);
    want(b, b->company_id, 4); /* at work: another is due before */
    OK(job_set(b->st, JOB_DECISION, b->company_id, 2, T0 + 9 * second, &why));
    assert_int_equal(claimed(b, T0 + 2 * second).subject_id, 4);
    OK(decision_forget(b->st, b->company_id, T0 + DAY_US, &why));
    assert_int_equal(rows(b), 4);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM job WHERE kind = 'sync'"), 1);
}

static void a_no_takes_the_place_of_a_yes_and_nothing_that_of_a_no(void **state) {
    struct bed *b = *state;
    struct decision_made d = { .company_id = b->company_id,
                               .run_id = 9,
                               .made_us = T0,
                               .yes = true,
                               .who = TEXT_LIT("ann"),
                               .because = TEXT_LIT("checked") };
    struct decision_made is;
    struct rc_error err = { 0 };
    OK(decision_add(b->st, &d, &why));
    d.yes = false;
    OK(decision_add(b->st, &d, &why));
    OK(decision_get(b->st, b->company_id, 9, &b->a, &is, &why));
    assert_false(is.yes);
    d.yes = true;
    assert_int_equal(decision_add(b->st, &d, &err), RC_CONFLICT);
    assert_string_equal(err.name, "run.decided");
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        BED_TEST(what_was_carried_out_long_ago_leaves_no_job_behind),
        BED_TEST(what_is_due_at_work_or_waits_stays_and_so_do_other_kinds_and_companies),
        BED_TEST(a_no_takes_the_place_of_a_yes_and_nothing_that_of_a_no),
    };
    return PLACE_RUN(tests, argc, argv);
}
