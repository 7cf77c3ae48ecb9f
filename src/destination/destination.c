#include "destination/destination_p.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* A new learning platform is one line here. */
static const struct destination_ops *const destinations[] = {
    &learnamp_destination_ops,
};

const struct destination_ops *destination_find(const char *name) {
    for (size_t i = 0; i < RC_LEN(destinations); i++)
        if (strcmp(destinations[i]->name, name) == 0)
            return destinations[i];
    return NULL;
}

const struct destination_ops *const *destination_all(size_t *ret_n) {
    *ret_n = RC_LEN(destinations);
    return destinations;
}

static struct setting_values values_of(const struct destination_config *c) {
    return (struct setting_values){ c->ops->name, c->ops->settings, c->values };
}

enum rc_code destination_open(const struct destination_config *config, struct destination **ret,
                              struct rc_error *err) {
    const struct destination_ops *ops = config->ops;
    const struct setting_values v = values_of(config);
    enum rc_code rc = setting_check(&v, err);
    return rc != RC_OK ? rc : ops->open(config, ret, err);
}

void destination_close(struct destination *d) {
    if (d != NULL)
        d->ops->close(d);
}

struct destination_lane *destination_lane_new(struct destination *d) {
    return d->ops->lane_new(d);
}

void destination_lane_free(struct destination_lane *l) {
    if (l != NULL)
        l->destination->ops->lane_free(l);
}

bool destination_is_kept(enum rc_code rc, const struct rc_error *err) {
    return rc == RC_INVALID && err != NULL && err->name != NULL &&
           strcmp(err->name, "destination.unreadable") == 0;
}

bool destination_may_be_anothers(const struct account *now, const struct account *shows,
                                 const struct destination_owner *of) {
    struct text email = shows->fields[USER_EMAIL].known;
    return of->external_id.state == TEXT_SET && email.state == TEXT_SET &&
           !text_equal(shows->external_id, of->external_id) && !text_equal(email, of->email) &&
           !text_equal(email, account_shows(&now->fields[USER_EMAIL]));
}

static struct text sent_email(const struct destination_change *c) {
    for (size_t i = 0; i < c->fields_n; i++)
        if (c->fields[i].field == USER_EMAIL && c->fields[i].does == DECIDE_FIELD_SENDS)
            return c->fields[i].to;
    return (struct text){ 0 };
}

const char *destination_is_other(const struct destination_change *c, const struct account *shows) {
    const struct account *now = c->now;
    if (shows->status == ACCOUNT_ANONYMISED)
        return "has been anonymised: it is not filled again";
    bool other_role = shows->role.state == TEXT_SET && !text_equal(shows->role, now->role);
    if (!c->ties && other_role && sent_email(c).state != TEXT_MISSING)
        return "has got another role since it was last read: its address is not changed";
    if ((!c->ties || c->by_hand) && destination_may_be_anothers(now, shows, &c->of))
        return "shows another address since it was last read, and not our external id: it may be "
               "somebody else's";
    if (!c->ties)
        return NULL;
    if (shows->external_id.state == TEXT_SET && !text_equal(shows->external_id, c->external_id) &&
        !text_equal(shows->external_id, now->external_id))
        return "has got another external id since it was last read: it is not linked";
    if (c->by_hand)
        return other_role ? "has got another role since it was last read: it is not linked" : NULL;
    if (!text_equal(shows->fields[USER_EMAIL].known, account_shows(&now->fields[USER_EMAIL])))
        return "has got another address since it was last read: it is not linked";
    return other_role ? "has got another role since it was last read: it is not linked" : NULL;
}

enum rc_code destination_is_protected(struct destination_lane *l, const struct policy *policy,
                                      const struct account *now, struct arena *a,
                                      struct account *ret_shows, bool *ret, struct rc_error *err) {
    struct account by_now = *now;
    *ret_shows = (struct account){ 0 };
    *ret = false;
    enum rc_code rc =
        l->destination->ops->find(l, DESTINATION_BY_ID, now->remote_id, a, ret_shows, err);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    by_now.role = ret_shows->role;
    *ret = by_now.role.state == TEXT_SET && decide_protects(policy, &by_now);
    return RC_OK;
}

/* ---- for the members ---- */

const char *destination_value(const struct destination_config *c, const char *key) {
    const struct setting_values v = values_of(c);
    return setting_value(&v, key);
}

enum rc_code destination_value_int(const struct destination_config *c, const char *key,
                                   int64_t least, int64_t most, int64_t *ret,
                                   struct rc_error *err) {
    const struct setting_values v = values_of(c);
    return setting_int(&v, key, least, most, ret, err);
}

enum rc_code destination_value_bool(const struct destination_config *c, const char *key, bool *ret,
                                    struct rc_error *err) {
    const char *value = destination_value(c, key);
    bool yes = value != NULL && strcmp(value, "yes") == 0;
    if (!yes && (value == NULL || strcmp(value, "no") != 0))
        return rc_fail_as(err, RC_INVALID, "setting", "%s: the setting %s must be yes or no",
                          c->ops->name, key);
    *ret = yes;
    return RC_OK;
}

void destination_find_add(struct destination_check *c, struct arena *a, enum finding_level level,
                          const char *name, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    finding_add(&c->findings, &c->findings_n, a, level, name, fmt, args);
    va_end(args);
}
