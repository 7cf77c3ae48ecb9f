#include "sync/alerts_set.h"

#include <stdio.h>
#include <string.h>
#include "net/mail.h"
#include "store/audit.h"
#include "store/integration.h"
#include "store/platform.h"
#include "sync/cause.h"

static const int64_t day_us = INT64_C(86400000000);

static enum rc_code check(const char *const *to, size_t n, struct rc_error *err) {
    struct rc_error why = { 0 };
    if (n > ALERT_TO_MOST)
        return rc_fail_as(err, RC_INVALID, "alert.addresses", "a company has %d addresses at most",
                          ALERT_TO_MOST);
    for (size_t i = 0; i < n; i++) {
        if (mail_address_check(to[i], &why) != RC_OK)
            return rc_fail_as(err, RC_INVALID, "alert.addresses", "\"%.80s\": %s", to[i], why.text);
        for (size_t k = 0; k < i; k++)
            if (strcmp(to[i], to[k]) == 0)
                return rc_fail_as(err, RC_INVALID, "alert.addresses", "%.80s is given twice",
                                  to[i]);
    }
    return RC_OK;
}

enum rc_code alerts_set_to(struct store *st, const struct company *co, const char *const *to,
                           size_t n, const char *who, int64_t now_us, struct rc_error *err) {
    char what[60];
    enum rc_code rc = check(to, n, err);
    if (rc != RC_OK || (rc = db_begin(st->db, err)) != RC_OK)
        return rc;
    snprintf(what, sizeof what, "%zu addresses for alerts", n);
    if ((rc = alert_to_set(st, co->company_id, to, n, err)) == RC_OK &&
        (rc = audit_add(st, co->company_id, now_us, who, what, err)) == RC_OK)
        return db_commit(st->db, err);
    db_rollback(st->db);
    return rc;
}

static enum rc_code subject_of(struct store *st, const struct company *co, const char *key,
                               struct arena *a, int64_t *ret, struct rc_error *err) {
    struct integration in;
    struct platform p;
    enum rc_code rc = integration_find(st, co->company_id, key, NULL, a, &in, err);
    if (rc == RC_OK)
        *ret = in.integration_id;
    if (rc == RC_NOT_FOUND &&
        (rc = platform_find(st, co->company_id, key, NULL, a, &p, err)) == RC_OK)
        *ret = p.destination_id;
    if (rc == RC_NOT_FOUND)
        rc_fail_as(err, rc, "alert.unknown",
                   "company %.*s has neither an integration nor a destination \"%.60s\"",
                   TEXT_ARG(co->key), key);
    return rc;
}

enum rc_code alerts_mute(struct store *st, const struct company *co, const char *subject,
                         const char *cause, int64_t days, const char *who, int64_t now_us,
                         struct arena *a, int64_t *ret_until_us, struct rc_error *err) {
    int64_t subject_id, until_us = days > 0 ? now_us + days * day_us : 0;
    if (cause_parse(text_of(cause)) == CAUSES_N)
        return rc_fail_as(err, RC_INVALID, "alert.cause",
                          "\"%.40s\" is no cause; `rollcall alert list` shows those that are true",
                          cause);
    enum rc_code rc = subject_of(st, co, subject, a, &subject_id, err);
    if (rc != RC_OK || (rc = db_begin(st->db, err)) != RC_OK)
        return rc;
    const char *what =
        arena_printf(a, "alert %s of %s muted for %lld days", cause, subject, (long long)days);
    if ((rc = alert_mute(st, co->company_id, subject_id, cause, until_us, err)) == RC_OK &&
        (rc = audit_add(st, co->company_id, now_us, who, what, err)) == RC_OK &&
        (rc = db_commit(st->db, err)) == RC_OK) {
        *ret_until_us = until_us;
        return RC_OK;
    }
    db_rollback(st->db);
    return rc;
}
