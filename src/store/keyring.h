/* keyring.h - which key seals the secrets of this database, and sealing them anew under another one.
 *
 * Shape:  one row: the id of the key, and, sealed with it, the parts for digests and hashes of the first
 *         key there was (secret/secret.h), without which everybody would look changed under the next.
 *         Whoever seals holds the row for as long as the transaction lasts, so that nothing is sealed
 *         with a key that is being replaced.
 * Format: inner: as secret.h seals, of SECRET_INNER_BYTES, with the row "installation".
 * Errors: RC_FATAL "secret.key" when the key is another one than the database's; nothing is changed. */
#pragma once
#include "secret/secret.h"
#include "store/store.h"

struct keyring {
    bool is_known; /* false: no key has been used with this database yet */
    char key_id[SECRET_KEY_ID_BYTES];
    int64_t rotated_us; /* 0: never */
    struct text rotated_by;
};
enum rc_code keyring_get(struct store *st, struct arena *a, struct keyring *ret,
                         struct rc_error *err);
/* Whether it is this database's key; k then has the parts that it is to have, and the row is there. */
enum rc_code keyring_open(struct store *st, struct secret_key *k, struct rc_error *err);
/* Likewise, without more: one small query. */
enum rc_code keyring_is(struct store *st, const struct secret_key *k, bool *ret,
                        struct rc_error *err);
/* In the transaction that writes what was sealed with it. */
enum rc_code keyring_hold(struct store *st, const struct secret_key *k, struct rc_error *err);
/* Into ret, which is empty: the secrets of a row of "integration", "destination" or "webhook", which open in that row
 * only. Held, as above. Nothing where they are not set. */
enum rc_code keyring_seal(struct store *st, const struct secret_key *k, const char *table,
                          int64_t company_id, int64_t id, struct text secrets, struct buf *ret,
                          struct rc_error *err);
/* Opened again; sealed: of the row, in this column. */
enum rc_code keyring_unseal(const struct secret_key *k, const char *table, int64_t company_id,
                            int64_t id, const struct db_statement *row, int column, struct arena *a,
                            struct text *ret, struct rc_error *err);
/* The key is lost: what it sealed is thrown away, and this one counts. *ret_n: secrets that are gone. */
enum rc_code keyring_start_over(struct store *st, const struct secret_key *k, int64_t *ret_n,
                                struct rc_error *err);
/* Every secret is opened with the one and sealed with the other, in one transaction. to gets the parts
 * for digests of from. *ret_n: secrets. */
enum rc_code keyring_rotate(struct store *st, const struct secret_key *from, struct secret_key *to,
                            int64_t now_us, const char *who, int64_t *ret_n, struct rc_error *err);
