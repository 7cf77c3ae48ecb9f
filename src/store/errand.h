/* errand.h - what somebody has asked for that takes as long as another system does, until its answer has
 * been told: previews, undoing, checks, closing accounts of nobody, a mail to try.
 *
 * Shape:  a row each, written together with the job that does it (JOB_ERRAND). What is wanted may name
 *         people or accounts: it goes with the end, and the rest ERRAND_KEPT_DAYS later.
 * Errors: RC_NOT_FOUND "errand.unknown". */
#pragma once
#include "store/store.h"

enum errand_kind {
    ERRAND_SYNC_PREVIEW = 0,  /* subject: an integration */
    ERRAND_DELIVERY_PREVIEW,  /* a destination; wants {"inventory":true} */
    ERRAND_UNDO,              /* a run; wants {"preview":true} */
    ERRAND_CLOSE,             /* a destination; wants {"accounts":["4711"]} */
    ERRAND_CHECK_INTEGRATION, /* an integration */
    ERRAND_CHECK_DESTINATION, /* a destination */
    ERRAND_MAIL,              /* subject 0; wants {"to":"ana@example.org"} */
    ERRAND_ACTIVATE, /* an integration; wants {"mapping":3}: everybody is listed through it */
    ERRAND_KINDS_N
};
const char *errand_kind_name(enum errand_kind k); /* "undo": stored and shown, never renamed */

enum errand_state { ERRAND_WAITING = 0, ERRAND_DONE, ERRAND_FAILED, ERRAND_STATES_N };
const char *errand_state_name(enum errand_state s);

enum {
    ERRAND_KEPT_DAYS = 7,
    ERRAND_WAITING_MOST = 100, /* of one company: who asks in a loop is told so */
};

struct errand {
    int64_t company_id, errand_id;
    enum errand_kind kind;
    enum errand_state state;
    int64_t subject_id;
    struct text about; /* the key of the subject, or the run's number; missing: none */
    struct text wants; /* JSON; missing: nothing, or it has ended */
    struct text who;
    int64_t made_us, ended_us;          /* ended 0: it has not */
    struct text runs, result;           /* JSON: an array of numbers; what was found, or missing */
    struct text error_name, error_text; /* of one that failed */
};
/* Inside a transaction; sets errand_id. */
enum rc_code errand_add(struct store *st, struct errand *e, struct rc_error *err);
/* The one that waits and is the same: kind, subject and wants. RC_NOT_FOUND is an answer. */
enum rc_code errand_same(struct store *st, const struct errand *e, struct arena *a,
                         struct errand *ret, struct rc_error *err);
enum rc_code errand_get(struct store *st, int64_t company_id, int64_t errand_id, struct arena *a,
                        struct errand *ret, struct rc_error *err);
/* How many wait. Exact behind errand_add(), which other transactions of the company wait for. */
enum rc_code errand_waiting(struct store *st, int64_t company_id, int64_t *ret,
                            struct rc_error *err);
/* Newest first, those before before_id (0: from the newest). */
enum rc_code errand_list(struct store *st, int64_t company_id, int64_t before_id, size_t most,
                         struct arena *a, struct errand **ret, size_t *ret_n, struct rc_error *err);
/* state, ended_us, runs, result, error. Nothing where it has ended already. */
enum rc_code errand_end(struct store *st, const struct errand *e, struct rc_error *err);
/* All that wait have failed, with this error: nobody does them any more. */
enum rc_code errand_fail_all(struct store *st, int64_t company_id, int64_t now_us, const char *name,
                             const char *text, struct rc_error *err);
/* Those that ended before then, with their jobs. */
enum rc_code errand_forget(struct store *st, int64_t company_id, int64_t before_us,
                           struct rc_error *err);
