/* platform.h - one company's connections to learning platforms, and which integrations feed them.
 *
 * Shape:  a destination's settings and secrets are as those of an integration (store/integration.h).
 *         policy is a JSON object of the settings that differ from policy_default, by name and in
 *         policy_set()'s words; limits likewise of the guard's.
 * Errors: RC_NOT_FOUND "destination.unknown", RC_CONFLICT "destination.exists". */
#pragma once
#include "secret/secret.h"
#include "store/store.h"

struct platform {
    int64_t company_id, destination_id;
    struct text key, adapter; /* "learnamp" */
    /* External ids of ours begin with it and a colon: "rollcall-7f3a9c20". Another installation on the
     * same platform has another one. platform_add() draws it when it is missing. */
    struct text prefix;
    struct text settings, policy, limits;
    struct text
        caps; /* what it said last that it can do (sync/policy_text.h); missing: never asked */
    struct text
        secrets;      /* opened: a JSON object; missing when there are none or no key was given */
    bool has_secrets; /* sealed ones, opened or not */
    struct text paused_by; /* missing: it is not paused */
    struct text paused_why;
    int64_t paused_us;
    int64_t listed_us;    /* when the last complete inventory began; 0: none yet */
    int64_t delivered_us; /* when the first delivery ended; 0: none yet */
    int64_t restored_us;  /* put back from a backup then, and nothing delivered since; 0: no */
    int64_t created_us;
    bool
        is_elsewhere; /* to be saved: what is known of accounts may be of another platform; a new inventory says */
    int64_t *feeds; /* integration ids, in order */
    size_t feeds_n;
};

bool platform_is_fed(const struct platform *p, int64_t integration_id);

enum rc_code platform_add(struct store *st, const struct secret_key *k, struct platform *p,
                          struct rc_error *err);
/* k may be NULL: secrets then stay sealed. */
enum rc_code platform_find(struct store *st, int64_t company_id, const char *key,
                           const struct secret_key *k, struct arena *a, struct platform *ret,
                           struct rc_error *err);
enum rc_code platform_get(struct store *st, int64_t company_id, int64_t destination_id,
                          const struct secret_key *k, struct arena *a, struct platform *ret,
                          struct rc_error *err);
enum rc_code platform_list(struct store *st, int64_t company_id, struct arena *a,
                           struct platform **ret, size_t *ret_n, struct rc_error *err);
/* paused_* and nothing else, so that no other command takes a pause back. */
enum rc_code platform_pause(struct store *st, const struct platform *p, struct rc_error *err);
/* settings, secrets (when set), policy, limits, feeds. In the current transaction, or one
 * of its own; marks every account of it dirty. */
enum rc_code platform_save(struct store *st, const struct secret_key *k, const struct platform *p,
                           struct rc_error *err);
enum rc_code platform_forget_secrets(struct store *st, int64_t company_id, int64_t destination_id,
                                     struct rc_error *err);
/* Inside the transaction that ends it. settings: with which it was called. Has somebody set others meanwhile, nothing is
 * written down: what was read may be of another platform than the one that is called next. */
enum rc_code platform_listed(struct store *st, int64_t company_id, int64_t destination_id,
                             struct text settings, int64_t listed_us, struct rc_error *err);
enum rc_code platform_told_caps(struct store *st, int64_t company_id, int64_t destination_id,
                                struct text caps, struct rc_error *err);
enum rc_code platform_delivered(struct store *st, int64_t company_id, int64_t destination_id,
                                int64_t delivered_us, struct rc_error *err);
/* The first delivery after it was put back from a backup has gone well. */
enum rc_code platform_settled(struct store *st, int64_t company_id, int64_t destination_id,
                              struct rc_error *err);
/* With everything known of its accounts; nothing happens on the platform. Deletes in the current
 * transaction. */
enum rc_code platform_remove(struct store *st, int64_t company_id, int64_t destination_id,
                             struct rc_error *err);
