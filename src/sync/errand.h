/* errand.h - what somebody asks for that talks to another system: taken down, and done by a worker, so that
 * nobody's request waits for it (store/errand.h).
 *
 * Shape:  errand_take() writes the errand, its job and an entry of the audit in one transaction;
 *         errand_do() is that job. A platform or an integration that somebody else is at is waited for,
 *         ERRAND_PATIENCE_S at most; any other trouble ends it as failed, and is told on it: whoever asked
 *         may ask again. Only what could not be written down is tried anew by itself.
 *         What nobody has come to for ERRAND_LATE_HOURS is not done any more: who asked has gone on.
 *         After a crash it is done once more: a preview makes another run, and what was closed is closed.
 * Errors: of errand_take(): RC_LIMITED "errand.too-many" where ERRAND_WAITING_MOST of the company wait.
 *         Of errand_do(): as the job is to be ended with. */
#pragma once
#include "base/clock.h"
#include "net/mail.h"
#include "secret/secret.h"
#include "store/company.h"
#include "store/errand.h"

enum { ERRAND_PATIENCE_S = 600, ERRAND_LATE_HOURS = 24 };

/* e: company_id, kind, subject_id, about, wants, who; the rest is filled in. */
enum rc_code errand_take(struct store *st, struct errand *e, int64_t now_us, struct arena *a,
                         struct rc_error *err);

struct errand_with {
    struct store *st;
    const struct secret_key *key;
    const struct clock_source *clock;
    const struct mail_server *mail; /* NULL: there is none */
    const char *public_url;         /* NULL: HR reaches this service nowhere */
};
/* ret->errand_id 0: there is none any more, or it has ended. */
enum rc_code errand_do(const struct errand_with *w, const struct company *co, int64_t errand_id,
                       struct arena *a, struct errand *ret, struct rc_error *err);
