#include "tests/base/helper.h"
#include "people/policy.h"

static struct arena arena;

/* ---- when somebody gets an account ---- */

enum { TODAY = 20500, NONE = 999999 };
static date_days day(int from_today) {
    return from_today == NONE ? DATE_NONE : TODAY + from_today;
}

static const struct joining {
    const char *name;
    enum policy_invite invite;
    int invite_days, ahead_days;
    bool account_without_mail;
    enum lifecycle lifecycle;
    int hire, account, mail, reopen;
} joinings[] = {
    { "at once", POLICY_INVITE_AT_ONCE, 0, 0, true, LIFECYCLE_ACTIVE, -300, 0, 0, -300 },
    { "at once, even before the first day", POLICY_INVITE_AT_ONCE, 0, 0, true, LIFECYCLE_EXPECTED,
      30, 0, 0, 30 },
    { "on the hire date", POLICY_INVITE_ON_HIRE_DATE, 0, 0, true, LIFECYCLE_EXPECTED, 30, 30, 30,
      30 },
    { "some days before it", POLICY_INVITE_ON_HIRE_DATE, -5, 0, true, LIFECYCLE_EXPECTED, 30, 25,
      25, 30 },
    { "some days after it", POLICY_INVITE_ON_HIRE_DATE, 5, 0, true, LIFECYCLE_EXPECTED, 30, 35, 35,
      30 },
    { "the account ahead of it", POLICY_INVITE_ON_HIRE_DATE, 0, 14, true, LIFECYCLE_EXPECTED, 30,
      16, 30, 16 },
    { "ahead, but the mail comes earlier still", POLICY_INVITE_ON_HIRE_DATE, -20, 14, true,
      LIFECYCLE_EXPECTED, 30, 10, 10, 16 },
    { "a hire date long ago", POLICY_INVITE_ON_HIRE_DATE, 0, 0, true, LIFECYCLE_ACTIVE, -300, -300,
      -300, -300 },
    { "who works there without a hire date has begun", POLICY_INVITE_ON_HIRE_DATE, 0, 0, true,
      LIFECYCLE_LEAVE, NONE, 0, 0, 0 },
    { "who is expected without a hire date has no day", POLICY_INVITE_ON_HIRE_DATE, 0, 14, true,
      LIFECYCLE_EXPECTED, NONE, NONE, NONE, NONE },
    { "by hand, the account now", POLICY_INVITE_BY_HAND, 0, 0, true, LIFECYCLE_ACTIVE, -300, 0,
      NONE, -300 },
    { "by hand, no account until then", POLICY_INVITE_BY_HAND, 0, 0, false, LIFECYCLE_ACTIVE, -300,
      NONE, NONE, -300 },
};

static void it_is_on_these_days(void **state) {
    const struct joining *r = *state;
    struct policy p = policy_default;
    p.invite = r->invite;
    p.invite_days = r->invite_days;
    p.ahead_days = r->ahead_days;
    p.account_without_mail = r->account_without_mail;
    struct policy_joining j = policy_joining(&p, r->lifecycle, day(r->hire), TODAY);
    assert_int_equal(j.account_on, day(r->account));
    assert_int_equal(j.mail_on, day(r->mail));
    assert_int_equal(j.reopen_on, day(r->reopen));
}

/* ---- when an account is closed ---- */

static const struct closing {
    const char *name, *settings;
    enum presence presence;
    enum employment_status status;
    int leave, since, excluded;
    enum policy_cause cause;
    bool closes;
    int on;
    int unknown; /* to HR since then; 0: since `since` */
} closings[] = {
    { "by status, at once", "", PRESENCE_LISTED, EMPLOYMENT_INACTIVE, NONE, -3, NONE, POLICY_STATUS,
      true, -3 },
    { "by status, after some days", "close-status=5", PRESENCE_LISTED, EMPLOYMENT_INACTIVE, NONE,
      -3, NONE, POLICY_STATUS, true, 2 },
    { "since before we looked", "close-status=5", PRESENCE_LISTED, EMPLOYMENT_INACTIVE, NONE, NONE,
      NONE, POLICY_STATUS, true, NONE },
    { "after the last day", "", PRESENCE_LISTED, EMPLOYMENT_ACTIVE, -1, 0, NONE, POLICY_END_DATE,
      true, 0 },
    { "some days after the last day", "close-end-date=3", PRESENCE_LISTED, EMPLOYMENT_ACTIVE, -2, 0,
      NONE, POLICY_END_DATE, true, 2 },
    { "of two that hold, the earlier", "close-status=9 close-end-date=2", PRESENCE_LISTED,
      EMPLOYMENT_INACTIVE, -1, 0, NONE, POLICY_END_DATE, true, 2 },
    { "of two that hold, the one that closes", "close-status=no", PRESENCE_LISTED,
      EMPLOYMENT_INACTIVE, -1, 0, NONE, POLICY_END_DATE, true, 0 },
    { "a status that does not close", "close-status=no", PRESENCE_LISTED, EMPLOYMENT_INACTIVE, NONE,
      0, NONE, POLICY_STATUS, false, 0 },
    { "absence that is confirmed waits a day", "", PRESENCE_GONE, EMPLOYMENT_ACTIVE, NONE, 0, NONE,
      POLICY_NOT_FOUND, true, 1 },
    { "... counted from when it is", "", PRESENCE_GONE, EMPLOYMENT_ACTIVE, NONE, -9, NONE,
      POLICY_NOT_FOUND, true, -1, -2 },
    { "a profile that is deleted in the days of grace of a status", "close-status=5", PRESENCE_GONE,
      EMPLOYMENT_INACTIVE, NONE, -3, NONE, POLICY_NOT_FOUND, true, 0, -1 },
    { "absence that is not confirmed closes nobody", "", PRESENCE_MISSING, EMPLOYMENT_ACTIVE, NONE,
      0, NONE, POLICY_ABSENT, false, 3 },
    { "... unless a setting says so", "close-absent=2", PRESENCE_MISSING, EMPLOYMENT_ACTIVE, NONE,
      0, NONE, POLICY_ABSENT, true, 2 },
    { "left out by a filter", "", PRESENCE_LISTED, EMPLOYMENT_ACTIVE, NONE, NONE, -4,
      POLICY_EXCLUDED, true, -4 },
    { "left out, and kept by a setting", "close-excluded=no", PRESENCE_LISTED, EMPLOYMENT_ACTIVE,
      NONE, NONE, -4, POLICY_EXCLUDED, false, -4 },
    { "left out and gone: the earlier", "close-excluded=10", PRESENCE_LISTED, EMPLOYMENT_INACTIVE,
      NONE, 0, 0, POLICY_STATUS, true, 0 },
    { "who works there has no cause", "", PRESENCE_LISTED, EMPLOYMENT_ACTIVE, 5, NONE, NONE,
      POLICY_CAUSES_N, false, NONE },
};

static void set_all(struct policy *p, const char *settings) {
    char copy[200];
    struct rc_error err;
    snprintf(copy, sizeof copy, "%s", settings);
    for (char *s = strtok(copy, " "); s != NULL; s = strtok(NULL, " ")) {
        char *value = strchr(s, '=');
        *value++ = '\0';
        if (policy_set(p, text_of(s), text_of(value), &arena, &err) != RC_OK)
            fail_msg("%s", err.text);
    }
}

static void it_closes_so(void **state) {
    const struct closing *r = *state;
    struct policy p = policy_default;
    struct lifecycle_facts f = { r->presence, r->status, day(-300), day(r->leave), day(-9) };
    arena_init(&arena);
    set_all(&p, r->settings);
    date_days since_on[POLICY_CAUSES_N];
    for (int i = 0; i < POLICY_CAUSES_N; i++)
        since_on[i] = day(i == POLICY_EXCLUDED ? r->excluded : r->since);
    if (r->unknown != 0)
        since_on[POLICY_NOT_FOUND] = day(r->unknown);
    struct policy_gone g = { &f, lifecycle_decide(&f, &p.lifecycle, TODAY, NULL), since_on,
                             r->excluded != NONE, false };
    struct policy_closing c = policy_closing(&p, &g, TODAY);
    assert_int_equal(c.cause, r->cause);
    assert_int_equal(c.closes, r->closes);
    assert_int_equal(c.on, day(r->on));
    arena_done(&arena);
}

/* ---- protection ---- */

static void roles_accounts_and_the_owner_are_protected(void **state) {
    struct policy p = policy_default;
    struct account a = { .remote_id = TEXT_LIT("4711"), .role = TEXT_LIT("viewer") };
    (void)state;
    arena_init(&arena);
    assert_null(policy_protects(&p, &a));
    a.role = TEXT_LIT("admin");
    assert_string_equal(policy_protects(&p, &a), "role");
    set_all(&p, "protect-roles=");
    assert_null(policy_protects(&p, &a));
    p.caps.owner_role = TEXT_LIT("owner");
    a.role = TEXT_LIT("owner");
    assert_string_equal(policy_protects(&p, &a), "role");
    a.role = (struct text){ 0 };
    assert_null(policy_protects(&p, &a));
    p.caps.owner_role = (struct text){ 0 };
    assert_null(policy_protects(&p, &a));
    set_all(&p, "protect-accounts=17,4711");
    assert_string_equal(policy_protects(&p, &a), "account");
    set_all(&p, "protect-accounts=it@x.org");
    assert_null(policy_protects(&p, &a));
    a.fields[USER_EMAIL].known = TEXT_LIT("it@x.org");
    assert_string_equal(policy_protects(&p, &a), "account");
    assert_true(policy_protects_by_address(&p, &a, TEXT_LIT("new@x.org")));
    assert_false(policy_protects_by_address(&p, &a, TEXT_LIT("it@x.org")));
    set_all(&p, "protect-accounts=it@x.org,4711");
    assert_false(policy_protects_by_address(&p, &a, TEXT_LIT("new@x.org")));
    set_all(&p, "protect-accounts=it@x.org protect-roles=curator");
    a.role = TEXT_LIT("curator");
    assert_false(policy_protects_by_address(&p, &a, TEXT_LIT("new@x.org")));
    arena_done(&arena);
}

static void by_default_silence_closes_nobody_and_nothing_is_done_twice(void **state) {
    (void)state;
    assert_false(policy_default.leavers[POLICY_ABSENT].closes);
    assert_false(policy_default.relinks);
    assert_false(policy_default.reactivates_by_hand);
    assert_false(policy_default.closes_by_hand);
    assert_false(policy_default.clears);
    assert_false(policy_default.prunes_teams);
    assert_int_equal(policy_default.caps.takes, 0);
}

/* ---- settings ---- */

static const struct setting {
    const char *name, *value, *shows; /* NULL: refused */
} settings[] = {
    { "invite", "on-hire-date", "on-hire-date" },
    { "invite", "On-Hire-Date", NULL },
    { "invite", "by-hand", "by-hand" },
    { "owner-email", "never", "never" },
    { "owner-custom", "when-empty", "when-empty" },
    { "invite-days", "90", "90" },
    { "ahead-days", "0", "0" },
    { "protect-roles", "admin,\xff", NULL },
    { "invite-days", "-90", "-90" },
    { "invite-days", "91", NULL },
    { "invite-days", "-", NULL },
    { "invite-days", "3 ", NULL },
    { "invite-days", "99999999999", NULL },
    { "ahead-days", "-1", NULL },
    { "adopt", "no", "no" },
    { "adopt", "maybe", NULL },
    { "adopt", "", NULL },
    { "close-status", "no", "no" },
    { "close-status", "12", "12" },
    { "close-status", "366", NULL },
    { "fresh-days", "0", NULL },
    { "protect-roles", "owner, admin ,,", "owner,admin" },
    { "protect-roles", "", "" },
    { "leave-date-field", "Leave date", "Leave date" },
    { "owner-manager", "when-empty", "when-empty" },
    { "owner-manager", "hr always", NULL },
};

static void a_setting_is_shown_as_it_is_set_or_refused(void **state) {
    const struct setting *r = *state;
    struct policy p = policy_default, before = p;
    struct rc_error err;
    struct buf b;
    arena_init(&arena);
    buf_init(&b, 1000);
    enum rc_code code = policy_set(&p, text_of(r->name), text_of(r->value), &arena, &err);
    if (r->shows == NULL) {
        assert_int_equal(code, RC_INVALID);
        assert_non_null(strstr(err.text, r->name));
        assert_memory_equal(&p, &before, sizeof p);
    } else {
        assert_int_equal(code, RC_OK);
        assert_true(policy_show(&p, r->name, &b));
        assert_string_equal(b.len > 0 ? b.ptr : "", r->shows);
    }
    buf_done(&b);
    arena_done(&arena);
}

static void every_setting_takes_what_it_shows(void **state) {
    struct policy p = policy_default;
    struct rc_error err;
    struct buf b, again;
    const struct policy_setting *s;
    (void)state;
    arena_init(&arena);
    buf_init(&b, 1000);
    buf_init(&again, 1000);
    for (size_t i = 0; (s = policy_setting_get(i)) != NULL; i++) {
        buf_clear(&b);
        buf_clear(&again);
        assert_true(policy_show(&p, s->name, &b));
        if (policy_set(&p, text_of(s->name), text_from(b.ptr, b.len), &arena, &err) != RC_OK)
            fail_msg("%s", err.text);
        assert_true(policy_show(&p, s->name, &again));
        assert_true(text_equal(text_from(b.ptr, b.len), text_from(again.ptr, again.len)));
    }
    assert_false(policy_show(&p, "nothing", &b));
    buf_done(&b);
    buf_done(&again);
    arena_done(&arena);
}

static void an_unknown_setting_is_refused_with_a_suggestion(void **state) {
    struct policy p = policy_default;
    struct rc_error err;
    char *long_name = calloc(1, 5000);
    (void)state;
    assert_non_null(long_name);
    memset(long_name, 'x', 4999);
    arena_init(&arena);
    assert_int_equal(policy_set(&p, TEXT_LIT("invite-day"), TEXT_LIT("1"), &arena, &err),
                     RC_INVALID);
    assert_string_equal(err.text, "\"invite-day\" is no setting; did you mean \"invite-days\"?");
    assert_int_equal(policy_set(&p, TEXT_LIT("owner-jobtitle"), TEXT_LIT("hr"), &arena, &err),
                     RC_INVALID);
    assert_non_null(strstr(err.text, "owner-job_title"));
    assert_int_equal(policy_set(&p, text_of(long_name), TEXT_LIT("1"), &arena, &err), RC_INVALID);
    assert_int_equal(policy_set(&p, TEXT_LIT("leave-date-field"), text_of(long_name), &arena, &err),
                     RC_INVALID);
    free(long_name);
    arena_done(&arena);
}

static const char *page;

/* docs/policy.md: | `invite` | at-once | at-once, ... | when ... | */
static void the_page_lists_every_setting_with_its_default(void **state) {
    const struct policy_setting *s;
    struct buf b;
    size_t rows = 0, settings_n = 0;
    (void)state;
    buf_init(&b, 2000);
    for (size_t i = 0; (s = policy_setting_get(i)) != NULL; i++) {
        buf_clear(&b);
        buf_printf(&b, "\n| `%s` | ", s->name);
        policy_show(&policy_default, s->name, &b);
        buf_printf(&b, " | %s | %s |\n", s->takes, s->means);
        if (strstr(page, b.ptr) == NULL)
            fail_msg("docs/policy.md lacks the row:%s", b.ptr);
        settings_n++;
    }
    for (const char *at = page; (at = strstr(at, "\n| `")) != NULL; at++)
        rows++;
    assert_int_equal(rows, settings_n);
    buf_done(&b);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[RC_LEN(joinings) + RC_LEN(closings) + RC_LEN(settings) + 5];
    size_t n = 0;
    if ((page = page_of(argc, argv)) == NULL)
        return 2;
    ADD_ROWS(tests, n, joinings, it_is_on_these_days);
    ADD_ROWS(tests, n, closings, it_closes_so);
    ADD_ROWS(tests, n, settings, a_setting_is_shown_as_it_is_set_or_refused);
    ADD_TEST(tests, n, roles_accounts_and_the_owner_are_protected);
    ADD_TEST(tests, n, by_default_silence_closes_nobody_and_nothing_is_done_twice);
    ADD_TEST(tests, n, every_setting_takes_what_it_shows);
    ADD_TEST(tests, n, an_unknown_setting_is_refused_with_a_suggestion);
    ADD_TEST(tests, n, the_page_lists_every_setting_with_its_default);
    return RUN_TESTS(tests, n);
}
