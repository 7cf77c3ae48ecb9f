#include "tests/store/bed.h"

static const char secret_json[] = "{\"client-secret\":\"papi-hunter2\"}";

static struct integration with_secret(struct bed *b, const char *key) {
    struct integration in = { .company_id = b->company_id,
                              .key = text_of(key),
                              .source = TEXT_LIT("personio"),
                              .settings = TEXT_LIT("{\"a\":\"1\"}"),
                              .secrets = text_of(secret_json),
                              .team_from = TEXT_LIT("team"),
                              .limits = TEXT_LIT("{\"leavers\":{\"run\":[1,1]}}"),
                              .created_us = T0 };
    OK(integration_add(b->st, b->key, &in, &why));
    return in;
}

static void an_integration_is_found_as_it_was_added(void **state) {
    struct bed *b = *state;
    struct integration in = with_secret(b, "personio"), found, got;
    OK(integration_find(b->st, b->company_id, "personio", b->key, &b->a, &found, &why));
    assert_int_equal(found.integration_id, in.integration_id);
    assert_true(text_is(found.source, "personio"));
    assert_true(text_is(found.settings, "{\"a\":\"1\"}"));
    assert_true(text_is(found.secrets, secret_json));
    assert_true(text_is(found.team_from, "team"));
    assert_true(text_equal(found.limits, in.limits));
    assert_int_equal(found.rights.state, TEXT_MISSING);
    assert_int_equal(found.mapping_fingerprint, 0);
    assert_int_equal(found.listed_us, 0);
    OK(integration_get(b->st, b->company_id, in.integration_id, NULL, &b->a, &got, &why));
    assert_true(text_equal(got.key, found.key));
    assert_int_equal(got.secrets.state, TEXT_MISSING); /* no key, no secrets */
}

static void a_key_is_taken_once_a_company(void **state) {
    struct bed *b = *state;
    struct integration in = { .company_id = b->company_id,
                              .key = TEXT_LIT("hr"),
                              .source = TEXT_LIT("csv"),
                              .settings = TEXT_LIT("{}"),
                              .team_from = TEXT_LIT("team") };
    struct rc_error err;
    assert_int_equal(integration_add(b->st, b->key, &in, &err), RC_CONFLICT);
    assert_string_equal(err.name, "integration.exists");
    assert_int_equal(integration_find(b->st, b->company_id, "hs", NULL, &b->a, &in, &err),
                     RC_NOT_FOUND);
    assert_string_equal(err.name, "integration.unknown");
    assert_int_equal(integration_get(b->st, b->company_id, 999, NULL, &b->a, &in, &err),
                     RC_NOT_FOUND);
}

static void secrets_are_sealed_and_open_in_their_own_row_only(void **state) {
    struct bed *b = *state;
    struct integration one = with_secret(b, "one"), in;
    struct db_statement *row;
    struct rc_error err;
    bool found = false;
    size_t len = 0;
    with_secret(b, "two");
    OK(store_row(b->st, &row, &found, &why, "SELECT secrets FROM integration WHERE key = 'one'",
                 ""));
    const char *sealed = db_blob(row, 0, &len);
    assert_true(len > strlen(secret_json));
    assert_null(memmem(sealed, len, "hunter2", 7));
    db_reset(row);
    OK(store_run(b->st, NULL, &why,
                 "UPDATE integration SET secrets = (SELECT secrets FROM integration AS o"
                 " WHERE o.key = 'one') WHERE key = 'two'",
                 ""));
    OK(integration_find(b->st, b->company_id, "one", b->key, &b->a, &in, &why));
    assert_int_equal(in.integration_id, one.integration_id);
    assert_int_equal(integration_find(b->st, b->company_id, "two", b->key, &b->a, &in, &err),
                     RC_FATAL);
}

static void one_without_secrets_needs_none(void **state) {
    struct bed *b = *state;
    struct integration in;
    OK(integration_find(b->st, b->company_id, "hr", b->key, &b->a, &in, &why));
    assert_int_equal(in.secrets.state, TEXT_MISSING);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM integration WHERE secrets IS NULL"), 1);
}

static void saving_keeps_secrets_that_are_not_given(void **state) {
    struct bed *b = *state;
    struct integration in = with_secret(b, "personio"), found;
    in.settings = TEXT_LIT("{\"a\":\"2\"}");
    in.team_from = TEXT_LIT("department");
    in.limits = TEXT_NONE;
    in.secrets = (struct text){ 0 };
    OK(integration_save(b->st, b->key, &in, &why));
    OK(integration_find(b->st, b->company_id, "personio", b->key, &b->a, &found, &why));
    assert_true(text_is(found.settings, "{\"a\":\"2\"}"));
    assert_true(text_is(found.team_from, "department"));
    assert_int_equal(found.limits.state, TEXT_MISSING);
    assert_true(text_is(found.secrets, secret_json));
    in.secrets = TEXT_LIT("{\"client-secret\":\"new\"}");
    OK(integration_save(b->st, b->key, &in, &why));
    OK(integration_find(b->st, b->company_id, "personio", b->key, &b->a, &found, &why));
    assert_true(text_equal(found.secrets, in.secrets));
}

static void a_listing_leaves_its_marks(void **state) {
    struct bed *b = *state;
    struct integration found;
    OK(integration_listed(b->st, &b->in, T0 + 9, INT64_C(1) << 40, TEXT_LIT("{\"x\":1}"), &why));
    OK(integration_find(b->st, b->company_id, "hr", b->key, &b->a, &found, &why));
    assert_int_equal(found.listed_us, T0 + 9);
    assert_int_equal(found.mapping_fingerprint, INT64_C(1) << 40);
    assert_true(text_is(found.rights, "{\"x\":1}"));
}

static void they_are_listed_by_key(void **state) {
    struct bed *b = *state;
    struct integration *list;
    size_t n;
    with_secret(b, "a");
    OK(integration_list(b->st, b->company_id, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    assert_true(text_is(list[0].key, "a"));
    assert_true(text_is(list[1].key, "hr"));
    assert_int_equal(list[0].secrets.state, TEXT_MISSING);
}

/* With everybody known through it, and nobody else. */
static void removing_one_leaves_the_others(void **state) {
    struct bed *b = *state;
    struct integration other = bed_integration(b, b->company_id, "other");
    struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
    struct run s = bed_run(b, b->company_id, other.integration_id, RUN_PASSED);
    struct version mine = bed_version(b, 100, 0, "1", "mine");
    struct version theirs = bed_version(b, 200, 0, "1", "theirs");
    struct version_change joined[2] = {
        { 100, TEXT_LIT("*"), { 0 }, TEXT_LIT("active"), CHANGE_JOINS, "joined" },
        { 200, TEXT_LIT("*"), { 0 }, TEXT_LIT("active"), CHANGE_JOINS, "joined" }
    };
    struct version_team team = { TEXT_LIT("department:9"), TEXT_LIT("department"), TEXT_LIT("9"),
                                 TEXT_LIT("Dock"), 0 };
    bed_stage(b, &r, &mine, 1);
    bed_stage(b, &s, &theirs, 1);
    OK(db_begin(b->st->db, &why));
    OK(version_add_changes(b->st, b->company_id, r.run_id, &joined[0], 1, &why));
    OK(version_add_changes(b->st, b->company_id, s.run_id, &joined[1], 1, &why));
    OK(version_add_team(b->st, b->company_id, r.run_id, &team, &why));
    OK(version_add_team(b->st, b->company_id, s.run_id, &team, &why));
    OK(db_commit(b->st->db, &why));
    bed_apply(b, &r);
    bed_apply(b, &s);
    OK(db_begin(b->st->db, &why));
    OK(integration_remove(b->st, b->company_id, b->in.integration_id, &why));
    OK(db_commit(b->st->db, &why));
    static const char *const counts[] = {
        "SELECT COUNT(*) FROM integration",  "SELECT COUNT(*) FROM \"user\"",
        "SELECT COUNT(*) FROM version",      "SELECT COUNT(*) FROM change",
        "SELECT COUNT(*) FROM team_version", "SELECT COUNT(*) FROM team",
        "SELECT COUNT(*) FROM run",
    };
    for (size_t i = 0; i < RC_LEN(counts); i++)
        assert_int_equal(bed_number(b, counts[i]), 1);
    assert_int_equal(bed_number(b, "SELECT user_id FROM \"user\""), 200);
}

static const struct CMUnitTest tests[] = {
    BED_TEST(an_integration_is_found_as_it_was_added),
    BED_TEST(a_key_is_taken_once_a_company),
    BED_TEST(secrets_are_sealed_and_open_in_their_own_row_only),
    BED_TEST(one_without_secrets_needs_none),
    BED_TEST(saving_keeps_secrets_that_are_not_given),
    BED_TEST(a_listing_leaves_its_marks),
    BED_TEST(they_are_listed_by_key),
    BED_TEST(removing_one_leaves_the_others),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
