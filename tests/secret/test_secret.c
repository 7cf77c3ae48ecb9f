#include "tests/check.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/arena.h"
#include "secret/secret.h"

/* The known answers below were computed with other implementations (BLAKE2b of Python's hashlib,
 * SipHash and HChaCha20 written out from their papers, ChaCha20-Poly1305 of OpenSSL) for the key
 * 000102..1f. If one of them fails, what installations have stored can no longer be compared or
 * opened: the code is wrong, not the answer. */
static const char fixed_hex[] =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
static char folder[] = "/tmp/test-secret-XXXXXX", path[64];
static struct secret_key *key;

static void write_file(const char *bytes, size_t len, mode_t mode) {
    FILE *f;
    unlink(path);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static struct secret_key *open_key(const char *bytes, size_t len) {
    struct secret_key *k = NULL;
    struct rc_error err = { 0 };
    write_file(bytes, len, 0600);
    if (secret_key_open(path, &k, &err) != RC_OK)
        fail_msg("%s", err.text);
    return k;
}

/* The file at path is refused; what the message says must contain `says`. */
static void assert_refused(const char *says) {
    struct secret_key *k = NULL;
    struct rc_error err;
    assert_int_equal(secret_key_open(path, &k, &err), RC_FATAL);
    assert_null(k);
    assert_string_equal(err.name, "secret.key");
    if (strstr(err.text, says) == NULL || strstr(err.text, path) == NULL)
        fail_msg("%s", err.text);
}

static int set_up(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/key", folder);
    key = open_key(fixed_hex, strlen(fixed_hex));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    secret_key_close(key);
    unlink(path);
    return rmdir(folder);
}

/* ---- the key file ---- */

static void a_key_that_was_made_opens_and_is_not_made_again(void **state) {
    (void)state;
    struct secret_key *a = NULL, *b = NULL;
    struct rc_error err;
    struct stat st;
    uint8_t of_a[SECRET_DIGEST_BYTES], of_b[SECRET_DIGEST_BYTES];
    unlink(path);
    mode_t before = umask(0777); /* not even then */
    assert_int_equal(secret_key_make(path, &err), RC_OK);
    umask(before);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_size, 65);
    assert_int_equal(secret_key_open(path, &a, &err), RC_OK);
    assert_int_equal(secret_key_make(path, &err), RC_CONFLICT);
    assert_int_equal(secret_key_open(path, &b, &err), RC_OK);
    secret_digest(a, "x", 1, of_a);
    secret_digest(b, "x", 1, of_b);
    assert_memory_equal(of_a, of_b, sizeof of_a);
    secret_key_close(b);
    unlink(path);
    assert_int_equal(secret_key_make(path, &err), RC_OK);
    assert_int_equal(secret_key_open(path, &b, &err), RC_OK);
    secret_digest(b, "x", 1, of_b);
    assert_memory_not_equal(of_a, of_b, sizeof of_a); /* each installation has its own */
    secret_key_close(a);
    secret_key_close(b);
}

static void a_key_cannot_be_made_where_there_is_no_folder(void **state) {
    (void)state;
    struct rc_error err;
    assert_int_equal(secret_key_make("/nowhere/at/all/key", &err), RC_FATAL);
    assert_string_equal(err.name, "secret.key");
    assert_string_equal(err.text,
                        "cannot make key file /nowhere/at/all/key: No such file or directory");
}

static void a_key_file_that_others_may_touch_is_refused_with_the_command_to_run(void **state) {
    (void)state;
    char chmod_it[128];
    snprintf(chmod_it, sizeof chmod_it, "; run: chmod 600 %s", path);
    for (mode_t bit = 1; bit <= 040; bit <<= 1) {
        write_file(fixed_hex, strlen(fixed_hex), 0600 | bit);
        assert_refused(chmod_it);
    }
    write_file(fixed_hex, strlen(fixed_hex), 0644);
    assert_refused("is open to other users (mode 644)");
    write_file(fixed_hex, strlen(fixed_hex), 0400);
    struct secret_key *k = NULL;
    assert_int_equal(secret_key_open(path, &k, NULL), RC_OK);
    secret_key_close(k);
}

static void a_key_file_of_the_wrong_length_or_with_wrong_letters_is_refused(void **state) {
    (void)state;
    char bytes[80];
    for (size_t len = 0; len < 64; len++) {
        write_file(fixed_hex, len, 0600);
        assert_refused("is cut short: a key is 64 hexadecimal digits and a newline");
        memcpy(bytes, fixed_hex, len);
        bytes[len] = '\n';
        write_file(bytes, len + 1, 0600);
        assert_refused("is cut short");
    }
    snprintf(bytes, sizeof bytes, "%s\n", fixed_hex);
    write_file(bytes, strlen(bytes), 0600);
    assert_refused("is too long");
    for (size_t at = 0; at < 64; at++) {
        for (size_t i = 0; i < 5; i++) {
            memcpy(bytes, fixed_hex, 65);
            bytes[at] = "g \n:\0"[i];
            write_file(bytes, 65, 0600);
            assert_refused("no hexadecimal digit");
        }
    }
}

static void a_key_file_may_lack_its_newline_and_use_capitals(void **state) {
    (void)state;
    static const char capitals[] =
        "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F";
    uint8_t want[SECRET_DIGEST_BYTES], got[SECRET_DIGEST_BYTES];
    struct secret_key *k = open_key(capitals, 64);
    secret_digest(key, "x", 1, want);
    secret_digest(k, "x", 1, got);
    assert_memory_equal(got, want, sizeof want);
    secret_key_close(k);
}

static void what_is_no_readable_file_is_refused(void **state) {
    (void)state;
    unlink(path);
    assert_refused("cannot open key file");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_refused("is not a file"); /* and does not wait for a writer */
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_refused("is not a file");
    assert_int_equal(rmdir(path), 0);
}

/* ---- sealing ---- */

static const char row[] = "integration 3/7";

static void what_was_sealed_opens_whatever_its_length(void **state) {
    (void)state;
    uint8_t plain[300];
    struct buf sealed, opened;
    struct rc_error err;
    buf_init(&sealed, 1000);
    buf_init(&opened, 1000);
    secret_random(plain, sizeof plain);
    for (size_t len = 0; len <= sizeof plain; len++) {
        buf_clear(&sealed);
        buf_clear(&opened);
        assert_int_equal(secret_seal(key, row, plain, len, &sealed, &err), RC_OK);
        assert_int_equal(sealed.len, len + 41);
        assert_int_equal(secret_open(key, row, sealed.ptr, sealed.len, &opened, &err), RC_OK);
        assert_int_equal(opened.len, len);
        assert_memory_equal(opened.ptr, plain, len);
    }
    assert_null(memmem(sealed.ptr, sealed.len, plain, 8));
    buf_done(&sealed);
    buf_done(&opened);
}

static void the_same_secret_is_never_sealed_the_same_way_twice(void **state) {
    (void)state;
    struct buf both;
    buf_init(&both, 1000);
    assert_int_equal(secret_seal(key, row, "abc", 3, &both, NULL), RC_OK);
    assert_int_equal(secret_seal(key, row, "abc", 3, &both, NULL), RC_OK); /* appended */
    assert_int_equal(both.len, 88);
    assert_memory_not_equal(both.ptr + 1, both.ptr + 45, 24); /* nonce */
    assert_memory_not_equal(both.ptr + 25, both.ptr + 69, 3);
    buf_done(&both);
}

static void a_sealed_secret_changed_in_any_bit_or_cut_anywhere_is_refused(void **state) {
    (void)state;
    struct buf sealed, opened;
    struct rc_error err;
    buf_init(&sealed, 1000);
    buf_init(&opened, 1000);
    assert_int_equal(secret_seal(key, row, "papi-secret", 11, &sealed, NULL), RC_OK);
    buf_str(&opened, "as it was");
    for (size_t bit = 0; bit < sealed.len * 8; bit++) {
        char flip = (char)(1 << (bit % 8));
        sealed.ptr[bit / 8] ^= flip;
        assert_int_equal(secret_open(key, row, sealed.ptr, sealed.len, &opened, &err), RC_FATAL);
        assert_string_equal(err.name, bit < 8 ? "" : "secret.key");
        sealed.ptr[bit / 8] ^= flip;
    }
    for (size_t len = 0; len < sealed.len; len++) {
        char *exact = mem_alloc(len + 1);
        memcpy(exact, sealed.ptr, len);
        assert_int_equal(secret_open(key, row, exact, len, &opened, &err), RC_FATAL);
        mem_free(exact);
    }
    assert_int_equal(opened.len, 9);
    assert_string_equal(opened.ptr, "as it was");
    assert_int_equal(secret_open(key, row, sealed.ptr, sealed.len, &opened, &err), RC_OK);
    assert_string_equal(opened.ptr, "as it waspapi-secret");
    buf_done(&sealed);
    buf_done(&opened);
}

static void another_row_or_another_key_does_not_open_it(void **state) {
    (void)state;
    struct buf sealed, opened;
    struct rc_error err;
    char other_hex[65];
    static const char *const rows[] = { "", "integration 3/8", "integration 3/77",
                                        "integration 3/" };
    buf_init(&sealed, 1000);
    buf_init(&opened, 1000);
    assert_int_equal(secret_seal(key, row, "papi-secret", 11, &sealed, NULL), RC_OK);
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        assert_int_equal(secret_open(key, rows[i], sealed.ptr, sealed.len, &opened, &err),
                         RC_FATAL);
        assert_string_equal(err.name, "secret.key");
    }
    memcpy(other_hex, fixed_hex, 65);
    other_hex[63] = 'e'; /* one bit */
    struct secret_key *other = open_key(other_hex, 65);
    assert_int_equal(secret_open(other, row, sealed.ptr, sealed.len, &opened, &err), RC_FATAL);
    assert_string_equal(err.name, "secret.key");
    assert_string_equal(err.text,
                        "integration 3/7: was sealed with another key (or for another row, or "
                        "was changed since)");
    assert_int_equal(opened.len, 0);
    secret_key_close(other);
    buf_done(&sealed);
    buf_done(&opened);
}

static void a_buffer_that_is_too_small_is_not_written(void **state) {
    (void)state;
    struct buf sealed, small;
    struct rc_error err;
    buf_init(&sealed, 43);
    buf_init(&small, 2);
    assert_int_equal(secret_seal(key, row, "abc", 3, &sealed, &err), RC_INVALID);
    assert_int_equal(sealed.len, 0);
    buf_clear(&sealed);
    assert_int_equal(secret_seal(key, row, "ab", 2, &sealed, &err), RC_OK);
    assert_int_equal(secret_open(key, row, sealed.ptr, sealed.len, &small, &err), RC_OK);
    assert_int_equal(secret_open(key, row, sealed.ptr, sealed.len, &small, &err), RC_INVALID);
    assert_string_equal(small.ptr, "ab");
    buf_done(&sealed);
    buf_done(&small);
}

/* ---- what must never change ---- */

static void a_secret_sealed_long_ago_still_opens(void **state) {
    (void)state;
    static const char sealed[] =
        "\x01\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f\x70\x71\x72\x73\x74\x75\x76"
        "\x77\x78\x79\x7a\x7b\x5f\x00\x04\x13\xf8\x73\xda\x34\xf4\x06\xa4\xa1\x5a\xaa\xf9"
        "\xb6\x4a\x22\x94\xcd\x89\xaa\x42\x95\x39\x31\x37";
    struct buf opened;
    buf_init(&opened, 100);
    assert_int_equal(secret_open(key, row, sealed, sizeof sealed - 1, &opened, NULL), RC_OK);
    assert_string_equal(opened.ptr, "papi-secret");
    buf_done(&opened);
}

static void digests_and_hashes_under_a_key_never_change(void **state) {
    (void)state;
    char bytes[600];
    uint8_t got[SECRET_DIGEST_BYTES];
    const struct {
        const char *bytes;
        size_t len;
        const char *digest, *hash128;
    } rows[] = {
        { NULL, 0, "\x7c\x77\x01\xf0\xf3\xbc\xac\x60\x50\x1d\xac\xfe\x97\x94\xd9\x84",
          "\xd0\xc0\xcd\x44\x24\xc6\xfa\x7f\x10\x50\x31\x61\x9d\x36\x12\x9c" },
        { "abc", 3, "\x00\x43\xbb\x9f\x72\xbf\x34\x40\x9e\x8b\x39\x16\x57\xce\x00\x44",
          "\xa4\x48\xcc\x20\x7c\xed\x4d\x60\x8a\x8f\xb8\x7e\x22\x05\x83\x7f" },
        { bytes, sizeof bytes, "\x91\x5c\x32\xc6\x0c\xb2\xc5\xd1\x32\xb8\xaf\x49\x59\xf0\x29\x7d",
          "\xdd\x3f\x69\x7c\xb0\x2a\x5d\x15\x4d\x36\x61\x02\xf0\xa5\x48\x4b" },
    };
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i % 251);
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        secret_digest(key, rows[i].bytes, rows[i].len, got);
        assert_memory_equal(got, rows[i].digest, sizeof got);
        secret_hash128(key, rows[i].bytes, rows[i].len, got);
        assert_memory_equal(got, rows[i].hash128, sizeof got);
    }
    secret_digest_about(key, "a", "bc", 2, got);
    assert_memory_equal(got, rows[1].digest, sizeof got);
    assert_true(secret_hash64(key, "ana@example.org", 15) == UINT64_C(0xd2139c76d1703a0f));
}

static void small_things_work(void **state) {
    (void)state;
    uint8_t a[32] = { 0 }, b[32] = { 0 };
    assert_int_equal(secret_equal(a, b, sizeof a), 1);
    assert_int_equal(secret_equal(NULL, NULL, 0), 1);
    secret_random(a, sizeof a);
    secret_random(b, sizeof b);
    assert_int_equal(secret_equal(a, b, sizeof a), 0);
    memcpy(b, a, sizeof a);
    b[31] ^= 1;
    assert_int_equal(secret_equal(a, b, sizeof a), 0);
    assert_int_equal(secret_equal(a, b, sizeof a - 1), 1);
    secret_wipe(a, sizeof a);
    memset(b, 0, sizeof b);
    assert_memory_equal(a, b, sizeof a);
    secret_wipe(NULL, 0);
    secret_key_close(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_was_made_opens_and_is_not_made_again),
        cmocka_unit_test(a_key_cannot_be_made_where_there_is_no_folder),
        cmocka_unit_test(a_key_file_that_others_may_touch_is_refused_with_the_command_to_run),
        cmocka_unit_test(a_key_file_of_the_wrong_length_or_with_wrong_letters_is_refused),
        cmocka_unit_test(a_key_file_may_lack_its_newline_and_use_capitals),
        cmocka_unit_test(what_is_no_readable_file_is_refused),
        cmocka_unit_test(what_was_sealed_opens_whatever_its_length),
        cmocka_unit_test(the_same_secret_is_never_sealed_the_same_way_twice),
        cmocka_unit_test(a_sealed_secret_changed_in_any_bit_or_cut_anywhere_is_refused),
        cmocka_unit_test(another_row_or_another_key_does_not_open_it),
        cmocka_unit_test(a_buffer_that_is_too_small_is_not_written),
        cmocka_unit_test(a_secret_sealed_long_ago_still_opens),
        cmocka_unit_test(digests_and_hashes_under_a_key_never_change),
        cmocka_unit_test(small_things_work),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
