/* Another mapping is made to count: over those who are stored, guarded, and in the transaction that
 * applies the run; what is wrong with it is told before. */
#include <stdio.h>
#include "tests/sync/maps.h"
#include "store/mapping_text.h"
#include "sync/mapped.h"
#include "sync/trial.h"

static void assert_refused(struct world *w, int64_t id, const char *name, const char *words) {
    struct run r;
    assert_int_not_equal(maps_activate(w, id, false, &r), RC_OK);
    assert_string_equal(w->err.name, name);
    assert_says(text_of(w->err.text), words);
}

static int64_t active(struct world *w) {
    struct mapping_text t = { 0 };
    (void)mapping_text_active(w->bed->st, w->bed->company_id, w->bed->in.integration_id, &w->bed->a,
                              &t, NULL);
    return t.mapping_id;
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
    bool is = mapped_is_stored(maps_parsed(w, r->current), maps_parsed(w, r->wanted), &w->bed->a,
                               &missing);
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
    maps_activated(w, maps_draft(w, r->current));
    run = world_import(w);
    world_approve(w, run.run_id);
    int64_t id = maps_draft(w, r->wanted);
    enum rc_code rc = maps_activate(w, id, false, &run);
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
    int64_t id = maps_draft(w, "job_title = upper(job_title)\n");
    struct run r = maps_activated(w, id);
    assert_int_equal(r.run_id, 0);
    assert_int_equal(active(w), id);
    world_begin(w, 3);
    assert_true(text_is(world_user(w, "2", USER_JOB_TITLE), "WELDER"));
}

static void everybody_is_looked_at_through_it_and_hr_is_not_asked(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    unsigned lists = w->hr.lists_n, gets = w->hr.gets_n;
    int64_t id = maps_draft(w, "job_title = upper(job_title)\n");
    struct run r = maps_activated(w, id);
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
    struct run r = maps_activated(w, maps_draft(w, "job_title = job_title ?? \"\"\n"));
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.unchanged, 10);
    assert_int_equal(world_writes(w), 0);
}

static void a_preview_and_a_hold_change_nothing_yet(void **state) {
    struct world *w = *state;
    struct run r;
    world_begin(w, 40);
    const char *before = world_directory(w);
    int64_t id = maps_draft(w, "exclude when office == \"Bremen\"\n");
    OK(maps_activate(w, id, true, &r));
    assert_state(&r, RUN_PREVIEWED);
    assert_string_equal(world_directory(w), before);
    assert_int_equal(active(w), 0);
    r = maps_activated(w, id);
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
    int64_t id = maps_draft(w, "job_title = upper(job_title)\ncustom.site = office\n");
    maps_activated(w, id);
    assert_string_not_equal(world_directory(w), before);
    struct run r = maps_activated(w, 0);
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
    struct run held = maps_activated(w, maps_draft(w, "exclude when office == \"Bremen\"\n"));
    assert_state(&held, RUN_HELD);
    world_put(w, "7", "last_name=Meyer");
    world_import(w); /* 7 moves on meanwhile */
    struct run r = world_approve(w, held.run_id);
    assert_int_equal(r.counts.left_out, 1);
    assert_refused(w, maps_draft(w, "job_title = \"x\"\n"), "mapping.reads-more",
                   "not everybody has been read through the mapping that counts now");
}

static void what_cannot_be_activated_is_refused_by_name(void **state) {
    struct world *w = *state;
    struct integration in;
    world_begin(w, 5);
    assert_refused(w, 9, "mapping.unknown", "no mapping 9");
    assert_refused(w, 0, "mapping.active", "active already");
    assert_refused(w, maps_draft(w, "custom.kind = employment_type\n"), "mapping.reads-more",
                   "employment_type");
    in = maps_integration(w);
    in.team_from = text_of("team");
    OK(integration_save(w->bed->st, w->bed->key, &in, &why));
    assert_refused(w, maps_draft(w, "language = \"en\"\n"), "mapping.team", "primary_team = team");
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
    struct run r = maps_activated(w, id);
    return r.state == RUN_HELD ? world_approve(w, r.run_id) : r;
}

static void what_a_mapping_finds_wrong_is_noted(void **state) {
    struct world *w = *state;
    const struct problem_row *row = w->row;
    int64_t before = maps_draft(w, row->before);
    world_limits(w, "{\"email\":{\"run\":[1000,0]}}");
    maps_activated(w, before);
    world_begin(w, 8);
    if (row->put != NULL) {
        world_put(w, "3", row->put);
        struct run r = world_import(w);
        assert_state(&r, RUN_APPLIED);
    }
    const char *directory = world_directory(w);
    assert_int_equal(problems_of(w, "3"), row->was);
    world_writes(w);
    struct run r = activated_whole(w, maps_draft(w, row->after));
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
                             maps_draft(w, "exclude when team == \"Night\"\n"), T0, &why));
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.problems[PROBLEM_FILTER_UNKNOWN], 8);
    assert_int_equal(problems_of(w, "3"), BIT(FILTER_UNKNOWN));
    assert_import_agrees(w);
}

int main(int argc, char **argv) {
    enum { SINGLE = 8 };
    struct CMUnitTest tests[SINGLE + 2 * RC_LEN(stored) + RC_LEN(problems)] = {
        WORLD_TEST(a_mapping_counts_at_once_where_nobody_is_stored),
        WORLD_TEST(everybody_is_looked_at_through_it_and_hr_is_not_asked),
        WORLD_TEST(what_changes_nobody_writes_nothing_about_people),
        WORLD_TEST(a_preview_and_a_hold_change_nothing_yet),
        WORLD_TEST(it_can_be_taken_back),
        WORLD_TEST(who_was_left_out_makes_the_next_one_list_everybody),
        WORLD_TEST(what_cannot_be_activated_is_refused_by_name),
        WORLD_TEST(a_listing_notes_it_too),
    };
    size_t n = SINGLE;
    WORLD_ROWS(tests, n, stored, what_is_stored_is_known_exactly);
    WORLD_ROWS(tests, n, stored, what_is_stored_is_enough);
    WORLD_ROWS(tests, n, problems, what_a_mapping_finds_wrong_is_noted);
    return PLACE_RUN(tests, argc, argv);
}
