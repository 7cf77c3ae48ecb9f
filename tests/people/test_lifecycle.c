#include "tests/base/helper.h"
#include "people/lifecycle.h"

/* Days in the rows are counted from today; NONE is no date. */
enum { TODAY = 20000, NONE = 999999, LONG_AGO = -400 };

static const struct row {
    const char *name;
    enum presence presence;
    enum employment_status status;
    int hire, leave, read;
    int grace;
    enum lifecycle want;
    const char *rule;
} rows[] = {
#define ROW(name, p, s, hire, leave, read, want, rule)                                             \
    { name, PRESENCE_##p, EMPLOYMENT_##s, hire, leave, read, 7, LIFECYCLE_##want, rule }
    ROW("whoever works is active", LISTED, ACTIVE, LONG_AGO, NONE, 0, ACTIVE, "employed"),
    ROW("no date at all is no reason to be anything but active", LISTED, ACTIVE, NONE, NONE, 0,
        ACTIVE, "employed"),
    ROW("whoever is away is on leave", LISTED, LEAVE, LONG_AGO, NONE, 0, LEAVE, "status-leave"),
    ROW("inactive is left", LISTED, INACTIVE, LONG_AGO, NONE, 0, LEFT, "status-inactive"),
    ROW("inactive is left although the end date lies ahead", LISTED, INACTIVE, LONG_AGO, 30, 0,
        LEFT, "status-inactive"),
    ROW("inactive is left although the start date lies ahead", LISTED, INACTIVE, 30, NONE, 0, LEFT,
        "status-inactive"),

    ROW("a start tomorrow is expected", LISTED, ACTIVE, 1, NONE, 0, EXPECTED, "starts-later"),
    ROW("a start today is active", LISTED, ACTIVE, 0, NONE, 0, ACTIVE, "employed"),
    ROW("onboarding without a date is expected", LISTED, ONBOARDING, NONE, NONE, 0, EXPECTED,
        "onboarding-without-date"),
    ROW("onboarding with a date ahead is expected", LISTED, ONBOARDING, 14, NONE, 0, EXPECTED,
        "starts-later"),
    ROW("onboarding whose first day is today is active", LISTED, ONBOARDING, 0, NONE, 0, ACTIVE,
        "started"),
    ROW("onboarding whose first day has passed is active", LISTED, ONBOARDING, -3, NONE, 0, ACTIVE,
        "started"),
    ROW("who starts later and ends later still is expected first", LISTED, ACTIVE, 10, 40, 0,
        EXPECTED, "starts-later"),
    ROW("a status that nobody knows does not stop a start", LISTED, UNKNOWN, 5, NONE, 0, EXPECTED,
        "starts-later"),
    ROW("a status that nobody knows closes nobody", LISTED, UNKNOWN, LONG_AGO, NONE, 0, ACTIVE,
        "status-unknown"),

    ROW("a known end date is leaving", LISTED, ACTIVE, LONG_AGO, 30, 0, LEAVING, "end-date-known"),
    ROW("an end date counts before a leave", LISTED, LEAVE, LONG_AGO, 30, 0, LEAVING,
        "end-date-known"),
    ROW("the last day is a day of work", LISTED, ACTIVE, LONG_AGO, 0, 0, LEAVING, "end-date-known"),
    ROW("an end date without a start date is an end date", LISTED, ACTIVE, NONE, 3, 0, LEAVING,
        "end-date-known"),
    ROW("an end on the first day is an end", LISTED, ACTIVE, 0, 0, 0, LEAVING, "end-date-known"),

    ROW("end passed, HR read before: the date decides", LISTED, ACTIVE, LONG_AGO, -1, -5, LEFT,
        "end-date-passed"),
    ROW("end passed, HR read on the last day: the date decides", LISTED, ACTIVE, LONG_AGO, -1, -1,
        LEFT, "end-date-passed"),
    ROW("end passed, HR never read since: the date decides", LISTED, LEAVE, LONG_AGO, -1, -300,
        LEFT, "end-date-passed"),
    ROW("end passed, HR read after and says active: wait", LISTED, ACTIVE, LONG_AGO, -1, 0, LEAVING,
        "ended-but-active"),
    ROW("the last day of grace", LISTED, ACTIVE, LONG_AGO, -7, 0, LEAVING, "ended-but-active"),
    ROW("the day after the grace days", LISTED, ACTIVE, LONG_AGO, -8, 0, LEFT, "end-date-passed"),
    ROW("grace is for those on leave too", LISTED, LEAVE, LONG_AGO, -2, 0, LEAVING,
        "ended-but-active"),
    ROW("a status that nobody knows gets no grace", LISTED, UNKNOWN, LONG_AGO, -1, 0, LEFT,
        "end-date-passed"),
    { "without grace days the date decides at once", PRESENCE_LISTED, EMPLOYMENT_ACTIVE, LONG_AGO,
      -1, 0, 0, LIFECYCLE_LEFT, "end-date-passed" },

    ROW("rehired with the old end date is active", LISTED, ACTIVE, -10, LONG_AGO, 0, ACTIVE,
        "employed"),
    ROW("rehired with the old end date, HR read before that", LISTED, ACTIVE, -10, -20, -25, ACTIVE,
        "employed"),
    ROW("rehired and away is on leave", LISTED, LEAVE, -10, LONG_AGO, 0, LEAVE, "status-leave"),
    ROW("to be rehired is expected", LISTED, ONBOARDING, 10, LONG_AGO, 0, EXPECTED, "starts-later"),
    ROW("both dates ahead and crossed: the start counts", LISTED, ACTIVE, 20, 10, 0, EXPECTED,
        "starts-later"),
    ROW("rehired the day the old employment ended is no rehire", LISTED, ACTIVE, -30, -30, 0, LEFT,
        "end-date-passed"),
    ROW("a rehire whose status nobody knows works there again", LISTED, UNKNOWN, -10, LONG_AGO, 0,
        ACTIVE, "status-unknown"),
    ROW("rehired and inactive has left again", LISTED, INACTIVE, -10, LONG_AGO, 0, LEFT,
        "status-inactive"),

    ROW("missing is absent", MISSING, ACTIVE, LONG_AGO, NONE, 0, ABSENT, "missing-unconfirmed"),
    ROW("missing before the first day is absent", MISSING, ONBOARDING, 14, NONE, 0, ABSENT,
        "missing-unconfirmed"),
    ROW("missing before the last day is absent", MISSING, ACTIVE, LONG_AGO, 30, 0, ABSENT,
        "missing-unconfirmed"),
    ROW("missing and known to be inactive has left", MISSING, INACTIVE, LONG_AGO, NONE, 0, LEFT,
        "status-inactive"),
    ROW("missing and ended has left", MISSING, ACTIVE, LONG_AGO, -1, -3, LEFT, "end-date-passed"),
    ROW("missing and rehired with the old end date is absent", MISSING, ACTIVE, -10, LONG_AGO, 0,
        ABSENT, "missing-unconfirmed"),
    ROW("gone has left whatever was known", GONE, ACTIVE, LONG_AGO, NONE, 0, LEFT, "not-found"),
    ROW("gone before the first day has left", GONE, ONBOARDING, 14, NONE, 0, LEFT, "not-found"),
#undef ROW
};

static date_days day(int from_today) {
    return from_today == NONE ? DATE_NONE : TODAY + from_today;
}

static void the_row_is_so(void **state) {
    const struct row *r = *state;
    struct lifecycle_policy policy = { .grace_days = r->grace };
    struct lifecycle_facts f = { r->presence, r->status, day(r->hire), day(r->leave),
                                 day(r->read) };
    const char *rule = NULL;
    assert_string_equal(lifecycle_name(lifecycle_decide(&f, &policy, TODAY, &rule)),
                        lifecycle_name(r->want));
    assert_string_equal(rule, r->rule);
    assert_int_equal(lifecycle_decide(&f, &policy, TODAY, NULL), r->want);
}

static const int days[] = { NONE, LONG_AGO, -9, -8, -7, -1, 0, 1, 30 };

/* Everything that can be stated, over a month. */
static void every_answer_has_a_sentence_and_time_never_brings_anybody_back(void **state) {
    (void)state;
    for (int p = PRESENCE_LISTED; p <= PRESENCE_GONE; p++)
        for (int s = EMPLOYMENT_UNKNOWN; s <= EMPLOYMENT_INACTIVE; s++)
            for (size_t i = 0; i < RC_LEN(days) * RC_LEN(days); i++) {
                struct lifecycle_facts f = { (enum presence)p, (enum employment_status)s,
                                             day(days[i % RC_LEN(days)]),
                                             day(days[i / RC_LEN(days)]), TODAY };
                bool starts = f.hire_on != DATE_NONE && f.hire_on > TODAY, was_gone = false;
                for (int later = 0; later <= 40; later++) {
                    const char *rule = NULL;
                    enum lifecycle l =
                        lifecycle_decide(&f, &lifecycle_policy_default, TODAY + later, &rule);
                    assert_in_range(l, LIFECYCLE_EXPECTED, LIFECYCLES_N - 1);
                    assert_string_not_equal(lifecycle_rule_sentence(rule), rule);
                    assert_true(p != PRESENCE_GONE || l == LIFECYCLE_LEFT);
                    assert_true(p == PRESENCE_LISTED || lifecycle_is_gone(l));
                    assert_true(l != LIFECYCLE_ABSENT || p == PRESENCE_MISSING);
                    assert_true(starts || l != LIFECYCLE_EXPECTED || f.hire_on == DATE_NONE);
                    assert_false(was_gone && !lifecycle_is_gone(l));
                    was_gone = lifecycle_is_gone(l);
                }
            }
}

static void facts_come_from_the_user(void **state) {
    struct user u = { 0 };
    (void)state;
    struct lifecycle_facts f = lifecycle_facts_of(&u, PRESENCE_MISSING, 5);
    assert_int_equal(f.presence, PRESENCE_MISSING);
    assert_int_equal(f.status, EMPLOYMENT_UNKNOWN);
    assert_int_equal(f.hire_on, DATE_NONE);
    assert_int_equal(f.leave_on, DATE_NONE);
    assert_int_equal(f.read_on, 5);
    u.fields[USER_STATUS] = TEXT_LIT("Leave");
    u.fields[USER_HIRE_DATE] = TEXT_LIT("1970-01-02");
    u.fields[USER_LEAVE_DATE] = TEXT_NONE;
    f = lifecycle_facts_of(&u, PRESENCE_LISTED, 5);
    assert_int_equal(f.status, EMPLOYMENT_LEAVE);
    assert_int_equal(f.hire_on, 1);
    assert_int_equal(f.leave_on, DATE_NONE);
    u.fields[USER_LEAVE_DATE] = TEXT_LIT("never");
    assert_int_equal(lifecycle_facts_of(&u, PRESENCE_LISTED, 5).leave_on, DATE_NONE);
}

static void employed_and_gone_are_told_apart_and_names_are_stable(void **state) {
    static const struct {
        enum lifecycle lifecycle;
        const char *name;
        bool employed, gone;
    } all[] = {
        { LIFECYCLE_EXPECTED, "expected", false, false },
        { LIFECYCLE_ACTIVE, "active", true, false },
        { LIFECYCLE_LEAVE, "leave", true, false },
        { LIFECYCLE_LEAVING, "leaving", true, false },
        { LIFECYCLE_LEFT, "left", false, true },
        { LIFECYCLE_ABSENT, "absent", false, true },
    };
    (void)state;
    assert_int_equal(RC_LEN(all), LIFECYCLES_N - 1);
    for (size_t i = 0; i < RC_LEN(all); i++) {
        assert_string_equal(lifecycle_name(all[i].lifecycle), all[i].name);
        assert_int_equal(lifecycle_is_employed(all[i].lifecycle), all[i].employed);
        assert_int_equal(lifecycle_is_gone(all[i].lifecycle), all[i].gone);
    }
    assert_string_equal(presence_name(PRESENCE_LISTED), "listed");
    for (int p = PRESENCE_LISTED; p <= PRESENCE_GONE; p++)
        assert_int_equal(presence_parse(text_of(presence_name((enum presence)p))), p);
    assert_int_equal(presence_parse(TEXT_LIT("Listed")), 0);
    assert_int_equal(presence_parse(TEXT_NONE), 0);
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(rows) + 3];
    size_t n = 0;
    ADD_ROWS(tests, n, rows, the_row_is_so);
    ADD_TEST(tests, n, every_answer_has_a_sentence_and_time_never_brings_anybody_back);
    ADD_TEST(tests, n, facts_come_from_the_user);
    ADD_TEST(tests, n, employed_and_gone_are_told_apart_and_names_are_stable);
    return RUN_TESTS(tests, n);
}
