/* undo.h - what a delivery did, taken back: a run of its own that is planned like a delivery, always
 * looked at first, and carried out when somebody approves it (delivery_approve()).
 *
 * Shape:  the inverse of each effect that was done, one a person: fields go back to what they were, who
 *         was made or reactivated is deactivated, who was deactivated is opened with what closing took,
 *         whom it linked is let go of and left alone, teams get their old names. Whoever has changed
 *         since stays as they are and is named, field by field; so are protected accounts, and what is
 *         beyond undoing: mails, teams that were made or deleted.
 *         What was undone stays undone: a pin (store/pin.h) holds it while HR repeats what was undone.
 *         It no longer counts in the guard's windows, and neither does the undo, which a person decided.
 * Order:  lease, no run that was interrupted (RC_CONFLICT "delivery.interrupted"), connection, a fresh complete inventory, plan; approving takes another
 *         inventory, and looks at each account once more before its call.
 * Errors: RC_INVALID "undo.import", "undo.undo": that run is no delivery; RC_CONFLICT "undo.nothing":
 *         it has done nothing, or all of it is undone; RC_CONFLICT "undo.too-old": the calls of so
 *         long ago are not kept. Otherwise as delivery_run(). */
#pragma once
#include "store/account.h"
#include "sync/delivery.h"

/* What closing or linking that account takes from it without naming it, as `had` of the effect
 * (store/effect.h). In the arena. */
struct text undo_takes_away(enum decide_verb verb, const struct account *is, struct arena *a);

struct text undo_had_name(struct text name, struct arena *a); /* likewise, of a team */

#define UNDO_UNLINK "unlink" /* the verb of what is let go of */
/* What the row says of an account that is nobody's from now on, and left alone: else its address would
 * have it linked again. It has this external id. */
void undo_let_go(struct account_row *row, struct text external_id);

/* Whether that run has done something that can be taken back. */
enum rc_code undo_find(struct store *st, const struct company *company, int64_t run_id,
                       int64_t now_us, struct arena *a, struct run *ret, struct rc_error *err);
/* Ends as previewed: nothing has been sent. Texts in the arena. */
enum rc_code undo_run(struct store *st, const struct secret_key *k, const struct company *company,
                      int64_t run_id, const struct delivery_options *o, struct arena *a,
                      struct run *ret, struct rc_error *err);
