/* unsubscribe.h - before an integration or a company is removed: the webhooks that rollcall keeps in HR for it are
 * deleted there, while there still is a credential.
 *
 * Shape:  best effort, and UNSUBSCRIBE_S for all of them together: HR that does not answer keeps nobody from
 *         removing a company. What could not be deleted is told, a sentence each, for whoever removes it: it posts to
 *         nobody from then on, and somebody has to delete it there. Rows stay as they are but for that: where the
 *         removal comes to nothing after all, unsubscribe_end() has them made again, at the same address, and
 *         everybody listed.
 * Memory: sentences lie in the arena.
 * Order:  outside a transaction, under the leases of what is removed; unsubscribe_end() once that is over, in any
 *         case. In between no worker looks after them. */
#pragma once
#include "base/clock.h"
#include "secret/secret.h"
#include "store/integration.h"
#include "store/lease.h"

enum { UNSUBSCRIBE_S = 10 }; /* a request to the API has twenty */

struct unsubscribed {
    const char *
        *left; /* "the webhook of hr in HR could not be deleted (...): delete it there by hand" */
    size_t left_n;
    int64_t *of; /* integrations with one that was deleted, or may have been */
    size_t of_n;
    struct lease *held; /* of their jobs */
    size_t held_n;
};
/* Of these integrations, without their secrets. k NULL: there is no key, so that nobody can sign in there. */
void unsubscribe(struct store *st, const struct secret_key *k, const struct integration *list,
                 size_t n, const struct clock_source *clock, struct arena *a,
                 struct unsubscribed *ret);
void unsubscribe_end(struct store *st, int64_t company_id, const struct unsubscribed *u,
                     bool removed, int64_t now_us);
