/* What a transcript shows of real people: nothing; and of the account's shape: everything. */
#include "tests/check.h"
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>
#include "source/mask_p.h"
#include "source/source.h"
#include "tests/source/personio_fake.h"

static struct mask mask;
static struct json_reader *reader, *masked_reader;
static struct arena arena;

static int set_up(void **state) {
    (void)state;
    mask_init(&mask, 7, 7);
    arena_init(&arena);
    reader = json_reader_new(1 << 20);
    masked_reader = json_reader_new(1 << 20);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    mask_done(&mask);
    json_reader_free(reader);
    json_reader_free(masked_reader);
    arena_done(&arena);
    return 0;
}

/* The masked document, parsed again (which also proves that it is JSON). */
static json masked(const char *text) {
    json root;
    struct buf b;
    struct rc_error err = { 0 };
    buf_init(&b, 1 << 20);
    if (json_parse_copy(reader, text, strlen(text), &root, &err) != RC_OK ||
        mask_answer(&mask, root, &b, &err) != RC_OK ||
        json_parse_copy(masked_reader, b.ptr, b.len, &root, &err) != RC_OK)
        fail_msg("%s: %s", text, err.text);
    buf_done(&b);
    return root;
}

/* The value of one attribute after masking, as JSON text. */
static const char *value_of(const char *key, const char *value) {
    struct buf b;
    char *text = arena_printf(&arena,
                              "{\"success\":true,\"data\":{\"type\":\"Employee\",\"attributes\":{"
                              "\"%s\":{\"label\":\"Geheim\",\"value\":%s,\"type\":\"standard\"}}}}",
                              key, value);
    json v =
        json_at(masked(text), (const char *const[]){ "data", "attributes", key, "value", NULL });
    assert_non_null(v);
    buf_init(&b, 100000);
    json_dump(v, &b);
    const char *ret = arena_str(&arena, b.ptr, b.len);
    buf_done(&b);
    return ret;
}

static void what_is_nobodys_is_kept(void **state) {
    static const char *const kept[][2] = {
        { "status", "\"active\"" },
        { "status", "\"Leave\"" },
        { "employment_type", "\"external\"" },
        { "email", "\"\"" },
        { "email", "null" },
        { "office", "[]" },
        { "office", "{}" },
        { "dynamic_1", "true" },
        { "fix_salary", "0" },
        { "hire_date", "\"9999-12-31\"" },
        { "hire_date", "\"0000-00-00\"" },
        { "dynamic_1", "\" , \"" },
    };
    (void)state;
    for (size_t i = 0; i < RC_LEN(kept); i++)
        assert_string_equal(value_of(kept[i][0], kept[i][1]), kept[i][1]);
}

static void words_become_others_of_the_same_shape_and_stay_the_same_ones(void **state) {
    static const char *const words[] = { "\"Mira\"",
                                         "\"van der Meer-Okafor\"",
                                         "\"Jürgen\"",
                                         "\"N-00417\"",
                                         "\"李小龙\"",
                                         "\"Ольга\"",
                                         "\"Müller, \\\"Uschi\\\"\"",
                                         "\"[\\\"German\\\",\\\"Polish\\\"]\"",
                                         "\"Jose\xcc\x81\"",
                                         "\"38.5\"",
                                         "\"محمد\"" };
    (void)state;
    for (size_t i = 0; i < RC_LEN(words); i++) {
        const char *one = value_of("first_name", words[i]), *two = value_of("dynamic_9", words[i]);
        assert_string_equal(one, two);
        assert_string_not_equal(one, words[i]);
        assert_int_equal(strlen(one), strlen(words[i]));
        for (size_t k = 0; words[i][k] != '\0'; k++)
            if (strchr(" -,\".[]0\\", words[i][k]) != NULL)
                assert_int_equal(one[k], words[i][k]);
        assert_true(text_is_utf8(one, strlen(one)));
    }
    /* tags are the options of the catalogue again */
    char *both = arena_printf(&arena, "%s", value_of("dynamic_9", "\"German,Polish\""));
    const char *german = value_of("dynamic_9", "\"German\"");
    assert_int_equal(strncmp(both, german, strlen(german) - 1), 0);
    /* capitals are of the form, not of the word */
    assert_int_equal(
        strcasecmp(value_of("last_name", "\"BERLIN\""), value_of("office", "\"berlin\"")), 0);
}

static void ids_are_mapped_and_each_kind_has_its_own(void **state) {
    (void)state;
    const char *first = value_of("id", "4711");
    assert_string_equal(first, "1000001");
    assert_string_equal(value_of("id", "4711"), first);
    assert_string_equal(value_of("id", "\"4711\""), "\"1000001\"");
    assert_string_equal(value_of("id", "4712"), "1000002");
    assert_non_null(strstr(
        value_of(
            "supervisor",
            "{\"type\":\"Employee\",\"attributes\":{\"id\":{\"label\":\"ID\",\"value\":4712}}}"),
        "\"value\":1000002"));
    assert_non_null(
        strstr(value_of("office",
                        "{\"type\":\"Office\",\"attributes\":{\"id\":4711,\"name\":\"Bremen\"}}"),
               "{\"type\":\"Office\",\"attributes\":{\"id\":1000003,"));
    assert_string_equal(
        value_of("profile_picture",
                 "\"https://api.personio.de/v1/company/employees/4712/profile-picture\""),
        "\"https://api.personio.de/v1/company/employees/1000002/profile-picture\"");
    const char *centres = value_of(
        "cost_centers",
        "[{\"type\":\"CostCenter\",\"attributes\":{\"id\":31,\"name\":\"X\",\"percentage\":60}}]");
    assert_non_null(strstr(centres, "\"percentage\":60"));
    assert_null(strstr(centres, "\"id\":31"));
}

static void addresses_stay_equal_when_they_were_and_keep_their_oddities(void **state) {
    (void)state;
    assert_string_equal(value_of("email", "\"mira@nordkap.example\""), "\"p1@d1.example\"");
    assert_string_equal(value_of("email", "\"Mira@Nordkap.example\""), "\"P1@d1.example\"");
    assert_string_equal(value_of("dynamic_1", "\" bo@nordkap.example \""), "\" p2@d1.example \"");
    assert_string_equal(value_of("email", "\"bo@other.example\""), "\"p3@d2.example\"");
    assert_null(strstr(value_of("email", "\"mira at nordkap\""), "mira"));
    assert_null(strstr(value_of("email", "\"a b@nordkap.example\""), "nordkap"));
}

static date_days day_of(const char *json_text) {
    date_days d;
    assert_int_equal(date_parse(json_text + 1, 10, &d, NULL), RC_OK);
    return d;
}

static void dates_move_together_and_keep_what_stands_behind_them(void **state) {
    (void)state;
    const char *hired = value_of("hire_date", "\"2021-04-01T00:00:00+02:00\""),
               *left = value_of("termination_date", "\"2021-04-11\"");
    assert_int_equal(day_of(left) - day_of(hired), 10);
    assert_true(abs(day_of(hired) - date_from_ymd(2021, 4, 1)) >= 14);
    assert_string_equal(hired + 11, "T00:00:00+02:00\"");
    assert_true(day_of(value_of("dynamic_5", "\"1980-05-05\"")) !=
                date_from_ymd(1980, 5, 5) + mask.shift_days);
}

static void tokens_labels_and_messages_tell_nothing(void **state) {
    const char *s;
    size_t n;
    (void)state;
    json root = masked("{\"success\":true,\"data\":{\"token\":\"papi-geheim\",\"expires_in\":86400,"
                       "\"scope\":\"employees:read\"}}");
    assert_true(json_str(json_at(root, (const char *const[]){ "data", "token", NULL }), &s, &n));
    assert_string_equal(s, "papi-recorded");
    json_str(json_at(root, (const char *const[]){ "data", "scope", NULL }), &s, &n);
    assert_string_equal(s, "employees:read");
    root = masked("{\"success\":true,\"data\":[{\"key\":\"dynamic_7\",\"label\":\"Betriebsrat "
                  "Nordkap\",\"type\":\"list\",\"universal_id\":null,"
                  "\"options\":[\"Nordkap\"]},{\"key\":\"office\",\"label\":\"Standort\"}]}");
    struct buf b;
    buf_init(&b, 10000);
    json_dump(root, &b);
    assert_null(strstr(b.ptr, "Nordkap"));
    assert_non_null(strstr(b.ptr, "\"key\":\"dynamic_7\""));
    assert_non_null(strstr(b.ptr, "\"label\":\"Standort\""));
    buf_clear(&b);
    json_dump(masked("{\"success\":false,\"error\":{\"code\":404,\"message\":\"Nr. 4711 fehlt\"}}"),
              &b);
    assert_string_equal(
        b.ptr, "{\"success\":false,\"error\":{\"code\":404,\"message\":\"Nr. 0000 fehlt\"}}");
    buf_done(&b);
}

static void repeated_keys_and_odd_rows_are_kept_and_what_nests_too_deep_is_refused(void **state) {
    struct buf b;
    json root;
    char deep[400] = "";
    (void)state;
    buf_init(&b, 10000);
    json_dump(masked("{\"data\":[7,null,\"x\",{\"attributes\":{\"email\":{\"value\":null},"
                     "\"email\":{\"value\":null}}}],\"metadata\":{\"total_elements\":\"12\"}}"),
              &b);
    assert_non_null(strstr(b.ptr, "{\"email\":{\"value\":null},\"email\":{\"value\":null}}"));
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    assert_int_equal(json_parse_copy(reader, deep, 200, &root, NULL), RC_OK);
    assert_int_equal(mask_answer(&mask, root, &b, NULL), RC_INVALID);
    buf_done(&b);
}

/* ---- a whole transcript ---- */

#define PERSON(id, name, more)                                                                     \
    ("{\"type\":\"Employee\",\"attributes\":{\"id\":{\"label\":\"ID\",\"value\":" id               \
     "},\"first_name\":{\"label\":\"Vorname\",\"value\":\"" name "\"}" more "}}")
static const char *const people[] = {
    PERSON("4711", "Mirabelle",
           ",\"email\":{\"label\":\"E\",\"value\":\"mirabelle@nordkap.example\"}"),
    PERSON(
        "4712", "Okafora",
        ",\"supervisor\":{\"label\":\"S\",\"value\":{\"type\":\"Employee\",\"attributes\":{\"id\":{"
        "\"value\":4711}}}}"),
    PERSON("4713", "Mirabelle", ""),
};

static void file_get(const char *dir, const char *name, struct buf *b) {
    FILE *f = fopen(arena_printf(&arena, "%s/%s", dir, name), "rb");
    assert_non_null(f);
    char *room = buf_room(b, 100000);
    buf_grew(b, fread(room, 1, 100000, f));
    fclose(f);
}

static struct source *personio_open_at(const char *url, const struct clock_source *clock) {
    const struct source_ops *ops = source_find("personio");
    const char *values[32] = { 0 };
    struct source *s = NULL;
    struct rc_error err = { 0 };
    for (size_t i = 0; ops->settings[i].key != NULL; i++) {
        const char *key = ops->settings[i].key;
        values[i] = strcmp(key, "base-url") == 0        ? url
                    : strcmp(key, "client-id") == 0     ? "papi-id"
                    : strcmp(key, "client-secret") == 0 ? "right-secret"
                    : strcmp(key, "page-size") == 0     ? "2"
                                                        : NULL;
    }
    struct source_config config = { ops, values, { 1u << EMPLOYEE_FIRST_NAME, NULL, 0 }, clock };
    if (source_open(&config, &s, &err) != RC_OK)
        fail_msg("%s", err.text);
    return s;
}

static void a_transcript_has_every_answer_and_nobodys_name(void **state) {
    static const char *const secrets[] = { "irabelle", "kafora", "nordkap",      "4711",
                                           "4712",     "4713",   "right-secret", "papi-0" };
    static const struct {
        const char *method, *path, *query;
        int status;
    } want[] = {
        { "POST", "/v1/auth", "", 200 },
        { "GET", "/v1/company/employees/attributes", "", 200 },
        { "GET", "/v1/company/employees", "limit=1&offset=0&attributes%5B%5D=first_name", 200 },
        { "GET", "/v1/company/employees", "limit=2&offset=0&attributes%5B%5D=first_name", 200 },
        { "GET", "/v1/company/employees", "limit=2&offset=2&attributes%5B%5D=first_name", 200 },
        { "GET", "/v1/company/employees", "limit=2&offset=3&attributes%5B%5D=first_name", 200 },
        { "GET", "/v1/company/employees/1000001", "", 200 },
        { "GET", "/v1/company/employees/2147483646", "", 404 },
    };
    struct clock_fake state_of_clock = { .now_us = 1 };
    struct clock_source clock = clock_fake_source(&state_of_clock);
    struct fake fake = { .rows = people, .people_n = 3, .scope = "employees:read" };
    char dir[] = "/tmp/record-XXXXXX";
    struct rc_error err = { 0 };
    json index = NULL, none, entry;
    struct buf b;
    size_t n = 0;
    (void)state;
    assert_non_null(mkdtemp(dir));
    fake_open(&fake);
    struct source *s = personio_open_at(fake.url, &clock);
    if (s->ops->record(s, dir, &err) != RC_OK)
        fail_msg("%s", err.text);
    assert_int_equal(s->ops->record(s, dir, &err), RC_CONFLICT);
    buf_init(&b, 1 << 20);
    file_get(dir, "index.json", &b);
    assert_int_equal(json_parse_copy(masked_reader, b.ptr, b.len, &index, &err), RC_OK);
    for (struct json_iter it = json_iter(index); json_next(&it, &none, &entry); n++) {
        const char *text = NULL;
        size_t len;
        int64_t status = 0;
        assert_true(n < RC_LEN(want));
        assert_true(json_str(json_get(entry, "method"), &text, &len));
        assert_string_equal(text, want[n].method);
        assert_true(json_str(json_get(entry, "path"), &text, &len));
        assert_string_equal(text, want[n].path);
        assert_true(json_str(json_get(entry, "query"), &text, &len));
        assert_string_equal(text, want[n].query);
        assert_true(json_str(json_get(entry, "content_type"), &text, &len));
        assert_string_equal(text, "application/json");
        assert_true(json_int(json_get(entry, "status"), &status));
        assert_int_equal(status, want[n].status);
        assert_true(json_str(json_get(entry, "file"), &text, &len));
        file_get(dir, text, &b);
        unlink(arena_printf(&arena, "%s/%s", dir, text));
    }
    assert_int_equal(n, RC_LEN(want));
    for (size_t i = 0; i < RC_LEN(secrets); i++)
        if (memmem(b.ptr, b.len, secrets[i], strlen(secrets[i])) != NULL)
            fail_msg("the transcript has %s", secrets[i]);
    unlink(arena_printf(&arena, "%s/index.json", dir));
    assert_int_equal(rmdir(dir), 0); /* and nothing else was written */
    buf_done(&b);
    source_close(s);
    fake_close(&fake);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_nobodys_is_kept),
        TEST(words_become_others_of_the_same_shape_and_stay_the_same_ones),
        TEST(ids_are_mapped_and_each_kind_has_its_own),
        TEST(addresses_stay_equal_when_they_were_and_keep_their_oddities),
        TEST(dates_move_together_and_keep_what_stands_behind_them),
        TEST(tokens_labels_and_messages_tell_nothing),
        TEST(repeated_keys_and_odd_rows_are_kept_and_what_nests_too_deep_is_refused),
        TEST(a_transcript_has_every_answer_and_nobodys_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
