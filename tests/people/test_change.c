#include "tests/base/helper.h"
#include "people/change.h"

static const struct text missing, empty = { TEXT_EMPTY, "", 0 };

/* Before and after of one field: NULL missing, "" empty. rule NULL: no change. */
static const struct field_row {
    const char *name;
    enum user_field field;
    const char *before, *after, *rule;
    enum change_class class;
} fields[] = {
    { "first name", USER_FIRST_NAME, "A", "B", "hr-states", CHANGE_NAME },
    { "last name", USER_LAST_NAME, "A", "B", "hr-states", CHANGE_NAME },
    { "email", USER_EMAIL, "a@x.org", "b@x.org", "hr-states", CHANGE_EMAIL },
    { "job title", USER_JOB_TITLE, "A", "B", "hr-states", CHANGE_OTHER },
    { "avatar", USER_AVATAR, "A", "B", "hr-states", CHANGE_OTHER },
    { "location", USER_PRIMARY_LOCATION, "A", "B", "hr-states", CHANGE_LOCATION },
    { "team", USER_PRIMARY_TEAM, "team:1", "team:2", "hr-states", CHANGE_TEAM },
    { "manager", USER_MANAGER, "1", "2", "hr-states", CHANGE_MANAGER },
    { "hire date", USER_HIRE_DATE, "2020-01-01", "2020-01-02", "hr-states", CHANGE_OTHER },
    { "leave date", USER_LEAVE_DATE, "2030-01-01", "2030-01-02", "hr-states", CHANGE_LEAVE_DATE },
    { "status", USER_STATUS, "active", "leave", "hr-states", CHANGE_OTHER },
    { "further teams", USER_SECONDARY_TEAMS, "team:1", "team:2", "hr-states", CHANGE_TEAM },
    { "language", USER_LANGUAGE, "de", "en", "hr-states", CHANGE_OTHER },

    { "a filter leaves out", USER_EXCLUDED, NULL, "external", "filter-excludes", CHANGE_EXCLUDED },
    { "for another reason", USER_EXCLUDED, "intern", "external", "filter-excludes",
      CHANGE_EXCLUDED },
    { "a filter lets in again, as somebody who comes", USER_EXCLUDED, "external", NULL,
      "filter-includes", CHANGE_JOINS },
    { "a field without a rule takes nothing from anybody", USER_LANGUAGE, "de", NULL, "unmapped",
      CHANGE_OTHER },
    { "nor does a team", USER_PRIMARY_TEAM, "team:1", NULL, "unmapped", CHANGE_OTHER },
    { "all further teams taken away are cleared", USER_SECONDARY_TEAMS, "team:1", "", "hr-cleared",
      CHANGE_CLEARED },

    { "a first value is a change of its field", USER_MANAGER, NULL, "2", "hr-states",
      CHANGE_MANAGER },
    { "a value in place of an empty one too", USER_EMAIL, "", "a@x.org", "hr-states",
      CHANGE_EMAIL },
    { "capitals count", USER_LAST_NAME, "okafor", "Okafor", "hr-states", CHANGE_NAME },
    { "the same is no change", USER_LAST_NAME, "Okafor", "Okafor", NULL, CHANGE_OTHER },
    { "missing and empty are both nothing", USER_MANAGER, NULL, "", NULL, CHANGE_OTHER },
    { "empty and missing are both nothing", USER_MANAGER, "", NULL, NULL, CHANGE_OTHER },

    { "an emptied title is cleared", USER_JOB_TITLE, "A", "", "hr-cleared", CHANGE_CLEARED },
    { "an emptied team is cleared, no team change", USER_PRIMARY_TEAM, "team:1", "", "hr-cleared",
      CHANGE_CLEARED },
    { "an emptied manager is cleared", USER_MANAGER, "1", "", "hr-cleared", CHANGE_CLEARED },
    { "an emptied location is cleared", USER_PRIMARY_LOCATION, "A", "", "hr-cleared",
      CHANGE_CLEARED },
    { "a withdrawn leave date is no cleared value", USER_LEAVE_DATE, "2030-01-01", "", "hr-cleared",
      CHANGE_LEAVE_DATE },
};

static void a_field_gives_one_change_of_its_class(void **state) {
    const struct field_row *r = *state;
    struct user before = { 0 }, after = { 0 };
    struct change changes[CHANGES_MAX];
    before.fields[r->field] = text_of(r->before);
    after.fields[r->field] = text_of(r->after);
    before.fields[(r->field + 1) % USER_FIELDS_N] = TEXT_LIT("same");
    after.fields[(r->field + 1) % USER_FIELDS_N] = TEXT_LIT("same");
    size_t n = change_find(&(struct change_state){ &before, LIFECYCLE_ACTIVE, "employed" },
                           &(struct change_state){ &after, LIFECYCLE_ACTIVE, "employed" }, changes);
    assert_int_equal(n, r->rule != NULL);
    if (n == 0)
        return;
    assert_string_equal(changes[0].field, user_field_name(r->field));
    assert_string_equal(change_class_name(changes[0].class), change_class_name(r->class));
    assert_string_equal(changes[0].rule, r->rule);
    assert_true(text_equal(changes[0].old, text_of(r->before)));
    assert_true(text_equal(changes[0].new, text_of(r->after)));
}

#define L(from, to, class)                                                                         \
    { LIFECYCLE_##from, LIFECYCLE_##to, CHANGE_##class }
static const struct {
    enum lifecycle from, to;
    enum change_class class;
} lifecycles[] = {
    L(ACTIVE, LEFT, LEAVERS),    L(LEAVE, LEFT, LEAVERS),       L(LEAVING, LEFT, LEAVERS),
    L(EXPECTED, LEFT, LEAVERS),  L(ACTIVE, ABSENT, LEAVERS),    L(LEAVE, ABSENT, LEAVERS),
    L(LEAVING, ABSENT, LEAVERS), L(EXPECTED, ABSENT, LEAVERS),  L(ACTIVE, EXPECTED, LEAVERS),
    L(LEAVE, EXPECTED, LEAVERS), L(LEAVING, EXPECTED, LEAVERS), L(LEFT, ACTIVE, JOINS),
    L(LEFT, EXPECTED, JOINS),    L(LEFT, LEAVE, JOINS),         L(LEFT, LEAVING, JOINS),
    L(LEFT, ABSENT, OTHER),      L(ABSENT, LEFT, OTHER),        L(ABSENT, ACTIVE, OTHER),
    L(ABSENT, LEAVE, OTHER),     L(ABSENT, LEAVING, OTHER),     L(ABSENT, EXPECTED, OTHER),
    L(EXPECTED, ACTIVE, OTHER),  L(EXPECTED, LEAVE, OTHER),     L(EXPECTED, LEAVING, OTHER),
    L(ACTIVE, LEAVE, OTHER),     L(ACTIVE, LEAVING, OTHER),     L(LEAVE, ACTIVE, OTHER),
    L(LEAVE, LEAVING, OTHER),    L(LEAVING, ACTIVE, OTHER),     L(LEAVING, LEAVE, OTHER),
};

static void a_lifecycle_counts_by_what_it_does_to_access(void **state) {
    struct user u = { .fields[USER_LAST_NAME] = TEXT_LIT("Okafor") };
    (void)state;
    assert_int_equal(RC_LEN(lifecycles), 6 * 5); /* every pair */
    for (size_t i = 0; i < RC_LEN(lifecycles); i++) {
        struct change changes[CHANGES_MAX];
        size_t n = change_find(&(struct change_state){ &u, lifecycles[i].from, "before" },
                               &(struct change_state){ &u, lifecycles[i].to, "after" }, changes);
        assert_int_equal(n, 1);
        assert_string_equal(changes[0].field, "lifecycle");
        assert_string_equal(changes[0].rule, "after");
        assert_true(text_is(changes[0].old, lifecycle_name(lifecycles[i].from)));
        assert_true(text_is(changes[0].new, lifecycle_name(lifecycles[i].to)));
        if (changes[0].class != lifecycles[i].class)
            fail_msg("%s to %s counts as %s", lifecycle_name(lifecycles[i].from),
                     lifecycle_name(lifecycles[i].to), change_class_name(changes[0].class));
    }
}

/* Whom HR called working, with no end in sight, and of whom it now says nothing. */
static const struct silent_row {
    const char *name;
    enum lifecycle from, to;
    const char *rule;
    enum change_class class;
} silents[] = {
    { "deleted while working", LIFECYCLE_ACTIVE, LIFECYCLE_LEFT, "not-found", CHANGE_UNANNOUNCED },
    { "deleted while away", LIFECYCLE_LEAVE, LIFECYCLE_LEFT, "not-found", CHANGE_UNANNOUNCED },
    { "missing without an answer", LIFECYCLE_ACTIVE, LIFECYCLE_ABSENT, "missing-unconfirmed",
      CHANGE_UNANNOUNCED },
    { "missing while away", LIFECYCLE_LEAVE, LIFECYCLE_ABSENT, "missing-unconfirmed",
      CHANGE_UNANNOUNCED },
    { "deleted with an end date stated", LIFECYCLE_LEAVING, LIFECYCLE_LEFT, "not-found",
      CHANGE_LEAVERS },
    { "missing with an end date stated", LIFECYCLE_LEAVING, LIFECYCLE_ABSENT, "missing-unconfirmed",
      CHANGE_LEAVERS },
    { "deleted before the first day", LIFECYCLE_EXPECTED, LIFECYCLE_LEFT, "not-found",
      CHANGE_LEAVERS },
    { "ended by status", LIFECYCLE_ACTIVE, LIFECYCLE_LEFT, "status-inactive", CHANGE_LEAVERS },
    { "ended by date", LIFECYCLE_ACTIVE, LIFECYCLE_LEFT, "end-date-passed", CHANGE_LEAVERS },
    { "absent already", LIFECYCLE_ABSENT, LIFECYCLE_LEFT, "not-found", CHANGE_OTHER },
};

static void who_leaves_by_silence_counts_as_unannounced(void **state) {
    const struct silent_row *r = *state;
    struct user u = { .fields[USER_LAST_NAME] = TEXT_LIT("Okafor") };
    struct change changes[CHANGES_MAX];
    assert_int_equal(change_find(&(struct change_state){ &u, r->from, "employed" },
                                 &(struct change_state){ &u, r->to, r->rule }, changes),
                     1);
    assert_string_equal(change_class_name(changes[0].class), change_class_name(r->class));
}

static void who_is_unannounced_is_a_leaver_too(void **state) {
    (void)state;
    for (int c = 0; c < CHANGE_CLASSES_N; c++)
        assert_int_equal(change_class_wider((enum change_class)c),
                         c == CHANGE_UNANNOUNCED ? CHANGE_LEAVERS : CHANGE_CLASSES_N);
}

static void a_joiner_is_one_change_and_counts_only_when_somebody_comes(void **state) {
    struct user u = { 0 };
    struct change changes[CHANGES_MAX];
    (void)state;
    for (int f = 0; f < USER_EXCLUDED; f++)
        u.fields[f] = TEXT_LIT("x");
    for (int l = LIFECYCLE_EXPECTED; l < LIFECYCLES_N; l++) {
        struct change_state after = { &u, (enum lifecycle)l, "employed" };
        assert_int_equal(change_find(NULL, &after, changes), 1);
        assert_string_equal(changes[0].field, "*");
        assert_int_equal(changes[0].old.state, TEXT_MISSING);
        assert_true(text_is(changes[0].new, lifecycle_name((enum lifecycle)l)));
        assert_int_equal(changes[0].class,
                         lifecycle_is_gone((enum lifecycle)l) ? CHANGE_OTHER : CHANGE_JOINS);
    }
    /* who arrives left out by a filter does not come */
    u.fields[USER_EXCLUDED] = TEXT_LIT("external");
    change_find(NULL, &(struct change_state){ &u, LIFECYCLE_ACTIVE, "employed" }, changes);
    assert_int_equal(changes[0].class, CHANGE_OTHER);
}

static void custom_fields_are_compared_by_name(void **state) {
    static const struct user_custom old[] = { { "custom.a", { TEXT_SET, "1", 1 } },
                                              { "custom.c", { TEXT_SET, "1", 1 } },
                                              { "custom.d", { TEXT_SET, "1", 1 } },
                                              { "custom.e", { TEXT_SET, "1", 1 } },
                                              { "custom.f", { TEXT_EMPTY, "", 0 } } };
    static const struct user_custom new[] = { { "custom.b", { TEXT_SET, "2", 1 } },
                                              { "custom.c", { TEXT_SET, "2", 1 } },
                                              { "custom.d", { TEXT_SET, "1", 1 } },
                                              { "custom.e", { TEXT_EMPTY, "", 0 } },
                                              { "custom.g", { TEXT_EMPTY, "", 0 } } };
    static const struct {
        const char *field, *rule;
        enum change_class class;
    } want[] = { { "custom.a", "unmapped", CHANGE_OTHER },
                 { "custom.b", "hr-states", CHANGE_OTHER },
                 { "custom.c", "hr-states", CHANGE_OTHER },
                 { "custom.e", "hr-cleared", CHANGE_CLEARED } };
    struct user before = { .custom = old, .custom_n = RC_LEN(old) },
                after = { .custom = new, .custom_n = RC_LEN(new) };
    struct change changes[CHANGES_MAX];
    (void)state;
    size_t n = change_find(&(struct change_state){ &before, LIFECYCLE_ACTIVE, "a" },
                           &(struct change_state){ &after, LIFECYCLE_ACTIVE, "a" }, changes);
    assert_int_equal(n, RC_LEN(want));
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(changes[i].field, want[i].field);
        assert_string_equal(changes[i].rule, want[i].rule);
        assert_int_equal(changes[i].class, want[i].class);
    }
}

static void everything_at_once_is_one_change_a_field(void **state) {
    static char names[2 * USER_CUSTOM_MAX][16];
    struct user_custom old[USER_CUSTOM_MAX], new[USER_CUSTOM_MAX];
    struct user before = { .custom = old, .custom_n = USER_CUSTOM_MAX },
                after = { .custom = new, .custom_n = USER_CUSTOM_MAX };
    struct change changes[CHANGES_MAX];
    (void)state;
    for (int f = 0; f < USER_FIELDS_N; f++) {
        before.fields[f] = TEXT_LIT("x");
        after.fields[f] = TEXT_LIT("y");
    }
    for (size_t i = 0; i < RC_LEN(names); i++) {
        snprintf(names[i], sizeof names[i], "custom.%03zu", i);
        (i % 2 == 0 ? old : new)[i / 2] = (struct user_custom){ names[i], TEXT_LIT("x") };
    }
    size_t n = change_find(&(struct change_state){ &before, LIFECYCLE_ACTIVE, "a" },
                           &(struct change_state){ &after, LIFECYCLE_LEFT, "b" }, changes);
    assert_int_equal(n, CHANGES_MAX);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(changes[i].field, changes[j].field);
}

static const struct sentence_row {
    const char *name, *field, *old, *new, *rule, *want;
} sentences[] = {
    { "a joiner", "*", NULL, "active", "joined", "joins, active" },
    { "another value", "last_name", "Okafor", "Meyer", "hr-states",
      "last_name: Okafor -> Meyer (HR states another value)" },
    { "a first value", "manager", NULL, "17", "hr-states",
      "manager: (nothing) -> 17 (HR states another value)" },
    { "a cleared one", "job_title", "Welder", "", "hr-cleared",
      "job_title: Welder -> (nothing) (HR has emptied it)" },
    { "further teams", "secondary_teams", "team:1", "department=A, B\x1fteam:1", "hr-states",
      "secondary_teams: team:1 -> department=A, B, team:1 (HR states another value)" },
    { "a filter", "excluded", NULL, "external", "filter-excludes",
      "excluded: (nothing) -> external (a filter of the mapping leaves this person out)" },
    { "no filter any more", "excluded", "external", NULL, "filter-includes",
      "excluded: external -> (nothing) (no filter of the mapping leaves this person out any more)" },
    { "a rule that went away", "custom.badge", "Staff", NULL, "unmapped",
      "custom.badge: Staff -> (nothing) (the mapping does not fill it any more)" },
    { "a lifecycle", "lifecycle", "active", "left", "status-inactive",
      "lifecycle: active -> left (HR's status is inactive)" },
    { "a percent sign is only that", "job_title", "100 %s", "%n", "hr-states",
      "job_title: 100 %s -> %n (HR states another value)" },
};

static void the_sentence_names_field_values_and_reason(void **state) {
    const struct sentence_row *r = *state;
    struct buf b;
    buf_init(&b, 1000);
    change_sentence(r->field, text_of(r->old), text_of(r->new), r->rule, &b);
    bool same = strcmp(b.ptr, r->want) == 0;
    if (!same)
        print_error("%s\n", b.ptr);
    buf_done(&b);
    assert_true(same);
}

static void classes_read_back_and_have_a_title(void **state) {
    (void)state;
    for (int c = 0; c < CHANGE_CLASSES_N; c++) {
        const char *name = change_class_name((enum change_class)c);
        assert_int_equal(change_class_parse(text_of(name)), c);
        assert_true(strlen(change_class_title((enum change_class)c)) > 0);
        assert_true(strlen(change_class_meaning((enum change_class)c)) > 0);
    }
    assert_string_equal(change_class_name(CHANGE_LEAVERS), "leavers");
    assert_int_equal(change_class_parse(TEXT_LIT("Leavers")), CHANGE_CLASSES_N);
    assert_int_equal(change_class_parse(missing), CHANGE_CLASSES_N);
    assert_int_equal(change_class_parse(empty), CHANGE_CLASSES_N);
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(fields) + RC_LEN(sentences) + RC_LEN(silents) + 6];
    size_t n = 0;
    ADD_ROWS(tests, n, fields, a_field_gives_one_change_of_its_class);
    ADD_ROWS(tests, n, sentences, the_sentence_names_field_values_and_reason);
    ADD_ROWS(tests, n, silents, who_leaves_by_silence_counts_as_unannounced);
    ADD_TEST(tests, n, who_is_unannounced_is_a_leaver_too);
    ADD_TEST(tests, n, a_lifecycle_counts_by_what_it_does_to_access);
    ADD_TEST(tests, n, a_joiner_is_one_change_and_counts_only_when_somebody_comes);
    ADD_TEST(tests, n, custom_fields_are_compared_by_name);
    ADD_TEST(tests, n, everything_at_once_is_one_change_a_field);
    ADD_TEST(tests, n, classes_read_back_and_have_a_title);
    return RUN_TESTS(tests, n);
}
