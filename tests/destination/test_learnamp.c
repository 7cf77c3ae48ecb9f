/* What is particular to Learn Amp: what is sent beside what changes, fields of its own, check, and what
 * the profile `full` can do more. */
#include <stdio.h>

#include "tests/destination/bed.h"

static struct rc_error err;
#define A   (&bed.arena)
#define OPS (bed.l->destination->ops)
#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != RC_OK)                                                                       \
            fail_msg("%s: %s", #call, err.text);                                                   \
    } while (0)
#define NUMBERED(id) ((struct account){ .remote_id = TEXT_LIT(id), .status = ACCOUNT_ACTIVE })

static void patch(const char *id, const char *body) {
    char path[60];
    snprintf(path, sizeof path, "accounts/%s", id);
    bed_control("PATCH", path, body);
}

/* ---- what is foretold ---- */

static void it_says_how_many_calls_something_takes_and_how_fast_they_may_be(void **state) {
    const char *values[32] = { NULL };
    const struct destination_config config = { OPS, values, &bed.clock };
    int64_t most = 0;
    (void)state;
    assert_int_equal(OPS->calls(DECIDE_NOTHING), 0);
    assert_int_equal(OPS->calls(DECIDE_CREATE), 1);
    assert_int_equal(OPS->calls(DECIDE_UPDATE), 2); /* it is read before it is changed */
    OK(OPS->per_second(&config, &most, &err));
    assert_int_equal(most, 2);
    for (size_t i = 0; OPS->settings[i].key != NULL; i++)
        if (strcmp(OPS->settings[i].key, "max-per-second") == 0)
            values[i] = "40";
    OK(OPS->per_second(&config, &most, &err));
    assert_int_equal(most, 40);
}

/* ---- what is sent ---- */

static void an_address_keeps_its_letters_and_nobody_is_mailed_about_it(void **state) {
    struct account a = NUMBERED("1002");
    struct destination_outcome o;
    struct sent s = { 0 };
    (void)state;
    bed_switch("email.change-mails", "both-addresses");
    patch("1002", "{\"email\":\"Learning.Admin@Nordkap.example\"}");
    bed_control("DELETE", "mails", NULL);
    a.fields[USER_EMAIL].known = TEXT_LIT("learning.admin@nordkap.example");
    sent_put(&s, "job_title", "Head of learning");
    OK(OPS->update(bed.l, CHANGE_OF(s, a), A, &o, &err));
    assert_true(
        text_is(bed_text(bed_truth(a.remote_id), "email"), "Learning.Admin@Nordkap.example"));
    assert_int_equal(bed_mails(a.remote_id), 0);
}

static void a_name_mended_by_hand_since_is_not_put_back(void **state) {
    struct account a = sent_made(bed.l, A, "hr:1");
    struct destination_outcome o;
    struct sent s = { 0 };
    char id[30];
    (void)state;
    snprintf(id, sizeof id, "%.*s", TEXT_ARG(a.remote_id));
    patch(id, "{\"lastName\":\"Mended\"}"); /* a knows nothing of it */
    sent_put(&s, "job_title", "Cook");
    OK(OPS->update(bed.l, CHANGE_OF(s, a), A, &o, &err));
    assert_true(text_is(bed_text(bed_truth(a.remote_id), "lastName"), "Mended"));
    assert_true(text_is(o.shows.fields[USER_LAST_NAME].known, "Mended"));
}

static void roles_and_secondary_teams_are_never_in_a_change(void **state) {
    struct account a = sent_made(bed.l, A, "hr:1");
    struct destination_outcome o;
    struct sent s = { 0 };
    json none, one;
    (void)state;
    sent_put(&s, "job_title", "Cook");
    sent_put(&s, "secondary_teams", "15");
    OK(OPS->update(bed.l, CHANGE_OF(s, a), A, &o, &err));
    json all = json_get(bed_control("GET", "requests", NULL), "requests");
    for (struct json_iter it = json_iter(all); json_next(&it, &none, &one);) {
        struct text body = bed_text(one, "body");
        if (body.state != TEXT_SET)
            continue;
        assert_null(memmem(body.ptr, body.len, "role", 4));
        assert_null(memmem(body.ptr, body.len, "secondaryTeam", 13));
        assert_null(memmem(body.ptr, body.len, "isPrimary", 9));
    }
    assert_true(text_is(o.shows.fields[USER_SECONDARY_TEAMS].known, "15"));
}

static void each_user_parameter_arrives(void **state) {
    struct account boss = sent_made(bed.l, A, "hr:1"), a = sent_made(bed.l, A, "hr:2");
    struct destination_outcome o;
    struct sent s = { 0 };
    (void)state;
    sent_put(&s, "primary_team", "16");
    sent_put(&s, "manager", arena_str(A, boss.remote_id.ptr, boss.remote_id.len));
    sent_put(&s, "language", "de-AT");
    sent_put(&s, "hire_date", "2026-03-02");
    sent_put(&s, "primary_location", "Zürich");
    sent_put(&s, "first_name", "李");
    OK(OPS->update(bed.l, CHANGE_OF(s, a), A, &o, &err));
    json truth = bed_truth(a.remote_id);
    assert_int_equal(o.refused, 0);
    assert_int_equal(bed_number(truth, "primaryTeam"), 16);
    assert_true(
        text_is(boss.remote_id, arena_printf(A, "%lld", (long long)bed_number(truth, "manager"))));
    assert_true(text_is(bed_text(truth, "language"), "de"));
    assert_true(text_is(bed_text(truth, "hireDate"), "2026-03-02"));
    assert_true(text_is(bed_text(truth, "location"), "Zürich"));
    assert_true(text_is(bed_text(truth, "firstName"), "李"));
}

/* ---- refusals ---- */

static void an_unknown_field_of_its_own_does_not_lose_the_person(void **state) {
    struct account a = sent_made(bed.l, A, "hr:1");
    struct destination_outcome o;
    struct sent s = { 0 };
    (void)state;
    sent_put(&s, "job_title", "Cook");
    sent_put(&s, "No such field", "x");
    OK(OPS->update(bed.l, CHANGE_OF(s, a), A, &o, &err));
    assert_int_equal(o.refused, 1u << 1);
    assert_true(text_is(bed_text(bed_truth(a.remote_id), "jobTitle"), "Cook"));
    bed_control("DELETE", "requests", NULL);
    struct account nobody = NUMBERED("424242"); /* and a 404 without them is one */
    nobody.fields[USER_FIRST_NAME].known = nobody.fields[USER_LAST_NAME].known = TEXT_LIT("A");
    assert_int_equal(OPS->update(bed.l, CHANGE_OF(s, nobody), A, &o, &err), RC_NOT_FOUND);
}

static void
a_mandatory_field_that_is_emptied_keeps_its_value_and_the_rest_goes_through(void **state) {
    struct account a = sent_made(bed.l, A, "hr:1");
    struct destination_outcome o;
    struct sent s = { 0 };
    (void)state;
    sent_put(&s, "Contract type", "full");
    OK(OPS->update(bed.l, CHANGE_OF(s, a), A, &o, &err));
    s = (struct sent){ 0 };
    sent_put(&s, "Contract type", "");
    sent_put(&s, "Cost centre", "17");
    sent_put(&s, "job_title", "Cook");
    OK(OPS->update(bed.l, CHANGE_OF(s, a), A, &o, &err));
    assert_int_equal(o.refused, 1);
    struct account after;
    OK(OPS->find(bed.l, DESTINATION_BY_ID, a.remote_id, A, &after, &err));
    assert_true(text_is(account_custom_find(&after, TEXT_LIT("Contract type"))->known, "full"));
    assert_true(text_is(account_custom_find(&after, TEXT_LIT("Cost centre"))->known, "17"));
    assert_true(text_is(after.fields[USER_JOB_TITLE].known, "Cook"));
}

static void what_cannot_be_sent_is_refused_without_asking(void **state) {
    static const char *const rows[][2] = {
        { "language", "fi" },           { "manager", "boss" },
        { "primary_team", "0" },        { "avatar", "https://x.example/a.png" },
        { "leave_date", "2027-01-31" }, { "last_name", "" }
    };
    struct account a = sent_made(bed.l, A, "hr:1");
    (void)state;
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        struct destination_outcome o = { 0 };
        struct sent s = { 0 };
        sent_put(&s, rows[i][0], rows[i][1]);
        bed_control("DELETE", "requests", NULL);
        assert_int_equal(OPS->update(bed.l, CHANGE_OF(s, a), A, &o, &err), RC_INVALID);
        assert_string_equal(err.name, "destination.refused");
        assert_int_equal(o.refused, 1);
        assert_int_equal(bed_requests("users.update"), 0);
    }
}

static void a_manager_who_is_unknown_is_refused_alone(void **state) {
    struct account a = sent_made(bed.l, A, "hr:1");
    struct destination_outcome o;
    struct sent s = { 0 };
    (void)state;
    sent_put(&s, "manager", "424242");
    sent_put(&s, "primary_team", "424242");
    sent_put(&s, "job_title", "Cook");
    OK(OPS->update(bed.l, CHANGE_OF(s, a), A, &o, &err));
    assert_int_equal(o.refused, 3);
    assert_true(text_is(o.shows.fields[USER_JOB_TITLE].known, "Cook"));
}

/* ---- check ---- */

static const struct finding *finding(const struct destination_check *c, const char *name,
                                     const char *says) {
    for (size_t i = 0; i < c->findings_n; i++)
        if (strcmp(c->findings[i].name, name) == 0 && strstr(c->findings[i].text, says) != NULL)
            return &c->findings[i];
    return NULL;
}

static struct destination_check checked(const struct text *custom, size_t custom_n) {
    struct destination_check c;
    OK(OPS->check(bed.l, custom, custom_n, A, &c, &err));
    return c;
}

static void check_names_each_missing_scope(void **state) {
    (void)state;
    bed_control("POST", "credentials",
                "{\"client_id\":\"few\",\"client_secret\":\"x\",\"scopes\":[\"users:read\","
                "\"teams:read\",\"users:create\",\"team_users:read\"]}");
    bed_open((const char *const[]){ "client-id", "few", "client-secret", "x", NULL });
    struct destination_check c = checked(NULL, 0);
    static const char *const missing[] = { "users:update",      "users:deactivate",
                                           "users:reactivate",  "teams:create",
                                           "teams:update",      "team_users:create",
                                           "team_users:delete", "teams:delete" };
    for (size_t i = 0; i < RC_LEN(missing); i++)
        if (finding(&c, "scope-missing", missing[i]) == NULL)
            fail_msg("%s is not named", missing[i]);
    assert_null(finding(&c, "scope-missing", "users:read"));
    assert_int_equal(c.findings_n, RC_LEN(missing));
}

static void check_compares_what_the_token_answer_says(void **state) {
    (void)state;
    bed_switch("auth.scope-answer", "fewer");
    struct destination_check c = checked(NULL, 0);
    assert_non_null(finding(&c, "scope-missing", "teams:delete"));
    bed_switch("auth.scope-answer", "missing");
    bed_open(NULL);
    c = checked(NULL, 0);
    assert_non_null(finding(&c, "scope-unknown", ""));
    bed_open((const char *const[]){ "client-id", "learnamp-legacy", "client-secret",
                                    "learnamp-legacy-secret", "scope", "public", NULL });
    bed_switch("auth.scope-answer", "asked");
    c = checked(NULL, 0);
    assert_null(finding(&c, "scope-missing", ""));
}

static void check_tells_a_wrong_key_and_changes_nothing(void **state) {
    (void)state;
    bed_open((const char *const[]){ "client-secret", "wrong", NULL });
    struct destination_check c = checked(NULL, 0);
    assert_int_equal(c.findings_n, 1);
    assert_string_equal(c.findings[0].name, "credentials");
    assert_int_equal(c.findings[0].level, FINDING_FAIL);
    assert_int_equal(c.accounts_n, -1);
}

static void check_tells_which_fields_of_its_own_are_missing(void **state) {
    const struct text custom[] = { TEXT_LIT("Cost centre"), TEXT_LIT("Shoe size") };
    (void)state;
    struct destination_check c = checked(custom, 2);
    assert_non_null(finding(&c, "custom-field-missing", "Shoe size"));
    assert_null(finding(&c, "custom-field-missing", "Cost centre"));
    bed_switch("custom-fields.shape", "absent");
    c = checked(custom, 2);
    assert_non_null(finding(&c, "custom-fields-unseen", "Shoe size"));
    assert_null(finding(&c, "custom-field-missing", ""));
    assert_int_equal(bed_requests("users.update") + bed_requests("users.create"), 0);
}

static void check_tells_what_is_missing_for_a_proof_and_what_is_not_transferred(void **state) {
    (void)state;
    struct destination_check c = checked(NULL, 0);
    assert_non_null(finding(&c, "external-ids", ""));
    assert_non_null(finding(&c, "not-transferred", "leave dates"));
    assert_non_null(finding(&c, "accounts", "8 accounts"));
    bed_switch("list.headers", "missing");
    bed_switch("external-id.known", "off");
    c = checked(NULL, 0);
    assert_non_null(finding(&c, "no-total", ""));
    assert_non_null(finding(&c, "external-ids-unseen", ""));
    assert_int_equal(c.accounts_n, -1);
}

/* ---- the profile full ---- */

static void the_full_profile_takes_pictures_and_leave_dates_and_invites(void **state) {
    struct policy_caps caps;
    struct destination_outcome o;
    struct sent s = { 0 };
    struct account a = sent_made(bed.l, A, "hr:1"), now;
    (void)state;
    OK(OPS->caps(bed.l, A, &caps, &err));
    assert_true(caps.invites);
    assert_true((caps.takes & 1u << USER_AVATAR) != 0 && (caps.takes & 1u << USER_LEAVE_DATE) != 0);
    sent_put(&s, "avatar", "https://x.example/a.png");
    sent_put(&s, "leave_date", "2027-01-31");
    OK(OPS->update(bed.l, CHANGE_OF(s, a), A, &o, &err));
    assert_int_equal(o.refused, 0);
    assert_true(text_is(o.shows.fields[USER_LEAVE_DATE].known, "2027-01-31"));
    assert_true(text_is(o.shows.fields[USER_AVATAR].known, "https://x.example/a.png"));
    for (int i = 0; i < 2; i++)
        OK(OPS->invite(bed.l, &a, &err));
    assert_int_equal(bed_mails(a.remote_id), 1);
    OK(OPS->find(bed.l, DESTINATION_BY_ID, a.remote_id, A, &now, &err));
    assert_int_equal(now.mail, ACCOUNT_MAIL_SENT);
    assert_true(now.invited_on != DATE_NONE);
    struct destination_check c = checked(NULL, 0);
    assert_null(finding(&c, "not-transferred", ""));
    assert_null(finding(&c, "invites-by-hand", ""));
    bed_fault("{\"route\":\"users.invite\",\"kind\":\"lost\",\"count\":1}");
    a = sent_made(bed.l, A, "hr:2");
    assert_int_equal(OPS->invite(bed.l, &a, &err), RC_UNSURE);
    OK(OPS->invite(bed.l, &a, &err)); /* looks first */
    assert_int_equal(bed_mails(a.remote_id), 1);
    /* an error is no mail, whatever its number */
    bed_fault(
        "{\"route\":\"users.invite\",\"kind\":\"replace\",\"text\":\"{\\\"error\\\":\\\"no\\\"}\"}");
    a = sent_made(bed.l, A, "hr:3");
    assert_int_equal(OPS->invite(bed.l, &a, &err), RC_UNSURE);
    assert_string_equal(err.name, "destination.answer");
}

static void the_documented_profile_asks_once_what_it_can(void **state) {
    struct policy_caps caps;
    (void)state;
    for (int i = 0; i < 3; i++)
        OK(OPS->caps(bed.l, A, &caps, &err));
    assert_false(caps.invites);
    assert_true(caps.creates_silently && caps.customs);
    assert_int_equal(caps.takes & (1u << USER_AVATAR | 1u << USER_LEAVE_DATE | 1u << USER_STATUS),
                     0);
    assert_true(bed_requests("capabilities") <= 1);
}

static void teams_are_deleted_only_where_a_setting_says_so(void **state) {
    (void)state;
    bed_open((const char *const[]){ "prune-teams", "no", NULL });
    assert_int_equal(OPS->team_delete(bed.l, TEXT_LIT("15"), &err), RC_INVALID);
    assert_string_equal(err.name, "destination.refused");
    assert_int_equal(bed_requests("teams.delete"), 0);
    bed_open(NULL);
    bed_fault("{\"route\":\"teams.delete\",\"kind\":\"lost\",\"count\":1}");
    OK(OPS->team_delete(bed.l, TEXT_LIT("15"),
                        &err)); /* the 404 of the second try is its own doing */
}

int main(int argc, char **argv) {
    const struct CMUnitTest usual[] = {
        TEST(it_says_how_many_calls_something_takes_and_how_fast_they_may_be),
        TEST(an_address_keeps_its_letters_and_nobody_is_mailed_about_it),
        TEST(a_name_mended_by_hand_since_is_not_put_back),
        TEST(roles_and_secondary_teams_are_never_in_a_change),
        TEST(each_user_parameter_arrives),
        TEST(an_unknown_field_of_its_own_does_not_lose_the_person),
        TEST(a_mandatory_field_that_is_emptied_keeps_its_value_and_the_rest_goes_through),
        TEST(what_cannot_be_sent_is_refused_without_asking),
        TEST(a_manager_who_is_unknown_is_refused_alone),
        TEST(check_names_each_missing_scope),
        TEST(check_compares_what_the_token_answer_says),
        TEST(check_tells_a_wrong_key_and_changes_nothing),
        TEST(check_tells_which_fields_of_its_own_are_missing),
        TEST(check_tells_what_is_missing_for_a_proof_and_what_is_not_transferred),
        TEST(the_documented_profile_asks_once_what_it_can),
        TEST(teams_are_deleted_only_where_a_setting_says_so),
    };
    const struct CMUnitTest full[] = {
        TEST(the_full_profile_takes_pictures_and_leave_dates_and_invites),
    };
    if (argc < 2)
        return 2;
    bed_start(argv[1], "public");
    int failed = cmocka_run_group_tests(usual, NULL, NULL);
    bed_stop();
    bed_start(argv[1], "full");
    failed += cmocka_run_group_tests(full, NULL, NULL);
    bed_stop();
    return failed;
}
