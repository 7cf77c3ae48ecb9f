#include "tests/base/helper.h"
#include "people/why.h"

/* Dates by their day in December 2026; 0: none. Today is the 10th. */
#define ON(d) ((d) == 0 ? DATE_NONE : date_from_ymd(2026, 12, 1) + (d)-1)

static const struct row {
    const char *name;
    enum presence presence;
    const char *status;
    int hire, leave, read; /* read 0: today */
    const char *want, *turn;
} rows[] = {
    { "somebody who works", PRESENCE_LISTED, "active", 1, 0, 0,
      "HR's status is \"active\" (employed)", NULL },
    { "somebody on leave", PRESENCE_LISTED, "leave", 1, 0, 0,
      "HR's status is \"leave\" (status-leave)", NULL },
    { "somebody who has left", PRESENCE_LISTED, "inactive", 1, 0, 0,
      "HR's status is \"inactive\" (status-inactive)", NULL },
    { "a status of the house", PRESENCE_LISTED, "freelance", 1, 0, 0,
      "HR's status is \"freelance\", which is none that we know, and no date says otherwise"
      " (status-unknown)",
      NULL },
    { "no status at all", PRESENCE_LISTED, NULL, 1, 0, 0,
      "HR's status was never read, which is none that we know, and no date says otherwise"
      " (status-unknown)",
      NULL },
    { "somebody to come", PRESENCE_LISTED, "active", 20, 0, 0,
      "the start date 2026-12-20 lies ahead (starts-later)",
      "from 2026-12-20 on active, the start date (employed)" },
    { "somebody to come, some day", PRESENCE_LISTED, "onboarding", 0, 0, 0,
      "HR's status is \"onboarding\", and there is no start date (onboarding-without-date)", NULL },
    { "somebody who is to begin", PRESENCE_LISTED, "onboarding", 20, 0, 0,
      "the start date 2026-12-20 lies ahead (starts-later)",
      "from 2026-12-20 on active, the start date (started)" },
    { "somebody who has begun, which HR's status has yet to say", PRESENCE_LISTED, "onboarding", 1,
      0, 0, "the start date 2026-12-01 has come; HR's status is \"onboarding\" (started)", NULL },
    { "somebody who will go", PRESENCE_LISTED, "active", 1, 20, 0,
      "HR states the end date 2026-12-20 (end-date-known)",
      "from 2026-12-21 on left, the day after the end date 2026-12-20; not before 2026-12-28 if HR,"
      " read after it, calls them employed still (end-date-passed)" },
    { "somebody whose last day is today", PRESENCE_LISTED, "leave", 1, 10, 0,
      "HR states the end date 2026-12-10 (end-date-known)",
      "from 2026-12-11 on left, the day after the end date 2026-12-10; not before 2026-12-18 if HR,"
      " read after it, calls them employed still (end-date-passed)" },
    { "somebody who will go, with a status that we do not know", PRESENCE_LISTED, "freelance", 1,
      20, 0, "HR states the end date 2026-12-20 (end-date-known)",
      "from 2026-12-21 on left, the day after the end date 2026-12-20 (end-date-passed)" },
    { "somebody whom HR calls active after the end", PRESENCE_LISTED, "active", 1, 8, 9,
      "the end date 2026-12-08 has passed, but HR's status is \"active\" as of 2026-12-09, which is"
      " believed for 7 days, until 2026-12-15 (ended-but-active)",
      "from 2026-12-16 on left, when the 7 grace days after the end date 2026-12-08 are over;"
      " sooner if HR's status says so (end-date-passed)" },
    { "an end of which HR could not know", PRESENCE_LISTED, "active", 1, 8, 7,
      "the end date 2026-12-08 has passed (end-date-passed)", NULL },
    { "an end long ago", PRESENCE_LISTED, "active", 1, 2, 10,
      "the end date 2026-12-02 has passed, by more than the 7 grace days (end-date-passed)", NULL },
    { "somebody whom HR does not know", PRESENCE_GONE, "active", 1, 0, 0,
      "HR does not list this person, and says that it does not know the id (not-found)", NULL },
    { "somebody missing", PRESENCE_MISSING, "active", 1, 0, 0,
      "HR does not list this person, and it is not settled why (missing-unconfirmed)", NULL },
    { "somebody who comes and goes", PRESENCE_LISTED, "active", 20, 28, 0,
      "the start date 2026-12-20 lies ahead (starts-later)",
      "from 2026-12-20 on leaving, the start date (end-date-known)" },
};

static struct user user_of(const struct row *r) {
    struct user u = { 0 };
    u.fields[USER_STATUS] = text_of(r->status);
    return u;
}

static void assert_text(struct buf *b, const char *want) {
    bool same = strcmp(b->ptr != NULL ? b->ptr : "", want) == 0;
    if (!same)
        print_error("%s\n", b->ptr);
    buf_done(b);
    assert_true(same);
}

static void a_lifecycle_has_its_reason_and_its_turn(void **state) {
    const struct row *r = *state;
    struct user u = user_of(r);
    struct lifecycle_facts f = { r->presence, employment_status_parse(u.fields[USER_STATUS]),
                                 ON(r->hire), ON(r->leave), r->read != 0 ? ON(r->read) : ON(10) };
    struct why_turn t;
    const char *rule;
    struct buf b;
    lifecycle_decide(&f, &lifecycle_policy_default, ON(10), &rule);
    buf_init(&b, 1000);
    why_lifecycle(&f, &u, rule, &lifecycle_policy_default, &b);
    assert_text(&b, r->want);
    assert_int_equal(why_next(&f, &lifecycle_policy_default, ON(10), &t), r->turn != NULL);
    if (r->turn == NULL)
        return;
    buf_init(&b, 1000);
    why_turn_write(&t, &f, &lifecycle_policy_default, &b);
    assert_text(&b, r->turn);
}

/* Whatever the facts, while HR is not read again: the day before its turn it is as today, and on that day as was
 * said. */
static void a_turn_is_the_first_day_that_differs(void **state) {
    static const enum employment_status statuses[] = { EMPLOYMENT_ACTIVE, EMPLOYMENT_LEAVE,
                                                       EMPLOYMENT_UNKNOWN, EMPLOYMENT_ONBOARDING };
    (void)state;
    for (int hire = 0; hire <= 30; hire += 3)
        for (int leave = 0; leave <= 30; leave++)
            for (size_t s = 0; s < RC_LEN(statuses); s++) {
                struct lifecycle_facts f = { PRESENCE_LISTED, statuses[s], ON(hire), ON(leave),
                                             ON(10) };
                struct why_turn t = { 0 };
                enum lifecycle now = lifecycle_decide(&f, &lifecycle_policy_default, ON(10), NULL);
                bool turns = why_next(&f, &lifecycle_policy_default, ON(10), &t);
                for (int d = 11; d < 60; d++) {
                    enum lifecycle then =
                        lifecycle_decide(&f, &lifecycle_policy_default, ON(d), NULL);
                    if (!turns || ON(d) < t.on) {
                        assert_int_equal(then, now);
                        continue;
                    }
                    assert_int_equal(then, t.becomes);
                    break;
                }
            }
}

static const struct problem_row {
    const char *name;
    enum problem problem;
    const char *says;
} problems[] = {
    { "no address", PROBLEM_NO_EMAIL, "there is no work e-mail: enter one in HR" },
    { "an end before the start", PROBLEM_ENDS_BEFORE_START,
      " [hire_date 2026-05-01, leave_date 2026-04-30]" },
    { "a status of the house", PROBLEM_UNKNOWN_STATUS, " [HR's status is \"freelance\"]" },
    { "their own manager", PROBLEM_OWN_MANAGER, " [manager 4711]" },
    { "no address, where one was known", PROBLEM_BAD_EMAIL, " [known until then: email a@x.org]" },
};

static void a_problem_names_the_values_that_make_it(void **state) {
    const struct problem_row *r = *state;
    struct user u = { .fields = { [USER_HIRE_DATE] = TEXT_LIT("2026-05-01"),
                                  [USER_LEAVE_DATE] = TEXT_LIT("2026-04-30"),
                                  [USER_STATUS] = TEXT_LIT("freelance"),
                                  [USER_EMAIL] = TEXT_LIT("a@x.org"),
                                  [USER_MANAGER] = TEXT_LIT("4711") } };
    struct buf b;
    buf_init(&b, 1000);
    why_problem(r->problem, &u, &b);
    bool says =
        strstr(b.ptr, r->says) != NULL && strstr(b.ptr, problem_sentence(r->problem)) == b.ptr;
    if (!says)
        print_error("%s\n", b.ptr);
    buf_done(&b);
    assert_true(says);
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(rows) + RC_LEN(problems) + 1];
    size_t n = 0;
    ADD_ROWS(tests, n, rows, a_lifecycle_has_its_reason_and_its_turn);
    ADD_TEST(tests, n, a_turn_is_the_first_day_that_differs);
    ADD_ROWS(tests, n, problems, a_problem_names_the_values_that_make_it);
    return RUN_TESTS(tests, n);
}
