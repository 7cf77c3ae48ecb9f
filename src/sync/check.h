/* check.h - everything that an import or a delivery needs, tried; nothing is changed. For the command line,
 * and for errands.
 *
 * Memory: findings in the arena. */
#pragma once
#include "destination/destination.h"
#include "json/json.h"
#include "source/source.h"
#include "store/integration.h"
#include "sync/accounts.h"

struct check {
    bool ok;             /* nothing has to be put right first */
    const char *counted; /* "people", "accounts" */
    int64_t counted_n;   /* -1: not known */
    struct finding *findings;
    size_t findings_n;
};
/* in: with its secrets. record: a new folder for an anonymised transcript; NULL: none is written.
 * public_url: where HR reaches this service; NULL or empty: nowhere. RC_INVALID "check.record": the source has nothing to record. */
enum rc_code check_integration(struct store *st, const struct secret_key *k,
                               const struct integration *in, const char *record,
                               const char *public_url, const struct clock_source *clock,
                               struct arena *a, struct check *ret, struct rc_error *err);
/* x->platform: with its secrets. */
enum rc_code check_destination(const struct accounts_context *x, struct arena *a, struct check *ret,
                               struct rc_error *err);
/* "ok", "people" or "accounts", "findings", as members of the open object. */
void check_write(struct json_writer *w, const struct check *c);
