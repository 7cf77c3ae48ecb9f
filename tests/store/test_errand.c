/* What was asked for that talks to another system. */
#include "tests/store/bed.h"
#include "store/errand.h"
#include "store/job.h"

static int64_t asked(struct bed *b, int64_t company_id, enum errand_kind kind, const char *wants) {
    struct errand e = { .company_id = company_id,
                        .kind = kind,
                        .subject_id = b->in.integration_id,
                        .about = TEXT_LIT("hr"),
                        .wants = text_of(wants),
                        .who = TEXT_LIT("ann"),
                        .made_us = T0 };
    OK(db_begin(b->st->db, &why));
    OK(errand_add(b->st, &e, &why));
    OK(job_want(b->st, JOB_ERRAND, company_id, e.errand_id, T0, &why));
    OK(db_commit(b->st->db, &why));
    return e.errand_id;
}

static struct errand got(struct bed *b, int64_t company_id, int64_t id) {
    struct errand e;
    OK(errand_get(b->st, company_id, id, &b->a, &e, &why));
    return e;
}

static void end(struct bed *b, int64_t company_id, int64_t id, enum errand_state how,
                int64_t at_us) {
    const struct errand e = { .company_id = company_id,
                              .errand_id = id,
                              .state = how,
                              .ended_us = at_us,
                              .runs = TEXT_LIT("[7,8]"),
                              .result = TEXT_LIT("{\"closed\":2}"),
                              .error_name = how == ERRAND_FAILED ? TEXT_LIT("busy") : TEXT_NONE,
                              .error_text = how == ERRAND_FAILED ? TEXT_LIT("it is") : TEXT_NONE };
    OK(errand_end(b->st, &e, &why));
}

static void what_was_asked_for_is_there_as_it_was_asked(void **state) {
    struct bed *b = *state;
    int64_t id = asked(b, b->company_id, ERRAND_CLOSE, "{\"accounts\":[\"1\"]}");
    struct errand e = got(b, b->company_id, id);
    assert_int_equal(e.kind, ERRAND_CLOSE);
    assert_int_equal(e.state, ERRAND_WAITING);
    assert_int_equal(e.subject_id, b->in.integration_id);
    assert_true(text_is(e.about, "hr"));
    assert_true(text_is(e.wants, "{\"accounts\":[\"1\"]}"));
    assert_true(text_is(e.who, "ann"));
    assert_true(text_is(e.runs, "[]"));
    assert_int_equal(e.made_us, T0);
    assert_int_equal(e.ended_us, 0);
    assert_int_equal(e.result.state, TEXT_MISSING);
    assert_int_equal(e.error_name.state, TEXT_MISSING);
}

static void with_its_end_goes_what_was_wanted_and_a_second_end_changes_nothing(void **state) {
    struct bed *b = *state;
    int64_t id = asked(b, b->company_id, ERRAND_CLOSE, "{\"accounts\":[\"1\"]}");
    end(b, b->company_id, id, ERRAND_FAILED, T0 + 5);
    end(b, b->company_id, id, ERRAND_DONE, T0 + 9);
    struct errand e = got(b, b->company_id, id);
    assert_int_equal(e.state, ERRAND_FAILED);
    assert_int_equal(e.ended_us, T0 + 5);
    assert_int_equal(e.wants.state, TEXT_MISSING);
    assert_true(text_is(e.runs, "[7,8]"));
    assert_true(text_is(e.result, "{\"closed\":2}"));
    assert_true(text_is(e.error_name, "busy"));
    assert_true(text_is(e.error_text, "it is"));
}

static void they_are_listed_newest_first_and_page_by_page(void **state) {
    struct bed *b = *state;
    struct errand *list;
    int64_t ids[5], before = 0;
    size_t n = 0;
    for (int i = 0; i < 5; i++)
        ids[i] = asked(b, b->company_id, (enum errand_kind)i, NULL);
    for (int i = 4; i >= 0; i -= 2) {
        OK(errand_list(b->st, b->company_id, before, 2, &b->a, &list, &n, &why));
        assert_int_equal(n, i > 0 ? 2 : 1);
        assert_int_equal(list[0].errand_id, ids[i]);
        assert_int_equal(list[0].kind, i);
        before = list[n - 1].errand_id;
    }
    OK(errand_list(b->st, b->company_id, before, 2, &b->a, &list, &n, &why));
    assert_int_equal(n, 0);
}

static void what_has_ended_long_ago_goes_with_its_job_and_what_waits_stays(void **state) {
    struct bed *b = *state;
    struct errand e;
    int64_t old = asked(b, b->company_id, ERRAND_UNDO, NULL),
            young = asked(b, b->company_id, ERRAND_UNDO, NULL),
            waits = asked(b, b->company_id, ERRAND_UNDO, NULL);
    end(b, b->company_id, old, ERRAND_DONE, T0);
    end(b, b->company_id, young, ERRAND_DONE, T0 + DAY_US);
    OK(errand_forget(b->st, b->company_id, T0 + 1, &why));
    assert_int_equal(errand_get(b->st, b->company_id, old, &b->a, &e, &why), RC_NOT_FOUND);
    assert_string_equal(why.name, "errand.unknown");
    got(b, b->company_id, young);
    got(b, b->company_id, waits);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM job WHERE kind = 'errand'"), 2);
}

static void another_companys_errands_are_neither_shown_nor_touched(void **state) {
    struct bed *b = *state;
    struct errand *list, e;
    int64_t other;
    size_t n;
    OK(company_add(b->st, "beta", "Beta", "Europe/Berlin", T0, &other, &why));
    int64_t id = asked(b, b->company_id, ERRAND_UNDO, NULL);
    assert_int_equal(errand_get(b->st, other, id, &b->a, &e, &why), RC_NOT_FOUND);
    OK(errand_list(b->st, other, 0, 10, &b->a, &list, &n, &why));
    assert_int_equal(n, 0);
    end(b, other, id, ERRAND_DONE, T0);
    assert_int_equal(got(b, b->company_id, id).state, ERRAND_WAITING);
    end(b, b->company_id, id, ERRAND_DONE, T0);
    OK(errand_forget(b->st, other, T0 + DAY_US, &why));
    got(b, b->company_id, id);
}

static const struct CMUnitTest tests[] = {
    BED_TEST(what_was_asked_for_is_there_as_it_was_asked),
    BED_TEST(with_its_end_goes_what_was_wanted_and_a_second_end_changes_nothing),
    BED_TEST(they_are_listed_newest_first_and_page_by_page),
    BED_TEST(what_has_ended_long_ago_goes_with_its_job_and_what_waits_stays),
    BED_TEST(another_companys_errands_are_neither_shown_nor_touched),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
