/* pin.h - what undoing has set back, and holds while HR repeats exactly what was undone.
 *
 * Shape:  a pin belongs to a user or a team (subject_id) on one platform, and to one field of it:
 *         user_field_name(), "custom.NAME" for a field of the platform's own, PIN_ACCOUNT for whether
 *         the account is open, PIN_TEAM_NAME. It stands until HR states another value, or somebody
 *         releases it. Whether it counts is decided in people/decide.h.
 *         Inside the caller's transaction, but for reading. */
#pragma once
#include "store/store.h"

#define PIN_ACCOUNT   "account" /* value: PIN_CLOSED, PIN_OPEN: as it is kept */
#define PIN_CLOSED    "closed"
#define PIN_OPEN      "open"
#define PIN_TEAM_NAME "name"

struct pin {
    int64_t subject_id;
    struct text field;
    struct text value; /* that was undone, as HR states it; empty: HR had emptied it */
    int64_t run_id;    /* which undid it */
    int64_t made_us;
    struct text
        undone; /* with PIN_OPEN: the causes for closing that were so then, with commas; missing: not known */
};
/* In place of one of the same subject and field. */
enum rc_code pin_add(struct store *st, int64_t company_id, int64_t destination_id,
                     const struct pin *p, struct rc_error *err);
/* All of them, by subject and field; subject_id 0: of the whole platform. */
enum rc_code pin_list(struct store *st, int64_t company_id, int64_t destination_id,
                      int64_t subject_id, struct arena *a, struct pin **ret, size_t *ret_n,
                      struct rc_error *err);
/* field missing: all of the subject's. run_id 0: of whatever run. */
enum rc_code pin_drop(struct store *st, int64_t company_id, int64_t destination_id,
                      int64_t subject_id, struct text field, int64_t run_id, int64_t *ret_n,
                      struct rc_error *err);
