/* hook.h - where an integration's HR system may tell that something has changed: an address that
 * nobody guesses, and a token.
 *
 * Shape:  one a integration. Both secrets are kept sealed, to be shown again, and as digests under the
 *         installation's key: by the first the address is found, with the second a token is compared.
 *         The address is what says whose company it is, so it alone is looked up without one.
 * Errors: RC_NOT_FOUND "webhook.none" when the integration has none. */
#pragma once
#include "secret/secret.h"
#include "store/integration.h"

enum { HOOK_ADDRESS_CHARS = 48, HOOK_TOKEN_CHARS = 48 };

struct hook {
    int64_t company_id, integration_id;
    struct text address, token; /* the long part of the path; what Authorization is to be */
    int64_t made_us;
};
/* A new one; an old one of the integration is no longer answered. In a transaction (store/keyring.h). */
enum rc_code hook_make(struct store *st, const struct secret_key *k, int64_t company_id,
                       int64_t integration_id, int64_t now_us, struct arena *a, struct hook *ret,
                       struct rc_error *err);
enum rc_code hook_get(struct store *st, const struct secret_key *k, int64_t company_id,
                      int64_t integration_id, struct arena *a, struct hook *ret,
                      struct rc_error *err);
enum rc_code hook_remove(struct store *st, int64_t company_id, int64_t integration_id,
                         bool *ret_was_there, struct rc_error *err);

/* What an address belongs to. *ret_found false: nothing. */
struct hook_owner {
    int64_t company_id, integration_id;
    struct text source; /* the name of its HR system */
    uint8_t token_digest[SECRET_DIGEST_BYTES];
};
enum rc_code hook_owner_find(struct store *st, const struct secret_key *k, struct text address,
                             struct arena *a, struct hook_owner *ret, bool *ret_found,
                             struct rc_error *err);
/* In constant time. */
bool hook_token_is(const struct secret_key *k, const struct hook_owner *o, struct text token);
