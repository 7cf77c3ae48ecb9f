/* nobody.h - whether an account that is tied to nobody may be somebody's all the same.
 *
 * Shape:  one question before such an account is closed. Everything that the database has of people
 *         is looked at: those of the directory, of any integration of the company, those of runs
 *         that have not ended, what is asked, and what deliveries that have not ended would link.
 * Errors: as store.h. */
#pragma once
#include "store/store.h"

enum nobody_may_be {
    NOBODY_AT_ALL = 0,
    NOBODY_STATED, /* a user who has not left, as HR said when they were read, or is only missing, states its address */
    NOBODY_STAGED, /* somebody who has not left does, by an import that has not ended */
    NOBODY_ASKED,  /* it is asked whether it is some user's */
    NOBODY_PLANNED, /* a delivery that has not ended links it to a user */
};
/* email: folded, as the account shows it. */
enum rc_code nobody_ask(struct store *st, int64_t company_id, int64_t destination_id,
                        struct text remote_id, struct text email, enum nobody_may_be *ret,
                        struct rc_error *err);
