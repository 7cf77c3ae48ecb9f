/* our_id.h - whose an external id of ours is.
 *
 * Shape:  "prefix:integration:source id" names one person. The prefix is a destination's own, or
 *         that of another installation whose accounts it takes over. Of an id of nobody whom we
 *         know, the integration or the person has gone: the account is nobody's.
 * Errors: as store.h. */
#pragma once
#include "store/directory.h"

enum our_id {
    OUR_ID_NOT = 0, /* it is not of this form, with this prefix */
    OUR_ID_NOBODYS,
    OUR_ID_UNSETTLED, /* of an integration that has brought nobody yet, or of somebody whom an
                       * import that has not ended brings */
    OUR_ID_SOMEBODYS,
};
bool our_id_begins(struct text prefix, struct text id);
/* False when it is not of this form, with this prefix. */
bool our_id_split(struct text prefix, struct text id, struct text *ret_key,
                  struct text *ret_source_id);
/* ret: with OUR_ID_SOMEBODYS. */
enum rc_code our_id_of(struct store *st, int64_t company_id, struct text prefix, struct text id,
                       struct arena *a, enum our_id *ret, struct person *ret_person,
                       struct rc_error *err);
