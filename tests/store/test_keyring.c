/* Which key counts, and another one in its place. */
#include <stdlib.h>
#include <unistd.h>
#include "tests/store/accounts.h"
#include "store/keyring.h"

static void with_secrets(struct bed *b) {
    b->in.secrets = TEXT_LIT("{\"client-secret\":\"hr-hunter\"}");
    OK(integration_save(b->st, b->key, &b->in, &why));
    struct platform p = { .company_id = b->company_id,
                          .key = TEXT_LIT("la"),
                          .adapter = TEXT_LIT("learnamp"),
                          .settings = TEXT_LIT("{}"),
                          .secrets = TEXT_LIT("{\"client-secret\":\"la-hunter\"}") };
    OK(platform_add(b->st, b->key, &p, &why));
}

static enum rc_code opened(struct bed *b, const struct secret_key *k) {
    struct integration in;
    struct platform p;
    enum rc_code rc = integration_find(b->st, b->company_id, "hr", k, &b->a, &in, &why);
    if (rc == RC_OK) {
        assert_true(text_is(in.secrets, "{\"client-secret\":\"hr-hunter\"}"));
        rc = platform_find(b->st, b->company_id, "la", k, &b->a, &p, &why);
    }
    if (rc == RC_OK)
        assert_true(text_is(p.secrets, "{\"client-secret\":\"la-hunter\"}"));
    return rc;
}

static void the_key_that_opens_the_secrets_becomes_the_databases(void **state) {
    struct bed *b = *state;
    RC_CLEANUP(secret_key_closep) struct secret_key *other = bed_key();
    struct keyring k;
    bool is = false;
    char id[SECRET_KEY_ID_BYTES];
    with_secrets(b);
    assert_int_equal(keyring_open(b->st, other, &why), RC_FATAL);
    assert_string_equal(why.name, "secret.key");
    OK(keyring_get(b->st, &b->a, &k, &why));
    assert_false(k.is_known);
    OK(keyring_open(b->st, b->key, &why));
    OK(keyring_get(b->st, &b->a, &k, &why));
    secret_key_id(b->key, id);
    assert_string_equal(k.key_id, id);
    assert_int_equal(k.rotated_us, 0);
    assert_int_equal(keyring_open(b->st, other, &why), RC_FATAL);
    OK(keyring_is(b->st, other, &is, &why));
    assert_false(is);
    OK(keyring_is(b->st, b->key, &is, &why));
    assert_true(is);
}

static void after_a_rotation_only_the_new_key_opens_and_digests_are_what_they_were(void **state) {
    struct bed *b = *state;
    RC_CLEANUP(secret_key_closep) struct secret_key *next = bed_key(), *third = bed_key();
    uint8_t before[SECRET_DIGEST_BYTES], after[SECRET_DIGEST_BYTES];
    struct keyring k;
    int64_t n = 0;
    with_secrets(b);
    OK(keyring_open(b->st, b->key, &why));
    secret_digest(b->key, "ann", 3, before);
    uint64_t hash = secret_hash64(b->key, "ann", 3);
    OK(keyring_rotate(b->st, b->key, next, T0 + 7, "mira", &n, &why));
    assert_int_equal(n, 2);
    OK(opened(b, next));
    assert_int_equal(opened(b, b->key), RC_FATAL);
    secret_digest(next, "ann", 3, after);
    assert_memory_equal(before, after, sizeof before);
    OK(keyring_get(b->st, &b->a, &k, &why));
    assert_int_equal(k.rotated_us, T0 + 7);
    assert_true(text_is(k.rotated_by, "mira"));
    OK(keyring_rotate(b->st, next, third, T0 + 8, "mira", &n, &why)); /* and once more */
    OK(opened(b, third));
    secret_digest(third, "ann", 3, after);
    assert_memory_equal(before, after, sizeof before);
    assert_true(secret_hash64(third, "ann", 3) == hash);
}

static void the_new_key_as_it_is_read_from_its_file_gets_the_old_digests(void **state) {
    struct bed *b = *state;
    char path[] = "/tmp/test-key-XXXXXX";
    RC_CLEANUP(secret_key_closep) struct secret_key *next = NULL, *again = NULL;
    uint8_t before[SECRET_DIGEST_BYTES], raw[SECRET_DIGEST_BYTES], after[SECRET_DIGEST_BYTES];
    int64_t n = 0;
    with_secrets(b);
    assert_int_equal(close(mkstemp(path)), 0);
    unlink(path);
    OK(secret_key_make(path, &why));
    OK(secret_key_open(path, &next, &why));
    OK(secret_key_open(path, &again, &why));
    unlink(path);
    OK(keyring_open(b->st, b->key, &why));
    secret_digest(b->key, "ann", 3, before);
    OK(keyring_rotate(b->st, b->key, next, T0, "mira", &n, &why));
    secret_digest(again, "ann", 3, raw);
    assert_memory_not_equal(before, raw, sizeof before);
    OK(keyring_open(b->st, again, &why));
    secret_digest(again, "ann", 3, after);
    assert_memory_equal(before, after, sizeof before);
}

static void nothing_is_sealed_with_a_key_that_was_replaced(void **state) {
    struct bed *b = *state;
    RC_CLEANUP(secret_key_closep) struct secret_key *next = bed_key();
    int64_t n = 0;
    struct rc_error err;
    with_secrets(b);
    OK(keyring_open(b->st, b->key, &why));
    OK(keyring_rotate(b->st, b->key, next, T0, "mira", &n, &why));
    assert_int_equal(integration_save(b->st, b->key, &b->in, &err), RC_FATAL);
    assert_string_equal(err.name, "secret.key");
    OK(opened(b, next)); /* as they were */
    OK(integration_save(b->st, next, &b->in, &why));
    OK(opened(b, next));
}

static void one_secret_that_does_not_open_keeps_all_as_they_are(void **state) {
    struct bed *b = *state;
    RC_CLEANUP(secret_key_closep) struct secret_key *next = bed_key();
    struct keyring k;
    int64_t n = 0;
    char id[SECRET_KEY_ID_BYTES];
    with_secrets(b);
    OK(keyring_open(b->st, b->key, &why));
    place_exec(b->st->db, "UPDATE destination SET secrets = (SELECT secrets FROM integration)");
    assert_int_equal(keyring_rotate(b->st, b->key, next, T0, "mira", &n, &why), RC_FATAL);
    struct integration in;
    OK(integration_find(b->st, b->company_id, "hr", b->key, &b->a, &in, &why));
    assert_true(text_is(in.secrets, "{\"client-secret\":\"hr-hunter\"}"));
    OK(keyring_get(b->st, &b->a, &k, &why));
    secret_key_id(b->key, id);
    assert_string_equal(k.key_id, id);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        BED_TEST(the_key_that_opens_the_secrets_becomes_the_databases),
        BED_TEST(after_a_rotation_only_the_new_key_opens_and_digests_are_what_they_were),
        BED_TEST(the_new_key_as_it_is_read_from_its_file_gets_the_old_digests),
        BED_TEST(nothing_is_sealed_with_a_key_that_was_replaced),
        BED_TEST(one_secret_that_does_not_open_keeps_all_as_they_are),
    };
    return PLACE_RUN(tests, argc, argv);
}
