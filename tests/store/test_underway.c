/* How far what is under way is: written over, read while it is fresh, and nobody else's. */
#include "tests/store/bed.h"
#include "store/underway.h"

static struct underway at(struct bed *b, int64_t subject_id, int64_t done, int64_t at_us) {
    return (struct underway){ .company_id = b->company_id,
                              .subject_id = subject_id,
                              .at_us = at_us,
                              .phase = TEXT_LIT("reading the list"),
                              .line = TEXT_LIT("7 of 10 people"),
                              .done = done,
                              .of = 10,
                              .failed = 1,
                              .left_s = -1,
                              .per_second = 3,
                              .wait_us = T0 + 5 };
}

static size_t listed(struct bed *b, int64_t company_id, int64_t now_us, struct underway **ret) {
    size_t n = 0;
    OK(underway_list(b->st, company_id, now_us, 100, &b->a, ret, &n, &why));
    return n;
}

static void one_row_a_subject_is_written_over_and_read_back(void **state) {
    struct bed *b = *state;
    struct underway two[] = { at(b, 5, 3, T0), at(b, 4, 1, T0) }, *list;
    struct underway later = at(b, 5, 7, T0 + 1000000);
    OK(underway_put(b->st, two, 2, &why));
    OK(underway_put(b->st, &later, 1, &why));
    assert_int_equal(listed(b, b->company_id, T0 + 1000000, &list), 2);
    assert_int_equal(list[0].subject_id, 4);
    assert_int_equal(list[1].subject_id, 5);
    assert_int_equal(list[1].done, 7);
    assert_int_equal(list[1].of, 10);
    assert_int_equal(list[1].failed, 1);
    assert_int_equal(list[1].left_s, -1);
    assert_int_equal(list[1].per_second, 3);
    assert_int_equal(list[1].wait_us, T0 + 5);
    assert_int_equal(list[1].at_us, T0 + 1000000);
    assert_true(text_is(list[1].phase, "reading the list"));
    assert_true(text_is(list[1].line, "7 of 10 people"));
    OK(underway_drop(b->st, b->company_id, 4, &why));
    assert_int_equal(listed(b, b->company_id, T0 + 1000000, &list), 1);
}

static void what_a_dead_process_left_is_not_told_and_neither_is_another_companys(void **state) {
    struct bed *b = *state;
    struct underway u = at(b, 5, 3, T0), *list;
    int64_t fresh_us = (int64_t)UNDERWAY_FRESH_S * 1000000;
    OK(underway_put(b->st, &u, 1, &why));
    assert_int_equal(listed(b, b->company_id, T0 + fresh_us - 1, &list), 1);
    assert_int_equal(listed(b, b->company_id, T0 + fresh_us, &list), 0);
    assert_int_equal(listed(b, b->company_id + 1, T0, &list), 0);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        BED_TEST(one_row_a_subject_is_written_over_and_read_back),
        BED_TEST(what_a_dead_process_left_is_not_told_and_neither_is_another_companys),
    };
    return PLACE_RUN(tests, argc, argv);
}
