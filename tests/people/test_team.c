#include "tests/base/helper.h"
#include "people/team.h"

static struct arena arena;
#define T(s)                                                                                       \
    { TEXT_SET, s, sizeof s - 1 }
#define KEY T("department:1")

static const struct row {
    const char *name;
    struct team_facts facts;
    const char *setting; /* "no" of what */
    enum team_verb verb;
    const char *code;
    enum decide_ref_state ref;
    const char *links, *says;
} rows[] = {
    { "a new team is made",
      { .key = KEY, .name = T("Works"), .is_stated = true, .looked_up = true },
      "",
      TEAM_CREATE,
      "team-new",
      DECIDE_REF_AWAITED,
      NULL,
      "Works" },
    { "... not before the platform was looked through",
      { .key = KEY, .name = T("Works"), .is_stated = true },
      "",
      TEAM_NOTHING,
      "team-not-looked-up",
      DECIDE_REF_AWAITED,
      NULL,
      "Works" },
    { "... not when a setting says so",
      { .key = KEY, .name = T("Works"), .is_stated = true, .looked_up = true },
      "create-teams",
      TEAM_NOTHING,
      "team-not-made",
      DECIDE_REF_UNAVAILABLE,
      NULL,
      "Works" },
    { "... not without a name",
      { .key = KEY, .is_stated = true, .looked_up = true },
      "",
      TEAM_NOTHING,
      "team-without-name",
      DECIDE_REF_UNAVAILABLE,
      NULL,
      "department:1" },
    { "... not for nobody",
      { .key = KEY, .name = T("Works"), .looked_up = true },
      "",
      TEAM_NOTHING,
      "team-not-stated",
      DECIDE_REF_UNKNOWN,
      NULL,
      NULL },
    { "one that carries our id is ours",
      { .key = KEY, .name = T("Works"), .is_stated = true, .twin_id = T("7") },
      "",
      TEAM_NOTHING,
      "team-ours",
      DECIDE_REF_PRESENT,
      "7",
      "7" },
    { "the only one of the name is linked",
      { .key = KEY,
        .name = T("Works"),
        .is_stated = true,
        .looked_up = true,
        .same_name_n = 1,
        .same_name_id = T("9") },
      "",
      TEAM_ADOPT,
      "team-adopted",
      DECIDE_REF_PRESENT,
      "9",
      "9" },
    { "... unless another connector looks after it",
      { .key = KEY,
        .name = T("Works"),
        .is_stated = true,
        .looked_up = true,
        .same_name_n = 1,
        .same_name_id = T("9"),
        .same_name_is_foreign = true },
      "",
      TEAM_NOTHING,
      "team-taken",
      DECIDE_REF_TAKEN,
      NULL,
      "left alone" },
    { "... or a setting says no",
      { .key = KEY,
        .name = T("Works"),
        .is_stated = true,
        .looked_up = true,
        .same_name_n = 1,
        .same_name_id = T("9") },
      "adopt-teams",
      TEAM_NOTHING,
      "team-taken",
      DECIDE_REF_TAKEN,
      NULL,
      "left alone" },
    { "two of the name are told",
      { .key = KEY, .name = T("Works"), .is_stated = true, .looked_up = true, .same_name_n = 2 },
      "",
      TEAM_NOTHING,
      "team-ambiguous",
      DECIDE_REF_AMBIGUOUS,
      NULL,
      "2 teams" },

    { "... also by what is remembered of an earlier look",
      { .key = KEY,
        .name = T("Works"),
        .is_stated = true,
        .is_remembered = true,
        .same_name_n = 2 },
      "",
      TEAM_NOTHING,
      "team-ambiguous",
      DECIDE_REF_AMBIGUOUS,
      NULL,
      "2 teams" },
    { "nor is one made where there was none",
      { .key = KEY, .name = T("Works"), .is_stated = true, .is_remembered = true },
      "create-teams",
      TEAM_NOTHING,
      "team-not-made",
      DECIDE_REF_UNAVAILABLE,
      NULL,
      "Works" },
    { "... but before one is made it is looked once more",
      { .key = KEY, .name = T("Works"), .is_stated = true, .is_remembered = true },
      "",
      TEAM_NOTHING,
      "team-not-looked-up",
      DECIDE_REF_AWAITED,
      NULL,
      "Works" },
    { "... and before one is linked",
      { .key = KEY,
        .name = T("Works"),
        .is_stated = true,
        .is_remembered = true,
        .same_name_n = 1,
        .same_name_id = T("9") },
      "",
      TEAM_NOTHING,
      "team-not-looked-up",
      DECIDE_REF_AWAITED,
      NULL,
      "Works" },

    { "another name in HR is another name there",
      { .key = KEY,
        .name = T("Works North"),
        .is_stated = true,
        .origin = TEAM_OURS,
        .remote_id = T("5"),
        .remote_name = T("Works") },
      "",
      TEAM_RENAME,
      "team-renamed",
      DECIDE_REF_PRESENT,
      NULL,
      "Works -> Works North" },
    { "... but not to a name that was undone",
      { .key = KEY,
        .name = T("Works"),
        .is_stated = true,
        .origin = TEAM_OURS,
        .remote_id = T("7"),
        .remote_name = T("Old works"),
        .members_n = 3,
        .pinned_name = T("Works"),
        .pinned_run_id = 12 },
      "",
      TEAM_NOTHING,
      "team-pinned",
      DECIDE_REF_PRESENT,
      NULL,
      "run 12 has undone Works" },
    { "... which holds for that name only",
      { .key = KEY,
        .name = T("Yard"),
        .is_stated = true,
        .origin = TEAM_OURS,
        .remote_id = T("7"),
        .remote_name = T("Old works"),
        .members_n = 3,
        .pinned_name = T("Works"),
        .pinned_run_id = 12 },
      "",
      TEAM_RENAME,
      "team-renamed",
      DECIDE_REF_PRESENT,
      NULL,
      "Yard" },
    { "an adopted one is renamed too",
      { .key = KEY,
        .name = T("Works North"),
        .is_stated = true,
        .origin = TEAM_ADOPTED,
        .remote_id = T("5"),
        .remote_name = T("Works") },
      "",
      TEAM_RENAME,
      "team-renamed",
      DECIDE_REF_PRESENT,
      NULL,
      NULL },
    { "the same name is no rename",
      { .key = KEY,
        .name = T("Works"),
        .is_stated = true,
        .origin = TEAM_OURS,
        .remote_id = T("5"),
        .remote_name = T("Works") },
      "",
      TEAM_NOTHING,
      "in-step",
      DECIDE_REF_PRESENT,
      NULL,
      NULL },
    { "a name that HR does not state renames nothing",
      { .key = KEY,
        .is_stated = true,
        .origin = TEAM_OURS,
        .remote_id = T("5"),
        .remote_name = T("Works") },
      "",
      TEAM_NOTHING,
      "in-step",
      DECIDE_REF_PRESENT,
      NULL,
      NULL },
    { "an empty one is kept",
      { .key = KEY, .origin = TEAM_OURS, .remote_id = T("5"), .remote_name = T("Works") },
      "",
      TEAM_NOTHING,
      "team-not-stated",
      DECIDE_REF_PRESENT,
      NULL,
      "Works" },
    { "an empty one of ours is deleted by a setting",
      { .key = KEY, .origin = TEAM_OURS, .remote_id = T("5"), .remote_name = T("Works") },
      "prune",
      TEAM_DELETE,
      "team-pruned",
      DECIDE_REF_UNAVAILABLE,
      NULL,
      "Works" },
    { "... not while somebody is in it",
      { .key = KEY,
        .origin = TEAM_OURS,
        .remote_id = T("5"),
        .remote_name = T("Works"),
        .members_n = 1 },
      "prune",
      TEAM_NOTHING,
      "team-not-stated",
      DECIDE_REF_PRESENT,
      NULL,
      NULL },
    { "... not while that is not known",
      { .key = KEY,
        .origin = TEAM_OURS,
        .remote_id = T("5"),
        .remote_name = T("Works"),
        .members_n = -1 },
      "prune",
      TEAM_NOTHING,
      "team-not-stated",
      DECIDE_REF_PRESENT,
      NULL,
      NULL },
    { "... not while HR states it",
      { .key = KEY,
        .is_stated = true,
        .origin = TEAM_OURS,
        .remote_id = T("5"),
        .remote_name = T("Works") },
      "prune",
      TEAM_NOTHING,
      "in-step",
      DECIDE_REF_PRESENT,
      NULL,
      NULL },
    { "one made by hand is never deleted",
      { .key = KEY, .origin = TEAM_ADOPTED, .remote_id = T("5"), .remote_name = T("Works") },
      "prune",
      TEAM_NOTHING,
      "team-not-stated",
      DECIDE_REF_PRESENT,
      NULL,
      NULL },
    { "one deleted there is not made again unasked",
      { .key = KEY,
        .name = T("Works"),
        .is_stated = true,
        .looked_up = true,
        .origin = TEAM_OURS,
        .remote_id = T("5"),
        .remote_name = T("Works"),
        .was_deleted = true },
      "",
      TEAM_NOTHING,
      "team-deleted-there",
      DECIDE_REF_DELETED,
      NULL,
      "Works" },
    { "... but one of its name that somebody has made there since is linked",
      { .key = KEY,
        .name = T("Works"),
        .is_stated = true,
        .looked_up = true,
        .origin = TEAM_OURS,
        .remote_id = T("5"),
        .remote_name = T("Works"),
        .same_name_n = 1,
        .same_name_id = T("9"),
        .was_deleted = true },
      "",
      TEAM_ADOPT,
      "team-adopted",
      DECIDE_REF_PRESENT,
      "9",
      NULL },
    { "... unless teams are not linked",
      { .key = KEY,
        .name = T("Works"),
        .is_stated = true,
        .looked_up = true,
        .origin = TEAM_OURS,
        .remote_id = T("5"),
        .remote_name = T("Works"),
        .same_name_n = 1,
        .same_name_id = T("9"),
        .was_deleted = true },
      "adopt-teams",
      TEAM_NOTHING,
      "team-deleted-there",
      DECIDE_REF_DELETED,
      NULL,
      "Works" },
    { "... or it is another connector's",
      { .key = KEY,
        .name = T("Works"),
        .is_stated = true,
        .looked_up = true,
        .origin = TEAM_OURS,
        .remote_id = T("5"),
        .remote_name = T("Works"),
        .same_name_n = 1,
        .same_name_id = T("9"),
        .same_name_is_foreign = true,
        .was_deleted = true },
      "",
      TEAM_NOTHING,
      "team-deleted-there",
      DECIDE_REF_DELETED,
      NULL,
      "Works" },
    { "... or there are two",
      { .key = KEY,
        .name = T("Works"),
        .is_stated = true,
        .looked_up = true,
        .origin = TEAM_OURS,
        .remote_id = T("5"),
        .remote_name = T("Works"),
        .same_name_n = 2,
        .same_name_id = T("9"),
        .was_deleted = true },
      "",
      TEAM_NOTHING,
      "team-deleted-there",
      DECIDE_REF_DELETED,
      NULL,
      "Works" },
    { "... and is when somebody approves it",
      { .key = KEY,
        .name = T("Works"),
        .is_stated = true,
        .looked_up = true,
        .origin = TEAM_OURS,
        .remote_id = T("5"),
        .remote_name = T("Works"),
        .was_deleted = true,
        .may_recreate = true },
      "",
      TEAM_CREATE,
      "team-new",
      DECIDE_REF_AWAITED,
      NULL,
      NULL },
    { "teams that are the platform's are left to it",
      { .key = KEY, .name = T("Works"), .is_stated = true, .looked_up = true },
      "owner",
      TEAM_NOTHING,
      "team-owned-there",
      DECIDE_REF_UNAVAILABLE,
      NULL,
      NULL },
};

static void it_is_decided_so(void **state) {
    const struct row *r = *state;
    struct policy p = policy_default;
    struct team_decision d;
    arena_init(&arena);
    p.creates_teams = strcmp(r->setting, "create-teams") != 0;
    p.adopts_teams = strcmp(r->setting, "adopt-teams") != 0;
    p.prunes_teams = strcmp(r->setting, "prune") == 0;
    if (strcmp(r->setting, "owner") == 0)
        p.owners[USER_PRIMARY_TEAM] = POLICY_NEVER;
    team_decide(&r->facts, &p, &arena, &d);
    assert_string_equal(team_verb_name(d.verb), team_verb_name(r->verb));
    assert_string_equal(d.code, r->code);
    assert_int_equal(d.ref.state, r->ref);
    assert_int_equal(d.sentence.state, TEXT_SET);
    assert_true(r->links == NULL ? d.links.state == TEXT_MISSING : text_is(d.links, r->links));
    if (r->says != NULL)
        assert_non_null(memmem(d.sentence.ptr, d.sentence.len, r->says, strlen(r->says)));
    arena_done(&arena);
}

/* What helps is another thing by other settings; all of it has to be said. */
static void who_waits_for_names_is_told_what_helps(void **state) {
    static const struct {
        bool creates, adopts;
        size_t same_name_n;
        bool is_foreign;
        const char *code, *helps;
    } cases[] = {
        { true, true, 2, false, "team-ambiguous",
          "all but one of them there; the one that is left" },
        { false, true, 2, false, "team-ambiguous",
          "all but one of them there; the one that is left" },
        { true, false, 2, false, "team-ambiguous", "all of them there, and one is made" },
        { false, false, 2, false, "team-ambiguous", "adopt-teams=yes, and renaming" },
        { true, true, 1, true, "team-taken", "connector away there; or another name" },
        { false, false, 1, true, "team-taken", "away there, with adopt-teams=yes; or" },
        { true, false, 1, false, "team-taken", "name for it there, and one is made" },
        { false, false, 1, false, "team-taken", "name for it there, with create-teams=yes" },
        { false, true, 0, false, "team-not-made", "which is linked; or the setting create-teams" },
        { false, false, 0, false, "team-not-made", "create-teams=yes; or adopt-teams=yes, and" },
    };
    (void)state;
    for (size_t i = 0; i < RC_LEN(cases); i++) {
        struct policy p = policy_default;
        struct team_decision d;
        struct team_facts f = { .key = KEY,
                                .name = T("Works"),
                                .is_stated = true,
                                .looked_up = true,
                                .same_name_n = cases[i].same_name_n,
                                .same_name_id = T("9"),
                                .same_name_is_foreign = cases[i].is_foreign };
        arena_init(&arena);
        p.creates_teams = cases[i].creates;
        p.adopts_teams = cases[i].adopts;
        team_decide(&f, &p, &arena, &d);
        assert_string_equal(d.code, cases[i].code);
        assert_true(d.by_names && d.waits != DECIDE_WAITS_FOR_NOTHING);
        assert_true(text_is(d.ref.remote_id, "Works"));
        if (memmem(d.remedy.ptr, d.remedy.len, cases[i].helps, strlen(cases[i].helps)) == NULL)
            fail_msg("%zu: %.*s", i, TEXT_ARG(d.remedy));
        arena_done(&arena);
    }
}

static const char *page;

static void the_page_explains_the_codes_of_teams_and_no_others(void **state) {
    size_t known = 0, explained = 0;
    (void)state;
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        char row[80];
        bool again = false;
        snprintf(row, sizeof row, "\n| `%s` | ", rows[i].code);
        if (strstr(page, row) == NULL)
            fail_msg("docs/deciding.md does not explain %s", rows[i].code);
        for (size_t k = 0; k < i; k++)
            again |= strcmp(rows[i].code, rows[k].code) == 0;
        known += !again && strncmp(rows[i].code, "team-", 5) == 0;
    }
    for (const char *at = page; (at = strstr(at, "\n| `team-")) != NULL; at++)
        explained++;
    assert_int_equal(explained, known);
}

int main(int argc, char **argv) {
    static char text[1 << 16];
    struct CMUnitTest tests[RC_LEN(rows) + 2];
    size_t n = 0;
    FILE *f = argc > 1 ? fopen(argv[1], "rb") : NULL;
    if (f == NULL || fread(text, 1, sizeof text - 1, f) == 0)
        return 2;
    fclose(f);
    page = text;
    ADD_ROWS(tests, n, rows, it_is_decided_so);
    ADD_TEST(tests, n, who_waits_for_names_is_told_what_helps);
    ADD_TEST(tests, n, the_page_explains_the_codes_of_teams_and_no_others);
    return RUN_TESTS(tests, n);
}
