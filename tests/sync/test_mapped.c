/* Another mapping is made to count: over those who are stored, guarded, and in the transaction that
 * applies the run; what is wrong with it is told before. */
#include <stdio.h>
#include "tests/sync/world.h"
#include "store/mapping_text.h"
#include "sync/mapped.h"
#include "sync/trial.h"

/* ---- drafts, and what is done with them ---- */

static int64_t draft(struct world *w, const char *text) {
    struct mapping_text t = { .source = text_of(text), .made_by = text_of("mira"), .made_us = T0 };
    int64_t id;
    OK(mapping_text_add(w->bed->st, w->bed->company_id, w->bed->in.integration_id, &t, &id, &why));
    return id;
}

static struct integration integration(struct world *w) {
    struct integration in;
    struct bed *b = w->bed;
    OK(integration_get(b->st, b->company_id, b->in.integration_id, b->key, &b->a, &in, &why));
    return in;
}

static enum rc_code activate(struct world *w, int64_t id, bool preview, struct run *ret) {
    struct integration in = integration(w);
    struct mapped_options o = { .mapping_id = id, .preview = preview, .clock = &w->clock };
    clock_fake_move(&w->fake, (int64_t)HOUR_S * 1000000);
    return mapped_activate(w->bed->st, w->bed->key, &w->company, &in, &o, &w->bed->a, ret, &w->err);
}

static struct run activated(struct world *w, int64_t id) {
    struct run r;
    if (activate(w, id, false, &r) != RC_OK)
        fail_msg("activating %lld: %s", (long long)id, w->err.text);
    return r;
}

static void assert_refused(struct world *w, int64_t id, const char *name, const char *words) {
    struct run r;
    assert_int_not_equal(activate(w, id, false, &r), RC_OK);
    assert_string_equal(w->err.name, name);
    assert_says(text_of(w->err.text), words);
}

static int64_t active(struct world *w) {
    struct mapping_text t = { 0 };
    (void)mapping_text_active(w->bed->st, w->bed->company_id, w->bed->in.integration_id, &w->bed->a,
                              &t, NULL);
    return t.mapping_id;
}

static const struct mapping *mapping(struct world *w, const char *text) {
    const struct mapping *m = NULL;
    struct rc_error err = { 0 };
    if (mapping_parse(text_of(text), NULL, &w->bed->a, &m, NULL, &err) != RC_OK)
        fail_msg("%s: %s", text, err.text);
    return m;
}

/* ---- what is stored ---- */

static const struct stored_row {
    const char *name, *current, *wanted, *missing; /* NULL: all of it is stored */
} stored[] = {
    { "the same is stored", "", "", NULL },
    { "less is stored", "job_title = unmapped\n", "job_title = unmapped\navatar = unmapped\n",
      NULL },
    { "an attribute that nobody read is not", "", "custom.kind = employment_type\n",
      "employment_type" },
    { "a key that nobody read is not", "custom.a = custom(\"k1\")\n",
      "custom.a = custom(\"k1\") + custom(\"k2\")\n", "custom(\"k2\")" },
    { "a key that was read is, under any name", "custom.a = custom(\"k1\")\n",
      "custom.b = custom(\"k1\")\n", NULL },
    { "an office's name is stored by whoever reads its id", "primary_location = office.id\n",
      "primary_location = office\n", NULL },
    { "a legal entity's too", "custom.e = legal_entity.id\n",
      "exclude when legal_entity == \"ACME\"\ncustom.e = legal_entity.id\n", NULL },
    { "a cost centre's too, though it is a team elsewhere", "secondary_teams = [cost_centre]\n",
      "secondary_teams = [cost_centre]\ncustom.c = cost_centre\n", NULL },
    { "a department's name lives on the team", "", "job_title = department\n", "department" },
    { "a team's as well", "primary_team = team\n", "primary_team = team\njob_title = team\n",
      "team" },
    { "a department's name that was a text is stored", "custom.d = department\n",
      "custom.e = upper(department)\n", NULL },
    { "its id is enough where no name is wanted", "", "custom.d = department.id\n", NULL },
};

static void what_is_stored_is_known_exactly(void **state) {
    struct world *w = *state;
    const struct stored_row *r = w->row;
    const char *missing = "?";
    bool is = mapped_is_stored(mapping(w, r->current), mapping(w, r->wanted), &w->bed->a, &missing);
    assert_int_equal(is, r->missing == NULL);
    if (r->missing != NULL)
        assert_string_equal(missing, r->missing);
    else
        assert_null(missing);
}

/* And what it says is so: those who are stored give the same as a listing would. */
static void what_is_stored_is_enough(void **state) {
    struct world *w = *state;
    const struct stored_row *r = w->row;
    struct run run;
    world_limits(w, "{\"team\":{\"run\":[1000,0]},\"location\":{\"run\":[1000,0]},"
                    "\"cleared\":{\"run\":[1000,0]},\"excluded\":{\"run\":[1000,0]}}");
    world_fill(w, 8);
    world_put(w, "2", "cost_centre=KST 1#31");
    world_put(w, "3", "legal_entity=ACME#81");
    world_put(w, "4", "team=Night#77");
    world_put(w, "5", "k1=one");
    world_put(w, "6", "employment_type=internal");
    activated(w, draft(w, r->current));
    run = world_import(w);
    world_approve(w, run.run_id);
    int64_t id = draft(w, r->wanted);
    enum rc_code rc = activate(w, id, false, &run);
    if (r->missing != NULL) {
        assert_int_equal(rc, RC_CONFLICT);
        assert_string_equal(w->err.name, "mapping.reads-more");
        assert_says(text_of(w->err.text), r->missing);
        return;
    }
    assert_int_equal(rc, RC_OK);
    if (run.state == RUN_HELD)
        world_approve(w, run.run_id);
    const char *remapped = world_directory(w);
    run = world_import(w);
    assert_int_equal(run.counts.changed, 0);
    assert_string_equal(world_directory(w), remapped);
}

/* ---- activating ---- */

static void a_mapping_counts_at_once_where_nobody_is_stored(void **state) {
    struct world *w = *state;
    int64_t id = draft(w, "job_title = upper(job_title)\n");
    struct run r = activated(w, id);
    assert_int_equal(r.run_id, 0);
    assert_int_equal(active(w), id);
    world_begin(w, 3);
    assert_true(text_is(world_user(w, "2", USER_JOB_TITLE), "WELDER"));
}

static void everybody_is_looked_at_through_it_and_hr_is_not_asked(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    unsigned lists = w->hr.lists_n, gets = w->hr.gets_n;
    int64_t id = draft(w, "job_title = upper(job_title)\n");
    struct run r = activated(w, id);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.kind, RUN_REMAP);
    assert_int_equal(r.counts.read, 20);
    assert_int_equal(r.counts.changed, 20);
    assert_int_equal(r.counts.fields[USER_JOB_TITLE], 20);
    assert_true(text_is(world_user(w, "7", USER_JOB_TITLE), "WELDER"));
    assert_int_equal(active(w), id);
    assert_int_equal(w->hr.lists_n, lists);
    assert_int_equal(w->hr.gets_n, gets);
    r = world_import(w);
    assert_int_equal(r.counts.unchanged, 20);
}

static void what_changes_nobody_writes_nothing_about_people(void **state) {
    struct world *w = *state;
    world_begin(w, 10);
    world_writes(w);
    struct run r = activated(w, draft(w, "job_title = job_title ?? \"\"\n"));
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.unchanged, 10);
    assert_int_equal(world_writes(w), 0);
}

static void a_preview_and_a_hold_change_nothing_yet(void **state) {
    struct world *w = *state;
    struct run r;
    world_begin(w, 40);
    const char *before = world_directory(w);
    int64_t id = draft(w, "exclude when office == \"Bremen\"\n");
    OK(activate(w, id, true, &r));
    assert_state(&r, RUN_PREVIEWED);
    assert_string_equal(world_directory(w), before);
    assert_int_equal(active(w), 0);
    r = activated(w, id);
    assert_state(&r, RUN_HELD);
    assert_says(r.reason, "40 people excluded by a filter: the limit for one run is 3");
    assert_string_equal(world_directory(w), before);
    assert_int_equal(active(w), 0);
    world_approve(w, r.run_id);
    assert_int_equal(active(w), id);
    assert_true(text_is(world_user(w, "3", USER_EXCLUDED), "office == \"Bremen\""));
}

static void it_can_be_taken_back(void **state) {
    struct world *w = *state;
    world_begin(w, 10);
    const char *before = world_directory(w);
    int64_t id = draft(w, "job_title = upper(job_title)\ncustom.site = office\n");
    activated(w, id);
    assert_string_not_equal(world_directory(w), before);
    struct run r = activated(w, 0);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(active(w), 0);
    assert_string_equal(world_directory(w), before);
    assert_int_equal(r.counts.custom_n, 1);
    assert_string_equal(r.counts.custom[0].name, "custom.site");
    assert_int_equal(r.counts.custom[0].people, 10);
    assert_int_equal(world_changes(w, r.run_id, "custom.site"), 10);
    struct version_change_row *rows;
    size_t n;
    OK(version_changes(w->bed->st, w->bed->company_id, r.run_id, 100, &w->bed->a, &rows, &n, &why));
    assert_int_equal(n, 20);
    for (size_t i = 0; i < n; i++) /* HR has said nothing */
        assert_true(
            text_is(rows[i].rule, text_is(rows[i].field, "custom.site") ? "unmapped" : "remapped"));
}

static void who_was_left_out_makes_the_next_one_list_everybody(void **state) {
    struct world *w = *state;
    world_begin(w, 40);
    struct run held = activated(w, draft(w, "exclude when office == \"Bremen\"\n"));
    assert_state(&held, RUN_HELD);
    world_put(w, "7", "last_name=Meyer");
    world_import(w); /* 7 moves on meanwhile */
    struct run r = world_approve(w, held.run_id);
    assert_int_equal(r.counts.left_out, 1);
    assert_refused(w, draft(w, "job_title = \"x\"\n"), "mapping.reads-more",
                   "not everybody has been read through the mapping that counts now");
}

static void what_cannot_be_activated_is_refused_by_name(void **state) {
    struct world *w = *state;
    struct integration in;
    world_begin(w, 5);
    assert_refused(w, 9, "mapping.unknown", "no mapping 9");
    assert_refused(w, 0, "mapping.active", "active already");
    assert_refused(w, draft(w, "custom.kind = employment_type\n"), "mapping.reads-more",
                   "employment_type");
    in = integration(w);
    in.team_from = text_of("team");
    OK(integration_save(w->bed->st, w->bed->key, &in, &why));
    assert_refused(w, draft(w, "language = \"en\"\n"), "mapping.team", "primary_team = team");
    assert_int_equal(active(w), 0);
}

/* ---- problems ---- */

#define BIT(p) (UINT64_C(1) << PROBLEM_##p)

static const struct problem_row {
    const char *name, *put; /* what HR says of 3 from the second import on; NULL: as ever */
    const char *before, *after;
    uint64_t was, is, others; /* of 3 before, of 3 and of others then */
    int64_t changed;          /* people */
} problems[] = {
    { "that a filter cannot tell is noted of whom nothing else changes", NULL, "custom.t = team\n",
      "custom.t = team\nexclude when team == \"Night\"\n", 0, BIT(FILTER_UNKNOWN),
      BIT(FILTER_UNKNOWN), 0 },
    { "and beside a change", NULL, "custom.t = team\n",
      "job_title = upper(job_title)\ncustom.t = team\nexclude when team == \"Night\"\n", 0,
      BIT(FILTER_UNKNOWN), BIT(FILTER_UNKNOWN), 8 },
    { "where it can tell nothing is noted", "team=Day#1", "custom.t = team\n",
      "custom.t = team\nexclude when team == \"Night\"\n", 0, 0, BIT(FILTER_UNKNOWN), 0 },
    { "an address that the mapping spoils", NULL, "", "email = before(email, \"@\")\n", 0,
      BIT(BAD_EMAIL), BIT(BAD_EMAIL), 0 },
    { "a language that the mapping spoils", NULL, "", "language = first_name\n", 0, BIT(BAD_VALUE),
      BIT(BAD_VALUE), 0 },
    { "an address that HR spoiled stays spoiled", "email!", "", "job_title = upper(job_title)\n",
      BIT(BAD_EMAIL), BIT(BAD_EMAIL), 0, 8 },
    { "though nothing else changes", "email!", "", "job_title = job_title ?? \"\"\n",
      BIT(BAD_EMAIL), BIT(BAD_EMAIL), 0, 0 },
    { "a date that HR spoiled stays spoiled", "hire_date!", "", "job_title = upper(job_title)\n",
      BIT(BAD_DATE), BIT(BAD_DATE), 0, 8 },
    { "beside what the mapping finds", "hire_date!", "", "language = first_name\n", BIT(BAD_DATE),
      BIT(BAD_DATE) | BIT(BAD_VALUE), BIT(BAD_VALUE), 0 },
};

static uint64_t problems_of(struct world *w, const char *id) {
    struct person p;
    OK(directory_find(w->bed->st, w->bed->company_id, w->bed->in.integration_id, text_of(id),
                      &w->bed->a, &p, &why));
    return p.problems;
}

/* As if the last listing had been through another mapping: everybody is looked at closely. */
static void assert_import_agrees(struct world *w) {
    place_exec(w->bed->place->db, "UPDATE integration SET mapping_fingerprint = 0");
    world_writes(w);
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.unchanged, r.counts.read);
    assert_int_equal(world_writes(w), 0);
}

static struct run activated_whole(struct world *w, int64_t id) {
    struct run r = activated(w, id);
    return r.state == RUN_HELD ? world_approve(w, r.run_id) : r;
}

static void what_a_mapping_finds_wrong_is_noted(void **state) {
    struct world *w = *state;
    const struct problem_row *row = w->row;
    int64_t before = draft(w, row->before);
    world_limits(w, "{\"email\":{\"run\":[1000,0]}}");
    activated(w, before);
    world_begin(w, 8);
    if (row->put != NULL) {
        world_put(w, "3", row->put);
        struct run r = world_import(w);
        assert_state(&r, RUN_APPLIED);
    }
    const char *directory = world_directory(w);
    assert_int_equal(problems_of(w, "3"), row->was);
    world_writes(w);
    struct run r = activated_whole(w, draft(w, row->after));
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.changed, row->changed);
    assert_int_equal(r.counts.unchanged, 8 - row->changed);
    assert_int_equal(problems_of(w, "3"), row->is);
    assert_int_equal(world_writes(w) > 0,
                     row->changed > 0 || row->is != row->was || row->others != 0);
    for (int p = 0; p < PROBLEMS_N; p++)
        assert_int_equal(r.counts.problems[p],
                         7 * (int64_t)(row->others >> p & 1) + (int64_t)(row->is >> p & 1));
    assert_import_agrees(w);
    activated_whole(w, before);
    assert_import_agrees(w);
    assert_int_equal(problems_of(w, "3"), row->was);
    if (row->changed == 0)
        assert_string_equal(world_directory(w), directory);
}

/* Everybody is listed through a mapping that reads more: what it cannot read is in doubt. */
static void a_listing_notes_it_too(void **state) {
    struct world *w = *state;
    world_begin(w, 8);
    OK(mapping_text_activate(w->bed->st, w->bed->company_id, w->bed->in.integration_id,
                             draft(w, "exclude when team == \"Night\"\n"), T0, &why));
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.problems[PROBLEM_FILTER_UNKNOWN], 8);
    assert_int_equal(problems_of(w, "3"), BIT(FILTER_UNKNOWN));
    assert_import_agrees(w);
}

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
    struct integration in = integration(w);
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
    const struct mapping *m = mapping(w, text);
    world_begin(w, 40);
    struct integration in = integration(w);
    world_writes(w);
    OK(trial_run(w->bed->st, &w->company, &in, m, &w->clock, &w->bed->a, &t, &why));
    assert_int_equal(world_writes(w), 0);
    struct run r = activated(w, draft(w, text));
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
    const struct mapping *m = mapping(
        w, "job_title = if id == \"9\" then \"\" else if id == \"12\" then \"Captain\" else "
           "upper(job_title)\n"
           "exclude when id in [\"20\", \"21\"] because \"of this\"\n"
           "status = if id == \"7\" then \"inactive\" else status\n");
    world_begin(w, 40);
    struct integration in = integration(w);
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
    const struct mapping *m =
        mapping(w, "primary_team = if id == \"5\" then group(\"unit\", office) else department\n");
    world_begin(w, 10);
    struct integration in = integration(w);
    OK(trial_run(w->bed->st, &w->company, &in, m, &w->clock, &w->bed->a, &t, &why));
    assert_int_equal(t.strangest_n, 1);
    assert_true(text_is(t.strangest[0].changes[0].old_name, "Dock"));
    assert_true(text_is(t.strangest[0].changes[0].new_name, "Bremen"));
}

static void what_was_never_read_is_said(void **state) {
    struct world *w = *state;
    struct trial t;
    world_begin(w, 3);
    struct integration in = integration(w);
    OK(trial_run(w->bed->st, &w->company, &in, mapping(w, "custom.kind = employment_type\n"),
                 &w->clock, &w->bed->a, &t, &why));
    assert_string_equal(t.unread, "employment_type");
    assert_true(t.lists_first);
    assert_int_equal(t.changed, 0);
}

int main(int argc, char **argv) {
    enum { SINGLE = 11 };
    struct CMUnitTest
        tests[SINGLE + 2 * RC_LEN(stored) + RC_LEN(problems) + RC_LEN(checks) + RC_LEN(trials)] = {
            WORLD_TEST(a_mapping_counts_at_once_where_nobody_is_stored),
            WORLD_TEST(everybody_is_looked_at_through_it_and_hr_is_not_asked),
            WORLD_TEST(what_changes_nobody_writes_nothing_about_people),
            WORLD_TEST(a_preview_and_a_hold_change_nothing_yet),
            WORLD_TEST(it_can_be_taken_back),
            WORLD_TEST(who_was_left_out_makes_the_next_one_list_everybody),
            WORLD_TEST(what_cannot_be_activated_is_refused_by_name),
            WORLD_TEST(the_strangest_are_those_whom_few_resemble),
            WORLD_TEST(teams_and_managers_of_the_strangest_are_named),
            WORLD_TEST(what_was_never_read_is_said),
            WORLD_TEST(a_listing_notes_it_too),
        };
    size_t n = SINGLE;
    WORLD_ROWS(tests, n, stored, what_is_stored_is_known_exactly);
    WORLD_ROWS(tests, n, stored, what_is_stored_is_enough);
    WORLD_ROWS(tests, n, checks, keys_are_held_against_what_may_be_read);
    WORLD_ROWS(tests, n, problems, what_a_mapping_finds_wrong_is_noted);
    WORLD_ROWS(tests, n, trials, a_trial_counts_what_the_run_counts);
    return PLACE_RUN(tests, argc, argv);
}
