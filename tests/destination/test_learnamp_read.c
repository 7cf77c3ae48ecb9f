/* Users, teams, status labels, refusals and languages, from bytes: the right ones, and hostile ones. */
#include "tests/check.h"

#include <stdio.h>

#include "destination/learnamp_p.h"

static struct arena arena;
static struct json_reader *reader;
static struct account account;

static json parsed(const char *text) {
    json root = NULL;
    if (json_parse_copy(reader, text, strlen(text), &root, NULL) != RC_OK)
        fail_msg("no JSON: %s", text);
    return root;
}

static const struct account *read_as(const char *text, unsigned caps) {
    learnamp_read_user(parsed(text), caps, &arena, &account);
    return &account;
}

static struct text known(enum user_field f) {
    return account.fields[f].known;
}

#define IS(f, value)                                                                               \
    do {                                                                                           \
        if (!text_is(known(f), value))                                                             \
            fail_msg("%s: \"%.*s\"", user_field_name(f), TEXT_ARG(known(f)));                      \
    } while (0)

/* ---- users ---- */

static const char in_detail[] =
    "{\"id\":4711,\"firstName\":\" Zoe\xcc\x88 \",\"lastName\":\"Łukasz\",\"jobTitle\":\"Welder\","
    "\"email\":\"Zoe@Example.org\",\"timeZone\":\"London\",\"language\":\"en\",\"role\":\"viewer\","
    "\"integrationExternalId\":\"hr:1001\",\"occupationRole\":null,\"hireDate\":\"2026-03-02\","
    "\"status\":{\"status\":\"Invite pending\",\"time\":\"Sent 2 Mar 26\"},\"avatar\":null,"
    "\"manager\":{\"id\":7,\"firstName\":\"Ada\"},\"location\":\"Leeds\",\"department\":\"Works\","
    "\"primaryTeam\":{\"id\":15,\"name\":\"Works\",\"manager\":{}},"
    "\"secondaryTeams\":[{\"id\":9},{\"id\":\"10\"}],"
    "\"customFields\":[{\"name\":\"Cost centre\",\"value\":\"17\"},{\"name\":\"Size\",\"value\":3},"
    "{\"name\":\"Empty\",\"value\":null}]}";

static void a_user_in_detail_is_read(void **state) {
    (void)state;
    read_as(in_detail, 0);
    assert_true(text_is(account.remote_id, "4711"));
    assert_true(text_is(account.external_id, "hr:1001"));
    assert_true(text_is(account.role, "viewer"));
    assert_int_equal(account.status, ACCOUNT_ACTIVE);
    assert_int_equal(account.mail, ACCOUNT_MAIL_SENT);
    assert_int_equal(account.invited_on, date_from_ymd(2026, 3, 2));
    IS(USER_FIRST_NAME, "Zoë"); /* trimmed, and composed */
    IS(USER_EMAIL, "zoe@example.org");
    IS(USER_MANAGER, "7");
    IS(USER_PRIMARY_TEAM, "15");
    IS(USER_SECONDARY_TEAMS, "10\x1f"
                             "9");
    IS(USER_PRIMARY_LOCATION, "Leeds");
    IS(USER_HIRE_DATE, "2026-03-02");
    assert_int_equal(known(USER_AVATAR).state, TEXT_EMPTY);
    assert_int_equal(known(USER_LEAVE_DATE).state, TEXT_MISSING); /* the documented API has none */
    assert_int_equal(known(USER_STATUS).state, TEXT_MISSING);
    assert_int_equal(account.custom_n, 3);
    assert_true(text_is(account_custom_find(&account, TEXT_LIT("Size"))->known, "3"));
    assert_int_equal(account_custom_find(&account, TEXT_LIT("Empty"))->known.state, TEXT_EMPTY);
    assert_int_equal(account.tie, ACCOUNT_STRANGER);
    assert_int_equal(account.user_id, 0);
}

static void null_an_empty_object_and_absence_are_the_same_none(void **state) {
    static const char *const rows[] = {
        "{\"id\":1,\"manager\":null,\"primaryTeam\":null,\"secondaryTeams\":[],\"location\":null}",
        "{\"id\":1,\"manager\":{},\"primaryTeam\":{},\"secondaryTeams\":null,\"location\":\"\"}",
        "{\"id\":1,\"secondaryTeams\":[]}",
    };
    (void)state;
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        read_as(rows[i], LEARNAMP_LEAVE_DATE);
        assert_int_equal(known(USER_MANAGER).state, TEXT_EMPTY);
        assert_int_equal(known(USER_PRIMARY_TEAM).state, TEXT_EMPTY);
        assert_int_equal(known(USER_SECONDARY_TEAMS).state, TEXT_EMPTY);
        assert_int_equal(known(USER_PRIMARY_LOCATION).state, TEXT_EMPTY);
        assert_int_equal(known(USER_JOB_TITLE).state, TEXT_EMPTY);
        assert_int_equal(known(USER_LEAVE_DATE).state, TEXT_EMPTY);
    }
}

static void a_simple_user_does_not_say_that_it_has_no_team(void **state) {
    (void)state;
    read_as("{\"id\":1,\"firstName\":\"A\",\"integrationExternalId\":null}", LEARNAMP_LEAVE_DATE);
    assert_int_equal(known(USER_PRIMARY_TEAM).state, TEXT_MISSING);
    assert_int_equal(known(USER_SECONDARY_TEAMS).state, TEXT_MISSING);
    assert_int_equal(known(USER_MANAGER).state, TEXT_MISSING);
    assert_int_equal(known(USER_PRIMARY_LOCATION).state, TEXT_MISSING);
    assert_int_equal(known(USER_LEAVE_DATE).state, TEXT_MISSING);
    assert_int_equal(account.external_id.state, TEXT_EMPTY);
    read_as("{\"id\":1}", 0);
    assert_int_equal(account.external_id.state, TEXT_MISSING); /* an older account */
}

static void a_row_without_a_usable_id_has_none(void **state) {
    static const char *const rows[] = {
        "null",
        "[]",
        "17",
        "\"x\"",
        "{}",
        "{\"id\":null}",
        "{\"id\":0}",
        "{\"id\":-4}",
        "{\"id\":1.5}",
        "{\"id\":\"\"}",
        "{\"id\":\"007\"}",
        "{\"id\":1e30}",
        "{\"id\":99999999999999999999}",
        "{\"id\":{\"id\":1}}",
        "{\"id\":true}",
    };
    (void)state;
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        assert_int_equal(read_as(rows[i], 0)->remote_id.state, TEXT_MISSING);
        assert_int_equal(account.status, ACCOUNT_UNKNOWN);
        assert_int_equal(known(USER_EMAIL).state, TEXT_MISSING);
    }
}

static void what_has_a_wrong_type_is_missing_so_that_what_is_known_stays(void **state) {
    static const char text[] =
        "{\"id\":1,\"firstName\":17,\"lastName\":[],\"email\":{\"a\":1},\"jobTitle\":true,"
        "\"language\":3.5,\"hireDate\":\"soon\",\"avatar\":[1],\"location\":9,"
        "\"primaryTeam\":\"Works\",\"manager\":[7],\"secondaryTeams\":[{\"id\":9},{}],"
        "\"leaveDate\":\"2026-02-30\",\"status\":[\"Confirmed\"],\"role\":1,"
        "\"integrationExternalId\":[],\"customFields\":\"none\"}";
    static const enum user_field fields[] = {
        USER_FIRST_NAME, USER_LAST_NAME,       USER_EMAIL,        USER_JOB_TITLE,
        USER_LANGUAGE,   USER_HIRE_DATE,       USER_AVATAR,       USER_PRIMARY_LOCATION,
        USER_MANAGER,    USER_SECONDARY_TEAMS, USER_PRIMARY_TEAM, USER_LEAVE_DATE,
    };
    (void)state;
    read_as(text, LEARNAMP_LEAVE_DATE);
    assert_true(text_is(account.remote_id, "1"));
    for (size_t i = 0; i < RC_LEN(fields); i++)
        if (known(fields[i]).state != TEXT_MISSING)
            fail_msg("%s", user_field_name(fields[i]));
    assert_int_equal(account.status, ACCOUNT_UNKNOWN);
    assert_int_equal(account.external_id.state, TEXT_MISSING);
    assert_int_equal(account.custom_n, 0);
}

static void custom_fields_come_as_a_list_or_an_object_or_twice(void **state) {
    (void)state;
    read_as("{\"id\":1,\"customFields\":{\"A\":\"x\",\"B\":null,\"C\":{\"d\":1}}}", 0);
    assert_int_equal(account.custom_n, 3);
    assert_true(text_is(account_custom_find(&account, TEXT_LIT("A"))->known, "x"));
    assert_int_equal(account_custom_find(&account, TEXT_LIT("C"))->known.state, TEXT_MISSING);
    read_as("{\"id\":1,\"customFields\":[1,null,{\"name\":7},{\"name\":\"A\",\"value\":\"x\"},"
            "{\"name\":\"A\",\"value\":\"y\"},{\"value\":\"z\"}]}",
            0);
    assert_int_equal(account.custom_n, 1);
    assert_int_equal(account.custom[0].field.known.state, TEXT_MISSING);
}

static void a_text_beyond_all_measure_is_missing(void **state) {
    struct buf b;
    (void)state;
    buf_init(&b, 1 << 20);
    buf_str(&b, "{\"id\":1,\"jobTitle\":\"");
    for (int i = 0; i < LEARNAMP_TEXT_BYTES + 1; i++)
        buf_char(&b, 'x');
    buf_str(&b, "\",\"location\":\"Leeds\"}");
    read_as(b.ptr, 0);
    assert_int_equal(known(USER_JOB_TITLE).state, TEXT_MISSING);
    IS(USER_PRIMARY_LOCATION, "Leeds");
    buf_done(&b);
}

/* ---- status ---- */

static const struct status_row {
    const char *name, *label, *time;
    enum account_status status;
    enum account_mail mail;
    int year, month, day; /* 0: none */
} status_rows[] = {
    { "confirmed", "Confirmed", "On 29 Nov 16", ACCOUNT_ACTIVE, ACCOUNT_MAIL_SENT, 2016, 11, 29 },
    { "pending", "Invite pending", "Sent 25 Sep 19", ACCOUNT_ACTIVE, ACCOUNT_MAIL_SENT, 2019, 9,
      25 },
    { "one digit", "invite PENDING", "Sent 4 Mar 20", ACCOUNT_ACTIVE, ACCOUNT_MAIL_SENT, 2020, 3,
      4 },
    { "not yet", "Not yet invited", NULL, ACCOUNT_ACTIVE, ACCOUNT_MAIL_UNKNOWN, 0, 0, 0 },
    { "scheduled", "Invite scheduled", "For 1 Dec 26", ACCOUNT_ACTIVE, ACCOUNT_MAIL_SENT, 0, 0, 0 },
    { "pending deactivation", "Pending deactivation", NULL, ACCOUNT_ACTIVE, ACCOUNT_MAIL_UNKNOWN, 0,
      0, 0 },
    { "deactivated", "Deactivated", "On 1 Jan 26", ACCOUNT_DEACTIVATED, ACCOUNT_MAIL_UNKNOWN, 0, 0,
      0 },
    { "inactive", "Inactive", NULL, ACCOUNT_DEACTIVATED, ACCOUNT_MAIL_UNKNOWN, 0, 0, 0 },
    { "anonymised", "Anonymised", NULL, ACCOUNT_ANONYMISED, ACCOUNT_MAIL_UNKNOWN, 0, 0, 0 },
    { "another company's", "External Contributor", NULL, ACCOUNT_UNKNOWN, ACCOUNT_MAIL_UNKNOWN, 0,
      0, 0 },
    { "unknown label", "Awaiting review", "On 1 Jan 26", ACCOUNT_UNKNOWN, ACCOUNT_MAIL_UNKNOWN, 0,
      0, 0 },
    { "no label", NULL, NULL, ACCOUNT_UNKNOWN, ACCOUNT_MAIL_UNKNOWN, 0, 0, 0 },
    { "no such day", "Confirmed", "On 31 Feb 26", ACCOUNT_ACTIVE, ACCOUNT_MAIL_SENT, 0, 0, 0 },
    { "no such month", "Confirmed", "On 3 Foo 26", ACCOUNT_ACTIVE, ACCOUNT_MAIL_SENT, 0, 0, 0 },
    { "no year", "Confirmed", "On 3 Mar ", ACCOUNT_ACTIVE, ACCOUNT_MAIL_SENT, 0, 0, 0 },
    { "long year", "Confirmed", "On 3 Mar 2026", ACCOUNT_ACTIVE, ACCOUNT_MAIL_SENT, 0, 0, 0 },
    { "cut", "Confirmed", "On 3", ACCOUNT_ACTIVE, ACCOUNT_MAIL_SENT, 0, 0, 0 },
    { "only blanks", "Confirmed", "On   ", ACCOUNT_ACTIVE, ACCOUNT_MAIL_SENT, 0, 0, 0 },
    { "other words", "Confirmed", "yesterday", ACCOUNT_ACTIVE, ACCOUNT_MAIL_SENT, 0, 0, 0 },
};

static void a_status_label_is_read(void **state) {
    (void)state;
    for (size_t i = 0; i < RC_LEN(status_rows); i++) {
        const struct status_row *r = &status_rows[i];
        struct account a = { .mail = ACCOUNT_MAIL_BY_HAND };
        learnamp_read_status(text_of(r->label), text_of(r->time), &a);
        date_days day = r->year != 0 ? date_from_ymd(r->year, r->month, r->day) : DATE_NONE;
        if (a.status != r->status || a.mail != r->mail || a.invited_on != day)
            fail_msg("%s: %s, %s, %d", r->name, account_status_name(a.status),
                     account_mail_name(a.mail), a.invited_on);
    }
}

/* ---- teams, pages ---- */

static void a_team_is_read(void **state) {
    struct destination_team t;
    (void)state;
    learnamp_read_team(parsed("{\"id\":15,\"name\":\" Works \",\"integrationExternalId\":\"t:1\","
                              "\"teamUsersCount\":12,\"manager\":{}}"),
                       &arena, &t);
    assert_true(text_is(t.remote_id, "15"));
    assert_true(text_is(t.name, "Works"));
    assert_true(text_is(t.external_id, "t:1"));
    assert_int_equal(t.members_n, 12);
    learnamp_read_team(parsed("{\"id\":\"15\",\"name\":7,\"teamUsersCount\":-3}"), &arena, &t);
    assert_true(text_is(t.remote_id, "15"));
    assert_int_equal(t.name.state, TEXT_MISSING);
    assert_int_equal(t.members_n, -1);
    learnamp_read_team(parsed("[1]"), &arena, &t);
    assert_int_equal(t.remote_id.state, TEXT_MISSING);
}

static void a_page_has_a_list_of_rows_or_is_none(void **state) {
    static const char *const none[] = {
        "null", "{}", "[]", "{\"users\":null}", "{\"users\":{}}", "{\"teams\":[]}"
    };
    struct destination_page p = { 0 };
    struct rc_error err;
    (void)state;
    for (size_t i = 0; i < RC_LEN(none); i++) {
        assert_int_equal(
            learnamp_page_read(parsed(none[i]), DESTINATION_ACCOUNTS, 0, &arena, &p, &err),
            RC_INVALID);
        assert_string_equal(err.name, "destination.answer");
    }
    assert_int_equal(learnamp_page_read(parsed("{\"users\":[{\"id\":1},null,{\"id\":1}]}"),
                                        DESTINATION_ACCOUNTS, 0, &arena, &p, &err),
                     RC_OK);
    assert_int_equal(p.accounts_n, 3); /* odd and repeated rows included */
    assert_int_equal(p.accounts[1].remote_id.state, TEXT_MISSING);
    assert_true(text_is(p.accounts[2].remote_id, "1"));
}

static void an_id_is_a_number_from_one(void **state) {
    static const char *const bad[] = { "", "0", "01", "-1", "1a", " 1", "1234567890123456789" };
    int64_t id = 5;
    (void)state;
    assert_true(learnamp_id_parse(TEXT_LIT("123456789012345678"), &id));
    assert_true(id == INT64_C(123456789012345678));
    for (size_t i = 0; i < RC_LEN(bad); i++)
        assert_false(learnamp_id_parse(text_of(bad[i]), &id));
}

/* ---- languages ---- */

static void a_language_is_folded_to_one_that_it_has(void **state) {
    static const char *const rows[][2] = {
        { "en-GB", "en" },    { "EN", "en" },
        { "en-US", "en-US" }, { "en_us", "en-US" },
        { "de-AT", "de" },    { "nb", "no" },
        { "nn-NO", "no" },    { "pt", "pt-PT" },
        { "pt-BR", "pt-BR" }, { "pt-AO", "pt-PT" },
        { "zh", "zh-CN" },    { "zh-Hant-HK", "zh-TW" },
        { "zh-HK", "zh-TW" }, { "zh-Hans-SG", "zh-CN" },
        { "es-CO", "es-CO" }, { "es-MX", "es" },
        { "fi", NULL },       { "cs-CZ", NULL },
        { "uk", NULL },       { "", NULL },
        { "-", NULL },        { "e", NULL },
        { "eng", NULL },      { "de--", "de" },
    };
    (void)state;
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        struct text code = learnamp_language(text_of(rows[i][0]));
        if (rows[i][1] == NULL ? code.state != TEXT_MISSING : !text_is(code, rows[i][1]))
            fail_msg("%s: %.*s", rows[i][0], TEXT_ARG(code));
    }
    const struct destination_ops *ops = destination_find("learnamp");
    assert_true(text_is(ops->shown_as(USER_LANGUAGE, TEXT_LIT("nb")), "no"));
    assert_true(text_is(ops->shown_as(USER_LANGUAGE, TEXT_LIT("fi")), "fi"));
    assert_true(text_is(ops->shown_as(USER_JOB_TITLE, TEXT_LIT("nb")), "nb"));
}

/* ---- refusals ---- */

enum { EMAIL, FIRST, TITLE, TEAM, MANAGER, CUSTOM, CUSTOM_EMPTY, HIRE, LANGUAGE, FIELDS_N };
#define SENT(f, value)                                                                             \
    {                                                                                              \
        .field = (f), .does = DECIDE_FIELD_SENDS, .to = {                                          \
            (value)[0] ? TEXT_SET : TEXT_EMPTY,                                                    \
            (value),                                                                               \
            sizeof(value) - 1                                                                      \
        }                                                                                          \
    }
static const struct decide_field sent[FIELDS_N] = {
    SENT(USER_EMAIL, "a@x.org"), SENT(USER_FIRST_NAME, "A"),
    SENT(USER_JOB_TITLE, "T"),   SENT(USER_PRIMARY_TEAM, "1"),
    SENT(USER_MANAGER, "2"),     SENT(USER_FIELDS_N, "v"),
    SENT(USER_FIELDS_N, ""),     SENT(USER_HIRE_DATE, "2026-01-01"),
    SENT(USER_LANGUAGE, "de"),
};
#define B(i) (1u << (i))
static const struct refusal_row {
    const char *body;
    unsigned fields;
    const char *taken; /* "e", "x", "n" */
} refusal_rows[] = {
    { "{\"error\":\"Validation failed: Email has already been taken\",\"fullErrors\":{\"email\":[\"has "
      "already been taken\"]}}",
      B(EMAIL), "e" },
    { "{\"error\":\"Email has already been taken\"}", B(EMAIL), "e" },
    { "{\"error\":\"Validation failed: Integration external id has already been taken\",\"fullErrors\":{"
      "\"integrationExternalId\":[\"has already been taken\"]}}",
      0, "x" },
    { "{\"error\":\"Validation failed: Integration external id has already been taken\"}", 0, "x" },
    { "{\"error\":\"Name has already been taken\"}", 0, "n" },
    { "{\"error\":\"email is missing, email is empty, firstName is missing\",\"fullErrors\":{\"email\":[\"is "
      "missing\",\"is empty\"],\"firstName\":[\"is missing\"]}}",
      B(EMAIL) | B(FIRST), "" },
    { "{\"error\":\"managerId must match an existing user ID within your company\"}", B(MANAGER),
      "" },
    { "{\"error\":\"managerId, managerEmail are mutually exclusive\"}", B(MANAGER), "" },
    { "{\"error\":\"primaryTeamId must match existing teams IDs\",\"fullErrors\":{\"primaryTeamId\":[\"must "
      "match existing teams IDs\"]}}",
      B(TEAM), "" },
    { "{\"error\":\"Validation failed: Value can't be blank\",\"fullErrors\":{\"value\":[\"can't be "
      "blank\"]}}",
      B(CUSTOM_EMPTY), "" },
    { "{\"error\":\"customFields is invalid\"}", B(CUSTOM) | B(CUSTOM_EMPTY), "" },
    { "{\"error\":\"Validation failed: Job title is too long (maximum is 255 characters), First name can't "
      "be blank\"}",
      B(TITLE) | B(FIRST), "" },
    { "{\"error\":\"language does not have a valid value, hireDate is invalid\"}",
      B(LANGUAGE) | B(HIRE), "" },
    { "{\"error\":\"x\",\"fullErrors\":{\"job_title\":\"is odd\"}}", B(TITLE), "" },
    { "{\"error\":\"x\",\"fullErrors\":{\"hireDate\":[]}}", B(HIRE), "" },
    { "{\"error\":\"HR role is not available for your company\"}", 0, "" },
    { "{\"error\":\"something about jobTitle\"}", 0, "" },
    { "{\"error\":\"\"}", 0, "" },
    { "{\"error\":\", , ,\"}", 0, "" },
    { "{\"error\":17,\"fullErrors\":[1,2]}", 0, "" },
    { "{\"fullErrors\":{\"email\":[{\"a\":1}, null, 7]}}", B(EMAIL), "" },
    { "[]", 0, "" },
};

static void a_refusal_names_the_fields_that_were_sent(void **state) {
    struct decide_field fields[FIELDS_N];
    const struct destination_change change = { .fields = fields, .fields_n = FIELDS_N };
    (void)state;
    memcpy(fields, sent, sizeof fields);
    for (size_t i = 0; i < RC_LEN(refusal_rows); i++) {
        const struct refusal_row *r = &refusal_rows[i];
        struct learnamp_answer answer = { .status = 400, .root = parsed(r->body) };
        struct learnamp_refusal x;
        unsigned got = 0;
        learnamp_refusal_read(&answer, &change, &arena, &x);
        for (unsigned k = 0; k < FIELDS_N; k++)
            got |= x.fields[k] ? B(k) : 0;
        if (got != r->fields || x.email_taken != (r->taken[0] == 'e') ||
            x.external_id_taken != (r->taken[0] == 'x') || x.name_taken != (r->taken[0] == 'n'))
            fail_msg("%s: fields %x", r->body, got);
        assert_int_equal(learnamp_said(&answer, &arena).state, TEXT_SET);
    }
    fields[TITLE].does = DECIDE_FIELD_STAYS; /* what was not sent cannot have been refused */
    struct learnamp_answer answer = { .status = 400,
                                      .root = parsed("{\"error\":\"jobTitle is invalid\"}") };
    struct learnamp_refusal x;
    learnamp_refusal_read(&answer, &change, &arena, &x);
    assert_int_equal(x.fields_n, 0);
    learnamp_refusal_read(&answer, NULL, &arena, &x); /* of a team */
    assert_int_equal(x.fields_n, 0);
}

static void what_it_said_is_one_short_clean_line(void **state) {
    struct buf b;
    (void)state;
    buf_init(&b, 100000);
    buf_str(&b, "{\"error\":\"a\\nb\\u0007");
    for (int i = 0; i < 2000; i++)
        buf_str(&b, "é");
    buf_str(&b, "\"}");
    struct learnamp_answer answer = { .status = 400, .root = parsed(b.ptr) };
    struct text said = learnamp_said(&answer, &arena);
    assert_true(said.len <= 300 && text_is_utf8(said.ptr, said.len));
    answer.root = NULL;
    assert_true(text_is(learnamp_said(&answer, &arena), "answered 400, without a reason"));
    buf_done(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_in_detail_is_read),
        cmocka_unit_test(null_an_empty_object_and_absence_are_the_same_none),
        cmocka_unit_test(a_simple_user_does_not_say_that_it_has_no_team),
        cmocka_unit_test(a_row_without_a_usable_id_has_none),
        cmocka_unit_test(what_has_a_wrong_type_is_missing_so_that_what_is_known_stays),
        cmocka_unit_test(custom_fields_come_as_a_list_or_an_object_or_twice),
        cmocka_unit_test(a_text_beyond_all_measure_is_missing),
        cmocka_unit_test(a_status_label_is_read),
        cmocka_unit_test(a_team_is_read),
        cmocka_unit_test(a_page_has_a_list_of_rows_or_is_none),
        cmocka_unit_test(an_id_is_a_number_from_one),
        cmocka_unit_test(a_language_is_folded_to_one_that_it_has),
        cmocka_unit_test(a_refusal_names_the_fields_that_were_sent),
        cmocka_unit_test(what_it_said_is_one_short_clean_line),
    };
    arena_init(&arena);
    reader = json_reader_new(1 << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    json_reader_free(reader);
    arena_done(&arena);
    return failed;
}
