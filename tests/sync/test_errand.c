/* What somebody asks for that talks to another system: taken down with its job, put off while somebody else is at it, and told when it
 * has failed. */
#include <stdio.h>
#include "tests/sync/academy.h"
#include "store/audit.h"
#include "store/job.h"
#include "store/platform.h"
#include "sync/errand.h"

static struct clock_fake fake;
static struct clock_source now;
static struct errand_with with;

static int make(void **state) {
    if (academy_make(state) != 0)
        return -1;
    struct bed *b = *state;
    OK(db_exec(b->st->db, "UPDATE destination SET delivered_at = 1, listed_at = 1", &why));
    fake = (struct clock_fake){ .now_us = T0 };
    now = clock_fake_source(&fake);
    with = (struct errand_with){ b->st, b->key, &now, NULL };
    return 0;
}
#define ERRAND_TEST(fn) cmocka_unit_test_setup_teardown(fn, make, bed_remove)

static int64_t asked(struct bed *b, enum errand_kind kind, int64_t subject_id, const char *wants) {
    struct errand e = { .company_id = b->company_id,
                        .kind = kind,
                        .subject_id = subject_id,
                        .about = TEXT_LIT("academy"),
                        .wants = text_of(wants),
                        .who = TEXT_LIT("ann") };
    OK(errand_take(b->st, &e, T0, &b->a, &why));
    return e.errand_id;
}

static enum rc_code done(struct bed *b, int64_t id, struct errand *ret) {
    return errand_do(&with, &acme, id, &b->a, ret, &why);
}

static struct lease delivering(struct bed *b) {
    struct lease l;
    char subject[64];
    snprintf(subject, sizeof subject, "%lld/%lld", (long long)b->company_id,
             (long long)academy.destination_id);
    OK(lease_take(b->st, "deliver", subject, T0, &l, &why));
    return l;
}

static void it_is_taken_down_with_its_job_and_who_asked(void **state) {
    struct bed *b = *state;
    struct job_state is;
    struct audit *entries;
    size_t n;
    int64_t id = asked(b, ERRAND_CLOSE, academy.destination_id, "{\"accounts\":[\"88\"]}");
    OK(job_look(b->st, JOB_ERRAND, b->company_id, id, T0, &is, &why));
    assert_int_equal(is.run_at_us, T0);
    OK(audit_list(b->st, b->company_id, 0, 10, &b->a, &entries, &n, &why));
    assert_int_equal(n, 1);
    assert_true(text_is(entries[0].who, "ann"));
    assert_non_null(strstr(arena_str(&b->a, entries[0].what.ptr, entries[0].what.len),
                           "close-accounts of academy"));
}

static void what_waits_already_is_not_taken_down_twice(void **state) {
    struct bed *b = *state;
    struct errand e;
    struct rc_error err;
    int64_t id = asked(b, ERRAND_DELIVERY_PREVIEW, academy.destination_id, NULL);
    assert_int_equal(asked(b, ERRAND_DELIVERY_PREVIEW, academy.destination_id, NULL), id);
    assert_int_not_equal(
        asked(b, ERRAND_DELIVERY_PREVIEW, academy.destination_id, "{\"inventory\":true}"), id);
    assert_int_not_equal(asked(b, ERRAND_CHECK_DESTINATION, academy.destination_id, NULL), id);
    assert_int_not_equal(asked(b, ERRAND_DELIVERY_PREVIEW, 4711, NULL), id);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM errand"), 4);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM audit"), 4);
    (void)errand_do(&with, &acme, id, &b->a, &e, &err);
    assert_int_not_equal(e.state, ERRAND_WAITING);
    assert_int_not_equal(asked(b, ERRAND_DELIVERY_PREVIEW, academy.destination_id, NULL), id);
}

static void a_company_has_a_hundred_that_wait_and_another_one_has_its_own(void **state) {
    struct bed *b = *state;
    struct errand e,
        over = { .company_id = b->company_id, .kind = ERRAND_UNDO, .who = TEXT_LIT("ann") };
    int64_t other, first = 0;
    for (int i = 1; i <= ERRAND_WAITING_MOST; i++) {
        int64_t id = asked(b, ERRAND_UNDO, i, NULL);
        first = i == 1 ? id : first;
    }
    over.subject_id = 4711;
    assert_int_equal(errand_take(b->st, &over, T0, &b->a, &why), RC_LIMITED);
    assert_string_equal(why.name, "errand.too-many");
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM errand"), ERRAND_WAITING_MOST);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM job WHERE kind = 'errand'"),
                     ERRAND_WAITING_MOST);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM audit"), ERRAND_WAITING_MOST);
    assert_int_equal(asked(b, ERRAND_UNDO, 1, NULL), first); /* which waits already */
    OK(company_add(b->st, "beta", "Beta", "Europe/Berlin", T0, &other, &why));
    struct errand theirs = over;
    theirs.company_id = other;
    OK(errand_take(b->st, &theirs, T0, &b->a, &why));
    OK(done(b, first, &e)); /* with its end there is place for one */
    OK(errand_take(b->st, &over, T0, &b->a, &why));
    assert_int_equal(errand_take(b->st,
                                 &(struct errand){ .company_id = b->company_id,
                                                   .kind = ERRAND_UNDO,
                                                   .subject_id = 4712,
                                                   .who = TEXT_LIT("ann") },
                                 T0, &b->a, &why),
                     RC_LIMITED);
}

static void a_platform_that_somebody_is_at_is_waited_for_but_not_for_ever(void **state) {
    struct bed *b = *state;
    struct errand e;
    struct lease l = delivering(b);
    int64_t id = asked(b, ERRAND_CLOSE, academy.destination_id, "{\"accounts\":[\"88\"]}");
    assert_int_equal(done(b, id, &e), RC_CONFLICT);
    assert_string_equal(why.name, "busy");
    OK(errand_get(b->st, b->company_id, id, &b->a, &e, &why));
    assert_int_equal(e.state, ERRAND_WAITING);
    assert_true(text_is(e.wants, "{\"accounts\":[\"88\"]}"));
    clock_fake_move(&fake, (int64_t)ERRAND_PATIENCE_S * 1000000 / 2);
    assert_int_equal(done(b, id, &e), RC_CONFLICT);
    clock_fake_move(&fake, (int64_t)ERRAND_PATIENCE_S * 1000000 / 2 - 1);
    OK(db_begin(b->st->db, &why));
    OK(lease_hold(b->st, &l, clock_now_us(&now), &why));
    OK(db_commit(b->st->db, &why));
    clock_fake_move(&fake, 1);
    OK(done(b, id, &e));
    assert_int_equal(e.state, ERRAND_FAILED);
    assert_true(text_is(e.error_name, "busy"));
    lease_release(b->st, &l);
}

static void once_the_platform_is_free_it_is_done(void **state) {
    struct bed *b = *state;
    struct errand e;
    struct lease l = delivering(b);
    int64_t id = asked(b, ERRAND_CLOSE, academy.destination_id, "{\"accounts\":[\"88\"]}");
    assert_int_equal(done(b, id, &e), RC_CONFLICT);
    lease_release(b->st, &l);
    OK(done(b, id, &e));
    assert_int_equal(e.state, ERRAND_FAILED); /* there is no account of that id */
    assert_true(text_is(e.error_name, "account.unknown"));
    assert_true(text_is(e.result, "{\"closed\":0}"));
    OK(errand_get(b->st, b->company_id, id, &b->a, &e, &why));
    assert_int_equal(e.wants.state, TEXT_MISSING);
}

static void what_nobody_came_to_for_a_day_is_not_done_any_more(void **state) {
    struct bed *b = *state;
    struct errand e;
    int64_t id = asked(b, ERRAND_CLOSE, academy.destination_id, "{\"accounts\":[\"88\"]}");
    clock_fake_move(&fake, DAY_US);
    OK(done(b, id, &e));
    assert_int_equal(e.state, ERRAND_FAILED);
    assert_true(text_is(e.error_name, "errand.late"));
    assert_int_equal(e.result.state, TEXT_MISSING);
}

static void what_has_ended_is_not_done_again(void **state) {
    struct bed *b = *state;
    struct errand e;
    int64_t id = asked(b, ERRAND_MAIL, 0, "{\"to\":\"ana@x.org\"}");
    OK(done(b, id, &e));
    assert_true(text_is(e.error_name, "mail.none"));
    OK(done(b, id, &e));
    assert_int_equal(e.errand_id, 0);
    OK(done(b, id + 1000, &e));
    assert_int_equal(e.errand_id, 0);
}

static const struct gone_row {
    const char *name;
    enum errand_kind kind;
} gone_rows[] = {
    { "a preview of a sync of what is gone fails, and says so", ERRAND_SYNC_PREVIEW },
    { "a preview of a delivery to what is gone fails, and says so", ERRAND_DELIVERY_PREVIEW },
    { "an undo of a run that is gone fails, and says so", ERRAND_UNDO },
    { "closing accounts of what is gone fails, and says so", ERRAND_CLOSE },
    { "a check of an integration that is gone fails, and says so", ERRAND_CHECK_INTEGRATION },
    { "a check of a destination that is gone fails, and says so", ERRAND_CHECK_DESTINATION },
};

static void what_is_gone_is_told(void **state) {
    struct bed *b = *state;
    const struct gone_row *row = b->row;
    struct errand e;
    int64_t id = asked(b, row->kind, 424242, NULL);
    OK(done(b, id, &e));
    assert_int_equal(e.state, ERRAND_FAILED);
    assert_int_equal(e.error_name.state, TEXT_SET);
    assert_true(text_is(e.runs, "[]"));
}

int main(int argc, char **argv) {
    static const struct CMUnitTest singles[] = {
        ERRAND_TEST(it_is_taken_down_with_its_job_and_who_asked),
        ERRAND_TEST(what_waits_already_is_not_taken_down_twice),
        ERRAND_TEST(a_company_has_a_hundred_that_wait_and_another_one_has_its_own),
        ERRAND_TEST(a_platform_that_somebody_is_at_is_waited_for_but_not_for_ever),
        ERRAND_TEST(once_the_platform_is_free_it_is_done),
        ERRAND_TEST(what_nobody_came_to_for_a_day_is_not_done_any_more),
        ERRAND_TEST(what_has_ended_is_not_done_again),
    };
    struct CMUnitTest tests[RC_LEN(singles) + RC_LEN(gone_rows)];
    size_t n = 0;
    for (size_t i = 0; i < RC_LEN(singles); i++)
        tests[n++] = singles[i];
    for (size_t i = 0; i < RC_LEN(gone_rows); i++)
        tests[n++] = (struct CMUnitTest){ .name = gone_rows[i].name,
                                          .test_func = what_is_gone_is_told,
                                          .setup_func = make,
                                          .teardown_func = bed_remove,
                                          .initial_state = (void *)(uintptr_t)&gone_rows[i] };
    return place_run("tests", tests, n, argc, argv);
}
