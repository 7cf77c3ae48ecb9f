/* stored_account.h - an account and a decision as rows hold them, and back.
 *
 * Format: one JSON object each. An account's has what the row has no column of its own for:
 *         {"role":"owner","email_with_id":"mira@x.org","left_as":"active","sticky":"stays-closed","mail":"sent",
 *         "invited_on":20512,"run":12,
 *         "fields":{"first_name":{"known":"Mira","delivered":"Mira"},"manager":{"refused":"77"}},
 *         "custom":[{"name":"Cost code","known":"4400"}],"approved":{"adopt":"88"},
 *         "declined_said":"no seats","declined":[{"field":"first_name","to":"Mira"}]}.
 *         Days are days since 1970. A missing text has no key, an empty one is null; what is the
 *         enum's zero, false, 0 or DATE_NONE has no key either.
 *         A decision has everything of struct decision:
 *         {"verb":"update","code":"hr-states","sentence":"...","left_as":"active",
 *         "fields":[{"field":"job_title","does":"sends","from":"Packer","to":"Foreman",
 *         "code":"...","sentence":"..."},
 *         {"name":"Cost code","does":"awaits","waits":"other","to":"..."}],
 *         "lifecycle":"active","lifecycle_rule":"employed"}.
 *         A field of the platform's own has a name and no field. The sentence of a field whose code
 *         says it all (decide_field_says()) is not kept, and told anew.
 * Errors: reading: RC_FATAL, a row of ours that is not as above; what it holds besides is passed
 *         over.
 * Memory: reading copies into the arena: nothing is borrowed from the document, so that one reader
 *         does for a page of rows. */
#pragma once
#include "base/arena.h"
#include "json/json.h"
#include "people/account.h"
#include "people/decide.h"

enum { STORED_ACCOUNT_BYTES = 1 << 20, STORED_DECISION_BYTES = 2 << 20 }; /* at most, by far */

void stored_account_write(const struct account *account, struct buf *ret);
/* All but user_id, remote_id, external_id, tie and status, which stay as they are in ret. */
enum rc_code stored_account_read(json v, struct arena *a, struct account *ret,
                                 struct rc_error *err);

void stored_decision_write(const struct decision *d, struct buf *ret);
enum rc_code stored_decision_read(json v, struct arena *a, struct decision *ret,
                                  struct rc_error *err);

/* Both would make exactly the same calls with the same values: verb, account linked, mail, team left,
 * and every field that is sent or awaited. How they are explained does not matter, nor what differs
 * and is left so. */
bool decision_is_same(const struct decision *a, const struct decision *b);
