/* subscription.h - that an integration's HR system tells us by itself: the webhook that rollcall keeps
 * there.
 *
 * Shape:  whatever was lost of what we knew, it is found again by its address and never made twice. Once
 *         it is there it is looked at every SUBSCRIPTION_EVERY_S, and after each start of the service:
 *         enabled again if somebody or something has disabled it, and what it told while we were away is
 *         read, for up to SUBSCRIPTION_DAYS, as hints like any others. Each look says since when it cannot be
 *         kept, or is silent though there was something to tell (failing_us, silent_us): people are told (cause.h).
 * Errors: RC_AUTH "personio.right": the credential may not, and somebody has to make it by hand;
 *         RC_NOT_FOUND "webhook.none". */
#pragma once
#include "store/hook.h"
#include "sync/import.h"

enum {
    SUBSCRIPTION_EVERY_S = 6 * 3600,
    SUBSCRIPTION_DAYS = 30,
    SUBSCRIPTION_MISSED_MOST = 5000,
    SUBSCRIPTION_SILENT_DAYS = 2, /* nothing has come for so long, while listings have changed */
    SUBSCRIPTION_UNTOLD = 3,      /* so many people at the least */
};

/* Whether its HR system can be told to tell. */
bool subscription_is_possible(const struct integration *in);
/* "https://rollcall.example/webhooks/personio/..."; public_url "": the path alone. */
const char *subscription_address(const char *public_url, const struct integration *in,
                                 const struct hook *h, struct arena *a);

struct subscription_result {
    bool made, mended;
    int64_t missed; /* hints that had not come */
};
/* The credential is good, and may not: somebody has to make it in HR by hand. */
bool subscription_is_by_hand(enum rc_code rc, const struct rc_error *err);
/* h is changed and saved, also on errors of HR's. events: as hook_events_open(). */
enum rc_code subscription_keep(struct store *st, struct store *events, const struct secret_key *k,
                               const struct integration *in, struct hook *h, const char *public_url,
                               const struct clock_source *clock, struct arena *a,
                               struct subscription_result *ret, struct rc_error *err);
/* Hints are there: where people believe it silent, and something has arrived since, it is not. */
enum rc_code subscription_heard(struct store *st, struct store *events, int64_t company_id,
                                int64_t integration_id, struct arena *a, struct rc_error *err);
/* By its id, or by its address: its making may have had no answer. */
bool subscription_may_be_there(const struct hook *h);
/* Deleted there, and then here. Nothing there that we know of: only here. */
enum rc_code subscription_end(struct store *st, const struct integration *in, const struct hook *h,
                              const struct clock_source *clock, struct arena *a,
                              struct rc_error *err);
/* Only there; its row stays. Nothing there that we know of: nothing is done. */
enum rc_code subscription_end_there(struct store *st, const struct integration *in,
                                    const struct hook *h, const struct clock_source *clock,
                                    struct arena *a, struct rc_error *err);
/* A look at each is due now: after a start. */
enum rc_code subscription_want_all(struct store *st, int64_t now_us, struct rc_error *err);
