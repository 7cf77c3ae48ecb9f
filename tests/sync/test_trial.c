/* What a mapping would do, before it is saved and before it counts. */
#include "tests/sync/maps.h"
#include "sync/trial.h"

/* ---- before it is saved ---- */

static const struct check_row {
    const char *name, *text;
    bool is_listed, is_dead; /* HR was listed; HR cannot be asked */
    enum rc_code want;
    enum mapped_keys keys;
    unsigned asked; /* times */
} checks[] = {
    { "without keys nobody is asked", "job_title = office\n", false, true, RC_OK, MAPPED_KEYS_NONE,
      0 },
    { "a known key is known from the listing", "custom.a = custom(\"k1\")\n", true, true, RC_OK,
      MAPPED_KEYS_LISTED, 0 },
    { "an unknown one is asked for", "custom.a = custom(\"k9\")\n", true, false, RC_INVALID,
      MAPPED_KEYS_ASKED, 1 },
    { "and is unknown where nobody answers", "custom.a = custom(\"k9\")\n", true, true, RC_INVALID,
      MAPPED_KEYS_LISTED, 1 },
    { "before the first listing HR is asked", "custom.a = custom(\"k1\")\n", false, false, RC_OK,
      MAPPED_KEYS_ASKED, 1 },
    { "and says no", "custom.a = custom(\"k9\")\n", false, false, RC_INVALID, MAPPED_KEYS_ASKED,
      1 },
    { "or cannot be asked, which is no error", "custom.a = custom(\"k9\")\n", false, true, RC_OK,
      MAPPED_KEYS_UNCHECKED, 1 },
    { "other mistakes come first", "custom.a = custom(\"k9\") +\n", false, false, RC_INVALID,
      MAPPED_KEYS_UNCHECKED, 0 },
};

static void keys_are_held_against_what_may_be_read(void **state) {
    struct world *w = *state;
    const struct check_row *r = w->row;
    struct mapped_checked k;
    w->attributes[3] = "k1";
    if (r->is_listed)
        world_begin(w, 3);
    unsigned before = w->hr.rights_n;
    w->hr.rights_fault.code = r->is_dead ? RC_RETRY : RC_OK;
    struct integration in = maps_integration(w);
    enum rc_code rc = mapped_check(&in, text_of(r->text),
                                   &(struct mapped_source){ .clock = &w->clock, .ops = &w->hr.ops },
                                   &w->bed->a, &k, &w->err);
    assert_string_equal(rc_code_name(rc), rc_code_name(r->want));
    assert_int_equal(k.keys, r->keys);
    assert_int_equal(w->hr.rights_n - before, r->asked);
    assert_int_equal(k.not_asked.code != RC_OK, r->is_dead && r->asked > 0);
    if (rc == RC_OK)
        assert_non_null(k.mapping);
    else if (r->asked > 0)
        assert_string_equal(k.findings.list[0].code, "unknown-key");
}

/* ---- trying ---- */

static const struct trial_row {
    const char *name, *text;
    bool held;
} trials[] = {
    { "nobody changes", "job_title = job_title\n", false },
    { "titles", "job_title = upper(job_title)\n", false },
    { "everybody is left out", "exclude when office == \"Bremen\"\n", true },
    { "one person", "email = if id == \"3\" then \"new@x.org\" else email\n", false },
    { "values are emptied", "primary_location = if id == \"3\" then \"\" else office.name\n",
      false },
    { "teams and managers", "primary_team = group(\"unit\", office)\nmanager = unmapped\n", true },
    { "leavers", "status = if id in [\"3\", \"4\"] then \"inactive\" else status\n", false },
    { "own fields", "custom.a = office\ncustom.b = if id == \"3\" then \"x\" else \"\"\n", false },
};

static void a_trial_counts_what_the_run_counts(void **state) {
    struct world *w = *state;
    const struct trial_row *row = w->row;
    const char *text = row->text;
    struct trial t;
    const struct mapping *m = maps_parsed(w, text);
    world_begin(w, 40);
    struct integration in = maps_integration(w);
    world_writes(w);
    OK(trial_run(w->bed->st, &w->company, &in, m, &w->clock, &w->bed->a, &t, &why));
    assert_int_equal(world_writes(w), 0);
    struct run r = maps_activated(w, maps_draft(w, text));
    assert_int_equal(r.state == RUN_HELD, row->held);
    assert_int_equal(t.verdict.held, row->held);
    assert_int_equal(t.read, r.counts.read);
    assert_int_equal(t.changed, r.counts.changed);
    assert_memory_equal(t.classes, r.counts.classes, sizeof t.classes);
    assert_memory_equal(t.fields, r.counts.fields, sizeof t.fields);
    assert_int_equal(t.custom_n, r.counts.custom_n);
    for (size_t i = 0; i < t.custom_n; i++) {
        assert_string_equal(t.custom[i].name, r.counts.custom[i].name);
        assert_int_equal(t.custom[i].people, r.counts.custom[i].people);
    }
    struct buf b;
    buf_init(&b, 1 << 16);
    guard_write(&t.verdict, &t.input, &t.limits, &b);
    assert_true(text_equal(text_from(b.ptr, b.len), r.verdict));
    buf_done(&b);
}

static const struct trial_reason *reason(const struct trial_person *p, const char *word) {
    for (size_t i = 0; i < p->reasons_n; i++)
        if (strcmp(p->reasons[i].word, word) == 0)
            return &p->reasons[i];
    return NULL;
}

static void the_strangest_are_those_whom_few_resemble(void **state) {
    struct world *w = *state;
    struct trial t;
    const struct mapping *m = maps_parsed(
        w, "job_title = if id == \"9\" then \"\" else if id == \"12\" then \"Captain\" else "
           "upper(job_title)\n"
           "exclude when id in [\"20\", \"21\"] because \"of this\"\n"
           "status = if id == \"7\" then \"inactive\" else status\n");
    world_begin(w, 40);
    struct integration in = maps_integration(w);
    OK(trial_run(w->bed->st, &w->company, &in, m, &w->clock, &w->bed->a, &t, &why));
    /* who loses access; who alone loses a value; those left out; and three of all those whose title
     * only changes, the one with a title of his own in front */
    static const char *const order[] = { "7", "9", "20", "21", "12", "1", "2" };
    assert_int_equal(t.strangest_n, RC_LEN(order));
    for (size_t i = 0; i < RC_LEN(order); i++)
        if (!text_is(t.strangest[i].source_id, order[i]))
            fail_msg("%.*s stands where %s should", TEXT_ARG(t.strangest[i].source_id), order[i]);
    assert_non_null(reason(&t.strangest[0], "loses-access"));
    assert_says(reason(&t.strangest[2], "excluded")->text, "of this");
    assert_says(reason(&t.strangest[1], "loses-value")->text, "loses job_title; nobody else does");
    assert_string_equal(reason(&t.strangest[4], "only-value")->field, "job_title");
    assert_true(text_is(t.strangest[4].name, "First12 Last12"));
    assert_true(text_is(t.strangest[4].changes[0].is.old, "Welder"));
    assert_true(text_is(t.strangest[4].changes[0].is.new, "Captain"));
    assert_int_equal(t.cleared, 1);
    assert_int_equal(t.excluded, 2);
}

static void teams_and_managers_of_the_strangest_are_named(void **state) {
    struct world *w = *state;
    struct trial t;
    const struct mapping *m = maps_parsed(
        w, "primary_team = if id == \"5\" then group(\"unit\", office) else department\n");
    world_begin(w, 10);
    struct integration in = maps_integration(w);
    OK(trial_run(w->bed->st, &w->company, &in, m, &w->clock, &w->bed->a, &t, &why));
    assert_int_equal(t.strangest_n, 1);
    assert_true(text_is(t.strangest[0].changes[0].old_name, "Dock"));
    assert_true(text_is(t.strangest[0].changes[0].new_name, "Bremen"));
}

static void what_was_never_read_is_said(void **state) {
    struct world *w = *state;
    struct trial t;
    world_begin(w, 3);
    struct integration in = maps_integration(w);
    OK(trial_run(w->bed->st, &w->company, &in, maps_parsed(w, "custom.kind = employment_type\n"),
                 &w->clock, &w->bed->a, &t, &why));
    assert_string_equal(t.unread, "employment_type");
    assert_true(t.lists_first);
    assert_int_equal(t.changed, 0);
}

int main(int argc, char **argv) {
    enum { SINGLE = 3 };
    struct CMUnitTest tests[SINGLE + RC_LEN(checks) + RC_LEN(trials)] = {
        WORLD_TEST(the_strangest_are_those_whom_few_resemble),
        WORLD_TEST(teams_and_managers_of_the_strangest_are_named),
        WORLD_TEST(what_was_never_read_is_said),
    };
    size_t n = SINGLE;
    WORLD_ROWS(tests, n, checks, keys_are_held_against_what_may_be_read);
    WORLD_ROWS(tests, n, trials, a_trial_counts_what_the_run_counts);
    return PLACE_RUN(tests, argc, argv);
}
