/* What a company may have by its document, and who may say what in it. */
#include "tests/sync/documents.h"

#define ONLY(sources, destinations)                                                                \
    "{\"company\":\"nova\",\"enabled\":{\"sources\":" sources ",\"destinations\":" destinations "}}"

static void what_is_off_is_refused_with_its_reason(void **state) {
    struct bed *b = *state;
    struct config_options o = documents_options(b);
    static const char csv[] = "{\"company\":\"nova\",\"integrations\":{\"two\":{\"source\":\"csv\","
                              "\"settings\":{\"file\":\"/x.csv\"}}}}";
    documents_apply(b, documents_whole);
    documents_apply(b, ONLY("[\"personio\"]", "null"));
    struct rc_error err = documents_refused(b, csv, &o);
    assert_string_equal(err.name, "source.off");
    assert_non_null(strstr(err.text, "enabled: personio"));
    assert_non_null(strstr(documents_exported(b, "nova"), "\"sources\": [\"personio\"]"));
    documents_apply(b, ONLY("null", "null"));
    documents_apply(b, csv);
}

static void what_is_in_use_cannot_be_switched_off(void **state) {
    struct bed *b = *state;
    struct config_options o = documents_options(b);
    documents_apply(b, documents_whole);
    struct rc_error err = documents_refused(b, ONLY("[\"csv\"]", "null"), &o);
    assert_string_equal(err.name, "company.uses");
    err = documents_refused(b, ONLY("null", "[]"), &o);
    assert_string_equal(err.name, "company.uses");
    err = documents_refused(b, ONLY("[\"workday\"]", "null"), &o);
    assert_string_equal(err.name, "document");
}

static void only_the_operator_says_what_is_enabled(void **state) {
    struct bed *b = *state;
    struct config_options o = documents_options(b);
    o.operates = false;
    documents_apply(b, documents_whole);
    struct rc_error err = documents_refused(b, ONLY("[\"personio\"]", "null"), &o);
    assert_string_equal(err.name, "token.rights");
    documents_apply_with(b, documents_exported(b, "nova"),
                         &o); /* said as it is, it is nothing said */
}

#define AT(address)                                                                                \
    "{\"company\":\"nova\",\"integrations\":{\"hr\":{\"source\":\"personio\",\"settings\":{"       \
    "\"client-id\":\"papi\",\"page-size\":\"50\",\"base-url\":\"" address "\"}}}}"

static bool has_secrets(struct bed *b) {
    struct integration in;
    struct company co;
    OK(company_find(b->st, "nova", &b->a, &co, &why));
    OK(integration_find(b->st, co.company_id, "hr", b->key, &b->a, &in, &why));
    assert_int_equal(in.has_secrets, in.secrets.state == TEXT_SET);
    return in.has_secrets;
}

static void over_the_network_another_address_forgets_the_credentials(void **state) {
    struct bed *b = *state;
    struct config_options o = documents_options(b);
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1000);
    static const char secret[] = "{\"client-secret\":\"hunter2\"}";
    struct company co;
    json given;
    documents_apply(b, documents_whole);
    OK(company_find(b->st, "nova", &b->a, &co, &why));
    OK(json_parse_copy(r, secret, strlen(secret), &given, &why));
    OK(config_credentials(b->st, &co, CONFIG_INTEGRATION, "hr", given, &o, &b->a, &why));
    assert_true(has_secrets(b));
    documents_apply_with(b, AT("https://a.example"),
                         &o); /* who runs the machine has the credentials anyway */
    assert_true(has_secrets(b));
    o.remote = true;
    documents_apply_with(b, AT("https://a.example"), &o);
    assert_true(has_secrets(b));
    struct config_applied applied = documents_apply_with(b, AT("https://b.example"), &o);
    assert_false(has_secrets(b));
    assert_string_equal(applied.plan.todo[0],
                        "rollcall integration set nova/hr --secret-file client-secret=FILE");
}

static void files_of_the_machine_are_the_operators(void **state) {
    struct bed *b = *state;
    struct config_options o = documents_options(b);
    static const char csv[] = "{\"company\":\"nova\",\"integrations\":{\"two\":{\"source\":\"csv\","
                              "\"settings\":{\"file\":\"/etc/passwd\"}}}}";
    documents_apply(b, documents_whole);
    o.operates = false;
    struct rc_error err = documents_refused(b, csv, &o);
    assert_string_equal(err.name, "token.rights");
    o.operates = true;
    documents_apply_with(b, csv, &o);
    o.operates = false;
    documents_apply_with(b, csv, &o); /* as it is */
}

static void a_company_from_a_document_may_have_what_that_says(void **state) {
    struct bed *b = *state;
    documents_apply(b, ONLY("[]", "[\"learnamp\"]"));
    assert_non_null(strstr(documents_exported(b, "nova"), "\"sources\": []"));
    assert_non_null(strstr(documents_exported(b, "nova"), "\"destinations\": [\"learnamp\"]"));
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        BED_TEST(what_is_off_is_refused_with_its_reason),
        BED_TEST(what_is_in_use_cannot_be_switched_off),
        BED_TEST(only_the_operator_says_what_is_enabled),
        BED_TEST(a_company_from_a_document_may_have_what_that_says),
        BED_TEST(over_the_network_another_address_forgets_the_credentials),
        BED_TEST(files_of_the_machine_are_the_operators),
    };
    return place_run("config_allowed", tests, RC_LEN(tests), argc, argv);
}
