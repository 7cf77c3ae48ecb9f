/* secret.h - what must not be readable (credentials) or guessable (digests of personal data).
 *
 * Sealed secret, byte by byte: 1 byte format (1) | 24 bytes nonce | XChaCha20-Poly1305 (IETF) of
 * the plain text with its 16-byte tag. Associated data is the row's identity, so that a sealed
 * value cannot be moved to another row.
 *
 * Memory: what is sealed or opened is appended to the caller's buffer; plain text there is wiped by
 *         secret_wipe(). The key stands in guarded pages and is wiped when closed.
 * Errors: RC_FATAL "secret.key" when the key is missing, unreadable, of the wrong size, readable by
 *         others, or not the one a value was sealed with (a value moved to another row or changed
 *         looks the same). RC_FATAL without a name when a sealed value is too short or of a format
 *         not known. RC_INVALID when the buffer's limit is too small.
 * Threads: a key may be used by any number of threads.
 * Source: libsodium 1.0.18 (crypto_aead_xchacha20poly1305_ietf, crypto_generichash). This folder
 *         alone sees it and libcrypto. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"

enum { SECRET_DIGEST_BYTES = 16, SECRET_HASH_BYTES = 32, SECRET_KEY_BYTES = 32 };
/* The installation's key; its parts for sealing and for digests are derived from it. */
struct secret_key;

/* Before anything else that uses libcrypto, which libcurl and libpq do: when it finds no memory to
 * begin with, it does not tell them, and crashes later. Ends the process then. */
void secret_ready(void);

enum rc_code secret_key_open(const char *file, struct secret_key **ret, struct rc_error *err);
/* What systemd hands to a service: its access lists show as rights of the group, which may be there. */
enum rc_code secret_key_open_credential(const char *file, struct secret_key **ret,
                                        struct rc_error *err);
/* Out of the environment: the digits, which are wiped where they stand. what: for messages. */
enum rc_code secret_key_take(const char *what, char *digits, struct secret_key **ret,
                             struct rc_error *err);
/* Names a key and tells nothing of it: 16 hexadecimal digits. */
enum { SECRET_KEY_ID_BYTES = 17, SECRET_INNER_BYTES = 48 };
void secret_key_id(const struct secret_key *k, char ret[SECRET_KEY_ID_BYTES]);
/* The parts for digests and hashes, which outlive the key that seals: what was compared by them has to
 * be comparable under the next one. Kept sealed (store/keyring.h). */
void secret_key_inner(const struct secret_key *k, uint8_t ret[SECRET_INNER_BYTES]);
/* Before other threads have it. */
void secret_key_adopt(struct secret_key *k, const uint8_t inner[SECRET_INNER_BYTES]);
/* Makes a new key file (mode 0600) that must not exist yet; RC_CONFLICT when it does. */
enum rc_code secret_key_make(const char *file, struct rc_error *err);
void secret_key_close(struct secret_key *k);
RC_CLEANUP_FN(struct secret_key, secret_key_close)

enum rc_code secret_seal(const struct secret_key *k, const char *row, const void *plain,
                         size_t plain_bytes, struct buf *ret, struct rc_error *err);
enum rc_code secret_open(const struct secret_key *k, const char *row, const void *sealed,
                         size_t sealed_bytes, struct buf *ret, struct rc_error *err);
void secret_wipe(void *p, size_t bytes);

/* Keyed BLAKE2b-128: equal bytes, equal digest; without the key nobody can guess a person from it.
 * */
void secret_digest(const struct secret_key *k, const void *bytes, size_t len,
                   uint8_t ret[SECRET_DIGEST_BYTES]);
/* The same of `what` and then the bytes, as if they stood behind one another. */
void secret_digest_about(const struct secret_key *k, const char *what, const void *bytes,
                         size_t len, uint8_t ret[SECRET_DIGEST_BYTES]);
/* Without a key, BLAKE2b-256: of what nobody can guess anyway. */
void secret_hash(const void *bytes, size_t len, uint8_t ret[SECRET_HASH_BYTES]);
/* Keyed SipHash-2-4 of 128 bits: as secret_digest(), in a fifth of the time for some hundred bytes; for
 * what is made of everybody at every import, or of each webhook. Who has the key could find two texts with one hash. */
void secret_hash128(const struct secret_key *k, const void *bytes, size_t len,
                    uint8_t ret[SECRET_DIGEST_BYTES]);
/* Keyed 64-bit hash of short strings (SipHash-2-4), for tables in memory. */
uint64_t secret_hash64(const struct secret_key *k, const void *bytes, size_t len);
void secret_random(void *p, size_t bytes);
int secret_equal(const void *a, const void *b, size_t bytes); /* in constant time; 1 when equal */
