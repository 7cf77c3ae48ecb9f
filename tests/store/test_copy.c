#include "tests/store/bed.h"
#include "store/copy.h"
#include "store/unsettled.h"

static struct store *memory(void) {
    struct store *st = NULL;
    OK(store_open(":memory:", &st, &why));
    return st;
}

/* An applied run with three people and a team, one of them changed by another; one held; another
 * integration and another company beside it. */
static void fill(struct bed *b) {
    struct run first = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
    struct version v[] = { bed_version(b, 11, 0, "1", "ann"), bed_version(b, 12, 0, "2", "bob"),
                           bed_version(b, 13, 0, "3", "cat") };
    struct version_team dock = { TEXT_LIT("department:9"), TEXT_LIT("department"), TEXT_LIT("9"),
                                 TEXT_LIT("Dock"), 50 };
    int64_t since;
    bed_stage(b, &first, v, 3);
    OK(version_add_team(b->st, b->company_id, first.run_id, &dock, &why));
    bed_apply(b, &first);
    struct run second = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
    v[1] = bed_version(b, 12, first.run_id, "2", "bert");
    bed_stage(b, &second, &v[1], 1);
    bed_apply(b, &second);
    struct run held = bed_run(b, b->company_id, b->in.integration_id, RUN_HELD);
    v[1] = bed_version(b, 12, second.run_id, "2", "bill");
    bed_stage(b, &held, &v[1], 1);
    OK(unsettled_note(b->st, b->company_id, b->in.integration_id, 13, second.run_id, T0, &since,
                      &why));
    struct integration other = bed_integration(b, b->company_id, "other");
    struct run theirs = bed_run(b, b->company_id, other.integration_id, RUN_PASSED);
    v[0] = bed_version(b, 90, 0, "1", "theirs");
    bed_stage(b, &theirs, v, 1);
    bed_apply(b, &theirs);
}

static void everybody_of_an_integration_is_there_and_nobody_else(void **state) {
    struct bed *b = *state;
    struct store *from = b->st;
    struct integration in;
    struct version_team *teams;
    struct run *runs;
    int64_t n, since;
    size_t some;
    fill(b);
    char *people = bed_people(b, b->company_id, b->in.integration_id, 0);
    b->st = memory();
    OK(store_copy_integration(from, b->st, b->company_id, b->in.integration_id, 0, &why));
    assert_string_equal(bed_people(b, b->company_id, 0, 0), people);
    OK(integration_find(b->st, b->company_id, "hr", NULL, &b->a, &in, &why));
    assert_true(text_equal(in.settings, b->in.settings));
    assert_int_equal(integration_find(b->st, b->company_id, "other", NULL, &b->a, &in, NULL),
                     RC_NOT_FOUND);
    OK(team_list(b->st, b->company_id, b->in.integration_id, &b->a, &teams, &some, &why));
    assert_int_equal(some, 1);
    OK(run_list(b->st, b->company_id, 0, 10, &b->a, &runs, &some, &why));
    assert_int_equal(some, 2); /* nothing that waits */
    OK(unsettled_count(b->st, b->company_id, b->in.integration_id, &n, &why));
    assert_int_equal(n, 1);
    OK(unsettled_note(b->st, b->company_id, b->in.integration_id, 13, 2, T0 + 9, &since, &why));
    assert_int_equal(since, T0);
    store_close(from);
}

static void its_secrets_stay_where_they_are(void **state) {
    struct bed *b = *state;
    struct store *to = memory();
    int64_t n;
    b->in.secrets = TEXT_LIT("{\"client-secret\":\"s3cret\"}");
    OK(integration_save(b->st, b->key, &b->in, &why));
    OK(store_copy_integration(b->st, to, b->company_id, b->in.integration_id, 0, &why));
    OK(store_number(to, &n, &why, "SELECT COUNT(*) FROM integration WHERE secrets IS NULL", ""));
    assert_int_equal(n, 1);
    store_close(to);
}

static void runs_of_long_ago_come_only_if_somebody_is_still_as_they_said(void **state) {
    struct bed *b = *state;
    struct store *to = memory();
    struct run *runs;
    size_t n;
    fill(b);
    struct run third = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
    bed_apply(b, &third); /* nobody was changed by it */
    OK(store_copy_integration(b->st, to, b->company_id, b->in.integration_id, T0 + 2, &why));
    OK(run_list(to, b->company_id, 0, 10, &b->a, &runs, &n, &why));
    assert_int_equal(n, 2);
    assert_int_equal(runs[0].run_id, 2);
    store_close(to);
}

static void many_people_are_copied_each_once(void **state) {
    enum { PEOPLE = 4100 }; /* three times as many as are read at once, and some */
    struct bed *b = *state;
    struct store *to = memory();
    struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
    struct version *v = ARENA_NEW(&b->a, struct version, PEOPLE);
    int64_t n;
    for (size_t i = 0; i < PEOPLE; i++)
        v[i] = bed_version(b, (int64_t)i + 1, 0, arena_printf(&b->a, "%zu", i), "x");
    bed_stage(b, &r, v, PEOPLE);
    bed_apply(b, &r);
    OK(store_copy_integration(b->st, to, b->company_id, b->in.integration_id, 0, &why));
    OK(directory_count(to, b->company_id, b->in.integration_id, &n, &why));
    assert_int_equal(n, PEOPLE);
    store_close(to);
}

static void the_unsettled_can_be_put_back(void **state) {
    struct bed *b = *state;
    struct store *to = memory();
    int64_t since, n;
    fill(b);
    OK(store_copy_integration(b->st, to, b->company_id, b->in.integration_id, 0, &why));
    OK(unsettled_note(to, b->company_id, b->in.integration_id, 11, 2, T0 + 5, &since, &why));
    OK(unsettled_forget_others(to, b->company_id, b->in.integration_id, 99, &why));
    OK(store_copy_unsettled(b->st, to, b->company_id, b->in.integration_id, &why));
    OK(unsettled_count(to, b->company_id, b->in.integration_id, &n, &why));
    assert_int_equal(n, 1);
    store_close(to);
}

static void what_is_not_there_is_not_copied(void **state) {
    struct bed *b = *state;
    struct store *to = memory();
    struct company *list;
    size_t n;
    fill(b);
    OK(store_copy_integration(b->st, to, b->company_id, 999, 0, &why));
    OK(company_list(to, &b->a, &list, &n, &why));
    assert_int_equal(n, 0);
    store_close(to);
}

static const struct CMUnitTest tests[] = {
    BED_TEST(everybody_of_an_integration_is_there_and_nobody_else),
    BED_TEST(its_secrets_stay_where_they_are),
    BED_TEST(runs_of_long_ago_come_only_if_somebody_is_still_as_they_said),
    BED_TEST(many_people_are_copied_each_once),
    BED_TEST(the_unsettled_can_be_put_back),
    BED_TEST(what_is_not_there_is_not_copied),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
