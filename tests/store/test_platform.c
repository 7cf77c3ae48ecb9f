#include "tests/store/bed.h"
#include "store/account.h"
#include "store/effect.h"
#include "store/platform.h"
#include "store/team_link.h"

static const char secret_json[] = "{\"client-secret\":\"la-hunter2\"}";

static struct platform added(struct bed *b, const char *key) {
    struct platform p = { .company_id = b->company_id,
                          .key = text_of(key),
                          .adapter = TEXT_LIT("learnamp"),
                          .settings = TEXT_LIT("{\"base-url\":\"https://x.learnamp.com\"}"),
                          .secrets = text_of(secret_json),
                          .policy = TEXT_LIT("{\"invite\":\"by-hand\"}"),
                          .feeds = &b->in.integration_id,
                          .feeds_n = 1,
                          .created_us = T0 };
    OK(platform_add(b->st, b->key, &p, &why));
    return p;
}

static void a_destination_is_found_as_it_was_added(void **state) {
    struct bed *b = *state;
    struct platform p = added(b, "academy"), found, got;
    OK(platform_find(b->st, b->company_id, "academy", b->key, &b->a, &found, &why));
    assert_int_equal(found.destination_id, p.destination_id);
    assert_true(text_is(found.adapter, "learnamp"));
    assert_true(text_equal(found.settings, p.settings));
    assert_true(text_is(found.secrets, secret_json));
    assert_true(text_equal(found.policy, p.policy));
    assert_int_equal(found.limits.state, TEXT_MISSING);
    assert_int_equal(found.paused_by.state, TEXT_MISSING);
    assert_int_equal(found.listed_us, 0);
    assert_int_equal(found.delivered_us, 0);
    assert_int_equal(found.created_us, T0);
    assert_int_equal(found.feeds_n, 1);
    assert_int_equal(found.feeds[0], b->in.integration_id);
    OK(platform_get(b->st, b->company_id, p.destination_id, NULL, &b->a, &got, &why));
    assert_true(text_equal(got.key, found.key));
    assert_true(text_equal(got.prefix, found.prefix));
    assert_int_equal(got.secrets.state, TEXT_MISSING);
}

static void each_draws_a_prefix_of_its_own_unless_it_has_one(void **state) {
    struct bed *b = *state;
    struct platform one, two,
        p = { .company_id = b->company_id,
              .key = TEXT_LIT("three"),
              .adapter = TEXT_LIT("learnamp"),
              .prefix = TEXT_LIT("old-one"),
              .settings = TEXT_LIT("{}") };
    added(b, "one");
    added(b, "two");
    OK(platform_add(b->st, b->key, &p, &why));
    OK(platform_find(b->st, b->company_id, "one", NULL, &b->a, &one, &why));
    OK(platform_find(b->st, b->company_id, "two", NULL, &b->a, &two, &why));
    assert_memory_equal(one.prefix.ptr, "rollcall-", 9);
    assert_int_equal(one.prefix.len, 17);
    assert_false(text_equal(one.prefix, two.prefix));
    OK(platform_find(b->st, b->company_id, "three", NULL, &b->a, &two, &why));
    assert_true(text_is(two.prefix, "old-one"));
    assert_int_equal(two.feeds_n, 0);
}

static void a_key_is_taken_once_a_company(void **state) {
    struct bed *b = *state;
    struct platform p = added(b, "academy");
    struct rc_error err;
    assert_int_equal(platform_add(b->st, b->key, &p, &err), RC_CONFLICT);
    assert_string_equal(err.name, "destination.exists");
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM feed"), 1);
    assert_int_equal(platform_find(b->st, b->company_id, "other", NULL, &b->a, &p, &err),
                     RC_NOT_FOUND);
    assert_string_equal(err.name, "destination.unknown");
    assert_int_equal(platform_get(b->st, b->company_id, 999, NULL, &b->a, &p, &err), RC_NOT_FOUND);
    p.destination_id = 999;
    assert_int_equal(platform_save(b->st, b->key, &p, &err), RC_NOT_FOUND);
}

static void one_that_is_fed_by_what_there_is_not_is_not_added(void **state) {
    struct bed *b = *state;
    int64_t nobody = 12345;
    struct platform p = { .company_id = b->company_id,
                          .key = TEXT_LIT("academy"),
                          .adapter = TEXT_LIT("learnamp"),
                          .settings = TEXT_LIT("{}"),
                          .feeds = &nobody,
                          .feeds_n = 1 };
    assert_int_equal(platform_add(b->st, b->key, &p, NULL), RC_CONFLICT);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM destination"), 0);
}

static void secrets_are_sealed_and_open_in_their_own_row_only(void **state) {
    struct bed *b = *state;
    struct platform p;
    struct db_statement *row;
    bool found = false;
    size_t len = 0;
    added(b, "one");
    added(b, "two");
    OK(store_row(b->st, &row, &found, &why, "SELECT secrets FROM destination WHERE key = 'one'",
                 ""));
    const char *sealed = db_blob(row, 0, &len);
    assert_true(len > strlen(secret_json));
    assert_null(memmem(sealed, len, "hunter2", 7));
    db_reset(row);
    OK(store_run(b->st, NULL, &why,
                 "UPDATE destination SET secrets = (SELECT secrets FROM destination AS o"
                 " WHERE o.key = 'one') WHERE key = 'two'",
                 ""));
    OK(platform_find(b->st, b->company_id, "one", b->key, &b->a, &p, &why));
    assert_int_equal(platform_find(b->st, b->company_id, "two", b->key, &b->a, &p, NULL), RC_FATAL);
}

static struct account_row new_account(struct bed *b, const struct platform *p, int64_t user_id,
                                      const char *remote_id) {
    struct account_row row = { .is = { .user_id = user_id,
                                       .remote_id = text_of(remote_id),
                                       .tie = ACCOUNT_LINKED,
                                       .status = ACCOUNT_ACTIVE,
                                       .invited_on = DATE_NONE },
                               .due_on = DATE_NONE,
                               .gone_on = DATE_NONE,
                               .excluded_on = DATE_NONE,
                               .decided_on = DATE_NONE };
    OK(db_begin(b->st->db, &why));
    OK(account_save(b->st, p->company_id, p->destination_id, &row, &why));
    OK(db_commit(b->st->db, &why));
    return row;
}

static void saving_keeps_secrets_that_are_not_given_and_marks_every_account(void **state) {
    struct bed *b = *state;
    struct integration other = bed_integration(b, b->company_id, "other");
    struct platform p = added(b, "academy"), found;
    int64_t feeds[] = { other.integration_id, b->in.integration_id };
    new_account(b, &p, 101, "a");
    new_account(b, &p, 0, "stranger");
    p.settings = TEXT_LIT("{\"retries\":\"2\"}");
    p.policy = TEXT_NONE;
    p.limits = TEXT_LIT("{\"leavers\":{\"run\":[1,1]}}");
    p.secrets = (struct text){ 0 };
    p.paused_by = TEXT_LIT("ann");
    p.paused_why = TEXT_LIT("audit");
    p.paused_us = T0 + 5;
    p.feeds = feeds;
    p.feeds_n = 2;
    OK(platform_pause(b->st, &p, &why));
    p.paused_by = (struct text){ 0 }; /* read before it was paused: saving does not end that */
    OK(platform_save(b->st, b->key, &p, &why));
    OK(platform_find(b->st, b->company_id, "academy", b->key, &b->a, &found, &why));
    assert_true(text_equal(found.settings, p.settings));
    assert_int_equal(found.policy.state, TEXT_MISSING);
    assert_true(text_equal(found.limits, p.limits));
    assert_true(text_is(found.secrets, secret_json));
    assert_true(text_is(found.paused_by, "ann"));
    assert_true(text_is(found.paused_why, "audit"));
    assert_int_equal(found.paused_us, T0 + 5);
    assert_int_equal(found.feeds_n, 2);
    assert_int_equal(found.feeds[0], other.integration_id); /* in order */
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM account WHERE dirty <> 0"), 1);
    p.paused_why = (struct text){ 0 };
    p.paused_us = 0;
    OK(platform_pause(b->st, &p, &why));
    p.secrets = TEXT_LIT("{\"client-secret\":\"new\"}");
    OK(platform_save(b->st, b->key, &p, &why));
    OK(platform_find(b->st, b->company_id, "academy", b->key, &b->a, &found, &why));
    assert_int_equal(found.paused_by.state, TEXT_MISSING);
    assert_int_equal(found.paused_why.state, TEXT_MISSING);
    assert_int_equal(found.paused_us, 0);
    assert_true(text_equal(found.secrets, p.secrets));
}

static void saving_is_part_of_the_transaction_it_is_in(void **state) {
    struct bed *b = *state;
    struct platform p = added(b, "academy"), found;
    p.settings = TEXT_LIT("{\"retries\":\"2\"}");
    p.feeds_n = 0;
    OK(db_begin(b->st->db, &why));
    OK(platform_save(b->st, b->key, &p, &why));
    db_rollback(b->st->db);
    OK(platform_find(b->st, b->company_id, "academy", NULL, &b->a, &found, &why));
    assert_false(text_equal(found.settings, p.settings));
    assert_int_equal(found.feeds_n, 1);
}

static void an_inventory_and_the_first_delivery_leave_their_marks(void **state) {
    struct bed *b = *state;
    struct platform p = added(b, "academy"), found;
    OK(platform_listed(b->st, b->company_id, p.destination_id, p.settings, T0 + 1, &why));
    OK(platform_listed(b->st, b->company_id, p.destination_id, p.settings, T0 + 2, &why));
    OK(platform_listed(b->st, b->company_id, p.destination_id, TEXT_LIT("{\"of\":\"another\"}"),
                       T0 + 9, &why)); /* it has been set otherwise meanwhile */
    OK(platform_delivered(b->st, b->company_id, p.destination_id, T0 + 3, &why));
    OK(platform_delivered(b->st, b->company_id, p.destination_id, T0 + 4, &why));
    OK(platform_find(b->st, b->company_id, "academy", NULL, &b->a, &found, &why));
    assert_int_equal(found.listed_us, T0 + 2);
    assert_int_equal(found.delivered_us, T0 + 3); /* the first */
}

static void they_are_listed_by_key(void **state) {
    struct bed *b = *state;
    struct platform *list;
    size_t n;
    added(b, "b");
    added(b, "a");
    OK(platform_list(b->st, b->company_id, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    assert_true(text_is(list[0].key, "a"));
    assert_int_equal(list[1].feeds_n, 1);
    assert_int_equal(list[0].secrets.state, TEXT_MISSING);
}

/* A team on the platform, a delivery with an effect, and an account, of each of two. */
static void fill(struct bed *b, const struct platform *p, int64_t user_id, int64_t team_id) {
    struct run r = { .company_id = b->company_id,
                     .destination_id = p->destination_id,
                     .kind = RUN_DELIVERY,
                     .state = RUN_APPLIED,
                     .started_us = T0 };
    struct team_row team = { .team_id = team_id, .origin = TEAM_OURS, .remote_id = TEXT_LIT("t") };
    OK(run_add(b->st, &r, &why));
    struct account_row row = new_account(b, p, user_id, "a");
    struct effect e = { .run_id = r.run_id,
                        .effect_id = 1,
                        .pass = EFFECT_PEOPLE,
                        .account_id = row.account_id,
                        .user_id = user_id,
                        .verb = TEXT_LIT("update"),
                        .plan = TEXT_LIT("{}"),
                        .state = EFFECT_DONE };
    OK(db_begin(b->st->db, &why));
    OK(effect_add(b->st, b->company_id, &e, 1, &why));
    OK(team_link_save(b->st, b->company_id, p->destination_id, &team, &why));
    OK(team_link_sought(b->st, b->company_id, p->destination_id, team.team_id,
                        &(struct team_sought){ TEXT_LIT("Dock"), 2 }, &why));
    OK(team_link_word(b->st, b->company_id, p->destination_id,
                      &(struct team_row){ .team_id = team.team_id, .word = TEAM_WORD_IGNORE },
                      &why));
    OK(db_commit(b->st->db, &why));
}

static void one_person_and_a_team(struct bed *b, const struct integration *in, int64_t user_id,
                                  int64_t team_id) {
    struct run r = bed_run(b, b->company_id, in->integration_id, RUN_PASSED);
    struct version v = bed_version(b, user_id, 0, "1", "ann");
    struct version_team t = { TEXT_LIT("department:9"), TEXT_LIT("department"), TEXT_LIT("9"),
                              TEXT_LIT("Dock"), team_id };
    bed_stage(b, &r, &v, 1);
    OK(version_add_team(b->st, b->company_id, r.run_id, &t, &why));
    bed_apply(b, &r);
}

static void removing_one_leaves_the_others(void **state) {
    static const char *const tables[] = { "destination",   "feed",      "account", "team_link",
                                          "team_namesake", "team_word", "effect" };
    struct bed *b = *state;
    one_person_and_a_team(b, &b->in, 101, 50);
    struct platform one = added(b, "one"), two = added(b, "two");
    fill(b, &one, 101, 50);
    fill(b, &two, 101, 50);
    OK(db_begin(b->st->db, &why));
    OK(platform_remove(b->st, b->company_id, one.destination_id, &why));
    OK(db_commit(b->st->db, &why));
    for (size_t i = 0; i < RC_LEN(tables); i++) {
        char *sql = arena_printf(&b->a, "SELECT COUNT(*) FROM %s", tables[i]);
        if (bed_number(b, sql) != 1)
            fail_msg("%s", sql);
    }
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM run WHERE kind = 'delivery'"), 1);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM \"user\""), 1);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM team"), 1);
}

/* Nobody is closed because an integration was removed: what people have stays. */
static void removing_an_integration_makes_its_peoples_accounts_nobodys(void **state) {
    struct bed *b = *state;
    struct integration other = bed_integration(b, b->company_id, "other");
    one_person_and_a_team(b, &b->in, 101, 50);
    one_person_and_a_team(b, &other, 201, 60);
    int64_t feeds[] = { b->in.integration_id, other.integration_id }, n;
    struct platform p = added(b, "academy");
    struct account_row mine, theirs, gone;
    p.feeds = feeds;
    p.feeds_n = 2;
    OK(platform_save(b->st, b->key, &p, &why));
    fill(b, &p, 101, 50);
    mine = new_account(b, &p, 201, "b");
    gone = new_account(b, &p, 102, NULL); /* a user without account */
    OK(store_run(
        b->st, NULL, &why,
        "INSERT INTO \"user\" (company_id, user_id, integration_id, source_id, run_id, presence,"
        " employee_digest, user_digest, read_at, problems, has_left) SELECT company_id, 102,"
        " integration_id, '2', run_id, presence, employee_digest, user_digest, read_at,"
        " problems, has_left FROM \"user\" WHERE user_id = 101",
        ""));
    OK(db_begin(b->st->db, &why));
    OK(integration_remove(b->st, b->company_id, b->in.integration_id, &why));
    OK(db_commit(b->st->db, &why));
    OK(account_by_remote(b->st, b->company_id, p.destination_id, TEXT_LIT("a"), &b->a, &theirs,
                         &why));
    assert_int_equal(theirs.is.tie, ACCOUNT_STRANGER); /* it has no id of ours */
    assert_int_equal(theirs.is.status, ACCOUNT_ACTIVE);
    assert_int_equal(theirs.is.user_id, 0);
    OK(account_get(b->st, b->company_id, p.destination_id, mine.account_id, &b->a, &mine, &why));
    assert_int_equal(mine.is.user_id, 201);
    assert_int_equal(mine.is.tie, ACCOUNT_LINKED);
    assert_true(mine.dirty);
    assert_int_equal(
        account_get(b->st, b->company_id, p.destination_id, gone.account_id, &b->a, &gone, NULL),
        RC_NOT_FOUND);
    OK(account_enrol(b->st, b->company_id, p.destination_id, &n, &why));
    assert_int_equal(n, 0);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM effect"), 0);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM team_link"), 0);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM team_namesake"), 0);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM team_word"), 0);
    OK(platform_find(b->st, b->company_id, "academy", NULL, &b->a, &p, &why));
    assert_int_equal(p.feeds_n, 1);
    assert_int_equal(p.feeds[0], other.integration_id);
}

static const struct CMUnitTest tests[] = {
    BED_TEST(a_destination_is_found_as_it_was_added),
    BED_TEST(each_draws_a_prefix_of_its_own_unless_it_has_one),
    BED_TEST(a_key_is_taken_once_a_company),
    BED_TEST(one_that_is_fed_by_what_there_is_not_is_not_added),
    BED_TEST(secrets_are_sealed_and_open_in_their_own_row_only),
    BED_TEST(saving_keeps_secrets_that_are_not_given_and_marks_every_account),
    BED_TEST(saving_is_part_of_the_transaction_it_is_in),
    BED_TEST(an_inventory_and_the_first_delivery_leave_their_marks),
    BED_TEST(they_are_listed_by_key),
    BED_TEST(removing_one_leaves_the_others),
    BED_TEST(removing_an_integration_makes_its_peoples_accounts_nobodys),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
