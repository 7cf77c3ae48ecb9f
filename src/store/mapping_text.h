/* mapping_text.h - the mappings of an integration: drafts, the active one, and those that were.
 *
 * Shape:  numbered from 1 in each integration. A draft can be changed and thrown away; a mapping
 *         that has been active never changes, and can be made active again. At most one is active:
 *         the database holds it. Number 0 is the integration's own default
 *         (people/mapping.h), which has no row and counts while none is active.
 * Errors: RC_NOT_FOUND "mapping.unknown"; RC_CONFLICT "mapping.not-a-draft". */
#pragma once
#include "store/store.h"

enum mapping_text_state { MAPPING_TEXT_DRAFT = 1, MAPPING_TEXT_ACTIVE, MAPPING_TEXT_RETIRED };
const char *mapping_text_state_name(enum mapping_text_state s); /* stored and shown */

struct mapping_text {
    int64_t mapping_id;
    enum mapping_text_state state;
    struct text source; /* as it was written, people/mapping.h */
    struct text made_by, note;
    int64_t made_us, activated_us; /* activated: the last time; 0 never */
};

/* A draft; *ret_id is its number. */
enum rc_code mapping_text_add(struct store *st, int64_t company_id, int64_t integration_id,
                              const struct mapping_text *m, int64_t *ret_id, struct rc_error *err);
/* Of a draft: source, note, made_by, made_us. */
enum rc_code mapping_text_save(struct store *st, int64_t company_id, int64_t integration_id,
                               const struct mapping_text *m, struct rc_error *err);
/* A draft. */
enum rc_code mapping_text_remove(struct store *st, int64_t company_id, int64_t integration_id,
                                 int64_t mapping_id, struct rc_error *err);
enum rc_code mapping_text_get(struct store *st, int64_t company_id, int64_t integration_id,
                              int64_t mapping_id, struct arena *a, struct mapping_text *ret,
                              struct rc_error *err);
/* RC_NOT_FOUND: the default counts. */
enum rc_code mapping_text_active(struct store *st, int64_t company_id, int64_t integration_id,
                                 struct arena *a, struct mapping_text *ret, struct rc_error *err);
/* Newest first, at most `most`. */
enum rc_code mapping_text_list(struct store *st, int64_t company_id, int64_t integration_id,
                               size_t most, struct arena *a, struct mapping_text **ret,
                               size_t *ret_n, struct rc_error *err);
/* Inside the transaction that applies the run. 0: back to the default. */
enum rc_code mapping_text_activate(struct store *st, int64_t company_id, int64_t integration_id,
                                   int64_t mapping_id, int64_t now_us, struct rc_error *err);
