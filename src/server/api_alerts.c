/* What people are told of by e-mail, and whom. */
#include "server/api_p.h"
#include "show/alert.h"
#include "sync/alerts_set.h"

enum { WORD_BYTES = 320 };

enum rc_code api_alert_list(struct api_call *c, struct rc_error *err) {
    struct show_alerts all;
    struct text about = TEXT_NONE;
    int64_t every;
    enum rc_code rc = api_argument(c, "all", 0, 1, 0, &every, err);
    if (rc != RC_OK || (rc = show_alerts_load(&c->show, &c->company, &all, err)) != RC_OK)
        return rc;
    json_array(&c->w, "alerts");
    for (size_t i = 0; i < all.alerts_n && rc == RC_OK; i++)
        if ((every || all.alerts[i].over_us == 0) &&
            (rc = show_alert_subject(&c->show, &all.alerts[i], &about, err)) == RC_OK)
            show_alert(&c->w, &all, &all.alerts[i], about, c->token.right >= TOKEN_ADMINISTER);
    json_array_end(&c->w);
    return rc;
}

static enum rc_code put_to(struct api_call *c, struct rc_error *err) {
    struct show_alerts all;
    enum rc_code rc = show_alerts_load(&c->show, &c->company, &all, err);
    if (rc == RC_OK)
        show_alert_to(&c->w, &all);
    return rc;
}

enum rc_code api_alert_show(struct api_call *c, struct rc_error *err) {
    return put_to(c, err);
}

/* An empty list is nobody. */
enum rc_code api_alert_set(struct api_call *c, struct rc_error *err) {
    const char *to[ALERT_TO_MOST + 1];
    json given = json_get(c->body, "to");
    size_t n = 0;
    enum rc_code rc = RC_OK;
    if (json_type(given) != JSON_ARRAY)
        return rc_fail_as(err, RC_INVALID, "request.body", "to is a list of addresses");
    if (json_size(given) > 0)
        rc = api_texts(c, "to", WORD_BYTES, to, ALERT_TO_MOST + 1, &n, err);
    if (rc != RC_OK ||
        (rc = alerts_set_to(c->st, &c->company, to, n, c->who, c->now_us, err)) != RC_OK)
        return rc;
    return put_to(c, err);
}

enum rc_code api_alert_mute(struct api_call *c, struct rc_error *err) {
    const char *subject, *cause;
    int64_t days, until_us;
    enum rc_code rc = api_text(c, "subject", true, WORD_BYTES, &subject, err);
    if (rc != RC_OK || (rc = api_text(c, "cause", true, WORD_BYTES, &cause, err)) != RC_OK ||
        (rc = api_whole(c, "days", 0, ALERTS_MUTE_DAYS_MOST, -1, &days, err)) != RC_OK)
        return rc;
    if (days < 0)
        return rc_fail_as(err, RC_INVALID, "request.body",
                          "days is missing: for how long, or 0 to hear of it again");
    if ((rc = alerts_mute(c->st, &c->company, subject, cause, days, c->who, c->now_us, c->arena,
                          &until_us, err)) == RC_OK)
        show_put_when(&c->w, "muted_until", until_us);
    return rc;
}
