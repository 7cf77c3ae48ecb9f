/* subject.h - all that is held of one person, whichever table it lies in: told whole, and taken away.
 *
 * Shape:  a person is an id in one integration's HR system. Of it there may be several user ids: the
 *         directory's, and those of stages that were never applied. subject_write() is a list of
 *         queries, each an array of the document; tests/store/test_subject.c holds it against the
 *         schema, so that a table about people which is not in it fails the test.
 *         What others' rows say of the person (their manager's id in HR) is those others' data: it is
 *         counted and stays.
 * Errors: RC_CONFLICT as erase says; see sync/erase.h. */
#pragma once
#include "json/json.h"
#include "store/store.h"

enum { SUBJECT_IDS_MOST = 1000, SUBJECT_DIGEST_BYTES = 16 };
struct subject {
    int64_t company_id, integration_id;
    struct text source_id;
    int64_t user_id; /* the directory's; 0: it has none */
    int64_t *user_ids;
    size_t user_ids_n;
};
/* integration_id 0: in any; those that there are, at most `most`. Reads every version: rare. */
enum rc_code subject_find(struct store *st, int64_t company_id, int64_t integration_id,
                          struct text source_id, size_t most, struct arena *a, struct subject **ret,
                          size_t *ret_n, struct rc_error *err);

enum subject_part {
    SUBJECT_DIRECTORY = 0,
    SUBJECT_VERSIONS,
    SUBJECT_CHANGES,
    SUBJECT_ACCOUNTS,
    SUBJECT_EFFECTS,
    SUBJECT_PINS,
    SUBJECT_UNSETTLED,
    SUBJECT_AUDIT,
    SUBJECT_SAME_ADDRESS, /* accounts of nobody that show it */
    SUBJECT_PARTS_N
};
const char *subject_part_name(enum subject_part p); /* "versions" */
/* Members of the open object, one a part; ret_counts: rows of each. */
enum rc_code subject_write(struct store *st, const struct subject *s, struct json_writer *w,
                           int64_t ret_counts[SUBJECT_PARTS_N], struct rc_error *err);
/* Users of the same integration of whom HR states this person as manager. */
enum rc_code subject_reports(struct store *st, const struct subject *s, int64_t *ret,
                             struct rc_error *err);

/* What speaks against erasing now. */
struct subject_obstacles {
    int64_t waiting_run_id; /* a run that has not ended has them in it; 0: none */
    bool is_listed;   /* HR had them when it was read last, or did not say that they are gone */
    int64_t accounts; /* on platforms, not deleted or anonymised there */
    int64_t in_doubt; /* effects of which nobody knows what became of them */
};
enum rc_code subject_look(struct store *st, const struct subject *s, struct subject_obstacles *ret,
                          struct rc_error *err);
/* Inside a transaction. Accounts that are there go on being nobody's, left alone. ret_counts: rows that
 * are gone; ret_left: accounts that stay as the platform shows them. */
enum rc_code subject_erase(struct store *st, const struct subject *s,
                           int64_t ret_counts[SUBJECT_PARTS_N], int64_t *ret_left,
                           struct rc_error *err);

/* ---- receipts ---- */
struct erasure {
    int64_t erasure_id, at_us;
    struct text who, reason, counts, kept; /* the last two JSON */
    uint8_t person[SUBJECT_DIGEST_BYTES];  /* keyed, of integration and id in HR */
    uint8_t removed[SUBJECT_DIGEST_BYTES]; /* keyed, of the document that told all of it */
    int64_t logs_us; /* since when no log of a file has old pages of it; 0: one may have */
};
/* Inside a transaction; sets erasure_id. */
enum rc_code erasure_add(struct store *st, int64_t company_id, struct erasure *e,
                         struct rc_error *err);
/* Newest first. person NULL: of everybody. */
enum rc_code erasure_list(struct store *st, int64_t company_id, const uint8_t *person, size_t most,
                          struct arena *a, struct erasure **ret, size_t *ret_n,
                          struct rc_error *err);
/* The newest receipt of each company of which logs may still have something; company_id and erasure_id.
 * ret_n: at most `most`. */
struct erasure_waiting {
    int64_t company_id, erasure_id;
};
enum rc_code erasure_waiting(struct store *st, struct erasure_waiting *ret, size_t most,
                             size_t *ret_n, struct rc_error *err);
/* That one and those before it are in no log any more. *ret_n: receipts of which that is new. */
enum rc_code erasure_logs_emptied(struct store *st, const struct erasure_waiting *until,
                                  int64_t now_us, int64_t *ret_n, struct rc_error *err);
