#include "tests/sync/documents.h"
#include "people/policy.h"
#include "store/account.h"
#include "store/alert.h"
#include "store/audit.h"
#include "store/job.h"
#include "store/mapping_text.h"

/* ---- round trips ---- */

static void what_is_exported_and_applied_is_exported_the_same(void **state) {
    struct bed *b = *state;
    documents_apply(b, documents_whole);
    const char *once = documents_exported(b, "nova");
    struct config_applied again = documents_apply(b, once);
    assert_int_equal(again.plan.changes_n, 0);
    assert_int_equal(again.mappings_n, 0);
    assert_string_equal(documents_exported(b, "nova"), once);
    for (const char *const *word =
             (const char *const[]){ "\"Acm\xc3\xa9\"", "\"history\":90", "\"runs\":null",
                                    "a@nova.example", "every 30 minutes", "\"page-size\":\"50\"",
                                    "# two \\\"lines\\\"", "owner,admin", NULL };
         *word != NULL; word++)
        assert_non_null(strstr(once, *word));
}

/* On an installation that has never heard of it. */
static void an_empty_installation_gets_the_whole_company(void **state) {
    struct bed *b = *state;
    documents_apply(b, documents_whole);
    const char *once = documents_exported(b, "nova");
    struct store *st = NULL, *before = b->st;
    void *place = NULL;
    assert_int_equal(place_make(&place), 0);
    OK(store_open(((struct place *)place)->where, &st, &why));
    b->st = st;
    struct config_applied applied = documents_apply(b, once);
    assert_true(applied.plan.makes_company);
    assert_string_equal(documents_exported(b, "nova"), once); /* no credentials here, nor there */
    b->st = before;
    store_close(st);
    assert_int_equal(place_remove(&place), 0);
}

static void a_new_integration_has_its_mapping_its_job_and_no_credentials(void **state) {
    struct bed *b = *state;
    struct config_applied applied = documents_apply(b, documents_whole);
    struct mapping_text active;
    struct integration in;
    struct job_state job;
    struct company co;
    OK(company_find(b->st, "nova", &b->a, &co, &why));
    OK(integration_find(b->st, co.company_id, "hr", b->key, &b->a, &in, &why));
    OK(mapping_text_active(b->st, co.company_id, in.integration_id, &b->a, &active, &why));
    assert_true(text_is(active.source, "primary_team = team\n\n# two \"lines\""));
    OK(job_look(b->st, JOB_SYNC, co.company_id, in.integration_id, T0, &job, &why));
    assert_true(job.run_at_us > T0);
    assert_false(in.has_secrets);
    assert_int_equal(applied.plan.todo_n, 2);
    assert_string_equal(applied.plan.todo[0],
                        "rollcall integration set nova/hr --secret-file client-secret=FILE");
    assert_string_equal(applied.plan.todo[1],
                        "rollcall destination set nova/la --secret-file client-secret=FILE");
}

static void credentials_stay_as_they_are_and_are_never_told(void **state) {
    struct bed *b = *state;
    struct config_options o = documents_options(b);
    struct integration in;
    struct company co;
    documents_apply(b, documents_whole);
    OK(company_find(b->st, "nova", &b->a, &co, &why));
    OK(integration_find(b->st, co.company_id, "hr", NULL, &b->a, &in, &why));
    const char *without = documents_exported(b, "nova");
    in.secrets = TEXT_LIT("{\"client-secret\":\"hunter2\"}");
    OK(integration_save(b->st, b->key, &in, &why));
    const char *with = documents_exported(b, "nova");
    assert_null(strstr(with, "hunter2"));
    assert_non_null(strstr(with, "{\"client-secret\":true}"));
    assert_string_not_equal(with, without);
    o.anyway = false; /* the version does not tell credentials: the older document still counts */
    documents_apply_with(b, without, &o);
    OK(integration_find(b->st, co.company_id, "hr", b->key, &b->a, &in, &why));
    assert_true(text_is(in.secrets, "{\"client-secret\":\"hunter2\"}"));
}

/* ---- what changes, and what does not ---- */

static const struct altered {
    const char *name, *document;
    const char *path, *old, *new; /* of the only step */
} changes[] = {
    { "a name", "{\"company\":\"nova\",\"name\":\"A\"}", "name", "\"Acm\xc3\xa9\"", "\"A\"" },
    { "a schedule that is taken away",
      "{\"company\":\"nova\",\"integrations\":{\"hr\":{\"source\":\"personio\",\"schedule\":null}}}",
      "integrations.hr.schedule", "\"every 30 minutes\"", "null" },
    { "a schedule written otherwise is the same",
      "{\"company\":\"nova\",\"integrations\":{\"hr\":{\"source\":\"personio\",\"schedule\":"
      "\"Every  30 minutes\"}}}",
      NULL, NULL, NULL },
    { "one setting of a policy, and what is not named is as usual",
      "{\"company\":\"nova\",\"destinations\":{\"la\":{\"adapter\":\"learnamp\",\"policy\":"
      "{\"invite\":\"on-hire-date\"}}}}",
      "destinations.la.policy.protect-roles", "\"owner,admin\"", NULL },
    { "a setting that was not there",
      "{\"company\":\"nova\",\"integrations\":{\"hr\":{\"source\":\"personio\",\"settings\":"
      "{\"client-id\":\"papi\",\"page-size\":\"50\",\"retries\":\"3\"}}}}",
      "integrations.hr.settings.retries", NULL, "\"3\"" },
    { "what was usual is said again",
      "{\"company\":\"nova\",\"retention\":{\"history\":90,\"runs\":null,\"audit\":1095}}", NULL,
      NULL, NULL },
    { "whom alerts are told", "{\"company\":\"nova\",\"alerts\":[]}", "alerts",
      "[\"a@nova.example\"]", "[]" },
};

static void says(struct text have, const char *want) {
    if (want == NULL)
        assert_int_not_equal(have.state, TEXT_SET);
    else
        assert_true(text_is(have, want));
}

static void a_document_of_parts_changes_those_alone(void **state) {
    struct bed *b = *state;
    const struct altered *r = b->row;
    struct config_options o = documents_options(b);
    struct config_plan plan;
    documents_apply(b, documents_whole);
    const char *before = documents_exported(b, "nova");
    struct config c = documents_read(b, r->document);
    OK(config_plan(b->st, &c, &o, &b->a, &plan, &why));
    assert_string_equal(documents_exported(b, "nova"), before); /* looking changes nothing */
    assert_int_equal(plan.changes_n, r->path != NULL);
    documents_apply(b, r->document);
    const char *after = documents_exported(b, "nova");
    if (r->path == NULL) {
        assert_string_equal(after, before);
        return;
    }
    size_t at = 0;
    while (plan.steps[at].act == CONFIG_STAYS)
        at++;
    assert_string_equal(plan.steps[at].path, r->path);
    says(plan.steps[at].old, r->old);
    says(plan.steps[at].new, r->new);
    assert_string_not_equal(after, before);
    assert_int_equal(documents_apply(b, r->document).plan.changes_n, 0);
}

static void what_is_not_in_a_document_stays_and_is_named(void **state) {
    struct bed *b = *state;
    documents_apply(b, documents_whole);
    struct config_applied applied = documents_apply(b, "{\"company\":\"nova\"}");
    assert_int_equal(applied.plan.changes_n, 0);
    assert_int_equal(applied.plan.steps_n, 2);
    assert_int_equal(applied.plan.steps[0].act, CONFIG_STAYS);
    assert_string_equal(applied.plan.steps[0].path, "integrations.hr");
    assert_string_equal(applied.plan.steps[1].path, "destinations.la");
}

static void what_is_to_be_removed_goes_and_nothing_else(void **state) {
    struct bed *b = *state;
    struct config_removal removal = { CONFIG_DESTINATION, "la" };
    struct config_options o = documents_options(b);
    o.removes = &removal;
    o.removes_n = 1;
    documents_apply(b, documents_whole);
    struct rc_error err = documents_refused(b, documents_whole, &o);
    assert_string_equal(err.name, "document");
    struct config_applied applied = documents_apply_with(b, "{\"company\":\"nova\"}", &o);
    assert_int_equal(applied.plan.changes_n, 1);
    const char *now = documents_exported(b, "nova");
    assert_null(strstr(now, "learnamp"));
    assert_non_null(strstr(now, "personio"));
    err = documents_refused(b, "{\"company\":\"nova\"}", &o);
    assert_string_equal(err.name, "destination.unknown");
}

static void an_older_document_is_refused_unless_it_is_meant(void **state) {
    struct bed *b = *state;
    struct config_options o = documents_options(b);
    documents_apply(b, documents_whole);
    const char *older = documents_exported(b, "nova");
    documents_apply(b, "{\"company\":\"nova\",\"name\":\"Other\"}");
    const char *newer = documents_exported(b, "nova");
    struct rc_error err = documents_refused(b, older, &o);
    assert_int_equal(err.code, RC_CONFLICT);
    assert_string_equal(err.name, "document.version");
    assert_string_equal(documents_exported(b, "nova"), newer);
    o.anyway = true;
    documents_apply_with(b, older, &o);
    assert_string_equal(documents_exported(b, "nova"), older);
}

static void all_of_it_or_nothing(void **state) {
    struct bed *b = *state;
    struct config_options o = documents_options(b);
    documents_apply(b, documents_whole);
    const char *before = documents_exported(b, "nova");
    int64_t entries = bed_number(b, "SELECT COUNT(*) FROM audit");
    struct rc_error err = documents_refused(
        b,
        "{\"company\":\"nova\",\"name\":\"Other\",\"integrations\":{\"hr\":{\"source\":\"personio\","
        "\"schedule\":null},\"new\":{\"source\":\"personio\",\"settings\":{\"client-id\":\"a b\"}}}}",
        &o);
    assert_string_equal(err.name, "setting");
    assert_string_equal(documents_exported(b, "nova"), before);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM audit"), entries);
}

/* The last write of all fails: nothing of what came before it may stay. */
static void what_fails_at_the_end_leaves_nothing_behind(void **state) {
    struct bed *b = *state;
    struct config_options o = documents_options(b);
    documents_apply(b, documents_whole);
    const char *before = documents_exported(b, "nova");
    OK(store_run(b->st, NULL, &why, "ALTER TABLE audit RENAME TO audit_away", ""));
    documents_refused(
        b,
        "{\"company\":\"nova\",\"name\":\"Other\",\"alerts\":[],\"integrations\":{\"two\":{"
        "\"source\":\"personio\",\"settings\":{\"client-id\":\"x\"}}},\"destinations\":{\"la\":{"
        "\"adapter\":\"learnamp\",\"feeds\":[\"two\",\"hr\"]}}}",
        &o);
    OK(store_run(b->st, NULL, &why, "ALTER TABLE audit_away RENAME TO audit", ""));
    assert_string_equal(documents_exported(b, "nova"), before);
}

static void it_is_recorded_with_what_was_and_what_is(void **state) {
    struct bed *b = *state;
    struct company co;
    struct audit *list;
    size_t n;
    documents_apply(b, documents_whole);
    documents_apply(b, "{\"company\":\"nova\",\"name\":\"Other\"}");
    OK(company_find(b->st, "nova", &b->a, &co, &why));
    OK(audit_list(b->st, co.company_id, 0, 10, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    assert_true(text_is(list[0].what, "configuration applied"));
    assert_true(text_is(list[0].who, "the test"));
    assert_true(text_is(list[0].before, "{\"name\":\"Acm\xc3\xa9\"}"));
    assert_true(text_is(list[0].after, "{\"name\":\"Other\"}"));
}

static void feeds_keep_their_order_and_may_name_what_is_new(void **state) {
    struct bed *b = *state;
    documents_apply(b, documents_whole);
    documents_apply(
        b, "{\"company\":\"nova\",\"integrations\":{\"two\":{\"source\":\"csv\",\"settings\":{"
           "\"file\":\"/x.csv\"}}},\"destinations\":{\"la\":{\"adapter\":\"learnamp\",\"feeds\":"
           "[\"two\",\"hr\"]}}}");
    assert_non_null(strstr(documents_exported(b, "nova"), "[\"two\",\"hr\"]"));
}

/* ---- what is wrong with a document ---- */

static const struct wrong {
    const char *name, *document, *says, *error; /* error: "document" when NULL */
} wrongs[] = {
    { "no JSON", "{", "the document: ", NULL },
    { "no object", "[]", "this is not an object", NULL },
    { "no company", "{}", "\"company\" is missing", NULL },
    { "an unknown member", "{\"company\":\"nova\",\n \"nam\":\"x\"}",
      "nam (line 2): \"nam\" is not known here; did you mean \"name\"?", NULL },
    { "a member that is there twice", "{\"company\":\"nova\",\"name\":\"x\",\n\"name\":\"y\"}",
      "this is there twice", NULL },
    { "a setting that is there twice",
      "{\"company\":\"nova\",\"integrations\":{\"hr\":{\"source\":\"personio\",\"settings\":{"
      "\"client-id\":\"x\",\"client-id\":\"y\"}}}}",
      "integrations.hr.settings.client-id (line 1): this is there twice", NULL },
    { "an unknown member of an integration",
      "{\"company\":\"nova\",\"integrations\":{\"hr\":{\"source\":\"personio\",\n\"shedule\":null}}}",
      "integrations.hr.shedule (line 2): \"shedule\" is not known here; did you mean \"schedule\"?",
      NULL },
    { "a member of the other kind",
      "{\"company\":\"nova\",\"integrations\":{\"hr\":{\"source\":\"personio\",\"policy\":{}}}}",
      "\"policy\" is not known here", NULL },
    { "an unknown setting",
      "{\"company\":\"nova\",\"integrations\":{\"hr\":{\"source\":\"personio\",\"settings\":{\n"
      "\"clientid\":\"x\"}}}}",
      "integrations.hr.settings.clientid (line 2): \"clientid\" is not known here; did you mean "
      "\"client-id\"?",
      NULL },
    { "an unknown setting of a policy",
      "{\"company\":\"nova\",\"destinations\":{\"la\":{\"adapter\":\"learnamp\",\"policy\":{"
      "\"invit\":\"x\"}}}}",
      "did you mean \"invite\"?", NULL },
    { "an unknown rule of retention", "{\"company\":\"nova\",\"retention\":{\"histori\":1}}",
      "did you mean \"history\"?", NULL },
    { "days that are too few", "{\"company\":\"nova\",\"retention\":{\"audit\":1}}",
      "retention (line 1): audit=1: give days, from 90", NULL },
    { "an unknown source",
      "{\"company\":\"nova\",\"integrations\":{\"hr\":{\"source\":\"workday\"}}}",
      "there is no \"workday\"; there are: personio, csv", NULL },
    { "no source", "{\"company\":\"nova\",\"integrations\":{\"hr\":{}}}", "\"source\" is missing",
      NULL },
    { "a key that is none",
      "{\"company\":\"nova\",\"integrations\":{\"H R\":{\"source\":\"csv\"}}}",
      "a key of a integration has 1 to 40", NULL },
    { "a credential among the settings",
      "{\"company\":\"nova\",\"integrations\":{\"hr\":{\"source\":\"personio\",\"settings\":{"
      "\"client-secret\":\"hunter2\"}}}}",
      "this is a credential", NULL },
    { "a credential in the place of whether it is set",
      "{\"company\":\"nova\",\"integrations\":{\"hr\":{\"source\":\"personio\",\"credentials\":{"
      "\"client-secret\":\"hunter2\"}}}}",
      "no credential is ever in a document", NULL },
    { "an address that is none", "{\"company\":\"nova\",\"alerts\":[\"a b@nova\"]}", "alerts",
      NULL },
    { "an address twice", "{\"company\":\"nova\",\"alerts\":[\"a@b.de\",\"a@b.de\"]}",
      "given twice", NULL },
    { "limits that are none",
      "{\"company\":\"nova\",\"integrations\":{\"hr\":{\"source\":\"personio\",\"limits\":{"
      "\"leaver\":{}}}}}",
      "leavers", NULL },
    { "a mapping with a fault",
      "{\"company\":\"nova\",\"integrations\":{\"hr\":{\"source\":\"personio\",\"mapping\":["
      "\"language = nonsense\"]}}}",
      "integrations.hr (line 1): ", "mapping.invalid" },
    { "a line of a mapping that is two",
      "{\"company\":\"nova\",\"integrations\":{\"hr\":{\"source\":\"personio\",\"mapping\":["
      "\"a\\nb\"]}}}",
      "a list of lines", NULL },
    { "a source that becomes another",
      "{\"company\":\"nova\",\"integrations\":{\"hr\":{\"source\":\"csv\",\"settings\":{\"file\":"
      "\"/x\"}}}}",
      "cannot become another", "document.fixed" },
    { "feeds that there are not",
      "{\"company\":\"nova\",\"destinations\":{\"la\":{\"adapter\":\"learnamp\",\"feeds\":[\"h\"]}}}",
      "there is not: \"h\"", NULL },
    { "a setting that makes no sense",
      "{\"company\":\"nova\",\"integrations\":{\"hr\":{\"source\":\"personio\",\"settings\":{"
      "\"client-id\":\"x\",\"page-size\":\"1000\"}}}}",
      "page-size must be a whole number", "setting" },
    { "a required setting that is missing",
      "{\"company\":\"nova\",\"integrations\":{\"hr\":{\"source\":\"personio\",\"settings\":{}}}}",
      "client-id is missing", "setting" },
    { "another primary team beside a mapping of one's own",
      "{\"company\":\"nova\",\"integrations\":{\"hr\":{\"source\":\"personio\",\"team\":"
      "\"department\"}}}",
      "would have no effect", "mapping.team" },
    { "a version that is none", "{\"company\":\"nova\",\"version\":\"1\"}",
      "what company export said", NULL },
    { "a zone that is none", "{\"company\":\"nova\",\"zone\":\"Europe/Wien\"}",
      "zone (line 1): ", NULL },
};

static void what_is_wrong_is_said_where_it_is_and_nothing_changes(void **state) {
    struct bed *b = *state;
    const struct wrong *r = b->row;
    struct config_options o = documents_options(b);
    documents_apply(b, documents_whole);
    const char *before = documents_exported(b, "nova");
    struct rc_error err = documents_refused(b, r->document, &o);
    assert_string_equal(err.name, r->error != NULL ? r->error : "document");
    if (strstr(err.text, r->says) == NULL)
        fail_msg("it says: %s", err.text);
    assert_null(strstr(err.text, "hunter2"));
    assert_string_equal(documents_exported(b, "nova"), before);
}

static void every_beginning_of_a_document_is_refused_or_taken(void **state) {
    struct bed *b = *state;
    struct config c;
    for (size_t n = 0; n < strlen(documents_whole); n++) {
        struct rc_error err = { 0 };
        char *cut = mem_alloc(n + 1);
        memcpy(cut, documents_whole, n);
        assert_int_equal(config_read(text_from(cut, n), &b->a, &c, &err), RC_INVALID);
        assert_string_equal(err.name, "document");
        mem_free(cut);
    }
}

static void a_company_that_there_is_not_is_made_only_where_that_is_meant(void **state) {
    struct bed *b = *state;
    struct config_options o = documents_options(b);
    o.creates = false;
    struct rc_error err = documents_refused(b, documents_whole, &o);
    assert_string_equal(err.name, "company.unknown");
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[14 + RC_LEN(changes) + RC_LEN(wrongs)] = {
        BED_TEST(what_is_exported_and_applied_is_exported_the_same),
        BED_TEST(an_empty_installation_gets_the_whole_company),
        BED_TEST(a_new_integration_has_its_mapping_its_job_and_no_credentials),
        BED_TEST(credentials_stay_as_they_are_and_are_never_told),
        BED_TEST(what_is_not_in_a_document_stays_and_is_named),
        BED_TEST(what_is_to_be_removed_goes_and_nothing_else),
        BED_TEST(an_older_document_is_refused_unless_it_is_meant),
        BED_TEST(all_of_it_or_nothing),
        BED_TEST(what_fails_at_the_end_leaves_nothing_behind),
        BED_TEST(it_is_recorded_with_what_was_and_what_is),
        BED_TEST(feeds_keep_their_order_and_may_name_what_is_new),
        BED_TEST(every_beginning_of_a_document_is_refused_or_taken),
        BED_TEST(a_company_that_there_is_not_is_made_only_where_that_is_meant),
    };
    size_t n = CHECK_LISTED(tests);
    BED_ROWS(tests, n, changes, a_document_of_parts_changes_those_alone);
    BED_ROWS(tests, n, wrongs, what_is_wrong_is_said_where_it_is_and_nothing_changes);
    return place_run("config", tests, n, argc, argv);
}
