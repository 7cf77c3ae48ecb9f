#include "tests/base/helper.h"
#include <math.h>
#include "sync/guard.h"

static const char *guard_page; /* docs/guard.md, as the build names it */

/* The table that docs/guard.md shows: people and percent per run, 24 h, 30 days. */
static const struct usual_row {
    enum change_class class;
    struct guard_limit of[GUARD_WINDOWS_N];
} usual[] = {
    { CHANGE_JOINS, { { 8, 5 }, { 10, 8 }, { 10, 15 } } },
    { CHANGE_LEAVERS, { { 3, 5 }, { 5, 5 }, { 6, 10 } } },
    { CHANGE_UNANNOUNCED, { { 1, 0.03 }, { 2, 0.04 }, { 5, 0.5 } } },
    { CHANGE_EXCLUDED, { { 3, 5 }, { 5, 5 }, { 6, 10 } } },
    { CHANGE_EMAIL, { { 3, 2 }, { 4, 3 }, { 6, 8 } } },
    { CHANGE_NAME, { { 4, 3 }, { 5, 4 }, { 6, 10 } } },
    { CHANGE_TEAM, { { 8, 10 }, { 12, 15 }, { 20, 40 } } },
    { CHANGE_MANAGER, { { 8, 10 }, { 12, 15 }, { 20, 40 } } },
    { CHANGE_LOCATION, { { 8, 10 }, { 12, 15 }, { 20, 40 } } },
    { CHANGE_LEAVE_DATE, { { 5, 5 }, { 8, 6 }, { 10, 12 } } },
    { CHANGE_CLEARED, { { 8, 5 }, { 10, 6 }, { 20, 15 } } },
    { CHANGE_ADOPTIONS, { { 5, 2 }, { 10, 3 }, { 25, 10 } } },
    { CHANGE_INVITATIONS, { { 25, 5 }, { 40, 8 }, { 120, 25 } } },
};

static void assert_limit(struct guard_limit got, struct guard_limit want) {
    assert_int_equal(got.people, want.people);
    assert_true(fabs(got.percent - want.percent) < 1e-9);
}

static void the_usual_limits_are_those_of_the_table(void **state) {
    (void)state;
    assert_int_equal(RC_LEN(usual), CHANGE_OTHER);
    for (size_t i = 0; i < RC_LEN(usual); i++)
        for (int w = 0; w < GUARD_WINDOWS_N; w++)
            assert_limit(guard_usual.of[usual[i].class][w], usual[i].of[w]);
    for (int w = 0; w < GUARD_WINDOWS_N; w++)
        assert_int_equal(guard_usual.of[CHANGE_OTHER][w].people, -1);
}

/* The page that people read says the same, in the same order, and nothing besides. */
static void the_table_in_the_documentation_is_made_of_them(void **state) {
    struct buf want, page;
    char part[4096];
    size_t n;
    (void)state;
    buf_init(&want, 1 << 14);
    buf_init(&page, 1 << 16);
    buf_str(&want,
            "\n| class | what it is | one run | 24 hours | 30 days |\n|---|---|---|---|---|\n");
    for (int c = 0; c < CHANGE_OTHER; c++) {
        buf_printf(&want, "| `%s` | %s |", change_class_name((enum change_class)c),
                   change_class_meaning((enum change_class)c));
        for (int w = 0; w < GUARD_WINDOWS_N; w++) {
            buf_str(&want, " ");
            guard_limit_write(guard_usual.of[c][w], &want);
            buf_str(&want, " |");
        }
        buf_str(&want, "\n");
    }
    buf_str(&want, "\n");
    FILE *f = fopen(guard_page, "re");
    assert_non_null(f);
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        buf_append(&page, part, n);
    assert_int_equal(fclose(f), 0);
    bool same = strstr(page.ptr, want.ptr) != NULL;
    if (!same)
        print_error("docs/guard.md lacks%s", want.ptr);
    buf_done(&want);
    buf_done(&page);
    assert_true(same);
}

static const struct people_row {
    const char *name;
    struct guard_limit limit;
    int64_t population, want;
} peoples[] = {
    { "few people: the number counts", { 3, 5 }, 20, 3 },
    { "where both are equal", { 3, 5 }, 60, 3 },
    { "many people: the share counts", { 3, 5 }, 400, 20 },
    { "a share is rounded down", { 3, 5 }, 99, 4 },
    { "nobody: the number counts", { 3, 5 }, 0, 3 },
    { "nothing allowed", { 0, 0 }, 1000000, 0 },
    { "all allowed", { 0, 100 }, 1000, 1000 },
    { "no limit", { -1, 0 }, 400, INT64_MAX },
};

static void a_limit_is_the_larger_of_number_and_share(void **state) {
    const struct people_row *r = *state;
    assert_int_equal(guard_limit_people(r->limit, r->population), r->want);
}

/* One class with what this run and the windows did, and how many people there were. */
static const struct check_row {
    const char *name;
    enum change_class class;
    int64_t now, day, month;
    int64_t population[GUARD_WINDOWS_N];
    int findings; /* bits: 1 run, 2 day, 4 month */
} checks[] = {
#define ALL(n)                                                                                     \
    { n, n, n }
    { "nothing", CHANGE_LEAVERS, 0, 0, 0, ALL(400), 0 },
    { "as many as may leave", CHANGE_LEAVERS, 20, 0, 0, ALL(400), 0 },
    { "one more than may leave at once", CHANGE_LEAVERS, 21, 0, 0, ALL(400), 1 | 2 },
    { "the day counts too", CHANGE_LEAVERS, 5, 16, 16, ALL(400), 2 },
    { "the day is just full", CHANGE_LEAVERS, 5, 15, 15, ALL(400), 0 },
    { "the month counts too", CHANGE_LEAVERS, 1, 0, 40, ALL(400), 4 },
    { "the month is just full", CHANGE_LEAVERS, 1, 0, 39, ALL(400), 0 },
    { "all three at once", CHANGE_LEAVERS, 100, 100, 100, ALL(400), 1 | 2 | 4 },
    { "a full window holds nobody who does nothing", CHANGE_LEAVERS, 0, 500, 500, ALL(400), 0 },
    { "shares are of those at the window's start",
      CHANGE_LEAVERS,
      5,
      10,
      10,
      { 100, 400, 400 },
      0 },
    { "shrinking day by day earns no new shares", CHANGE_LEAVERS, 5, 0, 38, { 360, 360, 400 }, 4 },
    { "a small company", CHANGE_LEAVERS, 3, 0, 0, ALL(10), 0 },
    { "a small company, one more", CHANGE_LEAVERS, 4, 0, 0, ALL(10), 1 },
    { "one may be gone unannounced", CHANGE_UNANNOUNCED, 1, 1, 4, ALL(900), 0 },
    { "two at once are a question", CHANGE_UNANNOUNCED, 2, 0, 0, ALL(900), 1 },
    { "where many work, a few may be", CHANGE_UNANNOUNCED, 6, 0, 0, ALL(20000), 0 },
    { "and more are a question", CHANGE_UNANNOUNCED, 7, 0, 0, ALL(20000), 1 },
    { "a third in a day", CHANGE_UNANNOUNCED, 1, 2, 2, ALL(900), 2 },
    { "a sixth in a month", CHANGE_UNANNOUNCED, 1, 0, 5, ALL(900), 4 },
    { "a month has more of them", CHANGE_UNANNOUNCED, 1, 0, 49, ALL(10000), 0 },
    { "joiners have more room", CHANGE_JOINS, 8, 0, 0, ALL(10), 0 },
    { "too many joiners", CHANGE_JOINS, 9, 0, 0, ALL(10), 1 },
    { "addresses have little room", CHANGE_EMAIL, 9, 0, 0, ALL(400), 1 },
    { "names", CHANGE_NAME, 13, 0, 0, ALL(400), 1 },
    { "cleared values", CHANGE_CLEARED, 21, 0, 0, ALL(400), 1 },
    { "other changes have no limit", CHANGE_OTHER, 1000000, 1000000, 1000000, ALL(1), 0 },
#undef ALL
};

static void what_is_over_a_limit_is_held_and_named(void **state) {
    const struct check_row *r = *state;
    struct guard_input in = { 0 };
    struct guard_verdict v;
    int found = 0;
    in.now[r->class] = r->now;
    in.before[GUARD_DAY][r->class] = r->day;
    in.before[GUARD_MONTH][r->class] = r->month;
    memcpy(in.population, r->population, sizeof in.population);
    guard_check(&guard_usual, &in, &v);
    for (size_t i = 0; i < v.findings_n; i++) {
        const struct guard_finding *f = &v.findings[i];
        assert_int_equal(f->class, r->class);
        assert_int_equal(f->counted, r->now + in.before[f->window][r->class]);
        assert_int_equal(f->limit, guard_limit_people(guard_usual.of[r->class][f->window],
                                                      r->population[f->window]));
        assert_true(f->counted > f->limit);
        found |= 1 << f->window;
    }
    assert_int_equal(found, r->findings);
    assert_int_equal(v.held, r->findings != 0);
}

static void a_first_import_is_held_whatever_it_does_and_counts_nothing(void **state) {
    struct guard_input in = { .first = true, .now[CHANGE_JOINS] = 1 };
    struct guard_verdict v;
    (void)state;
    guard_check(&guard_usual, &in, &v);
    assert_true(v.held);
    assert_int_equal(v.findings_n, 0);
    in.now[CHANGE_JOINS] = 1000000;
    guard_check(&guard_usual, &in, &v);
    assert_true(v.held);
    assert_int_equal(v.findings_n, 0);
}

static void people_whom_nobody_was_asked_for_hold_a_run(void **state) {
    struct guard_input in = { .missing_not_looked_up = 1, .population = { 400, 400, 400 } };
    struct guard_verdict v;
    (void)state;
    guard_check(&guard_usual, &in, &v);
    assert_true(v.held);
    assert_int_equal(v.findings_n, 0);
}

static void the_reasons_are_told_one_by_one(void **state) {
    struct guard_input in = { .first = true, .joiners = 12, .missing_not_looked_up = 7 };
    struct guard_verdict v = { .held = true,
                               .findings = { { CHANGE_NAME, GUARD_RUN, 9, 9, 5, 20 } },
                               .findings_n = 1 };
    static const char *const want[] = { "12 people would join", "7 people are missing",
                                        "9 name changes: the limit for one run is 5" };
    struct buf b;
    (void)state;
    buf_init(&b, 1000);
    for (size_t i = 0; i < RC_LEN(want); i++, buf_clear(&b)) {
        assert_true(guard_reason(&v, &in, &guard_usual, i, &b));
        assert_non_null(strstr(b.ptr, want[i]));
    }
    assert_false(guard_reason(&v, &in, &guard_usual, RC_LEN(want), &b));
    buf_done(&b);
}

/* ---- looking back ---- */

#define DAY INT64_C(86400000000)

static struct guard_past past(int64_t days_ago_tenths, int64_t population, bool approved,
                              int64_t leavers) {
    struct guard_past p = { .applied_us = 100 * DAY - days_ago_tenths * DAY / 10,
                            .population = population,
                            .approved = approved };
    p.classes[CHANGE_LEAVERS] = leavers;
    return p;
}

static void a_window_sums_what_nobody_approved_and_knows_how_many_there_were(void **state) {
    struct guard_past runs[] = {
        past(300, 10, false, 1000), /* at the edge of the month: outside */
        past(299, 500, true, 100),  /* approved: only its population counts */
        past(20, 450, false, 7),    past(10, 440, false, 30), /* at the edge of the day */
        past(9, 430, false, 2),     past(1, 428, false, 1),
    };
    struct guard_input in = { .population = { [GUARD_RUN] = 427 } };
    (void)state;
    guard_look_back(runs, RC_LEN(runs), 100 * DAY, &in);
    assert_int_equal(in.before[GUARD_DAY][CHANGE_LEAVERS], 3);
    assert_int_equal(in.population[GUARD_DAY], 430);
    assert_int_equal(in.before[GUARD_MONTH][CHANGE_LEAVERS], 40);
    assert_int_equal(in.population[GUARD_MONTH], 500);
    assert_int_equal(in.before[GUARD_RUN][CHANGE_LEAVERS], 0);
    assert_int_equal(in.before[GUARD_MONTH][CHANGE_NAME], 0);
}

static void where_nothing_was_applied_the_population_is_as_now(void **state) {
    struct guard_past first = past(1, 0, true, 0); /* nobody was known before a first import */
    struct guard_input in = { .population = { [GUARD_RUN] = 427 } };
    (void)state;
    guard_look_back(NULL, 0, 100 * DAY, &in);
    assert_int_equal(in.population[GUARD_MONTH], 427);
    guard_look_back(&first, 1, 100 * DAY, &in);
    assert_int_equal(in.population[GUARD_DAY], 427);
}

/* 40 of the month were before the eyes of whoever approved the third; the day's 24 hours were not. */
static void what_was_approved_with_a_sum_in_view_ends_that_sum(void **state) {
    struct guard_past runs[] = { past(200, 500, false, 30), past(8, 470, false, 9),
                                 past(7, 460, true, 1), past(5, 459, false, 2),
                                 past(4, 457, true, 50) };
    struct guard_verdict v = { .held = true,
                               .findings = { { CHANGE_LEAVERS, GUARD_MONTH, 40, 1, 30, 500 },
                                             { CHANGE_NAME, GUARD_DAY, 9, 9, 5, 500 },
                                             { CHANGE_NAME, GUARD_MONTH, 9, 9, 5, 500 } },
                               .findings_n = 3 };
    struct guard_input in = { .population = { [GUARD_RUN] = 400 } };
    (void)state;
    guard_look_back(runs, RC_LEN(runs), 100 * DAY, &in);
    assert_int_equal(in.before[GUARD_MONTH][CHANGE_LEAVERS], 41);
    guard_past_approve(&runs[2], &v);
    guard_look_back(runs, RC_LEN(runs), 100 * DAY, &in);
    assert_int_equal(in.before[GUARD_MONTH][CHANGE_LEAVERS], 2);
    assert_int_equal(in.before[GUARD_DAY][CHANGE_LEAVERS], 11);
    assert_int_equal(runs[2].seen[GUARD_MONTH], 1u << CHANGE_LEAVERS);
    assert_int_equal(in.population[GUARD_MONTH], 500);
}

static void an_approval_covers_what_its_verdict_told(void **state) {
    static const char verdict[] =
        "{\"held\":true,\"findings\":[{\"class\":\"team\",\"window\":\"24h\"},"
        "{\"class\":\"team\",\"window\":\"30d\"},{\"class\":\"name\",\"window\":\"30d\"},"
        "{\"class\":\"nobody\",\"window\":\"30d\"},{\"class\":\"email\",\"window\":\"year\"},"
        "{\"class\":7},\"\"]}";
    struct run_past r = { .run_id = 7,
                          .applied_us = 5,
                          .population = 9,
                          .approved = true,
                          .classes = { [CHANGE_NAME] = 3 },
                          .verdict = text_of(verdict) };
    struct guard_past p;
    (void)state;
    guard_past_read(&r, &p);
    assert_int_equal(p.run_id, 7);
    assert_true(p.approved);
    assert_int_equal(p.classes[CHANGE_NAME], 3);
    assert_int_equal(p.seen[GUARD_MONTH], 1u << CHANGE_NAME);
    assert_int_equal(p.seen[GUARD_DAY], 1u << CHANGE_TEAM); /* its month was not told */
    assert_int_equal(p.seen[GUARD_RUN], 0);
    r.verdict = TEXT_LIT("{\"findings\":");
    guard_past_read(&r, &p);
    assert_int_equal(p.seen[GUARD_MONTH], 0);
    r.verdict = (struct text){ 0 };
    guard_past_read(&r, &p);
    assert_true(p.approved);
}

static void so_many_may_be_asked_for_as_may_leave_at_once(void **state) {
    (void)state;
    assert_true(guard_may_look_up(&guard_usual, 20, 400));
    assert_false(guard_may_look_up(&guard_usual, 21, 400));
    assert_true(guard_may_look_up(&guard_usual, 3, 5));
    assert_false(guard_may_look_up(&guard_usual, 4, 5));
}

static void under_half_of_those_known_is_another_account(void **state) {
    (void)state;
    assert_true(guard_is_other_account(3, 1));
    assert_false(guard_is_other_account(2, 1));
    assert_false(guard_is_other_account(400, 200));
    assert_true(guard_is_other_account(400, 199));
    assert_true(guard_is_other_account(1, 0));
    assert_false(guard_is_other_account(0, 0));
}

/* JSON as it is stored and typed. says: words of the message; NULL: it is accepted. */
static const struct json_row {
    const char *name, *json, *says;
} jsons[] = {
    { "an empty object", "{}", NULL },
    { "one window", "{\"leavers\":{\"run\":[1,2.5]}}", NULL },
    { "two classes", "{\"leavers\":{\"run\":[1,2],\"30d\":[0,0]},\"email\":{\"24h\":[9,100]}}",
      NULL },
    { "a class that there is not", "{\"leaver\":{\"run\":[1,2]}}", "\"leaver\" is no class" },
    { "a class that has no limit", "{\"other\":{\"run\":[1,2]}}", "\"other\" is no class" },
    { "a window that there is not", "{\"leavers\":{\"day\":[1,2]}}",
      "leavers: \"day\" is no window" },
    { "no windows", "{\"leavers\":[1,2]}", "leavers: write {" },
    { "one number", "{\"leavers\":{\"run\":3}}", "leavers, run: write [people, percent]" },
    { "too few numbers", "{\"leavers\":{\"run\":[3]}}", "write [people, percent]" },
    { "too many numbers", "{\"leavers\":{\"run\":[3,5,7]}}", "write [people, percent]" },
    { "half a person", "{\"leavers\":{\"run\":[2.5,5]}}", "write [people, percent]" },
    { "fewer than nobody", "{\"leavers\":{\"run\":[-1,5]}}", "write [people, percent]" },
    { "more than a million", "{\"leavers\":{\"run\":[1000001,5]}}", "write [people, percent]" },
    { "less than nothing", "{\"leavers\":{\"run\":[3,-1]}}", "write [people, percent]" },
    { "more than all", "{\"leavers\":{\"run\":[3,101]}}", "write [people, percent]" },
    { "a word for a share", "{\"leavers\":{\"run\":[3,\"five\"]}}", "write [people, percent]" },
    { "nothing for a share", "{\"leavers\":{\"run\":[3,null]}}", "write [people, percent]" },
    { "a list", "[]", "no JSON object" },
    { "a class that there is not", "{\"leaver\":{}}",
      "\"leaver\" is no class; there are joins, leavers, unannounced, excluded, email, name, team, manager,"
      " location, leave_date, cleared, adoptions and invitations" },
    { "the class of what has no limit", "{\"other\":{}}", "is no class" },
    { "no JSON", "leavers=3", "no JSON object" },
    { "JSON cut short", "{\"leavers\":{", "no JSON object" },
};

static void limits_are_read_or_refused_with_a_word_on_what_to_write(void **state) {
    const struct json_row *r = *state;
    struct guard_limits l;
    struct rc_error err = { 0 };
    assert_int_equal(guard_limits_read(text_of(r->json), &l, &err),
                     r->says == NULL ? RC_OK : RC_INVALID);
    if (r->says != NULL && strstr(err.text, r->says) == NULL)
        fail_msg("%s", err.text);
}

static void what_is_not_written_stays_as_usual(void **state) {
    struct guard_limits l;
    (void)state;
    assert_int_equal(guard_limits_read(TEXT_LIT("{\"leavers\":{\"run\":[1,2.5]}}"), &l, NULL),
                     RC_OK);
    assert_limit(l.of[CHANGE_LEAVERS][GUARD_RUN], (struct guard_limit){ 1, 2.5 });
    assert_limit(l.of[CHANGE_LEAVERS][GUARD_DAY], (struct guard_limit){ 5, 5 });
    assert_limit(l.of[CHANGE_EMAIL][GUARD_RUN], (struct guard_limit){ 3, 2 });
    assert_int_equal(guard_limits_read(TEXT_NONE, &l, NULL), RC_OK);
    assert_limit(l.of[CHANGE_LEAVERS][GUARD_RUN], (struct guard_limit){ 3, 5 });
}

static void a_finding_is_a_sentence_and_a_verdict_is_json(void **state) {
    static const char want[] =
        "{\"held\":true,\"first\":false,\"missing_not_looked_up\":0,\"reasons\":["
        "\"40 people leaving: the limit for one run is 20 (5 % of 400)\"],\"findings\":[{\"class\":"
        "\"leavers\",\"window\":\"run\",\"counted\":40,\"now\":40,\"limit\":20,"
        "\"population\":400,\"text\":"
        "\"40 people leaving: the limit for one run is 20 (5 % of 400)\"},{\"class\":\"leavers\","
        "\"window\":\"24h\",\"counted\":43,\"now\":40,\"limit\":5,\"population\":10,\"text\":"
        "\"43 people leaving: the limit for 24 hours is 5; 40 of them by this run, the others by earlier"
        " ones\"}]}";
    struct guard_input in = { .now[CHANGE_LEAVERS] = 40,
                              .before[GUARD_DAY][CHANGE_LEAVERS] = 3,
                              .population = { 400, 10, 4000 } };
    struct guard_verdict v;
    struct buf b;
    (void)state;
    guard_check(&guard_usual, &in, &v);
    buf_init(&b, 10000);
    guard_write(&v, &in, &guard_usual, &b);
    bool same = strcmp(b.ptr, want) == 0;
    if (!same)
        print_error("%s\n", b.ptr);
    buf_done(&b);
    assert_true(same);
}

int main(int argc, char **argv) {
    guard_page = argc > 1 ? argv[1] : "docs/guard.md";
    struct CMUnitTest tests[RC_LEN(peoples) + RC_LEN(checks) + RC_LEN(jsons) + 13];
    size_t n = 0;
    ADD_TEST(tests, n, the_usual_limits_are_those_of_the_table);
    ADD_TEST(tests, n, the_table_in_the_documentation_is_made_of_them);
    ADD_ROWS(tests, n, peoples, a_limit_is_the_larger_of_number_and_share);
    ADD_ROWS(tests, n, checks, what_is_over_a_limit_is_held_and_named);
    ADD_TEST(tests, n, a_first_import_is_held_whatever_it_does_and_counts_nothing);
    ADD_TEST(tests, n, people_whom_nobody_was_asked_for_hold_a_run);
    ADD_TEST(tests, n, the_reasons_are_told_one_by_one);
    ADD_TEST(tests, n, a_window_sums_what_nobody_approved_and_knows_how_many_there_were);
    ADD_TEST(tests, n, what_was_approved_with_a_sum_in_view_ends_that_sum);
    ADD_TEST(tests, n, an_approval_covers_what_its_verdict_told);
    ADD_TEST(tests, n, where_nothing_was_applied_the_population_is_as_now);
    ADD_TEST(tests, n, so_many_may_be_asked_for_as_may_leave_at_once);
    ADD_TEST(tests, n, under_half_of_those_known_is_another_account);
    ADD_ROWS(tests, n, jsons, limits_are_read_or_refused_with_a_word_on_what_to_write);
    ADD_TEST(tests, n, what_is_not_written_stays_as_usual);
    ADD_TEST(tests, n, a_finding_is_a_sentence_and_a_verdict_is_json);
    return RUN_TESTS(tests, n);
}
