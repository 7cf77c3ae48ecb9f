/* secret.c - the installation's key, and what is done with it.
 *
 * Key file: 64 hexadecimal digits (32 bytes) and a newline, which may be missing. Its bytes are
 * used for nothing but deriving keys with crypto_kdf (BLAKE2b; context "rollcall"), by number:
 *     1  32 bytes  sealing            XChaCha20-Poly1305
 *     2  32 bytes  digests            BLAKE2b-128
 *     3  16 bytes  hashes             SipHash-2-4 of 64 and of 128 bits
 * Numbers and context are never changed: what is stored under them could not be read or compared
 * any more. The sealed secret itself is described in secret.h. */
#include "secret/secret.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FORMAT = 1,
    NONCE_AT = 1,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    CIPHER_AT = NONCE_AT + NONCE_BYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    HEX_BYTES = 2 * SECRET_KEY_BYTES,
};

struct secret_key {
    uint8_t seal[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    uint8_t digest_key[crypto_generichash_KEYBYTES];
    uint8_t hash[crypto_shorthash_KEYBYTES];
    uint8_t id[8];
    crypto_generichash_state digest; /* keyed, no bytes yet: copied for each digest */
};

_Static_assert(SECRET_KEY_BYTES == crypto_kdf_KEYBYTES, "the file holds a key to derive from");
_Static_assert(SECRET_DIGEST_BYTES >= crypto_generichash_BYTES_MIN,
               "BLAKE2b as libsodium offers it");
_Static_assert(CIPHER_AT == 25 && TAG_BYTES == 16, "the format in secret.h");

static void ready(void) {
    if (sodium_init() < 0) /* 1 when it was ready before; safe from any thread */
        rc_die("secret: libsodium does not start (no source of random numbers?)");
}

/* ---- the key ---- */

static struct secret_key *key_derive(const uint8_t master[SECRET_KEY_BYTES]) {
    /* Guarded pages that are neither swapped nor dumped where the system's limits allow.
     * sodium_malloc() puts the end of the object at the end of a page, so its size must be a
     * multiple of the alignment that it needs. */
    struct secret_key *k = sodium_malloc(sizeof *k);
    if (k == NULL)
        rc_die("out of memory: no guarded page for the key");
    crypto_kdf_derive_from_key(k->seal, sizeof k->seal, 1, "rollcall", master);
    crypto_kdf_derive_from_key(k->digest_key, sizeof k->digest_key, 2, "rollcall", master);
    crypto_kdf_derive_from_key(k->hash, sizeof k->hash, 3, "rollcall", master);
    uint8_t id[crypto_kdf_BYTES_MIN];
    crypto_kdf_derive_from_key(id, sizeof id, 4, "rollcall", master);
    memcpy(k->id, id, sizeof k->id);
    crypto_generichash_init(&k->digest, k->digest_key, sizeof k->digest_key, SECRET_DIGEST_BYTES);
    sodium_mprotect_readonly(k); /* fails only where pages cannot be guarded at all */
    return k;
}

/* Reads up to cap bytes from the start of the file; -1 and errno. */
static ssize_t read_all(int fd, char *to, size_t cap) {
    size_t have = 0;
    while (have < cap) {
        ssize_t n = read(fd, to + have, cap - have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        have += (size_t)n;
    }
    return (ssize_t)have;
}

static enum rc_code key_check_file(int fd, const char *file, mode_t others, struct rc_error *err) {
    struct stat st;
    if (fstat(fd, &st) != 0)
        return rc_fail_as(err, RC_FATAL, "secret.key", "key file %s: %s", file, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return rc_fail_as(err, RC_FATAL, "secret.key",
                          "key file %.120s is not a file: name the key's file by ROLLCALL_KEY_FILE",
                          file);
    if ((st.st_mode & others) != 0)
        return rc_fail_as(err, RC_FATAL, "secret.key",
                          "key file %s is open to other users (mode %03o); run: chmod 600 %s", file,
                          (unsigned)(st.st_mode & 0777), file);
    return RC_OK;
}

static enum rc_code key_parse(const char *file, const char *hex, size_t hex_bytes,
                              uint8_t master[SECRET_KEY_BYTES], struct rc_error *err) {
    size_t len = hex_bytes > 0 && hex[hex_bytes - 1] == '\n' ? hex_bytes - 1 : hex_bytes;
    size_t got = 0;
    if (len != HEX_BYTES)
        return rc_fail_as(
            err, RC_FATAL, "secret.key",
            "key file %.100s is %s: a key is %d hexadecimal digits and a newline; put its "
            "copy back",
            file, len < HEX_BYTES ? "cut short" : "too long", HEX_BYTES);
    if (sodium_hex2bin(master, SECRET_KEY_BYTES, hex, len, NULL, &got, NULL) != 0 ||
        got != SECRET_KEY_BYTES)
        return rc_fail_as(
            err, RC_FATAL, "secret.key",
            "key file %.120s has something in it that is no hexadecimal digit: put its "
            "copy back",
            file);
    return RC_OK;
}

void secret_ready(void) {
    if (OSSL_LIB_CTX_get0_global_default() == NULL)
        rc_die("secret: libcrypto found no memory");
}

/* What to do first: it stands before a text that may be cut. */
static enum rc_code fail_open(const char *file, int number, struct rc_error *err) {
    if (number == ENOENT)
        return rc_fail_as(
            err, RC_FATAL, "secret.key",
            "cannot open key file %.70s: it is not there. At first `rollcall company "
            "add` makes it; else put its copy back, or name it by ROLLCALL_KEY_FILE (lost "
            "for good: rollcall key rotate --lost)",
            file);
    if (number == EACCES)
        return rc_fail_as(
            err, RC_FATAL, "secret.key",
            "cannot open key file %.100s: user %lu may not read it; it belongs to the user "
            "that runs rollcall, with mode 600",
            file, (unsigned long)geteuid());
    return rc_fail_as(err, RC_FATAL, "secret.key", "cannot open key file %.120s: %s", file,
                      strerror(number));
}

/* others: rights that nobody else may have. */
static enum rc_code open_file(const char *file, mode_t others, struct secret_key **ret,
                              struct rc_error *err) {
    char hex[HEX_BYTES + 2]; /* one more than a newline, to notice what is too long */
    uint8_t master[SECRET_KEY_BYTES];
    ready();
    int fd =
        open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* else a FIFO would wait for a writer */
    if (fd < 0)
        return fail_open(file, errno, err);
    enum rc_code rc = key_check_file(fd, file, others, err);
    if (rc == RC_OK) {
        ssize_t n = read_all(fd, hex, sizeof hex);
        rc = n < 0 ? rc_fail_as(err, RC_FATAL, "secret.key", "cannot read key file %s: %s", file,
                                strerror(errno))
                   : key_parse(file, hex, (size_t)n, master, err);
    }
    close(fd);
    if (rc == RC_OK)
        *ret = key_derive(master);
    sodium_memzero(hex, sizeof hex);
    sodium_memzero(master, sizeof master);
    return rc;
}

enum rc_code secret_key_open(const char *file, struct secret_key **ret, struct rc_error *err) {
    return open_file(file, S_IRWXG | S_IRWXO, ret, err);
}

enum rc_code secret_key_open_credential(const char *file, struct secret_key **ret,
                                        struct rc_error *err) {
    return open_file(file, S_IWGRP | S_IXGRP | S_IRWXO, ret, err);
}

enum rc_code secret_key_take(const char *what, char *digits, struct secret_key **ret,
                             struct rc_error *err) {
    uint8_t master[SECRET_KEY_BYTES];
    ready();
    enum rc_code rc = key_parse(what, digits, strlen(digits), master, err);
    if (rc == RC_OK)
        *ret = key_derive(master);
    sodium_memzero(digits, strlen(digits));
    sodium_memzero(master, sizeof master);
    return rc;
}

void secret_key_id(const struct secret_key *k, char ret[SECRET_KEY_ID_BYTES]) {
    sodium_bin2hex(ret, SECRET_KEY_ID_BYTES, k->id, sizeof k->id);
}

void secret_key_inner(const struct secret_key *k, uint8_t ret[SECRET_INNER_BYTES]) {
    _Static_assert(sizeof k->digest_key + sizeof k->hash == SECRET_INNER_BYTES, "both parts");
    memcpy(ret, k->digest_key, sizeof k->digest_key);
    memcpy(ret + sizeof k->digest_key, k->hash, sizeof k->hash);
}

void secret_key_adopt(struct secret_key *k, const uint8_t inner[SECRET_INNER_BYTES]) {
    sodium_mprotect_readwrite(k);
    memcpy(k->digest_key, inner, sizeof k->digest_key);
    memcpy(k->hash, inner + sizeof k->digest_key, sizeof k->hash);
    crypto_generichash_init(&k->digest, k->digest_key, sizeof k->digest_key, SECRET_DIGEST_BYTES);
    sodium_mprotect_readonly(k);
}

/* A key that is lost takes all sealed secrets with it: the file's name must be as durable as its
 * bytes. */
static bool sync_folder_of(const char *file) {
    const char *slash = strrchr(file, '/');
    struct buf folder;
    buf_init(&folder, 4096);
    if (slash == NULL)
        buf_char(&folder, '.');
    else
        buf_append(&folder, file, (size_t)(slash - file) + 1);
    int fd = folder.full ? -1 : open(folder.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    buf_done(&folder);
    return done;
}

enum rc_code secret_key_make(const char *file, struct rc_error *err) {
    uint8_t master[SECRET_KEY_BYTES];
    char hex[HEX_BYTES + 1];
    ready();
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return rc_fail(err, RC_CONFLICT, "key file %s exists already and is left as it is", file);
    if (fd < 0)
        return rc_fail_as(err, RC_FATAL, "secret.key", "cannot make key file %s: %s", file,
                          strerror(errno));
    randombytes_buf(master, sizeof master);
    sodium_bin2hex(hex, sizeof hex, master, sizeof master);
    hex[HEX_BYTES] = '\n';
    errno = 0; /* a short write sets none */
    bool done = fchmod(fd, 0600) == 0 /* whatever the umask is */ &&
                write(fd, hex, sizeof hex) == (ssize_t)sizeof hex && fsync(fd) == 0 &&
                sync_folder_of(file);
    int why = errno == 0 ? ENOSPC : errno;
    sodium_memzero(hex, sizeof hex);
    sodium_memzero(master, sizeof master);
    close(fd);
    if (done)
        return RC_OK;
    unlink(file);
    return rc_fail_as(err, RC_FATAL, "secret.key", "cannot write key file %s: %s", file,
                      strerror(why));
}

void secret_key_close(struct secret_key *k) {
    sodium_free(k); /* wipes it; NULL is fine */
}

/* ---- sealing ---- */

enum rc_code secret_seal(const struct secret_key *k, const char *row, const void *plain,
                         size_t plain_bytes, struct buf *ret, struct rc_error *err) {
    size_t all = CIPHER_AT + plain_bytes + TAG_BYTES;
    char *to = all < plain_bytes ? NULL : buf_room(ret, all);
    if (to == NULL)
        return rc_fail(err, RC_INVALID, "%s: a secret of %zu bytes is too long", row, plain_bytes);
    uint8_t *out = (uint8_t *)to;
    out[0] = FORMAT;
    randombytes_buf(out + NONCE_AT, NONCE_BYTES); /* 192 bits: random ones do not repeat */
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + CIPHER_AT, NULL, plain, plain_bytes,
                                               (const uint8_t *)row, strlen(row), NULL,
                                               out + NONCE_AT, k->seal);
    buf_grew(ret, all);
    return RC_OK;
}

enum rc_code secret_open(const struct secret_key *k, const char *row, const void *sealed,
                         size_t sealed_bytes, struct buf *ret, struct rc_error *err) {
    const uint8_t *in = sealed;
    if (sealed_bytes < CIPHER_AT + TAG_BYTES)
        return rc_fail(err, RC_FATAL, "%s: a sealed secret of %zu bytes is cut short", row,
                       sealed_bytes);
    if (in[0] != FORMAT)
        return rc_fail(err, RC_FATAL, "%s: sealed in format %d, this version knows %d", row, in[0],
                       FORMAT);
    size_t plain_bytes = sealed_bytes - CIPHER_AT - TAG_BYTES;
    char *to = buf_room(ret, plain_bytes);
    if (to == NULL)
        return rc_fail(err, RC_INVALID, "%s: a secret of %zu bytes is too long", row, plain_bytes);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt((uint8_t *)to, NULL, NULL, in + CIPHER_AT,
                                                   sealed_bytes - CIPHER_AT, (const uint8_t *)row,
                                                   strlen(row), in + NONCE_AT, k->seal) != 0) {
        if (plain_bytes > 0)
            *to = '\0'; /* what ends the buffer's text is where it was */
        return rc_fail_as(
            err, RC_FATAL, "secret.key",
            "%s: was sealed with another key (or for another row, or was changed since)", row);
    }
    buf_grew(ret, plain_bytes);
    return RC_OK;
}

void secret_wipe(void *p, size_t bytes) {
    if (bytes > 0)
        sodium_memzero(p, bytes);
}

/* ---- digests and small things ---- */

void secret_digest(const struct secret_key *k, const void *bytes, size_t len,
                   uint8_t ret[SECRET_DIGEST_BYTES]) {
    crypto_generichash_state state = k->digest;
    crypto_generichash_update(&state, bytes, len);
    crypto_generichash_final(&state, ret, SECRET_DIGEST_BYTES); /* wipes the state too */
}

void secret_digest_about(const struct secret_key *k, const char *what, const void *bytes,
                         size_t len, uint8_t ret[SECRET_DIGEST_BYTES]) {
    crypto_generichash_state state = k->digest;
    crypto_generichash_update(&state, (const unsigned char *)what, strlen(what));
    crypto_generichash_update(&state, bytes, len);
    crypto_generichash_final(&state, ret, SECRET_DIGEST_BYTES);
}

void secret_hash(const void *bytes, size_t len, uint8_t ret[SECRET_HASH_BYTES]) {
    ready();
    if (crypto_generichash(ret, SECRET_HASH_BYTES, bytes, len, NULL, 0) != 0)
        rc_die("secret: BLAKE2b refuses its sizes");
}

void secret_hash128(const struct secret_key *k, const void *bytes, size_t len,
                    uint8_t ret[SECRET_DIGEST_BYTES]) {
    _Static_assert(SECRET_DIGEST_BYTES == crypto_shorthash_siphashx24_BYTES &&
                       sizeof k->hash == crypto_shorthash_siphashx24_KEYBYTES,
                   "SipHash-2-4 with 128 bits");
    crypto_shorthash_siphashx24(ret, bytes, len, k->hash);
}

uint64_t secret_hash64(const struct secret_key *k, const void *bytes, size_t len) {
    uint8_t out[crypto_shorthash_BYTES];
    uint64_t hash;
    _Static_assert(sizeof out == sizeof hash, "SipHash is 64 bits");
    crypto_shorthash(out, bytes, len, k->hash);
    memcpy(&hash, out, sizeof hash);
    return hash;
}

void secret_random(void *p, size_t bytes) {
    ready();
    randombytes_buf(p, bytes);
}

int secret_equal(const void *a, const void *b, size_t bytes) {
    return bytes == 0 || sodium_memcmp(a, b, bytes) == 0;
}
