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

enum hook_state {
    HOOK_NEW = 0, /* nobody has tried */
    HOOK_KEPT,    /* it is there, enabled, and tells what it is to */
    HOOK_BY_HAND, /* the credential may not: somebody has to make it there */
    HOOK_FAILING, /* tried in vain, and tried again */
    HOOK_STATES_N
};
const char *hook_state_name(enum hook_state s); /* "by-hand": stored and shown, never renamed */

struct hook {
    int64_t company_id, integration_id;
    struct text address, token; /* the long part of the path; what Authorization is to be */
    int64_t made_us;
    /* ---- the one in HR that rollcall keeps by itself (sync/work_webhook.c) ---- */
    enum hook_state state;
    struct text remote_id; /* missing: none is known */
    struct text kept_for;  /* where this service was reached when it was made or mended last */
    struct text note;      /* what there is to say about it */
    int64_t looked_us;     /* 0: never */
    int64_t kept_made_us;  /* made_us of the address and token that HR has; 0: none */
    int64_t heard_us;      /* what had been missed has been read up to there */
    bool ends;             /* no longer answered, and to be deleted there */
    int64_t kept_us;       /* since when it has been there and enabled, without a break; 0: never */
    int64_t failing_us; /* since when it cannot be made or mended, and nothing else tells; 0: no */
    int64_t silent_us;  /* nothing has come since, though listings find what should; 0: no */
};
/* A new one; an old one of the integration is no longer answered. In a transaction (store/keyring.h). */
enum rc_code hook_make(struct store *st, const struct secret_key *k, int64_t company_id,
                       int64_t integration_id, int64_t now_us, struct arena *a, struct hook *ret,
                       struct rc_error *err);
/* k NULL: without address and token. */
enum rc_code hook_get(struct store *st, const struct secret_key *k, int64_t company_id,
                      int64_t integration_id, struct arena *a, struct hook *ret,
                      struct rc_error *err);
enum rc_code hook_remove(struct store *st, int64_t company_id, int64_t integration_id,
                         bool *ret_was_there, struct rc_error *err);

/* RC_NOT_FOUND "webhook.none" when it is gone. What has become of the one in HR: state, remote_id, kept_for, note, looked_us, kept_made_us, heard_us, kept_us, failing_us, silent_us. */
enum rc_code hook_save(struct store *st, const struct hook *h, struct rc_error *err);
/* From now on its address is nobody's; the row stays until it has been deleted in HR. */
enum rc_code hook_let_go(struct store *st, int64_t company_id, int64_t integration_id,
                         struct rc_error *err);
/* Of a company, integrations that have one. */
enum rc_code hook_list(struct store *st, int64_t company_id, struct arena *a, int64_t **ret,
                       size_t *ret_n, struct rc_error *err);

/* How each of a company's stands, for whoever is to be told; without its secrets. By integration. */
struct hook_standing {
    int64_t integration_id;
    enum hook_state state;
    struct text note;
    int64_t looked_us, failing_us, silent_us; /* as in struct hook */
};
enum rc_code hook_standings(struct store *st, int64_t company_id, struct arena *a,
                            struct hook_standing **ret, size_t *ret_n, struct rc_error *err);
/* Of one. *ret_found false: it has none. */
enum rc_code hook_standing_find(struct store *st, int64_t company_id, int64_t integration_id,
                                struct arena *a, struct hook_standing *ret, bool *ret_found,
                                struct rc_error *err);
/* Something has come: whatever was said of its silence is over. */
enum rc_code hook_is_heard(struct store *st, int64_t company_id, int64_t integration_id,
                           struct rc_error *err);
/* People whom imports of everybody have changed that began since then, but the first one, and those that have
 * activated a mapping; pictures left out, of which no HR system tells, and teams and locations, which change for
 * many, and are told of nobody, when one is given another name. */
enum rc_code hook_untold(struct store *st, int64_t company_id, int64_t integration_id,
                         int64_t since_us, int64_t *ret, struct rc_error *err);

/* What an address belongs to. An address keeps its token and its integration for as long as there is one. */
struct hook_owner {
    int64_t company_id, integration_id;
    struct text source; /* the name of its HR system */
    uint8_t address_digest[SECRET_DIGEST_BYTES], token_digest[SECRET_DIGEST_BYTES];
};
void hook_address_digest(const struct secret_key *k, struct text address,
                         uint8_t ret[SECRET_DIGEST_BYTES]);
/* By the digest of its address. *ret_found false: nothing is there. */
enum rc_code hook_owner_find(struct store *st, const uint8_t address_digest[SECRET_DIGEST_BYTES],
                             struct arena *a, struct hook_owner *ret, bool *ret_found,
                             struct rc_error *err);
/* In constant time. */
bool hook_token_is(const struct secret_key *k, const struct hook_owner *o, struct text token);
