#include "store/idempotency.h"

#include <string.h>

static const int64_t second_us = 1000000;

static enum rc_code answer_read(const struct db_statement *row, struct idempotency *i,
                                struct arena *a, struct rc_error *err) {
    size_t n;
    const void *request = db_blob(row, 0, &n);
    if (request == NULL || n != sizeof i->request || memcmp(request, i->request, n) != 0)
        return rc_fail_as(err, RC_INVALID, "idempotency.other",
                          "this Idempotency-Key was given to another request");
    i->status = (int)db_int(row, 1);
    i->body = store_text(a, row, 2);
    if (i->status != 0)
        return RC_OK;
    return rc_fail_as(err, RC_CONFLICT, "idempotency.busy",
                      "the first request with this Idempotency-Key is still being done");
}

enum rc_code idempotency_begin(struct store *st, struct idempotency *i, int64_t now_us,
                               struct arena *a, struct rc_error *err) {
    static const char old[] = "DELETE FROM idempotency_key WHERE at_us < $1"
                              " OR (status = 0 AND at_us < $2)";
    static const char begin[] =
        "INSERT INTO idempotency_key (token_id, key, request, status, at_us)"
        " VALUES ($1, $2, $3, 0, $4) ON CONFLICT (token_id, key) DO NOTHING";
    static const char there[] = "SELECT request, status, body FROM idempotency_key"
                                " WHERE token_id = $1 AND key = $2";
    struct db_statement *row;
    bool found = false;
    int64_t n = 0;
    i->status = 0;
    enum rc_code rc = store_run(st, NULL, err, old, "ii", now_us - IDEMPOTENCY_KEPT_S * second_us,
                                now_us - IDEMPOTENCY_BUSY_S * second_us);
    if (rc != RC_OK || (rc = store_run(st, &n, err, begin, "ttbi", i->token_id, i->key, i->request,
                                       sizeof i->request, now_us)) != RC_OK)
        return rc;
    if (n > 0)
        return RC_OK;
    if ((rc = store_row(st, &row, &found, err, there, "tt", i->token_id, i->key)) != RC_OK)
        return rc;
    if (!found) /* it has just been taken back */
        return rc_fail_as(err, RC_CONFLICT, "idempotency.busy",
                          "the first request with this Idempotency-Key is still being done");
    rc = answer_read(row, i, a, err);
    db_reset(row);
    return rc;
}

enum rc_code idempotency_end(struct store *st, const struct idempotency *i, int64_t now_us,
                             struct rc_error *err) {
    static const char answer[] = "UPDATE idempotency_key SET status = $1, body = $2, at_us = $3"
                                 " WHERE token_id = $4 AND key = $5";
    static const char drop[] = "DELETE FROM idempotency_key WHERE token_id = $1 AND key = $2";
    return i->status != 0 ? store_run(st, NULL, err, answer, "ititt", (int64_t)i->status, i->body,
                                      now_us, i->token_id, i->key)
                          : store_run(st, NULL, err, drop, "tt", i->token_id, i->key);
}
