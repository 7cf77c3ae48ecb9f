/* integration.h - one company's connection to one source.
 *
 * Shape:  settings is a JSON object of the source's settings that are not secret; secrets the same,
 *         sealed with the row's identity. limits is a JSON object of the guard's limits that differ
 *         from the usual.
 *         schedule: base/schedule.h, missing: off. That a job goes with it is sync/timetable.h's business.
 * Errors: RC_NOT_FOUND "integration.unknown", RC_CONFLICT "integration.exists". */
#pragma once
#include "secret/secret.h"
#include "store/store.h"

struct integration {
    int64_t company_id, integration_id;
    struct text key, source, settings, team_from, limits, rights, schedule;
    struct text
        pinned; /* settings of the last applied full listing: the account it was made with */
    struct text
        secrets;      /* opened: a JSON object; missing when there are none or no key was given */
    bool has_secrets; /* sealed ones, opened or not */
    int64_t mapping_fingerprint; /* of the last applied full listing; 0 none */
    int64_t listed_us;           /* when the last applied full listing began; 0 none */
    int64_t created_us;
};

/* In the current transaction, or one of its own; integration_save() too. */
enum rc_code integration_add(struct store *st, const struct secret_key *k, struct integration *in,
                             struct rc_error *err);
/* k may be NULL: secrets then stay sealed. */
enum rc_code integration_find(struct store *st, int64_t company_id, const char *key,
                              const struct secret_key *k, struct arena *a, struct integration *ret,
                              struct rc_error *err);
enum rc_code integration_get(struct store *st, int64_t company_id, int64_t integration_id,
                             const struct secret_key *k, struct arena *a, struct integration *ret,
                             struct rc_error *err);
enum rc_code integration_list(struct store *st, int64_t company_id, struct arena *a,
                              struct integration **ret, size_t *ret_n, struct rc_error *err);
/* settings, secrets (when set), team_from, limits, rights, schedule. */
enum rc_code integration_save(struct store *st, const struct secret_key *k,
                              const struct integration *in, struct rc_error *err);
enum rc_code integration_forget_secrets(struct store *st, int64_t company_id,
                                        int64_t integration_id, struct rc_error *err);
/* Inside the transaction that applies a full listing. */
enum rc_code integration_listed(struct store *st, const struct integration *in, int64_t listed_us,
                                int64_t mapping_fingerprint, struct text rights,
                                struct rc_error *err);
/* Inside the transaction that activates a mapping. 0: not everybody has been seen through it. */
enum rc_code integration_mapped(struct store *st, int64_t company_id, int64_t integration_id,
                                int64_t mapping_fingerprint, struct rc_error *err);
/* With everything known through it. Accounts that people have on platforms stay as they are there, and
 * are left alone (ACCOUNT_IGNORED). Deletes in the current transaction. */
enum rc_code integration_remove(struct store *st, int64_t company_id, int64_t integration_id,
                                struct rc_error *err);
