#include "tests/base/helper.h"
#include <sys/stat.h>
#include "people/digest.h"
#include "people/mapping.h"

static struct secret_key *key;
static struct buf scratch;
static const struct text states[] = {
    { 0 }, { TEXT_EMPTY, "", 0 }, { TEXT_SET, "x", 1 }, { TEXT_SET, "y", 1 }
};

/* The key 000102..1f of a file that is gone again. */
static struct secret_key *fixed_key(void) {
    static const char hex[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
    char path[] = "/tmp/test-digest-XXXXXX";
    struct secret_key *k = NULL;
    struct rc_error err;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, hex, strlen(hex)), (ssize_t)strlen(hex));
    close(fd);
    if (secret_key_open(path, &k, &err) != RC_OK)
        fail_msg("%s", err.text);
    unlink(path);
    return k;
}

static struct digest of_employee(const struct employee *e) {
    struct digest d;
    digest_employee(key, e, &scratch, &d);
    return d;
}

static struct digest of_user(const struct user *u) {
    struct digest d;
    digest_user(key, u, &scratch, &d);
    return d;
}

static void assert_hex(struct digest d, const char *want) {
    char hex[2 * SECRET_DIGEST_BYTES + 1];
    for (int i = 0; i < SECRET_DIGEST_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", d.bytes[i]);
    assert_string_equal(hex, want);
}

/* Computed by another implementation from the format in digest.h. When this fails, the next import
 * of every installation writes every person again. */
static void the_answer_never_changes(void **state) {
    struct employee_custom custom[] = { { TEXT_LIT("dynamic_7"), TEXT_LIT("N-00417") } };
    struct employee e = {
        .source_id = TEXT_LIT("4711"), .custom = custom, .custom_n = 1, .bad = 2
    };
    struct user u = { 0 };
    (void)state;
    e.fields[EMPLOYEE_FIRST_NAME].text = TEXT_LIT("Mira");
    e.fields[EMPLOYEE_JOB_TITLE].text = TEXT_NONE;
    e.fields[EMPLOYEE_OFFICE] = (struct employee_value){ TEXT_LIT("Bremen"), TEXT_LIT("5120") };
    e.fields[EMPLOYEE_DEPARTMENT] = (struct employee_value){ TEXT_LIT("Dock"), TEXT_LIT("903") };
    u.fields[USER_FIRST_NAME] = TEXT_LIT("Mira");
    u.fields[USER_JOB_TITLE] = TEXT_NONE;
    assert_hex(of_employee(&e), "70eec8744680bad86d5b79bd117d375e");
    assert_hex(of_user(&u), "16acf05b35dc2f2f0baff2a4e1988522");
}

/* All given digests are different. */
static void assert_distinct(const struct digest *d, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (digest_equal(&d[i], &d[j]))
                fail_msg("%zu and %zu have one digest", j, i);
}

static void every_field_in_every_state_has_a_digest_of_its_own(void **state) {
    struct digest all[EMPLOYEE_FIELDS_N * 7 + 1];
    size_t n = 0;
    struct employee e = { .source_id = TEXT_LIT("1") };
    (void)state;
    all[n++] = of_employee(&e);
    for (int f = 0; f < EMPLOYEE_FIELDS_N; f++) {
        struct employee other = e;
        for (size_t i = 1; i < RC_LEN(states); i++) {
            other.fields[f].text = states[i];
            all[n++] = of_employee(&other);
        }
        other = e;
        if (employee_field_kind((enum employee_field)f) == EMPLOYEE_KIND_GROUP)
            for (size_t i = 2; i < RC_LEN(states); i++) {
                other.fields[f].id = states[i];
                all[n++] = of_employee(&other);
            }
        other = e;
        other.bad = 1u << f;
        all[n++] = of_employee(&other);
    }
    assert_true(n <= RC_LEN(all));
    assert_distinct(all, n);
}

static void a_name_of_a_team_that_has_an_id_does_not_count_and_any_other_does(void **state) {
    (void)state;
    for (int f = 0; f < EMPLOYEE_FIELDS_N; f++) {
        struct employee a = { .source_id = TEXT_LIT("1") }, b;
        bool team = f == EMPLOYEE_TEAM || f == EMPLOYEE_DEPARTMENT;
        if (employee_field_kind((enum employee_field)f) != EMPLOYEE_KIND_GROUP)
            continue;
        a.fields[f] = (struct employee_value){ TEXT_LIT("Dock"), TEXT_LIT("903") };
        b = a;
        b.fields[f].text = TEXT_LIT("Harbour");
        struct digest da = of_employee(&a), db = of_employee(&b);
        assert_int_equal(digest_equal(&da, &db), team);
        a.names = b.names = 1u << f; /* the mapping makes a text of it */
        da = of_employee(&a), db = of_employee(&b);
        assert_false(digest_equal(&da, &db));
    }
}

static void id_and_custom_values_count_too(void **state) {
    struct employee_custom custom[2] = { { TEXT_LIT("k"), { 0 } }, { TEXT_LIT("l"), { 0 } } };
    struct employee e = { .source_id = TEXT_LIT("1"), .custom = custom, .custom_n = 2 };
    struct digest all[12];
    size_t n = 0;
    (void)state;
    all[n++] = of_employee(&e);
    for (size_t i = 1; i < RC_LEN(states); i++) {
        custom[0].value = states[i];
        all[n++] = of_employee(&e);
    }
    custom[1].value = custom[0].value;
    custom[0].value = (struct text){ 0 };
    all[n++] = of_employee(&e);
    custom[1].value = (struct text){ 0 };
    custom[0].key = TEXT_LIT("m");
    all[n++] = of_employee(&e);
    e.bad_custom = 1;
    all[n++] = of_employee(&e);
    e.source_id = TEXT_LIT("2");
    all[n++] = of_employee(&e);
    e.source_id = TEXT_LIT("12");
    all[n++] = of_employee(&e);
    assert_distinct(all, n);
}

static void every_field_of_the_user_counts(void **state) {
    struct digest all[USER_FIELDS_N * 3 + 12];
    size_t n = 0;
    struct user u = { 0 };
    (void)state;
    all[n++] = of_user(&u);
    for (int f = 0; f < USER_FIELDS_N; f++) {
        struct user other = u;
        for (size_t i = 1; i < RC_LEN(states); i++) {
            other.fields[f] = states[i];
            all[n++] = of_user(&other);
        }
    }
    for (int k = 0; k < 2; k++)
        for (size_t i = 1; i < RC_LEN(states); i++) {
            struct user_custom custom = { k == 0 ? "custom.a" : "custom.b", states[i] };
            u.custom = &custom;
            u.custom_n = 1;
            all[n++] = of_user(&u);
        }
    assert_distinct(all, n);
}

/* Directories from before these fields were there keep their digests. */
static void later_fields_that_are_missing_leave_the_digest_as_it_was(void **state) {
    struct user u = { .custom = NULL };
    (void)state;
    for (int f = 0; f < USER_FIELDS_FIRST_N; f++)
        u.fields[f] = TEXT_LIT("x");
    buf_clear(&scratch);
    of_user(&u);
    assert_int_equal(scratch.len, 4 + USER_FIELDS_FIRST_N * 6);
    assert_int_equal(USER_FIELDS_FIRST_N, 11);
}

/* Bytes cannot wander over a border: each text says how long it is. */
static void borders_between_fields_count(void **state) {
    struct user a = { 0 }, b = { 0 };
    (void)state;
    a.fields[USER_FIRST_NAME] = TEXT_LIT("ab");
    a.fields[USER_LAST_NAME] = TEXT_LIT("c");
    b.fields[USER_FIRST_NAME] = TEXT_LIT("a");
    b.fields[USER_LAST_NAME] = TEXT_LIT("bc");
    struct digest da = of_user(&a), db = of_user(&b);
    assert_false(digest_equal(&da, &db));
    assert_true(digest_print(&da) != digest_print(&db));
    db = of_user(&a);
    assert_true(digest_equal(&da, &db));
    assert_true(digest_print(&da) == digest_print(&db));
}

static void another_key_gives_another_answer(void **state) {
    char path[] = "/tmp/test-digest-XXXXXX";
    struct secret_key *other = NULL;
    struct user u = { 0 };
    struct digest d;
    (void)state;
    assert_int_equal(close(mkstemp(path)), 0);
    unlink(path);
    assert_int_equal(secret_key_make(path, NULL), RC_OK);
    assert_int_equal(secret_key_open(path, &other, NULL), RC_OK);
    unlink(path);
    digest_user(other, &u, &scratch, &d);
    secret_key_close(other);
    struct digest mine = of_user(&u);
    assert_false(digest_equal(&d, &mine));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_never_changes),
        cmocka_unit_test(every_field_in_every_state_has_a_digest_of_its_own),
        cmocka_unit_test(a_name_of_a_team_that_has_an_id_does_not_count_and_any_other_does),
        cmocka_unit_test(id_and_custom_values_count_too),
        cmocka_unit_test(every_field_of_the_user_counts),
        cmocka_unit_test(later_fields_that_are_missing_leave_the_digest_as_it_was),
        cmocka_unit_test(borders_between_fields_count),
        cmocka_unit_test(another_key_gives_another_answer),
    };
    key = fixed_key();
    buf_init(&scratch, DIGEST_SCRATCH_BYTES);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_done(&scratch);
    secret_key_close(key);
    return failed;
}
